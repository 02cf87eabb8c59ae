//! A sandbox company on disk, and the real binary played against it one pass at a time. It asserts nothing but that
//! the binary ran; what must follow stands in the stories.

use chrono::{Days, NaiveDate};
use mail_parser::{HeaderValue, MessageParser, MimeHeaders};
use serde_json::Value;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub const US: &str = "debiteuren@voorbeeldbedrijf.example";
pub const OWNER: &str = "eigenaar@voorbeeldbedrijf.example";
pub const OUR_IBAN: &str = "NL91ABNA0417164300";

const CONFIG: &str = r#"mode = "auto"
state = "state"
[company]
name = "Voorbeeldbedrijf B.V."
address = ["Dorpsstraat 1", "1234 AB Voorbeeld"]
email = "debiteuren@voorbeeldbedrijf.example"
phone = "010-1234567"
kvk = "12345678"
vat = "NL001234567B01"
iban = ["NL91ABNA0417164300"]
country = "NL"
language = "nl"
timezone = "Europe/Amsterdam"
[owner]
email = "eigenaar@voorbeeldbedrijf.example"
[invoices]
folder = "invoices"
overdue_at_first_sight = "ask"
[statements]
folder = "statements"
[mailbox]
kind = "maildir"
folder = "mailbox"
authserv_id = "mx.voorbeeldbedrijf.example"
[outgoing]
kind = "file"
folder = "outbox"
[sending]
per_day = 200
burst = 20
[payments]
freshness = "none"
[notices]
banks = ["rabobank"]
close_max = "2500.00"
[formal]
mode = "auto"
"#;

pub struct Sandbox {
    folder: TempDir,
    today: Cell<NaiveDate>,
    count: Cell<u32>,
}

/// One mail of the outbox.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The day on which it left, by the outbox.
    pub day: String,
    pub to: String,
    pub subject: String,
    pub reply_to: String,
    pub message_id: String,
    pub in_reply_to: String,
    pub references: Vec<String>,
    pub text: String,
    pub html: String,
    pub attachments: Vec<String>,
    /// How many pictures the HTML brings along.
    pub pictures: usize,
    /// Of the attachments that are text.
    pub attached_texts: Vec<String>,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no day"))
}

impl Sandbox {
    pub fn new() -> Sandbox {
        Sandbox::with(&[])
    }

    /// The standard company with these changes to its configuration, each (from, to).
    pub fn with(changes: &[(&str, &str)]) -> Sandbox {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = CONFIG.to_owned();
        for (from, to) in changes {
            assert!(config.contains(from), "the configuration has no {from}");
            config = config.replace(from, to);
        }
        for name in ["invoices", "statements", "mailbox/new", "mailbox/cur", "mailbox/tmp", "outbox"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("aanmaand.toml"), config).unwrap();
        Sandbox { folder, today: Cell::new(day("2026-10-20")), count: Cell::new(0) }
    }

    /// Business debtor K1001 owes invoice 2026-0412 of € 1.210,00, due on Saturday 31 October 2026, seen on 20 October.
    pub fn jansen() -> Sandbox {
        Sandbox::jansen_with(&[])
    }

    pub fn jansen_with(changes: &[(&str, &str)]) -> Sandbox {
        let sandbox = Sandbox::with(changes);
        sandbox.invoice(&Invoice::jansen());
        sandbox.pass("2026-10-20");
        sandbox
    }

