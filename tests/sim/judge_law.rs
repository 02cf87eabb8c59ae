//! The judge of interest and costs: may this letter ask what it asks, on this day, of this debtor?

use super::books::{Accepted, Books, Share};
use super::days::dutch_dates;
use super::law::{self, LegalTerm};
use super::letters::{Letter, Stage, dutch_amount};
use chrono::{Duration, NaiveDate};

/// The words on which the right to costs depends (art. 6:96(6) BW; HR 25-11-2016, ECLI:NL:HR:2016:2704).
const FOURTEEN_DAYS: &str = "binnen veertien dagen vanaf de dag nadat deze brief door u is ontvangen";

impl Books {
    /// The last letter of that kind about the claim that reached the debtor and lost no effect.
    fn effective(&self, stage: Stage, claim: usize) -> Option<&Accepted> {
        let number = &self.claims[claim].number;
        self.accepted.iter().rfind(|sent| {
            sent.letter.stage == stage
                && !sent.bounced
                && !sent.void
                && sent.letter.lines.iter().any(|(listed, _)| listed == number)
        })
    }

    fn term_of(&self, sent: &Accepted) -> LegalTerm {
        self.regimes[sent.debtor].term(sent.at.date())
    }

    /// The last day that a letter leaves its reader.
    pub fn last_day_given(&self, sent: &Accepted) -> Option<NaiveDate> {
        match sent.letter.stage {
            Stage::FourteenDays | Stage::BelgianFirst => Some(self.term_of(sent).last_day),
            _ => sent.letter.deadline,
        }
    }

    /// The last day on which the claim could be paid without interest; `None` = not in default, and no day known.
    fn in_time(&self, claim: usize) -> Option<NaiveDate> {
        let known = &self.claims[claim];
        let regime = &self.regimes[known.debtor];
        if !regime.consumer {
            // Thirty days from the day after receipt, which is the day after the invoice's.
            let unagreed = known.issued + Duration::days(31);
            return Some(if known.is_agreed() { known.due } else { known.due.max(unagreed) });
        }
        if regime.belgian {
            let first = self.effective(Stage::BelgianFirst, claim).filter(|_| regime.clause)?;
            return Some(self.term_of(first).last_day);
        }
        if known.is_agreed() {
            return Some(known.due);
        }
        self.effective(Stage::NoticeOfDefault, claim)?.letter.deadline
    }

    pub fn is_in_default(&self, claim: usize, on: NaiveDate) -> bool {
        self.in_time(claim).is_some_and(|last| last < on)
    }

    /// Interest that is owed at the end of that day, asked or not. Nothing where a figure is missing.
    pub fn own_interest(&self, claim: usize, on: NaiveDate) -> i64 {
        let known = &self.claims[claim];
        let regime = &self.regimes[known.debtor];
        let Some(last) = self.in_time(claim).filter(|last| *last < on && regime.asks_interest) else { return 0 };
        law::interest(regime, known.principal(), last, on, &known.entries).unwrap_or(0)
    }

    /// Some letter before that day asked interest on the claim; `surely` = and it arrived, and the daemon knows.
    pub fn interest_was_asked(&self, claim: usize, on: NaiveDate, surely: bool) -> bool {
        self.letters_before(on, surely).any(|sent| sent.shares.iter().any(|s| s.claim == claim && s.interest > 0))
    }

    fn letters_before(&self, on: NaiveDate, surely: bool) -> impl Iterator<Item = &Accepted> {
        self.accepted.iter().filter(move |sent| sent.at.date() < on && (!surely || (sent.told && !sent.bounced)))
    }

    /// Some letter about the claim has a fate that the daemon may see otherwise than the world: amounts are then judged
    /// as at most, not to the cent.
    pub fn is_unsure(&self, claim: usize) -> bool {
        let number = &self.claims[claim].number;
        let about = |letter: &Letter| letter.lines.iter().any(|(listed, _)| listed == number);
        self.accepted.iter().any(|sent| (!sent.told || sent.bounced) && about(&sent.letter))
    }

