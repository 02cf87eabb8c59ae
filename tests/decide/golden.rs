//! Journals of released versions: each shape of each fact must be read and folded for ever. Lines are only added.

use aanmaand::daemon::step::from_journal;
use aanmaand::dunning::account::Account;
use aanmaand::dunning::fact::Fact;
use std::collections::BTreeSet;
use std::path::Path;

/// How many kinds of fact there are: a new one needs a line in the golden journal.
const KINDS: usize = 49;

#[test]
fn the_first_journal() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/journal-v1.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let mut account = Account::new("K1".into());
    let mut kinds = BTreeSet::new();
    for (n, line) in text.lines().enumerate() {
        let fact = from_journal(line).unwrap_or_else(|fault| panic!("line {}: {fault:#}", n + 1));
        account.apply(&fact);
        let json = serde_json::to_value(&fact).unwrap();
        kinds.insert(json["fact"].as_str().unwrap().to_owned());
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
    }
    assert_eq!(kinds.len(), KINDS, "{kinds:?}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&account).unwrap());
}
