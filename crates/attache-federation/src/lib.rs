//! The keyless access of workloads to any number of accounts: declared, planned, applied, verified.
//!
//! Knows: the `Federation` file ([`Federation::from_yaml`]); what follows from it in each account;
//! how to compare that with what AWS answers ([`plan()`]), apply the difference ([`apply()`]), remove it
//! ([`plan_destroy`]) and verify every link of the chain ([`verify()`]). The desired state itself can be read by
//! what writes it down for other tools: [`desired::accounts`], [`mediator_accounts()`], [`aws_options`].
//!
//! Does not know: where credentials, files, the clock or the endpoint come from. The caller hands
//! in [`Connections`], which has the credentials of each account. There is no state file: what belongs
//! to a federation carries the tag [`OWNER_TAG`].
//!
//! Start reading at [`Federation`], then `desired`, `plan` and `apply`.

mod adoption;
mod apply;
pub mod aws_options;
mod clients;
mod comparison;
pub mod desired;
mod document;
mod error;
mod kept;
mod mediator_accounts;
mod observe;
mod organization;
mod patience;
mod permissions;
mod plan;
pub mod policy_text;
mod provider_use;
mod scope;
pub mod shell;
mod trust;
mod verify;

pub use apply::{ApplyOptions, ApplyReport, Step, apply, in_progress};
pub use attache_aws_accounts::{AccountError, CallFailure, Connections, Link, LinkStatus};
pub use attache_manifests::Invalid;
pub use desired::OWNER_TAG;
pub use document::{
    Cluster, DEFAULT_AUDIENCE, Federation, FederationFile, Identity, Mode, Organization, Setting,
    Workload,
};
pub use error::{BadAnswer, FederationError, Stop};
pub use mediator_accounts::{MediatorAccount, mediator_accounts};
pub use organization::OrganizationTargetsError;
pub use plan::{
    AccountPlan, Action, Change, Difference, Finding, FindingLevel, Kind, Plan, PlanOptions,
    PlanText, PlannedStep, Resource, SavedOptions, SavedPlan, SavedPlanError, StepClass,
    StepWitness, Summary, UnreadAccount, plan, plan_destroy,
};
pub use scope::{OrganizationListing, Scope, organization_accounts};
pub use shell::quoted as shell_word;
pub use trust::{Trusted, trust_policy};
pub use verify::{
    CallProblem, Chain, Check, CommandLine, ServiceCall, ServiceCalls, TargetSecret, TokenFile,
    TrialSession, UnreadToken, VerifyOptions, verify,
};
