//! Where the layout is worked on: all that Typst may reach is on this desk. There is no disk, no net, no package, no
//! clock and no font but those built in.

use super::{LAYOUT, unplaced};
use crate::letter::TemplateFault;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;

/// The fonts that come with Typst: Libertinus Serif, New Computer Modern, DejaVu Sans Mono.
static FONTS: LazyLock<(Vec<Font>, LazyHash<FontBook>)> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    let book = LazyHash::new(FontBook::from_fonts(&fonts));
    (fonts, book)
});

pub(super) struct Desk {
    library: LazyHash<Library>,
    main: FileId,
    /// `post/letter.typ` and what lies beside it.
    files: HashMap<FileId, String>,
}

impl Desk {
    /// `files`: name (`post/letter.typ`) and content; `inputs` is what the layout finds in `sys.inputs`.
    pub fn new(files: BTreeMap<String, String>, inputs: Dict) -> Result<Desk, TemplateFault> {
        let files = files.into_iter().map(|(name, text)| Ok((file_id(&name)?, text)));
        Ok(Desk {
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            main: file_id(LAYOUT)?,
            files: files.collect::<Result<_, _>>()?,
        })
    }

    pub fn document(&self) -> Result<PagedDocument, TemplateFault> {
        let result = typst::compile::<PagedDocument>(self).output;
        result.map_err(|errors| match errors.first() {
            Some(error) => self.fault(error),
            None => unplaced("it cannot be laid out".to_owned()),
        })
    }

    /// The first error with its file and line.
    fn fault(&self, error: &SourceDiagnostic) -> TemplateFault {
        let id = error.span.id().unwrap_or(self.main);
        let line = self.range(error.span).and_then(|range| {
            let before = self.files.get(&id)?.get(..range.start)?;
            Some(before.matches('\n').count() + 1)
        });
        let hints = error.hints.iter().map(|hint| format!("; {}", hint.v)).collect::<String>();
        let file = id.vpath().get_without_slash().to_owned();
        TemplateFault { file, line, reason: format!("{}{hints}", error.message) }
    }

    fn text(&self, id: FileId) -> FileResult<&String> {
        let missing = || FileError::NotFound(id.vpath().get_without_slash().into());
        self.files.get(&id).ok_or_else(missing)
    }
}

fn file_id(name: &str) -> Result<FileId, TemplateFault> {
    let path = VirtualPath::new(name).map_err(|error| TemplateFault {
        file: name.to_owned(),
        line: None,
        reason: format!("not the name of a file: {error:?}"),
    })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.1
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        Ok(Source::new(id, self.text(id)?.clone()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        Ok(Bytes::from_string(self.text(id)?.clone()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.0.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
