//! Who may be believed. For now by `Authentication-Results` (RFC 8601) of a configured authserv-id only.
//! Every doubt is E0: this file can only take trust away from a mail, never from another mail's evidence.

use super::message::Message;

/// E1: the From domain was authenticated by our own mail server; E0: anything else, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticity {
    E1 { domain: String },
    E0 { why: String },
}

/// Applies the rules of SECURITY.md to one mail: exactly one From with one plain ASCII address, exactly one
/// Authentication-Results of `authserv_id`, above the topmost Received of a foreign host, with `dmarc=pass` and
/// `header.from` equal to the From domain, and that domain in `allowed`.
pub fn authenticate(raw: &[u8], message: &Message, authserv_id: Option<&str>, allowed: &[String]) -> Authenticity {
    match believed_domain(raw, message, authserv_id, allowed) {
        Ok(domain) => Authenticity::E1 { domain },
        Err(why) => Authenticity::E0 { why },
    }
}

fn believed_domain(
    raw: &[u8],
    message: &Message,
    authserv_id: Option<&str>,
    allowed: &[String],
) -> Result<String, String> {
    let id = authserv_id.map(str::trim).filter(|id| !id.is_empty());
    let id = id.ok_or("no authserv_id is configured, so nobody's Authentication-Results are believed")?;
    refuse_odd_bytes(raw)?;
    for name in ["from", "date", "message-id", "subject"] {
        let count = values(message, name).count();
        if count != 1 {
            return Err(format!("the mail has {count} {name} headers instead of one"));
        }
    }
    let domain = from_domain(message)?;
    if !allowed.iter().any(|one| one.trim().eq_ignore_ascii_case(&domain)) {
        return Err(format!("{domain} is not a known sender domain"));
    }
    let results = our_results(message, id)?;
    check_dmarc(&results, &domain)?;
    Ok(domain)
}

/// NUL, and a CR without LF, are read differently by different programs: what one takes for a header another does not.
fn refuse_odd_bytes(raw: &[u8]) -> Result<(), String> {
    let end = raw.windows(2).position(|pair| pair == b"\n\n");
    let end = end.into_iter().chain(raw.windows(4).position(|four| four == b"\r\n\r\n")).min().unwrap_or(raw.len());
    let headers = &raw[..end];
    let bare_return = headers.windows(2).any(|pair| pair[0] == b'\r' && pair[1] != b'\n');
    if headers.contains(&0) || bare_return {
        return Err("the headers hold bytes that mail programs read differently".to_owned());
    }
    Ok(())
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

fn is_host(domain: &str) -> bool {
    let label = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    domain.contains('.') && domain.split('.').all(label)
}

/// The one Authentication-Results header in our name. A second one anywhere means that one is forged.
fn our_results(message: &Message, id: &str) -> Result<Results, String> {
    let mut ours: Vec<(usize, Result<Results, Malformed>)> = Vec::new();
    for (at, (name, value)) in message.raw_headers.iter().enumerate() {
        if name != "authentication-results" {
            continue;
        }
        match Results::parse(value) {
            Ok(results) if results.authserv_id.eq_ignore_ascii_case(id) => ours.push((at, Ok(results))),
            Ok(_) => {}
            Err(_) if !contains_ignoring_case(value, id) => {}
            Err(malformed) => ours.push((at, Err(malformed))),
        }
    }
    match ours.as_slice() {
        [] => Err(format!("no Authentication-Results of {id}")),
        [(_, Err(Malformed))] => Err(format!("the Authentication-Results of {id} cannot be read")),
        [(at, Ok(results))] => {
            let above = message.raw_headers.iter().take(*at).filter(|(name, _)| name == "received");
            if above.into_iter().any(|(_, value)| !is_own_hop(value, id)) {
                return Err(format!(
                    "the Authentication-Results in the name of {id} stands where the sender could write it"
                ));
            }
            Ok(results.clone())
        }
        several => Err(format!("{} Authentication-Results in the name of {id}: one is forged", several.len())),
    }
}

/// A hop inside our own server, as a content filter or the delivery over LMTP leaves it. The Received line that our
/// server wrote when a foreign host delivered is not one: all below it came from outside.
fn is_own_hop(received: &str, id: &str) -> bool {
    let lower = received.to_ascii_lowercase();
    let word_after = |word: &str| {
        let mut words = lower.split_whitespace().skip_while(|found| *found != word).skip(1);
        words.next().unwrap_or_default().trim_end_matches([';', ')']).to_owned()
    };
    let addresses: Vec<&str> =
        lower.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(a, _)| a).collect();
    let loopback = |address: &&str| address.starts_with("127.") || matches!(*address, "::1" | "ipv6:::1");
    let from_own = word_after("from").eq_ignore_ascii_case(id) && word_after("with") == "lmtp";
    let comes_from_us = if addresses.is_empty() { from_own } else { addresses.iter().all(loopback) };
    word_after("by").eq_ignore_ascii_case(id) && comes_from_us
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
}

