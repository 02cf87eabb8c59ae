//! Money that came in or went back: which account it is for, by `bank::matching`, and what that account hears of it.

use super::house::House;
use super::register::may_be_told_again;
use crate::bank::case_index::Found;
use crate::bank::matching::{self, Candidate, Match, Remittance, match_by_name, match_payment, match_told};
use crate::dunning::account::{Account, Case, Payment, PaymentSource};
use crate::dunning::claim;
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId};
use crate::dunning::input::Input;
use crate::dunning::money::Money;
use crate::dunning::question::{About, QuestionKind};
use crate::store::Asked;
use anyhow::Result;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// A payment of the same money may be told twice within this many days (notice, then statement, or the reverse).
const SAME_MONEY_DAYS: i64 = 6;

impl House {
    /// One credit of a statement or an authenticated notice.
    pub(super) fn money_came_in(
        &mut self,
        payment: Payment,
        reference: Option<&str>,
        end_to_end: Option<&str>,
        cause: &str,
    ) -> Result<()> {
        let remittance = Remittance { reference, end_to_end, ..remitted(&payment) };
        if let Some(debtor) = self.told_before(&payment, &remittance)? {
            return self.tell_again(&debtor, &payment, cause);
        }
        match self.match_open_cases(&remittance, payment.booked)? {
            Match::Exact { debtor, cases, why } => self.book(&debtor, Payment { why, ..payment }, cases, cause),
            Match::Part { debtor, case, why } => self.book(&debtor, Payment { why, ..payment }, vec![case], cause),
            Match::Unclear { candidates } => self.unclear(&payment, &candidates, cause),
            Match::Stranger => self.stranger(payment, cause),
        }
    }

    /// What the payer named is looked at first: where it decides, nothing else is read.
    fn match_open_cases(&mut self, remittance: &Remittance<'_>, booked: NaiveDate) -> Result<Match> {
        let named = self.register()?.cases.named(remittance);
        if let Some(found) = match_by_name(remittance, &self.candidates(&named, booked)?) {
            return Ok(found);
        }
        let hinted = self.register()?.cases.hinted(remittance);
        Ok(match_payment(remittance, &self.candidates(&hinted, booked)?))
    }

    /// These open cases, as candidates for a payment of that day.
    fn candidates(&self, found: &Found, booked: NaiveDate) -> Result<Vec<Candidate>> {
        let debtors: BTreeSet<&DebtorId> = found.iter().map(|(debtor, _)| debtor).collect();
        let mut candidates = Vec::new();
        for id in debtors {
            let account = self.account(id)?;
            let cases = account.open_cases().filter(|case| found.contains(&(id.clone(), case.id.clone())));
            let asked = |case: &Case| claim::most_asked(&account, case, &self.config.policy, booked);
            candidates.extend(cases.map(|case| candidate(&account, case, case.open(), asked(case))));
        }
        Ok(candidates)
    }

    fn accounts_of(&self, ids: &BTreeSet<DebtorId>) -> Result<Vec<Account>> {
        ids.iter().map(|id| self.account(id)).collect()
    }

    fn book(&mut self, debtor: &DebtorId, payment: Payment, cases: Vec<CaseId>, cause: &str) -> Result<()> {
        if payment.source == PaymentSource::Notice {
            self.await_confirmation(debtor)?;
        }
        self.step(debtor, &Input::Payment { payment, cases }, cause)?;
        Ok(())
    }

    /// A statement shows money of this account that was only announced.
    pub(super) fn shown_by_statement(&mut self, debtor: &DebtorId, payment: Payment, cause: &str) -> Result<()> {
        self.book(debtor, payment, Vec::new(), cause)
    }

    /// The account that knows this very money from another source.
    fn told_before(&mut self, payment: &Payment, remittance: &Remittance<'_>) -> Result<Option<DebtorId>> {
        let telling = self.register()?.telling(payment, SAME_MONEY_DAYS);
        let accounts = self.accounts_of(&telling)?;
        let told = accounts.iter().flat_map(|account| told_candidates(account, payment));
        Ok(match match_told(remittance, &told.collect::<Vec<_>>()) {
            Some(Match::Exact { debtor, .. }) => Some(debtor),
            Some(Match::Part { .. } | Match::Unclear { .. } | Match::Stranger) | None => None,
        })
    }

    /// A statement confirms a notice; a notice of what the statement had already adds nothing.
    fn tell_again(&mut self, debtor: &DebtorId, payment: &Payment, cause: &str) -> Result<()> {
        match payment.source {
            PaymentSource::Statement => self.book(debtor, payment.clone(), Vec::new(), cause),
            PaymentSource::Notice | PaymentSource::Owner => Ok(()),
        }
    }

