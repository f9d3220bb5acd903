//! Why STS refused a token: what its sentence means, by what can be looked at.
//!
//! One sentence of STS has several causes. Each is looked for before it is named: in the role and its trust
//! policy, in the provider, in the issuer's keys, in when all of these were made.

use attache_aws_accounts::LinkStatus;

use crate::error::FederationError;

use super::HopContext;
use super::fix::Fix;
use super::issuer_keys::KeyEvidence;
use super::near_names::is_for_the_api_server;
use super::observed::Observed;
use super::trust::TrustAnswer;

/// Ours, in seconds: AWS shows a change everywhere within some ten of them; seldom it takes a minute.
const PROPAGATION: i64 = 60;

/// A refusal with its cause.
pub(super) struct Cause {
    pub(super) status: LinkStatus,
    /// In lines.
    pub(super) text: String,
    pub(super) fix: Fix,
}

impl Cause {
    fn fail(text: impl Into<String>, fix: impl Into<Fix>) -> Self {
        Self { status: LinkStatus::Fail, text: text.into(), fix: fix.into() }
    }
}

/// STS's sentences for a token that it does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sentence {
    NotAuthorized,
    NoProvider,
    NotValidated,
    NoKey,
    Thumbprint,
    Expired,
    Unreached,
    RegionDisabled,
    Other,
}

fn sentence(error: &FederationError) -> Option<Sentence> {
    let (code, message) = error.refusal()?;
    let says = |part: &str| message.contains(part);
    Some(match code {
        "AccessDenied" => Sentence::NotAuthorized,
        "InvalidIdentityToken" if says("No OpenIDConnect provider") => Sentence::NoProvider,
        "InvalidIdentityToken" if says("could not be validated") || says("audience") => {
            Sentence::NotValidated
        }
        "InvalidIdentityToken" if says("verification key") => Sentence::NoKey,
        "InvalidIdentityToken" if says("thumbprint") => Sentence::Thumbprint,
        "ExpiredTokenException" => Sentence::Expired,
        "IDPCommunicationError" => Sentence::Unreached,
        "RegionDisabledException" => Sentence::RegionDisabled,
        _ => Sentence::Other,
    })
}

/// Whether a change of IAM's or of the issuer's that is not everywhere yet can cause it.
pub(super) fn may_propagate(error: &FederationError) -> bool {
    matches!(
        sentence(error),
        Some(
            Sentence::NotAuthorized
                | Sentence::NoProvider
                | Sentence::NotValidated
                | Sentence::NoKey
                | Sentence::Unreached
        )
    )
}

/// Whether the issuer's keys can tell causes apart.
pub(super) fn needs_keys(error: &FederationError) -> bool {
    let about_keys = [Sentence::NotValidated, Sentence::NoKey, Sentence::Unreached];
    sentence(error).is_some_and(|sentence| about_keys.contains(&sentence))
}

/// The cause of a refusal.
pub(super) fn cause(
    context: &HopContext<'_>,
    error: &FederationError,
    observed: &Observed,
    keys: Option<&KeyEvidence>,
) -> Cause {
    let Some(sentence) = sentence(error) else {
        return Cause::fail("", "see whether STS can be reached from here");
    };
    match sentence {
        Sentence::NotAuthorized => not_authorized(context, observed),
        Sentence::NoProvider => no_provider(context, observed),
        Sentence::NotValidated => not_validated(context, observed, keys),
        Sentence::NoKey | Sentence::Unreached => no_key(keys),
        Sentence::Thumbprint => Cause::fail(
            "",
            "set the thumbprint of the issuer's certificate authority on the provider",
        ),
        Sentence::Expired => Cause::fail("", "read the token's file again: the kubelet renews it"),
        Sentence::RegionDisabled => {
            Cause::fail("", "enable the region for STS in the account, or name another")
        }
        Sentence::Other => Cause::fail("", ""),
    }
}

fn not_authorized(context: &HopContext<'_>, observed: &Observed) -> Cause {
    let role = match &observed.role {
        Ok(Some(role)) => role,
        Ok(None) => {
            let text = format!("there is no role {}", context.hop.role.name());
            return Cause::fail(text, "see the role's checks");
        }
        Err(_) => return unreadable(context, observed),
    };
    match &observed.trust {
        Some(TrustAnswer::Allows) => {}
        Some(TrustAnswer::Open(open)) => {
            let on: Vec<&str> = open.iter().map(|own| own.text.as_str()).collect();
            return Cause {
                status: LinkStatus::Unknown,
                text: format!("not known for the workload: its trust policy has {}", on.join("; ")),
                fix: "verify it where the workload runs: from there these conditions may hold"
                    .into(),
            };
        }
        Some(_) => {
            let text = "its trust policy does not allow this token";
            return Cause::fail(text, "see the check of the trust policy");
        }
        None => return unreadable(context, observed),
    }
    if let Some(age) = young(context, role.created) {
        return propagating(context, &format!("the role was made {age} s ago"));
    }
    let text = "its trust policy allows this token: it was changed moments ago, or a resource control policy \
                of the organization denies the call";
    Cause::fail(text, Fix::commands([context.options.commands.verify_again(60)]))
}

