//! The end: whether the story went as it had to, measured by the cast's own truth and by the files in the outbox, and
//! the summary.

use super::cast::{ADVISER, BILLS, Customer, ENDINGS, ENGINEER, FLORIST, PLUMBER, Quiet};
use super::stage::{Played, Sent};
use super::story::Event;
use crate::cli::cases::case_json;
use crate::daemon::house::House;
use crate::dunning::account::{Account, LetterState, PaymentSource};
use crate::dunning::ids::{CaseId, DebtorId};
use crate::dunning::question::QuestionKind;
use crate::store::Depth;
use anyhow::{Context, Result};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How it all stands.
pub struct Summary {
    pub letters: usize,
    pub formal: usize,
    pub digests: usize,
    /// `closed (paid)` → 6
    pub cases: BTreeMap<String, usize>,
    pub questions: Vec<(String, &'static str)>,
    pub answers: usize,
    /// How many checks were made of the end.
    pub checks: usize,
    /// What did not go as it had to.
    pub wrong: Vec<String>,
}

impl Summary {
    pub fn of(house: &House, played: &Played, events: &[Event]) -> Result<Summary> {
        let accounts = house.accounts()?;
        let mut checks = Checks { made: 0, wrong: Vec::new() };
        let rows = rows(house, &accounts);
        how_cases_stand(&rows, played, &mut checks);
        nobody_who_answered_was_dunned(played, &mut checks);
        nothing_twice(&accounts, played, &mut checks);
        the_turns_of_the_story(&accounts, played, events, &mut checks);
        checks.that(house.self_check()?.is_empty(), || "the accounts are not what the journal tells".to_owned());
        checks.that(house.store.check(Depth::Thorough)?.is_empty(), || "the database is damaged".to_owned());
        let sent = accounts.iter().flat_map(|account| &account.letters).filter(|letter| letter.left_on().is_some());
        let questions = accounts.iter().flat_map(|account| account.questions.values());
        Ok(Summary {
            letters: played.letters.len(),
            formal: sent.filter(|letter| letter.formal).count(),
            digests: played.digests,
            cases: counted(&rows),
            questions: questions.map(|question| (question.id.to_string(), question.kind.code())).collect(),
            answers: played.answers.len(),
            checks: checks.made,
            wrong: checks.wrong,
        })
    }

