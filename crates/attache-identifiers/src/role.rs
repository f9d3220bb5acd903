//! IAM roles by name and by ARN.

use crate::arn::Parts;
use crate::{AccountId, IamPath, NameError, Partition, SessionArn, text_type};

/// A role's name without its path: 1 to 64 of `[\w+=,.@-]`.
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

/// AWS's limit on a role's name.
const LONGEST_NAME: usize = 64;

impl RoleName {
    /// Reads a role's name.
    ///
    /// # Errors
    /// When it is empty, longer than 64 characters, or has a character IAM does not take.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
        if text.is_empty() || text.len() > LONGEST_NAME || !text.bytes().all(legal) {
            let why = "it must be 1 to 64 letters, digits or any of _+=,.@-";
            return Err(NameError::new("a role name", text, why));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RoleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(RoleName);

/// `arn:aws:iam::222222222222:role/path/Name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    partition: Partition,
    account: AccountId,
    path: IamPath,
    name: RoleName,
}

impl RoleArn {
    /// Reads a role's ARN.
    ///
    /// # Errors
    /// When the text is no ARN, or the ARN of something other than an IAM role, or when its path or
    /// name is not one.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let wrong = |why: &str| NameError::new("a role ARN", text, why);
        let parts = Parts::of(text).map_err(|e| wrong(&e.why))?;
        let shape = "it must be arn:aws:iam::ACCOUNT:role/NAME";
        let (Some(account), "iam", "") = (parts.account(), parts.service, parts.region) else {
            return Err(wrong(shape));
        };
        let Parts { partition, resource, .. } = parts;
        let Some(rest) = resource.strip_prefix("role/") else {
            return Err(wrong(shape));
        };
        let (path, name) = match rest.rsplit_once('/') {
            Some((path, name)) => (IamPath::parse(&format!("/{path}/")), name),
            None => (Ok(IamPath::root()), rest),
        };
        let path = path.map_err(|e| wrong(&format!("of its path: {}", e.why)))?;
        let name = RoleName::parse(name).map_err(|e| wrong(&e.why))?;
        Ok(Self { partition, account, path, name })
    }

    /// The ARN of the role with this path and name.
    #[must_use]
    pub fn at(partition: Partition, account: AccountId, path: IamPath, name: RoleName) -> Self {
        Self { partition, account, path, name }
    }

    /// The account that owns the role.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The role's name without its path.
    #[must_use]
    pub fn name(&self) -> &RoleName {
        &self.name
    }

    /// The role of the same path and name in another account.
    #[must_use]
    pub fn in_account(&self, account: AccountId) -> Self {
        Self { account, ..self.clone() }
    }

    /// The path with both slashes: `/` or `/team/`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path.as_str()
    }

    /// The partition, `aws` for most.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The ARN of a session of the role. The role's path is not in it.
    #[must_use]
    pub fn session(&self, session_name: &str) -> SessionArn {
        let Self { partition, account, name, .. } = self;
        SessionArn::new(partition.clone(), *account, name.as_str(), session_name)
    }
}

impl std::fmt::Display for RoleArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, account, path, name } = self;
        write!(f, "arn:{partition}:iam::{account}:role{path}{name}")
    }
}

text_type!(RoleArn);
