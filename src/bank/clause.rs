//! What a bank's sentence tells, in whatever order its words stand: "Op 1 oktober hebben wij € 847,00 bijgeschreven op uw
//! rekening NL98 … door Kok B.V. (NL16 …)". An amount counts where nothing stands before it that a payer could have chosen.

use super::own_account::longest_iban;
use super::written::{self, AMOUNT, WrittenAmount};
use chrono::{NaiveDate, TimeDelta};
use regex::Regex;
use std::sync::LazyLock;

/// What one line tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clause {
    pub amount: Option<WrittenAmount>,
    pub counterparty: Option<String>,
    pub iban: Option<String>,
    pub booked: Option<NaiveDate>,
    pub reference: Option<String>,
}

impl Clause {
    /// What this one does not tell, the other may.
    pub fn or(self, other: Clause) -> Clause {
        Clause {
            amount: self.amount.or(other.amount),
            counterparty: self.counterparty.or(other.counterparty),
            iban: self.iban.or(other.iban),
            booked: self.booked.or(other.booked),
            reference: self.reference.or(other.reference),
        }
    }
}

/// Words with which banks begin a sentence about money that moved; a day or an account may stand between them.
const LEAD: &str = concat!(
    r"er|is|op|zojuist|zonet|vandaag|gisteren|hebben|hebt|heeft|wij|we|u|je|jij|een|het|de|bedrag|van|betaling|",
    r"(?:spoed)?overschrijving|(?:spoed)?overboeking|spoedbetaling|bijschrijving|afschrijving|storting|terugbetaling|terugboeking|storno|",
    r"(?:sepa-)?incasso|sepa|domiciliëring|ontvangen|binnen|goed|nieuws|hoi|hallo|hey|hi|yes|nieuwe|uw|jouw|zakelijke?|ondernemers|",
    r"(?:[\p{L}]+-)?(?:betaal|zicht|spaar|bedrijfs)?rekening|werd|bijgeschreven|bijgeboekt|afgeschreven|afgeboekt|gestort|overgemaakt|overgeboekt|",
    r"gecrediteerd|gedebiteerd|met|voor|ons|naar|terugbetaald|teruggestort|teruggeboekt|gestorneerd|teruggedraaid|gekregen|geboekt|kreeg|om|uur|",
    r"le|la|un|une|votre|compte|a|été|crédité|débité|de|du|virement|montant|paiement|vous|avez|reçu|nous|avons|bonjour|",
    r"versé|à|hauteur|somme|remboursement|effectué|envoyé|payé|remboursé|est|arrivé|sur|bonne|nouvelle|instantané|informons|qu['’]une?|",
    r"your?|account|has|have|been|was|credited|debited|with|by|you(?:'|’)ve|just|received|got|a|an|an instant|payment|transfer|deposit|",
    r"refund(?:ed)?|of|for|new|sent|paid|issued|there|good|news|hello|incoming|the|amount|on|today|yesterday|business|",
    r"ihr(?:em|e|en)?|dein(?:em|e)?|konto|wurden?|mit|gutgeschrieben|belastet|gutschrift|lastschrift|über|von|eine?|zahlung|sie|haben|",
    r"(?:maan|dins|woens|donder|vrij|zater|zon)dag|(?:mon|tues|wednes|thurs|fri|satur|sun)day|",
    r"(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|",
    r"ging|gingen|kwam|kwamen|net|du|hast|wir|soeben|gerade|heute|gestern|erhalten|auf|am|überweisung|betrag|in|höhe|der|die|das|rückzahlung|rückerstattung|es|sind",
);
/// A day, an account or the end of one, a time.
const DAY: &str = r"\d{1,2}(?:er|st|nd|rd|th|\.)?[-/. ](?:\d{1,2}|\p{L}{3,9}\.?)[-/. ]\d{4}|\d{4}-\d{2}-\d{2}|\p{L}{3,9}\.? \d{1,2}, \d{4}";
const ACCOUNT: &str = r"[A-Z]{2}[\d*•x]{2}(?: ?[A-Z0-9*•x]{2,4}){2,8}|[*•x.]{2,}\s?\d{3,4}|\d{1,2}[:.]\d{2}";

