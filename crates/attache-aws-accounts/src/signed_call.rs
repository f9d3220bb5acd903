//! Signed calls to services for which no SDK crate is worth its compile time: by the awsJson 1.1 or the restJson
//! protocol, or any other whose errors are known.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{Region, displayable};
use aws_credential_types::provider::ProvideCredentials;
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use crate::credentials::SharedFailure;
use crate::failure::{At, CallFailure, find, words};
use crate::signing::{service_endpoint, sign};

/// Ours: a page of CloudTrail's has 50 events, and AWS's longest event has 256 kB.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Ours: characters of a message that are kept.
const LONGEST_MESSAGE: usize = 999;

/// Ours: the pause after the first attempt, which is doubled after each.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The SDKs': no pause is longer.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The statuses that the SDKs' standard retries take for passing, besides that of throttling.
/// Source: as of [`LONGEST_PAUSE`].
const TRANSIENT_STATUSES: [u16; 5] = [429, 500, 502, 503, 504];

/// How often a call is made that is throttled, fails within AWS or is not answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempts {
    /// How often at most.
    pub(crate) most: u32,
    /// An answer that takes longer is none.
    pub(crate) timeout: Duration,
}

impl Attempts {
    /// Ours: 8 s of pauses.
    pub(crate) const USUAL: Self = Self { most: 6, timeout: Duration::from_secs(30) };
}

/// A service, and how it is reached.
#[derive(Debug)]
pub(crate) struct SignedService<'c> {
    /// How it is reached.
    pub(crate) connector: &'c SharedHttpConnector,
    /// The credentials, and the endpoints of the settings.
    pub(crate) config: &'c SdkConfig,
    /// Its name in host names and signatures.
    pub(crate) name: &'static str,
    /// Its name in the settings of the SDKs: `AWS_ENDPOINT_URL_` in capitals, and in profiles.
    pub(crate) id: &'static str,
    /// The region that is signed for.
    pub(crate) region: Region,
    /// How often it is called.
    pub(crate) attempts: Attempts,
}

/// What is sent.
#[derive(Debug)]
pub(crate) enum ServiceRequest<'r> {
    /// By awsJson 1.1: the prefix and the operation of `X-Amz-Target`, and the input.
    Json11(&'static str, &'r str, &'r Value),
    /// By restJson: the method, the path with its query, and the body where there is one.
    Rest(http::Method, String, Option<&'r Value>),
}

impl ServiceRequest<'_> {
    fn protocol(&self) -> Protocol {
        match self {
            Self::Json11(..) => Protocol::Json11,
            Self::Rest(..) => Protocol::RestJson,
        }
    }

    /// Unsigned, for an endpoint without a slash at its end.
    fn http(&self, endpoint: &str) -> Result<http::Request<Bytes>, http::Error> {
        let request =
            http::Request::builder().header("content-type", self.protocol().content_type());
        match self {
            Self::Json11(target, operation, input) => request
                .method(http::Method::POST)
                .uri(format!("{endpoint}/"))
                .header("x-amz-target", format!("{target}.{operation}"))
                .body(Bytes::from(input.to_string())),
            Self::Rest(method, path, body) => request
                .method(method.clone())
                .uri(format!("{endpoint}{path}"))
                .body(Bytes::from(body.map(Value::to_string).unwrap_or_default())),
        }
    }
}

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct FailedAttempt {
    pub(crate) failure: CallFailure,
    /// Whether AWS's answer may be another one at the next attempt.
    is_passing: bool,
}

/// Where AWS did not answer.
impl From<CallFailure> for FailedAttempt {
    fn from(failure: CallFailure) -> Self {
        Self { failure, is_passing: false }
    }
}

