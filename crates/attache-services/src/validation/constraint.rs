//! The constraints of a service's model that a value can fail.

use std::fmt;

use super::Pattern;

/// A constraint that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Constraint {
    NotNull,
    Pattern(Pattern),
    Enum(&'static [&'static str]),
    MaxLength(usize),
    MinLength(usize),
    MaxValue(i64),
    MinValue(i64),
}

impl Constraint {
    /// Which of several is reported by a service that reports one: the lowest.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::NotNull => 0,
            Self::Pattern(_) => 1,
            Self::Enum(_) => 2,
            Self::MaxLength(_) => 3,
            Self::MinLength(_) => 4,
            Self::MaxValue(_) => 5,
            Self::MinValue(_) => 6,
        }
    }
}

impl fmt::Display for Constraint {
    /// As AWS's sentences have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Member must ")?;
        match self {
            Self::NotNull => f.write_str("not be null"),
            Self::Pattern(pattern) => {
                write!(f, "satisfy regular expression pattern: {}", pattern.text())
            }
            Self::Enum(names) => write!(f, "satisfy enum value set: [{}]", names.join(", ")),
            Self::MaxLength(max) => write!(f, "have length less than or equal to {max}"),
            Self::MinLength(min) => write!(f, "have length greater than or equal to {min}"),
            Self::MaxValue(max) => write!(f, "have value less than or equal to {max}"),
            Self::MinValue(min) => write!(f, "have value greater than or equal to {min}"),
        }
    }
}
