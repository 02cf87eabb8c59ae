//! Damaged input of every format that strangers send us: read or refused, in time, and never a panic.

pub mod engine;
mod pdf;
mod seeds;
mod statements;

use aanmaand::bank::notice::{self, Profiles};
use aanmaand::config::{BUILT_IN_LISTS, Config, built_in_list};
use aanmaand::dunning::invoice::Invoice;
use aanmaand::einvoice;
use aanmaand::letter::Templates;
use aanmaand::mail::automatic::automatic;
use aanmaand::mail::bounce::bounce;
use aanmaand::mail::intent::{Phrases, Words, understand};
use aanmaand::mail::message::{Message, Unreadable};
use aanmaand::mail::own_words::own_words;
use aanmaand::mail::tnef;
use chrono::NaiveDate;
use engine::Target;
use seeds::{mails, of_others};

const MIME: [&str; 24] = [
    "\r\n\r\n",
    "\n\n",
    "--x\r\n",
    "--x--\r\n",
    "\r\n--y\r\nContent-Type: ",
    "Content-Type: multipart/mixed; boundary=x\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: text/html; charset=utf-16\r\n",
    "Content-Type: text/plain; charset=iso-2022-jp; format=flowed; delsp=yes\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "Content-Disposition: attachment; filename*0*=utf-8''a; filename*1=",
    "Content-Type: application/ms-tnef\r\n",
    "=?utf-8?B?4oKs?=",
    "=?x?q?=",
    "=\r\n",
    "=ZZ",
    "\u{feff}",
    "\0",
    "\r",
    "<blockquote><p>",
    "&#x10FFFF;&#0;&amp",
    "<!--",
    ": ",
];

const NESTS: [(&str, &str); 4] = [
    ("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", "\r\n--x--\r\n"),
    ("From: a@b.example\nContent-Type: message/rfc822\n\n", ""),
    ("> ", ""),
    ("<div>", "</div>"),
];

const WORDS: [&str; 22] = [
    "betaald",
    "niet",
    "€ 1.234,56",
    "2026-0412",
    "vrijdag",
    "31 februari",
    "zodra ",
    "\n\nOp 3 nov 2026 schreef Kas:\n",
    "\n> ",
    "-----Original Message-----\nFrom: ",
    "\n-- \n",
    "Met vriendelijke groet,\n",
    "Verzonden vanaf mijn iPhone",
    "?",
    "…",
    "99999999999999",
    "1/1/1",
    "\u{200b}",
    "\u{202e}",
    "é",
    "Von: a\nGesendet: b\nAn: c\n",
    "________________________________\n",
];

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 17).unwrap()
}

/// A panic that the reader caught is one all the same.
fn parsed(raw: &[u8]) -> Result<Option<Message>, String> {
    match Message::parse(raw) {
        Ok(message) => Ok(Some(message)),
        Err(Unreadable::Panicked) => Err("a panic within".into()),
        Err(_) => Ok(None),
    }
}

#[test]
fn mime() {
    let seeds = mails(&["mime", "reply-quoting"]);
    Target { name: "mime", seeds, words: &MIME, nests: &NESTS }.run(|raw| parsed(raw).map(drop));
}

#[test]
fn bounces() {
    let words = [
        &MIME[..8],
        &[
            "Final-Recipient: rfc822; ",
            "Action: failed\n",
            "Status: 5.",
            "Diagnostic-Code: smtp; 550-5.1.1",
            "+zz",
            "Message-ID: <",
            "X-Failed-Recipients: @",
            "{\"notificationType\":\"Bounce\"",
            "\\\"",
            "could not be delivered to ",
            "----- Original message -----\n",
        ],
    ]
    .concat();
    Target { name: "bounce", seeds: mails(&["bounces"]), words: &words, nests: &NESTS }.run(|raw| {
        let Some(message) = parsed(raw)? else { return Ok(()) };
        let found = bounce(&message).is_some();
        automatic(&message, &message.text, &|| false);
        // The same mail is the same bounce.
        if bounce(&message).is_some() == found { Ok(()) } else { Err("read twice, read otherwise".into()) }
    });
}

