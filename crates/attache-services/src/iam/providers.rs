//! OIDC providers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>

use attache_aws_protocol::ServiceError;
use attache_identifiers::{Issuer, ProviderArn};
use attache_ledger::change::Change;
use attache_ledger::state::Provider;
use attache_ledger::{PARTITION, Tag};
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::ProviderInput;
use super::{Call, Operation, Resource, Response, limits, members, show, tagging};
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
    let issuer = Issuer::parse(given).map_err(|_| invalid_url(given))?;
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
    let tags = tagging::checked(input.tags)?;
    let result = json!({
        "OpenIDConnectProviderArn": issuer.provider(PARTITION, call.account.id).to_string(),
        "Tags": if tags.is_empty() { Value::Null } else { json!(tags) },
    });
    let change = Change::ProviderCreated { url, client_ids, thumbprints, tags };
    Ok(Response::with_change(result, change))
}

/// What an issuer's URL lacks. IAM has a sentence for each.
fn invalid_url(url: &str) -> ServiceError {
    if !url.starts_with("https://") {
        return validation(format!("Invalid Open ID Connect Provider URL: {url}"));
    }
    if url.contains(['?', '#']) {
        return validation("Invalid Open ID Connect Provider URL: it must not have a query string");
    }
    validation(format!("Invalid Open ID Connect Provider URL: {url}"))
}

fn thumbprints(thumbprints: Vec<String>) -> Result<Vec<String>, ServiceError> {
    if thumbprints.len() > limits::THUMBPRINTS {
        return Err(invalid_input("Thumbprint list must contain fewer than 5 entries."));
    }
    Ok(thumbprints)
}

fn get(call: &Call<'_>) -> Result<Response, ServiceError> {
    let provider = provider(call)?;
    Ok(Response::read_only(json!({
        "Url": provider.url,
        "ClientIDList": provider.client_ids,
        "ThumbprintList": provider.thumbprints,
        "CreateDate": show::time(provider.created),
        "Tags": show::tags(&provider.tags),
    })))
}

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let arns: Vec<Value> =
        call.account.providers.values().map(|provider| json!({"Arn": provider.arn})).collect();
    Ok(Response::read_only(json!({"OpenIDConnectProviderList": arns})))
}

fn delete(call: &Call<'_>) -> Result<Response, ServiceError> {
    Ok(Response::changed(Change::ProviderDeleted { url: provider(call)?.url.clone() }))
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
    Ok(Response::changed(Change::ThumbprintsSet { url, thumbprints }))
}

/// The provider that a call names, in the caller's account.
pub(super) fn provider<'s>(call: &Call<'s>) -> Result<&'s Provider, ServiceError> {
    let given = call.read::<ProviderInput<'_>>()?.provider_arn;
    let arn =
        ProviderArn::parse(given).map_err(|_| validation("Invalid ARN:  Could not be parsed!"))?;
    let found = Some(&arn).filter(|arn| arn.account() == call.account.id);
    found
        .and_then(|arn| call.account.providers.get(arn.host_and_path()))
        .ok_or_else(|| no_such_entity(format!("OpenIDConnect Provider not found for arn {given}")))
}
