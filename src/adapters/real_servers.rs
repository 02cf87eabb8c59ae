//! SMTP and IMAP against a real Postfix and Dovecot: `tests/servers.sh start DIR`, then run with `AANMAAND_SERVERS=DIR/env`.
//! Without that variable each test says that it was skipped.

use crate::adapters::clock::SystemClock;
use crate::adapters::imap::{Imap, ImapCopies};
use crate::adapters::login::{AccessToken, AccessTokens, NoToken, Password};
use crate::adapters::smtp::Smtp;
use crate::adapters::tls::{Login, Security, Server};
use crate::ports::{
    Clock, Copies, Delivery, Fetched, KnownMail, MailKey, Mailbox, MailboxFault, Outgoing, OutgoingMail,
};
use async_trait::async_trait;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::ready;
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Site(HashMap<String, String>);

impl Site {
    fn find(test: &str) -> Option<Site> {
        let Ok(path) = std::env::var("AANMAAND_SERVERS") else {
            eprintln!("{test}: skipped, AANMAAND_SERVERS is not set (tests/servers.sh)");
            return None;
        };
        let text = std::fs::read_to_string(path).expect("AANMAAND_SERVERS names the env file that servers.sh wrote");
        Some(Site(text.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect()))
    }

    fn server(&self, port: &str, security: Security) -> Server {
        let ca_file = Some(self.0["SERVERS_CA"].clone().into());
        Server { host: self.0["SERVERS_HOST"].clone(), port: self.0[port].parse().unwrap(), security, ca_file }
    }

    fn smtp(&self) -> Smtp {
        Smtp::new(self.server("SERVERS_SMTPS_PORT", Security::Tls), Some(login("owner")))
    }

    fn imap(&self, user: &str) -> Imap {
        let folders = vec!["INBOX".into(), "Junk".into(), "Ongewenst".into()];
        Imap::new(self.server("SERVERS_IMAPS_PORT", Security::Tls), login(user), folders, Arc::new(SystemClock))
    }
}

fn login(user: &str) -> Login {
    Login { user: user.into(), password: format!("geheim-{user}").into() }
}

/// A word that no other run has used.
fn unique() -> String {
    format!("{}.{}", SystemClock.now().timestamp_micros(), getrandom::u32().unwrap())
}

fn mail(to: &str, word: &str, size: usize) -> OutgoingMail {
    let body = "Een regel tekst, met een punt.\r\n.\r\n..\r\n".repeat(size / 40 + 1);
    OutgoingMail {
        sender: "owner@bedrijf.test".into(),
        recipient: to.into(),
        own_copy: Some("owner+kopie@bedrijf.test".into()),
        message_id: format!("{word}@bedrijf.test"),
        bytes: format!(
            "From: owner@bedrijf.test\r\nTo: {to}\r\nMessage-ID: <{word}@bedrijf.test>\r\nSubject: {word}\r\n\r\n{body}"
        )
        .into_bytes(),
    }
}

#[derive(Default)]
struct Store {
    cursors: BTreeMap<(String, u32), u32>,
    has: HashSet<MailKey>,
}

impl Store {
    fn store(&mut self, mail: &Fetched) {
        self.cursors.insert((mail.key.folder.clone(), mail.key.uidvalidity), mail.key.uid);
        self.has.insert(mail.key.clone());
    }
}

impl KnownMail for Store {
    fn cursor(&self, folder: &str, uidvalidity: u32) -> Option<u32> {
        self.cursors.get(&(folder.to_owned(), uidvalidity)).copied()
    }
    fn has(&self, key: &MailKey) -> bool {
        self.has.contains(key)
    }
}

/// Looks and waits until a mail with `word` in it is there.
async fn await_mail(imap: &mut Imap, store: &mut Store, word: &str) -> Vec<u8> {
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        loop {
            let glance = imap.look(store, 50).await.unwrap();
            for mail in &glance.mails {
                store.store(mail);
                let body = mail.body.as_ref().unwrap();
                if String::from_utf8_lossy(body).contains(word) {
                    return body.clone();
                }
            }
            if glance.complete {
                break;
            }
        }
        imap.wait(Duration::from_secs(20)).await.unwrap();
    }
    panic!("{word} did not come");
}

