//! Whole configurations: valid ones and what they mean, invalid ones and exactly what is said about them.

use super::*;
use crate::dunning::calendar::Country;
use crate::dunning::debtor::DebtorKind;
use crate::dunning::law::interest::DayCount;
use crate::dunning::law::rates::{RateKind, RateTable};
use crate::dunning::policy::{Claims, FirstSight, FormalMode, Freshness, InterestAsked, Mode};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[path = "../../tests/golden/configs/expected.rs"]
mod expected;

const EXAMPLE: &str = include_str!("../../config/aanmaand.toml");

const FILE: &str = "/books/aanmaand.toml";

/// Files in memory: path, text and mode. A path without a file is there when something stands below it.
#[derive(Default)]
struct Memory(BTreeMap<PathBuf, (String, u32)>);

impl Memory {
    fn with(files: &[(&str, &str)]) -> Memory {
        let file = |(path, text): &(&str, &str)| (Path::new("/books").join(path), ((*text).to_owned(), 0o100_600));
        Memory(files.iter().map(file).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.0
            .get(path)
            .map(|(text, _)| text.clone())
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not found"))
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        self.0.get(path).map(|(_, mode)| *mode).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not found"))
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.keys().any(|file| file.starts_with(path))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.keys().filter(|file| file.parent() == Some(folder)).cloned().collect())
    }
}

fn check(text: &str, files: &[(&str, &str)]) -> Result<Config, Vec<Fault>> {
    check::check(Path::new(FILE), text, &Memory::with(files)).0
}

fn valid(text: &str) -> Config {
    check(text, &[]).unwrap_or_else(|faults| panic!("{text}\n{}", said(&faults)))
}

