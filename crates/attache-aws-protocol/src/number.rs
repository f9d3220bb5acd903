//! Whole numbers as AWS's protocols write them.
//!
//! Rust's own parser also takes a plus sign, which no protocol here writes and AWS's parsers refuse.

/// A whole number: digits, behind a minus where it is negative, and nothing else.
///
/// ```
/// # use attache_aws_protocol::number::whole;
/// assert_eq!((whole("3600"), whole("-1")), (Some(3600), Some(-1)));
/// for text in ["+3600", " 3600", "3600 ", "3_600", "3600.0", "36e2", "0x10", "", "-", "٣"] {
///     assert_eq!(whole(text), None, "{text}");
/// }
/// ```
#[must_use]
pub fn whole(text: &str) -> Option<i64> {
    is_digits(text.strip_prefix('-').unwrap_or(text)).then(|| text.parse().ok())?
}

/// The same of a number that cannot be negative, and of its digits alone.
#[must_use]
pub fn natural(text: &str) -> Option<u64> {
    is_digits(text).then(|| text.parse().ok())?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
