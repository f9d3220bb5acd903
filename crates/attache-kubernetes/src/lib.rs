//! The Kubernetes side of keyless access: what the cluster does for a pod that is to be an AWS role.
//!
//! Knows: how an API server issues a service account's token ([`Issuer`]), how the kubelet keeps it
//! fresh in a file ([`Projection`]), and which environment the identity webhook gives the pod
//! ([`pod_environment`]). [`admission`] has the rules with which an API server does the
//! webhook's work itself. Together they make a pod out of a process and a folder, so that the
//! AWS SDKs work outside a cluster as they do inside. [`TokenIssuer`] is where a real cluster's tokens
//! come in.
//!
//! Does not know: AWS, roles' policies, the Kubernetes API. Whether a token is valid is
//! `attache-oidc`'s affair; which roles trust it is the authority's.

pub mod admission;
mod environment;
mod error;
mod issuer;
mod projection;
mod published;
mod request;
mod rotation;
mod service_account;
mod token_issuer;
mod volume;

pub use environment::{CredentialSource, Injection, MOUNTED_TOKEN_FILE, pod_environment};
pub use error::ClusterError;
pub use issuer::Issuer;
pub use projection::Projection;
pub use published::{KeyChange, PublishedIssuer};
pub use request::{Bound, LONGEST_LIFETIME, SHORTEST_LIFETIME, TokenRequest};
pub use rotation::renewal;
pub use service_account::ServiceAccount;
pub use token_issuer::{Issuing, TokenIssuer};
pub use volume::Readers;
