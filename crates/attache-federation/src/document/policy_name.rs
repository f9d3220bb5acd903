//! Managed policies by name.

use attache_identifiers::{AccountId, Arn, IamPath, NameError, Partition, PolicyName};

/// AWS's managed policies that are not at the root path although people write them without one.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html>.
const JOB_FUNCTIONS: &[&str] = &[
    "Billing",
    "DatabaseAdministrator",
    "DataScientist",
    "NetworkAdministrator",
    "SupportUser",
    "SystemAdministrator",
    "ViewOnlyAccess",
];

/// Why a text names no managed policy that a role can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PolicyNameError {
    /// Neither an ARN nor a name.
    #[error("it is not a policy's name: give an ARN, or a name such as ReadOnlyAccess")]
    NotAName,
    /// An ARN, its path or its name has a character too many.
    #[error(transparent)]
    Identifier(#[from] NameError),
    /// The ARN of something else.
    #[error("it is not the ARN of a managed policy: arn:aws:iam::ACCOUNT:policy/NAME")]
    NotAPolicy,
    /// The ARN of another partition.
    #[error("it is in the partition {found}, the role in {role}")]
    OtherPartition {
        /// The policy's.
        found: Partition,
        /// The role's.
        role: Partition,
    },
    /// The ARN of another account.
    #[error(
        "it belongs to the account {owner}: a role takes policies of its own account ({role}) and of \
         AWS"
    )]
    OtherAccount {
        /// The policy's.
        owner: AccountId,
        /// The role's.
        role: AccountId,
    },
}

/// The ARN of a policy: an ARN as it is, or the name of one of AWS's policies
/// (`ReadOnlyAccess`, `service-role/AWSLambdaBasicExecutionRole`).
///
/// # Errors
/// [`PolicyNameError`], whose text is a clause.
pub(super) fn resolve(
    given: &str,
    account: AccountId,
    partition: &Partition,
) -> Result<String, PolicyNameError> {
    if given.starts_with("arn:") {
        return checked_arn(given, account, partition);
    }
    let name = given.trim_start_matches('/');
    check_name(name).map_err(|_| PolicyNameError::NotAName)?;
    let path = if JOB_FUNCTIONS.contains(&given) { "/job-function/" } else { "/" };
    Ok(Arn::aws_managed_policy(partition.clone(), path, name).to_string())
}

/// A path without its first slash and a name: what follows `policy/`.
fn check_name(text: &str) -> Result<(), NameError> {
    let name = match text.rsplit_once('/') {
        Some((path, name)) => {
            IamPath::parse(&format!("/{path}/"))?;
            name
        }
        None => text,
    };
    PolicyName::parse(name).map(drop)
}

fn checked_arn(
    given: &str,
    account: AccountId,
    partition: &Partition,
) -> Result<String, PolicyNameError> {
    let arn = Arn::parse(given)?;
    let name = arn.resource().strip_prefix("policy/");
    let ("iam", "", Some(name)) = (arn.service(), arn.region(), name) else {
        return Err(PolicyNameError::NotAPolicy);
    };
    check_name(name)?;
    if arn.partition() != partition {
        let (found, role) = (arn.partition().clone(), partition.clone());
        return Err(PolicyNameError::OtherPartition { found, role });
    }
    match arn.account() {
        Some(owner) if owner != account => {
            Err(PolicyNameError::OtherAccount { owner, role: account })
        }
        _ => Ok(given.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_meant_by_its_name_or_its_arn() {
        let cases = [
            ("ReadOnlyAccess", Ok("arn:aws:iam::aws:policy/ReadOnlyAccess")),
            ("ViewOnlyAccess", Ok("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")),
            ("service-role/X", Ok("arn:aws:iam::aws:policy/service-role/X")),
            ("arn:aws:iam::222222222222:policy/Mine", Ok("arn:aws:iam::222222222222:policy/Mine")),
            ("arn:aws:iam::333333333333:policy/Not", Err("belongs to the account 333333333333")),
            ("arn:aws:iam::222222222222:role/Not", Err("not the ARN of a managed policy")),
            ("arn:aws-cn:iam::aws:policy/Not", Err("partition aws-cn")),
            ("Read Only", Err("not a policy's name")),
            ("service-role/", Err("not a policy's name")),
            ("arn:aws:iam::aws:policy/a b", Err("a policy name")),
            ("arn:aws:iam::aws:policy/a\n---\n/b", Err("a path")),
            ("arn:aws:iam:us-east-1:aws:policy/b", Err("not the ARN of a managed policy")),
        ];
        let account = AccountId::parse("222222222222").unwrap();
        for (given, expected) in cases {
            let got = resolve(given, account, &Partition::aws());
            match (got, expected) {
                (Ok(got), Ok(expected)) => assert_eq!(got, expected),
                (Err(got), Err(part)) => assert!(got.to_string().contains(part), "{given}: {got}"),
                (got, _) => panic!("{given}: {got:?}"),
            }
        }
    }
}
