//! The office that invoices: it puts invoices and credit notes in the folder, some late, some twice, some with an error.

use super::books::Claim;
use super::customers::Nature;
use super::days::{DAYS, hour, start, utc};
use super::paper::{self, Bill};
use super::world::{Event, World};
use aanmaand::dunning::ids::EvidenceId;
use aanmaand::store::evidence_of;
use chrono::{Duration, NaiveDate, NaiveDateTime};

/// A term that ends on Ascension day or the day after: of the letter that comes 25 days after the due date in the
/// Netherlands, of the one 3 days after it in Belgium.
fn spring_days(belgian: bool, later: i64) -> (NaiveDate, NaiveDate) {
    let (month, day) = if belgian { (4, 24) } else { (4, 2) };
    let due = NaiveDate::from_ymd_opt(2026, month, day).unwrap() + Duration::days(later);
    (due - Duration::days(14), due)
}

impl World {
    pub fn plan_claim(&mut self, debtor: usize) {
        let issued = start() + Duration::days(self.chance.within(-20, DAYS - 70));
        let due = issued + Duration::days(self.chance.within(8, 30));
        let regime = self.books.regimes[debtor];
        let spring = regime.consumer && self.chance.in_100(20);
        let (issued, due) = if spring { spring_days(regime.belgian, self.chance.within(0, 4)) } else { (issued, due) };
        let late = self.chance.in_100(8);
        let filed = (if late { due + Duration::days(self.chance.within(2, 20)) } else { issued }).max(start());
        let n = self.books.claims.len();
        let cents = self.chance.within(2_000, 240_000);
        self.books.claims.push(Claim {
            number: format!("F26-{:04}", n + 1),
            debtor,
            cents,
            issued,
            due,
            term_source: self.chance.one_of(&["contract", "general_terms", "invoice"]),
            filed: None,
            credited: 0,
            entries: Vec::new(),
            paid: 0,
            given_up: false,
            waived_by_owner: false,
            rest_wanted: false,
        });
        let minute = self.chance.within(400, 1100);
        self.at(hour(filed, minute), Event::File(n));
        if self.natures[debtor] == Nature::Prompt {
            let day = due - Duration::days(self.chance.within(0, 6));
            self.at(hour(day.max(filed), 1200), Event::Pay { parts: vec![(n, cents)], named: true });
        }
        if self.natures[debtor] != Nature::Silent && self.chance.in_100(8) {
            let cents = if self.chance.in_100(50) { cents } else { cents + 100 };
            let day = filed + Duration::days(self.chance.within(1, 40));
            self.at(hour(day, minute), Event::FileAgain { claim: n, cents });
        }
        if self.natures[debtor] == Nature::Anything && self.chance.in_100(30) {
            let cents = if self.chance.in_100(50) { cents } else { cents / 3 };
            let day = filed + Duration::days(self.chance.within(1, 60));
            self.at(hour(day, minute), Event::Credit { claim: n, cents });
        }
    }

    pub fn file(&mut self, at: NaiveDateTime, claim: usize, cents: i64, description: &str) -> EvidenceId {
        let claim = &self.books.claims[claim];
        let (id, name, email, kind) = &self.books.debtors[claim.debtor];
        let bytes = paper::invoice(&Bill {
            number: &claim.number,
            cents,
            issued: claim.issued,
            due: claim.due,
            corrects: None,
            debtor: (id, name, email, kind),
            country: self.books.regimes[claim.debtor].country_said(self.books.belgian_office),
            term_source: claim.term_source,
            description: &format!("Levering {description}"),
        });
        let name = format!("{}{description}{cents}.toml", claim.number);
        self.put_invoice(at, &name, bytes)
    }

    pub fn put_invoice(&mut self, at: NaiveDateTime, name: &str, bytes: Vec<u8>) -> EvidenceId {
        let id = evidence_of(&bytes);
        self.fed.push(id.clone());
        if self.chance.in_100(10) {
            self.invoices.put(&format!("kopie-{name}"), bytes.clone(), utc(at));
        }
        self.invoices.put(name, bytes, utc(at));
        id
    }

    pub fn credit(&mut self, at: NaiveDateTime, claim: usize, cents: i64) {
        let known = self.books.claims[claim].clone();
        if known.filed.is_none() || known.given_up || known.open() < cents {
            return;
        }
        let (id, name, email, kind) = self.books.debtors[known.debtor].clone();
        let bytes = paper::invoice(&Bill {
            number: &format!("CN-{}", known.number),
            cents,
            issued: at.date(),
            due: at.date(),
            corrects: Some(&known.number),
            debtor: (&id, &name, &email, &kind),
            country: self.books.regimes[known.debtor].country_said(self.books.belgian_office),
            term_source: known.term_source,
            description: "",
        });
        self.put_invoice(at, &format!("CN-{}.toml", known.number), bytes);
        self.books.claims[claim].credited += cents;
        self.books.claims[claim].paid += cents;
    }
}
