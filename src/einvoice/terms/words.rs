//! What the words of payment terms mean, in Dutch, French, German and English. A star stands for any ending; the first line
//! that fits counts.

/// What a word tells about its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Interest, reminders, complaints, guarantees: no term of payment, whatever it counts.
    Aside,
    /// A discount for paying early.
    Discount,
    /// The whole amount.
    Net,
    /// Counted from a delivery or an order, of which the day is not known.
    Elsewhere,
    /// Before the invoice, or in parts.
    Parts,
    /// The seller collects it.
    Collected,
    Not,
    AtOnce,
    /// Counted from the day on which the invoice is received.
    Receipt,
    /// The seller has the money.
    Paid,
    Already,
    Payment,
    /// Says nothing alone.
    Filler,
}

const TOPICS: &[(Topic, &str)] = &[
    (
        Topic::Aside,
        "rente* vertragings* zins* verzugs* verzug verzuim boete* mahn* aanman* herinner* reminder* penal* indemnit* \
         interest* interet* retard late overdue laat overschrijding incassokost* invorder* toeslag* \
         surcharge* sommation* deurwaarder* schade* klacht* reclam* reklam* complain* claim* beanstand* retour* return* \
         ruckgabe ruckg* widerruf* bezwaar* protest* geldig* gultig* valid* offert* angebot* garantie* warrant* \
         gewahrleist* contest* betwist* annul* opzeg* opgezegd cancel* kundig* storn* recouvrement",
    ),
    (
        Topic::Discount,
        "skonto* korting* betalingskorting escompte* discount* rabatt* remise* abzug abzuglich aftrek deduction* \
         nachlass ristourne* reduction* kredietbeperking*",
    ),
    (Topic::Net, "net netto nett n"),
    (
        Topic::Elsewhere,
        "lever* oplever* liefer* leistung* deliver* livrais* livre* goederen waren ware goods marchandise* shipment* \
         verzend* versand* abnahme acceptance bestel* order orderdatum opdracht* auftrag* commande* project* start",
    ),
    (
        Topic::Parts,
        "vooruit* vooraf aanbetal* voorschot* vorkasse vorauszahl* vorab anzahl* prepay* prepaid advance* acompte* avance \
         deposit* instalment* installment* termijnen delen raten rate ratenzahl* mensualit* maandelijks* monthly monatlich* \
         monatl mensuel* wekelijks weekly quarterly trimestri*",
    ),
    (
        Topic::Collected,
        "incasso* geincasseerd afgeschreven afschrijv* domicil* lastschrift* sepalastschrift* abgebucht abbuch* einzug \
         eingezogen einziehen prelev* debit debited mandaat mandat creditcard* kreditkarte* mastercard",
    ),
    (Topic::Not, "niet not nicht kein keine non pas nooit unless tenzij ausser sauf except"),
    (
        Topic::AtOnce,
        "onmiddellijk* terstond omgaand* meteen contant* comptant immediat* immediate* sofort* umgehend* unverzuglich cash",
    ),
    (Topic::Receipt, "ontvangst erhalt eingang rechnungserhalt rechnungseingang receipt receiving reception"),
    (Topic::Paid, "voldaan betaald beglichen bezahlt paid paye payee acquitte acquittee"),
    (Topic::Already, "reeds al bereits schon already deja wurde"),
    (
        Topic::Payment,
        "betal* betaal* voldo* overma* maken overschrijven overgemaakt verval* krediet* zahl* fallig* uberweis* begleich* \
         ausgleich* pay payable payment* pays due remit* transfer* settle* terms paiement* payable* payer regle* echeance* \
         virement* versement* virer acquitter",
    ),
    (
        Topic::Filler,
        "binnen innerhalb innert within in na nach after apres from ab vanaf van von vom the of a an to le la les l d du de \
         des der die den dem das het een date datum factuurdatum factuur facturen dagtekening rechnungsdatum rechnung \
         belegdatum invoice facture emission kalender calendar calendaires voor vor before uiterlijk spatestens bis zum zur am \
         au aux plus tard avant pour tot t en by until no later than latest max maximaal maximum hochstens strikt strictly \
         rein ohne zonder sans without geen enige per direct is are ist sind est op on bij bei upon under sous compter partir dater volle full per maand month \
         monats monat mois einde eind end ende fin volgende volgend next following folgemonats nachsten folgenden prochain \
         suivant opvolgende lopende current laufenden courant eom fdm monatsende monthend ultimo eindemaand monatsletzten \
         termijn frist ziel kasse plus and und et",
    ),
];

const MONTHS: [&str; 12] = [
    "januari january januar janvier jan",
    "februari february februar fevrier feb fev fevr",
    "maart march marz maerz mars mrt mar",
    "april avril apr avr",
    "mei may mai",
    "juni june juin jun",
    "juli july juillet jul juil",
    "augustus august aout aug",
    "september septembre sep sept",
    "oktober october octobre okt oct",
    "november novembre nov",
    "december dezember decembre dec dez",
];

