//! The promises of [`crate::store`], one function each, kept by every store. A store that passes is supported.

use super::{MemoryStore, SqliteStore};
use crate::dunning::ids::{CaseId, DebtorId, StepId};
use crate::ports::MailKey;
use crate::store::OutboxState::*;
use crate::store::*;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::panic::{AssertUnwindSafe, catch_unwind};

macro_rules! on_both {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[test] fn $promise() { super::$promise(&mut super::MemoryStore::new()); })+
        }
        mod sqlite {
            $(#[test] fn $promise() {
                let folder = tempfile::tempdir().unwrap();
                super::$promise(&mut super::SqliteStore::open(&folder.path().join("a.db")).unwrap());
            })+
        }
    };
}

on_both!(
    a_rollback_leaves_nothing,
    a_savepoint_undoes_only_its_own,
    savepoints_nest,
    a_savepoint_may_be_the_first_thing,
    transactions_out_of_order_are_bugs,
    writes_outside_a_transaction_are_bugs,
    an_account_carries_its_version,
    an_account_write_replaces_cases_and_addresses,
    invoice_numbers_are_unique_in_the_administration,
    debtors_are_found_by_address_and_domain,
    open_cases_are_known_by_account,
    questions_lie_beside_their_account,
    the_journal_is_numbered_and_chained,
    the_journal_is_read_by_account_and_page,
    the_same_bytes_are_one_input,
    a_name_shows_what_was_last_put_under_it,
    an_input_must_be_named_by_its_bytes,
    inputs_are_settled_once,
    the_mailbox_is_remembered,
    a_mail_is_kept_byte_for_byte,
    a_step_is_covered_once,
    a_withdrawn_mail_frees_what_it_covered,
    mails_to_try_come_in_order,
    mails_move_only_along_their_path,
    a_move_from_another_state_changes_nothing,
    attempts_are_counted_and_notes_kept,
    accepted_letters_are_counted,
    mails_are_found_by_state_and_token,
    a_key_is_new_once,
    meta_is_kept,
    instants_are_kept_to_the_microsecond,
    any_text_is_kept,
    a_sound_store_has_no_findings,
);

pub fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(minute)
}

pub fn case_row(number: &str, state: CaseState) -> CaseRow {
    CaseRow {
        case: CaseId::of(&number.into()),
        number: number.into(),
        state,
        open_minor: 121_000,
        currency: "EUR".into(),
        payment_reference: None,
    }
}

pub fn account(id: &str, expected_version: u64, numbers: &[&str], addresses: &[&str]) -> AccountWrite {
    AccountWrite {
        id: id.into(),
        expected_version,
        state: format!("{{\"v\":{expected_version}}}"),
        cases: numbers.iter().map(|number| case_row(number, CaseState::Open)).collect(),
        addresses: addresses.iter().map(|address| address.to_string()).collect(),
        asked: Vec::new(),
        no_longer_asked: Vec::new(),
    }
}

pub fn question(id: &str, kind: &str, about: &str) -> QuestionRow {
    QuestionRow { id: id.into(), kind: kind.into(), about: about.into(), state: format!("{{\"id\":\"{id}\"}}") }
}

pub fn fact(account: &str, text: &str) -> NewRow {
    let on = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    NewRow { account: account.into(), on, at: at(0), cause: "owner".into(), fact: text.into() }
}

pub fn file(name: &str, bytes: &[u8]) -> NewInput {
    NewInput {
        id: evidence_of(bytes),
        kind: InputKind::Invoice,
        name: name.into(),
        bytes: bytes.to_vec(),
        at: at(0),
        received_at: None,
        key: None,
    }
}

pub fn letter(id: &str, covers: &[(&str, &str)]) -> NewOutbox {
    NewOutbox {
        id: id.into(),
        account: Some("K1".into()),
        purpose: Purpose::Letter,
        message_id: format!("{id}@books.example"),
        token: Some(format!("token-{id}")),
        sender: "books@books.example".into(),
        recipient: "customer@shop.example".into(),
        own_copy: None,
        subject: "Herinnering".into(),
        bytes: format!("Message-ID: <{id}@books.example>\r\n\r\nGeachte heer\0\r\n").into_bytes(),
        covers: covers.iter().map(|(case, step)| (CaseId::from(*case), StepId::from(*step))).collect(),
        at: at(0),
    }
}

/// Does the work in a transaction of its own.
pub fn committed<T>(store: &mut dyn Store, work: impl FnOnce(&mut dyn Store) -> T) -> T {
    store.begin().unwrap();
    let done = work(store);
    store.commit().unwrap();
    done
}

/// Did it panic with `BUG:`? Any other panic is passed on.
pub fn is_bug(work: impl FnOnce()) -> bool {
    let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else { return false };
    let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|t| t.to_string()));
    text.unwrap_or_default().starts_with("BUG:")
}

fn walk(store: &mut dyn Store, id: &str, states: &[OutboxState]) {
    for pair in states.windows(2) {
        assert!(store.move_outbox(id, pair[0], pair[1], "", at(1), None).unwrap(), "{pair:?}");
    }
}

fn twice<T>(done: Stored<T>) -> bool {
    matches!(done, Err(StoreFault::Twice { .. }))
}

fn ids(found: Vec<DebtorId>) -> Vec<String> {
    found.iter().map(|id| id.to_string()).collect()
}

// ── transactions ────────────────────────────────────────────────────────────────────────────────────────────────

