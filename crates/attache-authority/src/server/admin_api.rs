//! The calls to the authority itself, under `/_attache/`, which AWS does not have.
//!
//! These calls are not signed: they are answered to this machine alone, and neither to a page of another
//! site in a browser nor through a proxy, whose callers may be anywhere.

use std::net::{Ipv4Addr, SocketAddr};

use attache_identifiers::Hosts;
use attache_ledger::AdminError;
use attache_ledger::change::AdminChange;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, Version, header};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::connection;
use crate::AuthorityError;
use crate::laboratory::LaboratorySettings;
use crate::shared::Shared;

/// What the paths begin with.
pub(super) const PREFIX: &str = "/_attache/";

/// The header of an answer that says where its decision is explained.
pub(super) const DECISION: &str = "x-attache-decision";

/// Where the decision of a request is explained.
pub(super) fn decision_path(request_id: &str) -> String {
    format!("{PREFIX}decisions/{request_id}")
}

/// The answer where none could be made, which is our mistake.
pub(super) fn broken() -> Response<Full<Bytes>> {
    json_response(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "this failed; see the log"}))
}

/// Answers a call under [`PREFIX`].
pub(super) async fn answer(
    authority: &Shared,
    head: &Parts,
    body: Incoming,
    source: SocketAddr,
) -> Response<Full<Bytes>> {
    if let Err(why) = require_local(head, source) {
        return json_response(StatusCode::FORBIDDEN, &json!({"error": why}));
    }
    let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    match (&head.method, parts.as_slice()) {
        (&Method::GET, ["decisions", id]) => decision(authority, head, id),
        (&Method::GET, ["snapshots"]) => {
            let names: Vec<String> = authority.ledger.read().saved().map(str::to_owned).collect();
            json_response(StatusCode::OK, &json!({"snapshots": names}))
        }
        (&Method::GET, ["lab"]) => json_response(StatusCode::OK, &authority.laboratory.report()),
        (&Method::POST, ["lab"]) => set_laboratory(authority, body).await,
        (&Method::POST, ["reset"]) => change(authority, AdminChange::Reset).await,
        (&Method::POST, ["snapshots", name]) => match valid_name(name) {
            Some(name) => change(authority, AdminChange::Saved { name }).await,
            None => json_response(StatusCode::BAD_REQUEST, &json!({"error": NAME})),
        },
        (&Method::POST, ["snapshots", name, "restore"]) => {
            change(authority, AdminChange::Restored { name: (*name).to_owned() }).await
        }
        (&Method::DELETE, ["snapshots", name]) => {
            change(authority, AdminChange::SnapshotDeleted { name: (*name).to_owned() }).await
        }
        (_, ["reset"] | ["snapshots", _, "restore"]) => method_not_allowed(&head.method, "POST"),
        (_, ["lab"]) => method_not_allowed(&head.method, "GET, POST"),
        (_, ["decisions", _] | ["snapshots"]) => method_not_allowed(&head.method, "GET"),
        (_, ["snapshots", _]) => method_not_allowed(&head.method, "POST, DELETE"),
        _ => json_response(
            StatusCode::NOT_FOUND,
            &json!({"error": format!("there is no {path} here")}),
        ),
    }
}

/// Sets the laboratory to the JSON of a body, and answers what it is set to.
async fn set_laboratory(authority: &Shared, body: Incoming) -> Response<Full<Bytes>> {
    let body = match connection::read(body).await {
        Ok(body) => body,
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            return json_response(status, &json!({"error": error.message}));
        }
    };
    let settings = LaboratorySettings::from_json(&body);
    let services = authority.service_names();
    let set = settings.and_then(|settings| authority.laboratory.set(settings, &services));
    match set {
        Ok(()) => json_response(StatusCode::OK, &authority.laboratory.report()),
        Err(error) => {
            let error = AuthorityError::from(error).to_string();
            json_response(StatusCode::BAD_REQUEST, &json!({"error": error}))
        }
    }
}

