//! Files on their way from a folder into the store, a portion at a time. Their bytes are read and parsed while nobody holds the
//! store; then a portion is stored and settled in one commit.

use super::files::FolderReport;
use super::papers::paper_kind;
use crate::dunning::ids::EvidenceId;
use crate::paper::{Paper, Unread};
use crate::ports::{FileSource, Found, NoParser, Parser, ReadFault};
use crate::store::{InputKind, evidence_of};

/// Files in one portion, and bytes, of which the last file may be beyond.
const FILES: usize = 250;
const BYTES: u64 = 8 * 1024 * 1024;

/// What a look into a folder came to, and what is to be read of it.
#[derive(Debug, Default)]
pub struct Sifted {
    pub report: FolderReport,
    pub to_read: Vec<Wanted>,
}

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
    pub known: bool,
    /// What they say, unless they are known.
    pub paper: Option<Paper>,
}

/// The files in portions that are small enough to be held in memory.
pub fn portions(wanted: Vec<Wanted>) -> Vec<Vec<Wanted>> {
    let mut portions: Vec<Vec<Wanted>> = Vec::new();
    let mut size = BYTES;
    for file in wanted {
        match portions.last_mut().filter(|last| size < BYTES && last.len() < FILES) {
            Some(last) => {
                size += file.found.size;
                last.push(file);
            }
            None => {
                size = file.found.size;
                portions.push(vec![file]);
            }
        }
    }
    portions
}

/// Reads the bytes of these files, and what they say.
///
/// # Errors
/// Nothing can be parsed now.
pub fn take(
    source: &dyn FileSource,
    parser: &dyn Parser,
    kind: InputKind,
    wanted: Vec<Wanted>,
) -> Result<Vec<Taken>, NoParser> {
    let mut taken: Vec<Taken> = wanted.into_iter().map(|file| read(source, file)).collect();
    let Some(kind) = paper_kind(kind) else { return Ok(taken) };
    let names: Vec<String> = taken.iter().map(|file| file.name()).collect();
    let mut unread: Vec<(&mut Option<Paper>, Unread<'_>)> = Vec::new();
    for (file, name) in taken.iter_mut().zip(&names) {
        if let Ok(Bytes { bytes, paper: paper @ None, known: false, .. }) = &mut file.bytes {
            unread.push((paper, Unread { kind, name, bytes }));
        }
    }
    let files: Vec<Unread<'_>> = unread.iter().map(|(_, file)| *file).collect();
    let papers = if files.is_empty() { Vec::new() } else { parser.parse(&files)? };
    unread.into_iter().zip(papers).for_each(|((place, _), paper)| *place = Some(paper));
    Ok(taken)
}

fn read(source: &dyn FileSource, Wanted { found, known }: Wanted) -> Taken {
    let bytes = source.read(&found).map(|bytes| {
        let id = evidence_of(&bytes);
        let known = known.is_some_and(|known| known == id);
        Bytes { id, bytes, paper: None, known }
    });
    Taken { found, bytes }
}

impl Taken {
    fn name(&self) -> String {
        self.found.name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
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
        let sizes = |files: Vec<Wanted>| portions(files).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![file(1); 2 * FILES + 1]), [FILES, FILES, 1]);
        assert_eq!(sizes(vec![file(BYTES / 2), file(BYTES / 2), file(1), file(2 * BYTES), file(1)]), [2, 2, 1]);
        assert_eq!(sizes(Vec::new()), Vec::<usize>::new());
    }
}
