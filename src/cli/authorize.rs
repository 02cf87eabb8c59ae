//! `authorize`: once, by a human with a browser. What it obtains, a refresh token, goes into a private file in the state
//! folder and nowhere else; the daemon makes its access tokens of it.

use super::{Cli, Exit, WrongUse, open, screen};
use crate::adapters::oauth::{Account, Grant, browser, device, keep};
use crate::config::{Config, Login, Mailbox, OAuth, Outgoing, Proof, Provider};
use anyhow::{Context, Result};
use serde_json::json;
use std::time::Duration;

/// How long a browser may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

#[derive(clap::Args)]
pub struct Args {
    /// Which login; without it each that has an oauth section
    #[arg(value_enum)]
    which: Option<Which>,
    /// Take a refresh token that you have already from standard input
    #[arg(long)]
    refresh_token_stdin: bool,
    /// Use a browser that comes back to this machine, also where a code for any browser could be had
    #[arg(long, conflicts_with = "refresh_token_stdin")]
    browser: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    Mailbox,
    Outgoing,
}

pub fn authorize(cli: &Cli, args: &Args) -> Result<Exit> {
    let config = open::load_one(cli)?;
    let logins = logins(&config, args.which)?;
    if args.refresh_token_stdin && logins.len() > 1 {
        anyhow::bail!(WrongUse("mailbox and outgoing are authorized separately: name one of them".to_owned()));
    }
    open::make_private_folder(&config.state)?;
    for (user, oauth) in logins {
        let account = open::oauth_account(&user, oauth)?;
        obtain(cli, args, &account, oauth).with_context(|| user.clone())?;
        tell_done(cli, &account)?;
    }
    Ok(Exit::Done)
}

/// The logins with an oauth section; one where both go by the same authorization.
fn logins(config: &Config, which: Option<Which>) -> Result<Vec<(String, &OAuth)>> {
    let reads = match &config.mailbox {
        Mailbox::Imap { login, .. } => Some(login),
        Mailbox::Maildir { .. } => None,
    };
    let sends = match &config.outgoing {
        Outgoing::Smtp { login, .. } => login.as_ref(),
        Outgoing::Sendmail { .. } | Outgoing::File { .. } => None,
    };
    let chosen = match which {
        Some(Which::Mailbox) => vec![reads],
        Some(Which::Outgoing) => vec![sends],
        None => vec![reads, sends],
    };
    let mut logins: Vec<(String, &OAuth)> = chosen.into_iter().flatten().filter_map(by_oauth).collect();
    logins.dedup_by(|(_, one), (_, other)| one.token_file == other.token_file);
    if logins.is_empty() {
        let section = match which {
            Some(Which::Mailbox) => "[mailbox.oauth]",
            Some(Which::Outgoing) => "[outgoing.oauth]",
            None => "[mailbox.oauth] and no [outgoing.oauth]",
        };
        let why = format!("there is no {section} in {}: nothing to authorize", config.file.display());
        anyhow::bail!(WrongUse(why));
    }
    Ok(logins)
}

fn by_oauth(login: &Login) -> Option<(String, &OAuth)> {
    match &login.proof {
        Proof::OAuth(oauth) => Some((login.user.clone(), oauth)),
        Proof::Password(_) => None,
    }
}

fn obtain(cli: &Cli, args: &Args, account: &Account, oauth: &OAuth) -> Result<()> {
    if args.refresh_token_stdin {
        return from_stdin(account);
    }
    let grant = match (&oauth.device_url, &oauth.authorize_url) {
        (Some(url), _) if !args.browser => by_code(cli, account, url),
        (_, Some(url)) => by_browser(cli, account, oauth.provider, url),
        (_, None) => {
            let why =
                "there is no authorize_url (nor device_url): name one, or give a token with --refresh-token-stdin";
            anyhow::bail!(WrongUse(why.to_owned()));
        }
    };
    keep(account, &grant.map_err(anyhow::Error::msg)?, None).map_err(anyhow::Error::msg)
}

/// It is tried before it is kept.
fn from_stdin(account: &Account) -> Result<()> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let token = line.trim();
    if token.is_empty() {
        anyhow::bail!(WrongUse("there is no refresh token on standard input".to_owned()));
    }
    let grant = account.redeem(token)?;
    keep(account, &grant, Some(token)).map_err(anyhow::Error::msg)
}

fn by_code(cli: &Cli, account: &Account, device_url: &str) -> Result<Grant, String> {
    let mut tell = |invitation: &device::Invitation| {
        let device::Invitation { address, code, lasts } = invitation;
        let minutes = lasts.as_secs() / 60;
        let told = if cli.json {
            screen::line(json!({ "user": account.user, "address": address, "code": code, "minutes": minutes }))
        } else {
            screen::line(format!(
                "Open {address} in a browser, log in as {}, and enter the code {code} (within {minutes} minutes).",
                account.user
            ))
        };
        told.map_err(|error| error.to_string())
    };
    device::authorize(account, device_url, &mut tell, &mut std::thread::sleep)
}

fn by_browser(cli: &Cli, account: &Account, provider: Provider, authorize_url: &str) -> Result<Grant, String> {
    // As the providers' registrations of installed applications have it.
    let host = match provider {
        Provider::Microsoft => "localhost",
        Provider::Google | Provider::Other => "127.0.0.1",
    };
    let mut tell = |address: &str| {
        let told = if cli.json {
            screen::line(json!({ "user": account.user, "address": address }))
        } else {
            screen::line(format!(
                "Open this address in a browser on this machine and log in as {}:\n\n{address}\n\n\
                 Is the browser on another machine? It will end at an address with {host} that it cannot open: paste that here.",
                account.user
            ))
        };
        told.map_err(|error| error.to_string())
    };
    browser::authorize(account, authorize_url, host, &mut tell, std::io::stdin(), PATIENCE)
}

fn tell_done(cli: &Cli, account: &Account) -> Result<()> {
    let file = account.token_file.display();
    if cli.json {
        return screen::line(json!({ "user": account.user, "authorized": true, "file": file.to_string() }));
    }
    screen::line(format!("{} is authorized; the refresh token is in {file}", account.user))
}
