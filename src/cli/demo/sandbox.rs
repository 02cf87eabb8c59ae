//! The sandbox: a folder with the configuration and the folders that it names, and everything that the world outside
//! puts into them. Writes only below its root.

use super::cast::{Bill, Form};
use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::BTreeSet;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const CONFIG: &str = include_str!("aanmaand.toml");
const FOLDERS: [&str; 7] = ["invoices", "statements", "mailbox/new", "mailbox/cur", "mailbox/tmp", "outbox", "state"];

pub struct Sandbox {
    root: PathBuf,
    /// Mails put in the mailbox so far.
    mails: usize,
    /// Files of the outbox that were read.
    read: BTreeSet<PathBuf>,
}

impl Sandbox {
    /// Makes the folder `root`; one that has something in it is refused.
    pub fn new(root: &Path) -> Result<Sandbox> {
        let here = || root.display().to_string();
        private_folder(root).with_context(here)?;
        let is_empty = std::fs::read_dir(root).with_context(here)?.next().is_none();
        ensure!(is_empty, "{} has something in it; name a folder that is new or empty", root.display());
        let root = root.canonicalize().with_context(here)?;
        for folder in FOLDERS {
            private_folder(&root.join(folder))?;
        }
        let sandbox = Sandbox { root, mails: 0, read: BTreeSet::new() };
        sandbox.write("aanmaand.toml", CONFIG.as_bytes())?;
        Ok(sandbox)
    }

    /// A new sandbox among the system's temporary files.
    pub fn temporary() -> Result<Sandbox> {
        let process = std::process::id();
        let name = |n: usize| std::env::temp_dir().join(format!("aanmaand-demo-{process}-{n}"));
        let free = (1..1000).map(name).find(|path| !path.exists()).context("no free name for a temporary folder")?;
        Sandbox::new(&free)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn config(&self) -> PathBuf {
        self.root.join("aanmaand.toml")
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.root.join(name);
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())
    }

    pub fn file_bill(&self, bill: &Bill) -> Result<()> {
        match bill.form {
            Form::Toml => self.write(&format!("invoices/{}.toml", bill.number), toml_form(bill).as_bytes()),
            Form::Ubl => self.write(&format!("invoices/{}.xml", bill.number), ubl_form(bill).as_bytes()),
        }
    }

    /// As somebody types it who is in a hurry: the amount is not one.
    pub fn file_broken_bill(&self) -> Result<()> {
        let text = "number = \"2026-0316\"\ndate = 2026-09-08\ndue = 2026-10-08\ntotal = \"twaalfhonderd\"\n\n\
                    [debtor]\nname = \"Kapsalon Iris\"\nemail = \"iris@kapsaloniris.example\"\n";
        self.write("invoices/2026-0316.toml", text.as_bytes())
    }

    pub fn place_statement(&self, until: NaiveDate, bytes: &[u8]) -> Result<()> {
        self.write(&format!("statements/{until}.xml"), bytes)
    }

    /// Puts a mail in the Maildir as a server does: written whole under `tmp`, then moved to `new`.
    pub fn receive(&mut self, mail: &str, at: DateTime<Utc>) -> Result<()> {
        self.mails += 1;
        let name = format!("{}.M{}.demo", at.timestamp(), self.mails);
        self.write(&format!("mailbox/tmp/{name}"), mail.replace('\n', "\r\n").as_bytes())?;
        let mailbox = self.root.join("mailbox");
        std::fs::rename(mailbox.join("tmp").join(&name), mailbox.join("new").join(&name)).context(name)
    }

    /// What lies in the outbox and was not read before, in the order of sending.
    pub fn new_mails(&mut self) -> Result<Vec<Vec<u8>>> {
        let outbox = self.root.join("outbox");
        let entries = std::fs::read_dir(&outbox).context("outbox")?.collect::<Result<Vec<_>, _>>()?;
        let paths: BTreeSet<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        let fresh: Vec<PathBuf> = paths.difference(&self.read).cloned().collect();
        self.read = paths;
        fresh.iter().map(|path| std::fs::read(path).with_context(|| path.display().to_string())).collect()
    }
}

fn private_folder(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn toml_form(bill: &Bill) -> String {
    let to = bill.to;
    let mut text = format!(
        "number = \"{}\"\ndate = {}\ncurrency = \"EUR\"\ntotal = \"{}\"\ndescription = \"{}\"\n",
        bill.number,
        bill.date,
        amount(bill.cents),
        bill.about
    );
    if let Some(due) = bill.due {
        text.push_str(&format!("due = {due}\nterm_source = \"contract\"\n"));
    }
    if let Some(corrects) = bill.corrects {
        text.push_str(&format!("kind = \"credit_note\"\ncorrects = \"{corrects}\"\n"));
    }
    text.push_str(&format!(
        "\n[debtor]\nid = \"{}\"\nname = \"{}\"\ncontact = \"{}\"\nemail = \"{}\"\nphone = \"{}\"\n\
         kind = \"{}\"\ncountry = \"{}\"\nlanguage = \"{}\"\n",
        to.id, to.name, to.contact, to.email, to.phone, to.kind, to.country, to.language
    ));
    text
}

/// The invoice as a bookkeeping program exports it (UBL 2.1, as used by Peppol BIS Billing 3.0).
fn ubl_form(bill: &Bill) -> String {
    let net = bill.cents * 100 / 121;
    let due = bill.due.map(|due| format!("<cbc:DueDate>{due}</cbc:DueDate>")).unwrap_or_default();
    let kvk: String = bill.to.id.chars().filter(char::is_ascii_digit).collect();
    UBL.replace("{number}", bill.number)
        .replace("{kvk}", &format!("8765{kvk:0>4}"))
        .replace("{date}", &bill.date.to_string())
        .replace("{due}", &due)
        .replace("{about}", bill.about)
        .replace("{id}", bill.to.id)
        .replace("{name}", bill.to.name)
        .replace("{contact}", bill.to.contact)
        .replace("{email}", bill.to.email)
        .replace("{phone}", bill.to.phone)
        .replace("{country}", bill.to.country)
        .replace("{net}", &amount(net))
        .replace("{vat}", &amount(bill.cents - net))
        .replace("{total}", &amount(bill.cents))
}

const UBL: &str = include_str!("invoice.xml");

/// `1210.00`
pub fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Monday to Friday: when a bank books and makes statements.
pub fn is_weekday(day: NaiveDate) -> bool {
    day.weekday().number_from_monday() <= 5
}
