//! What a ladder may ask of whom: the rules of Dutch and Belgian law that can be seen before any letter is written.
//! Pure; the configuration says where in a file a breach stands, and a debtor is never given a ladder that breaks one.
//! What depends on the single case (was the term agreed, did the letter arrive) is decided when the letter is planned.

use super::calendar::Country;
use super::debtor::DebtorKind;
use super::policy::{CostsAsked, Ladder, LegalStep, Step};

/// A step that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Index into the ladder's steps.
    pub step: usize,
    pub rule: Rule,
}

/// What is not lawful, whoever the debtor is, or for debtors of one country and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Interest or costs in a letter without the safeguards of a formal one.
    ClaimInFriendlyLetter,
    LegalLetterNotFormal,
    /// Art. 6:96(6) BW and Book XIX WER: the letter that announces costs is free.
    LegalLetterAsksCosts,
    /// Art. 6:82, 6:119 BW; Book XIX WER: no interest in the letter that only begins its term.
    InterestInFirstNotice,
    LegalLetterTwice,
    /// A letter of the law of another country than the debtor's, or than the ladder's other letters.
    ForeignLaw,
    /// Art. 6:96(5)-(6) BW.
    CostsWithoutFourteenDayLetter,
    /// Art. 6:96(4) BW; Belgian Act of 2 August 2002: the fixed sum is between businesses.
    FixedCostsOfConsumer,
    /// Art. 6:119 with 6:81-83 BW.
    InterestBeforeDefault,
    FourteenDayLetterWithoutReminder,
    NoticeOfDefaultTooLate,
    /// Without it only an agreed term brings default. A warning: the cases it concerns stay with a human.
    NoticeOfDefaultMissing,
    /// Book XIX WER.
    ClaimWithoutFirstReminder,
    /// Book XIX WER: the free reminder is the first one.
    FirstReminderNotFirst,
    /// Art. 6:96(2)(c) BW: costs beyond the 40 euros need an act of collection before.
    ScaleWithoutFormalNotice,
    /// The Belgian Act of 2 August 2002 knows no scale.
    ScaleOfBelgianBusiness,
}

/// Every rule that the ladder breaks whoever it is for.
pub fn form(ladder: &Ladder) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (index, step) in ladder.steps.iter().enumerate() {
        let earlier = ladder.steps.get(..index).unwrap_or_default();
        breaches.extend(form_of(step, earlier).into_iter().map(|rule| Breach { step: index, rule }));
    }
    breaches
}

/// Every rule that the ladder breaks when it is for debtors of this country and kind; beside those of [`form`].
pub fn breaches(ladder: &Ladder, country: Country, kind: DebtorKind) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (index, step) in ladder.steps.iter().enumerate() {
        let around = Around { earlier: ladder.steps.get(..index).unwrap_or_default(), all: &ladder.steps };
        let mut rules = Vec::new();
        if step.law.is_some_and(|law| law.country() != country) {
            rules.push(Rule::ForeignLaw);
        }
        rules.extend(match (country, kind) {
            (Country::Nl, DebtorKind::Consumer) => dutch_consumer(step, &around),
            (Country::Be, DebtorKind::Consumer) => belgian_consumer(step, &around),
            (_, DebtorKind::Business | DebtorKind::Government) => business(step, &around, country),
        });
        breaches.extend(rules.into_iter().map(|rule| Breach { step: index, rule }));
    }
    breaches
}

/// The ladder may be used for debtors of this country and kind.
pub fn allows(ladder: &Ladder, country: Country, kind: DebtorKind) -> bool {
    breaches(ladder, country, kind).iter().all(|breach| breach.rule.is_warning())
}

/// The country whose law the ladder's letters name; `None` when none of them does.
pub fn country_of(ladder: &Ladder) -> Option<Country> {
    ladder.steps.iter().find_map(|step| step.law).map(LegalStep::country)
}

/// The steps around one.
struct Around<'a> {
    earlier: &'a [Step],
    all: &'a [Step],
}

impl Around<'_> {
    fn has_before(&self, law: LegalStep) -> bool {
        self.earlier.iter().any(|step| step.law == Some(law))
    }

    fn has(&self, law: LegalStep) -> bool {
        self.all.iter().any(|step| step.law == Some(law))
    }
}

