//! The plain-text version of a letter: wrapped paragraphs and aligned tables. Never changes a word.

/// Longest line of a paragraph, in characters (RFC 5322 2.1.1 advises 78).
const WIDTH: usize = 76;

/// A space at which a line is not broken; in the finished letter it is a plain one.
const KEPT: char = '\u{A0}';

/// An amount, a date, an account number: something that is not broken over two lines.
pub fn kept_together(text: &str) -> String {
    text.replace(' ', &KEPT.to_string())
}

/// Wraps each line at [`WIDTH`], drops trailing spaces, and leaves one empty line between paragraphs. A line with two
/// spaces in a row is a row of a table and stays as it is.
pub fn tidy(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let after_empty = out.last().is_none_or(String::is_empty);
        match (line.is_empty(), after_empty) {
            (true, true) => {}
            (true, false) => out.push(String::new()),
            (false, _) if is_row(line) => out.push(line.to_owned()),
            (false, _) => out.extend(wrapped(line)),
        }
    }
    out.join("\n").trim_end().replace(KEPT, " ") + "\n"
}

/// HTML without the empty lines that conditions in a template leave behind.
pub fn tidy_html(html: &str) -> String {
    let lines = html.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect::<String>().replace(KEPT, " ")
}

fn is_row(line: &str) -> bool {
    line.trim_start().contains("  ") || line.trim_start().starts_with("---")
}

/// The second line of an item (`- …`) stands below its first word.
fn wrapped(line: &str) -> Vec<String> {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        if !current.is_empty() && width(&current) + 1 + width(word) > WIDTH {
            lines.push(std::mem::replace(&mut current, indent.to_owned()));
        } else if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// How a column of a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// Rows of cells as lines with aligned columns, two spaces apart. A missing cell is empty.
pub fn columns(rows: &[Vec<String>], align: &[Align]) -> Vec<String> {
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..align.len()).map(|column| widest(column).unwrap_or(0)).collect();
    rows.iter().map(|row| aligned(row, align, &widths)).collect()
}

fn aligned(row: &[String], align: &[Align], widths: &[usize]) -> String {
    let cells = align.iter().zip(widths).enumerate().map(|(column, (align, wide))| {
        let cell = row.get(column).map(String::as_str).unwrap_or_default();
        let padding = " ".repeat(wide.saturating_sub(width(cell)));
        match align {
            Align::Left => format!("{cell}{padding}"),
            Align::Right => format!("{padding}{cell}"),
        }
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_paragraphs_and_leaves_tables() {
        let long = format!("{} {} einde", "woord ".repeat(12).trim_end(), kept_together("€ 1.210,00"));
        let row = format!("A{}B", " ".repeat(90));
        let tidied = tidy(&format!("\n\n{long}  \n\n\n\n{row}\n"));
        assert_eq!(tidied, format!("{}\n€ 1.210,00 einde\n\n{row}\n", "woord ".repeat(12).trim_end()));
    }

    #[test]
    fn items_hang() {
        assert_eq!(
            tidy(&format!("- {}", "woord ".repeat(14))),
            format!("- {}woord\n  woord woord\n", "woord ".repeat(11))
        );
    }

    #[test]
    fn html_loses_only_empty_lines() {
        assert_eq!(tidy_html("\n<p>\n\n  € 1\u{A0}000 \n</p>"), "<p>\n  € 1 000\n</p>\n");
    }

    #[test]
    fn a_word_longer_than_a_line_stays_whole() {
        let word = "x".repeat(200);
        assert_eq!(tidy(&format!("a {word} b")), format!("a\n{word}\nb\n"));
        assert_eq!(tidy(""), "\n");
    }

    #[test]
    fn columns_line_up() {
        let rows = vec![
            vec!["Factuur".to_owned(), "Bedrag".to_owned()],
            vec!["é".to_owned(), "€ 1.210,00".to_owned()],
            vec![],
        ];
        assert_eq!(columns(&rows, &[Align::Left, Align::Right]), ["Factuur      Bedrag", "é        € 1.210,00", ""]);
    }
}
