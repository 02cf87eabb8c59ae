//! Invoice numbers named in a text. Never takes an order, case or telephone number, an account or a date for one.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

/// The administration's own numbers, by how they may be written. Made once for many texts.
#[derive(Debug, Default)]
pub struct KnownNumbers {
    numbers: HashSet<String>,
    whole: Spellings,
    without_prefix: Spellings,
    serial: Spellings,
    /// How a number can begin, by the first byte.
    begins: Vec<u8>,
    /// Bytes of the longest.
    longest: usize,
}

/// A number by one way to write it; `None` where more than one is written so.
type Spellings = HashMap<String, Option<String>>;

impl KnownNumbers {
    pub fn new(numbers: impl IntoIterator<Item = String>) -> KnownNumbers {
        let mut all = KnownNumbers::default();
        numbers.into_iter().for_each(|number| all.add(number));
        for spelled in all.whole.keys().chain(all.without_prefix.keys()) {
            all.begins.extend(spelled.bytes().next());
            all.longest = all.longest.max(spelled.len());
        }
        all.begins.sort_unstable();
        all.begins.dedup();
        all
    }

    /// None are known.
    pub fn none() -> &'static KnownNumbers {
        static NONE: LazyLock<KnownNumbers> = LazyLock::new(KnownNumbers::default);
        &NONE
    }

    /// No store is at hand, or nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Whether it is one of them, letter by letter.
    pub fn contains(&self, number: &str) -> bool {
        self.numbers.contains(number)
    }

    fn add(&mut self, number: String) {
        let spelled = Runs::of(&number);
        let (Some(first), Some(last)) = (spelled.runs.first(), spelled.runs.last()) else {
            self.numbers.insert(number);
            return;
        };
        let has_prefix = spelled.upper(first).starts_with(char::is_alphabetic);
        let digits = if has_prefix { spelled.upper.get(first.upper_to..) } else { None };
        let serial = spelled.upper(last).trim_start_matches('0');
        file(&mut self.without_prefix, digits.unwrap_or(&spelled.upper), &number);
        file(&mut self.serial, serial, &number);
        file(&mut self.whole, &spelled.upper, &number);
        self.numbers.insert(number);
    }
}

fn file(spellings: &mut Spellings, spelled: &str, number: &str) {
    spellings.entry(spelled.to_owned()).and_modify(|only| *only = None).or_insert_with(|| Some(number.to_owned()));
}

