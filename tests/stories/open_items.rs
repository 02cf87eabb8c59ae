//! Lists of open items (CSV) through the binary: opened, compared, asked about; cut, broken and old ones.

use super::sandbox::{Invoice, Sandbox};

const HEADS: &str = "number,date,due,total,open,debtor_id,name,email\n";
const JANSEN: &str = "2026-0412,2026-10-01,2026-10-31,1210.00,OPEN,K1001,Jansen Bouw B.V.,kas@jansenbouw.example\n";
const BAKKER: &str = "2026-0413,2026-10-02,2026-10-31,250.00,200.00,K1002,Bakkerij Smit,info@bakkerijsmit.example\n";

fn company() -> Sandbox {
    let lists = "[[open_items]]\nfiles = \"openstaand*.csv\"\nprogram = \"plain\"\n[statements]\n";
    Sandbox::with(&[("[statements]\n", lists)])
}

fn jansen(open: &str) -> String {
    JANSEN.replace("OPEN", open)
}

#[test]
fn a_list_opens_cases_and_the_next_ones_only_raise_doubt() {
    let company = company();
    let broken = "2026-0414,2026-10-02,2026-10-31,veel,veel,K1003,De Zon,kas@dezon.example\n";
    company.put("invoices/openstaand.csv", [HEADS, &jansen("1210.00"), BAKKER, broken].concat());
    company.pass("2026-10-20");
    assert_eq!(
        (company.state("2026-0412"), company.case("2026-0413")["open"].as_str()),
        ("open".into(), Some("200.00"))
    );
    let asked = company.question("quarantine")["text"].as_str().unwrap().to_owned();
    assert!(asked.contains("line 4") && asked.contains("rows that are not taken: 1 of 3"), "{asked}");
    // The same once more, under another name and with other bytes.
    company.put("invoices/openstaand nogmaals.csv", [HEADS, BAKKER, &jansen("1210.00"), broken].concat());
    company.pass_at("2026-10-20T12:00");
    assert_eq!((company.cases().len(), company.kinds_asked()), (2, vec!["quarantine".to_owned(); 2]));

    company.put("invoices/openstaand-2026-10-21.csv", [HEADS, &jansen("610.00")].concat());
    company.pass("2026-10-21");
    company.question("open_item_less");
    company.question("open_item_gone");
    assert_eq!(company.state("2026-0412"), "held:open_item");
    assert_eq!(company.state("2026-0413"), "held:open_item");
    company.pass_until("2026-10-27");
    assert_eq!((company.letters().len(), company.case("2026-0412")["open"].as_str()), (0, Some("1210.00")));

    company.answer("open_item_less", "not-paid");
    assert!(company.must(&["answer", "open_item_gone", "paid", "--all"]).starts_with("1 answered"));
    assert_eq!(company.state("2026-0413"), "closed:paid");
    // The list before it, exported again: too old to say anything.
    company.put("invoices/openstaand 20-10-2026.csv", [HEADS, BAKKER, "9,2026-10-01,,5.00,5.00,K9,Oud,\n"].concat());
    company.put("invoices/openstaand-2026-10-28.csv", [HEADS, &jansen("610.00"), "\n"].concat());
    company.pass("2026-10-28");
    assert_eq!((company.cases().len(), company.kinds_asked()), (2, vec!["quarantine".to_owned(); 2]));
    assert!(company.last_letter().text.contains("€ 1.210,00"), "{}", company.last_letter().text);
    assert_eq!(company.must(&["check", "--store"]).lines().filter(|line| line.contains("differs")).count(), 0);
}

#[test]
fn a_list_never_overwrites_an_invoice_and_is_never_attached() {
    let company = company();
    company.invoice(&Invoice::jansen());
    company.put("invoices/openstaand.csv", [HEADS, &jansen("1500.00").replace("1210.00", "1500.00"), BAKKER].concat());
    // A print of the whole list: the names and amounts of all customers.
    company.put("invoices/openstaand.pdf", "%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n");
    company.pass_until("2026-10-26");
    assert_eq!(company.case("2026-0412")["open"], "1210.00");
    let letters = company.letters();
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|letter| !letter.attachments.iter().any(|name| name.contains("openstaand"))));
}

