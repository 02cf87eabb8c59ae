//! Letters on paper: what stands on the sheet, where, and what no text from outside may do to it.

use super::*;
use crate::dunning::debtor::Language;
use crate::dunning::money::Money;
use crate::letter::tests::data::{all, fourteen_days, one};
use crate::letter::{Line, amount};
use typst::layout::{Abs, Frame, FrameItem, Point};

fn address() -> Vec<String> {
    vec!["Kade 2".to_owned(), "1234 AB Voorbeeld".to_owned()]
}

fn laid_out(data: &LetterData) -> PagedDocument {
    document(&Templates::built_in(), data, &address(), true).unwrap()
}

/// A run of text with the place where it stands, in points from the top left of its sheet.
struct Run {
    x: f64,
    y: f64,
    end: f64,
    text: String,
}

fn runs(frame: &Frame, at: Point, into: &mut Vec<Run>) {
    for (place, item) in frame.items() {
        let at = at + *place;
        match item {
            FrameItem::Group(group) => {
                let moved = Point::new(group.transform.tx, group.transform.ty);
                runs(&group.frame, at + moved, into);
            }
            FrameItem::Text(run) => into.push(Run {
                x: at.x.to_pt(),
                y: at.y.to_pt(),
                end: (at.x + run.width()).to_pt(),
                text: run.text.to_string(),
            }),
            FrameItem::Shape(..) | FrameItem::Image(..) | FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
}

fn pictures(frame: &Frame) -> usize {
    let of = |item: &FrameItem| match item {
        FrameItem::Group(group) => pictures(&group.frame),
        FrameItem::Image(..) => 1,
        FrameItem::Text(_) | FrameItem::Shape(..) | FrameItem::Link(..) | FrameItem::Tag(_) => 0,
    };
    frame.items().map(|(_, item)| of(item)).sum()
}

/// The lines of each sheet as a reader sees them, from the top left.
fn sheets(document: &PagedDocument) -> Vec<Vec<String>> {
    let sheet = |frame: &Frame| {
        let mut all = Vec::new();
        runs(frame, Point::zero(), &mut all);
        let row = |run: &Run| (run.y / 2.0).round() as i64;
        all.sort_by(|a, b| (row(a), a.x).partial_cmp(&(row(b), b.x)).unwrap());
        let mut lines: Vec<(i64, f64, String)> = Vec::new();
        for run in all {
            match lines.last_mut().filter(|(y, ..)| *y == row(&run)) {
                Some((_, end, line)) => {
                    let gap = if run.x - *end > 4.0 { "   " } else { "" };
                    line.push_str(gap);
                    line.push_str(&run.text);
                    *end = run.end;
                }
                None => lines.push((row(&run), run.end, run.text)),
            }
        }
        lines.into_iter().map(|(_, _, line)| line.trim_end().replace('\u{A0}', " ")).collect()
    };
    document.pages().iter().map(|page| sheet(&page.frame)).collect()
}

fn text(document: &PagedDocument) -> String {
    sheets(document).iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n--- next page ---\n")
}

/// All words in order, without line breaks and numbers of sheets.
fn flat(document: &PagedDocument) -> String {
    let is_number =
        |line: &str| line.split_once(" / ").is_some_and(|(n, of)| n.parse::<u8>().is_ok() && of.parse::<u8>().is_ok());
    let lines = sheets(document).concat().into_iter().filter(|line| !is_number(line));
    lines.flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>().join(" ")
}

/// Every stage to a company, and the letter to a consumer on whose wording the right to costs depends.
fn shown(language: Language) -> Vec<(String, LetterData)> {
    let special = |name: &str| name == "fourteen-day-letter-consumer-one";
    let usual = |name: &str| {
        name.ends_with("-one") && !["consumer", "belgian", "government"].iter().any(|word| name.contains(word))
    };
    all(language).into_iter().filter(|(name, _)| special(name) || usual(name)).collect()
}

/// What asks the open amount of one invoice is one sheet, unless it says its sentence twice, also in Dutch.
#[test]
fn letters_on_paper() {
    for language in Language::ALL {
        for (name, data) in shown(language) {
            let document = laid_out(&data);
            let twice = language != Language::Nl && data.template == "fourteen-day-letter";
            let sheets = if data.claim.is_some() || twice { 1..=2 } else { 1..=1 };
            assert!(sheets.contains(&document.pages().len()), "{}/{name}", language.code());
            insta::assert_snapshot!(format!("{}-{name}", language.code()), text(&document));
        }
    }
}

/// A long address may be broken over lines: then its host.
fn unbroken(word: &str) -> String {
    match word.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or_default()),
        None => word.to_owned(),
    }
}