impl SignedService<'_> {
    /// Sends a request, again where that may help.
    pub(crate) async fn call(&self, request: &ServiceRequest<'_>) -> Result<Value, CallFailure> {
        let (mut attempt, mut pause) = (1, FIRST_PAUSE);
        loop {
            let failed = match self.once(request).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let unanswered = matches!(failed.failure, CallFailure::NoAnswer { .. });
            let again = failed.is_passing || (unanswered && attempt == 1);
            if !again || attempt >= self.attempts.most {
                return Err(failed.failure);
            }
            tokio::time::sleep(pause).await;
            (attempt, pause) = (attempt + 1, LONGEST_PAUSE.min(pause * 2));
        }
    }

    async fn once(&self, request: &ServiceRequest<'_>) -> Result<Value, FailedAttempt> {
        let (endpoint, protocol) = (self.endpoint(), request.protocol());
        let request = request
            .http(endpoint.trim_end_matches('/'))
            .map_err(|error| no_answer(&endpoint, &error.to_string()))?;
        let body = self.send(&endpoint, request, protocol).await?;
        let answer = attache_aws_protocol::json::decode(&body);
        Ok(answer.map_err(|error| unreadable(&endpoint, &error))?)
    }

    /// Signs a request to the endpoint, and returns the body of the answer; one that is no success is an error, as
    /// the protocol writes it.
    pub(crate) async fn send(
        &self,
        endpoint: &str,
        request: http::Request<Bytes>,
        protocol: Protocol,
    ) -> Result<Bytes, FailedAttempt> {
        let no_answer = |why: &str| no_answer(endpoint, why);
        let Some(provider) = self.config.credentials_provider() else {
            return Err(no_answer("there are no credentials").into());
        };
        let keys = provider.provide_credentials().await;
        let keys = keys.map_err(|error| match find::<SharedFailure>(&error) {
            Some(failure) => CallFailure::NoCredentials(Arc::clone(&failure.0)),
            None => no_answer(&words(&error, &[])),
        })?;
        let request = sign(request, self.name, &self.region, &keys, SystemTime::now())
            .map_err(|error| no_answer(&words(&error, &[])))?;
        let secrets = [keys.secret_access_key(), keys.session_token().unwrap_or_default()];
        let limit = self.attempts.timeout;
        let exchange = tokio::time::timeout(limit, exchange(self.connector, request)).await;
        let (status, headers, body) = exchange
            .map_err(|_| no_answer(&format!("nothing came within {} s", limit.as_secs())))?
            .map_err(|error| no_answer(&words(&*error, &secrets)))?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let found = ServiceError::read(protocol, status, &headers, &body);
        let shown = |text: &str| displayable(text, &secrets, LONGEST_MESSAGE);
        let request_id = headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok());
        let at = At { endpoint: Some(endpoint.to_owned()), request_id: request_id.map(shown) };
        let (code, message) = (shown(&found.code), shown(&found.message));
        Err(FailedAttempt {
            failure: CallFailure::Refused { code, message, at },
            is_passing: is_passing(&found.code, status),
        })
    }

    /// The endpoint of the settings, the service's own before the one of all services; else AWS's, validated
    /// by FIPS 140 where the settings want that.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>,
    /// <https://aws.amazon.com/compliance/fips/>
    pub(crate) fn endpoint(&self) -> String {
        let key = ServiceConfigKey::builder()
            .service_id(self.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let own = key.ok().and_then(|key| self.config.service_config()?.load_config(key));
        own.or_else(|| self.config.endpoint_url().map(str::to_owned)).unwrap_or_else(|| {
            let name = match (self.config.use_fips(), self.name) {
                (Some(true), "eks") => "fips.eks".to_owned(),
                (Some(true), name) => format!("{name}-fips"),
                (_, name) => name.to_owned(),
            };
            service_endpoint(&name, &self.region, &self.region.partition())
        })
    }
}

/// Whether an error of AWS's may be gone at the next attempt, by the SDK's own lists.
fn is_passing(code: &str, status: u16) -> bool {
    THROTTLING_ERRORS.contains(&code)
        || TRANSIENT_ERRORS.contains(&code)
        || TRANSIENT_STATUSES.contains(&status)
}

/// Of an answer that has not the shape that AWS documents.
pub(crate) fn unreadable(endpoint: &str, error: &dyn std::error::Error) -> CallFailure {
    no_answer(endpoint, &format!("the answer cannot be read: {error}"))
}

pub(crate) fn no_answer(endpoint: &str, why: &str) -> CallFailure {
    CallFailure::NoAnswer { why: format!("{why} (from {endpoint})") }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// One request and its whole answer.
async fn exchange(
    connector: &SharedHttpConnector,
    request: http::Request<Bytes>,
) -> Result<(u16, HeaderMap, Bytes), Failed> {
    let answer = connector.call(request.map(SdkBody::from).try_into()?).await?;
    let (head, body) = answer.try_into_http1x()?.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?.to_bytes();
    Ok((head.status.as_u16(), head.headers, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HttpSettings, ProxyConfig};

    #[test]
    fn what_may_be_gone_at_the_next_attempt_is_tried_again() {
        for (code, status, again) in [
            ("ThrottlingException", 400, true),
            ("RequestLimitExceeded", 503, true),
            ("HTTP429", 429, true),
            ("InternalFailure", 500, true),
            ("HTTP502", 502, true),
            ("RequestTimeout", 400, true),
            ("AccessDeniedException", 400, false),
            ("InvalidTimeRangeException", 400, false),
            ("ResourceNotFoundException", 404, false),
            ("NotImplemented", 501, false),
        ] {
            assert_eq!(is_passing(code, status), again, "{code}");
        }
    }

    #[test]
    fn the_endpoint_is_the_settings_or_awss_own() {
        let connector = HttpSettings::new(None, ProxyConfig::disabled()).unwrap().connector();
        let fips = || SdkConfig::builder().use_fips(true);
        for (name, config, wanted) in [
            ("cloudtrail", SdkConfig::builder(), "https://cloudtrail.us-east-1.amazonaws.com"),
            ("cloudtrail", fips(), "https://cloudtrail-fips.us-east-1.amazonaws.com"),
            ("eks", fips(), "https://fips.eks.us-east-1.amazonaws.com"),
            ("eks", fips().endpoint_url("http://127.0.0.1:4566"), "http://127.0.0.1:4566"),
        ] {
            let service = SignedService {
                connector: &connector,
                config: &config.build(),
                name,
                id: "Any",
                region: Region::parse("us-east-1").unwrap(),
                attempts: Attempts::USUAL,
            };
            assert_eq!(service.endpoint(), wanted);
        }
    }
}
