//! An index of the prefixes of actions: a search that compares sixteen bytes at once.
//!
//! The prefixes are sorted, in lower case, each once. A prefix itself is compared only where its key,
//! its first sixteen bytes, is the action's.

use std::ops::Range;

/// The prefixes, by their first sixteen bytes.
#[derive(Debug, Default)]
pub(crate) struct PrefixIndex {
    /// The first sixteen bytes of each prefix, in their order.
    keys: Vec<u128>,
    /// The first position of each pair of first letters, if there are many prefixes.
    buckets: Box<[u32]>,
}

/// The prefixes for which buckets are worth their memory. Ours: fewer are searched in as few steps.
const MANY: usize = 64;

/// The prefixes that are compared one after the other. Ours: for so few a search is not quicker.
const FEW: usize = 8;

/// A prefix that was found, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) at: usize,
    /// Whether the action is known to begin with it.
    pub(crate) is_prefix: bool,
}

impl PrefixIndex {
    /// Adds a prefix, which sorts after all others.
    pub(crate) fn push(&mut self, text: &str) {
        self.keys.push(key(text));
    }

    /// Builds the buckets, once all prefixes are added.
    pub(crate) fn finish(&mut self) {
        if self.keys.len() < MANY {
            return;
        }
        let first = |letters| self.keys.partition_point(|key| self::letters(*key) < letters);
        self.buckets = (0..=LETTERS).filter_map(|at| u32::try_from(first(at)).ok()).collect();
    }

    /// The candidate of which this holds: if the action begins with any of the prefixes, it begins
    /// with this one or with one that this one begins with.
    pub(crate) fn nearest<'t>(
        &self,
        action: &str,
        text: impl Fn(usize) -> Option<&'t str>,
    ) -> Option<Candidate> {
        let key = key(action);
        let alike = equal(&self.keys, self.between(key), key);
        if alike.len() > FEW {
            let at = last_before(action, alike, text)?;
            return Some(Candidate { at, is_prefix: false });
        }
        // Those that the action begins with are the longer the later they come. Any other is shorter
        // than a key, so that the first with this key begins with it; or, where none has this key,
        // the one before its place does.
        let begins = |at: &usize| text(*at).is_some_and(|text| begins(action, text));
        match alike.clone().rev().find(begins) {
            Some(at) => Some(Candidate { at, is_prefix: true }),
            None => {
                let before = usize::from(alike.is_empty());
                Some(Candidate { at: alike.start.checked_sub(before)?, is_prefix: false })
            }
        }
    }

    /// The positions at which the key of an action can be.
    fn between(&self, key: u128) -> Range<usize> {
        if self.buckets.is_empty() {
            return 0..self.keys.len();
        }
        let letters = letters(key);
        let place = |at: usize| self.buckets.get(at).and_then(|at| usize::try_from(*at).ok());
        place(letters).unwrap_or(0)..place(letters + 1).unwrap_or(self.keys.len())
    }
}

/// The positions of a key; where it is missing, the empty range at which it would be.
fn equal(keys: &[u128], among: Range<usize>, key: u128) -> Range<usize> {
    let keys = keys.get(among.clone()).unwrap_or_default();
    let before = keys.partition_point(|own| *own < key);
    // Most often there is one or none: comparing is quicker than searching.
    let rest = keys.get(before..).unwrap_or_default();
    let count = rest.iter().take(FEW + 1).take_while(|own| **own == key).count();
    let count = if count > FEW { rest.partition_point(|own| *own == key) } else { count };
    among.start + before..among.start + before + count
}

