//! What goes into a store and what comes out: plain rows, and the words they are written in.

use crate::dunning::ids::{CaseId, DebtorId, EvidenceId, InvoiceNumber, QuestionId, StepId};
use crate::ports::MailKey;
use chrono::{DateTime, NaiveDate, Utc};

/// An account as it was last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// 1 for the first write, then one more each time.
    pub version: u64,
    /// JSON.
    pub state: String,
}

/// All there is to store of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountWrite {
    pub id: DebtorId,
    /// The version it was decided on; 0 = the account is new.
    pub expected_version: u64,
    /// JSON.
    pub state: String,
    /// Every case of the account.
    pub cases: Vec<CaseRow>,
    /// Every address this debtor writes from or is written to. Kept in lower case.
    pub addresses: Vec<String>,
    /// Of the questions that lie beside the account: those that are new or changed.
    pub asked: Vec<QuestionRow>,
    /// Of the questions that lie beside the account: those that are open no more.
    pub no_longer_asked: Vec<QuestionId>,
}

/// An open question beside the account that asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionRow {
    pub id: QuestionId,
    pub kind: String,
    /// The mail, file or payment that it is about; empty where it is about none.
    pub about: String,
    /// JSON.
    pub state: String,
}

/// Which of the questions beside an account are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    All,
    None,
    /// Of this kind.
    Of(&'a str),
    /// About this mail, file or payment; empty: about none.
    About(&'a str),
    /// This one, and those that are about the same.
    With(&'a QuestionId),
}

/// What can be asked about a case without reading its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    pub case: CaseId,
    pub number: InvoiceNumber,
    pub state: CaseState,
    /// What is still open, in the currency's smallest unit (cents).
    pub open_minor: i64,
    pub currency: String,
    pub payment_reference: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseState {
    Open,
    Held,
    Closed,
}

/// A fact to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    pub account: DebtorId,
    /// Business date: the civil date in the administration's time zone.
    pub on: NaiveDate,
    pub at: DateTime<Utc>,
    /// What made it so: a file, a mail, a statement line, the owner.
    pub cause: String,
    /// Versioned JSON.
    pub fact: String,
}

/// A fact as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    pub seq: i64,
    pub account: DebtorId,
    pub on: NaiveDate,
    pub at: DateTime<Utc>,
    pub cause: String,
    pub fact: String,
    /// sha256 over the hash of the row before and all the above.
    pub hash: [u8; 32],
}

/// Where an input belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputKind {
    Invoice,
    Statement,
    Mail,
}

/// A mail or file as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInput {
    /// [`super::evidence_of`] the bytes.
    pub id: EvidenceId,
    pub kind: InputKind,
    /// Path or mailbox key, to be shown to people.
    pub name: String,
    pub bytes: Vec<u8>,
    pub at: DateTime<Utc>,
    /// When the mail server received it.
    pub received_at: Option<DateTime<Utc>>,
    /// Where the mailbox has it.
    pub key: Option<MailKey>,
}

/// Whether an input was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    New,
    Known,
}

/// An input without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRow {
    pub id: EvidenceId,
    pub kind: InputKind,
    /// The name it first came under.
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub at: DateTime<Utc>,
    pub received_at: Option<DateTime<Utc>>,
    /// None until it is settled.
    pub disposition: Option<Disposition>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// What became of an input. Nothing that came in is left without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    Applied { note: String },
    Ignored { rule: String },
    Quarantined { reason: String },
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOutbox {
    /// The letter's id, or `digest-2026-11-22`.
    pub id: String,
    pub account: Option<DebtorId>,
    pub purpose: Purpose,
    /// Without angle brackets.
    pub message_id: String,
    /// The reply token.
    pub token: Option<String>,
    pub sender: String,
    pub recipient: String,
    pub own_copy: Option<String>,
    pub subject: String,
    /// The final bytes; every attempt sends just these.
    pub bytes: Vec<u8>,
    pub covers: Vec<(CaseId, StepId)>,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To a customer.
    Letter,
    /// To the owner.
    Digest,
}

