//! What the page shows, as plain data: no key, no token, nothing of a resource but its name.
//!
//! [`crate::Mediator`] fills it and `page` draws it; neither knows the other.

use attache_aws_accounts::{Link, LinkStatus};
use serde::{Serialize, Serializer};
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

/// How one account is reached, link by link: token, OIDC provider, role session, identity,
/// resources.
#[derive(Debug, Clone, Serialize)]
pub struct Chain {
    /// The account: the one that `GetCallerIdentity` named, before that the role's.
    pub account: String,
    /// The links in their order.
    pub links: Vec<ChainLink>,
}

/// One link of an account's chain, and what is known of it.
#[derive(Debug, Clone, Serialize)]
pub struct ChainLink {
    /// The link's name in this API: `web identity`. See [`api_name`].
    pub name: &'static str,
    /// The link, with the code that `attache verify` has for it: `provider`.
    pub link: Link,
    /// Whether it holds.
    #[serde(serialize_with = "serialize_status")]
    pub status: LinkStatus,
    /// What was found, in a few words.
    pub detail: String,
    /// What to do, where it does not hold.
    pub remedy: Option<String>,
}

/// A link's name in the API. It had names of its own for two links before the links were named in
/// one place; clients read them.
#[must_use]
pub fn api_name(link: Link) -> &'static str {
    match link {
        Link::Provider => "web identity",
        Link::Session => "role session",
        other => other.code(),
    }
}

/// A status as the API and the page's style sheet spell it: what is not known yet is `pending`.
#[must_use]
pub fn status_code(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Unknown => "pending",
        known => known.code(),
    }
}

// serde passes a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub(crate) fn serialize_status<S: Serializer>(
    status: &LinkStatus,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.serialize_str(status_code(*status))
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
    #[serde(serialize_with = "serialize_status")]
    pub tone: LinkStatus,
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
