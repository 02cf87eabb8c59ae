//! A fact of the journal told in a line, and which cases it is about. Reads; never decides.

use crate::dunning::account::{Account, Letter};
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, Scope};
use crate::dunning::ids::{CaseId, LetterId, StepId};
use crate::dunning::invoice::{DueSource, Invoice};
use crate::dunning::money::{Extras, Money};

/// Is this about the case? What is about the whole debtor is.
pub fn concerns(fact: &Fact, account: &Account, id: &CaseId) -> bool {
    let listed = |cases: &[CaseId]| cases.is_empty() || cases.contains(id);
    let covered = |covers: &[(CaseId, StepId)]| covers.iter().any(|(case, _)| case == id);
    let letter =
        |letter: &LetterId| account.letter(letter).is_none_or(|letter| letter.lists(id) || covered(&letter.covers));
    match fact {
        Fact::InvoiceOpened { case, .. }
        | Fact::InvoiceReplaced { case, .. }
        | Fact::Credited { case, .. }
        | Fact::CaseClosed { case, .. }
        | Fact::CaseReopened { case, .. }
        | Fact::StepDone { case, .. }
        | Fact::DisputedPart { case, .. }
        | Fact::RestWaived { case, .. }
        | Fact::LimitationWarned { case, .. } => case == id,
        Fact::CasesLeft { cases, .. } => cases.contains(id),
        Fact::CasesCame { moved, .. } => moved.cases.iter().any(|case| case.id == *id),
        Fact::PlanAgreed { plan } => listed(&plan.cases),
        Fact::OwnerWrote { cases, .. } => listed(cases),
        Fact::Held { hold } => of_scope(&hold.scope, id),
        Fact::HoldEnded { scope, .. } => of_scope(scope, id),
        Fact::PromiseMade { promise } => listed(&promise.cases),
        Fact::PaymentBooked { payment } => {
            payment.allocations.is_empty() || payment.allocations.iter().any(|(case, _)| case == id)
        }
        Fact::LetterApproved { covers, .. } | Fact::ApprovalWithdrawn { covers, .. } => covered(covers),
        Fact::LetterRequested { letter } | Fact::LetterFound { letter, .. } => {
            letter.lists(id) || covered(&letter.covers)
        }
        Fact::LetterSent { letter: which, .. }
        | Fact::LetterRejected { letter: which, .. }
        | Fact::LetterUnknown { letter: which, .. }
        | Fact::LetterWithdrawn { letter: which, .. }
        | Fact::LetterBounced { letter: which, .. }
        | Fact::TermVoided { letter: which, .. } => letter(which),
        Fact::Announced { steps } => steps.iter().any(|announced| announced.case == *id),
        Fact::QuestionAsked { question } => question.case.as_ref().is_none_or(|case| case == id),
        Fact::DebtorDescribed { .. }
        | Fact::AddressFailed { .. }
        | Fact::AddressTrusted { .. }
        | Fact::CreditNoted { .. }
        | Fact::PromiseKept { .. }
        | Fact::PromiseBroken { .. }
        | Fact::PromiseLifted { .. }
        | Fact::PromisePartlyKept { .. }
        | Fact::InstalmentMissed { .. }
        | Fact::PlanResumed { .. }
        | Fact::PlanKept { .. }
        | Fact::PlanEnded { .. }
        | Fact::Instructed { .. }
        | Fact::Refunded { .. }
        | Fact::PaymentConfirmed { .. }
        | Fact::PaymentReversed { .. }
        | Fact::QuestionAnswered { .. }
        | Fact::QuestionNoted { .. }
        | Fact::MailRead { .. }
        | Fact::CreditSetAside { .. }
        | Fact::Noted { .. } => true,
    }
}

fn listed(cases: &[CaseId]) -> String {
    let ids: Vec<&str> = cases.iter().map(CaseId::as_str).collect();
    if ids.is_empty() { "no case".to_owned() } else { ids.join(", ") }
}

fn of_scope(scope: &Scope, id: &CaseId) -> bool {
    match scope {
        Scope::Debtor => true,
        Scope::Case(case) => case == id,
    }
}

/// Where the due date comes from, when not from a date in the file.
fn by(invoice: &Invoice) -> &'static str {
    match invoice.due_origin() {
        Some(DueSource::Stated) => "",
        Some(DueSource::Terms) => " (by its payment terms)",
        None => " (by the default term)",
    }
}

