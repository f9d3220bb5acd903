//! Calls that were refused, each kind with its cause.

use std::collections::BTreeMap;

use serde::Serialize;
use time::OffsetDateTime;

use crate::caller::Caller;
use crate::cause;
use crate::last_use::RoleNow;
use crate::record::Record;

/// Calls that were refused alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedCall {
    /// The call: `sts:AssumeRoleWithWebIdentity`.
    pub call: String,
    /// Who made it.
    pub by: Caller,
    /// AWS's code.
    pub code: String,
    /// Why, as far as AWS or the role's policies say.
    pub cause: String,
    /// How many.
    pub count: usize,
    /// When the first was made.
    #[serde(with = "time::serde::rfc3339")]
    pub first: OffsetDateTime,
    /// When the last was made.
    #[serde(with = "time::serde::rfc3339")]
    pub last: OffsetDateTime,
}

/// The refusals among the records, most frequent first. `role` is the role as it is now.
pub(crate) fn refused(records: &[&Record], role: &RoleNow) -> Vec<RefusedCall> {
    let mut groups: BTreeMap<(String, Caller, String, String), RefusedCall> = BTreeMap::new();
    for record in records {
        let Some((code, message)) = &record.refusal else { continue };
        let cause = cause::of(record, code, message, role);
        let (call, by) = (record.call(), record.caller.grouped());
        let key = (call.clone(), by.clone(), code.clone(), cause.clone());
        let group = groups.entry(key).or_insert_with(|| RefusedCall {
            call,
            by,
            code: code.clone(),
            cause,
            count: 0,
            first: record.at,
            last: record.at,
        });
        group.count += 1;
        group.first = group.first.min(record.at);
        group.last = group.last.max(record.at);
    }
    let mut all: Vec<RefusedCall> = groups.into_values().collect();
    all.sort_by_key(|group| std::cmp::Reverse(group.count));
    all
}
