//! Lists of every program, and what is not taken of them.

use super::*;
use crate::config::{BUILT_IN_LISTS, built_in_list};
use crate::dunning::invoice::InvoiceKind;
use proptest::prelude::*;

fn golden(program: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/open-items");
    std::fs::read(format!("{folder}/{program}.csv")).unwrap()
}

fn mapping(program: &str) -> Mapping {
    built_in_list(program).unwrap()
}

/// Each row on a line: what a person would check.
fn told(list: &OpenItemList) -> Vec<String> {
    let item = |item: &OpenItem| {
        let invoice = &item.read.invoice;
        let kind = if invoice.kind == InvoiceKind::CreditNote { " credit" } else { "" };
        let due = invoice.due_date.map_or("-".to_owned(), |due| due.to_string());
        let debtor = &invoice.debtor;
        let email = debtor.email.as_deref().unwrap_or("-");
        format!(
            "{}: {}{kind} {} {due} {} of {} {} {} {email}",
            item.line, invoice.number, invoice.issue_date, invoice.payable, invoice.total, debtor.id, debtor.name
        )
    };
    list.items.iter().map(item).chain(list.faults.iter().map(RowFault::located)).collect()
}

fn plain(rows: &str) -> OpenItemList {
    let text = format!("number;date;due;total;open;id;name;email\n{rows}");
    read(text.as_bytes(), &mapping("plain")).unwrap_or_else(|fault| panic!("{rows}: {fault:?}"))
}

/// The one fault of the only row.
fn fault_of(row: &str) -> String {
    let list = plain(row);
    assert_eq!((list.items.len(), list.faults.len()), (0, 1), "{row}: {list:?}");
    list.faults[0].located()
}

#[test]
fn one_list_of_each_program() {
    let jansen = "Jansen Bouw B.V. administratie@jansenbouw.example";
    for (program, expected) in [
        (
            "plain",
            vec![
                format!("2: 2026-0412 2026-10-01 2026-10-31 1210.00 of 1210.00 K1001 {jansen}"),
                "3: 2026-0413 2026-10-05 - 200.00 of 250.00 K1002 Bakkerij \"Het Hoekje\", Zwolle info@hethoekje.example"
                    .into(),
                "4: 2026-0414 credit 2026-10-06 - 60.50 of 60.50 K1002 Bakkerij \"Het Hoekje\", Zwolle \
                 info@hethoekje.example"
                    .into(),
            ],
        ),
        (
            "moneybird",
            vec![
                format!("2: 2026-0412 2026-10-01 2026-10-31 1210.00 of 1210.00 1001 {jansen}"),
                "3: 2026-0415 2026-11-02 2026-11-16 46.80 of 96.80 1003 Café De Zon kas@dezon.example".into(),
            ],
        ),
        (
            "eboekhouden",
            vec![
                "2: 20260101 2026-10-14 - 1210.00 of 1210.00 JANS Jansen Bouw B.V. -".into(),
                "3: 20260102 2026-10-20 - 46.80 of 96.80 ZON De Zon -".into(),
            ],
        ),
        (
            "exact",
            vec![
                "5: 26700012 2026-10-01 2026-10-31 1210.00 of 1210.00 1001 Jansen Bouw B.V. -".into(),
                "6: 26700015 2026-11-02 2026-11-16 1046.80 of 1096.80 1003 Café De Zon -".into(),
            ],
        ),
        (
            "snelstart",
            vec![
                format!("2: 2026-31 2026-10-01 2026-10-31 1210.00 of 1210.00 1001 {jansen}"),
                "3: 2026-32 2026-11-02 - 46.80 of 96.80 1003 Café De Zon -".into(),
            ],
        ),
        (
            "twinfield",
            vec![
                "2: 20260412 2026-10-01 2026-10-31 810.00 of 1210.00 1001 Jansen Bouw B.V. -".into(),
                "4: 20260415 2026-11-02 2026-11-16 96.80 of 96.80 1003 Café De Zon -".into(),
                "5: 20260416 credit 2026-11-03 - 20.00 of 20.00 1003 Café De Zon -".into(),
            ],
        ),
    ] {
        let list = read(&golden(program), &mapping(program)).unwrap_or_else(|fault| panic!("{program}: {fault:?}"));
        assert_eq!(told(&list), expected, "{program}");
        let titled = (program == "exact").then(|| "2026-11-22".parse().unwrap());
        assert_eq!(list.day, titled, "{program}");
    }
}

