//! CODA, the coded statements of Belgian banks (Febelfin), versions 1 and 2.
//! Never half a file: a record that cannot be read, or a file that ends too early, is refused with its line.

mod communication;
mod record;

use super::account_number;
use super::reference;
use super::statement::{Entry, Statement, StatementFault, Status};
use super::totals::check_balance;
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use communication::Communication;
use record::Record;

/// Reads every statement of a file.
pub(super) fn read(text: &str) -> Result<Vec<Statement>, StatementFault> {
    let mut reader = Reader::default();
    for record in record::records(text)? {
        reader.take(&record)?;
    }
    reader.finished()
}

/// The last record is no trailer (9).
pub(super) fn is_unfinished(text: &str) -> bool {
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).is_none_or(|last| !last.starts_with('9'))
}

/// What was read so far. A file is one or more rows of a header (0), statements (1 to 8) and a trailer (9).
#[derive(Default)]
struct Reader {
    version: Version,
    in_file: bool,
    open: Option<Open>,
    /// Those since the header, which the trailer counts.
    in_part: Vec<Statement>,
    records: usize,
    done: Vec<Statement>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Version {
    One,
    #[default]
    Two,
}

/// A statement whose closing balance has not come yet.
struct Open {
    statement: Statement,
    movements: Vec<Movement>,
}

/// Records 21 to 23 of one amount, and what records 3 tell of it.
struct Movement {
    /// Number of the movement, and of the detail in it; detail 0 is the movement itself.
    number: String,
    detail: String,
    amount: Money,
    value: Option<NaiveDate>,
    booked: Option<NaiveDate>,
    bank_reference: String,
    /// 3: one payment whose details are its gross amount and its costs; 1 and 2: many payments.
    kind: String,
    family: String,
    operation: String,
    communication: Communication,
    customer_reference: String,
    account: String,
    name: String,
    /// The last record 31 was free text, which records 32 and 33 go on with.
    is_told_freely: bool,
}

impl Reader {
    fn take(&mut self, record: &Record) -> Result<(), StatementFault> {
        let kind = record.kind();
        if kind != '0' && !self.in_file {
            return Err(record.fault("the file does not begin with record 0"));
        }
        if matches!(kind, '1' | '2' | '3' | '8') {
            self.records += 1;
        }
        match (kind, record.at(1, 1).as_str()) {
            ('0', _) => self.header(record),
            ('1', _) => self.open(record),
            ('2', "1") => self.movement(record),
            ('2', "2") => self.movement_goes_on(record),
            ('2', "3") => self.counterparty(record),
            ('3', "1" | "2" | "3") => self.information(record),
            ('4', _) => self.free_message(record),
            ('8', _) => self.close(record),
            ('9', _) => self.trailer(record),
            _ => Err(record.fault("this is no record of CODA")),
        }
    }

    fn header(&mut self, record: &Record) -> Result<(), StatementFault> {
        if self.in_file {
            return Err(record.fault("record 0 stands within a file"));
        }
        self.in_file = true;
        self.records = 0;
        self.version = match record.at(127, 1).as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            other => return Err(record.fault(format!("version {other:?} of CODA is not known here"))),
        };
        Ok(())
    }

    fn open(&mut self, record: &Record) -> Result<(), StatementFault> {
        if self.open.is_some() {
            return Err(record.fault("a statement begins before the one before it has its closing balance"));
        }
        let is_short = self.version == Version::One || record.at(1, 1) == "0";
        let (account, code) =
            if is_short { (record.at(5, 12), record.at(18, 3)) } else { (record.at(5, 34), record.at(39, 3)) };
        let currency =
            Currency::parse_with_past(&code).ok_or_else(|| record.fault(format!("{code:?} is not a currency")))?;
        let (paper, coded) = (record.at(2, 3), record.at(125, 3));
        let sequence = [coded, paper].into_iter().find(|number| !number.trim_matches(['0', ' ']).is_empty());
        let statement = Statement {
            format: "coda".to_owned(),
            account: account.split_whitespace().collect(),
            id: None,
            sequence,
            currency,
            opening: Some(record.signed_amount(42, currency)?),
            closing: None,
            balanced: None,
            covers_until: None,
            covers_from: record.date(58),
            entries: Vec::new(),
            warnings: Vec::new(),
        };
        self.open = Some(Open { statement, movements: Vec::new() });
        Ok(())
    }

    fn statement(&mut self, record: &Record) -> Result<&mut Open, StatementFault> {
        self.open.as_mut().ok_or_else(|| record.fault("it belongs to no statement: record 1 is missing"))
    }

