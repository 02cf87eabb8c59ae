//! `questions` and `answer`: what waits for a human.

use super::{Cli, Exit, open};
use crate::dunning::ids::QuestionId;
use anyhow::Result;
use serde_json::json;

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
                if cli.json {
                    println!(
                        "{}",
                        json!({
                            "question": question.id,
                            "kind": question.kind.code(),
                            "case": question.case,
                            "debtor": Some(&account.id).filter(|id| !id.is_administration()),
                            "text": question.text,
                            "choices": question.choices,
                            "since": question.since,
                        })
                    );
                } else {
                    println!(
                        "{}  since {}\n    {}\n    aanmaand answer {} {}",
                        question.id,
                        question.since,
                        question.text,
                        question.id,
                        question.choices.join("|")
                    );
                }
            }
        }
    }
    Ok(Exit::Done)
}

pub fn answer(cli: &Cli, args: &AnswerArgs) -> Result<Exit> {
    let mut house = open::open_for_owner(open::load_one(cli)?)?;
    house.answer(&QuestionId::new(args.id.as_str()), &args.choice, "owner")?;
    println!("{} answered: {}", args.id, args.choice);
    Ok(Exit::Done)
}
