//! What the owner decides: hold, resume, dispute, resolve, promise, paid, write-off, note, approve, veto; instalments
//! have a file of their own. Each prints the cases as they were and as they are now; each is decided by the same rules
//! as everything else.

use super::cases::{case_json, case_line};
use super::subject::Subject;
use super::{Cli, Exit, open, screen};
use crate::daemon::house::House;
use crate::dunning::account::Account;
use crate::dunning::hold::Scope;
use crate::dunning::ids::{CaseId, QuestionId};
use crate::dunning::input::{Act, DisputedPart, InTheRight, Input};
use crate::dunning::money::Money;
use crate::dunning::question::QuestionKind;
use anyhow::{Context, Result, bail, ensure};
use chrono::NaiveDate;
use serde_json::Value;

/// In the journal: who decided.
pub(super) const OWNER: &str = "owner";

#[derive(clap::Args)]
pub struct Args {
    /// A case, an invoice number or a debtor
    id: String,
    /// Why, for the journal
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

#[derive(clap::Args)]
pub struct HoldArgs {
    #[command(flatten)]
    about: Args,
    /// The last day of the hold; without it, until you resume
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
}

#[derive(clap::Args)]
pub struct DisputeArgs {
    #[command(flatten)]
    about: Args,
    /// How much of the case is disputed, when not all
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// Go on about the rest: letters ask it, and say which part they do not ask
    #[arg(long = "continue", requires = "amount")]
    go_on: bool,
}

#[derive(clap::Args)]
pub struct ResolveArgs {
    #[command(flatten)]
    about: Args,
    /// Who is right: we (the ladder goes on), or the debtor (the disputed part is taken off the claim)
    #[arg(long = "for", value_name = "WHO", default_value = "us")]
    who: Side,
    /// What is taken off the claim, when not the disputed part
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    Us,
    Debtor,
}

#[derive(clap::Args)]
pub struct PromiseArgs {
    #[command(flatten)]
    about: Args,
    /// The day on which the money will come
    #[arg(long, value_name = "DATE")]
    date: NaiveDate,
    /// How much of it, when not all
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
}

#[derive(clap::Args)]
pub struct PaidArgs {
    #[command(flatten)]
    about: Args,
    /// How much; without it, all that is open
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// The day of the payment; without it, today
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
}

#[derive(clap::Args)]
pub struct NoteArgs {
    #[command(flatten)]
    about: Args,
    /// What to remember
    #[arg(required_unless_present = "reason")]
    text: Option<String>,
}

#[derive(clap::Args)]
pub struct ApproveArgs {
    /// A case, an invoice number, a debtor, or the question that asks
    id: String,
}

pub fn hold(cli: &Cli, args: &HoldArgs) -> Result<Exit> {
    decide(cli, &args.about.id, |desk| {
        desk.must_have_open_case()?;
        desk.must_not_be_past("--until", args.until)?;
        Ok(Act::Hold { scope: desk.scope(), reason: args.about.reason.clone(), until: args.until })
    })
}

pub fn resume(cli: &Cli, args: &Args) -> Result<Exit> {
    decide(cli, &args.id, |desk| {
        if let Some(plan) = desk.account.living_plan() {
            let cases: Vec<&str> = plan.cases.iter().map(|case| case.as_str()).collect();
            let ends = format!("`aanmaand instalments {} --end` ends it", cases.join(" "));
            told(cli, &format!("plan {} goes on; {ends}", plan.number))?;
        }
        Ok(Act::Resume { scope: desk.scope(), reason: args.reason.clone() })
    })
}

pub fn dispute(cli: &Cli, args: &DisputeArgs) -> Result<Exit> {
    decide(cli, &args.about.id, |desk| {
        desk.must_have_open_case()?;
        let reason = args.about.reason.clone();
        let Some(text) = &args.amount else { return Ok(Act::Dispute { scope: desk.scope(), part: None, reason }) };
        let (id, open) = desk.one_open_case()?;
        let amount = desk.amount(text)?;
        ensure!(amount.minor() <= open.minor(), "--amount {amount} is more than the {open} that is open of {id}");
        let nothing_left = args.go_on && amount == open;
        ensure!(!nothing_left, "all that is open of {id} is disputed, so there is nothing to go on about");
        let part = Some(DisputedPart { amount, go_on: args.go_on });
        Ok(Act::Dispute { scope: Scope::Case(id), part, reason })
    })
}

pub fn resolve(cli: &Cli, args: &ResolveArgs) -> Result<Exit> {
    decide(cli, &args.about.id, |desk| {
        let reason = args.about.reason.clone();
        if args.who == Side::Us {
            ensure!(args.amount.is_none(), "--amount is what is taken off the claim: it goes with --for debtor");
            return Ok(Act::Resolve { scope: desk.scope(), who: InTheRight::We, reason });
        }
        let (id, open) = desk.one_open_case()?;
        let amount = args.amount.as_deref().map(|text| desk.amount(text)).transpose()?;
        let too_much = amount.filter(|amount| amount.minor() > open.minor());
        if let Some(amount) = too_much {
            bail!("--amount {amount} is more than the {open} that is open of {id}");
        }
        Ok(Act::Resolve { scope: Scope::Case(id), who: InTheRight::Debtor(amount), reason })
    })
}

pub fn promise(cli: &Cli, args: &PromiseArgs) -> Result<Exit> {
    decide(cli, &args.about.id, |desk| {
        desk.must_have_open_case()?;
        desk.must_not_be_past("--date", Some(args.date))?;
        let amount = args.amount.as_deref().map(|text| desk.amount(text)).transpose()?;
        Ok(Act::Promise { scope: desk.scope(), date: args.date, amount, reason: args.about.reason.clone() })
    })
}

pub fn paid(cli: &Cli, args: &PaidArgs) -> Result<Exit> {
    decide(cli, &args.about.id, |desk| {
        let case = desk.subject.one_open_case(&desk.account)?;
        let on = args.on.unwrap_or(desk.today);
        ensure!(on <= desk.today, "--on {on} is still to come: enter a payment when it is there");
        let amount = args.amount.as_deref().map(|text| desk.amount(text)).transpose()?;
        Ok(Act::Paid { case, amount, on, reason: args.about.reason.clone() })
    })
}

pub fn write_off(cli: &Cli, args: &Args) -> Result<Exit> {
    decide(cli, &args.id, |desk| {
        let case = desk.subject.one_open_case(&desk.account)?;
        Ok(Act::WriteOff { case, reason: args.reason.clone() })
    })
}

pub fn note(cli: &Cli, args: &NoteArgs) -> Result<Exit> {
    decide(cli, &args.about.id, |desk| {
        let words: Vec<&str> = args.text.iter().map(String::as_str).chain([args.about.reason.as_str()]).collect();
        let words = words.join(" ");
        ensure!(!words.trim().is_empty(), "a note needs a text");
        // A note is the account's; one about a case says so.
        let number = match &desk.subject.scope {
            Scope::Case(case) => desk.account.cases.get(case).map(|case| format!("{}: ", case.number())),
            Scope::Debtor => None,
        };
        Ok(Act::Note { text: format!("{}{}", number.unwrap_or_default(), words.trim()) })
    })
}

pub fn approve(cli: &Cli, args: &ApproveArgs) -> Result<Exit> {
    let mut house = house(cli)?;
    let question = QuestionId::new(args.id.as_str());
    let Some((debtor, asked)) = house.find_question(&question)? else {
        return decide_in(cli, &mut house, &args.id, |desk| {
            let waits = desk.approvals() > 0;
            ensure!(waits, "no letter waits for approval here; `aanmaand questions` lists what waits");
            Ok(Act::Approve { scope: desk.scope() })
        });
    };
    ensure!(
        asked.kind == QuestionKind::Approval,
        "{question} asks for no approval: answer it with `aanmaand answer {question} {}`",
        asked.choices.join("|")
    );
    let subject = Subject { debtor, scope: Scope::Debtor };
    let before = rows(&house, &subject)?;
    house.answer(&question, "approve", OWNER)?;
    print(cli, &before, &rows(&house, &subject)?)?;
    told(cli, &format!("{question} approved"))
}

pub fn veto(cli: &Cli, args: &Args) -> Result<Exit> {
    decide(cli, &args.id, |desk| {
        desk.must_have_open_case()?;
        Ok(Act::Veto { scope: desk.scope(), reason: args.reason.clone() })
    })
}

/// What a decision is made on.
struct Desk {
    subject: Subject,
    account: Account,
    today: NaiveDate,
}

impl Desk {
    fn scope(&self) -> Scope {
        self.subject.scope.clone()
    }

