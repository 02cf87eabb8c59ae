//! PURE. An account and a step become a letter: subject, text and HTML, by templates in `templates/<lang>/`.
//! An unknown variable is an error, never an empty mail. Interest and costs are asked only when the data says so.
//!
//! `view` turns the data into what templates may name, `strict` is the engine with its limits, `layout` the plain-text
//! form, `format` amounts and dates, `plain` makes text from outside harmless, `check` tries templates on made-up data,
//! `leak` looks for what is another debtor's, `claim` is interest and costs, `lint` guards the letters on whose wording the right to costs depends.

mod check;
mod claim;
pub mod epc;
pub(crate) mod format;
mod layout;
pub mod leak;
mod link;
mod lint;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod plain;
mod strict;
mod view;
pub mod wording;

pub use claim::{Claimed, Interest, Missed, Segment};
pub use format::{amount, date};
pub(crate) use layout::{kept_together, tidy, tidy_html};
pub use link::{Filling, PaymentLink};
pub(crate) use strict::Engine;

use crate::dunning::calendar::Country;
use crate::dunning::debtor::{DebtorKind, Language};
use crate::dunning::money::Money;
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};
use wording::Wording;

/// Everything a template may name.
#[derive(Clone, Debug)]
pub struct LetterData {
    pub language: Language,
    /// Template of the most advanced step due: `notice`, `reminder`, `second-reminder`, `notice-of-default`,
    /// `fourteen-day-letter`, `be-first-reminder`, `formal-notice`, `last-demand`, `missed-instalment`, `thanks`.
    pub template: String,
    pub company: Company,
    pub debtor_name: String,
    pub contact: Option<String>,
    pub debtor_kind: DebtorKind,
    /// Whose law the letter follows: what it says of default, costs and limitation.
    pub country: Country,
    pub today: NaiveDate,
    /// The last day on which we ask to be paid ("uiterlijk op"); `None` for a note before the due date.
    pub deadline: Option<NaiveDate>,
    pub lines: Vec<Line>,
    /// The sum of what is open in `lines`.
    pub total: Money,
    /// Letters sent before to this debtor about these invoices, oldest first.
    pub earlier: Vec<Earlier>,
    /// The day on which the debtor had promised to pay and did not.
    pub broken_promise: Option<NaiveDate>,
    /// What came in of that promise; `None` = nothing.
    pub promise_paid: Option<Money>,
    /// A copy of each invoice goes with the letter: only then the letter says so.
    pub copies_attached: bool,
    /// Interest and costs that this letter asks beside the open amounts; `None` = it asks the open amounts only.
    pub claim: Option<Claimed>,
    /// Costs that become due when the term of this letter passes (fourteen-day letter, Belgian first reminder).
    pub announced_costs: Option<Money>,
    /// The instalment that was missed (template `missed-instalment` only).
    pub missed: Option<Missed>,
    /// What a letter of thanks reserves (template `thanks` only).
    pub thanks: Option<Thanks>,
    /// Copies of the earlier letters go with this one.
    pub earlier_attached: bool,
    /// Where the debtor may pay online.
    pub payment_link: Option<String>,
    /// The mail carries a payment QR code (EPC069-12) as an inline image with this Content-ID.
    pub qr_cid: Option<String>,
    /// The letter goes by post: what is said of replies and of receipt fits paper.
    pub by_post: bool,
}

#[derive(Clone, Debug)]
pub struct Company {
    pub name: String,
    pub address: Vec<String>,
    pub email: String,
    pub phone: Option<String>,
    pub kvk: Option<String>,
    pub vat: Option<String>,
    pub iban: String,
}

