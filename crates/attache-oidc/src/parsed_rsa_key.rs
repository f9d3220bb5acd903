//! An RSA key as the cryptographic library works with it, made once: to take it apart anew for every
//! token costs as much as to verify one.

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, VerificationAlgorithm,
};

use crate::Algorithm;

/// The key as it was parsed when it was first needed, with the algorithm of that time. It follows from
/// the modulus and the exponent beside it, so two of them never differ.
#[derive(Clone, Default)]
pub(crate) struct ParsedRsaKey(OnceLock<Option<(Algorithm, ParsedPublicKey)>>);

impl ParsedRsaKey {
    /// Whether a signature over a message is that key's.
    pub(crate) fn verifies(
        &self,
        (n, e): (&[u8], &[u8]),
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let made = || parsed(n, e, algorithm);
        let cached = self.0.get_or_init(|| made().map(|key| (algorithm, key)));
        match cached {
            Some((first, key)) if *first == algorithm => key.verify_sig(message, signature).is_ok(),
            // Few issuers sign with one key by two algorithms.
            _ => made().is_some_and(|key| key.verify_sig(message, signature).is_ok()),
        }
    }
}

fn parsed(n: &[u8], e: &[u8], algorithm: Algorithm) -> Option<ParsedPublicKey> {
    let way: &'static dyn VerificationAlgorithm = match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => return None,
    };
    let der = RsaPublicKeyComponents { n, e }.as_der().ok()?;
    ParsedPublicKey::new(way, der.as_ref()).ok()
}

impl PartialEq for ParsedRsaKey {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ParsedRsaKey {}

impl fmt::Debug for ParsedRsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ParsedRsaKey(..)")
    }
}
