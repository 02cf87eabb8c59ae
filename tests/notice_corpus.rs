//! Sixty invented bank mails, twelve of them forged: what is read from them, and whom to believe.
//! Skipped, loudly, where the mails are absent.

use aanmaand::bank::notice::{self, Notice, NoticeKind, Profiles};
use aanmaand::mail::authenticity::{Authenticity, authenticate};
use aanmaand::mail::message::Message;
use serde_json::Value;
use std::path::PathBuf;

const AUTHSERV_ID: &str = "mx.voorbeeldbedrijf.example";

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

fn kind(notice: &Notice) -> &'static str {
    match notice.kind {
        NoticeKind::Credit => "credit",
        NoticeKind::Debit => "debit",
        NoticeKind::Storno => "storno",
        NoticeKind::Info => "info",
        NoticeKind::Marketing => "marketing",
    }
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
        let verdict = authenticate(&raw, &message, Some(AUTHSERV_ID), &allowed);
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
            (Some(kind(&notice).to_owned()), text("kind")),
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
    }
    println!("genuine believed {believed}/{genuine}, forged believed {fooled}/{}", all - genuine);
    assert_eq!(fooled, 0, "a forged mail was believed");
    assert_eq!(believed, genuine, "a genuine mail was not believed");
}
