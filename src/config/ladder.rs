//! Ladder files: the built-in ones, the owner's, and the rules that each must keep.

use super::Files;
use super::fault::{Document, Findings, Found, either, nearest};
use super::section::{Section, parse};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::DebtorKind;
use crate::dunning::ids::StepId;
use crate::dunning::lawful::{self, Breach};
use crate::dunning::policy::{CostsAsked, Ladder, LegalStep, Step, StepKind};
use crate::dunning::thanks;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The ladders inside the binary: name and text.
pub const BUILT_IN: [(&str, &str); 6] = [
    ("nl-business", include_str!("../../config/ladders/nl-business.toml")),
    ("nl-government", include_str!("../../config/ladders/nl-government.toml")),
    ("nl-consumer", include_str!("../../config/ladders/nl-consumer.toml")),
    ("be-business", include_str!("../../config/ladders/be-business.toml")),
    ("be-government", include_str!("../../config/ladders/be-government.toml")),
    ("be-consumer", include_str!("../../config/ladders/be-consumer.toml")),
];

/// The built-in ladder for debtors of a country and kind.
pub(super) fn default_name(country: Country, kind: DebtorKind) -> &'static str {
    match (country, kind) {
        (Country::Nl, DebtorKind::Business) => "nl-business",
        (Country::Nl, DebtorKind::Government) => "nl-government",
        (Country::Nl, DebtorKind::Consumer) => "nl-consumer",
        (Country::Be, DebtorKind::Business) => "be-business",
        (Country::Be, DebtorKind::Government) => "be-government",
        (Country::Be, DebtorKind::Consumer) => "be-consumer",
    }
}

/// Letter texts that are built in, with what each may be used for.
const TEMPLATES: [(&str, Use); 10] = [
    ("notice", Use::Before),
    ("reminder", Use::After),
    ("second-reminder", Use::After),
    ("formal-notice", Use::Formal),
    ("last-demand", Use::Formal),
    ("notice-of-default", Use::Law(LegalStep::NoticeOfDefault)),
    ("fourteen-day-letter", Use::Law(LegalStep::FourteenDayLetter)),
    ("be-first-reminder", Use::Law(LegalStep::BeFirstReminder)),
    ("missed-instalment", Use::Plan),
    (thanks::TEMPLATE, Use::Thanks),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Before,
    After,
    Formal,
    Law(LegalStep),
    /// Belongs to an instalment plan, never to a ladder.
    Plan,
    /// Follows a payment, is never a step of a ladder.
    Thanks,
}

const COSTS: [(&str, CostsAsked); 3] =
    [("none", CostsAsked::None), ("fixed", CostsAsked::Fixed), ("scale", CostsAsked::Scale)];

/// The shortest term of a notice of default that a court would call reasonable (art. 6:82 BW).
const NOTICE_OF_DEFAULT_DAYS: i64 = 7;

/// Calendar days of the first reminder's term (Book XIX WER).
const BELGIAN_TERM_DAYS: i64 = 14;

/// Whom a ladder is for, and so which law judges it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Audience {
    /// `None` = not known: that of the ladder's own letters of the law, else the administration's.
    pub country: Option<Country>,
    /// `None` = not known, which counts as consumer.
    pub kind: Option<DebtorKind>,
}

/// A ladder before it is read.
struct LadderText {
    file: PathBuf,
    text: String,
    is_built_in: bool,
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
    /// The administration's country.
    pub country: Country,
}

