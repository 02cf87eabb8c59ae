//! What a template may name: every amount and date already written in the letter's language, every text harmless.
//! The list of names is `templates/README.md`. Holds no wording, except how a title before a name is written.

use super::format;
use super::layout::kept_together;
use super::plain::one_line;
use super::{Company, Interest, LetterData, Line, claim};
use crate::dunning::calendar::Country;
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::Money;
use chrono::NaiveDate;
use minijinja::value::{Serde, Value};
use rust_decimal::Decimal;
use serde::Serialize;

/// Longest single text from outside, in characters.
pub(super) const LONG: usize = 200;

#[derive(Serialize)]
struct View {
    language: &'static str,
    /// Exactly one of the three is true.
    consumer: bool,
    business: bool,
    government: bool,
    company: CompanyView,
    debtor: String,
    contact: Option<String>,
    /// `sir` or `madam` when the contact has a title in front.
    title: Option<&'static str>,
    today: String,
    deadline: Option<String>,
    /// The due date, when all lines have the same one.
    due: Option<String>,
    lines: Vec<LineView>,
    /// One invoice, not several.
    single: bool,
    count: usize,
    total: String,
    /// What to mention with the payment.
    reference: String,
    earlier: Vec<EarlierView>,
    broken_promise: Option<String>,
    promise_paid: Option<String>,
    copies_attached: bool,
    /// What the letter asks to pay now.
    asked: String,
    /// Interest and costs, when at least one of them is asked.
    claim: Option<ClaimView>,
    announced_costs: Option<String>,
    /// The same amounts as the Dutch statutory sentence writes them, in a letter of any language.
    dutch: DutchView,
    missed: Option<MissedView>,
    thanks: Option<ThanksView>,
    earlier_attached: bool,
    payment_link: Option<String>,
    qr_cid: Option<String>,
    by_post: bool,
    /// The letter follows Belgian law.
    belgian: bool,
}

#[derive(Serialize)]
struct ClaimView {
    interest: Option<InterestView>,
    costs: Option<String>,
    costs_basis: &'static str,
}

#[derive(Serialize)]
struct InterestView {
    total: String,
    basis: &'static str,
    /// The last interest day.
    until: Option<String>,
    lines: Vec<InterestLineView>,
    /// Some line stands for several rates or principals.
    shortened: bool,
}

#[derive(Serialize)]
struct InterestLineView {
    number: String,
    from: String,
    to: String,
    rate: String,
    /// The highest rate, when it changed in the period.
    highest_rate: Option<String>,
    principal: Option<String>,
    interest: String,
}

#[derive(Serialize)]
struct DutchView {
    asked: String,
    costs: Option<String>,
}

#[derive(Serialize)]
struct MissedView {
    amount: String,
    due: String,
    rest: String,
    whole_becomes_due: bool,
}

#[derive(Serialize)]
struct ThanksView {
    provisional: bool,
    others_open: bool,
}

#[derive(Serialize)]
struct CompanyView {
    name: String,
    address: Vec<String>,
    email: String,
    phone: Option<String>,
    kvk: Option<String>,
    vat: Option<String>,
    /// The Belgian enterprise number, `0123.456.789`, when the company has one.
    enterprise_number: Option<String>,
    iban: String,
}

#[derive(Serialize)]
struct LineView {
    number: String,
    issued: String,
    due: String,
    days_late: i64,
    total: String,
    paid: Option<String>,
    paid_extras: Option<String>,
    open: String,
    disputed: Option<String>,
    description: Option<String>,
    order_reference: Option<String>,
    payment_reference: Option<String>,
    /// There is something to say about this invoice besides its figures.
    noted: bool,
}

#[derive(Serialize)]
struct EarlierView {
    on: String,
    template: String,
}

