//! Why the projected token's file could not be read.

use attache_files::FileError;

/// What is wrong with the token file. Its path is in [`super::SessionError::NoToken`], beside this.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// The operating system refused.
    #[error("{0}")]
    Io(#[source] std::io::Error),
    /// It is too large, is not text, or is not a file.
    #[error(transparent)]
    Content(FileError),
    /// The process is ending.
    #[error("the read was interrupted: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl From<FileError> for TokenFileError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Io { source, .. } => Self::Io(source),
            other => Self::Content(other),
        }
    }
}
