use super::*;
use proptest::prelude::*;

const ISSUED: &str = "2026-10-01";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn on(issued: &str, text: &str) -> Reading {
    read(&[text.to_owned()], day(issued))
}

fn due(text: &str) -> Option<NaiveDate> {
    match on(ISSUED, text) {
        Reading::Due(day) => Some(day),
        Reading::Silent | Reading::Unclear(_) => None,
    }
}

#[test]
fn terms_as_they_are_written() {
    let table = "
        Betaling binnen 30 dagen na factuurdatum          | 2026-10-31
        30 dagen netto                                    | 2026-10-31
        30 dagen                                          | 2026-10-31
        Graag betalen binnen 14 dgn. na factuurdatum.     | 2026-10-15
        Betalingstermijn: 30                              | 2026-10-31
        Betalingstermijn in dagen: 30                     | 2026-10-31
        Gelieve € 1.210,00 binnen veertien (14) dagen over te maken op NL91ABNA0417164300 o.v.v. 2026/0412 | 2026-10-15
        Facturen dienen binnen 21 dagen te worden voldaan | 2026-10-22
        Te betalen binnen een maand                       | 2026-11-01
        Betaling binnen 2 weken                           | 2026-10-15
        Betaling binnen 30 dagen na ontvangst van de factuur | 2026-11-01
        Gelieve te betalen vóór 15-12-2026                | 2026-12-15
        Uiterlijk te voldoen op 15 december 2026          | 2026-12-15
        Vervaldatum: 15/12/26                             | 2026-12-15
        2026-11-20                                        | 2026-11-20
        per direct                                        | 2026-10-02
        Direct te voldoen                                 | 2026-10-02
        Contant                                           | 2026-10-02
        à contant                                         | 2026-10-02
        30 jours fin de mois                              | 2026-11-30
        30 jours net                                      | 2026-10-31
        Paiement à 45 jours date de facture               | 2026-11-15
        Payable à réception de la facture                 | 2026-10-02
        Paiement comptant                                 | 2026-10-02
        À payer avant le 15 décembre 2026                 | 2026-12-15
        Zahlbar innerhalb von 14 Tagen                    | 2026-10-15
        Zahlbar innerhalb 14 Tagen nach Erhalt der Rechnung | 2026-10-16
        Zahlbar sofort rein netto                         | 2026-10-02
        Zahlbar ohne Abzug bis zum 30.11.2026             | 2026-11-30
        Fällig am 15. Dezember 2026                       | 2026-12-15
        Fällig nach Belegdatum + 10 Tage                  | 2026-10-11
        Zahlungsziel: 14 Tage                             | 2026-10-15
        net 30                                            | 2026-10-31
        Net30                                             | 2026-10-31
        Payment within 30 days                            | 2026-10-31
        Payable within 1 calendar month from the invoice date | 2026-11-01
        Due on receipt                                    | 2026-10-02
        Payment due by December 15, 2026                  | 2026-12-15
        Please transfer the fee of 150.00 € within 14 days to the above account, stating 9876/54/321. | 2026-10-15
        14 dagen. Betaling binnen 30 dagen.               | 2026-10-31
        8 à 10 dagen netto                                | 2026-10-11";
    for row in table.lines().filter(|row| row.contains('|')) {
        let (text, expected) = row.rsplit_once('|').unwrap();
        assert_eq!(due(text.trim()), Some(day(expected.trim())), "{text}: {:?}", on(ISSUED, text.trim()));
    }
}

#[test]
fn the_end_of_a_month() {
    for (issued, text, expected) in [
        ("2026-10-15", "einde maand", "2026-10-31"),
        ("2026-10-31", "te betalen einde maand", "2026-10-31"),
        ("2026-12-15", "Zahlbar zum Ende des Folgemonats", "2027-01-31"),
        ("2026-01-31", "end of next month", "2026-02-28"),
        ("2028-01-31", "payable at the end of the following month", "2028-02-29"),
        // The 14th of February and on to its end, or from the end of January: the later.
        ("2026-01-15", "30 jours fin de mois", "2026-03-02"),
        ("2026-01-15", "30 dagen einde maand", "2026-03-02"),
        ("2026-01-15", "net 30 EOM", "2026-03-02"),
        ("2026-01-15", "30 jours après fin de mois", "2026-03-02"),
        ("2026-01-15", "fin de mois + 30 jours", "2026-03-02"),
        ("2026-10-31", "60 jours fin de mois", "2026-12-31"),
        ("2026-10-01", "45 dagen na einde maand", "2026-12-15"),
        ("2026-10-15", "1 maand einde maand", "2026-11-30"),
        ("2026-01-31", "1 maand", "2026-02-28"),
    ] {
        assert_eq!(on(issued, text), Reading::Due(day(expected)), "{issued} {text}");
    }
    for text in ["30 jours fin de mois le 10", "fin de mois le 10 du mois suivant", "30 dagen einde volgende maand"] {
        assert!(matches!(on(ISSUED, text), Reading::Unclear(_)), "{text}");
    }
}

