//! Services that may act in the organization, and the accounts that administer it for them.

use attache_ledger::change::OrganizationChange;
use attache_ledger::state::Account;
use serde::Deserialize;
use serde_json::json;

use super::accounts::{AccountInput, account};
use super::refusal::{constraint, invalid, refused};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, members, page, show,
};
use crate::validation::{Member, optional, required};

const SERVICE: Member = required("ServicePrincipal", &members::SERVICE);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "EnableAWSServiceAccess",
        members: &[SERVICE],
        resources: &[],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| {
            let service = service(call, call.read::<ServiceInput<'_>>()?.service_principal)?;
            Ok(Response::changed(OrganizationChange::ServiceEnabled { service }))
        },
    },
    Operation {
        name: "DisableAWSServiceAccess",
        members: &[SERVICE],
        resources: &[],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| disable(call, &call.read()?),
    },
    Operation {
        name: "ListAWSServiceAccessForOrganization",
        members: &[members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let all = call.organization()?.services.iter();
            let items = all.map(|(name, since)| (name.clone(), (name, *since)));
            page::page(
                call,
                "EnabledServicePrincipals",
                items,
                |(name, since)| json!({"ServicePrincipal": name, "DateEnabled": show::time(since)}),
            )
        },
    },
    Operation {
        name: "RegisterDelegatedAdministrator",
        members: &[members::ACCOUNT, SERVICE],
        resources: &[ResourceMember::Account],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| register(call, &call.read()?),
    },
    Operation {
        name: "DeregisterDelegatedAdministrator",
        members: &[members::ACCOUNT, SERVICE],
        resources: &[ResourceMember::Account],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| deregister(call, &call.read()?),
    },
    Operation {
        name: "ListDelegatedAdministrators",
        members: &[
            optional("ServicePrincipal", &members::SERVICE),
            members::NEXT_TOKEN,
            members::MAX_RESULTS,
        ],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| administrators(call, &call.read()?),
    },
    Operation {
        name: "ListDelegatedServicesForAccount",
        members: &[members::ACCOUNT, members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[ResourceMember::Account],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let (id, _) = account(call, call.read::<AccountInput<'_>>()?.account_id)?;
            let services = call.organization()?.delegates.get(&id).ok_or_else(not_registered)?;
            let items = services.iter().map(|(name, since)| (name.clone(), (name, *since)));
            page::page(
                call,
                "DelegatedServices",
                items,
                |(name, since)| json!({"ServicePrincipal": name, "DelegationEnabledDate": show::time(since)}),
            )
        },
    },
];

/// The input of an operation on one service.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceInput<'a> {
    service_principal: &'a str,
}

/// The input of registering a delegated administrator and of taking it back.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delegation<'a> {
    account_id: &'a str,
    service_principal: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListDelegatedAdministrators<'a> {
    service_principal: Option<&'a str>,
}

fn disable(call: &Call<'_>, input: &ServiceInput<'_>) -> Result<Response, Refusal> {
    let service = service(call, input.service_principal)?;
    if call.organization()?.delegates.values().any(|found| found.contains_key(&service)) {
        let message = "You must deregister all delegated administrators of this service before \
                       you disable its access.";
        return Err(constraint("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE", message));
    }
    Ok(Response::changed(OrganizationChange::ServiceDisabled { service }))
}

fn register(call: &Call<'_>, input: &Delegation<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let (account, _) = account(call, input.account_id)?;
    let service = service(call, input.service_principal)?;
    if account == organization.management {
        return Err(constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", MASTER));
    }
    if call.state.account(account).is_some_and(Account::is_closed) {
        let message = "You cannot register a suspended account as a delegated administrator.";
        return Err(constraint(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            message,
        ));
    }
    if !organization.services.contains_key(&service) {
        let message = "You must enable service access before you delegate an administrator for \
                       this service. Call the AWS API EnableAWSServiceAccess first.";
        return Err(constraint("SERVICE_ACCESS_NOT_ENABLED", message));
    }
    if organization.delegates.get(&account).is_some_and(|found| found.contains_key(&service)) {
        let message =
            "The provided account is already a delegated administrator for your organization.";
        return Err(refused("AccountAlreadyRegisteredException", message));
    }
    Ok(Response::changed(OrganizationChange::Delegated { account, service }))
}

const MASTER: &str = "You cannot register master account/yourself as delegated administrator for \
                      your organization.";

fn deregister(call: &Call<'_>, input: &Delegation<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let (account, _) = account(call, input.account_id)?;
    let service = service(call, input.service_principal)?;
    if account == organization.management {
        return Err(constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", MASTER));
    }
    if !organization.delegates.get(&account).is_some_and(|found| found.contains_key(&service)) {
        return Err(not_registered());
    }
    Ok(Response::changed(OrganizationChange::Undelegated { account, service }))
}

fn administrators(
    call: &Call<'_>,
    input: &ListDelegatedAdministrators<'_>,
) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let all = organization.delegates.iter().filter_map(|(id, services)| {
        let since = match input.service_principal {
            Some(service) => services.get(service),
            None => services.values().min(),
        };
        Some((id.to_string(), (*id, organization.members.get(id)?, *since?)))
    });
    page::page(call, "DelegatedAdministrators", all, |(id, member, since)| {
        let mut shown = show::account(call, organization, id, member);
        if let Some(members) = shown.as_object_mut() {
            members.remove("Paths");
            members.insert("DelegationEnabledDate".to_owned(), show::time(since));
        }
        shown
    })
}

/// The services that work with Organizations: see the file's head.
const SERVICES: &str = include_str!("service_principals.txt");

/// The name of a service, checked. What an organization has enabled it can disable, whatever it is called.
fn service(call: &Call<'_>, name: &str) -> Result<String, Refusal> {
    let known = SERVICES.lines().any(|line| line == name);
    if !known && !call.organization()?.services.contains_key(name) {
        let message = "You specified an unrecognized service principal.";
        return Err(invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", message));
    }
    Ok(name.to_owned())
}

fn not_registered() -> Refusal {
    let message =
        "The provided account is not a registered delegated administrator for your organization.";
    refused("AccountNotRegisteredException", message)
}
