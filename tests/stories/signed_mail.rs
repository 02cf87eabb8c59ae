//! Mails with signatures, and a DNS server that answers, fails or is silent. Nobody's Authentication-Results are believed.

use super::sandbox::{OWNER, Sandbox, US};
use super::statements::with_statement;
use crate::forgery::dns::{DnsServer, Mood};
use crate::forgery::{Key, Signing};

const NAME: &str = "s1._domainkey.rabobank.nl";

struct Scene {
    company: Sandbox,
    dns: DnsServer,
    bank: Key,
}

impl Scene {
    /// Jansen owes invoice 2026-0412 of € 1.210,00 and was reminded.
    fn new() -> Scene {
        Scene::with(&[])
    }

    fn with(changes: &[(&str, &str)]) -> Scene {
        let dns = DnsServer::start();
        let resolver = format!("resolver = \"{}\"", dns.address);
        let changes = [&[("authserv_id = \"mx.voorbeeldbedrijf.example\"", resolver.as_str())], changes].concat();
        let company = Sandbox::jansen_with(&changes);
        for date in ["2026-10-26", "2026-11-03"] {
            company.pass(date);
        }
        let bank = Key::new();
        dns.record(NAME, &bank.record());
        Scene { company, dns, bank }
    }

    fn notice(&self, id: &str, amount: &str) -> String {
        let date = self.company.mail_date();
        format!(
            "From: Rabobank <alert@rabobank.nl>\nTo: {US}\nSubject: Bijschrijving\nDate: {date}\nMessage-ID: <{id}@rabobank.nl>\n\
             Content-Type: text/plain; charset=utf-8\n\nEr is geld op uw rekening NL91 ABNA 0417 1643 00 bijgeschreven.\n\n\
             Rekening: NL91ABNA0417164300\nTegenrekening: NL69 INGB 0123 4567 89\nNaam: Jansen Bouw B.V.\nBedrag: € {amount}\n\
             Omschrijving: 2026-0412\nBoekdatum: 03-11-2026\n"
        )
        .replace('\n', "\r\n")
    }

    fn sign(&self, headers: &str, mail: &str) -> String {
        Signing::of(&self.bank, "rabobank.nl").headers(headers).sign(mail)
    }

    /// As it lies in a Maildir.
    fn receive(&self, mail: &str) {
        let date = self.company.mail_date();
        let received =
            format!("Received: from mail.rabobank.nl ([192.0.2.7]) by mx.voorbeeldbedrijf.example with ESMTPS; {date}");
        self.company.mail(format!("{received}\n{}", mail.replace("\r\n", "\n")));
    }

    fn open(&self) -> String {
        self.company.case("2026-0412")["open"].as_str().unwrap_or_default().to_owned()
    }

    fn state(&self) -> String {
        self.company.state("2026-0412")
    }
}

const ALL: &str = "from:to:subject:date:message-id:content-type";

#[test]
fn a_signed_notice_closes() {
    let scene = Scene::new();
    scene.receive(&scene.sign(ALL, &scene.notice("a", "1.210,00")));
    scene.company.pass("2026-11-04");
    assert_eq!(scene.state(), "closed:paid");
    assert!(scene.dns.asked().iter().all(|name| name == NAME), "{:?}", scene.dns.asked());
    let shown = scene.company.must(&["case", "show", "2026-0412"]);
    assert!(shown.contains("by its DKIM signature, key s1._domainkey.rabobank.nl, checked on 2026-11-04"), "{shown}");
    let key = scene.bank.record();
    let kept = ["sqlite", "sqlite-wal"]
        .iter()
        .filter_map(|end| std::fs::read(scene.company.path(&format!("state/aanmaand.{end}"))).ok());
    let kept = kept.flatten().collect::<Vec<u8>>();
    assert!(kept.windows(key.len()).any(|part| part == key.as_bytes()), "the key is kept with the mail");
}

#[test]
fn the_resolver_is_checked() {
    let scene = Scene::new();
    let said = || String::from_utf8(scene.company.run(&["check", "--online"]).stdout).unwrap();
    assert!(said().contains("the keys of banks can be asked"), "{}", said());
    scene.dns.set(Mood::Fails);
    let output = scene.company.run(&["check", "--online"]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && complaint.contains("correct mailbox.resolver"), "{complaint}");
}

#[test]
fn a_changed_notice_pauses_at_most() {
    let scene = Scene::new();
    scene.receive(&scene.sign(ALL, &scene.notice("a", "500,00")).replace("500,00", "1.210,00"));
    scene.company.pass("2026-11-04");
    assert_eq!(
        (scene.open().as_str(), scene.company.case("2026-0412")["hold"].as_str()),
        ("1210.00", Some("untrusted_notice"))
    );
}

