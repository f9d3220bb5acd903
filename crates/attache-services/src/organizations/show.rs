//! Accounts, units, roots and policies in the shape of Organizations' answers.

use attache_identifiers::AccountId;
use attache_ledger::state::{Account, ControlPolicy, Joined, Member, Organization, Unit};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Call;

/// Seconds since 1970, as the JSON protocol writes times.
pub(super) fn time(at: OffsetDateTime) -> Value {
    json!(at.unix_timestamp())
}

pub(super) fn account(
    call: &Call<'_>,
    organization: &Organization,
    id: AccountId,
    member: &Member,
) -> Value {
    let account = call.state.account(id);
    let closed = account.is_some_and(Account::is_closed);
    // Accounts are not invited: one is a member from the first, or from its organization's first.
    let joined = account.map(|account| account.opened.max(organization.created));
    let state = if closed { "CLOSED" } else { "ACTIVE" };
    let how = match member.how {
        Joined::Invited => "INVITED",
        Joined::Created => "CREATED",
    };
    json!({
        "Id": id,
        "Arn": organization.account_arn(id),
        "Email": member.email(id),
        "Name": member.name(id),
        // AWS retired `Status` on 2026-09-09.
        "State": state,
        "Paths": [format!("{}{id}/", organization.path_to(&member.parent))],
        "JoinedMethod": how,
        "JoinedTimestamp": joined.map(time),
    })
}

pub(super) fn unit(organization: &Organization, unit: &Unit) -> Value {
    json!({
        "Id": unit.id,
        "Arn": organization.unit_arn(&unit.id),
        "Name": unit.name,
        "Path": organization.path_to(&unit.id),
    })
}

pub(super) fn root(organization: &Organization) -> Value {
    let enabled = organization.enabled.iter();
    let types: Vec<Value> =
        enabled.map(|kind| json!({"Type": kind.name(), "Status": "ENABLED"})).collect();
    json!({
        "Id": organization.root_id,
        "Arn": organization.root_arn(),
        "Name": "Root",
        "PolicyTypes": types,
    })
}

/// A policy without its content.
pub(super) fn summary(organization: &Organization, policy: &ControlPolicy) -> Value {
    json!({
        "Id": policy.id,
        "Arn": organization.policy_arn(policy),
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.kind.name(),
        "AwsManaged": policy.aws_managed,
    })
}

/// A policy as its update answers it: without its name and its description.
pub(super) fn updated_policy(
    organization: &Organization,
    policy: &ControlPolicy,
    content: Option<&str>,
) -> Value {
    let mut summary = summary(organization, policy);
    if let Some(members) = summary.as_object_mut() {
        members.remove("Name");
        members.remove("Description");
    }
    let content = content.unwrap_or_else(|| policy.document.text());
    json!({"Policy": {"PolicySummary": summary, "Content": content}})
}

pub(super) fn policy(organization: &Organization, policy: &ControlPolicy) -> Value {
    json!({"Policy": {
        "PolicySummary": summary(organization, policy),
        "Content": policy.document.text(),
    }})
}
