//! What must be believed, in every dress that mail servers give it.

use super::{BANK, Dns, Key, Signing, fixture, judged, look, notice, now};
use aanmaand::mail::authenticity::{Authenticity, Proof};
use aanmaand::mail::dkim::Look;

fn assert_sealed(name: &str, raw: &str, dns: &Dns) {
    match judged(raw.as_bytes(), dns, None) {
        Authenticity::E1 { domain, by: Proof::Seal(seal) } => {
            assert_eq!((domain.as_str(), seal.domain.as_str()), (BANK, BANK), "{name}");
            assert!(!seal.key.is_empty() && seal.checked_at == now(), "{name}");
        }
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn the_bank_in_every_dress() {
    let (bank, mailer) = (Key::new(), Key::new());
    let signing = Signing::of(&bank, BANK);
    let dns = Dns::default().key(BANK, &bank).key("mailer.example", &mailer);
    let signed = signing.sign(&notice());
    let simple = Signing { simple: true, ..signing.clone() }.sign(&notice());
    let received =
        "Received: from mta.bank.example ([192.0.2.1]) by mx.bedrijf.example; Fri, 20 Nov 2026 10:01:00 +0100";
    for (name, raw) in [
        ("relaxed", signed.clone()),
        ("simple", simple.clone()),
        ("as a Maildir keeps it", signed.replace("\r\n", "\n")),
        ("simple, as a Maildir keeps it", simple.replace("\r\n", "\n")),
        ("from an mbox", format!("From alert Fri Nov 20 10:00:00 2026\r\n{signed}")),
        ("with the traces of its way", format!("{received}\r\nX-Spam-Status: No\r\n{signed}")),
        ("a header folded on its way", signed.replace("To: debiteuren", "To:\r\n\tdebiteuren")),
        ("spaces at line ends", signed.replace("bijgeschreven.\r\n", "bijgeschreven.  \r\n")),
        ("empty lines at the end", format!("{signed}\r\n\r\n")),
        ("signed by its mailer too", Signing::of(&mailer, "mailer.example").sign(&signed)),
        ("signed twice, once badly", Signing::of(&bank, BANK).headers("from").sign(&signed)),
        ("with an end that is far", signing.clone().tags("t=1; x=4102444800; ").sign(&notice())),
        ("with the identity of a subdomain", signing.clone().tags("i=@mail.bank.example; ").sign(&notice())),
        ("the domain in capitals", Signing::of(&bank, "Bank.Example").sign(&notice())),
        (
            "more headers than there are",
            signing.clone().headers("from:from:to:to:subject:subject:date:date").sign(&notice()),
        ),
    ] {
        assert_sealed(name, &raw, &dns);
    }
}

#[test]
fn keys_as_they_stand_in_the_dns() {
    let bank = Key::new();
    let signed = Signing::of(&bank, BANK).sign(&notice());
    for record in [
        bank.record(),
        bank.record().replace("; ", " ;\t"),
        format!("{}; t=s; s=email; n=the key of this year", bank.record()),
        format!("h=sha256; {}", bank.record().replace("v=DKIM1; ", "")),
    ] {
        assert_sealed(&record, &signed, &Dns::default().with("s1._domainkey.bank.example", &[&record]));
    }
}

/// RSA, signed beforehand by another program, whose private keys were thrown away.
#[test]
fn rsa() {
    for name in ["rsa-2048", "rsa-1024"] {
        let (mail, dns) = fixture(name);
        assert_sealed(name, &mail, &dns);
    }
}

/// Mails cut and garbled anywhere: computed without a panic, and none fits any more once what is signed was touched.
#[test]
fn damage_makes_nothing_fit() {
    let (mail, dns) = fixture("rsa-2048");
    let body = mail.find("\r\n\r\n").unwrap() + 4;
    let fits = |raw: &[u8]| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(aanmaand::adapters::dkim::compute(raw, &dns.0)).iter().any(|one| one.fits)
    };
    assert!(fits(mail.as_bytes()));
    for at in (0..mail.len()).step_by(3) {
        let mut garbled = mail.clone().into_bytes();
        garbled[at] ^= 0x01;
        let garbled_fits = fits(&garbled);
        // A blank for another is no change to a relaxed signature; and of the header around it nothing is signed.
        let harmless = mail.as_bytes()[at].is_ascii_whitespace() || garbled[at].is_ascii_whitespace();
        assert!(!garbled_fits || harmless || at < 15, "byte {at}");
        assert!(!fits(&mail.as_bytes()[..at]) || at >= mail.len() - 2, "cut at {at}");
    }
    assert!(!fits(&mail.as_bytes()[..body]));
}

#[test]
fn a_look_can_be_kept_and_explained() {
    let (mail, dns) = fixture("rsa-2048");
    let look = look(mail.as_bytes(), &dns, now());
    let kept = serde_json::to_string(&look).unwrap();
    assert_eq!(serde_json::from_str::<Look>(&kept).unwrap(), look);
    assert!(kept.contains("s1._domainkey.bank.example") && kept.contains("v=DKIM1; k=rsa; p="), "{kept}");
    assert_eq!((look.computed[0].key_bits, look.computed[0].fits), (2048, true));
}
