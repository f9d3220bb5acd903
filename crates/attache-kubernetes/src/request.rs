//! The token request of a pod's volume: service account, audience and lifetime.

use serde_json::{Map, Value, json};
use time::Duration;
use uuid::Uuid;

use crate::{ClusterError, ServiceAccount};

/// Kubernetes': a requested token lives at least ten minutes.
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
/// and its validation.
pub const SHORTEST_LIFETIME: Duration = Duration::minutes(10);
/// Kubernetes': a requested token lives at most 2^32 seconds.
pub const LONGEST_LIFETIME: Duration = Duration::seconds(1 << 32);

/// The audience that AWS's SDKs' tokens are for.
const AWS: &str = "sts.amazonaws.com";

/// A request for a token, as a `serviceAccountToken` volume source makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenRequest {
    pub(crate) account: ServiceAccount,
    pub(crate) account_uid: Uuid,
    pub(crate) audience: String,
    pub(crate) lifetime: Duration,
    pub(crate) pod: Option<Bound>,
    pub(crate) node: Option<Bound>,
}

/// An object that a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    name: String,
    uid: Uuid,
}

impl Bound {
    /// An object of that name, new: with a uid of its own.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), uid: Uuid::new_v4() }
    }

    fn claim(&self) -> Value {
        json!({ "name": self.name, "uid": self.uid.to_string() })
    }
}

impl TokenRequest {
    /// A token for AWS (`sts.amazonaws.com`) that lives an hour: Kubernetes' default.
    #[must_use]
    pub fn new(account: ServiceAccount) -> Self {
        let (audience, lifetime) = (AWS.to_owned(), Duration::HOUR);
        Self { account, account_uid: Uuid::new_v4(), audience, lifetime, pod: None, node: None }
    }

    /// Whose token it is.
    #[must_use]
    pub fn account(&self) -> &ServiceAccount {
        &self.account
    }

    /// The `spec` of this request as the TokenRequest API has it, bound to no object.
    /// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
    #[must_use]
    pub fn spec(&self) -> Value {
        json!({
            "audiences": [self.audience],
            "expirationSeconds": self.lifetime.whole_seconds(),
        })
    }

    /// For another audience.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// With another lifetime.
    ///
    /// # Errors
    /// When it is under ten minutes or over 2^32 seconds.
    pub fn lifetime(mut self, lifetime: Duration) -> Result<Self, ClusterError> {
        if lifetime < SHORTEST_LIFETIME || lifetime > LONGEST_LIFETIME {
            return Err(ClusterError::Lifetime { seconds: lifetime.whole_seconds() });
        }
        self.lifetime = lifetime;
        Ok(self)
    }

    /// Bound to a pod, as projected tokens always are.
    #[must_use]
    pub fn pod(mut self, pod: Bound) -> Self {
        self.pod = Some(pod);
        self
    }

    /// Bound to the pod's node, as Kubernetes 1.30 and later say.
    #[must_use]
    pub fn node(mut self, node: Bound) -> Self {
        self.node = Some(node);
        self
    }

    /// The claim `kubernetes.io`. It reaches no condition key at AWS, but the API server and
    /// people who read a token use it.
    #[must_use]
    pub fn kubernetes_claim(&self) -> Value {
        let account = Bound { name: self.account.name().to_owned(), uid: self.account_uid };
        let mut claim = Map::new();
        claim.insert("namespace".to_owned(), self.account.namespace().into());
        let bound = [
            ("node", self.node.as_ref()),
            ("pod", self.pod.as_ref()),
            ("serviceaccount", Some(&account)),
        ];
        for (kind, object) in bound {
            claim.extend(object.map(|object| (kind.to_owned(), object.claim())));
        }
        Value::Object(claim)
    }
}
