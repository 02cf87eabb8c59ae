//! How banks set label and value apart in a mail: a colon, a row of dots, a bar, a table. Here each becomes `label: value`.

use super::reference;
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
    // A colon, or what stands for one, in a cell of its own.
    let text =
        [":", "»", "›", "→"].iter().fold(text.to_owned(), |text, mark| text.replace(&format!("\t{mark}\t"), ": "));
    let lines = with_aligned(text.lines().filter(|line| !is_rule(line)), &describes);
    let lines = without_bullets(lines);
    let mut rows = lines.iter().map(String::as_str).peekable();
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
            laid.lines.extend(account_and_label(parted(plain(row), &is_label), &is_label));
        }
    }
    laid
}

/// A description goes on in the next line where that is set in to the column in which it begins, whatever the payer wrote there;
/// a party does so with its account.
fn with_aligned<'t>(lines: impl Iterator<Item = &'t str>, describes: impl Fn(&str) -> bool) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut above = "";
    for line in lines {
        match joined.last_mut() {
            Some(whole)
                if label_of_column(above, line)
                    .is_some_and(|label| describes(label) || reference::iban(line.trim()).is_some()) =>
            {
                whole.push(' ');
                whole.push_str(line.trim());
            }
            _ => {
                joined.push(line.to_owned());
                above = line;
            }
        }
    }
    joined
}

/// What stands before the value that begins in the line above where this one begins.
fn label_of_column<'t>(above: &'t str, line: &str) -> Option<&'t str> {
    const LEAST: usize = 8;
    let column = line.chars().take_while(|c| *c == ' ').count();
    let (at, first) = above.char_indices().nth(column)?;
    let before = &above[..at];
    let label = before.trim().trim_end_matches([':', '.', '…', '|', '=', ' ']);
    let is_marked = before.ends_with(' ') && before.trim_end().ends_with([':', '.', '…', '|', '=']);
    let is_apart = is_marked || before.ends_with("  ");
    let fits = column >= LEAST && is_apart && !first.is_whitespace() && !line.trim().is_empty();
    (fits && !label.is_empty()).then_some(label)
}

/// "- € 12,00" among lines that begin so too is no negative amount.
fn without_bullets(lines: Vec<String>) -> Vec<String> {
    let is_marked = |at: Option<usize>| {
        let line = at.and_then(|at| lines.get(at));
        line.is_some_and(|line| {
            line.trim_start().strip_prefix("- ").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
        })
    };
    let bare = |(at, line): (usize, &String)| match line.trim_start().strip_prefix("- ") {
        Some(rest) if is_marked(at.checked_sub(1)) || is_marked(Some(at + 1)) => rest.trim_start().to_owned(),
        _ => line.clone(),
    };
    lines.iter().enumerate().map(bare).collect()
}

/// "OntvangerKok", "Datum19 nov 2026": two pieces of a card side by side.
fn parted(line: String, is_label: impl Fn(&str) -> bool) -> String {
    const LONGEST_LABEL: usize = 40;
    let begins = |c: char| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '€' | '£' | '+');
    let ends = line.char_indices().take(LONGEST_LABEL).zip(line.chars().skip(1));
    let mut borders =
        ends.filter(|((_, c), next)| c.is_lowercase() && begins(*next)).map(|((at, c), _)| at + c.len_utf8());
    let iban = line.strip_prefix("IBAN").filter(|rest| reference::iban(rest).is_some());
    match iban.map(|_| 4).or_else(|| borders.find(|at| is_label(line[..*at].trim()))) {
        Some(at) => format!("{}: {}", line[..at].trim(), &line[at..]),
        None => line,
    }
}

/// "NL69 INGB 0123 4567 89 NAAR": the end of one block of a card and the head of the next.
fn account_and_label(line: String, is_label: impl Fn(&str) -> bool) -> Vec<String> {
    let parts = line.rsplit_once(' ').filter(|(account, label)| reference::iban(account).is_some() && is_label(label));
    match parts {
        Some((account, label)) => vec![account.to_owned(), label.to_owned()],
        None => vec![line],
    }
}

