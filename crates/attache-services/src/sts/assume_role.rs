//! `AssumeRole`: a caller becomes a session of another role.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::RoleArn;
use attache_ledger::state::{Account, Role};
use attache_policy::condition_keys::AssumeRoleKeys;
use attache_policy::{Context, Denial, Kind, Outcome, Request};

use super::grant::{Grant, duration};
use super::inputs::AssumeRole;
use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::{Call, Refusal, StsOutcome};
use crate::access::{Caller, context, org_policies, policies, sentence};
use crate::refusal::validation;
use crate::service::{Body, Permission};

/// Decides whether a caller may assume a role, and begins the session.
///
/// In this order: the role's ARN; the tags; the role, its trust policy and, where it leaves that to
/// the caller's account, the caller's own policies; the duration; the session policies.
pub(super) fn assume_role(call: &Call<'_>, caller: &Caller, input: AssumeRole<'_>) -> StsOutcome {
    assume(call, caller, input).into()
}

fn assume(
    call: &Call<'_>,
    caller: &Caller,
    input: AssumeRole<'_>,
) -> Result<(Body, String), Refusal> {
    let arn = input.role_arn;
    let arn = RoleArn::parse(arn).map_err(|_| validation(format!("{arn} is invalid")))?;
    let session = caller.session();
    let tags = SessionTags::read(input.tags, input.transitive_tag_keys, session)?;
    if input.token_code.is_some() || input.serial_number.is_some() {
        // There are no MFA devices: no code can be right.
        let message = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
        return Err(ServiceError::new(403, "AccessDenied", message).into());
    }
    // A source identity stays with all that follows from the session that has it.
    let inherited = session.and_then(|session| session.source_identity.clone());
    let requested = input.source_identity;
    let request = AssumeRequest {
        call,
        caller,
        arn: &arn,
        session_name: input.role_session_name,
        external_id: input.external_id,
        tags: &tags,
        source_identity: requested.as_deref(),
    };
    if caller.federated().is_some() {
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
        let reason = "a federated user's session may ask STS for its identity alone";
        return Err(request.refused("sts:AssumeRole", reason));
    }
    if inherited.is_some() && requested.is_some() && inherited != requested {
        return Err(
            request.refused("sts:SetSourceIdentity", "the session has another source identity")
        );
    }
    let (account, role, reason) = request.allowed()?;
    let seconds = duration(input.duration_seconds, role, session.is_some())?;
    let policies = SessionPolicies::read(input.policy, &input.policy_arns, call.state, account)?;
    let packed = policies.packed(&tags)?;
    let source_identity = requested.or(inherited);
    let grant = Grant {
        role,
        arn,
        session_name: input.role_session_name,
        policies,
        tags,
        source_identity,
        provider: None,
        token: None,
        seconds,
    };
    let issued = grant.issue(call, packed, input.minimum_session_token_size)?;
    Ok((Body::Session(Box::new(issued)), reason))
}

/// A caller's request for a role.
pub(super) struct AssumeRequest<'a, 's> {
    pub(super) call: &'a Call<'s>,
    pub(super) caller: &'a Caller,
    pub(super) arn: &'a RoleArn,
    pub(super) session_name: &'a str,
    pub(super) external_id: Option<&'a str>,
    pub(super) tags: &'a SessionTags,
    pub(super) source_identity: Option<&'a str>,
}

impl<'s> AssumeRequest<'_, 's> {
    /// The role, if there is one and all policies allow, with the explanation of the decision.
    pub(super) fn allowed(&self) -> Result<(&'s Account, &'s Role, String), Refusal> {
        let account = self.call.state.account(self.arn.account());
        let role = account.and_then(|account| account.roles.get(self.arn.name().as_str()));
        let role = role.filter(|role| role.arn == self.arn.to_string());
        let account = account.filter(|account| !account.is_closed());
        let (Some(account), Some(role)) = (account, role) else {
            return Err(self.refused("sts:AssumeRole", format!("there is no role {}", self.arn)));
        };
        // What the calling session passes on is set anew, and must be allowed like what the request brings.
        let inherited = self.caller.session().is_some_and(|found| found.source_identity.is_some());
        let mut actions = vec!["sts:AssumeRole"];
        if !self.tags.requested.is_empty() || !self.tags.inherited.is_empty() {
            actions.push("sts:TagSession");
        }
        if self.source_identity.is_some() || inherited {
            actions.push("sts:SetSourceIdentity");
        }
        let mut reason = String::new();
        for action in actions {
            let decided = self.decide(action, account, role)?;
            if reason.is_empty() {
                reason = decided;
            }
        }
        Ok((account, role, reason))
    }

    /// All policies decide together; a trust policy must allow within its account too.
    fn decide(&self, action: &str, account: &Account, role: &Role) -> Result<String, Refusal> {
        let request = Request {
            principal: self.caller.principal(),
            action: action.to_owned(),
            resource: self.arn.to_string(),
            resource_account: Some(account.id),
            context: self.context(account, role),
        };
        let mut all = policies::of_caller(self.call.state, self.caller);
        all.resource = Some(role.trust.set().clone());
        org_policies::of_owner(&mut all, self.call.state, account.id);
        let explanation = attache_policy::evaluate(&all, &request).explain();
        let reason = self.call.record_explanation(explanation.clone());
        match explanation.outcome {
            Outcome::Allowed { .. } => Ok(reason),
            Outcome::Denied(denial) if self.names_policy(denial) => {
                let permission = Permission { action: request.action, resource: request.resource };
                let (protocol, caller) = (Protocol::Query, &self.caller.arn);
                let sentence_text = sentence::refused(protocol, &explanation, caller, &permission);
                Err(Refusal::new(ServiceError::new(403, "AccessDenied", sentence_text), reason))
            }
            Outcome::Denied(_) => Err(self.refused(action, reason)),
        }
    }

    /// Whether the refusal names the policy: one of its own organization's, if the role is
    /// in that as well, or a deny among its own.
    fn names_policy(&self, denial: Denial) -> bool {
        let of = |account| self.call.state.organization_of(account).map(|found| found.management);
        let (caller, owner) = (self.caller.account, self.arn.account());
        let together = caller == owner || (of(caller).is_some() && of(caller) == of(owner));
        match denial {
            Denial::Explicit(Kind::Trust) => false,
            Denial::Explicit(_) => together,
            Denial::Implicit(kind) => {
                together && matches!(kind, Kind::ServiceControl | Kind::ResourceControl)
            }
        }
    }

    fn context(&self, account: &Account, role: &Role) -> Context {
        let Self { call, caller, tags, .. } = self;
        let mut context = context::of_call(call.context);
        context::add_caller(&mut context, caller, call.state);
        context::add_resource(&mut context, account.id, call.state);
        let keys = AssumeRoleKeys {
            session_name: Some(self.session_name),
            external_id: self.external_id,
            source_identity: self.source_identity,
            ..AssumeRoleKeys::default()
        };
        context::add_assume_role(&mut context, keys, &tags.all(), &tags.all_transitive());
        context::add_resource_tags(&mut context, Some("iam"), role.tags.iter());
        context
    }

    fn refused(&self, action: &str, reason: impl Into<String>) -> Refusal {
        let (caller, arn) = (&self.caller.arn, self.arn);
        let message =
            format!("User: {caller} is not authorized to perform: {action} on resource: {arn}");
        Refusal::new(ServiceError::new(403, "AccessDenied", message), reason)
    }
}
