//! How banks set label and value apart in a mail: a colon, a row of dots, a bar, a table. Here each becomes `label: value`.

use regex::Regex;
use std::sync::LazyLock;

/// A text as laid out.
#[derive(Debug, Default)]
pub(super) struct LaidOut {
    /// One field at most in each.
    pub lines: Vec<String>,
    /// A table that cannot be read: what stands behind it is left out, and nothing in the text is sure.
    pub broken: bool,
}

/// `is_label` says whether a cell is a label and nothing else, and `describes` whether what stands under it is the payer's: that
/// comes last.
pub(super) fn lay_out(text: &str, is_label: impl Fn(&str) -> bool, describes: impl Fn(&str) -> bool) -> LaidOut {
    let mut laid = LaidOut::default();
    let mut pairs_end = None;
    // A colon in a cell of its own.
    let text = text.replace("\t:\t", ": ");
    let mut rows = text.lines().filter(|line| !is_rule(line)).peekable();
    while let Some(row) = rows.next() {
        let heads = cells(row);
        if let Some(pairs) = pairs_beside(row, &is_label) {
            laid.lines.extend(pairs);
        } else if is_heading(&heads, &is_label) {
            let under: Vec<Vec<&str>> =
                std::iter::from_fn(|| rows.next_if(|row| cells(row).len() == heads.len())).map(cells).collect();
            // A heading stands over one row; over several there are several payments, and over none that fits the payer has broken
            // it: then nothing behind it is the bank's for sure.
            let [values] = under.as_slice() else {
                laid.broken = true;
                break;
            };
            laid.lines.extend(columns(&heads, values, &describes));
        } else if let Some(label) = label_below(row, &is_label)
            && (pairs_end.is_some() || laid.lines.last().is_some_and(|above| !holds_field(above, &is_label)))
        {
            // Behind another such field all lines are the value of this one, whatever the payer wrote into them.
            let begins = pairs_end.unwrap_or(laid.lines.len().saturating_sub(1));
            let value = laid.lines.drain(begins..).collect::<Vec<_>>().join(" ");
            laid.lines.push(format!("{label}: {}", value.trim()));
            pairs_end = Some(laid.lines.len());
        } else if let Some((first, second)) = two_fields(row, &is_label, &describes) {
            laid.lines.extend([plain(first), plain(second)]);
        } else {
            laid.lines.push(plain(row));
        }
    }
    laid
}

/// Label, value, label, value in one row of a table. Only tabs part them: what else parts cells a payer can write.
fn pairs_beside(row: &str, is_label: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let cells: Vec<&str> = row.trim().split('\t').map(str::trim).collect();
    let pairs = cells.chunks_exact(2);
    let fit = cells.len() >= 4 && pairs.remainder().is_empty();
    (fit && pairs.clone().all(|pair| is_label(pair[0]) && !is_label(pair[1])))
        .then(|| pairs.map(|pair| format!("{}: {}", pair[0], pair[1])).collect())
}

fn holds_field(line: &str, is_label: impl Fn(&str) -> bool) -> bool {
    line.split_once(':').is_some_and(|(label, _)| is_label(label.trim()))
}

/// The head of a table: labels that are known, but one of four and more.
fn is_heading(cells: &[&str], is_label: impl Fn(&str) -> bool) -> bool {
    let unknown = cells.iter().filter(|cell| !is_label(cell)).count();
    cells.len() >= 3 && unknown <= usize::from(cells.len() > 3)
}

/// One field for each column; the payer's text last.
fn columns(heads: &[&str], values: &[&str], describes: impl Fn(&str) -> bool) -> Vec<String> {
    let (last, first): (Vec<_>, Vec<_>) = heads.iter().zip(values).partition(|(head, _)| describes(head));
    // "Naam / tegenrekening".
    let name = |head: &str| head.split(" / ").next().unwrap_or(head).to_owned();
    first.iter().chain(&last).map(|(head, value)| format!("{}: {value}", name(head))).collect()
}

/// "Tegenrekening NL…, omschrijving: F2026-12": the payer's text comes last, whatever stands in it.
fn two_fields(line: &str, is_label: impl Fn(&str) -> bool, describes: impl Fn(&str) -> bool) -> Option<(&str, &str)> {
    let at = line.find([',', ';'])?;
    let (first, second) = (&line[..at], line[at + 1..].trim_start());
    let describes = second.split_once(':').is_some_and(|(label, _)| describes(label.trim()));
    let begins_with_label = first.match_indices([' ', ':']).take(4).any(|(end, _)| is_label(&first[..end]));
    (describes && begins_with_label).then_some((first, second))
}

/// "€ 145,20" and below it "(Bedrag)".
fn label_below(line: &str, is_label: impl Fn(&str) -> bool) -> Option<&str> {
    let label = line.trim().strip_prefix('(')?.strip_suffix(')')?;
    is_label(label).then_some(label)
}

