//! Whom a command is about: a case id, an invoice number or a debtor id, as it was typed. What is not certain is
//! refused with a list, never guessed.

use crate::dunning::account::{Account, Case};
use crate::dunning::hold::Scope;
use crate::dunning::ids::{CaseId, DebtorId};
use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// Names that an error lists at most.
const LISTED: usize = 8;

/// One case, or a whole debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub debtor: DebtorId,
    pub scope: Scope,
}

impl Subject {
    /// Looks for exactly this text, and when there is none, for the same in other letter case.
    ///
    /// # Errors
    /// When it names nothing or more than one thing: the error lists what comes near, or what it may be.
    pub fn find(accounts: &[Account], typed: &str) -> Result<Subject> {
        let typed = typed.trim();
        let exact = all_named(accounts, |name| name == typed);
        let hits = if exact.is_empty() { all_named(accounts, |name| name.eq_ignore_ascii_case(typed)) } else { exact };
        match hits.as_slice() {
            [] => bail!("there is no case, invoice or debtor {typed:?}; {}", nearby(accounts, typed)),
            [(subject, _)] => Ok(subject.clone()),
            several => {
                let names: Vec<&str> = several.iter().map(|(_, name)| name.as_str()).collect();
                bail!("{typed:?} may be several things: {}; write one of these ids", names.join(", "))
            }
        }
    }

    pub fn covers(&self, case: &CaseId) -> bool {
        match &self.scope {
            Scope::Debtor => true,
            Scope::Case(own) => own == case,
        }
    }

    /// The cases meant, in an account.
    pub fn cases<'a>(&'a self, account: &'a Account) -> impl Iterator<Item = &'a Case> {
        account.cases.values().filter(|case| self.covers(&case.id))
    }

    /// The one open case meant.
    ///
    /// # Errors
    /// When it is closed, or when the debtor has none or several: the error lists them.
    pub fn one_open_case(&self, account: &Account) -> Result<CaseId> {
        let open: Vec<&Case> = self.cases(account).filter(|case| case.is_open()).collect();
        match (open.as_slice(), &self.scope) {
            ([case], _) => Ok(case.id.clone()),
            (_, Scope::Case(case)) => bail!("case {case} is closed already"),
            ([], Scope::Debtor) => bail!("debtor {} has no open case", self.debtor),
            (several, Scope::Debtor) => {
                let ids: Vec<&str> = several.iter().map(|case| case.id.as_str()).collect();
                bail!("debtor {} has several open cases: name one of {}", self.debtor, ids.join(", "))
            }
        }
    }
}

/// Everything that bears such a name, with the id that tells it apart.
fn all_named(accounts: &[Account], is: impl Fn(&str) -> bool) -> Vec<(Subject, String)> {
    let mut hits = Vec::new();
    for account in accounts.iter().filter(|account| !account.id.is_administration()) {
        // One that was merged is the debtor that it was made one with.
        if [&account.id].into_iter().chain(&account.formerly).any(|id| is(id.as_str())) {
            hits.push((Subject { debtor: account.id.clone(), scope: Scope::Debtor }, format!("debtor {}", account.id)));
        }
        for case in account.cases.values().filter(|case| is(case.id.as_str()) || is(case.number().as_str())) {
            let scope = Scope::Case(case.id.clone());
            hits.push((Subject { debtor: account.id.clone(), scope }, format!("case {}", case.id)));
        }
    }
    hits
}