#[test]
fn each_list_fits_its_program_best() {
    for (program, _) in BUILT_IN_LISTS {
        let bytes = golden(program);
        let best = BUILT_IN_LISTS.iter().filter_map(|(name, _)| Some((fit(&bytes, &mapping(name))?, *name)));
        let most = best.clone().map(|(fields, _)| fields).max();
        assert!(best.into_iter().any(|found| Some(found.0) == most && found.1 == program), "{program}");
    }
}

/// Wherever a file is cut, it is refused or what is taken of it stands so in the whole one.
#[test]
fn a_list_cut_anywhere_has_no_half_invoice() {
    for (program, _) in BUILT_IN_LISTS {
        let (bytes, mapping) = (golden(program), mapping(program));
        let whole = read(&bytes, &mapping).unwrap();
        let all = told(&whole);
        let mut refused = 0;
        for end in 0..bytes.len() {
            match read(&bytes[..end], &mapping) {
                Err(fault) => {
                    refused += 1;
                    assert_eq!(why_cut(&bytes[..end]).is_some(), fault.incomplete, "{program} {end}: {fault:?}");
                }
                Ok(part) => {
                    // Cut between two rows of one number, it is still open as the first row says.
                    let firsts: Vec<String> = told(&part);
                    let other = firsts.iter().find(|row| !all.contains(row) && program != "twinfield");
                    assert_eq!(other, None, "{program} cut at {end}");
                }
            }
        }
        assert!(refused * 10 > bytes.len() * 8, "{program}: {refused} of {}", bytes.len());
    }
}

#[test]
fn a_last_line_without_an_end_must_show_that_it_is_whole() {
    let heads = "number;date;id;name;open";
    let refused = |row: &str| {
        let fault = read(format!("{heads}\n{row}").as_bytes(), &mapping("plain")).unwrap_err();
        assert!(fault.incomplete && fault.line == Some(2), "{row}: {fault:?}");
    };
    refused("1;2026-10-01;K1;A;1210");
    refused("1;2026-10-01;K1;A;1210,5");
    refused("1;2026-10-01;K1;A");
    refused("1;2026-10-01;K1;A;\"12");
    for whole in ["1;2026-10-01;K1;A;12,10", "1;2026-10-01;K1;A;\"12\"", "1;2026-10-01;K1;A;12\n"] {
        assert_eq!(read(format!("{heads}\n{whole}").as_bytes(), &mapping("plain")).unwrap().items.len(), 1, "{whole}");
    }
}

#[test]
fn a_file_without_the_needed_columns_is_refused_whole() {
    let refused = |text: &str, words: &[&str]| {
        let fault = read(text.as_bytes(), &mapping("plain")).unwrap_err();
        assert!(!fault.incomplete && words.iter().all(|word| fault.reason.contains(word)), "{text}: {fault:?}");
        fault.line
    };
    let line = refused("title\nnumber;date;name\n1;2026-10-01;A\n", &["lacks open", "[[open_items]]"]);
    assert_eq!(line, Some(2));
    refused("nr;datum;naam;saldo\n1;1-10-2026;A;5,00\n", &["no line with the heads", "\"number\""]);
    refused("number;date;name;open;open\n1;2026-10-01;A;5;6\n", &["\"open\"", "twice"]);
    refused("number;date;name;open\n1;10/22/2026;A;5,00\n", &["month first", "mdy"]);
    for (bytes, word) in
        [(&b"PK\x03\x04"[..], "Excel"), (&[0xD0, 0xCF, 0x11, 0xE0, 1][..], "Excel"), (b"a;b\x01\n", "control")]
    {
        assert!(read(bytes, &mapping("plain")).unwrap_err().reason.contains(word));
    }
    assert!(read(b" \n", &mapping("plain")).unwrap_err().incomplete);
}

