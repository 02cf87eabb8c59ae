//! `inspect`: what a mail, an invoice or a statement says, read with the same code as the daemon's. Needs no
//! configuration, opens no database and no connection; `--phrases` and `--banks` show what the owner's own phrases and bank profiles
//! make of a mail.

use super::{Cli, Exit, WrongUse, open, screen};
use crate::adapters::parser::Workers;
use crate::bank::notice::Profiles;
use crate::bank::statement::{self, StatementFault};
use crate::config::{BUILT_IN_LISTS, mapping_of};
use crate::einvoice::open_items::{self, mapping::Mapping};
use crate::einvoice::{self, InvoiceFault};
use crate::letter::Templates;
use crate::mail::authenticity::Grounds;
use crate::mail::intent::{KnownNumbers, Phrases};
use crate::mail::message::Unreadable;
use crate::mail::reading::{self, Reader};
use crate::paper::{Paper, PaperKind, Unread};
use crate::ports::Parser;
use anyhow::Result;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Larger files are not read, in bytes.
const LARGEST: u64 = 25 * 1024 * 1024;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// What a mail is, and what its writer says
    Mail {
        /// Mails; of a folder or Maildir every mail in it
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Whose Authentication-Results may be believed: the name that your own mail server writes there
        #[arg(long, value_name = "ID")]
        authserv_id: Option<String>,
        /// Your own phrases and examples, as `[folders] phrases` names them
        #[arg(long, value_name = "FOLDER")]
        phrases: Option<PathBuf>,
        /// Your own bank profiles, as `[folders] banks` names them
        #[arg(long, value_name = "FOLDER")]
        banks: Option<PathBuf>,
    },
    /// What an invoice or credit note says; of a list of open items (CSV) each row
    Invoice {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Which program wrote the lists: moneybird, eboekhouden, exact, snelstart, twinfield, plain; else its heads tell
        #[arg(long, value_name = "NAME")]
        program: Option<String>,
        /// Your own mappings of lists, as `[folders] open_items` names them
        #[arg(long, value_name = "FOLDER")]
        mappings: Option<PathBuf>,
    },
    /// What a bank statement says
    Statement {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

pub fn inspect(cli: &Cli, args: &Args) -> Result<Exit> {
    let workers = Workers::new();
    match &args.what {
        What::Mail { files, authserv_id, phrases, banks } => {
            let (phrases, banks) = (open::phrases(phrases.as_deref())?, open::profiles(banks.as_deref())?);
            mails(cli, files, authserv_id.as_deref(), &phrases, &banks)
        }
        What::Invoice { files, program, mappings } => {
            let lists = Lists::of(program.as_deref(), mappings.as_deref())?;
            each(cli, &without_copies(expand(files)), &INVOICE, |file, bytes| match bytes {
                Ok(bytes) if open_items::is_list(file) => lists.read(file, &bytes),
                bytes => vec![invoice(&workers, file, bytes)],
            })
        }
        What::Statement { files } => {
            each(cli, &expand(files), &STATEMENT, |file, bytes| statements(&workers, file, bytes))
        }
    }
}

const MAIL: [&str; 16] = [
    "kind",
    "label",
    "also",
    "hold",
    "why",
    "lang",
    "promise_date",
    "paid_on",
    "amount",
    "invoice_numbers",
    "new_text",
    "evidence",
    "like",
    "bounce",
    "notice",
    "warnings",
];
const INVOICE: [&str; 17] = [
    "format",
    "kind",
    "number",
    "issue_date",
    "due_date",
    "due_source",
    "currency",
    "total",
    "prepaid",
    "payable",
    "seller",
    "buyer",
    "iban",
    "payment_reference",
    "order_reference",
    "corrects",
    "warnings",
];
const STATEMENT: [&str; 9] =
    ["format", "account", "id", "sequence", "currency", "opening", "closing", "balanced", "warnings"];

fn mails(
    cli: &Cli,
    files: &[PathBuf],
    authserv_id: Option<&str>,
    phrases: &Phrases,
    profiles: &Profiles,
) -> Result<Exit> {
    let templates = Templates::built_in();
    let reader = Reader {
        phrases,
        profiles,
        grounds: Grounds { authserv_id, ..Grounds::default() },
        known_numbers: KnownNumbers::none(),
        wording: templates.wording(),
    };
    each(cli, &expand(files), &MAIL, |file, bytes| {
        vec![match bytes {
            Ok(bytes) => reading::to_json(file, &reading::read(&bytes, &reader)),
            Err(reason) => with_error(reading::to_json(file, &Err(Unreadable::NoHeaders)), reason),
        }]
    })
}

fn invoice(workers: &Workers, file: &str, bytes: Result<Vec<u8>, String>) -> Value {
    let read = match bytes {
        Ok(bytes) => {
            let unread = Unread { kind: PaperKind::Invoice, name: &base_name(file), bytes: &bytes };
            workers
                .parse_one(&unread)
                .map_err(|none| InvoiceFault::plain(none.to_string()))
                .and_then(Paper::into_invoice)
        }
        Err(reason) => Err(InvoiceFault { line: None, column: None, reason, incomplete: false }),
    };
    einvoice::to_json(file, &read)
}

/// The mappings that a list may be read with.
struct Lists(Vec<Mapping>);

impl Lists {
    fn of(program: Option<&str>, folder: Option<&Path>) -> Result<Lists> {
        let names: Vec<&str> = match program {
            Some(program) => vec![program],
            None => BUILT_IN_LISTS.iter().map(|(name, _)| *name).collect(),
        };
        let mapping = |name: &&str| mapping_of(name, folder).map_err(|reason| anyhow::Error::new(WrongUse(reason)));
        Ok(Lists(names.iter().map(mapping).collect::<Result<_>>()?))
    }

    /// By the mapping that finds most columns.
    fn read(&self, file: &str, bytes: &[u8]) -> Vec<Value> {
        let fitting = self.0.iter().filter_map(|mapping| Some((open_items::fit(bytes, mapping)?, mapping)));
        let best = fitting.max_by_key(|(fields, _)| *fields).map(|(_, mapping)| mapping).or(self.0.first());
        let Some(mapping) = best else { return Vec::new() };
        let mut values = open_items::to_json(file, &open_items::read(bytes, mapping));
        values.iter_mut().for_each(|value| value["program"] = mapping.program.as_str().into());
        values
    }
}

fn statements(workers: &Workers, file: &str, bytes: Result<Vec<u8>, String>) -> Vec<Value> {
    let plain = |reason: String| StatementFault::new(None, reason);
    let read = bytes.map_err(plain).and_then(|bytes| {
        let unread = Unread { kind: PaperKind::Statement, name: "", bytes: &bytes };
        workers.parse_one(&unread).map_err(|none| plain(none.to_string())).and_then(Paper::into_statements)
    });
    statement::to_json(file, &read)
}

/// Prints what `read` makes of each file; one that cannot be read does not stop the others.
fn each(
    cli: &Cli,
    files: &[PathBuf],
    keys: &[&str],
    read: impl Fn(&str, Result<Vec<u8>, String>) -> Vec<Value>,
) -> Result<Exit> {
    let mut exit = Exit::Done;
    for path in files {
        for value in read(&path.to_string_lossy(), bytes_of(path)) {
            if !value["error"].is_null() {
                exit = Exit::Finding;
            }
            print(cli, &value, keys)?;
        }
    }
    Ok(exit)
}

fn print(cli: &Cli, value: &Value, keys: &[&str]) -> Result<()> {
    if cli.json {
        return screen::line(value);
    }
    let file = screen::plain(&value["file"]);
    match value["error"].as_str() {
        Some(error) => screen::line(format!("{file}: {error}")),
        None => {
            screen::line(&file)?;
            screen::fields(value, keys)?;
            value["entries"].as_array().into_iter().flatten().try_for_each(|entry| screen::line(entry_line(entry)))
        }
    }
}

fn entry_line(entry: &Value) -> String {
    let text = |key: &str| screen::plain(&entry[key]).replace('\n', " ");
    let who: Vec<String> = ["counterparty", "iban", "reference", "description"].iter().map(|key| text(key)).collect();
    let who: Vec<String> = who.into_iter().filter(|text| !text.is_empty()).collect();
    let reversal = if entry["reversal"] == true { " reversal" } else { "" };
    format!("    {:<10} {:>12} {}{reversal}  {}", text("booked"), text("amount"), text("status"), who.join(" | "))
}

fn with_error(mut value: Value, reason: String) -> Value {
    value["error"] = reason.into();
    value
}

fn base_name(file: &str) -> String {
    Path::new(file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The files that the arguments stand for: a folder stands for every file below it, in order of name.
fn expand(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    paths.iter().for_each(|path| if path.is_dir() { walk(path, &mut files) } else { files.push(path.clone()) });
    files
}

/// Hidden files are left alone, and so is a Maildir's `tmp`: what is there is not complete. Hidden folders are those
/// of a Maildir. A folder that cannot be listed is handed on, so that it is told of.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(listing) = std::fs::read_dir(folder) else { return files.push(folder.to_owned()) };
    let mut paths: Vec<PathBuf> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let maildir = folder.join("cur").is_dir() && folder.join("new").is_dir();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.is_dir() && !(maildir && name == "tmp") {
            walk(&path, files);
        } else if !meta.is_dir() && !name.starts_with('.') {
            files.push(path);
        }
    }
}

/// A PDF beside the data of the same invoice is its copy for letters.
fn without_copies(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let ends = |path: &Path, end: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(end));
    let is_copy = |path: &PathBuf| {
        let data = |other: &PathBuf| (ends(other, "xml") || ends(other, "toml")) && same_stem(other, path);
        ends(path, "pdf") && files.iter().any(data)
    };
    files.iter().filter(|path| !is_copy(path)).cloned().collect()
}

