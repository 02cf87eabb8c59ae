//! How many mails a second one core understands (parsed, own words found, intent read), against the MIME parser alone
//! on the same bytes, by the time that the core worked on it; and how many it reads to the end, machines, bounces and banks
//! told apart, as the daemon does. Prints a table; judges nothing. Needs the pure rooms only:
//! `cargo bench --no-default-features --bench mails`. AANMAAND_CORPORA adds mails of others.

mod measure;

use aanmaand::bank::notice::Profiles;
use aanmaand::letter::Templates;
use aanmaand::mail::authenticity::Grounds;
use aanmaand::mail::intent::{KnownNumbers, Phrases, Words, understand};
use aanmaand::mail::message::Message;
use aanmaand::mail::own_words::own_words;
use aanmaand::mail::reading::{Reader, read};
use mail_parser::MessageParser;
use measure::{clock, median};
use std::hint::black_box;
use std::path::Path;

const ROUNDS: usize = 5;
/// At least so many seconds.
const ROUND: f64 = 0.2;

fn main() {
    println!("medians of {ROUNDS} rounds, mails a second on one core\n");
    println!(
        "{:<16} {:>6} {:>8} {:>10} {:>10} {:>10} {:>10} {:>8} {:>10} {:>8}",
        "mails", "count", "kB each", "parser", "parsed", "own words", "intent", "ratio", "to the end", "ratio"
    );
    row("golden answers", &golden());
    row("newsletters", &newsletters());
    for folder in ["replies", "reply-quoting", "bounces", "mime"] {
        let mails = of_others(folder);
        if !mails.is_empty() {
            row(folder, &mails);
        }
    }
}

fn row(name: &str, mails: &[Vec<u8>]) {
    let (phrases, templates) = (Phrases::built_in(), Templates::built_in());
    let parse = |raw: &Vec<u8>| Message::parse(raw).ok();
    let words = |raw: &Vec<u8>| parse(raw).map(|message| (own_words(&message, templates.wording()), message));
    let meant = |raw: &Vec<u8>| {
        let (own, message) = words(raw)?;
        let names: Vec<String> = message.attachments.iter().map(|file| file.name.clone()).collect();
        let date = message.date.unwrap_or_default().date_naive();
        let words = Words { own_words: &own, subject: &message.subject, date, attachment_names: &names };
        Some(understand(words, &phrases))
    };
    let (profiles, known_numbers) = (Profiles::built_in(), KnownNumbers::default());
    let reader = Reader {
        phrases: &phrases,
        profiles: &profiles,
        grounds: Grounds::default(),
        known_numbers: &known_numbers,
        wording: templates.wording(),
    };
    let alone = speed(mails, |raw| MessageParser::default().parse(raw).map(|mail| mail.parts.len()));
    let (parsed, own, all) = (speed(mails, parse), speed(mails, words), speed(mails, meant));
    let read = speed(mails, |raw| read(raw, &reader).map(|reading| reading.hold));
    let size = mails.iter().map(Vec::len).sum::<usize>() as f64 / mails.len() as f64 / 1024.0;
    println!(
        "{name:<16} {:>6} {size:>8.1} {alone:>10.0} {parsed:>10.0} {own:>10.0} {all:>10.0} {:>8.3} {read:>10.0} {:>8.3}",
        mails.len(),
        all / alone,
        read / alone
    );
}

/// Mails a second that one core works on them.
fn speed<T>(mails: &[Vec<u8>], mut work: impl FnMut(&Vec<u8>) -> T) -> f64 {
    let rounds = (0..=ROUNDS).map(|_| {
        let (start, mut count) = (clock(), 0);
        while clock() - start < ROUND {
            mails.iter().for_each(|raw| drop(black_box(work(raw))));
            count += mails.len();
        }
        (clock() - start) / count as f64
    });
    1.0 / median(rounds.skip(1))
}

/// The answers that our tests label, each as a mail with our letter quoted below.
fn golden() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/answers/seen");
    let mut mails = Vec::new();
    for language in ["nl", "en", "de", "fr"] {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{language}.toml"))) else { continue };
        let table: toml::Table = text.parse().expect("TOML");
        for answer in table["mail"].as_array().expect("answers") {
            let words = answer["text"].as_str().expect("a text").replace('\n', "\r\n");
            mails.push(format!("{HEAD}{words}\r\n\r\n{QUOTED}").into_bytes());
        }
    }
    mails
}

/// Mails of 4 kB that nobody asked for: most of an ordinary mailbox.
fn newsletters() -> Vec<Vec<u8>> {
    let text =
        "Beste klant,\r\n\r\nDeze week zijn er nieuwe kwasten in de winkel. Wij helpen u graag, ook op zaterdag.\r\n"
            .repeat(40);
    let head = HEAD
        .replace("In-Reply-To: <l1@bedrijf.example>\r\n", "")
        .replace("Re: Herinnering factuur 2026-0412", "Kwasten");
    vec![format!("{head}{text}").into_bytes()]
}

const HEAD: &str = "Received: from mx.klant.example by mx.bedrijf.example; Tue, 17 Nov 2026 10:00:01 +0100\r\nFrom: Klant <administratie@klant.example>\r\n\
    To: debiteuren+abcdef012345@bedrijf.example\r\nSubject: Re: Herinnering factuur 2026-0412\r\nDate: Tue, 17 Nov 2026 10:00:00 +0100\r\n\
    Message-ID: <m1@klant.example>\r\nIn-Reply-To: <l1@bedrijf.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
const QUOTED: &str = "Op 3 november 2026 schreef Voorbeeldbedrijf B.V.:\r\n> Geachte heer, mevrouw,\r\n>\r\n> Op 20 oktober 2026 verviel factuur 2026-0412 van \u{20ac} 1.210,00.\r\n\
    > Wij hebben nog geen betaling ontvangen. Wilt u het bedrag binnen zeven dagen overmaken?\r\n>\r\n> Met vriendelijke groet,\r\n> Voorbeeldbedrijf B.V.\r\n";

fn of_others(folder: &str) -> Vec<Vec<u8>> {
    let Some(root) = std::env::var_os("AANMAAND_CORPORA") else { return Vec::new() };
    let mut todo = vec![Path::new(&root).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = todo.pop() {
        let Ok(listing) = std::fs::read_dir(&folder) else { continue };
        for path in listing.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() { todo.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mails = files.iter().filter_map(|path| std::fs::read(path).ok());
    mails.filter(|raw| Message::parse(raw).is_ok()).collect()
}
