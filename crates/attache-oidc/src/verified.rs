//! A token whose signature and times were verified.

use time::{Duration, OffsetDateTime};

use crate::{ClaimSet, Jwks, TokenError, UnverifiedToken};

/// AWS's tolerance for clocks that differ, on `exp`, `nbf` and `iat`.
pub const LEEWAY: Duration = Duration::minutes(5);

/// A token that passed [`UnverifiedToken::verify`]. There is no other way to make one.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedToken(UnverifiedToken);

impl UnverifiedToken {
    /// Verifies the signature with the issuer's key set, then the times against the clock: `exp`,
    /// `nbf`, `iat`, each with [`LEEWAY`].
    ///
    /// The caller has chosen the key set by [`UnverifiedToken::issuer`], and checks
    /// [`UnverifiedToken::audience`] against the client ids that it has registered.
    ///
    /// # Errors
    /// [`TokenError::TooManyKeys`], [`TokenError::UnknownKey`], [`TokenError::KeyOperations`],
    /// [`TokenError::WrongKey`], [`TokenError::Signature`], [`TokenError::Expired`],
    /// [`TokenError::NotYetValid`], in that order: the times of a token without a valid signature mean nothing.
    pub fn verify(self, jwks: &Jwks, now: OffsetDateTime) -> Result<VerifiedToken, TokenError> {
        let algorithm = self.algorithm;
        let key = jwks.find(algorithm, self.kid.as_deref())?;
        let (message, signature) = self.signed();
        if !key.verifies(algorithm, message, signature) {
            return Err(TokenError::Signature { algorithm });
        }
        self.check_times(now)?;
        Ok(VerifiedToken(self))
    }

    /// Whether the clock is within the token's times, each with [`LEEWAY`].
    ///
    /// # Errors
    /// [`TokenError::Expired`] or [`TokenError::NotYetValid`].
    pub fn check_times(&self, now: OffsetDateTime) -> Result<(), TokenError> {
        let early = now.unix_timestamp().saturating_sub(LEEWAY.whole_seconds());
        let late = now.unix_timestamp().saturating_add(LEEWAY.whole_seconds());
        let times = self.times;
        if early >= times.expires_at {
            return Err(TokenError::Expired { now: early, exp: times.expires_at });
        }
        for (claim, at) in [("nbf", times.not_before), ("iat", Some(times.issued_at))] {
            if let Some(at) = at.filter(|at| *at > late) {
                return Err(TokenError::NotYetValid { claim, now: late, at });
            }
        }
        Ok(())
    }
}

impl VerifiedToken {
    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.issuer()
    }

    /// `sub`; may be empty.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.subject()
    }

    /// `azp`, else the only `aud`.
    ///
    /// # Errors
    /// When there are several audiences and no `azp`.
    pub fn audience(&self) -> Result<&str, TokenError> {
        self.0.audience()
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &ClaimSet {
        self.0.claims()
    }

    /// `exp`.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.0.expires_at()
    }

    /// The header's `kid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.0.key_id()
    }
}
