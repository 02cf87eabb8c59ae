//! Field 61, the line of one entry: dates, direction, amount, references.

use chrono::{Datelike, NaiveDate};

/// What field 61 says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryLine<'t> {
    pub value: Option<NaiveDate>,
    /// The day of booking; the value date where none is given.
    pub booked: Option<NaiveDate>,
    pub incoming: bool,
    pub reversal: bool,
    /// Announced only (`EC`, `ED`).
    pub expected: bool,
    /// As written, with a point.
    pub amount: String,
    /// `NTRF`, `N654`.
    pub kind: &'t str,
    /// The reference for the account's owner, with the bank's words for "none".
    pub owner_reference: &'t str,
    pub bank_reference: &'t str,
}

/// Reads the line; `None` when it has no direction or no amount.
pub(super) fn read(line: &str) -> Option<EntryLine<'_>> {
    let line = line.trim();
    let (value_written, rest) = digits(line, 6)?;
    let (entry_written, rest) = match digits(rest, 4) {
        Some((four, rest)) => (Some(four), rest),
        None => (None, rest.trim_start()),
    };
    let (mark, rest) = mark(rest)?;
    let (amount, rest) = amount(rest.trim_start())?;
    let rest = rest.trim_start();
    if rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let kind_length = rest.char_indices().nth(4).map_or(rest.len(), |(at, _)| at);
    let has_kind = rest.starts_with(|c: char| c.is_ascii_uppercase());
    let (kind, references) = rest.split_at(if has_kind { kind_length } else { 0 });
    let (owner_reference, bank_reference) = split_at_double(references, b'/').unwrap_or((references, ""));
    let value = date(value_written);
    let booked = entry_written.and_then(|written| near(value?, written)).or(value);
    Some(EntryLine {
        value,
        booked,
        incoming: mark.incoming,
        reversal: mark.reversal,
        expected: mark.expected,
        amount,
        kind: kind.trim(),
        owner_reference: owner_reference.trim(),
        bank_reference: bank_reference.trim(),
    })
}

/// Around the first place where a byte stands twice.
pub(super) fn split_at_double(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.as_bytes().windows(2).position(|two| two == [byte, byte])?;
    Some((text.get(..at)?, text.get(at + 2..)?))
}

struct Mark {
    incoming: bool,
    reversal: bool,
    expected: bool,
}

/// `C`, `D`, `RC` (a credit taken back), `RD`, `EC`, `ED`, and the third letter of the currency behind it.
fn mark(text: &str) -> Option<(Mark, &str)> {
    const MARKS: [(&str, bool, bool, bool); 6] = [
        ("RC", false, true, false),
        ("RD", true, true, false),
        ("EC", true, false, true),
        ("ED", false, false, true),
        ("C", true, false, false),
        ("D", false, false, false),
    ];
    let (written, incoming, reversal, expected) = MARKS.into_iter().find(|(written, ..)| text.starts_with(written))?;
    let rest = text.get(written.len()..)?;
    let rest = rest.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(rest);
    Some((Mark { incoming, reversal, expected }, rest))
}

/// Digits with one comma or point, and what follows them.
pub(super) fn amount(text: &str) -> Option<(String, &str)> {
    let mut written = String::with_capacity(16);
    let mut end = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => written.push(c),
            ',' | '.' if !written.contains('.') => written.push('.'),
            _ => break,
        }
        end += 1;
    }
    written.truncate(written.trim_end_matches('.').len());
    written.starts_with(|c: char| c.is_ascii_digit()).then(|| (written, text.get(end..).unwrap_or_default()))
}

fn digits(text: &str, count: usize) -> Option<(&str, &str)> {
    let (head, rest) = text.split_at_checked(count)?;
    head.bytes().all(|byte| byte.is_ascii_digit()).then_some((head, rest))
}

/// YYMMDD. Banks have no statements of before 1970.
pub(super) fn date(written: &str) -> Option<NaiveDate> {
    let (six, _) = digits(written, 6)?;
    let part = |from: usize| six.get(from..from + 2)?.parse::<u32>().ok();
    let year = i32::try_from(part(0)?).ok()?;
    NaiveDate::from_ymd_opt(if year < 70 { 2000 + year } else { 1900 + year }, part(2)?, part(4)?)
}

/// MMDD in the year that brings it next to the value date.
fn near(value: NaiveDate, written: &str) -> Option<NaiveDate> {
    let (month, day) = (written.get(..2)?.parse().ok()?, written.get(2..)?.parse().ok()?);
    let years = [value.year(), value.year() - 1, value.year() + 1];
    let days = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    days.min_by_key(|day| (*day - value).num_days().abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(y, m, d)
    }

    #[test]
    fn as_banks_write_it() {
        let rows = [
            ("1501200120C10,5N654NONREF", true, false, "10.5", "N654", "NONREF", ""),
            ("1604250425D1,N20025-04-2016 16:21//FHFH", false, false, "1", "N200", "25-04-2016 16:21", "FHFH"),
            ("200101    D65,00NOVBNL47INGB9999999999", false, false, "65.00", "NOVB", "NL47INGB9999999999", ""),
            ("100722D25,03NOV NONREF", false, false, "25.03", "NOV", "NONREF", ""),
            ("2012011201CD2250,NMSCNONREF//25577226", true, false, "2250", "NMSC", "NONREF", "25577226"),
            ("0709040904RCR204,88NRTINONREF", false, true, "204.88", "NRTI", "NONREF", ""),
            ("2103310331RD50,00 NTRFNONREF//21", true, true, "50.00", "NTRF", "NONREF", "21"),
            ("1407290729C500NTRF29-07", true, false, "500", "NTRF", "29-07", ""),
            ("2011301130DN43000,00//19239810200", false, false, "43000.00", "", "", "19239810200"),
            ("030109C000000000300.00NMSC170059286", true, false, "000000000300.00", "NMSC", "170059286", ""),
        ];
        for (line, incoming, reversal, amount, kind, owner, bank) in rows {
            let found = read(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.incoming, found.reversal, found.amount.as_str()), (incoming, reversal, amount), "{line}");
            assert_eq!((found.kind, found.owner_reference, found.bank_reference), (kind, owner, bank), "{line}");
        }
        for line in ["", "150120X10,5N", "1501200120C", "150120C,5", "2012"] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn days_around_new_year() {
        let line = read("1401011229C1,NTRF").unwrap();
        assert_eq!((line.value, line.booked), (day(2014, 1, 1), day(2013, 12, 29)));
        let line = read("1312310102C1,NTRF").unwrap();
        assert_eq!(line.booked, day(2014, 1, 2));
        assert_eq!(read("140228C1,NTRF").unwrap().booked, day(2014, 2, 28));
        assert_eq!(read("362268C1,NTRF").unwrap().booked, None, "no such day");
    }
}
