//! `AssumeRoleWithWebIdentity`: a token becomes a session.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>

use attache_identifiers::{AccountId, RoleArn};
use attache_ledger::Tag;
use attache_ledger::state::{Account, Provider, Role};
use attache_oidc::{UnverifiedToken, VerifiedToken};
use attache_policy::condition_keys::AssumeRoleKeys;
use attache_policy::{Principal, Request, TokenClaims, WebIdentity};

use super::grant::{Grant, duration};
use super::inputs::AssumeRoleWithWebIdentity;
use super::session_policies::SessionPolicies;
use super::session_tags::SessionTags;
use super::{Call, Refusal, StsOutcome, refused};
use crate::access::{SessionToken, context, org_policies};
use crate::refusal::validation;
use crate::service::Body;

/// AWS's: what a plain web identity takes of a session's space, in percent, as seen on STS.
const PACKED_WEB_IDENTITY: usize = 25;

/// Checks a token and begins a session of the role.
///
/// In this order, and the first failure is the answer: the role's ARN; the name of an OAuth provider, which
/// no JWT goes with; the token's shape; the provider
/// *in the role's account* for the token's issuer; its audience; the issuer's keys; signature and
/// times; the claims that mean something to AWS; the role and its trust policy; the duration; the
/// session policies.
pub(super) fn assume_role_with_web_identity(
    call: &Call<'_>,
    input: &AssumeRoleWithWebIdentity<'_>,
) -> (RequesterIdentity, StsOutcome) {
    let arn = RoleArn::parse(input.role_arn).ok();
    // The journal files the call under the role's account, as CloudTrail does.
    let account = arn.as_ref().map(RoleArn::account);
    let account = account.filter(|account| call.state.account(*account).is_some());
    let mut principal = String::new();
    let outcome = assume(call, input, arn, &mut principal).into();
    (RequesterIdentity { principal, account }, outcome)
}

/// The requester, as the journal has it.
#[derive(Debug)]
pub struct RequesterIdentity {
    /// Empty where the token does not say.
    pub principal: String,
    /// The account of the requested role, if there is one.
    pub account: Option<AccountId>,
}

fn assume(
    call: &Call<'_>,
    input: &AssumeRoleWithWebIdentity<'_>,
    arn: Option<RoleArn>,
    principal: &mut String,
) -> Result<(Body, String), Refusal> {
    let arn_text = input.role_arn;
    let arn = arn.ok_or_else(|| validation(format!("{arn_text} is invalid")))?;
    if let Some(provider_id) = input.provider_id {
        return Err(refused::oauth_provider(provider_id));
    }
    // A token that a shell wrote into a file ends in a line feed, and `file://` sends it along.
    let read = UnverifiedToken::parse(input.web_identity_token.trim_ascii());
    let read = read.map_err(|e| refused::token(&e))?;
    let (account, provider) = provider(call, &arn, &read)?;
    let audience = read.require_audience(&provider.client_ids);
    let audience = audience.map_err(|e| refused::token(&e))?.to_owned();
    // CloudTrail's name for a web identity. It is not proved yet; the journal has it all the same.
    *principal = format!("{}:{audience}:{}", provider.arn, read.subject());
    let jwks = call.keys(&read, &provider.thumbprints);
    let jwks = jwks.map_err(|why| refused::no_keys(read.issuer(), why))?;
    let verified = read.verify(&jwks, call.context.now).map_err(|e| refused::token(&e))?;
    let claims = TokenClaims::read(verified.claims().as_slice());
    let claims =
        claims.map_err(|wrong| Refusal::from(refused::invalid_identity(wrong.to_string())))?;
    let tags =
        claims.tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() });
    let tags = SessionTags::read(tags.collect(), claims.transitive_tag_keys.clone(), None)?;
    if claims.roles.as_ref().is_some_and(|roles| !roles.iter().any(|role| role == arn_text)) {
        return Err(refused::role_not_listed(arn_text));
    }
    let request = AssumeRequest {
        call,
        input,
        account,
        provider,
        token: &verified,
        audience: &audience,
        arn: &arn,
        claims: &claims,
    };
    let (role, reason) = request.trusted()?;
    let seconds = duration(input.duration_seconds, role, false)?;
    let policies = SessionPolicies::read(input.policy, &input.policy_arns, call.state, account)?;
    let packed = PACKED_WEB_IDENTITY + policies.packed(&tags)?.unwrap_or(0);
    let methods = request.web_identity().methods();
    let subject = verified.subject().to_owned();
    let token = SessionToken { subject, audience: audience.clone(), methods };
    let provider = Some(provider.arn.clone());
    let grant = Grant {
        role,
        arn,
        session_name: input.role_session_name,
        policies,
        tags,
        source_identity: claims.source_identity,
        provider: provider.clone(),
        token: Some(token),
        seconds,
    };
    let minimum = input.minimum_session_token_size;
    let mut issued = grant.issue(call, Some(packed.min(100)), minimum)?;
    issued.subject_from_web_identity_token = Some(verified.subject().to_owned());
    issued.audience = Some(audience);
    issued.provider = provider;
    Ok((Body::Session(Box::new(issued)), reason))
}

