//! When a token is to be renewed: arithmetic, without a clock.

use time::{Duration, OffsetDateTime};

/// The kubelet's: no token is kept for longer than a day, however long it lives.
const OLDEST: Duration = Duration::HOUR.saturating_mul(24);

/// The moment at which the kubelet replaces a token: when 80% of its life is over, or when it is a
/// day old, whichever is first. The kubelet adds up to ten random seconds, so that a node's pods
/// do not renew all at once; one process does not need that.
/// Source: `pkg/kubelet/token/token_manager.go` of Kubernetes, `requiresRefresh`.
///
/// ```
/// # use time::{Duration, macros::datetime};
/// let issued = datetime!(2026-11-01 12:00 UTC);
/// assert_eq!(attache_kubernetes::renewal(issued, Duration::HOUR), datetime!(2026-11-01 12:48 UTC));
/// ```
#[must_use]
pub fn renewal(issued: OffsetDateTime, lifetime: Duration) -> OffsetDateTime {
    let wait = lifetime.saturating_sub(lifetime / 5_i32);
    issued.saturating_add(wait.clamp(Duration::ZERO, OLDEST))
}
