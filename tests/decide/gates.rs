//! The gate: a world in which everything is in order lets a letter pass; each reason closes it alone, and the smallest
//! change opens it again. Then its last look at a letter that was made and has not left: what changed since in the claim
//! takes it back. What only the house knows (approval, leaks) stands in `tests/gate`.

use super::claims::*;
use super::scene::*;
use aanmaand::dunning::account::{Announcement, ClosedAs, Closing, Credit, Letter, LetterState};
use aanmaand::dunning::debtor::DebtorKind;
use aanmaand::dunning::fact::Fact;
use aanmaand::dunning::gate::{GateClosed, bank_data_gate, gate};
use aanmaand::dunning::hold::{Hold, HoldReason, Scope};
use aanmaand::dunning::input::{Act, CameBack, Input, Meaning};
use aanmaand::dunning::instructions::Instructions;
use aanmaand::dunning::invoice::TermSource;
use aanmaand::dunning::policy::{Freshness, Mode};
use aanmaand::dunning::question::QuestionKind;
use aanmaand::dunning::world::{Stop, World};
use chrono::{Duration, NaiveDateTime};

/// Lives on until a letter of this template is made, and waits in the outbox.
fn made(scene: &mut Scene, template: &str) -> Letter {
    loop {
        let tomorrow = scene.today + Duration::days(1);
        scene.on(&tomorrow.to_string());
        scene.told(Input::Day(world(tomorrow)));
        match scene.account.letter_underway().cloned() {
            Some(letter) if letter.template == template => return letter,
            _ => live(scene, tomorrow),
        }
        assert!(tomorrow < day("2026-12-01"), "no {template}");
    }
}

/// Why the letter may not leave on the day on which it was made.
fn closed(scene: &Scene, letter: &Letter) -> Vec<GateClosed> {
    gate(&scene.account, &letter.intended(), &scene.policy, &world(letter.requested_on))
}

fn of_a(kind: DebtorKind, term: TermSource) -> Scene {
    scene("NL", kind, term, &[("F1", 1000_00)])
}

#[test]
fn a_letter_that_asks_what_is_not_asked_any_more() {
    for (kind, template) in [(DebtorKind::Business, "formal-notice"), (DebtorKind::Consumer, "fourteen-day-letter")] {
        let mut scene = of_a(kind, TermSource::Contract);
        let letter = made(&mut scene, template);
        assert_eq!(closed(&scene, &letter), []);
        let instructions = Box::new(Instructions { extras: Some(false), ..Instructions::default() });
        scene.told(owner(Act::Instruct { instructions, reason: String::new() }));
        assert_eq!(closed(&scene, &letter), [GateClosed::Superseded], "{template}");
    }
}

#[test]
fn a_letter_that_asks_costs_whose_announcement_did_not_arrive() {
    let mut scene = of_a(DebtorKind::Consumer, TermSource::Contract);
    let letter = made(&mut scene, "last-demand");
    assert_eq!(closed(&scene, &letter), []);
    let announcement = scene.account.letters.iter().find(|letter| !letter.announced_costs.is_empty()).unwrap();
    let letter_id = Some(announcement.id.clone());
    scene.told(
        scene.mail("b1", Meaning::Bounce { letter: letter_id, came_back: CameBack::Lasting, status: "5.1.1".into() }),
    );
    scene.answers(QuestionKind::Bounce, "resume");
    let early = GateClosed::CostsTooEarly { case: case("F1") };
    assert_eq!(closed(&scene, &letter), [GateClosed::Superseded, early]);
}

#[test]
fn a_fourteen_day_letter_without_default() {
    let mut scene = of_a(DebtorKind::Consumer, TermSource::Invoice);
    scene.policy.claims.agreed_terms = true;
    let letter = made(&mut scene, "fourteen-day-letter");
    assert_eq!(closed(&scene, &letter), []);
    scene.policy.claims.agreed_terms = false;
    assert!(closed(&scene, &letter).contains(&GateClosed::NotInDefault { case: case("F1") }));
}

