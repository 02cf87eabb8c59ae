//! A server that took a letter and did not say so, and a mailbox that may hold a copy of it: found is proof, not found is
//! a question, and nothing is ever sent again by itself. And the copies of what was sent.

use aanmaand::adapters::clock::SetClock;
use aanmaand::adapters::folder::Folder;
use aanmaand::adapters::maildir::Maildir;
use aanmaand::adapters::store::sqlite::SqliteStore;
use aanmaand::config::Config;
use aanmaand::daemon::folders::Folders;
use aanmaand::daemon::house::{House, Rules};
use aanmaand::daemon::pass::{Surroundings, pass};
use aanmaand::daemon::writer::Writer;
use aanmaand::dunning::account::LetterState;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::question::{Question, QuestionKind};
use aanmaand::mail::own::{carries, head_of, own_letter};
use aanmaand::ports::*;
use aanmaand::store::{NewOutbox, OutboxState, Purpose};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use std::collections::VecDeque;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

const OWNER: &str = "eigenaar@voorbeeldbedrijf.example";
/// The first letter leaves then: a note before the due date.
const MONDAY: &str = "2026-10-26T10:00";

fn config(keep_copy: &str) -> String {
    format!(
        "mode = \"auto\"\nstate = \"state\"\n[company]\nname = \"Voorbeeldbedrijf B.V.\"\nemail = \"debiteuren@voorbeeldbedrijf.example\"\n\
         iban = [\"NL91ABNA0417164300\"]\n[owner]\nemail = \"{OWNER}\"\n[invoices]\nfolder = \"invoices\"\n\
         [mailbox]\nkind = \"imap\"\nhost = \"localhost\"\nuser = \"u\"\npassword_file = \"pw\"\n\
         [outgoing]\nkind = \"smtp\"\nhost = \"localhost\"\nsecurity = \"plain\"\nkeep_copy = \"{keep_copy}\"\n\
         [payments]\nfreshness = \"none\"\n"
    )
}

/// The mail server: what it answers to the next letters and digests; then it accepts.
#[derive(Default)]
struct Post {
    letters: Mutex<VecDeque<Delivery>>,
    digests: Mutex<VecDeque<Delivery>>,
    handed: Mutex<Vec<OutgoingMail>>,
    /// The own copy is read from the mailbox before the answer to the dot.
    copy_comes_first: AtomicBool,
    /// While a pass is made.
    writer: Mutex<Option<Writer>>,
}

#[async_trait]
impl Outgoing for Post {
    async fn deliver(&self, mail: &OutgoingMail, before_dot: BeforeDot<'_>) -> Delivery {
        before_dot.ask().await.unwrap();
        self.handed.lock().unwrap().push(mail.clone());
        if self.copy_comes_first.load(Ordering::SeqCst) && mail.recipient != OWNER {
            let key = MailKey { folder: "INBOX".to_owned(), uidvalidity: 1, uid: 9, name: String::new() };
            let copy = Fetched { key, body: Ok(mail.bytes.clone()), received_at: None, sent: false, ahead: false };
            let writer = self.writer.lock().unwrap().clone().unwrap();
            writer.call(|house| house.store_mails(vec![copy])).await.unwrap();
            writer.call(|house| house.settle_inputs()).await.unwrap();
        }
        let answers = if mail.recipient == OWNER { &self.digests } else { &self.letters };
        let next = answers.lock().unwrap().pop_front();
        next.unwrap_or_else(|| Delivery::Accepted { reply: "250 2.0.0 Ok".to_owned() })
    }

    async fn probe(&self) -> Result<String, String> {
        Ok("ready".to_owned())
    }
}

/// The folders in which copies lie.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Shelves>>);

#[derive(Default)]
struct Shelves {
    /// Folder, bytes, arrival.
    mails: Vec<(&'static str, Vec<u8>, DateTime<Utc>)>,
    no_sent_folder: bool,
    down: bool,
    /// Mails that were asked for.
    asked: usize,
    /// The next tries to keep end badly; true = the mail is there all the same.
    bad_keeps: VecDeque<bool>,
    keeps: usize,
}

#[async_trait]
impl Copies for Shelf {
    async fn places(&mut self) -> Result<Places, MailboxFault> {
        let shelves = self.0.lock().unwrap();
        if shelves.down {
            return Err(MailboxFault::Later("no route".to_owned()));
        }
        let sent = (!shelves.no_sent_folder).then(|| "Verzonden".to_owned());
        Ok(Places { sent, everything: None, others: vec!["INBOX".to_owned()] })
    }

