//! The owner's mail of the day: what needs you, what came in, what went out, what goes out next, how old the debt is,
//! what could not be read, and whether the daemon itself is well. Renders what it is given and decides nothing.

use crate::dunning::debtor::Language;
use crate::dunning::money::{Currency, Money};
use crate::dunning::policy::Mode;
use crate::letter::{Engine, Rendered, TemplateFault, plain, tidy, tidy_html};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::BTreeMap;
use std::sync::LazyLock;

mod view;

/// Everything one digest tells. Texts are plain; they are made harmless when the digest is rendered.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The owner's: Dutch or English; the digest of any other is in English.
    pub language: Language,
    pub company: String,
    pub day: NaiveDate,
    pub mode: Mode,
    pub questions: Vec<Question>,
    /// Money that nobody has placed yet, the oldest first.
    pub left_over: Vec<LeftOver>,
    pub calls: Vec<Call>,
    pub mails: Vec<MailIn>,
    pub payments: Vec<PaymentIn>,
    pub sent: Vec<Sent>,
    pub written: Vec<Written>,
    /// The sending day that `planned` is about.
    pub next_day: NaiveDate,
    pub planned: Vec<Planned>,
    /// Letters that were made and could not leave yet.
    pub waiting: Vec<Waiting>,
    /// One a currency.
    pub ages: Vec<Ages>,
    pub quarantine: Vec<Quarantined>,
    pub health: Health,
}

/// Something a human must answer.
#[derive(Clone, Debug)]
pub struct Question {
    /// As `aanmaand answer` takes it.
    pub id: String,
    /// `dispute`, `unmatched_payment`, `approval`, …
    pub kind: String,
    pub text: String,
    pub choices: Vec<String>,
    pub since: NaiveDate,
}

/// Money that came in and is not placed, with the question what it is for.
#[derive(Clone, Debug)]
pub struct LeftOver {
    pub question: Question,
    pub amount: Money,
    /// The day on which the bank booked it: its age counts from here.
    pub booked: NaiveDate,
}

/// All the money of one currency that is not placed.
#[derive(Clone, Debug)]
pub struct LeftOverSum {
    /// Number of payments.
    pub count: usize,
    /// `None` when it does not fit.
    pub sum: Option<Money>,
    pub currency: Currency,
    /// The booking day of the oldest.
    pub oldest: NaiveDate,
}

/// One a currency.
pub fn sums(left_over: &[LeftOver]) -> Vec<LeftOverSum> {
    let mut by_currency: BTreeMap<Currency, Vec<&LeftOver>> = BTreeMap::new();
    for one in left_over {
        by_currency.entry(one.amount.currency()).or_default().push(one);
    }
    let sum = |(currency, all): (Currency, Vec<&LeftOver>)| {
        let oldest = all.iter().map(|one| one.booked).min()?;
        let sum = Money::sum(all.iter().map(|one| one.amount), currency);
        Some(LeftOverSum { count: all.len(), sum, currency, oldest })
    };
    by_currency.into_iter().filter_map(sum).collect()
}

/// A customer to telephone.
#[derive(Clone, Debug)]
pub struct Call {
    pub debtor: String,
    pub contact: Option<String>,
    pub phone: Option<String>,
    pub invoices: Vec<String>,
    pub open: Money,
    /// The question that asks how the call went, and its choices.
    pub question: String,
    pub choices: Vec<String>,
}

/// A mail that came in.
#[derive(Clone, Debug)]
pub struct MailIn {
    pub from: String,
    pub debtor: Option<String>,
    pub subject: String,
    /// The label of `mail::intent` in snake case: `dispute`, `promise`, `auto_reply`, …
    pub meaning: String,
    /// The sentence that proves the meaning, literally.
    pub evidence: Option<String>,
    /// What was done with it, in the owner's language.
    pub outcome: Option<String>,
}

#[derive(Clone, Debug)]
pub struct PaymentIn {
    pub on: NaiveDate,
    pub from: String,
    pub amount: Money,
    /// What it was taken for; empty when that is not known.
    pub invoices: Vec<String>,
    pub outcome: Option<String>,
}

