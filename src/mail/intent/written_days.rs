//! Days as they are written: in digits, with a month, as a number alone, weekdays, weekends, feasts. Never decides what the day is for.

use chrono::{Datelike, NaiveDate, Weekday};

use super::day_grammar::{Found, Grammar, Period, Reading};
use super::day_names::{Edge, Sense, Unit};
use super::reckoning::{date, day_of_month, next_such, of_numbered_week, of_week_ahead, plus, week_day, weekday_after};

/// Day and month of "24/11", and of "11/24", as Americans write it, which can be nothing else.
fn month_first_in_digits(first: u32, second: u32) -> (u32, u32) {
    if first <= 12 && second > 12 { (second, first) } else { (first, second) }
}

impl<'a> Grammar<'a> {
    /// "2026-12-03", "3/12/2026", "3.12.", "3-12".
    pub(super) fn in_digits(&self, at: usize) -> Found {
        let (first, second) = (self.number(at)?, self.short_number(at + 1)?);
        let by = self.gap(at);
        if first.in_row || second.in_row || !matches!(by, "-" | "/" | ".") {
            return None;
        }
        if let Some(third) = self.number(at + 2).filter(|third| !third.in_row && self.gap(at + 1) == by) {
            let (year, day) = if first.digits == 4 { (first, third) } else { (third, first) };
            let whole = year.digits == 4 && (2000..2100).contains(&year.value) || year.digits == 2;
            let (day, month) =
                if by == "/" { month_first_in_digits(day.value, second.value) } else { (day.value, second.value) };
            let day = date(day, month, i32::try_from(year.value).ok(), self.mail);
            return day.filter(|_| whole).map(|day| (day, at + 3));
        }
        let behind = self.plain.get(self.end(at + 1)..).unwrap_or_default();
        let stops = !behind.trim_start_matches('.').starts_with(|c: char| c.is_alphanumeric() || c == ',' || c == '-');
        // "Am 30.11., Rest im Januar"
        let comma = behind.trim_start_matches('.').strip_prefix(',');
        let comma = comma.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        if first.digits > 2 || by == "." && !(stops || comma) {
            return None;
        }
        let named = at.checked_sub(1).is_some_and(|before| {
            self.is(before, Sense::Before) || matches!(self.text(before), "out" | "dated" | "scheduled" | "runs")
        });
        let (day, month) = if by == "/" && named {
            month_first_in_digits(first.value, second.value)
        } else {
            (first.value, second.value)
        };
        Some((next_such(day, month, self.mail)?, at + 2))
    }

    /// "3 december", "3rd of December 2026", "eerste januari", "1er décembre", "3. Dez.".
    pub(super) fn with_month(&self, at: usize) -> Found {
        let plain = self.short_number(at).map(|number| number.value);
        let day = plain.or_else(|| self.nth(at).flatten()).or_else(|| self.cardinal_of_month(at))?;
        let at = self.behind_fillers(at + 1);
        let month = self.month(at).filter(|_| !self.gap(at - 1).contains([',', ';', ':', '(']))?;
        let year = self.year(at + 1).filter(|_| matches!(self.gap(at), "" | "." | "," | "'" | "-" | ",'"));
        Some((date(day, month, year, self.mail)?, at + 1 + usize::from(year.is_some())))
    }

    /// "Tien december", "le dix décembre"; "one May invoice" names no day.
    fn cardinal_of_month(&self, at: usize) -> Option<u32> {
        let count = self.sense(at, |sense| if let Sense::Count(count) = sense { Some(count) } else { None });
        count.filter(|count| (2..32).contains(count) && self.month(at + 1).is_some())
    }

    /// "December 3rd", "Dec. the 3rd, 2026".
    pub(super) fn month_first(&self, at: usize) -> Found {
        let (month, day_at) = (self.month(at)?, self.behind_fillers(at + 1));
        let day = self.short_number(day_at).map(|number| number.value);
        let day = day.or_else(|| self.nth(day_at).flatten().filter(|_| day_at > at + 1))?;
        if !matches!(self.gap(at), "" | "." | "-") || self.gap(day_at).starts_with(['-', ':']) {
            return None;
        }
        let year = self.year(day_at + 1).filter(|_| matches!(self.gap(day_at), "" | ","));
        Some((date(day, month, year, self.mail)?, day_at + 1 + usize::from(year.is_some())))
    }

