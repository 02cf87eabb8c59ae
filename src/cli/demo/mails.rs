//! The mails that come in: answers to letters that really lie in the outbox (RFC 5322), an automatic reply
//! (RFC 3834), a returned letter (RFC 3464), and mails of the bank, genuine and forged.

use super::cast::{Customer, Transfer};
use crate::dunning::debtor::Language;
use crate::dunning::money::{Currency, Money};
use crate::letter::format;
use crate::mail::message::Message;
use chrono::{DateTime, FixedOffset};

const OUR_SERVER: &str = "mx.koeltechniekdewaard.example";
const OUR_ADDRESS: &str = "debiteuren@koeltechniekdewaard.example";

type Moment = DateTime<FixedOffset>;

/// A person answers, with the letter quoted below.
pub fn answer(who: &Customer, letter: &Message, words: &str, at: Moment) -> String {
    let headers = reply_headers(who, letter, at, &format!("Re: {}", letter.subject));
    let introduction = match who.language {
        "en" => format!("On {}, {OUR_ADDRESS} wrote:", sent(letter, Language::En)),
        _ => format!("Op {} schreef {OUR_ADDRESS}:", sent(letter, Language::Nl)),
    };
    let quoted: String = letter.text.lines().map(|line| format!("> {line}\n")).collect();
    format!(
        "{headers}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{words}\n\n{introduction}\n{quoted}"
    )
}

/// The mailbox of somebody who is away answers by itself.
pub fn out_of_office(who: &Customer, letter: &Message, words: &str, at: Moment) -> String {
    let headers = reply_headers(who, letter, at, &format!("Automatisch antwoord: {}", letter.subject));
    format!(
        "{headers}Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{words}\n"
    )
}

fn reply_headers(who: &Customer, letter: &Message, at: Moment, subject: &str) -> String {
    let domain = who.email.rsplit('@').next().unwrap_or("klant.example");
    let id = letter.message_id.as_deref().unwrap_or_default();
    let to = letter.reply_to.as_deref().unwrap_or(OUR_ADDRESS);
    format!(
        "{}From: {} <{}>\nTo: {to}\nSubject: {subject}\nDate: {}\nMessage-ID: <{}.antwoord@{domain}>\n\
         In-Reply-To: <{id}>\nReferences: <{id}>\nMIME-Version: 1.0\n",
        received(&format!("mail.{domain}"), at),
        quoted(who.name),
        who.email,
        at.to_rfc2822(),
        at.timestamp(),
    )
}

/// The customer's mail server returns the letter: there is nobody of that name.
pub fn bounce(who: &Customer, letter: &Message, at: Moment) -> String {
    let domain = who.email.rsplit('@').next().unwrap_or("klant.example");
    let id = letter.message_id.as_deref().unwrap_or_default();
    let address = who.email;
    format!(
        "Return-Path: <>\n{}From: Mail Delivery System <MAILER-DAEMON@{OUR_SERVER}>\nTo: {OUR_ADDRESS}\n\
         Subject: Undelivered Mail Returned to Sender\nDate: {}\nMessage-ID: <{}.dsn@{OUR_SERVER}>\n\
         Auto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"grens\"\n\n\
         --grens\nContent-Type: text/plain; charset=us-ascii\n\n\
         I'm sorry to have to inform you that your message could not be delivered\n\
         to one or more recipients.\n\n<{address}>: host mail.{domain} said:\n    550 5.1.1 User unknown\n\n\
         --grens\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; {OUR_SERVER}\n\n\
         Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n\
         Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n\
         --grens\nContent-Type: text/rfc822-headers\n\nFrom: {OUR_ADDRESS}\nTo: {address}\n\
         Subject: {}\nMessage-ID: <{id}>\n\n--grens--\n",
        received(&format!("mail.{domain}"), at),
        at.to_rfc2822(),
        at.timestamp(),
        letter.subject,
    )
}

/// The bank's mail about money that came in. Our own mail server says who really sent it.
pub fn notice(transfer: &Transfer, genuine: bool, at: Moment) -> String {
    let (verdict, server) = match genuine {
        true => ("dkim=pass header.d=rabobank.nl; dmarc=pass header.from=rabobank.nl", "out.rabobank.nl"),
        false => (
            "dkim=none; spf=fail smtp.mailfrom=rabobank.nl; dmarc=fail header.from=rabobank.nl",
            "vps7.hosting.example",
        ),
    };
    let amount = Money::from_minor(transfer.cents, Currency::EUR);
    format!(
        "Authentication-Results: {OUR_SERVER}; {verdict}\n{}From: Rabobank <alerts@rabobank.nl>\nTo: {OUR_ADDRESS}\n\
         Subject: Bijschrijving op uw rekening\nDate: {}\nMessage-ID: <{}.melding@{server}>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
         Er is geld op uw rekening NL44 RABO 0123 4567 89 bijgeschreven.\n\n\
         Bedrag: {}\nNaam: {}\nTegenrekening: {}\nOmschrijving: {}\nBoekdatum: {}\n",
        received(server, at),
        at.to_rfc2822(),
        at.timestamp(),
        format::amount(amount, Language::Nl),
        transfer.from.name,
        transfer.from.iban,
        transfer.text,
        at.format("%d-%m-%Y"),
    )
}

fn received(from: &str, at: Moment) -> String {
    format!(
        "Received: from {from} ({from} [192.0.2.25])\n\tby {OUR_SERVER} (Postfix) with ESMTPS id 4F{};\n\t{}\n",
        at.timestamp(),
        at.to_rfc2822()
    )
}

fn sent(letter: &Message, language: Language) -> String {
    letter.date.map(|date| format::date(date.date_naive(), language)).unwrap_or_default()
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
