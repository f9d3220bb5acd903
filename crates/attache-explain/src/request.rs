//! The request that a question means.

use attache_identifiers::{AccountId, Arn, PrincipalArn, RoleArn};
use attache_policy::condition_keys::{CallKeys, PrincipalKeys};
use attache_policy::{Context, Policy, Principal, Request, Values};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::alternatives::{Alternative, GivenDetails, OpenDetail};
use crate::token::{TokenCaller, TokenRequest};
use crate::{
    Caller, ExplainError, PrincipalCaller, Question, calls, principal, service_source, user_id,
};

/// A request, and what it leaves open.
pub(crate) struct PreparedRequest {
    pub(crate) request: Request,
    /// The account of what is asked for, where that is known.
    pub(crate) owner: Option<AccountId>,
    pub(crate) details: GivenDetails,
    /// Alternative accounts in which a token's role may be.
    pub(crate) open: Option<OpenDetail>,
    /// What the token leaves open.
    pub(crate) unknown: Option<String>,
}

/// Puts the request together.
pub(crate) fn of(question: &Question<'_>) -> Result<PreparedRequest, ExplainError> {
    let resource = on(question.resource)?.to_owned();
    let owner = Arn::parse(&resource).ok().and_then(|arn| arn.account());
    let owner = match (owner, question.resource_account) {
        (Some(in_arn), Some(given)) if in_arn != given => {
            return Err(ExplainError::ResourceAccount { resource, owner: in_arn, given });
        }
        (in_arn, given) => in_arn.or(given),
    };
    match question.caller {
        Caller::Token(caller) => {
            let trust = question.policies.resource.as_ref().and_then(|set| set.policies().next());
            by_token(question, caller, &resource, owner, trust)
        }
        Caller::Principal(caller) => by_principal(question, caller, resource, owner),
    }
}

fn by_token(
    question: &Question<'_>,
    caller: TokenCaller<'_>,
    resource: &str,
    owner: Option<AccountId>,
    trust: Option<&Policy>,
) -> Result<PreparedRequest, ExplainError> {
    let token_request = TokenRequest::new(caller, resource, owner, trust)?;
    let request = |account: AccountId| {
        let mut context = of_call(question.now, None);
        let principal = token_request.principal(account, &mut context);
        request(question, principal, resource.to_owned(), Some(account), context)
    };
    let (first, others) = token_request.accounts();
    let first = first.ok_or(ExplainError::RoleAccount)?;
    let others = others.iter().map(|account| {
        Ok(Alternative {
            what: "the role's account, guessed from the provider that its trust policy names,",
            option: "the role's ARN, --resource arn:aws:iam::ACCOUNT:role/NAME".to_owned(),
            description: format!("a role of an account other than {first}"),
            certain: false,
            request: request(*account)?,
        })
    });
    let others = others.collect::<Result<Vec<_>, ExplainError>>()?;
    let limited = caller.claims.roles.is_some() && resource == "*";
    let unknown = limited.then(|| {
        "the token's claim https://aws.amazon.com/roles lists roles, and which one is asked for is not \
         known: give --resource arn:aws:iam::ACCOUNT:role/NAME"
            .to_owned()
    });
    Ok(PreparedRequest {
        request: request(first)?,
        owner,
        details: GivenDetails::default(),
        open: OpenDetail::of(false, others),
        unknown,
    })
}

fn by_principal(
    question: &Question<'_>,
    caller: PrincipalCaller<'_>,
    resource: String,
    owner: Option<AccountId>,
) -> Result<PreparedRequest, ExplainError> {
    let PrincipalCaller { name, role, session_tags, began_by } = caller;
    let mut principal = principal::read(name)?;
    let is_session = matches!(PrincipalArn::parse(name), Ok(PrincipalArn::Session(_)));
    let mut details = GivenDetails { path: !is_session, session: is_session, user_id: false };
    if let Some(role) = role {
        principal::set_role(&mut principal, role)?;
        details.path = true;
    }
    // A resource's region is that of the endpoint that is called.
    let arn = Arn::parse(&resource).ok();
    let region = arn.as_ref().map(Arn::region).filter(|region| !region.is_empty());
    let mut context = of_call(question.now, region);
    let id = user_id::example(&principal);
    let keys = PrincipalKeys { user_id: id.as_deref(), ..PrincipalKeys::of(&principal) };
    match began_by {
        Some(token) => token.add_to_session(keys, &mut context)?,
        None => keys.add_to(&mut context),
    }
    if session_tags {
        calls::add_pod_tags(&principal, &mut context);
    }
    let given = question.given;
    let mut request = request(question, principal, resource, owner, context)?;
    // The key says what the session's ARN does not.
    if let Some(given) = given.get("aws:PrincipalArn").and_then(Values::only) {
        details.path = true;
        if let Ok(role_arn) = RoleArn::parse(given)
            && role.is_none()
        {
            // One that is another role's is what the key has, and no more.
            drop(principal::set_role(&mut request.principal, &role_arn));
        }
    }
    details.user_id = id.is_none() || given.get("aws:userid").is_some();
    Ok(PreparedRequest { request, owner, details, open: None, unknown: None })
}

/// The keys of any call.
fn of_call(now: OffsetDateTime, region: Option<&str>) -> Context {
    let (date, seconds) = (now.format(&Rfc3339).unwrap_or_default(), now.unix_timestamp());
    let seconds = seconds.to_string();
    let mut context = Context::new();
    CallKeys { time: Some((&date, &seconds)), region, ..CallKeys::default() }.add_to(&mut context);
    context
}

fn request(
    question: &Question<'_>,
    principal: Principal,
    resource: String,
    resource_account: Option<AccountId>,
    mut context: Context,
) -> Result<Request, ExplainError> {
    service_source::add_accounts(&principal, resource_account, &mut context);
    for key in question.given.keys() {
        context.set_many(key, question.given.get(key).into_iter().flat_map(Values::iter));
    }
    let action = match question.action {
        Some(action) => well_formed(action)?.to_owned(),
        None => assume(&principal).to_owned(),
    };
    Ok(Request { principal, action, resource, resource_account, context })
}

/// An action as a request has it: of one service, and no pattern.
fn well_formed(action: &str) -> Result<&str, ExplainError> {
    let parts = action.split_once(':');
    let named = parts.is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if !named || action.contains(['*', '?', ' ']) {
        return Err(ExplainError::Action(action.to_owned()));
    }
    Ok(action)
}

/// A resource as a request has it: `*`, or an ARN.
fn on(resource: &str) -> Result<&str, ExplainError> {
    if resource == "*" {
        return Ok(resource);
    }
    Arn::parse(resource).map_err(ExplainError::Resource)?;
    Ok(resource)
}

/// What a trust policy is asked by default.
fn assume(principal: &Principal) -> &'static str {
    match principal {
        Principal::WebIdentity { provider_arn } if provider_arn.contains(":saml-provider/") => {
            "sts:AssumeRoleWithSAML"
        }
        Principal::WebIdentity { .. } => "sts:AssumeRoleWithWebIdentity",
        _ => "sts:AssumeRole",
    }
}
