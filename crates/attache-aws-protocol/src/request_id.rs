//! Request ids: where each protocol carries them.

use http::{HeaderMap, HeaderName};

use crate::{Protocol, xml};

/// The header that an answer carries its request id in.
#[must_use]
pub fn header(protocol: Protocol) -> HeaderName {
    match protocol {
        Protocol::RestXml => HeaderName::from_static("x-amz-request-id"),
        _ => HeaderName::from_static("x-amzn-requestid"),
    }
}

/// The request id of an answer, from its headers or else from its XML body.
///
/// S3's and the others' headers are both tried: a proxy between may have added its own.
#[must_use]
pub fn read(protocol: Protocol, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let own = headers.get(header(protocol));
    let found = own.or_else(|| headers.get("x-amzn-requestid"));
    let found = found.or_else(|| headers.get("x-amz-request-id"));
    if let Some(text) = found.and_then(|value| value.to_str().ok()) {
        return Some(text.to_owned());
    }
    if protocol.is_json() {
        return None;
    }
    let document = xml::decode(std::str::from_utf8(body).ok()?).ok()?;
    let places =
        ["ResponseMetadata.RequestId", "RequestId", "requestId", "RequestID", "Error.RequestId"];
    places.iter().find_map(|place| {
        let at = crate::select(&document, place);
        at.first().and_then(|value| value.as_str()).map(str::to_owned)
    })
}
