//! The digest of a day: gathered from the journal since the last one and from how things stand, put in the outbox
//! once. Listing a formal step in a digest that left is what announces it.

use super::archive::{Overdue, asked_together};
use super::house::House;
use super::left_over::left_over;
use super::restored::COPIES_TROUBLE;
use super::step::fact_of;
use super::world::Surroundings;
use crate::dunning::account::{Account, Case, Payment};
use crate::dunning::debtor::Language;
use crate::dunning::fact::Fact;
use crate::dunning::gate::{GateClosed, MAILBOX_FRESH_MINUTES, below_minimum};
use crate::dunning::hold::Hold;
use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, StepId};
use crate::dunning::input::Input;
use crate::dunning::instalments::due_letters;
use crate::dunning::legal::{long_term_of, rates_ending, rates_needed};
use crate::dunning::money::{Currency, Money};
use crate::dunning::policy::Freshness;
use crate::dunning::question::{About, QuestionKind};
use crate::dunning::schedule::DueLetter;
use crate::dunning::world::Stop;
use crate::failpoints::reach;
use crate::letter;
use crate::mail::message::Message;
use crate::report::digest::{
    Age, Ages, Call, Digest, Health, MailIn, PaymentIn, Planned, Quarantined, Question, Sent, Waiting, Written, render,
};
use anyhow::Result;
use chrono::{NaiveDate, TimeDelta};
use std::collections::BTreeMap;

/// What goes wrong is kept under these names until it goes well again.
const TROUBLES: [&str; 7] = [
    "mailbox_trouble",
    "folder_trouble/Invoice",
    "folder_trouble/Statement",
    super::intake::PARSER_TROUBLE,
    COPIES_TROUBLE,
    "copy_given_up",
    "backup_trouble",
];

impl House {
    /// Makes the digest when its hour has passed and today's has not been made.
    pub fn digest_if_due(&mut self) -> Result<bool> {
        let now = self.local_now();
        let today = now.date();
        let is_early = now.time() < self.config.digest.at || self.clock_cannot_be() || self.still_reads_up()?;
        if is_early || self.memo("digest_day")?.is_some_and(|day| day >= today.to_string()) {
            return Ok(false);
        }
        self.transact(|house| house.make_digest(today))?;
        Ok(true)
    }

    fn make_digest(&mut self, today: NaiveDate) -> Result<()> {
        let digest = self.digest(today)?;
        reach("digest.made")?;
        let lists_formal_steps = self.remember_formal_steps(today)?;
        if self.config.digest.when_empty || !digest.is_quiet() || lists_formal_steps {
            self.put_digest(today, render(&digest)?)?;
        }
        self.set_memo("digest_day", &today.to_string())?;
        let last = self.last_seq()?;
        self.set_memo("digest_seq", &last.to_string())?;
        self.end_catch_up()
    }

    /// Everything that today's digest tells.
    pub fn digest(&self, today: NaiveDate) -> Result<Digest> {
        let accounts = self.accounts()?;
        let mut digest = Digest {
            language: self.config.language,
            company: self.config.company.name.clone(),
            day: today,
            mode: self.config.policy.mode,
            questions: Vec::new(),
            left_over: left_over(&accounts),
            calls: Vec::new(),
            mails: Vec::new(),
            payments: Vec::new(),
            sent: Vec::new(),
            written: Vec::new(),
            next_day: self.next_sending_day(today, false),
            planned: Vec::new(),
            waiting: self.letters_waiting()?,
            ages: ages(&accounts, today),
            quarantine: self.quarantine()?,
            health: self.health()?,
        };
        let mut overdue = Vec::new();
        for account in &accounts {
            needs_you(account, &mut digest, &mut overdue);
            let ahead = self.letters_ahead(account, today).into_iter();
            digest.planned.extend(ahead.map(|due| self.planned(account, due, today)));
        }
        digest.questions.extend(asked_together(overdue, today, self.config.language));
        self.what_happened(&accounts, &mut digest)?;
        Ok(digest)
    }

