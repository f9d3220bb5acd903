//! An organization's policies.

use std::collections::BTreeMap;

use attache_identifiers::Arn;
use attache_policy::Kind;
use serde::{Deserialize, Serialize};

use crate::PARTITION;
use crate::change::PolicyType;
use crate::state::Document;

/// The id of the service control policy that AWS attaches everywhere.
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// The id of the resource control policy that AWS attaches everywhere.
pub const RCP_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

/// A service or resource control policy.
#[derive(Debug, Serialize, Deserialize)]
pub struct ControlPolicy {
    /// Its id.
    pub id: String,
    /// The type of policy.
    pub kind: PolicyType,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// What it says.
    pub document: Document,
    /// Whether AWS manages it: it cannot be changed.
    pub aws_managed: bool,
}

impl PolicyType {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// As AWS's model names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// As a policy's ARN has it.
    pub(crate) fn in_arn(self) -> &'static str {
        match self {
            Self::ServiceControl => "service_control_policy",
            Self::ResourceControl => "resource_control_policy",
        }
    }

    /// The grammar of its documents.
    pub fn grammar(self) -> Kind {
        match self {
            Self::ServiceControl => Kind::ServiceControl,
            Self::ResourceControl => Kind::ResourceControl,
        }
    }

    /// The policy that is attached to all when the type is enabled.
    pub(crate) fn default_policy(self) -> &'static str {
        match self {
            Self::ServiceControl => FULL_ACCESS,
            Self::ResourceControl => RCP_FULL_ACCESS,
        }
    }

    /// The type of that name; none for one that does not bind requests.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The ARN of a policy that AWS manages for all organizations.
pub(super) fn aws_managed_arn(kind: PolicyType, id: &str) -> String {
    Arn::aws_managed_organization_policy(PARTITION, kind.in_arn(), id).to_string()
}

/// The policies that AWS brings.
pub(super) fn managed_by_aws() -> BTreeMap<String, ControlPolicy> {
    const SCP: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#;
    const RCP: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#;
    // No customer may write an Allow in a resource control policy, and AWS's own policy has one: so it
    // is parsed by the grammar of resource policies, which is the same but for that.
    let all = [
        (PolicyType::ServiceControl, Kind::ServiceControl, "FullAWSAccess", SCP),
        (PolicyType::ResourceControl, Kind::Resource, "RCPFullAWSAccess", RCP),
    ];
    let policies = all.into_iter().filter_map(|(kind, grammar, name, text)| {
        let id = kind.default_policy().to_owned();
        let arn = aws_managed_arn(kind, &id);
        let document = Document::read(text, grammar, &arn).ok()?;
        let description = match kind {
            PolicyType::ServiceControl => "Allows access to every operation",
            PolicyType::ResourceControl => "Allows access to every resource",
        };
        let (name, description) = (name.to_owned(), description.to_owned());
        let policy =
            ControlPolicy { id: id.clone(), kind, name, description, document, aws_managed: true };
        Some((id, policy))
    });
    policies.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_of_awss_policies_are_there() {
        assert_eq!(super::managed_by_aws().len(), 2);
    }
}
