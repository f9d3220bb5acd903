//! The keys of the calling principal.

use super::KeySink;
use crate::Principal;
use crate::principal::issuer_of;

/// A principal and what is known of it.
///
/// ```
/// use attache_policy::{Context, Principal, condition_keys::PrincipalKeys};
///
/// let ann = Principal::parse("arn:aws:iam::222222222222:user/ann")?;
/// let mut context = Context::new();
/// PrincipalKeys::of(&ann).add_to(&mut context);
/// assert_eq!(context.get("aws:username").and_then(|v| v.only()), Some("ann"));
/// assert_eq!(context.get("aws:PrincipalIsAWSService").and_then(|v| v.only()), Some("false"));
/// # Ok::<(), attache_identifiers::NameError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PrincipalKeys<'p> {
    /// Who calls.
    pub principal: &'p Principal,
    /// `AIDA…` of a user, `AROA…:session` of a role's session, `ACCOUNT:name` of a federated user.
    /// The root user's is its account.
    pub user_id: Option<&'p str>,
    /// The account's organization; its absence says only that it is not known.
    pub organization: Option<OrganizationKeys<'p>>,
    /// When the session began, as a date; none for a user's own keys.
    pub token_issued: Option<&'p str>,
    /// Whether an MFA device was used; none where AWS does not set the key.
    pub mfa: Option<bool>,
    /// The identity provider through which a session began.
    pub federated_provider: Option<&'p str>,
    /// The source identity that a session carries.
    pub source_identity: Option<&'p str>,
}

/// An account's place in its organization.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationKeys<'p> {
    /// `o-a1b2c3d4e5`.
    pub id: &'p str,
    /// `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`; empty where it is not known.
    pub paths: &'p [&'p str],
}

impl<'p> PrincipalKeys<'p> {
    /// Of a principal of which nothing else is known.
    #[must_use]
    pub fn of(principal: &'p Principal) -> Self {
        Self {
            principal,
            user_id: None,
            organization: None,
            token_issued: None,
            mfa: None,
            federated_provider: None,
            source_identity: None,
        }
    }

    /// Adds what AWS sets for the principal, and says which keys it never sets for one of its kind.
    pub fn add_to(&self, keys: &mut impl KeySink) {
        self.add_account(keys);
        self.add_kind(keys);
        self.add_name(keys);
        let session = [
            ("aws:TokenIssueTime", self.token_issued),
            (
                "aws:MultiFactorAuthPresent",
                self.mfa.map(|used| if used { "true" } else { "false" }),
            ),
            ("aws:SourceIdentity", self.source_identity),
        ];
        for (key, value) in session {
            if let Some(value) = value {
                keys.set(&[key], value);
            }
        }
    }

    fn add_account(&self, keys: &mut impl KeySink) {
        match (self.principal, self.principal.account()) {
            (_, Some(account)) => keys.set(&["aws:PrincipalAccount"], &account.to_string()),
            (Principal::Anonymous, None) => keys.set(&["aws:PrincipalAccount"], "anonymous"),
            _ => keys.absent(&["aws:PrincipalAccount"]),
        }
        // An identity provider and a service are in no organization.
        let outside = matches!(
            self.principal,
            Principal::Anonymous
                | Principal::Service { .. }
                | Principal::CanonicalUser { .. }
                | Principal::WebIdentity { .. }
        );
        if outside {
            keys.absent(&["aws:PrincipalOrgID"]);
            keys.absent(&["aws:PrincipalOrgPaths"]);
        } else if let Some(OrganizationKeys { id, paths }) = self.organization {
            keys.set(&["aws:PrincipalOrgID"], id);
            if !paths.is_empty() {
                keys.set_many(&["aws:PrincipalOrgPaths"], paths);
            }
        }
    }

    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>.
    fn add_kind(&self, keys: &mut impl KeySink) {
        let kind = match self.principal {
            Principal::Root { .. } => Some("Account"),
            // As AWS was seen to do while it judges a token.
            Principal::User { .. } | Principal::WebIdentity { .. } => Some("User"),
            Principal::RoleSession { .. } => Some("AssumedRole"),
            Principal::Federated { .. } => Some("FederatedUser"),
            Principal::Anonymous => Some("Anonymous"),
            Principal::Service { .. } | Principal::CanonicalUser { .. } => None,
        };
        one(keys, "aws:PrincipalType", kind);
        // Of requests that are signed with AWS credentials.
        let service = match self.principal {
            Principal::Service { .. } => Some("true"),
            Principal::Anonymous
            | Principal::WebIdentity { .. }
            | Principal::CanonicalUser { .. } => None,
            _ => Some("false"),
        };
        one(keys, "aws:PrincipalIsAWSService", service);
        match self.principal {
            Principal::Service { name } => {
                keys.set(&["aws:PrincipalServiceName"], name);
                keys.set_many(&["aws:PrincipalServiceNamesList"], &[name]);
            }
            _ => {
                keys.absent(&["aws:PrincipalServiceName"]);
                keys.absent(&["aws:PrincipalServiceNamesList"]);
            }
        }
    }

    fn add_name(&self, keys: &mut impl KeySink) {
        match self.principal {
            Principal::Root { .. } => set_principal_arn(keys, &self.principal.name()),
            Principal::User { arn } | Principal::Federated { arn, .. } => {
                set_principal_arn(keys, arn);
            }
            Principal::RoleSession { role_arn, .. } => set_principal_arn(keys, role_arn),
            _ => keys.absent(&["aws:PrincipalArn"]),
        }
        match self.principal {
            Principal::User { arn } => {
                keys.set(&["aws:username"], arn.rsplit('/').next().unwrap_or_default());
            }
            _ => keys.absent(&["aws:username"]),
        }
        match self.principal {
            Principal::WebIdentity { provider_arn } => {
                set_user_id(keys, provider_arn);
                if issuer_of(provider_arn).is_some() {
                    keys.set(&["aws:FederatedProvider"], provider_arn);
                }
            }
            Principal::Anonymous => set_user_id(keys, "anonymous"),
            Principal::Root { account } => set_user_id(keys, &account.to_string()),
            _ => {
                if let Some(id) = self.user_id {
                    set_user_id(keys, id);
                }
                if let Some(provider) = self.federated_provider {
                    keys.set(&["aws:FederatedProvider"], provider);
                }
            }
        }
    }
}

/// Sets `aws:PrincipalArn`, where only the ARN is another: a session's role is known by its name, and
/// has this path.
pub fn set_principal_arn(keys: &mut impl KeySink, arn: &str) {
    keys.set(&["aws:PrincipalArn"], arn);
}

/// Sets `aws:userid`, where only the unique id or the session's name is another.
pub fn set_user_id(keys: &mut impl KeySink, id: &str) {
    keys.set(&["aws:userid"], id);
}

/// A key with its value, or its certain absence.
fn one(keys: &mut impl KeySink, key: &str, value: Option<&str>) {
    match value {
        Some(value) => keys.set(&[key], value),
        None => keys.absent(&[key]),
    }
}
