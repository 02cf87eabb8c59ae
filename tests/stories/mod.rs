//! See tests/README.md.

mod agreements;
mod answers;
mod bank_mail;
mod blind;
mod clock;
mod commands;
mod configs;
mod crash;
mod crowds;
mod files;
mod gate;
mod ladder;
mod money;
mod owner;
mod sandbox;
mod treatment;