/// The cells of a row, however they are set apart.
fn cells(row: &str) -> Vec<&str> {
    static APART: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\t|\s+\|\s+|\s{2,}").expect("BUG: pattern between cells"));
    let row = row.trim().trim_matches('|').trim();
    if row.is_empty() { Vec::new() } else { APART.split(row).map(str::trim).collect() }
}

/// Nothing but a line drawn across.
fn is_rule(line: &str) -> bool {
    let marks: Vec<char> = line.chars().filter(|c| !c.is_whitespace()).collect();
    marks.len() >= 3 && marks.iter().all(|c| matches!(c, '=' | '-' | '_' | '*' | '+' | '|' | '~' | '─' | '—'))
}

/// Without the mark of a list; what stands behind dots or a bar stands behind a colon.
fn plain(line: &str) -> String {
    static MARKED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*(?:[*•·|]\s+|[-–>]\s+(?P<word>\p{L}))").expect("BUG: pattern of lists"));
    static LED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?P<label>\p{L}[^:|]{0,60}?)\s*(?:\.{3,}|…+|\s\||\s=\s)\s*(?P<value>[^\s|.].*)$")
            .expect("BUG: pattern of dots")
    });
    let start = MARKED
        .captures(line)
        .map_or(0, |found| found.name("word").map_or_else(|| found.get_match().end(), |word| word.start()));
    let line = &line[start..];
    static BRACKETED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\[(?P<label>\p{L}[^\]\[:]{0,40})\]\s*(?P<value>\S.*)$").expect("BUG: pattern of brackets")
    });
    match LED.captures(line).or_else(|| BRACKETED.captures(line)) {
        Some(found) => format!("{}: {}", &found["label"], found["value"].trim_end_matches([' ', '|'])),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let labels = ["Datum", "Naam", "Omschrijving", "Bedrag"];
        let laid = lay_out(text, |cell| labels.contains(&cell), |cell| cell == "Omschrijving");
        format!("{}{}", laid.lines.join(" / "), if laid.broken { " …" } else { "" })
    }

    #[test]
    fn one_field_a_line() {
        for (text, expected) in [
            ("Bedrag ....... € 12,00", "Bedrag: € 12,00"),
            ("| Bij           | € 871,20", "Bij: € 871,20"),
            ("* Van: J. Jansen", "Van: J. Jansen"),
            ("- Credited: EUR 5.00\n- €5.00", "Credited: EUR 5.00 / - €5.00"),
            ("Kop\n====\nBedrag: 5", "Kop / Bedrag: 5"),
            ("Wacht even ...", "Wacht even ..."),
            (
                "Datum\tNaam\tOmschrijving\tBedrag\n1-2-2026\tKok\tF1\t€ 5\nDank",
                "Datum: 1-2-2026 / Naam: Kok / Bedrag: € 5 / Omschrijving: F1 / Dank",
            ),
            ("Datum | Naam | Bedrag\n1-2-2026 | Kok | € 5", "Datum: 1-2-2026 / Naam: Kok / Bedrag: € 5"),
            ("Hoi\nDatum  Naam  Bedrag\n1-2  Kok  € 5\n2-2  Bos  € 6\nBedrag: € 9", "Hoi …"),
            ("Hoi\nDatum  Omschrijving  Bedrag\n1-2  F1\nBedrag: € 9", "Hoi …"),
            ("Datum 1-2-2026, omschrijving: F1, Bedrag: 9", "Datum 1-2-2026, omschrijving: F1, Bedrag: 9"),
            ("Naam Kok, Omschrijving: F1, Bedrag: 9", "Naam Kok / Omschrijving: F1, Bedrag: 9"),
            ("Naam: x  Bedrag  € 9", "Naam: x  Bedrag  € 9"),
            ("Naam  x  Bedrag  € 9", "Naam  x  Bedrag  € 9"),
            ("Naam\t:\tBedrag\nOmschrijving\t:\tx", "Naam: Bedrag / Omschrijving: x"),
            ("Omschrijving: lang\n(Naam)\nBedrag: € 5", "Omschrijving: lang / (Naam) / Bedrag: € 5"),
            ("[Naam] Kok", "Naam: Kok"),
            ("Naam   = Kok", "Naam: Kok"),
            ("€ 5\n(Bedrag)\n\neen\nBedrag: € 9\n(Omschrijving)", "Bedrag: € 5 / Omschrijving: een Bedrag: € 9"),
            ("€ 145,20\n(Bedrag)\nKok\n(Naam)\n(min of meer)", "Bedrag: € 145,20 / Naam: Kok / (min of meer)"),
            ("Datum\t1-2-2026\tNaam\tKok", "Datum: 1-2-2026 / Naam: Kok"),
            ("Jan\tPiet\tKlaas\n1\t2\t3", "Jan\tPiet\tKlaas / 1\t2\t3"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
