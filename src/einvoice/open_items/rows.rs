//! Rows to invoices. Several rows of one number, such as an invoice and a part that was paid, are one invoice.

use super::cells::{self, DecimalSign};
use super::header::Header;
use super::mapping::{Field, Mapping};
use super::{OpenItem, OpenItemList, RowFault};
use crate::dunning::debtor::{Debtor, DebtorKind};
use crate::dunning::ids::{DebtorId, InvoiceNumber};
use crate::dunning::invoice::{DueSource, Invoice, InvoiceKind, Seller, TermSource};
use crate::dunning::money::{Currency, Money};
use crate::einvoice::delimited::{Damage, Record};
use crate::einvoice::{InvoiceFault, ReadInvoice, one_address};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

const LONGEST_NUMBER: usize = 100;
/// How rows begin that only add up others.
const TOTALS: [&str; 8] = ["totaal", "total", "subtotaal", "subtotal", "eindtotaal", "generaltotal", "gesamt", "saldo"];
const CREDIT_NOTES: [&str; 8] =
    ["credit", "creditnota", "creditfactuur", "creditnote", "verkoopcreditnota", "gutschrift", "avoir", "notedecredit"];
const AMOUNTS: [Field; 5] = [Field::Total, Field::Paid, Field::Open, Field::Debit, Field::Credit];
const DATES: [Field; 2] = [Field::IssueDate, Field::DueDate];

/// One row, read.
#[derive(Clone, Debug)]
struct Row {
    line: u32,
    number: InvoiceNumber,
    issue_date: NaiveDate,
    due_date: Option<NaiveDate>,
    total: Option<Money>,
    /// Negative = the debtor has it coming.
    open: Money,
    debtor: Debtor,
    buyer_id: Option<String>,
    reference: Option<String>,
    warnings: Vec<String>,
}

/// What is the same for all rows.
struct Sheet<'s> {
    header: &'s Header,
    mapping: &'s Mapping,
    decimal: Option<DecimalSign>,
}

pub(super) fn read<'r>(
    records: impl Iterator<Item = &'r Record>,
    header: &Header,
    mapping: &Mapping,
) -> Result<OpenItemList, InvoiceFault> {
    let mut sheet = Sheet { header, mapping, decimal: mapping.decimal };
    let records: Vec<&Record> = records.filter(|record| !sheet.says_nothing(record)).collect();
    sheet.refuse_months_first(&records)?;
    sheet.decimal = mapping.decimal.or_else(|| sheet.sure_decimal(&records));
    let mut list = OpenItemList { day: None, items: Vec::new(), faults: Vec::new(), numbers: BTreeSet::new() };
    let mut rows: BTreeMap<InvoiceNumber, Vec<Row>> = BTreeMap::new();
    let mut broken: BTreeMap<InvoiceNumber, u32> = BTreeMap::new();
    for record in records {
        let number = header.cell(record, Field::Number).map(InvoiceNumber::new);
        list.numbers.extend(number.clone());
        match sheet.row(record) {
            Ok(row) => rows.entry(row.number.clone()).or_default().push(row),
            Err(reason) => {
                broken.extend(number.map(|number| (number, record.line)));
                list.faults.push(RowFault { line: record.line, reason });
            }
        }
    }
    for (number, rows) in rows {
        match together(rows, broken.get(&number).copied()) {
            Ok(item) => list.items.push(item),
            Err(fault) => list.faults.push(fault),
        }
    }
    list.items.sort_by_key(|item| item.line);
    list.faults.sort_by_key(|fault| fault.line);
    Ok(list)
}