    fn must_have_open_case(&self) -> Result<()> {
        if self.subject.cases(&self.account).any(|case| case.is_open()) {
            return Ok(());
        }
        match &self.subject.scope {
            Scope::Case(case) => bail!("case {case} is closed already"),
            Scope::Debtor => bail!("debtor {} has no open case", self.subject.debtor),
        }
    }

    fn must_not_be_past(&self, option: &str, day: Option<NaiveDate>) -> Result<()> {
        match day.filter(|day| *day < self.today) {
            Some(day) => bail!("{option} {day} is past: today is {}", self.today),
            None => Ok(()),
        }
    }

    /// The one open case meant, and what is open of it.
    fn one_open_case(&self) -> Result<(CaseId, Money)> {
        let id = self.subject.one_open_case(&self.account)?;
        let open = self.account.cases.get(&id).map(|case| case.open()).context("the case is gone")?;
        Ok((id, open))
    }

    /// An amount in the currency of what is open.
    fn amount(&self, text: &str) -> Result<Money> {
        let case = self.subject.cases(&self.account).find(|case| case.is_open()).context("no case is open here")?;
        let currency = case.open().currency();
        let amount = Money::parse(text, currency).map_err(|fault| anyhow::anyhow!("{fault} (in {currency})"))?;
        ensure!(amount.is_positive(), "{text:?}: an amount must be more than zero");
        Ok(amount)
    }

