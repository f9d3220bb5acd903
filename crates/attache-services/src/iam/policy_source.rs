//! Who a simulation or a report is about: a user, a group or a role of the account, by its ARN.

use attache_aws_protocol::ServiceError;
use attache_ledger::state::{Group, Role, User};
use attache_policy::PolicySet;

use super::Call;
use super::policies::well_formed;
use crate::access::policies::PolicyResolver;
use crate::refusal::{invalid_input, no_such_entity};

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'s> {
    User(&'s User),
    Group(&'s Group),
    Role(&'s Role),
}

impl<'s> Source<'s> {
    /// The one that an ARN names.
    pub(super) fn find(call: &Call<'s>, arn: &str) -> Result<Self, ServiceError> {
        well_formed(arn)?;
        let account = call.account;
        let name = arn.rsplit('/').next().unwrap_or_default();
        let user =
            account.users.get(name).filter(|found| found.arn == arn).map(|found| Self::User(found));
        let group = || account.groups.get(name).filter(|found| found.arn == arn).map(Self::Group);
        let role = || {
            account.roles.get(name).filter(|found| found.arn == arn).map(|found| Self::Role(found))
        };
        match user.or_else(group).or_else(role) {
            Some(found) => Ok(found),
            None if kind_of(arn).is_some() => {
                Err(no_such_entity(format!("The entity with ARN {arn} cannot be found.")))
            }
            None => Err(invalid_input(format!("Invalid Entity Arn: {arn}"))),
        }
    }

    /// Its policies, those of its groups too, and its boundary.
    pub(super) fn policies(self, call: &Call<'s>) -> (PolicySet, Option<PolicySet>) {
        let resolver = PolicyResolver { state: call.state, account: call.account };
        match self {
            Self::User(user) => resolver.of_user(user),
            Self::Group(group) => (resolver.of_group(group), None),
            Self::Role(role) => resolver.of_role(role),
        }
    }
}

/// What kind of thing an ARN of IAM's is of, where it has policies.
fn kind_of(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let kind = resource.split_once('/')?.0;
    ["user", "group", "role"].contains(&kind).then_some(kind)
}
