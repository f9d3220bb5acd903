//! Keys that nobody reads, where others may add their own.
//!
//! A chart's values have many keys that are not ours, so an unknown one is no mistake by itself.
//! One that all but spells a key of ours is: it would be ignored in silence.

use serde_json::Value;

use crate::invalid::{File, Invalid, nearest};

/// Refuses keys of `map` that resemble a known key that is missing from it.
pub(super) fn misspelt(file: &File, map: &Value, known: &[&str]) -> Result<(), Box<Invalid>> {
    let Value::Object(members) = map else { return Ok(()) };
    let missing: Vec<&str> =
        known.iter().copied().filter(|key| !members.contains_key(*key)).collect();
    for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
        if let Some(meant) = nearest(key, &missing) {
            let message = format!("there is no key `{key}` here");
            return Err(file.wrong(file.key(key), message, format!("did you mean `{meant}`?")));
        }
    }
    Ok(())
}
