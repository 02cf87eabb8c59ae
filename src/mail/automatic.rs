//! Machines that answer: out-of-office, ticket receipts, read receipts, newsletters (RFC 3834 and what is really sent).
//! When in doubt a mail is human.

mod bulk;
mod headers;
mod news;
mod wording;

pub use news::{news, speaks_of_money, speaks_of_payment, without_rules_of_the_house};

use super::message::Message;
use super::pattern::Pattern;
use bulk::{ANSWER, bulk};
use headers::{answers_by_itself, automatic_header, machine_sender, subject_pattern, system_trait};
use news::{claims, tells_of_another};
use std::sync::LazyLock;
use wording::{SIGNS, acts_in_person, found, hints, requests, says_so, system_notice};

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

/// Within a sentence the full stop of "zum 1. Dezember" ends nothing.
fn pattern(text: &str) -> Pattern {
    Pattern::new(&text.replace(r"[^.\n]", r"(?:[^.\n]|\d\.)").replace(r"[^.!?\n]", r"(?:[^.!?\n]|\d\.)"))
}

fn read_receipt(message: &Message, own_words: &str) -> Option<String> {
    static SUBJECT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:gelezen|leesbevestiging|ongelezen verwijderd|niet gelezen|verwijderd|read|read receipt|not read|deleted|gelesen|lesebestätigung|nicht gelesen|ungelesen|gelöscht|lu|accusé de lecture|confirmation de lecture|non lu|supprimé|",
            r"afgeleverd|bezorgd|ontvangstbevestiging|delivered|relayed|delivery receipt|zugestellt|weitergeleitet|übermittelt|remis|distribué|transmis|relayé)(?: \([^)]*\))?\s*:|^(?:return receipt|read receipt|leesbevestiging|ontvangstbevestiging|lesebestätigung|empfangsbestätigung|accusé de (?:lecture|réception))\b[^\n]{0,20}[:–-]",
        ))
    });
    static TEXT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"\b(?:is gelezen op|leesbevestiging voor het bericht|(?:is|werd) (?:ongelezen )?verwijderd|zonder te zijn gelezen|was read on|was deleted|read receipt|return receipt for the mail|",
            r"wurde (?:[^!?]{2,60} )?(?:gelesen|gelöscht)|lesebestätigung|a été (?:lu|supprimé)|accusé de (?:lecture|réception) (?:pour|du) (?:le )?(?:courrier|message)|",
            r"weergegeven op het scherm|displayed on the recipient|auf dem bildschirm|affiché sur l|return receipt for|(?:is|werd|zijn) (?:bezorgd|afgeleverd|gedistribueerd)|(?:was|has been|were) (?:successfully )?(?:delivered|relayed)|delivery to these recipients|wurde[^.]{0,60}(?:zugestellt|übermittelt)|a été (?:remis|distribué|transmis|relayé))\b",
        ))
    });
    if message.report.as_ref().is_some_and(|report| report.kind == "disposition-notification") {
        return Some("a read receipt (RFC 8098)".into());
    }
    let said = without_our_subject(own_words, &message.subject);
    let imitation = SUBJECT.is_match(&message.subject) && TEXT.is_match(&message.text) && !speaks_of_money(&said);
    imitation.then(|| format!("a read receipt: the subject begins with {:?}", first_word(&message.subject)))
}

/// The words without the subject of our letter, which machines repeat and which speaks of money.
pub fn without_our_subject(text: &str, subject: &str) -> String {
    const WORD: &str = "onderwerp|subject|betreff|objet|betreft|concerne|titel|title";
    static REPEATED: LazyLock<Pattern> = LazyLock::new(|| {
        let quoted = r#"["'«„“”‘’](?:[^"«»„“”\n]{3,150}?)["'»”“’]"#;
        pattern(&format!(
            r"(?m)^\s*(?:{WORD})\s*:.*$|\b(?:{WORD})\b[^\n]{{0,30}}?{quoted}|\b(?:{WORD})\b[^\n]{{0,30}}\n\s*\n?[ \t]+\S[^\n]*$"
        ))
    });
    static PREFIX: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?:\s*(?:\[[^\]]*\]|[\p{L} ]{2,24}:))+\s*"));
    let said = REPEATED.cut_from(text);
    let repeated = PREFIX.cut_from(subject);
    if repeated.chars().count() < 8 { said.into_owned() } else { said.replace(&*repeated, "") }
}

