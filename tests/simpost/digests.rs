//! A digest as its reader sees it: the letters that it says go out next.

use crate::sim::letters::Stage;
use aanmaand::mail::message::Message;

/// How a digest calls each kind of letter.
const KINDS: [(&str, Stage); 4] = [
    ("betalingsherinnering", Stage::Reminder),
    ("tweede herinnering", Stage::Second),
    ("aanmaning", Stage::Formal),
    ("sommatie", Stage::Last),
];

/// A letter that a digest lists as going out next.
#[derive(Clone, Debug)]
pub struct Ahead {
    pub stage: Stage,
    pub numbers: Vec<String>,
}

/// The letters that this digest lists.
///
/// # Errors
/// When it cannot be read as its owner would.
pub fn ahead(bytes: &[u8]) -> Result<Vec<Ahead>, String> {
    // Reading a mail takes long, and most digests announce nothing.
    if !bytes.windows(11).any(|words| words == b"GAAT UIT OP") {
        return Ok(Vec::new());
    }
    let message = Message::parse(bytes).map_err(|_| "a digest is no mail")?;
    let lines = message.text.lines().skip_while(|line| !line.starts_with("GAAT UIT OP")).skip(1);
    let part: Vec<&str> = lines.take_while(|line| line.is_empty() || line.starts_with(['-', ' '])).collect();
    part.join("\n").split("\n- ").skip(1).map(read).collect()
}

/// `Jansen Bouw B.V.: aanmaning, facturen F26-1000, F26-1137, € 20,00; …`, perhaps over several lines.
fn read(entry: &str) -> Result<Ahead, String> {
    let kind = entry.split_once(": ").map(|(_, rest)| rest).unwrap_or_default();
    let stage = KINDS.iter().find(|(word, _)| kind.starts_with(word)).map(|(_, stage)| *stage);
    let words = entry.split([' ', ',', '\n']).filter(|word| word.starts_with("F26-"));
    let stage = stage.ok_or_else(|| format!("a digest announces what nobody knows: {entry}"))?;
    Ok(Ahead { stage, numbers: words.map(str::to_owned).collect() })
}
