//! One account and all that is in it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    AccessKey, Cluster, Group, InstanceProfile, ManagedPolicy, OwnPolicies, Provider, Role, User,
};
use crate::aws_managed::ADMINISTRATOR_ACCESS;
use crate::change::{IdentityChange, NewNamed, PasswordPolicy};

/// One account.
#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// When it was opened.
    pub opened: OffsetDateTime,
    /// Whether it was given when the authority was started; `CreateAccount` made the others.
    pub given: bool,
    /// When it was closed: its principals may not call since.
    pub closed: Option<OffsetDateTime>,
    /// The unique id of the user who is there from the beginning.
    pub first_user: String,
    /// Its access key.
    pub first_key: String,
    /// The account's alias.
    pub alias: Option<String>,
    /// What it asks of its users' passwords.
    #[serde(default)]
    pub password_policy: Option<PasswordPolicy>,
    /// Whether sessions of STS's global endpoint are valid in all regions.
    #[serde(default, rename = "wide_tokens")]
    pub global_token_v2: bool,
    /// By host and path of the issuer.
    pub providers: BTreeMap<String, Provider>,
    /// By name. Boxed, as users are: a map keeps room for eleven wherever it has one, and most
    /// accounts of an organization have few.
    pub roles: BTreeMap<String, Box<Role>>,
    /// By name.
    pub users: BTreeMap<String, Box<User>>,
    /// By name.
    pub groups: BTreeMap<String, Group>,
    /// By id.
    pub access_keys: BTreeMap<String, AccessKey>,
    /// By name.
    pub profiles: BTreeMap<String, InstanceProfile>,
    /// The account's own managed policies, by ARN.
    pub policies: BTreeMap<String, ManagedPolicy>,
    /// The ids of the tasks that deleted service-linked roles, the newest last.
    #[serde(default)]
    pub deletion_tasks: VecDeque<String>,
    /// EKS clusters by region and name.
    #[serde(with = "super::serde_map_as_pairs")]
    pub clusters: BTreeMap<(String, String), Cluster>,
}

/// The name of the user who may do everything, and who is there from the beginning.
const ADMINISTRATOR: &str = "administrator";

/// Ours: the tasks that an account remembers. AWS does not say how long it does.
const DELETION_TASKS: usize = 1_000;

impl Account {
    /// An account with its administrator.
    pub(super) fn new(
        id: AccountId,
        opened: OffsetDateTime,
        user_id: &str,
        access_key: &str,
    ) -> Self {
        let mut new = Self {
            id,
            opened,
            given: true,
            closed: None,
            first_user: user_id.to_owned(),
            first_key: access_key.to_owned(),
            alias: None,
            password_policy: None,
            global_token_v2: false,
            providers: BTreeMap::new(),
            roles: BTreeMap::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            access_keys: BTreeMap::new(),
            profiles: BTreeMap::new(),
            policies: BTreeMap::new(),
            deletion_tasks: VecDeque::new(),
            clusters: BTreeMap::new(),
        };
        let user = NewNamed {
            name: ADMINISTRATOR.to_owned(),
            path: "/".to_owned(),
            id: user_id.to_owned(),
            boundary: None,
            tags: Vec::new(),
        };
        let (name, access_key) = (user.name.clone(), access_key.to_owned());
        let key = IdentityChange::KeyCreated { user: name, access_key };
        for change in [IdentityChange::UserCreated(user), key] {
            let made = new.change_identity(opened, &change);
            debug_assert!(made.is_ok(), "{made:?}");
        }
        if let Some(user) = new.users.get_mut(ADMINISTRATOR) {
            user.policies.attached.push(ADMINISTRATOR_ACCESS.to_owned());
        }
        new
    }

    /// Remembers the task that deleted a service-linked role.
    pub(super) fn remember_deletion(&mut self, task: Option<&String>) {
        self.deletion_tasks.extend(task.cloned());
        while self.deletion_tasks.len() > DELETION_TASKS {
            self.deletion_tasks.pop_front();
        }
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// How many roles, users and groups a managed policy is attached to, and how many roles and
    /// users it is the boundary of.
    pub fn usage(&self, arn: &str) -> (usize, usize) {
        let attached = self.all_policies().filter(|policies| policies.has(arn));
        let roles = self.roles.values().map(|role| &role.boundary);
        let boundaries = roles.chain(self.users.values().map(|user| &user.boundary));
        (attached.count(), boundaries.filter(|boundary| boundary.as_deref() == Some(arn)).count())
    }

    /// The same of every managed policy that is used at all.
    pub fn usages(&self) -> HashMap<&str, (usize, usize)> {
        let mut usages: HashMap<&str, (usize, usize)> = HashMap::new();
        for arn in self.all_policies().flat_map(|policies| &policies.attached) {
            usages.entry(arn).or_default().0 += 1;
        }
        let roles = self.roles.values().filter_map(|role| role.boundary.as_deref());
        let users = self.users.values().filter_map(|user| user.boundary.as_deref());
        for arn in roles.chain(users) {
            usages.entry(arn).or_default().1 += 1;
        }
        usages
    }

    fn all_policies(&self) -> impl Iterator<Item = &OwnPolicies> {
        let roles = self.roles.values().map(|role| &role.policies);
        let users = self.users.values().map(|user| &user.policies);
        roles.chain(users).chain(self.groups.values().map(|group| &group.policies))
    }
}
