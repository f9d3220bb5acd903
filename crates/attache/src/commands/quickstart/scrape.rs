//! The mediator, started from the rendered files as a pod would start it.

use std::path::Path;
use std::time::Duration;

use attache_identifiers::{PrincipalArn, Region};
use attache_manifests::{Configuration, Inputs};
use attache_mediator::{Clock, Mediator, Settings};
use miette::IntoDiagnostic;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::report::{Account, Coverage, Report, Status, Steps};
use super::setup::Files;

/// A mediator after its first complete scrape.
pub(super) struct Scraped(Mediator);

/// The page, as it is being served.
pub(super) struct Page {
    pub(super) url: String,
    pub(super) serving: JoinHandle<std::io::Result<()>>,
}

/// Starts the mediator and waits until every account has been scraped once.
pub(super) async fn run(
    files: &Files,
    token_file: &Path,
    endpoint: &str,
    stop: &CancellationToken,
) -> miette::Result<Scraped> {
    let regions = attache_sample_resources::REGIONS
        .iter()
        .map(|name| Region::parse(name).into_diagnostic())
        .collect::<miette::Result<_>>()?;
    let inputs = Inputs::read(std::slice::from_ref(&files.values), &files.secrets, regions)?;
    let accounts = Configuration::read(&inputs)?.accounts;
    let mut settings =
        Settings::new(accounts, token_file.to_owned(), Clock::new(OffsetDateTime::now_utc))?;
    settings.endpoint_url = Some(endpoint.to_owned());
    let mediator = Mediator::start(settings, stop.clone()).await?;
    mediator.first_complete().await;
    Ok(Scraped(mediator))
}

impl Scraped {
    /// Serves the page and the API until `stop`.
    pub(super) fn serve(
        &self,
        listener: TcpListener,
        stop: &CancellationToken,
    ) -> miette::Result<Page> {
        let address = listener.local_addr().into_diagnostic()?;
        let (mediator, stop) = (self.0.clone(), stop.clone());
        let serving = tokio::spawn(async move { mediator.serve(listener, stop).await });
        Ok(Page { url: format!("http://{address}/"), serving })
    }

    /// What was found, account by account.
    pub(super) async fn report(
        &self,
        mut steps: Steps<'_>,
        took: Duration,
        page: &Page,
    ) -> miette::Result<Report> {
        let accounts = self.accounts().await?;
        let resources_total = accounts.iter().map(|account| account.resources).sum();
        let regions = attache_sample_resources::REGIONS.join(", ");
        let detail = format!("{resources_total} resources in {regions}");
        steps.end(judge(&accounts), "scrape every account", detail);
        steps.ok("page and API", page.url.clone());
        Ok(Report {
            steps: steps.into_steps(),
            accounts,
            resources_total,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            page_url: page.url.clone(),
        })
    }

    async fn accounts(&self) -> miette::Result<Vec<Account>> {
        let coverage = self.0.coverage().await?;
        let accounts = self.0.accounts().await?.into_iter().map(|account| {
            let own = coverage.iter().filter(|line| line.account == account.id);
            let own = own.map(|line| Coverage {
                kind: line.kind.clone(),
                region: line.region.clone(),
                status: line.status.name().to_owned(),
                count: line.count,
            });
            Account {
                coverage: own.collect(),
                id: account.id,
                identity_arn: account.identity_arn.unwrap_or_default(),
                resources: account.resources,
            }
        });
        Ok(accounts.collect())
    }
}

/// Every account reached under its own role, every type complete.
fn judge(accounts: &[Account]) -> Status {
    let by_role = |account: &Account| {
        let arn = PrincipalArn::parse(&account.identity_arn);
        arn.is_ok_and(|arn| {
            matches!(arn, PrincipalArn::Session(_)) && arn.account().to_string() == account.id
        })
    };
    let complete = |account: &Account| account.coverage.iter().all(|line| line.status == "ok");
    let any = |account: &Account| !account.coverage.is_empty();
    if accounts.iter().all(|a| by_role(a) && any(a) && complete(a)) {
        Status::Ok
    } else {
        Status::Fail
    }
}
