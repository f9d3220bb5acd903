//! What is counted, by the original's names, in Prometheus' text format.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// Ours: codes of errors that are counted by their own name. EKS Auth's model has nine.
const MOST_CODES: usize = 64;

/// What became of a token's credentials in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CacheState {
    Hit,
    Miss,
    Evicted,
}

impl CacheState {
    fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Evicted => "evicted",
        }
    }
}

/// The counters of the process.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counters>);

#[derive(Debug, Default)]
struct Counters {
    responses: BTreeMap<u16, u64>,
    states: BTreeMap<CacheState, u64>,
    errors: BTreeMap<(&'static str, String), u64>,
}

impl Metrics {
    fn count(&self, change: impl FnOnce(&mut Counters)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn response(&self, status: u16) {
        self.count(|counters| *counters.responses.entry(status).or_default() += 1);
    }

    pub(crate) fn cache(&self, state: CacheState, count: u64) {
        self.count(|counters| *counters.states.entry(state).or_default() += count);
    }

    /// A renewal that failed.
    pub(crate) fn renewal_error(&self, is_final: bool, code: &str) {
        let kind = if is_final { "NonRecoverable" } else { "Recoverable" };
        // A code is a name: what is none, and one of too many, is counted with the others.
        let is_name = code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        self.count(|counters| {
            let new = (kind, code.to_owned());
            let key = match counters.errors.len() < MOST_CODES {
                _ if counters.errors.contains_key(&new) => new,
                true if is_name => new,
                _ => (kind, "other".to_owned()),
            };
            *counters.errors.entry(key).or_default() += 1;
        });
    }

    /// The text for Prometheus, with how many credentials are cached now.
    #[must_use]
    pub fn text(&self, cached: usize) -> String {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let family = |text: &mut String, name: &str, kind: &str, help: &str| {
            let _infallible = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        let name = "pod_identity_http_response";
        family(&mut text, name, "counter", "Pod Identity http response code");
        for (code, count) in &counters.responses {
            let _infallible = writeln!(text, "{name}{{code=\"{code}\"}} {count}");
        }
        let name = "pod_identity_cache_state";
        family(&mut text, name, "counter", "The state of credential in cache");
        for (state, count) in &counters.states {
            let _infallible = writeln!(text, "{name}{{state=\"{}\"}} {count}", state.name());
        }
        let name = "pod_identity_cache_errors";
        family(
            &mut text,
            name,
            "counter",
            "Credentials that were not renewed, by the error's code",
        );
        for ((kind, code), count) in &counters.errors {
            let _infallible = writeln!(text, "{name}{{type=\"{kind}\",code=\"{code}\"}} {count}");
        }
        let name = "attache_agent_cached_credentials";
        family(&mut text, name, "gauge", "Credentials in the cache");
        let _infallible = writeln!(text, "{name} {cached}");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_the_originals_names_and_codes_are_bounded() {
        let metrics = Metrics::default();
        metrics.response(200);
        metrics.response(200);
        metrics.response(429);
        metrics.cache(CacheState::Hit, 3);
        metrics.renewal_error(true, "AccessDeniedException");
        metrics.renewal_error(false, "a\"b\n");
        for number in 0..1_000 {
            metrics.renewal_error(false, &format!("Code{number}"));
        }
        let text = metrics.text(7);
        for line in [
            "pod_identity_http_response{code=\"200\"} 2",
            "pod_identity_http_response{code=\"429\"} 1",
            "pod_identity_cache_state{state=\"hit\"} 3",
            "pod_identity_cache_errors{type=\"NonRecoverable\",code=\"AccessDeniedException\"} 1",
            "attache_agent_cached_credentials 7",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}: {text}");
        }
        assert!(text.lines().count() < 80, "{text}");
        assert!(!text.contains("a\"b"), "{text}");
    }
}