fn said(faults: &[Fault]) -> String {
    let line = |fault: &Fault| fault.to_string().replace("/books/", "");
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The least that must be said, in sections that a case may replace.
const LEAST: [(&str, &str); 5] = [
    (
        "company",
        "name = \"Voorbeeldbedrijf B.V.\"\nemail = \"debiteuren@voorbeeldbedrijf.example\"\niban = [\"NL91ABNA0417164300\"]",
    ),
    ("owner", "email = \"eigenaar@voorbeeldbedrijf.example\""),
    ("invoices", "folder = \"invoices\""),
    ("mailbox", "kind = \"maildir\"\nfolder = \"mailbox\""),
    ("outgoing", "kind = \"file\"\nfolder = \"outbox\""),
];

/// The case first, then the least, without the sections that the case has itself.
fn with_least(case: &str) -> String {
    let missing = LEAST.iter().filter(|(name, _)| !case.contains(&format!("[{name}]")));
    let rest: String = missing.map(|(name, body)| format!("[{name}]\n{body}\n")).collect();
    format!("{case}\n{rest}")
}

#[test]
fn the_example_is_the_defaults() {
    let example = valid(EXAMPLE);
    let least = valid(&with_least(""));
    // Warnings stand on other lines of another text.
    let shown = |config: &Config| format!("{:#?}", Config { warnings: Vec::new(), ..config.clone() });
    assert_eq!(shown(&example), shown(&least));
    let messages = |config: &Config| config.warnings.iter().map(|w| w.message.clone()).collect::<Vec<_>>();
    assert_eq!(messages(&example), messages(&least));
}

/// Configurations that together use every `kind`, so that every key is asked for.
const KINDS: [&str; 3] = [
    "[[debtor]]\nid = \"K1\"\n[[open_items]]\nfiles = \"*.csv\"\nprogram = \"plain\"\n[mailbox]\nkind = \"imap\"\n[mailbox.oauth]\n[outgoing]\nkind = \"smtp\"\nuser = \"u\"\n[outgoing.oauth]",
    "[outgoing]\nkind = \"sendmail\"",
    "",
];

#[test]
fn the_example_names_every_key_and_no_other() {
    let mut known = std::collections::BTreeSet::new();
    for case in KINDS {
        known.extend(check::check(Path::new(FILE), &with_least(case), &Memory::default()).1.known.take());
    }
    // Keys of ladder files, which are read on the way.
    known.retain(|path| path != "name" && path != "step" && !path.starts_with("step."));
    let example = keys_of(EXAMPLE);
    assert!(example.len() > 50, "{example:?}");
    let missing: Vec<_> = known.difference(&example).collect();
    let invented: Vec<_> = example.difference(&known).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing {missing:?}, invented {invented:?}");
}

/// Keys and sections of a text, also those in comments.
fn keys_of(text: &str) -> std::collections::BTreeSet<String> {
    let key = regex::Regex::new("^(?:# )?([a-z_]+) = ").unwrap();
    let header = regex::Regex::new(r"^(?:# )?\[+([a-z._]+)\]+$").unwrap();
    let mut section = String::new();
    let mut keys = std::collections::BTreeSet::new();
    for line in text.lines() {
        if let Some(found) = header.captures(line) {
            keys.insert(found[1].to_owned());
            section = format!("{}.", &found[1]);
        } else if let Some(found) = key.captures(line) {
            keys.insert(format!("{section}{}", &found[1]));
        }
    }
    keys
}

#[test]
fn the_defaults_are_the_decided_ones() {
    let config = valid(&with_least(""));
    let policy = &config.policy;
    assert_eq!((policy.mode, policy.formal_mode), (Mode::Observe, FormalMode::Approve));
    assert_eq!((policy.min_gap_days, policy.promise_grace_days, policy.part_payment_pause_days), (5, 3, 3));
    assert_eq!((policy.overdue_at_first_sight, policy.freshness), (FirstSight::Ask, Freshness::None));
    assert!(!policy.thanks);
    assert_eq!((policy.notice_close_max, policy.default_term_days), (Money::eur_cents(250_000), 30));
    assert_eq!(policy.sending.days, (1..=5).collect());
    assert_eq!(policy.sending.window, ("09:00:00".parse().unwrap(), "17:00:00".parse().unwrap()));
    assert!(policy.sending.calendar.closed.contains(&"2026-05-15".parse().unwrap()));
    for (country, prefix) in [(Country::Nl, "nl"), (Country::Be, "be")] {
        for (kind, name) in [
            (DebtorKind::Business, "business"),
            (DebtorKind::Consumer, "consumer"),
            (DebtorKind::Government, "government"),
        ] {
            assert_eq!(policy.ladders[&(country, kind)].name, format!("{prefix}-{name}"));
        }
    }
    assert_eq!(policy.named_ladders.len(), BUILT_IN_LADDERS.len());
    assert_eq!((policy.claims.clone(), policy.minimum), (Claims::default(), Money::eur_cents(100)));
    assert_eq!(config.pace, Pace { per_day: 200, per_hour: 0, per_minute: 20, connections: 1, burst: 20 });
    assert_eq!(config.digest, Digest { at: "08:00:00".parse().unwrap(), when_empty: true });
    assert_eq!(config.letters, Letters { qr: true, payment_link: None });
    assert_eq!((config.timezone, config.language), (chrono_tz::Europe::Amsterdam, Language::Nl));
    assert_eq!(config.state, Path::new("/books/state"));
    assert_eq!(config.name, "aanmaand");
    let warning = "aanmaand.toml:1:1: there is no source of bank data: payments are only known when you enter them; \
                   add [statements] with a folder, or [notices] with your banks";
    assert_eq!(said(&config.warnings), warning);
}

/// Every key at once, as the documentation shows it.
const FULL: &str = r#"
mode = "auto"
state = "/var/lib/books"
[company]
name = "Voorbeeldbedrijf B.V."
address = ["Dorpsstraat 1", "1234 AB Voorbeeld"]
email = "debiteuren@voorbeeldbedrijf.example"
phone = "010-1234567"
kvk = "12345678"
vat = "NL001234567B01"
iban = ["NL91 ABNA 0417 1643 00"]
country = "NL"
language = "nl"
timezone = "Europe/Amsterdam"
[owner]
email = "eigenaar@voorbeeldbedrijf.example"
[invoices]
folder = "invoices"
overdue_at_first_sight = "open"
[statements]
folder = "statements"
[mailbox]
kind = "maildir"
folder = "mailbox"
authserv_id = "mx.voorbeeldbedrijf.example"
resolver = "127.0.0.1"
[outgoing]
kind = "file"
folder = "outbox"
[sending]
days = ["mon", "tue"]
window = ["09:30", "16:00"]
closed = [2026-12-28]
per_day = 100
per_hour = 30
per_minute = 0
connections = 4
burst = 0
[payments]
freshness = "notices"
thanks = true
[notices]
sent_to = ["bank@voorbeeldbedrijf.example"]
banks = ["rabobank", "ing", "bunq"]
close_max = "100.00"
[ladder]
business = "nl-business"
consumer = "nl-consumer"
government = "nl-business"
[ladder.be]
consumer = "be-consumer"
business = "be-government"
[claims]
interest = "8.5"
costs = "none"
day_count = "C"
vat_on_costs = false
be_clause = true
waive_rest_below = "10.00"
minimum = "5.00"
[formal]
mode = "auto"
[digest]
at = "07:15"
[letters]
qr = false
payment_link = "https://pay.example/{number}"
[[debtor]]
id = "K1001"
language = "en"
never_dun = false
[[debtor]]
id = "K 1002"
kind = "business"
ladder = "nl-business"
never_dun = true
grace_days = 7
minimum = "50.00"
claims = false
"#;

#[test]
fn every_key_arrives() {
    let config = valid(FULL);
    let policy = &config.policy;
    assert_eq!(config.warnings, []);
    assert_eq!(config.state, Path::new("/var/lib/books"));
    assert_eq!(config.company.ibans, ["NL91ABNA0417164300"]);
    assert_eq!(config.company.on_letters().iban, "NL91ABNA0417164300");
    assert_eq!(config.statements.as_deref(), Some(Path::new("/books/statements")));
    assert_eq!(config.authserv_id.as_deref(), Some("mx.voorbeeldbedrijf.example"));
    assert_eq!(config.resolver, Resolver::At("127.0.0.1:53".parse().unwrap()));
    assert_eq!(config.notices.sent_to, ["bank@voorbeeldbedrijf.example"]);
    assert_eq!((policy.mode, policy.formal_mode, policy.freshness), (Mode::Auto, FormalMode::Auto, Freshness::Notices));
    assert!(policy.thanks);
    assert_eq!(policy.overdue_at_first_sight, FirstSight::Open);
    assert_eq!(policy.sending.days.len(), 2);
    assert_eq!(config.pace, Pace { per_day: 100, per_hour: 30, per_minute: 0, connections: 4, burst: 0 });
    assert!(policy.sending.calendar.is_holiday("2026-12-28".parse().unwrap()));
    assert_eq!(policy.notice_close_max, Money::eur_cents(10_000));
    assert_eq!(config.digest.at, "07:15:00".parse().unwrap());
    assert!(!config.letters.qr && config.letters.payment_link.is_some());
    assert_eq!(policy.overrides[&"K1001".into()].language, Some(Language::En));
    let second = &policy.overrides[&crate::dunning::ids::DebtorId::from_text("K 1002")];
    assert!(second.never_dun && second.ladder.as_ref().unwrap().name == "nl-business");
    assert_eq!((second.grace_days, second.minimum, second.extras), (7, Some(Money::eur_cents(5000)), Some(false)));
    let claims = &policy.claims;
    assert_eq!(claims.interest, InterestAsked::Contract("8.5".parse().unwrap()));
    assert!(!claims.costs && claims.be_clause && !claims.vat_on_costs);
    assert_eq!((claims.day_count, claims.rates.as_ref()), (DayCount::C, &RateTable::built_in()));
    assert_eq!((claims.waive_rest_below, policy.minimum), (Money::eur_cents(1000), Money::eur_cents(500)));
    let ladder = |country, kind| policy.ladders[&(country, kind)].name.as_str();
    assert_eq!(ladder(Country::Nl, DebtorKind::Government), "nl-business");
    assert_eq!(ladder(Country::Be, DebtorKind::Business), "be-government");
    assert_eq!(ladder(Country::Be, DebtorKind::Government), "be-government");
}

#[test]
fn the_documented_configuration_loads() {
    let config = valid(include_str!("../../tests/golden/configs/valid/documented.toml"));
    assert_eq!(config.warnings, []);
    assert_eq!((config.policy.mode, config.policy.freshness), (Mode::Auto, Freshness::Statements));
    assert_eq!(config.notices.banks, ["rabobank", "ing", "bunq"]);
}

#[test]
fn freshness_follows_the_best_source() {
    let freshness = |case: &str| valid(&with_least(case)).policy.freshness;
    assert_eq!(freshness("[statements]\nfolder = \"s\"\n[notices]\nbanks = [\"ing\"]"), Freshness::Statements);
    assert_eq!(freshness("[notices]\nbanks = [\"ing\"]"), Freshness::Notices);
    assert_eq!(freshness("[payments]\nfreshness = \"none\"\n[statements]\nfolder = \"s\""), Freshness::None);
}

#[test]
fn servers_and_logins() {
    let case = "[mailbox]\nkind = \"imap\"\nhost = \"imap.example.test\"\nuser = \"u\"\npassword_file = \"pw\"\n\
                [outgoing]\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nsecurity = \"plain\"\nown_copy = \"copy@example.test\"";
    let config = check(&with_least(case), &[("pw", "secret")]).unwrap();
    let server = |host: &str, port, security| Server { host: host.into(), port, security, ca_file: None };
    let login = Login { user: "u".into(), proof: Proof::Password(Secret::File("/books/pw".into())) };
    let imap = server("imap.example.test", 993, Security::Tls);
    assert_eq!(config.mailbox, Mailbox::Imap { server: imap, login, folders: vec!["INBOX".into()] });
    let smtp = server("127.0.0.1", 25, Security::Plain);
    assert_eq!(
        config.outgoing,
        Outgoing::Smtp { server: smtp, login: None, own_copy: Some("copy@example.test".into()) }
    );

    let case = "[mailbox]\nkind = \"imap\"\nhost = \"::1\"\nport = 1143\nsecurity = \"plain\"\nuser = \"u\"\n\
                password_credential = \"imap\"\nfolders = [\"INBOX\", \"Junk\"]\n[outgoing]\nkind = \"sendmail\"";
    let config = valid(&with_least(case));
    let login = Login { user: "u".into(), proof: Proof::Password(Secret::Credential("imap".into())) };
    let imap = server("::1", 1143, Security::Plain);
    assert_eq!(config.mailbox, Mailbox::Imap { server: imap, login, folders: vec!["INBOX".into(), "Junk".into()] });
    assert_eq!(config.outgoing, Outgoing::Sendmail { program: "/usr/sbin/sendmail".into() });
}

#[test]
fn starttls_has_its_ports() {
    let case = "[mailbox]\nkind = \"imap\"\nhost = \"imap.example.test\"\nsecurity = \"starttls\"\nuser = \"u\"\npassword_file = \"pw\"\n\
                [outgoing]\nkind = \"smtp\"\nhost = \"smtp.example.test\"\nsecurity = \"starttls\"";
    let config = check(&with_least(case), &[("pw", "secret")]).unwrap();
    let (Mailbox::Imap { server: imap, .. }, Outgoing::Smtp { server: smtp, .. }) = (config.mailbox, config.outgoing)
    else {
        panic!("not the kinds of the case")
    };
    assert_eq!((imap.port, imap.security), (143, Security::StartTls));
    assert_eq!((smtp.port, smtp.security), (587, Security::StartTls));
}

/// The two logins of a configuration with these OAuth sections.
fn oauths(mailbox: &str, outgoing: &str) -> (OAuth, OAuth) {
    let case = format!(
        "[mailbox]\nkind = \"imap\"\nhost = \"imap.example.test\"\nuser = \"u@v.example\"\n[mailbox.oauth]\n{mailbox}\n\
         [outgoing]\nkind = \"smtp\"\nhost = \"smtp.example.test\"\nuser = \"u@v.example\"\n[outgoing.oauth]\n{outgoing}"
    );
    let config = check(&with_least(&case), &[("secret", "s")]).unwrap_or_else(|faults| panic!("{}", said(&faults)));
    let oauth = |login: Option<Login>| match login.unwrap().proof {
        Proof::OAuth(oauth) => *oauth,
        Proof::Password(secret) => panic!("{secret:?}"),
    };
    match (config.mailbox, config.outgoing) {
        (Mailbox::Imap { login: reads, .. }, Outgoing::Smtp { login: sends, .. }) => (oauth(Some(reads)), oauth(sends)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn microsoft_and_google_are_known() {
    let microsoft = "provider = \"microsoft\"\nclient_id = \"app\"";
    let (reads, sends) = oauths(microsoft, microsoft);
    assert_eq!(reads.token_url, "https://login.microsoftonline.com/organizations/oauth2/v2.0/token");
    let device = "https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode";
    assert_eq!(reads.device_url.as_deref(), Some(device));
    let both =
        ["https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access", "https://outlook.office.com/SMTP.Send"];
    assert_eq!((&reads.scopes[..], &sends.scopes), (&both.map(str::to_owned)[..], &reads.scopes));
    assert_eq!(reads, sends, "one authorization for both");
    let file = reads.token_file.to_string_lossy().into_owned();
    assert!(file.starts_with("/books/state/oauth-u@v.example-") && file.ends_with(".json"), "{file}");

    let (own, _) = oauths(&format!("{microsoft}\ntenant = \"v.example\""), microsoft);
    assert_eq!(own.token_url, "https://login.microsoftonline.com/v.example/oauth2/v2.0/token");
    assert_ne!(own.token_file, reads.token_file, "another token server, another authorization");
    assert_eq!(
        own.scopes,
        ["https://outlook.office.com/IMAP.AccessAsUser.All", "offline_access"],
        "no more than needed"
    );

    let google = "provider = \"google\"\nclient_id = \"app\"\nclient_secret_file = \"secret\"";
    let (reads, sends) = oauths(google, google);
    assert_eq!(reads, sends);
    assert_eq!((reads.scopes, reads.device_url), (vec!["https://mail.google.com/".to_owned()], None));
    assert_eq!(reads.client_secret, Some(Secret::File("/books/secret".into())));
}

#[test]
fn another_provider_is_named() {
    let url = |host: &str| {
        let other = format!("provider = \"other\"\nclient_id = \"app\"\nscopes = [\"mail\"]\ntoken_url = \"{host}/t\"");
        oauths(&other, &other).0.token_url
    };
    for host in ["https://t.example", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:99", "https://[::1]"]
    {
        assert_eq!(url(host), format!("{host}/t"));
    }
}

#[test]
fn belgium_has_its_own_calendar_and_zone() {
    let case = "[company]\nname = \"Voorbeeld BV\"\nemail = \"info@voorbeeld.example\"\niban = [\"BE71096123456769\"]\n\
                country = \"BE\"\nkvk = \"0123.456.789\"";
    let config = valid(&with_least(case));
    assert_eq!(config.timezone, chrono_tz::Europe::Brussels);
    assert_eq!(config.policy.sending.calendar.country, Country::Be);
    assert!(config.policy.sending.calendar.closed.is_empty());
}

#[test]
fn own_folders_replace_built_in_files() {
    let ladder = "name = \"short\"\n[[step]]\nid = \"reminder\"\nkind = \"letter\"\ndays = 1\ndeadline_days = 7\ntemplate = \"mine\"\n\
                  [[step]]\nid = \"human\"\nkind = \"human\"\ndays = 20\n";
    let case = "[folders]\nladders = \"own\"\nholidays = \"own\"\ntemplates = \"own\"\n[ladder]\nbusiness = \"short\"\ngovernment = \"own/short.toml\"";
    let holidays = "country = \"NL\"\nsource = \"our own\"\nequated = [2030-05-31]\n";
    let files = [
        ("own/short.toml", ladder),
        ("own/nl.toml", holidays),
        ("own/nl/mine.txt", "x"),
        ("own/nl/mine.subject", "x"),
        ("own/nl/mine.html", "x"),
    ];
    let config = check(&with_least(case), &files).unwrap_or_else(|faults| panic!("{}", said(&faults)));
    let ladders = &config.policy.ladders;
    assert_eq!(ladders[&(Country::Nl, DebtorKind::Business)], ladders[&(Country::Nl, DebtorKind::Government)]);
    let after: Vec<i64> = ladders[&(Country::Nl, DebtorKind::Business)].steps.iter().map(|step| step.after).collect();
    assert_eq!(config.policy.named_ladders["short"], ladders[&(Country::Nl, DebtorKind::Business)]);
    assert_eq!(config.policy.named_ladders.len(), BUILT_IN_LADDERS.len() + 1, "holidays are no ladder");
    assert_eq!(after, [0, 8], "what is not said follows from the term of the letter before");
    assert_eq!(config.policy.sending.calendar.closed.len(), 1);
    assert_eq!(config.also_read, [Path::new("/books/own/nl.toml"), Path::new("/books/own/short.toml")]);
}

#[test]
fn own_rates_replace_and_extend() {
    let case = with_least("[folders]\nrates = \"rates\"");
    let header = "kind,valid_from,annual_percent,source\n";
    let more = format!("{header}nl_handel,2027-01-01,10.25,ours\nnl_handel,2027-07-01,unknown,ours\n");
    let config = check(&case, &[("rates/next.csv", &more), ("rates/README.txt", "not a table")]).unwrap();
    let rate = |config: &Config, kind, day: &str| {
        config.policy.claims.rates.on(kind, day.parse().unwrap()).ok().map(|step| step.percent.to_string())
    };
    assert_eq!(rate(&config, RateKind::NlCommercial, "2027-03-01").as_deref(), Some("10.25"));
    assert_eq!(rate(&config, RateKind::NlCommercial, "2026-12-31").as_deref(), Some("10.40"), "the built-in rows stay");
    assert_eq!(config.also_read, [Path::new("/books/rates/next.csv")]);
    let alone = format!("{header}be_handel,2026-01-01,9.00,ours\nbe_handel,2026-07-01,unknown,ours\n");
    let config = check(&case, &[("rates/be.csv", &alone)]).unwrap();
    assert_eq!(rate(&config, RateKind::BeCommercial, "2026-03-01").as_deref(), Some("9.00"));
    assert_eq!(rate(&config, RateKind::BeCommercial, "2025-03-01"), None, "replaced as a whole");
    let faults = check(&case, &[("rates/nl.csv", "kind,valid_from\n")]).unwrap_err();
    assert!(said(&faults).starts_with("rates/nl.csv:1:1: "), "{}", said(&faults));
}

#[test]
fn lists_of_debtors() {
    let csv = "\u{feff}id;Name;kind;never_dun;ladder;grace_days;minimum;claims;language\r\n\
               K1;\"Jansen; \"\"Bouw\"\"\";business;ja;nl-business;5;25.00;nee;de\r\n\r\n\
               K2;;;;\r\nK4;;;;;;;;fr\r\n";
    let config = check(&with_least("debtors = \"debtors.csv\""), &[("debtors.csv", csv)]).unwrap();
    let first = &config.policy.overrides[&"K1".into()];
    assert_eq!(first.name.as_deref(), Some("Jansen; \"Bouw\""));
    assert!(first.never_dun && first.ladder.is_some());
    assert_eq!((first.grace_days, first.minimum, first.extras), (5, Some(Money::eur_cents(2500)), Some(false)));
    assert_eq!(first.language, Some(Language::De));
    assert_eq!(config.policy.overrides[&"K4".into()].language, Some(Language::Fr));
    assert_eq!(config.policy.overrides[&"K2".into()], Default::default());
    let toml = "[[debtor]]\nid = \"K3\"\nemail = \"k3@example.test\"\n";
    let config = check(&with_least("debtors = \"d/list.toml\""), &[("d/list.toml", toml)]).unwrap();
    assert_eq!(config.policy.overrides[&"K3".into()].email.as_deref(), Some("k3@example.test"));
}

#[test]
fn unknown_banks_are_told_where_they_stand() {
    let config = valid(&with_least("[notices]\nbanks = [\"ing\", \"rabobnk\"]"));
    let known = ["ing".to_owned(), "rabobank".to_owned()];
    let expected = "aanmaand.toml:2:17: notices.banks names \"rabobnk\", which is not known; \
                    did you mean \"rabobank\"? choose ing or rabobank";
    assert_eq!(said(&config.unknown_banks(&known)), expected);
    assert_eq!(config.resolver, Resolver::System);
    assert!(!said(&config.warnings).contains("pause a case"));
}

#[test]
fn banks_that_nobody_vouches_for_are_told() {
    let with = |mailbox: &str| {
        valid(&FULL.replace("authserv_id = \"mx.voorbeeldbedrijf.example\"\nresolver = \"127.0.0.1\"", mailbox))
    };
    assert!(said(&with("resolver = \"off\"").warnings).contains("can only pause a case"));
    assert_eq!(said(&with("resolver = \"off\"\nauthserv_id = \"mx.example\"").warnings), "");
    assert_eq!(with("resolver = \"[::1]:5353\"").resolver, Resolver::At("[::1]:5353".parse().unwrap()));
}

/// One block of `tests/golden/configs/invalid.txt`.
struct Invalid<'t> {
    text: &'t str,
    files: Vec<(&'t str, &'t str)>,
    said: &'t str,
}

fn invalid_cases() -> Vec<Invalid<'static>> {
    let blocks = include_str!("../../tests/golden/configs/invalid.txt").split("####\n").skip(1);
    let invalid = |block: &'static str| {
        let (given, said) = block.split_once("====\n").unwrap();
        let mut parts = given.split(">>>> ");
        let text = parts.next().unwrap_or_default();
        Invalid { text, files: parts.map(|part| part.split_once('\n').unwrap()).collect(), said: said.trim_end() }
    };
    blocks.map(invalid).collect()
}

#[test]
fn every_fault_is_told_with_place_and_remedy() {
    let cases = invalid_cases();
    assert!(cases.len() >= 50, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let faults = check(&with_least(case.text), &case.files).expect_err(case.text);
        let said = said(&faults);
        if said != case.said {
            wrong.push(format!("####\n{}====\n{said}\ninstead of\n{}\n", case.text, case.said));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Faults as lines, their files relative to the folder of the configuration.
fn lines_said(file: &Path, faults: &[Fault]) -> Vec<String> {
    let folder = format!("{}/", file.parent().unwrap().display());
    faults.iter().map(|fault| fault.to_string().replace(&folder, "")).collect()
}

#[test]
fn golden_configurations_that_are_wrong() {
    let cases = expected::golden("invalid");
    assert!(cases.len() >= 25, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        assert!(!case.faults.is_empty() || !case.by_check.is_empty(), "{} says nothing", case.file.display());
        let faults = Config::load(&case.file).err().unwrap_or_default();
        wrong.extend(expected::differences(&case, &case.faults, &lines_said(&case.file, &faults)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn golden_configurations_that_are_right() {
    let cases = expected::golden("valid");
    assert!(cases.len() >= 8, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        match Config::load(&case.file) {
            Ok(config) => {
                let said = lines_said(&case.file, &config.warnings);
                wrong.extend(expected::differences(&case, &case.warnings, &said));
            }
            Err(faults) => wrong.extend(expected::differences(&case, &[], &lines_said(&case.file, &faults))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let said = said(&check("", &[]).unwrap_err());
    for key in [
        "company.name",
        "company.email",
        "company.iban",
        "owner.email",
        "invoices.folder",
        "mailbox.kind",
        "outgoing.kind",
    ] {
        assert!(said.contains(&format!("aanmaand.toml:1:1: {key} is missing; ")), "{key}: {said}");
    }
    assert_eq!(said.lines().count(), 7, "{said}");
}

#[test]
fn a_password_file_of_everybody_is_refused() {
    let case = with_least("[mailbox]\nkind = \"imap\"\nhost = \"h.test\"\nuser = \"u\"\npassword_file = \"pw\"");
    for (mode, accepted) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        let mut files = Memory::with(&[]);
        files.0.insert("/books/pw".into(), ("secret".into(), 0o100_000 | mode));
        let result = check::check(Path::new(FILE), &case, &files).0;
        assert_eq!(result.is_ok(), accepted, "{mode:o}");
        if let Err(faults) = result {
            let expected = format!(
                "aanmaand.toml:5:17: pw may be read by others than its owner (mode {mode:o}); run chmod 600 pw"
            );
            assert_eq!(said(&faults), expected);
        }
    }
}

#[test]
fn a_folder_of_administrations() {
    let second = with_least("state = \"other\"").replace("folder = \"invoices\"", "folder = \"others\"")
        + "[[debtor]]\nid = \"K1\"\n";
    let first = with_least("debtors = \"list.toml\"");
    let list = "[[debtor]]\nid = \"K9\"\n";
    let paths = |names: &[&str]| names.iter().map(|name| Path::new("/books").join(name)).collect::<Vec<_>>();
    let files = Memory::with(&[("a.toml", &first), ("b.toml", &second), ("list.toml", list)]);
    let configs = check::together(paths(&["a.toml", "b.toml", "list.toml"]), &files).unwrap();
    let names: Vec<&str> = configs.iter().map(|config| config.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);

    let files = Memory::with(&[("a.toml", &first), ("c.toml", &first), ("list.toml", list)]);
    let faults = check::together(paths(&["a.toml", "c.toml"]), &files).unwrap_err();
    assert_eq!(
        said(&faults),
        "c.toml:1:1: /books/state also belongs to a.toml; give each administration its own state and invoices folder\n\
         c.toml:1:1: /books/invoices also belongs to a.toml; give each administration its own state and invoices folder"
            .replace("/books/", "")
    );
}

#[test]
fn load_reads_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("aanmaand.toml");
    std::fs::write(&file, with_least("")).unwrap();
    let config = Config::load(&file).unwrap();
    assert_eq!(config.invoices, folder.path().join("invoices"));
    assert_eq!(load_all(folder.path()).unwrap().len(), 1);
    assert_eq!(load_all(&file).unwrap().len(), 1);
    let missing = Config::load(&folder.path().join("none.toml")).unwrap_err();
    assert!(missing[0].message.starts_with("this cannot be read"));
    std::fs::write(&file, b"\xff\xfe").unwrap();
    assert!(Config::load(&file).unwrap_err()[0].message.contains("UTF-8"));
    std::fs::remove_file(&file).unwrap();
    assert!(load_all(folder.path()).is_err());
}

fn answers(mailbox: MailboxAnswer, outgoing: OutgoingAnswer, statements: Option<String>) -> Answers {
    let company = Company {
        name: "Bakkerij \"De Zon\" \\ zonen".into(),
        address: vec!["Dorpsstraat 1".into(), "1234 AB Voorbeeld".into()],
        email: "debiteuren@dezon.example".into(),
        phone: Some("010-1234567".into()),
        kvk: Some("12345678".into()),
        vat: None,
        ibans: vec!["NL91ABNA0417164300".into()],
    };
    let owner_email = "eigenaar@dezon.example".into();
    let (country, language) = (Country::Nl, Language::Nl);
    Answers { company, country, language, owner_email, invoices: "invoices".into(), statements, mailbox, outgoing }
}

#[test]
fn what_init_writes_loads() {
    let (host, user, password_file) = ("mail.dezon.example", "debiteuren", "mail-password");
    let login = || (host.to_owned(), user.to_owned(), password_file.to_owned());
    let (host, user, password_file) = login();
    let imap = MailboxAnswer::Imap { host, user, password_file };
    let (host, user, password_file) = login();
    let smtp = OutgoingAnswer::Smtp { host, user, password_file };
    let maildir = MailboxAnswer::Maildir { folder: "mailbox".into() };
    let file = OutgoingAnswer::File { folder: "outbox".into() };
    for answers in [
        answers(imap, smtp, Some("statements".into())),
        answers(maildir.clone(), file, None),
        answers(maildir, OutgoingAnswer::Sendmail, Some("statements".into())),
    ] {
        let text = write_init(&answers);
        let config =
            check(&text, &[("mail-password", "x")]).unwrap_or_else(|faults| panic!("{text}\n{}", said(&faults)));
        assert_eq!(config.company, answers.company);
        assert_eq!(config.owner_email, answers.owner_email);
        assert_eq!(config.statements.is_some(), answers.statements.is_some());
        assert_eq!(config.policy.mode, Mode::Observe);
        assert_eq!(config.warnings.is_empty(), answers.statements.is_some(), "{}", said(&config.warnings));
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reading(start in 0..FULL.len(), length in 0..40usize, put in "[\\[\\]a-z=\"\\-0-9.\n]{0,8}") {
        let end = (start + length).min(FULL.len());
        let text = format!("{}{put}{}", &FULL[..start], &FULL[end..]);
        let _ = check(&text, &[]);
    }

    #[test]
    fn no_list_breaks_the_reading(list in "(id|name|kind|,|;|\"|\n|é|ja|K1){0,30}") {
        let _ = check(&with_least("debtors = \"d.csv\""), &[("d.csv", &list)]);
    }
}
