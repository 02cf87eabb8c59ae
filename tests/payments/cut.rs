//! Statements cut short anywhere, through a real store: all of a file is applied, or nothing.
//! At every third byte; `AANMAAND_CUTS=1` at every one.

use super::number_of;
use crate::stories::sandbox::{OUR_IBAN, camt, paid};
use crate::stories::statements::zip;
use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::config::Config;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::dunning::ids::DebtorId;
use aanmaand::store::{Disposition, InputKind};
use chrono::{TimeZone, Utc};
use std::path::Path;
use std::sync::Arc;

/// Two payments of 121.00 in each: for 2026-0412 and 2026-0413.
fn statements() -> [(&'static str, Vec<u8>); 3] {
    let lines = [paid(12_100, "2026-0412"), paid(12_100, "2026-0413")];
    let mt940 = format!(
        ":20:X\r\n:25:{OUR_IBAN}\r\n:28C:3/1\r\n:60F:C261119EUR100,00\r\n:61:2611201120C121,00N654NONREF\r\n:86:2026-0412\r\n\
         :61:2611201120C121,00N654NONREF\r\n:86:2026-0413\r\n:62F:C261120EUR342,00\r\n-\r\n"
    );
    let record = |text: &str, end: &str| format!("{text:127}{end}\r\n");
    let coda = [
        record("0000021112612305", "2"),
        record("12047BE68539007547034                  EUR0000000000100000201126VOORBEELD", " "),
        record("2100010000BANKREF              0000000000121000211126001500000FACTUUR 2026-0412", " "),
        record("2300010000BE71096123456769                  EURJANSEN", " "),
        record("2100020000BANKREF2             0000000000121000211126001500000FACTUUR 2026-0413", " "),
        record("2300020000BE71096123456769                  EURJANSEN", " "),
        record("8047BE68539007547034                  EUR0000000000342000211126", " "),
        record("9               000006000000000000000000000000242000", "2"),
    ];
    [
        ("CAMT", camt("a", "2026-11-20", &lines, None).into_bytes()),
        ("MT940", mt940.into_bytes()),
        ("CODA", coda.concat().into_bytes()),
    ]
}

const CONFIG: &str = r#"[company]
name = "Voorbeeldbedrijf B.V."
email = "debiteuren@voorbeeldbedrijf.example"
iban = ["NL91ABNA0417164300", "BE68539007547034"]
[owner]
email = "eigenaar@voorbeeldbedrijf.example"
[invoices]
folder = "invoices"
[mailbox]
kind = "maildir"
folder = "mailbox"
[outgoing]
kind = "file"
folder = "outbox"
"#;

fn house(folder: &Path) -> House {
    let path = folder.join("aanmaand.toml");
    std::fs::write(&path, CONFIG).unwrap();
    let clock = Arc::new(SetClock::new(Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap()));
    let store = SqliteStore::open(&folder.join("a.db")).unwrap();
    let mut house = House::open(Box::new(store), Config::load(&path).unwrap(), Rules::built_in(), clock).unwrap();
    for number in ["2026-0412", "2026-0413"] {
        let invoice = format!(
            "number = \"{number}\"\ndate = 2026-11-01\ndue = 2026-12-01\ncurrency = \"EUR\"\ntotal = \"121.00\"\n\
             [debtor]\nid = \"K1\"\nname = \"Jansen Bouw B.V.\"\nemail = \"a@jansen.example\"\nkind = \"business\"\n"
        );
        house.take_one(InputKind::Invoice, Path::new(&format!("/i/{number}.toml")), invoice.into_bytes()).unwrap();
    }
    house
}

/// Whether all of it was applied; panics when a part of it was. What was written is undone.
fn applied(house: &mut House, what: &str, bytes: Vec<u8>) -> bool {
    let mut all = false;
    let undone = house.transact(|house| -> anyhow::Result<()> {
        let taken = house.take_one(InputKind::Statement, Path::new("/s/a"), bytes);
        let account = house.account(&DebtorId::new("K1"))?;
        let closed = account.cases.values().filter(|case| !case.is_open()).count();
        all = matches!(taken, Ok(Disposition::Applied { .. }));
        let expected = if all { (2, 2) } else { (0, 0) };
        assert_eq!((closed, account.payments.len()), expected, "{what}: {taken:?}");
        anyhow::bail!("enough seen")
    });
    assert!(undone.is_err());
    all
}

#[test]
fn a_statement_cut_anywhere_is_applied_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut house = house(folder.path());
    let step = number_of("AANMAAND_CUTS", 3);
    for (format, whole) in statements() {
        assert!(applied(&mut house, format, whole.clone()), "{format}: the whole file");
        // What the bank ends a file with may be missing: line ends, marks, the blanks of the last record.
        let text = String::from_utf8_lossy(&whole).trim_end().trim_end_matches('2').trim_end().len();
        let told = if format == "CODA" { text } else { whole.trim_ascii_end().len() };
        let mut taken = Vec::new();
        for end in (0..whole.len()).filter(|end| end % step == 0 || whole.len() - end < 12) {
            let what = format!("{format} cut at {end}");
            assert!(!applied(&mut house, &what, whole[..end].to_vec()) || end + 12 > told, "{what}");
            // In an archive that is whole itself, so that it comes to the reader.
            if applied(&mut house, &what, zip("a", &whole[..end])) {
                taken.push(end);
            }
        }
        assert!(taken.iter().all(|end| end + 12 > told), "{format} of {told}: {taken:?}");
    }
}