#[tokio::test]
async fn a_letter_and_its_copy_arrive_byte_for_byte() {
    let Some(site) = Site::find("a_letter_and_its_copy_arrive_byte_for_byte") else { return };
    assert!(site.smtp().probe().await.unwrap().ends_with("TLSv1_3, logged in"));
    assert!(site.imap("customer1").probe().await.unwrap().contains("INBOX: "));
    for size in [10, 2_500_000] {
        let word = unique();
        let mail = mail("customer1@klant.test", &word, size);
        let delivery = site.smtp().deliver(&mail, &mut || ready(Ok(()))).await;
        assert!(matches!(&delivery, Delivery::Accepted { reply } if reply.contains("queued")), "{delivery:?}");
        for user in ["customer1", "owner"] {
            let body = await_mail(&mut site.imap(user), &mut Store::default(), &word).await;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_once("\r\n\r\n").unwrap().1.to_owned();
            assert!(text(&body) == text(&mail.bytes), "the body is what was sent");
        }
    }
}

#[tokio::test]
async fn idle_wakes_us_for_new_mail() {
    let Some(site) = Site::find("idle_wakes_us_for_new_mail") else { return };
    let (mut imap, mut store) = (site.imap("customer2"), Store::default());
    loop {
        let glance = imap.look(&store, 500).await.unwrap();
        glance.mails.iter().for_each(|mail| store.store(mail));
        if glance.complete {
            break;
        }
    }
    let word = unique();
    let sending = tokio::spawn({
        let (smtp, mail) = (site.smtp(), mail("customer2@klant.test", &word, 10));
        async move {
            tokio::time::sleep(Duration::from_millis(700)).await;
            smtp.deliver(&mail, &mut || ready(Ok(()))).await
        }
    });
    let begun = Instant::now();
    imap.wait(Duration::from_secs(25)).await.unwrap();
    assert!(begun.elapsed() > Duration::from_millis(500) && begun.elapsed() < Duration::from_secs(15));
    assert!(matches!(sending.await.unwrap(), Delivery::Accepted { .. }));
    await_mail(&mut imap, &mut store, &word).await;
}

#[tokio::test]
async fn a_copy_is_kept_in_sent_and_found_again() {
    let Some(site) = Site::find("a_copy_is_kept_in_sent_and_found_again") else { return };
    let server = site.server("SERVERS_IMAPS_PORT", Security::Tls);
    let read = vec!["INBOX".to_owned(), "Junk".to_owned()];
    let mut copies = ImapCopies::new(server.clone(), login("customer3"), read.clone(), None);
    let places = copies.places().await.unwrap();
    assert_eq!(
        (places.sent.as_deref(), places.all()),
        (Some("Sent"), ["Sent", "INBOX", "Junk"].map(str::to_owned).into())
    );
    let (id, now) = (format!("{}@bedrijf.test", unique()), SystemClock.now());
    let mail = format!("From: owner@bedrijf.test\r\nMessage-ID: <other.{id}>\r\nX-Aanmaand-Id: {id}\r\n\r\nTekst\r\n");
    assert_eq!(copies.find(&id).await.unwrap(), None);
    copies.keep(mail.as_bytes(), now).await.unwrap();
    let copy = copies.find(&id).await.unwrap().expect("it is in Sent");
    assert_eq!((copy.key.folder.as_str(), copy.received_at.map(|at| at.timestamp())), ("Sent", Some(now.timestamp())));
    assert!(mail.as_bytes().starts_with(&copy.head) && copy.head.ends_with(b"\r\n\r\n"));
    for part in [id.get(1..).unwrap(), id.get(..id.len() - 1).unwrap()] {
        assert_eq!(copies.find(part).await.unwrap(), None, "{part} is only a part of it");
    }
    copies.rest().await;
    let since = copies.since(now.date_naive()).await.unwrap();
    assert!(since.contains(&copy), "{since:?}");
    let tomorrow = now.date_naive() + chrono::Days::new(1);
    assert!(!copies.since(tomorrow).await.unwrap().contains(&copy));
    let mut named = ImapCopies::new(server, login("customer3"), read, Some("Archief".to_owned()));
    assert!(matches!(named.find(&id).await, Err(MailboxFault::Refused(_))));
}