/// `asked` is [`LetterData::asked`].
pub(super) fn view(data: &LetterData, asked: Money) -> Value {
    let language = data.language;
    let due = data.lines.first().map(|line| line.due_date);
    let same_due = due.filter(|day| data.lines.iter().all(|line| line.due_date == *day));
    let earlier = data.earlier.iter();
    let (title, contact) = optional(&data.contact).map(|name| addressed(&name, language)).unzip();
    Value::from(Serde(View {
        language: language.code(),
        consumer: data.debtor_kind == DebtorKind::Consumer,
        business: data.debtor_kind == DebtorKind::Business,
        government: data.debtor_kind == DebtorKind::Government,
        company: company(&data.company),
        debtor: one_line(&data.debtor_name, LONG),
        contact,
        title: title.flatten().map(Title::code),
        today: date(data.today, language),
        deadline: data.deadline.map(|day| date(day, language)),
        due: same_due.map(|day| date(day, language)),
        lines: data.lines.iter().map(|l| line(l, language)).collect(),
        single: data.lines.len() == 1,
        count: data.lines.len(),
        total: amount(data.total, language),
        reference: reference(&data.lines),
        earlier: earlier
            .map(|e| EarlierView { on: date(e.sent_on, language), template: one_line(&e.template, LONG) })
            .collect(),
        broken_promise: data.broken_promise.map(|day| date(day, language)),
        promise_paid: data.promise_paid.map(|paid| amount(paid, language)),
        copies_attached: data.copies_attached,
        asked: amount(asked, language),
        claim: claimed(data),
        announced_costs: data.announced_costs.map(|costs| amount(costs, language)),
        dutch: DutchView {
            asked: amount(asked, Language::Nl),
            costs: data.announced_costs.map(|costs| amount(costs, Language::Nl)),
        },
        missed: data.missed.as_ref().map(|missed| MissedView {
            amount: amount(missed.amount, language),
            due: date(missed.due, language),
            rest: amount(missed.rest, language),
            whole_becomes_due: missed.whole_becomes_due,
        }),
        thanks: data
            .thanks
            .map(|thanks| ThanksView { provisional: thanks.provisional, others_open: thanks.others_open }),
        earlier_attached: data.earlier_attached && !data.earlier.is_empty(),
        payment_link: data.payment_link.as_deref().filter(|link| is_link(link)).map(str::to_owned),
        qr_cid: optional(&data.qr_cid),
        by_post: data.by_post,
        belgian: data.country == Country::Be,
    }))
}

fn claimed(data: &LetterData) -> Option<ClaimView> {
    let claim = data.claim.as_ref()?;
    let costs = data.costs().map(|costs| amount(costs, data.language));
    let interest = data.interest().and(claim.interest.as_ref()).map(|asked| interest(asked, data.language));
    (costs.is_some() || interest.is_some()).then_some(ClaimView { interest, costs, costs_basis: claim.costs_basis })
}

fn interest(interest: &Interest, language: Language) -> InterestView {
    let shown = claim::shown(&interest.segments);
    InterestView {
        total: amount(interest.total, language),
        basis: interest.basis,
        until: claim::until(&interest.segments).map(|day| date(day, language)),
        shortened: shown.is_empty() || claim::is_shortened(&shown),
        lines: shown.into_iter().map(|line| interest_line(line, language)).collect(),
    }
}

fn interest_line(line: claim::Shown, language: Language) -> InterestLineView {
    let (lowest, highest) = line.rates;
    InterestLineView {
        number: one_line(&line.number, LONG),
        from: date(line.from, language),
        to: date(line.to, language),
        rate: percent(lowest, language),
        highest_rate: (highest != lowest).then(|| percent(highest, language)),
        principal: line.principal.map(|principal| amount(principal, language)),
        interest: amount(line.interest, language),
    }
}

