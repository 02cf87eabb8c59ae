//! The keys by which numbers are found among very many: each number's spellings, and the stretches of a text where a
//! number could stand. Too many rather than too few: whether a number is named is for [`super::numbers_in`] to say.

use super::{Line, Shape};

/// The letters and digits of every way in which a number may be written.
pub fn spellings(number: &str) -> Vec<String> {
    let Some(full) = Shape::of(0, number) else { return Vec::new() };
    let shorter = [full.without_prefix(), full.without_zeros()];
    std::iter::once(full).chain(shorter.into_iter().flatten()).map(|shape| shape.glyphs.into_iter().collect()).collect()
}

/// A text of which many stretches are looked up.
pub struct Stretches {
    /// All letters and digits, in upper case.
    letters: String,
    glyphs: Vec<Place>,
}

struct Place {
    /// Where it begins in `letters`.
    at: usize,
    letter: char,
    /// Something stands before it, or nothing at all.
    is_apart: bool,
}

impl Stretches {
    pub fn of(text: &str) -> Stretches {
        let line = Line::of(text);
        let mut letters = String::with_capacity(text.len());
        let mut glyphs = Vec::with_capacity(line.glyphs.len());
        for (index, glyph) in line.glyphs.iter().enumerate() {
            let is_apart = index == 0 || !line.gap(index).is_empty();
            glyphs.push(Place { at: letters.len(), letter: glyph.letter, is_apart });
            letters.push(glyph.letter);
        }
        Stretches { letters, glyphs }
    }

    /// Every stretch of at most `longest` letters and digits that begins and ends where a number may, with a digit in it.
    pub fn each<'s>(&'s self, longest: usize) -> impl Iterator<Item = &'s str> + 's {
        let starts = (0..self.glyphs.len()).filter(|at| self.may_begin(*at));
        starts.flat_map(move |start| {
            let last = self.glyphs.len().min(start.saturating_add(longest));
            let ends = (start + 1..=last).filter(|end| self.may_end(*end));
            ends.filter_map(move |end| self.stretch(start, end))
                .filter(|found| found.bytes().any(|b| b.is_ascii_digit()))
        })
    }

    /// What "F2026-101, 109" may mean by 109: spellings that begin as `number` does and end as a group of the text.
    pub fn listed<'s>(&'s self, number: &str) -> impl Iterator<Item = String> + 's {
        let stem = number.trim_end_matches(|c: char| c.is_ascii_digit());
        let group = number.len() - stem.len();
        let stem: String = Line::of(stem).glyphs.iter().map(|glyph| glyph.letter).collect();
        // A number that ends in no digits begins no list.
        let starts = (1..self.glyphs.len()).filter(move |at| group > 0 && self.is_group(*at, group));
        starts.filter_map(move |at| Some(format!("{stem}{}", self.stretch(at, at + group)?)))
    }

    fn may_begin(&self, at: usize) -> bool {
        let after_letter = || at.checked_sub(1).is_some_and(|before| self.glyphs[before].letter.is_alphabetic());
        let glyph = &self.glyphs[at];
        glyph.is_apart || (glyph.letter.is_ascii_digit() && after_letter())
    }

    /// No letter or digit follows at once.
    fn may_end(&self, end: usize) -> bool {
        self.glyphs.get(end).is_none_or(|next| next.is_apart)
    }

    fn is_group(&self, at: usize, length: usize) -> bool {
        let stands = |index: usize| {
            self.glyphs.get(index).is_some_and(|g| g.letter.is_ascii_digit() && (g.is_apart == (index == at)))
        };
        (at..at + length).all(stands) && self.may_end(at + length)
    }

    fn stretch(&self, start: usize, end: usize) -> Option<&str> {
        let from = self.glyphs.get(start)?.at;
        let to = self.glyphs.get(end).map_or(self.letters.len(), |next| next.at);
        self.letters.get(from..to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_spellings_and_texts_have_stretches() {
        assert_eq!(spellings("F2026-0118"), ["F20260118", "20260118", "F2026118"]);
        assert_eq!(spellings("geen"), [""; 0]);
        let text = Stretches::of("fact2026-0412, 0413");
        let found: Vec<&str> = text.each(8).collect();
        for expected in ["20260412", "FACT2026", "0412", "04120413", "0413"] {
            assert!(found.contains(&expected), "{expected}: {found:?}");
        }
        assert!(!found.contains(&"FACT"), "no digit");
        assert_eq!(text.listed("2026-0999").collect::<Vec<_>>(), ["20260412", "20260413"]);
        assert_eq!(text.listed("A").count(), 0);
    }
}