/// In bytes: so far is looked for the end of a name.
const LONGEST_NAME: usize = 200;

struct Patterns {
    lead: Regex,
    name_first: Regex,
    name_between: Regex,
    amount: Regex,
    /// Where a name ends.
    end: Regex,
    /// What stands before the name in a sentence with an amount.
    party: Regex,
    /// In one without: only where it tells of nothing else.
    party_alone: Regex,
    account: Regex,
    day: Regex,
    reference: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let new = |pattern: String| Regex::new(&pattern).unwrap_or_else(|fault| panic!("BUG: pattern of clauses: {fault}"));
    // What ends a name: our own account, what the payment is for, how it came, a bracket.
    let ends = concat!(
        r"(?i)\s*(?:$|[.!?]\s*$|[.!?]\s+(?-i:[A-Z])|[€£$(\n;]|, (?:met|rekening|iban|account|konto|d['’]ordre|op|omschrijving|kenmerk|compte|avec|with)\b|[’']s\b|",
        r"\b(?:met|onder|avec|with|mit|unter) (?:de |het |la |le |the |der |dem |als |vermelding )?\w*(?:kenmerk|omschrijving|mededeling|",
        r"referentie|vermelding|communication|référence|libellé|reference|description|message|verwendungszweck|referenz)|",
        r"\b(?:op|naar|van|aan) (?:uw|je|jouw|rekening|\d)|\b(?:to|on|into) (?:your|\d)|\b(?:sur|vers|de) (?:votre|le compte)|",
        r"\b(?:auf|an) (?:ihr|dein)|\b(?:via|per) |\b(?:voor|for|pour|für) [\x22'‘“«„]|\b(?:le|am) \d|",
        r"\b(?:ontvangen|bijgeschreven|gestort|overgemaakt|erhalten|gutgeschrieben|eingegangen|geweigerd|uitgevoerd|gesendet|geschickt|gezahlt|überwiesen|verstuurd)\b|",
        r"\b(?:is|werd|kon|was|has|hebt|heeft|a été|wurde|konnte|(?-i:nog niet|niet|not|nicht|noch nicht)) )"
    );
    // No digit and no currency: else it could hold an amount of its own.
    let name = r"(?P<name>[^€£$\d\s(][^€£$\d(\n]{1,79}?)";
    let by = |words: &str| new(format!(r"(?i)(?:^|\b)(?:{words})\s+"));
    Patterns {
        end: new(ends.to_owned()),
        lead: {
            let word = format!(r"(?:{LEAD}|{DAY}|\d{{1,2}}\.? \p{{L}}{{3,9}}|(?-i:{ACCOUNT}))[\s,:!.]+");
            new(format!(r"(?i)^(?:{word})*(?P<amount>{AMOUNT})"))
        },
        name_first: new(format!(
            concat!(
                r"(?i)^{name} (?:\((?-i:{account})\) )?(?:(?:heeft|maakte|betaalde|stuurde|has|just|sent|paid|accepted|hat) (?:gisteren |vandaag |zojuist |just |paid |accepted |op (?:{day}) |op (?:\p{{L}}+dag )?\d{{1,2}} \p{{L}}{{3,9}}(?: \d{{4}})? )?",
                r"(?:(?:aan )?(?:u|je|jou|you|ihnen|dir) )?(?:sent you |paid you |via \w+ |(?:uw|je|your) (?:betaalverzoek|verzoek|tikkie|payment request|request) (?:van|of|for) )?|(?:vous|t['’]) ?a (?:envoyé|payé|versé|viré) )",
                r"(?P<amount>{amount})"
            ),
            name = name,
            day = DAY,
            account = ACCOUNT,
            amount = AMOUNT
        )),
        name_between: new(format!(
            r"(?i)^(?:you (?:have |just )*received|(?:u|je) (?:hebt|heeft)|sie haben|du hast|vous avez reçu) (?:a |an |een |eine |un )?(?:new )?\p{{L}}+ (?:from|van|von|de) {name} (?:for|of|van|über|de|ter waarde van) (?P<amount>{AMOUNT})"
        )),
        amount: new(AMOUNT.to_owned()),
        party: by(
            r"de la part de|d['’]ordre de|ten laste van|op naam van|à charge de|zulasten von|bij|door|par|by|durch|van|from|von|virement de|de|aan|naar|to|à|an|refunded",
        ),
        party_alone: by(concat!(
            r"(?:opdrachtgever|betaler|afzender) (?:is|was)|(?:donneur d['’]ordre|payeur) est|(?:komt|kwam|afkomstig|provient|comes|came|stammt|kommt) (?:van|de|from|von)|you (?:have )?refunded|",
            r"ontving u een \p{L}+ van|(?:betaling|overschrijving|payment|paiement|zahlung) (?:ontvangen |reçu |received )?(?:van|from|von)|",
            r"(?:incasso|domiciliëring|domiciliation|prélèvement|lastschrift|direct debit) (?:ten laste van|op naam van|bij|van|à charge de|de|of|zulasten von|von)|",
            r"(?:sepa[ \w-]*|overschrijving|overboeking|virement|überweisung|transfer)(?: ontvangen| reçu| received)?\s*:?\s+(?:van|de|from|von)"
        )),
        account: new(format!(r"(?P<before>[\w’' ]{{0,24}})\(?(?P<iban>(?-i:{ACCOUNT}))")),
        day: new(format!(r"(?i)(?:\b(?:op|on|le|am|vom|du|is|est|was|per)\s+)(?P<day>{DAY})")),
        reference: new(
            concat!(
                r"(?i)\b(?:met |avec |with |mit )?(?:de |het |la |le |the |dem |der )?(?:\w*kenmerk|omschrijving|mededeling|bericht|vermelding(?: van)?|",
                r"communication|libellé|reference|description|message|note|verwendungszweck)(?: luidt| is| est| lautet| ontvingen (?:wij|we))?\s*:?\s*",
                r"(?:[\x22“„«]\s?(?P<quoted>[^\x22”“»]{1,140})|(?P<plain>[^\s\x22“„«].{0,140}?)(?:\.\s.*)?\.?$)"
            )
            .to_owned(),
        ),
    }
});

