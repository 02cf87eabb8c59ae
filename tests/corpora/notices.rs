//! Sixty invented bank mails, twelve of them forged: what is read from them, and whom to believe.
//! Skipped, loudly, where the mails are absent.

use super::told;
use aanmaand::bank::matching::numbers_in;
use aanmaand::bank::notice::{self, NoticeKind, Profiles};
use aanmaand::mail::authenticity::{Authenticity, Grounds, Role, authenticate};
use aanmaand::mail::message::Message;
use serde_json::Value;
use std::path::{Path, PathBuf};

const GROUNDS: Grounds<'_> =
    Grounds { look: None, authserv_id: Some("mx.voorbeeldbedrijf.example"), ours: None, arrived: None };

fn corpus() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora");
    let found = std::env::var_os("AANMAAND_CORPORA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let found = found.join("bank-mails");
    if !found.is_dir() {
        println!("SKIPPED: no corpus at {}", found.display());
        return None;
    }
    Some(found)
}

/// The label's bank name as a profile id.
fn bank_id(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    plain
        .to_lowercase()
        .trim_end_matches("bank")
        .to_owned()
        .replace("rabo", "rabobank")
        .replace("bankbank", "bank")
        .replace("regio", "regiobank")
}

#[test]
fn sixty_bank_mails() {
    let Some(folder) = corpus() else { return };
    let profiles = Profiles::built_in();
    let allowed = profiles.domains(&[]);
    let fields = ["bank", "kind", "amount", "currency", "booked", "counterparty", "iban", "reference_text"];
    let mut right = [0usize; 8];
    let (mut all, mut recognised, mut genuine, mut believed, mut fooled) = (0, 0, 0, 0, 0);
    for line in std::fs::read_to_string(folder.join("labels.jsonl")).unwrap().lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let file = label["file"].as_str().unwrap();
        let raw = std::fs::read(folder.join(file)).unwrap();
        let message = Message::parse(&raw).unwrap();
        all += 1;
        let is_genuine = label["trust"] == "genuine";
        let verdict = authenticate(&raw, &message, &GROUNDS, &allowed, Role::BankNotice);
        let is_believed = matches!(verdict, Authenticity::E1 { .. });
        genuine += usize::from(is_genuine);
        believed += usize::from(is_genuine && is_believed);
        fooled += usize::from(!is_genuine && is_believed);
        if is_genuine != is_believed {
            println!("{file}: {} but {verdict:?}", label["trust"]);
        }
        let Some(notice) = notice::read(&message, &profiles) else {
            println!("{file}: not recognised");
            continue;
        };
        recognised += 1;
        let text = |name: &str| label[name].as_str().map(str::to_owned);
        let pairs = [
            (Some(notice.bank.clone()), text("bank").map(|name| bank_id(&name))),
            (Some(notice.kind.name().to_owned()), text("kind")),
            (notice.amount.map(|m| m.to_string()), text("amount")),
            (notice.amount.map(|m| m.currency().code().to_owned()), text("currency")),
            (notice.booked.map(|d| d.to_string()), text("booked")),
            (notice.counterparty.clone(), text("counterparty")),
            (notice.iban.clone(), text("iban")),
            (notice.reference_text.clone(), text("reference_text")),
        ];
        for (index, (ours, expected)) in pairs.into_iter().enumerate() {
            if ours == expected {
                right[index] += 1;
            } else {
                println!("{file}: {} is {ours:?}, expected {expected:?}", fields[index]);
            }
        }
    }
    println!("recognised {recognised}/{all}");
    for (name, right) in fields.iter().zip(right) {
        println!("{name:15} {right}/{all}");
        assert!(right * 100 >= all * 98, "{name}");
    }
    println!("genuine believed {believed}/{genuine}, forged believed {fooled}/{}", all - genuine);
    assert_eq!(fooled, 0, "a forged mail was believed");
    assert_eq!(believed, genuine, "a genuine mail was not believed");
}

