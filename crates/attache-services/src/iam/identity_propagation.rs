//! How an OIDC provider takes part in trusted identity propagation: kept and answered. No embedded
//! service injects a trusted context, so it decides nothing.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProvider.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::change::{Change, ContextProvider, IdentityPropagation};
use serde::Deserialize;

use super::providers::provider;
use super::{Call, Operation, Resource, Response, members};
use crate::refusal::invalid_input;
use crate::validation::{Member, Pattern, Shape, optional, required};

const KEY: Shape = Shape::Text { min: 1, max: 128, pattern: Pattern::Any };
const DEFINITION: Shape =
    Shape::Structure(&[required("SourceKey", &KEY), optional("TargetKey", &KEY)]);
const DEFINITIONS: Shape = Shape::List { min: 0, max: 10, of: &DEFINITION };
const PROVIDER: Shape = Shape::Structure(&[
    optional("KeyDefinitionList", &DEFINITIONS),
    required("SubjectSourceKey", &KEY),
    optional("SubjectTypeValue", &KEY),
    optional("SubjectTypeSourceKey", &KEY),
]);
const ARN: Shape = Shape::Text { min: 1, max: 1224, pattern: Pattern::Any };

pub(super) const CONTEXT_PROVIDER: Member = optional("ContextProvider", &PROVIDER);
pub(super) const INSTANCE: Member = optional("IdentityCenterInstanceArn", &ARN);

pub(super) const OPERATIONS: &[Operation] = &[Operation {
    name: "UpdateOpenIDConnectProvider",
    members: &[
        required("OpenIDConnectProviderArn", &members::ARN),
        CONTEXT_PROVIDER,
        INSTANCE,
        optional("RemoveContextProvider", &members::FLAG),
        optional("RemoveIdentityCenterInstance", &members::FLAG),
    ],
    resource: Resource::Provider,
    changes: true,
    run: |call| update(call, call.read()?),
}];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateOpenIDConnectProvider {
    context_provider: Option<ContextProvider>,
    identity_center_instance_arn: Option<String>,
    #[serde(default)]
    remove_context_provider: bool,
    #[serde(default)]
    remove_identity_center_instance: bool,
}

/// What a new provider has of it. The rules are those of the API reference, whose sentences for them are
/// not known.
pub(super) fn new(
    context_provider: Option<ContextProvider>,
    instance: Option<String>,
) -> Result<IdentityPropagation, ServiceError> {
    if instance.is_some() && context_provider.is_none() {
        let message = "IdentityCenterInstanceArn can only be specified with ContextProvider.";
        return Err(invalid_input(message));
    }
    let context_provider = context_provider.map(checked).transpose()?;
    Ok(IdentityPropagation { context_provider, identity_center_instance: instance })
}

/// A subject has one type, which is either the same in all tokens or in a claim; and each key is text
/// without blanks around it or side by side.
fn checked(provider: ContextProvider) -> Result<ContextProvider, ServiceError> {
    if provider.subject_type_value.is_some() && provider.subject_type_source_key.is_some() {
        let message = "Specify either SubjectTypeValue or SubjectTypeSourceKey, but not both.";
        return Err(invalid_input(message));
    }
    let definitions = provider.key_definition_list.iter();
    let defined = definitions.flat_map(|key| [Some(&key.source_key), key.target_key.as_ref()]);
    let keys = defined.flatten().chain([&provider.subject_source_key]);
    let keys = keys.chain(&provider.subject_type_source_key);
    if let Some(wrong) = keys.into_iter().find(|key| !is_key(key)) {
        return Err(invalid_input(format!("Invalid key in ContextProvider: {wrong}")));
    }
    Ok(provider)
}

fn is_key(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@#".contains(c);
    text.chars().all(legal) && text.trim() == text && !text.contains("  ")
}

fn update(call: &Call<'_>, input: UpdateOpenIDConnectProvider) -> Result<Response, ServiceError> {
    let provider = provider(call)?;
    let mut propagation: IdentityPropagation = provider.propagation.clone();
    let context = change(input.context_provider, input.remove_context_provider, "ContextProvider")?;
    let instance = change(
        input.identity_center_instance_arn,
        input.remove_identity_center_instance,
        "IdentityCenterInstance",
    )?;
    match (context, instance) {
        (Some(_), Some(_)) => {
            return Err(invalid_input(
                "Specify either a change of the context provider or one of the IAM Identity Center \
                 instance, but not both.",
            ));
        }
        (Some(None), None) if propagation.identity_center_instance.is_some() => {
            return Err(invalid_input(
                "Remove the IAM Identity Center instance before the context provider.",
            ));
        }
        (Some(context), None) => {
            propagation.context_provider = context.map(checked).transpose()?;
        }
        (None, Some(instance)) => {
            propagation = new(propagation.context_provider, instance)?;
        }
        (None, None) => return Err(invalid_input("Specify what is to be updated.")),
    }
    let url = provider.url.clone();
    Ok(Response::changed(Change::IdentityPropagationSet { url, propagation }))
}

/// What is to be changed: a value takes the place of what there was, or it is removed.
fn change<T>(
    value: Option<T>,
    remove: bool,
    name: &str,
) -> Result<Option<Option<T>>, ServiceError> {
    match (value, remove) {
        (Some(_), true) => {
            Err(invalid_input(format!("Specify either {name} or Remove{name}, but not both.")))
        }
        (Some(value), false) => Ok(Some(Some(value))),
        (None, true) => Ok(Some(None)),
        (None, false) => Ok(None),
    }
}
