//! Every role and provider of an account, with the tags by which a federation finds its own.

use std::collections::BTreeMap;

use attache_aws_accounts::{Page, list_all};
use attache_identifiers::{ProviderArn, RoleName};
use aws_sdk_iam::types::{EntityType, RoleDetail};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{ObservedProvider, all_roles, document, provider, tags};
use crate::FederationError;
use crate::clients::Clients;

/// Ours: reads of one account that are made at once. IAM answers some tens of calls a second.
const READS_AT_ONCE: usize = 8;

/// Codes of a call that is not allowed, or that an emulator does not have.
const NOT_ALLOWED: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "InvalidAction",
    "NotImplemented",
    "UnknownOperation",
];

/// A role, as a list of all of them has it.
#[derive(Debug, Clone)]
pub(super) struct ListedRole {
    pub(super) name: String,
    pub(super) trust: String,
    /// None where they cannot be read.
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// Those that the role is in; none where the list does not say.
    pub(super) instance_profiles: Option<Vec<String>>,
}

/// All roles: by one list where that is allowed, else by the list of roles and each role's own tags.
pub(super) async fn roles(clients: &Clients) -> Result<Vec<ListedRole>, FederationError> {
    match detailed(clients).await {
        Ok(Some(roles)) => Ok(roles),
        // An answer without a list is none: what it does not list may be there.
        Ok(None) => one_by_one(clients).await,
        Err(error) if error.code().is_some_and(|code| NOT_ALLOWED.contains(&code)) => {
            tracing::info!(account = %clients.account, %error, "reading the roles one by one");
            one_by_one(clients).await
        }
        Err(error) => Err(error),
    }
}

/// Nothing where an answer has no list of roles.
async fn detailed(clients: &Clients) -> Result<Option<Vec<ListedRole>>, FederationError> {
    let attempt = "read the account's roles";
    let read_page = |marker: Option<String>| async {
        let call = clients.iam.get_account_authorization_details().filter(EntityType::Role);
        let call = call.set_marker(marker);
        let page = clients.send(|| call.clone().send()).await;
        let page = page.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
        Ok(Page { items: vec![page.role_detail_list], marker: page.marker })
    };
    let pages = list_all(read_page, clients.incomplete(attempt)).await?;
    let pages: Option<Vec<Vec<RoleDetail>>> = pages.into_iter().collect();
    Ok(pages.map(|pages| pages.iter().flatten().filter_map(of_detail).collect()))
}

fn of_detail(detail: &RoleDetail) -> Option<ListedRole> {
    let profiles = detail.instance_profile_list().iter();
    Some(ListedRole {
        name: detail.role_name()?.to_owned(),
        trust: document(detail.assume_role_policy_document().unwrap_or_default()),
        tags: Some(tags(detail.tags())),
        instance_profiles: Some(
            profiles.map(|profile| profile.instance_profile_name().to_owned()).collect(),
        ),
    })
}

async fn one_by_one(clients: &Clients) -> Result<Vec<ListedRole>, FederationError> {
    let roles = all_roles(clients, "list the account's roles").await?;
    let read = roles.into_iter().map(|role| async move {
        let (name, trust) = (role.role_name().to_owned(), role.assume_role_policy_document());
        let trust = document(trust.unwrap_or_default());
        let call = clients.iam.get_role().role_name(&name);
        let found = clients.send(|| call.clone().send()).await;
        let found =
            found.map_err(|e| FederationError::of("read a role's tags", clients.account, &e));
        let tags = match found {
            Ok(found) => found.role.map(|role| tags(role.tags())),
            // It went away between the two calls.
            Err(error) if error.code() == Some("NoSuchEntity") => Some(BTreeMap::new()),
            Err(error) if error.refusal().is_some() && !error.throttled() => None,
            Err(error) => return Err(error),
        };
        Ok(ListedRole { name, trust, tags, instance_profiles: None })
    });
    stream::iter(read).buffered(READS_AT_ONCE).try_collect().await
}

/// The instance profiles that a role is in.
pub(super) async fn instance_profiles(
    clients: &Clients,
    role: &RoleName,
) -> Result<Vec<String>, FederationError> {
    let attempt = format!("list the instance profiles of the role {role}");
    let read_page = |marker: Option<String>| async {
        let call = clients.iam.list_instance_profiles_for_role().role_name(role.as_str());
        let call = call.set_marker(marker);
        let page = clients.send(|| call.clone().send()).await;
        let page = page.map_err(|e| FederationError::of(&attempt, clients.account, &e))?;
        Ok(Page { items: page.instance_profiles, marker: page.marker })
    };
    let profiles = list_all(read_page, clients.incomplete(&attempt)).await?;
    Ok(profiles.iter().map(|profile| profile.instance_profile_name().to_owned()).collect())
}

/// The ARNs of all OIDC providers.
pub(super) async fn provider_arns(clients: &Clients) -> Result<Vec<ProviderArn>, FederationError> {
    let call = clients.iam.list_open_id_connect_providers();
    let list = clients.send(|| call.clone().send()).await;
    let list =
        list.map_err(|e| FederationError::of("list the OIDC providers", clients.account, &e))?;
    let arns = list.open_id_connect_provider_list().iter().filter_map(|entry| entry.arn());
    Ok(arns.filter_map(|arn| ProviderArn::parse(arn).ok()).collect())
}

/// Several providers, without those that went away meanwhile.
pub(super) async fn providers(
    clients: &Clients,
    arns: impl Iterator<Item = ProviderArn>,
) -> Result<BTreeMap<ProviderArn, ObservedProvider>, FederationError> {
    let read = arns.map(|arn| async move {
        let found = provider(clients, &arn).await?;
        Ok::<_, FederationError>(found.map(|found| (arn, found)))
    });
    let read: Vec<_> = stream::iter(read).buffered(READS_AT_ONCE).try_collect().await?;
    Ok(read.into_iter().flatten().collect())
}
