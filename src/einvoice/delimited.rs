//! Text with separators (RFC 4180, and what programs make of it) to records and cells. Knows nothing of what the cells
//! mean, and loses none: what does not keep to the form is told beside the cells.

/// What may stand between two cells.
const SEPARATORS: [char; 3] = [';', '\t', ','];
/// So many records tell which separator is used.
const TELLING: usize = 200;

/// One cell, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    /// Byte offset of its first character, or of its quote.
    pub at: usize,
    pub quoted: bool,
}

/// One record: mostly a line, more where a cell in quotes has line breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Byte offset.
    pub at: usize,
    /// Its first line, from 1.
    pub line: u32,
    pub cells: Vec<Cell>,
    /// A line break stands behind it.
    pub ended: bool,
    pub damage: Option<Damage>,
}

/// What is wrong with the quotes of a record, and the byte offset where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A quote is opened and never closed: the rest of the text is in it.
    OpenQuote(usize),
    /// Text follows a closing quote: a quote inside text was not doubled.
    TextAfterQuote(usize),
}

impl Record {
    pub fn text(&self, column: usize) -> &str {
        self.cells.get(column).map(|cell| cell.text.as_str()).unwrap_or_default()
    }

    /// Nothing stands in any cell.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_empty())
    }
}

/// All records of a text, blank lines among them.
pub fn records(text: &str, separator: char) -> Vec<Record> {
    Reader { text, separator, rest: text.char_indices().peekable(), line: 1 }.collect()
}

/// The separator by which most records get most cells; a semicolon when there is no telling.
pub fn separator(text: &str) -> char {
    let weight = |separator: &char| {
        let widths: Vec<usize> = Reader { text, separator: *separator, rest: text.char_indices().peekable(), line: 1 }
            .take(TELLING)
            .map(|record| record.cells.len())
            .collect();
        widths.iter().map(|width| widths.iter().filter(|other| *other == width).count() * (width - 1)).max()
    };
    let mut best = (';', 0);
    for separator in SEPARATORS {
        let weight = weight(&separator).unwrap_or(0);
        if weight > best.1 {
            best = (separator, weight);
        }
    }
    best.0
}

struct Reader<'t> {
    text: &'t str,
    separator: char,
    rest: std::iter::Peekable<std::str::CharIndices<'t>>,
    line: u32,
}

impl Iterator for Reader<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let at = self.rest.peek()?.0;
        let mut record = Record { at, line: self.line, cells: Vec::new(), ended: false, damage: None };
        loop {
            let cell = self.cell(&mut record.damage);
            record.cells.push(cell);
            match self.rest.next() {
                Some((_, c)) if c == self.separator => {}
                Some(_) => {
                    record.ended = true;
                    self.line = self.line.saturating_add(1);
                    return Some(record);
                }
                None => return Some(record),
            }
        }
    }
}

impl Reader<'_> {
    /// Up to a separator, a line break or the end, none of which is taken.
    fn cell(&mut self, damage: &mut Option<Damage>) -> Cell {
        self.skip_blanks();
        let at = self.rest.peek().map_or(self.text.len(), |(at, _)| *at);
        let quoted = self.rest.next_if(|(_, c)| *c == '"').is_some();
        let mut text = if quoted { self.inside_quotes(at, damage) } else { String::new() };
        let plain = self.plain();
        if quoted && !plain.trim().is_empty() {
            damage.get_or_insert(Damage::TextAfterQuote(at));
        }
        text.push_str(&plain);
        Cell { text: text.trim().to_owned(), at, quoted }
    }

    fn skip_blanks(&mut self) {
        let separator = self.separator;
        while self.rest.next_if(|(_, c)| matches!(c, ' ' | '\t' | '\u{a0}') && *c != separator).is_some() {}
    }

    fn inside_quotes(&mut self, at: usize, damage: &mut Option<Damage>) -> String {
        let mut text = String::new();
        while let Some((_, c)) = self.rest.next() {
            match c {
                '"' if self.rest.next_if(|(_, next)| *next == '"').is_some() => text.push('"'),
                '"' => return text,
                c => {
                    self.line = self.line.saturating_add(u32::from(c == '\n'));
                    text.push(c);
                }
            }
        }
        damage.get_or_insert(Damage::OpenQuote(at));
        text
    }

    fn plain(&mut self) -> String {
        let separator = self.separator;
        let mut text = String::new();
        loop {
            // A carriage return alone ends a line too, as old programs write it.
            let return_alone = self.return_alone();
            match self.rest.next_if(|(_, c)| *c != separator && *c != '\n' && !(*c == '\r' && return_alone)) {
                Some((_, c)) => text.push(c),
                None => return text,
            }
        }
    }

    fn return_alone(&mut self) -> bool {
        let Some((at, '\r')) = self.rest.peek().copied() else { return false };
        self.text.get(at + 1..).is_some_and(|rest| !rest.starts_with('\n') && !rest.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str, separator: char) -> Vec<Vec<String>> {
        let texts = |record: Record| record.cells.into_iter().map(|cell| cell.text).collect();
        records(text, separator).into_iter().map(texts).collect()
    }

    #[test]
    fn cells_of_every_shape() {
        for (text, expected) in [
            ("a;b", vec![vec!["a", "b"]]),
            ("a;b\n", vec![vec!["a", "b"]]),
            ("a;\n;b\r\n", vec![vec!["a", ""], vec!["", "b"]]),
            (" a ;\" b;c \"\n", vec![vec!["a", "b;c"]]),
            ("\"say \"\"hi\"\"\";2", vec![vec!["say \"hi\"", "2"]]),
            ("\"two\nlines\";x\ny;z", vec![vec!["two\nlines", "x"], vec!["y", "z"]]),
            ("5\" pipe;b", vec![vec!["5\" pipe", "b"]]),
            ("a;b\rc;d", vec![vec!["a", "b"], vec!["c", "d"]]),
            ("\n\n", vec![vec![""], vec![""]]),
            ("", vec![]),
        ] {
            assert_eq!(cells(text, ';'), expected, "{text:?}");
        }
        assert_eq!(cells("a\t\tb", '\t'), [["a", "", "b"]]);
    }

    #[test]
    fn places_and_damage() {
        let read = records("a;b\n\"x\ny\";2\n\"open;3\n", ';');
        let lines: Vec<u32> = read.iter().map(|record| record.line).collect();
        assert_eq!(lines, [1, 2, 4]);
        assert_eq!(read[2].damage, Some(Damage::OpenQuote(12)));
        assert_eq!((read[1].ended, read[2].ended, read[1].damage), (true, false, None));
        assert_eq!(records("\"Cafe \"De Zon\"\";1\n2;3", ';')[0].damage, Some(Damage::TextAfterQuote(0)));
        assert_eq!(read[0].cells[1].at, 2);
    }

    #[test]
    fn the_separator_is_found() {
        for (text, expected) in [
            ("nr;bedrag\n1;12,50\n2;13,50\n", ';'),
            ("nr,amount\n1,12.50\n", ','),
            ("nr\tbedrag\n1\t12,50\n", '\t'),
            ("List of 1,2 and 3\nnr;a;b\n1;\"x, y\";2\n", ';'),
            ("alone", ';'),
            ("", ';'),
        ] {
            assert_eq!(separator(text), expected, "{text:?}");
        }
    }
}
