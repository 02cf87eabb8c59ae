//! What a token server's answer means. Only a well-formed refusal is believed to last; nonsense passes.

use super::post::Answer;
use crate::adapters::login::{AccessToken, NoToken};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// RFC 6749 5.1.
#[derive(Clone)]
pub struct Grant {
    pub access: AccessToken,
    /// In place of the refresh token that was used, which may have ended.
    pub refresh: Option<String>,
    /// How long the access token is good for.
    pub lasts: Option<Duration>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant(…)")
    }
}

#[derive(Deserialize)]
struct Success {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
    /// Seconds; some servers write it in quotes.
    #[serde(default)]
    expires_in: Option<Value>,
}

/// RFC 6749 5.2.
#[derive(Deserialize)]
struct Failure {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
}

/// Why there was no grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A code of RFC 6749 5.2 or RFC 8628 3.5, with Microsoft's number where there is one.
    Said { code: String, detail: Option<String> },
    /// No proper answer: it may be one the next time.
    Passing(String),
}

pub(super) fn granted(answer: &Answer) -> Result<Grant, Refusal> {
    match answer.status {
        200..=299 => success(&answer.body).ok_or_else(|| passing("its answer cannot be read")),
        408 | 429 | 500..=599 => Err(passing(&format!("it cannot answer now ({})", answer.status))),
        status => Err(failure(&answer.body).unwrap_or_else(|| passing(&format!("unexpected answer {status}")))),
    }
}

fn passing(why: &str) -> Refusal {
    Refusal::Passing(format!("the token server: {why}"))
}

fn success(body: &[u8]) -> Option<Grant> {
    let said: Success = serde_json::from_slice(body).ok()?;
    if said.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return None;
    }
    Some(Grant {
        access: AccessToken::new(&said.access_token)?,
        refresh: said.refresh_token.filter(|token| !token.is_empty()),
        lasts: said.expires_in.as_ref().and_then(seconds),
    })
}

/// A number of seconds, in quotes or not.
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(number.min(365 * 24 * 3600)))
}

fn failure(body: &[u8]) -> Option<Refusal> {
    let said: Failure = serde_json::from_slice(body).ok()?;
    let is_code = said.error.len() <= 64 && said.error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let detail = said.error_description.as_deref().and_then(microsoft_number);
    (is_code && !said.error.is_empty()).then_some(Refusal::Said { code: said.error, detail })
}

/// `AADSTS70008`: what its support pages are found by. The rest of the description is not shown: it is the server's.
fn microsoft_number(description: &str) -> Option<String> {
    let from = description.get(description.find("AADSTS")?..)?;
    let digits: String = from.chars().skip(6).take_while(char::is_ascii_digit).take(10).collect();
    (!digits.is_empty()).then(|| format!("AADSTS{digits}"))
}

impl Refusal {
    pub fn code(&self) -> Option<&str> {
        match self {
            Refusal::Said { code, .. } => Some(code),
            Refusal::Passing(_) => None,
        }
    }

    fn shown(&self) -> String {
        match self {
            Refusal::Said { code, detail: Some(detail) } => format!("{code}, {detail}"),
            Refusal::Said { code, detail: None } => code.clone(),
            Refusal::Passing(why) => why.clone(),
        }
    }

    /// What it means for the tokens of this user.
    pub fn about(self, user: &str) -> NoToken {
        let shown = self.shown();
        match self.code() {
            None => NoToken::now(shown),
            Some("temporarily_unavailable" | "server_error" | "slow_down") => {
                NoToken::now(format!("the token server cannot answer now ({shown})"))
            }
            Some("invalid_grant" | "interaction_required" | "login_required" | "consent_required") => {
                NoToken::lasting(format!("the authorization of {user} has ended ({shown}): run `aanmaand authorize`"))
            }
            Some(_) => NoToken::lasting(format!(
                "the token server refuses us ({shown}): correct client_id, client secret, tenant or scopes, then run `aanmaand authorize`"
            )),
        }
    }
}
