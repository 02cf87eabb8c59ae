//! Talks to the service manager (sd_notify(3)); says nothing where there is none.

use crate::ports::ServiceManager;
use sd_notify::NotifyState;

#[derive(Clone, Copy, Debug, Default)]
pub struct Systemd;

impl ServiceManager for Systemd {
    fn ready(&self) {
        send(&[NotifyState::Ready]);
    }

    fn status(&self, text: &str) {
        send(&[NotifyState::Status(text)]);
    }

    fn alive(&self) {
        send(&[NotifyState::Watchdog]);
    }

    fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => send(&[NotifyState::Reloading, now]),
            Err(_) => send(&[NotifyState::Reloading]),
        }
    }

    fn stopping(&self) {
        send(&[NotifyState::Stopping]);
    }
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("the service manager could not be told: {error}");
    }
}
