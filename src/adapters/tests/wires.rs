//! A server that follows a script line by line, in the clear or over TLS, and certificates of an authority of our own.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// An authority that only its `file` makes trusted.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Authority { issuer, folder }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server that is who it says, at `host`.
    pub fn server(&self, host: &str) -> Arc<ServerConfig> {
        self.until(host, 4000)
    }

    /// Its certificate ended years ago.
    pub fn expired(&self, host: &str) -> Arc<ServerConfig> {
        self.until(host, 2020)
    }

    fn until(&self, host: &str, year: i32) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate: CertificateDer<'static> = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Arc::new(config)
    }
}

/// What a scripted server does next.
#[derive(Clone)]
pub enum Step {
    /// `{tag}` becomes the first word of the line that was heard last.
    Say(&'static str),
    /// Reads one line.
    Hear,
    Wait(Duration),
    /// Shakes hands; all that follows is over TLS.
    Secure(Arc<ServerConfig>),
}
pub use Step::{Hear, Say, Secure, Wait};

/// What the client said.
#[derive(Debug, Default)]
pub struct Heard {
    pub clear: Vec<String>,
    pub secured: Vec<String>,
    /// The client shook hands to the end.
    pub shaken: bool,
}

/// For one connection; at the end of the script it hears what else comes, and hangs up after a moment of silence.
pub async fn serve(script: Vec<Step>) -> (u16, JoinHandle<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let socket = listener.accept().await.unwrap().0;
        socket.set_nodelay(true).unwrap();
        follow(socket, script).await
    });
    (port, server)
}

async fn follow(mut socket: TcpStream, script: Vec<Step>) -> Heard {
    let mut heard = Heard::default();
    let mut steps = script.into_iter();
    match play(&mut socket, &mut steps, &mut heard.clear).await {
        Ended::Secure(config) => {
            if let Ok(mut line) = TlsAcceptor::from(config).accept(socket).await {
                heard.shaken = true;
                play(&mut line, &mut steps, &mut heard.secured).await;
            }
        }
        Ended::Done => {}
    }
    heard
}

enum Ended {
    Secure(Arc<ServerConfig>),
    Done,
}

async fn play(
    line: &mut (impl AsyncRead + AsyncWrite + Unpin),
    steps: &mut impl Iterator<Item = Step>,
    heard: &mut Vec<String>,
) -> Ended {
    let mut tag = String::new();
    for step in steps {
        match step {
            Say(text) => {
                let text = text.replace("{tag}", &tag);
                if line.write_all(text.as_bytes()).await.is_err() || line.flush().await.is_err() {
                    return Ended::Done;
                }
            }
            Hear => {
                let Some(said) = hear(line).await else { return Ended::Done };
                tag = said.split(' ').next().unwrap_or_default().to_owned();
                heard.push(said);
            }
            Wait(pause) => tokio::time::sleep(pause).await,
            Secure(config) => return Ended::Secure(config),
        }
    }
    let rest = async {
        while let Some(said) = hear(line).await {
            heard.push(said);
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(100), rest).await;
    Ended::Done
}

/// A byte at a time: what follows the line may be the beginning of TLS.
async fn hear(line: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n") {
        text.push(line.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&text).trim_end_matches("\r\n").to_owned())
}
