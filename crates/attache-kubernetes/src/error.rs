//! What goes wrong on the Kubernetes side.

use std::path::PathBuf;

/// Why a token was not issued or not written.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A service account's namespace or name that Kubernetes does not take.
    #[error("{text:?} is not {what}: {why}")]
    Name {
        /// `a namespace`, `a service account's name` or `a service account's subject`.
        what: &'static str,
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A token's life outside of what Kubernetes allows.
    #[error("a token cannot live {seconds} s: Kubernetes takes 600 s (10 min) to 4294967296 s")]
    Lifetime {
        /// What was asked for, in seconds.
        seconds: i64,
    },
    /// The token could not be signed.
    #[error("could not issue a token for {subject}")]
    Token {
        /// The service account's subject.
        subject: String,
        /// What the signer said.
        #[source]
        source: attache_oidc::TokenError,
    },
    /// A file or folder could not be written.
    #[error("could not {attempt} {}: {source}", path.display())]
    Write {
        /// `create the folder`, `write`, `switch`...
        attempt: &'static str,
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
