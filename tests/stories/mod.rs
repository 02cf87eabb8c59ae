//! See tests/README.md.

mod agreements;
mod answers;
mod bank_mail;
mod blind;
mod clock;
mod commands;
mod configs;
mod copies;
mod crash;
mod crowds;
mod files;
mod ladder;
mod money;
mod oauth;
mod owner;
mod sandbox;
mod treatment;
