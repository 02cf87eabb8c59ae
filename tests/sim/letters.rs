//! Letters as their reader sees them: kind, amounts and days, read back from the text of the mail.

use super::days::read_dutch;
use aanmaand::mail::message::Message;
use chrono::NaiveDate;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// For what was paid; asks nothing.
    Thanks,
    Note,
    Reminder,
    Second,
    BelgianFirst,
    NoticeOfDefault,
    FourteenDays,
    Formal,
    Last,
}

impl Stage {
    /// Announced, on fresh bank data, never on a Friday.
    pub fn is_formal(self) -> bool {
        self >= Stage::BelgianFirst
    }

    /// The law gives it an effect of its own.
    pub fn is_legal(self) -> bool {
        matches!(self, Stage::BelgianFirst | Stage::NoticeOfDefault | Stage::FourteenDays)
    }
}

const SUBJECTS: [(&str, Stage); 8] = [
    ("Bedankt voor uw betaling", Stage::Thanks),
    ("Betalingsherinnering", Stage::Reminder),
    ("Tweede herinnering", Stage::Second),
    ("Eerste herinnering, kosteloos", Stage::BelgianFirst),
    ("Ingebrekestelling", Stage::NoticeOfDefault),
    ("Aanmaning, nu nog zonder kosten", Stage::FourteenDays),
    ("Aanmaning:", Stage::Formal),
    ("Sommatie", Stage::Last),
];

#[derive(Clone, Debug)]
pub struct Letter {
    pub stage: Stage,
    pub subject: String,
    pub text: String,
    pub reply_to: String,
    /// Invoice number and amount asked of the principal.
    pub lines: Vec<(String, i64)>,
    pub interest: i64,
    pub costs: i64,
    /// Costs that it says will be owed.
    pub announced: i64,
    /// "Te betalen".
    pub total: i64,
    /// The day that it names.
    pub deadline: Option<NaiveDate>,
}

impl Letter {
    pub fn principal(&self) -> i64 {
        self.lines.iter().map(|(_, asked)| asked).sum()
    }

    /// The text on one line.
    pub fn running(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

pub fn letter(bytes: &[u8]) -> Letter {
    let message = Message::parse(bytes).expect("a letter is a mail");
    let subject = message.subject.clone();
    let stage = SUBJECTS.iter().find(|(word, _)| subject.starts_with(word)).map_or(Stage::Note, |(_, stage)| *stage);
    let row = |line: &str| {
        let number = line.split_whitespace().next().filter(|word| word.starts_with("F26-") && word.len() == 8)?;
        Some((number.to_owned(), last_amount(line)?))
    };
    let after = |names: &[&str]| {
        let named = |line: &&str| names.iter().any(|name| line.starts_with(name));
        message.text.lines().filter(named).find_map(last_amount).unwrap_or(0)
    };
    let running = message.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let announced = ["bent u daarnaast € ", "een schadevergoeding van € "]
        .iter()
        .find_map(|words| running.split_once(words))
        .and_then(|(_, rest)| amount(rest.split_whitespace().next()?));
    // A note names the due date, and a promise that was broken its day: the last day named is the letter's own.
    let named = running.split("uiterlijk op ").skip(1).filter_map(read_dutch).max();
    let is_number = |word: &&str| word.starts_with("F26-") && word.len() == 8;
    let thanked = running.split([' ', ',', '.']).filter(is_number).map(|number| (number.to_owned(), 0));
    let is_thanks = stage == Stage::Thanks;
    Letter {
        stage,
        subject,
        reply_to: message.reply_to.clone().unwrap_or_default(),
        lines: if is_thanks { thanked.collect() } else { message.text.lines().filter_map(row).collect() },
        interest: after(&["Wettelijke rente", "Wettelijke handelsrente", "Verwijlintrest", "Overeengekomen rente"]),
        costs: after(&["Incassokosten", "Schadevergoeding", "Vergoeding voor invorderingskosten"]),
        announced: announced.unwrap_or(0),
        total: after(&["Te betalen:"]),
        deadline: named.filter(|_| stage > Stage::Note),
        text: message.text.clone(),
    }
}

/// `1.210,00` at the end of a line, in cents.
fn last_amount(line: &str) -> Option<i64> {
    amount(line.split_whitespace().next_back()?)
}

fn amount(word: &str) -> Option<i64> {
    let (whole, cents) = word.trim_end_matches(['.', ';', ':']).rsplit_once(',')?;
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    Some(whole.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?)
}

/// `1.210,00`
pub fn dutch_amount(cents: i64) -> String {
    let whole = (cents / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{grouped},{:02}", cents % 100)
}