    /// Money on an account that is not ours may still be a debtor's: the cases that it fits are held, and the owner is
    /// asked. False when it fits none; then nobody hears of it.
    pub(super) fn ask_about_money_elsewhere(&mut self, payment: &Payment, why: &str, cause: &str) -> Result<bool> {
        let cases: Vec<(DebtorId, CaseId)> = match self.match_open_cases(&remitted(payment), payment.booked)? {
            Match::Exact { debtor, cases, .. } => cases.into_iter().map(|case| (debtor.clone(), case)).collect(),
            Match::Part { debtor, case, .. } => vec![(debtor, case)],
            Match::Unclear { candidates } => candidates.into_iter().map(|(debtor, case, _)| (debtor, case)).collect(),
            Match::Stranger => return Ok(false),
        };
        let candidates: Vec<_> = cases.into_iter().map(|(debtor, case)| (debtor, case, why.to_owned())).collect();
        self.unclear(payment, &candidates, cause)?;
        Ok(true)
    }

    /// Every debtor whose case it may be for is paused; the first hears the question.
    fn unclear(&mut self, payment: &Payment, candidates: &[(DebtorId, CaseId, String)], cause: &str) -> Result<()> {
        let mut by_debtor: BTreeMap<&DebtorId, Vec<CaseId>> = BTreeMap::new();
        for (debtor, case, _) in candidates {
            by_debtor.entry(debtor).or_default().push(case.clone());
        }
        for (debtor, cases) in &by_debtor {
            let why =
                candidates.iter().find(|(d, _, _)| d == *debtor).map(|(_, _, why)| why.clone()).unwrap_or_default();
            let ask = by_debtor.len() == 1;
            let input = Input::UnclearPayment { payment: payment.clone(), cases: cases.clone(), why, ask };
            self.step(debtor, &input, cause)?;
        }
        if by_debtor.len() > 1 {
            let choices = candidates.iter().map(|(_, case, _)| case.to_string()).collect();
            self.ask_about_payment(payment, choices, cause)?;
        }
        Ok(())
    }

    /// Nothing fits: the owner may know. It pauses nobody.
    fn stranger(&mut self, payment: Payment, cause: &str) -> Result<()> {
        self.ask_about_payment(&payment, Vec::new(), cause)
    }

    fn ask_about_payment(&mut self, payment: &Payment, choices: Vec<String>, cause: &str) -> Result<()> {
        let payer = payment.payer.as_deref().unwrap_or("?");
        let detail =
            format!("{} {} {} {payer} \"{}\"", payment.booked, payment.amount, payment.amount.currency(), payment.text);
        let about = About::Payment(Box::new(payment.clone()));
        self.ask_owner(QuestionKind::UnmatchedPayment, &detail, about, choices, cause)
    }

    /// The owner placed a payment that was asked about on the administration's own account.
    pub(super) fn place_payment(&mut self, payment: &Payment, choice: &str, by: &str) -> Result<()> {
        let chosen = CaseId::new(choice);
        let mut concerned = self.register()?.held_for(&payment.id);
        concerned.extend(self.store.case(&chosen)?.map(|(_, debtor)| debtor));
        for account in self.accounts_of(&concerned)? {
            let waiting = |hold: &crate::dunning::hold::Hold| hold.source.as_ref() == Some(&payment.id);
            if account.cases.contains_key(&chosen) && !account.payments.iter().any(|known| known.id == payment.id) {
                // A notice stays a notice: the statement that shows it later is the same money.
                if payment.source == PaymentSource::Notice {
                    self.await_confirmation(&account.id)?;
                }
                let placed = Payment { why: format!("placed by {by}"), ..payment.clone() };
                let given = Input::PaymentGiven { payment: placed, case: chosen.clone() };
                self.step(&account.id, &given, &format!("answer by {by}"))?;
            }
            if account.holds.iter().any(waiting) {
                self.step(
                    &account.id,
                    &Input::PaymentPlaced { payment: payment.id.clone() },
                    &format!("answer by {by}"),
                )?;
            }
        }
        Ok(())
    }

    /// The bank tells in parts what was asked about as a whole: the question and what waited for it end. False when nobody
    /// was asked, or the owner has answered.
    pub(super) fn ask_no_more_of_payment(&mut self, id: &EvidenceId) -> Result<bool> {
        const BY: &str = "the bank's details";
        let concerned = self.register()?.held_for(id);
        let mut was_asked = false;
        let mut accounts = self.accounts_of(&concerned)?;
        accounts.push(self.administration(Asked::About(id.as_str()))?);
        for account in accounts {
            for (question, asked) in &account.questions {
                let About::Payment(payment) = &asked.about else { continue };
                if asked.kind == QuestionKind::UnmatchedPayment && payment.id == *id {
                    was_asked = true;
                    let input = Input::Answer { question: question.clone(), choice: "ignore".into(), by: BY.into() };
                    self.step(&account.id, &input, BY)?;
                    self.place_payment(payment, "ignore", BY)?;
                }
            }
        }
        Ok(was_asked)
    }

