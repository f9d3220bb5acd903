//! CloudTrail: the journal's events in CloudTrail's shape.
//!
//! Knows: what `LookupEvents` takes, and how a record is written. Does not know: where events are
//! kept; it is handed them newest first.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

mod lookup;
mod record;

pub(crate) use lookup::{Lookup, MEMBERS, Page};
