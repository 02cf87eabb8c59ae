//! A small grammar of days in the words of a sentence: dates, weekdays, weeks, begin, middle and end of a stretch, feasts.
//! Counted stretches are in [`super::spans`]. Of what can be read at one place the longest holds. Never decides what the day is for.

use chrono::{NaiveDate, Weekday};

use super::day_names::{Sense, Unit, senses};
use super::sentences::Word;

/// A day, and the place behind its last word.
pub(super) type Found = Option<(NaiveDate, usize)>;

/// Reads one kind of day from a place on.
pub(super) type Reading<'a> = fn(&Grammar<'a>, usize) -> Found;

/// The words of one sentence, as the calendar sees them.
pub(super) struct Grammar<'a> {
    pub plain: &'a str,
    pub words: &'a [Word<'a>],
    senses: Vec<&'static [Sense]>,
    pub mail: NaiveDate,
}

/// A number in digits.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub value: u32,
    pub digits: usize,
    /// "25e", "3rd".
    pub in_row: bool,
}

/// A stretch of the calendar: weeks, months, quarters or years from now, or a month by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Ahead(Unit, u32),
    Named(u32, Option<i32>),
}

impl<'a> Grammar<'a> {
    /// `None` where no word speaks of the calendar.
    pub(super) fn of(plain: &'a str, words: &'a [Word<'a>], mail: NaiveDate) -> Option<Grammar<'a>> {
        let senses: Vec<&[Sense]> = words.iter().map(|word| senses(word.text)).collect();
        let speaks = senses.iter().any(|senses| senses.iter().any(names_time))
            || words.iter().any(|word| word.text.starts_with(|c: char| c.is_ascii_digit()));
        speaks.then_some(Grammar { plain, words, senses, mail })
    }

    /// The day named from this word on, the longest of what it may be read as.
    pub(super) fn day_at(&self, at: usize) -> Found {
        let senses = self.senses.get(at)?;
        let number = self.number(at).is_some();
        if senses.is_empty() && !number && self.text(at) != "w" {
            return None;
        }
        if !number && !senses.is_empty() && !senses.iter().any(begins_a_day) {
            return longest(&[Grammar::numbered_week, Grammar::still_this], self, at);
        }
        let readings: [Reading<'a>; 23] = [
            Grammar::in_digits,
            Grammar::with_month,
            Grammar::month_first,
            Grammar::of_period,
            Grammar::period_first,
            Grammar::bare_day,
            Grammar::weekday_of_month,
            Grammar::week_of_month,
            Grammar::weekday,
            Grammar::weekday_in_week,
            Grammar::numbered_week,
            Grammar::week_of_a_day,
            Grammar::edge,
            Grammar::unit_and_edge,
            Grammar::unit_over,
            Grammar::half,
            Grammar::still_this,
            Grammar::weekend,
            Grammar::feast,
            Grammar::relative,
            Grammar::span,
            Grammar::grace,
            Grammar::span_from,
        ];
        longest(&readings, self, at)
    }

    /// Where the words `from..to` stand in the plain sentence.
    pub(super) fn place(&self, from: usize, to: usize) -> (usize, usize) {
        (self.words.get(from).map_or(0, |word| word.at), self.end(to.saturating_sub(1)))
    }

    pub(super) fn end(&self, at: usize) -> usize {
        self.words.get(at).map_or(self.plain.len(), |word| word.at + word.text.len())
    }

    /// What stands between a word and the next, without spaces.
    pub(super) fn gap(&self, at: usize) -> &'a str {
        let to = self.words.get(at + 1).map_or(self.plain.len(), |word| word.at);
        self.plain.get(self.end(at)..to).unwrap_or_default().trim()
    }

    pub(super) fn text(&self, at: usize) -> &'a str {
        self.words.get(at).map_or("", |word| word.text)
    }

    pub(super) fn sense<T>(&self, at: usize, wanted: impl Fn(Sense) -> Option<T>) -> Option<T> {
        self.senses.get(at)?.iter().find_map(|sense| wanted(*sense))
    }

    pub(super) fn is(&self, at: usize, wanted: Sense) -> bool {
        self.senses.get(at).is_some_and(|senses| senses.contains(&wanted))
    }

    pub(super) fn unit(&self, at: usize) -> Option<Unit> {
        self.sense(at, |sense| if let Sense::Unit(unit) = sense { Some(unit) } else { None })
    }

    pub(super) fn shift(&self, at: usize) -> Option<u32> {
        self.sense(at, |sense| if let Sense::Shift(ahead) = sense { Some(ahead) } else { None })
    }

