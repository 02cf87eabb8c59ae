//! Letters as customers will read them, and what no letter may ever do.

use super::*;
use crate::dunning::money::Currency;
use std::collections::BTreeSet;

mod claims;
pub(crate) mod data;
mod wording;

use data::{one, several, with_claim};

fn render(data: &LetterData) -> Rendered {
    Templates::built_in().render(data).unwrap()
}

fn everything() -> impl Iterator<Item = LetterData> {
    Language::ALL.into_iter().flat_map(data::all).map(|(_, data)| data)
}

#[test]
fn letters_as_written() {
    for language in Language::ALL {
        for (name, data) in data::all(language).into_iter().chain(data::by_post(language)) {
            let letter = render(&data);
            let name = format!("{}-{name}", language.code());
            insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", letter.subject, letter.text));
        }
    }
    insta::assert_snapshot!("html-nl-formal-notice-several", render(&several(Language::Nl, "formal-notice")).html);
    insta::assert_snapshot!("html-nl-last-demand-claim", render(&with_claim(one(Language::Nl, "last-demand"))).html);
    insta::assert_snapshot!("html-en-reminder-one", render(&one(Language::En, "reminder")).html);
}

#[test]
fn built_in_templates_pass_their_own_check() {
    assert_eq!(Templates::built_in().check(), []);
}

/// Every sentence of the text is in the HTML, and the other way round the HTML has no sentence more.
#[test]
fn html_says_what_the_text_says() {
    for data in everything() {
        let letter = render(&data);
        let html = words_of_html(&letter.html);
        for paragraph in letter.text.split("\n\n").filter(|p| !p.contains("  ")) {
            for sentence in paragraph.split(['\n', '.']).filter(|_| paragraph.contains('.')).chain([paragraph]) {
                let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(html.contains(&sentence), "{}/{}: {sentence:?}", data.language.code(), data.template);
            }
        }
        let text = letter.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for paragraph in letter.html.split("<p style=\"margin:0 0 14px 0;\">").skip(1) {
            let paragraph = words_of_html(paragraph.split("</p>").next().unwrap());
            assert!(text.contains(&paragraph), "{}/{}: {paragraph:?}", data.language.code(), data.template);
        }
    }
}

fn words_of_html(html: &str) -> String {
    let tags = regex::Regex::new(r"<[^>]*>").unwrap();
    let inline = regex::Regex::new(r"</?span[^>]*>").unwrap();
    let bare = tags.replace_all(&inline.replace_all(html, ""), " ").replace("&#x2f;", "/").replace("&#x27;", "'");
    bare.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",")
}

/// The letter neither asks nor announces anything beside the invoices.
fn asks_no_more(data: &LetterData) -> bool {
    data.claim.is_none() && data.announced_costs.is_none()
}

/// Art. 6:96(6) BW: no costs, and no word of them, before a valid 14-day letter.
#[test]
fn consumers_read_nothing_about_costs_or_interest() {
    for mut data in everything().filter(|data| asks_no_more(data) && data.template != "notice-of-default") {
        data.debtor_kind = DebtorKind::Consumer;
        let letter = render(&data);
        let all = format!("{}{}{}", letter.subject, letter.text, letter.html).to_lowercase();
        let words = match data.language {
            Language::Nl => ["kosten", "incasso", "rente", "in gebreke", "uit handen"],
            Language::En => ["costs", "collection", "interest", "default", "third party"],
            Language::De => ["kosten", "inkasso", "zinsen", "verzug", "dritte"],
            Language::Fr => ["frais", "recouvrement", "intérêt", "défaut", "un tiers"],
        };
        for word in words {
            assert!(!all.contains(word), "{}/{} says {word:?}", data.language.code(), data.template);
        }
    }
}

