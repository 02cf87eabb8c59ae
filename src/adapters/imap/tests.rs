//! Against a scripted server on a real socket that can be told to misbehave at any command.

use super::reading::SWEEP;
use super::*;
use crate::adapters::clock::SetClock;
use crate::adapters::tls::Security;
use std::sync::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What happens instead of the right answer.
#[derive(Clone, Copy, Debug)]
enum Fault {
    No,
    Bad,
    /// An untagged line of nonsense, then OK.
    Garbage(&'static [u8]),
    Close,
    Hang,
    /// OK at once, with nothing before it.
    Empty,
    Bye,
}

#[derive(Default)]
struct State {
    validity: u32,
    next: Option<u32>,
    mails: Vec<(u32, Vec<u8>)>,
    junk: Option<Vec<(u32, Vec<u8>)>>,
    /// For commands that begin so (without the tag), so many times.
    faults: Vec<(&'static str, Fault, usize)>,
    greeting: Option<&'static str>,
    seen: Vec<String>,
    logins: usize,
    /// Tag of the IDLE that goes on.
    idle: String,
}

type Shared = Arc<Mutex<State>>;

async fn serve(shared: Shared) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(converse(socket, shared.clone()));
        }
    });
    port
}

async fn converse(socket: TcpStream, shared: Shared) {
    let mut line = BufReader::new(socket);
    let greeting = shared.lock().unwrap().greeting.unwrap_or("* OK ready\r\n");
    line.get_mut().write_all(greeting.as_bytes()).await.unwrap();
    let mut folder = String::new();
    loop {
        let mut command = String::new();
        if line.read_line(&mut command).await.unwrap_or(0) == 0 {
            return;
        }
        let (tag, rest) = command.trim_end().split_once(' ').unwrap_or((command.trim_end(), ""));
        let fault = take_fault(&shared, rest);
        let answer = match fault {
            Some(Fault::No) => format!("{tag} NO not now\r\n").into_bytes(),
            Some(Fault::Bad) => format!("{tag} BAD what\r\n").into_bytes(),
            Some(Fault::Garbage(bytes)) => [bytes, format!("{tag} OK done\r\n").as_bytes()].concat(),
            Some(Fault::Empty) => format!("{tag} OK done\r\n").into_bytes(),
            Some(Fault::Bye) => b"* BYE shutting down\r\n".to_vec(),
            Some(Fault::Hang) => Vec::new(),
            Some(Fault::Close) => return,
            None => answer(&shared, &mut folder, tag, rest),
        };
        if line.get_mut().write_all(&answer).await.is_err() {
            return;
        }
    }
}

fn take_fault(shared: &Shared, rest: &str) -> Option<Fault> {
    let mut state = shared.lock().unwrap();
    state.seen.push(rest.to_owned());
    let (_, fault, times) = state.faults.iter_mut().find(|(begin, _, times)| rest.starts_with(begin) && *times > 0)?;
    *times -= 1;
    Some(*fault)
}

fn answer(shared: &Shared, folder: &mut String, tag: &str, rest: &str) -> Vec<u8> {
    let mut state = shared.lock().unwrap();
    let ok = format!("{tag} OK done\r\n");
    if rest.starts_with("LOGIN") {
        state.logins += 1;
        return ok.into_bytes();
    }
    if let Some(name) = rest.strip_prefix("EXAMINE ") {
        *folder = name.trim_matches('"').to_owned();
        let Some(mails) = mails(&state, folder) else { return format!("{tag} NO no such folder\r\n").into_bytes() };
        let next = state.next.map(|n| format!("* OK [UIDNEXT {n}] next\r\n")).unwrap_or_default();
        let validity = format!("* OK [UIDVALIDITY {}] valid\r\n", state.validity);
        return format!("* {} EXISTS\r\n{validity}{next}{ok}", mails.len()).into_bytes();
    }
    let mails = mails(&state, folder).unwrap_or_default();
    if let Some(criteria) = rest.strip_prefix("UID SEARCH ") {
        let found: Vec<_> =
            mails.iter().map(|m| m.0).filter(|uid| fits(*uid, criteria, &mails)).map(|u| format!(" {u}")).collect();
        return format!("* SEARCH{}\r\n{ok}", found.concat()).into_bytes();
    }
    if let Some(fetch) = rest.strip_prefix("UID FETCH ") {
        let (set, items) = fetch.split_once(' ').unwrap();
        let mut out = Vec::new();
        for (i, (uid, body)) in mails.iter().enumerate().filter(|(_, m)| set.split(',').any(|u| u == m.0.to_string())) {
            out.extend(fetched(i + 1, *uid, body, items));
        }
        out.extend(ok.into_bytes());
        return out;
    }
    match (rest, tag) {
        ("IDLE", _) => {
            state.idle = tag.to_owned();
            b"+ idling\r\n* OK still here\r\n".to_vec()
        }
        (_, "DONE") => format!("{} OK done\r\n", state.idle).into_bytes(),
        _ => ok.into_bytes(),
    }
}

