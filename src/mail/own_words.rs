//! What the sender wrote this time: without quotes, signature, closing formula, disclaimer, mobile footer.

use super::message::Message;

/// From the greeting to the last sentence. What our own letter said never counts as the customer's words.
pub fn own_words(message: &Message) -> String {
    let _ = message;
    todo!()
}
