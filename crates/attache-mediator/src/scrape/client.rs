//! One call, to its end: paced, signed, sent, and tried again where that helps.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use attache_aws_accounts::service_endpoint;
use attache_aws_protocol::ServiceError;
use attache_catalog::Entry;
use attache_identifiers::{AccountId, Partition, Region, displayable};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::{self, Answer, Page};
use super::answer_error::AnswerError;
use super::memory::Memory;
use super::retry::{RetryDecision, classify};
use super::{Fault, Limit, Limits, Place, RateLimits, request};
use crate::{Clock, LONGEST_MESSAGE};

/// Ours: attempts of one call, the first included. The SDK's standard has three; a scrape is in
/// no hurry and a page lost loses the whole listing.
const ATTEMPTS: u32 = 5;

/// Ours: the first wait before another attempt, doubled each time, as in the SDK's backoff; and
/// the longest one, which is the SDK's.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Ours: a page takes at most some seconds; a connection that hangs must not hold a scrape up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Ours: what is read of an answer that is not a page. AWS's errors have less than a tenth of it.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Ours: answers that are decoded at the same time. A tree takes many times its text, and a page
/// takes some milliseconds.
const DECODED_AT_ONCE: usize = 2;

/// Ours: what takes less than a millisecond to decode is decoded in place.
const DECODED_IN_PLACE: usize = 64 * 1024;

/// Sends calls.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    connector: SharedHttpConnector,
    endpoint_url: Option<String>,
    rate_limits: Arc<RateLimits>,
    pub(super) limits: Limits,
    pub(super) memory: Memory,
    decoding: Arc<Semaphore>,
    clock: Clock,
}

/// Why there is no whole answer.
enum ExchangeError {
    Network(String),
    Limit(Limit),
}

/// The session and the region that calls are made with.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) credentials: Credentials,
    pub(crate) account: AccountId,
    pub(crate) partition: Partition,
    pub(crate) region: Region,
}

impl Client {
    pub(crate) fn new(
        connector: SharedHttpConnector,
        endpoint_url: Option<String>,
        limits: Limits,
        clock: Clock,
    ) -> Self {
        Self {
            connector,
            endpoint_url,
            rate_limits: Arc::new(RateLimits::default()),
            memory: Memory::new(limits.process_bytes),
            decoding: Arc::new(Semaphore::new(DECODED_AT_ONCE)),
            limits,
            clock,
        }
    }

    /// Asks for one page. `calls` counts the attempts.
    pub(super) async fn call(
        &self,
        entry: &Entry,
        target: &Target,
        place: &Place,
        token: Option<&Value>,
        calls: &mut u64,
    ) -> Result<Page, Fault> {
        let public = || service_endpoint(&entry.call.service, &target.region, &target.partition);
        let endpoint = self.endpoint_url.clone().unwrap_or_else(public);
        let mut attempt = 0;
        loop {
            self.rate_limits.acquire(&entry.rate, target.account, target.region.as_str()).await;
            *calls += 1;
            attempt += 1;
            let unsigned = request::page(entry, &endpoint, token)?;
            let now = SystemTime::from(self.clock.now());
            let ready =
                request::signed(unsigned, &entry.call, &target.region, &target.credentials, now)?;
            let fault = match self.attempt(entry, target, place, ready).await {
                Ok(page) => return Ok(page),
                Err(RetryDecision::GiveUp(fault)) => return Err(fault),
                Err(RetryDecision::Retry(fault)) => fault,
            };
            if attempt >= ATTEMPTS {
                return Err(fault);
            }
            tracing::debug!(kind = entry.kind, %fault, attempt, "tried again");
            tokio::time::sleep(wait(attempt, rand::random::<f64>())).await;
        }
    }