    fn approvals(&self) -> usize {
        self.account.questions.values().filter(|question| question.kind == QuestionKind::Approval).count()
    }
}

/// The administration that is decided about; one that never ran has nothing to decide.
pub(super) fn house(cli: &Cli) -> Result<House> {
    let config = open::load_one(cli)?;
    ensure!(
        open::database(&config).exists(),
        "no pass was made yet, so there is nothing to decide: `aanmaand run --once`"
    );
    open::open_for_owner(config)
}

fn decide(cli: &Cli, id: &str, act: impl FnOnce(&Desk) -> Result<Act>) -> Result<Exit> {
    let mut house = house(cli)?;
    decide_in(cli, &mut house, id, act)
}

fn decide_in(cli: &Cli, house: &mut House, id: &str, act: impl FnOnce(&Desk) -> Result<Act>) -> Result<Exit> {
    let subject = Subject::find(&house.accounts()?, id)?;
    let desk = Desk { account: house.account(&subject.debtor)?, today: house.today(), subject };
    let act = act(&desk)?;
    let before = rows(house, &desk.subject)?;
    let facts = house.step(&desk.subject.debtor, &Input::Owner { act, by: OWNER.to_owned() }, OWNER)?;
    print(cli, &before, &rows(house, &desk.subject)?)?;
    if facts.is_empty() {
        return told(cli, "nothing changed");
    }
    Ok(Exit::Done)
}

pub(super) fn rows(house: &House, subject: &Subject) -> Result<Vec<Value>> {
    let account = house.account(&subject.debtor)?;
    Ok(subject.cases(&account).map(|case| case_json(house, &account, case)).collect())
}

pub(super) fn print(cli: &Cli, before: &[Value], after: &[Value]) -> Result<()> {
    for (when, rows) in [("before", before), ("after", after)] {
        for row in rows {
            if cli.json {
                let mut row = row.clone();
                row["when"] = when.into();
                screen::line(row)?;
            } else {
                screen::line(format!("{when:<7}{}", case_line(row)))?;
            }
        }
    }
    Ok(())
}

pub(super) fn told(cli: &Cli, text: &str) -> Result<Exit> {
    if !cli.json {
        screen::line(text)?;
    }
    Ok(Exit::Done)
}
