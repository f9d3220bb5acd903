//! How EKS Pod Identity assumes roles: its service the first, and that one the second if there is one.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html>

use attache_identifiers::{AccountId, RoleArn};
use attache_ledger::Tag;
use attache_ledger::state::{Account, Role};
use attache_policy::condition_keys::{AssumeRoleKeys, POD_IDENTITY_SERVICE, PrincipalKeys};
use attache_policy::{Principal, Request};

use super::assume_role::AssumeRequest;
use super::grant::Grant;
use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::{Call, Refusal};
use crate::access::{Caller, Identity, Session, context, org_policies};

/// AWS's: the seconds of a session, whatever its role's maximum.
const DURATION: i64 = 6 * 3600;

/// AWS's: the seconds of a target role's session, as of any that another session begins.
const CHAINED_DURATION: i64 = 3600;

/// What a pod is to get.
#[derive(Debug)]
pub(crate) struct Pod<'a> {
    /// A role of the cluster's account.
    pub(crate) role: &'a RoleArn,
    /// The role that the first one then assumes.
    pub(crate) target: Option<&'a RoleArn>,
    pub(crate) session_name: &'a str,
    /// Each of them passes on.
    pub(crate) tags: Vec<Tag>,
    /// What the target role may ask for.
    pub(crate) external_id: Option<String>,
    /// A session policy, of the role that the pod gets in the end.
    pub(crate) policy: Option<&'a str>,
    pub(crate) cluster_arn: &'a str,
    pub(crate) cluster_account: AccountId,
}

/// Begins the session, with the explanation of the last decision.
///
/// # Errors
/// Why not, in words for the journal: the caller learns only that it may not be.
pub(crate) fn assume_for_pod(
    call: &Call<'_>,
    pod: &Pod<'_>,
) -> Result<(Session, String), NotAssumed> {
    let (session, reason) = assume_first(call, pod).map_err(why)?;
    let Some(target) = pod.target else { return Ok((session, reason)) };
    let caller = Caller {
        account: session.account(),
        arn: session.arn(),
        user_id: session.user_id(),
        access_key: session.access_key.clone(),
        identity: Identity::Session(Box::new(session)),
        region: call.context.region.clone(),
    };
    assume_target(call, pod, &caller, target).map_err(why)
}

/// Why a pod gets no session, for the journal alone.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct NotAssumed {
    reason: String,
}

fn why(refusal: Refusal) -> NotAssumed {
    let Refusal { error, reason } = refusal;
    NotAssumed { reason: if reason.is_empty() { error.message } else { reason } }
}

/// EKS's service assumes the association's role: its trust policy alone decides.
fn assume_first(call: &Call<'_>, pod: &Pod<'_>) -> Result<(Session, String), Refusal> {
    let arn = pod.role;
    let account = call.state.account(arn.account()).filter(|account| !account.is_closed());
    let role = account.and_then(|account| account.roles.get(arn.name().as_str()));
    let role = role.filter(|role| role.arn == arn.to_string());
    let (Some(account), Some(role)) = (account, role) else {
        return Err(refused(format!("there is no role {arn}")));
    };
    let tags = tags(pod);
    let mut actions = vec!["sts:AssumeRole"];
    if !tags.requested.is_empty() {
        actions.push("sts:TagSession");
    }
    let mut reason = String::new();
    for action in actions {
        let decision_reason = trusted(call, pod, &tags, account, role, action)?;
        if reason.is_empty() {
            reason = decision_reason;
        }
    }
    // A session policy is for the last role.
    let policy = pod.policy.filter(|_| pod.target.is_none());
    let policies = SessionPolicies::read(policy, &[], call.state, account)?;
    policies.packed(&tags)?;
    let grant = Grant {
        role,
        arn: arn.clone(),
        session_name: pod.session_name,
        policies,
        tags,
        source_identity: None,
        provider: None,
        token: None,
        seconds: DURATION,
    };
    Ok((grant.session(call), reason))
}

fn trusted(
    call: &Call<'_>,
    pod: &Pod<'_>,
    tags: &SessionTags,
    account: &Account,
    role: &Role,
    action: &str,
) -> Result<String, Refusal> {
    let mut context = context::of_call(call.context);
    context::add_resource(&mut context, account.id, call.state);
    let principal = Principal::Service { name: POD_IDENTITY_SERVICE.to_owned() };
    PrincipalKeys::of(&principal).add_to(&mut context);
    // On AWS it is the cluster's ARN, not the association's.
    context::add_source(&mut context, pod.cluster_arn, pod.cluster_account, call.state);
    let keys = AssumeRoleKeys { session_name: Some(pod.session_name), ..AssumeRoleKeys::default() };
    context::add_assume_role(&mut context, keys, &tags.requested, &tags.transitive);
    let request = Request {
        principal,
        action: action.to_owned(),
        resource: pod.role.to_string(),
        resource_account: Some(account.id),
        context,
    };
    let decision = attache_policy::evaluate_trust(role.trust.set(), &request);
    let decision_reason = call.record_decision(&decision);
    if !decision.is_allowed() {
        return Err(refused(decision_reason));
    }
    match org_policies::resource_control_denial(call.state, account.id, role.trust.set(), &request)
    {
        Some(explanation) => Err(refused(call.record_explanation(explanation))),
        None => Ok(decision_reason),
    }
}

/// The association's role assumes the target role, as any session would; EKS sends the tags again.
fn assume_target(
    call: &Call<'_>,
    pod: &Pod<'_>,
    caller: &Caller,
    target: &RoleArn,
) -> Result<(Session, String), Refusal> {
    let tags = tags(pod);
    let request = AssumeRequest {
        call,
        caller,
        arn: target,
        session_name: pod.session_name,
        external_id: pod.external_id.as_deref(),
        tags: &tags,
        source_identity: None,
    };
    let (account, role, reason) = request.allowed()?;
    let policies = SessionPolicies::read(pod.policy, &[], call.state, account)?;
    policies.packed(&tags)?;
    let grant = Grant {
        role,
        arn: target.clone(),
        session_name: pod.session_name,
        policies,
        tags,
        source_identity: None,
        provider: None,
        token: None,
        seconds: CHAINED_DURATION,
    };
    Ok((grant.session(call), reason))
}

fn tags(pod: &Pod<'_>) -> SessionTags {
    let transitive = pod.tags.iter().map(|tag| tag.key.clone()).collect();
    SessionTags { requested: pod.tags.clone(), transitive, inherited: Vec::new() }
}

/// A refusal of which only the reason is of use.
fn refused(reason: String) -> Refusal {
    Refusal::new(crate::refusal::failure(), reason)
}