/// Writes something of every sort.
fn write_everything(store: &mut dyn Store) {
    let asked = vec![question("Q1", "clock", "")];
    store.write_account(&AccountWrite { asked, ..account("K1", 0, &["2026-1"], &["A@Shop.example"]) }).unwrap();
    store.append(&[fact("K1", "{}"), fact("K2", "{}")]).unwrap();
    let key = MailKey { folder: "INBOX".into(), uidvalidity: 7, uid: 3, name: String::new() };
    let mail = NewInput { kind: InputKind::Mail, key: Some(key), ..file("INBOX/3", b"mail") };
    assert_eq!(store.put_input(&mail), Ok(Put::New));
    store.settle(&evidence_of(b"mail"), &Disposition::Quarantined { reason: "odd".into() }, at(1)).unwrap();
    store.set_cursor("INBOX", 7, 3).unwrap();
    store.put_outbox(&letter("L1", &[("C-2026-1", "reminder")])).unwrap();
    walk(store, "L1", &[Ready, Sending, DotIntent, Sent]);
    assert!(store.once("payment", "p1").unwrap());
    store.set_meta("version", "1").unwrap();
}

/// All that can be seen of what [`write_everything`] writes.
fn look_at_everything(store: &dyn Store) -> String {
    let id = evidence_of(b"mail");
    let key = MailKey { folder: "INBOX".into(), uidvalidity: 7, uid: 3, name: String::new() };
    let accounts = (
        (store.account(&"K1".into()).unwrap(), store.questions(&"K1".into(), Asked::All).unwrap()),
        store.account_ids().unwrap(),
        store.account_ids_with_open_cases().unwrap(),
        store.case(&"C-2026-1".into()).unwrap(),
        store.case_by_number(&"2026-1".into()).unwrap(),
        store.case_numbers().unwrap(),
        store.debtors_by_address("a@shop.example").unwrap(),
        store.debtors_by_domain("shop.example").unwrap(),
    );
    let inputs = (
        store.input(&id).unwrap(),
        store.input_bytes(&id).unwrap(),
        store.inputs_to_settle(9).unwrap(),
        store.inputs_unsettled().unwrap(),
        store.inputs_quarantined().unwrap(),
        store.find_input_by_name(InputKind::Mail, "INBOX/3").unwrap(),
        store.cursor("INBOX").unwrap(),
        store.has_mail(&key).unwrap(),
    );
    let outbox = (
        store.outbox("L1").unwrap(),
        store.outbox_bytes("L1").unwrap(),
        store.outbox_in(&OutboxState::ALL).unwrap(),
        store.outbox_by_message_id("L1@books.example").unwrap(),
        store.outbox_by_token("token-L1").unwrap(),
        store.sent_since(at(0)).unwrap(),
    );
    let rest = (store.journal(None, 0, 99).unwrap(), store.journal(Some(&"K2".into()), 0, 99).unwrap());
    format!("{accounts:#?}\n{inputs:#?}\n{outbox:#?}\n{rest:#?}\n{:?}", store.meta("version").unwrap())
}

fn a_rollback_leaves_nothing(store: &mut dyn Store) {
    let before = look_at_everything(store);
    store.begin().unwrap();
    assert!(store.in_transaction());
    write_everything(store);
    let within = look_at_everything(store);
    store.rollback().unwrap();
    assert!(!store.in_transaction());
    assert_eq!(look_at_everything(store), before);
    committed(store, write_everything);
    assert_eq!(look_at_everything(store), within, "reads inside a transaction see what it wrote");
    assert_eq!(store.check(Depth::Thorough).unwrap(), Vec::<String>::new());
}

fn a_savepoint_undoes_only_its_own(store: &mut dyn Store) {
    let empty = look_at_everything(store);
    store.begin().unwrap();
    assert!(store.once("input", "one").unwrap());
    store.savepoint().unwrap();
    write_everything(store);
    store.rollback_to().unwrap();
    assert_eq!(look_at_everything(store), empty);
    store.savepoint().unwrap();
    assert!(store.once("input", "two").unwrap());
    store.release().unwrap();
    store.commit().unwrap();
    committed(store, |store| {
        assert!(!store.once("input", "one").unwrap() && !store.once("input", "two").unwrap());
        assert!(store.once("payment", "p1").unwrap());
        assert_eq!(store.append(&[fact("K1", "{}")]), Ok(vec![1]), "an undone number is given out again: no gap");
    });
}

fn savepoints_nest(store: &mut dyn Store) {
    store.begin().unwrap();
    store.savepoint().unwrap();
    assert!(store.once("input", "outer").unwrap());
    store.savepoint().unwrap();
    assert!(store.once("input", "inner").unwrap());
    store.rollback_to().unwrap();
    assert!(store.once("input", "inner").unwrap(), "undone with the inner savepoint");
    store.savepoint().unwrap();
    assert!(store.once("input", "kept").unwrap());
    store.release().unwrap();
    store.release().unwrap();
    store.commit().unwrap();
    committed(store, |store| {
        for key in ["outer", "inner", "kept"] {
            assert!(!store.once("input", key).unwrap(), "{key}");
        }
    });
}

fn a_savepoint_may_be_the_first_thing(store: &mut dyn Store) {
    let empty = look_at_everything(store);
    store.begin().unwrap();
    store.savepoint().unwrap();
    store.savepoint().unwrap();
    store.release().unwrap();
    write_everything(store);
    store.rollback_to().unwrap();
    assert!(store.in_transaction());
    assert_eq!(look_at_everything(store), empty);
    for key in ["one", "two"] {
        store.savepoint().unwrap();
        assert!(store.once("input", key).unwrap());
        store.release().unwrap();
    }
    store.savepoint().unwrap();
    assert!(store.once("input", "three").unwrap());
    store.rollback_to().unwrap();
    store.commit().unwrap();
    committed(store, |store| {
        assert!(!store.once("input", "one").unwrap() && !store.once("input", "two").unwrap());
        assert!(store.once("input", "three").unwrap() && store.once("payment", "p1").unwrap());
        assert_eq!(store.append(&[fact("K1", "{}")]), Ok(vec![1]), "an undone number is given out again: no gap");
    });
}

