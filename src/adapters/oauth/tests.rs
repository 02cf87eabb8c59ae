//! Against a token server on this machine that does as the test says.

use super::*;
use crate::adapters::tests::wires::Authority;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use tempfile::TempDir;

/// One form that came in.
#[derive(Clone, Debug)]
struct Asked {
    path: String,
    form: BTreeMap<String, String>,
}

impl Asked {
    fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }
}

/// What goes out: the whole answer, headers and all.
type Answer = Vec<u8>;

fn json(status: u16, body: &str) -> Answer {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

fn error(code: &str) -> Answer {
    json(400, &format!("{{\"error\":\"{code}\",\"error_description\":\"AADSTS70008: geheim\"}}"))
}

fn tokens(access: &str, refresh: Option<&str>, lasts: &str) -> Answer {
    let refresh = refresh.map(|token| format!(",\"refresh_token\":\"{token}\"")).unwrap_or_default();
    json(200, &format!("{{\"token_type\":\"Bearer\",\"access_token\":\"{access}\",\"expires_in\":{lasts}{refresh}}}"))
}

struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// In the clear; `answer` gets each form and its number, from 0.
    fn start(answer: impl FnMut(&Asked, usize) -> Answer + Send + 'static) -> Server {
        Server::on(None, answer)
    }

    fn on(tls: Option<Arc<ServerConfig>>, mut answer: impl FnMut(&Asked, usize) -> Answer + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let seen = asked.clone();
        let url = match tls {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let mut line: Box<dyn Stream> = match &tls {
                    Some(config) => {
                        let server = ServerConnection::new(config.clone()).unwrap();
                        Box::new(StreamOwned::new(server, socket))
                    }
                    None => Box::new(socket),
                };
                let Some(form) = read_form(&mut line) else { continue };
                let number = seen.lock().unwrap().len();
                seen.lock().unwrap().push(form.clone());
                let _ = line.write_all(&answer(&form, number)).and_then(|()| line.flush());
            }
        });
        Server { url, asked }
    }

    /// These answers in turn.
    fn with(answers: Vec<Answer>) -> Server {
        let mut answers = answers.into_iter();
        Server::start(move |_, _| answers.next().unwrap_or_else(|| json(500, "{}")))
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn read_form(line: &mut dyn Stream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        line.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().trim().parse().unwrap();
    let mut body = vec![0; length];
    line.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let decode = |text: &str| percent(text);
    let form = body.split('&').filter_map(|pair| pair.split_once('='));
    Some(Asked {
        path: head.split(' ').nth(1).unwrap().to_owned(),
        form: form.map(|(key, value)| (decode(key), decode(value))).collect(),
    })
}

fn percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => u8::from_str_radix(&String::from_utf8(rest.by_ref().take(2).collect()).unwrap(), 16).unwrap(),
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn account(url: &str, folder: &Path) -> Account {
    Account {
        user: "owner@bedrijf.example".into(),
        client_id: "app".into(),
        client_secret: Some("client-geheim".into()),
        token_url: format!("{url}/token"),
        scopes: vec!["mail".into(), "offline_access".into()],
        ca_file: None,
        token_file: folder.join("oauth-owner.json"),
    }
}

/// An account that has been authorized with this refresh token.
fn authorized(url: &str, refresh_token: &str) -> (TempDir, Account) {
    let folder = tempfile::tempdir().unwrap();
    let account = account(url, folder.path());
    let grant = Grant { access: token("unused"), refresh: Some(refresh_token.into()), lasts: None };
    keep(&account, &grant, None).unwrap();
    (folder, account)
}

fn token(text: &str) -> AccessToken {
    AccessToken::new(text).unwrap()
}

fn kept(account: &Account) -> String {
    let text = fs::read_to_string(&account.token_file).unwrap();
    serde_json::from_str::<Kept>(&text).unwrap().refresh_token
}

/// Everything in the folder of the file.
fn files(account: &Account) -> Vec<String> {
    let entries = fs::read_dir(account.token_file.parent().unwrap()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_token_is_fetched_once_and_used_until_shortly_before_its_end() {
    let server = Server::with(vec![tokens("a1", None, "3600"), tokens("a2", None, "\"3600\"")]);
    let (_folder, account) = authorized(&server.url, "r1");
    let source = Tokens::new(account.clone());
    for _ in 0..3 {
        assert_eq!(source.access_token(None).await, Ok(token("a1")));
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    let form: Vec<(&str, &str)> = asked[0].form.iter().map(|(key, value)| (&**key, &**value)).collect();
    let expected = [
        ("client_id", "app"),
        ("client_secret", "client-geheim"),
        ("grant_type", "refresh_token"),
        ("refresh_token", "r1"),
        ("scope", "mail offline_access"),
    ];
    assert_eq!((asked[0].path.as_str(), &form[..]), ("/token", &expected[..]));

    assert_eq!(source.access_token(Some(&token("a1"))).await, Ok(token("a2")), "one that a server refuses is renewed");
    assert_eq!(source.access_token(Some(&token("a1"))).await, Ok(token("a2")), "and the new one is good");
    assert_eq!(server.asked().len(), 2);
    assert_eq!(files(&account), ["oauth-owner.json"], "nothing is left lying about");
}

#[tokio::test]
async fn a_token_that_soon_ends_is_not_used_again() {
    let server = Server::start(|_, number| tokens(&format!("a{number}"), None, "60"));
    let (_folder, account) = authorized(&server.url, "r1");
    let source = Tokens::new(account);
    assert_eq!(source.access_token(None).await, Ok(token("a0")));
    assert_eq!(source.access_token(None).await, Ok(token("a1")));
}

#[tokio::test]
async fn a_new_refresh_token_is_on_disk_before_it_is_needed() {
    let server = Server::start(|asked, number| match asked.field("refresh_token") == format!("r{number}") {
        true => tokens(&format!("a{number}"), Some(&format!("r{}", number + 1)), "1"),
        false => error("invalid_grant"),
    });
    let (_folder, account) = authorized(&server.url, "r0");
    // What a crash left behind is no obstacle.
    fs::write(account.token_file.with_extension("json.new"), "half").unwrap();
    for number in 0..3 {
        // Each as after a restart: nothing is remembered but the file.
        let source = Tokens::new(account.clone());
        assert_eq!(source.access_token(None).await, Ok(token(&format!("a{number}"))));
        assert_eq!(kept(&account), format!("r{}", number + 1));
    }
    let mode = fs::metadata(&account.token_file).unwrap().permissions().mode();
    assert_eq!((mode & 0o777, files(&account)), (0o600, vec!["oauth-owner.json".to_owned()]));
}

#[tokio::test]
async fn many_at_once_use_each_refresh_token_once() {
    let server = Server::start(|asked, number| match asked.field("refresh_token") == format!("r{number}") {
        true => tokens(&format!("a{number}"), Some(&format!("r{}", number + 1)), "1"),
        false => error("invalid_grant"),
    });
    let (_folder, account) = authorized(&server.url, "r0");
    let sources = [Tokens::new(account.clone()), Tokens::new(account.clone())];
    let all = sources.iter().flat_map(|source| (0..4).map(|_| source.access_token(None)));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!((server.asked().len(), kept(&account)), (8, "r8".to_owned()));
}

#[tokio::test]
async fn where_a_new_refresh_token_could_not_be_kept_none_is_asked_for() {
    let server = Server::with(vec![tokens("a1", Some("r2"), "3600")]);
    let (_folder, account) = authorized(&server.url, "r1");
    let obstacle = account.token_file.with_extension("json.new");
    fs::create_dir(&obstacle).unwrap();
    let source = Tokens::new(account.clone());
    let fault = source.access_token(None).await.unwrap_err();
    assert!(!fault.lasting && fault.reason.contains("could not be kept"), "{fault}");
    assert_eq!(server.asked().len(), 0, "the old one would have ended for nothing");
    fs::remove_dir(&obstacle).unwrap();
    assert_eq!(source.access_token(None).await, Ok(token("a1")));
    assert_eq!(kept(&account), "r2");
}

#[tokio::test]
async fn a_refresh_token_that_could_not_be_written_is_not_lost() {
    let folder = Arc::new(Mutex::new(None::<PathBuf>));
    let place = folder.clone();
    let server = Server::start(move |asked, number| {
        if number == 0 {
            // The disk goes bad while the server answers: a folder stands where the file should go.
            let file = place.lock().unwrap().clone().unwrap();
            fs::remove_file(&file).unwrap();
            fs::create_dir_all(file.join("in the way")).unwrap();
        }
        match asked.field("refresh_token") {
            "r1" if number == 0 => tokens("a1", Some("r2"), "3600"),
            "r2" => tokens("a2", None, "3600"),
            _ => error("invalid_grant"),
        }
    });
    let (_folder, account) = authorized(&server.url, "r1");
    *folder.lock().unwrap() = Some(account.token_file.clone());
    let source = Tokens::new(account.clone());
    let fault = source.access_token(None).await.unwrap_err();
    assert!(!fault.lasting && fault.reason.contains("could not be kept"), "{fault}");
    fs::remove_dir_all(&account.token_file).unwrap();
    assert_eq!(source.access_token(None).await, Ok(token("a2")));
    assert_eq!(kept(&account), "r2", "written as soon as it could be");
}

/// What a renewal says when the server answers so.
async fn renewal(answer: Answer) -> NoToken {
    let server = Server::with(vec![answer]);
    let (_folder, account) = authorized(&server.url, "refresh-geheim");
    let fault = Tokens::new(account.clone()).access_token(None).await.unwrap_err();
    assert_eq!(kept(&account), "refresh-geheim", "{fault}");
    fault
}

#[tokio::test]
async fn what_lasts_and_what_passes() {
    let ended =
        "the authorization of owner@bedrijf.example has ended (invalid_grant, AADSTS70008): run `aanmaand authorize`";
    assert_eq!(renewal(error("invalid_grant")).await, NoToken::lasting(ended));
    for code in ["invalid_client", "unauthorized_client", "invalid_scope", "anything_else"] {
        let fault = renewal(error(code)).await;
        assert!(fault.lasting && fault.reason.contains(code), "{fault:?}");
    }
    let html = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>".to_vec();
    let passing = [
        ("500", json(500, "{\"error\":\"invalid_grant\"}")),
        ("429", json(429, "{}")),
        ("temporarily", error("temporarily_unavailable")),
        ("html", html),
        ("no json", json(400, "invalid_grant")),
        ("odd code", error("Invalid Grant\u{1b}[2J")),
        ("not found", json(404, "{}")),
        ("no token", json(200, "{\"access_token\":\"\"}")),
        ("hostile token", json(200, "{\"access_token\":\"a\\u0001auth=Bearer x\"}")),
        ("another kind", json(200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}")),
        ("too large", json(200, &"x".repeat(300_000))),
        ("no http", b"* OK IMAP4rev1\r\n".to_vec()),
        ("half", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec()),
        ("nothing", Vec::new()),
    ];
    for (name, answer) in passing {
        let fault = renewal(answer).await;
        assert!(!fault.lasting, "{name}: {fault:?}");
        assert!(!fault.reason.contains(char::is_control), "{name}: {fault:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::with(vec![tokens("a1", None, "3600")]);
    for status in [301, 302, 307, 308] {
        let redirect = format!(
            "HTTP/1.1 {status} X\r\nLocation: {}/token\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            elsewhere.url
        );
        let fault = renewal(redirect.into_bytes()).await;
        assert!(!fault.lasting && fault.reason.contains(&status.to_string()), "{fault:?}");
    }
    assert_eq!(elsewhere.asked().len(), 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_or_is_slow_is_asked_again_later() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_folder, account) = authorized(&format!("http://127.0.0.1:{closed}"), "r1");
    let fault = Tokens::new(account).access_token(None).await.unwrap_err();
    assert!(!fault.lasting, "{fault:?}");

    let slow = Server::start(|_, _| {
        thread::sleep(Duration::from_secs(3));
        tokens("a1", None, "3600")
    });
    let begun = Instant::now();
    let asked = post::post(&format!("{}/token", slow.url), &[("a", "b")], None, Duration::from_millis(300));
    let fault = asked.err().unwrap();
    assert!(!fault.lasting && fault.reason.ends_with("no answer in time"), "{fault:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn only_a_server_that_can_be_trusted_gets_the_refresh_token() {
    let authority = Authority::new();
    let rows = [
        ("good", authority.server("localhost"), true),
        ("another host", authority.server("elsewhere.example"), false),
        ("expired", authority.expired("localhost"), false),
        ("not trusted", Authority::new().server("localhost"), false),
    ];
    for (name, tls, good) in rows {
        let server = Server::on(Some(tls), |_, _| tokens("a1", None, "3600"));
        let (_folder, account) = authorized(&server.url, "r1");
        let account = Account { ca_file: Some(authority.file()), ..account };
        match Tokens::new(account).access_token(None).await {
            Ok(_) => assert!(good, "{name}"),
            Err(fault) => assert!(!good && fault.lasting && fault.reason.contains("TLS"), "{name}: {fault:?}"),
        }
        assert_eq!(server.asked().len(), usize::from(good), "{name}");
    }
    let (folder, account) = authorized("https://localhost:9", "r1");
    let account = Account { ca_file: Some(folder.path().join("absent.pem")), ..account };
    assert!(Tokens::new(account).access_token(None).await.unwrap_err().lasting);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_stops_and_says_what_to_do() {
    let server = Server::with(vec![tokens("a1", None, "3600")]);
    let (_folder, account) = authorized(&server.url, "r1");
    let source = Tokens::new(account.clone());
    let said = |fault: NoToken, words: &str| assert!(fault.lasting && fault.reason.contains(words), "{fault:?}");

    fs::set_permissions(&account.token_file, fs::Permissions::from_mode(0o640)).unwrap();
    said(source.access_token(None).await.unwrap_err(), "run chmod 600");
    fs::set_permissions(&account.token_file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&account.token_file, "{").unwrap();
    said(source.access_token(None).await.unwrap_err(), "is damaged: run `aanmaand authorize`");
    fs::remove_file(&account.token_file).unwrap();
    said(source.access_token(None).await.unwrap_err(), "has not been authorized yet: run `aanmaand authorize`");
    assert_eq!(server.asked().len(), 0);

    // A new authorization is seen at once.
    let grant = Grant { access: token("unused"), refresh: Some("r2".into()), lasts: None };
    keep(&account, &grant, None).unwrap();
    assert_eq!(source.access_token(None).await, Ok(token("a1")));
}

#[tokio::test]
async fn no_secret_is_ever_shown() {
    let (_folder, account) = authorized("http://127.0.0.1:9", "refresh-geheim");
    let grant = Grant { access: token("access-geheim"), refresh: Some("refresh-geheim".into()), lasts: None };
    let shown = format!("{account:?} {grant:?} {:?}", Kept::of(&account, "refresh-geheim"));
    assert!(!shown.contains("geheim"), "{shown}");
    // Nor what a server says that repeats what it was sent.
    for code in ["invalid_grant", "invalid_request", "server_error", "client-geheim"] {
        let fault = renewal(error(code)).await;
        assert!(!fault.reason.contains("geheim"), "{fault}");
    }
}

/// A device flow against these answers after the first: what came of it, what was shown, and the pauses in seconds.
fn device_flow(answers: Vec<Answer>) -> (Result<Grant, String>, Option<device::Invitation>, Vec<u64>, Vec<Asked>) {
    let server = Server::with(answers);
    let folder = tempfile::tempdir().unwrap();
    let account = account(&server.url, folder.path());
    let (mut shown, mut pauses) = (None, Vec::new());
    let mut tell = |invitation: &device::Invitation| {
        shown = Some(invitation.clone());
        Ok(())
    };
    let mut sleep = |pause: Duration| pauses.push(pause.as_secs());
    let grant = device::authorize(&account, &format!("{}/device", server.url), &mut tell, &mut sleep);
    (grant, shown, pauses, server.asked())
}

fn invitation() -> Answer {
    json(
        200,
        "{\"device_code\":\"device-geheim\",\"user_code\":\"ABCD-EFGH\",\"verification_uri\":\"https://login.example/device\u{9b}\\u001b\",\
         \"expires_in\":900,\"interval\":1}",
    )
}

#[test]
fn the_device_flow_waits_as_it_is_told() {
    let answers = vec![
        invitation(),
        error("authorization_pending"),
        error("slow_down"),
        json(503, "{}"),
        error("authorization_pending"),
        tokens("a1", Some("r1"), "3600"),
    ];
    let (grant, shown, pauses, asked) = device_flow(answers);
    assert_eq!(grant.unwrap().refresh.as_deref(), Some("r1"));
    let expected = device::Invitation {
        address: "https://login.example/device".into(),
        code: "ABCD-EFGH".into(),
        lasts: Duration::from_secs(900),
    };
    assert_eq!(shown, Some(expected), "without control characters");
    assert_eq!(pauses, [1, 1, 6, 12, 12]);
    assert_eq!((asked[0].path.as_str(), asked[0].field("scope")), ("/device", "mail offline_access"));
    let poll = &asked[1];
    assert_eq!(poll.field("grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!(
        (poll.path.as_str(), poll.field("device_code"), poll.field("client_id")),
        ("/token", "device-geheim", "app")
    );
}

#[test]
fn the_device_flow_ends_with_words_for_a_human() {
    let after = |answer: Answer| device_flow(vec![invitation(), answer]).0.unwrap_err();
    assert_eq!(after(error("access_denied")), "it was refused in the browser");
    assert_eq!(after(error("authorization_declined")), "it was refused in the browser");
    assert_eq!(after(error("expired_token")), "nobody entered the code in time; run it again");
    assert!(after(error("invalid_client")).contains("invalid_client"));

    let begun = |answer: Answer| device_flow(vec![answer]);
    assert!(begun(error("invalid_scope")).0.unwrap_err().contains("invalid_scope"));
    assert_eq!(begun(json(200, "{}")).0.unwrap_err(), "the token server's answer cannot be read");
    assert!(begun(json(500, "{}")).0.unwrap_err().contains("500"));

    let google =
        "{\"device_code\":\"d\",\"user_code\":\"u\",\"verification_url\":\"https://g.example\",\"expires_in\":\"12\"}";
    let pending = vec![error("authorization_pending"); 9];
    let (grant, shown, pauses, _) = device_flow([vec![json(200, google)], pending].concat());
    assert_eq!(grant.unwrap_err(), "nobody entered the code in time; run it again");
    assert_eq!(
        (shown.unwrap().address.as_str(), pauses),
        ("https://g.example", vec![5, 5]),
        "and no longer than the code lives"
    );
}

#[test]
fn without_a_refresh_token_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let account = account("http://127.0.0.1:9", folder.path());
    let grant = Grant { access: token("a"), refresh: None, lasts: None };
    assert!(keep(&account, &grant, None).unwrap_err().contains("no refresh token"));
    assert!(!account.token_file.exists());
    keep(&account, &grant, Some("given")).unwrap();
    assert_eq!(kept(&account), "given");
}

fn get(url: &str, target: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut line = TcpStream::connect(host).unwrap();
    line.write_all(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).unwrap();
    let mut page = String::new();
    let _ = line.read_to_string(&mut page);
    page
}

/// The query of the address that the human opens.
fn query(address: &str) -> BTreeMap<String, String> {
    let pairs = address.split_once('?').unwrap().1.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (percent(key), percent(value))).collect()
}

/// A browser flow in which the browser does this with the redirect address and the state.
fn browser_flow(
    pasted: &str,
    act: impl FnOnce(&str, &str) + Send + 'static,
) -> (Result<Grant, String>, BTreeMap<String, String>, Vec<Asked>) {
    let server = Server::with(vec![tokens("a1", Some("r1"), "3600")]);
    let folder = tempfile::tempdir().unwrap();
    let account = account(&server.url, folder.path());
    let (mut asked, mut act) = (BTreeMap::new(), Some(act));
    let mut tell = |address: &str| {
        asked = query(address);
        let (redirect, state) = (asked["redirect_uri"].clone(), asked["state"].clone());
        let act = act.take().unwrap();
        thread::spawn(move || act(&redirect, &state));
        Ok(())
    };
    let typed = Cursor::new(pasted.to_owned());
    let patience = Duration::from_secs(2);
    let grant = browser::authorize(&account, "https://login.example/auth?x=1", "127.0.0.1", &mut tell, typed, patience);
    (grant, asked, server.asked())
}

#[test]
fn the_browser_comes_back_with_a_code_that_only_we_can_use() {
    let (grant, asked, forms) =
        browser_flow("no address\nhttp://127.0.0.1/?code=stolen&state=guessed\n", |redirect, state| {
            get(redirect, "/favicon.ico");
            get(redirect, "/?code=forged&state=guessed");
            let page = get(redirect, &format!("/?state={state}&code=4%2F0a-b&scope=x"));
            assert!(page.starts_with("HTTP/1.1 200") && !page.contains("4/0a"), "{page}");
        });
    assert_eq!(grant.unwrap().refresh.as_deref(), Some("r1"));
    let said = |key: &str| asked[key].as_str();
    assert_eq!((said("response_type"), said("client_id"), said("scope")), ("code", "app", "mail offline_access"));
    assert_eq!((said("access_type"), said("login_hint")), ("offline", "owner@bedrijf.example"));
    assert_eq!(forms.len(), 1, "only the answer to our own question is used: {forms:?}");
    let form = &forms[0];
    assert_eq!((form.field("grant_type"), form.field("code")), ("authorization_code", "4/0a-b"));
    assert_eq!(form.field("redirect_uri"), said("redirect_uri"));
    use base64::Engine as _;
    use sha2::Digest as _;
    let challenge =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(form.field("code_verifier")));
    assert_eq!((said("code_challenge_method"), said("code_challenge")), ("S256", challenge.as_str()));
    assert!(form.field("code_verifier").len() >= 43);
}

#[test]
fn the_browser_that_does_not_come_back() {
    let refused =
        browser_flow("", |redirect, state| drop(get(redirect, &format!("/?error=access_denied&state={state}"))));
    assert_eq!(refused.0.unwrap_err(), "it was refused in the browser");
    let (nobody, _, forms) = browser_flow("", |_, _| ());
    assert_eq!(nobody.unwrap_err(), "nobody came back from the browser in time; run it again");
    assert_eq!(forms.len(), 0);
}

#[test]
fn an_address_from_another_machine_can_be_pasted() {
    let (sender, typed) = std::sync::mpsc::channel::<String>();
    let server = Server::with(vec![tokens("a1", Some("r1"), "3600")]);
    let folder = tempfile::tempdir().unwrap();
    let account = account(&server.url, folder.path());
    let mut tell = |address: &str| {
        let asked = query(address);
        sender.send(format!("{}/?code=c1&state={}\n", asked["redirect_uri"], asked["state"])).unwrap();
        Ok(())
    };
    let patience = Duration::from_secs(5);
    let grant =
        browser::authorize(&account, "https://login.example/auth", "localhost", &mut tell, Typed(typed), patience);
    assert_eq!(grant.unwrap().refresh.as_deref(), Some("r1"));
    assert_eq!(server.asked()[0].field("code"), "c1");
}

/// What a human types.
struct Typed(std::sync::mpsc::Receiver<String>);

impl Read for Typed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Ok(line) = self.0.recv() else { return Ok(0) };
        buffer[..line.len()].copy_from_slice(line.as_bytes());
        Ok(line.len())
    }
}
