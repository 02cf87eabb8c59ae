//! HTML mail as lines of text that still know what was quoted, what is a signature and what was written in red.
//! A tolerant scanner, linear and without recursion; it never fetches, runs or believes anything.

mod looks;
mod tokens;

use looks::{Around, Element, Ink, element, is_void, starts_earlier_mail};
use regex::Regex;
use std::sync::LazyLock;
use tokens::{Scanner, Token, decode_entities, is_invisible};

/// One line as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// How many quotations it stands in.
    pub depth: usize,
    /// It stands in what the mail program marked as signature.
    pub signature: bool,
    /// The mail program starts the earlier mail here (Outlook, which does not enclose it).
    pub quote_starts: bool,
    /// Every letter of it is in a loud colour: how people answer between the lines in Outlook.
    pub loud: bool,
}

/// HTML beyond this is not looked at.
const MAX_HTML: usize = 4 * 1024 * 1024;

/// The visible lines of an HTML text.
pub fn lines(html: &str) -> Vec<Line> {
    let html = &html[..html.floor_char_boundary(MAX_HTML)];
    let mut page = Page::default();
    let mut scanner = Scanner::new(html);
    while let Some(token) = scanner.next_token() {
        match token {
            Token::Text(text) => page.text(text),
            Token::Open { name, attributes, closed } => page.open(&name, attributes, closed),
            Token::Close(name) => page.close(&name),
        }
    }
    page.end_line();
    page.lines
}

/// Whether a line of it is [`Line::loud`].
pub fn is_loud(html: &str) -> bool {
    static COLOUR: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?i-u)color").expect("BUG: pattern"));
    COLOUR.is_match(html) && lines(html).iter().any(|line| line.loud)
}

/// The same as plain text, quotations marked with `>` as mail programs do.
pub fn text(html: &str) -> String {
    let lines = lines(html);
    let mut out = String::with_capacity(lines.iter().map(|line| line.text.len() + 4).sum());
    for line in lines {
        for _ in 0..line.depth.min(20) {
            out.push('>');
        }
        if line.depth > 0 && !line.text.is_empty() {
            out.push(' ');
        }
        out.push_str(&line.text);
        out.push('\n');
    }
    out
}

const DEEPEST: usize = 512;
/// Stands in a row for the end of a line within a cell.
const BREAK: char = '\u{b}';
/// More cells than these without a letter are a drawing, not a table.
const MOST_CELLS: usize = 20;

#[derive(Default)]
struct Page {
    lines: Vec<Line>,
    open: Vec<Element>,
    line: Line,
    quiet_letters: bool,
    loud_letters: bool,
    space_due: bool,
    /// So many further cells of the same row have begun since its last letter.
    cells_due: usize,
    /// The line has a cell before the one that is being read.
    in_row: bool,
    /// A line ends within a cell that is not the first of its row.
    breaks_in_cell: bool,
    quote_starts: bool,
    in_phone_signature: bool,
}

impl Page {
    /// What holds where the scanner stands.
    fn around(&self) -> Around {
        self.open.last().map(|element| element.inside).unwrap_or_default()
    }

    fn text(&mut self, text: &str) {
        let around = self.around();
        if around.hidden {
            return;
        }
        let text = decode_entities(text);
        let mut rest = text.as_ref();
        while let Some(c) = rest.chars().next() {
            let visible = rest.find(|c: char| c.is_whitespace() || is_invisible(c)).unwrap_or(rest.len());
            let (letters, behind) = rest.split_at(if visible == 0 { c.len_utf8() } else { visible });
            rest = behind;
            if visible > 0 {
                self.letters(letters, around);
            } else if around.preformatted && c == '\n' {
                self.end_line();
            } else if c.is_whitespace() {
                self.space_due = true;
            }
        }
    }

    fn letters(&mut self, letters: &str, around: Around) {
        // What is quoted, signed or red keeps its own line.
        if self.breaks_in_cell && !self.goes_on_alike(around) {
            self.end_line();
        }
        if self.line.text.is_empty() {
            (self.line.depth, self.line.signature) = (around.depth, around.signature || self.in_phone_signature);
            self.line.quote_starts = std::mem::take(&mut self.quote_starts);
        } else if self.breaks_in_cell && self.cells_due == 0 {
            self.line.text.push(BREAK);
        } else if self.cells_due > 0 {
            self.line.text.extend(std::iter::repeat_n('\t', self.cells_due.min(MOST_CELLS)));
            self.in_row = true;
        } else if self.space_due {
            self.line.text.push(' ');
        } else if around.raised && are_cents(&self.line.text, letters) {
            self.line.text.push(',');
        }
        (self.space_due, self.cells_due, self.breaks_in_cell) = (false, 0, false);
        if around.ink == Some(Ink::Loud) {
            self.loud_letters = true;
        } else {
            self.quiet_letters = true;
        }
        self.line.text.push_str(letters);
    }

