//! Which statements can apply to an action, without looking at those that cannot.
//!
//! Every pattern of an `Action` begins with some text. These beginnings are kept in order; each
//! knows the longest other one that it begins with itself. So one binary search and a walk along
//! these parents visit exactly the patterns whose beginning the action has: a policy with 1,500
//! patterns costs little more than one with 15.

use crate::Context;
use crate::glob::Beyond;
use crate::rule::Rule;

/// A statement of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) policy: u32,
    pub(crate) statement: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    /// In the order of their text.
    beginnings: Vec<Beginning>,
    /// The head of each: beside one another they are searched without a look at the texts.
    heads: Vec<u64>,
    /// Every beginning's patterns, together.
    patterns: Vec<Pattern>,
    /// Statements with `NotAction`, which can apply to any.
    negated: Vec<At>,
}

#[derive(Debug)]
struct Beginning {
    text: Box<str>,
    /// The longest other beginning that this one begins with.
    parent: Option<u32>,
    patterns: std::ops::Range<usize>,
}

#[derive(Debug)]
struct Pattern {
    at: At,
    /// Its place among the statement's actions.
    action: u32,
    beyond: Beyond,
}

impl Index {
    pub(crate) fn new<'r>(rules: impl Iterator<Item = (At, &'r Rule)>) -> Self {
        let mut index = Self::default();
        let mut patterns: Vec<(&str, Pattern)> = Vec::new();
        for (at, rule) in rules {
            if rule.actions.negated {
                index.negated.push(at);
                continue;
            }
            for (action, glob) in (0..).zip(&rule.actions.list) {
                let beyond = glob.beyond_prefix();
                patterns.push((glob.prefix(), Pattern { at, action, beyond }));
            }
        }
        patterns.sort_by_key(|(text, _)| *text);
        for (text, pattern) in patterns {
            index.push(text, pattern);
        }
        index
    }

    fn push(&mut self, text: &str, pattern: Pattern) {
        let at = self.patterns.len();
        self.patterns.push(pattern);
        if let Some(last) = self.beginnings.last_mut()
            && *last.text == *text
        {
            last.patterns.end = at + 1;
            return;
        }
        // What `text` begins with is the beginning before it, or one of its ancestors.
        let before = self.beginnings.len().checked_sub(1);
        let mut parent = before.and_then(|before| u32::try_from(before).ok());
        while let Some(beginning) = self.beginning(parent)
            && !text.starts_with(&*beginning.text)
        {
            parent = beginning.parent;
        }
        self.beginnings.push(Beginning { text: text.into(), parent, patterns: at..at + 1 });
        self.heads.push(head(text));
    }

    fn beginning(&self, at: Option<u32>) -> Option<&Beginning> {
        self.beginnings.get(usize::try_from(at?).ok()?)
    }

    /// A beginning of which this holds: if any beginning is the action's, it is this one or one of
    /// its ancestors.
    fn nearest(&self, action: &str) -> Option<u32> {
        let wanted = head(action);
        let start = self.heads.partition_point(|head| *head < wanted);
        let same = self.heads.get(start..)?.partition_point(|head| *head == wanted);
        // One alone with this head need not be compared: what the action may have for a beginning
        // besides is shorter than the head, and then an ancestor of this one.
        let after = match same {
            0 | 1 => start + same,
            _ => {
                let beginnings = self.beginnings.get(start..start + same)?;
                start
                    + with_lower(action, |lower| beginnings.partition_point(|b| *b.text <= *lower))
            }
        };
        u32::try_from(after.checked_sub(1)?).ok()
    }

    /// Visits the statements whose actions take in this one. A statement comes once for each of its
    /// patterns that does.
    pub(crate) fn visit<'r>(
        &self,
        action: &str,
        rule: impl Fn(At) -> Option<&'r Rule>,
        mut each: impl FnMut(At, &'r Rule),
    ) {
        let mut next = self.nearest(action);
        while let Some(beginning) = self.beginning(next) {
            next = beginning.parent;
            if !begins(action, &beginning.text) {
                continue;
            }
            let whole = action.len() == beginning.text.len();
            for pattern in self.patterns.get(beginning.patterns.clone()).unwrap_or_default() {
                let Some(rule) = rule(pattern.at) else { continue };
                let takes = match pattern.beyond {
                    Beyond::Nothing => whole,
                    Beyond::Anything => true,
                    Beyond::More => takes(rule, pattern.action, action),
                };
                if takes {
                    each(pattern.at, rule);
                }
            }
        }
        for at in &self.negated {
            let Some(rule) = rule(*at) else { continue };
            if with_lower(action, |lower| rule.actions.take(lower, &NO_KEYS)) {
                each(*at, rule);
            }
        }
    }
}