#[test]
fn a_discount_never_shortens_the_term() {
    for (text, expected) in [
        ("2% 10 net 30", Some("2026-10-31")),
        ("2/10 net 30", Some("2026-10-31")),
        ("2% 10 Tage, Netto 30 Tage", Some("2026-10-31")),
        ("10 Tage 3% Skonto, 30 Tage netto", Some("2026-10-31")),
        ("Zahlbar in 10 Tagen mit 2% Skonto oder in 30 Tagen ohne Abzug", Some("2026-10-31")),
        (
            "Zahlbar innerhalb 30 Tagen netto bis 04.11.2026, 3% Skonto innerhalb 10 Tagen bis 15.10.2026",
            Some("2026-11-04"),
        ),
        ("Betaling binnen 30 dagen. Bij betaling binnen 8 dagen geldt 2% korting", Some("2026-10-31")),
        ("#SKONTO#TAGE=14#PROZENT=2.00#\n30 Tage netto", Some("2026-10-31")),
        (
            "#SKONTO#TAGE=7#PROZENT=2.00#BASISBETRAG=100.00#\n#SKONTO#TAGE=14#PROZENT=1.00#\nZahlbar in 30 Tagen",
            Some("2026-10-31"),
        ),
        ("#VERZUG#TAGE=3#PROZENT=9.00#\nZahlbar in 30 Tagen", Some("2026-10-31")),
        ("#SKONTO#TAGE=14#PROZENT=2.00#", None),
        ("#SKONTO#TAGE=60#PROZENT=2.00#\n30 Tage netto", None),
        ("#SKONTO#TAGE=14#PROZENT=2.00#\nZahlbar in 14 Tagen", None),
        ("Bei Zahlung innerhalb 14 Tagen gewähren wir 2,0% Skonto.", None),
        ("Bij betaling binnen 8 dgn. 2% korting", None),
        ("Bij betaling binnen 8 dagen.\n2% korting", None),
        ("Bij betaling binnen 8 dagen, 2% korting", None),
        ("Innerhalb 8 Tagen abzüglich 2% Skonto, ab dem 9. Tag netto", None),
        ("Skontovereinbarung: 2% bei Zahlung innerhalb 10 Tagen nach Rechnungsdatum", None),
        ("50% binnen 14 dagen, 50% binnen 30 dagen", None),
        ("Payment within 10 days, 2% discount", None),
    ] {
        assert_eq!(due(text), expected.map(day), "{text}: {:?}", on(ISSUED, text));
    }
}

#[test]
fn what_is_not_sure_is_not_read() {
    for text in [
        "10 werkdagen",
        "Payment within 5 business days",
        "30 jours ouvrables",
        "48 uur",
        "30 dagen na levering",
        "14 Tage nach Erhalt der Ware",
        "Betaling binnen 30 dagen na 15-10-2026",
        "50% aanbetaling, rest binnen 14 dagen",
        "Zahlung in 3 Raten innerhalb von 90 Tagen",
        "Wordt binnen 14 dagen automatisch geïncasseerd",
        "Der Betrag wird am 20.11.2026 per SEPA-Lastschrift eingezogen",
        "Indien niet binnen 30 dagen voldaan",
        "Abonnement van 12 maanden",
        "Reeds betaald per iDEAL",
        "Der Rechnungsbetrag wurde bereits beglichen.",
        "Voldaan",
        "Betaling binnen 1,5 maanden",
        "Te betalen voor 01-09-2026",
        "Betaling binnen 400 dagen",
        "Betaling binnen 9999 maanden",
        "Payment due by 05/11/2026",
        "zahlbar 14 Tage nach Lieferung, netto",
    ] {
        assert!(matches!(on(ISSUED, text), Reading::Unclear(_)), "{text}: {:?}", on(ISSUED, text));
    }
}