/// A letter that may leave at this moment, and all that the gate looks at.
struct Stage {
    scene: Scene,
    letter: Letter,
    world: World,
}

impl Stage {
    fn with(template: &str) -> Stage {
        let mut scene = of_a(DebtorKind::Business, TermSource::Contract);
        let letter = made(&mut scene, template);
        let world = world(letter.requested_on);
        Stage { scene, letter, world }
    }

    fn codes(&self) -> Vec<&'static str> {
        let closed = gate(&self.scene.account, &self.letter.intended(), &self.scene.policy, &self.world);
        closed.iter().map(GateClosed::code).collect()
    }

    fn at(&self, time: &str) -> NaiveDateTime {
        self.letter.requested_on.and_time(time.parse().unwrap())
    }

    /// Another letter to this debtor, about nothing that this one is about.
    fn another(&mut self, state: LetterState, days_left: Option<i64>) {
        let deadline = days_left.map(|days| self.world.today() + Duration::days(days));
        let id = "another".into();
        let other = Letter { id, covers: Vec::new(), amounts: Vec::new(), state, deadline, ..self.letter.clone() };
        self.scene.account.letters.retain(|letter| letter.id.as_str() != "another");
        self.scene.account.letters.push(other);
    }

    fn sent(&mut self, days_ago: i64, days_left: Option<i64>) {
        self.another(LetterState::Sent(self.world.today() - Duration::days(days_ago)), days_left);
    }

    /// A letter to the debtor's address came back.
    fn failed(&mut self, lasting: bool) {
        let (address, on) = ("kas@jansen.example".to_owned(), self.world.today());
        self.scene.account.apply(&Fact::AddressFailed { address, on, lasting, why: "came back".into() });
    }

    fn owner_wrote(&mut self, days_ago: i64) {
        self.scene.account.owner_wrote = Some(self.world.today() - Duration::days(days_ago));
    }

    fn held(&mut self, until: Option<i64>) {
        let until = until.map(|days| self.world.today() + Duration::days(days));
        self.scene.account.holds = vec![Hold {
            scope: Scope::Debtor,
            reason: HoldReason::Manual,
            since: self.world.today(),
            until,
            cases: Vec::new(),
            evidence: None,
            source: None,
            claimed_day: None,
        }];
    }

    fn announced(&mut self, days_ago: i64) {
        let on = self.world.today() - Duration::days(days_ago);
        let of = |(case, step): &(_, _)| Announcement { case: Clone::clone(case), step: Clone::clone(step), on };
        self.scene.account.announced = self.letter.covers.iter().map(of).collect();
    }

    fn case(&mut self) -> &mut aanmaand::dunning::account::Case {
        self.scene.account.cases.get_mut(&case("F1")).unwrap()
    }
}

type Change = fn(&mut Stage);

