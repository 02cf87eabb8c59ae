//! How machines word their answers, in four languages. Each pattern is a kind of sentence; none is read alone, see
//! [`super::auto_reply`] for how many it takes.

use super::pattern;
use crate::mail::pattern::Pattern;
use std::sync::LazyLock;

/// The text itself says that no person wrote it.
pub(super) fn says_so(own_words: &str) -> Option<&str> {
    static TEXT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\bdit (?:is een|betreft een) automati(?:sch|sche)\b[^.\n]{0,40}|\b(?:dit bericht|deze e-?mail|deze mail) (?:is|wordt|werd) automatisch\b[^.\n]{0,30}|\bautomatische ontvangstbevestiging\b|\bautomatisch (?:gegenereerd|verstuurd|verzonden|aangemaakt)\b|",
            r"\bthis is an? auto(?:mated|matic|matically)\b[^.\n]{0,40}|\b(?:this|the) (?:e-?mail|message|reply) (?:was|is|has been) (?:generated )?automatic(?:ally)?\b[^.\n]{0,30}|\bautomatically generated\b|\bauto-?(?:reply|response)\b|\bautomated (?:reply|response|message)\b|",
            r"\bdie(?:s|se) (?:ist eine|nachricht|e-?mail|mail|antwort)[^.\n]{0,20}(?:automatische?|automatisch|maschinell)\b[^.\n]{0,30}|\bautomatische (?:antwort|eingangsbestätigung|empfangsbestätigung|bestätigung|nachricht)\b|\babwesenheits(?:notiz|meldung|assistent)\b|",
            r"\b(?:ceci est|il s'agit d)[^.\n]{0,10}(?:une? )?(?:réponse|message|accusé)[^.\n]{0,15}automatique\b|\bréponse automatique\b|\benvoyé automatiquement\b|\bgénéré automatiquement\b|",
            r"\b(?:do not|don't) (?:reply|respond) to this\b|\bniet (?:op|naar) (?:dit|deze) (?:e-?mail)?(?:bericht|mail|adres)? ?(?:te )?(?:antwoorden|reageren|beantwoorden)\b|\bbitte antworten sie nicht\b|\bne (?:pas (?:y )?répondre|répondez pas)\b|\bno-?reply[ -]?(?:adres|address|adresse)\b|\b(?:mailbox|postvak|postfach|boîte)\b[^.\n]{0,20}\b(?:not monitored|niet gelezen|nicht (?:gelesen|überwacht)|pas (?:lue|surveillée))\b|",
            r"\b(?:this is a challenge|verify (?:your|the) (?:email|message|address)|click (?:on )?the (?:link|following link)[^.\n]{0,60}(?:deliver|verif|approve|whitelist)|not on (?:my|the|his|her) (?:whitelist|guest list|approved)|added to the recipient's (?:allowed|safe|approved))",
        ))
    });
    TEXT.find_iter(own_words).find(|said| !OF_A_SCANNER.is_match(said))
}

/// "Dit bericht is automatisch gescand op virussen" stands beneath what people write.
static OF_A_SCANNER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:gescan|gecontroleerd|controle|scann|checked|geprüft|überprüft|untersucht|analysé|vérifié|vir(?:us|en)|malware|spam)",
    )
});

