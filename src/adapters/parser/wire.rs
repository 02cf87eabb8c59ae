//! What the daemon and a worker say to each other: pieces of bytes with their length before them, one question and one
//! answer at a time. An answer is JSON that is checked like anything else that comes in.

use crate::paper::{Paper, PaperKind, Unread};
use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// The largest file, in bytes; larger ones are not taken from a folder.
const LARGEST_FILE: u32 = 26 * 1024 * 1024;
/// The largest answer, in bytes: a statement of 20 MB, spelled out.
const LARGEST_ANSWER: u32 = 96 * 1024 * 1024;
/// A file's name, and why there is no worker.
const LARGEST_WORD: u32 = 4096;

const INVOICE: &[u8] = b"invoice";
const STATEMENT: &[u8] = b"statement";
const READY: &[u8] = b"ready";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("it took too long")]
    Late,
    #[error("{0}")]
    Gone(std::io::Error),
    #[error("{0}")]
    Senseless(String),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Fault {
        match error.kind() {
            // A socket's own patience ends with either of the two.
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Fault::Late,
            _ => Fault::Gone(error),
        }
    }
}

// ── the daemon's side ───────────────────────────────────────────────────────────────────────────────────────────────

/// The worker's first word: that it is ready, or why it cannot be.
pub fn hear_ready(line: &mut impl Read, patience: Duration) -> Result<Result<(), String>, Fault> {
    let word = hear(&mut Hurried::new(line, patience), LARGEST_WORD)?;
    Ok(if word == READY { Ok(()) } else { Err(String::from_utf8_lossy(&word).chars().take(300).collect()) })
}

/// Hands a file over and waits for what it says.
pub fn ask(line: &mut (impl Read + Write), file: &Unread<'_>, patience: Duration) -> Result<Paper, Fault> {
    let kind = match file.kind {
        PaperKind::Invoice => INVOICE,
        PaperKind::Statement => STATEMENT,
    };
    // In one piece: the worker is woken once.
    let mut question = Vec::with_capacity(64 + file.name.len() + file.bytes.len());
    for piece in [kind, file.name.as_bytes(), file.bytes] {
        say(&mut question, piece)?;
    }
    line.write_all(&question)?;
    let answer = hear(&mut Hurried::new(line, patience), LARGEST_ANSWER)?;
    let paper: Paper = serde_json::from_slice(&answer).map_err(|error| Fault::Senseless(error.to_string()))?;
    if paper.kind() == file.kind { Ok(paper) } else { Err(Fault::Senseless("it answers something else".to_owned())) }
}

/// A line that is given up after a time, also when something still trickles out of it.
struct Hurried<'l, L> {
    line: &'l mut L,
    until: Instant,
}

impl<'l, L: Read> Hurried<'l, L> {
    fn new(line: &'l mut L, patience: Duration) -> Hurried<'l, L> {
        Hurried { line, until: Instant::now() + patience }
    }
}

impl<L: Read> Read for Hurried<'_, L> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if Instant::now() > self.until {
            return Err(ErrorKind::TimedOut.into());
        }
        self.line.read(buffer)
    }
}

// ── the worker's side ───────────────────────────────────────────────────────────────────────────────────────────────

/// A file as the worker hears of it.
pub struct Question {
    pub kind: PaperKind,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Says that the worker is ready, or why it cannot be.
pub fn say_ready(line: &mut impl Write, limited: &Result<(), String>) -> std::io::Result<()> {
    let word = limited.as_ref().map_or_else(|why| why.as_bytes(), |()| READY);
    say(line, word)?;
    line.flush()
}

/// The next file; `None` when nobody asks any more, or nonsense.
pub fn hear_question(line: &mut impl Read) -> Option<Question> {
    let kind = match hear(line, LARGEST_WORD).ok()?.as_slice() {
        INVOICE => PaperKind::Invoice,
        STATEMENT => PaperKind::Statement,
        _ => return None,
    };
    let name = String::from_utf8_lossy(&hear(line, LARGEST_WORD).ok()?).into_owned();
    Some(Question { kind, name, bytes: hear(line, LARGEST_FILE).ok()? })
}

pub fn say_paper(line: &mut impl Write, paper: &Paper) -> std::io::Result<()> {
    let answer = serde_json::to_vec(paper)?;
    say(line, &answer)?;
    line.flush()
}

// ── both ────────────────────────────────────────────────────────────────────────────────────────────────────────────

fn say(line: &mut impl Write, piece: &[u8]) -> std::io::Result<()> {
    line.write_all(&length(piece)?)?;
    line.write_all(piece)
}

fn length(piece: &[u8]) -> std::io::Result<[u8; 4]> {
    let length = u32::try_from(piece.len()).map_err(|_| std::io::Error::from(ErrorKind::FileTooLarge))?;
    Ok(length.to_be_bytes())
}

fn hear(line: &mut impl Read, most: u32) -> Result<Vec<u8>, Fault> {
    let mut length = [0; 4];
    line.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > most {
        return Err(Fault::Senseless(format!("{length} bytes where {most} are the most")));
    }
    // What is announced is not believed before it is here.
    let mut piece = Vec::with_capacity(length.min(1 << 20) as usize);
    line.take(length.into()).read_to_end(&mut piece)?;
    if piece.len() == length as usize { Ok(piece) } else { Err(Fault::Gone(ErrorKind::UnexpectedEof.into())) }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn piece(bytes: &[u8]) -> Vec<u8> {
        let mut piece = Vec::new();
        say(&mut piece, bytes).unwrap();
        piece
    }

    #[test]
    fn a_question_that_is_cut_short_is_none() {
        let whole = [piece(INVOICE), piece(b"a.toml"), piece(b"number = 1")].concat();
        let heard = hear_question(&mut whole.as_slice()).unwrap();
        assert_eq!(
            (heard.kind, heard.name.as_str(), heard.bytes.as_slice()),
            (PaperKind::Invoice, "a.toml", &b"number = 1"[..])
        );
        for end in 0..whole.len() {
            assert!(hear_question(&mut &whole[..end]).is_none(), "cut at {end}");
        }
        assert!(hear_question(&mut [piece(b"mail"), piece(b"a"), piece(b"b")].concat().as_slice()).is_none());
    }
}
