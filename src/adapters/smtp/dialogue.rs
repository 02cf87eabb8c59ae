//! One SMTP conversation, a command and its reply at a time, byte-exact. Strict on purpose: a reply that comes before
//! it was asked for ends the conversation, because it could be taken for the answer to something else.

use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

const LONGEST_LINE: usize = 4096;
const MOST_LINES: usize = 200;

/// A complete reply (RFC 5321 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    pub lines: Vec<String>,
    /// False where bytes had to be replaced to make it text.
    pub clean: bool,
}

impl Reply {
    /// For people and the journal: one line, no control characters, at most 500 characters.
    pub fn text(&self) -> String {
        let words = self.lines.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ");
        let printable = words.chars().filter(|c| !c.is_control()).take(500).collect::<String>();
        format!("{} {printable}", self.code)
    }

    /// The enhanced status code (RFC 2034) that the reply begins with, if it agrees with the reply's code.
    pub fn enhanced(&self) -> Option<(u16, u16)> {
        let word = self.lines.first()?.split_whitespace().next()?;
        let mut numbers = word.split('.').map(|part| part.parse::<u16>().ok());
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        (numbers.next().is_none() && class == self.code / 100).then_some((subject, detail))
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

pub(super) struct Dialogue<S> {
    line: S,
    /// Bytes that were read and not yet used.
    held: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Dialogue<S> {
    pub fn new(line: S) -> Dialogue<S> {
        Dialogue { line, held: Vec::new() }
    }

    pub fn line(&self) -> &S {
        &self.line
    }

    /// The bare line, if the other side has said nothing beyond its last reply.
    pub fn into_line(self) -> Result<S, String> {
        self.quiet().map(|()| self.line)
    }

    /// One command line (without its end) and the reply to it. The command is never logged: it may hold a password.
    pub async fn ask(&mut self, command: &str, patience: Duration) -> Result<Reply, String> {
        self.must_be_quiet().await?;
        self.write(format!("{command}\r\n").as_bytes(), patience).await?;
        self.reply(patience).await
    }

    /// All of `bytes`, flushed, within `patience`.
    pub async fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), String> {
        let written = timeout(patience, async {
            self.line.write_all(bytes).await?;
            self.line.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(format!("the connection broke while we were writing ({})", e.kind())),
            Err(_) => Err(format!("the server takes nothing more ({patience:?})")),
        }
    }

    /// The next complete reply.
    pub async fn reply(&mut self, patience: Duration) -> Result<Reply, String> {
        timeout(patience, self.read_reply()).await.unwrap_or_else(|_| Err(format!("no answer within {patience:?}")))
    }

    /// Fails if the other side has spoken without being asked (looks at what has arrived, does not wait).
    pub async fn must_be_quiet(&mut self) -> Result<(), String> {
        self.quiet()?;
        let mut chunk = [0; 512];
        let reading = std::pin::pin!(self.line.read(&mut chunk));
        match futures_util::poll!(reading) {
            std::task::Poll::Pending => Ok(()),
            std::task::Poll::Ready(Ok(1..)) => Err("the server spoke before it was asked".into()),
            std::task::Poll::Ready(_) => Err("the server closed the connection".into()),
        }
    }

    fn quiet(&self) -> Result<(), String> {
        if self.held.is_empty() { Ok(()) } else { Err("the server spoke before it was asked".into()) }
    }

    async fn read_reply(&mut self) -> Result<Reply, String> {
        let mut reply = Reply { code: 0, lines: Vec::new(), clean: true };
        loop {
            let raw = self.read_line().await?;
            let (code, more, text, clean) = parse_line(&raw).ok_or("the answer is not an SMTP reply")?;
            let fits = reply.lines.is_empty() || code == reply.code;
            if !fits || reply.lines.len() >= MOST_LINES {
                return Err("the answer is not an SMTP reply".into());
            }
            reply.code = code;
            reply.lines.push(text);
            reply.clean &= clean;
            if !more {
                return Ok(reply);
            }
        }
    }

    /// A line without its CRLF. A line feed alone, or the end of the connection, is no end of a line.
    async fn read_line(&mut self) -> Result<Vec<u8>, String> {
        loop {
            if let Some(end) = self.held.iter().position(|&b| b == b'\n') {
                let mut line: Vec<u8> = self.held.drain(..=end).collect();
                line.pop();
                return if line.pop() == Some(b'\r') {
                    Ok(line)
                } else {
                    Err("a line of the answer has no proper end".into())
                };
            }
            if self.held.len() > LONGEST_LINE {
                return Err("a line of the answer is too long".into());
            }
            let mut chunk = [0; 1024];
            match self.line.read(&mut chunk).await {
                Ok(0) if self.held.is_empty() => return Err("the server closed the connection".into()),
                Ok(0) => return Err("the server closed the connection in the middle of a line".into()),
                Ok(n) => self.held.extend_from_slice(&chunk[..n]),
                Err(e) => return Err(format!("the connection broke ({})", e.kind())),
            }
        }
    }
}

/// Code, whether more lines follow, text, whether the text was valid UTF-8.
fn parse_line(raw: &[u8]) -> Option<(u16, bool, String, bool)> {
    let (digits, rest) = raw.split_at_checked(3)?;
    let code = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let more = match rest.first() {
        None | Some(b' ') => false,
        Some(b'-') => true,
        Some(_) => return None,
    };
    let text = rest.get(1..).unwrap_or_default();
    let clean = std::str::from_utf8(text).is_ok();
    (200..600).contains(&code).then(|| (code, more, String::from_utf8_lossy(text).into_owned(), clean))
}
