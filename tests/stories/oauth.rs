//! Logging in with access tokens, as an owner does it: `authorize` once, then the daemon helps itself. The token server,
//! the SMTP and the IMAP server are scripts on this machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

/// What the three servers share: which tokens are good now, and what was asked.
#[derive(Default)]
struct Provider {
    /// The human has entered the code.
    entered: bool,
    /// The number of the refresh token that is good; each is good once.
    refresh: u32,
    /// The only access token that the mail servers take.
    access: String,
    /// The authorization was withdrawn.
    withdrawn: bool,
    polls: u32,
    logins: Vec<&'static str>,
}

type Shared = Arc<Mutex<Provider>>;

fn serve(shared: &Shared, handle: fn(TcpStream, &Shared) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let shared = shared.clone();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let shared = shared.clone();
            thread::spawn(move || handle(socket, &shared));
        }
    });
    port
}

fn token_server(mut socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(socket.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = number.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut form = vec![0; length];
    reader.read_exact(&mut form)?;
    let (status, body) = answer(&head, &String::from_utf8(form).unwrap(), &mut shared.lock().unwrap());
    let length = body.len();
    write!(socket, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn answer(head: &str, form: &str, provider: &mut Provider) -> (u16, String) {
    let refusal = |code: &str| (400, format!("{{\"error\":\"{code}\"}}"));
    if head.starts_with("POST /device ") {
        let body = "{\"device_code\":\"device-geheim\",\"user_code\":\"WXYZ-1234\",\"verification_uri\":\"https://login.bedrijf.example/go\",\
                    \"expires_in\":600,\"interval\":1}";
        return (200, body.to_owned());
    }
    if form.contains("device_code=device-geheim") {
        provider.polls += 1;
        if provider.polls == 1 {
            return refusal("authorization_pending");
        }
        provider.entered = true;
    } else if provider.withdrawn || !form.contains(&format!("refresh_token=refresh-geheim-{}&", provider.refresh)) {
        return refusal("invalid_grant");
    }
    provider.refresh += 1;
    provider.access = format!("access-geheim-{}", provider.refresh);
    let (access, refresh) = (&provider.access, provider.refresh);
    let body = format!(
        "{{\"access_token\":\"{access}\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"refresh_token\":\"refresh-geheim-{refresh}\"}}"
    );
    (200, body)
}

/// Whether these SASL words hold the one good token.
fn is_good(words: &str, provider: &Provider) -> bool {
    let expected = format!("user=owner@bedrijf.example\x01auth=Bearer {}\x01\x01", provider.access);
    STANDARD.decode(words).is_ok_and(|words| words == expected.as_bytes())
}

fn smtp_server(mut socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(socket.try_clone()?);
    socket.write_all(b"220 mx.bedrijf.example ESMTP\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let reply: &[u8] = match line.trim_end().strip_prefix("AUTH XOAUTH2 ") {
            Some(words) => {
                let mut provider = shared.lock().unwrap();
                if is_good(words, &provider) {
                    provider.logins.push("smtp");
                    b"235 2.7.0 in\r\n"
                } else {
                    b"535 5.7.8 no\r\n"
                }
            }
            None if line.starts_with("EHLO") => b"250-mx\r\n250 AUTH PLAIN XOAUTH2\r\n",
            None => b"221 bye\r\n",
        };
        socket.write_all(reply)?;
    }
}

fn imap_server(mut socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(socket.try_clone()?);
    socket.write_all(b"* OK ready\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let (tag, command) = line.trim_end().split_once(' ').unwrap();
        let reply = match command.strip_prefix("AUTHENTICATE XOAUTH2 ") {
            Some(words) => {
                let mut provider = shared.lock().unwrap();
                if is_good(words, &provider) {
                    provider.logins.push("imap");
                    format!("{tag} OK in\r\n")
                } else {
                    format!("{tag} NO [AUTHENTICATIONFAILED] no\r\n")
                }
            }
            None if command == "CAPABILITY" => {
                format!("* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n{tag} OK\r\n")
            }
            None if command.starts_with("EXAMINE") => {
                format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 1] n\r\n{tag} OK\r\n")
            }
            None if command.starts_with("LIST") => format!("* LIST () \"/\" INBOX\r\n{tag} OK\r\n"),
            None => format!("{tag} OK\r\n"),
        };
        socket.write_all(reply.as_bytes())?;
    }
}

/// An administration whose mail goes by access tokens only, with its three servers.
struct Office {
    folder: TempDir,
    provider: Shared,
}

impl Office {
    fn new() -> Office {
        let provider = Shared::default();
        let (tokens, smtp, imap) =
            (serve(&provider, token_server), serve(&provider, smtp_server), serve(&provider, imap_server));
        let folder = tempfile::tempdir().unwrap();
        let oauth = format!(
            "provider = \"other\"\nclient_id = \"app\"\nclient_secret_file = \"client\"\nscopes = [\"mail\"]\n\
             token_url = \"http://127.0.0.1:{tokens}/token\"\ndevice_url = \"http://127.0.0.1:{tokens}/device\"\n"
        );
        let server = |kind: &str, port: u16| {
            format!(
                "kind = \"{kind}\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\nuser = \"owner@bedrijf.example\"\n"
            )
        };
        let config = format!(
            "state = \"state\"\n[company]\nname = \"Bedrijf\"\nemail = \"owner@bedrijf.example\"\niban = [\"NL91ABNA0417164300\"]\n\
             [owner]\nemail = \"owner@bedrijf.example\"\n[invoices]\nfolder = \"invoices\"\n\
             [mailbox]\n{}[mailbox.oauth]\n{oauth}[outgoing]\n{}[outgoing.oauth]\n{oauth}",
            server("imap", imap),
            server("smtp", smtp),
        );
        std::fs::write(folder.path().join("aanmaand.toml"), config).unwrap();
        std::fs::create_dir(folder.path().join("invoices")).unwrap();
        let secret = folder.path().join("client");
        std::fs::write(&secret, "client-geheim").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        Office { folder, provider }
    }

    /// Runs the binary. Whatever it prints, it prints no secret.
    fn run(&self, arguments: &[&str], typed: &str) -> (i32, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aanmaand"))
            .args(["--config", "aanmaand.toml"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("AANMAAND_LOG", "trace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let said = format!("{}{}", String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert!(!said.contains("geheim"), "{arguments:?} shows a secret: {said}");
        (status.code().unwrap(), said)
    }

    fn token_files(&self) -> Vec<PathBuf> {
        let state = self.folder.path().join("state");
        let Ok(entries) = std::fs::read_dir(state) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| is_token_file(path)).collect()
    }

    fn logins(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.provider.lock().unwrap().logins)
    }
}

fn is_token_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("oauth-"))
}

