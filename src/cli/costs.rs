//! `costs`: the collection costs that the law allows on a principal. Needs no configuration.

use super::{Cli, Exit, screen, typed};
use crate::dunning::law::costs::{self, Costs, Fixed, NeedsReview, Scale};
use crate::dunning::money::{Currency, Money};
use anyhow::Result;
use serde_json::{Value, json};

#[derive(clap::Args)]
pub struct Args {
    /// Whose law, and who owes
    #[arg(long)]
    regime: Regime,
    /// Principal with VAT, without interest and costs; several are demanded in one letter
    #[arg(long, required = true, value_name = "AMOUNT", value_parser = typed::any_amount, allow_negative_numbers = true)]
    principal: Vec<Money>,
    /// The collection service charges VAT that you cannot deduct, and you declare so: adds VAT (nl_consumer, nl_business)
    #[arg(long)]
    vat_not_deductible: bool,
    /// The principals are periodic instalments (nl_consumer)
    #[arg(long)]
    periodic: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Regime {
    #[value(name = "nl_consumer")]
    NlConsumer,
    #[value(name = "nl_business")]
    NlBusiness,
    #[value(name = "be_consumer")]
    BeConsumer,
    #[value(name = "be_business")]
    BeBusiness,
}

pub fn costs(cli: &Cli, args: &Args) -> Result<Exit> {
    if let Some(why) = senseless(args) {
        return typed::refuse(why);
    }
    match of(args) {
        Ok(costs) if cli.json => screen::line(to_json(&costs)).map(|()| Exit::Done),
        Ok(costs) => tell(args, &costs).map(|()| Exit::Done),
        Err(why) => {
            if cli.json {
                let unknown = Value::Null;
                screen::line(json!({
                    "costs": unknown, "vat": unknown, "total": unknown, "minimum": unknown, "basis": unknown,
                    "needs_review": true, "error": why.to_string(),
                }))?;
            }
            eprintln!("aanmaand: {why}");
            Ok(Exit::Finding)
        }
    }
}

fn senseless(args: &Args) -> Option<&'static str> {
    let belgian = matches!(args.regime, Regime::BeConsumer | Regime::BeBusiness);
    if belgian && args.vat_not_deductible {
        return Some("--vat-not-deductible is a rule of the Dutch scale (nl_consumer, nl_business)");
    }
    if belgian && args.principal.len() > 1 {
        return Some("Belgian costs are owed for each invoice: ask for one --principal at a time");
    }
    (args.periodic && args.regime != Regime::NlConsumer).then_some("--periodic is a rule for nl_consumer")
}

fn of(args: &Args) -> Result<Costs, NeedsReview> {
    let one = args.principal.first().copied().unwrap_or(Money::zero(Currency::EUR));
    let scale = Scale {
        business: args.regime == Regime::NlBusiness,
        vat_not_deductible: args.vat_not_deductible,
        periodic: args.periodic,
    };
    match args.regime {
        Regime::NlConsumer | Regime::NlBusiness => costs::dutch_scale(&args.principal, scale),
        Regime::BeConsumer => costs::belgian_consumer(one),
        Regime::BeBusiness => Ok(costs::fixed(one, Fixed::BelgianBusiness)),
    }
}

fn to_json(costs: &Costs) -> Value {
    json!({
        "costs": costs.costs.to_string(),
        "vat": costs.vat.to_string(),
        "total": costs.total.to_string(),
        "minimum": costs.minimum.unwrap_or(Money::zero(Currency::EUR)).to_string(),
        "basis": costs.basis,
        "needs_review": false,
    })
}

fn tell(args: &Args, costs: &Costs) -> Result<()> {
    let when = match args.regime {
        Regime::NlConsumer => "only when a right fourteen-day letter was received and its term has passed",
        Regime::NlBusiness => "40.00 from the day after the last day to pay; more after a written demand at least",
        Regime::BeConsumer => "at most, when the contract has such a clause, after a free reminder and its term",
        Regime::BeBusiness => "from the day after the last day to pay, without a demand",
    };
    screen::line(format!("{:<8}{:>12}", "costs", costs.costs.to_string()))?;
    screen::line(format!("{:<8}{:>12}", "VAT", costs.vat.to_string()))?;
    screen::line(format!("{:<8}{:>12}", "total", costs.total.to_string()))?;
    screen::line(format!("basis   {}", costs.basis))?;
    screen::line(format!("when    {when}"))
}
