//! Days named by their place in a week, a month or a year: its begin, middle and end, its weekdays, its number. A stretch ends
//! with its last working day, its beginning is its first day. Never decides what the day is for.

use chrono::{Datelike, NaiveDate, Weekday};

use super::day_grammar::{Found, Grammar, Number, Period, Reading};
use super::day_names::{Edge, Sense, Unit};
use super::reckoning::{
    date, day_of_month, end_of_quarter, first_of, first_of_named, is_working, last_of, next_such, nth_weekday,
    of_numbered_week, of_week_ahead, week_day,
};

impl<'a> Grammar<'a> {
    /// "de 5e van volgende maand", "last working day of the month", "de laatste van november".
    pub(super) fn of_period(&self, at: usize) -> Found {
        let plain = self.short_number(at).map(|number| Some(number.value));
        let nth = plain.or_else(|| self.nth(at)).or_else(|| self.spelled(at).map(Some))?;
        let working = usize::from(self.is(at + 1, Sense::Working));
        let kind = self.unit(at + 1 + working).filter(|unit| matches!(unit, Unit::Day | Unit::WorkingDay));
        // "De eerste dagen van december" are several.
        if kind.is_some() && matches!(self.text(at + 1), "dagen" | "tage" | "tagen" | "jours") && working == 0 {
            return None;
        }
        let after = working + usize::from(self.is(at + 2 + working, Sense::Working));
        let next = at + 1 + kind.map_or(0, |_| 1 + after);
        let (period, end) = self.each_month(next).or_else(|| self.period(next))?;
        let first = self.first_day(period).filter(|_| !matches!(period, Period::Ahead(Unit::Week | Unit::Year, _)))?;
        let works = kind == Some(Unit::WorkingDay) || after > 0;
        let in_month = |first: NaiveDate| match nth {
            None if works => last_of(first)?.iter_days().rev().find(is_working),
            None => last_of(first),
            Some(nth) if works => first.iter_days().filter(is_working).nth(usize::try_from(nth).ok()?.checked_sub(1)?),
            Some(nth) if period == Period::Ahead(Unit::Month, 0) => day_of_month(nth, self.mail),
            // "Op 26 oktober" was rather meant as past.
            Some(nth) if matches!(period, Period::Named(_, None)) => date(nth, first.month(), None, self.mail),
            Some(nth) => first.with_day(nth),
        };
        let day = in_month(first)?;
        // "De eerste werkdag van de maand", said on the tenth.
        let over = day < self.mail && period == Period::Ahead(Unit::Month, 0);
        Some((if over { in_month(first_of(1, self.mail)?)? } else { day }, end))
    }

    /// "Van elke maand", "of each month": from this one on.
    fn each_month(&self, at: usize) -> Option<(Period, usize)> {
        let every = self.behind_fillers(at + usize::from(self.text(at) == "of"));
        let month = self.is(every, Sense::Every) && self.unit(every + 1) == Some(Unit::Month);
        month.then_some((Period::Ahead(Unit::Month, 0), every + 2))
    }

    /// "volgende maand de 5e", "next month on the 5th".
    pub(super) fn period_first(&self, at: usize) -> Found {
        let (period, end) = self.period(at).filter(|_| !self.is(at, Sense::Filler))?;
        let Period::Ahead(Unit::Month, 1..) = period else { return None };
        let day_at = (end..end + 3).find(|at| !self.is(*at, Sense::Filler) && !self.is(*at, Sense::Before))?;
        let number = self.short_number(day_at).filter(|number| number.in_row || day_at > end)?;
        Some((self.first_day(period)?.with_day(number.value)?, day_at + 1))
    }

