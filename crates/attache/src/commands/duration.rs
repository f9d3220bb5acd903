//! Durations as people write them: `90s`, `15m`, `1h`, `1h30m`, `7d`.

use attache_identifiers::{DurationError, parse_duration};
use time::Duration;

use super::arguments::ArgumentError;

/// Reads a duration of whole seconds; a bare number is seconds.
pub(super) fn parse(text: &str) -> Result<Duration, ArgumentError> {
    const FORM: ArgumentError = ArgumentError::Form("a duration such as 90s, 15m, 1h, 1h30m or 7d");
    const LONG: ArgumentError = ArgumentError::Form("a shorter duration");
    let duration = match parse_duration(text) {
        Ok(duration) if duration.subsec_millis() == 0 => duration,
        Ok(_) | Err(DurationError::Form) => return Err(FORM),
        Err(DurationError::TooLong) => return Err(LONG),
    };
    i64::try_from(duration.as_secs()).map(Duration::seconds).map_err(|_| LONG)
}

/// A duration in its largest two units: `47 min`, `1 h 5 min`, `3 d`.
pub(super) fn show(duration: Duration) -> String {
    let seconds = duration.whole_seconds().unsigned_abs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if shown.is_empty() { "0 s".to_owned() } else { shown.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read() {
        for (text, seconds) in
            [("90s", 90), ("90", 90), ("15m", 900), ("1h", 3600), ("1h30m", 5400), ("7d", 604_800)]
        {
            assert_eq!(parse(text).unwrap(), Duration::seconds(seconds), "{text}");
        }
        for text in
            ["", "h", "1", "1.5h", "-1h", "1 h", "1h5", "1y", "0s", "40ms", "é", "999999999999999d"]
        {
            assert_eq!(parse(text).is_ok(), text == "1", "{text}");
        }
    }

    #[test]
    fn a_duration_is_shown() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (2820, "47 min"), (3900, "1 h 5 min"), (259_200, "3 d")]
        {
            assert_eq!(show(Duration::seconds(seconds)), text);
        }
    }
}
