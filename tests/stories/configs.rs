//! The golden configurations through `aanmaand check`, as an owner meets their faults.

#[path = "../golden/configs/expected.rs"]
mod expected;

use expected::{Golden, differences, golden};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A copy of a golden folder, with the folders that a company of that kind has.
fn copied(folder: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/configs").join(folder);
    let mut folders = vec![original.clone()];
    while let Some(from) = folders.pop() {
        let to = copy.path().join(from.strip_prefix(&original).unwrap());
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(&from).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    for name in ["invoices", "statements", "mailbox", "outbox"] {
        std::fs::create_dir_all(copy.path().join(name)).unwrap();
    }
    copy
}

fn checked(folder: &Path, case: &Golden) -> (Output, Vec<String>) {
    let file = folder.join(case.file.file_name().unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_aanmaand")).arg("--config").arg(file).arg("check").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).replace(&format!("{}/", folder.display()), "");
    (output, said.lines().map(str::to_owned).collect())
}

#[test]
fn every_planted_fault_is_found_with_its_line() {
    let folder = copied("invalid");
    let mut wrong = Vec::new();
    for case in golden("invalid") {
        let (output, said) = checked(folder.path(), &case);
        if output.status.code() != Some(78) {
            wrong.push(format!("{}: exit {:?}: {said:?}", case.file.display(), output.status.code()));
        }
        let mut faults: Vec<String> = said.iter().filter(|line| !line.ends_with("(warning)")).cloned().collect();
        if case.by_check.is_empty() {
            let counted = format!("aanmaand: the configuration has {} fault(s):", case.faults.len());
            faults.retain(|line| *line != counted);
        }
        if case.by_check.is_empty() {
            wrong.extend(differences(&case, &case.faults, &faults));
        }
        for words in case.by_check.iter().filter(|words| !faults.iter().any(|line| line.contains(*words))) {
            wrong.push(format!("{}: not said: {words}: {said:?}", case.file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_right_passes_with_its_warnings() {
    let folder = copied("valid");
    let mut wrong = Vec::new();
    for case in golden("valid") {
        let (output, said) = checked(folder.path(), &case);
        if !output.status.success() || !said.iter().all(|line| line.ends_with("(warning)")) {
            wrong.push(format!("{}: exit {:?}: {said:?}", case.file.display(), output.status.code()));
        }
        // How near the end of the rates is depends on the day of the test.
        let of_files: Vec<String> = said.iter().filter(|line| line.contains(".toml:")).cloned().collect();
        wrong.extend(differences(&case, &case.warnings, &of_files));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