    /// "op de 25e", "by the 25th", "le 27 courant", "am 25.", "on the fifteenth".
    pub(super) fn bare_day(&self, at: usize) -> Found {
        let before = at
            .checked_sub(1)
            .filter(|at| self.is(*at, Sense::Before) || self.is(*at, Sense::Every) || self.is_of_a_run(*at))
            .filter(|before| !self.gap(*before).contains([',', ';', ':', '(', '€']));
        let spelled = self.spelled(at);
        let number = self.short_number(at);
        let (before, day) = (before?, number.map(|number| number.value).or(spelled)?);
        // "Am 12. November" that is over.
        if self.month(self.behind_fillers(at + 1)).is_some() && matches!(self.gap(at), "" | ".") {
            return None;
        }
        let counted = self.is(at + 1, Sense::Counted) || self.unit(at + 1).is_some() || self.is(at + 1, Sense::Working);
        let follows = self.gap(at);
        let ends = follows.starts_with(['.', ',', ';', '!', '?', ')', '(']) || at + 1 >= self.words.len();
        let article = |words: &[&str]| words.contains(&self.text(before));
        let two = before.checked_sub(1).is_some_and(|at| self.is(at, Sense::Before));
        let shifted =
            follows.is_empty() && (number.is_some() && self.shift(at + 1).is_some() || self.is_of_this_month(at + 1));
        let means = match number {
            Some(number) if number.in_row => !counted,
            _ if shifted || self.is_of_a_run(before) && ends => true,
            Some(_) if article(&["le", "au", "chaque"]) => ends || !counted && self.is_of_french(at + 1),
            Some(_) if article(&["am", "zum", "bis", "dem", "den", "jeden", "jedem"]) => {
                ends || follows.starts_with('.')
            }
            Some(_) if article(&["de", "the"]) => two && ends,
            Some(_) => false,
            None if article(&["le", "au"]) => ends || self.is_of_french(at + 1),
            None => {
                // Those few count other things ("de tweede", "the first").
                (day > 4 || self.is_of_each(before))
                    && !counted
                    && (ends || !self.is(at + 1, Sense::Counted))
                    && article(&["de", "the", "am", "zum", "dem", "den"])
                    && (self.may_follow(at + 1) || day > 12 && two)
            }
        };
        let end = at + 1 + usize::from(shifted);
        let in_row = number.is_some_and(|number| number.in_row);
        let of_a_sum = follows.starts_with(['-', '/', '%', ':']) || follows.starts_with('€') && !in_row;
        let prefixed = of_a_sum || self.is_part_of_a_number(at);
        day_of_month(day, self.mail).filter(|_| means && !prefixed).map(|day| (day, end))
    }

    /// A day of the month in words: "de vijfde", "the twenty-first", and of French "le vingt".
    pub(super) fn spelled(&self, at: usize) -> Option<u32> {
        let count = || self.sense(at, |sense| if let Sense::Count(count) = sense { Some(count) } else { None });
        let french = || at.checked_sub(1).is_some_and(|before| matches!(self.text(before), "le" | "au"));
        let row = self.nth(at).flatten().filter(|_| self.number(at).is_none());
        row.or_else(|| count().filter(|count| (2..32).contains(count) && french()))
    }

    /// "Le lot du 27", "Zahllauf vom 27.": the day on which a run leaves.
    fn is_of_a_run(&self, at: usize) -> bool {
        let run = || at.checked_sub(1).map_or("", |before| self.text(before));
        matches!(self.text(at), "du" | "vom" | "van")
            && ["lauf", "lot", "paiements", "virements", "run", "batch", "ronde"].iter().any(|end| run().ends_with(end))
    }

    /// "De twintigste dezer", "the fifth inst."
    fn is_of_this_month(&self, at: usize) -> bool {
        matches!(self.text(at), "dezer" | "inst" | "instant" | "courant")
    }

    /// "Zum Ersten", "telkens op de eerste".
    fn is_of_each(&self, before: usize) -> bool {
        let every = |at: usize| self.is(at, Sense::Every);
        matches!(self.text(before), "zum" | "am") || (1..4).filter_map(|back| before.checked_sub(back)).any(every)
    }

    /// "le 5 je vous paie", "au 30 au plus tard".
    pub(super) fn is_of_french(&self, at: usize) -> bool {
        const NEXT: [&str; 12] = ["je", "j", "nous", "on", "au", "sans", "par", "vous", "et", "pour", "de", "du"];
        NEXT.contains(&self.text(at))
    }

    /// What may stand behind a day in words, and is nothing that has a number.
    pub(super) fn may_follow(&self, at: usize) -> bool {
        const NEXT: [&str; 33] = [
            "", "van", "krijg", "komt", "wordt", "betaal", "maak", "heb", "zal", "is", "en", "dan", "we", "wij", "ik",
            "i", "you", "ist", "wird", "und", "haben", "of", "des", "staat", "gaat", "at", "it", "u", "kommt", "geht",
            "zahle", "zahlen", "kriege",
        ];
        NEXT.contains(&self.text(at)) || !self.gap(at - 1).is_empty()
    }

    pub(super) fn is_part_of_a_number(&self, at: usize) -> bool {
        let behind = self.plain.get(self.end(at)..).unwrap_or_default();
        behind.strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    }