fn mails(state: &State, folder: &str) -> Option<Vec<(u32, Vec<u8>)>> {
    if folder == "INBOX" { Some(state.mails.clone()) } else { state.junk.clone() }
}

/// `UID n:*` (the last always fits), `UID a,b`, `OR SINCE d UID n:*` (everything).
fn fits(uid: u32, criteria: &str, mails: &[(u32, Vec<u8>)]) -> bool {
    match criteria.strip_prefix("UID ") {
        Some(range) if range.ends_with(":*") => {
            let from: u32 = range.trim_end_matches(":*").parse().unwrap();
            uid >= from || mails.last().is_some_and(|m| m.0 == uid)
        }
        Some(set) => set.split(',').any(|u| u == uid.to_string()),
        None => true,
    }
}

fn fetched(number: usize, uid: u32, body: &[u8], items: &str) -> Vec<u8> {
    if items.contains("RFC822.SIZE") {
        let date = if items.contains("INTERNALDATE") { " INTERNALDATE \"03-Nov-2026 10:00:00 +0100\"" } else { "" };
        return format!("* {number} FETCH (UID {uid} RFC822.SIZE {}{date})\r\n", body.len()).into_bytes();
    }
    let (part, origin) = match items.split_once('<') {
        None => (body, String::new()),
        Some((_, range)) => {
            let (from, length) = range.trim_end_matches(">)").split_once('.').unwrap();
            let from: usize = from.parse().unwrap();
            let to = body.len().min(from + length.parse::<usize>().unwrap());
            (body.get(from..to).unwrap_or_default(), format!("<{from}>"))
        }
    };
    let head = format!("* {number} FETCH (UID {uid} BODY[]{origin} {{{}}}\r\n", part.len());
    [head.as_bytes(), part, b")\r\n"].concat()
}

#[derive(Default)]
struct Known {
    cursors: HashMap<(String, u32), u32>,
    has: HashSet<MailKey>,
}

impl Known {
    fn store(&mut self, glance: &Glance) {
        for mail in &glance.mails {
            let cursor = self.cursors.entry((mail.key.folder.clone(), mail.key.uidvalidity)).or_default();
            *cursor = mail.key.uid.max(*cursor);
            assert!(self.has.insert(mail.key.clone()), "told twice: {:?}", mail.key);
        }
    }
}

impl KnownMail for Known {
    fn cursor(&self, folder: &str, uidvalidity: u32) -> Option<u32> {
        self.cursors.get(&(folder.to_owned(), uidvalidity)).copied()
    }
    fn has(&self, key: &MailKey) -> bool {
        self.has.contains(key)
    }
}

fn text(n: u32) -> (u32, Vec<u8>) {
    (n, format!("Subject: {n}\r\n\r\nM\u{fc}ller ) {{3}}\r\n").into_bytes())
}

fn state(uids: &[u32]) -> Shared {
    let next = uids.last().map_or(1, |n| n + 1);
    let mails = uids.iter().copied().map(text).collect();
    Arc::new(Mutex::new(State { validity: 7, next: Some(next), mails, ..State::default() }))
}

async fn imap(shared: &Shared) -> Imap {
    let port = serve(shared.clone()).await;
    let server = Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None };
    let login = Login { user: "owner".into(), password: "ge\"heim".into() };
    let clock = Arc::new(SetClock::new(DateTime::from_timestamp(1_793_696_400, 0).unwrap()));
    let short = Duration::from_millis(800);
    let patience = Patience { connect: short, command: short, idle: short, done: short, slice: 1024 * 1024 };
    Imap::new(server, login, vec!["INBOX".into(), "Junk".into()], clock).with_patience(patience)
}

