//! The sections `[mailbox]` and `[outgoing]`: servers, logins and folders. A password never crosses a network unprotected.

use super::fault::Found;
use super::oauth::{self, Purpose};
use super::places::Places;
use super::secret::{Secret, refuse_exposed};
use super::section::Section;
use super::{KeepCopy, Login, Mailbox, Outgoing, Proof, Resolver, Security, Server};
use std::net::{IpAddr, SocketAddr};

const DNS_PORT: u16 = 53;
const SERVER_KEYS: [&str; 4] = ["host", "port", "security", "ca_file"];
const LOGIN_KEYS: [&str; 4] = ["user", "password_file", "password_credential", "oauth"];
const PASSWORD: SecretKeys = SecretKeys { file: "password_file", credential: "password_credential" };

/// The two keys that may say where a secret is kept.
pub(super) struct SecretKeys {
    pub file: &'static str,
    pub credential: &'static str,
}

#[derive(Clone, Copy)]
enum MailboxKind {
    Imap,
    Maildir,
    None,
}

#[derive(Clone, Copy)]
enum OutgoingKind {
    Smtp,
    Sendmail,
    File,
}

/// Without a known kind the other keys are not judged: they would only make noise.
pub(super) fn mailbox(section: &Section<'_>, places: &Places<'_>) -> Option<Mailbox> {
    section.must_have("kind", "write kind = \"imap\" or \"maildir\": nothing is sent while answers cannot be read");
    let kind = section.choice(
        "kind",
        &[("imap", MailboxKind::Imap), ("maildir", MailboxKind::Maildir), ("none", MailboxKind::None)],
    )?;
    let mailbox = mailbox_of(kind, section, places);
    section.finish();
    mailbox
}

/// Read before [`mailbox`], which closes the section. `system`, `off`, or an address with or without a port (53).
pub(super) fn resolver(section: &Section<'_>) -> Resolver {
    let Some(text) = section.text("resolver") else { return Resolver::System };
    let address = || text.value.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, DNS_PORT));
    match (text.value.as_str(), text.value.parse().ok().or_else(address)) {
        ("system", _) => Resolver::System,
        ("off", _) => Resolver::Off,
        (_, Some(server)) => Resolver::At(server),
        (other, None) => {
            let message = format!("{} = {other:?} is no address", section.path("resolver"));
            section.document.fault(text.at, message, "write \"system\", \"off\" or an address like \"127.0.0.1:53\"");
            Resolver::System
        }
    }
}

fn mailbox_of(kind: MailboxKind, section: &Section<'_>, places: &Places<'_>) -> Option<Mailbox> {
    match kind {
        MailboxKind::Imap => {
            section.refuse(&["folder"], "belongs to kind = \"maildir\"", "remove it, or write folders = [\"INBOX\"]");
            imap(section, places)
        }
        MailboxKind::Maildir => {
            refuse_server(section, "belongs to kind = \"imap\"");
            section.refuse(&["folders"], "belongs to kind = \"imap\"", "write folder = \"…\"");
            let folder = section.required("folder", "name the folder that holds cur, new and tmp")?;
            Some(Mailbox::Maildir { folder: places.resolve(&folder.value) })
        }
        MailboxKind::None => {
            let message = "mailbox.kind = \"none\": letters would leave without anybody reading the answers";
            section.document.fault(section.at_of("kind"), message, "write kind = \"imap\" or \"maildir\"");
            refuse_server(section, "belongs to kind = \"imap\"");
            None
        }
    }
}

fn imap(section: &Section<'_>, places: &Places<'_>) -> Option<Mailbox> {
    section.expect(&LOGIN_KEYS);
    section.expect(&SERVER_KEYS);
    let server = server(section, places, imap_port);
    let login = login(section, places, Purpose::ReadMail);
    let folders = section.texts("folders");
    if folders.as_ref().is_some_and(Vec::is_empty) {
        section.document.fault(section.at_of("folders"), "mailbox.folders names none", "write folders = [\"INBOX\"]");
    }
    let folders = folders.map(|folders| folders.into_iter().map(|folder| folder.value).collect());
    Some(Mailbox::Imap { server: server?, login: login?, folders: folders.unwrap_or_else(|| vec!["INBOX".into()]) })
}

