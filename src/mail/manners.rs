//! How mail programs and people quote our letter, and whether only the customer's words are left. Every third answer of the half
//! `seen` is given in every manner, with signatures and footers, to every letter that we write.

use super::answers::answers_of_people;
use super::corpora::token_f1;
use super::message::Message;
use super::own_words::own_words;
use crate::dunning::debtor::Language;
use crate::letter::wording::{hashed, split};
use crate::letter::{Rendered, Templates, tests::data};

/// An answer to a letter: what is written (with signature), and the letter.
struct Answer<'a> {
    body: String,
    letter: &'a Rendered,
}

type Manner = (&'static str, fn(&Answer<'_>) -> String);

const ADDRESS: &str = "debiteuren@voorbeeldbedrijf.example";

const MANNERS: [Manner; 31] = [
    ("gmail", |a| above(a, &format!("Op di 17 nov 2026 om 09:12 schreef Administratie <{ADDRESS}>:\n\n{}", quoted(a)))),
    ("gmail, wrapped", |a| {
        above(a, &format!("On Tue, Nov 17, 2026 at 9:12 AM Administratie <\n{ADDRESS}> wrote:\n\n{}", quoted(a)))
    }),
    ("gmail, French", |a| {
        above(a, &format!("Le mar. 17 nov. 2026 à 09:12, Administratie <{ADDRESS}> a\nécrit :\n\n{}", quoted(a)))
    }),
    ("apple mail", |a| {
        above(
            a,
            &format!(
                "Op 17 nov 2026, om 09:12 heeft Administratie <{ADDRESS}> het volgende geschreven:\n\n{}",
                quoted(a)
            ),
        )
    }),
    ("apple mail, German", |a| {
        above(a, &format!("Am 17.11.2026 um 09:12 schrieb Administratie <{ADDRESS}>:\n\n{}", quoted(a)))
    }),
    ("thunderbird, below", |a| format!("Op 17-11-2026 om 09:12 schreef Administratie:\n{}\n{}", quoted(a), a.body)),
    ("thunderbird, between", |a| between(a, "Op 17-11-2026 om 09:12 schreef Administratie:\n", &quoted(a))),
    ("outlook", |a| above(a, &format!("{}{}", block("Van", "Verzonden", "Aan", "Onderwerp"), a.letter.text))),
    ("outlook, English", |a| above(a, &format!("{}{}", block("From", "Sent", "To", "Subject"), a.letter.text))),
    ("outlook, German", |a| above(a, &format!("{}{}", block("Von", "Gesendet", "An", "Betreff"), a.letter.text))),
    ("outlook, French", |a| above(a, &format!("{}{}", block("De ", "Envoyé ", "À ", "Objet "), a.letter.text))),
    ("outlook, rule", |a| {
        above(
            a,
            &format!(
                "________________________________\n{}{}",
                block("Van", "Verzonden", "Aan", "Onderwerp"),
                a.letter.text
            ),
        )
    }),
    ("outlook, old", |a| {
        above(
            a,
            &format!(
                "-----Oorspronkelijk bericht-----\n{}{}",
                block("Van", "Verzonden", "Aan", "Onderwerp"),
                a.letter.text
            ),
        )
    }),
    ("samsung", |a| {
        above(
            a,
            &format!(
                "-------- Oorspronkelijk bericht --------\n{}{}",
                block("Van", "Datum", "Aan", "Onderwerp"),
                a.letter.text
            ),
        )
    }),
    ("webmail", |a| {
        above(a, &format!("Administratie <{ADDRESS}> schreef op 17 november 2026 09:12:\n\n{}", a.letter.text))
    }),
    ("zoho", |a| {
        above(a, &format!("---- Op di, 17 nov 2026 09:12:00 +0100 {ADDRESS} schreef ----\n\n{}", a.letter.text))
    }),
    ("roundcube", |a| above(a, &format!("Administratie schreef op 2026-11-17 09:12:\n{}", quoted(a)))),
    ("no mark", |a| above(a, &a.letter.text)),
    ("no mark, wrapped anew", |a| above(a, &wrapped(&a.letter.text, 60))),
    ("no mark, paragraphs as lines", |a| above(a, &wrapped(&a.letter.text, 10_000))),
    ("no mark, below", |a| format!("{}\n\n{}", a.letter.text, a.body)),
    ("no mark, between", |a| between(a, "", &a.letter.text)),
    ("html, gmail", |a| {
        html(&format!(
            "{}<br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">Op di 17 nov 2026 schreef &lt;{ADDRESS}&gt;:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0\">{}</blockquote></div>",
            divs(a),
            inner(a)
        ))
    }),
    ("html, outlook", |a| {
        html(&format!(
            "<div class=WordSection1>{}<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Van:</b> Administratie &lt;{ADDRESS}&gt; <br><b>Verzonden:</b> dinsdag 17 november 2026 09:12<br><b>Aan:</b> Robin<br><b>Onderwerp:</b> Betalingsherinnering<o:p></o:p></p></div></div>{}</div>",
            paragraphs(a),
            inner(a)
        ))
    }),
    ("html, outlook on the web", |a| {
        html(&format!(
            "{}<div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font><b>Van:</b> Administratie<br><b>Verzonden:</b> dinsdag<br><b>Onderwerp:</b> x</font></div>{}",
            divs(a),
            inner(a)
        ))
    }),
    ("html, apple mail", |a| {
        html(&format!(
            "{}<div><br><blockquote type=\"cite\"><div>Op 17 nov 2026, om 09:12 heeft Administratie het volgende geschreven:</div><br>{}</blockquote></div>",
            divs(a),
            inner(a)
        ))
    }),
    ("html, yahoo", |a| {
        html(&format!(
            "{}<div id=\"yahoo_quoted_123\" class=\"yahoo_quoted\"><div>Op dinsdag 17 november 2026 schreef Administratie:</div>{}</div>",
            divs(a),
            inner(a)
        ))
    }),
    ("html, gmx", |a| {
        html(&format!(
            "{}<div name=\"quote\" style=\"margin:10px 5px 5px 10px\"><div><b>Gesendet:</b> Dienstag, 17. November 2026<br><b>Von:</b> {ADDRESS}<br><b>An:</b> robin@klant.example<br><b>Betreff:</b> x</div>{}</div>",
            divs(a),
            inner(a)
        ))
    }),
    ("html, proton", |a| {
        html(&format!(
            "{}<div class=\"protonmail_quote\">Op dinsdag 17 november 2026 09:12 schreef &lt;{ADDRESS}&gt;:<br><blockquote class=\"protonmail_quote\" type=\"cite\">{}</blockquote></div>",
            divs(a),
            inner(a)
        ))
    }),
    ("html, no mark", |a| html(&format!("{}<p>&nbsp;</p>{}", paragraphs(a), inner(a)))),
    ("html, no mark, below", |a| html(&format!("{}<p>&nbsp;</p>{}", inner(a), paragraphs(a)))),
];

