//! Token buckets, as AWS has them by account, region, service and operation.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

use attache_identifiers::AccountId;
use attache_policy::Pattern;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The buckets that are kept. Ours: beyond it those are dropped that are full again.
const MOST_BUCKETS: usize = 100_000;

/// The members of an input that do not narrow what is listed.
const NOT_NARROWING: &[&str] = &["Action", "Version", "DryRun"];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bucket: Vec<Rate>,
}

/// How often some operations may be called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    service: String,
    #[serde(deserialize_with = "patterns")]
    operations: Vec<Pattern>,
    #[serde(default)]
    shared: bool,
    #[serde(default)]
    global: bool,
    #[serde(default)]
    unfiltered: bool,
    burst: f64,
    refill: f64,
}

/// Compiled once, for all calls.
fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    Ok(texts.iter().map(|text| Pattern::new(text)).collect())
}

impl Rate {
    fn fits(&self, service: &str, operation: &str, input: &Value) -> bool {
        let named = || self.operations.iter().any(|pattern| pattern.matches(operation));
        self.service == service && named() && (!self.unfiltered || is_unfiltered(input))
    }
}

/// Whether a call lists all there is at once.
fn is_unfiltered(input: &Value) -> bool {
    let mut members = input.as_object().into_iter().flatten();
    members.all(|(name, _)| NOT_NARROWING.contains(&name.as_str()))
}

/// AWS's. A test reads the file: it is part of the program.
static RATES: LazyLock<Vec<Rate>> = LazyLock::new(|| {
    toml::from_str(include_str!("rates.toml")).map(|file: File| file.bucket).unwrap_or_default()
});

/// Whose calls, where, by which rate, and of which operation where each has its own.
type Key = (AccountId, String, usize, String);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// The buckets of an authority.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<HashMap<Key, Bucket>>);

/// A call, as far as rates go.
#[derive(Debug, Clone, Copy)]
pub(super) struct RatedCall<'c> {
    pub(super) account: AccountId,
    pub(super) region: &'c str,
    pub(super) service: &'c str,
    pub(super) operation: &'c str,
    pub(super) input: &'c Value,
}

impl Buckets {
    /// Takes a call's token out of its bucket; false where there is none.
    pub(super) fn take(&self, call: RatedCall<'_>, now: Instant) -> bool {
        let RatedCall { account, region, service, operation, input } = call;
        let mut rates = RATES.iter().enumerate();
        let found = rates.find(|(_, rate)| rate.fits(service, operation, input));
        let Some((number, rate)) = found else { return true };
        let region = if rate.global { "" } else { region };
        let operation = if rate.shared { "" } else { operation };
        let key = (account, region.to_owned(), number, operation.to_owned());
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST_BUCKETS {
            buckets.retain(|(_, _, number, _), bucket| {
                RATES.get(*number).is_some_and(|rate| bucket.filled(rate, now) < rate.burst)
            });
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: rate.burst, at: now });
        bucket.tokens = bucket.filled(rate, now);
        bucket.at = now;
        let has_token = bucket.tokens >= 1.0;
        if has_token {
            bucket.tokens -= 1.0;
        }
        has_token
    }
}

impl Bucket {
    /// The tokens in it by now.
    fn filled(&self, rate: &Rate, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + seconds * rate.refill).min(rate.burst)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    /// How many of a thousand calls are let through at once, and in the second after it.
    fn admitted(service: &str, operation: &str, input: &Value) -> (usize, usize) {
        let (buckets, start) = (Buckets::default(), Instant::now());
        let account = AccountId::parse("222222222222").unwrap();
        let call = RatedCall { account, region: "us-east-1", service, operation, input };
        let count = |at| (0..1000).filter(|_| buckets.take(call, at)).count();
        (count(start), count(start + Duration::from_secs(1)))
    }

    #[test]
    fn the_published_rates_are_kept() {
        let file: File = toml::from_str(include_str!("rates.toml")).unwrap();
        assert!(file.bucket.iter().all(|rate| rate.burst >= 1.0 && rate.refill > 0.0));
        let (all, paged) = (json!({"Action": "x"}), json!({"MaxResults": "5"}));
        for (service, operation, input, wanted) in [
            ("ec2", "DescribeInstances", &all, (50, 10)),
            ("ec2", "DescribeInstances", &paged, (100, 20)),
            ("ec2", "DescribeVpcs", &all, (100, 20)),
            ("ec2", "RunInstances", &all, (1000, 1000)),
            ("elasticloadbalancing", "DescribeTags", &all, (40, 10)),
            ("lambda", "GetFunction", &all, (100, 100)),
            ("lambda", "ListFunctions", &all, (15, 15)),
            ("sts", "GetCallerIdentity", &all, (600, 600)),
            ("account", "ListRegions", &all, (5, 5)),
            ("monitoring", "GetMetricData", &all, (50, 50)),
            ("route53", "ListHostedZones", &all, (5, 5)),
            ("kinesis", "ListStreams", &all, (5, 5)),
            ("resource-explorer-2", "Search", &all, (5, 5)),
            ("rds", "DescribeDBInstances", &all, (1000, 1000)),
        ] {
            assert_eq!(admitted(service, operation, input), wanted, "{service}:{operation}");
        }
    }

    #[test]
    fn a_bucket_is_an_accounts_a_regions_and_an_operations_or_shared() {
        let (buckets, now, input) = (Buckets::default(), Instant::now(), json!({}));
        let account = |id| AccountId::parse(id).unwrap();
        let elb = |account, region, operation| RatedCall {
            account,
            region,
            service: "elasticloadbalancing",
            operation,
            input: &input,
        };
        let (first, second) = (account("111111111111"), account("222222222222"));
        while buckets.take(elb(first, "us-east-1", "DescribeLoadBalancers"), now) {}
        assert!(!buckets.take(elb(first, "us-east-1", "DescribeTargetGroups"), now), "shared");
        assert!(buckets.take(elb(second, "us-east-1", "DescribeLoadBalancers"), now));
        assert!(buckets.take(elb(first, "eu-west-1", "DescribeLoadBalancers"), now));
        let ec2 = |operation| RatedCall { service: "ec2", ..elb(first, "us-east-1", operation) };
        while buckets.take(ec2("DescribeVpcs"), now) {}
        assert!(buckets.take(ec2("DescribeSubnets"), now), "each has its own");
        let regions =
            |region| RatedCall { service: "account", ..elb(first, region, "ListRegions") };
        while buckets.take(regions("us-east-1"), now) {}
        assert!(!buckets.take(regions("eu-west-1"), now), "one for all regions");
    }
}
