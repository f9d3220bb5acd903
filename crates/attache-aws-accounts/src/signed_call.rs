//! Signed calls to services for which no SDK crate is worth its compile time: by the awsJson 1.1 or the restJson
//! protocol, or any other whose errors are known.

use std::time::{Duration, SystemTime};

use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{Region, displayable};
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, Limited};
use serde_json::Value;

use crate::failure::{At, CallFailure, words};
use crate::signing::{service_endpoint, sign};

/// Ours: a page of twenty accounts has some kilobytes.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Ours: an answer that takes longer is none.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Ours: characters of a message that are kept.
const LONGEST_MESSAGE: usize = 999;

/// Ours: how often a call that is throttled or not answered is made, with doubled pauses.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

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

impl SignedService<'_> {
    /// Sends a request, again where AWS throttles.
    pub(crate) async fn call(&self, request: &ServiceRequest<'_>) -> Result<Value, CallFailure> {
        let (mut attempt, mut pause) = (1, FIRST_PAUSE);
        loop {
            let answer = self.once(request).await;
            let again = match &answer {
                Err(CallFailure::Refused { code, .. }) => {
                    aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&code.as_str())
                }
                Err(CallFailure::NoAnswer { .. }) => attempt == 1,
                _ => false,
            };
            if !again || attempt >= ATTEMPTS {
                return answer;
            }
            tokio::time::sleep(pause).await;
            (attempt, pause) = (attempt + 1, pause * 2);
        }
    }

    async fn once(&self, request: &ServiceRequest<'_>) -> Result<Value, CallFailure> {
        let (endpoint, protocol) = (self.endpoint(), request.protocol());
        let request = request
            .http(endpoint.trim_end_matches('/'))
            .map_err(|error| no_answer(&endpoint, &error.to_string()))?;
        let body = self.send(&endpoint, request, protocol).await?;
        attache_aws_protocol::json::decode(&body)
            .map_err(|error| no_answer(&endpoint, &format!("the answer cannot be read: {error}")))
    }

    /// Signs a request to the endpoint, and returns the body of the answer; one that is no success is an error, as
    /// the protocol writes it.
    pub(crate) async fn send(
        &self,
        endpoint: &str,
        request: http::Request<Bytes>,
        protocol: Protocol,
    ) -> Result<Bytes, CallFailure> {
        let no_answer = |why: &str| no_answer(endpoint, why);
        let Some(provider) = self.config.credentials_provider() else {
            return Err(no_answer("there are no credentials"));
        };
        let keys = provider.provide_credentials().await;
        let keys = keys.map_err(|error| no_answer(&words(&error, &[])))?;
        let request = sign(request, self.name, &self.region, &keys, SystemTime::now())
            .map_err(|error| no_answer(&words(&error, &[])))?;
        let secrets = [keys.secret_access_key(), keys.session_token().unwrap_or_default()];
        let exchange = tokio::time::timeout(TIMEOUT, exchange(self.connector, request)).await;
        let (status, headers, body) = exchange
            .map_err(|_| no_answer(&format!("nothing came within {} s", TIMEOUT.as_secs())))?
            .map_err(|error| no_answer(&words(&*error, &secrets)))?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let found = ServiceError::read(protocol, status, &headers, &body);
        let shown = |text: &str| displayable(text, &secrets, LONGEST_MESSAGE);
        Err(CallFailure::Refused {
            code: shown(&found.code),
            message: shown(&found.message),
            at: At { endpoint: Some(endpoint.to_owned()), request_id: None },
        })
    }

    /// The endpoint of the settings, the service's own before the one of all services; else AWS's.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    pub(crate) fn endpoint(&self) -> String {
        let key = ServiceConfigKey::builder()
            .service_id(self.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let own = key.ok().and_then(|key| self.config.service_config()?.load_config(key));
        own.or_else(|| self.config.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| service_endpoint(self.name, &self.region, &self.region.partition()))
    }
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
