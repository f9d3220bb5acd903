//! OIDC providers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::ProviderArn;
use attache_ledger::change::{Change, ContextProvider, IdentityPropagation};
use attache_ledger::state::{Account, Provider};
use attache_ledger::{PARTITION, Tag, TagKeys};
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::ProviderInput;
use super::provider_normal_form::{issuer, thumbprints};
use super::{
    Call, Operation, Resource, Response, identity_propagation, limits, members, show, tagging,
};
use crate::refusal::{already_exists, invalid_input, limit_exceeded, no_such_entity, validation};
use crate::validation::{Member, optional, required};

const ARN: Member = required("OpenIDConnectProviderArn", &members::ARN);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateOpenIDConnectProvider",
        members: &[
            required("Url", &members::URL),
            optional("ClientIDList", &members::CLIENT_IDS),
            optional("ThumbprintList", &members::THUMBPRINTS),
            optional("Tags", &members::TAGS),
            identity_propagation::CONTEXT_PROVIDER,
            identity_propagation::INSTANCE,
        ],
        resource: Resource::NewProvider,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "GetOpenIDConnectProvider",
        members: &[ARN],
        resource: Resource::Provider,
        changes: false,
        run: get,
    },
    Operation {
        name: "ListOpenIDConnectProviders",
        members: &[],
        resource: Resource::Any,
        changes: false,
        run: list,
    },
    Operation {
        name: "DeleteOpenIDConnectProvider",
        members: &[ARN],
        resource: Resource::Provider,
        changes: true,
        run: delete,
    },
    Operation {
        name: "AddClientIDToOpenIDConnectProvider",
        members: &[ARN, required("ClientID", &members::CLIENT_ID)],
        resource: Resource::Provider,
        changes: true,
        run: add_client_id,
    },
    Operation {
        name: "RemoveClientIDFromOpenIDConnectProvider",
        members: &[ARN, required("ClientID", &members::CLIENT_ID)],
        resource: Resource::Provider,
        changes: true,
        run: remove_client_id,
    },
    Operation {
        name: "UpdateOpenIDConnectProviderThumbprint",
        members: &[ARN, required("ThumbprintList", &members::THUMBPRINTS)],
        resource: Resource::Provider,
        changes: true,
        run: update_thumbprints,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOpenIDConnectProvider<'a> {
    url: &'a str,
    #[serde(rename = "ClientIDList", default)]
    client_ids: Vec<String>,
    #[serde(default)]
    thumbprint_list: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
}

