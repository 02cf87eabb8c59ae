//! Every built-in bank by itself: its five kinds of mail, the amount only from its own field, its name and its domains.

use super::notice::{NoticeKind, Profiles, read};
use crate::mail::message::Message;
use std::sync::LazyLock;

static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);

const CREDIT: NoticeKind = NoticeKind::Credit;
const DEBIT: NoticeKind = NoticeKind::Debit;
const STORNO: NoticeKind = NoticeKind::Storno;
const INFO: NoticeKind = NoticeKind::Info;
const MARKETING: NoticeKind = NoticeKind::Marketing;

/// Kind, subject, text and amount.
type Told = (NoticeKind, &'static str, &'static str, Option<&'static str>);

/// Id, name in From, address, and beside what all banks write what this one does.
type Bank = (&'static str, &'static str, &'static str, &'static [Told]);

/// What the payer wrote stands below "Omschrijving" and the like, and says everything that it should not.
const DUTCH: &[Told] = &[
    (
        CREDIT,
        "Bijschrijving",
        "Er is geld bijgeschreven op uw rekening.\n\nNaam: Jansen Bouw B.V.\nTegenrekening: NL69 INGB 0123 4567 89\nBedrag: € 1.210,00\nOmschrijving: 2026-0412 Bedrag: € 9.999,00 storno teruggeboekt payout\nBoekdatum: 19-11-2026\n",
        Some("1210.00"),
    ),
    (
        DEBIT,
        "Afschrijving",
        "Er is geld afgeschreven van uw rekening.\n\nNaam: Drukkerij Smit\nBedrag: € 50,00\nOmschrijving: € 9.999,00 bijgeschreven\nBoekdatum: 19-11-2026\n",
        Some("50.00"),
    ),
    (
        STORNO,
        "Storno",
        "Een incasso is gestorneerd.\n\nBedrag: € 75,00\nDebiteur: K. Kok\nReden: MS03\n",
        Some("75.00"),
    ),
    (INFO, "Saldo-alert", "Ingesteld bedrag: € 10,00\nSaldo: € 12,00\n", None),
    (MARKETING, "Lenen?", "Tot € 50.000,- morgen bijgeschreven.\nGeld lenen kost geld. Afmelden kan hier.\n", None),
];

const FRENCH: &[Told] = &[
    (
        CREDIT,
        "Virement reçu",
        "Votre compte a été crédité.\n\nDonneur d'ordre: Jansen Bouw SPRL\nMontant: 1.210,00 EUR\nCommunication: 2026-0412 Montant: 9.999,00 EUR extourne\nDate comptable: 19/11/2026\n",
        Some("1210.00"),
    ),
    (
        DEBIT,
        "Compte débité",
        "Votre compte a été débité.\n\nBénéficiaire: Imprimerie Smit\nMontant: 50,00 EUR\nCommunication: crédité 9.999,00 EUR\n",
        Some("50.00"),
    ),
    (
        STORNO,
        "Domiciliation refusée",
        "La domiciliation a été refusée.\n\nMontant: 75,00 EUR\nDébiteur: K. Kok\nMotif: MS03\n",
        Some("75.00"),
    ),
    (INFO, "Votre solde", "Solde: 12,00 EUR\n", None),
];

const ENGLISH: &[Told] = &[
    (
        CREDIT,
        "Payment received",
        "You received a payment.\n\nFrom: Jansen Bouw B.V.\nAmount: €1,210.00\nDescription: 2026-0412 Amount: €9,999.00 chargeback refund\nDate: 19-11-2026\n",
        Some("1210.00"),
    ),
    (
        DEBIT,
        "Refund sent",
        "A refund was sent.\n\nRecipient: K. Kok\nRefund amount: €50.00\nDescription: received €9,999.00\n",
        Some("50.00"),
    ),
    (
        STORNO,
        "Chargeback",
        "A chargeback was filed.\n\nDisputed amount: €75.00\nCustomer: K. Kok\nReason: fraudulent\n",
        Some("75.00"),
    ),
    (INFO, "Your payout is on its way", "A payout of €500.00 is scheduled for 20 November.\n", None),
    (MARKETING, "Grow with us", "Join our webinar and save €500.00.\nUnsubscribe here.\n", None),
];

const BANKS: &[Bank] = &[
    ("rabobank", "Rabobank", "alert@rabobank.nl", &[]),
    ("ing", "ING", "noreply@ing.nl", &[]),
    ("abnamro", "ABN AMRO", "noreply@abnamro.nl", &[]),
    (
        "bunq",
        "bunq",
        "noreply@bunq.com",
        &[
            (CREDIT, "Payment", "K. Kok just sent you €64.00\n", Some("64.00")),
            (DEBIT, "Payment", "You just sent €12.00 to Drukkerij Smit\n", Some("12.00")),
            (DEBIT, "Betaling", "Je hebt € 12,00 gestuurd naar Drukkerij Smit.\n", Some("12.00")),
        ],
    ),
    ("knab", "Knab", "noreply@knab.nl", &[]),
    ("triodos", "Triodos Bank", "noreply@triodos.nl", &[]),
    ("asn", "ASN Bank", "noreply@asnbank.nl", &[]),
    ("sns", "SNS", "noreply@snsbank.nl", &[]),
    ("regiobank", "RegioBank", "noreply@regiobank.nl", &[]),
    ("argenta", "Argenta", "noreply@argenta.be", &[]),
    ("crelan", "Crelan", "noreply@crelan.be", &[]),
    ("wise", "Wise", "noreply@wise.com", &[]),
    ("revolut", "Revolut Business", "no-reply@revolut.com", &[]),
    ("sumup", "SumUp", "no-reply@sumup.com", &[]),
    ("kbc", "KBC", "noreply@kbc.be", &[]),
    ("belfius", "Belfius", "noreply@belfius.be", &[]),
    ("bnpparibasfortis", "BNP Paribas Fortis", "noreply@bnpparibasfortis.com", &[]),
    (
        "mollie",
        "Mollie",
        "noreply@mollie.com",
        &[(
            CREDIT,
            "Betaling ontvangen",
            "Je hebt een betaling ontvangen.\n\nBedrag\n€ 64,00\n\nConsument\nK. Kok\n\nOmschrijving\n2026-0412\n",
            Some("64.00"),
        )],
    ),
    (
        "stripe",
        "Stripe",
        "notifications@stripe.com",
        &[(CREDIT, "Payment of €64.00 from K. Kok", "You received a payment of €64.00 from K. Kok.\n", Some("64.00"))],
    ),
    (
        "paypal",
        "PayPal",
        "service@paypal.nl",
        &[
            (
                CREDIT,
                "U hebt geld ontvangen",
                "K. Kok heeft u € 64,00 EUR gestuurd\n\nBericht van K. Kok\n€ 9.999,00\n",
                Some("64.00"),
            ),
            (DEBIT, "Terugbetaling", "U hebt een terugbetaling van € 12,00 EUR gestuurd aan K. Kok.\n", Some("12.00")),
        ],
    ),
    ("adyen", "Adyen", "noreply@adyen.com", &[]),
    (
        "tikkie",
        "Tikkie",
        "noreply@tikkie.me",
        &[(
            CREDIT,
            "Tikkie betaald",
            "K. Kok heeft je Tikkie van € 64,00 voor 'factuur 2026-0412' betaald.\n",
            Some("64.00"),
        )],
    ),
];

fn mail(name: &str, address: &str, subject: &str, text: &str) -> Message {
    Message {
        from: address.to_owned(),
        from_name: name.to_owned(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        date: chrono::DateTime::parse_from_rfc2822("Fri, 20 Nov 2026 10:00:00 +0100").ok(),
        ..Message::default()
    }
}

#[test]
fn each_tells_its_kinds_apart_and_its_own_amount() {
    let mut wrong = Vec::new();
    for (id, name, address, own) in BANKS {
        for (kind, subject, text, amount) in own.iter().chain(DUTCH).chain(FRENCH).chain(ENGLISH) {
            let Some(found) = read(&mail(name, address, subject, text), &PROFILES) else {
                wrong.push(format!("{id}: {subject}: not recognised"));
                continue;
            };
            let shown = found.amount.map(|amount| amount.to_string());
            if (found.bank.as_str(), found.kind, shown.as_deref()) != (*id, *kind, *amount) {
                wrong.push(format!("{id}: {subject}: {} {} {shown:?}", found.bank, found.kind.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each has its own name and domains; one's mail is never another's, and no domain stands in two profiles.
#[test]
fn each_is_itself() {
    let ids: Vec<&str> = PROFILES.ids().collect();
    assert_eq!(ids.len(), BANKS.len(), "{ids:?}");
    let mut seen = std::collections::BTreeMap::new();
    for (id, _, address, _) in BANKS {
        let domains = PROFILES.domains(&[(*id).to_owned()]);
        let domain = address.rsplit('@').next().unwrap();
        assert!(domains.iter().any(|known| known == domain), "{id}: {domain}");
        for domain in domains {
            assert!(domain.is_ascii() && domain == domain.to_lowercase() && domain.contains('.'), "{id}: {domain}");
            if let Some(other) = seen.insert(domain.clone(), *id) {
                panic!("{domain} is of {other} and of {id}");
            }
        }
    }
}