#[test]
fn words_of_its_own() {
    let templates = Templates::built_in();
    let seeds = mails(&["replies", "reply-quoting"]);
    Target { name: "own words", seeds, words: &WORDS, nests: &NESTS }.run(|raw| {
        let Some(message) = parsed(raw)? else { return Ok(()) };
        own_words(&message, templates.wording());
        Ok(())
    });
}

#[test]
fn intent() {
    let phrases = Phrases::built_in();
    let golden = ["nl", "en", "de", "fr"].iter().filter_map(|language| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/answers/seen");
        std::fs::read_to_string(format!("{folder}/{language}.toml")).ok()
    });
    let seeds = golden.flat_map(|text| text.split("[[mail]]").map(|mail| mail.as_bytes().to_vec()).collect::<Vec<_>>());
    let seeds = seeds.filter(|seed| !seed.is_empty()).collect();
    Target { name: "intent", seeds, words: &WORDS, nests: &[("niet ", ""), ("(", ")")] }.run(|raw| {
        let text = String::from_utf8_lossy(raw);
        let names = [text.chars().take(40).collect::<String>()];
        understand(Words { own_words: &text, subject: &text, date: day(), attachment_names: &names }, &phrases);
        Ok(())
    });
}

#[test]
fn notices() {
    let profiles = Profiles::built_in();
    let words = [
        "EUR 1.250,50",
        "NL91ABNA0417164300",
        "-0,01",
        "bijgeschreven",
        "storno",
        "@rabobank.nl",
        "\n",
        "€",
        "9999999999999,99",
    ];
    Target { name: "notices", seeds: mails(&["bank-mails"]), words: &words, nests: &NESTS }.run(|raw| {
        let Some(message) = parsed(raw)? else { return Ok(()) };
        notice::read(&message, &profiles);
        Ok(())
    });
}

#[test]
fn winmail() {
    let tnef = b"\x78\x9f\x3e\x22\x01\x00\x01\x07\x90\x06\x00\x08\x00\x00\x00\xe4\x04\x00\x00\x00\x00\x00\x00\xe8\x00\
        \x01\x03\x90\x06\x00\x18\x00\x00\x00\x01\x00\x00\x00\x09\x10\x02\x01\x01\x00\x00\x00\x10\x00\x00\x00LZFu\
        \x02\x02\x90\x06\x00\x01\x00\x00\x00\x00\x00\x00\x02\x0f\x80\x06\x00\x02\x00\x00\x00ab\x00\x00"
        .to_vec();
    let rtf = b"\x2d\0\0\0\x2b\0\0\0LZFu\0\0\0\0\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0{\\rtf1\\u8364?\\'e9}";
    let head = tnef
        .iter()
        .copied()
        .take(6)
        .chain(*b"\x01\x03\x90\x06\x00\x45\0\0\0\x01\0\0\0\x02\x01\x09\x10\x01\0\0\0\x2d\0\0\0");
    let seeds = vec![head.chain(*rtf).collect(), tnef];
    Target {
        name: "winmail",
        seeds,
        words: &["\x1f\0\0\x10", "\x02\x01\x13\x10", "\\u-1?", "{\\*", "\\'", "LZFu", "MELA"],
        nests: &[],
    }
    .run(|raw| {
        tnef::unwrap(raw);
        Ok(())
    });
}

const XML: [&str; 16] = [
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&#0;",
    "<![CDATA[",
    "]]>",
    "<Ntry>",
    "</Ntry>",
    "<Amt Ccy=\"EUR\">1e9</Amt>",
    "<Dt>2026-02-30</Dt>",
    "<!--",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"",
    "<cbc:PayableAmount currencyID=\"XXX\">",
    "\u{feff}",
    "79228162514264337593543950336",
    "-0.00",
];

