//! Which invoice numbers a payer's text seems to name, where ours are not known. Only ever shown to people: what a payment is for is
//! asked of the numbers that are known.
//!
//! The text is read as runs of letters and runs of digits, from left to right: a word says what the next number is of, and a
//! number that no word announces must look like one of an invoice (`F2026-118`, `2026-0412`).

use super::words::{
    CUSTOMER_WORDS, INVOICE_PREFIXES, INVOICE_WORDS, MONTHS, OTHER_WORDS, PASSED_OVER, REFUND_WORDS, STRANGE_WORDS,
    UNITS,
};
use super::{Line, lists};
use crate::bank::reference::{self, Reference};

/// The numbers that a text seems to name, in the order in which it does, in capitals and without blanks. Behind a year stands a
/// hyphen, for payers and banks change the signs: "F2026099" and "f 2026/099" are F2026-099; digits alone stay as they are.
/// What may be the number of something else, a date or an amount is left out.
pub fn seeming_numbers(text: &str) -> Vec<String> {
    match reference::find(text) {
        // Its check digits stand before what the creditor wrote.
        Some(Reference::Rf(value)) => Reader::of(value.get(4..).unwrap_or_default()).numbers(),
        Some(Reference::Betalingskenmerk(_) | Reference::Ogm(_) | Reference::Iban(_)) | None => {
            Reader::of(text).numbers()
        }
    }
}

/// Somebody pays as a customer, and gives nothing back: what a payment of ours to a supplier looks like.
pub fn is_a_customers(text: &str) -> bool {
    let reader = Reader::of(text);
    let says =
        |list: &[&str]| reader.runs.iter().any(|run| !run.is_number && list.contains(&without_number(&run.text)));
    says(&CUSTOMER_WORDS) && !says(&REFUND_WORDS)
}

/// Letters or digits without anything between them.
struct Run<'t> {
    /// In capitals.
    text: String,
    is_number: bool,
    /// What stands before it.
    gap: &'t str,
}

/// What the words before a number say that it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Announced {
    Invoice,
    Other,
    Nothing,
}

struct Reader<'t> {
    runs: Vec<Run<'t>>,
    /// What stands behind the last run.
    rest: &'t str,
}

/// A number as it was read: up to which run, and what a list behind it would repeat.
struct Found {
    number: String,
    next: usize,
    stem: String,
    group: usize,
}

impl<'t> Reader<'t> {
    fn of(text: &'t str) -> Reader<'t> {
        let line = Line::of(text);
        let mut runs: Vec<Run<'t>> = Vec::new();
        for (at, glyph) in line.glyphs.iter().enumerate() {
            let is_number = glyph.letter.is_ascii_digit();
            let gap = line.gap(at);
            match runs.last_mut() {
                Some(last) if gap.is_empty() && last.is_number == is_number => last.text.push(glyph.letter),
                _ => runs.push(Run { text: glyph.letter.to_string(), is_number, gap }),
            }
        }
        Reader { runs, rest: line.gap(line.glyphs.len()) }
    }

    fn numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> = Vec::new();
        let mut announced = Announced::Nothing;
        let mut at = 0;
        while let Some(run) = self.runs.get(at) {
            if !run.is_number {
                announced = self.announced_by(at, announced);
                at += 1;
            } else if let Some(beyond) = self.opaque(at) {
                (announced, at) = (Announced::Nothing, beyond);
            } else if let Some(beyond) = self.date(at) {
                at = beyond;
            } else if let Some(found) = self.number(at, announced) {
                let mut next = found.next;
                let listed = self.listed(&mut next, &found);
                numbers.extend(std::iter::once(found.number).chain(listed));
                announced = self.still(announced, at, next);
                at = next;
            } else {
                let next = self.past_groups(at);
                announced = self.still(announced, at, next);
                at = next;
            }
        }
        let mut seen = std::collections::HashSet::new();
        numbers.retain(|number| seen.insert(number.clone()));
        numbers
    }

