//! By what a machine names itself before its first word: headers, the sender's address, the subject. Never reads the text.

use super::pattern;
use crate::mail::message::Message;
use crate::mail::pattern::Pattern;
use std::sync::LazyLock;

/// The header by which a machine names itself, in words.
pub(super) fn automatic_header(message: &Message) -> Option<String> {
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

/// An address from which only programs write, in words.
pub(super) fn machine_sender(message: &Message) -> Option<String> {
    static SENDER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:no-?_?\.?reply|(?:do-?_?)?not-?_?reply|donotreply|noreply|no-?response|niet-?(?:be)?antwoorden|geen-?antwoord|ne-?pas-?repondre|nicht-?antworten|keine-?antwort|",
            r"mailer-daemon|postmaster|auto-?(?:reply|responder|mailer|mail|confirm)|automail|notifications?|notify|quarantaine|quarantine|spam-?(?:filter|digest|report|quarantine)?|listserv|majordomo|mailman|sympa)(?:[+.=_-][^@]*)?@|",
            r"^[^@]*(?:[-.+_](?:no-?reply|bounces?|owner|request|confirm))@",
        ))
    });
    SENDER.is_match(&message.from).then(|| format!("the sender is {:?}", message.from))
}

/// What ticket systems and mailers of many put on their mails, also on those that a person wrote with them: in words.
pub(super) fn system_trait(message: &Message) -> Option<String> {
    static NAME: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"^(?:feedback-id|x-auto-response-suppress|x-ms-exchange-generated-message-source|x-(?:rt|otrs|znuny|jira|zendesk|freshdesk|fd|topdesk|hubspot|hs|intercom|front|helpscout|kayako|zammad|servicenow|snc|desk|ticket|helpdesk)\b.*|x-loop|x-cron-env)$",
        )
    });
    static MAILER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"zendesk|freshdesk|freshservice|topdesk|jira|servicenow|otrs|znuny|zammad|hubspot|helpdesk|ticket|mailman|autorespon",
        )
    });
    static NUMBER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"^\W*(?:\[[^\]]*\d{3,}[^\]]*\]|\[(?:ticket|case|request|verzoek|melding)[^\]]*\]|[A-Z]{2,6}-\d+\b)|#\s?\d{4,}|##\d+##|\b(?:ticket|case|incident|melding|verzoek|vorgang|request|demande|zaak)(?:nummer|nr\.?|number|id)?\W{0,3}[A-Z]{0,4}\s?\d",
        )
    });
    let header = message.raw_headers.iter().find(|(name, value)| match name.as_str() {
        "x-mailer" | "user-agent" | "x-generator" => MAILER.is_match(value),
        name => NAME.is_match(name),
    });
    let header = header.map(|(name, _)| format!("the header {name} is a system's"));
    header.or_else(|| NUMBER.find(&message.subject).map(|found| format!("the subject bears {:?}", found)))
}

/// Headers that only a responder sets on an answer, and no ticket system on a person's mail.
pub(super) fn answers_by_itself(message: &Message) -> bool {
    message.raw_headers.iter().any(|(name, value)| match name.as_str() {
        "auto-submitted" => value.to_lowercase().contains("auto-replied"),
        "x-autoreply" | "x-autorespond" | "x-autoresponder" | "x-vacation" => true,
        "precedence" => value.to_lowercase().starts_with("auto"),
        _ => false,
    })
}

pub(super) fn subject_pattern(subject: &str) -> Option<&str> {
    static SUBJECT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:\[[^\]]*\]\s*)?\[?(?:automatyczna odpowied\w*|risposta automatica|respuesta automática|resposta automática|automatisk\w* svar\w*|autosvar|automati(?:c|sch|sche|que|cally)\s+(?:reply|response|antwoord|antwort|generated)|automati(?:sche[rs]?|sch|c|que|ca)\s+(?:\w*(?:antwort|antwoord|bevestiging|bericht|melding|notificatie|mededeling|mail|response|confirmation|notification|message|bestätigung|benachrichtigung|nachricht|mitteilung|réponse))|automated (?:reply|response|message|confirmation|notification)|réponse automatique|message automatique|auto(?:[- ]?(?:reply|response|responder|antwort|antwoord))|auto\s*:\s*\w+|",
            r"(?:out of|away from) (?:the )?office|ooo\b|urlaubsabwesenheit|fermeture|afwezig(?:heid(?:sbericht|smelding|sassistent)?)?\b|niet aanwezig|abwesen(?:d|heit|heitsnotiz|heitsmeldung)\b|nicht im (?:büro|haus)|nicht erreichbar|niet bereikbaar|unavailable|indisponible|(?:collectief |jaarlijks )?verlof|betriebsferien|betriebsurlaub|absence|absent(?:e)?\b|(?:en )?congés?|vacation|on (?:holiday|leave)|",
            r"vakantie(?:melding|bericht|sluiting)?|urlaub(?:smeldung)?)\b",
        ))
    });
    static RECEIPT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:ticket|verzoek|melding|case|zaak|aanvraag|request|vorgang|anfrage|demande|incident)\b\D{0,12}\d[^\n]{0,20}\b(?:aangemaakt|geregistreerd|created|opened|registered|logged|erstellt|angelegt|créée?|enregistrée?)\b|",
            r"\b[A-Z]{2,6}-?\d{3,}\b[^\n]{0,24}\b(?:aangemaakt|geregistreerd|created|opened|registered|logged|received|erstellt|angelegt|créée?)\b|",
            r"\b(?:request|ticket|enquiry|case|message) (?:\S+ )?received\b|\b(?:bericht|mail|melding|vraag|aanvraag) (?:is |goed )?ontvangen\b|\b(?:message|demande|courriel) (?:bien )?reçue?\b|\b(?:ontvangstbevestiging|eingangsbestätigung|accusé de réception|acknowledgement of receipt)\b|",
            r"^(?:ik )?(?:ben |werk )?niet (?:meer|langer) (?:werkzaam|bij)\b|\bno longer (?:with|at|working)\b|\bnicht mehr (?:im unternehmen|bei)\b|\b(?:kantoor|büro|office|bureau) (?:is |est )?(?:gesloten|geschlossen|closed|fermée?)\b|\bbetriebsferien\b|\bfermeture annuelle\b",
        ))
    });
    let subject = subject.trim();
    SUBJECT.find(subject).or_else(|| RECEIPT.find(subject))
}
