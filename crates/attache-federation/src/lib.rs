//! One workload's keyless access to any number of accounts: declared, planned, applied, verified,
//! rendered.
//!
//! Knows: the `Federation` file ([`Federation::from_yaml`]); what follows from it in each account;
//! how to compare that with what AWS answers ([`plan()`]), apply the difference ([`apply()`]), remove it
//! ([`plan_destroy`]), verify every link of the chain ([`verify()`]) and write files for setting it up by
//! hand ([`render()`]).
//!
//! Does not know: where credentials, files, the clock or the endpoint come from. The caller hands
//! in [`Connections`], which has the credentials of each account. There is no state file: what belongs
//! to a federation carries the tag [`OWNER_TAG`].
//!
//! Start reading at [`Federation`], then `desired`, `plan` and `apply`.

mod adoption;
mod apply;
mod clients;
mod comparison;
mod desired;
mod document;
mod error;
mod kept;
mod observe;
mod patience;
mod permissions;
mod plan;
mod provider_use;
mod render;
mod scope;
mod trust;
mod verify;

pub use apply::{ApplyOptions, ApplyReport, Step, apply, in_progress};
pub use attache_aws_accounts::{AccountError, CallFailure, Connections, Link, LinkStatus};
pub use attache_manifests::Invalid;
pub use desired::OWNER_TAG;
pub use document::{DEFAULT_AUDIENCE, Federation, Mode, Organization, Workload};
pub use error::{BadAnswer, FederationError, Stop};
pub use plan::{
    AccountPlan, Action, Change, Difference, Finding, FindingLevel, Kind, Plan, PlanOptions,
    PlannedStep, Resource, StepClass, StepWitness, Summary, UnreadAccount, plan, plan_destroy,
};
pub use render::shell::quoted as shell_word;
pub use render::{RenderedFile, render, render_secrets};
pub use scope::{Scope, organization_accounts};
pub use trust::trust_policy;
pub use verify::{
    CallProblem, Chain, Check, CommandLine, ServiceCall, ServiceCalls, TargetSecret, TokenFile,
    TrialSession, UnreadToken, VerifyOptions, verify,
};