/// Reads one line; `written_on` is the day of the mail, for "gisteren".
pub(super) fn read(line: &str, written_on: Option<NaiveDate>) -> Clause {
    let patterns = &*PATTERNS;
    let (amount, name, rest) = amount(line, patterns);
    let parties = if amount.is_some() { &patterns.party } else { &patterns.party_alone };
    let counterparty = name.or_else(|| party(rest, parties, &patterns.end));
    if amount.is_none() && counterparty.is_none() {
        let request = paid_request(line);
        let (name, text) = request.map_or((None, None), |(name, text)| (Some(name), text));
        return Clause {
            counterparty: name,
            iban: from_account(line),
            booked: booked(line),
            reference: text.or_else(|| described(line)),
            amount: None,
        };
    }
    Clause {
        amount,
        counterparty,
        iban: account(rest, patterns),
        booked: day(line, written_on, patterns),
        reference: reference(rest, patterns),
    }
}

const REQUEST: &str = "(?:uw|je|your) (?:tikkie|betaalverzoek|payment request)";

/// "Jan heeft je Tikkie voor ‘eten’ betaald", "je betaalverzoek is betaald door Jan".
fn paid_request(line: &str) -> Option<(String, Option<String>)> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(
            "(?i)^(?P<name>[^€£$]{{2,60}}?) (?:(?:heeft|has) (?:paid )?{REQUEST}(?: (?:voor|for) ['‘\"“](?P<text>[^'’\"”]*)(?:['’\"”]|$))?(?: betaald|$)|(?:betaalde|paid) {REQUEST}|heeft (?:(?:je|u) )?(?:net |zojuist )?betaald(?:[!.]|$)|(?:just )?paid you)"
        ))
        .expect("BUG: pattern of requests")
    });
    static PAID_BY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(
            r"(?i)^{REQUEST} (?:is|was|werd|has been) (?:betaald door|paid by) (?P<name>[^€£$\d]{{2,60}}?)[.!]?$"
        ))
        .expect("BUG: pattern of who paid a request")
    });
    // "Kok heeft je Tikkie geweigerd, hoewel Bos heeft betaald": what stands in front is no name.
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:heeft|hebben|has|have|is|niet|not|tikkie|betaalverzoek)\b")
            .expect("BUG: pattern of sentences")
    });
    if let Some(found) = PAID_BY.captures(line) {
        return Some((found["name"].trim().to_owned(), None));
    }
    let found = SAID.captures(line).filter(|found| !SENTENCE.is_match(&found["name"]))?;
    Some((found["name"].trim().to_owned(), found.name("text").map(|text| text.as_str().trim().to_owned())))
}

