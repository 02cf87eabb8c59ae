//! How people write what they pay: numbers in every manner, with words and other numbers beside them. It knows what was
//! meant, and nothing of how it is read.

use crate::sim::Chance;

/// An invoice number as the books print it, in its parts.
#[derive(Clone, Debug)]
pub struct Number {
    pub prefix: &'static str,
    pub year: u32,
    pub between: &'static str,
    pub serial: String,
}

impl Number {
    /// Numbers of one company over the years: each row of numbers has a form of its own.
    pub fn of(at: usize) -> Number {
        const ROWS: [(&str, u32, &str); 5] =
            [("", 2026, "-"), ("F", 2025, "-"), ("VF-", 2024, "/"), ("INV-", 2023, "-"), ("", 2022, "")];
        let (prefix, year, between) = ROWS[at % ROWS.len()];
        Number { prefix, year, between, serial: format!("{:05}", 100 + at / ROWS.len()) }
    }

    pub fn printed(&self) -> String {
        format!("{}{}{}{}", self.prefix, self.year, self.between, self.serial)
    }

    /// So that a careful reader knows it.
    pub fn written(&self, chance: &mut Chance) -> String {
        let (year, serial) = (self.year, &self.serial);
        let prefix = if chance.in_100(30) { "" } else { self.prefix };
        let joint = chance.one_of(&["-", "-", " ", ".", "/", "", " - ", "_"]);
        let number = match chance.within(0, 9) {
            0..=5 => self.printed(),
            6 => self.printed().to_lowercase(),
            7 => format!("{}{year} {serial}", prefix.to_lowercase()),
            _ => format!("{prefix}{year}{joint}{serial}"),
        };
        let before = chance.one_of(&[
            "",
            "",
            "factuur ",
            "fact. ",
            "Factuurnummer: ",
            "betaling ",
            "inv ",
            "nr. ",
            "Factuur nr ",
        ]);
        format!("{before}{number}")
    }

    /// With a slip of the finger: two figures of the serial changed places, or one is another.
    pub fn mistyped(&self, chance: &mut Chance) -> String {
        let mut serial: Vec<u8> = self.serial.bytes().collect();
        let at = usize::try_from(chance.within(1, 3)).unwrap();
        if serial[at] == serial[at + 1] || chance.in_100(50) {
            serial[at] = b'0' + (serial[at] - b'0' + 1) % 10;
        } else {
            serial.swap(at, at + 1);
        }
        Number { serial: String::from_utf8(serial).unwrap(), ..self.clone() }.printed()
    }
}

/// Several numbers on one line.
pub fn several(numbers: &[Number], chance: &mut Chance) -> String {
    let same_row = numbers.windows(2).all(|two| (two[0].year, two[0].prefix) == (two[1].year, two[1].prefix));
    if same_row && !numbers[0].between.is_empty() && chance.in_100(25) {
        let rest = numbers[1..].iter().map(|number| number.serial.clone()).collect::<Vec<_>>();
        return format!("{} / {}", numbers[0].printed(), rest.join(" / "));
    }
    let joint = chance.one_of(&[" en ", ", ", " + ", "; ", " "]);
    let each: Vec<String> = numbers.iter().map(Number::printed).collect();
    let before = chance.one_of(&["", "facturen ", "fact. ", "betreft "]);
    format!("{before}{}", each.join(joint))
}

/// Puts what stands on many transfers around the words that matter.
pub fn adorned(words: &str, customer: usize, chance: &mut Chance) -> String {
    let customer = 70_000 + customer;
    match chance.within(0, 13) {
        0 => format!("klantnr {customer} {words}"),
        1 => format!("{words} klantnummer {customer}"),
        2 => format!("debiteur {customer}, {words}"),
        3 => format!("{words} d.d. 12-{:02}-2026", chance.within(1, 9)),
        4 => format!("ordernr {} {words}", chance.within(10_000, 99_999)),
        5 => format!("{words} met dank"),
        6 => format!("{words}, tel 06{:08}", chance.within(10_000_000, 99_999_999)),
        7 => format!("Uw {words} EUR"),
        _ => words.to_owned(),
    }
}

/// ISO 11649: what it holds, with check digits by mod 97 of letters as numbers.
pub fn rf(payload: &str) -> String {
    let digits: String = format!("{payload}RF00").chars().map(|c| c.to_digit(36).unwrap().to_string()).collect();
    format!("RF{:02}{payload}", 98 - mod_97(&digits))
}

/// The Belgian structured communication: ten digits and their rest by 97, 97 for none.
pub fn ogm(payload: u64) -> String {
    let ten = format!("{payload:010}");
    let check = match mod_97(&ten) {
        0 => 97,
        rest => rest,
    };
    let all = format!("{ten}{check:02}");
    format!("+++{}/{}/{}+++", &all[..3], &all[3..7], &all[7..])
}

fn mod_97(digits: &str) -> u32 {
    digits.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
}
