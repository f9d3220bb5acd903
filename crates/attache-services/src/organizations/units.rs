//! Organizational units.

use attache_ledger::Tag;
use attache_ledger::change::OrganizationChange;
use attache_ledger::state::{Attached, Organization, Unit};
use serde::Deserialize;
use serde_json::json;

use super::refusal::{constraint, no_parent, no_unit, refused};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, limits, members, page,
    refusal, show, tagging,
};
use crate::ids::lower;
use crate::validation::{optional, required};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateOrganizationalUnit",
        members: &[
            members::PARENT,
            required("Name", &members::NAME),
            optional("Tags", &members::TAGS),
        ],
        resources: &[ResourceMember::Parent],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "UpdateOrganizationalUnit",
        members: &[members::UNIT, optional("Name", &members::NAME)],
        resources: &[ResourceMember::Unit],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| update(call, &call.read()?),
    },
    Operation {
        name: "DeleteOrganizationalUnit",
        members: &[members::UNIT],
        resources: &[ResourceMember::Unit],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| delete(call, &call.read()?),
    },
    Operation {
        name: "DescribeOrganizationalUnit",
        members: &[members::UNIT],
        resources: &[ResourceMember::Unit],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let unit = unit(call, call.read::<UnitInput<'_>>()?.organizational_unit_id)?;
            let shown = show::unit(call.organization()?, unit);
            Ok(Response::read_only(json!({"OrganizationalUnit": shown})))
        },
    },
    Operation {
        name: "ListOrganizationalUnitsForParent",
        members: &[members::PARENT, members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[ResourceMember::Parent],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let organization = call.organization()?;
            let parent = parent(call, call.read::<ParentInput<'_>>()?.parent_id)?;
            let units = organization.units_in(parent);
            let items = units.map(|unit| (unit.id.clone(), unit));
            page::page(call, "OrganizationalUnits", items, |unit| show::unit(organization, unit))
        },
    },
];

/// The input of an operation on one unit.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnitInput<'a> {
    organizational_unit_id: &'a str,
}

/// The input of an operation on what is in a root or a unit.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ParentInput<'a> {
    pub(super) parent_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOrganizationalUnit<'a> {
    parent_id: &'a str,
    name: &'a str,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateOrganizationalUnit<'a> {
    organizational_unit_id: &'a str,
    name: Option<&'a str>,
}

fn create(call: &Call<'_>, input: CreateOrganizationalUnit<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let (parent, name) = (parent(call, input.parent_id)?, input.name);
    if organization.units_above(parent).count() >= limits::DEPTH {
        let message = "You cannot add an organizational unit to the specified parent because it \
                       would exceed the max depth allowed.";
        return Err(constraint("OU_DEPTH_LIMIT_EXCEEDED", message));
    }
    if organization.units.len() >= limits::UNITS {
        let message = "You have exceeded the number of organizational units that you can have in \
                       an organization.";
        return Err(constraint("OU_NUMBER_LIMIT_EXCEEDED", message));
    }
    unique(organization, parent, name)?;
    let tags = tagging::new_tags(input.tags)?;
    let root = organization.root_id.strip_prefix("r-").unwrap_or_default();
    let id = format!("ou-{root}-{}", lower::<8>().map_err(|_| refusal::failure())?);
    let (parent, name) = (parent.to_owned(), name.to_owned());
    let path = format!("{}{id}/", organization.path_to(&parent));
    let shown = json!({
        "Id": id, "Arn": organization.unit_arn(&id), "Name": name, "Path": path,
    });
    let change = OrganizationChange::UnitCreated { id, parent, name, tags };
    Ok(Response::with_change(json!({"OrganizationalUnit": shown}), change))
}

fn update(call: &Call<'_>, input: &UpdateOrganizationalUnit<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let unit = unit(call, input.organizational_unit_id)?;
    // As AWS does it: a name of spaces alone changes nothing.
    let name = input.name.filter(|name| !name.trim().is_empty()).unwrap_or(&unit.name);
    if name != unit.name {
        unique(organization, &unit.parent, name)?;
    }
    let (id, name, parent) = (unit.id.clone(), name.to_owned(), unit.parent.clone());
    let attached = Attached::default();
    let renamed = Unit { id: id.clone(), parent, name: name.clone(), attached };
    let shown = json!({"OrganizationalUnit": show::unit(organization, &renamed)});
    Ok(Response::with_change(shown, OrganizationChange::UnitRenamed { id, name }))
}

fn delete(call: &Call<'_>, input: &UnitInput<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let unit = unit(call, input.organizational_unit_id)?;
    let id = unit.id.clone();
    if organization.units_in(&id).next().is_some() || organization.members_in(&id).next().is_some()
    {
        let message = "The specified OU is not empty. Move all accounts to another root or to \
                       other OUs, remove all child OUs, and try the operation again.";
        return Err(refused("OrganizationalUnitNotEmptyException", message));
    }
    Ok(Response::changed(OrganizationChange::UnitDeleted { id }))
}

/// Refuses a name that a sibling has.
fn unique(organization: &Organization, parent: &str, name: &str) -> Result<(), Refusal> {
    if organization.units_in(parent).any(|unit| unit.name == name) {
        let message = "An OU with the same name already exists.";
        return Err(refused("DuplicateOrganizationalUnitException", message));
    }
    Ok(())
}

/// The unit of that id.
fn unit<'s>(call: &Call<'s>, id: &str) -> Result<&'s Unit, Refusal> {
    call.organization()?.units.get(id).ok_or_else(no_unit)
}

/// An id, which must be that of a root or a unit.
pub(super) fn parent<'a>(call: &Call<'_>, id: &'a str) -> Result<&'a str, Refusal> {
    if call.organization()?.is_parent(id) { Ok(id) } else { Err(no_parent()) }
}
