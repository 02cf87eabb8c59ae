//! Tries every template on made-up letters of every shape, so that a fault shows in `check` and not on the day of sending.

use super::format::{amount, iban};
use super::{
    Claimed, Company, Earlier, Interest, LetterData, Line, Missed, PARTS, Rendered, Segment, TemplateFault, Templates,
    Thanks, lint,
};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::Money;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// All faults of all templates, each once.
pub(super) fn faults(templates: &Templates) -> Vec<TemplateFault> {
    let mut faults: Vec<TemplateFault> = Vec::new();
    for language in Language::ALL {
        for name in templates.names(language) {
            for data in samples(language, &name) {
                faults.extend(tried(templates, &data));
            }
        }
    }
    #[cfg(feature = "pdf")]
    faults.extend(on_paper(templates));
    faults.sort_by(|a, b| (&a.file, a.line, &a.reason).cmp(&(&b.file, b.line, &b.reason)));
    faults.dedup();
    faults
}

/// What is wrong with the owner's own layout for the post.
#[cfg(feature = "pdf")]
fn on_paper(templates: &Templates) -> Vec<TemplateFault> {
    if templates.post.is_empty() {
        return Vec::new();
    }
    let samples = samples(Language::Nl, "formal-notice");
    let faults =
        samples.iter().filter_map(|data| super::pdf::letter(templates, data, &data.company.address, true).err());
    faults.collect()
}

/// What is wrong with one made-up letter. Every letter must say which invoices, how much, and where to pay; a letter on
/// which the right to costs depends must have the accepted words.
fn tried(templates: &Templates, data: &LetterData) -> Vec<TemplateFault> {
    match (templates.drafted(data), templates.lint(data)) {
        (Err(fault), _) | (_, Err(fault)) => vec![fault],
        (Ok(rendered), Ok(lint)) => {
            let strange = strange_amounts(templates, data, &rendered);
            omissions(data, &rendered).into_iter().chain(lint).chain(strange).collect()
        }
    }
}

/// An amount that is not the letter's own would keep it back on the day of sending.
fn strange_amounts(templates: &Templates, data: &LetterData, rendered: &Rendered) -> Vec<TemplateFault> {
    let [subject, text, html] = PARTS.map(|part| format!("{}/{}.{part}", data.language.code(), data.template));
    let parts = [
        (subject, rendered.subject.clone()),
        (text, rendered.text.clone()),
        (html, lint::without_tags(&rendered.html)),
    ];
    let strange = parts.into_iter().filter_map(|(file, body)| Some((file, templates.strange_amount(data, &body)?)));
    let fault = |(file, amount)| TemplateFault {
        file,
        line: None,
        reason: format!("the amount {amount} is none of this letter's: take it out, or name the value it comes from"),
    };
    strange.map(fault).collect()
}

fn omissions(data: &LetterData, rendered: &Rendered) -> Vec<TemplateFault> {
    let asked = amount(data.asked().unwrap_or(data.total), data.language);
    let amount = amount(data.total, data.language);
    let iban = iban(&data.company.iban);
    let mut needed = Vec::new();
    if data.thanks.is_none() {
        needed.extend([("the total amount (total)", amount.as_str()), ("the account to pay to (company.iban)", &iban)]);
        needed.push(("what is to be paid (asked)", &asked));
    }
    needed.extend(data.lines.iter().map(|line| ("every invoice number (lines)", line.number.as_str())));
    let [_, text, html] = PARTS.map(|part| format!("{}/{}.{part}", data.language.code(), data.template));
    let mut faults = Vec::new();
    for (file, body) in [(text, &rendered.text), (html, &rendered.html)] {
        for (what, value) in needed.iter().filter(|(_, value)| !body.contains(value)) {
            let reason = format!("a letter must name {what}; in a made-up letter {value:?} is not there");
            faults.push(TemplateFault { file: file.clone(), line: None, reason });
        }
    }
    faults
}

/// One and several invoices, for each kind of debtor, with everything that may be missing present and absent.
fn samples(language: Language, template: &str) -> Vec<LetterData> {
    let kinds: &[DebtorKind] = match template {
        lint::FOURTEEN_DAYS | lint::BELGIAN_FIRST => &[DebtorKind::Consumer],
        _ => &[DebtorKind::Consumer, DebtorKind::Business, DebtorKind::Government],
    };
    let mut samples = Vec::new();
    for debtor_kind in kinds {
        for full in [true, false] {
            for invoices in [1, 3] {
                samples.push(fitted(sample(language, template, *debtor_kind, full, invoices)));
            }
        }
    }
    samples
}

