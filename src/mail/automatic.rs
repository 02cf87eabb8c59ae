//! Machines that answer: out-of-office, ticket receipts, read receipts, newsletters (RFC 3834 and what is really sent).
//! When in doubt a mail is human.

use super::message::Message;
use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// Out of office, "we received your mail", ticket receipt: no person looked.
    AutoReply,
    /// A read receipt (RFC 8098).
    ReadReceipt,
    /// Newsletter, advertising, mailing list traffic that answers nothing.
    Bulk,
}

/// What kind of machine wrote it, with the reason in words; `None` when a person (perhaps) did.
/// `own_words` is [`super::own_words::own_words`] of the same mail; `likely` tells whether they are like a machine's.
pub fn automatic(message: &Message, own_words: &str, likely: &dyn Fn() -> bool) -> Option<(Automatic, String)> {
    read_receipt(message, own_words)
        .map(|why| (Automatic::ReadReceipt, why))
        .or_else(|| auto_reply(message, own_words, likely).map(|why| (Automatic::AutoReply, why)))
        .or_else(|| bulk(message, own_words).map(|why| (Automatic::Bulk, why)))
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().expect("BUG: pattern")
}

fn read_receipt(message: &Message, own_words: &str) -> Option<String> {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:gelezen|leesbevestiging|ongelezen verwijderd|niet gelezen|read|read receipt|not read|gelesen|lesebestätigung|ungelesen|lu|accusé de lecture|confirmation de lecture|non lu)(?: \([^)]*\))?\s*:",
        )
    });
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:is gelezen op|leesbevestiging voor het bericht|is ongelezen verwijderd|was read on|was deleted without being read|read receipt|return receipt for the mail|",
            r"wurde (?:am .{2,60} )?gelesen|lesebestätigung|a été lu le|accusé de (?:lecture|réception) (?:pour|du) (?:le )?(?:courrier|message))\b",
        ))
    });
    if message.report.as_ref().is_some_and(|report| report.kind == "disposition-notification") {
        return Some("a read receipt (RFC 8098)".into());
    }
    let said = without_our_subject(own_words);
    let imitation = SUBJECT.is_match(&message.subject) && TEXT.is_match(&message.text) && !speaks_of_money(&said);
    imitation.then(|| format!("a read receipt: the subject begins with {:?}", first_word(&message.subject)))
}

/// A receipt repeats the subject of our letter, which speaks of money.
fn without_our_subject(text: &str) -> String {
    static SUBJECT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^\s*(?:onderwerp|subject|betreff|objet|betreft|concerne)\s*:"));
    text.lines().filter(|line| !SUBJECT.is_match(line)).collect::<Vec<_>>().join("\n")
}

fn first_word(text: &str) -> &str {
    text.split([':', ' ']).next().unwrap_or_default()
}

fn auto_reply(message: &Message, own_words: &str, likely: &dyn Fn() -> bool) -> Option<String> {
    let header = automatic_header(message);
    if let Some(found) = subject_pattern(&message.subject)
        && (header.is_some() || !claims(own_words))
    {
        return Some(format!("the subject says {found:?}"));
    }
    if own_words.trim().is_empty() {
        return header.filter(|_| message.attachments.is_empty()).map(|header| format!("{header}, and no words"));
    }
    if claims(own_words) {
        return None;
    }
    if let Some(found) = says_so(own_words) {
        return Some(format!("the text says {found:?}"));
    }
    let (signs, hints) = (found(&SIGNS, own_words), found(&HINTS, own_words));
    let about_money = speaks_of_money(own_words);
    let alone = message.references.is_empty();
    let likely = || !about_money && likely();
    match (header, signs.as_slice(), hints.as_slice()) {
        (Some(header), [sign, ..], _) | (Some(header), [], [sign, ..]) => {
            Some(format!("{header}, and the text says {sign:?}"))
        }
        (Some(header), [], []) if answers_by_itself(message) && !own_words.contains('?') => Some(header),
        (Some(header), [], []) => likely().then(|| format!("{header}, and the text is like a machine's")),
        (None, [first, second, ..], _) | (None, [first], [second, ..]) if !about_money => {
            Some(format!("the text says {first:?} and {second:?}"))
        }
        (None, [sign], []) if alone && !about_money => {
            Some(format!("no answer in a thread, and the text says {sign:?}"))
        }
        // People use such words too: only where they are many, or like nobody's.
        (None, [], [first, second, third, ..]) if !about_money => {
            Some(format!("the text says {first:?}, {second:?} and {third:?}"))
        }
        (None, [sign], []) | (None, [], [sign, _]) => {
            likely().then(|| format!("the text says {sign:?}, and is like a machine's"))
        }
        (None, [], [sign]) if alone => likely().then(|| format!("the text says {sign:?}, and is like a machine's")),
        (None, ..) => None,
    }
}

