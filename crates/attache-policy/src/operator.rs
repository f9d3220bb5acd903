//! Condition operators by name.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use crate::segment::Wildcards;

/// An operator with its set qualifier and `IfExists`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As it is written.
    pub name: String,
    /// The comparison.
    pub test: Test,
    /// Whether it is the opposite, as in `StringNotEquals`.
    pub negated: bool,
    /// Whether it holds where the key is absent.
    pub if_exists: bool,
    /// `ForAllValues` or `ForAnyValue`.
    pub set: Option<SetQualifier>,
}

/// How several request values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetQualifier {
    /// `ForAllValues`.
    All,
    /// `ForAnyValue`.
    Any,
}

/// The comparison itself, without its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Equal texts.
    StringEquals,
    /// Equal texts, their case aside.
    StringEqualsIgnoreCase,
    /// A pattern with `*` and `?`.
    StringLike,
    /// An order of numbers.
    Numeric(Order),
    /// An order of dates.
    Date(Order),
    /// `true` or `false`.
    Bool,
    /// Bytes in base64.
    Binary,
    /// An address in a range.
    Ip,
    /// A pattern for each part of an ARN.
    Arn,
    /// Whether the key is absent.
    Null,
}

impl Test {
    /// Whether its values are patterns with `*` and `?`.
    #[must_use]
    pub fn takes_wildcards(self) -> bool {
        matches!(self, Self::StringLike | Self::Arn)
    }

    /// The same for code that parses a value.
    pub(crate) fn wildcards(self) -> Wildcards {
        if self.takes_wildcards() { Wildcards::Yes } else { Wildcards::No }
    }

    /// Whether `${…}` in its values are variables. AWS has them in texts and ARNs, and says of
    /// `Bool` in one place that it takes them and in another that it does not.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement>.
    pub(crate) fn takes_variables(self) -> bool {
        match self {
            Self::StringEquals
            | Self::StringEqualsIgnoreCase
            | Self::StringLike
            | Self::Arn
            | Self::Bool => true,
            Self::Numeric(_) | Self::Date(_) | Self::Binary | Self::Ip | Self::Null => false,
        }
    }
}

/// Which orders satisfy a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `=`.
    Equal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Order {
    pub(crate) fn holds(self, got: std::cmp::Ordering) -> bool {
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
    /// Reads an operator's name; the error is the nearest name that there is.
    pub(crate) fn parse(name: &str) -> Result<Self, Option<String>> {
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
            Some(bare) => (bare, true),
            None => (lower.as_str(), false),
        };
        let found = NAMES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(bare));
        match found {
            // Whether a key exists cannot depend on its existing.
            Some((known, Test::Null, _)) if if_exists => Err(Some((*known).to_owned())),
            Some((_, test, negated)) => {
                Ok(Self { name: name.to_owned(), test: *test, negated: *negated, if_exists, set })
            }
            None => {
                // What is wrong may be the qualifier alone, as in `ForAllValue:StringLike`.
                let (before, bare) = bare.rsplit_once(':').unwrap_or(("", bare));
                let qualifier = match (set, nearest(before, SETS.iter().copied())) {
                    (Some(SetQualifier::All), _) => "ForAllValues:",
                    (Some(SetQualifier::Any), _) => "ForAnyValue:",
                    (None, Some("ForAllValues")) => "ForAllValues:",
                    (None, Some(_)) => "ForAnyValue:",
                    (None, None) => "",
                };
                let suffix = if if_exists { "IfExists" } else { "" };
                let near = nearest(bare, NAMES.iter().map(|(name, ..)| *name));
                Err(near.map(|near| format!("{qualifier}{near}{suffix}")))
            }
        }
    }
}

const SETS: &[&str] = &["ForAllValues", "ForAnyValue"];

/// The known name with the fewest changes, where that is less than a third of it.
pub(crate) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    // Ours: no known name is half as long.
    const LONGEST: usize = 64;
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let distances = known.map(|known| (distance(name, known), known));
    let (changes, near) = distances.min_by_key(|(changes, _)| *changes)?;
    (changes * 3 <= near.len()).then_some(near)
}

/// How many letters have to be put in, left out or changed; their case does not count.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, from) in a.chars().map(|c| c.to_ascii_lowercase()).enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let changed = diagonal + usize::from(from != *to);
            diagonal = *cell;
            left = changed.min(*cell + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
