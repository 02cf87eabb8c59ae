//! What must be true of an administration when all is quiet again, whatever was done to it: counted at the server,
//! compared with the database.

use super::server::Server;
use super::yard::{OWNER, Yard, customer, invoice_number};
use aanmaand::dunning::ids::InvoiceNumber;
use aanmaand::ports::MailKey;
use aanmaand::store::{Disposition, OutboxRow, OutboxState, Purpose, Store};
use std::collections::BTreeMap;

/// What an audit counted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Audited {
    /// Letters whose fate is asked about.
    pub unknown: usize,
    /// How many of them the server had taken.
    pub unknown_taken: usize,
}

/// Invoices 1 to `invoices`, one letter each, and these answers in the Maildir: nothing lost, nothing twice, nothing
/// left half-way, every doubt a question.
pub fn audit(yard: &Yard, server: &Server, invoices: usize, answers: &[String]) -> Audited {
    server.settle();
    let rows = yard.outbox();
    nothing_twice(server, &rows);
    nothing_left(yard, &rows);
    inputs(yard, invoices, answers);
    let asked = yard.asked_about();
    let mut audited = Audited::default();
    for number in 1..=invoices {
        letter_of(yard, server, number, &asked, &mut audited);
    }
    sound(yard);
    audited
}

/// No mail is at the server twice, no debtor has two letters, no day two digests; and each is one of ours, byte for byte.
fn nothing_twice(server: &Server, rows: &[OutboxRow]) {
    let doubled: BTreeMap<_, _> = server.copies().into_iter().filter(|(_, copies)| *copies > 1).collect();
    assert!(doubled.is_empty(), "twice: {doubled:?}");
    let mut to: BTreeMap<String, usize> = BTreeMap::new();
    for mail in server.taken() {
        let row = rows.iter().find(|row| row.message_id == mail.message_id);
        let row = row.unwrap_or_else(|| panic!("the server took {:?}, which we never wrote", mail.message_id));
        assert_eq!(
            aanmaand::store::evidence_of(&mail.bytes).as_str(),
            row.sha256,
            "other bytes than those of the outbox"
        );
        assert_eq!((&mail.sender, &mail.recipients), (&row.sender, &vec![row.recipient.clone()]));
        let of_a_day = if row.purpose == Purpose::Digest { row.id.clone() } else { String::new() };
        *to.entry(format!("{} {of_a_day}", row.recipient)).or_default() += 1;
    }
    to.retain(|_, count| *count > 1);
    assert!(to.is_empty(), "more than one mail: {to:?}");
}

/// Nothing waits, nothing is half-way.
fn nothing_left(yard: &Yard, rows: &[OutboxRow]) {
    use OutboxState::{DotIntent, Ready, Sending};
    let left: Vec<&OutboxRow> = rows.iter().filter(|row| matches!(row.state, Ready | Sending | DotIntent)).collect();
    assert!(left.is_empty(), "left behind: {left:#?}\n{}", yard.log());
    let digests: Vec<&OutboxRow> = rows.iter().filter(|row| row.purpose == Purpose::Digest).collect();
    assert!(digests.iter().all(|row| row.recipient == OWNER), "{digests:?}");
}

/// Every invoice has its case, every answer was understood and holds its case.
fn inputs(yard: &Yard, invoices: usize, answers: &[String]) {
    let store = yard.store().unwrap();
    for number in 1..=invoices {
        let found = store.case_by_number(&InvoiceNumber::new(invoice_number(number))).unwrap();
        assert!(found.is_some(), "invoice {number} has no case");
    }
    assert_eq!(store.inputs_unsettled().unwrap(), 0);
    for name in answers {
        let key = MailKey { folder: "INBOX".into(), uidvalidity: 0, uid: 0, name: name.clone() };
        assert!(store.has_mail(&key).unwrap(), "answer {name} was never read");
        let bytes = std::fs::read(yard.path("mailbox/new").join(name)).unwrap();
        let input = store.input(&aanmaand::store::evidence_of(&bytes)).unwrap().unwrap();
        assert!(matches!(input.disposition, Some(Disposition::Applied { .. })), "{input:?}");
    }
    let cases = yard.lines(&["cases", "--json"]);
    let disputed = cases.iter().filter(|case| case["hold"] == "dispute").count();
    assert_eq!(disputed, answers.len(), "each answer holds its case");
}

/// One letter, taken once and known as sent; or asked about, and taken at most once.
fn letter_of(yard: &Yard, server: &Server, number: usize, asked: &[String], audited: &mut Audited) {
    let row = yard.letter_to(&customer(number));
    let copies = server.taken_for(&customer(number)).len();
    let questions = asked.iter().filter(|debtor| **debtor == format!("K{number}")).count();
    match row.state {
        OutboxState::Sent => assert_eq!((copies, questions), (1, 0), "letter {number} is sent"),
        OutboxState::Unknown => {
            assert!(
                copies <= 1 && questions == 1,
                "letter {number} is unknown: {copies} copies, {questions} questions"
            );
            audited.unknown += 1;
            audited.unknown_taken += copies;
        }
        _ => panic!("letter {number}: {copies} copies, {row:?}\n{}", yard.log()),
    }
}

/// The file, the journal's chain, and every account against its journal. (The exit code is that of the whole check, which
/// refuses letters on a Sunday.)
pub fn sound(yard: &Yard) {
    let told = String::from_utf8(yard.run(&["check", "--store"]).stdout).unwrap();
    for good in ["the database is sound", "no row of the journal was changed", "every case follows from the journal"] {
        assert!(told.contains(good), "{told}");
    }
}