/// The header by which a machine names itself, in words.
fn automatic_header(message: &Message) -> Option<String> {
    message.raw_headers.iter().find_map(|(name, value)| {
        let value = value.to_lowercase();
        let value = value.trim();
        let automatic = match name.as_str() {
            // RFC 3834 section 5
            "auto-submitted" => !value.is_empty() && !value.starts_with("no"),
            "x-autoreply" | "x-autorespond" | "x-autoresponder" | "x-mail-autoreply" | "x-vacation" => value != "no",
            "precedence" => matches!(value, "auto_reply" | "auto-reply" | "bulk" | "junk"),
            "return-path" => value == "<>",
            _ => false,
        };
        automatic.then(|| format!("the header {name} is {value:?}"))
    })
}

/// Headers that only a responder sets on an answer, and no ticket system on a person's mail.
fn answers_by_itself(message: &Message) -> bool {
    message.raw_headers.iter().any(|(name, value)| match name.as_str() {
        "auto-submitted" => value.to_lowercase().contains("auto-replied"),
        "x-autoreply" | "x-autorespond" | "x-autoresponder" | "x-vacation" => true,
        "precedence" => value.to_lowercase().starts_with("auto"),
        _ => false,
    })
}

fn subject_pattern(subject: &str) -> Option<&str> {
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:\[[^\]]*\]\s*)?\[?(?:automatyczna odpowied\w*|risposta automatica|respuesta automática|resposta automática|automatisk\w* svar\w*|autosvar|automati(?:c|sch|sche|que|cally)\s+(?:reply|response|antwoord|antwort|generated)|automatisch bericht|automatische (?:antwort|ontvangstbevestiging|afwezigheidsmelding)|réponse automatique|message automatique|auto(?:[- ]?(?:reply|response|responder|antwort|antwoord))\b|auto\s*:|",
            r"out of (?:the )?office|afwezig(?:heid(?:sbericht|smelding|sassistent)?)?\b|niet aanwezig|abwesen(?:d|heit|heitsnotiz|heitsmeldung)\b|nicht im (?:büro|haus)|absence|absent(?:e)?\b|(?:en )?congés?|vacation|on (?:holiday|leave)|",
            r"vakantie(?:melding|bericht|sluiting)?|urlaub(?:smeldung)?)\b",
        ))
    });
    static RECEIPT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:ticket|verzoek|melding|case|zaak|aanvraag|request|vorgang|anfrage|demande|incident)\b\D{0,12}\d[^\n]{0,20}\b(?:aangemaakt|geregistreerd|created|opened|registered|logged|erstellt|angelegt|créée?|enregistrée?)\b|",
            r"\b(?:request|ticket|enquiry|case|message) (?:\S+ )?received\b|\b(?:bericht|mail|melding|vraag|aanvraag) (?:is |goed )?ontvangen\b|\b(?:message|demande|courriel) (?:bien )?reçue?\b|\b(?:ontvangstbevestiging|eingangsbestätigung|accusé de réception|acknowledgement of receipt)\b|",
            r"^(?:ik )?(?:ben |werk )?niet (?:meer|langer) (?:werkzaam|bij)\b|\bno longer (?:with|at|working)\b|\bnicht mehr (?:im unternehmen|bei)\b|\b(?:kantoor|büro|office|bureau) (?:is |est )?(?:gesloten|geschlossen|closed|fermée?)\b|\bbetriebsferien\b|\bfermeture annuelle\b",
        ))
    });
    let subject = subject.trim();
    SUBJECT.find(subject).or_else(|| RECEIPT.find(subject)).map(|found| found.as_str())
}

