//! Interest, costs, instalments and ways to pay: what is shown, and what no letter may ask.

use super::data::{belgian_first, fourteen_days, from_belgium, missed, one, several, to_consumer, with_claim};
use super::{everything, render, words_of_html};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::{Currency, Money};
use crate::letter::{LetterData, Templates};
use std::collections::BTreeMap;

/// Every amount of money in a text with how often it stands there.
fn amounts(text: &str) -> BTreeMap<String, usize> {
    let amount = regex::Regex::new(r"€ ?[\d.,]*\d|\d{1,3}(?:[. ]\d{3})*,\d\d €").unwrap();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    amount.find_iter(&words).fold(BTreeMap::new(), |mut all, found| {
        *all.entry(found.as_str().to_owned()).or_default() += 1;
        all
    })
}

fn refused(data: &LetterData) -> String {
    Templates::built_in().render(data).unwrap_err().reason
}

#[test]
fn html_and_text_name_the_same_amounts_as_often() {
    for data in everything() {
        let letter = render(&data);
        let (text, html) = (amounts(&letter.text), amounts(&words_of_html(&letter.html)));
        assert!(!text.is_empty() || data.thanks.is_some());
        assert_eq!(text, html, "{}/{}", data.language.code(), data.template);
    }
}

#[test]
fn nothing_is_never_shown() {
    for data in everything() {
        let letter = render(&data);
        let html = words_of_html(&letter.html);
        for word in ["€ 0,00", "€0.00", " 0,00 €", "none", "None", "null"] {
            assert!(!letter.text.contains(word) && !html.contains(word), "{}: {word:?}", data.template);
        }
    }
    let plain = one(Language::Nl, "formal-notice");
    let mut zero = with_claim(plain.clone());
    let claim = zero.claim.as_mut().unwrap();
    claim.costs = Some(Money::eur_cents(0));
    let interest = claim.interest.as_mut().unwrap();
    interest.total = Money::eur_cents(0);
    interest.segments[0].interest = Money::eur_cents(0);
    zero = LetterData { earlier_attached: false, payment_link: None, qr_cid: None, ..zero };
    assert_eq!(render(&zero), render(&plain));
}

#[test]
fn what_is_asked_is_the_sum_of_what_is_shown() {
    let data = with_claim(several(Language::Nl, "formal-notice"));
    assert_eq!(data.asked(), Some(Money::eur_cents(275_285 + 1_932 + 4_000)));
    let text = render(&data).text;
    for row in ["Hoofdsom", "Wettelijke handelsrente tot en met 23 november 2026", "Incassokosten", "Te betalen:"] {
        assert!(text.lines().any(|line| line.starts_with(row) && line.contains("  ")), "{row}");
    }
    assert!(text.contains("Te betalen:            € 2.812,17\n"));
    let instalment = missed(Language::Nl, "several");
    assert_eq!(instalment.asked(), Some(Money::eur_cents(30_250)));
    assert!(render(&instalment).text.contains("Te betalen:            € 302,50\n"));
}

#[test]
fn a_consumer_is_asked_no_costs_too_early() {
    for language in Language::ALL {
        for basis in ["scale", "fixed-40", "be-2002", "anything"] {
            let mut data = with_claim(to_consumer(one(language, "formal-notice")));
            data.claim.as_mut().unwrap().costs_basis = basis;
            assert!(refused(&data).contains("consumer"), "{basis}");
            data.claim.as_mut().unwrap().costs = None;
            let text = render(&data).text.to_lowercase();
            for costs in ["incassokosten", "collection costs", "inkassokosten", "frais de recouvrement"] {
                assert!(!text.contains(costs), "{text}");
            }
        }
    }
}

#[test]
fn letters_that_their_data_cannot_be() {
    let costs = |data: &mut LetterData| {
        let claim = with_claim(to_consumer(one(Language::Nl, "formal-notice"))).claim;
        data.claim = claim;
    };
    let change = |mut data: LetterData, how: &dyn Fn(&mut LetterData)| {
        how(&mut data);
        data
    };
    let free = || fourteen_days(Language::Nl, "one", true);
    let first = || belgian_first(Language::Nl, "several");
    let notice = || to_consumer(one(Language::Nl, "notice-of-default"));
    let cases = [
        (change(free(), &|d| d.announced_costs = None), "must name the costs"),
        (change(free(), &|d| d.announced_costs = Some(Money::eur_cents(0))), "must name the costs"),
        (change(free(), &costs), "is free"),
        (change(first(), &costs), "is free"),
        (change(first(), &|d| d.company.vat = None), "enterprise number"),
        (change(first(), &|d| d.copies_attached = false), "describe the goods"),
        (change(notice(), &|d| d.deadline = None), "a term that ends on a date"),
        (change(notice(), &costs), "no interest or costs"),
        (change(missed(Language::Nl, "one"), &|d| d.missed = None), "which one"),
        (change(missed(Language::Nl, "one"), &costs), "that instalment only"),
    ];
    for (data, words) in cases {
        let reason = refused(&data);
        assert!(reason.contains(words), "{}: {reason}", data.template);
    }
}

