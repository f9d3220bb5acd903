//! Amazon Resource Names.

use std::borrow::Cow;

use crate::{AccountId, NameError, text_type};

/// A group of regions with its own accounts: `aws`, `aws-cn`, `aws-us-gov` or a later one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(Cow<'static, str>);

/// Ours: the longest of AWS's has ten characters.
const LONGEST_PARTITION: usize = 32;

impl Partition {
    /// The commercial partition, `aws`.
    #[must_use]
    pub const fn aws() -> Self {
        Self(Cow::Borrowed("aws"))
    }

    /// Reads `aws` or `aws-…`.
    ///
    /// # Errors
    /// When the text does not begin with `aws`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let known = text == "aws" || text.starts_with("aws-");
        if !known
            || text.len() > LONGEST_PARTITION
            || !text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        {
            let why = "it must be aws, aws-cn, aws-us-gov or another name that begins with aws-";
            return Err(NameError::new("a partition", text, why));
        }
        // Nearly all are, and every ARN has one.
        Ok(if text == "aws" { Self::aws() } else { Self(Cow::Owned(text.to_owned())) })
    }

    /// The partition's name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(Partition);

/// `arn:partition:service:region:account:resource`, in its six parts.
///
/// Region and account may be empty, as they are for IAM's region and S3's account; the resource
/// may not, and keeps its own colons and slashes.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
///
/// What is known by its name is built with a constructor, so that an ARN is spelt in this crate
/// alone; the partition is always an argument:
///
/// ```
/// # use attache_identifiers::{AccountId, Arn, Partition};
/// let account = AccountId::parse("222222222222")?;
/// let user = Arn::user(Partition::aws(), account, "/team/", "ann");
/// assert_eq!(user.to_string(), "arn:aws:iam::222222222222:user/team/ann");
/// let cluster = Arn::new(Partition::aws(), "eks", "eu-west-1", Some(account), "cluster/prod");
/// assert_eq!(cluster.to_string(), "arn:aws:eks:eu-west-1:222222222222:cluster/prod");
/// # Ok::<(), attache_identifiers::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    partition: Partition,
    service: Cow<'static, str>,
    region: String,
    owner: Owner,
    resource: String,
}

/// The fifth part of an ARN, an account in most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Owner {
    /// Nothing: S3's buckets.
    None,
    /// `aws`: the policies that AWS manages, of IAM and of Organizations.
    Aws,
    /// An account.
    Account(AccountId),
}

impl Owner {
    fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(account),
            Self::None | Self::Aws => None,
        }
    }
}

/// The parts of a text that is an ARN, for the types that keep more of them than [`Arn`] does.
pub(crate) struct Parts<'t> {
    pub(crate) partition: Partition,
    pub(crate) service: &'t str,
    pub(crate) region: &'t str,
    pub(crate) owner: Owner,
    pub(crate) resource: &'t str,
}

impl<'t> Parts<'t> {
    pub(crate) fn of(text: &'t str) -> Result<Self, NameError> {
        let wrong = |why: String| NameError::new("an ARN", text, why);
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next().unwrap_or_default();
        let [head, partition, service, region, account, resource] =
            [part(), part(), part(), part(), part(), part()];
        if head != "arn" || service.is_empty() || resource.is_empty() {
            return Err(wrong("it must be arn:partition:service:region:account:resource".into()));
        }
        let partition = Partition::parse(partition).map_err(|e| wrong(e.to_string()))?;
        let owner = match account {
            "" => Owner::None,
            "aws" => Owner::Aws,
            id => Owner::Account(AccountId::parse(id).map_err(|e| wrong(e.to_string()))?),
        };
        Ok(Self { partition, service, region, owner, resource })
    }

    /// The account that owns the resource; none for S3's buckets and what AWS manages.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.owner.account()
    }
}

impl Arn {
    /// Reads an ARN without wildcards.
    ///
    /// # Errors
    /// When a part is missing, or the partition or account is not one.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let Parts { partition, service, region, owner, resource } = Parts::of(text)?;
        let [service, region, resource] = [service, region, resource].map(str::to_owned);
        Ok(Self { partition, service: Cow::Owned(service), region, owner, resource })
    }

    /// The ARN of these parts, which are not checked; the region is empty where a service has none
    /// in its ARNs. The resource may have wildcards, for the patterns that a policy names.
    #[must_use]
    pub fn new(
        partition: Partition,
        service: impl Into<Cow<'static, str>>,
        region: &str,
        account: Option<AccountId>,
        resource: impl Into<String>,
    ) -> Self {
        let owner = account.map_or(Owner::None, Owner::Account);
        let (service, region) = (service.into(), region.to_owned());
        Self { partition, service, region, owner, resource: resource.into() }
    }

    /// The ARN of what AWS itself manages: with `aws` in place of an account.
    pub(crate) fn of_aws(partition: Partition, service: &'static str, resource: String) -> Self {
        let (service, region) = (Cow::Borrowed(service), String::new());
        Self { partition, service, region, owner: Owner::Aws, resource }
    }

    /// The partition, `aws` for most.
    #[must_use]
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The service's namespace, such as `iam`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The region's name, empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The owning account; none for S3 buckets and the policies that AWS manages.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.owner.account()
    }

    /// Everything after the fifth colon.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

impl std::fmt::Display for Arn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "arn:{}:{}:{}:", self.partition, self.service, self.region)?;
        match self.owner {
            Owner::Account(account) => write!(f, "{account}:{}", self.resource),
            Owner::Aws => write!(f, "aws:{}", self.resource),
            Owner::None => write!(f, ":{}", self.resource),
        }
    }
}

text_type!(Arn);
