//! Proof of the chain, link by link: token, values, provider, role, session.
//!
//! Nothing is inferred that can be tried: the role is assumed with the token, and the session is used.
//! Where that fails, the other checks say why, because AWS's answer does not.

mod chain;
mod check;
mod comparison;
mod excess_access;
mod fix;
mod issuer_keys;
mod narrowing;
mod near_names;
mod observed;
mod open_conditions;
mod permissions;
mod pod_identity;
mod pod_trust;
mod provider;
mod refusal;
mod role;
mod service_calls;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod trust;
mod trust_check;

use std::time::Duration;

use attache_aws_accounts::{Connections, Link};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::clients::{ACCOUNTS_AT_ONCE, Clients};
use crate::patience::Patience;

pub use self::token::{TokenFile, UnreadToken};
pub use chain::{Chain, TargetSecret};
pub use check::Check;
pub use fix::CommandLine;
pub use service_calls::{CallProblem, ServiceCall, ServiceCalls, TrialSession};

use self::session::Session;
use self::token::PresentedToken;
use chain::RoleHop;
use check::{ApplyEffect, Checks};
use observed::{Observed, Reader, Unreadable};

/// Ours: what is not everywhere yet is tried again; how long between two attempts.
const PAUSE: Duration = Duration::from_secs(2);

/// Options of [`verify`].
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// How long to go on trying a role that refuses: one that was made seconds ago does at first.
    pub patience: Duration,
    /// How long throttled calls are repeated.
    pub timeout: Duration,
    /// The IAM actions that the mediator needs in a target account; none are evaluated where it is
    /// empty.
    pub actions: Vec<String>,
    /// What the printed commands need to reach the accounts.
    pub commands: CommandLine,
    /// How an issuer's keys are fetched where STS refuses a token; they are not where there is none.
    pub issuers: Option<SharedHttpConnector>,
    /// How the session of a target's role is tried; it is not where there is none.
    pub service_calls: Option<ServiceCalls>,
}

/// What one role is verified with.
#[derive(Clone, Copy)]
pub(crate) struct HopContext<'v> {
    hop: &'v RoleHop,
    chain: &'v Chain,
    token: Option<&'v PresentedToken>,
    now: OffsetDateTime,
    options: &'v VerifyOptions,
}

/// Runs every link of the chain. Never fails by itself: what cannot be checked is a check that says
/// so. `connections` brings the endpoint, and administrators' credentials where there are any.
pub async fn verify(
    chain: &Chain,
    token: &TokenFile,
    connections: &Connections,
    now: OffsetDateTime,
    options: &VerifyOptions,
) -> Vec<Check> {
    if let Some(association) = &chain.association {
        return pod_identity::verify((chain, association), connections, now, options).await;
    }
    let (mut checks, presented) = self::token::check(token, chain, now);
    let presented = presented.as_ref();
    let hops = stream::iter(&chain.hops)
        .map(|hop| {
            let context = HopContext { hop, chain, token: presented, now, options };
            verify_hop(context, connections)
        })
        .buffered(ACCOUNTS_AT_ONCE);
    let hops: Vec<(Vec<Check>, Option<ApplyEffect>)> = hops.collect().await;
    let effect = effect_of_all(hops.iter().map(|(_, effect)| *effect));
    checks.extend(hops.into_iter().flat_map(|(checks, _)| checks));
    for check in &mut checks {
        check.resolve(effect, &options.commands);
    }
    checks
}

/// `apply` changes all accounts: it does no harm where it does none in each, and each is known.
fn effect_of_all(effects: impl Iterator<Item = Option<ApplyEffect>>) -> ApplyEffect {
    let mut all = ApplyEffect { is_harmless: true, ..ApplyEffect::default() };
    for effect in effects {
        let Some(effect) = effect else { return ApplyEffect::default() };
        all.is_harmless &= effect.is_harmless;
        all.adopts |= effect.adopts;
        all.widens |= effect.widens;
    }
    all
}

