//! Damaged bank statements: read or refused, and what counts as balanced comes out whatever was damaged.

use super::XML;
use super::engine::Target;
use super::seeds::of_others;
use aanmaand::bank::statement::{self, Status};
use aanmaand::dunning::money::Money;

/// Reads it, and adds up anew what the reader calls balanced.
fn read(raw: &[u8]) -> Result<(), String> {
    let read = statement::read(raw);
    statement::to_json("x", &read);
    statement::why_incomplete(raw);
    for found in read.unwrap_or_default().iter().filter(|found| found.is_final()) {
        let (Some(opening), Some(closing)) = (found.opening, found.closing) else {
            return Err("balanced without balances".into());
        };
        let booked = found.entries.iter().filter(|entry| entry.status == Status::Booked).map(|entry| entry.amount);
        let sum = Money::sum(booked, found.currency).and_then(|sum| sum.checked_add(opening));
        if sum != Some(closing) {
            return Err(format!("balanced, but {sum:?} is not {closing:?}"));
        }
    }
    Ok(())
}

#[test]
fn camt() {
    let own = include_bytes!("camt.xml").to_vec();
    let seeds =
        std::iter::once(own).chain(of_others("bank/genkgo-camt")).chain(of_others("bank/camt-parser")).collect();
    Target { name: "camt", seeds, words: &XML, nests: &[("<a>", "</a>"), ("<Stmt>", "</Stmt>")] }.run(read);
}

#[test]
fn mt940() {
    let own = b"{1:F01ABNANL2AXXX0000000000}{4:\r\n:20:X\r\n:25:NL91ABNA0417164300EUR\r\n:28C:12/1\r\n:60F:C261119EUR100,00\r\n\
        :61:2611201120C121,00NTRFNONREF//B7\r\n:86:/TRTP/SEPA OVERBOEKING/IBAN/NL69INGB0123456789/NAME/JANSEN/REMI/2026-0412\r\n\
        :61:2611201120RC1,NRTINONREF\r\n:86:166?00GUTSCHRIFT?20EREF+K-1?21SVWZ+RECHNUNG?31DE89370400440532013000?32JANSEN\r\n\
        :62F:C261120EUR220,00\r\n-}\r\n"
        .to_vec();
    let others = ["bank/mt940-wolph", "bank/mt940-zilverline", "bank/mt940-cmxl"].into_iter().flat_map(of_others);
    let words = [
        ":20:",
        "\r\n:61:",
        "\r\n:86:",
        "\r\n:62F:C261120EUR",
        ":60M:",
        ":62M:",
        ":90C:1EUR",
        ":28C:00000/000",
        "{4:\n:20:X",
        "-}",
        "\n-\n",
        "?20",
        ">21",
        "/REMI/USTD//",
        "/CDTRREF/",
        "EREF+",
        "OMSCHRIJVING:",
        "RCR",
        "999999999999,99",
        "\r",
        "\u{feff}",
    ];
    let seeds = std::iter::once(own).chain(others).collect();
    Target { name: "mt940", seeds, words: &words, nests: &[("{1:", "}"), (":20:X\n", "\n-\n")] }.run(read);
}

#[test]
fn coda() {
    let line = |text: &str, end: &str| format!("{text:127}{end}\r\n");
    let own = [
        line("0000021112612305", "2"),
        line("12047BE68539007547034                  EUR0000000000100000201126VOORBEELD", " "),
        line("2100010000BANKREF              0000000000121000211126001500000FACTUUR 2026-0412", " "),
        line("2300010000BE71096123456769                  EURJANSEN", " "),
        line("8047BE68539007547034                  EUR0000000000221000211126", " "),
        line("9               000004000000000000000000000000121000", "2"),
    ]
    .concat()
    .into_bytes();
    let words = [
        "2100020000",
        "2200010000",
        "2300010001",
        "3100010001",
        "8047",
        "9      ",
        "1101",
        "1127",
        "0000000000121000",
        "\r\n",
    ];
    let seeds = std::iter::once(own).chain(of_others("bank/coda-oca")).collect();
    Target { name: "coda", seeds, words: &words, nests: &[("00000", "\r\n")] }.run(read);
}

#[test]
fn archives() {
    // One file of six bytes, stored as it is.
    let own = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\x07\x9d\x8a\xd6\x06\0\0\0\x06\0\0\0\x01\0\0\0a:20:X\n\
        PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\x07\x9d\x8a\xd6\x06\0\0\0\x06\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a\
        PK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x25\0\0\0\0\0"
        .to_vec();
    let words =
        ["PK\u{3}\u{4}", "PK\u{1}\u{2}", "PK\u{5}\u{6}", "\u{8}\0", "\0\0\0\0", "../", ":20:X\n:61:261120C1,NTRF\n"];
    Target { name: "archives", seeds: vec![own], words: &words, nests: &[("PK\u{3}\u{4}", "")] }.run(read);
}
