//! The communication of a movement, which runs over records 21, 22 and 23: free, or structured by a type.

use super::record::Record;
use crate::bank::reference;

/// As collected.
#[derive(Clone)]
pub(super) struct Communication {
    /// `None` for free text.
    kind: Option<String>,
    text: String,
    information: String,
}

/// As understood.
#[derive(Default)]
pub(super) struct Read {
    pub reference: Option<String>,
    pub text: String,
    /// A direct debit that was rejected, returned, refunded or reversed.
    pub is_returned: bool,
}

impl Communication {
    pub fn begun(record: &Record) -> Communication {
        let is_structured = record.at(61, 1) == "1";
        let (kind, text) = match is_structured {
            true => (Some(record.at(62, 3)), record.at(65, 50)),
            false => (None, record.at(62, 53)),
        };
        Communication { kind, text, information: String::new() }
    }

    pub fn goes_on(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// With its blanks: a record that is full goes on in the next, in the middle of a word.
    pub fn add_information(&mut self, text: &str) {
        self.information.push_str(text);
    }

    /// What is told of the payment as a whole, put before what is told of its gross amount.
    pub fn preceded_by(self, whole: &Communication) -> Communication {
        let (Read { reference, text, .. }, own) = (whole.read(), self.read());
        if own.reference.is_some() || reference.is_none() && text.trim().is_empty() {
            return self;
        }
        let told = own.text;
        Communication { information: format!("{} {told}", whole.information), ..whole.clone() }
    }

    pub fn read(&self) -> Read {
        let all = || format!("{} {}", self.text.trim(), self.information.trim());
        let part = |from: usize, length: usize| self.text.chars().skip(from).take(length).collect::<String>();
        match self.kind.as_deref() {
            // A reference of the creditor: ISO 11649, or the twelve Belgian digits.
            Some("100") => Read { reference: stated(&part(0, 25)), text: self.information.clone(), ..Read::default() },
            Some("101" | "102") => Read {
                reference: stated(&part(0, 12)),
                text: format!("{} {}", part(12, 134).trim(), self.information.trim()),
                ..Read::default()
            },
            // SEPA direct debit: date, type, scheme, state, creditor, mandate, text, kind of return.
            Some("127") => Read {
                text: format!("{} {}", part(79, 62).trim(), self.information.trim()),
                is_returned: matches!(part(141, 1).as_str(), "1" | "2" | "3" | "4" | "5"),
                reference: None,
            },
            // Two amounts, a rate and a currency, then a structured reference.
            Some("105") => Read {
                reference: stated(&part(45, 12)).filter(|stated| reference::parse(stated).is_some()),
                text: self.information.clone(),
                ..Read::default()
            },
            // Amounts and rates of a currency, of a cost or of interest: no word of anybody's.
            Some("104" | "106" | "108") => Read { text: self.information.clone(), ..Read::default() },
            Some(_) | None => Read { text: all(), ..Read::default() },
        }
    }
}

fn stated(written: &str) -> Option<String> {
    let compact: String = written.split_whitespace().collect();
    (!compact.is_empty()).then(|| reference::bare(&compact))
}
