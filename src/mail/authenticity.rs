//! Who may be believed: by a DKIM signature that we checked ourselves, or else, where the owner named it, by the
//! `Authentication-Results` of the own mail server. Every doubt is E0: this file can only take trust away from a mail,
//! never from another mail's evidence.

mod results;

use super::dkim::{self, Look, Seal, Verdict};
use super::message::{Message, without_envelope_line};
use crate::dunning::evidence::Evidence;
use chrono::{DateTime, TimeDelta, Utc};
use results::{check_dmarc, our_results};

/// E1: the From domain was authenticated; E0: anything else, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticity {
    E1 { domain: String, by: Proof },
    E0 { why: String },
}

impl Authenticity {
    /// How far what it tells of money is believed.
    pub fn evidence(&self) -> Evidence {
        match self {
            Authenticity::E1 { .. } => Evidence::Notice,
            Authenticity::E0 { .. } => Evidence::Word,
        }
    }
}

/// What an E1 rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A signature that we checked.
    Seal(Box<Seal>),
    /// Our own mail server says so.
    OurServer,
}

impl Proof {
    /// Whether what the mail brings along is proven with it: its kind and its id too must be signed.
    pub fn covers_attachments(&self) -> bool {
        match self {
            Proof::Seal(seal) => seal.covers("content-type") && seal.covers("message-id"),
            Proof::OurServer => true,
        }
    }

    /// In words, after the domain: "… is authenticated".
    pub fn told(&self) -> String {
        match self {
            Proof::Seal(seal) => {
                let day = seal.checked_at.format("%Y-%m-%d %H:%M UTC");
                format!("by its DKIM signature, key {}._domainkey.{}, checked on {day}", seal.selector, seal.domain)
            }
            Proof::OurServer => "by our own mail server".to_owned(),
        }
    }
}

/// By what a mail may be believed.
#[derive(Clone, Copy, Default)]
pub struct Grounds<'a> {
    /// Our own look at its signatures; `None` = nobody looked.
    pub look: Option<&'a Look>,
    /// Whose Authentication-Results may be believed where our own look says nothing; `None` = nobody's.
    pub authserv_id: Option<&'a str>,
    /// Whether an address is ours: a signed notice must have been written to us. `None` = every address is.
    pub ours: Option<&'a dyn Fn(&str) -> bool>,
    /// When our server took the mail in; `None` = when its topmost Received says.
    pub arrived: Option<DateTime<Utc>>,
}

/// What a mail would do if it were believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A bank tells of money.
    BankNotice,
    /// The owner answers our digest.
    OwnerCommand,
}

/// Headers that change what a mail says: two of them are read differently by different programs.
const ONCE: [&str; 8] = [
    "to",
    "sender",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "in-reply-to",
    "references",
];
/// How old a mail may be when it arrives, and how far ahead of us its writer's clock.
const OLDEST: TimeDelta = TimeDelta::days(2);
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// Applies the rules of SECURITY.md to one mail: exactly one From with one plain ASCII address at a domain in `allowed`,
/// and that domain proven by a signature that we checked, or else by our own mail server.
pub fn authenticate(
    raw: &[u8],
    message: &Message,
    grounds: &Grounds<'_>,
    allowed: &[String],
    role: Role,
) -> Authenticity {
    match believed(raw, message, grounds, allowed, role) {
        Ok((domain, by)) => Authenticity::E1 { domain, by },
        Err(why) => Authenticity::E0 { why },
    }
}

fn believed(
    raw: &[u8],
    message: &Message,
    grounds: &Grounds<'_>,
    allowed: &[String],
    role: Role,
) -> Result<(String, Proof), String> {
    let domain = well_formed_sender(raw, message, allowed)?;
    // Where our own look says something, nobody else is asked.
    match dkim::judge(message, &domain, allowed, needed(role), grounds.look) {
        Verdict::Sealed(seal) => {
            fits_arrival(message, grounds.arrived.or_else(|| message.arrived()))?;
            if role == Role::BankNotice {
                written_to_us(message, grounds.ours)?;
            }
            Ok((domain, Proof::Seal(Box::new(seal))))
        }
        Verdict::Refused(why) => Err(why),
        Verdict::Waiting(why) | Verdict::Nothing(why) => {
            by_our_server(message, &domain, grounds.authserv_id, &why)?;
            Ok((domain, Proof::OurServer))
        }
    }
}

