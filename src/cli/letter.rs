//! `letter`: a case's letter as a PDF for the post. Sends nothing and writes nothing into the books.

use super::subject::Subject;
use super::{Cli, Exit, case, open, screen};
use crate::daemon::house::House;
use crate::daemon::step::fact_of;
use crate::dunning::account::{Account, Case, Letter, LetterState};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::Language;
use crate::dunning::fact::Fact;
use crate::dunning::ids::CaseId;
use crate::dunning::schedule::due_letter;
use crate::letter::plain::one_line;
use crate::letter::{LetterData, pdf};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// A case or an invoice number
    case: String,
    /// The PDF to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Another language than the customer's
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// The letter that is due now, not the last one that was made
    #[arg(long)]
    due: bool,
    /// Copies of the invoices go into the envelope, and the letter says so
    #[arg(long)]
    enclosed: bool,
    /// A line of the postal address, when the invoice named none; once a line
    #[arg(long, value_name = "LINE")]
    address: Vec<String>,
}

fn language(code: &str) -> Result<Language, String> {
    let known = Language::ALL.map(Language::code);
    Language::ALL
        .into_iter()
        .find(|language| language.code() == code)
        .ok_or_else(|| format!("choose {}", known.join(", ")))
}

pub fn letter(cli: &Cli, args: &Args) -> Result<Exit> {
    let Some((house, subject)) = case::find(cli, &args.case)? else {
        bail!("no pass was made yet, so there are no cases: `aanmaand run --once`")
    };
    let account = house.account(&subject.debtor)?;
    let case = one_case(&subject, &account)?;
    let (account_then, letter) = chosen(&house, &account, case, args.due)?;
    let mut data = house.letter_data(&account_then, &letter, letter.requested_on)?;
    data.language = args.language.unwrap_or(data.language);
    data.copies_attached = args.enclosed;
    let address = if args.address.is_empty() { postal_address(&house, &account) } else { args.address.clone() };
    let templates = open::templates(&house.config)?;
    let paper = pdf::letter(&templates, &data, &address, house.config.letters.qr)?;
    std::fs::write(&args.out, &paper.pdf).with_context(|| args.out.display().to_string())?;
    for warning in warnings(&account, case, &address) {
        eprintln!("aanmaand: {warning}");
    }
    tell(cli, args, case, &letter, &data, paper.pages)?;
    Ok(Exit::Done)
}

fn one_case<'a>(subject: &Subject, account: &'a Account) -> Result<&'a Case> {
    let cases: Vec<&Case> = account.cases.values().filter(|case| subject.covers(&case.id)).collect();
    match cases.as_slice() {
        [case] => Ok(case),
        [] => bail!("debtor {} has no case", subject.debtor),
        several => {
            let ids: Vec<&str> = several.iter().map(|case| case.id.as_str()).collect();
            bail!("debtor {} has several cases: name one of {}", subject.debtor, ids.join(", "))
        }
    }
}

/// The last letter about the case with the account as it stood when it was made, else the letter that is due now.
fn chosen(house: &House, account: &Account, case: &Case, due: bool) -> Result<(Account, Letter)> {
    let made = |letter: &&Letter| letter.lists(&case.id) && letter.state != LetterState::Withdrawn;
    match account.letters.iter().rfind(made).filter(|_| !due) {
        Some(last) => as_it_was_made(house, account, last),
        None => due_now(house, account, case),
    }
}

/// Amounts and earlier letters of that day: what was paid since does not change what was written.
fn as_it_was_made(house: &House, account: &Account, letter: &Letter) -> Result<(Account, Letter)> {
    let mut made_at = None;
    for row in case::journal(house, &account.id, None)? {
        if matches!(fact_of(&row)?, Fact::LetterRequested { letter: made } if made.id == letter.id) {
            made_at = Some(row.seq);
        }
    }
    let made_at = made_at.context("BUG: the letter is not in the journal")?;
    Ok((house.replay(&account.id, |row| row.seq <= made_at)?, letter.clone()))
}

fn due_now(house: &House, account: &Account, case: &Case) -> Result<(Account, Letter)> {
    let today = house.today();
    let due = due_letter(&reachable(account), &house.config.policy, today);
    let due = due.filter(|due| due.amounts.iter().any(|(id, _)| *id == case.id));
    let Some(due) = due else {
        bail!(
            "there is no letter about case {}: none was made, and none is due on {today}; `aanmaand plan` tells when",
            case.id
        )
    };
    let promise = account.unmentioned_broken_promise();
    let about = |cases: &[CaseId]| cases.is_empty() || due.amounts.iter().any(|(id, _)| cases.contains(id));
    let broken = promise.filter(|promise| about(&promise.cases)).map(|promise| promise.date);
    Ok((account.clone(), due.into_letter(account, broken, today)))
}

/// The rules give no letter to somebody without a mail address; on paper he can be written to all the same.
fn reachable(account: &Account) -> Account {
    let mut account = account.clone();
    if let Some(debtor) = account.debtor.as_mut().filter(|debtor| debtor.email.is_none()) {
        debtor.email = Some("post@localhost".to_owned());
    }
    account
}