fn same_stem(a: &Path, b: &Path) -> bool {
    a.with_extension("") == b.with_extension("")
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let meta = std::fs::metadata(path).map_err(|e| format!("the file cannot be read: {e}"))?;
    if meta.is_dir() {
        return Err("this folder cannot be listed: correct its permissions".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| format!("the file cannot be read: {e}"))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| format!("the file cannot be read: {e}"))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("the file is larger than {} MB", LARGEST / (1024 * 1024)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_maildirs_are_expanded_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["new/2", "cur/1:2,S", "tmp/3", ".Junk/new/4", ".Junk/cur/5", ".hidden"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let found = expand(&[folder.path().to_owned(), PathBuf::from("missing.eml")]);
        let names: Vec<&str> =
            found.iter().map(|path| path.strip_prefix(folder.path()).unwrap_or(path).to_str().unwrap()).collect();
        assert_eq!(names, [".Junk/cur/5", ".Junk/new/4", "cur/1:2,S", "new/2", "missing.eml"]);
    }

    #[test]
    fn a_copy_is_no_invoice_of_its_own() {
        let files = ["a/1.pdf", "a/1.toml", "a/2.pdf", "b/1.PDF"].map(PathBuf::from).to_vec();
        assert_eq!(without_copies(files), ["a/1.toml", "a/2.pdf", "b/1.PDF"].map(PathBuf::from));
    }

    #[test]
    fn what_cannot_be_read_is_a_line_with_an_error() {
        let missing = Path::new("there-is-no-such-file.xml");
        for value in [
            invoice(&Workers::new(), "x.xml", bytes_of(missing)),
            statements(&Workers::new(), "x.xml", bytes_of(missing)).remove(0),
        ] {
            assert_eq!(value["file"], "x.xml");
            assert!(value["error"].as_str().unwrap().contains("cannot be read"), "{value}");
        }
    }
}
