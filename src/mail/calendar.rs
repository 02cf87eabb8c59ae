//! Invitations (iCalendar, RFC 5545) as a reader sees them: what it is about, and the words with it. Dates and people are not
//! looked at.

/// Subject and words of an invitation, when the text is one.
pub fn words(text: &str) -> Option<String> {
    if !text.trim_start().starts_with("BEGIN:VCALENDAR") {
        return None;
    }
    // Long lines are folded (section 3.1).
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let value = |name: &str| {
        unfolded.lines().find_map(|line| {
            let (head, value) = line.split_once(':')?;
            head.split(';').next().is_some_and(|found| found.eq_ignore_ascii_case(name)).then(|| plain(value))
        })
    };
    let said: Vec<String> = ["SUMMARY", "DESCRIPTION", "COMMENT"].into_iter().filter_map(value).collect();
    Some(said.join("\n"))
}

/// Section 3.3.11 undone.
fn plain(value: &str) -> String {
    let value = value.replace("\\n", "\n").replace("\\N", "\n");
    value.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_in_words() {
        let text = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=nl:Bellen over factuur\r\n \
                    2026-0412\r\nDESCRIPTION:Wij betwisten hem\\, zie\\nbijlage.\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(words(text).as_deref(), Some("Bellen over factuur2026-0412\nWij betwisten hem, zie\nbijlage."));
        assert_eq!(words("Beste, SUMMARY: niets"), None);
    }
}