    /// A weekday, with what says which: a date, a week, a stretch.
    pub(super) fn weekday(&self, at: usize) -> Found {
        let beside = || at.checked_sub(1).is_some_and(|at| self.is(at, Sense::Before) || self.shift(at).is_some());
        let short = self.sense(at, |sense| if let Sense::Short(day) = sense { Some(day) } else { None });
        let weekday = self.any_weekday(at)?;
        let sure = self.full_weekday(at).or_else(|| short.filter(|_| beside()));
        let sure = sure.or_else(|| self.is_of_coming(at).then_some(weekday));
        if let Some(dated) = self.date_of_weekday(at, weekday) {
            return Some(dated);
        }
        if let Some((week, end)) = self.week_number(at + 1) {
            return Some((of_numbered_week(week, weekday, self.mail)?, end));
        }
        let weekday = sure?;
        let next = at + 1;
        if self.gap(at).contains([',', ';', ':', '(']) {
            return Some((weekday_after(self.mail, weekday)?, next));
        }
        if let Some(later) = self.span_behind_weekday(next, weekday) {
            return Some(later);
        }
        if let Some((Period::Ahead(Unit::Week, ahead), end)) = self.period(next)
            && end > next + 1
        {
            return Some((of_week_ahead(ahead, weekday, self.mail)?, end));
        }
        let end = next
            + usize::from(
                self.shift(next).is_some() && self.unit(next + 1).is_none() && self.full_weekday(next + 1).is_none(),
            );
        // "Übernächsten Freitag"
        let after_next = at.checked_sub(1).and_then(|before| self.shift(before)) == Some(2);
        Some((plus(weekday_after(self.mail, weekday)?, if after_next { 7 } else { 0 })?, end))
    }

