//! Every row of the outcome table against a scripted server on a real socket.

use super::*;
use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does when its turn comes.
#[derive(Clone, Copy)]
enum Act {
    Say(&'static [u8]),
    /// Says nothing and keeps the line open.
    Hang,
    /// Says this (maybe nothing) and closes the line.
    SayAndClose(&'static [u8]),
    /// Cuts the line with a reset.
    Reset,
}
use Act::*;

#[derive(Clone, Copy)]
struct Script {
    greeting: Act,
    hello: Act,
    auth: Act,
    /// Challenges after AUTH LOGIN, in order.
    challenges: &'static [&'static [u8]],
    mail: Act,
    recipients: [Act; 2],
    data: Act,
    dot: Act,
    starttls: Act,
}

const GOOD: Script = Script {
    greeting: Say(b"220 mx.test ESMTP\r\n"),
    hello: Say(b"250-mx.test\r\n250-SIZE 1000000\r\n250-DSN\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n"),
    auth: Say(b"235 2.7.0 ok\r\n"),
    challenges: &[],
    mail: Say(b"250 2.1.0 ok\r\n"),
    recipients: [Say(b"250 2.1.5 ok\r\n"), Say(b"250 2.1.5 ok\r\n")],
    data: Say(b"354 go\r\n"),
    dot: Say(b"250 2.0.0 queued as 42\r\n"),
    starttls: Say(b"220 ready\r\n"),
};

#[derive(Default, Debug)]
struct Seen {
    commands: Vec<String>,
    body: String,
    /// The final dot came.
    dot: bool,
}

async fn act(line: &mut BufReader<TcpStream>, act: Act) -> bool {
    match act {
        Say(bytes) => line.get_mut().write_all(bytes).await.is_ok(),
        SayAndClose(bytes) => {
            let _ = line.get_mut().write_all(bytes).await;
            false
        }
        Hang => {
            // Until the client goes away.
            let mut rest = Vec::new();
            let _ = line.read_to_end(&mut rest).await;
            false
        }
        Reset => {
            #[allow(deprecated, reason = "a reset at once is what is wanted")]
            line.get_mut().set_linger(Some(Duration::ZERO)).unwrap();
            false
        }
    }
}

/// One connection; each script is for one mail over it, the last one for all that follow.
async fn converse(socket: TcpStream, scripts: &[Script]) -> Seen {
    let mut line = BufReader::new(socket);
    let mut seen = Seen::default();
    let mut scripts = scripts.iter();
    let mut script = *scripts.next().unwrap();
    let mut begun = false;
    let mut open = act(&mut line, script.greeting).await;
    let mut recipients = script.recipients.iter();
    let mut challenges = script.challenges.iter();
    while open {
        let mut command = String::new();
        if line.read_line(&mut command).await.unwrap_or(0) == 0 {
            break;
        }
        let verb = command.split_whitespace().next().unwrap_or_default().to_owned();
        seen.commands.push(command.trim_end().to_owned());
        if verb == "MAIL" {
            script = if begun { *scripts.next().unwrap_or(&script) } else { script };
            (begun, recipients) = (true, script.recipients.iter());
        }
        open = match verb.as_str() {
            "EHLO" => act(&mut line, script.hello).await,
            "STARTTLS" => act(&mut line, script.starttls).await,
            "MAIL" => act(&mut line, script.mail).await,
            "RCPT" => act(&mut line, *recipients.next().unwrap()).await,
            "DATA" => act(&mut line, script.data).await && take_mail(&mut line, &script, &mut seen).await,
            "QUIT" => act(&mut line, SayAndClose(b"221 bye\r\n")).await,
            // AUTH and the answers to its challenges.
            _ => match challenges.next() {
                Some(challenge) => act(&mut line, Say(challenge)).await,
                None => act(&mut line, script.auth).await,
            },
        };
    }
    seen
}

async fn take_mail(line: &mut BufReader<TcpStream>, script: &Script, seen: &mut Seen) -> bool {
    loop {
        let mut text = String::new();
        if line.read_line(&mut text).await.unwrap_or(0) == 0 {
            return false;
        }
        if text == ".\r\n" {
            seen.dot = true;
            return act(line, script.dot).await;
        }
        seen.body.push_str(&text);
    }
}

async fn serve(script: Script) -> (u16, JoinHandle<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, tokio::spawn(async move { converse(listener.accept().await.unwrap().0, &[script]).await }))
}

