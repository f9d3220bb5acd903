//! One connection, and one request's body.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_services::refusal::failure;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::admin_api;
use super::handle::handle;
use super::long_calls::{Length, LongCalls};
use super::response::{self, ResponseBody};
use super::stream::{Ending, Stream};
use crate::laboratory::Effect;
use crate::shared::Shared;

/// The most bytes of a body. Ours: AWS's largest inputs here are policies of 131,072 characters,
/// which percent-encoding can triple.
const MOST_BODY: usize = 1024 * 1024;

/// The most bytes of a request's head. Ours: a session token with its policies has some kilobytes.
const MOST_HEAD: usize = 64 * 1024;

/// How long a request's head may take, which is also how long a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(60);

/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(20);

/// What a call is answered with, and what a fault does to it on its way.
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) effect: Option<Effect>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, effect: None }
    }
}

/// Where the requests of one connection come in.
pub(super) struct ConnectionContext {
    authority: Arc<Shared>,
    source: SocketAddr,
    /// The address without its port, as text: it is in every event.
    address: String,
    /// The runtime for what may take long, where it is another than the connection's.
    shared: Option<Handle>,
    long_calls: Arc<LongCalls>,
    /// Says that the connection has ended.
    gone: CancellationToken,
    /// Says how it is to end.
    ending: Arc<Ending>,
}

impl ConnectionContext {
    pub(super) fn new(
        authority: Arc<Shared>,
        source: SocketAddr,
        shared: Option<Handle>,
        long_calls: Arc<LongCalls>,
        gone: CancellationToken,
    ) -> Self {
        let address = source.ip().to_string();
        Self { authority, source, address, shared, long_calls, gone, ending: Arc::default() }
    }

    /// Does what may take long where it holds up no other connection. None where it panicked, which
    /// was reported then.
    async fn spawn_on_shared<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        match &self.shared {
            Some(shared) => shared.spawn(work).await.ok(),
            None => Some(work.await),
        }
    }
}

/// Serves one connection's requests, one after the other.
pub(super) fn serve(
    connection: ConnectionContext,
    stream: TcpStream,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    // Answers are small and whole: waiting to fill a packet only delays them.
    let _best_effort = stream.set_nodelay(true);
    let ending = Arc::clone(&connection.ending);
    // Counted by connection: a count that all share would be every request's to change.
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let connection = Arc::clone(&connection);
        async move { respond(&connection, request).await }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MOST_HEAD)
        // Head and body in one piece: to copy two kilobytes costs less than to send from two places.
        .writev(false)
        .serve_connection(TokioIo::new(Stream::new(stream, ending)), service)
}

/// An error ends the connection without an answer.
async fn respond(
    connection: &Arc<ConnectionContext>,
    request: Request<Incoming>,
) -> io::Result<Response<ResponseBody>> {
    let authority = &connection.authority;
    let (head, body) = request.into_parts();
    if head.uri.path() == "/healthz" && matches!(head.method, Method::GET | Method::HEAD) {
        return Ok(health(authority).map(Either::Left));
    }
    if head.uri.path().starts_with(admin_api::PREFIX) {
        let own = Arc::clone(connection);
        let answer =
            async move { admin_api::answer(&own.authority, &head, body, own.source).await };
        let answer = connection.spawn_on_shared(answer).await;
        return Ok(answer.unwrap_or_else(admin_api::broken).map(Either::Left));
    }
    let request_id = uuid::Uuid::new_v4().to_string();
    let due = authority.laboratory.latency().map(|latency| Instant::now() + latency);
    let body = read(body).await;
    let decided = body.is_ok();
    let Reply { answer, effect } = match body {
        Ok(body) => {
            let inbound = Inbound {
                method: head.method,
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                headers: head.headers,
                body,
            };
            answer(connection, inbound, &request_id).await
        }
        Err(error) => error.render(protocol_of(&head.headers), &request_id).into(),
    };
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
    let response = match effect {
        None => Some(response::of_answer(answer)),
        Some(effect) => effect.apply(answer, &connection.ending),
    };
    let mut response =
        response.ok_or_else(|| io::Error::other("the laboratory gives no answer"))?;
    if authority.decisions.is_some()
        && decided
        && let Ok(path) = http::HeaderValue::from_str(&admin_api::decision_path(&request_id))
    {
        response.headers_mut().insert(admin_api::DECISION, path);
    }
    Ok(response)
}

/// Answers a call: a short one here, a usual one on the runtime that all connections share, and a long
/// one on a thread of its own, once it is its turn.
async fn answer(connection: &Arc<ConnectionContext>, inbound: Inbound, request_id: &str) -> Reply {
    let length = Length::of(&inbound);
    if length == Length::Short {
        let reply = handle(
            &connection.authority,
            &inbound,
            &connection.address,
            request_id,
            &connection.gone,
        )
        .await;
        // Answers of calls that came together go out together: that wakes their callers once, where
        // each of them by itself would take the processor from the next call.
        tokio::task::yield_now().await;
        return reply;
    }
    let protocol = protocol_of(&inbound.headers);
    let (own, id) = (Arc::clone(connection), request_id.to_owned());
    let answer =
        async move { handle(&own.authority, &inbound, &own.address, &id, &own.gone).await };
    let answered = match length {
        Length::Long => {
            let permit = match connection.long_calls.permit().await {
                Ok(permit) => permit,
                Err(error) => return error.render(protocol, request_id).into(),
            };
            let runtime = connection.shared.clone().unwrap_or_else(Handle::current);
            let own = runtime.clone();
            let answer = move || {
                let _until_answered = permit;
                own.block_on(answer)
            };
            runtime.spawn_blocking(answer).await.ok()
        }
        _ => connection.spawn_on_shared(answer).await,
    };
    answered.unwrap_or_else(|| failure().render(protocol, request_id).into())
}

/// In what a call is refused of which no more than the headers is known.
fn protocol_of(headers: &HeaderMap) -> Protocol {
    if headers.contains_key("x-amz-target") { Protocol::Json11 } else { Protocol::Query }
}

/// Reads a body, within its limits.
pub(super) async fn read(body: Incoming) -> Result<Bytes, ServiceError> {
    let too_large = || {
        let message = format!("The request body is larger than {MOST_BODY} bytes.");
        ServiceError::new(413, "RequestEntityTooLarge", message)
    };
    // What says beforehand that it is too large need not be waited for.
    if body.size_hint().lower() > MOST_BODY as u64 {
        return Err(too_large());
    }
    let collected = Limited::new(body, MOST_BODY).collect();
    match tokio::time::timeout(BODY_TIME, collected).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => {
            Err(ServiceError::new(400, "IncompleteBody", "The request body ended too early."))
        }
        Err(_) => Err(ServiceError::new(
            408,
            "RequestTimeout",
            "The request body was not read to its end within the timeout period.",
        )),
    }
}

/// Whether calls can be answered: without its journal an authority refuses all.
fn health(authority: &Shared) -> Response<Full<Bytes>> {
    let (status, text) = if authority.ledger.journal().is_open() {
        (StatusCode::OK, "{\"status\":\"ok\"}\n")
    } else {
        let text = "{\"status\":\"the journal can no longer be written; see the log\"}\n";
        (StatusCode::SERVICE_UNAVAILABLE, text)
    };
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    // It tells anybody, by whatever name, and nothing but this: a kubelet asks by the pod's address.
    for (name, value) in [
        (header::CONTENT_TYPE, "application/json"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
