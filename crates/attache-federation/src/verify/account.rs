//! What IAM says about a leg: the provider, the role, its trust and its policies.
//!
//! Reading needs an administrator's credentials, or a session whose role may read IAM. Without
//! either the checks are reported as not made, with the reason.

use std::collections::BTreeSet;

use attache_aws_accounts::AccountError;
use attache_identifiers::{AccountId, Issuer, ProviderArn};

use crate::clients::Clients;
use crate::error::FederationError;
use crate::observe::{self, ObservedProvider, ObservedRole};

use super::beyond;
use super::chain::{Chain, Leg};
use super::check::{Check, Checks, Link};
use super::token::Presented;
use super::trust::{self, Claims};

/// AWS's: a thumbprint is a SHA-1, forty hexadecimal characters.
const THUMBPRINT_LENGTH: usize = 40;

/// Who may read IAM in the leg's account, or why nobody may.
pub(super) type Reader = Result<Clients, Unreadable>;

/// Why a check of what IAM says was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// An administrator's credentials are there and cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Neither an administrator nor a session acts in the account.
    #[error("there are no credentials for {0}")]
    NobodyActs(AccountId),
    /// Nothing says whose provider it is about.
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
    leg: &Leg,
    chain: &Chain,
    token: Option<&Presented>,
    reader: &Reader,
) -> Vec<Check> {
    let issuer = match token {
        Some(token) => Issuer::parse(token.read.issuer()).ok(),
        None => chain.issuer.clone(),
    };
    let arn = issuer.as_ref().map(|issuer| provider_arn(leg, issuer));
    let mut checks = provider(leg, chain, arn.as_ref(), reader).await;
    checks.extend(role(leg, chain, token, issuer.as_ref().zip(arn.as_ref()), reader).await);
    checks
}

/// In the role's own partition.
pub(super) fn provider_arn(leg: &Leg, issuer: &Issuer) -> ProviderArn {
    issuer.provider(leg.role.partition().clone(), leg.role.account())
}

async fn provider(
    leg: &Leg,
    chain: &Chain,
    arn: Option<&ProviderArn>,
    reader: &Reader,
) -> Vec<Check> {
    let mut checks = Checks::new(Link::Provider, Some(leg.role.account()));
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
            "`attache apply` registers it, or `aws iam create-open-id-connect-provider`",
        ),
        Ok((Some(found), arn)) => {
            checks.ok("registered", arn.to_string());
            client_id(&mut checks, chain, &found);
            beyond::other_audiences(&mut checks, chain, &found);
            thumbprints(&mut checks, &found);
        }
    }
    checks.into_list()
}

fn client_id(checks: &mut Checks, chain: &Chain, found: &ObservedProvider) {
    if found.client_ids.contains(&chain.audience) {
        checks.ok("client id", &chain.audience);
    } else {
        let registered: Vec<&str> = found.client_ids.iter().map(String::as_str).collect();
        checks.fail(
            "client id",
            format!("{} is not among: {}", chain.audience, registered.join(", ")),
            "`attache apply` adds it, or `aws iam add-client-id-to-open-id-connect-provider`",
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
            "AWS trusts EKS's issuers by its own list of authorities and never looks at it; for \
             another issuer put its authority's SHA-1 there",
        ),
    }
}

async fn role(
    leg: &Leg,
    chain: &Chain,
    token: Option<&Presented>,
    trusted: Option<(&Issuer, &ProviderArn)>,
    reader: &Reader,
) -> Vec<Check> {
    let mut checks = Checks::new(Link::Role, Some(leg.role.account()));
    let clients = match reader {
        Ok(clients) => clients,
        Err(why) => return role_not_checked(checks, why),
    };
    match observe::role(clients, leg.role.name()).await {
        Err(error) => return role_not_checked(checks, &error.into()),
        Ok(None) => {
            let detail = format!("there is no role {}", leg.role.name());
            checks.fail("exists", detail, "`attache apply` makes it; or correct AWS_ROLE_ARN");
        }
        Ok(Some(found)) => {
            exists(&mut checks, leg, &found);
            match (trusted, claims(chain, token)) {
                (Some((issuer, provider)), Some(claims)) => {
                    let remedy = trust_remedy(chain, token);
                    match trust::check_trust(leg, &found, issuer, provider, &claims) {
                        Ok(()) => checks.ok("trust policy", "allows the issuer, subject, audience"),
                        Err(why) => checks.fail("trust policy", why.to_string(), remedy),
                    }
                }
                _ => checks.not_checked("trust policy", "no token and no federation says who asks"),
            }
            beyond::who_else(&mut checks, leg, chain, token, &found).await;
            policies(&mut checks, leg, &found);
            beyond::what_else(&mut checks, leg, &found, clients).await;
        }
    }
    checks.into_list()
}

fn role_not_checked(mut checks: Checks, why: &Unreadable) -> Vec<Check> {
    for name in ["exists", "trust policy", beyond::WHO_ELSE, "policies", beyond::WHAT_ELSE] {
        checks.not_checked(name, why);
    }
    checks.into_list()
}

fn exists(checks: &mut Checks, leg: &Leg, found: &ObservedRole) {
    if found.arn == leg.role.to_string() {
        checks.ok("exists", &found.arn);
    } else {
        checks.fail(
            "exists",
            format!("the role's ARN is {}, wanted is {}: the path counts", found.arn, leg.role),
            format!("write {} where the ARN is used", found.arn),
        );
    }
}

/// Who asks: the token, or whom the federation expects.
fn claims(chain: &Chain, token: Option<&Presented>) -> Option<Claims> {
    match token {
        Some(token) => Some(Claims::of(&token.read, &chain.audience)),
        None => chain.subject.as_ref().map(|subject| Claims::expected(subject, &chain.audience)),
    }
}

/// A role is right to refuse a token that is not the federation's.
fn trust_remedy(chain: &Chain, token: Option<&Presented>) -> &'static str {
    let foreign = |token: &Presented| {
        let subject = chain.subject.as_ref().is_some_and(|s| s != token.read.subject());
        let issuer = chain.issuer.as_ref().is_some_and(|i| i.as_str() != token.read.issuer());
        subject || issuer || token.read.require_audience(&[&chain.audience]).is_err()
    };
    if token.is_some_and(foreign) {
        "it is the token that is another: see the token's checks"
    } else {
        "`attache plan` shows the difference, `attache apply` mends it"
    }
}

fn policies(checks: &mut Checks, leg: &Leg, found: &ObservedRole) {
    let count = found.policies.len() + found.inline.len();
    match &leg.wanted {
        Some(wanted) => {
            let wanted: BTreeSet<String> = wanted.policies.iter().cloned().collect();
            let missing: BTreeSet<_> = wanted.difference(&found.policies).cloned().collect();
            if missing.is_empty() {
                checks.ok("policies", format!("{count} on the role, all wanted ones among them"));
            } else {
                let missing: Vec<String> = missing.into_iter().collect();
                let detail = format!("not attached: {}", missing.join(", "));
                checks.fail("policies", detail, "`attache apply` attaches them");
            }
        }
        None if count == 0 && leg.claim.is_some() => checks.warn(
            "policies",
            "the role has none: its session may do nothing",
            "attach ReadOnlyAccess or the policies of the resources to scrape",
        ),
        None => checks.ok("policies", format!("{count} on the role")),
    }
}