fn first_word(text: &str) -> &str {
    text.split([':', ' ']).next().unwrap_or_default()
}

fn auto_reply(message: &Message, own_words: &str, likely: &dyn Fn() -> bool) -> Option<String> {
    let header = automatic_header(message).or_else(|| machine_sender(message));
    let claims = claims(own_words);
    if let Some(found) = subject_pattern(&message.subject)
        && (header.is_some() || !claims)
    {
        return Some(format!("the subject says {found:?}"));
    }
    if own_words.trim().is_empty() {
        return header.filter(|_| message.attachments.is_empty()).map(|header| format!("{header}, and no words"));
    }
    if claims {
        return None;
    }
    if let Some(found) = says_so(own_words).or_else(|| system_notice(own_words)) {
        return Some(format!("the text says {found:?}"));
    }
    if header.is_none() && requests(own_words) {
        return None;
    }
    let said = without_rules_of_the_house(&without_our_subject(own_words, &message.subject));
    let (mut signs, mut hints) = (found(&SIGNS, own_words), hints(own_words));
    // A receipt told within another is not told twice: "wij hebben uw bericht in goede orde ontvangen".
    let all = [signs.as_slice(), &hints].concat();
    let within = |one: &str, longer: &str| longer.len() > one.len() && longer.contains(one) && confirms_receipt(longer);
    let told = |one: &&str| !all.iter().any(|longer| within(one, longer));
    signs.retain(told);
    hints.retain(told);
    // Who is away hands his work over too, but receives nothing.
    if header.is_none() && acts_in_person(own_words) && signs.iter().all(|sign| confirms_receipt(sign)) {
        return None;
    }
    Traits {
        signs,
        hints,
        about_money: speaks_of_money(&said) || tells_of_another(own_words),
        asks: own_words.contains('?'),
        alone: message.references.is_empty(),
        answers: ANSWER.is_match(&message.subject),
        by_itself: answers_by_itself(message),
        unmanned: automatic_header(message).is_none() && machine_sender(message).is_some() && is_latin(own_words),
        system: system_trait(message),
        header,
    }
    .weighed(likely)
}

/// Of a text in other letters nothing is known: no machine either.
fn is_latin(own_words: &str) -> bool {
    let letters = || own_words.chars().filter(|c| c.is_alphabetic());
    letters().filter(|c| *c <= '\u{24f}').count() * 2 > letters().count()
}

/// Whether a person's words may stand in a mail that a system sent ("Anna commented: …"): it says nothing of its own.
pub fn may_relay(message: &Message, own_words: &str) -> bool {
    let of_a_system = machine_sender(message).is_some() || system_trait(message).is_some();
    let template = || says_so(own_words).or_else(|| system_notice(own_words)).is_some();
    of_a_system && !template() && found(&SIGNS, own_words).is_empty() && hints(own_words).is_empty()
}

/// What speaks for a machine in one mail.
struct Traits<'w> {
    /// Things that machines say, and people seldom.
    signs: Vec<&'w str>,
    /// Things that both say.
    hints: Vec<&'w str>,
    /// A word about money, debt or lawyers, or about somebody else's absence.
    about_money: bool,
    asks: bool,
    /// It belongs to no thread.
    alone: bool,
    /// It bears the subject of an answer: what a person thanks for and looks into is worded like a receipt.
    answers: bool,
    /// It bears a header that only responders set.
    by_itself: bool,
    /// Nobody writes from its address, and its words could be read.
    unmanned: bool,
    /// It names itself, in a header or by its sender.
    header: Option<String>,
    /// A ticket system sent it, perhaps for a person.
    system: Option<String>,
}

