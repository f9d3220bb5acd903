//! From a catalog entry to a signed request.

use std::time::SystemTime;

use attache_aws_accounts::sign;
use attache_aws_protocol::Protocol;
use attache_aws_protocol::query::{ListStyle, encode};
use attache_catalog::{Address, Call, Entry};
use attache_identifiers::Region;
use aws_credential_types::Credentials;
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use super::Fault;

/// The call for one page, unsigned. `endpoint` is the base URL.
pub(super) fn page(
    entry: &Entry,
    endpoint: &str,
    token: Option<&Value>,
) -> Result<Request<Bytes>, Fault> {
    let call = &entry.call;
    let mut input = call.input.clone();
    if let Some(page) = &entry.page {
        if let (Some(name), Some(size)) = (&page.size_name, page.size) {
            input.insert(name.clone(), size.into());
        }
        if let Some(token) = token {
            input.insert(page.token_in.clone(), token.clone());
        }
    }
    let base = endpoint.trim_end_matches('/');
    let request = Request::builder();
    let request = match &call.address {
        Address::Version(version) => {
            let style = match call.protocol {
                Protocol::Ec2Query => ListStyle::Flat,
                _ => ListStyle::Member,
            };
            let form = encode(&call.operation, version, &Value::Object(input), style);
            request
                .method(http::Method::POST)
                .uri(format!("{base}/"))
                .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
                .body(Bytes::from(form))
        }
        Address::Target(prefix) => request
            .method(http::Method::POST)
            .uri(format!("{base}/"))
            .header("content-type", call.protocol.content_type())
            .header("x-amz-target", format!("{prefix}.{}", call.operation))
            .body(Bytes::from(Value::Object(input).to_string())),
        Address::Rest { method, path } if *method == http::Method::GET => request
            .method(method.clone())
            .uri(format!("{base}{path}{}", query_string(&input)))
            .body(Bytes::new()),
        Address::Rest { method, path } => request
            .method(method.clone())
            .uri(format!("{base}{path}"))
            .header("content-type", call.protocol.content_type())
            .body(Bytes::from(Value::Object(input).to_string())),
    };
    request.map_err(|e| Fault::Request { why: e.to_string() })
}

/// A GET's input: a query string, escaped as SigV4 requires.
fn query_string(input: &Map<String, Value>) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let pairs: Vec<String> = input
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(&text(value))))
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn escaped(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Signs a request.
pub(super) fn signed(
    request: Request<Bytes>,
    call: &Call,
    region: &Region,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<Request<Bytes>, Fault> {
    let signed = sign(request, &call.signing_name, region, credentials, now);
    signed.map_err(|error| Fault::Request { why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_aws_accounts::service_endpoint;
    use attache_catalog::Catalog;
    use attache_identifiers::Partition;

    fn written(kind: &str, token: Option<&str>) -> (String, String) {
        let catalog = Catalog::embedded().unwrap();
        let entry = catalog.entries().iter().find(|entry| entry.kind == kind).unwrap();
        let token = token.map(|t| Value::String(t.into()));
        let request = page(entry, "http://127.0.0.1:1", token.as_ref()).unwrap();
        let line = format!("{} {}", request.method(), request.uri());
        (line, String::from_utf8(request.body().to_vec()).unwrap())
    }

    #[test]
    fn every_protocol_asks_for_a_page_in_its_own_way() {
        for (kind, token, line, body) in [
            (
                "ec2:instance",
                Some("a/b"),
                "POST http://127.0.0.1:1/",
                "Action=DescribeInstances&Version=2016-11-15&MaxResults=1000&NextToken=a%2Fb",
            ),
            (
                "rds:db",
                None,
                "POST http://127.0.0.1:1/",
                "Action=DescribeDBInstances&Version=2014-10-31&MaxRecords=100",
            ),
            (
                "dynamodb:table",
                Some("orders"),
                "POST http://127.0.0.1:1/",
                r#"{"Limit":100,"ExclusiveStartTableName":"orders"}"#,
            ),
            (
                "lambda:function",
                Some("m=1&x"),
                "GET http://127.0.0.1:1/2015-03-31/functions?MaxItems=50&Marker=m%3D1%26x",
                "",
            ),
            ("s3:bucket", None, "GET http://127.0.0.1:1/?max-buckets=10000", ""),
        ] {
            assert_eq!(written(kind, token), (line.to_owned(), body.to_owned()), "{kind}");
        }
    }

    #[test]
    fn each_partition_has_its_own_endpoints() {
        let catalog = Catalog::embedded().unwrap();
        let call = &catalog.entries().iter().find(|entry| entry.kind == "rds:db").unwrap().call;
        for (partition, region, url) in [
            ("aws", "eu-west-1", "https://rds.eu-west-1.amazonaws.com"),
            ("aws-us-gov", "us-gov-west-1", "https://rds.us-gov-west-1.amazonaws.com"),
            ("aws-cn", "cn-north-1", "https://rds.cn-north-1.amazonaws.com.cn"),
        ] {
            let region = Region::parse(region).unwrap();
            let partition = Partition::parse(partition).unwrap();
            assert_eq!(service_endpoint(&call.service, &region, &partition), url);
        }
    }
}