/// One connection for each list of scripts; another one is refused.
async fn serve_each(connections: Vec<Vec<Script>>) -> (u16, JoinHandle<Vec<Seen>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = async move {
        let mut conversations = Vec::new();
        for scripts in connections {
            let (socket, _) = listener.accept().await.unwrap();
            conversations.push(tokio::spawn(async move { converse(socket, &scripts).await }));
        }
        drop(listener);
        futures_util::future::try_join_all(conversations).await.unwrap()
    };
    (port, tokio::spawn(serving))
}

fn count(seen: &Seen, verb: &str) -> usize {
    seen.commands.iter().filter(|command| command.starts_with(verb)).count()
}

fn smtp(port: u16, login: bool) -> Smtp {
    let server = Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None };
    let login = login.then(|| Login { user: "owner".into(), password: "geheim".into() });
    let short = Duration::from_secs(1);
    let patience = Patience { connect: short, reply: short, data: short, block: short, dot: short, quit: short };
    Smtp::new(server, login).with_patience(patience)
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        sender: "debiteuren@bedrijf.example".into(),
        recipient: "klant@elders.example".into(),
        own_copy: Some("kopie@bedrijf.example".into()),
        message_id: "1=a.b@bedrijf.example".into(),
        bytes: b"Subject: test\r\n\r\n.een punt\r\n..\r\ntekst\r\n".to_vec(),
    }
}

struct Run {
    delivery: Delivery,
    /// How often the last question before the dot was asked.
    asked: usize,
    seen: Seen,
}

async fn run(script: Script, login: bool) -> Run {
    let (port, server) = serve(script).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let smtp = smtp(port, login);
    let delivery = smtp
        .deliver(&mail(), &mut || {
            count.fetch_add(1, Ordering::SeqCst);
            ready(Ok(()))
        })
        .await;
    smtp.rest().await;
    drop(smtp);
    Run { delivery, asked: asked.load(Ordering::SeqCst), seen: server.await.unwrap() }
}

fn kind(delivery: &Delivery) -> &'static str {
    match delivery {
        Delivery::Accepted { .. } => "accepted",
        Delivery::Later { lane: false, .. } => "later",
        Delivery::Later { lane: true, .. } => "lane",
        Delivery::Never { address: false, .. } => "never",
        Delivery::Never { address: true, .. } => "address",
        Delivery::Doubtful { .. } => "doubtful",
        Delivery::Unknown { .. } => "unknown",
    }
}

#[tokio::test]
async fn a_mail_goes_over_whole_and_once() {
    let run = run(GOOD, true).await;
    assert_eq!(run.delivery, Delivery::Accepted { reply: "250 2.0.0 queued as 42".into() });
    assert_eq!(run.asked, 1);
    assert!(run.seen.dot);
    assert_eq!(run.seen.body, "Subject: test\r\n\r\n..een punt\r\n...\r\ntekst\r\n", "dots doubled, no line added");
    let size = mail().bytes.len();
    assert_eq!(
        run.seen.commands,
        [
            "EHLO [127.0.0.1]".to_owned(),
            "AUTH PLAIN AG93bmVyAGdlaGVpbQ==".into(),
            format!("MAIL FROM:<debiteuren@bedrijf.example> SIZE={size} RET=HDRS ENVID=1+3Da.b@bedrijf.example"),
            "RCPT TO:<klant@elders.example> NOTIFY=FAILURE,DELAY".into(),
            "RCPT TO:<kopie@bedrijf.example> NOTIFY=NEVER".into(),
            "DATA".into(),
            "QUIT".into(),
        ]
    );
}

