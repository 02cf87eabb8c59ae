//! CAMT.053 (ISO 20022 bank-to-customer statement), all versions, and its relatives camt.052 and camt.054.
//! Elements are found by local name, so neither namespace nor version matters.
//! Never half a file: one amount that cannot be read refuses the whole file.

use super::reference;
use super::statement::{Entry, Statement, StatementFault, Status};
use super::totals::{check_balance, check_totals};
use super::xml::{self, Document, Node, child, children, fault, path, text, trimmed};
use crate::dunning::money::{Currency, Money};
use chrono::{Days, NaiveDate};
use std::borrow::Cow;

/// Reads every statement, report or notification in a file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Statement>, StatementFault> {
    let text = xml::decode(bytes)?;
    let document = xml::open(&text)?;
    let (message, format, statement_name) = message_of(&document)?;
    let statements: Vec<_> =
        children(message, statement_name).map(|node| statement(node, format)).collect::<Result<_, _>>()?;
    if statements.is_empty() {
        return Err(fault(message, "the file holds no statement"));
    }
    Ok(statements)
}

/// One of the three messages is named near the beginning.
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    // UTF-16 has a zero beside each letter.
    let text: String = head.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    text.contains("BkToCstmr")
}

/// Begins as XML and does not end with a closing tag.
pub(super) fn is_unfinished(bytes: &[u8]) -> bool {
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let text = text.trim_ascii();
    let tail = text.iter().rposition(|byte| *byte == b'<').and_then(|at| text.get(at..)).unwrap_or_default();
    !is_document_end(tail)
}

/// `</Document>`, whatever its prefix.
fn is_document_end(tail: &[u8]) -> bool {
    let name = tail.strip_prefix(b"</").and_then(|rest| rest.strip_suffix(b">")).unwrap_or_default();
    name.trim_ascii().rsplit(|byte| *byte == b':').next() == Some(b"Document")
}

/// The element that carries the statements, its format and the name of a statement in it.
fn message_of<'a>(document: &'a Document<'a>) -> Result<(Node<'a>, &'static str, &'static str), StatementFault> {
    const KINDS: [(&str, &str, &str); 3] = [
        ("BkToCstmrStmt", "camt.053", "Stmt"),
        ("BkToCstmrAcctRpt", "camt.052", "Rpt"),
        ("BkToCstmrDbtCdtNtfctn", "camt.054", "Ntfctn"),
    ];
    // Version 1 wrote BkToCstmrStmtV01, and some banks wrap the Document in an envelope.
    let kind_of = |node: Node| KINDS.iter().find(|(prefix, ..)| node.name().starts_with(prefix));
    let found = document.descendants().find_map(|node| Some((node, kind_of(node)?)));
    let (node, (_, format, name)) = found.ok_or_else(|| {
        let root = document.root().name();
        StatementFault::new(None, format!("this XML file is not a bank statement (CAMT): it starts with <{root}>"))
    })?;
    Ok((node, format, name))
}

fn statement(node: Node, format: &str) -> Result<Statement, StatementFault> {
    let currency = currency_of(node)?;
    let mut warnings = Vec::new();
    if currency.is_none() {
        warnings.push("the statement names no currency: EUR assumed".to_owned());
    }
    let currency = currency.unwrap_or(Currency::EUR);
    let account = child(node, "Acct").and_then(account_number).unwrap_or_default();
    let opening = balance(node, "OPBD")?.map_or_else(|| balance(node, "PRCD"), |found| Ok(Some(found)))?;
    let closing = balance(node, "CLBD")?;
    let (from, to) = period(node);
    let mut entries = Vec::new();
    for (index, entry) in children(node, "Ntry").enumerate() {
        let place = Place { number: index + 1, account: &account, currency, format };
        entries.extend(entries_of(entry, &place, &mut warnings)?);
    }
    let totals_agree = check_totals(node, &entries, currency, &mut warnings);
    let balanced = check_balance(opening.map(|b| b.0), closing.map(|b| b.0), &entries, currency, &mut warnings);
    Ok(Statement {
        format: format.to_owned(),
        account,
        id: text(node, &["Id"]),
        sequence: text(node, &["ElctrncSeqNb"]).or_else(|| text(node, &["LglSeqNb"])),
        currency,
        opening: opening.map(|b| b.0),
        closing: closing.map(|b| b.0),
        balanced: if totals_agree { balanced } else { Some(false) },
        covers_until: closing.and_then(|b| b.1).or(to),
        covers_from: from.or(opening.and_then(|b| b.1)),
        entries,
        warnings,
    })
}

