//! Random work on both stores side by side: whatever is done, both answer alike and look alike, also after a crash.

use super::contract::{account, at, case_row, fact, file, letter, question};
use super::{MemoryStore, SqliteStore};
use crate::dunning::ids::{DebtorId, EvidenceId};
use crate::ports::MailKey;
use crate::store::*;
use proptest::prelude::*;

const NUMBERS: [&str; 4] = ["2026-1", "2026-2", "2026/2", "x"];
const ADDRESSES: [&str; 3] = ["a@shop.example", "B@shop.example", "c@other.test"];
const STEPS: [(&str, &str); 3] = [("C-1", "reminder"), ("C-1", "formal"), ("C-2", "reminder")];

#[derive(Clone, Debug)]
enum Op {
    Begin,
    Commit,
    Rollback,
    Savepoint,
    Release,
    RollbackTo,
    /// The process ends and starts again.
    Crash,
    Account {
        who: u8,
        age: u8,
        cases: Vec<(usize, CaseState)>,
        addresses: Vec<usize>,
        /// With what each is about; none goes.
        questions: Vec<(u8, Option<u8>)>,
    },
    Append {
        who: u8,
        rows: usize,
    },
    Put {
        bytes: u8,
        name: u8,
        uid: Option<u32>,
    },
    Settle {
        bytes: u8,
        disposition: Disposition,
    },
    Cursor {
        uid: u32,
    },
    Letter {
        id: u8,
        message_id: u8,
        covers: Vec<usize>,
    },
    Move {
        id: u8,
        from: OutboxState,
        to: OutboxState,
        minute: i64,
    },
    Once {
        key: u8,
    },
    Meta {
        value: u8,
    },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Begin),
        2 => Just(Op::Commit),
        1 => Just(Op::Rollback),
        2 => Just(Op::Savepoint),
        1 => Just(Op::Release),
        1 => Just(Op::RollbackTo),
        1 => Just(Op::Crash),
        6 => accounts(),
        2 => (0..3u8, 0..3usize).prop_map(|(who, rows)| Op::Append { who, rows }),
        4 => (0..4u8, 0..3u8, prop::option::of(0..3u32)).prop_map(|(bytes, name, uid)| Op::Put { bytes, name, uid }),
        4 => (0..4u8, dispositions()).prop_map(|(bytes, disposition)| Op::Settle { bytes, disposition }),
        1 => (0..3u32).prop_map(|uid| Op::Cursor { uid }),
        5 => (0..4u8, 0..4u8, prop::collection::vec(0..3usize, 0..3))
            .prop_map(|(id, message_id, covers)| Op::Letter { id, message_id, covers }),
        9 => moves(),
        1 => (0..3u8).prop_map(|key| Op::Once { key }),
        1 => (0..3u8).prop_map(|value| Op::Meta { value }),
    ]
}

fn accounts() -> impl Strategy<Value = Op> {
    let states = prop::sample::select(vec![CaseState::Open, CaseState::Held, CaseState::Closed]);
    let cases = prop::collection::vec((0..NUMBERS.len(), states), 0..4);
    let addresses = prop::collection::vec(0..ADDRESSES.len(), 0..3);
    let questions = prop::collection::vec((0..4u8, prop::option::of(0..3u8)), 0..3);
    (0..3u8, prop_oneof![6 => Just(0u8), 1 => Just(1u8)], cases, addresses, questions)
        .prop_map(|(who, age, cases, addresses, questions)| Op::Account { who, age, cases, addresses, questions })
}

fn dispositions() -> impl Strategy<Value = Disposition> {
    prop::sample::select(vec![
        Disposition::Applied { note: "done".into() },
        Disposition::Ignored { rule: "old".into() },
        Disposition::Quarantined { reason: "odd".into() },
    ])
}

fn moves() -> impl Strategy<Value = Op> {
    let all = || OutboxState::ALL.into_iter();
    let allowed: Vec<_> =
        all().flat_map(|from| all().filter(move |to| from.may_become(*to)).map(move |to| (from, to))).collect();
    (0..4u8, prop::sample::select(allowed), 0..9i64).prop_map(|(id, (from, to), minute)| Op::Move {
        id,
        from,
        to,
        minute,
    })
}

fn debtor(who: u8) -> DebtorId {
    DebtorId::new(format!("K{who}"))
}

fn evidence(bytes: u8) -> EvidenceId {
    evidence_of(&[bytes])
}

fn key(uid: u32) -> MailKey {
    MailKey { folder: "INBOX".into(), uidvalidity: 1, uid, name: String::new() }
}

/// What is open, so that work which would be a broken invariant is left out.
#[derive(Default)]
struct Open {
    transaction: bool,
    savepoint: bool,
}

