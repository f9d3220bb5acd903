//! What is counted, with the names of the original where it has them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use attache_admission::Method;
use time::OffsetDateTime;

/// In microseconds, as the original's histogram; its own begin at an eighth of a second.
const BUCKETS: [u64; 9] = [250, 500, 1_000, 2_000, 5_000, 25_000, 125_000, 1_000_000, 8_000_000];

/// The counters.
#[derive(Debug, Default)]
pub struct Metrics {
    web_identity: AtomicU64,
    container_credentials: AtomicU64,
    missing_accounts: AtomicU64,
    faults: AtomicU64,
    requests: Mutex<BTreeMap<(&'static str, &'static str, u16), u64>>,
    latencies: Mutex<BTreeMap<(&'static str, &'static str), Latencies>>,
}

#[derive(Debug, Default)]
struct Latencies {
    buckets: [u64; BUCKETS.len()],
    sum: u64,
    count: u64,
}

/// What is not counted but looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gauges {
    pub(crate) accounts: usize,
    pub(crate) annotated: usize,
    pub(crate) synced: bool,
    pub(crate) certificate_until: Option<OffsetDateTime>,
}

impl Metrics {
    pub(crate) fn pod(&self, method: Method) {
        let counter = match method {
            Method::WebIdentity => &self.web_identity,
            Method::ContainerCredentials => &self.container_credentials,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn missing_account(&self) {
        self.missing_accounts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn request(
        &self,
        verb: &'static str,
        path: &'static str,
        code: u16,
        took: Duration,
    ) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((verb, path, code)).or_default() += 1;
        drop(requests);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let mut latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        let of = latencies.entry((verb, path)).or_default();
        for (bucket, limit) in of.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(micros <= limit);
        }
        of.sum = of.sum.saturating_add(micros);
        of.count += 1;
    }

    /// All of it, in Prometheus' text format.
    pub(crate) fn text(&self, gauges: Gauges) -> String {
        let mut out = Text::default();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let pods = "pod_identity_webhook_pod_count";
        out.head(pods, "counter", "Pods that were given credentials, by method.");
        for (method, counter) in [
            (Method::WebIdentity, &self.web_identity),
            (Method::ContainerCredentials, &self.container_credentials),
        ] {
            out.line(format_args!("{pods}{{method=\"{}\"}} {}", method.label(), read(counter)));
        }
        let used = u64::from(gauges.accounts > 0);
        let until = gauges.certificate_until.map_or(0, OffsetDateTime::unix_timestamp);
        for (name, kind, help, value) in [
            (
                "pod_identity_webhook_missing_sa_count",
                "counter",
                "Service accounts that the watch had not seen when their pod came.",
                read(&self.missing_accounts),
            ),
            (
                "pod_identity_webhook_used",
                "gauge",
                "1 where the webhook knows service accounts.",
                used,
            ),
            (
                "attache_webhook_faults_total",
                "counter",
                "Reviews that could not be answered, for a fault of the webhook or the API server.",
                read(&self.faults),
            ),
            (
                "attache_webhook_synced",
                "gauge",
                "1 once the service accounts were listed.",
                u64::from(gauges.synced),
            ),
            (
                "attache_webhook_service_accounts",
                "gauge",
                "Service accounts that are known.",
                gauges.accounts as u64,
            ),
            (
                "attache_webhook_annotated_service_accounts",
                "gauge",
                "Those of them that have annotations of the webhook.",
                gauges.annotated as u64,
            ),
            (
                "attache_webhook_certificate_not_after_seconds",
                "gauge",
                "When the certificate ends, in seconds since 1970.",
                until.unsigned_abs(),
            ),
        ] {
            out.head(name, kind, help);
            out.line(format_args!("{name} {value}"));
        }
        self.http(&mut out);
        out.0
    }

    fn http(&self, out: &mut Text) {
        let name = "http_request_count";
        out.head(name, "counter", "Requests by verb, path and code.");
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((verb, path, code), count) in requests.iter() {
            out.line(format_args!(
                "{name}{{verb=\"{verb}\",path=\"{path}\",code=\"{code}\"}} {count}"
            ));
        }
        drop(requests);
        let name = "http_request_latencies";
        out.head(name, "histogram", "Time to an answer in microseconds, by verb and path.");
        let latencies = self.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        for ((verb, path), of) in latencies.iter() {
            let labels = format!("verb=\"{verb}\",path=\"{path}\"");
            for (count, limit) in of.buckets.iter().zip(BUCKETS) {
                out.line(format_args!("{name}_bucket{{{labels},le=\"{limit}\"}} {count}"));
            }
            out.line(format_args!("{name}_bucket{{{labels},le=\"+Inf\"}} {}", of.count));
            out.line(format_args!("{name}_sum{{{labels}}} {}", of.sum));
            out.line(format_args!("{name}_count{{{labels}}} {}", of.count));
        }
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}
