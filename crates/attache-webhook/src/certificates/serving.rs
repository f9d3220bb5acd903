//! The certificate that is shown to the next client.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use super::{CertificateError, KeyPair};

/// See the module. Without one, every handshake fails.
#[derive(Debug, Clone, Default)]
pub struct ServingCertificate(Arc<RwLock<Option<Current>>>);

#[derive(Debug)]
struct Current {
    pair: KeyPair,
    certified: Arc<CertifiedKey>,
    until: OffsetDateTime,
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
        let (certified, until) = pair.certified()?;
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Current { pair, certified, until });
        Ok(true)
    }

    /// Until when it is valid.
    #[must_use]
    pub fn until(&self) -> Option<OffsetDateTime> {
        self.read().as_ref().map(|current| current.until)
    }

    /// What is shown now.
    #[cfg(test)]
    pub(crate) fn pair(&self) -> Option<KeyPair> {
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