#[test]
fn every_word_and_amount_of_the_text_is_on_the_paper() {
    for language in Language::ALL {
        for (name, data) in shown(language) {
            let code = epc::for_letter(&data).map(|_| "post".to_owned());
            let mail =
                Templates::built_in().render(&LetterData { by_post: true, qr_cid: code, ..data.clone() }).unwrap();
            let paper = flat(&laid_out(&data));
            for paragraph in mail.text.split("\n\n") {
                let is_prose = !paragraph.contains("  ") && !paragraph.contains("- ");
                let words = paragraph.split_whitespace().filter(|word| *word != "-").collect::<Vec<_>>();
                let pieces =
                    if is_prose { vec![words.join(" ")] } else { words.iter().map(|word| unbroken(word)).collect() };
                for piece in pieces {
                    assert!(paper.contains(&piece), "{}/{name}: {piece:?} in {paper}", language.code());
                }
            }
            // Thanks ask nothing.
            let asks = data.thanks.is_none();
            for written in [amount(data.asked().unwrap(), language), format::iban(&data.company.iban)] {
                let written = written.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(paper.contains(&written), asks, "{}/{name}: {written} in {paper}", language.code());
            }
        }
    }
}

/// A letter on paper is delivered (HR 25-11-2016, ECLI:NL:HR:2016:2704), in the Belgian rules on the third working day.
#[test]
fn terms_run_from_delivery() {
    for language in Language::ALL {
        let paper = flat(&laid_out(&fourteen_days(language, "one", false)));
        assert!(
            paper.contains("binnen veertien dagen vanaf de dag nadat deze brief bij u is bezorgd, dan bent u geen"),
            "{paper}"
        );
        assert!(!paper.contains("door u is ontvangen"));
    }
    let belgian = flat(&laid_out(&crate::letter::tests::data::belgian_first(Language::Nl, "one")));
    assert!(
        belgian.contains("binnen veertien kalenderdagen, te rekenen vanaf de derde werkdag na de verzending"),
        "{belgian}"
    );
}

#[test]
fn the_address_stands_in_the_window() {
    let document = laid_out(&one(Language::Nl, "formal-notice"));
    let mut all = Vec::new();
    runs(&document.pages()[0].frame, Point::zero(), &mut all);
    // DIN 5008 form B: 20 to 105 mm from the left, 45 to 90 mm from the top.
    let millimetres = |mm: f64| Abs::mm(mm).to_pt();
    let inside = |run: &&Run| {
        run.x >= millimetres(20.0)
            && run.end <= millimetres(105.0)
            && run.y >= millimetres(45.0)
            && run.y <= millimetres(90.0)
    };
    let window: Vec<&str> = all.iter().filter(inside).map(|run| run.text.as_str()).collect();
    let expected = [
        "Voorbeeldbedrijf B.V. · Dorpsstraat 1 · 1234 AB Voorbeeld",
        "Jansen Bouw B.V.",
        "mevrouw De Vries",
        "Kade 2",
        "1234 AB Voorbeeld",
    ];
    assert_eq!(window, expected);
    let below = all.iter().filter(|run| run.y > millimetres(90.0)).map(|run| run.y).fold(f64::MAX, f64::min);
    assert!(below > millimetres(95.0), "nothing else can be seen in the window");
}

#[test]
fn the_code_is_there_when_it_can_be_read() {
    let count = |data: &LetterData, code: bool| {
        let document = document(&Templates::built_in(), data, &[], code).unwrap();
        document.pages().iter().map(|page| pictures(&page.frame)).sum::<usize>()
    };
    let late = one(Language::Nl, "reminder");
    assert_eq!(count(&late, true), 1);
    assert_eq!(count(&late, false), 0);
    let mut early = one(Language::Nl, "notice");
    early.lines[0].days_late = 0;
    assert_eq!(count(&early, true), 0);
}

