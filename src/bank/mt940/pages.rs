//! The pages of a long statement, put together. Each page opens with what the one before it closed with.

use super::Page;
use crate::bank::statement::Statement;

/// One statement for each row of pages that follow each other.
pub(super) fn joined(pages: Vec<Page>) -> Vec<Statement> {
    let mut statements: Vec<Page> = Vec::new();
    for page in pages {
        match statements.last_mut().filter(|before| follows(before, &page)) {
            Some(before) => append(before, page),
            None => statements.push(page),
        }
    }
    statements.into_iter().map(finished).collect()
}

fn follows(before: &Page, page: &Page) -> bool {
    before.goes_on
        && page.is_continued
        && before.number == page.number
        && before.statement.account == page.statement.account
        && before.statement.closing == page.statement.opening
        && before.statement.format == page.statement.format
}

fn append(before: &mut Page, page: Page) {
    let Page { statement, goes_on, .. } = page;
    before.goes_on = goes_on;
    before.statement.closing = statement.closing;
    before.statement.covers_until = statement.covers_until;
    before.statement.entries.extend(statement.entries);
    before.statement.warnings.extend(statement.warnings);
    before.statement.balanced = match (before.statement.balanced, statement.balanced) {
        (Some(true), Some(true)) => Some(true),
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    };
}

/// A statement whose last page is missing covers no day to its end.
fn finished(page: Page) -> Statement {
    let mut statement = page.statement;
    if page.goes_on {
        statement.warnings.push("the statement goes on on a page that is not in this file".to_owned());
    }
    statement
}
