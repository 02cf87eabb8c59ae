//! Which language the sender wrote: Dutch (with Flemish), English, German or French. Never more than these.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

use super::judge::Read;
use super::quick::{QuickMap, Short, packed};
use super::sentences::{Word, plain, words};

/// The languages letters and phrases exist in.
pub(super) const LANGUAGES: [&str; 4] = ["nl", "en", "de", "fr"];

/// Texts are judged by so many characters of their beginning.
const ENOUGH: usize = 4_000;

const STOP_WORDS: [&[&str]; 4] = [
    &[
        "de",
        "het",
        "een",
        "en",
        "ik",
        "wij",
        "we",
        "jullie",
        "u",
        "uw",
        "niet",
        "dat",
        "dit",
        "van",
        "voor",
        "met",
        "op",
        "is",
        "te",
        "er",
        "aan",
        "hebben",
        "heb",
        "hoi",
        "dag",
        "beste",
        "goedemorgen",
        "goedemiddag",
        "betaald",
        "betaling",
        "betalen",
        "factuur",
        "bedankt",
        "dank",
        "graag",
        "maar",
        "ook",
        "al",
        "naar",
        "nog",
        "mijn",
        "deze",
        "wordt",
        "zijn",
        "geen",
        "groet",
        "gr",
        "mvg",
        "gelieve",
        "ge",
        "oke",
        "komt",
        "morgen",
        "overgemaakt",
        "ben",
        "gedaan",
        "vandaag",
        "sorry",
        "klopt",
        "hij",
        "geachte",
        "kunt",
        "wat",
        "waar",
        "waarom",
        "ontvangen",
        "eerst",
        "nee",
        "dan",
        "bij",
        "kan",
        "wel",
        "als",
        "om",
    ],
    &[
        "the",
        "a",
        "and",
        "i",
        "we",
        "you",
        "your",
        "not",
        "that",
        "this",
        "of",
        "for",
        "with",
        "on",
        "is",
        "to",
        "it",
        "have",
        "has",
        "will",
        "be",
        "our",
        "are",
        "hi",
        "hello",
        "dear",
        "thanks",
        "thank",
        "please",
        "paid",
        "payment",
        "invoice",
        "but",
        "already",
        "my",
        "was",
        "been",
        "can",
        "by",
        "in",
        "regards",
        "sent",
        "done",
        "sorry",
        "who",
        "what",
        "which",
        "noted",
        "still",
        "there",
        "pay",
        "just",
        "transferred",
        "apologies",
        "would",
        "could",
        "should",
        "all",
    ],
    &[
        "der",
        "die",
        "das",
        "und",
        "ich",
        "wir",
        "sie",
        "ihr",
        "ihre",
        "nicht",
        "dass",
        "von",
        "fur",
        "mit",
        "auf",
        "ist",
        "zu",
        "den",
        "dem",
        "ein",
        "eine",
        "haben",
        "habe",
        "hallo",
        "guten",
        "sehr",
        "geehrte",
        "danke",
        "bitte",
        "bezahlt",
        "zahlung",
        "rechnung",
        "aber",
        "auch",
        "schon",
        "noch",
        "mein",
        "wird",
        "sind",
        "kein",
        "keine",
        "uberwiesen",
        "am",
        "im",
        "bei",
        "es",
        "tag",
        "vielen",
        "dank",
        "grusse",
        "moin",
        "wurde",
        "erledigt",
        "kommt",
        "tagen",
        "uns",
        "ihnen",
        "wie",
        "zahlen",
        "heute",
        "betrag",
    ],
    &[
        "le", "la", "les", "un", "une", "et", "je", "nous", "vous", "votre", "vos", "ne", "pas", "que", "ce", "cette",
        "de", "pour", "avec", "sur", "est", "des", "du", "au", "avons", "ai", "bonjour", "bonsoir", "madame",
        "monsieur", "merci", "paye", "paiement", "facture", "mais", "deja", "mon", "sera", "sont", "l", "d", "j", "c",
        "qui", "en", "il", "etait", "notre", "nos", "fait", "hier", "demain", "virement", "effectue",
    ],
];

/// nl, en, de or fr. Short texts go by their small words, long ones by letter patterns too; in doubt Dutch.
pub(super) fn language(text: &str) -> &'static str {
    let head = beginning(text);
    by_votes(head, votes(&words(&plain(head))))
}

/// The same for a text that was cut into sentences and words already: of the sentences that begin early enough.
pub(super) fn of_read(text: &str, read: &[Read<'_>]) -> &'static str {
    let mut sum = [0; 4];
    let mut length = 0;
    for sentence in read.iter().map(|one| &one.sentence) {
        if length >= ENOUGH {
            break;
        }
        length += sentence.plain.len();
        sum.iter_mut().zip(votes(&sentence.words)).for_each(|(sum, votes)| *sum += votes);
    }
    by_votes(beginning(text), sum)
}

fn beginning(text: &str) -> &str {
    let end = if text.len() > ENOUGH { text.char_indices().nth(ENOUGH) } else { None };
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn by_votes(head: &str, votes: [usize; 4]) -> &'static str {
    let best = votes.iter().copied().max().unwrap_or(0);
    let leaders = votes.iter().filter(|v| **v == best).count();
    let by_words = (0..4).find(|&i| votes[i] == best).filter(|_| best > 0 && leaders == 1);
    match by_words {
        Some(i) if best >= 3 || head.chars().count() < 60 => LANGUAGES[i],
        Some(i) => by_letters(head).unwrap_or(LANGUAGES[i]),
        None => by_letters(head).unwrap_or("nl"),
    }
}

fn votes(words: &[Word<'_>]) -> [usize; 4] {
    static LANGUAGES_OF: LazyLock<QuickMap<Short, [usize; 4]>> = LazyLock::new(|| {
        let mut languages: QuickMap<Short, [usize; 4]> = QuickMap::default();
        for (at, stop_words) in STOP_WORDS.iter().enumerate() {
            let short = stop_words.iter().filter_map(|word| packed(word));
            short.for_each(|word| languages.entry(word).or_default()[at] = 1);
        }
        languages
    });
    let mut votes = [0; 4];
    for of_word in words.iter().filter_map(|word| LANGUAGES_OF.get(&packed(word.text)?)) {
        votes.iter_mut().zip(of_word).for_each(|(vote, one)| *vote += one);
    }
    votes
}

fn by_letters(text: &str) -> Option<&'static str> {
    let detector = Detector::with_allowlist(vec![Lang::Nld, Lang::Eng, Lang::Deu, Lang::Fra]);
    let found = detector.detect(text)?;
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < 25 {
        return None;
    }
    match found.lang() {
        Lang::Nld => Some("nl"),
        Lang::Eng => Some("en"),
        Lang::Deu => Some("de"),
        Lang::Fra => Some("fr"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long() {
        for (text, lang) in [
            ("betaald vanmorgen", "nl"),
            ("Ok", "nl"),
            ("", "nl"),
            ("Paid this morning, thanks", "en"),
            ("ist schon raus", "de"),
            ("Déjà payé !", "fr"),
            ("ge hebt het tegen het einde van de week", "nl"),
            ("Gelieve te noteren dat wij uw factuur niet aanvaarden.", "nl"),
            ("Sehr geehrte Damen und Herren, die Ware ist nicht angekommen.", "de"),
        ] {
            assert_eq!(language(text), lang, "{text}");
        }
    }
}
