//! Who owes.

use super::ids::DebtorId;
use serde::{Deserialize, Serialize};

/// A debtor as the invoices and the debtors file describe it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debtor {
    pub id: DebtorId,
    pub name: String,
    #[serde(default)]
    pub contact: Option<String>,
    /// The one address that letters go to.
    #[serde(default)]
    pub email: Option<String>,
    pub kind: DebtorKind,
    /// ISO 3166 two-letter code.
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub phone: Option<String>,
    #[serde(default)]
    pub vat: Option<String>,
    /// Street and town as they stand on an envelope, line by line; empty when no invoice named them.
    #[serde(default)]
    pub address: Vec<String>,
    /// Chamber of commerce number (KvK, KBO).
    #[serde(default)]
    pub kvk: Option<String>,
}

/// What kind of debtor; unknown counts as consumer, the most protected one (art. 6:96(5) BW).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DebtorKind {
    Consumer,
    Business,
    Government,
}

/// A language that letters exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Nl,
    En,
    De,
    Fr,
}

impl Language {
    pub const ALL: [Language; 4] = [Language::Nl, Language::En, Language::De, Language::Fr];

    /// What the owner can choose for the digest and the questions.
    pub const OF_OWNERS: [Language; 2] = [Language::Nl, Language::En];

    /// The language in which an owner is written to who would like this one: the same, or English.
    pub fn for_owner(self) -> Language {
        match self {
            Language::Nl => Language::Nl,
            Language::En | Language::De | Language::Fr => Language::En,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Language::Nl => "nl",
            Language::En => "en",
            Language::De => "de",
            Language::Fr => "fr",
        }
    }

    pub fn parse(code: &str) -> Option<Language> {
        let primary = code.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        Language::ALL.into_iter().find(|language| language.code() == primary)
    }
}
