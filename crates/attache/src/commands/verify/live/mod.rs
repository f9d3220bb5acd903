//! `attache verify --live`: a token by TokenRequest, and what the cluster has of what the file says.
//!
//! Each question to the API server becomes one check. What this user may not ask is unknown, never ok; an API
//! server that cannot be asked at all ends the command.

mod secrets;
mod service_account;
mod token;

use attache_api_server::{ApiError, ApiServer};
use attache_federation::{Chain, Check, Federation, Link, LinkStatus, Mode, TokenFile};
use attache_kubernetes::ServiceAccount;
use miette::IntoDiagnostic as _;
use time::Duration;

use self::service_account::Presence;
use crate::commands::cluster_client::KubeContext;
use crate::output::RemoteFailure;

/// What the cluster says.
pub(super) struct Live {
    /// The workload's token, as the cluster issued it.
    pub(super) token: TokenFile,
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
}

/// Asks the cluster. `patience` is how long the token is going to be tried.
pub(super) async fn look(
    federation: &Federation,
    chain: &Chain,
    file: &str,
    context: &KubeContext,
    patience: std::time::Duration,
) -> miette::Result<Live> {
    let server = &context.connect().await?;
    let account =
        &ServiceAccount::from_subject(&federation.workload().subject()).into_diagnostic()?;
    let probe = Probe { server, context, federation, file, account };
    let (mut checks, presence) = service_account::check(probe).await?;
    let patience = Duration::try_from(patience).into_diagnostic()?;
    if !probe.uses_token() {
        return Ok(Live { token: token::not_issued(probe), checks });
    }
    let token = match presence {
        Presence::Absent => token::none(probe, &mut checks),
        Presence::Present | Presence::Unknown => token::issue(probe, patience, &mut checks).await?,
    };
    checks.extend(secrets::check(probe, chain).await?);
    Ok(Live { token, checks })
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
