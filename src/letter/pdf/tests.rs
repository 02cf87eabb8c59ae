//! Letters on paper: what stands on the sheet, where, and what no text from outside may do to it.

use super::*;
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::Money;
use crate::letter::{Claimed, Earlier, Interest, Line, Segment, amount};
use rust_decimal::Decimal;
use typst::layout::{Abs, Frame, FrameItem, Point};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn data(language: Language, template: &str) -> LetterData {
    let today = day("2026-11-23");
    let open = Money::eur_cents(121_000);
    let only = Line {
        number: "2026-0412".to_owned(),
        issue_date: day("2026-10-01"),
        due_date: day("2026-10-31"),
        days_late: 23,
        total: open,
        paid: Money::eur_cents(0),
        open,
        description: Some("Schilderwerk oktober".to_owned()),
        order_reference: None,
        payment_reference: None,
    };
    LetterData {
        language,
        template: template.to_owned(),
        company: Company {
            name: "Voorbeeldbedrijf B.V.".to_owned(),
            address: vec!["Dorpsstraat 1".to_owned(), "1234 AB  Voorbeeld".to_owned()],
            email: "debiteuren@voorbeeldbedrijf.example".to_owned(),
            phone: Some("010-1234567".to_owned()),
            kvk: Some("12345678".to_owned()),
            vat: Some("NL001234567B01".to_owned()),
            iban: "NL91ABNA0417164300".to_owned(),
        },
        debtor_name: "Jansen Bouw B.V.".to_owned(),
        contact: Some("mevrouw De Vries".to_owned()),
        debtor_kind: DebtorKind::Business,
        today,
        deadline: Some(day("2026-12-03")),
        total: open,
        lines: vec![only],
        earlier: vec![Earlier { sent_on: day("2026-11-03"), template: "reminder".to_owned() }],
        broken_promise: None,
        copies_attached: true,
        claim: None,
        announced_costs: None,
        missed: None,
        earlier_attached: false,
        payment_link: None,
        qr_cid: None,
        by_post: true,
    }
}

/// Interest in two periods and costs.
fn with_claim(data: LetterData) -> LetterData {
    let segment = |from: &str, to: &str, rate: i64, cents: i64| Segment {
        number: "2026-0412".to_owned(),
        from: day(from),
        to: day(to),
        rate: Decimal::new(rate, 2),
        principal: Money::eur_cents(121_000),
        interest: Money::eur_cents(cents),
    };
    let segments = vec![segment("2026-11-01", "2026-11-12", 1015, 404), segment("2026-11-13", "2026-11-23", 1040, 379)];
    let interest = Some(Interest { total: Money::eur_cents(783), basis: "6:119a", segments });
    let claim = Some(Claimed { interest, costs: Some(Money::eur_cents(18_150)), costs_basis: "scale" });
    LetterData { claim, ..data }
}

fn address() -> Vec<String> {
    vec!["Kade 2".to_owned(), "1234 AB  Voorbeeld".to_owned()]
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
                    let gap = if run.x - *end > 8.0 { "   " } else { "" };
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

/// All words without the breaks of lines and of words.
fn flat(document: &PagedDocument) -> String {
    sheets(document).concat().join(" ").split_whitespace().collect::<Vec<_>>().join(" ").replace("- ", "")
}

#[test]
fn letters_on_paper() {
    for language in Language::ALL {
        let plain = ["reminder", "second-reminder"].map(|template| data(language, template));
        let claiming = ["formal-notice", "last-demand"].map(|template| with_claim(data(language, template)));
        for data in plain.iter().chain(&claiming) {
            let document = laid_out(data);
            assert_eq!(document.pages().len(), 1, "{}/{}", language.code(), data.template);
            insta::assert_snapshot!(format!("{}-{}", language.code(), data.template), text(&document));
        }
    }
}

#[test]
fn every_amount_and_word_of_the_mail_is_on_the_paper() {
    for language in Language::ALL {
        for template in Templates::built_in().names(language).iter().filter(|name| *name != "fourteen-day-letter") {
            let mut letter = data(language, template);
            letter.qr_cid = Some("post".to_owned());
            letter.copies_attached = false;
            let Ok(mail) = Templates::built_in().render(&letter) else { continue };
            let paper = flat(&laid_out(&letter));
            for paragraph in mail.text.split("\n\n").filter(|p| !p.contains("  ") && p.contains('.')) {
                let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ").replace("- ", "");
                assert!(paper.contains(&words), "{}/{template}: {words:?} in {paper}", language.code());
            }
            for written in [amount(letter.total, language), format::iban(&letter.company.iban), "2026-0412".to_owned()]
            {
                assert!(paper.contains(&written), "{}/{template}: {written}", language.code());
            }
        }
    }
}

#[test]
fn interest_costs_and_sum_are_on_the_paper() {
    for language in Language::ALL {
        let letter = with_claim(data(language, "formal-notice"));
        let paper = flat(&laid_out(&letter));
        for cents in [121_000, 404, 379, 783, 18_150, 121_000 + 783 + 18_150] {
            let written = amount(Money::eur_cents(cents), language);
            assert!(paper.contains(&written), "{written} in {paper}");
        }
    }
}

#[test]
fn the_address_stands_in_the_window() {
    let document = laid_out(&data(Language::Nl, "formal-notice"));
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
    let late = data(Language::Nl, "reminder");
    assert_eq!(count(&late, true), 1);
    assert_eq!(count(&late, false), 0);
    let mut early = data(Language::Nl, "notice");
    early.lines[0].days_late = 0;
    assert_eq!(count(&early, true), 0);
}

#[test]
fn many_invoices_go_over_several_numbered_sheets() {
    let mut letter = data(Language::Nl, "formal-notice");
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
    let first = letter_of(&data(Language::Nl, "formal-notice"));
    assert_eq!(first, letter_of(&data(Language::Nl, "formal-notice")));
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
        let mut letter = data(Language::Nl, template);
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
        document(&templates, &data(Language::Nl, "reminder"), &[], true)
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
