//! The account that the values say a Secret is for.

use attache_identifiers::{AccountId, Arn};

/// An account as `scrapers.aws.accounts[].arn` names it.
///
/// It is only a claim: resources are filed under the account that `GetCallerIdentity` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The ARN as it was given.
    pub arn: String,
    /// The account it names.
    pub account: AccountId,
}

impl Claim {
    /// Reads `arn:aws:organizations::MANAGEMENT:account/ORGANISATION/MEMBER`, which names the
    /// member, or `arn:aws:iam::ACCOUNT:root`.
    /// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html>.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = "it must be arn:aws:organizations::MANAGEMENT:account/ORGANISATION/ACCOUNT or \
                     arn:aws:iam::ACCOUNT:root";
        let arn = Arn::parse(text).map_err(|e| format!("{}; {shape}", e.why))?;
        let account = match (arn.service(), arn.account()) {
            ("organizations", Some(_)) => member(arn.resource()).ok_or(shape)?,
            ("iam", Some(account)) if arn.resource() == "root" => account,
            _ => return Err(shape.to_owned()),
        };
        Ok(Self { arn: text.to_owned(), account })
    }
}

fn member(resource: &str) -> Option<AccountId> {
    let (organisation, member) = resource.strip_prefix("account/")?.split_once('/')?;
    if !organisation.starts_with("o-") {
        return None;
    }
    AccountId::parse(member).ok()
}
