//! The path that IAM's roles and managed policies have before their names.

use crate::{NameError, text_type};

/// `/`, or `/team/`: printable ASCII without spaces between two slashes, at most 512 characters.
///
/// A path ends up in ARNs, in Kubernetes manifests and in commands, so it is checked wherever one
/// is read: by itself and as a part of an ARN.
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>, which gives
/// the pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
///
/// ```
/// # use attache_identifiers::IamPath;
/// assert!(IamPath::parse("/team/").is_ok());
/// assert!(IamPath::parse("/team").is_err());
/// assert!(IamPath::parse("/a b/").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IamPath(String);

/// AWS's limit on a path.
const LONGEST: usize = 512;

impl IamPath {
    /// Reads a path with both slashes.
    ///
    /// # Errors
    /// When a slash is missing at an end, when it is longer than 512 characters, or when it has a
    /// space, a control character or a character outside ASCII.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let between = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let good = match between {
            // `//` is the root's slash twice, which IAM refuses; a part may be empty otherwise.
            Some(between) => !between.is_empty() && between.bytes().all(|b| b.is_ascii_graphic()),
            None => text == "/",
        };
        if !good || text.len() > LONGEST {
            let why = "it must be / or begin and end with /, such as /team/, \
                       with at most 512 ASCII characters and no spaces";
            return Err(NameError::new("a path", text, why));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path of what has none: `/`.
    #[must_use]
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// The path with both slashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for IamPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(IamPath);
