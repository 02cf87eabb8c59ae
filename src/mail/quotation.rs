//! Where the earlier mail begins: the lines that mail programs put before what they quote.
//! Only recognises; what is done with it is for `own_words`.

use super::pattern::Pattern;
use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// How a quotation that starts at a line is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// "On … wrote:", this many lines long. What follows may be marked with `>` or stand bare.
    Attribution(usize),
    /// A block of From, Sent, To, Subject, or a line "-----Original Message-----": all that follows is quoted.
    Rest,
}

/// What starts at the first of `lines`, if anything. Looks at most twelve lines ahead.
pub fn opening(lines: &[&str]) -> Option<Opening> {
    let first = lines.first()?.trim();
    if first.is_empty() {
        return None;
    }
    if is_separator(first) || is_framed_attribution(first) || is_reply_line(first) || is_header_block(lines) {
        return Some(Opening::Rest);
    }
    if is_dashed_attribution(first) {
        return Some(Opening::Attribution(1));
    }
    attribution(lines).map(Opening::Attribution)
}

/// "---- On Tue, 3 Nov 2026 Kas wrote ----", as Zoho writes it.
fn is_dashed_attribution(line: &str) -> bool {
    static DASHED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^-{2,}\s*\S.*\d.*\b(?:wrote|schreef|geschreven|schrieb|geschrieben|écrit)\b.*-{2,}$")
    });
    line.starts_with("--") && DASHED.is_match(line)
}

/// ">>> Kas <kas@bedrijf.example> 3-11-2026 10:15 >>>", as GroupWise writes it; what follows bears no marks.
pub fn is_framed_attribution(line: &str) -> bool {
    static FRAMED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^>>> ?[^\s>].*\d[:.]\d{2}.* ?>>>$"));
    line.starts_with(">>>") && FRAMED.is_match(line)
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().expect("BUG: pattern")
}

/// "-----Original Message-----", "Begin forwarded message:".
fn is_separator(line: &str) -> bool {
    static DASHED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^[-_=*>\s]{2,}\s*(?:[\p{L}’'\- ]{0,30}\b)?(?:bericht|message|mail|nachricht|e-mail|email|courriel|messaggio|mensaje|mensagem|wiadomość|meddelande|besked|melding|viesti|письмо|сообщение)\b[\p{L}’' ]{0,30}[-_=*\s]{2,}:?$",
        )
    });
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:begin (?:doorgestuurd|forwarded) (?:bericht|message)|anfang der weitergeleiteten (?:nachricht|e-mail)|début du (?:message|courriel) (?:réexpédié|transféré)|(?:oorspronkelijk|doorgestuurd) bericht|original message(?: processed by .{2,40})?|forwarded message|ursprüngliche nachricht|message d'origine|message transféré|(?:originalnachricht|oorspronkelijk bericht|message original)\b.{2,30}\bdavid\W{0,3})\s*:?$",
        )
    });
    // How the words of the last pattern begin.
    let may_be_bare =
        line.starts_with(|c: char| matches!(c.to_ascii_lowercase(), 'a' | 'b' | 'd' | 'f' | 'm' | 'o' | 'u'));
    line.starts_with(['-', '_', '=', '*', '>']) && DASHED.is_match(line) || may_be_bare && BARE.is_match(line)
}

/// "Please type your reply above this line", as ticket systems write.
pub fn is_reply_line(line: &str) -> bool {
    static ABOVE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:reply|answer|type|write|antwoord|reactie|typ|antwort|antworten|réponse|répondre)\b.{0,40}\b(?:above|boven|oberhalb|über|au-dessus)\b.{0,20}\b(?:line|lijn|regel|zeile|linie|ligne)",
        )
    });
    // Looked at first: it is quick, and in few lines.
    static PLACE: LazyLock<Pattern> = LazyLock::new(|| Pattern::new("above|boven|oberhalb|über|au-dessus"));
    line.len() < 120 && PLACE.is_match(line) && ABOVE.is_match(line)
}

/// The kinds of line in a quoted header block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    From,
    Date,
    To,
    Subject,
    Copy,
}

