//! From the text of a configuration to a checked [`Config`]: section by section, every fault recorded, and
//! at the end what contradicts itself. Pure over texts: other files are reached through [`Files`].

use super::fault::{Document, Fault, Findings, Found, nearest};
use super::places::{COUNTRIES, Places, amount_of};
use super::policy::{Decisions, hour};
use super::section::{Section, parse};
use super::transport::{keep_copy, mailbox, outgoing, resolver};
use super::{Backup, Company, Config, Digest, Files, Folders, Mailbox, Notices, Outgoing, Resolver};
use crate::bank::reference;
use crate::dunning::calendar::Country;
use crate::dunning::debtor::Language;
use crate::dunning::money::Money;
use crate::dunning::policy::FirstSight;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The checked configuration or all its faults, and what was learned on the way.
pub(super) fn check(file: &Path, text: &str, files: &dyn Files) -> (Result<Config, Vec<Fault>>, Findings) {
    let findings = Findings::default();
    let document = Document { file, text, findings: &findings };
    let config = parse(&document).and_then(|table| read(&Section::root(&document, &table), files));
    let mut faults = findings.faults.take();
    // Stable: faults of other files keep their place after those of this one.
    faults.sort_by_key(|fault| (fault.file != file, fault.file.clone(), fault.line, fault.column));
    faults.dedup();
    let result = match config {
        Some(config) if faults.is_empty() => Ok(config),
        Some(_) | None if !faults.is_empty() => Err(faults),
        Some(_) | None => panic!("BUG: a configuration was refused without a fault"),
    };
    (result, findings)
}

/// Checks several administrations; a file that another one names is not one itself.
pub(super) fn together(paths: Vec<PathBuf>, files: &dyn Files) -> Result<Vec<Config>, Vec<Fault>> {
    let mut named = BTreeSet::new();
    let mut results = Vec::new();
    for path in paths {
        let result = match files.read(&path) {
            Ok(text) => {
                let (result, findings) = check(&path, &text, files);
                named.extend(findings.also_read.take());
                result
            }
            Err(reason) => Err(vec![super::unreadable(&path, &reason)]),
        };
        results.push((path, result));
    }
    results.retain(|(path, _)| !named.contains(path));
    let (mut configs, mut faults) = (Vec::new(), Vec::new());
    for (_, result) in results {
        match result {
            Ok(config) => configs.push(config),
            Err(more) => faults.extend(more),
        }
    }
    faults.extend(shared_books(&configs));
    if faults.is_empty() { Ok(configs) } else { Err(faults) }
}

/// Two administrations over the same folders would write to the same debtors twice.
fn shared_books(configs: &[Config]) -> Vec<Fault> {
    let mut owners: BTreeMap<&Path, &Config> = BTreeMap::new();
    let mut faults = Vec::new();
    for config in configs {
        for folder in [&config.state, &config.invoices] {
            if let Some(other) = owners.insert(folder, config) {
                faults.push(Fault {
                    file: config.file.clone(),
                    line: 1,
                    column: 1,
                    message: format!("{} also belongs to {}", folder.display(), other.file.display()),
                    remedy: "give each administration its own state and invoices folder".to_owned(),
                });
            }
        }
    }
    faults
}