    fn announced_by(&self, at: usize, before: Announced) -> Announced {
        let word = self.word(at);
        let bare = without_number(word);
        let is_other = |word: &str| OTHER_WORDS.contains(&word) || STRANGE_WORDS.contains(&word);
        // "order F2026-118"
        let begins_it = before == Announced::Other && word.len() <= 3 && self.is_glued(at + 1);
        if PASSED_OVER.contains(&word) || joins_a_list(word) {
            before
        } else if is_other(word) || is_other(bare) || begins_it {
            Announced::Other
        } else if INVOICE_WORDS.contains(&word) || INVOICE_WORDS.contains(&bare) {
            Announced::Invoice
        } else {
            Announced::Nothing
        }
    }

    /// A number of an invoice that begins with these digits, or with the letters before them.
    fn number(&self, at: usize, announced: Announced) -> Option<Found> {
        if announced == Announced::Other || self.is_money(at) {
            return None;
        }
        let prefix = self.prefix(at);
        let is_known = prefix.as_deref().is_none_or(|prefix| prefix.is_empty() || !is_foreign_prefix(prefix));
        let is_announced = announced == Announced::Invoice || prefix.as_deref().is_some_and(is_invoice_prefix);
        let prefix = prefix.filter(|_| is_known)?;
        let read = |groups: usize| self.shaped(at, groups, &prefix, is_announced);
        let found = [3, 2, 1].into_iter().find_map(read)?;
        (!self.is_cut_off(found.next) && !self.is_money(found.next - 1)).then_some(found)
    }

    /// The letters that a number begins with, as they are joined to it; none where a word stands before. `None` where letters stand
    /// there that begin something else.
    fn prefix(&self, at: usize) -> Option<String> {
        let digits = self.runs.get(at)?;
        let Some(before) = at.checked_sub(1).and_then(|at| self.runs.get(at)) else { return Some(String::new()) };
        let is_word = INVOICE_WORDS.contains(&before.text.as_str()) || without_number(&before.text) != before.text;
        let is_prefix = is_invoice_prefix(&before.text);
        let glued_before = at.checked_sub(2).is_some_and(|at| self.runs[at].is_number) && before.gap.is_empty();
        match digits.gap {
            _ if before.is_number => Some(String::new()),
            "" | "-" | "/" | "." if glued_before => None,
            "" if is_prefix || !is_word && before.text.len() <= 5 => Some(before.text.clone()),
            "-" if is_prefix => Some(format!("{}-", before.text)),
            "-" if !is_word && before.text.len() <= 5 && self.is_year(at) => Some(format!("{}-", before.text)),
            "" | "-" if !is_word => None,
            // "f 2026 - 172"
            "/" | "." | " " if is_prefix && before.text.len() <= 2 && before.text.contains('F') => {
                Some(before.text.clone())
            }
            _ => Some(String::new()),
        }
    }

    /// By so many groups of digits: year and serial, with a branch between them; digits alone.
    fn shaped(&self, at: usize, groups: usize, prefix: &str, is_announced: bool) -> Option<Found> {
        let runs = self.runs.get(at..at + groups)?;
        let digits: Vec<&str> = runs.iter().filter(|run| run.is_number).map(|run| run.text.as_str()).collect();
        let joined = |run: &Run<'_>| is_joint(run.gap) || is_announced && run.gap == " ";
        if digits.len() != groups || !runs.iter().skip(1).all(joined) {
            return None;
        }
        let is_plain = prefix.is_empty();
        let sign = runs.get(1).map_or("", |run| run.gap.trim());
        let (head, serial) = match digits.as_slice() {
            [year, branch, serial] if is_year(year) && branch.len() <= 2 && serial.len() >= 3 && !sign.is_empty() => {
                (format!("{prefix}{year}-{branch}-"), *serial)
            }
            [year, serial] if is_year(year) && is_serial(serial, is_plain, is_announced, sign) => {
                (format!("{prefix}{year}-"), *serial)
            }
            [year, serial]
                if is_announced && year.len() == 2 && (3..=6).contains(&serial.len()) && !sign.is_empty() =>
            {
                (format!("{prefix}{year}{sign}"), *serial)
            }
            [all] => self.in_one(all, prefix, is_announced)?,
            _ => return None,
        };
        Some(Found { number: format!("{head}{serial}"), next: at + groups, group: serial.len(), stem: head })
    }

