//! One mail, read to the end: what it is, what it means, and why. This is what `inspect mail` prints.

use super::authenticity::{Authenticity, Grounds, Role, authenticate};
use super::automatic::{
    Automatic, automatic, may_relay, news, speaks_of_money, speaks_of_payment, without_our_subject,
    without_rules_of_the_house,
};
use super::bounce::{Bounce, bounce, returned};
use super::intent::{
    Intent, KnownNumbers, Label, Phrases, Words, invoice_numbers, is_like_a_machine, language_of, understand,
};
use super::message::{Message, Unreadable};
use super::own_words::own_words;
use crate::bank::notice::{self, Notice, NoticeKind, Profiles, Unread};
use crate::bank::own_account::WrittenAccount;
use crate::dunning::fact::Attached;
use crate::letter::wording::Wording;
use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What is needed to read a mail, besides its bytes.
pub struct Reader<'a> {
    pub phrases: &'a Phrases,
    pub profiles: &'a Profiles,
    /// By what a bank's mail may be believed.
    pub grounds: Grounds<'a>,
    /// Invoice numbers of the administration; empty when there is no store at hand.
    pub known_numbers: &'a KnownNumbers,
    /// By what our own letters are known again, where they are quoted without a mark.
    pub wording: &'a Wording,
}

