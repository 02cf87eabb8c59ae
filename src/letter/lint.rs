//! The letters whose wording decides whether costs may be charged: the Dutch fourteen-day letter (art. 6:96(6) BW;
//! HR 25-11-2016, ECLI:NL:HR:2016:2704; judges' recommendation LOVCK&T 2-2-2017) and the Belgian first reminder (Book XIX
//! WER). A faulty one costs the creditor the fee, and only a complete new letter repairs it, so it is never sent.
//! Also what the data of some letters must hold. Never changes a word.

use super::plain::one_line;
use super::{Company, LetterData, PARTS, Rendered, TemplateFault, format, view};
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::{Currency, Money};
use chrono::NaiveDate;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

pub(super) const FOURTEEN_DAYS: &str = "fourteen-day-letter";
pub(super) const BELGIAN_FIRST: &str = "be-first-reminder";
pub(super) const NOTICE_OF_DEFAULT: &str = "notice-of-default";
pub(super) const MISSED_INSTALMENT: &str = "missed-instalment";
pub(super) const THANKS: &str = "thanks";

/// The starts of the term that were accepted. A longer term tied to receipt is lawful too, but the daemon reckons with
/// fourteen days, so a letter that gives more is refused here.
const ACCEPTED_NL: &str = r"binnen (?:(?:veertien|14|veertien \(14\)) dagen vanaf de dag|(?:vijftien|15|vijftien \(15\)) dagen) nadat deze brief (?:door u is ontvangen|bij u is bezorgd)";

/// A term of days or weeks in Dutch.
const TERM_NL: &str = r"\bbinnen (?:\S+ ){0,2}?\S*(?:dagen|weken|week|dag)\b";

/// Wordings with which courts refused the fee, and dates as a deadline.
const REJECTED: [(&str, &str); 11] = [
    (r"\b(?:na|vanaf) heden\b", "it starts before receipt"),
    (r"\bdagtekening\b|\bna dato\b|\bna (?:de )?datum van\b", "it starts before receipt"),
    (r"\b(?:na|vanaf) (?:de )?verzending\b", "it starts before receipt"),
    (r"\bna (?:de )?ontvangst\b", "it leaves out \"the day after\""),
    (r"\b(?:uiterlijk|vóór|voor) (?:op )?(?:\w+dag )?\d{1,2}[ -][\w-]+ ?\d{4}", "a date can be too early"),
    (r"\b(?:on or before|before|by) \d{1,2} \w+ \d{4}", "a date can be too early"),
    (r"\b(?:from|after|of) (?:today|the date of this letter|sending)\b", "it starts before receipt"),
    (r"\b(?:bis|spätestens|vor)(?: zum| am| dem)? \d{1,2}\. \w+ \d{4}", "a date can be too early"),
    (r"\b(?:ab|nach) (?:heute|(?:dem )?datum dieses|dem versand|(?:der )?versendung)\b", "it starts before receipt"),
    (r"\b(?:au plus tard le|avant le|d'ici(?: le| au)?) \d{1,2}(?:er)? \w+ \d{4}", "a date can be too early"),
    (
        r"\b(?:à compter|à partir|après|dès) (?:de |d'|l')?(?:ce jour|aujourd'hui|la date de|envoi)\b",
        "it starts before receipt",
    ),
];

/// The start of the Belgian term: by mail the calendar day after sending, by post the third working day after it.
fn accepted_be(language: Language) -> &'static str {
    match language {
        Language::Nl => {
            r"binnen (?:veertien|14|veertien \(14\)) kalenderdagen,? (?:te rekenen )?vanaf de (?:kalenderdag|derde werkdag) na de verzending van (?:dit bericht|deze brief|deze herinnering)"
        }
        Language::En => {
            r"within (?:fourteen|14|fourteen \(14\)) calendar days,? (?:counted |starting )?from the (?:calendar day|third working day) after this (?:message|letter|reminder) was sent"
        }
        Language::De => {
            r"innerhalb von (?:vierzehn|14|vierzehn \(14\)) kalendertagen,? (?:gerechnet )?ab dem (?:kalendertag|dritten werktag) nach der versendung (?:dieser nachricht|dieser mahnung|dieses schreibens)"
        }
        Language::Fr => {
            r"dans un délai de (?:quatorze|14|quatorze \(14\)) jours calendrier,? (?:qui prend|prenant) cours le (?:jour calendrier|troisième jour ouvrable) qui suit l'envoi de (?:ce message|ce rappel|cette lettre)"
        }
    }
}

