//! Days named by a counted stretch of time: in ten days, within two to three weeks, a week from Friday, ten days' patience.
//! Of two counts the later holds. What is counted from anything but the mail or a named day is no day.

use chrono::Weekday;

use super::day_grammar::{Found, Grammar};
use super::day_names::{Sense, Unit};
use super::reckoning::{after, of_week_ahead, plus, weekday_after};

/// Between the word before a stretch and its count.
const ABOUT: [&str; 23] = [
    "von",
    "about",
    "ongeveer",
    "circa",
    "ca",
    "zo",
    "n",
    "etwa",
    "environ",
    "nog",
    "hooguit",
    "max",
    "maximaal",
    "ander",
    "precies",
    "exact",
    "exactly",
    "genau",
    "spatestens",
    "uiterlijk",
    "hoogstens",
    "hochstens",
    "maximum",
];

/// Before a count: so much beyond what was given.
const MORE: [&str; 6] = ["another", "further", "additional", "weitere", "weiteren", "weiterer"];

impl Grammar<'_> {
    /// "vandaag", "demain matin", "the day after tomorrow", "morgen over een week".
    pub(super) fn relative(&self, at: usize) -> Found {
        if self.text(at) == "day" && self.text(at + 1) == "after" && self.text(at + 2).starts_with("tom") {
            return Some((plus(self.mail, 2)?, at + 3));
        }
        if (self.text(at), self.text(at + 1), self.text(at + 2)) == ("this", "day", "week") {
            return Some((plus(self.mail, 7)?, at + 3));
        }
        if self.text(at) == "apres" && self.text(at + 1) == "demain" {
            return Some((plus(self.mail, 2)?, at + 2));
        }
        // "Om middernacht": the day that begins then; "voor middernacht" is today.
        if matches!(self.text(at), "middernacht" | "midnight" | "mitternacht" | "minuit") {
            let by = self.word_before(at).map_or("", |before| self.text(before));
            let begins = matches!(
                by,
                "om" | "rond" | "na" | "at" | "after" | "around" | "um" | "gegen" | "nach" | "a" | "apres"
            );
            return (begins || self.is_before(at)).then_some((plus(self.mail, u32::from(begins))?, at + 1));
        }
        if let Some(part) = self.part_of_today(at) {
            return Some((self.mail, part));
        }
        let days = self.sense(at, |sense| if let Sense::Relative(days) = sense { Some(days) } else { None })?;
        let day = plus(self.mail, days)?;
        if days == 0 && self.unit(at + 1) == Some(Unit::Week) {
            return Some((plus(day, 7)?, at + 2));
        }
        let next = at + 1 + usize::from(self.text(at + 1) == "hui");
        match self.later(next, day) {
            Some(found) => Some(found),
            None => Some((day, at + 1)),
        }
    }

    /// "this afternoon", "ce soir", "end of business".
    fn part_of_today(&self, at: usize) -> Option<usize> {
        const PARTS: [(&str, &str); 8] = [
            ("this", "afternoon"),
            ("this", "evening"),
            ("ce", "soir"),
            ("cet", "apres"),
            ("deze", "middag"),
            ("deze", "avond"),
            ("later", "today"),
            ("diesen", "abend"),
        ];
        PARTS.contains(&(self.text(at), self.text(at + 1))).then_some(at + 2)
    }

    /// "over tien dagen", "binnen de komende 2 a 3 weken", "d'ici quinze jours", "innerhalb von 5 Werktagen".
    pub(super) fn span(&self, at: usize) -> Found {
        if !self.is(at, Sense::Within) {
            return None;
        }
        let now = ["nu", "nun", "now"].contains(&self.text(at + 1));
        let mut next = self
            .behind_fillers(at + 1 + usize::from(now) + usize::from(now && matches!(self.text(at + 2), "en" | "and")));
        if ABOUT.contains(&self.text(next)) {
            next = self.behind_fillers(next + 1);
        }
        let shifted = self.shift(next).is_some() || self.text(next) == "prochains";
        // "Over the next three months": spread over them.
        if shifted && self.text(at) == "over" {
            return None;
        }
        let whole = !shifted
            && next > at + 1
            && self.unit(next) == Some(Unit::Week)
            && matches!(self.text(at), "binnen" | "within" | "innerhalb");
        if whole {
            return Some((plus(self.mail, 7)?, next + 1));
        }
        let next = self.behind_fillers(next + usize::from(shifted));
        self.weeks_and_weekday(at, next).or_else(|| self.counted(next))
    }

    /// "Over twee weken vrijdag", "in zwei Wochen am Freitag": of that week.
    fn weeks_and_weekday(&self, at: usize, counted: usize) -> Found {
        let ((count, Unit::Week), end) = self.count_and_unit(counted)? else { return None };
        let day_at = end + usize::from(matches!(self.text(end), "am" | "op" | "le"));
        let weekday = self.full_weekday(day_at).filter(|_| self.gap(end - 1).is_empty())?;
        let ahead = matches!(self.text(at), "over" | "in" | "dans") && self.date_of_weekday(day_at, weekday).is_none();
        Some((of_week_ahead(count, weekday, self.mail).filter(|_| ahead)?, day_at + 1))
    }

    /// "10 days from now", "twee weken na vandaag", "a week from Friday", "two weeks on Monday".
    pub(super) fn span_from(&self, at: usize) -> Found {
        // "A fortnight today"
        if let Some((day, end)) = self.named_stretch(at) {
            let end = end + usize::from(self.text(end) == "from");
            if matches!((self.text(end - 1), self.text(end)), (_, "today") | ("from", "now")) {
                return Some((day, end + 1));
            }
        }
        let ((count, unit), end) = self.count_and_unit(at)?;
        // "A week tomorrow"
        let relative = self.sense(end, |sense| if let Sense::Relative(days) = sense { Some(days) } else { None });
        if let (Some(days), Unit::Week, "today" | "tomorrow") = (relative, unit, self.text(end)) {
            return Some((plus(self.mail, count.checked_mul(7)?.checked_add(days)?)?, end + 1));
        }
        let link = ["from", "on", "after", "na", "vanaf", "ab", "nach", "this"].contains(&self.text(end));
        if !link || !self.gap(end - 1).is_empty() {
            return None;
        }
        let named = (end + 1..end + 4).find(|at| self.shift(*at).is_none() && !self.is(*at, Sense::Filler))?;
        if let Some(weekday) = self.full_weekday(named).filter(|_| unit == Unit::Week) {
            return Some((plus(weekday_after(self.mail, weekday)?, count.checked_mul(7)?)?, named + 1));
        }
        let now = self.is(named, Sense::Relative(0)) || ["now", "nu", "jetzt"].contains(&self.text(named));
        Some((after(count, unit, self.mail).filter(|_| now)?, named + 1))
    }

    /// "twee weken uitstel", "another 10 days more", "geef me nog drie weken".
    pub(super) fn grace(&self, at: usize) -> Found {
        let (day, end) = self.counted(at)?;
        let asked = |at: usize| self.is(at, Sense::Grace);
        let given = (1..6).filter_map(|back| at.checked_sub(back)).any(|at| self.is(at, Sense::Give));
        let given = given || at.checked_sub(1).is_some_and(|before| MORE.contains(&self.text(before)));
        let extra = usize::from(["de", "d", "of", "additional", "meer"].contains(&self.text(end)));
        let or_so = self.text(at + 2) == "of" && end == at + 4;
        (given || or_so || asked(end) || asked(end + extra)).then_some((day, end))
    }

    /// Behind a weekday: "vrijdag over een week", "Freitag in vierzehn Tagen", "vendredi en huit", "Friday week".
    pub(super) fn span_behind_weekday(&self, at: usize, weekday: Weekday) -> Found {
        let day = weekday_after(self.mail, weekday)?;
        match self.text(at) {
            "week" if !self.gap(at - 1).contains('-') && self.number(at + 1).is_none() => Some((plus(day, 7)?, at + 1)),
            "fortnight" => Some((plus(day, 14)?, at + 1)),
            "after" if self.text(at + 1) == "next" => Some((plus(day, 7)?, at + 2)),
            _ => self.later(at, day),
        }
    }

    /// So much behind another day: eight days are a week, and fifteen two, as people count from a day.
    fn later(&self, at: usize, day: chrono::NaiveDate) -> Found {
        let bare = self.text(at) == "en" && self.unit(self.behind_fillers(at + 2)).is_none();
        match self.text(at + 1) {
            "huit" if bare => return Some((plus(day, 7)?, at + 2)),
            "quinze" if bare => return Some((plus(day, 14)?, at + 2)),
            _ => {}
        }
        let ((count, unit), end) = self.count_and_unit(at + 1).filter(|_| self.is(at, Sense::Within))?;
        let days = match (count, unit) {
            (8, Unit::Day) => 7,
            (15, Unit::Day) => 14,
            (count, Unit::Day) => count,
            (count, Unit::Week) => count.checked_mul(7)?,
            (_, Unit::Hour | Unit::WorkingDay | Unit::Month | Unit::Quarter | Unit::Year) => return None,
        };
        Some((plus(day, days)?, end))
    }

    /// A count and its unit from the mail on; "a fortnight", "anderhalve week", "een dag of tien".
    fn counted(&self, at: usize) -> Found {
        if let Some(named) = self.named_stretch(at) {
            return Some(named);
        }
        if self.is(at, Sense::OneAndAHalf) {
            let days = match self.unit(at + 1)? {
                Unit::Week => 11,
                Unit::Month => 45,
                Unit::Hour | Unit::Day | Unit::WorkingDay | Unit::Quarter | Unit::Year => return None,
            };
            return Some((plus(self.mail, days)?, at + 2));
        }
        let ((count, unit), end) = self.count_and_unit(at)?;
        if ["and", "en"].contains(&self.text(end)) && (self.text(end + 2) == "half" && unit == Unit::Week) {
            return Some((plus(self.mail, 7 * count + 4)?, end + 3));
        }
        if self.is_counted_from_elsewhere(end) {
            return None;
        }
        let or_so = self.count(end + 1).filter(|_| self.text(end) == "of" && count == 1);
        let end = end + if or_so.is_some() { 2 } else { 0 };
        Some((after(or_so.unwrap_or(count), unit, self.mail)?, end))
    }

    fn named_stretch(&self, at: usize) -> Found {
        let at = at + usize::from(["a", "une", "n"].contains(&self.text(at)));
        let days = self.sense(at, |sense| if let Sense::Stretch(days) = sense { Some(days) } else { None })?;
        let end = self.behind_fillers(at + 1);
        Some((plus(self.mail, days)?, if self.unit(end) == Some(Unit::Day) { end + 1 } else { at + 1 }))
    }

    /// "Binnen 14 dagen na ontvangst": who knows when that is.
    fn is_counted_from_elsewhere(&self, end: usize) -> bool {
        let now = |at: usize| {
            self.is(at, Sense::Relative(0)) || ["now", "nu", "heden", "jetzt", "maintenant"].contains(&self.text(at))
        };
        let from = ["na", "after", "nach", "apres", "of", "from", "following", "suivant", "ab", "vanaf"]
            .contains(&self.text(end));
        from && self.gap(end - 1).is_empty()
            && self.count(end + 1).is_none()
            && !now(end + 1)
            && !self.text(end + 1).is_empty()
    }

    /// A count ("2 a 3": the later) and its unit.
    fn count_and_unit(&self, at: usize) -> Option<((u32, Unit), usize)> {
        let small = matches!(self.text(at), "n" | "a" | "een" | "une") && self.count(at + 1).is_some();
        let at = at + usize::from(small);
        let first = self.count(at)?;
        let (count, next) = match self.count(at + 1).filter(|_| matches!(self.gap(at), "-" | "/")) {
            Some(second) => (second, at + 2),
            None => match self.count(at + 2).filter(|_| self.is(at + 1, Sense::Or) && self.gap(at).is_empty()) {
                Some(second) => (second, at + 3),
                None => (first, at + 1),
            },
        };
        let next = self.behind_fillers(next);
        let next = next
            + usize::from(matches!(self.text(next), "volle" | "full" | "hele" | "extra" | "prochains" | "prochaines"));
        let before = usize::from(self.is(next, Sense::Working));
        let unit = self.unit(next + before)?;
        let behind = usize::from(self.is(next + before + 1, Sense::Working) && unit == Unit::Day && before == 0);
        let works = before + behind > 0 && !["kalender", "calendar"].contains(&self.text(next));
        let unit = if unit == Unit::Day && works { Unit::WorkingDay } else { unit };
        Some(((count, unit), next + before + 1 + behind))
    }

    fn count(&self, at: usize) -> Option<u32> {
        let digits = self.number(at).filter(|_| self.text(at).bytes().all(|byte| byte.is_ascii_digit()));
        let digits = digits.map(|number| number.value).filter(|value| *value < 1000);
        digits.or_else(|| self.sense(at, |sense| if let Sense::Count(count) = sense { Some(count) } else { None }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::dates::{self, Named};
    use super::super::sentences::{plain, words};
    use chrono::NaiveDate;

    fn named(plain: &str, mail: NaiveDate) -> Vec<Named> {
        dates::named(plain, &words(plain), mail, None)
    }

    #[test]
    fn stretches_from_a_tuesday() {
        let (mail, mut wrong) = ("2026-11-17".parse().unwrap(), Vec::new());
        for (text, wanted) in [
            ("vrijdag over een week", "2026-11-27"),
            ("vrijdag over 14 dagen", "2026-12-04"),
            ("a week from Friday", "2026-11-27"),
            ("two weeks on Monday", "2026-12-07"),
            ("Friday week, I promise", "2026-11-27"),
            ("Freitag in einer Woche", "2026-11-27"),
            ("vendredi en quinze", "2026-12-04"),
            ("maandag week 49", "2026-11-30"),
            ("in de eerste week van december", "2026-12-04"),
            ("first week of January", "2027-01-08"),
            ("in der ersten Dezemberwoche", "2026-12-04"),
            ("la premiere semaine de decembre", "2026-12-04"),
            ("de laatste week van november", "2026-11-27"),
            ("in de tweede week van de volgende maand", "2026-12-11"),
            ("in de week van 30 november", "2026-12-04"),
            ("eerste helft van december", "2026-12-15"),
            ("tweede helft december", "2026-12-31"),
            ("begin december", "2026-12-01"),
            ("Anfang Januar", "2027-01-01"),
            ("debut janvier", "2027-01-01"),
            ("begin volgende week", "2026-11-23"),
            ("Mitte nächster Woche", "2026-11-25"),
            ("early next week", "2026-11-23"),
            ("begin volgende maand", "2026-12-01"),
            ("nog deze week", "2026-11-20"),
            ("over 2 à 3 weken", "2026-12-08"),
            ("binnen 5-10 dagen", "2026-11-27"),
            ("within the next ten days", "2026-11-27"),
            ("in den nächsten zwei Wochen", "2026-12-01"),
            ("dans les dix prochains jours", "2026-11-27"),
            ("over een dag of tien", "2026-11-27"),
            ("een week of twee", "2026-12-01"),
            ("over anderhalve week", "2026-11-28"),
            ("dans une dizaine de jours", "2026-11-27"),
            ("geef me nog drie weken", "2026-12-08"),
            ("twee weken uitstel", "2026-12-01"),
            ("give us another 10 days", "2026-11-27"),
            ("voor de kerst", "2026-12-24"),
            ("avant Noël", "2026-12-24"),
            ("nog dit jaar", "2026-12-31"),
            ("by year end", "2026-12-31"),
            ("op de vijfentwintigste", "2026-11-25"),
            ("on the twentieth", "2026-11-20"),
            ("am fünfzehnten", "2026-12-15"),
            ("volgende wk wo", "2026-11-25"),
            ("uiterlijk vr", "2026-11-20"),
            ("by Fri", "2026-11-20"),
            ("will pay Fri", "2026-11-20"),
            ("tussen de 25e en de 28e", "2026-11-28"),
            ("between Thursday and Friday", "2026-11-20"),
            // dates
            ("op 3 dec.", "2026-12-03"),
            ("op 3-dec", "2026-12-03"),
            ("am 3. Dez. 2026", "2026-12-03"),
            ("den 3. Dezember", "2026-12-03"),
            ("le 3 dec", "2026-12-03"),
            ("on Dec. 3", "2026-12-03"),
            ("op 3 december '26", "2026-12-03"),
            ("op eerste december", "2026-12-01"),
            ("on the first of December", "2026-12-01"),
            ("03.12.2026", "2026-12-03"),
            ("am 03.12.26", "2026-12-03"),
            ("zum 3.12.", "2026-12-03"),
            ("Friday 27th", "2026-11-27"),
            ("vrijdag de 27e", "2026-11-27"),
            ("le vendredi 27", "2026-11-27"),
            ("maandag (23/11)", "2026-11-23"),
            ("Freitag, den 27. November", "2026-11-27"),
            ("op 3 decembr", "2026-12-03"),
            // months
            ("de laatste van de maand", "2026-11-30"),
            ("de laatste werkdag van december", "2026-12-31"),
            ("the last working day of January", "2027-01-29"),
            ("de eerste werkdag van januari", "2027-01-01"),
            ("the 5th of next month", "2026-12-05"),
            ("am 5. des nächsten Monats", "2026-12-05"),
            ("volgende maand de 5e", "2026-12-05"),
            ("mid-December", "2026-12-15"),
            ("à la mi-décembre", "2026-12-15"),
            ("rond half december", "2026-12-15"),
            ("halverwege volgende maand", "2026-12-15"),
            ("eind v.d. maand", "2026-11-30"),
            ("zum Monatsende", "2026-11-30"),
            ("am Ende des Monats", "2026-11-30"),
            ("d'ici la fin du mois", "2026-11-30"),
            ("by month's end", "2026-11-30"),
            ("tegen het einde van januari", "2027-01-31"),
            ("eind van het kwartaal", "2026-12-31"),
            // weeks
            ("volgende week, waarschijnlijk donderdag", "2026-11-26"),
            ("in der KW 49", "2026-12-04"),
            ("en semaine 49", "2026-12-04"),
            ("begin week 49", "2026-11-30"),
            ("week 49, op dinsdag", "2026-12-01"),
            ("in week 49/50", "2026-12-11"),
            ("w/c 30 Nov", "2026-12-04"),
            ("eind deze week", "2026-11-20"),
            ("à la fin de la semaine", "2026-11-20"),
            ("halverwege volgende week", "2026-11-25"),
            ("Friday of next week", "2026-11-27"),
            ("vendredi de la semaine prochaine", "2026-11-27"),
            ("vrijdag deze week", "2026-11-20"),
            ("Friday after next", "2026-11-27"),
            ("vendredi prochain", "2026-11-20"),
            ("am kommenden Montag", "2026-11-23"),
            ("maandagmiddag", "2026-11-23"),
            // counts
            ("over 'n week of drie", "2026-12-08"),
            ("binnen nu en tien dagen", "2026-11-27"),
            ("d'ici dix jours", "2026-11-27"),
            ("sous 8 jours", "2026-11-25"),
            ("dans une quinzaine de jours", "2026-12-02"),
            ("in the next 14 days", "2026-12-01"),
            ("innerhalb der nächsten 10 Tage", "2026-11-27"),
            ("in den nächsten 3 bis 5 Werktagen", "2026-11-24"),
            ("sous 5 jours ouvrés", "2026-11-24"),
            ("binnen max 3 werkdagen", "2026-11-20"),
            ("twee weken na vandaag", "2026-12-01"),
            ("10 days from now", "2026-11-27"),
            ("vandaag over een week", "2026-11-24"),
            ("demain en huit", "2026-11-25"),
            // feasts
            ("voor Sinterklaas", "2026-12-05"),
            ("before Christmas", "2026-12-24"),
            ("vor Silvester", "2026-12-31"),
            ("avant le Nouvel An", "2026-12-31"),
            ("uiterlijk oudejaarsdag", "2026-12-31"),
        ] {
            let found = named(&plain(text), mail);
            if found.first().map(|one| one.day.to_string()).as_deref() != Some(wanted) {
                wrong.push(format!("{text}: {found:?}, not {wanted}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn no_stretches() {
        let mail = "2026-11-17".parse().unwrap();
        for text in [
            "na de kerst",
            "gespreid over de komende vier maanden",
            "over the next three months",
            "in the new year",
            "deze week",
            "de eerste keer",
            "het begin",
            "op do",
            "vanaf vandaag",
            "as of today",
            "fijn weekend",
            "na nieuwjaar",
            "binnen 14 dagen na ontvangst van de creditnota",
            "within 10 days after receipt",
            "de 2e herinnering",
            "voor de 3e keer",
            "week 12 weken",
            "in 3 termijnen",
            "€ 12,11 en 3.50 per stuk",
            "een half uur",
            "1.165,22",
            "de montage",
            "over een paar weken",
            "een keer per maand",
            "12 stuks",
            "de tiende keer",
        ] {
            let found = named(&plain(text), mail);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