/// The fact in words; the account, as it stands later, knows the letters by name.
pub fn tell(fact: &Fact, account: &Account) -> String {
    let letter =
        |id: &LetterId| account.letter(id).map_or_else(|| id.to_string(), |l| format!("letter {}", l.template));
    match fact {
        Fact::DebtorDescribed { debtor } => {
            format!("debtor {}, {}", debtor.name, debtor.email.as_deref().unwrap_or("no mail address"))
        }
        Fact::InvoiceOpened { invoice, due_date, file, .. } => {
            let (open, currency) = (invoice.payable, invoice.payable.currency());
            format!("invoice {} of {open} {currency}, due {due_date}{}, from {file}", invoice.number, by(invoice))
        }
        Fact::InvoiceReplaced { invoice, due_date, file, .. } => {
            let (open, currency) = (invoice.payable, invoice.payable.currency());
            format!("invoice replaced: {open} {currency}, due {due_date}{}, from {file}", by(invoice))
        }
        Fact::CreditNoted { credit } => {
            format!("credit note {} of {} waits for its invoice", credit.number, credit.amount)
        }
        Fact::CreditSetAside { credit, by } => format!("credit note {credit} set aside by {by}"),
        Fact::Credited { by, amount, .. } => format!("{amount} credited by {by}"),
        Fact::Held { hold } => held(hold),
        Fact::HoldEnded { reason, why, .. } => format!("hold {} ended: {why}", reason.code()),
        Fact::PromiseMade { promise } => match &promise.amount {
            Some(amount) => format!("promise to pay {amount} on {}", promise.date),
            None => format!("promise to pay on {}", promise.date),
        },
        Fact::PromiseKept { date } => format!("promise of {date} kept"),
        Fact::PromiseBroken { date } => format!("promise of {date} not kept"),
        Fact::PromiseLifted { date } => format!("promise of {date} lifted"),
        Fact::PromisePartlyKept { date, paid } => format!("promise of {date} kept in part: {paid} came in"),
        Fact::PlanAgreed { plan } => {
            let parts: Vec<String> = plan.instalments.iter().map(|i| format!("{} on {}", i.amount, i.due)).collect();
            format!("instalments agreed: {}", parts.join(", "))
        }
        Fact::InstalmentMissed { due, .. } => format!("the instalment of {due} did not come"),
        Fact::PlanResumed { .. } => "the missed instalment came".to_owned(),
        Fact::PlanKept { .. } => "all instalments were paid".to_owned(),
        Fact::PlanEnded { why, .. } => format!("the instalments ended: {why}"),
        Fact::DisputedPart { amount: Some(amount), by, .. } => format!("{amount} is disputed, said by {by}"),
        Fact::DisputedPart { amount: None, by, .. } => format!("no part is disputed any more, said by {by}"),
        Fact::Instructed { instructions, by } => format!("{by} decided how this debtor is treated: {instructions}"),
        Fact::Refunded { amount, .. } => format!("{amount} was given back"),
        Fact::RestWaived { amount, why, .. } => format!("a rest of {amount} is let go: {why}"),
        Fact::PaymentBooked { payment } => {
            let by = payment.payer.as_deref().map(|payer| format!(" by {payer}")).unwrap_or_default();
            format!(
                "payment of {}{by} on {} ({}): {}{}",
                payment.amount,
                payment.booked,
                payment.evidence().class().code(),
                payment.why,
                with_extras(&payment.extras)
            )
        }
        Fact::PaymentConfirmed { .. } => "payment confirmed by the statement".to_owned(),
        Fact::PaymentReversed { why, .. } => format!("payment taken back: {why}"),
        Fact::CaseClosed { how, thanks, .. } => {
            format!("closed: {}{}", how.code(), if *thanks { "; thanks may follow" } else { "" })
        }
        Fact::CaseReopened { why, .. } => format!("opened again: {why}"),
        Fact::StepDone { step, why, .. } => format!("step {step} done: {why}"),
        Fact::LetterApproved { covers, by } => {
            let steps: Vec<&str> = covers.iter().map(|(_, step)| step.as_str()).collect();
            format!("letter {} approved by {by}", steps.join(", "))
        }
        Fact::ApprovalWithdrawn { by, .. } => format!("approval taken back by {by}"),
        Fact::LetterRequested { letter } => {
            format!("letter {} to {} put in the outbox{}", letter.template, letter.recipient, asks(letter, account))
        }
        Fact::LetterSent { letter: id, reply, .. } => format!("{} sent: {reply}", letter(id)),
        Fact::LetterRejected { letter: id, why, .. } => format!("{} refused: {why}", letter(id)),
        Fact::LetterUnknown { letter: id, why, .. } => format!("{} may have been sent: {why}", letter(id)),
        Fact::LetterWithdrawn { letter: id, why } => format!("{} withdrawn: {why}", letter(id)),
        Fact::LetterBounced { letter: id, why, .. } => format!("{} did not arrive: {why}", letter(id)),
        Fact::AddressFailed { address, lasting: true, why, .. } => format!("{address} takes no mail: {why}"),
        Fact::AddressFailed { address, lasting: false, why, .. } => {
            format!("{address} could not be reached this time: {why}")
        }
        Fact::AddressTrusted { address, .. } => format!("{address} may be tried again"),
        Fact::LetterFound { letter, on, told: true, place } => {
            format!("letter {} had been sent on {on} by the program used before ({place})", letter.template)
        }
        Fact::LetterFound { letter, on, place, .. } => {
            format!("letter {} had left on {on}: a copy was found ({place})", letter.template)
        }
        Fact::TermVoided { letter: id, why } => format!("{} has no effect in law: {why}", letter(id)),
        Fact::LimitationWarned { last_day, .. } => format!("the claim lapses on {last_day}: the owner was told"),
        Fact::Announced { steps } => {
            let steps: Vec<&str> = steps.iter().map(|announced| announced.step.as_str()).collect();
            format!("announced in the digest: {}", steps.join(", "))
        }
        Fact::QuestionAsked { question } => format!("question {}: {}", question.id, question.text),
        Fact::QuestionAnswered { question, choice, by } => format!("question {question} answered by {by}: {choice}"),
        Fact::QuestionNoted { question, note } => format!("question {question}: {note}"),
        Fact::OwnerWrote { to, subject, why, .. } => format!("you wrote to {to}: {subject} ({why})"),
        Fact::MailRead { from, meaning, why, attachments, .. } => {
            let files: Vec<&str> =
                attachments.iter().map(|file| file.name.as_str()).filter(|n| !n.is_empty()).collect();
            let files = if files.is_empty() { String::new() } else { format!(", with {}", files.join(", ")) };
            format!("mail from {from}: {meaning} ({why}){files}")
        }
        Fact::Noted { text, by } => format!("note by {by}: {text}"),
        Fact::CasesLeft { to, merged: true, by, .. } => format!("made one with debtor {to} by {by}"),
        Fact::CasesLeft { cases, to, by, .. } => format!("{} went to debtor {to}, said by {by}", listed(cases)),
        Fact::CasesCame { from, moved, by } => {
            let cases: Vec<CaseId> = moved.cases.iter().map(|case| case.id.clone()).collect();
            format!("{} came from debtor {from}, said by {by}", listed(&cases))
        }
    }
}