fn field(line: &str) -> Option<Field> {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^[\s>*|_]*(?:",
            r"(?P<from>from|van|von|de|da|från|fra|od|lähettäjä|от|expéditeur|afzender|absender)|",
            r"(?P<date>sent|verzonden|verstuurd|gesendet|envoyé|envoyé le|date|datum|enviado|inviato|skickat|sendt|data|wysłano|lähetetty|отправлено|дата)|",
            r"(?P<to>to|aan|an|à|a|para|till|til|do|vastaanottaja|кому|empfänger|destinataire)|",
            r"(?P<subject>subject|onderwerp|betreff|objet|asunto|oggetto|assunto|ämne|emne|temat|aihe|тема)|",
            r"(?P<copy>cc|bcc|kopie|copie à|cci|reply-to|antwoord aan)",
            r")\s*\*?\s*:\*?(?:\s|$)",
        ))
    });
    if !line.contains(':') {
        return None;
    }
    let found = FIELD.captures(line)?;
    let kinds = [
        ("from", Field::From),
        ("date", Field::Date),
        ("to", Field::To),
        ("subject", Field::Subject),
        ("copy", Field::Copy),
    ];
    kinds.into_iter().find(|(name, _)| found.name(name).is_some()).map(|(_, kind)| kind)
}

fn is_header_block(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else { return false };
    if !matches!(field(first), Some(Field::From | Field::Date | Field::To | Field::Subject)) {
        return false;
    }
    let mut seen: Vec<Field> = Vec::new();
    let mut strangers = 0;
    for line in lines.iter().take(12) {
        match field(line) {
            Some(kind) => {
                strangers = 0;
                if !seen.contains(&kind) {
                    seen.push(kind);
                }
            }
            None if line.trim().is_empty() => {}
            None => strangers += 1,
        }
        // A long address list wraps over a line or two.
        if strangers > 2 {
            break;
        }
    }
    // "Van, Aan, Datum" alone may be somebody's payment order; a mail has an address or a subject.
    let of_a_mail =
        seen.contains(&Field::Subject) || lines.iter().take(12).any(|line| line.contains('@') && field(line).is_some());
    let named = seen.contains(&Field::From) && of_a_mail;
    (named && seen.len() >= 3)
        || (named && first.contains('@') && seen.len() >= 2)
        || (named && is_one_line_block(first))
}

/// A header block that lost its line ends.
fn is_one_line_block(line: &str) -> bool {
    static MORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:sent|verzonden|gesendet|envoyé|date|datum)\s*:.*\b(?:to|aan|an|à|subject|onderwerp|betreff|objet)\s*:",
        )
    });
    MORE.is_match(line)
}

/// How many lines the attribution that starts here takes; mail programs wrap it.
fn attribution(lines: &[&str]) -> Option<usize> {
    let ends = |line: &str| line.trim_end().trim_end_matches(['*', '_']).ends_with([':', '：']);
    if !lines.iter().take(5).take_while(|line| !line.trim().is_empty()).any(|line| ends(line)) {
        return None;
    }
    let mut joined = String::new();
    for (at, line) in lines.iter().take(5).enumerate() {
        let line = line.trim();
        if line.is_empty() || joined.len() + line.len() > 400 {
            return None;
        }
        if at > 0 {
            // A mail address is broken without a space.
            joined.push(' ');
        }
        joined.push_str(line);
        if joined.trim_end_matches(['*', '_']).ends_with([':', '：']) {
            let following = lines.get(at + 1..).unwrap_or_default();
            return (is_attribution(&joined, following) && !begins_below(&lines[..=at], following)).then_some(at + 1);
        }
        if at == 0 && !may_begin_attribution(line) {
            return None;
        }
    }
    None
}

/// The attribution begins under a line of the sender's own that begins like one: "Op vrijdag betalen wij."
fn begins_below(lines: &[&str], following: &[&str]) -> bool {
    static DAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^[*_\s]*(?:on|op|am|le|el|il)\b.{0,25}\b\d{1,4}\b.*(?:\d[:.h]\d{2}|\b(?:19|20)\d{2}\b)")
    });
    let own = |line: &str| !line.contains(['@', '<']) && !line.contains(|c: char| c.is_ascii_digit());
    let stands_alone = |at: usize| {
        let below = lines.get(at..).unwrap_or_default();
        below.first().is_some_and(|line| DAY.is_match(line)) && is_attribution(&below.join(" "), following)
    };
    lines.first().is_some_and(|first| own(first)) && (1..lines.len()).any(stands_alone)
}

fn may_begin_attribution(line: &str) -> bool {
    static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^[*_\s]*(?:on|op|am|le|el|il|em|den|w dniu|dnia|dne|на|в|vào|at|à|a|al|no|på|\d{1,4}[-/.年]|\d{1,2} \p{L}{3,9}\.? |\p{L}{2,12}[,.] \d|\S.{0,60}(?:<[^>]*@|\d{4}[-/.]\d|\bschreef\b|\bschrieb\b|\bwrote\b|\ba écrit\b))",
        )
    });
    BEGINS.is_match(line)
}

