//! What the digest's templates may name: amounts and dates written in the owner's language, texts on one line, long
//! lists cut, mails put together by meaning. The words themselves are in the templates.

use super::{Age, Ages, Call, Digest, LeftOverSum, MailIn, PaymentIn, Planned, Question, Sent, Waiting, Written, sums};
use crate::dunning::debtor::Language;
use crate::dunning::money::Money;
use crate::dunning::policy::Mode;
use crate::letter::{self, kept_together, plain};
use chrono::{NaiveDate, NaiveDateTime};
use minijinja::value::{Serde, Value};
use serde::Serialize;

/// Longest text of one item, in characters; a question may need more words.
const LONG: usize = 300;
const LONG_QUESTION: usize = 600;

/// Meanings in the order in which an owner wants to see them: what needs care first.
const MEANINGS: [&str; 14] = [
    "insolvency",
    "dispute",
    "question",
    "plan",
    "promise",
    "paid",
    "wrong_contact",
    "bounce",
    "other",
    "acknowledge",
    "owner_command",
    "auto_reply",
    "unrelated",
    "ignored",
];

#[derive(Serialize)]
struct View {
    quiet: bool,
    /// How many things wait for the owner; what is in quarantine has its question among `questions`.
    needs: usize,
    company: String,
    day: String,
    mode: &'static str,
    questions: Listed<QuestionView>,
    left_over: Listed<QuestionView>,
    left_over_sums: Vec<LeftOverView>,
    calls: Listed<CallView>,
    mails: Listed<MailView>,
    payments: Listed<PaymentView>,
    sent: Listed<LetterView>,
    written: Listed<WrittenView>,
    next_day: String,
    planned: Listed<LetterView>,
    waiting: Listed<WaitingView>,
    ages: Vec<AgesView>,
    quarantine: Listed<(String, String)>,
    mailbox_read_at: Option<String>,
    bank_data_until: Option<String>,
    warnings: Listed<String>,
    version: String,
}

/// The first items and how many more there are.
#[derive(Serialize)]
struct Listed<T> {
    items: Vec<T>,
    more: usize,
}

#[derive(Serialize)]
struct QuestionView {
    id: String,
    kind: String,
    text: String,
    choices: Vec<String>,
    /// Of money its booking day.
    since: String,
    /// Days since then.
    days: i64,
}

#[derive(Serialize)]
struct LeftOverView {
    count: usize,
    /// The currency where the sum does not fit.
    sum: String,
    oldest: String,
    days: i64,
}

#[derive(Serialize)]
struct CallView {
    debtor: String,
    contact: Option<String>,
    phone: Option<String>,
    invoices: String,
    open: String,
    question: String,
    choices: Vec<String>,
}

#[derive(Serialize)]
struct MailView {
    /// Empty when it is that of the mail above.
    heading: String,
    from: String,
    debtor: Option<String>,
    subject: String,
    evidence: Option<String>,
    outcome: Option<String>,
}

#[derive(Serialize)]
struct PaymentView {
    on: String,
    from: String,
    amount: String,
    invoices: String,
    outcome: Option<String>,
}

#[derive(Serialize)]
struct LetterView {
    debtor: String,
    /// The command that stops it; empty for what went out.
    veto: String,
    template: String,
    invoices: String,
    /// Missing where nothing is asked.
    asked: Option<String>,
    approval: Option<String>,
    /// Empty when nothing else keeps it back.
    waits: String,
}

#[derive(Serialize)]
struct WrittenView {
    debtor: String,
    to: String,
    subject: String,
    on: String,
}

#[derive(Serialize)]
struct WaitingView {
    debtor: String,
    template: String,
    invoices: String,
    /// Missing where nothing is asked.
    asked: Option<String>,
    attempts: u32,
    reply: Option<String>,
    next_try: Option<String>,
    /// Empty when nothing but the server keeps it back.
    waits: String,
}