/// One role. What may be a change that is not everywhere yet is tried again while there is time.
async fn verify_hop(
    context: HopContext<'_>,
    connections: &Connections,
) -> (Vec<Check>, Option<ApplyEffect>) {
    let started = tokio::time::Instant::now();
    loop {
        let waited = started.elapsed();
        let context = HopContext { now: context.now + waited, ..context };
        let mut attempt = HopAttempt::make(context, connections).await;
        if !attempt.may_propagate() || started.elapsed() + PAUSE > context.options.patience {
            attempt.observed.look_further(&attempt.context, &attempt.reader).await;
            return attempt.report(connections).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What was found of one role: the session first, for it may be what reads IAM.
struct HopAttempt<'v> {
    context: HopContext<'v>,
    session: Session,
    reader: Reader,
    observed: Observed,
}

impl<'v> HopAttempt<'v> {
    async fn make(context: HopContext<'v>, connections: &Connections) -> Self {
        let HopContext { hop, token, options, .. } = context;
        let patience = Patience::of(options.timeout);
        let session =
            Session::make(hop, token, connections, (session::SESSION_NAME, patience)).await;
        let reader = reader(hop, connections, session.credentials(), patience).await;
        let observed = Observed::read(&context, &reader).await;
        let mut attempt = Self { context, session, reader, observed };
        // A trust policy may want the workload's own name for the session.
        if !attempt.session.is_made()
            && let Some(name) = attempt.observed.session_name()
        {
            let named = Session::make(hop, token, connections, (&name, patience)).await;
            if named.is_made() {
                attempt.session = named;
            }
        }
        attempt
    }

    /// Whether something of it may be otherwise in some seconds.
    fn may_propagate(&self) -> bool {
        let refused = match &self.session {
            Session::Refused(error) => refusal::may_propagate(error),
            _ => false,
        };
        let Observed { provider, role, .. } = &self.observed;
        let absent = matches!(provider, Ok(None)) || matches!(role, Ok(None));
        let denied = matches!(role, Err(Unreadable::Denied(_)));
        refused || absent || denied && self.session.is_made()
    }

    /// The checks in the chain's order.
    async fn report(self, connections: &Connections) -> (Vec<Check>, Option<ApplyEffect>) {
        let Self { context, session, reader, observed } = &self;
        let mut checks = values(context.hop);
        checks.extend(provider::check(context, observed));
        checks.extend(role::check(context, observed, reader, session.is_made()).await);
        checks.extend(self.session_checks(connections).await);
        (checks, self.observed.compared.map(|compared| compared.effect()))
    }

    async fn session_checks(&self, connections: &Connections) -> Vec<Check> {
        const NAME: &str = "assume the role";
        let HopContext { hop, token, options, now, .. } = self.context;
        let mut checks = Checks::new(Link::Session, Some(hop.role.account()));
        match &self.session {
            Session::NotTried => checks.not_checked(NAME, "there is no token"),
            Session::Made { credentials, name } => {
                let own = name == session::SESSION_NAME;
                let named = if own { String::new() } else { format!(" as the session {name}") };
                checks.ok(NAME, format!("{}{named}", hop.role));
                let patience = Patience::of(options.timeout);
                session::identity(&mut checks, hop, connections, (credentials, name), patience)
                    .await;
                service_calls::check(&mut checks, &self.context, connections, credentials).await;
            }
            Session::Refused(error) => {
                let keys = match (token, &options.issuers) {
                    (Some(token), Some(issuers)) if refusal::needs_keys(error) => {
                        Some(issuer_keys::look(issuers, token, now).await)
                    }
                    _ => None,
                };
                let cause = refusal::cause(&self.context, error, &self.observed, keys.as_ref());
                let lines = [error.brief(), cause.text];
                let lines: Vec<&str> =
                    lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
                checks.add(NAME, cause.status, lines.join("\n"), cause.fix);
            }
        }
        checks.into_list()
    }
}

/// An administrator's credentials if there are any, else the session.
async fn reader(
    hop: &RoleHop,
    connections: &Connections,
    session: Option<SharedCredentialsProvider>,
    patience: Patience,
) -> Reader {
    let account = hop.role.account();
    if connections.has(account) {
        let opened = Clients::open(connections, account, hop.region.as_ref(), patience).await;
        return opened.map_err(Unreadable::from);
    }
    match session {
        Some(credentials) => {
            let config = connections.config(credentials, hop.region.as_ref());
            Ok(Clients::new(connections, account, &config, patience))
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
