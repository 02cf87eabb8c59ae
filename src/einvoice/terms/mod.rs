//! The due date that only stands in the text of an invoice's payment terms: "Betaling binnen 30 dagen", "net 30", "30 jours
//! fin de mois", in four languages. What can be read in two ways is not read: then the term of the configuration counts,
//! with a warning. A discount for paying early never shortens the term, and of several days the last one counts, so that
//! nobody is reminded early.

mod clause;
mod skonto;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;

/// So much of a text is shown in a warning, in characters.
const SHOWN: usize = 80;
/// A longer text is not read: what is so long are conditions, not a term.
const LONGEST: usize = 4000;
/// A later day than so many after the invoice is a mistake of the reader or of the writer.
const LONGEST_TERM_DAYS: i64 = 366;

/// What the text says of the due date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing of a term, or only of a discount.
    Silent,
    Due(NaiveDate),
    /// It names a term that cannot be relied on: why.
    Unclear(String),
}

/// Reads the texts of all payment terms of an invoice of that day.
pub(super) fn read(texts: &[String], issued: NaiveDate) -> Reading {
    let text = texts.join("\n");
    let unclear = |why: &str| Reading::Unclear(unclear(&text, why));
    if text.len() > LONGEST {
        return unclear("it is very long");
    }
    let (plain, discount_days) = skonto::taken_out(&text);
    let clauses: Vec<clause::Clause> =
        tokens::sentences(&plain).iter().map(|sentence| clause::read(sentence, issued)).collect();
    if let Some(why) = clauses.iter().find_map(|clause| clause.doubt) {
        return unclear(why);
    }
    let discounts = discount_days.iter().map(|days| issued.checked_add_days(Days::new((*days).into())));
    match last_day(&clauses, discounts.collect()) {
        Ok(None) => Reading::Silent,
        Ok(Some(due)) if due < issued => unclear("it ends before the invoice date"),
        Ok(Some(due)) if (due - issued).num_days() > LONGEST_TERM_DAYS => unclear("it ends more than a year later"),
        Ok(Some(due)) => Reading::Due(due),
        Err(why) => unclear(why),
    }
}

/// The last day for the whole amount. `discounts` are the last days of discounts that are told apart from the sentences.
fn last_day(clauses: &[clause::Clause], discounts: Vec<Option<NaiveDate>>) -> Result<Option<NaiveDate>, &'static str> {
    let found = || clauses.iter().flat_map(|clause| clause.found.iter().map(move |found| (clause.discount, found)));
    let is_discounted = !discounts.is_empty() || clauses.iter().any(|clause| clause.discount);
    let days: Option<BTreeSet<NaiveDate>> = found().map(|(_, found)| found.day).chain(discounts).collect();
    let Some(days) = days else { return Err("it ends after the calendar") };
    let of = |chosen: fn(bool, bool) -> bool| {
        found().filter(|(discount, found)| chosen(*discount, found.net)).filter_map(|(_, found)| found.day).max()
    };
    if !is_discounted {
        return Ok(days.last().copied());
    }
    let (net, apart) = (of(|_, net| net), of(|discount, _| !discount));
    // One day alone, beside a discount: it may be the discount's.
    let due = net.max(apart.filter(|_| net.is_some() || days.len() > 1));
    match due {
        Some(due) if days.last().is_some_and(|last| due < *last) => Err("a discount may be taken later than that"),
        due => Ok(due),
    }
}

fn unclear(text: &str, why: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let text = words.join(" ");
    let shown: String = text.chars().take(SHOWN).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!(
        "the payment terms \"{shown}{more}\" are not relied on, for {why}: the default term counts; write a due date into \
         the invoice"
    )
}
