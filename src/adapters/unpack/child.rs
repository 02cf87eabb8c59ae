//! The child's half: takes its own powers away, reads one PDF from the standard input, and writes the XML files in it to
//! the standard output. Knows nothing of the configuration, the database or the network.

use super::pdf;
use crate::einvoice::hybrid::Embedded;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{Read, Write};
use std::process::ExitCode;

/// The largest PDF, in bytes; larger files are not taken from the folder.
const LARGEST: u64 = 25 * 1024 * 1024;
/// What the child may answer, in bytes.
pub(super) const MOST_OUTPUT: u64 = 32 * 1024 * 1024;

/// Memory in bytes, processor time in seconds, open files, bytes of a file written, bytes of a core dump.
const LIMITS: [(Resource, u64); 5] = [
    (Resource::As, 512 * 1024 * 1024),
    (Resource::Cpu, 10),
    (Resource::Nofile, 16),
    (Resource::Fsize, 0),
    (Resource::Core, 0),
];

/// The whole life of the child. Exit 0: the files; 1: why there are none, as a text.
pub fn child() -> ExitCode {
    let answer = limit().and_then(|()| read()).and_then(|bytes| pdf::embedded(&bytes));
    let (code, output) = match answer {
        Ok(files) => (0, frames(&files)),
        Err(reason) => (1, reason.into_bytes()),
    };
    let mut stdout = std::io::stdout();
    let written = stdout.write_all(&output).and_then(|()| stdout.flush());
    ExitCode::from(if written.is_ok() { code } else { 2 })
}

fn limit() -> Result<(), String> {
    for (resource, most) in LIMITS {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| format!("the PDF's reader could not be limited: {error}"))?;
    }
    Ok(())
}

fn read() -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes);
    match read {
        Ok(length) if length as u64 <= LARGEST => Ok(bytes),
        Ok(_) => Err("the PDF is larger than 25 MB: print it smaller".to_owned()),
        Err(error) => Err(format!("the PDF could not be read: {error}")),
    }
}

/// Each piece with its length before it: how many files, then name and bytes of each.
fn frames(files: &[Embedded]) -> Vec<u8> {
    let mut output = Vec::new();
    let mut piece = |bytes: &[u8]| {
        output.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        output.extend_from_slice(bytes);
    };
    piece(&u32::try_from(files.len()).unwrap_or(u32::MAX).to_be_bytes());
    files.iter().for_each(|file| {
        piece(file.name.as_bytes());
        piece(&file.bytes);
    });
    output
}
