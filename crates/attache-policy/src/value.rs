//! Values of conditions: numbers, dates and networks, read once.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use std::cmp::Ordering;
use std::net::IpAddr;

use time::format_description::well_known::Iso8601;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A number: whole ones are compared as such, so that large ids do not run together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    Other(f64),
}

impl Number {
    /// Digits with a sign, a point or an exponent. Rust also reads `inf` and `nan`, which are none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Ok(whole) = text.parse() {
            return Some(Self::Whole(whole));
        }
        let unsigned = text.trim_start_matches(['+', '-']);
        let begins = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = text.parse().ok()?;
        (begins && number.is_finite()).then_some(Self::Other(number))
    }

    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => Some(a.cmp(&b)),
            _ => self.float().partial_cmp(&other.float()),
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn float(self) -> f64 {
        match self {
            // Beside a number with a point, nothing finer than it is asked for.
            Self::Whole(whole) => whole as f64,
            Self::Other(number) => number,
        }
    }
}

/// ISO 8601, in UTC where no zone is given, a day alone (its midnight), a
/// month alone, or epoch seconds.
pub(crate) fn date(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<i64>() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    if let Ok(full) = OffsetDateTime::parse(text, &Iso8601::DEFAULT) {
        return Some(full);
    }
    if let Ok(zoneless) = PrimitiveDateTime::parse(text, &Iso8601::DEFAULT) {
        return Some(zoneless.assume_utc());
    }
    let day = time::Date::parse(text, &Iso8601::DATE).ok().or_else(|| month(text))?;
    Some(day.midnight().assume_utc())
}

/// `2026-01`: its first day.
fn month(text: &str) -> Option<time::Date> {
    let (year, month) = text.split_once('-').filter(|(y, m)| (y.len(), m.len()) == (4, 2))?;
    let month: u8 = month.parse().ok()?;
    time::Date::from_calendar_date(year.parse().ok()?, month.try_into().ok()?, 1).ok()
}

/// A network in CIDR notation; a bare address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    base: IpAddr,
    bits: u32,
}

impl Network {
    /// Nothing where a prefix is longer than the address.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().ok()?;
        let width = if base.is_ipv4() { 32 } else { 128 };
        let bits = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|bits| *bits <= width)?,
            None => width,
        };
        Some(Self { base, bits })
    }

    /// Whether none of its addresses is reached from the Internet: RFC 1918, RFC 4193 and the like.
    pub(crate) fn is_private(self) -> bool {
        const RANGES: &[&str] = &[
            "10.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ];
        let base = self.base.to_string();
        let within = |range: Self| range.bits <= self.bits && range.holds(&base);
        RANGES.iter().filter_map(|range| Self::read(range)).any(within)
    }

    pub(crate) fn holds(self, address: &str) -> bool {
        let (own, other, width) = match (self.base, address.parse()) {
            (IpAddr::V4(a), Ok(IpAddr::V4(b))) => (u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), Ok(IpAddr::V6(b))) => (u128::from(a), u128::from(b), 128),
            _ => return false,
        };
        // A shift by the whole width leaves nothing to compare: /0 takes every address.
        (own ^ other).checked_shr(width - self.bits).unwrap_or(0) == 0
    }
}
