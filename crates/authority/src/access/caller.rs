//! Who calls, once the signature was verified.

use names::AccountId;
use policy::Principal;

use super::Session;

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) account: AccountId,
    /// As `GetCallerIdentity` gives it.
    pub(crate) arn: String,
    /// As `GetCallerIdentity` gives it: `AIDA…`, or `AROA…:session`.
    pub(crate) user_id: String,
    pub(crate) identity: Identity,
    /// The region of the signature's scope.
    pub(crate) region: String,
}

/// What kind of caller it is.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// The account's administrator.
    Administrator,
    /// A session of a role.
    Session(Box<Session>),
}

impl Caller {
    /// The caller as policies name it.
    pub(crate) fn principal(&self) -> Principal {
        match &self.identity {
            Identity::Administrator => Principal::User { arn: self.arn.clone() },
            Identity::Session(session) => Principal::RoleSession {
                role_arn: session.role.to_string(),
                session_arn: self.arn.clone(),
            },
        }
    }

    /// The session, if it is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.identity {
            Identity::Administrator => None,
            Identity::Session(session) => Some(session),
        }
    }
}
