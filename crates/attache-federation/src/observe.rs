//! The observed state of an account, as IAM answers.

use std::collections::{BTreeMap, BTreeSet};

use attache_aws_accounts::{Page, list_all};
use attache_identifiers::{ProviderArn, RoleName};
use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIDConnectProviderError;
use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_iam::types::{Role, Tag};
use percent_encoding::percent_decode_str;

use crate::FederationError;
use crate::clients::Clients;
use crate::desired::Account;
use crate::error::BadAnswer;
use crate::permissions::UnknownPolicy;
use crate::provider_use::{ProviderUse, provider_use};

/// One account, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedAccount {
    pub(crate) provider: Option<ObservedProvider>,
    /// The desired roles, and those that could use the provider.
    pub(crate) roles: BTreeMap<RoleName, ObservedRole>,
    /// The roles of the account that could use the provider, and those of which that is not known.
    pub(crate) provider_uses: BTreeMap<String, ProviderUse>,
}

/// A provider, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedProvider {
    pub(crate) client_ids: BTreeSet<String>,
    pub(crate) thumbprints: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A role, as it is. Documents are text: those that others wrote need not be policies.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedRole {
    pub(crate) arn: String,
    pub(crate) path: String,
    pub(crate) description: Option<String>,
    pub(crate) trust: String,
    pub(crate) policies: BTreeSet<String>,
    pub(crate) inline: BTreeMap<String, String>,
    pub(crate) boundary: Option<String>,
    /// Seconds.
    pub(crate) max_session: i32,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Reads the provider, the desired roles, and those that could use the provider: one of these may be the
/// federation's from an earlier file, and the others forbid removing the provider. One that cannot be
/// read is left out of the roles and is still among the uses of the provider.
pub(crate) async fn account(
    clients: &Clients,
    desired: &Account,
) -> Result<ObservedAccount, FederationError> {
    let provider = provider(clients, &desired.provider.arn).await?;
    let mut roles = BTreeMap::new();
    for expected in &desired.roles {
        if let Some(found) = role(clients, expected.arn.name()).await? {
            roles.insert(expected.arn.name().clone(), found);
        }
    }
    if provider.is_none() {
        return Ok(ObservedAccount { provider, roles, provider_uses: BTreeMap::new() });
    }
    let provider_uses = provider_uses(clients, &desired.provider.arn).await?;
    let possible = provider_uses.iter().filter(|(_, found)| **found == ProviderUse::Possible);
    for name in possible.filter_map(|(name, _)| RoleName::parse(name).ok()) {
        if roles.contains_key(&name) {
            continue;
        }
        match role(clients, &name).await {
            Ok(found) => roles.extend(found.map(|found| (name, found))),
            Err(error) if error.refusal().is_some() => {
                tracing::warn!(%name, %error, "a role that could use the provider cannot be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ObservedAccount { provider, roles, provider_uses })
}

/// The provider, or none when there is none.
pub(crate) async fn provider(
    clients: &Clients,
    arn: &ProviderArn,
) -> Result<Option<ObservedProvider>, FederationError> {
    let call = clients.iam.get_open_id_connect_provider();
    let found = match call.open_id_connect_provider_arn(arn.to_string()).send().await {
        Ok(found) => found,
        Err(error) if no_provider(&error) => return Ok(None),
        Err(error) => {
            let attempt = format!("read the OIDC provider {}", arn.host_and_path());
            return Err(FederationError::of(&attempt, clients.account, &error));
        }
    };
    Ok(Some(ObservedProvider {
        client_ids: found.client_id_list().iter().cloned().collect(),
        thumbprints: found.thumbprint_list().to_vec(),
        tags: tags(found.tags()),
    }))
}

fn no_provider<R>(error: &SdkError<GetOpenIDConnectProviderError, R>) -> bool {
    error.as_service_error().is_some_and(GetOpenIDConnectProviderError::is_no_such_entity_exception)
}

/// The role with its policies, or none when there is none.
pub(crate) async fn role(
    clients: &Clients,
    name: &RoleName,
) -> Result<Option<ObservedRole>, FederationError> {
    let found = match clients.iam.get_role().role_name(name.as_str()).send().await {
        Ok(found) => found.role,
        Err(error) if no_role(&error) => return Ok(None),
        Err(error) => {
            let attempt = format!("read the role {name}");
            return Err(FederationError::of(&attempt, clients.account, &error));
        }
    };
    let Some(found) = found else { return Ok(None) };
    let mut role = role_fields(&found);
    role.policies = attached(clients, name).await?;
    role.inline = inline(clients, name).await?;
    Ok(Some(role))
}

fn no_role<R>(error: &SdkError<GetRoleError, R>) -> bool {
    error.as_service_error().is_some_and(GetRoleError::is_no_such_entity_exception)
}

fn role_fields(found: &Role) -> ObservedRole {
    let boundary = found.permissions_boundary().and_then(|b| b.permissions_boundary_arn());
    ObservedRole {
        arn: found.arn().to_owned(),
        path: found.path().to_owned(),
        description: found.description().map(str::to_owned).filter(|text| !text.is_empty()),
        trust: document(found.assume_role_policy_document().unwrap_or_default()),
        boundary: boundary.map(str::to_owned),
        // AWS's default, which it leaves out for some old roles.
        max_session: found.max_session_duration().unwrap_or(3600),
        tags: tags(found.tags()),
        ..ObservedRole::default()
    }
}

async fn attached(clients: &Clients, name: &RoleName) -> Result<BTreeSet<String>, FederationError> {
    let attempt = format!("list the policies attached to the role {name}");
    let read_page = |marker| async {
        let call = clients.iam.list_attached_role_policies().role_name(name.as_str());
        let page = call.set_marker(marker).send().await;
        let page = page.map_err(|e| FederationError::of(&attempt, clients.account, &e))?;
        Ok(Page { items: page.attached_policies.unwrap_or_default(), marker: page.marker })
    };
    let policies = list_all(read_page, clients.incomplete(&attempt)).await?;
    Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

async fn inline(
    clients: &Clients,
    name: &RoleName,
) -> Result<BTreeMap<String, String>, FederationError> {
    let attempt = format!("list the inline policies of the role {name}");
    let read_page = |marker| async {
        let call = clients.iam.list_role_policies().role_name(name.as_str());
        let page = call.set_marker(marker).send().await;
        let page = page.map_err(|e| FederationError::of(&attempt, clients.account, &e))?;
        Ok(Page { items: page.policy_names, marker: page.marker })
    };
    let mut documents = BTreeMap::new();
    for policy in list_all(read_page, clients.incomplete(&attempt)).await? {
        let call = clients.iam.get_role_policy().role_name(name.as_str()).policy_name(&policy);
        let found = call.send().await.map_err(|e| {
            let attempt = format!("read the inline policy {policy} of the role {name}");
            FederationError::of(&attempt, clients.account, &e)
        })?;
        documents.insert(policy, document(found.policy_document()));
    }
    Ok(documents)
}

/// Of all the account's roles those that could use the provider, or of which that is not known.
async fn provider_uses(
    clients: &Clients,
    provider: &ProviderArn,
) -> Result<BTreeMap<String, ProviderUse>, FederationError> {
    let attempt = "list the roles that could use the provider";
    let read_page = |marker| async {
        let page = clients.iam.list_roles().set_marker(marker).send().await;
        let page = page.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
        Ok(Page { items: page.roles, marker: page.marker })
    };
    let roles = list_all(read_page, clients.incomplete(attempt)).await?;
    let provider_uses = roles.iter().map(|role| {
        let trust = document(role.assume_role_policy_document().unwrap_or_default());
        (role.role_name().to_owned(), provider_use(&trust, provider))
    });
    Ok(provider_uses.filter(|(_, found)| *found != ProviderUse::None).collect())
}

/// The document of a managed policy that is in force, by its default version.
///
/// # Errors
/// [`UnknownPolicy::Unread`].
pub(crate) async fn managed_document(
    clients: &Clients,
    arn: &str,
) -> Result<String, UnknownPolicy> {
    default_version(clients, arn)
        .await
        .map_err(|source| UnknownPolicy::Unread { arn: arn.to_owned(), source: source.into() })
}

async fn default_version(clients: &Clients, arn: &str) -> Result<String, FederationError> {
    let attempt = "read it";
    let found = clients.iam.get_policy().policy_arn(arn).send().await;
    let found = found.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
    let version = found.policy.and_then(|policy| policy.default_version_id);
    let version =
        version.ok_or_else(|| clients.bad_answer(attempt, BadAnswer::NoDefaultVersion))?;
    let call = clients.iam.get_policy_version().policy_arn(arn).version_id(version);
    let found = call.send().await;
    let found = found.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
    let text = found.policy_version.and_then(|version| version.document);
    let text = text.ok_or_else(|| clients.bad_answer(attempt, BadAnswer::NoDocument))?;
    Ok(document(&text))
}

fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// IAM sends documents URL-encoded (RFC 3986); some emulators send them plain, and JSON text
/// begins with a brace only when it is plain.
fn document(sent: &str) -> String {
    if sent.trim_start().starts_with('{') {
        return sent.to_owned();
    }
    percent_decode_str(sent).decode_utf8_lossy().into_owned()
}