/// A letter that a server accepted.
#[derive(Clone, Debug)]
pub struct Sent {
    pub debtor: String,
    /// `reminder`, `formal-notice`, …
    pub template: String,
    pub invoices: Vec<String>,
    /// What it asks in total, with interest and costs.
    pub asked: Money,
}

/// A mail that the owner wrote to a debtor by hand.
#[derive(Clone, Debug)]
pub struct Written {
    pub debtor: String,
    pub to: String,
    pub subject: String,
    pub on: NaiveDate,
}

/// A letter that is due on the next sending day.
#[derive(Clone, Debug)]
pub struct Planned {
    pub debtor: String,
    /// As `aanmaand veto` takes it.
    pub debtor_id: String,
    pub template: String,
    pub invoices: Vec<String>,
    /// What it asks in total, with interest and costs.
    pub asked: Money,
    /// The question whose answer it waits for.
    pub approval: Option<String>,
    /// What else keeps it back, in the owner's language.
    pub waits: Vec<String>,
}

/// A letter in the outbox that was tried in vain, or is kept back.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub debtor: String,
    pub template: String,
    pub invoices: Vec<String>,
    /// What it asks in total, with interest and costs.
    pub asked: Money,
    /// How often it was tried.
    pub attempts: u32,
    /// What came of the last try: mostly the words of the mail server.
    pub reply: Option<String>,
    /// In the administration's time zone; `None` = with the next turn.
    pub next_try: Option<NaiveDateTime>,
    /// What keeps it back, in the owner's language.
    pub waits: Vec<String>,
}

/// What is open in one currency, by days past the due date.
#[derive(Clone, Debug)]
pub struct Ages {
    pub not_due: Age,
    pub days_1_30: Age,
    pub days_31_60: Age,
    pub days_61_90: Age,
    pub over_90: Age,
}

#[derive(Clone, Copy, Debug)]
pub struct Age {
    /// Number of invoices.
    pub count: usize,
    pub sum: Money,
}

