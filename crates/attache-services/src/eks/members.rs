//! The inputs of EKS's operations, as botocore's models of 2017-11-01 and 2023-11-26 have them.

use super::limits::PAGE;
use crate::validation::{Member, Pattern, Shape, UNLIMITED, optional, required};

const TEXT: Shape = Shape::Text { min: 0, max: UNLIMITED, pattern: Pattern::Any };
/// EKS Auth's own rule; EKS refuses what no cluster can be called by saying that there is none.
const TOKEN: Shape = Shape::Sensitive { min: 1, max: UNLIMITED };
/// As CloudFormation's resource has it: botocore's model does not have it yet.
const WORKLOAD_IDENTITY: Shape = Shape::Structure(&[
    required("enabled", &Shape::Boolean),
    optional("providerArn", &TEXT),
    optional("templateArn", &TEXT),
]);
const TAG_KEYS: Shape = Shape::List { min: 1, max: 50, of: &TEXT };

pub(crate) const CLUSTER: Member = required("clusterName", &TEXT);
pub(super) const ASSOCIATION: Member = required("associationId", &TEXT);
pub(super) const NAMESPACE: Member = required("namespace", &TEXT);
pub(super) const SERVICE_ACCOUNT: Member = required("serviceAccount", &TEXT);
pub(super) const ROLE: Member = required("roleArn", &TEXT);
pub(super) const OF_NAMESPACE: Member = optional("namespace", &TEXT);
pub(super) const OF_SERVICE_ACCOUNT: Member = optional("serviceAccount", &TEXT);
pub(super) const NEW_ROLE: Member = optional("roleArn", &TEXT);
pub(super) const REQUEST_TOKEN: Member = optional("clientRequestToken", &TEXT);
pub(super) const NO_TAGS: Member = optional("disableSessionTags", &Shape::Boolean);
pub(super) const TARGET_ROLE: Member = optional("targetRoleArn", &TEXT);
pub(super) const POLICY: Member = optional("policy", &TEXT);
pub(super) const WORKLOAD_IDENTITY_CONFIG: Member =
    optional("workloadIdentityConfig", &WORKLOAD_IDENTITY);
pub(super) const ADDON: Member = required("addonName", &TEXT);
pub(super) const AT_MOST: Member = optional("maxResults", &Shape::Integer { min: 1, max: PAGE });
pub(super) const AFTER: Member = optional("nextToken", &TEXT);
pub(super) const RESOURCE: Member = required("resourceArn", &TEXT);
pub(super) const KEYS: Member = required("tagKeys", &TAG_KEYS);
pub(crate) const POD_TOKEN: Member = required("token", &TOKEN);
