//! What German programs write into payment terms for other programs: `#SKONTO#TAGE=14#PROZENT=2.00#`, a discount
//! (XRechnung, BR-DE-18), and `#VERZUG#…#`, interest. Neither is a term of payment.

/// A text without these segments, and the days of its discounts.
pub(super) fn taken_out(text: &str) -> (String, Vec<u32>) {
    let (mut rest, mut plain, mut days) = (text, String::new(), Vec::new());
    while let Some((before, segment, after)) = next(rest) {
        plain.push_str(before);
        // What stands before and after it are two sentences.
        plain.push('\n');
        if segment.to_ascii_uppercase().starts_with("#SKONTO#") {
            days.extend(segment.split('#').filter_map(tage));
        }
        rest = after;
    }
    plain.push_str(rest);
    (plain, days)
}

/// What comes before the first segment, the segment, and what comes after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let upper = text.to_ascii_uppercase();
    let start = ["#SKONTO#", "#VERZUG#"].iter().filter_map(|word| upper.find(word)).min()?;
    let (before, from) = text.split_at_checked(start)?;
    let mut length = "#SKONTO#".len();
    while let Some(end) = from.get(length..).and_then(|rest| rest.find('#')) {
        let part = from.get(length..length + end)?;
        if !part.contains('=') {
            break;
        }
        length += end + 1;
    }
    let (segment, after) = from.split_at_checked(length)?;
    Some((before, segment, after))
}

fn tage(part: &str) -> Option<u32> {
    let (key, value) = part.split_once('=')?;
    value.trim().parse().ok().filter(|_| key.trim().eq_ignore_ascii_case("TAGE"))
}