/// One invoice in the letter's table.
#[derive(Clone, Debug)]
pub struct Line {
    pub number: String,
    pub issue_date: NaiveDate,
    pub due_date: NaiveDate,
    /// Days past the due date; 0 when not yet due.
    pub days_late: i64,
    pub total: Money,
    /// What was paid or credited already.
    pub paid: Money,
    /// What of payments for it went to interest and costs instead.
    pub paid_extras: Option<Money>,
    /// What is asked: what is open, less the part that is disputed.
    pub open: Money,
    /// The open part that the debtor disputes and that is not asked now.
    pub disputed: Option<Money>,
    pub description: Option<String>,
    pub order_reference: Option<String>,
    pub payment_reference: Option<String>,
}

/// What a letter of thanks must not seem to say.
#[derive(Clone, Copy, Debug)]
pub struct Thanks {
    /// The money is announced only: the bank has not put it on a statement.
    pub provisional: bool,
    /// Other invoices of this debtor are open.
    pub others_open: bool,
}

#[derive(Clone, Debug)]
pub struct Earlier {
    pub sent_on: NaiveDate,
    pub template: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A template that cannot be used: file, line, what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {reason}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct TemplateFault {
    pub file: String,
    pub line: Option<usize>,
    pub reason: String,
}

/// Largest output of one template, in bytes.
pub(crate) const MAX_OUTPUT: usize = 256 * 1024;

/// Longest subject, in characters.
const MAX_SUBJECT: usize = 200;

/// The three files that make a letter.
const PARTS: [&str; 3] = ["subject", "txt", "html"];

/// The letter templates, compiled: those built into the binary, each replaceable by a file in the owner's folder.
pub struct Templates {
    engine: Engine,
    /// Amounts that the templates name themselves, such as a threshold of the law.
    amounts: BTreeSet<String>,
    /// The owner's layout of letters on paper and what lies beside it: `post/letter.typ`, `post/logo.svg`.
    #[cfg_attr(not(feature = "pdf"), expect(dead_code, reason = "read but not used: this build makes no PDF"))]
    post: Vec<(String, String)>,
    wording: OnceLock<Wording>,
    vocabulary: OnceLock<Arc<HashSet<String>>>,
}

impl Templates {
    fn of(engine: Engine, post: Vec<(String, String)>) -> Templates {
        let amounts = lint::amounts_named(&engine);
        Templates { engine, amounts, post, wording: OnceLock::new(), vocabulary: OnceLock::new() }
    }

    pub fn built_in() -> Templates {
        let (engine, faults) = Engine::new(built_in_files());
        assert!(faults.is_empty(), "BUG: a built-in template is faulty: {faults:?}");
        Templates::of(engine, Vec::new())
    }

    /// `files`: relative path (`nl/reminder.txt`) and content of the owner's own templates. All faults at once.
    pub fn with_overrides(files: &[(String, String)]) -> Result<Templates, Vec<TemplateFault>> {
        let (post, files): (Vec<_>, Vec<_>) = files.iter().cloned().partition(|(name, _)| name.starts_with("post/"));
        let mut faults: Vec<TemplateFault> = files.iter().filter_map(|(name, _)| misplaced(name)).collect();
        faults.extend(post.iter().filter_map(|(name, _)| misplaced_for_post(name)));
        let (engine, broken) = Engine::new(built_in_files().chain(files));
        faults.extend(broken);
        if faults.is_empty() { Ok(Templates::of(engine, post)) } else { Err(faults) }
    }

    /// By what our letters are known again in an answer.
    pub fn wording(&self) -> &Wording {
        self.wording.get_or_init(|| Wording::of(self.engine.named_sources()))
    }

    /// Subject and text of a letter, its tables as data; the wording is looked at as in a mail.
    #[cfg(feature = "pdf")]
    fn on_paper(&self, data: &LetterData) -> Result<(String, String), TemplateFault> {
        let subject = self.render(data)?.subject;
        let view = minijinja::context! { tables_apart => true, ..view::view(data, self.asked(data)?) };
        let text = self.engine.render(&format!("{}/{}.txt", data.language.code(), data.template), &view)?;
        Ok((subject, text))
    }