fn transactions_out_of_order_are_bugs(store: &mut dyn Store) {
    assert!(is_bug(|| drop(store.commit())));
    assert!(is_bug(|| drop(store.rollback())));
    assert!(is_bug(|| drop(store.savepoint())));
    store.begin().unwrap();
    assert!(is_bug(|| drop(store.begin())));
    assert!(is_bug(|| drop(store.release())));
    assert!(is_bug(|| drop(store.rollback_to())));
    store.savepoint().unwrap();
    assert!(is_bug(|| drop(store.commit())));
    store.rollback().unwrap();
    store.begin().unwrap();
    store.savepoint().unwrap();
    store.release().unwrap();
    store.commit().unwrap();
}

fn writes_outside_a_transaction_are_bugs(store: &mut dyn Store) {
    assert!(is_bug(|| drop(store.write_account(&account("K1", 0, &[], &[])))));
    assert!(is_bug(|| drop(store.append(&[]))));
    assert!(is_bug(|| drop(store.put_input(&file("a", b"a")))));
    assert!(is_bug(|| drop(store.settle(&evidence_of(b"a"), &Disposition::Applied { note: "".into() }, at(0)))));
    assert!(is_bug(|| drop(store.set_cursor("INBOX", 1, 1))));
    assert!(is_bug(|| drop(store.put_outbox(&letter("L1", &[])))));
    assert!(is_bug(|| drop(store.move_outbox("L1", Ready, Sending, "", at(0), None))));
    assert!(is_bug(|| drop(store.once("a", "b"))));
    assert!(is_bug(|| drop(store.set_meta("a", "b"))));
}

// ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────

fn an_account_carries_its_version(store: &mut dyn Store) {
    committed(store, |store| {
        assert_eq!(store.write_account(&account("K1", 1, &[], &[])), Err(StoreFault::Conflict));
        assert_eq!(store.write_account(&account("K1", 0, &[], &[])), Ok(1));
        assert_eq!(store.write_account(&account("K1", 0, &[], &[])), Err(StoreFault::Conflict));
        assert_eq!(store.write_account(&account("K1", 1, &[], &[])), Ok(2));
    });
    let old = account("K1", 1, &["2026-9"], &["late@shop.example"]);
    committed(store, |store| assert_eq!(store.write_account(&old), Err(StoreFault::Conflict)));
    let found = store.account(&"K1".into()).unwrap().unwrap();
    assert_eq!(found, StoredAccount { version: 2, state: "{\"v\":1}".into() });
    assert!(store.case_numbers().unwrap().is_empty(), "a refused write leaves nothing");
    assert!(store.debtors_by_address("late@shop.example").unwrap().is_empty());
}

fn an_account_write_replaces_cases_and_addresses(store: &mut dyn Store) {
    let old = account("K1", 0, &["2026-1", "2026-2"], &["a@shop.example", "b@shop.example"]);
    committed(store, |store| store.write_account(&old)).unwrap();
    let mut new = account("K1", 1, &["2026-2", "2026-3"], &["b@shop.example", "c@shop.example"]);
    new.cases[0].open_minor = -5;
    new.cases[0].payment_reference = Some("RF18539007547034".into());
    committed(store, |store| store.write_account(&new)).unwrap();
    assert_eq!(store.case(&"C-2026-1".into()).unwrap(), None);
    assert_eq!(store.case(&"C-2026-2".into()).unwrap(), Some((new.cases[0].clone(), "K1".into())));
    assert_eq!(store.case_by_number(&"2026-3".into()).unwrap(), Some((new.cases[1].clone(), "K1".into())));
    assert_eq!(*store.case_numbers().unwrap(), ["2026-2".into(), "2026-3".into()]);
    assert!(store.debtors_by_address("a@shop.example").unwrap().is_empty());
    assert_eq!(ids(store.debtors_by_address("c@shop.example").unwrap()), ["K1"]);
    // Two cases may exchange their numbers in one write.
    let mut crossed = account("K1", 2, &["2026-2", "2026-3"], &[]);
    crossed.cases[0].number = "2026-3".into();
    crossed.cases[1].number = "2026-2".into();
    committed(store, |store| store.write_account(&crossed)).unwrap();
    assert_eq!(store.case_by_number(&"2026-3".into()).unwrap().unwrap().0.case, "C-2026-2".into());
}

fn invoice_numbers_are_unique_in_the_administration(store: &mut dyn Store) {
    committed(store, |store| store.write_account(&account("K1", 0, &["2026-1"], &[]))).unwrap();
    committed(store, |store| {
        assert!(twice(store.write_account(&account("K2", 0, &["2026-2", "2026-1"], &["a@shop.example"]))));
        assert!(twice(store.write_account(&account("K2", 0, &["2026-2", "2026-2"], &[]))));
        let mut same_number = account("K2", 0, &["2026-5"], &[]);
        same_number.cases[0].number = "2026-1".into();
        assert!(twice(store.write_account(&same_number)));
    });
    assert_eq!(store.account(&"K2".into()).unwrap(), None, "a refused write leaves nothing");
    assert_eq!(*store.case_numbers().unwrap(), ["2026-1".into()]);
    assert_eq!(store.case(&"C-2026-1".into()).unwrap().unwrap().1, "K1".into());
    // A case moves to another account when the first lets go of it.
    committed(store, |store| {
        store.write_account(&account("K1", 1, &[], &[])).unwrap();
        store.write_account(&account("K2", 0, &["2026-1"], &[])).unwrap();
    });
    assert_eq!(store.case(&"C-2026-1".into()).unwrap().unwrap().1, "K2".into());
}

