//! The payment QR code that European banking apps read: EPC069-12 version 002 ("Quick Response code: Guidelines to
//! enable data capture for the initiation of a SEPA credit transfer"). Holds what a letter says in words: payee,
//! account, amount, reference. `None` wherever the standard has no room for it, never a code that says less or more.

use super::LetterData;
use super::plain::one_line;
use crate::bank::reference::{self, Reference};
use crate::dunning::money::{Currency, Money};
use fast_qr::{ECL, QRBuilder, QRCode};

/// Longest payee name and longest free text, in characters.
const LONGEST_NAME: usize = 70;
const LONGEST_TEXT: usize = 140;
/// The whole payload, in bytes: what version 13 holds at level M.
const LONGEST_PAYLOAD: usize = 331;
const LARGEST_VERSION: usize = 13;
/// 0.01 to 999999999.99 euro, in cents.
const AMOUNTS: std::ops::RangeInclusive<i64> = 1..=99_999_999_999;

/// Light modules around the code (ISO/IEC 18004 wants four), and pixels a module: sharp when it is printed.
const MARGIN: usize = 4;
const PIXELS: usize = 6;

/// What a code asks.
#[derive(Clone, Copy, Debug)]
pub struct Payment<'a> {
    pub payee: &'a str,
    pub iban: &'a str,
    pub amount: Money,
    /// What to mention: a payment reference or invoice numbers.
    pub reference: &'a str,
}

/// The text of the code of a letter about invoices that are overdue; it asks what the letter asks.
pub fn for_letter(data: &LetterData) -> Option<String> {
    let overdue = data.lines.iter().any(|line| line.days_late > 0);
    let amount = data.asked().filter(|_| overdue)?;
    let reference = super::view::reference(&data.lines);
    payload(&Payment { payee: &data.company.name, iban: &data.company.iban, amount, reference: &reference })
}

/// The text of the code. An RF reference (ISO 11649) stands in the structured line; every other reference in the text
/// line, as banks outside its own country would refuse it in the first. `None` for another currency than EUR, an
/// amount or reference out of range, an account that is none.
pub fn payload(payment: &Payment<'_>) -> Option<String> {
    let euros = payment.amount.currency() == Currency::EUR && AMOUNTS.contains(&payment.amount.minor());
    let iban = reference::iban(payment.iban).filter(|_| euros)?;
    let payee: String = one_line(payment.payee, usize::MAX).chars().take(LONGEST_NAME).collect();
    let mentioned = one_line(payment.reference, usize::MAX);
    if payee.is_empty() || mentioned.chars().count() > LONGEST_TEXT {
        return None;
    }
    let amount = format!("EUR{}", payment.amount.to_decimal());
    let (structured, text) = match reference::parse(&mentioned) {
        Some(Reference::Rf(rf)) => (rf, None),
        Some(Reference::Betalingskenmerk(_) | Reference::Ogm(_) | Reference::Iban(_)) | None => {
            (String::new(), Some(mentioned).filter(|text| !text.is_empty()))
        }
    };
    // Service tag, version, character set (UTF-8), identification, BIC, …, purpose: the empty ones keep their line.
    let mut lines = vec!["BCD", "002", "1", "SCT", "", payee.trim_end(), &iban, &amount, "", &structured];
    lines.extend(text.as_deref());
    let payload = lines.join("\n").trim_end().to_owned();
    (payload.len() <= LONGEST_PAYLOAD).then_some(payload)
}

/// The code as a PNG in black and white; the same payload gives the same bytes. `None` when it does not fit.
pub fn png(payload: &str) -> Option<Vec<u8>> {
    let code = QRBuilder::new(payload).ecl(ECL::M).build().ok()?;
    if code.size > LARGEST_VERSION * 4 + 17 {
        return None;
    }
    let side = u32::try_from((code.size + 2 * MARGIN) * PIXELS).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels(&code)).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// Rows of one bit a pixel, 1 = light; each row begins with a new byte.