    /// Costs of the claim that are owed on that day and not paid.
    pub fn own_costs(&self, claim: usize, on: NaiveDate, surely: bool) -> i64 {
        let known = &self.claims[claim];
        let charged = if self.regimes[known.debtor].consumer {
            self.announced_and_due(claim, on)
        } else {
            let paid_by = |day: NaiveDate| known.entries.iter().filter(|e| e.day < day).map(|e| e.costs).sum::<i64>();
            let asked = |sent: &Accepted| {
                let share = sent.shares.iter().find(|share| share.claim == claim)?;
                Some(share.costs + paid_by(sent.at.date()))
            };
            self.letters_before(on, surely).filter_map(asked).max().unwrap_or(0)
        };
        (charged - known.entries.iter().map(|entry| entry.costs).sum::<i64>()).max(0)
    }

    /// What a consumer owes once the term of the letter that announced it is over: over what was not paid in time.
    fn announced_and_due(&self, claim: usize, on: NaiveDate) -> i64 {
        let regime = &self.regimes[self.claims[claim].debtor];
        let stage = if regime.belgian { Stage::BelgianFirst } else { Stage::FourteenDays };
        let Some(sent) = self.effective(stage, claim) else { return 0 };
        let term = self.term_of(sent);
        if on <= term.last_day || on <= term.waited {
            return 0;
        }
        let listed: Vec<usize> = sent.letter.lines.iter().filter_map(|(number, _)| self.claim(number)).collect();
        let late: Vec<i64> = listed.iter().map(|c| self.unpaid_at(*c, term.waited)).collect();
        let fee = sent.letter.announced.min(regime.costs_over(late.iter().sum()));
        let parts = law::share(fee, &late);
        listed.iter().position(|c| *c == claim).map_or(0, |at| parts[at])
    }

    fn unpaid_at(&self, claim: usize, day: NaiveDate) -> i64 {
        let known = &self.claims[claim];
        let in_time = known.entries.iter().filter(|entry| entry.day <= day);
        (known.principal() - in_time.map(|entry| entry.principal).sum::<i64>()).max(0)
    }

    /// Everything that is wrong with what a letter asks beside the invoices, or announces.
    pub fn judge_law(&self, sent: &Accepted) -> Vec<String> {
        let mut found = self.judge_shares(sent);
        let letter = &sent.letter;
        let regime = &self.regimes[sent.debtor];
        match letter.stage {
            Stage::FourteenDays => found.extend(self.judge_fourteen_days(sent)),
            Stage::BelgianFirst => found.extend(self.judge_belgian_first(sent)),
            Stage::NoticeOfDefault => {
                let reasonable = letter.deadline.is_some_and(|last| last >= sent.at.date() + Duration::days(7));
                if regime.belgian || !regime.consumer || !reasonable || letter.interest + letter.costs > 0 {
                    found.push(format!("a notice of default with {:?} as its term", letter.deadline));
                }
            }
            Stage::Thanks | Stage::Note | Stage::Reminder | Stage::Second | Stage::Formal | Stage::Last => {
                if letter.announced > 0 {
                    found.push(format!("announces {}", letter.announced));
                }
            }
        }
        found
    }

    /// Interest to the cent, costs not too early and not too much.
    fn judge_shares(&self, sent: &Accepted) -> Vec<String> {
        let (letter, today) = (&sent.letter, sent.at.date());
        let regime = &self.regimes[sent.debtor];
        let mut found = Vec::new();
        let sum = |part: fn(&Share) -> i64| sent.shares.iter().map(part).sum::<i64>();
        if (sum(|s| s.interest), sum(|s| s.costs)) != (letter.interest, letter.costs) {
            found.push(format!("asks {} and {}, the journal has {:?}", letter.interest, letter.costs, sent.shares));
        }
        for (number, _) in &letter.lines {
            let Some(claim) = self.claim(number) else { continue };
            let none = Share { claim, interest: 0, costs: 0 };
            let share = sent.shares.iter().find(|share| share.claim == claim).copied().unwrap_or(none);
            let sure = !self.is_unsure(claim);
            let must_ask = sure && letter.lines.len() == 1 && letter.stage == Stage::Last;
            let own = self.own_interest(claim, today);
            if share.interest > own || ((share.interest > 0 && sure || must_ask) && share.interest != own) {
                found.push(format!("{number}: asks interest of {}, it is {own}", share.interest));
            }
            if share.costs > 0 && !regime.asks_costs {
                found.push(format!("{number}: asks costs of {}, none are claimed", share.costs));
            }
            if regime.consumer {
                let own = self.own_costs(claim, today, sure);
                if share.costs > own || ((share.costs > 0 && sure || must_ask) && share.costs != own) {
                    found.push(format!("{number}: asks costs of {}, they are {own}", share.costs));
                }
            } else if share.costs > 0 && !self.is_in_default(claim, today) {
                found.push(format!("{number}: asks costs of {} before default", share.costs));
            }
        }
        if !regime.consumer {
            found.extend(self.judge_business_costs(sent));
        }
        found
    }