/// Reason, the letter, what closes the gate for this reason alone, the smallest change that opens it.
const REASONS: [(&str, &str, Change, Change); 33] = [
    ("observing", "reminder", |s| s.scene.policy.mode = Mode::Observe, |s| s.scene.policy.mode = Mode::Auto),
    (
        "never_dun",
        "reminder",
        |s| s.scene.account.instructions.never_dun = Some(true),
        |s| s.scene.account.instructions.never_dun = Some(false),
    ),
    (
        "no_address",
        "reminder",
        |s| s.scene.account.debtor.as_mut().unwrap().email = None,
        |s| s.scene.account.instructions.email = Some("kas@jansen.example".into()),
    ),
    (
        "dead_address",
        "reminder",
        |s| s.failed(true),
        |s| {
            s.scene.account.apply(&Fact::AddressTrusted { address: "kas@jansen.example".into(), on: day("2026-06-16") })
        },
    ),
    ("dead_address", "reminder", |s| (0..3).for_each(|_| s.failed(false)), |s| drop(s.scene.account.failures.pop())),
    (
        "case_closed",
        "reminder",
        |s| s.case().closed = Some(Closing { how: ClosedAs::WrittenOff, on: day("2026-06-15"), thanks: false }),
        |s| s.case().closed = None,
    ),
    (
        "owner_wrote",
        "reminder",
        |s| s.scene.account.owner_wrote = Some(s.world.today()),
        |s| s.scene.account.owner_wrote = None,
    ),
    (
        "owner_wrote",
        "reminder",
        |s| s.owner_wrote(s.scene.policy.min_gap_days - 1),
        |s| s.owner_wrote(s.scene.policy.min_gap_days),
    ),
    ("held", "reminder", |s| s.held(None), |s| s.scene.account.holds.clear()),
    ("held", "reminder", |s| s.held(Some(3)), |s| s.scene.account.holds.clear()),
    (
        "already_covered",
        "reminder",
        |s| {
            let step = (s.letter.covers[0].1.clone(), s.world.today());
            s.case().steps.push(step);
        },
        |s| drop(s.case().steps.pop()),
    ),
    ("superseded", "reminder", |s| s.case().paid = eur(1), |s| s.case().paid = eur(0)),
    (
        "superseded",
        "reminder",
        |s| s.scene.account.instructions.email = Some("piet@jansen.example".into()),
        |s| s.scene.account.instructions.email = Some("kas@jansen.example".into()),
    ),
    (
        "superseded",
        "reminder",
        |s| s.letter.requested_on -= Duration::days(1),
        |s| s.letter.requested_on += Duration::days(1),
    ),
    (
        "covered_by_credit",
        "reminder",
        |s| {
            let credit = |amount| Credit { number: "CN1".into(), corrects: None, amount, source: "file-CN1".into() };
            s.scene.account.credits = vec![credit(eur(1000_00))];
        },
        |s| s.scene.account.credits[0].amount = eur(999_99),
    ),
    (
        "below_minimum",
        "reminder",
        |s| s.scene.account.instructions.minimum = Some(eur(1000_01)),
        |s| s.scene.account.instructions.minimum = Some(eur(1000_00)),
    ),
    (
        "letter_underway",
        "reminder",
        |s| s.another(LetterState::Requested, None),
        |s| s.another(LetterState::Withdrawn, None),
    ),
    (
        "letter_underway",
        "reminder",
        // Nobody knows whether it left, ten days ago.
        |s| s.another(LetterState::Unknown(s.world.today() - Duration::days(10)), None),
        |s| s.sent(10, None),
    ),
    ("min_gap", "reminder", |s| s.sent(4, None), |s| s.sent(5, None)),
    (
        "one_a_day",
        "reminder",
        |s| {
            s.scene.policy.min_gap_days = 0;
            s.sent(0, None);
        },
        |s| s.sent(1, None),
    ),
    ("deadline_running", "reminder", |s| s.sent(10, Some(0)), |s| s.sent(10, Some(-1))),
    ("outside_window", "reminder", |s| s.at_time("08:59:59"), |s| s.at_time("09:00:00")),
    ("outside_window", "reminder", |s| s.at_time("17:00:00"), |s| s.at_time("16:59:59")),
    (
        "mailbox_not_read",
        "reminder",
        |s| s.world.mailbox_read_at = Some(s.at("09:44:00")),
        |s| s.world.mailbox_read_at = Some(s.at("09:45:00")),
    ),
    (
        "mailbox_not_read",
        "reminder",
        |s| s.world.mailbox_read_at = None,
        |s| s.world.mailbox_read_at = Some(s.world.now),
    ),
    ("mail_waiting", "reminder", |s| s.world.mail_waiting = 1, |s| s.world.mail_waiting = 0),
    ("quarantined", "reminder", |s| s.world.quarantined = Some("INBOX/7".into()), |s| s.world.quarantined = None),
    ("per_day", "reminder", |s| s.world.sent_today = 200, |s| s.world.sent_today = 199),
    (
        "per_hour",
        "reminder",
        |s| (s.world.per_hour, s.world.sent_this_hour) = (30, 30),
        |s| s.world.sent_this_hour = 29,
    ),
    ("per_hour", "reminder", |s| (s.world.per_hour, s.world.sent_this_hour) = (1, 30), |s| s.world.per_hour = 0),
    (
        "stale_bank_data",
        "formal-notice",
        |s| s.world.bank_data_until = Some(s.world.today() - Duration::days(7)),
        |s| s.scene.policy.freshness = Freshness::None,
    ),
    (
        "stale_bank_data",
        "formal-notice",
        |s| s.world.bank_data_until = None,
        |s| s.world.bank_data_until = s.world.today().pred_opt(),
    ),
    ("not_announced", "formal-notice", |s| s.announced(0), |s| s.announced(1)),
];