fn form_of(step: &Step, earlier: &[Step]) -> Vec<Rule> {
    let mut rules = Vec::new();
    let asks = step.interest || step.costs != CostsAsked::None;
    if asks && step.law.is_none() && !step.is_formal() {
        rules.push(Rule::ClaimInFriendlyLetter);
    }
    let Some(law) = step.law else { return rules };
    if !step.is_formal() {
        rules.push(Rule::LegalLetterNotFormal);
    }
    if step.costs != CostsAsked::None {
        rules.push(Rule::LegalLetterAsksCosts);
    }
    if step.interest && law != LegalStep::FourteenDayLetter {
        rules.push(Rule::InterestInFirstNotice);
    }
    let laws = || earlier.iter().filter_map(|step| step.law);
    if laws().any(|other| other == law) {
        rules.push(Rule::LegalLetterTwice);
    }
    if laws().any(|other| other.country() != law.country()) {
        rules.push(Rule::ForeignLaw);
    }
    rules
}

fn dutch_consumer(step: &Step, around: &Around<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let announced = around.has_before(LegalStep::FourteenDayLetter);
    let in_default = announced || around.has_before(LegalStep::NoticeOfDefault) || step.law.is_some();
    match step.costs {
        CostsAsked::None => {}
        CostsAsked::Fixed | CostsAsked::Scale if !announced && step.law.is_none() => {
            rules.push(Rule::CostsWithoutFourteenDayLetter);
        }
        CostsAsked::Fixed => rules.push(Rule::FixedCostsOfConsumer),
        CostsAsked::Scale => {}
    }
    if step.interest && !in_default {
        rules.push(Rule::InterestBeforeDefault);
    }
    match step.law {
        Some(LegalStep::FourteenDayLetter) => {
            if !around.earlier.iter().any(|earlier| is_overdue_letter(earlier) && earlier.law.is_none()) {
                rules.push(Rule::FourteenDayLetterWithoutReminder);
            }
            if !around.has(LegalStep::NoticeOfDefault) {
                rules.push(Rule::NoticeOfDefaultMissing);
            }
        }
        Some(LegalStep::NoticeOfDefault) if announced => rules.push(Rule::NoticeOfDefaultTooLate),
        Some(LegalStep::NoticeOfDefault | LegalStep::BeFirstReminder) | None => {}
    }
    rules
}

fn belgian_consumer(step: &Step, around: &Around<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let reminded = around.has_before(LegalStep::BeFirstReminder);
    let asks = step.interest || step.costs != CostsAsked::None;
    if asks && !reminded && step.law.is_none() {
        rules.push(Rule::ClaimWithoutFirstReminder);
    } else if step.costs == CostsAsked::Fixed {
        rules.push(Rule::FixedCostsOfConsumer);
    }
    if step.law == Some(LegalStep::BeFirstReminder) && around.earlier.iter().any(is_overdue_letter) {
        rules.push(Rule::FirstReminderNotFirst);
    }
    rules
}

fn business(step: &Step, around: &Around<'_>, country: Country) -> Vec<Rule> {
    match (step.costs, country) {
        (CostsAsked::Scale, Country::Be) => vec![Rule::ScaleOfBelgianBusiness],
        (CostsAsked::Scale, Country::Nl) if !around.earlier.iter().any(Step::is_formal) => {
            vec![Rule::ScaleWithoutFormalNotice]
        }
        (CostsAsked::Scale, Country::Nl) | (CostsAsked::None | CostsAsked::Fixed, _) => Vec::new(),
    }
}

fn is_overdue_letter(step: &Step) -> bool {
    step.kind.is_letter() && !step.is_pre_due()
}

impl LegalStep {
    pub const ALL: [LegalStep; 3] =
        [LegalStep::NoticeOfDefault, LegalStep::FourteenDayLetter, LegalStep::BeFirstReminder];

    /// The word in a ladder, which is also the name of the letter's template.
    pub fn code(self) -> &'static str {
        match self {
            LegalStep::NoticeOfDefault => "notice-of-default",
            LegalStep::FourteenDayLetter => "fourteen-day-letter",
            LegalStep::BeFirstReminder => "be-first-reminder",
        }
    }

    /// Whose law knows this letter.
    pub fn country(self) -> Country {
        match self {
            LegalStep::NoticeOfDefault | LegalStep::FourteenDayLetter => Country::Nl,
            LegalStep::BeFirstReminder => Country::Be,
        }
    }
}