#[tokio::test]
async fn the_answer_to_the_dot_decides() {
    let rows: &[(Act, &str)] = &[
        (Say(b"250 ok\r\n"), "accepted"),
        (Say(b"250-first\r\n250 second\r\n"), "accepted"),
        (Say(b"259 ok\r\n"), "accepted"),
        (Say(b"250 ok\r\n250 surplus\r\n"), "accepted"),
        (Say(b"220 ok\r\n"), "unknown"),
        (Say(b"260 ok\r\n"), "unknown"),
        (Say(b"354 go on\r\n"), "unknown"),
        (Say(b"451 4.3.0 later\r\n"), "later"),
        (Say(b"421 4.4.2 timeout\r\n"), "later"),
        (Say(b"550 5.1.1 no such user\r\n"), "address"),
        (Say(b"550 5.0.0 no\r\n"), "never"),
        (Say(b"554 5.6.0 content\r\n"), "never"),
        (Say(b"550 5.5.0 not now\r\n"), "doubtful"),
        (Say(b"554 5.5.0 no\r\n"), "never"),
        (Say(b"550 5.1.10 no mail domain\r\n"), "address"),
        (Say(b"554 5.7.1 policy\r\n"), "lane"),
        (Say(b"530 login first\r\n"), "lane"),
        (Say(b"534 5.7.9 too weak\r\n"), "lane"),
        (Say(b"538 5.7.11 encrypt first\r\n"), "lane"),
        (Say(b"535 5.7.8 login\r\n"), "lane"),
        (Say(b"250 \xff\xfe\r\n"), "unknown"),
        (Say(b"550 \xe9\r\n"), "unknown"),
        (Say(b"HTTP/1.1 200 OK\r\n"), "unknown"),
        (Say(b"250 ok\n"), "unknown"),
        (Say(b"250-first\r\n550 other\r\n"), "unknown"),
        (Say(b"150 what\r\n"), "unknown"),
        (Say(b"2500 what\r\n"), "unknown"),
        (Hang, "unknown"),
        (Say(b"250-half"), "unknown"),
        (SayAndClose(b""), "unknown"),
        (SayAndClose(b"250 o"), "unknown"),
        (SayAndClose(b"250-only the first\r\n"), "unknown"),
        (Reset, "unknown"),
    ];
    let runs =
        futures_util::future::join_all(rows.iter().map(|(dot, _)| run(Script { dot: *dot, ..GOOD }, false))).await;
    for (i, (run, (_, expected))) in runs.iter().zip(rows).enumerate() {
        assert_eq!(kind(&run.delivery), *expected, "row {i}: {:?}", run.delivery);
        assert!(run.asked == 1 && run.seen.dot, "row {i}");
    }
}