/// An amount in euro, as any of the languages writes it.
const EURO: &str = r"€ ?-?[\d.,]*\d|-?\d{1,3}(?:[.\x{202F}]\d{3})*,\d{2} €|\b[\d.,]*\d (?:euro|eur)\b";

/// An amount in another currency, with its code before or after it.
const WITH_CODE: &str = r"\b([A-Z]{3}) ?-?(?:\d[\d.,]*\d|\d)|\b\d[\d.,\x{202F}]* ([A-Z]{3})\b";

/// Words that ask for payment, with an amount at once after them.
const ASKS_AFTER: &str = r"(?:te betalen|te voldoen|over te maken|betaalt u|betaal|voldoe|amount due|to pay|you pay|please pay|zu zahlen|zahlen sie|à payer|vous payez)[^.;€\d]{0,25}";

/// Words that ask for payment, with an amount at once before them; not the heading of what follows.
const ASKS_BEFORE: &str = r"[^.;:€\d]{0,25}\b(?:te betalen|te voldoen|over te maken|zu zahlen|à payer)(?:[^:]|$)";

/// Why no letter can be made of this data; the reason names what is missing and what to do.
pub(super) fn unfit(data: &LetterData) -> Option<&'static str> {
    let (costs, announced) = (data.costs(), data.announced_costs.filter(|costs| costs.is_positive()));
    let after_term = data.claim.iter().any(|c| matches!(c.costs_basis, "after-fourteen-days" | "be-book-xix"));
    if data.debtor_kind == DebtorKind::Consumer && costs.is_some() && !after_term {
        return Some(
            "no costs are asked of a consumer before the term of a fourteen-day letter or of a Belgian first reminder has passed",
        );
    }
    if data.missed.is_some() && data.claim.is_some() {
        return Some("a letter about a missed instalment asks that instalment only, no interest or costs beside it");
    }
    if data.thanks.is_some() && data.asked().is_none_or(|asked| !asked.is_zero()) {
        return Some("a letter of thanks asks nothing");
    }
    match data.template.as_str() {
        THANKS if data.thanks.is_none() => Some("a letter of thanks is for invoices that were paid, not for a step"),
        FOURTEEN_DAYS if announced.is_none() => Some("a fourteen-day letter must name the costs that it announces"),
        FOURTEEN_DAYS if costs.is_some() => Some("a fourteen-day letter is free: costs cannot be asked in it"),
        BELGIAN_FIRST if data.claim.is_some() => {
            Some("a Belgian first reminder is free: interest and costs cannot be asked in it")
        }
        BELGIAN_FIRST if !has_enterprise_number(&data.company) => Some(
            "a Belgian first reminder must name the enterprise number: set `company.kvk`, or a Belgian `company.vat`",
        ),
        BELGIAN_FIRST if !data.copies_attached && data.lines.iter().any(|line| line.description.is_none()) => Some(
            "a Belgian first reminder must describe the goods or services: give each invoice a description, or let its copy go with the letter",
        ),
        NOTICE_OF_DEFAULT if data.deadline.is_none() => {
            Some("a notice of default must give a term that ends on a date")
        }
        NOTICE_OF_DEFAULT if data.claim.is_some() => {
            Some("a notice of default asks no interest or costs: these can be owed only after it")
        }
        MISSED_INSTALMENT if data.missed.is_none() => Some("a letter about a missed instalment must say which one"),
        _ => None,
    }
}

fn has_enterprise_number(company: &Company) -> bool {
    view::enterprise_number(company).is_some() || company.kvk.as_deref().is_some_and(|kvk| !one_line(kvk, 1).is_empty())
}

