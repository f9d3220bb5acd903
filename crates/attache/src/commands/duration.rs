//! Durations as people write them: `90s`, `15m`, `1h`, `1h30m`, `7d`.

use time::Duration;

use super::arguments::ArgumentError;

const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];

/// Reads a duration; a bare number is seconds.
pub(super) fn parse(text: &str) -> Result<Duration, ArgumentError> {
    let wrong = || ArgumentError::Form("a duration such as 90s, 15m, 1h, 1h30m or 7d");
    let mut total = 0_i64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let number: i64 = number.parse().map_err(|_| wrong())?;
        let unit = UNITS
            .iter()
            .find_map(|(unit, seconds)| tail.strip_prefix(*unit).map(|tail| (*seconds, tail)));
        let bare = tail.is_empty() && rest.len() == text.len();
        let (unit, tail) = unit.or(bare.then_some((1, tail))).ok_or_else(wrong)?;
        let seconds = number.checked_mul(unit).and_then(|s| total.checked_add(s));
        total = seconds.ok_or(ArgumentError::Form("a shorter duration"))?;
        rest = tail;
    }
    if total == 0 {
        return Err(wrong());
    }
    Ok(Duration::seconds(total))
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
        for text in ["", "h", "1", "1.5h", "-1h", "1 h", "1h5", "1y", "0s", "é", "999999999999999d"]
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