/// Of the account, else of a balance, else of an entry.
fn currency_of(node: Node) -> Result<Option<Currency>, StatementFault> {
    let stated = child(node, "Acct").and_then(|acct| child(acct, "Ccy"));
    if let Some(ccy) = stated {
        let code = ccy.text();
        return match Currency::parse(code) {
            Some(currency) => Ok(Some(currency)),
            None => Err(fault(ccy, format!("{code:?} is not a currency"))),
        };
    }
    let amounts = children(node, "Bal").chain(children(node, "Ntry")).filter_map(|n| child(n, "Amt"));
    Ok(amounts.filter_map(|amt| Currency::parse(amt.currency()?)).next())
}

/// A balance by its code, with its day. A missing direction means credit.
fn balance(statement: Node, code: &str) -> Result<Option<(Money, Option<NaiveDate>)>, StatementFault> {
    let has_code = |bal: &Node| text(*bal, &["Tp", "CdOrPrtry", "Cd"]).is_some_and(|found| found == code);
    let Some(bal) = children(statement, "Bal").find(has_code) else { return Ok(None) };
    let amt = child(bal, "Amt").ok_or_else(|| fault(bal, "a balance has no amount"))?;
    let money = money(amt, None)?;
    let signed = if text(bal, &["CdtDbtInd"]).as_deref() == Some("DBIT") { negated(money) } else { money };
    Ok(Some((signed, date(bal, "Dt"))))
}

/// First and last day of FrToDt. A period that ends at midnight ends the day before.
fn period(node: Node) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let day = |path: [&str; 2]| text(node, &path).as_deref().and_then(parse_date);
    let from = day(["FrToDt", "FrDtTm"]).or_else(|| day(["FrToDt", "FrDt"]));
    let end = text(node, &["FrToDt", "ToDtTm"]).or_else(|| text(node, &["FrToDt", "ToDt"]));
    let Some(end) = end else { return (from, None) };
    let at_midnight = end.get(10..).is_some_and(|time| time.starts_with("T00:00:00"));
    let last = parse_date(&end).and_then(|d| if at_midnight { d.checked_sub_days(Days::new(1)) } else { Some(d) });
    (from, last.max(from))
}

/// Where an entry stands, for warnings and for telling our own account from the other party's.
struct Place<'a> {
    number: usize,
    account: &'a str,
    currency: Currency,
    format: &'a str,
}

/// One Ntry: one entry, or one a transaction when its details say an amount each and add up.
fn entries_of(ntry: Node, place: &Place, warnings: &mut Vec<String>) -> Result<Vec<Entry>, StatementFault> {
    let whole = whole_entry(ntry, place, warnings)?;
    let details: Vec<Node> = children(ntry, "NtryDtls").flat_map(|d| children(d, "TxDtls")).collect();
    match details.as_slice() {
        [] => Ok(vec![whole]),
        [only] => Ok(vec![with_details(&whole, *only, ntry, whole.amount, place, None)]),
        several => match split(&whole, several) {
            Ok(amounts) => {
                let parts = several.iter().zip(amounts).enumerate();
                Ok(parts.map(|(n, (tx, amount))| with_details(&whole, *tx, ntry, amount, place, Some(n + 1))).collect())
            }
            Err(why) => {
                warnings.push(format!("entry {}: taken as one amount, because {why}", place.number));
                Ok(vec![unsplit(whole, several, place)])
            }
        },
    }
}

