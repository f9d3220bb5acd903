//! Who made a call, as a record's `userIdentity` and the tags of the session say it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::collections::BTreeMap;
use std::fmt;

use attache_identifiers::{PrincipalArn, after_service_account_prefix, service_account_subject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::{shown, text_of};

/// Who made a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Caller {
    /// The holder of a web identity token.
    WebIdentity {
        /// The ARN of the OIDC provider.
        provider: Option<String>,
        /// The token's subject.
        subject: String,
        /// The token's audience.
        audience: Option<String>,
    },
    /// A pod of EKS, for which EKS Pod Identity assumed the role.
    Pod {
        /// The cluster's ARN or name.
        cluster: Option<String>,
        /// The namespace.
        namespace: String,
        /// The service account.
        #[serde(rename = "serviceAccount")]
        service_account: String,
        /// The pod's name.
        pod: Option<String>,
    },
    /// A session of another role.
    Session {
        /// Its ARN.
        arn: String,
    },
    /// A user, or the account's root.
    Principal {
        /// Its ARN.
        arn: String,
    },
    /// A service of AWS's.
    Service {
        /// Its name: `ec2.amazonaws.com`.
        name: String,
    },
    /// A principal of another account, of which CloudTrail says no more.
    Account {
        /// The account.
        id: String,
    },
    /// A record that does not say it.
    Unknown,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Identity {
    #[serde(rename = "type")]
    kind: String,
    principal_id: Option<String>,
    arn: Option<String>,
    account_id: Option<String>,
    user_name: Option<String>,
    identity_provider: Option<String>,
    invoked_by: Option<String>,
    session_context: Option<SessionContext>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext {
    session_issuer: Option<SessionIssuer>,
}

#[derive(Deserialize)]
struct SessionIssuer {
    arn: Option<String>,
}

/// The tags of a session that is to begin, as both forms of records have them: a list of keys and
/// values, or an object of principal tags.
pub(crate) fn session_tags(parameters: &Value) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    let list = parameters.get("tags").and_then(Value::as_array);
    for tag in list.into_iter().flatten() {
        if let (Some(key), Some(value)) =
            (tag.get("key").and_then(text_of), tag.get("value").and_then(text_of))
        {
            tags.insert(key, value);
        }
    }
    let object = parameters.get("principalTags").and_then(Value::as_object);
    for (key, value) in object.into_iter().flatten() {
        if let Some(value) = text_of(value) {
            tags.insert(shown(key), value);
        }
    }
    tags
}

impl Identity {
    pub(crate) fn caller(&self, tags: &BTreeMap<String, String>) -> Caller {
        let arn = || self.arn.as_deref().filter(|text| text.starts_with("arn:")).map(shown);
        match self.kind.as_str() {
            "WebIdentityUser" => web_identity(self),
            "AWSService" => pod(tags).unwrap_or_else(|| Caller::Service {
                name: self.invoked_by.as_deref().map(shown).unwrap_or_default(),
            }),
            "AssumedRole" => arn().map_or(Caller::Unknown, |arn| Caller::Session { arn }),
            "AWSAccount" => self
                .account_id
                .as_deref()
                .map_or(Caller::Unknown, |id| Caller::Account { id: shown(id) }),
            _ => arn().map_or(Caller::Unknown, |arn| Caller::Principal { arn }),
        }
    }

    /// The role that the caller is a session of.
    pub(crate) fn role(&self) -> Option<String> {
        let issuer = self.session_context.as_ref()?.session_issuer.as_ref()?;
        issuer.arn.as_deref().map(shown)
    }
}

/// `principalId` is `PROVIDER:AUDIENCE:SUBJECT`, or with Cognito's and others' short forms the
/// provider's name.
fn web_identity(identity: &Identity) -> Caller {
    let Some(subject) = identity.user_name.as_deref() else { return Caller::Unknown };
    let provider = identity.identity_provider.as_deref();
    let id = identity.principal_id.as_deref().unwrap_or_default();
    let before = id.strip_suffix(subject).and_then(|rest| rest.strip_suffix(':'));
    let audience = before
        .zip(provider)
        .and_then(|(before, provider)| before.strip_prefix(provider)?.strip_prefix(':').map(shown));
    Caller::WebIdentity { provider: provider.map(shown), subject: shown(subject), audience }
}

/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>.
fn pod(tags: &BTreeMap<String, String>) -> Option<Caller> {
    let tag = |name: &str| tags.get(name).cloned();
    Some(Caller::Pod {
        cluster: tag("eks-cluster-arn").or_else(|| tag("eks-cluster-name")),
        namespace: tag("kubernetes-namespace")?,
        service_account: tag("kubernetes-service-account")?,
        pod: tag("kubernetes-pod-name"),
    })
}

impl Caller {
    /// The subject of a service account's token; that of a pod has the same form.
    pub(crate) fn subject(&self) -> Option<String> {
        match self {
            Self::WebIdentity { subject, .. } => Some(subject.clone()),
            Self::Pod { namespace, service_account, .. } => {
                Some(service_account_subject(namespace, service_account))
            }
            _ => None,
        }
    }

    /// The same without what differs from session to session: who, and not which pod or session.
    pub(crate) fn grouped(&self) -> Self {
        match self {
            Self::Session { arn } => match PrincipalArn::parse(arn) {
                Ok(PrincipalArn::Session(session)) => Self::Session { arn: session.role_at_root() },
                _ => self.clone(),
            },
            Self::Pod { cluster, namespace, service_account, .. } => Self::Pod {
                cluster: cluster.clone(),
                namespace: namespace.clone(),
                service_account: service_account.clone(),
                pod: None,
            },
            other => other.clone(),
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebIdentity { provider, subject, .. } => {
                let name = after_service_account_prefix(subject).map_or_else(
                    || subject.clone(),
                    |name| format!("service account {}", name.replacen(':', "/", 1)),
                );
                let issuer = provider.as_deref().and_then(|arn| arn.split_once(":oidc-provider/"));
                match issuer {
                    Some((_, issuer)) => write!(f, "{name} of {issuer}"),
                    None => f.write_str(&name),
                }
            }
            Self::Pod { cluster, namespace, service_account, .. } => {
                write!(f, "service account {namespace}/{service_account}")?;
                match cluster {
                    Some(cluster) => write!(f, " of {cluster}"),
                    None => Ok(()),
                }
            }
            Self::Session { arn } | Self::Principal { arn } => f.write_str(arn),
            Self::Service { name } => f.write_str(name),
            Self::Account { id } => write!(f, "a principal of the account {id}"),
            Self::Unknown => f.write_str("not told"),
        }
    }
}
