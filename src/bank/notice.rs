//! Notices: a bank's or payment provider's mail about one payment, read by profiles in `config/banks/*.toml`.
//! The amount comes from the bank's own field, never from the payer's text. Says what a mail claims; whether to
//! believe it is `mail::authenticity`'s.

use super::bank_words::{BankWords, bank_words, is_heading, is_in_one, loose_lines, unlabelled_description};
use super::clause::{self, Clause};
use super::doubts::contradicts_itself;
use super::fields::{Field, Fields, direction, last_word};
use super::numbers::{is_a_customers, seeming_numbers};
use super::own_account::{WrittenAccount, own_accounts};
use super::party::{after_key, names_a_party, other_party};
use super::profiles::{Label, Profile};
use super::reference;
use super::sender::{Claim, Sender, is_sender};
use super::written::{self, Sign, WrittenAmount};
use crate::dunning::money::Money;
use crate::mail::html;
use crate::mail::message::Message;
use chrono::NaiveDate;
use regex::Regex;
use std::sync::LazyLock;

pub use super::profiles::{ProfileFault, Profiles};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The profile's id: `rabobank`.
    pub bank: String,
    pub kind: NoticeKind,
    /// Always positive; the direction is in `kind`. `None` for information and marketing.
    pub amount: Option<Money>,
    pub booked: Option<NaiveDate>,
    pub counterparty: Option<String>,
    /// Account of the counterparty, without spaces; never our own.
    pub iban: Option<String>,
    /// Description or payment reference exactly as shown.
    pub reference_text: Option<String>,
    /// Accounts that the bank calls the reader's own; empty where it prints none. Each must be ours.
    pub accounts: Vec<WrittenAccount>,
    /// Why it is not read as money that moved; `None` where it is.
    pub unread: Option<Unread>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Credit,
    Debit,
    Storno,
    Info,
    Marketing,
}

/// Why a bank's mail is not read as money that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    Contradicts,
    NoAmount,
    NoMoneyMoved,
    Denied,
    Advertising,
    NoDirection,
}

impl Unread {
    /// In the words of a profile, for whoever writes one.
    pub fn told(self) -> &'static str {
        match self {
            Unread::Contradicts => "two different amounts stand where one is told",
            Unread::NoAmount => {
                "no amount was found: no label of [labels] amount stands before one, no sentence tells one, and none of sentences fits"
            }
            Unread::NoMoneyMoved => "one of [words] info says that no money moved",
            Unread::Denied => "one of [words] denied says that the money did not come",
            Unread::Advertising => "one of [words] marketing says that it is advertising",
            Unread::NoDirection => {
                "there is an amount, but none of [words] credit, debit or storno says which way it went"
            }
        }
    }

    /// Money may have moved, and we could not read it.
    pub fn leaves_doubt(self) -> bool {
        matches!(self, Unread::Contradicts | Unread::NoAmount | Unread::Denied | Unread::NoDirection)
    }
}

impl NoticeKind {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Credit => "credit",
            NoticeKind::Debit => "debit",
            NoticeKind::Storno => "storno",
            NoticeKind::Info => "info",
            NoticeKind::Marketing => "marketing",
        }
    }
}

impl Notice {
    /// The invoice numbers that the payer's text seems to name, where ours are not known: for people to read, never to act on.
    /// What we paid as somebody's customer names none of ours.
    pub fn seeming_numbers(&self) -> Vec<String> {
        let text = self.reference_text.as_deref().unwrap_or_default();
        let text = if text.starts_with('/') { after_key(text, "/REMI/").unwrap_or_default() } else { text };
        if self.kind == NoticeKind::Debit && is_a_customers(text) { Vec::new() } else { seeming_numbers(text) }
    }
}

/// Text beyond this is no notice; the rest is not looked at.
const MAX_LINES: usize = 400;
const MAX_LINE: usize = 2_000;