#[derive(Clone, Debug)]
pub struct Reading {
    pub message: Message,
    pub own_words: String,
    pub meaning: Meaning,
    /// The ladder may not go on by itself.
    pub hold: bool,
    pub lang: &'static str,
    /// Invoice numbers in the own words; when they name none, those in the subject.
    pub invoice_numbers: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Meaning {
    /// A person answered.
    Reply(Intent),
    /// A machine answered; `content` is what it says that a human must see (bankruptcy, moved away, a payment date), if anything.
    AutoReply {
        kind: Automatic,
        why: String,
        content: Option<Intent>,
    },
    Bounce(Bounce),
    /// A bank's or payment provider's mail, with how far it can be believed.
    Notice {
        notice: Notice,
        authenticity: Authenticity,
    },
    /// Newsletter, spam, something that concerns no case.
    Unrelated {
        why: String,
    },
}

/// Reads one mail.
pub fn read(raw: &[u8], reader: &Reader<'_>) -> Result<Reading, Unreadable> {
    let message = Message::parse(raw)?;
    let own_words = own_words(&message, reader.wording);
    let meaning = meaning(raw, &message, &own_words, reader);
    let written = if own_words.is_empty() { &message.text } else { &own_words };
    let lang = match intent_of(&meaning) {
        Some(intent) if !own_words.is_empty() => intent.lang,
        Some(_) | None => language_of(written, &message.subject),
    };
    // What a machine reports about a mail is nobody's own words.
    let machine = matches!(meaning, Meaning::Bounce(_) | Meaning::AutoReply { kind: Automatic::ReadReceipt, .. });
    let own_words = if machine { String::new() } else { own_words };
    Ok(Reading {
        hold: holds(&message, &meaning),
        lang,
        invoice_numbers: numbers(&message, &own_words, &meaning, reader.known_numbers),
        own_words,
        meaning,
        message,
    })
}

/// In this order: delivery report, bank's mail, machine, person.
fn meaning(raw: &[u8], message: &Message, own_words: &str, reader: &Reader<'_>) -> Meaning {
    if let Some(bounce) = bounce(message) {
        return Meaning::Bounce(bounce);
    }
    if let Some(notice) = notice::read(message, reader.profiles) {
        let domains = reader.profiles.domains(std::slice::from_ref(&notice.bank));
        let authenticity = authenticate(raw, message, &reader.grounds, &domains, Role::BankNotice);
        return Meaning::Notice { notice, authenticity };
    }
    if is_complaint(message) {
        let why = "a complaint to our mail provider: the receiver called our letter spam (RFC 5965)".into();
        return Meaning::AutoReply { kind: Automatic::AutoReply, why, content: None };
    }
    match automatic(message, own_words, &|| is_like_a_machine(own_words, reader.phrases)) {
        Some((Automatic::Bulk, why)) => Meaning::Unrelated { why },
        Some((Automatic::ReadReceipt, why)) => Meaning::AutoReply { kind: Automatic::ReadReceipt, why, content: None },
        Some((kind @ Automatic::AutoReply, why)) => {
            let said = without_rules_of_the_house(&without_our_subject(own_words, &message.subject));
            let mut content = understood(message, &said, reader.phrases);
            // "Per 1 december heten wij anders" is no promise.
            content.promise_date = content.promise_date.filter(|_| promises_payment(&content));
            Meaning::AutoReply {
                kind,
                why,
                content: (concerns_a_human(&content, &said) || relays(message, &said, &content)).then_some(content),
            }
        }
        None => Meaning::Reply(understood(message, own_words, reader.phrases)),
    }
}

fn is_complaint(message: &Message) -> bool {
    message.report.as_ref().is_some_and(|report| report.kind == "feedback-report")
}

fn understood(message: &Message, words: &str, phrases: &Phrases) -> Intent {
    let names: Vec<String> = message.attachments.iter().map(|attachment| attachment.name.clone()).collect();
    let date = written_on(message);
    let words =
        Words { own_words: words, subject: &message.subject, date: date.unwrap_or_default(), attachment_names: &names };
    let mut intent = understand(words, phrases);
    if date.is_none() {
        // Without a date of its own, "Friday" is no day.
        (intent.promise_date, intent.paid_on) = (None, None);
    }
    intent
}

/// The mail's own Date, else the date of its topmost Received.
fn written_on(message: &Message) -> Option<NaiveDate> {
    let received = || {
        let (_, value) = message.raw_headers.iter().find(|(name, _)| name == "received")?;
        DateTime::parse_from_rfc2822(value.rsplit(';').next()?.trim()).ok()
    };
    message.date.or_else(received).map(|date| date.date_naive())
}

/// A machine said something that a person must see. Absence notes name colleagues and days; that alone is nothing.
fn concerns_a_human(content: &Intent, own_words: &str) -> bool {
    let weighty = |label: &Label| match label {
        Label::Insolvency => true,
        Label::Dispute | Label::Plan | Label::Paid => speaks_of_money(own_words),
        Label::Promise => content.promise_date.is_some() && promises_payment(content),
        // Told apart by what the machine says of itself, see `news`.
        Label::WrongContact | Label::Question | Label::Acknowledge => false,
        Label::AutoReply | Label::Bounce | Label::Unrelated => false,
    };
    let dated = content.label == Label::Promise;
    (content.sure || dated) && weighty(&content.label) || content.also.iter().any(weighty) || news(own_words).is_some()
}

/// A system passes on what a person contests or has paid.
fn relays(message: &Message, own_words: &str, content: &Intent) -> bool {
    let told = matches!(content.label, Label::Insolvency | Label::Dispute | Label::Plan | Label::Paid);
    told && content.sure && may_relay(message, own_words)
}

/// The sentence with the promise is about paying: "we answer within five days" is none.
fn promises_payment(content: &Intent) -> bool {
    content.evidence.iter().any(|one| one.label == Label::Promise && speaks_of_payment(&one.text))
}

fn holds(message: &Message, meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Reply(_) => true,
        Meaning::AutoReply { content, .. } => content.is_some() || is_complaint(message),
        Meaning::Bounce(_) | Meaning::Notice { .. } | Meaning::Unrelated { .. } => false,
    }
}

fn numbers(message: &Message, own_words: &str, meaning: &Meaning, known: &KnownNumbers) -> Vec<String> {
    let first = match meaning {
        Meaning::Notice { notice, .. } if known.is_empty() => return notice.seeming_numbers(),
        Meaning::Notice { notice, .. } => notice.reference_text.as_deref().unwrap_or_default(),
        Meaning::Reply(_) | Meaning::AutoReply { .. } | Meaning::Bounce(_) | Meaning::Unrelated { .. } => own_words,
    };
    let found = invoice_numbers(first, known);
    if !found.is_empty() {
        return found;
    }
    match meaning {
        Meaning::Bounce(_) => {
            let subject = Message::parse(returned(message).as_bytes()).map(|mail| mail.subject);
            invoice_numbers(&subject.unwrap_or_default(), known)
        }
        Meaning::Notice { .. } => Vec::new(),
        Meaning::Reply(_) | Meaning::AutoReply { .. } | Meaning::Unrelated { .. } => {
            invoice_numbers(&message.subject, known)
        }
    }
}

