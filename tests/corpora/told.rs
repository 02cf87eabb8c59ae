//! Notices that somebody wrote who knew neither this reader nor its profiles: `tests/golden/notices`, each set measured at first
//! sight, then learned from (the figures stand in `tests/README.md`). Invented, like all that is in them.

use aanmaand::bank::notice::{self, Notice, NoticeKind, Profiles};
use aanmaand::mail::html;
use aanmaand::mail::message::Message;
use chrono::DateTime;
use serde::Deserialize;
use std::path::Path;

/// One mail, and what a careful person reads in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    from: String,
    name: String,
    subject: String,
    date: String,
    #[serde(default)]
    text: String,
    /// In place of the text.
    html: Option<String>,
    kind: String,
    amount: Option<String>,
    currency: Option<String>,
    booked: Option<String>,
    counterparty: Option<String>,
    iban: Option<String>,
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Set {
    mail: Vec<Told>,
}

impl Told {
    pub fn message(&self) -> Message {
        Message {
            from: self.from.clone(),
            from_name: self.name.clone(),
            subject: self.subject.clone(),
            text: self.html.as_deref().map_or_else(|| self.text.clone(), html::text),
            text_is_html: self.html.is_some(),
            html: self.html.clone(),
            date: DateTime::parse_from_rfc3339(&self.date).ok(),
            ..Message::default()
        }
    }

    /// What is read otherwise: kind, amount, day, party, account, description.
    fn differs(&self, notice: &Notice) -> [bool; 6] {
        let code = self.amount.as_ref().map(|_| self.currency.clone().unwrap_or_else(|| "EUR".to_owned()));
        [
            notice.kind.name() != self.kind,
            notice.amount.map(|it| it.to_string()) != self.amount
                || notice.amount.map(|it| it.currency().code().to_owned()) != code,
            notice.booked.map(|day| day.to_string()) != self.booked,
            notice.counterparty != self.counterparty,
            notice.iban != self.iban,
            notice.reference_text != self.reference,
        ]
    }
}

pub fn set(name: &str) -> Vec<Told> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/notices/{name}.toml"));
    let set: Set =
        toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    set.mail
}

pub const SETS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// How many of each set are read as written, at least: kind, amount, day, party, account, description.
const AT_LEAST: [[usize; 6]; 10] = [
    [77, 77, 77, 76, 77, 77],
    [79, 80, 80, 80, 80, 80],
    [58, 58, 58, 58, 59, 56],
    [72, 72, 71, 70, 73, 67],
    [40, 40, 37, 33, 43, 35],
    [52, 53, 51, 48, 52, 46],
    [45, 45, 45, 44, 45, 40],
    [25, 25, 25, 25, 25, 24],
    [21, 21, 20, 20, 21, 19],
    [20, 20, 19, 19, 22, 19],
];

#[test]
fn notices_that_others_wrote() {
    let profiles = Profiles::built_in();
    for (name, at_least) in SETS.into_iter().zip(AT_LEAST) {
        let mails = set(name);
        let mut right = [0; 6];
        for mail in &mails {
            let Some(notice) = notice::read(&mail.message(), &profiles) else {
                println!("{name}: {} is nobody's: {}", mail.from, mail.subject);
                continue;
            };
            let differs = mail.differs(&notice);
            right.iter_mut().zip(differs).for_each(|(right, differs)| *right += usize::from(!differs));
            if differs.contains(&true) {
                println!("{name}: {} {:?}: {differs:?}, read {notice:?}", mail.from, mail.subject);
            }
            let is_money = matches!(notice.kind, NoticeKind::Credit | NoticeKind::Debit | NoticeKind::Storno);
            assert!(!is_money || !(differs[0] || differs[1]), "{name}: money that never was: {mail:#?} {notice:#?}");
        }
        println!("{name}: kind, amount, day, party, account, description of {}: {right:?}", mails.len());
        assert!(right.iter().zip(at_least).all(|(right, floor)| *right >= floor), "{name}: at least {at_least:?}");
    }
}