/// The sample as a letter of its name can be: what it must have is there, what it may not ask is not.
fn fitted(mut data: LetterData) -> LetterData {
    match data.template.as_str() {
        lint::FOURTEEN_DAYS => {
            data.announced_costs = Some(Money::eur_cents(18_150));
            data.claim = data.claim.map(|claim| Claimed { costs: None, ..claim });
        }
        lint::BELGIAN_FIRST => {
            data.country = Country::Be;
            data.announced_costs = Some(Money::eur_cents(10_050));
            data.company.kvk = Some("0123.456.749".to_owned());
            data.copies_attached = true;
            data.claim = None;
        }
        lint::NOTICE_OF_DEFAULT => {
            data.deadline = Some(later(data.today, 14));
            data.claim = None;
        }
        lint::MISSED_INSTALMENT => {
            let whole_becomes_due = data.deadline.is_some();
            let amount = Money::eur_cents(30_250);
            data.missed = Some(Missed { amount, due: data.today, rest: data.total, whole_becomes_due });
            data.claim = None;
        }
        lint::THANKS => {
            let nothing = Money::eur_cents(0);
            data.thanks = Some(Thanks { provisional: data.copies_attached, others_open: data.copies_attached });
            (data.claim, data.total, data.copies_attached) = (None, nothing, false);
            data.lines.iter_mut().for_each(|line| line.open = nothing);
        }
        "notice" | "reminder" | "second-reminder" => data.claim = None,
        _ => {}
    }
    data
}

fn sample(language: Language, template: &str, debtor_kind: DebtorKind, full: bool, invoices: u64) -> LetterData {
    let today = NaiveDate::from_ymd_opt(2026, 11, 3).unwrap_or_default();
    let some = |text: &str| full.then(|| text.to_owned());
    LetterData {
        language,
        template: template.to_owned(),
        company: company(full),
        debtor_name: "Jansen Bouw B.V.".to_owned(),
        contact: some("mevrouw De Vries"),
        debtor_kind,
        country: Country::Nl,
        today,
        deadline: full.then(|| later(today, 5)),
        lines: (0..invoices).map(|n| line(today, n, full)).collect(),
        total: Money::eur_cents((0..invoices).map(open_cents).sum()),
        earlier: if full { vec![earlier(today, 14, "reminder"), earlier(today, 7, "own-words")] } else { vec![] },
        broken_promise: full.then_some(today),
        promise_paid: full.then_some(Money::eur_cents(5_000)),
        copies_attached: full,
        claim: full.then(|| claim(today, debtor_kind)),
        announced_costs: None,
        missed: None,
        thanks: None,
        earlier_attached: full,
        payment_link: some("https://betalen.voorbeeldbedrijf.example/2026-0400"),
        qr_cid: some("qr@voorbeeldbedrijf.example"),
        by_post: false,
    }
}

/// Interest in two lines, and costs that the debtor may be asked.
fn claim(today: NaiveDate, debtor_kind: DebtorKind) -> Claimed {
    let principal = Money::eur_cents(open_cents(0));
    let segment = |from: NaiveDate, rate: i64, cents: i64| Segment {
        number: "2026-0400".to_owned(),
        from,
        to: later(from, 9),
        rate: Decimal::new(rate, 2),
        principal,
        interest: Money::eur_cents(cents),
    };
    let (basis, costs_basis) = match debtor_kind {
        DebtorKind::Consumer => ("6:119", "after-fourteen-days"),
        DebtorKind::Business => ("6:119a", "scale"),
        DebtorKind::Government => ("6:119b", "fixed-40"),
    };
    let segments = vec![segment(today, 1015, 336), segment(later(today, 10), 1040, 345)];
    let interest = Some(Interest { total: Money::eur_cents(681), basis, segments });
    Claimed { interest, costs: Some(Money::eur_cents(18_150)), costs_basis }
}

fn company(full: bool) -> Company {
    let some = |text: &str| full.then(|| text.to_owned());
    Company {
        name: "Voorbeeldbedrijf B.V.".to_owned(),
        address: if full { vec!["Dorpsstraat 1".to_owned(), "1234 AB Voorbeeld".to_owned()] } else { vec![] },
        email: "debiteuren@voorbeeldbedrijf.example".to_owned(),
        phone: some("010-1234567"),
        kvk: some("12345678"),
        vat: some("NL001234567B01"),
        iban: "NL91ABNA0417164300".to_owned(),
    }
}

fn line(today: NaiveDate, n: u64, full: bool) -> Line {
    let open = Money::eur_cents(open_cents(n));
    let paid = Money::eur_cents(if full { 21_000 } else { 0 });
    Line {
        number: format!("2026-04{n:02}"),
        issue_date: later(today, n),
        due_date: later(today, 30 + n),
        days_late: if full { 12 } else { 0 },
        total: open.checked_add(paid).unwrap_or(open),
        paid,
        open,
        paid_extras: full.then_some(Money::eur_cents(4_751)),
        disputed: full.then_some(Money::eur_cents(2_500)),
        description: full.then(|| "Schilderwerk oktober".to_owned()),
        order_reference: full.then(|| "PO-77".to_owned()),
        payment_reference: full.then(|| "RF18539007547034".to_owned()),
    }
}

fn open_cents(n: u64) -> i64 {
    121_000 + i64::try_from(n).unwrap_or(0) * 1_000
}

fn earlier(today: NaiveDate, days: u64, template: &str) -> Earlier {
    Earlier { sent_on: today.checked_sub_days(Days::new(days)).unwrap_or(today), template: template.to_owned() }
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}
