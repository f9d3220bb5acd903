//! A region's name, and the seed document's placeholder for one.

use crate::{NameError, text_type};

/// An AWS region's name, such as `us-east-1`.
///
/// Only the shape is checked: AWS opens regions without asking us.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// What AWS's documents print where a reader is to put a region.
const PLACEHOLDER: &str = "region-code";

impl Region {
    /// Reads a region's name.
    ///
    /// # Errors
    /// When the text is the documents' placeholder `region-code`, or has not the shape
    /// `area-place-number`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let what = "a region";
        if text == PLACEHOLDER {
            let why = "it is the document's placeholder; put the region there, such as us-east-1";
            return Err(NameError::new(what, text, why));
        }
        let parts: Vec<&str> = text.split('-').collect();
        let number = parts.last().is_some_and(|n| n.len() <= 2 && n.parse::<u8>().is_ok());
        let words = parts.iter().rev().skip(1);
        let worded = words.clone().all(|w| {
            !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if parts.len() < 3 || !number || !worded {
            return Err(NameError::new(what, text, "it must look like us-east-1"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(Region);
