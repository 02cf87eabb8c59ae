//! What commands print: lines on standard output. A reader that goes away early (`| head`) is no fault.

use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Prints one line.
///
/// # Errors
/// When the output cannot be written, except that its reader has gone: then the program ends quietly.
pub fn line(text: impl Display) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("the output cannot be written"),
    }
}

/// The named values of a JSON object for a person: one a line, and nothing of what is unknown or empty.
pub fn fields(object: &Value, keys: &[&str]) -> Result<()> {
    for key in keys {
        let text = plain(&object[*key]);
        if !text.is_empty() {
            line(format!("    {:<18}{}", key.replace('_', " "), text.replace('\n', "\n                      ")))?;
        }
    }
    Ok(())
}

/// A JSON value as a person would write it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(plain).filter(|text| !text.is_empty()).collect();
            texts.join(if texts.iter().any(|text| text.len() > 30) { "\n" } else { ", " })
        }
        Value::Object(object) => {
            let pairs = object.iter().map(|(key, value)| (key, plain(value))).filter(|(_, text)| !text.is_empty());
            pairs.map(|(key, text)| format!("{key} {text}")).collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_and_empty_values_say_nothing() {
        assert_eq!(plain(&json!({"name": "A", "vat": null, "mails": []})), "name A");
        assert_eq!(plain(&json!(["2026-0412", "2026-0413"])), "2026-0412, 2026-0413");
        assert_eq!(plain(&json!(true)), "yes");
    }
}
