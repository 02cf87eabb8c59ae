//! Names of things: each its own type, so that a case is never taken for a debtor.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            pub fn new(text: impl Into<String>) -> $name {
                $name(text.into().into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.into())
            }
        }
    };
}

id!(/// Who owes: the customer number in the books, else one derived from VAT, e-mail or name.
    DebtorId);
id!(/// The chasing of one invoice; see [`CaseId::of`].
    CaseId);
id!(/// An invoice's number exactly as it is printed.
    InvoiceNumber);
id!(/// A step of a ladder: `reminder`, `formal-notice`.
    StepId);
id!(/// One letter to one debtor, derived from the (case, step) pairs it covers.
    LetterId);
id!(/// What a human must answer: `Q3-K1001`, or `Q3` when no debtor is concerned.
    QuestionId);
id!(/// An input (mail, file, statement line) by the sha256 of its bytes or a key within it.
    EvidenceId);

impl CaseId {
    /// The case of an invoice. The number is unique in an administration, so the id is too: odd
    /// characters are replaced, and then a checksum of the true number keeps two numbers apart.
    pub fn of(number: &InvoiceNumber) -> CaseId {
        let safe: String = number.as_str().chars().map(|c| if is_safe(c) { c } else { '-' }).collect();
        if safe == number.as_str() {
            CaseId::new(format!("C-{safe}"))
        } else {
            CaseId::new(format!("C-{safe}~{}", short_hash(number.as_str())))
        }
    }
}

impl StepId {
    /// This step taken once more, because the letter of the last round had no effect: `fourteen-day-letter~2`. Each
    /// round is a step of its own, so that never two letters cover the same one.
    pub fn again(&self) -> StepId {
        let round = self.0.rsplit_once(ROUND).and_then(|(_, round)| round.parse::<u32>().ok()).unwrap_or(1);
        StepId::new(format!("{}{ROUND}{}", self.of_ladder(), round.saturating_add(1)))
    }

    /// The step's name in its ladder, whatever the round.
    pub fn of_ladder(&self) -> &str {
        self.0.rsplit_once(ROUND).map_or(&self.0, |(step, _)| step)
    }
}

/// Stands between a step and its round; no ladder may use it in a name.
const ROUND: char = '~';

impl DebtorId {
    /// The pseudo-debtor that carries what concerns no debtor: questions about files, strangers'
    /// payments, the administration as a whole.
    pub fn administration() -> DebtorId {
        DebtorId("@administration".into())
    }

    pub fn is_administration(&self) -> bool {
        self.0.starts_with('@')
    }

    /// An id for somebody who may be this debtor, or another: what else is told of it keeps the two apart.
    pub fn beside(&self, told: &str) -> DebtorId {
        DebtorId::new(format!("{}~{}", self.0, short_hash(told)))
    }

    /// A debtor id from text in a file: odd characters are replaced, so that it can be typed in a shell.
    pub fn from_text(text: &str) -> DebtorId {
        let trimmed = text.trim();
        let safe: String = trimmed.chars().map(|c| if is_safe(c) { c } else { '-' }).collect();
        if safe == trimmed && !safe.is_empty() {
            DebtorId::new(safe)
        } else {
            DebtorId::new(format!("{safe}~{}", short_hash(trimmed)))
        }
    }

    /// Whether this is the id of that text.
    pub fn is_of_text(&self, text: &str) -> bool {
        // Most ids have no hash in them, and then there is none to be made.
        let may_be = self.0.contains('~') || *self.0 == *text.trim();
        may_be && *self == DebtorId::from_text(text)
    }
}

fn is_safe(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Eight hex digits that tell texts apart; no secret and no security in it.
fn short_hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_ids_keep_odd_numbers_apart() {
        assert_eq!(CaseId::of(&"2026-0412".into()).as_str(), "C-2026-0412");
        assert_ne!(CaseId::of(&"2026/1".into()), CaseId::of(&"2026-1".into()));
        assert_ne!(CaseId::of(&"2026/1".into()), CaseId::of(&"2026 1".into()));
        assert_ne!(DebtorId::from_text("@administration"), DebtorId::administration());
    }

    #[test]
    fn an_id_knows_its_text() {
        for text in ["K1", " K1 ", "Jansen & Zn.", "a@b.example", "", "é", "K~1"] {
            assert!(DebtorId::from_text(text).is_of_text(text), "{text:?}");
            assert!(!DebtorId::from_text(text).is_of_text("K2"), "{text:?}");
            assert!(!DebtorId::from_text("K2").is_of_text(text), "{text:?}");
        }
        assert!(!DebtorId::new("@administration").is_of_text("@administration"));
    }

    #[test]
    fn rounds_of_a_step() {
        let step = StepId::new("fourteen-day-letter");
        assert_eq!(step.again().as_str(), "fourteen-day-letter~2");
        assert_eq!(step.again().again().as_str(), "fourteen-day-letter~3");
        assert_eq!(step.again().of_ladder(), "fourteen-day-letter");
    }
}