/// The line that `inspect mail --json` prints (keys are a contract: see docs).
pub fn to_json(file: &str, reading: &Result<Reading, Unreadable>) -> Value {
    let reading = match reading {
        Ok(reading) => reading,
        // What cannot be read waits for a human.
        Err(fault) => {
            return json!({
                "file": file, "kind": null, "label": null, "hold": true, "lang": null, "promise_date": null, "amount": null,
                "invoice_numbers": [], "new_text": null, "evidence": [], "bounce": null, "notice": null, "error": fault.to_string(),
            });
        }
    };
    let intent = intent_of(&reading.meaning);
    json!({
        "file": file,
        "kind": kind(&reading.meaning),
        "label": label(&reading.meaning),
        "also": intent.map(|intent| intent.also.clone()).unwrap_or_default(),
        "hold": reading.hold,
        "why": why(&reading.meaning),
        "lang": reading.lang,
        "promise_date": intent.and_then(|intent| intent.promise_date),
        "paid_on": intent.and_then(|intent| intent.paid_on),
        "amount": intent.and_then(|intent| intent.amount.clone()),
        "invoice_numbers": reading.invoice_numbers,
        "new_text": reading.own_words,
        "evidence": intent.map(|intent| intent.evidence.clone()).unwrap_or_default(),
        "like": intent.map(|intent| intent.like.clone()).unwrap_or_default(),
        "bounce": match &reading.meaning {
            Meaning::Bounce(bounce) => json!(bounce),
            Meaning::Reply(_) | Meaning::AutoReply { .. } | Meaning::Notice { .. } | Meaning::Unrelated { .. } => Value::Null,
        },
        "notice": match &reading.meaning {
            Meaning::Notice { notice, authenticity } => notice_json(notice, authenticity, &reading.invoice_numbers),
            Meaning::Reply(_) | Meaning::AutoReply { .. } | Meaning::Bounce(_) | Meaning::Unrelated { .. } => Value::Null,
        },
        "attachments": attached(&reading.message),
        "warnings": reading.message.warnings,
        "error": null,
    })
}

/// Files with their size and the SHA-256 of their content, by which they are known again.
pub fn attached(message: &Message) -> Vec<Attached> {
    let files = message.attachments.iter();
    files
        .map(|file| Attached {
            name: file.name.clone(),
            mime: file.mime.clone(),
            size: file.bytes.len() as u64,
            sha256: Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        })
        .collect()
}

fn intent_of(meaning: &Meaning) -> Option<&Intent> {
    match meaning {
        Meaning::Reply(intent) => Some(intent),
        Meaning::AutoReply { content, .. } => content.as_ref(),
        Meaning::Bounce(_) | Meaning::Notice { .. } | Meaning::Unrelated { .. } => None,
    }
}

fn kind(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Reply(_) => "reply",
        Meaning::AutoReply { .. } => "auto_reply",
        Meaning::Bounce(_) => "bounce",
        Meaning::Notice { .. } => "notice",
        Meaning::Unrelated { .. } => "unrelated",
    }
}

/// An automatic reply keeps its label whatever it says, but a bankruptcy is a bankruptcy. A bank's notice has none.
fn label(meaning: &Meaning) -> Option<Label> {
    match meaning {
        Meaning::Reply(intent) => Some(intent.label),
        Meaning::AutoReply { content: Some(content), .. } if content.label == Label::Insolvency => {
            Some(Label::Insolvency)
        }
        Meaning::AutoReply { .. } => Some(Label::AutoReply),
        Meaning::Bounce(_) => Some(Label::Bounce),
        Meaning::Notice { .. } => None,
        Meaning::Unrelated { .. } => Some(Label::Unrelated),
    }
}

fn why(meaning: &Meaning) -> Option<&str> {
    match meaning {
        Meaning::AutoReply { why, .. } | Meaning::Unrelated { why } => Some(why),
        Meaning::Reply(_) | Meaning::Bounce(_) | Meaning::Notice { .. } => None,
    }
}

