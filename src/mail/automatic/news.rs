//! What a person must see, whoever wrote it: a claim about the money, an invoice refused, an address, a person or a business gone.

use super::pattern;
use crate::mail::pattern::Pattern;
use std::sync::LazyLock;

/// A first person says something about the money: whatever the headers say, a person must see it.
pub(super) fn claims(own_words: &str) -> bool {
    static SENTENCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[.!?\n]+(?:\s|$)"));
    static FIRST_PERSON: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\b(?:ik|wij|we|I|I'm|I've|we've|ich|wir|je|j'ai|nous)\b"));
    static ABOUT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b(?:betaal\w*|betalen|betaald|overgemaakt|overmaken|voldaan|betwist\w*|oneens|niet eens|klopt|creditnota|termijnen|regeling|pay|paid|paying|dispute\w*|disagree|transfer(?:red)?|instal+ments?|zahl\w*|gezahlt|bezahl\w*|überwiesen|überweis\w*|bestreite\w*|widersprech\w*|paie|payé|payer|payons|paierai|conteste\w*|viré|virement|versé|regel|regelen|geregeld|in orde|arrange|sort (?:it|this)|kümmere|erledige|nécessaire|m'en occupe|settl\w+|stort|storten|gestort|overgeschreven|overschrijv\w*|overgeboekt|boek|boeken|wire[ds]?|sen[dt] you|get this over|règl\w+|réglé\w*|verser\w*|begl[ei]\w+|anweis\w*|angewiesen|maak\w* [^.\n]{0,40}\bover|schrijf [^.\n]{0,40}\bover|doe (?:het|'?t|dat|dit|ik))\b",
        )
    });
    // Most texts speak of nothing like it at all.
    ABOUT.is_match(own_words)
        && SENTENCE.split(own_words).any(|sentence| {
            // A matter of our machine's pattern, like "wij verwerken facturen alleen als …", is no claim.
            FIRST_PERSON.is_match(sentence)
                && ABOUT.is_match(sentence)
                && !sentence.trim_start().to_lowercase().starts_with("ons ")
        })
}