/// A mail in the outbox, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub id: String,
    pub account: Option<DebtorId>,
    pub purpose: Purpose,
    pub state: OutboxState,
    pub message_id: String,
    pub token: Option<String>,
    pub sender: String,
    pub recipient: String,
    pub own_copy: Option<String>,
    pub subject: String,
    /// Of the bytes, lower-case hex.
    pub sha256: String,
    /// How often it was claimed for sending.
    pub attempts: u32,
    pub next_try: Option<DateTime<Utc>>,
    /// Of the last move: the server's reply, or the reason.
    pub note: String,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    /// When it was first known to have been accepted.
    pub sent_at: Option<DateTime<Utc>>,
    /// In the order they were given.
    pub covers: Vec<(CaseId, StepId)>,
}

/// A mail that a server may accept at any moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    pub account: Option<DebtorId>,
    pub purpose: Purpose,
}

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutboxState {
    /// To be sent.
    Ready,
    /// Claimed. Found so after a crash: the final dot was not sent.
    Sending,
    /// The final dot may have been sent. Found so after a crash: unknown.
    DotIntent,
    /// The server took responsibility.
    Sent,
    /// Refused for good.
    Rejected,
    /// Nobody knows whether it went; never sent again without evidence or the owner's word.
    Unknown,
    /// Not to be sent after all. What it covered is free again.
    Withdrawn,
    /// Came back.
    Bounced,
}

impl OutboxState {
    pub const ALL: [OutboxState; 8] = [
        OutboxState::Ready,
        OutboxState::Sending,
        OutboxState::DotIntent,
        OutboxState::Sent,
        OutboxState::Rejected,
        OutboxState::Unknown,
        OutboxState::Withdrawn,
        OutboxState::Bounced,
    ];

    /// The only moves there are. Nothing leaves `Sent` but to `Bounced`, and nothing is sent again that may have
    /// been accepted, unless it is proven that it was not.
    pub fn may_become(self, to: OutboxState) -> bool {
        use OutboxState::*;
        match self {
            Ready => matches!(to, Sending | Withdrawn),
            Sending => matches!(to, Ready | DotIntent | Rejected | Withdrawn),
            DotIntent => matches!(to, Sent | Rejected | Ready | Unknown),
            Unknown => matches!(to, Sent | Ready | Withdrawn | Bounced),
            Sent => matches!(to, Bounced),
            // Only so that the owner can have it written again: what it covered becomes free.
            Rejected => matches!(to, Withdrawn),
            Withdrawn | Bounced => false,
        }
    }
}

/// Gives an enum of ours its one spelling: in the database, in JSON and on the screen.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The one spelling, as stored and shown.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
            pub fn from_word(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

words!(CaseState { Open = "open", Held = "held", Closed = "closed" });
words!(InputKind { Invoice = "invoice", Statement = "statement", Mail = "mail" });
words!(Purpose { Letter = "letter", Digest = "digest" });
words!(OutboxState {
    Ready = "ready",
    Sending = "sending",
    DotIntent = "dot_intent",
    Sent = "sent",
    Rejected = "rejected",
    Unknown = "unknown",
    Withdrawn = "withdrawn",
    Bounced = "bounced",
});

impl Disposition {
    /// `applied`, `ignored` or `quarantined`.
    pub fn word(&self) -> &'static str {
        match self {
            Disposition::Applied { .. } => "applied",
            Disposition::Ignored { .. } => "ignored",
            Disposition::Quarantined { .. } => "quarantined",
        }
    }

    /// The note, the rule or the reason.
    pub fn text(&self) -> &str {
        match self {
            Disposition::Applied { note } => note,
            Disposition::Ignored { rule } => rule,
            Disposition::Quarantined { reason } => reason,
        }
    }

    /// The opposite of [`Disposition::word`] and [`Disposition::text`].
    pub fn from_word(word: &str, text: String) -> Option<Disposition> {
        match word {
            "applied" => Some(Disposition::Applied { note: text }),
            "ignored" => Some(Disposition::Ignored { rule: text }),
            "quarantined" => Some(Disposition::Quarantined { reason: text }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for state in OutboxState::ALL {
            assert_eq!(OutboxState::from_word(state.word()), Some(state));
        }
        assert_eq!(OutboxState::from_word("planned"), None);
    }

    #[test]
    fn what_may_have_been_accepted_is_not_sent_again_by_itself() {
        use OutboxState::*;
        assert!(!Sent.may_become(Ready) && !Sent.may_become(Withdrawn) && !Rejected.may_become(Ready));
        assert!(!Sending.may_become(Sent), "nothing is sent without a dot_intent before it");
        assert!(OutboxState::ALL.iter().all(|state| !state.may_become(*state)));
    }
}
