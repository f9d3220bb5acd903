//! The authority and its certificates. Pure but for the random numbers.

use attache_identifiers::Secret;
use attache_serving::{KeyPair, Validity, certificates, validity};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use super::super::CertificateError;

/// Ours: of an authority, which signs for one webhook alone.
const AUTHORITY_LIFETIME: Duration = Duration::days(3650);
/// Ours: clocks differ.
const BACKDATED: Duration = Duration::hours(1);

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfMade {
    /// The certificate that is shown.
    pub pair: KeyPair,
    /// The authority that signed it.
    pub authority: Authority,
    /// The authorities that are trusted, in PEM: that one, and the one before while it is valid.
    pub trusted: String,
}

/// An authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its certificate in PEM.
    pub certificate: String,
    /// Its key in PEM.
    pub key: Secret,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(now: OffsetDateTime) -> Result<Self, CertificateError> {
        let mut of = CertificateParams::default();
        of.distinguished_name.push(DnType::CommonName, "attache webhook authority");
        of.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        of.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        of.not_before = now - BACKDATED;
        of.not_after = now + AUTHORITY_LIFETIME;
        let key = rcgen::KeyPair::generate()?;
        let certificate = of.self_signed(&key)?.pem();
        Ok(Self { certificate, key: Secret::new(key.serialize_pem()) })
    }

    /// A certificate for these names and addresses.
    ///
    /// # Errors
    /// When this is no authority, or a host is no name.
    pub fn sign(
        &self,
        hosts: &[String],
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> Result<KeyPair, CertificateError> {
        let own = rcgen::KeyPair::from_pem(self.key.expose())?;
        let issuer = Issuer::from_ca_cert_pem(&self.certificate, own)?;
        let mut of = CertificateParams::new(hosts)?;
        let name = hosts.first().map(String::as_str).unwrap_or_default();
        // X.520's limit on a common name.
        of.distinguished_name.push(DnType::CommonName, name.chars().take(64).collect::<String>());
        of.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        of.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        of.use_authority_key_identifier_extension = true;
        of.not_before = now - BACKDATED;
        of.not_after = now + lifetime;
        let key = rcgen::KeyPair::generate()?;
        let chain = of.signed_by(&key, &issuer)?.pem();
        Ok(KeyPair { chain, key: Secret::new(key.serialize_pem()) })
    }

    fn validity(&self) -> Result<Validity, CertificateError> {
        Ok(validity(&certificates(&self.certificate)?)?)
    }
}

impl SelfMade {
    /// The next one: of the same authority while that one outlives the certificate.
    ///
    /// # Errors
    /// As [`Authority::sign`].
    pub fn next(
        before: Option<&Self>,
        hosts: &[String],
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> Result<Self, CertificateError> {
        let lives = |one: &&Self| {
            one.authority
                .validity()
                .is_ok_and(|of| of.not_before <= now && now + lifetime < of.not_after)
        };
        let authority = match before.filter(lives) {
            Some(one) => one.authority.clone(),
            None => Authority::new(now)?,
        };
        // What was shown until now is still shown by other replicas, and trusted by them.
        let old = before.map(|one| &one.authority).filter(|old| **old != authority);
        let old = old.filter(|old| old.validity().is_ok_and(|of| now < of.not_after));
        let trusted = old.map(|old| old.certificate.as_str()).unwrap_or_default();
        let trusted = format!("{}{trusted}", authority.certificate);
        Ok(Self { pair: authority.sign(hosts, lifetime, now)?, authority, trusted })
    }

    /// Whether it is to be replaced: at two thirds of its life, when it is not for these hosts, or when it is none.
    #[must_use]
    pub fn is_due(&self, hosts: &[String], now: OffsetDateTime) -> bool {
        let Ok(chain) = certificates(&self.pair.chain) else { return true };
        let Ok(of) = validity(&chain) else { return true };
        let from = of.not_before + BACKDATED;
        let (whole, passed) = (of.not_after - from, now - from);
        !has_hosts(&chain, hosts) || self.pair.certified().is_err() || passed * 3 >= whole * 2
    }
}

fn has_hosts(chain: &[rustls_pki_types::CertificateDer<'_>], hosts: &[String]) -> bool {
    use rustls_pki_types::ServerName;
    let Some(Ok(first)) = chain.first().map(rustls::server::ParsedCertificate::try_from) else {
        return false;
    };
    hosts.iter().all(|host| {
        ServerName::try_from(host.as_str())
            .is_ok_and(|name| rustls::client::verify_server_name(&first, &name).is_ok())
    })
}