#[tokio::test]
async fn nothing_before_the_dot_is_ever_unknown() {
    let four = Say(b"451 4.3.0 later\r\n");
    let rows: Vec<(&str, Script, &str)> = vec![
        ("greeting 4xx", Script { greeting: four, ..GOOD }, "later"),
        ("greeting 554", Script { greeting: Say(b"554 no mail here\r\n"), ..GOOD }, "lane"),
        ("greeting hangs", Script { greeting: Hang, ..GOOD }, "later"),
        ("greeting garbage", Script { greeting: Say(b"SSH-2.0-x\r\n"), ..GOOD }, "later"),
        ("greeting and more", Script { greeting: Say(b"220 a\r\n250 b\r\n"), ..GOOD }, "later"),
        ("EHLO 4xx", Script { hello: four, ..GOOD }, "later"),
        ("EHLO without AUTH", Script { hello: Say(b"250 mx.test\r\n"), ..GOOD }, "lane"),
        ("AUTH 535", Script { auth: Say(b"535 5.7.8 bad\r\n"), ..GOOD }, "lane"),
        ("AUTH 454", Script { auth: Say(b"454 4.7.0 later\r\n"), ..GOOD }, "later"),
        ("AUTH closes", Script { auth: SayAndClose(b""), ..GOOD }, "later"),
        ("MAIL 4xx", Script { mail: four, ..GOOD }, "later"),
        ("MAIL 530", Script { mail: Say(b"530 5.7.0 login first\r\n"), ..GOOD }, "lane"),
        ("MAIL 5.1.8", Script { mail: Say(b"550 5.1.8 your domain\r\n"), ..GOOD }, "lane"),
        ("MAIL 550", Script { mail: Say(b"550 no\r\n"), ..GOOD }, "lane"),
        ("MAIL too big for a 554", Script { mail: Say(b"554 5.3.4 too big\r\n"), ..GOOD }, "never"),
        ("MAIL too big", Script { mail: Say(b"552 5.3.4 too big\r\n"), ..GOOD }, "never"),
        ("MAIL reset", Script { mail: Reset, ..GOOD }, "later"),
        ("RCPT 4xx", Script { recipients: [four; 2], ..GOOD }, "later"),
        ("RCPT 5.1.1", Script { recipients: [Say(b"551 5.1.1 who\r\n"); 2], ..GOOD }, "address"),
        ("RCPT 550", Script { recipients: [Say(b"550 who\r\n"); 2], ..GOOD }, "address"),
        ("RCPT 553", Script { recipients: [Say(b"553 5.3.0 who\r\n"); 2], ..GOOD }, "address"),
        ("RCPT 550 latin-1", Script { recipients: [Say(b"550 bo\xeete inconnue\r\n"); 2], ..GOOD }, "address"),
        ("RCPT 550 5.7.1", Script { recipients: [Say(b"550 5.7.1 relay\r\n"); 2], ..GOOD }, "lane"),
        ("RCPT 552", Script { recipients: [Say(b"552 5.2.2 full\r\n"); 2], ..GOOD }, "never"),
        ("RCPT 3xx", Script { recipients: [Say(b"354 what\r\n"); 2], ..GOOD }, "later"),
        ("RCPT half line", Script { recipients: [SayAndClose(b"250 o"); 2], ..GOOD }, "later"),
        ("DATA 4xx", Script { data: four, ..GOOD }, "later"),
        ("DATA 554", Script { data: Say(b"554 5.5.1 no\r\n"), ..GOOD }, "never"),
        ("DATA 250", Script { data: Say(b"250 what\r\n"), ..GOOD }, "later"),
        ("DATA hangs", Script { data: Hang, ..GOOD }, "later"),
        ("DATA answers twice", Script { data: Say(b"354 go\r\n250 injected\r\n"), ..GOOD }, "later"),
        ("DATA then closes", Script { data: SayAndClose(b"354 go\r\n"), ..GOOD }, "later"),
    ];
    let (names, scripts): (Vec<_>, Vec<_>) = rows.into_iter().map(|(n, s, expected)| ((n, expected), s)).unzip();
    let runs = futures_util::future::join_all(scripts.into_iter().map(|script| run(script, true))).await;
    for (run, (name, expected)) in runs.into_iter().zip(names) {
        assert_eq!(kind(&run.delivery), expected, "{name}: {:?}", run.delivery);
        assert!(!run.seen.dot, "{name}: no dot may be sent");
        assert_eq!(run.asked, 0, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_while_the_mail_comes_is_not_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (here, mut there) =
        tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), async { listener.accept().await.unwrap().0 });
    let mut talk = Dialogue::new(here.unwrap());
    talk.must_be_quiet().await.unwrap();
    there.write_all(b"250 accepted already\r\n").await.unwrap();
    talk.line().readable().await.unwrap();
    assert_eq!(talk.must_be_quiet().await, Err("the server spoke before it was asked".into()));
}

#[tokio::test]
async fn an_answer_that_comes_before_the_dot_is_not_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, mut is_asked) = tokio::sync::mpsc::channel(1);
    let server = tokio::spawn(async move {
        let mut line = BufReader::new(listener.accept().await.unwrap().0);
        line.get_mut().write_all(b"220 mx\r\n").await.unwrap();
        for answer in ["250 mx", "250 ok", "250 ok", "250 ok", "354 go"] {
            line.read_line(&mut String::new()).await.unwrap();
            line.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        }
        is_asked.recv().await.unwrap();
        line.get_mut().write_all(b"250 taken already\r\n").await.unwrap();
        let mut rest = String::new();
        line.read_to_string(&mut rest).await.unwrap();
        rest
    });
    let delivery = smtp(port, false)
        .deliver(&mail(), &mut || {
            let asked = asked.clone();
            async move {
                asked.send(()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(())
            }
        })
        .await;
    assert_eq!(kind(&delivery), "later", "{delivery:?}");
    assert!(server.await.unwrap().ends_with("tekst\r\n"), "the dot was not sent");
}