    pub(super) fn full_weekday(&self, at: usize) -> Option<Weekday> {
        self.sense(at, |sense| if let Sense::Weekday(day) = sense { Some(day) } else { None })
    }

    pub(super) fn any_weekday(&self, at: usize) -> Option<Weekday> {
        self.sense(at, |sense| match sense {
            Sense::Weekday(day) | Sense::Short(day) | Sense::Shorter(day) => Some(day),
            _ => None,
        })
    }

    pub(super) fn month(&self, at: usize) -> Option<u32> {
        self.sense(at, |sense| if let Sense::Month(month) = sense { Some(month) } else { None })
    }

    pub(super) fn nth(&self, at: usize) -> Option<Option<u32>> {
        let word = self.sense(at, |sense| if let Sense::Nth(nth) = sense { Some(nth) } else { None });
        word.or_else(|| self.number(at).filter(|number| number.in_row).map(|number| Some(number.value)))
    }

    /// The first word from here that is no filler; nothing but spaces, hyphens, apostrophes and dots between.
    pub(super) fn behind_fillers(&self, mut at: usize) -> usize {
        for _ in 0..4 {
            if !self.is(at, Sense::Filler) || self.gap(at).contains([',', ';', ':', '(']) {
                break;
            }
            at += 1;
        }
        at
    }

    pub(super) fn number(&self, at: usize) -> Option<Number> {
        const ROW: [&str; 16] =
            ["e", "de", "ste", "sten", "en", "er", "ere", "st", "nd", "rd", "th", "ten", "ter", "den", "te", "stn"];
        let text = self.text(at);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at_checked(digits).filter(|_| (1..=4).contains(&digits))?;
        let value = number.parse().ok().filter(|_| rest.is_empty() || ROW.contains(&rest))?;
        Some(Number { value, digits, in_row: !rest.is_empty() })
    }

    pub(super) fn short_number(&self, at: usize) -> Option<Number> {
        self.number(at).filter(|number| number.digits < 3)
    }

    pub(super) fn year(&self, at: usize) -> Option<i32> {
        let number = self.number(at).filter(|number| !number.in_row)?;
        let full = number.digits == 4 && (2000..2100).contains(&number.value);
        let short = number.digits == 2 && at > 0 && self.gap(at - 1).ends_with('\'');
        (full || short).then(|| i32::try_from(number.value).ok())?
    }
}

/// Of equals the first.
fn longest<'a>(readings: &[Reading<'a>], grammar: &Grammar<'a>, at: usize) -> Found {
    let found = readings.iter().rev().filter_map(|read| read(grammar, at));
    found.max_by_key(|(_, end)| *end)
}

/// Whether a word of this sense can begin a day; before others stands at most a week's number, or "this … still".
fn begins_a_day(sense: &Sense) -> bool {
    match sense {
        Sense::Filler | Sense::Before | Sense::Or | Sense::Every | Sense::Working | Sense::Grace => false,
        Sense::Give | Sense::Wish | Sense::Counted => false,
        Sense::After | Sense::Still | Sense::Within | Sense::Count(_) | Sense::OneAndAHalf | Sense::Stretch(_) => true,
        Sense::Edge(_) | Sense::EdgeOf(..) | Sense::Half | Sense::Nth(_) | Sense::Shift(_) | Sense::Unit(_) => true,
        Sense::Weekday(_) | Sense::Short(_) | Sense::Shorter(_) | Sense::Weekend | Sense::Relative(_) => true,
        Sense::Month(_) | Sense::WeekOfMonth(_) | Sense::Feast(..) | Sense::Feasts(..) | Sense::OfNewYear => true,
    }
}

/// Whether a sense can begin or make a day; small words alone name none.
fn names_time(sense: &Sense) -> bool {
    match sense {
        Sense::Weekday(_) | Sense::Month(_) | Sense::WeekOfMonth(_) | Sense::Unit(_) | Sense::EdgeOf(..) => true,
        Sense::Weekend | Sense::Relative(_) | Sense::Feast(..) | Sense::Feasts(..) | Sense::Nth(_) => true,
        Sense::Stretch(_) | Sense::OfNewYear | Sense::Shift(_) => true,
        Sense::Edge(_) | Sense::Half | Sense::Count(_) | Sense::OneAndAHalf | Sense::Within => false,
        Sense::Short(_) | Sense::Shorter(_) => true,
        Sense::Filler | Sense::Before | Sense::After | Sense::Or | Sense::Every | Sense::Working | Sense::Still => {
            false
        }
        Sense::Grace | Sense::Give | Sense::Wish | Sense::Counted => false,
    }
}
