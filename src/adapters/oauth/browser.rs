//! The authorization code grant of an installed application: the browser comes back to a port of this machine
//! (RFC 8252 7.3) with a code that only we can use (PKCE, RFC 7636). Where the browser is on another machine it cannot
//! come back; then its last address is pasted here.

use super::grant::{Grant, granted};
use super::{Account, printable};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

const LONGEST_LINE: u64 = 16 * 1024;
/// One visitor may keep the others waiting no longer.
const VISIT: Duration = Duration::from_secs(5);
const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
                    You may close this page and go back to aanmaand.\n";

/// One authorization that has begun.
struct Begun {
    redirect_uri: String,
    state: String,
    verifier: String,
}

/// Shows the address to open and waits for the browser, or for its last address on `pasted`. Blocks.
///
/// # Errors
/// What to tell the human who waits.
pub fn authorize(
    account: &Account,
    authorize_url: &str,
    redirect_host: &str,
    tell: &mut dyn FnMut(&str) -> Result<(), String>,
    pasted: impl Read + Send + 'static,
    patience: Duration,
) -> Result<Grant, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no port to come back to: {e}"))?;
    let port = listener.local_addr().map_err(|e| format!("no port to come back to: {e}"))?.port();
    let begun = Begun { redirect_uri: format!("http://{redirect_host}:{port}"), state: random()?, verifier: random()? };
    tell(&begun.address(account, authorize_url))?;
    let (found, targets) = channel();
    let typed = found.clone();
    thread::spawn(move || visitors(&listener, &found));
    thread::spawn(move || lines(pasted, &typed));
    let deadline = std::time::Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        let target =
            targets.recv_timeout(left).map_err(|_| "nobody came back from the browser in time; run it again")?;
        if let Some(code) = begun.code(&target)? {
            return begun.exchange(account, &code);
        }
    }
}

impl Begun {
    fn address(&self, account: &Account, authorize_url: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier));
        let scope = account.scopes.join(" ");
        let query = [
            ("response_type", "code"),
            ("client_id", &account.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &scope),
            ("state", &self.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("login_hint", &account.user),
            // Google gives a refresh token only with these two; others ignore what they do not know.
            ("access_type", "offline"),
            ("prompt", "consent"),
        ];
        let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        let joint = if authorize_url.contains('?') { '&' } else { '?' };
        format!("{authorize_url}{joint}{}", query.join("&"))
    }

    /// The code that the browser brings; `None` for anything that is not the answer to this question (a favicon, a guess).
    fn code(&self, target: &str) -> Result<Option<String>, String> {
        let Some((_, query)) = target.split_once('?') else { return Ok(None) };
        let query = query.split(['#', ' ']).next().unwrap_or_default();
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| *key == name).find_map(|(_, value)| decoded(value))
        };
        if value("state").as_deref() != Some(self.state.as_str()) {
            return Ok(None);
        }
        match (value("code"), value("error").as_deref()) {
            (_, Some("access_denied")) => Err("it was refused in the browser".into()),
            (_, Some(error)) => Err(format!("the provider refuses ({})", printable(error))),
            (code, None) => Ok(code),
        }
    }

    fn exchange(&self, account: &Account, code: &str) -> Result<Grant, String> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        let answer = account.ask(&account.token_url, &form).map_err(|fault| fault.reason)?;
        granted(&answer).map_err(|refusal| refusal.about(&account.user).reason)
    }
}

/// The target of each request; ends when nobody wants them any more.
fn visitors(listener: &TcpListener, found: &Sender<String>) {
    for visitor in listener.incoming().flatten() {
        if let Some(target) = visit(visitor)
            && found.send(target).is_err()
        {
            return;
        }
    }
}

fn visit(mut visitor: TcpStream) -> Option<String> {
    visitor.set_read_timeout(Some(VISIT)).ok()?;
    visitor.set_write_timeout(Some(VISIT)).ok()?;
    let mut first = String::new();
    BufReader::new((&mut visitor).take(LONGEST_LINE)).read_line(&mut first).ok()?;
    let _ = visitor.write_all(PAGE.as_bytes());
    first.strip_prefix("GET ").map(str::to_owned)
}

fn lines(pasted: impl Read, found: &Sender<String>) {
    for line in BufReader::new(pasted).lines().map_while(Result::ok) {
        if found.send(line.trim().to_owned()).is_err() {
            return;
        }
    }
}

/// 256 bits, as RFC 7636 4.1 wants them.
fn random() -> Result<String, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| format!("no random numbers: {e}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// RFC 3986 2.1.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// `None` where it is not properly encoded.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        rest = more;
        bytes.push(match first {
            b'%' => {
                let (digits, more) = rest.split_at_checked(2)?;
                rest = more;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for text in ["", "a b&c=d/é?%+", "https://mail.google.com/"] {
            assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        }
        assert_eq!(encoded("a b/ü"), "a%20b%2F%C3%BC");
        for text in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
