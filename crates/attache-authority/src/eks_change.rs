//! The changes of EKS's clusters and their associations.
//!
//! As in `change`: members are added with a default, never renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One change of a cluster in the event's account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EksChange {
    pub(crate) region: String,
    pub(crate) cluster: String,
    pub(crate) what: ClusterChange,
}

/// What becomes of the cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClusterChange {
    /// It is there from now on, or has another issuer.
    Known {
        issuer: String,
    },
    AssociationCreated(NewAssociation),
    AssociationUpdated {
        id: String,
        settings: AssociationSettings,
    },
    AssociationDeleted {
        id: String,
    },
    Tagged {
        id: String,
        tags: BTreeMap<String, String>,
    },
    Untagged {
        id: String,
        keys: Vec<String>,
    },
}

/// An association as it is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewAssociation {
    pub(crate) id: String,
    pub(crate) namespace: String,
    pub(crate) service_account: String,
    pub(crate) settings: AssociationSettings,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    /// What makes a repeated request the same one.
    #[serde(default)]
    pub(crate) request_token: Option<String>,
}

/// What can be changed of an association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AssociationSettings {
    /// An ARN of the cluster's account.
    pub(crate) role: String,
    /// The role that `role` then assumes, in whichever account.
    #[serde(default)]
    pub(crate) target_role: Option<String>,
    #[serde(default)]
    pub(crate) disable_session_tags: bool,
    /// A session policy.
    #[serde(default)]
    pub(crate) policy: Option<String>,
}