/// Read before [`outgoing`], which closes the section.
pub(super) fn keep_copy(section: &Section<'_>) -> KeepCopy {
    let words = [("auto", KeepCopy::Auto), ("always", KeepCopy::Always), ("never", KeepCopy::Never)];
    section.choice("keep_copy", &words).unwrap_or_default()
}

pub(super) fn outgoing(section: &Section<'_>, places: &Places<'_>) -> Option<Outgoing> {
    section.must_have("kind", "write kind = \"smtp\", \"sendmail\" or \"file\"");
    let kind = section.choice(
        "kind",
        &[("smtp", OutgoingKind::Smtp), ("sendmail", OutgoingKind::Sendmail), ("file", OutgoingKind::File)],
    )?;
    let outgoing = outgoing_of(kind, section, places);
    section.finish();
    outgoing
}

fn outgoing_of(kind: OutgoingKind, section: &Section<'_>, places: &Places<'_>) -> Option<Outgoing> {
    match kind {
        OutgoingKind::Smtp => {
            section.refuse(&["folder"], "belongs to kind = \"file\"", "remove it");
            section.refuse(&["program"], "belongs to kind = \"sendmail\"", "remove it");
            smtp(section, places)
        }
        OutgoingKind::Sendmail => {
            section.refuse(&["folder"], "belongs to kind = \"file\"", "remove it");
            refuse_smtp(section);
            let program = section.text("program").map(|program| places.resolve(&program.value));
            Some(Outgoing::Sendmail { program: program.unwrap_or_else(|| "/usr/sbin/sendmail".into()) })
        }
        OutgoingKind::File => {
            section.refuse(&["program"], "belongs to kind = \"sendmail\"", "remove it");
            section.refuse(
                &["keep_copy"],
                "belongs to kind = \"smtp\" or \"sendmail\"",
                "remove it: every mail is a file",
            );
            refuse_smtp(section);
            let folder = section.required("folder", "name the folder that mails are written to")?;
            Some(Outgoing::File { folder: places.resolve(&folder.value) })
        }
    }
}

fn refuse_smtp(section: &Section<'_>) {
    refuse_server(section, "belongs to kind = \"smtp\"");
    section.refuse(&["own_copy"], "belongs to kind = \"smtp\"", "remove it");
}

fn refuse_server(section: &Section<'_>, why: &str) {
    section.refuse(&SERVER_KEYS, why, "remove it");
    section.refuse(&LOGIN_KEYS, why, "remove it");
    section.refuse(&["password"], why, "remove it");
}

fn smtp(section: &Section<'_>, places: &Places<'_>) -> Option<Outgoing> {
    section.expect(&LOGIN_KEYS);
    section.expect(&SERVER_KEYS);
    let server = server(section, places, smtp_port);
    let wants_login = LOGIN_KEYS.iter().chain(&["password"]).any(|key| section.has(key));
    let login = wants_login.then(|| login(section, places, Purpose::SendMail));
    let own_copy = section.text("own_copy").and_then(|address| places.email(section, "own_copy", address));
    let login = match login {
        Some(login) => Some(login?),
        None => None,
    };
    Some(Outgoing::Smtp { server: server?, login, own_copy })
}

/// RFC 8314 3.2 (TLS) and RFC 3501 2.1.
fn imap_port(security: Security) -> u16 {
    match security {
        Security::Tls => 993,
        Security::StartTls | Security::Plain => 143,
    }
}

/// RFC 8314 3.3 (TLS), RFC 6409 3.1 (submission), and a server on this machine.
fn smtp_port(security: Security) -> u16 {
    match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::Plain => 25,
    }
}

fn server(section: &Section<'_>, places: &Places<'_>, default_port: fn(Security) -> u16) -> Option<Server> {
    let host = section.required("host", "name the server").and_then(|host| plausible_host(section, host));
    let security = security(section, host.as_ref());
    let port = section.number("port", 1..=65535).map(|port| u16::try_from(port.value).unwrap_or(u16::MAX));
    let ca_file = section.text("ca_file").and_then(|file| places.readable(section, "ca_file", &file));
    let security = security?;
    Some(Server { host: host?.value, port: port.unwrap_or_else(|| default_port(security)), security, ca_file })
}