/// Refuses a method, and names those that are allowed.
fn method_not_allowed(method: &Method, allowed: &'static str) -> Response<Full<Bytes>> {
    let error = format!("{method} is not allowed here; use {allowed}");
    let mut response = json_response(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": error}));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}

/// The rule for snapshots' names.
const NAME: &str = "a snapshot's name has up to 64 letters, digits, dots, hyphens and underscores";

fn valid_name(name: &str) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let fits = !name.is_empty() && name.len() <= 64 && name.chars().all(legal);
    fits.then(|| name.to_owned())
}

async fn change(authority: &Shared, change: AdminChange) -> Response<Full<Bytes>> {
    match authority.ledger.change_all(OffsetDateTime::now_utc(), change).await {
        Ok(()) => json_response(StatusCode::OK, &json!({"done": true})),
        Err(error) => json_response(status_of(&error), &json!({"error": error.to_string()})),
    }
}

fn status_of(error: &AdminError) -> StatusCode {
    match error {
        AdminError::TooManySnapshots { .. } | AdminError::SnapshotsTooLarge { .. } => {
            StatusCode::CONFLICT
        }
        AdminError::Apply(_) | AdminError::NoAccounts => StatusCode::NOT_FOUND,
        AdminError::Snapshot(_) | AdminError::Journal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Refuses callers on other machines, calls through a proxy, and pages of other sites.
fn require_local(head: &Parts, source: SocketAddr) -> Result<(), &'static str> {
    if !source.ip().to_canonical().is_loopback() {
        return Err("this is only answered to loopback addresses");
    }
    // nginx speaks HTTP/1.0 to its backends by default, and then adds no header.
    if head.version < Version::HTTP_11 || head.headers.keys().any(is_forwarding) {
        return Err(
            "this is not answered through a proxy: call the authority directly, from its machine",
        );
    }
    let mut hosts = head.headers.get_all(header::HOST).iter().map(|host| host.to_str());
    let (Some(Ok(host)), None) = (hosts.next(), hosts.next()) else {
        return Err("there must be one Host, and it must be localhost or a loopback address");
    };
    // A request to a proxy has a whole URL.
    let target = head.uri.authority().map(http::uri::Authority::as_str);
    if !is_loopback_host(host) || target.is_some_and(|host| !is_loopback_host(host)) {
        return Err("the Host must be localhost or a loopback address");
    }
    let all = |name: &str, legal: &dyn Fn(&str) -> bool| {
        head.headers.get_all(name).iter().all(|value| value.to_str().is_ok_and(legal))
    };
    let of_this_site = |origin: &str| {
        origin.strip_prefix("http://").is_some_and(|from| from.eq_ignore_ascii_case(host))
    };
    // Browsers send the origin of the calling page, and `none` where a person typed the address:
    // <https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>.
    if !all("origin", &of_this_site)
        || !all("sec-fetch-site", &|site| matches!(site, "same-origin" | "none"))
    {
        return Err("this is not answered to pages of other sites");
    }
    Ok(())
}

/// What the headers' names begin with that proxies, load balancers and content networks add.
const FORWARDING: &[&str] = &[
    "forwarded",
    "via",
    "x-forwarded",
    "x-real-ip",
    "x-original-",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-proxyuser-ip",
    "x-remote-ip",
    "x-remote-addr",
    "x-host",
    "x-rewrite-url",
    "x-envoy-",
    "x-amzn-trace-id",
    "x-azure-",
    "x-appengine-",
    "x-cloud-trace-context",
    "client-ip",
    "true-client-ip",
    "fastly-",
    "fly-",
    "cf-",
    "cdn-loop",
    "akamai-",
    "incap-",
    "proxy-",
];

fn is_forwarding(name: &HeaderName) -> bool {
    FORWARDING.iter().any(|forwarding| name.as_str().starts_with(forwarding))
}

/// Whether a host, with or without a port, is a name or address of this machine that no DNS record can
/// take over. The port may be a forwarded one.
fn is_loopback_host(host: &str) -> bool {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Hosts::new(loopback, Vec::new()).check(host).is_ok()
}

fn decision(authority: &Shared, head: &Parts, id: &str) -> Response<Full<Bytes>> {
    let Some(decisions) = &authority.decisions else {
        let error = "decisions are explained when the authority is started with --explain";
        return json_response(StatusCode::NOT_FOUND, &json!({"error": error}));
    };
    let Some(decision) = decisions.get(id) else {
        let error = "there is no such decision, or it is no longer among the newest";
        return json_response(StatusCode::NOT_FOUND, &json!({"error": error}));
    };
    let accepts = head.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accepts.is_some_and(|accept| accept.contains("text/html")) {
        return response_of(StatusCode::OK, "text/html; charset=utf-8", page(&decision));
    }
    json_response(StatusCode::OK, &decision)
}

/// The decision for people.
fn page(decision: &Value) -> String {
    let text = |name: &str| match decision.get(name) {
        Some(Value::String(text)) => escaped(text),
        _ => String::new(),
    };
    let rows = ["outcome", "code", "message", "principal", "operation", "action", "resource"];
    let more = ["account", "region", "source", "at", "requestId"];
    let rows = rows.into_iter().chain(more).filter(|name| !text(name).is_empty());
    let rows: String = rows.map(|name| format!("<tr><th>{name}<td>{}\n", text(name))).collect();
    let steps = decision.get("steps").and_then(Value::as_array);
    let steps = steps.into_iter().flatten().filter_map(|step| step.get("text")?.as_str());
    let mut why: String = steps.map(|step| format!("<pre>{}</pre>\n", escaped(step))).collect();
    if why.is_empty() {
        why = format!("<pre>{}</pre>\n", text("reason"));
    }
    format!(
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>{outcome}: {operation}</title>\n\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         th{{text-align:left;padding-right:1.5rem;vertical-align:top;font-weight:600}}\
         td{{overflow-wrap:anywhere}}pre{{background:#f4f4f2;padding:1rem;white-space:pre-wrap}}</style>\n\
         <h1>{operation}: {outcome}</h1>\n<table>\n{rows}</table>\n<h2>Why</h2>\n{why}",
        outcome = text("outcome"),
        operation = text("operation"),
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

fn json_response(status: StatusCode, value: &Value) -> Response<Full<Bytes>> {
    response_of(status, "application/json", format!("{value:#}\n"))
}

fn response_of(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // Nothing of it is a script, nothing else is to be loaded, and no other page is to frame it.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                  form-action 'none'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
