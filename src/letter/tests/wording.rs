//! The letters on whose wording the right to costs depends.

use super::data::{belgian_first, day, fourteen_days};
use super::{one, render};
use crate::dunning::debtor::Language;
use crate::letter::{TemplateFault, Templates};

const ACCEPTED: &str = "binnen veertien dagen vanaf de dag nadat deze brief door u is ontvangen";

/// The built-in templates with one of them changed, in the text and in the HTML.
fn changed(name: &str, from: &str, to: &str) -> Templates {
    let own = ["txt", "html"].map(|part| {
        let file = format!("{name}.{part}");
        let source = std::fs::read_to_string(format!("{}/templates/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(source.contains(from), "{file} has no {from:?}");
        (file, source.replace(from, to))
    });
    Templates::with_overrides(&own).unwrap()
}

fn reasons(templates: &Templates) -> Vec<String> {
    templates.check().iter().map(TemplateFault::to_string).collect()
}

/// What the Hoge Raad and the judges' recommendation accept; 14 and 15 in figures say the same.
#[test]
fn accepted_words_of_the_term() {
    for words in [
        "binnen veertien dagen vanaf de dag nadat deze brief bij u is bezorgd",
        "binnen vijftien dagen nadat deze brief bij u is bezorgd",
        "binnen vijftien dagen nadat deze brief door u is ontvangen",
        "binnen 14 dagen vanaf de dag nadat deze brief door u is ontvangen",
        "binnen veertien (14) dagen vanaf de dag\n nadat deze <b>brief</b> door u is ontvangen",
    ] {
        let words = if words.contains('<') { words.replace("<b>", "").replace("</b>", "") } else { words.to_owned() };
        assert_eq!(changed("nl/_fourteen-days", ACCEPTED, &words).check(), [], "{words}");
    }
}

/// Each of these cost a creditor the fee, or is on no list.
#[test]
fn rejected_words_of_the_term() {
    for words in [
        "binnen veertien dagen na heden",
        "binnen veertien dagen na dagtekening van deze brief",
        "binnen veertien dagen, te rekenen vanaf de dag na dagtekening",
        "binnen veertien dagen na verzending van deze brief",
        "binnen veertien dagen na ontvangst van deze brief",
        "binnen 14 dagen na ontvangst",
        "binnen 14 dagen, aanvangende twee dagen na dagtekening",
        "binnen 14 dagen",
        "binnen twee weken",
        "uiterlijk op 1 december 2026",
        "vóór 1 december 2026",
        "binnen vijftien dagen vanaf de dag nadat deze brief door u is ontvangen",
        "binnen dertien dagen vanaf de dag nadat deze brief door u is ontvangen",
        "binnen drie weken na de ontvangst van deze brief",
        "",
    ] {
        let templates = changed("nl/_fourteen-days", ACCEPTED, words);
        let fault = templates.render(&fourteen_days(Language::Nl, "one", true)).unwrap_err();
        assert!(fault.file == "nl/fourteen-day-letter.txt" && fault.reason.contains("accepted"), "{words}: {fault}");
        for file in ["nl/fourteen-day-letter.txt", "nl/fourteen-day-letter.html", "en/fourteen-day-letter.txt"] {
            assert!(reasons(&templates).iter().any(|reason| reason.starts_with(file)), "{words}");
        }
    }
}

/// The right words do not help when wrong ones stand beside them.
#[test]
fn a_second_term_or_amount_spoils_the_letter() {
    let first = "Dit is een aanmaning waaraan voor u geen kosten zijn verbonden.";
    for (more, words) in [
        ("U moet binnen 14 dagen betalen.", "from when"),
        ("Wij rekenen op betaling binnen twee weken.", "from when"),
        ("U betaalt uiterlijk op 1 december 2026.", "too early"),
        ("De termijn loopt na dagtekening.", "before receipt"),
        ("Wij verzoeken u {{ total }} te betalen.", "one amount"),
        ("Betaalt u niet, dan komen er € 15,00 administratiekosten bij.", "none of this letter's"),
        ("Daar komt 25 euro bij.", "none of this letter's"),
        ("{% if deadline %}Wij verwachten u op {{ deadline }}.{% endif %}", "last day"),
    ] {
        let found = reasons(&changed("nl/fourteen-day-letter", first, &format!("{first} {more}")));
        assert!(
            found.iter().any(|r| r.starts_with("nl/fourteen-day-letter.txt") && r.contains(words)),
            "{more}: {found:?}"
        );
        assert!(
            found.iter().any(|r| r.starts_with("nl/fourteen-day-letter.html") && r.contains(words)),
            "{more}: {found:?}"
        );
    }
}

#[test]
fn the_exact_fee_and_the_exact_amount_are_there() {
    for (from, to, words) in [
        ("{{ dutch.costs }}", "een vergoeding", "exact costs"),
        ("{{ dutch.costs }}", "ten hoogste 15%", "exact costs"),
        ("{{ dutch.asked }}", "{{ total }}", "one amount"),
        ("geen incassokosten verschuldigd", "klaar", "costs nothing"),
    ] {
        let found = reasons(&changed("nl/_fourteen-days", from, to));
        assert!(found.iter().any(|reason| reason.contains(words)), "{to}: {found:?}");
    }
    let found = reasons(&changed("nl/_layout", "{{ asked }}", "{{ total }}"));
    assert!(found.iter().any(|reason| reason.starts_with("nl/fourteen-day-letter") && reason.contains("one amount")));
}

#[test]
fn a_letter_in_another_language_has_the_dutch_words_too() {
    for language in [Language::En, Language::De, Language::Fr] {
        let own = ["txt", "html"].map(|part| {
            let file = format!("{}/fourteen-day-letter.{part}", language.code());
            let source = std::fs::read_to_string(format!("{}/templates/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let included = format!("{{% include \"nl/_fourteen-days.{part}\" %}}");
            assert!(source.contains(&included), "{file}");
            (file, source.replace(&included, ""))
        });
        let found = reasons(&Templates::with_overrides(&own).unwrap());
        for (file, _) in &own {
            assert!(found.iter().any(|reason| reason.starts_with(file) && reason.contains("Dutch")), "{found:?}");
        }
    }
    for language in Language::ALL {
        let text = render(&fourteen_days(language, "one", true)).text;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains(&format!("Betaalt u € 1.212,25 {ACCEPTED}, dan bent u geen incassokosten verschuldigd."))
        );
        assert!(text.contains("daarnaast € 181,50 aan incassokosten verschuldigd (art. 6:96 BW)"));
    }
}

#[test]
fn no_date_is_a_deadline_in_the_fourteen_day_letter() {
    for language in Language::ALL {
        let mut data = fourteen_days(language, "several", true);
        data.deadline = Some(day("2026-12-02"));
        let letter = render(&data);
        let text = letter.text.to_lowercase().replace('.', "");
        assert!(!["2 december", "2 dezember", "2 décembre"].iter().any(|date| text.contains(date)), "{}", letter.text);
    }
}

/// An invoice that says "binnen 14 dagen" or names an amount is not the letter's own wording.
#[test]
fn words_of_others_are_not_the_letters_words() {
    for mut data in [fourteen_days(Language::Nl, "one", false), belgian_first(Language::En, "one")] {
        data.lines[0].description = Some("Levering binnen 14 dagen na heden, te betalen € 5,00".to_owned());
        data.lines[0].order_reference = Some("uiterlijk op 1 december 2026".to_owned());
        assert!(render(&data).text.contains("Levering binnen 14 dagen"));
    }
}

#[test]
fn a_belgian_first_reminder_says_all_that_the_law_asks() {
    for (from, to, words) in [
        ("veertien kalenderdagen", "veertien dagen", "fourteen calendar days"),
        ("te rekenen vanaf de kalenderdag na de verzending van dit bericht", "na heden", "fourteen calendar days"),
        ("{{ announced_costs }}", "een bedrag", "exact costs"),
        ("De schuldeiser is", "De schuldeiser is bekend.{% set x = 1 %}{% if false %}", "enterprise number"),
    ] {
        let mut own: Vec<(String, String)> = Vec::new();
        for part in ["txt", "html"] {
            let file = format!("nl/be-first-reminder.{part}");
            let source = std::fs::read_to_string(format!("{}/templates/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            assert!(source.contains(from), "{file}: {from}");
            let open = to.ends_with("{% if false %}");
            let lines = source.lines().map(|line| match line.contains(from) {
                true if open => format!("{}{{% endif %}}", line.replace(from, to)),
                true => line.replace(from, to),
                false => line.to_owned(),
            });
            own.push((file, lines.collect::<Vec<_>>().join("\n")));
            let layout = format!("nl/_layout.{part}");
            let source = std::fs::read_to_string(format!("{}/templates/{layout}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            own.push((
                layout,
                source
                    .replace("{{ company.enterprise_number }}", "")
                    .replace("{{ company.kvk }}", "")
                    .replace("{{ company.vat }}", ""),
            ));
        }
        let found = reasons(&Templates::with_overrides(&own).unwrap());
        assert!(
            found.iter().any(|r| r.starts_with("nl/be-first-reminder.txt") && r.contains(words)),
            "{to}: {found:?}"
        );
    }
}

/// The German and the French letter are held to the same: the term of the law, the amounts, no date and no other start.
#[test]
fn wrong_words_in_german_and_french() {
    let cases = [
        ("de/be-first-reminder", "vierzehn Kalendertagen", "vierzehn Tagen", "fourteen calendar days"),
        ("de/be-first-reminder", "nach der Versendung", "vor der Versendung", "fourteen calendar days"),
        ("de/be-first-reminder", "{{ announced_costs }}", "10,00 €", "exact costs"),
        ("de/fourteen-day-letter", "dies ist", "zahlen Sie bis zum 1. Dezember 2026; dies ist", "too early"),
        ("de/fourteen-day-letter", "dies ist", "zahlen Sie ab heute; dies ist", "before receipt"),
        ("de/fourteen-day-letter", "{{ announced_costs }}", "1{{ announced_costs }}", "exact costs"),
        ("de/fourteen-day-letter", "dies ist", "zahlen Sie 12.345,67 €; dies ist", "one amount"),
        ("fr/be-first-reminder", "quatorze jours calendrier", "quatorze jours", "fourteen calendar days"),
        ("fr/be-first-reminder", "qui suit l'envoi", "de l'envoi", "fourteen calendar days"),
        ("fr/be-first-reminder", "{{ announced_costs }}", "10,00 €", "exact costs"),
        ("fr/fourteen-day-letter", "Ceci est", "Payez au plus tard le 1er décembre 2026. Ceci est", "too early"),
        ("fr/fourteen-day-letter", "Ceci est", "Le délai court à compter de ce jour. Ceci est", "before receipt"),
        ("fr/fourteen-day-letter", "{{ asked }}", "{{ total }}", "one amount"),
        ("fr/fourteen-day-letter", "Ceci est", "Il reste 12\u{202F}345,67 €. Ceci est", "none of this letter's"),
    ];
    for (name, from, to, words) in cases {
        let found = reasons(&changed(name, from, to));
        for part in ["txt", "html"] {
            let file = format!("{name}.{part}");
            assert!(found.iter().any(|r| r.starts_with(&file) && r.contains(words)), "{name} {to}: {found:?}");
        }
    }
}

#[test]
fn other_letters_are_not_looked_at() {
    let templates = Templates::built_in();
    assert_eq!(templates.lint(&one(Language::Nl, "formal-notice")), Ok(vec![]));
    assert_eq!(templates.lint(&fourteen_days(Language::Nl, "one", true)), Ok(vec![]));
}