/// Reads a mail that is, or claims to be, a bank's; `None` when no profile recognises it.
pub fn read(message: &Message, profiles: &Profiles) -> Option<Notice> {
    if let Some(bank) = profiles.banks.iter().find(|bank| is_sender(bank, message)) {
        let notice = notice_of(message, bank);
        let is_conversation = !message.references.is_empty() && notice.amount.is_none();
        return (!is_conversation).then_some(notice);
    }
    let sender = Sender::of(message);
    let claimed = profiles.banks.iter().filter_map(|bank| Some((sender.claim(bank)?, bank)));
    let (claim, bank) = claimed.max_by_key(|(claim, _)| *claim)?;
    let notice = notice_of(message, bank);
    let is_payment = notice.amount.is_some() && message.references.is_empty();
    (claim == Claim::Address || is_payment).then_some(notice)
}

/// The plain text may be only a word that the mail is elsewhere: what is not clear there may be in the HTML.
fn notice_of(message: &Message, bank: &Profile) -> Notice {
    let plain = notice(message, &bounded(&message.text), bank);
    let in_doubt = !message.text_is_html && plain.unread.is_some_and(Unread::leaves_doubt);
    let Some(html) = message.html.as_deref().filter(|_| in_doubt) else { return plain };
    let shown = notice(message, &bounded(&html::text(html)), bank);
    if shown.unread.is_none() || plain.unread == Some(Unread::NoAmount) { shown } else { plain }
}

fn bounded(text: &str) -> String {
    let short = |line: &str| line.chars().take(MAX_LINE).collect::<String>();
    text.lines().take(MAX_LINES).map(short).collect::<Vec<_>>().join("\n")
}

fn notice(message: &Message, text: &str, bank: &Profile) -> Notice {
    let written_on = message.date.map(|date| date.date_naive());
    let fields = Fields::of(text, bank, written_on);
    let (told, agrees) = told(&fields, &message.subject, bank, written_on);
    let contradicts_itself = fields.broken || !agrees || contradicts_itself(&fields, &told);
    let amount = if contradicts_itself { None } else { amount(&fields, &told) };
    let words = bank_words(message, &fields, &told, bank);
    let unlabelled = unlabelled_description(&fields);
    let loose = loose_lines(&fields, unlabelled.as_deref());
    let kind = match kind(bank, amount, &fields, &words, &loose) {
        NoticeKind::Credit if bank.denied.is_match(&words.outright) => NoticeKind::Info,
        NoticeKind::Credit if pays_another(&fields, &told) && stated_direction(&fields).is_none() => NoticeKind::Info,
        // "In behandeling", "Teruggeboekt": the bank's word, or the payer's. Who knows?
        NoticeKind::Credit if [&bank.info, &bank.storno].iter().any(|words| is_in_one(&loose, words)) => {
            NoticeKind::Info
        }
        kind => kind,
    };
    let (Some(amount), NoticeKind::Credit | NoticeKind::Debit | NoticeKind::Storno) = (amount, kind) else {
        return Notice {
            bank: bank.id.clone(),
            kind,
            amount: None,
            booked: None,
            counterparty: None,
            iban: None,
            reference_text: None,
            accounts: Vec::new(),
            unread: Some(why_unread(bank, amount.is_some(), contradicts_itself, &words)),
        };
    };
    let described = fields.reference.clone().or_else(|| told.reference.clone()).filter(|text| !text.is_empty());
    let reference_text = described.or(unlabelled);
    let (counterparty, iban) =
        other_party(&fields, &told, reference_text.as_deref(), kind, |name| is_heading(name, bank));
    let booked = booked(&fields, kind).or(told.booked).or_else(|| told_day(&fields));
    let booked = booked.or(written_on);
    let accounts = own_accounts(&fields, names_a_party);
    Notice {
        bank: bank.id.clone(),
        kind,
        amount: Some(amount.amount),
        booked,
        counterparty,
        iban,
        reference_text,
        accounts,
        unread: None,
    }
}