#[tokio::test]
async fn the_last_question_can_stop_the_mail() {
    let (port, server) = serve(GOOD).await;
    let delivery = smtp(port, true).deliver(&mail(), &mut || ready(Err("paid a moment ago".into()))).await;
    assert_eq!(delivery, Delivery::Later { reason: "paid a moment ago".into(), lane: false });
    let seen = server.await.unwrap();
    assert!(!seen.dot && seen.body.ends_with("tekst\r\n"), "the whole mail had been handed over, the dot had not");
    assert!(!seen.body.contains("QUIT"), "{seen:?}");
}

#[tokio::test]
async fn a_refused_own_copy_does_not_stop_the_letter() {
    for refusal in [&b"550 5.1.1 who\r\n"[..], b"451 later\r\n", b"550 5.7.1 policy\r\n"] {
        let run = run(Script { recipients: [Say(b"250 ok\r\n"), Say(refusal)], ..GOOD }, false).await;
        assert_eq!(kind(&run.delivery), "accepted", "{:?}", run.delivery);
    }
}

#[tokio::test]
async fn an_own_copy_that_cannot_be_said_does_not_stop_the_letter() {
    for copy in ["kopie", "jérôme@bedrijf.example", "a b@c"] {
        let (port, server) = serve(GOOD).await;
        let mail = OutgoingMail { own_copy: Some(copy.into()), ..mail() };
        assert_eq!(kind(&smtp(port, false).deliver(&mail, &mut || ready(Ok(()))).await), "accepted");
        assert_eq!(server.await.unwrap().commands.iter().filter(|c| c.starts_with("RCPT")).count(), 1);
    }
}

