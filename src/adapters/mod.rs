//! The world: each file speaks with one outside thing and its library, and names no other adapter
//! (only `tls`, the socket, and `login` are shared by SMTP and IMAP, and `oauth` makes tokens for `login`).

pub mod ballast;
pub mod clock;
pub mod dkim;
pub mod file_copies;
pub mod file_out;
pub mod folder;
pub mod imap;
pub mod lock;
pub mod login;
pub mod maildir;
pub mod oauth;
pub mod parser;
pub mod sendmail;
pub mod service;
pub mod smtp;
pub mod store;
pub mod tls;

#[cfg(test)]
mod real_servers;
#[cfg(test)]
mod tests;