impl Shelf<'_> {
    /// The ladder of that name (or path), checked also for whom it is; faults are recorded where they are: in the
    /// ladder's own file, or in `document` when there is no such ladder or a built-in one is used for the wrong debtors.
    pub fn ladder(
        &self,
        document: &Document<'_>,
        path: &str,
        name: &Found<String>,
        audience: Audience,
    ) -> Option<Ladder> {
        let LadderText { file, text, is_built_in } = self.find(document, path, name)?;
        let own = Document { file: &file, text: &text, findings: document.findings };
        let table = parse(&own)?;
        let root = Section::root(&own, &table);
        let steps = root.sections("step");
        let ladder = read_ladder(&root, &steps, self)?;
        let country = audience.country.or_else(|| lawful::country_of(&ladder)).unwrap_or(self.country);
        let kind = audience.kind.unwrap_or(DebtorKind::Consumer);
        let breaches = lawful::breaches(&ladder, country, kind);
        if is_built_in {
            let [unfit, ..] = breaches.as_slice() else { return Some(ladder) };
            let id = ladder.steps.get(unfit.step).map(|step| step.id.to_string()).unwrap_or_default();
            let message = format!("{path} = {:?}: its step {id:?} {}", name.value, unfit.rule.message());
            let remedy = format!("{}choose {:?}", kind_hint(audience), default_name(country, kind));
            document.fault(name.at, message, remedy);
        } else {
            breaches.iter().for_each(|breach| tell(&ladder, &steps, *breach, kind_hint(audience)));
        }
        Some(ladder)
    }

    /// Every ladder that may be named for a debtor: the built-in ones and those in the owner's folder, which replace
    /// those of the same name. By file name; judged for a debtor when it is given to one.
    pub fn all(&self, document: &Document<'_>) -> BTreeMap<String, Ladder> {
        let mut named: BTreeMap<String, Ladder> =
            BUILT_IN.iter().filter_map(|(name, _)| Some(((*name).to_owned(), built_in(name)?))).collect();
        let files = self.ladders.as_ref().and_then(|folder| self.files.list(folder).ok()).unwrap_or_default();
        for file in files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "toml")) {
            let Some(name) = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else { continue };
            // What cannot be read is told when a debtor or [ladder] names it.
            let Ok(text) = self.files.read(&file) else { continue };
            let own = Document { file: &file, text: &text, findings: document.findings };
            let Some(table) = parse(&own) else { continue };
            let root = Section::root(&own, &table);
            if !root.has("step") {
                // Not a ladder: one folder may hold the owner's files of every sort.
                continue;
            }
            document.findings.also_read.borrow_mut().insert(file.clone());
            named.extend(read_ladder(&root, &root.sections("step"), self).map(|ladder| (name, ladder)));
        }
        named
    }

    fn find(&self, document: &Document<'_>, path: &str, name: &Found<String>) -> Option<LadderText> {
        if name.value.contains('/') || name.value.ends_with(".toml") {
            return self.open(document, name.at, self.base.join(&name.value));
        }
        let own = self.ladders.as_ref().map(|folder| folder.join(format!("{}.toml", name.value)));
        if let Some(file) = own.filter(|file| self.files.exists(file)) {
            return self.open(document, name.at, file);
        }
        let built_in = BUILT_IN.iter().find(|(known, _)| *known == name.value);
        if let Some((known, text)) = built_in {
            let file = format!("ladders/{known}.toml (built in)").into();
            return Some(LadderText { file, text: (*text).to_owned(), is_built_in: true });
        }
        let names = BUILT_IN.map(|(known, _)| known);
        let hint = nearest(&name.value, names).map(|known| format!("did you mean {known:?}? "));
        let remedy = format!("{}choose {} or a path to a ladder file", hint.unwrap_or_default(), names.join(", "));
        document.fault(name.at, format!("{path} = {:?}: there is no such ladder", name.value), remedy);
        None
    }

    fn open(&self, document: &Document<'_>, at: usize, file: PathBuf) -> Option<LadderText> {
        document.findings.also_read.borrow_mut().insert(file.clone());
        match self.files.read(&file) {
            Ok(text) => Some(LadderText { file, text, is_built_in: false }),
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
    let shelf = Shelf {
        files: &super::Disk,
        base: Path::new(""),
        ladders: None,
        templates: None,
        language: "nl",
        country: Country::Nl,
    };
    let document = Document { file: Path::new(name), text, findings: &findings };
    let table = parse(&document)?;
    let root = Section::root(&document, &table);
    read_ladder(&root, &root.sections("step"), &shelf)
}

/// The ladder, when it has no fault of its own.
fn read_ladder(root: &Section<'_>, sections: &[Section<'_>], shelf: &Shelf<'_>) -> Option<Ladder> {
    let before = root.document.findings.faults.borrow().len();
    let name = root.required("name", "give the ladder a name");
    root.must_have("step", "describe the steps, each with [[step]]");
    let steps = read_steps(sections, shelf);
    root.finish();
    let name = name?.value;
    // Only when each section became a step do the numbers of steps and sections agree.
    if steps.len() == sections.len() {
        let ladder = Ladder { name, steps };
        lawful::form(&ladder).into_iter().for_each(|breach| tell(&ladder, sections, breach, ""));
        return (root.document.findings.faults.borrow().len() == before).then_some(ladder);
    }
    None
}

