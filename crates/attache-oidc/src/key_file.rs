//! Public keys from the files that a cluster's keys are in.
//!
//! What kube-apiserver takes for `--service-account-key-file` is taken here: public keys, private keys
//! (of which the public half is read), certificates, and several of them in one file.
//! <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
};
use rustls_pki_types::CertificateDer;

use crate::jwks::Jwks;
use crate::public_key::{Curve, PublicKey};
use crate::{OidcError, SigningKey, spki};

impl Jwks {
    /// Reads the public keys of a PEM file, each under the id that Kubernetes gives it.
    ///
    /// # Errors
    /// When the text has no PEM block, or one that is no key which tokens are signed with.
    pub fn from_pem(text: &str) -> Result<Self, OidcError> {
        let unreadable = |why| OidcError::Pem { why };
        let blocks = pem::parse_many(text).map_err(|_| unreadable("a PEM block is damaged"))?;
        let mut jwks = Self::default();
        // `openssl ecparam -genkey` writes a block of parameters before the key.
        for block in blocks.iter().filter(|block| block.tag() != "EC PARAMETERS") {
            jwks.add_public(read(block)?);
        }
        if jwks.is_empty() {
            return Err(unreadable("it holds no PEM block of a key"));
        }
        Ok(jwks)
    }

    /// Reads a file of public keys: a JSON Web Key Set, or PEM.
    ///
    /// # Errors
    /// As [`Jwks::parse`] and [`Jwks::from_pem`].
    pub fn read(text: &str) -> Result<Self, OidcError> {
        if Self::looks_like_json(text) { Self::parse(text) } else { Self::from_pem(text) }
    }

    /// Whether [`Jwks::read`] takes a text for a key set and not for PEM.
    #[must_use]
    pub fn looks_like_json(text: &str) -> bool {
        text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
    }
}

fn read(block: &pem::Pem) -> Result<PublicKey, OidcError> {
    let der = block.contents();
    let key = match block.tag() {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => spki::decode(der),
        "CERTIFICATE" => of_certificate(&CertificateDer::from(der)),
        _ => return of_private(block),
    };
    let why = "a public key in it is damaged, or of another kind or size";
    key.ok_or(OidcError::Unsupported { why })
}

/// The key that a certificate is for.
pub(crate) fn of_certificate(der: &CertificateDer<'_>) -> Option<PublicKey> {
    let certificate = webpki::EndEntityCert::try_from(der).ok()?;
    spki::decode(&certificate.subject_public_key_info())
}

/// The public half of a private key, also of those that we only verify with.
fn of_private(block: &pem::Pem) -> Result<PublicKey, OidcError> {
    let refused = match SigningKey::from_pem(&pem::encode(block)) {
        Ok(key) => return Ok(key.public().clone()),
        Err(refused) => refused,
    };
    let pair = [
        (Curve::P384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        (Curve::P521, &ECDSA_P521_SHA512_FIXED_SIGNING),
    ];
    let public = pair.into_iter().find_map(|(curve, algorithm)| {
        let pair = EcdsaKeyPair::from_private_key_der(algorithm, block.contents()).ok()?;
        PublicKey::from_point(curve, pair.public_key().as_ref())
    });
    public.ok_or(refused)
}