fn check_dmarc(results: &Results, domain: &str) -> Result<(), String> {
    let dmarc: Vec<&Outcome> = results.outcomes.iter().filter(|outcome| outcome.method == "dmarc").collect();
    let [outcome] = dmarc.as_slice() else {
        return Err(format!("the Authentication-Results hold {} results of DMARC", dmarc.len()));
    };
    if outcome.result != "pass" {
        return Err(format!("DMARC says {}", outcome.result));
    }
    let stated: Vec<&str> =
        outcome.properties.iter().filter(|(name, _)| name == "header.from").map(|(_, v)| v.as_str()).collect();
    match stated.as_slice() {
        [one] if one.eq_ignore_ascii_case(domain) => Ok(()),
        [one] => Err(format!("DMARC passed for {one}, not for {domain}")),
        [] | [_, _, ..] => Err("DMARC does not say for which one domain it passed".to_owned()),
    }
}

/// One Authentication-Results header (RFC 8601, section 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Results {
    authserv_id: String,
    outcomes: Vec<Outcome>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    /// Lower case.
    method: String,
    /// Lower case.
    result: String,
    /// `header.from` and so on in lower case, with the value as it stands; `reason` too.
    properties: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Malformed;

impl Results {
    fn parse(value: &str) -> Result<Results, Malformed> {
        let mut scanner = Scanner { rest: value };
        scanner.skip_blank()?;
        let authserv_id = scanner.value()?;
        scanner.skip_blank()?;
        if !scanner.at_end() && !scanner.rest.starts_with(';') {
            // The only version so far is 1 (section 2.2); another must not be interpreted.
            if scanner.value()? != "1" {
                return Err(Malformed);
            }
            scanner.skip_blank()?;
        }
        let mut outcomes = Vec::new();
        while !scanner.at_end() {
            scanner.take(';')?;
            scanner.skip_blank()?;
            if !scanner.at_end() {
                outcomes.extend(scanner.outcome()?);
            }
        }
        Ok(Results { authserv_id, outcomes })
    }
}

struct Scanner<'t> {
    rest: &'t str,
}

