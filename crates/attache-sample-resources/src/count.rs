//! How many resources there are: a number, or a word for one.

use std::fmt;
use std::str::FromStr;

/// Ours: what a name and an id have room for is far more; no company that we know of has it.
const MOST: usize = 1_000_000;

/// The words, and what they stand for.
const WORDS: [(&str, usize); 3] = [("small", 1_000), ("medium", 50_000), ("large", MOST)];

/// How many resources all accounts hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceCount(usize);

/// A text that is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected small (1,000), medium (50,000), large (1,000,000) or a number from 1 to 1000000")]
pub struct CountError;

impl ResourceCount {
    pub(crate) fn get(self) -> usize {
        self.0
    }
}

impl FromStr for ResourceCount {
    type Err = CountError;

    fn from_str(text: &str) -> Result<Self, CountError> {
        let word = WORDS.iter().find(|(word, _)| *word == text).map(|(_, number)| *number);
        let number = word.or_else(|| text.parse().ok()).ok_or(CountError)?;
        if (1..=MOST).contains(&number) { Ok(Self(number)) } else { Err(CountError) }
    }
}

impl fmt::Display for ResourceCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_a_word_or_a_number() {
        for (text, expected) in
            [("small", 1_000), ("medium", 50_000), ("large", 1_000_000), ("1", 1), ("77", 77)]
        {
            assert_eq!(text.parse(), Ok(ResourceCount(expected)), "{text}");
        }
        for text in ["", "0", "-1", "1000001", "huge", "1e3", "1,000"] {
            assert_eq!(text.parse::<ResourceCount>(), Err(CountError), "{text}");
        }
    }
}