/// What a machine says that a human must see, though it answers nothing: the invoice was refused, the address dies,
/// the business or the person is gone.
pub fn news(own_words: &str) -> Option<&str> {
    static NEWS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:factuur|facturen|invoice|rechnung|facture)\b[^.\n]{0,80}\b(?:geweigerd|afgekeurd|afgewezen|niet (?:worden )?(?:verwerkt|geaccepteerd)|rejected|refused|not (?:be )?(?:processed|accepted)|zurückgewiesen|abgelehnt|nicht (?:verarbeitet|akzeptiert)|refusée?|rejetée?)\b|",
            r"\b(?:\w*-?\w*adres|mailbox|postvak|account|postbus)\b[^.\n]{0,60}\b(?:vervalt|vervallen|opgeheven|niet (?:meer|langer) (?:in gebruik|gebruikt|gelezen|actief|geldig|bereikbaar)|buiten gebruik)\b|\bnieuwe? (?:e-?mail|mail)?adres\b|\bniet meer werkzaam\b|\buit dienst\b|\bstuurt u het (?:alstublieft )?(?:opnieuw )?naar\b|",
            r"\b(?:address|mailbox|account)\b[^.\n]{0,40}\b(?:no longer (?:in use|used|valid|active|monitored)|will be (?:closed|discontinued)|has changed)\b|\bnew (?:e-?mail )?address\b|\bno longer (?:work|works|working|employed|with (?:the )?company)\b|\bhas left the company\b|",
            r"\b(?:\w*-?\w*adresse|postfach)\b[^.\n]{0,60}\b(?:nicht mehr|ungültig|geändert|abgeschaltet)\b|\bneue (?:e-?mail-?|mail-?)?adresse\b|\bnicht mehr (?:im unternehmen|bei der firma|für .{1,40} tätig)\b|\bausgeschieden\b|",
            r"\b(?:is|zijn) [^.\n]{0,40}\b(?:gestopt|opgeheven|opgehouden|beëindigd)\b|\b(?:activiteiten|onderneming|zaak|praktijk)\b[^.\n]{0,30}\b(?:beëindigd|gestaakt|stopgezet|opgeheven)\b|\b(?:ceased|closed down|shut down|stopped trading)\b|\b(?:geschäfts)?betrieb [^.\n]{0,30}(?:eingestellt|aufgegeben)\b|\ba cessé (?:son|ses|toute) activit|",
            r"\bne (?:fais|faisons|font|travaille|travaillons) plus\b|\bai quitté\b|\b(?:ben|is|zijn) (?:hier )?(?:niet (?:meer|langer)|geen) (?:in dienst|werkzaam|medewerker)\b|\bwerk(?:t|en)? (?:hier |er )?niet (?:meer|langer) (?:bij|voor|hier)\b|\b(?:unternehmen|firma) (?:im \w+ |zum \S+ )?verlassen\b|\bhave left\b[^.\n]{0,30}\b(?:company|firm|organisation)\b|",
            r"\badresse\b[^.\n]{0,40}\b(?:n'est plus|ne sera plus|change|a changé)\b|\bnouvelle adresse\b|\bne (?:travaille|fait) plus\b|\ba quitté\b|",
            r"\b(?:(?:pre)?pensioen(?:ering)?|gepensioneerd|retired|retirement|im ruhestand|in den ruhestand|pensioniert|à la retraite|retraitée?|(?:laatste|last|letzter?) (?:werk|working |arbeits)(?:dag|week|day|tag|woche)|dernier jour de travail)\b|\b(?:worden|wordt|are|is|werden|wird)\b[^.\n]{0,20}\b(?:niet (?:meer|langer)|no longer|nicht mehr) (?:gelezen|beantwoord|bekeken|verwerkt|behandeld|read|monitored|answered|processed|handled|gelesen|bearbeitet|verarbeitet|beantwortet)\b|\bne (?:sont|seront|sera|est) plus (?:lus?|traitée?s?)\b|",
            r"\b(?:définitivement|definitief|voorgoed|permanently|for good|endgültig|dauerhaft|für immer)\b[^.\n]{0,30}\b(?:ferm\w+|gesloten|dicht|closed|geschlossen)\b|\b(?:closed|gesloten|geschlossen|fermée?s?)\b[^.\n]{0,20}\b(?:définitivement|definitief|voorgoed|permanently|for good|endgültig|dauerhaft)\b|\b(?:fermé|schloss|schließt|gesloten|sloot|sluit|closed) (?:ses|seine|ihre|de|its|our) (?:portes|pforten|türen|deuren|doors)\b|\b(?:zijn|haar|onze|de|seine|ihre|unsere) (?:deuren|türen|pforten) (?:gesloten|geschlossen)\b|\b(?:has |have )?left (?:us|our (?:company|team|firm))\b|\b(?:cessation d'activité|opgehouden te bestaan|ceased to exist|overgenomen door|taken over by|übernommen von|repris par)\b|",
            r"\b(?:document|bestand|file|dokument|fichier|factuur|invoice|rechnung|facture)\b[^.\n]{0,80}\b(?:rejected|refused|afgewezen|afgekeurd|geweigerd|geblokkeerd|blocked|gesperrt|blockiert|bloquée?|on hold|in de wacht|zurückgewiesen|abgelehnt|refusée?|rejetée?)\b|",
            r"\b(?:new|nieuwe?|andere?|another|different|neue[rns]?|andere[rns]?|nouvel(?:le)?|nouveau|autre) (?:job|role|position|employer|challenge|baan|functie|werkgever|uitdaging|stelle|herausforderung|arbeitgeber|employeur|poste|fonctions?)\b|\b(?:moved on|afscheid genomen|opgegaan in|gefuseerd|fusie|overgenomen|overgegaan (?:in|naar)|voortgezet (?:als|onder|door|in)|merged (?:with|into)|acquired by|taken over|rebranded|umbenannt|fusioniert|verschmolzen|übernommen|fusionné|repris par|nieuwe naam|new name|neuer name|nouveau nom|naamswijziging|heten (?:nu|voortaan|sinds))\b|",
            r"\b(?:(?:scheduled|planned|expected|estimated) (?:payment|pay) date|payment (?:date|is scheduled|has been scheduled|scheduled)|(?:geplande|verwachte) betaaldatum|betaaldatum|(?:geplantes|voraussichtliches) zahlungsdatum|zahlungsdatum|zahltermin|date (?:prévue )?de paiement)\b[^.\n]{0,20}",
            r"(?:\d{1,4}[-/.]\d|\d{1,2}(?:st|nd|rd|th|e|de|ste|er)\b|\d{1,2}\.? (?:jan|feb|f[eé]v|m[aä]r|mrt|maart|a[pv]r|mei|mai|may|ju[ln]|juil|juin|aug|ao[uû]t|sep|o[kc]t|nov|d[eé][czk])|",
            r"\b(?:jan|feb|mar|apr|may|ju[ln]|aug|sep|oct|nov|dec)[a-z]*\.? \d)|",
            r"\b(?:failliet|faillissement|curator|surs[eé]ance|bankrupt|insolven\w*|liquidation|liquidatie|faillite|liquidateur|overleden|deceased|passed away|verstorben|décédée?|bedrijf (?:is )?(?:gestaakt|beëindigd)|ceased trading)\b",
        ))
    });
    NEWS.find(own_words).or_else(|| no_longer(own_words))
}

