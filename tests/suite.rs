//! One integration binary; each folder proves something else (tests/README.md). A test file that is not declared
//! makes this suite fail.

mod corpora;
mod decide;
mod demo;
mod e2e;
mod folder;
mod forgery;
mod fuzz;
mod gate;
mod law;
mod papers;
mod payments;
mod post;
mod postman;
mod sim;
mod simpost;
mod stories;

use std::path::Path;

#[test]
fn every_test_file_is_declared() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let declared = |folder: &Path, name: &str| {
        let index = if folder == tests { folder.join("suite.rs") } else { folder.join("mod.rs") };
        std::fs::read_to_string(index)
            .is_ok_and(|text| text.lines().any(|line| line.trim().trim_start_matches("pub ") == format!("mod {name};")))
    };
    let mut folders = vec![tests.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && path.join("mod.rs").exists() {
                assert!(declared(&folder, &name), "{} is not declared", path.display());
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && name != "mod" && name != "suite" {
                assert!(declared(&folder, &name), "{} is not declared", path.display());
            }
        }
    }
}
