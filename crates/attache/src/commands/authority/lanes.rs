//! A thread for each core, to serve connections.

use std::num::NonZeroUsize;
use std::{io, thread};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The threads' runtimes, until this is dropped.
pub(super) struct Lanes {
    handles: Vec<Handle>,
    _end: DropGuard,
}

impl Lanes {
    /// As many as there are cores. None where the system gives no threads: then all is served by the
    /// one runtime that there is, and calls take a little longer.
    pub(super) fn open() -> Self {
        let end = CancellationToken::new();
        let count = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let opened = (0..count).map(|number| open(number, end.clone()));
        let handles = opened.collect::<io::Result<Vec<_>>>().unwrap_or_default();
        Self { handles, _end: end.drop_guard() }
    }

    pub(super) fn handles(&self) -> &[Handle] {
        &self.handles
    }
}

fn open(number: usize, end: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let thread = thread::Builder::new().name(format!("lane-{number}"));
    thread.spawn(move || runtime.block_on(end.cancelled()))?;
    Ok(handle)
}