    fn movement(&mut self, record: &Record) -> Result<(), StatementFault> {
        let open = self.statement(record)?;
        let currency = open.statement.currency;
        open.movements.push(Movement {
            number: record.at(2, 4),
            detail: record.at(6, 4),
            amount: record.signed_amount(31, currency)?,
            value: record.date(47),
            booked: record.date(115),
            bank_reference: record.at(10, 21),
            kind: record.at(53, 1),
            family: record.at(54, 2),
            operation: record.at(56, 2),
            communication: Communication::begun(record),
            customer_reference: String::new(),
            account: String::new(),
            name: String::new(),
            is_told_freely: false,
        });
        Ok(())
    }

    /// The movement that records 22 and 23 go on with.
    fn last_movement(&mut self, record: &Record) -> Result<&mut Movement, StatementFault> {
        let movement = self.statement(record)?.movements.last_mut();
        let same = |movement: &&mut Movement| movement.number == record.at(2, 4) && movement.detail == record.at(6, 4);
        movement.filter(same).ok_or_else(|| record.fault("it follows no record 21 of the same number"))
    }

    fn movement_goes_on(&mut self, record: &Record) -> Result<(), StatementFault> {
        let movement = self.last_movement(record)?;
        movement.communication.goes_on(&record.at(10, 53));
        movement.customer_reference = record.trimmed(63, 35);
        Ok(())
    }

    fn counterparty(&mut self, record: &Record) -> Result<(), StatementFault> {
        let version = self.version;
        let movement = self.last_movement(record)?;
        // Twelve digits and a blank: an account of before IBAN.
        let is_short = version == Version::One || record.at(22, 1) == " ";
        let account: String = record.at(10, if is_short { 12 } else { 34 }).split_whitespace().collect();
        movement.account = if account_number::is_none(&account) { String::new() } else { account };
        movement.name = record.trimmed(47, if version == Version::One { 26 } else { 35 });
        if version == Version::Two {
            movement.communication.goes_on(&record.at(82, 43));
        }
        Ok(())
    }

    /// Records 3: more about the movement; of it only the name and the free text are of use.
    fn information(&mut self, record: &Record) -> Result<(), StatementFault> {
        let number = record.at(2, 4);
        let movement = self.statement(record)?.movements.iter_mut().rev().find(|movement| movement.number == number);
        let movement = movement.ok_or_else(|| record.fault("it tells of a movement that is not there"))?;
        let part = record.at(1, 1);
        if part == "1" {
            movement.is_told_freely = record.at(39, 1) != "1";
        }
        match (part.as_str(), movement.is_told_freely) {
            ("1", true) => movement.communication.add_information(&record.at(40, 73)),
            ("1", false) if record.at(40, 3) == "001" && movement.name.is_empty() => {
                movement.name = record.trimmed(43, 70);
            }
            ("2", true) => movement.communication.add_information(&record.at(10, 105)),
            ("3", true) => movement.communication.add_information(&record.at(10, 90)),
            _ => {}
        }
        Ok(())
    }

    fn free_message(&mut self, record: &Record) -> Result<(), StatementFault> {
        let text = record.trimmed(32, 80);
        let statement = match (&mut self.open, self.in_part.last_mut()) {
            (Some(open), _) => &mut open.statement,
            (None, Some(last)) => last,
            (None, None) => return Ok(()),
        };
        if !text.is_empty() {
            statement.warnings.push(format!("the bank writes: {text}"));
        }
        Ok(())
    }

    fn close(&mut self, record: &Record) -> Result<(), StatementFault> {
        let Some(Open { mut statement, movements }) = self.open.take() else {
            return Err(record.fault("a closing balance without a statement"));
        };
        let closing = record.signed_amount(41, statement.currency)?;
        statement.closing = Some(closing);
        statement.covers_until = record.date(57);
        statement.entries = entries(movements, &mut statement.warnings);
        statement.balanced = check_balance(
            statement.opening,
            Some(closing),
            &statement.entries,
            statement.currency,
            &mut statement.warnings,
        );
        self.in_part.push(statement);
        Ok(())
    }

    /// A day on which nothing happened: some banks leave the closing balance out. The count proves that nothing is missing.
    fn close_unmoved(&mut self, record: &Record) {
        let is_whole = record.at(16, 6).trim().parse() == Ok(self.records);
        let unmoved = self.open.take_if(|open| is_whole && self.records == 1 && open.movements.is_empty());
        let Some(Open { mut statement, .. }) = unmoved else { return };
        statement.closing = statement.opening;
        statement.covers_until = statement.covers_from;
        statement.balanced = Some(true);
        self.in_part.push(statement);
    }

