//! Text that its sender signed in place with OpenPGP (RFC 9580, section 7): the words without the frame around them.
//! Never checks a signature: what it says of the sender is for nobody here to believe.

const MESSAGE: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// The text without its frame; `None` when it has none. What stands around the frame stays.
pub fn unframed(text: &str) -> Option<String> {
    if !text.contains(MESSAGE) {
        return None;
    }
    let mut kept = Vec::new();
    let mut place = Place::Outside;
    for line in text.lines() {
        let plain = line.trim_end();
        place = match place {
            Place::Outside if plain == MESSAGE => Place::Head,
            Place::Head if plain.is_empty() => Place::Words,
            // Some mail programs lose the empty line behind "Hash: SHA256".
            Place::Head if !plain.contains(": ") => {
                kept.push(line);
                Place::Words
            }
            Place::Words if plain == SIGNATURE => Place::Signature,
            Place::Signature if plain == END => Place::Outside,
            Place::Outside => {
                kept.push(line);
                place
            }
            // A line that begins with a dash was given another before it.
            Place::Words => {
                kept.push(line.strip_prefix("- ").unwrap_or(line));
                place
            }
            Place::Head | Place::Signature => place,
        };
    }
    // A frame that does not end may hide words below it.
    matches!(place, Place::Outside | Place::Words).then(|| kept.join("\n"))
}

#[derive(Clone, Copy)]
enum Place {
    Outside,
    /// The names of the hashes, until an empty line.
    Head,
    Words,
    Signature,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_without_their_frame() {
        let text = format!(
            "{MESSAGE}\nHash: SHA256\n\nIk betwist de factuur.\n\n- -- \nAn\n{SIGNATURE}\n\niQEcBAEB\n=4ctb\n{END}\n\nlijst\n"
        );
        assert_eq!(unframed(&text).as_deref(), Some("Ik betwist de factuur.\n\n-- \nAn\n\nlijst"));
        assert_eq!(unframed("gewoon"), None);
        assert_eq!(
            unframed(&format!("> {MESSAGE}\n> x")).as_deref(),
            Some("> -----BEGIN PGP SIGNED MESSAGE-----\n> x")
        );
        assert_eq!(unframed(&format!("{MESSAGE}\n\nafgekapt")).as_deref(), Some("afgekapt"));
        assert_eq!(
            unframed(&format!("{MESSAGE}\nHash: SHA256\nIs betaald.\n{SIGNATURE}\nx\n{END}")).as_deref(),
            Some("Is betaald.")
        );
        assert_eq!(unframed(&format!("{MESSAGE}\n\na\n{SIGNATURE}\niQ\nPS Is betaald.")), None);
    }
}