#[test]
fn many_invoices_go_over_several_numbered_sheets() {
    let mut letter = one(Language::Nl, "formal-notice");
    let first = letter.lines[0].clone();
    letter.lines =
        (0..80).map(|n| Line { number: format!("2026-{n:04}"), description: None, ..first.clone() }).collect();
    letter.total = Money::eur_cents(121_000 * 80);
    let document = laid_out(&letter);
    let sheets = sheets(&document);
    assert!(sheets.len() > 1);
    for (index, lines) in sheets.iter().enumerate() {
        assert_eq!(lines.last().unwrap(), &format!("{} / {}", index + 1, sheets.len()));
    }
    let all = flat(&document);
    assert!((0..80).all(|n| all.contains(&format!("2026-{n:04}"))));
    assert!(all.contains("€ 96.800,00"));
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let letter_of = |data: &LetterData| letter(&Templates::built_in(), data, &address(), true).unwrap();
    let first = letter_of(&one(Language::Nl, "formal-notice"));
    assert_eq!(first, letter_of(&one(Language::Nl, "formal-notice")));
    assert_eq!(first.pages, 1);
    assert!(first.pdf.starts_with(b"%PDF-1.7"));
    let raw = String::from_utf8_lossy(&first.pdf);
    assert!(raw.contains("/Lang(nl)") || raw.contains("/Lang (nl)"), "the language is set");
    assert_eq!(raw.matches("/Type/Page/").count() + raw.matches("/Type/Page\n").count(), 1, "one page");
    assert!(raw.contains("D:20261123"), "the letter's day, no other");
    let year = regex::Regex::new(r"D:(\d{8})").unwrap();
    assert!(year.captures_iter(&raw).all(|found| &found[1] == "20261123"));
}

/// Typst code in a name is text on paper: nothing is run, nothing breaks.
#[test]
fn hostile_texts_are_only_text() {
    let hostile = "#panic(\"x\") #import \"@preview/x:1.0.0\" $ x^2 $ *b* _i_ `r` <l> @ref \\u{41} ] } // /* \u{202E}#read(\"/etc/passwd\") \u{1F9FE}\0\u{2}{\"columns\":[]}";
    for template in ["reminder", "formal-notice"] {
        let mut letter = one(Language::Nl, template);
        letter.debtor_name = hostile.to_owned();
        letter.contact = Some(hostile.to_owned());
        letter.company.name = hostile.to_owned();
        letter.company.address = vec![hostile.to_owned()];
        letter.lines[0].number = hostile.to_owned();
        letter.lines[0].description = Some(hostile.to_owned());
        letter.lines[0].payment_reference = Some(hostile.to_owned());
        let document = document(&Templates::built_in(), &letter, &[hostile.to_owned()], true).unwrap();
        let paper = flat(&document);
        assert!(paper.contains("#panic(\"x\")") && paper.contains("*b* _i_ `r`"), "{paper}");
        assert!(paper.contains("{\"columns\":[]}"), "no value makes a table: {paper}");
        assert!(typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default()).is_ok());
    }
}

#[test]
fn an_owners_layout_replaces_ours_and_its_faults_have_a_place() {
    let own = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let with = |files: &[(String, String)]| {
        let templates = Templates::with_overrides(files).unwrap();
        document(&templates, &one(Language::Nl, "reminder"), &[], true)
    };
    let logo = own("post/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>");
    let source = "#let letter = json(sys.inputs.letter)\n#letter.subject #image(\"logo.svg\")";
    let ours = with(&[own(LAYOUT, source), logo]).unwrap();
    assert_eq!(text(&ours).trim(), "Betalingsherinnering: factuur 2026-0412");
    assert_eq!(pictures(&ours.pages()[0].frame), 1);
    let faults = [
        ("\n#let x = [\n", 2, "unclosed"),
        ("#read(\"/etc/passwd\")", 1, "not found"),
        ("\n\n#image(\"../../../etc/hostname\")", 3, ""),
        ("#import \"@preview/tablex:0.0.8\": x", 1, ""),
        ("#datetime.today()", 1, "date"),
    ];
    for (source, line, word) in faults {
        let fault = with(&[own(LAYOUT, source)]).unwrap_err();
        assert_eq!((fault.file.as_str(), fault.line), (LAYOUT, Some(line)), "{source}: {fault}");
        assert!(fault.reason.contains(word), "{source}: {fault}");
    }
    for name in ["post/letter.txt", "post/deep/letter.typ", "post/.svg"] {
        assert!(Templates::with_overrides(&[own(name, "x")]).is_err(), "{name}");
    }
}