/// A link that a letter may carry: https, without white space or characters that hide something.
fn is_link(link: &str) -> bool {
    let plain = link.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`'));
    plain && link.len() > "https://".len() && link.starts_with("https://")
}

/// Ten digits that begin with 0 or 1, taken from the registration number or else from a Belgian VAT number.
pub(super) fn enterprise_number(company: &Company) -> Option<String> {
    let digits = |text: &Option<String>| text.iter().flat_map(|t| t.chars()).filter(char::is_ascii_digit).collect();
    let vat = company.vat.clone().filter(|vat| vat.trim_start().to_ascii_uppercase().starts_with("BE"));
    let candidates: [String; 2] = [digits(&company.kvk), digits(&vat)];
    let number = candidates.into_iter().find(|d| d.len() == 10 && d.starts_with(['0', '1']))?;
    let (first, rest) = number.split_at_checked(4)?;
    let (second, third) = rest.split_at_checked(3)?;
    Some(format!("{first}.{second}.{third}"))
}

fn company(company: &Company) -> CompanyView {
    CompanyView {
        name: one_line(&company.name, LONG),
        address: company.address.iter().map(|l| one_line(l, LONG)).filter(|l| !l.is_empty()).collect(),
        email: one_line(&company.email, LONG),
        phone: optional(&company.phone),
        kvk: optional(&company.kvk),
        vat: optional(&company.vat),
        enterprise_number: enterprise_number(company),
        iban: kept_together(&format::iban(&company.iban)),
    }
}

fn line(line: &Line, language: Language) -> LineView {
    let disputed = line.disputed.map(|disputed| amount(disputed, language));
    let paid = (!line.paid.is_zero()).then(|| amount(line.paid, language));
    let description = optional(&line.description).map(|text| text.trim_end_matches('.').to_owned());
    let (order_reference, payment_reference) = (optional(&line.order_reference), optional(&line.payment_reference));
    LineView {
        number: one_line(&line.number, LONG),
        issued: date(line.issue_date, language),
        due: date(line.due_date, language),
        days_late: line.days_late.max(0),
        total: amount(line.total, language),
        open: amount(line.open, language),
        noted: line.paid_extras.is_some()
            || [&paid, &disputed, &description, &order_reference, &payment_reference].iter().any(|note| note.is_some()),
        disputed,
        paid_extras: line.paid_extras.map(|extras| amount(extras, language)),
        paid,
        description,
        order_reference,
        payment_reference,
    }
}

/// The payment reference of the one invoice, else its number; of several invoices the numbers.
pub(super) fn reference(lines: &[Line]) -> String {
    match lines {
        [line] => optional(&line.payment_reference).unwrap_or_else(|| one_line(&line.number, LONG)),
        several => several.iter().map(|line| one_line(&line.number, LONG)).collect::<Vec<_>>().join(", "),
    }
}

fn amount(money: Money, language: Language) -> String {
    kept_together(&format::amount(money, language))
}

fn percent(rate: Decimal, language: Language) -> String {
    kept_together(&format::percent(rate, language))
}

fn date(day: NaiveDate, language: Language) -> String {
    kept_together(&format::date(day, language))
}

/// `None` for a text of which nothing is left.
fn optional(text: &Option<String>) -> Option<String> {
    text.as_deref().map(|t| one_line(t, LONG)).filter(|t| !t.is_empty())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Title {
    Sir,
    Madam,
}

impl Title {
    fn code(self) -> &'static str {
        match self {
            Title::Sir => "sir",
            Title::Madam => "madam",
        }
    }

    /// As it stands before a name.
    fn written(self, language: Language) -> &'static str {
        match (self, language) {
            (Title::Sir, Language::Nl) => "heer",
            (Title::Madam, Language::Nl) => "mevrouw",
            (Title::Sir, Language::En) => "Mr",
            (Title::Madam, Language::En) => "Ms",
            (Title::Sir, Language::De) => "Herr",
            (Title::Madam, Language::De) => "Frau",
            (Title::Sir, Language::Fr) => "Monsieur",
            (Title::Madam, Language::Fr) => "Madame",
        }
    }
}

/// A name as it follows "Geachte" or "Dear": a title in front, of whatever language, becomes that of the letter.
/// Neither the French `M.`, which may be an initial, nor the Dutch `mr.`, a lawyer, is one.
fn addressed(name: &str, language: Language) -> (Option<Title>, String) {
    const SIR: [&str; 8] = ["de heer", "dhr.", "dhr", "heer", "mr", "herrn", "herr", "monsieur"];
    const MADAM: [&str; 12] =
        ["mevrouw", "mevr.", "mevr", "mw.", "mw", "mrs", "ms.", "ms", "frau", "madame", "mme.", "mme"];
    let after = |title: &&str| {
        let rest = name.get(title.len()..).filter(|rest| rest.starts_with(' '))?;
        name.get(..title.len())?.eq_ignore_ascii_case(title).then(|| rest.trim_start())
    };
    let titled = SIR.iter().find_map(after).map(|rest| (Title::Sir, rest));
    match titled.or_else(|| MADAM.iter().find_map(after).map(|rest| (Title::Madam, rest))) {
        Some((title, rest)) => (Some(title), format!("{} {rest}", title.written(language))),
        None => (None, name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_fit_the_language() {
        let madam = Some(Title::Madam);
        let sir = Some(Title::Sir);
        let cases = [
            ("mevrouw De Vries", madam, ["mevrouw De Vries", "Ms De Vries", "Frau De Vries", "Madame De Vries"]),
            ("Dhr. Jansen", sir, ["heer Jansen", "Mr Jansen", "Herr Jansen", "Monsieur Jansen"]),
            ("de heer Van Dijk", sir, ["heer Van Dijk", "Mr Van Dijk", "Herr Van Dijk", "Monsieur Van Dijk"]),
            ("Frau Krüger", madam, ["mevrouw Krüger", "Ms Krüger", "Frau Krüger", "Madame Krüger"]),
            ("Herrn Dr. Weiß", sir, ["heer Dr. Weiß", "Mr Dr. Weiß", "Herr Dr. Weiß", "Monsieur Dr. Weiß"]),
            ("Mme Lefèvre", madam, ["mevrouw Lefèvre", "Ms Lefèvre", "Frau Lefèvre", "Madame Lefèvre"]),
            ("monsieur Dubois", sir, ["heer Dubois", "Mr Dubois", "Herr Dubois", "Monsieur Dubois"]),
            ("M. Dubois", None, ["M. Dubois"; 4]),
            ("Sanne Bakker", None, ["Sanne Bakker"; 4]),
            ("Mw", None, ["Mw"; 4]),
            ("Mévrouw X", None, ["Mévrouw X"; 4]),
        ];
        for (name, title, written) in cases {
            assert_eq!(Language::ALL.map(|language| addressed(name, language).1), written);
            assert_eq!(addressed(name, Language::De).0, title, "{name}");
        }
    }
}
