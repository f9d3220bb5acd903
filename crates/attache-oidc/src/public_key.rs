//! A public key: read from a JWK, written as one, named by its content, asked about a signature.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
use jsonwebtoken::{Algorithm as Jose, DecodingKey};
use serde_json::{Map, Value, json};

use crate::parsed_rsa_key::ParsedRsaKey;
use crate::{Algorithm, base64url, spki};

/// The public half of a key, without its id or its purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8>, parsed: ParsedRsaKey },
    /// The point's coordinates, each of the curve's length.
    Ec { curve: Curve, x: Vec<u8>, y: Vec<u8> },
}

/// The curves that AWS takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// The library's: it verifies with RSA keys of these sizes, in bytes of modulus, and no other.
const RSA_MODULUS: std::ops::RangeInclusive<usize> = 2048 / 8..=8192 / 8;

impl Curve {
    pub(crate) const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Bytes of a coordinate.
    pub(crate) fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl PublicKey {
    /// Reads `kty` and the members that belong to it (RFC 7518, section 6). None for a key that no
    /// token of ours could be signed with: another type or curve, a missing or misshapen member.
    pub(crate) fn from_jwk(jwk: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(base64url::decode);
        match text("kty")? {
            "RSA" => Self::rsa(&bytes("n")?, &bytes("e")?),
            "EC" => {
                let name = text("crv")?;
                let curve = Curve::ALL.into_iter().find(|c| c.as_str() == name)?;
                Self::ec(curve, bytes("x")?, bytes("y")?)
            }
            _ => None,
        }
    }

    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let bare = |number: &[u8]| {
            number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>()
        };
        let (n, e) = (bare(n), bare(e));
        let usable = RSA_MODULUS.contains(&n.len()) && !e.is_empty() && e.len() <= n.len();
        usable.then_some(Self::Rsa { n, e, parsed: ParsedRsaKey::default() })
    }

    pub(crate) fn ec(curve: Curve, x: Vec<u8>, y: Vec<u8>) -> Option<Self> {
        let usable = x.len() == curve.width() && y.len() == curve.width();
        usable.then_some(Self::Ec { curve, x, y })
    }

    /// Reads an uncompressed point (SEC 1, section 2.3.3).
    pub(crate) fn from_point(curve: Curve, point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(curve.width())?;
        Self::ec(curve, x.into(), y.into())
    }

    /// What the key is, in the words of a message: `RSA` or `EC P-256`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec { curve: Curve::P256, .. } => "EC P-256",
            Self::Ec { curve: Curve::P384, .. } => "EC P-384",
            Self::Ec { curve: Curve::P521, .. } => "EC P-521",
        }
    }

    pub(crate) fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    /// Whether a signature by that algorithm can come from this key.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind() == wanted_kind(algorithm)
    }

    /// The algorithm that a key of this kind signs with, which an issuer's key set states: of RSA's
    /// three the one that Kubernetes uses.
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::Ec { curve: Curve::P256, .. } => Algorithm::Es256,
            Self::Ec { curve: Curve::P384, .. } => Algorithm::Es384,
            Self::Ec { curve: Curve::P521, .. } => Algorithm::Es512,
        }
    }

    /// The members that make the key what it is, in lexical order.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let value = match self {
            Self::Rsa { n, e, .. } => {
                json!({ "e": base64url::encode(e), "kty": "RSA", "n": base64url::encode(n) })
            }
            Self::Ec { curve, x, y } => json!({
                "crv": curve.as_str(), "kty": "EC",
                "x": base64url::encode(x), "y": base64url::encode(y),
            }),
        };
        value.as_object().cloned().unwrap_or_default()
    }

    /// The key's id as Kubernetes forms it: the SHA-256 of its SubjectPublicKeyInfo. It is not the
    /// thumbprint of RFC 7638. Seen on kube-apiserver; `tests/cluster/tokens.py` compares.
    pub(crate) fn key_id(&self) -> String {
        base64url::encode(digest::digest(&digest::SHA256, &spki::encode(self)))
    }

    /// Whether `signature` (base64url, as it stands in the token) is this key's over `message`.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &str, signature: &str) -> bool {
        if let Self::Rsa { n, e, parsed } = self {
            let signature = base64url::decode(signature);
            return signature.is_some_and(|signature| {
                parsed.verifies((n, e), algorithm, message.as_bytes(), &signature)
            });
        }
        let jose = match algorithm {
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => return false,
            Algorithm::Es256 => Jose::ES256,
            Algorithm::Es384 => Jose::ES384,
            Algorithm::Es512 => return self.verifies_es512(message, signature),
        };
        let key = DecodingKey::from_ec_der(&self.point());
        self.fits(algorithm)
            && jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, jose)
                .unwrap_or(false)
    }

    /// The JOSE library has no ES512; the cryptographic library beneath it does.
    fn verifies_es512(&self, message: &str, signature: &str) -> bool {
        let Some(signature) = base64url::decode(signature) else { return false };
        let key = UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, self.point());
        self.fits(Algorithm::Es512) && key.verify(message.as_bytes(), &signature).is_ok()
    }

    /// An EC key as an uncompressed point (SEC 1, section 2.3.3); nothing for RSA.
    pub(crate) fn point(&self) -> Vec<u8> {
        match self {
            Self::Rsa { .. } => Vec::new(),
            Self::Ec { x, y, .. } => [&[4], x.as_slice(), y.as_slice()].concat(),
        }
    }
}

/// The kind of key that an algorithm needs, as [`PublicKey::kind`] says it.
pub(crate) fn wanted_kind(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => "RSA",
        Algorithm::Es256 => "EC P-256",
        Algorithm::Es384 => "EC P-384",
        Algorithm::Es512 => "EC P-521",
    }
}

#[cfg(test)]
mod rfc_vectors;
