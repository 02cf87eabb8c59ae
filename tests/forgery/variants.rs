//! Forgeries: what a crook without the bank's key can do, and with a mail that the bank did sign. Each is E0.

use super::{BANK, Dns, Key, Signing, fixture, judged, notice};
use aanmaand::mail::authenticity::Authenticity;

const ID: &str = "mx.bedrijf.example";

/// One forgery: its name, the mail, and a word of the reason for which it must not be believed.
type Forgery = (&'static str, String, &'static str);

struct Desk {
    bank: Key,
    crook: Key,
}

impl Desk {
    fn new() -> Desk {
        Desk { bank: Key::new(), crook: Key::new() }
    }

    fn dns(&self) -> Dns {
        Dns::default()
            .key(BANK, &self.bank)
            .key("crook.example", &self.crook)
            .key("sub.bank.example", &self.crook)
            .key("bank.example.crook.example", &self.crook)
            .key("xn--bnk-0na.example", &self.crook)
    }

    fn bank(&self) -> Signing<'_> {
        Signing::of(&self.bank, BANK)
    }

    fn crook(&self, domain: &str) -> Signing<'_> {
        Signing::of(&self.crook, domain)
    }

    /// As the bank signed it.
    fn signed(&self) -> String {
        self.bank().sign(&notice())
    }
}

fn from(value: &str) -> String {
    notice().replace("From: Bank <alert@bank.example>", &format!("From: {value}"))
}

/// Without the bank's key: other names, other signatures, none.
fn without_the_key(desk: &Desk) -> Vec<Forgery> {
    let crook = desk.crook("crook.example");
    vec![
        ("no signature", notice(), "no DKIM signature"),
        ("another domain signs", crook.sign(&notice()), "no DKIM signature"),
        ("the bank's name with the crook's key", desk.crook(BANK).sign(&notice()), "does not fit"),
        ("a subdomain signs for the bank", desk.crook("sub.bank.example").sign(&notice()), "no DKIM signature"),
        (
            "From at a subdomain that is not listed",
            desk.crook("sub.bank.example").sign(&from("a@sub.bank.example")),
            "not a known",
        ),
        ("a look-alike", crook.sign(&from("alert@bank.example.crook.example")), "not a known"),
        ("another ending", crook.sign(&from("alert@bank.test")), "not a known"),
        ("punycode", desk.crook("xn--bnk-0na.example").sign(&from("alert@xn--bnk-0na.example")), "not a known"),
        ("a letter that looks the same", crook.sign(&from("alert@b\u{430}nk.example")), "one plain address"),
        ("a point at the end", crook.sign(&from("alert@bank.example.")), "one plain address"),
        ("two From, the bank's first", crook.sign(&from("alert@bank.example\r\nFrom: x@crook.example")), "2 from"),
        ("two From, the bank's last", crook.sign(&from("x@crook.example\r\nFrom: alert@bank.example")), "2 from"),
        (
            "From with a blank before its colon",
            crook.sign(&notice().replace("From:", "From: x@crook.example\r\nFrom :")),
            "differently",
        ),
        ("the bank in a comment", crook.sign(&from("x@crook.example (alert@bank.example)")), "one plain address"),
        ("the crook in a comment", crook.sign(&from("alert@bank.example (x@crook.example)")), "one plain address"),
        ("the bank in the display name", crook.sign(&from("\"alert@bank.example\" <x@crook.example>")), "not a known"),
        (
            "the bank in an encoded word",
            crook.sign(&from("=?utf-8?q?alert=40bank=2Eexample?= <x@crook.example>")),
            "not a known",
        ),
        (
            "the address in an encoded word",
            crook.sign(&from("=?utf-8?q?alert=40bank=2Eexample?=")),
            "one plain address",
        ),
        ("an encoded word before the at", crook.sign(&from("<=?utf-8?q?alert?=@bank.example>")), "one plain address"),
        ("two addresses", crook.sign(&from("alert@bank.example, x@crook.example")), "one plain address"),
        (
            "an address before the one in brackets, which others join with it",
            desk.bank().sign(&from("x@crook.example\r\n #<alert@bank.example>")),
            "two ways",
        ),
        (
            "a bracket before the address, which others take for a part of it",
            desk.bank().sign(&from("].alert@bank.example'\r\n <alert@bank.example>")),
            "two ways",
        ),
        (
            "two addresses, one after the other",
            crook.sign(&from("<alert@bank.example> <x@crook.example>")),
            "one plain address",
        ),
        ("a group", crook.sign(&from("Bank: alert@bank.example;")), "one plain address"),
        ("two at signs", crook.sign(&from("<alert@bank.example@crook.example>")), "one plain address"),
        ("a quoted local part", crook.sign(&from("<\"alert@bank.example> \"@crook.example>")), "one plain address"),
        ("a NUL in the address", crook.sign(&from("alert@bank.example\0.crook.example")), "differently"),
        (
            "the bank is only the Sender",
            crook.sign(&from("x@crook.example").replace("To:", "Sender: alert@bank.example\r\nTo:")),
            "not a known",
        ),
        (
            "the bank is only in Resent-From",
            crook.sign(&from("x@crook.example").replace("To:", "Resent-From: alert@bank.example\r\nTo:")),
            "not a known",
        ),
        (
            "the bank is only in Reply-To",
            crook.sign(&from("x@crook.example").replace("To:", "Reply-To: alert@bank.example\r\nTo:")),
            "not a known",
        ),
        ("a signature without the bank's selector", desk.bank().sign(&notice()).replace("s=s1", "s=s2"), "no key"),
        (
            "a signature that cannot be read",
            notice_with("DKIM-Signature: v=1; d=bank.example; d=bank.example"),
            "cannot be read",
        ),
        ("a signature of another version", desk.signed().replace("v=1;", "v=2;"), "cannot be read"),
        (
            "a name with its own domain key",
            desk.bank().sign(&notice()).replace("d=bank.example", "d=crook.example"),
            "no DKIM signature",
        ),
    ]
}

