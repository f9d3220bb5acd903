//! One call, to its end: paced, signed, sent, and tried again where that helps.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use names::{AccountId, Partition, Region};
use serde_json::Value;
use wire::ServiceError;

use super::classify::{Verdict, judge};
use super::{Fault, Paces, request};
use crate::catalog::Entry;
use crate::said;

/// Ours: attempts of one call, the first included. The SDK's standard has three; a scrape is in
/// no hurry and a page lost loses the whole listing.
const ATTEMPTS: u32 = 5;

/// Ours: the first wait before another attempt, doubled each time, as in the SDK's backoff; and
/// the longest one, which is the SDK's.
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Ours: a page takes at most some seconds; a connection that hangs must not hold a scrape up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Ours, and `wire`'s limit on XML: a page of 1,000 EC2 instances has about 6 MB.
const LARGEST_ANSWER: usize = wire::xml::MAX_XML_BYTES;

/// Sends calls.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    connector: SharedHttpConnector,
    endpoint_url: Option<String>,
    paces: Arc<Paces>,
}

/// With what and where calls are made.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) credentials: Credentials,
    pub(crate) account: AccountId,
    pub(crate) partition: Partition,
    pub(crate) region: Region,
}

impl Client {
    pub(crate) fn new(connector: SharedHttpConnector, endpoint_url: Option<String>) -> Self {
        Self { connector, endpoint_url, paces: Arc::new(Paces::default()) }
    }

    /// Asks for one page. `calls` counts the attempts.
    pub(super) async fn call(
        &self,
        entry: &Entry,
        reach: &Reach,
        token: Option<&Value>,
        calls: &mut u64,
    ) -> Result<Value, Fault> {
        let own = || request::endpoint(&entry.call, &reach.region, &reach.partition);
        let endpoint = self.endpoint_url.clone().unwrap_or_else(own);
        let mut attempt = 0;
        loop {
            self.paces.turn(&entry.rate, reach.account, reach.region.as_str()).await;
            *calls += 1;
            attempt += 1;
            let unsigned = request::page(entry, &endpoint, token)?;
            let now = SystemTime::now();
            let ready =
                request::signed(unsigned, &entry.call, &reach.region, &reach.credentials, now)?;
            let fault = match self.attempt(entry, reach, ready).await {
                Ok(answer) => return Ok(answer),
                Err(Verdict::GiveUp(fault)) => return Err(fault),
                Err(Verdict::Retry(fault)) => fault,
            };
            if attempt >= ATTEMPTS {
                return Err(fault);
            }
            tracing::debug!(kind = entry.kind, %fault, attempt, "tried again");
            tokio::time::sleep(wait(attempt, rand::random::<f64>())).await;
        }
    }

    async fn attempt(
        &self,
        entry: &Entry,
        reach: &Reach,
        ready: http::Request<Bytes>,
    ) -> Result<Value, Verdict> {
        let keys = &reach.credentials;
        let secrets = [keys.secret_access_key(), keys.session_token().unwrap_or_default()];
        let unreachable =
            |why: String| Verdict::Retry(Fault::Unreachable { why: said::fit(&why, &secrets) });
        let exchange = tokio::time::timeout(TIMEOUT, self.exchange(ready)).await;
        let (status, headers, body) = exchange
            .map_err(|_| unreachable(format!("nothing within {} s", TIMEOUT.as_secs())))?
            .map_err(unreachable)?;
        if !(200..300).contains(&status) {
            let mut error = ServiceError::read(entry.call.protocol, status, &headers, &body);
            error.message = said::fit(&error.message, &secrets);
            return Err(judge(error));
        }
        super::pages::understood(entry, &body)
            .map_err(|why| Verdict::GiveUp(Fault::Malformed { why }))
    }

    /// One request and its whole answer.
    async fn exchange(
        &self,
        ready: http::Request<Bytes>,
    ) -> Result<(u16, http::HeaderMap, Bytes), String> {
        let request = ready.map(SdkBody::from).try_into().map_err(described)?;
        let answer = self.connector.call(request).await.map_err(described)?;
        let answer = answer.try_into_http1x().map_err(described)?;
        let (head, body) = answer.into_parts();
        let whole = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|e| {
            let cause = e.source().map(|c| format!(": {c}")).unwrap_or_default();
            format!("the answer broke off or is too large: {e}{cause}")
        })?;
        Ok((head.status.as_u16(), head.headers, whole.to_bytes()))
    }
}

/// Exponential, with full jitter: see
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>.
fn wait(attempt: u32, jitter: f64) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    doubled.min(LONGEST_WAIT).mul_f64(jitter.clamp(0.0, 1.0))
}

/// An error with its causes, which hold the interesting part.
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