    /// Renders every template in every language over made-up data of every shape; all faults at once. For `check`.
    pub fn check(&self) -> Vec<TemplateFault> {
        check::faults(self)
    }

    /// The letter: a subject of one line, the text with `\n` line ends, the HTML. Never an empty part, never a letter
    /// about no invoice, never a total that its lines do not add up to (so never two currencies in one letter), never a
    /// fourteen-day letter or Belgian first reminder with other words than the accepted ones.
    pub fn render(&self, data: &LetterData) -> Result<Rendered, TemplateFault> {
        let rendered = self.drafted(data)?;
        match self.lint(data)?.into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(rendered),
        }
    }

    /// Every fault in the wording of a letter on which the right to costs depends; none for other letters.
    pub fn lint(&self, data: &LetterData) -> Result<Vec<TemplateFault>, TemplateFault> {
        let Some(own) = lint::without_outside_words(data) else { return Ok(Vec::new()) };
        let asked = self.asked(&own)?;
        Ok(lint::faults(&own, asked, &self.drafted(&own)?))
    }

    /// An amount in a letter's text that is none of its own: neither asked, nor open, paid, promised, computed with or
    /// named by the template itself, nor in the words of its invoices.
    pub fn strange_amount(&self, data: &LetterData, text: &str) -> Option<String> {
        lint::strange_amount(data, text, &self.amounts)
    }

    /// The same in HTML, as it is seen.
    pub fn strange_amount_in_html(&self, data: &LetterData, html: &str) -> Option<String> {
        self.strange_amount(data, &lint::without_tags(html))
    }

    /// Every word that the templates say, and those of dates, in lower case: as a name they tell nobody apart.
    pub fn vocabulary(&self) -> Arc<HashSet<String>> {
        self.vocabulary.get_or_init(|| Arc::new(self.all_words())).clone()
    }

    fn all_words(&self) -> HashSet<String> {
        let sources = self.engine.sources().flat_map(leak::words);
        let dates = Language::ALL.into_iter().flat_map(|language| {
            let day = |month| NaiveDate::from_ymd_opt(2026, month, 1);
            (1..=12).filter_map(day).flat_map(move |day| leak::words(&format::date(day, language)))
        });
        sources.chain(dates).collect()
    }

    /// The letter before its wording is looked at.
    fn drafted(&self, data: &LetterData) -> Result<Rendered, TemplateFault> {
        let files = PARTS.map(|part| format!("{}/{}.{part}", data.language.code(), data.template));
        let fault =
            |file: &str, reason: &str| TemplateFault { file: file.to_owned(), line: None, reason: reason.to_owned() };
        if let Some(missing) = files.iter().find(|file| !self.engine.has(file)) {
            return Err(fault(
                missing,
                "there is no such template; a step's `template` needs NAME.subject, NAME.txt and NAME.html",
            ));
        }
        let view = view::view(data, self.asked(data)?);
        let [subject_file, text_file, html_file] = files;
        let subject = plain::one_line(&self.engine.render(&subject_file, &view)?, MAX_SUBJECT);
        if subject.is_empty() {
            return Err(fault(&subject_file, "the subject is empty: an empty letter is never sent"));
        }
        let text = layout::tidy(&self.engine.render(&text_file, &view)?);
        let html = layout::tidy_html(&self.engine.render(&html_file, &view)?);
        let account = format::iban(&data.company.iban);
        if data.thanks.is_some() && (text.contains(&account) || html.contains(&account)) {
            let reason = "thanks must not ask for payment: in your own _layout put what asks into a block named demand";
            return Err(fault(&text_file, reason));
        }
        Ok(Rendered { subject, text, html })
    }