/// Invoice numbers named in a text, in the order of appearance, normalised to the known form. With
/// `known` empty (no store at hand) anything that looks like an invoice number (`F2026-118`, `2026-0412`) counts.
pub fn invoice_numbers(text: &str, known: &KnownNumbers) -> Vec<String> {
    let text = super::cut(text);
    let mut found: Vec<(usize, String)> = if known.is_empty() { looking_like(text) } else { among(text, known) };
    found.sort();
    let mut numbers: Vec<String> = Vec::new();
    for (_, number) in found {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// A run of letters or a run of digits: where it stands, and where in the capitals.
#[derive(Clone, Copy, Debug)]
struct Run {
    from: usize,
    to: usize,
    upper_from: usize,
    upper_to: usize,
}

/// The runs of a text, with all of them in capitals one behind the other.
#[derive(Debug, Default)]
struct Runs {
    runs: Vec<Run>,
    upper: String,
}

impl Runs {
    fn of(text: &str) -> Runs {
        let mut all = Runs { runs: Vec::new(), upper: String::with_capacity(text.len()) };
        for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
            let upper_from = all.upper.len();
            let goes_on = |run: &Run| {
                let digits = all.upper.ends_with(|last: char| last.is_ascii_digit());
                run.to == at && digits == c.is_ascii_digit()
            };
            let before = all.runs.last().copied().filter(goes_on);
            if c.is_ascii() {
                all.upper.push(c.to_ascii_uppercase());
            } else {
                all.upper.extend(c.to_uppercase());
            }
            let (to, upper_to) = (at + c.len_utf8(), all.upper.len());
            match (before, all.runs.last_mut()) {
                (Some(run), Some(last)) => *last = Run { to, upper_to, ..run },
                _ => all.runs.push(Run { from: at, to, upper_from, upper_to }),
            }
        }
        all
    }

    fn upper(&self, run: &Run) -> &str {
        self.upper.get(run.upper_from..run.upper_to).unwrap_or_default()
    }

    /// The runs from one to another, as one word.
    fn joined(&self, first: &Run, last: &Run) -> &str {
        self.upper.get(first.upper_from..last.upper_to).unwrap_or_default()
    }
}

/// Longest number in runs: prefix, year, branch, serial.
const MOST_RUNS: usize = 6;

fn among(text: &str, known: &KnownNumbers) -> Vec<(usize, String)> {
    let all = Runs::of(text);
    let mut found = Vec::new();
    let mut after = 0;
    let mut listed = false;
    for (at, first) in all.runs.iter().enumerate() {
        if at < after {
            continue;
        }
        if let Some((number, next)) = longest(text, &all, at, known) {
            found.push((first.from, number));
            (after, listed) = (next, true);
        } else if let Some(number) = by_serial(text, all.upper(first), first, listed, known) {
            found.push((first.from, number));
            listed = true;
        } else {
            listed = listed && is_list_word(all.upper(first));
        }
    }
    found
}

/// The longest stretch of runs from `at` that spells one known number.
fn longest(text: &str, all: &Runs, at: usize, known: &KnownNumbers) -> Option<(String, usize)> {
    let first = all.runs.get(at)?;
    if !all.upper(first).bytes().next().is_some_and(|byte| known.begins.contains(&byte)) {
        return None;
    }
    let mut best = None;
    let mut before = first.from;
    for (end, run) in all.runs.iter().enumerate().skip(at).take(MOST_RUNS) {
        let spelled = all.joined(first, run);
        if spelled.len() > known.longest || end > at && !is_joint(text, before, run.from) {
            break;
        }
        before = run.to;
        let whole = known.whole.get(spelled);
        let short = || known.without_prefix.get(spelled).filter(|_| spelled.len() >= 5);
        if let Some(Some(number)) = whole.or_else(short)
            && !glued(text, first.from, run.to)
        {
            best = Some((number.clone(), end + 1));
        }
    }
    best
}

/// What may stand between the parts of one number: nothing, a hyphen, slash, stop, space or two of them.
fn is_joint(text: &str, from: usize, to: usize) -> bool {
    text.get(from..to).is_some_and(|between| between.len() <= 3 && between.chars().all(|c| "-/._ –\u{a0}".contains(c)))
}

/// Part of a longer number or word: "XF2026-118", "2026-118-7", "118,50".
fn glued(text: &str, from: usize, to: usize) -> bool {
    let (before, after) = (text.get(..from).unwrap_or(""), text.get(to..).unwrap_or(""));
    // "F2026-140/F2026-141": letters begin another number.
    let begins = text.get(from..).is_some_and(|own| own.starts_with(|c: char| c.is_ascii_alphabetic()));
    let mut back = before.chars().rev();
    let before = match back.next() {
        Some(c) if c.is_alphanumeric() => true,
        Some('/' | ',') if begins => false,
        Some('-' | '/' | '.' | ',') => back.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    };
    if DATE_AFTER.is_match(after) {
        return before;
    }
    let mut ahead = after.chars();
    let after = match ahead.next() {
        Some(c) if c.is_alphanumeric() => true,
        Some('-' | '/' | '.' | ',') => ahead.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    };
    before || after
}

/// "F2026-135/2026-11-30": its date, not a part of it.
static DATE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[/,](?:20\d{2}-[01]\d-[0-3]\d|[0-3]?\d[-/.][01]?\d[-/.]20\d{2})(?:\D|$)").expect("BUG: pattern")
});

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:factuur|facturen|faktuur|fact|nota|invoices?|inv|rechnung(?:en)?|factures?|nummers?|nr|no|n°|numero|numéro|number|re|rg)(?:nummer|nr|s)?[\s.:#°]*$")
        .expect("BUG: pattern")
});

/// "nummer 155": the serial alone, when a word says so and exactly one known number ends in it.
fn by_serial(text: &str, upper: &str, run: &Run, listed: bool, known: &KnownNumbers) -> Option<String> {
    let plain = upper.bytes().all(|b| b.is_ascii_digit()) && upper.len() >= 2;
    if !plain || glued(text, run.from, run.to) {
        return None;
    }
    let number = known.serial.get(upper.trim_start_matches('0'))?.as_ref()?;
    let named = listed || NAMED.is_match(tail(text, run.from));
    let money = || text.get(run.to..).is_some_and(|after| MONEY_AFTER.is_match(after));
    (named && !money() && !is_foreign(text, run.from)).then(|| number.clone())
}

