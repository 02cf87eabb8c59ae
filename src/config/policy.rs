//! What the owner decided beforehand, read into a [`Policy`]: modes, days, pace, ladders, overrides.

use super::check::{Invoices, Office, ReadNotices};
use super::claims::read_claims;
use super::debtors::{KINDS, Overrides};
use super::fault::Found;
use super::ladder::{Audience, Shelf, default_name};
use super::places::{Places, closed_days};
use super::section::{Section, choose};
use super::{Folders, Pace};
use crate::dunning::calendar::{Calendar, Country, SendingDays};
use crate::dunning::debtor::DebtorKind;
use crate::dunning::ids::DebtorId;
use crate::dunning::policy::{FormalMode, Freshness, Ladder, Mode, Override, Policy};
use chrono::NaiveTime;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

const WEEKDAYS: [(&str, u8); 7] = [("mon", 1), ("tue", 2), ("wed", 3), ("thu", 4), ("fri", 5), ("sat", 6), ("sun", 7)];

/// What is needed to read the policy.
pub(super) struct Decisions<'a, 'd> {
    pub root: &'a Section<'d>,
    pub places: &'a Places<'a>,
    pub folders: &'a Folders,
    pub office: Office,
}

impl Decisions<'_, '_> {
    pub fn read(&self, invoices: &Invoices, has_statements: bool, notices: &ReadNotices) -> Option<(Policy, Pace)> {
        let root = self.root;
        let mode = root.choice("mode", &[("observe", Mode::Observe), ("approve", Mode::Approve), ("auto", Mode::Auto)]);
        let formal = root.section("formal");
        let formal_mode = formal.choice("mode", &[("approve", FormalMode::Approve), ("auto", FormalMode::Auto)]);
        formal.finish();
        let payments = root.section("payments");
        let freshness = read_freshness(&payments, has_statements, !notices.checked.banks.is_empty());
        let grace = payments.number("promise_grace_days", 0..=30);
        let pause = payments.number("part_payment_pause_days", 0..=30);
        let thanks = payments.flag("thanks");
        payments.finish();
        let (sending, pace, min_gap_days) = self.read_sending(&root.section("sending"));
        let ladders = self.read_ladders(&root.section("ladder"));
        let (claims, minimum) = read_claims(&root.section("claims"), self.places.files, self.folders.rates.as_deref());
        let named_ladders = self.shelf().all(root.document);
        let overrides = self.read_overrides();
        let (mode, formal_mode) = (mode.unwrap_or(Mode::Observe), formal_mode.unwrap_or(FormalMode::Approve));
        warn_formal(&formal, mode, formal_mode);
        let policy = Policy {
            mode,
            formal_mode,
            ladders: ladders?,
            named_ladders,
            sending,
            term_calendars: self.term_calendars(),
            min_gap_days,
            overdue_at_first_sight: invoices.overdue_at_first_sight,
            freshness,
            promise_grace_days: grace.map_or(3, |days| u32::try_from(days.value).unwrap_or(3)),
            part_payment_pause_days: pause.map_or(3, |days| days.value),
            notice_close_max: notices.checked.close_max,
            default_term_days: invoices.default_term_days,
            language: self.office.language,
            claims,
            minimum,
            thanks: thanks.unwrap_or(false),
            overrides,
        };
        Some((policy, pace))
    }

    fn read_sending(&self, section: &Section<'_>) -> (SendingDays, Pace, i64) {
        let days = read_days(section).unwrap_or_else(|| (1..=5).collect());
        let window = read_window(section).unwrap_or((hour(9), hour(17)));
        let own_closing_days = section.dates("closed").unwrap_or_default();
        let within = |key, range, default| {
            let number = section.number(key, range);
            number.map_or(default, |number: Found<i64>| u32::try_from(number.value).unwrap_or(default))
        };
        let count = |key, least, default| within(key, least..=100_000, default);
        let pace = Pace {
            per_day: count("per_day", 1, 200),
            per_hour: count("per_hour", 0, 0),
            per_minute: count("per_minute", 0, 20),
            connections: within("connections", 1..=4, 1),
            burst: count("burst", 0, 20),
        };
        let min_gap_days = section.number("min_gap_days", 2..=60).map_or(5, |days| days.value);
        section.finish();
        let country = self.office.country;
        let folder = self.folders.holidays.as_deref();
        let mut closed = closed_days(section.document.findings, self.places.files, folder, country);
        closed.extend(own_closing_days);
        (SendingDays { days, window, calendar: Calendar { country, closed } }, pace, min_gap_days)
    }