#[test]
fn invoices() {
    let own = include_str!("../../src/cli/demo/invoice.xml").as_bytes().to_vec();
    let seeds = std::iter::once(own)
        .chain(of_others("invoices/num-num"))
        .chain(of_others("invoices/energie-efactuur"))
        .chain([crate::stories::hybrid::INVOICE.into()])
        .chain(of_others("invoices/xrechnung"))
        .collect();
    Target { name: "ubl", seeds, words: &XML, nests: &[("<a>", "</a>"), ("<Invoice>", "</Invoice>")] }.run(|raw| {
        einvoice::to_json("x.xml", &einvoice::read("x.xml", raw));
        Ok(())
    });
}

#[test]
fn small_invoices() {
    let own = b"number = \"2026-0412\"\ndate = 2026-10-01\ndue = 2026-11-20\ncurrency = \"EUR\"\ntotal = \"121.00\"\n[debtor]\nid = \"K1\"\n\
        name = \"Klant\"\nemail = \"kas@klant.example\"\nkind = \"business\"\ncountry = \"NL\"\n"
        .to_vec();
    let words = [
        "[debtor]\n",
        "[[lines]]\n",
        "\"\"\"",
        "total = ",
        "1e400",
        "2026-13-01",
        "''",
        "{a=[",
        "\\u0000",
        "= inf",
        "-0.001",
    ];
    Target { name: "toml", seeds: vec![own], words: &words, nests: &[("a = [", "]"), ("[a.", "]")] }.run(|raw| {
        einvoice::to_json("x.toml", &einvoice::read("x.toml", raw));
        Ok(())
    });
}

#[test]
fn open_items() {
    let mappings: Vec<_> = BUILT_IN_LISTS.iter().filter_map(|(name, _)| built_in_list(name)).collect();
    let seeds = walk(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/open-items").as_ref());
    let words = [
        "\n",
        "\r",
        ";",
        "\t",
        "\"",
        "\"\"",
        "sep=;\n",
        "\u{feff}",
        "\0",
        "Totaal",
        "-",
        "1.234",
        "1,23",
        "31-12-2026",
        "12/31/2026",
        "20261231",
        "EUR",
        "USD",
        "(1,00)",
        "number;date;open;name\n",
        "\u{a0}",
        "\u{e9}",
        "99999999999999999999",
    ];
    Target { name: "open items", seeds, words: &words, nests: &[("\"", "\""), (";", "")] }.run(|raw| {
        for mapping in &mappings {
            let read = einvoice::open_items::read(raw, mapping);
            // What is taken can be asked: a positive amount, not above the total.
            let sound = |invoice: &Invoice| invoice.payable.minor() >= 0 && invoice.prepaid.minor() >= 0;
            if let Ok(list) = &read
                && !list.items.iter().all(|item| sound(&item.read.invoice))
            {
                return Err("an amount below nothing".into());
            }
            einvoice::open_items::to_json("x.csv", &read);
        }
        Ok(())
    });
}

/// The owner's configuration: every fault is told, and none breaks the reader.
#[test]
fn configurations() {
    let here = tempfile::tempdir().unwrap();
    let path = here.path().join("aanmaand.toml");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/configs");
    let seeds: Vec<Vec<u8>> = walk(folder.as_ref());
    let words = [
        "[[debtor]]\n",
        "[formal]\n",
        "mode = \"auto\"\n",
        "1e400",
        "2026-13-01",
        "\"NL91ABNA0417164300\"",
        "days = -1\n",
        "\"\"\"",
        "ladder = ",
    ];
    Target { name: "config", seeds, words: &words, nests: &[("a = [", "]"), ("[a.", "]")] }.run(|raw| {
        std::fs::write(&path, raw).map_err(|e| e.to_string())?;
        drop(Config::load(&path));
        Ok(())
    });
}

fn walk(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let read = |path: std::path::PathBuf| if path.is_dir() { walk(&path) } else { vec![std::fs::read(path).unwrap()] };
    entries.into_iter().flat_map(read).collect()
}