static MONEY_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s?(?:€|eur|[.,]\d|,-|%|dagen|days|tage|jours|stuks|keer|termijnen|x\b|uur|weken)")
        .expect("BUG: pattern")
});

/// Words between the members of a list of numbers.
fn is_list_word(word: &str) -> bool {
    ["EN", "AND", "UND", "ET", "OF", "OR", "ODER", "OU", "F", "NR", "NUMMER", "NUMBER"].contains(&word)
}

/// Words before a number of another kind.
static FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:order|bestel|bestelling|bestelbon|opdracht|inkoop|\bpo\b|purchase|ticket|zaak|\bcase\b|dossier|batch|kenmerk|\bref|reference|referentie|offerte|quote|credit[ -]?not[ae]|\bcn\b|gutschrift|note de crédit|avoir|",
        r"(?:eigen|onze|our own|our|unserer?|notre) (?:factuur|invoice|rechnung|facture)|project|zending|tracking|track|pakbon|leverbon|leveringsbon|\baz\b|aktenzeichen|auftrag|bestellnummer|lieferschein|vorgang|commande|devis|sinistre|iban|kvk|\bbtw|\bvat\b|ust|",
        r"\btel\b|telefoon|mobiel|phone|polis|contract|klant|debiteur|customer|kunden|client|insolventie|faillissementsnummer|ondernemings|entreprise|meldnummer|melding|registratie|",
        r"rekeningnummer|account|konto|compte|klacht|claim|rolnummer|rol|schade|huisnummer|postbus|serienummer|artikel|onder nummer)[a-z-]*(?:nummer|number|nr|no|id)?[\s.:#°]*(?:is |nr\.? |nummer |number |no\.? )?$"
    ))
    .expect("BUG: pattern")
});

fn is_foreign(text: &str, from: usize) -> bool {
    FOREIGN.is_match(tail(text, from))
}

fn tail(text: &str, to: usize) -> &str {
    let before = text.get(..to).unwrap_or("");
    let mut start = before.len().saturating_sub(40);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    before.get(start..).unwrap_or("")
}

/// A prefix with a year and a serial, or a year and a serial of three and more.
static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?P<prefix>[a-z]{1,5})[-/ ]?(?P<year>(?:20)\d{2})[-/.]?\d{1,7}\b",
        r"|\b20\d{2}[-/.]\d{3,7}\b|\b[a-z]{1,4}-\d{4,8}\b|\b[a-z]{2,4}\d{5,8}\b",
    ))
    .expect("BUG: pattern")
});

/// A word for invoice with a number behind it.
static BEHIND_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:factuur|facturen|faktuur|facturatie|nota|invoices?|rechnung(?:en)?|factures?)(?:nummers?|nrs?|s|-nr|-nummer)?(?:\s?(?:nummer|nr|no|number|n°|numero|numéro|met nummer|mit der nummer))?[\s.:#°]*((?:[a-z]{1,4}[-/ ]?)?\d[\d/.-]{2,14}\d)")
        .expect("BUG: pattern")
});
/// The same with blanks in it: prefix, year, serial.
static SPACED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:factuur|fact|nota|invoice|rechnung|facture)(?:nummer|nr)?[\s.:#°]*((?:[a-z]{1,4} ?)?20\d{2} ?[-/] ?\d{3,5})\b")
        .expect("BUG: pattern")
});
static FOLLOWING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:\s*(?:,|en|and|und|et|&|\+)\s*)+((?:[a-z]{1,4}[-/]?)?\d[\d/.-]{2,14}\d)")
        .expect("BUG: pattern")
});