/// Bytes that are looked at together.
const WORD: usize = 8;

/// The first eight bytes in lower case as a number, which sorts as the text does.
fn head(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let head = bytes.first_chunk::<WORD>().copied().unwrap_or_else(|| {
        let mut short = [0; WORD];
        for (to, from) in short.iter_mut().zip(bytes) {
            *to = *from;
        }
        short
    });
    lower(u64::from_be_bytes(head))
}

/// Eight bytes with their ASCII capitals made small, all at once.
fn lower(word: u64) -> u64 {
    /// The byte in each of the eight places.
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; WORD])
    }
    // Without their highest bits no sum spills into the next byte; there it says which are large.
    let low = word & each(0x7f);
    let from_a = low + each(0x80 - b'A');
    let beyond_z = low + each(0x7f - b'Z');
    let capitals = from_a & !beyond_z & !word & each(0x80);
    // A small letter is its capital and 0x20.
    word | (capitals >> 2)
}

/// Whether an action begins with a text, which is in lower case.
fn begins(action: &str, text: &str) -> bool {
    let text = text.as_bytes();
    let Some(action) = action.as_bytes().get(..text.len()) else { return false };
    let same = |own: &[u8; WORD], wanted: &[u8; WORD]| {
        lower(u64::from_ne_bytes(*own)) == u64::from_ne_bytes(*wanted)
    };
    let (words, _) = text.as_chunks::<WORD>();
    let (own, _) = action.as_chunks::<WORD>();
    // What is left over is looked at with some of what was before it.
    match (action.last_chunk(), text.last_chunk()) {
        (Some(last), Some(wanted)) => {
            same(last, wanted) && own.iter().zip(words).all(|(own, wanted)| same(own, wanted))
        }
        _ => action.eq_ignore_ascii_case(text),
    }
}

/// Ours: few actions of AWS are longer. Those are looked at all the same, at the price of an
/// allocation.
const USUAL_ACTION: usize = 64;

/// Actions compare without case.
fn with_lower<T>(action: &str, then: impl FnOnce(&str) -> T) -> T {
    let mut buffer = [0; USUAL_ACTION];
    if let Some(copy) = buffer.get_mut(..action.len()) {
        // In one pass: to copy and then change waits for the copy.
        for (to, from) in copy.iter_mut().zip(action.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        if let Ok(lower) = std::str::from_utf8(copy) {
            return then(lower);
        }
    }
    then(&action.to_ascii_lowercase())
}

/// Actions have no variables.
static NO_KEYS: Context = Context::none();

fn takes(rule: &Rule, at: u32, action: &str) -> bool {
    let glob = usize::try_from(at).ok().and_then(|at| rule.actions.list.get(at));
    glob.is_some_and(|glob| with_lower(action, |lower| glob.fits(lower, &NO_KEYS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_lowered_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for other in [0, b'A', b'z', 0x7f, 0x80, 0xff] {
                let word = [byte, other, byte, other, b'Z', byte, b'[', byte];
                let wanted = u64::from_be_bytes(word.map(|byte| byte.to_ascii_lowercase()));
                assert_eq!(lower(u64::from_be_bytes(word)), wanted, "{word:?}");
            }
        }
    }

    #[test]
    fn an_action_begins_with_a_text_without_case() {
        for (action, text, wanted) in [
            ("ec2:DescribeInstances", "", true),
            ("ec2:DescribeInstances", "ec2:d", true),
            ("EC2:describeinstances", "ec2:describe", true),
            ("ec2:DescribeInstances", "ec2:describeinstances", true),
            ("ec2:DescribeInstances", "ec2:describeinstancest", false),
            ("ec2:DescribeInstances", "ec2:describei_", false),
            ("s3:Get", "s3:get", true),
            ("s3:G\u{c9}t", "s3:g\u{e9}", false),
            ("s3:G\u{e9}t", "s3:g\u{e9}", true),
        ] {
            assert_eq!(begins(action, text), wanted, "{action} {text}");
        }
    }
}
