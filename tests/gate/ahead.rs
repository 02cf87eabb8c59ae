//! Mails of a group are read before the first of it is settled; what that changes counts for those behind it.

use super::office::{Office, invoice};
use aanmaand::dunning::ids::DebtorId;
use aanmaand::ports::{Fetched, MailKey};
use aanmaand::store::{InputKind, NewInput, evidence_of};

const INVOICE: &str = "number = \"G2026-118\"\ndate = 2026-05-01\ndue = 2026-06-10\ncurrency = \"EUR\"\ntotal = \"100.00\"\n[debtor]\n\
    id = \"K1\"\nname = \"Onderneming K1\"\nemail = \"kas@k1.example\"\nkind = \"business\"\ncountry = \"NL\"\nlanguage = \"nl\"\n";

#[test]
fn a_number_is_read_as_it_is_known_when_the_mail_is_settled() {
    let mut office = Office::open("");
    office.file(invoice("K1", "F2026-118"));
    let now = office.house.now();
    let bytes = INVOICE.as_bytes().to_vec();
    let (id, name) = (evidence_of(&bytes), "G2026-118.toml".to_owned());
    let input = NewInput { id, kind: InputKind::Invoice, name, bytes, at: now, received_at: None, key: None };
    office.house.transact(|house| Ok(house.store.put_input(&input)?)).unwrap();
    // Enough to be read on several cores; the last of them is the one that matters.
    let mails =
        (0..20).map(|uid| mail(uid, if uid == 19 { "Factuur 2026-118 betwisten wij." } else { "Goedemorgen." }));
    office.house.store_mails(mails.collect()).unwrap();
    office.house.settle_inputs().unwrap();
    let account = office.house.account(&DebtorId::new("K1")).unwrap();
    let dispute = account
        .holds
        .iter()
        .find(|hold| hold.evidence.as_ref().is_some_and(|said| said.contains("betwisten")))
        .unwrap();
    // Until the second invoice came, "2026-118" could only be the first.
    assert_eq!(dispute.cases, [], "the dispute holds all that K1 owes");
}

fn mail(uid: u32, words: &str) -> Fetched {
    let from = if uid == 19 { "kas@k1.example".to_owned() } else { format!("iemand@elders{uid}.example") };
    let text = format!(
        "From: {from}\r\nTo: debiteuren@voorbeeldbedrijf.example\r\nSubject: Bericht\r\nDate: Wed, 20 May 2026 09:00:00 +0200\r\n\
         Message-ID: <{uid}@elders.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    );
    let key = MailKey { folder: "INBOX".into(), uidvalidity: 1, uid: uid + 1, name: String::new() };
    Fetched { key, body: Ok(text.into_bytes()), received_at: None, sent: false, ahead: false }
}