#[test]
fn a_broken_row_says_why_and_the_others_are_taken() {
    let list = plain("1;2026-10-01;;5;5;K1;A;\n2;2026-10-01;;veel;veel;K2;B;\n3;2026-10-01;;7;7;K3;C;\n");
    assert_eq!(told(&list).len(), 3);
    assert!(list.faults[0].located().starts_with("line 3: \"veel\" is not an amount"), "{:?}", list.faults);
    assert_eq!(list.numbers.len(), 3, "the broken one still stands in the list");
    for (row, words) in [
        (";2026-10-01;;5;5;K1;A;\n", "number is empty"),
        ("1;;;5;5;K1;A;\n", "issue_date is empty"),
        ("1;morgen;;5;5;K1;A;\n", "is not a date"),
        ("1;2026-10-01;31-02-2026;5;5;K1;A;\n", "is not a date"),
        ("1;2026-10-01;;5;;K1;A;\n", "does not say what is open"),
        ("1;2026-10-01;;5;6;K1;A;\n", "more than the total"),
        ("1;2026-10-01;;-5;5;K1;A;\n", "different signs"),
        ("1;2026-10-01;;5;1.234;K1;A;\n", "may be thousands or decimals"),
        ("1;2026-10-01;;5;5;;;a@b.example\n", "not named"),
        ("1;2026-10-01;;5;5;K1;A;;;x\n", "10 cells"),
        ("1;2026-10-01;;5;5;K1;A\n", "ends after 7 cells"),
        ("1;2026-10-01;;5;5;K1;\"Cafe \"De Zon\"\";\n", "must be doubled"),
        ("1;2026-10-01;;5;5;K1;\"A\nB\";\n", "line break"),
    ] {
        let fault = fault_of(row);
        assert!(fault.contains(words) && fault.starts_with("line 2: "), "{row}: {fault}");
    }
}

#[test]
fn what_is_no_row_is_passed_over() {
    let list = plain(
        "1;2026-10-01;;5,00;5,00;K1;A;\n;;;;;;;\n\nnumber;date;due;total;open;id;name;email\n2;2026-10-01;;5,00;5,00;K1;A;\n\
         Totaal K1;;;10,00;10,00;;;\n;;;10,00;10,00;;;\nPagina 1 van 1;;;;;;;\n",
    );
    assert_eq!((list.items.len(), list.faults.len()), (2, 0), "{:?}", told(&list));
    // A debtor may be called so, and a row may have lost its number.
    assert!(fault_of(";2026-10-01;;5;5;K1;Totaal Afbouw;\n").contains("number is empty"));
}

#[test]
fn rows_of_one_number_are_one_invoice_or_none() {
    let row = |number: &str, open: &str, debtor: &str| format!("{number};2026-10-01;;;{open};{debtor};A;\n");
    let list = plain(&[row("1", "100,00", "K1"), row("1", "-30,00", "K1")].concat());
    let invoice = &list.items[0].read.invoice;
    assert_eq!((invoice.payable.to_string(), invoice.total.to_string()), ("70.00".to_owned(), "100.00".to_owned()));
    let paid = plain(&[row("1", "100,00", "K1"), row("1", "-100,00", "K1")].concat());
    assert!(paid.items[0].read.invoice.payable.is_zero());
    for (rows, words) in [
        ([row("1", "100,00", "K1"), row("1", "100,00", "K1")], "expected one row"),
        ([row("1", "100,00", "K1"), row("1", "-10,00", "K2")], "more than one debtor"),
        ([row("1", "100,00", "K1"), row("1", "-110,00", "K1")], "more was paid"),
        ([row("1", "100,00", "K1"), row("1", "veel", "K1")], "also stands in line 3"),
    ] {
        let list = plain(&rows.concat());
        assert!(list.items.is_empty(), "{rows:?}");
        assert!(list.faults.iter().any(|fault| fault.reason.contains(words)), "{:?}", list.faults);
    }
}