    /// Digits without a sign between them: a year with a serial, or a serial that is announced.
    fn in_one<'d>(&self, all: &'d str, prefix: &str, is_announced: bool) -> Option<(String, &'d str)> {
        let (year, serial) = all.split_at_checked(4).unwrap_or((all, ""));
        let has_year = is_year(year) && (3..=5).contains(&serial.len());
        if has_year && !prefix.is_empty() {
            let head = if prefix.ends_with('-') { format!("{prefix}{year}") } else { format!("{prefix}{year}-") };
            return Some((head, serial));
        }
        let is_telephone = all.starts_with('0') && all.len() >= 9;
        let is_short = all.len() < 3 || is_year(all);
        if has_year && !is_a_day(all) || is_announced && !is_short && !is_telephone && all.len() <= 12 {
            return Some((prefix.to_owned(), all));
        }
        None
    }

    /// "F2026-101, 109 en 112": serials as long as the first.
    fn listed(&self, at: &mut usize, first: &Found) -> Vec<String> {
        let mut found = Vec::new();
        while first.stem.ends_with('-') {
            let Some(serial) = self.list_member(*at) else { break };
            let run = &self.runs[serial];
            if run.text.len() != first.group
                || is_year(&run.text)
                || self.is_money(serial)
                || self.is_cut_off(serial + 1)
            {
                break;
            }
            found.push(format!("{}{}", first.stem, run.text));
            *at = serial + 1;
        }
        found
    }

    /// What was announced, where the list goes on with a number as long: "20260412, 20260413 en 20260415".
    fn still(&self, announced: Announced, first: usize, at: usize) -> Announced {
        let is_like = |next: &Run<'_>| next.is_number && next.text.len() == self.runs[first].text.len();
        let goes_on = self.list_member(at).is_some_and(|at| is_like(&self.runs[at]));
        if goes_on { announced } else { Announced::Nothing }
    }

    /// The digits that a sign or a word of a list joins to what stands before.
    fn list_member(&self, at: usize) -> Option<usize> {
        let run = self.runs.get(at)?;
        if joins_a_list(&run.text) {
            return self.runs.get(at + 1).filter(|next| next.is_number).map(|_| at + 1);
        }
        (run.is_number && lists(run.gap) && !run.gap.trim().is_empty()).then_some(at)
    }

    /// References, cards and accounts: up to behind a long row of digits, in groups or not, or an account number.
    fn opaque(&self, at: usize) -> Option<usize> {
        let row = |sign: &[&str]| {
            let rest = self.runs.get(at + 1..).unwrap_or_default();
            at + 1 + rest.iter().take_while(|run| run.is_number && sign.contains(&run.gap)).count()
        };
        let lengths = |end: usize| self.runs[at..end].iter().map(|run| run.text.len());
        if lengths(row(&["/"])).eq([3, 4, 5]) {
            return Some(at + 3);
        }
        let spaced = row(&[" ", "."]);
        let is_card = |end: &usize| end - at >= 3 && lengths(*end).take(3).all(|length| length == 4);
        let is_long = lengths(spaced).sum::<usize>() >= 15;
        self.account(at).or(is_long.then_some(spaced)).or([row(&[" "]), row(&["-"])].into_iter().find(is_card))
    }

    /// Up to behind an account number, of which these are the check digits.
    fn account(&self, at: usize) -> Option<usize> {
        const MOST_RUNS: usize = 12;
        let mut written = at.checked_sub(1).map(|before| self.word(before)).filter(|word| word.len() == 2)?.to_owned();
        let runs = self.runs.iter().enumerate().skip(at).take(MOST_RUNS);
        let joined = runs.take_while(|(place, run)| run.gap.is_empty() || *place > at && run.gap == " ");
        let mut ends = joined.map(|(place, run)| {
            written.push_str(&run.text);
            reference::iban(&written).map(|_| place + 1)
        });
        ends.find_map(|end| end)
    }

    /// Up to behind a date: 2026-11-30, 30/11/26, 11-2026, 12 november.
    fn date(&self, at: usize) -> Option<usize> {
        let small = |text: &str| text.len() <= 2 && text.parse::<u8>().is_ok_and(|n| (1..=31).contains(&n));
        let group = |n: usize| {
            let run = self.runs.get(at + n).filter(|run| n == 0 || run.is_number && matches!(run.gap, "-" | "/" | "."));
            run.map_or("", |run| run.text.as_str())
        };
        let (a, b, c) = (group(0), group(1), group(2));
        let is_month = |name: &str| MONTHS.iter().any(|month| name.starts_with(month));
        if small(b) && (is_year(a) && small(c) || small(a) && (is_year(c) || c.len() == 2)) {
            Some(at + 3)
        } else if small(a) && (is_year(b) || is_month(self.word(at + 1))) {
            Some(at + 2)
        } else {
            None
        }
    }

    /// An amount, a count of something, or a share.
    fn is_money(&self, at: usize) -> bool {
        let end = self.past_groups(at);
        let behind = self.runs.get(end).map_or(self.rest, |run| run.gap);
        let cents = |run: &Run<'_>| run.is_number && run.gap == ",";
        let unit = |run: &Run<'_>| run.gap.trim().is_empty() && UNITS.contains(&run.text.as_str());
        let is_short = self.runs[end - 1].text.len() == 2 && self.runs[end - 1].gap == "." && end - at >= 2;
        self.runs[at].gap.contains(['€', '$', '£'])
            || at > 0 && ["EUR", "EURO"].contains(&self.word(at - 1))
            || behind.trim_start().starts_with(['€', '$', '£', '%'])
            || behind.starts_with(",-")
            || is_short
            || self.runs.get(end).is_some_and(|run| cents(run) && run.text.len() == 2 || unit(run))
    }

    /// Behind groups of digits that are joined.
    fn past_groups(&self, at: usize) -> usize {
        let rest = self.runs.get(at + 1..).unwrap_or_default();
        at + 1 + rest.iter().take_while(|run| run.is_number && is_joint(run.gap)).count()
    }

    /// More follows at once that makes it the number of something else: "2026-0412-1", "2026-0412A".
    fn is_cut_off(&self, next: usize) -> bool {
        self.runs.get(next).is_some_and(|run| match run.gap {
            "" => true,
            "-" | "." | "_" => run.is_number || run.text.len() < 3,
            _ => false,
        })
    }

    fn is_year(&self, at: usize) -> bool {
        self.runs.get(at).is_some_and(|run| is_year(run.text.get(..4).unwrap_or_default()))
    }

    /// Digits follow the letters before without a blank.
    fn is_glued(&self, at: usize) -> bool {
        self.runs.get(at).is_some_and(|run| run.is_number && matches!(run.gap, "" | "-"))
    }

    fn word(&self, at: usize) -> &str {
        self.runs.get(at).map_or("", |run| run.text.as_str())
    }
}

