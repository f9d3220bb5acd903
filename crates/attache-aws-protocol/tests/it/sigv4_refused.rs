//! What is refused before a key is even looked up, why, and how each protocol says so.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4::{self, LIFETIME, MAX_EXPIRY, MAX_SKEW, SignatureError as E};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{Region, Secret};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use time::Duration;
use time::macros::datetime;

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date, \
    Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

/// The documentation's ListUsers call, with its headers changed: `None` takes one away.
fn list_users(changes: &[(&str, Option<&str>)]) -> Inbound {
    let mut headers = HeaderMap::new();
    let usual = [
        ("host", "iam.amazonaws.com"),
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", AUTHORIZATION),
    ];
    let usual = usual.iter().map(|(name, value)| (*name, Some(*value)));
    for (name, value) in usual.chain(changes.iter().copied()) {
        let name = HeaderName::try_from(name).unwrap();
        match value {
            Some(value) => drop(headers.insert(name, HeaderValue::try_from(value).unwrap())),
            None => drop(headers.remove(name)),
        }
    }
    let query = "Action=ListUsers&Version=2010-05-08".to_owned();
    Inbound { method: Method::GET, path: "/".to_owned(), query, headers, body: Bytes::new() }
}

fn refused(inbound: &Inbound) -> E {
    sigv4::read(inbound).unwrap_err()
}

#[test]
fn a_request_without_a_signature_is_simply_unsigned() {
    assert!(sigv4::read(&list_users(&[("authorization", None)])).unwrap().is_none());
}

#[test]
fn an_authorization_header_that_cannot_count_says_why() {
    let header = |text: &str| refused(&list_users(&[("authorization", Some(text))]));
    let edited = |from: &str, to: &str| header(&AUTHORIZATION.replace(from, to));

    assert_eq!(header("Bearer eyJ"), E::Algorithm { got: "Bearer".to_owned() });
    assert_eq!(header("AWS AKIDEXAMPLE:c2ln"), E::Algorithm { got: "AWS".to_owned() });
    let asymmetric = "AWS4-ECDSA-P256-SHA256";
    let got = asymmetric.to_owned();
    assert_eq!(edited("AWS4-HMAC-SHA256", asymmetric), E::Algorithm { got });
    let parts = vec!["Credential", "SignedHeaders"];
    assert_eq!(header("AWS4-HMAC-SHA256 Signature=00"), E::Incomplete { parts });
    let got = "aws5_request".to_owned();
    assert_eq!(edited("aws4_request", "aws5_request"), E::ScopeTerminator { got });
    let (scope, signed_at) = ("20150831".to_owned(), "20150830T123600Z".to_owned());
    assert_eq!(edited("20150830", "20150831"), E::ScopeDate { scope, signed_at });

    let malformed = [
        ("AWS4-HMAC-SHA256", "Authorization"),
        ("AWS4-HMAC-SHA256 Credential", "Authorization"),
        ("AWS4-HMAC-SHA256 Credential=a, Extra=b", "Authorization"),
        ("AWS4-HMAC-SHA256 Credential=a, Credential=b", "Credential"),
    ];
    for (text, wanted) in malformed {
        assert!(matches!(header(text), E::Malformed { part, .. } if part == wanted), "{text}");
    }
    let edits = [
        ("AKIDEXAMPLE/", "", "Credential"),
        ("5d672d79", "5d672d7", "Signature"),
        ("5d672d79", "xd672d79", "Signature"),
        ("content-type;host", "host;content-type", "SignedHeaders"),
        ("content-type;host", "host;host", "SignedHeaders"),
        ("content-type;host", "Content-Type;host", "SignedHeaders"),
        ("content-type;host", "content-type;;host", "SignedHeaders"),
    ];
    for (from, to, wanted) in edits {
        let got = edited(from, to);
        assert!(matches!(got, E::Malformed { part, .. } if part == wanted), "{to}: {got:?}");
    }
}

#[test]
fn headers_that_must_be_there_or_be_signed() {
    let incomplete = E::Incomplete { parts: vec!["X-Amz-Date"] };
    assert_eq!(refused(&list_users(&[("x-amz-date", None)])), incomplete);
    let bad_date = refused(&list_users(&[("x-amz-date", Some("2015-08-30T12:36:00Z"))]));
    assert!(matches!(bad_date, E::Malformed { part: "X-Amz-Date", .. }));
    let unsigned = |name: &str| E::UnsignedHeader { name: name.to_owned() };
    assert_eq!(refused(&list_users(&[("host", None)])), unsigned("host"));
    let target = [("x-amz-target", Some("DynamoDB_20120810.DeleteTable"))];
    assert_eq!(refused(&list_users(&target)), unsigned("x-amz-target"));
    // The token is compared with the key's own, so it need not be covered.
    assert!(sigv4::read(&list_users(&[("x-amz-security-token", Some("t"))])).is_ok());

    let mut twice = list_users(&[]);
    twice.headers.append("authorization", HeaderValue::from_static(AUTHORIZATION));
    assert!(matches!(refused(&twice), E::Malformed { part: "authorization", .. }));
}