impl Rule {
    /// The owner should know it, but the ladder may be used.
    pub fn is_warning(self) -> bool {
        self == Rule::NoticeOfDefaultMissing
    }

    /// The key of the step that is at fault.
    pub fn key(self) -> &'static str {
        match self {
            Rule::ClaimInFriendlyLetter | Rule::LegalLetterNotFormal => "kind",
            Rule::LegalLetterAsksCosts
            | Rule::CostsWithoutFourteenDayLetter
            | Rule::FixedCostsOfConsumer
            | Rule::ClaimWithoutFirstReminder
            | Rule::ScaleWithoutFormalNotice
            | Rule::ScaleOfBelgianBusiness => "costs",
            Rule::InterestInFirstNotice | Rule::InterestBeforeDefault => "interest",
            Rule::LegalLetterTwice
            | Rule::ForeignLaw
            | Rule::FourteenDayLetterWithoutReminder
            | Rule::NoticeOfDefaultTooLate
            | Rule::NoticeOfDefaultMissing
            | Rule::FirstReminderNotFirst => "law",
        }
    }

    /// What is wrong with the step, to be read after its name.
    pub fn message(self) -> &'static str {
        match self {
            Rule::ClaimInFriendlyLetter => {
                "asks interest or costs in a friendly letter: only formal ones are announced, checked against fresh bank data and show what is asked"
            }
            Rule::LegalLetterNotFormal => {
                "is a letter with an effect in law, so it needs the safeguards of a formal one"
            }
            Rule::LegalLetterAsksCosts => {
                "asks costs in a letter that must be free of charge: it only announces them (NL: art. 6:96(6) BW, BE: Book XIX WER)"
            }
            Rule::InterestInFirstNotice => {
                "asks interest before the term that it gives has passed (NL: art. 6:82 and 6:119 BW, BE: Book XIX WER)"
            }
            Rule::LegalLetterTwice => "repeats a letter of the law that stands earlier in this ladder",
            Rule::ForeignLaw => {
                "is a letter of another country's law than that of the debtors or of the ladder's other letters"
            }
            Rule::CostsWithoutFourteenDayLetter => {
                "asks costs of a consumer, but no fourteen-day letter comes before it: then none are owed, in any amount (art. 6:96(5)-(6) BW)"
            }
            Rule::FixedCostsOfConsumer => {
                "asks a consumer the fixed sum that only businesses and governments owe (NL: art. 6:96(4) BW, BE: Act of 2 August 2002)"
            }
            Rule::InterestBeforeDefault => {
                "asks interest of a consumer before default (art. 6:119 and 6:81-83 BW): neither a notice of default nor a fourteen-day letter comes before it"
            }
            Rule::FourteenDayLetterWithoutReminder => {
                "is the first that the consumer hears after the due date; a fourteen-day letter comes after a reminder (art. 6:96(6) BW asks for default)"
            }
            Rule::NoticeOfDefaultTooLate => {
                "comes after the fourteen-day letter, which may only be sent in default (art. 6:82 and 6:96(6) BW)"
            }
            Rule::NoticeOfDefaultMissing => {
                "has no notice of default before it: a consumer with whom no due date was agreed (contract or general terms) is then never in default (art. 6:82-83 BW), owes no costs, and the case stays with you"
            }
            Rule::ClaimWithoutFirstReminder => {
                "asks interest or costs of a Belgian consumer, but no free first reminder comes before it (Book XIX WER)"
            }
            Rule::FirstReminderNotFirst => {
                "is not the first letter after the due date, as the free first reminder to a Belgian consumer must be (Book XIX WER)"
            }
            Rule::ScaleWithoutFormalNotice => {
                "asks costs by the scale, but no formal letter comes before it: costs beyond the fixed 40 euros need a demand first (art. 6:96(2)(c) BW)"
            }
            Rule::ScaleOfBelgianBusiness => {
                "asks costs by a scale, which Belgian law does not know between businesses (Act of 2 August 2002: 40 euros)"
            }
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Rule::ClaimInFriendlyLetter | Rule::LegalLetterNotFormal => "write kind = \"formal\"",
            Rule::LegalLetterAsksCosts => "remove costs here, and ask them in a later step",
            Rule::InterestInFirstNotice => "remove interest here, and ask it in a later step",
            Rule::LegalLetterTwice => "keep one of the two",
            Rule::ForeignLaw => "use a ladder for each country ([ladder.nl], [ladder.be])",
            Rule::CostsWithoutFourteenDayLetter => {
                "put a step with law = \"fourteen-day-letter\" before it, or remove costs"
            }
            Rule::FixedCostsOfConsumer => "write costs = \"scale\"",
            Rule::InterestBeforeDefault => "put a step with law = \"notice-of-default\" before it, or remove interest",
            Rule::FourteenDayLetterWithoutReminder => "put a step with template = \"reminder\" before it",
            Rule::NoticeOfDefaultTooLate => "put it before the fourteen-day letter",
            Rule::NoticeOfDefaultMissing => {
                "put a step with law = \"notice-of-default\" before it; it is skipped where a due date was agreed"
            }
            Rule::ClaimWithoutFirstReminder => {
                "begin with a step with law = \"be-first-reminder\", or remove interest and costs"
            }
            Rule::FirstReminderNotFirst => "make it the first step with days = 1 or more",
            Rule::ScaleWithoutFormalNotice => "put a formal step before it, or write costs = \"fixed\"",
            Rule::ScaleOfBelgianBusiness => "write costs = \"fixed\"",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dunning::ids::StepId;
    use crate::dunning::policy::StepKind;

    fn step(kind: StepKind, law: Option<LegalStep>, interest: bool, costs: CostsAsked) -> Step {
        let template = law.map_or("letter", LegalStep::code);
        Step {
            id: StepId::new(template.to_owned()),
            kind,
            days: 1,
            after: 0,
            deadline_days: None,
            template: template.to_owned(),
            interest,
            costs,
            law,
        }
    }

    fn asks(interest: bool, costs: CostsAsked) -> Step {
        step(StepKind::Formal, None, interest, costs)
    }

    fn law(law: LegalStep) -> Step {
        step(StepKind::Formal, Some(law), false, CostsAsked::None)
    }

    fn reminder() -> Step {
        step(StepKind::Letter, None, false, CostsAsked::None)
    }

    fn ladder(steps: Vec<Step>) -> Ladder {
        Ladder { name: "l".into(), steps }
    }

    fn found(steps: Vec<Step>, country: Country, kind: DebtorKind) -> Vec<(usize, Rule)> {
        breaches(&ladder(steps), country, kind).into_iter().map(|b| (b.step, b.rule)).collect()
    }

    use CostsAsked::{Fixed, None as NoCosts, Scale};
    use LegalStep::{BeFirstReminder, FourteenDayLetter, NoticeOfDefault};

    #[test]
    fn dutch_consumers_owe_costs_only_after_the_fourteen_day_letter() {
        let found = |steps| found(steps, Country::Nl, DebtorKind::Consumer);
        let lawful = vec![reminder(), law(NoticeOfDefault), law(FourteenDayLetter), asks(true, Scale)];
        assert_eq!(found(lawful), []);
        assert_eq!(found(vec![reminder(), asks(false, NoCosts)]), [], "formal, but asks nothing");
        assert_eq!(found(vec![reminder(), asks(false, Scale)]), [(1, Rule::CostsWithoutFourteenDayLetter)]);
        assert_eq!(found(vec![reminder(), asks(false, Fixed)]), [(1, Rule::CostsWithoutFourteenDayLetter)]);
        let early = vec![reminder(), law(NoticeOfDefault), asks(false, Scale), law(FourteenDayLetter)];
        assert_eq!(found(early), [(2, Rule::CostsWithoutFourteenDayLetter)]);
        let fixed = vec![reminder(), law(NoticeOfDefault), law(FourteenDayLetter), asks(false, Fixed)];
        assert_eq!(found(fixed), [(3, Rule::FixedCostsOfConsumer)]);
        let late = vec![reminder(), law(FourteenDayLetter), law(NoticeOfDefault)];
        assert_eq!(found(late), [(2, Rule::NoticeOfDefaultTooLate)]);
        let bare = vec![law(NoticeOfDefault), law(FourteenDayLetter)];
        assert_eq!(found(bare), [(1, Rule::FourteenDayLetterWithoutReminder)]);
        assert_eq!(found(vec![law(BeFirstReminder)]), [(0, Rule::ForeignLaw)]);
    }

    #[test]
    fn interest_of_a_dutch_consumer_needs_default() {
        let found = |steps| found(steps, Country::Nl, DebtorKind::Consumer);
        assert_eq!(found(vec![reminder(), asks(true, NoCosts)]), [(1, Rule::InterestBeforeDefault)]);
        assert_eq!(found(vec![reminder(), law(NoticeOfDefault), asks(true, NoCosts)]), []);
        let with_interest = step(StepKind::Formal, Some(FourteenDayLetter), true, NoCosts);
        assert_eq!(found(vec![reminder(), law(NoticeOfDefault), with_interest]), []);
    }

    #[test]
    fn a_missing_notice_of_default_is_only_a_warning() {
        let steps = vec![reminder(), law(FourteenDayLetter), asks(true, Scale)];
        assert_eq!(found(steps.clone(), Country::Nl, DebtorKind::Consumer), [(1, Rule::NoticeOfDefaultMissing)]);
        assert!(allows(&ladder(steps.clone()), Country::Nl, DebtorKind::Consumer));
        assert!(!allows(&ladder(steps), Country::Be, DebtorKind::Consumer));
    }

    #[test]
    fn belgian_consumers_get_the_free_reminder_first() {
        let found = |steps| found(steps, Country::Be, DebtorKind::Consumer);
        assert_eq!(found(vec![law(BeFirstReminder), reminder(), asks(true, Scale)]), []);
        assert_eq!(found(vec![reminder(), asks(false, NoCosts)]), [], "asks nothing");
        assert_eq!(found(vec![reminder(), asks(true, NoCosts)]), [(1, Rule::ClaimWithoutFirstReminder)]);
        assert_eq!(found(vec![reminder(), law(BeFirstReminder)]), [(1, Rule::FirstReminderNotFirst)]);
        assert_eq!(found(vec![law(BeFirstReminder), asks(true, Fixed)]), [(1, Rule::FixedCostsOfConsumer)]);
        assert_eq!(found(vec![reminder(), law(FourteenDayLetter)]), [(1, Rule::ForeignLaw)]);
    }

    #[test]
    fn businesses_owe_the_fixed_sum_at_once_and_the_scale_after_a_demand() {
        for kind in [DebtorKind::Business, DebtorKind::Government] {
            assert_eq!(found(vec![asks(true, Fixed), asks(true, Scale)], Country::Nl, kind), []);
            let bare = vec![reminder(), asks(true, Scale)];
            assert_eq!(found(bare, Country::Nl, kind), [(1, Rule::ScaleWithoutFormalNotice)]);
            let scale = vec![asks(true, Fixed), asks(true, Scale)];
            assert_eq!(found(scale, Country::Be, kind), [(1, Rule::ScaleOfBelgianBusiness)]);
        }
    }

    #[test]
    fn what_no_ladder_may_do() {
        let found = |steps| form(&ladder(steps)).into_iter().map(|b| (b.step, b.rule)).collect::<Vec<_>>();
        assert_eq!(found(vec![reminder(), law(NoticeOfDefault), asks(true, Scale)]), []);
        assert_eq!(found(vec![step(StepKind::Letter, None, true, NoCosts)]), [(0, Rule::ClaimInFriendlyLetter)]);
        assert_eq!(
            found(vec![step(StepKind::Letter, Some(NoticeOfDefault), true, Fixed)]),
            [(0, Rule::LegalLetterNotFormal), (0, Rule::LegalLetterAsksCosts), (0, Rule::InterestInFirstNotice)]
        );
        assert_eq!(found(vec![step(StepKind::Formal, Some(FourteenDayLetter), true, NoCosts)]), []);
        let twice = vec![law(NoticeOfDefault), law(NoticeOfDefault), law(BeFirstReminder)];
        assert_eq!(found(twice), [(1, Rule::LegalLetterTwice), (2, Rule::ForeignLaw)]);
    }
}