impl Sheet<'_> {
    fn cell<'r>(&self, record: &'r Record, field: Field) -> Option<&'r str> {
        self.header.cell(record, field)
    }

    /// Blank rows, totals, titles between groups and what stands below the list.
    fn says_nothing(&self, record: &Record) -> bool {
        let filled = || record.cells.iter().filter(|cell| !cell.text.is_empty());
        let words = filled().count() == 1 && filled().all(|cell| cell.text.contains(char::is_whitespace));
        let dated = DATES.iter().any(|field| self.cell(record, *field).is_some());
        let named = [Field::Number, Field::DebtorId, Field::DebtorName, Field::Email]
            .iter()
            .any(|field| self.cell(record, *field).is_some());
        let adds_up = filled().any(|cell| is_total(&cell.text));
        record.damage.is_none() && (record.is_blank() || words || !dated && (!named || adds_up))
    }

    /// Read as day and month, a date is none: then those that can be read either way are in doubt too.
    fn refuse_months_first(&self, records: &[&Record]) -> Result<(), InvoiceFault> {
        if self.mapping.dates == cells::DateOrder::MonthFirst {
            return Ok(());
        }
        for record in records {
            let dates = DATES.iter().filter_map(|field| self.cell(record, *field));
            if let Some(date) = dates.into_iter().find(|text| cells::is_month_first(text)) {
                let reason = format!(
                    "the date {date:?} has its month first, so every date of this list is in doubt: export it with the day \
                     first, or write dates = \"mdy\" in [[open_items]]"
                );
                return Err(InvoiceFault::new(reason).at((record.line, 1)));
            }
        }
        Ok(())
    }

    /// The decimal sign that some amounts make sure and none denies.
    fn sure_decimal(&self, records: &[&Record]) -> Option<DecimalSign> {
        let amounts = records.iter().flat_map(|record| AMOUNTS.iter().filter_map(|field| self.cell(record, *field)));
        let mut signs = amounts.filter_map(cells::decimal_sign_of);
        let first = signs.next()?;
        signs.all(|sign| sign == first).then_some(first)
    }

    fn row(&self, record: &Record) -> Result<Row, String> {
        self.refuse_odd_shape(record)?;
        let number = self.number(record)?;
        let needed = |field: Field| {
            let what = field.key();
            self.cell(record, field)
                .ok_or_else(|| format!("{what} is empty: fill in the column {}", self.mapping.heads(field)))
        };
        let date = |text: &str| cells::date(text, self.mapping.dates);
        let issue_date = date(needed(Field::IssueDate)?)?;
        let due_date = self.cell(record, Field::DueDate).map(date).transpose()?;
        let mut warnings = Vec::new();
        if due_date.is_some_and(|due| due < issue_date) {
            warnings.push("the due date lies before the invoice date".to_owned());
        }
        let currency = self.currency(record)?;
        let (open, total) = self.amounts(record, currency)?;
        let (debtor, buyer_id) = self.debtor(record, &mut warnings)?;
        let reference = self.cell(record, Field::Reference).map(str::to_owned);
        Ok(Row { line: record.line, number, issue_date, due_date, total, open, debtor, buyer_id, reference, warnings })
    }

    fn refuse_odd_shape(&self, record: &Record) -> Result<(), String> {
        let (cells, width) = (record.cells.len(), self.header.width);
        let beyond = record.cells.iter().skip(width).any(|cell| !cell.text.is_empty());
        match record.damage {
            Some(Damage::TextAfterQuote(_) | Damage::OpenQuote(_)) => {
                Err("text follows a closing quote: quotes inside text must be doubled".to_owned())
            }
            None if beyond => Err(format!(
                "the row has {cells} cells and the line of heads {width}: text with a separator in it must stand in quotes"
            )),
            None if cells <= self.header.last_column() => {
                Err(format!("the row ends after {cells} cells; the line of heads has {width}: export the list again"))
            }
            None => Ok(()),
        }
    }

    fn number(&self, record: &Record) -> Result<InvoiceNumber, String> {
        let text = self.cell(record, Field::Number).ok_or_else(|| {
            format!("the invoice's number is empty: fill in the column {}", self.mapping.heads(Field::Number))
        })?;
        if text.chars().count() > LONGEST_NUMBER || text.chars().any(char::is_control) {
            return Err("the invoice's number is longer than 100 characters or has a line break: expected a short one"
                .to_owned());
        }
        Ok(InvoiceNumber::new(text))
    }

    fn currency(&self, record: &Record) -> Result<Currency, String> {
        let Some(text) = self.cell(record, Field::Currency) else { return Ok(self.mapping.currency) };
        let code = if text == "€" { "EUR" } else { text };
        Currency::parse(code).ok_or_else(|| format!("{text:?} is not a currency: expected a code like EUR"))
    }

    /// What is open, and the total where the list has it.
    fn amounts(&self, record: &Record, currency: Currency) -> Result<(Money, Option<Money>), String> {
        let amount = |field: Field| {
            let text = self.cell(record, field);
            text.map(|text| cells::amount(text, self.decimal, currency)).transpose()
        };
        let nothing = Money::zero(currency);
        let total = amount(Field::Total)?;
        let paid = amount(Field::Paid)?;
        let less = |from: Money, what: Option<Money>| from.checked_sub(what.unwrap_or(nothing));
        let rest = total.zip(paid).and_then(|(total, paid)| less(total, Some(paid)));
        let open = match (self.header.has(Field::Open), self.header.has(Field::Debit)) {
            (true, _) => amount(Field::Open)?,
            (false, true) => match (amount(Field::Debit)?, amount(Field::Credit)?) {
                (None, None) => None,
                (debit, credit) => less(debit.unwrap_or(nothing), credit),
            },
            (false, false) => rest,
        };
        let open = open.ok_or("it does not say what is open: fill in the amount")?;
        if self.header.has(Field::Open) && rest.is_some_and(|rest| rest != open) {
            return Err(format!("total less paid is not what is open ({open}): correct the row"));
        }
        let is_credit = self.cell(record, Field::Kind).is_some_and(is_credit_note);
        let turned =
            |money: Money| nothing.checked_sub(money).filter(|_| is_credit && money.is_positive()).unwrap_or(money);
        Ok((turned(open), total.map(turned)))
    }

    fn debtor(&self, record: &Record, warnings: &mut Vec<String>) -> Result<(Debtor, Option<String>), String> {
        let text = |field| self.cell(record, field).map(str::to_owned);
        let (id, vat) = (text(Field::DebtorId), text(Field::Vat));
        let name = text(Field::DebtorName).or_else(|| id.clone());
        let name = name.ok_or_else(|| {
            format!("the debtor is not named: fill in the column {}", self.mapping.heads(Field::DebtorName))
        })?;
        if name.chars().chain(id.iter().flat_map(|id| id.chars())).any(char::is_control) {
            return Err("the debtor's name has a line break: write it on one line".to_owned());
        }
        let email = text(Field::Email);
        let address = email.as_deref().and_then(one_address).map(str::to_owned);
        if let (Some(told), None) = (&email, &address) {
            warnings.push(format!("the e-mail address {told:?} is not one address and is left out"));
        }
        let bare =
            |text: &String| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_uppercase();
        let known_by = id.clone().or_else(|| vat.as_ref().map(bare)).or_else(|| address.clone());
        let debtor = Debtor {
            id: DebtorId::from_text(known_by.as_deref().unwrap_or(&name)),
            name,
            contact: None,
            email: address,
            kind: if vat.is_some() { DebtorKind::Business } else { DebtorKind::Consumer },
            country: None,
            language: None,
            phone: None,
            vat,
            address: Vec::new(),
            kvk: None,
        };
        Ok((debtor, id))
    }
}

