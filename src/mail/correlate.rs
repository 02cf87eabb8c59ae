//! Whose account a mail is about: token, thread, own id in the quote, invoice number with a known address. Two candidates are a question.

use super::bounce::{Bounce, bounce};
use super::message::Message;
use crate::dunning::ids::{CaseId, DebtorId};
use regex::Regex;
use std::sync::LazyLock;

/// What the administration knows, as lookups; the shell implements it over the store.
pub trait Directory {
    /// Debtors of a reply token (the part after `+` in the local part): several, where cases of the letter have moved.
    fn by_token(&self, token: &str) -> Vec<DebtorId>;
    /// Debtors of one of our letters by Message-ID (without angle brackets).
    fn by_message_id(&self, message_id: &str) -> Vec<DebtorId>;
    /// Debtors whose letters go to this address, or that wrote from it before.
    fn by_address(&self, address: &str) -> Vec<DebtorId>;
    /// Debtors with an address at this domain; empty for public mail providers.
    fn by_domain(&self, domain: &str) -> Vec<DebtorId>;
    /// Case and debtor of an invoice number.
    fn by_invoice_number(&self, number: &str) -> Option<(CaseId, DebtorId)>;
}

/// Whether anybody can have an address in this domain, so that sharing it says nothing about who writes: free mail and
/// the mail of internet providers in the Netherlands, Belgium and their neighbours.
pub fn is_public_provider(domain: &str) -> bool {
    const FAMILIES: [&str; 6] = ["hotmail", "live", "yahoo", "gmx", "outlook", "ymail"];
    const DOMAINS: [&str; 62] = [
        "gmail.com",
        "googlemail.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "mail.com",
        "email.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "tutanota.com",
        "tuta.io",
        "zoho.com",
        "fastmail.com",
        "hey.com",
        "yandex.com",
        "ziggo.nl",
        "kpnmail.nl",
        "kpnplanet.nl",
        "planet.nl",
        "hetnet.nl",
        "home.nl",
        "xs4all.nl",
        "upcmail.nl",
        "chello.nl",
        "casema.nl",
        "quicknet.nl",
        "zeelandnet.nl",
        "solcon.nl",
        "telfort.nl",
        "tele2.nl",
        "online.nl",
        "caiway.nl",
        "caiway.net",
        "tiscali.nl",
        "wanadoo.nl",
        "zonnet.nl",
        "freeler.nl",
        "versatel.nl",
        "hccnet.nl",
        "kabelfoon.nl",
        "onsbrabantnet.nl",
        "delta.nl",
        "telenet.be",
        "skynet.be",
        "proximus.be",
        "scarlet.be",
        "pandora.be",
        "belgacom.net",
        "voo.be",
        "edpnet.be",
        "web.de",
        "t-online.de",
        "freenet.de",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "sfr.fr",
        "btinternet.com",
    ];
    let domain = domain.to_ascii_lowercase();
    let family = domain.split('.').next().unwrap_or_default();
    DOMAINS.contains(&domain.as_str()) || FAMILIES.contains(&family)
}

/// Whose mail it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correlation {
    One {
        debtor: DebtorId,
        cases: Vec<CaseId>,
        why: String,
    },
    /// More than one debtor fits: a question, never a guess.
    Several {
        debtors: Vec<DebtorId>,
        why: String,
    },
    None,
}

/// Whose mail it is, by the strongest trace that leads anywhere: reply token, thread, our own Message-ID or token in
/// what is quoted or returned, invoice number with a known sender, invoice number alone, address, company domain.
/// Two debtors at that level are a question. `numbers` are the invoice numbers found in subject, own words and quote.
/// A trace is no proof of who wrote: it only says where the mail belongs.
pub fn correlate(message: &Message, own: &OwnAddress, numbers: &[String], directory: &dyn Directory) -> Correlation {
    let traces = Traces::of(message, own, directory);
    by_traces(&traces, &traces.sender(), numbers)
}

/// The same for a mail that was written by hand: not who it is from but who it is to (`to`) tells whose it is.
pub fn correlate_written(
    message: &Message,
    to: &[String],
    own: &OwnAddress,
    numbers: &[String],
    directory: &dyn Directory,
) -> Correlation {
    by_traces(&Traces::of(message, own, directory), to, numbers)
}

