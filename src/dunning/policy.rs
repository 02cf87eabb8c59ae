//! What the owner decided beforehand: ladders, days, modes, limits. Checked by `config`, read by `decide`.

use super::account::Account;
use super::calendar::{Calendar, Country, SendingDays};
use super::debtor::{DebtorKind, Language};
use super::ids::{CaseId, DebtorId, StepId};
use super::law::interest::DayCount;
use super::law::rates::RateTable;
use super::money::Money;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The policy of one administration.
#[derive(Clone, Debug)]
pub struct Policy {
    pub mode: Mode,
    /// For letters from the formal notice on.
    pub formal_mode: FormalMode,
    /// By the country whose law protects the debtor, and the debtor's kind.
    pub ladders: BTreeMap<(Country, DebtorKind), Ladder>,
    /// Every ladder that the owner may name for a debtor on the command line.
    pub named_ladders: BTreeMap<String, Ladder>,
    pub sending: SendingDays,
    /// The holidays of each country, by which the terms of its law are counted.
    pub term_calendars: BTreeMap<Country, Calendar>,
    /// Least number of days between two letters to one debtor.
    pub min_gap_days: i64,
    pub overdue_at_first_sight: FirstSight,
    pub freshness: Freshness,
    /// Banking days after a promised date before the promise counts as broken.
    pub promise_grace_days: u32,
    /// Days that a part payment pauses its case.
    pub part_payment_pause_days: i64,
    /// Largest amount that one authenticated notice may close; zero = never.
    pub notice_close_max: Money,
    /// Days from the invoice date to the due date when the invoice names none.
    pub default_term_days: i64,
    /// Language of letters when the debtor's is not known.
    pub language: Language,
    pub claims: Claims,
    /// No letter asks less than this in total; in euros.
    pub minimum: Money,
    /// Thanks are said when a case was paid.
    pub thanks: bool,
    pub overrides: BTreeMap<DebtorId, Override>,
}

/// What may be asked beside the principal. Which letters ask it stands in the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub interest: InterestAsked,
    /// How the days of a year are counted.
    pub day_count: DayCount,
    pub rates: Arc<RateTable>,
    /// Collection costs are asked where the law grants them.
    pub costs: bool,
    /// The three conditions of art. 2(3) Besluit vergoeding voor buitengerechtelijke incassokosten hold.
    pub vat_on_costs: bool,
    /// The term of payment was agreed with everybody, in the contract or in general terms: it is a fatal term also where the
    /// invoice file does not say so (art. 6:83(a) BW).
    pub agreed_terms: bool,
    /// The terms have the reciprocal clause without which a Belgian consumer owes no interest or compensation (Book XIX WER).
    pub be_clause: bool,
    /// A rest of interest and costs below this is let go when the principal was paid.
    pub waive_rest_below: Money,
}

impl Default for Claims {
    fn default() -> Claims {
        Claims {
            interest: InterestAsked::Statutory,
            day_count: DayCount::default(),
            rates: Arc::new(RateTable::built_in()),
            costs: true,
            vat_on_costs: false,
            agreed_terms: false,
            be_clause: false,
            waive_rest_below: Money::eur_cents(2500),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterestAsked {
    None,
    /// As the law of the debtor's country and kind says.
    Statutory,
    /// The yearly percentage that was agreed with businesses; consumers are asked the statutory interest.
    Contract(Decimal),
}

/// What the owner decided for one debtor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    pub never_dun: bool,
    pub language: Option<Language>,
    pub kind: Option<DebtorKind>,
    pub email: Option<String>,
    pub contact: Option<String>,
    pub name: Option<String>,
    pub ladder: Option<Ladder>,
    /// Days that every step comes later.
    pub grace_days: i64,
    pub minimum: Option<Money>,
    /// Interest and costs are asked; `None` = as for everybody.
    pub extras: Option<bool>,
    /// Names and numbers of other debtors that letters to this one may have in them.
    pub may_name: Vec<String>,
    /// The debtor that this customer number is too.
    pub same_as: Option<DebtorId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Observe,
    Approve,
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormalMode {
    Approve,
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstSight {
    Ask,
    Open,
    Ignore,
}

/// What must be recent before a formal letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Statements,
    Notices,
    None,
}

/// The ordered steps of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    pub name: String,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: StepId,
    pub kind: StepKind,
    /// Days from the due date on which the step becomes due; negative = before.
    pub days: i64,
    /// Least number of days after the previous letter was really sent.
    pub after: i64,
    /// Days that the letter gives to pay.
    pub deadline_days: Option<i64>,
    /// Template of a letter; the step's id unless said otherwise.
    pub template: String,
    /// The letter asks the interest that has run.
    pub interest: bool,
    pub costs: CostsAsked,
    pub law: Option<LegalStep>,
}

/// The collection costs that a letter asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CostsAsked {
    #[default]
    None,
    /// The 40 euros that a business owes without any demand (art. 6:96(4) BW; Belgian Act of 2 August 2002 art. 6).
    Fixed,
    /// What the law grants after the demand that it prescribes.
    Scale,
}

/// A letter that the law gives an effect of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegalStep {
    /// Ingebrekestelling (art. 6:82 BW): begins default where no fatal term was agreed.
    NoticeOfDefault,
    /// The fourteen-day letter to a consumer (art. 6:96(6) BW).
    FourteenDayLetter,
    /// The free first reminder to a Belgian consumer (Book XIX WER).
    BeFirstReminder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    Letter,
    /// A task for the owner; unanswered it does not stop the ladder.
    Call,
    /// A letter with its own switch: approval, announcement, fresh bank data.
    Formal,
    /// The end: a human decides about an agency or a lawyer.
    Human,
}

