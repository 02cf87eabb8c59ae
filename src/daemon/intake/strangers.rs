//! People who speak of a claim and fit no debtor: the first of a day are asked about one by one, the others together, so that
//! a flood of mail does not bury what debtors wrote. What fits a debtor, or several, never comes here.

use super::super::house::House;
use crate::dunning::debtor::Language;
use crate::dunning::ids::DebtorId;
use crate::dunning::input::Input;
use crate::dunning::question::{About, Question, QuestionKind};
use crate::store::{Asked, InputRow};
use anyhow::Result;
use chrono::NaiveDate;

/// So many open questions of one day about one stranger each.
const ONE_BY_ONE: usize = 5;
/// How many were gathered on which day: `2026-11-17 12`.
const GATHERED: &str = "strangers_gathered";

impl House {
    /// `detail` says who wrote, and the subject.
    pub(super) fn ask_about_stranger(&mut self, row: &InputRow, detail: &str) -> Result<()> {
        let today = self.today();
        let account = self.administration(Asked::Of(QuestionKind::Correlation.code()))?;
        let asked = account.questions.values().filter(|question| is_about_one(question, today)).count();
        if asked < ONE_BY_ONE {
            let about = About::Input(row.id.clone());
            return self.ask_owner(QuestionKind::Correlation, detail, about, Vec::new(), &row.name);
        }
        let count = self.gathered_on(today)? + 1;
        self.set_memo(GATHERED, &format!("{today} {count}"))?;
        self.ask_owner(QuestionKind::Strangers, "", About::Day(today), Vec::new(), &row.name)?;
        let note = told(self.config.language, count, detail);
        let input = Input::FoundOut { kind: QuestionKind::Strangers, about: About::Day(today), note };
        self.step(&DebtorId::administration(), &input, &row.name)?;
        Ok(())
    }

    fn gathered_on(&self, day: NaiveDate) -> Result<u32> {
        let memo = self.memo(GATHERED)?.unwrap_or_default();
        let (on, count) = memo.split_once(' ').unwrap_or_default();
        Ok(if on == day.to_string() { count.parse().unwrap_or(0) } else { 0 })
    }
}

/// A stranger's: one that fits several debtors offers them as choices.
fn is_about_one(question: &Question, day: NaiveDate) -> bool {
    question.kind == QuestionKind::Correlation && question.since == day && question.choices == ["seen"]
}

fn told(language: Language, count: u32, last: &str) -> String {
    match language {
        Language::Nl => format!("Aantal: {count}; het laatste: {last}"),
        Language::En | Language::De | Language::Fr => format!("So far {count}; the last one: {last}"),
    }
}
