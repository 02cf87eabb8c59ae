//! Delivery reports: RFC 3464 and the imitations of large providers and old MTAs.

use super::automatic::automatic;
use super::message::{Message, Report};
use regex::{Regex, RegexBuilder};
use serde::Serialize;
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bounce {
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`.
    pub action: String,
    /// Enhanced status code (RFC 3463), like `5.1.1`.
    pub status: Option<String>,
    pub recipient: Option<String>,
    /// Message-ID of the mail that bounced, without angle brackets.
    pub original_message_id: Option<String>,
}

impl Bounce {
    /// The mail did not arrive and will not: action failed, or a 5.x.x status.
    pub fn is_permanent(&self) -> bool {
        self.action == "failed" && !self.status.as_deref().is_some_and(|s| s.starts_with("4."))
    }
}

/// Reads a delivery report; `None` when the mail is none.
pub fn bounce(message: &Message) -> Option<Bounce> {
    let machine =
        message.report.as_ref().filter(|report| report.kind == "delivery-status" || is_refusal(report, message));
    if machine.is_none() && (message.report.is_some() || !is_imitation(message)) {
        return None;
    }
    let returned = returned(message);
    let notice = notice(message);
    let said = Said::by(&notice, message);
    let fields = machine.map(|report| fields(&report.text)).or_else(|| fields_in_text(&notice)).unwrap_or_default();
    let status = fields.status.or_else(|| fields.diagnostic.as_deref().and_then(status_in)).or(said.status);
    Some(Bounce {
        action: fields.action.unwrap_or_else(|| action(status.as_deref(), said.delayed)),
        recipient: fields
            .recipient
            .or(said.recipient)
            .or_else(|| header_in(&returned, "to").and_then(|to| address_in(&to))),
        original_message_id: original_id(&returned, &notice, message),
        status,
    })
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).multi_line(true).build().expect("BUG: pattern")
}

/// A receipt (RFC 8098) by which a mail store says that it threw the mail away, as Dovecot does for a full mailbox.
fn is_refusal(report: &Report, message: &Message) -> bool {
    report.kind == "disposition-notification"
        && header_in(&report.text, "disposition")
            .is_some_and(|value| value.to_lowercase().starts_with("automatic-action"))
        && undelivered_text(&message.text)
}

/// A report in the words of an MTA or provider that does not know RFC 3464: it comes from a machine and says that
/// something was not delivered.
fn is_imitation(message: &Message) -> bool {
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
    let (subject, text) = (undelivered_subject(&message.subject), undelivered_text(&message.text));
    if SENDER.is_match(&message.from) || NAME.is_match(&message.from_name) || NAME.is_match(&message.from) {
        // Nothing else ever comes from a mailer daemon.
        return subject || text || message.from.starts_with("mailer-daemon@");
    }
    // Answering machines use the empty sender too.
    let null_sender = message.raw_headers.iter().any(|(name, value)| {
        name == "return-path" && (value == "<>" || value.to_lowercase().contains("mailer-daemon"))
    });
    if null_sender || message.from.is_empty() {
        return subject || (text && automatic(message, &message.text, &|| false).is_none());
    }
    subject && text && message.references.is_empty() && address_in(&message.text).is_some()
}

fn undelivered_subject(subject: &str) -> bool {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:\[[^\]]*\]\s*)?(?:undeliver(?:ed|able)|returned? (?:mail|message|to sender)|mail (?:system )?(?:delivery )?(?:error|fail|not deliver|return|status)|failure (?:notice|delivery)|failed mail|mailfehler|delivery (?:status|failure|has failed|report|notification|error|problem|delayed|incomplete|unsuccessful)|message (?:delivery|status|not|could not|undeliver|you sent)|",
            r"non[- ]?deliver|nondeliverable|not deliver|could not be delivered|couldn't|unable to deliver|warning: (?:could not|message)|delayed mail|delay(?:ed)? (?:in )?|user unknown|unknown user|nicht zustellbar|unzustellbar|zustellung|onbestelbaar|niet te bezorgen|niet bezorgd|bezorging|kan niet worden bezorgd|non remis|non distribu|échec|remise|undelivered|no se puede|mensaje no entregado|mancata consegna|mail could not|e?mail (?:bounced|rejected|blocked)|rejected|account disabled|mailbox|quota|banned|spam|permanent|problem(?:s)? delivering|ответ|недостав)|",
            r"there was an error sending your mail|\((?:delivery failed|undeliverable|non remis)\)",
        ))
    });
    let subject = subject.trim();
    SUBJECT.is_match(subject)
}

fn undelivered_text(text: &str) -> bool {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"(?:could|can|would|did)(?:\s*not|n't) (?:be )?(?:delivered|deliver|reach|send|be sent|be found|complete delivery)|(?:was|were|wasn't|is|has|have)(?: not|n't)?(?: been)?(?: yet)?(?: successfully)? (?:able to deliver|undeliverable|delivered to (?:the )?following|been delivered|rejected|refused|bounced)|unable to (?:deliver|send|be delivered|complete|relay)|undeliver(?:able|ed)|delivery (?:to|of|has|for|failed|error|failure|attempt)|failed (?:to deliver|permanently|recipient)|",
            r"permanent (?:fatal )?(?:error|failure)|fatal error|(?:user|recipient|mailbox|account|address|host|domain)s? (?:is |was |has |name )?(?:unknown|not found|unavailable|disabled|inactive|does not exist|doesn't exist|full|over quota|rejected|invalid|exceeded|suspended|deactivated)|(?:unknown|invalid|no such|bad|inactive) (?:user|recipient|address|mailbox|local|host|domain|account)|over (?:its |their )?(?:disk )?quota|quota exceeded|mailbox (?:is )?full|doesn't have|does not (?:exist|like recipient|have)|no (?:mailbox|account)|not (?:listed in|a valid|accepted|deliver)|",
            r"niet (?:worden )?(?:bezorgd|afgeleverd|besteld|bestaat)|kon niet (?:worden )?(?:bezorgd|afgeleverd|besteld)|nicht (?:zugestellt|ausgeliefert|gefunden)|konnte nicht (?:zugestellt|übermittelt|ausgeliefert)|n'a pas (?:pu|été)|non (?:remis|distribu)|no (?:se )?pudo|\b[45]\d\d[ -][45]\.\d\.\d",
        ))
    });
    TEXT.is_match(text)
}

/// What the machine's own words say, without the mail it returns.
fn notice(message: &Message) -> String {
    static COPY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^[-=* ]*(?:this is a copy of (?:the|your) (?:message|mail)|below this line is a copy|original message follows|(?:the )?(?:original|returned|unsent|undelivered) (?:message|mail)(?: (?:follows|text|headers?|is attached|below))?|(?:the )?(?:headers?|text) of (?:the|your) (?:original )?(?:message|mail)|message (?:header|text|body)s? follows?|copy of (?:the|your) (?:original )?message|included is a copy|your original message|start of (?:returned|original) message)",
        )
    });
    let text = &message.text;
    let end = COPY.find_iter(text).map(|found| found.start()).find(|&start| start > 0).unwrap_or(text.len());
    text[..end].to_owned()
}

/// The mail that came back: the returned part, an attached mail, or what follows in the text.
pub fn returned(message: &Message) -> String {
    if let Some(returned) = &message.returned {
        return returned.clone();
    }
    let attached = message.attachments.iter().find(|part| {
        part.mime.starts_with("message/rfc822") || part.mime.starts_with("text/rfc822") || part.mime == "message/global"
    });
    match attached {
        Some(part) => String::from_utf8_lossy(&part.bytes).replace("\r\n", "\n"),
        // The line that announces it is not part of it.
        None => message.text[notice(message).len()..]
            .split_once('\n')
            .map(|(_, rest)| rest.trim_start())
            .unwrap_or_default()
            .to_owned(),
    }
}

/// First value of a header anywhere in a returned mail, unfolded.
fn header_in(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        let value = line
            .get(..name.len())
            .filter(|start| start.eq_ignore_ascii_case(name))
            .and_then(|_| line[name.len()..].trim_start().strip_prefix(':'));
        if let Some(value) = value {
            let folded = if value.trim().is_empty() { lines.next().unwrap_or_default() } else { "" };
            return Some(format!("{} {}", value.trim(), folded.trim()).trim().to_owned());
        }
    }
    None
}

fn original_id(returned: &str, notice: &str, message: &Message) -> Option<String> {
    static ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"<\s*([^<>\s]+@[^<>\s]+?)\s*>"));
    let in_header = |text: &str| {
        header_in(text, "message-id").and_then(|value| ID.captures(&value).map(|found| found[1].to_owned()))
    };
    in_header(returned)
        .or_else(|| in_header(notice))
        .or_else(|| {
            message
                .report
                .as_ref()
                .and_then(|report| header_in(&report.text, "x-original-message-id"))
                .map(|id| id.trim_matches(['<', '>']).to_owned())
        })
        .or_else(|| message.references.first().cloned())
}

/// The fields of one recipient (RFC 3464 section 2.3).
#[derive(Clone, Debug, Default)]
struct Fields {
    action: Option<String>,
    status: Option<String>,
    recipient: Option<String>,
    diagnostic: Option<String>,
}

/// The recipient who matters most: failed before delayed before delivered.
fn fields(report: &str) -> Fields {
    let blocks = report.replace("\r\n", "\n");
    let all: Vec<Fields> = blocks
        .split("\n\n")
        .map(recipient_fields)
        .filter(|f| f.recipient.is_some() || f.action.is_some() || f.status.is_some())
        .collect();
    let rank = |fields: &&Fields| match fields.action.as_deref() {
        Some("failed") => 0,
        Some("delayed") => 1,
        Some(_) => 3,
        None => 2,
    };
    all.iter().min_by_key(rank).cloned().unwrap_or_default()
}

fn recipient_fields(block: &str) -> Fields {
    let last = |name: &str| header_in(block, name).filter(|value| !value.is_empty());
    let typed = |value: String| value.split_once(';').map_or(value.clone(), |(_, address)| address.trim().to_owned());
    let named = ["final-recipient", "original-recipient", "x-actual-recipient"].into_iter().filter_map(last);
    let named: Vec<String> = named.map(typed).filter_map(|value| address_in(&value)).collect();
    // An address without a dot is a name inside the reporting system.
    let outside = named.iter().find(|address| address.rsplit('@').next().is_some_and(|domain| domain.contains('.')));
    let recipient = outside.or(named.first()).cloned();
    Fields {
        action: last("action").and_then(|action| known_action(&action)),
        status: last("status").and_then(|status| status_in(&status)),
        recipient,
        diagnostic: whole_field(block, "diagnostic-code"),
    }
}

/// A field with its folded lines.
fn whole_field(block: &str, name: &str) -> Option<String> {
    let mut value: Option<String> = None;
    for line in block.lines() {
        match &mut value {
            Some(value) if line.starts_with([' ', '\t']) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            Some(_) => break,
            None => {
                let found = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
                value = found.and_then(|_| line[name.len()..].trim_start().strip_prefix(':')).map(str::to_owned);
            }
        }
    }
    value
}

fn known_action(action: &str) -> Option<String> {
    let action = action.trim().to_lowercase();
    ["failed", "delayed", "delivered", "relayed", "expanded"]
        .into_iter()
        .find(|known| action.starts_with(&known[..known.len() - 2]))
        .map(str::to_owned)
}

/// Report fields that stand in the readable text.
fn fields_in_text(notice: &str) -> Option<Fields> {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:final|original)-recipient\s*:"));
    FIELD.is_match(notice).then(|| fields(notice))
}

fn action(status: Option<&str>, delayed: bool) -> String {
    match status.and_then(|status| status.chars().next()) {
        Some('2') => "delivered",
        Some('5') => "failed",
        _ if delayed => "delayed",
        Some(_) | None => "failed",
    }
    .to_owned()
}

/// What can be learnt from the words of a notice.
struct Said {
    status: Option<String>,
    recipient: Option<String>,
    delayed: bool,
}

impl Said {
    fn by(notice: &str, message: &Message) -> Said {
        static DELAYED: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"delayed|will (?:be )?(?:retr|keep trying|continue|try again)|still being retried|not yet been delivered|has not been delivered (?:yet|for)|warning message only|do not need to resend|nog niet (?:bezorgd|afgeleverd)|vertraag|verzöger|noch nicht zugestellt|pas encore (?:été )?(?:remis|distribué)|retard",
            )
        });
        let delayed = DELAYED.is_match(&message.subject) || DELAYED.is_match(notice);
        Said {
            status: status_in(notice).or_else(|| status_by_words(notice, delayed)),
            recipient: recipient(notice, message),
            delayed,
        }
    }
}

/// The first enhanced status code (RFC 3463) in a text; a part of an IP address is none.
fn status_in(text: &str) -> Option<String> {
    static STATUS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.(?:\D|$)|$)"));
    STATUS.captures(text).map(|found| found[1].to_owned())
}

/// Status codes for what machines say in words, or by an SMTP reply only.
fn status_by_words(notice: &str, delayed: bool) -> Option<String> {
    static REPLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^\d.])([45])([0-5]\d)(?:[ :-]|$)"));
    static WORDS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"quota|mailbox (?:is )?full|storage|exceeded|exceeds? (?:the )?(?:size|limit)|vol\b", ".2.2"),
            (r"(?:host|domain)s? (?:is |was |name )?(?:unknown|not found)|unknown (?:host|domain)|no such (?:host|domain)|name service error|nxdomain|couldn't find any host", ".1.2"),
            (r"disabled|inactive|deactivated|suspended|discontinued|no longer (?:available|active)", ".2.1"),
            (r"unknown user|user unknown|no such (?:user|recipient|account|mailbox|address)|(?:does not|doesn't|not) exist|unknown (?:recipient|address|account)|invalid (?:recipient|user|mailbox)|not listed|no mailbox|recipient (?:unknown|rejected|not found)|not found|bestaat niet|unbekannt|inconnu", ".1.1"),
            (r"spam|blocked|blacklist|denied|policy|virus|junk", ".7.1"),
            (r"timed? ?out|connection refused|no route|unreachable", ".4.1"),
        ]
        .into_iter()
        .map(|(words, code)| (pattern(words), code))
        .collect()
    });
    let class = REPLY.captures(notice).map(|found| found[1].to_owned());
    let detail = WORDS.iter().find(|(words, _)| words.is_match(notice)).map(|(_, code)| *code);
    match (class, detail) {
        (None, None) => None,
        (class, detail) => {
            let class = class.unwrap_or_else(|| if delayed { "4".into() } else { "5".into() });
            Some(format!("{class}{}", detail.unwrap_or(".0.0")))
        }
    }
}

fn addresses(text: &str) -> impl Iterator<Item = String> + '_ {
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"[^\s<>,;:"'()\[\]{}=|&]+@[a-z0-9][a-z0-9.-]*[a-z0-9]"#));
    ADDRESS.find_iter(text).map(|found| found.as_str().trim_matches(['.', '*', '/']).to_lowercase())
}

fn address_in(text: &str) -> Option<String> {
    addresses(text).next()
}

/// Whom the notice names as not reached: not the machine, not ourselves.
fn recipient(notice: &str, message: &Message) -> Option<String> {
    static MACHINE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:mailer-daemon|postmaster|abuse|support|helpdesk|hostmaster)@|^\d[\w.]*@"));
    let failed = message
        .raw_headers
        .iter()
        .find(|(name, _)| name == "x-failed-recipients")
        .and_then(|(_, value)| address_in(value));
    let ours = |address: &String| {
        *address == message.from || message.recipients.contains(address) || MACHINE.is_match(address)
    };
    failed.or_else(|| addresses(notice).find(|address| !ours(address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_by_the_book() {
        let raw = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n\
            Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nNot delivered.\n\
            --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ok@klant.example\nAction: delivered\nStatus: 2.0.0\n\n\
            Final-Recipient: rfc822; weg@klant.example\nAction: failed\nStatus: 5.1.1 (unknown)\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n\n\
            --x\nContent-Type: text/rfc822-headers\n\nMessage-ID:\n <l1@bedrijf.example>\nSubject: Herinnering\n--x--\n";
        let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!(bounce.action, "failed");
        assert_eq!(bounce.status.as_deref(), Some("5.1.1"));
        assert_eq!(bounce.recipient.as_deref(), Some("weg@klant.example"));
        assert_eq!(bounce.original_message_id.as_deref(), Some("l1@bedrijf.example"));
        assert!(bounce.is_permanent());
    }

    #[test]
    fn a_plain_text_imitation() {
        let raw = "From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender\nTo: kas@bedrijf.example\n\n\
            A message that you sent could not be delivered:\n\n  weg@klant.example\n    host mx.klant.example [192.5.1.12]: 550 Unknown user\n\n\
            ------ This is a copy of the message, including all the headers. ------\n\nFrom: kas@bedrijf.example\nTo: weg@klant.example\nMessage-ID: <l2@bedrijf.example>\n\nBetaalt u?\n";
        let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!((bounce.action.as_str(), bounce.status.as_deref()), ("failed", Some("5.1.1")));
        assert_eq!(bounce.recipient.as_deref(), Some("weg@klant.example"));
        assert_eq!(bounce.original_message_id.as_deref(), Some("l2@bedrijf.example"));
    }

    #[test]
    fn a_delay_is_not_the_end() {
        let raw = "From: postmaster@mx.example\nSubject: Warning: message still undelivered after 4 hours\n\nThe mail to weg@klant.example is delayed, we will keep trying. 4.4.1\n";
        let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!(bounce.action, "delayed");
        assert!(!bounce.is_permanent());
    }

    #[test]
    fn a_person_who_writes_about_a_bounce() {
        let raw = "From: An <an@klant.example>\nSubject: Re: Undelivered Mail\nIn-Reply-To: <1@b.example>\n\nUw vorige mail kon niet worden bezorgd, mijn mailbox was vol.\n";
        assert_eq!(bounce(&Message::parse(raw.as_bytes()).unwrap()), None);
    }
}
