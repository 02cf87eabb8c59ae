//! The customers: what each is like, and what a letter makes them do.

use super::books::Why;
use super::days::{dutch, hour, utc};
use super::law::Regime;
use super::letters::{Letter, Stage};
use super::paper::{self, Answer, US};
use super::world::{Event, World};
use chrono::{Duration, NaiveDateTime};

/// How a debtor is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nature {
    Silent,
    Prompt,
    PaysWhenAsked,
    PaysInParts,
    KeepsPromises,
    BreaksPromises,
    Disputes,
    Asks,
    SaysPaid,
    Bounces,
    Robot,
    ForgetsReferences,
    /// Interest and costs too.
    PaysAll,
    PaysAllLate,
    PaysTooMuch,
    /// Letters of law do not reach them.
    BouncesLaw,
    /// Disputes once the law gives them a term.
    DisputesLaw,
    Anything,
}

const NATURES: [Nature; 18] = [
    Nature::Silent,
    Nature::Prompt,
    Nature::PaysWhenAsked,
    Nature::PaysInParts,
    Nature::KeepsPromises,
    Nature::BreaksPromises,
    Nature::Disputes,
    Nature::Asks,
    Nature::SaysPaid,
    Nature::Bounces,
    Nature::Robot,
    Nature::ForgetsReferences,
    Nature::PaysAll,
    Nature::PaysAllLate,
    Nature::PaysTooMuch,
    Nature::BouncesLaw,
    Nature::DisputesLaw,
    Nature::Anything,
];

const NAMES: [&str; 10] = [
    "Jansen Bouw B.V.",
    "Kwekerij Tulp",
    "Visser Transport",
    "Slagerij Ottink",
    "Garage Zuidplas",
    "Drukkerij Meerkat",
    "Hotel Waterrijk",
    "Mulder Advies",
    "Fietsenmaker Quist",
    "Apotheek Bremhof",
];

const DISPUTE: &str = "Beste,\n\nWij betwisten deze factuur: de goederen zijn nooit geleverd.\n\nGroet,\nInkoop";

impl World {
    pub fn people(&mut self) {
        for (n, name) in NAMES.iter().enumerate() {
            let nature = if n == 0 { Nature::Silent } else { self.chance.one_of(&NATURES) };
            self.natures.push(nature);
            let regime = self.regime(n, self.policy);
            let kind = match (regime.consumer, regime.government) {
                (true, _) => "consumer",
                (_, true) => "government",
                _ => "business",
            };
            self.books.regimes.push(regime);
            let id = format!("K{}", 1001 + n);
            self.books.debtors.push((id, (*name).to_owned(), format!("kas@klant{n}.example"), kind.to_owned()));
            for _ in 0..self.chance.within(2, 5) {
                self.plan_claim(n);
            }
        }
    }

    /// The first debtor is silent, under each law in turn; most others live where the office is.
    fn regime(&mut self, debtor: usize, policy: Regime) -> Regime {
        let office = self.books.belgian_office;
        let (belgian, kind) = match debtor {
            0 => (office, self.seed / 4 % 2 * 60),
            _ => (self.chance.in_100(25) != office, self.chance.within(0, 99) as u64),
        };
        Regime { belgian, consumer: kind < 50, government: kind >= 90, ..policy }
    }

