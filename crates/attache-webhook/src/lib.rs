//! The pod identity webhook: what EKS does with a pod whose service account names a role, on any cluster.
//!
//! Knows: the contract of amazon-eks-pod-identity-webhook. [`rules`] is pure: annotations, a ConfigMap, a
//! file and a pod in, a JSON Patch with warnings out; start at [`rules::mutate`]. Around it, [`Webhook`]
//! answers reviews, [`cluster`] knows the service accounts, [`certificates`] what the API server trusts, and
//! [`serve`](server::serve) listens.
//!
//! Does not know: AWS. A role is a text that is looked at and passed on.

pub mod certificates;
pub mod cluster;
mod files;
mod metrics;
pub mod rules;
mod run;
pub mod server;
mod shared;
#[cfg(test)]
mod tests;
mod webhook;

pub use metrics::Metrics;
pub use run::{Certificate, Options, RunError, run};
pub use shared::Shared;
pub use webhook::Webhook;
