//! Ladder files: the built-in ones, the owner's, and the rules that each must keep.

use super::Files;
use super::fault::{Document, Findings, Found, either, nearest};
use super::section::{Section, parse};
use crate::dunning::ids::StepId;
use crate::dunning::policy::{CostsAsked, Ladder, Step, StepKind};
use std::path::{Path, PathBuf};

/// The ladders inside the binary: name and text.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("nl-business", include_str!("../../config/ladders/nl-business.toml")),
    ("nl-consumer", include_str!("../../config/ladders/nl-consumer.toml")),
];

/// Letter texts that are built in, with what each may be used for.
const TEMPLATES: [(&str, Use); 5] = [
    ("notice", Use::Before),
    ("reminder", Use::After),
    ("second-reminder", Use::After),
    ("formal-notice", Use::Formal),
    ("last-demand", Use::Formal),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Before,
    After,
    Formal,
}

/// Where ladders and the texts of their letters are looked for.
pub(super) struct Shelf<'a> {
    pub files: &'a dyn Files,
    /// Folder of the configuration file; paths are relative to it.
    pub base: &'a Path,
    /// The owner's own ladders, before the built-in ones.
    pub ladders: Option<PathBuf>,
    /// The owner's own letter texts, `<language>/<name>.subject`, `.txt` and `.html`.
    pub templates: Option<PathBuf>,
    /// Code of the administration's language.
    pub language: &'static str,
}

impl Shelf<'_> {
    /// The ladder of that name (or path), checked; faults are recorded where they are: in the ladder's
    /// own file, or in `document` when there is no such ladder.
    pub fn ladder(&self, document: &Document<'_>, path: &str, name: &Found<String>) -> Option<Ladder> {
        let (file, text) = self.find(document, path, name)?;
        read_ladder(&Document { file: &file, text: &text, findings: document.findings }, self)
    }

    fn find(&self, document: &Document<'_>, path: &str, name: &Found<String>) -> Option<(PathBuf, String)> {
        if name.value.contains('/') || name.value.ends_with(".toml") {
            return self.open(document, name.at, self.base.join(&name.value));
        }
        let own = self.ladders.as_ref().map(|folder| folder.join(format!("{}.toml", name.value)));
        if let Some(file) = own.filter(|file| self.files.exists(file)) {
            return self.open(document, name.at, file);
        }
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name.value);
        if let Some((known, text)) = built_in {
            return Some((format!("ladders/{known}.toml (built in)").into(), (*text).to_owned()));
        }
        let names = BUILT_IN.map(|(known, _)| known);
        let hint = nearest(&name.value, names).map(|known| format!("did you mean {known:?}? "));
        let remedy = format!("{}choose {} or a path to a ladder file", hint.unwrap_or_default(), names.join(", "));
        document.fault(name.at, format!("{path} = {:?}: there is no such ladder", name.value), remedy);
        None
    }

    fn open(&self, document: &Document<'_>, at: usize, file: PathBuf) -> Option<(PathBuf, String)> {
        document.findings.also_read.borrow_mut().insert(file.clone());
        match self.files.read(&file) {
            Ok(text) => Some((file, text)),
            Err(reason) => {
                let message = format!("the ladder {} cannot be read: {reason}", file.display());
                document.fault(at, message, "correct the path or the permissions");
                None
            }
        }
    }

    /// A text of the owner's own has three files in the administration's language.
    fn has_template(&self, name: &str) -> bool {
        let file = |folder: &Path, part| folder.join(self.language).join(format!("{name}.{part}"));
        let is_whole =
            |folder: &PathBuf| ["subject", "txt", "html"].iter().all(|part| self.files.exists(&file(folder, part)));
        TEMPLATES.iter().any(|(known, _)| *known == name) || self.templates.as_ref().is_some_and(is_whole)
    }
}