#[tokio::test]
async fn login_by_challenge() {
    let script = Script {
        hello: Say(b"250-mx.test\r\n250 AUTH=LOGIN\r\n"),
        challenges: &[b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"],
        ..GOOD
    };
    let run = run(script, true).await;
    assert_eq!(kind(&run.delivery), "accepted");
    assert_eq!(run.seen.commands[1..4], ["AUTH LOGIN", "b3duZXI=", "Z2VoZWlt"]);
}

#[tokio::test]
async fn bytes_injected_before_the_handshake_end_it() {
    let hello = Say(b"250-mx.test\r\n250 STARTTLS\r\n");
    let (port, server) = serve(Script { hello, starttls: Say(b"220 ready\r\n250 INJECTED\r\n"), ..GOOD }).await;
    let mut smtp = smtp(port, true);
    smtp.server.security = Security::StartTls;
    let delivery = smtp.deliver(&mail(), &mut || ready(Ok(()))).await;
    assert_eq!(delivery, Delivery::Later { reason: "the server spoke before it was asked".into(), lane: false });
    assert_eq!(server.await.unwrap().commands, ["EHLO [127.0.0.1]", "STARTTLS"], "no login over an open line");
}

#[tokio::test]
async fn what_would_break_the_dialogue_is_never_sent() {
    let smtp = smtp(9, false);
    let mut rows = Vec::new();
    for bytes in [&b""[..], b"a\nb\r\n", b"a\rb\r\n", b"a\r\n\r.\r\n", b"\n", b"a\r", b"a\0\r\n"] {
        rows.push((OutgoingMail { bytes: bytes.to_vec(), ..mail() }, "never"));
    }
    for recipient in ["", "nobody", "a@", "@b", "a@b>\r\nRCPT TO:<c@d", "a b@c", "<a@b>"] {
        rows.push((OutgoingMail { recipient: recipient.into(), ..mail() }, "address"));
    }
    rows.push((OutgoingMail { sender: "x\ny@z".into(), ..mail() }, "never"));
    for (mail, expected) in rows {
        let delivery = smtp.deliver(&mail, &mut || async { panic!("must not be asked") }).await;
        assert_eq!(kind(&delivery), expected, "{mail:?}: {delivery:?}");
    }
    let accents = OutgoingMail { recipient: "jérôme@elders.example".into(), ..mail() };
    let (port, server) = serve(GOOD).await;
    let delivery = super::tests::smtp(port, false).deliver(&accents, &mut || ready(Ok(()))).await;
    assert_eq!(kind(&delivery), "address");
    drop(server);
}

#[tokio::test]
async fn the_probe_logs_in_and_sends_nothing() {
    let (port, server) = serve(GOOD).await;
    let said = smtp(port, true).probe().await.unwrap();
    assert_eq!(said, format!("127.0.0.1:{port} answers, without encryption, logged in"));
    let seen = server.await.unwrap();
    assert_eq!(seen.commands.last().map(String::as_str), Some("QUIT"));
    assert!(!seen.commands.iter().any(|c| c.starts_with("MAIL")));
    let (port, _server) = serve(Script { auth: Say(b"535 5.7.8 no\r\n"), ..GOOD }).await;
    assert_eq!(smtp(port, true).probe().await, Err("when logging in: 535 5.7.8 no".into()));
}

/// Sends so many mails, one after another, and gives what became of each and what each connection saw.
async fn run_each(connections: Vec<Vec<Script>>, mails: usize) -> (Vec<&'static str>, Vec<Seen>) {
    let (port, server) = serve_each(connections).await;
    let smtp = smtp(port, false);
    let mut kinds = Vec::new();
    for _ in 0..mails {
        kinds.push(kind(&smtp.deliver(&mail(), &mut || ready(Ok(()))).await));
        // What the server does after its answer has happened.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    smtp.rest().await;
    drop(smtp);
    (kinds, server.await.unwrap())
}

#[tokio::test]
async fn one_connection_takes_many_mails() {
    let (kinds, seen) = run_each(vec![vec![GOOD]], 3).await;
    assert_eq!(kinds, ["accepted"; 3]);
    let verbs: Vec<&str> = seen[0].commands.iter().filter_map(|command| command.split(' ').next()).collect();
    let each = ["MAIL", "RCPT", "RCPT", "DATA"];
    assert_eq!(verbs, [&["EHLO"][..], &each, &each, &each, &["QUIT"]].concat());
}

#[tokio::test]
async fn a_kept_connection_that_is_dead_is_made_anew_once() {
    let dies = |dot| vec![Script { dot, ..GOOD }];
    let closing = Say(b"421 4.4.2 idle for too long\r\n");
    let rows = [
        ("closed while it waited", dies(SayAndClose(b"250 ok\r\n"))),
        ("said goodbye and closed", dies(SayAndClose(b"250 ok\r\n421 bye\r\n"))),
        ("spoke without being asked", dies(Say(b"250 ok\r\n250 surplus\r\n"))),
        ("421 at MAIL", vec![GOOD, Script { mail: closing, ..GOOD }]),
        ("421 at RCPT", vec![GOOD, Script { recipients: [closing; 2], ..GOOD }]),
        ("closes at MAIL", vec![GOOD, Script { mail: SayAndClose(b""), ..GOOD }]),
        ("half a line at RCPT", vec![GOOD, Script { recipients: [SayAndClose(b"250 o"); 2], ..GOOD }]),
        ("closes at DATA", vec![GOOD, Script { data: SayAndClose(b""), ..GOOD }]),
        ("421 at DATA", vec![GOOD, Script { data: closing, ..GOOD }]),
    ];
    for (name, first) in rows {
        let (kinds, seen) = run_each(vec![first, vec![GOOD]], 2).await;
        assert_eq!(kinds, ["accepted"; 2], "{name}");
        assert_eq!((count(&seen[1], "MAIL"), seen[1].dot), (1, true), "{name}");
    }
}

#[tokio::test]
async fn a_connection_that_dies_in_a_mail_is_not_made_anew() {
    let rows = [
        ("after the go-ahead", Script { data: SayAndClose(b"354 go\r\n"), ..GOOD }, "later"),
        ("after the dot", Script { dot: SayAndClose(b""), ..GOOD }, "unknown"),
        ("half an answer to the dot", Script { dot: SayAndClose(b"250 o"), ..GOOD }, "unknown"),
    ];
    for (name, second, expected) in rows {
        let (kinds, seen) = run_each(vec![vec![GOOD, second]], 2).await;
        assert_eq!((kinds, seen.len()), (vec!["accepted", expected], 1), "{name}");
    }
}

#[tokio::test]
async fn a_new_connection_that_says_421_is_not_tried_again() {
    for script in [
        Script { greeting: SayAndClose(b"421 busy\r\n"), ..GOOD },
        Script { hello: SayAndClose(b"421 busy\r\n"), ..GOOD },
        Script { mail: SayAndClose(b"421 busy\r\n"), ..GOOD },
        Script { recipients: [SayAndClose(b"421 busy\r\n"); 2], ..GOOD },
        Script { data: SayAndClose(b"421 busy\r\n"), ..GOOD },
        Script { dot: SayAndClose(b"421 busy\r\n"), ..GOOD },
    ] {
        assert_eq!(run_each(vec![vec![script]], 1).await.0, ["later"]);
    }
}

#[tokio::test]
async fn after_a_refusal_the_server_is_told_to_forget_and_takes_the_next() {
    let unknown = Script { recipients: [Say(b"550 5.1.1 who\r\n"), Say(b"250 ok\r\n")], ..GOOD };
    let full = Script { dot: Say(b"452 4.3.1 full\r\n"), ..GOOD };
    let (kinds, seen) = run_each(vec![vec![unknown, full, GOOD]], 3).await;
    assert_eq!(kinds, ["address", "later", "accepted"]);
    assert_eq!((count(&seen[0], "RSET"), count(&seen[0], "MAIL")), (2, 3));
}

#[tokio::test]
async fn nothing_follows_a_mail_of_unknown_fate_or_one_that_we_stopped() {
    let (kinds, seen) = run_each(vec![vec![Script { dot: Say(b"354 what\r\n"), ..GOOD }], vec![GOOD]], 2).await;
    assert_eq!(kinds, ["unknown", "accepted"]);
    assert_eq!(count(&seen[0], "MAIL"), 1);

    let (port, server) = serve_each(vec![vec![GOOD], vec![GOOD]]).await;
    let smtp = smtp(port, false);
    assert_eq!(kind(&smtp.deliver(&mail(), &mut || ready(Err("paid".into()))).await), "later");
    assert_eq!(kind(&smtp.deliver(&mail(), &mut || ready(Ok(()))).await), "accepted");
    drop(smtp);
    let seen = server.await.unwrap();
    assert_eq!((seen[0].commands.last().map(String::as_str), seen[0].dot), (Some("DATA"), false));
}

#[tokio::test]
async fn a_connection_takes_a_hundred_mails_and_two_at_once_take_two() {
    let (port, server) = serve_each(vec![vec![GOOD]; 4]).await;
    let smtp = smtp(port, false);
    for _ in 0..101 {
        assert_eq!(kind(&smtp.deliver(&mail(), &mut || ready(Ok(()))).await), "accepted");
    }
    smtp.rest().await;
    let (mail, mut yes, mut yes_too) = (mail(), || ready(Ok(())), || ready(Ok(())));
    tokio::join!(smtp.deliver(&mail, &mut yes), smtp.deliver(&mail, &mut yes_too));
    drop(smtp);
    let mails: Vec<usize> = server.await.unwrap().iter().map(|seen| count(seen, "MAIL")).collect();
    assert_eq!(mails, [100, 1, 1, 1]);
}

#[tokio::test]
async fn a_server_is_swift_while_its_connection_is_kept_and_its_answers_come() {
    let (port, server) = serve_each(vec![vec![GOOD, GOOD, Script { dot: Say(b"354 what\r\n"), ..GOOD }]]).await;
    let smtp = smtp(port, false);
    assert!(!smtp.is_swift(), "nothing is known yet");
    for swift in [true, true, false] {
        smtp.deliver(&mail(), &mut || ready(Ok(()))).await;
        assert_eq!(smtp.is_swift(), swift);
    }
    drop(smtp);
    server.await.unwrap();
}
