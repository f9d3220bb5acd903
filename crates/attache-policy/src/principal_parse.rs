//! A principal as a person or a policy writes it.

use attache_identifiers::{AccountId, NameError, PrincipalArn, SessionArn};

use crate::Principal;

/// The session name of a session that is only an example.
pub const EXAMPLE_SESSION: &str = "session";

impl Principal {
    /// Reads an ARN, a 12-digit account, a service such as `pods.eks.amazonaws.com`, or
    /// `anonymous`.
    ///
    /// A role becomes one of its sessions, for only sessions make requests. A session's ARN does not
    /// tell its role's path: the role is taken to be at `/`, and policies match it by its name.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text == "anonymous" {
            return Ok(Self::Anonymous);
        }
        if let Ok(account) = AccountId::parse(text) {
            return Ok(Self::Root { account });
        }
        let service = text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn");
        if service && !text.starts_with("arn:") {
            return Ok(Self::Service { name: text.to_owned() });
        }
        PrincipalArn::parse(text).map(|arn| Self::of(&arn))
    }

    /// The principal with this ARN.
    #[must_use]
    pub fn of(arn: &PrincipalArn) -> Self {
        match arn {
            PrincipalArn::Root(_, account) => Self::Root { account: *account },
            PrincipalArn::User(user) => Self::User { arn: user.to_string() },
            PrincipalArn::Role(role) => Self::RoleSession {
                role_arn: role.to_string(),
                session_arn: role.session(EXAMPLE_SESSION).to_string(),
            },
            PrincipalArn::Session(session) => Self::of_session(session),
            PrincipalArn::FederatedUser(user) => {
                Self::Federated { arn: user.to_string(), user_arn: user.user().to_string() }
            }
            PrincipalArn::Provider(provider) => {
                Self::WebIdentity { provider_arn: provider.to_string() }
            }
        }
    }

    fn of_session(session: &SessionArn) -> Self {
        Self::RoleSession { role_arn: session.role_at_root(), session_arn: session.to_string() }
    }
}