/// No key is asked for a mail that nobody would believe: neither its writer nor its number of mails reaches the DNS.
#[test]
fn strangers_make_no_questions() {
    let scene = Scene::new();
    let other = scene.notice("a", "1.210,00").replace("alert@rabobank.nl", "alert@rabobank.example");
    scene.receive(&Signing::of(&scene.bank, "rabobank.example").sign(&other));
    scene.receive(&Signing::of(&scene.bank, "crook.example").sign(&scene.notice("b", "1.210,00")));
    let colleague = scene.notice("c", "1.210,00").replace("alert@rabobank.nl", "collega@voorbeeldbedrijf.example");
    scene.receive(&Signing::of(&scene.bank, "voorbeeldbedrijf.example").sign(&colleague));
    scene.company.pass("2026-11-04");
    assert_eq!((scene.open().as_str(), scene.dns.asked().len()), ("1210.00", 0));
}

#[test]
fn a_notice_waits_for_a_dns_that_is_down() {
    for mood in [Mood::Silent, Mood::Fails] {
        let scene = Scene::new();
        scene.dns.set(mood);
        scene.receive(&scene.sign(ALL, &scene.notice("a", "1.210,00")));
        scene.company.pass_at("2026-11-04T09:00");
        assert_eq!(scene.open(), "1210.00");
        assert!(scene.state().starts_with("held"), "{}", scene.state());
        let asked = scene.dns.asked().len();
        scene.company.pass_at("2026-11-04T09:00");
        assert_eq!(scene.dns.asked().len(), asked, "not at once again");
        scene.company.pass_at("2026-11-04T09:30");
        assert_eq!(scene.open(), "1210.00", "still down");
        scene.dns.set(Mood::Answers);
        scene.company.pass_at("2026-11-04T11:00");
        assert_eq!(scene.state(), "closed:paid");
        let asked = scene.dns.asked().len();
        scene.company.pass_at("2026-11-04T12:30");
        assert_eq!(scene.dns.asked().len(), asked, "it is settled");
    }
}

#[test]
fn a_dns_that_is_down_for_a_day_makes_no_bank() {
    let scene = Scene::new();
    scene.dns.set(Mood::Fails);
    scene.receive(&scene.sign(ALL, &scene.notice("a", "1.210,00")));
    for moment in ["2026-11-04T09:00", "2026-11-05T09:30"] {
        scene.company.pass_at(moment);
    }
    scene.dns.set(Mood::Answers);
    let asked = scene.dns.asked().len();
    scene.company.pass_at("2026-11-05T12:30");
    assert_eq!((scene.open().as_str(), scene.dns.asked().len()), ("1210.00", asked));
}

/// After the DNS came back the mail is read again with what it says then, also when that is no.
#[test]
fn a_key_that_turns_out_to_be_gone_proves_nothing() {
    let scene = Scene::new();
    scene.dns.set(Mood::Fails);
    scene.receive(&scene.sign(ALL, &scene.notice("a", "1.210,00")));
    scene.company.pass_at("2026-11-04T09:00");
    scene.dns.set(Mood::Answers);
    scene.dns.forget(NAME);
    scene.company.pass_at("2026-11-04T11:00");
    scene.dns.record(NAME, &scene.bank.record());
    scene.company.pass_at("2026-11-04T14:00");
    assert_eq!(scene.open(), "1210.00");
}

/// The bank did not sign the Message-ID, and somebody hands the mail in again under another.
#[test]
fn a_signature_counts_in_one_mail_only() {
    let scene = Scene::new();
    let signed = scene.sign("from:to:subject:date", &scene.notice("a", "500,00"));
    scene.receive(&signed);
    scene.company.pass_at("2026-11-04T09:00");
    scene.receive(&signed.replace("<a@", "<b@"));
    scene.receive(&signed.replace("<a@", "<c@").replace("b=", "b= "));
    scene.company.pass_at("2026-11-04T10:00");
    assert_eq!(scene.open(), "710.00");
    scene.receive(&scene.sign(ALL, &scene.notice("d", "100,00")));
    scene.company.pass_at("2026-11-04T11:00");
    assert_eq!(scene.open(), "610.00", "another mail of the bank still counts");
}

