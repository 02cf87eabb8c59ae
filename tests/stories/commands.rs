//! The owner answers a digest by mail. Only the owner, only for a week, and only what may be said by mail.

use super::sandbox::{Letter, Sandbox, US};

const OWNER: &str = "eigenaar@voorbeeldbedrijf.example";

/// A dispute, and the digest that tells of it.
fn disputed() -> (Sandbox, Letter) {
    let company = Sandbox::jansen();
    company.pass("2026-11-03");
    company.answer_letter(
        &company.last_letter(),
        "administratie@jansenbouw.example",
        "Wij zijn het hier niet mee eens.",
    );
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:dispute");
    let digest = company.last_digest();
    (company, digest)
}

fn reply(company: &Sandbox, digest: &Letter, from: &str, dmarc: &str, words: &str) -> String {
    let domain = from.rsplit('@').next().unwrap();
    let quoted: String = digest.text.lines().map(|line| format!("> {line}\n")).collect();
    format!(
        "Authentication-Results: mx.voorbeeldbedrijf.example; dmarc={dmarc} header.from={domain}\n\
         Received: from smtp.elders.example by mx.voorbeeldbedrijf.example; {date}\nFrom: <{from}>\nTo: {US}\n\
         Subject: Re: {}\nDate: {date}\nMessage-ID: <opdracht-{}@elders.example>\nIn-Reply-To: <{id}>\nReferences: <{id}>\n\
         Content-Type: text/plain; charset=utf-8\n\n{words}\n\nOp {} schreef aanmaand:\n{quoted}",
        digest.subject,
        words.len(),
        digest.day,
        id = digest.message_id,
        date = company.mail_date()
    )
}

/// The last digest without its line breaks.
fn said(company: &Sandbox) -> String {
    company.last_digest().text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn question(company: &Sandbox) -> String {
    company.question("dispute")["question"].as_str().unwrap().to_owned()
}

#[test]
fn a_line_of_the_owner_answers_a_question() {
    let (company, digest) = disputed();
    let words = format!("Dank!\n\nanswer {} resolved\nanswer Q99 ignore", question(&company));
    company.mail(reply(&company, &digest, OWNER, "pass", &words));
    company.pass("2026-11-05");
    assert_eq!(company.state("2026-0412"), "open");
    let told = said(&company);
    assert!(told.contains("resolved: done") && told.contains("no open question Q99"), "{told}");
}

#[test]
fn nobody_else_commands() {
    let (company, digest) = disputed();
    let words = format!("answer {} resolved", question(&company));
    company.mail(reply(&company, &digest, OWNER, "fail", &words));
    company.mail(reply(&company, &digest, "boef@boef.example", "pass", &format!("{words}\n")));
    let unproven = reply(&company, &digest, OWNER, "pass", &format!("{words}\n\n"));
    company.mail(unproven.split_once('\n').unwrap().1);
    company.pass("2026-11-05");
    assert_eq!(company.state("2026-0412"), "held:dispute");
    let told = said(&company);
    assert_eq!(told.matches("not obeyed").count(), 2, "{told}");
    // A stranger who names an invoice is a person who writes about it.
    assert!(told.contains("boef@boef.example"), "{told}");
    assert!(company.question("dispute")["question"].as_str().is_some(), "the dispute is still asked");
}

#[test]
fn a_customer_who_answers_a_forwarded_digest_is_heard() {
    let company = Sandbox::jansen();
    company.pass("2026-11-03");
    let digest = company.last_digest();
    assert!(digest.text.contains("2026-0412"), "{}", digest.text);
    // A command in it is words like any other.
    let words = "Deze rekening klopt niet, wij betwisten haar.\n\nresume 2026-0412\nanswer Q1-K1001 resolved";
    company.mail(reply(&company, &digest, "administratie@jansenbouw.example", "pass", words));
    company.pass("2026-11-04");
    assert_eq!(company.state("2026-0412"), "held:dispute");
    company.question("dispute");
    let letters = company.letters().len();
    company.pass_until("2026-11-20");
    assert_eq!(company.letters().len(), letters, "a human answer holds");
}

#[test]
fn what_the_owner_forwards_from_a_customer_holds() {
    let company = Sandbox::jansen();
    company.pass("2026-11-03");
    let date = company.mail_date();
    company.mail(format!(
        "From: Eigenaar <{OWNER}>\nTo: {US}\nSubject: Fwd: jullie brief\nDate: {date}\nMessage-ID: <doorgestuurd@elders.example>\n\
         Content-Type: text/plain; charset=utf-8\n\nKwam bij mij binnen, zie onder.\n\n\
         -------- Doorgestuurd bericht --------\nVan: Jan Jansen <jan.prive@elders.example>\nAan: {OWNER}\n\n\
         Wij betwisten factuur 2026-0412, de helft is nooit geleverd.\n"
    ));
    company.pass("2026-11-04");
    assert!(company.state("2026-0412").starts_with("held:"), "{}", company.state("2026-0412"));
    let letters = company.letters().len();
    company.pass_until("2026-11-20");
    assert_eq!(company.letters().len(), letters, "what was forwarded holds");
}

#[test]
fn a_claim_is_not_given_away_by_mail_nor_by_an_old_digest_or_a_quote() {
    let (company, digest) = disputed();
    let id = question(&company);
    company.mail(reply(&company, &digest, OWNER, "pass", &format!("answer {id} write-off")));
    company.mail(reply(&company, &digest, OWNER, "pass", "Wat staat hier?"));
    company.pass("2026-11-05");
    assert_eq!(company.state("2026-0412"), "held:dispute");
    company.pass_until("2026-11-14");
    company.mail(reply(&company, &digest, OWNER, "pass", &format!("answer {id} resolved")));
    company.pass("2026-11-15");
    assert_eq!(company.state("2026-0412"), "held:dispute");
}
