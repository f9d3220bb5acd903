//! Condition operators by name, and what one means for a pair of values.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use std::net::IpAddr;

use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

use crate::wildcard::Pattern;

/// An operator with its set qualifier and `IfExists`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) name: String,
    pub(crate) test: Test,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
    pub(crate) set: Option<SetQualifier>,
}

/// How several request values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetQualifier {
    All,
    Any,
}

/// The comparison itself, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// Which orders satisfy a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    fn holds(self, got: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => got.is_eq(),
            Self::Less => got.is_lt(),
            Self::LessOrEqual => got.is_le(),
            Self::Greater => got.is_gt(),
            Self::GreaterOrEqual => got.is_ge(),
        }
    }
}

/// Operator names without qualifiers, and what they mean. AWS reads them without case.
const NAMES: &[(&str, Test, bool)] = &[
    ("StringEquals", Test::StringEquals, false),
    ("StringNotEquals", Test::StringEquals, true),
    ("StringEqualsIgnoreCase", Test::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Test::StringEqualsIgnoreCase, true),
    ("StringLike", Test::StringLike, false),
    ("StringNotLike", Test::StringLike, true),
    ("NumericEquals", Test::Numeric(Order::Equal), false),
    ("NumericNotEquals", Test::Numeric(Order::Equal), true),
    ("NumericLessThan", Test::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Test::Numeric(Order::LessOrEqual), false),
    ("NumericGreaterThan", Test::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Test::Numeric(Order::GreaterOrEqual), false),
    ("DateEquals", Test::Date(Order::Equal), false),
    ("DateNotEquals", Test::Date(Order::Equal), true),
    ("DateLessThan", Test::Date(Order::Less), false),
    ("DateLessThanEquals", Test::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Test::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Test::Date(Order::GreaterOrEqual), false),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::Binary, false),
    ("IpAddress", Test::Ip, false),
    ("NotIpAddress", Test::Ip, true),
    ("ArnEquals", Test::Arn, false),
    ("ArnLike", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnNotLike", Test::Arn, true),
    ("Null", Test::Null, false),
];

impl Operator {
    /// Reads an operator's name; the error is the nearest known name.
    pub(crate) fn parse(name: &str) -> Result<Self, Option<&'static str>> {
        let (set, rest) = match name.split_once(':') {
            Some((q, rest)) if q.eq_ignore_ascii_case("ForAllValues") => {
                (Some(SetQualifier::All), rest)
            }
            Some((q, rest)) if q.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(SetQualifier::Any), rest)
            }
            _ => (None, name),
        };
        let lower = rest.to_ascii_lowercase();
        let (bare, if_exists) = match lower.strip_suffix("ifexists") {
            Some(bare) => (bare.to_owned(), true),
            None => (lower, false),
        };
        let found = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&bare));
        match found {
            // Whether a key exists cannot depend on its existing.
            Some((known, Test::Null, _)) if if_exists => Err(Some(known)),
            Some((_, test, negated)) => {
                Ok(Self { name: name.to_owned(), test: *test, negated: *negated, if_exists, set })
            }
            None => Err(NAMES.iter().map(|(n, ..)| *n).find(|n| {
                let n = n.to_ascii_lowercase();
                n.starts_with(&bare)
                    || bare.starts_with(&n)
                    || n.replace('s', "") == bare.replace('s', "")
            })),
        }
    }
}

impl Test {
    /// Whether one value of the request satisfies one value of the policy, its variables filled in.
    pub(crate) fn holds(self, wanted: &Pattern, got: &str) -> bool {
        match self {
            Self::StringLike => return wanted.fits(got),
            Self::Arn => return wanted.fits_arn(got),
            _ => {}
        }
        let wanted = wanted.text();
        match self {
            Self::StringEquals | Self::Binary => wanted == got,
            Self::StringEqualsIgnoreCase => wanted.to_lowercase() == got.to_lowercase(),
            Self::Numeric(order) => numbers(&wanted, got).is_some_and(|o| order.holds(o)),
            Self::Date(order) => match (date(&wanted), date(got)) {
                (Some(wanted), Some(got)) => order.holds(got.cmp(&wanted)),
                _ => false,
            },
            Self::Bool => wanted.eq_ignore_ascii_case(got),
            Self::Ip => in_network(&wanted, got),
            // The first two were decided above; the last is decided on the key's presence, before
            // any value is looked at.
            Self::StringLike | Self::Arn | Self::Null => false,
        }
    }
}

fn numbers(wanted: &str, got: &str) -> Option<std::cmp::Ordering> {
    if let (Ok(wanted), Ok(got)) = (wanted.parse::<i128>(), got.parse::<i128>()) {
        return Some(got.cmp(&wanted));
    }
    number(got)?.partial_cmp(&number(wanted)?)
}

/// Digits with a sign, a point or an exponent. Rust also reads `inf` and `nan`, which are none.
fn number(text: &str) -> Option<f64> {
    let begins =
        text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|number: &f64| begins && number.is_finite())
}

fn date(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<i64>() {
        return OffsetDateTime::from_unix_timestamp(seconds).ok();
    }
    if let Ok(full) = OffsetDateTime::parse(text, &Iso8601::DEFAULT) {
        return Some(full);
    }
    // A day alone is its midnight in UTC.
    let day = time::Date::parse(text, &Iso8601::DATE).ok()?;
    Some(day.midnight().assume_utc())
}

/// A bare address is a network of one. A prefix longer than the address is no network.
fn in_network(network: &str, address: &str) -> bool {
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (base, Some(prefix)),
        None => (network, None),
    };
    let (Ok(base), Ok(address)) = (base.parse(), address.parse()) else { return false };
    let (own, other, width) = match (base, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a), u128::from(b), 128),
        _ => return false,
    };
    let prefix = match prefix {
        Some(text) => text.parse::<u32>().ok().filter(|bits| *bits <= width),
        None => Some(width),
    };
    // A shift by the whole width leaves nothing to compare: /0 takes every address.
    prefix.is_some_and(|bits| (own ^ other).checked_shr(width - bits).unwrap_or(0) == 0)
}
