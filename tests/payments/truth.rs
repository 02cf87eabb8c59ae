//! What truly happened: who owes what, who paid what for which invoice, and what the bank tells of it.

use super::hand::{self, Number};
use crate::sim::Chance;

/// One invoice, and what became of it.
#[derive(Clone, Debug)]
pub struct Bill {
    pub debtor: usize,
    pub number: Number,
    pub cents: i64,
    pub reference: Option<String>,
    /// Number and amount of its credit note.
    pub credit: Option<(String, i64)>,
}

#[derive(Clone, Debug)]
pub struct Payer {
    pub name: String,
    pub iban: String,
}

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Whole,
    Part,
    Together,
    /// Less bank charges, or a discount that was taken.
    Short,
    Netted,
    ByOther,
    ByReference,
    ByEndToEnd,
    TooMuch,
    TogetherShort,
    WithoutNumber,
    Mistyped,
    Stranger,
    /// Money that we spent.
    Spent,
    TakenBack,
}

impl Kind {
    /// The payer named every invoice, and the amount is theirs or a part of one.
    pub fn can_be_placed(self) -> bool {
        use Kind::*;
        matches!(self, Whole | Part | Together | Short | Netted | ByOther | ByReference | ByEndToEnd)
    }

    /// It is for an invoice, but a person must say for which.
    pub fn is_for_a_person(self) -> bool {
        matches!(self, Kind::TooMuch | Kind::TogetherShort | Kind::WithoutNumber | Kind::Mistyped)
    }
}

/// A line of the bank.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: Kind,
    pub day: u32,
    /// Negative when it left our account.
    pub cents: i64,
    pub payer: Payer,
    pub text: String,
    pub reference: Option<String>,
    pub end_to_end: Option<String>,
    /// What it is for, by invoice.
    pub pays: Vec<(usize, i64)>,
}

pub struct World {
    pub payers: Vec<Payer>,
    pub bills: Vec<Bill>,
    /// By day.
    pub entries: Vec<Entry>,
    pub days: u32,
}

impl World {
    pub fn of(seed: u64, invoices: usize) -> World {
        let mut chance = Chance::new(seed);
        let payers: Vec<Payer> = (0..invoices / 3 + 1).map(payer).collect();
        let mut bills: Vec<Bill> = (0..invoices).map(|at| bill(at, payers.len(), &mut chance)).collect();
        let days = 60;
        let mut maker = Maker { payers: &payers, chance, entries: Vec::new(), days };
        let mut at = 0;
        while at < bills.len() {
            at += maker.story(&mut bills, at);
        }
        for _ in 0..invoices * 2 / 5 {
            maker.of_nobody();
        }
        let Maker { mut entries, .. } = maker;
        entries.sort_by_key(|entry| entry.day);
        World { payers, bills, entries, days }
    }
}

fn payer(at: usize) -> Payer {
    const NAMES: [&str; 12] = [
        "Jansen", "de Vries", "van Dijk", "Bakker", "Visser", "Smit", "Peeters", "Janssens", "Maes", "Mulder", "Bos",
        "Vos",
    ];
    const TRADES: [&str; 9] =
        ["Bouw", "Advies", "Transport", "Schilders", "Techniek", "Zorg", "Horeca", "Media", "Groenvoorziening"];
    const PLACES: [&str; 11] =
        ["Breda", "Gent", "Utrecht", "Assen", "Leuven", "Zwolle", "Tilburg", "Delft", "Brugge", "Sneek", "Venlo"];
    let name = format!(
        "{} {} {} {}",
        NAMES[at % NAMES.len()],
        TRADES[at / 12 % TRADES.len()],
        PLACES[at / 108 % PLACES.len()],
        if at.is_multiple_of(2) { "B.V." } else { "VOF" }
    );
    let name = if at >= 1188 { format!("{name} {}", at / 1188) } else { name };
    Payer { name, iban: format!("NL{:02}BANK{:010}", at % 90 + 10, 1_000_003 * (at + 1)) }
}