impl Stage {
    fn at_time(&mut self, time: &str) {
        self.world.now = self.at(time);
        self.world.mailbox_read_at = Some(self.world.now);
    }
}

#[test]
fn each_reason_closes_the_gate_alone_and_its_remedy_opens_it() {
    for (code, template, close, open) in REASONS {
        let mut stage = Stage::with(template);
        assert_eq!(stage.codes(), [""; 0], "{template} may leave");
        close(&mut stage);
        assert_eq!(stage.codes(), [code]);
        open(&mut stage);
        assert_eq!(stage.codes(), [""; 0], "{code} is over");
    }
}

#[test]
fn what_stops_the_house_closes_every_gate() {
    let stops = [
        ("burst", Stop::Burst { due: 30, limit: 20 }),
        ("catch_up", Stop::CatchUp { since: day("2026-05-01") }),
        ("clock_went_back", Stop::ClockWentBack { last: day("2026-12-01").and_hms_opt(9, 0, 0).unwrap() }),
        ("lane", Stop::Lane { reason: "535 5.7.8 no".into() }),
    ];
    for (code, stop) in stops {
        let mut stage = Stage::with("reminder");
        stage.world.stopped = Some(stop);
        assert_eq!(stage.codes(), [code]);
        stage.world.stopped = None;
        assert_eq!(stage.codes(), [""; 0]);
    }
}

/// A friendly letter asks for neither; the freshest of statements is that of the last banking day.
#[test]
fn only_formal_letters_wait_for_bank_data_and_an_announcement() {
    let mut stage = Stage::with("reminder");
    stage.world.bank_data_until = None;
    stage.scene.account.announced.clear();
    assert_eq!(stage.codes(), [""; 0]);
    let policy = policy();
    let closed = |today: &str, until: &str| {
        bank_data_gate(&policy, &World { bank_data_until: Some(day(until)), ..world(day(today)) }).is_some()
    };
    // Friday covers Monday; Good Friday and Easter Monday (3 and 6 April 2026) are no banking days.
    assert!(!closed("2026-06-15", "2026-06-12") && closed("2026-06-15", "2026-06-11"));
    assert!(!closed("2026-04-07", "2026-04-02") && closed("2026-04-07", "2026-04-01"));
}

/// Nobody is handed over while the bank could still show the money.
#[test]
fn the_end_of_the_ladder_waits_for_bank_data() {
    let mut scene = of_a(DebtorKind::Business, TermSource::Contract);
    let is_asked = |scene: &Scene| scene.account.questions.values().any(|q| q.kind == QuestionKind::HandOver);
    let mut before = scene.account.clone();
    while !is_asked(&scene) {
        before = scene.account.clone();
        let tomorrow = scene.today + Duration::days(1);
        live(&mut scene, tomorrow);
        assert!(tomorrow < day("2026-12-01"), "the ladder has no end");
    }
    scene.account = before;
    let today = scene.today;
    scene.told(Input::Day(World { bank_data_until: Some(today - Duration::days(7)), ..world(today) }));
    assert!(!is_asked(&scene));
    scene.told(Input::Day(world(today)));
    assert!(is_asked(&scene));
}

/// After an interruption what a digest had announced before counts, once the interruption is over.
#[test]
fn an_announcement_outlives_an_interruption() {
    let mut stage = Stage::with("formal-notice");
    stage.announced(9);
    stage.world.stopped = Some(Stop::CatchUp { since: day("2026-06-01") });
    assert_eq!(stage.codes(), ["catch_up"]);
    stage.world.stopped = None;
    assert_eq!(stage.codes(), [""; 0]);
}
