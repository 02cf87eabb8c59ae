//! Inputs: everything that can wake the daemon. Reading this enum is reading all causes there are.

use super::account::Payment;
use super::fact::Attached;
use super::hold::Scope;
use super::ids::{CaseId, EvidenceId, LetterId, QuestionId, StepId};
use super::instructions::Instructions;
use super::invoice::Invoice;
use super::money::Money;
use super::plan::Terms;
use super::question::{About, QuestionKind};
use super::world::World;
use chrono::{NaiveDate, NaiveDateTime};

#[derive(Clone, Debug)]
pub enum Input {
    /// An invoice or credit note was read from a file.
    InvoiceFiled {
        invoice: Box<Invoice>,
        file: String,
        source: EvidenceId,
        /// The owner wants it in the place of the known one.
        replace: bool,
    },
    /// An invoice stands in a list of open items; its payable amount is what the list says is open.
    Listed {
        invoice: Box<Invoice>,
        file: String,
        source: EvidenceId,
    },
    /// It stood in the list before, and is not in this one, which has all that is open.
    NoLongerListed {
        case: CaseId,
        file: String,
    },
    /// A calendar day, or any later moment of it: what is due now?
    Day(World),
    /// A mail that is about this debtor.
    Mail(Mail),
    /// A person's mail that may be about this debtor, or about another.
    PossibleMail {
        source: EvidenceId,
        why: String,
    },
    /// A mail that concerns no debtor, with the rule that says so.
    Ignored {
        source: EvidenceId,
        from: String,
        rule: String,
    },
    /// The owner wrote to this debtor by hand, from a mail program.
    OwnerWrote(Written),
    /// The owner decided by mail, with what came of it.
    Commanded {
        source: EvidenceId,
        from: String,
        done: String,
    },
    /// The owner says that it was not.
    NotTheirs {
        source: EvidenceId,
    },
    /// Money that surely is for these cases.
    Payment {
        payment: Payment,
        cases: Vec<CaseId>,
    },
    /// Money that may be for these cases (of this debtor).
    UnclearPayment {
        payment: Payment,
        cases: Vec<CaseId>,
        why: String,
        ask: bool,
    },
    /// The owner said that this money is for this case.
    PaymentGiven {
        payment: Payment,
        case: CaseId,
    },
    /// The owner said what a payment was that paused cases here.
    PaymentPlaced {
        payment: EvidenceId,
    },
    /// Money that this debtor had paid too much was given back.
    Refund {
        amount: Money,
        source: EvidenceId,
        text: String,
    },
    /// A payment that was booked here has been taken back by the bank.
    Reversal {
        case: CaseId,
        amount: Money,
        source: EvidenceId,
        text: String,
    },
    /// A bank's mail that proves nothing, about this case.
    UntrustedNotice {
        case: CaseId,
        source: EvidenceId,
        why: String,
    },
    Owner {
        act: Act,
        by: String,
    },
    Answer {
        question: QuestionId,
        choice: String,
        by: String,
    },
    Letter {
        letter: LetterId,
        outcome: Outcome,
    },
    /// Copies of a letter of unknown fate were looked for in all these folders, and none is there.
    LookedFor {
        letter: LetterId,
        places: Vec<String>,
        at: NaiveDateTime,
        /// When they are looked for again; `None` = not by itself.
        again: Option<NaiveDateTime>,
    },
    /// A digest listed these formal steps.
    Announced {
        steps: Vec<(CaseId, StepId)>,
    },
    /// Something that only a human can settle.
    Ask {
        kind: QuestionKind,
        case: Option<CaseId>,
        detail: String,
        about: About,
        extra_choices: Vec<String>,
    },
    /// Something more is known about what is asked; it takes the place of what was known before.
    FoundOut {
        kind: QuestionKind,
        about: About,
        note: String,
    },
    /// What this was about is over.
    NoLongerAsked {
        kind: QuestionKind,
        why: String,
    },
    /// A letter of ours that the journal does not know: the database was restored from a backup.
    LetterFound(FoundLetter),
    /// Another program followed this case until now, and sent these letters, each on its day.
    TakenOver {
        case: CaseId,
        sent: Vec<(StepId, NaiveDate)>,
        by: String,
    },
    /// Letters of which nothing is known here may have left from that day on: the database was restored from a backup.
    MaybeSent {
        since: NaiveDate,
    },
}

