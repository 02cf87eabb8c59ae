//! Nothing of one debtor reaches another (promise 1, property P5): canaries of one are planted in the papers of others.
//! What must not be taken for a leak. How long the last look takes.

use super::office::{Office, day, invoice, payment};
use aanmaand::daemon::last_look::Leak;
use aanmaand::dunning::debtor::Debtor;
use aanmaand::dunning::gate::GateClosed;
use aanmaand::dunning::ids::DebtorId;
use aanmaand::dunning::input::{Act, Input};
use aanmaand::dunning::invoice::Invoice;
use aanmaand::mail::message::Message;
use aanmaand::store::{OutboxRow, OutboxState};
use std::collections::BTreeMap;

type Field = (&'static str, fn(&mut Invoice, String));

/// Fields of an invoice that a letter shows.
const FIELDS: [Field; 5] = [
    ("description", |invoice, text| invoice.description = Some(text)),
    ("order", |invoice, text| invoice.order_reference = Some(text)),
    ("reference", |invoice, text| invoice.payment_reference = Some(text)),
    ("contact", |invoice, text| invoice.debtor.contact = Some(text)),
    ("name", |invoice, text| invoice.debtor.name = text),
];

/// The debtor whose canaries are planted: everything about it is known to the house.
fn canary_debtor() -> Invoice {
    let mut invoice = invoice("KANARIE-77", "KAN-2026-0412");
    invoice.payment_reference = Some("RF18KANARIE0412".into());
    invoice.debtor = Debtor {
        name: "Kanarie Vogelhuis B.V.".into(),
        contact: Some("mevrouw Pietje Geelvink".into()),
        email: Some("pietje.geelvink@kanarievogelhuis.example".into()),
        phone: Some("020-7654321".into()),
        vat: Some("NL009876543B01".into()),
        kvk: Some("87654321".into()),
        ..invoice.debtor
    };
    invoice
}

const SECRETS: [&str; 12] = [
    "KAN-2026-0412",
    "C-KAN-2026-0412",
    "KANARIE-77",
    "RF18KANARIE0412",
    "Kanarie Vogelhuis B.V.",
    "Pietje Geelvink",
    "pietje.geelvink@kanarievogelhuis.example",
    "www.kanarievogelhuis.example",
    "NL02 RABO 0123 4567 89",
    "+31 20 765 43 21",
    "NL009876543B01",
    "87654321",
];

/// An office that knows the canary's debtor, its payment and its first letter; the token of that letter.
fn with_canary(more: &str) -> (Office, String) {
    let mut office = Office::open(more);
    office.file(canary_debtor());
    let id = DebtorId::new("KANARIE-77");
    let paid = Input::Payment {
        payment: payment(100, "2026-05-20", Some("NL02RABO0123456789")),
        cases: vec![aanmaand::dunning::ids::CaseId::of(&"KAN-2026-0412".into())],
    };
    office.house.step(&id, &paid, "statement").unwrap();
    office.day("2026-06-05T10:00:00");
    let letters = office.house.store.outbox_in(&OutboxState::ALL).unwrap();
    assert_eq!(letters.len(), 1, "the note before the due date: {:?}", office.house.kept_back());
    let token = letters[0].token.clone().unwrap();
    (office, token)
}

/// What is due for these invoices leaves, as far as it may: the letters by debtor, and who is kept back.
fn letters(office: &mut Office, invoices: Vec<Invoice>) -> (BTreeMap<String, OutboxRow>, Vec<String>) {
    invoices.into_iter().for_each(|invoice| office.file(invoice));
    office.day("2026-06-15T10:00:00");
    let rows = office.house.store.outbox_in(&[OutboxState::Ready]).unwrap();
    let of = |row: OutboxRow| Some((row.account.as_ref()?.to_string(), row));
    let letters = rows.into_iter().filter_map(of).filter(|(of, _)| of != "KANARIE-77").collect();
    (letters, office.house.kept_back().unwrap().keys().map(ToString::to_string).collect())
}

#[test]
fn canaries_in_anybodys_papers_never_leave() {
    let (mut office, token) = with_canary("");
    let secrets: Vec<&str> = SECRETS.iter().copied().chain([token.as_str()]).collect();
    let mut invoices = vec![invoice("SCHOON", "S-2026-1")];
    let mut planted = Vec::new();
    for (secret_at, secret) in secrets.iter().enumerate() {
        for (field_at, (field, plant)) in FIELDS.iter().enumerate() {
            // Who is called alike is called alike: nobody can tell that from a leak.
            if matches!(*field, "contact" | "name") && matches!(secret_at, 4 | 5) {
                continue;
            }
            let id = format!("P{secret_at}-{field_at}-{field}");
            let mut letter = invoice(&id, &format!("N-{secret_at}-{field_at}-2026"));
            // Words of its own around it: who is called so is a stranger to the others.
            plant(&mut letter, format!("Werk {secret_at}0{field_at}, zie {secret}. Dank"));
            invoices.push(letter);
            planted.push(id);
        }
    }
    let (letters, mut kept) = letters(&mut office, invoices);
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["SCHOON"]);
    kept.sort();
    planted.sort();
    assert_eq!(kept, planted);
    assert!(office.house.kept_back().unwrap().values().all(|kept| kept.leak));
    for row in office.house.store.outbox_in(&[OutboxState::Ready]).unwrap() {
        let bytes = office.house.store.outbox_bytes(&row.id).unwrap().unwrap();
        let mail = Message::parse(&bytes).unwrap();
        let whole = format!("{:?} {} {:?} {:?}", mail.headers, mail.text, mail.html, mail.raw_headers);
        let leaked = secrets.iter().find(|secret| whole.contains(*secret));
        assert!(row.account.unwrap().as_str() == "KANARIE-77" || leaked.is_none(), "{leaked:?} in {whole}");
    }
}