    pub fn react(&mut self, at: NaiveDateTime, debtor: usize, letter: &Letter, message_id: &str) {
        use Nature::*;
        const MOODS: [Nature; 15] = [
            Silent,
            PaysWhenAsked,
            PaysInParts,
            KeepsPromises,
            BreaksPromises,
            Disputes,
            Asks,
            SaysPaid,
            Bounces,
            ForgetsReferences,
            PaysAll,
            PaysAllLate,
            PaysTooMuch,
            BouncesLaw,
            DisputesLaw,
        ];
        let nature = self.natures[debtor];
        let nature = if nature == Anything { self.chance.one_of(&MOODS) } else { nature };
        let claims: Vec<usize> = letter.lines.iter().filter_map(|(number, _)| self.books.claim(number)).collect();
        let parts: Vec<(usize, i64)> =
            letter.lines.iter().filter_map(|(number, cents)| Some((self.books.claim(number)?, *cents))).collect();
        if parts.is_empty() || (nature != Robot && self.chance.in_100(35)) {
            return;
        }
        // Who is thanked pays nothing, but may dispute, ask, or have moved.
        if letter.stage == Stage::Thanks && !matches!(nature, Robot | Disputes | Asks | Bounces) {
            return;
        }
        let soon = at + Duration::minutes(self.chance.within(5, 60 * 24 * 9));
        let write =
            |world: &mut World, words: &str, why: Why| world.write(soon, debtor, letter, message_id, words, Some(why));
        let with_extras = |extra: i64| {
            let mut parts = parts.clone();
            parts[0].1 += letter.interest + letter.costs + extra;
            parts
        };
        match nature {
            PaysAll => self.at(soon, Event::Pay { parts: with_extras(0), named: true }),
            PaysTooMuch => self.at(soon, Event::Pay { parts: with_extras(500), named: true }),
            PaysAllLate => {
                let late = at + Duration::days(self.chance.within(9, 30));
                self.at(late, Event::Pay { parts: with_extras(0), named: true });
            }
            DisputesLaw if letter.stage.is_legal() => write(self, DISPUTE, Why::Answered("dispute")),
            Silent | Prompt | Anything | DisputesLaw => {}
            BouncesLaw if !letter.stage.is_legal() => {}
            PaysWhenAsked => self.at(soon, Event::Pay { parts, named: true }),
            ForgetsReferences => {
                let surplus = if self.chance.in_100(20) { 200 } else { 0 };
                let parts = vec![(parts[0].0, parts[0].1 + surplus)];
                self.at(soon, Event::Pay { parts, named: surplus > 0 });
            }
            PaysInParts => {
                let (claim, open) = parts[0];
                let cents = if self.chance.in_100(50) { open } else { (open / 2).max(1) };
                self.at(soon, Event::Pay { parts: vec![(claim, cents)], named: true });
            }
            KeepsPromises | BreaksPromises => {
                let day = soon.date() + Duration::days(self.chance.within(2, 20));
                let words = format!(
                    "Geachte heer, mevrouw,\n\nWij betalen op {}.\n\nMet vriendelijke groet,\nInkoop",
                    dutch(day)
                );
                write(self, &words, Why::Promised(day, claims));
                if nature == KeepsPromises {
                    self.at(hour(day, 600), Event::Pay { parts, named: true });
                }
            }
            Disputes => write(self, DISPUTE, Why::Answered("dispute")),
            Asks => {
                let words = self.chance.one_of(&[
                    "Kunt u mij een kopie van de factuur sturen?",
                    "Ik neem dit op met mijn collega van de administratie.",
                    "Kunnen wij dit in drie termijnen betalen?",
                    "Is het mogelijk dat u het adres op de factuur aanpast?",
                    "Onze directeur is op reis, daarna hoort u van ons.",
                ]);
                write(
                    self,
                    &format!("Goedendag,\n\n{words}\n\nMet vriendelijke groet,\nInkoop"),
                    Why::Answered("answer"),
                );
            }
            SaysPaid => {
                let day = soon.date() - Duration::days(self.chance.within(0, 2));
                let words = format!("Goedendag,\n\nDeze factuur is al betaald op {}.\n\nGroet,\nInkoop", dutch(day));
                if self.chance.in_100(60) {
                    self.at(soon, Event::Pay { parts, named: true });
                }
                write(self, &words, Why::SaysPaid(claims));
            }
            Bounces | BouncesLaw => {
                self.mails += 1;
                let email = self.books.debtors[debtor].2.clone();
                let bytes = paper::bounce(&format!("b{}@mx.klant.example", self.mails), &email, message_id, utc(soon));
                self.at(
                    soon,
                    Event::Mail { bytes, bounced: Some(message_id.to_owned()), shield: Some((debtor, Why::Bounced)) },
                );
            }
            Robot => self.write(
                at + Duration::minutes(3),
                debtor,
                letter,
                message_id,
                "Ik ben met vakantie en lees mijn mail niet.",
                None,
            ),
        }
    }

    pub fn write(
        &mut self,
        at: NaiveDateTime,
        debtor: usize,
        letter: &Letter,
        to: &str,
        words: &str,
        why: Option<Why>,
    ) {
        self.mails += 1;
        let (_, name, email, _) = self.books.debtors[debtor].clone();
        let human = why.is_some();
        let way = self.chance.within(0, 3);
        let other = format!("prive{debtor}@elders.example");
        let subject =
            if human { format!("Re: {}", letter.subject) } else { format!("Automatisch antwoord: {}", letter.subject) };
        let bytes = paper::answer(&Answer {
            from: (&name, if way == 0 { &other } else { &email }),
            to: if way == 1 { US } else { &letter.reply_to },
            subject: &subject,
            id: &format!("m{}@klant.example", self.mails),
            in_reply_to: (way != 2).then_some(to),
            at: utc(at),
            extra: if human { "" } else { "Auto-Submitted: auto-replied\r\n" },
            words,
            quote: (way == 3).then_some(letter.text.as_str()),
        });
        self.at(at, Event::Mail { bytes, bounced: None, shield: why.map(|why| (debtor, why)) });
    }
}
