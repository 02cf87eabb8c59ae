//! Who we say we are to a mail server, and what proves it: a password, or an access token (RFC 6749) and how it is said
//! (SASL, RFC 4422). Nothing in here is ever printed.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::sync::Arc;

/// Name and proof.
#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub password: Password,
}

#[derive(Clone)]
pub enum Password {
    Fixed(String),
    /// A fresh token each time.
    Token(Arc<dyn AccessTokens>),
}

impl From<&str> for Password {
    fn from(password: &str) -> Password {
        Password::Fixed(password.to_owned())
    }
}

impl From<String> for Password {
    fn from(password: String) -> Password {
        Password::Fixed(password)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

/// Where access tokens come from.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// A token that should be accepted now, and is not `refused`, which a server has just not accepted.
    async fn access_token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, NoToken>;
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoToken {
    pub reason: String,
    /// Trying again will not help until somebody looks: the authorization ended, or the settings are wrong.
    pub lasting: bool,
}

impl NoToken {
    pub(super) fn now(reason: impl Into<String>) -> NoToken {
        NoToken { reason: reason.into(), lasting: false }
    }

    pub(super) fn lasting(reason: impl Into<String>) -> NoToken {
        NoToken { reason: reason.into(), lasting: true }
    }
}

/// Visible ASCII (RFC 6749 A.12), so that it cannot end a command or a field of one.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

impl AccessToken {
    /// `None` for what no token can be.
    pub fn new(text: &str) -> Option<AccessToken> {
        let whole = !text.is_empty() && text.bytes().all(|b| (0x21..=0x7e).contains(&b));
        whole.then(|| AccessToken(text.to_owned()))
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// How a token is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    /// Google's and Microsoft's own.
    XOAuth2,
    /// RFC 7628.
    OAuthBearer,
}

impl Bearer {
    /// By what the server offers.
    pub fn choose(offers: impl Fn(&str) -> bool) -> Option<Bearer> {
        [Bearer::XOAuth2, Bearer::OAuthBearer].into_iter().find(|bearer| offers(bearer.name()))
    }

    pub fn name(self) -> &'static str {
        match self {
            Bearer::XOAuth2 => "XOAUTH2",
            Bearer::OAuthBearer => "OAUTHBEARER",
        }
    }

    /// The first and only thing that the client says, before base64. `user` holds no control characters.
    pub fn first(self, user: &str, host: &str, port: u16, token: &AccessToken) -> String {
        let token = &token.0;
        match self {
            Bearer::XOAuth2 => format!("user={user}\x01auth=Bearer {token}\x01\x01"),
            Bearer::OAuthBearer => {
                let name = user.replace('=', "=3D").replace(',', "=2C");
                format!("n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")
            }
        }
    }

    /// The answer to the challenge that tells why a token is refused; only then does the refusal itself come.
    pub fn after_refusal(self) -> &'static str {
        match self {
            Bearer::XOAuth2 => "",
            Bearer::OAuthBearer => "\x01",
        }
    }
}

pub(super) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_never_printed() {
        let login = Login { user: "owner".into(), password: "geheim".into() };
        assert_eq!(format!("{login:?}"), "Login(…)");
        assert_eq!(format!("{:?}", AccessToken::new("ya29.geheim")), "Some(AccessToken(…))");
    }

    #[test]
    fn a_token_is_visible_ascii() {
        for text in ["", "a b", "a\x01b", "a\r\nb", "é"] {
            assert_eq!(AccessToken::new(text), None, "{text:?}");
        }
    }

    /// The examples of Google's description of XOAUTH2 and of RFC 7628 4.1.
    #[test]
    fn tokens_are_said_as_published() {
        let token = AccessToken::new("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg").unwrap();
        assert_eq!(
            base64(&Bearer::XOAuth2.first("someuser@example.com", "imap.example.com", 993, &token)),
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
        let token = AccessToken::new("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==").unwrap();
        assert_eq!(
            base64(&Bearer::OAuthBearer.first("user@example.com", "server.example.com", 143, &token)),
            "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
        );
        assert!(Bearer::OAuthBearer.first("a=b,c", "h", 1, &token).starts_with("n,a=a=3Db=2Cc,\x01"));
        assert_eq!(base64(Bearer::OAuthBearer.after_refusal()), "AQ==");
        assert_eq!(Bearer::choose(|name| name == "OAUTHBEARER"), Some(Bearer::OAuthBearer));
        assert_eq!(Bearer::choose(|_| true), Some(Bearer::XOAuth2));
        assert_eq!(Bearer::choose(|name| name == "PLAIN"), None);
    }
}