#[test]
fn interest_that_does_not_add_up_is_refused() {
    let good = with_claim(several(Language::Nl, "formal-notice"));
    let mut bad = good.clone();
    bad.claim.as_mut().unwrap().interest.as_mut().unwrap().segments[1].interest = Money::eur_cents(1_113);
    assert!(refused(&bad).contains("sum"));
    let mut mixed = good.clone();
    mixed.claim.as_mut().unwrap().costs = Some(Money::from_minor(1, Currency::parse("USD").unwrap()));
    assert!(refused(&mixed).contains("currency"));
    assert_eq!(mixed.asked(), None);
    let mut huge = good;
    huge.claim.as_mut().unwrap().costs = Some(Money::eur_cents(i64::MAX));
    assert!(refused(&huge).contains("currency"));
}

#[test]
fn the_law_of_the_debtor_is_named_and_no_clause_to_a_consumer() {
    for language in Language::ALL {
        for data in [one(language, "formal-notice"), to_consumer(one(language, "last-demand"))] {
            let dutch = render(&with_claim(data.clone())).text;
            let belgian = render(&with_claim(from_belgium(data))).text;
            for law in ["BW", "Dutch", "niederländ", "néerlandais", "6:96", "6:119"] {
                assert!(!belgian.contains(law), "{belgian}");
            }
            for law in ["XIX", "2002", "België", "Belgian", "belgi", "belge"] {
                assert!(!dutch.contains(law), "{dutch}");
            }
            // A claim under Dutch or Belgian law says whose law it is where German or French law could be thought of.
            let home = match language {
                Language::Nl => ["BW", "wet van 2 augustus 2002", "Boek XIX"],
                Language::En => ["Dutch", "Belgian", "Belgian"],
                Language::De => ["niederländischen", "belgisches", "belgischen"],
                Language::Fr => ["néerlandais", "loi belge", "belge"],
            };
            let belgian = belgian.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(dutch.contains(home[0]) && home[1..].iter().any(|law| belgian.contains(law)), "{belgian}");
        }
        for (data, named) in
            [(one(language, "formal-notice"), true), (to_consumer(one(language, "formal-notice")), false)]
        {
            let mut data = with_claim(data);
            data.claim.as_mut().unwrap().interest.as_mut().unwrap().basis = "contract";
            let text = render(&data).text.to_lowercase();
            let words = ["overeengekomen", "agreed", "vereinbart", "convenus"];
            assert_eq!(words.iter().any(|word| text.contains(word)), named, "{text}");
        }
    }
}

#[test]
fn the_law_is_that_of_the_customers_country() {
    let text = render(&from_belgium(one(Language::Nl, "formal-notice"))).text;
    assert!(!text.contains("verjaring") && text.contains("voorbehoud van alle rechten"));
    assert!(text.contains("\nOndernemingsnummer: 0123.456.749\n") && !text.contains("KvK"));
    let mut fixed = with_claim(from_belgium(one(Language::Nl, "formal-notice")));
    fixed.claim.as_mut().unwrap().interest = None;
    assert!(render(&fixed).html.contains("art. 6 van de wet van 2 augustus 2002"));
    // A Dutch company that writes to a consumer in Belgium, and the other way round.
    let mut abroad = to_consumer(one(Language::Nl, "last-demand"));
    abroad.country = Country::Be;
    let text = render(&abroad).text;
    assert!(!text.contains("verjaring") && text.contains("KvK: 12345678"), "{text}");
    let mut home = from_belgium(fourteen_days(Language::Nl, "one", false));
    home.country = Country::Nl;
    assert!(render(&home).text.contains("stuiten wij de verjaring"));
}

#[test]
fn rights_are_reserved_from_the_second_reminder_on_and_threats_do_not_come_first() {
    for data in everything() {
        let text = render(&data).text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let reserving: &[&str] = match data.country {
            Country::Nl => &["ondubbelzinnig", "unequivocally", "unmissverständlich", "sans équivoque"],
            Country::Be => {
                &["alle rechten", "all our rights", "aller rechte", "alle rechte", "tous droits", "tous nos droits"]
            }
        };
        let reserved = reserving.iter().any(|words| text.contains(words));
        let friendly = matches!(data.template.as_str(), "notice" | "reminder" | "be-first-reminder" | "thanks");
        assert_eq!(reserved, !friendly, "{}", data.template);
        let severe = match data.language {
            Language::Nl => ["rechter", "gerechtelijk", "incassobureau", "verzuim"],
            Language::En => ["court", "proceedings", "agency", "in default"],
            Language::De => ["gericht ", "gerichtlich", "inkassobüro", "verzug "],
            Language::Fr => ["juge", "judiciaire", "bureau de recouvrement", "en défaut"],
        };
        let gentle = friendly || matches!(data.template.as_str(), "second-reminder" | "missed-instalment");
        assert!(!gentle || severe.iter().all(|word| !text.contains(word)), "{text}");
    }
}