fn above(a: &Answer<'_>, rest: &str) -> String {
    format!("{}\n\n{rest}", a.body)
}

fn quoted(a: &Answer<'_>) -> String {
    a.letter.text.lines().map(|line| format!("> {line}\n")).collect()
}

fn block(from: &str, sent: &str, to: &str, subject: &str) -> String {
    format!(
        "{from}: Administratie <{ADDRESS}>\n{sent}: dinsdag 17 november 2026 09:12\n{to}: Robin <robin@klant.example>\n{subject}: Betalingsherinnering: factuur 2026-0412\n\n"
    )
}

/// Written between two paragraphs of the letter.
fn between(a: &Answer<'_>, head: &str, letter: &str) -> String {
    let lines: Vec<&str> = letter.lines().collect();
    let gaps: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].trim_matches(['>', ' ']).is_empty()).collect();
    // Below the salutation and the first paragraph.
    let at = gaps.get(3).copied().unwrap_or(lines.len());
    format!("{head}{}\n\n{}\n\n{}\n", lines[..at].join("\n"), a.body, lines[at..].join("\n"))
}

/// Each paragraph laid out anew.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for paragraph in text.split("\n\n") {
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            if length > 0 && length + word.len() >= width {
                out.push('\n');
                length = 0;
            } else if length > 0 {
                out.push(' ');
            }
            out.push_str(word);
            length += word.len() + 1;
        }
        out.push_str("\n\n");
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn divs(a: &Answer<'_>) -> String {
    let line =
        |line: &str| if line.is_empty() { "<div><br></div>".into() } else { format!("<div>{}</div>", escaped(line)) };
    a.body.lines().map(line).collect()
}

