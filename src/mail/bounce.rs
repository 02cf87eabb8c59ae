//! Delivery reports: RFC 3464 and the imitations of large providers and old MTAs. Says what became of which mail,
//! and why; what follows from that is for `dunning`.

mod code;
mod imitation;
mod notice;
mod notification;
mod report;
mod returned;

use super::message::{Message, Report};
use code::{kind_of, status_by_words, status_in};
use imitation::{is_imitation, undelivered_text};
use notice::{Notice, address_in};
use regex::{Regex, RegexBuilder};
use report::Fields;
use returned::{header_in, original_id};
use serde::Serialize;

pub use returned::returned;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bounce {
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`.
    pub action: String,
    pub kind: Kind,
    /// Enhanced status code (RFC 3463), like `5.1.1`: what the report says, else what the words say.
    pub status: Option<String>,
    /// The one who matters most.
    pub recipient: Option<String>,
    /// All that are named as not reached, also under the address that the mail was sent to.
    pub recipients: Vec<String>,
    /// Message-ID of the mail that bounced, without angle brackets.
    pub original_message_id: Option<String>,
    /// What its sender called the envelope (RFC 3461 ENVID).
    pub envelope_id: Option<String>,
}

/// What became of the mail, and what that says about the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It did not arrive, and will not: the address is no good.
    Permanent,
    /// It did not arrive because the mailbox is full; the address is good.
    MailboxFull,
    /// It did not arrive because its sender or its words were refused as spam or by a policy.
    Blocked,
    /// It did not arrive because the other side could not be reached for a time; the machine gave up.
    Temporary,
    /// It did not arrive yet: the machine goes on trying.
    Delayed,
    /// It arrived, or went on to where no report comes from.
    Delivered,
}

/// Reads a delivery report; `None` when the mail is none.
pub fn bounce(message: &Message) -> Option<Bounce> {
    if let Some(bounce) = notification::bounce(message) {
        return Some(bounce);
    }
    let report = delivery_report(message);
    if report.is_none() && (message.report.is_some() || !is_imitation(message)) {
        return None;
    }
    let returned = returned(message);
    // A gateway that reports by wrapping the report it got itself.
    if report.is_none()
        && let Some(inner) = Message::parse(returned.as_bytes()).ok().filter(|inner| delivery_report(inner).is_some())
    {
        return Some(read(&inner, delivery_report(&inner), &returned::returned(&inner)));
    }
    Some(read(message, report, &returned))
}

fn read(message: &Message, report: Option<&Report>, returned: &str) -> Bounce {
    let notice = Notice::of(message);
    let all = report.map(|report| report::fields(&report.text)).or_else(|| notice.fields()).unwrap_or_default();
    let main = report::most_important(&all).cloned().unwrap_or_default();
    let delayed = notice.says_delayed();
    let spoken = main.diagnostic.as_deref().and_then(status_in);
    let status = main.status.clone().or(spoken).or_else(|| status_in(&notice.text));
    let status = status.or_else(|| status_by_words(&notice.text, delayed));
    let action = main.action.clone().unwrap_or_else(|| action(status.as_deref(), delayed));
    let recipients = recipients(&all, &action, &notice, returned);
    Bounce {
        kind: kind_of(&action, status.as_deref(), main.diagnostic.as_deref(), &notice.text),
        recipient: main.recipient.or_else(|| recipients.first().cloned()),
        recipients,
        original_message_id: original_id(returned, &notice.text, message),
        envelope_id: report.and_then(|report| report::envelope_id(&report.text)),
        action,
        status,
    }
}

/// Whom the report names with this outcome; without a report whom its words name, else to whom the mail went.
fn recipients(all: &[Fields], action: &str, notice: &Notice<'_>, returned: &str) -> Vec<String> {
    let same = |fields: &&Fields| fields.action.as_deref().is_none_or(|found| found == action);
    let mut found: Vec<String> = all.iter().filter(same).flat_map(|fields| fields.addresses.iter().cloned()).collect();
    if found.is_empty() {
        found = notice.recipients();
    }
    if found.is_empty() {
        found.extend(header_in(returned, "to").and_then(|to| address_in(&to)));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|address| seen.insert(address.clone()));
    found
}

fn action(status: Option<&str>, delayed: bool) -> String {
    match status.and_then(|status| status.chars().next()) {
        Some('2') => "delivered",
        Some('5') => "failed",
        _ if delayed => "delayed",
        Some(_) | None => "failed",
    }
    .to_owned()
}

fn delivery_report(message: &Message) -> Option<&Report> {
    message.report.as_ref().filter(|report| report.kind == "delivery-status" || is_refusal(report, message))
}

/// A receipt (RFC 8098) by which a mail store says that it threw the mail away, as Dovecot does for a full mailbox.
fn is_refusal(report: &Report, message: &Message) -> bool {
    report.kind == "disposition-notification"
        && header_in(&report.text, "disposition")
            .is_some_and(|value| value.to_lowercase().starts_with("automatic-action"))
        && undelivered_text(&message.text)
}

fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).multi_line(true).build().expect("BUG: pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_by_the_book() {
        let raw = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n\
            Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nNot delivered.\n\
            --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nOriginal-Envelope-Id: l1+2Bx@bedrijf.example\n\nFinal-Recipient: rfc822; ok@klant.example\nAction: delivered\nStatus: 2.0.0\n\n\
            Final-Recipient: rfc822; weg@klant.example\nAction: failed\nStatus: 5.1.1 (unknown)\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n\n\
            --x\nContent-Type: text/rfc822-headers\n\nMessage-ID:\n <l1@bedrijf.example>\nSubject: Herinnering\n--x--\n";
        let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!(bounce.action, "failed");
        assert_eq!(bounce.status.as_deref(), Some("5.1.1"));
        assert_eq!(bounce.recipient.as_deref(), Some("weg@klant.example"));
        assert_eq!(bounce.original_message_id.as_deref(), Some("l1@bedrijf.example"));
        assert_eq!(bounce.envelope_id.as_deref(), Some("l1+x@bedrijf.example"));
        assert_eq!(bounce.kind, Kind::Permanent);
    }

    #[test]
    fn a_plain_text_imitation() {
        let raw = "From: Mail Delivery System <Mailer-Daemon@mx.example>\nSubject: Mail delivery failed: returning message to sender\nTo: kas@bedrijf.example\n\n\
            A message that you sent could not be delivered:\n\n  weg@klant.example\n    host mx.klant.example [192.5.1.12]: 550 Unknown user\n\n\
            ------ This is a copy of the message, including all the headers. ------\n\nFrom: kas@bedrijf.example\nTo: weg@klant.example\nMessage-ID: <l2@bedrijf.example>\n\nBetaalt u?\n";
        let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!((bounce.action.as_str(), bounce.status.as_deref()), ("failed", Some("5.1.1")));
        assert_eq!(bounce.recipient.as_deref(), Some("weg@klant.example"));
        assert_eq!(bounce.original_message_id.as_deref(), Some("l2@bedrijf.example"));
    }

    #[test]
    fn who_is_unavailable_for_now() {
        let kind = |status: &str, reply: &str| {
            let raw = format!(
                "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail\n\
                Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nNot delivered.\n\
                --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
                Final-Recipient: rfc822; an@klant.example\nAction: failed\nStatus: {status}\n\
                Diagnostic-Code: smtp; {reply} Requested mail action not taken: mailbox unavailable\n--x--\n"
            );
            bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap().kind
        };
        assert_eq!(kind("4.0.0", "450"), Kind::Temporary);
        assert_eq!(kind("4.2.0", "450"), Kind::Temporary);
        assert_eq!(kind("5.0.0", "550"), Kind::Permanent);
    }

    #[test]
    fn a_delay_is_not_the_end() {
        let raw = "From: postmaster@mx.example\nSubject: Warning: message still undelivered after 4 hours\n\nThe mail to weg@klant.example is delayed, we will keep trying. 4.4.1\n";
        let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
        assert_eq!((bounce.action.as_str(), bounce.kind), ("delayed", Kind::Delayed));
    }

    fn failed(diagnostic: &str, status: &str) -> Bounce {
        let raw = format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: Returned mail\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nNot delivered.\n\
             --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
             Original-Recipient: rfc822; an@klant.example\nFinal-Recipient: rfc822; an@intern.klant.example\n\
             Action: failed\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n--x--\n"
        );
        bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn each_kind_of_failure() {
        for (diagnostic, status, kind) in [
            ("550 5.1.1 no such user", "5.1.1", Kind::Permanent),
            ("550 no such user here", "5.0.0", Kind::Permanent),
            ("552 5.2.2 mailbox full", "5.2.2", Kind::MailboxFull),
            ("552 the account is over quota", "5.0.0", Kind::MailboxFull),
            ("550 5.7.1 refused", "5.7.1", Kind::Blocked),
            ("554 your server is on a blacklist", "5.0.0", Kind::Blocked),
            ("421 connection timed out", "4.4.1", Kind::Temporary),
            ("delivery time expired", "5.4.7", Kind::Temporary),
            ("550 something else", "5.0.0", Kind::Permanent),
            // The server's own code is truer than that of the machine that reports.
            ("552 5.2.2 over quota", "5.1.1", Kind::MailboxFull),
        ] {
            let bounce = failed(diagnostic, status);
            assert_eq!((bounce.kind, bounce.status.as_deref()), (kind, Some(status)), "{diagnostic}");
            assert_eq!(bounce.recipient.as_deref(), Some("an@intern.klant.example"));
            assert_eq!(bounce.recipients, ["an@intern.klant.example", "an@klant.example"]);
        }
    }

    /// What our own letter says, quoted below the notice, is no reason; qmail's "giving up" is none either.
    #[test]
    fn the_reason_is_the_notices() {
        let mail = |notice: &str| {
            let raw = format!("From: postmaster@mx.example\nSubject: Mail Delivery Failure\n\n{notice}\n");
            bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap()
        };
        let copy = "> Received: from uit.bedrijf.example\n> X-Spam: no\n> Subject: Herinnering";
        let full = mail(&format!(
            "Delivery to \"an@klant.example\"\nhas failed due to a full mailbox.\n\nThe first 50 lines of your original message follow:{copy}"
        ));
        assert_eq!((full.kind, full.status.as_deref()), (Kind::MailboxFull, Some("5.2.2")));
        let copied = mail(&format!("Delivery to an@klant.example has failed.\n\n{copy}"));
        assert_eq!(copied.kind, Kind::Permanent);
        let refused = "<an@klant.example>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 {}\nGiving up on 192.0.2.7.";
        let unknown = mail(&refused.replace("{}", "Requested action not taken: mailbox unavailable"));
        assert_eq!((unknown.kind, unknown.status.as_deref()), (Kind::Permanent, Some("5.1.1")));
        assert_eq!(mail(&refused.replace("{}", "rejected as spam")).kind, Kind::Blocked);
    }

    /// A gateway wraps the report that it got; another puts a word to people into a report part of its own.
    #[test]
    fn reports_in_strange_places() {
        let inner = "From: MAILER-DAEMON@in.example\nSubject: Returned mail\n\
            Content-Type: multipart/report; report-type=delivery-status; boundary=y\n\n--y\n\nNo.\n\
            --y\nContent-Type: message/delivery-status\n\nsorry\n--y\nContent-Type: message/delivery-status\n\n\
            Final-Recipient: rfc822; weg@klant.example\nAction: failed\nStatus: 5.1.1\n--y--\n";
        let wrapped = format!(
            "From: MAILER-DAEMON@out.example\nTo: kas@bedrijf.example\nSubject: Returned mail: User unknown\n\
             Content-Type: multipart/mixed; boundary=z\n\n--z\n\nThe following addresses had errors:\n\n\
             --z\nContent-Type: message/rfc822\n\n{inner}\n--z--\n"
        );
        for raw in [inner, &wrapped] {
            let bounce = bounce(&Message::parse(raw.as_bytes()).unwrap()).unwrap();
            assert_eq!(
                (bounce.recipient.as_deref(), bounce.status.as_deref()),
                (Some("weg@klant.example"), Some("5.1.1"))
            );
        }
    }

    #[test]
    fn events_of_a_sending_service() {
        let mail = |event: &str| {
            let raw = format!(
                "From: AWS <no-reply@sns.amazonaws.com>\nSubject: AWS Notification\n\n{event}\n\n--\nStop: x\n"
            );
            bounce(&Message::parse(raw.as_bytes()).unwrap())
        };
        let full = r#"{"notificationType":"Bounce","bounce":{"bounceType":"Transient","bouncedRecipients":[{"emailAddress":"An@Klant.example","status":"5.2.2","diagnosticCode":"smtp; 552 full"}]},"mail":{"messageId":"n1","headers":[{"name":"Message-ID","value":"<l1@bedrijf.example>"}]}}"#;
        let wrapped = format!(r#"{{"Type":"Notification","Message":{}}}"#, serde_json::to_string(full).unwrap());
        for event in [full, &wrapped] {
            let bounce = mail(event).unwrap();
            assert_eq!((bounce.kind, bounce.recipient.as_deref()), (Kind::MailboxFull, Some("an@klant.example")));
            assert_eq!(bounce.original_message_id.as_deref(), Some("l1@bedrijf.example"));
        }
        let arrived = r#"{"notificationType":"Delivery","delivery":{"recipients":["an@klant.example"]},"mail":{}}"#;
        assert_eq!(mail(arrived).unwrap().kind, Kind::Delivered);
        assert_eq!(mail(r#"{"notificationType":"Complaint"}"#), None);
        assert_eq!(mail(r#"{"notificationType":"Bounce""#), None);
    }

    #[test]
    fn a_person_who_writes_about_a_bounce() {
        let raw = "From: An <an@klant.example>\nSubject: Re: Undelivered Mail\nIn-Reply-To: <1@b.example>\n\nUw vorige mail kon niet worden bezorgd, mijn mailbox was vol.\n";
        assert_eq!(bounce(&Message::parse(raw.as_bytes()).unwrap()), None);
    }
}