/// The text itself says that no person wrote it.
fn says_so(own_words: &str) -> Option<&str> {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\bdit (?:is een|betreft een) automati(?:sch|sche)\b[^.\n]{0,40}|\b(?:dit bericht|deze e-?mail|deze mail) (?:is|wordt|werd) automatisch\b[^.\n]{0,30}|\bautomatische ontvangstbevestiging\b|\bautomatisch (?:gegenereerd|verstuurd|verzonden|aangemaakt)\b|",
            r"\bthis is an? auto(?:mated|matic|matically)\b[^.\n]{0,40}|\b(?:this|the) (?:e-?mail|message|reply) (?:was|is|has been) (?:generated )?automatic(?:ally)?\b[^.\n]{0,30}|\bautomatically generated\b|\bauto-?(?:reply|response)\b|\bautomated (?:reply|response|message)\b|",
            r"\bdie(?:s|se) (?:ist eine|nachricht|e-?mail|mail|antwort)[^.\n]{0,20}(?:automatische?|automatisch|maschinell)\b[^.\n]{0,30}|\bautomatische (?:antwort|eingangsbestätigung|empfangsbestätigung|bestätigung|nachricht)\b|\babwesenheits(?:notiz|meldung|assistent)\b|",
            r"\b(?:ceci est|il s'agit d)[^.\n]{0,10}(?:une? )?(?:réponse|message|accusé)[^.\n]{0,15}automatique\b|\bréponse automatique\b|\benvoyé automatiquement\b|\bgénéré automatiquement\b|",
            r"\b(?:do not|don't) (?:reply|respond) to this\b|\bniet (?:op|naar) (?:dit|deze) (?:e-?mail)?(?:bericht|mail|adres)? ?(?:te )?(?:antwoorden|reageren|beantwoorden)\b|\bbitte antworten sie nicht\b|\bne (?:pas (?:y )?répondre|répondez pas)\b|\bno-?reply[ -]?(?:adres|address|adresse)\b|\b(?:mailbox|postvak|postfach|boîte)\b[^.\n]{0,20}\b(?:not monitored|niet gelezen|nicht (?:gelesen|überwacht)|pas (?:lue|surveillée))\b|",
            r"\b(?:this is a challenge|verify (?:your|the) (?:email|message|address)|click (?:on )?the (?:link|following link)[^.\n]{0,60}(?:deliver|verif|approve|whitelist)|not on (?:my|the|his|her) (?:whitelist|guest list|approved)|added to the recipient's (?:allowed|safe|approved))",
        ))
    });
    TEXT.find(own_words).map(|found| found.as_str())
}

fn found<'w>(patterns: &[Regex], own_words: &'w str) -> Vec<&'w str> {
    patterns.iter().filter_map(|sign| sign.find(own_words)).map(|found| found.as_str()).collect()
}