fn bill(at: usize, payers: usize, chance: &mut Chance) -> Bill {
    let cents =
        if chance.in_100(30) { chance.one_of(&[12_100, 24_200, 60_500, 9_680]) } else { chance.within(2_000, 500_000) };
    let number = Number::of(at);
    let reference = match chance.within(0, 9) {
        0 => Some(hand::rf(&format!("{}{}", number.year, number.serial))),
        1 => Some(hand::ogm(30_000_000 + at as u64)),
        _ => None,
    };
    let credit = chance.in_100(4).then(|| (format!("CR-{at}"), cents / 4));
    // Neighbours share a debtor, so that several can be paid together.
    Bill { debtor: at / 3 % payers, number, cents, reference, credit }
}

struct Maker<'w> {
    payers: &'w [Payer],
    chance: Chance,
    entries: Vec<Entry>,
    days: u32,
}

impl Maker<'_> {
    /// One or more invoices from here on, and how many.
    fn story(&mut self, bills: &mut [Bill], at: usize) -> usize {
        let together = bills[at..].iter().take(3).take_while(|bill| bill.debtor == bills[at].debtor).count();
        let roll = self.chance.within(0, 99);
        let due = bills[at].cents - bills[at].credit.as_ref().map_or(0, |(_, cents)| *cents);
        match roll {
            0..=5 => return 1,
            6..=18 if together > 1 => return self.together(bills, at, together),
            6..=39 => self.whole(bills, at, due),
            40..=49 => self.parts(bills, at, due),
            50..=57 => {
                let less = if due > 50_000 { due / 50 } else { self.chance.one_of(&[150, 500, 725]) };
                self.named(Kind::Short, bills, at, due - less.min(due / 2));
            }
            58..=63 => self.by_other(bills, at, due),
            64..=75 if bills[at].reference.is_some() => self.by_reference(bills, at, due),
            64..=70 => self.by_end_to_end(bills, at, due),
            71..=77 => self.named(Kind::TooMuch, bills, at, due + self.chance.clone().within(1, 9_000)),
            78..=88 => self.without_number(bills, at, due),
            89..=91 => self.mistyped(bills, at, due),
            _ => self.whole(bills, at, due),
        }
        1
    }

    fn day(&mut self) -> u32 {
        u32::try_from(self.chance.within(1, i64::from(self.days) - 10)).unwrap()
    }

    fn add(&mut self, kind: Kind, who: usize, cents: i64, text: String, pays: Vec<(usize, i64)>) {
        let day = self.day();
        let payer = self.payers[who].clone();
        self.entries.push(Entry { kind, day, cents, payer, text, reference: None, end_to_end: None, pays });
    }

    fn named(&mut self, kind: Kind, bills: &[Bill], at: usize, cents: i64) {
        let bill = &bills[at];
        let words = bill.number.written(&mut self.chance);
        let text = hand::adorned(&words, bill.debtor, &mut self.chance);
        self.add(kind, bill.debtor, cents, text, vec![(at, cents)]);
    }

    fn whole(&mut self, bills: &[Bill], at: usize, due: i64) {
        let bill = &bills[at];
        if let Some((credit, _)) = &bill.credit {
            let text = format!("{} min creditnota {credit}", bill.number.printed());
            return self.add(Kind::Netted, bill.debtor, due, text, vec![(at, due)]);
        }
        self.named(Kind::Whole, bills, at, due);
        if self.chance.in_100(3) {
            self.take_back(at);
        }
    }

    /// The bank takes the last payment back, a week later.
    fn take_back(&mut self, at: usize) {
        let Some(paid) = self.entries.last().cloned() else { return };
        let day = paid.day + 8;
        self.entries.push(Entry {
            kind: Kind::TakenBack,
            day,
            cents: -paid.cents,
            pays: vec![(at, -paid.cents)],
            ..paid
        });
    }

    fn parts(&mut self, bills: &[Bill], at: usize, due: i64) {
        let times = self.chance.within(2, 3);
        let mut left = due;
        for part in 1..=times {
            let cents = if part == times { left } else { (due / times - 7).max(1) };
            left -= cents;
            self.named(Kind::Part, bills, at, cents);
        }
    }

    fn together(&mut self, bills: &mut [Bill], at: usize, count: usize) -> usize {
        let members = &mut bills[at..at + count];
        members.iter_mut().for_each(|bill| bill.credit = None);
        let numbers: Vec<Number> = members.iter().map(|bill| bill.number.clone()).collect();
        let pays: Vec<(usize, i64)> = members.iter().enumerate().map(|(n, bill)| (at + n, bill.cents)).collect();
        let sum: i64 = pays.iter().map(|(_, cents)| cents).sum();
        let text = hand::several(&numbers, &mut self.chance);
        let who = members[0].debtor;
        let is_short = self.chance.in_100(15);
        let kind = if is_short { Kind::TogetherShort } else { Kind::Together };
        let text = hand::adorned(&text, who, &mut self.chance);
        self.add(kind, who, if is_short { sum - 350 } else { sum }, text, pays);
        count
    }

    fn by_other(&mut self, bills: &[Bill], at: usize, due: i64) {
        let text = bills[at].number.written(&mut self.chance);
        let who = usize::try_from(self.chance.within(0, self.payers.len() as i64 - 1)).unwrap();
        if self.chance.in_100(50) {
            return self.add(Kind::ByOther, who, due, text, vec![(at, due)]);
        }
        self.add(Kind::ByOther, who, due, text, vec![(at, due)]);
        if let Some(entry) = self.entries.last_mut() {
            entry.payer = Payer { name: "Administratiekantoor Kasboek".into(), iban: "NL55KANT0000000055".into() };
        }
    }

    fn by_reference(&mut self, bills: &[Bill], at: usize, due: i64) {
        let reference = bills[at].reference.clone().unwrap();
        let in_text = self.chance.in_100(40);
        let text = if in_text { format!("betaling {reference}") } else { String::new() };
        self.add(Kind::ByReference, bills[at].debtor, due, text, vec![(at, due)]);
        if let Some(entry) = self.entries.last_mut().filter(|_| !in_text) {
            entry.reference = Some(reference);
        }
    }

    fn by_end_to_end(&mut self, bills: &[Bill], at: usize, due: i64) {
        self.add(Kind::ByEndToEnd, bills[at].debtor, due, "zie kenmerk".to_owned(), vec![(at, due)]);
        if let Some(entry) = self.entries.last_mut() {
            entry.end_to_end = Some(bills[at].number.printed());
        }
    }

    fn without_number(&mut self, bills: &[Bill], at: usize, due: i64) {
        let text = self.chance.one_of(&["uw factuur", "betaling", "conform afspraak", "november", "dank u wel"]);
        self.add(Kind::WithoutNumber, bills[at].debtor, due, text.to_owned(), vec![(at, due)]);
    }

    fn mistyped(&mut self, bills: &[Bill], at: usize, due: i64) {
        let text = format!("factuur {}", bills[at].number.mistyped(&mut self.chance));
        self.add(Kind::Mistyped, bills[at].debtor, due, text, vec![(at, due)]);
    }

    fn of_nobody(&mut self) {
        let n = self.chance.within(100_000, 999_999);
        let payer = Payer { name: format!("Q. Vreemd {n}"), iban: format!("BE{:02}VREEMD{n}", n % 90) };
        let day = self.day();
        let (kind, cents, text) = if self.chance.in_100(60) {
            let text =
                self.chance.one_of(&["huur kantoor", "salaris", "pasnr 552211 terminal 8812", "abonnement 2026"]);
            (Kind::Spent, -self.chance.within(1_001, 400_001), format!("{text} {n}"))
        } else {
            (Kind::Stranger, self.chance.within(600_000, 900_000), format!("teruggave {n}"))
        };
        self.entries.push(Entry { kind, day, cents, payer, text, reference: None, end_to_end: None, pays: Vec::new() });
    }
}
