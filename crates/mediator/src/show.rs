//! What is known, as the API and the page tell it.

use std::collections::BTreeSet;

use time::OffsetDateTime;
use time::macros::format_description;

use crate::account::{Account, AccountReport, State, Warning};
use crate::inventory::{Counted, Filter};
use crate::mediator::Inner;
use crate::session::{self, Evidence};
use crate::view::{Chain, CoverageLine, Link, Row, Status, View};
use crate::{Coverage, MediatorError, Outcome};

/// Ours: rows in the page itself. The API has them all.
const ROWS: usize = 500;

/// The names of the links, in their order.
const LINKS: [&str; 5] = ["token", "web identity", "role session", "identity", "resources"];

/// Every account with its chain.
pub(crate) async fn accounts(inner: &Inner) -> Result<Vec<AccountReport>, MediatorError> {
    let coverage = inner.inventory.coverage().await?;
    let counts = inner.inventory.counts().await?;
    Ok(inner.accounts.iter().map(|account| report(account, &coverage, &counts)).collect())
}

/// What the page shows.
pub(crate) async fn view(inner: &Inner) -> Result<View, MediatorError> {
    let coverage = inner.inventory.coverage().await?;
    let counts = inner.inventory.counts().await?;
    let filter = Filter { limit: ROWS, ..Filter::default() };
    let listing = inner.inventory.resources(&filter).await?;
    let chains = inner.accounts.iter().map(|account| Chain {
        account: account.id().to_string(),
        links: links(account, &coverage, &counts),
    });
    let kinds: BTreeSet<String> = counts.iter().map(|counted| counted.kind.clone()).collect();
    let rows = listing.resources.into_iter().map(|resource| Row {
        kind: resource.kind,
        account: resource.account,
        region: resource.region,
        id: resource.id,
        name: resource.name,
        arn: resource.arn,
    });
    Ok(View {
        chains: chains.collect(),
        scraped_at: coverage.iter().map(|line| line.at).max(),
        coverage: coverage.iter().map(line).collect(),
        resources: rows.collect(),
        kinds: kinds.into_iter().collect(),
        total: listing.total,
    })
}

fn line(coverage: &Coverage) -> CoverageLine {
    let message = match coverage.remedy.as_str() {
        "" => coverage.message.clone(),
        remedy => format!("{}. Remedy: {remedy}", coverage.message),
    };
    CoverageLine {
        account: coverage.account.clone(),
        region: coverage.region.clone(),
        kind: coverage.kind.clone(),
        status: coverage.status.name().to_owned(),
        tone: tone(coverage.status),
        count: coverage.count,
        message,
    }
}

fn tone(outcome: Outcome) -> Status {
    match outcome {
        Outcome::Ok => Status::Ok,
        Outcome::Throttled => Status::Warn,
        Outcome::Denied | Outcome::NoSession | Outcome::Failed => Status::Fail,
    }
}

fn report(account: &Account, coverage: &[Coverage], counts: &[Counted]) -> AccountReport {
    let State { session, refused, .. } = account.state();
    let target = &account.target;
    let id = account.id().to_string();
    let chain = links(account, coverage, counts);
    let error = refused.as_ref().map(|(refused, evidence)| Warning {
        message: refused.to_string(),
        remedy: refused.remedy(&target.role, &target.home, evidence),
    });
    AccountReport {
        refused: refused.map(|(refused, _)| refused),
        identity_arn: session.as_ref().map(|session| session.identity_arn.clone()),
        role_arn: target.role.to_string(),
        secret: target.secret.clone(),
        claimed_arn: target.claim.arn.clone(),
        claimed_account: target.claim.account.to_string(),
        regions: target.regions.iter().map(ToString::to_string).collect(),
        status: chain.iter().map(|link| link.status).max().unwrap_or(Status::Pending),
        resources: resources(&id, counts),
        session_expires_at: session.map(|session| session.expires_at),
        warnings: account.warnings(),
        error,
        chain,
        id,
    }
}

fn resources(account: &str, counts: &[Counted]) -> usize {
    counts.iter().filter(|c| c.account == account).map(|c| c.count).sum()
}

/// The chain: token, web identity, role session, identity, resources.
fn links(account: &Account, coverage: &[Coverage], counts: &[Counted]) -> Vec<Link> {
    let State { session, refused, .. } = account.state();
    let mut links: Vec<Link> = LINKS.iter().map(|name| pending(name)).collect();
    if let Some(session) = &session {
        let ok = [
            token(&session.evidence),
            session.provider.clone().unwrap_or_else(|| session.evidence.issuer.clone()),
            format!("{} until {}", account.target.role, clock(session.expires_at)),
            session.identity_arn.clone(),
        ];
        for (link, detail) in links.iter_mut().zip(ok) {
            (link.status, link.detail) = (Status::Ok, detail);
        }
    }
    if let Some((refused, evidence)) = &refused {
        let broken = match refused.link() {
            session::Link::Token => 0,
            session::Link::WebIdentity => 1,
            session::Link::RoleSession => 2,
            session::Link::Identity => 3,
        };
        if broken > 0 && session.is_none() {
            for link in links.iter_mut().take(broken) {
                (link.status, link.detail) = (Status::Ok, "taken by STS".to_owned());
            }
            if let Some(first) = links.first_mut() {
                first.detail = token(evidence);
            }
        }
        if let Some(link) = links.get_mut(broken) {
            // While the session lasts, a renewal that fails is not a break yet.
            link.status = if session.is_some() { Status::Warn } else { Status::Fail };
            link.detail = refused.to_string();
            let target = &account.target;
            link.remedy = Some(refused.remedy(&target.role, &target.home, evidence));
        }
    }
    if let (Some(link), Some(warning)) = (links.get_mut(3), account.warnings().into_iter().next()) {
        link.status = link.status.max(Status::Warn);
        link.remedy = Some(format!("{}; {}", warning.message, warning.remedy));
    }
    if let Some(link) = links.last_mut() {
        *link = scraped(&account.id().to_string(), coverage, counts);
    }
    links
}

/// The last link: what the scrapes found.
fn scraped(account: &str, coverage: &[Coverage], counts: &[Counted]) -> Link {
    let own: Vec<&Coverage> = coverage.iter().filter(|line| line.account == account).collect();
    let mut link = pending("resources");
    if own.is_empty() {
        return link;
    }
    let ok = own.iter().filter(|line| line.status == Outcome::Ok).count();
    let found = resources(account, counts);
    link.detail = format!("{found} resources, {ok} of {} scrapes complete", own.len());
    link.status = match ok {
        0 => Status::Fail,
        _ if ok == own.len() => Status::Ok,
        _ => Status::Warn,
    };
    let worst = own.iter().find(|line| line.status != Outcome::Ok);
    link.remedy = worst.map(|line| format!("{} in {}: {}", line.kind, line.region, line.remedy));
    link
}

fn pending(name: &str) -> Link {
    let detail = "not tried yet".to_owned();
    Link { name: name.to_owned(), status: Status::Pending, detail, remedy: None }
}

fn token(evidence: &Evidence) -> String {
    let Evidence { subject, audience, expires_at, .. } = evidence;
    match expires_at {
        Some(end) => format!("{subject} for {audience} until {}", clock(*end)),
        None => "an opaque token".to_owned(),
    }
}

/// Hours and minutes are what one looks at.
fn clock(time: OffsetDateTime) -> String {
    let short = format_description!("[hour]:[minute] UTC");
    time.to_offset(time::UtcOffset::UTC).format(&short).unwrap_or_default()
}
