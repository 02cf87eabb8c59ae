//! Sending over SMTP. At most once: a mail is `Accepted` only on a clear answer to its final dot, and `Unknown`
//! whenever both sides may own it. Never retries, never sends to more than the customer and the own copy. Connections are
//! kept for the next mail; one that proves dead before the server's "go ahead" has taken nothing and is made anew, once.
//!
//! The dialogue is our own. lettre's low-level connection writes its terminator whether or not the iterator before it
//! was happy (so the last question before the dot could not stop a mail), adds an empty line to mails that end in
//! CRLF, takes bytes that came early for the answer to the next command, and does not show the text of a refusal.
//! Its types still encode the login.

mod dialogue;
mod login;
mod outcome;
mod session;
#[cfg(test)]
mod tests;

use crate::adapters::tls::{Line, Login, NoLine, Security, Server};
use crate::failpoints::pass;
use crate::ports::{BeforeDot, Delivery, Outgoing, OutgoingMail};
use async_trait::async_trait;
use dialogue::{Dialogue, Reply};
use login::Authentication;
use outcome::{Phase, broken, refused};
use session::{Session, Stopped};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Whoever sits between us and the server can take the offer away, and would then read everything.
const NO_STARTTLS: &str = "when connecting: the server does not offer STARTTLS, so nothing is said to it in the clear";

/// A server that takes our mail. Mails that are handed over at the same time go over connections of their own.
pub struct Smtp {
    server: Server,
    login: Option<Login>,
    patience: Patience,
    connections: usize,
    /// Connections that wait for the next mail.
    kept: Mutex<Vec<Session>>,
    /// The last mail was handed over within [`SWIFT`], and its connection waits for the next one.
    swift: AtomicBool,
}

/// From MAIL to the answer to the final dot: a server on this machine or in this building.
const SWIFT: Duration = Duration::from_millis(100);

/// How long to wait in each phase (minimum client timeouts of RFC 5321 4.5.3.2).
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Each address, and the TLS handshake.
    pub connect: Duration,
    /// Greeting, EHLO, AUTH, MAIL, RCPT.
    pub reply: Duration,
    /// The answer to DATA.
    pub data: Duration,
    /// Each 64 KiB of the mail.
    pub block: Duration,
    /// The answer to the final dot.
    pub dot: Duration,
    pub quit: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        let seconds = Duration::from_secs;
        Patience {
            connect: seconds(30),
            reply: seconds(300),
            data: seconds(120),
            block: seconds(180),
            dot: seconds(600),
            quit: seconds(5),
        }
    }
}

impl Smtp {
    pub fn new(server: Server, login: Option<Login>) -> Smtp {
        Smtp {
            server,
            login,
            patience: Patience::default(),
            connections: 1,
            kept: Mutex::default(),
            swift: AtomicBool::new(false),
        }
    }

    pub fn with_patience(self, patience: Patience) -> Smtp {
        Smtp { patience, ..self }
    }

    /// Over how many connections mails may go at once.
    pub fn with_connections(self, connections: usize) -> Smtp {
        Smtp { connections, ..self }
    }

    /// Connects, secures the line, says EHLO and logs in.
    async fn open(&self) -> Result<(Dialogue<Line>, Offers), Delivery> {
        let line = self.server.connect(self.patience.connect).await.map_err(no_line)?;
        pass("smtp.connected").map_err(broken)?;
        let mut talk = Dialogue::new(line);
        success(Phase::Opening, talk.reply(self.patience.reply).await)?;
        pass("smtp.greeted").map_err(broken)?;
        let mut offers = self.hello(&mut talk).await?;
        pass("smtp.hello").map_err(broken)?;
        if self.server.security == Security::StartTls {
            if !offers.has("STARTTLS") {
                return Err(Delivery::Later { reason: NO_STARTTLS.into(), lane: true });
            }
            talk = self.start_tls(talk).await?;
            offers = self.hello(&mut talk).await?;
        }
        if let Some(login) = &self.login {
            self.authenticate(&mut talk, &offers, login).await?;
        }
        pass("smtp.login").map_err(broken)?;
        Ok((talk, offers))
    }

