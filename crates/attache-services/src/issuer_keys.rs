//! The keys of the issuers that tokens come from, as STS and EKS Auth need them.
//!
//! Knows: what can be known of an issuer's keys. Does not know: how they are fetched; an operation says
//! which it needs, and is run again once they were.

use std::sync::Arc;

use attache_oidc::Jwks;

/// Where keys are looked up.
pub trait IssuerKeys {
    /// What is known of an issuer's keys for a token with that key id and a provider with these
    /// thumbprints; none for an issuer that was not given, where nothing is fetched.
    fn known(&self, issuer: &str, kid: Option<&str>, thumbprints: &[String]) -> Option<Known>;
}

/// A request for an issuer's keys, which have to be fetched before a call can be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// Its URL, as the token has it.
    pub issuer: String,
}

/// Why an issuer's keys could not be had, in words for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The issuer's host has no address, or does not answer.
    Unreached(String),
    /// Its certificate is signed by no trusted authority, and matches no thumbprint.
    Thumbprint(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// STS's answer to a token of that issuer.
    pub fn sts_answer(&self) -> attache_aws_protocol::ServiceError {
        crate::sts::keys_not_had(self)
    }

    /// What went wrong.
    pub fn why(&self) -> &str {
        match self {
            Self::Unreached(why) | Self::Thumbprint(why) | Self::Other(why) => why,
        }
    }
}

/// What is known of an issuer's keys.
#[derive(Debug)]
pub enum Known {
    /// These.
    Keys(Arc<Jwks>),
    /// They have to be fetched.
    NotFetched,
    /// They were fetched just now, without success.
    Failed(Failure),
}