/// Things absence notes and ticket receipts say; any one of them may be a person's sentence.
static SIGNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
            // absent
            concat!(
                r"\b(?:ik ben|wij zijn|we zijn|ben ik|zijn wij|ons (?:kantoor|bedrijf) is)\b[^.\n]{0,60}\b(?:afwezig|niet aanwezig|(?:op|met) (?:vakantie|verlof|zwangerschapsverlof|ouderschapsverlof)|niet bereikbaar|beperkt bereikbaar|gesloten)\b|",
                r"\b(?:I am|I'm|I will be|we are|our office is|the office is)\b[^.\n]{0,60}\b(?:out of (?:the )?office|away|on (?:\w+ )?(?:leave|holiday|vacation)|on vacation|closed|travel+ing|unavailable)\b|",
                r"\b(?:ich bin|bin ich|wir sind|sind wir|ich befinde mich|befinde ich mich|unser (?:büro|betrieb)|ist unser (?:büro|betrieb))\b[^\n]{0,80}(?:abwesend|nicht (?:im|in) (?:büro|haus|dienst)|urlaub|elternzeit|nicht (?:mehr )?erreichbar|eingeschränkt|geschlossen|krankgeschrieben|unterwegs|dienstreise|geschäftsreise|schulung|fortbildung|sabbatical)|",
                r"\b(?:wegens|i\.?v\.?m\.?|in verband met)\b[^.\n]{0,60}\b(?:gesloten|afwezig|niet bereikbaar|dicht)\b|\b(?:kantoor|bedrijf|winkel|werkplaats|praktijk|office|bureau|büro|betrieb)\b[^.\n]{0,40}\b(?:gesloten|closed|fermée?|geschlossen)\b|\b(?:momenteel|tijdelijk|op dit moment)\b[^.\n]{0,40}\b(?:\w*verlof|vakantie|afwezig)\b|\bgeniet (?:ik )?van\b[^.\n]{0,40}\b(?:vrije dagen|vakantie|verlof|pensioen)\b|\bwieder (?:persönlich )?für sie da\b|\bopenen (?:wij |we )?[^.\n]{0,40}weer\b|\b(?:wij|we) zijn er even (?:niet|tussenuit)\b|\ber even tussenuit\b|\bpatchy signal\b|",
                r"\b(?:je suis|je serai|nous sommes|nous serons|notre (?:bureau|atelier|entreprise|société) (?:est|sera))\b[^.\n]{0,60}\b(?:absente?s?|en congés?|fermée?s?|en vacances|en déplacement|injoignable)\b",
            ),
            // the mail is not read, or later
            concat!(
                r"\b(?:lees|leest|bekijk|beantwoord) (?:ik )?(?:mijn|uw|de)? ?(?:e-?)?mails?\b[^.\n]{0,40}\bniet\b|\bwordt (?:[^.\n]{0,30} )?niet (?:doorgestuurd|gelezen)\b|\b(?:na mijn|bij) terugkomst\b|\bben ik (?:weer )?terug\b|\bweer (?:aanwezig|bereikbaar)\b|",
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
static HINTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
            // away, at work on other days, back on a day
            concat!(
                r"\bniet op kantoor\b|\b(?:ik werk|wij werken|mijn werkdagen|werkzaam|aanwezig|bereikbaar|geopend|open)\b[^.\n]{0,25}\b(?:op )?(?:maandag|dinsdag|woensdag|donderdag|vrijdag)\b|\b(?:eerstvolgende|volgende) werkdag\b|\b(?:beantwoord|lees|bekijk|behandel) (?:ik|wij|we) (?:mijn|uw|je|de) (?:e-?)?(?:mails?|berichten?)\b|",
                r"\b(?:ben ik|zijn wij|zijn we|ben|is) er weer\b|\bstaan (?:wij |we )?weer voor (?:u|je) klaar\b|\b(?:vanaf|per) (?:\w+ ){1,4}(?:weer|terug) (?:terug|open|bereikbaar|aanwezig|op kantoor|aan het werk)\b|",
                r"\bnot in the office\b|\b(?:monitored|open|available) (?:from )?(?:monday|mon|weekdays|between|during)\b|\boffice hours\b|\bwill respond to (?:messages|e-?mails?)\b|\bI (?:work|am in) (?:on )?(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|part[- ]time)\b|\bback at work\b|",
                r"\b(?:erst (?:ab|am|wieder)|wieder (?:da|zurück|am platz|persönlich))\b|\bnicht am platz\b|\b(?:meine arbeitstage|bürozeiten)\b|\bmeine vertretung\b|",
                r"\b(?:je serai|je suis) (?:de retour|à nouveau|joignable)\b|\bconsulterai (?:mes|vos) (?:messages|mails|e-?mails)\b|\bheures d'ouverture\b",
            ),
            // registered, in other words; who will look at it
            concat!(
                r"\b(?:staat|is|wordt|werd) (?:\w+ ){0,4}(?:geregistreerd|in behandeling genomen)\b|\bonder (?:kenmerk|nummer|referentie|dossiernummer) \w*\d|\been (?:medewerker|collega|adviseur) (?:neemt|zal|pakt)\b|\b(?:bevestigen|bevestiging van) (?:wij )?(?:hierbij )?(?:de )?(?:goede )?ontvangst\b|\binhoudelijke (?:reactie|antwoord)\b|\bu hoeft niets te doen\b|\b(?:in|uit) (?:onze|de) wachtrij\b|\bwachttijd\b|\bgeniet (?:ik )?van mijn\b|\bper \w+ uit dienst\b|\b(?:leuk|fijn|bedankt) dat (?:je|u) (?:ons|contact|een bericht)\b|",
                r"\byour (?:request|message|e-?mail|enquiry|ticket)(?: \([^)\n]*\))? (?:has been|was|is being) (?:received|reviewed|assigned|forwarded)\b|\bto add (?:additional |further )?comments\b|\b(?:let you know|confirm) (?:that )?we (?:got|have|received)\b|\btypically (?:answers?|repl(?:y|ies)|responds?)\b|\bin touch (?:shortly|soon|as soon as)\b|\bchange the subject\b|\ba member of (?:our|the) team\b|\bthank you for (?:contacting|reaching out to|getting in touch with)\b|\bthanks for (?:contacting|getting in touch|reaching out)\b|",
                r"\bihr (?:anliegen|ticket|vorgang)\b[^.\n]{0,60}\b(?:erfasst|registriert|eröffnet|angelegt|eingegangen)\b|\bunter der (?:nummer|vorgangsnummer|ticketnummer)\b|\b(?:unser|das) (?:support-?|service-?)?team wird\b|",
                r"\bvotre (?:message|demande|courriel|mail|e-?mail) (?:nous )?(?:est|a) (?:bien )?(?:été )?(?:parvenue?|reçue?|arrivée?|enregistrée?)\b|\bsera traitée? (?:par|dans|sous)\b|\baccusons (?:bonne )?réception\b|\bvous (?:recontacte|répond)\w* dès que\b",
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

/// A first person says something about the money: whatever the headers say, a person must see it.
fn claims(own_words: &str) -> bool {
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.!?\n]+(?:\s|$)"));
    static FIRST_PERSON: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\b(?:ik|wij|we|I|I'm|I've|we've|ich|wir|je|j'ai|nous)\b"));
    static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:betaal\w*|betalen|betaald|overgemaakt|overmaken|voldaan|betwist\w*|oneens|niet eens|klopt|creditnota|termijnen|regeling|pay|paid|paying|dispute\w*|disagree|transfer(?:red)?|instal+ments?|zahl\w*|gezahlt|bezahl\w*|überwiesen|überweis\w*|bestreite\w*|widersprech\w*|paie|payé|payer|payons|paierai|conteste\w*|viré|virement|versé|regel|regelen|geregeld|in orde|arrange|sort (?:it|this)|kümmere|erledige|nécessaire|m'en occupe|settl\w+|stort|storten|gestort|overgeschreven|overschrijv\w*|overgeboekt|boek|boeken|wire[ds]?|sen[dt] you|get this over|règl\w+|réglé\w*|verser\w*|begl[ei]\w+|anweis\w*|angewiesen|maak\w* [^.\n]{0,40}\bover|schrijf [^.\n]{0,40}\bover|doe (?:het|'?t|dat|dit|ik))\b",
        )
    });
    SENTENCE.split(own_words).any(|sentence| {
        // A matter of our machine's pattern, like "wij verwerken facturen alleen als …", is no claim.
        FIRST_PERSON.is_match(sentence)
            && ABOUT.is_match(sentence)
            && !sentence.trim_start().to_lowercase().starts_with("ons ")
    })
}