    /// Debtors K1 to K*count*, each with an invoice F-1, F-2, … like Jansen's; seen on 20 October, and each passed by
    /// the note and the reminder of 3 November.
    pub fn reminded(count: u32) -> Sandbox {
        let sandbox = Sandbox::new();
        for number in 1..=count {
            sandbox.invoice(&Invoice::numbered(number));
        }
        for date in ["2026-10-20", "2026-10-26", "2026-11-03"] {
            sandbox.pass(date);
        }
        assert_eq!(sandbox.letters().len() as u32, 2 * count);
        sandbox
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aanmaand"));
        command.arg("--config").arg(self.path("aanmaand.toml")).args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    /// Runs a command that must succeed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {:?} {said}", output.status);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// One pass at ten in the morning.
    pub fn pass(&self, on: &str) {
        self.pass_at(&format!("{on}T10:00"));
    }

    pub fn pass_at(&self, now: &str) {
        self.today.set(day(&now[..10]));
        self.must(&["run", "--once", "--now", now]);
    }

    /// A pass on each day after the last one, up to this day.
    pub fn pass_until(&self, last: &str) {
        self.each_day_until(last, |_, _| {});
    }

    /// The same, with fresh bank data each morning: a statement of the day before without entries.
    pub fn pass_with_bank_until(&self, last: &str) {
        self.each_day_until(last, |sandbox, today| {
            sandbox.statement(&format!("leeg-{today}"), &(*today - Days::new(1)).to_string(), &[]);
        });
    }

    pub fn each_day_until(&self, last: &str, morning: impl Fn(&Sandbox, &NaiveDate)) {
        let last = day(last);
        while self.today.get() < last {
            let next = self.today.get() + Days::new(1);
            morning(self, &next);
            self.pass(&next.to_string());
        }
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn invoice(&self, invoice: &Invoice) {
        self.put(&format!("invoices/{}.toml", invoice.number), invoice.toml());
    }

    /// A balanced CAMT.053 of one day.
    pub fn statement(&self, name: &str, on: &str, lines: &[Line]) {
        self.put(&format!("statements/{name}.xml"), camt(name, on, lines, None));
    }

    /// Puts a mail into the mailbox as it stands.
    pub fn mail(&self, raw: impl AsRef<[u8]>) {
        let count = self.count.get() + 1;
        self.count.set(count);
        self.put(&format!("mailbox/new/{:010}.M{count}P1.mx", 1_790_000_000 + count), raw);
    }

    /// A mail of a person to us, not an answer to anything.
    pub fn write_to_us(&self, from: &str, subject: &str, words: &str) {
        let count = self.count.get();
        self.mail(format!(
            "Return-Path: <{from}>\nReceived: from mx.elders.example by mx.voorbeeldbedrijf.example; {date}\n\
             From: <{from}>\nTo: {US}\nSubject: {subject}\nDate: {date}\nMessage-ID: <los-{count}@elders.example>\n\
             Content-Type: text/plain; charset=utf-8\n\n{words}\n",
            date = self.mail_date()
        ));
    }

    /// An answer to a letter as mail programs write it: to its Reply-To, threaded, the letter quoted below.
    pub fn answer_letter(&self, letter: &Letter, from: &str, words: &str) {
        let quoted: String = letter.text.lines().map(|line| format!("> {line}\n")).collect();
        self.mail(self.reply(
            letter,
            from,
            &format!("{words}\n\nOp {} schreef Voorbeeldbedrijf:\n{quoted}", letter.day),
        ));
    }

    pub fn reply(&self, letter: &Letter, from: &str, body: &str) -> String {
        format!(
            "Return-Path: <{from}>\nReceived: from mx.elders.example by mx.voorbeeldbedrijf.example; {date}\n\
             From: <{from}>\nTo: <{}>\nSubject: Re: {}\nDate: {date}\nMessage-ID: <antwoord-{}@elders.example>\n\
             In-Reply-To: <{id}>\nReferences: <{id}>\nContent-Type: text/plain; charset=utf-8\n\n{body}\n",
            letter.reply_to,
            letter.subject,
            self.count.get(),
            id = letter.message_id,
            date = self.mail_date()
        )
    }

    /// Eight in the morning of the day after the last pass.
    pub fn mail_date(&self) -> String {
        let on = self.today.get() + Days::new(1);
        on.and_hms_opt(7, 0, 0).unwrap().and_utc().to_rfc2822()
    }

    fn outbox(&self) -> Vec<Letter> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path("outbox"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "eml"))
            .collect();
        files.sort();
        files.iter().map(|path| read_letter(path)).collect()
    }

    /// What went to customers, in the order in which it left.
    pub fn letters(&self) -> Vec<Letter> {
        self.outbox().into_iter().filter(|letter| letter.to != OWNER).collect()
    }

    pub fn digests(&self) -> Vec<Letter> {
        self.outbox().into_iter().filter(|letter| letter.to == OWNER).collect()
    }

    pub fn last_digest(&self) -> Letter {
        self.digests().pop().expect("a digest")
    }

