//! The ARNs of what AWS Organizations has, from the ids.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html#awsorganizations-resources-for-iam-policies>.

use std::borrow::Cow;

use crate::{AccountId, Arn, Partition};

/// The ARNs of one organization and of all that is in it: each names the management account and the
/// organization's id.
///
/// ```
/// # use attache_identifiers::{AccountId, OrganizationArns, Partition};
/// let (management, member) = (AccountId::parse("111111111111")?, AccountId::parse("222222222222")?);
/// let arns = OrganizationArns::new(Partition::aws(), management, "o-exampleorgid");
/// assert_eq!(
///     arns.account(member).to_string(),
///     "arn:aws:organizations::111111111111:account/o-exampleorgid/222222222222"
/// );
/// # Ok::<(), attache_identifiers::NameError>(())
/// ```
#[derive(Debug, Clone)]
pub struct OrganizationArns<'o> {
    partition: Partition,
    management: AccountId,
    id: &'o str,
}

impl<'o> OrganizationArns<'o> {
    /// Of the organization of that id, which that account manages.
    #[must_use]
    pub fn new(partition: Partition, management: AccountId, id: &'o str) -> Self {
        Self { partition, management, id }
    }

    /// The organization itself.
    #[must_use]
    pub fn organization(&self) -> Arn {
        self.arn(format!("organization/{}", self.id))
    }

    /// A root, by its id: `r-examplerootid`.
    #[must_use]
    pub fn root(&self, root: &str) -> Arn {
        self.arn(format!("root/{}/{root}", self.id))
    }

    /// An organizational unit, by its id: `ou-examplerootid-exampleouid`.
    #[must_use]
    pub fn unit(&self, unit: &str) -> Arn {
        self.arn(format!("ou/{}/{unit}", self.id))
    }

    /// An account.
    #[must_use]
    pub fn account(&self, account: AccountId) -> Arn {
        self.arn(format!("account/{}/{account}", self.id))
    }

    /// A policy of the organization's own, by its type in small letters
    /// (`service_control_policy`) and its id.
    #[must_use]
    pub fn policy(&self, kind: &str, policy: &str) -> Arn {
        self.arn(format!("policy/{}/{kind}/{policy}", self.id))
    }

    fn arn(&self, resource: String) -> Arn {
        let service = Cow::Borrowed("organizations");
        Arn::new(self.partition.clone(), service, "", Some(self.management), resource)
    }
}

impl Arn {
    /// A policy that AWS manages for all organizations:
    /// `arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess`.
    #[must_use]
    pub fn aws_managed_organization_policy(partition: Partition, kind: &str, policy: &str) -> Self {
        Self::of_aws(partition, "organizations", format!("policy/{kind}/{policy}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_spelt_as_organizations_spells_it() {
        let management = AccountId::parse("111111111111").unwrap();
        let member = AccountId::parse("222222222222").unwrap();
        let arns = OrganizationArns::new(Partition::aws(), management, "o-a1b2c3d4e5");
        let (scp, of) = ("service_control_policy", "organizations::111111111111");
        for (arn, text) in [
            (arns.organization(), format!("{of}:organization/o-a1b2c3d4e5")),
            (arns.root("r-ab12"), format!("{of}:root/o-a1b2c3d4e5/r-ab12")),
            (arns.unit("ou-ab12-x"), format!("{of}:ou/o-a1b2c3d4e5/ou-ab12-x")),
            (arns.account(member), format!("{of}:account/o-a1b2c3d4e5/222222222222")),
            (
                arns.policy(scp, "p-x"),
                format!("{of}:policy/o-a1b2c3d4e5/service_control_policy/p-x"),
            ),
            (
                Arn::aws_managed_organization_policy(Partition::aws(), scp, "p-FullAWSAccess"),
                "organizations::aws:policy/service_control_policy/p-FullAWSAccess".to_owned(),
            ),
        ] {
            assert_eq!(arn.to_string(), format!("arn:aws:{text}"));
            assert_eq!(Arn::parse(&arn.to_string()), Ok(arn));
        }
    }
}