/// A consumer owes no more costs than those that were announced, and is told of no right to more.
#[test]
fn no_further_costs_of_a_consumer() {
    for language in Language::ALL {
        for stage in ["formal-notice", "last-demand"] {
            let further = [
                "verdere rente en kosten",
                "further interest and costs",
                "weitere Zinsen und Kosten",
                "intérêts et frais",
            ];
            let says = |data: LetterData| {
                let text = render(&with_claim(data)).text.split_whitespace().collect::<Vec<_>>().join(" ");
                further.iter().any(|words| text.contains(words))
            };
            assert!(says(one(language, stage)));
            assert!(!says(to_consumer(one(language, stage))) && !says(from_belgium(to_consumer(one(language, stage)))));
        }
    }
}

/// The scale takes the place of the 40 euros: the first letter says that it may, the second that it did.
#[test]
fn costs_that_grow_are_announced_and_explained() {
    let text = |stage: &str| {
        let letter = render(&with_claim(one(Language::Nl, stage)));
        letter.text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (first, last) = (text("formal-notice"), text("last-demand"));
    assert!(first.contains("kunnen dan worden verhoogd") && first.contains("€ 40,00"), "{first}");
    assert!(
        last.contains("eerder gevraagde incassokosten zijn daarin begrepen") && !last.contains("€ 40,00"),
        "{last}"
    );
}

#[test]
fn a_link_and_a_code_only_when_they_are_there() {
    for language in Language::ALL {
        let bare = render(&one(language, "reminder"));
        assert!(!bare.html.contains("<img") && !bare.html.contains("<a ") && !bare.text.contains("QR"));
        let full = render(&with_claim(one(language, "formal-notice")));
        assert!(full.html.contains("<img src=\"cid:betaalcode@voorbeeldbedrijf.example\""));
        assert!(
            full.html
                .contains("<a href=\"https:&#x2f;&#x2f;betalen.voorbeeldbedrijf.example&#x2f;2026-0412?b=1&amp;c=2\"")
        );
        assert!(full.text.contains("https://betalen.voorbeeldbedrijf.example/2026-0412?b=1&c=2\n"));
        assert!(full.text.contains("QR"));
        for link in
            ["javascript:alert(1)", "http://a.example", "https://", "https://a.example/ x", "https://a.example/\"x"]
        {
            let mut data = one(language, "reminder");
            data.payment_link = Some(link.to_owned());
            assert_eq!(render(&data), bare, "{link}");
        }
    }
}

#[test]
fn long_histories_of_interest_stay_short() {
    let mut data = with_claim(one(Language::Nl, "formal-notice"));
    let interest = data.claim.as_mut().unwrap().interest.as_mut().unwrap();
    let first = interest.segments[0].clone();
    interest.segments = (0..12)
        .map(|n| {
            let from = first.from + chrono::Months::new(n);
            let rate = first.rate + rust_decimal::Decimal::new(i64::from(n % 3), 1);
            crate::letter::Segment { from, to: from + chrono::Days::new(20), rate, ..first.clone() }
        })
        .collect();
    interest.total = Money::eur_cents(first.interest.minor() * 12);
    let text = render(&data).text;
    assert_eq!(text.matches("- factuur").count(), 1, "{text}");
    assert!(text.contains("10,4% tot 10,6% per jaar") && text.contains("volledige renteberekening"), "{text}");
}

#[test]
fn each_letter_says_when_earlier_ones_are_attached() {
    let mut data = one(Language::Nl, "formal-notice");
    data.earlier_attached = true;
    assert!(render(&data).text.split_whitespace().collect::<Vec<_>>().join(" ").contains("Kopieën daarvan vindt u"));
    data.earlier.clear();
    assert!(!render(&data).text.contains("Kopieën daarvan"));
}

#[test]
fn a_government_is_asked_under_its_own_article() {
    let mut data = one(Language::Nl, "formal-notice");
    data.debtor_kind = DebtorKind::Government;
    assert!(render(&with_claim(data)).text.contains("art. 6:119b BW"));
}

/// Without the clause in the terms nothing is owed beside the balance, and the first reminder announces nothing.
#[test]
fn a_belgian_first_reminder_without_the_clause() {
    for language in Language::ALL {
        let mut data = belgian_first(language, "one");
        data.announced_costs = None;
        let letter = Templates::built_in().render(&data).unwrap();
        assert!(!letter.text.contains("XIX"), "{}", letter.text);
    }
}

/// Where part of the interest was paid before, no lines add up to what is asked, and none are shown.
#[test]
fn interest_without_its_computation() {
    for language in Language::ALL {
        let mut data = with_claim(one(language, "formal-notice"));
        data.claim.as_mut().unwrap().interest.as_mut().unwrap().segments.clear();
        let asked = data.asked().unwrap();
        let letter = Templates::built_in().render(&data).unwrap();
        assert!(letter.text.contains(&crate::letter::format::amount(asked, language)), "{}", letter.text);
        assert!(!letter.text.trim_end().ends_with(':'), "{}", letter.text);
    }
}