/// The provider of the token's issuer in the role's account.
fn provider<'s>(
    call: &Call<'s>,
    arn: &RoleArn,
    token: &UnverifiedToken,
) -> Result<(&'s Account, &'s Provider), Refusal> {
    let issuer = token.issuer();
    // A provider's URL is compared as text, its scheme too.
    let url = issuer.strip_prefix("https://").unwrap_or_default();
    let Some(account) = call.state.account(arn.account()) else {
        let reason = format!("there is no account {}", arn.account());
        return Err(refused::no_provider(issuer, reason));
    };
    let found = account.providers.get(url).map(|provider| (account, provider));
    found.ok_or_else(|| {
        let registered: Vec<&str> = account.providers.keys().map(String::as_str).collect();
        let reason = match registered.as_slice() {
            [] => format!("the account {} has no OIDC provider", account.id),
            some => format!("the account {} has only {}", account.id, some.join(", ")),
        };
        refused::no_provider(issuer, reason)
    })
}

/// The request for a role of a verified token's holder.
struct AssumeRequest<'a, 's> {
    call: &'a Call<'s>,
    input: &'a AssumeRoleWithWebIdentity<'a>,
    account: &'s Account,
    provider: &'s Provider,
    token: &'a VerifiedToken,
    audience: &'a str,
    arn: &'a RoleArn,
    claims: &'a TokenClaims,
}

impl<'s> AssumeRequest<'_, 's> {
    /// The role, if there is one and its trust policy allows: also the tags and the source identity
    /// where the token brings any. With the explanation of the decision.
    fn trusted(&self) -> Result<(&'s Role, String), Refusal> {
        let role = self.account.roles.get(self.arn.name().as_str());
        let role = role.filter(|role| role.arn == self.input.role_arn);
        let role = role.filter(|_| !self.account.is_closed());
        let role =
            role.ok_or_else(|| refused::not_authorized(format!("there is no role {}", self.arn)))?;
        let mut actions = vec!["sts:AssumeRoleWithWebIdentity"];
        if !self.claims.tags.is_empty() {
            actions.push("sts:TagSession");
        }
        if self.claims.source_identity.is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        let mut reason = String::new();
        for action in actions {
            let request = self.request(action);
            let decision = attache_policy::evaluate_trust(role.trust.set(), &request);
            let decided = self.call.record_decision(&decision);
            if !decision.is_allowed() {
                return Err(refused::not_authorized(decided));
            }
            let resource_control = org_policies::resource_control_denial(
                self.call.state,
                self.account.id,
                role.trust.set(),
                &request,
            );
            if let Some(explanation) = resource_control {
                return Err(refused::not_authorized(self.call.record_explanation(explanation)));
            }
            if reason.is_empty() {
                reason = decided;
            }
        }
        Ok((role, reason))
    }

    fn web_identity(&self) -> WebIdentity<'_> {
        WebIdentity {
            provider_arn: &self.provider.arn,
            issuer: &self.provider.url,
            audience: self.audience,
            subject: self.token.subject(),
            claims: self.token.claims().as_slice(),
            account: self.account.id,
        }
    }

    fn request(&self, action: &str) -> Request {
        let Self { call, input, account, provider, claims, .. } = self;
        let mut context = context::of_call(call.context);
        context::add_resource(&mut context, account.id, call.state);
        let seconds = input.duration_seconds.map(|seconds| seconds.to_string());
        let keys = AssumeRoleKeys {
            session_name: Some(input.role_session_name),
            duration_seconds: seconds.as_deref(),
            ..AssumeRoleKeys::default()
        };
        claims.add_to(&mut context, keys);
        context.add_web_identity(&self.web_identity());
        Request {
            principal: Principal::WebIdentity { provider_arn: provider.arn.clone() },
            action: action.to_owned(),
            resource: input.role_arn.to_owned(),
            resource_account: Some(account.id),
            context,
        }
    }
}