/// "Het geld komt van rekening NL…"
fn from_account(line: &str) -> Option<String> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(r"(?:komt van|vanaf|afkomstig van|sent from|provient du?)(?: rekening| account| compte)? (?P<iban>{ACCOUNT})"))
            .expect("BUG: pattern of accounts that money comes from")
    });
    longest_iban(&SAID.captures(line)?["iban"])
}

/// "De boekdatum is 11-09-2026."
fn booked(line: &str) -> Option<NaiveDate> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(
            r"(?i)\b(?:boekdatum|date comptable|booking date|buchungstag)(?: is| est| ist)?:?\s+(?P<day>{DAY})"
        ))
        .expect("BUG: pattern of days of booking")
    });
    written::date(&SAID.captures(line)?["day"])
}

/// "De omschrijving luidt: …": the sentence tells nothing else.
fn described(line: &str) -> Option<String> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        let what =
            r"(?:omschrijving|mededeling|bericht|kenmerk|communication|description|message|reference|verwendungszweck)";
        Regex::new(&format!(
            r"(?i)^(?:(?:de|het|la|le|the|der|die|uw|je|jouw|your|votre) )?{what}(?: van (?:de|het|uw|je) \w+)? (?:luidt|luidde|is|was|est|était|reads|lautet):?\s+(?P<text>\S.*)$"
        ))
        .expect("BUG: pattern of descriptions")
    });
    static QUOTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"^["“„«](?P<text>[^"”“»]+)["”“»]$"#).expect("BUG: pattern of quotations"));
    let found = SAID.captures(line).or_else(|| QUOTED.captures(line.trim()));
    let text = found?["text"].trim_end_matches('.').trim().to_owned();
    let quoted =
        text.trim_start_matches(['"', '“', '„', '«', '‘', '\'']).trim_end_matches(['"', '”', '“', '»', '’', '\'']);
    Some(quoted.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The amount, the name that stands before it, and what stands behind it.
fn amount<'l>(line: &'l str, patterns: &Patterns) -> (Option<WrittenAmount>, Option<String>, &'l str) {
    let led = patterns.lead.captures(line).filter(|found| {
        let lead = found.name("amount").map_or("", |amount| &line[..amount.start()]);
        !lead.trim_start().to_lowercase().starts_with("heeft ") && !begins_a_name(lead)
    });
    let Some(found) = led else {
        let named = patterns
            .name_between
            .captures(line)
            .or_else(|| patterns.name_first.captures(line).filter(|found| !begins_like_a_bank(&found["name"])));
        let Some(found) = named else { return (None, None, line) };
        let written = &found["amount"];
        let rest = &line[found.get_match().end()..];
        // A second amount: the first may belong to the name.
        let amount = written::amount(written).filter(|_| !patterns.amount.is_match(rest));
        return (amount, Some(found["name"].trim().to_owned()).filter(|_| amount.is_some()), rest);
    };
    let rest = &line[found.get_match().end()..];
    let lead = &line[..found.get_match().end() - found["amount"].len()];
    let amount = written::amount(&found["amount"]);
    (amount.filter(|_| !is_of_a_name(rest) && !may_be_named(lead, rest, &patterns.amount)), None, rest)
}

/// "Betaling ontvangen van Bedrag: € 9", "ontvangen van heeft je € 9 gestuurd": behind these words stands who paid, whatever he is
/// called. Only what is the reader's own may stand there.
fn begins_a_name(lead: &str) -> bool {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|\s)(?:(?i:van|door|from|by|von|durch|par)\s+(?P<any>[\p{L}'’]+)|(?i:aan|to|de|à|an)\s+(?P<capital>\p{Lu}[\p{L}'’]*))(?P<digits>\d*)")
            .expect("BUG: pattern of the beginning of a name")
    });
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:uw|je|jouw|your|votre|ihr\w*|dein\w*|de[nrm]?|het|een|the|a|le|la|un|une|l['’]\w*|zakelijke?|rekening|account|compte|konto)$")
            .expect("BUG: words of our own account")
    });
    NAMED.captures_iter(lead).any(|found| {
        let next = found.name("any").or_else(|| found.name("capital")).map_or("", |next| next.as_str());
        found["digits"].is_empty() && !OURS.is_match(next)
    })
}

