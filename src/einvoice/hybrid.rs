//! An invoice inside a PDF (Factur-X, ZUGFeRD): which of the files in it is the invoice. Opening the PDF is not done here.

use super::{InvoiceFault, ReadInvoice, encoding, read_xml};

/// A file that was attached inside a PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The names that the standards give the invoice, in lower case.
const STANDARD: [&str; 4] = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "cii.xml"];

/// Begins as a PDF does; some programs write a few bytes before it (ISO 32000-1, annex H.3).
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..1024).unwrap_or(bytes).windows(5).any(|window| window == b"%PDF-")
}

/// Ends as a PDF does.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    bytes[bytes.len().saturating_sub(2048)..].windows(5).any(|window| window == b"%%EOF")
}

/// Reads the invoice among the files of a PDF, whatever its name is.
///
/// # Errors
/// None of them is an invoice; the one that has a standard's name cannot be read; or two of them say different things.
pub fn read(files: &[Embedded]) -> Result<ReadInvoice, InvoiceFault> {
    let mut found: Option<ReadInvoice> = None;
    let mut fault = None;
    for file in sorted(files) {
        match read_one(file) {
            Ok(read) if found.as_ref().is_some_and(|first| first.invoice != read.invoice) => {
                return Err(InvoiceFault::new(
                    "the PDF holds two invoices that differ: put the right one into the folder as XML",
                ));
            }
            Ok(read) => found = found.or(Some(read)),
            Err(why) if is_standard(file) => {
                let reason = format!("{} inside the PDF: {}", file.name, why.located());
                return Err(InvoiceFault::new(reason));
            }
            Err(why) => fault = fault.or(Some((file, why))),
        }
    }
    let none = || {
        let others = fault.map(|(file, why)| format!(" ({}: {})", file.name, why.located())).unwrap_or_default();
        InvoiceFault::new(format!(
            "this PDF holds no invoice that a program can read{others}: put a small TOML file of the same name beside \
             it, and the PDF becomes the copy for letters"
        ))
    };
    found.map(|read| ReadInvoice { format: "facturx".into(), ..read }).ok_or_else(none)
}

/// An invoice, also one inside a PDF, which `open` takes apart.
///
/// # Errors
/// There is none that can be read, with its line; also what `open` says.
pub fn read_or_open(
    name: &str,
    bytes: &[u8],
    open: impl FnOnce(&[u8]) -> Result<Vec<Embedded>, String>,
) -> Result<ReadInvoice, InvoiceFault> {
    match super::read(name, bytes) {
        Err(fault) if is_pdf(bytes) && !fault.incomplete => read(&open(bytes).map_err(InvoiceFault::plain)?),
        read => read,
    }
}

/// Those with a standard's name first.
fn sorted(files: &[Embedded]) -> Vec<&Embedded> {
    let mut files: Vec<&Embedded> = files.iter().collect();
    files.sort_by_key(|file| !is_standard(file));
    files
}

fn is_standard(file: &Embedded) -> bool {
    STANDARD.contains(&file.name.to_ascii_lowercase().as_str())
}

fn read_one(file: &Embedded) -> Result<ReadInvoice, InvoiceFault> {
    // Inside a PDF nothing is still being written.
    let whole = |fault: InvoiceFault| InvoiceFault { incomplete: false, ..fault };
    let text = encoding::decode(&file.bytes).map_err(whole)?;
    read_xml(&text).map_err(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::einvoice::cii::EXAMPLE;

    fn file(name: &str, text: &str) -> Embedded {
        Embedded { name: name.into(), bytes: text.into() }
    }

    fn refused(files: &[Embedded]) -> String {
        let fault = read(files).unwrap_err();
        assert!(!fault.incomplete);
        fault.reason
    }

    #[test]
    fn the_invoice_is_found_whatever_its_name() {
        let terms = file("terms.xml", "<terms/>");
        for name in ["factur-x.xml", "ZUGFeRD-invoice.xml", "rechnung 12.XML", ""] {
            let read = read(&[terms.clone(), file(name, EXAMPLE)]).unwrap();
            assert_eq!((&*read.format, read.invoice.number.as_str()), ("facturx", "2026/0412"));
        }
        let twice = [file("a.xml", EXAMPLE), file("factur-x.xml", EXAMPLE)];
        assert!(read(&twice).is_ok(), "the same invoice twice says one thing");
    }

    #[test]
    fn what_is_not_sure_is_refused() {
        assert!(refused(&[]).contains("TOML"));
        assert!(refused(&[file("a.xml", "<terms/>")]).contains("a.xml: line 1"));
        let other = EXAMPLE.replace("2026/0412", "2026/0413");
        assert!(refused(&[file("a.xml", EXAMPLE), file("b.xml", &other)]).contains("two invoices"));
        let cut = EXAMPLE.get(..900).unwrap();
        assert!(
            refused(&[file("factur-x.xml", cut), file("b.xml", EXAMPLE)]).starts_with("factur-x.xml inside the PDF")
        );
    }

    #[test]
    fn the_ends_of_a_pdf() {
        assert!(is_pdf(b"\xef\xbb\xbf\r\n%PDF-1.7\n") && !is_pdf(b"<a>") && !is_pdf(b""));
        assert!(is_whole(b"%PDF-1.7 ... %%EOF\r\n") && !is_whole(b"%PDF-1.7 ...") && !is_whole(b""));
    }
}
