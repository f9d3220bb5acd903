//! Roles, users and groups, where an operation does the same to each of them.

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{Change, IdentityChange, OwnPolicyChange};
use attache_ledger::state::OwnPolicies;

use super::{Call, groups, limits, roles, users};
use crate::refusal::delete_conflict;

/// What kind of owner an operation is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Role,
    User,
    Group,
}

/// Who has policies of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'s> {
    pub(super) kind: Kind,
    pub(super) name: &'s str,
    pub(super) policies: &'s OwnPolicies,
}

impl Kind {
    /// The one that a call names.
    pub(super) fn of<'s>(self, call: &Call<'s>) -> Result<Owner<'s>, ServiceError> {
        let (name, policies) = match self {
            Self::Role => roles::role(call).map(|role| (&role.name, &role.policies))?,
            Self::User => users::named(call).map(|user| (&user.name, &user.policies))?,
            Self::Group => groups::group(call).map(|group| (&group.name, &group.policies))?,
        };
        Ok(Owner { kind: self, name, policies })
    }

    /// The same, to be changed: a service's own role is not.
    pub(super) fn to_change<'s>(self, call: &Call<'s>) -> Result<Owner<'s>, ServiceError> {
        if let Self::Role = self {
            roles::modifiable_role(call)?;
        }
        self.of(call)
    }

    /// As AWS's sentences call it.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// The member of an answer and of an input that names it.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Role => "RoleName",
            Self::User => "UserName",
            Self::Group => "GroupName",
        }
    }

    /// The most characters of all its inline policies.
    pub(super) fn inline_limit(self) -> usize {
        match self {
            Self::Role => limits::INLINE_POLICIES,
            Self::User => limits::USER_INLINE_POLICIES,
            Self::Group => limits::GROUP_INLINE_POLICIES,
        }
    }

    /// The quota of its managed policies.
    pub(super) fn attached_quota(self) -> &'static str {
        match self {
            Self::Role => "PoliciesPerRole",
            Self::User => "PoliciesPerUser",
            Self::Group => "PoliciesPerGroup",
        }
    }
}

impl Owner<'_> {
    /// A change of its policies.
    pub(super) fn change(self, what: OwnPolicyChange) -> Change {
        let name = self.name.to_owned();
        let change = match self.kind {
            Kind::User => IdentityChange::UserPolicies { user: name, what },
            Kind::Group => IdentityChange::GroupPolicies { group: name, what },
            Kind::Role => return change_of_role(name, what),
        };
        Change::Identity(change)
    }

    /// Refuses to delete what still has policies.
    pub(super) fn without_policies(self) -> Result<(), ServiceError> {
        if !self.policies.attached.is_empty() {
            return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
        }
        if !self.policies.inline.is_empty() {
            return Err(delete_conflict("Cannot delete entity, must delete policies first."));
        }
        Ok(())
    }
}

/// Roles' changes have variants of their own, which are on users' disks.
fn change_of_role(role: String, what: OwnPolicyChange) -> Change {
    match what {
        OwnPolicyChange::InlineSet { name, document } => {
            Change::InlinePolicySet { role, name, document }
        }
        OwnPolicyChange::InlineDeleted { name } => Change::InlinePolicyDeleted { role, name },
        OwnPolicyChange::Attached { arn } => Change::PolicyAttached { role, arn },
        OwnPolicyChange::Detached { arn } => Change::PolicyDetached { role, arn },
    }
}