fn no_provider(context: &HopContext<'_>, observed: &Observed) -> Cause {
    match &observed.provider {
        Ok(Some(found)) => match young(context, found.created) {
            Some(age) => propagating(context, &format!("the provider was made {age} s ago")),
            None => propagating(context, "the account has the provider"),
        },
        Ok(None) => Cause::fail(
            "the account has no OIDC provider for the token's issuer",
            "see the provider's checks",
        ),
        Err(_) => unreadable(context, observed),
    }
}

fn not_validated(
    context: &HopContext<'_>,
    observed: &Observed,
    keys: Option<&KeyEvidence>,
) -> Cause {
    let audience = context.token.and_then(|token| token.read.audience().ok());
    if let Some(token) = context.token
        && let Some(audience) = audience
        && is_for_the_api_server(audience, token.read.issuer())
    {
        let text = format!("the token is for the API server itself ({audience})");
        return Cause::fail(text, "use the projected token: see the token's checks");
    }
    if let Some(KeyEvidence::Refused(refused)) = keys {
        let text = format!("by the issuer's keys, which were fetched: {refused}");
        return Cause::fail(text, "use a token that the issuer signed with a key of its key set");
    }
    let signature = match keys {
        Some(KeyEvidence::Signed) => "one of the issuer's keys signed it".to_owned(),
        Some(KeyEvidence::NotRead(why)) => {
            format!("the signature is not checked: {why}")
        }
        _ => "the signature is not checked".to_owned(),
    };
    let found = match &observed.provider {
        Ok(Some(found)) => found,
        Ok(None) => return Cause::fail(signature, "see the provider's checks"),
        Err(_) => {
            let mut cause = unreadable(context, observed);
            cause.text = format!("{signature}; {}", cause.text);
            return cause;
        }
    };
    if audience.is_some_and(|own| !found.client_ids.contains(own)) {
        let text = format!(
            "the token's audience {} is not a client id of the provider; {signature}",
            audience.unwrap_or_default()
        );
        return Cause::fail(text, "see the checks of the client id and of the token's audience");
    }
    let text = format!("its audience is a client id of the provider; {signature}");
    if matches!(keys, Some(KeyEvidence::Signed)) {
        return propagating(context, &text);
    }
    Cause::fail(
        text,
        "compare the token's `kid` and signature with the issuer's key set: attache token show",
    )
}

fn no_key(keys: Option<&KeyEvidence>) -> Cause {
    let public =
        "AWS must reach the issuer's discovery document and key set: public, over TLS, within 5 s";
    match keys {
        Some(KeyEvidence::Refused(refused)) => {
            let text = format!("by the issuer's keys, which were fetched: {refused}");
            Cause::fail(text, "use a token that the issuer signed with a key of its key set")
        }
        Some(KeyEvidence::Signed) => Cause::fail(
            "from here the issuer answers, and one of its keys signed the token",
            public,
        ),
        Some(KeyEvidence::NotRead(why)) => {
            Cause::fail(format!("from here it cannot be read either: {why}"), public)
        }
        None => Cause::fail("", public),
    }
}

/// Without the right to read IAM an administrator has to look.
fn unreadable(context: &HopContext<'_>, observed: &Observed) -> Cause {
    let role = &context.hop.role;
    let provider = observed.provider_arn(context.hop);
    let line = &context.options.commands;
    let fix = Fix::commands(line.for_an_administrator(role, provider.as_ref()));
    let fix = fix.saying(format!(
        "an administrator of the account {} sees the cause by these: whether the role is there, what \
         its trust policy asks for, and whether the provider is there with the token's audience",
        role.account()
    ));
    Cause::fail("the role and the provider cannot be read from here", fix)
}

fn propagating(context: &HopContext<'_>, what: &str) -> Cause {
    let again = context.options.commands.verify_again(60);
    Cause::fail(format!("{what}: not yet propagated"), Fix::commands([again]))
}

/// Seconds since it was made, where they are few.
fn young(context: &HopContext<'_>, created: Option<i64>) -> Option<i64> {
    let age = context.now.unix_timestamp() - created?;
    // The clocks of AWS and of this machine differ a little.
    (-PROPAGATION..PROPAGATION).contains(&age).then_some(age.max(0))
}