    /// Terms of the law count by the holidays of the debtor's country.
    fn term_calendars(&self) -> BTreeMap<Country, Calendar> {
        let folder = self.folders.holidays.as_deref();
        let of = |country| {
            let closed = closed_days(self.root.document.findings, self.places.files, folder, country);
            (country, Calendar { country, closed })
        };
        [Country::Nl, Country::Be].into_iter().map(of).collect()
    }

    fn shelf(&self) -> Shelf<'_> {
        Shelf {
            files: self.places.files,
            base: self.places.base,
            ladders: self.folders.ladders.clone(),
            templates: self.folders.templates.clone(),
            language: self.office.language.code(),
            country: self.office.country,
        }
    }

    /// The ladder for each country and kind: `[ladder]` speaks of the administration's own country, `[ladder.nl]` and
    /// `[ladder.be]` of debtors there, and the built-in ones of what is not said.
    fn read_ladders(&self, section: &Section<'_>) -> Option<BTreeMap<(Country, DebtorKind), Ladder>> {
        let shelf = self.shelf();
        let own = &self.office.country;
        let by_country = [(Country::Nl, section.section("nl")), (Country::Be, section.section("be"))];
        let mut ladders = BTreeMap::new();
        let mut all_read = true;
        for (country, of_country) in &by_country {
            for (key, kind) in KINDS {
                let named = of_country.text(key).map(|name| (of_country, name));
                let general = if country == own { section.text(key).map(|name| (section, name)) } else { None };
                if let (Some((_, name)), Some(_)) = (&named, &general) {
                    let message = format!("{} and {} are both given", of_country.path(key), section.path(key));
                    section.document.fault(name.at, message, "remove one of them");
                }
                let default = Found { value: default_name(*country, kind).to_owned(), at: section.at };
                let (of, name) = named.or(general).unwrap_or((section, default));
                let audience = Audience { country: Some(*country), kind: Some(kind) };
                match shelf.ladder(section.document, &of.path(key), &name, audience) {
                    Some(ladder) => drop(ladders.insert((*country, kind), ladder)),
                    None => all_read = false,
                }
            }
            of_country.finish();
        }
        section.finish();
        all_read.then_some(ladders)
    }

    fn read_overrides(&self) -> BTreeMap<DebtorId, Override> {
        let shelf = self.shelf();
        let mut overrides = Overrides::new(&shelf);
        overrides.read_sections(self.root);
        if let Some(path) = self.root.text("debtors") {
            let file = self.places.resolve(&path.value);
            let findings = self.root.document.findings;
            findings.also_read.borrow_mut().insert(file.clone());
            match self.places.files.read(&file) {
                Ok(text) => overrides.read_file(findings, &file, &text),
                Err(reason) => self.fault_list(path.at, &file, &reason),
            }
        }
        overrides.checked(self.root.document.findings)
    }

    fn fault_list(&self, at: usize, file: &Path, reason: &io::Error) {
        let message = format!("the list of debtors {} cannot be read: {reason}", file.display());
        self.root.document.fault(at, message, "correct the path; save it as UTF-8");
    }
}

