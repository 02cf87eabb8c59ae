//! The postman's rounds over a real database file: what is on the disk at each moment of a mail, what he does with each
//! answer, and how he stops. The server is scripted; the bytes on the wire are another matter (`src/adapters/smtp`).

mod files;
mod groups;
mod office;
mod outcomes;
mod rounds;
