//! `inspect mail` over files, folders and Maildirs: one JSON line a mail, whatever is in it.

use super::sandbox::Sandbox;
use serde_json::Value;

const REPORT: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: multipart/report; boundary=x\n\n\
    --x\n\nNo.\n--x\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; weg@klant.example\nAction: failed\nStatus: 5.2.2\n--x--\n";
const PROOF: &str = "From: An <an@klant.example>\nSubject: Re: factuur 2026-0412\nDate: Tue, 17 Nov 2026 20:08:28 +0100\n\
    Content-Type: multipart/mixed; boundary=x\n\n--x\n\nZie bijlage.\n--x\nContent-Type: application/pdf; name=betaalbewijs.pdf\n\
    Content-Transfer-Encoding: base64\n\nYWJj\n--x--\n";

#[test]
fn a_line_for_every_mail_of_a_maildir() {
    let company = Sandbox::new();
    for (name, mail) in [("cur/1:2,S", REPORT), ("new/2", PROOF), ("new/3", "no mail at all"), ("tmp/4", REPORT)] {
        let path = company.path(&format!("archive/{name}"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, mail).unwrap();
    }
    let folder = company.path("archive");
    let output = company.run(&["inspect", "mail", folder.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1), "one cannot be read, and the others are still told");
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{said}");
    let [report, proof, broken] = &lines[..] else { panic!("{said}") };
    assert_eq!((&report["bounce"]["kind"], &report["hold"]), (&"mailbox_full".into(), &false.into()));
    assert_eq!(proof["label"], "paid", "{proof}");
    let file = &proof["attachments"][0];
    assert_eq!((&file["name"], &file["size"]), (&"betaalbewijs.pdf".into(), &3.into()));
    assert_eq!(file["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((&broken["kind"], &broken["hold"]), (&Value::Null, &true.into()));
    assert!(broken["error"].is_string());
}
