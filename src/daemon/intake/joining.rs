//! Whether the statements of our accounts join: what is missing is asked about, and bank data ends before it.

use super::super::house::House;
use crate::bank::sequence::{self, Gap, Link};
use crate::bank::statement::Statement;
use crate::dunning::debtor::Language;
use crate::dunning::ids::EvidenceId;
use crate::dunning::money::{Currency, Money};
use crate::dunning::question::{About, QuestionKind};
use crate::store::InputRow;
use anyhow::Result;

impl House {
    /// Takes a statement into the row of its account; what there is to say of it.
    pub(super) fn join_statement(&mut self, statement: &Statement, row: &InputRow) -> Result<Option<String>> {
        let Some(link) = Link::of(statement).filter(|_| statement.is_final()) else { return Ok(None) };
        let mut links = self.statement_links(&statement.account)?;
        let skipped = sequence::skipped(&links, &link);
        if !sequence::add(&mut links, link) {
            return Ok(None);
        }
        self.keep_links(&statement.account, &links)?;
        for gap in sequence::gaps(&links) {
            self.ask_gap(&statement.account, &gap, row)?;
        }
        self.ask_no_more_of_gaps()?;
        Ok(skipped.map(|(first, last)| format!("numbers {first} to {last} did not come, but the balances join")))
    }

    fn ask_gap(&mut self, account: &str, gap: &Gap, row: &InputRow) -> Result<()> {
        let key = format!("{account}|{}|{}|{}", gap.until, gap.closing, gap.opening);
        if !self.store.once("statement_gap", &key)? {
            return Ok(());
        }
        self.set_memo(&gap_key(&row.id), account)?;
        let detail = self.gap_told(account, gap);
        self.ask_owner(QuestionKind::StatementGap, &detail, About::Input(row.id.clone()), Vec::new(), &row.name)
    }

    fn ask_no_more_of_gaps(&mut self) -> Result<()> {
        if self.statement_gaps()?.is_empty() {
            self.no_longer_asked(QuestionKind::StatementGap, "no statement is missing any more")?;
        }
        Ok(())
    }

    /// The owner says that nothing is missing in the account that a question was about.
    pub(super) fn nothing_is_missing(&mut self, source: &EvidenceId) -> Result<()> {
        let Some(account) = self.memo(&gap_key(source))? else { return Ok(()) };
        let mut links = self.statement_links(&account)?;
        for gap in sequence::gaps(&links) {
            let is_after = |link: &&mut Link| link.until == gap.until && link.opening == gap.opening;
            links.iter_mut().filter(is_after).for_each(|link| link.joins = true);
        }
        self.keep_links(&account, &links)?;
        self.ask_no_more_of_gaps()
    }

    /// Every missing statement, as it is told to the owner.
    pub fn statement_gaps(&self) -> Result<Vec<String>> {
        let mut told = Vec::new();
        for account in &self.config.company.ibans {
            let gaps = sequence::gaps(&self.statement_links(account)?);
            told.extend(gaps.iter().map(|gap| self.gap_told(account, gap)));
        }
        Ok(told)
    }

    fn gap_told(&self, account: &str, gap: &Gap) -> String {
        let currency = gap.currency.as_deref().and_then(Currency::parse_with_past).unwrap_or(Currency::EUR);
        let told = |minor: i64| format!("{} {}", Money::from_minor(minor, currency), currency.code());
        let (closing, opening) = (told(gap.closing), told(gap.opening));
        let numbers =
            gap.numbers.as_ref().map(|(before, next)| format!(" (nr. {before} → {next})")).unwrap_or_default();
        match (self.config.language, gap.closing == gap.opening) {
            (Language::Nl, false) => format!(
                "{account}: na {} ontbreekt een bankafschrift{numbers}; het saldo was {closing}, het volgende begint met {opening}",
                gap.after
            ),
            (Language::Nl, true) => format!(
                "{account}: na {} ontbreekt een bankafschrift{numbers}, al sluit het saldo van {closing} aan",
                gap.after
            ),
            (Language::En | Language::De | Language::Fr, false) => format!(
                "{account}: after {} a bank statement is missing{numbers}; the balance was {closing}, the next one begins with {opening}",
                gap.after
            ),
            (Language::En | Language::De | Language::Fr, true) => format!(
                "{account}: after {} a bank statement is missing{numbers}, although the balance of {closing} joins",
                gap.after
            ),
        }
    }

    fn statement_links(&self, account: &str) -> Result<Vec<Link>> {
        let kept = self.memo(&format!("statement_links/{account}"))?;
        Ok(kept.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    fn keep_links(&mut self, account: &str, links: &[Link]) -> Result<()> {
        self.set_memo(&format!("statement_links/{account}"), &serde_json::to_string(links)?)?;
        let today = self.today();
        let until = sequence::covered_until(links).map(|day| day.min(today).to_string()).unwrap_or_default();
        self.set_memo(&format!("statements_until/{account}"), &until)
    }
}

fn gap_key(source: &EvidenceId) -> String {
    format!("gap_of/{source}")
}
