//! The page on which a debtor may pay online: an address of the owner's with places for this letter's figures. What is
//! put in is percent-encoded, so that no invoice number can lead to another page or site.

use super::LetterData;
use super::plain::one_line;
use crate::dunning::money::{Currency, Money};

/// What may stand between braces.
const PLACES: [&str; 3] = ["{number}", "{amount}", "{reference}"];

/// A checked address such as `https://pay.example/{number}?amount={amount}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentLink(String);

/// What is filled in.
#[derive(Clone, Copy, Debug)]
pub struct Filling<'a> {
    /// The number of the one invoice; `None` when the letter is about several.
    pub number: Option<&'a str>,
    pub amount: Money,
    pub reference: &'a str,
}

impl PaymentLink {
    /// # Errors
    /// What is wrong and what to write instead.
    pub fn parse(text: &str) -> Result<PaymentLink, (&'static str, &'static str)> {
        const EXAMPLE: &str =
            "write it like \"https://pay.example/{number}\"; {amount} and {reference} may be used too";
        let Some(rest) = text.strip_prefix("https://") else { return Err(("does not begin with https://", EXAMPLE)) };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let plain_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        if host.is_empty() || !host.chars().all(plain_host) || !host.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(("names no server, or not a plain one", EXAMPLE));
        }
        let fixed = PLACES.iter().fold(rest.to_owned(), |text, place| text.replace(place, ""));
        if fixed.contains(['{', '}']) {
            return Err(("has something else between braces than is known", EXAMPLE));
        }
        if !fixed.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`|'".contains(&b)) {
            return Err(("holds a character that a link cannot", "write such characters percent-encoded, like %20"));
        }
        Ok(PaymentLink(text.to_owned()))
    }

    /// The address for what a letter asks.
    pub fn for_letter(&self, data: &LetterData) -> Option<String> {
        let number = match data.lines.as_slice() {
            [line] => Some(line.number.as_str()),
            _ => None,
        };
        self.filled(&Filling { number, amount: data.asked()?, reference: &super::view::reference(&data.lines) })
    }

    /// The address for one letter. `None` when it wants the one number of a letter about several invoices, or an
    /// amount that is not in euros (a page that is told `12.00` would take it for euros).
    pub fn filled(&self, filling: &Filling<'_>) -> Option<String> {
        let wants = |place: &str| self.0.contains(place);
        let in_euros = filling.amount.currency() == Currency::EUR;
        if (wants("{number}") && filling.number.is_none()) || (wants("{amount}") && !in_euros) {
            return None;
        }
        let [number, amount, reference] = [
            percent_encoded(filling.number.unwrap_or_default()),
            filling.amount.to_decimal().to_string(),
            percent_encoded(filling.reference),
        ];
        // An encoded value holds no brace, so what was put in is never taken for a place.
        Some(self.0.replace("{number}", &number).replace("{amount}", &amount).replace("{reference}", &reference))
    }
}

/// Everything but the unreserved characters of RFC 3986 2.3; a lone `.` or `..` would be a step in a path.
fn percent_encoded(text: &str) -> String {
    let text = one_line(text, usize::MAX);
    let only_dots = text.bytes().all(|b| b == b'.');
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-_~".contains(&b) || (b == b'.' && !only_dots);
    text.bytes().map(|b| if unreserved(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(link: &str, number: Option<&str>, reference: &str) -> Option<String> {
        let amount = Money::eur_cents(121_050);
        PaymentLink::parse(link).unwrap().filled(&Filling { number, amount, reference })
    }

    #[test]
    fn places_are_filled_and_encoded() {
        let cases = [
            ("https://pay.example/{number}", "2026-0412", "", "https://pay.example/2026-0412"),
            (
                "https://pay.example/?n={number}&a={amount}#{reference}",
                "F/1 é",
                "RF18",
                "https://pay.example/?n=F%2F1%20%C3%A9&a=1210.50#RF18",
            ),
            (
                "https://pay.example/{number}",
                "../../x?y#z@evil.example",
                "",
                "https://pay.example/..%2F..%2Fx%3Fy%23z%40evil.example",
            ),
            ("https://pay.example/{number}/x", "..", "", "https://pay.example/%2E%2E/x"),
            (
                "https://pay.example/{number}",
                "{reference}{amount}",
                "R",
                "https://pay.example/%7Breference%7D%7Bamount%7D",
            ),
            ("https://pay.example:8443/us", "1", "", "https://pay.example:8443/us"),
        ];
        for (link, number, reference, expected) in cases {
            assert_eq!(filled(link, Some(number), reference).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_link_that_would_say_something_wrong_is_left_out() {
        assert_eq!(filled("https://pay.example/{number}", None, "1, 2"), None);
        assert_eq!(filled("https://pay.example/{reference}", None, "1, 2").unwrap(), "https://pay.example/1%2C%202");
        let dollars = Money::from_minor(100, Currency::parse("USD").unwrap());
        let link = PaymentLink::parse("https://pay.example/{amount}").unwrap();
        assert_eq!(link.filled(&Filling { number: Some("1"), amount: dollars, reference: "" }), None);
    }

    #[test]
    fn only_plain_https() {
        let refused = [
            "http://pay.example/{number}",
            "https:///{number}",
            "https://{number}.pay.example/",
            "https://user@pay.example/",
            "https://pay.example/{invoice}",
            "https://pay.example/{number",
            "https://pay.example/a b",
            "https://pay.example/\"x",
            "javascript:alert(1)",
            "",
        ];
        for link in refused {
            assert!(PaymentLink::parse(link).is_err(), "{link}");
        }
    }
}
