//! Whether a mail is a delivery report in the words of an MTA or provider that does not know RFC 3464.

use super::notice::address_in;
use super::pattern;
use super::returned::{header_in, returned};
use crate::mail::automatic::automatic;
use crate::mail::message::Message;
use crate::mail::pattern::Pattern;
use regex::Regex;
use std::sync::LazyLock;

/// It comes from a machine and says that something was not delivered.
pub fn is_imitation(message: &Message) -> bool {
    static SENDER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:mailer[-_.]?daemon|mdaemon|post_?master|mail[-_.]?(?:delivery|system|admin|gateway|er)|mailerdaemon|bounces?|non[-_]?delivery|microsoftexchange\w*|daemon|smtp|root|uucp|sys-admin|maildelivery\w*|double-bounce|administrator)\b",
        )
    });
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"mail delivery|delivery (?:sub)?system|mailer[- ]?daemon|postmaster|system administrator|delivery (?:failure|notification)|mail administrator|internet mail|mail system",
        )
    });
    if message.raw_headers.iter().any(|(name, _)| name == "x-failed-recipients") {
        return true;
    }
    let subject = undelivered_subject(&message.subject);
    let text = || undelivered_text(&message.text);
    if SENDER.is_match(&message.from) || NAME.is_match(&message.from_name) || NAME.is_match(&message.from) {
        // Nothing else ever comes from a mailer daemon.
        return subject || text() || message.from.starts_with("mailer-daemon@");
    }
    // Answering machines use the empty sender too.
    let null_sender = message.raw_headers.iter().any(|(name, value)| {
        name == "return-path" && (value == "<>" || value.to_lowercase().contains("mailer-daemon"))
    });
    if null_sender || message.from.is_empty() {
        return subject || (text() && automatic(message, &message.text, &|| false).is_none());
    }
    if nobody_reads(message) && returns_a_mail(message) {
        return subject || text();
    }
    subject && text() && message.references.is_empty() && address_in(&message.text).is_some()
}

/// A sender that takes no answer.
fn nobody_reads(message: &Message) -> bool {
    static NOBODY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply)\b"));
    NOBODY.is_match(&message.from)
}

/// The mail that could not be delivered stands below the notice, with its own headers.
fn returns_a_mail(message: &Message) -> bool {
    let returned = returned(message);
    header_in(&returned, "received").is_some() && header_in(&returned, "message-id").is_some()
}

fn undelivered_subject(subject: &str) -> bool {
    static SUBJECT: LazyLock<Pattern> = LazyLock::new(|| {
        Pattern::new(concat!(
            r"^(?:\[[^\]]*\]\s*)?(?:undeliver(?:ed|able)|returned? (?:mail|message|to sender)|mail (?:system )?(?:delivery )?(?:error|fail|not deliver|return|status)|failure (?:notice|delivery)|failed mail|mailfehler|delivery (?:status|failure|has failed|report|notification|error|problem|delayed|incomplete|unsuccessful)|message (?:delivery|status|not|could not|undeliver|you sent)|",
            r"non[- ]?deliver|nondeliverable|not deliver|could not be delivered|couldn't|unable to deliver|warning: (?:could not|message)|delayed mail|delay(?:ed)? (?:in )?|user unknown|unknown user|nicht zustellbar|unzustellbar|zustellung|onbestelbaar|niet te bezorgen|niet bezorgd|bezorging|kan niet worden bezorgd|non remis|non distribu|échec|remise|undelivered|no se puede|mensaje no entregado|mancata consegna|mail could not|e?mail (?:bounced|rejected|blocked)|rejected|account disabled|mailbox|quota|banned|spam|permanent|problem(?:s)? delivering|ответ|недостав)|",
            r"there was an error sending your mail|\((?:delivery failed|undeliverable|non remis)\)",
        ))
    });
    let subject = subject.trim();
    SUBJECT.is_match(subject)
}

pub fn undelivered_text(text: &str) -> bool {
    static TEXT: LazyLock<Pattern> = LazyLock::new(|| {
        Pattern::new(concat!(
            r"(?:could|can|would|did)(?:\s*not|n't) (?:be )?(?:delivered|deliver|reach|send|be sent|be found|complete delivery)|(?:was|were|wasn't|is|has|have)(?: not|n't)?(?: been)?(?: yet)?(?: successfully)? (?:able to deliver|undeliverable|delivered to (?:the )?following|been delivered|rejected|refused|bounced)|unable to (?:deliver|send|be delivered|complete|relay)|undeliver(?:able|ed)|delivery (?:to|of|has|for|failed|error|failure|attempt)|failed (?:to deliver|permanently|recipient)|",
            r"permanent (?:fatal )?(?:error|failure)|fatal error|(?:user|recipient|mailbox|account|address|host|domain)s? (?:is |was |has |name )?(?:unknown|not found|unavailable|disabled|inactive|does not exist|doesn't exist|full|over quota|rejected|invalid|exceeded|suspended|deactivated)|(?:unknown|invalid|no such|bad|inactive) (?:user|recipient|address|mailbox|local|host|domain|account)|over (?:its |their )?(?:disk )?quota|quota exceeded|mailbox (?:is )?full|doesn't have|does not (?:exist|like recipient|have)|no (?:mailbox|account)|not (?:listed in|a valid|accepted|deliver)|",
            r"niet (?:worden )?(?:bezorgd|afgeleverd|besteld|bestaat)|kon niet (?:worden )?(?:bezorgd|afgeleverd|besteld)|nicht (?:zugestellt|ausgeliefert|gefunden)|konnte nicht (?:zugestellt|übermittelt|ausgeliefert)|n'a pas (?:pu|été)|non (?:remis|distribu)|no (?:se )?pudo|\b[45]\d\d[ -][45]\.\d\.\d",
        ))
    });
    TEXT.is_match(text)
}
