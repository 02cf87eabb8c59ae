//! Logging in with an access token, over SMTP and IMAP.

use super::wires::{Hear, Heard, Say, Step, serve};
use crate::adapters::clock::SetClock;
use crate::adapters::imap::{self, Imap};
use crate::adapters::login::{AccessToken, AccessTokens, Login, NoToken, Password};
use crate::adapters::smtp::{self, Smtp};
use crate::adapters::tls::{Security, Server};
use crate::ports::Outgoing;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SHORT: Duration = Duration::from_secs(2);

/// Gives `token-1`, `token-2` …, or one fault for ever; remembers what it was told was refused.
#[derive(Default)]
struct Fake {
    fault: Option<NoToken>,
    asked: Mutex<Vec<Option<AccessToken>>>,
}

#[async_trait]
impl AccessTokens for Fake {
    async fn access_token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, NoToken> {
        let mut asked = self.asked.lock().unwrap();
        asked.push(refused.cloned());
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(AccessToken::new(&format!("token-{}", asked.len())).unwrap()),
        }
    }
}

struct Run {
    said: Result<String, String>,
    heard: Heard,
    asked: Vec<Option<AccessToken>>,
}

impl Run {
    /// The SASL words in the commands that begin so, decoded, with `\x01` shown as a bar.
    fn words(&self, before: &str) -> Vec<String> {
        let found = self.heard.clear.iter().filter_map(|line| line.split_once(before).map(|(_, words)| words));
        found.map(|words| String::from_utf8(STANDARD.decode(words).unwrap()).unwrap().replace('\x01', "|")).collect()
    }
}

fn plain(port: u16) -> Server {
    Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None }
}

fn login(fake: &Arc<Fake>) -> Login {
    Login { user: "owner@bedrijf.example".into(), password: Password::Token(fake.clone()) }
}

async fn smtp(script: Vec<Step>, fake: Fake) -> Run {
    let (port, heard) = serve(script).await;
    let fake = Arc::new(fake);
    let patience = smtp::Patience { connect: SHORT, reply: SHORT, data: SHORT, block: SHORT, dot: SHORT, quit: SHORT };
    let said = Smtp::new(plain(port), Some(login(&fake))).with_patience(patience).probe().await;
    Run { said, heard: heard.await.unwrap(), asked: std::mem::take(&mut fake.asked.lock().unwrap()) }
}

async fn imap(script: Vec<Step>, fake: Fake) -> Run {
    let (port, heard) = serve(script).await;
    let fake = Arc::new(fake);
    let clock = Arc::new(SetClock::new(DateTime::from_timestamp(1_793_696_400, 0).unwrap()));
    let patience = imap::Patience { connect: SHORT, command: SHORT, idle: SHORT, done: SHORT, slice: 1024 * 1024 };
    let said = Imap::new(plain(port), login(&fake), Vec::new(), clock).with_patience(patience).probe().await;
    Run { said, heard: heard.await.unwrap(), asked: std::mem::take(&mut fake.asked.lock().unwrap()) }
}

/// After EHLO with these offers.
fn hello(offers: &'static str, more: &[Step]) -> Vec<Step> {
    [&[Say("220 mx\r\n"), Hear, Say(offers)], more].concat()
}

const BOTH: &str = "250-mx\r\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER\r\n";
const XOAUTH2_1: &str = "user=owner@bedrijf.example|auth=Bearer token-1||";
const XOAUTH2_2: &str = "user=owner@bedrijf.example|auth=Bearer token-2||";

#[tokio::test]
async fn smtp_says_the_token_with_the_command() {
    let run = smtp(hello(BOTH, &[Hear, Say("235 2.7.0 in\r\n"), Hear, Say("221 bye\r\n")]), Fake::default()).await;
    assert!(run.said.clone().is_ok_and(|said| said.ends_with("logged in")), "{:?}", run.said);
    assert_eq!(run.words("AUTH XOAUTH2 "), [XOAUTH2_1]);
    assert_eq!(run.asked, [None]);
    assert_eq!(run.heard.clear.len(), 3, "{:?}", run.heard);
}