#[test]
fn businesses_read_about_costs_from_the_formal_notice_on() {
    for data in everything().filter(|data| asks_no_more(data) && data.debtor_kind == DebtorKind::Business) {
        let text = render(&data).text.split_whitespace().collect::<Vec<_>>().join(" ");
        let [dutch, belgian] = match data.language {
            Language::Nl => ["incassokosten", "invorderingskosten"],
            Language::En => ["collection costs", "recovery costs"],
            Language::De => ["Inkassokosten", "Beitreibungskosten"],
            Language::Fr => ["des frais de recouvrement", "une indemnité pour frais de recouvrement"],
        };
        let (says, foreign) = match data.country {
            Country::Nl => (text.contains(dutch), text.contains(belgian)),
            Country::Be => (text.contains(belgian), text.contains(dutch)),
        };
        assert!(!foreign, "{text}");
        assert_eq!(says, matches!(data.template.as_str(), "formal-notice" | "last-demand"), "{}", data.template);
    }
}

#[test]
fn a_note_before_the_due_date_never_says_unpaid() {
    for data in everything().filter(|data| data.template == "notice") {
        let letter = render(&data);
        let all = format!("{}{}", letter.subject, letter.text).to_lowercase();
        let late = match data.language {
            Language::Nl => ["nog niet", "niet betaald", "te laat"],
            Language::En => ["unpaid", "overdue", "not yet"],
            Language::De => ["noch nicht", "unbezahlt", "überfällig"],
            Language::Fr => ["pas encore", "impayé", "retard"],
        };
        for words in late {
            assert!(!all.contains(words), "{words}");
        }
    }
}

#[test]
fn a_hostile_name_is_harmless() {
    let hostile = "Jansen <script>alert(1)</script>\r\nBcc: x@y.example\u{202E}\0 {{ company.iban }}{% include 'nl/_layout.txt' %}\n\nBetaal op NL00";
    for mut data in everything() {
        data.debtor_name = hostile.to_owned();
        data.contact = Some(hostile.to_owned());
        data.lines[0].number = format!("\"><b>{hostile}");
        data.lines[0].description = Some(hostile.to_owned());
        data.company.name = hostile.to_owned();
        let letter = render(&data);
        assert!(!letter.html.contains("<script") && !letter.html.contains("<b>"), "{}", letter.html);
        assert!(!letter.subject.contains(['\r', '\n', '\0', '\u{202E}']) && !letter.subject.is_empty());
        assert!(!letter.text.contains(['\r', '\0', '\u{202E}']) && !letter.html.contains(['\0', '\u{202E}']));
        assert!(letter.text.lines().all(|line| !line.starts_with("Bcc") && !line.starts_with("Betaal op NL00")));
        assert!(letter.text.contains("{{ company.iban }}"), "template syntax in data is not run");
    }
}

#[test]
fn other_currencies_carry_their_code() {
    let mut data = one(Language::En, "reminder");
    let usd = Currency::parse("USD").unwrap();
    data.lines[0].open = Money::from_minor(121_000, usd);
    data.total = data.lines[0].open;
    assert!(render(&data).text.contains("USD 1,210.00"));
}

#[test]
fn every_amount_in_a_letter_is_its_own() {
    let templates = Templates::built_in();
    for data in everything() {
        let letter = templates.render(&data).unwrap();
        let strange = templates.strange_amount(&data, &format!("{} {}", letter.subject, letter.text));
        assert_eq!(strange, None, "{}", letter.text);
        assert_eq!(templates.strange_amount_in_html(&data, &letter.html), None, "{}", letter.html);
    }
    let data = one(Language::Nl, "reminder");
    assert_eq!(data.total.minor(), 121_000);
    let cases = [
        ("totaal € 1.210,00, of €\u{a0}1.210,00", None),
        ("totaal € 1.210,01", Some("€1.210,01")),
        ("vóór 2.210,00 € betalen", Some("2.210,00€")),
        ("in het Engels €1,210.00", Some("€1,210.00")),
        ("nog 40 euro", Some("40euro")),
        ("nog EUR 40 of 40 EUR", Some("40eur")),
        ("USD 1.210,00", Some("usd1.210,00")),
        ("50,00 CHF", Some("50,00chf")),
        ("KVK 12345678, BTW 21, NL91 ABNA 0417 1643 00, 10,4%, 3 november 2026", None),
    ];
    for (text, expected) in cases {
        assert_eq!(templates.strange_amount(&data, text).as_deref(), expected, "{text}");
    }
    let data = LetterData { contact: Some("afdeling 40 euro".to_owned()), ..data };
    assert_eq!(templates.strange_amount(&data, "nog 40 euro"), None, "its own papers say so");
}