#[test]
fn a_list_that_is_still_being_written_waits() {
    let company = company();
    let whole = [HEADS, BAKKER, &jansen("1210.00")].concat();
    for cut in [20, HEADS.len() + 12, whole.len() - 40, whole.len() - 1] {
        company.put("invoices/openstaand.csv", &whole[..cut]);
        company.pass("2026-10-20");
        assert_eq!((company.cases().len(), company.questions().len()), (0, 0), "{cut}");
    }
    company.put("invoices/openstaand.csv", &whole);
    company.pass_at("2026-10-20T12:00");
    assert_eq!(company.cases().len(), 2);
}

#[test]
fn what_a_debtor_has_coming_waits_for_the_owner_and_counts_once() {
    let company = company();
    let credit = "CN-7,2026-10-05,,-100.00,-100.00,K1001,Jansen Bouw B.V.,\n";
    company.put("invoices/openstaand.csv", [HEADS, &jansen("1210.00"), credit].concat());
    company.pass("2026-10-20");
    company.put("invoices/openstaand 2.csv", [HEADS, credit, &jansen("1210.00")].concat());
    company.pass_until("2026-10-27");
    assert_eq!((company.letters().len(), company.case("2026-0412")["open"].as_str()), (0, Some("1210.00")));
    company.answer("credit_note", "C-2026-0412");
    assert_eq!(company.case("2026-0412")["open"], "1110.00");
}

#[test]
fn an_invoice_to_us_is_not_taken_and_told() {
    let company = company();
    let to_us = "88,2026-10-05,,50.00,50.00,L1,Voorbeeldbedrijf B.V.,x@leverancier.example,NL001234567B01\n";
    let bakker = BAKKER.replace(".example\n", ".example,\n");
    company.put("invoices/openstaand.csv", [&HEADS.replace('\n', ",vat\n"), bakker.as_str(), to_us].concat());
    company.pass("2026-10-20");
    assert_eq!(company.cases().len(), 1);
    assert!(
        company.question("quarantine")["text"].as_str().unwrap().contains("invoices to us, or of another seller: 1")
    );
}

#[test]
fn what_is_overdue_in_the_first_list_waits_as_any_old_invoice() {
    let company = company();
    let old = jansen("1210.00").replace("2026-10-31", "2026-09-01").replace("kas@jansenbouw.example", "");
    company.put("invoices/openstaand.csv", [HEADS, &old].concat());
    company.pass("2026-10-20");
    assert_eq!(company.state("2026-0412"), "held:overdue_at_first_sight");
    company.question("no_address");
    company.must(&["answer", "overdue_at_first_sight", "paid", "--all"]);
    assert_eq!(company.state("2026-0412"), "closed:paid");
}

#[test]
fn a_list_of_an_unknown_program_says_what_to_write() {
    let company = company();
    company.put("invoices/debiteuren.csv", [HEADS, BAKKER].concat());
    company.put("invoices/openstaand.csv", "nr,naam\n1,A\n");
    company.pass("2026-10-20");
    let texts: Vec<String> = company.questions().iter().map(|q| q["text"].to_string()).collect();
    assert!(texts.iter().any(|text| text.contains("debiteuren.csv") && text.contains("[[open_items]]")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("openstaand.csv") && text.contains("heads")), "{texts:?}");
    assert_eq!(company.cases().len(), 0);
}

#[test]
fn inspect_prints_each_row() {
    let company = company();
    company.put("lijst.csv", [HEADS, BAKKER, "x,y\n", &jansen("1210.00")].concat());
    let file = company.path("lijst.csv");
    let printed = company.run(&["inspect", "invoice", "--json", file.to_str().unwrap()]);
    let lines: Vec<serde_json::Value> =
        String::from_utf8(printed.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = lines.iter().map(|line| (line["line"].as_u64(), line["number"].as_str())).collect();
    assert_eq!(said, [(Some(2), Some("2026-0413")), (Some(3), None), (Some(4), Some("2026-0412"))]);
    assert_eq!(
        (printed.status.code(), lines[0]["program"].as_str(), lines[0]["prepaid"].as_str()),
        (Some(1), Some("plain"), Some("50.00"))
    );
    let refused = company.run(&["inspect", "invoice", "--program", "excel", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
}