fn why_unread(bank: &Profile, has_amount: bool, contradicts_itself: bool, words: &BankWords) -> Unread {
    if contradicts_itself {
        Unread::Contradicts
    } else if !has_amount {
        Unread::NoAmount
    } else if bank.info.is_match(&words.all) {
        Unread::NoMoneyMoved
    } else if bank.denied.is_match(&words.outright) {
        Unread::Denied
    } else if bank.marketing.is_match(&words.all) {
        Unread::Advertising
    } else {
        Unread::NoDirection
    }
}

/// Above the description the bank's own field, else its sentence, else what stands alone on a line, else a field below.
fn amount(fields: &Fields, told: &Clause) -> Option<WrittenAmount> {
    let read = |named: bool| {
        move |field: &Field| if field.name.is_empty() == named { None } else { written::amount(&field.value) }
    };
    let is_told = |stated: &WrittenAmount| told.amount.is_some_and(|told| told.amount == stated.amount);
    let stated = fields.find(&[Label::Amount], above(|field| read(true)(field).filter(is_told)));
    let stated = stated.or_else(|| fields.find(&[Label::Amount], above(read(true))));
    stated.or(told.amount).or_else(|| fields.find(&[Label::Amount], above(read(false)))).or_else(|| {
        // Gross and net, with a fee between them: who knows which is which reads the bank's sentence.
        let (total, others): (Vec<&Field>, Vec<&Field>) = fields
            .labelled
            .iter()
            .filter(|field| field.label == Label::Amount)
            .partition(|field| is_total(&field.name));
        let is_clear = total.is_empty() || others.is_empty();
        if is_clear { fields.find(&[Label::Amount], read(true)) } else { None }
    })
}

fn is_total(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with("tota") || name.starts_with("gesamt")
}

/// Only fields above the description.
fn above<T>(read: impl Fn(&Field) -> Option<T>) -> impl Fn(&Field) -> Option<T> {
    move |field| if field.below { None } else { read(field) }
}

/// What the bank's sentences tell: the first that fits one of the profile's, and what else stands in its lines, each paragraph
/// also as a whole. The subject comes last. False where they tell different amounts: one of them may be a name.
fn told(fields: &Fields, subject: &String, bank: &Profile, written_on: Option<NaiveDate>) -> (Clause, bool) {
    // An amount alone on its line is a field or nothing.
    let sentences = fields.prose.iter().zip(&fields.clauses).filter(|(line, _)| written::amount(line).is_none());
    let others = fields.paragraphs.iter().chain([subject]);
    let mut said = sentences.clone().map(|(line, _)| line).chain(others.clone());
    let fitting = said.find_map(|line| bank.sentences.iter().find_map(|sentence| sentence.captures(line)));
    let by_pattern = fitting.map_or_else(Clause::default, |found| {
        let group = |name: &str| found.name(name).map(|group| group.as_str().trim().to_owned());
        Clause {
            amount: group("amount").and_then(|text| written::amount(&text)),
            counterparty: group("counterparty"),
            iban: group("iban").and_then(|text| reference::iban(&text)),
            booked: group("booked").and_then(|text| written::date(&text)),
            reference: group("reference"),
        }
    });
    let read = others.map(|line| clause::read(line, written_on));
    let clauses: Vec<Clause> = sentences.map(|(_, clause)| clause.clone()).chain(read).collect();
    let amounts: Vec<Money> =
        clauses.iter().chain([&by_pattern]).filter_map(|clause| Some(clause.amount?.amount)).collect();
    let agrees = amounts.iter().all(|amount| amounts.first() == Some(amount));
    (clauses.into_iter().fold(by_pattern, Clause::or), agrees)
}