/// A file or mail that could not be used.
#[derive(Clone, Debug)]
pub struct Quarantined {
    pub name: String,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct Health {
    /// In the administration's time zone; `None` when the mailbox was never read.
    pub mailbox_read_at: Option<NaiveDateTime>,
    /// The day up to which bank data is known; `None` when there is none.
    pub bank_data_until: Option<NaiveDate>,
    pub warnings: Vec<String>,
    pub version: String,
}

impl Digest {
    /// Nobody needs to do or know anything today.
    pub fn is_quiet(&self) -> bool {
        self.questions.is_empty()
            && self.left_over.is_empty()
            && self.calls.is_empty()
            && self.mails.is_empty()
            && self.payments.is_empty()
            && self.sent.is_empty()
            && self.written.is_empty()
            && self.planned.is_empty()
            && self.waiting.is_empty()
            && self.quarantine.is_empty()
            && self.health.warnings.is_empty()
    }
}

/// Items shown of each list; the shorter lists are for the day on which long hostile texts fill the longer ones.
/// `aanmaand status` and `questions` show all.
const SHOWN: [usize; 3] = [50, 15, 5];

/// The digest as a mail. Long lists are cut with the number left out named, so that it always fits. A fault means
/// that a built-in template is broken.
pub fn render(digest: &Digest) -> Result<Rendered, TemplateFault> {
    let [first, others @ ..] = SHOWN;
    others.into_iter().fold(rendered(digest, first), |done, shown| done.or_else(|_| rendered(digest, shown)))
}

fn rendered(digest: &Digest, shown: usize) -> Result<Rendered, TemplateFault> {
    let view = view::view(digest, shown);
    let file = |part: &str| format!("digest/{}.{part}", digest.language.for_owner().code());
    Ok(Rendered {
        subject: plain::one_line(&ENGINE.render(&file("subject"), &view)?, 200),
        text: tidy(&ENGINE.render(&file("txt"), &view)?),
        html: tidy_html(&ENGINE.render(&file("html"), &view)?),
    })
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let files = [
        ("digest/nl.subject", include_str!("../../templates/digest/nl.subject")),
        ("digest/nl.txt", include_str!("../../templates/digest/nl.txt")),
        ("digest/nl.html", include_str!("../../templates/digest/nl.html")),
        ("digest/en.subject", include_str!("../../templates/digest/en.subject")),
        ("digest/en.txt", include_str!("../../templates/digest/en.txt")),
        ("digest/en.html", include_str!("../../templates/digest/en.html")),
    ];
    let (engine, faults) = Engine::new(files.map(|(name, source)| (name.to_owned(), source.to_owned())));
    assert!(faults.is_empty(), "BUG: a built-in template is faulty: {faults:?}");
    engine
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::money::Currency;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn ages(currency: Currency, cents: [i64; 5]) -> Ages {
        let age = |c: i64| Age { count: usize::from(c > 0) * 2, sum: Money::from_minor(c, currency) };
        let [not_due, days_1_30, days_31_60, days_61_90, over_90] = cents.map(age);
        Ages { not_due, days_1_30, days_31_60, days_61_90, over_90 }
    }

    fn quiet(language: Language) -> Digest {
        Digest {
            language,
            company: "Voorbeeldbedrijf B.V.".to_owned(),
            day: day("2026-11-22"),
            mode: Mode::Auto,
            questions: vec![],
            calls: vec![],
            mails: vec![],
            payments: vec![],
            sent: vec![],
            written: vec![],
            next_day: day("2026-11-23"),
            planned: vec![],
            left_over: vec![],
            waiting: vec![],
            ages: vec![ages(Currency::EUR, [121_000, 0, 0, 0, 0])],
            quarantine: vec![],
            health: Health {
                mailbox_read_at: Some(day("2026-11-22").and_hms_opt(7, 58, 0).unwrap()),
                bank_data_until: Some(day("2026-11-20")),
                warnings: vec![],
                version: "0.1.0".to_owned(),
            },
        }
    }

    fn full(language: Language) -> Digest {
        let text = |t: &str| t.to_owned();
        let numbers = |n: &[&str]| n.iter().map(|t| t.to_string()).collect::<Vec<_>>();
        let mail = |from: &str, meaning: &str, evidence: Option<&str>| MailIn {
            from: text(from),
            debtor: Some(text("Jansen Bouw B.V.")),
            subject: text("RE: factuur 2026-0412"),
            meaning: text(meaning),
            evidence: evidence.map(text),
            outcome: evidence.map(|_| text("aangehouden tot 8 december 2026")),
        };
        Digest {
            mode: Mode::Approve,
            questions: vec![
                Question {
                    id: text("Q1-K1001"),
                    kind: text("dispute"),
                    text: text("Jansen Bouw B.V. betwist factuur 2026-0412."),
                    choices: numbers(&["uphold", "withdraw"]),
                    since: day("2026-11-20"),
                },
                Question {
                    id: text("Q2"),
                    kind: text("something_new"),
                    text: text("Van wie is deze betaling?"),
                    choices: vec![],
                    since: day("2026-11-22"),
                },
            ],
            left_over: vec![
                stray("Q6", "2026-10-02", Money::eur_cents(12_100), &["ignore"]),
                stray("Q5-K1001", "2026-11-21", Money::eur_cents(50_000), &["C-2026-0412", "ignore"]),
                stray("Q7", "2026-11-22", Money::from_minor(700, Currency::parse("USD").unwrap()), &[]),
            ],
            calls: vec![Call {
                debtor: text("De Boer V.O.F."),
                contact: Some(text("mevrouw De Boer")),
                phone: None,
                invoices: numbers(&["2026-0398"]),
                open: Money::eur_cents(50_000),
                question: text("Q3-K1002"),
                choices: numbers(&["called", "skip"]),
            }],
            mails: vec![
                mail("info@x.example", "auto_reply", None),
                mail("piet@jansenbouw.example", "promise", Some("betaal ik vrijdag")),
                mail("an@jansenbouw.example", "dispute", Some("het werk is niet af")),
            ],
            payments: vec![
                PaymentIn {
                    on: day("2026-11-20"),
                    from: text("De Boer V.O.F."),
                    amount: Money::eur_cents(25_000),
                    invoices: numbers(&["2026-0390", "2026-0391"]),
                    outcome: Some(text("beide gesloten")),
                },
                PaymentIn {
                    on: day("2026-11-21"),
                    from: text("Onbekend"),
                    amount: Money::eur_cents(100),
                    invoices: vec![],
                    outcome: None,
                },
            ],
            sent: vec![Sent {
                debtor: text("Smit & Zn."),
                template: text("second-reminder"),
                invoices: numbers(&["2026-0380"]),
                asked: Money::eur_cents(99_900),
            }],
            planned: vec![
                Planned {
                    debtor: text("Jansen Bouw B.V."),
                    debtor_id: text("K1001"),
                    template: text("formal-notice"),
                    invoices: numbers(&["2026-0412", "2026-0413"]),
                    asked: Money::eur_cents(242_000),
                    approval: Some(text("Q4-K1001")),
                    waits: vec![],
                },
                Planned {
                    debtor: text("Visser"),
                    debtor_id: text("K1009"),
                    template: text("own-letter"),
                    invoices: numbers(&["2026-0414"]),
                    asked: Money::eur_cents(1_000),
                    approval: None,
                    waits: vec![],
                },
            ],
            waiting: vec![
                Waiting {
                    debtor: text("Smit & Zn."),
                    template: text("reminder"),
                    invoices: numbers(&["2026-0401"]),
                    asked: Money::eur_cents(30_250),
                    attempts: 3,
                    reply: Some(text("451 4.7.1 Greylisted, please try again later")),
                    next_try: day("2026-11-22").and_hms_opt(9, 30, 0),
                    waits: vec![],
                },
                Waiting {
                    debtor: text("De Wit"),
                    template: text("formal-notice"),
                    invoices: numbers(&["2026-0402", "2026-0403"]),
                    asked: Money::eur_cents(100_000),
                    attempts: 0,
                    reply: None,
                    next_try: None,
                    waits: vec![
                        text("de bankgegevens gaan tot en met 2026-11-18"),
                        text("vandaag gingen al 200 brieven uit"),
                    ],
                },
            ],
            ages: vec![
                ages(Currency::EUR, [121_000, 99_900, 50_000, 0, 1_234_567]),
                ages(Currency::parse("USD").unwrap(), [0, 5_000, 0, 0, 0]),
            ],
            quarantine: vec![Quarantined { name: text("invoices/scan.pdf"), reason: text("geen gegevens in de PDF") }],
            health: Health {
                mailbox_read_at: None,
                bank_data_until: None,
                warnings: vec![text("de klok is 3 minuten teruggezet")],
                version: text("0.1.0"),
            },
            ..quiet(language)
        }
    }

    fn stray(id: &str, booked: &str, amount: Money, choices: &[&str]) -> LeftOver {
        let question = Question {
            id: id.to_owned(),
            kind: "unmatched_payment".to_owned(),
            text: format!("Een betaling die niet zeker te plaatsen is: {booked} {amount} P. Vos \"dank\""),
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
            since: day("2026-11-22"),
        };
        LeftOver { question, amount, booked: day(booked) }
    }

    #[test]
    fn money_that_is_not_placed_is_told_whole_however_much_there_is() {
        let mut digest = quiet(Language::Nl);
        digest.left_over =
            (0..2_000).map(|n| stray(&format!("Q{n}"), "2026-11-01", Money::eur_cents(100), &[])).collect();
        digest.left_over[0].booked = day("2026-08-01");
        let text = render(&digest).unwrap().text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("€ 2.000,00 in 2000 betalingen"), "{text}");
        assert!(text.contains("113 dagen") && text.contains("en nog 1950"), "{text}");
    }