fn read(root: &Section<'_>, files: &dyn Files) -> Option<Config> {
    let file = root.document.file;
    let base = file.parent().unwrap_or(Path::new(""));
    let places = Places { base, files };
    let state = root.text("state").map_or_else(|| places.resolve("state"), |path| places.resolve(&path.value));
    let company = read_company(&root.section("company"), &places);
    let owner_email = read_owner(&root.section("owner"), &places);
    let invoices = read_invoices(&root.section("invoices"), &places);
    let statements = read_statements(&root.section("statements"), &places);
    let mailbox_section = root.section("mailbox");
    let authserv_id = mailbox_section.text("authserv_id").map(|id| id.value);
    let resolver = resolver(&mailbox_section);
    let sent_folder = mailbox_section.text("sent").map(|name| name.value);
    let mut mailbox = mailbox(&mailbox_section, &places);
    let outgoing_section = root.section("outgoing");
    let keep_copy = keep_copy(&outgoing_section);
    let mut outgoing = outgoing(&outgoing_section, &places);
    super::oauth::share(&state, mailbox.as_mut(), outgoing.as_mut());
    let notices = read_notices(&root.section("notices"), &places);
    warn_unbelieved(root, &notices, authserv_id.as_deref(), resolver);
    let digest = read_digest(&root.section("digest"));
    let backup = read_backup(&root.section("backup"), &places, &state);
    let letters = super::letters::read(&root.section("letters"));
    let folders = read_folders(&root.section("folders"), &places);
    let open_items = super::open_items::read_sections(root, &places, &folders);
    let office = company.as_ref().map(|(_, office)| *office).unwrap_or_default();
    let policy =
        Decisions { root, places: &places, folders: &folders, office }.read(&invoices, statements.is_some(), &notices);
    root.finish();
    let (policy, pace) = policy?;
    let (company, office) = company?;
    let config = Config {
        file: file.to_owned(),
        name: file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
        state,
        company,
        owner_email: owner_email?,
        timezone: office.timezone,
        language: office.language,
        invoices: invoices.folder?,
        open_items,
        statements,
        mailbox: mailbox?,
        authserv_id,
        resolver,
        sent_folder,
        outgoing: outgoing?,
        keep_copy,
        pace,
        notices: notices.checked,
        digest,
        backup,
        letters,
        folders,
        policy,
        warnings: root.document.findings.warnings.borrow().clone(),
        objections: root.document.findings.objections.borrow().clone(),
        also_read: root.document.findings.also_read.borrow().iter().cloned().collect(),
        banks_at: notices.banks_at,
    };
    check_folders(root, &config);
    Some(config)
}

/// Where the administration sits.
#[derive(Clone, Copy)]
pub(super) struct Office {
    pub country: Country,
    pub language: Language,
    pub timezone: Tz,
}

impl Default for Office {
    fn default() -> Office {
        Office { country: Country::Nl, language: Language::Nl, timezone: chrono_tz::Europe::Amsterdam }
    }
}

fn read_company(section: &Section<'_>, places: &Places<'_>) -> Option<(Company, Office)> {
    let name = section.required("name", "letters are signed with it");
    let address = section.texts("address").unwrap_or_default();
    let email = section.required("email", "letters come from this address, and answers go there");
    let email = email.and_then(|email| places.email(section, "email", email));
    let country = section.choice("country", &COUNTRIES).unwrap_or_default();
    let languages = Language::OF_OWNERS.map(|language| (language.code(), language));
    let language = section.choice("language", &languages).unwrap_or(Language::Nl);
    let timezone = read_timezone(section, country);
    let phone = section.text("phone").map(|phone| phone.value);
    let kvk = section.text("kvk").and_then(|kvk| plausible_kvk(section, country, kvk));
    let vat = section.text("vat").map(|vat| vat.value);
    let ibans = read_ibans(section);
    section.finish();
    if country == Country::Be && vat.is_none() && kvk.is_none() {
        section.document.warn(
            section.at,
            "company.vat is missing: the first reminder to a Belgian consumer names your enterprise number (Book XIX WER), so it cannot be written",
            "write vat = \"BE…\", or leave it when none of your customers is a consumer",
        );
    }
    let address = address.into_iter().map(|line| line.value).collect();
    let company = Company { name: name?.value, address, email: email?, phone, kvk, vat, ibans: ibans? };
    Some((company, Office { country, language, timezone: timezone? }))
}

fn read_ibans(section: &Section<'_>) -> Option<Vec<String>> {
    section.must_have("iban", "letters ask to pay to it: iban = [\"NL…\"]");
    let listed = section.texts("iban")?;
    if listed.is_empty() {
        section.document.fault(section.at_of("iban"), "company.iban is empty", "name the account to pay to");
        return None;
    }
    let iban = |text: &Found<String>| {
        let iban = reference::iban(&text.value);
        if iban.is_none() {
            let message = format!("company.iban {:?} is not an IBAN: its length or check digits are wrong", text.value);
            section.document.fault(text.at, message, "copy it from a bank statement");
        }
        iban
    };
    let ibans: Vec<String> = listed.iter().filter_map(iban).collect();
    (ibans.len() == listed.len()).then_some(ibans)
}

