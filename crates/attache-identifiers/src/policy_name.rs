//! A policy's name.

use crate::{NameError, text_type};

/// The name of an inline or a managed policy: 1 to 128 of `[\w+=,.@-]`.
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(String);

/// AWS's limit on a policy's name.
const LONGEST: usize = 128;

impl PolicyName {
    /// Reads a policy's name.
    ///
    /// # Errors
    /// When it is empty, longer than 128 characters, or has a character IAM does not take.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(legal) {
            let why = "it must be 1 to 128 letters, digits or any of _+=,.@-";
            return Err(NameError::new("a policy name", text, why));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PolicyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(PolicyName);
