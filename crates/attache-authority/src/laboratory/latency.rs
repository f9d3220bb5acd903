//! How long answers take.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use attache_identifiers::{format_duration, parse_duration};
use serde::{Deserialize, Serialize};

use super::random::Sequence;
use super::settings::{LONGEST, LaboratoryError};

/// How far the 99th percentile of the normal distribution is from its mean, in deviations.
const P99: f64 = 2.326_347_874_040_841;

/// What a tail can reach, in deviations: one answer of thirty thousand would be later.
const FARTHEST: f64 = 4.0;

/// How long answers take: half of them at most the median, 99 of 100 at most the p99. Without a p99,
/// each takes the median.
///
/// Written `40ms` or `40ms,p99=200ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Latency {
    median: Duration,
    p99: Option<Duration>,
}

impl Latency {
    /// The next answer's time: log-normal, as the times of servers are.
    pub(super) fn sample(self, sequence: &Sequence) -> Duration {
        let Some(p99) = self.p99 else { return self.median };
        let deviation = (p99.as_secs_f64() / self.median.as_secs_f64()).ln() / P99;
        let factor = (deviation * sequence.normal().min(FARTHEST)).exp();
        let time = Duration::try_from_secs_f64(self.median.as_secs_f64() * factor).unwrap_or(p99);
        // A p99 far above the median has a tail of years.
        time.min(LONGEST)
    }
}

impl FromStr for Latency {
    type Err = LaboratoryError;

    fn from_str(text: &str) -> Result<Self, LaboratoryError> {
        let (median, rest) = text.split_once(',').map_or((text, None), |(m, rest)| (m, Some(rest)));
        let median = parse_duration(median)?;
        let p99 = match rest {
            None => None,
            Some(rest) => {
                let p99 = rest.strip_prefix("p99=").ok_or(LaboratoryError::LatencyForm)?;
                Some(parse_duration(p99)?)
            }
        };
        if p99.is_some_and(|p99| p99 < median) {
            return Err(LaboratoryError::P99);
        }
        if p99.unwrap_or(median) > LONGEST {
            return Err(LaboratoryError::TooLong);
        }
        Ok(Self { median, p99 })
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_duration(self.median))?;
        match self.p99 {
            Some(p99) => write!(f, ",p99={}", format_duration(p99)),
            None => Ok(()),
        }
    }
}

impl TryFrom<String> for Latency {
    type Error = LaboratoryError;

    fn try_from(text: String) -> Result<Self, LaboratoryError> {
        text.parse()
    }
}

impl From<Latency> for String {
    fn from(latency: Latency) -> Self {
        latency.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_read_and_written_alike() {
        for text in ["40ms", "40ms,p99=200ms", "1s500ms,p99=10s"] {
            assert_eq!(text.parse::<Latency>().unwrap().to_string(), text);
        }
        for (text, wanted) in [
            ("", "40ms"),
            ("fast", "40ms"),
            ("40ms,p95=1s", "40ms,p99=200ms"),
            ("40ms,p99=", "40ms"),
            ("40ms,p99=39ms", "at least the median"),
            ("2h", "1h"),
        ] {
            let error = text.parse::<Latency>().unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn the_times_have_that_median_and_that_p99_and_a_seed_gives_them_again() {
        let latency: Latency = "40ms,p99=200ms".parse().unwrap();
        let times = |seed| {
            let sequence = Sequence::new(seed, 0);
            (0..20_000).map(|_| latency.sample(&sequence)).collect::<Vec<_>>()
        };
        let mut first = times(7);
        assert_eq!(first, times(7));
        assert_ne!(first, times(8));
        first.sort();
        let (median, p99) = (first[10_000].as_millis(), first[19_800].as_millis());
        assert!((38..=42).contains(&median), "{median}");
        assert!((180..=220).contains(&p99), "{p99}");
        let steady: Latency = "40ms".parse().unwrap();
        assert_eq!(steady.sample(&Sequence::new(1, 0)), Duration::from_millis(40));
    }

    #[test]
    fn no_answer_takes_longer_than_the_longest_duration() {
        let latency: Latency = "1ms,p99=1h".parse().unwrap();
        let sequence = Sequence::new(1, 0);
        let longest = (0..20_000).map(|_| latency.sample(&sequence)).max();
        assert_eq!(longest, Some(LONGEST));
    }
}
