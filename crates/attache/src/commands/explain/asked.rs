//! The request that is to be decided.

use attache_identifiers::{AccountId, Arn, RoleArn};
use attache_policy::condition_keys::{CallKeys, PrincipalKeys};
use attache_policy::{Context, Policy, PolicySet, Principal, Request, Values};
use miette::miette;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::alternatives::{Open, Other, Told};
use super::{Args, calls, principal, token, user_id};

/// A request, what it leaves open, and the token that it comes with.
pub(super) struct Asked {
    pub(super) request: Request,
    /// The account of what is asked for, where that is known.
    pub(super) owner: Option<AccountId>,
    pub(super) told: Told,
    pub(super) token: Option<token::Judged>,
    /// Other accounts in which a token's role may be.
    pub(super) open: Option<Open>,
    /// What the token leaves open.
    pub(super) unknown: Option<String>,
}

/// Puts the request together.
pub(super) fn read(
    args: &Args,
    resource_policy: Option<&PolicySet>,
    now: OffsetDateTime,
) -> miette::Result<Asked> {
    let resource = on(&args.resource)?.to_owned();
    let owner = Arn::parse(&resource).ok().and_then(|arn| arn.account());
    let owner = match (owner, args.resource_account) {
        (Some(own), Some(given)) if own != given => {
            return Err(miette!(
                "{resource} is of the account {own}, and --resource-account is {given}"
            ));
        }
        (own, given) => own.or(given),
    };
    match (&args.token, &args.principal) {
        (Some(given), _) => {
            let trust = resource_policy.and_then(|set| set.policies().next());
            by_token(args, given, &resource, owner, trust, now)
        }
        (None, Some(text)) => by_principal(args, text, resource, owner, now),
        (None, None) => Err(miette!("give --principal or --token")),
    }
}

fn by_token(
    args: &Args,
    given: &str,
    resource: &str,
    owner: Option<AccountId>,
    trust: Option<&Policy>,
    now: OffsetDateTime,
) -> miette::Result<Asked> {
    let (read, claims, judged) = token::judge(given, args.jwks.as_deref(), resource, now)?;
    let asks = token::TokenRequest::new(&read, &claims, resource, owner, trust)?;
    let request = |account: AccountId| {
        let mut context = of_call(now);
        let principal = asks.principal(account, &mut context);
        request(args, principal, resource.to_owned(), Some(account), context)
    };
    let (first, others) = asks.accounts();
    let first = first.ok_or_else(|| miette!("the role's account is not known"))?;
    let others = others.iter().map(|account| {
        let is = format!("a role of an account other than {first}");
        Ok(Other { is, certain: false, request: request(*account)? })
    });
    let open = Open {
        what: "the role's account, guessed from the provider that its trust policy names,",
        option: "the role's ARN, --resource arn:aws:iam::ACCOUNT:role/NAME".to_owned(),
        told: false,
        others: others.collect::<miette::Result<_>>()?,
    };
    let limited = claims.roles.is_some() && resource == "*";
    let unknown = limited.then(|| {
        "the token's claim https://aws.amazon.com/roles lists roles, and which one is asked for is not \
         known: give --resource arn:aws:iam::ACCOUNT:role/NAME"
            .to_owned()
    });
    Ok(Asked {
        request: request(first)?,
        owner,
        told: Told::default(),
        token: Some(judged),
        open: (!open.others.is_empty()).then_some(open),
        unknown,
    })
}