fn kind(
    bank: &Profile,
    amount: Option<WrittenAmount>,
    fields: &Fields,
    words: &BankWords,
    loose: &[&str],
) -> NoticeKind {
    let Some(amount) = amount else {
        let looks_like_marketing = bank.marketing.is_match(&words.all);
        return if looks_like_marketing { NoticeKind::Marketing } else { NoticeKind::Info };
    };
    if bank.info.is_match(&words.all) {
        return NoticeKind::Info;
    }
    let words = words.outright.as_str();
    if !tells_a_payment(fields) && (bank.marketing.is_match(words) || is_in_one(loose, &bank.marketing)) {
        return NoticeKind::Marketing;
    }
    let stated = stated_direction(fields).or_else(|| {
        // "Terugbetaald": the label is the bank's, whatever a name says.
        let says_debit = |field: &Field| bank.debit.is_match(&field.name) && !bank.credit.is_match(&field.name);
        fields.find(&[Label::Amount], above(|field| if says_debit(field) { Some(false) } else { None }))
    });
    let incoming = stated.or(match amount.sign {
        Sign::Plus => Some(true),
        Sign::Minus => Some(false),
        Sign::None => None,
    });
    match incoming {
        Some(true) => NoticeKind::Credit,
        _ if bank.storno.is_match(words) => NoticeKind::Storno,
        Some(false) => NoticeKind::Debit,
        None if bank.debit.is_match(words) && !leads(&bank.credit, &bank.debit, first_line(words)) => NoticeKind::Debit,
        None if bank.credit.is_match(words) => NoticeKind::Credit,
        None => NoticeKind::Info,
    }
}

/// "Bij" or "Af" in a field of the bank's.
fn stated_direction(fields: &Fields) -> Option<bool> {
    fields
        .find(&[Label::Direction], above(|field| direction(&field.value)))
        .or_else(|| fields.find(&[Label::Amount], above(|field| direction(last_word(&field.name)))))
}

/// A party, an account, a day or a description stands in a field of its own.
fn tells_a_payment(fields: &Fields) -> bool {
    let tells = |field: &Field| !matches!(field.label, Label::Amount | Label::Other);
    fields.reference.is_some() || fields.labelled.iter().any(tells)
}

/// Somebody is paid, and nobody pays: "Begunstigde", without a payer.
fn pays_another(fields: &Fields, told: &Clause) -> bool {
    let has = |wanted: &[Label]| fields.labelled.iter().any(|field| wanted.contains(&field.label));
    has(&[Label::Payee]) && !has(&[Label::Payer, Label::Party]) && told.counterparty.is_none()
}

/// The one stands in it, and the other not before.
fn leads(one: &Regex, other: &Regex, line: &str) -> bool {
    let start = |words: &Regex| words.find(line).map(|found| found.start());
    start(one).is_some_and(|at| start(other).is_none_or(|other| at <= other))
}

/// The subject.
fn first_line(words: &str) -> &str {
    words.lines().next().unwrap_or_default()
}

/// A day of booking, rather than any other day; of money taken back, the day on which that was.
fn booked(fields: &Fields, kind: NoticeKind) -> Option<NaiveDate> {
    let named = |words: &[&str]| {
        let is_named = |field: &Field| words.iter().any(|word| field.name.to_lowercase().contains(word));
        fields.find(&[Label::Booked], |field| if is_named(field) { written::date(&field.value) } else { None })
    };
    let taken_back = match kind {
        NoticeKind::Storno => named(&[
            "storn",
            "terug",
            "mislukt",
            "failed",
            "refus",
            "rejet",
            "retour",
            "return",
            "impay",
            "geweigerd",
            "dispute",
            "chargeback",
            "contest",
        ]),
        NoticeKind::Credit | NoticeKind::Debit | NoticeKind::Info | NoticeKind::Marketing => None,
    };
    taken_back
        .or_else(|| said_booked(fields))
        .or_else(|| named(&["boek", "compta", "booking", "posting", "buchung"]))
        .or_else(|| fields.find(&[Label::Booked], |field| written::date(&field.value)))
}

/// "2 december 2026 om 23:51, geboekt op 3 december 2026", in a field of the bank's.
fn said_booked(fields: &Fields) -> Option<NaiveDate> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i),\s*(?:geboekt op|booked on|comptabilisé le|gebucht am)\s+(?P<day>.{8,30})$")
            .expect("BUG: pattern of a day of booking")
    });
    fields.find(&[Label::Booked, Label::Other], |field| written::date(&SAID.captures(&field.value)?["day"]))
}