fn debtors_are_found_by_address_and_domain(store: &mut dyn Store) {
    committed(store, |store| {
        store
            .write_account(&account("K2", 0, &[], &["Info@Shop.Example", "info@shop.example", "x@other.test"]))
            .unwrap();
        store.write_account(&account("K1", 0, &[], &["info@shop.example", "\"a@b\"@shop.example"])).unwrap();
        store.write_account(&account("K3", 0, &[], &["info@sub.shop.example", "no address"])).unwrap();
    });
    assert_eq!(ids(store.debtors_by_address("INFO@SHOP.EXAMPLE").unwrap()), ["K1", "K2"]);
    assert_eq!(ids(store.debtors_by_domain("Shop.example").unwrap()), ["K1", "K2"]);
    assert_eq!(ids(store.debtors_by_domain("sub.shop.example").unwrap()), ["K3"]);
    assert!(store.debtors_by_address("info@shop.exampl").unwrap().is_empty());
    assert!(store.debtors_by_domain("example").unwrap().is_empty());
}

fn questions_lie_beside_their_account(store: &mut dyn Store) {
    let found = |store: &dyn Store, asked| {
        let rows = store.questions(&"@a".into(), asked).unwrap();
        rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>()
    };
    let (third, nobodys) = ("Q3".into(), "Q9".into());
    let asked = vec![question("Q1", "clock", ""), question("Q2", "money", "p1"), question("Q3", "file", "p1")];
    let first = AccountWrite { asked, ..account("@a", 0, &[], &[]) };
    let other = AccountWrite { asked: vec![question("Q1", "money", "p1")], ..account("@b", 0, &[], &[]) };
    committed(store, |store| [&first, &other].map(|write| store.write_account(write).unwrap()));
    for (asked, ids) in [
        (Asked::All, vec!["Q1", "Q2", "Q3"]),
        (Asked::None, vec![]),
        (Asked::Of("money"), vec!["Q2"]),
        (Asked::About("p1"), vec!["Q2", "Q3"]),
        (Asked::About(""), vec!["Q1"]),
        (Asked::With(&third), vec!["Q2", "Q3"]),
        (Asked::With(&nobodys), vec![]),
    ] {
        assert_eq!(found(store, asked), ids, "{asked:?}");
    }
    // What a write does not name stays.
    let changed = question("Q2", "money", "p2");
    let no_longer_asked = vec!["Q1".into(), "Q9".into()];
    let next = AccountWrite { asked: vec![changed.clone()], no_longer_asked, ..account("@a", 1, &[], &[]) };
    committed(store, |store| store.write_account(&next)).unwrap();
    assert_eq!(found(store, Asked::All), ["Q2", "Q3"]);
    assert_eq!(store.questions(&"@a".into(), Asked::About("p2")).unwrap(), [changed]);
    assert_eq!(found(store, Asked::About("p1")), ["Q3"]);
    // A refused write changes none.
    let late = AccountWrite { no_longer_asked: vec!["Q3".into()], ..account("@a", 1, &[], &[]) };
    committed(store, |store| assert_eq!(store.write_account(&late), Err(StoreFault::Conflict)));
    assert_eq!(found(store, Asked::All), ["Q2", "Q3"]);
}

fn open_cases_are_known_by_account(store: &mut dyn Store) {
    let with = |id: &str, version, state| {
        let mut write = account(id, version, &[], &[]);
        write.cases = vec![case_row(&format!("{id}-1"), CaseState::Closed), case_row(&format!("{id}-2"), state)];
        write
    };
    committed(store, |store| {
        store.write_account(&with("K3", 0, CaseState::Open)).unwrap();
        store.write_account(&with("K1", 0, CaseState::Held)).unwrap();
        store.write_account(&with("K2", 0, CaseState::Closed)).unwrap();
    });
    assert_eq!(ids(store.account_ids_with_open_cases().unwrap()), ["K1", "K3"]);
    assert_eq!(ids(store.account_ids().unwrap()), ["K1", "K2", "K3"]);
    committed(store, |store| store.write_account(&with("K3", 1, CaseState::Closed))).unwrap();
    assert_eq!(ids(store.account_ids_with_open_cases().unwrap()), ["K1"]);
}

// ── journal ─────────────────────────────────────────────────────────────────────────────────────────────────────

fn the_journal_is_numbered_and_chained(store: &mut dyn Store) {
    committed(store, |store| {
        assert_eq!(store.append(&[]), Ok(vec![]));
        assert_eq!(store.append(&[fact("K1", "one"), fact("K2", "two")]), Ok(vec![1, 2]));
    });
    committed(store, |store| assert_eq!(store.append(&[fact("K1", "two")]), Ok(vec![3])));
    let rows = store.journal(None, 0, 99).unwrap();
    assert_eq!(rows.iter().map(|row| row.fact.as_str()).collect::<Vec<_>>(), ["one", "two", "two"]);
    assert_eq!((rows[0].on, rows[0].at, rows[0].cause.as_str()), (fact("", "").on, at(0), "owner"));
    assert_ne!(rows[1].hash, rows[2].hash);
    // Released journals must still verify: this figure may never change.
    assert_eq!(hex(&rows[2].hash), "c607c8beff9d24511b2f6f7dc5b7e9508baf1827a9011088bd4a6bffc82593c2");
    assert_eq!(store.verify_journal().unwrap(), Vec::<String>::new());
}

fn the_journal_is_read_by_account_and_page(store: &mut dyn Store) {
    let rows: Vec<NewRow> = (0..10).map(|n| fact(if n % 3 == 0 { "K1" } else { "K10" }, &n.to_string())).collect();
    committed(store, |store| store.append(&rows)).unwrap();
    let seqs = |account: Option<&str>, after, limit| -> Vec<i64> {
        let account = account.map(DebtorId::from);
        store.journal(account.as_ref(), after, limit).unwrap().iter().map(|row| row.seq).collect()
    };
    assert_eq!(seqs(None, 7, 99), [8, 9, 10]);
    assert_eq!(seqs(None, 0, 2), [1, 2]);
    assert_eq!(seqs(Some("K1"), 0, usize::MAX), [1, 4, 7, 10]);
    assert_eq!(seqs(Some("K1"), 4, 1), [7]);
    assert_eq!(seqs(Some("K"), 0, 9), [0; 0]);
    assert_eq!(seqs(None, i64::MAX, 9), [0; 0]);
    assert_eq!(seqs(None, i64::MIN, 0), [0; 0]);
}

