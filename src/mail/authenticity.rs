//! Who may be believed. For now by `Authentication-Results` (RFC 8601) of a configured authserv-id only.

use super::message::Message;

/// E1: the From domain was authenticated by our own mail server; E0: anything else, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticity {
    E1 { domain: String },
    E0 { why: String },
}

/// Applies the rules of SECURITY.md to one mail: exactly one From with one plain ASCII address, exactly one
/// Authentication-Results of `authserv_id`, above the topmost Received of a foreign host, with `dmarc=pass` and
/// `header.from` equal to the From domain, and that domain in `allowed`.
pub fn authenticate(raw: &[u8], message: &Message, authserv_id: Option<&str>, allowed: &[String]) -> Authenticity {
    let _ = (raw, message, authserv_id, allowed);
    todo!()
}
