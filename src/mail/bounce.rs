//! Delivery reports: RFC 3464 and the imitations of large providers and old MTAs.

use super::message::Message;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bounce {
    /// `failed`, `delayed`, `delivered`, `relayed`, `expanded`.
    pub action: String,
    /// Enhanced status code (RFC 3463), like `5.1.1`.
    pub status: Option<String>,
    pub recipient: Option<String>,
    /// Message-ID of the mail that bounced, without angle brackets.
    pub original_message_id: Option<String>,
}

impl Bounce {
    /// The mail did not arrive and will not: action failed, or a 5.x.x status.
    pub fn is_permanent(&self) -> bool {
        self.action == "failed" && !self.status.as_deref().is_some_and(|s| s.starts_with("4."))
    }
}

/// Reads a delivery report; `None` when the mail is none.
pub fn bounce(message: &Message) -> Option<Bounce> {
    let _ = message;
    todo!()
}
