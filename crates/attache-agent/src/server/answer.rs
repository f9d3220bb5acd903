//! One request and its answer.

use std::net::IpAddr;
use std::sync::PoisonError;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;

use super::{NotServing, Server};
use crate::{PodToken, TokenId, request};

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Port {
    Credentials,
    Probes,
    Metrics,
}

/// Who shares the rate. A token that has credentials is a pod's own, and stands for it: pods of the
/// host's network share an address. Any other token can be made up, so there the address counts.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Client {
    Address(IpAddr),
    Token(TokenId),
}

/// An answer before it is written.
struct Answer {
    status: u16,
    content_type: &'static str,
    body: Bytes,
}

impl Answer {
    /// A sentence, as the original's errors are.
    fn text(status: u16, text: impl Into<String>) -> Self {
        let body = Bytes::from(format!("{}\n", text.into()));
        Self { status, content_type: "text/plain; charset=utf-8", body }
    }

    /// Whether pods are served.
    fn serving(found: Result<(), NotServing>) -> Self {
        let Err(why) = found else { return Self::text(200, "ok") };
        let status = match why {
            NotServing::NotReady => 503,
            NotServing::Unreachable { .. } => 500,
            NotServing::Slow(_) => 408,
        };
        Self::text(status, why.to_string())
    }

    fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in [
            (header::CONTENT_TYPE, self.content_type),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CACHE_CONTROL, "no-store"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl Server {
    pub(super) async fn answer(
        &self,
        port: Port,
        request: Request<Incoming>,
        client: IpAddr,
    ) -> Response<Full<Bytes>> {
        // A body means nothing here, and is not waited for.
        let (head, _) = request.into_parts();
        let answer = match port {
            Port::Credentials => {
                let answer = self.credentials(&head.uri, &head.headers, client).await;
                self.exchange.metrics().response(answer.status);
                answer
            }
            Port::Probes | Port::Metrics => self.probe(port, head.uri.path()).await,
        };
        answer.response()
    }

    async fn credentials(&self, uri: &Uri, headers: &HeaderMap, client: IpAddr) -> Answer {
        let own = self.readiness.addresses();
        let own: Vec<IpAddr> = own.iter().map(|own| own.ip().to_canonical()).collect();
        let text = request::token(uri, headers, &own);
        let id = text.as_deref().ok().map(TokenId::of);
        let cached = id.and_then(|id| self.exchange.cached_credentials(id));
        let key = match (id, &cached) {
            (Some(id), Some(_)) => Client::Token(id),
            _ => Client::Address(client),
        };
        if !self.allows(key) {
            return Answer::text(429, "Too Many Requests");
        }
        let text = match text {
            Ok(text) => text,
            Err(refused) => {
                self.log_refusal(client, None, refused.status(), "request", &refused);
                return Answer::text(refused.status(), refused.to_string());
            }
        };
        let given = match cached {
            Some(credentials) => Ok(credentials),
            None => match PodToken::parse(text) {
                Ok(token) => self.exchange.credentials(token, client).await,
                Err(refused) => {
                    self.log_refusal(client, id, 400, "token", &refused);
                    let text = format!("Service account token cannot be parsed: {refused}");
                    return Answer::text(400, text);
                }
            },
        };
        match given {
            Ok(credentials) => Answer {
                status: 200,
                content_type: "application/json",
                body: credentials.document(),
            },
            Err(error) => {
                self.log_refusal(client, id, error.status(), error.code(), &error);
                Answer::text(error.status(), error.to_string())
            }
        }
    }

    /// Warns of a refusal, once a minute for each client and reason; the others are for those who debug.
    fn log_refusal(
        &self,
        client: IpAddr,
        token: Option<TokenId>,
        status: u16,
        code: &str,
        why: &dyn std::fmt::Display,
    ) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.allow((client, status, code.to_owned()), self.begun.elapsed()) {
            tracing::warn!(%client, ?token, status, %why, "gave no credentials");
        } else {
            tracing::debug!(%client, ?token, status, %why, "gave no credentials");
        }
    }

    fn allows(&self, client: Client) -> bool {
        let Some(limit) = &self.limit else { return true };
        let now = self.begun.elapsed();
        limit.lock().unwrap_or_else(PoisonError::into_inner).allow(client, now)
    }

    async fn probe(&self, port: Port, path: &str) -> Answer {
        match path {
            "/healthz" => Answer::serving(self.readiness.reached().await),
            "/readyz" => Answer::serving(self.readiness.check().await),
            "/metrics" if port == Port::Metrics => Answer {
                status: 200,
                content_type: "text/plain; version=0.0.4; charset=utf-8",
                body: self.exchange.metrics().text(self.exchange.cached()).into(),
            },
            _ => Answer::text(404, "404 page not found"),
        }
    }
}
