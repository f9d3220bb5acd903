//! Why a catalog cannot be read, or does not have what is wanted.

use std::path::PathBuf;

use attache_files::FileError;
use attache_manifests::{Invalid, ManifestError};

/// A type that the catalog does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("the catalog has no resource type `{given}`")]
#[diagnostic(help("{help}"))]
pub struct UnknownType {
    /// What was given, cut.
    pub given: String,
    /// The nearest type, or the known ones.
    pub help: String,
}

/// Why the files of a catalog cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CatalogError {
    /// A file that says something wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(#[from] Invalid),
    /// A file that could not be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Manifest(#[from] ManifestError),
    /// A folder that could not be read.
    #[error("could not read {}", path.display())]
    #[diagnostic(help("check the path, and that this user may read it"))]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: FileError,
    },
}
