//! Proof of the chain, link by link: token, values, provider, role, session.
//!
//! Nothing is inferred that can be tried: the role is assumed with the token, and the session is used.
//! Where that fails, the other checks say why, because AWS's answer does not.

mod account;
mod chain;
mod check;
mod excess_access;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod trust;

use std::time::Duration;

use attache_aws_accounts::{Connections, Link, iam};
use aws_credential_types::provider::SharedCredentialsProvider;
use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::clients::Clients;

pub use self::token::{TokenFile, UnreadToken};
pub use chain::Chain;
pub use check::Check;

use self::token::PresentedToken;
use account::{Reader, Unreadable};
use chain::RoleHop;
use check::Checks;

/// Ours: how many roles are verified at once.
const HOPS_AT_ONCE: usize = 8;

/// Options of [`verify`].
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions {
    /// How long to go on trying a role that refuses: one that was made seconds ago does at first.
    pub patience: Duration,
}

/// Runs every link of the chain. Never fails by itself: what cannot be checked is a check that says
/// so. `connections` brings the endpoint, and administrators' credentials where there are any.
pub async fn verify(
    chain: &Chain,
    token: &TokenFile,
    connections: &Connections,
    now: OffsetDateTime,
    options: VerifyOptions,
) -> Vec<Check> {
    let (mut checks, presented) = self::token::check(token, chain, now);
    let presented = presented.as_ref();
    let hops = stream::iter(&chain.hops)
        .map(|hop| verify_hop(hop, chain, presented, connections, options))
        .buffered(HOPS_AT_ONCE);
    let hops: Vec<Vec<Check>> = hops.collect().await;
    checks.extend(hops.into_iter().flatten());
    checks
}

/// One role: the session first, for it may be what reads IAM; reported in the chain's order.
async fn verify_hop(
    hop: &RoleHop,
    chain: &Chain,
    token: Option<&PresentedToken>,
    connections: &Connections,
    options: VerifyOptions,
) -> Vec<Check> {
    let (session, credentials) = session::check(hop, token, connections, options.patience).await;
    let reader = reader(hop, connections, credentials).await;
    let mut checks = values(hop);
    checks.extend(account::check(hop, chain, token, &reader).await);
    checks.extend(session);
    checks
}

/// An administrator's credentials if there are any, else the session.
async fn reader(
    hop: &RoleHop,
    connections: &Connections,
    session: Option<SharedCredentialsProvider>,
) -> Reader {
    let account = hop.role.account();
    if connections.has(account) {
        let opened = Clients::open(connections, account, hop.region.as_ref()).await;
        return opened.map_err(Unreadable::from);
    }
    match session {
        Some(credentials) => {
            let config = connections.config(credentials, hop.region.as_ref());
            Ok(Clients { account, iam: iam(&config) })
        }
        None => Err(Unreadable::NoCredentials(account)),
    }
}

/// The mediator's configuration against the role's account, and what its Secret should not hold.
fn values(hop: &RoleHop) -> Vec<Check> {
    let account = hop.role.account();
    let mut checks = Checks::new(Link::Values, Some(account));
    for (message, remedy) in hop.declared.iter().flat_map(|declared| &declared.warnings) {
        checks.warn("no long-lived keys", message.clone(), remedy.clone());
    }
    match &hop.declared {
        None => {}
        Some(declared) if declared.account == account => checks.ok("account", declared.arn.clone()),
        Some(declared) => checks.warn(
            "account",
            format!(
                "the values name the account {} ({}), the Secret {} has a role of {account}: what \
                 is found is recorded under {account}",
                declared.account, declared.arn, declared.secret
            ),
            format!(
                "put a role of {} into the Secret, or name {account} in the values: \
                 arn:aws:iam::{account}:root",
                declared.account
            ),
        ),
    }
    checks.into_list()
}
