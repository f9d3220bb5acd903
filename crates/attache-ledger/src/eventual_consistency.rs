//! The state as it was a while ago: decisions are made by it where changes are to be seen with a delay,
//! as AWS's are.
//!
//! Knows: which changes are not seen yet. Does not know: who reads which state; IAM answers from the
//! current one, and everything is decided by the delayed one.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use crate::Event;
use crate::ledger::apply_event;
use crate::state::State;

/// A second state that follows the first with a delay.
#[derive(Debug)]
pub(crate) struct DelayedState {
    delay: Duration,
    state: RwLock<State>,
    /// Changes and when they are due, the oldest first.
    pending: Mutex<VecDeque<(Instant, Event)>>,
}

impl DelayedState {
    /// Starts from that state.
    pub(crate) fn new(delay: Duration, state: State) -> Self {
        Self { delay, state: RwLock::new(state), pending: Mutex::default() }
    }

    /// Becomes the same as the other state at once: for changes that no call made.
    pub(crate) fn copy_from(&self, state: &State) {
        match state.copy() {
            Ok(copy) => {
                self.pending.lock().unwrap_or_else(PoisonError::into_inner).clear();
                *self.state.write().unwrap_or_else(PoisonError::into_inner) = copy;
            }
            Err(error) => tracing::error!(
                error = &error as &dyn Error,
                "the delayed state could not follow a change of all accounts"
            ),
        }
    }

    /// Records a change that was made just now.
    pub(crate) fn follow(&self, event: &Event) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.push_back((Instant::now() + self.delay, event.clone()));
    }

    /// The state with all changes that are due.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.catch_up();
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn catch_up(&self) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if pending.front().is_none_or(|(due, _)| *due > now) {
            return;
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, event)) = pending.pop_front_if(|(due, _)| *due <= now) {
            // It was applied once, to the first state.
            let applied = apply_event(&mut state, &event);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
    }
}
