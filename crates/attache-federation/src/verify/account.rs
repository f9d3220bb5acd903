//! What IAM has for a role of the chain: the provider, the role, its trust policy and its policies.
//!
//! Reading needs an administrator's credentials, or a session whose role may read IAM. Without
//! either the checks are reported as not made, with the reason.

use std::collections::BTreeSet;

use attache_aws_accounts::{AccountError, Link};
use attache_identifiers::{AccountId, Issuer, ProviderArn};

use crate::clients::Clients;
use crate::error::FederationError;
use crate::observe::{self, ObservedProvider, ObservedRole};

use super::chain::{Chain, RoleHop};
use super::check::{Check, Checks, REMEDY};
use super::excess_access;
use super::token::PresentedToken;
use super::trust::{self, TokenClaims};

/// AWS's: a thumbprint is a SHA-1, forty hexadecimal characters.
const THUMBPRINT_LENGTH: usize = 40;

/// What reads IAM in the role's account, or why nothing can.
pub(super) type Reader = Result<Clients, Unreadable>;

/// Why a check of what IAM says was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// An administrator's credentials are there and cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Neither an administrator's credentials nor a session are there.
    #[error("there are no credentials for {0}")]
    NoCredentials(AccountId),
    /// The provider is not known.
    #[error("no issuer is known: there is neither a token nor a federation")]
    NoIssuer,
    /// IAM refused.
    #[error("these credentials may not read IAM ({0})")]
    Denied(#[source] FederationError),
    /// The call failed otherwise.
    #[error(transparent)]
    Failed(FederationError),
}

impl From<FederationError> for Unreadable {
    fn from(error: FederationError) -> Self {
        match error.code() {
            Some("AccessDenied") => Self::Denied(error),
            _ => Self::Failed(error),
        }
    }
}

/// Checks the provider, then the role.
pub(super) async fn check(
    hop: &RoleHop,
    chain: &Chain,
    token: Option<&PresentedToken>,
    reader: &Reader,
) -> Vec<Check> {
    let issuer = match token {
        Some(token) => Issuer::parse(token.read.issuer()).ok(),
        None => chain.issuer.clone(),
    };
    let arn = issuer.as_ref().map(|issuer| provider_arn(hop, issuer));
    let mut checks = provider(hop, chain, arn.as_ref(), reader).await;
    checks.extend(role(hop, chain, token, issuer.as_ref().zip(arn.as_ref()), reader).await);
    checks
}

/// In the role's own partition.
pub(super) fn provider_arn(hop: &RoleHop, issuer: &Issuer) -> ProviderArn {
    issuer.provider(hop.role.partition().clone(), hop.role.account())
}

async fn provider(
    hop: &RoleHop,
    chain: &Chain,
    arn: Option<&ProviderArn>,
    reader: &Reader,
) -> Vec<Check> {
    let mut checks = Checks::new(Link::Provider, Some(hop.role.account()));
    let found = match (reader, arn) {
        (Err(why), _) => {
            checks.not_checked("registered", why);
            return checks.into_list();
        }
        (_, None) => Err(Unreadable::NoIssuer),
        (Ok(clients), Some(arn)) => match observe::provider(clients, arn).await {
            Ok(found) => Ok((found, arn)),
            Err(error) => Err(error.into()),
        },
    };
    match found {
        Err(why) => checks.not_checked("registered", why),
        Ok((None, arn)) => checks.fail(
            "registered",
            format!("the account has no OIDC provider for https://{}", arn.host_and_path()),
            format!(
                "`attache apply` registers it; or: aws iam create-open-id-connect-provider --url \
                 https://{} --client-id-list {}",
                arn.host_and_path(),
                chain.audience
            ),
        ),
        Ok((Some(found), arn)) => {
            checks.ok("registered", arn.to_string());
            client_id(&mut checks, chain, arn, &found);
            excess_access::other_audiences(&mut checks, chain, &found);
            thumbprints(&mut checks, &found);
        }
    }
    checks.into_list()
}

