//! TLS that begins in the middle of a conversation: whoever sits on the wire must not be believed, nor learn anything.

use super::wires::{Authority, Hear, Heard, Say, Secure, Step, Wait, serve};
use crate::adapters::clock::SetClock;
use crate::adapters::imap::{self, Imap};
use crate::adapters::smtp::{self, Smtp};
use crate::adapters::tls::{Login, Security, Server};
use crate::ports::{Delivery, KnownMail, MailKey, Mailbox, MailboxFault, Outgoing, OutgoingMail};
use chrono::DateTime;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const SHORT: Duration = Duration::from_secs(2);

fn server(port: u16, ca_file: PathBuf) -> Server {
    Server { host: "localhost".into(), port, security: Security::StartTls, ca_file: Some(ca_file) }
}

fn login() -> Login {
    Login { user: "owner".into(), password: "geheim".into() }
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        sender: "debiteuren@bedrijf.example".into(),
        recipient: "klant@elders.example".into(),
        own_copy: None,
        message_id: "1.a@bedrijf.example".into(),
        bytes: b"Subject: test\r\n\r\ntekst\r\n".to_vec(),
    }
}

/// Greeting, EHLO, and a server that is ready for TLS.
fn smtp_up_to_tls() -> Vec<Step> {
    vec![Say("220 mx ESMTP\r\n"), Hear, Say("250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"), Hear, Say("220 go\r\n")]
}

async fn send(script: Vec<Step>, authority: &Authority) -> (Delivery, Heard) {
    let (port, heard) = serve(script).await;
    let patience = smtp::Patience { connect: SHORT, reply: SHORT, data: SHORT, block: SHORT, dot: SHORT, quit: SHORT };
    let smtp = Smtp::new(server(port, authority.file()), Some(login())).with_patience(patience);
    let delivery = smtp.deliver(&mail(), &mut || async { Ok(()) }).await;
    drop(smtp);
    (delivery, heard.await.unwrap())
}

fn kind(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Accepted { .. } => "accepted",
        Delivery::Later { lane: false, .. } => "later",
        Delivery::Later { lane: true, .. } => "lane",
        Delivery::Never { .. } | Delivery::Doubtful { .. } | Delivery::Unknown { .. } => "other",
    }
}

#[tokio::test]
async fn a_mail_goes_over_starttls_and_nothing_of_it_in_the_clear() {
    let authority = Authority::new();
    let secured = [
        Secure(authority.server("localhost")),
        Hear,
        Say("250-mx\r\n250 AUTH PLAIN\r\n"),
        Hear,
        Say("235 ok\r\n"),
        Hear,
        Say("250 ok\r\n"),
        Hear,
        Say("250 ok\r\n"),
        Hear,
        Say("354 go\r\n"),
        Hear,
        Hear,
        Hear,
        Hear,
        Say("250 queued\r\n"),
    ];
    let (delivery, heard) = send([smtp_up_to_tls(), secured.to_vec()].concat(), &authority).await;
    assert_eq!(kind(&delivery), "accepted", "{delivery:?}");
    assert_eq!(heard.clear, ["EHLO [127.0.0.1]", "STARTTLS"]);
    assert_eq!(heard.secured.first().map(String::as_str), Some("EHLO [127.0.0.1]"), "what was offered before is void");
    assert_eq!(heard.secured.get(8).map(String::as_str), Some("."));
}

#[tokio::test]
async fn smtp_over_a_wire_that_lies() {
    let authority = Authority::new();
    let good = || Secure(authority.server("localhost"));
    let hello = |offers: &'static str| vec![Say("220 mx ESMTP\r\n"), Hear, Say(offers), Hear];
    let with = |answer: &'static str| [hello("250-mx\r\n250 STARTTLS\r\n"), vec![Say(answer), good()]].concat();
    let rows: Vec<(&str, Vec<Step>, &str)> = vec![
        ("not offered", hello("250-mx\r\n250 AUTH PLAIN\r\n"), "lane"),
        ("refused", with("502 what\r\n"), "lane"),
        ("refused for now", with("454 later\r\n"), "later"),
        ("not 220", with("250 go\r\n"), "later"),
        ("surplus at once", with("220 go\r\n250 INJECTED\r\n"), "later"),
        ("one surplus byte", with("220 go\r\n2"), "later"),
        (
            "surplus a moment later",
            [smtp_up_to_tls(), vec![Wait(Duration::from_millis(50)), Say("250 INJECTED\r\n"), good()]].concat(),
            "later",
        ),
        ("no handshake", smtp_up_to_tls(), "later"),
        ("another host", [smtp_up_to_tls(), vec![Secure(authority.server("elsewhere.example"))]].concat(), "lane"),
        ("expired", [smtp_up_to_tls(), vec![Secure(authority.expired("localhost"))]].concat(), "lane"),
        ("not trusted", [smtp_up_to_tls(), vec![Secure(Authority::new().server("localhost"))]].concat(), "lane"),
        ("no login offered over TLS", [smtp_up_to_tls(), vec![good(), Hear, Say("250 mx\r\n")]].concat(), "lane"),
    ];
    for (name, script, expected) in rows {
        let (delivery, heard) = send(script, &authority).await;
        assert_eq!(kind(&delivery), expected, "{name}: {delivery:?}");
        assert_eq!(heard.shaken, name == "no login offered over TLS", "{name}: {heard:?}");
        let said = [heard.clear, heard.secured].concat();
        let harmless = said.iter().all(|line| line == "EHLO [127.0.0.1]" || line == "STARTTLS");
        assert!(harmless, "{name}: nothing more may be said: {said:?}");
    }
}