fn is_attribution(line: &str, following: &[&str]) -> bool {
    static VERB: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:schreef|geschreven|wrote|writes|schrieb|geschrieben|écrit|escribió|escribe|scritto|scrive|escreveu|skrev|napisał|napisała|pisze|kirjoitti|написал|пишет|viết)\b",
        )
    });
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[^\s<>]@[^\s<>]"));
    static WHEN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|\d{4}年"));
    static MYSELF: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:schreef (?:ik|wij|we)|(?:ik|wij|we) .*geschreven|(?:I|we) wrote|schrieb(?:en)? (?:ich|wir)|(?:j'ai|nous avons) écrit)\b",
        )
    });
    let marked =
        following.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_start().starts_with('>'));
    if !marked && MYSELF.is_match(line) {
        return false;
    }
    if marked && VERB.is_match(line) {
        return true;
    }
    let (when, address) = (WHEN.is_match(line), ADDRESS.is_match(line));
    when && address || (when || address) && VERB.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Option<Opening> {
        opening(&text.lines().collect::<Vec<_>>())
    }

    #[test]
    fn attributions_in_four_languages() {
        for text in [
            "Op di 3 nov 2026 om 10:15 schreef Kas <kas@bedrijf.example>:",
            "Op 3 nov 2026, om 10:15 heeft Kas <kas@bedrijf.example> het volgende geschreven:",
            "Kas schreef op 03-11-2026 10:15:",
            "---- On Tue, 03 Nov 2026 10:15:50 +0100 kas@bedrijf.example wrote ----",
            "On Tue, 3 Nov 2026 at 10:15, Kas <kas@bedrijf.example> wrote:",
            "Am 03.11.2026 um 10:15 schrieb Kas:",
            "Le mar. 3 nov. 2026 à 10:15, Kas <kas@bedrijf.example> a écrit :",
            "Il giorno mar 3 nov 2026 alle 10:15 Kas <kas@bedrijf.example> ha scritto:",
        ] {
            assert_eq!(open(text), Some(Opening::Attribution(1)), "{text}");
        }
        assert_eq!(
            open("On Tue, 3 Nov 2026 at 10:15, Kas\n<kas@bedrijf.example> wrote:"),
            Some(Opening::Attribution(2))
        );
        assert_eq!(
            open("Le mar. 3 nov. 2026 à 10:15,\nKas <kas@bedrijf.example> a\nécrit :"),
            Some(Opening::Attribution(3))
        );
        for wrapped in [
            "Debiteurenadministratie Bedrijf Groothandel Noord-Holland schreef\nop 3-11-2026 om 10:15:",
            "Buchhaltung Betrieb Nord schrieb\nam 03.11.2026 um 10:15:",
        ] {
            assert_eq!(open(wrapped), Some(Opening::Attribution(2)), "{wrapped}");
        }
    }

    #[test]
    fn header_blocks_and_separators() {
        for text in [
            "Van: Kas <kas@bedrijf.example>\nVerzonden: dinsdag 3 november 2026\nAan: u\nOnderwerp: Herinnering",
            "*From:* Kas\n*Sent:* Tuesday\n*To:* you\n*Subject:* Reminder",
            "Gesendet: Dienstag\nVon: \"Kas\" <kas@bedrijf.example>\nAn: Sie",
            "De : Kas <kas@bedrijf.example>\nEnvoyé : mardi",
            "-----Oorspronkelijk bericht-----",
            "-------- Weitergeleitete Nachricht --------",
            "Begin doorgestuurd bericht:",
            "Original Message processed by david®",
            "Forwarded message:",
            ">>> Kas <kas@bedrijf.example> 3-11-2026 10:15 >>>",
            ">>>Kas 03.11.26 10.15 Uhr >>>",
            "##- Typ uw antwoord boven deze regel -##",
        ] {
            assert_eq!(open(text), Some(Opening::Rest), "{text}");
        }
    }

    #[test]
    fn what_a_person_writes_is_no_quotation() {
        for text in [
            "Op 3 november 2026 schreef ik u al het volgende:",
            "Van: dat verhaal klopt niets.",
            "De factuur klopt niet:",
            "Aan: de crediteurenafdeling",
            "Datum: 3-11-2026\nVan: NL02ABNA0123456789\nAan: NL98RABO0300011822\nBedrag: 12,00",
            "Datum: 3 november\nBedrag: 12,00",
            "On Friday I will pay the following:",
            ">>> 3 november hebben wij alles al betaald >>>",
            "Op vrijdag maken wij het over.\nOp di 3 nov 2026 om 10:15 schreef Kas <kas@bedrijf.example>:",
            "Am Freitag zahlen wir.\nAm Di., 3. Nov. 2026 um 10:15 Uhr schrieb Kas <\nkas@bedrijf.example>:",
        ] {
            assert_eq!(open(text), None, "{text}");
        }
    }
}
