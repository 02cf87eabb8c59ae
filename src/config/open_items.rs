//! `[[open_items]]`: which files of the invoices folder are lists of open items, and what their columns mean. The
//! mappings of known programs are files too; an owner's file of the same name takes their place.

use super::fault::{Document, Findings, either, nearest};
use super::places::Places;
use super::section::{Section, parse};
use super::{Disk, Files, Folders};
use crate::dunning::money::Currency;
use crate::einvoice::open_items::cells::{DateOrder, DecimalSign};
use crate::einvoice::open_items::is_list;
use crate::einvoice::open_items::mapping::{Field, Mapping};
use std::path::Path;

/// The mappings inside the binary: name and text.
pub const BUILT_IN: [(&str, &str); 6] = [
    ("plain", include_str!("../../config/open-items/plain.toml")),
    ("moneybird", include_str!("../../config/open-items/moneybird.toml")),
    ("eboekhouden", include_str!("../../config/open-items/eboekhouden.toml")),
    ("exact", include_str!("../../config/open-items/exact.toml")),
    ("snelstart", include_str!("../../config/open-items/snelstart.toml")),
    ("twinfield", include_str!("../../config/open-items/twinfield.toml")),
];

const DECIMALS: [(&str, DecimalSign); 2] = [(",", DecimalSign::Comma), (".", DecimalSign::Point)];
const ORDERS: [(&str, DateOrder); 2] = [("dmy", DateOrder::DayFirst), ("mdy", DateOrder::MonthFirst)];

/// Lists of one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItems {
    /// What the names of its files look like; `*` stands for anything.
    pub files: String,
    pub mapping: Mapping,
    /// Each list has everything that is open: what is no longer in it was paid or written off.
    pub complete: bool,
}

impl OpenItems {
    /// Whether a file is one of these lists, by its name without a folder.
    pub fn is_meant(&self, file_name: &str) -> bool {
        is_list(file_name) && matches(&self.files.to_lowercase(), &file_name.to_lowercase())
    }
}

/// A built-in mapping and whether a real export confirmed it.
pub fn built_in(name: &str) -> Option<Mapping> {
    let (name, text) = BUILT_IN.into_iter().find(|(known, _)| *known == name)?;
    let findings = Findings::default();
    let mapping = read_mapping(&Document { file: Path::new(name), text, findings: &findings }, name);
    assert!(findings.faults.borrow().is_empty(), "BUG: the mapping {name} is broken: {:?}", findings.faults);
    mapping.map(|(mapping, _)| mapping)
}

/// The mapping of a program by its name: an owner's, where the folder has one, else a built-in one.
///
/// # Errors
/// For a human: it is not known, or its file has faults.
pub fn mapping_of(name: &str, folder: Option<&Path>) -> Result<Mapping, String> {
    let file = folder.map(|folder| folder.join(format!("{name}.toml"))).filter(|file| Disk.exists(file));
    let Some(file) = file else {
        let known: Vec<&str> = BUILT_IN.iter().map(|(known, _)| *known).collect();
        return built_in(name).ok_or_else(|| format!("the program {name:?} is not known: choose {}", either(&known)));
    };
    let text = Disk.read(&file).map_err(|reason| format!("{} cannot be read: {reason}", file.display()))?;
    let findings = Findings::default();
    let mapping = read_mapping(&Document { file: &file, text: &text, findings: &findings }, name);
    let faults: Vec<String> = findings.faults.borrow().iter().map(ToString::to_string).collect();
    mapping.map(|(mapping, _)| mapping).filter(|_| faults.is_empty()).ok_or_else(|| faults.join("\n"))
}

pub(super) fn read_sections(root: &Section<'_>, places: &Places<'_>, folders: &Folders) -> Vec<OpenItems> {
    root.sections("open_items").iter().filter_map(|section| read_section(section, places, folders)).collect()
}

fn read_section(section: &Section<'_>, places: &Places<'_>, folders: &Folders) -> Option<OpenItems> {
    let files = section.required("files", "say which files are such lists, like files = \"openstaand*.csv\"");
    let complete = section.flag("complete").unwrap_or(true);
    let (mapping, checked) = program(section, places, folders)?;
    let (mapping, named) = with_columns(section, mapping);
    section.finish();
    let files = files?;
    if !is_list(&files.value) {
        let message = format!("open_items.files = {:?} ends neither in .csv nor in .tsv", files.value);
        section.document.fault(files.at, message, "write it like \"openstaand*.csv\"; save other formats as CSV");
        return None;
    }
    let lacks = mapping.lacks();
    if !lacks.is_empty() {
        let remedy = "name their heads, like open = [\"Openstaand\"], or a program";
        section.document.fault(
            section.at,
            format!("open_items does not say which columns are {}", lacks.join(", ")),
            remedy,
        );
        return None;
    }
    if !checked && !named {
        let message = format!("the heads of {:?} were never compared with a real export", mapping.program);
        let remedy = format!("look at one with `aanmaand inspect invoice --program {} FILE`", mapping.program);
        section.document.warn(section.at_of("program"), message, remedy);
    }
    Some(OpenItems { files: files.value, mapping, complete })
}