/// A mail that the owner wrote by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub source: EvidenceId,
    pub to: String,
    pub subject: String,
    pub on: NaiveDate,
    /// Cases that it names; empty = none.
    pub cases: Vec<CaseId>,
    /// Why it is taken to be to this debtor.
    pub why: String,
}

/// A letter of ours as a copy of it tells, signed by ourselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLetter {
    pub covers: Vec<(CaseId, StepId)>,
    pub recipient: String,
    /// The day on which it left.
    pub on: NaiveDate,
    /// Where the copy lies.
    pub place: String,
}

/// A mail as the mailbox loop understood it.
#[derive(Clone, Debug)]
pub struct Mail {
    pub source: EvidenceId,
    pub from: String,
    /// The mail's own day.
    pub date: NaiveDate,
    /// Cases that it names; empty = none.
    pub cases: Vec<CaseId>,
    /// Why it is taken to be this debtor's.
    pub why: String,
    pub attachments: Vec<Attached>,
    pub meaning: Meaning,
}

#[derive(Clone, Debug)]
pub enum Meaning {
    Human(Said),
    /// A machine; with content that a human must see, if any.
    Automatic {
        why: String,
        content: Option<Said>,
    },
    Bounce {
        letter: Option<LetterId>,
        came_back: CameBack,
        status: String,
    },
}

/// What a machine reports about a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameBack {
    /// It did not arrive, and the address is no good.
    Lasting,
    /// It was refused as spam or by a policy: the address is good, and the next letter will fare no better.
    Refused,
    /// It did not arrive: the mailbox was full, or could not be reached for a time.
    Passing,
    /// It is late, or it arrived.
    Not,
}

/// What a person says.
#[derive(Clone, Debug)]
pub struct Said {
    pub what: Saying,
    pub also: Vec<Saying>,
    /// The sentence that proves it.
    pub sentence: Option<String>,
    pub promise_date: Option<NaiveDate>,
    pub amount: Option<String>,
    pub paid_on: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Saying {
    Insolvency,
    Dispute,
    Plan,
    Promise,
    Paid,
    Question,
    WrongContact,
    Acknowledge,
    /// Nothing that we know: it holds and asks.
    Other,
}

/// What the owner decides by a command.
#[derive(Clone, Debug)]
pub enum Act {
    Hold {
        scope: Scope,
        reason: String,
        until: Option<NaiveDate>,
    },
    Resume {
        scope: Scope,
        reason: String,
    },
    Dispute {
        scope: Scope,
        part: Option<DisputedPart>,
        reason: String,
    },
    Resolve {
        scope: Scope,
        who: InTheRight,
        reason: String,
    },
    Promise {
        scope: Scope,
        date: NaiveDate,
        amount: Option<Money>,
        reason: String,
    },
    Plan {
        terms: Terms,
        reason: String,
    },
    EndPlan {
        plan: u32,
        reason: String,
    },
    Paid {
        case: CaseId,
        amount: Option<Money>,
        on: NaiveDate,
        reason: String,
    },
    WriteOff {
        case: CaseId,
        reason: String,
    },
    Note {
        text: String,
    },
    Approve {
        scope: Scope,
    },
    Veto {
        scope: Scope,
        reason: String,
    },
    /// How this debtor is treated; takes the place of all that was said before.
    Instruct {
        instructions: Box<Instructions>,
        reason: String,
    },
}

/// How much of one case is disputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputedPart {
    pub amount: Money,
    /// The owner goes on about the rest.
    pub go_on: bool,
}

/// How a dispute ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InTheRight {
    We,
    /// What is taken off the claim; `None` = the disputed part, or all when no part was named.
    Debtor(Option<Money>),
}

/// What became of a letter.
#[derive(Clone, Debug)]
pub enum Outcome {
    Sent {
        on: NaiveDate,
        reply: String,
    },
    Rejected {
        on: NaiveDate,
        why: String,
        address: bool,
    },
    Unknown {
        on: NaiveDate,
        why: String,
    },
    /// Surely not sent; the reason is a closed gate or a newer state of affairs.
    Withdrawn {
        why: String,
    },
}
