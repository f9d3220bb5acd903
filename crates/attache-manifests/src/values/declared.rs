//! The account that the values say a Secret is for.

use attache_identifiers::{AccountId, Arn, Partition, PrincipalArn};

/// An account as `scrapers.aws.accounts[].arn` names it.
///
/// It is only declared: which account a role really is in, AWS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredAccount {
    /// The ARN as it was given.
    pub arn: String,
    /// The account that it names.
    pub account: AccountId,
}

/// Why a text does not name an account.
pub(super) struct NotAnAccount {
    /// What it is instead.
    pub(super) found: String,
    /// What to write.
    pub(super) help: String,
}

/// The two ARNs that name an account.
const SHAPES: &str = "arn:aws:organizations::MANAGEMENT:account/ORGANIZATION/ACCOUNT or \
                      arn:aws:iam::ACCOUNT:root";

impl DeclaredAccount {
    /// Reads `arn:aws:organizations::MANAGEMENT:account/ORGANIZATION/MEMBER`, which names the
    /// member, or `arn:aws:iam::ACCOUNT:root`.
    /// Sources: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html>,
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
    pub(super) fn parse(text: &str) -> Result<Self, NotAnAccount> {
        let arn = Arn::parse(text).map_err(|_| not_an_arn(text))?;
        let global = arn.region().is_empty();
        let account = match (arn.service(), arn.account()) {
            ("organizations", Some(_)) if global => member(arn.resource()),
            ("iam", account) if global && arn.resource() == "root" => account,
            _ => None,
        };
        match account {
            Some(account) => Ok(Self { arn: text.to_owned(), account }),
            None => Err(other(&arn)),
        }
    }
}

/// The member of `account/o-ID/MEMBER`.
fn member(resource: &str) -> Option<AccountId> {
    let (organization, member) = resource.strip_prefix("account/")?.split_once('/')?;
    let id = organization.strip_prefix("o-")?;
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if id.is_empty() || !id.bytes().all(legal) {
        return None;
    }
    AccountId::parse(member).ok()
}

/// A text that is not an ARN.
fn not_an_arn(text: &str) -> NotAnAccount {
    match AccountId::parse(text.trim()) {
        Ok(account) => NotAnAccount {
            found: format!("the account id {account} alone"),
            help: format!("write {}", PrincipalArn::Root(Partition::aws(), account)),
        },
        Err(_) if text.is_empty() => {
            NotAnAccount { found: "nothing".to_owned(), help: format!("write {SHAPES}") }
        }
        Err(_) => NotAnAccount {
            found: format!("`{text}`, which is not an ARN"),
            help: format!("write {SHAPES}"),
        },
    }
}

/// The ARN of something else. A role's or a user's account is probably the one that is meant.
fn other(arn: &Arn) -> NotAnAccount {
    let kind = arn.resource().split(['/', ':']).next().unwrap_or_default();
    let (what, in_account) = match (arn.service(), kind) {
        ("iam", "role") => ("a role", true),
        ("iam", "user") => ("a user", true),
        ("sts", "assumed-role") => ("a role's session", true),
        ("iam" | "sts", _) => ("something else in IAM", true),
        ("organizations", "root") => ("an organization's root", false),
        ("organizations", "ou") => ("an organizational unit", false),
        ("organizations", "organization") => ("a whole organization", false),
        ("organizations", "account") => ("an account, but not complete", false),
        _ => ("something in an account", arn.account().is_some()),
    };
    let root = arn.account().filter(|_| in_account);
    let root = root.map(|account| PrincipalArn::Root(arn.partition().clone(), account));
    let help = match root {
        Some(root) if kind == "role" => {
            format!("write {root}; the role goes into the Secret's AWS_ROLE_ARN")
        }
        Some(root) => format!("write {root}"),
        None => format!("write {SHAPES}"),
    };
    NotAnAccount { found: format!("`{arn}`, the ARN of {what}"), help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_arns_of_an_account_name_it() {
        for (arn, account) in [
            ("arn:aws:iam::222222222222:root", "222222222222"),
            ("arn:aws-cn:iam::222222222222:root", "222222222222"),
            (
                "arn:aws:organizations::222222222222:account/o-pyxgi8opc5/123456789012",
                "123456789012",
            ),
        ] {
            let declared = DeclaredAccount::parse(arn).ok().unwrap();
            assert_eq!(
                (declared.account.to_string().as_str(), declared.arn.as_str()),
                (account, arn)
            );
        }
    }

    #[test]
    fn everything_else_is_told_what_it_is_and_what_to_write() {
        for (given, found, help) in [
            (
                "arn:aws:iam::222222222222:role/R",
                "the ARN of a role",
                "arn:aws:iam::222222222222:root;",
            ),
            (
                "arn:aws-us-gov:iam::222222222222:user/U",
                "of a user",
                "arn:aws-us-gov:iam::222222222222:root",
            ),
            (
                "arn:aws:sts::222222222222:assumed-role/R/s",
                "a role's session",
                "arn:aws:iam::222222222222:root",
            ),
            (
                "arn:aws:iam::222222222222:rooty",
                "something else in IAM",
                "arn:aws:iam::222222222222:root",
            ),
            (
                "arn:aws:organizations::222222222222:root/o-abcdefghij/r-abcd",
                "an organization's root",
                "or arn:aws:iam::ACCOUNT:root",
            ),
            (
                "arn:aws:organizations::222222222222:ou/o-abcdefghij/ou-abcd-12345678",
                "organizational unit",
                "or arn:aws:iam::ACCOUNT:root",
            ),
            (
                "arn:aws:organizations::222222222222:organization/o-abcdefghij",
                "a whole organization",
                "or arn:aws:iam::ACCOUNT:root",
            ),
            (
                "arn:aws:organizations::222222222222:account",
                "not complete",
                "or arn:aws:iam::ACCOUNT:root",
            ),
            (
                "arn:aws:organizations::222222222222:account/o-abcdefghij/12345",
                "not complete",
                "or arn:aws:iam::ACCOUNT:root",
            ),
            (
                "arn:aws:organizations::222222222222:account/r-abcd/123456789012",
                "not complete",
                "or arn:aws:iam::ACCOUNT:root",
            ),
            ("arn:aws:s3:::bucket", "something in an account", "or arn:aws:iam::ACCOUNT:root"),
            (
                "arn:aws:sqs:us-east-1:222222222222:q",
                "something in an account",
                "write arn:aws:iam::222222222222:root",
            ),
            (
                "arn:aws:iam:us-east-1:222222222222:root",
                "something else in IAM",
                "write arn:aws:iam::222222222222:root",
            ),
            (
                "222222222222",
                "the account id 222222222222 alone",
                "write arn:aws:iam::222222222222:root",
            ),
            ("", "nothing", "or arn:aws:iam::ACCOUNT:root"),
            ("Production", "`Production`, which is not an ARN", "or arn:aws:iam::ACCOUNT:root"),
        ] {
            let refused = DeclaredAccount::parse(given).err().unwrap();
            assert!(refused.found.contains(found), "{given}: {}", refused.found);
            assert!(refused.help.contains(help), "{given}: {}", refused.help);
        }
    }
}