/// Prefixes of other numbers, and words that stand before a year.
const FOREIGN_PREFIXES: &[&str] = &[
    "PO", "SO", "OR", "ORD", "WO", "TT", "CASE", "REF", "OFF", "OFFER", "NL", "BE", "DE", "FR", "LU", "ART", "BW",
    "KVK", "BTW", "TEL", "RFC", "ISO", "EN", "VP", "TKT", "INC", "REQ", "SR", "CHG", "RMA", "AZ", "ID", "IN", "MEI",
    "MAY", "MAI", "MRT", "APR", "JUNI", "JULI", "JUNE", "JULY", "MARCH", "MAART", "APRIL", "MARS", "AVRIL", "JUIN",
    "AOUT", "JAN", "FEB", "JUN", "JUL", "AUG", "SEP", "SEPT", "OKT", "OCT", "NOV", "DEC", "DEZ", "VAN", "OP", "OF",
    "SINDS", "SINCE", "SEIT", "EIND", "END", "FIN", "ANNO", "JAAR", "YEAR", "JAHR", "BATCH", "NR", "NO", "UIT", "DIT",
    "IM",
];

fn looking_like(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, usize, String)> = Vec::new();
    for spaced in SPACED.captures_iter(text).filter_map(|captures| captures.get(1)) {
        let money = text.get(spaced.end()..).is_some_and(|after| MONEY_AFTER.is_match(after));
        if spaced.as_str().contains(' ') && !money && !glued(text, spaced.start(), spaced.end()) {
            found.push((spaced.start(), spaced.end(), spaced.as_str().replace(' ', "").to_uppercase()));
        }
    }
    let mut add = |from: usize, to: usize, number: &str| {
        let number = number.trim_end_matches(['.', '-', '/', ',']);
        let overlaps = found.iter().any(|(a, b, _)| from < *b && *a < to);
        let money = text.get(from + number.len()..).is_some_and(|after| MONEY_AFTER.is_match(after));
        if !overlaps && !money && !is_date(number) && !is_foreign(text, from) && !glued(text, from, from + number.len())
        {
            found.push((from, from + number.len(), number.to_uppercase()));
        }
    };
    for captures in BEHIND_WORD.captures_iter(text) {
        let Some(mut number) = captures.get(1) else { continue };
        if digits(number.as_str()) < 4 || FOREIGN_PREFIXES.contains(&prefix_of(number.as_str()).as_str()) {
            continue;
        }
        add(number.start(), number.end(), number.as_str());
        // "20260412, 20260413 en 20260415"
        while let Some(next) = text.get(number.end()..).and_then(|rest| FOLLOWING.captures(rest)).and_then(|c| c.get(1))
        {
            let (from, to) = (number.end() + next.start(), number.end() + next.end());
            if digits(next.as_str()) < 4 {
                break;
            }
            add(from, to, next.as_str());
            let Some(moved) = regex::Regex::find_at(&ANY_NUMBER, text, from) else { break };
            number = moved;
        }
    }
    for shape in SHAPES.captures_iter(text) {
        let Some(all) = shape.get(0) else { continue };
        let prefix = prefix_of(all.as_str());
        let spaced = all.as_str().contains(' ') && prefix.len() > 1 && prefix != "INV" && prefix != "FAC";
        if !FOREIGN_PREFIXES.contains(&prefix.as_str()) && !spaced && !is_iban_like(all.as_str()) {
            add(all.start(), all.end(), all.as_str());
        }
    }
    let listed: Vec<(usize, String)> =
        found.iter().flat_map(|(_, to, number)| serials_behind(text, *to, number)).collect();
    found.into_iter().map(|(from, _, number)| (from, number)).chain(listed).collect()
}

fn prefix_of(number: &str) -> String {
    number.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_uppercase()
}

static YEAR_AND_SERIAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([A-Z]{0,5}[-/]?20\d{2}[-/])(\d{2,5})$").expect("BUG: pattern"));
static SERIAL_BEHIND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^\s*(?:,|en\b|and\b|und\b|et\b|&|\+)\s*(\d{2,5})\b").expect("BUG: pattern"));

/// "F2026-101, 109 en 112": serials as long as the first one's.
fn serials_behind(text: &str, mut at: usize, number: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let Some(first) = YEAR_AND_SERIAL.captures(number) else { return found };
    while let Some(serial) = text.get(at..).and_then(|rest| SERIAL_BEHIND.captures(rest)).and_then(|c| c.get(1)) {
        let (from, to) = (at + serial.start(), at + serial.end());
        let money = text.get(to..).is_some_and(|after| MONEY_AFTER.is_match(after));
        if serial.len() != first[2].len() || money || glued(text, from, to) {
            break;
        }
        found.push((from, format!("{}{}", &first[1], serial.as_str())));
        at = to;
    }
    found
}

