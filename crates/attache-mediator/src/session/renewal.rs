//! When a session is renewed: pure rules over a clock value.

use time::{Duration, OffsetDateTime};

/// Ours: a session is renewed at 80% of its life at the latest, as the kubelet renews tokens.
const LATEST: f64 = 0.8;

/// Ours: up to a tenth of the life earlier, so that thousands of accounts assumed together are not
/// renewed together: STS allows 600 calls a second in an account and region.
const SPREAD: f64 = 0.1;

/// Ours: with less than this left a session is not used for another call.
const MARGIN: Duration = Duration::seconds(30);

/// When to renew a session; `jitter` is between 0 and 1.
pub(crate) fn renewal_time(
    assumed: OffsetDateTime,
    expires: OffsetDateTime,
    jitter: f64,
) -> OffsetDateTime {
    let life = (expires - assumed).max(Duration::ZERO);
    assumed + life * (LATEST - SPREAD * jitter.clamp(0.0, 1.0))
}

/// Whether a session that could not be renewed may still be used.
pub(crate) fn still_usable(expires: OffsetDateTime, now: OffsetDateTime) -> bool {
    expires - now > MARGIN
}

/// A number between 0 and 1.
pub(crate) fn jitter() -> f64 {
    rand::random::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_session_of_an_hour_is_renewed_between_42_and_48_minutes() {
        let (from, to) = (datetime!(2026-01-01 10:00 UTC), datetime!(2026-01-01 11:00 UTC));
        for (jitter, wanted) in [
            (0.0, datetime!(2026-01-01 10:48 UTC)),
            (0.5, datetime!(2026-01-01 10:45 UTC)),
            (1.0, datetime!(2026-01-01 10:42 UTC)),
            (7.0, datetime!(2026-01-01 10:42 UTC)),
        ] {
            assert_eq!(renewal_time(from, to, jitter), wanted, "jitter {jitter}");
        }
    }

    #[test]
    fn a_session_that_ended_before_it_began_is_renewed_at_once() {
        let now = datetime!(2026-01-01 10:00 UTC);
        assert_eq!(renewal_time(now, now - Duration::hours(1), 0.0), now);
    }

    #[test]
    fn the_last_half_minute_is_not_used() {
        let expires = datetime!(2026-01-01 11:00 UTC);
        assert!(still_usable(expires, expires - Duration::seconds(31)));
        assert!(!still_usable(expires, expires - Duration::seconds(30)));
        assert!(!still_usable(expires, expires + Duration::hours(1)));
    }
}
