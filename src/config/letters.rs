//! `[letters]`: what letters carry besides their text.

use super::section::Section;
use crate::letter::PaymentLink;

/// What goes with letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// A payment QR code where one helps: a letter in euros after the due date.
    pub qr: bool,
    /// Where customers may pay online.
    pub payment_link: Option<PaymentLink>,
}

impl Default for Letters {
    fn default() -> Letters {
        Letters { qr: true, payment_link: None }
    }
}

pub(super) fn read(section: &Section<'_>) -> Letters {
    let usual = Letters::default();
    let letters = Letters { qr: section.flag("qr").unwrap_or(usual.qr), payment_link: payment_link(section) };
    section.finish();
    letters
}

fn payment_link(section: &Section<'_>) -> Option<PaymentLink> {
    let link = section.text("payment_link")?;
    match PaymentLink::parse(&link.value) {
        Ok(checked) => Some(checked),
        Err((message, remedy)) => {
            let message = format!("letters.payment_link = {:?} {message}", link.value);
            section.document.fault(link.at, message, remedy);
            None
        }
    }
}
