//! The observed state of an account, as IAM answers.

mod associations;
mod inventory;

use std::collections::{BTreeMap, BTreeSet};

use attache_aws_accounts::{Page, list_all};
use attache_identifiers::{ProviderArn, RoleName};
use aws_sdk_iam::error::SdkError;
use aws_sdk_iam::operation::get_open_id_connect_provider::GetOpenIDConnectProviderError;
use aws_sdk_iam::operation::get_role::GetRoleError;
use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{Role, Tag};
use percent_encoding::percent_decode_str;

use crate::FederationError;
use crate::adoption::ADOPTED_TAG;
use crate::clients::Clients;
use crate::desired::{Account, OWNER_TAG, Provider};
use crate::error::BadAnswer;
use crate::permissions::UnknownPolicy;
use crate::provider_use::{ProviderUse, provider_use};
pub(crate) use associations::{AGENT, AgentAddon, NOT_FOUND, ObservedPods, read as pods};
use inventory::ListedRole;

/// One account, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedAccount {
    /// Those of the file's providers that are there.
    pub(crate) providers: BTreeMap<ProviderArn, FoundProvider>,
    /// The desired roles, and those that carry the federation's tag.
    pub(crate) roles: BTreeMap<RoleName, ObservedRole>,
    /// The account's other providers that a federation has put a tag on.
    pub(crate) tagged_providers: BTreeMap<ProviderArn, FoundProvider>,
    /// All of the account's providers, where they could be listed.
    pub(crate) provider_arns: Option<Vec<ProviderArn>>,
    /// How many roles the account has, where they could be listed.
    pub(crate) role_count: Option<usize>,
    /// The federations that have a role in the account.
    pub(crate) federations: BTreeSet<String>,
    /// The instance profiles of the federation's roles.
    pub(crate) instance_profiles: BTreeMap<RoleName, Vec<String>>,
    /// The associations of the file's cluster, where it is in this account.
    pub(crate) pods: Option<ObservedPods>,
    /// What could not be searched for what is the federation's, and why.
    pub(crate) unsearched: Vec<String>,
}

/// A provider, with the roles of the account that could use it and those of which that is not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FoundProvider {
    pub(crate) provider: ObservedProvider,
    pub(crate) uses: BTreeMap<String, ProviderUse>,
}

/// A provider, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedProvider {
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<i64>,
    pub(crate) client_ids: BTreeSet<String>,
    pub(crate) thumbprints: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// A role, as it is. Documents are text: those that others wrote need not be policies.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedRole {
    /// When it was made, in seconds since 1970.
    pub(crate) created: Option<i64>,
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

/// Reads the providers, the desired roles, and whatever else of the account carries the federation's tag: a role
/// of an earlier file, whatever it is called and trusts now, and the provider of an earlier issuer.
pub(crate) async fn account(
    clients: &Clients,
    owner: &str,
    desired: &Account,
) -> Result<ObservedAccount, FederationError> {
    let mut observed = ObservedAccount::default();
    for Provider { arn, .. } in &desired.providers {
        if let Some(provider) = provider(clients, arn).await? {
            let found = FoundProvider { provider, uses: BTreeMap::new() };
            observed.providers.insert(arn.clone(), found);
        }
    }
    if let Some(expected) = &desired.association {
        observed.pods = Some(pods(clients, owner, expected).await?);
    }
    for expected in &desired.roles {
        if let Some(found) = role(clients, expected.arn.name()).await? {
            observed.roles.insert(expected.arn.name().clone(), found);
        }
    }
    let listed = match inventory::roles(clients).await {
        Ok(listed) => listed,
        // Without a provider nothing depends on the list but what an earlier file had.
        Err(error)
            if observed.providers.is_empty() && error.refusal().is_some() && !error.throttled() =>
        {
            observed.unsearched.push(format!("{error}: roles of earlier files are not known"));
            return Ok(observed);
        }
        Err(error) => return Err(error),
    };
    observed.role_count = Some(listed.len());
    for (arn, found) in &mut observed.providers {
        found.uses = uses(&listed, arn);
    }
    let federation = |role: &ListedRole| role.tags.as_ref()?.get(OWNER_TAG).cloned();
    observed.federations = listed.iter().filter_map(federation).collect();
    let ours = listed.iter().filter(|role| federation(role).as_deref() == Some(owner));
    for listed in ours {
        observe_own(clients, &mut observed, listed).await?;
    }
    let unread: Vec<&str> =
        listed.iter().filter(|role| role.tags.is_none()).map(|role| role.name.as_str()).collect();
    if !unread.is_empty() {
        observed.unsearched.push(format!(
            "the tags of {} roles cannot be read ({}): whether they are this federation's is not known",
            unread.len(),
            unread.join(", ")
        ));
    }
    observe_providers(clients, &mut observed, &listed, &desired.providers).await?;
    Ok(observed)
}

