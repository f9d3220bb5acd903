//! How many requests are answered, shared so that a client that floods takes only what others leave.
//!
//! Pure: time is passed in, as the time since the start.
//!
//! The bucket of all has the original's rate and burst. Each client has a share of it besides, which
//! is the rate divided by the clients of the last seconds. Within its share a client is served as
//! long as the bucket is not empty; beyond it only from the upper half; and one that has used less
//! than half of its share also from an empty bucket, which then owes up to half of the burst. So one
//! client alone gets all of the rate, and one that floods does not keep out a client that comes then.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// Ours: how long a client counts as one after its last request.
const REMEMBERED: Duration = Duration::from_secs(5);

/// Ours: more clients than a node has pods, several times. Beyond it a new one has no share of its own
/// and gets what others leave.
const MOST_CLIENTS: usize = 4_096;

/// The original's: requests a second.
const PER_SECOND: f64 = 1_000.0;

/// How many requests are answered a second, and at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// A second.
    pub per_second: f64,
    /// At once.
    pub burst: f64,
}

/// The original's: 1,000 requests a second, 500 at once.
/// <https://github.com/aws/eks-pod-identity-agent>
impl Default for Rate {
    fn default() -> Self {
        Self { per_second: PER_SECOND, burst: PER_SECOND / 2.0 }
    }
}

/// Tokens that refill as time passes.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Bucket {
    fn refill(&mut self, rate: Rate, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * rate.per_second).min(rate.burst);
        self.at = self.at.max(now);
    }

    fn take(&mut self, least: f64) -> bool {
        if self.tokens - 1.0 < least {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

/// The limit, and the clients that it is shared by.
#[derive(Debug)]
pub struct FairLimit<K> {
    rate: Rate,
    all: Bucket,
    clients: HashMap<K, Bucket>,
    cleaned: Duration,
}

impl<K: Hash + Eq> FairLimit<K> {
    /// A limit of which nothing is used yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let all = Bucket { tokens: rate.burst, at: Duration::ZERO };
        Self { rate, all, clients: HashMap::new(), cleaned: Duration::ZERO }
    }

    /// Whether a client's request is answered now.
    pub fn allow(&mut self, client: K, now: Duration) -> bool {
        self.forget_idle(now);
        self.all.refill(self.rate, now);
        let is_known = self.clients.contains_key(&client);
        let least = if is_known || self.clients.len() < MOST_CLIENTS {
            #[allow(clippy::cast_precision_loss)] // At most 4,096.
            let clients = (self.clients.len() + usize::from(!is_known)) as f64;
            let share = Rate {
                per_second: self.rate.per_second / clients,
                burst: self.rate.burst / clients,
            };
            // A share is never less than one request.
            let share = Rate { burst: share.burst.max(1.0), ..share };
            let bucket =
                self.clients.entry(client).or_insert(Bucket { tokens: share.burst, at: now });
            bucket.refill(share, now);
            let is_moderate = bucket.tokens >= share.burst / 2.0;
            match bucket.take(0.0) {
                true if is_moderate => -self.rate.burst / 2.0,
                true => 0.0,
                false => self.rate.burst / 2.0,
            }
        } else {
            self.rate.burst / 2.0
        };
        self.all.take(least)
    }

    fn forget_idle(&mut self, now: Duration) {
        if now.saturating_sub(self.cleaned) < REMEMBERED / 5 {
            return;
        }
        self.cleaned = now;
        self.clients.retain(|_, bucket| now.saturating_sub(bucket.at) < REMEMBERED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn one_client_alone_gets_the_burst_and_then_the_rate() {
        let mut limit = FairLimit::new(Rate::default());
        let at_once = (0..2_000).filter(|_| limit.allow("a", at(0))).count();
        assert_eq!(at_once, 500);
        let later: usize =
            (1..=1_000).map(|ms| (0..5).filter(|_| limit.allow("a", at(ms))).count()).sum();
        assert!((998..=1_002).contains(&later), "{later}");
    }

    #[test]
    fn a_client_that_floods_does_not_starve_the_others() {
        let mut limit = FairLimit::new(Rate::default());
        let mut refused = 0;
        let mut flood = 0;
        for ms in 0..10_000 {
            flood += (0..20).filter(|_| limit.allow(0, at(ms))).count();
            // Nine pods, each with 50 requests a second.
            for client in 1..10 {
                if (ms + client).is_multiple_of(20) && !limit.allow(client, at(ms)) {
                    refused += 1;
                }
            }
        }
        assert_eq!(refused, 0);
        // What the others leave of ten seconds, and half of the burst.
        assert!((5_000..6_500).contains(&flood), "{flood}");
    }

    #[test]
    fn clients_that_are_gone_are_forgotten_and_their_number_is_bounded() {
        let mut limit = FairLimit::new(Rate { per_second: 1e9, burst: 1e9 });
        for client in 0..10_000 {
            limit.allow(client, at(0));
        }
        assert_eq!(limit.clients.len(), MOST_CLIENTS);
        limit.allow(0, at(60_000));
        assert_eq!(limit.clients.len(), 1);
    }

    #[test]
    fn time_that_goes_back_gives_nothing() {
        let mut limit = FairLimit::new(Rate { per_second: 1.0, burst: 1.0 });
        assert!(limit.allow("a", at(10_000)));
        assert!(!limit.allow("a", at(0)));
        assert!(!limit.allow("a", at(10_500)));
        assert!(limit.allow("a", at(11_100)));
    }
}
