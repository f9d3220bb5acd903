//! Proof of the chain, link by link: token, values, provider, role, session.
//!
//! Nothing is inferred that can be asked: the role is really assumed with the token, and the session
//! really used. Where that fails, the other checks say why, because AWS's answer does not.

mod account;
mod beyond;
mod chain;
mod check;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod trust;

use std::time::Duration;

use attache_aws_accounts::{Connections, iam};
use aws_credential_types::provider::SharedCredentialsProvider;
use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::clients::Clients;

pub use self::token::{TokenFile, UnreadToken};
pub use chain::Chain;
pub use check::{Check, Link, Status};

use self::token::Presented;
use account::{Reader, Unreadable};
use chain::Leg;
use check::Checks;

/// Ours: how many roles are proved at once.
const LEGS_AT_ONCE: usize = 8;

/// How `verify` goes about it.
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
    let legs = stream::iter(&chain.legs)
        .map(|leg| verify_leg(leg, chain, presented, connections, options))
        .buffered(LEGS_AT_ONCE);
    let legs: Vec<Vec<Check>> = legs.collect().await;
    checks.extend(legs.into_iter().flatten());
    checks
}

/// One role: the session first, for it may be what reads IAM; told in the chain's order.
async fn verify_leg(
    leg: &Leg,
    chain: &Chain,
    token: Option<&Presented>,
    connections: &Connections,
    options: VerifyOptions,
) -> Vec<Check> {
    let (session, who) = session::check(leg, token, connections, options.patience).await;
    let reader = reader(leg, connections, who).await;
    let mut checks = values(leg);
    checks.extend(account::check(leg, chain, token, &reader).await);
    checks.extend(session);
    checks
}

/// An administrator if there is one, else the session that was just bought.
async fn reader(
    leg: &Leg,
    connections: &Connections,
    session: Option<SharedCredentialsProvider>,
) -> Reader {
    let account = leg.role.account();
    if connections.has(account) {
        let opened = Clients::open(connections, account, leg.region.as_ref()).await;
        return opened.map_err(Unreadable::from);
    }
    match session {
        Some(who) => {
            let config = connections.config(who, leg.region.as_ref());
            Ok(Clients { account, iam: iam(&config) })
        }
        None => Err(Unreadable::NobodyActs(account)),
    }
}

/// What the mediator is told against where the role is, and what its Secret should not hold.
fn values(leg: &Leg) -> Vec<Check> {
    let account = leg.role.account();
    let mut checks = Checks::new(Link::Values, Some(account));
    for (message, remedy) in leg.claim.iter().flat_map(|claim| &claim.warnings) {
        checks.warn("no long-lived keys", message.clone(), remedy.clone());
    }
    match &leg.claim {
        None => {}
        Some(claim) if claim.account == account => checks.ok("account", claim.arn.clone()),
        Some(claim) => checks.warn(
            "account",
            format!(
                "the values name the account {} ({}), the Secret {} has a role of {account}: what \
                 is found is recorded under {account}",
                claim.account, claim.arn, claim.secret
            ),
            format!(
                "put a role of {} into the Secret, or name {account} in the values: \
                 arn:aws:iam::{account}:root",
                claim.account
            ),
        ),
    }
    checks.into_list()
}