    fn next_sending_day(&self, today: NaiveDate, formal: bool) -> NaiveDate {
        self.config.policy.sending.next_sending_day(today + TimeDelta::days(1), formal)
    }

    /// The letters that are due for this debtor on the next sending day, or on the next day for formal letters.
    fn letters_ahead(&self, account: &Account, today: NaiveDate) -> Vec<DueLetter> {
        let policy = &self.config.policy;
        if policy.never_dun(account) || account.letter_underway().is_some() {
            return Vec::new();
        }
        let mut next = due_letters(account, policy, self.next_sending_day(today, false));
        let formal = due_letters(account, policy, self.next_sending_day(today, true)).into_iter();
        let is_new = |due: &DueLetter| due.formal && next.iter().all(|known| disjoint(known, due));
        let later: Vec<DueLetter> = formal.filter(is_new).collect();
        next.extend(later);
        next.retain(|due| below_minimum(account, &due.intended(today), policy).is_none());
        next
    }

    /// Letters in the outbox that were tried in vain or are kept back, with the reasons in the owner's language.
    fn letters_waiting(&self) -> Result<Vec<Waiting>> {
        let waiting = self.waiting(&self.surroundings()?)?.into_iter().filter(super::waiting::Waiting::is_kept);
        let told = waiting.filter_map(|waiting| {
            let (account, letter) = waiting.letter.as_ref()?;
            Some(Waiting {
                debtor: debtor_name(account),
                template: letter.template.clone(),
                invoices: numbers(account, letter.amounts.iter().map(|(case, _)| case)),
                asked: letter.intended().asked(account).unwrap_or(Money::zero(Currency::EUR)),
                attempts: waiting.row.attempts,
                reply: waiting.last_reply().map(str::to_owned),
                next_try: waiting.next_try,
                waits: waiting.why.iter().map(|closed| closed.wording(self.config.language)).collect(),
            })
        });
        Ok(told.collect())
    }

    fn planned(&self, account: &Account, due: DueLetter, today: NaiveDate) -> Planned {
        let waits = account.questions.values().find(|question| question.about == About::Letter(due.covers.clone()));
        let kept_back = self.waits(account, &due, today);
        Planned {
            debtor: debtor_name(account),
            debtor_id: account.id.to_string(),
            asked: due.intended(today).asked(account).unwrap_or(Money::zero(Currency::EUR)),
            invoices: numbers(account, due.amounts.iter().map(|(case, _)| case)),
            template: due.template,
            approval: waits.map(|question| question.id.to_string()),
            waits: kept_back,
        }
    }

    /// What keeps back a letter that is due, beyond its hour, its day and your yes; in the owner's language.
    fn waits(&self, account: &Account, due: &DueLetter, today: NaiveDate) -> Vec<String> {
        let Ok(surroundings) = self.surroundings() else { return Vec::new() };
        let closed = surroundings.why_not(account, &due.intended(today), &self.config.policy);
        let mut waits: Vec<String> = closed
            .iter()
            .filter(|gate| outlasts_the_day(gate))
            .map(|gate| gate.wording(self.config.language))
            .collect();
        waits.dedup();
        waits
    }

    /// The formal steps that this digest lists; true if there are any.
    fn remember_formal_steps(&mut self, today: NaiveDate) -> Result<bool> {
        let mut listed: Listed = Vec::new();
        for account in self.accounts_with_open_cases()? {
            let due = self.letters_ahead(&account, today).into_iter().filter(|due| due.formal);
            let mut steps: Vec<(CaseId, StepId)> = due.flat_map(|due| due.covers).collect();
            steps.retain(|(_, step)| self.config.policy.is_formal(&account, step));
            if !steps.is_empty() {
                listed.push((account.id, steps));
            }
        }
        if !listed.is_empty() {
            self.set_memo(&listed_key(&format!("digest-{today}")), &serde_json::to_string(&listed)?)?;
        }
        Ok(!listed.is_empty())
    }