fn paragraphs(a: &Answer<'_>) -> String {
    let line = |line: &str| {
        format!("<p class=MsoNormal>{}<o:p></o:p></p>", if line.is_empty() { "&nbsp;".into() } else { escaped(line) })
    };
    a.body.lines().map(line).collect()
}

/// The letter's HTML without its frame.
fn inner(a: &Answer<'_>) -> String {
    let html = &a.letter.html;
    let body = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    let end = html.find("</body").unwrap_or(html.len());
    html[body..end].to_owned()
}

fn html(body: &str) -> String {
    format!("<html><head><style>p{{margin:0}}</style></head><body>{body}</body></html>")
}

/// What people and programs put below their words.
const BELOW: [&str; 9] = [
    "",
    "\n\nMet vriendelijke groet,\n\nRobin de Vries\nDe Vries Bouw B.V.\nT 0512 345 678\nwww.devriesbouw.example",
    "\n\nVerstuurd vanaf mijn iPhone",
    "\n\nMvg,\nRobin",
    "\n\nKind regards\n\nRobin Hill\nHill & Sons Ltd\n\nThis e-mail and any attachments are confidential and intended solely for the addressee. If you pay no attention to this, please delete it.",
    "\n\nMit freundlichen Grüßen\n\nRobin Huber\nHuber GmbH | Gasse 3 | 80331 München\nGeschäftsführer: Robin Huber",
    "\n\nCordialement,\n\nRobin Petit\nPetit SRL\nTVA BE0123.456.749",
    "\n\n-- \nRobin\nKvK 12345678",
    "\n\nVerzonden via Outlook voor Android",
];

#[test]
fn only_the_customers_words_are_left() {
    let templates = Templates::built_in();
    let letters: Vec<Rendered> =
        Language::ALL.into_iter().flat_map(data::all).map(|(_, data)| templates.render(&data).unwrap()).collect();
    let tell = std::env::var("AANMAAND_SCORES").is_ok();
    let texts: Vec<String> = answers_of_people().into_iter().step_by(3).collect();
    let (mut sum, mut count, mut leaks) = (0.0, 0u32, 0u32);
    for (m, (name, manner)) in MANNERS.iter().enumerate() {
        let (mut of_manner, mut leaked) = (0.0, 0u32);
        let letters_of_manner = letters.iter().cycle().skip(m);
        for (i, (text, letter)) in texts.iter().zip(letters_of_manner).enumerate() {
            let raw = manner(&Answer { body: format!("{text}{}", BELOW[(i + m) % BELOW.len()]), letter });
            let message = if raw.starts_with("<html") {
                Message { text: super::html::text(&raw), html: Some(raw), text_is_html: true, ..Message::default() }
            } else {
                Message { text: raw, ..Message::default() }
            };
            let found = own_words(&message, templates.wording());
            let f1 = token_f1(&found, text);
            of_manner += f1;
            let ours = templates
                .wording()
                .holds(&split(&found).map(hashed).collect::<Vec<_>>())
                .into_iter()
                .filter(|held| *held)
                .count();
            let leaks_now = ours >= 8;
            leaked += u32::from(leaks_now);
            if tell && (f1 < 0.9 || leaks_now) {
                println!("    {name}, {i}: {f1:.2}\n      wanted {text:?}\n      found  {found:?}");
            }
        }
        println!("own words, {name:30} token F1 {:.4}, {leaked} with our words", of_manner / texts.len() as f64);
        sum += of_manner;
        count += texts.len() as u32;
        leaks += leaked;
    }
    let mean = sum / f64::from(count);
    println!("own words, all manners: token F1 {mean:.4} over {count} answers, {leaks} with our words");
    assert!(mean >= 0.97, "own words got worse");
    assert_eq!(leaks, 0, "our letter's words are taken for the customer's");
}