    fn goes_on_alike(&self, around: Around) -> bool {
        let signature = around.signature || self.in_phone_signature;
        let is_loud = around.ink == Some(Ink::Loud);
        (self.line.depth, self.line.signature) == (around.depth, signature) && !is_loud && !self.loud_letters
    }

    fn end_line(&mut self) {
        let in_row = std::mem::take(&mut self.in_row);
        (self.space_due, self.cells_due, self.breaks_in_cell) = (false, 0, false);
        if self.line.text.is_empty() {
            return;
        }
        self.line.loud = self.loud_letters && !self.quiet_letters;
        (self.loud_letters, self.quiet_letters) = (false, false);
        let mut line = std::mem::take(&mut self.line);
        if in_row {
            let row = std::mem::take(&mut line.text);
            self.lines.extend(set_apart(&row).into_iter().map(|text| Line { text, ..line.clone() }));
        } else {
            self.lines.push(line);
        }
    }

    /// An empty line, once, at the depth of what stands around it.
    fn gap(&mut self) {
        self.end_line();
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            let depth = self.around().depth;
            self.lines.push(Line { depth, ..Line::default() });
        }
    }

    fn open(&mut self, name: &str, attributes: &str, closed: bool) {
        let attributes = attributes.to_lowercase();
        if attributes.contains("linebreakatbeginningofsignature") {
            // The iPhone marks only where its signature begins; it ends where the quotation begins.
            self.end_line();
            self.in_phone_signature = true;
        }
        match name {
            "br" if self.line.text.is_empty() => self.gap(),
            "br" if self.in_row => self.breaks_in_cell = true,
            "br" => self.end_line(),
            "hr" => self.gap(),
            "td" | "th" => self.cells_due += 1,
            _ => {}
        }
        if starts_earlier_mail(&attributes) {
            self.quote_starts = true;
        }
        if closed || is_void(name) {
            return;
        }
        let element = element(name, &attributes);
        self.in_phone_signature &= !element.quoted;
        if element.block {
            self.end_line();
        }
        if element.paragraph {
            self.gap();
        }
        if matches!(name, "p" | "li" | "tr" | "td" | "th" | "option") {
            self.close_open(name);
        }
        if name == "li" && !element.hidden {
            self.text("- ");
            self.space_due = true;
        }
        if self.open.len() < DEEPEST {
            let inside = self.around().and(&element);
            self.open.push(Element { inside, ..element });
        }
    }

    /// `<li>` ends an open `<li>` of the same list, and so on.
    fn close_open(&mut self, name: &str) {
        let limit: &[&str] = match name {
            "p" => &["div", "td", "li", "blockquote", "body"],
            "li" => &["ul", "ol"],
            _ => &["table"],
        };
        for at in (0..self.open.len()).rev() {
            let open = self.open[at].name.as_str();
            if open == name {
                self.open.truncate(at);
                return;
            }
            if limit.contains(&open) {
                return;
            }
        }
    }

    fn close(&mut self, name: &str) {
        let found = self.open.iter().rposition(|element| element.name == name);
        if let Some(at) = found {
            if self.open[at..].iter().any(|element| element.block) {
                self.end_line();
            }
            if self.open[at].paragraph {
                self.gap();
            }
            self.open.truncate(at);
        }
    }
}

/// "€ 72" and raised behind it "60".
fn are_cents(before: &str, letters: &str) -> bool {
    letters.len() == 2
        && [before, letters].iter().all(|text| text.ends_with(|c: char| c.is_ascii_digit()))
        && letters.starts_with(|c: char| c.is_ascii_digit())
}

