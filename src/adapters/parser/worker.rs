//! The child's half: takes its own powers away, then reads one file after another from the standard input and says on the
//! standard output what each holds, until nobody asks any more. Knows nothing of the configuration, the database or the
//! network, and remembers nothing from one file to the next.

use super::{pdf, wire};
use crate::paper::{Paper, Unread};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{BufWriter, Read, Write};
use std::process::ExitCode;

/// Memory in bytes, processor time in seconds for all its files, processes and threads beside it, bytes of a file written,
/// bytes of a core dump, and at last open files: the line that it has stays, and nothing else can be opened, no file and
/// no socket.
const LIMITS: [(Resource, u64); 6] = [
    (Resource::As, 512 * 1024 * 1024),
    (Resource::Cpu, 60),
    (Resource::Nproc, 0),
    (Resource::Fsize, 0),
    (Resource::Core, 0),
    (Resource::Nofile, 0),
];

/// The whole life of a worker.
pub fn work() -> ExitCode {
    let limited = limit();
    let (mut stdin, mut stdout) = (std::io::stdin().lock(), BufWriter::new(std::io::stdout().lock()));
    match wire::say_ready(&mut stdout, &limited) {
        Ok(()) if limited.is_ok() => answer_all(&mut stdin, &mut stdout),
        _ => ExitCode::FAILURE,
    }
}

fn limit() -> Result<(), String> {
    for (resource, most) in LIMITS {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| format!("the reader of files could not be limited: {error}"))?;
    }
    Ok(())
}

/// Answers until the line ends.
pub(super) fn answer_all(questions: &mut impl Read, answers: &mut impl Write) -> ExitCode {
    while let Some(question) = wire::hear_question(questions) {
        let unread = Unread { kind: question.kind, name: &question.name, bytes: &question.bytes };
        if wire::say_paper(answers, &Paper::read(&unread, pdf::embedded)).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
