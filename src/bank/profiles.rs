//! The bank profiles: `config/banks/*.toml`, data about who sends notices and how they are laid out.
//! One file (`shared = true`) holds the words that all banks use; a bank's own file adds to them.

use super::written::AMOUNT;
use regex::Regex;
use serde::Deserialize;
use std::collections::HashMap;

/// The bank profiles, compiled.
#[derive(Debug)]
pub struct Profiles {
    pub(super) banks: Vec<Profile>,
}

/// Why a profile file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {reason}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct ProfileFault {
    pub file: String,
    pub line: Option<u32>,
    pub reason: String,
}

impl Profiles {
    /// The profiles built into the binary.
    pub fn built_in() -> Profiles {
        Profiles::parse(&BUILT_IN).unwrap_or_else(|faults| panic!("BUG: built-in bank profiles: {faults:?}"))
    }

    /// The built-in files (name, text), for a folder of the owner's to replace or add to by name.
    pub fn built_in_files() -> &'static [(&'static str, &'static str)] {
        &BUILT_IN
    }

    /// Compiles profiles from files (name, text); every fault of every file at once.
    pub fn parse(files: &[(&str, &str)]) -> Result<Profiles, Vec<ProfileFault>> {
        let mut faults = Vec::new();
        let mut read: Vec<(&str, &str, File)> = Vec::new();
        for (name, text) in files {
            match toml::from_str::<File>(text) {
                Ok(file) => read.push((name, text, file)),
                Err(error) => {
                    let line = error.span().map(|span| line_of(text, span.start));
                    let reason = error.message().replace("a sequence", "a list between [ and ]");
                    faults.push(ProfileFault { file: (*name).to_owned(), line, reason });
                }
            }
        }
        let shared: Vec<&File> = read.iter().map(|(_, _, file)| file).filter(|file| file.shared).collect();
        let mut banks: Vec<Profile> = Vec::new();
        let mut patterns = Patterns::default();
        for (name, text, file) in read.iter().filter(|(_, _, file)| !file.shared) {
            match Profile::compile(file, &shared, &mut patterns) {
                Ok(bank) if banks.iter().any(|other| other.id == bank.id) => {
                    faults.push(fault(
                        name,
                        text,
                        &bank.id,
                        format!("there is another profile with the id {:?}", bank.id),
                    ));
                }
                Ok(bank) => banks.push(bank),
                Err((part, reason)) => faults.push(fault(name, text, &part, reason)),
            }
        }
        if faults.is_empty() { Ok(Profiles { banks }) } else { Err(faults) }
    }

    /// Allowed sender domains of the named banks (profile ids); of all profiles when `banks` is empty.
    pub fn domains(&self, banks: &[String]) -> Vec<String> {
        let wanted = self.banks.iter().filter(|bank| banks.is_empty() || banks.contains(&bank.id));
        wanted.flat_map(|bank| bank.domains.iter().cloned()).collect()
    }

    /// Ids of all profiles.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.banks.iter().map(|bank| bank.id.as_str())
    }
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$((concat!($name, ".toml"), include_str!(concat!("../../config/banks/", $name, ".toml")))),*]
    };
}

static BUILT_IN: [(&str, &str); 24] = built_in![
    "shared",
    "shared-de",
    "abnamro",
    "adyen",
    "argenta",
    "asn",
    "belfius",
    "bnpparibasfortis",
    "bunq",
    "crelan",
    "ing",
    "kbc",
    "knab",
    "mollie",
    "paypal",
    "rabobank",
    "regiobank",
    "revolut",
    "sns",
    "stripe",
    "sumup",
    "tikkie",
    "triodos",
    "wise",
];

/// One file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    shared: bool,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    domains: Vec<String>,
    /// How its display names begin, besides `name`.
    #[serde(default)]
    names: Vec<String>,
    /// It keeps its customers' money and pays it out to them.
    #[serde(default)]
    pays_out: bool,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    words: Words,
    /// Patterns of whole sentences, with groups `amount`, `counterparty`, `iban`, `booked`, `reference`.
    #[serde(default)]
    sentences: Vec<String>,
}

/// What stands before a value, as patterns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Labels {
    amount: Vec<String>,
    /// Says "Af" or "Bij".
    direction: Vec<String>,
    payer: Vec<String>,
    payee: Vec<String>,
    /// The other party, whoever paid.
    party: Vec<String>,
    iban: Vec<String>,
    reference: Vec<String>,
    booked: Vec<String>,
    /// Known, and of no use here.
    other: Vec<String>,
}

/// Words that tell the kind of a mail, as patterns.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Words {
    credit: Vec<String>,
    debit: Vec<String>,
    storno: Vec<String>,
    /// No money moved, whatever amount is named.
    info: Vec<String>,
    /// The money did not come: never a credit.
    denied: Vec<String>,
    /// The same, where [`File::pays_out`]: what is paid out to the reader is no customer's money.
    payout: Vec<String>,
    marketing: Vec<String>,
}