/// Street and town as the invoices named them last; the country when it is not ours.
fn postal_address(house: &House, account: &Account) -> Vec<String> {
    let Some(debtor) = &account.debtor else { return Vec::new() };
    let mut lines = debtor.address.clone();
    let own = match house.config.policy.sending.calendar.country {
        Country::Nl => "NL",
        Country::Be => "BE",
    };
    if let Some(code) = debtor.country.as_deref().filter(|code| *code != own && !lines.is_empty()) {
        lines.push(country_name(code).to_owned());
    }
    lines
}

/// The last line of an address abroad, in a language that every post office reads.
fn country_name(code: &str) -> &str {
    match code {
        "NL" => "NETHERLANDS",
        "BE" => "BELGIUM",
        "DE" => "GERMANY",
        "FR" => "FRANCE",
        "LU" => "LUXEMBOURG",
        "GB" => "UNITED KINGDOM",
        other => other,
    }
}

/// What speaks against posting this letter unread.
fn warnings(account: &Account, case: &Case, address: &[String]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !case.is_open() {
        warnings.push(format!("case {} is closed: this letter is for the file, not for the post", case.id));
    }
    if let Some(hold) = account.hold_on(&case.id) {
        warnings.push(format!("case {} is paused ({}): no letter should leave now", case.id, hold.reason.code()));
    }
    if address.is_empty() {
        warnings
            .push("no postal address is known: only the name stands in the window; say it with --address".to_owned());
    }
    warnings
}

fn tell(cli: &Cli, args: &Args, case: &Case, letter: &Letter, data: &LetterData, pages: usize) -> Result<()> {
    if cli.json {
        return screen::line(json!({
            "file": args.out, "case": case.id, "letter": letter.id, "template": letter.template,
            "date": letter.requested_on, "language": data.language.code(), "pages": pages,
        }));
    }
    let sheets = if pages == 1 { "1 page".to_owned() } else { format!("{pages} pages") };
    let (file, name) = (args.out.display(), one_line(&data.debtor_name, 80));
    screen::line(format!("{file}: {} of {} to {name}, {sheets}", letter.template, letter.requested_on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::path::Path;

    const CONFIG: &str = "mode = \"auto\"\n[company]\nname = \"Voorbeeldbedrijf B.V.\"\nemail = \"debiteuren@voorbeeldbedrijf.example\"\n\
        iban = [\"NL91ABNA0417164300\"]\n[owner]\nemail = \"eigenaar@voorbeeldbedrijf.example\"\n[invoices]\nfolder = \"invoices\"\n\
        [mailbox]\nkind = \"maildir\"\nfolder = \"mailbox\"\n[outgoing]\nkind = \"file\"\nfolder = \"outbox\"\n";
    const INVOICE: &str = "number = \"2026-0412\"\ndate = 2026-10-01\ndue = 2026-10-31\ntotal = \"1210.00\"\n[debtor]\n\
        id = \"K1001\"\nname = \"Jansen Bouw B.V.\"\nemail = \"administratie@jansenbouw.example\"\nkind = \"business\"\n\
        address = [\"Kade 2\", \"1234 AB Voorbeeld\"]\n";

    /// An administration over which days have passed.
    fn office(days: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["invoices", "outbox", "mailbox/cur", "mailbox/new", "mailbox/tmp"] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("aanmaand.toml"), CONFIG).unwrap();
        std::fs::write(folder.path().join("invoices/2026-0412.toml"), INVOICE).unwrap();
        for day in days {
            said(folder.path(), &["run", "--once", "--now", &format!("{day}T10:00")]).unwrap();
        }
        folder
    }

    fn said(folder: &Path, words: &[&str]) -> Result<Exit> {
        let config = folder.join("aanmaand.toml");
        let start = ["aanmaand", "--config", config.to_str().unwrap()];
        crate::cli::dispatch(&Cli::parse_from(start.iter().chain(words)))
    }

    #[test]
    fn the_last_letter_and_the_due_one_become_pdfs() {
        let office = office(&["2026-10-20", "2026-11-03", "2026-11-10"]);
        let folder = office.path();
        let out = folder.join("brief.pdf");
        let made = |more: &[&str]| {
            let words = [&["letter", "2026-0412", "--out", out.to_str().unwrap()], more].concat();
            said(folder, &words).map(|_| std::fs::read(&out).unwrap())
        };
        let last = made(&[]).unwrap();
        assert!(last.starts_with(b"%PDF-"));
        let has = |pdf: &[u8], word: &str| String::from_utf8_lossy(pdf).contains(word);
        assert!(has(&last, "D:20261110"), "dated as the second reminder was");
        assert!(has(&made(&["--language", "en"]).unwrap(), "(en"));
        assert_eq!(made(&[]).unwrap(), last, "the same letter gives the same bytes");
        let none = made(&["--due"]).unwrap_err().to_string();
        assert!(none.contains("none is due on 2026-11-10"), "{none}");
    }
}
