//! The pod that a service account token is bound to.

use attache_identifiers::service_account_subject;
use serde_json::Value;

use crate::ClaimSet;

/// What a token that the kubelet projects into a pod is bound to: the claim `kubernetes.io`.
/// <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-structure>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodBinding<'t> {
    /// The namespace.
    pub namespace: &'t str,
    /// The service account's name.
    pub service_account: &'t str,
    /// The pod's name.
    pub pod: &'t str,
    /// The pod's uid.
    pub pod_uid: &'t str,
}

impl<'t> PodBinding<'t> {
    /// Reads the claim; none where one of these is missing, as in a token for no pod.
    #[must_use]
    pub fn read(claims: &'t ClaimSet) -> Option<Self> {
        let claim = claims.get("kubernetes.io")?;
        let text = |path: &str| {
            claim.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty())
        };
        Some(Self {
            namespace: text("/namespace")?,
            service_account: text("/serviceaccount/name")?,
            pod: text("/pod/name")?,
            pod_uid: text("/pod/uid")?,
        })
    }

    /// What the API server writes into `sub` for this service account:
    /// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens>.
    #[must_use]
    pub fn subject(&self) -> String {
        service_account_subject(self.namespace, self.service_account)
    }
}