fn nearby(accounts: &[Account], typed: &str) -> String {
    let typed = typed.to_lowercase();
    let near = |name: &str| {
        let name = name.to_lowercase();
        let slips = strsim::damerau_levenshtein(&typed, &name);
        slips * 4 <= typed.chars().count() || (typed.len() >= 3 && name.contains(&typed))
    };
    let mut names = BTreeSet::new();
    for account in accounts.iter().filter(|account| !account.id.is_administration()) {
        let own_name = account.debtor.as_ref().map(|debtor| debtor.name.as_str()).unwrap_or_default();
        if near(account.id.as_str()) || near(own_name) {
            names.insert(account.id.to_string());
        }
        let cases = account.cases.values().filter(|case| near(case.id.as_str()) || near(case.number().as_str()));
        names.extend(cases.map(|case| case.id.to_string()));
    }
    if names.is_empty() {
        return "`aanmaand cases` lists them".to_owned();
    }
    let names: Vec<String> = names.into_iter().take(LISTED).collect();
    format!("did you mean {}?", names.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::account::ClosedAs;
    use crate::dunning::debtor::{Debtor, DebtorKind};
    use crate::dunning::fact::Fact;
    use crate::dunning::ids::{EvidenceId, InvoiceNumber};
    use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
    use crate::dunning::money::Money;

    fn account(id: &str, numbers: &[&str]) -> Account {
        let mut account = Account::new(DebtorId::new(id));
        let debtor = Debtor {
            id: account.id.clone(),
            name: format!("Firma {id}"),
            contact: None,
            email: None,
            kind: DebtorKind::Business,
            country: None,
            address: Vec::new(),
            language: None,
            phone: None,
            vat: None,
            kvk: None,
        };
        for number in numbers {
            let number = InvoiceNumber::new(*number);
            let amount = Money::eur_cents(10_000);
            let on = "2026-10-01".parse().unwrap();
            let invoice = Invoice {
                number: number.clone(),
                kind: InvoiceKind::Invoice,
                issue_date: on,
                due_date: None,
                due_source: DueSource::default(),
                total: amount,
                prepaid: Money::eur_cents(0),
                payable: amount,
                debtor: debtor.clone(),
                description: None,
                payment_reference: None,
                order_reference: None,
                corrects: None,
                term_source: TermSource::Invoice,
                seller: Seller::default(),
                iban: None,
            };
            account.apply(&Fact::InvoiceOpened {
                case: CaseId::of(&number),
                invoice: Box::new(invoice),
                due_date: on,
                file: String::new(),
                source: EvidenceId::new("x"),
                on,
            });
        }
        account.apply(&Fact::DebtorDescribed { debtor });
        account
    }

    fn error(accounts: &[Account], typed: &str) -> String {
        Subject::find(accounts, typed).unwrap_err().to_string()
    }

    #[test]
    fn case_ids_numbers_and_debtors_are_found() {
        let accounts = [account("K1", &["2026-1", "2026-2"]), account("K2", &["F/3"])];
        let case = |typed: &str| Subject::find(&accounts, typed).unwrap();
        assert_eq!(case("C-2026-2"), case("2026-2"));
        assert_eq!(case("f/3").scope, Scope::Case(CaseId::of(&"F/3".into())));
        assert_eq!(case(" K1 "), Subject { debtor: "K1".into(), scope: Scope::Debtor });
    }

    #[test]
    fn what_is_unknown_or_ambiguous_is_refused_with_a_list() {
        let accounts = [account("1001", &["2026-1"]), account("K2", &["1001"]), account("@administration", &[])];
        assert!(error(&accounts, "1001").contains("debtor 1001, case C-1001"));
        assert!(error(&accounts, "C-2026-2").contains("C-2026-1"));
        assert!(error(&accounts, "firma").contains("1001 or K2"));
        assert!(error(&accounts, "zzzzzz").contains("aanmaand cases"));
        assert!(error(&accounts, "@administration").contains("there is no"));
    }

    #[test]
    fn a_payment_is_for_one_open_case() {
        let mut account = account("K1", &["2026-1", "2026-2"]);
        let accounts = [account.clone()];
        let debtor = Subject::find(&accounts, "K1").unwrap();
        let first = Subject::find(&accounts, "2026-1").unwrap();
        assert!(debtor.one_open_case(&account).unwrap_err().to_string().contains("C-2026-1, C-2026-2"));
        let on = "2026-11-01".parse().unwrap();
        account.apply(&Fact::CaseClosed { case: "C-2026-1".into(), how: ClosedAs::Paid, on, thanks: false });
        assert_eq!(debtor.one_open_case(&account).unwrap(), CaseId::new("C-2026-2"));
        assert!(first.one_open_case(&account).unwrap_err().to_string().contains("closed already"));
    }
}
