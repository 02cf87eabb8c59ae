//! Reading the folders. Scanning, reading and parsing happen where they may hang without holding anybody up, for a share on the
//! network and a hostile file can; the writer only compares and stores, some files at a time.

use super::house::House;
use super::intake::{FolderReport, Haste, Look, Taken, Wanted, parse_files, read_files};
use super::writer::{Receipt, Writer};
use crate::ports::{FileSource, NoParser, Parser, Scan};
use crate::store::InputKind;
use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, spawn_blocking};

/// A folder that has not answered for so long is told of.
const PATIENCE: Duration = Duration::from_secs(120);
/// So much longer than a scan took is rested before the next: while somebody writes all the time there is always a hint.
const REST: u32 = 4;
const SHORTEST_REST: Duration = Duration::from_millis(200);
const LONGEST_REST: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct Folders {
    pub invoices: Arc<dyn FileSource>,
    pub statements: Option<Arc<dyn FileSource>>,
}

/// Reads the folders, one look after another.
pub struct FolderReader {
    invoices: OneFolder,
    statements: Option<OneFolder>,
}

impl FolderReader {
    pub fn of(folders: &Folders) -> FolderReader {
        FolderReader {
            invoices: OneFolder::new(folders.invoices.clone(), InputKind::Invoice),
            statements: folders.statements.clone().map(|source| OneFolder::new(source, InputKind::Statement)),
        }
    }

    /// What is new in the folders is stored and applied: invoices, then statements.
    pub async fn read(&mut self, writer: &Writer, haste: Haste) -> Result<(FolderReport, FolderReport)> {
        let invoices = self.invoices.read(writer, haste).await?;
        let statements = match &mut self.statements {
            Some(folder) => folder.read(writer, haste).await?,
            None => FolderReport::default(),
        };
        Ok((invoices, statements))
    }

    /// How long to rest after a hint, so that looking costs a fifth of the time at most.
    pub fn rest(&self) -> Duration {
        let statements = self.statements.as_ref().map_or(Duration::ZERO, |folder| folder.scanned_in);
        ((self.invoices.scanned_in + statements) * REST).clamp(SHORTEST_REST, LONGEST_REST)
    }
}

struct OneFolder {
    source: Arc<dyn FileSource>,
    kind: InputKind,
    /// A scan that has not come back yet; no second one is begun beside it.
    scan: Option<JoinHandle<Result<Scan, String>>>,
    /// How long the last scan took.
    scanned_in: Duration,
}

impl OneFolder {
    fn new(source: Arc<dyn FileSource>, kind: InputKind) -> OneFolder {
        OneFolder { source, kind, scan: None, scanned_in: Duration::ZERO }
    }

    async fn read(&mut self, writer: &Writer, haste: Haste) -> Result<FolderReport> {
        let began = Instant::now();
        let scan = self.scan().await?;
        self.scanned_in = began.elapsed();
        let (kind, root) = (self.kind, self.source.root().to_owned());
        let begin = move |house: &mut House| Ok((house.begin_look(kind, haste, &root, scan)?, house.parser.clone()));
        let (look, parser) = writer.call(begin).await?;
        let look = self.take_all(writer, look, &parser).await?;
        writer.call(move |house| house.end_look(look)).await
    }

    /// While a portion is being stored the next one is read.
    async fn take_all(&self, writer: &Writer, mut look: Look, parser: &Arc<dyn Parser>) -> Result<Look> {
        let mut read = self.read_portion(look.next_files(), parser).await?;
        loop {
            match read {
                Ok(taken) if taken.is_empty() => break,
                Ok(taken) => {
                    let next = look.next_files();
                    let stored = self.take(writer, look, taken).await?;
                    read = self.read_portion(next, parser).await?;
                    look = stored.done().await?;
                }
                Err(Broken::Silent(trouble)) => {
                    look.breaks_off(trouble);
                    break;
                }
                Err(Broken::NoParser(none)) => {
                    look.none_parsed(none);
                    break;
                }
            }
        }
        parser.rest();
        Ok(look)
    }

    /// Invoices are stored and settled in one commit. A statement may be long: it is settled in a commit of its own, for then
    /// nothing stands before it that its failure must leave.
    async fn take(&self, writer: &Writer, mut look: Look, taken: Vec<Taken>) -> Result<Receipt<Look>> {
        if self.kind != InputKind::Statement {
            return Ok(writer.submit(move |house| house.take_files(&mut look, taken).map(|()| look)));
        }
        let look = writer.call(move |house| house.store_files(&mut look, taken).map(|()| look)).await?;
        Ok(writer.submit(move |house| house.settle_files().map(|()| look)))
    }

    async fn scan(&mut self) -> Result<Result<Scan, String>> {
        let source = self.source.clone();
        let scan = self.scan.get_or_insert_with(|| spawn_blocking(move || source.scan()));
        let Ok(done) = tokio::time::timeout(PATIENCE, scan).await else { return Ok(Err(self.does_not_answer())) };
        self.scan = None;
        done.context("BUG: a scan broke")
    }

    /// The disk has its patience; a parser has limits of its own for each file.
    async fn read_portion(&self, files: Vec<Wanted>, parser: &Arc<dyn Parser>) -> Result<Result<Vec<Taken>, Broken>> {
        if files.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let (source, parser, kind) = (self.source.clone(), parser.clone(), self.kind);
        let reading = spawn_blocking(move || read_files(source.as_ref(), files));
        let Ok(taken) = tokio::time::timeout(PATIENCE, reading).await else {
            return Ok(Err(Broken::Silent(self.does_not_answer())));
        };
        let taken = taken.context("BUG: reading files broke")?;
        let parsed = spawn_blocking(move || parse_files(parser.as_ref(), kind, taken)).await;
        Ok(parsed.context("BUG: parsing files broke")?.map_err(Broken::NoParser))
    }

    fn does_not_answer(&self) -> String {
        format!("the folder {} has not answered for {} seconds", self.source.root().display(), PATIENCE.as_secs())
    }
}

/// Why a look ends before its end.
enum Broken {
    /// The folder does not answer.
    Silent(String),
    NoParser(NoParser),
}
