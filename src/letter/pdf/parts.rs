//! The text of a letter as parts that a layout can place: words, items, tables, rows of figures. Adds no word.

use crate::letter::strict::{TABLE, Table};
use serde::Serialize;

/// One part of a letter, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Part {
    /// A paragraph; a line of the template is a line on paper.
    Words {
        lines: Vec<String>,
    },
    Items {
        items: Vec<String>,
    },
    Table(Table),
    /// Rows of cells that the template aligned with spaces.
    Figures {
        rows: Vec<Vec<String>>,
    },
    /// The figures that name the account to pay to; the QR code stands beside them.
    Payment {
        rows: Vec<Vec<String>>,
    },
}

/// `iban`: as the letter writes it. `code`: a QR code wants a place.
pub fn parts(text: &str, iban: &str, code: bool) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut is_new_paragraph = true;
    for line in text.lines().map(str::trim) {
        if !line.is_empty() {
            let next = part(line, iban);
            match parts.last_mut().filter(|_| !is_new_paragraph) {
                Some(last) => {
                    if let Err(next) = join(last, next) {
                        parts.push(next);
                    }
                }
                None => parts.push(next),
            }
        }
        is_new_paragraph = line.is_empty();
    }
    with_place_for_the_code(parts, code)
}

fn part(line: &str, iban: &str) -> Part {
    let table = line.strip_prefix(TABLE).and_then(|json| serde_json::from_str::<Table>(json).ok());
    if let Some(table) = table {
        return Part::Table(table);
    }
    if let Some(item) = line.strip_prefix("- ") {
        return Part::Items { items: vec![item.trim().to_owned()] };
    }
    let cells: Vec<String> =
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect();
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    match cells.len() {
        0 | 1 => Part::Words { lines: vec![line.to_owned()] },
        _ if cells.iter().any(|cell| bare(cell) == bare(iban)) => Part::Payment { rows: vec![cells] },
        _ => Part::Figures { rows: vec![cells] },
    }
}

/// Lines of one paragraph belong together when they are alike; else the next one is given back.
fn join(last: &mut Part, next: Part) -> Result<(), Part> {
    match (last, next) {
        (Part::Words { lines }, Part::Words { lines: more }) => lines.extend(more),
        (Part::Items { items }, Part::Items { items: more }) => items.extend(more),
        (Part::Payment { rows }, Part::Figures { rows: more } | Part::Payment { rows: more }) => rows.extend(more),
        (Part::Figures { rows }, Part::Figures { rows: more }) => rows.extend(more),
        (last @ Part::Figures { .. }, Part::Payment { rows: more }) => {
            if let Part::Figures { rows } = last {
                let rows = std::mem::take(rows).into_iter().chain(more).collect();
                *last = Part::Payment { rows };
            }
        }
        (
            Part::Words { .. } | Part::Items { .. } | Part::Table(_) | Part::Figures { .. } | Part::Payment { .. },
            next,
        ) => {
            return Err(next);
        }
    }
    Ok(())
}

/// The code stands once: beside the first figures that name the account, or at the end of a letter that names the
/// account in its words only.
fn with_place_for_the_code(mut parts: Vec<Part>, code: bool) -> Vec<Part> {
    let mut found = false;
    for part in &mut parts {
        if let Part::Payment { rows } = part {
            if found {
                *part = Part::Figures { rows: std::mem::take(rows) };
            }
            found = true;
        }
    }
    if code && !found {
        parts.push(Part::Payment { rows: Vec::new() });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const IBAN: &str = "NL91 ABNA 0417 1643 00";

    fn texts(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_letter_in_its_parts() {
        let text = format!(
            "Geachte heer,\n\nEen lange alinea.\n\n\n{TABLE}{{\"columns\":[{{\"heading\":\"Factuur\",\"right\":false}}],\"rows\":[[\"1  2\"]],\"total\":[]}}\n\
             Factuur 1: x\n\n- een\n- twee\n\nTe betalen:   € 1,00\nRekening:     {}\nNaam:         N\n\nGroet,\n\nN\nStraat 1\n",
            IBAN.replace(' ', "\u{A0}")
        );
        let expected = [
            Part::Words { lines: texts(&["Geachte heer,"]) },
            Part::Words { lines: texts(&["Een lange alinea."]) },
            Part::Table(Table {
                columns: vec![crate::letter::strict::Column { heading: "Factuur".to_owned(), right: false }],
                rows: vec![texts(&["1  2"])],
                total: vec![],
            }),
            Part::Words { lines: texts(&["Factuur 1: x"]) },
            Part::Items { items: texts(&["een", "twee"]) },
            Part::Payment {
                rows: vec![
                    texts(&["Te betalen:", "€ 1,00"]),
                    vec!["Rekening:".to_owned(), IBAN.replace(' ', "\u{A0}")],
                    texts(&["Naam:", "N"]),
                ],
            },
            Part::Words { lines: texts(&["Groet,"]) },
            Part::Words { lines: texts(&["N", "Straat 1"]) },
        ];
        assert_eq!(parts(&text, IBAN, true), expected);
    }

    #[test]
    fn the_code_has_one_place() {
        let pay = |row: &str| Part::Payment { rows: vec![texts(&[row, IBAN])] };
        let figures = |row: &str| Part::Figures { rows: vec![texts(&[row, IBAN])] };
        assert_eq!(parts(&format!("A  {IBAN}\n\nB  {IBAN}"), IBAN, true), [pay("A"), figures("B")]);
        let words = Part::Words { lines: texts(&["x"]) };
        assert_eq!(parts("x", IBAN, true), [words.clone(), Part::Payment { rows: vec![] }]);
        assert_eq!(parts("x", IBAN, false), [words]);
    }
}
