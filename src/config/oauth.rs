//! `[mailbox.oauth]` and `[outgoing.oauth]`: which token server vouches for us (RFC 6749). The addresses and scopes of
//! Microsoft 365 and Google are known here; of another provider they are named.

use super::fault::Found;
use super::places::Places;
use super::secret::Secret;
use super::section::Section;
use super::transport::{SecretKeys, is_loopback, secret};
use super::{Login, Mailbox, OAuth, Outgoing, Proof, Provider};
use sha2::{Digest as _, Sha256};
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

const KEYS: [&str; 10] = [
    "provider",
    "client_id",
    "client_secret_file",
    "client_secret_credential",
    "tenant",
    "token_url",
    "device_url",
    "authorize_url",
    "scopes",
    "ca_file",
];
const OTHERS: [&str; 4] = ["token_url", "device_url", "authorize_url", "scopes"];
const CLIENT_SECRET: SecretKeys = SecretKeys { file: "client_secret_file", credential: "client_secret_credential" };

/// What the login is for; Microsoft grants each by a scope of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    ReadMail,
    SendMail,
}

/// The token server's addresses and what is asked of it.
struct Service {
    token_url: String,
    device_url: Option<String>,
    authorize_url: Option<String>,
    scopes: Vec<String>,
}

/// The table must be there. The file of the refresh token is settled by [`share`], when the user is known.
pub(super) fn read(section: &Section<'_>, places: &Places<'_>, purpose: Purpose) -> Option<OAuth> {
    section.expect(&KEYS);
    section.must_have("provider", "write provider = \"microsoft\", \"google\" or \"other\"");
    let providers = [("microsoft", Provider::Microsoft), ("google", Provider::Google), ("other", Provider::Other)];
    let provider = section.choice("provider", &providers);
    let client_id = section.required("client_id", "name the application that you registered with the provider");
    section.refuse(
        &["client_secret"],
        "does not belong in this file",
        "put it in a file of its own (chmod 600) and name that with client_secret_file",
    );
    let client_secret = client_secret(section, places);
    let ca_file = section.text("ca_file").and_then(|file| places.readable(section, "ca_file", &file));
    let service = provider.and_then(|provider| service(section, provider, purpose));
    section.finish();
    let service = service?;
    Some(OAuth {
        provider: provider?,
        client_id: client_id?.value,
        client_secret: client_secret?,
        token_url: service.token_url,
        device_url: service.device_url,
        authorize_url: service.authorize_url,
        scopes: service.scopes,
        ca_file,
        token_file: PathBuf::new(),
    })
}

/// `None` when a fault was recorded.
fn client_secret(section: &Section<'_>, places: &Places<'_>) -> Option<Option<Secret>> {
    if !section.has(CLIENT_SECRET.file) && !section.has(CLIENT_SECRET.credential) {
        return Some(None);
    }
    secret(section, places, &CLIENT_SECRET).map(Some)
}

fn service(section: &Section<'_>, provider: Provider, purpose: Purpose) -> Option<Service> {
    if provider != Provider::Microsoft {
        section.refuse(&["tenant"], "belongs to provider = \"microsoft\"", "remove it");
    }
    if provider != Provider::Other {
        section.refuse(&OTHERS, "belongs to provider = \"other\"", "remove it");
    }
    match provider {
        Provider::Microsoft => Some(microsoft(&tenant(section)?, purpose)),
        Provider::Google => Some(google()),
        Provider::Other => other(section),
    }
}

/// Microsoft identity platform, version 2.0; scopes of Exchange Online for IMAP and SMTP.
fn microsoft(tenant: &str, purpose: Purpose) -> Service {
    let address = |what| format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/{what}");
    let scope = match purpose {
        Purpose::ReadMail => "https://outlook.office.com/IMAP.AccessAsUser.All",
        Purpose::SendMail => "https://outlook.office.com/SMTP.Send",
    };
    Service {
        token_url: address("token"),
        device_url: Some(address("devicecode")),
        authorize_url: Some(address("authorize")),
        scopes: vec![scope.into(), "offline_access".into()],
    }
}

/// One scope for IMAP and SMTP. Google grants it to no device code, so there is no such address here.
fn google() -> Service {
    Service {
        token_url: "https://oauth2.googleapis.com/token".into(),
        device_url: None,
        authorize_url: Some("https://accounts.google.com/o/oauth2/v2/auth".into()),
        scopes: vec!["https://mail.google.com/".into()],
    }
}

fn other(section: &Section<'_>) -> Option<Service> {
    section.must_have("token_url", "name the provider's token endpoint");
    section.must_have("scopes", "name what the provider calls access to mail, like [\"mail\", \"offline_access\"]");
    let token_url = section.text("token_url").and_then(|text| address(section, "token_url", text));
    let [device_url, authorize_url] =
        ["device_url", "authorize_url"].map(|key| section.text(key).map(|text| address(section, key, text)));
    let scopes = section.texts("scopes").and_then(|scopes| plausible_scopes(section, scopes));
    Some(Service {
        token_url: token_url?,
        device_url: given_and_right(device_url)?,
        authorize_url: given_and_right(authorize_url)?,
        scopes: scopes?,
    })
}