fn whole_entry(ntry: Node, place: &Place, warnings: &mut Vec<String>) -> Result<Entry, StatementFault> {
    let amt = child(ntry, "Amt").ok_or_else(|| fault(ntry, "an entry has no amount"))?;
    let amount = money(amt, Some(place.currency))?;
    let incoming = incoming(ntry)?.ok_or_else(|| fault(ntry, "an entry does not say whether it is CRDT or DBIT"))?;
    for name in ["BookgDt", "ValDt"] {
        if child(ntry, name).is_some() && date(ntry, name).is_none() {
            warnings.push(format!("entry {}: {name} is not a date", place.number));
        }
    }
    Ok(Entry {
        booked: date(ntry, "BookgDt"),
        value: date(ntry, "ValDt"),
        amount: if incoming { amount } else { negated(amount) },
        counterparty: None,
        iban: None,
        reference: None,
        description: text(ntry, &["AddtlNtryInf"]).unwrap_or_default(),
        end_to_end: None,
        bank_reference: text(ntry, &["AcctSvcrRef"]),
        reversal: text(ntry, &["RvslInd"]).is_some_and(|flag| flag == "true" || flag == "1"),
        returned: false,
        instructed: instructed(ntry, amount.currency()),
        status: status(ntry, place, warnings),
        batch: None,
    })
}

/// Text or a `Cd` child, by version. A statement holds booked entries, so there a missing status means booked.
fn status(ntry: Node, place: &Place, warnings: &mut Vec<String>) -> Status {
    let code = text(ntry, &["Sts", "Cd"]).or_else(|| text(ntry, &["Sts", "Prtry"])).or_else(|| text(ntry, &["Sts"]));
    match code.as_deref() {
        Some("BOOK") => Status::Booked,
        Some("PDNG" | "FUTR") => Status::Pending,
        Some("INFO") => Status::Info,
        None if place.format == "camt.053" => Status::Booked,
        None => Status::Pending,
        Some(other) => {
            warnings.push(format!("entry {}: unknown status {other:?}, not counted", place.number));
            Status::Info
        }
    }
}

/// The signed amounts of a batch's transactions, or why the batch cannot be split.
fn split(whole: &Entry, details: &[Node]) -> Result<Vec<Money>, &'static str> {
    let entry_incoming = !whole.amount.is_negative();
    let amounts: Option<Vec<Money>> = details.iter().map(|tx| signed_amount(*tx, entry_incoming, whole)).collect();
    let amounts = amounts.ok_or("not every transaction in it says an amount in its currency")?;
    match Money::sum(amounts.iter().copied(), whole.amount.currency()) {
        Some(sum) if sum == whole.amount => Ok(amounts),
        _ => Err("its transactions do not add up to it"),
    }
}

/// `Amt` (version 4 and later) or `AmtDtls/TxAmt`, in the currency of the entry.
fn signed_amount(tx: Node, entry_incoming: bool, whole: &Entry) -> Option<Money> {
    let stated = child(tx, "Amt").or_else(|| path(tx, &["AmtDtls", "TxAmt", "Amt"]))?;
    let amount = money(stated, None).ok().filter(|m| m.currency() == whole.amount.currency())?;
    let incoming = incoming(tx).ok()?.unwrap_or(entry_incoming);
    Some(if incoming { amount } else { negated(amount) })
}

/// The amount of the payer's order, when it was in another currency than the account's.
fn instructed(node: Node, own: Currency) -> Option<Money> {
    let amt = path(node, &["AmtDtls", "InstdAmt", "Amt"])?;
    money(amt, None).ok().filter(|found| found.currency() != own)
}

fn with_details(whole: &Entry, tx: Node, ntry: Node, amount: Money, place: &Place, part: Option<usize>) -> Entry {
    let incoming = !amount.is_negative();
    let (counterparty, iban) = other_party(tx, incoming, whole.reversal, place.account);
    let references = references(tx);
    let description = description(tx, ntry, &references);
    let of_entry = whole.bank_reference.as_ref().map(|found| match part {
        Some(number) => format!("{found}/{number}"),
        None => found.clone(),
    });
    Entry {
        amount,
        counterparty,
        iban,
        reference: references.into_iter().next(),
        description,
        end_to_end: text(tx, &["Refs", "EndToEndId"]).filter(|id| reference::is_given(id)),
        bank_reference: text(tx, &["Refs", "AcctSvcrRef"]).or(of_entry),
        returned: child(tx, "RtrInf").is_some(),
        instructed: instructed(tx, amount.currency()).or(whole.instructed.filter(|_| part.is_none())),
        batch: part.map(|_| whole.amount),
        ..whole.clone()
    }
}

