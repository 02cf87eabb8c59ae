//! The template engine with its limits: an unknown name, a missing value, an endless loop or a huge output is a fault
//! with file and line, never an empty or half a mail. Values in `.html` files are escaped. Never reads a file.

use super::layout::{Align, columns};
use super::{MAX_OUTPUT, TemplateFault};
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Instructions one template may take; a letter that fits the output cap needs far fewer.
const FUEL: u64 = 1_000_000;
const RECURSION: usize = 100;

/// Name of the flag that asks for tables as data.
const TABLES_APART: &str = "tables_apart";
/// Begins a line that is a table. No value holds it: control characters are taken out of them.
pub const TABLE: &str = "\u{2}";

/// Compiled templates by file name, with their sources to quote in faults.
pub struct Engine {
    environment: Environment<'static>,
    sources: BTreeMap<String, String>,
}

impl Engine {
    /// Compiles files given as (name, content); a later file replaces an earlier one of the same name. Faulty files are
    /// left out and reported, all at once.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> (Engine, Vec<TemplateFault>) {
        let mut engine = Engine { environment: limited_environment(), sources: BTreeMap::new() };
        let mut faults = Vec::new();
        for (name, source) in files {
            engine.sources.insert(name.clone(), source.clone());
            if let Err(error) = engine.environment.add_template_owned(name.clone(), source) {
                faults.push(engine.fault(&name, &error));
            }
        }
        (engine, faults)
    }

    pub fn has(&self, file: &str) -> bool {
        self.sources.contains_key(file)
    }

    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// What the files say, before anything is filled in.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.sources.values().map(String::as_str)
    }

    /// The same with their names.
    pub fn named_sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.iter().map(|(name, source)| (name.as_str(), source.as_str()))
    }

    /// Renders one file; output that is only white space is a fault.
    pub fn render(&self, file: &str, data: &Value) -> Result<String, TemplateFault> {
        let mut out = Capped { bytes: Vec::new(), full: false };
        let rendered = self
            .environment
            .get_template(file)
            .and_then(|template| template.render_captured_to(data.clone(), &mut out).map(|_| ()));
        let plain = |reason: String| TemplateFault { file: file.to_owned(), line: None, reason };
        if out.full {
            return Err(plain(format!(
                "the result is larger than {} kB: make the template shorter",
                MAX_OUTPUT / 1024
            )));
        }
        rendered.map_err(|error| self.fault(file, &error))?;
        let text = String::from_utf8(out.bytes).map_err(|_| plain("the result is not UTF-8".to_owned()))?;
        if text.trim().is_empty() {
            return Err(plain("the result is empty: an empty letter is never sent".to_owned()));
        }
        Ok(text)
    }

    /// The innermost cause that knows its place; an include only says that something inside it failed.
    fn fault(&self, file: &str, error: &Error) -> TemplateFault {
        let mut innermost = error;
        let mut placed = error;
        while let Some(next) = std::error::Error::source(innermost).and_then(|e| e.downcast_ref::<Error>()) {
            innermost = next;
            if next.line().is_some() {
                placed = next;
            }
        }
        let place = placed.name().unwrap_or(file).to_owned();
        let line = placed.line();
        let quoted = line.and_then(|n| self.sources.get(&place)?.lines().nth(n.checked_sub(1)?)).map(str::trim);
        TemplateFault { reason: reason(innermost, quoted), file: place, line }
    }
}

fn limited_environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    environment.set_formatter(refuse_missing);
    environment.add_function("table", table);
    environment
}

/// A value that is not there (`phone` of a company without one) must be asked for with `if`, not printed as "none".
fn refuse_missing(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "this value may be missing: put {% if … %} around it"));
    }
    minijinja::escape_formatter(out, state, value)
}

/// A table before it is laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// The cells of a last row; empty when there is none.
    pub total: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub heading: String,
    /// Stands at the right, as amounts do.
    pub right: bool,
}

impl Table {
    fn aligned(self) -> String {
        let align: Vec<Align> =
            self.columns.iter().map(|column| if column.right { Align::Right } else { Align::Left }).collect();
        let headings: Vec<String> = self.columns.into_iter().map(|column| column.heading).collect();
        let total = Some(self.total).filter(|total| !total.is_empty());
        let cells: Vec<Vec<String>> = [headings].into_iter().chain(self.rows).chain(total).collect();
        columns(&cells, &align).join("\n")
    }
}

