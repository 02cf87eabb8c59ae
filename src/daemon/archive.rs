//! An old archive: very many invoices that were overdue when first seen. The digest asks about all of them once, with the
//! commands that answer them together. Each keeps a question and a hold of its own.

use crate::dunning::debtor::Language;
use crate::dunning::question::QuestionKind;
use crate::report::digest::Question;
use chrono::NaiveDate;

/// So many are asked about one by one.
const ASKED_APART: usize = 5;

/// An invoice that was overdue when first seen, and the day on which it fell due.
pub(super) struct Overdue {
    pub(super) question: Question,
    pub(super) due: NaiveDate,
}

/// The questions of the digest about these invoices: one each, or one about all.
pub(super) fn asked_together(overdue: Vec<Overdue>, today: NaiveDate, language: Language) -> Vec<Question> {
    let dues = overdue.iter().map(|one| one.due);
    let since = overdue.iter().map(|one| one.question.since).min();
    match (dues.clone().min(), dues.max(), since) {
        (Some(first), Some(last), Some(since)) if overdue.len() > ASKED_APART => {
            vec![as_one(overdue.len(), [first, last], since, today, language)]
        }
        _ => overdue.into_iter().map(|one| one.question).collect(),
    }
}

fn as_one(
    count: usize,
    [first, last]: [NaiveDate; 2],
    since: NaiveDate,
    today: NaiveDate,
    language: Language,
) -> Question {
    let kind = QuestionKind::OverdueAtFirstSight.code();
    let text = match language {
        Language::Nl => format!(
            "{count} facturen waren al vervallen toen wij ze zagen (vervaldagen {first} tot en met {last}). Er gaat niets \
             voor uit. Betaald, open of negeren? Met --due-before alleen wat voor die dag verviel; \
             `aanmaand questions` noemt ze één voor één"
        ),
        Language::En | Language::De | Language::Fr => format!(
            "{count} invoices were overdue when first seen (due {first} to {last}). Nothing leaves for them. Paid, open or \
             ignored? With --due-before only what fell due before that day; `aanmaand questions` names each"
        ),
    };
    let choices = QuestionKind::OverdueAtFirstSight.choices().iter();
    let together = choices.map(|choice| format!("{choice} --all")).collect();
    let before = format!("paid --all --due-before {today}");
    Question { id: kind.to_owned(), kind: kind.to_owned(), text, choices: [together, vec![before]].concat(), since }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overdue(count: u32) -> Vec<Overdue> {
        let of = |n: u32| {
            let day = NaiveDate::from_ymd_opt(2020, 1, n + 1).unwrap();
            let (id, text) = (format!("Q1-K{n}"), format!("F-{n}"));
            let question = Question { id, kind: "overdue_at_first_sight".into(), text, choices: vec![], since: day };
            Overdue { question, due: day }
        };
        (0..count).map(of).collect()
    }

    #[test]
    fn a_few_are_asked_about_apart_and_many_together() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 3).unwrap();
        assert_eq!(asked_together(vec![], today, Language::Nl).len(), 0);
        assert_eq!(asked_together(overdue(5), today, Language::Nl).len(), 5);
        for language in [Language::Nl, Language::En] {
            let asked = asked_together(overdue(9), today, language);
            assert_eq!((asked.len(), asked[0].id.as_str()), (1, "overdue_at_first_sight"));
            assert!(asked[0].text.starts_with("9 ") && asked[0].text.contains("2020-01-01"), "{}", asked[0].text);
            assert!(asked[0].text.contains("2020-01-09") && asked[0].since.to_string() == "2020-01-01");
            assert_eq!(
                asked[0].choices,
                ["open --all", "ignore --all", "paid --all", "paid --all --due-before 2026-11-03"]
            );
        }
    }
}