    /// "de eerste maandag van december", "the last Friday of the month".
    pub(super) fn weekday_of_month(&self, at: usize) -> Found {
        let (nth, weekday) = (self.nth(at)?, self.full_weekday(at + 1)?);
        let next = (at + 2..at + 6).find(|at| {
            !self.is(*at, Sense::Filler)
                && !self.is(*at, Sense::Every)
                && self.text(*at) != "in"
                && self.text(*at) != "im"
        })?;
        let (period, end) = self.period(next)?;
        let months = match period {
            Period::Ahead(Unit::Month, 0) => (0..3).filter_map(|ahead| first_of(ahead, self.mail)).collect(),
            Period::Ahead(Unit::Month, _) | Period::Named(..) => vec![self.first_day(period)?],
            Period::Ahead(..) => return None,
        };
        let days = months.into_iter().filter_map(|month| nth_weekday(nth, weekday, month));
        days.into_iter().find(|day| *day >= self.mail).map(|day| (day, end))
    }

    /// The first week of December: it belongs to the month of its Thursday, as in ISO 8601, and ends with its Friday.
    pub(super) fn week_of_month(&self, at: usize) -> Found {
        let nth = self.nth(at)?;
        let compound =
            self.sense(at + 1, |sense| if let Sense::WeekOfMonth(month) = sense { Some(month) } else { None });
        let (period, end) = match compound {
            Some(month) => (Period::Named(month, None), at + 2),
            None => {
                let whole =
                    usize::from(["volle", "hele", "full", "ganze", "werk", "working"].contains(&self.text(at + 1)));
                self.unit(at + 1 + whole).filter(|unit| *unit == Unit::Week)?;
                let month = (at + 2 + whole..).find(|at| !matches!(self.text(*at), "in" | "im" | "en"))?;
                self.period(month)?
            }
        };
        let month = match period {
            Period::Ahead(Unit::Year, 1..) => next_such(1, 1, self.mail)?,
            Period::Ahead(Unit::Month, _) | Period::Named(..) => self.first_day(period)?,
            Period::Ahead(..) => return None,
        };
        let friday = nth_weekday(nth, Weekday::Thu, month)?.succ_opt()?;
        (friday >= self.mail).then_some((friday, end))
    }

    /// "volgende week dinsdag", "next week, probably on Thursday".
    pub(super) fn weekday_in_week(&self, at: usize) -> Found {
        let (Period::Ahead(Unit::Week, ahead), end) = self.period(at)? else { return None };
        if self.is(at, Sense::Filler) || end < at + 2 {
            return None;
        }
        let unclear = |at: usize| self.gap(at).contains(['(', ';', ':']);
        for day_at in end..end + 4 {
            if unclear(day_at - 1) {
                return None;
            }
            if let Some(weekday) = self.any_weekday(day_at) {
                let sure = self.full_weekday(day_at).is_some() || day_at == end || self.is(day_at - 1, Sense::Before);
                let dated = self.date_of_weekday(day_at, weekday);
                return dated
                    .or_else(|| Some((of_week_ahead(ahead, weekday, self.mail)?, day_at + 1)).filter(|_| sure));
            }
        }
        None
    }

    /// "week 49", "KW 49", "in der 49. KW": its number.
    pub(super) fn week_number(&self, at: usize) -> Option<(u32, usize)> {
        let at =
            (at..at + 3).find(|at| !self.is(*at, Sense::Filler) && !matches!(self.text(*at), "in" | "en" | "im"))?;
        let fits = |number: &Number| !number.in_row && (1..54).contains(&number.value) && number.digits < 3;
        let is_week = |at: usize| {
            self.unit(at) == Some(Unit::Week) && !self.text(at).ends_with(['s', 'n']) || self.text(at) == "sem"
        };
        if is_week(at) {
            let number = self.number(at + 1).filter(fits).filter(|_| matches!(self.gap(at), "" | "." | "-"))?;
            let counted = self.unit(at + 2).is_some() || self.is_part_of_a_number(at + 1);
            return (!counted).then_some((number.value, at + 2));
        }
        let number = self
            .number(at)
            .filter(fits)
            .filter(|_| self.gap(at) == "." && is_week(at + 1) && self.text(at + 1).starts_with('k'))?;
        Some((number.value, at + 2))
    }