/// `table(columns, rows, total)`: an aligned text table. `columns` is a list of `[key, heading]` or
/// `[key, heading, "right"]`, `rows` a list of objects, `total` the cells of a last row or an empty list.
/// Where the view holds [`TABLES_APART`], the table stands on a line of its own as JSON behind [`TABLE`].
fn table(state: &State, headings: Vec<Vec<String>>, rows: Vec<Value>, total: Vec<String>) -> Result<String, Error> {
    let cell = |column: &[String], index: usize| column.get(index).cloned().unwrap_or_default();
    let cells = |row: &Value| headings.iter().map(|c| row_cell(row, &cell(c, 0))).collect::<Result<Vec<_>, _>>();
    let table = Table {
        columns: headings.iter().map(|c| Column { heading: cell(c, 1), right: cell(c, 2) == "right" }).collect(),
        rows: rows.iter().map(cells).collect::<Result<_, _>>()?,
        total,
    };
    if !state.lookup(TABLES_APART).is_some_and(|flag| flag.is_true()) {
        return Ok(table.aligned());
    }
    let json = serde_json::to_string(&table).map_err(|e| Error::new(ErrorKind::BadSerialization, e.to_string()))?;
    Ok(format!("{TABLE}{json}"))
}

fn row_cell(row: &Value, key: &str) -> Result<String, Error> {
    let value = row.get_attr(key)?;
    match value.kind() {
        ValueKind::Undefined => Err(Error::new(ErrorKind::UndefinedError, format!("a row has no {key:?}"))),
        ValueKind::None => Ok(String::new()),
        _ => Ok(value.to_string()),
    }
}

/// Says what is wrong and what to do, in words an owner understands.
fn reason(error: &Error, quoted: Option<&str>) -> String {
    let detail = error.detail().map(|d| format!(": {d}")).unwrap_or_default();
    let remedy = match error.kind() {
        ErrorKind::UndefinedError if error.detail().is_none() => {
            "names something that a letter does not have; see templates/README.md for what there is".to_owned()
        }
        ErrorKind::OutOfFuel => "takes too many steps; is there an endless loop?".to_owned(),
        ErrorKind::TemplateNotFound => format!("includes a file that is not there{detail}"),
        other => format!("{other}{detail}"),
    };
    match quoted.filter(|line| !line.is_empty()) {
        Some(line) => format!("{remedy} (in `{}`)", super::plain::one_line(line, 120)),
        None => remedy,
    }
}

/// Takes bytes up to the cap, then refuses.
struct Capped {
    bytes: Vec<u8>,
    full: bool,
}

impl io::Write for Capped {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + piece.len() > MAX_OUTPUT {
            self.full = true;
            return Err(io::Error::other("output too large"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn render(source: &str) -> Result<String, TemplateFault> {
        let (engine, faults) = Engine::new([("nl/x.txt".to_owned(), source.to_owned())]);
        assert_eq!(faults, []);
        engine.render("nl/x.txt", &context! { name => "A", none => Value::from(()) })
    }

    #[test]
    fn faults_carry_file_line_and_reason() {
        let (_, faults) = Engine::new([("nl/x.txt".to_owned(), "one\n{% if %}".to_owned())]);
        assert_eq!((faults[0].file.as_str(), faults[0].line), ("nl/x.txt", Some(2)));
        let cases = [
            ("ok\n{{ nmae }}", Some(2), "does not have"),
            ("{{ name.first.second }}", Some(1), "does not have"),
            ("{{ none }}", Some(1), "{% if"),
            ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", Some(1), "endless"),
            ("{% for a in range(99999) %}{{ name }}{{ name }}xx{% endfor %}", None, "256 kB"),
            ("{% include 'nl/x.txt' %}", Some(1), "recursion"),
            ("{% include 'nl/y.txt' %}", Some(1), "not there"),
            (" \n ", None, "empty"),
        ];
        for (source, line, words) in cases {
            let fault = render(source).unwrap_err();
            assert_eq!(fault.file, "nl/x.txt");
            assert!(fault.reason.contains(words), "{source}: {fault}");
            assert_eq!(fault.line, line, "{source}: {fault}");
        }
    }

    #[test]
    fn a_fault_in_an_include_names_the_included_file() {
        let files = [("nl/a.html", "x\n{% include 'nl/b.html' %}"), ("nl/b.html", "\n\n{{ nothing }}")];
        let (engine, _) = Engine::new(files.map(|(name, source)| (name.to_owned(), source.to_owned())));
        let fault = engine.render("nl/a.html", &context! {}).unwrap_err();
        assert_eq!((fault.file.as_str(), fault.line), ("nl/b.html", Some(3)));
    }

    #[test]
    fn html_is_escaped_and_values_are_not_templates() {
        let files = [("a.html".to_owned(), "<p>{{ name }}</p>".to_owned())];
        let (engine, _) = Engine::new(files);
        let html = engine.render("a.html", &context! { name => "<script>{{ 7 * 7 }}{% raw %}" }).unwrap();
        assert_eq!(html, "<p>&lt;script&gt;{{ 7 * 7 }}{% raw %}</p>");
    }
}
