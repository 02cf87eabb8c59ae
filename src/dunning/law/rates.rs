//! The dated tables of statutory interest. Data, not code: `config/rates/*.csv` is built in, and the owner's files of
//! the same name replace it. A table says itself where it ends; beyond that no figure is ever guessed.
//!
//! A line is `kind,valid_from,annual_percent,source`. A figure holds until the next row of its kind. Each kind ends with
//! a row whose percentage is `unknown`: from that day on nothing is verified.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt;

const NL: (&str, &str) = ("nl.csv", include_str!("../../../config/rates/nl.csv"));
const BE: (&str, &str) = ("be.csv", include_str!("../../../config/rates/be.csv"));
const HEADER: &str = "kind,valid_from,annual_percent,source";
const UNKNOWN: &str = "unknown";

/// Which statutory rate a claim bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateKind {
    /// Art. 6:119 BW: consumers, and claims that are not the price under a commercial contract.
    NlStatutory,
    /// Art. 6:119a BW: the price under a contract between businesses.
    NlCommercial,
    /// Art. 6:119b BW: the same, owed by a public body.
    NlGovernment,
    /// Belgian Act of 2 August 2002, art. 5; also the ceiling for consumers (Book XIX WER).
    BeCommercial,
}

impl RateKind {
    pub const ALL: [RateKind; 4] =
        [RateKind::NlStatutory, RateKind::NlCommercial, RateKind::NlGovernment, RateKind::BeCommercial];

    /// Its name in the tables and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            RateKind::NlStatutory => "nl_wettelijk",
            RateKind::NlCommercial => "nl_handel",
            RateKind::NlGovernment => "nl_overheid",
            RateKind::BeCommercial => "be_handel",
        }
    }

    pub fn from_code(code: &str) -> Option<RateKind> {
        RateKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub fn article(self) -> &'static str {
        match self {
            RateKind::NlStatutory => "art. 6:119 BW",
            RateKind::NlCommercial => "art. 6:119a BW",
            RateKind::NlGovernment => "art. 6:119b BW",
            RateKind::BeCommercial => "art. 5 Act of 2 August 2002",
        }
    }

    /// Whether unpaid interest bears interest after each year (art. 6:119(2), 119a(3), 119b(3) BW). Belgium is reckoned
    /// simply: no source gives a yearly capitalisation by law there, and asking less is the safe side.
    pub fn compounds(self) -> bool {
        match self {
            RateKind::NlStatutory | RateKind::NlCommercial | RateKind::NlGovernment => true,
            RateKind::BeCommercial => false,
        }
    }
}

impl fmt::Display for RateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub kind: RateKind,
    pub from: NaiveDate,
    /// Percent a year; none where the verified part ends.
    pub percent: Option<Decimal>,
    /// Statute or decree, and how sure the figure is.
    pub source: String,
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// A line that cannot be used: where, what is wrong, what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}; {remedy}")]
pub struct RateFault {
    pub file: String,
    pub line: usize,
    pub message: String,
    pub remedy: String,
}

/// No verified figure for a day on which interest runs. Nothing is reckoned then, not even in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    pub kind: RateKind,
    /// The first day without a figure.
    pub asked: NaiveDate,
    /// The first and last verified day of the table, the last one before `asked` where a hole is asked; none when the
    /// table has no figure of this kind.
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
}

impl std::error::Error for OutOfRange {}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutOfRange { kind, asked, from, until } = self;
        write!(f, "no rate of {kind} ({}) is known for {asked}: ", kind.article())?;
        match (from, until) {
            (Some(from), Some(until)) => write!(f, "the table goes from {from} up to and including {until}; ")?,
            _ => f.write_str("the table has no row of this kind; ")?,
        }
        let first = until.filter(|until| until < asked).and_then(|until| until.succ_opt()).unwrap_or(*asked);
        write!(
            f,
            "add the row \"{kind},{first},PERCENT,SOURCE\" in a table of your own (*.csv in the folder of rates)"
        )?;
        match from.is_some_and(|from| *asked < from) {
            true => Ok(()),
            false => write!(f, ", and after it an \"{UNKNOWN}\" row for the first day that is not verified"),
        }
    }
}

/// A figure and how long it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub percent: Decimal,
    /// The last day before another figure, or before the end of what was verified.
    pub last: NaiveDate,
}