fn client_id(checks: &mut Checks, chain: &Chain, arn: &ProviderArn, found: &ObservedProvider) {
    if found.client_ids.contains(&chain.audience) {
        checks.ok("client id", &chain.audience);
    } else {
        let registered: Vec<&str> = found.client_ids.iter().map(String::as_str).collect();
        checks.fail(
            "client id",
            format!("expected {}, found {}", chain.audience, registered.join(", ")),
            format!(
                "`attache apply` adds it; or: aws iam add-client-id-to-open-id-connect-provider \
                 --open-id-connect-provider-arn {arn} --client-id {}",
                chain.audience
            ),
        );
    }
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

async fn role(
    hop: &RoleHop,
    chain: &Chain,
    token: Option<&PresentedToken>,
    trusted: Option<(&Issuer, &ProviderArn)>,
    reader: &Reader,
) -> Vec<Check> {
    let mut checks = Checks::new(Link::Role, Some(hop.role.account()));
    let clients = match reader {
        Ok(clients) => clients,
        Err(why) => return role_not_checked(checks, why),
    };
    match observe::role(clients, hop.role.name()).await {
        Err(error) => return role_not_checked(checks, &error.into()),
        Ok(None) => {
            let detail = format!("there is no role {}", hop.role.name());
            checks.fail("exists", detail, "`attache apply` makes it; or correct AWS_ROLE_ARN");
        }
        Ok(Some(found)) => {
            exists(&mut checks, hop, &found);
            match (trusted, claims(chain, token)) {
                (Some((issuer, provider)), Some(claims)) => {
                    let remedy = trust_remedy(chain, token);
                    match trust::check_trust(hop, &found, issuer, provider, &claims) {
                        Ok(()) => checks.ok("trust policy", "allows the issuer, subject, audience"),
                        Err(why) => checks.fail("trust policy", why.to_string(), remedy),
                    }
                }
                _ => checks.not_checked(
                    "trust policy",
                    "neither a token nor a federation names the workload",
                ),
            }
            excess_access::excess_trust(&mut checks, hop, chain, token, &found).await;
            policies(&mut checks, hop, &found);
            excess_access::excess_permissions(&mut checks, hop, &found, clients).await;
        }
    }
    checks.into_list()
}

fn role_not_checked(mut checks: Checks, why: &Unreadable) -> Vec<Check> {
    for name in
        ["exists", "trust policy", excess_access::WHO_ELSE, "policies", excess_access::WHAT_ELSE]
    {
        checks.not_checked(name, why);
    }
    checks.into_list()
}

fn exists(checks: &mut Checks, hop: &RoleHop, found: &ObservedRole) {
    if found.arn == hop.role.to_string() {
        checks.ok("exists", &found.arn);
    } else {
        checks.fail(
            "exists",
            format!(
                "the role's ARN is {}, expected {}: the path is part of it",
                found.arn, hop.role
            ),
            format!("write {} where the ARN is used", found.arn),
        );
    }
}

/// The claims to check: the token's, or those of the workload that the federation declares.
fn claims(chain: &Chain, token: Option<&PresentedToken>) -> Option<TokenClaims> {
    match token {
        Some(token) => Some(TokenClaims::of(&token.read, &chain.audience)),
        None => {
            chain.subject.as_ref().map(|subject| TokenClaims::expected(subject, &chain.audience))
        }
    }
}

/// A role is right to refuse a token of another workload.
fn trust_remedy(chain: &Chain, token: Option<&PresentedToken>) -> &'static str {
    let foreign = |token: &PresentedToken| {
        let subject = chain.subject.as_ref().is_some_and(|s| s != token.read.subject());
        let issuer = chain.issuer.as_ref().is_some_and(|i| i.as_str() != token.read.issuer());
        subject || issuer || token.read.require_audience(&[&chain.audience]).is_err()
    };
    if token.is_some_and(foreign) {
        "the token is another workload's: see the token's checks"
    } else {
        REMEDY
    }
}

fn policies(checks: &mut Checks, hop: &RoleHop, found: &ObservedRole) {
    let count = found.policies.len() + found.inline.len();
    match &hop.expected {
        Some(expected) => {
            let expected: BTreeSet<String> = expected.policies.iter().cloned().collect();
            let missing: BTreeSet<_> = expected.difference(&found.policies).cloned().collect();
            if missing.is_empty() {
                checks.ok("policies", format!("{count} on the role, including all of the file's"));
            } else {
                let missing: Vec<String> = missing.into_iter().collect();
                let detail = format!("not attached: {}", missing.join(", "));
                checks.fail("policies", detail, "`attache apply` attaches them");
            }
        }
        None if count == 0 && hop.declared.is_some() => checks.warn(
            "policies",
            "the role has none: its session may do nothing",
            "attach ReadOnlyAccess or the policies of the resources to scrape",
        ),
        None => checks.ok("policies", format!("{count} on the role")),
    }
}
