//! Looking up and down the tree.

use attache_ledger::state::Place;
use serde::Deserialize;
use serde_json::json;

use super::refusal::no_child;
use super::units::parent;
use super::{AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, members, page};
use crate::validation::{Shape, required};

const CHILD_TYPE: Shape = Shape::Enum(&["ACCOUNT", "ORGANIZATIONAL_UNIT"]);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "ListParents",
        members: &[members::CHILD, members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[ResourceMember::Child],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| parents(call, &call.read()?),
    },
    Operation {
        name: "ListChildren",
        members: &[
            members::PARENT,
            required("ChildType", &CHILD_TYPE),
            members::NEXT_TOKEN,
            members::MAX_RESULTS,
        ],
        resources: &[ResourceMember::Parent],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| children(call, &call.read()?),
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListParents<'a> {
    child_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListChildren<'a> {
    parent_id: &'a str,
    child_type: &'a str,
}

/// Everything has one parent at most.
fn parents(call: &Call<'_>, input: &ListParents<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let parent = match organization.place(input.child_id) {
        Some(Place::Unit(unit)) => &unit.parent,
        Some(Place::Account(_, member)) => &member.parent,
        Some(Place::Root) | None => return Err(no_child()),
    };
    let kind = if *parent == organization.root_id { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    Ok(Response::read_only(json!({"Parents": [{"Id": parent, "Type": kind}]})))
}

fn children(call: &Call<'_>, input: &ListChildren<'_>) -> Result<Response, Refusal> {
    let (organization, parent) = (call.organization()?, parent(call, input.parent_id)?);
    let kind = input.child_type;
    let ids: Vec<String> = if kind == "ACCOUNT" {
        organization.members_in(parent).map(|(id, _)| id.to_string()).collect()
    } else {
        organization.units_in(parent).map(|unit| unit.id.clone()).collect()
    };
    let items = ids.into_iter().map(|id| (id.clone(), id));
    page::page(call, "Children", items, |id| json!({"Id": id, "Type": kind}))
}
