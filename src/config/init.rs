//! The small commented configuration that `aanmaand init` writes. It names only what has no default.

use super::Company;
use crate::dunning::calendar::Country;
use crate::dunning::debtor::Language;
use std::fmt::Write;

/// What `init` asked.
#[derive(Clone, Debug)]
pub struct Answers {
    pub company: Company,
    pub country: Country,
    pub language: Language,
    pub owner_email: String,
    pub invoices: String,
    /// Folder of bank statements.
    pub statements: Option<String>,
    pub mailbox: MailboxAnswer,
    pub outgoing: OutgoingAnswer,
}

#[derive(Clone, Debug)]
pub enum MailboxAnswer {
    Imap { host: String, user: String, password_file: String },
    Maildir { folder: String },
}

#[derive(Clone, Debug)]
pub enum OutgoingAnswer {
    Smtp { host: String, user: String, password_file: String },
    Sendmail,
    File { folder: String },
}

/// The text of a configuration that holds the answers; checked like any other when it is loaded.
pub fn write_init(answers: &Answers) -> String {
    let mut text = String::from(
        "# Configuration of aanmaand. What is not said here has a safe default; `aanmaand check` tells what is wrong.\n\
         # Paths are relative to this file.\n\n\
         # observe: nothing leaves, the digest shows what would be sent. Then approve, and when you trust it auto.\n\
         mode = \"observe\"\n",
    );
    section(&mut text, "company", "Letters show this. The first account is the one to pay to.");
    company(&mut text, answers);
    section(&mut text, "owner", "Who gets the digest and the questions.");
    entry(&mut text, "email", &answers.owner_email);
    section(&mut text, "invoices", "Put each invoice here: UBL, or the small TOML form with a PDF beside it.");
    entry(&mut text, "folder", &answers.invoices);
    statements(&mut text, answers.statements.as_deref());
    section(&mut text, "mailbox", "Where answers arrive. It is only read: nothing is moved, marked or deleted.");
    mailbox(&mut text, &answers.mailbox);
    section(&mut text, "outgoing", "How letters leave.");
    outgoing(&mut text, &answers.outgoing);
    text
}

fn company(text: &mut String, answers: &Answers) {
    let company = &answers.company;
    entry(text, "name", &company.name);
    if !company.address.is_empty() {
        list(text, "address", &company.address);
    }
    entry(text, "email", &company.email);
    for (key, value) in [("phone", &company.phone), ("kvk", &company.kvk), ("vat", &company.vat)] {
        if let Some(value) = value {
            entry(text, key, value);
        }
    }
    list(text, "iban", &company.ibans);
    let country = match answers.country {
        Country::Nl => "NL",
        Country::Be => "BE",
    };
    entry(text, "country", country);
    entry(text, "language", answers.language.code());
}

fn statements(text: &mut String, folder: Option<&str>) {
    match folder {
        Some(folder) => {
            section(
                text,
                "statements",
                "Put bank statements here (CAMT, MT940 or CODA): paid invoices are closed by them.",
            );
            entry(text, "folder", folder);
        }
        None => text.push_str(
            "\n# Without bank statements payments are only known when you enter them:\n\
             # [statements]\n# folder = \"statements\"\n",
        ),
    }
}

fn mailbox(text: &mut String, answer: &MailboxAnswer) {
    match answer {
        MailboxAnswer::Imap { host, user, password_file } => {
            entry(text, "kind", "imap");
            server(text, host, user, password_file);
        }
        MailboxAnswer::Maildir { folder } => {
            entry(text, "kind", "maildir");
            entry(text, "folder", folder);
        }
    }
}

fn outgoing(text: &mut String, answer: &OutgoingAnswer) {
    match answer {
        OutgoingAnswer::Smtp { host, user, password_file } => {
            entry(text, "kind", "smtp");
            server(text, host, user, password_file);
        }
        OutgoingAnswer::Sendmail => entry(text, "kind", "sendmail"),
        OutgoingAnswer::File { folder } => {
            entry(text, "kind", "file");
            entry(text, "folder", folder);
        }
    }
}

fn server(text: &mut String, host: &str, user: &str, password_file: &str) {
    entry(text, "host", host);
    entry(text, "user", user);
    text.push_str("# The password stands in a file of its own that only you may read (chmod 600).\n");
    entry(text, "password_file", password_file);
}

fn section(text: &mut String, name: &str, comment: &str) {
    let _ = write!(text, "\n# {comment}\n[{name}]\n");
}

fn entry(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

fn list(text: &mut String, key: &str, values: &[String]) {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    let _ = writeln!(text, "{key} = [{}]", values.join(", "));
}

fn quoted(value: &str) -> String {
    toml::Value::from(value).to_string()
}
