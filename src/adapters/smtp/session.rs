//! A connection that is logged in, and one mail after another over it. A mail is known to the server only from the
//! answer to its DATA on: a connection that breaks before that has taken nothing.

use super::dialogue::{Dialogue, Reply};
use super::outcome::{Phase, after_dot, broken, refused};
use super::{Offers, Patience, is_address, needs_utf8, stuffed, success};
use crate::adapters::tls::Line;
use crate::failpoints::pass;
use crate::ports::{BeforeDot, Delivery, OutgoingMail};
use std::time::{Duration, Instant};

const BLOCK: usize = 64 * 1024;
/// Many servers end a connection that brings more.
const MOST_MAILS: usize = 100;
/// A connection that was idle for longer is closed: servers do the same after minutes, some sooner.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

pub(super) struct Session {
    talk: Dialogue<Line>,
    pub offers: Offers,
    patience: Patience,
    /// Mails that were begun.
    mails: usize,
    /// When the last of them was begun.
    begun: Instant,
    /// The last moment at which the server answered.
    answered: Instant,
}

/// A mail that did not come to its final dot.
pub(super) struct Stopped {
    pub outcome: Delivery,
    /// The connection is in order; only this mail was refused.
    pub in_order: bool,
}

impl Stopped {
    /// The connection broke, or the server said something that was not an answer.
    pub fn gone(reason: String) -> Stopped {
        Stopped { outcome: broken(reason), in_order: false }
    }

    /// A clear refusal. 421 announces that the server closes the connection (RFC 5321 4.2.3).
    fn refused(phase: Phase, reply: &Reply) -> Stopped {
        Stopped { outcome: refused(phase, reply), in_order: reply.code != CLOSING }
    }
}

const CLOSING: u16 = 421;

impl Session {
    pub fn new(talk: Dialogue<Line>, offers: Offers, patience: Patience) -> Session {
        let now = Instant::now();
        Session { talk, offers, patience, mails: 0, begun: now, answered: now }
    }

    /// Everything up to the server's "go ahead".
    pub async fn envelope(&mut self, mail: &OutgoingMail) -> Result<(), Stopped> {
        self.mails += 1;
        self.begun = Instant::now();
        let from = format!("MAIL FROM:<{}>{}", mail.sender, self.offers.mail_parameters(mail));
        self.must(Phase::Sender, &from).await?;
        pass("smtp.sender").map_err(Stopped::gone)?;
        let to = format!("RCPT TO:<{}>{}", mail.recipient, self.offers.notify("FAILURE,DELAY"));
        self.must(Phase::Recipient, &to).await?;
        pass("smtp.recipient").map_err(Stopped::gone)?;
        let sayable = |copy: &&String| is_address(copy) && (copy.is_ascii() || needs_utf8(mail));
        if let Some(copy) = mail.own_copy.as_ref().filter(sayable) {
            // The copy is evidence for us; a refusal of it is no reason to keep the letter from the customer.
            let to = format!("RCPT TO:<{copy}>{}", self.offers.notify("NEVER"));
            self.talk.ask(&to, self.patience.reply).await.map_err(Stopped::gone)?;
        }
        let go = self.talk.ask("DATA", self.patience.data).await.map_err(Stopped::gone)?;
        if go.code == 354 { Ok(()) } else { Err(Stopped::refused(Phase::Data, &go)) }
    }

    async fn must(&mut self, phase: Phase, command: &str) -> Result<(), Stopped> {
        let reply = self.talk.ask(command, self.patience.reply).await.map_err(Stopped::gone)?;
        if reply.is_success() { Ok(()) } else { Err(Stopped::refused(phase, &reply)) }
    }

    /// The mail, the last question, the final dot and its answer. On a fault before the dot the connection must be
    /// dropped: whatever is said would be a line of the mail. Gives the outcome and whether the connection is in order.
    pub async fn hand_over(
        &mut self,
        mail: &OutgoingMail,
        before_dot: BeforeDot<'_>,
    ) -> Result<(Delivery, bool), Stopped> {
        pass("smtp.data").map_err(Stopped::gone)?;
        for block in stuffed(&mail.bytes).chunks(BLOCK) {
            self.talk.write(block, self.patience.block).await.map_err(Stopped::gone)?;
        }
        pass("smtp.body").map_err(Stopped::gone)?;
        self.talk.must_be_quiet().await.map_err(Stopped::gone)?;
        before_dot.ask().await.map_err(Stopped::gone)?;
        // What came while the intent was written down would be taken for the answer to the dot.
        self.talk.must_be_quiet().await.map_err(Stopped::gone)?;
        pass("smtp.dot.allowed").map_err(Stopped::gone)?;
        let answer = match self.talk.write(b".\r\n", self.patience.dot).await {
            Ok(()) => match pass("smtp.dot.written") {
                Ok(()) => self.talk.reply(self.patience.dot).await,
                Err(reason) => Err(reason),
            },
            Err(reason) => Err(reason),
        };
        let answer = pass("smtp.dot.answered").and(answer);
        let closing = matches!(&answer, Ok(reply) if reply.code == CLOSING);
        let delivery = after_dot(answer);
        let in_order = !closing && !matches!(delivery, Delivery::Unknown { .. });
        Ok((delivery, in_order))
    }

    /// Whether more mails may follow; asked between two of them. After a refusal the server is told to forget the mail.
    pub async fn goes_on(&mut self, was_refused: bool) -> bool {
        self.answered = Instant::now();
        let forgotten = match was_refused {
            true => success(Phase::Sender, self.talk.ask("RSET", self.patience.reply).await).is_ok(),
            false => true,
        };
        forgotten && self.mails < MOST_MAILS
    }

    /// How long the last mail has taken so far.
    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Still connected as far as can be seen, not idle for too long, and silent.
    pub async fn is_fresh(&mut self) -> bool {
        self.answered.elapsed() < LONGEST_IDLE && self.talk.must_be_quiet().await.is_ok()
    }

    /// Says goodbye; what comes of it does not matter.
    pub async fn quit(mut self) {
        let _ = pass("smtp.quit");
        let _ = self.talk.ask("QUIT", self.patience.quit).await;
    }

    pub fn line(&self) -> &Line {
        self.talk.line()
    }
}