#[test]
fn the_owner_may_replace_a_file() {
    let own = [("nl/reminder.subject".to_owned(), "Even een seintje\n  over {{ lines[0].number }}".to_owned())];
    let letter = Templates::with_overrides(&own).unwrap().render(&one(Language::Nl, "reminder")).unwrap();
    assert_eq!(letter.subject, "Even een seintje over 2026-0412");
    assert_eq!(letter.text, render(&one(Language::Nl, "reminder")).text);
}

#[test]
fn all_faults_of_own_templates_at_once() {
    let own = [
        ("nl/reminder.txt", "{{ company.name }\n"),
        ("nl/reminder.docx", "x"),
        ("reminder.txt", "x"),
        ("es/reminder.txt", "x"),
        ("en/own.html", "{% endif %}"),
    ];
    let own = own.map(|(name, source)| (name.to_owned(), source.to_owned()));
    let faults = Templates::with_overrides(&own).err().unwrap();
    let files: BTreeSet<&str> = faults.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(files, own.iter().map(|(name, _)| name.as_str()).collect());
}

#[test]
fn check_finds_what_a_rare_letter_would_hit() {
    let own = [
        (
            "nl/reminder.txt",
            "{{ company.iban }} {{ total }}\n{% for line in lines %}{{ line.number }}{% endfor %}\n{% if consumer %}{{ costs }}{% endif %}",
        ),
        ("en/notice.html", "<p>{{ total }}</p>"),
        ("en/own.subject", "Hello"),
        (
            "nl/second-reminder.txt",
            "{{ company.iban }} {{ total }} {{ company.phone }}{% for line in lines %}{{ line.number }}{% endfor %}",
        ),
    ];
    let own = own.map(|(name, source)| (name.to_owned(), source.to_owned()));
    let faults = Templates::with_overrides(&own).unwrap().check();
    let printed: Vec<String> = faults.iter().map(TemplateFault::to_string).collect();
    let found = |file: &str, words: &str| printed.iter().any(|f| f.starts_with(file) && f.contains(words));
    assert!(found("nl/reminder.txt:3", "does not have"), "{printed:?}");
    assert!(found("nl/second-reminder.txt:1", "{% if"), "{printed:?}");
    assert!(found("en/notice.html", "company.iban"), "{printed:?}");
    assert!(found("en/notice.html", "every invoice number"), "{printed:?}");
    assert!(found("en/own.txt", "no such template"), "{printed:?}");
}

#[test]
fn an_unknown_template_or_an_empty_subject_is_a_fault() {
    let mut data = one(Language::Nl, "reminder");
    data.template = "../../etc/passwd".to_owned();
    assert!(Templates::built_in().render(&data).unwrap_err().reason.contains("no such template"));
    let own = [("nl/reminder.subject".to_owned(), "{% if false %}x{% endif %}\u{202E}".to_owned())];
    let fault = Templates::with_overrides(&own).unwrap().render(&one(Language::Nl, "reminder")).unwrap_err();
    assert!(fault.reason.contains("empty"), "{fault}");
}

#[test]
fn a_total_that_is_not_the_sum_is_refused() {
    let good = several(Language::Nl, "reminder");
    let more = Money::eur_cents(good.total.minor() + 1);
    let mut mixed = good.clone();
    mixed.lines[1].open = Money::from_minor(1, Currency::parse("USD").unwrap());
    for bad in [LetterData { total: more, ..good.clone() }, LetterData { lines: vec![], ..good.clone() }, mixed] {
        assert!(Templates::built_in().render(&bad).unwrap_err().reason.contains("sum"));
    }
}

