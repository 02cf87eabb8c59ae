//! `reference`: checks a payment reference or account number, or makes one with its check digits.

use super::{Cli, Exit, screen};
use crate::bank::reference::{self, Reference};
use anyhow::Result;
use serde_json::{Value, json};

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub struct Args {
    /// Check a betalingskenmerk, OGM, RF reference or IBAN
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    check: Option<String>,
    /// Make a betalingskenmerk from 15 digits
    #[arg(long, value_name = "DIGITS15", allow_hyphen_values = true)]
    betalingskenmerk: Option<String>,
    /// Make a Belgian structured reference from 10 digits
    #[arg(long, value_name = "DIGITS10", allow_hyphen_values = true)]
    ogm: Option<String>,
    /// Make an RF reference from 1 to 21 letters and digits
    #[arg(long, value_name = "PAYLOAD", allow_hyphen_values = true)]
    rf: Option<String>,
}

pub fn reference(cli: &Cli, args: &Args) -> Result<Exit> {
    let asked = [("betalingskenmerk", &args.betalingskenmerk), ("ogm", &args.ogm), ("rf", &args.rf)];
    let making = asked.iter().find_map(|(kind, payload)| Some((*kind, payload.as_ref()?)));
    let result = match (&args.check, making) {
        (Some(text), _) => checked(text),
        (None, Some((kind, payload))) => made(kind, payload),
        (None, None) => return Ok(Exit::Usage),
    };
    if cli.json {
        screen::line(&result)?;
    } else {
        let verdict = if result["valid"] == true { "valid" } else { "not valid" };
        let text = format!("{} {} {verdict}", screen::plain(&result["kind"]), screen::plain(&result["value"]));
        screen::line(text.trim())?;
    }
    if let Some(why) = result["error"].as_str() {
        eprintln!("aanmaand: {why}");
    }
    Ok(if result["valid"] == true { Exit::Done } else { Exit::Finding })
}

fn checked(text: &str) -> Value {
    match reference::parse(text) {
        Some(found) => valid(&found),
        None => json!({ "kind": looks_like(text), "value": text.trim(), "valid": false }),
    }
}

fn made(kind: &str, payload: &str) -> Value {
    let (made, expected) = match kind {
        "betalingskenmerk" => (
            reference::betalingskenmerk(payload).map(Reference::Betalingskenmerk),
            "15 digits, without the check digit",
        ),
        "ogm" => (reference::ogm(payload).map(Reference::Ogm), "10 digits, without the two check digits"),
        _ => (reference::rf(payload).map(Reference::Rf), "1 to 21 letters and digits"),
    };
    match made {
        Some(made) => valid(&made),
        None => {
            let error = format!("{payload:?} makes no {kind}: expected {expected}");
            json!({ "kind": kind, "value": payload, "valid": false, "error": error })
        }
    }
}

fn valid(found: &Reference) -> Value {
    json!({ "kind": found.kind(), "value": found.value(), "valid": true })
}

/// What a wrong reference was most likely meant to be.
fn looks_like(text: &str) -> Option<&'static str> {
    let grouping = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/');
    let bare: String = text.chars().filter(|c| !grouping(*c)).map(|c| c.to_ascii_uppercase()).collect();
    let letters = bare.chars().take_while(char::is_ascii_alphabetic).count();
    let digits = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
    if bare.starts_with(['+', '*']) || (digits && bare.len() == 12) {
        Some("ogm")
    } else if bare.starts_with("RF") {
        Some("rf")
    } else if letters == 2 && bare.bytes().skip(2).take(2).all(|b| b.is_ascii_digit()) {
        Some("iban")
    } else {
        digits.then_some("betalingskenmerk")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_ones_are_told_in_their_own_form() {
        assert_eq!(
            checked("nl91 abna 0417 1643 00"),
            json!({"kind": "iban", "value": "NL91ABNA0417164300", "valid": true})
        );
        assert_eq!(made("ogm", "0909337554")["value"], "+++090/9337/55493+++");
        assert_eq!(checked("+++090/9337/55493+++")["kind"], "ogm");
        let rf = made("rf", "539007547034");
        assert_eq!(rf["value"], "RF18539007547034");
    }

    #[test]
    fn wrong_ones_say_what_they_were_meant_to_be() {
        let kinds = [
            ("+++090/9337/55494+++", Some("ogm")),
            ("RF19539007547034", Some("rf")),
            ("NL91ABNA0417164301", Some("iban")),
            ("1234567890123456", Some("betalingskenmerk")),
            ("invoice 12", None),
        ];
        for (text, kind) in kinds {
            let result = checked(text);
            assert_eq!((&result["valid"], result["kind"].as_str()), (&json!(false), kind), "{text}");
        }
        assert_eq!(made("betalingskenmerk", "12")["valid"], false);
    }
}