/// What gateways, list servers and challenge-response filters write about a mail. A person writes "your mail was in my
/// quarantine" too, but offers no release and awaits no moderator.
pub(super) fn system_notice(own_words: &str) -> Option<&str> {
    const YOURS: &str = r"(?:uw|je|jouw|your|the|this|ihre?|die|votre|le|het|de)";
    const MAIL: &str = r"(?:e-?mail|mail|bericht|message|post|nachricht|courriel|submission)";
    static TEXT: LazyLock<Pattern> = LazyLock::new(|| {
        let held = r"(?:wacht|aangehouden|vastgehouden|held|awaits?|awaiting|pending|wartet|zurückgehalten|angehalten|en attente|retenue?)";
        let judge = r"(?:moderat\w*|modérat\w*|beheerder|lijsteigenaar|list (?:owner|administrator)|listenverwalter|goedkeuring van de lijst)";
        let quarantine =
            r"(?:quarant\w+|spam-?(?:filter|map|box|bericht\w*|folder)?|ongewenste (?:e-?mail|mail|berichten)|junk)";
        let release = r"(?:release|vrijgeven|deblokkeren|freigeben|zustellen|libérer|débloquer|block sender|afzender blokkeren|allow sender|afzender toestaan)";
        pattern(&[
            format!(r"\b{YOURS} {MAIL}\b[\s\S]{{0,200}}?\b{held}\b[\s\S]{{0,80}}?\b{judge}\b"),
            r"\b(?:not a member of|geen lid van|kein mitglied|pas (?:membre|abonné))\b[^.\n]{0,40}\b(?:list|lijst|liste|mailing)".into(),
            r"\b(?:list|lijst|liste|mailing\w*)\b[^\n]{0,80}\b(?:not a member|geen lid|kein mitglied|pas (?:membre|abonnée?))\b".into(),
            format!(r"\bquarant\w+\b[\s\S]{{0,400}}?\b{release}\b"),
            format!(r"\b\d+ (?:new |nieuwe |neue |nouveaux )?(?:e-?mails?|messages?|berichten|nachrichten|items)\b[^.\n]{{0,50}}\b{quarantine}\b"),
            r"\bquarant\w+ (?:summary|digest|notification|report|overzicht|melding|rapport|bericht)\b|\bspam (?:digest|quarantine|notification|report|rapport|overzicht)\b".into(),
            format!(r"\b{YOURS} {MAIL}\b[^.\n]{{0,60}}\b(?:(?:nog )?niet (?:afgeleverd|bezorgd|doorgestuurd)|not (?:yet )?(?:been )?delivered|(?:noch )?nicht zugestellt|pas (?:encore )?(?:été )?(?:remise?|distribuée?|livrée?))\b[\s\S]{{0,200}}?\b(?:klik|click|bevestig|confirm|verify|bestätigen|klicken|cliquez|confirmez|captcha)"),
            r"\bcaptcha\b|\b(?:blocks?|blokkeert|blockiert|bloque|filters?) (?:unknown senders|onbekende afzenders|unbekannte absender|les expéditeurs inconnus)\b".into(),
            format!(r"\b{YOURS} (?:following |volgende |folgende )?{MAIL}\b[^.\n]{{0,20}}\b{held}\b[^.\n]{{0,40}}\b{quarantine}\b"),
            r"\banti-?spam\b[\s\S]{0,200}?\b(?:click\w*|klik\w*|klicken|cliquez|bevestig\w*|confirm\w*|bestätig\w*)\b".into(),
            r"\b(?:virtual|virtuele|digitale|virtuelle[rn]?|digitale[rn]?|automated|ai)[- ](?:assistant|assistent\w*|agent|medewerker)\b|\bassistant virtuel\b|\bchat-?bot\b".into(),
            r"\b(?:bevestig\w*|confirm\w*|verif\w*|prove|bewijs|bestätigen|confirme\w*)\b[^.\n]{0,50}\b(?:a human|een mens|geen robot|not a robot|no robot|ein mensch|kein roboter|un humain|pas un robot|real person|geen spammer|not a spammer|no spammer|kein spammer|pas un spammeur)\b".into(),
            r"\b(?:list|lijst) of (?:approved|allowed|trusted) senders\b|\b(?:approved|allowed|trusted|toegestane|vertrouwde|goedgekeurde|zugelassene\w*|autorisés?) (?:senders?|afzenders?|absender\w*|expéditeurs?)\b|\bexpéditeurs? autorisés?\b".into(),
        ]
        .join("|"))
    });
    TEXT.find(own_words)
}

/// Something is asked for: machines ask whether there is a question, people ask for things.
pub(super) fn requests(own_words: &str) -> bool {
    static REQUEST: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b(?:kunt|kun|kan|kunnen|wilt|wil|willen|zou|zoudt|zouden|can|could|would|will|können|könnten|würden|pouvez|pourriez|peux)\b[^.?!\n]{0,160}\?",
        )
    });
    static TEMPLATE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b(?:niet wachten|can'?t wait|sneller|helpen|help you|helfen|aider|antwoord vinden|find the answer|gewoon wachten)\b",
        )
    });
    REQUEST.find_iter(own_words).any(|found| !TEMPLATE.is_match(found))
}

