//! The credentials of each AWS account, and how AWS is reached: the edge to the SDK's identity plane.
//!
//! Knows: the shared AWS files with every kind of profile that the AWS CLI has ([`Profiles`]); the
//! credentials of each account ([`Access`], [`Connections`]); the SDK's configuration, trusted certificate
//! authorities and proxies ([`HttpSettings`]); that an answer of IAM or STS is taken whole or not at
//! all ([`iam()`], [`sts()`], [`list_all`]); what an account holds
//! ([`export_account_snapshot`]) and which accounts an organization has
//! ([`OrganizationClient`]); the Pod Identity associations of a cluster ([`Eks`]); an account's event history
//! ([`CloudTrail`]); small objects of
//! S3 ([`Bucket`]); how a failed call reads
//! ([`CallFailure`]); and how the links of the chain from a token to a session are named ([`Link`]).
//!
//! Does not know: what is done in an account, what a federation or a mediator is, and the authority,
//! which is reached as any endpoint is. Besides the command line this crate alone looks at the
//! environment, and only at AWS's own variables, because the SDK does.
//!
//! Start at [`Access::connect`], then `profiles/kind.rs` and `credentials/mod.rs`.

mod access;
mod bucket;
mod cloud_trail;
mod connections;
mod credentials;
mod eks;
mod endpoint;
mod failed_call;
mod failure;
mod http;
mod link;
mod lists;
mod organization;
mod pod_identity;
mod profiles;
mod settings;
mod signed_call;
mod signing;
mod snapshot;
mod whole_answers;

pub use access::{Access, AccessError, UnidentifiedReason};
pub use aws_smithy_http_client::proxy::ProxyConfig;
pub use bucket::{Bucket, ObjectHeaders};
pub use cloud_trail::{CloudTrail, EventLookup, EventPage, LookedUpEvent, LookupAttribute};
pub use connections::{AccountError, Connections, iam, sts};
pub use credentials::{ContainerCredentials, NoCredentials, ProcessError, Reason};
pub use eks::{Association, AssociationChange, Eks, EksError, ListedAssociation};
pub use endpoint::{BadEndpoint, EndpointProblem, check_endpoint};
pub use failed_call::FailedCall;
pub use failure::{At, CallFailure, status};
pub use http::{BadCertificates, HttpSettings, bounded_client};
pub use link::{Link, LinkStatus};
pub use lists::{IncompleteList, Page, list_all};
pub use organization::{OrganizationAccount, OrganizationClient, OrganizationError};
pub use pod_identity::{PodSession, Unknown, assume_role_for_pod_identity};
pub use profiles::{FilesError, Problem, ProfileError, Profiles};
pub use signing::{SigningError, service_endpoint, sign};
pub use snapshot::{SnapshotExportError, export_account_snapshot};
