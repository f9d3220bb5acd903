//! Whatever AWS's own signer signs verifies, and nothing that was changed afterwards does.

use std::time::{Duration, SystemTime};

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4::{self, SignatureError};
use attache_identifiers::Secret;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::{HeaderValue, Method};
use proptest::collection::vec;
use proptest::prelude::*;
use time::OffsetDateTime;

#[derive(Debug, Clone)]
struct Case {
    method: Method,
    path: String,
    query: String,
    header: String,
    body: Vec<u8>,
    service: &'static str,
    token: Option<String>,
    secret: String,
    presigned: bool,
    unsigned_payload: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let method = prop::sample::select(vec![Method::GET, Method::POST, Method::PUT, Method::DELETE]);
    let segment =
        prop_oneof!["[a-zA-Z0-9._~:@!$'()*+,;=-]{0,8}", "(%[2-7][0-9A-F]){1,3}", "\\.{1,3}"];
    let path = vec(segment, 0..5).prop_map(|parts| format!("/{}", parts.join("/")));
    let name = "[a-zA-Z0-9._~-]{1,6}|(%[2-7][0-9A-F]){1,2}";
    let pair = (name, "[a-zA-Z0-9._~:/?@!$'()*+,;=-]{0,8}|(%[2-7][0-9A-F]){0,3}");
    let query = vec(pair.prop_map(|(name, value)| format!("{name}={value}")), 0..5);
    let query = query.prop_map(|pairs| pairs.join("&"));
    let header = "[ -~]{0,20}";
    let service = prop::sample::select(vec!["sts", "iam", "ec2", "s3", "lambda"]);
    let token = proptest::option::of("[a-zA-Z0-9+/=]{1,40}");
    let who = (service, token, "[a-zA-Z0-9+/]{40}", any::<bool>(), any::<bool>());
    let body = vec(any::<u8>(), 0..60);
    (method, path, query, header, body, who).prop_map(|(method, path, query, header, body, who)| {
        let (service, token, secret, presigned, unsigned_payload) = who;
        let unsigned_payload = (unsigned_payload || presigned) && service == "s3";
        Case {
            method,
            path,
            query,
            header,
            body,
            service,
            token,
            secret,
            presigned,
            unsigned_payload,
        }
    })
}

const SIGNED_AT: u64 = 1_800_000_000;

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(SIGNED_AT as i64).unwrap()
}

fn settings(case: &Case) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if case.service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if case.presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(900));
    }
    settings
}

/// The case as its client sends it.
fn signed(case: &Case) -> Inbound {
    let token = case.token.clone();
    let identity: Identity =
        Credentials::new("AKIDEXAMPLE", &case.secret, token, None, "test").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name(case.service)
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(SIGNED_AT))
        .settings(settings(case))
        .build()
        .unwrap()
        .into();
    let query = if case.query.is_empty() { String::new() } else { format!("?{}", case.query) };
    let url = format!("http://127.0.0.1:4566{}{query}", case.path);
    let headers = [("host", "127.0.0.1:4566"), ("x-note", case.header.as_str())];
    let body = match case.unsigned_payload {
        true => SignableBody::UnsignedPayload,
        false => SignableBody::Bytes(&case.body),
    };
    let signable =
        SignableRequest::new(case.method.as_str(), &url, headers.into_iter(), body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let mut request = http::Request::builder().method(case.method.clone()).uri(&url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut request = request.body(()).unwrap();
    instructions.apply_to_request_http1x(&mut request);
    let (parts, ()) = request.into_parts();
    Inbound {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: Bytes::from(case.body.clone()),
    }
}

fn verify(inbound: &Inbound, secret: &str) -> Result<(), SignatureError> {
    let signed = sigv4::read(inbound)?.ok_or(SignatureError::Missing)?;
    signed.verify(inbound, &Secret::new(secret), now())
}

proptest! {
    #[test]
    fn what_the_official_signer_signs_verifies(case in case()) {
        let inbound = signed(&case);
        let read = sigv4::read(&inbound).unwrap().unwrap();
        prop_assert_eq!(&read.access_key, "AKIDEXAMPLE");
        prop_assert_eq!(&read.service, case.service);
        prop_assert_eq!(&read.region, "us-east-1");
        prop_assert_eq!(read.signed_at, now());
        prop_assert_eq!(read.session_token.as_ref().map(Secret::expose), case.token.as_deref());
        prop_assert_eq!(verify(&inbound, &case.secret), Ok(()));
    }

    #[test]
    fn what_is_changed_afterwards_does_not(case in case(), other in "[a-z]{41}") {
        let inbound = signed(&case);
        prop_assert_eq!(verify(&inbound, &other), Err(SignatureError::Mismatch), "another secret");

        let mut path = inbound.clone();
        path.path.push_str("/x");
        prop_assert_eq!(verify(&path, &case.secret), Err(SignatureError::Mismatch), "another path");

        let mut query = inbound.clone();
        query.query.push_str("&Action=DeleteRole");
        prop_assert_eq!(verify(&query, &case.secret), Err(SignatureError::Mismatch), "a parameter more");

        let mut method = inbound.clone();
        method.method = Method::PATCH;
        prop_assert_eq!(verify(&method, &case.secret), Err(SignatureError::Mismatch), "another method");

        let mut header = inbound.clone();
        header.headers.insert("x-note", HeaderValue::from_static("tampered!~tampered!~tampered"));
        prop_assert_eq!(verify(&header, &case.secret), Err(SignatureError::Mismatch), "another header");

        let mut more = inbound.clone();
        more.headers.insert("x-amz-target", HeaderValue::from_static("DynamoDB_20120810.DeleteTable"));
        let unsigned = SignatureError::UnsignedHeader { name: "x-amz-target".to_owned() };
        prop_assert_eq!(verify(&more, &case.secret), Err(unsigned), "a header more");

        let mut body = inbound;
        body.body = [body.body.as_ref(), b"x"].concat().into();
        let refused = verify(&body, &case.secret);
        match (case.unsigned_payload, case.service) {
            (true, _) => prop_assert_eq!(refused, Ok(())),
            (false, "s3") => prop_assert_eq!(refused, Err(SignatureError::Payload)),
            (false, _) => prop_assert_eq!(refused, Err(SignatureError::Mismatch)),
        }
    }
}
