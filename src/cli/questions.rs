//! `questions` and `answer`: what waits for a human.

use super::{Cli, Exit, open, screen};
use crate::dunning::account::Account;
use crate::dunning::ids::QuestionId;
use crate::dunning::question::Question;
use anyhow::Result;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct AnswerArgs {
    /// The question's id, as `questions` shows it
    id: String,
    /// One of its choices
    choice: String,
}

pub fn questions(cli: &Cli) -> Result<Exit> {
    for config in open::load_all(cli)? {
        let Some(house) = open::look(config)? else { continue };
        for account in house.accounts()? {
            for question in account.questions.values() {
                let row = question_json(&account, question);
                if cli.json { screen::line(row)? } else { screen::line(question_text(question))? }
            }
        }
    }
    Ok(Exit::Done)
}

pub fn answer(cli: &Cli, args: &AnswerArgs) -> Result<Exit> {
    let mut house = open::open_for_owner(open::load_one(cli)?)?;
    house.answer(&QuestionId::new(args.id.as_str()), &args.choice, "owner")?;
    screen::line(format!("{} answered: {}", args.id, args.choice))?;
    Ok(Exit::Done)
}

/// One question as `questions --json` prints it.
pub fn question_json(account: &Account, question: &Question) -> Value {
    json!({
        "question": question.id,
        "kind": question.kind.code(),
        "case": question.case,
        "debtor": Some(&account.id).filter(|id| !id.is_administration()),
        "text": question.told(),
        "choices": question.choices,
        "since": question.since,
    })
}

/// The question for a person, with the command that answers it.
pub fn question_text(question: &Question) -> String {
    let (id, choices) = (&question.id, question.choices.join("|"));
    format!("{id}  since {}\n    {}\n    aanmaand answer {id} {choices}", question.since, question.told())
}