fn notice_with(header: &str) -> String {
    format!("{header}\r\n{}", notice())
}

/// With a mail that the bank signed: changed, used again, signed for something else.
fn with_a_signed_mail(desk: &Desk) -> Vec<Forgery> {
    let (signed, bank) = (desk.signed(), || desk.bank());
    let nested = format!(
        "From: x@crook.example\r\nTo: {}\r\nSubject: Fwd\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\nMessage-ID: <2@crook.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n{signed}",
        super::US
    );
    let all = "from:to:subject:date:message-id:mime-version:content-type";
    vec![
        ("another amount", signed.replace("1.210,00", "9.210,00"), "does not fit"),
        ("another invoice", signed.replace("2026-0412", "2026-0413"), "does not fit"),
        ("text at the end", format!("{signed}Bedrag: EUR 1,00\r\n"), "does not fit"),
        ("text at the end, after empty lines", format!("{signed}\r\n\r\nBedrag: EUR 1,00\r\n"), "does not fit"),
        ("another subject", signed.replace("Bijschrijving 1", "Bijschrijving 2"), "does not fit"),
        ("a subject that is not signed", bank().headers("from:to:date").sign(&notice()), "does not cover subject"),
        ("a date that is not signed", bank().headers("from:to:subject").sign(&notice()), "does not cover date"),
        ("a To that is not signed", bank().headers("from:subject:date").sign(&notice()), "does not cover to"),
        ("a From that is not signed", bank().headers("to:subject:date").sign(&notice()), "does not cover from"),
        ("a second subject", format!("Subject: Bijschrijving 9\r\n{signed}"), "2 subject"),
        ("a second date", format!("Date: Sat, 21 Nov 2026 10:00:00 +0100\r\n{signed}"), "2 date"),
        ("a second To", format!("To: x@crook.example\r\n{signed}"), "several to"),
        ("a second kind of content", format!("Content-Type: text/html\r\n{signed}"), "several content-type"),
        (
            "a second encoding",
            format!("Content-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding: base64\r\n{signed}"),
            "several content-transfer",
        ),
        ("another character set", signed.replace("charset=utf-8", "charset=utf-7"), "does not fit"),
        (
            "an HTML part beside the text",
            signed.replace("text/plain; charset=utf-8", "multipart/mixed; boundary=x"),
            "does not fit",
        ),
        ("only the beginning is signed", Signing { length: Some(20), ..bank() }.sign(&notice()), "l="),
        ("nothing of the body is signed", Signing { length: Some(0), ..bank() }.sign(&notice()), "l="),
        ("expired", bank().tags("t=1700000000; x=1700000600; ").sign(&notice()), "expired"),
        ("expired before it was made", bank().tags("t=1763625600; x=1763625599; ").sign(&notice()), "expired"),
        ("of a later time", bank().tags("t=1900000000; ").sign(&notice()), "later time"),
        ("an end that is no number", bank().tags("x=never; ").sign(&notice()), "cannot be read"),
        ("two ends", bank().tags("x=1; x=4102444800; ").sign(&notice()), "cannot be read"),
        ("in the name of another", bank().tags("i=@crook.example; ").sign(&notice()), "does not fit"),
        ("of another algorithm", signed.replace("a=ed25519-sha256", "a=rsa-sha1"), "not believed"),
        ("to another mailbox", bank().sign(&notice().replace(super::US, "x@crook.example")), "not us"),
        (
            "to another, named as us",
            bank().sign(&notice().replace(super::US, "\"debiteuren@bedrijf.example\" <x@crook.example>")),
            "not us",
        ),
        (
            "to us and others",
            bank().sign(&notice().replace(super::US, "debiteuren@bedrijf.example, x@crook.example")),
            "one plain address",
        ),
        ("of last week", bank().sign(&notice().replace("20 Nov", "13 Nov")), "came in at"),
        ("of tomorrow", bank().sign(&notice().replace("20 Nov", "21 Nov")), "came in at"),
        ("sent on", format!("Resent-From: x@crook.example\r\nResent-To: {}\r\n{signed}", super::US), "Resent"),
        ("inside another mail", desk.crook("crook.example").sign(&nested), "not a known"),
        (
            "inside another mail, with the bank's From",
            nested.replace("From: x@crook", "From: alert@bank"),
            "known|no DKIM",
        ),
        (
            "quoted by the owner",
            nested.replace("From: x@crook.example", "From: eigenaar@bedrijf.example"),
            "not a known",
        ),
        (
            "the signature of another mail",
            bank().sign(&notice().replace("1.210", "3.210")).replace("3.210", "1.210"),
            "does not fit",
        ),
        ("a signature cut short", signed.replacen("b=", "b=AAAA", 2), "does not fit"),
        ("headers that end early", signed.replace("To: deb", "this is no header\r\nTo: deb"), "differently"),
        ("an empty line of blanks", signed.replace("To: deb", "X-A: b\r\n \t\r\nTo: deb"), "differently"),
        ("a bare CR", signed.replace("Subject: Bij", "Subject: x\rSubject: Bij"), "differently"),
        (
            "signed without its body's kind, kind changed",
            {
                let loose = bank().headers(&all.replace(":mime-version:content-type", "")).sign(&notice());
                format!("Content-Type: text/html\r\n{loose}")
            },
            "several content-type",
        ),
    ]
}