/// A built-in ladder, for what runs without a configuration; `None` when there is none of that name.
pub fn built_in(name: &str) -> Option<Ladder> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    let findings = Findings::default();
    let shelf = Shelf { files: &super::Disk, base: Path::new(""), ladders: None, templates: None, language: "nl" };
    read_ladder(&Document { file: Path::new(name), text, findings: &findings }, &shelf)
}

fn read_ladder(document: &Document<'_>, shelf: &Shelf<'_>) -> Option<Ladder> {
    let before = document.findings.faults.borrow().len();
    let table = parse(document)?;
    let root = Section::root(document, &table);
    let name = root.required("name", "give the ladder a name");
    root.must_have("step", "describe the steps, each with [[step]]");
    let steps = read_steps(&root, shelf);
    root.finish();
    (document.findings.faults.borrow().len() == before).then_some(Ladder { name: name?.value, steps })
}

fn read_steps(root: &Section<'_>, shelf: &Shelf<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let sections = root.sections("step");
    for (index, section) in sections.iter().enumerate() {
        let step = read_step(section, previous_deadline(&steps), shelf);
        section.finish();
        if let Some(step) = step {
            check_order(section, &steps, &step);
            check_human(section, step.kind, index + 1 == sections.len());
            steps.push(step);
        }
    }
    steps
}

/// The term that the last letter so far gives.
fn previous_deadline(steps: &[Step]) -> Option<i64> {
    steps.iter().rev().find(|step| step.kind.is_letter())?.deadline_days
}

fn read_step(section: &Section<'_>, previous_deadline: Option<i64>, shelf: &Shelf<'_>) -> Option<Step> {
    let id = section.required("id", "name the step, like id = \"reminder\"");
    section.must_have("kind", "write kind = \"letter\", \"call\", \"formal\" or \"human\"");
    section.must_have("days", "write the days from the due date, negative before it");
    let kind = section.choice(
        "kind",
        &[
            ("letter", StepKind::Letter),
            ("call", StepKind::Call),
            ("formal", StepKind::Formal),
            ("human", StepKind::Human),
        ],
    );
    let days = section.number("days", -60..=400);
    let after = section.number("after", 0..=400);
    let deadline = section.number("deadline_days", 1..=60);
    let template = section.text("template");
    let (id, kind, days) = (id?, kind?, days?.value);
    check_id(section, &id);
    let name = template.clone().unwrap_or_else(|| id.clone());
    if kind.is_letter() {
        check_deadline(section, kind, days);
        check_template(section, kind, days, &name, shelf);
    } else {
        section.refuse(&["deadline_days", "template"], "belongs to a letter", "remove it, or make the step a letter");
    }
    let after = check_after(section, kind, after, previous_deadline);
    let deadline_days = deadline.map(|deadline| deadline.value);
    Some(Step {
        id: StepId::new(id.value),
        kind,
        days,
        after,
        deadline_days,
        template: name.value,
        interest: false,
        costs: CostsAsked::None,
        law: None,
    })
}

fn check_id(section: &Section<'_>, id: &Found<String>) {
    if !id.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        let message = format!("step.id = {:?} has other characters than a-z, 0-9 and -", id.value);
        section.document.fault(id.at, message, "write it like \"second-reminder\"");
    }
}

fn check_order(section: &Section<'_>, earlier: &[Step], step: &Step) {
    if earlier.iter().any(|other| other.id == step.id) {
        let message = format!("the step {:?} is there twice", step.id);
        section.document.fault(section.at_of("id"), message, "give each step its own id");
    }
    if let Some(previous) = earlier.last().filter(|previous| previous.days >= step.days) {
        let message =
            format!("{:?} comes on day {}, not after {:?} on day {}", step.id, step.days, previous.id, previous.days);
        section.document.fault(section.at_of("days"), message, "put the steps in the order of their days");
    }
}