#[test]
fn a_presigned_url_is_refused_with_the_same_care() {
    let url = |query: &str| {
        let mut inbound = list_users(&[("authorization", None)]);
        inbound.query = query.to_owned();
        inbound
    };
    let whole = "Action=ListUsers&X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fiam%2Faws4_request\
        &X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-amz-date\
        &X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let whole = whole.replace("%2Fiam%2F", "%2Fs3%2F");
    let signed = sigv4::read(&url(&whole)).unwrap().unwrap();
    assert_eq!(signed.expires, Some(Duration::minutes(1)));

    let mut both = url(&whole);
    both.headers.insert("authorization", HeaderValue::from_static(AUTHORIZATION));
    assert_eq!(refused(&both), E::TwoMechanisms);
    for expiry in ["0", "-1", "604801", "soon", "99999999999", ""] {
        let query = whole.replace("Expires=60", &format!("Expires={expiry}"));
        assert_eq!(refused(&url(&query)), E::Expiry, "{expiry}");
    }
    assert_eq!(MAX_EXPIRY.whole_seconds(), 604_800);
    let parts = vec!["X-Amz-Date", "X-Amz-Expires"];
    let query = whole.replace("X-Amz-Date", "A").replace("X-Amz-Expires", "B");
    assert_eq!(refused(&url(&query)), E::Incomplete { parts });
    let twice = refused(&url(&format!("{whole}&X-Amz-Date=20150830T123600Z")));
    assert!(matches!(twice, E::Malformed { part: "X-Amz-Date", .. }));
}

/// As on AWS: Go's first SDK presigns EKS tokens with 0, its second with none, `aws eks get-token`
/// with 60.
#[test]
fn a_presigned_url_of_another_service_than_s3_lasts_fifteen_minutes_whatever_it_says() {
    let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let signed_at = datetime!(2015-08-30 12:36 UTC);
    for expires in ["&X-Amz-Expires=0", "&X-Amz-Expires=60", "&X-Amz-Expires=604801", ""] {
        for service in ["sts", "iam", "ec2"] {
            let mut inbound = list_users(&[("authorization", None)]);
            inbound.query = format!(
                "Action=GetCallerIdentity&X-Amz-Algorithm=AWS4-HMAC-SHA256{expires}\
                 &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2F{service}%2Faws4_request\
                 &X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host%3Bx-amz-date\
                 &X-Amz-Signature={}",
                "0".repeat(64)
            );
            let signed = sigv4::read(&inbound).unwrap().unwrap();
            let verify = |now| signed.verify(&inbound, &secret, now).unwrap_err();
            let ended_at = signed_at + LIFETIME;
            assert_eq!(verify(ended_at), E::Mismatch, "{service}{expires}");
            let now = ended_at + Duration::SECOND;
            assert_eq!(verify(now), E::LinkExpired { ended_at, now }, "{service}{expires}");
        }
    }
}

#[test]
fn a_signature_counts_for_five_minutes_either_way() {
    let inbound = list_users(&[]);
    let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let signed = sigv4::read(&inbound).unwrap().unwrap();
    let signed_at = datetime!(2015-08-30 12:36 UTC);
    let verify = |now| signed.verify(&inbound, &secret, now);
    assert_eq!(verify(signed_at + MAX_SKEW), Ok(()));
    assert_eq!(verify(signed_at - MAX_SKEW), Ok(()));
    let now = signed_at + MAX_SKEW + Duration::SECOND;
    assert_eq!(verify(now), Err(E::Expired { signed_at, now }));
    let now = signed_at - MAX_SKEW - Duration::SECOND;
    assert_eq!(verify(now), Err(E::NotYetCurrent { signed_at, now }));
}

#[test]
fn a_body_in_chunks_is_refused_by_name() {
    let names = "content-type;host;x-amz-content-sha256;x-amz-date";
    let header = AUTHORIZATION.replace("content-type;host;x-amz-date", names).replace("iam", "s3");
    let kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    let with = |hash: Option<&'static str>| {
        let inbound =
            list_users(&[("authorization", Some(&header)), ("x-amz-content-sha256", hash)]);
        let signed = sigv4::read(&inbound).unwrap().unwrap();
        signed.verify(&inbound, &Secret::new("s"), datetime!(2015-08-30 12:36 UTC)).unwrap_err()
    };
    assert_eq!(with(Some(kind)), E::Streaming { got: kind.to_owned() });
    assert_eq!(with(None), E::NoPayloadHash);
    assert_eq!(with(Some("0000")), E::Payload);
    assert_eq!(with(Some("UNSIGNED-PAYLOAD")), E::Mismatch);
}

