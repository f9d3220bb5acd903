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
    pub fn aws() -> Self {
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    partition: Partition,
    service: String,
    region: String,
    account: Option<AccountId>,
    resource: String,
}

/// The parts where they stand in a text, for those who keep others than these.
pub(crate) struct Parts<'t> {
    pub(crate) partition: Partition,
    pub(crate) service: &'t str,
    pub(crate) region: &'t str,
    pub(crate) account: Option<AccountId>,
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
        // AWS's own managed policies have the word `aws` where others have an account.
        let account = match account {
            "" | "aws" => None,
            id => Some(AccountId::parse(id).map_err(|e| wrong(e.to_string()))?),
        };
        Ok(Self { partition, service, region, account, resource })
    }
}

impl Arn {
    /// Reads an ARN without wildcards.
    ///
    /// # Errors
    /// When a part is missing, or the partition or account is not one.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let Parts { partition, service, region, account, resource } = Parts::of(text)?;
        let [service, region, resource] = [service, region, resource].map(str::to_owned);
        Ok(Self { partition, service, region, account, resource })
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

    /// The owning account; none for S3 buckets and AWS's own managed policies.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account
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
        match self.account {
            Some(account) => write!(f, "{account}:{}", self.resource),
            // Only AWS's managed policies: IAM has no other resource without an account.
            None if self.service == "iam" => write!(f, "aws:{}", self.resource),
            None => write!(f, ":{}", self.resource),
        }
    }
}

text_type!(Arn);
