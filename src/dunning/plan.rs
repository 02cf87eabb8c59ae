//! A plan (betalingsregeling): instalments that were agreed for some cases. Money that comes for these cases counts
//! toward the instalments in the order of their days.

use super::account::{Account, Case, Letter, LetterState};
use super::hold::{Hold, HoldReason};
use super::ids::{CaseId, EvidenceId, StepId};
use super::money::{Extras, Money};
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// More instalments than this are a slip of the pen.
const MOST_INSTALMENTS: u32 = 120;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The first plan of a debtor is 1.
    pub number: u32,
    pub cases: Vec<CaseId>,
    /// In the order of their days.
    pub instalments: Vec<Instalment>,
    pub agreed_on: NaiveDate,
    /// Banking days after an instalment's day before it counts as missed.
    pub grace_days: u32,
    /// It was agreed that the whole becomes due when an instalment is missed and not paid after a letter.
    pub whole_becomes_due: bool,
    /// What proves it: the mail or the owner's words.
    #[serde(default)]
    pub evidence: Option<String>,
    /// Interest and costs of its cases that had been paid when it was agreed.
    #[serde(default)]
    pub paid_before: Extras,
    pub state: PlanState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// The last day on which it may be paid.
    pub due: NaiveDate,
    pub amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    Running,
    /// The instalment of that day did not come; `on` is the day on which that was seen.
    Missed {
        due: NaiveDate,
        on: NaiveDate,
    },
    Kept,
    /// Replaced, ended by the owner, or the whole became due.
    Ended,
}

/// What is agreed, before it is a plan of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub cases: Vec<CaseId>,
    pub instalments: Vec<Instalment>,
    pub grace_days: u32,
    pub whole_becomes_due: bool,
}

/// How far apart instalments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Month,
    Days(u32),
}

/// Why instalments cannot be agreed as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsFault {
    #[error("no instalment is named")]
    None,
    #[error("case {0} is not open")]
    NotOpen(CaseId),
    #[error("the cases are in several currencies: agree a plan for each")]
    Currencies,
    #[error("an instalment must be more than zero")]
    NotPositive,
    #[error("the instalment of {0} comes after or on the day of the next one: name them in the order of their days")]
    Order(NaiveDate),
    #[error("the instalments come to {agreed}, but {open} is open ({})", difference(*agreed, *open))]
    Sum { agreed: Money, open: Money },
    #[error("{count} instalments of {amount} do not fit {open}: the last one takes the rest, and that would be {rest}")]
    Count { count: u32, amount: Money, open: Money, rest: Money },
    #[error("that makes more than {MOST_INSTALMENTS} instalments")]
    TooMany,
    #[error("plan {0} also runs for case {1}: name that case too, or end the plan first")]
    OtherPlan(u32, CaseId),
    #[error("the days of the instalments go beyond the calendar")]
    Calendar,
}

fn difference(agreed: Money, open: Money) -> String {
    match agreed.checked_sub(open) {
        Some(more) if more.is_positive() => format!("{more} too much"),
        Some(less) => format!("{} is missing", less.abs()),
        None => "another currency".to_owned(),
    }
}

/// Equal instalments; the last takes the rest, so that they come to exactly what is open. Without a count there are as
/// many as it takes, and the last is not larger than the others.
///
/// # Errors
/// When the rest would be nothing, or as large as two of the others.
pub fn equal(
    open: Money,
    amount: Money,
    every: Every,
    from: NaiveDate,
    count: Option<u32>,
) -> Result<Vec<Instalment>, TermsFault> {
    if !amount.is_positive() || count == Some(0) {
        return Err(TermsFault::NotPositive);
    }
    if amount.currency() != open.currency() {
        return Err(TermsFault::Currencies);
    }
    let fitting = u32::try_from((open.minor().max(0) + amount.minor() - 1) / amount.minor()).unwrap_or(u32::MAX);
    let count = count.unwrap_or(fitting.max(1));
    if count > MOST_INSTALMENTS {
        return Err(TermsFault::TooMany);
    }
    let others = i64::from(count - 1).checked_mul(amount.minor()).ok_or(TermsFault::TooMany)?;
    let rest = Money::from_minor(open.minor() - others, open.currency());
    if !rest.is_positive() || rest.minor() >= amount.minor().saturating_mul(2) {
        return Err(TermsFault::Count { count, amount, open, rest });
    }
    (0..count)
        .map(|at| {
            let due = every.after(from, at).ok_or(TermsFault::Calendar)?;
            Ok(Instalment { due, amount: if at + 1 == count { rest } else { amount } })
        })
        .collect()
}

