//! Everything that comes in: stored byte for byte first, then read from the store, then applied, ignored by a named
//! rule, or quarantined with a reason. One bad input never stops the next.

mod answers;
mod attached;
mod beside;
mod commands;
mod files;
mod identity;
mod invoices;
mod joining;
mod look;
mod mails;
mod movements;
mod notices;
mod open_items;
mod papers;
mod portions;
mod reading;
mod sent_mails;
mod statements;
mod strangers;
mod taken_over;

use super::house::House;
use crate::dunning::account::Account;
use crate::dunning::ids::{DebtorId, EvidenceId, QuestionId};
use crate::dunning::input::Input;
use crate::dunning::question::{About, Question, QuestionKind};
use crate::failpoints::reach;
use crate::ports::NoParser;
use crate::store::{Asked, Disposition, InputKind, InputRow};
use anyhow::Result;
use chrono::NaiveDate;

pub use attached::{parse_attached, parse_attached_to_new};
pub use look::{FolderReport, Haste, Look, Seen};
pub use papers::Here;
pub(super) use papers::TROUBLE as PARSER_TROUBLE;
pub use portions::{Taken, Wanted, parse_files, read_files};
pub(super) use reading::ReadAhead;
pub use taken_over::TakeOver;

/// How many inputs are settled in one commit.
const GROUP: usize = 50;

impl House {
    /// Reads and applies everything that is stored and not settled yet. A failure of the store stops; anything that
    /// is wrong with an input quarantines that input.
    pub fn settle_inputs(&mut self) -> Result<usize> {
        let mut settled = 0;
        loop {
            let ids = self.store.inputs_to_settle(GROUP)?;
            self.read_mails_ahead(&ids)?;
            if ids.is_empty() {
                return Ok(settled);
            }
            let before = settled;
            settled += self.transact(|house| house.settle_group(&ids))?;
            // Where nobody can read files they stay unsettled, and the gate closed.
            if settled == before {
                return Ok(settled);
            }
        }
    }

    /// Files that were read beforehand hardly ever fail: they share a savepoint, for each costs as much as some statements.
    /// Where one does fail all of them are settled again, each by itself.
    fn settle_group(&mut self, ids: &[EvidenceId]) -> Result<usize> {
        if ids.iter().all(|id| self.papers.contains_key(id)) {
            match self.attempt(|house| ids.iter().try_for_each(|id| house.settle_read(id))) {
                Ok(()) => return Ok(ids.len()),
                Err(error) if is_store_trouble(&error) => return Err(error),
                Err(_) => {}
            }
        }
        let mut settled = 0;
        for id in ids {
            settled += usize::from(self.settle_one(id)?);
        }
        Ok(settled)
    }

    fn settle_read(&mut self, id: &EvidenceId) -> Result<()> {
        let Some(row) = self.store.input(id)? else { return Ok(()) };
        reach("input.taken")?;
        let disposition = self.apply_input(&row)?;
        self.conclude(&row, disposition)
    }

    /// False when there is nobody to read it.
    fn settle_one(&mut self, id: &EvidenceId) -> Result<bool> {
        let Some(row) = self.store.input(id)? else { return Ok(false) };
        reach("input.taken")?;
        let disposition = match self.attempt(|house| house.apply_input(&row)) {
            Ok(disposition) => disposition,
            Err(error) if is_store_trouble(&error) => return Err(error),
            Err(error) => {
                if let Some(none) = error.downcast_ref::<NoParser>() {
                    self.note_parser(Some(none))?;
                    return Ok(false);
                }
                self.remember_who_is_named(&row)?;
                Disposition::Quarantined { reason: format!("{error:#}") }
            }
        };
        self.conclude(&row, disposition)?;
        Ok(true)
    }

    /// A mail that broke what reads it keeps the gates closed of those whom its bytes name.
    fn remember_who_is_named(&mut self, row: &InputRow) -> Result<()> {
        if row.kind == InputKind::Mail {
            let named = self.named_in_bytes(&self.kept_bytes(&row.id)?)?;
            self.remember_names(&row.id, &named)?;
        }
        Ok(())
    }