    /// "Komende do", "a.s. di", "do a.s.": two letters alone are too many other words.
    fn is_of_coming(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |before| self.text(before));
        let a_s = before == "s" && at > 1 && self.text(at - 2) == "a" && self.gap(at - 2) == ".";
        a_s || before == "a.s"
            || self.text(at + 1) == "as"
            || self.text(at + 1) == "a" && self.text(at + 2) == "s" && self.gap(at + 1) == "."
            || matches!((before, self.text(at)), ("uiterlijk", "ma" | "di" | "wo" | "do" | "vr" | "za"))
            || matches!(before, "komende" | "aanstaande" | "eerstkomende" | "eerstvolgende" | "kommenden" | "kommender")
    }

    /// "vrijdag 27 november", "Freitag, den vierten Dezember", "Friday 27th", "vrijdag de 27e": the date says which.
    pub(super) fn date_of_weekday(&self, at: usize, weekday: Weekday) -> Found {
        if !matches!(self.gap(at), "" | "," | "(" | "." | "-") {
            return None;
        }
        let date_at = (at + 1..at + 4)
            .find(|at| !["de", "den", "the", "le", "dem", "op", "dus", "am"].contains(&self.text(*at)))?;
        let dated: [Reading<'a>; 4] =
            [Grammar::in_digits, Grammar::with_month, Grammar::month_first, Grammar::of_period];
        let dated = dated.iter().find_map(|read| read(self, date_at).filter(|_| self.number(date_at).is_some()));
        let dated = dated.or_else(|| self.with_month(date_at));
        let bare = || {
            let number = self.short_number(date_at).filter(|_| !self.is_part_of_a_number(date_at))?;
            let day = day_of_month(number.value, self.mail)?;
            let named = number.in_row || day.weekday() == weekday && self.unit(date_at + 1).is_none();
            named.then_some((day, date_at + 1))
        };
        dated.or_else(bare)
    }

    /// "na het weekend", "voor het weekend", "dit weekend".
    pub(super) fn weekend(&self, at: usize) -> Found {
        let of_two = self.text(at) == "week" && self.gap(at) == "-" && self.text(at + 1) == "end";
        if !self.is(at, Sense::Weekend) && !of_two {
            return None;
        }
        let end = at + 1 + usize::from(of_two);
        let mut before = at.checked_sub(1);
        let mut ahead = 0;
        while let Some(word) = before.filter(|word| self.is(*word, Sense::Filler) || self.shift(*word).is_some()) {
            ahead = ahead.max(u32::from(["volgend", "next", "nachstes", "prochain"].contains(&self.text(word))));
            before = word.checked_sub(1);
        }
        if self.text(end).starts_with("prochain") {
            ahead = 1;
        }
        let before = before.filter(|word| *word < at);
        let until = |word: &usize| ["voor", "before", "vor", "avant"].contains(&self.text(*word));
        if before.is_some_and(|word| self.is(word, Sense::Wish)) || at > 0 && self.is(at - 1, Sense::Wish) {
            None
        } else if before.is_some_and(|word| self.is(word, Sense::After)) {
            Some((weekday_after(self.mail, Weekday::Mon)?, end))
        } else if before.as_ref().is_some_and(until) {
            Some((self.edge_of(Edge::End, Period::Ahead(Unit::Week, ahead))?, end))
        } else {
            Some((of_week_ahead(ahead, Weekday::Sun, self.mail)?, end))
        }
    }

    /// "voor kerst", "vor Weihnachten", "uiterlijk oudejaarsdag".
    pub(super) fn feast(&self, at: usize) -> Found {
        let two = [("christmas", "eve", 24), ("new", "year", 31), ("nouvel", "an", 31), ("oud", "en", 31)];
        if let Some((_, _, day)) =
            two.iter().find(|(one, other, _)| self.text(at) == *one && self.text(at + 1) == *other)
        {
            let eve = self.text(at + 3) == "eve" || *day == 24;
            let day = next_such(*day, 12, self.mail).filter(|_| eve || self.is_before(at));
            return day.map(|day| (day, at + 2));
        }
        self.sense(at, |sense| match sense {
            Sense::Feast(month, day) => next_such(day, month, self.mail).filter(|_| !self.is_after(at)),
            Sense::Feasts(month, day) => next_such(day, month, self.mail).filter(|_| self.is_before(at)),
            _ => None,
        })
        .map(|day| (day, at + 1))
    }

    pub(super) fn word_before(&self, at: usize) -> Option<usize> {
        (0..at).rev().take(3).find(|at| !self.is(*at, Sense::Filler))
    }

    pub(super) fn is_after(&self, at: usize) -> bool {
        self.word_before(at).is_some_and(|before| {
            self.is(before, Sense::After) || matches!(self.text(before), "sinds" | "since" | "tussen" | "between")
        })
    }

    pub(super) fn is_before(&self, at: usize) -> bool {
        const BEFORE: [&str; 10] = ["voor", "tegen", "met", "before", "by", "vor", "zu", "bis", "avant", "ici"];
        self.word_before(at).is_some_and(|before| BEFORE.contains(&self.text(before)))
    }

    /// "Elke maand op de 25e"; "€ 220 each on 5 December" names one day.
    pub(super) fn is_of_every(&self, at: usize, end: usize) -> bool {
        let dated = (at..end).any(|at| self.month(at).is_some()) && (at..end).any(|at| self.number(at).is_some());
        !dated && (1..6).filter_map(|back| at.checked_sub(back)).any(|at| self.says_every(at))
    }

    /// "Elke", "each", "zweimal im Monat"; "zweimal gemahnt" says nothing of a day.
    fn says_every(&self, at: usize) -> bool {
        let twice = matches!(self.text(at), "zweimal" | "tweemaal" | "twice");
        let of_a_period = || (at + 1..at + 4).any(|at| self.unit(at).is_some());
        self.is(at, Sense::Every) && (!twice || of_a_period())
    }

    /// "Mittwochs", "on Thursdays": of all of them.
    pub(super) fn is_on_each(&self, at: usize) -> bool {
        self.full_weekday(at).is_some() && self.text(at).ends_with('s') && !matches!(self.text(at), "tues" | "thurs")
    }

    /// "Tot 11 december op reis, de maandag daarna", "Thursday of that week": counted from the day before it.
    pub(super) fn weekday_after_that(&self, at: usize, end: usize, that: NaiveDate) -> Found {
        const AFTER_THAT: [&str; 10] =
            ["daarna", "daarop", "erna", "erop", "after", "afterwards", "darauf", "drauf", "danach", "suivant"];
        const OF_THAT_WEEK: [(&str, &str); 6] = [
            ("that", "week"),
            ("die", "week"),
            ("dezelfde", "week"),
            ("jener", "woche"),
            ("derselben", "woche"),
            ("cette", "semaine"),
        ];
        if let Some(weekday) = self.full_weekday(at)
            && let Some(week) = (at + 1..at + 4).find(|at| OF_THAT_WEEK.contains(&(self.text(*at), self.text(at + 1))))
            && (at + 1..week).all(|at| matches!(self.text(at), "of" | "in" | "van" | "de"))
            && (self.text(week) != "cette" || self.text(week + 2) == "la")
        {
            return Some((week_day(that, weekday)?, week + 2));
        }
        let weekday = self.full_weekday(at).filter(|_| end <= at + 2)?;
        // "Friday after work" is any.
        let ends = || !self.gap(at + 1).is_empty() || matches!(self.text(at + 2), "" | "that");
        let next = self.gap(at).is_empty()
            && AFTER_THAT.contains(&self.text(at + 1))
            && (self.text(at + 1) != "after" || ends());
        Some((weekday_after(that, weekday)?, at + 2)).filter(|_| next)
    }
}