/// What a mail brings along is the bank's only when its kind and its id are signed too.
#[test]
fn a_statement_in_a_signed_mail() {
    for (headers, state) in [(ALL, "closed:paid"), ("from:to:subject:date:message-id", "open")] {
        let scene = Scene::new();
        let mail = with_statement(&scene.company, "none")
            .lines()
            .skip(2)
            .map(|line| format!("{line}\r\n"))
            .collect::<String>();
        scene.receive(&scene.sign(headers, &mail));
        scene.company.pass("2026-11-04");
        assert_eq!(scene.state(), state, "{headers}");
    }
}

#[test]
fn a_bank_may_write_elsewhere_when_the_owner_says_so() {
    for (sent_to, open) in [("[]", "1210.00"), ("[\"jan@thuis.example\"]", "0.00")] {
        let scene = Scene::with(&[("[notices]\n", &format!("[notices]\nsent_to = {sent_to}\n"))]);
        scene.receive(&scene.sign(ALL, &scene.notice("a", "1.210,00").replace(US, "jan@thuis.example")));
        scene.company.pass("2026-11-04");
        assert_eq!(scene.open(), open);
    }
}

/// Where the owner named our mail server, its word does as long as our own look says nothing; against it, it does not.
#[test]
fn our_servers_word_comes_second() {
    let pass = "Authentication-Results: mx.voorbeeldbedrijf.example; dmarc=pass header.from=rabobank.nl\r\n";
    let named = ("[outgoing]\n", "authserv_id = \"mx.voorbeeldbedrijf.example\"\n[outgoing]\n");
    for (mood, gone, open) in
        [(Mood::Fails, false, "0.00"), (Mood::Answers, true, "0.00"), (Mood::Answers, false, "1210.00")]
    {
        let scene = Scene::with(&[named]);
        scene.dns.set(mood);
        if gone {
            scene.dns.forget(NAME);
        }
        let changed = scene.sign(ALL, &scene.notice("a", "500,00")).replace("500,00", "1.210,00");
        scene.company.mail(format!("{pass}{changed}").replace("\r\n", "\n"));
        scene.company.pass("2026-11-04");
        assert_eq!(scene.open(), open, "gone: {gone}");
    }
}

#[test]
fn an_old_notice_proves_nothing_today() {
    let scene = Scene::new();
    let old = scene.notice("a", "1.210,00").replace("4 Nov 2026", "1 Nov 2026").replace("Wed, ", "");
    scene.receive(&scene.sign(ALL, &old));
    scene.company.pass("2026-11-04");
    assert_eq!(scene.open(), "1210.00");
}

/// The owner's answer to a digest is proven by the owner's own domain.
#[test]
fn the_owner_is_obeyed_by_signature() {
    let scene = Scene::new();
    let company = &scene.company;
    company.answer_letter(
        &company.last_letter(),
        "administratie@jansenbouw.example",
        "Wij zijn het hier niet mee eens.",
    );
    company.pass("2026-11-04");
    let question = company.question("dispute")["question"].as_str().unwrap().to_owned();
    let digest = company.last_digest().message_id;
    let domain = OWNER.rsplit('@').next().unwrap();
    let answer = |id: &str| {
        format!(
            "From: {OWNER}\nTo: {US}\nSubject: Re: digest\nDate: {}\nMessage-ID: <{id}@{domain}>\nIn-Reply-To: <{digest}>\n\
             Content-Type: text/plain; charset=utf-8\n\nanswer {question} resolved\n",
            company.mail_date()
        )
        .replace('\n', "\r\n")
    };
    let sign = |mail: &str| Signing::of(&scene.bank, domain).headers("from:subject:date").sign(mail);
    scene.receive(&answer("a"));
    scene.receive(&sign(&answer("b").replace("resolved", "ignored")).replace("ignored", "resolved"));
    company.pass_at("2026-11-05T10:00");
    assert_eq!(scene.state(), "held:dispute", "no signature, no key, and changed");
    scene.dns.set(Mood::Fails);
    scene.dns.record(&format!("s1._domainkey.{domain}"), &scene.bank.record());
    scene.receive(&sign(&answer("c")));
    company.pass_at("2026-11-05T12:00");
    assert_eq!(scene.state(), "held:dispute", "the DNS is down");
    scene.dns.set(Mood::Answers);
    company.pass_at("2026-11-05T13:00");
    assert_eq!(scene.state(), "open");
}

