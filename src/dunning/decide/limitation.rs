//! Limitation (verjaring): the owner is told half a year and a month before a claim lapses, once for each of these days,
//! also when the case is held or never dunned: nothing else in the daemon keeps a claim alive.

use super::Draft;
use crate::dunning::account::Case;
use crate::dunning::debtor::Language;
use crate::dunning::fact::Fact;
use crate::dunning::ids::CaseId;
use crate::dunning::legal::{Lapse, lapse};
use crate::dunning::question::{About, QuestionKind};

impl Draft<'_> {
    pub(super) fn warn_of_limitation(&mut self) {
        let ids: Vec<CaseId> = self.account.open_cases().map(|case| case.id.clone()).collect();
        for id in ids {
            let known = self.case(&id).and_then(|case| lapse(&self.account, case, self.policy));
            match known.as_ref().and_then(|lapse| Some((lapse, lapse.warning_due(self.today)?))) {
                None => self.settle_limitation(&id, "a new term runs"),
                Some((lapse, due)) => {
                    let told = self.account.limitation_warnings.iter().any(|(case, on)| *case == id && *on >= due);
                    if !told {
                        self.warn(&id, lapse);
                    }
                }
            }
        }
    }

    fn warn(&mut self, id: &CaseId, lapse: &Lapse) {
        let Some(detail) = self.case(id).map(|case| self.lapse_detail(case, lapse)) else { return };
        self.settle_limitation(id, "told again");
        self.ask(QuestionKind::Limitation, Some(id.clone()), &detail, About::Nothing);
        self.fact(Fact::LimitationWarned { case: id.clone(), last_day: lapse.last_day, on: self.today });
    }

    fn settle_limitation(&mut self, id: &CaseId, why: &str) {
        self.settle_questions(why, |q| q.kind == QuestionKind::Limitation && q.case.as_ref() == Some(id));
    }

    fn lapse_detail(&self, case: &Case, lapse: &Lapse) -> String {
        let (open, last, article) = (case.open(), lapse.last_day, lapse.article);
        let what = format!("{} {}, {open} {}", self.name(), case.number(), open.currency());
        let nl = self.policy.language == Language::Nl;
        if last < self.today {
            return lapsed(nl, what.trim(), lapse);
        }
        if nl {
            return format!(
                "{}; de laatste dag is {last} ({article}). Een schriftelijke aanmaning waarin u uw recht ondubbelzinnig \
                 voorbehoudt (art. 3:317 BW) of een erkenning door de klant, zoals een deelbetaling (art. 3:318 BW), \
                 begint een nieuwe termijn",
                what.trim()
            );
        }
        format!(
            "{}; the last day is {last} ({article}). A written demand that clearly reserves your rights (art. 3:317 BW), \
             or an acknowledgement by the customer such as a part payment (art. 3:318 BW), begins a new term",
            what.trim()
        )
    }
}

/// Once the last day is over a demand begins no new term, and the customer need not pay if he says so.
fn lapsed(nl: bool, what: &str, lapse: &Lapse) -> String {
    let (last, article) = (lapse.last_day, lapse.article);
    if nl {
        return format!(
            "{what}; de laatste dag was {last} ({article}). Beroept de klant zich daarop, dan hoeft hij niet meer te \
             betalen, en een aanmaning verandert dat niet. Is de verjaring eerder gestuit, buiten dit programma om? \
             Anders: aanmaand hold of write-off"
        );
    }
    format!(
        "{what}; the last day was {last} ({article}). The customer may rely on that and need not pay, and no demand changes \
         it. Was the term interrupted before, outside this program? If not: aanmaand hold or write-off"
    )
}