const NUMBERS: [(u32, &str); 14] = [
    (1, "een one un une ein eine einem einer eines"),
    (2, "twee two deux zwei"),
    (3, "drie three trois drei"),
    (5, "vijf five cinq funf"),
    (7, "zeven seven sept sieben"),
    (8, "acht eight huit"),
    (10, "tien ten dix zehn"),
    (14, "veertien fourteen quatorze vierzehn"),
    (15, "vijftien fifteen quinze funfzehn"),
    (21, "eenentwintig"),
    (30, "dertig thirty trente dreissig dreißig"),
    (45, "vijfenveertig"),
    (60, "zestig sixty soixante sechzig"),
    (90, "negentig ninety neunzig"),
];

/// What a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    /// Working days, hours, years: not reckoned.
    Other,
}

const UNITS: [(Unit, &str); 4] = [
    (
        Unit::Day,
        "dag dagen dgn dg d day days tag tage tagen tg jour jours jrs j kalenderdagen kalendertage kalendertagen",
    ),
    (Unit::Week, "week weken weeks woche wochen semaine semaines"),
    (Unit::Month, "maand maanden month months monat monate monaten monats mois"),
    (
        Unit::Other,
        "werkdag werkdagen bankdagen werktag werktage werktagen arbeitstage arbeitstagen bankarbeitstage uur uren hour hours \
         stunden heures jaar year years jahr jahre jahren an ans annee workdays",
    ),
];

fn is_among(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| match known.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == known,
    })
}

pub(super) fn topic(word: &str) -> Option<Topic> {
    let said = TOPICS.iter().find(|(_, list)| is_among(list, word)).map(|(topic, _)| *topic);
    said.or_else(|| (unit(word).is_some() || number(word).is_some()).then_some(Topic::Filler))
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    UNITS.iter().find(|(_, list)| is_among(list, word)).map(|(unit, _)| *unit)
}

pub(super) fn number(word: &str) -> Option<u32> {
    NUMBERS.iter().find(|(_, list)| is_among(list, word)).map(|(number, _)| *number)
}

/// 1 to 12.
pub(super) fn month(word: &str) -> Option<u32> {
    (1..).zip(MONTHS).find(|(_, names)| is_among(names, word)).map(|(month, _)| month)
}

/// A full stop behind it ends no sentence.
pub(super) fn is_shortened(word: &str) -> bool {
    unit(word) == Some(Unit::Day) && word.len() <= 3
        || is_among("max ca resp evtl incl excl inkl exkl evt nr no tel", word)
}

/// Makes days working days.
pub(super) fn is_working(word: &str) -> bool {
    is_among("working business banking ouvrable* ouvre* werkbare", word)
}

/// Stands before "of the month", and what follows it.
pub(super) fn ends_month(word: &str) -> bool {
    is_among("einde eind end ende fin", word)
}

pub(super) fn of_month(word: &str) -> bool {
    is_among("maand month monats monat mois folgemonats", word)
}

/// The end of the month in one word.
pub(super) fn is_month_end(word: &str) -> bool {
    is_among("eom fdm monatsende monthend ultimo eindemaand monatsletzten", word)
}

pub(super) fn is_next(word: &str) -> bool {
    is_among("volgende volgend next following folgemonats nachsten folgenden prochain suivant opvolgende", word)
}

/// What is counted begins there.
pub(super) fn counts_from(word: &str) -> bool {
    is_among("na nach after apres from ab vanaf", word)
}

/// The last day follows.
pub(super) fn names_last_day(word: &str) -> bool {
    let english = is_english(word);
    english
        || is_among(
            "voor vor uiterlijk verval* tot t spatestens bis zum am fallig* avant tard pour echeance* jusqu op le au",
            word,
        )
}

/// Where the month may come first.
pub(super) fn is_english(word: &str) -> bool {
    is_among("before by until than latest due on", word)
}

pub(super) fn is_negation(word: &str) -> bool {
    is_among("ohne zonder sans without geen kein keine keinen no pas", word)
}

/// "Payment terms: 30" counts days.
pub(super) fn counts_days(word: &str) -> bool {
    is_among("net netto n betaaltermijn betalingstermijn krediettermijn zahlungsziel zahlungsfrist", word)
}

/// May stand between such a word and its number.
pub(super) fn is_between_bare(word: &str) -> bool {
    is_among("in dagen days tage tagen jours", word)
}

/// May stand between a number and its unit.
pub(super) fn stands_before_unit(word: &str) -> bool {
    is_working(word) || is_among("calendar kalender volle full net netto", word)
}

pub(super) fn is_currency(word: &str) -> bool {
    is_among("eur euro euros usd gbp chf", word)
}

/// What is to be paid is not paid yet.
pub(super) fn asks(word: &str) -> bool {
    is_among("te to be worden werden etre dient dienen moet moeten must muss mussen", word)
}