/// `None` when it was given and wrong.
fn given_and_right(address: Option<Option<String>>) -> Option<Option<String>> {
    match address {
        Some(address) => address.map(Some),
        None => Some(None),
    }
}

/// Microsoft's name for whose accounts may log in: a directory's id or domain, or one of its three words.
fn tenant(section: &Section<'_>) -> Option<String> {
    let Some(tenant) = section.text("tenant") else { return Some("organizations".to_owned()) };
    if tenant.value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')) {
        return Some(tenant.value);
    }
    let message = format!("{} = {:?} is not a tenant", section.path("tenant"), tenant.value);
    section.document.fault(
        tenant.at,
        message,
        "write the directory id (a GUID) or domain; \"organizations\" is any company's, \"common\" also private accounts",
    );
    None
}

/// RFC 6749 3.3.
fn plausible_scopes(section: &Section<'_>, scopes: Vec<Found<String>>) -> Option<Vec<String>> {
    let odd = |scope: &&Found<String>| !scope.value.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'));
    if let Some(odd) = scopes.iter().find(odd) {
        let message = format!("{} contains {:?}, which is not one scope", section.path("scopes"), odd.value);
        section.document.fault(odd.at, message, "write each scope as a text of its own, without blanks");
        return None;
    }
    if scopes.is_empty() {
        let message = format!("{} names none", section.path("scopes"));
        section.document.fault(section.at_of("scopes"), message, "ask the provider which scope reads and sends mail");
        return None;
    }
    Some(scopes.into_iter().map(|scope| scope.value).collect())
}

/// An address that a token may be sent to: https, or http to this machine.
fn address(section: &Section<'_>, key: &str, text: Found<String>) -> Option<String> {
    let fault = |message: &str, remedy: &str| {
        section.document.fault(text.at, format!("{} = {:?} {message}", section.path(key), text.value), remedy);
        None
    };
    let Some((scheme, host)) = host_of(&text.value) else {
        return fault("is not an address", "write it like \"https://login.example.com/token\"");
    };
    match scheme {
        "https" => Some(text.value),
        "http" if is_loopback(host) => Some(text.value),
        "http" => fault("would send tokens unprotected", "write https; http is for a server on this machine"),
        _ => fault("is not an address", "write it like \"https://login.example.com/token\""),
    }
}

/// Scheme and host of an address without user, blanks and fragment.
fn host_of(address: &str) -> Option<(&str, &str)> {
    let plain = address.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '#' | '"' | '\\' | '<' | '>'));
    let (scheme, rest) = address.split_once("://").filter(|_| plain)?;
    let authority = rest.split(['/', '?']).next()?;
    if let Some(v6) = authority.strip_prefix('[') {
        let (host, port) = v6.split_once(']')?;
        let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return (port_fits && host.parse::<Ipv6Addr>().is_ok()).then_some((scheme, host));
    }
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    (is_host && is_port(port)).then_some((scheme, host))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Gives each login the file of its refresh token. Where the same user of the same application reads and sends, it is one
/// file, and both ask for all that either needs.
pub(super) fn share(state: &Path, mailbox: Option<&mut Mailbox>, outgoing: Option<&mut Outgoing>) {
    let mailbox = mailbox.and_then(|mailbox| match mailbox {
        Mailbox::Imap { login, .. } => Some(login),
        Mailbox::Maildir { .. } => None,
    });
    let outgoing = outgoing.and_then(|outgoing| match outgoing {
        Outgoing::Smtp { login, .. } => login.as_mut(),
        Outgoing::Sendmail { .. } | Outgoing::File { .. } => None,
    });
    let mut all: Vec<&mut OAuth> =
        mailbox.into_iter().chain(outgoing).filter_map(|login| settle(state, login)).collect();
    if let [one, two] = all.as_mut_slice()
        && one.token_file == two.token_file
    {
        let more: Vec<String> = two.scopes.iter().filter(|scope| !one.scopes.contains(scope)).cloned().collect();
        one.scopes.extend(more);
        two.scopes.clone_from(&one.scopes);
    }
}

fn settle<'a>(state: &Path, login: &'a mut Login) -> Option<&'a mut OAuth> {
    let Proof::OAuth(oauth) = &mut login.proof else { return None };
    oauth.token_file = state.join(token_file(&login.user, oauth));
    Some(oauth)
}

/// The user's name as far as it makes a file name, and a digest over what the authorization is bound to.
fn token_file(user: &str, oauth: &OAuth) -> String {
    let bound = Sha256::new().chain_update(&oauth.token_url).chain_update([0]).chain_update(&oauth.client_id);
    let digest = bound.chain_update([0]).chain_update(user).finalize();
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let tame = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@') { c } else { '_' };
    format!("oauth-{}-{short}.json", user.chars().take(64).map(tame).collect::<String>())
}