#[test]
fn one_authorization_opens_mailbox_and_outgoing_and_goes_on_by_itself() {
    let office = Office::new();
    let (code, said) = office.run(&["check", "--online"], "");
    assert_eq!(code, 1, "{said}");
    let ask = "owner@bedrijf.example has not been authorized yet: run `aanmaand authorize`";
    assert_eq!(said.matches(ask).count(), 3, "{said}");

    let (code, said) = office.run(&["authorize"], "");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Open https://login.bedrijf.example/go in a browser"), "{said}");
    assert_eq!(said.matches("WXYZ-1234").count(), 1, "one authorization for both: {said}");
    let files = office.token_files();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(file).unwrap().contains("refresh-geheim-1"));

    // Twice: the refresh token of the first time has ended, and the new one was kept.
    for _ in 0..2 {
        let (code, said) = office.run(&["check", "--online"], "");
        assert_eq!(code, 0, "{said}");
        assert_eq!(said.matches("logged in").count(), 2, "{said}");
        assert_eq!(office.logins(), ["smtp", "imap", "imap"], "once more for the copies");
    }
    assert!(std::fs::read_to_string(file).unwrap().contains("refresh-geheim-7"));

    office.provider.lock().unwrap().withdrawn = true;
    let (_, said) = office.run(&["run", "--once"], "");
    let ended = "the authorization of owner@bedrijf.example has ended (invalid_grant): run `aanmaand authorize`";
    assert!(said.contains(&format!("the mailbox refuses us: {ended}")), "{said}");
    let (code, said) = office.run(&["check", "--online"], "");
    assert_eq!((code, said.matches(ended).count()), (1, 3), "{said}");
    assert_eq!(office.logins().len(), 0);
}

#[test]
fn a_refresh_token_from_elsewhere_is_tried_and_kept() {
    let office = Office::new();
    let (code, said) = office.run(&["authorize", "--refresh-token-stdin", "outgoing"], "refresh-geheim-7\n");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("invalid_grant"), "{said}");
    assert_eq!(office.token_files().len(), 0, "one that is not good is not kept");

    let (code, said) = office.run(&["authorize", "--refresh-token-stdin"], "\n");
    assert_eq!(code, 2, "{said}");
    let (code, said) = office.run(&["authorize", "--refresh-token-stdin"], "refresh-geheim-0\n");
    assert_eq!(code, 0, "{said}");
    let (code, said) = office.run(&["check", "--online"], "");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn what_there_is_nothing_to_authorize_for() {
    let office = Office::new();
    let file = office.folder.path().join("aanmaand.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (begin, end) = (text.find("[mailbox]").unwrap(), text.find("[outgoing]").unwrap());
    let maildir = "[mailbox]\nkind = \"maildir\"\nfolder = \"mail\"\n";
    std::fs::write(&file, format!("{}{maildir}{}", &text[..begin], &text[end..])).unwrap();
    let (code, said) = office.run(&["authorize", "mailbox"], "");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("there is no [mailbox.oauth] in"), "{said}");
}
