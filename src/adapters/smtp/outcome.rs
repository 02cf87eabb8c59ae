//! What a reply means for the mail: one table, no network. When in doubt after the final dot, the mail is never sent again.

use super::dialogue::Reply;
use crate::ports::Delivery;

/// How far the conversation was when the reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Greeting, EHLO, STARTTLS: nothing has been said about the mail.
    Opening,
    Login,
    Sender,
    Recipient,
    Data,
    Dot,
}

/// A reply other than the hoped-for one, before the final dot was sent.
pub(super) fn refused(phase: Phase, reply: &Reply) -> Delivery {
    match reply.code {
        400..=499 => later(phase, reply.text()),
        500..=599 => permanent(phase, reply),
        _ => later(phase, format!("unexpected answer: {}", reply.text())),
    }
}

/// The connection broke, hung or spoke nonsense before the final dot was sent: surely not accepted (RFC 5321 4.1.1.4).
pub(super) fn broken(reason: String) -> Delivery {
    Delivery::Later { reason, lane: false }
}

/// The answer to the final dot, or what came instead of one.
pub(super) fn after_dot(answer: Result<Reply, String>) -> Delivery {
    let reply = match answer {
        Ok(reply) if reply.clean => reply,
        Ok(reply) => return Delivery::Unknown { reason: format!("garbled answer after the mail: {}", reply.text()) },
        Err(reason) => return Delivery::Unknown { reason },
    };
    match reply.code {
        250..=259 => Delivery::Accepted { reply: reply.text() },
        400..=599 => refused(Phase::Dot, &reply),
        _ => Delivery::Unknown { reason: format!("unexpected answer after the mail: {}", reply.text()) },
    }
}

fn later(phase: Phase, reason: String) -> Delivery {
    Delivery::Later { reason: format!("{}{reason}", at(phase)), lane: false }
}

fn permanent(phase: Phase, reply: &Reply) -> Delivery {
    let reason = format!("{}{}", at(phase), reply.text());
    let about_recipient = matches!(phase, Phase::Recipient | Phase::Dot);
    match (reply.code, reply.enhanced()) {
        (530 | 534 | 535 | 538, _) | (_, Some((7, _))) => Delivery::Later { reason, lane: true },
        // Our login, or a server that takes no mail from us at all: no fault of this mail.
        _ if matches!(phase, Phase::Opening | Phase::Login) => Delivery::Later { reason, lane: true },
        // 5.1.7 and 5.1.8 are about the sender's address (RFC 3463 3.2): every mail of ours would fail.
        (_, Some((1, 7 | 8))) => Delivery::Later { reason, lane: true },
        // So would they when it is refused without a word about this mail's size (5.3.4) or content (5.6.x).
        (code, status) if phase == Phase::Sender && code != 552 && !matches!(status, Some((3, 4) | (6, _))) => {
            Delivery::Later { reason, lane: true }
        }
        (550, Some((5, 0))) if phase == Phase::Dot => Delivery::Doubtful { reason },
        (_, Some((1, _))) if about_recipient => Delivery::Never { reason, address: true },
        (550 | 553, _) if phase == Phase::Recipient => Delivery::Never { reason, address: true },
        _ => Delivery::Never { reason, address: false },
    }
}

fn at(phase: Phase) -> &'static str {
    match phase {
        Phase::Opening => "when connecting: ",
        Phase::Login => "when logging in: ",
        Phase::Sender => "about the sender: ",
        Phase::Recipient => "about the recipient: ",
        Phase::Data => "before the mail: ",
        Phase::Dot => "after the mail: ",
    }
}