struct NothingKnown;

impl KnownMail for NothingKnown {
    fn cursor(&self, _folder: &str, _uidvalidity: u32) -> Option<u32> {
        None
    }
    fn has(&self, _key: &MailKey) -> bool {
        false
    }
}

async fn look(script: Vec<Step>, authority: &Authority) -> (Result<usize, MailboxFault>, Heard) {
    let (port, heard) = serve(script).await;
    let clock = Arc::new(SetClock::new(DateTime::from_timestamp(1_793_696_400, 0).unwrap()));
    let patience = imap::Patience { connect: SHORT, command: SHORT, idle: SHORT, done: SHORT, slice: 1024 * 1024 };
    let server = server(port, authority.file());
    let mut imap = Imap::new(server, login(), vec!["INBOX".into()], clock).with_patience(patience);
    let glance = imap.look(&NothingKnown, 10).await;
    drop(imap);
    (glance.map(|glance| glance.mails.len()), heard.await.unwrap())
}

fn imap_up_to_tls() -> Vec<Step> {
    vec![Say("* OK ready\r\n"), Hear, Say("* CAPABILITY IMAP4rev1 STARTTLS\r\nS1 OK go\r\n")]
}

#[tokio::test]
async fn a_mailbox_is_read_over_starttls_and_nothing_of_it_in_the_clear() {
    let authority = Authority::new();
    let secured = [
        Secure(authority.server("localhost")),
        Hear,
        Say("{tag} OK in\r\n"),
        Hear,
        Say("* LIST (\\HasNoChildren) \"/\" INBOX\r\n{tag} OK listed\r\n"),
        Hear,
        Say("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 1] n\r\n{tag} OK done\r\n"),
    ];
    let (seen, heard) = look([imap_up_to_tls(), secured.to_vec()].concat(), &authority).await;
    assert_eq!(seen, Ok(0));
    assert_eq!(heard.clear, ["S1 STARTTLS"]);
    assert!(heard.secured.first().is_some_and(|line| line.contains("LOGIN \"owner\"")), "{heard:?}");
}

#[tokio::test]
async fn imap_over_a_wire_that_lies() {
    let authority = Authority::new();
    let good = || Secure(authority.server("localhost"));
    let with = |answer: &'static str| vec![Say("* OK ready\r\n"), Hear, Say(answer), good()];
    let rows: Vec<(&str, Vec<Step>, &str)> = vec![
        ("logged in already", vec![Say("* PREAUTH hello\r\n")], "refused"),
        ("logged in already, in small", vec![Say("* preauth hello\r\n")], "refused"),
        ("no", with("S1 NO not here\r\n"), "refused"),
        ("bad", with("S1 BAD what\r\n"), "refused"),
        ("surplus at once", with("S1 OK go\r\n* 1 EXISTS\r\n"), "later"),
        ("one surplus byte", with("S1 OK go\r\n*"), "later"),
        (
            "surplus a moment later",
            [imap_up_to_tls(), vec![Wait(Duration::from_millis(50)), Say("S2 OK INJECTED\r\n"), good()]].concat(),
            "later",
        ),
        ("nonsense", with("HTTP/1.1 200 OK\r\n"), "later"),
        ("no handshake", imap_up_to_tls(), "later"),
        ("another host", [imap_up_to_tls(), vec![Secure(authority.server("elsewhere.example"))]].concat(), "refused"),
        ("expired", [imap_up_to_tls(), vec![Secure(authority.expired("localhost"))]].concat(), "refused"),
        ("not trusted", [imap_up_to_tls(), vec![Secure(Authority::new().server("localhost"))]].concat(), "refused"),
    ];
    for (name, script, expected) in rows {
        let (seen, heard) = look(script, &authority).await;
        let kind = match &seen {
            Err(MailboxFault::Refused(_)) => "refused",
            Err(MailboxFault::Later(_)) => "later",
            Err(MailboxFault::Absent(_)) | Ok(_) => "other",
        };
        assert_eq!(kind, expected, "{name}: {seen:?}");
        assert!(!heard.shaken, "{name}: {heard:?}");
        let said = [heard.clear, heard.secured].concat();
        assert!(said.iter().all(|line| line == "S1 STARTTLS"), "{name}: nothing more may be said: {said:?}");
    }
}