#[test]
fn the_scope_is_the_service_and_region_that_was_called() {
    let signed = sigv4::read(&list_users(&[])).unwrap().unwrap();
    let (east, west) = (Region::parse("us-east-1").unwrap(), Region::parse("eu-west-1").unwrap());
    assert_eq!(signed.require_scope("iam", None), Ok(()));
    assert_eq!(signed.require_scope("iam", Some(&east)), Ok(()));
    let (wanted, got) = ("eu-west-1".to_owned(), "us-east-1".to_owned());
    assert_eq!(signed.require_scope("iam", Some(&west)), Err(E::ScopeRegion { wanted, got }));
    let (wanted, got) = ("sts".to_owned(), "iam".to_owned());
    assert_eq!(signed.require_scope("sts", Some(&east)), Err(E::ScopeService { wanted, got }));
}

#[test]
fn each_protocol_has_its_own_words() {
    use Protocol::{Ec2Query, Json10, Query, RestJson, RestXml};
    let (signed_at, now) = (datetime!(2015-08-30 12:36 UTC), datetime!(2015-08-30 12:55 UTC));
    let expired = || E::Expired { signed_at, now };
    let cases = [
        (E::Missing, Query, 403, "MissingAuthenticationToken"),
        (E::Missing, Json10, 400, "MissingAuthenticationTokenException"),
        (E::Missing, RestXml, 403, "AccessDenied"),
        (E::Incomplete { parts: vec!["Signature"] }, Query, 400, "IncompleteSignature"),
        (E::Incomplete { parts: vec!["Signature"] }, RestXml, 400, "AuthorizationHeaderMalformed"),
        (E::Mismatch, Query, 403, "SignatureDoesNotMatch"),
        (E::Mismatch, Ec2Query, 401, "AuthFailure"),
        (E::Mismatch, Json10, 400, "InvalidSignatureException"),
        (E::Mismatch, RestJson, 403, "InvalidSignatureException"),
        (E::Mismatch, RestXml, 403, "SignatureDoesNotMatch"),
        (expired(), Query, 403, "SignatureDoesNotMatch"),
        (expired(), Ec2Query, 400, "RequestExpired"),
        (expired(), RestXml, 403, "RequestTimeTooSkewed"),
        (E::UnknownKey, Query, 403, "InvalidClientTokenId"),
        (E::UnknownKey, Ec2Query, 401, "AuthFailure"),
        (E::UnknownKey, Json10, 400, "UnrecognizedClientException"),
        (E::UnknownKey, RestXml, 403, "InvalidAccessKeyId"),
        (E::SessionExpired, Query, 403, "ExpiredToken"),
        (E::SessionExpired, Ec2Query, 400, "RequestExpired"),
        (E::SessionExpired, Json10, 400, "ExpiredTokenException"),
        (E::SessionExpired, RestXml, 400, "ExpiredToken"),
    ];
    for (error, protocol, status, code) in cases {
        let ServiceError { status: s, code: c, .. } = error.service_error(protocol);
        assert_eq!((s, c.as_str()), (status, code), "{error:?} in {protocol:?}");
    }
    assert_eq!(
        expired().service_error(Query).message,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T125000Z \
         (20150830T125500Z - 5 min.)",
    );
    assert_eq!(
        E::Incomplete { parts: vec!["Signature", "X-Amz-Date"] }.service_error(Query).message,
        "Authorization header requires 'Signature' parameter. Authorization header requires \
         existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
}

/// Whether a signature was read that verifies, which nobody can write without the secret.
fn is_signed(inbound: &Inbound) -> bool {
    let read = sigv4::read(inbound).ok().flatten();
    read.is_some_and(|signed| {
        signed.verify(inbound, &Secret::new("secret"), signed.signed_at).is_ok()
    })
}

proptest! {
    #[test]
    fn no_header_and_no_query_string_makes_the_reader_panic(
        header in "[ -~]{0,120}",
        query in "\\PC{0,120}",
        part in prop::sample::select(vec!["Credential", "SignedHeaders", "Signature"]),
        value in "[ -~]{0,80}",
    ) {
        for text in [header.clone(), format!("AWS4-HMAC-SHA256 {part}={value}, {header}")] {
            let mut inbound = list_users(&[("authorization", Some(&text))]);
            inbound.query = query.clone();
            prop_assert!(!is_signed(&inbound), "{}", text);
        }
        let mut inbound = list_users(&[("authorization", None)]);
        inbound.query = format!("X-Amz-{part}={value}&{query}");
        prop_assert!(!is_signed(&inbound), "{}", inbound.query);
    }
}
