//! The request that is to be decided.

use miette::miette;
use names::Arn;
use policy::{Context, PolicySet, Principal, Request};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Args, principal, token};

/// A request, and the token that it comes with.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) token: Option<token::Judged>,
}

/// Puts the request together.
pub(super) fn read(
    args: &Args,
    resource_policy: Option<&PolicySet>,
    now: OffsetDateTime,
) -> miette::Result<Asked> {
    let mut context = Context::new();
    context.set("aws:EpochTime", now.unix_timestamp().to_string());
    context.set("aws:CurrentTime", now.format(&Rfc3339).unwrap_or_default());
    context.set("aws:SecureTransport", "true");
    let owner = Arn::parse(&args.resource).ok().and_then(|arn| arn.account());
    let mut owner = args.resource_account.or(owner);
    let (principal, token) = match (&args.token, &args.principal) {
        (Some(given), _) => {
            let (read, judged) = token::judge(given, args.jwks.as_deref(), now)?;
            let trust = resource_policy.and_then(|set| set.policies().next());
            let trust = trust.map_or("", |policy| policy.text());
            let (principal, account) =
                token::principal(&read, &args.resource, trust, &mut context)?;
            owner = Some(account);
            (principal, Some(judged))
        }
        (None, Some(text)) => {
            let principal = principal::read(text)?;
            principal::add_keys(&principal, &mut context);
            (principal, None)
        }
        (None, None) => return Err(miette!("give --principal or --token")),
    };
    add_given(&args.context, &mut context)?;
    let action = match &args.action {
        Some(action) => well_formed(action)?.to_owned(),
        None => assume(&principal).to_owned(),
    };
    let resource = on(&args.resource)?.to_owned();
    let request = Request { principal, action, resource, resource_account: owner, context };
    Ok(Asked { request, token })
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
