//! Money that came in and is not placed yet: it is told each day until the owner says what it is for, with its age, which is
//! that of the money and not of the question.

use crate::dunning::account::Account;
use crate::dunning::question::{About, QuestionKind};
use crate::report::digest::{LeftOver, Question};

/// The money of all these accounts that nobody has placed, the oldest first.
pub fn left_over(accounts: &[Account]) -> Vec<LeftOver> {
    let questions = accounts.iter().flat_map(|account| account.questions.values());
    let mut left: Vec<LeftOver> = questions
        .filter_map(|question| match (&question.about, question.kind) {
            (About::Payment(payment), QuestionKind::UnmatchedPayment) => Some(LeftOver {
                question: Question {
                    id: question.id.to_string(),
                    kind: question.kind.code().to_owned(),
                    text: question.told(),
                    choices: question.choices.clone(),
                    since: question.since,
                },
                amount: payment.amount,
                booked: payment.booked,
            }),
            _ => None,
        })
        .collect();
    left.sort_by(|a, b| (a.booked, &a.question.id).cmp(&(b.booked, &b.question.id)));
    left
}
