//! The position that an item of a list has in a form.
//!
//! awsQuery's are numbered from one without gaps, and each deviation has a sentence of its own, as AWS's
//! services were seen to answer. EC2's parser takes more: there gaps close.

/// How the positions of a form's lists are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Positions {
    /// As awsQuery does: a gap becomes items that are null, for the validator to refuse, and a large one is
    /// refused at once.
    Strict,
    /// In their order, and gaps close: ec2Query.
    Loose,
}

/// A position that awsQuery does not take. The sentences are AWS's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// Zero: lists begin with one.
    #[error("0 is not a valid index")]
    Zero,
    /// Below zero.
    #[error("Key {key} may not have a leading '-'")]
    Negative {
        /// As it was sent, cut at 40 characters.
        key: String,
    },
    /// With a zero in front.
    #[error("Value found where not expected")]
    LeadingZero,
    /// No number.
    #[error("Start of list found where not expected")]
    NotANumber,
    /// Beyond any list.
    #[error("Index {key} is illegal")]
    TooLarge {
        /// As it was sent, cut at 40 characters.
        key: String,
    },
    /// Too far behind the item before it.
    #[error("Excessively sparse input would skip {} list elements", grouped(*skipped))]
    Sparse {
        /// The difference to the position before.
        skipped: u32,
    },
}

/// AWS's, as it was found by trying: the largest position that is read.
const LARGEST: u32 = 214_748_369;

/// AWS's, likewise: the most that a position may be behind the one before.
const MOST_SKIPPED: u32 = 10;

/// The most of a position that an error repeats. Ours: the caller chooses how long it is.
const MOST_REPEATED: usize = 40;

/// Reads a strict position.
pub(super) fn read_position(key: &str) -> Result<u32, PositionError> {
    let shown = || key.chars().take(MOST_REPEATED).collect();
    if key == "0" {
        return Err(PositionError::Zero);
    }
    if key.starts_with('-') {
        return Err(PositionError::Negative { key: shown() });
    }
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PositionError::NotANumber);
    }
    if key.starts_with('0') {
        return Err(PositionError::LeadingZero);
    }
    let position = key.parse().ok().filter(|position| *position <= LARGEST);
    position.ok_or_else(|| PositionError::TooLarge { key: shown() })
}

/// How many items are missing between a position and the one before it; zero before the first.
pub(super) fn missing_items(before: u32, position: u32) -> Result<u32, PositionError> {
    let skipped = position.saturating_sub(before.max(1));
    if skipped > MOST_SKIPPED {
        return Err(PositionError::Sparse { skipped });
    }
    Ok(position.saturating_sub(before).saturating_sub(1))
}

/// A number with a comma before each three digits, as AWS writes it.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_a_number_from_one() {
        for (key, sentence) in [
            ("0", "0 is not a valid index"),
            ("-1", "Key -1 may not have a leading '-'"),
            ("01", "Value found where not expected"),
            ("one", "Start of list found where not expected"),
            ("", "Start of list found where not expected"),
            (" 1", "Start of list found where not expected"),
            ("999999999", "Index 999999999 is illegal"),
            ("99999999999999999999", "Index 99999999999999999999 is illegal"),
        ] {
            assert_eq!(read_position(key).unwrap_err().to_string(), sentence, "{key}");
        }
        assert_eq!(read_position("214748369"), Ok(LARGEST));
    }

    #[test]
    fn a_gap_is_small_or_refused() {
        for (before, position, missing) in
            [(0, 1, 0), (1, 2, 0), (1, 3, 1), (1, 11, 9), (0, 11, 10)]
        {
            assert_eq!(missing_items(before, position), Ok(missing));
        }
        for (before, position, skipped) in [(3, 14, "11"), (1, 1500, "1,499"), (0, 12, "11")] {
            let sentence = format!("Excessively sparse input would skip {skipped} list elements");
            let refused = missing_items(before, position).unwrap_err();
            assert_eq!(refused.to_string(), sentence);
        }
    }
}