/// "Ich habe sie an die Kollegin weitergeleitet": one person says what became of the mail.
pub(super) fn acts_in_person(own_words: &str) -> bool {
    static ACT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:ik heb|heb ik|['’]k heb)\b[^.\n?!]{0,60}\b(?:door(?:gestuurd|gezet|gegeven|gezonden)|overgedragen|voorgelegd|neergelegd|besproken|nagekeken|opgezocht)\b|",
            r"\bik (?:stuur|zet|geef)\b[^.\n?!]{0,40}\bdoor\b|\bik leg\b[^.\n?!]{0,40}\b(?:voor aan|neer)\b|",
            r"\bI(?:['’]ve| have)?(?: just| already| now)? (?:(?:passed|handed|forwarded|sent|given|shown) (?:it|this|that|your)|checked|discussed)\b|\bI(?:['’]m| am|['’]ll| will) (?:pass|forward|hand)(?:ing)? (?:it|this|your)\b|",
            r"\b(?:ich habe|habe ich)\b[^.\n?!]{0,60}\b(?:weiter(?:geleitet|gegeben|gereicht)|gegeben|vorgelegt|übergeben|besprochen|nachgesehen)\b|\bich (?:leite|gebe|reiche)\b[^.\n?!]{0,40}\bweiter\b|\bich lege\b[^.\n?!]{0,40}\bvor\b|",
            r"\bj(?:e l['’]|e les |['’])ai (?:\w+ )?(?:transmise?|transférée?|remise?|donnée?|soumise?|vérifiée?|passée?)\b|\bje (?:l[ae]? |les )?(?:transmets|transfère|remets|fais suivre)\b",
        ))
    });
    ACT.is_match(own_words)
}

/// What the text says that machines and people say: [`HINTS`], and that a mail of ours was received.
pub(super) fn hints(own_words: &str) -> Vec<&str> {
    receipt(own_words).into_iter().chain(found(&HINTS, own_words)).collect()
}

/// "Uw melding is bij ons geregistreerd", "Ihre Anfrage wurde unter der Nummer 12 aufgenommen": a mail that became a number.
/// "Ik heb uw mail ontvangen" is a person's, and so is what speaks of a reminder.
fn receipt(own_words: &str) -> Option<&str> {
    static RECEIPT: LazyLock<Pattern> = LazyLock::new(|| {
        let yours = r"(?:uw|je|jouw|your|ihre?[nrs]?|deine?|votre|vos|the|this|deze|dit)";
        let thing = r"(?:e-?mails?|mail|bericht|berichtje|vraag|aanvraag|verzoek|melding|document|inzending|message|request|enquiry|inquiry|query|question|ticket|case|submission|document|nachricht|anfrage|anliegen|demande|courriel|requête|question)";
        let taken = r"(?:ontvangen|geregistreerd|binnengekomen|aangekomen|in behandeling|aangemaakt|toegewezen|doorgestuurd naar (?:de juiste|het juiste|onze)|received|registered|logged|created|opened|queued|assigned|recorded|landed|erhalten|eingegangen|registriert|erfasst|aufgenommen|angelegt|zugewiesen|reçue?|enregistrée?|transmise? (?:au|à)|prise? en (?:compte|charge))";
        pattern(&format!(
            r"\b{yours}\b(?: \S+)?[ \n]{thing}\b[^.\n?!]{{0,70}}\b{taken}\b|\b(?:got|received|have|haben|erhielten|hebben|ontvingen|kregen|avons)\b[^.\n?!]{{0,30}}\b{yours} {thing}\b|\b(?:new|nieuwe?|neues?|nouveau|nouvelle) (?:ticket|melding|case|zaak|aanvraag|vorgang|demande)\b[^.\n?!]{{0,40}}\b(?:created|aangemaakt|opened|geopend|erstellt|créée?)\b|\b(?:ticket|vraag|verzoek|melding|zaak|case|request|vorgang)\b[^.\n?!]{{0,40}}\b(?:is|was|has been|werd|wurde|a été)\b[^.\n?!]{{0,20}}{taken}"
        ))
    });
    static ONE_PERSON: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\b(?:ik|'k|I|I've|I'll|ich|j'ai|je (?:l'ai|vais|transmets|regarde|suis))\b"));
    static SENTENCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[.!?]+(?:\s|$)|\n\s*\n"));
    if !RECEIPT.is_match(own_words) {
        return None;
    }
    SENTENCE.split(own_words).filter(|one| !ONE_PERSON.is_match(one)).find_map(|one| RECEIPT.find(one))
}

pub(super) fn found<'w>(patterns: &[Pattern], own_words: &'w str) -> Vec<&'w str> {
    patterns.iter().filter_map(|sign| sign.find(own_words)).collect()
}

