//! One table of a TOML file, read key by key. Each wrong type, bad value and unknown key becomes a fault
//! with its place; reading goes on, so that all faults are found at once.

use super::fault::{Document, Found, either, nearest};
use chrono::{NaiveDate, NaiveTime};
use std::cell::RefCell;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

type Value<'d> = Spanned<DeValue<'d>>;

/// A table, or the absence of one (then it has no keys and stands at the head of the file).
pub(super) struct Section<'d> {
    pub document: &'d Document<'d>,
    /// Where the table begins.
    pub at: usize,
    name: String,
    table: Option<&'d DeTable<'d>>,
    asked: RefCell<Vec<&'static str>>,
}

/// Parses a file; faults of syntax are recorded, and then nothing else is read of it.
pub(super) fn parse<'d>(document: &Document<'d>) -> Option<DeTable<'d>> {
    let (table, errors) = DeTable::parse_recoverable(document.text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        document.fault(at, format!("this is not TOML: {message}"), "correct the line");
    }
    errors.is_empty().then(|| table.into_inner())
}

impl<'d> Section<'d> {
    pub fn root(document: &'d Document<'d>, table: &'d DeTable<'d>) -> Section<'d> {
        Section { document, at: 0, name: String::new(), table: Some(table), asked: RefCell::default() }
    }

    /// A text without control characters that is not empty.
    pub fn text(&self, key: &'static str) -> Option<Found<String>> {
        let value = self.value(key)?;
        let text = self.typed(key, value, "a text in quotes", DeValue::as_str)?;
        self.line(key, text, value.span().start)
    }

    pub fn required(&self, key: &'static str, remedy: &str) -> Option<Found<String>> {
        self.must_have(key, remedy);
        self.text(key)
    }

    /// Records a fault when the key is absent.
    pub fn must_have(&self, key: &'static str, remedy: &str) {
        if self.value(key).is_none() {
            self.document.fault(self.at, format!("{} is missing", self.path(key)), remedy);
        }
    }

    pub fn flag(&self, key: &'static str) -> Option<bool> {
        self.typed(key, self.value(key)?, "true or false", DeValue::as_bool)
    }

    pub fn number(&self, key: &'static str, range: RangeInclusive<i64>) -> Option<Found<i64>> {
        let value = self.value(key)?;
        let integer = self.typed(key, value, "a whole number", DeValue::as_integer)?;
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| range.contains(n));
        if number.is_none() {
            let message = format!("{} = {} is out of range", self.path(key), integer.as_str());
            let remedy = format!("write a number from {} to {}", range.start(), range.end());
            self.document.fault(value.span().start, message, remedy);
        }
        Some(Found { value: number?, at: value.span().start })
    }

    pub fn texts(&self, key: &'static str) -> Option<Vec<Found<String>>> {
        let value = self.value(key)?;
        let list = self.typed(key, value, "a list of texts, like [\"…\"]", DeValue::as_array)?;
        let text = |item: &Value<'d>| {
            let text = self.item(key, item, "texts in quotes", DeValue::as_str)?;
            self.line(key, text, item.span().start)
        };
        Some(list.iter().filter_map(text).collect())
    }

    pub fn dates(&self, key: &'static str) -> Option<Vec<NaiveDate>> {
        let list = self.typed(key, self.value(key)?, "a list of dates, like [2026-12-28]", DeValue::as_array)?;
        Some(
            list.iter()
                .filter_map(|item| self.item(key, item, "dates without quotes, like 2026-12-28", date))
                .collect(),
        )
    }

    /// A time of day like `"08:00"`.
    pub fn time(&self, key: &'static str) -> Option<NaiveTime> {
        self.time_of(key, &self.text(key)?)
    }

    pub fn time_of(&self, key: &'static str, text: &Found<String>) -> Option<NaiveTime> {
        let time = NaiveTime::parse_from_str(&text.value, "%H:%M").ok();
        if time.is_none() {
            let message = format!("{} = {:?} is not a time of day", self.path(key), text.value);
            self.document.fault(text.at, message, "write it like \"08:00\"");
        }
        time
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, key: &'static str, options: &[(&str, T)]) -> Option<T> {
        choose(self.document, &self.path(key), &self.text(key)?, options)
    }

    /// The table of that name; an empty one when it is absent or no table.
    pub fn section(&self, key: &'static str) -> Section<'d> {
        let value = self.value(key);
        let table = value.and_then(|value| self.typed(key, value, "a section", DeValue::as_table));
        let at = value.map_or(self.at, |value| value.span().start);
        Section { document: self.document, at, name: self.path(key), table, asked: RefCell::default() }
    }

    /// All tables `[[key]]`.
    pub fn sections(&self, key: &'static str) -> Vec<Section<'d>> {
        let expected = format!("one or more sections [[{key}]]");
        let list = self.value(key).and_then(|value| self.typed(key, value, &expected, DeValue::as_array));
        let section = |item: &'d Value<'d>| {
            let table = self.typed(key, item, &expected, DeValue::as_table)?;
            let at = item.span().start;
            Some(Section {
                document: self.document,
                at,
                name: key.into(),
                table: Some(table),
                asked: RefCell::default(),
            })
        };
        list.map(|list| list.iter().filter_map(section).collect()).unwrap_or_default()
    }

    pub fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// These keys belong here, even when nobody comes to read them because of another fault.
    pub fn expect(&self, keys: &[&'static str]) {
        keys.iter().for_each(|key| self.ask(key));
    }

    /// Whether the key is there; not yet a sign that it is known.
    pub fn has(&self, key: &str) -> bool {
        self.key_at(key).is_some()
    }

    /// Where the key's value stands, else where the section begins.
    pub fn at_of(&self, key: &'static str) -> usize {
        self.value(key).map_or(self.at, |value| value.span().start)
    }

    /// Records a fault for each of these keys that is present, for instance because it belongs to another `kind`.
    pub fn refuse(&self, keys: &[&'static str], why: &str, remedy: &str) {
        for key in keys {
            if let Some(at) = self.key_at(key) {
                self.ask(key);
                self.document.fault(at, format!("{} {why}", self.path(key)), remedy);
            }
        }
    }

    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Every key that nobody asked for is a fault.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.into_iter().flatten() {
            let name: &str = key.get_ref();
            if !asked.contains(&name) {
                let remedy = match nearest(name, asked.iter().copied()) {
                    Some(known) => format!("did you mean {known:?}?"),
                    None => format!("remove it, or choose from {}", either(&asked)),
                };
                self.document.fault(key.span().start, format!("unknown key {:?}", self.path(name)), remedy);
            }
        }
    }

    fn value(&self, key: &'static str) -> Option<&'d Value<'d>> {
        self.ask(key);
        self.table?.get(key)
    }

    fn key_at(&self, key: &str) -> Option<usize> {
        self.table?.get_key_value(key).map(|(key, _)| key.span().start)
    }

    fn ask(&self, key: &'static str) {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
            self.document.findings.known.borrow_mut().insert(self.path(key));
        }
    }

    fn typed<'v, T>(
        &self,
        key: &str,
        value: &'v Value<'d>,
        expected: &str,
        take: impl Fn(&'v DeValue<'d>) -> Option<T>,
    ) -> Option<T> {
        let taken = take(value.get_ref());
        if taken.is_none() {
            let message = format!("{} is {}", self.path(key), type_name(value.get_ref()));
            self.document.fault(value.span().start, message, format!("write {expected}"));
        }
        taken
    }

    fn item<'v, T>(
        &self,
        key: &str,
        item: &'v Value<'d>,
        expected: &str,
        take: impl Fn(&'v DeValue<'d>) -> Option<T>,
    ) -> Option<T> {
        let taken = take(item.get_ref());
        if taken.is_none() {
            let message = format!("{} contains {}", self.path(key), type_name(item.get_ref()));
            self.document.fault(item.span().start, message, format!("write {expected}"));
        }
        taken
    }

    fn line(&self, key: &str, text: &str, at: usize) -> Option<Found<String>> {
        if text.trim().is_empty() {
            self.document.fault(at, format!("{} is empty", self.path(key)), "fill it in or leave the key out");
            return None;
        }
        if text.chars().any(char::is_control) {
            let message = format!("{} contains a line break or control character", self.path(key));
            self.document.fault(at, message, "write it on one line");
            return None;
        }
        Some(Found { value: text.trim().to_owned(), at })
    }
}

/// The option that a word names; a fault with the nearest option when it names none.
pub(super) fn choose<T: Copy>(
    document: &Document<'_>,
    path: &str,
    word: &Found<String>,
    options: &[(&str, T)],
) -> Option<T> {
    let chosen = options.iter().find(|(name, _)| *name == word.value).map(|(_, value)| *value);
    if chosen.is_none() {
        let names: Vec<&str> = options.iter().map(|(name, _)| *name).collect();
        let hint = nearest(&word.value, names.iter().copied()).map(|name| format!("did you mean {name:?}? "));
        let remedy = format!("{}choose {}", hint.unwrap_or_default(), either(&names));
        document.fault(word.at, format!("{path} = {:?} is not known", word.value), remedy);
    }
    chosen
}

fn date(value: &DeValue<'_>) -> Option<NaiveDate> {
    let datetime = value.as_datetime().filter(|datetime| datetime.time.is_none())?;
    let date = datetime.date?;
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with decimals",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
