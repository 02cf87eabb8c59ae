//! One sentence of payment terms: which last days of payment it names, and whether it may be believed.

use super::tokens::Token;
use super::words::{self, Topic, Unit};
use chrono::{Datelike, Days, Months, NaiveDate};

/// The longest term that may stand without a unit, as in "net 30"; a larger number may be an amount.
const LONGEST_BARE: u32 = 120;

/// A last day that a sentence names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// `None` when the calendar ends before.
    pub day: Option<NaiveDate>,
    /// Said to be for the whole amount.
    pub net: bool,
}

/// What one sentence says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clause {
    pub found: Vec<Found>,
    /// It speaks of a discount.
    pub discount: bool,
    /// Why what it names may not be believed.
    pub doubt: Option<&'static str>,
}

/// Reads one sentence.
pub(super) fn read(tokens: &[Token], issued: NaiveDate) -> Clause {
    let sentence = Sentence { tokens, issued, topics: topics(tokens) };
    if sentence.says(Topic::Aside) {
        return Clause::default();
    }
    let discount = sentence.says(Topic::Discount) || tokens.contains(&Token::Percent);
    let (found, doubt) = match sentence.last_days() {
        Ok(found) if found.is_empty() => (found, None),
        Ok(found) => (found, sentence.doubt()),
        Err(doubt) => (Vec::new(), Some(doubt)),
    };
    let doubt = if sentence.says_paid() { Some("it seems to be paid already") } else { doubt };
    Clause { found, discount, doubt }
}

struct Sentence<'t> {
    tokens: &'t [Token],
    issued: NaiveDate,
    /// What the word at each place tells.
    topics: Vec<Option<Topic>>,
}

/// A stretch of time.
#[derive(Clone, Copy)]
enum Span {
    Days(u32),
    Months(u32),
}

impl Span {
    fn after(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Span::Days(days) => day.checked_add_days(Days::new(days.into())),
            Span::Months(months) => day.checked_add_months(Months::new(months)),
        }
    }
}

/// What is told at one place.
#[derive(Clone, Copy)]
enum Item {
    Span(Span),
    Day(NaiveDate),
}

/// The end of a month that a sentence speaks of.
#[derive(Clone, Copy)]
struct MonthEnd {
    at: usize,
    next: bool,
    /// "30 days after the end of the month", not "in 30 days, at the end of the month".
    counts_from: bool,
}

type Doubt = &'static str;

fn topics(tokens: &[Token]) -> Vec<Option<Topic>> {
    let is_denied = |at: usize| {
        let before = tokens.get(at.saturating_sub(2)..at).unwrap_or_default();
        before.iter().any(|token| matches!(token, Token::Word(word) if words::is_negation(word)))
    };
    let of = |(at, token): (usize, &Token)| match token {
        Token::Word(word) => match words::topic(word) {
            // "ohne Abzug", "zonder enige korting".
            Some(Topic::Discount) if is_denied(at) => Some(Topic::Net),
            topic => topic,
        },
        _ => None,
    };
    tokens.iter().enumerate().map(of).collect()
}