    /// What the letter asks, when its data can be a letter.
    fn asked(&self, data: &LetterData) -> Result<Money, TemplateFault> {
        let reason = match data.asked() {
            _ if !data.adds_up() => {
                "the letter's total is not the sum of its invoices, or its interest not that of its parts"
            }
            None => "the letter's interest and costs cannot be added to its total: is it all one currency?",
            Some(asked) => match lint::unfit(data) {
                None => return Ok(asked),
                Some(unfit) => unfit,
            },
        };
        let file = format!("{}/{}.txt", data.language.code(), data.template);
        Err(TemplateFault { file, line: None, reason: reason.to_owned() })
    }

    /// Every template name for which `language` has at least one of the three files, shared parts left out.
    fn names(&self, language: Language) -> Vec<String> {
        let prefix = format!("{}/", language.code());
        let names = self.engine.files().filter_map(|file| file.strip_prefix(&prefix)?.rsplit_once('.'));
        let names = names.map(|(name, _)| name).filter(|name| !name.starts_with('_'));
        names.map(str::to_owned).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }
}

/// Why a file in the owner's folder is not a template; a misspelt name would silently change nothing.
fn misplaced(name: &str) -> Option<TemplateFault> {
    let (language, file) = name.split_once('/').unwrap_or(("", name));
    let (base, part) = file.rsplit_once('.').unwrap_or((file, ""));
    let known_language = Language::ALL.iter().any(|l| l.code() == language);
    if known_language && PARTS.contains(&part) && !base.is_empty() && !base.contains('/') {
        return None;
    }
    let reason = "not the name of a template: write nl/NAME.subject, nl/NAME.txt or nl/NAME.html, or the same below en/, de/ or fr/";
    Some(TemplateFault { file: name.to_owned(), line: None, reason: reason.to_owned() })
}

fn misplaced_for_post(name: &str) -> Option<TemplateFault> {
    let file = name.strip_prefix("post/").unwrap_or(name);
    let known = matches!(file.rsplit_once('.'), Some((base, "typ" | "svg")) if !base.is_empty()) && !file.contains('/');
    let reason = "not a file that a letter on paper uses: write post/letter.typ, or a picture of it like post/logo.svg";
    (!known).then(|| TemplateFault { file: name.to_owned(), line: None, reason: reason.to_owned() })
}

macro_rules! template_files {
    ($($path:literal),* $(,)?) => {
        /// The templates of the project's folder `templates`, as they were when the binary was built.
        fn built_in_files() -> impl Iterator<Item = (String, String)> {
            [$(($path, include_str!(concat!("../../templates/", $path)))),*]
                .into_iter()
                .map(|(path, source)| (path.to_owned(), source.to_owned()))
        }
    };
}