// ── inputs ──────────────────────────────────────────────────────────────────────────────────────────────────────

fn the_same_bytes_are_one_input(store: &mut dyn Store) {
    let key = |uid| MailKey { folder: "INBOX".into(), uidvalidity: 1, uid, name: String::new() };
    let received_at = Some(at(-60));
    let mail = |uid| NewInput {
        kind: InputKind::Mail,
        key: Some(key(uid)),
        received_at,
        ..file(&format!("INBOX/{uid}"), b"\0\xffmail")
    };
    committed(store, |store| {
        assert_eq!(store.put_input(&mail(1)), Ok(Put::New));
        assert_eq!(store.put_input(&mail(2)), Ok(Put::Known));
        assert_eq!(store.put_input(&mail(2)), Ok(Put::Known));
    });
    let id = evidence_of(b"\0\xffmail");
    assert_eq!(store.inputs_to_settle(9).unwrap(), std::slice::from_ref(&id));
    assert_eq!(store.input_bytes(&id).unwrap().unwrap(), b"\0\xffmail");
    assert!(store.has_mail(&key(1)).unwrap() && store.has_mail(&key(2)).unwrap() && !store.has_mail(&key(3)).unwrap());
    let row = store.input(&id).unwrap().unwrap();
    assert_eq!((row.kind, row.name.as_str(), row.size, row.at), (InputKind::Mail, "INBOX/1", 6, at(0)));
    assert_eq!((row.received_at, row.disposition, row.settled_at), (received_at, None, None));
    assert_eq!(store.input(&evidence_of(b"other")).unwrap(), None);
    assert_eq!(store.input_bytes(&evidence_of(b"other")).unwrap(), None);
}

fn a_name_shows_what_was_last_put_under_it(store: &mut dyn Store) {
    let found = |store: &dyn Store| store.find_input_by_name(InputKind::Invoice, "a.xml").unwrap().map(|row| row.id);
    assert_eq!(found(store), None);
    for (bytes, put) in [(b"one", Put::New), (b"two", Put::New), (b"one", Put::Known)] {
        assert_eq!(committed(store, |store| store.put_input(&file("a.xml", bytes))), Ok(put));
        assert_eq!(found(store), Some(evidence_of(bytes)));
    }
    committed(store, |store| store.put_input(&file("b.xml", b"two"))).unwrap();
    assert_eq!(found(store), Some(evidence_of(b"one")));
    let under_b = store.find_input_by_name(InputKind::Invoice, "b.xml").unwrap().unwrap();
    assert_eq!((under_b.id, under_b.name.as_str()), (evidence_of(b"two"), "a.xml"));
    assert_eq!(store.find_input_by_name(InputKind::Statement, "a.xml").unwrap(), None);
}

fn an_input_must_be_named_by_its_bytes(store: &mut dyn Store) {
    store.begin().unwrap();
    let wrong = NewInput { id: "1234".into(), ..file("a", b"a") };
    assert!(is_bug(|| drop(store.put_input(&wrong))));
}

fn inputs_are_settled_once(store: &mut dyn Store) {
    let applied = Disposition::Applied { note: "1 invoice".into() };
    let ignored = Disposition::Ignored { rule: "newsletter".into() };
    let quarantined = Disposition::Quarantined { reason: "no total".into() };
    let [a, b, c, d] = [b"a", b"b", b"c", b"d"].map(|bytes| evidence_of(bytes));
    committed(store, |store| {
        for bytes in [b"d", b"c", b"b", b"a"] {
            store.put_input(&file("x", bytes)).unwrap();
        }
    });
    assert_eq!(store.inputs_to_settle(3).unwrap(), [&d, &c, &b].map(Clone::clone), "in order of arrival");
    store.begin().unwrap();
    store.settle(&a, &applied, at(1)).unwrap();
    store.settle(&b, &ignored, at(1)).unwrap();
    store.settle(&c, &quarantined, at(1)).unwrap();
    store.settle(&d, &quarantined, at(2)).unwrap();
    assert_eq!(store.inputs_unsettled(), Ok(0));
    let in_quarantine =
        |store: &dyn Store| -> Vec<_> { store.inputs_quarantined().unwrap().into_iter().map(|row| row.id).collect() };
    assert_eq!(in_quarantine(store), [d.clone(), c.clone()]);
    store.settle(&c, &applied, at(3)).unwrap();
    store.settle(&d, &ignored, at(3)).unwrap();
    assert!(in_quarantine(store).is_empty());
    let row = store.input(&c).unwrap().unwrap();
    assert_eq!((row.disposition, row.settled_at), (Some(applied.clone()), Some(at(3))));
    for id in [&a, &b, &c, &d] {
        assert!(is_bug(|| drop(store.settle(id, &quarantined, at(4)))));
        assert!(is_bug(|| drop(store.settle(id, &applied, at(4)))));
    }
    assert!(is_bug(|| drop(store.settle(&evidence_of(b"e"), &applied, at(4)))));
    store.commit().unwrap();
    committed(store, |store| store.put_input(&file("y", b"b"))).unwrap();
    assert_eq!(store.inputs_unsettled(), Ok(0), "a settled input that comes again stays settled");
}

