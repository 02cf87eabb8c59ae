//! Which movements of a statement were told before, by another file or in another format: each counts once.
//! A file of the same format repeats a movement word for word; another format tells it in other words, but with the
//! same day and amount, and with nothing that contradicts.

use super::statement::Entry;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

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
    repeated(lines, known, format, balances, &mut places, &mut used);
    told_otherwise(lines, known, format, &mut places, &mut used);
    places
}

/// The same words: each line takes the first place of its words that is free.
fn repeated(
    lines: &[Line<'_>],
    known: &[Told],
    format: &str,
    balances: Option<(i64, i64)>,
    places: &mut [Option<usize>],
    used: &mut [bool],
) {
    let mut by_words: HashMap<&str, BTreeSet<usize>> = HashMap::new();
    for (place, told) in known.iter().enumerate() {
        let repeats = told.by.iter().filter(|telling| telling.is_repeated(format, balances));
        for telling in repeats {
            by_words.entry(&telling.content).or_default().insert(place);
        }
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(free) = by_words.get_mut(line.content) else { continue };
        while let Some(place) = free.pop_first() {
            if !std::mem::replace(&mut used[place], true) {
                places[at] = Some(place);
                break;
            }
        }
    }
}

/// Another format's words: the pairs that agree most go first, then the earlier line, then the earlier place.
fn told_otherwise(lines: &[Line<'_>], known: &[Told], format: &str, places: &mut [Option<usize>], used: &mut [bool]) {
    let is_other = |told: &Told| told.by.iter().all(|telling| telling.format != format);
    let free = |(place, told): &(usize, &Told)| !used[*place] && is_other(told);
    let mut left: Vec<(usize, Marks)> =
        known.iter().enumerate().filter(free).map(|(place, told)| (place, Marks::of_told(told))).collect();
    let open = lines.iter().enumerate().filter(|(at, _)| places[*at].is_none());
    let mut open: Vec<(usize, Marks)> = open.map(|(at, line)| (at, Marks::of_entry(line.entry))).collect();
    for likeness in (0..=Marks::MOST).rev() {
        if left.is_empty() {
            return;
        }
        open.retain(|(at, line)| {
            let Some(found) = left.iter().position(|(_, told)| told.likeness(line) == Some(likeness)) else {
                return true;
            };
            let (place, _) = left.remove(found);
            (places[*at], used[place]) = (Some(place), true);
            false
        });
    }
}

/// What tells movements of one day and amount apart in any format: account, reference, end-to-end id and the bank's own
/// reference, as letters and digits.
struct Marks([Option<String>; 4]);

impl Marks {
    /// The most that can agree.
    const MOST: usize = 4;

    fn of_told(told: &Told) -> Marks {
        Marks([&told.iban, &told.reference, &told.end_to_end, &told.bank_reference].map(plain))
    }

    fn of_entry(entry: &Entry) -> Marks {
        Marks([&entry.iban, &entry.reference, &entry.end_to_end, &entry.bank_reference].map(plain))
    }

    /// How many agree; `None` when something contradicts. Formats differ in what they call the end-to-end id; accounts
    /// and references do not lie.
    fn likeness(&self, other: &Marks) -> Option<usize> {
        let mut agreeing = 0;
        for (place, pair) in self.0.iter().zip(&other.0).enumerate() {
            match pair {
                (Some(known), Some(now)) if agree(known, now) => agreeing += 1,
                (Some(_), Some(_)) if place < 2 => return None,
                _ => {}
            }
        }
        Some(agreeing)
    }
}

/// Of each wording of a line, how many movements were told so.
pub struct Wordings(HashMap<String, usize>);

impl Wordings {
    pub fn of(known: &[Told]) -> Wordings {
        let mut wordings = Wordings(HashMap::new());
        for told in known {
            let said: BTreeSet<&str> = told.by.iter().map(|telling| telling.content.as_str()).collect();
            said.into_iter().for_each(|content| wordings.add(content));
        }
        wordings
    }

    /// One more movement is told in these words.
    pub fn add(&mut self, content: &str) {
        *self.0.entry(content.to_owned()).or_default() += 1;
    }

    pub fn count(&self, content: &str) -> usize {
        self.0.get(content).copied().unwrap_or(0)
    }
}

impl Telling {
    /// The same words in this format are the same movement, unless this was in the statement just before: then they are a
    /// second movement of the same day that reads alike.
    fn is_repeated(&self, format: &str, balances: Option<(i64, i64)>) -> bool {
        let is_next = match (self.balances, balances) {
            (Some(before), Some(now)) => before != now && before.1 == now.0 && before.0 != now.0,
            _ => false,
        };
        self.format == format && !is_next
    }
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

    /// Whether it was told in these words, in whatever format.
    pub fn says(&self, content: &str) -> bool {
        self.by.iter().any(|telling| telling.content == content)
    }
}

/// Letters and digits in upper case; `None` of nothing.
fn plain(mark: &Option<String>) -> Option<String> {
    let text = mark.as_ref()?;
    Some(text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect())
}

/// Equal, or one is the other cut off or with a bank's prefix.
fn agree(known: &str, now: &str) -> bool {
    let (short, long) = if known.len() < now.len() { (known, now) } else { (now, known) };
    known == now || (short.len() >= 6 && (long.starts_with(short) || long.ends_with(short)))
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

    /// All pairs at once, as the rule says it: the slow way, to compare with.
    fn by_all_pairs(lines: &[Line<'_>], known: &[Told], format: &str, now: Option<(i64, i64)>) -> Vec<Option<usize>> {
        let (mut places, mut used) = (vec![None; lines.len()], vec![false; known.len()]);
        let repeats = |line: &Line<'_>, told: &Told| {
            let same = |telling: &&Telling| telling.content == line.content && telling.is_repeated(format, now);
            told.by.iter().find(same).map(|_| 0)
        };
        let likeness = |line: &Line<'_>, told: &Told| {
            let is_other = told.by.iter().all(|telling| telling.format != format);
            is_other.then(|| Marks::of_told(told).likeness(&Marks::of_entry(line.entry))).flatten()
        };
        type Rule<'r> = &'r dyn Fn(&Line<'_>, &Told) -> Option<usize>;
        let rules: [Rule<'_>; 2] = [&repeats, &likeness];
        for rule in rules {
            let all = lines.iter().enumerate().flat_map(|(at, line)| {
                known.iter().enumerate().filter_map(move |(place, told)| Some((rule(line, told)?, at, place)))
            });
            let mut pairs: Vec<(usize, usize, usize)> = all.collect();
            pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            for (_, at, place) in pairs {
                if places[at].is_none() && !used[place] {
                    (places[at], used[place]) = (Some(place), true);
                }
            }
        }
        places
    }

    proptest::proptest! {
        #[test]
        fn recognised_as_by_all_pairs(
            known in proptest::collection::vec((0usize..4, 0usize..4, 0usize..3, 0usize..3, 0usize..3), 0..9),
            lines in proptest::collection::vec((0usize..4, 0usize..4, 0usize..3), 0..9),
            now in 0usize..3,
        ) {
            const IBANS: [&str; 4] = ["", "NL1", "NL69INGB0123456789", "INGB0123456789"];
            const IDS: [&str; 4] = ["", "A-1", "A-2", "XYZ A-1234567"];
            const WORDS: [&str; 3] = ["a", "b", "c"];
            const BALANCES: [Option<(i64, i64)>; 3] = [None, Some((0, 100)), Some((100, 300))];
            let known: Vec<Told> = known.iter().map(|(iban, id, words, format, balances)| {
                told(&entry(IBANS[*iban], IDS[*id]), WORDS[*words], ["camt", "mt940", "coda"][*format], BALANCES[*balances])
            }).collect();
            let entries: Vec<Entry> = lines.iter().map(|(iban, id, _)| entry(IBANS[*iban], IDS[*id])).collect();
            let lines: Vec<Line<'_>> =
                lines.iter().zip(&entries).map(|((_, _, words), entry)| Line { entry, content: WORDS[*words] }).collect();
            let (fast, slow) =
                (recognise(&lines, &known, "camt", BALANCES[now]), by_all_pairs(&lines, &known, "camt", BALANCES[now]));
            proptest::prop_assert_eq!(fast, slow);
        }
    }
}
