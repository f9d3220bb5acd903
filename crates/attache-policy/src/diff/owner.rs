//! Principals of an account, as examples: the ARNs of those that no policy spells out.

use attache_identifiers::{AccountId, Arn, Partition};

use crate::Principal;

/// The name of users and sessions for which any name will do.
pub(super) const EXAMPLE: &str = "example";

/// An account, and the partition that it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Owner {
    partition: Partition,
    pub(super) account: AccountId,
}

impl Owner {
    /// The account of an `AWS` principal: its number, or that of an ARN.
    pub(super) fn of(text: &str) -> Option<Self> {
        if let Ok(account) = AccountId::parse(text) {
            return Some(Self { partition: Partition::aws(), account });
        }
        Self::of_arn(&Arn::parse(text).ok()?)
    }

    pub(super) fn of_arn(arn: &Arn) -> Option<Self> {
        Some(Self { partition: arn.partition().clone(), account: arn.account()? })
    }

    /// Its user of that name.
    pub(super) fn user(&self, name: &str) -> Principal {
        Principal::User { arn: self.user_arn(name) }
    }

    /// A session of its role of that name.
    pub(super) fn session(&self, role: &str) -> Principal {
        let role_arn = Arn::role(self.partition.clone(), self.account, "/", role).to_string();
        self.session_of(role_arn, role)
    }

    /// A session of the role with that ARN, whose path and name are known.
    pub(super) fn session_of(&self, role_arn: String, path_and_name: &str) -> Principal {
        let name = path_and_name.rsplit('/').next().unwrap_or(path_and_name);
        let session = Arn::role_session(self.partition.clone(), self.account, name, EXAMPLE);
        Principal::RoleSession { role_arn, session_arn: session.to_string() }
    }

    pub(super) fn user_arn(&self, name: &str) -> String {
        Arn::user(self.partition.clone(), self.account, "/", name).to_string()
    }

    /// The role of that name, at the path `/`.
    pub(super) fn role_arn(&self, name: &str) -> String {
        Arn::role(self.partition.clone(), self.account, "/", name).to_string()
    }

    pub(super) fn federated_user_arn(&self, name: &str) -> String {
        Arn::federated_user(self.partition.clone(), self.account, name).to_string()
    }

    /// Patterns of the ARNs that its principals have as `aws:PrincipalArn`.
    pub(super) fn arn_patterns(&self) -> [String; 3] {
        let root = Arn::account_root(self.partition.clone(), self.account);
        [self.role_arn("?*"), self.user_arn("?*"), root.to_string()]
    }
}