/// Records a breach where the step has its key.
fn tell(ladder: &Ladder, sections: &[Section<'_>], breach: Breach, hint: &str) {
    let (Some(step), Some(section)) = (ladder.steps.get(breach.step), sections.get(breach.step)) else { return };
    let at = section.at_of(breach.rule.key());
    let message = format!("the step {:?} {}", step.id.as_str(), breach.rule.message());
    if breach.rule.is_warning() {
        section.document.warn(at, message, breach.rule.remedy());
    } else {
        section.document.fault(at, message, format!("{hint}{}", breach.rule.remedy()));
    }
}

/// What else may be meant when a debtor's kind was not said.
fn kind_hint(audience: Audience) -> &'static str {
    match audience.kind {
        None => "write kind = \"business\" or \"government\" too when this debtor is no consumer, else ",
        Some(_) => "",
    }
}

fn read_steps(sections: &[Section<'_>], shelf: &Shelf<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let step = read_step(section, previous_letter(&steps), shelf);
        section.finish();
        if let Some(step) = step {
            check_order(section, &steps, &step);
            check_human(section, step.kind, index + 1 == sections.len());
            steps.push(step);
        }
    }
    steps
}

/// The last letter so far.
fn previous_letter(steps: &[Step]) -> Option<&Step> {
    steps.iter().rev().find(|step| step.kind.is_letter())
}

fn read_step(section: &Section<'_>, previous: Option<&Step>, shelf: &Shelf<'_>) -> Option<Step> {
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
    let interest = section.flag("interest");
    let costs = section.choice("costs", &COSTS);
    let law = section.choice("law", &LegalStep::ALL.map(|law| (law.code(), law)));
    let (id, kind, days) = (id?, kind?, days?.value);
    check_id(section, &id);
    let of_law = |law: LegalStep| Found { value: law.code().to_owned(), at: section.at_of("law") };
    let name = template.or_else(|| law.map(of_law)).unwrap_or_else(|| id.clone());
    if kind.is_letter() {
        check_deadline(section, kind, days, law, deadline.as_ref());
        check_template(section, kind, days, law, &name, shelf);
    } else {
        section.refuse(&LETTER_KEYS, "belongs to a letter", "remove it, or make the step a letter");
    }
    let after = check_after(section, kind, after, previous);
    let asks = kind.is_letter() && days > 0;
    let deadline_days = deadline.map(|deadline| deadline.value);
    Some(Step {
        id: StepId::new(id.value),
        kind,
        days,
        after,
        deadline_days,
        template: name.value,
        interest: interest.filter(|_| asks).unwrap_or(false),
        costs: costs.filter(|_| asks).unwrap_or_default(),
        law: law.filter(|_| asks),
    })
}

/// Keys that only a letter has.
const LETTER_KEYS: [&str; 5] = ["deadline_days", "template", "interest", "costs", "law"];

