//! New accounts.

use attache_identifiers::{AccountId, Arn};
use attache_ledger::change::{NewAccount, NewRole, OrganizationChange};
use attache_ledger::state::{AccountOutcome, AccountRequest, Organization, State};
use attache_ledger::{PARTITION, Tag, random};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::{constraint, failure, invalid, refused};
use super::{
    AllowedCaller, Call, Operation, Refusal, Response, limits, members, page, show, tagging,
};
use crate::ids::{KeyKind, Prefix, access_key, lower, unique};
use crate::validation::{Shape, optional};

/// The role by which the management account enters, when its creator does not say.
const ROLE: &str = "OrganizationAccountAccessRole";
/// Its inline policy.
const ROLE_POLICY: (&str, &str) = (
    "AdministratorAccess",
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "CreateAccount",
        members: &[
            members::EMAIL,
            members::ACCOUNT_NAME,
            members::ROLE_NAME,
            optional("IamUserAccessToBilling", &Shape::Enum(&["ALLOW", "DENY"])),
            optional("Tags", &members::TAGS),
        ],
        resources: &[],
        callers: AllowedCaller::Management,
        changes: true,
        run: |call| create(call, call.read()?),
    },
    Operation {
        name: "DescribeCreateAccountStatus",
        members: &[members::REQUEST],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| {
            let id = call.read::<DescribeCreateAccountStatus<'_>>()?.create_account_request_id;
            let request = call.organization()?.requests.get(id).ok_or_else(|| {
                let message = "You specified a create account request that doesn't exist.";
                refused("CreateAccountStatusNotFoundException", message)
            })?;
            Ok(Response::read_only(json!({"CreateAccountStatus": status(id, request)})))
        },
    },
    Operation {
        name: "ListCreateAccountStatus",
        members: &[
            optional(
                "States",
                &Shape::List {
                    min: 0,
                    max: 3,
                    of: &Shape::Enum(&["IN_PROGRESS", "SUCCEEDED", "FAILED"]),
                },
            ),
            members::NEXT_TOKEN,
            members::MAX_RESULTS,
        ],
        resources: &[],
        callers: AllowedCaller::Delegate,
        changes: false,
        run: |call| list(call, &call.read()?),
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateAccount<'a> {
    email: String,
    account_name: String,
    role_name: Option<&'a str>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeCreateAccountStatus<'a> {
    create_account_request_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListCreateAccountStatus<'a> {
    #[serde(default, borrow)]
    states: Vec<&'a str>,
}

/// The account is there when this is answered, though the answer says `IN_PROGRESS` as AWS's does:
/// a client that waits for `SUCCEEDED` finds it at once.
fn create(call: &Call<'_>, input: CreateAccount<'_>) -> Result<Response, Refusal> {
    let organization = call.organization()?;
    if organization.members.len() >= limits::ACCOUNTS {
        let message = "You have exceeded the allowed number of AWS accounts.";
        return Err(constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", message));
    }
    let role = input.role_name.unwrap_or(ROLE);
    if role.to_ascii_lowercase().starts_with("aws") {
        return Err(invalid("INVALID_ROLE_NAME", "You provided a role name that isn't valid."));
    }
    let tags = tagging::new_tags(input.tags)?;
    let request = format!("car-{}", lower::<32>().map_err(|_| failure())?);
    let (name, email) = (input.account_name, input.email);
    let answer = json!({"CreateAccountStatus": {
        "Id": request,
        "AccountName": name,
        "State": "IN_PROGRESS",
        "RequestedTimestamp": show::time(call.now),
    }});
    let taken = |(id, member): (&AccountId, &attache_ledger::state::Member)| {
        member.email(*id).eq_ignore_ascii_case(&email)
    };
    if organization.members.iter().any(taken) {
        let reason = "EMAIL_ALREADY_EXISTS".to_owned();
        return Ok(Response::with_change(
            answer,
            OrganizationChange::AccountRefused { request, name, reason },
        ));
    }
    let new = new_account(call.state, organization, role).map_err(|_| failure())?;
    let new = NewAccount { request, email, name, tags, ..new };
    Ok(Response::with_change(answer, OrganizationChange::AccountCreated(Box::new(new))))
}

/// An account with a new number, and the role by which the management account administers it.
fn new_account(
    state: &State,
    organization: &Organization,
    role: &str,
) -> Result<NewAccount, attache_ledger::LedgerError> {
    let id = loop {
        let number = u64::from_be_bytes(random()?) % 1_000_000_000_000;
        match AccountId::parse(&format!("{number:012}")) {
            Ok(id) if state.account(id).is_none() => break id,
            _ => {}
        }
    };
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": Arn::account_root(PARTITION, organization.management)},
        "Action": "sts:AssumeRole",
    }]});
    let role = NewRole {
        name: role.to_owned(),
        path: "/".to_owned(),
        id: unique(Prefix::Role)?,
        document: trust.to_string(),
        description: None,
        max_session: 3600,
        boundary: None,
        tags: Vec::new(),
        attached: Vec::new(),
    };
    Ok(NewAccount {
        id,
        request: String::new(),
        email: String::new(),
        name: String::new(),
        tags: Vec::new(),
        user_id: unique(Prefix::User)?,
        access_key: access_key(KeyKind::LongTerm, id)?,
        role,
        role_policy: (ROLE_POLICY.0.to_owned(), ROLE_POLICY.1.to_owned()),
    })
}

fn list(call: &Call<'_>, input: &ListCreateAccountStatus<'_>) -> Result<Response, Refusal> {
    let is_selected = |request: &&AccountRequest| {
        input.states.is_empty() || input.states.contains(&state_of(request))
    };
    let requests = call.organization()?.requests.iter();
    let items = requests.filter(|(_, request)| is_selected(request));
    let items = items.map(|(id, request)| (id.clone(), (id, request)));
    page::page(call, "CreateAccountStatuses", items, |(id, request)| status(id, request))
}

fn state_of(request: &AccountRequest) -> &'static str {
    match request.outcome {
        AccountOutcome::Created(_) => "SUCCEEDED",
        AccountOutcome::Failed(_) => "FAILED",
    }
}

fn status(id: &str, request: &AccountRequest) -> Value {
    let mut shown = json!({
        "Id": id,
        "AccountName": request.name,
        "State": state_of(request),
        "RequestedTimestamp": show::time(request.at),
        "CompletedTimestamp": show::time(request.at),
    });
    let (name, value) = match &request.outcome {
        AccountOutcome::Created(account) => ("AccountId", json!(account)),
        AccountOutcome::Failed(reason) => ("FailureReason", json!(reason)),
    };
    if let Some(members) = shown.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    shown
}