    #[test]
    fn digests_as_written() {
        for language in Language::OF_OWNERS {
            for (name, digest) in [("quiet", quiet(language)), ("full", full(language))] {
                let mail = render(&digest).unwrap();
                let name = format!("{}-{name}", language.code());
                insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", mail.subject, mail.text));
            }
        }
        insta::assert_snapshot!("nl-full-html", render(&full(Language::Nl)).unwrap().html);
    }

    #[test]
    fn an_owner_of_another_language_reads_english() {
        for language in [Language::De, Language::Fr] {
            assert_eq!(render(&full(language)).unwrap(), render(&full(Language::En)).unwrap());
        }
    }

    #[test]
    fn a_quiet_day_is_short_and_every_item_ends_the_quiet() {
        assert!(quiet(Language::Nl).is_quiet());
        let mail = render(&quiet(Language::Nl)).unwrap();
        assert!(mail.subject.contains("niets bijzonders") && mail.text.contains("Niets bijzonders vandaag"));
        assert!(mail.text.lines().count() < 25, "{}", mail.text);
        let noisy = full(Language::Nl);
        let one_thing = [
            Digest { questions: noisy.questions.clone(), ..quiet(Language::Nl) },
            Digest { left_over: noisy.left_over.clone(), ..quiet(Language::Nl) },
            Digest { calls: noisy.calls.clone(), ..quiet(Language::Nl) },
            Digest { mails: noisy.mails.clone(), ..quiet(Language::Nl) },
            Digest { payments: noisy.payments.clone(), ..quiet(Language::Nl) },
            Digest { sent: noisy.sent.clone(), ..quiet(Language::Nl) },
            Digest { planned: noisy.planned.clone(), ..quiet(Language::Nl) },
            Digest { waiting: noisy.waiting.clone(), ..quiet(Language::Nl) },
            Digest { quarantine: noisy.quarantine.clone(), ..quiet(Language::Nl) },
            Digest { health: noisy.health.clone(), ..quiet(Language::Nl) },
        ];
        for digest in one_thing {
            let mail = render(&digest).unwrap();
            assert!(
                !format!("{}{}", mail.subject, mail.text).to_lowercase().contains("niets bijzonders"),
                "{}",
                mail.text
            );
        }
    }

