//! Patterns with `*` and `?` as sets of texts: what they match, and whether two have a text in common.

use crate::Context;
use crate::segment::{self, Segment, Wildcards};

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    Char(char),
    /// `?`.
    AnyChar,
    /// `*`.
    AnyRun,
}

/// A pattern as policies write them: `*` is any run of characters, `?` any one.
///
/// ```
/// use attache_policy::Pattern;
/// let pods = Pattern::new("system:serviceaccount:payments:*");
/// assert!(pods.matches("system:serviceaccount:payments:api"));
/// assert!(pods.intersects(&Pattern::new("*:api")));
/// assert_eq!(pods.example("api"), "system:serviceaccount:payments:api");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a text in which `${…}` is itself.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::of(&segment::read(text, Wildcards::Yes, false))
    }

    /// Reads a text and fills its variables in. Nothing where one has no value: then it matches no
    /// text.
    #[must_use]
    pub fn substitute(text: &str, known: &Context) -> Option<Self> {
        Self::read(text, Wildcards::Yes, true, known)
    }

    /// Whether a text has a wildcard in it.
    #[must_use]
    pub fn has_wildcards(text: &str) -> bool {
        text.contains(['*', '?'])
    }

    /// Everything.
    pub(crate) fn any() -> Self {
        Self(vec![Piece::AnyRun])
    }

    /// Reads a text of a policy. Nothing where a variable has no value: then it matches no text.
    pub(crate) fn read(
        text: &str,
        wildcards: Wildcards,
        variables: bool,
        environment: &Context,
    ) -> Option<Self> {
        let segments = segment::read(text, wildcards, variables);
        segment::fill(&segments, environment).map(|segments| Self::of(&segments))
    }

    /// Reads a `Resource`, in each way in which it can be meant.
    pub(crate) fn resource<'c>(
        text: &str,
        variables: bool,
        environment: &'c Context,
    ) -> impl Iterator<Item = Self> + use<'c> {
        let ways: Vec<_> = segment::resource(text, variables).collect();
        let filled = ways.into_iter().filter_map(|segments| segment::fill(&segments, environment));
        filled.map(|segments| Self::of(&segments))
    }

    /// Of segments whose variables are filled in.
    fn of(segments: &[Segment]) -> Self {
        let mut pieces = Vec::new();
        for segment in segments {
            match segment {
                Segment::Text(text) => pieces.extend(text.chars().map(Piece::Char)),
                Segment::AnyChar => pieces.push(Piece::AnyChar),
                Segment::AnyRun if pieces.last() != Some(&Piece::AnyRun) => {
                    pieces.push(Piece::AnyRun);
                }
                Segment::AnyRun | Segment::Variable(_) | Segment::NoMatch => {}
            }
        }
        Self(pieces)
    }

    /// Its pieces, no two `*` beside each other.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether the whole text matches. After a `*` the shortest run is tried first; where that fails, the
    /// last `*` takes one character more, for what an earlier one could take, the last one can too:
    /// `*a*a*a*b` cannot explode.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (mut pieces, mut rest) = (self.0.as_slice(), text.chars());
        let mut last_run = None;
        loop {
            let mut ahead = rest.clone();
            match (pieces.split_first(), ahead.next()) {
                (None, None) => return true,
                (Some((Piece::AnyRun, [])), _) => return true,
                (Some((Piece::AnyRun, after)), _) => {
                    last_run = Some((after, rest.clone()));
                    pieces = after;
                }
                (Some((piece, after)), Some(own))
                    if *piece == Piece::AnyChar || *piece == Piece::Char(own) =>
                {
                    (pieces, rest) = (after, ahead);
                }
                _ => {
                    let Some((after, from)) = &mut last_run else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    (pieces, rest) = (*after, from.clone());
                }
            }
        }
    }

    /// Whether some text matches both.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        // Most differ before the first `*`.
        let fixed = |(a, b): &(&Piece, &Piece)| **a != Piece::AnyRun && **b != Piece::AnyRun;
        let differ =
            |(a, b): (&Piece, &Piece)| matches!((a, b), (Piece::Char(a), Piece::Char(b)) if a != b);
        if a.iter().zip(b).take_while(fixed).any(differ) {
            return false;
        }
        // `row[j]`: the rest of `a` intersects the rest of `b` from `j` on.
        let mut row = vec![false; b.len() + 1];
        for i in (0..=a.len()).rev() {
            let mut next = vec![false; b.len() + 1];
            for j in (0..=b.len()).rev() {
                let below = row.get(j).copied().unwrap_or(false);
                let right = next.get(j + 1).copied().unwrap_or(false);
                let across = row.get(j + 1).copied().unwrap_or(false);
                let meet = match (a.get(i), b.get(j)) {
                    (None, None) => true,
                    (Some(Piece::AnyRun), Some(Piece::AnyRun)) => below || right,
                    (Some(Piece::AnyRun), None) => below,
                    (None, Some(Piece::AnyRun)) => right,
                    (Some(Piece::AnyRun), Some(_)) | (Some(_), Some(Piece::AnyRun)) => {
                        below || right
                    }
                    (Some(Piece::Char(a)), Some(Piece::Char(b))) => a == b && across,
                    (Some(_), Some(_)) => across,
                    _ => false,
                };
                if let Some(cell) = next.get_mut(j) {
                    *cell = meet;
                }
            }
            row = next;
        }
        row.first().copied().unwrap_or(false)
    }

    /// A text that matches both. Where looking for one takes too long, a text that matches this one.
    #[must_use]
    pub fn common_example(&self, other: &Self) -> Option<String> {
        let found = crate::pattern_search::find(&[self.clone(), other.clone()], &[]);
        found.unwrap_or_else(|_| Some(self.example("example")))
    }

    /// A text that matches it, with `run` in place of each `*`.
    #[must_use]
    pub fn example(&self, run: &str) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Char(own) => text.push(*own),
                Piece::AnyChar => text.push('x'),
                Piece::AnyRun => text.push_str(run),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_patterns() {
        for (pattern, text, wanted) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "ab", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("arn:*:role/ci-?", "arn:aws:iam::1:role/ci-x", true),
            ("a?", "a", false),
            ("?", "é", true),
            ("*?b", "b", false),
            ("*ab", "aab", true),
            ("*a?", "aaab", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), wanted, "{pattern} {text}");
        }
        let many = Pattern::new(&"*a".repeat(3000));
        assert!(!many.matches(&"a".repeat(2999)));
        assert!(many.matches(&"a".repeat(3000)));
    }

    #[test]
    fn patterns_intersect_where_a_text_fits_both() {
        for (a, b, meet) in [
            ("s3:*", "*:get", true),
            ("s3:*", "ec2:*", false),
            ("a?c", "ab*", true),
            ("a", "a*", true),
            ("a*b", "b*a", false),
            ("", "*", true),
            ("", "?", false),
            ("*a*", "*b*", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(Pattern::new(a).intersects(&Pattern::new(b)), meet, "{a} {b}");
            assert_eq!(Pattern::new(b).intersects(&Pattern::new(a)), meet, "{b} {a}");
        }
    }
}
