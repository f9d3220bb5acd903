//! Durations as people write them: `40ms`, `90s`, `15m`, `1h30m`, `7d`.

use std::time::Duration;

/// The units, in milliseconds. `ms` stands before `m`, which it begins with.
const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// It is not of the form.
    #[error("expected a duration such as 40ms, 90s, 15m, 1h30m or 7d")]
    Form,
    /// It is longer than can be counted.
    #[error("expected a shorter duration")]
    TooLong,
}

/// Reads a duration; a bare number is seconds.
///
/// # Errors
/// [`DurationError`], also for a duration of nothing.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| DurationError::Form)?;
        let unit =
            UNITS.iter().find_map(|(unit, size)| tail.strip_prefix(unit).map(|tail| (*size, tail)));
        let bare = tail.is_empty() && rest.len() == text.len();
        let (unit, tail) = unit.or(bare.then_some((1000, tail))).ok_or(DurationError::Form)?;
        let sum = number.checked_mul(unit).and_then(|ms| total.checked_add(ms));
        total = sum.ok_or(DurationError::TooLong)?;
        rest = tail;
    }
    if total == 0 { Err(DurationError::Form) } else { Ok(Duration::from_millis(total)) }
}

/// A duration as [`parse_duration`] reads it, without what is less than a millisecond.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, size) in UNITS.iter().rev() {
        if rest >= *size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_and_written_alike() {
        for (text, ms, written) in [
            ("40ms", 40, "40ms"),
            ("90s", 90_000, "1m30s"),
            ("90", 90_000, "1m30s"),
            ("15m", 900_000, "15m"),
            ("1h30m", 5_400_000, "1h30m"),
            ("7d", 604_800_000, "7d"),
            ("1m500ms", 60_500, "1m500ms"),
        ] {
            let read = parse_duration(text).unwrap();
            assert_eq!(read, Duration::from_millis(ms), "{text}");
            assert_eq!(format_duration(read), written);
        }
        for text in ["", "h", "1.5h", "-1h", "1 h", "1h5", "1y", "0s", "0ms", "é", "1M"] {
            assert_eq!(parse_duration(text), Err(DurationError::Form), "{text}");
        }
        assert_eq!(parse_duration("999999999999999d"), Err(DurationError::TooLong));
    }
}