#[tokio::test]
async fn smtp_tries_one_new_token_after_a_refusal() {
    let refusal = [Hear, Say("334 eyJzdGF0dXMiOiI0MDAifQ==\r\n"), Hear, Say("535 5.7.8 no\r\n")];
    let run = smtp(hello(BOTH, &[&refusal[..], &[Hear, Say("235 in\r\n")]].concat()), Fake::default()).await;
    assert!(run.said.is_ok(), "{:?}", run.said);
    assert_eq!(run.heard.clear.get(2).map(String::as_str), Some(""), "the challenge is answered with an empty line");
    assert_eq!(run.words("AUTH XOAUTH2 "), [XOAUTH2_1, XOAUTH2_2]);
    assert_eq!(run.asked, [None, AccessToken::new("token-1")]);

    let run = smtp(hello(BOTH, &[&refusal[..], &refusal].concat()), Fake::default()).await;
    assert_eq!(run.said, Err("when logging in: 535 5.7.8 no".into()));
    assert_eq!(run.words("AUTH XOAUTH2 ").len(), 2, "and no third");

    let run = smtp(hello(BOTH, &refusal), Fake::default()).await;
    assert_eq!(run.said, Err("when logging in: 535 5.7.8 no".into()), "it hung up after its refusal");
}

#[tokio::test]
async fn smtp_by_what_is_offered() {
    let bearer = "250-mx\r\n250 AUTH PLAIN OAUTHBEARER\r\n";
    let script =
        [Hear, Say("334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n"), Hear, Say("535 no\r\n"), Hear, Say("235 in\r\n")];
    let run = smtp(hello(bearer, &script), Fake::default()).await;
    assert!(run.said.is_ok(), "{:?}", run.said);
    let words = run.words("AUTH OAUTHBEARER ");
    assert!(words.first().is_some_and(|words| words.starts_with("n,a=owner@bedrijf.example,|host=127.0.0.1|port=")));
    assert!(words.last().is_some_and(|words| words.ends_with("|auth=Bearer token-2||")), "{words:?}");
    assert_eq!(run.heard.clear.get(2).map(String::as_str), Some("AQ=="));

    let run = smtp(hello("250-mx\r\n250 AUTH PLAIN LOGIN\r\n", &[]), Fake::default()).await;
    assert_eq!(run.said, Err("when logging in: the server offers neither AUTH XOAUTH2 nor AUTH OAUTHBEARER".into()));
    assert_eq!(run.heard.clear, ["EHLO [127.0.0.1]"], "no token is fetched or said");
}

#[tokio::test]
async fn smtp_that_cannot_check_now_costs_no_token() {
    let run = smtp(hello(BOTH, &[Hear, Say("454 4.7.0 later\r\n")]), Fake::default()).await;
    assert_eq!(run.said, Err("when logging in: 454 4.7.0 later".into()));
    assert_eq!(run.asked, [None]);
}

fn no_token(lasting: bool) -> Fake {
    Fake { fault: Some(NoToken { reason: "no token".into(), lasting }), ..Fake::default() }
}

#[tokio::test]
async fn without_a_token_nothing_is_said() {
    for lasting in [false, true] {
        let run = smtp(hello(BOTH, &[]), no_token(lasting)).await;
        assert_eq!(run.said, Err("when logging in: no token".into()));
        assert_eq!(run.heard.clear, ["EHLO [127.0.0.1]"]);
        let run = imap(able("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK\r\n", &[]), no_token(lasting)).await;
        let fault =
            if lasting { "the mailbox refuses us: no token" } else { "the mailbox cannot be read now: no token" };
        assert_eq!(run.said, Err(fault.into()));
        assert_eq!(run.heard.clear, ["C1 CAPABILITY"]);
    }
}

/// After the greeting, with this answer to CAPABILITY.
fn able(capabilities: &'static str, more: &[Step]) -> Vec<Step> {
    [&[Say("* OK ready\r\n"), Hear, Say(capabilities)], more].concat()
}

