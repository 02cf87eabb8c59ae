//! Files on their way from a folder into the store, a portion at a time. Their bytes are read and parsed while nobody holds the
//! store; then the portion is stored and settled.

use super::papers::{base_name, paper_kind, parse};
use crate::dunning::ids::EvidenceId;
use crate::paper::{Paper, Unread};
use crate::ports::{FileSource, Found, NoParser, Parser, ReadFault};
use crate::store::{InputKind, evidence_of};

/// Files in one portion, and bytes, of which the last file may be beyond: between two portions everything else has its turn.
const FILES: usize = 500;
const BYTES: u64 = 8 * 1024 * 1024;

/// A file that is to be read.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub found: Found,
    /// What lay under this name before: the same bytes are not parsed again.
    pub known: Option<EvidenceId>,
}

/// A file that was read, or why it was not.
#[derive(Debug)]
pub struct Taken {
    pub found: Found,
    pub bytes: Result<Bytes, ReadFault>,
}

#[derive(Debug)]
pub struct Bytes {
    pub id: EvidenceId,
    pub bytes: Vec<u8>,
    /// They lay under this name before.
    known: bool,
    /// What they say, unless they are known.
    pub paper: Option<Paper>,
}

/// Takes the next portion off the end: so many files as can well be held in memory.
pub(super) fn next_portion(wanted: &mut Vec<Wanted>) -> Vec<Wanted> {
    let (mut files, mut bytes) = (Vec::new(), 0);
    while files.len() < FILES
        && bytes < BYTES
        && let Some(file) = wanted.pop()
    {
        bytes += file.found.size;
        files.push(file);
    }
    files
}

/// Reads the bytes of these files, where that may take its time.
pub fn read_files(source: &dyn FileSource, wanted: Vec<Wanted>) -> Vec<Taken> {
    let read = |Wanted { found, known }: Wanted| {
        let bytes = source.read(&found).map(|bytes| {
            let id = evidence_of(&bytes);
            let known = known.is_some_and(|known| known == id);
            Bytes { id, bytes, known, paper: None }
        });
        Taken { found, bytes }
    };
    wanted.into_iter().map(read).collect()
}

/// Has those read that are not known, where that may take its time.
///
/// # Errors
/// Nothing can be parsed now.
pub fn parse_files(parser: &dyn Parser, kind: InputKind, mut taken: Vec<Taken>) -> Result<Vec<Taken>, NoParser> {
    let Some(kind) = paper_kind(kind) else { return Ok(taken) };
    let names: Vec<String> = taken.iter().map(|file| base_name(&file.found.name)).collect();
    let mut unread: Vec<(&mut Option<Paper>, Unread<'_>)> = Vec::new();
    for (file, name) in taken.iter_mut().zip(&names) {
        if let Ok(Bytes { bytes, paper, known: false, .. }) = &mut file.bytes {
            unread.push((paper, Unread { kind, name, bytes }));
        }
    }
    let files: Vec<Unread<'_>> = unread.iter().map(|(_, file)| *file).collect();
    let papers = parse(parser, &files)?;
    unread.into_iter().zip(papers).for_each(|((place, _), paper)| *place = Some(paper));
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn file(size: u64) -> Wanted {
        let found = Found { name: "a".into(), size, modified: DateTime::<Utc>::default(), inode: 1 };
        Wanted { found, known: None }
    }

    #[test]
    fn portions_are_small_in_files_and_bytes() {
        let sizes = |mut files: Vec<Wanted>| {
            files.reverse();
            std::iter::from_fn(|| Some(next_portion(&mut files).len()).filter(|n| *n > 0)).collect::<Vec<_>>()
        };
        assert_eq!(sizes(vec![file(1); 2 * FILES + 1]), [FILES, FILES, 1]);
        assert_eq!(sizes(vec![file(BYTES / 2), file(BYTES / 2), file(1), file(2 * BYTES), file(1)]), [2, 2, 1]);
        assert_eq!(sizes(Vec::new()), Vec::<usize>::new());
    }
}
