//! Organizations: one organisation, one root, every account directly under it.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

use names::AccountId;
use serde_json::{Value, json};
use time::OffsetDateTime;
use wire::ServiceError;

use crate::shape::{Input, Member, Pattern, Shape, optional, required};
use crate::state::{Account, Organization, State};

const NEXT_TOKEN: Member =
    optional("NextToken", &Shape::Text { min: 0, max: 100_000, pattern: Pattern::Any });
const MAX_RESULTS: Member = optional("MaxResults", &Shape::Whole { min: 1, max: PAGE });
const ACCOUNT: Shape = Shape::Text { min: 0, max: 12, pattern: Pattern::AccountNumber };
const CHILD: Shape = Shape::Text { min: 0, max: 100, pattern: Pattern::ChildId };

/// AWS's: the most items of a page, which is also what a caller gets who does not say.
const PAGE: i64 = 20;

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) state: &'s State,
    pub(crate) caller: AccountId,
    pub(crate) input: Input<'s>,
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
    run: fn(&Call<'_>, &Organization) -> Result<Value, ServiceError>,
}

const OPERATIONS: &[Operation] = &[
    Operation { name: "ListAccounts", members: &[NEXT_TOKEN, MAX_RESULTS], run: list_accounts },
    Operation {
        name: "DescribeAccount",
        members: &[required("AccountId", &ACCOUNT)],
        run: describe_account,
    },
    Operation { name: "DescribeOrganization", members: &[], run: describe_organization },
    Operation { name: "ListRoots", members: &[NEXT_TOKEN, MAX_RESULTS], run: list_roots },
    Operation {
        name: "ListParents",
        members: &[required("ChildId", &CHILD), NEXT_TOKEN, MAX_RESULTS],
        run: list_parents,
    },
];

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

impl Operation {
    /// Answers a call that was authorised.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Value, ServiceError> {
        let organization = call.state.organization().ok_or_else(no_organization)?;
        (self.run)(call, organization)
    }

    /// The ARN that a call's permission is about.
    pub(crate) fn resource(&self, call: &Call<'_>) -> String {
        let id = call.input.optional("AccountId").and_then(|id| AccountId::parse(id).ok());
        match (call.state.organization(), id) {
            (Some(organization), Some(id)) => organization.account_arn(id),
            _ => "*".to_owned(),
        }
    }
}

fn list_accounts(call: &Call<'_>, organization: &Organization) -> Result<Value, ServiceError> {
    management_only(call, organization)?;
    let after = match call.input.optional("NextToken") {
        None => None,
        Some(token) => Some(AccountId::parse(token).map_err(|_| invalid_token())?),
    };
    let most = usize::try_from(call.input.whole("MaxResults").unwrap_or(PAGE)).unwrap_or(1);
    let mut rest =
        call.state.accounts().filter(|account| after.is_none_or(|after| account.id > after));
    let page: Vec<&Account> = rest.by_ref().take(most).collect();
    let next = rest.next().and(page.last()).map(|account| account.id.to_string());
    let shown: Vec<Value> = page.iter().map(|account| show(account, organization)).collect();
    Ok(with_token(json!({"Accounts": shown}), next))
}

fn describe_account(call: &Call<'_>, organization: &Organization) -> Result<Value, ServiceError> {
    management_only(call, organization)?;
    let id = AccountId::parse(call.input.text("AccountId")).ok();
    let account = id.and_then(|id| call.state.account(id)).ok_or_else(|| {
        ServiceError::new(
            400,
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        )
    })?;
    Ok(json!({"Account": show(account, organization)}))
}

/// Every member may ask which organisation it is in.
fn describe_organization(
    call: &Call<'_>,
    organization: &Organization,
) -> Result<Value, ServiceError> {
    let management = organization.management;
    let mut shown = json!({
        "Id": organization.id,
        "Arn": organization.arn(),
        "FeatureSet": "ALL",
        "MasterAccountArn": organization.account_arn(management),
        "MasterAccountId": management,
        "MasterAccountEmail": email(management),
    });
    if call.caller == management
        && let Some(members) = shown.as_object_mut()
    {
        members.insert("AvailablePolicyTypes".to_owned(), json!([]));
    }
    Ok(json!({"Organization": shown}))
}

fn list_roots(call: &Call<'_>, organization: &Organization) -> Result<Value, ServiceError> {
    management_only(call, organization)?;
    Ok(json!({"Roots": [{
        "Id": organization.root_id,
        "Arn": organization.root_arn(),
        "Name": "Root",
        "PolicyTypes": [],
    }]}))
}

fn list_parents(call: &Call<'_>, organization: &Organization) -> Result<Value, ServiceError> {
    management_only(call, organization)?;
    let child = AccountId::parse(call.input.text("ChildId")).ok();
    if child.and_then(|id| call.state.account(id)).is_none() {
        let message = "You specified a child that doesn't exist.";
        return Err(ServiceError::new(400, "ChildNotFoundException", message));
    }
    Ok(json!({"Parents": [{"Id": organization.root_id, "Type": "ROOT"}]}))
}

fn management_only(call: &Call<'_>, organization: &Organization) -> Result<(), ServiceError> {
    if call.caller == organization.management {
        return Ok(());
    }
    let message = "You don't have permissions to access this resource.";
    Err(ServiceError::new(400, "AccessDeniedException", message))
}

fn show(account: &Account, organization: &Organization) -> Value {
    let manages = account.id == organization.management;
    json!({
        "Id": account.id,
        "Arn": organization.account_arn(account.id),
        "Email": email(account.id),
        "Name": format!("account-{}", account.id),
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": if manages { "INVITED" } else { "CREATED" },
        "JoinedTimestamp": epoch(account.opened.max(organization.created)),
    })
}

/// No mail goes there: the domain is reserved for examples (RFC 2606).
fn email(account: AccountId) -> String {
    format!("{account}@accounts.example")
}

fn epoch(at: OffsetDateTime) -> Value {
    json!(at.unix_timestamp())
}

fn with_token(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("NextToken".to_owned(), json!(next));
    }
    answer
}

fn invalid_token() -> ServiceError {
    ServiceError::new(400, "InvalidInputException", "You specified an invalid value for nextToken.")
}

fn no_organization() -> ServiceError {
    ServiceError::new(
        400,
        "AWSOrganizationsNotInUseException",
        "Your account is not a member of an organization.",
    )
}