/// Things absence notes and ticket receipts say; any one of them may be a person's sentence.
pub(super) static SIGNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    [
            // absent
            concat!(
                r"\b(?:ik ben|wij zijn|we zijn|ben ik|zijn wij|ons (?:kantoor|bedrijf) is)\b[^.\n]{0,60}\b(?:afwezig|niet aanwezig|(?:op|met) (?:vakantie|verlof|zwangerschapsverlof|ouderschapsverlof)|niet bereikbaar|beperkt bereikbaar|gesloten)\b|",
                r"\b(?:I am|I'm|I will be|we are|our office is|the office is)\b[^.\n]{0,60}\b(?:out of (?:the )?office|away|on (?:\w+ )?(?:leave|holiday|vacation)|on vacation|closed|travel+ing|unavailable)\b|",
                r"\b(?:ich bin|bin ich|wir sind|sind wir|ich befinde mich|befinde ich mich|unser (?:büro|betrieb)|ist unser (?:büro|betrieb))\b[^\n]{0,80}(?:abwesend|nicht (?:im|in) (?:büro|haus|dienst)|urlaub|elternzeit|nicht (?:mehr )?erreichbar|eingeschränkt|geschlossen|krankgeschrieben|unterwegs|dienstreise|geschäftsreise|schulung|fortbildung|sabbatical)|",
                r"\b(?:wegens|i\.?v\.?m\.?|in verband met)\b[^.\n]{0,60}\b(?:gesloten|afwezig|niet bereikbaar|dicht)\b|\b(?:kantoor|bedrijf|winkel|werkplaats|praktijk|atelier|showroom|salon|restaurant|office|shop|store|studio|bureau|cabinet|magasin|boutique|büro|betrieb|praxis|laden|geschäft|werkstatt|filiale)\b[^.\n]{0,40}\b(?:gesloten|closed|fermée?|geschlossen)\b|\b(?:momenteel|tijdelijk|op dit moment)\b[^.\n]{0,40}\b(?:\w*verlof|vakantie|afwezig)\b|\bgeniet (?:ik )?van\b[^.\n]{0,40}\b(?:vrije dagen|vakantie|verlof|pensioen)\b|\bwieder (?:persönlich )?für sie da\b|\bopenen (?:wij |we )?[^.\n]{0,40}weer\b|\b(?:wij|we) zijn er even (?:niet|tussenuit)\b|\ber even tussenuit\b|\bpatchy signal\b|",
                r"\b(?:je suis|je serai|nous sommes|nous serons|notre (?:bureau|atelier|entreprise|société) (?:est|sera))\b[^.\n]{0,60}\b(?:absente?s?|en congés?|fermée?s?|en vacances|en déplacement|injoignable)\b",
            ),
            // the mail is not read, or later
            concat!(
                r"\b(?:lees|leest|bekijk|beantwoord) (?:ik )?(?:mijn|uw|de)? ?(?:e-?)?mails?\b[^.\n]{0,40}\bniet\b|\b(?:lees|leest|bekijk|beantwoord|lezen|beantwoorden)\b[^.\n]{0,20}\bgeen (?:e-?)?mails?\b|\bwordt (?:[^.\n]{0,30} )?niet (?:doorgestuurd|gelezen)\b|\b(?:na mijn|bij) terugkomst\b|\bben ik (?:weer )?terug\b|\bweer (?:aanwezig|bereikbaar)\b|",
                r"\bupon my return\b|\bwhen I (?:return|get back|am back)\b|\b(?:no|limited) access to (?:my )?(?:e-?mail|inbox)\b|\bback in the office\b|",
                r"\bwird nicht (?:weitergeleitet|gelesen)\b|\bwerden nicht (?:weitergeleitet|bearbeitet|gelesen)\b|\bnach meiner rückkehr\b|\b(?:wieder (?:erreichbar|im büro|für sie da))\b|\bkeinen? (?:zugriff|zugang)\b|",
                r"\bà (?:mon|notre) retour\b|\bde retour (?:le|au)\b|\bpas accès à (?:ma|mes)\b",
            ),
            // ask somebody else
            concat!(
                r"\b(?:taken|werkzaamheden)\b[^.\n]{0,20}\b(?:overgenomen|waargenomen)\b|\bneemt (?:mijn|hun)\b[^.\n]{0,30}\b(?:waar|over)\b|\bvoor spoed\b|",
                r"\b(?:voor|bij|in) (?:dringende|spoedeisende|urgente)\b|\bmijn collega\b[^.\n]{0,60}@|\bfor (?:urgent|immediate|anything urgent)\b|\bin urgent cases\b|\bif (?:it is|your \w+ is) urgent\b|",
                r"\bin dringenden (?:fällen|angelegenheiten)\b|\bbei dringenden\b|\bvertritt mich\b|\bmeine (?:kollegin|vertretung)\b|\bmein kollege\b|\ben cas d'urgence\b|\bpour toute urgence\b",
            ),
            // received, registered
            concat!(
                r"\b(?:wij|we) hebben (?:je|jouw|uw) (?:bericht|e-?mail|mail|vraag|aanvraag|verzoek)\b[^.\n]{0,30}\b(?:ontvangen|geregistreerd)\b|\b(?:je|uw) (?:bericht|e-?mail|vraag|aanvraag) is (?:in goede orde )?(?:ontvangen|geregistreerd)\b|",
                r"\b(?:je|uw) (?:bericht|document|e-?mail|mail|verzoek|vraag|aanvraag|melding)(?: \([^)\n]*\))? (?:is|werd|wordt) [^.\n]{0,30}(?:ontvangen|geregistreerd|binnengekomen)\b|\bboven deze (?:regel|lijn)\b|\babove this line\b|\b(?:reageer|antwoord) op deze (?:e-?mail|mail) om\b|\ba case has been\b|",
                r"\bwe(?: have|'ve)? (?:received|registered|logged|opened) your (?:message|e-?mail|request|enquiry|query|ticket)\b|\byour (?:message|e-?mail|request|enquiry|ticket) has been (?:received|registered|logged|created)\b|\ba (?:support )?ticket has been\b|",
                r"\bwir haben ihre (?:nachricht|e-?mail|anfrage|mail) (?:erhalten|registriert)\b|\bihre (?:nachricht|e-?mail|anfrage) ist (?:bei uns )?eingegangen\b|\bnous avons bien reçu votre (?:message|mail|courriel|demande|e-?mail)\b",
            ),
            // a number, and when
            concat!(
                r"\b(?:geregistreerd onder (?:nummer|zaaknummer|ticketnummer)|(?:ticket|case|zaak|meldings?|vorgangs|referentie)-?\s?(?:nummer|number|nr\.?|id)\b|numéro de (?:ticket|dossier)|\[?ticket\s?#)|",
                r"\b(?:binnen|within|innerhalb|sous|dans les) (?:von )?(?:\S+ )?(?:\d+ |twee |drie |two |three |zwei |drei )?(?:uur|uren|werkdagen|hours|working days|business days|stunden|werktagen?|heures|jours ouvrables)\b[^.\n]{0,30}\b(?:antwoord\w*|beantwoord\w*|reactie|reageren|reply|respond|answer|zurück|antworten|répon\w+)|\brépondra\b|\b(?:klant|kunden|customer |client )portaa?l\b|\bveelgestelde vragen\b|\bcontact opgenomen met\b|\bdemande a (?:bien )?été (?:enregistrée|reçue|prise en compte)\b|\bin goede orde ontvangen\b|\bwe (?:proberen|streven)\b|\bnous nous efforçons\b|\bwir bemühen uns\b|",
                r"\b(?:reageren|antwoorden) (?:wij|we) binnen\b|\bbinnen (?:\w+ )?(?:\d+ )?(?:werkdagen|uur) (?:een )?(?:reactie|antwoord)|\bwe (?:will|aim to) (?:respond|reply|get back)\b|\b(?:reply|respond|answer|get back) (?:to you )?(?:as soon as|within)\b|\b(?:zo spoedig|zo snel) mogelijk (?:beantwoord|reactie|antwoord|contact|op terug)|\bwerden uns (?:schnellstmöglich|so schnell|innerhalb|in kürze|umgehend)|\bnous (?:vous répondrons|traiterons votre)\b",
            ),
        ]
        .into_iter()
        .map(pattern)
        .collect()
});

