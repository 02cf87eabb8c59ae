//! Who a mail is from, where that is a bank, or claims to be one.

use super::profiles::Profile;
use crate::mail::message::Message;

pub(super) fn is_sender(bank: &Profile, message: &Message) -> bool {
    let domain = message.from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let under = |own: &str| domain == own || domain.strip_suffix(own).is_some_and(|rest| rest.ends_with('.'));
    bank.domains.iter().any(|own| under(own))
}

/// How a mail of somebody else claims to be a bank's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// Its display name begins like the bank's.
    Name,
    /// The bank's domain or name stands in its address or display name, or in a second From.
    Address,
}

/// Who a mail says it is from, in small letters.
pub(super) struct Sender<'m> {
    domain: &'m str,
    /// The display name.
    shown: String,
    /// The domains of all addresses in every From and display name.
    domains: Vec<String>,
}

impl Sender<'_> {
    pub fn of(message: &Message) -> Sender<'_> {
        let shown = message.from_name.to_lowercase();
        let from = message.headers.iter().filter(|(name, _)| name == "from").map(|(_, value)| value.to_lowercase());
        Sender {
            domain: message.from.rsplit_once('@').map_or("", |(_, domain)| domain),
            domains: from.chain([shown.clone()]).flat_map(|text| domains_in(&text)).collect(),
            shown,
        }
    }

    pub fn claim(&self, bank: &Profile) -> Option<Claim> {
        let long_name = |name: &&String| name.len() >= 4 && name.chars().all(char::is_alphanumeric);
        let in_domain = bank.domains.iter().any(|own| self.domain.contains(own.as_str()))
            || bank.names.iter().filter(long_name).any(|name| self.domain.contains(name.as_str()));
        if in_domain || bank.domains.iter().any(|own| self.domains.contains(own)) {
            return Some(Claim::Address);
        }
        bank.names.iter().any(|name| begins_with_name(&self.shown, name)).then_some(Claim::Name)
    }
}

/// What stands behind each `@`, as far as a domain goes.
fn domains_in(text: &str) -> Vec<String> {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    text.split('@').skip(1).map(|rest| rest.chars().take_while(|c| goes_on(*c)).collect()).collect()
}

/// "ING Zakelijk" begins with ING, "Ing. P. Jansen" and "Ingrid" do not.
fn begins_with_name(shown: &str, name: &str) -> bool {
    let rest = shown.trim_start_matches(['"', '\'', ' ']).strip_prefix(name);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '.'))
}
