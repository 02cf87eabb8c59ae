//! One form to a token server and its answer. https, or http to this machine; no redirects, so that what is sent goes to
//! the address that was named and nowhere else.

use crate::adapters::login::NoToken;
use crate::adapters::tls::is_about_trust;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A token answer has a few kilobytes.
const LARGEST: u64 = 256 * 1024;

/// Whatever the server said, in time and whole.
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

pub(super) fn post(
    url: &str,
    form: &[(&str, &str)],
    ca_file: Option<&Path>,
    patience: Duration,
) -> Result<Answer, NoToken> {
    let trust = match ca_file {
        Some(path) => authorities(path).map_err(NoToken::lasting)?,
        None => RootCerts::PlatformVerifier,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder().root_certs(trust).unversioned_rustls_crypto_provider(provider).build();
    let mut config = ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(patience))
        .user_agent("aanmaand");
    if url.starts_with("http://") {
        // In the clear, so straight to this machine.
        config = config.proxy(None);
    }
    let agent = ureq::Agent::new_with_config(config.build());
    let asked = agent.post(url).header("accept", "application/json").send_form(form.iter().copied());
    let mut answer = asked.map_err(|e| fault(url, &e))?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(|e| fault(url, &e))?;
    Ok(Answer { status, body })
}

fn authorities(path: &Path) -> Result<RootCerts, String> {
    let fault = |e: &dyn std::fmt::Display| format!("ca_file {}: {e}", path.display());
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|e| fault(&e))?.collect();
    let certificates = certificates.map_err(|e| fault(&e))?;
    if certificates.is_empty() {
        return Err(fault(&"there is no certificate in it"));
    }
    let known = certificates.iter().map(|certificate| Certificate::from_der(certificate).to_owned());
    Ok(RootCerts::from(known.collect::<Vec<_>>()))
}

/// Words of our own: the library's could hold what was sent.
fn fault(url: &str, e: &ureq::Error) -> NoToken {
    let server = url.split('?').next().unwrap_or_default();
    let now = |why: &str| NoToken::now(format!("the token server ({server}): {why}"));
    match e {
        ureq::Error::Io(e) if is_about_trust(e) => NoToken::lasting(format!("the token server ({server}): TLS: {e}")),
        ureq::Error::Rustls(e) => now(&format!("TLS: {e}")),
        ureq::Error::Io(e) => now(&format!("the connection failed ({})", e.kind())),
        ureq::Error::Timeout(_) => now("no answer in time"),
        ureq::Error::HostNotFound => now("its name is not known"),
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => now("its answer is too large"),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => now("the proxy does not let us through"),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            NoToken::lasting(format!("the token server ({server}): this is not an address; correct the configuration"))
        }
        _ => now("its answer cannot be read"),
    }
}