impl Traits<'_> {
    /// Whether they are enough for a machine, with the reason in words.
    fn weighed(self, likely: &dyn Fn() -> bool) -> Option<String> {
        let likely = || !self.about_money && likely();
        let few = self.signs.len() + self.hints.len() < 2;
        match (&self.header, &self.system, self.signs.as_slice(), self.hints.as_slice()) {
            (Some(header), _, [said, ..], _) => Some(format!("{header}, and the text says {said:?}")),
            (Some(header), _, [], [said, ..]) if self.by_itself || !(few && self.asks) => {
                Some(format!("{header}, and the text says {said:?}"))
            }
            (Some(header), ..) if (self.by_itself || self.unmanned) && !self.asks => Some(header.clone()),
            (Some(header), ..) => likely().then(|| format!("{header}, and the text is like a machine's")),
            (None, _, [first, second, ..], _) | (None, _, [first], [second, ..]) if !self.about_money => {
                Some(format!("the text says {first:?} and {second:?}"))
            }
            (None, Some(system), [said, ..], _) | (None, Some(system), [], [said, ..])
                if !(self.about_money || few && self.asks) =>
            {
                Some(format!("{system}, and the text says {said:?}"))
            }
            // "Uw brief is in goede orde ontvangen" is how boards and offices answer too.
            (None, _, [sign], []) if self.alone && !self.about_money && !(self.answers && confirms_receipt(sign)) => {
                Some(format!("no answer in a thread, and the text says {sign:?}"))
            }
            // People use such words too: only where they are many, or like nobody's.
            (None, _, [], [first, second, third, ..]) if !self.about_money => {
                Some(format!("the text says {first:?}, {second:?} and {third:?}"))
            }
            (None, _, [], [_] | [_, _]) if self.answers => None,
            (None, _, [said], []) | (None, _, [], [said, _]) => {
                likely().then(|| format!("the text says {said:?}, and is like a machine's"))
            }
            (None, _, [], [said]) if self.alone => {
                likely().then(|| format!("the text says {said:?}, and is like a machine's"))
            }
            (None, Some(system), [], []) if !self.asks => {
                likely().then(|| format!("{system}, and the text is like a machine's"))
            }
            (None, ..) => None,
        }
    }
}

