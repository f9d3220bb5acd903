//! What a snapshot holds: the state, and what was used when.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::usage::Usage;

#[derive(Serialize)]
struct Written<'i> {
    state: String,
    usage: &'i Usage,
}

#[derive(Deserialize)]
struct Read<'i> {
    #[serde(borrow)]
    state: Cow<'i, str>,
    usage: Usage,
}

/// Both as text.
pub(crate) fn write(state: &State, usage: &Usage) -> Result<String, String> {
    let written = Written { state: state.to_text()?, usage };
    serde_json::to_string(&written).map_err(|e| format!("what was used cannot be written: {e}"))
}

/// Reads what [`write()`] wrote; where that cannot be read nothing is changed.
pub(crate) fn read(text: &str, state: &mut State, usage: &mut Usage) -> Result<(), String> {
    let read: Read<'_> =
        serde_json::from_str(text).map_err(|e| format!("the snapshot cannot be read: {e}"))?;
    state.read_text(&read.state)?;
    *usage = read.usage;
    Ok(())
}