    /// The bank took money back: the case that it had paid, by reference; else a question.
    pub(super) fn money_went_back(&mut self, payment: &Payment, reference: Option<&str>, cause: &str) -> Result<()> {
        let text = format!("{} {}", payment.text, reference.unwrap_or_default());
        let named = self.register()?.cases.debtors_named(&text);
        let accounts = self.accounts_of(&named)?;
        let numbers: Vec<&str> =
            accounts.iter().flat_map(|a| a.cases.values()).map(|case| case.number().as_str()).collect();
        let named = matching::numbers_in(&text, numbers.into_iter());
        let got_money = |case: &Case| case.paid.is_positive() || !case.extras_paid.is_zero();
        let paid = |case: &Case| named.contains(&case.number().as_str()) && got_money(case);
        let hit = accounts
            .iter()
            .find_map(|account| Some((account.id.clone(), account.cases.values().find(|c| paid(c))?.id.clone())));
        match hit {
            Some((debtor, case)) => {
                let input = Input::Reversal {
                    case,
                    amount: payment.amount,
                    source: payment.id.clone(),
                    text: payment.text.clone(),
                };
                self.step(&debtor, &input, cause)?;
                Ok(())
            }
            None => {
                let detail = format!("{} {} \"{}\"", payment.booked, payment.amount, payment.text);
                self.ask_owner(QuestionKind::Reversal, &detail, About::Input(payment.id.clone()), Vec::new(), cause)
            }
        }
    }

    /// Money that we sent: what a debtor had paid too much, when the account or the text names that debtor.
    pub(super) fn money_given_back(&mut self, payment: &Payment, cause: &str) -> Result<()> {
        let overpaid =
            |account: &&Account| account.unallocated(payment.amount.currency()).minor() >= payment.amount.minor();
        let is_theirs = |account: &&Account| {
            let by_iban = payment.iban.as_ref().is_some_and(|iban| account.known_ibans().contains(iban));
            let numbers = account.cases.values().map(|case| case.number().as_str());
            by_iban || !matching::numbers_in(&payment.text, numbers).is_empty()
        };
        let register = self.register()?;
        let mut concerned = register.cases.debtors_named(&payment.text);
        concerned.extend(payment.iban.iter().flat_map(|iban| register.cases.debtors_paying_from(iban)));
        concerned.retain(|debtor| register.is_overpaid(debtor));
        let accounts = self.accounts_of(&concerned)?;
        let Some(account) = accounts.iter().filter(overpaid).find(is_theirs) else { return Ok(()) };
        let input = Input::Refund { amount: payment.amount, source: payment.id.clone(), text: payment.text.clone() };
        self.step(&account.id, &input, cause)?;
        Ok(())
    }

    /// A bank's mail that proves nothing may pause the one case that it names.
    pub(super) fn untrusted_notice(
        &mut self,
        text: &str,
        source: &EvidenceId,
        why: &str,
        cause: &str,
    ) -> Result<Option<CaseId>> {
        let named = self.register()?.cases.debtors_named(text);
        let accounts = self.accounts_of(&named)?;
        let open: Vec<(&Account, &Case)> =
            accounts.iter().flat_map(|account| account.open_cases().map(move |case| (account, case))).collect();
        let named = matching::numbers_in(text, open.iter().map(|(_, case)| case.number().as_str()));
        let [number] = named.as_slice() else { return Ok(None) };
        let Some((account, case)) = open.iter().find(|(_, case)| case.number().as_str() == *number) else {
            return Ok(None);
        };
        let input = Input::UntrustedNotice { case: case.id.clone(), source: source.clone(), why: why.to_owned() };
        self.step(&account.id, &input, cause)?;
        Ok(Some(case.id.clone()))
    }
}

/// What the payer and the bank wrote, without structured fields.
fn remitted(payment: &Payment) -> Remittance<'_> {
    Remittance {
        amount: payment.amount,
        reference: None,
        text: &payment.text,
        end_to_end: None,
        payer: payment.payer.as_deref(),
        iban: payment.iban.as_deref(),
    }
}

fn candidate(account: &Account, case: &Case, open: Money, asked: Money) -> Candidate {
    Candidate {
        case: case.id.clone(),
        debtor: account.id.clone(),
        debtor_name: account.debtor.as_ref().map(|debtor| debtor.name.clone()).unwrap_or_default(),
        number: case.number().to_string(),
        payment_reference: case.invoice.payment_reference.clone(),
        open,
        asked,
        known_ibans: account.known_ibans(),
    }
}

/// Cases as they stood before payments that may be this very money: same amount, near in time, from another source.
fn told_candidates(account: &Account, payment: &Payment) -> Vec<Candidate> {
    let same = |known: &&Payment| {
        let near = (known.booked - payment.booked).num_days().abs() <= SAME_MONEY_DAYS;
        near && known.source != payment.source && may_be_told_again(known) && known.amount == payment.amount
    };
    let allocations = account.payments.iter().filter(same).flat_map(|known| known.allocations.iter());
    allocations.filter_map(|(id, amount)| Some(candidate(account, account.cases.get(id)?, *amount, *amount))).collect()
}
