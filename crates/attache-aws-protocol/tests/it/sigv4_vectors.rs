//! Signatures that others made, and that must verify: AWS's documentation, AWS's test suite,
//! botocore.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4::{self, SignatureError};
use attache_identifiers::Secret;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use time::OffsetDateTime;
use time::macros::datetime;

/// The secret of the documentation's AKIDEXAMPLE.
const GENERAL: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// The secret of the S3 documentation's AKIAIOSFODNN7EXAMPLE, which differs in one character.
const S3: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A request written out as HTTP/1.1 does, with the old folding of header lines.
fn parse(text: &str) -> Inbound {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap();
    let (method, rest) = first.split_once(' ').unwrap();
    let (target, version) = rest.rsplit_once(' ').unwrap();
    assert_eq!(version, "HTTP/1.1");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with(' ') {
            let (_, value) = headers.last_mut().unwrap();
            value.push(' ');
            value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    inbound(method, path, query, &headers, body)
}

fn inbound(
    method: &str,
    path: &str,
    query: &str,
    headers: &[(String, String)],
    body: &str,
) -> Inbound {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name).unwrap();
        map.append(name, HeaderValue::try_from(value.trim()).unwrap());
    }
    Inbound {
        method: Method::try_from(method).unwrap(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body: Bytes::from(body.to_owned()),
    }
}

fn verify(request: &Inbound, secret: &str, now: OffsetDateTime) -> Result<(), SignatureError> {
    let signed = sigv4::read(request)?.ok_or(SignatureError::Missing)?;
    signed.verify(request, &Secret::new(secret), now)
}

#[test]
fn the_documentations_examples_verify() {
    let iam = "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\n\
        Host: iam.amazonaws.com\n\
        Content-Type: application/x-www-form-urlencoded; charset=utf-8\n\
        X-Amz-Date: 20150830T123600Z\n\
        Authorization: AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date, \
        Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\n\n";
    verify(&parse(iam), GENERAL, datetime!(2015-08-30 12:36 UTC)).unwrap();

    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let s3 = |target: &str, more: &str, names: &str, hash: &str, signature: &str, body: &str| {
        format!(
            "{target} HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n{more}\
             x-amz-content-sha256: {hash}\nx-amz-date: 20130524T000000Z\n\
             Authorization: AWS4-HMAC-SHA256 \
             Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders={names},Signature={signature}\n\n{body}"
        )
    };
    let cases = [
        s3(
            "GET /test.txt",
            "Range: bytes=0-9\n",
            "host;range;x-amz-content-sha256;x-amz-date",
            empty,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            "",
        ),
        s3(
            "PUT /test%24file.text",
            "Date: Fri, 24 May 2013 00:00:00 GMT\nx-amz-storage-class: REDUCED_REDUNDANCY\n",
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            "Welcome to Amazon S3.",
        ),
        s3(
            "GET /?lifecycle",
            "",
            "host;x-amz-content-sha256;x-amz-date",
            empty,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            "",
        ),
        s3(
            "GET /?max-keys=2&prefix=J",
            "",
            "host;x-amz-content-sha256;x-amz-date",
            empty,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            "",
        ),
        "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 \
         HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\n\n"
            .to_owned(),
    ];
    for case in &cases {
        verify(&parse(case), S3, datetime!(2013-05-24 00:04 UTC))
            .unwrap_or_else(|e| panic!("{e}\n{case}"));
    }
}

#[derive(Deserialize)]
struct Row {
    name: String,
    place: String,
    normalize: bool,
    omit_session_token: bool,
    request: String,
}

#[test]
fn awss_test_suite_verifies() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("../vectors/aws.json")).unwrap();
    for Row { name, place, normalize, omit_session_token, request } in &rows {
        // Only S3 leaves a path as it is, and S3 does not escape it twice either: no service takes
        // these signatures. One has nothing to normalise.
        let unnormalised = !normalize && name != "get-space-unnormalized";
        // A token added to the URL after signing, as IoT alone has it.
        let token_after = *omit_session_token && place == "query";
        let wanted = match unnormalised || token_after {
            true => Err(SignatureError::Mismatch),
            false => Ok(()),
        };
        let got = verify(&parse(request), GENERAL, datetime!(2015-08-30 12:36 UTC));
        assert_eq!(got, wanted, "{name} in the {place}:\n{request}");
    }
    assert_eq!(rows.len(), 76);
}

#[derive(Deserialize)]
struct Botocore {
    #[serde(with = "attache_aws_protocol::timestamp::seconds")]
    signed_at: OffsetDateTime,
    secret: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    session_token: Option<String>,
}

#[test]
fn what_botocore_signs_verifies() {
    let table: Botocore = serde_json::from_str(include_str!("../vectors/botocore.json")).unwrap();
    for Vector { name, method, path, query, headers, body, session_token } in table.vectors {
        let request = inbound(&method, &path, &query, &headers, &body);
        let signed = sigv4::read(&request).unwrap().unwrap_or_else(|| panic!("{name}: unsigned"));
        assert_eq!(signed.signed_at, table.signed_at, "{name}");
        let token = signed.session_token.as_ref().map(|token| token.expose().to_owned());
        assert_eq!(token, session_token, "{name}");
        let secret = Secret::new(table.secret.as_str());
        signed.verify(&request, &secret, table.signed_at).unwrap_or_else(|e| panic!("{name}: {e}"));
        let other = signed.verify(&request, &Secret::new("other"), table.signed_at);
        assert_eq!(other, Err(SignatureError::Mismatch), "{name}");
    }
}