/// `sender`: the other side.
fn by_traces(traces: &Traces<'_>, sender: &[String], numbers: &[String]) -> Correlation {
    let named = traces.named(numbers);
    let levels = [
        (traces.bounced(), "the mail that came back is ours"),
        (traces.addressed(), "it was sent to our reply address"),
        (traces.threaded(), "it answers our letter"),
        (traces.quoted(), "it quotes our letter"),
        (traces.named_by_known(&named, sender), "it names an invoice of the sender"),
    ];
    for (debtors, why) in levels {
        if !debtors.is_empty() {
            return verdict(debtors, &named, why);
        }
    }
    let known = traces.known(sender);
    match (named.is_empty(), known.is_empty()) {
        (true, true) => Correlation::None,
        (true, false) => by_sender(traces, sender),
        (false, true) => {
            let why = format!("it names an invoice, and nothing else is known of {}", shown(sender));
            verdict(named.iter().map(|(_, debtor)| debtor.clone()).collect(), &named, &why)
        }
        // The sender is one debtor's and the invoice another's: nobody but a human can say.
        (false, false) => {
            let mut debtors = known;
            debtors.extend(named.iter().map(|(_, debtor)| debtor.clone()));
            verdict(debtors, &named, "the sender is known, but the invoice named is another debtor's")
        }
    }
}

fn by_sender(traces: &Traces<'_>, sender: &[String]) -> Correlation {
    let by_address = traces.by_address(sender);
    if !by_address.is_empty() {
        return verdict(by_address, &[], &format!("{} is a known address", shown(sender)));
    }
    verdict(traces.by_domain(sender), &[], &format!("{} is at a known company domain", shown(sender)))
}

fn shown(sender: &[String]) -> String {
    sender.first().cloned().unwrap_or_else(|| "the sender".into())
}

/// One debtor, or a question.
fn verdict(debtors: Vec<DebtorId>, named: &[(CaseId, DebtorId)], why: &str) -> Correlation {
    let mut distinct: Vec<DebtorId> = Vec::new();
    for debtor in debtors {
        if !distinct.contains(&debtor) {
            distinct.push(debtor);
        }
    }
    match <[DebtorId; 1]>::try_from(distinct) {
        Ok([debtor]) => {
            let mut cases: Vec<CaseId> = Vec::new();
            for (case, _) in named.iter().filter(|(_, owner)| *owner == debtor) {
                if !cases.contains(case) {
                    cases.push(case.clone());
                }
            }
            Correlation::One { debtor, cases, why: why.into() }
        }
        Err(debtors) if debtors.is_empty() => Correlation::None,
        Err(debtors) => Correlation::Several { debtors, why: why.into() },
    }
}

/// The address that our letters come from, and what finds its reply tokens: `local+TOKEN@domain`, and `….TOKEN@domain`
/// in a Message-ID. Made once for many mails.
pub struct OwnAddress {
    written: String,
    address: Option<Regex>,
    message_id: Option<Regex>,
}

impl OwnAddress {
    /// What is no address has no tokens.
    pub fn new(written: &str) -> OwnAddress {
        let Some((local, domain)) = written.rsplit_once('@') else {
            return OwnAddress { written: written.to_owned(), address: None, message_id: None };
        };
        let (local, domain) = (regex::escape(local.split('+').next().unwrap_or(local)), regex::escape(domain));
        OwnAddress {
            written: written.to_owned(),
            address: Regex::new(&format!(
                r"(?i)(?:^|[^\w.+-]){local}(?:\+|%2B|=2B)([a-z0-9]{{6,64}})@{domain}(?:$|[^\w-])"
            ))
            .ok(),
            message_id: Regex::new(&format!(r"(?i)\.([a-z0-9]{{6,64}})@{domain}$")).ok(),
        }
    }

    /// Reply tokens in addresses and Message-IDs.
    pub fn tokens(&self, texts: &[&str]) -> Vec<String> {
        texts.iter().flat_map(|text| self.in_text(text).into_iter().chain(self.in_message_id(text))).collect()
    }

