//! `debtor ID show|set`, and the door to `merge|split`: who a debtor is, how it is treated and who decided that, and what the
//! owner decides anew.

use super::cases::{case_json, case_line};
use super::owner::{OWNER, house, told};
use super::subject::Subject;
use super::timeline::tell;
use super::{Cli, Exit, case, merging, open, screen};
use crate::config::Config;
use crate::daemon::house::House;
use crate::daemon::step::fact_of;
use crate::dunning::account::Account;
use crate::dunning::calendar::Country;
use crate::dunning::debtor::Language;
use crate::dunning::fact::Fact;
use crate::dunning::hold::{Hold, Scope};
use crate::dunning::input::{Act, Input};
use crate::dunning::instructions::Instructions;
use crate::dunning::money::{Currency, Money};
use crate::dunning::policy::Policy;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// A debtor, or one of its cases or invoices
    id: String,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Who it is, how it is treated and why, and what was decided
    Show,
    /// Decide how it is treated; this goes before the configuration
    Set(Box<Set>),
    /// Two debtors are one: the cases of the other become this one's, and what comes for it later too
    Merge(merging::Merge),
    /// One debtor is two: some of its cases are another's
    Split(merging::Split),
}

#[derive(clap::Args)]
struct Set {
    /// The ladder to follow; it must suit the debtor's kind and country
    #[arg(long, value_name = "NAME")]
    ladder: Option<String>,
    /// Language of its letters
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// The one address that letters go to
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Whom letters greet
    #[arg(long, value_name = "NAME")]
    contact: Option<String>,
    /// Days that every step comes later
    #[arg(long, value_name = "DAYS")]
    grace: Option<i64>,
    /// No letter asks less than this in total, in euros
    #[arg(long, value_name = "AMOUNT")]
    minimum: Option<String>,
    /// No letter ever
    #[arg(long, value_name = "true|false")]
    never_dun: Option<bool>,
    /// Interest and costs are asked where the law grants them
    #[arg(long, value_name = "true|false")]
    claims: Option<bool>,
    /// Forget what was decided about these
    #[arg(long, value_name = "KEY", num_args = 1.., value_delimiter = ',')]
    clear: Vec<Key>,
    /// Why, for the journal
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Key {
    Ladder,
    Language,
    Email,
    Contact,
    Grace,
    Minimum,
    NeverDun,
    Claims,
}

pub fn debtor(cli: &Cli, args: &Args) -> Result<Exit> {
    match &args.what {
        What::Show => show(cli, &args.id),
        What::Set(set) => decide(cli, &args.id, set),
        What::Merge(merge) => merging::merge(cli, &args.id, merge),
        What::Split(split) => merging::split(cli, &args.id, split),
    }
}

// ── set ─────────────────────────────────────────────────────────────────────────────────────────────────────────

fn decide(cli: &Cli, id: &str, set: &Set) -> Result<Exit> {
    let mut house = house(cli)?;
    let subject = Subject::find(&house.accounts()?, id)?;
    let account = house.account(&subject.debtor)?;
    let instructions = set.over(&account, &house)?;
    let before = treatment(&house.config.policy, &account);
    let act = Act::Instruct { instructions: Box::new(instructions), reason: set.reason.clone() };
    let facts = house.step(&subject.debtor, &Input::Owner { act, by: OWNER.to_owned() }, OWNER)?;
    let after = treatment(&house.config.policy, &house.account(&subject.debtor)?);
    for (when, mut row) in [("before", before), ("after", after)] {
        if cli.json {
            row["when"] = when.into();
            screen::line(row)?;
        } else {
            screen::line(format!("{when:<7}{}", treatment_line(&row)))?;
        }
    }
    if facts.is_empty() { told(cli, "nothing changed") } else { Ok(Exit::Done) }
}

impl Set {
    /// What was decided before, with what is decided now over it.
    fn over(&self, account: &Account, house: &House) -> Result<Instructions> {
        let mut instructions = account.instructions.clone();
        let mut said = self.clear.len();
        for key in &self.clear {
            ensure!(!self.sets(*key), "{key:?} is set and cleared at once: do one of the two");
            key.clear(&mut instructions);
        }
        let mut take = |given: bool| said += usize::from(given);
        take(self.ladder.is_some());
        if let Some(name) = &self.ladder {
            house.config.policy.ladder_named(account, name).map_err(|refused| anyhow::anyhow!("{refused}"))?;
            instructions.ladder = Some(name.clone());
        }
        take(self.language.is_some());
        if let Some(code) = &self.language {
            instructions.language = Some(language(code)?);
        }
        take(self.email.is_some());
        if let Some(address) = &self.email {
            instructions.email = Some(email(address, house)?);
        }
        take(self.contact.is_some());
        if let Some(contact) = &self.contact {
            let is_a_name = !contact.trim().is_empty() && !contact.contains(char::is_control);
            ensure!(is_a_name, "--contact {contact:?} is no name: write it on one line, or --clear contact");
            instructions.contact = Some(contact.trim().to_owned());
        }
        take(self.grace.is_some());
        instructions.grace_days = self.grace.or(instructions.grace_days);
        take(self.minimum.is_some());
        if let Some(text) = &self.minimum {
            let minimum = Money::parse(text, Currency::EUR).map_err(|fault| anyhow::anyhow!("--minimum {fault}"))?;
            instructions.minimum = Some(minimum);
        }
        take(self.never_dun.is_some());
        instructions.never_dun = self.never_dun.or(instructions.never_dun);
        take(self.claims.is_some());
        instructions.extras = self.claims.or(instructions.extras);
        ensure!(
            said > 0,
            "nothing is set: name at least one of --ladder, --language, --email, --contact, --grace, --minimum, --never-dun, --claims, --clear"
        );
        match instructions.fault() {
            Some(fault) => bail!("{fault}"),
            None => Ok(instructions),
        }
    }

