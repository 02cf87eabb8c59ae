//! MT940 (statement) and MT942 (interim report) of SWIFT, as Dutch, Belgian and other banks write them.
//! Never half a file: a line of an entry or a balance that cannot be read refuses the whole file.

mod entry_line;
mod lines;
mod narrative;
mod pages;
mod subfields;

use super::account_number;
use super::reference;
use super::statement::{Entry, Statement, StatementFault, Status};
use super::totals::check_balance;
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use entry_line::EntryLine;
use lines::{Field, Piece};
use narrative::Narrative;

/// Reads every statement of a file; the pages of one statement become one.
pub(super) fn read(text: &str) -> Result<Vec<Statement>, StatementFault> {
    let pieces = lines::pieces(text);
    let mut pages = Vec::new();
    for message in messages(&pieces) {
        pages.push(page(&message)?);
    }
    if pages.is_empty() {
        return Err(StatementFault::new(None, "the file holds no statement"));
    }
    Ok(pages::joined(pages))
}

/// The last message has entries or balances, but neither a closing balance nor, of a report, a total.
pub(super) fn is_unfinished(text: &str) -> bool {
    let pieces = lines::pieces(text);
    messages(&pieces).last().is_some_and(|message| last(message, &["62F", "62M", "90C", "90D"]).is_none())
}

/// The fields of each message. A message ends where the next begins, whether or not it says so.
fn messages<'p, 't>(pieces: &'p [Piece<'t>]) -> Vec<Vec<&'p Field<'t>>> {
    let mut messages: Vec<Vec<&Field>> = Vec::new();
    let mut open = false;
    for piece in pieces {
        match piece {
            Piece::End => open = false,
            // Rabobank heads a file with its kind.
            Piece::Field(field) if matches!(field.tag, "940" | "942" | "9999") => open = false,
            Piece::Field(field) => {
                if !open || field.tag == "20" {
                    messages.push(Vec::new());
                }
                open = true;
                if let Some(message) = messages.last_mut() {
                    message.push(field);
                }
            }
        }
    }
    messages
}

/// One message: a statement, or a page of one.
pub(super) struct Page {
    pub statement: Statement,
    pub number: Option<u32>,
    /// Its closing balance is an intermediate one (62M): more pages follow.
    pub goes_on: bool,
    /// Its opening balance is one (60M).
    pub is_continued: bool,
}

fn page(message: &[&Field]) -> Result<Page, StatementFault> {
    let field = |tags: &[&str]| message.iter().find(|field| tags.contains(&field.tag)).copied();
    let account_field = field(&["25", "25P"]).map_or("", |field| field.first());
    let (account, account_currency) = account_number::of_mt940(account_field);
    let stated = field(&["60F", "60M", "62F", "62M", "64", "65"]).and_then(|field| stated_currency(&field.joined()));
    let of_limit = field(&["34F", "90D", "90C"]).and_then(|field| currency_within(&field.joined()));
    let mut warnings = Vec::new();
    let currency = stated.or(of_limit).or(account_currency).unwrap_or_else(|| {
        warnings.push("the statement names no currency: EUR assumed".to_owned());
        Currency::EUR
    });
    let opening = balance(field(&["60F", "60M"]), currency, &mut warnings)?;
    let closing = balance(last(message, &["62F", "62M"]), currency, &mut warnings)?;
    let entries = entries(message, currency, &mut warnings)?;
    let interim = opening.is_none() && field(&["13", "13D", "34F", "90C", "90D"]).is_some();
    let money = |balance: &Option<Balance>| balance.as_ref().map(|balance| balance.amount);
    let balanced = check_balance(money(&opening), money(&closing), &entries, currency, &mut warnings);
    let totals = check_sums(message, &entries, currency, &mut warnings);
    let of_balances = message.iter().filter(|field| matches!(field.tag, "60F" | "60M" | "62F" | "62M"));
    let is_one_currency =
        of_balances.filter_map(|field| stated_currency(&field.joined())).all(|found| found == currency);
    if !is_one_currency {
        warnings.push("the balances are not in one currency".to_owned());
    }
    let (sequence, number) = sequence(field(&["28C", "28"]).map_or("", |field| field.first()));
    let goes_on = last(message, &["62F", "62M"]).is_some_and(|field| field.tag == "62M");
    let statement = Statement {
        format: if interim { "mt942" } else { "mt940" }.to_owned(),
        account,
        id: field(&["20"]).map(|field| field.first().to_owned()).filter(|id| !id.is_empty()),
        sequence,
        currency,
        opening: money(&opening),
        closing: money(&closing),
        balanced: match totals {
            _ if !is_one_currency => Some(false),
            Some(false) => Some(false),
            Some(true) if interim => Some(true),
            Some(true) | None => balanced,
        },
        covers_until: closing.as_ref().and_then(|balance| balance.day).filter(|_| !goes_on),
        covers_from: opening.as_ref().and_then(|balance| balance.day),
        entries,
        warnings,
    };
    Ok(Page {
        statement,
        number,
        goes_on,
        is_continued: field(&["60F", "60M"]).is_some_and(|field| field.tag == "60M"),
    })
}

