//! How long a run goes on where AWS says that there are too many calls.
//!
//! Throttling never ends a run by itself: the call is repeated, at longer and longer distances, until the time is
//! over. Other failures are not waited for.

use std::time::Duration;

use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::time::Instant;

/// Ours: the first pause, and the longest one.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

/// Until when throttled calls are repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    until: Instant,
}

impl Patience {
    /// From now on.
    pub(crate) fn of(timeout: Duration) -> Self {
        let now = Instant::now();
        // A time beyond the clock's end is as good as none.
        Self { until: now.checked_add(timeout).unwrap_or(now) }
    }

    pub(crate) fn pauses(self) -> Pauses {
        Pauses { until: self.until, next: FIRST }
    }
}

impl Patience {
    /// Makes a call, and again for as long as AWS says that there are too many calls and the time is not
    /// over. The SDK's own three attempts are each one of these.
    pub(crate) async fn send<T, E, F>(
        self,
        call: impl Fn() -> F,
    ) -> Result<T, SdkError<E, HttpResponse>>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut pauses = self.pauses();
        loop {
            let answer = call().await;
            let code = answer.as_ref().err().and_then(ProvideErrorMetadata::code);
            if !code.is_some_and(is_throttling) || !pauses.rest().await {
                return answer;
            }
        }
    }
}

/// The pauses between repeated calls.
#[derive(Debug)]
pub(crate) struct Pauses {
    until: Instant,
    next: Duration,
}

impl Pauses {
    /// Waits; `false` where the time would be over.
    pub(crate) async fn rest(&mut self) -> bool {
        // Several accounts must not come back at once: the instant's own digits are as good as dice.
        let jitter = self.until.duration_since(Instant::now()).subsec_nanos() % 100;
        let pause = self.next * (100 + jitter) / 100;
        if Instant::now() + pause >= self.until {
            return false;
        }
        tokio::time::sleep(pause).await;
        self.next = (self.next * 2).min(LONGEST);
        true
    }
}

/// Whether a code is one of AWS's for too many calls.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
pub(crate) fn is_throttling(code: &str) -> bool {
    THROTTLING_ERRORS.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_pauses_only_where_the_time_is_not_over_then() {
        assert!(!Patience::of(Duration::ZERO).pauses().rest().await);
        assert!(!Patience::of(FIRST).pauses().rest().await);
        let mut pauses = Patience::of(Duration::from_secs(600)).pauses();
        assert!(pauses.rest().await && pauses.next == FIRST * 2);
    }

    #[test]
    fn throttling_is_told_from_other_refusals() {
        assert!(is_throttling("Throttling") && is_throttling("RequestLimitExceeded"));
        assert!(!is_throttling("AccessDenied"));
    }
}