/// Rows of one number as one invoice: one that asks, and others that take from it. `broken`: the line of one that cannot
/// be read, which may have been what was paid.
fn together(rows: Vec<Row>, broken: Option<u32>) -> Result<OpenItem, RowFault> {
    let lines: Vec<String> = rows.iter().map(|row| row.line.to_string()).collect();
    let Some(first) = rows.iter().find(|row| row.open.is_positive()).or(rows.first()).cloned() else {
        panic!("BUG: an invoice of no rows");
    };
    let fault = |reason: String| RowFault { line: first.line, reason };
    if let Some(line) = broken {
        return Err(fault(format!(
            "{} also stands in line {line}, which cannot be read: correct that one",
            first.number
        )));
    }
    if rows.len() == 1 {
        return item(first.clone()).map_err(fault);
    }
    let what = format!("{} stands in lines {}", first.number, lines.join(", "));
    if rows.iter().any(|row| row.debtor.id != first.debtor.id || row.open.currency() != first.open.currency()) {
        return Err(fault(format!("{what}, with more than one debtor or currency: a number belongs to one invoice")));
    }
    if rows.iter().filter(|row| row.open.is_positive()).count() != 1 {
        return Err(fault(format!("{what}: expected one row of the invoice, and others only for what was paid of it")));
    }
    let total = first.total.unwrap_or(first.open);
    let open = Money::sum(rows.iter().map(|row| row.open), first.open.currency());
    let open = open.filter(|open| !open.is_negative());
    let open = open.ok_or_else(|| fault(format!("{what}, and more was paid than it asks: correct the list")))?;
    item(Row { open, total: Some(total), ..first.clone() }).map_err(fault)
}

fn item(row: Row) -> Result<OpenItem, String> {
    let credit = row.open.is_negative();
    let payable = row.open.abs();
    let total = row.total.map_or(payable, Money::abs);
    if row.total.is_some_and(|total| total.is_negative() != credit && !total.is_zero() && !payable.is_zero()) {
        return Err("the total and what is open have different signs: correct the row".to_owned());
    }
    let prepaid = total.checked_sub(payable).filter(|prepaid| !prepaid.is_negative());
    let prepaid =
        prepaid.ok_or_else(|| format!("{payable} is open, which is more than the total {total}: correct the row"))?;
    let invoice = Invoice {
        number: row.number,
        kind: if credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
        issue_date: row.issue_date,
        due_date: row.due_date,
        due_source: DueSource::default(),
        total,
        prepaid,
        payable,
        debtor: row.debtor,
        description: None,
        payment_reference: row.reference,
        order_reference: None,
        corrects: None,
        term_source: TermSource::Invoice,
        seller: Seller::default(),
        iban: None,
    };
    let (buyer_id, warnings) = (row.buyer_id, row.warnings);
    let read = ReadInvoice { format: "csv".into(), invoice, buyer_id, buyer_reference: None, warnings };
    Ok(OpenItem { line: row.line, read })
}

fn is_total(text: &str) -> bool {
    let first: String =
        text.split_whitespace().next().unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).collect();
    TOTALS.contains(&first.to_lowercase().as_str())
}

fn is_credit_note(text: &str) -> bool {
    let word: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    CREDIT_NOTES.contains(&word.as_str())
}