static ANY_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(?:[a-z]{1,4}[-/]?)?\d[\d/.-]{2,14}\d").expect("BUG: pattern"));

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// "2026-11-05", "05/11/2026", "20261105" is also a number some firms use, so only with separators.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let small = |part: &&str| part.len() <= 2 && part.parse::<u8>().is_ok_and(|n| n <= 31);
    let year = |part: &&str| part.len() == 4 && (part.starts_with("20") || part.starts_with("19"));
    match parts.as_slice() {
        [a, b, c] => (small(a) && small(b) && (year(c) || small(c))) || (year(a) && small(b) && small(c)),
        [a, b] => (small(a) && (small(b) || year(b))) || (year(a) && small(b)),
        _ => false,
    }
}

/// "NL91ABNA" and the like.
fn is_iban_like(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [a, b, c, d, e, ..] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit() && e.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(numbers: &[&str]) -> KnownNumbers {
        KnownNumbers::new(numbers.iter().map(|n| (*n).to_owned()))
    }

    #[test]
    fn known_numbers_however_written() {
        let all = known(&["F2026-118", "F2026-119", "F2025-118", "F2026-0042"]);
        for (text, wanted) in [
            ("factuur F2026-118 is betaald", vec!["F2026-118"]),
            ("f2026 119", vec!["F2026-119"]),
            ("F 2026/118.", vec!["F2026-118"]),
            ("2026-119 klopt niet", vec!["F2026-119"]),
            ("F2026118", vec!["F2026-118"]),
            ("factuur 119", vec!["F2026-119"]),
            // two end in 118
            ("factuur 118", vec![]),
            ("119 euro", vec![]),
            ("F2026-1185 en XF2026-118 en 2026-118-7", vec![]),
            ("F2026-119 en F2026-118, en nogmaals f2026-119", vec!["F2026-119", "F2026-118"]),
            ("factuur 42", vec!["F2026-0042"]),
            ("ordernummer 119", vec![]),
        ] {
            assert_eq!(invoice_numbers(text, &all), wanted, "{text}");
        }
    }

    #[test]
    fn without_known_numbers() {
        for (text, wanted) in [
            ("factuur F2026-118", vec!["F2026-118"]),
            ("2026-0412 is betaald", vec!["2026-0412"]),
            ("INV-2026-7 please", vec!["INV-2026-7"]),
            ("factuur 20260412", vec!["20260412"]),
            ("F2026-140/F2026-141", vec!["F2026-140", "F2026-141"]),
            ("F2026-135/2026-11-30", vec!["F2026-135"]),
            ("INV2026-12,INV2026-13", vec!["INV2026-12", "INV2026-13"]),
            ("nota f 2026 - 172 van het concert", vec!["F2026-172"]),
            ("factuur van 2026", vec![]),
            ("F2026-101, 109 en 112", vec!["F2026-101", "F2026-109", "F2026-112"]),
            ("F2026-101, 109 euro", vec!["F2026-101"]),
            ("F2026-101 en 30 dagen", vec!["F2026-101"]),
            ("F2026-101, 109,50", vec!["F2026-101"]),
            ("factuur van 2026 - 140 stuks", vec![]),
            ("facturen 20260412, 20260413 en 20260415", vec!["20260412", "20260413", "20260415"]),
            ("Rechnung Nr. RE-20415 und", vec!["RE-20415"]),
            ("facture n° 2026/0815", vec!["2026/0815"]),
            ("ons ordernummer is 4500123456, ref VP-20261104-7", vec![]),
            ("batch 2026-44, zaak 2026-0815", vec![]),
            ("CN C2026-011 op F2026-142", vec!["F2026-142"]),
            ("factuur 2026-0412 min creditnota C2026-004", vec!["2026-0412"]),
            ("op 2026-11-05 en 05-11-2026", vec![]),
            ("NL91 ABNA 0417 1643 00", vec![]),
            ("KvK 12345678, tel 0612345678", vec![]),
            ("factuur van 12 september 2026", vec![]),
            ("€ 2026,50 en 2026.50", vec![]),
            ("in november 2026 en mei 2026", vec![]),
        ] {
            assert_eq!(invoice_numbers(text, &known(&[])), wanted, "{text}");
        }
    }
}