impl StepKind {
    pub fn is_letter(self) -> bool {
        matches!(self, StepKind::Letter | StepKind::Formal)
    }
}

impl Step {
    pub fn is_formal(&self) -> bool {
        self.kind == StepKind::Formal
    }

    /// A friendly note before the due date.
    pub fn is_pre_due(&self) -> bool {
        self.kind == StepKind::Letter && self.days < 0
    }
}

impl Policy {
    /// The debtor's kind, with the owner's override; unknown counts as consumer.
    pub fn kind(&self, account: &Account) -> DebtorKind {
        let own = self.own(account).and_then(|own| own.kind);
        own.or_else(|| account.debtor.as_ref().map(|debtor| debtor.kind)).unwrap_or(DebtorKind::Consumer)
    }

    /// Whose law protects the debtor: that of its own country, else the administration's.
    pub fn country(&self, account: &Account) -> Country {
        let own = account.debtor.as_ref().and_then(|debtor| debtor.country.as_deref());
        own.and_then(Country::parse).unwrap_or(self.sending.calendar.country)
    }

    pub fn ladder(&self, account: &Account) -> Option<&Ladder> {
        self.ladder_choice(account).map(|(ladder, _)| ladder)
    }

    /// The step of that name, whatever its round.
    pub fn step(&self, account: &Account, id: &StepId) -> Option<&Step> {
        self.ladder(account)?.steps.iter().find(|step| step.id.as_str() == id.of_ladder())
    }

    /// The step of this case among those that a letter takes.
    pub fn step_in(&self, account: &Account, covers: &[(CaseId, StepId)], case: &CaseId) -> Option<&Step> {
        covers.iter().find(|(id, _)| id == case).and_then(|(_, step)| self.step(account, step))
    }

    /// Taken by a letter with the switch of formal letters: a formal step, or an instalment that was missed.
    pub fn is_formal(&self, account: &Account, id: &StepId) -> bool {
        id.instalment().is_some() || self.step(account, id).is_some_and(Step::is_formal)
    }

    /// Where letters go: exactly one address.
    pub fn address(&self, account: &Account) -> Option<String> {
        let own = || self.own(account)?.email.clone();
        let of_debtor = || account.debtor.as_ref()?.email.clone();
        account.instructions.email.clone().or_else(own).or_else(of_debtor).filter(|address| address.contains('@'))
    }

    /// Whom letters greet.
    pub fn contact(&self, account: &Account) -> Option<String> {
        let own = || self.own(account)?.contact.clone();
        account.instructions.contact.clone().or_else(own).or_else(|| account.debtor.as_ref()?.contact.clone())
    }

    pub fn language(&self, account: &Account) -> Language {
        let own = || self.own(account)?.language;
        let said = account.instructions.language;
        said.or_else(own).or_else(|| account.debtor.as_ref()?.language).unwrap_or(self.language)
    }

    pub fn never_dun(&self, account: &Account) -> bool {
        account.instructions.never_dun.unwrap_or_else(|| self.own(account).is_some_and(|own| own.never_dun))
    }

    /// Days that every step comes later for this debtor.
    pub fn grace_days(&self, account: &Account) -> i64 {
        account.instructions.grace_days.unwrap_or_else(|| self.own(account).map_or(0, |own| own.grace_days))
    }

    /// No letter asks less than this in total.
    pub fn minimum(&self, account: &Account) -> Money {
        let own = || self.own(account)?.minimum;
        account.instructions.minimum.or_else(own).unwrap_or(self.minimum)
    }

    /// Interest and costs may be asked of this debtor.
    pub fn asks_extras(&self, account: &Account) -> bool {
        let own = || self.own(account)?.extras;
        account.instructions.extras.or_else(own).unwrap_or(true)
    }

    /// The customer number of the debtor that this number is: another one's by `same_as`, else itself.
    pub fn number_of<'p>(&'p self, id: &'p DebtorId) -> &'p DebtorId {
        self.overrides.get(id).and_then(|own| own.same_as.as_ref()).unwrap_or(id)
    }

    /// Each number that is another debtor's, and that debtor's.
    pub fn same_debtors(&self) -> Vec<(DebtorId, DebtorId)> {
        let pair = |(id, own): (&DebtorId, &Override)| Some((id.clone(), own.same_as.clone()?));
        self.overrides.iter().filter_map(pair).collect()
    }

    fn own(&self, account: &Account) -> Option<&Override> {
        self.overrides.get(&account.id)
    }
}