/// The mapping that `program` names, an owner's before a built-in one, and whether it needs no comparing.
fn program(section: &Section<'_>, places: &Places<'_>, folders: &Folders) -> Option<(Mapping, bool)> {
    let Some(name) = section.text("program") else { return Some((Mapping::new("own"), true)) };
    let own = folders.open_items.as_ref().map(|folder| folder.join(format!("{}.toml", name.value)));
    let findings = section.document.findings;
    if let Some(file) = own.filter(|file| places.files.exists(file)) {
        findings.also_read.borrow_mut().insert(file.clone());
        return match places.files.read(&file) {
            Ok(text) => read_mapping(&Document { file: &file, text: &text, findings }, &name.value),
            Err(reason) => {
                section.document.fault(name.at, format!("{} cannot be read: {reason}", file.display()), "correct it");
                None
            }
        }
        .map(|(mapping, _)| (mapping, true));
    }
    let known: Vec<&str> = BUILT_IN.iter().map(|(known, _)| *known).collect();
    let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name.value) else {
        let hint = nearest(&name.value, known.iter().copied()).map(|known| format!("did you mean {known:?}? "));
        let remedy = format!(
            "{}choose {}, or put {}.toml into the folder that folders.open_items names",
            hint.unwrap_or_default(),
            either(&known),
            name.value
        );
        section.document.fault(name.at, format!("open_items.program = {:?} is not known", name.value), remedy);
        return None;
    };
    // Its keys are those of the section: they are not keys of the configuration a second time.
    let own_findings = Findings::default();
    read_mapping(&Document { file: Path::new(&name.value), text, findings: &own_findings }, &name.value)
}

fn read_mapping(document: &Document<'_>, name: &str) -> Option<(Mapping, bool)> {
    let table = parse(document)?;
    let root = Section::root(document, &table);
    root.text("source");
    let checked = root.flag("checked").unwrap_or(false);
    let (mapping, _) = with_columns(&root, Mapping::new(name));
    root.finish();
    Some((mapping, checked))
}

/// What a section says of the columns, in place of what was known; and whether it names any.
fn with_columns(section: &Section<'_>, mapping: Mapping) -> (Mapping, bool) {
    let mut mapping = mapping;
    let mut named = false;
    for field in Field::ALL {
        if let Some(heads) = section.texts(field.key()) {
            named = true;
            mapping.columns.insert(field, heads.into_iter().map(|head| head.value).collect());
        }
    }
    mapping.decimal = section.choice("decimal", &DECIMALS).or(mapping.decimal);
    mapping.dates = section.choice("dates", &ORDERS).unwrap_or(mapping.dates);
    if let Some(code) = section.text("default_currency") {
        match Currency::parse(&code.value) {
            Some(currency) => mapping.currency = currency,
            None => {
                let message = format!("{} = {:?} is not a currency", section.path("default_currency"), code.value);
                section.document.fault(code.at, message, "write a code like \"EUR\"");
            }
        }
    }
    (mapping, named)
}

/// `*` stands for any characters, also none.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (pattern, name, meant) in [
            ("*.csv", "a.csv", true),
            ("openstaand*.csv", "Openstaand 2026-11.CSV", true),
            ("openstaand*.csv", "x openstaand.csv", false),
            ("*open*posten*.csv", "2026 openstaande posten.csv", true),
            ("*open*posten*.csv", "posten open.csv", false),
            ("lijst.csv", "lijst.csv", true),
            ("lijst.csv", "lijst2.csv", false),
            ("*", "a.xml", false),
            ("a*a.csv", "a.csv", false),
        ] {
            let list = OpenItems { files: pattern.into(), mapping: Mapping::new("own"), complete: true };
            assert_eq!(list.is_meant(name), meant, "{pattern} {name}");
        }
    }

    #[test]
    fn every_built_in_mapping_will_do() {
        for (name, text) in BUILT_IN {
            let mapping = built_in(name).unwrap();
            assert_eq!(mapping.lacks(), Vec::<&str>::new(), "{name}");
            assert!(text.contains("source = "), "{name} says where its heads come from");
            let open = mapping.heads(Field::Open);
            let doubtful = ["\"Bedrag\"", "\"Saldo\"", "\"Amount\"", "\"Balance\"", "\"Totaal\""];
            assert!(
                !doubtful.iter().any(|head| open.contains(head)),
                "{name} may take a total for what is open: {open}"
            );
            assert_eq!(text.contains("checked = true"), name == "plain", "{name}: say so only after seeing an export");
        }
        assert_eq!(built_in("excel"), None);
    }
}
