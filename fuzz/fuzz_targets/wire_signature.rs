//! Any headers and query, parsed as those of a signed request: no signature, a signature, or an error.
//! A signature is never valid for another secret.
#![no_main]

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4;
use attache_identifiers::Secret;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let query = lines.next().unwrap_or_default().to_owned();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')).take(64) {
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
    }
    let (method, path, body) = (Method::POST, "/".to_owned(), Bytes::from_static(b"a=b"));
    let inbound = Inbound { method, path, query, headers, body };
    let _claimed = sigv4::claimed_scope(&inbound);
    match sigv4::read(&inbound) {
        Ok(Some(signed)) => {
            let now =
                time::OffsetDateTime::from_unix_timestamp(1_790_000_000).expect("it is a time");
            let verified = signed.verify(&inbound, &Secret::new("nobody's"), now);
            assert!(verified.is_err(), "{signed:?}");
            let again = sigv4::read(&inbound);
            assert!(again.is_ok_and(|signed| signed.is_some()));
        }
        Ok(None) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
