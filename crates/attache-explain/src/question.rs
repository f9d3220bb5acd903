//! A question, and the way from it to an answer.

use attache_identifiers::{AccountId, RoleArn};
use attache_policy::{Context, EffectivePolicies, RequiredPolicy};
use time::OffsetDateTime;

use crate::token::TokenCaller;
use crate::verdict::{Decision, Verdict};
use crate::{ExplainError, alternatives, notes, request, verdict};

/// May this principal do that, by these documents?
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The documents that apply.
    pub policies: &'q EffectivePolicies,
    /// The caller.
    pub caller: Caller<'q>,
    /// `s3:GetObject`; by default what a trust policy is about: `sts:AssumeRole`, or
    /// `sts:AssumeRoleWithWebIdentity` with a token.
    pub action: Option<&'q str>,
    /// An ARN, or `*` for an action that takes none.
    pub resource: &'q str,
    /// The resource's account, where its ARN names none.
    pub resource_account: Option<AccountId>,
    /// The condition keys that are given. They win over what is known of the principal.
    pub given: &'q Context,
    /// The time of the call.
    pub now: OffsetDateTime,
}

/// The caller.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'q> {
    /// A principal with credentials, a service, an identity provider, or anyone.
    Principal(PrincipalCaller<'q>),
    /// The holder of a web identity token.
    Token(TokenCaller<'q>),
}

/// A principal, by its name.
#[derive(Debug, Clone, Copy)]
pub struct PrincipalCaller<'q> {
    /// An ARN (a role's means a session of it), a 12-digit account for its root user, a service, or
    /// `anonymous`.
    pub name: &'q str,
    /// The principal's own role, path and all, where the principal is a session.
    pub role: Option<&'q RoleArn>,
    /// Whether EKS Pod Identity passes its session tags, where it is the service that calls.
    pub session_tags: bool,
    /// The token that began the session, where the principal is one of a role.
    pub began_by: Option<TokenCaller<'q>>,
}

impl<'q> Caller<'q> {
    /// A principal of which nothing is known but its name.
    #[must_use]
    pub fn principal(name: &'q str) -> Self {
        Self::Principal(PrincipalCaller { name, role: None, session_tags: true, began_by: None })
    }
}

/// Decides a question.
///
/// # Errors
/// [`ExplainError`] when the question means no request.
pub fn explain(question: &Question<'_>) -> Result<Verdict, ExplainError> {
    let policies = question.policies;
    let mut prepared = request::of(question)?;
    let required = RequiredPolicy::of(&prepared.request.action, &prepared.request.resource);
    let mut open = alternatives::of(policies, &mut prepared.request, prepared.details, required);
    open.extend(prepared.open.take());
    let request = &prepared.request;
    let evaluation =
        verdict::Evaluation { policies, request, owner: prepared.owner, required, open: &open };
    let mut verdict = evaluation.decide();
    if let Some(unknown) = prepared.unknown
        && verdict.decision != Decision::Denied
    {
        verdict.set_unknown(unknown, request);
    }
    notes::add(&mut verdict, policies, request, prepared.details);
    Ok(verdict)
}