    /// The bank's own sums of debits and credits, and its count of records.
    fn trailer(&mut self, record: &Record) -> Result<(), StatementFault> {
        self.close_unmoved(record);
        if self.open.is_some() || self.in_part.is_empty() {
            return Err(record.fault("the file ends before the statement has its closing balance"));
        }
        self.in_file = false;
        let currency = self.in_part[0].currency;
        let stated = [record.amount(22, currency)?, record.amount(37, currency)?];
        let amounts = || self.in_part.iter().flat_map(|statement| &statement.entries).map(|entry| entry.amount);
        let side = |negative: bool| {
            Money::sum(amounts().filter(|amount| amount.is_negative() == negative).map(Money::abs), currency)
        };
        let net = |[debit, credit]: [Money; 2]| credit.checked_sub(debit);
        // Details that were split out of a net amount move both sums alike.
        let ours = [side(true), side(false)];
        let agrees = match ours {
            [Some(debit), Some(credit)] => net([debit, credit]) == net(stated),
            _ => false,
        };
        let counted = record.at(16, 6).trim().parse::<usize>().ok().filter(|count| *count > 0);
        let complete = counted.is_none_or(|count| count == self.records);
        for statement in &mut self.in_part {
            if !agrees {
                statement.balanced = Some(false);
                statement.warnings.push("the bank's sums of debits and credits are not those of the file".to_owned());
            }
            if !complete {
                statement.balanced = Some(false);
                let count = counted.unwrap_or_default();
                statement.warnings.push(format!("the bank counts {count} records, the file holds {}", self.records));
            }
        }
        self.done.append(&mut self.in_part);
        Ok(())
    }

    fn finished(self) -> Result<Vec<Statement>, StatementFault> {
        if self.in_file {
            return Err(StatementFault::new(None, "the file is cut off: its last record (9) is missing"));
        }
        if self.done.is_empty() {
            return Err(StatementFault::new(None, "the file holds no statement"));
        }
        Ok(self.done)
    }
}

/// One entry a movement, or one a detail where the details add up to it: each amount counts once.
fn entries(movements: Vec<Movement>, warnings: &mut Vec<String>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = movements.into_iter().peekable();
    while let Some(main) = rest.next() {
        let mut details = Vec::new();
        while let Some(detail) = rest.next_if(|next| next.number == main.number && next.detail != main.detail) {
            details.push(detail);
        }
        let sum = Money::sum(details.iter().map(|detail| detail.amount), main.amount.currency());
        if !details.is_empty() && sum == Some(main.amount) {
            let gross = details.iter().position(|detail| is_gross(detail, &main));
            let parts = details.into_iter().enumerate().map(|(n, detail)| {
                let part = inheriting(detail, &main, n + 1);
                entry(if gross == Some(n) { telling_of(part, &main) } else { part })
            });
            entries.extend(parts.map(|part| Entry { batch: Some(main.amount), ..part }));
            continue;
        }
        if !details.is_empty() {
            warnings.push(format!("movement {}: taken as one amount, its details do not add up to it", main.number));
        }
        entries.push(entry(main));
    }
    entries
}

/// The amount that was paid, of which costs went off or came on.
fn is_gross(detail: &Movement, main: &Movement) -> bool {
    main.kind == "3" && detail.amount.is_negative() == main.amount.is_negative()
}

/// What the payer wrote stands with the movement, not with its gross amount.
fn telling_of(gross: Movement, main: &Movement) -> Movement {
    let Movement { communication, customer_reference, .. } = gross;
    let own = Some(customer_reference).filter(|own| !own.is_empty());
    Movement {
        communication: communication.preceded_by(&main.communication),
        customer_reference: own.unwrap_or_else(|| main.customer_reference.clone()),
        ..gross
    }
}

/// What a detail does not say itself, its movement says.
fn inheriting(detail: Movement, main: &Movement, number: usize) -> Movement {
    let or_main = |own: String, of_main: &String| if own.trim().is_empty() { of_main.clone() } else { own };
    Movement {
        bank_reference: format!("{}/{number}", or_main(detail.bank_reference, &main.bank_reference).trim()),
        booked: detail.booked.or(main.booked),
        value: detail.value.or(main.value),
        account: or_main(detail.account, &main.account),
        name: or_main(detail.name, &main.name),
        ..detail
    }
}

fn entry(movement: Movement) -> Entry {
    let read = movement.communication.read();
    // 49 and 99 cancel or correct; of direct debits 03 is unpaid and 05 given back.
    let cancels = matches!(movement.operation.as_str(), "49" | "99")
        || (movement.family == "05"
            && matches!(movement.operation.as_str(), "03" | "05")
            && movement.amount.is_negative());
    let some = |text: &str| Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty());
    let reference = read.reference.or_else(|| reference::find(&read.text).map(|found| reference::bare(found.value())));
    Entry {
        booked: movement.booked,
        value: movement.value,
        amount: movement.amount,
        counterparty: some(&movement.name),
        iban: some(&movement.account),
        reference,
        description: some(&read.text).unwrap_or_default(),
        end_to_end: some(&movement.customer_reference).filter(|text| reference::is_given(text)),
        bank_reference: some(&movement.bank_reference),
        reversal: cancels || read.is_returned,
        returned: read.is_returned,
        instructed: None,
        status: Status::Booked,
        batch: None,
    }
}

#[cfg(test)]
mod tests;