    fn sets(&self, key: Key) -> bool {
        match key {
            Key::Ladder => self.ladder.is_some(),
            Key::Language => self.language.is_some(),
            Key::Email => self.email.is_some(),
            Key::Contact => self.contact.is_some(),
            Key::Grace => self.grace.is_some(),
            Key::Minimum => self.minimum.is_some(),
            Key::NeverDun => self.never_dun.is_some(),
            Key::Claims => self.claims.is_some(),
        }
    }
}

impl Key {
    fn clear(self, instructions: &mut Instructions) {
        match self {
            Key::Ladder => instructions.ladder = None,
            Key::Language => instructions.language = None,
            Key::Email => instructions.email = None,
            Key::Contact => instructions.contact = None,
            Key::Grace => instructions.grace_days = None,
            Key::Minimum => instructions.minimum = None,
            Key::NeverDun => instructions.never_dun = None,
            Key::Claims => instructions.extras = None,
        }
    }
}

fn language(code: &str) -> Result<Language> {
    let known = Language::ALL.map(Language::code).join(", ");
    Language::ALL
        .into_iter()
        .find(|language| language.code() == code)
        .with_context(|| format!("--language {code:?}: letters are written in {known}"))
}

/// Exactly one address, and not our own: we do not write to ourselves.
fn email(address: &str, house: &House) -> Result<String> {
    let address = address.trim();
    ensure!(
        address.parse::<lettre::Address>().is_ok(),
        "--email {address:?} is not a mail address: write only the address, like name@company.example"
    );
    ensure!(
        !address.eq_ignore_ascii_case(&house.config.company.email),
        "--email {address} is our own address: letters would come to us"
    );
    Ok(address.to_owned())
}

// ── show ────────────────────────────────────────────────────────────────────────────────────────────────────────

fn show(cli: &Cli, id: &str) -> Result<Exit> {
    let Some((house, subject)) = case::find(cli, id)? else {
        bail!("no pass was made yet, so there are no debtors: `aanmaand run --once`")
    };
    let account = house.account(&subject.debtor)?;
    let value = full(&house, &account)?;
    if cli.json {
        screen::line(&value)?
    } else {
        print(&value)?
    }
    Ok(Exit::Done)
}

/// How this debtor is treated, and who chose it.
fn treatment(policy: &Policy, account: &Account) -> Value {
    let own = policy.overrides.get(&account.id);
    let kind_from = if own.is_some_and(|own| own.kind.is_some()) { "configuration" } else { "invoice" };
    let of_debtor = account.debtor.as_ref().and_then(|debtor| debtor.country.as_deref()).and_then(Country::parse);
    let ladder = policy.ladder_choice(account);
    json!({
        "debtor": account.id,
        "name": account.debtor.as_ref().map(|debtor| &debtor.name),
        "kind": policy.kind(account),
        "kind_from": kind_from,
        "law": country_code(policy.country(account)),
        "law_from": if of_debtor.is_some() { "debtor" } else { "company" },
        "ladder": ladder.map(|(ladder, _)| &ladder.name),
        "ladder_from": ladder.map(|(_, by)| by.code()),
        "ladder_refused": policy.lost_ladder(account).map(|refused| refused.to_string()),
        "language": policy.language(account),
        "email": policy.address(account),
        "contact": policy.contact(account),
        "grace": policy.grace_days(account),
        "minimum": policy.minimum(account).to_string(),
        "never_dun": policy.never_dun(account),
        "claims": policy.asks_extras(account),
        "instructions": account.instructions,
    })
}

fn country_code(country: Country) -> &'static str {
    match country {
        Country::Nl => "NL",
        Country::Be => "BE",
    }
}