/// All rates of all kinds, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateTable {
    rows: BTreeMap<(RateKind, NaiveDate), Row>,
}

impl RateTable {
    /// The figures of `config/rates`, verified up to 2026-12-31.
    pub fn built_in() -> RateTable {
        RateTable::parse(&[NL, BE]).unwrap_or_default()
    }

    /// Reads tables, each with its file name.
    ///
    /// # Errors
    /// Every line that is wrong: unknown kind, bad date, a percentage below 0 or above 100, no source, out of order,
    /// twice the same day; and a kind that does not end with `unknown`.
    pub fn parse(files: &[(&str, &str)]) -> Result<RateTable, Vec<RateFault>> {
        RateTable::default().with(files)
    }

    /// This table with the owner's files: one of a known name (`nl.csv`) replaces it, another adds its rows. A figure
    /// on the day of an `unknown` row takes its place.
    ///
    /// # Errors
    /// As [`RateTable::parse`].
    pub fn with(&self, files: &[(&str, &str)]) -> Result<RateTable, Vec<RateFault>> {
        let mut faults = Vec::new();
        let kept = self.rows.values().filter(|row| !files.iter().any(|(file, _)| *file == row.file)).cloned();
        let mut rows: Vec<Row> = kept.collect();
        for (file, text) in files {
            rows.extend(read_file(file, text, &mut faults));
        }
        let table = RateTable { rows: merge(rows, &mut faults) };
        // A wrong line below the last good one may have been the end.
        let cut_off = |end: &RateFault| faults.iter().any(|fault| fault.file == end.file && fault.line > end.line);
        let ends: Vec<RateFault> = table.open_ends().into_iter().filter(|end| !cut_off(end)).collect();
        faults.extend(ends);
        if faults.is_empty() { Ok(table) } else { Err(faults) }
    }

    /// The figure of a day.
    ///
    /// # Errors
    /// Before the first row, after the end, or in a stretch marked `unknown`.
    pub fn on(&self, kind: RateKind, day: NaiveDate) -> Result<Step, OutOfRange> {
        let out_of_range = || {
            let (from, until) = self.verified(kind).unzip();
            let until = self.verified_before(kind, day).or(until);
            OutOfRange { kind, asked: day, from, until }
        };
        let percent = self.rows_until(kind, day).next_back().and_then(|row| row.percent).ok_or_else(out_of_range)?;
        let next = self.rows_of(kind).find(|row| row.from > day && row.percent != Some(percent));
        let last = next.and_then(|row| row.from.pred_opt()).ok_or_else(out_of_range)?;
        Ok(Step { percent, last })
    }

    /// The first and the last day with a verified figure.
    pub fn verified(&self, kind: RateKind) -> Option<(NaiveDate, NaiveDate)> {
        let first = self.rows_of(kind).find(|row| row.percent.is_some())?;
        let last = self.rows_of(kind).next_back()?;
        Some((first.from, last.from.pred_opt()?))
    }

    /// The last day with a figure before the `unknown` stretch that `day` is in.
    fn verified_before(&self, kind: RateKind, day: NaiveDate) -> Option<NaiveDate> {
        let first = self.rows_until(kind, day).rev().take_while(|row| row.percent.is_none()).last()?;
        let any_before = self.rows_until(kind, first.from).any(|row| row.percent.is_some());
        first.from.pred_opt().filter(|_| any_before)
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    fn rows_of(&self, kind: RateKind) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows_until(kind, NaiveDate::MAX)
    }

    fn rows_until(&self, kind: RateKind, day: NaiveDate) -> impl DoubleEndedIterator<Item = &Row> {
        self.rows.range((kind, NaiveDate::MIN)..=(kind, day)).map(|(_, row)| row)
    }

    fn open_ends(&self) -> Vec<RateFault> {
        let lasts = RateKind::ALL.into_iter().filter_map(|kind| self.rows_of(kind).next_back());
        lasts.filter(|row| row.percent.is_some()).map(no_end).collect()
    }
}

fn no_end(row: &Row) -> RateFault {
    let message = format!("the rates of {} have no end", row.kind);
    let remedy = format!(
        "add a row \"{},YYYY-MM-DD,{UNKNOWN},SOURCE\" after this one, for the first day that is not verified",
        row.kind
    );
    RateFault { file: row.file.clone(), line: row.line, message, remedy }
}