/// A role with the federation's tag, and the instance profiles that it is in.
async fn observe_own(
    clients: &Clients,
    observed: &mut ObservedAccount,
    listed: &ListedRole,
) -> Result<(), FederationError> {
    let Ok(mut name) = RoleName::parse(&listed.name) else { return Ok(()) };
    // IAM finds a name in any letters: the file's may be others.
    match observed.roles.keys().find(|own| own.as_str().eq_ignore_ascii_case(&listed.name)) {
        Some(own) => name = own.clone(),
        None => match role(clients, &name).await? {
            Some(found) => drop(observed.roles.insert(name.clone(), found)),
            None => return Ok(()),
        },
    }
    let profiles = match &listed.instance_profiles {
        Some(profiles) => Ok(profiles.clone()),
        None => inventory::instance_profiles(clients, &name).await,
    };
    match profiles {
        Ok(profiles) if profiles.is_empty() => {}
        Ok(profiles) => drop(observed.instance_profiles.insert(name, profiles)),
        Err(error) if error.refusal().is_some() && !error.throttled() => {
            observed.unsearched.push(error.to_string());
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// The account's other providers that carry a tag of ours or of another federation.
async fn observe_providers(
    clients: &Clients,
    observed: &mut ObservedAccount,
    listed: &[ListedRole],
    desired: &[Provider],
) -> Result<(), FederationError> {
    let arns = match inventory::provider_arns(clients).await {
        Ok(arns) => arns,
        Err(error) if error.refusal().is_some() && !error.throttled() => {
            observed
                .unsearched
                .push(format!("{error}: providers of earlier issuers are not known"));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let others = arns.iter().filter(|arn| !desired.iter().any(|own| own.arn == **arn)).cloned();
    let providers = match inventory::providers(clients, others).await {
        Ok(providers) => providers,
        Err(error) if error.refusal().is_some() && !error.throttled() => {
            observed
                .unsearched
                .push(format!("{error}: whether it is of an earlier issuer is not known"));
            BTreeMap::new()
        }
        Err(error) => return Err(error),
    };
    let tagged = providers.into_iter().filter(|(_, provider)| {
        [OWNER_TAG, ADOPTED_TAG].iter().any(|key| provider.tags.contains_key(*key))
    });
    observed.tagged_providers = tagged
        .map(|(arn, provider)| {
            let uses = uses(listed, &arn);
            (arn, FoundProvider { provider, uses })
        })
        .collect();
    observed.provider_arns = Some(arns);
    Ok(())
}

/// The roles that could use a provider, and those of which that is not known.
fn uses(listed: &[ListedRole], provider: &ProviderArn) -> BTreeMap<String, ProviderUse> {
    let uses = listed.iter().map(|role| (role.name.clone(), provider_use(&role.trust, provider)));
    uses.filter(|(_, found)| *found != ProviderUse::None).collect()
}

/// The provider, or none when there is none.
pub(crate) async fn provider(
    clients: &Clients,
    arn: &ProviderArn,
) -> Result<Option<ObservedProvider>, FederationError> {
    let call = clients.iam.get_open_id_connect_provider();
    let call = call.open_id_connect_provider_arn(arn.to_string());
    let found = match clients.send(|| call.clone().send()).await {
        Ok(found) => found,
        Err(error) if no_provider(&error) => return Ok(None),
        Err(error) => {
            let attempt = format!("read the OIDC provider {}", arn.host_and_path());
            return Err(FederationError::of(&attempt, clients.account, &error));
        }
    };
    Ok(Some(ObservedProvider {
        created: found.create_date().map(DateTime::secs),
        client_ids: found.client_id_list().iter().cloned().collect(),
        thumbprints: found.thumbprint_list().to_vec(),
        tags: tags(found.tags()),
    }))
}

fn no_provider<R>(error: &SdkError<GetOpenIDConnectProviderError, R>) -> bool {
    error.as_service_error().is_some_and(GetOpenIDConnectProviderError::is_no_such_entity_exception)
}

/// Ours: a role that another run changes while it is read is read again; how often.
const MOST_READS: usize = 4;

/// The role with its policies, or none when there is none.
pub(crate) async fn role(
    clients: &Clients,
    name: &RoleName,
) -> Result<Option<ObservedRole>, FederationError> {
    let mut read = 1;
    loop {
        match role_once(clients, name).await {
            // The role, or one of its policies, went away between two calls.
            Err(error) if error.code() == Some("NoSuchEntity") && read < MOST_READS => read += 1,
            ended => return ended,
        }
    }
}

async fn role_once(
    clients: &Clients,
    name: &RoleName,
) -> Result<Option<ObservedRole>, FederationError> {
    let call = clients.iam.get_role().role_name(name.as_str());
    let found = match clients.send(|| call.clone().send()).await {
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
        created: Some(found.create_date().secs()),
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
        let call = call.set_marker(marker);
        let page = clients.send(|| call.clone().send()).await;
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
        let call = call.set_marker(marker);
        let page = clients.send(|| call.clone().send()).await;
        let page = page.map_err(|e| FederationError::of(&attempt, clients.account, &e))?;
        Ok(Page { items: page.policy_names, marker: page.marker })
    };
    let mut documents = BTreeMap::new();
    for policy in list_all(read_page, clients.incomplete(&attempt)).await? {
        let call = clients.iam.get_role_policy().role_name(name.as_str()).policy_name(&policy);
        let found = clients.send(|| call.clone().send()).await.map_err(|e| {
            let attempt = format!("read the inline policy {policy} of the role {name}");
            FederationError::of(&attempt, clients.account, &e)
        })?;
        documents.insert(policy, document(found.policy_document()));
    }
    Ok(documents)
}

/// All roles of the account. `attempt` is a verb phrase.
pub(crate) async fn all_roles(
    clients: &Clients,
    attempt: &str,
) -> Result<Vec<Role>, FederationError> {
    let read_page = |marker| async {
        let call = clients.iam.list_roles().set_marker(marker);
        let page = clients.send(|| call.clone().send()).await;
        let page = page.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
        Ok(Page { items: page.roles, marker: page.marker })
    };
    list_all(read_page, clients.incomplete(attempt)).await
}

/// Whether a role of a list can use the provider.
pub(crate) fn use_by(role: &Role, provider: &ProviderArn) -> ProviderUse {
    provider_use(&document(role.assume_role_policy_document().unwrap_or_default()), provider)
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
    let call = clients.iam.get_policy().policy_arn(arn);
    let found = clients.send(|| call.clone().send()).await;
    let found = found.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
    let version = found.policy.and_then(|policy| policy.default_version_id);
    let version =
        version.ok_or_else(|| clients.bad_answer(attempt, BadAnswer::NoDefaultVersion))?;
    let call = clients.iam.get_policy_version().policy_arn(arn).version_id(version);
    let found = clients.send(|| call.clone().send()).await;
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
