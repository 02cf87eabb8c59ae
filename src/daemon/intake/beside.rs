//! Which files of a folder belong to others: a PDF beside the data of its invoice is the copy for letters. Looks at names
//! only; a copy that a sync program made of either has its own name and still belongs to it.

use crate::ports::Found;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The files of one folder.
pub(super) struct Beside<'a> {
    files: &'a [Found],
    /// Names, without ending and mark, of those that carry an invoice's data; gathered when the first PDF asks.
    data: OnceCell<HashSet<PathBuf>>,
}

impl<'a> Beside<'a> {
    pub(super) fn among(files: &'a [Found]) -> Beside<'a> {
        Beside { files, data: OnceCell::new() }
    }

    /// A PDF beside a TOML or XML file of the same name is that invoice's copy for letters.
    pub(super) fn is_copy_of_an_invoice(&self, name: &Path) -> bool {
        let has_data = || {
            let is_data = |path: &&Path| has_ending(path, "toml") || has_ending(path, "xml");
            self.files.iter().map(|found| found.name.as_path()).filter(is_data).map(bare).collect()
        };
        has_ending(name, "pdf") && self.data.get_or_init(has_data).contains(&bare(name))
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

/// The name without its ending, and without what a sync program adds to the second of two versions.
fn bare(name: &Path) -> PathBuf {
    let stem = name.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    name.with_file_name(without_mark(&stem))
}

/// `2026-0412 (conflicted copy 2026-11-03 101500)`, `2026-0412 (Jan's conflicted copy 2026-11-03)` (Nextcloud, Dropbox),
/// `2026-0412.sync-conflict-20261103-101500-ABCDEFG` (Syncthing), `2026-0412_conflict-20261103-101500` (older ownCloud).
fn without_mark(stem: &str) -> &str {
    let bracketed = stem.ends_with(')').then(|| stem.rfind(" (")).flatten();
    if let Some(at) = bracketed.filter(|at| stem[*at..].to_lowercase().contains("conflict")) {
        return &stem[..at];
    }
    [".sync-conflict-", "_conflict-"].iter().find_map(|mark| Some(stem.split_once(mark)?.0)).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn files(names: &[&str]) -> Vec<Found> {
        let found = |name: &&str| Found { name: name.into(), size: 1, modified: DateTime::<Utc>::default(), inode: 1 };
        names.iter().map(found).collect()
    }

    #[test]
    fn a_pdf_belongs_to_the_data_of_its_name_in_its_folder() {
        let files = files(&["2026/a.toml", "2026/b.XML", "c.txt", "2026/d (conflicted copy 2026-11-03 101500).toml"]);
        let beside = Beside::among(&files);
        for copy in [
            "2026/a.pdf",
            "2026/b.PDF",
            "2026/d.pdf",
            "2026/a (conflicted copy 2026-11-03 101500).pdf",
            "2026/a (Jan's conflicted copy 2026-11-03).pdf",
            "2026/a.sync-conflict-20261103-101500-ABCDEFG.pdf",
            "2026/a_conflict-20261103-101500.pdf",
        ] {
            assert!(beside.is_copy_of_an_invoice(Path::new(copy)), "{copy}");
        }
        for alone in ["a.pdf", "c.pdf", "2026/a.txt", "2026/a (kopie).pdf", "2026/ab.pdf", "2025/a.pdf"] {
            assert!(!beside.is_copy_of_an_invoice(Path::new(alone)), "{alone}");
        }
    }
}
