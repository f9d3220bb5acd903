//! Checks before every answer: the host that the request is for, and what a browser may do with it.
//!
//! The API has no authentication, and shows what the accounts hold. Another site's page must not read
//! it through a DNS name of its own (DNS rebinding), frame it, or load it as something else.

use std::sync::Arc;

use attache_identifiers::{HostRefused, Hosts};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

/// The page has one style sheet and one script of its own, and sends its form to itself; nothing
/// else is loaded, and no page may frame it. <https://www.w3.org/TR/CSP3/>.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// An answer may not be cached, sniffed, embedded or leaked as a referrer.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Refuses what was meant for another host, and gives every answer its headers.
pub(super) async fn guard(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = match check(&hosts, request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// One `Host`, and it and the target's own authority, where there is one, are ours.
/// <https://www.rfc-editor.org/rfc/rfc9112#section-3.2>.
fn check(hosts: &Hosts, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut given = headers.get_all(HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else {
        return Err(Refusal::bad_request("a request must have one Host header"));
    };
    let host = host.to_str().map_err(|_| Refusal::bad_request("the Host header is not ASCII"))?;
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    for host in std::iter::once(host).chain(authority) {
        hosts.check(host).map_err(|refused| match refused {
            HostRefused::Malformed(_) => Refusal::bad_request(refused.to_string()),
            HostRefused::Foreign(_) => Refusal::misdirected(refused.to_string()),
        })?;
    }
    Ok(())
}
