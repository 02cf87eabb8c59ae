//! Where the fuzzer begins: mails and files written here, and those of others where they are at hand.

use std::path::{Path, PathBuf};

/// Larger files of others are left out: small ones are tried more often.
const LARGEST: u64 = 24 * 1024;

pub const MAILS: [&str; 6] = [
    "From: An <an@klant.example>\r\nTo: kas+abcdef012345@bedrijf.example\r\nSubject: =?utf-8?q?Re:_Herinnering_=E2=82=AC?= 2026-0412\r\n\
     Date: Tue, 17 Nov 2026 20:08:28 +0100\r\nMessage-ID: <m1@klant.example>\r\nIn-Reply-To: <l1@bedrijf.example>\r\nMIME-Version: 1.0\r\n\
     Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n\
     Wij betalen vrijdag 20 november \r\neen bedrag van 250,00.\r\n\r\nGroet,\r\nAn\r\n\r\nOp 3 nov 2026 schreef Kas:\r\n> Betaalt u?\r\n--x\r\n\
     Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
     <p>Betaald, =E9=E9n keer.</p><blockquote>Wilt u betalen?</blockquote><style>p{}</style>\r\n--x--\r\n",
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n\
     Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nThe following address failed:\n<weg@klant.example>: 550 5.1.1 unknown\n\
     --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nOriginal-Envelope-Id: l1+2B@bedrijf.example\n\n\
     Final-Recipient: rfc822; weg@klant.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n\
     --x\nContent-Type: message/rfc822\n\nMessage-ID: <l1@bedrijf.example>\nTo: weg@klant.example\n\nBetaalt u?\n--x--\n",
    "From: Mailer-Daemon@mx.example\nSubject: Warning: message delayed 24 hours\nX-Failed-Recipients: weg@klant.example\n\n\
     A message that you sent could not be delivered yet: 452 4.2.2 over quota\n\n------ This is a copy of the message ------\n\nMessage-ID:\n <l2@bedrijf.example>\n\nx\n",
    "From: AWS <no-reply@sns.amazonaws.com>\nSubject: n\n\n{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"a@b.example\",\"status\":\"5.1.1\"}]},\"mail\":{\"messageId\":\"1\"}}\n",
    "From: Bank <noreply@ing.nl>\nSubject: Er is geld bijgeschreven\nDate: Tue, 17 Nov 2026 20:08:28 +0100\nContent-Type: text/plain\n\n\
     Er is EUR 1.250,50 bijgeschreven op NL91ABNA0417164300 van J. Jansen NL20INGB0001234567 omschrijving factuur 2026-0412.\n",
    "From: a@x.example\nContent-Type: multipart/mixed; boundary=\"y\"\n\n--y\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nSUMMARY:Bellen\nEND:VCALENDAR\n\
     --y\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+IgEAAQaQBwAIAAAA5AQAAAAAAADoAA==\n\
     --y\nContent-Type: application/pdf; name*=utf-8''Betaal%62ewijs.pdf\nContent-Transfer-Encoding: base64\n\nAAEC\n--y--\n",
];

/// The files of a folder of the test data of others, if it is there.
pub fn of_others(folder: &str) -> Vec<Vec<u8>> {
    let root = std::env::var_os("AANMAAND_CORPORA").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"));
    let mut found = Vec::new();
    let mut todo = vec![root.join(folder)];
    while let Some(folder) = todo.pop() {
        let Ok(listing) = std::fs::read_dir(&folder) else { continue };
        for path in listing.filter_map(|entry| Some(entry.ok()?.path())) {
            match std::fs::metadata(&path) {
                Ok(meta) if meta.is_dir() => todo.push(path),
                Ok(meta) if meta.len() <= LARGEST => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found.iter().filter_map(|path| std::fs::read(path).ok()).collect()
}

pub fn mails(folders: &[&str]) -> Vec<Vec<u8>> {
    let own = MAILS.iter().map(|mail| mail.as_bytes().to_vec());
    own.chain(folders.iter().flat_map(|folder| of_others(folder))).collect()
}
