//! Which movements of a statement were told before, by another file or in another format: each counts once.
//! A file of the same format repeats a movement word for word; another format tells it in other words, but with the
//! same day and amount, and with nothing that contradicts.

use super::statement::Entry;
use serde::{Deserialize, Serialize};

/// What is remembered of one movement, among those of the same account, day and amount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The evidence id under which it was first taken.
    pub id: String,
    /// By which formats, each in its own words.
    pub by: Vec<Telling>,
    #[serde(default)]
    pub iban: Option<String>,
    #[serde(default)]
    pub reference: Option<String>,
    #[serde(default)]
    pub end_to_end: Option<String>,
    #[serde(default)]
    pub bank_reference: Option<String>,
    /// A batch that was taken transaction by transaction.
    #[serde(default)]
    pub in_parts: bool,
    /// Only reports without balances told it.
    #[serde(default)]
    pub is_interim: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    pub format: String,
    /// What makes the line the same line in another file of this format.
    pub content: String,
    /// Opening and closing balance of the statement that it stood in.
    #[serde(default)]
    pub balances: Option<(i64, i64)>,
}

/// A movement as a statement tells it now.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub entry: &'a Entry,
    pub content: &'a str,
}

/// For each line the place of the known movement that it is; `None` for a new one. No movement is taken twice.
pub fn recognise(lines: &[Line<'_>], known: &[Told], format: &str, balances: Option<(i64, i64)>) -> Vec<Option<usize>> {
    let mut places: Vec<Option<usize>> = vec![None; lines.len()];
    let mut used = vec![false; known.len()];
    let mut assign = |likeness: &dyn Fn(&Line<'_>, &Told) -> Option<u32>| {
        let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
        for (at, line) in lines.iter().enumerate().filter(|(at, _)| places.get(*at) == Some(&None)) {
            let fits = known.iter().enumerate().filter(|(place, _)| used.get(*place) == Some(&false));
            pairs.extend(fits.filter_map(|(place, told)| Some((likeness(line, told)?, at, place))));
        }
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        for (_, at, place) in pairs {
            if places[at].is_none() && !used[place] {
                places[at] = Some(place);
                used[place] = true;
            }
        }
    };
    assign(&|line, told| told.repeats(line, format, balances).then_some(1));
    assign(&|line, told| told.likeness(line, format));
    places
}

impl Told {
    pub fn new(id: String, line: &Line<'_>, format: &str, balances: Option<(i64, i64)>) -> Told {
        let mut told = Told { id, ..Told::default() };
        told.learn(line, format, balances);
        told
    }

    /// Remembers how this format tells it.
    pub fn learn(&mut self, line: &Line<'_>, format: &str, balances: Option<(i64, i64)>) {
        let telling = Telling { format: format.to_owned(), content: line.content.to_owned(), balances };
        if !self.by.contains(&telling) && self.by.len() < 16 {
            self.by.push(telling);
        }
        let entry = line.entry;
        self.iban = self.iban.take().or_else(|| entry.iban.clone());
        self.reference = self.reference.take().or_else(|| entry.reference.clone());
        self.bank_reference = self.bank_reference.take().or_else(|| entry.bank_reference.clone());
        self.end_to_end = self.end_to_end.take().or_else(|| entry.end_to_end.clone());
    }

    /// The same words in the same format, unless that was in the statement just before this one: then it is a second
    /// movement of the same day that reads alike.
    fn repeats(&self, line: &Line<'_>, format: &str, balances: Option<(i64, i64)>) -> bool {
        let told_here = |telling: &&Telling| telling.format == format && telling.content == line.content;
        let is_next = |telling: &Telling| match (telling.balances, balances) {
            (Some(before), Some(now)) => before != now && before.1 == now.0 && before.0 != now.0,
            _ => false,
        };
        self.by.iter().any(|telling| told_here(&telling) && !is_next(telling))
    }

    /// How much another format's words agree; `None` when it told this already, or when something contradicts.
    fn likeness(&self, line: &Line<'_>, format: &str) -> Option<u32> {
        if self.by.iter().any(|telling| telling.format == format) {
            return None;
        }
        let entry = line.entry;
        let fields = [
            (&self.iban, &entry.iban),
            (&self.reference, &entry.reference),
            (&self.end_to_end, &entry.end_to_end),
            (&self.bank_reference, &entry.bank_reference),
        ];
        let mut score = 1;
        for (place, (known, now)) in fields.into_iter().enumerate() {
            match (known, now) {
                (Some(known), Some(now)) if agree(known, now) => score += 2,
                // Formats differ in what they call the end-to-end id; accounts and references do not lie.
                (Some(_), Some(_)) if place < 2 => return None,
                _ => {}
            }
        }
        Some(score)
    }
}

/// Equal, or one is the other cut off or with a bank's prefix.
fn agree(known: &str, now: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
    };
    let (known, now) = (plain(known), plain(now));
    let (short, long) = if known.len() < now.len() { (&known, &now) } else { (&now, &known) };
    known == now || (short.len() >= 6 && (long.starts_with(short.as_str()) || long.ends_with(short.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::statement::Status;
    use crate::dunning::money::Money;

    fn entry(iban: &str, end_to_end: &str) -> Entry {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Entry {
            booked: None,
            value: None,
            amount: Money::eur_cents(100),
            counterparty: None,
            iban: some(iban),
            reference: None,
            description: String::new(),
            end_to_end: some(end_to_end),
            bank_reference: None,
            reversal: false,
            returned: false,
            instructed: None,
            status: Status::Booked,
            batch: None,
        }
    }

    fn told(entry: &Entry, content: &str, format: &str, balances: Option<(i64, i64)>) -> Told {
        Told::new("id".into(), &Line { entry, content }, format, balances)
    }

    #[test]
    fn the_same_file_again_and_another_format() {
        let (one, two) = (entry("NL1", "A-1"), entry("NL2", "A-2"));
        let known = [told(&one, "a", "camt", None), told(&two, "b", "camt", None)];
        let lines = [Line { entry: &two, content: "b" }, Line { entry: &one, content: "a" }];
        assert_eq!(recognise(&lines, &known, "camt", None), [Some(1), Some(0)]);
        let lines = [Line { entry: &two, content: "x" }, Line { entry: &one, content: "y" }];
        assert_eq!(recognise(&lines, &known, "mt940", None), [Some(1), Some(0)], "paired by what agrees");
        let third = entry("NL3", "");
        assert_eq!(
            recognise(&[Line { entry: &third, content: "z" }], &known, "mt940", None),
            [None],
            "another account"
        );
        let bare = entry("", "");
        let three = [Line { entry: &bare, content: "p" }; 3];
        let places = recognise(&three, &known, "mt940", None);
        assert_eq!(places.iter().flatten().count(), 2, "a third payment of the same amount is new");
    }

    #[test]
    fn two_alike_in_one_format_are_two() {
        let same = entry("NL1", "");
        let known = [told(&same, "a", "camt", Some((0, 100)))];
        let line = [Line { entry: &same, content: "a" }];
        assert_eq!(recognise(&line, &known, "camt", Some((0, 100))), [Some(0)], "the statement again");
        assert_eq!(recognise(&line, &known, "camt", Some((0, 500))), [Some(0)], "a longer download");
        assert_eq!(recognise(&line, &known, "camt", Some((100, 200))), [None], "the next statement of the day");
        let twice = [line[0], line[0]];
        assert_eq!(recognise(&twice, &known, "camt", Some((0, 200))), [Some(0), None]);
    }
}
