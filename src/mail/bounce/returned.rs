//! The mail that came back, as far as it did, and by what it is known again.

use super::notice::Notice;
use super::pattern;
use crate::mail::message::Message;
use regex::Regex;
use std::sync::LazyLock;

/// The mail that came back: the returned part, an attached mail, or what follows in the text.
pub fn returned(message: &Message) -> String {
    if let Some(returned) = &message.returned {
        return returned.clone();
    }
    let attached = message.attachments.iter().find(|part| {
        part.mime.starts_with("message/rfc822") || part.mime.starts_with("text/rfc822") || part.mime == "message/global"
    });
    match attached {
        Some(part) => String::from_utf8_lossy(&part.bytes).replace("\r\n", "\n"),
        // The line that announces it is not part of it.
        None => message.text[Notice::of(message).text.len()..]
            .split_once('\n')
            .map(|(_, rest)| rest.trim_start())
            .unwrap_or_default()
            .to_owned(),
    }
}

/// First value of a header anywhere in a returned mail, unfolded.
pub fn header_in(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        let value = line
            .get(..name.len())
            .filter(|start| start.eq_ignore_ascii_case(name))
            .and_then(|_| line[name.len()..].trim_start().strip_prefix(':'));
        if let Some(value) = value {
            let folded = if value.trim().is_empty() { lines.next().unwrap_or_default() } else { "" };
            return Some(format!("{} {}", value.trim(), folded.trim()).trim().to_owned());
        }
    }
    None
}

pub fn original_id(returned: &str, notice: &str, message: &Message) -> Option<String> {
    static ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"<\s*([^<>\s]+@[^<>\s]+?)\s*>"));
    let in_header = |text: &str| {
        header_in(text, "message-id").and_then(|value| ID.captures(&value).map(|found| found[1].to_owned()))
    };
    in_header(returned)
        .or_else(|| in_header(notice))
        .or_else(|| {
            message
                .report
                .as_ref()
                .and_then(|report| header_in(&report.text, "x-original-message-id"))
                .map(|id| id.trim_matches(['<', '>']).to_owned())
        })
        .or_else(|| message.references.first().cloned())
}
