//! `learn`: mails that you decided otherwise than they were read, as examples for your own `examples.txt`. Writes nothing.

use super::case::journal;
use super::{Cli, Exit, open, screen};
use crate::daemon::house::House;
use crate::daemon::step::fact_of;
use crate::dunning::corrected::{Corrected, corrected};
use crate::dunning::fact::Fact;
use crate::dunning::ids::DebtorId;
use crate::letter::Templates;
use crate::mail::message::Message;
use crate::mail::own_words::own_words;
use crate::store::JournalRow;
use anyhow::Result;
use chrono::NaiveDate;
use serde_json::json;

pub fn learn(cli: &Cli) -> Result<Exit> {
    for config in open::load_all(cli)? {
        let templates = open::templates(&config)?;
        let Some(house) = open::look(config)? else { continue };
        for account in house.accounts()? {
            for one in corrected_of(&house, &account.id)? {
                let Some(text) = words_of(&house, &one, &templates)? else { continue };
                tell(cli, &account.id, &one, &text)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn corrected_of(house: &House, id: &DebtorId) -> Result<Vec<Corrected>> {
    let fact = |row: &JournalRow| Ok((row.on, fact_of(row)?));
    let facts: Vec<(NaiveDate, Fact)> = journal(house, id, None)?.iter().map(fact).collect::<Result<_>>()?;
    Ok(corrected(facts.iter().map(|(on, fact)| (*on, fact))))
}

/// The sender's own words on one line; `None` where there are none, or the mail is not kept any more.
fn words_of(house: &House, one: &Corrected, templates: &Templates) -> Result<Option<String>> {
    let Some(bytes) = house.store.input_bytes(&one.source)? else { return Ok(None) };
    let Ok(message) = Message::parse(&bytes) else { return Ok(None) };
    let words = own_words(&message, templates.wording());
    let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn tell(cli: &Cli, debtor: &DebtorId, one: &Corrected, text: &str) -> Result<()> {
    let (label, on, read_as) = (one.meant.name(), one.on, &one.read_as);
    if cli.json {
        return screen::line(json!({
            "debtor": debtor, "on": on, "source": one.source, "read_as": read_as, "label": label, "text": text,
        }));
    }
    screen::line(format!("# {debtor}, {on}: read as {read_as}\n{label}: {text}"))
}
