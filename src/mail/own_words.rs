//! What the sender wrote this time: without quotes, signature, closing formula, disclaimer, mobile footer.
//! Never guesses in favour of a quotation: what may be our own letter is left out.

use super::html;
use super::message::Message;
use super::our_letter;
use super::quotation::{Opening, is_framed_attribution, is_reply_line, opening};
use super::signature::{
    is_card_line, is_closing, is_closing_with_name, is_device_footer, is_disclaimer, is_gateway_banner, is_postscript,
    is_signature_delimiter,
};
use crate::letter::wording::Wording;
use regex::Regex;
use std::sync::LazyLock;

/// Lines beyond this are not read: nobody writes so much by hand.
const MOST_LINES: usize = 10_000;

/// From the greeting to the last sentence. What our own letter said never counts as the customer's words.
pub fn own_words(message: &Message, wording: &Wording) -> String {
    let of = |lines| words(&our_letter::marked(lines, wording));
    let of_text = || of(plain_lines(&message.text));
    let Some(html) = &message.html else { return of_text() };
    let of_html = || of(html::lines(html));
    let (first, second): (&dyn Fn() -> String, &dyn Fn() -> String) =
        if message.text_is_html || html::is_loud(html) { (&of_html, &of_text) } else { (&of_text, &of_html) };
    let written = first();
    if written.is_empty() { second() } else { written }
}

fn plain_lines(text: &str) -> Vec<html::Line> {
    text.split('\n').map(plain_line).collect()
}

/// Counts and removes quote marks: `> > text`, `>>text`, `| text` is left alone.
fn plain_line(line: &str) -> html::Line {
    let mut rest = line.trim_end();
    if is_framed_attribution(rest) {
        return html::Line { text: rest.to_owned(), ..html::Line::default() };
    }
    let mut depth = 0;
    loop {
        let inner = if depth == 0 { rest } else { rest.trim_start() };
        match inner.strip_prefix('>') {
            Some(inner) => (rest, depth) = (inner, depth + 1),
            None => break,
        }
    }
    html::Line { text: rest.trim().replace('\u{a0}', " "), depth, ..html::Line::default() }
}

/// The words in a mail's lines: stretches outside quotations, each without what stands below its closing.
fn words(lines: &[html::Line]) -> String {
    let lines = &lines[..lines.len().min(MOST_LINES)];
    let mut stretches: Vec<Vec<&html::Line>> = vec![Vec::new()];
    let texts: Vec<&str> = lines.iter().map(|line| if line.depth == 0 { line.text.as_str() } else { ">" }).collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.depth > 0 || continues_quotation(lines, at) {
            stretches.push(Vec::new());
            at += 1;
            continue;
        }
        let found = if line.quote_starts { Some(Opening::Rest) } else { opening(&texts[at..lines.len().min(at + 14)]) };
        // A ticket system's "reply above this line" at the very top has nothing above it.
        let found = found
            .filter(|_| !(is_reply_line(&line.text) && stretches.iter().flatten().all(|line| line.text.is_empty())));
        let skipped = match found {
            None => {
                if let Some(stretch) = stretches.last_mut() {
                    stretch.push(line);
                }
                at += 1;
                continue;
            }
            Some(Opening::Attribution(length)) => length,
            Some(Opening::Rest) => 0,
        };
        at += skipped;
        let marked =
            lines[at..].iter().find(|line| !line.text.is_empty() || line.depth > 0).is_some_and(|line| line.depth > 0);
        if skipped == 0 || !marked {
            let above: Vec<String> = stretches.iter().map(|stretch| trimmed(stretch)).collect();
            stretches.extend(coloured_answers(&lines[at..], &above.join("\n")));
            break;
        }
        stretches.push(Vec::new());
    }
    let kept: Vec<String> = stretches.iter().map(|stretch| trimmed(stretch)).filter(|text| !text.is_empty()).collect();
    kept.join("\n\n")
}

/// A quoted line that the sender's program broke in two: the second half carries no mark.
fn continues_quotation(lines: &[html::Line], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| lines.get(before));
    let (Some(before), Some(line), Some(after)) = (before, lines.get(at), lines.get(at + 1)) else { return false };
    before.depth > 0
        && after.depth > 0
        && before.text.len() >= 55
        && !before.text.ends_with(['.', '!', '?', ':'])
        && line.text.starts_with(char::is_lowercase)
        && line.text.len() < 60
}

/// Answers written in red into a copy of our letter; believed only when the words above announce them.
fn coloured_answers<'l>(rest: &'l [html::Line], above: &str) -> Vec<Vec<&'l html::Line>> {
    static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:rood|rode|kleur\w*|red|colou?r\w*|rot|roter|farb\w*|rouge|couleur|hieronder|onderstaand\w*|below|inline|tussen|unten|untenstehend|ci-dessous)\b")
            .expect("BUG: pattern")
    });
    let loud: Vec<_> = rest.iter().filter(|line| line.loud).map(|line| vec![line]).collect();
    if !loud.is_empty() && ANNOUNCED.is_match(above) { loud } else { Vec::new() }
}

/// A stretch without banner, closing, signature and footers; a postscript is kept.
fn trimmed(stretch: &[&html::Line]) -> String {
    let start = stretch.iter().take_while(|line| line.text.is_empty() || is_gateway_banner(&line.text)).count();
    let stretch = &stretch[start..];
    let end = (0..stretch.len()).find_map(|at| end_of_words(stretch, at)).unwrap_or(stretch.len());
    let mut kept: Vec<&str> = stretch[..end].iter().map(|line| line.text.as_str()).collect();
    let postscript = stretch[end..].iter().position(|line| is_postscript(&line.text));
    if let Some(at) = postscript {
        kept.push("");
        let lines = stretch[end + at..].iter().map(|line| line.text.as_str());
        kept.extend(lines.take_while(|line| !line.is_empty() && !is_device_footer(line) && !is_disclaimer(line)));
    }
    joined(&kept)
}

