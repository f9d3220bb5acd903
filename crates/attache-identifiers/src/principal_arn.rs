//! The ARNs of principals, read and written in one place.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>.

use crate::arn::Parts;
use crate::{AccountId, IamPath, NameError, Partition, ProviderArn, RoleArn, text_type};

/// Something whose ARN a policy can name as a principal, or that a request can come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalArn {
    /// `arn:aws:iam::222222222222:root`.
    Root(Partition, AccountId),
    /// `arn:aws:iam::222222222222:user/path/ann`.
    User(UserArn),
    /// `arn:aws:iam::222222222222:role/path/Name`.
    Role(RoleArn),
    /// `arn:aws:sts::222222222222:assumed-role/Name/session`.
    Session(SessionArn),
    /// `arn:aws:sts::222222222222:federated-user/ann`.
    FederatedUser(FederatedUserArn),
    /// `arn:aws:iam::222222222222:oidc-provider/HOST/PATH`.
    Provider(ProviderArn),
}

/// A user's ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserArn {
    partition: Partition,
    account: AccountId,
    /// Path and name without the first slash: `path/ann`.
    path_and_name: String,
}

/// The ARN of a role's session. The role's path is not in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionArn {
    partition: Partition,
    account: AccountId,
    role_name: String,
    session_name: String,
}

/// The ARN of a session of `GetFederationToken`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FederatedUserArn {
    partition: Partition,
    account: AccountId,
    name: String,
}

impl PrincipalArn {
    /// Reads the ARN of a principal.
    ///
    /// # Errors
    /// When the text is no ARN, or the ARN of something that cannot be a principal.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const KINDS: &str = "expected the ARN of a user, a role, a role's session, a federated user, \
                             an OIDC provider or an account's root";
        let wrong = |why: &str| NameError::new("a principal's ARN", text, why);
        let parts = Parts::of(text).map_err(|e| wrong(&e.why))?;
        let (Some(account), "") = (parts.account(), parts.region) else { return Err(wrong(KINDS)) };
        let Parts { partition, service, resource, .. } = parts;
        if (service, resource) == ("iam", "root") {
            return Ok(Self::Root(partition, account));
        }
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        if rest.is_empty() || rest.starts_with('/') || rest.ends_with('/') {
            return Err(wrong(KINDS));
        }
        match (service, kind) {
            ("iam", "user") => {
                if let Some((path, _)) = rest.rsplit_once('/') {
                    IamPath::parse(&format!("/{path}/")).map_err(|e| wrong(&e.why))?;
                }
                let path_and_name = rest.to_owned();
                Ok(Self::User(UserArn { partition, account, path_and_name }))
            }
            ("iam", "role") => RoleArn::parse(text).map(Self::Role),
            ("iam", "oidc-provider") => ProviderArn::parse(text).map(Self::Provider),
            ("sts", "assumed-role") => {
                let (role_name, session_name) = rest.split_once('/').ok_or_else(|| wrong(KINDS))?;
                if session_name.contains('/') {
                    return Err(wrong("a session's ARN has its role's name, without the path"));
                }
                let [role_name, session_name] = [role_name, session_name].map(str::to_owned);
                Ok(Self::Session(SessionArn { partition, account, role_name, session_name }))
            }
            ("sts", "federated-user") => {
                let name = rest.to_owned();
                Ok(Self::FederatedUser(FederatedUserArn { partition, account, name }))
            }
            _ => Err(wrong(KINDS)),
        }
    }

    /// The account that the principal belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        match self {
            Self::Root(_, account) => *account,
            Self::User(user) => user.account,
            Self::Role(role) => role.account(),
            Self::Session(session) => session.account,
            Self::FederatedUser(user) => user.account,
            Self::Provider(provider) => provider.account(),
        }
    }
}

impl std::fmt::Display for PrincipalArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root(partition, account) => write!(f, "arn:{partition}:iam::{account}:root"),
            Self::User(user) => user.fmt(f),
            Self::Role(role) => role.fmt(f),
            Self::Session(session) => session.fmt(f),
            Self::FederatedUser(user) => user.fmt(f),
            Self::Provider(provider) => provider.fmt(f),
        }
    }
}

text_type!(PrincipalArn);

impl UserArn {
    /// The user of this name at the path `/`.
    #[must_use]
    pub fn new(partition: Partition, account: AccountId, name: &str) -> Self {
        Self { partition, account, path_and_name: name.to_owned() }
    }

