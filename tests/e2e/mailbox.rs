//! The people outside: customers who read their Maildir and answer over SMTP, and the mail that arrives.

use super::site::Site;
use aanmaand::adapters::smtp::Smtp;
use aanmaand::adapters::tls::{Security, Server};
use aanmaand::ports::{Delivery, Outgoing, OutgoingMail};
use std::time::{Duration, Instant};

/// A mail as it lies in a mailbox.
#[derive(Clone, Debug)]
pub struct Mail(pub String);

impl Mail {
    /// The header's value, unfolded; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        let head = self.0.replace("\r\n", "\n");
        let head = head.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
        let is_it = |line: &&str| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase()));
        let found = head.lines().find(is_it).and_then(|line| line.split_once(':'));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    /// What a person reads.
    pub fn text(&self) -> String {
        aanmaand::mail::message::Message::parse(self.0.as_bytes()).map(|message| message.text).unwrap_or_default()
    }

    /// The bare address of a header.
    pub fn address(&self, name: &str) -> String {
        let value = self.header(name);
        value.rsplit('<').next().unwrap_or_default().trim_end_matches('>').to_owned()
    }
}

impl Site {
    /// Everything in INBOX that is addressed to `address`.
    pub fn mails_to(&self, user: &str, address: &str) -> Vec<Mail> {
        let folders = ["new", "cur"].map(|part| self.maildir(user).join(part));
        let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
        let mails = files.filter_map(|file| std::fs::read(file.path()).ok());
        let mails = mails.map(|bytes| Mail(String::from_utf8_lossy(&bytes).into_owned()));
        mails.filter(|mail| mail.address("To") == address).collect()
    }

    /// The one mail to `address`, waited for.
    pub fn await_mail(&self, user: &str, address: &str, longest: u64) -> Mail {
        let found = wait_for(longest, || self.mails_to(user, address).into_iter().next());
        found.unwrap_or_else(|| panic!("no mail to {address} within {longest} s"))
    }

    /// Hands a mail to port 25, as a stranger's server would; returns when Postfix has taken it.
    pub fn post(&self, sender: &str, recipient: &str, headers: &str, text: &str) -> Instant {
        let server =
            Server { host: "127.0.0.1".into(), port: self.port("SMTP"), security: Security::Plain, ca_file: None };
        let text = text.replace('\n', "\r\n");
        let mail = OutgoingMail {
            sender: sender.into(),
            recipient: recipient.into(),
            own_copy: None,
            message_id: format!("{}@elders.test", getrandom::u64().unwrap()),
            bytes: format!("{}\r\n\r\n{text}\r\n", headers.trim_end().replace('\n', "\r\n")).into_bytes(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let taken = runtime.block_on(Smtp::new(server, None).deliver(&mail, &mut || std::future::ready(Ok(()))));
        assert!(matches!(taken, Delivery::Accepted { .. }), "{taken:?}");
        Instant::now()
    }

    /// The customer answers a letter: from the address it went to, to its Reply-To.
    pub fn answer(&self, letter: &Mail, text: &str) -> Instant {
        let (customer, to) = (letter.address("To"), letter.address("Reply-To"));
        self.post(&customer, &to, &answer_headers(letter), text)
    }
}

pub fn answer_headers(letter: &Mail) -> String {
    let (customer, to, about) = (letter.address("To"), letter.address("Reply-To"), letter.header("Message-ID"));
    let date = super::site::now().to_rfc2822();
    let unique = getrandom::u64().unwrap();
    format!(
        "From: Klant <{customer}>\nTo: <{to}>\nDate: {date}\nSubject: Re: uw brief\nMessage-ID: <{unique}@klant.test>\n\
         In-Reply-To: {about}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    )
}

/// Asks ten times a second.
pub fn wait_for<T>(longest: u64, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + Duration::from_secs(longest);
    loop {
        match ask() {
            Some(found) => return Some(found),
            None if Instant::now() > end => return None,
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}