    fn in_text(&self, text: &str) -> Vec<String> {
        let found = self.address.iter().flat_map(|pattern| pattern.captures_iter(text));
        found.map(|found| found[1].to_lowercase()).take(100).collect()
    }

    fn in_message_id(&self, id: &str) -> Option<String> {
        self.message_id.as_ref()?.captures(id).map(|found| found[1].to_lowercase())
    }
}

/// The traces in one mail.
struct Traces<'a> {
    message: &'a Message,
    own: &'a OwnAddress,
    directory: &'a dyn Directory,
    /// Of a delivery report what came back.
    bounce: Option<Bounce>,
}

impl<'a> Traces<'a> {
    fn of(message: &'a Message, own: &'a OwnAddress, directory: &'a dyn Directory) -> Traces<'a> {
        Traces { message, own, directory, bounce: bounce(message) }
    }

    fn by_id(&self, id: &str) -> Vec<DebtorId> {
        let by_id = self.directory.by_message_id(id);
        if !by_id.is_empty() {
            return by_id;
        }
        // After a restore the letter may be unknown, but its token still tells.
        self.own.in_message_id(id).map(|token| self.directory.by_token(&token)).unwrap_or_default()
    }

    fn bounced(&self) -> Vec<DebtorId> {
        let id = self.bounce.as_ref().and_then(|bounce| bounce.original_message_id.as_ref());
        id.map(|id| self.by_id(id)).unwrap_or_default()
    }

    fn addressed(&self) -> Vec<DebtorId> {
        let tokens = self.message.recipients.iter().flat_map(|address| self.own.in_text(address));
        tokens.flat_map(|token| self.directory.by_token(&token)).collect()
    }

    fn threaded(&self) -> Vec<DebtorId> {
        self.message.references.iter().flat_map(|id| self.by_id(id)).collect()
    }

    /// Own tokens and Message-IDs anywhere in the body, the report or the returned mail.
    fn quoted(&self) -> Vec<DebtorId> {
        static ID: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"<\s*([^<>\s@]+@[^<>\s@]+)\s*>").expect("BUG: pattern"));
        let report = self.message.report.as_ref().map(|report| report.text.as_str());
        let texts =
            [Some(self.message.text.as_str()), self.message.html.as_deref(), self.message.returned.as_deref(), report];
        let mut found = Vec::new();
        for text in texts.into_iter().flatten() {
            found.extend(self.own.in_text(text).iter().flat_map(|token| self.directory.by_token(token)));
            found.extend(ID.captures_iter(text).take(500).flat_map(|id| self.by_id(&id[1])));
        }
        found
    }

    fn named(&self, numbers: &[String]) -> Vec<(CaseId, DebtorId)> {
        numbers.iter().filter_map(|number| self.directory.by_invoice_number(number)).collect()
    }

    /// The address that speaks: of a bounce the one that was not reached, else From and Reply-To.
    fn sender(&self) -> Vec<String> {
        if let Some(bounce) = &self.bounce {
            return bounce.recipient.clone().into_iter().collect();
        }
        let mut sender = vec![self.message.from.clone()];
        sender.extend(self.message.reply_to.clone());
        sender.retain(|address| address.contains('@') && !address.eq_ignore_ascii_case(&self.own.written));
        sender.dedup();
        sender
    }

    fn by_address(&self, sender: &[String]) -> Vec<DebtorId> {
        sender.iter().flat_map(|address| self.directory.by_address(address)).collect()
    }

    fn by_domain(&self, sender: &[String]) -> Vec<DebtorId> {
        let domains = sender.iter().filter_map(|address| address.rsplit_once('@'));
        domains.flat_map(|(_, domain)| self.directory.by_domain(domain)).collect()
    }

    fn known(&self, sender: &[String]) -> Vec<DebtorId> {
        let known = self.by_address(sender);
        if known.is_empty() { self.by_domain(sender) } else { known }
    }

    /// Debtors of named invoices that the sender is known for, by address or by company domain.
    fn named_by_known(&self, named: &[(CaseId, DebtorId)], sender: &[String]) -> Vec<DebtorId> {
        let mut known = self.by_address(sender);
        known.extend(self.by_domain(sender));
        named.iter().map(|(_, debtor)| debtor.clone()).filter(|debtor| known.contains(debtor)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K1 (an@jansen.example, invoice 2026-1 and 2026-3), K2 (bo@puck.example, 2026-2), K3 shares bo's address.
    struct Books;

    impl Directory for Books {
        fn by_token(&self, token: &str) -> Vec<DebtorId> {
            let tokens =
                [("aaaabbbbcccc", "K1"), ("ddddeeeeffff", "K2"), ("bothbothboth", "K1"), ("bothbothboth", "K2")];
            tokens.into_iter().filter(|(t, _)| *t == token).map(|(_, k)| k.into()).collect()
        }
        fn by_message_id(&self, id: &str) -> Vec<DebtorId> {
            let letters = [("l1@bedrijf.example", "K1"), ("l2@bedrijf.example", "K2")];
            letters.into_iter().filter(|(i, _)| *i == id).map(|(_, k)| k.into()).collect()
        }
        fn by_address(&self, address: &str) -> Vec<DebtorId> {
            match address {
                "an@jansen.example" => vec!["K1".into()],
                "bo@puck.example" => vec!["K2".into(), "K3".into()],
                "cas@puck.example" => vec!["K2".into()],
                _ => Vec::new(),
            }
        }
        fn by_domain(&self, domain: &str) -> Vec<DebtorId> {
            match domain {
                "jansen.example" => vec!["K1".into()],
                "puck.example" => vec!["K2".into(), "K3".into()],
                _ => Vec::new(),
            }
        }
        fn by_invoice_number(&self, number: &str) -> Option<(CaseId, DebtorId)> {
            let debtor = match number {
                "2026-1" | "2026-3" => "K1",
                "2026-2" => "K2",
                _ => return None,
            };
            Some((CaseId::new(format!("C-{number}")), debtor.into()))
        }
    }

    fn whose(headers: &str, body: &str, numbers: &[&str]) -> String {
        let message = Message::parse(format!("{headers}\n\n{body}\n").as_bytes()).unwrap();
        let numbers: Vec<String> = numbers.iter().map(|number| number.to_string()).collect();
        match correlate(&message, &OwnAddress::new("kas@bedrijf.example"), &numbers, &Books) {
            Correlation::One { debtor, cases, .. } => format!("{debtor}{cases:?}"),
            Correlation::Several { debtors, .. } => format!("{debtors:?}"),
            Correlation::None => "none".into(),
        }
    }

    #[test]
    fn a_shared_provider_tells_nothing() {
        for public in ["gmail.com", "Hotmail.NL", "live.be", "ziggo.nl", "telenet.be"] {
            assert!(is_public_provider(public), "{public}");
        }
        for own in ["jansenbouw.example", "live-events.example", "gmail.com.bedrijf.example", "klant.test"] {
            assert!(!is_public_provider(own), "{own}");
        }
    }

    #[test]
    fn the_strongest_trace_decides() {
        assert_eq!(whose("From: x@y.example\nTo: Kas+AAAAbbbbCCCC@bedrijf.example", "hi", &[]), "K1[]");
        assert_eq!(
            whose(
                "From: x@y.example\nDelivered-To: kas+ddddeeeeffff@bedrijf.example\nIn-Reply-To: <l1@bedrijf.example>",
                "hi",
                &[]
            ),
            "K2[]"
        );
        assert_eq!(
            whose("From: x@y.example\nReferences: <0@z.example> <l1@bedrijf.example>", "hi", &["2026-3"]),
            r#"K1["C-2026-3"]"#
        );
        assert_eq!(
            whose("From: x@y.example\nReferences: <0@z.example> <q.ddddeeeeffff@bedrijf.example>", "hi", &[]),
            "K2[]"
        );
        assert_eq!(whose("From: x@y.example", "> Reply-To: kas+aaaabbbbcccc@bedrijf.example", &[]), "K1[]");
        assert_eq!(whose("From: x@y.example", "> Message-ID: <l2@bedrijf.example>", &[]), "K2[]");
        assert_eq!(whose("From: an@jansen.example", "hi", &["2026-1", "2026-2"]), r#"K1["C-2026-1"]"#);
        assert_eq!(whose("From: bo@puck.example", "hi", &["2026-2"]), r#"K2["C-2026-2"]"#);
        assert_eq!(whose("From: new@jansen.example", "hi", &["2026-1"]), r#"K1["C-2026-1"]"#);
        assert_eq!(whose("From: an@jansen.example", "hi", &[]), "K1[]");
        assert_eq!(whose("From: new@jansen.example", "hi", &[]), "K1[]");
    }

    /// The owner's own address is nobody's: what was forwarded tells.
    #[test]
    fn what_the_owner_forwards_belongs_to_whom_it_quotes() {
        let forwarded = "Zie onder.\n\n-------- Doorgestuurd bericht --------\nVan: An <an@jansen.example>\nAan: kas+aaaabbbbcccc@bedrijf.example\n\nWij betwisten dit.";
        assert_eq!(whose("From: baas@bedrijf.example\nTo: kas@bedrijf.example", forwarded, &[]), "K1[]");
        let bare = "Zie onder.\n\nVan: an@jansen.example\n\nWij betwisten 2026-3.";
        let by_number = whose("From: baas@bedrijf.example\nTo: kas@bedrijf.example", bare, &["2026-3"]);
        assert_eq!(by_number, r#"K1["C-2026-3"]"#);
    }

    /// Cases of one letter that went to another debtor: the answer may be about either's.
    #[test]
    fn a_letter_whose_cases_are_of_two_debtors_by_now() {
        let both = r#"["K1", "K2"]"#;
        assert_eq!(whose("From: an@jansen.example\nTo: kas+bothbothboth@bedrijf.example", "hi", &[]), both);
    }

    #[test]
    fn several_invoices_of_one_debtor_are_all_meant() {
        let all = r#"K1["C-2026-1", "C-2026-3"]"#;
        assert_eq!(whose("From: an@jansen.example", "hi", &["2026-1", "2026-3"]), all);
        assert_eq!(
            whose("From: new@jansen.example", "hi", &["2026-3", "2026-1", "2026-3"]),
            r#"K1["C-2026-3", "C-2026-1"]"#
        );
    }

    #[test]
    fn a_number_alone_counts_when_nothing_contradicts() {
        assert_eq!(
            whose("From: advocaat@kantoor.example", "hi", &["2026-1", "2026-3"]),
            r#"K1["C-2026-1", "C-2026-3"]"#
        );
        assert_eq!(whose("From: cas@puck.example", "hi", &["2026-1"]), r#"["K2", "K1"]"#);
        assert_eq!(whose("From: advocaat@kantoor.example", "hi", &["2026-1", "2026-2"]), r#"["K1", "K2"]"#);
    }

    #[test]
    fn two_debtors_are_a_question_and_strangers_nobody() {
        assert_eq!(whose("From: bo@puck.example", "hi", &[]), r#"["K2", "K3"]"#);
        assert_eq!(
            whose(
                "From: x@y.example\nTo: kas+aaaabbbbcccc@bedrijf.example, kas+ddddeeeeffff@bedrijf.example",
                "hi",
                &[]
            ),
            r#"["K1", "K2"]"#
        );
        assert_eq!(whose("From: x@y.example\nTo: kas+unknown11111@bedrijf.example", "hi", &["1999-1"]), "none");
        assert_eq!(whose("From: x@y.example\nTo: xkas+aaaabbbbcccc@bedrijf.example.evil.example", "hi", &[]), "none");
    }

    #[test]
    fn a_bounce_belongs_to_the_letter_that_came_back() {
        let body = "The mail could not be delivered: an@jansen.example: 550 user unknown\n\n------ This is a copy of the message ------\n\nMessage-ID: <l2@bedrijf.example>\n";
        assert_eq!(whose("From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail", body, &[]), "K2[]");
        let bare = "The mail could not be delivered: an@jansen.example: 550 user unknown";
        assert_eq!(whose("From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail", bare, &[]), "K1[]");
    }
}