template_files![
    "nl/_layout.txt",
    "nl/_layout.html",
    "nl/_table.txt",
    "nl/_table.html",
    "nl/_claim.txt",
    "nl/_claim.html",
    "nl/_rights.txt",
    "nl/_rights.html",
    "nl/_fourteen-days.txt",
    "nl/_fourteen-days.html",
    "nl/notice.subject",
    "nl/notice.txt",
    "nl/notice.html",
    "nl/reminder.subject",
    "nl/reminder.txt",
    "nl/reminder.html",
    "nl/second-reminder.subject",
    "nl/second-reminder.txt",
    "nl/second-reminder.html",
    "nl/formal-notice.subject",
    "nl/formal-notice.txt",
    "nl/formal-notice.html",
    "nl/last-demand.subject",
    "nl/last-demand.txt",
    "nl/last-demand.html",
    "nl/fourteen-day-letter.subject",
    "nl/fourteen-day-letter.txt",
    "nl/fourteen-day-letter.html",
    "nl/be-first-reminder.subject",
    "nl/be-first-reminder.txt",
    "nl/be-first-reminder.html",
    "nl/notice-of-default.subject",
    "nl/notice-of-default.txt",
    "nl/notice-of-default.html",
    "nl/missed-instalment.subject",
    "nl/missed-instalment.txt",
    "nl/missed-instalment.html",
    "nl/thanks.subject",
    "nl/thanks.txt",
    "nl/thanks.html",
    "en/_layout.txt",
    "en/_layout.html",
    "en/_table.txt",
    "en/_table.html",
    "en/_claim.txt",
    "en/_claim.html",
    "en/_rights.txt",
    "en/_rights.html",
    "en/notice.subject",
    "en/notice.txt",
    "en/notice.html",
    "en/reminder.subject",
    "en/reminder.txt",
    "en/reminder.html",
    "en/second-reminder.subject",
    "en/second-reminder.txt",
    "en/second-reminder.html",
    "en/formal-notice.subject",
    "en/formal-notice.txt",
    "en/formal-notice.html",
    "en/last-demand.subject",
    "en/last-demand.txt",
    "en/last-demand.html",
    "en/fourteen-day-letter.subject",
    "en/fourteen-day-letter.txt",
    "en/fourteen-day-letter.html",
    "en/be-first-reminder.subject",
    "en/be-first-reminder.txt",
    "en/be-first-reminder.html",
    "en/notice-of-default.subject",
    "en/notice-of-default.txt",
    "en/notice-of-default.html",
    "en/missed-instalment.subject",
    "en/missed-instalment.txt",
    "en/missed-instalment.html",
    "en/thanks.subject",
    "en/thanks.txt",
    "en/thanks.html",
    "de/_layout.txt",
    "de/_layout.html",
    "de/_table.txt",
    "de/_table.html",
    "de/_claim.txt",
    "de/_claim.html",
    "de/_rights.txt",
    "de/_rights.html",
    "de/notice.subject",
    "de/notice.txt",
    "de/notice.html",
    "de/reminder.subject",
    "de/reminder.txt",
    "de/reminder.html",
    "de/second-reminder.subject",
    "de/second-reminder.txt",
    "de/second-reminder.html",
    "de/formal-notice.subject",
    "de/formal-notice.txt",
    "de/formal-notice.html",
    "de/last-demand.subject",
    "de/last-demand.txt",
    "de/last-demand.html",
    "de/fourteen-day-letter.subject",
    "de/fourteen-day-letter.txt",
    "de/fourteen-day-letter.html",
    "de/be-first-reminder.subject",
    "de/be-first-reminder.txt",
    "de/be-first-reminder.html",
    "de/notice-of-default.subject",
    "de/notice-of-default.txt",
    "de/notice-of-default.html",
    "de/missed-instalment.subject",
    "de/missed-instalment.txt",
    "de/missed-instalment.html",
    "de/thanks.subject",
    "de/thanks.txt",
    "de/thanks.html",
    "fr/_layout.txt",
    "fr/_layout.html",
    "fr/_table.txt",
    "fr/_table.html",
    "fr/_claim.txt",
    "fr/_claim.html",
    "fr/_rights.txt",
    "fr/_rights.html",
    "fr/notice.subject",
    "fr/notice.txt",
    "fr/notice.html",
    "fr/reminder.subject",
    "fr/reminder.txt",
    "fr/reminder.html",
    "fr/second-reminder.subject",
    "fr/second-reminder.txt",
    "fr/second-reminder.html",
    "fr/formal-notice.subject",
    "fr/formal-notice.txt",
    "fr/formal-notice.html",
    "fr/last-demand.subject",
    "fr/last-demand.txt",
    "fr/last-demand.html",
    "fr/fourteen-day-letter.subject",
    "fr/fourteen-day-letter.txt",
    "fr/fourteen-day-letter.html",
    "fr/be-first-reminder.subject",
    "fr/be-first-reminder.txt",
    "fr/be-first-reminder.html",
    "fr/notice-of-default.subject",
    "fr/notice-of-default.txt",
    "fr/notice-of-default.html",
    "fr/missed-instalment.subject",
    "fr/missed-instalment.txt",
    "fr/missed-instalment.html",
    "fr/thanks.subject",
    "fr/thanks.txt",
    "fr/thanks.html",
];

#[cfg(test)]
pub(crate) mod tests;
