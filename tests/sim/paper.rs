//! Paper: invoices, statements and mails as bytes.

use chrono::{DateTime, NaiveDate, Utc};

pub const IBAN: &str = "NL91ABNA0417164300";
pub const US: &str = "debiteuren@voorbeeldbedrijf.example";
pub const OWNER: &str = "eigenaar@voorbeeldbedrijf.example";

/// An invoice or credit note in the small form.
pub struct Bill<'a> {
    pub number: &'a str,
    pub cents: i64,
    pub issued: NaiveDate,
    pub due: NaiveDate,
    pub corrects: Option<&'a str>,
    /// Id, name, address, kind.
    pub debtor: (&'a str, &'a str, &'a str, &'a str),
    /// Where the debtor lives, when the invoice says so.
    pub country: Option<&'a str>,
    /// Where the term was agreed.
    pub term_source: &'a str,
    pub description: &'a str,
}

pub fn invoice(bill: &Bill<'_>) -> Vec<u8> {
    let (id, name, email, kind) = bill.debtor;
    let country = bill.country.map(|country| format!("country = \"{country}\"\n")).unwrap_or_default();
    let kinds = match bill.corrects {
        None => format!("due = {}\nterm_source = \"{}\"\n", bill.due, bill.term_source),
        Some(number) => format!("kind = \"credit_note\"\ncorrects = \"{number}\"\n"),
    };
    format!(
        "number = \"{}\"\ndate = {}\ntotal = \"{}\"\n{kinds}description = \"{}\"\n[debtor]\nid = \"{id}\"\nname = \"{name}\"\nemail = \"{email}\"\nkind = \"{kind}\"\n{country}",
        bill.number,
        bill.issued,
        euros(bill.cents),
        bill.description,
    )
    .into_bytes()
}

pub fn euros(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// A line of a bank statement.
#[derive(Clone, Debug)]
pub struct Line {
    pub day: NaiveDate,
    /// Negative = taken back.
    pub cents: i64,
    pub payer: String,
    pub iban: String,
    pub text: String,
    pub bank_reference: String,
}

/// A CAMT.053 of one day.
pub fn statement(number: u32, opening: i64, day: NaiveDate, lines: &[Line]) -> Vec<u8> {
    let closing = opening + lines.iter().map(|line| line.cents).sum::<i64>();
    let sign = |cents: i64| if cents < 0 { "DBIT" } else { "CRDT" };
    let balance = |code: &str, cents: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>",
            euros(cents.abs()),
            sign(cents)
        )
    };
    let entries: String = lines
        .iter()
        .map(|line| {
            let back = if line.cents < 0 { "<RvslInd>true</RvslInd>" } else { "" };
            format!(
                "<Ntry><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>{back}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{}</Dt></BookgDt><ValDt><Dt>{}</Dt></ValDt><AcctSvcrRef>{}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>{}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
                euros(line.cents.abs()), sign(line.cents), line.day, line.day, line.bank_reference, line.payer, line.iban, line.text
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>M{number}</MsgId></GrpHdr><Stmt><Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{}{}{entries}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", opening),
        balance("CLBD", closing),
    )
    .into_bytes()
}

/// A person's answer, as a mail program writes it.
pub struct Answer<'a> {
    pub from: (&'a str, &'a str),
    pub to: &'a str,
    pub subject: &'a str,
    pub id: &'a str,
    pub in_reply_to: Option<&'a str>,
    pub at: DateTime<Utc>,
    pub extra: &'a str,
    pub words: &'a str,
    pub quote: Option<&'a str>,
}

pub fn answer(mail: &Answer<'_>) -> Vec<u8> {
    let reply = mail.in_reply_to.map(|id| format!("In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n")).unwrap_or_default();
    let quote = mail
        .quote
        .map(|text| {
            let lines: String = text.lines().map(|line| format!("> {line}\r\n")).collect();
            format!("\r\nOp een dag schreef Voorbeeldbedrijf:\r\n{lines}")
        })
        .unwrap_or_default();
    format!(
        "Received: from mx.klant.example by mx.voorbeeldbedrijf.example; {date}\r\nFrom: {} <{}>\r\nTo: {}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{}>\r\n{reply}{}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n{quote}",
        mail.from.0, mail.from.1, mail.to, mail.subject, mail.id, mail.extra, mail.words,
        date = mail.at.to_rfc2822(),
    )
    .into_bytes()
}

/// A report that a letter did not arrive.
pub fn bounce(id: &str, recipient: &str, original: &str, at: DateTime<Utc>) -> Vec<u8> {
    format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.klant.example\r\nTo: {US}\r\nSubject: Undelivered Mail Returned to Sender\r\nDate: {}\r\nMessage-ID: <{id}>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nNot delivered.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.klant.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{original}>\r\nSubject: Herinnering\r\n--x--\r\n",
        at.to_rfc2822()
    )
    .into_bytes()
}
