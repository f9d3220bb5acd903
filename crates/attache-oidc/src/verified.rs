//! A token that is believed: its signature is its issuer's, and its time is now.

use time::{Duration, OffsetDateTime};

use crate::{Jwks, Members, Refused, Unverified};

/// AWS's tolerance for clocks that differ, on `exp`, `nbf` and `iat`.
pub const LEEWAY: Duration = Duration::minutes(5);

/// A token that passed [`Unverified::verify`]. There is no other way to make one.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified(Unverified);

impl Unverified {
    /// Verifies the signature with the issuer's key set, then the times against the clock: `exp`,
    /// `nbf`, `iat`, each with [`LEEWAY`].
    ///
    /// The caller has chosen the key set by [`Unverified::issuer`], and judges
    /// [`Unverified::audience`] by its own register.
    ///
    /// # Errors
    /// [`Refused::TooManyKeys`], [`Refused::UnknownKey`], [`Refused::WrongKey`],
    /// [`Refused::Signature`], [`Refused::Expired`], [`Refused::NotYetValid`], in that order: of a
    /// token that nobody signed, the times mean nothing.
    pub fn verify(self, jwks: &Jwks, now: OffsetDateTime) -> Result<Verified, Refused> {
        let algorithm = self.algorithm;
        let key = jwks.find(algorithm, self.kid.as_deref())?;
        let (message, signature) = self.signed();
        if !key.verifies(algorithm, message, signature) {
            return Err(Refused::Signature { algorithm });
        }
        self.check_times(now)?;
        Ok(Verified(self))
    }

    /// Whether the clock is within the token's times, each with [`LEEWAY`].
    ///
    /// # Errors
    /// [`Refused::Expired`] or [`Refused::NotYetValid`].
    pub fn check_times(&self, now: OffsetDateTime) -> Result<(), Refused> {
        let early = now.unix_timestamp().saturating_sub(LEEWAY.whole_seconds());
        let late = now.unix_timestamp().saturating_add(LEEWAY.whole_seconds());
        let times = self.times;
        if early >= times.expires_at {
            return Err(Refused::Expired { now: early, exp: times.expires_at });
        }
        for (claim, at) in [("nbf", times.not_before), ("iat", Some(times.issued_at))] {
            if let Some(at) = at.filter(|at| *at > late) {
                return Err(Refused::NotYetValid { claim, now: late, at });
            }
        }
        Ok(())
    }
}

impl Verified {
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
    pub fn audience(&self) -> Result<&str, Refused> {
        self.0.audience()
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Members {
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