/// A bank of which nobody knew: its profile is written by what `inspect mail` says, and its signed mail closes. No line of code.
#[test]
fn a_bank_that_nobody_knew() {
    let scene = Scene::new();
    let company = &scene.company;
    scene.dns.record("s1._domainkey.bank.example", &scene.bank.record());
    let notice = |id: &str| {
        let date = company.mail_date();
        let mail = format!(
            "From: Bank Example <meldingen@bank.example>\nTo: {US}\nSubject: Bericht van uw bank\nDate: {date}\nMessage-ID: <{id}@bank.example>\n\
             Content-Type: text/plain; charset=utf-8\n\nOntvangst op uw rekening NL91ABNA0417164300\n\nSom: EUR 1.210,00\nWie: Jansen Bouw B.V.\n\
             Woorden: factuur 2026-0412\nDag: 03-11-2026\n"
        );
        Signing::of(&scene.bank, "bank.example").headers(ALL).sign(&mail.replace('\n', "\r\n"))
    };
    let [file, folder] = ["mail.eml", "banks"].map(|name| company.path(name).display().to_string());
    let inspect = || company.run(&["inspect", "mail", "--json", "--banks", &folder, &file]);
    let refusal = || {
        let output = inspect();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    company.put("mail.eml", notice("a"));
    assert!(matches!(refusal(), (Some(78), said) if said.contains("there is no such folder")));
    std::fs::create_dir(company.path("banks")).unwrap();
    let profile = "id = \"example\"\nname = \"Bank Example\"\ndomains = [\"bank.example\"]\n[labels]\namount = [\"som\"]\n\
                   payer = [\"wie\"]\nreference = [\"woorden\"]\nbooked = [\"dag\"]\n[words]\ncredit = [\"ontvangst op\"]\n";
    let with = |from: &str, to: &str| company.put("banks/example.toml", profile.replacen(from, to, 1));
    for (from, to, told) in [
        ("\"som\"", "\"(\"", "example.toml:5: \"(\" is not a pattern"),
        ("amount =", "amont =", "example.toml:5: unknown field `amont`, expected one of `amount`"),
        (
            "[\"bank.example\"]",
            "[\"meldingen@bank.example\"]",
            "example.toml:3: \"meldingen@bank.example\" is not a domain",
        ),
        ("[labels]", "sentences = ['^(?P<som>AMOUNT)$']\n[labels]", "example.toml:4: (?P<som>…) is unknown"),
        ("[labels]", "sentences = ['^Som AMOUNT$']\n[labels]", "example.toml:4: no (?P<amount>AMOUNT)"),
        ("\"example\"", "\"ing\"", "example.toml:1: there is another profile with the id \"ing\""),
    ] {
        with(from, to);
        let (code, said) = refusal();
        assert!(code == Some(78) && said.contains(told), "{to}: {said}");
    }
    let read = || serde_json::from_slice::<serde_json::Value>(&inspect().stdout).unwrap()["notice"].clone();
    for (from, to, unread) in [
        ("\"som\"", "\"totale som\"", Some("no amount was found")),
        ("\"ontvangst op\"", "\"ontvangen\"", Some("there is an amount, but none of [words] credit")),
        ("", "", None),
    ] {
        with(from, to);
        let (notice, said) = (read(), |notice: &serde_json::Value| notice["unread"].as_str().map(str::to_owned));
        assert_eq!(notice["bank"], "example", "{notice}");
        let fits = match (said(&notice), unread) {
            (Some(said), Some(unread)) => said.starts_with(unread),
            (said, unread) => said.is_none() && unread.is_none(),
        };
        assert!(fits, "{to}: {notice}");
    }
    let whole = read();
    let expected =
        [("kind", "credit"), ("amount", "1210.00"), ("counterparty", "Jansen Bouw B.V."), ("booked", "2026-11-03")];
    assert!(
        expected.iter().all(|(key, value)| whole[*key] == *value) && whole["invoices"][0] == "2026-0412",
        "{whole}"
    );
    assert!(whole["evidence"] == "E0" && whole["why"].as_str().unwrap().contains("not looked at"), "{whole}");
    let config = std::fs::read_to_string(company.path("aanmaand.toml")).unwrap();
    let config = config.replace("banks = [\"rabobank\"]", "banks = [\"example\"]");
    company.put("aanmaand.toml", format!("{config}\n[folders]\nbanks = \"banks\"\n"));
    scene.receive(&notice("b").replace("factuur 2026-0412", "rekening 2026-0412"));
    company.pass("2026-11-04");
    assert_eq!(company.case("2026-0412")["hold"], "untrusted_notice", "its signature does not hold");
    scene.receive(&notice("c"));
    company.pass("2026-11-05");
    assert_eq!(scene.state(), "closed:paid");
}
