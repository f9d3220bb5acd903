//! The private key of an issuer, and the signature it makes.

use attache_identifiers::Secret;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaPublicKeyComponents,
};
use jsonwebtoken::{Algorithm as Jose, EncodingKey};
use serde_json::{Map, Value, json};

use crate::public_key::{Curve, PublicKey};
use crate::{Algorithm, Claims, OidcError, base64url, unverified};

/// An issuer's key: signs tokens, and knows its public half and its id.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    signer: EncodingKey,
    pkcs8: Secret,
    public: PublicKey,
    key_id: String,
}

impl SigningKey {
    /// Makes a new key: RSA of 2048 bits for RS256, P-256 for ES256.
    ///
    /// # Errors
    /// For an algorithm that is only verified, and when the system gives no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, OidcError> {
        let lost = |_| OidcError::Generate(algorithm);
        match algorithm {
            Algorithm::Rs256 => Self::rsa(&RsaPair::generate(KeySize::Rsa2048).map_err(lost)?),
            Algorithm::Es256 => {
                let alg = &ECDSA_P256_SHA256_FIXED_SIGNING;
                Self::p256(&EcdsaKeyPair::generate(alg).map_err(lost)?)
            }
            other => Err(OidcError::NotForIssuing(other)),
        }
    }

    /// Reads a private key: PKCS #8 (`PRIVATE KEY`), and what older tools write for RSA
    /// (`RSA PRIVATE KEY`, as kubeadm's `sa.key` is) and EC (`EC PRIVATE KEY`). The key's kind
    /// decides the algorithm: RS256 or ES256.
    ///
    /// # Errors
    /// When there is no such block in the text, or the key is of another kind or size.
    pub fn from_pem(text: &str) -> Result<Self, OidcError> {
        let why = "it holds no PEM block";
        let blocks = pem::parse_many(text).map_err(|_| OidcError::Pem { why })?;
        // `openssl ecparam -genkey` writes a block of parameters before the key.
        let block = blocks.iter().find(|b| b.tag().ends_with("PRIVATE KEY"));
        let Some(block) = block else {
            let public = blocks.iter().any(|b| b.tag().ends_with("PUBLIC KEY"));
            let why = if public { "it holds a public key only" } else { "it holds no private key" };
            return Err(OidcError::Pem { why });
        };
        let der = block.contents();
        let rsa = match block.tag() {
            "PRIVATE KEY" => RsaPair::from_pkcs8(der).ok(),
            "RSA PRIVATE KEY" => RsaPair::from_der(der).ok(),
            "EC PRIVATE KEY" => None,
            "ENCRYPTED PRIVATE KEY" => {
                return Err(OidcError::Pem { why: "it is encrypted with a passphrase" });
            }
            _ => return Err(OidcError::Pem { why: "it is of a format other than PKCS #8" }),
        };
        if let Some(pair) = rsa {
            return Self::rsa(&pair);
        }
        let alg = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let why = "it is damaged, or neither RSA of a known size nor EC P-256";
        let unsupported = |_| OidcError::Unsupported { why };
        Self::p256(&EcdsaKeyPair::from_private_key_der(alg, der).map_err(unsupported)?)
    }

    fn rsa(pair: &RsaPair) -> Result<Self, OidcError> {
        let generate = |_| OidcError::Generate(Algorithm::Rs256);
        let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let why = "its modulus is smaller than 2048 bits or larger than 8192";
        let public = PublicKey::rsa(&parts.n, &parts.e).ok_or(OidcError::Unsupported { why })?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(generate)?;
        let pem = private_pem(pkcs8.as_ref());
        let signer = EncodingKey::from_rsa_pem(pem.expose().as_bytes());
        Self::new(Algorithm::Rs256, signer, pem, public)
    }

    fn p256(pair: &EcdsaKeyPair) -> Result<Self, OidcError> {
        let generate = |_| OidcError::Generate(Algorithm::Es256);
        let public = PublicKey::from_point(Curve::P256, pair.public_key().as_ref());
        let why = "its public point is not an uncompressed one";
        let public = public.ok_or(OidcError::Unsupported { why })?;
        let pem = private_pem(pair.to_pkcs8v1().map_err(generate)?.as_ref());
        let signer = EncodingKey::from_ec_pem(pem.expose().as_bytes());
        Self::new(Algorithm::Es256, signer, pem, public)
    }

    fn new(
        algorithm: Algorithm,
        signer: jsonwebtoken::errors::Result<EncodingKey>,
        pkcs8: Secret,
        public: PublicKey,
    ) -> Result<Self, OidcError> {
        let why = "the JOSE library cannot read it";
        let signer = signer.map_err(|_| OidcError::Unsupported { why })?;
        let key_id = public.key_id();
        Ok(Self { algorithm, signer, pkcs8, public, key_id })
    }

    /// The private key as a PKCS #8 PEM file, ending in a line feed.
    #[must_use]
    pub fn to_pem(&self) -> Secret {
        self.pkcs8.clone()
    }

    /// The key's id: the one that Kubernetes gives it, so that a cluster's key has the same id here and
    /// in the cluster's own tokens.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The algorithm that the key signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half as a JSON Web Key (RFC 7517): `use`, `kty`, `kid`, `alg`, then the key.
    #[must_use]
    pub fn jwk(&self) -> Value {
        published(&self.public, &self.key_id, Some(self.algorithm.as_str()))
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// Shows the id, never the key.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { algorithm, key_id, .. } = self;
        f.debug_struct("SigningKey").field("algorithm", algorithm).field("id", key_id).finish()
    }
}

/// Signs the claims, in the order in which they were set.
///
/// # Errors
/// When the token would be longer than AWS reads.
pub fn sign(key: &SigningKey, claims: &Claims) -> Result<Secret, OidcError> {
    let header = json!({ "alg": key.algorithm.as_str(), "kid": key.key_id });
    let payload = Value::Object(claims.0.clone()).to_string();
    let message =
        format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(payload));
    let jose = if key.public.is_rsa() { Jose::RS256 } else { Jose::ES256 };
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key.signer, jose)
        .map_err(|_| OidcError::Sign { key_id: key.key_id.clone() })?;
    let token = format!("{message}.{signature}");
    if token.len() > unverified::LONGEST {
        return Err(OidcError::TooLong { length: token.len() });
    }
    Ok(Secret::new(token))
}

/// A key as a key set shows it.
pub(crate) fn published(public: &PublicKey, kid: &str, alg: Option<&str>) -> Value {
    let mut jwk = Map::new();
    jwk.insert("use".into(), "sig".into());
    jwk.insert("kid".into(), kid.into());
    if let Some(alg) = alg {
        jwk.insert("alg".into(), alg.into());
    }
    jwk.extend(public.members());
    Value::Object(jwk)
}

fn private_pem(pkcs8: &[u8]) -> Secret {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    Secret::new(pem::encode_config(&pem::Pem::new("PRIVATE KEY", pkcs8), config))
}
