//! See tests/README.md.

mod agreements;
mod answers;
mod backup;
mod bank_mail;
mod blind;
mod by_hand;
mod clock;
mod commands;
mod configs;
mod copies;
mod crash;
mod crowds;
mod damage;
mod disk;
mod files;
mod gate;
mod hostile;
pub mod hybrid;
mod inspect;
mod ladder;
mod money;
mod oauth;
mod owner;
mod sandbox;
mod signed_mail;
mod statements;
mod treatment;