impl Open {
    fn allows(&self, op: &Op, store: &dyn Store) -> bool {
        match op {
            Op::Begin => !self.transaction,
            Op::Commit | Op::Savepoint => self.transaction && !self.savepoint,
            Op::Release | Op::RollbackTo => self.savepoint,
            Op::Crash => true,
            Op::Settle { bytes, disposition } => {
                self.transaction && may_settle(store.input(&evidence(*bytes)).unwrap(), disposition)
            }
            Op::Rollback
            | Op::Account { .. }
            | Op::Append { .. }
            | Op::Put { .. }
            | Op::Cursor { .. }
            | Op::Letter { .. }
            | Op::Move { .. }
            | Op::Once { .. }
            | Op::Meta { .. } => self.transaction,
        }
    }

    fn after(&mut self, op: &Op) {
        match op {
            Op::Begin => self.transaction = true,
            Op::Commit | Op::Rollback | Op::Crash => *self = Open::default(),
            Op::Savepoint => self.savepoint = true,
            Op::Release | Op::RollbackTo => self.savepoint = false,
            _ => {}
        }
    }
}

fn may_settle(input: Option<InputRow>, to: &Disposition) -> bool {
    match input.map(|row| row.disposition) {
        None => false,
        Some(None) => true,
        Some(Some(Disposition::Quarantined { .. })) => !matches!(to, Disposition::Quarantined { .. }),
        Some(Some(_)) => false,
    }
}

/// Does it and tells the answer.
fn perform(store: &mut dyn Store, op: &Op) -> String {
    match op {
        Op::Begin => format!("{:?}", store.begin()),
        Op::Commit => format!("{:?}", store.commit()),
        Op::Rollback => format!("{:?}", store.rollback()),
        Op::Savepoint => format!("{:?}", store.savepoint()),
        Op::Release => format!("{:?}", store.release()),
        Op::RollbackTo => format!("{:?}", store.rollback_to()),
        Op::Crash => String::new(),
        Op::Account { who, age, cases, addresses, questions } => {
            let version = store.account(&debtor(*who)).unwrap().map_or(0, |account| account.version);
            let addresses: Vec<&str> = addresses.iter().map(|n| ADDRESSES[*n]).collect();
            let mut write = account(debtor(*who).as_str(), version.saturating_sub(u64::from(*age)), &[], &addresses);
            write.cases = cases.iter().map(|(n, state)| case_row(NUMBERS[*n], *state)).collect();
            for (n, about) in questions {
                match about {
                    Some(about) => write.asked.push(asked(*n, *about)),
                    None => write.no_longer_asked.push(format!("Q{n}").as_str().into()),
                }
            }
            format!("{:?}", store.write_account(&write))
        }
        Op::Append { who, rows } => {
            let rows: Vec<_> = (0..*rows).map(|n| fact(debtor(*who).as_str(), &n.to_string())).collect();
            format!("{:?}", store.append(&rows))
        }
        Op::Put { bytes, name, uid } => {
            let input = NewInput { key: uid.map(key), ..file(&format!("f{name}"), &[*bytes]) };
            format!("{:?}", store.put_input(&input))
        }
        Op::Settle { bytes, disposition } => format!("{:?}", store.settle(&evidence(*bytes), disposition, at(3))),
        Op::Cursor { uid } => format!("{:?}", store.set_cursor("INBOX", 1, *uid)),
        Op::Letter { id, message_id, covers } => {
            let covers: Vec<_> = covers.iter().map(|n| STEPS[*n]).collect();
            let message_id = format!("m{message_id}@books.example");
            format!("{:?}", store.put_outbox(&NewOutbox { message_id, ..letter(&format!("L{id}"), &covers) }))
        }
        Op::Move { id, from, to, minute } => {
            format!("{:?}", store.move_outbox(&format!("L{id}"), *from, *to, "moved", at(*minute), Some(at(*minute))))
        }
        Op::Once { key } => format!("{:?}", store.once("kind", &key.to_string())),
        Op::Meta { value } => format!("{:?}", store.set_meta("key", &value.to_string())),
    }
}

fn asked(n: u8, about: u8) -> QuestionRow {
    question(&format!("Q{n}"), ["clock", "money"][usize::from(about % 2)], ["", "p1", "p2"][usize::from(about)])
}