/// Two cells are mostly a label and its value, whatever empty ones stand between them; a row of more is a table: its cells are
/// kept apart, and their own lines are not, but where they are many: a layout that is no table.
fn set_apart(row: &str) -> Vec<String> {
    const MOST_BREAKS: usize = 4;
    let cells: Vec<&str> = row.split('\t').filter(|cell| !cell.is_empty()).collect();
    if cells.len() > 2 {
        let is_table = row.matches(BREAK).count() <= MOST_BREAKS;
        if is_table { vec![row.replace(BREAK, " ")] } else { row.split(BREAK).map(str::to_owned).collect() }
    } else {
        cells.join(" ").split(BREAK).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_entities_and_lists() {
        assert_eq!(
            text("<p>E&eacute;n &amp; twee</p><ul><li>a<li>b</ul>x<br>y &lt;z&gt; &nope; &"),
            "Eén & twee\n\n- a\n- b\nx\ny <z> &nope; &\n"
        );
        assert_eq!(text("<table><tr><td>Bedrag:</td><td>12,00</td></tr></table>"), "Bedrag: 12,00\n");
        assert_eq!(text("a < b, 5<6 and <"), "a < b, 5<6 and <\n");
        assert_eq!(text("<b style='display:block'>a</b><b style='display:inline-block'>b</b>c"), "a\nbc\n");
    }

    #[test]
    fn raised_cents_are_cents() {
        for (html, expected) in [
            ("&euro;&nbsp;72<span style='font-size:9px;vertical-align: super'>60</span>", "€ 72,60\n"),
            ("€ 72,<sup>60</sup>", "€ 72,60\n"),
            ("€ 1.272<sup>60</sup>", "€ 1.272,60\n"),
            ("12 m<sup>2</sup>, 3<sup>e</sup>, 2 <sup>10</sup>", "12 m2, 3e, 2 10\n"),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }

    #[test]
    fn tables_keep_their_columns() {
        let row = |cells: &[&str]| format!("<tr><td>{}</td></tr>", cells.join("</td><td>"));
        for (cells, expected) in [
            (&["Bedrag", "&nbsp;", "5"][..], "Bedrag 5\n"),
            (&["Van", "Kok<br>NL01"], "Van Kok\nNL01\n"),
            (&["1-2", "Kok<br>NL01", "", "5"], "1-2\tKok NL01\t\t5\n"),
            (&["Kok<br>NL01"], "Kok\nNL01\n"),
            (&["a", "b", "c"], "a\tb\tc\n"),
        ] {
            assert_eq!(text(&format!("<table>{}</table>", row(cells))), expected, "{cells:?}");
        }
        assert_eq!(text(&format!("<table>{}{}</table>", row(&["a", "b<br>c"]), row(&["d<br>e"]))), "a b\nc\nd\ne\n");
        assert_eq!(text(&row(&["a", "b", "1<br>2<br>3<br>4<br>5<br>6"])), "a\tb\t1\n2\n3\n4\n5\n6\n");
        let answered = lines(&row(&["2026-0412", "€ 1.210,00<br><font color=red>Deze betwisten wij</font>"]));
        assert!(answered.iter().any(|line| line.loud && line.text == "Deze betwisten wij"), "{answered:?}");
    }

    #[test]
    fn quotations_keep_their_depth() {
        assert_eq!(text("a<blockquote>b<blockquote>c</blockquote>d</blockquote>e"), "a\n> b\n>> c\n> d\ne\n");
    }

    #[test]
    fn hidden_things_are_not_there() {
        let html = "<head><title>t</title><style>p{}</style></head><body><!-- c --><script>if(a<b){}</script>\
            <div style=\"display: none\">x</div><span style='font-size:0'>y</span><span style='font-size:0.9em'>z</span></body>";
        assert_eq!(text(html), "z\n");
        for tag in [
            "<p hidden>",
            "<p class=a hidden=''>",
            "<p style=display:none>",
            "<p title='style=\"x\"' style = \"font-size:1px;\n mso-hide:\n all\">",
            "<p style='font-family:&quot;A&quot;;max-height:0px !important'>",
        ] {
            assert_eq!(text(&format!("{tag}x</p>y")), "y\n", "{tag}");
        }
        for tag in
            ["<p aria-hidden=true>", "<p title='hidden'>", "<p style='opacity:0.5;font-size:08px'>", "<p = ' \">"]
        {
            assert_eq!(text(&format!("{tag}x</p>")).trim(), "x", "{tag}");
        }
    }

    #[test]
    fn red_is_seen_and_links_are_not_red() {
        let loud = |html: &str| lines(html).iter().filter(|line| !line.text.is_empty()).all(|line| line.loud);
        assert!(
            loud("<font color=red>a</font>")
                && loud("<span style='color:#f00'>a</span>")
                && loud("<p style='color:rgb(192, 0, 0)'>a</p>")
        );
        assert!(
            !loud("<p>a <b style='color:red'>b</b></p>")
                && !loud("<a style='color:red'>b</a>")
                && !loud("<p style='color:#1F497D'>a</p>")
        );
    }

    /// Nested, unclosed and senseless markup takes time in proportion to its length.
    #[test]
    fn hostile_markup_is_only_long() {
        for piece in [
            "<br>b",
            "<td>a<br>",
            "<div>",
            "<",
            "<a href='",
            "<!--",
            "<blockquote><p>x",
            "&",
            "</b",
            "<script",
            "<li>x",
        ] {
            let _ = lines(&piece.repeat(20_000));
            let _ = lines(&format!("<td>{}</td><td>b{}", "a".repeat(20_000), piece.repeat(20_000)));
        }
    }
}