/// Another look, as if the time to wait after a failure were over.
async fn look(imap: &mut Imap, known: &Known) -> Result<Glance, MailboxFault> {
    imap.pace = Pace::default();
    imap.look(known, 50).await
}

fn uids(glance: &Glance) -> Vec<u32> {
    glance.mails.iter().map(|m| m.key.uid).collect()
}

#[tokio::test]
async fn mails_come_oldest_first_whole_and_once() {
    let shared = state(&[3, 5, 9]);
    shared.lock().unwrap().junk = Some(vec![text(2)]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    let first = imap.look(&known, 2).await.unwrap();
    assert_eq!((uids(&first), first.complete), (vec![3, 5], false));
    assert_eq!(first.mails[0].body, Ok(text(3).1));
    assert_eq!(first.mails[0].received_at.unwrap().to_rfc3339(), "2026-11-03T09:00:00+00:00");
    known.store(&first);
    let rest = imap.look(&known, 50).await.unwrap();
    assert_eq!((uids(&rest), rest.complete), (vec![9, 2], true));
    assert_eq!(rest.mails[1].key.folder, "Junk");
    known.store(&rest);
    let none = imap.look(&known, 50).await.unwrap();
    assert!(none.mails.is_empty() && none.complete);
    let state = shared.lock().unwrap();
    assert_eq!(state.logins, 1);
    assert!(state.seen[0].starts_with("LOGIN \"owner\" \"ge\\\"heim\""));
    for command in &state.seen[1..] {
        let reads = ["EXAMINE ", "UID SEARCH ", "UID FETCH "].iter().any(|verb| command.starts_with(verb));
        assert!(reads && !command.contains("BODY["), "only reading, and without marking as read: {command}");
    }
}

#[tokio::test]
async fn a_search_is_made_only_when_the_numbers_ask_for_it() {
    let shared = state(&[1, 2]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    known.store(&look(&mut imap, &known).await.unwrap());
    let searches = |shared: &Shared| shared.lock().unwrap().seen.iter().filter(|c| c.contains("SEARCH")).count();
    let before = searches(&shared);
    assert!(look(&mut imap, &known).await.unwrap().complete);
    assert_eq!(searches(&shared), before);

    // Without UIDNEXT a new mail must be assumed.
    shared.lock().unwrap().next = None;
    assert!(look(&mut imap, &known).await.unwrap().complete);
    assert_eq!(searches(&shared), before + 1);

    // Fallen without a new UIDVALIDITY: everything is compared.
    *shared.lock().unwrap() = State { validity: 7, next: Some(2), mails: vec![text(1)], ..State::default() };
    assert!(look(&mut imap, &known).await.unwrap().mails.is_empty());
    assert!(shared.lock().unwrap().seen.iter().any(|c| c.starts_with("UID SEARCH OR SINCE 5-Aug-2026 UID 3:*")));
}

#[tokio::test]
async fn another_uidvalidity_means_that_all_is_new() {
    let shared = state(&[1, 2]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    known.store(&look(&mut imap, &known).await.unwrap());
    shared.lock().unwrap().validity = 8;
    let glance = look(&mut imap, &known).await.unwrap();
    assert_eq!(uids(&glance), [1, 2]);
    assert!(glance.mails.iter().all(|m| m.key.uidvalidity == 8));
}

#[tokio::test]
async fn a_mail_that_was_missed_is_found_by_the_nightly_comparison() {
    let shared = state(&[1, 2, 3]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    known.store(&look(&mut imap, &known).await.unwrap());
    known.has.retain(|key| key.uid != 2);
    assert!(look(&mut imap, &known).await.unwrap().mails.is_empty());
    imap.swept.values_mut().for_each(|at| *at -= SWEEP);
    assert_eq!(uids(&look(&mut imap, &known).await.unwrap()), [2]);
}

#[tokio::test]
async fn a_fault_is_never_taken_for_an_empty_mailbox() {
    let faults = [Fault::No, Fault::Bad, Fault::Close, Fault::Hang, Fault::Bye, Fault::Empty];
    let garbage = [
        &b"* SEARCH x\r\n"[..],
        b"* 1 FETCH (UID 1 ENVELOPE (\"x\r\n",
        b"\x00\xff\r\n",
        b"* OK [UIDVALIDITY 1]\xc3\xa9\r\n",
    ];
    let mut rows = Vec::new();
    for verb in ["LOGIN", "EXAMINE \"INBOX\"", "UID SEARCH", "UID FETCH"] {
        for fault in faults.iter().copied().chain(garbage.iter().map(|bytes| Fault::Garbage(bytes))) {
            if verb != "LOGIN" || !matches!(fault, Fault::Empty | Fault::Garbage(_)) {
                rows.push(is_survived(verb, fault));
            }
        }
    }
    futures_util::future::join_all(rows).await;
}

/// One fault, and all mails are had in the end.
async fn is_survived(verb: &'static str, fault: Fault) {
    let shared = state(&[1, 2]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    shared.lock().unwrap().faults = vec![(verb, fault, 1)];
    let first = look(&mut imap, &known).await;
    if let Ok(glance) = &first {
        assert!(!glance.complete || uids(glance) == [1, 2], "{verb} {fault:?}: {glance:?}");
        known.store(glance);
    }
    for _ in 0..2 {
        let glance = look(&mut imap, &known).await.unwrap_or_else(|e| panic!("{verb} {fault:?}: {e}"));
        known.store(&glance);
        assert!(glance.complete);
    }
    assert_eq!(known.has.len(), 2, "{verb} {fault:?}");
}

#[tokio::test]
async fn a_mail_that_cannot_be_fetched_is_told_after_five_tries_and_blocks_only_until_then() {
    let shared = state(&[1, 2, 3]);
    shared.lock().unwrap().faults = vec![("UID FETCH 2 (UID BODY", Fault::Close, usize::MAX)];
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    let mut looks = 0;
    while !known.cursors.values().any(|&uid| uid == 3) {
        looks += 1;
        assert!(looks < 20);
        if let Ok(glance) = look(&mut imap, &known).await {
            assert!(!glance.complete || looks > 5);
            known.store(&glance);
            if let Some(mail) = glance.mails.iter().find(|m| m.key.uid == 2) {
                assert_eq!(mail.body, Err("mail 2 could not be fetched in 5 tries".into()));
            }
        }
    }
    assert_eq!(looks, 6);
    assert_eq!(known.has.len(), 3);
}

#[tokio::test]
async fn a_date_that_breaks_the_library_costs_no_mail() {
    let shared = state(&[1]);
    let nil = Fault::Garbage(b"* 1 FETCH (UID 1 RFC822.SIZE 10 INTERNALDATE NIL)\r\n");
    shared.lock().unwrap().faults = vec![("UID FETCH 1 (UID RFC822.SIZE INTERNALDATE)", nil, usize::MAX)];
    let (mut imap, known) = (imap(&shared).await, Known::default());
    for _ in 0..2 {
        assert!(matches!(look(&mut imap, &known).await, Err(MailboxFault::Later(_))));
    }
    let glance = look(&mut imap, &known).await.unwrap();
    assert_eq!((glance.mails[0].body.clone(), glance.mails[0].received_at), (Ok(text(1).1), None));
}

#[tokio::test]
async fn a_large_mail_comes_in_slices_and_a_huge_one_is_told() {
    let shared = state(&[1, 2]);
    let body: Vec<u8> = (0..2_500_000u32).map(|i| b"abc\r\n\xff"[i as usize % 6]).collect();
    shared.lock().unwrap().mails = vec![(1, body.clone()), (2, vec![b'x'; 26 * 1024 * 1024])];
    let (mut imap, known) = (imap(&shared).await, Known::default());
    imap.patience.command = Duration::from_secs(20);
    let glance = look(&mut imap, &known).await.unwrap();
    assert!(glance.mails[0].body.as_ref() == Ok(&body));
    assert_eq!(glance.mails[1].body, Err("it is too large (26 MiB; at most 25 MiB is read)".into()));
    let slices = shared.lock().unwrap().seen.iter().filter(|c| c.contains("BODY.PEEK[]<")).count();
    assert_eq!(slices, 3);
}

#[tokio::test]
async fn a_mail_that_vanishes_on_the_way_is_no_fault() {
    let shared = state(&[1, 2]);
    let (mut imap, known) = (imap(&shared).await, Known::default());
    shared.lock().unwrap().faults = vec![("UID SEARCH", Fault::Garbage(b"* SEARCH 1 2 4\r\n"), 1)];
    let glance = look(&mut imap, &known).await.unwrap();
    assert_eq!((uids(&glance), glance.complete), (vec![1, 2], true));
}

#[tokio::test]
async fn who_must_look_is_told() {
    let shared = state(&[1]);
    shared.lock().unwrap().faults = vec![("LOGIN", Fault::No, 1), ("EXAMINE \"INBOX\"", Fault::No, 1)];
    let (mut imap, known) = (imap(&shared).await, Known::default());
    let refused = |r: Result<Glance, _>| matches!(r, Err(MailboxFault::Refused(_)));
    assert!(refused(look(&mut imap, &known).await), "login");
    assert!(refused(look(&mut imap, &known).await), "INBOX");
    imap.session = None;
    shared.lock().unwrap().greeting = Some("* PREAUTH hello\r\n");
    assert!(refused(look(&mut imap, &known).await), "PREAUTH");
    shared.lock().unwrap().greeting = Some("* BYE full\r\n");
    assert!(matches!(look(&mut imap, &known).await, Err(MailboxFault::Later(_))));
}

#[tokio::test]
async fn after_a_failure_there_is_no_second_login_at_once() {
    let shared = state(&[1]);
    shared.lock().unwrap().faults = vec![("LOGIN", Fault::No, usize::MAX)];
    let (mut imap, known) = (imap(&shared).await, Known::default());
    assert!(imap.look(&known, 5).await.is_err());
    for _ in 0..3 {
        let fault = imap.look(&known, 5).await.unwrap_err();
        assert!(fault.to_string().contains("next login in"), "{fault}");
    }
    assert_eq!(shared.lock().unwrap().seen.len(), 1);
    let begun = Instant::now();
    imap.wait(Duration::from_millis(50)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn waiting_ends_at_once_when_something_came_since_the_look() {
    let shared = state(&[1]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    known.store(&look(&mut imap, &known).await.unwrap());
    {
        let mut state = shared.lock().unwrap();
        state.mails.push(text(2));
        state.next = Some(3);
    }
    let begun = Instant::now();
    imap.wait(Duration::from_secs(30)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(uids(&look(&mut imap, &known).await.unwrap()), [2]);
}

#[tokio::test]
async fn idle_ends_in_time_and_keeps_the_session() {
    let shared = state(&[1]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    known.store(&look(&mut imap, &known).await.unwrap());
    let begun = Instant::now();
    imap.wait(Duration::from_millis(80)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(80) && begun.elapsed() < Duration::from_secs(5));
    assert!(look(&mut imap, &known).await.unwrap().complete);
    assert_eq!(shared.lock().unwrap().logins, 1);
}

#[tokio::test]
async fn idle_that_is_refused_or_cut_is_survived() {
    for (fault, survives) in
        [(Fault::No, true), (Fault::Bad, true), (Fault::Close, false), (Fault::Bye, false), (Fault::Hang, false)]
    {
        let shared = state(&[1]);
        let (mut imap, mut known) = (imap(&shared).await, Known::default());
        known.store(&look(&mut imap, &known).await.unwrap());
        shared.lock().unwrap().faults = vec![("IDLE", fault, usize::MAX)];
        let waited = imap.wait(Duration::from_millis(100)).await;
        assert_eq!(waited.is_ok(), survives, "{fault:?}: {waited:?}");
        assert_eq!(imap.session.is_some(), survives, "{fault:?}");
        assert!(look(&mut imap, &known).await.unwrap().complete, "{fault:?}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_counted_is_not_empty() {
    let shared = state(&[1]);
    let uncounted = Fault::Garbage(b"* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 2] next\r\n");
    shared.lock().unwrap().faults = vec![("EXAMINE \"INBOX\"", uncounted, 1)];
    let (mut imap, known) = (imap(&shared).await, Known::default());
    assert!(matches!(look(&mut imap, &known).await, Err(MailboxFault::Later(_))));
}
