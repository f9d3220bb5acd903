//! The ARNs of what IAM and STS have, from the names.
//!
//! Knows how they are spelt, and nothing of whether such a name may exist. A path has both slashes:
//! `/`, or `/team/`.
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-resources-for-iam-policies>.

use std::borrow::Cow;

use crate::{AccountId, Arn, Partition};

impl Arn {
    /// `arn:aws:iam::222222222222:root`: an account as a principal, and its root user.
    #[must_use]
    pub fn account_root(partition: Partition, account: AccountId) -> Self {
        Self::iam(partition, account, "root".to_owned())
    }

    /// `arn:aws:iam::222222222222:user/path/ann`.
    #[must_use]
    pub fn user(partition: Partition, account: AccountId, path: &str, name: &str) -> Self {
        Self::iam(partition, account, format!("user{path}{name}"))
    }

    /// `arn:aws:iam::222222222222:group/path/Developers`.
    #[must_use]
    pub fn group(partition: Partition, account: AccountId, path: &str, name: &str) -> Self {
        Self::iam(partition, account, format!("group{path}{name}"))
    }

    /// `arn:aws:iam::222222222222:role/path/Reader`. [`RoleArn`](crate::RoleArn) has checked parts.
    #[must_use]
    pub fn role(partition: Partition, account: AccountId, path: &str, name: &str) -> Self {
        Self::iam(partition, account, format!("role{path}{name}"))
    }

    /// `arn:aws:iam::222222222222:instance-profile/path/Web`.
    #[must_use]
    pub fn instance_profile(
        partition: Partition,
        account: AccountId,
        path: &str,
        name: &str,
    ) -> Self {
        Self::iam(partition, account, format!("instance-profile{path}{name}"))
    }

    /// `arn:aws:iam::222222222222:policy/path/ReadLogs`: a managed policy of an account's own.
    #[must_use]
    pub fn policy(partition: Partition, account: AccountId, path: &str, name: &str) -> Self {
        Self::iam(partition, account, format!("policy{path}{name}"))
    }

    /// `arn:aws:iam::aws:policy/job-function/ViewOnlyAccess`: a managed policy of AWS's.
    #[must_use]
    pub fn aws_managed_policy(partition: Partition, path: &str, name: &str) -> Self {
        Self::of_aws(partition, "iam", format!("policy{path}{name}"))
    }

    /// `arn:aws:iam::222222222222:oidc-provider/HOST/PATH`, from the issuer's URL without
    /// `https://`. [`Issuer::provider`](crate::Issuer::provider) has a checked issuer.
    #[must_use]
    pub fn oidc_provider(partition: Partition, account: AccountId, host_and_path: &str) -> Self {
        Self::iam(partition, account, format!("oidc-provider/{host_and_path}"))
    }

    /// `arn:aws:iam::222222222222:saml-provider/Corporate`.
    #[must_use]
    pub fn saml_provider(partition: Partition, account: AccountId, name: &str) -> Self {
        Self::iam(partition, account, format!("saml-provider/{name}"))
    }

    /// `arn:aws:sts::222222222222:assumed-role/Reader/session`: a session of a role, whose path is
    /// not in it.
    #[must_use]
    pub fn role_session(
        partition: Partition,
        account: AccountId,
        role_name: &str,
        session_name: &str,
    ) -> Self {
        Self::sts(partition, account, format!("assumed-role/{role_name}/{session_name}"))
    }

    /// `arn:aws:sts::222222222222:federated-user/ann`: a session of `GetFederationToken`.
    #[must_use]
    pub fn federated_user(partition: Partition, account: AccountId, name: &str) -> Self {
        Self::sts(partition, account, format!("federated-user/{name}"))
    }

    fn iam(partition: Partition, account: AccountId, resource: String) -> Self {
        Self::new(partition, Cow::Borrowed("iam"), "", Some(account), resource)
    }

    fn sts(partition: Partition, account: AccountId, resource: String) -> Self {
        Self::new(partition, Cow::Borrowed("sts"), "", Some(account), resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_spelt_as_iam_spells_it() {
        let account = AccountId::parse("222222222222").unwrap();
        let china = || Partition::parse("aws-cn").unwrap();
        for (arn, text) in [
            (Arn::account_root(china(), account), "iam::222222222222:root"),
            (Arn::user(china(), account, "/", "ann"), "iam::222222222222:user/ann"),
            (Arn::user(china(), account, "/a/b/", "ann"), "iam::222222222222:user/a/b/ann"),
            (Arn::group(china(), account, "/", "g"), "iam::222222222222:group/g"),
            (Arn::role(china(), account, "/t/", "R"), "iam::222222222222:role/t/R"),
            (Arn::policy(china(), account, "/", "P"), "iam::222222222222:policy/P"),
            (
                Arn::instance_profile(china(), account, "/", "W"),
                "iam::222222222222:instance-profile/W",
            ),
            (
                Arn::aws_managed_policy(china(), "/job-function/", "Billing"),
                "iam::aws:policy/job-function/Billing",
            ),
            (
                Arn::oidc_provider(china(), account, "oidc.example.com/id/X"),
                "iam::222222222222:oidc-provider/oidc.example.com/id/X",
            ),
            (
                Arn::saml_provider(china(), account, "Corporate"),
                "iam::222222222222:saml-provider/Corporate",
            ),
            (Arn::role_session(china(), account, "R", "s"), "sts::222222222222:assumed-role/R/s"),
            (Arn::federated_user(china(), account, "ann"), "sts::222222222222:federated-user/ann"),
        ] {
            assert_eq!(arn.to_string(), format!("arn:aws-cn:{text}"));
            assert_eq!(Arn::parse(&arn.to_string()), Ok(arn));
        }
    }
}
