//! The members of Organizations' inputs, as its model has them.

use super::limits;
use crate::validation::{Member, OrganizationId, Pattern, Shape, UNLIMITED, optional, required};

const fn id(max: usize, of: OrganizationId) -> Shape {
    Shape::Text { min: 0, max, pattern: Pattern::Organizations(of) }
}

pub(super) const NEXT_TOKEN: Member =
    optional("NextToken", &Shape::Text { min: 0, max: 100_000, pattern: Pattern::Any });
pub(super) const MAX_RESULTS: Member =
    optional("MaxResults", &Shape::Integer { min: 1, max: limits::PAGE });
pub(super) const ACCOUNT: Member =
    required("AccountId", &Shape::Text { min: 0, max: 12, pattern: Pattern::AccountNumber });
pub(super) const CHILD: Member = required("ChildId", &id(100, OrganizationId::Child));
pub(super) const PARENT: Member = required("ParentId", &id(100, OrganizationId::Parent));
pub(super) const SOURCE: Member = required("SourceParentId", &id(100, OrganizationId::Parent));
pub(super) const DESTINATION: Member =
    required("DestinationParentId", &id(100, OrganizationId::Parent));
pub(super) const ROOT: Member = required("RootId", &id(34, OrganizationId::Root));
pub(super) const UNIT: Member = required("OrganizationalUnitId", &id(68, OrganizationId::Unit));
pub(super) const POLICY: Member = required("PolicyId", &id(130, OrganizationId::Policy));
pub(super) const TARGET: Member = required("TargetId", &id(100, OrganizationId::Target));
pub(super) const RESOURCE: Member = required("ResourceId", &id(130, OrganizationId::Taggable));
pub(super) const REQUEST: Member =
    required("CreateAccountRequestId", &id(36, OrganizationId::Request));
pub(super) const NAME: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::Any };
pub(super) const DESCRIPTION: Shape = Shape::Text { min: 0, max: 512, pattern: Pattern::Any };
pub(super) const CONTENT: Shape = Shape::Text { min: 1, max: UNLIMITED, pattern: Pattern::Any };
pub(super) const EMAIL: Member = required(
    "Email",
    &Shape::Text { min: 6, max: 64, pattern: Pattern::Organizations(OrganizationId::Email) },
);
pub(super) const ACCOUNT_NAME: Member = required(
    "AccountName",
    &Shape::Text { min: 1, max: 50, pattern: Pattern::Organizations(OrganizationId::AccountName) },
);
pub(super) const ROLE_NAME: Member =
    optional("RoleName", &Shape::Text { min: 1, max: 64, pattern: Pattern::Name });
pub(super) const SERVICE: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::NameOrEmpty };
pub(super) const POLICY_TYPE: Shape = Shape::Enum(&[
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
]);

const TAG_KEY: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::TagKey };
const TAG_VALUE: Shape = Shape::Text { min: 0, max: 256, pattern: Pattern::TagValue };
const TAG: Shape = Shape::Structure(&[required("Key", &TAG_KEY), required("Value", &TAG_VALUE)]);
pub(super) const TAGS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &TAG };
pub(super) const TAG_KEYS: Shape = Shape::List { min: 0, max: UNLIMITED, of: &TAG_KEY };