    fn apply_input(&mut self, row: &InputRow) -> Result<Disposition> {
        match row.kind {
            InputKind::Invoice => self.apply_invoice(row, false),
            InputKind::Statement => self.apply_statement_file(row),
            InputKind::Mail if self.lay_in_sent(&row.id)? => self.apply_sent_mail(row, &self.kept_bytes(&row.id)?),
            InputKind::Mail => self.apply_mail(row, &self.kept_bytes(&row.id)?),
        }
    }

    /// The bytes of an input as they were stored.
    fn kept_bytes(&self, id: &EvidenceId) -> Result<Vec<u8>> {
        Ok(self.store.input_bytes(id)?.unwrap_or_default())
    }

    fn conclude(&mut self, row: &InputRow, disposition: Disposition) -> Result<()> {
        let at = self.now();
        reach("input.applied")?;
        self.store.settle(&row.id, &disposition, at)?;
        reach("input.settled")?;
        if let Disposition::Quarantined { reason } = &disposition {
            let detail = format!("{}: {reason}", row.name);
            self.ask_owner(QuestionKind::Quarantine, &detail, About::Input(row.id.clone()), Vec::new(), &row.name)?;
        }
        Ok(())
    }

    /// A question that concerns no debtor, or more than one.
    pub(super) fn ask_owner(
        &mut self,
        kind: QuestionKind,
        detail: &str,
        about: About,
        extra_choices: Vec<String>,
        cause: &str,
    ) -> Result<()> {
        let input = Input::Ask { kind, case: None, detail: detail.to_owned(), about, extra_choices };
        self.step(&DebtorId::administration(), &input, cause)?;
        Ok(())
    }

    /// The owner answered a question; what lies outside its account is done here, in the same commit.
    pub fn answer(&mut self, question: &QuestionId, choice: &str, by: &str) -> Result<()> {
        if let Some((_, Question { about: About::Input(id), kind, .. })) = self.find_question(question)?
            && (kind == QuestionKind::Quarantine && choice != "ignore" || choice == "take-new")
        {
            self.read_ahead(&id)?;
        }
        self.transact(|house| {
            let Some((debtor, asked)) = house.find_question(question)? else {
                anyhow::bail!("there is no open question {question}; `aanmaand questions` lists them");
            };
            house.answer_of(&debtor, &asked, choice, by)
        })
    }

    /// Answers at once every question of a kind about single invoices, or those about invoices that fell due before a day:
    /// an old archive was put into the folder, or a list of open items has lost many. Returns how many.
    pub fn answer_together(
        &mut self,
        kind: QuestionKind,
        choice: &str,
        due_before: Option<NaiveDate>,
        by: &str,
    ) -> Result<usize> {
        self.transact(|house| {
            let mut answered = 0;
            for account in house.accounts_with_open_cases()? {
                let is_meant = |question: &&Question| {
                    let due = question.case.as_ref().and_then(|case| account.cases.get(case)).map(|case| case.due_date);
                    question.kind == kind && due.is_some_and(|due| due_before.is_none_or(|day| due < day))
                };
                for asked in account.questions.values().filter(is_meant) {
                    house.answer_of(&account.id, asked, choice, by)?;
                    answered += 1;
                }
            }
            Ok(answered)
        })
    }