impl Every {
    /// The day so many periods after the first; the 31st becomes the last day of a shorter month.
    fn after(self, from: NaiveDate, periods: u32) -> Option<NaiveDate> {
        match self {
            Every::Month => from.checked_add_months(Months::new(periods)),
            Every::Days(days) => from.checked_add_days(Days::new(u64::from(days) * u64::from(periods))),
        }
    }
}

impl Terms {
    /// Whether these terms can be agreed with this debtor: open cases of one currency, instalments in order that come to
    /// exactly what is asked for them, and no other plan that would lose a case.
    ///
    /// # Errors
    /// The first thing that is wrong, in words for the owner.
    pub fn check(&self, account: &Account) -> Result<(), TermsFault> {
        let open = self.open(account)?;
        if let Some(two) = self.instalments.windows(2).find(|two| matches!(two, [a, b] if a.due >= b.due)) {
            return Err(TermsFault::Order(two.first().map_or(NaiveDate::MIN, |first| first.due)));
        }
        if self.instalments.is_empty() {
            return Err(TermsFault::None);
        }
        if self.instalments.iter().any(|instalment| !instalment.amount.is_positive()) {
            return Err(TermsFault::NotPositive);
        }
        let agreed = Money::sum(self.instalments.iter().map(|i| i.amount), open.currency());
        let agreed = agreed.ok_or(TermsFault::Currencies)?;
        if agreed != open {
            return Err(TermsFault::Sum { agreed, open });
        }
        match account.living_plan() {
            Some(other) => other
                .open_cases(account)
                .find(|case| !self.cases.contains(&case.id))
                .map_or(Ok(()), |case| Err(TermsFault::OtherPlan(other.number, case.id.clone()))),
            None => Ok(()),
        }
    }

    /// What is asked for the cases together.
    ///
    /// # Errors
    /// When a case is not open, or they are in several currencies.
    pub fn open(&self, account: &Account) -> Result<Money, TermsFault> {
        let mut total: Option<Money> = None;
        for id in &self.cases {
            let case = account.cases.get(id).filter(|case| case.is_open());
            let asked = case.ok_or_else(|| TermsFault::NotOpen(id.clone()))?.asked();
            let sum = total.map_or(Some(asked), |sum| sum.checked_add(asked));
            total = Some(sum.ok_or(TermsFault::Currencies)?);
        }
        total.ok_or(TermsFault::None)
    }
}

impl Plan {
    pub fn is_living(&self) -> bool {
        matches!(self.state, PlanState::Running | PlanState::Missed { .. })
    }

    /// The cause that its holds and questions bear.
    pub fn source(&self) -> EvidenceId {
        EvidenceId::new(format!("{SOURCE}{}", self.number))
    }

    /// Its cases that are still open.
    pub fn open_cases<'a>(&'a self, account: &'a Account) -> impl Iterator<Item = &'a Case> {
        account.open_cases().filter(|case| self.cases.contains(&case.id))
    }

    pub fn total(&self) -> Money {
        self.up_to(self.instalments.len())
    }

    /// The first `count` instalments together.
    fn up_to(&self, count: usize) -> Money {
        let mut amounts = self.instalments.iter().take(count).map(|instalment| instalment.amount);
        let first = amounts.next().unwrap_or(Money::eur_cents(0));
        amounts.fold(first, |sum, amount| sum.checked_add(amount).unwrap_or(sum))
    }

    /// What is still to come of the whole plan.
    pub fn rest(&self, account: &Account) -> Money {
        let open = self.open_cases(account).map(Case::asked).filter(|open| open.currency() == self.total().currency());
        Money::sum(open, self.total().currency()).unwrap_or(self.total())
    }

