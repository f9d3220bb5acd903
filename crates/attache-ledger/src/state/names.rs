//! Names in any letters: to IAM names that differ in case alone are one name.
//!
//! IAM's own calls find a role, a user, a group, an instance profile and a policy so, and answer it in
//! the letters that it was created with. STS does not: it compares a role's ARN by its letters, and
//! the maps by exact name are for that.

use std::collections::BTreeMap;

use super::{
    Account, Document, Group, InstanceProfile, ManagedPolicy, OwnPolicies, Role, State, User,
};

/// What has that name, in any letters. Directories of earlier versions can have two inline policies of
/// one name: the one in the very letters is meant.
pub(crate) fn in_any_letters<'m, T>(
    map: &'m BTreeMap<String, T>,
    name: &str,
) -> Option<(&'m String, &'m T)> {
    let other = || map.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
    map.get_key_value(name).or_else(other)
}

impl Account {
    /// The role of that name, in any letters.
    pub fn role_named(&self, name: &str) -> Option<&Role> {
        in_any_letters(&self.roles, name).map(|(_, role)| &**role)
    }

    /// The user of that name, in any letters.
    pub fn user_named(&self, name: &str) -> Option<&User> {
        in_any_letters(&self.users, name).map(|(_, user)| &**user)
    }

    /// The group of that name, in any letters.
    pub fn group_named(&self, name: &str) -> Option<&Group> {
        in_any_letters(&self.groups, name).map(|(_, group)| group)
    }

    /// The instance profile of that name, in any letters.
    pub fn profile_named(&self, name: &str) -> Option<&InstanceProfile> {
        in_any_letters(&self.profiles, name).map(|(_, profile)| profile)
    }
}

impl OwnPolicies {
    /// The inline policy of that name, in any letters, with the name that it was first given.
    pub fn inline_named(&self, name: &str) -> Option<(&String, &Document)> {
        in_any_letters(&self.inline, name)
    }
}

impl State {
    /// The managed policy of that ARN, its letters in any case: AWS's or the account's own.
    pub fn managed_policy_named<'s>(
        &'s self,
        account: &'s Account,
        arn: &str,
    ) -> Option<&'s ManagedPolicy> {
        let exact = self.managed_policy(account, arn);
        exact.or_else(|| self.aws_managed.named(arn)).or_else(|| account.policy_named(arn))
    }
}

impl Account {
    /// The account's own managed policy of that ARN, its letters in any case.
    pub fn policy_named(&self, arn: &str) -> Option<&ManagedPolicy> {
        in_any_letters(&self.policies, arn).map(|(_, policy)| policy)
    }
}
