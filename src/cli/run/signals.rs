//! What the service manager, the owner and the terminal say to a running `aanmaand`.

use anyhow::Result;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A mail that is being handed over may take this long before it is cut.
pub const FAREWELL: Duration = Duration::from_secs(80);

/// SIGTERM and SIGINT: no new letter is begun.
pub struct Stop {
    term: Signal,
    int: Signal,
}

impl Stop {
    /// # Errors
    /// When the machine gives us no signals.
    pub fn listen() -> Result<Stop> {
        Ok(Stop { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    pub async fn told(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}