fn by_principal(
    args: &Args,
    text: &str,
    resource: String,
    owner: Option<AccountId>,
    now: OffsetDateTime,
) -> miette::Result<Asked> {
    let mut principal = principal::read(text)?;
    let is_session = text.contains(":assumed-role/");
    let mut told = Told { path: !is_session, session: is_session, user_id: false };
    if let Some(role) = &args.role_arn {
        principal::set_role(&mut principal, role)?;
        told.path = true;
    }
    let mut context = of_call(now);
    let id = user_id::example(&principal);
    PrincipalKeys { user_id: id.as_deref(), ..PrincipalKeys::of(&principal) }.add_to(&mut context);
    if !args.disable_session_tags {
        calls::add_pod_tags(&principal, &mut context);
    }
    let mut request = request(args, principal, resource, owner, context)?;
    // The key says what the session's ARN does not.
    let mut given = Context::new();
    add_given(&args.context, &mut given)?;
    if let Some(given) = given.get("aws:PrincipalArn").and_then(Values::only) {
        told.path = true;
        if let Ok(role) = RoleArn::parse(given)
            && args.role_arn.is_none()
        {
            // One that is another role's is what the key has, and no more.
            drop(principal::set_role(&mut request.principal, &role));
        }
    }
    told.user_id = id.is_none() || given.get("aws:userid").is_some();
    Ok(Asked { request, owner, told, token: None, open: None, unknown: None })
}

/// The keys of any call.
fn of_call(now: OffsetDateTime) -> Context {
    let (date, seconds) = (now.format(&Rfc3339).unwrap_or_default(), now.unix_timestamp());
    let seconds = seconds.to_string();
    let mut context = Context::new();
    CallKeys { time: Some((&date, &seconds)), ..CallKeys::default() }.add_to(&mut context);
    context
}

fn request(
    args: &Args,
    principal: Principal,
    resource: String,
    resource_account: Option<AccountId>,
    mut context: Context,
) -> miette::Result<Request> {
    add_given(&args.context, &mut context)?;
    let action = match &args.action {
        Some(action) => well_formed(action)?.to_owned(),
        None => assume(&principal).to_owned(),
    };
    Ok(Request { principal, action, resource, resource_account, context })
}

/// An action as a request has it: of one service, and no pattern.
fn well_formed(action: &str) -> miette::Result<&str> {
    let parts = action.split_once(':');
    let named = parts.is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if !named || action.contains(['*', '?', ' ']) {
        let help = "write the service and the action, such as s3:GetObject";
        return Err(miette!(help = help, "{action:?} is no action that can be asked for"));
    }
    Ok(action)
}

/// A resource as a request has it: `*`, or an ARN.
fn on(resource: &str) -> miette::Result<&str> {
    if resource == "*" {
        return Ok(resource);
    }
    Arn::parse(resource).map_err(|error| {
        let help = "give its ARN, or * for an action that takes none";
        miette!(help = help, "the resource cannot be read: {error}")
    })?;
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

/// Adds the keys that were given; they hide what was known before.
fn add_given(given: &[String], context: &mut Context) -> miette::Result<()> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |key: &str, values: Vec<String>| match keys
        .iter_mut()
        .find(|(own, _)| own.eq_ignore_ascii_case(key))
    {
        Some((_, own)) => own.extend(values),
        None => keys.push((key.to_owned(), values)),
    };
    for text in given {
        if text.trim_start().starts_with('{') {
            let read: Map<String, Value> = serde_json::from_str(text)
                .map_err(|error| miette!("--context is no JSON object: {error}"))?;
            for (key, value) in read {
                add(&key, values(&key, value)?);
            }
        } else {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                let help = "write --context aws:SourceIp=10.0.0.1, or a JSON object";
                miette!(help = help, "{text:?} is no condition key with a value")
            })?;
            add(key, vec![value.to_owned()]);
        }
    }
    for (key, values) in keys {
        context.set_many(&key, values);
    }
    Ok(())
}

fn values(key: &str, value: Value) -> miette::Result<Vec<String>> {
    match value {
        Value::Array(items) => {
            let items = items.into_iter().map(|item| values(key, item));
            Ok(items.collect::<miette::Result<Vec<_>>>()?.into_iter().flatten().collect())
        }
        Value::String(text) => Ok(vec![text]),
        Value::Bool(_) | Value::Number(_) => Ok(vec![value.to_string()]),
        Value::Null | Value::Object(_) => Err(miette!(
            "the value of the condition key {key} must be text, a number, a bool or a list of those"
        )),
    }
}
