//! The EKS Pod Identity agent's HTTP contract, on any cluster: a pod sends its service account token
//! and gets its role's credentials.
//!
//! Knows: what SDKs in pods ask for and how they are answered ([`Server`]); how long credentials are
//! kept, when they are renewed, and that a pod gets its own alone ([`Cache`], [`Exchange`]); two ways
//! to trade a token: [`EksAuth`] on EKS, and [`WebIdentity`] elsewhere, by STS and the rows of
//! [`Associations`] or the service accounts' annotations; that the node's [`StartupTaint`] goes once pods
//! are served.
//!
//! Does not know: the command line, the environment, the time (it is passed in), how AWS is reached
//! (`attache-aws-accounts`), and the authority.
//!
//! A request passes, in this order: the limits of connections; the rate ([`FairLimit`]); its `Host`
//! and token ([`request`]); the cache; the exchange.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>

mod cache;
mod credentials;
mod eks_auth;
mod exchange;
mod exchange_error;
mod fair_limit;
mod metrics;
mod pod_token;
pub mod request;
mod server;
mod source;
mod startup_taint;
mod web_identity;

pub use cache::{Cache, CacheSettings, Grant, Lookup, TooShort};
pub use credentials::PodCredentials;
pub use eks_auth::EksAuth;
pub use exchange::{Exchange, ExchangeSettings};
pub use exchange_error::ExchangeError;
pub use fair_limit::{FairLimit, Rate};
pub use metrics::Metrics;
pub use pod_token::{PodToken, TokenId};
pub use server::{ListenError, Listeners, NotServing, Readiness, Server, ServerSettings};
pub use source::{CredentialSource, Issued};
pub use startup_taint::{StartupTaint, TaintError};
pub use web_identity::{
    AnnotatedRoles, Association, Associations, AssociationsError, AssociationsFile, IssuerKeys,
    KeySource, RoleTable, WebIdentity, WebIdentitySettings,
};

/// The audience of the tokens that are meant for this agent.
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
pub const AUDIENCE: &str = "pods.eks.amazonaws.com";

/// What time it is: the command line passes the system's clock, a test its own.
pub type Clock = fn() -> time::OffsetDateTime;