/// "U ontving een overboeking van heeft je € 9 gestuurd": the name stands behind these words, and is no name.
fn begins_like_a_bank(name: &str) -> bool {
    const WORDS: [&str; 28] = [
        "heeft", "hebben", "u", "je", "jij", "wij", "we", "er", "op", "uw", "jouw", "you", "your", "sie", "du", "ihr",
        "vous", "nous", "votre", "zojuist", "ihre", "ihrer", "ihrem", "dein", "deine", "deiner", "payment", "vos",
    ];
    const BEFORE_NAMES: [&str; 14] =
        ["van", "door", "aan", "naar", "from", "by", "to", "for", "de", "par", "à", "von", "durch", "an"];
    let is_one =
        |word: Option<&str>, words: &[&str]| word.is_some_and(|word| words.contains(&word.to_lowercase().as_str()));
    is_one(name.split_whitespace().next(), &WORDS) || is_one(name.split_whitespace().next_back(), &BEFORE_NAMES)
}

/// "Er is € 9 ontvangen heeft je € 5 gestuurd": what stood before the verb was a name that imitates a bank.
fn is_of_a_name(rest: &str) -> bool {
    static VERB: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)\b(?:heeft|hebben|betaalde|stuurde|maakte)\b|\b(?:has|just|sent|paid|accepted) (?:just |sent |paid |accepted )*you\b|",
            r"\b(?:sent|paid|accepted) your\b|\b(?:vous|t['’]) ?a\b|\bhat (?:dir|ihnen)\b"
        ))
        .expect("BUG: pattern of verbs behind a name")
    });
    VERB.is_match(first_sentence(rest))
}

/// "Ontvangen van EUR 9999 Holding voor € 5,00": behind such a word a name may begin like an amount, and the amount follows.
fn may_be_named(lead: &str, rest: &str, amount: &Regex) -> bool {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:van|door|from|by|von|durch|par|de|aan|to|an)\b[^\p{Lu}]{0,20}$")
            .expect("BUG: pattern of words before a name")
    });
    BEFORE.is_match(lead) && amount.is_match(first_sentence(rest))
}

fn first_sentence(text: &str) -> &str {
    static END: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\p{L}{3}[.!?](?:\s|$)").expect("BUG: pattern of the end of a sentence"));
    &text[..END.find(text).map_or(text.len(), |found| found.end())]
}

fn party(rest: &str, before: &Regex, end: &Regex) -> Option<String> {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:(?:uw|je|jouw|u|jou|your|you|votre|vous|notre|onze?|ihr\w*|dein\w*|rekening|compte|account|konto|het|deze|this|ce|een|un|une|a|the)\b|\d|[A-Z]{2}\d{2} ?[A-Z0-9])")
            .expect("BUG: words of our own account")
    });
    let after = before.find_iter(rest).map(|found| &rest[found.end()..]);
    let near = after.map(|text| &text[..text.floor_char_boundary(LONGEST_NAME)]);
    let mut names = near.map(|text| text[..end_of_name(text, end)].trim().trim_end_matches([',', ':']));
    let name = names.find(|name| (2..=80).contains(&name.len()) && !OWN.is_match(name))?;
    Some(with_full_stop(name, rest))
}

