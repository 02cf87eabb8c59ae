//! The papers are true: what the README shows can be used as it stands, and every dependency has its reason.

use aanmaand::config::Config;
use aanmaand::dunning::policy::Mode;
use aanmaand::einvoice;
use std::path::Path;

fn paper(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fenced TOML block that contains a word.
fn toml_block(text: &str, word: &str) -> String {
    let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let found = blocks.map(|(block, _)| block).find(|block| block.contains(word));
    found.unwrap_or_else(|| panic!("the README shows no TOML with {word:?}")).to_owned()
}

#[test]
fn the_configuration_in_the_readme_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aanmaand.toml");
    std::fs::write(&path, toml_block(&paper("README.md"), "[company]")).unwrap();
    let config = Config::load(&path).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(config.policy.mode, Mode::Observe);
    assert!(config.state.starts_with("/var/lib/aanmaand"), "the unit may write nowhere else");
}

#[test]
fn the_invoice_in_the_readme_is_right() {
    let read = einvoice::read("a.toml", toml_block(&paper("README.md"), "[debtor]").as_bytes()).unwrap();
    assert_eq!(read.warnings, Vec::<String>::new());
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest: toml::Value = toml::from_str(&paper("Cargo.toml")).unwrap();
    let decisions = paper("DECISIONS.md");
    let reasons = decisions.split_once("## Dependencies").expect("a chapter on dependencies").1;
    let named: Vec<&str> = reasons.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).collect();
    for table in ["dependencies", "dev-dependencies"] {
        for name in manifest[table].as_table().unwrap().keys() {
            assert!(named.contains(&name.as_str()), "DECISIONS.md does not say why {name}");
        }
    }
}

#[test]
fn the_changelog_knows_this_version() {
    let heading = format!("## {} ", env!("CARGO_PKG_VERSION"));
    assert!(paper("CHANGELOG.md").contains(&heading), "CHANGELOG.md has no {heading:?}");
}

#[test]
fn links_between_the_papers_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md", "DECISIONS.md", "docs/crash.md"] {
        let text = paper(name);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.contains("://")) {
            let path = root.join(name).parent().unwrap().join(target);
            assert!(path.exists(), "{name} points to {target}, which is not there");
        }
    }
}
