//! One account's chain, link by link: what is known to hold, and where it breaks.
//!
//! Knows what a session and a refusal say about each link. The first link that does not hold is
//! the one to fix: those after it have not been tried.

use attache_aws_accounts::{Link, LinkStatus};
use attache_manifests::Account as Target;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::account::{Account, State};
use crate::inventory::ResourceCount;
use crate::session::{Evidence, Session, SessionError};
use crate::view_model::{ChainLink, api_name};
use crate::{Coverage, Outcome};

/// The links that the mediator knows of, in their order. The values are read before it starts, and
/// a role is seen by its session alone.
const LINKS: [Link; 5] =
    [Link::Token, Link::Provider, Link::Session, Link::Identity, Link::Resources];

/// The account's links, in their order.
pub(crate) fn links(
    account: &Account,
    coverage: &[Coverage],
    counts: &[ResourceCount],
) -> Vec<ChainLink> {
    let State { session, session_error, .. } = account.state();
    let mut links: Vec<ChainLink> = LINKS.into_iter().map(not_tried).collect();
    if let Some(session) = &session {
        record_session(&mut links, session, &account.target);
    }
    if let Some((session_error, evidence)) = &session_error {
        if session.is_none() {
            record_passed(&mut links, session_error, evidence);
        }
        // While the session lasts, a renewal that fails is only a warning.
        let status = if session.is_some() { LinkStatus::Warn } else { LinkStatus::Fail };
        record_failure(&mut links, status, session_error, evidence, &account.target);
    }
    if let (Some(link), Some(warning)) = (find(&mut links, Link::Identity), account.mismatch()) {
        link.status = link.status.max(LinkStatus::Warn);
        link.remedy = Some(format!("{}; {}", warning.message, warning.remedy));
    }
    if let Some(link) = find(&mut links, Link::Resources) {
        *link = scraped(&account.id().to_string(), coverage, counts);
    }
    links
}

fn find(links: &mut [ChainLink], wanted: Link) -> Option<&mut ChainLink> {
    links.iter_mut().find(|link| link.link == wanted)
}

/// What a session proves: all but the resources.
fn record_session(links: &mut [ChainLink], session: &Session, target: &Target) {
    let details = [
        (Link::Token, token(&session.evidence)),
        (Link::Provider, provider(session)),
        (Link::Session, format!("{} until {}", target.role, clock(session.expires_at))),
        (Link::Identity, session.identity_arn.clone()),
    ];
    for (proved, detail) in details {
        if let Some(link) = find(links, proved) {
            (link.status, link.detail) = (LinkStatus::Ok, detail);
        }
    }
}

/// What a refusal proves: the links that STS let pass before it refused.
fn record_passed(links: &mut [ChainLink], session_error: &SessionError, evidence: &Evidence) {
    if let Some(first) = find(links, Link::Token) {
        first.detail = token(evidence);
    }
    if !session_error.passed_the_links_before() {
        return;
    }
    for link in links.iter_mut().filter(|link| link.link < session_error.link()) {
        link.status = LinkStatus::Ok;
        if link.link != Link::Token {
            link.detail = "not refused by STS".to_owned();
        }
    }
}

fn record_failure(
    links: &mut [ChainLink],
    status: LinkStatus,
    session_error: &SessionError,
    evidence: &Evidence,
    target: &Target,
) {
    if let Some(link) = find(links, session_error.link()) {
        link.status = status;
        link.detail = session_error.to_string();
        link.remedy = Some(session_error.remedy(&target.role, &target.home, evidence));
    }
}

/// Resources of an account in the inventory.
pub(crate) fn resources(account: &str, counts: &[ResourceCount]) -> usize {
    counts.iter().filter(|c| c.account == account).map(|c| c.count).sum()
}

/// The last link: what the scrapes found.
fn scraped(account: &str, coverage: &[Coverage], counts: &[ResourceCount]) -> ChainLink {
    let own: Vec<&Coverage> = coverage.iter().filter(|line| line.account == account).collect();
    let mut link = not_tried(Link::Resources);
    if own.is_empty() {
        return link;
    }
    let ok = own.iter().filter(|line| line.status == Outcome::Ok).count();
    let found = resources(account, counts);
    link.detail = format!("{found} resources, {ok} of {} scrapes complete", own.len());
    link.status = match ok {
        0 => LinkStatus::Fail,
        _ if ok == own.len() => LinkStatus::Ok,
        _ => LinkStatus::Warn,
    };
    let worst = own.iter().find(|line| line.status != Outcome::Ok);
    link.remedy = worst.map(|line| format!("{} in {}: {}", line.kind, line.region, line.remedy));
    link
}

fn not_tried(link: Link) -> ChainLink {
    let detail = "not tried yet".to_owned();
    ChainLink { name: api_name(link), link, status: LinkStatus::Unknown, detail, remedy: None }
}

fn provider(session: &Session) -> String {
    match (&session.provider, &session.evidence.identity) {
        (Some(provider), _) => provider.clone(),
        (None, Some(_)) => "not needed: the pod has credentials".to_owned(),
        (None, None) => session.evidence.issuer.clone(),
    }
}

fn token(evidence: &Evidence) -> String {
    if let Some(identity) = &evidence.identity {
        return format!("credentials of {identity}");
    }
    let Evidence { subject, audience, expires_at, .. } = evidence;
    match expires_at {
        Some(end) => format!("{subject} for {audience} until {}", clock(*end)),
        None => "an opaque token".to_owned(),
    }
}

/// Hours and minutes.
fn clock(time: OffsetDateTime) -> String {
    let short = format_description!("[hour]:[minute] UTC");
    time.to_offset(time::UtcOffset::UTC).format(&short).unwrap_or_default()
}