impl Scanner<'_> {
    fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, c: char) -> Result<(), Malformed> {
        self.rest = self.rest.strip_prefix(c).ok_or(Malformed)?;
        Ok(())
    }

    /// White space and comments, which nest (RFC 5322, section 3.2.2).
    fn skip_blank(&mut self) -> Result<(), Malformed> {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('(') {
                return Ok(());
            }
            let mut depth = 0usize;
            let mut escaped = false;
            let end = self.rest.char_indices().find_map(|(at, c)| {
                match c {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
                (depth == 0).then_some(at)
            });
            self.rest = end.and_then(|at| self.rest.get(at + 1..)).ok_or(Malformed)?;
        }
    }

    /// `method=result` with its properties; `None` for the word "none" alone.
    fn outcome(&mut self) -> Result<Option<Outcome>, Malformed> {
        let method = self.key()?;
        if self.at_end() || self.rest.starts_with(';') {
            return if method == "none" { Ok(None) } else { Err(Malformed) };
        }
        let result = self.stated()?.to_ascii_lowercase();
        let mut properties = Vec::new();
        while !self.at_end() && !self.rest.starts_with(';') {
            let name = self.key()?;
            properties.push((name, self.stated()?));
        }
        let method = method.split('/').next().unwrap_or_default().to_owned();
        Ok(Some(Outcome { method, result, properties }))
    }

    /// A name before `=`, in lower case; blanks and comments may stand around its points.
    fn key(&mut self) -> Result<String, Malformed> {
        let mut key = String::new();
        loop {
            self.skip_blank()?;
            let end = self
                .rest
                .find(|c: char| c.is_whitespace() || matches!(c, '=' | ';' | '(' | '"'))
                .unwrap_or(self.rest.len());
            let (part, rest) = self.rest.split_at(end);
            if part.is_empty() {
                break;
            }
            let joins = key.is_empty() || key.ends_with(['.', '/']) || part.starts_with(['.', '/']);
            if !joins {
                return Err(Malformed);
            }
            key.push_str(&part.to_ascii_lowercase());
            self.rest = rest;
        }
        if key.is_empty() { Err(Malformed) } else { Ok(key) }
    }

    /// What stands behind `=`.
    fn stated(&mut self) -> Result<String, Malformed> {
        self.take('=')?;
        self.skip_blank()?;
        let value = self.value()?;
        self.skip_blank()?;
        Ok(value)
    }

    /// A token, a quoted string, or both joined (`"a b"@host`).
    fn value(&mut self) -> Result<String, Malformed> {
        let mut value = String::new();
        let mut any = false;
        while let Some(c) = self.rest.chars().next() {
            match c {
                '"' => value.push_str(&self.quoted()?),
                ';' | '(' => break,
                _ if c.is_whitespace() => break,
                _ => {
                    value.push(c);
                    self.take(c)?;
                }
            }
            any = true;
        }
        if any { Ok(value) } else { Err(Malformed) }
    }

    fn quoted(&mut self) -> Result<String, Malformed> {
        self.take('"')?;
        let mut text = String::new();
        let mut escaped = false;
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if escaped => {
                    text.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(text);
                }
                _ => text.push(c),
            }
        }
        Err(Malformed)
    }
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

    fn judge(raw: &[u8]) -> Authenticity {
        let message = Message::parse(raw).unwrap();
        authenticate(raw, &message, Some(ID), &["bank.example".to_owned(), "mail.bank.example".to_owned()])
    }

    fn is_believed(trace: &[&str], from: &str) -> bool {
        matches!(judge(&mail(trace, from)), Authenticity::E1 { .. })
    }

    const FROM: &str = "Bank <alert@bank.example>";

    #[test]
    fn believes_our_own_server() {
        assert_eq!(judge(&mail(&[PASS, RECEIVED], FROM)), Authenticity::E1 { domain: "bank.example".into() });
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
        assert!(matches!(authenticate(&raw, &message, None, &["bank.example".into()]), Authenticity::E0 { .. }));
        assert!(matches!(authenticate(&raw, &message, Some(ID), &[]), Authenticity::E0 { .. }));
        let text = String::from_utf8(raw).unwrap();
        for odd in [
            text.replace("Subject: Bij", "Subject: Bij\rFrom: x"),
            text.replace("Bij", "B\0ij"),
            text.replace("Subject: Bij\r\n", ""),
        ] {
            assert!(matches!(judge(odd.as_bytes()), Authenticity::E0 { .. }), "{odd}");
        }
    }

    /// The examples of RFC 8601, appendix B.
    #[test]
    fn the_grammar_of_the_rfc() {
        let parsed = |value| Results::parse(value).unwrap();
        assert_eq!(parsed("example.org 1; none"), Results { authserv_id: "example.org".into(), outcomes: vec![] });
        let several = parsed(
            "example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net",
        );
        assert_eq!(several.outcomes.len(), 2);
        assert_eq!(several.outcomes[0].properties, [("smtp.auth".to_owned(), "sender@example.net".to_owned())]);
        let comments = parsed(
            "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail \
             policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
        );
        assert_eq!((comments.outcomes[0].method.as_str(), comments.outcomes[0].result.as_str()), ("dkim", "fail"));
        assert_eq!(comments.outcomes[0].properties, [("policy.expired".to_owned(), "1362471462".to_owned())]);
        for malformed in
            ["", ";", "example.com; dkim", "example.com; dkim=", "example.com dkim=pass", "example.com; a b=c"]
        {
            assert_eq!(Results::parse(malformed), Err(Malformed), "{malformed}");
        }
    }

    proptest! {
        #[test]
        fn total(value in "[ ;=()\"\\\\a-z./1@]{0,60}") {
            let _ = (Results::parse(&value), one_address(&value), is_own_hop(&value, ID));
        }

        #[test]
        fn a_result_needs_our_id_first(noise in "[ a-z;=()\"]{1,20}") {
            let header = format!("Authentication-Results: {noise}x mx.ons.example; dmarc=pass header.from=bank.example");
            prop_assert!(!is_believed(&[&header, RECEIVED], FROM) || noise.trim_start().starts_with('('));
        }
    }
}
