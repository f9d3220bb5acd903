//! Base64url without padding, the alphabet of everything in JOSE (RFC 7515, section 2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Refuses padding, other alphabets and stray last bits, so that a value has one spelling.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether the text is of the alphabet and of a length that there is. A signature that was altered
/// in its last character may fail [`decode`] by stray bits alone, and yet it is a bad signature and
/// not a bad token.
pub(crate) fn looks_right(text: &str) -> bool {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    // To look at every byte alike takes least.
    text.len() % 4 != 1 && text.bytes().fold(true, |all, byte| all & alphabet(byte))
}
