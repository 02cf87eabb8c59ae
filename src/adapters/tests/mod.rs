//! What SMTP and IMAP have in common, against scripted servers on real sockets: TLS that begins later, and tokens.

mod bearer;
mod starttls;
pub(crate) mod wires;