/// The last of all texts up to the action, given that it is among these or the one before them.
fn last_before<'t>(
    action: &str,
    among: Range<usize>,
    text: impl Fn(usize) -> Option<&'t str>,
) -> Option<usize> {
    with_lower(action, |lower| {
        let (mut from, mut to) = (among.start, among.end);
        while from < to {
            let middle = usize::midpoint(from, to);
            if text(middle).is_some_and(|text| text <= lower) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from.checked_sub(1)
    })
}

/// Two letters, and whatever is before `a` or after `z` in place of one.
const LETTERS: usize = 28 * 28;

/// The first two bytes of a key as a number, which sorts as they do.
fn letters(key: u128) -> usize {
    let [first, second, ..] = key.to_be_bytes();
    let place = |byte: u8| usize::from(byte.clamp(b'a' - 1, b'z' + 1) - (b'a' - 1));
    place(first) * 28 + place(second)
}

/// Bytes that are compared together.
const WORD: usize = 8;

/// The first sixteen bytes in lower case as a number, which sorts as the text does.
fn key(text: &str) -> u128 {
    let bytes = text.as_bytes();
    let next = bytes.get(WORD..).unwrap_or_default();
    u128::from(word(bytes)) << u64::BITS | u128::from(word(next))
}

/// The first eight of them.
fn word(bytes: &[u8]) -> u64 {
    let word = bytes.first_chunk::<WORD>().copied().unwrap_or_else(|| {
        let mut short = [0; WORD];
        for (to, from) in short.iter_mut().zip(bytes) {
            *to = *from;
        }
        short
    });
    lower(u64::from_be_bytes(word))
}

/// Eight bytes with their ASCII capitals made small, all at once.
fn lower(word: u64) -> u64 {
    /// The byte in each of the eight index.
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
pub(crate) fn begins(action: &str, text: &str) -> bool {
    let text = text.as_bytes();
    let Some(action) = action.as_bytes().get(..text.len()) else { return false };
    let same = |own: &[u8; WORD], wanted: &[u8; WORD]| {
        lower(u64::from_ne_bytes(*own)) == u64::from_ne_bytes(*wanted)
    };
    let (words, _) = text.as_chunks::<WORD>();
    let (own, _) = action.as_chunks::<WORD>();
    // The rest is compared together with some bytes before it.
    match (action.last_chunk(), text.last_chunk()) {
        (Some(last), Some(wanted)) => {
            same(last, wanted) && own.iter().zip(words).all(|(own, wanted)| same(own, wanted))
        }
        _ => action.eq_ignore_ascii_case(text),
    }
}

/// Ours: few actions of AWS are longer. Those cost an allocation.
const USUAL_ACTION: usize = 64;

/// Actions compare without case.
pub(crate) fn with_lower<T>(action: &str, then: impl FnOnce(&str) -> T) -> T {
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

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
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

    /// The obvious way: of all texts that the action begins with, the longest.
    fn longest(texts: &[String], action: &str) -> Option<usize> {
        let is_prefix = (0..texts.len()).filter(|at| action.starts_with(&*texts[*at]));
        is_prefix.max_by_key(|at| texts[*at].len())
    }

    #[test]
    fn the_nearest_is_the_longest_or_begins_with_it() {
        let mut texts: Vec<String> = vec![String::new(), "s".into(), "s3:get".into(), "zz".into()];
        for service in ["a", "ec2", "dynamodb", "elasticloadbalancing", "s3"] {
            for verb in ["d", "describe", "describes", "get", "list", "put", "x_"] {
                texts.push(format!("{service}:{verb}"));
                for thing in 0..20 {
                    texts.push(format!("{service}:{verb}thing{thing}"));
                }
            }
        }
        texts.sort_unstable();
        texts.dedup();
        for step in [1, 2, 5, 40, 300] {
            let some: Vec<String> = texts.iter().step_by(step).cloned().collect();
            let mut index = PrefixIndex::default();
            some.iter().for_each(|text| index.push(text));
            index.finish();
            let more =
                texts.iter().flat_map(|t| [format!("{t}a"), format!("{t}1z"), format!("{t}~")]);
            for action in texts.iter().cloned().chain(more) {
                let wanted = longest(&some, &action);
                let capital = action.to_ascii_uppercase();
                let got = index.nearest(&capital, |at| some.get(at).map(String::as_str));
                if let Some(got) = got {
                    let begins = action.starts_with(&*some[got.at]);
                    assert!(
                        begins || !got.is_prefix,
                        "{action} does not begin with {}",
                        some[got.at]
                    );
                    assert!(wanted.is_some() || !begins, "{action} begins with nothing");
                }
                if let Some(wanted) = wanted {
                    let got = &some[got.expect("there is one").at];
                    assert!(
                        got.starts_with(&*some[wanted]),
                        "{action}: {got}, not {}",
                        some[wanted]
                    );
                }
            }
        }
    }
}