/// A number of the Dutch chamber of commerce has eight digits.
fn plausible_kvk(section: &Section<'_>, country: Country, kvk: Found<String>) -> Option<String> {
    let digits: String = kvk.value.chars().filter(|c| !c.is_whitespace()).collect();
    let plausible = match country {
        Country::Nl => digits.len() == 8 && digits.chars().all(|c| c.is_ascii_digit()),
        Country::Be => true,
    };
    if !plausible {
        let message = format!("company.kvk = {:?} is not a chamber of commerce number", kvk.value);
        section.document.fault(kvk.at, message, "write its eight digits");
    }
    plausible.then_some(kvk.value)
}

fn read_timezone(section: &Section<'_>, country: Country) -> Option<Tz> {
    let Some(name) = section.text("timezone") else {
        return Some(match country {
            Country::Nl => chrono_tz::Europe::Amsterdam,
            Country::Be => chrono_tz::Europe::Brussels,
        });
    };
    let timezone = name.value.parse().ok();
    if timezone.is_none() {
        let remedy = match nearest(&name.value, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())) {
            Some(known) => format!("did you mean {known:?}?"),
            None => "write it like \"Europe/Amsterdam\"".to_owned(),
        };
        section.document.fault(name.at, format!("company.timezone = {:?} is not known", name.value), remedy);
    }
    timezone
}

fn read_owner(section: &Section<'_>, places: &Places<'_>) -> Option<String> {
    let email = section.required("email", "the digest and the questions go there");
    section.finish();
    places.email(section, "email", email?)
}

pub(super) struct Invoices {
    folder: Option<PathBuf>,
    pub overdue_at_first_sight: FirstSight,
    pub default_term_days: i64,
}

fn read_invoices(section: &Section<'_>, places: &Places<'_>) -> Invoices {
    let folder = section.required("folder", "name the folder that your invoices are put in");
    let first_sight = section.choice(
        "overdue_at_first_sight",
        &[("ask", FirstSight::Ask), ("open", FirstSight::Open), ("ignore", FirstSight::Ignore)],
    );
    let default_term_days = section.number("default_term_days", 1..=120);
    default_term_days.as_ref().into_iter().for_each(|days| warn_long_term(section, days));
    section.finish();
    Invoices {
        folder: folder.map(|folder| places.resolve(&folder.value)),
        overdue_at_first_sight: first_sight.unwrap_or(FirstSight::Ask),
        // Art. 6:119a(2) BW: without an agreed term, thirty days.
        default_term_days: default_term_days.map_or(30, |days| days.value),
    }
}

/// The longest terms that may be agreed without more: art. 6:119a(5) BW between businesses, art. 6:119b(5) for governments;
/// in Belgium the Act of 2 August 2002.
fn warn_long_term(section: &Section<'_>, days: &Found<i64>) {
    let (message, remedy) = match days.value {
        ..=30 => return,
        31..=60 => (
            "is longer than the 30 days that a government may be given (NL: art. 6:119b(5) BW)",
            "write 30, or the due date on the invoices to governments",
        ),
        _ => (
            "is longer than the 60 days that may be agreed between businesses (NL: art. 6:119a(5) BW, BE: Act of 2 August 2002)",
            "write 30, which is also the law's term when nothing was agreed",
        ),
    };
    section.document.warn(days.at, format!("invoices.default_term_days = {} {message}", days.value), remedy);
}

fn read_statements(section: &Section<'_>, places: &Places<'_>) -> Option<PathBuf> {
    if section.is_present() {
        section.must_have("folder", "name the folder that bank statements are put in, or remove [statements]");
    }
    let folder = section.text("folder");
    section.finish();
    folder.map(|folder| places.resolve(&folder.value))
}

pub(super) struct ReadNotices {
    pub checked: Notices,
    banks_at: Vec<Fault>,
    at: usize,
}