    fn judge_business_costs(&self, sent: &Accepted) -> Option<String> {
        let letter = &sent.letter;
        let listed: Vec<usize> = letter.lines.iter().filter_map(|(number, _)| self.claim(number)).collect();
        let regime = &self.regimes[sent.debtor];
        let paid: i64 = listed.iter().flat_map(|c| &self.claims[*c].entries).map(|entry| entry.costs).sum();
        // Each claim may have been demanded by itself before; together they are never more than that.
        let most = listed.iter().map(|c| regime.costs_over(self.claims[*c].principal()).max(4_000)).sum::<i64>();
        if letter.costs + paid > most {
            return Some(format!("asks costs of {} after {paid}, at most {most} are owed", letter.costs));
        }
        let [claim] = listed.as_slice() else { return None };
        let before = self.own_costs(*claim, sent.at.date(), true) + paid;
        let scale = regime.is_business() && !regime.belgian && letter.stage == Stage::Last;
        let fee = if scale { regime.costs_over(letter.principal()) } else { 4_000 };
        let asks = matches!(letter.stage, Stage::Formal | Stage::Last) && regime.asks_costs;
        let owed = if asks && self.is_in_default(*claim, sent.at.date()) { fee.max(before) } else { before } - paid;
        (letter.costs != owed && !self.is_unsure(*claim))
            .then(|| format!("asks costs of {}, owed are {owed}", letter.costs))
    }

    fn judge_fourteen_days(&self, sent: &Accepted) -> Vec<String> {
        let (letter, today) = (&sent.letter, sent.at.date());
        let regime = &self.regimes[sent.debtor];
        let mut found = Vec::new();
        if regime.belgian || !regime.consumer || !regime.asks_costs {
            found.push("a fourteen-day letter to somebody whom the law gives none".to_owned());
        }
        if letter.costs != 0 || letter.announced != regime.costs_over(letter.principal()) {
            found.push(format!("asks costs of {}, announces {}", letter.costs, letter.announced));
        }
        let text = letter.running();
        let whole = text.split_once("Betaalt u € ").and_then(|(_, rest)| rest.split_once(' '));
        let first = whole.map(|(amount, rest)| (amount.to_owned(), rest.starts_with(FOURTEEN_DAYS)));
        let asked = dutch_amount(letter.total);
        if first != Some((asked, true)) {
            found.push(format!("does not ask its total in the accepted words: {first:?}"));
        }
        if let Some(date) = dutch_dates(&text).into_iter().find(|date| *date > today) {
            found.push(format!("names {date}"));
        }
        for (number, _) in &letter.lines {
            let Some(claim) = self.claim(number) else { continue };
            if !self.is_in_default(claim, today) {
                found.push(format!("{number} is not in default"));
            }
            if self.effective(Stage::FourteenDays, claim).is_some_and(|other| other.told) {
                found.push(format!("{number} had a fourteen-day letter already"));
            }
        }
        found
    }

    fn judge_belgian_first(&self, sent: &Accepted) -> Vec<String> {
        let (letter, regime) = (&sent.letter, &self.regimes[sent.debtor]);
        let owed = if regime.clause && regime.asks_costs { regime.costs_over(letter.principal()) } else { 0 };
        let mut found = Vec::new();
        if !regime.belgian || !regime.consumer || letter.interest + letter.costs > 0 || letter.announced != owed {
            found.push(format!("a first reminder that announces {}, not {owed}", letter.announced));
        }
        let text = letter.running();
        let creditor = if self.belgian_office { "ondernemingsnummer 0123.456.749" } else { "KvK-nummer 12345678" };
        let words = ["kosteloos", "veertien kalenderdagen", creditor];
        found.extend(words.iter().filter(|words| !text.contains(*words)).map(|words| format!("lacks {words:?}")));
        found
    }
}
