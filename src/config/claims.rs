//! `[claims]`: what may be asked beside the principal. Which letters ask it stands in the ladders.

use super::Files;
use super::fault::{Document, Fault, Findings, Found};
use super::places::amount_of;
use super::section::Section;
use crate::dunning::law::interest::DayCount;
use crate::dunning::law::rates::{RateFault, RateTable};
use crate::dunning::money::Money;
use crate::dunning::policy::{Claims, InterestAsked};
use rust_decimal::Decimal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DAY_COUNTS: [(&str, DayCount); 3] = [("A", DayCount::A), ("B", DayCount::B), ("C", DayCount::C)];

/// A letter about less than this is not worth its reader's time.
const MINIMUM: Money = Money::eur_cents(100);

/// The claims, and the least that a letter asks in total. `rates` is the folder of the owner's own tables.
pub(super) fn read_claims(section: &Section<'_>, files: &dyn Files, rates: Option<&Path>) -> (Claims, Money) {
    let default = Claims::default();
    let amount = |key: &'static str, default| {
        let amount = section.text(key).and_then(|text| amount_of(section.document, &section.path(key), &text));
        amount.unwrap_or(default)
    };
    let claims = Claims {
        interest: section.text("interest").and_then(|text| interest(section, &text)).unwrap_or(default.interest),
        day_count: section.choice("day_count", &DAY_COUNTS).unwrap_or(default.day_count),
        rates: rates.map_or(default.rates, |folder| Arc::new(read_rates(section.document.findings, files, folder))),
        costs: section.choice("costs", &[("statutory", true), ("none", false)]).unwrap_or(default.costs),
        vat_on_costs: section.flag("vat_on_costs").unwrap_or(default.vat_on_costs),
        agreed_terms: section.flag("agreed_terms").unwrap_or(default.agreed_terms),
        be_clause: section.flag("be_clause").unwrap_or(default.be_clause),
        waive_rest_below: amount("waive_rest_below", default.waive_rest_below),
    };
    let minimum = amount("minimum", MINIMUM);
    if claims.vat_on_costs {
        section.document.warn(
            section.at_of("vat_on_costs"),
            "claims.vat_on_costs is only lawful when a collector charges you VAT that you cannot deduct, and each letter declares both (art. 2(3) Besluit vergoeding voor buitengerechtelijke incassokosten)",
            "leave it out when you send the letters yourself",
        );
    }
    section.finish();
    (claims, minimum)
}

/// `"statutory"`, `"none"`, or the yearly percentage that was agreed, like `"8.5"`.
fn interest(section: &Section<'_>, text: &Found<String>) -> Option<InterestAsked> {
    match text.value.as_str() {
        "statutory" => return Some(InterestAsked::Statutory),
        "none" => return Some(InterestAsked::None),
        _ => {}
    }
    let plain = text.value.chars().all(|c| c.is_ascii_digit() || c == '.');
    let percent = text.value.parse::<Decimal>().ok().filter(|_| plain);
    let lawful = percent.filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED);
    if lawful.is_none() {
        let message =
            format!("{} = {:?} is not a yearly percentage above 0, up to 100", section.path("interest"), text.value);
        let remedy = "write \"statutory\", \"none\", or the rate that was agreed with businesses, like \"8.5\"";
        section.document.fault(text.at, message, remedy);
    }
    lawful.map(InterestAsked::Contract)
}

/// The built-in tables with the owner's: `nl.csv` and `be.csv` replace them, a file of another name adds its rows.
fn read_rates(findings: &Findings, files: &dyn Files, folder: &Path) -> RateTable {
    let tables: Vec<(String, String)> = tables(findings, files, folder);
    let texts: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    RateTable::built_in().with(&texts).unwrap_or_else(|faults| {
        faults.into_iter().for_each(|fault| findings.fault(located(folder, fault)));
        RateTable::default()
    })
}

/// Name and text of each `*.csv` directly in the folder.
fn tables(findings: &Findings, files: &dyn Files, folder: &Path) -> Vec<(String, String)> {
    let unreadable = |file: &Path, reason: std::io::Error| {
        let document = Document { file, text: "", findings };
        document.fault(0, format!("this cannot be read: {reason}"), "correct the permissions; save it as UTF-8");
    };
    let mut paths: Vec<PathBuf> = files.list(folder).unwrap_or_else(|reason| {
        unreadable(folder, reason);
        Vec::new()
    });
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    let mut tables = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match files.read(&path) {
            Ok(text) => tables.push((name, text)),
            Err(reason) => unreadable(&path, reason),
        }
        findings.also_read.borrow_mut().insert(path);
    }
    tables
}

fn located(folder: &Path, fault: RateFault) -> Fault {
    let RateFault { file, line, message, remedy } = fault;
    Fault { file: folder.join(file), line, column: 1, message, remedy }
}