/// What a machine says that a human must see, though it answers nothing: the invoice was refused, the address dies,
/// the business or the person is gone.
pub fn news(own_words: &str) -> Option<&str> {
    static NEWS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:factuur|facturen|invoice|rechnung|facture)\b[^.\n]{0,80}\b(?:geweigerd|afgekeurd|afgewezen|niet (?:worden )?(?:verwerkt|geaccepteerd)|rejected|refused|not (?:be )?(?:processed|accepted)|zurückgewiesen|abgelehnt|nicht (?:verarbeitet|akzeptiert)|refusée?|rejetée?)\b|",
            r"\b(?:adres|mailbox|account|postbus)\b[^.\n]{0,40}\b(?:vervalt|vervallen|opgeheven|niet (?:meer|langer) (?:in gebruik|gebruikt|gelezen|actief))\b|\bnieuwe? (?:e-?mail|mail)?adres\b|\bniet meer werkzaam\b|\buit dienst\b|\bstuurt u het (?:alstublieft )?(?:opnieuw )?naar\b|",
            r"\b(?:address|mailbox|account)\b[^.\n]{0,40}\b(?:no longer (?:in use|used|valid|active|monitored)|will be (?:closed|discontinued)|has changed)\b|\bnew (?:e-?mail )?address\b|\bno longer (?:work|works|working|employed|with (?:the )?company)\b|\bhas left the company\b|",
            r"\b(?:adresse|postfach)\b[^.\n]{0,40}\b(?:nicht mehr|ungültig|geändert|abgeschaltet)\b|\bneue (?:e-?mail-?|mail-?)?adresse\b|\bnicht mehr (?:im unternehmen|bei der firma|für .{1,40} tätig)\b|\bausgeschieden\b|",
            r"\b(?:is|zijn) [^.\n]{0,40}\b(?:gestopt|opgeheven|opgehouden|beëindigd)\b|\b(?:activiteiten|onderneming|zaak|praktijk)\b[^.\n]{0,30}\b(?:beëindigd|gestaakt|stopgezet|opgeheven)\b|\b(?:ceased|closed down|shut down|stopped trading)\b|\b(?:geschäfts)?betrieb [^.\n]{0,30}(?:eingestellt|aufgegeben)\b|\ba cessé (?:son|ses|toute) activit|",
            r"\bne (?:fais|faisons|font|travaille|travaillons) plus\b|\bai quitté\b|\b(?:ben|is|zijn) (?:hier )?(?:niet (?:meer|langer)|geen) (?:in dienst|werkzaam|medewerker)\b|\bwerk(?:t|en)? (?:hier |er )?niet (?:meer|langer) (?:bij|voor|hier)\b|\b(?:unternehmen|firma) (?:im \w+ |zum \S+ )?verlassen\b|\bhave left\b[^.\n]{0,30}\b(?:company|firm|organisation)\b|",
            r"\badresse\b[^.\n]{0,40}\b(?:n'est plus|ne sera plus|change|a changé)\b|\bnouvelle adresse\b|\bne (?:travaille|fait) plus\b|\ba quitté\b|",
            r"\b(?:failliet|faillissement|curator|surs[eé]ance|bankrupt|insolven\w*|liquidation|liquidatie|faillite|liquidateur|overleden|deceased|passed away|verstorben|décédée?|bedrijf (?:is )?(?:gestaakt|beëindigd)|ceased trading)\b",
        ))
    });
    NEWS.find(own_words).map(|found| found.as_str())
}

