//! Logging in: LOGIN with a password; AUTHENTICATE XOAUTH2 or OAUTHBEARER with an access token (RFC 7628, RFC 4959).

use super::session::{Fault, broken, in_time, read_line};
use crate::adapters::login::{AccessToken, AccessTokens, Bearer, Login, NoToken, Password, base64};
use crate::adapters::tls::{Line, Server};
use async_imap::error::Error;
use async_imap::{Authenticator, Client, Session};
use std::collections::HashSet;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// No server says more before its answer to CAPABILITY.
const MOST_LINES: usize = 50;

/// On a line whose server has greeted. `patience` counts for each command.
pub(super) async fn log_in(
    line: Line,
    server: &Server,
    login: &Login,
    patience: Duration,
) -> Result<Session<Line>, Fault> {
    match &login.password {
        Password::Fixed(password) => {
            let attempt = Client::new(line).login(&login.user, password);
            match timeout(patience, attempt).await {
                Ok(Ok(session)) => Ok(session),
                Ok(Err((e, _))) => Err(refusal(&e, "the server does not accept this name and password")),
                Err(_) => Err(Fault::Broken("no answer to the login".into())),
            }
        }
        Password::Token(tokens) => with_token(line, server, &login.user, tokens.as_ref(), patience).await,
    }
}

/// A token that is refused may have been revoked early: a new one is tried, once.
async fn with_token(
    mut line: Line,
    server: &Server,
    user: &str,
    tokens: &dyn AccessTokens,
    patience: Duration,
) -> Result<Session<Line>, Fault> {
    let capabilities = in_time(patience, capabilities(&mut line)).await?;
    let bearer = Bearer::choose(|name| capabilities.contains(&format!("AUTH={name}")))
        .ok_or_else(|| Fault::Login("the server offers neither AUTH=XOAUTH2 nor AUTH=OAUTHBEARER".into()))?;
    let at_once = capabilities.contains("SASL-IR");
    let words = |token: &AccessToken| Words {
        bearer,
        first: Some(bearer.first(user, &server.host, server.port, token)),
        at_once,
    };
    let token = tokens.access_token(None).await.map_err(no_token)?;
    let (e, client) = match authenticate(Client::new(line), words(&token), patience).await? {
        Ok(session) => return Ok(session),
        Err(refused) => refused,
    };
    if !matches!(e, Error::No(_)) || is_passing(&e) {
        return Err(refusal(&e, NOT_ACCEPTED));
    }
    let token = tokens.access_token(Some(&token)).await.map_err(no_token)?;
    match authenticate(client, words(&token), patience).await {
        Ok(Ok(session)) => Ok(session),
        Ok(Err((second @ (Error::No(_) | Error::Bad(_)), _))) => Err(refusal(&second, NOT_ACCEPTED)),
        // It hung up after its refusal, so the refusal stands.
        Ok(Err(_)) | Err(_) => Err(refusal(&e, NOT_ACCEPTED)),
    }
}

const NOT_ACCEPTED: &str =
    "the server does not accept the access token; is IMAP allowed for this user and this application?";

type Attempt = Result<Session<Line>, (Error, Client<Line>)>;

/// The outer error: no answer in time.
async fn authenticate(client: Client<Line>, mut words: Words, patience: Duration) -> Result<Attempt, Fault> {
    let command = match words.first.take_if(|_| words.at_once) {
        Some(first) => format!("{} {}", words.bearer.name(), base64(&first)),
        None => words.bearer.name().to_owned(),
    };
    let attempt = timeout(patience, client.authenticate(command, words)).await;
    attempt.map_err(|_| Fault::Broken("no answer to the login".into()))
}

/// What is answered to each challenge.
struct Words {
    bearer: Bearer,
    /// Not said yet.
    first: Option<String>,
    /// With the command itself (SASL-IR).
    at_once: bool,
}

impl Authenticator for Words {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.first.take().unwrap_or_else(|| self.bearer.after_refusal().to_owned())
    }
}

/// What the server can do now, in capitals. The library tells it only after the login.
async fn capabilities(line: &mut Line) -> Result<HashSet<String>, Fault> {
    line.write_all(b"C1 CAPABILITY\r\n").await.map_err(broken)?;
    line.flush().await.map_err(broken)?;
    let mut all = HashSet::new();
    for _ in 0..MOST_LINES {
        let answer = String::from_utf8_lossy(&read_line(line).await?).to_ascii_uppercase();
        if let Some(words) = answer.strip_prefix("* CAPABILITY ") {
            all.extend(words.split_whitespace().map(str::to_owned));
        } else if let Some(end) = answer.strip_prefix("C1 ") {
            let told = end.starts_with("OK");
            return if told { Ok(all) } else { Err(Fault::Broken("the server does not tell what it can do".into())) };
        } else if !answer.starts_with("* ") || answer.starts_with("* BYE") {
            break;
        }
    }
    Err(Fault::Broken("the server's answer cannot be read".into()))
}

fn refusal(e: &Error, not_accepted: &str) -> Fault {
    match e {
        e if is_passing(e) => Fault::Broken("the server cannot check logins now".into()),
        Error::No(_) | Error::Bad(_) => Fault::Login(not_accepted.into()),
        Error::Validate(_) => Fault::Login("name or password has a line break in it".into()),
        _ => Fault::Broken("the connection broke during the login".into()),
    }
}

/// RFC 5530: the server cannot check a login now.
fn is_passing(e: &Error) -> bool {
    matches!(e, Error::No(text) if text.to_ascii_uppercase().contains("UNAVAILABLE"))
}

fn no_token(fault: NoToken) -> Fault {
    if fault.lasting { Fault::Login(fault.reason) } else { Fault::Broken(fault.reason) }
}
