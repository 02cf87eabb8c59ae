//! Every family of dispute in every language: one sentence each that must be read as a dispute.

use super::{Label, Phrases, Words, understand};

/// A family, and how it sounds in nl, en, de and fr.
const FAMILIES: [(&str, [&str; 4]); 26] = [
    (
        "not delivered",
        [
            "Er is bij ons tot op heden niets aangekomen.",
            "Nothing has turned up here to date.",
            "Bei uns ist bis heute keine Lieferung eingetroffen.",
            "À ce jour, aucune livraison n'est arrivée chez nous.",
        ],
    ),
    (
        "delivered in part",
        [
            "Er ontbreken nog zes stoelen aan de levering.",
            "Six chairs are still missing from the delivery.",
            "Bei der Lieferung fehlen noch sechs Stühle.",
            "Il manque encore six chaises à la livraison.",
        ],
    ),
    (
        "broken",
        [
            "De lamp was stuk toen we de doos openden.",
            "The lamp was broken when we opened the box.",
            "Die Lampe war beim Auspacken kaputt.",
            "La lampe était cassée à l'ouverture du carton.",
        ],
    ),
    (
        "does not work",
        [
            "Sinds de installatie valt het systeem elke dag uit.",
            "Since you installed it the system has crashed every day.",
            "Seit der Installation fällt die Anlage täglich aus.",
            "Depuis l'installation, le système tombe en panne chaque jour.",
        ],
    ),
    (
        "poor work",
        [
            "Het schilderwerk bladdert nu al af.",
            "The paintwork is already peeling off.",
            "Die Farbe blättert schon wieder ab.",
            "La peinture s'écaille déjà.",
        ],
    ),
    (
        "unfinished",
        [
            "De badkamer is nog altijd niet opgeleverd.",
            "The bathroom still hasn't been finished.",
            "Das Bad ist immer noch nicht fertiggestellt.",
            "La salle de bain n'est toujours pas terminée.",
        ],
    ),
    (
        "too late",
        [
            "Jullie leverden drie weken te laat, daardoor liepen wij een opdracht mis.",
            "You delivered three weeks late and we lost a job because of it.",
            "Sie haben drei Wochen zu spät geliefert, dadurch ist uns ein Auftrag entgangen.",
            "Vous avez livré avec trois semaines de retard et nous avons perdu un client.",
        ],
    ),
    (
        "wrong thing",
        [
            "Wij hebben rood besteld en blauw gekregen.",
            "We ordered red and received blue.",
            "Wir haben Rot bestellt und Blau bekommen.",
            "Nous avons commandé du rouge et reçu du bleu.",
        ],
    ),
    (
        "wrong amount",
        [
            "Het totaalbedrag klopt niet met de offerte.",
            "The total does not match the quote.",
            "Die Summe stimmt nicht mit dem Angebot überein.",
            "Le total ne correspond pas au devis.",
        ],
    ),
    (
        "wrong price",
        [
            "U rekent een hogere prijs dan afgesproken.",
            "You are charging more than the price we agreed.",
            "Sie berechnen einen höheren Preis als vereinbart.",
            "Vous facturez un prix plus élevé que convenu.",
        ],
    ),
    (
        "wrong quantity",
        [
            "Er staan acht uren op de bon en u factureert er twaalf.",
            "The timesheet says eight hours, you billed twelve.",
            "Auf dem Stundenzettel stehen acht Stunden, berechnet sind zwölf.",
            "Le bon indique huit heures, vous en facturez douze.",
        ],
    ),
    (
        "twice",
        [
            "Deze werkzaamheden staan ook al op een eerdere factuur.",
            "This work was already on an earlier invoice.",
            "Diese Arbeiten standen schon auf einer früheren Rechnung.",
            "Ces travaux figuraient déjà sur une facture précédente.",
        ],
    ),
    (
        "credited",
        [
            "Hiervoor is ons al een creditnota gestuurd.",
            "A credit note has already been issued for this.",
            "Dafür haben wir bereits eine Gutschrift erhalten.",
            "Une note de crédit a déjà été émise pour cela.",
        ],
    ),
    (
        "discount missing",
        [
            "De toegezegde korting is niet verwerkt.",
            "The discount you promised has not been applied.",
            "Der zugesagte Rabatt wurde nicht berücksichtigt.",
            "La remise promise n'a pas été appliquée.",
        ],
    ),
    (
        "not ordered",
        [
            "Hier heeft niemand van ons opdracht voor gegeven.",
            "Nobody on our side placed this order.",
            "Von uns hat niemand diesen Auftrag erteilt.",
            "Personne chez nous n'a passé cette commande.",
        ],
    ),
    (
        "cancelled",
        [
            "Wij hebben de opdracht tijdig geannuleerd.",
            "We cancelled the job in good time.",
            "Wir haben den Auftrag rechtzeitig storniert.",
            "Nous avons annulé la commande à temps.",
        ],
    ),
    (
        "ended",
        [
            "Ons contract liep in juni af, daarna mag u niets meer rekenen.",
            "Our contract ended in June, so you can't bill us after that.",
            "Unser Vertrag endete im Juni, danach dürfen Sie nichts mehr berechnen.",
            "Notre contrat a pris fin en juin, vous ne pouvez plus rien facturer ensuite.",
        ],
    ),
    (
        "VAT",
        [
            "Het btw-tarief op de factuur is onjuist.",
            "The VAT rate on the invoice is incorrect.",
            "Der Mehrwertsteuersatz auf der Rechnung ist falsch.",
            "Le taux de TVA sur la facture est incorrect.",
        ],
    ),
    (
        "quality",
        [
            "De kwaliteit is ver onder de maat.",
            "The quality is far below what we expected.",
            "Die Qualität ist völlig unzureichend.",
            "La qualité est très insuffisante.",
        ],
    ),
    (
        "sent back",
        [
            "De spullen gingen vorige maand retour naar jullie magazijn.",
            "The items went back to your warehouse last month.",
            "Die Ware ging letzten Monat an Sie zurück.",
            "La marchandise vous a été retournée le mois dernier.",
        ],
    ),
    (
        "set off",
        [
            "Wij verrekenen dit met wat u ons nog schuldig bent.",
            "We are setting this off against what you owe us.",
            "Wir verrechnen das mit dem, was Sie uns noch schulden.",
            "Nous compensons avec ce que vous nous devez encore.",
        ],
    ),
    (
        "only if",
        [
            "Eerst het gebrek herstellen, dan pas krijgt u geld.",
            "Fix the defect first, then you get paid.",
            "Erst wird der Mangel behoben, dann gibt es Geld.",
            "Réparez d'abord le défaut, ensuite vous serez payé.",
        ],
    ),
    (
        "lawyer",
        [
            "Alle verdere correspondentie loopt via onze advocaat.",
            "All further correspondence should go through our solicitors.",
            "Alle weitere Korrespondenz läuft über unseren Anwalt.",
            "Toute correspondance doit désormais passer par notre avocat.",
        ],
    ),
    (
        "no answer",
        [
            "U heeft nog altijd niet gereageerd op onze klacht.",
            "You still have not responded to our complaint.",
            "Auf unsere Beschwerde haben Sie immer noch nicht reagiert.",
            "Vous n'avez toujours pas répondu à notre réclamation.",
        ],
    ),
    (
        "costs",
        [
            "De incassokosten gaan wij niet betalen.",
            "We will not pay the collection charges.",
            "Die Mahngebühren zahlen wir nicht.",
            "Nous ne paierons pas les frais de rappel.",
        ],
    ),
    (
        "too old",
        [
            "Deze vordering is inmiddels verjaard.",
            "This claim is time-barred by now.",
            "Diese Forderung ist inzwischen verjährt.",
            "Cette créance est prescrite.",
        ],
    ),
];

#[test]
fn every_family_of_dispute_in_every_language() {
    let phrases = Phrases::built_in();
    let mail = "2026-11-17".parse().unwrap();
    let mut missed = Vec::new();
    for (family, sentences) in FAMILIES {
        for sentence in sentences {
            let words = Words { own_words: sentence, subject: "", date: mail, attachment_names: &[] };
            let read = understand(words, &phrases);
            if read.label != Label::Dispute && !read.also.contains(&Label::Dispute) {
                missed.push(format!("{family}: {sentence} {:?}", read.label));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
