//! Accounts: describe, list, move, close, remove.

use attache_identifiers::AccountId;
use attache_ledger::change::OrganizationChange;
use attache_ledger::state::{Account, Member};
use serde::Deserialize;
use serde_json::json;

use super::refusal::{constraint, no_account, refused};
use super::units::{ParentInput, parent};
use super::{
    AllowedCaller, Call, Operation, Refusal, ResourceMember, Response, members, page, show,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "DescribeAccount",
        members: &[members::ACCOUNT],
        resources: &[ResourceMember::Account],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let (id, member) = account(call, call.read::<AccountInput<'_>>()?.account_id)?;
            let shown = show::account(call, call.organization()?, id, member);
            Ok(Response::read_only(json!({"Account": shown})))
        },
    },
    Operation {
        name: "ListAccounts",
        members: &[members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let all = call.organization()?.members.iter().map(|(id, member)| (*id, member));
            list(call, all)
        },
    },
    Operation {
        name: "ListAccountsForParent",
        members: &[members::PARENT, members::NEXT_TOKEN, members::MAX_RESULTS],
        resources: &[ResourceMember::Parent],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let parent = parent(call, call.read::<ParentInput<'_>>()?.parent_id)?;
            list(call, call.organization()?.members_in(parent))
        },
    },
    Operation {
        name: "MoveAccount",
        members: &[members::ACCOUNT, members::SOURCE, members::DESTINATION],
        resources: &[
            ResourceMember::Account,
            ResourceMember::SourceParent,
            ResourceMember::DestinationParent,
        ],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| move_account(call, &call.read()?),
    },
    Operation {
        name: "CloseAccount",
        members: &[members::ACCOUNT],
        resources: &[ResourceMember::Account],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| close(call, &call.read()?),
    },
    Operation {
        name: "RemoveAccountFromOrganization",
        members: &[members::ACCOUNT],
        resources: &[ResourceMember::Account],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| remove(call, account(call, call.read::<AccountInput<'_>>()?.account_id)?.0),
    },
    Operation {
        name: "LeaveOrganization",
        members: &[],
        resources: &[],
        callers: AllowedCaller::Member,
        changes: true,
        run: |call| remove(call, call.caller.account),
    },
];

fn list<'s>(
    call: &Call<'s>,
    accounts: impl Iterator<Item = (AccountId, &'s Member)>,
) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let items = accounts.map(|(id, member)| (id.to_string(), (id, member)));
    page::page(call, "Accounts", items, |(id, member)| {
        show::account(call, organization, id, member)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MoveAccount<'a> {
    account_id: &'a str,
    source_parent_id: &'a str,
    destination_parent_id: &'a str,
}

fn move_account(call: &Call<'_>, input: &MoveAccount<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    let (id, member) = account(call, input.account_id)?;
    let (from, to) = (input.source_parent_id, input.destination_parent_id);
    if !organization.is_parent(from) {
        let message = "You specified a source parent that doesn't exist.";
        return Err(refused("SourceParentNotFoundException", message));
    }
    if !organization.is_parent(to) {
        let message = "You specified a destination parent that doesn't exist.";
        return Err(refused("DestinationParentNotFoundException", message));
    }
    // AWS says no more of an account that is not where the caller thinks.
    if member.parent != from {
        return Err(no_account());
    }
    if from == to {
        let message = "That account is already present in the specified destination.";
        return Err(refused("DuplicateAccountException", message));
    }
    Ok(Response::changed(OrganizationChange::AccountMoved { account: id, to: to.to_owned() }))
}

fn close(call: &Call<'_>, input: &AccountInput<'_>) -> Result<Response, Refusal> {
    let (account, _) = account(call, input.account_id)?;
    if account == call.organization()?.management {
        let message = "You cannot close the management account.";
        return Err(constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", message));
    }
    if call.state.account(account).is_some_and(Account::is_closed) {
        let message = "The provided account is already closed.";
        return Err(refused("AccountAlreadyClosedException", message));
    }
    Ok(Response::changed(OrganizationChange::AccountClosed { account }))
}

fn remove(call: &Call<'_>, account: AccountId) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    if account == organization.management {
        let message = "You can't remove a management account from an organization.";
        return Err(refused("MasterCannotLeaveOrganizationException", message));
    }
    if organization.delegates.contains_key(&account) {
        let message = "You cannot remove a delegated administrator from the organization. \
                       Deregister it first.";
        return Err(constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", message));
    }
    Ok(Response::changed(OrganizationChange::AccountRemoved { account }))
}

/// The input of an operation on one account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountInput<'a> {
    pub(super) account_id: &'a str,
}

/// The member account of that number.
pub(super) fn account<'s>(call: &Call<'s>, id: &str) -> Result<(AccountId, &'s Member), Refusal> {
    let id = AccountId::parse(id).map_err(|_| no_account())?;
    let found = call.organization()?.members.get(&id);
    found.map(|member| (id, member)).ok_or_else(no_account)
}
