//! What the first lines of a golden configuration say must be said about it: `# expect: [FILE:]LINE: words` for a fault,
//! `# warn: [FILE:]LINE: words` for a warning, `# expect by check: words` for what only the whole `aanmaand check` finds.

use std::path::{Path, PathBuf};

/// One remark: where it stands (file relative to the folder of the configuration, line from 1) and words of it.
#[derive(Debug)]
pub struct Remark {
    pub place: String,
    pub words: String,
}

/// A configuration with everything that must be said about it.
#[derive(Debug)]
pub struct Golden {
    pub file: PathBuf,
    pub faults: Vec<Remark>,
    pub by_check: Vec<String>,
    pub warnings: Vec<Remark>,
}

/// All configurations directly in `tests/golden/configs/<folder>`.
pub fn golden(folder: &str) -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/configs").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files.into_iter().map(read).collect()
}

fn read(file: PathBuf) -> Golden {
    let text = std::fs::read_to_string(&file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let comments: Vec<String> = text.lines().map_while(|line| line.strip_prefix("# ")).map(str::to_owned).collect();
    let after = |head: &str| comments.iter().filter_map(|line| line.strip_prefix(head)).collect::<Vec<_>>();
    let remarks = |head: &str| after(head).into_iter().map(|text| remark(&name, text)).collect();
    Golden {
        faults: remarks("expect: "),
        by_check: after("expect by check: ").into_iter().map(str::to_owned).collect(),
        warnings: remarks("warn: "),
        file,
    }
}

fn remark(name: &str, text: &str) -> Remark {
    let (place, words) = text.split_once(": ").unwrap_or_else(|| panic!("{name}: {text:?} names no line"));
    let place = if place.contains(':') { place.to_owned() } else { format!("{name}:{place}") };
    Remark { place, words: words.to_owned() }
}

/// Each expected remark is said once, at its place, and nothing else is. `said`: lines like `FILE:LINE:COLUMN: words`.
pub fn differences(case: &Golden, expected: &[Remark], said: &[String]) -> Vec<String> {
    let name = case.file.display();
    let is_said =
        |remark: &Remark, line: &str| line.starts_with(&format!("{}:", remark.place)) && line.contains(&remark.words);
    let mut wrong = Vec::new();
    for remark in expected {
        if said.iter().filter(|line| is_said(remark, line)).count() != 1 {
            wrong.push(format!("{name}: not said once: {}: {}", remark.place, remark.words));
        }
    }
    for line in said {
        if !expected.iter().any(|remark| is_said(remark, line)) {
            wrong.push(format!("{name}: not expected: {line}"));
        }
    }
    wrong
}