#[derive(Serialize)]
struct AgesView {
    currency: String,
    rows: Vec<AgeView>,
    /// `None` when the sum does not fit.
    total: Option<AgeView>,
}

#[derive(Serialize)]
struct AgeView {
    key: &'static str,
    count: usize,
    sum: String,
}

pub(super) fn view(digest: &Digest, shown: usize) -> Value {
    let language = digest.language.for_owner();
    let health = &digest.health;
    Value::from(Serde(View {
        quiet: digest.is_quiet(),
        needs: (digest.questions.len() + digest.left_over.len() + digest.calls.len()).max(digest.quarantine.len()),
        company: line(&digest.company),
        day: date(digest.day, language),
        mode: mode(digest.mode),
        questions: listed(&digest.questions, shown, |q| question(q, q.since, digest.day, language)),
        left_over: listed(&digest.left_over, shown, |l| question(&l.question, l.booked, digest.day, language)),
        left_over_sums: sums(&digest.left_over).iter().map(|sum| left_over(sum, digest.day, language)).collect(),
        calls: listed(&digest.calls, shown, |c| call(c, language)),
        mails: mails(&digest.mails, shown),
        payments: listed(&digest.payments, shown, |p| payment(p, language)),
        sent: listed(&digest.sent, shown, |s| sent(s, language)),
        written: listed(&digest.written, shown, |w| written(w, language)),
        next_day: date(digest.next_day, language),
        planned: listed(&digest.planned, shown, |p| planned(p, language)),
        waiting: listed(&digest.waiting, shown, |w| waiting(w, language)),
        ages: digest.ages.iter().map(|a| ages(a, language)).collect(),
        quarantine: listed(&digest.quarantine, shown, |q| (line(&q.name), line(&q.reason))),
        mailbox_read_at: health.mailbox_read_at.map(|at| moment(at, language)),
        bank_data_until: health.bank_data_until.map(|day| date(day, language)),
        warnings: listed(&health.warnings, shown, |w| line(w)),
        version: line(&health.version),
    }))
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "observe",
        Mode::Approve => "approve",
        Mode::Auto => "auto",
    }
}

fn left_over(left: &LeftOverSum, today: NaiveDate, language: Language) -> LeftOverView {
    LeftOverView {
        count: left.count,
        sum: left.sum.map_or_else(|| left.currency.code().to_owned(), |sum| amount(sum, language)),
        oldest: date(left.oldest, language),
        days: (today - left.oldest).num_days().max(0),
    }
}

fn question(question: &Question, since: NaiveDate, today: NaiveDate, language: Language) -> QuestionView {
    QuestionView {
        id: line(&question.id),
        kind: line(&question.kind),
        text: plain::one_line(&question.text, LONG_QUESTION),
        choices: question.choices.iter().map(|c| line(c)).collect(),
        since: date(since, language),
        days: (today - since).num_days().max(0),
    }
}

fn call(call: &Call, language: Language) -> CallView {
    CallView {
        debtor: line(&call.debtor),
        contact: optional(&call.contact),
        phone: optional(&call.phone),
        invoices: numbers(&call.invoices),
        open: amount(call.open, language),
        question: line(&call.question),
        choices: call.choices.iter().map(|c| line(c)).collect(),
    }
}

/// By meaning, what needs care first; within one meaning as they came.
fn mails(mails: &[MailIn], shown: usize) -> Listed<MailView> {
    let rank = |mail: &&MailIn| MEANINGS.iter().position(|m| *m == mail.meaning).unwrap_or(MEANINGS.len());
    let mut sorted: Vec<&MailIn> = mails.iter().collect();
    sorted.sort_by_key(rank);
    let mut above = String::new();
    listed(&sorted, shown, |mail| {
        let meaning = line(&mail.meaning);
        let heading = if meaning == above { String::new() } else { meaning.clone() };
        above = meaning;
        MailView {
            heading,
            from: line(&mail.from),
            debtor: optional(&mail.debtor),
            subject: line(&mail.subject),
            evidence: optional(&mail.evidence),
            outcome: optional(&mail.outcome),
        }
    })
}