fn pixels(code: &QRCode) -> Vec<u8> {
    let side = (code.size + 2 * MARGIN) * PIXELS;
    let is_dark = |x: usize, y: usize| {
        let (column, row) = ((x / PIXELS).checked_sub(MARGIN), (y / PIXELS).checked_sub(MARGIN));
        let (Some(column), Some(row)) = (column, row) else { return false };
        column < code.size && code.data.get(row * code.size + column).is_some_and(|module| module.value())
    };
    let byte = |y: usize, start: usize| {
        let light = (0..8).filter(|bit| start + bit < side && !is_dark(start + bit, y));
        light.fold(0u8, |byte, bit| byte | (0x80 >> bit))
    };
    (0..side).flat_map(|y| (0..side).step_by(8).map(move |start| byte(y, start))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const IBAN: &str = "NL91 ABNA 0417 1643 00";

    fn asking(cents: i64, reference: &str) -> Option<String> {
        payload(&Payment { payee: "Voorbeeldbedrijf B.V.", iban: IBAN, amount: Money::eur_cents(cents), reference })
    }

    /// What a phone reads from the picture, with the version and level of the code.
    fn read(picture: &[u8]) -> (String, usize, u16) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut bits = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bits).unwrap();
        assert_eq!((info.bit_depth, info.color_type), (png::BitDepth::One, png::ColorType::Grayscale));
        let (width, row) = (info.width as usize, info.line_size);
        let dark = |x: usize, y: usize| bits[y * row + x / 8] & (0x80 >> (x % 8)) == 0;
        let mut image = rqrr::PreparedImage::prepare_from_bitmap(width, info.height as usize, dark);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        let (meta, text) = grids[0].decode().unwrap();
        (text, meta.version.0, meta.ecc_level)
    }

    #[test]
    fn payloads_line_by_line() {
        let head = "BCD\n002\n1\nSCT\n\nVoorbeeldbedrijf B.V.\nNL91ABNA0417164300\n";
        let cases = [
            (121_000, "2026-0412", "EUR1210.00\n\n\n2026-0412"),
            (1, "RF18 5390 0754 7034", "EUR0.01\n\nRF18539007547034"),
            (99_999_999_999, "5000056789012345", "EUR999999999.99\n\n\n5000056789012345"),
            (10_050, "+++090/9337/55493+++", "EUR100.50\n\n\n+++090/9337/55493+++"),
            (100, "RF19539007547034", "EUR1.00\n\n\nRF19539007547034"),
            (100, "2026-1,\r\nEUR9999.00\u{202E}\0", "EUR1.00\n\n\n2026-1, EUR9999.00"),
            (100, "", "EUR1.00"),
        ];
        for (cents, reference, tail) in cases {
            assert_eq!(asking(cents, reference), Some(format!("{head}{tail}")), "{reference}");
        }
    }

    #[test]
    fn what_does_not_fit_has_no_code() {
        assert_eq!(asking(0, "x"), None);
        assert_eq!(asking(-1, "x"), None);
        assert_eq!(asking(100_000_000_000, "x"), None);
        assert_eq!(asking(1, &"9".repeat(141)), None);
        assert_eq!(asking(1, &"€".repeat(140)), None, "more bytes than the standard allows");
        let dollars = Money::from_minor(100, Currency::parse("USD").unwrap());
        let good = Payment { payee: "A", iban: IBAN, amount: Money::eur_cents(1), reference: "x" };
        assert!(payload(&good).is_some());
        assert_eq!(payload(&Payment { amount: dollars, ..good }), None);
        assert_eq!(payload(&Payment { payee: " \r\n", ..good }), None);
        assert_eq!(payload(&Payment { iban: "NL91ABNA0417164301", ..good }), None);
    }

    #[test]
    fn long_names_are_cut_to_what_a_transfer_carries() {
        let payee = format!("{} B.V.", "Schildersbedrijf ".repeat(9));
        let text = payload(&Payment { payee: &payee, iban: IBAN, amount: Money::eur_cents(1), reference: "x" });
        let name = text.unwrap().lines().nth(5).unwrap().to_owned();
        assert!(name.chars().count() <= 70 && payee.starts_with(&name), "{name}");
    }

    #[test]
    fn a_phone_reads_what_was_written() {
        for reference in ["2026-0412", "RF18539007547034", &"2026-0412, ".repeat(12), &"é".repeat(100)] {
            let text = asking(121_000, reference).unwrap();
            let picture = png(&text).unwrap();
            let (read, version, level) = read(&picture);
            assert_eq!(read, text);
            assert!(version <= 13, "{version}");
            assert_eq!(level, 0, "error correction M");
            assert_eq!(Some(picture), png(&text), "the same text gives the same picture");
        }
        assert_eq!(png(&"x".repeat(332)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_payload_is_readable(payee in "[ -~é€ß\r\n]{1,90}", reference in "[A-Z0-9+/, -]{0,150}", cents in any::<i64>()) {
            let asked = Payment { payee: &payee, iban: IBAN, amount: Money::eur_cents(cents), reference: &reference };
            if let Some(text) = payload(&asked) {
                let lines: Vec<&str> = text.split('\n').collect();
                prop_assert!((8..=11).contains(&lines.len()), "{text:?}");
                prop_assert!(lines.len() < 11 || lines[9].is_empty(), "never both references");
                prop_assert_eq!(lines[7].to_owned(), format!("EUR{}.{:02}", cents / 100, cents % 100));
                prop_assert_eq!(read(&png(&text).unwrap()).0, text);
            }
        }
    }
}
