//! The same files written: a Secret and the Helm values, by the YAML writer. What a reader of YAML 1.1
//! or 1.2 would take for anything but text is quoted; the layout is that of the documents that people
//! follow by hand.

use std::collections::BTreeMap;

use attache_identifiers::{Region, RoleArn};
use serde::Serialize;

use crate::secrets::{REGION, ROLE};
use crate::values::ROLE_ANNOTATION;

/// The manifest of the Secret that the mediator reads for one account.
///
/// ```
/// use attache_identifiers::{Region, RoleArn};
/// let role = RoleArn::parse("arn:aws:iam::222222222222:role/CauselyAccess")?;
/// let region = Region::parse("us-east-1")?;
/// let text = attache_manifests::secret_yaml("aws-secret", "causely", &region, &role);
/// assert!(text.contains("AWS_ROLE_ARN: arn:aws:iam::222222222222:role/CauselyAccess"), "{text}");
/// # Ok::<(), attache_identifiers::NameError>(())
/// ```
#[must_use]
pub fn secret_yaml(name: &str, namespace: &str, region: &Region, role: &RoleArn) -> String {
    yaml_text(&Secret {
        api_version: "v1",
        kind: "Secret",
        secret_type: "Opaque",
        metadata: Metadata { name, namespace },
        string_data: BTreeMap::from([(REGION, region.to_string()), (ROLE, role.to_string())]),
    })
}

/// The Helm values of the mediator: the role of its service account, and the accounts with their
/// Secrets. Without a role its pods have credentials of their own, as EKS Pod Identity gives them, and no
/// token is projected.
#[must_use]
pub fn values_yaml(source: Option<&RoleArn>, accounts: &[AccountValues]) -> String {
    let mediator = match source {
        Some(role) => Mediator::ServiceAccountAnnotations(BTreeMap::from([(
            ROLE_ANNOTATION,
            role.to_string(),
        )])),
        None => Mediator::Token { project: false },
    };
    let mediator = MediatorValues { mediator };
    let scrapers =
        ScraperValues { scrapers: Scrapers { aws: AwsScraper { enabled: true, accounts } } };
    // An empty line between the two, as in those documents.
    format!("{}\n{}", yaml_text(&mediator), yaml_text(&scrapers))
}

/// One account of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountValues {
    /// The account's ARN: a member's of an organization, or its root's.
    pub arn: String,
    /// The Secret that holds its role and region.
    pub secret_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Secret<'s> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(rename = "type")]
    secret_type: &'static str,
    metadata: Metadata<'s>,
    string_data: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Metadata<'s> {
    name: &'s str,
    namespace: &'s str,
}

#[derive(Serialize)]
struct MediatorValues {
    mediator: Mediator,
}

/// Where the mediator's credentials come from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Mediator {
    ServiceAccountAnnotations(BTreeMap<&'static str, String>),
    Token { project: bool },
}

#[derive(Serialize)]
struct ScraperValues<'a> {
    scrapers: Scrapers<'a>,
}

#[derive(Serialize)]
struct Scrapers<'a> {
    aws: AwsScraper<'a>,
}

#[derive(Serialize)]
struct AwsScraper<'a> {
    enabled: bool,
    accounts: &'a [AccountValues],
}

/// The value as block YAML, ending in a line feed.
fn yaml_text(value: &impl Serialize) -> String {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        // An ARN longer than a line stays on it: `>` would only be harder to read.
        prefer_block_scalars: false,
    };
    match serde_saphyr::to_string_with_options(value, options) {
        Ok(text) => text,
        // What we write is made of structs and texts, which that writer takes; and JSON is YAML.
        Err(_) => serde_json::to_string_pretty(value).unwrap_or_default() + "\n",
    }
}