/// The names of the keys that must be asked before this mail can be judged by its signatures.
pub fn keys_to_ask(raw: &[u8], message: &Message, allowed: &[String]) -> Vec<String> {
    match well_formed_sender(raw, message, allowed) {
        Ok(domain) => dkim::keys_to_ask(message, &domain, allowed),
        Err(_) => Vec::new(),
    }
}

/// What a signature must cover.
fn needed(role: Role) -> &'static [&'static str] {
    match role {
        Role::BankNotice => &["from", "date", "subject", "to"],
        Role::OwnerCommand => &["from", "date", "subject"],
    }
}

/// The From domain of a mail that can be read in one way only.
fn well_formed_sender(raw: &[u8], message: &Message, allowed: &[String]) -> Result<String, String> {
    refuse_odd_bytes(raw)?;
    for name in ["from", "date", "message-id", "subject"] {
        let count = values(message, name).count();
        if count != 1 {
            return Err(format!("the mail has {count} {name} headers instead of one"));
        }
    }
    if let Some(name) = ONCE.iter().find(|name| values(message, name).count() > 1) {
        return Err(format!("the mail has several {name} headers"));
    }
    let domain = from_domain(message)?;
    if !allowed.iter().any(|one| one.trim().eq_ignore_ascii_case(&domain)) {
        return Err(format!("{domain} is not a known sender domain"));
    }
    Ok(domain)
}

/// A signed mail that is old, or was sent on, may be somebody's second use of it.
fn fits_arrival(message: &Message, arrived: Option<DateTime<Utc>>) -> Result<(), String> {
    let date = message.date.ok_or("its date cannot be read")?.with_timezone(&Utc);
    if let Some(arrived) = arrived
        && !(arrived - OLDEST..=arrived + AHEAD).contains(&date)
    {
        return Err(format!("it is of {date}, but came in at {arrived}"));
    }
    let resent = message.raw_headers.iter().any(|(name, _)| name.starts_with("resent-"));
    if resent { Err("somebody sent it on (Resent-)".to_owned()) } else { Ok(()) }
}

fn written_to_us(message: &Message, ours: Option<&dyn Fn(&str) -> bool>) -> Result<(), String> {
    let Some(is_ours) = ours else { return Ok(()) };
    let to = values(message, "to").next().and_then(one_address).ok_or("To does not hold exactly one plain address")?;
    if is_ours(&to.to_ascii_lowercase()) { Ok(()) } else { Err(format!("it was written to {to}, which is not us")) }
}

fn by_our_server(message: &Message, domain: &str, authserv_id: Option<&str>, why: &str) -> Result<(), String> {
    let id = authserv_id.map(str::trim).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| format!("{why}, and no authserv_id is configured whose word would do"))?;
    let results = our_results(message, id)?;
    check_dmarc(&results, domain)
}

/// NUL, and a CR without LF, are read differently by different programs: what one takes for a header another does not.
fn refuse_odd_bytes(raw: &[u8]) -> Result<(), String> {
    let raw = without_envelope_line(raw);
    let end = raw.windows(2).position(|pair| pair == b"\n\n");
    let end = end.into_iter().chain(raw.windows(4).position(|four| four == b"\r\n\r\n")).min().unwrap_or(raw.len());
    let headers = &raw[..end];
    let bare_return = headers.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
    if headers.contains(&0) || bare_return || headers_end(headers) {
        return Err("the headers hold bytes that mail programs read differently".to_owned());
    }
    Ok(())
}

/// A line among the headers that is neither one nor goes on with one: some programs begin the body there.
fn headers_end(headers: &[u8]) -> bool {
    let is_header = |line: &[u8]| {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        name.len() < line.len() && !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
    };
    let goes_on = |line: &[u8]| line.starts_with(b" ") || line.starts_with(b"\t");
    let lines = headers.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines
        .enumerate()
        .any(|(at, line)| if goes_on(line) { at == 0 || line.trim_ascii().is_empty() } else { !is_header(line) })
}