fn notice_json(notice: &Notice, authenticity: &Authenticity, invoices: &[String]) -> Value {
    let kind = match notice.kind {
        NoticeKind::Credit => "credit",
        NoticeKind::Debit => "debit",
        NoticeKind::Storno => "storno",
        NoticeKind::Info => "info",
        NoticeKind::Marketing => "marketing",
    };
    let why = match authenticity {
        Authenticity::E1 { domain, by } => format!("{domain} is authenticated {}", by.told()),
        Authenticity::E0 { why } => why.clone(),
    };
    json!({
        "bank": notice.bank,
        "kind": kind,
        "amount": notice.amount.map(|amount| amount.to_string()),
        "currency": notice.amount.map(|amount| amount.currency()),
        "booked": notice.booked,
        "counterparty": notice.counterparty,
        "iban": notice.iban,
        "account": notice.accounts.first().map(WrittenAccount::told),
        "reference_text": notice.reference_text,
        "invoices": invoices,
        "unread": notice.unread.map(Unread::told),
        "evidence": authenticity.evidence().class().code(),
        "why": why,
    })
}

#[cfg(test)]
mod tests {
    use super::super::correlate::{Correlation, Directory, OwnAddress, correlate};
    use super::*;
    use crate::dunning::ids::{CaseId, DebtorId};

    fn line(raw: &str) -> Value {
        let (phrases, profiles) = (Phrases::built_in(), Profiles::built_in());
        let reader = Reader {
            phrases: &phrases,
            profiles: &profiles,
            grounds: Grounds::default(),
            known_numbers: KnownNumbers::none(),
            wording: &Wording::default(),
        };
        to_json("x.eml", &read(raw.as_bytes(), &reader))
    }

    const REPLY: &str = "From: An <an@klant.example>\nTo: kas+aaaabbbbcccc@bedrijf.example\nSubject: Re: Herinnering factuur 2026-0412\n\
        Date: Tue, 17 Nov 2026 20:08:28 +0100\nIn-Reply-To: <l1@bedrijf.example>\nContent-Type: text/plain; charset=utf-8\n\n\
        Beste Kas,\n\nDeze factuur is vrijdag 13 november betaald.\n\nMet vriendelijke groet,\nAn\n\n\
        Op 17-11-2026 om 09:12 schreef Kas:\n> Wij ontvingen geen betaling.\n> Bent u het niet eens met de factuur?\n";

    #[test]
    fn a_reply_holds_and_says_what_it_means() {
        let line = line(REPLY);
        assert_eq!(line["kind"], "reply");
        assert_eq!(line["label"], "paid");
        assert_eq!(line["hold"], true);
        assert_eq!(line["lang"], "nl");
        assert_eq!(line["invoice_numbers"], json!(["2026-0412"]));
        assert_eq!(line["new_text"], "Beste Kas,\n\nDeze factuur is vrijdag 13 november betaald.");
        assert_eq!((&line["bounce"], &line["notice"], &line["error"]), (&Value::Null, &Value::Null, &Value::Null));
    }

    const ABSENT: &str = "From: An <an@klant.example>\nSubject: Automatisch antwoord: Herinnering factuur 2026-0412\nAuto-Submitted: auto-replied\n\
        Date: Tue, 17 Nov 2026 20:08:28 +0100\nContent-Type: text/plain; charset=utf-8\n\n";

    #[test]
    fn a_machine_holds_only_for_what_a_human_must_see() {
        let absent =
            line(&format!("{ABSENT}Ik ben afwezig tot 3 december. Voor dringende zaken belt u mijn collega.\n"));
        assert_eq!(
            (&absent["kind"], &absent["label"], &absent["hold"]),
            (&json!("auto_reply"), &json!("auto_reply"), &json!(false))
        );
        let closed = line(&format!(
            "{ABSENT}Ons atelier is gesloten wegens de bouwvakantie. Wij behandelen uw bericht na 3 augustus.\n"
        ));
        assert_eq!(closed["hold"], false);
        let moved = line(&format!("{ABSENT}Dit adres vervalt. Mail voortaan naar boek@klant.example.\n"));
        assert_eq!((&moved["label"], &moved["hold"]), (&json!("auto_reply"), &json!(true)));
        let bankrupt =
            line(&format!("{ABSENT}Klant B.V. is op 3 november failliet verklaard. Wend u tot de curator.\n"));
        assert_eq!((&bankrupt["label"], &bankrupt["hold"]), (&json!("insolvency"), &json!(true)));
    }

