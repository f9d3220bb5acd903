//! One line of an excerpt: which of its characters are shown.

use std::ops::Range;

/// Ours: a line up to this many bytes is shown whole; of a longer one, what is around the places.
const WHOLE_LINE: usize = 120;
/// Ours: what is shown before a place in a long line, in bytes.
const BEFORE: usize = 32;
/// Ours: what is shown from the beginning of a place on, in bytes.
const AFTER: usize = 64;

/// A line of the source, and the pieces of it that are shown, in their order and apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The bytes of the line without its end.
    pub(crate) at: Range<usize>,
    pub(crate) pieces: Vec<Range<usize>>,
}

impl Line {
    /// A line around the positions that labels name.
    pub(crate) fn context(text: &str, at: Range<usize>) -> Self {
        let shown = if at.len() <= WHOLE_LINE {
            at.clone()
        } else {
            at.start..text.floor_char_boundary(at.start + BEFORE + AFTER)
        };
        Self { at, pieces: vec![shown] }
    }

    /// A line whose part around that place is shown.
    pub(crate) fn around(text: &str, at: Range<usize>, place: usize) -> Self {
        let mut line = Self { at, pieces: Vec::new() };
        line.show(text, place);
        line
    }

    /// Shows what is around one place more.
    pub(crate) fn show(&mut self, text: &str, place: usize) {
        if self.at.len() <= WHOLE_LINE {
            self.pieces = vec![self.at.clone()];
            return;
        }
        let start = text.floor_char_boundary(place.saturating_sub(BEFORE)).max(self.at.start);
        let end = text.floor_char_boundary(place.saturating_add(AFTER)).clamp(start, self.at.end);
        self.pieces.push(start..end);
        self.pieces.sort_by_key(|piece| piece.start);
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces.drain(..) {
            match apart.last_mut() {
                Some(last) if piece.start <= last.end => last.end = last.end.max(piece.end),
                _ => apart.push(piece),
            }
        }
        self.pieces = apart;
    }
}

/// The bytes of the line that a place is in, without its end.
pub(crate) fn line_at(text: &str, place: usize) -> Range<usize> {
    let before = text.get(..place).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find('\n').map_or(text.len(), |length| start + length);
    let line = text.get(start..end).unwrap_or_default();
    start..end - usize::from(line.ends_with('\r'))
}
