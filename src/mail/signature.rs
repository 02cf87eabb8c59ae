//! Where a person's words end: closing formulas, visiting cards, phone footers, disclaimers.
//! Only recognises lines; when a line may be a sentence it is one.

use super::pattern::Pattern;
use regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().expect("BUG: pattern")
}

/// The formulas of business letters. Thanks and wishes ("Alvast bedankt") are words of the sender and not among them.
const FORMULAS: &str = concat!(
    r"(?:(?:met\s+)?(?:(?:de|onze|mijn)\s+)?(?:zeer\s+)?(?:vriendelijke|hartelijke|beste|warme|oprechte)\s+groet(?:en|jes)?|groet(?:en|jes)?|gr|m\.?\s?v\.?\s?g|hoogachtend|met\s+(?:de\s+meeste\s+)?(?:hoogachting|groet(?:en)?)|",
    r"(?:with\s+)?(?:(?:my|our)\s+)?(?:(?:kind|best|warm|warmest|kindest)\s+)?regards|yours\s+(?:very\s+)?(?:sincerely|faithfully|truly)|(?:many\s+)?thanks(?:\s+(?:and|&)\s+(?:kind\s+|best\s+)?regards)?|",
    r"mit\s+(?:freundlichen?|besten?|herzlichen?|vielen)\s+gr(?:ü|ue)(?:ß|ss)en?|(?:freundliche|beste|viele|herzliche|liebe|schöne)\s+gr(?:ü|ue)(?:ß|ss)e|gru(?:ß|ss)|m\.?f\.?g|hochachtungsvoll|",
    r"(?:(?:bien|très)\s+)?cordialement|(?:bien\s+)?à\s+vous|(?:(?:mes|nos)\s+)?(?:sincères\s+|meilleures\s+|cordiales\s+)?salutations(?:\s+(?:distinguées|cordiales|les\s+meilleures))?|respectueusement)",
);

/// A closing formula that fills its line, perhaps in two languages: "Met vriendelijke groet / Kind regards,".
pub fn is_closing(line: &str) -> bool {
    static CLOSING: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"^{FORMULAS}[\s,.!;]*(?:[/|–-]\s*{FORMULAS}[\s,.!;]*)*$")));
    line.len() < 100 && CLOSING.is_match(line.trim())
}

/// A closing with the name on the same line ("Groetjes, Yvonne"): it belongs to the words, what is below does not.
pub fn is_closing_with_name(line: &str) -> bool {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"^{FORMULAS}[\s,.!;]+(?P<name>\S.*)$")));
    let Some(found) = NAMED.captures(line.trim()) else { return false };
    let words: Vec<&str> = found["name"].split_whitespace().collect();
    let is_name = |word: &str| {
        word.starts_with(char::is_uppercase)
            || matches!(word, "van" | "de" | "der" | "den" | "ten" | "von" | "en" | "&")
    };
    words.len() <= 4
        && (words.iter().all(|word| is_name(word))
            || matches!(words[..], [word] if word.starts_with(char::is_alphabetic)))
}

/// "-- " and its kin.
pub fn is_signature_delimiter(line: &str) -> bool {
    matches!(line.trim_end(), "--" | "—" | "-- ")
}

/// What phones and web mail add of themselves.
pub fn is_device_footer(line: &str) -> bool {
    static FOOTER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^[\s\-–—_*>]*(?:",
            r"(?:verstuurd|verzonden|gestuurd) (?:vanaf|vanuit|van|met|via|door) .{2,60}|",
            r"sent (?:from|via|with|using) (?:my |the |a )?\S.{1,60}|sent from .{2,60}|",
            r"(?:von|vom) (?:meinem|meiner|mein|unterwegs|mobil|iphone|ipad|handy).{0,40}(?:gesendet|geschickt|verschickt)|(?:gesendet|verschickt) (?:von|vom|mit|via|über|aus) .{2,60}|",
            r"diese (?:nachricht|mail|e-mail) wurde (?:von|mit|via) .{2,80} (?:gesendet|verschickt)|",
            r"envoyé (?:de|depuis|avec|à partir de|via|par) .{2,60}|",
            r"(?:get |download )?outlook (?:for|voor|für|pour) (?:ios|android|mac|iphone).{0,80}|(?:télécharger|holen sie sich|laden sie|download) outlook .{2,80}|",
            r"(?:enviado (?:desde|do|de)|inviato da|skickat från|sendt fra|wysłane z|lähetetty) .{2,60}",
            r")$",
        ))
    });
    line.len() < 160 && FOOTER.is_match(line.trim())
}

/// The first line of a legal notice or an advertisement under a mail.
pub fn is_disclaimer(line: &str) -> bool {
    static DISCLAIMER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^[\s*_\-]*(?:disclaimer\b|confidentiality notice|vertrouwelijkheid|",
            r"(?:de (?:informatie|inhoud)|dit (?:e-?mail)?bericht|deze e-?mail|dit e-?mailbericht).{0,80}(?:uitsluitend|vertrouwelijk|bestemd|geadresseerde)|",
            r"(?:this|the) (?:e-?mail|message|information|communication|contents?).{0,80}(?:confidential|intended|privileged)|",
            r"diese (?:e-?mail|nachricht).{0,80}(?:vertraulich|bestimmt)|",
            r"ce (?:message|courriel|mail|courrier).{0,80}(?:confidentiel|destiné|destinataire)|",
            r"(?:please )?consider the environment|denk aan het milieu|think before you print|",
            r"op (?:al )?onze (?:diensten|overeenkomsten|leveringen|offertes|transacties).{0,80}voorwaarden|",
            r"(?:virus-?free|virusvrij|virenfrei|sans virus)\b)",
        ))
    });
    DISCLAIMER.is_match(line.trim_start())
}