    /// The digest left today: what it listed is announced from today on. One that waited, or whose fate nobody knows,
    /// announces nothing; the next one lists the same steps.
    pub(super) fn announce_formal_steps(&mut self, digest: &str) -> Result<()> {
        let Some(text) = self.memo(&listed_key(digest))? else { return Ok(()) };
        let listed: Listed = serde_json::from_str(&text)?;
        for (debtor, steps) in listed {
            self.step(&debtor, &Input::Announced { steps }, &digest.replacen('-', " ", 1))?;
        }
        self.set_memo(&listed_key(digest), "")
    }

    /// After an interruption sending goes on once everything was read and the owner was told.
    fn end_catch_up(&mut self) -> Result<()> {
        let read_at = self.moment("mailbox_read_at")?;
        let fresh = read_at.is_some_and(|at| self.now() - at < TimeDelta::minutes(MAILBOX_FRESH_MINUTES));
        if fresh && self.folders_are_read()? {
            self.set_memo("catch_up_since", "")?;
        }
        Ok(())
    }

    pub(super) fn last_seq(&self) -> Result<i64> {
        let since = self.digest_seq()?;
        let last = self.journal_after(None, since).last().transpose()?;
        Ok(last.map_or(since, |row| row.seq))
    }

    fn digest_seq(&self) -> Result<i64> {
        Ok(self.memo("digest_seq")?.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// What the journal tells since the last digest.
    fn what_happened(&self, accounts: &[Account], digest: &mut Digest) -> Result<()> {
        // What was written of a debtor before it was merged is told as the other's.
        let ids = |account: &'_ Account| [account.id.clone()].into_iter().chain(account.formerly.clone());
        let by_id: BTreeMap<DebtorId, &Account> =
            accounts.iter().flat_map(|account| ids(account).map(move |id| (id, account))).collect();
        let mut told: BTreeMap<EvidenceId, usize> = BTreeMap::new();
        for row in self.journal_after(None, self.digest_seq()?) {
            let row = row?;
            let Some(account) = by_id.get(&row.account) else { continue };
            match fact_of(&row)? {
                Fact::MailRead { source, from, meaning, sentence, why, .. } => {
                    let mail = self.mail_in(account, &source, from, meaning, sentence, why)?;
                    told.insert(source, digest.mails.len());
                    digest.mails.push(mail);
                }
                Fact::Held { hold } => {
                    let mail = hold.source.as_ref().and_then(|source| digest.mails.get_mut(*told.get(source)?));
                    if let Some(mail) = mail {
                        mail.outcome = Some(self.held_text(&hold, mail.outcome.take()));
                    }
                }
                Fact::OwnerWrote { to, subject, on, .. } => {
                    digest.written.push(Written { debtor: debtor_name(account), to, subject, on });
                }
                Fact::PaymentBooked { payment } => digest.payments.push(payment_in(account, &payment)),
                Fact::LetterSent { letter, .. } => digest.sent.extend(sent(account, &letter)),
                Fact::InvoiceOpened { case, .. } => digest.health.warnings.extend(self.long_term(account, &case)),
                _ => {}
            }
        }
        Ok(())
    }

    /// What a mail came to: the holds that it is the cause of, in place of why it is this debtor's.
    fn held_text(&self, hold: &Hold, before: Option<String>) -> String {
        let language = self.config.language;
        let nl = language == Language::Nl;
        let held = if nl { "aangehouden: " } else { "held: " };
        let (until, reason) = (if nl { "tot en met" } else { "until" }, hold.reason.wording(language));
        let until = hold.until.map(|day| format!(" {until} {}", letter::date(day, language))).unwrap_or_default();
        match before.filter(|text| text.starts_with(held)) {
            Some(text) => format!("{text}, {reason}{until}"),
            None => format!("{held}{reason}{until}"),
        }
    }

    /// An invoice whose term is longer than may be agreed; nothing stops for it.
    fn long_term(&self, account: &Account, case: &CaseId) -> Option<String> {
        let (case, policy) = (account.cases.get(case)?, &self.config.policy);
        let why = long_term_of(account, case, policy)?.wording(self.config.language);
        Some(format!("{} {}: {why}", debtor_name(account), case.number()))
    }

    fn mail_in(
        &self,
        account: &Account,
        source: &EvidenceId,
        from: String,
        meaning: String,
        evidence: Option<String>,
        why: String,
    ) -> Result<MailIn> {
        let bytes = self.store.input_bytes(source)?.unwrap_or_default();
        let subject = Message::parse(&bytes).map(|message| message.subject).unwrap_or_default();
        let debtor = account.debtor.as_ref().map(|debtor| debtor.name.clone());
        Ok(MailIn { from, debtor, subject, meaning, evidence, outcome: Some(why) })
    }

    fn quarantine(&self) -> Result<Vec<Quarantined>> {
        let inputs = self.store.inputs_quarantined()?;
        Ok(inputs
            .into_iter()
            .map(|input| {
                let reason = match input.disposition {
                    Some(crate::store::Disposition::Quarantined { reason }) => reason,
                    _ => String::new(),
                };
                Quarantined { name: input.name, reason }
            })
            .collect())
    }

    /// How the daemon itself is doing.
    pub fn health(&self) -> Result<Health> {
        let nl = self.config.language == Language::Nl;
        let about_freshness = |text: &String| text.contains("freshness");
        let mut warnings: Vec<String> = self
            .config
            .warnings
            .iter()
            .map(|fault| fault.message.clone())
            .filter(|text| !about_freshness(text))
            .collect();
        if self.config.policy.freshness == Freshness::None {
            let text = if nl {
                "er zijn geen bankgegevens ingesteld: betalingen worden niet vanzelf gezien"
            } else {
                "no bank data is configured: payments are not seen by themselves"
            };
            warnings.push(text.to_owned());
        }
        for key in TROUBLES {
            warnings.extend(self.memo(key)?);
        }
        warnings.extend(self.is_filling_up().map(|free| match nl {
            true => format!("op de schijf van de database is nog {free} MiB vrij; onder 64 MiB gaat er niets meer uit"),
            false => format!("{free} MiB are free on the disk of the database; below 64 MiB nothing is sent"),
        }));
        let (accounts, surroundings) = (self.accounts()?, self.surroundings()?);
        warnings.extend(self.blindness(&surroundings));
        warnings.extend(self.statement_gaps()?);
        warnings.extend(self.letters_kept_back(&accounts)?);
        warnings.extend(self.lost_ladders(&accounts));
        warnings.extend(self.rates_ending(&accounts));
        let refused = self.memo("lane_stopped")?.map(|reason| Stop::Lane { reason });
        let stopped = surroundings.world().stopped.clone();
        let refused = refused.filter(|refused| stopped.as_ref() != Some(refused));
        warnings.extend(stopped.iter().chain(&refused).map(|stop| self.stop_told(stop)));
        Ok(Health {
            mailbox_read_at: self.moment("mailbox_read_at")?.map(|at| self.local(at)),
            bank_data_until: self.bank_data_until()?.filter(|_| self.config.policy.freshness != Freshness::None),
            warnings,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}

impl House {
    /// What makes every letter wait because something may be unread.
    fn blindness(&self, surroundings: &Surroundings) -> Vec<String> {
        let world = surroundings.world();
        let stale = (!world.mailbox_is_fresh()).then_some(GateClosed::MailboxNotRead { since: world.mailbox_read_at });
        let unread = (world.mail_waiting > 0).then_some(GateClosed::MailWaiting { count: world.mail_waiting });
        stale.into_iter().chain(unread).map(|closed| closed.wording(self.config.language)).collect()
    }

    fn stop_told(&self, stop: &Stop) -> String {
        let nl = self.config.language == Language::Nl;
        match stop {
            Stop::CatchUp { since } if nl => {
                format!("na een onderbreking sinds {since} gaat dit overzicht vooraf aan nieuwe brieven")
            }
            Stop::CatchUp { since } => {
                format!("after an interruption since {since} this digest goes before any new letter")
            }
            Stop::Burst { .. }
            | Stop::ClockWentBack { .. }
            | Stop::ClockImplausible { .. }
            | Stop::Restored { .. }
            | Stop::DiskLow { .. }
            | Stop::InvoicesAway { .. }
            | Stop::Lane { .. } => stop.wording(self.config.language),
        }
    }

    /// Debtors whose letter was due and could not be made, and why.
    fn letters_kept_back(&self, accounts: &[Account]) -> Result<Vec<String>> {
        let language = self.config.language;
        let since = if language == Language::Nl { "sinds" } else { "since" };
        let kept = self.kept_back()?;
        let told = accounts.iter().filter_map(|account| {
            let kept = kept.get(&account.id)?;
            let (name, day) = (debtor_name(account), letter::date(kept.since, language));
            Some(format!("{name} ({}), {since} {day}: {}", account.id, kept.gate().wording(language)))
        });
        Ok(told.collect())
    }
}

/// Formal steps by debtor.
type Listed = Vec<(DebtorId, Vec<(CaseId, StepId)>)>;

fn listed_key(digest: &str) -> String {
    format!("listed/{digest}")
}

/// They take no step in common.
fn disjoint(one: &DueLetter, other: &DueLetter) -> bool {
    !one.covers.iter().any(|pair| other.covers.contains(pair))
}

impl House {
    /// Rates of interest whose verified figures end soon, or have ended, among those that are needed.
    fn rates_ending(&self, accounts: &[Account]) -> Vec<String> {
        let (policy, today) = (&self.config.policy, self.today());
        let ending = rates_ending(&policy.claims.rates, &rates_needed(accounts, policy), today);
        ending.iter().map(|end| end.wording(today, self.config.language)).collect()
    }

    /// Debtors who are not on the ladder that the owner chose for them, and why.
    pub fn lost_ladders(&self, accounts: &[Account]) -> Vec<String> {
        let (policy, language) = (&self.config.policy, self.config.language);
        let is_on = if language == Language::Nl { "volgt de ladder" } else { "is on the ladder" };
        let lost = |account: &Account| {
            let refused = policy.lost_ladder(account)?.wording(language);
            let used = policy.ladder(account).map_or("-", |ladder| ladder.name.as_str());
            Some(format!("{} {is_on} {used}: {refused}", account.id))
        };
        accounts.iter().filter_map(lost).collect()
    }
}

/// Will it still stand in the way when the letter's hour comes, unless somebody or something changes that?
fn outlasts_the_day(gate: &GateClosed) -> bool {
    match gate {
        GateClosed::CoveredByCredit
        | GateClosed::BelowMinimum { .. }
        | GateClosed::DeadAddress { .. }
        | GateClosed::Quarantined { .. }
        | GateClosed::StaleBankData { .. }
        | GateClosed::Leak { .. }
        | GateClosed::NotMade { .. } => true,
        GateClosed::Observing
        | GateClosed::NeverDun
        | GateClosed::NoAddress
        | GateClosed::CaseClosed { .. }
        | GateClosed::NotPaid { .. }
        | GateClosed::FormalSteps { .. }
        | GateClosed::Held { .. }
        | GateClosed::AlreadyCovered { .. }
        | GateClosed::Superseded
        | GateClosed::NotInDefault { .. }
        | GateClosed::CostsTooEarly { .. }
        | GateClosed::LetterUnderway { .. }
        | GateClosed::MinGap { .. }
        | GateClosed::OwnerWrote { .. }
        | GateClosed::OneADay { .. }
        | GateClosed::DeadlineRunning { .. }
        | GateClosed::OutsideWindow
        | GateClosed::MailboxNotRead { .. }
        | GateClosed::MailWaiting { .. }
        | GateClosed::NotAnnounced
        | GateClosed::NotApproved
        | GateClosed::PerDay { .. }
        | GateClosed::PerHour { .. }
        | GateClosed::Stopped(_) => false,
    }
}

/// Questions and calls of one account.
fn needs_you(account: &Account, digest: &mut Digest, overdue: &mut Vec<Overdue>) {
    for question in account.questions.values() {
        let case = question.case.as_ref().and_then(|case| account.cases.get(case));
        let asked = || Question {
            id: question.id.to_string(),
            kind: question.kind.code().to_owned(),
            text: question.told(),
            choices: question.choices.clone(),
            since: question.since,
        };
        match (question.kind, case) {
            (QuestionKind::Call, Some(case)) => digest.calls.push(Call {
                debtor: debtor_name(account),
                contact: account.debtor.as_ref().and_then(|debtor| debtor.contact.clone()),
                phone: account.debtor.as_ref().and_then(|debtor| debtor.phone.clone()),
                invoices: vec![case.number().to_string()],
                open: case.open(),
                question: question.id.to_string(),
                choices: question.choices.clone(),
            }),
            (QuestionKind::OverdueAtFirstSight, Some(case)) => {
                overdue.push(Overdue { question: asked(), due: case.due_date });
            }
            // It stands with the money that is not placed.
            (QuestionKind::UnmatchedPayment, _) if matches!(question.about, About::Payment(_)) => {}
            _ => digest.questions.push(asked()),
        }
    }
}

fn payment_in(account: &Account, payment: &Payment) -> PaymentIn {
    PaymentIn {
        on: payment.booked,
        from: payment.payer.clone().unwrap_or_else(|| debtor_name(account)),
        amount: payment.amount,
        invoices: numbers(account, payment.allocations.iter().map(|(case, _)| case)),
        outcome: Some(payment.why.clone()).filter(|why| !why.is_empty()),
    }
}

fn sent(account: &Account, id: &crate::dunning::ids::LetterId) -> Option<Sent> {
    let letter = account.letter(id)?;
    Some(Sent {
        debtor: debtor_name(account),
        template: letter.template.clone(),
        invoices: numbers(account, letter.amounts.iter().map(|(case, _)| case)),
        asked: letter.intended().asked(account).unwrap_or(Money::zero(Currency::EUR)),
    })
}

fn debtor_name(account: &Account) -> String {
    account.debtor.as_ref().map_or_else(|| account.id.to_string(), |debtor| debtor.name.clone())
}

fn numbers<'a>(account: &Account, cases: impl Iterator<Item = &'a CaseId>) -> Vec<String> {
    cases.filter_map(|id| account.cases.get(id)).map(|case| case.number().to_string()).collect()
}

/// What is open by days past the due date, one list a currency.
pub fn ages(accounts: &[Account], today: NaiveDate) -> Vec<Ages> {
    let mut by_currency: BTreeMap<Currency, Vec<&Case>> = BTreeMap::new();
    for case in accounts.iter().flat_map(Account::open_cases) {
        by_currency.entry(case.open().currency()).or_default().push(case);
    }
    by_currency.into_iter().map(|(currency, cases)| ages_of(&cases, currency, today)).collect()
}

fn ages_of(cases: &[&Case], currency: Currency, today: NaiveDate) -> Ages {
    let between = |from: i64, to: i64| {
        let late = |case: &&&Case| (from..=to).contains(&(today - case.due_date).num_days());
        let open: Vec<Money> = cases.iter().filter(late).map(|case| case.open()).collect();
        Age { count: open.len(), sum: Money::sum(open, currency).unwrap_or(Money::zero(currency)) }
    };
    Ages {
        not_due: between(i64::MIN, 0),
        days_1_30: between(1, 30),
        days_31_60: between(31, 60),
        days_61_90: between(61, 90),
        over_90: between(91, i64::MAX),
    }
}