#[test]
fn what_two_debtors_share_is_no_leak() {
    let (mut office, _) = with_canary("");
    let canary = canary_debtor().debtor;
    let with = |id: &str, change: fn(&mut Invoice, &Debtor)| {
        let mut invoice = invoice(id, &format!("{id}-2026-1"));
        change(&mut invoice, &canary);
        invoice
    };
    let invoices = vec![
        with("NAAM", |invoice, canary| invoice.debtor.name = canary.name.clone()),
        with("LANGER", |invoice, _| invoice.debtor.name = "Stichting Vrienden van Kanarie Vogelhuis".into()),
        with("CONTACT", |invoice, canary| invoice.debtor.contact = canary.contact.clone()),
        with("ADRES", |invoice, canary| invoice.debtor.email = canary.email.clone()),
        with("DOMEIN", |invoice, _| invoice.debtor.email = Some("kas@kanarievogelhuis.example".into())),
        with("KENMERK", |invoice, _| invoice.payment_reference = Some("RF18KANARIE0412".into())),
        // Part of a longer number, a word that is also a name, a date, our own telephone number.
        with("WOORDEN", |invoice, _| {
            invoice.description = Some("Order PO-KAN-2026-0412-B, kanarie, 010-1234567".into())
        }),
    ];
    let count = invoices.len();
    let (letters, kept) = letters(&mut office, invoices);
    assert_eq!((letters.len(), kept), (count, Vec::new()), "{:?}", office.house.kept_back());
}

#[test]
fn names_that_every_letter_says_are_no_leak() {
    let mut office = Office::open("");
    for (id, name) in [("A", "Factuur"), ("B", "De Betaling"), ("C", "Augustus"), ("D", "Totaal"), ("E", "Bank")] {
        let mut invoice = invoice(id, &format!("{id}-2026-1"));
        invoice.debtor.name = name.into();
        invoice.debtor.contact = Some("Vriendelijke Groet".into());
        office.file(invoice);
    }
    let (letters, kept) = letters(&mut office, vec![]);
    assert_eq!((letters.len(), kept), (5, Vec::new()), "{:?}", office.house.kept_back());
}