#[test]
fn no_forgery_is_believed() {
    let desk = Desk::new();
    let dns = desk.dns();
    // The mail that the forgeries are made of is believed: they are refused for what was done to it.
    assert!(matches!(judged(desk.signed().as_bytes(), &dns, None), Authenticity::E1 { .. }));
    let forgeries: Vec<Forgery> = without_the_key(&desk).into_iter().chain(with_a_signed_mail(&desk)).collect();
    let mut wrong = Vec::new();
    for (name, raw, word) in &forgeries {
        match judged(raw.as_bytes(), &dns, None) {
            Authenticity::E1 { .. } => wrong.push(format!("{name}: believed")),
            Authenticity::E0 { why } if !word.split('|').any(|word| why.contains(word)) => {
                wrong.push(format!("{name}: {why}"))
            }
            Authenticity::E0 { .. } => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(forgeries.len() >= 60, "{}", forgeries.len());
}

/// What the DNS may say to a good signature, and what it must not make of it.
#[test]
fn no_bad_key_is_believed() {
    let desk = Desk::new();
    let (signed, good) = (desk.signed(), desk.bank.record());
    let name = "s1._domainkey.bank.example";
    let with = |records: &[&str]| Dns::default().with(name, records);
    let revoked = "v=DKIM1; k=ed25519; p=";
    for (what, dns, word) in [
        ("the selector is gone", Dns::default(), "no key"),
        ("the DNS is silent", Dns::default().trouble(name), "cannot be asked"),
        ("revoked", with(&[revoked]), "revoked"),
        ("for testing", with(&[&format!("{good}; t=y")]), "testing"),
        ("two records", with(&[&good, &good]), "2 records"),
        ("two records, one revoked", with(&[revoked, &good]), "2 records"),
        ("no record", with(&[]), "0 records"),
        ("another's key", with(&[&desk.crook.record()]), "does not fit"),
        ("of another kind", with(&[&good.replace("ed25519", "rsa")]), "another kind"),
        ("for another hash", with(&[&format!("{good}; h=sha1")]), "sha256"),
        ("for another service", with(&[&format!("{good}; s=other")]), "not for mail"),
        ("two keys in one record", with(&[&format!("{good}; p=AAAA")]), "cannot be read"),
        ("of another version", with(&[&good.replace("DKIM1", "DKIM2")]), "version"),
        ("no key at all", with(&["v=spf1 -all"]), "version"),
    ] {
        match judged(signed.as_bytes(), &dns, None) {
            Authenticity::E0 { why } => assert!(why.contains(word), "{what}: {why}"),
            Authenticity::E1 { .. } => panic!("{what}: believed"),
        }
    }
}

#[test]
fn weak_signatures_are_not_believed() {
    for (name, word) in [("rsa-768", "does not fit"), ("rsa-sha1", "rsa-sha1")] {
        let (mail, dns) = fixture(name);
        match judged(mail.as_bytes(), &dns, None) {
            Authenticity::E0 { why } => assert!(why.contains(word), "{name}: {why}"),
            Authenticity::E1 { .. } => panic!("{name}: believed"),
        }
    }
}

/// Our own look wins: what a crook writes in the name of our server saves no signature that does not fit.
#[test]
fn authentication_results_save_no_bad_signature() {
    let desk = Desk::new();
    let dns = desk.dns();
    let pass = |domain: &str| {
        format!("Authentication-Results: {ID}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}\r\n")
    };
    let received =
        format!("Received: from mta.crook.example ([203.0.113.9]) by {ID}; Fri, 20 Nov 2026 10:01:00 +0100\r\n");
    let believed = |raw: String| matches!(judged(raw.as_bytes(), &dns, Some(ID)), Authenticity::E1 { .. });
    let changed = desk.signed().replace("1.210,00", "9.210,00");
    let unsigned = notice();
    assert!(
        believed(format!("{}{received}{unsigned}", pass(BANK))),
        "where there is nothing to look at, our server's word does"
    );
    let gone = desk.signed().replace("s=s1", "s=s2");
    assert!(believed(format!("{}{received}{gone}", pass(BANK))), "also where the key is gone since it looked");
    for (what, raw) in [
        ("above, with a signature that does not fit", format!("{}{received}{changed}", pass(BANK))),
        (
            "below, with a signature whose key is gone",
            format!("{received}{}{}", pass(BANK), desk.signed().replace("s=s1", "s=s2")),
        ),
        ("below", format!("{received}{}{unsigned}", pass(BANK))),
        ("below, with a signature", format!("{received}{}{changed}", pass(BANK))),
        ("of another server", format!("{}{received}{unsigned}", pass(BANK).replace(ID, "mx.crook.example"))),
        (
            "of a server with ours in its name",
            format!("{}{received}{unsigned}", pass(BANK).replace(ID, "mx.bedrijf.example.crook.example")),
        ),
        (
            "ours in a comment",
            format!("{}{received}{unsigned}", pass(BANK).replace(ID, &format!("mx.crook.example ({ID})"))),
        ),
        ("twice", format!("{0}{0}{received}{unsigned}", pass(BANK))),
        ("passed for the crook", format!("{}{received}{unsigned}", pass("crook.example"))),
        ("by ARC", format!("ARC-{}{received}{unsigned}", pass(BANK))),
        (
            "of another version",
            format!("{}{received}{unsigned}", pass(BANK).replace("example; dkim", "example 2; dkim")),
        ),
        ("expired all the same", format!("{}{received}{}", pass(BANK), desk.bank().tags("t=1; x=2; ").sign(&unsigned))),
    ] {
        assert!(!believed(raw), "{what}");
    }
}
