//! awsJson's target and bodies, REST paths and parameters, times, and selecting from an answer.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{Protocol, WireError, json as aws_json, rest, select, timestamp};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::OffsetDateTime;
use time::macros::datetime;

fn targeted(targets: &[&'static str]) -> Inbound {
    let mut headers = HeaderMap::new();
    for target in targets {
        headers.append("x-amz-target", HeaderValue::from_static(target));
    }
    let (path, query, body) = ("/".to_owned(), String::new(), Bytes::new());
    Inbound { method: Method::POST, path, query, headers, body }
}

#[test]
fn the_target_names_the_operation() {
    let target = aws_json::target(&targeted(&["DynamoDB_20120810.ListTables"])).unwrap();
    assert_eq!(
        (target.service.as_str(), target.operation.as_str()),
        ("DynamoDB_20120810", "ListTables")
    );
    let refused: &[&[&str]] =
        &[&[], &["ListTables"], &["DynamoDB_20120810."], &[".ListTables"], &["A.B", "A.C"]];
    for targets in refused {
        let error = aws_json::target(&targeted(targets)).unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (400, "UnknownOperationException"));
    }
}

#[test]
fn a_json_body_is_an_object_or_nothing() {
    assert_eq!(aws_json::decode(b"{\"Limit\": 5}").unwrap(), json!({"Limit": 5}));
    assert_eq!(aws_json::decode(b" \n").unwrap(), json!({}));
    let deep = format!("{{\"a\":{}}}", "[".repeat(100_000));
    for body in [b"[]".as_slice(), b"{", b"\xff", b"{\"a\":1}x", deep.as_bytes()] {
        assert!(matches!(aws_json::decode(body), Err(WireError::Json { .. })));
    }
    let large = vec![b' '; aws_json::MAX_JSON_BYTES + 1];
    assert!(matches!(aws_json::decode(&large), Err(WireError::TooLarge { .. })));
    let answer = aws_json::response(Protocol::Json10, &json!({"TableNames": []}), "id").unwrap();
    assert_eq!(answer.body, "{\"TableNames\":[]}");
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
}

#[test]
fn a_rest_request_is_its_path_and_parameters() {
    let cases: [(&str, &[&str]); 4] = [
        ("/", &[]),
        ("/2015-03-31/functions/", &["2015-03-31", "functions"]),
        ("//a%2Fb//c%20d", &["a/b", "c d"]),
        ("/a+b", &["a+b"]),
    ];
    for (path, segments) in cases {
        assert_eq!(rest::segments(path).unwrap(), segments, "{path}");
    }
    assert!(rest::segments("/%ff").is_err());
    let parameters =
        rest::parameters("list-type=2&prefix=a%2Fb+c&tagKeys=x&tagKeys=y&acl").unwrap();
    assert_eq!(rest::parameter(&parameters, "prefix"), Some("a/b c"));
    assert_eq!(rest::parameter(&parameters, "acl"), Some(""));
    assert_eq!(rest::parameter(&parameters, "Prefix"), None);
    assert_eq!(parameters.iter().filter(|(name, _)| name == "tagKeys").count(), 2);
}

#[test]
fn times_are_written_as_each_protocol_does_and_read_in_any_way() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Times {
        #[serde(with = "timestamp::seconds")]
        query: OffsetDateTime,
        #[serde(with = "timestamp::millis")]
        ec2: OffsetDateTime,
        #[serde(with = "timestamp::epoch")]
        json: OffsetDateTime,
        #[serde(with = "timestamp::seconds::optional")]
        never: Option<OffsetDateTime>,
    }
    let time = datetime!(2015-08-30 14:36:00.25 +2);
    let times = Times { query: time, ec2: time, json: time, never: None };
    let text = serde_json::to_value(&times).unwrap();
    assert_eq!(
        text,
        json!({
            "query": "2015-08-30T12:36:00Z", "ec2": "2015-08-30T12:36:00.250Z",
            "json": 1_440_938_160.25, "never": null,
        })
    );
    let read: Times = serde_json::from_value(text).unwrap();
    assert_eq!((read.query, read.ec2), (datetime!(2015-08-30 12:36 UTC), time));
    assert_eq!(read.json, time);

    let whole = datetime!(2015-08-30 12:36 UTC);
    for text in [
        "2015-08-30T12:36:00Z",
        "2015-08-30T12:36:00.000Z",
        "2015-08-30T14:36:00+02:00",
        "1440938160",
    ] {
        assert_eq!(timestamp::parse(text), Some(whole), "{text}");
    }
    for text in ["", "soon", "2015-08-30", "1e300", "NaN", "inf", "-1e30"] {
        assert_eq!(timestamp::parse(text), None, "{text}");
    }
    assert_eq!(timestamp::format_basic(whole), "20150830T123600Z");
    assert_eq!(timestamp::parse_basic("20150830T123600Z"), Some(whole));
    assert_eq!(timestamp::parse_basic("+20150830T12360Z"), None);
    assert_eq!(timestamp::parse_http("Sun, 30 Aug 2015 12:36:00 GMT"), Some(whole));
    assert_eq!(timestamp::format_http(whole), "Sun, 30 Aug 2015 12:36:00 GMT");
}

#[test]
fn a_path_selects_through_lists_at_every_step() {
    let page =
        json!({"a": [{"b": {"c": 1}}, {"b": [{"c": 2}, {"d": 0}, {"c": [3, 4]}]}, {}], "e": ""});
    let numbers = |path| select(&page, path).into_iter().map(|v| v.as_i64()).collect::<Vec<_>>();
    assert_eq!(numbers("a.b.c"), [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(select(&page, "a.x"), Vec::<&serde_json::Value>::new());
    assert_eq!(select(&page, "e.item"), Vec::<&serde_json::Value>::new());
    assert_eq!(select(&page, ""), [&page]);
}

#[test]
fn a_body_of_too_many_values_is_refused_before_it_is_a_tree() {
    let body = format!("{{\"a\":[{}0]}}", "0,".repeat(aws_json::MAX_JSON_VALUES));
    let refused = aws_json::decode(body.as_bytes());
    assert!(matches!(refused, Err(WireError::TooMany { .. })), "{refused:?}");
}