/// The same letter with other people's words taken out, so that an invoice's description ("binnen 5 dagen geleverd") is
/// not taken for the letter's own wording. `None` for letters that are not checked.
pub(super) fn without_outside_words(data: &LetterData) -> Option<LetterData> {
    if !matches!(data.template.as_str(), FOURTEEN_DAYS | BELGIAN_FIRST) {
        return None;
    }
    let mut own = data.clone();
    let plain = |text: &mut Option<String>| *text = text.take().map(|_| "x".to_owned());
    own.debtor_name = "x".to_owned();
    plain(&mut own.contact);
    for line in &mut own.lines {
        line.number = "x".to_owned();
        plain(&mut line.description);
        plain(&mut line.order_reference);
        plain(&mut line.payment_reference);
    }
    Some(own)
}

/// What is wrong with the wording of a fourteen-day letter or Belgian first reminder, each fault with its file; nothing
/// for other letters. `data` holds no words of other people ([`without_outside_words`]) and `rendered` is its letter.
pub(super) fn faults(data: &LetterData, asked: Money, rendered: &Rendered) -> Vec<TemplateFault> {
    let [_, text, html] = PARTS.map(|part| format!("{}/{}.{part}", data.language.code(), data.template));
    let mut faults = Vec::new();
    for (file, body) in [(text, words(&rendered.text)), (html, words(&without_tags(&rendered.html)))] {
        let reasons = match data.template.as_str() {
            FOURTEEN_DAYS => fourteen_days(data, asked, &body),
            BELGIAN_FIRST => belgian_first(data, asked, &body),
            _ => Vec::new(),
        };
        faults.extend(reasons.into_iter().map(|reason| TemplateFault { file: file.clone(), line: None, reason }));
    }
    faults
}

fn fourteen_days(data: &LetterData, asked: Money, body: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    let accepted = &PATTERNS.accepted;
    if !accepted.is_match(body) {
        reasons.push(
            "the term is not in the accepted words: write \"binnen veertien dagen vanaf de dag nadat deze brief door u is ontvangen\", in Dutch, also in a letter in another language"
                .to_owned(),
        );
    }
    for (form, why) in &PATTERNS.rejected {
        if let Some(found) = form.find(body) {
            reasons.push(format!("{:?} is no valid term ({why}): take it out", found.as_str()));
        }
    }
    for found in PATTERNS.term.find_iter(body) {
        if accepted.find_at(body, found.start()).is_none_or(|form| form.start() != found.start()) {
            let words = found.as_str();
            reasons.push(format!("{words:?} does not say from when: use only the accepted words of the term"));
        }
    }
    if data.deadline.is_some_and(|deadline| names_deadline(data, deadline, body)) {
        reasons
            .push("it names a last day (deadline): the term runs from receipt, and a date can be too early".to_owned());
    }
    if !body.contains("geen incassokosten") {
        reasons.push(
            "it does not say that payment in time costs nothing: write \"dan bent u geen incassokosten verschuldigd\""
                .to_owned(),
        );
    }
    reasons.extend(amounts(data, asked, body, &[Language::Nl, data.language]));
    reasons
}

/// The deadline stands in the letter, and not because another of its dates is the same day.
fn names_deadline(data: &LetterData, deadline: NaiveDate, body: &str) -> bool {
    let lines = data.lines.iter().flat_map(|line| [line.issue_date, line.due_date]);
    let interest = data.claim.iter().flat_map(|claim| &claim.interest).flat_map(|interest| &interest.segments);
    let dates = lines.chain(interest.flat_map(|segment| [segment.from, segment.to]));
    let mut dates = dates.chain(data.earlier.iter().map(|e| e.sent_on)).chain(data.broken_promise).chain([data.today]);
    dates.all(|day| day != deadline) && body.contains(&words(&format::date(deadline, data.language)))
}

