//! Reading the folders. Scanning and reading happen where they may hang without holding anybody up, for a share on the
//! network can; the writer only compares and stores, some files at a time.

use super::intake::{FolderReport, Haste, Look, read_files};
use super::writer::Writer;
use crate::ports::{FileSource, Found, Scan};
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
    /// How long both scans took the last time.
    scanned_in: Duration,
}

impl FolderReader {
    pub fn of(folders: &Folders) -> FolderReader {
        FolderReader {
            invoices: OneFolder::new(folders.invoices.clone(), InputKind::Invoice),
            statements: folders.statements.clone().map(|source| OneFolder::new(source, InputKind::Statement)),
            scanned_in: Duration::ZERO,
        }
    }

    /// What is new in the folders is stored and applied: invoices, then statements.
    pub async fn read(&mut self, writer: &Writer, haste: Haste) -> Result<(FolderReport, FolderReport)> {
        let invoices = self.invoices.read(writer, haste).await?;
        self.scanned_in = self.invoices.scanned_in;
        let Some(folder) = &mut self.statements else { return Ok((invoices, FolderReport::default())) };
        let statements = folder.read(writer, haste).await?;
        self.scanned_in += folder.scanned_in;
        Ok((invoices, statements))
    }

    /// How long to rest after a hint, so that looking costs a fifth of the time at most.
    pub fn rest(&self) -> Duration {
        (self.scanned_in * REST).clamp(SHORTEST_REST, LONGEST_REST)
    }
}

struct OneFolder {
    source: Arc<dyn FileSource>,
    kind: InputKind,
    /// A scan that has not come back yet; no second one is begun beside it.
    scan: Option<JoinHandle<Result<Scan, String>>>,
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
        let mut look = writer.call(move |house| house.begin_look(kind, haste, &root, scan)).await?;
        loop {
            let files = look.next_files();
            if files.is_empty() {
                return writer.call(move |house| house.end_look(look)).await;
            }
            look = self.take(writer, look, files).await?;
        }
    }

    async fn scan(&mut self) -> Result<Result<Scan, String>> {
        let source = self.source.clone();
        let scan = self.scan.get_or_insert_with(|| spawn_blocking(move || source.scan()));
        let Ok(done) = tokio::time::timeout(PATIENCE, scan).await else { return Ok(Err(self.does_not_answer())) };
        self.scan = None;
        done.context("BUG: a scan broke")
    }

    async fn take(&self, writer: &Writer, mut look: Look, files: Vec<Found>) -> Result<Look> {
        let source = self.source.clone();
        let reading = spawn_blocking(move || read_files(source.as_ref(), files));
        let Ok(batch) = tokio::time::timeout(PATIENCE, reading).await else {
            look.breaks_off(self.does_not_answer());
            return Ok(look);
        };
        let batch = batch.context("BUG: reading files broke")?;
        writer
            .call(move |house| {
                house.take_files(&mut look, batch)?;
                Ok(look)
            })
            .await
    }

    fn does_not_answer(&self) -> String {
        format!("the folder {} has not answered for {} seconds", self.source.root().display(), PATIENCE.as_secs())
    }
}