/// All rows in order; the same day twice is a fault, but a figure replaces an end.
fn merge(rows: Vec<Row>, faults: &mut Vec<RateFault>) -> BTreeMap<(RateKind, NaiveDate), Row> {
    let mut merged: BTreeMap<(RateKind, NaiveDate), Row> = BTreeMap::new();
    for row in rows {
        let key = (row.kind, row.from);
        match merged.get(&key) {
            Some(there) if there.percent.is_some() && row.percent.is_some() => faults.push(RateFault {
                message: format!(
                    "{} has a figure from {} already, in {}:{}",
                    row.kind, row.from, there.file, there.line
                ),
                remedy: "keep one of the two rows".to_owned(),
                file: row.file,
                line: row.line,
            }),
            Some(_) if row.percent.is_none() => {}
            _ => {
                merged.insert(key, row);
            }
        }
    }
    merged
}

fn read_file(file: &str, text: &str, faults: &mut Vec<RateFault>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut headed = false;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        let fault = |(message, remedy): (String, String)| RateFault {
            file: file.to_owned(),
            line: number + 1,
            message,
            remedy,
        };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !headed {
            headed = true;
            if line != HEADER {
                faults.push(fault((format!("{line:?} is not the header"), format!("begin with the line {HEADER:?}"))));
            }
            continue;
        }
        match read_row(file, number + 1, line) {
            Ok(row) => {
                let before = rows.iter().rev().find(|before| before.kind == row.kind);
                if let Some(before) = before.filter(|before| before.from >= row.from) {
                    faults.push(fault(out_of_order(before, &row)));
                } else {
                    rows.push(row);
                }
            }
            Err(wrong) => faults.push(fault(wrong)),
        }
    }
    rows
}

fn out_of_order(before: &Row, row: &Row) -> (String, String) {
    let message = match before.from == row.from {
        true => format!("{} has the day {} twice, first in line {}", row.kind, row.from, before.line),
        false => format!("{} comes after {} of line {}", row.from, before.from, before.line),
    };
    (message, format!("the rows of {} must stand in order of valid_from, each day once", row.kind))
}

/// A row, or what is wrong and what to do.
fn read_row(file: &str, line: usize, text: &str) -> Result<Row, (String, String)> {
    let mut cells = text.splitn(4, ',').map(str::trim);
    let (Some(kind), Some(from), Some(percent), Some(source)) =
        (cells.next(), cells.next(), cells.next(), cells.next())
    else {
        return Err((format!("{text:?} has fewer than four cells"), format!("write {HEADER}")));
    };
    let source = source.trim_matches('"').trim();
    if source.is_empty() {
        return Err(("the source is missing".to_owned(), "say where the figure was published".to_owned()));
    }
    Ok(Row {
        kind: read_kind(kind)?,
        from: read_day(from)?,
        percent: read_percent(percent)?,
        source: source.to_owned(),
        file: file.to_owned(),
        line,
    })
}

fn read_kind(text: &str) -> Result<RateKind, (String, String)> {
    let codes = RateKind::ALL.map(RateKind::code).join(", ");
    RateKind::from_code(text)
        .ok_or_else(|| (format!("{text:?} is no kind of interest"), format!("write one of {codes}")))
}

fn read_day(text: &str) -> Result<NaiveDate, (String, String)> {
    super::written_day(text)
        .ok_or_else(|| (format!("{text:?} is no day"), "write valid_from like 2027-01-01".to_owned()))
}

