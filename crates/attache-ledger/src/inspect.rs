//! Reading a data directory from its first event to its last, without serving it.

use std::path::Path;

use crate::aws_managed::AwsManaged;
use crate::data_directory::{DataDirectory, JOURNAL};
use crate::journal::{Opened, Whole};
use crate::ledger::apply_event;
use crate::state::State;
use crate::{Event, LedgerError};

/// A journal that is intact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// The sequence number of the last event; 0 where there is none.
    pub last: i64,
    /// The events that changed something.
    pub changes: u64,
    /// The accounts that there are after the last event.
    pub accounts: usize,
    /// Whether it is known that no event is missing at the end: the directory has a tail marker.
    pub has_tail_marker: bool,
}

/// Reads a data directory's journal from the first event to the last, verifies the chain of hashes,
/// applies every change anew, and passes each event to `each`. Nothing is written, and an authority may be running
/// on it meanwhile.
///
/// # Errors
/// [`LedgerError::Corrupt`] at the first event that is not as it was written, after those before it
/// were passed on; [`LedgerError::NoJournal`] where there is none.
pub async fn inspect(
    directory: &Path,
    mut each: impl FnMut(i64, &Event),
) -> Result<Inspected, LedgerError> {
    let path = directory.join(JOURNAL);
    if !path.is_file() {
        return Err(LedgerError::NoJournal(directory.to_path_buf()));
    }
    let mut state = State::new(AwsManaged::with(None)?);
    let mut changes = 0;
    let mut apply = |seq: i64, event: &Event| {
        apply_event(&mut state, event)?;
        changes += u64::from(event.is_change());
        each(seq, event);
        Ok(())
    };
    let key = DataDirectory::key_in(directory)?;
    let Whole { last, has_tail_marker } =
        Opened::check_all(&path, key.as_ref(), &mut apply).await?;
    Ok(Inspected { last, changes, accounts: state.accounts().count(), has_tail_marker })
}