/// What a letter asks, and what of that is interest and costs.
fn asks(letter: &Letter, account: &Account) -> String {
    let asked = letter.intended().asked(account).map(|asked| format!(": asks {asked}")).unwrap_or_default();
    let announced = letter.announced_costs.iter().map(|(_, costs)| *costs).filter(Money::is_positive);
    let announced: Vec<String> = announced.map(|costs| format!("; announces costs of {costs}")).collect();
    format!("{asked}{}{}", with_extras(&letter.extras), announced.concat())
}

/// How much of a sum is interest and costs; for a payment by art. 6:44 BW.
fn with_extras(extras: &[(CaseId, Extras)]) -> String {
    let all = extras.iter().map(|(_, extras)| *extras).fold(Extras::default(), Extras::plus);
    if all.is_zero() { String::new() } else { format!(" (of it interest {}, costs {})", all.interest, all.costs) }
}

fn held(hold: &Hold) -> String {
    let until = hold.until.map(|day| format!(" until {day}")).unwrap_or_default();
    let whole = if hold.scope == Scope::Debtor { " (the whole debtor)" } else { "" };
    format!("held{until}{whole}: {}", hold.reason.code())
}

/// The sentence, line or rule that proves it.
pub fn evidence(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Held { hold } => hold.evidence.as_deref(),
        Fact::MailRead { sentence, .. } => sentence.as_deref(),
        Fact::PaymentBooked { payment } => Some(payment.text.as_str()).filter(|text| !text.is_empty()),
        _ => None,
    }
}