    #[test]
    fn what_a_system_passes_on_holds_and_a_new_name_is_no_promise() {
        let relayed = "From: noreply@tickets.example\nSubject: [FIN-2201] commentaar\n\
            Date: Tue, 17 Nov 2026 20:08:28 +0100\nContent-Type: text/plain; charset=utf-8\n\n\
            Anna: die pallets zijn nooit geleverd.\n";
        let told = line(relayed);
        assert_eq!((&told["kind"], &told["hold"]), (&json!("auto_reply"), &json!(true)), "{told}");
        let renamed =
            line(&format!("{ABSENT}Op 1 december zorgen wij voor een nieuw mailadres: boek@klant.example.\n"));
        assert_eq!((&renamed["promise_date"], &renamed["hold"]), (&Value::Null, &json!(true)), "{renamed}");
    }

    const BOUNCE: &str = "From: Mailer-Daemon@mx.example\nSubject: Mail delivery failed\nReturn-Path: <>\nDate: Tue, 17 Nov 2026 20:08:28 +0100\n\n\
        A message that you sent could not be delivered:\n\n  weg@klant.example\n    550 5.1.1 Unknown user\n\n------ This is a copy of the message ------\n\n\
        From: kas@bedrijf.example\nSubject: Herinnering factuur 2026-0412\nMessage-ID: <l2@bedrijf.example>\n\nBetaalt u?\n";

    #[test]
    fn a_bounce_has_no_words_and_names_the_letter() {
        let line = line(BOUNCE);
        assert_eq!(
            (&line["kind"], &line["label"], &line["hold"], &line["new_text"]),
            (&json!("bounce"), &json!("bounce"), &json!(false), &json!(""))
        );
        let bounce = json!({
            "action": "failed", "kind": "permanent", "status": "5.1.1", "recipient": "weg@klant.example",
            "recipients": ["weg@klant.example"], "original_message_id": "l2@bedrijf.example",
            "envelope_id": null,
        });
        assert_eq!(line["bounce"], bounce);
        assert_eq!(line["invoice_numbers"], json!(["2026-0412"]));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_waits() {
        let line = line("no headers here");
        assert_eq!(line["error"], "this is not a mail: it has no headers");
        assert_eq!((&line["kind"], &line["hold"]), (&Value::Null, &json!(true)));
    }

    struct Nobody;

    impl Directory for Nobody {
        fn by_token(&self, _: &str) -> Vec<DebtorId> {
            Vec::new()
        }
        fn by_message_id(&self, _: &str) -> Vec<DebtorId> {
            Vec::new()
        }
        fn by_address(&self, _: &str) -> Vec<DebtorId> {
            Vec::new()
        }
        fn by_domain(&self, _: &str) -> Vec<DebtorId> {
            Vec::new()
        }
        fn by_invoice_number(&self, _: &str) -> Option<(CaseId, DebtorId)> {
            None
        }
    }

    /// Everything that is read from a mail's bytes survives cut and flipped bytes.
    #[test]
    fn damaged_mails_are_read_or_refused() {
        let html = "From: a@b.example\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n\
            <div style=3D'color:red'>Zie hieronder &eacute;&#233;n &#x20AC;</div><!-- x --><blockquote type=3D\"cite\"><p>Van: x<br>Aan: y</blockquote><li>a<li>b";
        let (phrases, own) = (Phrases::built_in(), OwnAddress::new("kas@bedrijf.example"));
        let mut seed = 42u64;
        let mut next = || {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize
        };
        for source in [REPLY, ABSENT, BOUNCE, html] {
            for round in 0..200 {
                let mut raw = source.as_bytes().to_vec();
                raw.truncate(1 + next() % raw.len());
                for _ in 0..round % 6 {
                    let at = next() % raw.len();
                    raw[at] = next() as u8;
                }
                let message = match Message::parse(&raw) {
                    Ok(message) => message,
                    Err(fault) => {
                        assert_ne!(fault, Unreadable::Panicked);
                        continue;
                    }
                };
                let words = own_words(&message, &Wording::default());
                let _ =
                    (bounce(&message), automatic(&message, &words, &|| true), understood(&message, &words, &phrases));
                assert_eq!(correlate(&message, &own, &[], &Nobody), Correlation::None);
            }
        }
    }
}
