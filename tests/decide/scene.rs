//! A small stage: one account, a day, and what is told to it. `check` writes what was decided in a line a fact.

use aanmaand::config::Config;
use aanmaand::dunning::account::{Account, Payment, PaymentSource};
use aanmaand::dunning::debtor::{Debtor, DebtorKind, Language};
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::hold::{Hold, Scope};
use aanmaand::dunning::ids::{CaseId, EvidenceId, LetterId, QuestionId, StepId};
use aanmaand::dunning::input::{Act, Input, Mail, Meaning, Outcome, Said, Saying};
use aanmaand::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use aanmaand::dunning::money::Money;
use aanmaand::dunning::policy::Policy;
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::world::World;
use chrono::NaiveDate;
use std::sync::LazyLock;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aanmaand.toml");
    let text = concat!(
        "mode = \"auto\"\n",
        include_str!("../company.toml"),
        r#"[statements]
folder = "statements"
[outgoing]
kind = "file"
folder = "outbox"
[formal]
mode = "auto"
"#
    );
    std::fs::write(&path, text).unwrap();
    Config::load(&path).unwrap()
});

pub fn policy() -> Policy {
    Policy { language: Language::En, ..CONFIG.policy.clone() }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn eur(cents: i64) -> Money {
    Money::eur_cents(cents)
}

pub fn case(number: &str) -> CaseId {
    CaseId::of(&number.into())
}

/// A world in which everything is in order at ten o'clock.
pub fn world(today: NaiveDate) -> World {
    let now = today.and_hms_opt(10, 0, 0).unwrap();
    World {
        now,
        mailbox_read_at: Some(now),
        mail_waiting: 0,
        quarantined: None,
        bank_data_until: today.pred_opt(),
        sent_today: 0,
        per_day: 200,
        sent_this_hour: 0,
        per_hour: 0,
        restored_on: None,
        stopped: None,
    }
}

/// What was decided, a line a fact.
pub fn check(name: &str, account: &Account, input: &Input, policy: &Policy, today: NaiveDate) -> (String, Vec<Fact>) {
    let facts = decide(account, input, policy, today);
    let lines: String = facts.iter().map(|fact| format!("  {}\n", line(fact))).collect();
    (format!("{name}\n{}", if lines.is_empty() { "  -\n" } else { &lines }), facts)
}

pub struct Scene {
    pub account: Account,
    pub policy: Policy,
    pub today: NaiveDate,
    pub kind: DebtorKind,
    pub text: String,
}

impl Scene {
    pub fn new(kind: DebtorKind, today: &str) -> Scene {
        Scene { account: Account::new("K1".into()), policy: policy(), today: day(today), kind, text: String::new() }
    }

    /// A business that owes 100 on F1, due 2026-06-10; it is 2026-05-20.
    pub fn owing() -> Scene {
        let mut scene = Scene::new(DebtorKind::Business, "2026-05-20");
        scene.told(scene.filed("F1", 100_00, "2026-06-10"));
        scene
    }

    /// The same, a reminder sent on 2026-06-15, and it is the day after.
    pub fn reminded() -> Scene {
        let mut scene = Scene::owing();
        scene.sends("2026-06-15");
        scene.on("2026-06-16");
        scene
    }

    pub fn on(&mut self, today: &str) -> &mut Scene {
        self.today = day(today);
        self
    }

    /// Told without showing.
    pub fn told(&mut self, input: Input) -> Vec<Fact> {
        let facts = decide(&self.account, &input, &self.policy, self.today);
        facts.iter().for_each(|fact| self.account.apply(fact));
        facts
    }

    /// Told and shown.
    pub fn tell(&mut self, name: &str, input: Input) -> &mut Scene {
        let (text, facts) = check(name, &self.account, &input, &self.policy, self.today);
        facts.iter().for_each(|fact| self.account.apply(fact));
        self.text.push_str(&text);
        self
    }

    /// Shown, but nothing came of it: for trying several things at one point.
    pub fn would(&mut self, name: &str, input: Input) -> &mut Scene {
        let (text, _) = check(name, &self.account, &input, &self.policy, self.today);
        self.text.push_str(&text);
        self
    }

    pub fn days(&mut self, name: &str, today: &str) -> &mut Scene {
        self.on(today);
        self.tell(&format!("{today} {name}"), Input::Day(world(day(today))))
    }

    /// The day's letter leaves; announced the day before when it is formal.
    pub fn sends(&mut self, today: &str) {
        self.on(today);
        self.told(Input::Day(world(self.today)));
        let letter = self.underway();
        self.told(Input::Letter { letter, outcome: Outcome::Sent { on: self.today, reply: "250 Ok".into() } });
    }

    pub fn underway(&self) -> LetterId {
        self.account.letter_underway().expect("a letter is under way").id.clone()
    }

    pub fn question(&self, kind: QuestionKind) -> QuestionId {
        self.account.questions.values().find(|q| q.kind == kind).expect("it is asked").id.clone()
    }

    pub fn answers(&mut self, kind: QuestionKind, choice: &str) -> &mut Scene {
        let question = self.question(kind);
        let name = format!("{} is answered: {choice}", kind.code());
        self.tell(&name, Input::Answer { question, choice: choice.into(), by: "owner".into() })
    }

    pub fn filed(&self, number: &str, cents: i64, due: &str) -> Input {
        let source = EvidenceId::new(format!("file-{number}-{cents}"));
        let invoice = Box::new(self.invoice(number, cents, due));
        Input::InvoiceFiled { invoice, file: format!("{number}.toml"), source, replace: false }
    }

    pub fn invoice(&self, number: &str, cents: i64, due: &str) -> Invoice {
        Invoice {
            number: number.into(),
            kind: InvoiceKind::Invoice,
            issue_date: day("2026-05-11"),
            due_date: Some(day(due)),
            total: eur(cents),
            prepaid: eur(0),
            payable: eur(cents),
            debtor: Debtor {
                id: "K1".into(),
                name: "Jansen".into(),
                contact: None,
                email: Some("kas@jansen.example".into()),
                kind: self.kind,
                country: None,
                address: Vec::new(),
                language: None,
                phone: Some("010-1".into()),
                vat: None,
                kvk: None,
            },
            description: None,
            payment_reference: None,
            order_reference: None,
            corrects: None,
            term_source: TermSource::Invoice,
            due_source: DueSource::default(),
            seller: Seller::default(),
            iban: None,
        }
    }

    pub fn credit_note(&self, number: &str, cents: i64, corrects: Option<&str>) -> Input {
        let note = Invoice {
            kind: InvoiceKind::CreditNote,
            due_date: None,
            corrects: corrects.map(Into::into),
            ..self.invoice(number, cents, "2026-06-10")
        };
        let source = EvidenceId::new(format!("file-{number}"));
        Input::InvoiceFiled { invoice: Box::new(note), file: format!("{number}.toml"), source, replace: false }
    }

    pub fn mail(&self, id: &str, meaning: Meaning) -> Input {
        Input::Mail(Mail {
            source: id.into(),
            from: "piet@jansen.example".into(),
            date: self.today,
            cases: Vec::new(),
            why: "token".into(),
            attachments: Vec::new(),
            meaning,
        })
    }

    pub fn says(&self, id: &str, what: Saying) -> Input {
        self.mail(id, Meaning::Human(said(what)))
    }
}

pub fn said(what: Saying) -> Said {
    Said {
        what,
        also: Vec::new(),
        sentence: Some(format!("{what:?}.")),
        promise_date: None,
        amount: None,
        paid_on: None,
    }
}

pub fn money(id: &str, cents: i64, source: PaymentSource, booked: NaiveDate) -> Payment {
    Payment {
        id: id.into(),
        amount: eur(cents),
        booked,
        source,
        payer: Some("Jansen".into()),
        iban: None,
        text: format!("text of {id}"),
        allocations: Vec::new(),
        extras: Vec::new(),
        refunded: None,
        elsewhere: None,
        confirmed: source == PaymentSource::Statement,
        why: String::new(),
        evidence: None,
    }
}

pub fn owner(act: Act) -> Input {
    Input::Owner { act, by: "owner".into() }
}

/// One fact in one line: what a bookkeeper would note.
pub fn line(fact: &Fact) -> String {
    match fact {
        Fact::DebtorDescribed { debtor } => format!("debtor {} {:?}", debtor.id, debtor.kind),
        Fact::InvoiceOpened { case, due_date, invoice, .. } => {
            format!("opened {case} {} due {due_date}", invoice.payable)
        }
        Fact::InvoiceReplaced { case, invoice, .. } => format!("replaced {case} {}", invoice.payable),
        Fact::CreditNoted { credit } => format!("credit {} {}", credit.number, credit.amount),
        Fact::Credited { case, by, amount } => format!("credited {case} {amount} by {by}"),
        Fact::CreditSetAside { credit, by } => format!("credit {credit} set aside by {by}"),
        Fact::Held { hold } => format!("HELD {}", held(hold)),
        Fact::HoldEnded { scope, reason, why, source } => {
            let of = source.as_ref().map(|source| format!(" of {source}")).unwrap_or_default();
            format!("hold ended {} {}{of}: {why}", scoped(scope), reason.code())
        }
        Fact::PromiseMade { promise } => format!("promise made {} {:?}", promise.date, promise.cases),
        Fact::PromiseKept { date } => format!("promise kept {date}"),
        Fact::PromiseBroken { date } => format!("promise BROKEN {date}"),
        Fact::PromiseLifted { date } => format!("promise lifted {date}"),
        Fact::PromisePartlyKept { date, paid } => format!("promise kept IN PART {date} {paid}"),
        Fact::PlanAgreed { plan } => {
            let parts: Vec<String> = plan.instalments.iter().map(|i| format!("{} {}", i.due, i.amount)).collect();
            format!("plan {} agreed {:?}: {}", plan.number, plan.cases, parts.join(", "))
        }
        Fact::InstalmentMissed { plan, due, .. } => format!("plan {plan} MISSED {due}"),
        Fact::PlanResumed { plan } => format!("plan {plan} resumed"),
        Fact::PlanKept { plan } => format!("plan {plan} kept"),
        Fact::PlanEnded { plan, why } => format!("plan {plan} ENDED: {why}"),
        Fact::DisputedPart { case, amount, .. } => format!("disputed of {case}: {amount:?}"),
        Fact::Instructed { instructions, by } => format!("instructed by {by}: {instructions:?}"),
        Fact::Refunded { payment, amount, .. } => format!("refunded {amount} of {payment}"),
        Fact::RestWaived { case, amount, why } => format!("waived {amount} of {case}: {why}"),
        Fact::TermVoided { why, .. } => format!("term VOID: {why}"),
        Fact::LimitationWarned { case, last_day, .. } => format!("limitation of {case} on {last_day}"),
        Fact::PaymentBooked { payment } if !payment.extras.is_empty() => {
            format!(
                "booked {} {} -> {:?} of which {:?}",
                payment.id, payment.amount, payment.allocations, payment.extras
            )
        }
        Fact::PaymentBooked { payment } => {
            format!("booked {} {} -> {:?}", payment.id, payment.amount, payment.allocations)
        }
        Fact::PaymentConfirmed { payment, by } => format!("payment {payment} confirmed by {by}"),
        Fact::PaymentReversed { payment, why } => format!("payment {payment} REVERSED: {why}"),
        Fact::CaseClosed { case, how, thanks, .. } => {
            format!("CLOSED {case} {}{}", how.code(), if *thanks { ", thanks follow" } else { "" })
        }
        Fact::CaseReopened { case, why } => format!("REOPENED {case}: {why}"),
        Fact::StepDone { case, step, why, .. } => format!("step {step} of {case}: {why}"),
        Fact::LetterApproved { covers, .. } => format!("approved {}", pairs(covers)),
        Fact::ApprovalWithdrawn { covers, .. } => format!("approval WITHDRAWN {}", pairs(covers)),
        Fact::LetterRequested { letter } => {
            let broken = letter.broken_promise.map(|day| format!(" mentions {day}")).unwrap_or_default();
            format!(
                "LETTER {}{} covers {} asks {:?} by {:?}{broken}",
                letter.template,
                if letter.formal { " (formal)" } else { "" },
                pairs(&letter.covers),
                letter.amounts,
                letter.deadline
            )
        }
        Fact::LetterSent { on, .. } => format!("letter sent {on}"),
        Fact::LetterRejected { on, why, .. } => format!("letter rejected {on}: {why}"),
        Fact::LetterUnknown { on, why, .. } => format!("letter UNKNOWN {on}: {why}"),
        Fact::LetterWithdrawn { why, .. } => format!("letter withdrawn: {why}"),
        Fact::LetterFound { letter, on, place, .. } => {
            let (covers, law) = (pairs(&letter.covers), letter.law);
            format!(
                "letter FOUND {} of {on} covers {covers} by {:?} law {law:?}: {place}",
                letter.template, letter.deadline
            )
        }
        Fact::LetterBounced { on, why, .. } => format!("letter bounced {on}: {why}"),
        Fact::AddressFailed { address, lasting, why, .. } => {
            format!("address failed {address} lasting {lasting}: {why}")
        }
        Fact::AddressTrusted { address, .. } => format!("address trusted {address}"),
        Fact::Announced { steps } => {
            let steps: Vec<String> = steps.iter().map(|s| format!("{}/{} {}", s.case, s.step, s.on)).collect();
            format!("announced {}", steps.join(", "))
        }
        Fact::QuestionAsked { question } => format!("ASKED {} {:?} {}", question.id, question.choices, question.text),
        Fact::QuestionAnswered { question, choice, by } => format!("answered {question} {choice} by {by}"),
        Fact::QuestionNoted { question, note } => format!("noted at {question}: {note}"),
        Fact::MailRead { meaning, human, .. } => {
            format!("mail read: {meaning}{}", if *human { " (human)" } else { "" })
        }
        Fact::OwnerWrote { to, on, .. } => format!("owner wrote to {to} on {on}"),
        Fact::Noted { text, .. } => format!("noted {text}"),
        Fact::CasesLeft { cases, to, merged, .. } => {
            format!("{cases:?} LEFT to {to}{}", if *merged { ", merged" } else { "" })
        }
        Fact::CasesCame { from, moved, .. } => {
            let cases: Vec<&str> = moved.cases.iter().map(|case| case.id.as_str()).collect();
            let of = |kind: &str, count: usize| format!(" {count} {kind},");
            let with = [
                of("letters", moved.letters.len()),
                of("payments", moved.payments.len()),
                of("promises", moved.promises.len()),
                of("holds", moved.holds.len()),
            ];
            format!("{cases:?} CAME from {from} with{}", with.concat().trim_end_matches(','))
        }
    }
}

fn scoped(scope: &Scope) -> String {
    match scope {
        Scope::Debtor => "all".to_owned(),
        Scope::Case(case) => case.to_string(),
    }
}

fn held(hold: &Hold) -> String {
    let until = hold.until.map(|day| format!(" until {day}")).unwrap_or_default();
    let claimed = hold.claimed_day.map(|day| format!(" claimed {day}")).unwrap_or_default();
    format!("{} {}{until}{claimed}", scoped(&hold.scope), hold.reason.code())
}

fn pairs(covers: &[(CaseId, StepId)]) -> String {
    covers.iter().map(|(case, step)| format!("{case}/{step}")).collect::<Vec<_>>().join(" ")
}