impl Sentence<'_> {
    fn says(&self, topic: Topic) -> bool {
        self.topics.contains(&Some(topic))
    }

    /// The word at this place, or nothing.
    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(Token::Word(word)) => word,
            _ => "",
        }
    }

    fn any_word(&self, places: std::ops::Range<usize>, is: fn(&str) -> bool) -> bool {
        places.into_iter().any(|at| is(self.word(at)))
    }

    /// "reeds betaald", but not "moet worden betaald".
    fn says_paid(&self) -> bool {
        let is_asked = self.any_word(0..self.tokens.len(), words::asks);
        self.says(Topic::Paid) && (self.says(Topic::Already) || !is_asked)
    }

    /// Why what the sentence names may not be believed.
    fn doubt(&self) -> Option<Doubt> {
        let doubts = [
            (Topic::Elsewhere, "it counts from a delivery or an order"),
            (Topic::Parts, "it speaks of parts, or of money in advance"),
            (Topic::Collected, "the seller collects it"),
            (Topic::Not, "it says what is not"),
        ];
        let is_plain = (0..self.tokens.len()).all(|at| self.word(at).is_empty() || self.topics.get(at) != Some(&None));
        let is_about_paying = self.says(Topic::Payment) || self.says(Topic::Paid) || is_plain;
        let found = doubts.into_iter().find(|(topic, _)| self.says(*topic)).map(|(_, why)| why);
        found.or((!is_about_paying).then_some("it does not say that it is about paying"))
    }

    /// Every last day that the sentence names.
    fn last_days(&self) -> Result<Vec<Found>, Doubt> {
        let mut items = Vec::new();
        for at in 0..self.tokens.len() {
            items.extend(self.item(at)?.map(|item| (at, item)));
        }
        let end = self.month_end(&items)?;
        let start = if self.says(Topic::Receipt) { self.received() } else { Some(self.issued) };
        let mut found: Vec<Found> = Vec::new();
        for (at, item) in &items {
            let day = match (item, end) {
                (Item::Day(day), _) => Some(*day),
                (Item::Span(span), None) => start.and_then(|start| span.after(start)),
                (Item::Span(span), Some(end)) => start.and_then(|start| end.with(*span, start)),
            };
            found.push(Found { day, net: self.is_net(*at) });
        }
        if let (true, Some(end)) = (items.is_empty(), end) {
            found.push(Found { day: end.of(self.issued), net: self.is_net(end.at) });
        } else if items.is_empty()
            && let Some(at) = self.at_once()
        {
            found.push(Found { day: self.received(), net: self.is_net(at) });
        }
        Ok(found)
    }

    /// An invoice counts as received the day after its date.
    fn received(&self) -> Option<NaiveDate> {
        Span::Days(1).after(self.issued)
    }

    fn item(&self, at: usize) -> Result<Option<Item>, Doubt> {
        match self.tokens.get(at) {
            Some(Token::Date { day, either }) => self.dated(at, *day, *either),
            Some(Token::Number(number)) => match self.span(at, *number)? {
                Some(span) => Ok(Some(span)),
                None => Ok(self.bare(at, *number)),
            },
            Some(Token::Word(word)) => words::number(word).map_or(Ok(None), |number| self.span(at, number)),
            Some(Token::Figure) if words::unit(self.word(at + 1)).is_some() => Err("it counts no whole days"),
            Some(Token::Figure | Token::Percent | Token::Comma) | None => Ok(None),
        }
    }

    /// "30 days", "30 calendar days".
    fn span(&self, at: usize, number: u32) -> Result<Option<Item>, Doubt> {
        let between = self.word(at + 1);
        let unit_at = at + if words::stands_before_unit(between) { 2 } else { 1 };
        let is_working = words::is_working(between) || words::is_working(self.word(unit_at + 1));
        Ok(Some(Item::Span(match words::unit(self.word(unit_at)) {
            Some(Unit::Day) if !is_working => Span::Days(number),
            Some(Unit::Week) => Span::Days(number.saturating_mul(7)),
            Some(Unit::Month) => Span::Months(number),
            Some(Unit::Day | Unit::Other) => return Err("it counts working days, hours or years"),
            None => return Ok(None),
        })))
    }

    /// "net 30", "payment term in days: 30".
    fn bare(&self, at: usize, number: u32) -> Option<Item> {
        let before = (0..at).rev().find(|at| !words::is_between_bare(self.word(*at)))?;
        let ends = match self.tokens.get(at + 1) {
            None | Some(Token::Comma) => true,
            Some(Token::Word(word)) => !words::is_currency(word),
            Some(_) => false,
        };
        let counts = words::counts_days(self.word(before)) && ends && number <= LONGEST_BARE;
        counts.then_some(Item::Span(Span::Days(number)))
    }

    /// "before 15-12-2026", or a date alone.
    fn dated(&self, at: usize, day: NaiveDate, either: bool) -> Result<Option<Item>, Doubt> {
        let near = at.saturating_sub(3)..at;
        if self.any_word(at.saturating_sub(2)..at, words::counts_from) {
            return if day == self.issued { Ok(None) } else { Err("it counts from another day") };
        }
        if either && self.any_word(near.clone(), words::is_english) {
            return Err("day and month may be the other way round");
        }
        let is_named = self.any_word(near, words::names_last_day) || self.tokens.len() == 1;
        Ok(is_named.then_some(Item::Day(day)))
    }

    fn month_end(&self, items: &[(usize, Item)]) -> Result<Option<MonthEnd>, Doubt> {
        let all = 0..self.tokens.len();
        let is_end = |at: &usize| {
            let word = self.word(*at);
            words::is_month_end(word) || words::ends_month(word) && self.any_word(*at + 1..*at + 5, words::of_month)
        };
        let Some(at) = all.clone().find(is_end) else { return Ok(None) };
        let spans: Vec<usize> =
            items.iter().filter(|(_, item)| matches!(item, Item::Span(_))).map(|(at, _)| *at).collect();
        let is_counted = |at: &usize| {
            let is_item = items.iter().any(|(place, _)| place == at);
            is_item || matches!(self.tokens.get(at + 1), Some(Token::Percent))
        };
        let is_number = |at: &usize| matches!(self.tokens.get(*at), Some(Token::Number(_) | Token::Figure));
        if all.clone().any(|at| is_number(&at) && !is_counted(&at)) {
            return Err("it may name a day of a month");
        }
        let next = self.any_word(all, words::is_next);
        if next && !spans.is_empty() {
            return Err("it counts to a month that is not sure");
        }
        let from = self.any_word(at.saturating_sub(2)..at, words::counts_from);
        let counts_from = from || !spans.is_empty() && spans.iter().all(|span| *span > at);
        Ok(Some(MonthEnd { at, next, counts_from }))
    }

    /// Where the sentence says "at once", or "on receipt".
    fn at_once(&self) -> Option<usize> {
        let is_it = |at: &usize| {
            matches!(self.topics.get(*at), Some(Some(Topic::AtOnce | Topic::Receipt)))
                || self.word(*at) == "direct" && (self.word(at.saturating_sub(1)) == "per" || self.word(at + 1) == "te")
        };
        (0..self.tokens.len()).find(is_it)
    }

    /// The whole amount is asked there: a word beside it says so, and no other term, figure or discount stands between.
    fn is_net(&self, at: usize) -> bool {
        let topic = |at: usize| self.topics.get(at).copied().flatten();
        let goes_on =
            |at: &usize| matches!(self.tokens.get(*at), Some(Token::Word(_))) && topic(*at) != Some(Topic::Discount);
        let before = (at.saturating_sub(2)..at).rev().take_while(goes_on);
        let after = (at + 1..at + 5).take_while(goes_on);
        before.chain(after).chain([at]).any(|at| topic(at) == Some(Topic::Net))
    }
}

impl MonthEnd {
    /// The last day of the month of that day, or of the month after it.
    fn of(self, day: NaiveDate) -> Option<NaiveDate> {
        day.with_day(1)?.checked_add_months(Months::new(if self.next { 2 } else { 1 }))?.pred_opt()
    }

    /// "30 days end of month" is understood in two ways; the later day counts.
    fn with(self, span: Span, start: NaiveDate) -> Option<NaiveDate> {
        let after_it = span.after(self.of(start)?)?;
        if self.counts_from { Some(after_it) } else { Some(after_it.max(self.of(span.after(start)?)?)) }
    }
}