const AT_ONCE: &str = "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2\r\n{tag} OK\r\n";
const ON_CHALLENGE: &str = "* OK by the way\r\n* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 AUTH=OAUTHBEARER\r\n{tag} OK\r\n";
const REFUSED: [Step; 4] =
    [Hear, Say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n"), Hear, Say("A0001 NO [AUTHENTICATIONFAILED] no\r\n")];

#[tokio::test]
async fn imap_says_the_token_at_once_or_when_asked() {
    let run = imap(able(AT_ONCE, &[Hear, Say("{tag} OK in\r\n")]), Fake::default()).await;
    assert!(run.said.clone().is_ok_and(|said| said.contains("logged in")), "{:?}", run.said);
    assert_eq!(run.words("AUTHENTICATE XOAUTH2 "), [XOAUTH2_1]);

    let run = imap(able(ON_CHALLENGE, &[Hear, Say("+ \r\n"), Hear, Say("A0001 OK in\r\n")]), Fake::default()).await;
    assert!(run.said.is_ok(), "{:?}", run.said);
    assert_eq!(run.heard.clear.get(1).map(String::as_str), Some("A0001 AUTHENTICATE XOAUTH2"));
    assert_eq!(run.words("A0001 AUTHENTICATE XOAUTH2").first().map(String::as_str), Some(""));
    let answer = run.heard.clear.get(2).map(|words| STANDARD.decode(words).unwrap());
    assert_eq!(answer, Some(XOAUTH2_1.replace('|', "\x01").into_bytes()));
}

#[tokio::test]
async fn imap_tries_one_new_token_after_a_refusal() {
    let again = [Hear, Say("{tag} OK in\r\n")];
    let run = imap(able(AT_ONCE, &[&REFUSED[..], &again].concat()), Fake::default()).await;
    assert!(run.said.is_ok(), "{:?}", run.said);
    assert_eq!(run.heard.clear.get(2).map(String::as_str), Some(""), "the challenge is answered with an empty line");
    assert_eq!(run.words("AUTHENTICATE XOAUTH2 "), [XOAUTH2_1, XOAUTH2_2]);
    assert_eq!(run.asked, [None, AccessToken::new("token-1")]);

    let not_accepted = "the mailbox refuses us: the server does not accept the access token; \
                        is IMAP allowed for this user and this application?";
    for end in [&[Hear, Say("{tag} NO no\r\n")][..], &[]] {
        let run = imap(able(AT_ONCE, &[&REFUSED[..], end].concat()), Fake::default()).await;
        assert_eq!(run.said, Err(not_accepted.into()));
        assert_eq!(run.asked.len(), 2);
    }
}

#[tokio::test]
async fn imap_by_what_is_offered() {
    let bearer = "* CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER\r\n{tag} OK\r\n";
    let run = imap(able(bearer, &[&REFUSED[..], &[Hear, Say("{tag} OK in\r\n")]].concat()), Fake::default()).await;
    assert!(run.said.is_ok(), "{:?}", run.said);
    assert_eq!(run.heard.clear.get(2).map(String::as_str), Some("AQ=="));

    let run = imap(able("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK\r\n", &[]), Fake::default()).await;
    assert_eq!(
        run.said,
        Err("the mailbox refuses us: the server offers neither AUTH=XOAUTH2 nor AUTH=OAUTHBEARER".into())
    );
    assert_eq!(run.heard.clear, ["C1 CAPABILITY"]);
}

#[tokio::test]
async fn imap_that_fails_in_passing_is_asked_again_later() {
    let rows: [Vec<Step>; 5] = [
        able(AT_ONCE, &[Hear, Say("{tag} NO [UNAVAILABLE] later\r\n")]),
        able("{tag} NO what\r\n", &[]),
        able("* BYE full\r\n", &[]),
        able("garbage\r\n", &[]),
        able(AT_ONCE, &[Hear]),
    ];
    for (i, script) in rows.into_iter().enumerate() {
        let run = imap(script, Fake::default()).await;
        let later = run.said.as_ref().is_err_and(|fault| fault.starts_with("the mailbox cannot be read now"));
        assert!(later, "row {i}: {:?}", run.said);
        assert!(run.asked.len() <= 1, "row {i}: a token that may be good is not given up");
    }
}
