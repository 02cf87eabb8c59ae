//! The golden configurations through `aanmaand check`, as an owner meets their faults.

#[path = "../golden/configs/expected.rs"]
mod expected;

use expected::{Golden, Remark, differences, golden};
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
    for case in golden("invalid") {
        let (output, said) = checked(folder.path(), &case);
        assert_eq!(output.status.code(), Some(78), "{}: {said:?}", case.file.display());
        let placed: Vec<String> = said.iter().filter(|line| !line.ends_with("(warning)")).cloned().collect();
        if case.by_check.is_empty() {
            let wrong = differences(&case.faults, &placed);
            assert!(wrong.is_empty(), "{}:\n{}", case.file.display(), wrong.join("\n"));
        }
        for words in &case.by_check {
            assert!(placed.iter().any(|line| line.contains(words)), "{}: {words}: {said:?}", case.file.display());
        }
    }
}

#[test]
fn what_is_right_passes_with_its_warnings() {
    let folder = copied("valid");
    for case in golden("valid") {
        let (output, said) = checked(folder.path(), &case);
        assert!(output.status.success(), "{}: {said:?}", case.file.display());
        let is_said =
            |remark: &Remark| said.iter().any(|line| line.starts_with(&remark.place) && line.contains(&remark.words));
        assert!(case.warnings.iter().all(is_said), "{}: {said:?}", case.file.display());
        let all_warnings = said.iter().all(|line| line.ends_with("(warning)"));
        assert!(all_warnings, "{}: {said:?}", case.file.display());
    }
}