/// "KLANTNUMMER" and "KLANTNR" are of a customer.
fn without_number(word: &str) -> &str {
    ["NUMMERS", "NUMMER", "NUMBER", "NUMERO", "NRS", "NR", "NO"]
        .iter()
        .find_map(|end| word.strip_suffix(end))
        .unwrap_or(word)
}

fn is_invoice_prefix(letters: &str) -> bool {
    INVOICE_PREFIXES.contains(&letters.trim_end_matches('-'))
}

fn is_foreign_prefix(letters: &str) -> bool {
    let letters = letters.trim_end_matches('-');
    OTHER_WORDS.contains(&letters) || STRANGE_WORDS.contains(&letters) || MONTHS.contains(&letters)
}

/// Years in which an invoice may have been written.
fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse::<u16>().is_ok_and(|year| (2010..2060).contains(&year))
}

/// A month may stand behind a year, and cents behind a stop.
fn is_serial(digits: &str, is_plain: bool, is_announced: bool, sign: &str) -> bool {
    let is_month = digits.len() <= 2 && digits.parse::<u8>().is_ok_and(|n| n <= 12);
    match digits.len() {
        1 => !is_plain && sign == "-",
        2 => !is_plain || is_announced && !is_month && sign != ".",
        length => length <= 7,
    }
}

