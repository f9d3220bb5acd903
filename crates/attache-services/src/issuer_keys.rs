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

/// An issuer that has to be asked before a call can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its URL, as the token has it.
    pub issuer: String,
}

/// Why an issuer's keys could not be had, in words for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The issuer's host has no address, or nobody answers there.
    Unreached(String),
    /// Its certificate is of no authority that is believed, nor of a thumbprint.
    Thumbprint(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    /// The same, with what was fetched.
    pub fn at(self, url: &str) -> Self {
        match self {
            Self::Unreached(why) => Self::Unreached(format!("{url}: {why}")),
            Self::Thumbprint(why) => Self::Thumbprint(format!("{url}: {why}")),
            Self::Other(why) => Self::Other(format!("{url}: {why}")),
        }
    }

    /// The same of the key set: STS tells a key set out of reach as it tells any bad one.
    pub fn of_keys(self) -> Self {
        match self {
            Self::Unreached(why) => Self::Other(why),
            other => other,
        }
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
    /// It has to be asked.
    Unasked,
    /// It was asked just now.
    Failed(Failure),
}
