//! Why values and Secrets cannot be used.

use attache_files::FileError;

use crate::Invalid;

/// Why values and Secrets cannot be used: what kind of mistake, and its place.
///
/// The value of a Secret's key is part of no message, and masked where lines of its file are shown.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ManifestError {
    /// A file that could not be read.
    #[error(transparent)]
    #[diagnostic(help("check the path, and that this user may read it"))]
    Read(#[from] FileError),
    /// A text that is not YAML, or YAML that is refused: a duplicate key, aliases that expand to
    /// more than anyone writes.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Yaml(Invalid),
    /// More than [`crate::MAX_DOCUMENTS`] documents in a file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    TooManyDocuments(Invalid),
    /// A key that is not known where unknown ones are refused, or that all but spells a known one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    UnknownKey(Invalid),
    /// A value of another type than its key wants, or none.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Value(Invalid),
    /// Values without an account to scrape.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoAccount(Invalid),
    /// `arn` in the values is not an account's.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NotAnAccount(Invalid),
    /// Two accounts of the values name one Secret.
    #[error(transparent)]
    #[diagnostic(transparent)]
    SecretNamedTwice(Invalid),
    /// The values name a Secret that was not given.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoSuchSecret(Invalid),
    /// A Secret that the values name was given twice.
    #[error(transparent)]
    #[diagnostic(transparent)]
    SecretGivenTwice(Invalid),
    /// A Secret without `AWS_ROLE_ARN`.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoRole(Invalid),
    /// A role's ARN that is not one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NotARole(Invalid),
    /// Neither the Secret nor anything else says the region.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoRegion(Invalid),
    /// A region that is not one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NotARegion(Invalid),
}

impl ManifestError {
    /// The mistake with its place, where it is in a file that could be read.
    #[must_use]
    pub fn invalid(&self) -> Option<&Invalid> {
        match self {
            Self::Read(_) => None,
            Self::Yaml(invalid)
            | Self::TooManyDocuments(invalid)
            | Self::UnknownKey(invalid)
            | Self::Value(invalid)
            | Self::NoAccount(invalid)
            | Self::NotAnAccount(invalid)
            | Self::SecretNamedTwice(invalid)
            | Self::NoSuchSecret(invalid)
            | Self::SecretGivenTwice(invalid)
            | Self::NoRole(invalid)
            | Self::NotARole(invalid)
            | Self::NoRegion(invalid)
            | Self::NotARegion(invalid) => Some(invalid),
        }
    }
}