#[test]
fn what_is_no_term_is_passed_over() {
    for text in [
        "",
        "Volgens afspraak",
        "As per contract clause X.123",
        "Reclames binnen 8 dagen na factuurdatum",
        "Na 30 dagen berekenen wij wettelijke rente",
        "Bij te late betaling, na 14 dagen, volgt een aanmaning",
        "Penalty percentage 10% from due date",
        "Factuur van 01-10-2026, klant 1001",
        "Bitte überweisen Sie den Betrag in Höhe von EUR 100,00",
        "netto 1210 EUR",
        "Korting bij vroege betaling.",
    ] {
        assert_eq!(on(ISSUED, text), Reading::Silent, "{text}");
    }
    // And does not stand in the way of one.
    assert_eq!(due("Reclames binnen 8 dagen. Betaling binnen 30 dagen."), Some(day("2026-10-31")));
}

#[test]
fn a_warning_shows_the_text_and_the_reason() {
    let Reading::Unclear(warning) = on(ISSUED, &format!("10 werkdagen\t{}", "x ".repeat(200))) else { panic!() };
    assert!(
        warning.contains("\"10 werkdagen x") && warning.contains('…') && warning.contains("working days"),
        "{warning}"
    );
    assert!(warning.chars().count() < 300);
    assert!(matches!(on(ISSUED, &"30 dagen ".repeat(1000)), Reading::Unclear(_)));
}

/// Terms in four languages of which the days are known, with a discount or something aside among them.
fn term() -> impl Strategy<Value = (u32, String)> {
    const PAY: [&str; 5] = [
        "Betaling binnen {} dagen",
        "{} dagen netto",
        "Zahlbar innerhalb von {} Tagen netto",
        "net {}",
        "{} jours net",
    ];
    (1u32..=120, prop::sample::select(&PAY[..])).prop_map(|(days, text)| (days, text.replace("{}", &days.to_string())))
}

proptest! {
    #[test]
    fn nothing_panics_and_no_day_is_absurd(text in "\\PC{0,80}", issued in 0i64..40_000) {
        let issued = day("1970-01-01") + chrono::TimeDelta::days(issued);
        if let Reading::Due(due) = read(&[text], issued) {
            prop_assert!(due >= issued && (due - issued).num_days() <= LONGEST_TERM_DAYS);
        }
    }

    #[test]
    fn words_in_any_order_give_no_absurd_day(
        words in prop::collection::vec(prop::sample::select(&[
            "30", "14", "dagen", "Tage", "jours", "net", "netto", "2%", "Skonto", "korting", "fin de mois", "EOM", "einde",
            "maand", "15-12-2026", "01/02/2027", "vóór", "na", ",", ".", "\n", "#SKONTO#TAGE=14#", "#", "sofort", "ontvangst",
            "9999", "zonder", "december", "2026", "15.", "%", "betaling",
        ][..]), 0..12),
    ) {
        let issued = day(ISSUED);
        if let Reading::Due(due) = read(&[words.join(" ")], issued) {
            prop_assert!(due >= issued && (due - issued).num_days() <= LONGEST_TERM_DAYS);
        }
    }

    #[test]
    fn of_several_terms_the_last_counts_and_what_stands_aside_changes_nothing(
        (days, text) in term(), (others, other) in term(), aside in 0usize..4,
    ) {
        let after = |days: u32| day(ISSUED).checked_add_days(Days::new(days.into()));
        let aside = ["Reclames binnen 8 dagen", "Na 60 dagen rente", "Dank u wel", "#VERZUG#TAGE=3#PROZENT=9.00#"][aside];
        prop_assert_eq!(due(&format!("{text}\n{aside}")), after(days));
        prop_assert_eq!(due(&format!("{text}. {other}.")), after(days.max(others)));
    }

    /// Whatever discount is told beside it, nobody has less time.
    #[test]
    fn a_discount_gives_nobody_less_time((days, text) in term(), discount in 1u32..=120, form in 0usize..4) {
        let discount = [
            format!("{discount} Tage 2% Skonto"), format!("Bij betaling binnen {discount} dagen 2% korting"),
            format!("#SKONTO#TAGE={discount}#PROZENT=2.00#"), format!("2% discount within {discount} days"),
        ][form].clone();
        for both in [format!("{text}\n{discount}"), format!("{discount}\n{text}"), format!("{text}. {discount}."), format!("{discount}, {text}")] {
            if let Some(due) = due(&both) {
                prop_assert!((due - day(ISSUED)).num_days() >= i64::from(days), "{}", both);
            }
        }
    }
}
