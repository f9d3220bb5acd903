//! The caller of an operation, once the signature was verified.

use attache_identifiers::AccountId;
use attache_policy::Principal;

use super::{FederatedUser, Session, UserSession};

/// The caller of an operation.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account that the caller acts in.
    pub account: AccountId,
    /// As `GetCallerIdentity` gives it.
    pub arn: String,
    /// As `GetCallerIdentity` gives it: `AIDA…`, or `AROA…:session`.
    pub user_id: String,
    /// What kind of caller it is.
    pub identity: Identity,
    /// The key that signed the call.
    pub access_key: String,
    /// The region of the signature's scope.
    pub region: String,
}

/// What kind of caller it is.
#[derive(Debug, Clone)]
pub enum Identity {
    /// A user, by name, with a session if the call was not signed with a key of its own.
    User {
        /// The user's name.
        name: String,
        /// The user's ARN.
        arn: String,
        /// Its session, if it has one.
        session: Option<Box<UserSession>>,
    },
    /// A session of a role.
    Session(Box<Session>),
}

impl Caller {
    /// The caller as policies name it.
    pub fn principal(&self) -> Principal {
        match &self.identity {
            Identity::User { arn, .. } => match self.federated() {
                Some(_) => Principal::Federated { arn: self.arn.clone(), user_arn: arn.clone() },
                None => Principal::User { arn: arn.clone() },
            },
            Identity::Session(session) => Principal::RoleSession {
                role_arn: session.role.to_string(),
                session_arn: self.arn.clone(),
            },
        }
    }

    /// The session of a role, if it is one.
    pub fn session(&self) -> Option<&Session> {
        match &self.identity {
            Identity::User { .. } => None,
            Identity::Session(session) => Some(session),
        }
    }

    /// The session of a user, if it is one.
    pub fn user_session(&self) -> Option<&UserSession> {
        match &self.identity {
            Identity::User { session, .. } => session.as_deref(),
            Identity::Session(_) => None,
        }
    }

    /// The federated user, if the caller is one.
    pub fn federated(&self) -> Option<&FederatedUser> {
        self.user_session().and_then(|session| session.federated.as_ref())
    }

    /// The user's name, if the caller is the user itself and not a federated user.
    pub fn user_name(&self) -> Option<&str> {
        match &self.identity {
            Identity::User { name, .. } if self.federated().is_none() => Some(name),
            _ => None,
        }
    }
}
