//! Rate limits: a token bucket for each of AWS's, which are by account and region.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use attache_catalog::Rate;
use attache_identifiers::AccountId;
use tokio::time::Instant;

/// A token bucket. A call that finds it empty gets the time to wait, and is made then.
#[derive(Debug, Clone)]
struct Bucket {
    /// Below zero where calls are waiting.
    level: f64,
    at: Instant,
}

impl Bucket {
    fn take(&mut self, rate: &Rate, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + passed * rate.per_second).min(rate.burst);
        self.at = now;
        self.level -= 1.0;
        Duration::from_secs_f64((-self.level / rate.per_second).max(0.0))
    }
}

/// Every bucket that has been used.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    buckets: Mutex<HashMap<(String, AccountId, String), Bucket>>,
}

impl RateLimits {
    /// Waits until the rate limit allows this call.
    pub(super) async fn acquire(&self, rate: &Rate, account: AccountId, region: &str) {
        let wait = {
            let key = (rate.bucket.clone(), account, region.to_owned());
            let now = Instant::now();
            // A bucket is consistent after each step, even if another holder panicked.
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            let bucket = buckets.entry(key).or_insert(Bucket { level: rate.burst, at: now });
            bucket.take(rate, now)
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_at_once_and_the_rest_at_the_rate() {
        let rate = Rate { bucket: "elb".into(), burst: 40.0, per_second: 10.0 };
        let start = Instant::now();
        let mut bucket = Bucket { level: rate.burst, at: start };
        assert!((0..40).all(|_| bucket.take(&rate, start).is_zero()));
        assert_eq!(bucket.take(&rate, start), Duration::from_millis(100));
        assert_eq!(bucket.take(&rate, start), Duration::from_millis(200));
        // Both had their turns, and one more token came.
        assert!(bucket.take(&rate, start + Duration::from_millis(300)).is_zero());
    }

    #[test]
    fn a_long_rest_fills_no_more_than_the_burst() {
        let rate = Rate { bucket: "sqs".into(), burst: 2.0, per_second: 1.0 };
        let start = Instant::now();
        let mut bucket = Bucket { level: 0.0, at: start };
        let later = start + Duration::from_secs(3600);
        assert!(bucket.take(&rate, later).is_zero());
        assert!(bucket.take(&rate, later).is_zero());
        assert_eq!(bucket.take(&rate, later), Duration::from_secs(1));
    }
}