    /// The user's name without its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path_and_name.rsplit('/').next().unwrap_or_default()
    }
}

impl std::fmt::Display for UserArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "arn:{}:iam::{}:user/{}", self.partition, self.account, self.path_and_name)
    }
}

impl SessionArn {
    /// A session of the role of this name.
    #[must_use]
    pub fn new(
        partition: Partition,
        account: AccountId,
        role_name: &str,
        session_name: &str,
    ) -> Self {
        let [role_name, session_name] = [role_name, session_name].map(str::to_owned);
        Self { partition, account, role_name, session_name }
    }

    /// The role's name.
    #[must_use]
    pub fn role_name(&self) -> &str {
        &self.role_name
    }

    /// The session's name.
    #[must_use]
    pub fn session_name(&self) -> &str {
        &self.session_name
    }

    /// Whether it is a session of the role, at whatever path that is.
    #[must_use]
    pub fn is_of(&self, role: &RoleArn) -> bool {
        let Self { partition, account, role_name, .. } = self;
        (partition, *account, role_name.as_str())
            == (role.partition(), role.account(), role.name().as_str())
    }

    /// The ARN of the role at the path `/`. A role of that name may have another path, which a
    /// session's ARN does not tell; there is at most one role of the name in an account.
    #[must_use]
    pub fn role_at_root(&self) -> String {
        format!("arn:{}:iam::{}:role/{}", self.partition, self.account, self.role_name)
    }
}

impl std::fmt::Display for SessionArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, account, role_name, session_name } = self;
        write!(f, "arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}")
    }
}

impl FederatedUserArn {
    /// The federated user of this name.
    #[must_use]
    pub fn new(partition: Partition, account: AccountId, name: &str) -> Self {
        Self { partition, account, name: name.to_owned() }
    }

    /// The user of the same name, whose keys most likely began the session.
    #[must_use]
    pub fn user(&self) -> UserArn {
        UserArn::new(self.partition.clone(), self.account, &self.name)
    }
}

impl std::fmt::Display for FederatedUserArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "arn:{}:sts::{}:federated-user/{}", self.partition, self.account, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_prints_as_it_was_read() {
        for arn in [
            "arn:aws:iam::222222222222:root",
            "arn:aws-cn:iam::222222222222:root",
            "arn:aws:iam::222222222222:user/ann",
            "arn:aws-us-gov:iam::222222222222:user/team/x/ann",
            "arn:aws:iam::222222222222:role/Name",
            "arn:aws:iam::222222222222:role/team/x/Name",
            "arn:aws:sts::222222222222:assumed-role/Name/session",
            "arn:aws:sts::222222222222:federated-user/ann",
            "arn:aws:iam::222222222222:oidc-provider/oidc.example.com/id/X",
        ] {
            assert_eq!(PrincipalArn::parse(arn).unwrap().to_string(), arn);
        }
    }

    #[test]
    fn a_session_is_of_the_role_of_its_account_at_any_path() {
        let session = "arn:aws:sts::222222222222:assumed-role/Name/session";
        let Ok(PrincipalArn::Session(session)) = PrincipalArn::parse(session) else {
            panic!("it is a session")
        };
        for (role, is_of) in [
            ("arn:aws:iam::222222222222:role/Name", true),
            ("arn:aws:iam::222222222222:role/team/x/Name", true),
            ("arn:aws:iam::222222222222:role/Other", false),
            ("arn:aws:iam::333333333333:role/Name", false),
            ("arn:aws-cn:iam::222222222222:role/Name", false),
        ] {
            assert_eq!(session.is_of(&RoleArn::parse(role).unwrap()), is_of, "{role}");
        }
    }

    #[test]
    fn other_arns_are_refused() {
        for arn in [
            "arn:aws:s3:::bucket",
            "arn:aws:iam::222222222222:user/",
            "arn:aws:iam::222222222222:user",
            "arn:aws:iam::222222222222:policy/P",
            "arn:aws:sts::222222222222:assumed-role/Name",
            "arn:aws:sts::222222222222:assumed-role/Name/",
            "arn:aws:iam:us-east-1:222222222222:user/ann",
            "arn:aws:iam::aws:user/ann",
            "ann",
        ] {
            assert!(PrincipalArn::parse(arn).is_err(), "{arn}");
        }
    }
}