fn check_id(section: &Section<'_>, id: &Found<String>) {
    if id.value.starts_with("missed-instalment") {
        let message = format!("step.id = {:?} is the name of the letters about a missed instalment", id.value);
        section.document.fault(id.at, message, "choose another name");
    }
    if id.value == thanks::STEP {
        let message = format!("step.id = {:?} is the name of the letter of thanks", id.value);
        section.document.fault(id.at, message, "choose another name; see payments.thanks");
    }
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

/// A letter after the due date gives a term; a note before it asks for nothing yet. What a letter of the law gives,
/// the law says.
fn check_deadline(
    section: &Section<'_>,
    kind: StepKind,
    days: i64,
    law: Option<LegalStep>,
    deadline: Option<&Found<i64>>,
) {
    if days <= 0 {
        let keys = ["deadline_days", "interest", "costs", "law"];
        section.refuse(&keys, "does not fit a note before the due date", "remove it");
    } else if law == Some(LegalStep::FourteenDayLetter) {
        let why = "does not fit the fourteen-day letter: its term runs from the day after receipt and knows no date (art. 6:96(6) BW)";
        section.refuse(&["deadline_days"], why, "remove it: the law sets the term");
    } else {
        section.must_have("deadline_days", "say how many days the letter gives to pay");
    }
    if kind == StepKind::Formal && days <= 0 {
        let message = "a formal letter cannot come before the due date has passed";
        section.document.fault(section.at_of("days"), message, "write days = 1 or more");
    }
    let (least, why) = match law {
        Some(LegalStep::NoticeOfDefault) => {
            (NOTICE_OF_DEFAULT_DAYS, "a notice of default gives a reasonable term (art. 6:82 BW)")
        }
        Some(LegalStep::BeFirstReminder) => {
            (BELGIAN_TERM_DAYS, "the first reminder to a Belgian consumer gives fourteen calendar days (Book XIX WER)")
        }
        Some(LegalStep::FourteenDayLetter) | None => return,
    };
    if let Some(short) = deadline.filter(|deadline| deadline.value < least) {
        let message = format!("deadline_days = {} is too short: {why}", short.value);
        section.document.fault(short.at, message, format!("write deadline_days = {least} or more"));
    }
}

fn check_template(
    section: &Section<'_>,
    kind: StepKind,
    days: i64,
    law: Option<LegalStep>,
    name: &Found<String>,
    shelf: &Shelf<'_>,
) {
    if let Some(law) = law.filter(|law| law.code() != name.value) {
        let message = format!("the template {:?} does not have the words that the law asks of this letter", name.value);
        let remedy = format!("write template = {0:?}, or put your own text in a template of that name", law.code());
        section.document.fault(name.at, message, remedy);
        return;
    }
    if !shelf.has_template(&name.value) {
        let is_free = |used: &Use| !matches!(used, Use::Law(_) | Use::Plan | Use::Thanks);
        let known: Vec<&str> = TEMPLATES.iter().filter(|(_, used)| is_free(used)).map(|(known, _)| *known).collect();
        let remedy = format!(
            "choose {}, or put {name}.subject, {name}.txt and {name}.html in {}/ of the folder folders.templates",
            either(&known),
            shelf.language,
            name = name.value
        );
        section.document.fault(name.at, format!("there is no template {:?}", name.value), remedy);
    }
    let Some((_, used)) = TEMPLATES.iter().find(|(known, _)| *known == name.value) else { return };
    if let Some((message, remedy)) = misused(*used, kind, days, law) {
        section.document.fault(name.at, format!("the template {:?} {message}", name.value), remedy);
    }
}

/// Why a built-in text does not fit the step, and what would.
fn misused(used: Use, kind: StepKind, days: i64, law: Option<LegalStep>) -> Option<(&'static str, String)> {
    match used {
        Use::Law(meant) if law != Some(meant) => {
            Some(("is a letter with an effect in law", format!("write law = {:?}", meant.code())))
        }
        Use::Law(_) => None,
        Use::Plan => Some(("belongs to an instalment plan", "choose another".to_owned())),
        Use::Thanks => Some(("says thanks for a payment", "choose another; see payments.thanks".to_owned())),
        Use::Formal if kind != StepKind::Formal => Some(("is a formal letter", "write kind = \"formal\"".to_owned())),
        Use::Before if days > 0 => Some(("is for before the due date", "write template = \"reminder\"".to_owned())),
        Use::After | Use::Formal if days <= 0 => {
            Some(("says that payment is late", "write template = \"notice\", or days = 1 or more".to_owned()))
        }
        Use::Before | Use::After | Use::Formal => None,
    }
}

/// Never go on before the term of the previous letter is over. A call is no demand and may come earlier.
fn check_after(section: &Section<'_>, kind: StepKind, after: Option<Found<i64>>, previous: Option<&Step>) -> i64 {
    let (least, why) = match kind {
        StepKind::Call => (0, String::new()),
        StepKind::Letter | StepKind::Formal | StepKind::Human => previous.map_or((0, String::new()), least_after),
    };
    let Some(after) = after else { return least };
    if after.value < least {
        let message = format!("after = {}, but {why}", after.value);
        section.document.fault(after.at, message, format!("write after = {least} or more"));
    }
    after.value
}

/// The least days from a letter to the next step, and why. For the letters of the law: their term and two banking
/// days, because a payment counts when it is credited (art. 6:114(2) BW).
fn least_after(previous: &Step) -> (i64, String) {
    let given = previous.deadline_days.unwrap_or(0);
    match previous.law {
        Some(LegalStep::FourteenDayLetter) => {
            let why = "the fourteen days begin after receipt, end on a working day, and a payment takes two banking days (art. 6:96(6) BW)";
            (21, format!("the previous letter is the fourteen-day letter: {why}"))
        }
        Some(LegalStep::BeFirstReminder) => {
            let why = "its term begins on the day after sending, and a payment takes two banking days (Book XIX WER)";
            (given + 4, format!("the previous letter gives {given} days to pay: {why}"))
        }
        Some(LegalStep::NoticeOfDefault) | None if previous.deadline_days.is_none() => (0, String::new()),
        Some(LegalStep::NoticeOfDefault) | None => {
            (given + 1, format!("the previous letter gives {given} days to pay"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_ladders() {
        let shape = |name: &str| -> Vec<String> {
            let step = |s: &Step| {
                let interest = if s.interest { "interest" } else { "-" };
                let (kind, given, costs) = (s.kind, s.deadline_days.unwrap_or(0), s.costs);
                format!("{} {kind:?} {} {} {given} {} {interest} {costs:?}", s.id, s.days, s.after, s.template)
            };
            built_in(name).unwrap().steps.iter().map(step).collect()
        };
        assert_eq!(
            shape("nl-business"),
            [
                "notice Letter -5 0 0 notice - None",
                "reminder Letter 3 0 5 reminder - None",
                "second-reminder Letter 10 6 6 second-reminder - None",
                "call Call 14 0 0 call - None",
                "formal-notice Formal 21 7 10 formal-notice interest Fixed",
                "last-demand Formal 35 11 7 last-demand interest Scale",
                "human Human 45 8 0 human - None",
            ]
        );
        assert_eq!(
            shape("nl-consumer"),
            [
                "notice Letter -5 0 0 notice - None",
                "reminder Letter 3 0 5 reminder - None",
                "second-reminder Letter 10 6 6 second-reminder - None",
                "notice-of-default Formal 18 7 14 notice-of-default - None",
                "fourteen-day-letter Formal 25 15 0 fourteen-day-letter interest None",
                "last-demand Formal 47 22 7 last-demand interest Scale",
                "human Human 57 8 0 human - None",
            ]
        );
        assert_eq!(
            shape("be-consumer"),
            [
                "notice Letter -5 0 0 notice - None",
                "be-first-reminder Formal 3 0 14 be-first-reminder - None",
                "second-reminder Letter 21 18 7 second-reminder - None",
                "last-demand Formal 31 8 10 last-demand interest Scale",
                "human Human 45 11 0 human - None",
            ]
        );
        assert_eq!(built_in("de-business"), None);
    }

    #[test]
    fn the_built_in_ladders_keep_every_rule() {
        for country in [Country::Nl, Country::Be] {
            for kind in [DebtorKind::Business, DebtorKind::Government, DebtorKind::Consumer] {
                let name = default_name(country, kind);
                let ladder = built_in(name).unwrap();
                assert_eq!(ladder.name, name);
                assert_eq!(lawful::form(&ladder), [], "{name}");
                assert_eq!(lawful::breaches(&ladder, country, kind), [], "{name}");
            }
        }
        let kinds = [DebtorKind::Business, DebtorKind::Government];
        for name in ["nl-business", "nl-government", "be-business", "be-government"] {
            for country in [Country::Nl, Country::Be] {
                assert!(!lawful::allows(&built_in(name).unwrap(), country, DebtorKind::Consumer), "{name}");
            }
        }
        assert!(kinds.iter().all(|kind| !lawful::allows(&built_in("nl-business").unwrap(), Country::Be, *kind)));
    }
}