    pub(super) fn answer_of(&mut self, debtor: &DebtorId, asked: &Question, choice: &str, by: &str) -> Result<()> {
        let question = &asked.id;
        self.transact(|house| {
            let offered = || asked.choices.join(", ");
            anyhow::ensure!(
                asked.choices.iter().any(|c| c == choice),
                "{choice:?} is no answer to {question}: choose {}",
                offered()
            );
            if let (About::Sending(letter), "send-now") = (&asked.about, choice)
                && let Some(reason) = house.too_early_to_resend(letter)?
            {
                anyhow::bail!("{question} cannot be answered send-now yet: {reason}");
            }
            if (asked.kind, choice) == (QuestionKind::Restored, "go-on") && !house.is_rebuilt()? {
                anyhow::bail!(
                    "{question} cannot be answered go-on yet: it was asked before this copy was restored, and what was sent \
                     since is not looked up yet; it is asked anew after the next complete look"
                );
            }
            let input = Input::Answer { question: question.clone(), choice: choice.to_owned(), by: by.to_owned() };
            house.step(debtor, &input, &format!("answer by {by}"))?;
            house.follow_answer(debtor, asked, choice, by)
        })
    }

    /// The account that asks a question, with the question.
    pub fn find_question(&self, id: &QuestionId) -> Result<Option<(DebtorId, Question)>> {
        let asked = |account: Account| {
            let question = account.questions.get(id).cloned();
            question.map(|question| (account.id, question))
        };
        // Its name says whose it is; where that is not so, every account is asked.
        let of_debtor = id.as_str().split_once('-').map(|(_, debtor)| DebtorId::new(debtor));
        let account = match &of_debtor {
            Some(debtor) => self.account(debtor)?,
            None => self.administration(Asked::With(id))?,
        };
        if let Some(found) = asked(account) {
            return Ok(Some(found));
        }
        Ok(self.accounts()?.into_iter().find_map(asked))
    }

    fn follow_answer(&mut self, debtor: &DebtorId, asked: &Question, choice: &str, by: &str) -> Result<()> {
        match (asked.kind, &asked.about) {
            (QuestionKind::Quarantine, About::Input(id)) => self.answer_quarantine(id, choice, by),
            (QuestionKind::Conflict, About::Input(id)) if choice == "take-new" => self.take_new(id),
            (QuestionKind::Identity, About::Input(id)) => self.said_whose_invoice(debtor, id, asked, choice, by),
            (QuestionKind::Correlation, About::Input(id)) => self.answer_correlation(id, &asked.choices, choice),
            (QuestionKind::UnmatchedPayment, About::Payment(payment)) => self.place_payment(payment, choice, by),
            (QuestionKind::Burst, About::Day(_)) if choice == "send" => {
                let today = self.today().to_string();
                self.set_memo("burst_allowed_on", &today)
            }
            (QuestionKind::StatementGap, About::Input(id)) if choice == "nothing-missing" => {
                self.nothing_is_missing(id)
            }
            (QuestionKind::Clock, _) if choice == "confirm" => self.clock_is_right(),
            (QuestionKind::Restored, _) if choice == "go-on" => self.go_on_after_restore(),
            _ => Ok(()),
        }
    }

    fn answer_quarantine(&mut self, id: &EvidenceId, choice: &str, by: &str) -> Result<()> {
        let Some(row) = self.store.input(id)? else { return Ok(()) };
        if choice == "ignore" {
            let at = self.now();
            return Ok(self.store.settle(id, &Disposition::Ignored { rule: format!("{by} said so") }, at)?);
        }
        match self.attempt(|house| house.apply_input(&row)) {
            Ok(Disposition::Quarantined { reason }) => anyhow::bail!("it still cannot be read: {reason}"),
            Ok(disposition) => {
                let at = self.now();
                Ok(self.store.settle(id, &disposition, at)?)
            }
            Err(error) => Err(error),
        }
    }

    fn take_new(&mut self, id: &EvidenceId) -> Result<()> {
        let Some(row) = self.store.input(id)? else { return Ok(()) };
        self.apply_invoice(&row, true)?;
        Ok(())
    }
}

/// The store itself failed: nothing may go on as if it had not.
pub fn is_store_trouble(error: &anyhow::Error) -> bool {
    use crate::store::StoreFault;
    error.chain().any(|cause| {
        matches!(
            cause.downcast_ref::<StoreFault>(),
            Some(StoreFault::Full | StoreFault::Busy | StoreFault::Broken(_) | StoreFault::Conflict)
        )
    })
}