fn check_human(section: &Section<'_>, kind: StepKind, last: bool) {
    match (kind, last) {
        (StepKind::Human, false) => section.document.fault(
            section.at_of("kind"),
            "a human step ends the ladder, but more steps follow",
            "move it to the end",
        ),
        (StepKind::Letter | StepKind::Call | StepKind::Formal, true) => section.document.fault(
            section.at,
            "the ladder does not end with a human",
            "add a last [[step]] with kind = \"human\": who goes to an agency or a lawyer is never decided by itself",
        ),
        (StepKind::Human, true) | (StepKind::Letter | StepKind::Call | StepKind::Formal, false) => {}
    }
}

/// A letter after the due date gives a term; a note before it asks for nothing yet.
fn check_deadline(section: &Section<'_>, kind: StepKind, days: i64) {
    if days > 0 {
        section.must_have("deadline_days", "say how many days the letter gives to pay");
    } else {
        section.refuse(&["deadline_days"], "does not fit a note before the due date", "remove it");
    }
    if kind == StepKind::Formal && days <= 0 {
        let message = "a formal letter cannot come before the due date has passed";
        section.document.fault(section.at_of("days"), message, "write days = 1 or more");
    }
}

fn check_template(section: &Section<'_>, kind: StepKind, days: i64, name: &Found<String>, shelf: &Shelf<'_>) {
    if !shelf.has_template(&name.value) {
        let known = TEMPLATES.map(|(known, _)| known);
        let remedy = format!(
            "choose {}, or put {name}.subject, {name}.txt and {name}.html in {}/ of the folder folders.templates",
            either(&known),
            shelf.language,
            name = name.value
        );
        section.document.fault(name.at, format!("there is no template {:?}", name.value), remedy);
    }
    let (message, remedy) = match TEMPLATES.iter().find(|(known, _)| *known == name.value) {
        Some((_, Use::Formal)) if kind != StepKind::Formal => ("is a formal letter", "write kind = \"formal\""),
        Some((_, Use::Before)) if days > 0 => ("is for before the due date", "write template = \"reminder\""),
        Some((_, Use::After | Use::Formal)) if days <= 0 => {
            ("says that payment is late", "write template = \"notice\", or days = 1 or more")
        }
        Some((_, Use::Before | Use::After | Use::Formal)) | None => return,
    };
    section.document.fault(name.at, format!("the template {:?} {message}", name.value), remedy);
}

/// Never go on before the term of the previous letter is over. A call is no demand and may come earlier.
fn check_after(section: &Section<'_>, kind: StepKind, after: Option<Found<i64>>, previous: Option<i64>) -> i64 {
    let least = match kind {
        StepKind::Call => 0,
        StepKind::Letter | StepKind::Formal | StepKind::Human => previous.map_or(0, |deadline| deadline + 1),
    };
    let Some(after) = after else { return least };
    if after.value < least {
        let message =
            format!("after = {}, but the previous letter gives {} days to pay", after.value, least.saturating_sub(1));
        section.document.fault(after.at, message, format!("write after = {least} or more"));
    }
    after.value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_ladders() {
        let shape = |name: &str| -> Vec<String> {
            let step =
                |s: &Step| format!("{} {:?} {} {} {:?} {}", s.id, s.kind, s.days, s.after, s.deadline_days, s.template);
            built_in(name).unwrap().steps.iter().map(step).collect()
        };
        assert_eq!(
            shape("nl-business"),
            [
                "notice Letter -5 0 None notice",
                "reminder Letter 3 0 Some(5) reminder",
                "second-reminder Letter 10 6 Some(6) second-reminder",
                "call Call 14 0 None call",
                "formal-notice Formal 21 7 Some(10) formal-notice",
                "last-demand Formal 35 11 Some(7) last-demand",
                "human Human 45 8 None human",
            ]
        );
        assert_eq!(
            shape("nl-consumer"),
            [
                "notice Letter -5 0 None notice",
                "reminder Letter 3 0 Some(5) reminder",
                "second-reminder Letter 10 6 Some(6) second-reminder",
                "human Human 21 7 None human",
            ]
        );
        assert_eq!(built_in("be-business"), None);
    }
}
