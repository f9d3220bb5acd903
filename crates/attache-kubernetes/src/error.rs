//! What goes wrong on the Kubernetes side.

use std::path::PathBuf;

/// Why a token was not issued or not written.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A service account's namespace or name that is not valid in Kubernetes.
    #[error("{text:?} is not {what}: {why}")]
    Name {
        /// `a namespace`, `a service account's name` or `a service account's subject`.
        what: &'static str,
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A lifetime that Kubernetes does not allow.
    #[error("expected a lifetime of 600 s (10 min) to 4294967296 s, found {seconds} s")]
    Lifetime {
        /// The requested lifetime, in seconds.
        seconds: i64,
    },
    /// The token could not be signed.
    #[error("could not issue a token for {subject}")]
    Token {
        /// The service account's subject.
        subject: String,
        /// The signer's error.
        #[source]
        source: attache_oidc::OidcError,
    },
    /// The API server did not issue the token.
    #[error("could not have a token issued for {subject}: {source}")]
    TokenRequest {
        /// The service account's subject.
        subject: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A published key cannot be removed.
    #[error("could not remove the key {key_id}: {why}")]
    Removal {
        /// The key's id.
        key_id: String,
        /// Why not.
        why: &'static str,
    },
    /// Keys that cannot be published together.
    #[error("could not publish these keys together: {source}")]
    Keys {
        /// What is wrong with them.
        source: attache_oidc::OidcError,
    },
    /// A file or folder could not be written.
    #[error("could not {attempt} {}: {source}", path.display())]
    Write {
        /// `create the folder`, `write`, `switch`...
        attempt: &'static str,
        /// Which one.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
}
