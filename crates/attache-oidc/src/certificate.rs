//! The certificate that a published key may bring along, and whether it is that key's.

use aws_lc_rs::rsa::PublicKey as RsaPublicKey;
use aws_lc_rs::signature::RsaPublicKeyComponents;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use serde_json::Value;

use crate::public_key::PublicKey;

/// Whether `x5c` (RFC 7517, section 4.7) is a chain whose first certificate holds this key. AWS
/// does not use a key whose certificate is another's. Nothing else of the certificate is looked
/// at, its dates least of all: the key set is what is trusted.
pub(crate) fn agrees(x5c: &Value, key: &PublicKey) -> bool {
    let first = x5c.as_array().and_then(|chain| chain.first()).and_then(Value::as_str);
    let der = first.and_then(|text| STANDARD.decode(text).ok());
    der.is_some_and(|der| holds(&der, key))
}

fn holds(der: &[u8], key: &PublicKey) -> bool {
    let der = CertificateDer::from(der);
    let Ok(certificate) = webpki::EndEntityCert::try_from(&der) else { return false };
    let spki = certificate.subject_public_key_info();
    match key {
        PublicKey::Rsa { .. } => RsaPublicKey::from_der(&spki).is_ok_and(|held| {
            let held = RsaPublicKeyComponents::<Vec<u8>>::from(&held);
            PublicKey::rsa(&held.n, &held.e).as_ref() == Some(key)
        }),
        // The point is the structure's last member, and long enough to be nothing else.
        PublicKey::Ec { .. } => spki.ends_with(&key.point()),
    }
}