/// A batch that stays one entry keeps what all its transactions say, so that a human can read it.
fn unsplit(whole: Entry, details: &[Node], place: &Place) -> Entry {
    let said = details.iter().map(|tx| description(*tx, *tx, &references(*tx)));
    let names =
        details.iter().filter_map(|tx| other_party(*tx, !whole.amount.is_negative(), whole.reversal, place.account).0);
    let words = joined(std::iter::once(whole.description.clone()).chain(names).chain(said));
    Entry { description: words, ..whole }
}

/// Name and account of the other party. In a reversal or return the parties keep the roles of the original payment.
fn other_party(tx: Node, incoming: bool, reversal: bool, own: &str) -> (Option<String>, Option<String>) {
    let Some(parties) = child(tx, "RltdPties") else { return (None, None) };
    let debtor = ["Dbtr", "UltmtDbtr", "DbtrAcct"];
    let creditor = ["Cdtr", "UltmtCdtr", "CdtrAcct"];
    let (usual, swapped) = if incoming { (debtor, creditor) } else { (creditor, debtor) };
    let in_role = |[party, ultimate, account]: [&str; 3]| {
        let name = party_name(parties, party).or_else(|| party_name(parties, ultimate));
        (name, child(parties, account).and_then(account_number))
    };
    let swap = reversal || child(tx, "RtrInf").is_some();
    let (first, second) = if swap { (swapped, usual) } else { (usual, swapped) };
    let found = in_role(first);
    let is_own = found.1.as_deref().is_some_and(|account| account == own);
    let is_missing = found.0.is_none() && found.1.is_none();
    let is_useless = is_own || (swap && is_missing);
    if !is_useless {
        return found;
    }
    let opposite = in_role(second);
    let is_better = opposite.1.as_deref().map_or(opposite.0.is_some(), |account| account != own);
    if is_better { opposite } else { found }
}

/// `Nm`, `Pty/Nm` (version 8 and later) or the name of a bank that is itself the party.
fn party_name(parties: Node, role: &str) -> Option<String> {
    let party = child(parties, role)?;
    text(party, &["Nm"]).or_else(|| text(party, &["Pty", "Nm"])).or_else(|| text(party, &["Agt", "FinInstnId", "Nm"]))
}

fn account_number(account: Node) -> Option<String> {
    let id = child(account, "Id")?;
    let places: [&[&str]; 4] = [&["IBAN"], &["Othr", "Id"], &["BBAN"], &["PrtryAcct", "Id"]];
    let found = places.iter().find_map(|place| text(id, place))?;
    Some(found.split_whitespace().collect())
}

/// Structured references, without the signs around a Belgian one.
fn references(tx: Node) -> Vec<String> {
    let structured = child(tx, "RmtInf").into_iter().flat_map(|info| children(info, "Strd"));
    let stated = structured
        .filter_map(|strd| text(strd, &["CdtrRefInf", "Ref"]).or_else(|| text(strd, &["CdtrRefInf", "CdtrRef"])));
    stated.map(|found| super::reference::bare(&found)).filter(|found| !found.is_empty()).collect()
}

/// What the payer wrote; invoice numbers and further references of structured information count as such. Else
/// what the bank says.
fn description(tx: Node, ntry: Node, references: &[String]) -> String {
    let mut parts = Vec::new();
    if let Some(info) = child(tx, "RmtInf") {
        parts.extend(children(info, "Ustrd").filter_map(|node| trimmed(node)));
        for strd in children(info, "Strd") {
            parts.extend(
                children(strd, "RfrdDocInf").filter_map(|doc| text(doc, &["Nb"]).or_else(|| text(doc, &["RfrdDocNb"]))),
            );
            parts.extend(children(strd, "AddtlRmtInf").filter_map(|node| trimmed(node)));
        }
    }
    parts.extend(references.iter().skip(1).cloned());
    if !parts.is_empty() {
        return joined(parts.into_iter());
    }
    text(tx, &["AddtlTxInf"]).or_else(|| text(ntry, &["AddtlNtryInf"])).unwrap_or_default()
}

