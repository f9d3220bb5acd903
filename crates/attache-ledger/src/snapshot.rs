//! What a snapshot holds: the state, and what was used when.

use serde::{Deserialize, Serialize};

use crate::state::{RestoredState, SnapshotError, State, StateSnapshot};
use crate::usage::Usage;

#[derive(Serialize)]
struct Written<'i> {
    state: StateSnapshot<'i>,
    usage: &'i Usage,
}

#[derive(Deserialize)]
struct Read {
    state: RestoredState,
    usage: Usage,
}

/// Both as text.
pub(crate) fn write(state: &State, usage: &Usage) -> Result<String, SnapshotError> {
    let written = Written { state: state.snapshot(), usage };
    serde_json::to_string(&written).map_err(SnapshotError::Write)
}

/// Reads what [`write()`] wrote; where that cannot be read nothing is changed.
pub(crate) fn read(text: &str, state: &mut State, usage: &mut Usage) -> Result<(), SnapshotError> {
    let read: Read = serde_json::from_str(text).map_err(SnapshotError::Read)?;
    state.take(read.state);
    *usage = read.usage;
    Ok(())
}