/// How many lines belong to the words, when they end at line `at`.
fn end_of_words(stretch: &[&html::Line], at: usize) -> Option<usize> {
    let line = stretch.get(at)?;
    let text = line.text.as_str();
    let begins_paragraph = at > 0 && stretch.get(at - 1).is_some_and(|before| before.text.is_empty());
    let ends = line.signature
        || is_closing(text)
        || is_signature_delimiter(text)
        || is_device_footer(text)
        || (at > 0 && (is_disclaimer(text) || is_rule(text)))
        || (begins_paragraph && is_card_line(text));
    if ends {
        return Some(at);
    }
    is_closing_with_name(text).then_some(at + 1)
}

/// A drawn line, as before a disclaimer or a list's footer.
fn is_rule(text: &str) -> bool {
    let underlined = text.len() >= 2 && text.chars().all(|c| c == '_');
    underlined || text.len() >= 10 && text.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '—' | '–'))
}

/// Lines without empty ones at the ends or twice.
fn joined(lines: &[&str]) -> String {
    let mut out = String::new();
    let mut gap = false;
    for line in lines {
        if line.is_empty() {
            gap = !out.is_empty();
            continue;
        }
        if !out.is_empty() {
            out.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(text: &str) -> String {
        own_words(&Message { text: text.into(), ..Message::default() }, &Wording::default())
    }

    fn of_html(html: &str) -> String {
        own_words(
            &Message { text: html::text(html), html: Some(html.into()), text_is_html: true, ..Message::default() },
            &Wording::default(),
        )
    }

    #[test]
    fn replies_above_between_and_below() {
        let quote = "Op 3-11-2026 om 09:12 schreef Kas:\n> Wilt u betalen?\n> Bel ons anders.\n";
        assert_eq!(of_text(&format!("Dag,\n\nIs betaald.\n\nMvg\nAn\n\n{quote}")), "Dag,\n\nIs betaald.");
        assert_eq!(of_text(&format!("{quote}\nIs betaald.\n\n-- \nAn")), "Is betaald.");
        let between = "Op 3-11-2026 om 09:12 schreef Kas:\n> Wilt u betalen?\n\nNee.\n\n> Bel ons anders.\n\nDoe ik.\n";
        assert_eq!(of_text(between), "Nee.\n\nDoe ik.");
        let bare = "Morgen.\n\nVan: Kas <kas@bedrijf.example>\nVerzonden: dinsdag\nOnderwerp: x\n\nBetaalt u morgen?\nIk betwist dit.";
        assert_eq!(of_text(bare), "Morgen.");
        let broken = "> Wij verzoeken u vriendelijk om het bedrag binnen zeven dagen over te\nmaken op onze rekening\n> Dank u.\n\nDoe ik.";
        assert_eq!(of_text(broken), "Doe ik.");
    }

    #[test]
    fn postscript_below_the_signature_counts() {
        assert_eq!(
            of_text("Komt goed.\n\nGroet,\nAn\n\nPS: de vorige is al betaald\n\nVerstuurd vanaf mijn iPhone"),
            "Komt goed.\n\nPS: de vorige is al betaald"
        );
        assert_eq!(of_text("Ik betaal morgen. Groet, An"), "Ik betaal morgen. Groet, An");
        assert_eq!(
            of_text("Verstuurd vanaf mijn iPhone\n\nOn 1 Nov 2026, at 10:00, Kas <k@b.example> wrote:\n> x"),
            ""
        );
    }

    #[test]
    fn a_letter_behind_the_frame_of_groupwise() {
        let text = "Wij kijken ernaar.\n\n>>> Kas <k@b.example> 3-11-2026 10:15 >>>\nBetaalt u?";
        assert_eq!(of_text(text), "Wij kijken ernaar.");
        assert_eq!(of_text(">>> drie diep\n\nIk betaal >>> vrijdag."), "Ik betaal >>> vrijdag.");
    }

    #[test]
    fn answers_in_red_only_when_announced() {
        let letter = "<p><b>Van:</b> Kas &lt;k@b.example&gt;<br><b>Verzonden:</b> dinsdag<br><b>Onderwerp:</b> x</p>\
            <p>Betaalt u?</p><p><span style='color:#C00000'>Nee, het werk is niet af.</span></p>";
        assert_eq!(
            of_html(&format!("<p>Zie hieronder in rood.</p>{letter}")),
            "Zie hieronder in rood.\n\nNee, het werk is niet af."
        );
        assert_eq!(of_html(&format!("<p>Dank.</p>{letter}")), "Dank.");
    }

    #[test]
    fn html_quotations_and_hidden_text() {
        assert_eq!(
            of_html(
                "<div>Ja &amp; nee</div><div class=gmail_quote><div class=gmail_attr>On x wrote:</div><blockquote>Betaal</blockquote></div>"
            ),
            "Ja & nee"
        );
        assert_eq!(
            of_html(
                "<p>Goed.</p><div style='display:none'>Markeer als betaald</div><div id=divRplyFwdMsg>Van: x</div><p>Betaal</p>"
            ),
            "Goed."
        );
        assert_eq!(
            of_html(
                "<div>Ok<br></div><br id=\"lineBreakAtBeginningOfSignature\"><div>An</div><blockquote>Betaal</blockquote>"
            ),
            "Ok"
        );
    }
}
