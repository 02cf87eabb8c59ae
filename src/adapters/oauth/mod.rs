//! Access tokens (OAuth 2.0, RFC 6749): one is kept in memory and renewed before it ends, by a refresh token that lies in a
//! private file. A server that gives a new refresh token with it has ended the old one, so the new one is on disk before
//! anything else is done. No token is ever in a log, an error, an argument or the environment.

pub mod browser;
pub mod device;
mod grant;
mod kept;
mod post;
#[cfg(test)]
mod tests;

pub use grant::Grant;
pub use kept::Kept;

use super::login::{AccessToken, AccessTokens, NoToken};
use async_trait::async_trait;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A token is renewed so long before its end.
const MARGIN: Duration = Duration::from_secs(60);
/// What a server that does not say how long its token is good for is trusted with.
const UNTOLD: Duration = Duration::from_secs(300);
/// For one request to the token server.
const PATIENCE: Duration = Duration::from_secs(30);

/// One user of one application at one provider.
#[derive(Clone)]
pub struct Account {
    pub user: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    pub token_url: String,
    pub scopes: Vec<String>,
    /// PEM file of the authority to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Where the refresh token is kept.
    pub token_file: PathBuf,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("token_url", &self.token_url).finish_non_exhaustive()
    }
}

impl Account {
    /// Asks the token server. Blocks.
    fn ask(&self, url: &str, form: &[(&str, &str)]) -> Result<post::Answer, NoToken> {
        let mut form = form.to_vec();
        form.push(("client_id", &self.client_id));
        if let Some(secret) = &self.client_secret {
            form.push(("client_secret", secret));
        }
        post::post(url, &form, self.ca_file.as_deref(), PATIENCE)
    }

    /// A grant for a refresh token (RFC 6749 section 6). Blocks.
    pub fn redeem(&self, refresh_token: &str) -> Result<Grant, NoToken> {
        let scope = self.scopes.join(" ");
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", &scope)];
        let answer = self.ask(&self.token_url, &form)?;
        grant::granted(&answer).map_err(|refusal| refusal.about(&self.user))
    }
}

/// The tokens of an account. Two of these, in one process or in two, do not get in each other's way.
pub struct Tokens {
    account: Arc<Account>,
    held: tokio::sync::Mutex<Option<Held>>,
    unkept: Arc<Unkept>,
}

/// A new refresh token that could not be written to disk: the only one that is good.
type Unkept = Mutex<Option<String>>;

struct Held {
    token: AccessToken,
    renew_at: Instant,
}

impl Tokens {
    pub fn new(account: Account) -> Tokens {
        Tokens { account: Arc::new(account), held: tokio::sync::Mutex::default(), unkept: Arc::default() }
    }
}

#[async_trait]
impl AccessTokens for Tokens {
    async fn access_token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, NoToken> {
        let mut held = self.held.lock().await;
        let good = |held: &&Held| Instant::now() < held.renew_at && refused != Some(&held.token);
        if let Some(held) = held.as_ref().filter(good) {
            return Ok(held.token.clone());
        }
        *held = None;
        let (account, unkept) = (self.account.clone(), self.unkept.clone());
        let renewed = tokio::task::spawn_blocking(move || renew(&account, &unkept)).await;
        let grant = renewed.unwrap_or_else(|_| Err(NoToken::now("BUG: the renewal of the access token broke")))?;
        let lasts = grant.lasts.unwrap_or(UNTOLD).saturating_sub(MARGIN);
        *held = Some(Held { token: grant.access.clone(), renew_at: Instant::now() + lasts });
        Ok(grant.access)
    }
}

/// Under the lock of the file, so that no other process renews with the same refresh token meanwhile.
fn renew(account: &Account, unkept: &Unkept) -> Result<Grant, NoToken> {
    let mut unkept = unkept.lock().unwrap_or_else(PoisonError::into_inner);
    // Nor is there a state folder to lock before the first run.
    if unkept.is_none() && matches!(account.token_file.try_exists(), Ok(false)) {
        return Err(not_authorized(account));
    }
    let place = kept::Place::lock(&account.token_file).map_err(NoToken::now)?;
    let old = match unkept.as_ref() {
        Some(token) => Kept { refresh_token: token.clone(), ..Kept::of(account, "") },
        None => place.read()?.ok_or_else(|| not_authorized(account))?,
    };
    // Room and right to write are made sure of first: afterwards it would be too late.
    let draft = place.draft(&old).map_err(NoToken::now)?;
    let grant = account.redeem(&old.refresh_token)?;
    let Some(new) = grant.refresh.clone().or_else(|| unkept.clone()) else { return Ok(grant) };
    match draft.keep(&Kept { refresh_token: new.clone(), ..old }) {
        Ok(()) => {
            *unkept = None;
            Ok(grant)
        }
        Err(reason) => {
            *unkept = Some(new);
            Err(NoToken::now(reason))
        }
    }
}

/// Keeps what `aanmaand authorize` obtained. Blocks.
///
/// # Errors
/// The grant has no refresh token and `fallback` is none, or the file cannot be written.
pub fn keep(account: &Account, grant: &Grant, fallback: Option<&str>) -> Result<(), String> {
    let Some(token) = grant.refresh.as_deref().or(fallback) else {
        return Err("the token server gave no refresh token: is offline access allowed for this application?".into());
    };
    let place = kept::Place::lock(&account.token_file)?;
    let kept = Kept::of(account, token);
    place.draft(&kept)?.keep(&kept)
}

fn not_authorized(account: &Account) -> NoToken {
    NoToken::lasting(format!("{} has not been authorized yet: run `aanmaand authorize`", account.user))
}

/// What a server says, for a terminal: no control characters, at most 500 characters.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(500).collect()
}
