//! Evidence: what news about money rests on, and what that alone may do. The classes are those of SECURITY.md ("What a
//! message may do alone"). It says how far somebody is believed; whether an amount fits a case is `bank::matching`'s.

use serde::{Deserialize, Serialize};

/// In whose name the owner's answers by mail are written down.
pub const OWNER_BY_MAIL: &str = "owner by mail";

/// Where news about money comes from, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// E0: a mail that says so and proves nothing: a customer's, one in a bank's name that nobody vouches for, and a bank's
    /// mail that somebody passes on, the owner too.
    Word,
    /// E1: a bank's own mail about one payment, authenticated.
    Notice,
    /// E1: a bank's report that is no statement (CAMT.052 and .054 without balances, MT942): it announces.
    Report,
    /// E2: a balanced statement attached to an authenticated mail of the bank.
    MailedStatement,
    /// E2: a balanced statement in the owner's folder, or taken in by hand: as good as the rights of the file.
    FiledStatement,
    /// E3: the owner's answer to a digest, from a proven address.
    OwnerMail,
    /// E4: the owner's command on the host.
    OwnerHost,
}

/// How far it is believed, as SECURITY.md numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    E0,
    E1,
    E2,
    E3,
    E4,
}

impl Class {
    pub fn code(self) -> &'static str {
        match self {
            Class::E0 => "E0",
            Class::E1 => "E1",
            Class::E2 => "E2",
            Class::E3 => "E3",
            Class::E4 => "E4",
        }
    }
}

impl Evidence {
    pub fn class(self) -> Class {
        match self {
            Evidence::Word => Class::E0,
            Evidence::Notice | Evidence::Report => Class::E1,
            Evidence::MailedStatement | Evidence::FiledStatement => Class::E2,
            Evidence::OwnerMail => Class::E3,
            Evidence::OwnerHost => Class::E4,
        }
    }

    /// It may book money and close by an exact match; what may not can pause at most.
    pub fn may_close(self) -> bool {
        self.class() > Class::E0
    }

    /// It closes at most `notices.close_max`, and where statements are configured one must show the money in time.
    pub fn only_announces(self) -> bool {
        self.class() == Class::E1
    }

    /// What the owner says, by mail or on the host.
    pub fn of_owner(by: &str) -> Evidence {
        if by == OWNER_BY_MAIL { Evidence::OwnerMail } else { Evidence::OwnerHost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Evidence; 7] = [
        Evidence::Word,
        Evidence::Notice,
        Evidence::Report,
        Evidence::MailedStatement,
        Evidence::FiledStatement,
        Evidence::OwnerMail,
        Evidence::OwnerHost,
    ];

    #[test]
    fn a_class_is_never_weaker_than_the_one_before() {
        assert!(ALL.is_sorted() && ALL.map(Evidence::class).is_sorted());
        assert_eq!(ALL.map(|evidence| evidence.class().code()), ["E0", "E1", "E1", "E2", "E2", "E3", "E4"]);
    }

    #[test]
    fn only_a_word_may_not_close_and_only_announcements_are_capped() {
        let closing: Vec<Evidence> = ALL.into_iter().filter(|evidence| !evidence.may_close()).collect();
        assert_eq!(closing, [Evidence::Word]);
        let capped: Vec<Evidence> = ALL.into_iter().filter(|evidence| evidence.only_announces()).collect();
        assert_eq!(capped, [Evidence::Notice, Evidence::Report]);
    }

    /// The words stand in journals for ever.
    #[test]
    fn words_of_the_journal() {
        let words = ALL.map(|evidence| serde_json::to_value(evidence).unwrap());
        assert_eq!(
            words,
            ["word", "notice", "report", "mailed_statement", "filed_statement", "owner_mail", "owner_host"]
        );
    }
}
