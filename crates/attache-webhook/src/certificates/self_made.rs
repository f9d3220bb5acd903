//! A self-made certificate: an authority of its own, kept in a Secret with the certificate that it signed.
//!
//! All replicas read the Secret, and the first one that finds it empty or old writes it; who comes second
//! is told by the API server's conflict and reads again. A new authority is in the webhook configurations
//! before its first certificate is shown.

mod authority;
mod keeper;
mod secret;

use time::Duration;

pub use authority::{Authority, SelfMade};
pub(crate) use keeper::Keeper;

/// How it is made and where it is kept.
#[derive(Debug, Clone)]
pub struct SelfMadeSettings {
    /// The namespace of the Secret and the Service.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// The Service, or a name or address by which the API server reaches the webhook.
    pub hosts: Vec<String>,
    /// How long a certificate is valid.
    pub lifetime: Duration,
    /// The MutatingWebhookConfiguration that trusts it.
    pub mutating: Option<String>,
    /// The ValidatingWebhookConfiguration that trusts it.
    pub validating: Option<String>,
}
