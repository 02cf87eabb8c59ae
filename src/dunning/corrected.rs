//! Mails that the owner understood otherwise than they were read: what he decided after one tells what it meant to him. Reads
//! the journal; decides nothing.

use super::account::PaymentSource;
use super::fact::Fact;
use super::hold::HoldReason;
use super::ids::EvidenceId;
use super::input::Saying;
use chrono::NaiveDate;

/// What the owner does later than this, in days, is not about the mail any more.
const ABOUT_IT_DAYS: i64 = 14;

/// A person's mail, and what it meant to the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    pub source: EvidenceId,
    pub on: NaiveDate,
    /// As it was read: the name of a [`Saying`].
    pub read_as: String,
    pub meant: Saying,
}

/// The mails of one account that were read as something else than the owner's next decision says, in their order. `facts`
/// are those of the account with the day on which each was written down.
pub fn corrected<'f>(facts: impl IntoIterator<Item = (NaiveDate, &'f Fact)>) -> Vec<Corrected> {
    let mut found = Vec::new();
    let mut last: Option<(NaiveDate, &EvidenceId, &str)> = None;
    for (on, fact) in facts {
        if let Fact::MailRead { source, meaning, human: true, .. } = fact {
            last = Some((on, source, meaning));
            continue;
        }
        let Some((read_on, source, read_as)) = last else { continue };
        let Some(meant) = said_by_owner(fact, read_on) else { continue };
        last = None;
        if meant.name() != read_as && (on - read_on).num_days() <= ABOUT_IT_DAYS {
            found.push(Corrected { source: source.clone(), on: read_on, read_as: read_as.to_owned(), meant });
        }
    }
    found
}

/// What the owner's decision says about the mail before it; what the rules did by themselves says nothing.
fn said_by_owner(fact: &Fact, read_on: NaiveDate) -> Option<Saying> {
    match fact {
        Fact::Held { hold } if hold.reason == HoldReason::Dispute && hold.source.is_none() => Some(Saying::Dispute),
        Fact::DisputedPart { amount: Some(_), .. } => Some(Saying::Dispute),
        Fact::PromiseMade { promise } if promise.by.is_some() => Some(Saying::Promise),
        Fact::PlanAgreed { .. } => Some(Saying::Plan),
        // Money that was there before the mail: the mail spoke of it. What comes later may be an answer to it.
        Fact::PaymentBooked { payment } if payment.source == PaymentSource::Owner && payment.booked <= read_on => {
            Some(Saying::Paid)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::{Promise, PromiseState};
    use super::super::hold::{Hold, Scope};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn mail(source: &str, meaning: &str, human: bool) -> Fact {
        Fact::MailRead {
            source: EvidenceId::new(source),
            from: "an@klant.example".into(),
            meaning: meaning.into(),
            sentence: None,
            human,
            why: "thread".into(),
            attachments: Vec::new(),
        }
    }

    fn dispute(source: Option<&str>) -> Fact {
        Fact::Held {
            hold: Hold {
                scope: Scope::Debtor,
                reason: HoldReason::Dispute,
                since: day("2026-11-18"),
                until: None,
                cases: Vec::new(),
                evidence: None,
                source: source.map(EvidenceId::new),
                claimed_day: None,
            },
        }
    }

    fn promise(by: Option<&str>) -> Fact {
        Fact::PromiseMade {
            promise: Promise {
                date: day("2026-11-30"),
                made_on: day("2026-11-18"),
                amount: None,
                cases: Vec::new(),
                by: by.map(str::to_owned),
                evidence: None,
                paid: None,
                state: PromiseState::Open,
            },
        }
    }

    fn of(facts: &[(&str, Fact)]) -> Vec<(String, String, Saying)> {
        let found = corrected(facts.iter().map(|(on, fact)| (day(on), fact)));
        found.into_iter().map(|one| (one.source.to_string(), one.read_as, one.meant)).collect()
    }

    #[test]
    fn the_owners_next_decision_tells_what_the_mail_meant() {
        let found = of(&[
            ("2026-11-17", mail("a", "question", true)),
            ("2026-11-18", dispute(None)),
            ("2026-11-20", mail("b", "dispute", true)),
            ("2026-11-20", promise(Some("owner"))),
        ]);
        let one = |source: &str, read_as: &str, meant| (source.to_owned(), read_as.to_owned(), meant);
        assert_eq!(found, [one("a", "question", Saying::Dispute), one("b", "dispute", Saying::Promise)]);
    }

    #[test]
    fn what_is_no_correction() {
        let none: [&[(&str, Fact)]; 6] = [
            // read so, and decided so
            &[("2026-11-17", mail("a", "dispute", true)), ("2026-11-18", dispute(None))],
            // the rules themselves, of this mail or another
            &[("2026-11-17", mail("a", "question", true)), ("2026-11-18", dispute(Some("b")))],
            &[("2026-11-17", mail("a", "question", true)), ("2026-11-18", promise(None))],
            // a machine's mail, none at all, and one of long ago
            &[("2026-11-17", mail("a", "auto_reply", false)), ("2026-11-18", dispute(None))],
            &[("2026-11-18", dispute(None))],
            &[("2026-11-01", mail("a", "question", true)), ("2026-11-18", dispute(None))],
        ];
        for facts in none {
            assert_eq!(of(facts), [], "{facts:?}");
        }
        // The first decision is about the mail; what follows may be about anything.
        let twice = of(&[
            ("2026-11-17", mail("a", "promise", true)),
            ("2026-11-18", promise(Some("owner"))),
            ("2026-11-19", dispute(None)),
        ]);
        assert_eq!(twice, []);
    }
}