/// "Arbeitet nicht mehr in unserem Hause", "ne fait plus partie": for good, where no day of return stands beside it.
fn no_longer(own_words: &str) -> Option<&str> {
    static NO_LONGER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:niet|geen) (?:meer|langer)\b[^.!?\n]{0,40}\b(?:werk\w*|dienst|actief|deel uit|onderdeel|verbonden|bestaat|medewerker|eigenaar|directeur|betrokken)\b|\b(?:werk\w*|bestaat|bestaan|verbonden|actief)\b[^.!?\n]{0,40}\b(?:niet|geen) (?:meer|langer)\b|",
            r"\bno longer\b[^.!?\n]{0,30}\b(?:with|at|part|work\w*|exists?|employed|involved|associated|trading|in business|owner|director)\b|\b(?:does not|doesn't|do not|don't) (?:work|exist)[^.!?\n]{0,30}\bany ?more\b|",
            r"\bnicht (?:mehr|länger)\b[^.!?\n]{0,40}\b(?:tätig|beschäftigt|angestellt|besteht|existiert|hause|unternehmen|firma|mitarbeiter\w*|inhaber\w*)\b|\b(?:arbeit\w*|besteht|existiert|gehör\w*)\b[^.!?\n]{0,40}\bnicht (?:mehr|länger)\b|",
            r"\bn(?:e |')(?:\w+ ){1,2}plus\b[^.!?\n]{0,40}\b(?:partie|chez|société|entreprise|employée?|activité|existe|gérante?)\b|\bn'existe plus\b",
        ))
    });
    static RETURNS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b(?:vandaag|today|heute|aujourd'hui|deze week|this week|diese woche|cette semaine|weer|wieder|again|tot (?:en met )?\d|until|bis (?:zum )?\d|jusqu)\b",
        )
    });
    NO_LONGER.find(own_words).filter(|found| !RETURNS.is_match(found))
}

