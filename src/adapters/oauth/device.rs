//! The device authorization grant (RFC 8628): a code is typed into a browser on any machine, and we ask now and then
//! whether that has been done.

use super::grant::{Grant, Refusal, granted, seconds};
use super::{Account, printable};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// Between two questions when the server does not say (RFC 8628 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds (RFC 8628 3.5).
const SLOWER: Duration = Duration::from_secs(5);
const SLOWEST: Duration = Duration::from_secs(60);

/// What a human must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub address: String,
    pub code: String,
    pub lasts: Duration,
}

/// RFC 8628 3.2; Google writes `verification_url`.
#[derive(Deserialize)]
struct Started {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    expires_in: Value,
    #[serde(default)]
    interval: Option<Value>,
}

/// Shows the invitation and waits for the human. Blocks; `sleep` is called between two questions.
///
/// # Errors
/// What to tell the human who waits.
pub fn authorize(
    account: &Account,
    device_url: &str,
    tell: &mut dyn FnMut(&Invitation) -> Result<(), String>,
    sleep: &mut dyn FnMut(Duration),
) -> Result<Grant, String> {
    let started = start(account, device_url)?;
    let lasts = seconds(&started.expires_in).ok_or("the token server's answer cannot be read")?;
    tell(&Invitation { address: printable(&started.verification_uri), code: printable(&started.user_code), lasts })?;
    let mut interval = started.interval.as_ref().and_then(seconds).unwrap_or(INTERVAL).max(Duration::from_secs(1));
    let mut waited = Duration::ZERO;
    loop {
        waited += interval;
        if waited > lasts {
            return Err("nobody entered the code in time; run it again".into());
        }
        sleep(interval);
        let form = [("grant_type", GRANT_TYPE), ("device_code", &*started.device_code)];
        let refusal = match account.ask(&account.token_url, &form) {
            Ok(answer) => match granted(&answer) {
                Ok(grant) => return Ok(grant),
                Err(refusal) => refusal,
            },
            Err(fault) if fault.lasting => return Err(fault.reason),
            Err(fault) => Refusal::Passing(fault.reason),
        };
        interval = next(&refusal, interval).ok_or_else(|| ended(refusal, account))?;
    }
}

fn start(account: &Account, device_url: &str) -> Result<Started, String> {
    let scope = account.scopes.join(" ");
    let answer = account.ask(device_url, &[("scope", &scope)]).map_err(|fault| fault.reason)?;
    if answer.status == 200 {
        return serde_json::from_slice(&answer.body).map_err(|_| "the token server's answer cannot be read".into());
    }
    match granted(&answer) {
        Err(refusal) => Err(refusal.about(&account.user).reason),
        Ok(_) => Err("the token server's answer cannot be read".into()),
    }
}

/// How long to wait before the next question; `None` when there is no use in one.
fn next(refusal: &Refusal, interval: Duration) -> Option<Duration> {
    match refusal.code() {
        Some("authorization_pending") => Some(interval),
        Some("slow_down") => Some(interval + SLOWER),
        // RFC 8628 3.5: after a time-out ask less often.
        None => Some((interval * 2).min(SLOWEST.max(interval))),
        Some(_) => None,
    }
}

fn ended(refusal: Refusal, account: &Account) -> String {
    match refusal.code() {
        Some("access_denied" | "authorization_declined") => "it was refused in the browser".into(),
        Some("expired_token" | "code_expired") => "nobody entered the code in time; run it again".into(),
        Some(_) | None => refusal.about(&account.user).reason,
    }
}
