//! `attache verify --live`: a token by TokenRequest, and what the cluster has of what the file says.
//!
//! Each question to the API server becomes one check. What this user may not ask is unknown, never ok; an API
//! server that cannot be asked at all ends the command.

mod secrets;
mod service_account;
mod token;

use attache_api_server::{ApiError, ApiServer};
use attache_federation::{Chain, Check, Federation, Identity, Link, LinkStatus, Mode, TokenFile};
use attache_kubernetes::ServiceAccount;
use miette::IntoDiagnostic as _;
use time::Duration;

use self::service_account::Presence;
use super::identity::{self, Candidates};
use crate::commands::cluster_client::KubeContext;
use crate::output::RemoteFailure;

/// What the cluster says.
pub(super) struct Live<'f> {
    /// The workload's token, as the cluster issued it.
    pub(super) token: TokenFile,
    /// The workload, in the cluster that issued the token.
    pub(super) identity: Identity<'f>,
    /// What was asked of the cluster.
    pub(super) checks: Vec<Check>,
}

/// What each question needs.
#[derive(Clone, Copy)]
struct Probe<'p> {
    server: &'p ApiServer,
    context: &'p KubeContext,
    federation: &'p Federation,
    /// The federation's file, as it was given.
    file: &'p str,
    account: &'p ServiceAccount,
    /// The audience to ask a token for.
    audience: &'p str,
}

/// Asks the cluster. `patience` is how long the token is going to be tried.
pub(super) async fn look<'f>(
    federation: &'f Federation,
    candidates: &Candidates<'f>,
    file: &str,
    context: &KubeContext,
    patience: std::time::Duration,
) -> miette::Result<Live<'f>> {
    let server = &context.connect().await?;
    let first = of_this_cluster(candidates, server).await;
    let account = &ServiceAccount::from_subject(&first.workload.subject()).into_diagnostic()?;
    let audience = first.audience();
    let probe = Probe { server, context, federation, file, account, audience };
    let (mut checks, presence) = service_account::check(probe).await?;
    let patience = Duration::try_from(patience).into_diagnostic()?;
    if !probe.uses_token() {
        return Ok(Live { token: token::not_issued(probe), identity: first, checks });
    }
    let token = match presence {
        Presence::Absent => token::none(probe, &mut checks),
        Presence::Present | Presence::Unknown => token::issue(probe, patience, &mut checks).await?,
    };
    let identity = identity::of_token(candidates, &token);
    checks.extend(secrets::check(probe, &Chain::of(federation, &identity)).await?);
    Ok(Live { token, identity, checks })
}

/// The first that is of the cluster's issuer, where the cluster tells it.
async fn of_this_cluster<'f>(candidates: &Candidates<'f>, server: &ApiServer) -> Identity<'f> {
    if candidates.all().count() == 1 {
        return candidates.first;
    }
    let issuer = server.issuer().await.ok();
    let is_it = |own: &Identity<'f>| {
        own.issuer.zip(issuer.as_ref()).is_some_and(|(own, found)| own == found.url())
    };
    candidates.all().find(is_it).unwrap_or(candidates.first)
}

impl Probe<'_> {
    /// Whether the workload gets its sessions by its token, and its role by an annotation and Secrets. With
    /// EKS Pod Identity the agent gives them: no token of the workload's is STS's.
    fn uses_token(&self) -> bool {
        matches!(self.federation.mode(), Mode::Direct)
    }

    /// The check of a question that had no answer. An error where no question can have one.
    fn unanswered(
        &self,
        (link, name): (Link, &'static str),
        error: &ApiError,
    ) -> miette::Result<Check> {
        if error.is_unreachable() {
            let help = format!("see what this says: {}", self.context.kubectl(&["version"]));
            return Err(RemoteFailure::report(error, Some(help)));
        }
        let Some(access) = error.forbidden() else {
            return Ok(Check::new(link, name, LinkStatus::Unknown, error.to_string()));
        };
        let detail = format!("not checked: this user may not {access}\n{error}");
        let sentence = format!(
            "a Role needs the verb {} on {}; this says whether it is allowed:",
            access.verb(),
            access.resource()
        );
        let command = self.context.kubectl(&access.can_i());
        Ok(Check::new(link, name, LinkStatus::Unknown, detail).with_fix(sentence, vec![command]))
    }
}
