//! The certificate that is shown to the next client, and whether a client would take it.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use crate::{CertificateError, KeyPair, Validity};

/// Why the certificate that is shown is not accepted, by a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfTime {
    /// It has ended.
    #[error("the serving certificate expired at {until}; it is {now} by this machine's clock")]
    Expired {
        /// Its end.
        until: OffsetDateTime,
        /// The clock.
        now: OffsetDateTime,
    },
    /// It has not begun: one of two clocks is wrong.
    #[error(
        "the serving certificate is not valid before {from}, and it is {now} by this machine's clock: compare it \
         with the clock of the machine that made the certificate"
    )]
    Early {
        /// Its begin.
        from: OffsetDateTime,
        /// The clock.
        now: OffsetDateTime,
    },
}

/// See the module. Without one, every handshake fails.
#[derive(Debug, Clone, Default)]
pub struct ServingCertificate(Arc<RwLock<Option<Current>>>);

#[derive(Debug)]
struct Current {
    pair: KeyPair,
    certified: Arc<CertifiedKey>,
    validity: Validity,
}

impl ServingCertificate {
    /// Shows this one from now on. Says whether it is another than before.
    ///
    /// # Errors
    /// When it is none: then the one before stays.
    pub fn replace(&self, pair: KeyPair) -> Result<bool, CertificateError> {
        if self.read().as_ref().is_some_and(|current| current.pair == pair) {
            return Ok(false);
        }
        let (certified, validity) = pair.certified()?;
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Current { pair, certified, validity });
        Ok(true)
    }

    /// Until when it is valid.
    #[must_use]
    pub fn until(&self) -> Option<OffsetDateTime> {
        self.read().as_ref().map(|current| current.validity.not_after)
    }

    /// Whether it is within its time. Where there is none there is nothing to say of one.
    ///
    /// # Errors
    /// [`OutOfTime`].
    pub fn check(&self, now: OffsetDateTime) -> Result<(), OutOfTime> {
        let Some(of) = self.read().as_ref().map(|current| current.validity) else { return Ok(()) };
        if now >= of.not_after {
            return Err(OutOfTime::Expired { until: of.not_after, now });
        }
        if now < of.not_before {
            return Err(OutOfTime::Early { from: of.not_before, now });
        }
        Ok(())
    }

    /// What is shown now.
    #[must_use]
    pub fn pair(&self) -> Option<KeyPair> {
        self.read().as_ref().map(|current| current.pair.clone())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Option<Current>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for ServingCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.read().as_ref().map(|current| Arc::clone(&current.certified))
    }
}