fn read_freshness(section: &Section<'_>, has_statements: bool, has_banks: bool) -> Freshness {
    let chosen = section.choice(
        "freshness",
        &[("statements", Freshness::Statements), ("notices", Freshness::Notices), ("none", Freshness::None)],
    );
    let at = section.at_of("freshness");
    let default = match (has_statements, has_banks) {
        (true, _) => Freshness::Statements,
        (false, true) => Freshness::Notices,
        (false, false) => Freshness::None,
    };
    match chosen {
        Some(Freshness::Statements) if !has_statements => {
            let message = "payments.freshness = \"statements\", but there is no [statements]";
            section.document.fault(at, message, "add [statements] with its folder");
        }
        Some(Freshness::Notices) if !has_banks => {
            let message = "payments.freshness = \"notices\", but notices.banks names no bank";
            section.document.fault(at, message, "add [notices] with banks = [\"…\"]");
        }
        Some(Freshness::Statements | Freshness::Notices | Freshness::None) | None => {}
    }
    if !has_statements && !has_banks {
        section.document.warn(
            section.at,
            "there is no source of bank data: payments are only known when you enter them",
            "add [statements] with a folder, or [notices] with your banks",
        );
    } else if chosen == Some(Freshness::None) {
        let message = "payments.freshness = \"none\": formal letters go out even when the bank data is old";
        section.document.warn(at, message, "leave it out to demand recent bank data");
    }
    chosen.unwrap_or(default)
}

fn warn_formal(formal: &Section<'_>, mode: Mode, formal_mode: FormalMode) {
    match (mode, formal_mode) {
        (Mode::Observe | Mode::Approve, FormalMode::Auto) => formal.document.warn(
            formal.at_of("mode"),
            "formal.mode = \"auto\" has no effect while mode is not \"auto\"",
            "leave it out, or set mode = \"auto\"",
        ),
        (Mode::Auto, FormalMode::Auto) | (Mode::Observe | Mode::Approve | Mode::Auto, FormalMode::Approve) => {}
    }
}

fn read_days(section: &Section<'_>) -> Option<BTreeSet<u8>> {
    let words = section.texts("days")?;
    let path = section.path("days");
    let day = |word| Some((choose(section.document, &path, word, &WEEKDAYS)?, word.at));
    let days: Vec<(u8, usize)> = words.iter().filter_map(day).collect();
    days.iter().for_each(|(day, at)| check_rest_day(section, *day, *at));
    if !days.is_empty() && !days.iter().any(|(day, _)| *day <= 4) {
        section.document.warn(
            section.at_of("days"),
            "sending.days has no day from Monday to Thursday: formal letters never leave",
            "add one of mon, tue, wed or thu",
        );
    }
    if words.is_empty() {
        section.document.fault(
            section.at_of("days"),
            "sending.days is empty",
            "use mode = \"observe\" to send nothing",
        );
    }
    Some(days.into_iter().map(|(day, _)| day).collect())
}

/// No statute forbids a creditor's own letter on a Sunday, so it stops no daemon; a careful bookkeeper sends none, so
/// `check` refuses it. A Saturday is no working day of the terms either.
fn check_rest_day(section: &Section<'_>, day: u8, at: usize) {
    match day {
        7 => section.document.object(
            at,
            "sending.days has a Sunday: no letter leaves on a day of rest",
            "remove \"sun\"",
        ),
        6 => section.document.warn(
            at,
            "sending.days has a Saturday: such a letter counts as received on the next working day",
            "remove \"sat\", unless your customers work on Saturdays",
        ),
        _ => {}
    }
}

fn read_window(section: &Section<'_>) -> Option<(NaiveTime, NaiveTime)> {
    let texts = section.texts("window")?;
    let at = section.at_of("window");
    let [from, to] = texts.as_slice() else {
        section.document.fault(at, "sending.window is not two times", "write it like [\"09:00\", \"17:00\"]");
        return None;
    };
    let (from, to) = (section.time_of("window", from), section.time_of("window", to));
    let (from, to) = (from?, to?);
    if from >= to {
        section.document.fault(at, "sending.window ends before it begins", "write the earlier time first");
    }
    Some((from, to))
}

/// The full hour.
pub(super) fn hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}
