//! When credentials are renewed.

use time::{Duration, OffsetDateTime};

/// Ours: at 70% of their life at the latest. Of an hour, 18 minutes are left then: SDKs ask again when
/// 15 minutes are left (botocore's advisory refresh), and must get others than they have.
const LATEST: f64 = 0.7;

/// Ours: up to this part of that time earlier, so that the pods that started together are not renewed
/// together.
const SPREAD: f64 = 0.15;

/// The original's: a renewal that failed is tried again after a minute, and up to a minute of jitter.
const RETRY: Duration = Duration::MINUTE;
const RETRY_JITTER: Duration = Duration::MINUTE;

/// When credentials with that life are renewed; `jitter` is between 0 and 1.
pub(super) fn time(
    now: OffsetDateTime,
    life: Duration,
    latest: Duration,
    jitter: f64,
) -> OffsetDateTime {
    let at = (life * LATEST).min(latest);
    now + at * (1.0 - SPREAD * jitter.clamp(0.0, 1.0))
}

/// When a renewal that failed is tried again.
pub(super) fn retry(now: OffsetDateTime, jitter: f64) -> OffsetDateTime {
    now + RETRY + RETRY_JITTER * jitter.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    #[test]
    fn renewed_at_three_hours_at_the_latest_and_before_sdks_ask_again() {
        let three = Duration::hours(3);
        for (life, jitter, minutes) in [
            (Duration::hours(6), 0.0, 180.0),
            (Duration::hours(6), 1.0, 153.0),
            (Duration::hours(12), 0.0, 180.0),
            (Duration::hours(1), 0.0, 42.0),
            (Duration::hours(1), 1.0, 35.7),
            (Duration::hours(1), 9.0, 35.7),
            (Duration::minutes(15), 0.0, 10.5),
        ] {
            let after = (time(NOW, life, three, jitter) - NOW).as_seconds_f64() / 60.0;
            assert!((after - minutes).abs() < 0.001, "{life}, {jitter}: {after}");
        }
    }

    #[test]
    fn a_failed_renewal_waits_one_to_two_minutes() {
        assert_eq!(retry(NOW, 0.0), NOW + Duration::seconds(60));
        assert_eq!(retry(NOW, 0.5), NOW + Duration::seconds(90));
        assert_eq!(retry(NOW, 2.0), NOW + Duration::seconds(120));
    }
}
