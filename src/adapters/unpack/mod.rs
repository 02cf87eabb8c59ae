//! Opens PDFs in a process of its own, with little memory and time and nothing else of ours in it: a library that is
//! led astray by a file takes that process with it and no more. The parent's half; the child's is in `child.rs`.

mod child;
mod pdf;

pub use child::child;
#[cfg(test)]
pub use pdf::embedded;

use crate::einvoice::hybrid::Embedded;
use crate::ports::Unpacker;
use std::io::{Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The word by which our own program is asked to be the child; no help text tells of it.
pub const WORD: &str = "unpack-pdf";
/// What the child may take in all, whatever it waits for.
const LONGEST: Duration = Duration::from_secs(30);

/// Starts the program that runs now once more for each PDF.
pub struct ChildProcess;

impl Unpacker for ChildProcess {
    fn embedded(&self, pdf: &[u8]) -> Result<Vec<Embedded>, String> {
        // The file that runs, also after a newer one was installed over it.
        let mut command = Command::new("/proc/self/exe");
        command.arg(WORD).env_clear().current_dir("/");
        let (output, status) = converse(command, pdf)?;
        match status.code() {
            Some(0) => files(&output).ok_or_else(|| "the PDF could not be opened: its reader was cut short".to_owned()),
            Some(1) => Err(String::from_utf8_lossy(&output).chars().take(300).collect()),
            _ => Err(format!("the PDF could not be opened within the limits of its reader ({status}): print it anew")),
        }
    }
}

/// Hands the bytes over and waits for the answer.
fn converse(mut command: Command, pdf: &[u8]) -> Result<(Vec<u8>, ExitStatus), String> {
    let failed = |error: std::io::Error| format!("no process could be started for this PDF: {error}");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed)?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("BUG: a child without pipes".to_owned());
    };
    let pdf = pdf.to_owned();
    // A child that reads nothing more closes its end; that is no fault of ours.
    std::thread::spawn(move || drop(stdin.write_all(&pdf)));
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        let read = stdout.take(child::MOST_OUTPUT + 1).read_to_end(&mut output);
        let _ = sender.send(read.map(|_| output));
    });
    let output = receiver.recv_timeout(LONGEST);
    // It has answered, or takes too long; in either case it is over.
    if output.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(failed)?;
    match output {
        Ok(Ok(output)) => Ok((output, status)),
        Ok(Err(error)) => Err(format!("the reader of this PDF could not be heard: {error}")),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Err("opening this PDF took longer than 30 seconds: print it anew".to_owned())
        }
    }
}

/// The answer as the child wrote it; `None` when it is not whole.
fn files(mut output: &[u8]) -> Option<Vec<Embedded>> {
    let mut piece = || {
        let (length, rest) = output.split_first_chunk::<4>()?;
        let (piece, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        output = rest;
        Some(piece.to_owned())
    };
    let count = u32::from_be_bytes(piece()?.try_into().ok()?);
    (0..count)
        .map(|_| Some(Embedded { name: String::from_utf8_lossy(&piece()?).into_owned(), bytes: piece()? }))
        .collect()
}

#[cfg(test)]
mod tests;