    /// What came in for it: by how much what is open has become less (payments, credit notes) and what was paid of interest
    /// and costs since, or the payments of the days after it was agreed when those come to more.
    pub fn received(&self, account: &Account) -> Money {
        let less = self.total().checked_sub(self.rest(account)).unwrap_or(Money::zero(self.total().currency()));
        let extras = account.extras_paid(&self.cases).minus(self.paid_before).total();
        let less = less.checked_add(extras).unwrap_or(less);
        let paid = account.money_since(self.agreed_on + Days::new(1), &self.cases, self.total().currency());
        if paid.minor() > less.minor() { paid } else { less }
    }

    pub fn is_paid(&self, account: &Account) -> bool {
        self.received(account).minor() >= self.total().minor()
    }

    /// The first instalment that what came in does not cover: its place, counted from 1.
    pub fn first_unpaid(&self, account: &Account) -> Option<(u32, &Instalment)> {
        let received = self.received(account).minor();
        let at = (0..self.instalments.len()).find(|at| self.up_to(at + 1).minor() > received)?;
        Some((u32::try_from(at + 1).ok()?, self.instalments.get(at)?))
    }

    /// What of the instalments due on or before that day did not come.
    pub fn short_on(&self, account: &Account, day: NaiveDate) -> Money {
        let due = self.instalments.iter().filter(|instalment| instalment.due <= day).count();
        let received = self.received(account);
        let due = if due == 0 { Money::zero(received.currency()) } else { self.up_to(due) };
        due.checked_sub(received).filter(|short| short.is_positive()).unwrap_or(Money::zero(received.currency()))
    }

    /// What a letter about this instalment asks: what did not come while it is missed, else the instalment itself.
    pub fn asked_for(&self, account: &Account, place: u32) -> Option<Money> {
        match self.missed() {
            Some((missed, due)) if missed == place => Some(self.short_on(account, due)),
            Some(_) | None => {
                let at = usize::try_from(place).ok()?.checked_sub(1)?;
                self.instalments.get(at).map(|instalment| instalment.amount)
            }
        }
    }

    /// The place of the instalment of that day, counted from 1.
    pub fn place(&self, due: NaiveDate) -> Option<u32> {
        let at = self.instalments.iter().position(|instalment| instalment.due == due)?;
        u32::try_from(at + 1).ok()
    }

    /// The instalment that is missed now: its place and its day.
    pub fn missed(&self) -> Option<(u32, NaiveDate)> {
        match self.state {
            PlanState::Missed { due, .. } => Some((self.place(due)?, due)),
            PlanState::Running | PlanState::Kept | PlanState::Ended => None,
        }
    }

    /// The letter about this miss that really left, and did not come back.
    pub fn letter_about_miss<'a>(&self, account: &'a Account) -> Option<(&'a Letter, NaiveDate)> {
        let PlanState::Missed { on, .. } = self.state else { return None };
        let (place, _) = self.missed()?;
        let step = StepId::missed_instalment(self.number, place);
        account.letters.iter().find_map(|letter| match letter.state {
            LetterState::Sent(sent) if sent >= on && letter.covers.iter().any(|(_, s)| *s == step) => {
                Some((letter, sent))
            }
            LetterState::Sent(_)
            | LetterState::Requested
            | LetterState::Unknown(_)
            | LetterState::Withdrawn
            | LetterState::Rejected(_)
            | LetterState::Bounced(_) => None,
        })
    }
}

/// Before the number of a plan, in the cause of its holds.
const SOURCE: &str = "plan:";

impl Hold {
    /// The plan that holds, when it is not the debtor's wish for one.
    pub fn plan(&self) -> Option<u32> {
        let source = self.source.as_ref().filter(|_| self.reason == HoldReason::Plan)?;
        source.as_str().strip_prefix(SOURCE)?.parse().ok()
    }
}

/// Before the numbers of plan and instalment, in the step of a letter about a missed one.
const STEP: &str = "missed-instalment-";
/// Ends the step that says that the owner was asked about it.
const ASKED: &str = "-asked";

