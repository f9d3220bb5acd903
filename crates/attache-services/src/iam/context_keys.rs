//! The condition keys that policies name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html>

use std::collections::BTreeSet;

use attache_aws_protocol::ServiceError;
use attache_policy::{Policy, PolicySet, context_keys};
use serde::Deserialize;
use serde_json::{Value, json};

use super::policy_source::Source;
use super::simulate::{DOCUMENTS, POLICIES, SOURCE, SourceInput};
use super::{Operation, Resource, Response};
use crate::refusal::invalid_input;
use crate::validation::{Input, optional, required};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "GetContextKeysForCustomPolicy",
        members: &[required(POLICIES, &DOCUMENTS)],
        resource: Resource::Any,
        changes: false,
        run: |_| Ok(Response::later(|input, _| Ok(shown(&of_input(input)?)))),
    },
    Operation {
        name: "GetContextKeysForPrincipalPolicy",
        members: &[SOURCE, optional(POLICIES, &DOCUMENTS)],
        resource: Resource::Source,
        changes: false,
        run: |call| {
            let source = Source::find(call, call.read::<SourceInput<'_>>()?.policy_source_arn)?;
            let (policies, boundary) = source.policies(call);
            Ok(Response::later(move |input, _| {
                let mut keys = of_source(&policies, boundary.as_ref())?;
                keys.extend(of_input(input)?);
                Ok(shown(&keys))
            }))
        },
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Documents<'a> {
    #[serde(default, borrow)]
    policy_input_list: Vec<&'a str>,
}

/// The keys of the documents of a call, each document's own.
fn of_input(input: Input<'_>) -> Result<Vec<String>, ServiceError> {
    let documents = input.read::<Documents<'_>>()?.policy_input_list;
    let read =
        (1..).zip(documents).map(|(at, text)| of_document(text, &format!("{POLICIES}.{at}")));
    Ok(read.collect::<Result<Vec<_>, _>>()?.concat())
}

/// Those of a principal's policies and its boundary. A managed policy that is attached to a user and to
/// its group is one policy.
fn of_source(
    policies: &PolicySet,
    boundary: Option<&PolicySet>,
) -> Result<Vec<String>, ServiceError> {
    let mut seen = BTreeSet::new();
    let all = policies.policies().chain(boundary.into_iter().flat_map(PolicySet::policies));
    let once = all.filter(|policy| seen.insert(policy.name().unwrap_or_default().to_owned()));
    let read =
        once.map(|policy: &Policy| of_document(policy.text(), policy.name().unwrap_or_default()));
    Ok(read.collect::<Result<Vec<_>, _>>()?.concat())
}

fn of_document(text: &str, name: &str) -> Result<Vec<String>, ServiceError> {
    context_keys(text).map_err(|error| invalid_input(format!("{name}: {}", error.aws_message())))
}

fn shown(keys: &[String]) -> Value {
    json!({"ContextKeyNames": keys})
}
