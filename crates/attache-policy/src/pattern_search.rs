//! A text that some patterns match and others do not.

use std::collections::{HashSet, VecDeque};

use crate::pattern::{Pattern, Piece};

/// The most states of one search. Ours: what people write needs some hundreds.
const MOST_STATES: usize = 20_000;

/// What replaces a `*` where any text will do.
const FILLING: &str = "example";

/// Positions between pieces; one at a `*` is after it as well.
type Positions = Vec<u32>;

impl Pattern {
    /// The positions before any character; one at a `*` is after it as well.
    fn start(&self) -> Positions {
        let mut places = Positions::new();
        self.add(&mut places, 0);
        places
    }

    fn add(&self, places: &mut Positions, place: u32) {
        if places.contains(&place) {
            return;
        }
        places.push(place);
        if self.at(place) == Some(Piece::AnyRun) {
            self.add(places, place + 1);
        }
    }

    fn at(&self, place: u32) -> Option<Piece> {
        self.pieces().get(usize::try_from(place).ok()?).copied()
    }

    fn step(&self, places: &Positions, own: char) -> Positions {
        let mut next = Positions::new();
        for place in places {
            match self.at(*place) {
                Some(Piece::Char(wanted)) if wanted == own => self.add(&mut next, place + 1),
                Some(Piece::AnyChar) => self.add(&mut next, place + 1),
                Some(Piece::AnyRun) => self.add(&mut next, *place),
                _ => {}
            }
        }
        next.sort_unstable();
        next
    }

    fn is_end(&self, places: &Positions) -> bool {
        places.iter().any(|place| usize::try_from(*place) == Ok(self.pieces().len()))
    }

    /// Whether it takes whatever follows.
    fn accepts_any_suffix(&self, places: &Positions) -> bool {
        let last = self.pieces().len().checked_sub(1).and_then(|last| u32::try_from(last).ok());
        self.pieces().last() == Some(&Piece::AnyRun)
            && last.is_some_and(|last| places.contains(&last))
    }
}

/// A text that all of these take and none of those. Nothing where there is none; an error where the
/// search had to be given up.
pub(crate) fn find(
    all: &[Pattern],
    none: &[Pattern],
) -> Result<Option<String>, SearchLimitReached> {
    let pairs =
        all.iter().enumerate().flat_map(|(at, a)| all.iter().skip(at + 1).map(move |b| (a, b)));
    for (a, b) in pairs {
        if !a.intersects(b) {
            return Ok(None);
        }
    }
    let none: Vec<&Pattern> =
        none.iter().filter(|pattern| all.iter().all(|own| own.intersects(pattern))).collect();
    let good = |text: &str| {
        all.iter().all(|pattern| pattern.matches(text)) && !none.iter().any(|p| p.matches(text))
    };
    // What a person would write comes first.
    let likely = all.iter().flat_map(|pattern| [pattern.example(FILLING), pattern.example("")]);
    if let Some(text) = likely.into_iter().find(|text| good(text)) {
        return Ok(Some(text));
    }
    let all: Vec<&Pattern> = all.iter().collect();
    Search { all: &all, none: &none }.run()
}

/// A search took more steps than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SearchLimitReached;

/// All patterns are followed at once, the shortest texts first.
struct Search<'p> {
    all: &'p [&'p Pattern],
    none: &'p [&'p Pattern],
}

/// Where each pattern is after some text; those that must take it first.
type State = Vec<Positions>;

/// A state, and the state and character that it came from.
struct Step {
    state: State,
    from: usize,
    own: char,
}

impl Search<'_> {
    fn run(&self) -> Result<Option<String>, SearchLimitReached> {
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
                    return Err(SearchLimitReached);
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
        lost || parts.any(|(pattern, places)| pattern.accepts_any_suffix(places))
    }

    /// The characters that make a difference: those that some pattern names, and one more.
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

    /// A character that no pattern names.
    fn fresh(&self) -> char {
        let used: HashSet<char> = self
            .patterns()
            .flat_map(Pattern::pieces)
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
        Pattern::new(text)
    }

    fn found(all: &[&str], none: &[&str]) -> Option<String> {
        let read = |list: &[&str]| list.iter().map(|text| pattern(text)).collect::<Vec<_>>();
        find(&read(all), &read(none)).unwrap()
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
            assert!(all.iter().all(|p| pattern(p).matches(&text)), "{text}");
            assert!(!none.iter().any(|p| pattern(p).matches(&text)), "{text}");
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
