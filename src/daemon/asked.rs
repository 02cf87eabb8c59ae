//! What nobody in particular is asked lies beside the administration's account, a row each. So one question more costs the
//! same however many are open: a decision reads only those that it can see, and writes only those that it changes.

use super::house::House;
use crate::dunning::account::Account;
use crate::dunning::ids::{DebtorId, QuestionId};
use crate::dunning::input::Input;
use crate::dunning::question::Question;
use crate::store::{Asked, QuestionRow};
use anyhow::{Context, Result};
use std::collections::BTreeMap;

impl House {
    /// An account as a decision on this input needs it, with its version.
    pub(super) fn load_for(&self, id: &DebtorId, input: &Input) -> Result<(Account, u64)> {
        if id.is_administration() { self.load_with(id, seen_by(input)) } else { self.load(id) }
    }

    /// The administration's account, with these of its questions.
    pub(super) fn administration(&self, asked: Asked<'_>) -> Result<Account> {
        Ok(self.load_with(&DebtorId::administration(), asked)?.0)
    }

    pub(super) fn questions_beside(&self, id: &DebtorId, asked: Asked<'_>) -> Result<BTreeMap<QuestionId, Question>> {
        let rows = self.store.questions(id, asked)?;
        let read = |row: QuestionRow| {
            let question = serde_json::from_str(&row.state);
            Ok((row.id.clone(), question.with_context(|| format!("the question {} cannot be read", row.id))?))
        };
        rows.into_iter().map(read).collect()
    }
}

/// Of the questions of the administration those that may matter to the decision on this input. What is not named here sees
/// all of them.
fn seen_by(input: &Input) -> Asked<'_> {
    match input {
        Input::Ask { about, .. } | Input::FoundOut { about, .. } => Asked::About(about.evidence()),
        Input::NoLongerAsked { kind, .. } => Asked::Of(kind.code()),
        Input::Answer { question, .. } => Asked::With(question),
        Input::Ignored { .. } | Input::Commanded { .. } => Asked::None,
        _ => Asked::All,
    }
}

/// The rows that are to be written and those that go, when an account that asked `before` asks `now`.
pub(super) fn changed_rows(
    before: &BTreeMap<QuestionId, Question>,
    now: &BTreeMap<QuestionId, Question>,
) -> Result<(Vec<QuestionRow>, Vec<QuestionId>)> {
    let row = |question: &Question| {
        Ok(QuestionRow {
            id: question.id.clone(),
            kind: question.kind.code().to_owned(),
            about: question.about.evidence().to_owned(),
            state: serde_json::to_string(question)?,
        })
    };
    let asked =
        now.iter().filter(|(id, question)| before.get(*id) != Some(*question)).map(|(_, question)| row(question));
    let gone = before.keys().filter(|id| !now.contains_key(*id)).cloned();
    Ok((asked.collect::<Result<_>>()?, gone.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::dunning::account::{Payment, PaymentSource};
    use crate::dunning::decide::decide;
    use crate::dunning::fact::Fact;
    use crate::dunning::money::Money;
    use crate::dunning::policy::Policy;
    use crate::dunning::question::{About, QuestionKind};
    use chrono::NaiveDate;

    const KINDS: [QuestionKind; 7] = [
        QuestionKind::UnmatchedPayment,
        QuestionKind::Reversal,
        QuestionKind::Quarantine,
        QuestionKind::Correlation,
        QuestionKind::StatementGap,
        QuestionKind::Clock,
        QuestionKind::Burst,
    ];

    const CONFIG: &str =
        concat!(include_str!("../../tests/company.toml"), "[outgoing]\nkind = \"file\"\nfolder = \"outbox\"\n");

    fn policy() -> Policy {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aanmaand.toml");
        std::fs::write(&path, CONFIG).unwrap();
        Config::load(&path).unwrap().policy
    }

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn abouts() -> Vec<About> {
        let payment = |id: &str| Payment {
            id: id.into(),
            amount: Money::eur_cents(100),
            booked: day(),
            source: PaymentSource::Statement,
            payer: None,
            iban: None,
            text: String::new(),
            allocations: Vec::new(),
            extras: Vec::new(),
            refunded: None,
            elsewhere: None,
            confirmed: true,
            why: String::new(),
            evidence: None,
        };
        vec![
            About::Nothing,
            About::Day(day()),
            About::Input("f1".into()),
            About::Payment(Box::new(payment("p1"))),
            About::Payment(Box::new(payment("p2"))),
        ]
    }

    fn ask(kind: QuestionKind, about: About, detail: &str) -> Input {
        Input::Ask { kind, case: None, detail: detail.to_owned(), about, extra_choices: Vec::new() }
    }

    /// As the store gives them.
    fn wanted(asked: Asked<'_>, question: &Question, all: &BTreeMap<QuestionId, Question>) -> bool {
        match asked {
            Asked::All => true,
            Asked::None => false,
            Asked::Of(kind) => question.kind.code() == kind,
            Asked::About(about) => question.about.evidence() == about,
            Asked::With(id) => all[id].about.evidence() == question.about.evidence(),
        }
    }

    /// Whatever is decided on a part of the questions is what is decided on all of them.
    #[test]
    fn what_an_input_does_not_see_does_not_matter() {
        let policy = policy();
        let mut whole = Account::new(DebtorId::administration());
        let each: Vec<(QuestionKind, About)> =
            KINDS.into_iter().flat_map(|kind| abouts().into_iter().map(move |about| (kind, about))).collect();
        for (kind, about) in
            each.iter().filter(|(kind, about)| *kind != QuestionKind::Clock || *about != About::Nothing)
        {
            let facts = decide(&whole, &ask(*kind, about.clone(), "first"), &policy, day());
            facts.iter().for_each(|fact| whole.apply(fact));
        }
        let mut inputs = Vec::new();
        for (kind, about) in each {
            inputs.push(ask(kind, about.clone(), "again"));
            inputs.push(Input::FoundOut { kind, about, note: "more".to_owned() });
            inputs.push(Input::NoLongerAsked { kind, why: "over".to_owned() });
        }
        for (id, question) in &whole.questions {
            let answer =
                |choice: &String| Input::Answer { question: id.clone(), choice: choice.clone(), by: "o".into() };
            inputs.extend(question.choices.iter().map(answer));
        }
        inputs.push(Input::Ignored { source: "f1".into(), from: "a@b.example".into(), rule: "old".into() });
        let mut decided = 0;
        for input in inputs {
            let asked = seen_by(&input);
            let mut part = whole.clone();
            part.questions.retain(|_, question| wanted(asked, question, &whole.questions));
            assert!(part.questions.len() < whole.questions.len(), "{input:?}");
            let facts: Vec<Fact> = decide(&part, &input, &policy, day());
            assert_eq!(facts, decide(&whole, &input, &policy, day()), "{input:?}");
            decided += facts.len();
        }
        assert!(decided > 100, "{decided}");
    }
}
