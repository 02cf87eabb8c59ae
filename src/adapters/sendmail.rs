//! Sending through the machine's own mail program (`sendmail -i -f SENDER -- RECIPIENT…`). The end of the program's
//! input is the final dot: before it a mail can still be stopped, after it only the program's exit code counts.

use crate::ports::{BeforeDot, Delivery, Outgoing, OutgoingMail};
use async_trait::async_trait;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// The program and how long it may take for the mail and for its answer.
#[derive(Clone, Debug)]
pub struct Sendmail {
    program: PathBuf,
    patience: Duration,
}

impl Sendmail {
    /// `program` is usually `/usr/sbin/sendmail`; it gets 10 minutes.
    pub fn new(program: impl Into<PathBuf>) -> Sendmail {
        Sendmail { program: program.into(), patience: Duration::from_secs(600) }
    }

    fn start(&self, mail: &OutgoingMail) -> Result<Child, Delivery> {
        for address in [&mail.sender, &mail.recipient] {
            if !is_address(address) {
                let reason = format!("{address:?} is not a mail address");
                return Err(Delivery::Never { reason, address: *address == mail.recipient });
            }
        }
        let copy = mail.own_copy.as_ref().filter(|copy| is_address(copy));
        let mut command = Command::new(&self.program);
        command.args(["-i", "-f", &mail.sender, "--", &mail.recipient]).args(copy);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().map_err(|e| lane(format!("{}: {e}", self.program.display())))
    }

    async fn transact(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Result<Delivery, Delivery> {
        let mut child = self.start(mail)?;
        let said = child.stderr.take().map(|stderr| tokio::spawn(listen(stderr)));
        let mut input = child.stdin.take().ok_or_else(|| lane("the program has no input".into()))?;
        match timeout(self.patience, input.write_all(&local_lines(&mail.bytes))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(lane("the program ended before it had the mail".into())),
            Err(_) => return Err(lane("the program does not take the mail".into())),
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(lane(format!("the program ended before it had the mail ({status})")));
        }
        if let Err(reason) = before_dot.ask().await {
            // Killed before its input ends, it must not take what it has for a whole mail.
            let _ = child.kill().await;
            return Err(Delivery::Later { reason, lane: false });
        }
        drop(input);
        let ended = timeout(self.patience, child.wait()).await;
        let said = match said {
            Some(said) => timeout(Duration::from_secs(1), said).await.ok().and_then(Result::ok).unwrap_or_default(),
            None => String::new(),
        };
        Ok(match ended {
            Ok(Ok(status)) => outcome(status, &said),
            Ok(Err(e)) => Delivery::Unknown { reason: e.to_string() },
            Err(_) => Delivery::Unknown { reason: format!("the program gave no answer within {:?}", self.patience) },
        })
    }
}

#[async_trait]
impl Outgoing for Sendmail {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        self.transact(mail, before_dot).await.unwrap_or_else(|outcome| outcome)
    }

    async fn probe(&self) -> Result<String, String> {
        rustix::fs::access(&self.program, rustix::fs::Access::EXEC_OK)
            .map(|()| format!("{} can be run", self.program.display()))
            .map_err(|e| format!("{}: {e}", self.program.display()))
    }
}

fn lane(reason: String) -> Delivery {
    Delivery::Later { reason, lane: true }
}

/// The meanings of `sysexits.h`. A code that is not in it may come from anything after the mail was taken.
fn outcome(status: ExitStatus, said: &str) -> Delivery {
    let reason = if said.is_empty() { status.to_string() } else { format!("{status}: {said}") };
    match status.code() {
        Some(0) => Delivery::Accepted { reply: "taken by the mail program".into() },
        // EX_DATAERR
        Some(65) => Delivery::Never { reason, address: false },
        // EX_NOUSER, EX_NOHOST
        Some(67 | 68) => Delivery::Never { reason, address: true },
        // EX_OSERR, EX_OSFILE, EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL, EX_PROTOCOL
        Some(71..=76) => Delivery::Later { reason, lane: false },
        // EX_USAGE, EX_NOINPUT, EX_UNAVAILABLE, EX_SOFTWARE, EX_NOPERM, EX_CONFIG: the same for every mail
        Some(64 | 66 | 69 | 70 | 77 | 78) => lane(reason),
        Some(_) => Delivery::Unknown { reason },
        None => Delivery::Unknown { reason: format!("killed by signal {}", status.signal().unwrap_or_default()) },
    }
}

/// Mail programs take the line ends of the machine; a CR would become part of the text in some.
fn local_lines(bytes: &[u8]) -> Vec<u8> {
    let followed = bytes.iter().skip(1).copied().map(Some).chain([None]);
    bytes.iter().zip(followed).filter(|&(&b, next)| !(b == b'\r' && next == Some(b'\n'))).map(|(&b, _)| b).collect()
}