/// The words name a payment, so that a date in them may be its day.
pub fn speaks_of_payment(own_words: &str) -> bool {
    static PAYMENT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"betaa?l|voldaan|voldoen|overgemaakt|\bpa(?:y|id)|transfer|zahl|überw|\bpa(?:ie|yé|yer)|virement")
    });
    PAYMENT.is_match(own_words)
}

/// The words name an invoice, a payment or the end of a debtor.
pub fn speaks_of_money(own_words: &str) -> bool {
    static MONEY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"factu(?:ur|re)|invoice|rechnung|betal|betaal|\bpa(?:y|id)|payment|zahl|überw|pai(?:e|é)|€|\bbedrag|\bamount|herinnering|reminder|mahnung|zahlungserinnerung|rappel|failliet|insolven|curator|surs[eé]ance|overleden|deceased|verstorben|décéd|\bdebt|\bschuld|\bclaim|vordering|forderung|créance|advocaat|jurist|rechtsbijstand|solicitor|lawyer|attorney|anwalt|anwält|avocat|betwist|dispute|contest|deny|denie",
        )
    });
    MONEY.is_match(own_words)
}

fn bulk(message: &Message, own_words: &str) -> Option<String> {
    static NEWSLETTER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"nieuwsbrief|newsletter|unsubscribe|niet (?:meer|langer) (?:wilt |willen )?ontvangen|no longer (?:wish|want) to receive|nicht mehr (?:erhalten|bekommen)|ne plus recevoir|nodigen (?:wij|we) (?:u|je) (?:graag )?uit|graag nodigen|laden (?:wir )?sie (?:herzlich )?ein|you are invited|vous invit|uitschrijven|afmelden|aangemeld|voorkeuren (?:wijzigen|aanpassen)|abmelden|abbestellen|désabonner|désinscrire|désinscription|view (?:this )?(?:e-?mail )?in (?:your )?browser|bekijk (?:de )?(?:web|online ?)versie|webversie|im browser (?:ansehen|anzeigen)|version en ligne",
        )
    });
    // An answer in a thread is no newsletter, whatever its headers.
    if !message.references.is_empty() {
        return None;
    }
    let list = message.raw_headers.iter().find(|(name, value)| match name.as_str() {
        "list-unsubscribe" | "list-id" | "list-unsubscribe-post" => true,
        "precedence" => matches!(value.to_lowercase().as_str(), "bulk" | "list" | "junk"),
        _ => false,
    });
    let wording = NEWSLETTER.find(&message.subject).or_else(|| NEWSLETTER.find(&message.text));
    match (list, wording) {
        (Some((name, _)), Some(wording)) => {
            Some(format!("the header {name}, and the text says {:?}", wording.as_str()))
        }
        (Some(_) | None, _) => marketing(&message.subject, own_words),
    }
}