/// What such notes say too, and people no less: only beside another sign, or a header.
pub(super) static HINTS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    [
            // away, at work on other days, back on a day
            concat!(
                r"\bniet op kantoor\b|\b(?:ik werk|wij werken|mijn werkdagen|werkzaam|aanwezig|bereikbaar|geopend|open)\b[^.\n]{0,25}\b(?:op )?(?:maandag|dinsdag|woensdag|donderdag|vrijdag)\b|\b(?:eerstvolgende|volgende) werkdag\b|\b(?:beantwoord|lees|bekijk|behandel) (?:ik|wij|we) (?:mijn|uw|je|de) (?:e-?)?(?:mails?|berichten?)\b|",
                r"\b(?:ben ik|zijn wij|zijn we|ben|is) er weer\b|\bstaa?n? (?:ik |wij |we )?weer voor (?:u|je|jullie) klaar\b|\b(?:vanaf|per) (?:\w+ ){1,4}(?:weer|terug) (?:terug|open|bereikbaar|aanwezig|op kantoor|aan het werk)\b|",
                r"\b(?:slow to (?:respond|reply)|(?:reply|response)s? (?:times? )?may be (?:slower|delayed|longer)|kan (?:het|een antwoord|de beantwoording)[^.\n]{0,20}langer duren|dauert? (?:es )?(?:zurzeit |derzeit )?(?:etwas )?länger|délais? de réponse)\b|\bnot in the office\b|\b(?:out|away) (?:today|this (?:morning|afternoon|week))\b|\bback (?:tomorrow|on (?:mon|tues|wednes|thurs|fri)day|on the \d)|\b(?:monitored|open|available) (?:from )?(?:monday|mon|weekdays|between|during)\b|\boffice hours\b|\bwill respond to (?:messages|e-?mails?)\b|\bI (?:work|am in) (?:on )?(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|part[- ]time)\b|\bback at work\b|",
                r"\b(?:erst (?:ab|am|wieder)|wieder (?:da|zurück|am platz|persönlich))\b|\bnicht am platz\b|\bfreien? tagen?\b|\bfreie tage\b|\bwieder [^.\n]{0,20}\b(?:erreichbar|für sie da)\b|\b(?:meine arbeitstage|bürozeiten)\b|\bmeine vertretung\b|",
                r"\b(?:je serai|je suis) (?:de retour|à nouveau|joignable)\b|\bconsulterai (?:mes|vos) (?:messages|mails|e-?mails)\b|\bheures d'ouverture\b",
            ),
            // registered, in other words; who will look at it
            concat!(
                r"\b(?:staat|is|wordt|werd) (?:\w+ ){0,4}(?:geregistreerd|in behandeling genomen)\b|\bonder (?:kenmerk|nummer|referentie|dossiernummer) [\w-]*\d|\been (?:medewerker|collega|adviseur) (?:neemt|zal|pakt)\b|\b(?:bevestigen|bevestiging van) (?:wij )?(?:hierbij )?(?:de )?(?:goede )?ontvangst\b|\binhoudelijke (?:reactie|antwoord)\b|\bu hoeft niets te doen\b|\b(?:u|je) (?:hoort|krijgt|ontvangt) (?:zo (?:snel|spoedig) mogelijk |binnen [^.\n]{2,20} )?(?:van ons|(?:een )?(?:reactie|antwoord))\b|\b(?:reageren|antwoorden|beantwoorden) (?:wij|we) (?:meestal|doorgaans|in de regel|vaak)\b|\b(?:neemt|nemen) [^.\n]{0,20}\bwaar\b|\bkan (?:ik )?(?:even |momenteel |nu )?niet reageren\b|\b(?:uw|je) mails? blij(?:ft|ven) bewaard\b|\b(?:in|uit) (?:onze|de) wachtrij\b|\bwachttijd\b|\b(?:kan|könnte|may|peut)\b[^.\n]{0,30}\b(?:langer|wat meer tijd|longer|länger|plus de temps)\b[^.\n]{0,20}\b(?:duren|dauern|take|prendre)?\b[^.\n]{0,30}\b(?:antwoord|reactie|reageren|reply|answer|antwort\w*|réponse)\b|\bop onze (?:website|site) (?:vindt|vind|lees|leest)\b|\b(?:uw|je) account is (?:actief|geactiveerd|gewijzigd)\b|\b(?:wachtwoord|password|passwort|mot de passe|verificatiecode|verification code)\b|\b(?:nieuw apparaat|new device|neues gerät|nouvel appareil)\b|\b(?:aanmelding|inschrijving|registratie) (?:voor|is|bij)\b|\bgeniet (?:ik )?van mijn\b|\bper \w+ uit dienst\b|\b(?:leuk|fijn|bedankt) dat (?:je|u) (?:ons|contact|een bericht)\b|",
                r"\byour (?:request|message|e-?mail|enquiry|ticket)(?: \([^)\n]*\))? (?:has been|was|is being) (?:received|reviewed|assigned|forwarded)\b|\bto add (?:additional |further )?comments\b|\b(?:let you know|confirm) (?:that )?we (?:got|have|received)\b|\bwe (?:aim|try|endeavour) to (?:answer|reply|respond)\b|\b(?:answer|reply to|respond to) (?:every|all|each) (?:e-?mails?|messages?)\b|\b(?:usually|normally|generally) (?:\w+ )?(?:get back|answers?|repl(?:y|ies)|responds?)\b|\bexpect (?:an? )?(?:answer|reply|response)\b|\byou(?:'ll| will) hear from us\b|\btypically (?:answers?|repl(?:y|ies)|responds?)\b|\bin touch (?:shortly|soon|as soon as)\b|\bchange the subject\b|\ba member of (?:our|the) team\b|\bthank you for (?:contacting|reaching out to|getting in touch with)\b|\bthanks for (?:contacting|getting in touch|reaching out)\b|",
                r"\bihr (?:anliegen|ticket|vorgang)\b[^.\n]{0,60}\b(?:erfasst|registriert|eröffnet|angelegt|eingegangen)\b|\bunter der (?:nummer|vorgangsnummer|ticketnummer)\b|\b(?:unser|das) (?:support-?|service-?)?team wird\b|\bsie (?:hören|erhalten)\b[^.\n]{0,30}\b(?:von uns|antwort|rückmeldung)\b|\bnach meiner (?:genesung|rückkehr)\b|",
                r"\bvotre (?:message|demande|courriel|mail|e-?mail) (?:nous )?(?:est|a) (?:bien )?(?:été )?(?:parvenue?|reçue?|arrivée?|enregistrée?)\b|\bsera traitée? (?:par|dans|sous)\b|\baccusons (?:bonne )?réception\b|\b(?:reviendra|reviendrons|recontacter\w*) (?:vers )?vous\b|\b(?:je )?(?:lirai|traiterai|consulterai) vos (?:messages|mails|courriels)\b|\bvous (?:recontacte|répond)\w* dès que\b",
            ),
            // a parcel
            r"\b(?:je|uw|jouw) (?:pakket|zending|bestelling) (?:is|wordt|komt)\b|\bvolg (?:je|uw) (?:pakket|zending|bestelling)\b|\btrack (?:your|the) (?:parcel|order|package)\b|\byour (?:parcel|order|package) (?:is|has|will)\b|\b(?:ihre sendung|ihr paket) (?:ist|wird)\b|\bvotre colis (?:est|sera)\b",
            // how a form letter begins
            r"^\W*(?:(?:beste|geachte|dear|hello|hallo|hi|guten tag|sehr geehrte|bonjour|madame|l\.s\.)[^\n]{0,40}\s+)?(?:hartelijk |heel |veel )?(?:dank|bedankt|dankjewel|thank you|thanks|vielen dank|danke|merci)(?: (?:je|u|you))?(?: wel)? (?:voor|for|für|pour|de) (?:uw|je|jouw|het|your|ihre|die|deine|votre|le) (?:\w+ )?(?:bericht|e-?mail|mail|contact|message|nachricht|courriel|reactie|melding|aanvraag|vraag|verzoek|interesse|demande|anfrage|enquiry|request)\b",
        ]
        .into_iter()
        .map(pattern)
        .collect()
});