    async fn hello(&self, talk: &mut Dialogue<Line>) -> Result<Offers, Delivery> {
        let name = match talk.line().local_addr() {
            Ok(address) if address.is_ipv6() => format!("[IPv6:{}]", address.ip()),
            Ok(address) => format!("[{}]", address.ip()),
            Err(_) => "localhost".into(),
        };
        let reply = success(Phase::Opening, talk.ask(&format!("EHLO {name}"), self.patience.reply).await)?;
        Ok(Offers(reply.lines.iter().skip(1).map(|line| line.to_ascii_uppercase()).collect()))
    }

    /// Not one byte may come between the server's "ready" and the handshake: it would be believed as if it were secured.
    async fn start_tls(&self, mut talk: Dialogue<Line>) -> Result<Dialogue<Line>, Delivery> {
        let ready = success(Phase::Opening, talk.ask("STARTTLS", self.patience.reply).await)?;
        if ready.code != 220 {
            return Err(refused(Phase::Opening, &ready));
        }
        let line = match talk.into_line().map_err(broken)? {
            Line::Clear(line) => line,
            Line::Secured(_) => return Err(broken("the line is secured already".into())),
        };
        Ok(Dialogue::new(self.server.secure(line, self.patience.connect).await.map_err(no_line)?))
    }

    async fn authenticate(&self, talk: &mut Dialogue<Line>, offers: &Offers, login: &Login) -> Result<(), Delivery> {
        let (server, offered, patience) = (&self.server, offers.mechanisms(), self.patience.reply);
        Authentication { server, login, offered, patience }.run(talk).await
    }