/// True for CRDT, false for DBIT, `None` when not said.
pub(super) fn incoming(node: Node) -> Result<Option<bool>, StatementFault> {
    match text(node, &["CdtDbtInd"]).as_deref() {
        None => Ok(None),
        Some("CRDT") => Ok(Some(true)),
        Some("DBIT") => Ok(Some(false)),
        Some(other) => Err(fault(node, format!("{other:?} is neither CRDT nor DBIT"))),
    }
}

/// An amount element with its currency; `fallback` where the `Ccy` attribute is missing.
pub(super) fn money(amt: Node, fallback: Option<Currency>) -> Result<Money, StatementFault> {
    let currency = match amt.currency() {
        Some(code) => Currency::parse(code).ok_or_else(|| fault(amt, format!("{code:?} is not a currency")))?,
        None => fallback.ok_or_else(|| fault(amt, "an amount has no currency"))?,
    };
    let written = amt.text().trim();
    let amount = Money::parse(plain(written).as_ref(), currency).map_err(|why| fault(amt, why.to_string()))?;
    if amount.is_negative() {
        return Err(fault(amt, format!("{written:?} is negative: the direction of an amount stands beside it")));
    }
    Ok(amount)
}

/// XML decimals may have a plus sign and may end or begin with the point.
pub(super) fn plain(decimal: &str) -> Cow<'_, str> {
    let unsigned = decimal.strip_prefix('+').unwrap_or(decimal);
    match (unsigned.starts_with('.'), unsigned.strip_suffix('.')) {
        (true, _) => Cow::Owned(format!("0{unsigned}")),
        (false, Some(whole)) if !whole.contains('.') => Cow::Borrowed(whole),
        _ => Cow::Borrowed(unsigned),
    }
}

pub(super) fn negated(amount: Money) -> Money {
    Money::from_minor(amount.minor().saturating_neg(), amount.currency())
}

/// A date element with a `Dt` or `DtTm` inside, taken as the bank wrote it.
fn date(node: Node, name: &str) -> Option<NaiveDate> {
    let element = child(node, name)?;
    let written = text(element, &["Dt"]).or_else(|| text(element, &["DtTm"])).or_else(|| trimmed(element))?;
    parse_date(&written)
}

