//! The certificate that a published key may bring along, and whether it is that key's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use serde_json::Value;

use crate::key_file::of_certificate;
use crate::public_key::PublicKey;

/// Whether `x5c` (RFC 7517, section 4.7) is a chain whose first certificate holds this key. AWS
/// does not use a key whose certificate is another's. Nothing else of the certificate is looked
/// at, its dates least of all: the key set is what is trusted.
pub(crate) fn agrees(x5c: &Value, key: &PublicKey) -> bool {
    let first = x5c.as_array().and_then(|chain| chain.first()).and_then(Value::as_str);
    let der = first.and_then(|text| STANDARD.decode(text).ok());
    der.is_some_and(|der| of_certificate(&CertificateDer::from(der)).as_ref() == Some(key))
}