/// From 0 to 100, at most four decimals.
fn read_percent(text: &str) -> Result<Option<Decimal>, (String, String)> {
    if text == UNKNOWN {
        return Ok(None);
    }
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let percent: Option<Decimal> = Some(text).filter(|_| plain).and_then(|text| text.parse().ok());
    let fits = percent.filter(|percent| *percent <= Decimal::ONE_HUNDRED && percent.normalize().scale() <= 4);
    fits.map(Some).ok_or_else(|| {
        let remedy =
            format!("write a figure from 0 to 100 with a point, like 10.40, or {UNKNOWN:?} where the table ends");
        (format!("{text:?} is no annual percentage"), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn percent(kind: RateKind, on: &str) -> Option<String> {
        RateTable::built_in().on(kind, day(on)).ok().map(|step| step.percent.to_string())
    }

    #[test]
    fn the_built_in_table_is_read_and_ends_in_2026() {
        let table = RateTable::parse(&[NL, BE]).unwrap();
        let from = ["2010-01-01", "2010-01-01", "2013-03-16", "2016-07-01"];
        for (kind, from) in RateKind::ALL.into_iter().zip(from) {
            assert_eq!(table.verified(kind), Some((day(from), day("2026-12-31"))));
            assert!(percent(kind, "2026-12-31").is_some());
            assert_eq!(percent(kind, "2027-01-01"), None);
        }
        for row in table.rows().filter(|row| row.percent.is_some()) {
            let mark = row.source.rsplit("; ").next().unwrap();
            assert!(["seen", "formula", "memory"].contains(&mark), "{row:?}");
        }
    }

    #[test]
    fn the_figures_of_each_half_year() {
        use RateKind::*;
        let expected = [
            ("2012-07-01", "3.00", "8.00"),
            ("2013-01-01", "3.00", "7.75"),
            ("2013-03-15", "3.00", "7.75"),
            ("2013-03-16", "3.00", "8.75"),
            ("2013-07-01", "3.00", "8.50"),
            ("2014-01-01", "3.00", "8.25"),
            ("2014-12-31", "3.00", "8.15"),
            ("2015-01-01", "2.00", "8.05"),
            ("2016-07-01", "2.00", "8.00"),
            ("2022-12-31", "2.00", "8.00"),
            ("2023-01-01", "4.00", "10.50"),
            ("2023-07-01", "6.00", "12.00"),
            ("2024-01-01", "7.00", "12.50"),
            ("2024-07-01", "7.00", "12.25"),
            ("2025-01-01", "6.00", "11.15"),
            ("2025-07-01", "6.00", "10.15"),
            ("2026-01-01", "4.00", "10.15"),
            ("2026-07-01", "4.00", "10.40"),
        ];
        for (on, statutory, commercial) in expected {
            assert_eq!(percent(NlStatutory, on).as_deref(), Some(statutory), "{on}");
            assert_eq!(percent(NlCommercial, on).as_deref(), Some(commercial), "{on}");
            let government = (day(on) >= day("2013-03-16")).then_some(commercial);
            assert_eq!(percent(NlGovernment, on).as_deref(), government, "{on}");
        }
        for (on, belgian) in [("2022-12-31", "8.00"), ("2024-07-01", "12.50"), ("2026-12-31", "10.50")] {
            assert_eq!(percent(BeCommercial, on).as_deref(), Some(belgian), "{on}");
        }
    }

    #[test]
    fn a_row_that_changes_nothing_is_no_step() {
        let step = RateTable::built_in().on(RateKind::NlStatutory, day("2025-01-01")).unwrap();
        assert_eq!(step.last, day("2025-12-31"));
        let step = RateTable::built_in().on(RateKind::NlStatutory, day("2026-01-01")).unwrap();
        assert_eq!(step.last, day("2026-12-31"));
    }

    #[test]
    fn out_of_range_names_the_range_and_the_row() {
        let asked = RateTable::built_in().on(RateKind::NlCommercial, day("2027-02-03")).unwrap_err();
        let text = asked.to_string();
        for part in
            ["2027-02-03", "from 2010-01-01 up to and including 2026-12-31", "\"nl_handel,2027-01-01,", "unknown"]
        {
            assert!(text.contains(part), "{text}");
        }
        let early = RateTable::built_in().on(RateKind::BeCommercial, day("2016-06-30")).unwrap_err().to_string();
        assert!(early.contains("\"be_handel,2016-06-30,") && !early.contains("unknown"), "{early}");
        let none = RateTable::default().on(RateKind::NlStatutory, day("2026-01-01")).unwrap_err();
        assert_eq!((none.from, none.until), (None, None));
    }

    #[test]
    fn the_owners_files_replace_and_extend() {
        let more = "# ours\nkind,valid_from,annual_percent,source\nnl_handel,2027-01-01,10.40,\"decree, seen\"\n\
                    nl_handel,2027-07-01,unknown,not yet\n";
        let built_in = RateTable::built_in();
        for table in [built_in.with(&[("2027.csv", more)]).unwrap(), built_in.with(&[("0.csv", more)]).unwrap()] {
            assert_eq!(table.verified(RateKind::NlCommercial), Some((day("2010-01-01"), day("2027-06-30"))));
            assert_eq!(table.on(RateKind::NlCommercial, day("2026-07-01")).unwrap().last, day("2027-06-30"));
            assert_eq!(table.verified(RateKind::NlStatutory).unwrap().1, day("2026-12-31"));
        }
        let replaced = built_in.with(&[("nl.csv", more)]).unwrap();
        assert_eq!(replaced.verified(RateKind::NlCommercial).unwrap().0, day("2027-01-01"));
        assert_eq!(replaced.verified(RateKind::NlStatutory), None);
        assert_eq!(replaced.verified(RateKind::BeCommercial), built_in.verified(RateKind::BeCommercial));
    }

    #[test]
    fn a_gap_between_two_files_stays_unknown() {
        let later =
            "kind,valid_from,annual_percent,source\nnl_handel,2027-07-01,9.00,seen\nnl_handel,2028-01-01,unknown,-\n";
        let table = RateTable::built_in().with(&[("later.csv", later)]).unwrap();
        let hole = table.on(RateKind::NlCommercial, day("2027-03-01")).unwrap_err();
        assert_eq!((hole.from, hole.until), (Some(day("2010-01-01")), Some(day("2026-12-31"))));
        assert!(hole.to_string().contains("\"nl_handel,2027-01-01,PERCENT"), "{hole}");
        let beyond = table.on(RateKind::NlCommercial, day("2028-03-01")).unwrap_err();
        assert_eq!(beyond.until, Some(day("2027-12-31")));
        assert_eq!(table.on(RateKind::NlCommercial, day("2027-07-01")).unwrap().last, day("2027-12-31"));
    }

    #[test]
    fn every_wrong_line_is_told_with_its_place() {
        let cases = [
            ("nl_rente,2027-01-01,4,x", "no kind of interest"),
            ("nl_handel,2027-02-30,4,x", "no day"),
            ("nl_handel,1-1-2027,4,x", "no day"),
            ("nl_handel,2027- 1- 1,4,x", "no day"),
            ("nl_handel,-027-01-01,4,x", "no day"),
            ("nl_handel,2027-01-01,-4,x", "no annual percentage"),
            ("nl_handel,2027-01-01,100.01,x", "no annual percentage"),
            ("nl_handel,2027-01-01,4.12345,x", "no annual percentage"),
            ("nl_handel,2027-01-01,\"4,5\",x", "no annual percentage"),
            ("nl_handel,2027-01-01,,x", "no annual percentage"),
            ("nl_handel,2027-01-01,4,", "source is missing"),
            ("nl_handel,2027-01-01,4", "fewer than four cells"),
            ("nl_handel,2026-01-01,4,x\nnl_handel,2026-01-01,5,x", "twice"),
            ("nl_handel,2026-07-01,4,x\nnl_handel,2026-01-01,5,x", "comes after"),
            ("nl_handel,2026-07-01,4,x", "no end"),
        ];
        for (lines, expected) in cases {
            let faults = RateTable::parse(&[("mine.csv", &format!("{HEADER}\r\n\r\n{lines}\n"))]).unwrap_err();
            assert!(faults.iter().any(|fault| fault.message.contains(expected)), "{lines}: {faults:?}");
            assert!(faults.iter().all(|fault| fault.file == "mine.csv" && fault.line >= 3), "{faults:?}");
            assert!(faults.iter().all(|fault| !fault.remedy.is_empty()));
        }
        // A wrong end is told once, not also as no end.
        let lines = format!("{HEADER}\nnl_handel,2027-01-01,4,x\nnl_handel,2027-07-01,unknown,");
        let wrong_end = RateTable::built_in().with(&[("mine.csv", &lines)]).unwrap_err();
        assert_eq!(wrong_end.iter().map(|fault| fault.line).collect::<Vec<_>>(), [3], "{wrong_end:?}");
        let headless = RateTable::parse(&[("a.csv", "nl_handel,2026-01-01,4,x")]).unwrap_err();
        assert!(headless.first().unwrap().to_string().starts_with("a.csv:1: "), "{headless:?}");
        let twice =
            RateTable::built_in().with(&[("b.csv", &format!("{HEADER}\nnl_handel,2026-07-01,9,x"))]).unwrap_err();
        assert!(twice.first().unwrap().message.contains("already, in nl.csv:"), "{twice:?}");
    }
}