#[test]
fn hundreds_of_invoices_fit_and_too_many_are_refused() {
    let many = |count: i64| {
        let mut data = one(Language::Nl, "formal-notice");
        let first = data.lines[0].clone();
        data.lines = (0..count).map(|n| Line { number: format!("2026-{n:04}"), ..first.clone() }).collect();
        data.total = Money::eur_cents(first.open.minor() * count);
        data
    };
    assert!(render(&many(200)).html.contains("2026-0199"));
    assert!(Templates::built_in().render(&many(5_000)).unwrap_err().reason.contains("256 kB"));
}

#[test]
fn the_readme_names_everything_a_template_may_name() {
    let readme = include_str!("../../templates/README.md");
    let mut data = with_claim(several(Language::Nl, "reminder"));
    data.missed = Some(Missed { amount: data.total, due: data.today, rest: data.total, whole_becomes_due: false });
    let view = view::view(&data, data.total);
    for (parent, key) in names("", &view) {
        let whole = format!("{parent}.{key}");
        let named = [format!("`{key}`"), format!("`.{key}`"), format!("`{}`", whole.trim_start_matches('.'))];
        assert!(named.iter().any(|name| readme.contains(name)) || key == "company" || key == "dutch", "{whole}");
    }
}

/// Every name below a value, with the name of what it belongs to.
fn names(parent: &str, value: &minijinja::Value) -> Vec<(String, String)> {
    use minijinja::value::ValueKind;
    let mut all = Vec::new();
    if value.kind() == ValueKind::Seq {
        let first = value.get_item(&0.into()).unwrap();
        return if first.kind() == ValueKind::Map { names(parent, &first) } else { all };
    }
    if value.kind() != ValueKind::Map {
        return all;
    }
    for key in value.try_iter().unwrap() {
        let below = names(&key.to_string(), &value.get_attr(&key.to_string()).unwrap());
        all.push((parent.to_owned(), key.to_string()));
        all.extend(below);
    }
    all
}

#[test]
fn a_promise_kept_in_part_and_a_disputed_part_are_told_in_every_language() {
    for language in Language::ALL {
        let stage = several(language, "second-reminder");
        for mut data in
            [stage, data::fourteen_days(language, "several", true), data::belgian_first(language, "several")]
        {
            let broken = render(&data);
            data.promise_paid = Some(Money::eur_cents(5_050));
            data.lines[1].disputed = Some(Money::eur_cents(7_770));
            let letter = render(&data);
            for told in [Money::eur_cents(5_050), Money::eur_cents(7_770)].map(|told| amount(told, language)) {
                assert!(letter.text.contains(&told) && letter.html.contains(&told), "{told} in {}", letter.text);
                assert!(!broken.text.contains(&told), "{told} in {}", broken.text);
            }
            assert!(!letter.text.contains("None") && letter.text != broken.text);
        }
    }
}

/// An owner's own layout from before there were thanks would ask for nothing, in euros.
#[test]
fn thanks_never_ask_for_payment() {
    let layout = include_str!("../../templates/nl/_layout.txt").replace("{% block demand %}", "{% block other %}");
    let own = Templates::with_overrides(&[("nl/_layout.txt".to_owned(), layout)]).unwrap();
    let fault = own.render(&data::thanks(Language::Nl, "one")).unwrap_err();
    assert!(fault.reason.contains("a block named demand"), "{fault}");
    assert!(own.check().iter().any(|found| found.reason == fault.reason));
    let mut asks = data::thanks(Language::Nl, "one");
    (asks.lines[0].open, asks.total) = (Money::eur_cents(100), Money::eur_cents(100));
    assert!(Templates::built_in().render(&asks).unwrap_err().reason.contains("asks nothing"));
}