fn the_mailbox_is_remembered(store: &mut dyn Store) {
    assert_eq!(store.cursor("INBOX"), Ok(None));
    committed(store, |store| {
        store.set_cursor("INBOX", 5, u32::MAX).unwrap();
        store.set_cursor("Junk", u32::MAX, 0).unwrap();
        store.set_cursor("INBOX", 6, 1).unwrap();
    });
    assert_eq!(store.cursor("INBOX"), Ok(Some((6, 1))));
    assert_eq!(store.cursor("Junk"), Ok(Some((u32::MAX, 0))));
    let maildir = MailKey { folder: "new".into(), uidvalidity: 0, uid: 0, name: "1700.M1.host".into() };
    let mail = NewInput { kind: InputKind::Mail, key: Some(maildir.clone()), ..file("m", b"m") };
    committed(store, |store| store.put_input(&mail)).unwrap();
    assert!(store.has_mail(&maildir).unwrap());
    assert!(!store.has_mail(&MailKey { name: "1700.M2.host".into(), ..maildir }).unwrap());
}

// ── outbox ──────────────────────────────────────────────────────────────────────────────────────────────────────

fn a_mail_is_kept_byte_for_byte(store: &mut dyn Store) {
    let mail = NewOutbox {
        own_copy: Some("boss@books.example".into()),
        ..letter("L1", &[("C-2", "reminder"), ("C-1", "formal-notice")])
    };
    committed(store, |store| store.put_outbox(&mail)).unwrap();
    assert_eq!(store.outbox_bytes("L1").unwrap().unwrap(), mail.bytes);
    let row = store.outbox("L1").unwrap().unwrap();
    let expected = OutboxRow {
        id: mail.id,
        account: mail.account,
        purpose: Purpose::Letter,
        state: Ready,
        message_id: mail.message_id,
        token: mail.token,
        sender: mail.sender,
        recipient: mail.recipient,
        own_copy: mail.own_copy,
        subject: mail.subject,
        sha256: evidence_of(&mail.bytes).to_string(),
        attempts: 0,
        next_try: None,
        note: String::new(),
        created_at: at(0),
        changed_at: at(0),
        sent_at: None,
        covers: mail.covers,
    };
    assert_eq!(row, expected);
    assert_eq!((store.outbox("L2").unwrap(), store.outbox_bytes("L2").unwrap()), (None, None));
}

fn a_step_is_covered_once(store: &mut dyn Store) {
    let step = ("C-1", "reminder");
    committed(store, |store| {
        store.put_outbox(&letter("L1", &[step, ("C-2", "reminder")])).unwrap();
        assert!(twice(store.put_outbox(&letter("L1", &[]))), "the id");
        assert!(twice(store.put_outbox(&NewOutbox { message_id: "L1@books.example".into(), ..letter("L2", &[]) })));
        assert!(twice(store.put_outbox(&letter("L3", &[("C-9", "reminder"), step]))), "the step");
        assert!(twice(store.put_outbox(&letter("L4", &[("C-8", "x"), ("C-8", "x")]))), "within one mail");
        store.put_outbox(&letter("L5", &[("C-1", "second-reminder"), ("C-9", "reminder")])).unwrap();
        walk(store, "L1", &[Ready, Sending, DotIntent, Sent, Bounced]);
        assert!(twice(store.put_outbox(&letter("L6", &[step]))), "for ever, also when it bounced");
        walk(store, "L5", &[Ready, Sending, Rejected]);
        assert!(twice(store.put_outbox(&letter("L7", &[("C-9", "reminder")]))), "for ever, also when it was rejected");
    });
    for refused in ["L2", "L3", "L4", "L6", "L7"] {
        assert_eq!(store.outbox(refused).unwrap(), None);
    }
    assert_eq!(store.outbox_in(&OutboxState::ALL).unwrap().len(), 2);
}

fn a_withdrawn_mail_frees_what_it_covered(store: &mut dyn Store) {
    let mail = letter("L1", &[("C-1", "reminder")]);
    committed(store, |store| {
        store.put_outbox(&mail).unwrap();
        assert!(store.move_outbox("L1", Ready, Withdrawn, "paid meanwhile", at(1), None).unwrap());
        store.put_outbox(&NewOutbox { bytes: b"again".to_vec(), at: at(2), ..mail.clone() }).unwrap();
        assert!(twice(store.put_outbox(&mail)));
        assert!(twice(store.put_outbox(&letter("L2", &[("C-1", "reminder")]))));
    });
    let both = store.outbox_in(&[Withdrawn, Ready]).unwrap();
    assert_eq!(both.iter().map(|row| row.state).collect::<Vec<_>>(), [Withdrawn, Ready], "nothing is lost");
    assert_eq!((both[0].note.as_str(), &both[0].covers), ("paid meanwhile", &mail.covers));
    assert_eq!(store.outbox("L1").unwrap().as_ref(), Some(&both[1]));
    assert_eq!(store.outbox_bytes("L1").unwrap().unwrap(), b"again");
    assert_eq!(store.outbox_by_message_id("L1@books.example").unwrap().as_ref(), Some(&both[1]));
    assert_eq!(store.outbox_by_token("token-L1").unwrap().as_ref(), Some(&both[1]));
    committed(store, |store| {
        walk(store, "L1", &[Ready, Sending, Withdrawn]);
        store.put_outbox(&letter("L2", &[("C-1", "reminder")])).unwrap();
        walk(store, "L2", &[Ready, Sending, DotIntent, Unknown, Withdrawn]);
        store.put_outbox(&mail).unwrap();
    });
    assert_eq!(store.outbox_in(&OutboxState::ALL).unwrap().len(), 4);
}