fn belgian_first(data: &LetterData, asked: Money, body: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    if !PATTERNS.belgian.iter().any(|(language, term)| *language == data.language && term.is_match(body)) {
        reasons.push(
            "the term is not there: fourteen calendar days, from the calendar day after sending (by post: from the third working day); see the built-in template for the words"
                .to_owned(),
        );
    }
    let number = view::enterprise_number(&data.company).or_else(|| data.company.kvk.clone()).unwrap_or_default();
    for (what, value) in
        [("the creditor's name (company.name)", &data.company.name), ("the enterprise number", &number)]
    {
        if !body.contains(&words(&one_line(value, view::LONG))) {
            reasons.push(format!("it does not name {what}"));
        }
    }
    for line in &data.lines {
        if !body.contains(&words(&format::date(line.due_date, data.language))) {
            reasons.push("it does not name the due date of every invoice (line.due)".to_owned());
        }
    }
    reasons.extend(amounts(data, asked, body, &[data.language]));
    reasons.dedup();
    reasons
}

/// The amount to pay and the announced costs must stand there in each of `languages`; no other amount may be asked, and
/// none may appear that the data does not hold.
fn amounts(data: &LetterData, asked: Money, body: &str, languages: &[Language]) -> Vec<String> {
    let written = |money: Money| languages.iter().map(move |language| words(&format::amount(money, *language)));
    let mut reasons = Vec::new();
    let announced = data.announced_costs.map(|costs| ("the exact costs (announced_costs)", costs));
    for (what, money) in announced.into_iter().chain([("the exact amount to pay (asked)", asked)]) {
        for amount in written(money).filter(|amount| !holds_amount(body, amount)) {
            reasons.push(format!("it does not name {what}: {amount:?} is not there"));
        }
    }
    let to_pay: BTreeSet<String> = written(asked).collect();
    for found in PATTERNS.asking.iter().flat_map(|form| captured(form, body)).filter(|found| !to_pay.contains(*found)) {
        reasons.push(format!("it asks to pay {found:?}, which is not the amount to pay (asked): name one amount only"));
    }
    let known: BTreeSet<String> = known(data, asked).into_iter().flat_map(written).collect();
    for found in PATTERNS.euro.find_iter(body).filter(|found| !known.contains(found.as_str())) {
        reasons.push(format!("the amount {:?} is none of this letter's: take it out", found.as_str()));
    }
    reasons
}

/// The first group of every place where `form` is found.
fn captured<'a>(form: &Regex, body: &'a str) -> Vec<&'a str> {
    form.captures_iter(body).filter_map(|found| Some(found.get(1)?.as_str())).collect()
}

/// Every amount that may stand in the letter.
fn known(data: &LetterData, asked: Money) -> Vec<Money> {
    let lines = data
        .lines
        .iter()
        .flat_map(|line| [Some(line.total), Some(line.paid), line.paid_extras, Some(line.open), line.disputed]);
    let interest = data.claim.iter().flat_map(|claim| &claim.interest);
    let shown = interest.clone().flat_map(|interest| super::claim::shown(&interest.segments));
    let parts = shown.flat_map(|line| [Some(line.interest), line.principal]).flatten();
    let whole = interest.map(|interest| interest.total).chain(data.announced_costs).chain([asked, data.total]);
    let missed = data.missed.iter().flat_map(|missed| [missed.amount, missed.rest]);
    lines.flatten().chain(parts).chain(whole).chain(data.promise_paid).chain(missed).chain(data.costs()).collect()
}

/// The first amount in a text that is none of the letter's; see [`super::Templates::strange_amount`].
pub(super) fn strange_amount(data: &LetterData, text: &str, named: &BTreeSet<String>) -> Option<String> {
    let asked = data.asked().unwrap_or(data.total);
    let languages = [Language::Nl, data.language];
    let written = |money: Money| languages.map(|language| plain_amount(&format::amount(money, language)));
    let mut known: BTreeSet<String> = known(data, asked).into_iter().flat_map(written).collect();
    let outside =
        data.lines.iter().flat_map(|line| [&line.description, &line.order_reference, &line.payment_reference]);
    let outside = outside.flatten().chain([&data.debtor_name, &data.company.name]).chain(&data.contact);
    known.extend(outside.flat_map(|text| amounts_in(text)));
    amounts_in(text).into_iter().find(|amount| !known.contains(amount) && !named.contains(amount))
}

