//! Patterns as sets of texts: whether two meet, and a text that some take and others do not.

use std::collections::{HashSet, VecDeque};

use crate::Context;
use crate::atom::{self, Atom, Wildcards};

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Run,
}

/// A pattern whose variables are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

/// The most states of one search. Ours: what people write needs some hundreds.
const MOST_STATES: usize = 20_000;

/// What stands for a `*` where anything will do.
const FILLING: &str = "example";

impl Pattern {
    /// Everything.
    pub(crate) fn any() -> Self {
        Self(vec![Piece::Run])
    }

    /// Reads a text of a policy. Nothing where a variable has no value: then it takes no text.
    pub(crate) fn read(
        text: &str,
        wildcards: Wildcards,
        variables: bool,
        environment: &Context,
    ) -> Option<Self> {
        Self::of(&atom::read(text, wildcards, variables), environment)
    }

    /// Reads a `Resource`, in each way in which it can be meant.
    pub(crate) fn resource<'c>(
        text: &str,
        variables: bool,
        environment: &'c Context,
    ) -> impl Iterator<Item = Self> + use<'c> {
        let ways: Vec<_> = atom::resource(text, variables).collect();
        ways.into_iter().filter_map(|atoms| Self::of(&atoms, environment))
    }

    fn of(atoms: &[Atom], environment: &Context) -> Option<Self> {
        let atoms = atom::fill(atoms, environment)?;
        let mut pieces = Vec::new();
        for atom in &atoms {
            match atom {
                Atom::Text(text) => pieces.extend(text.chars().map(Piece::Char)),
                Atom::One => pieces.push(Piece::One),
                Atom::Run if pieces.last() != Some(&Piece::Run) => pieces.push(Piece::Run),
                Atom::Run | Atom::Variable(_) | Atom::Never => {}
            }
        }
        Some(Self(pieces))
    }

    /// Whether the whole text fits.
    pub(crate) fn takes(&self, text: &str) -> bool {
        let mut places = self.start();
        for own in text.chars() {
            places = self.step(&places, own);
            if places.is_empty() {
                return false;
            }
        }
        self.is_end(&places)
    }

    /// Whether there is a text that both take.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        // Most differ before the first `*`.
        let fixed = |(a, b): &(&Piece, &Piece)| **a != Piece::Run && **b != Piece::Run;
        let differ =
            |(a, b): (&Piece, &Piece)| matches!((a, b), (Piece::Char(a), Piece::Char(b)) if a != b);
        if a.iter().zip(b).take_while(fixed).any(differ) {
            return false;
        }
        // `row[j]`: what is behind here of `a` meets what is behind `j` of `b`.
        let mut row = vec![false; b.len() + 1];
        for i in (0..=a.len()).rev() {
            let mut next = vec![false; b.len() + 1];
            for j in (0..=b.len()).rev() {
                let below = row.get(j).copied().unwrap_or(false);
                let right = next.get(j + 1).copied().unwrap_or(false);
                let across = row.get(j + 1).copied().unwrap_or(false);
                let meets = match (a.get(i), b.get(j)) {
                    (None, None) => true,
                    (Some(Piece::Run), Some(Piece::Run)) => below || right,
                    (Some(Piece::Run), None) => below,
                    (None, Some(Piece::Run)) => right,
                    (Some(Piece::Run), Some(_)) | (Some(_), Some(Piece::Run)) => below || right,
                    (Some(Piece::Char(a)), Some(Piece::Char(b))) => a == b && across,
                    (Some(_), Some(_)) => across,
                    _ => false,
                };
                if let Some(cell) = next.get_mut(j) {
                    *cell = meets;
                }
            }
            row = next;
        }
        row.first().copied().unwrap_or(false)
    }

    /// A text that it takes, with that in place of each `*`.
    pub(crate) fn filled(&self, run: &str) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Char(own) => text.push(*own),
                Piece::One => text.push('x'),
                Piece::Run => text.push_str(run),
            }
        }
        text
    }

    /// The places before any character; a place at a `*` is behind it as well.
    fn start(&self) -> Places {
        let mut places = Places::new();
        self.add(&mut places, 0);
        places
    }

    fn add(&self, places: &mut Places, place: u32) {
        if places.contains(&place) {
            return;
        }
        places.push(place);
        if self.at(place) == Some(Piece::Run) {
            self.add(places, place + 1);
        }
    }

    fn at(&self, place: u32) -> Option<Piece> {
        self.0.get(usize::try_from(place).ok()?).copied()
    }

    fn step(&self, places: &Places, own: char) -> Places {
        let mut next = Places::new();
        for place in places {
            match self.at(*place) {
                Some(Piece::Char(wanted)) if wanted == own => self.add(&mut next, place + 1),
                Some(Piece::One) => self.add(&mut next, place + 1),
                Some(Piece::Run) => self.add(&mut next, *place),
                _ => {}
            }
        }
        next.sort_unstable();
        next
    }

    fn is_end(&self, places: &Places) -> bool {
        places.iter().any(|place| usize::try_from(*place) == Ok(self.0.len()))
    }

    /// Whether it takes whatever follows.
    fn is_sure(&self, places: &Places) -> bool {
        let last = self.0.len().checked_sub(1).and_then(|last| u32::try_from(last).ok());
        self.0.last() == Some(&Piece::Run) && last.is_some_and(|last| places.contains(&last))
    }
}

type Places = Vec<u32>;

