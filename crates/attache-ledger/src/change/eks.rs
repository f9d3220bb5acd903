//! The changes of EKS's clusters and their associations.
//!
//! As in `change`: members are added with a default, never renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One change of a cluster in the event's account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EksChange {
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// What changes.
    pub what: ClusterChange,
}

/// What becomes of the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterChange {
    /// It is there from now on, or has another issuer.
    Known {
        /// What its tokens have in `iss`.
        issuer: String,
    },
    /// An association is created.
    AssociationCreated(NewAssociation),
    /// An association gets another role or other settings.
    AssociationUpdated {
        /// Its id.
        id: String,
        /// Its role, and what goes with it.
        settings: AssociationSettings,
    },
    /// An association is deleted.
    AssociationDeleted {
        /// Its id.
        id: String,
    },
    /// Tags are set, in place of those with the same keys.
    Tagged {
        /// Its id.
        id: String,
        /// The tags that are set.
        tags: BTreeMap<String, String>,
    },
    /// Tags are removed.
    Untagged {
        /// Its id.
        id: String,
        /// The keys of the tags that go.
        keys: Vec<String>,
    },
}

/// An association as it is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewAssociation {
    /// Its id.
    pub id: String,
    /// The Kubernetes namespace.
    pub namespace: String,
    /// The Kubernetes service account's name.
    pub service_account: String,
    /// Its role, and what goes with it.
    pub settings: AssociationSettings,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What makes a repeated request the same one.
    #[serde(default)]
    pub request_token: Option<String>,
}

/// What can be changed of an association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssociationSettings {
    /// An ARN of the cluster's account.
    pub role: String,
    /// The role that `role` then assumes, in whichever account.
    #[serde(default)]
    pub target_role: Option<String>,
    /// Whether sessions begin without the tags that EKS gives them.
    #[serde(default)]
    pub disable_session_tags: bool,
    /// A session policy.
    #[serde(default)]
    pub policy: Option<String>,
    /// The pods' identity by SPIFFE, where it was configured.
    #[serde(default)]
    pub workload_identity: Option<WorkloadIdentity>,
}

/// The pods' identity by SPIFFE: it is kept as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadIdentity {
    /// Whether the pods get one.
    pub enabled: bool,
    /// The ARN of its provider.
    #[serde(default)]
    pub provider_arn: Option<String>,
    /// The ARN of its template.
    #[serde(default)]
    pub template_arn: Option<String>,
}
