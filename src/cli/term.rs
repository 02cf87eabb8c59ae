//! `term`: when the term of the letter that opens collection costs of a consumer ends. Needs no configuration.

use super::{Cli, Exit, screen, typed};
use crate::config::calendar;
use crate::dunning::calendar::Country;
use crate::dunning::law::term::{self, Term};
use anyhow::Result;
use chrono::{NaiveDate, NaiveTime};
use serde_json::json;

#[derive(clap::Args)]
pub struct Args {
    /// Whose law
    #[arg(long)]
    regime: Regime,
    /// How the letter goes
    #[arg(long, required_unless_present = "received")]
    channel: Option<Channel>,
    /// Day on which the letter leaves
    #[arg(long, value_name = "DATE", value_parser = typed::day, required_unless_present = "received")]
    sent: Option<NaiveDate>,
    /// Day on which it was received (nl)
    #[arg(long, value_name = "DATE", value_parser = typed::day, conflicts_with = "sent")]
    received: Option<NaiveDate>,
    /// When the receiving server accepted the mail (nl); before 17:00 when not said
    #[arg(long, value_name = "HH:MM", value_parser = time, conflicts_with = "received")]
    time: Option<NaiveTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Regime {
    Nl,
    Be,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Channel {
    Mail,
    Post,
}

fn time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "write a time like 16:30".to_owned())
}

pub fn term(cli: &Cli, args: &Args) -> Result<Exit> {
    let channel = match args.channel {
        Some(Channel::Post) => term::Channel::Post,
        Some(Channel::Mail) | None => term::Channel::Mail,
    };
    if args.time.is_some() && (args.regime == Regime::Be || channel == term::Channel::Post) {
        return typed::refuse("--time only matters for a Dutch letter by mail");
    }
    let (term, basis) = match (args.regime, args.sent, args.received) {
        (Regime::Nl, Some(sent), _) => {
            let calendar = calendar(Country::Nl);
            let received = term::received(channel, sent.and_time(args.time.unwrap_or_default()), &calendar);
            (term::fourteen_days(received, &calendar), NL)
        }
        (Regime::Nl, None, Some(received)) => (term::fourteen_days(received, &calendar(Country::Nl)), NL),
        (Regime::Be, Some(sent), _) => (term::belgian_term(channel, sent, &calendar(Country::Be)), BE),
        (Regime::Be, None, _) => return typed::refuse("the Belgian term counts from the day of sending: use --sent"),
        (Regime::Nl, None, None) => return typed::refuse("say when: --sent or --received"),
    };
    if cli.json { screen::line(to_json(&term, basis)) } else { tell(&term, basis) }.map(|()| Exit::Done)
}

const NL: &str = "art. 6:96(6) BW, art. 1 and 3 Algemene termijnenwet";
const BE: &str = "art. XIX.2 WER";

fn to_json(term: &Term, basis: &str) -> serde_json::Value {
    json!({
        "received": term.received.map(|day| day.to_string()),
        "first_day": term.first_day.to_string(),
        "last_day": term.last_day.to_string(),
        "costs_from": term.costs_from.to_string(),
        "basis": basis,
    })
}

fn tell(term: &Term, basis: &str) -> Result<()> {
    if let Some(received) = term.received {
        screen::line(format!("received    {received} (for your own count: the letter itself names no date)"))?;
    }
    screen::line(format!("first day   {}", term.first_day))?;
    screen::line(format!("last day    {}", term.last_day))?;
    screen::line(format!("costs from  {}", term.costs_from))?;
    screen::line(format!("basis       {basis}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time("16:30"), Ok(NaiveTime::from_hms_opt(16, 30, 0).unwrap()));
        for wrong in ["24:00", "16", "4pm", ""] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