/// Everything that can be seen.
fn observe(store: &dyn Store) -> Vec<String> {
    let mut seen = vec![
        format!("{:?}", (store.account_ids(), store.account_ids_with_open_cases(), store.case_numbers())),
        format!("{:?}", (store.journal(None, 0, 99), store.journal(Some(&debtor(1)), 1, 2), store.verify_journal())),
        format!("{:?}", (store.inputs_to_settle(2), store.inputs_unsettled(), store.inputs_quarantined())),
        format!("{:?}", (store.cursor("INBOX"), store.meta("key"), store.in_transaction())),
        format!("{:?}", store.outbox_in(&OutboxState::ALL)),
        format!("{:?}", store.outbox_in(&[OutboxState::Ready, OutboxState::Unknown])),
        format!("{:?}", store.outbox_under_way().map(|mails| mails.len())),
        format!("{:?}", (store.outbox_to_try(at(4), None), store.outbox_to_try(at(0), Some(at(5))))),
        format!("{:?}", (0..9).map(|minute| store.sent_since(at(minute))).collect::<Vec<_>>()),
        format!("{:?}", (store.debtors_by_domain("shop.example"), store.debtors_by_domain("other.test"))),
    ];
    seen.extend(ADDRESSES.iter().map(|address| format!("{:?}", store.debtors_by_address(address))));
    seen.extend(NUMBERS.iter().map(|number| format!("{:?}", store.case_by_number(&(*number).into()))));
    for n in 0..4u8 {
        let (mail, message_id, input) = (format!("L{n}"), format!("m{n}@books.example"), evidence(n));
        seen.push(format!("{:?}", (store.outbox(&mail), store.outbox_bytes(&mail))));
        seen.push(format!(
            "{:?}",
            (store.outbox_by_message_id(&message_id), store.outbox_by_token(&format!("token-L{n}")))
        ));
        seen.push(format!("{:?}", (store.account(&debtor(n)), store.input(&input), store.input_bytes(&input))));
        let id = format!("Q{n}").as_str().into();
        let which = [Asked::All, Asked::Of("money"), Asked::About("p1"), Asked::About(""), Asked::With(&id)];
        seen.push(format!("{:?}", which.map(|asked| store.questions(&debtor(n), asked))));
        let name = format!("f{n}");
        seen.push(format!(
            "{:?}",
            (store.find_input_by_name(InputKind::Invoice, &name), store.has_mail(&key(n.into())))
        ));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_answer_and_look_alike(ops in prop::collection::vec(op(), 1..120)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (mut memory, mut sqlite) = (MemoryStore::new(), SqliteStore::open(&path).unwrap());
        let mut open = Open::default();
        for op in &ops {
            if !open.allows(op, &memory) {
                continue;
            }
            prop_assert_eq!(perform(&mut memory, op), perform(&mut sqlite, op), "{:?}", op);
            if matches!(op, Op::Crash) {
                memory.crash();
                drop(sqlite);
                sqlite = SqliteStore::open(&path).unwrap();
            }
            open.after(op);
            prop_assert_eq!(observe(&memory), observe(&sqlite), "after {:?}", op);
        }
        prop_assert_eq!(sqlite.check(Depth::Thorough), Ok(vec![]));
        prop_assert_eq!(memory.check(Depth::Thorough), Ok(vec![]));
    }
}

/// `cargo test --lib adapters::store::random::figures -- --ignored --nocapture`
#[test]
#[ignore = "prints figures, proves nothing"]
fn figures() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let mut sqlite = SqliteStore::open(&folder.path().join("a.db")).unwrap();
    measure("sqlite, one input a commit", &mut sqlite, 0..500, 1);
    measure("sqlite, 50 inputs a commit", &mut sqlite, 500..10_500, 50);
    measure("memory, one input a commit", &mut MemoryStore::new(), 0..10_000, 1);
    let start = std::time::Instant::now();
    assert_eq!(sqlite.check(Depth::Quick), Ok(vec![]));
    println!("quick check of 10500 inputs: {:?}", start.elapsed());
}

/// An input is a file, three facts, an account of two cases, and every tenth time a letter that is sent.
fn measure(what: &str, store: &mut dyn Store, inputs: std::ops::Range<u64>, together: u64) {
    let (start, count) = (std::time::Instant::now(), inputs.end - inputs.start);
    for n in inputs {
        if n.is_multiple_of(together) {
            store.begin().unwrap();
        }
        store.savepoint().unwrap();
        apply_one(store, n);
        store.release().unwrap();
        if (n + 1).is_multiple_of(together) {
            store.commit().unwrap();
        }
    }
    println!("{what}: {:?} an input", start.elapsed() / u32::try_from(count).unwrap());
}

fn apply_one(store: &mut dyn Store, n: u64) {
    let id = format!("K{}", n % 500);
    let bytes = format!("{n:0>2000}");
    store.put_input(&file(&format!("f{n}"), bytes.as_bytes())).unwrap();
    store.append(&[fact(&id, "{}"), fact(&id, "{}"), fact(&id, "{}")]).unwrap();
    let version = store.account(&DebtorId::new(id.as_str())).unwrap().map_or(0, |account| account.version);
    let numbers = [format!("{id}-1"), format!("{id}-2")];
    store.write_account(&account(&id, version, &[&numbers[0], &numbers[1]], &["a@shop.example"])).unwrap();
    store.settle(&evidence_of(bytes.as_bytes()), &Disposition::Applied { note: String::new() }, at(0)).unwrap();
    if n.is_multiple_of(10) {
        let mail = format!("L{n}");
        store.put_outbox(&letter(&mail, &[(&numbers[0], &mail)])).unwrap();
        for pair in [OutboxState::Ready, OutboxState::Sending, OutboxState::DotIntent, OutboxState::Sent].windows(2) {
            assert!(store.move_outbox(&mail, pair[0], pair[1], "", at(0), None).unwrap());
        }
    }
}