fn confirms_receipt(sign: &str) -> bool {
    static RECEIPT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            "ontv(?:angen|angst|ingen)|binnengekomen|aangekomen|received|receipt|arrived|erhalten|eingegangen|eingang|angekommen|",
            "reçu|réception|parvenu|arrivé",
        ))
    });
    RECEIPT.is_match(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(headers: &str, subject: &str, text: &str) -> Option<Automatic> {
        judge_from("a@klant.example", headers, subject, text)
    }

    fn judge_from(from: &str, headers: &str, subject: &str, text: &str) -> Option<Automatic> {
        let raw =
            format!("From: {from}\n{headers}Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n");
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
        let unread = "Uw bericht\n\nis zonder te zijn gelezen verwijderd op maandag 3 november.";
        assert_eq!(judge("", "Niet gelezen: Herinnering", unread), Some(Automatic::ReadReceipt));
    }

    #[test]
    fn what_a_scanner_writes_below_is_no_answer_of_a_machine() {
        let signed = "Uw factuur is afgekeurd.\n\nDit bericht is automatisch gescand op virussen.";
        assert_eq!(judge("", "Re: Herinnering", signed), None);
        assert_eq!(judge("", "Re: Herinnering", "Dit bericht is automatisch aangemaakt."), Some(Automatic::AutoReply));
    }

    #[test]
    fn a_receipt_within_a_receipt_is_told_once() {
        let reception = "Wij hebben uw bericht in goede orde ontvangen en doorgestuurd naar de betreffende afdeling.";
        assert_eq!(judge("", "Re: Herinnering", reception), None);
    }

    #[test]
    fn who_passes_it_on_in_person_is_no_machine() {
        for text in [
            "Uw mail is ontvangen. Ik heb hem aan Yvonne doorgestuurd.",
            "Your message has been received. I've passed it on to Margaret.",
            "Ihre E-Mail ist eingegangen. Ich habe sie an die zuständige Kollegin weitergeleitet.",
            "Nous avons bien reçu votre message. Je l'ai transmis à notre comptable.",
            "Your message has been received. I’ve passed it on to Margaret.",
            "Nous avons bien reçu votre message. Je l’ai transmis à notre comptable.",
        ] {
            assert_eq!(judge("", "Re: Herinnering", text), None, "{text}");
            assert_eq!(judge(AUTO, "Re: Herinnering", text), Some(Automatic::AutoReply), "{text}");
        }
        for text in [
            "Ik ben met verlof tot maandag. Ik heb mijn werk doorgegeven aan Ans, voor spoed mailt u haar.",
            "I am on leave until Monday. I have forwarded my inbox. For urgent matters call Tom.",
            "Ich bin bis Freitag im Urlaub. Ich habe meine Post weitergeleitet, meine Kollegin hilft Ihnen.",
            "Je suis en congé jusqu'à lundi. J'ai transmis mes dossiers. En cas d'urgence, appelez-la.",
            "Uw bericht is ontvangen en doorgestuurd. Wij reageren binnen twee werkdagen.",
        ] {
            assert_eq!(judge("", "Re: Herinnering", text), Some(Automatic::AutoReply), "{text}");
        }
    }

    #[test]
    fn who_confirms_a_receipt_may_be_a_person() {
        let board = "Uw schrijven van 3 november is in goede orde ontvangen en komt dinsdag in de vergadering van het bestuur. \
            Daarna berichten wij u.\n\nDe secretaris";
        assert_eq!(judge("", "Re: Herinnering", board), None);
        assert_eq!(judge(AUTO, "Re: Herinnering", board), Some(Automatic::AutoReply));
        assert_eq!(judge("", "Ontvangen", board), Some(Automatic::AutoReply), "nobody answers so");
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
            ("", "Re: x", "Our second signatory is only back in the office on Thursday. He does it that day."),
            ("", "Re: x", "Onze penningmeester is tot vrijdag niet op kantoor en maandag weer bereikbaar."),
            ("", "Re: x", "Unsere Chefin ist bis Freitag im Urlaub und ab Montag wieder erreichbar."),
            ("", "Re: x", "Notre gérante est absente jusqu'à vendredi et de retour lundi."),
        ];
        for (headers, subject, text) in people {
            assert_eq!(judge(headers, subject, text), None, "{text}");
        }
    }
    #[test]
    fn senders_and_systems_name_themselves() {
        const ZENDESK: &str = "X-Zendesk-Ticket: 5512\n";
        const GOT: &str = "We've got your message.";
        for (from, headers, subject, text) in [
            ("noreply@portaal.example", THREAD, "Document", "De status is gewijzigd in: ontvangen."),
            ("support@klant.example", "In-Reply-To: <1@b.example>\nX-Zendesk-Ticket: 5512\n", "Re: x", GOT),
            ("support@klant.example", THREAD, "[Ticket#20261117] x", GOT),
            ("lijst-owner@lijst.example", THREAD, "x", "Iedereen is welkom op de ledenvergadering."),
        ] {
            assert_eq!(judge_from(from, headers, subject, text), Some(Automatic::AutoReply), "{from} {text}");
        }
        for (from, headers, subject, text) in [
            ("support@klant.example", THREAD, "Re: x", GOT),
            // What a person wrote with a system, or what a system passes on.
            ("support@klant.example", ZENDESK, "Re: x", "De levering is nooit aangekomen. Groet, Lisa"),
            ("support@klant.example", ZENDESK, "Re: x", "Bedankt voor uw bericht. Om welke maand gaat het?"),
            ("support@klant.example", ZENDESK, "Re: x", "Ik heb uw bericht ontvangen."),
            ("a@klant.example", AUTO, "Re: x", "Bedankt voor uw bericht. Om welke maand gaat het?"),
            ("noreply@portaal.example", "", "x", "お世話になっております。"),
            ("noreply@portaal.example", "", "Anna reageerde", "Wie heeft dit besteld?"),
            ("noreply@portaal.example", "", "Anna reageerde", "Wij betalen dit niet."),
        ] {
            assert_eq!(judge_from(from, headers, subject, text), None, "{from} {text}");
        }
    }

    #[test]
    fn calendars_mailings_and_gateways() {
        const LIST: &str = "List-Unsubscribe: <https://nieuws.example>\nPrecedence: bulk\n";
        for (headers, subject, text, wanted) in [
            ("", "Accepted: Overleg", "Robin has accepted this invitation.\nWhen: Thursday", Automatic::Bulk),
            (LIST, "Dit weekend", "Taart en koffie voor iedereen.", Automatic::Bulk),
            ("", "Herfst", "Recepten. U ontvangt dit omdat u klant bent. Uitschrijven kan hier.", Automatic::Bulk),
            ("", "Held", "Your message is being held until the list moderator approves it.", Automatic::AutoReply),
            ("", "Overzicht", "Er staan 2 berichten in uw quarantaine.", Automatic::AutoReply),
            ("", "Wacht", "Uw bericht is nog niet afgeleverd: bevestig dat u geen robot bent.", Automatic::AutoReply),
            ("", "Bezorgd: Overleg", "Uw bericht is bezorgd bij:\n\nOnderwerp: Factuur 12", Automatic::ReadReceipt),
        ] {
            assert_eq!(judge(headers, subject, text), Some(wanted), "{subject} {text}");
        }
        for (headers, subject, text) in [
            ("", "Accepted: Overleg", "When: Thursday\nDe factuur klopt niet."),
            (LIST, "Re: Dit weekend", "Taart en koffie voor iedereen."),
            (LIST, "Dit weekend", "Ik heb de factuur allang."),
            ("", "Re: x", "Thanks for your message. We look into it and someone from accounts comes back to you."),
            ("", "Re: Herfst", "U ontvangt dit omdat u klant bent. Uitschrijven kan hier."),
            ("", "x", "Uw mail zat in mijn spamfilter, ik kijk er morgen naar."),
            (
                THREAD,
                "Re: x",
                "Thanks for your message, I'm away. Could you send the drawings again until I'm back in the office?",
            ),
        ] {
            assert_eq!(judge(headers, subject, text), None, "{subject} {text}");
        }
    }

    #[test]
    fn rules_of_the_house_are_no_news() {
        let receipt = "Uw e-mail is ontvangen. Wij streven ernaar binnen vijf werkdagen te reageren.";
        for (rule, wanted) in [
            ("Facturen zonder ordernummer worden niet in behandeling genomen.", Some(Automatic::AutoReply)),
            ("Invoices are only accepted as PDF.", Some(Automatic::AutoReply)),
            ("Facturen van € 500 betalen wij niet.", None),
            ("Uw factuur 2026-0412 is afgewezen.", None),
        ] {
            assert_eq!(judge("", "Ontvangst", &format!("{receipt} {rule}")), wanted, "{rule}");
        }
    }

    #[test]
    fn who_or_what_is_gone_is_news() {
        for text in [
            "Ik werk sinds mei niet meer bij Smits.",
            "Frau Brandt arbeitet nicht mehr in unserem Hause.",
            "Sinds september heb ik een andere werkgever.",
            "Onze stichting is opgegaan in Zorg Oost.",
            "Notre magasin a définitivement fermé ses portes.",
            "Dit e-mailadres wordt niet meer gebruikt.",
            "Het document is afgewezen door de ontvanger.",
            "I have retired.",
            "Diese Adresse wird zum 1. Dezember abgeschaltet.",
            "Scheduled payment date: 27 November 2026.",
            "Geplande betaaldatum: 26-11-2026.",
        ] {
            assert!(news(text).is_some(), "{text}");
        }
        for text in [
            "Ik ben tot maandag niet op kantoor.",
            "Uw bericht wordt niet doorgestuurd.",
            "Wir sind ab Montag wieder für Sie da.",
            "Last week of the holidays! Back on Monday.",
            "Ik werk vandaag niet meer.",
            "Our payment date is 30 days after receipt.",
            "Betaaldatum: 60 dagen na goedkeuring.",
        ] {
            assert_eq!(news(text), None, "{text}");
        }
    }

    #[test]
    fn our_own_subject_says_nothing() {
        let subject = "Re: Factuur 2026-0412";
        for text in [
            "Uw bericht met het onderwerp 'Factuur 2026-0412' wacht.",
            "Onderwerp: Factuur 2026-0412",
            "Mail with the subject\n\n    Factuur 2026-0412\n\nIs held.",
            "Over Factuur 2026-0412 volgt bericht.",
        ] {
            let said = without_our_subject(text, subject);
            assert!(!said.contains("Factuur"), "{said:?}");
        }
        assert_eq!(without_our_subject("Uw factuur is betaald.", subject), "Uw factuur is betaald.");
    }
}