    /// One attempt. Text of another party is redacted in what it returns.
    async fn attempt(
        &self,
        entry: &Entry,
        target: &Target,
        place: &Place,
        ready: http::Request<Bytes>,
    ) -> Result<Page, RetryDecision> {
        let keys = &target.credentials;
        let secrets = [keys.secret_access_key(), keys.session_token().unwrap_or_default()];
        let shown = |text: &str| displayable(text, &secrets, LONGEST_MESSAGE);
        // Room for the body, until it has been read.
        let mut held = self.memory.reserve();
        let exchange = tokio::time::timeout(TIMEOUT, self.exchange(ready, &mut held)).await;
        let late = || ExchangeError::Network(format!("nothing within {} s", TIMEOUT.as_secs()));
        let answer = exchange.unwrap_or_else(|_| Err(late())).map_err(|error| match error {
            ExchangeError::Network(why) => {
                RetryDecision::Retry(Fault::Unreachable { why: shown(&why) })
            }
            ExchangeError::Limit(limit) => RetryDecision::GiveUp(Fault::Limit(limit)),
        })?;
        let (answer, read) = self.decoded(entry, place, answer).await?;
        let refused = |fallback: Fault| {
            let Answer { status, headers, body } = &answer;
            let ServiceError { code, message, status } =
                ServiceError::read(entry.call.protocol, *status, headers, body);
            // A code that is not the status itself was read from the answer.
            match code == format!("HTTP{status}") && (200..300).contains(&status) {
                true => RetryDecision::GiveUp(fallback),
                false => classify(ServiceError::new(status, shown(&code), shown(&message))),
            }
        };
        read.map_err(|error| match error {
            AnswerError::Limit(limit) => RetryDecision::GiveUp(Fault::Limit(limit)),
            other => refused(Fault::Malformed { why: shown(&other.to_string()) }),
        })
    }

    /// Decodes an answer, a large one on a thread of its own: it takes so long that the API would
    /// not be answered meanwhile.
    async fn decoded(
        &self,
        entry: &Entry,
        place: &Place,
        answer: Answer,
    ) -> Result<(Answer, Result<Page, AnswerError>), RetryDecision> {
        if answer.body.len() <= DECODED_IN_PLACE {
            let read = answer::read(entry, place, &answer);
            return Ok((answer, read));
        }
        let (entry, place) = (entry.clone(), place.clone());
        let _turn = self.decoding.acquire().await;
        let decode = move || {
            let read = answer::read(&entry, &place, &answer);
            (answer, read)
        };
        let decoded = tokio::task::spawn_blocking(decode).await;
        decoded.map_err(|e| RetryDecision::GiveUp(Fault::Malformed { why: e.to_string() }))
    }

    /// One request and its whole answer.
    async fn exchange(
        &self,
        ready: http::Request<Bytes>,
        held: &mut super::memory::Reservation,
    ) -> Result<Answer, ExchangeError> {
        let line = |why: String| ExchangeError::Network(why);
        let request = ready.map(SdkBody::from).try_into().map_err(|e| line(described(e)))?;
        let answer = self.connector.call(request).await.map_err(|e| line(described(e)))?;
        let answer = answer.try_into_http1x().map_err(|e| line(described(e)))?;
        let (head, mut stream) = answer.into_parts();
        let (status, headers) = (head.status.as_u16(), head.headers);
        let limit = if status == 200 { self.limits.answer_bytes } else { MAX_ERROR_BYTES };
        let mut body = Vec::new();
        while let Some(frame) = stream.frame().await {
            let frame = frame.map_err(|e| {
                let cause = e.source().map(|c| format!(": {c}")).unwrap_or_default();
                line(format!("the answer broke off: {e}{cause}"))
            })?;
            let Ok(data) = frame.into_data() else { continue };
            if body.len() + data.len() > limit {
                return match status {
                    200 => Err(ExchangeError::Limit(Limit::AnswerBytes(limit))),
                    // Not an error of AWS's: only the status is reported.
                    _ => Ok(Answer { status, headers, body: Vec::new() }),
                };
            }
            held.grow(body.len() + data.len()).await.map_err(ExchangeError::Limit)?;
            body.extend_from_slice(&data);
        }
        Ok(Answer { status, headers, body })
    }
}

/// Exponential, with full jitter: see
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
fn wait(attempt: u32, jitter: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    doubled.min(LONGEST_WAIT).mul_f64(jitter.clamp(0.0, 1.0))
}

/// An error with its causes, which have the details.
fn described(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let next = inner.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<u128> = (1..=4).map(|n| wait(n, 1.0).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600]);
        assert_eq!(wait(40, 1.0), LONGEST_WAIT);
        assert_eq!(wait(3, 0.5).as_millis(), 400);
    }
}