    async fn transact(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Result<Delivery, Delivery> {
        presentable(mail)?;
        pass("smtp.begin").map_err(broken)?;
        if let Some(mut session) = self.take_kept().await {
            match self.envelope(&mut session, mail).await {
                Ok(()) => return self.hand_over(session, mail, before_dot).await,
                Err(stopped) if stopped.in_order => return Err(self.refuse(session, stopped).await),
                // It was closed while it waited, and has taken nothing: one more try, over a new one.
                Err(_) => {}
            }
        }
        let (talk, offers) = self.open().await?;
        let mut session = Session::new(talk, offers, self.patience);
        match self.envelope(&mut session, mail).await {
            Ok(()) => self.hand_over(session, mail, before_dot).await,
            Err(stopped) => Err(self.refuse(session, stopped).await),
        }
    }

    async fn envelope(&self, session: &mut Session, mail: &OutgoingMail) -> Result<(), Stopped> {
        match session.offers.lacks(mail) {
            Some(outcome) => Err(Stopped { outcome, in_order: true }),
            None => session.envelope(mail).await,
        }
    }

    async fn hand_over(
        &self,
        mut session: Session,
        mail: &OutgoingMail,
        before_dot: BeforeDot<'_>,
    ) -> Result<Delivery, Delivery> {
        let (delivery, in_order) = session.hand_over(mail, before_dot).await.map_err(|stopped| stopped.outcome)?;
        let was_refused = !matches!(delivery, Delivery::Accepted { .. });
        let swift = session.took() <= SWIFT;
        let kept = in_order && self.keep(session, was_refused).await;
        self.swift.store(swift && kept, Ordering::Relaxed);
        Ok(delivery)
    }

    async fn refuse(&self, session: Session, stopped: Stopped) -> Delivery {
        if stopped.in_order {
            self.keep(session, true).await;
        }
        stopped.outcome
    }

    async fn keep(&self, mut session: Session, was_refused: bool) -> bool {
        let goes_on = session.goes_on(was_refused).await;
        if goes_on {
            self.kept().push(session);
        } else {
            session.quit().await;
        }
        goes_on
    }

    /// The connection that was used last, if it can still be used; those that cannot are closed.
    async fn take_kept(&self) -> Option<Session> {
        loop {
            let mut session = self.kept().pop()?;
            if session.is_fresh().await {
                return Some(session);
            }
            session.quit().await;
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Outgoing for Smtp {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        self.transact(mail, before_dot).await.unwrap_or_else(|outcome| {
            self.swift.store(false, Ordering::Relaxed);
            outcome
        })
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn is_swift(&self) -> bool {
        self.swift.load(Ordering::Relaxed)
    }

    async fn rest(&self) {
        let kept = std::mem::take(&mut *self.kept());
        futures_util::future::join_all(kept.into_iter().map(Session::quit)).await;
    }

    async fn probe(&self) -> Result<String, String> {
        match self.open().await {
            Ok((talk, offers)) => {
                let session = Session::new(talk, offers, self.patience);
                let protection = session.line().protection();
                session.quit().await;
                let logged_in = if self.login.is_some() { ", logged in" } else { ", no login configured" };
                Ok(format!("{} answers, {protection}{logged_in}", self.server))
            }
            Err(
                Delivery::Later { reason, .. }
                | Delivery::Never { reason, .. }
                | Delivery::Doubtful { reason }
                | Delivery::Unknown { reason },
            ) => Err(reason),
            Err(Delivery::Accepted { reply }) => Ok(reply),
        }
    }
}

fn no_line(fault: NoLine) -> Delivery {
    Delivery::Later { reason: fault.reason, lane: fault.lasting }
}

fn success(phase: Phase, answer: Result<Reply, String>) -> Result<Reply, Delivery> {
    match answer {
        Ok(reply) if reply.is_success() => Ok(reply),
        Ok(reply) => Err(refused(phase, &reply)),
        Err(reason) => Err(broken(reason)),
    }
}

/// What the server offers: the lines of its answer to EHLO, in capitals.
struct Offers(Vec<String>);

impl Offers {
    fn has(&self, keyword: &str) -> bool {
        self.0.iter().any(|line| line.split_whitespace().next() == Some(keyword))
    }

    /// The names after AUTH; some old servers write `AUTH=LOGIN`.
    fn mechanisms(&self) -> Vec<String> {
        let lines = self.0.iter().map(|line| line.replace("AUTH=", "AUTH "));
        let offered = lines.filter(|line| line.split_whitespace().next() == Some("AUTH"));
        offered.flat_map(|line| line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// RFC 1870 (size), 6152 (8 bit), 6531 (addresses), 3461 (what a bounce shall contain).
    fn mail_parameters(&self, mail: &OutgoingMail) -> String {
        let mut parameters = String::new();
        if self.has("SIZE") {
            let _ = write!(parameters, " SIZE={}", mail.bytes.len());
        }
        if !mail.bytes.is_ascii() {
            parameters.push_str(" BODY=8BITMIME");
        }
        if needs_utf8(mail) {
            parameters.push_str(" SMTPUTF8");
        }
        if self.has("DSN") {
            let _ = write!(parameters, " RET=HDRS ENVID={}", xtext(&mail.message_id));
        }
        parameters
    }

    fn notify(&self, when: &str) -> String {
        if self.has("DSN") { format!(" NOTIFY={when}") } else { String::new() }
    }

    fn lacks(&self, mail: &OutgoingMail) -> Option<Delivery> {
        if needs_utf8(mail) && !self.has("SMTPUTF8") {
            let reason = "the server takes no addresses with letters outside ASCII".into();
            return Some(Delivery::Never { reason, address: true });
        }
        if !mail.bytes.is_ascii() && !self.has("8BITMIME") {
            let reason = "the server takes no mail with 8-bit characters".into();
            return Some(Delivery::Never { reason, address: false });
        }
        None
    }
}

fn needs_utf8(mail: &OutgoingMail) -> bool {
    !(mail.sender.is_ascii() && mail.recipient.is_ascii())
}

/// RFC 3461 section 4.
fn xtext(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, b| {
        match b {
            b'!'..=b'~' if b != b'+' && b != b'=' => text.push(char::from(b)),
            _ => {
                let _ = write!(text, "+{b:02X}");
            }
        }
        text
    })
}

/// Refuses what would break the dialogue: an address that could carry a command, a line end that servers read
/// differently (SMTP smuggling).
fn presentable(mail: &OutgoingMail) -> Result<(), Delivery> {
    for address in [&mail.sender, &mail.recipient] {
        if !is_address(address) {
            let reason = format!("{address:?} is not a mail address");
            return Err(Delivery::Never { reason, address: *address == mail.recipient });
        }
    }
    let bare = |(i, b): (usize, &u8)| match b {
        b'\r' => mail.bytes.get(i + 1) != Some(&b'\n'),
        b'\n' => i == 0 || mail.bytes.get(i - 1) != Some(&b'\r'),
        0 => true,
        _ => false,
    };
    if mail.bytes.is_empty() || mail.bytes.iter().enumerate().any(bare) {
        let reason = "the mail is empty or holds a bare CR, LF or NUL".into();
        return Err(Delivery::Never { reason, address: false });
    }
    Ok(())
}

fn is_address(address: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '\\' | '"');
    let parts = address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    parts && address.len() <= 320 && !address.contains(odd)
}

/// The mail with a second dot before each line that begins with one (RFC 5321 4.5.2), ending in CRLF.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}
