//! The pod identity webhook: what EKS does with a pod whose service account names a role, on any cluster.
//!
//! Knows: the Kubernetes API. [`Webhook`] answers reviews, [`cluster`] knows the service accounts,
//! [`certificates`] what the API server trusts, and [`serve`](server::serve) listens.
//!
//! Does not know: what becomes of a pod, which is `attache-admission`'s; AWS.

pub mod certificates;
pub mod cluster;
mod files;
mod metrics;
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
