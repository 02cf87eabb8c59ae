//! `questions` and `answer`: what waits for a human.

use super::{Cli, Exit, WrongUse, open, screen};
use crate::daemon::house::House;
use crate::dunning::account::Account;
use crate::dunning::ids::QuestionId;
use crate::dunning::question::{Question, QuestionKind};
use anyhow::Result;
use chrono::NaiveDate;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct AnswerArgs {
    /// The question's id, as `questions` shows it; with --all a kind of question: overdue_at_first_sight, open_item_gone or
    /// open_item_less
    id: String,
    /// One of its choices
    choice: String,
    /// Every question of this kind at once, as after an old archive was put into the folder, or after a list of open items
    #[arg(long)]
    all: bool,
    /// With --all: only where the invoice fell due before this day
    #[arg(long, requires = "all", value_name = "YYYY-MM-DD")]
    due_before: Option<NaiveDate>,
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
    if args.all {
        return answer_all(&mut house, args);
    }
    house.answer(&QuestionId::new(args.id.as_str()), &args.choice, "owner")?;
    screen::line(format!("{} answered: {}", args.id, args.choice))?;
    Ok(Exit::Done)
}

/// What may be asked about very many invoices for one reason.
const TOGETHER: [QuestionKind; 3] =
    [QuestionKind::OverdueAtFirstSight, QuestionKind::OpenItemGone, QuestionKind::OpenItemLess];

/// Others are about one letter, payment or answer each, and want a look each.
fn answer_all(house: &mut House, args: &AnswerArgs) -> Result<Exit> {
    let Some(kind) = TOGETHER.into_iter().find(|kind| args.id == kind.code()) else {
        let kinds = TOGETHER.map(QuestionKind::code).join(" or ");
        anyhow::bail!(WrongUse(format!(
            "--all answers some kinds of questions only: write {kinds} in place of {:?}",
            args.id
        )));
    };
    if !kind.choices().contains(&args.choice.as_str()) {
        anyhow::bail!(WrongUse(format!("{:?} is no answer to it: choose {}", args.choice, kind.choices().join(", "))));
    }
    let answered = house.answer_together(kind, &args.choice, args.due_before, "owner")?;
    screen::line(format!("{answered} answered: {}", args.choice))?;
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
        "booked": question.booked(),
    })
}

/// The question for a person, with the command that answers it.
pub fn question_text(question: &Question) -> String {
    let (id, choices) = (&question.id, question.choices.join("|"));
    let age = match question.booked() {
        Some(booked) => format!("money booked {booked}"),
        None => format!("since {}", question.since),
    };
    format!("{id}  {age}\n    {}\n    aanmaand answer {id} {choices}", question.told())
}
