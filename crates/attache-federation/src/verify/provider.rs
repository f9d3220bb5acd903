//! The checks of the OIDC provider in the role's account.

use attache_aws_accounts::Link;
use attache_identifiers::ProviderArn;

use crate::apply::Operation;
use crate::observe::ObservedProvider;

use super::check::{Check, Checks};
use super::fix::Fix;
use super::near_names::{beside, is_for_the_api_server};
use super::observed::{Observed, Unreadable};
use super::{HopContext, excess_access};

/// AWS's: a thumbprint is a SHA-1, forty hexadecimal characters.
const THUMBPRINT_LENGTH: usize = 40;

/// Checks the provider: there, with the audience. Those of the file's other clusters too.
pub(super) fn check(context: &HopContext<'_>, observed: &Observed) -> Vec<Check> {
    let hop = context.hop;
    let mut checks = Checks::new(Link::Provider, Some(hop.role.account()));
    let audiences = &context.chain.audiences;
    match (&observed.provider, observed.provider_arn(hop)) {
        (Err(why), _) => checks.not_checked("registered", why),
        (_, None) => checks.not_checked("registered", Unreadable::NoIssuer),
        (Ok(None), Some(arn)) => {
            let fix = no_provider_fix(context, observed, &arn);
            let url = format!("https://{}", arn.host_and_path());
            let detail = format!("the account has no OIDC provider for {url}");
            checks.fail("registered", beside(&detail, observed.near_provider.as_ref()), fix);
        }
        (Ok(Some(found)), Some(arn)) => {
            registered(&mut checks, context, (&arn, audiences), found);
        }
    }
    for (other, found) in &observed.other_providers {
        match found {
            Err(why) => checks.not_checked("registered", format!("{}: {why}", other.arn)),
            Ok(None) => {
                let fix = observed.fix(context, |operation| creates(operation, &other.arn));
                let detail = format!("the account has no OIDC provider for {}", other.issuer);
                checks.fail("registered", detail, fix);
            }
            Ok(Some(found)) => {
                registered(&mut checks, context, (&other.arn, &other.client_ids), found);
            }
        }
    }
    checks.into_list()
}

fn registered(
    checks: &mut Checks,
    context: &HopContext<'_>,
    expected: (&ProviderArn, &[String]),
    found: &ObservedProvider,
) {
    checks.ok("registered", expected.0.to_string());
    client_id(checks, context, expected, found);
    excess_access::other_audiences(checks, context, expected, found);
    thumbprints(checks, found);
}

fn creates(operation: &Operation, arn: &ProviderArn) -> bool {
    matches!(operation, Operation::CreateProvider(provider) if provider.arn == *arn)
}

/// Registers the issuer: the file's where there is one, else the token's.
fn no_provider_fix(context: &HopContext<'_>, observed: &Observed, arn: &ProviderArn) -> Fix {
    let fix = observed.fix(context, |operation| creates(operation, arn));
    if !fix.commands.is_empty() {
        return fix;
    }
    let Some(issuer) = &observed.issuer else { return Fix::default() };
    let audience = context.chain.audience();
    if is_for_the_api_server(audience, issuer.as_str()) {
        return "use the projected token, for the audience sts.amazonaws.com".into();
    }
    let operation = Operation::CreateProvider(crate::desired::Provider {
        arn: arn.clone(),
        issuer: issuer.clone(),
        client_ids: context.chain.audiences.clone(),
        thumbprints: Vec::new(),
        tags: std::collections::BTreeMap::new(),
    });
    Fix::commands([context.options.commands.operation(arn.account(), &operation)])
}

fn client_id(
    checks: &mut Checks,
    context: &HopContext<'_>,
    (arn, audiences): (&ProviderArn, &[String]),
    found: &ObservedProvider,
) {
    let missing: Vec<&String> =
        audiences.iter().filter(|id| !found.client_ids.contains(*id)).collect();
    let Some(audience) = missing.first() else {
        return checks.ok("client id", audiences.join(", "));
    };
    if is_for_the_api_server(audience, &format!("https://{}", arn.host_and_path())) {
        let detail = format!("{audience} is the audience of the API server itself");
        let sentence =
            "use the projected token, for the audience sts.amazonaws.com: set spec.audience";
        return checks.fail("client id", detail, sentence);
    }
    let registered: Vec<&str> = found.client_ids.iter().map(String::as_str).collect();
    let add = |audience: &&String| {
        let (provider, client_id) = (arn.clone(), (*audience).clone());
        let operation = Operation::AddClientId { provider, client_id };
        context.options.commands.operation(arn.account(), &operation)
    };
    let commands = missing.iter().map(add);
    let fix = match context.chain.federation {
        Some(_) => Fix::by_apply(commands),
        None => Fix::commands(commands),
    };
    let expected: Vec<&str> = missing.iter().map(|id| id.as_str()).collect();
    let (expected, registered) = (expected.join(", "), registered.join(", "));
    checks.fail("client id", format!("expected {expected}, found {registered}"), fix);
}

fn thumbprints(checks: &mut Checks, found: &ObservedProvider) {
    let sound = |t: &&String| {
        t.len() == THUMBPRINT_LENGTH && t.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    match found.thumbprints.iter().find(|t| !sound(t)) {
        None if found.thumbprints.is_empty() => checks.ok("thumbprints", "none; EKS needs none"),
        None => checks.ok("thumbprints", format!("{} registered", found.thumbprints.len())),
        Some(bad) => checks.warn(
            "thumbprints",
            format!("{bad} is not 40 hexadecimal characters: it is a placeholder"),
            "AWS trusts EKS's issuers by its own list of authorities and does not use it; for another \
             issuer set the SHA-1 of its certificate authority",
        ),
    }
}