/// The first 500 bytes of what the program complains about; the rest is read and dropped, so that it is not blocked.
async fn listen(stderr: ChildStderr) -> String {
    let (mut stderr, mut said) = (stderr, Vec::new());
    let _ = (&mut stderr).take(500).read_to_end(&mut said).await;
    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    said.chars().filter(|c| !c.is_control()).collect()
}

fn is_address(address: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace();
    address.contains('@') && !address.starts_with('-') && !address.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn mail() -> OutgoingMail {
        OutgoingMail {
            sender: "debiteuren@bedrijf.example".into(),
            recipient: "klant@elders.example".into(),
            own_copy: Some("kopie@bedrijf.example".into()),
            message_id: "1@bedrijf.example".into(),
            bytes: b"Subject: test\r\n\r\n.\r\ntekst\r\n".to_vec(),
        }
    }

    fn program(dir: &Path, script: &str) -> Sendmail {
        let path = dir.join("sendmail");
        let draft = dir.join("draft");
        std::fs::write(&draft, format!("#!/bin/sh\ncd '{}'\n{script}\n", dir.display())).unwrap();
        std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).unwrap();
        // Copied by another process: a program that we hold open for writing cannot be started (ETXTBSY).
        assert!(std::process::Command::new("cp").arg(&draft).arg(&path).status().unwrap().success());
        Sendmail { program: path, patience: Duration::from_secs(3) }
    }

    #[tokio::test]
    async fn the_program_gets_envelope_and_mail() {
        let dir = tempfile::tempdir().unwrap();
        let sendmail = program(dir.path(), "echo \"$*\" >args; cat >mail");
        assert!(matches!(sendmail.deliver(&mail(), &mut || ready(Ok(()))).await, Delivery::Accepted { .. }));
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("args"), "-i -f debiteuren@bedrijf.example -- klant@elders.example kopie@bedrijf.example\n");
        assert_eq!(read("mail"), "Subject: test\n\n.\ntekst\n");
        assert!(sendmail.probe().await.is_ok());
    }

    #[tokio::test]
    async fn the_exit_code_decides() {
        let dir = tempfile::tempdir().unwrap();
        let never = |address| Delivery::Never { reason: String::new(), address };
        let later = |lane| Delivery::Later { reason: String::new(), lane };
        let unknown = || Delivery::Unknown { reason: String::new() };
        let rows = [
            ("exit 65", never(false)),
            ("exit 67", never(true)),
            ("exit 68", never(true)),
            ("echo vol >&2; exit 75", later(false)),
            ("exit 74", later(false)),
            ("exit 78", later(true)),
            ("exit 77", later(true)),
            ("exit 1", unknown()),
            ("kill -9 $$", unknown()),
            ("sleep 20", unknown()),
        ];
        for (script, expected) in rows {
            let sendmail = program(dir.path(), &format!("cat >mail; {script}"));
            let delivery = sendmail.deliver(&mail(), &mut || ready(Ok(()))).await;
            let shape = match delivery.clone() {
                Delivery::Accepted { reply } => Delivery::Accepted { reply },
                Delivery::Later { lane, .. } => later(lane),
                Delivery::Never { address, .. } => never(address),
                doubtful @ Delivery::Doubtful { .. } => doubtful,
                Delivery::Unknown { .. } => unknown(),
            };
            assert_eq!(shape, expected, "{script}: {delivery:?}");
        }
        assert_eq!(
            program(dir.path(), "cat >mail; echo vol >&2; exit 75").deliver(&mail(), &mut || ready(Ok(()))).await,
            Delivery::Later { reason: "exit status: 75: vol".into(), lane: false }
        );
    }

    #[tokio::test]
    async fn the_last_question_can_stop_the_mail() {
        let dir = tempfile::tempdir().unwrap();
        let sendmail = program(dir.path(), "while read -r line; do :; done; : >finished");
        for _ in 0..20 {
            let delivery = sendmail.deliver(&mail(), &mut || ready(Err("paid a moment ago".into()))).await;
            assert_eq!(delivery, Delivery::Later { reason: "paid a moment ago".into(), lane: false });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!dir.path().join("finished").exists(), "killed before it saw the end of the mail");
    }

    #[tokio::test]
    async fn a_program_that_is_absent_or_does_not_read_stops_the_lane() {
        let dir = tempfile::tempdir().unwrap();
        let absent = Sendmail::new(dir.path().join("absent"));
        assert!(matches!(absent.deliver(&mail(), &mut || ready(Ok(()))).await, Delivery::Later { lane: true, .. }));
        assert!(absent.probe().await.is_err());
        let deaf = program(dir.path(), "exit 0");
        let large = OutgoingMail { bytes: b"text\r\n".repeat(100_000), ..mail() };
        assert!(matches!(deaf.deliver(&large, &mut || ready(Ok(()))).await, Delivery::Later { lane: true, .. }));
    }
}
