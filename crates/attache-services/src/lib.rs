//! AWS's services, as far as they are embedded: IAM, STS, Organizations, EKS, EKS Auth and CloudTrail; and
//! how a call to any other is refused.
//!
//! Knows: what each operation takes, needs permission for, answers, refuses and changes. A service is
//! one folder behind one trait; an operation is a pure function of the state and an input.
//!
//! Does not know: how a caller is authenticated and authorised, how a change is kept, where an
//! issuer's keys come from, and HTTP connections. That is the authority's.
//!
//! Start at [`service::Service`], then at the folder of one service.

pub mod access;
pub mod budget;
pub mod cloudtrail;
pub mod eks;
pub mod eks_auth;
pub mod iam;
pub mod ids;
pub mod issuer_keys;
mod json_protocol;
pub mod organizations;
mod pagination;
pub mod query_protocol;
mod quotas;
pub mod refusal;
pub mod rest_routes;
pub mod service;
pub mod sts;
mod tagging;
pub mod unserved;
pub mod validation;

pub use quotas::{Quotas, UnknownQuota};