/// A text that all of these take and none of those. Nothing where there is none; an error where the
/// search had to be given up.
pub(crate) fn find(all: &[Pattern], none: &[Pattern]) -> Result<Option<String>, GivenUp> {
    let pairs =
        all.iter().enumerate().flat_map(|(at, a)| all.iter().skip(at + 1).map(move |b| (a, b)));
    for (a, b) in pairs {
        if !a.meets(b) {
            return Ok(None);
        }
    }
    let none: Vec<&Pattern> =
        none.iter().filter(|pattern| all.iter().all(|own| own.meets(pattern))).collect();
    let good = |text: &str| {
        all.iter().all(|pattern| pattern.takes(text)) && !none.iter().any(|p| p.takes(text))
    };
    // What a person would write comes first.
    let likely = all.iter().flat_map(|pattern| [pattern.filled(FILLING), pattern.filled("")]);
    if let Some(text) = likely.into_iter().find(|text| good(text)) {
        return Ok(Some(text));
    }
    let all: Vec<&Pattern> = all.iter().collect();
    Search { all: &all, none: &none }.run()
}

/// A search took more steps than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GivenUp;

/// All patterns are followed at once, the shortest texts first.
struct Search<'p> {
    all: &'p [&'p Pattern],
    none: &'p [&'p Pattern],
}

/// Where each pattern is after some text; those that must take it first.
type State = Vec<Places>;

/// A state, and the state and character that it came from.
struct Step {
    state: State,
    from: usize,
    own: char,
}

impl Search<'_> {
    fn run(&self) -> Result<Option<String>, GivenUp> {
        let start: State = self.patterns().map(Pattern::start).collect();
        let fresh = self.fresh();
        let mut seen = HashSet::from([start.clone()]);
        let mut steps = vec![Step { state: start, from: 0, own: fresh }];
        let mut queue = VecDeque::from([0]);
        while let Some(at) = queue.pop_front() {
            let Some(step) = steps.get(at) else { break };
            if self.is_found(&step.state) {
                return Ok(Some(text_of(&steps, at)));
            }
            let state = step.state.clone();
            for own in self.letters(&state, fresh) {
                let next: State =
                    self.patterns().zip(&state).map(|(p, s)| p.step(s, own)).collect();
                if self.is_dead(&next) || !seen.insert(next.clone()) {
                    continue;
                }
                if steps.len() >= MOST_STATES {
                    return Err(GivenUp);
                }
                queue.push_back(steps.len());
                steps.push(Step { state: next, from: at, own });
            }
        }
        Ok(None)
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.all.iter().chain(self.none).copied()
    }

    fn is_found(&self, state: &State) -> bool {
        let mut ends = self.patterns().zip(state).map(|(pattern, places)| pattern.is_end(places));
        let all = ends.by_ref().take(self.all.len()).all(|end| end);
        all && !ends.any(|end| end)
    }

    /// Whether nothing good can follow.
    fn is_dead(&self, state: &State) -> bool {
        let mut parts = self.patterns().zip(state);
        let lost = parts.by_ref().take(self.all.len()).any(|(_, places)| places.is_empty());
        lost || parts.any(|(pattern, places)| pattern.is_sure(places))
    }

    /// The characters that make a difference here: those that some pattern asks for, and one more.
    fn letters(&self, state: &State, fresh: char) -> Vec<char> {
        let mut letters = vec![fresh];
        for (pattern, places) in self.patterns().zip(state) {
            for place in places {
                if let Some(Piece::Char(own)) = pattern.at(*place)
                    && !letters.contains(&own)
                {
                    letters.push(own);
                }
            }
        }
        letters
    }

    /// A character that no pattern asks for.
    fn fresh(&self) -> char {
        let used: HashSet<char> = self
            .patterns()
            .flat_map(|pattern| &pattern.0)
            .filter_map(|piece| if let Piece::Char(own) = piece { Some(*own) } else { None })
            .collect();
        let free = ('a'..='z').rev().chain('0'..='9').chain('\u{a1}'..='\u{d7ff}');
        free.into_iter().find(|own| !used.contains(own)).unwrap_or('\u{e000}')
    }
}

fn text_of(steps: &[Step], mut at: usize) -> String {
    let mut text = Vec::new();
    while at != 0
        && let Some(step) = steps.get(at)
    {
        text.push(step.own);
        at = step.from;
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::read(text, Wildcards::Yes, false, &Context::new()).unwrap()
    }

    fn found(all: &[&str], none: &[&str]) -> Option<String> {
        let read = |list: &[&str]| list.iter().map(|text| pattern(text)).collect::<Vec<_>>();
        find(&read(all), &read(none)).unwrap()
    }

    #[test]
    fn patterns_meet_where_a_text_fits_both() {
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
            assert_eq!(pattern(a).meets(&pattern(b)), meet, "{a} {b}");
            assert_eq!(pattern(b).meets(&pattern(a)), meet, "{b} {a}");
        }
    }

    #[test]
    fn a_text_is_found_exactly_where_there_is_one() {
        for (all, none) in [
            (&["s3:*"][..], &["s3:get*"][..]),
            (&["s3:*"], &["s3:?*", "ec2:*"]),
            (&["*a*", "*b*"], &["a*", "b*"]),
            (&["s3:get*"], &["s3:getexample", "s3:get", "s3:get?"]),
            (&["a?"], &["aa", "ax"]),
        ] {
            let text = found(all, none).unwrap();
            assert!(all.iter().all(|p| pattern(p).takes(&text)), "{text}");
            assert!(!none.iter().any(|p| pattern(p).takes(&text)), "{text}");
        }
        for (all, none) in [
            (&["s3:get"][..], &["s3:*"][..]),
            (&["s3:*"], &["s3:", "s3:?*"]),
            (&["a*", "b*"], &[]),
            (&["a*"], &["*a*"]),
            (&["a?*"], &["a?", "a??*"]),
        ] {
            assert_eq!(found(all, none), None, "{all:?} {none:?}");
        }
    }
}