    /// A week number without a day: its last working day, when the week is over the promise is.
    pub(super) fn numbered_week(&self, at: usize) -> Found {
        let edge = self.sense(at, |sense| if let Sense::Edge(edge) = sense { Some(edge) } else { None });
        let (week, end) = self.week_number(at + usize::from(edge.is_some()))?;
        let second = self.short_number(end + usize::from(self.is(end, Sense::Or))).filter(|second| {
            second.value == week + 1
                && (self.is(end, Sense::Or) || self.gap(end - 1) == "/" || self.gap(end - 1) == "-")
        });
        let later = second.map_or(0, |_| 1 + usize::from(self.is(end, Sense::Or)));
        // "In KW 48, und zwar am Mittwoch"
        const NAMELY: [&str; 9] = ["und", "zwar", "en", "wel", "namelijk", "namlich", "et", "and", "dus"];
        let is_link = |at: usize| self.is(at, Sense::Before) || NAMELY.contains(&self.text(at));
        let weekday_at = (end + later..end + later + 4).find(|at| !is_link(*at)).unwrap_or(end + later);
        let named = self.any_weekday(weekday_at).filter(|_| !self.gap(end - 1).contains([';', '(']));
        let weekday = named.unwrap_or(match edge {
            Some(Edge::Begin) => Weekday::Mon,
            Some(Edge::Middle) => Weekday::Wed,
            Some(Edge::End) | None => Weekday::Fri,
        });
        let end = if named.is_some() { weekday_at + 1 } else { end + later };
        Some((of_numbered_week(second.map_or(week, |second| second.value), weekday, self.mail)?, end))
    }

