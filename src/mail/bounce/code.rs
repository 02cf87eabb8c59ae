//! Status codes (RFC 3463), written or meant, and what kind of failure they tell of.

use super::{Kind, pattern};
use regex::Regex;
use std::sync::LazyLock;

/// The first enhanced status code (RFC 3463) in a text; a part of an IP address is none.
pub fn status_in(text: &str) -> Option<String> {
    static STATUS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.(?:\D|$)|$)"));
    STATUS.captures(text).map(|found| found[1].to_owned())
}

/// What words mean, as the last two figures of a code; what is said most plainly comes first.
const WORDS: [(&str, &str); 8] = [
    (
        ".2.2",
        r"quota|full (?:mail ?box|inbox)|mail ?box (?:is |was )?(?:too )?full|(?:mailbox|inbox|storage|mail ?folder)[^.\n]{0,40}(?:full|exceed|limit)|storage|exceeds? (?:the )?(?:allowed )?(?:size|limit)|over ?limit|boîte (?:aux lettres )?pleine|postvak (?:is )?vol\b|vol\b|postfach (?:ist )?voll|speicherplatz",
    ),
    (
        ".1.2",
        r"(?:host|domain)s? (?:is |was |name )?(?:unknown|not found|does not exist)|unknown (?:host|domain)|no such (?:host|domain)|name service error|nxdomain|couldn't find any host|no (?:mx|a) records?|bad destination (?:host|system)|unrouteable (?:mail )?domain|domain bestaat niet",
    ),
    (
        ".2.1",
        r"disabled|inactive|deactivated|suspended|discontinued|no longer (?:available|active)|\blocked|account (?:has )?expired",
    ),
    (
        ".1.1",
        r"(?:unknown|invalid|no such|bad) (?:user|recipient|account|mailbox|address|local)|(?:user|recipient|address|account|mailbox) (?:is |was |name )?(?:unknown|invalid|not (?:found|exist|known|valid|listed|recogni[sz]ed|registered))|(?:does not|doesn't|not) exist|not listed|no mailbox|no longer (?:valid|in use)|recipient rejected|not found|no matches|bestaat niet|unbekannt|existiert nicht|inconnu|n'existe pas",
    ),
    (
        ".7.1",
        r"spam|blocked|black ?list|block ?list|denied|policy|virus|junk|listed (?:at|in|by|on) \S*(?:rbl|bl\b|spamhaus|spamcop)|spf|dmarc|dkim|reverse dns|ptr record|not authori[sz]ed|authentication required|content rejected|reputation",
    ),
    // How RFC 5321 words "try again later": no reason.
    (".2.0", r"\b4[25]\d[ :;#-][^\n]{0,80}mailbox unavailable|mailbox unavailable[^\n]{0,40}try again"),
    // Said of any refusal of a recipient, so only where no other reason is given.
    (".1.1", r"mailbox unavailable|does not like recipient"),
    (
        ".4.1",
        r"timed? ?out|connection (?:refused|reset)|did not accept our requests to connect|no route|unreachable|multiple retries|retry (?:time|limit)|giving up|too long|not responding|\bexpired|failed \d+ attempts|aborted after|temporar(?:y|ily)|try (?:again )?later|not available",
    ),
];

static BY_WORDS: LazyLock<Vec<(Regex, &str)>> =
    LazyLock::new(|| WORDS.into_iter().map(|(code, words)| (pattern(words), code)).collect());

/// Status codes for what machines say in words, or by an SMTP reply only.
pub fn status_by_words(notice: &str, delayed: bool) -> Option<String> {
    static REPLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^\d.@-])([45])([0-7]\d)(?:[ :;-]|$)"));
    let class = REPLY.captures(notice).map(|found| found[1].to_owned());
    let detail = detail(notice);
    match (class, detail) {
        (None, None) => None,
        (class, detail) => {
            let class = class.unwrap_or_else(|| if delayed { "4".into() } else { "5".into() });
            Some(format!("{class}{}", detail.unwrap_or(".0.0")))
        }
    }
}

fn detail(text: &str) -> Option<&'static str> {
    BY_WORDS.iter().find(|(words, _)| words.is_match(text)).map(|(_, code)| *code)
}

/// What a failure says about the address. The receiving server's own code tells it best, then its words, then the code
/// of the machine that reports; doubt is permanent, so that a human looks.
pub fn kind_of(action: &str, status: Option<&str>, diagnostic: Option<&str>, notice: &str) -> Kind {
    match action {
        "failed" => {}
        "delayed" => return Kind::Delayed,
        _ => return Kind::Delivered,
    }
    let spoken = diagnostic.and_then(status_in).or_else(|| status_in(notice));
    let codes = [spoken.as_deref(), status].into_iter().flatten();
    codes
        .filter_map(kind_by_code)
        .next()
        .or_else(|| kind_by_detail(detail(diagnostic.unwrap_or(notice))?))
        .or_else(|| kind_by_detail(detail(notice)?))
        .unwrap_or(match status {
            Some(status) if status.starts_with('4') => Kind::Temporary,
            Some(_) | None => Kind::Permanent,
        })
}

/// A code whose last figures say something; `x.0.0` and the like say nothing.
fn kind_by_code(status: &str) -> Option<Kind> {
    let (class, detail) = status.split_once('.')?;
    match detail {
        "2.2" | "2.4" => Some(Kind::MailboxFull),
        _ if detail.starts_with("7.") => Some(Kind::Blocked),
        "0.0" | "1.0" | "2.0" | "3.0" | "4.0" | "5.0" => None,
        // "Delivery time expired" is temporary whatever the class.
        "4.7" | "4.1" | "4.2" => Some(Kind::Temporary),
        _ if class == "4" => Some(Kind::Temporary),
        _ if detail.starts_with("1.") || detail.starts_with("2.1") || detail.starts_with("4.4") => {
            Some(Kind::Permanent)
        }
        _ => None,
    }
}

fn kind_by_detail(detail: &str) -> Option<Kind> {
    match detail {
        ".2.2" => Some(Kind::MailboxFull),
        ".7.1" => Some(Kind::Blocked),
        ".4.1" => Some(Kind::Temporary),
        ".2.0" => None,
        _ => Some(Kind::Permanent),
    }
}