    pub fn json(&self) -> Value {
        json!({
            "event": "summary",
            "letters": self.letters,
            "formal": self.formal,
            "digests": self.digests,
            "cases": self.cases,
            "questions": self.questions.iter().map(|(id, kind)| json!({"question": id, "kind": kind})).collect::<Vec<_>>(),
            "answers": self.answers,
            "checks": self.checks,
            "wrong": self.wrong,
        })
    }
}

struct Checks {
    made: usize,
    wrong: Vec<String>,
}

impl Checks {
    fn that(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.made += 1;
        if !holds {
            self.wrong.push(otherwise());
        }
    }
}

/// Each case as `cases --json` prints it, by invoice number.
fn rows(house: &House, accounts: &[Account]) -> BTreeMap<String, Value> {
    let of = |account: &Account| -> Vec<(String, Value)> {
        account.cases.values().map(|case| (case.number().to_string(), case_json(house, account, case))).collect()
    };
    accounts.iter().flat_map(of).collect()
}

fn counted(rows: &BTreeMap<String, Value>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows.values() {
        let state = row["state"].as_str().unwrap_or_default();
        let by = row["hold"].as_str().or(row["closed_as"].as_str());
        let key = by.map_or(state.to_owned(), |by| format!("{state} ({by})"));
        *counts.entry(key).or_default() += 1;
    }
    counts
}

fn how_cases_stand(rows: &BTreeMap<String, Value>, played: &Played, checks: &mut Checks) {
    checks.that(rows.len() == ENDINGS.len(), || format!("there are {} cases", rows.len()));
    for ending in &ENDINGS {
        let row = rows.get(ending.number).cloned().unwrap_or_default();
        let by = row["hold"].as_str().or(row["closed_as"].as_str()).unwrap_or_default();
        let evidence = row["evidence"].as_str().unwrap_or_default();
        checks.that(row["state"] == ending.state && by == ending.by && evidence.contains(ending.evidence), || {
            format!("{} must end {} {} {:?}, and is {row}", ending.number, ending.state, ending.by, ending.evidence)
        });
        let to = BILLS.iter().find(|bill| bill.number == ending.number).map(|bill| bill.to);
        let letters = to.map_or(0, |to| letters_to(played, to).count());
        checks.that(letters == ending.letters, || format!("{}: {letters} letters to the customer", ending.number));
    }
}

fn letters_to<'a>(played: &'a Played, who: &'static Customer) -> impl Iterator<Item = &'a Sent> {
    played.letters.iter().filter(|letter| letter.to == who.email)
}

/// By the files in the outbox, not by what the daemon says of itself.
fn nobody_who_answered_was_dunned(played: &Played, checks: &mut Checks) {
    for answer in &played.answers {
        let until = match answer.quiet {
            Quiet::ToTheEnd => NaiveDate::MAX,
            Quiet::Until(day) => day,
        };
        let wrong = letters_to(played, answer.who).find(|letter| answer.on <= letter.on && letter.on <= until);
        checks.that(wrong.is_none(), || {
            let letter = wrong.map(|letter| format!("{} {}", letter.on, letter.message.subject)).unwrap_or_default();
            format!("{} answered on {} and got a letter: {letter}", answer.who.name, answer.on)
        });
    }
}

fn nothing_twice(accounts: &[Account], played: &Played, checks: &mut Checks) {
    let letters: Vec<_> = accounts.iter().flat_map(|account| &account.letters).collect();
    let covers: Vec<_> = letters.iter().flat_map(|letter| &letter.covers).collect();
    let distinct: BTreeSet<_> = covers.iter().collect();
    checks.that(distinct.len() == covers.len(), || "a step was taken by two letters".to_owned());
    let ids: BTreeSet<_> = played.letters.iter().map(|letter| &letter.message.message_id).collect();
    checks.that(ids.len() == played.letters.len(), || "two mails have one Message-ID".to_owned());
    let left = letters.iter().filter(|letter| letter.left_on().is_some()).count();
    checks.that(left == played.letters.len(), || {
        format!("the journal knows {left} letters, the outbox has {}", played.letters.len())
    });
}

/// What makes each part of the story worth telling.
fn the_turns_of_the_story(accounts: &[Account], played: &Played, events: &[Event], checks: &mut Checks) {
    let account = |who: &Customer| accounts.iter().find(|account| account.id.as_str() == who.id);
    let told = |who: &Customer, kind: &str, words: &str| {
        let of = |event: &&Event| event.debtor.as_ref().map(DebtorId::as_str) == Some(who.id);
        events.iter().filter(of).find(|event| event.kind == kind && event.text.contains(words)).map(|event| event.on)
    };
    let asked = |id: &str, kind: QuestionKind| {
        accounts.iter().filter(|a| a.id.as_str() == id).any(|a| a.questions.values().any(|q| q.kind == kind))
    };

    let mentioned = letters_to(played, &PLUMBER).any(|letter| letter.message.text.contains("9 oktober 2026"));
    let broken = told(&PLUMBER, "letter", "was not kept").is_some();
    checks.that(mentioned && broken, || "no letter names the broken promise".to_owned());

    let away = told(&ADVISER, "mail", "auto reply");
    let next = letters_to(played, &ADVISER).map(|letter| letter.on).max();
    let never_held = told(&ADVISER, "held", "").is_none();
    checks.that(away.is_some() && away < next && never_held, || "an automatic reply paused a debtor".to_owned());

    let by_notice = account(&ADVISER).is_some_and(|account| {
        account.payments.iter().any(|payment| payment.source == PaymentSource::Notice && payment.confirmed)
    });
    let closed = told(&ADVISER, "closed", "paid");
    let confirmed = told(&ADVISER, "payment", "confirms");
    checks.that(by_notice && closed.is_some() && closed < confirmed, || "the bank's mail did not close".to_owned());

    let paused = told(&FLORIST, "held", "proves nothing");
    let went_on = letters_to(played, &FLORIST).any(|letter| Some(letter.on) > paused);
    let forged_money = account(&FLORIST).is_some_and(|account| account.payments.len() != 1);
    checks.that(paused.is_some() && went_on && !forged_money, || "a forged bank mail did more than pause".to_owned());

    let bounced = accounts.iter().flat_map(|account| &account.letters);
    let bounced = bounced.filter(|letter| matches!(letter.state, LetterState::Bounced(_))).count();
    checks.that(bounced == 1, || format!("{bounced} letters bounced"));

    // Two invoices, and with a formal letter the letters before it, which are texts.
    let promised = |letter: &&Sent| letter.message.text.contains("in de bijlage");
    let invoices = |letter: &Sent| letter.message.attachments.iter().filter(|file| file.mime != "text/plain").count();
    let complete = letters_to(played, &ENGINEER).filter(promised).all(|letter| invoices(letter) == 2);
    checks.that(complete, || "a letter promises copies that are not attached".to_owned());

    let administration = DebtorId::administration();
    checks.that(asked(administration.as_str(), QuestionKind::Quarantine), || "no quarantine question".to_owned());
    checks.that(asked(administration.as_str(), QuestionKind::UnmatchedPayment), || "a stranger's money".to_owned());
    let handed: BTreeSet<Option<CaseId>> = account(&ENGINEER)
        .into_iter()
        .flat_map(|account| account.questions.values())
        .filter(|question| question.kind == QuestionKind::HandOver)
        .map(|question| question.case.clone())
        .collect();
    checks.that(handed.len() == 2, || format!("the ladder's end was asked of {handed:?}"));
}

/// Leaves the last digest where a browser finds it.
pub fn keep_digest(played: &Played) -> Result<()> {
    let digest = played.last_digest.as_ref().context("there was no digest")?;
    let html = digest.html.as_deref().context("the digest has no HTML")?;
    played.sandbox.write("digest.html", html.as_bytes())
}