/// Label, value, label, value in one row of a table. Only tabs part them: what else parts cells a payer can write.
fn pairs_beside(row: &str, is_label: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let cells: Vec<&str> = row.split('\t').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let pairs = cells.chunks_exact(2);
    let fit = cells.len() >= 4 && pairs.remainder().is_empty();
    (fit && pairs.clone().all(|pair| is_label(pair[0]) && !is_label(pair[1])))
        .then(|| pairs.map(|pair| format!("{}: {}", pair[0], pair[1])).collect())
}

fn holds_field(line: &str, is_label: impl Fn(&str) -> bool) -> bool {
    line.split_once(':').is_some_and(|(label, _)| is_label(label.trim()))
}

/// The head of a table: labels, most of which are known.
fn is_heading(cells: &[&str], is_label: impl Fn(&str) -> bool) -> bool {
    let unknown = cells.iter().filter(|cell| !is_label(cell)).count();
    cells.len() >= 3 && unknown <= (cells.len() - 2) / 2
}

/// One field for each column; the payer's text last.
fn columns(heads: &[&str], values: &[&str], describes: impl Fn(&str) -> bool) -> Vec<String> {
    let (last, first): (Vec<_>, Vec<_>) = heads.iter().zip(values).partition(|(head, _)| describes(head));
    // "Naam / tegenrekening".
    let name = |head: &str| head.split(" / ").next().unwrap_or(head).to_owned();
    let filled = first.iter().chain(&last).filter(|(_, value)| !value.is_empty());
    filled.map(|(head, value)| format!("{}: {value}", name(head))).collect()
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
        Regex::new(r"^\s*(?P<label>\p{L}[^:|]{0,60}?)\s*(?:(?:\.{3,}|(?:\. ){3,}\.?|…+)\s*:?|\s\||\s=\s)\s*(?P<value>[^\s|.].*)$")
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
            ("- Credited: EUR 5.00\n- €5.00", "Credited: EUR 5.00 / €5.00"),
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
            ("Datum\t1-2-2026\t\tNaam\tKok", "Datum: 1-2-2026 / Naam: Kok"),
            ("Datum\tNaam\tOmschrijving\tBedrag\n1-2\tKok\t\t€ 5", "Datum: 1-2 / Naam: Kok / Bedrag: € 5"),
            ("  Bedrag ....... : € 12,00", "Bedrag: € 12,00"),
            (
                "Bedrag€ 12,00\nNaamKok\nDatum1 mei 2026\nJanKok",
                "Bedrag: € 12,00 / Naam: Kok / Datum: 1 mei 2026 / JanKok",
            ),
            ("- € 12,00\n- Naam: Kok", "€ 12,00 / Naam: Kok"),
            ("- € 12,00\nNaam: Kok", "- € 12,00 / Naam: Kok"),
            ("Naam\t»\tKok", "Naam: Kok"),
            ("Naam . . . . . . :  Kok", "Naam: Kok"),
            ("IBANNL69 INGB 0123 4567 89", "IBAN: NL69 INGB 0123 4567 89"),
            ("Naam\nKok\nNL69 INGB 0123 4567 89 Bedrag\n€ 5", "Naam / Kok / NL69 INGB 0123 4567 89 / Bedrag / € 5"),
            ("Naam ......... Kok\n               Kade 2", "Naam: Kok /                Kade 2"),
            ("Naam ......... Kok\n               NL69 INGB 0123 4567 89", "Naam: Kok NL69 INGB 0123 4567 89"),
            (
                "Omschrijving..... een,\n                  Bedrag: € 9\nNaam: Kok",
                "Omschrijving: een, Bedrag: € 9 / Naam: Kok",
            ),
            ("Omschrijving:     een\n          Bedrag: € 9", "Omschrijving:     een /           Bedrag: € 9"),
            ("Jan\tPiet\tKlaas\n1\t2\t3", "Jan\tPiet\tKlaas / 1\t2\t3"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
