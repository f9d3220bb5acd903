//! The state as it was a while ago: what decides where changes are to take their time, as AWS's do.
//!
//! Knows: which changes are still on their way. Does not know: who looks at which state; IAM tells its
//! own as it is, and everything is decided by the one that lags.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use crate::Event;
use crate::ledger::apply_event;
use crate::state::State;

/// A second state that follows the first.
#[derive(Debug)]
pub(crate) struct DelayedState {
    delay: Duration,
    state: RwLock<State>,
    /// Changes and when they are due, the oldest first.
    coming: Mutex<VecDeque<(Instant, Event)>>,
}

impl DelayedState {
    /// Follows from that state on.
    pub(crate) fn new(delay: Duration, state: State) -> Self {
        Self { delay, state: RwLock::new(state), coming: Mutex::default() }
    }

    /// Is the same as the other state at once: for what is no caller's change.
    pub(crate) fn renew(&self, state: &State) {
        match state.again() {
            Ok(again) => {
                self.coming.lock().unwrap_or_else(PoisonError::into_inner).clear();
                *self.state.write().unwrap_or_else(PoisonError::into_inner) = again;
            }
            Err(error) => tracing::error!(
                error = &error as &dyn Error,
                "the delayed state could not follow a change of all accounts"
            ),
        }
    }

    /// Takes in a change that was made just now.
    pub(crate) fn follow(&self, event: &Event) {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        coming.push_back((Instant::now() + self.delay, event.clone()));
    }

    /// The state with all changes that are due.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.catch_up();
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn catch_up(&self) {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if coming.front().is_none_or(|(due, _)| *due > now) {
            return;
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, event)) = coming.pop_front_if(|(due, _)| *due <= now) {
            // It was made once: it fits.
            let applied = apply_event(&mut state, &event);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
    }
}
