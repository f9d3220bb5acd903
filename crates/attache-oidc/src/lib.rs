//! OpenID Connect tokens as Kubernetes issues them and AWS reads them.
//!
//! Knows: how a service-account token is signed ([`sign`]) and verified ([`UnverifiedToken`], then
//! [`VerifiedToken`]); signing keys, key sets and the discovery document. Every reason to refuse a
//! token is a variant of [`TokenError`].
//!
//! Does not know: who is trusted, what a role or a cluster is, where a key set is fetched from, or
//! what time it is. A caller hands in the key set and the clock's value.
//!
//! The rules are AWS's, as its web identity federation was seen to apply them; where AWS is laxer
//! or stricter than RFC 7519, the comment at the rule says so. `docs/token.md` lists them.
//!
//! ```
//! # use attache_oidc::{Algorithm, Claims, Jwks, SigningKey, UnverifiedToken};
//! # use time::{Duration, OffsetDateTime};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Es256)?;
//! let now = OffsetDateTime::now_utc();
//! let claims = Claims::new()
//!     .issuer("https://issuer.example")
//!     .subject("system:serviceaccount:causely:causely-mediator")
//!     .audience("sts.amazonaws.com")
//!     .valid(now, Duration::HOUR);
//! let token = attache_oidc::sign(&key, &claims)?;
//!
//! let read = UnverifiedToken::parse(token.expose())?;
//! assert_eq!(read.issuer(), "https://issuer.example");
//! let verified = read.verify(&Jwks::of(&[&key]), now)?;
//! assert_eq!(verified.subject(), "system:serviceaccount:causely:causely-mediator");
//! # Ok(())
//! # }
//! ```

mod algorithm;
mod base64url;
mod certificate;
mod claim_set;
mod claims;
mod discovery;
mod jwks;
mod key;
mod key_file;
mod key_problem;
mod parsed_rsa_key;
mod pod_binding;
mod public_key;
mod spki;
mod token_error;
mod unverified;
mod verified;

pub use algorithm::Algorithm;
pub use claim_set::ClaimSet;
pub use claims::Claims;
pub use discovery::{DISCOVERY_PATH, JWKS_PATH, discovery, keys_url};
pub use jwks::Jwks;
pub use key::{SigningKey, sign};
pub use key_problem::{KeyFinding, KeyProblem};
pub use pod_binding::PodBinding;
pub use token_error::TokenError;
pub use unverified::{DecodedToken, UnverifiedToken, decode_unverified};
pub use verified::{LEEWAY, VerifiedToken};

/// Why a key, a key set or a new token could not be made or read. Why a token is
/// refused is a [`TokenError`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The cryptographic library gave no key: in practice, no randomness.
    #[error("could not generate a {0} key: the system gave no randomness")]
    Generate(Algorithm),
    /// An algorithm that tokens are verified with but not issued with.
    #[error("tokens are not issued with {0}: choose RS256 or ES256")]
    NotForIssuing(Algorithm),
    /// The text is no PEM key.
    #[error(
        "could not read the key: {why}; give a PEM file, such as `attache token keygen` writes"
    )]
    Pem {
        /// What is wrong with it. Holds nothing of the key.
        why: &'static str,
    },
    /// A key of a kind or size that no token is issued with.
    #[error(
        "the key is not one to issue tokens with: {why}; RSA of 2048 to 8192 bits and EC P-256 are"
    )]
    Unsupported {
        /// What it is instead, or what is wrong with it. Holds nothing of the key.
        why: &'static str,
    },
    /// The text is no discovery document of the issuer.
    #[error("could not read the discovery document: {why}")]
    Discovery {
        /// What is wrong with it.
        why: String,
    },
    /// The text is no JSON Web Key Set.
    #[error(
        "could not read the key set: {why}; a JWKS is {{\"keys\": [...]}} (RFC 7517, section 5)"
    )]
    Jwks {
        /// What is wrong with it.
        why: String,
    },
    /// Two key sets have different keys of one id.
    #[error(
        "two different keys have the id {key_id}: a token could mean either; publish only one of them"
    )]
    KeyIdTwice {
        /// The id.
        key_id: String,
    },
    /// The library refused to sign, which it does for no key that we made or read.
    #[error("could not sign the token with the key {key_id}")]
    Sign {
        /// The key's id.
        key_id: String,
    },
    /// The token would be longer than anyone at AWS reads.
    #[error(
        "the token would have {length} characters; AWS takes at most 20000: give it fewer claims"
    )]
    TooLong {
        /// Characters.
        length: usize,
    },
}