#[test]
fn decimals_are_learned_from_the_whole_list() {
    let open =
        |list: &OpenItemList| list.items.iter().map(|item| item.read.invoice.payable.to_string()).collect::<Vec<_>>();
    let rows = |a: &str, b: &str| format!("1;2026-10-01;;;{a};K1;A;\n2;2026-10-01;;;{b};K1;A;\n");
    assert_eq!(open(&plain(&rows("1.234", "5,50"))), ["1234.00", "5.50"]);
    assert_eq!(open(&plain(&rows("1,234", "5.50"))), ["1234.00", "5.50"]);
    // Two manners in one list: what is doubtful is not taken.
    assert_eq!(open(&plain(&rows("1.234", "5,50\n3;2026-10-01;;;6.50;K1;A;"))), Vec::<String>::new());
}

#[test]
fn debit_and_credit_columns() {
    let mut own = Mapping::new("own");
    for (field, head) in [
        (mapping::Field::Number, "nr"),
        (mapping::Field::IssueDate, "datum"),
        (mapping::Field::DebtorName, "klant"),
        (mapping::Field::Debit, "debet"),
        (mapping::Field::Credit, "credit"),
    ] {
        own.columns.insert(field, vec![head.to_owned()]);
    }
    let text = "nr;datum;klant;debet;credit\n1;1-10-2026;A;100,00;\n1;5-10-2026;A;;40,00\n2;1-10-2026;B;;25,00\n3;1-10-2026;B;;\n";
    let list = read(text.as_bytes(), &own).unwrap();
    assert_eq!(list.items[0].read.invoice.payable.to_string(), "60.00");
    assert_eq!(list.items[1].read.invoice.kind, InvoiceKind::CreditNote);
    assert!(list.faults[0].reason.contains("does not say what is open"));
}

#[test]
fn encodings_and_a_told_separator() {
    let text = "sep=,\nnumber,date,name,open\n1,2026-10-01,Café,\"5,00\"\n";
    let name = |bytes: &[u8]| read(bytes, &mapping("plain")).unwrap().items[0].read.invoice.debtor.name.clone();
    let western: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), &western, &wide, &[b"\xEF\xBB\xBF", text.as_bytes()].concat()] {
        assert_eq!(name(bytes), "Café");
    }
    assert_eq!(read(text.as_bytes(), &mapping("plain")).unwrap().items[0].line, 3);
}

#[test]
fn days_of_lists() {
    let day = |text: &str| day_in(text).map(|day| day.to_string());
    assert_eq!(day("openstaand-2026-11-22.csv").as_deref(), Some("2026-11-22"));
    assert_eq!(day("openstaand 22-11-2026.csv").as_deref(), Some("2026-11-22"));
    assert_eq!(day("export_20261122_1.csv").as_deref(), Some("2026-11-22"));
    assert_eq!(day("van 01-01-2026 tot 22-11-2026"), None);
    assert_eq!(day("openstaand.csv"), None);
}

#[test]
fn the_json_has_a_line_for_each_row() {
    let lines = to_json("a.csv", &Ok(plain("1;2026-10-01;;5;x;K1;A;\n2;2026-10-01;;5,00;4,00;K1;A;\n")));
    assert_eq!((lines[0]["line"].as_u64(), lines[1]["line"].as_u64()), (Some(2), Some(3)));
    assert!(lines[0]["error"].as_str().unwrap().starts_with("line 2: "), "{}", lines[0]);
    assert_eq!((&lines[1]["payable"], &lines[1]["prepaid"]), (&json!("4.00"), &json!("1.00")));
}

proptest! {
    #[test]
    fn damage_never_panics(
        program in 0usize..6, at in 0usize..900, length in 0usize..30, put in "[\";,\\t\\n\\r0-9a-z.€é -]{0,12}",
    ) {
        let (name, _) = BUILT_IN_LISTS[program];
        let mut bytes = golden(name);
        let at = at.min(bytes.len());
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        to_json("a.csv", &read(&bytes, &mapping(name)));
    }
}

#[test]
fn a_list_of_nothing_but_separators_takes_no_room() {
    let fault = read(";".repeat(MOST_CELLS + 1).as_bytes(), &mapping("plain")).unwrap_err();
    assert!(fault.reason.contains("cells"), "{fault}");
}
