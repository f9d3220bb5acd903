//! One call as it came from the network, and its answer as it goes back.

use bytes::Bytes;

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
    pub headers: http::HeaderMap,
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
    /// The headers, in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// An answer with a content type and the protocol's request id header.
    #[must_use]
    pub fn new(
        status: u16,
        protocol: crate::Protocol,
        request_id: &str,
        body: impl Into<Bytes>,
    ) -> Self {
        let headers = vec![
            ("content-type".to_owned(), protocol.content_type().to_owned()),
            (crate::request_id::header(protocol).to_owned(), request_id.to_owned()),
        ];
        Self { status, headers, body: body.into() }
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}
