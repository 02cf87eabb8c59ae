//! Made-up letters of every stage: who they go to, what they ask.

use crate::dunning::calendar::Country;
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::Money;
use crate::letter::{Claimed, Company, Earlier, Interest, LetterData, Line, Missed, Segment, Thanks};
use chrono::{Days, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

pub const STAGES: [&str; 5] = ["notice", "reminder", "second-reminder", "formal-notice", "last-demand"];

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn company() -> Company {
    Company {
        name: "Voorbeeldbedrijf B.V.".to_owned(),
        address: vec!["Dorpsstraat 1".to_owned(), "1234 AB Voorbeeld".to_owned()],
        email: "debiteuren@voorbeeldbedrijf.example".to_owned(),
        phone: Some("010-1234567".to_owned()),
        kvk: Some("12345678".to_owned()),
        vat: Some("NL001234567B01".to_owned()),
        iban: "NL91ABNA0417164300".to_owned(),
    }
}

pub fn line(number: &str, due: &str, today: NaiveDate, cents: i64) -> Line {
    Line {
        number: number.to_owned(),
        issue_date: day(due) - Days::new(30),
        due_date: day(due),
        days_late: (today - day(due)).num_days().max(0),
        total: Money::eur_cents(cents),
        paid: Money::eur_cents(0),
        open: Money::eur_cents(cents),
        paid_extras: None,
        disputed: None,
        description: None,
        order_reference: None,
        payment_reference: None,
    }
}

/// When a letter of each stage goes out, and until when it gives time.
pub fn sent_on(stage: &str) -> (NaiveDate, Option<NaiveDate>) {
    match stage {
        "notice" => (day("2026-10-26"), None),
        "reminder" => (day("2026-11-03"), Some(day("2026-11-08"))),
        "second-reminder" => (day("2026-11-10"), Some(day("2026-11-16"))),
        "formal-notice" => (day("2026-11-23"), Some(day("2026-12-03"))),
        "notice-of-default" => (day("2026-11-16"), Some(day("2026-11-30"))),
        "fourteen-day-letter" => (day("2026-11-17"), None),
        "be-first-reminder" => (day("2026-11-04"), None),
        "missed-instalment" => (day("2026-12-04"), Some(day("2026-12-11"))),
        _ => (day("2026-12-07"), Some(day("2026-12-14"))),
    }
}

/// One invoice with a description, to a business.
pub fn one(language: Language, stage: &str) -> LetterData {
    let (today, deadline) = sent_on(stage);
    let mut only = line("2026-0412", "2026-10-31", today, 121_000);
    only.description = Some("Schilderwerk oktober".to_owned());
    let letters = STAGES.iter().filter(|s| sent_on(s).0 < today && **s != "notice");
    LetterData {
        language,
        template: stage.to_owned(),
        company: company(),
        debtor_name: "Jansen Bouw B.V.".to_owned(),
        contact: Some("mevrouw De Vries".to_owned()),
        debtor_kind: DebtorKind::Business,
        country: Country::Nl,
        today,
        deadline,
        total: only.open,
        lines: vec![only],
        earlier: letters.map(|s| Earlier { template: s.to_string(), sent_on: sent_on(s).0 }).collect(),
        broken_promise: None,
        promise_paid: None,
        copies_attached: true,
        claim: None,
        announced_costs: None,
        missed: None,
        thanks: None,
        earlier_attached: false,
        payment_link: None,
        qr_cid: None,
        by_post: false,
    }
}

/// Several invoices, one partly paid, to nobody by name, with a promise that was not kept.
pub fn several(language: Language, stage: &str) -> LetterData {
    let mut data = one(language, stage);
    let mut partly = line("2026-0398", "2026-10-28", data.today, 250_050);
    partly.paid = Money::eur_cents(100_000);
    partly.open = Money::eur_cents(150_050);
    partly.order_reference = Some("PO-77".to_owned());
    let mut third = line("2026-0420", "2026-11-01", data.today, 4_235);
    third.payment_reference = Some("RF18539007547034".to_owned());
    data.lines.extend([partly, third]);
    data.total = Money::eur_cents(121_000 + 150_050 + 4_235);
    data.contact = None;
    data.company.phone = None;
    data.broken_promise = Some(day("2026-11-02"));
    data.copies_attached = false;
    data
}

/// The letter of a stage to a private person.
pub fn to_consumer(mut data: LetterData) -> LetterData {
    data.debtor_kind = DebtorKind::Consumer;
    data.debtor_name = "Sanne Bakker".to_owned();
    data.contact = Some("mevrouw Bakker".to_owned());
    data
}

pub fn to_government(mut data: LetterData) -> LetterData {
    data.debtor_kind = DebtorKind::Government;
    data.debtor_name = "Gemeente Voorbeeld".to_owned();
    data
}

/// From a Belgian company to a Belgian customer.
pub fn from_belgium(mut data: LetterData) -> LetterData {
    data.country = Country::Be;
    data.company.name = "Voorbeeldbedrijf BV".to_owned();
    data.company.address = vec!["Dorpsstraat 1".to_owned(), "9000 Gent".to_owned()];
    data.company.phone = Some("09 123 45 67".to_owned());
    data.company.kvk = None;
    data.company.vat = Some("BE0123456749".to_owned());
    data.company.iban = "BE71096123456769".to_owned();
    data
}

/// One invoice of an owner's own choosing becomes several, one partly paid, with a promise that was not kept.
fn counted(language: Language, stage: &str, count: &str) -> LetterData {
    if count == "one" { one(language, stage) } else { several(language, stage) }
}

/// Interest on every late invoice since its due date (Book XIX: since the free reminder), at one rate in percent;
/// rounded half up.
fn interest(data: &LetterData, basis: &'static str, rate: &str) -> Interest {
    let rate: Decimal = rate.parse().unwrap();
    let late = data.lines.iter().filter(|line| line.days_late > 0);
    let segments: Vec<Segment> = late
        .map(|line| {
            let last_free = if basis == "be-book-xix" { sent_on("be-first-reminder").0 } else { line.due_date };
            let days = Decimal::from((data.today - last_free).num_days());
            let exact = line.open.to_decimal() * rate * days / Decimal::from(36_500);
            let cents = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            Segment {
                number: line.number.clone(),
                from: last_free + Days::new(1),
                to: data.today,
                rate,
                principal: line.open,
                interest: Money::from_decimal(cents, line.open.currency()).unwrap(),
            }
        })
        .collect();
    let total = Money::sum(segments.iter().map(|s| s.interest), data.total.currency()).unwrap();
    Interest { total, basis, segments }
}

/// The same letter asking interest and costs, as the law of its debtor gives them, with all a mail can carry.
pub fn with_claim(mut data: LetterData) -> LetterData {
    let several = data.lines.len() > 1;
    let belgian = data.country == Country::Be;
    if data.debtor_kind == DebtorKind::Consumer {
        after_the_free_letter(&mut data, if belgian { "be-first-reminder" } else { "fourteen-day-letter" });
    }
    let scale = if several { 40_029 } else { 18_150 };
    let (basis, rate, costs_basis, costs) = match (data.debtor_kind, belgian) {
        (DebtorKind::Consumer, false) => ("6:119", "4.00", "after-fourteen-days", scale),
        (DebtorKind::Consumer, true) => ("be-book-xix", "10.50", "be-book-xix", if several { 17_764 } else { 10_050 }),
        (DebtorKind::Business, false) if data.template == "formal-notice" => ("6:119a", "10.40", "fixed-40", 4_000),
        (DebtorKind::Business, false) => ("6:119a", "10.40", "scale", scale),
        (DebtorKind::Business | DebtorKind::Government, true) => ("be-2002", "10.50", "be-2002", 4_000),
        (DebtorKind::Government, false) => ("6:119b", "10.40", "fixed-40", 4_000),
    };
    let costs = Some(Money::eur_cents(costs));
    data.claim = Some(Claimed { interest: Some(interest(&data, basis, rate)), costs, costs_basis });
    data.earlier_attached = true;
    data.payment_link = Some("https://betalen.voorbeeldbedrijf.example/2026-0412?b=1&c=2".to_owned());
    data.qr_cid = Some("betaalcode@voorbeeldbedrijf.example".to_owned());
    data
}

/// Two weeks later than a business gets it, with the letter before it that gave time to pay without costs.
fn after_the_free_letter(data: &mut LetterData, free: &str) {
    let later = Days::new(14);
    data.today = data.today + later;
    data.deadline = data.deadline.map(|deadline| deadline + later);
    for line in &mut data.lines {
        line.days_late += 14;
    }
    let belgian = free == "be-first-reminder";
    let before = if belgian { vec![] } else { vec!["reminder", "second-reminder"] };
    let follows = |name: &str| name == "formal-notice" || belgian && name == "second-reminder";
    let after = data.earlier.iter().filter(|letter| follows(&letter.template));
    let after: Vec<Earlier> = after.map(|l| Earlier { sent_on: l.sent_on + later, ..l.clone() }).collect();
    let sent = |name: &str| Earlier { sent_on: sent_on(name).0, template: name.to_owned() };
    data.earlier = before.into_iter().chain([free]).map(sent).chain(after).collect();
}

/// A letter that the free first reminder came before, without interest or costs.
fn after_belgian_first(mut data: LetterData) -> LetterData {
    after_the_free_letter(&mut data, "be-first-reminder");
    data
}

/// The letter with which a consumer still pays no costs; with interest when asked for.
pub fn fourteen_days(language: Language, count: &str, asks_interest: bool) -> LetterData {
    let mut data = to_consumer(counted(language, "fourteen-day-letter", count));
    data.announced_costs = Some(Money::eur_cents(if count == "one" { 18_150 } else { 40_029 }));
    let interest = interest(&data, "6:119", "4.00");
    data.claim = asks_interest.then_some(Claimed { interest: Some(interest), costs: None, costs_basis: "" });
    data
}

pub fn belgian_first(language: Language, count: &str) -> LetterData {
    let mut data = from_belgium(to_consumer(counted(language, "be-first-reminder", count)));
    data.announced_costs = Some(Money::eur_cents(if count == "one" { 10_050 } else { 17_764 }));
    data.copies_attached = true;
    data
}

/// The second of four instalments did not come.
pub fn missed(language: Language, count: &str) -> LetterData {
    let mut data = counted(language, "missed-instalment", count);
    let whole = data.lines[0].open;
    data.lines[0].paid = Money::eur_cents(30_250);
    data.lines[0].open = whole.checked_sub(data.lines[0].paid).unwrap();
    data.total = Money::sum(data.lines.iter().map(|line| line.open), whole.currency()).unwrap();
    data.missed = Some(Missed {
        amount: Money::eur_cents(30_250),
        due: day("2026-12-01"),
        rest: data.total,
        whole_becomes_due: count != "one",
    });
    data
}

/// What was paid; a bank's mail told it, and others are open, when there are several.
pub fn thanks(language: Language, count: &str) -> LetterData {
    let mut data = counted(language, "thanks", count);
    let nothing = Money::eur_cents(0);
    for line in &mut data.lines {
        (line.paid, line.open, line.days_late) = (line.total, nothing, 0);
    }
    let several = count != "one";
    data.thanks = Some(Thanks { provisional: several, others_open: several });
    (data.total, data.copies_attached, data.broken_promise, data.deadline) = (nothing, false, None, None);
    data
}

/// Every letter that the project can write in a language, by name.
pub fn all(language: Language) -> Vec<(String, LetterData)> {
    let mut all: Vec<(String, LetterData)> = Vec::new();
    let mut add = |name: &str, data: LetterData| all.push((format!("{}-{name}", data.template), data));
    for count in ["one", "several"] {
        for stage in STAGES {
            add(count, counted(language, stage, count));
            add(&format!("consumer-{count}"), to_consumer(counted(language, stage, count)));
        }
        for stage in ["formal-notice", "last-demand"] {
            let plain = || counted(language, stage, count);
            add(&format!("claim-{count}"), with_claim(plain()));
            add(&format!("consumer-claim-{count}"), with_claim(to_consumer(plain())));
            add(&format!("belgian-claim-{count}"), with_claim(from_belgium(plain())));
            add(&format!("belgian-consumer-claim-{count}"), with_claim(from_belgium(to_consumer(plain()))));
        }
        add(&format!("consumer-{count}"), to_consumer(counted(language, "notice-of-default", count)));
        add(&format!("consumer-{count}"), fourteen_days(language, count, false));
        add(&format!("consumer-interest-{count}"), fourteen_days(language, count, true));
        add(&format!("consumer-{count}"), belgian_first(language, count));
        add(count, missed(language, count));
        add(count, thanks(language, count));
    }
    for stage in ["formal-notice", "last-demand"] {
        add("government-claim-one", with_claim(to_government(one(language, stage))));
        add("belgian-one", from_belgium(one(language, stage)));
    }
    // A Belgian consumer whose contract has no clause owes no more than the balance.
    for stage in ["second-reminder", "last-demand"] {
        add("belgian-consumer-one", after_belgian_first(from_belgium(to_consumer(one(language, stage)))));
    }
    add("one", one(language, "notice-of-default"));
    add("consumer-one", to_consumer(missed(language, "one")));
    all
}

/// The letters with words of their own on paper.
pub fn by_post(language: Language) -> Vec<(String, LetterData)> {
    let last = with_claim(to_consumer(one(language, "last-demand")));
    let letters = [fourteen_days(language, "one", true), belgian_first(language, "one"), last];
    let on_paper = letters.map(|data| LetterData { by_post: true, payment_link: None, ..data });
    on_paper.into_iter().map(|data| (format!("{}-by-post", data.template), data)).collect()
}
