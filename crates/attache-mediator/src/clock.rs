//! The clock, as one value that is passed in at the edge.

use time::OffsetDateTime;

/// What time it is. The command line passes the system's clock, a test its own.
#[derive(Debug, Clone, Copy)]
pub struct Clock(fn() -> OffsetDateTime);

impl Clock {
    /// A clock that reads the time with `now`.
    #[must_use]
    pub fn new(now: fn() -> OffsetDateTime) -> Self {
        Self(now)
    }

    /// The time now.
    pub(crate) fn now(self) -> OffsetDateTime {
        (self.0)()
    }
}