/// A line of a visiting card: company, address, telephone, register. Never one that speaks of money or an invoice.
pub fn is_card_line(line: &str) -> bool {
    static CARD: LazyLock<Pattern> = LazyLock::new(|| {
        Pattern::new(concat!(
            r"\s[|•·]\s|\S - \S.* - \S|",
            r"^(?:t|tel|telefoon|phone|m|mob|mobiel|mobile|f|fax|e|e-?mail|w|web|website|i)[.:\s]{1,3}\s*(?:\+?[\d(][\d\s()./-]{6,}|\S+@\S+|www\.|http)|",
            r"^\+?[\d(][\d\s()./-]{8,}$|^(?:https?://|www\.)\S+$|^\S+@\S+\.\S+$|",
            r"\b(?:kvk|k\.v\.k\.|btw|vat|ust-?id(?:nr)?|hra|hrb|siret|rpr|ondernemingsnummer)\b.{0,12}\d",
        ))
    });
    static MONEY: LazyLock<Pattern> = LazyLock::new(|| {
        Pattern::new(
            r"€|\beur\b|\d[.,]\d{2}\b|\b\p{L}{0,4}20\d{2}-\d{2,}|betaald|betaling|paid|bezahlt|überwiesen|payé",
        )
    });
    line.len() < 160 && (CARD.is_match(line.trim()) || is_company(line)) && !MONEY.is_match(line)
}

/// The name of a company, with its legal form and nothing that could be a sentence.
fn is_company(line: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:b\.v\.|bv|n\.v\.|nv|v\.o\.f\.|vof|gmbh|ag|kg|ohg|ab|srl|sprl|sarl|sas|ltd\.?|llp|plc|inc\.?|oy|a/s)(?:,.{2,40})?$",
        )
    });
    FORM.is_match(line.trim())
        && line.split_whitespace().all(|word| {
            !word.starts_with(char::is_lowercase)
                || matches!(word, "van" | "de" | "der" | "den" | "en" | "und" | "et" | "bv")
        })
}

/// "PS: …", in any of its spellings.
pub fn is_postscript(line: &str) -> bool {
    static PS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^p\.?\s?s\.?\s*[:.,\-–]?\s+\S|^(?:naschrift|post\s?scriptum)\b"));
    PS.is_match(line.trim_start())
}

/// What mail gateways write above a mail ("this mail comes from outside").
pub fn is_gateway_banner(line: &str) -> bool {
    static BANNER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^[\s\[*!#⚠️]*(?:\[?extern(?:al|e|er)?\]?\s*(?:e-?mail|sender|afzender|absender|bericht)?[\s:\]]*$|",
            r"(?:caution|warning|let op|opgelet|achtung|attention|externe?)\b.{0,60}\b(?:external|outside|buiten|externe|extern|außerhalb|l'extérieur)\b)|",
            r"^you don't often get (?:e-?mail|email) from|^u ontvangt niet vaak e-?mail van|^sie erhalten nicht häufig|^vous n'obtenez pas souvent",
        ))
    });
    BANNER.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closings_fill_their_line() {
        for line in [
            "Met vriendelijke groet,",
            "Vriendelijke groeten",
            "mvg",
            "M.v.g.",
            "Groet,",
            "Hoogachtend,",
            "Kind regards",
            "Regards,",
            "Yours sincerely,",
            "Thanks,",
            "Mit freundlichen Grüßen",
            "MfG",
            "Cordialement,",
            "Salutations distinguées,",
            "Met vriendelijke groet / Kind regards,",
        ] {
            assert!(is_closing(line), "{line}");
        }
        for line in [
            "Groet, Marij",
            "Alvast bedankt,",
            "Thanks for the reminder",
            "Met vriendelijke groet namens ons heb ik betaald",
            "Best",
        ] {
            assert!(!is_closing(line), "{line}");
        }
        assert!(is_closing_with_name("Groetjes, Yvonne"));
        assert!(is_closing_with_name("gr slomp"));
        assert!(!is_closing_with_name("Groet, ik betaal dus niet"));
        assert!(!is_closing_with_name("Thanks for the reminder"));
    }

    #[test]
    fn footers_cards_and_banners() {
        for line in [
            "Verstuurd vanaf mijn iPhone",
            "Sent from my iPad",
            "Von meinem iPhone gesendet",
            "Envoyé de mon téléphone",
            "Outlook voor iOS downloaden<https://x.example>",
        ] {
            assert!(is_device_footer(line), "{line}");
        }
        assert!(!is_device_footer("Verzonden is hij nooit, die levering van u."));
        for line in [
            "Jansen Bouw B.V. | Kade 1 | Sneek",
            "T 0515-123456",
            "KvK 12345678",
            "Firma Puck GmbH",
            "www.puck.example",
        ] {
            assert!(is_card_line(line), "{line}");
        }
        for line in [
            "Ik betaal aan Jansen B.V.",
            "F-1 - € 20,00 - betaald",
            "Bel mij op 0515-123456.",
            "Wij leveren niet meer aan Puck GmbH.",
        ] {
            assert!(!is_card_line(line), "{line}");
        }
        assert!(is_gateway_banner("CAUTION: This email originated from outside of the organisation."));
        assert!(is_postscript("PS: ook de vorige is betaald") && is_postscript("P.S. nog iets"));
        assert!(!is_postscript("psychologisch advies"));
    }
}
