//! What the page shows, as plain data: no key, no token, nothing of a resource but its name.
//!
//! [`crate::Mediator`] fills it and `page` draws it; neither knows the other.

use serde::Serialize;
use time::OffsetDateTime;

/// Everything on the page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct View {
    /// One chain for each account that the values name, in their order.
    pub chains: Vec<Chain>,
    /// How each scrape went.
    pub coverage: Vec<CoverageLine>,
    /// The first resources; all of them are in the API.
    pub resources: Vec<Row>,
    /// The kinds of resources in the inventory.
    pub kinds: Vec<String>,
    /// All resources in the inventory.
    pub total: usize,
    /// When the last scrape ended, if one has.
    pub scraped_at: Option<OffsetDateTime>,
}

/// How one account is reached, link by link: token, web identity, role session, identity,
/// resources.
#[derive(Debug, Clone, Serialize)]
pub struct Chain {
    /// The account: the one that `GetCallerIdentity` named, before that the role's.
    pub account: String,
    /// The links in their order.
    pub links: Vec<Link>,
}

/// One link of a chain.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// What the link is: `token`.
    pub name: String,
    /// Whether it holds.
    pub status: Status,
    /// What was found, in a few words.
    pub detail: String,
    /// What to do, where it does not hold.
    pub remedy: Option<String>,
}

/// Whether a link or a scrape is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Ok,
    /// It has not been tried yet, or cannot be before another.
    Pending,
    /// It holds, but somebody should look.
    Warn,
    /// It does not hold.
    Fail,
}

/// How one resource type was scraped in one account and region.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageLine {
    /// The account.
    pub account: String,
    /// The region, or `global`.
    pub region: String,
    /// The resource type: `ec2:instance`.
    pub kind: String,
    /// The outcome's name: `ok`, `denied`.
    pub status: String,
    /// What the outcome means for the eye.
    pub tone: Status,
    /// Resources in the inventory.
    pub count: usize,
    /// Why it is not `ok`, and what to do; empty when it is.
    pub message: String,
}

/// One resource.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The resource type.
    pub kind: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// AWS's id in the account.
    pub id: String,
    /// Its name, or empty.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}
