//! Against a scripted server on a real socket that can be told to misbehave at any command.

use super::reading::SWEEP;
use super::*;
use crate::adapters::clock::SetClock;
use crate::adapters::tls::Security;
use crate::mail::own;
use crate::ports::Copies;
use chrono::NaiveDate;
use std::sync::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
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

/// UID and bytes.
type Mails = Vec<(u32, Vec<u8>)>;

#[derive(Default)]
struct State {
    validity: u32,
    next: Option<u32>,
    mails: Vec<(u32, Vec<u8>)>,
    junk: Option<Vec<(u32, Vec<u8>)>>,
    /// Further folders as LIST tells them: attributes, name, mails.
    more: Vec<(&'static str, &'static str, Mails)>,
    /// Mails that came by APPEND: its words, and the bytes.
    kept: Vec<(String, Vec<u8>)>,
    /// For commands that begin so (without the tag), so many times.
    faults: Vec<(&'static str, Fault, usize)>,
    /// Whoever asks the bytes of this mail is cut off.
    poison: Option<u32>,
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
        let fault = take_fault(&shared, rest).or_else(|| poisoned(&shared, rest));
        if rest.starts_with("APPEND ") && fault.is_none() {
            let size: usize = rest.rsplit('{').next().unwrap().trim_end_matches('}').parse().unwrap();
            line.get_mut().write_all(b"+ go ahead\r\n").await.unwrap();
            let mut mail = vec![0; size + 2];
            line.read_exact(&mut mail).await.unwrap();
            assert!(mail.ends_with(b"\r\n"));
            mail.truncate(size);
            shared.lock().unwrap().kept.push((rest.to_owned(), mail));
        }
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

fn poisoned(shared: &Shared, rest: &str) -> Option<Fault> {
    let (set, items) = rest.strip_prefix("UID FETCH ")?.split_once(' ')?;
    let poison = shared.lock().unwrap().poison?;
    (items.contains("BODY.PEEK[]") && is_in(set, poison)).then_some(Fault::Close)
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
    if rest.starts_with("LIST ") {
        let junk = state.junk.as_ref().map(|_| ("\\HasNoChildren", "Junk"));
        let more = state.more.iter().map(|(attributes, name, _)| (*attributes, *name));
        let all = [("", "INBOX")].into_iter().chain(junk).chain(more);
        let lines: Vec<String> =
            all.map(|(attributes, name)| format!("* LIST ({attributes}) \"/\" \"{name}\"\r\n")).collect();
        return format!("{}{ok}", lines.concat()).into_bytes();
    }
    let mails = mails(&state, folder).unwrap_or_default();
    if let Some(criteria) = rest.strip_prefix("UID SEARCH ") {
        let found: Vec<_> =
            mails.iter().filter(|mail| fits(mail, criteria, &mails)).map(|mail| format!(" {}", mail.0)).collect();
        return format!("* SEARCH{}\r\n{ok}", found.concat()).into_bytes();
    }
    if let Some(fetch) = rest.strip_prefix("UID FETCH ") {
        let (set, items) = fetch.split_once(' ').unwrap();
        let mut out = Vec::new();
        for (i, (uid, body)) in mails.iter().enumerate().filter(|(_, mail)| is_in(set, mail.0)) {
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
    match folder {
        "INBOX" => Some(state.mails.clone()),
        "Junk" => state.junk.clone(),
        _ => state.more.iter().find(|(_, name, _)| *name == folder).map(|(_, _, mails)| mails.clone()),
    }
}

/// `UID n:*` (the last always fits), `UID a,b`, `OR SINCE d UID n:*` (everything), `OR HEADER h "x" UID *` (a part of
/// the value is enough, and the last always fits).
fn fits((uid, body): &(u32, Vec<u8>), criteria: &str, mails: &[(u32, Vec<u8>)]) -> bool {
    let is_last = mails.last().is_some_and(|m| m.0 == *uid);
    if let Some(header) = criteria.strip_prefix("OR HEADER ") {
        let (name, value) = header.split_once(' ').unwrap();
        let value = value.strip_suffix(" UID *").unwrap().trim_matches('"');
        let head = String::from_utf8_lossy(own::head_of(body)).into_owned();
        let has = |line: &str| line.starts_with(&format!("{name}:")) && line.contains(value);
        return is_last || head.lines().any(has);
    }
    match criteria.strip_prefix("UID ") {
        Some(range) if range.ends_with(":*") => {
            let from: u32 = range.trim_end_matches(":*").parse().unwrap();
            *uid >= from || is_last
        }
        Some(set) => is_in(set, *uid),
        None => true,
    }
}

/// `1:3,7`
fn is_in(set: &str, uid: u32) -> bool {
    set.split(',').any(|run| {
        let (first, last) = run.split_once(':').unwrap_or((run, run));
        (first.parse::<u32>().unwrap()..=last.parse::<u32>().unwrap()).contains(&uid)
    })
}

fn fetched(number: usize, uid: u32, body: &[u8], items: &str) -> Vec<u8> {
    if items.contains("RFC822.SIZE") {
        let date = if items.contains("INTERNALDATE") { " INTERNALDATE \"03-Nov-2026 10:00:00 +0100\"" } else { "" };
        return format!("* {number} FETCH (UID {uid} RFC822.SIZE {}{date})\r\n", body.len()).into_bytes();
    }
    if let Some((_, section)) = items.split_once("BODY.PEEK[HEADER") {
        let section = section.split(']').next().unwrap();
        let mut head = own::head_of(body).to_vec();
        if let Some(names) = section.strip_prefix(".FIELDS (") {
            let names: Vec<String> =
                names.trim_end_matches(')').split(' ').map(|name| format!("{}:", name.to_lowercase())).collect();
            let text = String::from_utf8_lossy(&head).into_owned();
            let is_asked = |line: &&str| names.iter().any(|name| line.to_lowercase().starts_with(name));
            let lines: Vec<String> = text.lines().filter(is_asked).map(|line| format!("{line}\r\n")).collect();
            head = format!("{}\r\n", lines.concat()).into_bytes();
        }
        let date = format!("INTERNALDATE \"{:02}-Nov-2026 10:00:00 +0100\"", uid.min(28));
        let before = format!("* {number} FETCH (UID {uid} {date} BODY[HEADER{section}] {{{}}}\r\n", head.len());
        return [before.as_bytes(), &head, b")\r\n"].concat();
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
    /// Mails with this in the header are read first.
    awaited: Option<&'static str>,
}

impl Known {
    fn store(&mut self, glance: &Glance) {
        for mail in &glance.mails {
            assert!(self.has.insert(mail.key.clone()), "told twice: {:?}", mail.key);
            if mail.ahead {
                continue;
            }
            let cursor = self.cursors.entry((mail.key.folder.clone(), mail.key.uidvalidity)).or_default();
            *cursor = mail.key.uid.max(*cursor);
        }
    }
}

impl KnownMail for Known {
    fn cursor(&self, folder: &str, uidvalidity: u32) -> Option<u32> {
        self.cursors.get(&(folder.to_owned(), uidvalidity)).copied()
    }
    fn knows(&self, folder: &str) -> bool {
        self.cursors.keys().any(|(known, _)| known == folder)
    }
    fn has(&self, key: &MailKey) -> bool {
        self.has.contains(key)
    }
    fn awaited(&self, heads: Vec<Vec<u8>>) -> Vec<bool> {
        let is_awaited = |head: &Vec<u8>| self.awaited.is_some_and(|word| String::from_utf8_lossy(head).contains(word));
        heads.iter().map(is_awaited).collect()
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
    at(serve(shared.clone()).await)
}

/// One look at what says anything; only that it ends counts.
pub async fn fuzzed(port: u16) {
    let _ = at(port).look(&Known::default(), 50).await;
}

fn at(port: u16) -> Imap {
    let server = Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None };
    let login = Login { user: "owner".into(), password: "ge\"heim".into() };
    let clock = Arc::new(SetClock::new(DateTime::from_timestamp(1_793_696_400, 0).unwrap()));
    let short = Duration::from_secs(2);
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
        let reads = ["EXAMINE ", "LIST ", "UID SEARCH ", "UID FETCH "].iter().any(|verb| command.starts_with(verb));
        assert!(reads && !command.contains("BODY["), "only reading, and without marking as read: {command}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_opened_is_not_an_empty_one() {
    let shared = state(&[1]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    let inbox = look(&mut imap, &known).await.unwrap();
    assert!(inbox.complete, "there is no Junk, and never was");
    known.store(&inbox);
    shared.lock().unwrap().junk = Some(vec![text(2)]);
    shared.lock().unwrap().faults = vec![("EXAMINE \"Junk\"", Fault::No, 1)];
    let fault = look(&mut imap, &known).await.unwrap_err().to_string();
    assert!(fault.contains("the folder Junk cannot be opened"), "{fault}");
    let all = look(&mut imap, &known).await.unwrap();
    assert!(all.complete);
    known.store(&all);
    shared.lock().unwrap().junk = None;
    let fault = look(&mut imap, &known).await.unwrap_err().to_string();
    assert!(fault.contains("the folder Junk cannot be opened"), "it was read once: {fault}");
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
    shared.lock().unwrap().poison = Some(2);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    let mut looks = 0;
    while !known.cursors.values().any(|&uid| uid == 3) {
        looks += 1;
        assert!(looks < 20);
        if let Ok(glance) = look(&mut imap, &known).await {
            assert!(!glance.complete || looks > 6);
            known.store(&glance);
            if let Some(mail) = glance.mails.iter().find(|m| m.key.uid == 2) {
                assert_eq!(mail.body, Err("mail 2 could not be fetched in 5 tries".to_owned().into()));
            }
        }
    }
    // Once together with the others, which are then asked alone, and five times by itself.
    assert_eq!(looks, 7);
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
    let huge = glance.mails[1].body.clone().unwrap_err();
    assert_eq!(huge.why, "it is too large (26 MiB; at most 25 MiB is read)");
    assert_eq!(huge.beginning.len(), 1024 * 1024, "whom it names is known");
    let slices = shared.lock().unwrap().seen.iter().filter(|c| c.starts_with("UID FETCH 1 (UID BODY.PEEK[]<")).count();
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

const ID: &str = "abc.def@voorbeeld.example";

/// One of ours, or of anybody: its number is also its day of November.
fn letter(uid: u32, headers: &str) -> (u32, Vec<u8>) {
    (uid, format!("From: a@voorbeeld.example\r\n{headers}\r\n\r\nTekst, niet {ID}\r\n").into_bytes())
}

fn ours(uid: u32) -> (u32, Vec<u8>) {
    letter(uid, &format!("Message-ID: <{ID}>\r\nX-Aanmaand-Id: {ID}"))
}

async fn copies(shared: &Shared, sent: Option<&str>) -> ImapCopies {
    let port = serve(shared.clone()).await;
    let server = Server { host: "127.0.0.1".into(), port, security: Security::Plain, ca_file: None };
    let login = Login { user: "owner".into(), password: "geheim".into() };
    let short = Duration::from_secs(2);
    let patience = Patience { connect: short, command: short, idle: short, done: short, slice: 1024 * 1024 };
    ImapCopies::new(server, login, vec!["INBOX".into(), "Junk".into()], sent.map(str::to_owned)).with_patience(patience)
}

#[tokio::test]
async fn a_copy_is_found_wherever_it_lies_and_only_by_its_whole_id() {
    let near = || letter(4, &format!("Message-ID: <x{ID}>\r\nX-Aanmaand-Id: x{ID}\r\nIn-Reply-To: <{ID}>"));
    let replaced = letter(6, &format!("Message-ID: <new@provider.example>\r\nX-Aanmaand-Id: {ID}"));
    let rows: [(&str, Mails, Option<u32>); 6] = [
        ("empty", vec![], None),
        ("a search answers with the last mail at least", vec![letter(1, "Subject: x")], None),
        ("a part of an id is not it", vec![near(), letter(5, "Subject: x")], None),
        ("among others", vec![near(), ours(5), letter(7, "Subject: x")], Some(5)),
        ("the last one", vec![letter(2, "Subject: x"), ours(5)], Some(5)),
        ("the server put its own id there", vec![replaced, letter(8, "Subject: x")], Some(6)),
    ];
    for (what, mails, found) in rows {
        for folder in ["Sent", "All", "INBOX", "Junk"] {
            let shared = state(&[]);
            {
                let mut state = shared.lock().unwrap();
                state.more = vec![("\\Sent", "Verstuurd", vec![]), ("\\All", "Alles", vec![])];
                state.junk = Some(vec![]);
                match folder {
                    "Sent" => state.more[0].2 = mails.clone(),
                    "All" => state.more[1].2 = mails.clone(),
                    "INBOX" => state.mails = mails.clone(),
                    _ => state.junk = Some(mails.clone()),
                }
            }
            let mut copies = copies(&shared, None).await;
            let copy = copies.find(ID).await.unwrap_or_else(|e| panic!("{what} in {folder}: {e}"));
            assert_eq!(copy.as_ref().map(|copy| copy.key.uid), found, "{what} in {folder}");
            if let Some(copy) = copy {
                assert_eq!(copy.received_at.unwrap().to_rfc3339(), format!("2026-11-0{}T09:00:00+00:00", copy.key.uid));
                assert!(own::carries(&copy.head, ID) && copy.key.uidvalidity == 7);
                assert!(!String::from_utf8_lossy(&copy.head).contains("Tekst"), "only the header was asked");
            }
            let reads = ["LOGIN", "LIST", "EXAMINE ", "UID SEARCH ", "UID FETCH "];
            let seen = shared.lock().unwrap().seen.clone();
            assert!(seen.iter().all(|command| reads.iter().any(|verb| command.starts_with(verb))), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_fault_is_never_taken_for_not_there() {
    let faults = [Fault::No, Fault::Bad, Fault::Close, Fault::Hang, Fault::Bye, Fault::Empty];
    let garbage = [&b"* SEARCH x\r\n"[..], b"* 1 FETCH (UID 1 ENVELOPE (\"x\r\n", b"\x00\xff\r\n"];
    let verbs = [
        "LOGIN",
        "LIST",
        "EXAMINE \"Sent\"",
        "EXAMINE \"INBOX\"",
        // Either search alone is made good by the other one.
        "UID SEARCH",
        "UID SEARCH OR HEADER Message-ID",
        "UID SEARCH OR HEADER X-Aanmaand-Id",
        "UID FETCH",
    ];
    let mut rows = Vec::new();
    for verb in verbs {
        for fault in faults.iter().copied().chain(garbage.iter().map(|bytes| Fault::Garbage(bytes))) {
            if verb != "LOGIN" || !matches!(fault, Fault::Empty | Fault::Garbage(_)) {
                rows.push(finds_after(verb, fault));
            }
        }
    }
    futures_util::future::join_all(rows).await;
}

/// The copy is in INBOX, the last place of all: a fault anywhere before it must not hide it.
async fn finds_after(verb: &'static str, fault: Fault) {
    let shared = state(&[]);
    {
        let mut state = shared.lock().unwrap();
        state.more = vec![("\\Sent", "Sent", vec![letter(3, "Subject: x")])];
        state.mails = vec![ours(2), letter(9, "Subject: x")];
        state.faults = vec![(verb, fault, usize::MAX)];
    }
    let mut copies = copies(&shared, None).await;
    match copies.find(ID).await {
        Err(_) => {}
        Ok(found) => assert!(found.is_some(), "{verb} {fault:?}: it is there"),
    }
    shared.lock().unwrap().faults.clear();
    let again = copies.find(ID).await;
    let waits = matches!(&again, Err(fault) if fault.to_string().contains("next login in"));
    assert!(waits || matches!(again, Ok(Some(_))), "{verb} {fault:?}: not at once, or found: {again:?}");
    copies.pace = Pace::default();
    assert!(copies.find(ID).await.unwrap().is_some(), "{verb} {fault:?}");
}

#[tokio::test]
async fn the_folder_for_sent_mail_is_known_by_its_use_its_name_or_the_owners_word() {
    type Listed = &'static [(&'static str, &'static str)];
    let rows: [(Listed, Option<&str>, Option<&str>); 7] = [
        (&[("\\HasNoChildren \\Sent", "Post/Weg"), ("", "Sent")], None, Some("Post/Weg")),
        (&[("", "sent items"), ("", "Verzonden")], None, Some("sent items")),
        (&[("", "INBOX/Sent")], None, Some("INBOX/Sent")),
        (&[("", "&AMk-l&AOk-ments envoy&AOk-s")], None, Some("Éléments envoyés")),
        (&[("\\Noselect", "Sent"), ("", "Verzonden")], None, Some("Verzonden")),
        (&[("", "Project Sent")], None, None),
        (&[("\\Sent", "Sent"), ("", "Archief")], Some("Archief"), Some("Archief")),
    ];
    for (folders, word, expected) in rows {
        let shared = state(&[1]);
        shared.lock().unwrap().more = folders.iter().map(|(uses, name)| (*uses, *name, vec![])).collect();
        // As a server that does not know RFC 6154 answers.
        shared.lock().unwrap().faults = vec![("LIST \"\" \"*\" RETURN", Fault::Bad, 1)];
        let places = copies(&shared, word).await.places().await.unwrap();
        assert_eq!(places.sent.as_deref(), expected, "{folders:?}");
        assert_eq!(places.others, ["INBOX"]);
    }
    let shared = state(&[1]);
    let refused = copies(&shared, Some("Archief")).await.find(ID).await.unwrap_err();
    assert!(matches!(&refused, MailboxFault::Refused(why) if why.contains("there are INBOX")), "{refused}");
}

#[tokio::test]
async fn a_session_that_was_left_alone_is_renewed() {
    let shared = state(&[1]);
    let mut copies = copies(&shared, None).await;
    for _ in 0..3 {
        assert_eq!(copies.find(ID).await.unwrap(), None);
    }
    assert_eq!(shared.lock().unwrap().logins, 1);
    copies.used = copies.used.map(|used| used - Duration::from_secs(61));
    assert_eq!(copies.find(ID).await.unwrap(), None);
    assert_eq!(shared.lock().unwrap().logins, 2);
}

#[tokio::test]
async fn every_own_mail_since_a_day_is_seen() {
    let shared = state(&[]);
    {
        let mut state = shared.lock().unwrap();
        let other = |uid| letter(uid, "Message-ID: <x@klant.example>");
        let mails = (1..=20).map(|uid| if uid % 5 == 0 { ours(uid) } else { other(uid) }).collect();
        state.more = vec![("\\Sent", "Sent", mails)];
        state.mails = vec![ours(12), other(13)];
    }
    let day = NaiveDate::from_ymd_opt(2026, 11, 10).unwrap();
    let found = copies(&shared, None).await.since(day).await.unwrap();
    let seen: Vec<(&str, u32)> = found.iter().map(|copy| (copy.key.folder.as_str(), copy.key.uid)).collect();
    assert_eq!(seen, [("Sent", 10), ("INBOX", 12), ("Sent", 15), ("Sent", 20)]);
    assert!(found.iter().all(|copy| own::carries(&copy.head, ID)));
    assert!(shared.lock().unwrap().seen.iter().any(|command| command == "UID SEARCH OR SINCE 9-Nov-2026 UID *"));
}

#[tokio::test]
async fn a_letter_is_put_into_sent_as_it_was_and_a_refusal_is_told() {
    let shared = state(&[1]);
    shared.lock().unwrap().more = vec![("\\Sent", "Sent", vec![])];
    let mut copies = copies(&shared, None).await;
    let at = DateTime::from_timestamp(1_793_696_400, 0).unwrap();
    copies.keep(&ours(1).1, at).await.unwrap();
    {
        let state = shared.lock().unwrap();
        let (words, bytes) = &state.kept[0];
        assert!(words.starts_with("APPEND \"Sent\" (\\Seen) \"03-Nov-2026 "), "{words}");
        assert!(words.contains(" +0000\" {") && *bytes == ours(1).1);
    }
    assert_eq!(copies.places().await.unwrap().sent.as_deref(), Some("Sent"), "the session goes on");
    assert_eq!(shared.lock().unwrap().logins, 1);
    copies.rest().await;
    assert!(copies.session.is_none());
    for fault in [Fault::No, Fault::Bad, Fault::Close, Fault::Bye, Fault::Hang, Fault::Empty] {
        copies.pace = Pace::default();
        shared.lock().unwrap().faults = vec![("APPEND", fault, 1)];
        assert!(copies.keep(&ours(1).1, at).await.is_err(), "{fault:?}");
    }
    assert_eq!(shared.lock().unwrap().kept.len(), 1);
    shared.lock().unwrap().more.clear();
    copies.pace = Pace::default();
    let refused = copies.keep(&ours(1).1, at).await.unwrap_err();
    assert!(matches!(refused, MailboxFault::Refused(_)), "{refused}");
}

/// INBOX with these mails, and a folder for sent mail with its special use.
fn with_sent(uids: &[u32], sent: &[u32]) -> Shared {
    let shared = state(uids);
    {
        let mut state = shared.lock().unwrap();
        state.more = vec![("\\Sent", "Verstuurd", sent.iter().copied().map(text).collect())];
        // Else the server is asked again whether it really has none.
        state.junk = Some(Vec::new());
    }
    shared
}

fn places(glance: &Glance) -> Vec<(&str, u32, bool)> {
    glance.mails.iter().map(|mail| (mail.key.folder.as_str(), mail.key.uid, mail.sent)).collect()
}

#[tokio::test]
async fn the_folder_for_sent_mail_is_read_and_told_apart() {
    let shared = with_sent(&[1], &[1, 2]);
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    let glance = look(&mut imap, &known).await.unwrap();
    assert_eq!(places(&glance), [("INBOX", 1, false), ("Verstuurd", 1, true), ("Verstuurd", 2, true)]);
    assert!(glance.complete);
    known.store(&glance);
    shared.lock().unwrap().more[0].2.push(text(3));
    assert_eq!(places(&look(&mut imap, &known).await.unwrap()), [("Verstuurd", 3, true)]);
    let listed = |shared: &Shared| shared.lock().unwrap().seen.iter().filter(|c| c.starts_with("LIST")).count();
    assert_eq!(listed(&shared), 1, "asked once an hour");
    // By the owner's word; one that is not there keeps us from nothing else.
    for (name, expected) in [("Junk", vec![("INBOX", 1, false), ("Junk", 4, true)]), ("Weg", vec![("INBOX", 1, false)])]
    {
        let shared = with_sent(&[1], &[1, 2]);
        shared.lock().unwrap().junk = Some(vec![text(4)]);
        let mut named = self::imap(&shared).await.with_sent(Some(name.to_owned()));
        let glance = look(&mut named, &Known::default()).await.unwrap();
        let mut expected = expected;
        if name == "Weg" {
            expected.push(("Junk", 4, false));
        }
        assert_eq!((places(&glance), glance.complete), (expected, true), "{name}");
    }
}

#[tokio::test]
async fn a_server_that_breaks_over_its_list_of_folders_is_read_without_it() {
    for fault in [Fault::Close, Fault::Garbage(b"* LIST (x\r\n\x00"), Fault::Hang] {
        let shared = with_sent(&[1], &[1]);
        shared.lock().unwrap().faults = vec![("LIST", fault, usize::MAX)];
        let (mut imap, known) = (imap(&shared).await, Known::default());
        imap.patience.command = Duration::from_millis(300);
        for _ in 0..3 {
            assert!(look(&mut imap, &known).await.is_err(), "{fault:?}");
        }
        let glance = look(&mut imap, &known).await.unwrap();
        assert_eq!((places(&glance), glance.complete), (vec![("INBOX", 1, false)], true), "{fault:?}");
    }
    let shared = with_sent(&[1], &[1]);
    shared.lock().unwrap().faults = vec![("LIST", Fault::Bad, usize::MAX)];
    let glance = look(&mut imap(&shared).await, &Known::default()).await.unwrap();
    assert_eq!((places(&glance), glance.complete), (vec![("INBOX", 1, false)], true));
}

/// 1,000 mails from strangers and, near the end, one that somebody waits for.
fn flooded() -> Shared {
    let uids: Vec<u32> = (1..=1_000).collect();
    let shared = state(&uids);
    shared.lock().unwrap().mails[900].1 =
        b"From: kas@klant.example\r\nSubject: 901\r\n\r\nDit klopt niet.\r\n".to_vec();
    shared
}

#[tokio::test]
async fn in_a_flood_the_awaited_come_first_and_nothing_is_left_out() {
    let shared = flooded();
    let mut known = Known { awaited: Some("kas@klant.example"), ..Known::default() };
    let mut imap = imap(&shared).await;
    let first = imap.look(&known, 100).await.unwrap();
    assert_eq!((first.mails[0].key.uid, first.mails[0].ahead, first.mails[1].key.uid), (901, true, 1));
    assert!(first.mails[1..].iter().all(|mail| !mail.ahead));
    assert_eq!((first.complete, first.waiting), (false, 900));
    known.store(&first);
    assert_eq!(known.cursor("INBOX", 7), Some(99), "below the one that came first not all is stored");
    // The process ends here, and another one goes on.
    let mut next = self::imap(&shared).await;
    loop {
        let glance = next.look(&known, 100).await.unwrap();
        known.store(&glance);
        if glance.complete {
            break;
        }
    }
    assert_eq!((known.has.len(), known.cursor("INBOX", 7)), (1_000, Some(1_000)));
}

#[tokio::test]
async fn a_large_mailbox_is_listed_once_and_fetched_in_heaps() {
    let shared = flooded();
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    let mut looks = 0;
    loop {
        let glance = imap.look(&known, 200).await.unwrap();
        known.store(&glance);
        looks += 1;
        if glance.complete {
            break;
        }
    }
    assert_eq!((looks, known.has.len()), (5, 1_000));
    let count = |verb: &str| shared.lock().unwrap().seen.iter().filter(|command| command.contains(verb)).count();
    assert_eq!(count("UID SEARCH"), 1);
    assert_eq!(count("(UID BODY.PEEK[])"), 10);
    assert!(shared.lock().unwrap().seen.iter().all(|command| command.len() < 8_000));
}

#[tokio::test]
async fn what_could_not_be_stored_is_handed_over_again() {
    let shared = state(&[1, 2, 3]);
    let (mut imap, known) = (imap(&shared).await, Known::default());
    assert_eq!(uids(&imap.look(&known, 2).await.unwrap()), [1, 2]);
    imap.start_over();
    assert_eq!(uids(&imap.look(&known, 2).await.unwrap()), [1, 2]);
}

#[tokio::test]
async fn headers_that_break_the_session_cost_the_order_and_no_mail() {
    let shared = flooded();
    shared.lock().unwrap().faults =
        vec![("UID FETCH 1:500 (UID INTERNALDATE BODY.PEEK[HEADER", Fault::Close, usize::MAX)];
    let known = Known { awaited: Some("kas@klant.example"), ..Known::default() };
    let mut imap = imap(&shared).await;
    assert!(look(&mut imap, &known).await.is_err());
    assert_eq!(uids(&look(&mut imap, &known).await.unwrap())[..3], [1, 2, 3]);
}

#[tokio::test]
async fn what_came_while_a_long_list_was_fetched_is_not_forgotten() {
    let shared = flooded();
    let (mut imap, mut known) = (imap(&shared).await, Known::default());
    known.store(&imap.look(&known, 500).await.unwrap());
    {
        let mut state = shared.lock().unwrap();
        state.mails.push(text(1_001));
        state.next = Some(1_002);
    }
    let second = imap.look(&known, 1_000).await.unwrap();
    assert!(!second.complete, "the folder has changed since it was listed");
    known.store(&second);
    let third = imap.look(&known, 500).await.unwrap();
    assert_eq!((uids(&third), third.complete), (vec![1_001], true));
}