/// Advertising without list headers: several selling words and nothing about an invoice.
fn marketing(subject: &str, own_words: &str) -> Option<String> {
    static SELLING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:SEO|backlinks?|google[- ]?(?:ranking|ads|positie)|(?:eerste|première|first|erste[nr]?) (?:pagina|page|seite)|vrijblijvende? (?:offerte|gesprek|demo)|gratis (?:audit|scan|demo|proefperiode|webinar)|free (?:audit|trial|quote|demo|consultation)|audit gratuit|essai gratuit|kostenlose[rsn]? (?:audit|analyse|demo|beratung|webinar)|",
            r"(?:korting|discount|rabatt|remise|promotion|aanbieding|black friday|cashback)\b|webinar|visibilité|référencement|suchmaschinen\w*|zoekmachine\w*|meer (?:klanten|omzet|leads)|more (?:customers|leads|traffic|sales)|plus de (?:clients|trafic)|mehr (?:kunden|umsatz|leads)|",
            r"(?:profitez|profiteer|profitieren sie|take advantage)\b|€\s?/\s?(?:mois|maand|monat|month)|/(?:mois|maand|monat|month)\b|(?:crypto|bitcoin|casino|viagra|lottery|loterij|erfenis|inheritance)\b|cher gérant|dear (?:business )?owner|beste ondernemer|your website|uw website|ihre website|votre site|visites)",
        ))
    });
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"factu(?:ur|re)\b|\binvoices?\b|\brechnung\b|herinnering|reminder|mahnung|zahlungserinnerung|\brappel\b",
        )
    });
    let text = format!("{subject}\n{own_words}");
    if OURS.is_match(&text) {
        return None;
    }
    let mut found: Vec<String> = SELLING.find_iter(&text).map(|word| word.as_str().to_lowercase()).collect();
    found.sort();
    found.dedup();
    (found.len() >= 3).then(|| format!("advertising: {}", found.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(headers: &str, subject: &str, text: &str) -> Option<Automatic> {
        let raw = format!(
            "From: a@klant.example\n{headers}Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        );
        let message = Message::parse(raw.as_bytes()).unwrap();
        automatic(&message, &super::super::own_words::own_words(&message, &Default::default()), &|| false)
            .map(|(kind, _)| kind)
    }

    const AUTO: &str = "Auto-Submitted: auto-generated\n";
    const THREAD: &str = "In-Reply-To: <1@bedrijf.example>\n";

    #[test]
    fn machines() {
        let replies = [
            (AUTO, "Automatisch antwoord: Herinnering", "Ik ben er maandag weer."),
            ("", "Ontvangst", "Dit is een automatisch bericht. Wij nemen contact op."),
            (AUTO, "Re: Herinnering", "Wij hebben uw bericht ontvangen en geregistreerd onder nummer 12."),
            ("Auto-Submitted: auto-replied\n", "Re: Herinnering", "Ik zit op een onbewoond eiland tot de 24e."),
            (THREAD, "Re: x", "I am out of office until Monday. For urgent matters call my colleague."),
            (THREAD, "Re: x", "Ich bin bis 3.12. im Urlaub. Ihre E-Mail wird nicht weitergeleitet."),
            ("", "Réponse automatique : Rappel", "Je suis absente."),
        ];
        for (headers, subject, text) in replies {
            assert_eq!(judge(headers, subject, text), Some(Automatic::AutoReply), "{text}");
        }
        let news = "List-Unsubscribe: <https://nieuws.example>\nPrecedence: bulk\n";
        assert_eq!(judge(news, "Nieuws", "Hoe krijgt u facturen betaald? Afmelden kan hier."), Some(Automatic::Bulk));
        assert_eq!(
            judge("", "Gelezen: Herinnering", "Uw bericht is gelezen op maandag 3 november."),
            Some(Automatic::ReadReceipt)
        );
    }

    #[test]
    fn people_behind_machines() {
        let people = [
            (AUTO, "[#12] Re: Herinnering", "Wij betwisten deze factuur: het werk is niet af."),
            ("Precedence: bulk\n", "Re: Herinnering", "De rekening wordt vrijdag voldaan."),
            (THREAD, "Re: Herinnering", "Ik ben met vakantie, ik betaal als ik terug ben."),
            (THREAD, "Re: Herinnering", "Ik ben volgende week afwezig."),
            ("List-Id: <x.example>\n", "Herinnering", "We hebben al betaald, zie de bijlage."),
            ("", "Re: offerte", "Uw korting is niet verrekend."),
            ("", "Re: x", "Thanks for your message. My solicitor will be in touch shortly."),
        ];
        for (headers, subject, text) in people {
            assert_eq!(judge(headers, subject, text), None, "{text}");
        }
    }
}