fn full(house: &House, account: &Account) -> Result<Value> {
    let mut value = treatment(&house.config.policy, account);
    let debtor = account.debtor.as_ref();
    value["country"] = json!(debtor.and_then(|debtor| debtor.country.as_ref()));
    value["phone"] = json!(debtor.and_then(|debtor| debtor.phone.as_ref()));
    value["vat"] = json!(debtor.and_then(|debtor| debtor.vat.as_ref()));
    value["kvk"] = json!(debtor.and_then(|debtor| debtor.kvk.as_ref()));
    value["formerly"] = json!(account.formerly);
    value["addresses"] = json!(account.mail_addresses());
    value["cases"] = account.open_cases().map(|case| case_json(house, account, case)).collect();
    value["closed"] = json!(account.cases.values().filter(|case| !case.is_open()).count());
    value["holds"] = account.holds.iter().map(|hold| json!(hold)).collect();
    value["hold_texts"] = account.holds.iter().map(hold_text).collect();
    value["decided"] = decided(house, account)?.into();
    Ok(value)
}

fn hold_text(hold: &Hold) -> Value {
    let until = hold.until.map(|day| format!(" until {day}")).unwrap_or_default();
    let evidence = hold.evidence.as_ref().map(|text| format!(": {}", text.replace('\n', " "))).unwrap_or_default();
    let whom = match &hold.scope {
        Scope::Debtor => "all",
        Scope::Case(case) => case.as_str(),
    };
    json!(format!("{whom} since {}{until}, {}{evidence}", hold.since, hold.reason.code()))
}

/// What a human decided about this debtor, with the day and who it was.
fn decided(house: &House, account: &Account) -> Result<Vec<Value>> {
    let mut told = Vec::new();
    for row in case::journal(house, &account.id, None)? {
        let fact = fact_of(&row)?;
        let by =
            decided_by(&fact).map(str::to_owned).or_else(|| Some(row.cause.clone()).filter(|cause| cause == OWNER));
        if let Some(by) = by {
            told.push(json!({ "on": row.on, "at": row.at, "by": by, "text": tell(&fact, account) }));
        }
    }
    Ok(told)
}

/// Who a fact names as having decided it; the program's own answers are nobody's decision.
fn decided_by(fact: &Fact) -> Option<&str> {
    let by = match fact {
        Fact::Instructed { by, .. }
        | Fact::DisputedPart { by, .. }
        | Fact::CreditSetAside { by, .. }
        | Fact::LetterApproved { by, .. }
        | Fact::ApprovalWithdrawn { by, .. }
        | Fact::QuestionAnswered { by, .. }
        | Fact::CasesLeft { by, .. }
        | Fact::CasesCame { by, .. }
        | Fact::Noted { by, .. } => by.as_str(),
        _ => return None,
    };
    Some(by).filter(|by| *by != "aanmaand")
}

fn treatment_line(row: &Value) -> String {
    let text = |key: &str| screen::plain(&row[key]);
    let or = |key: &str, none: &str| Some(text(key)).filter(|text| !text.is_empty()).unwrap_or(none.to_owned());
    let mut line = format!(
        "{} {}: ladder {} ({}), {}, to {}, greets {}, grace {}, minimum {}, claims {}",
        text("debtor"),
        text("name"),
        or("ladder", "none"),
        text("ladder_from").replace('_', " "),
        text("language"),
        or("email", "nobody"),
        or("contact", "nobody by name"),
        text("grace"),
        text("minimum"),
        text("claims")
    );
    if row["never_dun"] == true {
        line.push_str(", NEVER DUNNED");
    }
    line
}

fn print(value: &Value) -> Result<()> {
    let text = |key: &str| screen::plain(&value[key]);
    screen::line(treatment_line(value))?;
    screen::fields(value, &["kind", "kind_from", "country", "law", "law_from", "ladder_refused"])?;
    screen::fields(value, &["phone", "vat", "kvk", "formerly", "addresses"])?;
    screen::line(format!("  open cases ({} closed)", text("closed")))?;
    let each = |key: &str| value[key].as_array().cloned().unwrap_or_default();
    each("cases").iter().try_for_each(|case| screen::line(format!("    {}", case_line(case))))?;
    screen::line("  holds")?;
    each("hold_texts").iter().try_for_each(|hold| screen::line(format!("    {}", screen::plain(hold))))?;
    screen::line("  decided")?;
    each("decided").iter().try_for_each(|row| {
        let text = |key: &str| screen::plain(&row[key]);
        screen::line(format!("    {}  {}  [{}]", text("on"), text("text"), text("by")))
    })
}

/// Debtors whose ladder, chosen on the command line, is not used: a warning for `check`.
pub fn lost_ladders(config: &Config) -> Vec<String> {
    // A database that cannot be read is the business of `check --store`.
    let Ok(Some(house)) = open::look(config.clone()) else { return Vec::new() };
    house.accounts().map(|accounts| house.lost_ladders(&accounts)).unwrap_or_default()
}