/// 20261130, as some write a day.
fn is_a_day(digits: &str) -> bool {
    let two = |from: usize| digits.get(from..from + 2).and_then(|text| text.parse::<u8>().ok());
    digits.len() == 8
        && two(4).is_some_and(|month| (1..=12).contains(&month))
        && two(6).is_some_and(|day| (1..=31).contains(&day))
}

/// What may stand between the groups of one number.
fn is_joint(gap: &str) -> bool {
    matches!(gap.trim(), "-" | "/" | "." | "_" | "–") && gap.chars().count() <= 3
}

fn joins_a_list(word: &str) -> bool {
    matches!(word, "EN" | "AND" | "ET" | "UND" | "E")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What payers write, and what it names; written for this table.
    const TEXTS: &[(&str, &[&str])] = &[
        // However the number is announced, joined and begun.
        ("Betaling factuur 2025-0077", &["2025-0077"]),
        ("FACTUURNUMMER2025-0077", &["2025-0077"]),
        ("fact.nr. 2025/0077 dank u", &["2025-0077"]),
        ("Faktuurnr: 250077", &["250077"]),
        ("uw factuur 2025 0077", &["2025-0077"]),
        ("nota f 2025 / 0077", &["F2025-0077"]),
        ("F2025077", &["F2025-077"]),
        ("VF2027-12045 okt", &["VF2027-12045"]),
        ("vk-2027-9", &["VK-2027-9"]),
        ("INV/2027/00231", &["2027-00231"]),
        ("Rechnung Nr. RE-58213", &["RE-58213"]),
        ("Facture n° 2027/0815", &["2027-0815"]),
        ("invoice #4417", &["4417"]),
        ("invoice no. 4417-B", &[]),
        ("FV-27/0099", &["FV-27/0099"]),
        ("factuur 27/0099", &["27/0099"]),
        ("2027.0412", &["2027-0412"]),
        ("20270042", &["20270042"]),
        ("2027042", &["2027042"]),
        ("factuur 2027-11-0042", &["2027-11-0042"]),
        ("RF53F2027315", &["F2027-315"]),
        ("DEBET2027-118", &["DEBET2027-118"]),
        // Several.
        ("Facturen 2027-101, 109 en 112", &["2027-101", "2027-109", "2027-112"]),
        ("2027-0412/0413", &["2027-0412", "2027-0413"]),
        ("2027-0412 2027-0413", &["2027-0412", "2027-0413"]),
        ("F2027-3 & F2027-4", &["F2027-3", "F2027-4"]),
        ("facturen 700123, 700124 et 700125", &["700123", "700124", "700125"]),
        ("f2027099 en F2027-099", &["F2027-099"]),
        ("F2027-118, 40 stuks; rest volgt", &["F2027-118"]),
        ("F2027-118 en 250 euro van F2027-119", &["F2027-118", "F2027-119"]),
        // A date or other number beside it.
        ("F2027-135/2027-11-30", &["F2027-135"]),
        ("factuur dd 30-11-2027 nr 2027-0412", &["2027-0412"]),
        ("klantnr 10023, 2027-0412", &["2027-0412"]),
        ("klant 33 en F2027-118", &["F2027-118"]),
        ("ordernr 4500777123 / factuur 2027-0412 / EUR 99,00", &["2027-0412"]),
        ("NL69INGB0123456789 2027-0412", &["2027-0412"]),
        ("2027-0412 creditnota C2027-004 verrekend", &["2027-0412"]),
        ("2027-0412 4471", &["2027-0412"]),
        // None at all.
        ("klantnummer 2027-0412", &[]),
        ("order F2027-118", &[]),
        ("orders 2027-0412, 2027-0413", &[]),
        ("bestelling 700123 en offerte 2027-118", &[]),
        ("CN C2027-011", &[]),
        ("creditnota 2027-0412", &[]),
        ("PO2027-118", &[]),
        ("polisnummer 20270042", &[]),
        ("tel 0612345678", &[]),
        ("factuur 0612345678", &[]),
        ("NL69 INGB 0123 4567 89", &[]),
        ("BE68 5390 0754 7034", &[]),
        ("BE68539007547034", &[]),
        ("30-11-2027", &[]),
        ("factuur 30 november", &[]),
        ("factuur november 2027", &[]),
        ("factuur 11/2027", &[]),
        ("20271130", &[]),
        ("periode 2027-11", &[]),
        ("factuur € 1.815,00", &[]),
        ("factuur 118,50", &[]),
        ("factuur 250 euro", &[]),
        ("factuur 250,-", &[]),
        ("EUR 2027.50", &[]),
        ("2027.50", &[]),
        ("60% van de factuur", &[]),
        ("pas 5555 2027 0412 7777", &[]),
        ("4111-1111-1111-1111", &[]),
        ("5202700000800118", &[]),
        ("+++090/9337/55493+++", &[]),
        ("factuur 090/9337/55493", &[]),
        ("transactienr 8700123 terminal 2027001", &[]),
        ("machtiging 2027-118 incassant NL12ZZZ012345670000", &[]),
        ("TRX2027118 EREF 2027-0412", &[]),
        ("INC-2027-11-VBB", &[]),
        ("12027-0412", &[]),
        ("2027-0412-1", &[]),
        ("2027-0412A", &[]),
        ("1e termijn van 3", &[]),
        ("nr 118", &[]),
        ("", &[]),
    ];

    #[test]
    fn what_payers_write() {
        let read = TEXTS.iter().map(|(text, expected)| (text, seeming_numbers(text), expected));
        let wrong: Vec<_> = read.filter(|(_, found, expected)| found != *expected).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn customers_pay_and_refunds_go_back() {
        assert!(is_a_customers("F2027-118 klantnr 4471") && is_a_customers("client no 12"));
        assert!(!is_a_customers("F2027-118") && !is_a_customers("terugbetaling F2027-118 klantnr 4471"));
    }

    proptest! {
        #[test]
        fn total(text in "([A-Za-z€é]{0,6}[-/ .,+#]{0,2}[0-9]{0,6}[-/ .,+]{0,2}){0,6}") {
            let found = seeming_numbers(&text);
            prop_assert!(found.iter().all(|number| number.bytes().any(|b| b.is_ascii_digit())));
        }

        /// Announced, it is read in whatever way it is joined; as a customer's it never is.
        #[test]
        fn a_number_among_words(
            year in 2015u32..2040, serial in 1000u32..2000,
            join in prop_oneof![Just("-"), Just("/"), Just("."), Just(" - "), Just(" ")],
            before in prop_oneof![Just("factuur "), Just("Betaling fact.nr. "), Just("invoice no "), Just("facture: ")],
            after in prop_oneof![Just(""), Just(" dank"), Just(", klant 77"), Just(" d.d. 1 mei")],
        ) {
            let text = format!("{before}{year}{join}{serial}{after}");
            prop_assert_eq!(seeming_numbers(&text), vec![format!("{year}-{serial}")], "{}", text);
            let text = format!("klantnummer {year}{join}{serial}{after}");
            prop_assert!(seeming_numbers(&text).is_empty(), "{}", text);
        }
    }
}
