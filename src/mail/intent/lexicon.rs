//! The words, beginnings of words and numbers that phrases are made of, each known by a number; and which of them a word of a
//! text is, found in one walk along its letters.

use super::quick::QuickMap;

/// What a word of a phrase matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Match {
    Exact(String),
    Prefix(String),
    Number,
}

/// The number of a [`Match`].
pub(super) type Token = u16;

/// A letter further in the tree of words.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// Its children stand one behind the other.
    first: u32,
    children: u8,
    /// The word that ends here, and the beginning of words.
    word: Option<Token>,
    prefix: Option<Token>,
}

#[derive(Default)]
pub(super) struct Lexicon {
    tokens: Vec<Match>,
    known: QuickMap<Match, Token>,
    number: Option<Token>,
    nodes: Vec<Node>,
    /// The byte that leads to each node.
    letters: Vec<u8>,
    /// The node of each first byte; 0 where none begins so.
    roots: Vec<u32>,
}

impl Match {
    /// As the tables say it, letter by letter.
    #[cfg(test)]
    pub fn holds(&self, word: &str) -> bool {
        match self {
            Match::Exact(exact) => word == exact,
            Match::Prefix(prefix) => word.starts_with(prefix.as_str()),
            Match::Number => is_number(word),
        }
    }
}

impl Lexicon {
    /// The number of a match, a new one when it is new; `None` when there are too many.
    pub fn number(&mut self, one: &Match) -> Option<Token> {
        if let Some(token) = self.known.get(one) {
            return Some(*token);
        }
        let token = Token::try_from(self.tokens.len()).ok()?;
        self.known.insert(one.clone(), token);
        self.tokens.push(one.clone());
        Some(token)
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    #[cfg(test)]
    pub fn shown(&self, token: Token) -> &Match {
        &self.tokens[usize::from(token)]
    }

    /// Makes ready for [`Lexicon::find`], after the last match.
    pub fn settle(&mut self) {
        let mut spelled: Vec<(&[u8], bool, Token)> = Vec::new();
        for (token, one) in (0..).zip(&self.tokens) {
            match one {
                Match::Exact(word) => spelled.push((word.as_bytes(), false, token)),
                Match::Prefix(prefix) => spelled.push((prefix.as_bytes(), true, token)),
                Match::Number => self.number = Some(token),
            }
        }
        spelled.sort_unstable();
        (self.nodes, self.letters) = (vec![Node::default()], vec![0]);
        // Each with its node, how deep it lies, and the words below it.
        let mut todo = vec![(0, 0, spelled.as_slice())];
        while let Some((at, depth, below)) = todo.pop() {
            let ending = below.iter().take_while(|(word, _, _)| word.len() == depth).count();
            let (ending, longer) = below.split_at(ending);
            let first = self.nodes.len();
            let mut node = Node { first: u32::try_from(first).unwrap_or_default(), ..Node::default() };
            for (_, is_prefix, token) in ending {
                let place = if *is_prefix { &mut node.prefix } else { &mut node.word };
                *place = Some(*token);
            }
            for branch in longer.chunk_by(|(one, _, _), (other, _, _)| one[depth] == other[depth]) {
                node.children += 1;
                todo.push((self.nodes.len(), depth + 1, branch));
                self.nodes.push(Node::default());
                self.letters.push(branch[0].0[depth]);
            }
            self.nodes[at] = node;
        }
        self.roots = vec![0; 256];
        for at in 1..=usize::from(self.nodes[0].children) {
            self.roots[usize::from(self.letters[at])] = u32::try_from(at).unwrap_or_default();
        }
    }

    /// Adds what a word is: itself, its beginnings from the shortest on, a number.
    pub fn find(&self, word: &str, found: &mut Vec<Token>) {
        let start = found.len();
        let mut letters = word.bytes();
        let mut node = letters.next().and_then(|byte| self.root(byte));
        while let Some(here) = node {
            found.extend(here.prefix);
            let Some(byte) = letters.next() else { break };
            node = self.child(here, byte);
        }
        if let Some(word) = node.and_then(|node| node.word) {
            found.insert(start, word);
        }
        if is_number(word) {
            found.extend(self.number);
        }
    }

    fn root(&self, byte: u8) -> Option<&Node> {
        let at = *self.roots.get(usize::from(byte))?;
        self.nodes.get(at as usize).filter(|_| at > 0)
    }

    fn child(&self, node: &Node, byte: u8) -> Option<&Node> {
        let first = node.first as usize;
        let letters = self.letters.get(first..first + usize::from(node.children))?;
        let at = letters.iter().position(|letter| *letter == byte)?;
        self.nodes.get(first + at)
    }
}

pub(super) fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}