/// The round goes on, the reason is named for that debtor, and what the owner allows leaves.
#[test]
fn a_letter_that_is_kept_back_is_told_and_may_be_allowed() {
    let planted = || {
        let mut invoice = invoice("K2", "K2-2026-1");
        invoice.description = Some("Schilderwerk voor Kanarie Vogelhuis".into());
        invoice
    };
    let (mut office, _) = with_canary("");
    let (letters_now, kept) = letters(&mut office, vec![planted(), invoice("K3", "K3-2026-1")]);
    assert_eq!((letters_now.into_keys().collect::<Vec<_>>(), kept), (vec!["K3".to_owned()], vec!["K2".to_owned()]));
    let account = office.house.account(&"K2".into()).unwrap();
    assert!(account.letters.is_empty(), "nothing of it was written");
    let told = office.house.health().unwrap().warnings;
    assert!(
        told.iter().any(|line| line.contains("K2") && line.contains("Kanarie Vogelhuis") && line.contains("may_name")),
        "{told:?}"
    );
    let due = aanmaand::dunning::instalments::due_letters(&account, &office.house.config.policy, office.house.today());
    let why = office.house.surroundings().unwrap().why_not(
        &account,
        &due[0].intended(office.house.today()),
        &office.house.config.policy,
    );
    assert!(matches!(why.as_slice(), [GateClosed::Leak { .. }]), "{why:?}");
    // The next morning, before letters may leave, it is still told; when it is paid it is over.
    office.day("2026-06-16T07:00:00");
    assert_eq!(office.house.kept_back().unwrap()[&DebtorId::new("K2")].since, day("2026-06-15"));
    let paid = Input::Owner {
        act: Act::Hold { scope: aanmaand::dunning::hold::Scope::Debtor, reason: String::new(), until: None },
        by: "owner".into(),
    };
    office.house.step(&"K2".into(), &paid, "owner").unwrap();
    office.day("2026-06-16T10:00:00");
    assert!(office.house.kept_back().unwrap().is_empty());

    let (mut office, _) = with_canary("[[debtor]]\nid = \"K2\"\nmay_name = [\"Kanarie Vogelhuis\"]\n");
    let (letters_now, kept) = letters(&mut office, vec![planted()]);
    assert_eq!((letters_now.len(), kept.len()), (1, 0));
}

/// What was rolled back with a letter that failed, and what came in since, is known to the next letter.
#[test]
fn what_came_in_since_the_last_letter_is_known() {
    let (mut office, _) = with_canary("");
    let names = |of: &str, id: &str| {
        let mut invoice = invoice(id, &format!("{id}-2026-1"));
        invoice.description = Some(format!("zie {of}"));
        invoice
    };
    let (letters_now, kept) = letters(&mut office, vec![names("KAN-2026-0412", "K2"), invoice("K3", "NIEUW-2026-9")]);
    assert_eq!((letters_now.len(), kept), (1, vec!["K2".to_owned()]));
    // Not due yet, so that a note is.
    let not_due = |invoice: Invoice| Invoice { due_date: Some(day("2026-06-18")), ..invoice };
    office.file(not_due(names("NIEUW-2026-9", "K4")));
    office.file(not_due(names("LATER-2026-9", "K5")));
    office.file(not_due(invoice("K6", "LATER-2026-9")));
    office.day("2026-06-15T11:00:00");
    let kept: Vec<String> = office.house.kept_back().unwrap().keys().map(ToString::to_string).collect();
    assert_eq!(kept, ["K2", "K4", "K5"]);
}

/// A whole turn is rolled back: the rows of the journal that come in its place are not taken for those that are known.
#[test]
fn what_was_rolled_back_is_not_taken_for_known() {
    let (mut office, _) = with_canary("");
    let not_due = |invoice: Invoice| Invoice { due_date: Some(day("2026-06-12")), ..invoice };
    let filed = |invoice: Invoice| Input::InvoiceFiled {
        source: format!("file-{}", invoice.number).as_str().into(),
        invoice: Box::new(invoice),
        file: "x.toml".into(),
        replace: false,
    };
    office.clock.set("2026-06-08T08:00:00Z".parse().unwrap());
    office.house.mailbox_was_read().unwrap();
    let undone: anyhow::Result<()> = office.house.transact(|house| {
        house.step(&"K8".into(), &filed(not_due(invoice("K8", "WEG-2026-1"))), "file")?;
        house.step(&"K9".into(), &filed(not_due(invoice("K9", "WEG-2026-2"))), "file")?;
        house.day()?;
        assert_eq!(house.account(&"K9".into())?.letters.len(), 1);
        anyhow::bail!("the disk is full")
    });
    undone.unwrap_err();
    for number in 1..=9 {
        // No letter is due for them, which would make them known.
        let due_date = Some(day("2026-07-31"));
        office.file(Invoice { due_date, ..invoice(&format!("N{number}"), &format!("NIEUW-2026-{number}")) });
    }
    let planted = (1..=9).map(|number| {
        let mut letter = not_due(invoice(&format!("P{number}"), &format!("P{number}-2026-1")));
        letter.description = Some(format!("zie NIEUW-2026-{number}"));
        letter
    });
    planted.for_each(|invoice| office.file(invoice));
    office.day("2026-06-08T11:00:00");
    let kept: Vec<String> = office.house.kept_back().unwrap().keys().map(ToString::to_string).collect();
    assert_eq!(kept, (1..=9).map(|number| format!("P{number}")).collect::<Vec<_>>());
}

