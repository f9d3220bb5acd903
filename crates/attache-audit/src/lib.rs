//! What became of the access that a federation set up: who assumed its roles, what was refused and
//! why, which of the services that a role may use it uses, and which roles nobody uses.
//!
//! Knows: CloudTrail's `LookupEvents` and the records in it; IAM's account of when a role and its services
//! were used last. Does not know: how the roles came to be, and what should be changed.
//!
//! Nothing that was not read is taken for nothing: an account, a region, a lookup that was cut short or a
//! permission that is missing stands in the report as what it is.
//!
//! Start at [`audit()`]; what a record means is in `record.rs`.

mod account;
mod assumption;
mod caller;
mod cause;
mod error;
mod history;
mod last_use;
mod lookup;
mod record;
mod refusal;
mod report;
mod service_use;

pub use account::audit;
pub use assumption::Assumption;
pub use caller::Caller;
pub use error::AuditError;
pub use refusal::RefusedCall;
pub use report::{
    AuditReport, AuditSettings, AuditedRole, Change, LastUse, RoleReport, UnreadAccount, Workload,
};
pub use service_use::ServiceUse;
