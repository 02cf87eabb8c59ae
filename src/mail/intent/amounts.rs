//! Amounts of money named in a sentence. Never adds, never converts.

use std::sync::LazyLock;

use regex::Regex;

use super::amount_words;

/// An amount named in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// Plain decimal, two places: "1210.50".
    pub value: String,
    pub from: usize,
    pub to: usize,
    /// A currency stands with it; without one it only counts when nothing better is there.
    pub with_currency: bool,
}

const CURRENCY: &str = r"€|eur\b|euros?\b|£|gbp\b|usd\b|\$|chf\b";

static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?:(?P<before>{CURRENCY})\s?)?(?P<whole>\d{{1,3}}(?:[.,'\u{{a0}} ]\d{{3}})+|\d{{1,9}})(?:(?P<cents>[.,]\d{{2}})|(?P<round>[.,](?:-{{1,2}}|=)))?(?:\s?(?P<after>€|euros?\b|eur\b|£|gbp\b|pounds?\b|pond\b|usd\b|dollars?\b|\$))?"
    ))
    .expect("BUG: pattern")
});

/// Amounts in a plain sentence, in order.
pub(super) fn amounts(plain: &str) -> Vec<Amount> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(captures) = near_figure(plain, at).and_then(|from| FIGURES.captures_at(plain, from)) {
        let Some(all) = captures.get(0) else { break };
        at = match sign_of_the_next(plain, &captures) {
            Some(sign) => sign,
            None => {
                found.extend(figures(plain, &captures));
                all.end()
            }
        };
    }
    found.extend(amount_words::amounts(plain));
    found.sort_by_key(|amount| amount.from);
    found
}

/// Where an amount may begin from `at` on: so far before the next digit as the longest currency and a space reach.
fn near_figure(plain: &str, at: usize) -> Option<usize> {
    let digit = at + plain.as_bytes().get(at..)?.iter().position(u8::is_ascii_digit)?;
    Some(plain.floor_char_boundary(digit.saturating_sub(8)).max(at))
}

fn figures(plain: &str, captures: &regex::Captures<'_>) -> Option<Amount> {
    let all = captures.get(0)?;
    let (before, after) = (plain.get(..all.start())?, plain.get(all.end()..)?);
    let whole: String = captures.name("whole")?.as_str().chars().filter(char::is_ascii_digit).collect();
    let cents = captures.name("cents").map(|cents| cents.as_str());
    let with_currency =
        ["before", "after", "round"].iter().any(|name| captures.name(name).is_some()) || is_instalment(before, after);
    let bare = cents.is_some_and(|cents| cents.starts_with(',')) && !after.trim_start().starts_with(['%', '°']);
    if !(with_currency || bare) || stands_in_a_longer_run(before, after) || whole.len() > 9 {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let value = format!("{}.{}", if whole.is_empty() { "0" } else { whole }, cents.map_or("00", |cents| &cents[1..]));
    Some(Amount { value, from: all.start(), to: all.end(), with_currency })
}

/// "3 x 70", "75 p/m", "40 per maand": a sum without its sign.
fn is_instalment(before: &str, after: &str) -> bool {
    static TIMES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b\d{1,2} ?(?:x|keer|maal|times|mal|fois) ?$").expect("BUG: pattern"));
    static EACH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^ ?(?:p/m|p\.?m\.?\b|(?:per|a|each|pro|im|par|elke|iedere) ?(?:maand|mnd|month|monat|mois|week|woche|semaine)\b)")
            .expect("BUG: pattern")
    });
    TIMES.is_match(before) || EACH.is_match(after)
}

/// Where the sign behind a figure begins when it belongs to the figure after it: the € of "5 juni 2026 € 300" and of
/// "31-12 € 300" is none of the year's or the month's.
fn sign_of_the_next(plain: &str, captures: &regex::Captures<'_>) -> Option<usize> {
    let (all, sign) = (captures.get(0)?, captures.name("after")?);
    let next = plain.get(sign.end()..)?.trim_start();
    let plain_figure = ["before", "cents", "round"].iter().all(|name| captures.name(name).is_none());
    let whole = captures.name("whole")?.as_str();
    let is_year = whole.len() == 4 && (whole.starts_with("19") || whole.starts_with("20"));
    let of_a_date = is_year || stands_in_a_longer_run(plain.get(..all.start())?, "");
    (plain_figure && of_a_date && next.starts_with(|c: char| c.is_ascii_digit())).then_some(sign.start())
}

/// Part of a number, date, percentage or account: "12,50,3", "x2026".
fn stands_in_a_longer_run(before: &str, after: &str) -> bool {
    let glued_before = before.ends_with(|c: char| c.is_alphanumeric() || c == '/')
        || before.ends_with(['.', ',', '-'])
            && before.trim_end_matches(['.', ',', '-']).ends_with(|c: char| c.is_ascii_digit());
    let glued_after = after.starts_with(|c: char| c.is_alphanumeric())
        || after.starts_with(['.', ',', '-', '/']) && after[1..].starts_with(|c: char| c.is_ascii_digit());
    glued_before || glued_after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_words() {
        for (text, wanted) in [
            ("€ 1.210,50", "1210.50"),
            ("€1210", "1210.00"),
            ("1210,50 euro", "1210.50"),
            ("eur 250", "250.00"),
            ("£1,250.00", "1250.00"),
            ("250,-", "250.00"),
            ("€ 250,--", "250.00"),
            ("61,50 per maand", "61.50"),
            ("75 euro", "75.00"),
            ("1 250,00 eur", "1250.00"),
            ("duizend euro", "1000.00"),
            ("vijfhonderd euro", "500.00"),
            ("tweeduizendvijfhonderd euro", "2500.00"),
            ("zestig euro", "60.00"),
            ("een tientje", "10.00"),
            ("two hundred and fifty euros", "250.00"),
            ("forty-five pounds", "45.00"),
            ("a thousand euros", "1000.00"),
            ("zweihundertfunfzig euro", "250.00"),
            ("funfundsiebzig euro", "75.00"),
            ("cent vingt-cinq euros", "125.00"),
            ("quatre-vingt-dix euros", "90.00"),
            ("deux mille trois cents euros", "2300.00"),
            ("(€ 907,50)", "907.50"),
            ("eur 12.345.678,90", "12345678.90"),
            ("op 5 juni 2026 € 300,00", "300.00"),
            ("op 5 juni 2026 € 300", "300.00"),
            ("voor 31-12 €300", "300.00"),
            ("2026 € van de rest", "2026.00"),
            ("250 € 2 keer", "250.00"),
        ] {
            let found = amounts(text);
            assert_eq!(found.first().map(|a| a.value.as_str()), Some(wanted), "{text}: {found:?}");
        }
        for text in [
            "2 %",
            "2,50 %",
            "19.10.",
            "2026-0412",
            "14 stoelen",
            "om 9.30 uur",
            "art. 6:96",
            "f2026-118",
            "nl91abna0417164300",
            "een euro",
            "tien stoelen",
            "geen cent",
            "enkele euros",
        ] {
            assert_eq!(amounts(text), [], "{text}");
        }
    }
}