#[test]
fn amounts_and_recipients_are_the_letters_own() {
    let mut office = Office::open("");
    let text =
        "Factuur {% for line in lines %}{{ line.number }}{% endfor %}: {{ asked }} op {{ company.iban }}, of € 99,99.";
    let templates = [("nl/reminder.txt".to_owned(), text.to_owned())];
    let own = aanmaand::letter::Templates::with_overrides(&templates).unwrap();
    // What a template itself names is a threshold of its own, and is not taken for somebody's money.
    office.house.rules.templates = aanmaand::daemon::house::ready(own);
    let (letters_now, kept) = letters(&mut office, vec![invoice("K2", "K2-2026-1")]);
    assert_eq!((letters_now.len(), kept.len()), (1, 0));
    let mut office = Office::open("");
    let mut wrong = invoice("K3", "K3-2026-1");
    wrong.debtor.address = vec!["€ 1.234,00".into()];
    wrong.description = Some("aanbetaling van € 1.234,00".into());
    let (letters_now, kept) = letters(&mut office, vec![wrong]);
    assert_eq!((letters_now.len(), kept.len()), (1, 0), "its own invoice says so");
}

/// Each fault of its own name, tried on the bytes themselves.
#[test]
fn the_bytes_are_read_as_their_recipient_reads_them() {
    let mut office = Office::open("");
    let (rows, _) = letters(&mut office, vec![invoice("K2", "K2-2026-1")]);
    let row = &rows["K2"];
    let bytes = String::from_utf8(office.house.store.outbox_bytes(&row.id).unwrap().unwrap()).unwrap();
    let account = office.house.account(&"K2".into()).unwrap();
    let letter = account.letters[0].clone();
    let look = |office: &Office, bytes: String| {
        let data = office.house.letter_data(&account, &letter, day("2026-06-15")).unwrap();
        let looked = office.house.look_through(&account, &data, bytes.as_bytes(), "kas@k2.example");
        looked.err().map(|leak| match leak {
            Leak::Unreadable(_) => "unreadable",
            Leak::Recipients(_) => "recipients",
            Leak::Stranger { .. } => "stranger",
            Leak::Amount { .. } => "amount",
        })
    };
    assert_eq!(look(&office, bytes.clone()), None);
    let head = |line: &str| format!("{line}\r\n{bytes}");
    let cases = [
        ("recipients", head("Cc: piet@x.example")),
        ("recipients", head("Bcc: piet@x.example")),
        ("recipients", head("Resent-To: piet@x.example")),
        ("recipients", head("To: piet@x.example")),
        ("recipients", head("To: kas@k2.example")),
        ("recipients", bytes.replace("kas@k2.example", "kas@k2.example, kas@k3.example")),
        ("recipients", bytes.replace("kas@k2.example", "kas@k3.example")),
        ("amount", bytes.replace("100,00", "100,01")),
        ("unreadable", String::new()),
    ];
    for (expected, bytes) in cases {
        assert_eq!(look(&office, bytes.clone()), Some(expected), "{bytes}");
    }
}

/// Beside rendering, with a thousand debtors: `cargo test --test suite gate::leaks::the_last_look -- --ignored --nocapture`.
#[test]
#[ignore = "tells times"]
fn the_last_look_costs_less_than_the_letter() {
    let mut office = Office::open("");
    for number in 0..1000 {
        let mut invoice = invoice(&format!("K{number}"), &format!("F-2026-{number:04}"));
        invoice.debtor.name = format!("Firma {} en Zonen B.V.", 10_000 + number * 7);
        invoice.debtor.contact = Some(format!("mevrouw Jansen-{number} de Vries"));
        invoice.debtor.phone = Some(format!("010-{:07}", 1_000_000 + number));
        office.file(invoice);
    }
    let started = std::time::Instant::now();
    office.day("2026-06-15T10:00:00");
    println!("1,000 letters decided, made, looked through and put: {:?}", started.elapsed());
    let account = office.house.account(&"K7".into()).unwrap();
    let data = office.house.letter_data(&account, &account.letters[0], day("2026-06-15")).unwrap();
    let row = office.house.store.outbox(account.letters[0].id.as_str()).unwrap().unwrap();
    let bytes = office.house.store.outbox_bytes(&row.id).unwrap().unwrap();
    let each = |what: &str, work: &dyn Fn()| {
        let started = std::time::Instant::now();
        (0..100).for_each(|_| work());
        println!("{what}: {:?} each", started.elapsed() / 100);
    };
    each("rendered", &|| drop(office.house.rules.templates.render(&data).unwrap()));
    each("looked through", &|| office.house.look_through(&account, &data, &bytes, &row.recipient).unwrap());
}