fn values<'m>(message: &'m Message, name: &'m str) -> impl Iterator<Item = &'m str> {
    message.raw_headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// The domain of the one plain address in From, which must be the one that the rest of the house works with.
fn from_domain(message: &Message) -> Result<String, String> {
    let value = values(message, "from").next().unwrap_or_default();
    let address = one_address(value).ok_or("From does not hold exactly one plain address")?.to_ascii_lowercase();
    if address != message.from {
        return Err("From can be read in two ways".to_owned());
    }
    address.split_once('@').map(|(_, domain)| domain.to_owned()).ok_or_else(|| "From has no domain".to_owned())
}

/// `name <address>` or a bare address. No list, no group, no comment, nothing but ASCII in the address.
fn one_address(value: &str) -> Option<&str> {
    let mut quoted = false;
    let mut escaped = false;
    let mut brackets = Vec::new();
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            ',' | ';' | ':' | '(' | ')' | '\\' => return None,
            '<' | '>' => brackets.push((at, c)),
            _ => {}
        }
    }
    let value = value.trim();
    let address = match brackets.as_slice() {
        [] if !quoted => value,
        [(_, '<'), (_, '>')] if !quoted && value.ends_with('>') => value.rsplit_once('<')?.1.strip_suffix('>')?,
        _ => return None,
    };
    is_plain_address(address).then_some(address)
}

fn is_plain_address(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let local_fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let is_encoded_word = local.contains("=?");
    !local.is_empty() && !is_encoded_word && local.bytes().all(local_fits) && is_host(domain)
}

pub(super) fn is_host(domain: &str) -> bool {
    domain.contains('.') && are_labels(domain)
}