    /// "in de week van 30 november", "week commencing 30 Nov", "Woche vom 30.11.": ends with its Friday.
    pub(super) fn week_of_a_day(&self, at: usize) -> Found {
        const LINKS: [&str; 14] = [
            "van",
            "of",
            "vom",
            "du",
            "beginning",
            "commencing",
            "starting",
            "the",
            "de",
            "ab",
            "c",
            "vanaf",
            "dem",
            "der",
        ];
        let w_c = self.text(at) == "w" && self.gap(at) == "/";
        if self.unit(at) != Some(Unit::Week) && !w_c || !LINKS.contains(&self.text(at + 1)) {
            return None;
        }
        let date_at =
            (at + 1..at + 5).find(|at| !LINKS.contains(&self.text(*at)) && self.full_weekday(*at).is_none())?;
        let readings: [Reading<'a>; 4] =
            [Grammar::in_digits, Grammar::with_month, Grammar::month_first, Grammar::bare_day];
        let (day, end) =
            readings.iter().find_map(|read| read(self, date_at).filter(|_| self.number(date_at).is_some()))?;
        Some((week_day(day, Weekday::Fri)?, end))
    }

    /// "eind van de maand", "Mitte nächster Woche", "begin december", "Monatsende".
    pub(super) fn edge(&self, at: usize) -> Found {
        if let Some((edge, unit)) =
            self.sense(at, |sense| if let Sense::EdgeOf(edge, unit) = sense { Some((edge, unit)) } else { None })
        {
            return Some((self.edge_of(edge, Period::Ahead(unit, 0))?, at + 1));
        }
        let edge = self.sense(at, |sense| if let Sense::Edge(edge) = sense { Some(edge) } else { None })?;
        // "A 45 jours fin de mois": a term of the house.
        let term = at.checked_sub(1).is_some_and(|before| self.unit(before) == Some(Unit::Day));
        if term || self.gap(at).contains([',', ';', ':', '(']) {
            return None;
        }
        let next = at + 1 + usize::from(self.text(at + 1) == "in" || self.text(at + 1) == "im");
        let (period, end) = self.period(next)?;
        Some((self.edge_of(edge, period)?, end))
    }

    /// "Voor de maand om is", "before the year is out": by its end.
    pub(super) fn unit_over(&self, at: usize) -> Found {
        const OVER: [(&str, &str); 9] = [
            ("om", "is"),
            ("uit", "is"),
            ("voorbij", "is"),
            ("is", "om"),
            ("is", "voorbij"),
            ("is", "out"),
            ("is", "over"),
            ("um", "ist"),
            ("vorbei", "ist"),
        ];
        let unit = self.unit(at).filter(|unit| matches!(unit, Unit::Week | Unit::Month | Unit::Year))?;
        OVER.contains(&(self.text(at + 1), self.text(at + 2))).then_some(())?;
        Some((self.edge_of(Edge::End, Period::Ahead(unit, 0)).filter(|_| self.is_before(at))?, at + 3))
    }

    /// "month end", "year's end", "volgende week halverwege".
    pub(super) fn unit_and_edge(&self, at: usize) -> Found {
        if let Some((period @ Period::Ahead(Unit::Week | Unit::Month, 1..), end)) = self.period(at)
            && let Some(edge) = self.sense(end, |sense| if let Sense::Edge(edge) = sense { Some(edge) } else { None })
            && self.gap(end - 1).is_empty()
            && self.period(end + 1).is_none()
        {
            return Some((self.edge_of(edge, period)?, end + 1));
        }
        let unit = self.unit(at).filter(|unit| matches!(unit, Unit::Month | Unit::Year | Unit::Quarter))?;
        let edge_at = at + 1 + usize::from(self.text(at + 1) == "s");
        self.is(edge_at, Sense::Edge(Edge::End)).then_some(())?;
        Some((self.edge_of(Edge::End, Period::Ahead(unit, 0))?, edge_at + 1))
    }

    /// "eerste helft van december", "second half of the month".
    pub(super) fn half(&self, at: usize) -> Found {
        let nth = self.nth(at)?;
        let (period, end) = self.period(at + 2).filter(|_| self.is(at + 1, Sense::Half))?;
        let edge = if nth == Some(1) { Edge::Middle } else { Edge::End };
        Some((
            self.edge_of(edge, period)
                .filter(|_| !matches!(period, Period::Ahead(Unit::Week | Unit::Year | Unit::Quarter, _)))?,
            end,
        ))
    }

    /// "nog deze week", "in de loop van deze week", "this week still", "nog dit jaar".
    pub(super) fn still_this(&self, at: usize) -> Found {
        let still = usize::from(self.is(at, Sense::Still));
        // "Noch in dieser Woche", "nog van deze maand".
        let link = usize::from(still > 0 && matches!(self.text(at + 1), "in" | "im" | "van" | "within"));
        let next = at + still + link;
        let this = self.shift(self.behind_fillers(next)) == Some(0);
        let (period, end) = if this || still > 0 && link == 0 { self.period(next)? } else { return None };
        if self.week_number(next).is_some() {
            return None;
        }
        let still = still > 0 || self.is(end, Sense::Still);
        match period {
            Period::Ahead(Unit::Week, 0) if still => Some((self.edge_of(Edge::End, period)?, end)),
            Period::Ahead(Unit::Month, 0) if still && this => Some((self.edge_of(Edge::End, period)?, end)),
            Period::Ahead(Unit::Year, 0) if still => Some((self.edge_of(Edge::End, period)?, end)),
            _ => None,
        }
    }

    /// A week, month, quarter or year: this or the next one, or a month by its name.
    pub(super) fn period(&self, at: usize) -> Option<(Period, usize)> {
        // "Am 28. d. M.", "am 5. n. M.": dieses, nächsten Monats.
        if let ("d" | "n", ".", "m") = (self.text(at), self.gap(at), self.text(at + 1)) {
            return Some((Period::Ahead(Unit::Month, u32::from(self.text(at) == "n")), at + 2));
        }
        let mut at = self.behind_fillers(at);
        let mut ahead = None;
        while let Some(shift) = self.shift(at).filter(|_| !self.gap(at).contains([',', ';', '('])) {
            ahead = Some(shift.max(ahead.unwrap_or(0)));
            at = self.behind_fillers(at + 1);
        }
        if self.text(at) == "nieuwe"
            || self.text(at) == "new"
            || self.text(at) == "neuen"
            || self.text(at) == "nouvelle"
        {
            (ahead, at) = (Some(1), at + 1);
        }
        if let Some(month) = self.month(at) {
            let year = self.year(at + 1).filter(|_| matches!(self.gap(at), "" | "." | "," | "'"));
            return ahead
                .is_none_or(|ahead| ahead < 2)
                .then_some((Period::Named(month, year), at + 1 + usize::from(year.is_some())));
        }
        let unit =
            self.unit(at).filter(|unit| matches!(unit, Unit::Week | Unit::Month | Unit::Quarter | Unit::Year))?;
        let named = self.behind_fillers(at + 1);
        if let (Unit::Month, Some(month), true) = (unit, self.month(named), self.gap(at).is_empty()) {
            return Some((Period::Named(month, None), named + 1));
        }
        if unit == Unit::Week && ahead.is_none() && self.text(at + 1) == "after" && self.text(at + 2) == "next" {
            return Some((Period::Ahead(unit, 2), at + 3));
        }
        let behind = self.shift(at + 1).filter(|_| matches!(self.gap(at), "" | "-") && self.unit(at + 2).is_none());
        let end = at + 1 + usize::from(behind.is_some());
        Some((Period::Ahead(unit, ahead.or(behind).unwrap_or(0)), end))
    }

    pub(super) fn first_day(&self, period: Period) -> Option<NaiveDate> {
        match period {
            Period::Ahead(Unit::Month, ahead) => first_of(ahead, self.mail),
            Period::Ahead(Unit::Quarter, ahead) => end_of_quarter(ahead, self.mail)?.with_day(1),
            Period::Ahead(Unit::Week, ahead) => of_week_ahead(ahead, Weekday::Mon, self.mail),
            Period::Ahead(Unit::Year, ahead) => {
                NaiveDate::from_ymd_opt(self.mail.year().checked_add_unsigned(ahead)?, 1, 1)
            }
            Period::Ahead(Unit::Hour | Unit::Day | Unit::WorkingDay, _) => None,
            Period::Named(month, Some(year)) => date(1, month, Some(year), self.mail),
            Period::Named(month, None) => first_of_named(month, self.mail),
        }
    }

    /// Begin, middle and end; those of this week or month that are over are those of the next.
    pub(super) fn edge_of(&self, edge: Edge, period: Period) -> Option<NaiveDate> {
        let day = |period: Period| {
            let first = self.first_day(period)?;
            match (edge, period) {
                (Edge::Middle, Period::Ahead(Unit::Week, _)) => week_day(first, Weekday::Wed),
                (Edge::End, Period::Ahead(Unit::Week, _)) => week_day(first, Weekday::Fri),
                (Edge::End, Period::Ahead(Unit::Year, _)) => first.with_month(12)?.with_day(31),
                (Edge::Begin, Period::Ahead(Unit::Quarter, 1..)) => {
                    first_of(0, first)?.checked_sub_months(chrono::Months::new(2))
                }
                (Edge::Begin | Edge::Middle, Period::Ahead(Unit::Quarter, _))
                | (Edge::Middle, Period::Ahead(Unit::Year, _)) => None,
                (Edge::Begin, _) => Some(first),
                (Edge::Middle, _) => first.with_day(15),
                (Edge::End, _) => last_of(first),
            }
        };
        let this = day(period)?;
        match period {
            _ if this >= self.mail => Some(this),
            Period::Ahead(Unit::Year, _) | Period::Named(_, Some(_)) => None,
            Period::Ahead(unit, ahead) => day(Period::Ahead(unit, ahead.checked_add(1)?)),
            Period::Named(month, None) => next_such(this.day(), month, self.mail),
        }
    }
}
