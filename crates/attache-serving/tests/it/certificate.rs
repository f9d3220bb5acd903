use std::time::Instant;

use attache_identifiers::Secret;
use attache_serving::{CertificateError, FollowedFiles, KeyPair, ServingCertificate};

use crate::site::{Authority, LIMITS, Site, ask, rest, shown};

#[tokio::test]
async fn the_next_client_is_shown_another_certificate_and_the_one_before_goes_on() {
    let (authority, certificate) = (Authority::new(), ServingCertificate::default());
    let site = Site::start(LIMITS, Some(certificate.clone())).await;
    assert!(authority.connect(&site).await.is_err(), "without one, every handshake fails");
    assert!(certificate.replace(authority.sign()).unwrap());
    let first = authority.connect(&site).await.unwrap();
    assert!(certificate.replace(authority.sign()).unwrap());
    let second = authority.connect(&site).await.unwrap();
    assert_ne!(shown(&first), shown(&second));
    assert!(ask(first, "0").await.ends_with("after 0"));
    assert!(ask(second, "0").await.ends_with("after 0"));
    assert!(Authority::new().connect(&site).await.is_err(), "who trusts another authority");
}

#[tokio::test]
async fn a_client_that_says_nothing_ends_with_the_handshake_s_time() {
    let certificate = ServingCertificate::default();
    certificate.replace(Authority::new().sign()).unwrap();
    let site = Site::start(LIMITS, Some(certificate)).await;
    let begun = Instant::now();
    assert_eq!(rest(site.connect().await).await, "");
    assert!(begun.elapsed() >= LIMITS.handshake, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn files_that_do_not_fit_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = FollowedFiles {
        certificate: folder.path().join("tls.crt"),
        key: folder.path().join("tls.key"),
    };
    let write = |pair: &KeyPair| {
        std::fs::write(&files.certificate, &pair.chain).unwrap();
        std::fs::write(&files.key, pair.key.expose()).unwrap();
    };
    let serving = ServingCertificate::default();
    assert!(matches!(files.load(&serving).await, Err(CertificateError::File(_))));
    let authority = Authority::new();
    let (first, second) = (authority.sign(), authority.sign());
    write(&first);
    assert!(files.load(&serving).await.unwrap());
    assert!(!files.load(&serving).await.unwrap(), "the same again");
    // One of both files was renewed, and the other not yet.
    write(&KeyPair { chain: second.chain.clone(), key: first.key.clone() });
    assert!(matches!(files.load(&serving).await, Err(CertificateError::Key(_))));
    for (chain, key) in
        [("", ""), (second.chain.as_str(), "no key"), ("no chain", second.key.expose())]
    {
        write(&KeyPair { chain: chain.to_owned(), key: Secret::new(key) });
        let error = files.load(&serving).await.unwrap_err().to_string();
        assert!(!error.contains("PRIVATE"), "{error}");
    }
    assert_eq!(serving.pair(), Some(first));
    write(&second);
    assert!(files.load(&serving).await.unwrap());
    assert_eq!(serving.pair(), Some(second));
}
