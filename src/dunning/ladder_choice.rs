//! Which ladder a debtor is on, who chose it, and which one the owner may choose. The debtor's kind and country decide:
//! whom the law protects is never put on a ladder without that protection.

use super::account::Account;
use super::calendar::Country;
use super::debtor::DebtorKind;
use super::lawful::{self, Rule};
use super::policy::{Ladder, Policy};
use std::collections::BTreeMap;
use std::fmt;

/// Who chose a debtor's ladder, the first one that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// The owner, for this debtor.
    CommandLine,
    /// The configuration, for this debtor.
    Configuration,
    /// The configuration, for every debtor of its kind and country.
    Kind,
}

impl ChosenBy {
    pub fn code(self) -> &'static str {
        match self {
            ChosenBy::CommandLine => "command_line",
            ChosenBy::Configuration => "configuration",
            ChosenBy::Kind => "kind",
        }
    }
}

/// Why a debtor may not be put on a ladder, with those that it may be put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LadderRefused {
    Unknown {
        name: String,
        choose: Vec<String>,
    },
    /// It follows the law of another country than the debtor's.
    OtherCountry {
        name: String,
        choose: Vec<String>,
    },
    /// The debtor is a consumer, and the ladder does not surely keep what protects consumers
    /// (art. 6:96(5)-(6) BW; Book XIX of the Belgian Code of Economic Law).
    ForConsumers {
        name: String,
        choose: Vec<String>,
    },
    /// It asks what the law does not grant of a debtor of this kind.
    Unlawful {
        name: String,
        rule: Rule,
        choose: Vec<String>,
    },
}

impl fmt::Display for LadderRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let choose = match self {
            LadderRefused::Unknown { name, choose } => {
                write!(f, "there is no ladder {name:?}")?;
                choose
            }
            LadderRefused::OtherCountry { name, choose } => {
                write!(f, "the ladder {name:?} follows the law of another country than the debtor's")?;
                choose
            }
            LadderRefused::ForConsumers { name, choose } => {
                write!(
                    f,
                    "the ladder {name:?} is not for consumers: a consumer pays no costs before the letter that the law \
                     prescribes, and this debtor is a consumer, or its kind is not known"
                )?;
                choose
            }
            LadderRefused::Unlawful { name, rule, choose } => {
                write!(f, "the ladder {name:?} may not be used for this debtor: a step {}", rule.message())?;
                choose
            }
        };
        if choose.is_empty() { Ok(()) } else { write!(f, "; choose {}", choose.join(", ")) }
    }
}

impl Policy {
    /// The debtor's ladder, and who chose it: the command line goes before the configuration, and that before the kind.
    /// A ladder that was chosen for the debtor and may not be used (any more) counts for nothing: the configuration may
    /// say later that a business is a consumer, an invoice that it lives in another country.
    pub fn ladder_choice(&self, account: &Account) -> Option<(&Ladder, ChosenBy)> {
        let said = || self.ladder_named(account, account.instructions.ladder.as_deref()?).ok();
        let (country, kind) = (self.country(account), self.kind(account));
        let may = |ladder: &&Ladder| lawful::allows(ladder, country, kind);
        let own = || self.overrides.get(&account.id)?.ladder.as_ref().filter(may);
        let of_kind = || self.ladders.get(&(country, kind));
        said()
            .map(|ladder| (ladder, ChosenBy::CommandLine))
            .or_else(|| own().map(|ladder| (ladder, ChosenBy::Configuration)))
            .or_else(|| of_kind().map(|ladder| (ladder, ChosenBy::Kind)))
    }

    /// Why the ladder that the owner chose for this debtor is not used.
    pub fn lost_ladder(&self, account: &Account) -> Option<LadderRefused> {
        self.ladder_named(account, account.instructions.ladder.as_deref()?).err()
    }

    /// The ladder of that name, when this debtor may be put on it.
    ///
    /// # Errors
    /// When there is none of that name, or it is not for a debtor of this kind or country.
    pub fn ladder_named(&self, account: &Account, name: &str) -> Result<&Ladder, LadderRefused> {
        let (name_text, choose) = (name.to_owned(), || self.choosable(account));
        let Some(ladder) = self.known_ladders().get(name).copied() else {
            return Err(LadderRefused::Unknown { name: name_text, choose: choose() });
        };
        if is_of_another_country(name, self.country(account)) {
            return Err(LadderRefused::OtherCountry { name: name_text, choose: choose() });
        }
        if !self.is_for_kind(account, name) {
            return Err(LadderRefused::ForConsumers { name: name_text, choose: choose() });
        }
        match lawful::breaches(ladder, self.country(account), self.kind(account)).iter().find(|b| !b.rule.is_warning())
        {
            Some(breach) => Err(LadderRefused::Unlawful { name: name_text, rule: breach.rule, choose: choose() }),
            None => Ok(ladder),
        }
    }

    fn known_ladders(&self) -> BTreeMap<&str, &Ladder> {
        let of_kinds = self.ladders.values().map(|ladder| (ladder.name.as_str(), ladder));
        let named = self.named_ladders.iter().map(|(name, ladder)| (name.as_str(), ladder));
        of_kinds.chain(named).collect()
    }

    fn choosable(&self, account: &Account) -> Vec<String> {
        let country = self.country(account);
        let may = |name: &str, ladder: &Ladder| {
            !is_of_another_country(name, country)
                && self.is_for_kind(account, name)
                && lawful::allows(ladder, country, self.kind(account))
        };
        let known = self.known_ladders();
        known.iter().filter(|(name, ladder)| may(name, ladder)).map(|(name, _)| (*name).to_owned()).collect()
    }

    /// For a consumer only a ladder that says so by its name, or that the configuration gives to consumers. Others may
    /// be put on any ladder of their country.
    fn is_for_kind(&self, account: &Account, name: &str) -> bool {
        let country = self.country(account);
        match self.kind(account) {
            DebtorKind::Consumer => {
                let configured = self.ladders.get(&(country, DebtorKind::Consumer));
                let by_name = name.starts_with(&format!("{}-consumer", prefix(country)));
                by_name || configured.is_some_and(|own| own.name == name)
            }
            DebtorKind::Business | DebtorKind::Government => true,
        }
    }
}

/// How the names of a country's ladders begin.
fn prefix(country: Country) -> &'static str {
    match country {
        Country::Nl => "nl",
        Country::Be => "be",
    }
}

fn is_of_another_country(name: &str, country: Country) -> bool {
    let other = match country {
        Country::Nl => Country::Be,
        Country::Be => Country::Nl,
    };
    name.starts_with(&format!("{}-", prefix(other)))
}