fn read_notices(section: &Section<'_>, places: &Places<'_>) -> ReadNotices {
    let banks = section.texts("banks").unwrap_or_default();
    let close_max = section.text("close_max").and_then(|text| amount_of(section.document, "notices.close_max", &text));
    let sent_to = section.texts("sent_to").unwrap_or_default();
    let sent_to = sent_to.into_iter().filter_map(|one| places.email(section, "sent_to", one)).collect();
    let at = section.at_of("banks");
    section.finish();
    let places = banks.iter().map(|bank| section.document.locate(bank.at, String::new(), String::new()));
    ReadNotices {
        banks_at: places.collect(),
        checked: Notices {
            banks: banks.into_iter().map(|bank| bank.value).collect(),
            sent_to,
            close_max: close_max.unwrap_or(Money::eur_cents(250_000)),
        },
        at,
    }
}

fn warn_unbelieved(root: &Section<'_>, notices: &ReadNotices, authserv_id: Option<&str>, resolver: Resolver) {
    if !notices.checked.banks.is_empty() && authserv_id.is_none() && resolver == Resolver::Off {
        root.document.warn(
            notices.at,
            "notices.banks is set, but mailbox.resolver is \"off\" and there is no mailbox.authserv_id: a bank's mail can only \
             pause a case, not close it",
            "remove mailbox.resolver, so that its signature is checked",
        );
    }
}

fn read_digest(section: &Section<'_>) -> Digest {
    let at = section.time("at").unwrap_or_else(|| hour(8));
    let when_empty = section.flag("when_empty").unwrap_or(true);
    section.finish();
    Digest { at, when_empty }
}

fn read_backup(section: &Section<'_>, places: &Places<'_>, state: &Path) -> Backup {
    let daily = section.flag("daily").unwrap_or(true);
    let folder = section.text("folder").map(|path| places.resolve(&path.value));
    let keep = |key, range, usual| section.number(key, range).map_or(usual, |found| found.value);
    let (daily_kept, monthly_kept) = (keep("keep_daily", 1..=400, 14), keep("keep_monthly", 0..=120, 12));
    section.finish();
    Backup {
        daily,
        folder: folder.unwrap_or_else(|| state.join("backups")),
        keep_daily: usize::try_from(daily_kept).unwrap_or(usize::MAX),
        keep_monthly: usize::try_from(monthly_kept).unwrap_or(usize::MAX),
    }
}

fn read_folders(section: &Section<'_>, places: &Places<'_>) -> Folders {
    let folder = |key| section.text(key).and_then(|path: Found<String>| places.readable(section, key, &path));
    let folders = Folders {
        templates: folder("templates"),
        phrases: folder("phrases"),
        banks: folder("banks"),
        open_items: folder("open_items"),
        ladders: folder("ladders"),
        rates: folder("rates"),
        holidays: folder("holidays"),
    };
    section.finish();
    folders
}

/// Folders that must not be the same: one would read what another wrote.
fn check_folders(root: &Section<'_>, config: &Config) {
    let mut folders =
        vec![("invoices.folder", &config.invoices), ("state", &config.state), ("backup.folder", &config.backup.folder)];
    folders.extend(config.statements.as_ref().map(|folder| ("statements.folder", folder)));
    if let Mailbox::Maildir { folder } = &config.mailbox {
        folders.push(("mailbox.folder", folder));
    }
    if let Outgoing::File { folder } = &config.outgoing {
        folders.push(("outgoing.folder", folder));
    }
    for (index, (name, folder)) in folders.iter().enumerate() {
        if let Some((other, _)) = folders.iter().take(index).find(|(_, other)| other == folder) {
            let section = name.strip_suffix(".folder");
            let at = match section {
                Some("statements") => root.section("statements").at_of("folder"),
                Some("mailbox") => root.section("mailbox").at_of("folder"),
                Some("outgoing") => root.section("outgoing").at_of("folder"),
                Some(_) | None => root.at_of("state"),
            };
            let message = format!("{name} and {other} are the same folder");
            root.document.fault(at, message, "give each its own folder");
        }
    }
}
