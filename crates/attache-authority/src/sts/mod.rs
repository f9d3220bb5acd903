//! STS: how a session begins, and who a caller is.
//!
//! Knows: the ways into a session, what each checks in which order, and what a session carries.
//!
//! Does not know: how a caller's own signature is verified, or where a session's token goes.

mod assume_role;
mod claims;
mod grant;
mod identity;
mod members;
mod pod;
mod refused;
mod session_policies;
mod session_tags;
mod user_session;
mod web_identity;

use std::cell::RefCell;
use std::sync::Arc;

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::serve::Permission;
use attache_identifiers::AccountId;
use attache_oidc::{Jwks, Unverified};
use attache_policy::{Decision, Explanation};
use serde::Serialize;
use serde_json::Value;

use crate::access::Caller;
use crate::access::context::Surroundings;
use crate::discovery::{Failure, Known, Wanted};
use crate::issuers::IssuerKeys;
use crate::shape::{Input, Member};
use attache_ledger::MasterKey;
use attache_ledger::state::State;

pub(crate) use assume_role::assume_role;
pub use claims::TokenClaims;
use grant::Begun;
pub(crate) use identity::{access_key_info, authorization_message, caller_identity};
pub(crate) use pod::{Pod, assume_for_pod};
pub(crate) use user_session::{federation_token, session_token};
pub(crate) use web_identity::assume_role_with_web_identity;

/// The namespace of STS's answers.
pub(crate) const XMLNS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) state: &'s State,
    pub(crate) input: Input<'s>,
    pub(crate) around: &'s Surroundings,
    pub(crate) key: &'s MasterKey,
    pub(crate) issuers: &'s IssuerKeys,
    /// An issuer that has to be asked before the call can be judged.
    pub(crate) wanted: &'s RefCell<Option<Wanted>>,
    /// Each decision of a policy, in order, where somebody keeps them.
    pub(crate) explained: Option<&'s RefCell<Vec<Explanation>>>,
}

impl Call<'_> {
    /// Whether a session that begins by this call is not valid in regions that have to be asked for:
    /// at the endpoint for all regions, unless the account wants its tokens to be valid everywhere.
    fn is_narrow(&self, account: AccountId) -> bool {
        let wide = self.state.account(account).is_some_and(|own| own.wide_tokens);
        self.around.global_endpoint && !wide
    }

    /// Tells in words why it was decided so.
    fn explains(&self, decision: &Decision<'_>) -> String {
        match self.explained {
            Some(_) => self.explained(decision.explain()),
            None => decision.reason(),
        }
    }

    /// The same, where there is an explanation already.
    fn explained(&self, explanation: Explanation) -> String {
        let said = explanation.to_string();
        if let Some(all) = self.explained {
            all.borrow_mut().push(explanation);
        }
        said
    }

    /// The keys of a token's issuer, or what is to be done about them. Where the issuer has to be
    /// asked, the call is judged again after that.
    pub(crate) fn keys(
        &self,
        token: &Unverified,
        thumbprints: &[String],
    ) -> Result<Arc<Jwks>, NoKeys> {
        let issuer = token.issuer();
        match self.issuers.known(issuer, token.key_id(), thumbprints) {
            Some(Known::Keys(keys)) => Ok(keys),
            Some(Known::Failed(failure)) => Err(NoKeys::Failed(failure)),
            Some(Known::Unasked) => {
                self.wanted.replace(Some(Wanted { issuer: issuer.to_owned() }));
                Err(NoKeys::Unknown)
            }
            None => Err(NoKeys::Unknown),
        }
    }
}

/// Why an issuer has no keys here.
#[derive(Debug)]
pub(crate) enum NoKeys {
    /// It was not given, and not asked.
    Unknown,
    /// It was asked.
    Failed(Failure),
}

/// What came of a call, and what the journal is to say of it.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Why, in words for a person.
    pub(crate) reason: String,
    pub(crate) result: Result<Told, ServiceError>,
}

impl From<Result<(Told, String), Refusal>> for Verdict {
    fn from(came: Result<(Told, String), Refusal>) -> Self {
        match came {
            Ok((told, reason)) => Self { reason, result: Ok(told) },
            Err(Refusal { error, reason }) => Self { reason, result: Err(error) },
        }
    }
}

/// What STS answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Told {
    Begun(Box<Begun>),
    Members(Value),
}

/// A refusal with its reason.
#[derive(Debug)]
struct Refusal {
    error: ServiceError,
    reason: String,
}

impl Refusal {
    fn new(error: ServiceError, reason: impl Into<String>) -> Self {
        Self { error, reason: reason.into() }
    }
}

impl From<ServiceError> for Refusal {
    /// A refusal whose message says it all.
    fn from(error: ServiceError) -> Self {
        Self { error, reason: String::new() }
    }
}

/// Why a user's session may not call an operation at all, whatever the policies say.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
pub(crate) fn closed(operation: &str, caller: &Caller) -> Option<ServiceError> {
    caller.user_session()?;
    // A federated user's `AssumeRole` is refused in that operation's own words.
    if matches!(operation, "GetCallerIdentity" | "AssumeRole") {
        return None;
    }
    Some(ServiceError::new(
        403,
        "AccessDenied",
        format!("Cannot call {operation} with session credentials"),
    ))
}

/// The permission that an operation needs of its caller; `AssumeRole` asks more than one policy, and
/// the others need none.
pub(crate) fn permission(operation: &str, caller: &Caller, input: Input<'_>) -> Option<Permission> {
    let resource = match operation {
        "GetFederationToken" => {
            format!("arn:aws:sts::{}:federated-user/{}", caller.account, input.text("Name"))
        }
        "DecodeAuthorizationMessage" | "GetAccessKeyInfo" => "*".to_owned(),
        _ => return None,
    };
    Some(Permission { action: format!("sts:{operation}"), resource })
}

/// The members that an operation takes; none for a name that is no operation.
pub(crate) fn members_of(operation: &str) -> Option<&'static [Member]> {
    match operation {
        "AssumeRole" => Some(members::ASSUME_ROLE),
        "AssumeRoleWithWebIdentity" => Some(members::ASSUME_ROLE_WITH_WEB_IDENTITY),
        "GetCallerIdentity" => Some(&[]),
        "GetSessionToken" => Some(members::GET_SESSION_TOKEN),
        "GetFederationToken" => Some(members::GET_FEDERATION_TOKEN),
        "DecodeAuthorizationMessage" => Some(members::DECODE_AUTHORIZATION_MESSAGE),
        "GetAccessKeyInfo" => Some(members::GET_ACCESS_KEY_INFO),
        _ => None,
    }
}
