//! Mails about money that did not come, which would be a credit but for one word: an expired request, a payer who did not pay, a
//! payment that is waited for.

use super::notice::{Notice, NoticeKind, Profiles, Unread, read};
use crate::mail::message::Message;
use std::sync::LazyLock;

static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);

fn notice(text: &str) -> Notice {
    let mail = Message {
        from: "alert@rabobank.nl".to_owned(),
        subject: "Uw rekening".to_owned(),
        text: text.to_owned(),
        ..Message::default()
    };
    read(&mail, &PROFILES).expect("recognised")
}

fn is_credit(text: &str) -> bool {
    notice(text).kind == NoticeKind::Credit
}

/// The case that it names waits; a request that ran out surely moved nothing.
#[test]
fn a_denial_leaves_doubt() {
    let denied = notice("Kok heeft je betaalverzoek van € 181,50 niet betaald.").unread;
    assert_eq!(denied, Some(Unread::Denied));
    assert!(Unread::Denied.leaves_doubt());
    let over = notice("Je betaalverzoek aan Kok is verlopen.\nBedrag: € 181,50").unread;
    assert_eq!(over, Some(Unread::NoMoneyMoved));
}

#[test]
fn a_name_may_begin_with_a_denial() {
    let found = notice("Er is € 181,50 bijgeschreven van Niet Normaal BV.");
    assert_eq!((found.kind, found.counterparty.as_deref()), (NoticeKind::Credit, Some("Niet Normaal BV")));
}

#[test]
fn what_did_not_come_is_no_credit() {
    for text in [
        "Je betaalverzoek aan Dirk-Jan Kok is na 35 dagen verlopen. Het is niet betaald.\nBedrag: € 181,50",
        "Kok heeft je betaalverzoek van € 181,50 niet betaald.",
        "Je Tikkie is nog niet door Kok betaald.\nBedrag: € 181,50",
        "Er is € 181,50 door Kok nog niet op uw rekening bijgeschreven.",
        "+ € 181,50\nWij hebben dit bedrag nog niet gekregen of ontvangen.",
        "Betaling ontvangen?\nBedrag: € 181,50\nWij hebben dit bedrag niet ontvangen.",
        "Geen geld ontvangen.\nBedrag: € 181,50\nVan: Kok",
        "Deels ontvangen\nBedrag: € 181,50\nKok betaalt niet.",
        "Deels ontvangen\nBedrag: € 181,50\nDe rest is onbetaald gebleven.",
        "The amount of €181.50 has not been credited to your account.",
        "Received\nAmount: €181.50\nNo payment from Kok was received.",
        "Le montant de 181,50 € n'a pas été crédité sur votre compte.",
        "Montant : 181,50 €\nDonneur d'ordre : Kok\nPas encore reçu.",
        "Aucun paiement reçu.\nMontant : 181,50 €",
        "Der Betrag von 181,50 € wurde nicht gutgeschrieben.",
        "Teils erhalten\nBetrag: 181,50 €\nDer Rest ist unbezahlt.",
        "Keine Zahlung erhalten.\nBetrag: 181,50 €",
        "Je Tikkie is verlopen. Drie hebben betaald.\nBedrag: € 181,50",
        "Betaalverzoek verlopen\nOntvangen: € 181,50",
        "Verlopen betaalverzoek\nOntvangen: € 181,50",
        "Kok heeft je betaalverzoek van € 181,50 afgewezen. Eerder heeft hij wel betaald.",
        "Kok heeft je Tikkie geweigerd en zegt dat hij heeft betaald.\nBedrag: € 181,50",
        "Payment received?\nYour payment link has expired.\nAmount: €181.50",
        "Je vroeg € 181,50. Je krijgt een mail, zodra Kok heeft betaald.\nBedrag: € 181,50",
        "Bedrag: € 181,50\nAls Kok heeft betaald, hoor je het.",
        "Amount: €181.50\nWe will tell you once the amount is received.",
        "Montant : 181,50 €\nLorsque le montant est reçu, nous vous le dirons.",
        "Betrag: 181,50 €\nWir melden uns, sobald das Geld eingegangen ist.",
    ] {
        assert!(!is_credit(text), "{text}");
    }
}

#[test]
fn what_came_is_a_credit_whatever_else_is_said() {
    for text in [
        "Kok heeft je betaalverzoek van € 181,50 betaald.\nAls een verzoek niet is betaald, verloopt het na 35 dagen.",
        "Kok heeft € 181,50 naar u overgemaakt.\nAls u dit bedrag niet hebt ontvangen, bel ons.",
        "Er is € 181,50 bijgeschreven.\nWilt u deze mails niet meer ontvangen? Meld dat.",
        "Er is € 181,50 bijgeschreven als aanbetaling, ontvangen van Kok.",
        "Je Tikkie is betaald.\nBedrag: € 181,50\nAndere verzoeken verlopen na 35 dagen.",
        "Je Tikkie is betaald en nu gesloten.\nBedrag: € 181,50",
        "An amount of €181.50 has been credited to your account. This notice is no proof of who has paid.",
    ] {
        assert!(is_credit(text), "{text}");
    }
}
