//! Questions: what a human must answer, and what each answer means.

use super::debtor::Language;
use super::ids::{CaseId, EvidenceId, LetterId, QuestionId, StepId};
use super::money::Money;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The answer that an invoice is of somebody who was not known.
pub const NEW_DEBTOR: &str = "new";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub id: QuestionId,
    pub kind: QuestionKind,
    #[serde(default)]
    pub case: Option<CaseId>,
    pub text: String,
    pub choices: Vec<String>,
    pub since: NaiveDate,
    #[serde(default)]
    pub about: About,
    /// What was found out since it was asked.
    #[serde(default)]
    pub note: Option<String>,
}

impl Question {
    /// Of money that is not placed the day on which it was booked: its age counts from there.
    pub fn booked(&self) -> Option<NaiveDate> {
        match (&self.about, self.kind) {
            (About::Payment(payment), QuestionKind::UnmatchedPayment) => Some(payment.booked),
            _ => None,
        }
    }

    /// What is asked, with what is known by now.
    pub fn told(&self) -> String {
        match &self.note {
            None => self.text.clone(),
            Some(note) => format!("{}. {note}", self.text.trim_end_matches('.')),
        }
    }
}

/// What the answer acts on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    #[default]
    Nothing,
    /// An input: a mail, file or statement line.
    Input(EvidenceId),
    /// The (case, step) pairs of a letter that waits for approval.
    Letter(Vec<(CaseId, StepId)>),
    /// A letter of unknown fate.
    Sending(LetterId),
    /// A payment that fits nothing or too much.
    Payment(Box<super::account::Payment>),
    /// A credit note that names no invoice of ours.
    CreditNote(Box<super::account::Credit>),
    /// The day of a burst.
    Day(NaiveDate),
    /// The debtor's plan of this number.
    Plan(u32),
    /// Letters that may have left since a backup was taken, in the order in which they would have.
    LostLetters(Vec<LostLetter>),
    /// What a list of open items says is open; nothing when it no longer has the invoice.
    OpenItem(Money),
}

impl About {
    /// The mail, file or payment that it is about; empty where it is about none.
    pub fn evidence(&self) -> &str {
        match self {
            About::Input(source) => source.as_str(),
            About::Payment(payment) => payment.id.as_str(),
            About::CreditNote(credit) => credit.source.as_str(),
            About::Nothing
            | About::Letter(_)
            | About::Sending(_)
            | About::Day(_)
            | About::Plan(_)
            | About::LostLetters(_)
            | About::OpenItem(_) => "",
        }
    }
}

/// A letter that may have left, and of which nothing is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostLetter {
    /// The first day on which it may have left.
    pub on: NaiveDate,
    pub covers: Vec<(CaseId, StepId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    Insolvency,
    Dispute,
    Plan,
    PaidClaim,
    Promise,
    Question,
    Answer,
    WrongContact,
    Bounce,
    UnmatchedPayment,
    UnconfirmedPayment,
    /// The invoice was paid, interest or costs were not.
    Rest,
    Reversal,
    CreditNote,
    UnknownSend,
    Refused,
    OverdueAtFirstSight,
    Conflict,
    Call,
    Approval,
    HandOver,
    NoAddress,
    /// A claim lapses in half a year or a month, or has lapsed.
    Limitation,
    Quarantine,
    Correlation,
    /// So many mails of a day from strangers who speak of a claim that they are asked about together.
    Strangers,
    Burst,
    CatchUp,
    /// The clock stands before a moment that was lived already.
    Clock,
    /// The statements of an account do not join.
    StatementGap,
    /// A backup was restored: may sending go on?
    Restored,
    /// A backup was restored: did this letter leave meanwhile?
    LostLetter,
    /// A list of open items says that less is open than we know of.
    OpenItemLess,
    /// A list of open items has the invoice no more.
    OpenItemGone,
    /// An invoice whose debtor may be one that is known, or another.
    Identity,
}

