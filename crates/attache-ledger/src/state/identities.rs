//! What each change does to users, groups, access keys and instance profiles.

use std::collections::BTreeSet;

use attache_identifiers::{AccountId, Arn, Partition};
use time::OffsetDateTime;

use super::{
    AccessKey, Account, ApplyError, Group, InstanceProfile, OwnPolicies, ResourceKind, User,
};
use crate::PARTITION;
use crate::change::{IdentityChange, NewNamed, Renamed};
use crate::tags::Tags;

/// How the ARN of a kind of identity is made from an account, a path and a name: `Arn::user`.
pub type ArnKind = fn(Partition, AccountId, &str, &str) -> Arn;

impl Account {
    pub(super) fn change_identity(
        &mut self,
        at: OffsetDateTime,
        change: &IdentityChange,
    ) -> Result<(), ApplyError> {
        match change {
            IdentityChange::UserCreated(new) => self.create_user(at, new),
            IdentityChange::UserRenamed(renamed) => return self.rename_user(renamed),
            IdentityChange::UserDeleted { user } => {
                self.users.remove(user).ok_or_else(|| ResourceKind::User.missing(user))?;
            }
            IdentityChange::UserBoundarySet { user, arn } => {
                self.user(user)?.boundary = Some(arn.clone());
            }
            IdentityChange::UserBoundaryRemoved { user } => self.user(user)?.boundary = None,
            IdentityChange::GroupCreated(new) => self.create_group(at, new),
            IdentityChange::GroupRenamed(renamed) => return self.rename_group(renamed),
            IdentityChange::GroupDeleted { group } => {
                self.groups.remove(group).ok_or_else(|| ResourceKind::Group.missing(group))?;
            }
            IdentityChange::MemberAdded { group, user } => {
                self.user(user)?.groups.insert(group.clone());
            }
            IdentityChange::MemberRemoved { group, user } => {
                self.user(user)?.groups.remove(group);
            }
            IdentityChange::KeyCreated { user, access_key } => {
                let key = AccessKey { user: user.clone(), active: true, created: at };
                self.access_keys.insert(access_key.clone(), key);
            }
            IdentityChange::KeySet { access_key, active } => {
                let key = self.access_keys.get_mut(access_key);
                key.ok_or_else(|| ResourceKind::AccessKey.missing(access_key))?.active = *active;
            }
            IdentityChange::KeyDeleted { access_key } => {
                let gone = self.access_keys.remove(access_key);
                gone.ok_or_else(|| ResourceKind::AccessKey.missing(access_key))?;
            }
            IdentityChange::UserPolicies { user, what } => {
                let User { policies, arn, .. } = self.user(user)?;
                policies.apply(what, arn)?;
            }
            IdentityChange::GroupPolicies { group, what } => {
                let Group { policies, arn, .. } = self.group(group)?;
                policies.apply(what, arn)?;
            }
            IdentityChange::ProfileCreated(new) => self.create_profile(at, new),
            IdentityChange::ProfileDeleted { profile } => {
                let gone = self.profiles.remove(profile);
                gone.ok_or_else(|| ResourceKind::InstanceProfile.missing(profile))?;
            }
            IdentityChange::ProfileRoleSet { profile, role } => {
                let own = self.profiles.get_mut(profile);
                own.ok_or_else(|| ResourceKind::InstanceProfile.missing(profile))?
                    .role
                    .clone_from(role);
            }
            IdentityChange::AliasSet { alias } => self.alias.clone_from(alias),
            IdentityChange::PasswordPolicySet { policy } => {
                self.password_policy.clone_from(policy);
            }
            IdentityChange::TokensWidened { all_regions } => self.global_token_v2 = *all_regions,
        }
        Ok(())
    }

    pub(super) fn user(&mut self, name: &str) -> Result<&mut User, ApplyError> {
        self.users.get_mut(name).map(Box::as_mut).ok_or_else(|| ResourceKind::User.missing(name))
    }

    fn group(&mut self, name: &str) -> Result<&mut Group, ApplyError> {
        self.groups.get_mut(name).ok_or_else(|| ResourceKind::Group.missing(name))
    }

    fn create_user(&mut self, at: OffsetDateTime, new: &NewNamed) {
        let user = User {
            name: new.name.clone(),
            path: new.path.clone(),
            id: new.id.clone(),
            arn: self.arn_of(Arn::user, &new.path, &new.name),
            created: at,
            policies: OwnPolicies::default(),
            boundary: new.boundary.clone(),
            groups: BTreeSet::new(),
            tags: Tags::from(new.tags.clone()),
        };
        self.users.insert(new.name.clone(), Box::new(user));
    }

    /// The user keeps its keys and groups.
    fn rename_user(&mut self, to: &Renamed) -> Result<(), ApplyError> {
        let mut user =
            self.users.remove(&to.from).ok_or_else(|| ResourceKind::User.missing(&to.from))?;
        user.arn = self.arn_of(Arn::user, &to.path, &to.name);
        (user.name, user.path) = (to.name.clone(), to.path.clone());
        for key in self.access_keys.values_mut().filter(|key| key.user == to.from) {
            key.user.clone_from(&to.name);
        }
        self.users.insert(to.name.clone(), user);
        Ok(())
    }

    fn create_group(&mut self, at: OffsetDateTime, new: &NewNamed) {
        let group = Group {
            name: new.name.clone(),
            path: new.path.clone(),
            id: new.id.clone(),
            arn: self.arn_of(Arn::group, &new.path, &new.name),
            created: at,
            policies: OwnPolicies::default(),
        };
        self.groups.insert(new.name.clone(), group);
    }

    fn rename_group(&mut self, to: &Renamed) -> Result<(), ApplyError> {
        let mut group =
            self.groups.remove(&to.from).ok_or_else(|| ResourceKind::Group.missing(&to.from))?;
        group.arn = self.arn_of(Arn::group, &to.path, &to.name);
        (group.name, group.path) = (to.name.clone(), to.path.clone());
        for user in self.users.values_mut() {
            if user.groups.remove(&to.from) {
                user.groups.insert(to.name.clone());
            }
        }
        self.groups.insert(to.name.clone(), group);
        Ok(())
    }

    fn create_profile(&mut self, at: OffsetDateTime, new: &NewNamed) {
        let profile = InstanceProfile {
            name: new.name.clone(),
            path: new.path.clone(),
            id: new.id.clone(),
            arn: self.arn_of(Arn::instance_profile, &new.path, &new.name),
            created: at,
            role: None,
            tags: Tags::from(new.tags.clone()),
        };
        self.profiles.insert(new.name.clone(), profile);
    }

    /// The ARN of one of this account's identities: `arn_of(Arn::user, "/", "ann")`.
    pub fn arn_of(&self, kind: ArnKind, path: &str, name: &str) -> String {
        kind(PARTITION, self.id, path, name).to_string()
    }
}
