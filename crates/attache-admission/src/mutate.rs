//! What becomes of a new pod.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::identity::{Identity, Kind, Knowledge};
use super::inject::inject;
use super::warnings::Warnings;
use super::{Answer, Object, Request, Settings};

/// The two ways, as the original's metrics call them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A role of STS.
    WebIdentity,
    /// The agent on the node.
    ContainerCredentials,
}

impl Method {
    /// The label of the metric `pod_identity_webhook_pod_count`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::WebIdentity => "sts_web_identity",
            Self::ContainerCredentials => "container_credentials",
        }
    }
}

/// An answer, and the way in which the pod gets its credentials.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Injected {
    /// The answer.
    pub answer: Answer,
    /// None where the pod gets nothing.
    pub method: Option<Method>,
}

/// Gives a pod the credentials of its service account. Deterministic: a review that is asked again, with
/// the same `uid`, is answered the same.
#[must_use]
pub fn mutate(
    request: &Request,
    pod: &Object,
    knowledge: Knowledge<'_>,
    settings: &Settings,
) -> Injected {
    let Some(account) = request.pod_account(pod, settings) else { return Injected::default() };
    let mut warnings = Warnings::default();
    let identity = Identity::of(&request.namespace, account, knowledge, settings, &mut warnings);
    let Some(identity) = identity else { return Injected::default() };
    let mut hasher = DefaultHasher::new();
    request.uid.hash(&mut hasher);
    let patch = inject(pod, &identity, settings, hasher.finish(), &mut warnings);
    let method = match identity.kind {
        Kind::Container => Method::ContainerCredentials,
        Kind::WebIdentity { .. } | Kind::Chain(_) => Method::WebIdentity,
    };
    let answer = Answer { patch, warnings: warnings.finish(), ..Answer::default() };
    Injected { answer, method: Some(method) }
}
