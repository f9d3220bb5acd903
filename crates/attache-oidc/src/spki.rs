//! A public key as X.509 writes it: SubjectPublicKeyInfo in DER (RFC 5280, section 4.1.2.7), which is
//! what a `PUBLIC KEY` file and a certificate hold.

use aws_lc_rs::rsa::PublicKey as RsaPublicKey;
use aws_lc_rs::signature::RsaPublicKeyComponents;
use rustls_pki_types::alg_id;

use crate::public_key::{Curve, PublicKey};

// Tags of X.690, section 8.
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The key in DER.
pub(crate) fn encode(key: &PublicKey) -> Vec<u8> {
    match key {
        PublicKey::Rsa { n, e, .. } => {
            let numbers = [integer(n), integer(e)].concat();
            info(&alg_id::RSA_ENCRYPTION, &element(SEQUENCE, &numbers))
        }
        PublicKey::Ec { curve, .. } => info(algorithm(*curve), &key.point()),
    }
}

/// The key in DER, or an RSA key as PKCS #1 writes it. None for a key that no token of ours could be
/// signed with. A point that is compressed is none either: neither OpenSSL nor Go writes one unasked.
pub(crate) fn decode(der: &[u8]) -> Option<PublicKey> {
    if let Ok(key) = RsaPublicKey::from_der(der) {
        let parts = RsaPublicKeyComponents::<Vec<u8>>::from(&key);
        return PublicKey::rsa(&parts.n, &parts.e);
    }
    Curve::ALL.into_iter().find_map(|curve| {
        let key = PublicKey::from_point(curve, der.get(der.len() - point_length(curve, der)?..)?)?;
        (encode(&key) == der).then_some(key)
    })
}

/// Bytes of a curve's uncompressed point, if there are as many.
fn point_length(curve: Curve, der: &[u8]) -> Option<usize> {
    Some(1 + 2 * curve.width()).filter(|length| *length <= der.len())
}

fn algorithm(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &alg_id::ECDSA_P256,
        Curve::P384 => &alg_id::ECDSA_P384,
        Curve::P521 => &alg_id::ECDSA_P521,
    }
}

fn info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    // The first byte of a bit string says how many bits of the last are not used.
    let bits = element(BIT_STRING, &[&[0], key].concat());
    element(SEQUENCE, &[element(SEQUENCE, algorithm), bits].concat())
}

/// A positive number: its first bit is its sign.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if bytes.first().is_none_or(|first| first & 0x80 != 0) { &[0] } else { &[] };
    element(INTEGER, &[sign, bytes].concat())
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let bare: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut all = vec![tag];
    match *bare.as_slice() {
        [] => all.push(0),
        [short @ 0..=0x7f] => all.push(short),
        // As many bytes of length follow; a `usize` has at most eight.
        _ => {
            all.extend(bare.len().to_le_bytes().first().map(|count| 0x80 | count));
            all.extend_from_slice(&bare);
        }
    }
    all.extend_from_slice(content);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, SigningKey};

    #[test]
    fn what_is_written_is_read() {
        let rsa = SigningKey::generate(Algorithm::Rs256).unwrap();
        let p256 = SigningKey::generate(Algorithm::Es256).unwrap();
        let wide = |curve: Curve| {
            PublicKey::ec(curve, vec![7; curve.width()], vec![9; curve.width()]).unwrap()
        };
        for key in [rsa.public(), p256.public(), &wide(Curve::P384), &wide(Curve::P521)] {
            let der = encode(key);
            assert_eq!(decode(&der).as_ref(), Some(key));
            assert_eq!(decode(&der[1..]), None);
            assert_eq!(decode(&der[..der.len() - 1]), None);
        }
        assert_eq!(decode(&[]), None);
    }

    #[test]
    fn lengths_of_every_size() {
        for (count, head) in [
            (0, vec![4, 0]),
            (0x7f, vec![4, 0x7f]),
            (0x80, vec![4, 0x81, 0x80]),
            (0x100, vec![4, 0x82, 1, 0]),
        ] {
            assert_eq!(element(4, &vec![1; count])[..head.len()], head, "{count}");
        }
        assert_eq!(integer(&[0x80]), [INTEGER, 2, 0, 0x80]);
        assert_eq!(integer(&[0x7f]), [INTEGER, 1, 0x7f]);
    }
}
