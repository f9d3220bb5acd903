//! What is logged of refusals: once a minute for each client and reason, however often it asks. A pod
//! without an association asks for ever, and a hostile one must not fill the node's disk.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// Ours: how long the same is not said again.
const INTERVAL: Duration = Duration::from_secs(60);

/// Ours: as many lines a minute at most.
const MOST: usize = 1_024;

/// The last lines.
#[derive(Debug)]
pub(super) struct LogLimit<K>(HashMap<K, Duration>);

impl<K> Default for LogLimit<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> LogLimit<K> {
    /// Whether it is said now; `now` is the time since the start.
    pub(super) fn allow(&mut self, key: K, now: Duration) -> bool {
        let is_recent = |at: &Duration| now.saturating_sub(*at) < INTERVAL;
        if self.0.get(&key).is_some_and(is_recent) {
            return false;
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, at| is_recent(at));
        }
        let has_room = self.0.len() < MOST;
        if has_room {
            self.0.insert(key, now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute_and_all_is_bounded() {
        let mut limit = LogLimit::default();
        let at = Duration::from_secs;
        assert!(limit.allow(0, at(0)));
        assert!(!limit.allow(0, at(59)));
        assert!(limit.allow(0, at(60)));
        let said = (0..10_000).filter(|key| limit.allow(*key, at(61))).count();
        assert_eq!(said, MOST - 1);
        assert!(limit.allow(0, at(121)));
    }
}
