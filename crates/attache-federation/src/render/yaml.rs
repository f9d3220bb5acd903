//! The Kubernetes Secrets and the Helm values, by the YAML writer: what a reader of YAML 1.1 or 1.2
//! would take for anything but text is quoted, and the layout is the seed document's.

use serde::Serialize;

/// A Secret as the mediator reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Secret<'s> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(rename = "type")]
    kind_of_secret: &'static str,
    metadata: Metadata<'s>,
    string_data: StringData,
}

#[derive(Serialize)]
struct Metadata<'s> {
    name: &'s str,
    namespace: &'s str,
}

#[derive(Serialize)]
struct StringData {
    #[serde(rename = "AWS_REGION")]
    region: String,
    #[serde(rename = "AWS_ROLE_ARN")]
    role: String,
}

impl<'s> Secret<'s> {
    pub(super) fn new(
        name: &'s str,
        namespace: &'s str,
        region: &attache_identifiers::Region,
        role: &attache_identifiers::RoleArn,
    ) -> Self {
        Self {
            api_version: "v1",
            kind: "Secret",
            kind_of_secret: "Opaque",
            metadata: Metadata { name, namespace },
            string_data: StringData { region: region.to_string(), role: role.to_string() },
        }
    }
}

/// The values' part about the mediator.
#[derive(Serialize)]
pub(super) struct MediatorValues {
    mediator: Mediator,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mediator {
    service_account_annotations: Annotations,
}

#[derive(Serialize)]
struct Annotations {
    #[serde(rename = "eks.amazonaws.com/role-arn")]
    role: String,
}

impl MediatorValues {
    pub(super) fn new(source: &attache_identifiers::RoleArn) -> Self {
        let annotations = Annotations { role: source.to_string() };
        Self { mediator: Mediator { service_account_annotations: annotations } }
    }
}

/// The values' part about the accounts.
#[derive(Serialize)]
pub(super) struct ScraperValues {
    scrapers: Scrapers,
}

#[derive(Serialize)]
struct Scrapers {
    aws: AwsScraper,
}

#[derive(Serialize)]
struct AwsScraper {
    enabled: bool,
    accounts: Vec<AccountValues>,
}

/// One account of the values.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountValues {
    pub(super) arn: String,
    pub(super) secret_name: String,
}

impl ScraperValues {
    pub(super) fn new(accounts: Vec<AccountValues>) -> Self {
        Self { scrapers: Scrapers { aws: AwsScraper { enabled: true, accounts } } }
    }
}

/// The value as block YAML, ending in a line feed.
pub(super) fn text(value: &impl Serialize) -> String {
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