fn last<'p, 't>(message: &[&'p Field<'t>], tags: &[&str]) -> Option<&'p Field<'t>> {
    message.iter().rev().find(|field| tags.contains(&field.tag)).copied()
}

struct Balance {
    amount: Money,
    day: Option<NaiveDate>,
}

/// `C140119EUR546,48`; the currency may be missing where the account's is known.
fn balance(
    field: Option<&Field>,
    currency: Currency,
    warnings: &mut Vec<String>,
) -> Result<Option<Balance>, StatementFault> {
    let Some(field) = field else { return Ok(None) };
    let written: String = field.joined().split_whitespace().collect();
    let fault = || StatementFault::new(field.line, format!("{:?} is not a balance", field.first()));
    let (sign, rest) = written.split_at_checked(1).ok_or_else(fault)?;
    let (day, rest) = rest.split_at_checked(6).ok_or_else(fault)?;
    let rest = match stated_currency(&written) {
        Some(_) => rest.get(3..).unwrap_or_default(),
        None => rest,
    };
    let (amount, rest) = entry_line::amount(rest).ok_or_else(fault)?;
    if !rest.is_empty() || !matches!(sign, "C" | "D") {
        return Err(fault());
    }
    let amount = Money::parse(&amount, currency).map_err(|why| StatementFault::new(field.line, why.to_string()))?;
    let day = entry_line::date(day);
    if day.is_none() {
        warnings.push(format!("line {}: the balance has no date", field.line));
    }
    Ok(Some(Balance { amount: if sign == "D" { negated(amount) } else { amount }, day }))
}

fn stated_currency(balance: &str) -> Option<Currency> {
    let compact: String = balance.split_whitespace().collect();
    Currency::parse_with_past(compact.get(7..10)?)
}

/// `EURD0,00`, `3PLN0,03`.
fn currency_within(text: &str) -> Option<Currency> {
    let letters = text.trim_start_matches(|c: char| c.is_ascii_digit());
    Currency::parse_with_past(letters.get(..3)?)
}

/// Number and page of field 28C. `998/1`.
fn sequence(written: &str) -> (Option<String>, Option<u32>) {
    let (number, _) = written.split_once('/').unwrap_or((written, ""));
    let number = number.trim();
    ((!number.is_empty()).then(|| number.to_owned()), number.parse().ok())
}

/// Each field 61 with the fields 86 behind it. Those elsewhere speak of the statement.
fn entries(message: &[&Field], currency: Currency, warnings: &mut Vec<String>) -> Result<Vec<Entry>, StatementFault> {
    let mut entries = Vec::new();
    let mut fields = message.iter().peekable();
    while let Some(field) = fields.next() {
        if field.tag != "61" {
            continue;
        }
        let mut said: Vec<&str> = Vec::new();
        let mut told: Vec<&str> = Vec::new();
        while let Some(next) = fields.next_if(|next| matches!(next.tag, "86" | "NS")) {
            let into = if next.tag == "86" { &mut said } else { &mut told };
            into.extend(next.text.iter().copied());
        }
        if said.is_empty() {
            said = told.iter().filter_map(|line| line.get(2..)).collect();
        }
        entries.push(entry(field, &said, currency, warnings)?);
    }
    Ok(entries)
}

fn entry(
    field: &Field,
    said: &[&str],
    currency: Currency,
    warnings: &mut Vec<String>,
) -> Result<Entry, StatementFault> {
    let joined: String;
    // A line that was cut within the amount reads on in the next.
    let whole = entry_line::read(field.first());
    let supplement = if whole.is_some() { field.text.get(1..).unwrap_or_default() } else { &[] };
    let line = match whole {
        Some(line) => Some(line),
        None => {
            joined = field.joined().into_owned();
            entry_line::read(&joined)
        }
    };
    let line = line.ok_or_else(|| StatementFault::new(field.line, format!("{:?} is not an entry", field.first())))?;
    let amount = Money::parse(&line.amount, currency)
        .map_err(|why| StatementFault::new(field.line, format!("{why} ({})", currency.code())))?;
    if line.value.is_none() {
        warnings.push(format!("line {}: the entry has no date", field.line));
    }
    let narrative = narrative::read(said);
    Ok(assembled(&line, amount, narrative, supplement, said))
}