impl QuestionKind {
    pub fn code(self) -> &'static str {
        match self {
            QuestionKind::Insolvency => "insolvency",
            QuestionKind::Dispute => "dispute",
            QuestionKind::Plan => "plan",
            QuestionKind::PaidClaim => "paid_claim",
            QuestionKind::Promise => "promise",
            QuestionKind::Question => "question",
            QuestionKind::Answer => "answer",
            QuestionKind::WrongContact => "wrong_contact",
            QuestionKind::Bounce => "bounce",
            QuestionKind::UnmatchedPayment => "unmatched_payment",
            QuestionKind::UnconfirmedPayment => "unconfirmed_payment",
            QuestionKind::Rest => "rest",
            QuestionKind::Reversal => "reversal",
            QuestionKind::CreditNote => "credit_note",
            QuestionKind::UnknownSend => "unknown_send",
            QuestionKind::Refused => "refused",
            QuestionKind::OverdueAtFirstSight => "overdue_at_first_sight",
            QuestionKind::Conflict => "conflict",
            QuestionKind::Call => "call",
            QuestionKind::Approval => "approval",
            QuestionKind::HandOver => "hand_over",
            QuestionKind::NoAddress => "no_address",
            QuestionKind::Limitation => "limitation",
            QuestionKind::Quarantine => "quarantine",
            QuestionKind::Correlation => "correlation",
            QuestionKind::Strangers => "strangers",
            QuestionKind::Burst => "burst",
            QuestionKind::CatchUp => "catch_up",
            QuestionKind::Clock => "clock",
            QuestionKind::StatementGap => "statement_gap",
            QuestionKind::Restored => "restored",
            QuestionKind::LostLetter => "lost_letter",
            QuestionKind::OpenItemLess => "open_item_less",
            QuestionKind::OpenItemGone => "open_item_gone",
            QuestionKind::Identity => "identity",
        }
    }

    /// The answers a question of this kind takes; payments and credit notes also take a case.
    pub fn choices(self) -> &'static [&'static str] {
        match self {
            QuestionKind::Insolvency
            | QuestionKind::Plan
            | QuestionKind::Promise
            | QuestionKind::Question
            | QuestionKind::Answer
            | QuestionKind::WrongContact => &["resume", "keep", "write-off"],
            QuestionKind::Dispute => &["resolved", "keep", "write-off"],
            QuestionKind::PaidClaim => &["paid", "not-paid", "keep"],
            QuestionKind::Bounce | QuestionKind::Refused => &["resume", "keep", "write-off"],
            QuestionKind::UnmatchedPayment | QuestionKind::CreditNote => &["ignore"],
            QuestionKind::Rest => &["waive", "keep"],
            QuestionKind::Reversal => &["resume", "keep", "write-off"],
            QuestionKind::UnconfirmedPayment => &["paid", "not-paid"],
            QuestionKind::UnknownSend => &["was-sent", "send-now", "skip"],
            QuestionKind::OverdueAtFirstSight => &["open", "ignore", "paid"],
            QuestionKind::Conflict => &["keep-old", "take-new"],
            QuestionKind::Call => &["done"],
            QuestionKind::Approval => &["approve", "skip", "hold"],
            QuestionKind::HandOver => &["handed-over", "write-off", "keep"],
            QuestionKind::NoAddress
            | QuestionKind::Limitation
            | QuestionKind::Correlation
            | QuestionKind::Strangers => &["seen"],
            QuestionKind::Quarantine => &["retry", "ignore"],
            QuestionKind::Burst => &["send", "hold"],
            QuestionKind::CatchUp => &["send"],
            QuestionKind::Clock => &["confirm", "wait"],
            QuestionKind::StatementGap => &["nothing-missing", "wait"],
            QuestionKind::Restored => &["go-on", "stay"],
            QuestionKind::LostLetter => &["was-sent", "not-sent"],
            QuestionKind::OpenItemLess | QuestionKind::OpenItemGone => &["paid", "not-paid", "keep", "write-off"],
            QuestionKind::Identity => &[NEW_DEBTOR],
        }
    }

    /// What is asked, in the owner's language, in English when it is none of the owner's; details (a sentence, an amount, a file) follow it.
    pub fn wording(self, language: Language) -> &'static str {
        let (nl, en) = self.wordings();
        match language {
            Language::Nl => nl,
            Language::En | Language::De | Language::Fr => en,
        }
    }

    fn wordings(self) -> (&'static str, &'static str) {
        match self {
            QuestionKind::Insolvency => {
                ("Bericht over faillissement, schuldhulp of overlijden", "News of bankruptcy, debt help or death")
            }
            QuestionKind::Dispute => ("De klant betwist de vordering", "The customer disputes the claim"),
            QuestionKind::Plan => {
                ("Uitstel of een betalingsregeling: wat doet u?", "Time to pay or instalments: what do you do?")
            }
            QuestionKind::PaidClaim => (
                "De klant zegt te hebben betaald, maar de bank laat het niet zien",
                "The customer says to have paid, but the bank does not show it",
            ),
            QuestionKind::Promise => {
                ("De klant belooft te betalen: wachten wij daarop?", "The customer promises to pay: do we wait for it?")
            }
            QuestionKind::Question => ("De klant stelt een vraag", "The customer asks something"),
            QuestionKind::Answer => ("De klant heeft geantwoord", "The customer answered"),
            QuestionKind::WrongContact => ("Verkeerde contactpersoon of verkeerd adres", "Wrong contact or address"),
            QuestionKind::Bounce => {
                ("Een brief kwam niet aan; klopt het adres?", "A letter did not arrive; is the address right?")
            }
            QuestionKind::UnmatchedPayment => {
                ("Een betaling die niet zeker te plaatsen is", "A payment that cannot be placed with certainty")
            }
            QuestionKind::UnconfirmedPayment => (
                "Een door de bank gemelde betaling staat niet op het afschrift",
                "A payment that the bank announced is not on the statement",
            ),
            QuestionKind::Rest => (
                "De factuur is betaald, rente of kosten staan nog open; laten vervallen?",
                "The invoice is paid, interest or costs are still open; let them go?",
            ),
            QuestionKind::Reversal => ("Een betaling is teruggedraaid", "A payment was reversed"),
            QuestionKind::CreditNote => {
                ("Een creditfactuur zonder bijbehorende factuur", "A credit note without its invoice")
            }
            QuestionKind::UnknownSend => {
                ("Onzeker of een brief is verzonden", "It is not known whether a letter was sent")
            }
            QuestionKind::Refused => ("Een brief werd geweigerd", "A letter was refused"),
            QuestionKind::OverdueAtFirstSight => {
                ("Al vervallen toen de factuur binnenkwam", "Already overdue when the invoice was first seen")
            }
            QuestionKind::Conflict => {
                ("Hetzelfde factuurnummer met een andere inhoud", "The same invoice number with other content")
            }
            QuestionKind::Call => ("Bel de klant", "Call the customer"),
            QuestionKind::Approval => ("Een brief wacht op uw akkoord", "A letter waits for your approval"),
            QuestionKind::HandOver => (
                "Alle stappen zijn gedaan; wat nu (incassobureau, jurist)?",
                "All steps are done; what next (agency, lawyer)?",
            ),
            QuestionKind::NoAddress => {
                ("Van deze klant is geen mailadres bekend", "No mail address is known for this customer")
            }
            QuestionKind::Limitation => ("Een vordering verjaart", "A claim lapses"),
            QuestionKind::Quarantine => ("Dit kon niet worden gelezen", "This could not be read"),
            QuestionKind::Correlation => {
                ("Een bericht dat bij meer dan één klant past", "A mail that fits more than one customer")
            }
            QuestionKind::Strangers => (
                "Nog meer berichten van onbekenden die over een vordering gaan; ze staan in de mailbox",
                "More mails from strangers that speak of a claim; they are in the mailbox",
            ),
            QuestionKind::Burst => ("Ongewoon veel brieven tegelijk", "Unusually many letters at once"),
            QuestionKind::CatchUp => {
                ("Na een onderbreking: verzenden hervatten?", "After an interruption: resume sending?")
            }
            QuestionKind::Clock => (
                "De klok is teruggezet; klopt hij nu? (confirm: ja, en er mag weer verzonden worden)",
                "The clock was set back; is it right now? (confirm: yes, and sending may go on)",
            ),
            QuestionKind::StatementGap => (
                "Er ontbreekt een bankafschrift: zet het in de map (nothing-missing: er is geen afschrift dat ontbreekt)",
                "A bank statement is missing: put it into the folder (nothing-missing: there is none that is missing)",
            ),
            QuestionKind::Restored => (
                "De database is teruggezet uit een reservekopie; mag het verzenden verder gaan?",
                "The database was restored from a backup; may sending go on?",
            ),
            QuestionKind::LostLetter => (
                "Na een teruggezette reservekopie: is deze brief intussen verzonden?",
                "After a restored backup: was this letter sent meanwhile?",
            ),
            QuestionKind::OpenItemLess => (
                "Volgens uw lijst van openstaande posten staat er minder open; is er betaald?",
                "Your list of open items says that less is open; was it paid?",
            ),
            QuestionKind::OpenItemGone => (
                "Deze factuur staat niet meer op uw lijst van openstaande posten; is zij betaald?",
                "Your list of open items has this invoice no more; was it paid?",
            ),
            QuestionKind::Identity => (
                "Van wie is deze factuur: van een klant die wij kennen, of van een andere (new)?",
                "Whose is this invoice: a customer's that we know, or another's (new)?",
            ),
        }
    }
}
