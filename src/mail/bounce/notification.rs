//! Delivery events that a sending service mails as JSON (Amazon SES through SNS).

use super::code::kind_of;
use super::{Bounce, Kind};
use crate::mail::message::Message;
use serde_json::Value;

/// The event in a mail whose text is JSON and nothing else of weight; `None` when it is no event about delivery.
pub fn bounce(message: &Message) -> Option<Bounce> {
    let text = message.text.trim_start();
    if !text.starts_with('{') || !text.contains("otificationType") {
        return None;
    }
    let event = event(text)?;
    let (action, people) = match event["notificationType"].as_str()? {
        "Bounce" if event["bounce"]["bounceType"] == "Transient" => ("failed", &event["bounce"]["bouncedRecipients"]),
        "Bounce" => ("failed", &event["bounce"]["bouncedRecipients"]),
        "Delivery" => ("delivered", &event["delivery"]["recipients"]),
        _ => return None,
    };
    let people: Vec<&Value> = people.as_array().into_iter().flatten().collect();
    let recipients: Vec<String> = people
        .iter()
        .filter_map(|person| person.as_str().or(person["emailAddress"].as_str()))
        .map(str::to_lowercase)
        .collect();
    let first = people.first().map_or(&Value::Null, |person| *person);
    let status = first["status"].as_str().map(str::to_owned);
    let diagnostic = first["diagnosticCode"].as_str();
    let kind = match kind_of(action, status.as_deref(), diagnostic, "") {
        Kind::Permanent if event["bounce"]["bounceType"] == "Transient" => Kind::Temporary,
        kind => kind,
    };
    Some(Bounce {
        action: action.to_owned(),
        kind,
        status,
        recipient: recipients.first().cloned(),
        recipients,
        original_message_id: original_id(&event["mail"]),
        envelope_id: None,
    })
}

/// The event itself, or the one that it is wrapped in as text. What follows it in the mail is a footer.
fn event(text: &str) -> Option<Value> {
    // Long lines are broken by "!" and a line end on their way.
    let whole = text.replace("!\n ", "").replace("!\n", "");
    let outer: Value = serde_json::Deserializer::from_str(&whole).into_iter().next()?.ok()?;
    match outer["Message"].as_str() {
        Some(inner) => serde_json::from_str(inner).ok(),
        None => Some(outer),
    }
}

/// The Message-ID that our own mail had; the service's number when it does not tell.
fn original_id(mail: &Value) -> Option<String> {
    let header = mail["headers"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|header| header["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("message-id")));
    let id = header.and_then(|header| header["value"].as_str());
    let id = id.or(mail["commonHeaders"]["messageId"].as_str()).or(mail["messageId"].as_str())?;
    Some(id.trim_matches(['<', '>', ' ']).to_owned())
}
