//! What a server may say, damaged in every way: a look ends in time with mails or a fault, and what breaks inside the
//! library of the protocol is only one more way for a session to end.

use super::tests::fuzzed;
use crate::fuzz_engine::Target;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A whole session as the server says it, for the tags that async-imap gives.
const SESSION: &str = "* OK ready\r\nA0001 OK in\r\n* 2 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 3] n\r\nA0002 OK [READ-ONLY] done\r\n\
    * SEARCH 1 2\r\nA0003 OK done\r\n\
    * 1 FETCH (UID 1 RFC822.SIZE 24 INTERNALDATE \"17-Nov-2026 20:08:28 +0100\")\r\n\
    * 2 FETCH (UID 2 RFC822.SIZE 24 INTERNALDATE \"17-Nov-2026 20:08:29 +0100\")\r\nA0004 OK done\r\n\
    * 1 FETCH (UID 1 BODY[]<0> {24}\r\nFrom: a@b.example\r\n\r\nhi\r\n)\r\nA0005 OK done\r\n\
    * 2 FETCH (UID 2 BODY[]<0> {24}\r\nFrom: a@b.example\r\n\r\nhi\r\n)\r\nA0006 OK done\r\n";

const WORDS: [&str; 22] = [
    "\r\n",
    "* ",
    "A0002 OK ",
    "A0003 NO ",
    "A0004 BAD ",
    "* BYE\r\n",
    "+ go\r\n",
    "{4294967295}\r\n",
    "{5}\r\n",
    "NIL",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "UIDVALIDITY",
    "* OK [UIDVALIDITY 1] \u{e9}\r\n",
    "INTERNALDATE NIL",
    "* VANISHED (EARLIER) 1:*\r\n",
    "* 1 EXPUNGE\r\n",
    "* SEARCH\r\n",
    "ENVELOPE (NIL)",
];

#[test]
fn lines_of_a_server() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let short: String = SESSION.lines().take(7).map(|line| format!("{line}\r\n")).collect();
    let seeds = vec![SESSION.into(), short.into_bytes(), SESSION.replace("A000", "a").into()];
    let nests = [("* OK [", "]\r\n"), ("(", ")")];
    // A panic inside the library is caught by the adapter; it need not be shown.
    std::panic::set_hook(Box::new(|_| {}));
    let run =
        || Target { name: "imap", seeds, words: &WORDS, nests: &nests }.run(|said| runtime.block_on(one_look(said)));
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    drop(std::panic::take_hook());
    if let Err(finding) = ended {
        std::panic::resume_unwind(finding);
    }
}

/// The server says all of it and hangs up.
async fn one_look(said: &[u8]) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let said = said.to_vec();
    let server = tokio::spawn(async move {
        let Ok((mut socket, _)) = listener.accept().await else { return };
        let (mut reading, mut writing) = socket.split();
        let _ = writing.write_all(&said).await;
        let _ = writing.shutdown().await;
        let mut heard = [0; 4096];
        while matches!(reading.read(&mut heard).await, Ok(count) if count > 0) {}
    });
    let looked = tokio::time::timeout(Duration::from_secs(60), fuzzed(port)).await;
    server.abort();
    looked.map_err(|_| "a look that does not end".to_owned())
}
