//! A request: its principal, action, resource and condition keys.

use attache_identifiers::{AccountId, Arn, Partition};

use crate::{Context, actions};

/// The principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An unsigned request.
    Anonymous,
    /// An account's root user.
    Root {
        /// The account.
        account: AccountId,
    },
    /// An IAM user.
    User {
        /// `arn:aws:iam::222222222222:user/ann`.
        arn: String,
    },
    /// A session of a role.
    RoleSession {
        /// The role's own ARN, path and all.
        role_arn: String,
        /// `arn:aws:sts::222222222222:assumed-role/Name/session`.
        session_arn: String,
    },
    /// The holder of a token, asking for `sts:AssumeRoleWithWebIdentity`.
    WebIdentity {
        /// The ARN of the OIDC provider in the role's account.
        provider_arn: String,
    },
    /// An AWS service.
    Service {
        /// `pods.eks.amazonaws.com`.
        name: String,
    },
    /// A canonical user id, which only S3 uses: for example CloudFront's origin access identity.
    CanonicalUser {
        /// 64 hexadecimal digits.
        id: String,
    },
    /// A federated user of `GetFederationToken`.
    Federated {
        /// `arn:aws:sts::222222222222:federated-user/ann`.
        arn: String,
        /// The user whose keys began the session; the root user's ends with `:root`.
        user_arn: String,
    },
}

impl Principal {
    /// The ARN or name that explanations show.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Root { account } => Arn::account_root(Partition::aws(), *account).to_string(),
            Self::User { arn } | Self::Federated { arn, .. } => arn.clone(),
            Self::RoleSession { session_arn, .. } => session_arn.clone(),
            Self::WebIdentity { provider_arn } => provider_arn.clone(),
            Self::Service { name } => name.clone(),
            Self::CanonicalUser { id } => id.clone(),
        }
    }

    /// Whether it is an account's root user, or a session which that began by
    /// `GetFederationToken`.
    pub(crate) fn is_root(&self) -> bool {
        match self {
            Self::Root { .. } => true,
            Self::Federated { user_arn, .. } => user_arn.ends_with(":root"),
            _ => false,
        }
    }

    /// The account the principal belongs to, where it belongs to one.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        let arn = match self {
            Self::Anonymous | Self::Service { .. } | Self::CanonicalUser { .. } => return None,
            Self::Root { account } => return Some(*account),
            Self::User { arn } | Self::Federated { arn, .. } => arn,
            Self::RoleSession { role_arn, .. } => role_arn,
            Self::WebIdentity { provider_arn } => provider_arn,
        };
        arn.split(':').nth(4).and_then(|id| AccountId::parse(id).ok())
    }
}

/// A request to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The principal.
    pub principal: Principal,
    /// `ec2:DescribeInstances`.
    pub action: String,
    /// The resource's ARN, or `*` where the action takes none.
    pub resource: String,
    /// The resource's owner; where none is given, the principal's own account.
    pub resource_account: Option<AccountId>,
    /// The condition keys that the request carries.
    pub context: Context,
}

/// A resource's own policy that must allow every caller, even one of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredPolicy {
    /// A role's trust policy.
    Trust,
    /// The policy of a KMS key.
    Key,
}

impl RequiredPolicy {
    /// The one that an action on this resource needs: for any but these, a principal's own policies
    /// suffice within its account.
    ///
    /// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>,
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>.
    #[must_use]
    pub fn of(action: &str, resource: &str) -> Option<Self> {
        let (service, name) = action.split_once(':')?;
        let name = name.to_ascii_lowercase();
        if service.eq_ignore_ascii_case("sts") {
            // A federated user is tagged as well, and has no trust policy.
            let a_role = !resource.contains(":federated-user/");
            return (a_role && TAKING_A_ROLE.contains(&name.as_str())).then_some(Self::Trust);
        }
        let on_a_key = service.eq_ignore_ascii_case("kms")
            && (is_key(resource) || actions::acts_on("kms", &name, "key"));
        on_a_key.then_some(Self::Key)
    }
}

/// What a role's trust policy decides, in lower case.
const TAKING_A_ROLE: &[&str] = &[
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
    "tagsession",
    "setsourceidentity",
];

fn is_key(resource: &str) -> bool {
    let mut parts = resource.splitn(6, ':').skip(2);
    let (service, path) = (parts.next(), parts.nth(2));
    service == Some("kms") && path.is_some_and(|path| path.starts_with("key/"))
}

impl Request {
    /// Whether it is for a key of KMS: no principal, not even the root user, may use one unless its own
    /// policy allows the principal or its account.
    ///
    /// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>.
    pub(crate) fn is_for_a_key(&self) -> bool {
        is_key(&self.resource)
    }
}

#[cfg(test)]
mod tests {
    use super::RequiredPolicy::{self, Key, Trust};

    #[test]
    fn a_role_and_a_key_need_their_own_policies() {
        let key = "arn:aws:kms:us-east-1:111111111111:key/k";
        let role = "arn:aws:iam::111111111111:role/R";
        for (action, resource, wanted) in [
            ("sts:AssumeRole", role, Some(Trust)),
            ("STS:assumerolewithwebidentity", "*", Some(Trust)),
            ("sts:SetSourceIdentity", role, Some(Trust)),
            ("sts:TagSession", "arn:aws:sts::111111111111:federated-user/a", None),
            ("sts:GetCallerIdentity", "*", None),
            ("kms:Decrypt", key, Some(Key)),
            ("kms:decrypt", "*", Some(Key)),
            ("kms:Encrypt", "arn:aws:kms:us-east-1:111111111111:alias/a", Some(Key)),
            ("kms:NotYetKnown", key, Some(Key)),
            ("kms:ListKeys", "*", None),
            ("kms:CreateKey", "*", None),
            ("s3:GetObject", "arn:aws:s3:::b/k", None),
            ("nothing", "*", None),
        ] {
            assert_eq!(RequiredPolicy::of(action, resource), wanted, "{action} on {resource}");
        }
    }
}