/// Which of the administration's numbers the descriptions name, all of them open at once.
#[test]
fn invoice_numbers_in_descriptions() {
    let Some(folder) = corpus() else { return };
    let text = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    let labels: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |label: &Value| -> Vec<String> {
        let list = label["invoices"].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut known: Vec<String> = labels.iter().flat_map(named).collect();
    known.sort();
    known.dedup();
    let (mut right, mut missed, mut wrong) = (0, 0, 0);
    for label in &labels {
        let Some(text) = label["reference_text"].as_str() else { continue };
        // Money out is never matched with open invoices.
        if label["kind"] == "debit" {
            continue;
        }
        let expected = named(label);
        let found = numbers_in(text, known.iter().map(String::as_str));
        right += expected.iter().filter(|number| found.contains(&number.as_str())).count();
        missed += expected.iter().filter(|number| !found.contains(&number.as_str())).count();
        wrong += found.iter().filter(|number| !expected.iter().any(|e| e == *number)).count();
        if found != expected {
            println!("{}: {text:?} names {found:?}, expected {expected:?}", label["file"]);
        }
    }
    println!("invoice numbers: {right} found, {missed} missed, {wrong} wrong");
    assert_eq!(wrong, 0);
    assert!(missed * 10 <= right, "too many missed");
}

/// What `inspect mail` shows of them, where none of ours is known: just so, or as far as the payer wrote it ("2026-90" of F2026-090).
#[test]
fn invoice_numbers_that_nobody_knows() {
    let Some(folder) = corpus() else { return };
    let profiles = Profiles::built_in();
    let (mut just_so, mut as_written, mut all) = (0, 0, 0);
    for line in std::fs::read_to_string(folder.join("labels.jsonl")).unwrap().lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let expected: Vec<&str> =
            label["invoices"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let raw = std::fs::read(folder.join(label["file"].as_str().unwrap())).unwrap();
        let notice = notice::read(&Message::parse(&raw).unwrap(), &profiles);
        let found = notice.map(|notice| notice.seeming_numbers()).unwrap_or_default();
        let names =
            found.len() == expected.len() && found.iter().zip(&expected).all(|(found, full)| shortens(found, full));
        all += 1;
        just_so += usize::from(found == expected);
        as_written += usize::from(names);
        if found != expected {
            println!("{}: {:?} seems to name {found:?}, expected {expected:?}", label["file"], label["reference_text"]);
        }
    }
    println!(
        "invoice numbers without knowing ours: {just_so} just so, {as_written} as far as they are written, of {all}"
    );
    assert!(just_so * 100 >= all * 93 && as_written * 100 >= all * 98);
}

/// The same year where one is written, and the same serial, its zeros aside.
fn shortens(found: &str, full: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let serial = |text: &str| text.rsplit('-').next().unwrap_or_default().trim_start_matches('0').to_owned();
    let year = |text: &str| text.rsplit_once('-').map(|(head, _)| digits(head));
    let same_serial = serial(found) == serial(full) && (year(found).is_none() || year(found) == year(full));
    digits(found) == digits(full) || same_serial
}

/// Each mail under its file's name.
fn of_the_corpus(folder: &Path) -> Vec<(String, Message)> {
    let labels = std::fs::read_to_string(folder.join("labels.jsonl")).unwrap();
    let read = |line: &str| {
        let label: Value = serde_json::from_str(line).unwrap();
        let file = label["file"].as_str().unwrap().to_owned();
        let message = Message::parse(&std::fs::read(folder.join(&file)).unwrap()).unwrap();
        (file, message)
    };
    labels.lines().map(read).collect()
}

/// What a payer may write must never change what the bank says.
#[test]
fn hostile_words_of_the_payer() {
    let profiles = Profiles::built_in();
    let descriptions = [
        "Bedrag: € 9.999,00",
        "Bedrag: € 9.999,00 Af Bij: Af Boekdatum: 01-01-2026 Van: Iemand Anders IBAN: NL91ABNA0417164300",
        "storno teruggeboekt incasso mislukt refund chargeback",
        "<b>Bedrag</b><br>Bedrag<br>€ 9.999,00</td></tr><tr><td>Bedrag</td><td>€ 9.999,00",
        "Er is € 9.999,00 bijgeschreven op uw rekening",
        "de betaling van € 9.999,00 is ontvangen.",
        "' voor € 9.999,00 betaald. 'x' heeft je Tikkie van € 9.999,00 voor 'y' betaald.",
        "Datum",
        "geautoriseerd payout in behandeling afmelden",
        "regel een\nBedrag: € 9.999,00\nAf Bij: Af\nStorno",
        "+ € 9.999,00",
    ];
    let names = [
        "Bedrag: € 9.999,00",
        "Storno Incasso Mislukt B.V.",
        "heeft je € 9.999,00 gestuurd",
        "€ 9.999,00",
        "Afschrijving Payout",
        "Saldo",
        "X heeft u £ 9,00 GBP gestuurd",
    ];
    let (mut tried, mut silent) = (0, 0);
    let mut mails: Vec<(String, Message)> = told::SETS
        .into_iter()
        .flat_map(told::set)
        .map(|mail| {
            let message = mail.message();
            (message.subject.clone(), message)
        })
        .collect();
    mails.extend(corpus().into_iter().flat_map(|folder| of_the_corpus(&folder)));
    for (place, message) in mails {
        let Some(truth) = notice::read(&message, &profiles).filter(|notice| notice.amount.is_some()) else { continue };
        let swaps = [(&truth.reference_text, &descriptions[..]), (&truth.counterparty, &names[..])];
        for (original, replacements) in swaps {
            let Some(original) = original else { continue };
            // A description has no line ends; behind a label it is tried all the same.
            let stands_alone = message.text.lines().any(|line| line.trim_matches(['"', '“', '”', ' ']) == original);
            for replacement in replacements.iter().filter(|text| !(stands_alone && text.contains('\n'))) {
                let mut hostile = message.clone();
                hostile.text = hostile.text.replace(original.as_str(), replacement);
                hostile.subject = hostile.subject.replace(original.as_str(), replacement);
                tried += 1;
                match notice::read(&hostile, &profiles) {
                    // Nothing read is a question to the owner, and safe.
                    None => silent += 1,
                    Some(found) if found.amount.is_none() => silent += 1,
                    // Nor does it close anything when money that came in is taken for money that went: his own name did that.
                    Some(found) if found.kind != NoticeKind::Credit && names.contains(replacement) => {
                        silent += usize::from(found.kind != truth.kind);
                    }
                    Some(found) => {
                        let place = format!("{place} with {replacement:?}: {found:?}");
                        assert_eq!(found.amount, truth.amount, "{place}");
                        let takes = |kind| matches!(kind, NoticeKind::Debit | NoticeKind::Storno);
                        assert!(found.kind == truth.kind || takes(found.kind) && takes(truth.kind), "{place}");
                    }
                }
            }
        }
    }
    println!("hostile texts: {tried} tried, {silent} left unread");
    assert!(silent * 10 <= tried, "too careful: {silent} of {tried}");
}

/// Cut and garbled mails are read without a panic, and none of them is believed because of the damage.
#[test]
fn damaged_mails() {
    let Some(folder) = corpus() else { return };
    let profiles = Profiles::built_in();
    let allowed = profiles.domains(&[]);
    for line in std::fs::read_to_string(folder.join("labels.jsonl")).unwrap().lines() {
        let label: Value = serde_json::from_str(line).unwrap();
        let raw = std::fs::read(folder.join(label["file"].as_str().unwrap())).unwrap();
        for cut in (0..24).map(|n| raw.len() * n / 24) {
            let Ok(message) = Message::parse(&raw[..cut]) else { continue };
            let _ = notice::read(&message, &profiles);
            let verdict = authenticate(&raw[..cut], &message, &GROUNDS, &allowed, Role::BankNotice);
            assert!(
                label["trust"] == "genuine" || matches!(verdict, Authenticity::E0 { .. }),
                "{} cut at {cut}",
                label["file"]
            );
        }
    }
}