/// The amounts that the templates name themselves.
pub(super) fn amounts_named(engine: &super::Engine) -> BTreeSet<String> {
    engine.sources().flat_map(|source| amounts_in(&without_tags(source))).collect()
}

/// Every amount with its currency in a text, one spelling each.
fn amounts_in(text: &str) -> Vec<String> {
    let body = spaced(text);
    let euros = PATTERNS.euro_any_case.find_iter(&body).map(|found| plain_amount(found.as_str()));
    let is_currency = |found: &regex::Captures<'_>| {
        let code = found.get(1).or_else(|| found.get(2)).map(|code| code.as_str());
        code.is_some_and(|code| Currency::parse(code).is_some())
    };
    let others = PATTERNS.with_code.captures_iter(&body).filter(is_currency).map(|found| plain_amount(&found[0]));
    euros.chain(others).collect()
}

/// Without sign and spaces, in lower case.
fn plain_amount(amount: &str) -> String {
    amount.chars().filter(|c| !c.is_whitespace() && *c != '-').flat_map(char::to_lowercase).collect()
}

/// `€ 40,00` is not in `€ 40,001`, `€1,000.00` not in `-€1,000.00` and `10,00 €` not in `1.210,00 €`.
fn holds_amount(body: &str, amount: &str) -> bool {
    body.match_indices(amount).any(|(at, _)| {
        let before = body.get(..at).and_then(|b| b.chars().next_back());
        let after = body.get(at + amount.len()..).and_then(|a| a.chars().next());
        let inside = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | ',' | '\u{202F}');
        !before.is_some_and(inside) && !after.is_some_and(|c| c.is_ascii_digit())
    })
}

/// Lower case, every run of white space one space; but the narrow space within a French amount stays.
fn words(text: &str) -> String {
    spaced(text).to_lowercase()
}

/// Every run of white space one space, but for the narrow space within a French amount.
fn spaced(text: &str) -> String {
    let pieces = text.split(|c: char| c.is_whitespace() && c != '\u{202F}').filter(|piece| !piece.is_empty());
    pieces.collect::<Vec<_>>().join(" ")
}

/// What a reader of the HTML sees: tags away, entities as characters. Tags within a sentence leave no space.
pub(super) fn without_tags(html: &str) -> String {
    let joined = PATTERNS.inline_tag.replace_all(html, "").into_owned();
    let spaced = PATTERNS.tag.replace_all(&joined, " ").into_owned();
    let entities = [
        ("&nbsp;", " "),
        ("&euro;", "€"),
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    entities.into_iter().fold(spaced, |text, (entity, character)| text.replace(entity, character))
}

/// Every pattern, compiled once.
struct Patterns {
    accepted: Regex,
    term: Regex,
    rejected: Vec<(Regex, &'static str)>,
    belgian: Vec<(Language, Regex)>,
    asking: [Regex; 2],
    euro: Regex,
    euro_any_case: Regex,
    with_code: Regex,
    inline_tag: Regex,
    tag: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    accepted: pattern(ACCEPTED_NL),
    term: pattern(TERM_NL),
    rejected: REJECTED.iter().map(|(form, why)| (pattern(form), *why)).collect(),
    belgian: Language::ALL.iter().map(|language| (*language, pattern(accepted_be(*language)))).collect(),
    asking: [pattern(&format!("{ASKS_AFTER}({EURO})")), pattern(&format!("({EURO}){ASKS_BEFORE}"))],
    euro: pattern(EURO),
    euro_any_case: pattern(&format!("(?i){EURO}")),
    with_code: pattern(WITH_CODE),
    inline_tag: pattern(r"(?i)</?(?:span|strong|b|em|i|a)\b[^>]*>"),
    tag: pattern(r"(?s)<!--.*?-->|<[^>]*>"),
});

fn pattern(form: &str) -> Regex {
    Regex::new(form).expect("BUG: pattern")
}
