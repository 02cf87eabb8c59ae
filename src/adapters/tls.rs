//! The way to a mail server: where it is, how the line is secured, and who we say we are. Certificates are always
//! checked; an unencrypted line exists only to this machine itself.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

pub use super::login::Login;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (ports 465 and 993, RFC 8314).
    Tls,
    /// In the clear until the server says it is ready for TLS (port 587); not a byte may precede the handshake.
    StartTls,
    /// No encryption; refused unless every address of the host is this machine.
    Plain,
}

/// A server and how to trust it.
#[derive(Clone, Debug)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// PEM file with the only authorities to trust; without it those of the operating system.
    pub ca_file: Option<PathBuf>,
}

/// Why there is no line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoLine {
    pub reason: String,
    /// Trying again will not help until somebody looks: the certificate is not to be trusted, or the settings are wrong.
    pub lasting: bool,
}

impl NoLine {
    fn now(reason: String) -> NoLine {
        NoLine { reason, lasting: false }
    }

    fn lasting(reason: String) -> NoLine {
        NoLine { reason, lasting: true }
    }
}

impl Server {
    /// A line to the server. For [`Security::StartTls`] it is still in the clear: see [`Server::secure`].
    /// `patience` counts for each address of the host, and once more for the handshake.
    pub async fn connect(&self, patience: Duration) -> Result<Line, NoLine> {
        let line = self.tcp(patience).await?;
        match self.security {
            Security::Plain | Security::StartTls => Ok(Line::Clear(line)),
            Security::Tls => self.secure(line, patience).await,
        }
    }

    /// Shakes hands over a line in the clear. The certificate must be valid for `host`.
    pub async fn secure(&self, line: TcpStream, patience: Duration) -> Result<Line, NoLine> {
        let name = ServerName::try_from(self.host.clone())
            .map_err(|_| NoLine::lasting(format!("{:?} is not a host name", self.host)))?;
        let config = client_config(self.ca_file.as_deref()).map_err(NoLine::lasting)?;
        let handshake = tokio_rustls::TlsConnector::from(config).connect(name, line);
        match timeout(patience, handshake).await {
            Ok(Ok(line)) => Ok(Line::Secured(Box::new(line))),
            Ok(Err(e)) => Err(NoLine { reason: format!("{self}: TLS: {e}"), lasting: is_about_trust(&e) }),
            Err(_) => Err(NoLine::now(format!("{self}: TLS: no answer within {patience:?}"))),
        }
    }

    async fn tcp(&self, patience: Duration) -> Result<TcpStream, NoLine> {
        let looked_up = timeout(patience, tokio::net::lookup_host((self.host.as_str(), self.port))).await;
        let addresses: Vec<_> = match looked_up {
            Ok(Ok(addresses)) => addresses.collect(),
            Ok(Err(e)) => return Err(NoLine::now(format!("{self}: {e}"))),
            Err(_) => return Err(NoLine::now(format!("{self}: the name server does not answer"))),
        };
        if self.security == Security::Plain && !addresses.iter().all(is_this_machine) {
            let reason = format!("{self} is another machine: a line without TLS is only used to localhost");
            return Err(NoLine::lasting(reason));
        }
        let mut last = format!("{self}: the name has no address");
        for address in addresses {
            match timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(line)) => {
                    return line.set_nodelay(true).map(|()| line).map_err(|e| NoLine::now(format!("{self}: {e}")));
                }
                Ok(Err(e)) => last = format!("{self} at {}: {e}", address.ip()),
                Err(_) => last = format!("{self} at {}: no answer within {patience:?}", address.ip()),
            }
        }
        Err(NoLine::now(last))
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The other side is not who it should be, as opposed to a line that broke.
pub(super) fn is_about_trust(e: &io::Error) -> bool {
    let cause = e.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::InvalidCertificate(_)))
}

fn is_this_machine(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    let config = match ca_file {
        Some(path) => builder.with_root_certificates(authorities(path)?).with_no_client_auth(),
        None => builder.with_platform_verifier().map_err(|e| e.to_string())?.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn authorities(path: &Path) -> Result<RootCertStore, String> {
    let fault = |e: &dyn fmt::Display| format!("ca_file {}: {e}", path.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| fault(&e))? {
        roots.add(certificate.map_err(|e| fault(&e))?).map_err(|e| fault(&e))?;
    }
    if roots.is_empty() { Err(fault(&"there is no certificate in it")) } else { Ok(roots) }
}

/// A line to a server, encrypted or not.
#[derive(Debug)]
pub enum Line {
    Clear(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

impl Line {
    /// Our own address on this line.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Line::Clear(line) => line.local_addr(),
            Line::Secured(line) => line.get_ref().0.local_addr(),
        }
    }

    /// For `check --online`: `TLSv1_3`, or that there is no encryption.
    pub fn protection(&self) -> String {
        match self {
            Line::Clear(_) => "without encryption".into(),
            Line::Secured(line) => line.get_ref().1.protocol_version().map_or("TLS".into(), |v| format!("{v:?}")),
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Line::Clear(line) => Pin::new(line).poll_read(cx, buf),
            Line::Secured(line) => Pin::new(line).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Line::Clear(line) => Pin::new(line).poll_write(cx, buf),
            Line::Secured(line) => Pin::new(line).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Line::Clear(line) => Pin::new(line).poll_flush(cx),
            Line::Secured(line) => Pin::new(line).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Line::Clear(line) => Pin::new(line).poll_shutdown(cx),
            Line::Secured(line) => Pin::new(line).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, security: Security) -> Server {
        Server { host: host.into(), port: 9, security, ca_file: None }
    }

    #[tokio::test]
    async fn plain_is_only_for_this_machine() {
        let fault = server("192.0.2.1", Security::Plain).connect(Duration::from_secs(1)).await.unwrap_err();
        assert_eq!(fault.reason, "192.0.2.1:9 is another machine: a line without TLS is only used to localhost");
        assert!(fault.lasting);
        let fault = server("127.0.0.1", Security::Plain).connect(Duration::from_secs(1)).await.unwrap_err();
        assert!(fault.reason.contains("refused") && !fault.lasting, "{fault}");
    }

    #[test]
    fn only_real_authorities_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        let empty = dir.path().join("empty.pem");
        std::fs::write(&empty, "no certificate\n").unwrap();
        assert!(client_config(Some(&empty)).unwrap_err().contains("no certificate in it"));
        assert!(client_config(Some(&dir.path().join("absent.pem"))).is_err());
        assert!(client_config(None).is_ok());
    }
}