fn parse_date(written: &str) -> Option<NaiveDate> {
    let ten = written.get(..10)?;
    let part = |from: usize, to: usize| {
        let digits = ten.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<u32>().ok()
    };
    if ten.get(4..5) != Some("-") || ten.get(7..8) != Some("-") {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(part(0, 4)?).ok()?, part(5, 7)?, part(8, 10)?)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[expect(clippy::inconsistent_digit_grouping, reason = "1210_00 is 1210 euros in cents")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(statement: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
<Stmt><Id>S1</Id><ElctrncSeqNb>12</ElctrncSeqNb>
<Acct><Id><IBAN>NL91 ABNA 0417 1643 00</IBAN></Id><Ccy>EUR</Ccy></Acct>
{statement}</Stmt></BkToCstmrStmt></Document>"#
        )
    }

    fn bal(code: &str, amount: &str, sign: &str, day: &str) -> String {
        format!(
            r#"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"#
        )
    }

    fn ntry(amount: &str, sign: &str, rest: &str) -> String {
        format!(
            r#"<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-11-20T00:30:00+01:00</DtTm></BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt><AcctSvcrRef>B7</AcctSvcrRef>{rest}</Ntry>"#
        )
    }

    fn one(statement: &str) -> Statement {
        read(file(statement).as_bytes()).unwrap().remove(0)
    }

    const PAYER: &str = "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties>\
        <Dbtr><Pty><Nm>Jansen Bouw B.V.</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>NL69INGB0123456789</IBAN></Id></DbtrAcct>\
        <Cdtr><Pty><Nm>Voorbeeldbedrijf</Nm></Pty></Cdtr></RltdPties>\
        <RmtInf><Ustrd>factuur</Ustrd><Ustrd>2026-0412</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>\
        </TxDtls></NtryDtls>";

    #[test]
    fn reads_a_payment() {
        let found = one(&[
            bal("OPBD", "100.00", "DBIT", "2026-11-19"),
            bal("CLBD", "50.00", "CRDT", "2026-11-20"),
            ntry("150.00", "CRDT", PAYER),
        ]
        .concat());
        assert_eq!((found.account.as_str(), found.sequence.as_deref()), ("NL91ABNA0417164300", Some("12")));
        assert_eq!(found.balanced, Some(true));
        assert_eq!(found.covers_until, NaiveDate::from_ymd_opt(2026, 11, 20));
        let entry = &found.entries[0];
        assert_eq!(entry.amount, Money::eur_cents(150_00));
        assert_eq!(entry.booked, NaiveDate::from_ymd_opt(2026, 11, 20), "the bank's own day, not shifted to UTC");
        assert_eq!(entry.counterparty.as_deref(), Some("Jansen Bouw B.V."));
        assert_eq!(entry.iban.as_deref(), Some("NL69INGB0123456789"));
        assert_eq!(entry.reference.as_deref(), Some("RF18539007547034"));
        assert_eq!(entry.description, "factuur 2026-0412");
        assert_eq!((entry.end_to_end.as_deref(), entry.bank_reference.as_deref()), (None, Some("B7")));
        assert_eq!(entry.status, Status::Booked);
    }

    #[test]
    fn a_comment_does_not_cut_an_amount() {
        let entry = &one(&ntry("1<!-- thousands -->10.00", "CRDT", "")).entries[0];
        assert_eq!(entry.amount, Money::eur_cents(110_00));
    }

    #[test]
    fn other_currencies_and_returns() {
        let details = "<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy=\"USD\">120.00</Amt></InstdAmt></AmtDtls></TxDtls></NtryDtls>";
        let entry = &one(&ntry("110.00", "CRDT", details)).entries[0];
        assert_eq!(entry.instructed, Currency::parse("USD").map(|dollar| Money::from_minor(120_00, dollar)));
        assert_eq!((entry.amount, entry.returned), (Money::eur_cents(110_00), false));
        let same = &one(&ntry("120.00", "CRDT", &details.replace("USD", "EUR"))).entries[0];
        assert_eq!(same.instructed, None);
        let back = "<NtryDtls><TxDtls><RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf></TxDtls></NtryDtls>";
        let entry = &one(&ntry("99.00", "DBIT", back)).entries[0];
        assert_eq!((entry.reversal, entry.returned), (false, true));
    }

    fn batch(amounts: [&str; 2]) -> String {
        let tx = |amount: &str, who: &str| {
            format!(
                r#"<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Nm>{who}</Nm></Dbtr></RltdPties></TxDtls>"#
            )
        };
        ntry("30.00", "CRDT", &format!("<NtryDtls>{}{}</NtryDtls>", tx(amounts[0], "A"), tx(amounts[1], "B")))
    }

    #[test]
    fn a_batch_is_split_when_it_adds_up() {
        let found = one(&batch(["10.00", "20.00"]));
        let amounts: Vec<_> = found.entries.iter().map(|e| e.amount.to_string()).collect();
        assert_eq!(amounts, ["10.00", "20.00"]);
        assert_eq!(found.entries[1].counterparty.as_deref(), Some("B"));
        assert_eq!(found.entries[1].bank_reference.as_deref(), Some("B7/2"));
        assert!(found.warnings.is_empty());

        let whole = one(&batch(["10.00", "25.00"]));
        assert_eq!(whole.entries.len(), 1);
        assert_eq!(whole.entries[0].amount, Money::eur_cents(30_00));
        assert_eq!(whole.entries[0].counterparty, None, "a batch has no single payer");
        assert!(whole.warnings[0].contains("do not add up"), "{:?}", whole.warnings);
    }

    #[test]
    fn a_reversal_names_the_original_payer() {
        let entry = ntry("99.00", "DBIT", &format!("<RvslInd>true</RvslInd>{PAYER}"));
        let entry = &one(&entry).entries[0];
        assert_eq!((entry.amount, entry.reversal), (Money::eur_cents(-99_00), true));
        assert_eq!(entry.counterparty.as_deref(), Some("Jansen Bouw B.V."));
    }

    #[test]
    fn only_booked_entries_count() {
        let pending = ntry("5.00", "CRDT", "").replace("BOOK", "PDNG");
        let balances = [bal("PRCD", "1.00", "CRDT", "2026-11-19"), bal("CLBD", "1.00", "CRDT", "2026-11-20")].concat();
        let found = one(&[balances, pending].concat());
        assert_eq!((found.balanced, found.entries[0].status), (Some(true), Status::Pending));
    }

    #[test]
    fn totals_of_the_bank_are_checked() {
        let total = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>5</Sum></TtlNtries></TxsSummry>";
        let balances = [bal("OPBD", "1.00", "CRDT", "2026-11-19"), bal("CLBD", "6.00", "CRDT", "2026-11-20")].concat();
        let found = one(&[balances.as_str(), total, &ntry("5.00", "CRDT", "")].concat());
        assert_eq!(found.balanced, Some(false));
        assert!(found.warnings[0].contains("counts 2"), "{:?}", found.warnings);
    }

    #[test]
    fn relatives_and_old_versions() {
        let older = file(&ntry("5.00", "CRDT", ""))
            .replace("BkToCstmrStmt", "BkToCstmrStmtV01")
            .replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>");
        assert_eq!(read(older.as_bytes()).unwrap()[0].entries[0].status, Status::Booked);
        let notification = file(&ntry("5.00", "CRDT", ""))
            .replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
            .replace("Stmt>", "Ntfctn>");
        let found = read(notification.as_bytes()).unwrap();
        assert_eq!((found[0].format.as_str(), found[0].balanced), ("camt.054", None));
    }

    #[test]
    fn other_character_sets() {
        let latin = file(&ntry("5.00", "CRDT", &PAYER.replace("Jansen", "Jansén"))).replace("UTF-8", "ISO-8859-1");
        let bytes: Vec<u8> = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(read(&bytes).unwrap()[0].entries[0].counterparty.as_deref(), Some("Jansén Bouw B.V."));
        let wide: Vec<u8> = std::iter::once(0xfeff).chain(latin.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&wide).unwrap()[0].entries.len(), 1);
    }

    #[test]
    fn refuses_with_the_line() {
        let faulty = [
            (file(&ntry("12..34", "CRDT", "")), "is not an amount", Some(5)),
            (file(&ntry("-5", "CRDT", "")), "negative", Some(5)),
            (file(&ntry("5", "SIDEWAYS", "")), "neither CRDT nor DBIT", Some(5)),
            (file(&ntry("5", "CRDT", "")).replace("</Stmt>", ""), "damaged or cut off", Some(5)),
            (file("").replace("<Document", "<!DOCTYPE x>\n<Document"), "DOCTYPE", None),
            (format!("<a>{}\n{}", "<b>".repeat(30), "<b>".repeat(40)), "nest deeper", Some(2)),
        ];
        for (text, reason, line) in faulty {
            let fault = read(text.as_bytes()).unwrap_err();
            assert!(fault.reason.contains(reason), "{fault:?}");
            assert_eq!(fault.line, line, "{fault:?}");
        }
        assert!(read(b"<Invoice/>").unwrap_err().reason.contains("<Invoice>"));
        assert!(read(b"<Document><BkToCstmrStmt/></Document>").unwrap_err().reason.contains("no statement"));
    }

    #[test]
    fn every_truncation_is_refused() {
        let whole = file(&batch(["10.00", "20.00"]));
        for end in 0..whole.len() {
            assert!(read(&whole.as_bytes()[..end]).is_err(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn total(bytes in proptest::collection::vec(any::<u8>(), 0..200), place in 0usize..900, byte in any::<u8>()) {
            let _ = read(&bytes);
            let mut whole = file(&batch(["10.00", "20.00"])).into_bytes();
            if let Some(target) = whole.get_mut(place) {
                *target = byte;
            }
            let _ = read(&whole);
        }
    }
}