    /// The last letter to a customer.
    pub fn last_letter(&self) -> Letter {
        self.letters().pop().expect("a letter")
    }

    /// The last letter to this address.
    pub fn last_letter_to(&self, address: &str) -> Letter {
        self.letters().into_iter().rfind(|letter| letter.to == address).expect("a letter to this address")
    }

    /// Day and subject of each letter.
    pub fn sent(&self) -> Vec<(String, String)> {
        self.letters().into_iter().map(|letter| (letter.day, letter.subject)).collect()
    }

    pub fn days_sent(&self) -> Vec<String> {
        self.letters().into_iter().map(|letter| letter.day).collect()
    }

    /// What a command prints as JSON, a value a line.
    pub fn json(&self, command: &str) -> Vec<Value> {
        self.must(&[command, "--json"]).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    pub fn cases(&self) -> Vec<Value> {
        self.json("cases")
    }

    pub fn case(&self, number: &str) -> Value {
        let found = self.cases().into_iter().find(|case| case["invoice"] == number);
        found.unwrap_or_else(|| panic!("no case of {number}"))
    }

    /// State and hold of the only case: "open", "held:dispute", "closed:paid".
    pub fn state(&self, number: &str) -> String {
        let case = self.case(number);
        let also = case["hold"].as_str().or(case["closed_as"].as_str()).map(|word| format!(":{word}"));
        format!("{}{}", case["state"].as_str().unwrap(), also.unwrap_or_default())
    }

    pub fn questions(&self) -> Vec<Value> {
        self.json("questions")
    }

    pub fn kinds_asked(&self) -> Vec<String> {
        self.questions().iter().map(|question| question["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// The only open question of this kind.
    pub fn question(&self, kind: &str) -> Value {
        let all = self.questions();
        let mut found = all.iter().filter(|question| question["kind"] == kind);
        let first = found.next().unwrap_or_else(|| panic!("no question of kind {kind} in {all:#?}"));
        assert!(found.next().is_none(), "more than one question of kind {kind}: {all:#?}");
        first.clone()
    }

    /// Answers the only question of this kind.
    pub fn answer(&self, kind: &str, choice: &str) {
        let id = self.question(kind)["question"].as_str().unwrap().to_owned();
        self.must(&["answer", &id, choice]);
    }
}

fn read_letter(path: &Path) -> Letter {
    let raw = fs::read(path).unwrap();
    let mail = MessageParser::default().parse(&raw).unwrap_or_else(|| panic!("{} is no mail", path.display()));
    let text_of = |value: &HeaderValue| match value {
        HeaderValue::Text(text) => vec![text.to_string()],
        HeaderValue::TextList(list) => list.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let address = |list: Option<&mail_parser::Address>| {
        list.and_then(|a| a.first()).and_then(|a| a.address()).unwrap_or("").to_owned()
    };
    let recipients = mail.to().map_or(0, |to| to.iter().count());
    assert_eq!(recipients, 1, "{}: exactly one recipient", path.display());
    assert!(mail.cc().is_none() && mail.bcc().is_none(), "{}: nobody else reads along", path.display());
    Letter {
        day: path.file_name().unwrap().to_string_lossy()[..10].to_owned(),
        to: address(mail.to()),
        subject: mail.subject().unwrap_or("").to_owned(),
        reply_to: address(mail.reply_to()),
        message_id: mail.message_id().unwrap_or("").to_owned(),
        in_reply_to: text_of(mail.in_reply_to()).pop().unwrap_or_default(),
        references: text_of(mail.references()),
        text: mail.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
        html: mail.body_html(0).unwrap_or_default().into_owned(),
        pictures: mail.parts.iter().filter(|part| part.content_id().is_some()).count(),
        attached_texts: mail
            .attachments()
            .filter(|part| part.attachment_name().is_some())
            .filter_map(|part| part.text_contents().map(str::to_owned))
            .collect(),
        attachments: mail.attachments().filter_map(|part| Some(part.attachment_name()?.to_owned())).collect(),
    }
}

/// An invoice in the small form.
#[derive(Clone)]
pub struct Invoice {
    pub number: String,
    pub date: String,
    pub due: String,
    pub total: String,
    /// More lines before `[debtor]`.
    pub more: String,
    pub debtor: Debtor,
}

#[derive(Clone)]
pub struct Debtor {
    pub id: String,
    pub name: String,
    pub email: String,
    pub kind: String,
    pub language: String,
}

impl Debtor {
    pub fn jansen() -> Debtor {
        Debtor {
            id: "K1001".into(),
            name: "Jansen Bouw B.V.".into(),
            email: "administratie@jansenbouw.example".into(),
            kind: "business".into(),
            language: "nl".into(),
        }
    }

    pub fn numbered(number: u32) -> Debtor {
        Debtor {
            id: format!("K{number}"),
            name: format!("Klant {number} B.V."),
            email: format!("kas@klant{number}.example"),
            ..Debtor::jansen()
        }
    }
}

impl Invoice {
    pub fn jansen() -> Invoice {
        Invoice {
            number: "2026-0412".into(),
            date: "2026-10-01".into(),
            due: "2026-10-31".into(),
            total: "1210.00".into(),
            more: "description = \"Schilderwerk oktober\"\n".into(),
            debtor: Debtor::jansen(),
        }
    }

    pub fn numbered(number: u32) -> Invoice {
        let debtor = Debtor::numbered(number);
        Invoice { number: format!("F-{number}"), more: String::new(), debtor, ..Invoice::jansen() }
    }

    pub fn toml(&self) -> String {
        let Debtor { id, name, email, kind, language } = &self.debtor;
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        format!(
            "number = {}\ndate = {}\ndue = {}\ncurrency = \"EUR\"\ntotal = \"{}\"\n{}[debtor]\nid = {}\nname = {}\n\
             email = {}\nkind = \"{kind}\"\ncountry = \"NL\"\nlanguage = \"{language}\"\nphone = \"020-7654321\"\n",
            quoted(&self.number),
            self.date,
            self.due,
            self.total,
            self.more,
            quoted(id),
            quoted(name),
            quoted(email)
        )
    }
}

/// One line of a statement; a negative amount leaves our account.
#[derive(Clone)]
pub struct Line {
    pub cents: i64,
    pub name: &'static str,
    pub text: String,
}

pub fn paid(cents: i64, text: &str) -> Line {
    Line { cents, name: "Jansen Bouw B.V.", text: text.to_owned() }
}

/// A CAMT.053; `closing` says another closing balance than the lines come to.
pub fn camt(id: &str, on: &str, lines: &[Line], closing: Option<i64>) -> String {
    let opening = 10_000_000;
    let closing = closing.unwrap_or(opening + lines.iter().map(|line| line.cents).sum::<i64>());
    let entries: String = lines.iter().enumerate().map(|(at, line)| entry(on, at, line)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">\
         <BkToCstmrStmt><GrpHdr><MsgId>{id}</MsgId><CreDtTm>{on}T23:00:00</CreDtTm></GrpHdr>\
         <Stmt><Id>{id}</Id><CreDtTm>{on}T23:00:00</CreDtTm><Acct><Id><IBAN>{OUR_IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>\
         {}{}{entries}</Stmt></BkToCstmrStmt></Document>\n",
        balance("OPBD", opening, on),
        balance("CLBD", closing, on)
    )
}

fn balance(code: &str, cents: i64, on: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>",
        euros(cents)
    )
}

fn entry(on: &str, at: usize, line: &Line) -> String {
    let (direction, party) = if line.cents < 0 { ("DBIT", "Cdtr") } else { ("CRDT", "Dbtr") };
    let amount = euros(line.cents.abs());
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{on}</Dt></BookgDt>\
         <AcctSvcrRef>{on}-{at}-{amount}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>\
         <RltdPties><{party}><Nm>{}</Nm></{party}><{party}Acct><Id><IBAN>NL69INGB0123456789</IBAN></Id></{party}Acct></RltdPties>\
         <RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
        line.name, line.text
    )
}

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Where a page from the middle of a database stands, all of it: damage between the rows of a page harms nobody. Its size
/// stands at the 17th byte (SQLite's file format, 1.3.2).
pub fn a_page_of(database: &[u8]) -> std::ops::Range<usize> {
    let size = usize::from(u16::from_be_bytes([database[16], database[17]]));
    let begin = database.len() / size / 2 * size;
    begin..begin + size
}