/// One bank, ready for use.
#[derive(Debug)]
pub(super) struct Profile {
    pub id: String,
    pub domains: Vec<String>,
    /// Lower case.
    pub names: Vec<String>,
    pub labels: Vec<(Label, Regex)>,
    pub credit: Regex,
    pub debit: Regex,
    pub storno: Regex,
    pub info: Regex,
    pub denied: Regex,
    pub marketing: Regex,
    pub sentences: Vec<Regex>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Amount,
    Direction,
    Payer,
    Payee,
    Party,
    Iban,
    Reference,
    Booked,
    Other,
}

impl Profile {
    /// A fault is the part of the file that is wrong, and why.
    fn compile(file: &File, shared: &[&File], patterns: &mut Patterns) -> Result<Profile, (String, String)> {
        let needed = [("id", file.id.is_empty()), ("name", file.name.is_empty()), ("domains", file.domains.is_empty())];
        if let Some((missing, _)) = needed.iter().find(|(_, is_missing)| *is_missing) {
            let domains = "domains (of the addresses that its notices come from)";
            return Err((file.id.clone(), format!("{missing} is missing: a profile needs id, name and {domains}")));
        }
        if let Some(domain) = file.domains.iter().find(|domain| !is_domain(domain)) {
            let reason = format!("{domain:?} is not a domain: write what stands behind the @, as \"bank.example\"");
            return Err((domain.clone(), reason));
        }
        let all = |pick: fn(&File) -> &Vec<String>| -> Vec<&String> {
            std::iter::once(file).chain(shared.iter().copied()).flat_map(pick).collect()
        };
        let payouts = if file.pays_out { all(|f| &f.words.payout) } else { Vec::new() };
        let mut sentences = Vec::new();
        for pattern in all(|f| &f.sentences) {
            let full = format!("(?i){}", pattern.replace("AMOUNT", AMOUNT));
            let sentence = patterns.compile(&[pattern], &full)?;
            let groups: Vec<&str> = sentence.capture_names().flatten().collect();
            let strange = groups.iter().find(|group| !GROUPS.contains(group));
            let told = "a sentence names what it tells as amount, counterparty, iban, booked or reference";
            if let Some(strange) = strange {
                return Err((pattern.clone(), format!("(?P<{strange}>…) is unknown: {told}")));
            }
            if !groups.contains(&"amount") {
                return Err((pattern.clone(), format!("no (?P<amount>AMOUNT): {told}, and always the amount")));
            }
            sentences.push(sentence);
        }
        let labels = [
            (Label::Amount, all(|f| &f.labels.amount)),
            (Label::Direction, all(|f| &f.labels.direction)),
            (Label::Payer, all(|f| &f.labels.payer)),
            (Label::Payee, all(|f| &f.labels.payee)),
            (Label::Party, all(|f| &f.labels.party)),
            (Label::Iban, all(|f| &f.labels.iban)),
            (Label::Reference, all(|f| &f.labels.reference)),
            (Label::Booked, all(|f| &f.labels.booked)),
            (Label::Other, all(|f| &f.labels.other)),
        ];
        let labels: Result<Vec<_>, (String, String)> =
            labels.into_iter().map(|(label, words)| Ok((label, patterns.label(words)?))).collect();
        Ok(Profile {
            id: file.id.clone(),
            domains: file.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            names: file.names.iter().chain([&file.name]).map(|name| name.to_lowercase()).collect(),
            labels: labels?,
            credit: patterns.any_of(all(|f| &f.words.credit))?,
            debit: patterns.any_of(all(|f| &f.words.debit))?,
            storno: patterns.any_of(all(|f| &f.words.storno))?,
            info: patterns.any_of([all(|f| &f.words.info), payouts].concat())?,
            denied: patterns.any_of(all(|f| &f.words.denied))?,
            marketing: patterns.any_of(all(|f| &f.words.marketing))?,
            sentences,
        })
    }
}

/// What a sentence may tell.
const GROUPS: [&str; 5] = ["amount", "counterparty", "iban", "booked", "reference"];

/// Labels of letters, digits and hyphens with stops between them.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.contains('.') && text.split('.').all(is_label)
}

/// Compiled patterns by their text: most banks share most of them.
#[derive(Default)]
struct Patterns(HashMap<String, Regex>);

impl Patterns {
    /// A line that begins with one of the labels: `label: value`, `label value` or the label alone.
    fn label(&mut self, mut words: Vec<&String>) -> Result<Regex, (String, String)> {
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let joined = joined(&words);
        self.compile(&words, &format!(r"(?i)^\s*(?:(?:zijn|haar|hun|his|her|their) )?(?P<label>{joined})(?P<mark>\s*:\s*|\s+|\s*$)(?P<value>.*)$"))
    }

    fn any_of(&mut self, words: Vec<&String>) -> Result<Regex, (String, String)> {
        self.compile(&words, &format!("(?i){}", joined(&words)))
    }

