//! Who a simulation or a report is about: a user, a group or a role of the account, by its ARN.

use attache_aws_protocol::ServiceError;
use attache_identifiers::Arn;
use attache_ledger::Tags;
use attache_ledger::state::{Account, Group, Role, User};
use attache_policy::PolicySet;

use super::Call;
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
    /// The one that an ARN names. It is found by its name alone, whatever path the ARN has.
    pub(super) fn find(call: &Call<'s>, arn: &str) -> Result<Self, ServiceError> {
        match (Self::named(call.account, arn), parts(arn)) {
            (Some(found), _) => Ok(found),
            (None, Some(_)) => {
                Err(no_such_entity(format!("The entity with ARN {arn} cannot be found.")))
            }
            (None, None) => {
                let why = "does not clearly define entity type and name.";
                Err(invalid_input(format!("Invalid Entity Arn: {arn} {why}")))
            }
        }
    }

    /// The same; nothing where the account has none.
    pub(super) fn named(account: &'s Account, arn: &str) -> Option<Self> {
        let Parts { arn, kind, name } = parts(arn)?;
        if arn.account() != Some(account.id) {
            return None;
        }
        match kind {
            "user" => account.user_named(&name).map(Self::User),
            "group" => account.group_named(&name).map(Self::Group),
            _ => account.role_named(&name).map(Self::Role),
        }
    }

    /// Its own ARN.
    pub(super) fn arn(self) -> &'s str {
        match self {
            Self::User(user) => &user.arn,
            Self::Group(group) => &group.arn,
            Self::Role(role) => &role.arn,
        }
    }

    /// Its tags, where its kind can have some.
    pub(super) fn tags(self) -> Option<&'s Tags> {
        match self {
            Self::User(user) => Some(&user.tags),
            Self::Group(_) => None,
            Self::Role(role) => Some(&role.tags),
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

/// The parts of an ARN of what has policies in IAM.
struct Parts {
    arn: Arn,
    kind: &'static str,
    name: String,
}

/// Takes such an ARN apart; nothing where it is another one.
fn parts(text: &str) -> Option<Parts> {
    let arn = Arn::parse(text).ok()?;
    let (kind, rest) = arn.resource().split_once('/')?;
    let name = rest.rsplit('/').next().filter(|name| !name.is_empty())?.to_owned();
    let kind = ["user", "group", "role"].into_iter().find(|known| *known == kind)?;
    let is_iams = arn.service() == "iam" && arn.region().is_empty() && arn.account().is_some();
    is_iams.then_some(Parts { arn, kind, name })
}