/// The words without what a machine says of invoices in general ("Facturen zonder ordernummer worden niet behandeld"): that
/// is a rule of the house, and nothing about ours. What names one invoice, a sum or a person's doing stays.
pub fn without_rules_of_the_house(own_words: &str) -> String {
    static SENTENCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[^.!?\n]+[.!?\n]*"));
    static OF_ALL: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b(?:facturen|invoices|rechnungen|factures|(?:onze|our|unsere|notre) (?:betaaltermijn|betalingstermijn|payment terms?|zahlungsziel|zahlungsfrist|délai de paiement)|(?:uw|your|ihre|votre) (?:facturen|invoices|rechnungen))\b",
        )
    });
    static OF_ONE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b(?:factuur|invoice|rechnung|facture|ik|I|ich|j'ai|je|deze|dit|these|this|diese|cette|ces|€|eur|euro)\b|€|\b\w*\d+[-/]\w*\d|\b\d{3,}\b|\b(?:betaald|paid|bezahlt|payée?s?|voldaan|overgemaakt|betwist\w*|dispute\w*)\b",
        )
    });
    let rule = |sentence: &str| OF_ALL.is_match(sentence) && !OF_ONE.is_match(sentence);
    if !OF_ALL.is_match(own_words) {
        return own_words.to_owned();
    }
    SENTENCE.find_iter(own_words).filter(|one| !rule(one)).collect()
}

/// The words name a payment, so that a date in them may be its day.
pub fn speaks_of_payment(own_words: &str) -> bool {
    static PAYMENT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"betaa?l|voldaan|voldoen|overgemaakt|\bpa(?:y|id)|transfer|zahl|überw|\bpa(?:ie|yé|yer)|virement")
    });
    PAYMENT.is_match(own_words)
}

/// The words name an invoice, a payment or the end of a debtor.
pub fn speaks_of_money(own_words: &str) -> bool {
    static MONEY: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"factu(?:ur|re)|invoice|rechnung|betal|betaal|\bpa(?:y|id)|payment|zahl|überw|pai(?:e|é)|€|\bbedrag|\bamount|herinnering|reminder|mahnung|zahlungserinnerung|rappel|failliet|insolven|curator|surs[eé]ance|overleden|deceased|verstorben|décéd|\bdebt|\bschuld|\bclaim|vordering|forderung|créance|advocaat|jurist|rechtsbijstand|solicitor|lawyer|attorney|anwalt|anwält|avocat|betwist|dispute|contest|deny|denie|échéance|règl(?:er|ement)|\bsolde\b|virement|\bacompte|\beuros?\b|uitstel|respijt|afbetal|aflos|openstaand|\bsaldo\b|overschrijv|overma(?:ken|akt)|overgemaakt|gestort|aufschub|stundung|\braten|fällig|postpone|deferral|instal+ment|outstanding (?:amount|balance|sum)|overdue|settle|overboek|\b(?:the|bank|wire|our) transfers?\b",
        )
    });
    MONEY.is_match(own_words)
}

/// "Our treasurer is back on Thursday", "mijn man is tot maandag weg": of another's absence a person tells. Who stands in for
/// the sender is no such one.
pub(super) fn tells_of_another(own_words: &str) -> bool {
    static ANOTHER: LazyLock<Pattern> = LazyLock::new(|| {
        let whose = r"(?:onze|mijn|de|our|my|the|unsere?|meine?|der|die|notre|mon|ma|le|la)";
        let who = r"(?:penningmeester|tekenbevoegde|mede-?ondertekenaar|tekenaar|directeur|directrice|baas|bazin|zaakvoerder|eigenaar|eigenares|man|vrouw|echtgeno\w+|boekhoud\w+|accountant|compagnon|vennoot|bestuurder|voorzitter|secretaris|treasurer|bursar|(?:co-?)?signator(?:y|ies)|director|boss|owner|husband|wife|partner|bookkeeper|chair(?:man|woman|person)?|secretary|kassierer\w*|kassenwart\w*|schatzmeister\w*|geschäftsführer\w*|chefin|chef|inhaber\w*|mann|frau|buchhalter\w*|vorsitzende\w*|vorstand|trésori\w+|patronn?e?|gérante?|mari|femme|comptable|présidente?|signataire)";
        let gone = r"(?:terug|weer|weg|back|away|out of|returns?|until|till|tot|zurück|wieder|bis|urlaub|vakantie|verlof|holiday|leave|revient|retour|rentre|congés?|vacances|jusqu)";
        pattern(&format!(r"\b{whose} (?:\S+ )?{who}\b[^.!?\n]{{0,80}}\b{gone}\b"))
    });
    ANOTHER.is_match(own_words)
}
