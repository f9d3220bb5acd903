//! Admission reviews: what EKS does with a pod whose service account names a role.
//!
//! Knows: the contract of amazon-eks-pod-identity-webhook. Annotations, a ConfigMap, a file and a pod in; a
//! JSON Patch with warnings, or a refusal, out. Start at [`mutate()`] and [`validate`]. All of it is pure, so that
//! a table of pods can prove it.
//!
//! Does not know: the Kubernetes API, HTTP. A role is a text that is looked at and passed on.

mod account;
mod answer;
mod chain;
mod csv;
mod expiration;
mod gate;
mod identity;
mod inject;
mod mapped_roles;
mod mutate;
mod object;
mod pod_identities;
mod review;
mod settings;
mod warnings;

pub use account::AccountAnnotations;
pub use answer::{Answer, Operation};
pub use gate::{GateAction, validate};
pub use identity::Knowledge;
pub use mapped_roles::{MappedRoles, MappedRolesError};
pub use mutate::{Injected, Method, mutate};
pub use object::{Object, PodSpec};
pub use pod_identities::{PodIdentities, PodIdentitiesError};
pub use review::{MAX_REVIEW_BYTES, Request, Review, ReviewError, Target};
pub use settings::{ContainerCredentials, OnFault, Settings};
