//! `Authentication-Results` (RFC 8601) of a configured authserv-id: what our own mail server found.

use super::super::message::Message;

/// The one Authentication-Results header in our name. A second one anywhere means that one is forged.
pub(super) fn our_results(message: &Message, id: &str) -> Result<Results, String> {
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

pub(super) fn check_dmarc(results: &Results, domain: &str) -> Result<(), String> {
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
pub(super) struct Results {
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
            let _ = (Results::parse(&value), is_own_hop(&value, "mx.ons.example"));
        }
    }
}