    #[test]
    fn observing_never_claims_that_letters_leave() {
        let observed = |mode| render(&Digest { mode, ..full(Language::Nl) }).unwrap().text;
        assert!(observed(Mode::Observe).contains("ZOU UITGAAN OP 23 NOVEMBER 2026"));
        assert!(!observed(Mode::Observe).contains("GAAT UIT OP"));
        assert!(observed(Mode::Auto).contains("GAAT UIT OP 23 NOVEMBER 2026"));
    }

    #[test]
    fn what_others_wrote_is_harmless() {
        let hostile = "</td><script>x</script>\r\n\r\nWAT UW AANDACHT VRAAGT {{ health }}\0\u{202E}";
        for language in Language::OF_OWNERS {
            let mut digest = full(language);
            digest.mails[0].subject = hostile.to_owned();
            digest.mails[1].evidence = Some(hostile.to_owned());
            digest.mails[1].meaning = hostile.to_owned();
            digest.questions[0].text = hostile.to_owned();
            digest.payments[0].from = hostile.to_owned();
            digest.quarantine[0].name = hostile.to_owned();
            digest.company = hostile.to_owned();
            let mail = render(&digest).unwrap();
            assert!(!mail.html.contains("<script") && mail.html.contains("&lt;script"));
            assert!(mail.text.contains("{{ health }}") && !mail.text.contains(['\0', '\r', '\u{202E}']));
            assert!(mail.text.lines().all(|line| !line.starts_with("WAT UW AANDACHT VRAAGT {")));
            assert!(!mail.subject.contains(['\r', '\n']));
        }
    }

    #[test]
    fn ten_thousand_mails_still_fit() {
        let mut digest = full(Language::En);
        digest.mails = (0..10_000).map(|_| digest.mails[1].clone()).collect();
        digest.questions = (0..10_000).map(|_| digest.questions[0].clone()).collect();
        let mail = render(&digest).unwrap();
        assert!(mail.text.contains("9950 more"), "{}", mail.text);
    }

    #[test]
    fn nobody_can_keep_the_digest_from_the_owner_by_long_texts() {
        let mut digest = full(Language::Nl);
        let long = "'".repeat(10_000);
        let mail = MailIn {
            from: long.clone(),
            debtor: Some(long.clone()),
            subject: long.clone(),
            evidence: Some(long.clone()),
            outcome: Some(long.clone()),
            meaning: long.clone(),
        };
        digest.mails = vec![mail; 1_000];
        digest.questions[0].text = long.clone();
        digest.questions = vec![digest.questions[0].clone(); 1_000];
        digest.payments[0].from = long.clone();
        digest.payments = vec![digest.payments[0].clone(); 1_000];
        digest.quarantine = vec![Quarantined { name: long.clone(), reason: long.clone() }; 1_000];
        digest.health.warnings = vec![long; 1_000];
        let mail = render(&digest).unwrap();
        assert!(mail.text.contains("en nog 995") && mail.html.len() <= 256 * 1024);
    }
}