fn payment(payment: &PaymentIn, language: Language) -> PaymentView {
    PaymentView {
        on: date(payment.on, language),
        from: line(&payment.from),
        amount: amount(payment.amount, language),
        invoices: numbers(&payment.invoices),
        outcome: optional(&payment.outcome),
    }
}

fn sent(letter: &Sent, language: Language) -> LetterView {
    LetterView {
        debtor: line(&letter.debtor),
        veto: String::new(),
        template: line(&letter.template),
        invoices: numbers(&letter.invoices),
        asked: asked(letter.asked, language),
        approval: None,
        waits: String::new(),
    }
}

fn written(mail: &Written, language: Language) -> WrittenView {
    WrittenView {
        debtor: line(&mail.debtor),
        to: line(&mail.to),
        subject: line(&mail.subject),
        on: date(mail.on, language),
    }
}

fn planned(letter: &Planned, language: Language) -> LetterView {
    LetterView {
        debtor: line(&letter.debtor),
        veto: kept_together(&format!("aanmaand veto {}", line(&letter.debtor_id))),
        template: line(&letter.template),
        invoices: numbers(&letter.invoices),
        asked: asked(letter.asked, language),
        approval: optional(&letter.approval),
        waits: line(&letter.waits.join(", ")),
    }
}

fn waiting(letter: &Waiting, language: Language) -> WaitingView {
    WaitingView {
        debtor: line(&letter.debtor),
        template: line(&letter.template),
        invoices: numbers(&letter.invoices),
        asked: asked(letter.asked, language),
        attempts: letter.attempts,
        reply: optional(&letter.reply),
        next_try: letter.next_try.map(|at| moment(at, language)),
        waits: line(&letter.waits.join(", ")),
    }
}

fn ages(ages: &Ages, language: Language) -> AgesView {
    let row = |key, age: &Age| AgeView { key, count: age.count, sum: amount(age.sum, language) };
    let all = [&ages.not_due, &ages.days_1_30, &ages.days_31_60, &ages.days_61_90, &ages.over_90];
    let count = all.iter().fold(0, |sum: usize, age| sum.saturating_add(age.count));
    let total = Money::sum(all.iter().map(|age| age.sum), ages.not_due.sum.currency());
    AgesView {
        currency: ages.not_due.sum.currency().code().to_owned(),
        rows: ["not_due", "1-30", "31-60", "61-90", "over_90"].into_iter().zip(all).map(|(k, a)| row(k, a)).collect(),
        total: total.map(|sum| row("total", &Age { count, sum })),
    }
}

fn listed<T, V>(items: &[T], shown: usize, view: impl FnMut(&T) -> V) -> Listed<V> {
    Listed { items: items.iter().take(shown).map(view).collect(), more: items.len().saturating_sub(shown) }
}

/// The numbers of a letter's or payment's invoices.
fn numbers(numbers: &[String]) -> String {
    line(&numbers.join(", "))
}

fn asked(money: Money, language: Language) -> Option<String> {
    Some(money).filter(|money| !money.is_zero()).map(|money| amount(money, language))
}

fn amount(money: Money, language: Language) -> String {
    kept_together(&letter::amount(money, language))
}

fn date(day: NaiveDate, language: Language) -> String {
    kept_together(&letter::date(day, language))
}

fn moment(at: NaiveDateTime, language: Language) -> String {
    format!("{} {}", date(at.date(), language), at.format("%H:%M"))
}

fn line(text: &str) -> String {
    plain::one_line(text, LONG)
}

fn optional(text: &Option<String>) -> Option<String> {
    text.as_deref().map(line).filter(|t| !t.is_empty())
}