    /// `words` are the parts as they stand in the file, to name the one at fault.
    fn compile(&mut self, words: &[&String], full: &str) -> Result<Regex, (String, String)> {
        if let Some(known) = self.0.get(full) {
            return Ok(known.clone());
        }
        match Regex::new(full) {
            Ok(pattern) => {
                self.0.insert(full.to_owned(), pattern.clone());
                Ok(pattern)
            }
            Err(error) => {
                let faults = words.iter().filter_map(|word| Some((*word, Regex::new(word).err()?)));
                let (guilty, error) = faults.map(|(word, error)| (word.as_str(), error)).next().unwrap_or(("", error));
                Err((guilty.to_owned(), format!("{guilty:?} is not a pattern: {error}")))
            }
        }
    }
}

fn joined(words: &[&String]) -> String {
    // `[^\s\S]` matches nothing: no words, no match.
    let each: Vec<String> = words.iter().map(|word| format!("(?:{word})")).collect();
    if each.is_empty() { r"[^\s\S]".to_owned() } else { format!("(?:{})", each.join("|")) }
}

fn fault(file: &str, text: &str, part: &str, reason: String) -> ProfileFault {
    // Between double quotes a backslash is written twice.
    let place = || text.find(part).or_else(|| text.find(&part.replace('\\', "\\\\")));
    let line = if part.is_empty() { Some(1) } else { place().map(|at| line_of(text, at)) };
    ProfileFault { file: file.to_owned(), line, reason }
}

fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_profiles_compile() {
        let profiles = Profiles::built_in();
        let shared = BUILT_IN.iter().filter(|(name, _)| name.starts_with("shared")).count();
        assert_eq!(profiles.banks.len(), BUILT_IN.len() - shared);
        let rabobank = profiles.domains(&["rabobank".to_owned()]);
        assert!(rabobank.contains(&"rabobank.nl".to_owned()) && !rabobank.contains(&"ing.nl".to_owned()));
        assert!(profiles.domains(&[]).contains(&"ing.nl".to_owned()));
        assert!(profiles.domains(&["nobody".to_owned()]).is_empty());
    }

    #[test]
    fn every_fault_with_file_and_line() {
        let files = [
            ("a.toml", "id = \"a\"\nname = \"A\"\ndomains = [\"a.example\"]\n[labels]\namount = [\"(\"]\n"),
            ("b.toml", "id = \"b\"\nnaam = \"B\"\n"),
            ("c.toml", "id = \"c\"\n"),
            ("d.toml", "id = \"d\"\nname = \"D\"\ndomains = [\"d.example\"]\n"),
            ("e.toml", "\nid = \"d\"\nname = \"D\"\ndomains = [\"d.example\"]\n"),
        ];
        let faults = Profiles::parse(&files).unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| (fault.file.as_str(), fault.line)).collect();
        assert_eq!(places, [("b.toml", Some(2)), ("a.toml", Some(5)), ("c.toml", Some(1)), ("e.toml", Some(2))]);
        assert!(faults[1].to_string().starts_with("a.toml:5: "), "{}", faults[1]);
    }

    /// A whole profile but for one line, and what is said about that.
    #[test]
    fn what_a_broken_profile_is_told() {
        let lines =
            ["id = \"x\"", "name = \"X\"", "domains = [\"x.example\"]", "sentences = ['^(?P<amount>AMOUNT) in$']"];
        let rows: &[(usize, &str, &str)] = &[
            (0, "", "x.toml:1: id is missing"),
            (1, "", "x.toml:1: name is missing"),
            (2, "", "x.toml:1: domains is missing: a profile needs id, name and domains (of the addresses"),
            (
                2,
                "domains = \"x.example\"",
                "x.toml:3: invalid type: string \"x.example\", expected a list between [ and ]",
            ),
            (2, "domains = [\"@x.example\"]", "x.toml:3: \"@x.example\" is not a domain"),
            (2, "domains = [\"localhost\"]", "x.toml:3: \"localhost\" is not a domain"),
            (2, "domain = [\"x.example\"]", "x.toml:3: unknown field `domain`, expected one of"),
            (3, "sentences = ['^(?P<bedrag>AMOUNT) in$']", "x.toml:4: (?P<bedrag>…) is unknown"),
            (3, "sentences = [\"^\\\\d+ in$\"]", "x.toml:4: no (?P<amount>AMOUNT)"),
            (3, "sentences = [\"(\\\\d\"]", "x.toml:4: \"(\\\\d\" is not a pattern"),
            (3, "labels.amount = [\"(\"]", "x.toml:4: \"(\" is not a pattern"),
            (3, "labels.amont = [\"som\"]", "x.toml:4: unknown field `amont`, expected one of `amount`"),
            (3, "words.credit = 7", "x.toml:4: invalid type: integer `7`, expected a list between [ and ]"),
        ];
        assert!(Profiles::parse(&[("x.toml", &lines.join("\n"))]).is_ok());
        for (place, line, told) in rows {
            let mut broken = lines;
            broken[*place] = line;
            let faults = Profiles::parse(&[("x.toml", &broken.join("\n"))]).unwrap_err();
            assert!(faults.len() == 1 && faults[0].to_string().starts_with(told), "{line}: {}", faults[0]);
        }
    }
}
