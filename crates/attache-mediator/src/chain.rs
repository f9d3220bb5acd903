//! One account's chain, link by link: what is known to hold, and where it breaks.
//!
//! Knows what a session and a refusal say about each link. The first link that does not hold is
//! the one to mend: those after it have not been tried.

use attache_manifests::Account as Target;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::account::{Account, State};
use crate::inventory::Counted;
use crate::session::{self, Evidence, Refused, Session};
use crate::view::{Link, Status};
use crate::{Coverage, Outcome};

/// The names of the links, in their order.
const LINKS: [&str; 5] = ["token", "web identity", "role session", "identity", "resources"];

/// The account's links, in their order.
pub(crate) fn links(account: &Account, coverage: &[Coverage], counts: &[Counted]) -> Vec<Link> {
    let State { session, refused, .. } = account.state();
    let mut links: Vec<Link> = LINKS.iter().map(|name| pending(name)).collect();
    if let Some(session) = &session {
        hold(&mut links, session, &account.target);
    }
    if let Some((refused, evidence)) = &refused {
        if session.is_none() {
            hold_before(&mut links, refused, evidence);
        }
        // While the session lasts, a renewal that fails is not a break yet.
        let status = if session.is_some() { Status::Warn } else { Status::Fail };
        breaks(&mut links, status, refused, evidence, &account.target);
    }
    if let (Some(link), Some(warning)) = (links.get_mut(3), account.mismatch()) {
        link.status = link.status.max(Status::Warn);
        link.remedy = Some(format!("{}; {}", warning.message, warning.remedy));
    }
    if let Some(link) = links.last_mut() {
        *link = scraped(&account.id().to_string(), coverage, counts);
    }
    links
}

/// What a session proves: all but the resources.
fn hold(links: &mut [Link], session: &Session, target: &Target) {
    let details = [
        token(&session.evidence),
        session.provider.clone().unwrap_or_else(|| session.evidence.issuer.clone()),
        format!("{} until {}", target.role, clock(session.expires_at)),
        session.identity_arn.clone(),
    ];
    for (link, detail) in links.iter_mut().zip(details) {
        (link.status, link.detail) = (Status::Ok, detail);
    }
}

/// What a refusal proves: the links that STS let pass before it refused.
fn hold_before(links: &mut [Link], refused: &Refused, evidence: &Evidence) {
    if let Some(first) = links.first_mut() {
        first.detail = token(evidence);
    }
    let passed = if refused.passed_the_links_before() { place(refused) } else { 0 };
    for (nth, link) in links.iter_mut().take(passed).enumerate() {
        link.status = Status::Ok;
        if nth > 0 {
            link.detail = "not refused by STS".to_owned();
        }
    }
}

fn breaks(
    links: &mut [Link],
    status: Status,
    refused: &Refused,
    evidence: &Evidence,
    target: &Target,
) {
    if let Some(link) = links.get_mut(place(refused)) {
        link.status = status;
        link.detail = refused.to_string();
        link.remedy = Some(refused.remedy(&target.role, &target.home, evidence));
    }
}

fn place(refused: &Refused) -> usize {
    match refused.link() {
        session::Link::Token => 0,
        session::Link::WebIdentity => 1,
        session::Link::RoleSession => 2,
        session::Link::Identity => 3,
    }
}

/// Resources of an account in the inventory.
pub(crate) fn resources(account: &str, counts: &[Counted]) -> usize {
    counts.iter().filter(|c| c.account == account).map(|c| c.count).sum()
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