impl StepId {
    /// The step of the letter about this instalment of this plan.
    pub fn missed_instalment(plan: u32, place: u32) -> StepId {
        StepId::new(format!("{STEP}{plan}-{place}"))
    }

    /// The owner was asked what to do about it.
    pub fn asked_about_instalment(plan: u32, place: u32) -> StepId {
        StepId::new(format!("{STEP}{plan}-{place}{ASKED}"))
    }

    /// The plan and the instalment, of the step of such a letter.
    pub fn instalment(&self) -> Option<(u32, u32)> {
        let (plan, place) = self.as_str().strip_prefix(STEP)?.split_once('-')?;
        Some((plan.parse().ok()?, place.parse().ok()?))
    }
}

impl Account {
    /// The plan that runs; there is one at most.
    pub fn living_plan(&self) -> Option<&Plan> {
        self.plans.iter().rfind(|plan| plan.is_living())
    }

    /// Interest and costs that were paid of these cases.
    pub fn extras_paid(&self, cases: &[CaseId]) -> Extras {
        let of = cases.iter().filter_map(|id| self.cases.get(id));
        of.fold(Extras::default(), |sum, case| sum.plus(case.extras_paid))
    }

    /// Money booked on or after that day for these cases (none named = all), in one currency.
    pub fn money_since(&self, day: NaiveDate, cases: &[CaseId], currency: super::money::Currency) -> Money {
        let meant = |case: &CaseId| cases.is_empty() || cases.contains(case);
        let parts = self.payments.iter().filter(|payment| payment.booked >= day).flat_map(|p| &p.allocations);
        let parts = parts.filter(|(case, part)| meant(case) && part.currency() == currency).map(|(_, part)| *part);
        Money::sum(parts, currency).unwrap_or(Money::zero(currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Money {
        Money::parse(text, super::super::money::Currency::EUR).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn told(instalments: &[Instalment]) -> String {
        instalments.iter().map(|i| format!("{} {}", i.due, i.amount)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn equal_instalments_and_a_rest() {
        let from = day("2027-01-31");
        let made = |open, amount, every, count| equal(eur(open), eur(amount), every, from, count).map(|i| told(&i));
        assert_eq!(
            made("1000.00", "400.00", Every::Month, None).unwrap(),
            "2027-01-31 400.00, 2027-02-28 400.00, 2027-03-31 200.00"
        );
        assert_eq!(
            made("100.00", "33.33", Every::Days(7), Some(3)).unwrap(),
            "2027-01-31 33.33, 2027-02-07 33.33, 2027-02-14 33.34"
        );
        assert_eq!(made("100.00", "50.00", Every::Days(14), None).unwrap(), "2027-01-31 50.00, 2027-02-14 50.00");
        assert_eq!(made("100.00", "250.00", Every::Month, None).unwrap(), "2027-01-31 100.00");
        assert_eq!(made("100.00", "60.00", Every::Month, Some(1)).unwrap(), "2027-01-31 100.00");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_numbers() {
        let from = day("2027-01-31");
        let fault =
            |open, amount, count| equal(eur(open), eur(amount), Every::Month, from, count).unwrap_err().to_string();
        assert!(fault("1000.00", "300.00", Some(2)).contains("that would be 700.00"));
        assert!(fault("1000.00", "300.00", Some(5)).contains("that would be -200.00"));
        assert!(fault("1000.00", "1.00", None).contains("more than 120"));
        assert!(fault("1000.00", "-1.00", None).contains("more than zero"));
        assert!(fault("1000.00", "100.00", Some(0)).contains("more than zero"));
    }

    #[test]
    fn steps_of_instalments_are_read_back() {
        assert_eq!(StepId::missed_instalment(2, 11).instalment(), Some((2, 11)));
        assert_eq!(StepId::asked_about_instalment(2, 11).instalment(), None);
        assert_eq!(StepId::new("reminder").instalment(), None);
        assert_eq!(StepId::new("missed-instalment").instalment(), None);
    }
}
