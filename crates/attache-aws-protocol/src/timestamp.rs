//! How each protocol writes a time: [`seconds`] and [`millis`] for XML, [`epoch`] for JSON.
//!
//! Each is a module for serde's `with`, and has `optional` beside it for members that may be
//! absent:
//!
//! ```
//! # use time::{OffsetDateTime, macros::datetime};
//! #[derive(serde::Serialize)]
//! struct Role {
//!     #[serde(with = "attache_aws_protocol::timestamp::seconds")]
//!     created: OffsetDateTime,
//! }
//! let role = Role { created: datetime!(2015-08-30 12:36 UTC) };
//! assert_eq!(serde_json::to_string(&role)?, r#"{"created":"2015-08-30T12:36:00Z"}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! <https://smithy.io/2.0/spec/protocol-traits.html#timestampformat-trait>

use time::OffsetDateTime;
use time::UtcOffset;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::{Iso8601, Rfc2822, Rfc3339};
use time::macros::format_description;

/// `20150830T123600Z`: SigV4's own.
const BASIC: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

const HTTP: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

const MILLIS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Writes a time as SigV4 does: `20150830T123600Z`.
#[must_use]
pub fn format_basic(time: OffsetDateTime) -> String {
    written(time, BASIC)
}

/// Reads a time as SigV4 writes it, nothing else.
#[must_use]
pub fn parse_basic(text: &str) -> Option<OffsetDateTime> {
    // The format would also take a sign before the year.
    if text.len() != "20150830T123600Z".len() {
        return None;
    }
    time::PrimitiveDateTime::parse(text, BASIC).ok().map(time::PrimitiveDateTime::assume_utc)
}

/// Writes a time as HTTP's own `Date` header has it: `Sun, 30 Aug 2015 12:36:00 GMT`.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
#[must_use]
pub fn format_http(time: OffsetDateTime) -> String {
    written(time, HTTP)
}

/// Reads a time as HTTP's own `Date` header has it: `Sun, 30 Aug 2015 12:36:00 GMT`.
#[must_use]
pub fn parse_http(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok().map(|time| time.to_offset(UtcOffset::UTC))
}

/// Reads a time in any of the ways AWS writes one as text: ISO 8601 in extended form with an
/// offset, or seconds since the epoch.
#[must_use]
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(time.to_offset(UtcOffset::UTC));
    }
    if let Ok(time) = OffsetDateTime::parse(text, &Iso8601::DEFAULT) {
        return Some(time.to_offset(UtcOffset::UTC));
    }
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    if !text.bytes().all(plain) {
        return None;
    }
    from_epoch(text.parse().ok()?)
}

/// A time of so many seconds since the epoch, to the millisecond.
fn from_epoch(seconds: f64) -> Option<OffsetDateTime> {
    if !seconds.is_finite() || seconds.abs() > 1e12 {
        return None;
    }
    // The range was checked: the cast loses only what is below a millisecond.
    let millis = (seconds * 1000.0).round() as i128;
    OffsetDateTime::from_unix_timestamp_nanos(millis * 1_000_000).ok()
}

/// Formatting to text fails only for a component that the formats above do not have, and for years
/// that AWS cannot send; such a time is written as nothing rather than as another time.
fn written(time: OffsetDateTime, format: &[BorrowedFormatItem<'_>]) -> String {
    time.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

fn in_millis(time: OffsetDateTime) -> String {
    written(time, MILLIS)
}

/// By hand: every answer with credentials has such a time, and every call such a condition key.
fn in_seconds(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let Ok(year @ 0..=9999) = u16::try_from(time.year()) else { return String::new() };
    let [year_high, year_low] = [(year / 100) as u8, (year % 100) as u8];
    let mut text = String::with_capacity("2015-08-30T12:36:00Z".len());
    for (number, behind) in [
        (year_high, ""),
        (year_low, "-"),
        (u8::from(time.month()), "-"),
        (time.day(), "T"),
        (time.hour(), ":"),
        (time.minute(), ":"),
        (time.second(), "Z"),
    ] {
        text.push(char::from(b'0' + number / 10));
        text.push(char::from(b'0' + number % 10));
        text.push_str(behind);
    }
    text
}

/// Serde's two functions for a format that is text, for a time and for one that may be absent.
macro_rules! text_format {
    ($(#[$doc:meta])* $name:ident, $write:ident) => {
        $(#[$doc])*
        pub mod $name {
            use serde::{Deserialize, Deserializer, Serializer};
            use time::OffsetDateTime;

            /// Writes the time in UTC.
            #[must_use]
            pub fn format(time: OffsetDateTime) -> String {
                super::$write(time)
            }

            /// Writes the time in UTC.
            ///
            /// # Errors
            /// The serializer's own.
            pub fn serialize<S: Serializer>(time: &OffsetDateTime, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&format(*time))
            }

            /// Reads the time in any way that AWS writes one.
            ///
            /// # Errors
            /// When the text is no time.
            pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<OffsetDateTime, D::Error> {
                let text = String::deserialize(d)?;
                super::parse(&text).ok_or_else(|| super::not_a_time(&text))
            }

            /// The same for a member that may be absent.
            pub mod optional {
                use serde::{Deserialize, Deserializer, Serializer};
                use time::OffsetDateTime;

                /// Writes the time in UTC, or null.
                ///
                /// # Errors
                /// The serializer's own.
                pub fn serialize<S: Serializer>(
                    time: &Option<OffsetDateTime>,
                    s: S,
                ) -> Result<S::Ok, S::Error> {
                    match time {
                        Some(time) => super::serialize(time, s),
                        None => s.serialize_none(),
                    }
                }

                /// Reads the time, null or empty text.
                ///
                /// # Errors
                /// When the text is no time.
                pub fn deserialize<'de, D: Deserializer<'de>>(
                    d: D,
                ) -> Result<Option<OffsetDateTime>, D::Error> {
                    let text = Option::<String>::deserialize(d)?.filter(|text| !text.is_empty());
                    text.map(|text| {
                        super::super::parse(&text).ok_or_else(|| super::super::not_a_time(&text))
                    })
                    .transpose()
                }
            }
        }
    };
}

text_format! {
    /// `2015-08-30T12:36:00Z`: awsQuery (IAM, STS).
    seconds, in_seconds
}
text_format! {
    /// `2015-08-30T12:36:00.000Z`: EC2, RDS, S3.
    millis, in_millis
}

/// Seconds since the epoch as a number: awsJson and restJson. Whole seconds are written without a
/// fraction, others with milliseconds.
pub mod epoch {
    use serde::{Deserialize, Deserializer, Serializer};
    use time::OffsetDateTime;

    /// Writes the seconds.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(time: &OffsetDateTime, s: S) -> Result<S::Ok, S::Error> {
        match time.millisecond() {
            0 => s.serialize_i64(time.unix_timestamp()),
            millis => s.serialize_f64(time.unix_timestamp() as f64 + f64::from(millis) / 1000.0),
        }
    }

    /// Reads the seconds.
    ///
    /// # Errors
    /// When the number is beyond all years that are written with four digits.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<OffsetDateTime, D::Error> {
        let seconds = f64::deserialize(d)?;
        super::from_epoch(seconds).ok_or_else(|| super::not_a_time(&seconds.to_string()))
    }
}

fn not_a_time<E: serde::de::Error>(text: &str) -> E {
    E::custom(format!("{text:?} is not a time such as 2015-08-30T12:36:00Z"))
}
