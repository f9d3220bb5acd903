//! Which certificates of an issuer are believed: those of the authorities that everybody believes, and
//! else those that the provider's thumbprints name.
//!
//! A thumbprint is the SHA-1 of the top certificate that the issuer shows. AWS looks at it only where
//! its own authorities do not lead to the certificate.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html>

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::AuthorityError;

/// What a certificate is refused with that no thumbprint names: the caller is told this alone.
pub(super) const NO_THUMBPRINT: &str = "the certificate is of no authority that is believed here, and \
                                        the provider has no thumbprint of its top certificate";

/// The authorities that are believed.
pub(super) struct Authorities {
    provider: Arc<CryptoProvider>,
    verifier: Option<Arc<WebPkiServerVerifier>>,
}

impl Authorities {
    /// The system's authorities, and those of these files.
    pub(super) fn new(files: &[PathBuf]) -> Result<Self, AuthorityError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for path in files {
            let wrong = |why: String| AuthorityError::IssuerAuthority { path: path.clone(), why };
            let read = CertificateDer::pem_file_iter(path).map_err(|e| wrong(e.to_string()))?;
            let mut any = false;
            for certificate in read {
                let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
                roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
                any = true;
            }
            if !any {
                return Err(wrong("it holds no certificate".to_owned()));
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Ok(Self { verifier: verifier(roots, &provider), provider })
    }

    /// A client that believes these authorities, and else these thumbprints.
    pub(super) fn client(&self, thumbprints: &[String]) -> Result<ClientConfig, Error> {
        let verifier = Verifier {
            provider: Arc::clone(&self.provider),
            authorities: self.verifier.clone(),
            thumbprints: thumbprints.iter().map(|own| own.to_ascii_lowercase()).collect(),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        Ok(builder.with_no_client_auth())
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorities(..)")
    }
}

/// A verifier by these roots; none where there are none.
fn verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok()
}

#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    thumbprints: Vec<String>,
}

impl Verifier {
    /// The chain up to the top certificate that is shown, if that is one of the thumbprints'.
    fn by_thumbprint(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let top = others.last().unwrap_or(leaf);
        let print = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, top));
        if !self.thumbprints.contains(&print) {
            return Err(Error::General(NO_THUMBPRINT.to_owned()));
        }
        let mut roots = RootCertStore::empty();
        if roots.add(top.clone().into_owned()).is_err() {
            return Err(Error::InvalidCertificate(CertificateError::BadEncoding));
        }
        match verifier(roots, &self.provider) {
            Some(verifier) => verifier.verify_server_cert(leaf, others, name, &[], now),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let verified = self.authorities.as_ref().map_or(unknown, |authorities| {
            authorities.verify_server_cert(leaf, others, name, ocsp, now)
        });
        match verified {
            Err(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::Other(_),
            )) => self.by_thumbprint(leaf, others, name, now),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