/// The only day in the bank's sentences about what was booked: "is op 02-03-2026 in mindering gebracht".
fn told_day(fields: &Fields) -> Option<NaiveDate> {
    static BOOKED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)bijgeschreven|afgeschreven|(?:af|bij|terug)geboekt|\bgeboekt\b|gehaald|mindering|gedebiteerd|gecrediteerd|debiteerden|overgemaakt|gestort|",
            r"\bging\b|uitgevoerd|ontvangen|\b(?:cred|deb)ited\b|\breceived\b|\brefunded\b|repris|(?:cré|dé)dité|prélevé|reçu|gutgeschrieben|belastet|abgebucht|eingegangen"
        ))
        .expect("BUG: pattern of what was booked")
    });
    let lines = fields.prose.iter().chain(&fields.paragraphs).filter(|line| BOOKED.is_match(line));
    let sentences = lines.flat_map(|line| line.split(". ")).filter(|sentence| BOOKED.is_match(sentence));
    let mut days: Vec<NaiveDate> = sentences.flat_map(clause::days).collect();
    days.sort_unstable();
    days.dedup();
    if days.len() == 1 { days.pop() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static PROFILES: LazyLock<Profiles> = LazyLock::new(Profiles::built_in);

    fn mail(from_name: &str, from: &str, subject: &str, text: &str) -> Message {
        Message {
            from: from.to_owned(),
            from_name: from_name.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            date: chrono::DateTime::parse_from_rfc2822("Fri, 20 Nov 2026 00:30:00 +0100").ok(),
            ..Message::default()
        }
    }

    fn from_bank(subject: &str, text: &str) -> Notice {
        read(&mail("Rabobank", "alert@rabobank.nl", subject, text), &PROFILES).expect("recognised")
    }

    fn summary(notice: &Notice) -> String {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let amount = notice.amount.map_or("-".to_owned(), |m| format!("{m:?}"));
        let booked = notice.booked.map_or("-".to_owned(), |d| d.to_string());
        let words = [shown(&notice.counterparty), shown(&notice.iban), shown(&notice.reference_text)].join(" | ");
        format!("{:?} | {amount} | {booked} | {words}", notice.kind)
    }

    #[test]
    fn layouts() {
        let cases = [
            (
                "Bijschrijving",
                "Er is geld op uw rekening NL91 ABNA 0417 1643 00 gestort.\n\nRekening: NL91ABNA0417164300\nTegenrekening: NL69 INGB 0123 4567 89\nNaam: Jansen Bouw\nBedrag: € 1.210,00\nOmschrijving: 2026-0412\nBoekdatum: 19-11-2026\nValutadatum: 18-11-2026\n",
                "Credit | 1210.00 EUR | 2026-11-19 | Jansen Bouw | NL69INGB0123456789 | 2026-0412",
            ),
            (
                "Af- en bijschrijvingen",
                "Naam De Vries & Zn\nRekening NL69INGB0123456789\nAf Bij Af\nBedrag (EUR) 1.500,00\nOmschrijving de rest volgt later.\nDatum 19 nov 2026",
                "Debit | 1500.00 EUR | 2026-11-19 | De Vries & Zn | NL69INGB0123456789 | de rest volgt later.",
            ),
            (
                "Bijschrijving",
                "Er is geld bijgeschreven.\n\nBedrag: € 12,00\nVan: K. Kok\nBijgeschreven op: 18 november 2026\nDe opdracht is op 17 november 2026 ontvangen.\n",
                "Credit | 12.00 EUR | 2026-11-18 | K. Kok | - | -",
            ),
            (
                "Storno",
                "Een incasso is gestorneerd.\n\nBedrag\n€ 50,-\n\nDebiteur\nK. Kok\n\nReden\nMS03\n",
                "Storno | 50.00 EUR | 2026-11-20 | K. Kok | - | -",
            ),
            (
                "Nieuws over uw rekening",
                "Je hebt een betaling van € 75,50 ontvangen van K. Kok.\n",
                "Credit | 75.50 EUR | 2026-11-20 | K. Kok | - | -",
            ),
            (
                "You received a payment",
                "You received a payment from Ann Lee for €50.00.\nMessage: 2026-0412\n",
                "Credit | 50.00 EUR | 2026-11-20 | Ann Lee | - | 2026-0412",
            ),
            (
                "Bijschrijving",
                "Op 19-11-2026 werd een bedrag van € 1 250,00\nbijgeschreven op uw rekening.\nOmschrijving: 2026-0412\n              en 2026-0413\n\nGroet",
                "Credit | 1250.00 EUR | 2026-11-19 | - | - | 2026-0412 en 2026-0413",
            ),
            (
                "Bijschrijving",
                "Bijgeschreven: EUR 10,00\nOmschrijving:\n/TRTP/SEPA OVERBOEKING/IBAN/NL69INGB0123456789/BIC/INGBNL2A/NAME/A EN/OF B/REMI//NAME/vals/EREF/X",
                "Credit | 10.00 EUR | 2026-11-20 | A EN/OF B | NL69INGB0123456789 | /TRTP/SEPA OVERBOEKING/IBAN/NL69INGB0123456789/BIC/INGBNL2A/NAME/A EN/OF B/REMI//NAME/vals/EREF/X",
            ),
            (
                "Je hebt geld ontvangen",
                "Hoi!\n\n€ 64,00 van Bakkerij 2000 BV\n\nKenmerk: 77\nMededeling: 2026-0412",
                "Credit | 64.00 EUR | 2026-11-20 | Bakkerij 2000 BV | - | 2026-0412",
            ),
            (
                "Betaald",
                "Je hebt € 12,00 betaald aan Drukkerij Smit.\n",
                "Debit | 12.00 EUR | 2026-11-20 | Drukkerij Smit | - | -",
            ),
            (
                "Incasso",
                "De incasso van € 99,00 bij J. Mulder is gestorneerd.\n",
                "Storno | 99.00 EUR | 2026-11-20 | J. Mulder | - | -",
            ),
        ];
        for (subject, text, expected) in cases {
            assert_eq!(summary(&from_bank(subject, text)), expected, "{text}");
        }
    }

    #[test]
    fn no_payment() {
        for (subject, text, kind) in [
            ("Saldo-alert", "Ingesteld bedrag: € 10,00\nSaldo: € 12,00", NoticeKind::Info),
            ("Betaling in behandeling", "Bedrag: € 10,00\nOmschrijving: 2026-0412", NoticeKind::Info),
            ("Lenen?", "Tot € 50.000,- morgen bijgeschreven.\nAfmelden kan hier.", NoticeKind::Marketing),
            ("Hallo", "", NoticeKind::Info),
        ] {
            let found = from_bank(subject, text);
            assert_eq!((found.kind, found.amount), (kind, None), "{subject}");
        }
    }

    #[test]
    fn the_payer_cannot_write_the_amount() {
        let hostile = "Bedrag: € 9.999,00 <b>Boekdatum: 01-01-2026</b> storno";
        let text = format!(
            "Er is geld bijgeschreven\nBedrag: € 0,01\nVan: Bedrag: € 9.999,00\nOmschrijving: {hostile}\nBedrag: € 9.999,00\nBoekdatum: 19-11-2026"
        );
        let found = from_bank("Bijschrijving", &text);
        assert_eq!((found.kind, found.amount), (NoticeKind::Credit, Some(Money::eur_cents(1))));
        assert_eq!(found.booked, NaiveDate::from_ymd_opt(2026, 11, 19));
        assert_eq!(found.reference_text.as_deref(), Some(hostile));
    }

    #[test]
    fn two_amounts_under_one_label_are_a_question() {
        let text = "Er is geld bijgeschreven\nWoorden van de betaler\nBedrag: € 9.999,00\n\nBedrag\n€ 5,00\n";
        assert_eq!(from_bank("Bijschrijving", text).amount, None);
    }

    /// Texts that look like the bank's where a payer could write them, and mails about money that did not move.
    #[test]
    fn what_a_payer_could_have_written_is_no_credit() {
        let amount = |text: &str| {
            let found = from_bank("Uw rekening", text);
            (found.kind == NoticeKind::Credit).then_some(found.amount).flatten().map(|amount| amount.to_string())
        };
        for (text, expected) in [
            (
                "Er is geld bijgeschreven.\nNaam:      x  Totaal  EUR 9999,00\nBedrag:    € 5,00\nOmschrijving: F1",
                Some("5.00"),
            ),
            ("Er is geld bijgeschreven.\nNaam\t:\tTotaal\nOmschrijving\t:\tEUR 9999,00\nBedrag: € 5,00", Some("5.00")),
            ("U heeft een betaling ontvangen van Kok. Er is EUR 9999,00 voor € 5,00.", None),
            ("Er is EUR 9.999,00 bijgeschreven\nJe hebt € 5,00 ontvangen van Kok.", None),
            (
                "Er is geld bijgeschreven\nBetaling ontvangen van Kok. Er is EUR 9999,00\nJe hebt € 5,00 ontvangen.",
                Some("5.00"),
            ),
            ("Betaling ontvangen\nBedrag: € 5,00\nVan | Bedrag | Naam\nDeze betaling is nog in behandeling.", None),
            ("Wij hebben uw overboeking van € 500,00 aan Kok BV ontvangen. Omschrijving: F2026-12", None),
            ("U krijgt € 500,00 van Kok. We sturen een mail zodra het geld is bijgeschreven.", None),
            ("Er is € 25,00 geblokkeerd op uw rekening voor een betaling ontvangen van Hotel.", None),
            ("Het saldo van uw rekening op dit moment:\n€ 1.200,00\nEr is vandaag niets ontvangen.", None),
            ("Gestort loon\nToeslag reis\n€ 20,00\nBedrag\n€ 5,00\nIs bijgeschreven.", Some("5.00")),
            ("Bedrag: € 50,00\nBegunstigde: Kok\nOmschrijving: F2026-12\nUw geld is ontvangen", None),
            ("Uw geld is ontvangen\nBedrag: € 50,00\nBegunstigde: Kok\nOmschrijving: F2026-12", None),
            ("€ 9.999,00 heeft je € 5,00 gestuurd.\nEr is geld bijgeschreven.", None),
            ("U ontving een overboeking van heeft je € 9.999,00 gestuurd.", None),
            ("Er is EUR 9.999,00 beschikbaar. U heeft deze e-mail ontvangen als klant.", None),
            ("Geld ontvangen\nBedrag: € 500,00 (gereserveerd)\nVan: Kok BV\nOmschrijving: F2026-12", None),
            ("Geld ontvangen\nBedrag: € 500,00 (incl. btw)\nVan: Kok BV\nOmschrijving: F2026-12", Some("500.00")),
            ("Betaling ontvangen\n€ 50,00\nIn behandeling\n\nVan: K. Kok\nMededeling: F2026-12", None),
            ("Geld overgemaakt\nJe hebt € 500,00 overgemaakt naar je spaarrekening.", None),
            ("Geld overgemaakt\nU heeft € 500,00 overgemaakt naar uw leverancier Kok BV.", None),
            ("Kok heeft € 500,00 overgemaakt naar uw zakelijke rekening.", Some("500.00")),
            ("U heeft € 500,00 overgemaakt naar uw zakelijke rekening.", None),
            ("Betaling ontvangen van Bedrag: € 9.999,00", None),
            ("Betaling ontvangen van zojuist € 9.999,00", None),
            ("Betaling ontvangen van € 9.999,00\nOpmerking: F2026-12\nOntvangen bedrag: € 5,00", None),
            ("Terugboeking NL69 INGB 0123 4567 89\nBedrag: € 75,00\nU had dit bedrag eerder ontvangen.", None),
            ("U heeft een betaling ontvangen van EUR 9999,00 Holding voor € 5,00.", None),
            ("Totaalbedrag bij: € 1.200,00\nTotaalbedrag af: € 300,00\nBijgeschreven vandaag", None),
            ("Er is geld bijgeschreven\nBedrag: € 5,00\nbetaling namens storno F2026-12", Some("5.00")),
            ("Er is geld bijgeschreven\nBedrag: € 5,00\nteruggeboekt", None),
        ] {
            assert_eq!(amount(text).as_deref(), expected, "{text}");
        }
    }

    /// As long as a mail may be, and made to be slow: it ends.
    #[test]
    fn hostile_lengths() {
        let by = format!("Er is € 5 {}", "by ".repeat(660));
        let payment = "payment from ".repeat(150);
        let accounts = "no NO9386011117947, ".repeat(100);
        let names = "door Kok NL69INGB0123456789, ".repeat(70);
        for line in [by, payment, accounts, names] {
            let text = vec![line; MAX_LINES].join("\n");
            let _ = from_bank("Bijschrijving", &text);
        }
    }

    #[test]
    fn whose_account_it_is() {
        for (text, iban) in [
            ("Le compte BE75 9670 0118 2251 a été crédité de 50,00 EUR.", None),
            ("€ 50,00 was paid into NL91ABNA0417164300.", None),
            ("De rekening NL91ABNA0417164300 werd gecrediteerd met € 50,00.", None),
            ("Er is € 50,00 bijgeschreven.\nKok Bouw\nNL69INGB0123456789", Some("NL69INGB0123456789")),
            (
                "Er is € 50,00 bijgeschreven op uw rekening NL91ABNA0417164300 door Kok (NL69 INGB 0123 4567 89).",
                Some("NL69INGB0123456789"),
            ),
        ] {
            assert_eq!(from_bank("Bijgeschreven", text).iban.as_deref(), iban, "{text}");
        }
    }

    const PAYMENT: &str = "Er is geld bijgeschreven\nBedrag: € 5,00\nOmschrijving: 2026-0412";

    #[test]
    fn who_claims_to_be_a_bank() {
        let recognised = |name: &str, from: &str, text: &str| {
            read(&mail(name, from, "Bijschrijving", text), &PROFILES).map(|n| n.bank)
        };
        assert_eq!(recognised("Rabobank", "alert@rabobank-meldingen.example", PAYMENT).as_deref(), Some("rabobank"));
        assert_eq!(recognised("ING Zakelijk", "x@evil.example", PAYMENT).as_deref(), Some("ing"));
        assert_eq!(recognised("noreply@abnamro.nl", "x@evil.example", "Log in").as_deref(), Some("abnamro"));
        assert_eq!(
            recognised("", "x@unlisted.rabobank.nl", "Hallo").as_deref(),
            Some("rabobank"),
            "still theirs; not believed"
        );
        assert_eq!(recognised("Ing. P. Jansen", "p@jansen.example", PAYMENT), None);
        assert_eq!(recognised("Ingrid Jansen", "p@jansen.example", PAYMENT), None);
        assert_eq!(recognised("ING Zakelijk", "x@evil.example", "Wij bellen u morgen."), None, "no payment, no bank");
        assert_eq!(recognised("Jansen", "p@voorbeeldkbclub.example", PAYMENT), None);
        let mut answer = mail("Rabobank", "adviseur@rabobank.nl", "Re: uw vraag", "Dank, wij kijken ernaar.");
        answer.references = vec!["1@ons.example".to_owned()];
        assert_eq!(read(&answer, &PROFILES), None, "a person at a bank who answers");
    }

    proptest! {
        #[test]
        fn total(subject in ".{0,40}", text in "(?s).{0,200}") {
            let _ = read(&mail("bunq", "x@bunq.com", &subject, &text), &PROFILES);
        }

        #[test]
        fn nothing_in_the_description_changes_the_amount(words in "[^\r\n\u{85}\u{2028}\u{2029}]{1,80}") {
            let text = format!("Er is geld bijgeschreven\nBedrag: € 5,00\nOmschrijving: {words}\nBoekdatum: 19-11-2026");
            let found = from_bank("Bijschrijving", &text);
            prop_assert_eq!((found.kind, found.amount), (NoticeKind::Credit, Some(Money::eur_cents(500))));
        }
    }
}
