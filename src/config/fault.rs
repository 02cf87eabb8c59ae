//! What is wrong in a configuration file, where, and what to do about it. Faults are gathered, so that
//! the owner sees all of them at once. Never decides what is right.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One thing that must be changed before the daemon starts (or, as a warning, that should be known).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {message}; {remedy}", file.display())]
pub struct Fault {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// A value with the byte offset where it stands in its file.
#[derive(Clone, Debug)]
pub(super) struct Found<T> {
    pub value: T,
    pub at: usize,
}

/// Everything that was learned while reading one configuration, over all its files.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub faults: RefCell<Vec<Fault>>,
    pub warnings: RefCell<Vec<Fault>>,
    /// What `check` refuses, and what does not keep the daemon from running.
    pub objections: RefCell<Vec<Fault>>,
    /// Other files that were read: ladders, debtors, holidays.
    pub also_read: RefCell<BTreeSet<PathBuf>>,
    /// Every key that was asked for, like `company.name`.
    pub known: RefCell<BTreeSet<String>>,
}

impl Findings {
    /// For what is found by others than a [`Document`].
    pub fn fault(&self, fault: Fault) {
        Findings::add(&self.faults, fault);
    }

    /// Once: a ladder may be read for several kinds of debtors.
    fn add(list: &RefCell<Vec<Fault>>, fault: Fault) {
        let mut list = list.borrow_mut();
        // Places first: comparing paths is slow, and a file can have thousands of faults.
        let same = |known: &Fault| (known.line, known.column) == (fault.line, fault.column) && *known == fault;
        if !list.iter().any(same) {
            list.push(fault);
        }
    }
}

/// One file while it is read.
#[derive(Debug)]
pub(super) struct Document<'d> {
    pub file: &'d Path,
    pub text: &'d str,
    pub findings: &'d Findings,
}

impl Document<'_> {
    pub fn fault(&self, at: usize, message: impl Into<String>, remedy: impl Into<String>) {
        self.findings.fault(self.locate(at, message.into(), remedy.into()));
    }

    pub fn warn(&self, at: usize, message: impl Into<String>, remedy: impl Into<String>) {
        Findings::add(&self.findings.warnings, self.locate(at, message.into(), remedy.into()));
    }

    pub fn object(&self, at: usize, message: impl Into<String>, remedy: impl Into<String>) {
        Findings::add(&self.findings.objections, self.locate(at, message.into(), remedy.into()));
    }

    pub fn locate(&self, at: usize, message: String, remedy: String) -> Fault {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Fault { file: self.file.to_owned(), line, column, message, remedy }
    }
}

/// The known name that `word` was most likely meant to be: at most one slip in three letters.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let slips = |name: &str| strsim::damerau_levenshtein(&word, &name.to_lowercase());
    let (distance, name) = known.into_iter().map(|name| (slips(name), name)).min()?;
    (distance <= word.chars().count() / 3).then_some(name)
}

/// `a, b or c`.
pub(super) fn either(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_survive_odd_offsets() {
        let findings = Findings::default();
        let document = Document { file: Path::new("a.toml"), text: "é = 1\nnaïef = 2\n", findings: &findings };
        let place = |at| {
            let fault = document.locate(at, String::new(), String::new());
            (fault.line, fault.column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(2), (1, 2));
        assert_eq!(place(document.text.find('2').unwrap()), (2, 9));
        assert_eq!(place(1), (3, 1), "inside a character: the end of the file, no panic");
        assert_eq!(place(1000), (3, 1));
    }

    #[test]
    fn suggestions_are_near() {
        let known = ["folder", "overdue_at_first_sight", "mode"];
        assert_eq!(nearest("foldr", known), Some("folder"));
        assert_eq!(nearest("Mode", known), Some("mode"));
        assert_eq!(nearest("port", known), None);
        assert_eq!(nearest("DE", ["NL", "BE"]), None, "short words are all alike");
        assert_eq!(nearest("", []), None);
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
    }
}
