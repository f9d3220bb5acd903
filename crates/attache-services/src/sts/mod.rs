//! STS: how sessions are issued, and the identity of a caller.
//!
//! Knows: the ways into a session, what each checks in which order, and what a session carries.
//!
//! Does not know: how a caller's own signature is verified, or where a session's token goes.

mod assume_role;
mod grant;
mod identity;
mod inputs;
mod members;
mod pod;
mod refused;
mod scoped;
mod service;
mod session_policies;
mod session_tags;
mod token_size;
mod user_session;
mod web_identity;

use std::sync::Arc;

use attache_aws_protocol::ServiceError;
use attache_identifiers::AccountId;
use attache_ledger::MasterKey;
use attache_ledger::state::State;
use attache_oidc::{Jwks, UnverifiedToken};
use attache_policy::{Decision, Explanation};
use time::{Duration, OffsetDateTime};

use crate::access::context::CallContext;
use crate::issuer_keys::{Failure, IssuerKeys, KeyRequest, Known};
use crate::query_protocol;
use crate::service::{self as operation, Body, Record};
use crate::validation::Input;

pub use grant::IssuedSession;
pub(crate) use pod::{Pod, assume_for_pod};
pub(crate) use refused::keys_not_had;
pub use service::Sts;
pub use web_identity::RequesterIdentity;

/// The refusal of an action that the service does not have.
fn unknown_action(name: &str) -> ServiceError {
    query_protocol::unknown_action(name, "2011-06-15")
}

/// What an operation works on.
#[derive(Clone, Copy)]
pub struct Call<'s> {
    /// The state, as decisions see it.
    pub state: &'s State,
    /// The call's input.
    pub input: Input<'s>,
    /// What is known of the call beside.
    pub context: &'s CallContext,
    /// Seals the sessions that begin.
    pub key: &'s MasterKey,
    /// Where the keys of issuers are looked up.
    pub issuers: &'s (dyn IssuerKeys + Sync),
    /// What the operation says for the journal.
    pub record: &'s Record,
}

impl<'s> From<&operation::Call<'s>> for Call<'s> {
    fn from(call: &operation::Call<'s>) -> Self {
        let operation::Call { state, input, context, key, issuers, record, .. } = *call;
        Self { state, input, context, key, issuers, record }
    }
}

impl Call<'_> {
    /// When what begins now ends: to the second, as the answer has it.
    fn ends_after(&self, seconds: i64) -> OffsetDateTime {
        let now = self.context.now;
        now.replace_nanosecond(0).unwrap_or(now) + Duration::seconds(seconds)
    }

    /// Whether a session that this call issues is valid only in regions that are enabled by default: so it is
    /// at the global endpoint, unless the account has chosen version 2 tokens.
    fn is_region_scoped(&self, account: AccountId) -> bool {
        let wide = self.state.account(account).is_some_and(|account| account.global_token_v2);
        self.context.global_endpoint && !wide
    }

    /// The reason of a decision in words; its explanation is recorded where explanations are kept.
    fn record_decision(&self, decision: &Decision<'_>) -> String {
        match self.record.explanations {
            Some(_) => self.record_explanation(decision.explain()),
            None => decision.reason(),
        }
    }

    /// The same, where there is an explanation already.
    fn record_explanation(&self, explanation: Explanation) -> String {
        let said = explanation.to_string();
        if let Some(all) = &self.record.explanations {
            all.borrow_mut().push(explanation);
        }
        said
    }

    /// The keys of a token's issuer, or what is to be done about them. Where the issuer has to be
    /// fetched, the call is decided again after that.
    pub(crate) fn keys(
        &self,
        token: &UnverifiedToken,
        thumbprints: &[String],
    ) -> Result<Arc<Jwks>, NoKeys> {
        let issuer = token.issuer();
        match self.issuers.known(issuer, token.key_id(), thumbprints) {
            Some(Known::Keys(keys)) => Ok(keys),
            Some(Known::Failed(failure)) => Err(NoKeys::Failed(failure)),
            Some(Known::NotFetched) => {
                self.record.keys_needed.replace(Some(KeyRequest { issuer: issuer.to_owned() }));
                Err(NoKeys::Unknown)
            }
            None => Err(NoKeys::Unknown),
        }
    }
}

/// Why an issuer's keys are not known.
#[derive(Debug)]
pub(crate) enum NoKeys {
    /// They were neither given nor fetched.
    Unknown,
    /// They could not be fetched.
    Failed(Failure),
}

/// What came of a call, and what the journal is to say of it.
#[derive(Debug)]
pub struct StsOutcome {
    /// Why, in words for a person.
    pub reason: String,
    /// What is answered.
    pub result: Result<Body, ServiceError>,
}

impl From<Result<(Body, String), Refusal>> for StsOutcome {
    fn from(came: Result<(Body, String), Refusal>) -> Self {
        match came {
            Ok((body, reason)) => Self { reason, result: Ok(body) },
            Err(Refusal { error, reason }) => Self { reason, result: Err(error) },
        }
    }
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