/// Behind an initial or a title a full stop ends nothing.
fn end_of_name(text: &str, end: &Regex) -> usize {
    const TITLES: [&str; 12] = ["mevr", "mw", "dhr", "dr", "mr", "mrs", "ms", "fam", "st", "gebr", "fa", "ir"];
    let mut from = 0;
    while let Some(found) = end.find_at(text, from) {
        let last = text[..found.start()].rsplit([' ', '.']).next().unwrap_or_default().to_lowercase();
        let is_doubled = text[..found.start()].ends_with('.');
        let is_short = !is_doubled && last.chars().count() <= 1 || TITLES.contains(&last.as_str());
        let goes_on = found.as_str().starts_with('.') && found.as_str().len() > 1 && found.end() < text.len();
        if !(is_short && goes_on) {
            return found.start();
        }
        from = found.start() + 1;
    }
    text.len()
}

/// "B.V." at the end of a sentence keeps its full stop.
fn with_full_stop(name: &str, rest: &str) -> String {
    let abbreviated = name.rsplit(' ').next().is_some_and(|last| last.contains('.') && !last.ends_with('.'));
    if abbreviated && rest.contains(&format!("{name}.")) { format!("{name}.") } else { name.to_owned() }
}

/// The only account that is not called the reader's.
fn account(rest: &str, patterns: &Patterns) -> Option<String> {
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:uw|je|jouw|your|votre|ihr\w*|dein\w*|eigen)\b|\b(?:op|naar|van|sur|to) (?:rekening|le compte|account) ?$")
            .expect("BUG: words of our own account")
    });
    if let Some(iban) = from_account(rest) {
        return Some(iban);
    }
    let theirs = patterns.account.captures_iter(rest).filter(|found| !OWN.is_match(&found["before"]));
    let mut ibans: Vec<String> = theirs.filter_map(|found| longest_iban(&found["iban"])).collect();
    ibans.dedup();
    if ibans.len() == 1 { ibans.pop() } else { None }
}

/// Every day that a line names in digits.
pub(super) fn days(line: &str) -> Vec<NaiveDate> {
    static DAYS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&format!(r"\b(?:{DAY})")).expect("BUG: pattern of days"));
    DAYS.find_iter(line).filter_map(|found| written::date(found.as_str())).collect()
}

fn day(line: &str, written_on: Option<NaiveDate>, patterns: &Patterns) -> Option<NaiveDate> {
    if let Some(day) = patterns.day.captures_iter(line).find_map(|found| written::date(&found["day"])) {
        return Some(day);
    }
    let words = line.to_lowercase();
    let yesterday = ["gisteren", "yesterday", "gestern"].iter().any(|word| words.contains(word));
    if yesterday { written_on.map(|day| day - TimeDelta::days(1)) } else { None }
}

fn reference(rest: &str, patterns: &Patterns) -> Option<String> {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        // An apostrophe may also stand within.
        Regex::new(concat!(
            "(?i)\\b(?:voor|for|pour|für) (?:[\"“„«‘](?P<quoted>[^\"”“»’]{1,140})(?:[\"”“»’]|$)",
            r"|'(?P<single>.{1,140}?)'(?:[\s.,!?]|$))",
        ))
        .expect("BUG: pattern of what is paid")
    });
    let quoted = QUOTED.captures(rest).and_then(|found| found.name("quoted").or_else(|| found.name("single")));
    if let Some(text) = quoted {
        return Some(text.as_str().trim().to_owned());
    }
    let found = patterns.reference.captures(rest)?;
    let text = found.name("quoted").or_else(|| found.name("plain"))?;
    Some(text.as_str().trim().to_owned()).filter(|text| !text.is_empty())
}
