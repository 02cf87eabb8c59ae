//! AUTH (RFC 4954): PLAIN or LOGIN with a password, XOAUTH2 or OAUTHBEARER with an access token.

use super::dialogue::{Dialogue, Reply};
use super::outcome::{Phase, broken, refused};
use crate::adapters::login::{AccessToken, AccessTokens, Bearer, Login, NoToken, Password, base64};
use crate::adapters::tls::{Line, Server};
use crate::ports::Delivery;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use std::time::Duration;

/// One login on one connection.
pub(super) struct Authentication<'a> {
    pub server: &'a Server,
    pub login: &'a Login,
    /// The names after AUTH in the server's answer to EHLO, in capitals.
    pub offered: Vec<String>,
    pub patience: Duration,
}

impl Authentication<'_> {
    pub async fn run(&self, talk: &mut Dialogue<Line>) -> Result<(), Delivery> {
        match &self.login.password {
            Password::Fixed(password) => self.with_password(talk, password).await,
            Password::Token(tokens) => self.with_token(talk, tokens.as_ref()).await,
        }
    }

    fn offers(&self, name: &str) -> bool {
        self.offered.iter().any(|offered| offered == name)
    }

    async fn with_password(&self, talk: &mut Dialogue<Line>, password: &str) -> Result<(), Delivery> {
        let mechanism = match (self.offers("PLAIN"), self.offers("LOGIN")) {
            (true, _) => Mechanism::Plain,
            (false, true) => Mechanism::Login,
            (false, false) => return Err(lane("the server offers neither AUTH PLAIN nor AUTH LOGIN")),
        };
        let credentials = Credentials::new(self.login.user.clone(), password.to_owned());
        let mut command = Auth::new(mechanism, credentials.clone(), None).map_err(|_| lane("cannot be encoded"))?;
        for _ in 0..4 {
            let reply = talk.ask(command.to_string().trim_end(), self.patience).await.map_err(broken)?;
            match reply.code {
                200..=299 => return Ok(()),
                334 => command = answer(mechanism, &credentials, &reply).ok_or_else(|| lane("unknown challenge"))?,
                _ => return Err(refused(Phase::Login, &reply)),
            }
        }
        Err(lane("the server asks again and again"))
    }

    /// A token that is refused (535) may have been revoked early: a new one is tried, once.
    async fn with_token(&self, talk: &mut Dialogue<Line>, tokens: &dyn AccessTokens) -> Result<(), Delivery> {
        let bearer = Bearer::choose(|name| self.offers(name))
            .ok_or_else(|| lane("the server offers neither AUTH XOAUTH2 nor AUTH OAUTHBEARER"))?;
        let token = tokens.access_token(None).await.map_err(no_token)?;
        let first = self.say(talk, bearer, &token).await.map_err(broken)?;
        if first.code != 535 {
            return settled(&first);
        }
        let token = tokens.access_token(Some(&token)).await.map_err(no_token)?;
        match self.say(talk, bearer, &token).await {
            Ok(second) => settled(&second),
            // It hung up after its refusal, so the refusal stands.
            Err(_) => settled(&first),
        }
    }

    /// The server's last word about this token.
    async fn say(&self, talk: &mut Dialogue<Line>, bearer: Bearer, token: &AccessToken) -> Result<Reply, String> {
        let words = bearer.first(&self.login.user, &self.server.host, self.server.port, token);
        let reply = talk.ask(&format!("AUTH {} {}", bearer.name(), base64(&words)), self.patience).await?;
        match reply.code {
            334 => talk.ask(&base64(bearer.after_refusal()), self.patience).await,
            _ => Ok(reply),
        }
    }
}

fn settled(reply: &Reply) -> Result<(), Delivery> {
    if reply.is_success() { Ok(()) } else { Err(refused(Phase::Login, reply)) }
}

fn lane(reason: &str) -> Delivery {
    Delivery::Later { reason: format!("when logging in: {reason}"), lane: true }
}

fn no_token(fault: NoToken) -> Delivery {
    Delivery::Later { reason: format!("when logging in: {}", fault.reason), lane: fault.lasting }
}

fn answer(mechanism: Mechanism, credentials: &Credentials, challenge: &Reply) -> Option<Auth> {
    let challenge: lettre::transport::smtp::response::Response =
        format!("334 {}\r\n", challenge.lines.first()?).parse().ok()?;
    Auth::new_from_response(mechanism, credentials.clone(), &challenge).ok()
}
