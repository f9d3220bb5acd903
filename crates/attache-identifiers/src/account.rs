//! An AWS account's number.

use crate::{NameError, text_type};

/// A 12-digit AWS account id.
///
/// ```
/// # use attache_identifiers::AccountId;
/// assert!(AccountId::parse("222222222222").is_ok());
/// assert!(AccountId::parse("22222").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

/// AWS's: account ids are exactly twelve decimal digits, leading zeros included.
const DIGITS: usize = 12;

impl AccountId {
    /// `000000000000`: no account has this id.
    pub const UNASSIGNED: Self = Self(0);

    /// Reads twelve digits.
    ///
    /// # Errors
    /// When the text is anything but twelve ASCII digits.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let what = "an account id";
        if text.len() != DIGITS || !text.bytes().all(|b| b.is_ascii_digit()) {
            let why = "it must be 12 digits (in YAML, quote it so that it stays text)";
            return Err(NameError::new(what, text, why));
        }
        text.parse().map(Self).map_err(|_| NameError::new(what, text, "it must be 12 digits"))
    }

    /// The id as a number, below 10^12.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // By hand: it is in every ARN that is written.
        let mut digits = [b'0'; DIGITS];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

text_type!(AccountId);
