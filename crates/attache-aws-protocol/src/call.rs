//! One call as it came from the network, and its answer as it goes back.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

/// A request as it stood on the wire: what a signature covers, undecoded.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The HTTP method.
    pub method: http::Method,
    /// The path as it was sent, percent-encoded.
    pub path: String,
    /// The query string as it was sent, without its `?`; empty where there was none.
    pub query: String,
    /// The headers. `Host` must be among them: an HTTP/2 server copies `:authority` there.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Inbound {
    /// A header's value as text, where there is exactly one such header and it is ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let only = values.next()?;
        if values.next().is_some() {
            return None;
        }
        only.to_str().ok()
    }
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Ours: those of an answer, and of the server that gives it.
const USUAL: usize = 6;

impl Answer {
    /// An answer with a content type and the protocol's request id header.
    #[must_use]
    pub fn new(
        status: u16,
        protocol: crate::Protocol,
        request_id: &str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut headers = HeaderMap::with_capacity(USUAL);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(protocol.content_type()));
        let answer = Self { status, headers, body: body.into() };
        answer.with_header(crate::request_id::header(protocol), request_id)
    }

    /// The same answer with one header more; without it where it cannot be a header's value.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }
}