/// What field 61, its second line and field 86 say together.
fn assembled(line: &EntryLine, amount: Money, narrative: Narrative, supplement: &[&str], said: &[&str]) -> Entry {
    let second = supplement.first().map_or("", |text| text.trim());
    let owner = owner_reference(line);
    let Narrative { counterparty, account, reference, description, end_to_end, returned } = narrative;
    let account = account
        .or(owner.account)
        .or_else(|| narrative::is_account(second).then(|| second.to_owned()))
        .filter(|account| !account_number::is_none(account));
    let is_code = second.starts_with('/') || narrative::is_account(second) || second.starts_with('P');
    // SNS and ASN put the name below field 61, Rabobank beside the account in it.
    let counterparty = counterparty.or(owner.name).or_else(|| {
        let is_name = account.is_some() && !is_code && !second.is_empty();
        is_name.then(|| narrative::squeezed(second))
    });
    let description = match description.is_empty() && !is_code {
        true => narrative::squeezed(second),
        false => description,
    };
    let description = without_party(&description, account.as_deref(), counterparty.as_deref());
    let is_account = |text: &String| account.as_ref() == Some(text);
    let end_to_end = end_to_end.or(owner.end_to_end).filter(|text| !is_account(text));
    let reference =
        reference.or(owner.reference).or_else(|| reference::find(&description).map(|found| found.value().to_owned()));
    Entry {
        booked: line.booked,
        value: line.value,
        amount: if line.incoming { amount } else { negated(amount) },
        counterparty,
        iban: account,
        reference: reference.map(|found| reference::bare(&found)),
        description,
        end_to_end,
        bank_reference: narrative::provided(line.bank_reference),
        reversal: line.reversal,
        returned,
        instructed: supplement.iter().chain(said).find_map(|text| instructed(text, amount.currency())),
        status: if line.expected { Status::Pending } else { Status::Booked },
        batch: None,
    }
}

/// `/OCMT/USD120,00/`: what was ordered, in another currency.
fn instructed(text: &str, own: Currency) -> Option<Money> {
    if !text.as_bytes().contains(&b'/') {
        return None;
    }
    let (_, rest) = text.split_once("/OCMT/")?;
    let (code, rest) = rest.split_at_checked(3)?;
    let currency = Currency::parse(code).filter(|currency| *currency != own)?;
    Money::parse(&entry_line::amount(rest)?.0, currency).ok()
}

/// Banks that print account and name in front of the text print them twice.
fn without_party(description: &str, account: Option<&str>, name: Option<&str>) -> String {
    let after = account.and_then(|account| description.strip_prefix(account)).map(str::trim_start);
    let after = after.and_then(|rest| rest.strip_prefix(name?)).map(str::trim_start);
    after.unwrap_or(description).to_owned()
}

/// What stands in field 61 as the reference for the account's owner: banks use it for four things.
#[derive(Default)]
struct OwnerReference {
    account: Option<String>,
    name: Option<String>,
    reference: Option<String>,
    end_to_end: Option<String>,
}

fn owner_reference(line: &EntryLine) -> OwnerReference {
    let written = line.owner_reference;
    let (first, rest) = entry_line::split_at_double(written, b' ').unwrap_or((written, ""));
    let first = first.trim().trim_start_matches('P');
    let is_iban =
        reference::iban(first).is_some() || (first.len() >= 14 && narrative::is_account(first) && !digits(first));
    if is_iban || (digits(first) && first.len() <= 10 && !rest.trim().is_empty()) {
        let name = Some(narrative::squeezed(rest)).filter(|name| !name.is_empty());
        return OwnerReference { account: Some(first.to_owned()), name, ..OwnerReference::default() };
    }
    match reference::parse(first) {
        Some(found) if first.len() >= 12 && found.kind() != "iban" => {
            OwnerReference { reference: Some(found.value().to_owned()), ..OwnerReference::default() }
        }
        _ => OwnerReference { end_to_end: narrative::provided(written), ..OwnerReference::default() },
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The bank's sums of debits and credits (90D, 90C) against the entries; `None` where it gives none.
fn check_sums(message: &[&Field], entries: &[Entry], currency: Currency, warnings: &mut Vec<String>) -> Option<bool> {
    let mut agree = None;
    for (tag, incoming) in [("90C", true), ("90D", false)] {
        let Some(field) = message.iter().find(|field| field.tag == tag) else { continue };
        let right = is_sum_of(&field.joined(), entries, currency, incoming);
        if !right {
            warnings.push(format!(
                "line {}: the bank's total {:?} is not that of the entries",
                field.line,
                field.first()
            ));
        }
        agree = Some(right && agree.unwrap_or(true));
    }
    agree
}

/// `3PLN0,03`: number and sum of one side.
fn is_sum_of(written: &str, entries: &[Entry], currency: Currency, incoming: bool) -> bool {
    let amounts = entries.iter().map(|entry| entry.amount).filter(|amount| amount.is_negative() != incoming);
    let side: Vec<Money> = amounts.map(Money::abs).collect();
    let count: String = written.chars().take_while(char::is_ascii_digit).collect();
    let sum = written.get(count.len() + 3..).and_then(entry_line::amount);
    let sum = sum.and_then(|(amount, _)| Money::parse(&amount, currency).ok());
    count.parse() == Ok(side.len()) && sum == Money::sum(side, currency)
}

fn negated(amount: Money) -> Money {
    Money::from_minor(amount.minor().saturating_neg(), amount.currency())
}

#[cfg(test)]
mod tests;
