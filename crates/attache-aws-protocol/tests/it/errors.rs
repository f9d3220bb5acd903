//! A service's refusal in each protocol: as a client reads it, and its request id.

use attache_aws_protocol::Protocol::{Ec2Query, Json10, Json11, Query, RestJson, RestXml};
use attache_aws_protocol::{Protocol, ServiceError, request_id};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

const PROTOCOLS: [Protocol; 6] = [Query, Ec2Query, Json10, Json11, RestJson, RestXml];

#[test]
fn an_error_has_each_protocols_own_shape() {
    let error = ServiceError::new(404, "NoSuchEntity", "No <role> & no user.");
    let cases = [
        (
            Query,
            "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
             <Message>No &lt;role&gt; &amp; no user.</Message></Error>\
             <RequestId>id-1</RequestId></ErrorResponse>",
        ),
        (
            Ec2Query,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
             <Code>NoSuchEntity</Code><Message>No &lt;role&gt; &amp; no user.</Message></Error>\
             </Errors><RequestID>id-1</RequestID></Response>",
        ),
        (Json11, "{\"__type\":\"NoSuchEntity\",\"message\":\"No <role> & no user.\"}"),
        (
            RestXml,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchEntity</Code>\
             <Message>No &lt;role&gt; &amp; no user.</Message><RequestId>id-1</RequestId></Error>",
        ),
    ];
    for (protocol, body) in cases {
        let answer = error.render(protocol, "id-1");
        assert_eq!((answer.status, std::str::from_utf8(&answer.body).unwrap()), (404, body));
    }
    assert_eq!(error.render(RestJson, "id-1").headers["x-amzn-errortype"], "NoSuchEntity");
    assert_eq!(error.render(Query, "id-1").headers["x-amzn-requestid"], "id-1");
    assert_eq!(error.render(RestXml, "id-1").headers["x-amz-request-id"], "id-1");
    let ours = ServiceError::new(503, "ServiceUnavailable", "");
    let body = ours.render(Query, "id-1").body;
    assert!(std::str::from_utf8(&body).unwrap().contains("<Type>Receiver</Type>"));
}

#[test]
fn what_other_servers_write_is_read() {
    let none = HeaderMap::new();
    let mut typed = HeaderMap::new();
    let dressed = "ResourceNotFoundException:http://internal.amazon.com/coral/";
    typed.insert("x-amzn-errortype", HeaderValue::from_static(dressed));
    let cases = [
        (
            Query,
            &none,
            "<ErrorResponse xmlns=\"u\"><Error><Code>C</Code><Message>M</Message></Error></ErrorResponse>",
            "C",
            "M",
        ),
        (
            RestXml,
            &none,
            "<Error><Code>C</Code><Message>M</Message><BucketName>b</BucketName></Error>",
            "C",
            "M",
        ),
        (
            Json10,
            &none,
            "{\"__type\":\"com.amazonaws.dynamodb.v20120810#C\",\"Message\":\"M\"}",
            "C",
            "M",
        ),
        (Json11, &none, "{\"code\":\"C\"}", "C", ""),
        (
            RestJson,
            &typed,
            "{\"Message\":\"M\",\"Type\":\"User\"}",
            "ResourceNotFoundException",
            "M",
        ),
        (RestJson, &typed, "", "ResourceNotFoundException", ""),
        (Query, &none, "<html><body>Bad Gateway</body></html>", "HTTP502", ""),
        (RestJson, &none, "Bad Gateway", "HTTP502", ""),
        (Ec2Query, &none, "", "HTTP502", ""),
    ];
    for (protocol, headers, body, code, message) in cases {
        let read = ServiceError::read(protocol, 502, headers, body.as_bytes());
        assert_eq!(read, ServiceError::new(502, code, message), "{body}");
    }
}

#[test]
fn a_request_id_is_found_where_a_protocol_has_it() {
    let none = HeaderMap::new();
    let cases = [
        (Query, "<R><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></R>"),
        (Query, "<ErrorResponse><Error/><RequestId>id-1</RequestId></ErrorResponse>"),
        (Ec2Query, "<R><requestId>id-1</requestId></R>"),
        (Ec2Query, "<Response><Errors/><RequestID>id-1</RequestID></Response>"),
        (RestXml, "<Error><RequestId>id-1</RequestId></Error>"),
    ];
    for (protocol, body) in cases {
        assert_eq!(request_id::read(protocol, &none, body.as_bytes()).as_deref(), Some("id-1"));
    }
    assert_eq!(request_id::read(Json10, &none, b"{}"), None);
}

proptest! {
    #[test]
    fn what_is_rendered_is_read_back(
        code in "[A-Za-z][A-Za-z.]{0,20}",
        message in "\\PC{0,60}",
        status in 400..600u16,
        id in "[a-f0-9-]{36}",
    ) {
        let error = ServiceError::new(status, code, message);
        for protocol in PROTOCOLS {
            let answer = error.render(protocol, &id);
            let headers = &answer.headers;
            let read = ServiceError::read(protocol, answer.status, headers, &answer.body);
            prop_assert_eq!(&read, &error, "{:?}", protocol);
            let read = request_id::read(protocol, headers, &answer.body);
            prop_assert_eq!(read.as_deref(), Some(id.as_str()), "{:?}", protocol);
        }
    }
}
