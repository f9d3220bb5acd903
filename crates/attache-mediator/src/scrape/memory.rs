//! The memory that all listings of a process share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limit;

/// The unit that is counted: smaller ones would cost more than they gain.
const STEP: usize = 1024;

/// Ours: how long a listing without room waits for others to end. Most listings take less than a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ours: a holder of more than this part of all does not wait but gives up. Otherwise a few
/// listings without end, each waiting for the others, would block all others.
const SHARE: usize = 16;

/// Room for the bytes of answers and resources.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    steps: Arc<Semaphore>,
    bytes: usize,
}

/// Reserved room, until it is dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    memory: Memory,
    permit: Option<OwnedSemaphorePermit>,
}

impl Memory {
    pub(super) fn new(bytes: usize) -> Self {
        Self { steps: Arc::new(Semaphore::new(bytes.div_ceil(STEP))), bytes }
    }

    /// No room yet; see [`Reservation::grow`].
    pub(super) fn reserve(&self) -> Reservation {
        Reservation { memory: self.clone(), permit: None }
    }
}

impl Reservation {
    /// Takes room for `bytes` in all, waiting for it where there is reason to.
    pub(super) async fn grow(&mut self, bytes: usize) -> Result<(), Limit> {
        let full = || Limit::ProcessBytes(self.memory.bytes);
        let held = self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = bytes.div_ceil(STEP).saturating_sub(held);
        if more == 0 {
            return Ok(());
        }
        let more = u32::try_from(more).map_err(|_| full())?;
        let steps = Arc::clone(&self.memory.steps);
        let taken = match Arc::clone(&steps).try_acquire_many_owned(more) {
            Ok(taken) => taken,
            Err(_) if held * STEP > self.memory.bytes / SHARE => return Err(full()),
            Err(_) => {
                let waited = tokio::time::timeout(PATIENCE, steps.acquire_many_owned(more)).await;
                waited.map_err(|_| full())?.map_err(|_| full())?
            }
        };
        match &mut self.permit {
            Some(permit) => permit.merge(taken),
            None => self.permit = Some(taken),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_large_holder_gives_up_at_once_and_a_small_one_waits() {
        let memory = Memory::new(64 * STEP);
        let (mut large, mut small) = (memory.reserve(), memory.reserve());
        large.grow(60 * STEP).await.unwrap();
        small.grow(2 * STEP).await.unwrap();
        assert_eq!(large.grow(70 * STEP).await, Err(Limit::ProcessBytes(64 * STEP)));
        let waiting = tokio::spawn(async move { small.grow(10 * STEP).await });
        tokio::task::yield_now().await;
        drop(large);
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_is_dropped_is_free_again() {
        let memory = Memory::new(4 * STEP);
        for _ in 0..10 {
            memory.reserve().grow(4 * STEP).await.unwrap();
        }
        assert!(memory.reserve().grow(usize::MAX).await.is_err());
    }
}