/// Words of ASCII letters, digits and hyphens, with points between them.
pub(super) fn are_labels(name: &str) -> bool {
    name.split('.').all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "mx.ons.example";
    const RECEIVED: &str =
        "Received: from mta.bank.example (mta.bank.example [192.0.2.1]) by mx.ons.example (Postfix) with ESMTPS id 1";
    const PASS: &str = "Authentication-Results: mx.ons.example; dkim=pass header.d=bank.example; dmarc=pass (p=reject) header.from=bank.example";

    fn mail(trace: &[&str], from: &str) -> Vec<u8> {
        let rest =
            "Date: Fri, 20 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@bank.example>\r\nSubject: Bij\r\n\r\nHallo\r\n";
        format!("{}\r\nFrom: {from}\r\n{rest}", trace.join("\r\n")).into_bytes()
    }

    fn by(authserv_id: Option<&str>) -> Grounds<'_> {
        Grounds { authserv_id, ..Grounds::default() }
    }

    fn judge(raw: &[u8]) -> Authenticity {
        let message = Message::parse(raw).unwrap();
        authenticate(
            raw,
            &message,
            &by(Some(ID)),
            &["bank.example".to_owned(), "mail.bank.example".to_owned()],
            Role::BankNotice,
        )
    }

    fn is_believed(trace: &[&str], from: &str) -> bool {
        matches!(judge(&mail(trace, from)), Authenticity::E1 { .. })
    }

    const FROM: &str = "Bank <alert@bank.example>";

    #[test]
    fn believes_our_own_server() {
        assert_eq!(
            judge(&mail(&[PASS, RECEIVED], FROM)),
            Authenticity::E1 { domain: "bank.example".into(), by: Proof::OurServer }
        );
        let filter = "Received: from localhost (localhost [127.0.0.1]) by mx.ons.example (Postfix) with ESMTP id 2";
        let lmtp = "Received: from mx.ons.example by mx.ons.example (Dovecot) with LMTP id 3";
        assert!(is_believed(&[lmtp, filter, PASS, RECEIVED], FROM), "own hops above");
        let harmless = "Authentication-Results: smtp.bank.example; auth=pass smtp.auth=alerts";
        assert!(is_believed(&[PASS, RECEIVED, harmless], FROM));
        let spelled = [
            "Authentication-Results: MX.ons.example 1; dmarc=pass header.from=BANK.example",
            "Authentication-Results: (c (d)) \"mx.ons.example\" (x); dmarc (a) / 1 = (b) pass reason=\"ok; dmarc=fail\" header . from = \"bank.example\"",
            "Authentication-Results: mx.ons.example;\r\n\tspf=none smtp.mailfrom=\"x; dmarc=fail\"@a.example;\r\n\tdkim=pass header.b=ab+c=; dmarc=pass header.from=bank.example;",
        ];
        for header in spelled {
            assert!(is_believed(&[header, RECEIVED], FROM), "{header}: {:?}", judge(&mail(&[header, RECEIVED], FROM)));
        }
    }

    #[test]
    fn believes_nobody_else() {
        let results = [
            "Authentication-Results: mx.ons.example.evil.example; dmarc=pass header.from=bank.example",
            "Authentication-Results: mx.ons.example; dmarc=fail header.from=bank.example",
            "Authentication-Results: mx.ons.example; dmarc=pass header.from=evil.example",
            "Authentication-Results: mx.ons.example; dmarc=pass",
            "Authentication-Results: mx.ons.example; dkim=pass header.d=bank.example; spf=pass",
            "Authentication-Results: mx.ons.example; none",
            "Authentication-Results: mx.ons.example 2; dmarc=pass header.from=bank.example",
            "Authentication-Results: evil.example; x=\"mx.ons.example; dmarc=pass header.from=bank.example\"",
            "Authentication-Results: mx.ons.example; spf=fail smtp.mailfrom=\"dmarc=pass header.from=bank.example\"@e.example",
            "Authentication-Results: mx.ons.example; spf=fail (dmarc=pass header.from=bank.example",
            "Authentication-Results: mx.ons.example; dmarc=pass header.from=bank.example; dmarc=fail header.from=bank.example",
            "X-Authentication-Results: mx.ons.example; dmarc=pass header.from=bank.example",
        ];
        for header in results {
            assert!(!is_believed(&[header, RECEIVED], FROM), "{header}");
        }
        assert!(!is_believed(&[RECEIVED, PASS], FROM), "below what our server wrote about a foreign host");
        assert!(!is_believed(&[PASS, RECEIVED, PASS], FROM), "a second one in our name");
        assert!(!is_believed(&[PASS, RECEIVED, "Authentication-Results: MX.ONS.EXAMPLE (broken"], FROM));
        let helo = "Received: from [127.0.0.1] (evil.example [203.0.113.9]) by mx.ons.example with ESMTP id 1";
        assert!(!is_believed(&[helo, PASS], FROM));
    }

    #[test]
    fn from_must_be_one_plain_address_of_a_known_domain() {
        for from in [
            "alert@bank.example",
            "\"a@evil.example, x\" <alert@BANK.example>",
            "=?utf-8?q?B=C3=A4nk?= <a@bank.example>",
        ] {
            let trace = [PASS, RECEIVED];
            assert!(is_believed(&trace, from), "{from}: {:?}", judge(&mail(&trace, from)));
        }
        let refused = [
            "alert@bank.example <x@evil.example>",
            "\"alert@bank.example\" <x@evil.example>",
            "alert@sub.bank.example",
            "a@bank.example, b@bank.example",
            "Bank: a@bank.example;",
            "<a@bank.example> <x@evil.example>",
            "<a@x@bank.example>",
            "a@bank.example (x)",
            "<é@bank.example>",
            "<a@bänk.example>",
            "Bank",
            "",
            "<=?utf-8?q?a?=@bank.example>",
            "a@bank.example\r\nFrom: a@bank.example",
        ];
        for from in refused {
            assert!(!is_believed(&[PASS, RECEIVED], from), "{from}");
        }
    }

    #[test]
    fn no_id_no_trust() {
        let raw = mail(&[PASS, RECEIVED], FROM);
        let message = Message::parse(&raw).unwrap();
        let judged = |id, allowed: &[String]| authenticate(&raw, &message, &by(id), allowed, Role::BankNotice);
        assert!(matches!(judged(None, &["bank.example".into()]), Authenticity::E0 { .. }));
        assert!(matches!(judged(Some(ID), &[]), Authenticity::E0 { .. }));
        let text = String::from_utf8(raw).unwrap();
        for odd in [
            text.replace("Subject: Bij", "Subject: Bij\rFrom: x"),
            text.replace("Bij", "B\0ij"),
            text.replace("Subject: Bij\r\n", ""),
        ] {
            assert!(matches!(judge(odd.as_bytes()), Authenticity::E0 { .. }), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn total(value in "[ ;=()\"\\\\a-z./1@]{0,60}") {
            let _ = one_address(&value);
        }

        #[test]
        fn a_result_needs_our_id_first(noise in "[ a-z;=()\"]{1,20}") {
            let header = format!("Authentication-Results: {noise}x mx.ons.example; dmarc=pass header.from=bank.example");
            prop_assert!(!is_believed(&[&header, RECEIVED], FROM) || noise.trim_start().starts_with('('));
        }
    }
}
