//! The words of a machine that reports, without the mail that it returns: whom it names, and whether it goes on trying.

use super::pattern;
use super::report::{self, Fields};
use crate::mail::message::Message;
use regex::Regex;
use std::sync::LazyLock;

pub struct Notice<'m> {
    pub text: String,
    message: &'m Message,
}

impl<'m> Notice<'m> {
    /// What stands above the mail that came back.
    pub fn of(message: &'m Message) -> Notice<'m> {
        static COPY: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"^[-=* ]*(?:this is a copy of (?:the|your) (?:message|mail)|below this line is a copy|below is a copy|original message follows|(?:the )?(?:original|returned|unsent|undelivered) (?:message|mail)(?: (?:follows|text|headers?|is attached|below|as follows))?|(?:the )?(?:headers?|text) of (?:the|your) (?:original )?(?:message|mail)|message (?:header|text|body)s? follows?|copy of (?:the|your) (?:original )?message|included is a copy|your original message|start of (?:returned|original) message|bounced e?-?mail\s*:|old message\s*:|-+ unsent message below|(?:the )?first \d+ lines of (?:the|your) (?:original |returned )?(?:message|mail)|> ?(?:received|return-path|message-id)\s*:)",
            )
        });
        let text = &message.text;
        let end = COPY.find_iter(text).map(|found| found.start()).find(|&start| start > 0).unwrap_or(text.len());
        Notice { text: text[..end].to_owned(), message }
    }

    /// Report fields that stand in the readable text.
    pub fn fields(&self) -> Option<Vec<Fields>> {
        static FIELD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:final|original)-recipient\s*:"));
        FIELD.is_match(&self.text).then(|| report::fields(&self.text))
    }

    pub fn says_delayed(&self) -> bool {
        static DELAYED: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"delayed|will (?:be )?(?:retr|keep trying|continue|try again)|still being retried|not yet been delivered|has not been delivered (?:yet|for)|warning message only|do not need to resend|nog niet (?:bezorgd|afgeleverd)|vertraag|verzöger|noch nicht zugestellt|pas encore (?:été )?(?:remis|distribué)|retard",
            )
        });
        DELAYED.is_match(&self.message.subject) || DELAYED.is_match(&self.text)
    }

    /// Whom the notice names as not reached, never the machine or ourselves: those right behind an announcement,
    /// else the first that stands outside the headers it repeats, else the first at all.
    pub fn recipients(&self) -> Vec<String> {
        let named = self.failed_header();
        if !named.is_empty() {
            return named;
        }
        let announced = self.announced();
        if let Some(address) = announced.iter().find(|address| self.may_be(address)) {
            return vec![address.clone()];
        }
        let outside = self.lines().filter(|line| !is_header(line)).flat_map(addresses);
        let first = outside.filter(|address| self.may_be(address)).find(|address| has_domain(address));
        let any = || self.lines().flat_map(addresses).find(|address| self.may_be(address));
        // A copy may name the one who was not reached as its own recipient.
        first.or_else(any).or_else(|| announced.first().cloned()).into_iter().collect()
    }

    fn failed_header(&self) -> Vec<String> {
        let headers = self.message.raw_headers.iter().filter(|(name, _)| name == "x-failed-recipients");
        headers.flat_map(|(_, value)| addresses(value)).collect()
    }

    /// The addresses in the lines that follow "… to the following address:".
    fn announced(&self) -> Vec<String> {
        static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?:following|these|intended|original|failed|invalid) (?:\w+ )?(?:address|recipient|user|destination)|did not reach|(?:not|n't) (?:be )?(?:delivered|deliver|reach|sent)\b[^\n]{0,60}\bto\b|undeliverable to|rcpt to:|volgende (?:ontvanger|adres|geadresseerde)|folgende[nr]? (?:empfänger|adresse)|destinataires? suivant|target (?:mail )?address",
            )
        });
        let lines: Vec<&str> = self.lines().collect();
        let blocks = lines.iter().enumerate().filter(|(_, line)| ANNOUNCED.is_match(line));
        let named = blocks.flat_map(|(at, _)| lines[at..].iter().take(6).filter(|line| !is_header(line)));
        named.flat_map(|line| addresses(line)).filter(|address| has_domain(address)).collect()
    }

    /// Who is named as the sender was reached.
    fn lines(&self) -> impl Iterator<Item = &str> {
        static SENDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:mail|message) from:? <?[^\s@]+@[^\s@]+$"));
        self.text.lines().filter(|line| !SENDER.is_match(line))
    }

    fn may_be(&self, address: &str) -> bool {
        static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(r"^(?:mailer-daemon|postmaster|abuse|support|helpdesk|hostmaster|uucp|root|name)@|^\d[\w.]*@")
        });
        address != self.message.from
            && !self.message.recipients.iter().any(|ours| ours == address)
            && !MACHINE.is_match(address)
    }
}

/// A line of the returned mail's head, or of a conversation, that the notice repeats; RCPT is not among them.
fn is_header(line: &str) -> bool {
    static HEADER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^[\s>]*(?:to|from|cc|subject|sent|date|message-?id|return-path|reply-to|received|sender|betreff|onderwerp|aan|van|mail from)\s*:|\bmessage-id\b|expanded from|\bmail from:",
        )
    });
    HEADER.is_match(line)
}

fn has_domain(address: &str) -> bool {
    address.rsplit('@').next().is_some_and(|domain| domain.contains('.'))
}

fn addresses(text: &str) -> impl Iterator<Item = String> + '_ {
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"[^\s<>,;:"'()\[\]{}=|&]+@[a-z0-9][a-z0-9.-]*[a-z0-9]"#));
    ADDRESS.find_iter(text).map(|found| found.as_str().trim_matches(['.', '*', '/']).to_lowercase())
}

pub fn address_in(text: &str) -> Option<String> {
    addresses(text).next()
}