fn mails_to_try_come_in_order(store: &mut dyn Store) {
    committed(store, |store| {
        for id in ["L1", "L2", "L3", "L4"] {
            store.put_outbox(&letter(id, &[(id, "reminder")])).unwrap();
        }
        store.put_outbox(&NewOutbox { purpose: Purpose::Digest, account: None, ..letter("D1", &[]) }).unwrap();
        // Tried before, and to be tried again from minute 5 on.
        walk(store, "L1", &[Ready, Sending]);
        assert!(store.move_outbox("L1", Sending, Ready, "451 later", at(3), Some(at(5))).unwrap());
        walk(store, "L2", &[Ready, Sending, DotIntent, Sent]);
        walk(store, "L3", &[Ready, Sending]);
    });
    let under_way = |store: &dyn Store| store.outbox_under_way().unwrap().into_iter().map(|mail| mail.purpose);
    assert_eq!(under_way(store).collect::<Vec<_>>(), [Purpose::Letter], "L3; neither what waits nor what went");
    committed(store, |store| walk(store, "D1", &[Ready, Sending]));
    committed(store, |store| walk(store, "L3", &[Sending, DotIntent]));
    assert_eq!(under_way(store).filter(|purpose| *purpose == Purpose::Letter).count(), 1);
    let accounts: Vec<_> = store.outbox_under_way().unwrap().into_iter().map(|mail| mail.account.is_some()).collect();
    assert_eq!(accounts.iter().filter(|known| **known).count(), 1, "and the digest has none: {accounts:?}");
    committed(store, |store| store.move_outbox("D1", Sending, Ready, "", at(0), None).unwrap());
    assert_eq!(store.outbox_to_try(at(4), None).unwrap(), ["D1", "L4"]);
    assert_eq!(store.outbox_to_try(at(5), None).unwrap(), ["D1", "L4", "L1"]);
    assert_eq!(store.outbox_to_try(at(4), Some(at(3))).unwrap(), ["D1", "L4"], "not changed before then");
    assert_eq!(store.outbox_to_try(at(4), Some(at(4))).unwrap(), ["D1", "L4", "L1"]);
}

/// A mail brought to this state by the shortest way.
fn mail_in(store: &mut dyn Store, id: &str, state: OutboxState) {
    store.put_outbox(&letter(id, &[(id, "reminder")])).unwrap();
    let path: &[OutboxState] = match state {
        Ready => &[Ready],
        Sending => &[Ready, Sending],
        DotIntent => &[Ready, Sending, DotIntent],
        Sent => &[Ready, Sending, DotIntent, Sent],
        Rejected => &[Ready, Sending, Rejected],
        Unknown => &[Ready, Sending, DotIntent, Unknown],
        Withdrawn => &[Ready, Withdrawn],
        Bounced => &[Ready, Sending, DotIntent, Sent, Bounced],
    };
    walk(store, id, path);
}

fn mails_move_only_along_their_path(store: &mut dyn Store) {
    for from in OutboxState::ALL {
        for to in OutboxState::ALL {
            let id = format!("{}-{}", from.word(), to.word());
            store.begin().unwrap();
            mail_in(store, &id, from);
            if from.may_become(to) {
                assert!(store.move_outbox(&id, from, to, "", at(1), None).unwrap(), "{id}");
            } else {
                assert!(is_bug(|| drop(store.move_outbox(&id, from, to, "", at(1), None))), "{id}");
            }
            let now = store.outbox(&id).unwrap().unwrap().state;
            assert_eq!(now, if from.may_become(to) { to } else { from });
            store.commit().unwrap();
        }
    }
}

fn a_move_from_another_state_changes_nothing(store: &mut dyn Store) {
    committed(store, |store| mail_in(store, "L1", Sent));
    let before = store.outbox("L1").unwrap();
    committed(store, |store| {
        assert_eq!(store.move_outbox("L1", Ready, Sending, "again", at(9), Some(at(9))), Ok(false));
        assert_eq!(store.move_outbox("L2", Ready, Sending, "none", at(9), None), Ok(false));
    });
    assert_eq!(store.outbox("L1").unwrap(), before);
}

fn attempts_are_counted_and_notes_kept(store: &mut dyn Store) {
    committed(store, |store| {
        store.put_outbox(&letter("L1", &[])).unwrap();
        store.move_outbox("L1", Ready, Sending, "", at(1), None).unwrap();
        store.move_outbox("L1", Sending, Ready, "451 later", at(2), Some(at(7))).unwrap();
    });
    let row = store.outbox("L1").unwrap().unwrap();
    assert_eq!((row.attempts, row.next_try, row.note.as_str(), row.changed_at), (1, Some(at(7)), "451 later", at(2)));
    committed(store, |store| walk(store, "L1", &[Ready, Sending, DotIntent, Ready, Sending]));
    let row = store.outbox("L1").unwrap().unwrap();
    assert_eq!((row.attempts, row.next_try, row.note.as_str()), (3, None, ""));
    assert_eq!((row.created_at, row.sent_at), (at(0), None));
}

fn accepted_letters_are_counted(store: &mut dyn Store) {
    committed(store, |store| {
        mail_in(store, "L1", Sent);
        mail_in(store, "L2", Bounced);
        mail_in(store, "L3", Unknown);
        mail_in(store, "L4", Rejected);
        store.put_outbox(&NewOutbox { purpose: Purpose::Digest, ..letter("digest-2026-11-22", &[]) }).unwrap();
        walk(store, "digest-2026-11-22", &[Ready, Sending, DotIntent, Sent]);
    });
    assert_eq!((store.sent_since(at(0)), store.sent_since(at(1)), store.sent_since(at(2))), (Ok(2), Ok(2), Ok(0)));
    committed(store, |store| {
        store.move_outbox("L3", Unknown, Sent, "found in Sent", at(5), None).unwrap();
        store.move_outbox("L1", Sent, Bounced, "no such user", at(6), None).unwrap();
    });
    assert_eq!((store.sent_since(at(1)), store.sent_since(at(5)), store.sent_since(at(6))), (Ok(3), Ok(1), Ok(0)));
    let ids =
        |from| -> Vec<String> { store.letters_sent_since(at(from)).unwrap().into_iter().map(|row| row.id).collect() };
    assert_eq!((ids(0), ids(5), ids(6)), (ids(1), vec!["L3".to_owned()], vec![]));
    assert_eq!(ids(1).last().map(String::as_str), Some("L3"), "by the moment at which they were accepted");
    assert!(ids(1).contains(&"L1".to_owned()) && ids(1).len() == 3, "one that came back too, no digest");
    assert_eq!(store.letters_sent_since(at(5)).unwrap(), [store.outbox("L3").unwrap().unwrap()]);
    let sent_at = |id| store.outbox(id).unwrap().unwrap().sent_at;
    assert_eq!((sent_at("L1"), sent_at("L3"), sent_at("L4")), (Some(at(1)), Some(at(5)), None));
}