    async fn find(&mut self, message_id: &str) -> Result<Option<OwnCopy>, MailboxFault> {
        let mut shelves = self.0.lock().unwrap();
        shelves.asked += 1;
        if shelves.down {
            return Err(MailboxFault::Later("no route".to_owned()));
        }
        let found = shelves.mails.iter().zip(1..).find(|((_, bytes, _), _)| carries(head_of(bytes), message_id));
        Ok(found.map(|((folder, bytes, at), uid)| OwnCopy {
            key: MailKey { folder: (*folder).to_owned(), uidvalidity: 7, uid, name: String::new() },
            head: head_of(bytes).to_vec(),
            received_at: Some(*at),
        }))
    }

    async fn since(&mut self, _: NaiveDate) -> Result<Vec<OwnCopy>, MailboxFault> {
        panic!("nobody restored anything here")
    }

    async fn keep(&mut self, mail: &[u8], sent_at: DateTime<Utc>) -> Result<(), MailboxFault> {
        let mut shelves = self.0.lock().unwrap();
        shelves.keeps += 1;
        let bad = shelves.bad_keeps.pop_front();
        if bad != Some(false) {
            shelves.mails.push(("Verzonden", mail.to_vec(), sent_at));
        }
        if bad.is_some() { Err(MailboxFault::Later("cut".to_owned())) } else { Ok(()) }
    }
}

struct Company {
    folder: TempDir,
    clock: Arc<SetClock>,
    post: Arc<Post>,
    shelf: Shelf,
    house: Option<House>,
}

fn at(local: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").unwrap();
    chrono_tz::Europe::Amsterdam.from_local_datetime(&local).unwrap().to_utc()
}

fn unknown() -> Delivery {
    Delivery::Unknown { reason: "no answer to the dot".to_owned() }
}

impl Company {
    /// Jansen owes an invoice that falls due on 31 October.
    fn new(keep_copy: &str) -> Company {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["invoices", "mailbox/new", "mailbox/cur", "state"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        fs::write(path("pw"), "x").unwrap();
        fs::set_permissions(path("pw"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(path("aanmaand.toml"), config(keep_copy)).unwrap();
        let invoice = "number = \"2026-0412\"\ndate = 2026-10-01\ndue = 2026-10-31\ncurrency = \"EUR\"\ntotal = \"1210.00\"\n\
                       [debtor]\nid = \"K1001\"\nname = \"Jansen Bouw B.V.\"\nemail = \"kas@jansen.example\"\nkind = \"business\"\n";
        fs::write(path("invoices/1.toml"), invoice).unwrap();
        let clock = Arc::new(SetClock::new(at("2026-10-20T10:00")));
        let mut company = Company { folder, clock, post: Arc::default(), shelf: Shelf::default(), house: None };
        company.restart();
        company.pass_at("2026-10-20T10:00");
        company
    }

    /// With its first letter of unknown fate since Monday.
    fn in_doubt() -> Company {
        let mut company = Company::new("auto");
        company.post.letters.lock().unwrap().push_back(unknown());
        company.pass_at(MONDAY);
        assert_eq!(company.state(), OutboxState::Unknown);
        company
    }

    fn restart(&mut self) {
        self.house = None;
        let config = Config::load(&self.folder.path().join("aanmaand.toml")).unwrap_or_else(|f| panic!("{f:?}"));
        let store = SqliteStore::open(&self.folder.path().join("state/db")).unwrap();
        let mut house = House::open(Box::new(store), config, Rules::built_in(), self.clock.clone()).unwrap();
        house.recover_outbox().unwrap();
        self.house = Some(house);
    }

    fn house(&mut self) -> &mut House {
        self.house.as_mut().unwrap()
    }

    fn pass_at(&mut self, local: &str) {
        self.clock.set(at(local));
        let path = |name: &str| self.folder.path().join(name);
        let mut world = Surroundings {
            folders: Folders { invoices: Arc::new(Folder::new(path("invoices"))), statements: None },
            mailbox: Box::new(Maildir::new(path("mailbox"))),
            copies: Some(Box::new(self.shelf.clone())),
            outgoing: self.post.clone(),
            pause: Duration::ZERO,
        };
        let (writer, thread) = Writer::start(self.house.take().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        *self.post.writer.lock().unwrap() = Some(writer.clone());
        runtime.block_on(pass(&writer, &mut world)).unwrap();
        self.post.writer.lock().unwrap().take();
        drop(writer);
        self.house = Some(thread.join().unwrap());
    }

    /// The letters that were handed over.
    fn handed(&self) -> Vec<OutgoingMail> {
        self.post.handed.lock().unwrap().iter().filter(|mail| mail.recipient != OWNER).cloned().collect()
    }

    fn state(&self) -> OutboxState {
        let mail = self.handed().pop().unwrap();
        self.house.as_ref().unwrap().store.outbox_by_message_id(&mail.message_id).unwrap().unwrap().state
    }

    fn letter(&self) -> LetterState {
        self.house.as_ref().unwrap().account(&DebtorId::new("K1001")).unwrap().letters[0].state.clone()
    }

    fn question(&self) -> Option<Question> {
        let account = self.house.as_ref().unwrap().account(&DebtorId::new("K1001")).unwrap();
        account.questions.values().find(|question| question.kind == QuestionKind::UnknownSend).cloned()
    }

    fn answer(&mut self, choice: &str) -> Result<(), String> {
        let id = self.question().expect("a question").id;
        self.house().answer(&id, choice, "owner").map_err(|error| format!("{error:#}"))
    }

    fn asked(&self) -> usize {
        self.shelf.0.lock().unwrap().asked
    }

    /// The provider files the last letter, at this moment.
    fn file(&self, folder: &'static str, local: &str) {
        let bytes = self.handed().pop().unwrap().bytes;
        self.shelf.0.lock().unwrap().mails.push((folder, bytes, at(local)));
    }

    /// An own copy of it comes in.
    fn own_copy_comes_in(&self) {
        let bytes = self.handed().pop().unwrap().bytes;
        fs::write(self.folder.path().join("mailbox/new/1793000000.copy"), bytes).unwrap();
    }

    fn told(&self) -> String {
        let journal = self.house.as_ref().unwrap().store.journal(None, 0, 1000).unwrap();
        journal.into_iter().map(|row| format!("{}\n", row.fact)).collect()
    }

    fn warnings(&self) -> String {
        self.house.as_ref().unwrap().health().unwrap().warnings.join("\n")
    }
}

#[test]
fn a_letter_that_is_never_found_stays_a_question_and_is_never_sent_again() {
    let mut company = Company::in_doubt();
    assert_eq!(company.question().unwrap().note, None);
    // (moment, how often it was looked for by then, what the question says)
    let rows = [
        ("2026-10-26T10:14", 0, None),
        (
            "2026-10-26T10:15",
            1,
            Some("26-10-2026 10:15: geen kopie gevonden; er wordt weer gezocht op 26-10-2026 11:00"),
        ),
        ("2026-10-26T10:59", 1, Some("11:00")),
        (
            "2026-10-26T11:03",
            2,
            Some("26-10-2026 11:03: geen kopie gevonden; er wordt weer gezocht op 26-10-2026 16:00"),
        ),
        ("2026-10-26T11:30", 2, Some("16:00")),
        ("2026-10-26T16:00", 3, Some("er wordt weer gezocht op 27-10-2026 10:00")),
        ("2026-10-27T10:00", 4, Some("er wordt niet meer vanzelf gezocht: u beslist")),
        ("2026-10-27T15:00", 4, Some("u beslist")),
        ("2026-10-30T10:00", 4, Some("Gezocht in Verzonden, INBOX op 27-10-2026")),
    ];
    for (moment, looked, note) in rows {
        company.restart();
        company.pass_at(moment);
        assert_eq!(company.asked(), looked, "{moment}");
        let said = company.question().unwrap().note;
        match note {
            None => assert_eq!(said, None, "{moment}"),
            Some(words) => assert!(said.as_ref().unwrap().contains(words), "{moment}: {said:?}"),
        }
    }
    let digest = company.post.handed.lock().unwrap().iter().rfind(|mail| mail.recipient == OWNER).unwrap().clone();
    let digest = aanmaand::mail::message::Message::parse(&digest.bytes).unwrap().text;
    assert!(
        digest.split_whitespace().collect::<Vec<_>>().join(" ").contains("Gezocht in Verzonden, INBOX"),
        "{digest}"
    );
    assert_eq!((company.handed().len(), company.state()), (1, OutboxState::Unknown));
    company.answer("was-sent").unwrap();
    assert_eq!(company.state(), OutboxState::Sent);
    company.pass_at("2026-10-30T10:05");
    assert_eq!(company.handed().len(), 1);
}

#[test]
fn one_downtime_is_one_look() {
    let mut company = Company::in_doubt();
    company.pass_at("2026-10-26T16:30");
    assert_eq!(company.asked(), 1, "three moments passed, and one look sees it all");
    company.pass_at("2026-10-26T16:31");
    assert_eq!(company.asked(), 1);
}

#[test]
fn a_copy_in_sent_settles_it_by_the_day_it_went() {
    let mut company = Company::in_doubt();
    company.pass_at("2026-10-26T10:15");
    company.file("Verzonden", MONDAY);
    // Found only on the next day; it went on Monday.
    company.pass_at("2026-10-27T10:30");
    assert_eq!(company.state(), OutboxState::Sent);
    assert_eq!(company.letter(), LetterState::Sent("2026-10-26".parse().unwrap()));
    assert_eq!(company.question(), None);
    let told = company.told();
    assert!(told.contains("a copy is in Verzonden (UIDVALIDITY 7, UID 1), received 2026-10-26 10:00"), "{told}");
    company.pass_at("2026-10-27T11:30");
    assert_eq!(
        (company.handed().len(), company.shelf.0.lock().unwrap().keeps),
        (1, 0),
        "nothing is sent or kept again"
    );
}

#[test]
fn a_copy_with_an_odd_date_moves_the_letter_neither_before_its_writing_nor_after_its_loss() {
    for received in ["2020-01-01T10:00", "2031-01-01T10:00"] {
        let mut company = Company::in_doubt();
        company.file("INBOX", received);
        company.pass_at("2026-10-27T10:30");
        assert_eq!(company.letter(), LetterState::Sent("2026-10-26".parse().unwrap()), "{received}");
    }
}

#[test]
fn a_mailbox_that_cannot_be_looked_through_proves_nothing() {
    let mut company = Company::in_doubt();
    company.file("Verzonden", MONDAY);
    company.shelf.0.lock().unwrap().down = true;
    company.pass_at("2026-10-26T10:15");
    assert_eq!((company.state(), company.question().unwrap().note), (OutboxState::Unknown, None));
    assert!(company.warnings().contains("copies of letters: the mailbox cannot be read now: no route"));
    company.shelf.0.lock().unwrap().down = false;
    company.pass_at("2026-10-26T10:20");
    assert_eq!(company.state(), OutboxState::Sent, "it is still due");
    assert!(!company.warnings().contains("copies of letters"));
}

#[test]
fn who_starts_it_again_has_it_looked_for_at_once() {
    let mut company = Company::in_doubt();
    company.file("Verzonden", MONDAY);
    company.clock.set(at("2026-10-26T10:03"));
    company.restart();
    company.house().try_anew().unwrap();
    company.pass_at("2026-10-26T10:03");
    assert_eq!(company.state(), OutboxState::Sent);

    let mut company = Company::in_doubt();
    company.clock.set(at("2026-10-26T10:03"));
    company.house().try_anew().unwrap();
    company.pass_at("2026-10-26T10:04");
    company.pass_at("2026-10-26T10:05");
    assert_eq!(company.asked(), 1, "once");
    company.pass_at("2026-10-26T10:15");
    assert_eq!(company.asked(), 2, "and then as ever");
}

#[test]
fn an_own_copy_that_comes_in_is_proof_and_no_answer_of_a_customer() {
    let mut company = Company::in_doubt();
    company.own_copy_comes_in();
    company.pass_at("2026-10-26T10:02");
    assert_eq!((company.state(), company.asked()), (OutboxState::Sent, 0));
    let told = company.told();
    assert!(told.contains("our own letter") && told.contains("a copy is in INBOX/"), "{told}");
    let account = company.house().account(&DebtorId::new("K1001")).unwrap();
    assert!(account.holds.is_empty() && account.questions.is_empty(), "{account:?}");
}

/// Providers are quick: the copy is there before the answer to the dot, or before the silence is long enough.
#[test]
fn an_own_copy_that_comes_in_while_the_letter_leaves_is_remembered() {
    let mut company = Company::new("auto");
    company.post.letters.lock().unwrap().push_back(unknown());
    company.post.copy_comes_first.store(true, Ordering::SeqCst);
    company.pass_at(MONDAY);
    assert_eq!(company.state(), OutboxState::Unknown);
    company.pass_at("2026-10-26T10:01");
    assert_eq!((company.state(), company.asked(), company.question()), (OutboxState::Sent, 0, None));
}

#[test]
fn a_copy_that_a_restored_store_does_not_know_is_still_our_own() {
    let mut company = Company::in_doubt();
    let mail = company.handed().pop().unwrap();
    let key = company.house().key().clone();
    let own = own_letter(&mail.bytes, &key).expect("it says what it covers");
    assert_eq!((own.message_id.as_str(), own.recipient.as_str()), (mail.message_id.as_str(), "kas@jansen.example"));
    let covers: Vec<String> = own.covers.iter().map(|(case, step)| format!("{case}/{step}")).collect();
    assert_eq!(covers, ["C-2026-0412/notice"]);
    // The same key, and nothing else.
    let other = tempfile::tempdir().unwrap();
    fs::remove_file(company.folder.path().join("state/db")).unwrap();
    let hex = company.house().store.meta("key").unwrap().unwrap();
    let mut store = SqliteStore::open(&other.path().join("db")).unwrap();
    use aanmaand::store::Store;
    store.begin().unwrap();
    store.set_meta("key", &hex).unwrap();
    store.commit().unwrap();
    let config = company.house().config.clone();
    company.house = Some(House::open(Box::new(store), config, Rules::built_in(), company.clock.clone()).unwrap());
    fs::remove_file(company.folder.path().join("invoices/1.toml")).unwrap();
    company.own_copy_comes_in();
    company.pass_at("2026-10-26T10:02");
    assert!(company.told().contains("our own letter"), "{}", company.told());
}

#[test]
fn send_now_waits_until_a_copy_had_its_time() {
    let mut company = Company::in_doubt();
    company.clock.set(at("2026-10-26T10:14"));
    let refused = company.answer("send-now").unwrap_err();
    assert!(refused.contains("answer send-now after 10:15"), "{refused}");
    assert!(company.question().is_some(), "the question stays");
    company.pass_at("2026-10-26T10:16");
    company.answer("send-now").unwrap();
    company.pass_at("2026-10-26T10:17");
    assert_eq!((company.handed().len(), company.state()), (2, OutboxState::Sent));
    assert_eq!(company.handed()[0].message_id, company.handed()[1].message_id, "a mail program shows them as one");
}

#[test]
fn send_now_where_nothing_can_be_found_is_the_owners_at_once() {
    let mut company = Company::new("auto");
    company.shelf.0.lock().unwrap().no_sent_folder = true;
    company.house().transact(|house| house.set_memo("copies_are_in", "nowhere")).unwrap();
    company.post.letters.lock().unwrap().push_back(unknown());
    company.pass_at(MONDAY);
    company.answer("send-now").unwrap();
}

#[test]
fn a_late_copy_stops_the_letter_that_the_owner_wanted_sent_again() {
    let mut company = Company::in_doubt();
    // In the evening nothing leaves any more: the new life waits until the morning.
    company.pass_at("2026-10-26T18:00");
    company.answer("send-now").unwrap();
    company.pass_at("2026-10-26T18:01");
    company.own_copy_comes_in();
    company.pass_at("2026-10-26T18:02");
    assert_eq!(company.letter(), LetterState::Sent("2026-10-26".parse().unwrap()));
    company.pass_at("2026-10-27T10:00");
    assert_eq!(company.handed().len(), 1);
}

#[test]
fn a_digest_of_unknown_fate_is_settled_when_found_and_never_sent_again() {
    for found in [true, false] {
        let mut company = Company::new("auto");
        company.post.digests.lock().unwrap().push_back(unknown());
        company.pass_at("2026-10-26T09:00");
        let digest = company.post.handed.lock().unwrap().iter().rfind(|mail| mail.recipient == OWNER).unwrap().clone();
        if found {
            company.shelf.0.lock().unwrap().mails.push(("INBOX", digest.bytes.clone(), at("2026-10-26T09:00")));
        }
        for moment in ["2026-10-26T09:15", "2026-10-26T10:00", "2026-10-26T15:00"] {
            company.pass_at(moment);
        }
        let state = company.house().store.outbox_by_message_id(&digest.message_id).unwrap().unwrap().state;
        assert_eq!(state, if found { OutboxState::Sent } else { OutboxState::Unknown });
        let handed = company.post.handed.lock().unwrap();
        assert_eq!(handed.iter().filter(|mail| mail.message_id == digest.message_id).count(), 1);
    }
}

/// A company whose first letter was sent on Monday.
fn sent(keep_copy: &str, prepare: impl FnOnce(&mut Shelves)) -> Company {
    let mut company = Company::new(keep_copy);
    prepare(&mut company.shelf.0.lock().unwrap());
    company.pass_at(MONDAY);
    assert_eq!(company.state(), OutboxState::Sent);
    company
}

impl Company {
    fn copies(&self) -> Vec<Vec<u8>> {
        let shelves = self.shelf.0.lock().unwrap();
        shelves.mails.iter().filter(|(folder, _, _)| *folder == "Verzonden").map(|mail| mail.1.clone()).collect()
    }

    fn copy_state(&self) -> String {
        let mail = self.handed().pop().unwrap();
        let house = self.house.as_ref().unwrap();
        let row = house.store.outbox_by_message_id(&mail.message_id).unwrap().unwrap();
        house.copy_state(&row.id).unwrap().unwrap_or_default()
    }
}

#[test]
fn a_copy_is_kept_after_two_minutes_when_the_provider_kept_none() {
    let mut company = sent("auto", |_| {});
    company.pass_at("2026-10-26T10:01");
    assert!(company.copies().is_empty(), "the provider has its time");
    company.restart();
    company.pass_at("2026-10-26T10:02");
    assert_eq!(company.copies(), [company.handed()[0].bytes.clone()], "byte for byte");
    assert_eq!(company.shelf.0.lock().unwrap().mails[0].2, at(MONDAY), "with the moment it was sent");
    assert!(company.copy_state().starts_with("kept "));
    for moment in ["2026-10-26T10:03", "2026-10-26T12:00", "2026-10-27T12:00"] {
        company.restart();
        company.pass_at(moment);
    }
    assert_eq!((company.copies().len(), company.shelf.0.lock().unwrap().keeps), (1, 1));
}

#[test]
fn what_the_provider_kept_is_not_kept_twice_and_an_own_copy_is_not_in_its_place() {
    let mut company = sent("auto", |_| {});
    company.file("Verzonden", MONDAY);
    company.pass_at("2026-10-26T10:02");
    assert_eq!(
        (company.copies().len(), company.copy_state().as_str()),
        (1, "found in Verzonden (UIDVALIDITY 7, UID 1)")
    );
    let mut company = sent("auto", |_| {});
    company.file("INBOX", MONDAY);
    company.pass_at("2026-10-26T10:02");
    assert_eq!(company.copies().len(), 1);
}

#[test]
fn a_try_that_breaks_off_is_looked_after_and_never_doubles() {
    for (arrives, copies) in [(true, 1), (false, 1)] {
        let mut company = sent("auto", |shelves| shelves.bad_keeps.push_back(arrives));
        company.pass_at("2026-10-26T10:02");
        assert!(company.copy_state().starts_with("not yet: "), "{}", company.copy_state());
        company.pass_at("2026-10-26T10:05");
        assert_eq!(company.shelf.0.lock().unwrap().keeps, 1, "not at once again");
        company.restart();
        company.pass_at("2026-10-26T10:10");
        assert_eq!(company.copies().len(), copies, "{}", company.copy_state());
        assert_eq!(company.copy_state().starts_with("found in"), arrives);
        assert_eq!(company.warnings().matches("copy").count(), 0, "{}", company.warnings());
    }
}

#[test]
fn after_a_day_a_copy_is_given_up_and_sending_never_noticed() {
    let mut company = sent("auto", |shelves| shelves.bad_keeps = [false; 9].into());
    let mut now = at(MONDAY);
    for minutes in [2, 8, 50, 300, 1080, 600] {
        now += TimeDelta::minutes(minutes);
        let local = now.with_timezone(&chrono_tz::Europe::Amsterdam).format("%Y-%m-%dT%H:%M").to_string();
        company.pass_at(&local);
    }
    assert_eq!(company.shelf.0.lock().unwrap().keeps, 5);
    assert_eq!(company.copy_state(), "given up: the mailbox cannot be read now: cut");
    assert!(company.warnings().contains("no copy of letter L-"), "{}", company.warnings());
    assert_eq!((company.handed().len(), company.state()), (1, OutboxState::Sent));
}

#[test]
fn no_copy_where_none_is_wanted_or_can_be() {
    let mut company = sent("never", |_| {});
    company.pass_at("2026-10-26T10:30");
    assert_eq!((company.asked(), company.copies().len()), (0, 0));
    for (keep_copy, told) in [("auto", false), ("always", true)] {
        let mut company = sent(keep_copy, |shelves| shelves.no_sent_folder = true);
        company.pass_at("2026-10-26T10:30");
        assert_eq!(company.copy_state(), "given up: there is none in the mailbox");
        assert_eq!(company.warnings().contains("no copy of letter"), told, "{keep_copy}: {}", company.warnings());
    }
}

#[test]
fn a_letter_of_unknown_fate_gets_no_copy_that_would_prove_it_sent() {
    let mut company = Company::in_doubt();
    for moment in ["2026-10-26T10:15", "2026-10-26T11:00", "2026-10-27T10:00", "2026-10-28T10:00"] {
        company.pass_at(moment);
        assert!(company.copies().is_empty(), "{moment}");
    }
    assert_eq!(company.shelf.0.lock().unwrap().keeps, 0);
}

/// A restored store knows of a letter by the header of its copy.
#[test]
fn the_header_of_a_letter_is_never_kept_for_the_letter() {
    let mut company = Company::new("always");
    // A Sunday: nothing else leaves.
    company.pass_at("2026-10-25T10:00");
    let mail = NewOutbox {
        id: "L-rebuilt".to_owned(),
        account: Some(DebtorId::new("K1001")),
        purpose: Purpose::Letter,
        message_id: "rebuilt@voorbeeldbedrijf.example".to_owned(),
        token: None,
        sender: "debiteuren@voorbeeldbedrijf.example".to_owned(),
        recipient: "kas@jansen.example".to_owned(),
        own_copy: None,
        subject: "Herinnering".to_owned(),
        bytes: b"Message-ID: <rebuilt@voorbeeldbedrijf.example>\r\n\r\n".to_vec(),
        covers: Vec::new(),
        at: company.clock.now(),
    };
    use OutboxState::{DotIntent, Ready, Sending, Sent};
    let put = |house: &mut House| {
        house.store.put_outbox(&mail)?;
        for (from, to) in [(Ready, Sending), (Sending, DotIntent), (DotIntent, Sent)] {
            house.store.move_outbox(&mail.id, from, to, "a copy was found", mail.at, None)?;
        }
        Ok(())
    };
    company.house().transact(put).unwrap();
    company.pass_at("2026-10-25T10:02");
    assert_eq!(company.shelf.0.lock().unwrap().keeps, 0);
    let state = company.house().copy_state("L-rebuilt").unwrap();
    assert_eq!(state.as_deref(), Some("given up: after a restore only its header is known"));
}