#[derive(Deserialize)]
struct ClientIdInput {
    #[serde(rename = "ClientID")]
    client_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ThumbprintsInput {
    thumbprint_list: Vec<String>,
}

fn create(
    call: &Call<'_>,
    input: CreateOpenIDConnectProvider<'_>,
) -> Result<Response, ServiceError> {
    let given = input.url;
    let issuer = issuer(given)?;
    let url = issuer.host_and_path().to_owned();
    if call.account.providers.contains_key(&url) {
        return Err(already_exists(format!("Provider with url {given} already exists.")));
    }
    call.check_quota("OpenIdConnectProvidersPerAccount", call.account.providers.len())?;
    let mut client_ids: Vec<String> = Vec::new();
    for id in input.client_ids {
        if !client_ids.contains(&id) {
            client_ids.push(id);
        }
    }
    if client_ids.len() > limits::CLIENT_IDS {
        return Err(limit_exceeded("ClientIdsPerOpenIdConnectProvider", limits::CLIENT_IDS));
    }
    let thumbprints = thumbprints(input.thumbprint_list)?;
    let tags = tagging::checked(input.tags, TagKeys::Exact)?;
    let propagation =
        identity_propagation::new(input.context_provider, input.identity_center_instance_arn)?;
    let result = json!({
        "OpenIDConnectProviderArn": issuer.provider(PARTITION, call.account.id).to_string(),
        "Tags": if tags.is_empty() { Value::Null } else { json!(tags) },
    });
    let change = Change::ProviderCreated { url, client_ids, thumbprints, tags, propagation };
    Ok(Response::with_change(result, change))
}

fn get(call: &Call<'_>) -> Result<Response, ServiceError> {
    let provider = provider(call)?;
    let IdentityPropagation { context_provider, identity_center_instance } = &provider.propagation;
    Ok(Response::read_only(json!({
        "Url": provider.url,
        "ClientIDList": provider.client_ids,
        "ThumbprintList": provider.thumbprints,
        "CreateDate": show::time(provider.created),
        "Tags": show::all_tags(&provider.tags),
        "ContextProvider": context_provider,
        "IdentityCenterInstanceArn": identity_center_instance,
    })))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let shown = |provider: &Provider| match provider.propagation.identity_center_instance {
        Some(_) => json!({"Arn": provider.arn, "IsTrustedIdentityPropagationEnabled": true}),
        None => json!({"Arn": provider.arn}),
    };
    let all: Vec<Value> = call.account.providers.values().map(shown).collect();
    Ok(Response::read_only(json!({"OpenIDConnectProviderList": all})))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    let given = call.read::<ProviderInput<'_>>()?.provider_arn;
    well_formed(given)?;
    // In words of its own, as no other operation on a provider that does not exist.
    let found = provider_of(call.account, given).ok_or_else(|| {
        no_such_entity(format!("OpenId connect Provider {given} cannot be found."))
    })?;
    Ok(Response::changed(Change::ProviderDeleted { url: found.url.clone() }))
}

/// Adding an id that is there is no error, and no change.
fn add_client_id(call: &Call<'_>) -> Result<Response, ServiceError> {
    let provider = provider(call)?;
    let ClientIdInput { client_id } = call.read()?;
    if provider.client_ids.contains(&client_id) {
        return Ok(Response::read_only(Value::Null));
    }
    if provider.client_ids.len() >= limits::CLIENT_IDS {
        return Err(limit_exceeded("ClientIdsPerOpenIdConnectProvider", limits::CLIENT_IDS));
    }
    Ok(Response::changed(Change::ClientIdAdded { url: provider.url.clone(), client_id }))
}

/// Taking an id away that is not there is no error, and no change.
fn remove_client_id(call: &Call<'_>) -> Result<Response, ServiceError> {
    let provider = provider(call)?;
    let ClientIdInput { client_id } = call.read()?;
    if !provider.client_ids.contains(&client_id) {
        return Ok(Response::read_only(Value::Null));
    }
    Ok(Response::changed(Change::ClientIdRemoved { url: provider.url.clone(), client_id }))
}

fn update_thumbprints(call: &Call<'_>) -> Result<Response, ServiceError> {
    let url = provider(call)?.url.clone();
    let thumbprints = thumbprints(call.read::<ThumbprintsInput>()?.thumbprint_list)?;
    if thumbprints.is_empty() {
        return Err(invalid_input("Thumbprint list must contain at least one entry."));
    }
    Ok(Response::changed(Change::ThumbprintsSet { url, thumbprints }))
}

/// The provider that a call names, in the caller's account.
pub(super) fn provider<'s>(call: &Call<'s>) -> Result<&'s Provider, ServiceError> {
    let given = call.read::<ProviderInput<'_>>()?.provider_arn;
    well_formed(given)?;
    provider_of(call.account, given)
        .ok_or_else(|| no_such_entity(format!("OpenIDConnect Provider not found for arn {given}")))
}

/// The account's provider of that ARN. An issuer's URL is compared as text.
pub(super) fn provider_of<'s>(account: &'s Account, arn: &str) -> Option<&'s Provider> {
    let arn = ProviderArn::parse(arn).ok().filter(|arn| arn.account() == account.id)?;
    account.providers.get(arn.host_and_path())
}

/// Refuses an ARN that is no provider's.
fn well_formed(arn: &str) -> Result<(), ServiceError> {
    let parsed = ProviderArn::parse(arn).map(drop);
    parsed.map_err(|_| validation("Invalid ARN:  Could not be parsed!"))
}
