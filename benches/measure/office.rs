//! An administration in a folder of its own, and invoices for it.

use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::cli::open;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, case_state};
use aanmaand::dunning::account::{Account, Case};
use aanmaand::dunning::decide::decide;
use aanmaand::dunning::input::Input;
use aanmaand::dunning::invoice::Invoice;
use aanmaand::ports::Clock;
use aanmaand::store::{AccountWrite, CaseRow, NewRow, Store, evidence_of};
use chrono::{DateTime, TimeZone, Utc};
use std::path::Path;
use std::sync::Arc;

/// Letters go into a folder.
pub const CONFIG: &str = concat!(
    "mode = \"auto\"\n",
    include_str!("../../tests/company.toml"),
    r#"[outgoing]
kind = "file"
folder = "outbox"
"#
);

/// A moment of November 2026, in whole hours UTC.
pub fn moment(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).single().expect("a moment")
}

/// An empty administration below the system's folder for such things.
pub fn administration() -> tempfile::TempDir {
    furnished(tempfile::tempdir().expect("a folder"), CONFIG)
}

/// The same in the build folder, which lies on the disk.
pub fn administration_on_disk(config: &str) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("office-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
    furnished(folder.expect("a folder"), config)
}

fn furnished(here: tempfile::TempDir, config: &str) -> tempfile::TempDir {
    for name in ["invoices", "mailbox/new", "mailbox/cur", "mailbox/tmp"] {
        std::fs::create_dir_all(here.path().join(name)).expect("a folder");
    }
    std::fs::write(here.path().join("aanmaand.toml"), config).expect("a file");
    here
}

pub fn database(here: &Path) -> SqliteStore {
    SqliteStore::open(&here.join("aanmaand.sqlite")).expect("a database")
}

pub fn open_house(here: &Path, store: impl Store + 'static, clock: Arc<dyn Clock>) -> House {
    let config = Config::load(&here.join("aanmaand.toml")).expect("a configuration");
    let rules = open::rules(&config).expect("built-in rules");
    House::open(Box::new(store), config, rules, clock).expect("a house")
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// An account with its cases, as the files of these invoices would have made it, written once instead of once a case.
pub fn open_account(house: &mut House, invoices: impl Iterator<Item = Invoice>) -> anyhow::Result<()> {
    let mut account: Option<Account> = None;
    let mut rows = Vec::new();
    for invoice in invoices {
        let account = account.get_or_insert_with(|| Account::new(invoice.debtor.id.clone()));
        let source = evidence_of(invoice.number.as_str().as_bytes());
        let file = format!("invoices/{}.xml", invoice.number);
        let input = Input::InvoiceFiled { invoice: Box::new(invoice), file: file.clone(), source, replace: false };
        for fact in decide(account, &input, &house.config.policy, house.today()) {
            account.apply(&fact);
            let mut told = serde_json::to_value(&fact)?;
            told["v"] = 1.into();
            let (on, at) = (house.today(), house.now());
            rows.push(NewRow { account: account.id.clone(), on, at, cause: file.clone(), fact: told.to_string() });
        }
    }
    let account = account.expect("an invoice");
    house.store.append(&rows)?;
    house.store.write_account(&AccountWrite {
        id: account.id.clone(),
        expected_version: 0,
        state: serde_json::to_string(&account)?,
        cases: account.cases.values().map(|case| case_row(&account, case)).collect(),
        addresses: account.mail_addresses(),
        asked: Vec::new(),
        no_longer_asked: Vec::new(),
    })?;
    Ok(())
}

fn case_row(account: &Account, case: &Case) -> CaseRow {
    CaseRow {
        case: case.id.clone(),
        number: case.number().clone(),
        state: case_state(account, case),
        open_minor: case.open().minor(),
        currency: case.open().currency().code().to_owned(),
        payment_reference: None,
    }
}

/// An invoice as UBL.
pub struct Ubl {
    pub number: String,
    pub debtor: usize,
    pub email: String,
    pub about: String,
    pub lines: usize,
}

impl Ubl {
    pub fn text(&self) -> String {
        let template = include_str!("../../src/cli/demo/invoice.xml");
        let (head, line) = template.split_once("  <cac:InvoiceLine>").expect("a line");
        let line = format!("  <cac:InvoiceLine>{}", line.trim_end().trim_end_matches("</Invoice>"));
        let line =
            |at: usize| line.replace(">1<", &format!(">{at}<")).replace("{net}", "100.00").replace("{about}", "Werk");
        let lines: String = (1..=self.lines).map(line).collect();
        let (net, vat) = (100 * self.lines, 21 * self.lines);
        let values = [
            ("{number}", self.number.clone()),
            ("{date}", "2026-10-01".into()),
            ("{due}", "<cbc:DueDate>2026-11-20</cbc:DueDate>".into()),
            ("{about}", self.about.clone()),
            ("{id}", format!("K{}", self.debtor)),
            ("{country}", "NL".into()),
            ("{name}", format!("Klant {} B.V.", self.debtor)),
            ("{kvk}", format!("{:08}", 20_000_000 + self.debtor)),
            ("{contact}", "A. de Vries".into()),
            ("{phone}", "030 1234567".into()),
            ("{email}", self.email.clone()),
            ("{vat}", format!("{vat}.00")),
            ("{net}", format!("{net}.00")),
            ("{total}", format!("{}.00", net + vat)),
        ];
        let whole = format!("{head}{lines}</Invoice>\n");
        values.into_iter().fold(whole, |text, (name, value)| text.replace(name, &value))
    }
}