fn mails_are_found_by_state_and_token(store: &mut dyn Store) {
    committed(store, |store| {
        mail_in(store, "L1", Unknown);
        mail_in(store, "L2", Ready);
        mail_in(store, "L3", Sending);
        let quiet = NewOutbox { token: None, account: None, purpose: Purpose::Digest, ..letter("digest", &[]) };
        store.put_outbox(&quiet).unwrap();
    });
    let found = |states: &[OutboxState]| -> Vec<String> {
        store.outbox_in(states).unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(found(&[Ready, Unknown, Ready]), ["L1", "L2", "digest"]);
    assert_eq!(found(&[DotIntent]), [""; 0]);
    assert_eq!(found(&[]), [""; 0]);
    assert_eq!(store.outbox_by_token("token-L3").unwrap().unwrap().id, "L3");
    assert_eq!(store.outbox_by_message_id("L2@books.example").unwrap().unwrap().id, "L2");
    assert_eq!(store.outbox_by_token("").unwrap(), None);
    assert_eq!(store.outbox("digest").unwrap().unwrap().account, None);
}

// ── small things ────────────────────────────────────────────────────────────────────────────────────────────────

fn a_key_is_new_once(store: &mut dyn Store) {
    committed(store, |store| {
        assert_eq!(store.once("payment", "a"), Ok(true));
        assert_eq!(store.once("payment", "a"), Ok(false));
        assert_eq!(store.once("statement", "a"), Ok(true));
    });
    store.begin().unwrap();
    assert_eq!(store.once("payment", "b"), Ok(true));
    store.rollback().unwrap();
    committed(store, |store| {
        assert_eq!(store.once("payment", "b"), Ok(true), "what was undone was not seen");
        assert_eq!(store.once("payment", "a"), Ok(false));
    });
}

fn meta_is_kept(store: &mut dyn Store) {
    assert_eq!(store.meta("clock"), Ok(None));
    committed(store, |store| store.set_meta("clock", "1")).unwrap();
    committed(store, |store| store.set_meta("clock", "")).unwrap();
    assert_eq!(store.meta("clock"), Ok(Some(String::new())));
}

fn instants_are_kept_to_the_microsecond(store: &mut dyn Store) {
    let fine = at(0) + TimeDelta::nanoseconds(1_234_567);
    let kept = at(0) + TimeDelta::nanoseconds(1_234_000);
    let early = DateTime::<Utc>::MIN_UTC;
    committed(store, |store| {
        store.append(&[NewRow { at: fine, on: NaiveDate::MIN, ..fact("K1", "") }]).unwrap();
        store.put_input(&NewInput { at: fine, received_at: Some(early), ..file("a", b"a") }).unwrap();
        store.put_outbox(&NewOutbox { at: fine, ..letter("L1", &[]) }).unwrap();
        store.move_outbox("L1", Ready, Sending, "", fine, Some(DateTime::<Utc>::MAX_UTC)).unwrap();
    });
    let row = store.journal(None, 0, 1).unwrap().remove(0);
    assert_eq!((row.at, row.on), (kept, NaiveDate::MIN));
    let input = store.input(&evidence_of(b"a")).unwrap().unwrap();
    assert_eq!((input.at, input.received_at.map(|at| at.timestamp())), (kept, Some(early.timestamp())));
    let mail = store.outbox("L1").unwrap().unwrap();
    assert_eq!((mail.created_at, mail.changed_at), (kept, kept));
    assert_eq!(mail.next_try.unwrap().timestamp(), DateTime::<Utc>::MAX_UTC.timestamp());
    assert_eq!(store.verify_journal().unwrap(), Vec::<String>::new());
}

fn any_text_is_kept(store: &mut dyn Store) {
    let odd = "a'b\"; DROP TABLE journal; --\0\u{1F4EE}\n%_é";
    committed(store, |store| {
        store.set_meta(odd, odd).unwrap();
        assert!(store.once(odd, odd).unwrap());
        store.append(&[fact(odd, odd)]).unwrap();
        store.put_input(&file(odd, b"")).unwrap();
        store.write_account(&account(odd, 0, &[odd, ""], &[odd])).unwrap();
        store.put_outbox(&letter(odd, &[(odd, odd)])).unwrap();
    });
    assert_eq!(store.meta(odd).unwrap().unwrap(), odd);
    assert_eq!(store.journal(Some(&odd.into()), 0, 1).unwrap()[0].fact, odd);
    assert_eq!(store.find_input_by_name(InputKind::Invoice, odd).unwrap().unwrap().size, 0);
    assert_eq!(store.case_by_number(&odd.into()).unwrap().unwrap().1, odd.into());
    assert_eq!(ids(store.debtors_by_address(odd).unwrap()), [odd]);
    assert_eq!(store.outbox(odd).unwrap().unwrap().covers, [(odd.into(), odd.into())]);
    assert_eq!(store.verify_journal().unwrap(), Vec::<String>::new());
}

fn a_sound_store_has_no_findings(store: &mut dyn Store) {
    assert_eq!(store.check(Depth::Thorough).unwrap(), Vec::<String>::new());
    committed(store, write_everything);
    assert_eq!(store.check(Depth::Quick).unwrap(), Vec::<String>::new());
    assert_eq!(store.check(Depth::Thorough).unwrap(), Vec::<String>::new());
}
