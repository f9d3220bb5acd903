//! Managed policies by name.

use attache_identifiers::{AccountId, Arn, IamPath, Partition, PolicyName};

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

/// The ARN that a policy is meant by: an ARN as it stands, or the name of a policy of AWS's own
/// (`ReadOnlyAccess`, `service-role/AWSLambdaBasicExecutionRole`).
///
/// # Errors
/// What is wrong with it, as a clause.
pub(super) fn resolve(
    given: &str,
    account: AccountId,
    partition: &Partition,
) -> Result<String, String> {
    if given.starts_with("arn:") {
        return checked_arn(given, account, partition);
    }
    let name = given.trim_start_matches('/');
    if checked_name(name).is_err() {
        return Err("it is no policy's name: give an ARN, or a name such as ReadOnlyAccess".into());
    }
    let path = if JOB_FUNCTIONS.contains(&given) { "job-function/" } else { "" };
    Ok(format!("arn:{partition}:iam::aws:policy/{path}{name}"))
}

/// A path without its first slash and a name: what stands after `policy/`.
fn checked_name(text: &str) -> Result<(), String> {
    let name = match text.rsplit_once('/') {
        Some((path, name)) => {
            IamPath::parse(&format!("/{path}/")).map_err(|e| e.to_string())?;
            name
        }
        None => text,
    };
    PolicyName::parse(name).map(drop).map_err(|e| e.to_string())
}

fn checked_arn(given: &str, account: AccountId, partition: &Partition) -> Result<String, String> {
    let arn = Arn::parse(given).map_err(|e| e.to_string())?;
    let name = arn.resource().strip_prefix("policy/");
    let ("iam", "", Some(name)) = (arn.service(), arn.region(), name) else {
        return Err(
            "it is not the ARN of a managed policy: arn:aws:iam::ACCOUNT:policy/NAME".into()
        );
    };
    checked_name(name)?;
    if arn.partition() != partition {
        return Err(format!("it is in the partition {}, the role in {partition}", arn.partition()));
    }
    match arn.account() {
        Some(owner) if owner != account => Err(format!(
            "it belongs to the account {owner}: a role takes policies of its own account \
             ({account}) and of AWS"
        )),
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
            ("Read Only", Err("no policy's name")),
            ("service-role/", Err("no policy's name")),
            ("arn:aws:iam::aws:policy/a b", Err("a policy name")),
            ("arn:aws:iam::aws:policy/a\n---\n/b", Err("a path")),
            ("arn:aws:iam:us-east-1:aws:policy/b", Err("not the ARN of a managed policy")),
        ];
        let account = AccountId::parse("222222222222").unwrap();
        for (given, wanted) in cases {
            let got = resolve(given, account, &Partition::aws());
            match (got, wanted) {
                (Ok(got), Ok(wanted)) => assert_eq!(got, wanted),
                (Err(got), Err(part)) => assert!(got.contains(part), "{given}: {got}"),
                (got, _) => panic!("{given}: {got:?}"),
            }
        }
    }
}
