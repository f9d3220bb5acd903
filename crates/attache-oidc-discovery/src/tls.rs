//! Which certificates of an issuer are trusted: those that a trusted authority signed, and else those
//! that a provider's thumbprints name.
//!
//! A thumbprint is the SHA-1 of the top certificate that the issuer presents. AWS looks at it only where
//! its own authorities do not lead to the certificate. Whether a provider has that thumbprint is
//! checked elsewhere: the fetched keys are for the providers of many accounts, each with thumbprints of
//! its own.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html>

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::{CertificateFileError, SettingsError};

/// The certificate authorities that are trusted.
pub(crate) struct RootStore {
    provider: Arc<CryptoProvider>,
    /// Made when it is first needed: to read the system's takes longer than all the rest of a start.
    verifier: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
    /// Those of the files, which may be an issuer's own certificate too.
    given: Arc<Vec<CertificateDer<'static>>>,
}

/// The top certificates' SHA-1, in lower-case hex, of the chains that no trusted authority signed.
#[derive(Debug, Clone, Default)]
pub(crate) struct TopCertificates(Arc<Mutex<Vec<String>>>);

impl TopCertificates {
    /// Those that were presented so far.
    pub(crate) fn presented(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, print: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(print);
    }
}

impl RootStore {
    /// The system's authorities, and those of these files.
    pub(crate) fn new(files: &[PathBuf]) -> Result<Self, SettingsError> {
        let mut given = Vec::new();
        for path in files {
            given.extend(
                certificates(path)
                    .map_err(|source| SettingsError { path: path.clone(), source })?,
            );
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Ok(Self { provider, verifier: OnceLock::new(), given: Arc::new(given) })
    }

    fn verifier(&self) -> Option<Arc<WebPkiServerVerifier>> {
        let made = || {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                tracing::warn!("the system has no certificate authorities to verify issuers with");
            }
            roots.add_parsable_certificates(self.given.iter().cloned());
            verifier(roots, &self.provider)
        };
        self.verifier.get_or_init(made).clone()
    }

    /// A client that trusts these authorities. It continues with any other chain that is valid by
    /// itself, and records its top certificate.
    pub(crate) fn client(&self, tops: &TopCertificates) -> Result<ClientConfig, Error> {
        let verifier = Verifier {
            provider: Arc::clone(&self.provider),
            authorities: self.verifier(),
            given: Arc::clone(&self.given),
            tops: tops.clone(),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions()?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        Ok(builder.with_no_client_auth())
    }
}

impl fmt::Debug for RootStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootStore(..)")
    }
}

/// The certificates of a PEM file, each of which can be trusted.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateFileError> {
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path).map_err(CertificateFileError::Pem)? {
        let certificate = certificate.map_err(CertificateFileError::Pem)?;
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(CertificateFileError::Certificate)?;
        certificates.push(certificate);
    }
    if certificates.is_empty() { Err(CertificateFileError::Empty) } else { Ok(certificates) }
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
    given: Arc<Vec<CertificateDer<'static>>>,
    tops: TopCertificates,
}

impl Verifier {
    /// Verifies the chain up to its own top certificate: names, dates and signatures; whether the top
    /// is trusted is not decided.
    fn verify_to_top(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let top = others.last().unwrap_or(leaf);
        let mut roots = RootCertStore::empty();
        roots.add(top.clone())?;
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let verifier = verifier(roots, &self.provider).ok_or(unknown)?;
        match verifier.verify_server_cert(leaf, others, name, &[], now) {
            // A single certificate is compared whole, so it needs no signature.
            Err(error) if top == leaf && is_unknown_issuer(&error) => {
                verify_server_name(&ParsedCertificate::try_from(leaf)?, name)?;
                if self.given.contains(leaf) {
                    return Ok(ServerCertVerified::assertion());
                }
            }
            verified => {
                verified?;
            }
        }
        self.tops.add(hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, top)));
        Ok(ServerCertVerified::assertion())
    }
}

/// Whether a chain is refused because no authority stands for it, and for nothing worse. What
/// `openssl req -x509` makes is an authority and a server in one, which is no mistake where it is
/// believed by itself. Both are found after the certificate's dates were.
fn is_unknown_issuer(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        Error::InvalidCertificate(CertificateError::Other(other)) => {
            let inner = other.0.downcast_ref::<webpki::Error>();
            matches!(inner, Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
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
        let Some(authorities) = &self.authorities else {
            return self.verify_to_top(leaf, others, name, now);
        };
        match authorities.verify_server_cert(leaf, others, name, ocsp, now) {
            Err(error) if is_unknown_issuer(&error) => self.verify_to_top(leaf, others, name, now),
            judged => judged,
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