#[tokio::test]
async fn refusals_are_what_they_are() {
    let Some(site) = Site::find("refusals_are_what_they_are") else { return };
    let unknown = mail("niemand@klant.test", &unique(), 10);
    let delivery = site.smtp().deliver(&unknown, &mut || async { panic!("never comes to the dot") }).await;
    assert!(matches!(delivery, Delivery::Never { address: true, .. }), "{delivery:?}");

    let wrong = Login { user: "owner".into(), password: "fout".into() };
    let delivery = Smtp::new(site.server("SERVERS_SMTPS_PORT", Security::Tls), Some(wrong.clone()))
        .deliver(&mail("customer1@klant.test", &unique(), 10), &mut || ready(Ok(())))
        .await;
    assert!(matches!(delivery, Delivery::Later { lane: true, .. }), "{delivery:?}");
    let mut imap =
        Imap::new(site.server("SERVERS_IMAPS_PORT", Security::Tls), wrong, vec!["INBOX".into()], Arc::new(SystemClock));
    assert!(matches!(imap.look(&Store::default(), 5).await, Err(MailboxFault::Refused(_))));

    let word = unique();
    let stopped = mail("customer3@klant.test", &word, 10);
    let delivery = site.smtp().deliver(&stopped, &mut || ready(Err("paid".into()))).await;
    assert!(matches!(delivery, Delivery::Later { lane: false, .. }));
    let after = unique();
    site.smtp().deliver(&mail("customer3@klant.test", &after, 10), &mut || ready(Ok(()))).await;
    let (mut imap, mut store) = (site.imap("customer3"), Store::default());
    await_mail(&mut imap, &mut store, &after).await;
    let all = imap.look(&Store::default(), 500).await.unwrap();
    assert!(!all.mails.iter().any(|m| String::from_utf8_lossy(m.body.as_ref().unwrap()).contains(&word)));
}

#[tokio::test]
async fn certificates_are_checked_and_starttls_works() {
    let Some(site) = Site::find("certificates_are_checked_and_starttls_works") else { return };
    for (name, security) in [("SERVERS_SUBMISSION_PORT", Security::StartTls), ("SERVERS_SMTPS_PORT", Security::Tls)] {
        let good = site.server(name, security);
        assert!(Smtp::new(good.clone(), Some(login("owner"))).probe().await.unwrap().contains("TLSv1_3"));
        let untrusted = Server { ca_file: None, ..good.clone() };
        let delivery = Smtp::new(untrusted.clone(), Some(login("owner")))
            .deliver(&mail("customer1@klant.test", &unique(), 10), &mut || async { panic!("never comes to the dot") })
            .await;
        assert!(matches!(delivery, Delivery::Later { lane: true, .. }), "{delivery:?}");
        let fault = Smtp::new(untrusted, Some(login("owner"))).probe().await.unwrap_err();
        assert!(fault.contains("UnknownIssuer"), "{fault}");
        let elsewhere = Server { host: "127.0.0.2".into(), ..good };
        assert!(Smtp::new(elsewhere, Some(login("owner"))).probe().await.is_err());
    }
    let starttls = site.server("SERVERS_IMAP_PORT", Security::StartTls);
    let mut imap = Imap::new(starttls, login("owner"), vec!["INBOX".into()], Arc::new(SystemClock));
    assert!(imap.probe().await.unwrap().contains("logged in"));
}

/// Gives a token that has ended, and after a refusal this one.
struct Renewed(&'static str);

#[async_trait]
impl AccessTokens for Renewed {
    async fn access_token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, NoToken> {
        let text = if refused.is_some() { self.0 } else { "ended" };
        AccessToken::new(text).ok_or_else(|| panic!("{text} is no token"))
    }
}

/// Tells Dovecot that `fresh` is the owner's token, and no other is good.
fn introspection(port: u16) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut first = String::new();
            BufReader::new(&socket).read_line(&mut first).unwrap();
            let body = match first.contains("token=fresh&") {
                true => "{\"active\":true,\"username\":\"owner\"}",
                false => "{\"active\":false}",
            };
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(socket, "{head}\r\nContent-Length: {length}\r\n\r\n{body}");
        }
    });
}

#[tokio::test]
async fn a_token_that_was_refused_is_renewed_once() {
    let Some(site) = Site::find("a_token_that_was_refused_is_renewed_once") else { return };
    introspection(site.0["SERVERS_TOKENS_PORT"].parse().unwrap());
    for (renewed, good) in [("fresh", true), ("ended-too", false)] {
        let login = || Login { user: "owner".into(), password: Password::Token(Arc::new(Renewed(renewed))) };
        let submission = site.server("SERVERS_SUBMISSION_PORT", Security::StartTls);
        let delivery = Smtp::new(submission, Some(login()))
            .deliver(&mail("customer1@klant.test", &unique(), 10), &mut || ready(Ok(())))
            .await;
        let expected = match &delivery {
            Delivery::Accepted { .. } => good,
            Delivery::Later { lane, reason } => *lane && !good && reason.starts_with("when logging in: 535"),
            Delivery::Never { .. } | Delivery::Doubtful { .. } | Delivery::Unknown { .. } => false,
        };
        assert!(expected, "{renewed}: {delivery:?}");
        let imaps = site.server("SERVERS_IMAPS_PORT", Security::Tls);
        let said = Imap::new(imaps, login(), vec!["INBOX".into()], Arc::new(SystemClock)).probe().await;
        assert_eq!(said.is_ok(), good, "{renewed}: {said:?}");
    }
}
