//! Mails of banks and payment providers in French and German, as these write them: what tells of money is read, and what only speaks of
//! it (alerts, payouts, news, offers) never is a credit.

use super::notice::{NoticeKind, Profiles, read};
use crate::mail::message::Message;
use std::sync::LazyLock;

static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);

/// Address, subject, text, and what is read: kind, amount, other party.
type Case = (&'static str, &'static str, &'static str, &'static str);

const FRENCH: &[Case] = &[
    (
        "noreply@kbc.be",
        "Un montant a été versé sur votre compte",
        "Bonjour,\n\nUn montant de 1.210,00 EUR a été versé sur votre compte BE71 0961 2345 6769.\n\nDonneur d'ordre : Jansen Bouw SPRL\nCommunication : 2026-0412 remboursement extourne\nDate comptable : 19/11/2026\n\nCordialement,\nKBC Brussels\n",
        "credit 1210.00 Jansen Bouw SPRL",
    ),
    (
        "noreply@kbc.be",
        "Un montant a été prélevé de votre compte",
        "Bonjour,\n\nUn montant de 50,00 EUR a été prélevé de votre compte BE71 0961 2345 6769.\n\nBénéficiaire : Imprimerie Smit\nCommunication : crédité 9.999,00 EUR\n",
        "debit 50.00 Imprimerie Smit",
    ),
    (
        "noreply@kbc.be",
        "Encaissement refusé",
        "Votre encaissement par domiciliation a été refusé par la banque du débiteur.\n\nMontant : 75,00 EUR\nDébiteur : K. Kok\nMotif : MS03\n",
        "storno 75.00 K. Kok",
    ),
    ("noreply@kbc.be", "Alerte solde", "Le solde de votre compte est descendu sous 500,00 EUR.\n", "info"),
    (
        "news@news.kbc.be",
        "Un crédit pour votre entreprise",
        "Jusqu'à 50.000,00 EUR versés sur votre compte en 24 heures.\nAttention, emprunter de l'argent coûte aussi de l'argent.\nSe désinscrire\n",
        "marketing",
    ),
    (
        "news@news.kbc.be",
        "Investissez dans votre avenir",
        "Vous recevez 100,00 EUR de prime de bienvenue.\nMontant : 100,00 EUR\nOffre soumise à conditions.\n",
        "info",
    ),
    (
        "noreply@belfius.be",
        "Votre compte a été crédité",
        "Votre compte BE71 0961 2345 6769 a été crédité de 1.210,00 EUR.\n\nContrepartie : Jansen Bouw SPRL\nCompte de la contrepartie : BE68 5390 0754 7034\nCommunication : +++090/9337/55493+++\n",
        "credit 1210.00 Jansen Bouw SPRL",
    ),
    (
        "noreply@belfius.be",
        "Votre compte a été débité",
        "Votre compte BE71 0961 2345 6769 a été débité de 50,00 EUR.\n\nContrepartie : Imprimerie Smit\n",
        "debit 50.00 Imprimerie Smit",
    ),
    (
        "noreply@belfius.be",
        "Domiciliation impayée",
        "Une domiciliation que vous avez encaissée est revenue impayée.\n\nMontant : 75,00 EUR\nDébiteur : K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    (
        "noreply@belfius.be",
        "Vos extraits de compte sont prêts",
        "Vos extraits de novembre vous attendent dans l'application.\n",
        "info",
    ),
    (
        "noreply@belfius.be",
        "Épargnez malin",
        "Profitez de notre offre : 25,00 EUR crédités sur votre compte d'épargne.\nVous désabonner\n",
        "marketing",
    ),
    (
        "noreply@bnpparibasfortis.com",
        "Nouvelle opération sur votre compte",
        "Type d'opération : Virement en votre faveur\nMontant : + 1.210,00 EUR\nNom de la contrepartie : Jansen Bouw SPRL\nCommunication : 2026-0412\nDate de l'opération : 19/11/2026\n",
        "credit 1210.00 Jansen Bouw SPRL",
    ),
    (
        "noreply@bnpparibasfortis.com",
        "Nouvelle opération sur votre compte",
        "Type d'opération : Paiement par carte\nMontant : - 50,00 EUR\nNom de la contrepartie : Imprimerie Smit\n",
        "debit 50.00 Imprimerie Smit",
    ),
    (
        "noreply@bnpparibasfortis.com",
        "Prélèvement rejeté",
        "Le prélèvement a été rejeté par la banque de votre débiteur.\n\nMontant : 75,00 EUR\nDébiteur : K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    (
        "noreply@bnpparibasfortis.com",
        "Un virement est programmé",
        "Votre virement de 50,00 EUR est programmé pour le 20/11/2026.\n",
        "info",
    ),
    (
        "noreply@bnpparibasfortis.com",
        "Hello bank!",
        "Recevez 75,00 EUR à l'ouverture d'un compte.\nPour ne plus recevoir nos offres, cliquez ici.\n",
        "marketing",
    ),
    (
        "noreply@ing.be",
        "Vous avez reçu un virement",
        "Vous avez reçu un virement de 1.210,00 EUR de la part de Jansen Bouw SPRL.\n\nCommunication : 2026-0412\n",
        "credit 1210.00 Jansen Bouw SPRL",
    ),
    (
        "noreply@ing.be",
        "Votre virement a été exécuté",
        "Votre virement a été exécuté.\n\nMontant : 50,00 EUR\nBénéficiaire : Imprimerie Smit\n",
        "debit 50.00 Imprimerie Smit",
    ),
    (
        "noreply@ing.be",
        "Domiciliation retournée",
        "La domiciliation a été retournée par la banque du débiteur.\n\nMontant : 75,00 EUR\nDébiteur : K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    ("noreply@ing.be", "Confirmez vos données", "Confirmez vos données dans l'application ING Banking.\n", "info"),
    ("noreply@ing.be", "Parrainez un ami", "Gagnez 60,00 EUR par ami.\nSe désinscrire\n", "marketing"),
    (
        "service@paypal.be",
        "Vous avez reçu un paiement",
        "K. Kok vous a envoyé 64,00 € EUR\n\nNote de K. Kok\n9.999,00 €\n",
        "credit 64.00 K. Kok",
    ),
    (
        "service@paypal.be",
        "Remboursement envoyé",
        "Vous avez envoyé un remboursement de 12,00 € EUR à K. Kok.\n",
        "debit 12.00 K. Kok",
    ),
    (
        "service@paypal.be",
        "Un litige a été ouvert",
        "Un acheteur a ouvert un litige.\n\nMontant contesté : 75,00 €\nAcheteur : K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    ("service@paypal.be", "Paiement en attente", "Le paiement de 64,00 € de K. Kok est en attente.\n", "info"),
    ("service@paypal.be", "Demande de paiement", "K. Kok vous demande 64,00 € EUR\n", "info"),
    (
        "service@paypal.be",
        "Vous avez reçu une offre",
        "Vous avez reçu 10,00 € de bon d'achat.\nVoir les conditions de l'offre. Se désabonner\n",
        "marketing",
    ),
    (
        "notifications@stripe.com",
        "Paiement de 64,00 € de K. Kok",
        "Vous avez reçu un paiement de 64,00 € de K. Kok.\n",
        "credit 64.00 K. Kok",
    ),
    (
        "notifications@stripe.com",
        "Remboursement effectué",
        "Un remboursement a été effectué.\n\nMontant remboursé : 12,00 €\nClient : K. Kok\n",
        "debit 12.00 K. Kok",
    ),
    (
        "notifications@stripe.com",
        "Un paiement a été contesté",
        "Un client a contesté un paiement.\n\nMontant contesté : 75,00 €\nClient : K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    (
        "notifications@stripe.com",
        "Votre virement est en route",
        "Un virement de 500,00 € est en route vers votre compte bancaire.\n",
        "info",
    ),
    (
        "notifications@stripe.com",
        "Versement effectué",
        "Un virement de 500,00 € a été versé sur votre compte bancaire.\n",
        "info",
    ),
    (
        "noreply@mollie.com",
        "Paiement reçu",
        "Vous avez reçu un paiement.\n\nMontant\n64,00 €\n\nConsommateur\nK. Kok\n\nDescription\n2026-0412\n",
        "credit 64.00 K. Kok",
    ),
    (
        "noreply@mollie.com",
        "Remboursement",
        "Un paiement a été remboursé.\n\nMontant du remboursement : 12,00 €\nConsommateur : K. Kok\n",
        "debit 12.00 K. Kok",
    ),
    (
        "noreply@mollie.com",
        "Prélèvement SEPA échoué",
        "Le prélèvement SEPA a échoué.\n\nMontant : 75,00 €\nConsommateur : K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    ("noreply@mollie.com", "Versement en cours", "Votre versement de 500,00 € est en cours de traitement.\n", "info"),
    ("news@news.mollie.com", "Nouveautés", "Économisez 500,00 € cette année. Se désinscrire\n", "marketing"),
];

const GERMAN: &[Case] = &[
    (
        "service@paypal.com",
        "Sie haben eine Zahlung erhalten",
        "K. Kok hat Ihnen 64,00 € EUR gesendet\n\nMitteilung von K. Kok\n9.999,00 €\n",
        "credit 64.00 K. Kok",
    ),
    (
        "service@paypal.com",
        "Rückzahlung gesendet",
        "Sie haben eine Rückzahlung von 12,00 € EUR an K. Kok gesendet.\n",
        "debit 12.00 K. Kok",
    ),
    (
        "service@paypal.com",
        "Ein Konflikt wurde eröffnet",
        "Ein Käufer hat einen Konflikt gemeldet.\n\nStrittiger Betrag: 75,00 €\nKäufer: K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    ("service@paypal.com", "Zahlung ausstehend", "Die Zahlung von 64,00 € von K. Kok ist noch ausstehend.\n", "info"),
    ("service@paypal.com", "Zahlungsanforderung", "K. Kok fordert 64,00 € EUR von Ihnen an\n", "info"),
    ("service@paypal.com", "Nur heute", "Sichern Sie sich 10,00 € Rabatt. Newsletter abbestellen\n", "marketing"),
    (
        "notifications@stripe.com",
        "Zahlung über 64,00 € von K. Kok",
        "Sie haben eine Zahlung über 64,00 € von K. Kok erhalten.\n",
        "credit 64.00 K. Kok",
    ),
    (
        "notifications@stripe.com",
        "Zahlung angefochten",
        "Ein Kunde hat eine Zahlung angefochten.\n\nAngefochtener Betrag: 75,00 €\nKunde: K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    (
        "notifications@stripe.com",
        "Rückerstattung",
        "Eine Rückerstattung wurde veranlasst.\n\nRückerstattungsbetrag: 12,00 €\nKunde: K. Kok\n",
        "debit 12.00 K. Kok",
    ),
    (
        "notifications@stripe.com",
        "Auszahlung unterwegs",
        "Eine Auszahlung von 500,00 € ist unterwegs zu Ihrem Konto.\n",
        "info",
    ),
    (
        "noreply@mollie.com",
        "Zahlung eingegangen",
        "Sie haben eine Zahlung erhalten.\n\nBetrag\n64,00 €\n\nKunde\nK. Kok\n\nBeschreibung\n2026-0412\n",
        "credit 64.00 K. Kok",
    ),
    (
        "noreply@mollie.com",
        "Rücklastschrift",
        "Eine SEPA-Lastschrift wurde zurückgegeben.\n\nBetrag: 75,00 €\nKunde: K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    ("noreply@bunq.com", "Zahlung", "K. Kok hat dir 64,00 € gesendet\n", "credit 64.00 K. Kok"),
    (
        "noreply@belfius.be",
        "Gutschrift auf Ihrem Konto",
        "Ihrem Konto BE71 0961 2345 6769 wurden 1.210,00 EUR gutgeschrieben.\n\nAuftraggeber: Jansen Bouw SPRL\nVerwendungszweck: 2026-0412 Rücklastschrift 9.999,00 EUR\nBuchungsdatum: 19.11.2026\n",
        "credit 1210.00 Jansen Bouw SPRL",
    ),
    (
        "noreply@kbc.be",
        "Lastschrift abgelehnt",
        "Ihre Lastschrift wurde von der Bank des Zahlungspflichtigen abgelehnt.\n\nBetrag: 75,00 EUR\nZahlungspflichtiger: K. Kok\n",
        "storno 75.00 K. Kok",
    ),
    (
        "noreply@kbc.be",
        "Abbuchung von Ihrem Konto",
        "Von Ihrem Konto wurde ein Betrag abgebucht.\n\nBetrag: 50,00 EUR\nEmpfänger: Druckerei Smit\n",
        "debit 50.00 Druckerei Smit",
    ),
    ("noreply@kbc.be", "Ihr Kontostand", "Ihr Kontostand liegt unter 500,00 EUR.\n", "info"),
];

fn wrong(cases: &[Case]) -> Vec<String> {
    let date = chrono::DateTime::parse_from_rfc2822("Fri, 20 Nov 2026 10:00:00 +0100").ok();
    let read_of = |(from, subject, text, _): &Case| {
        let message = Message {
            from: (*from).to_owned(),
            subject: (*subject).to_owned(),
            text: (*text).to_owned(),
            date,
            ..Message::default()
        };
        let notice = read(&message, &PROFILES).expect("a bank's address is known");
        let amount = notice.amount.map(|amount| amount.to_string());
        let parts = [Some(notice.kind.name().to_owned()), amount, notice.counterparty];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    cases
        .iter()
        .map(|case| (case, read_of(case)))
        .filter(|(case, found)| found != case.3)
        .map(|((from, subject, _, expected), found)| format!("{from} {subject:?}: {found}, expected {expected}"))
        .collect()
}

#[test]
fn french() {
    assert_eq!(wrong(FRENCH), [""; 0]);
}

#[test]
fn german() {
    assert_eq!(wrong(GERMAN), [""; 0]);
}

/// What announces no money of a customer never is a credit, whatever it is taken for.
#[test]
fn none_is_a_credit_that_is_none() {
    for cases in [FRENCH, GERMAN] {
        let is_none = |line: &&String| line.contains(": credit") && !line.contains("expected credit");
        assert_eq!(wrong(cases).iter().filter(is_none).count(), 0);
    }
    assert_eq!(NoticeKind::Info.name(), "info");
}