fn plausible_host(section: &Section<'_>, host: Found<String>) -> Option<Found<String>> {
    let is_address = host.value.parse::<IpAddr>().is_ok();
    let is_name = host.value.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !is_address && !is_name {
        let message = format!("{} = {:?} is not the name of a server", section.path("host"), host.value);
        section.document.fault(
            host.at,
            message,
            "write the name only, like \"mail.example.com\"; the port has its own key",
        );
        return None;
    }
    Some(host)
}

/// `None` when a fault was recorded.
fn security(section: &Section<'_>, host: Option<&Found<String>>) -> Option<Security> {
    if !section.has("security") {
        return Some(Security::Tls);
    }
    let options = [("tls", Security::Tls), ("starttls", Security::StartTls), ("plain", Security::Plain)];
    let at = section.at_of("security");
    let chosen = section.choice("security", &options)?;
    if chosen == Security::Plain && !is_loopback(&host?.value) {
        let message = format!("{} = \"plain\" would send password and mail unprotected", section.path("security"));
        section.document.fault(
            at,
            message,
            "write \"tls\" or \"starttls\"; \"plain\" is for a server on this machine (localhost)",
        );
        return None;
    }
    Some(chosen)
}

pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn login(section: &Section<'_>, places: &Places<'_>, purpose: Purpose) -> Option<Login> {
    let user = section.required("user", "name the user to log in with");
    let proof = proof(section, places, purpose);
    Some(Login { user: user?.value, proof: proof? })
}

fn proof(section: &Section<'_>, places: &Places<'_>, purpose: Purpose) -> Option<Proof> {
    let remedy = "put it in a file of its own (chmod 600) and name that with password_file";
    section.refuse(&["password"], "does not belong in this file", remedy);
    if !section.has("oauth") {
        return secret(section, places, &PASSWORD).filter(|_| !section.has("password")).map(Proof::Password);
    }
    let why = "and an oauth section are both given";
    section.refuse(&[PASSWORD.file, PASSWORD.credential], why, "remove one of them");
    let oauth = section.section("oauth");
    oauth.is_present().then(|| oauth::read(&oauth, places, purpose)).flatten().map(Box::new).map(Proof::OAuth)
}

/// A secret that must be there, by one of two keys.
pub(super) fn secret(section: &Section<'_>, places: &Places<'_>, keys: &SecretKeys) -> Option<Secret> {
    match (section.text(keys.file), section.text(keys.credential)) {
        (Some(file), None) => private_file(section, places, keys.file, &file),
        (None, Some(name)) => credential(section, keys.credential, name),
        (Some(_), Some(name)) => {
            let message = format!("{} and {} are both given", keys.file, keys.credential);
            section.document.fault(name.at, message, "remove one of them");
            None
        }
        (None, None) => {
            let none = !section.has(keys.file) && !section.has(keys.credential) && !section.has("password");
            if none {
                let remedy = "name a file that holds the password, or write password_credential or an oauth section";
                section.must_have(keys.file, remedy);
            }
            None
        }
    }
}

fn private_file(section: &Section<'_>, places: &Places<'_>, key: &str, file: &Found<String>) -> Option<Secret> {
    let path = places.resolve(&file.value);
    match places.files.mode(&path) {
        Err(reason) => {
            let message = format!("{}: {} cannot be read: {reason}", section.path(key), path.display());
            section.document.fault(file.at, message, "correct the path or the permissions");
            None
        }
        Ok(mode) => match refuse_exposed(&path, mode) {
            Err(_) => {
                let message =
                    format!("{} may be read by others than its owner (mode {:03o})", path.display(), mode & 0o777);
                section.document.fault(file.at, message, format!("run chmod 600 {}", path.display()));
                None
            }
            Ok(()) => Some(Secret::File(path)),
        },
    }
}

fn credential(section: &Section<'_>, key: &str, name: Found<String>) -> Option<Secret> {
    if name.value.contains('/') || name.value.starts_with('.') {
        let message = format!("{} = {:?} is not a name", section.path(key), name.value);
        section.document.fault(name.at, message, "write the name that LoadCredential= gives it, without a path");
        return None;
    }
    Some(Secret::Credential(name.value))
}
