//! Why a call was refused.
//!
//! Of a session's own calls AWS's sentence names the kind of policy. One sentence of STS has many causes:
//! there the role's trust policy, as it is now, is asked about the token that the record describes.

use attache_identifiers::ProviderArn;
use attache_policy::condition_keys::AssumeRoleKeys;
use attache_policy::{Context, Decision, Outcome, Principal, Request, WebIdentity, evaluate_trust};
use serde_json::json;

use crate::caller::Caller;
use crate::last_use::RoleNow;
use crate::record::Record;

/// STS's answer to whoever a trust policy does not let in.
const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

/// STS's answer to a token that it could not validate, whatever it is that is wrong with it.
const NOT_VALIDATED: &str = "could not be validated";

/// The cause of a refusal, in words.
pub(crate) fn of(record: &Record, code: &str, message: &str, role: &RoleNow) -> String {
    if record.operation == "AssumeRoleWithWebIdentity" {
        return of_token(record, code, message, role);
    }
    by_policy(message).unwrap_or_else(|| said(code, message))
}

fn said(code: &str, message: &str) -> String {
    if message.is_empty() { format!("AWS said only {code}") } else { message.to_owned() }
}

/// What AWS's sentence says of the policies: `no identity-based policy allows the ... action`.
fn by_policy(message: &str) -> Option<String> {
    let because = message.split_once(" because ").map(|(_, why)| why);
    let explicit = || message.find("with an explicit deny").and_then(|at| message.get(at..));
    let why = because.or_else(explicit)?.trim_end_matches('.');
    // An encoded message follows after a full stop.
    Some(why.split(". ").next().unwrap_or(why).to_owned())
}

fn of_token(record: &Record, code: &str, message: &str, role: &RoleNow) -> String {
    if message.contains(NOT_VALIDATED) {
        return "the token is not valid for the account's provider: its audience is none of the client \
                IDs, or its signature or a claim is wrong; `attache verify -f FILE --token TOKEN` says \
                which"
            .to_owned();
    }
    if !message.starts_with(NOT_AUTHORIZED) && !message.is_empty() {
        return said(code, message);
    }
    match role {
        RoleNow::None => "there is no such role".to_owned(),
        RoleNow::Unread(why) => {
            format!("not known: the role's trust policy could not be read: {why}")
        }
        RoleNow::Found { trust: None, .. } => {
            "not known: the role's trust policy is none".to_owned()
        }
        RoleNow::Found { trust: Some(trust), .. } => match request(record) {
            None => "not known: the record does not describe the token".to_owned(),
            Some(request) => words(&evaluate_trust(trust, &request)),
        },
    }
}

/// The request that the record is of. Its token's other claims are not in it.
fn request(record: &Record) -> Option<Request> {
    let Caller::WebIdentity { provider: Some(provider), subject, audience } = &record.caller else {
        return None;
    };
    let arn = ProviderArn::parse(provider).ok()?;
    let audience = audience.as_deref()?;
    let claims = [("sub".to_owned(), json!(subject)), ("aud".to_owned(), json!(audience))];
    let mut context = Context::default();
    context.add_web_identity(&WebIdentity {
        provider_arn: provider,
        issuer: arn.host_and_path(),
        audience,
        subject,
        claims: &claims,
        account: arn.account(),
    });
    AssumeRoleKeys { session_name: record.session_name.as_deref(), ..AssumeRoleKeys::default() }
        .add_to(&mut context);
    let principal = Principal::WebIdentity { provider_arn: provider.clone() };
    let resource = record.role.clone()?;
    Some(Request {
        principal,
        action: "sts:AssumeRoleWithWebIdentity".to_owned(),
        resource,
        resource_account: Some(arn.account()),
        context,
    })
}

/// What a trust policy says to a token.
fn words(decision: &Decision<'_>) -> String {
    if matches!(decision.outcome(), Outcome::Allowed { .. }) {
        return "the trust policy allows this token now: it was changed since, or had not reached \
                every region"
            .to_owned();
    }
    let explanation = decision.explain();
    if let Some(place) = explanation.decided_by.first() {
        return format!("statement {} of the trust policy denies it", place.statement);
    }
    let Some(miss) = explanation.misses.first() else {
        return "no statement of the trust policy is for a token of this provider".to_owned();
    };
    let (wanted, got) = (miss.wanted.join(", "), miss.got.join(", "));
    let got = if got.is_empty() { "nothing".to_owned() } else { got };
    format!(
        "the trust policy wants {} {wanted}, and the token has {got}",
        miss.element.trim_start_matches("Condition ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awss_sentences_name_the_kind_of_policy() {
        for (message, cause) in [
            (
                "User: arn:aws:sts::222222222222:assumed-role/R/s is not authorized to perform: \
                 ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action",
                "no identity-based policy allows the ec2:DescribeVpcs action",
            ),
            (
                "You are not authorized to perform this operation. User: a is not authorized to perform: \
                 ec2:RunInstances because no identity-based policy allows the ec2:RunInstances action. \
                 Encoded authorization failure message: abc",
                "no identity-based policy allows the ec2:RunInstances action",
            ),
            (
                "User: a is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in a \
                 service control policy",
                "with an explicit deny in a service control policy",
            ),
        ] {
            assert_eq!(by_policy(message).as_deref(), Some(cause));
        }
        assert_eq!(by_policy("Rate exceeded"), None);
        assert_eq!(said("Throttling", ""), "AWS said only Throttling");
    }
}
