//! A token's life, as the annotation `token-expiration` has it.

use super::warnings::{Warnings, shown};

/// Kubernetes' shortest life of a projected token, in seconds.
const SHORTEST: i64 = 600;
/// Kubernetes' longest: 2^32 seconds. A pod that asks for more is refused by the API server.
const LONGEST: i64 = 1 << 32;

/// Reads the annotation: what is no number counts as absent, and what is too short is made longer.
pub(super) fn read(text: &str, of: &str, key: &str, warnings: &mut Warnings) -> Option<i64> {
    let Ok(seconds) = text.parse::<i64>() else {
        warnings.add(format!(
            "{of}: {key} is {}, not a whole number of seconds: it is passed over",
            shown(text)
        ));
        return None;
    };
    if seconds < SHORTEST {
        warnings.add(format!("{of}: {key} is {seconds}: {SHORTEST} s is the least, and is taken"));
    } else if seconds > LONGEST {
        warnings.add(format!("{of}: {key} is {seconds}: Kubernetes takes at most {LONGEST} s"));
    }
    Some(seconds.max(SHORTEST))
}
