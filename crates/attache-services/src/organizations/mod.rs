//! Organizations: the tree of accounts and what is attached to it.
//!
//! Knows: what each operation takes, answers and refuses, and whether it is for the management
//! account alone. As in IAM an operation is a pure function: the state and an input in, an answer
//! and perhaps a change out.
//!
//! Does not know: what an attached policy does (that is `access::authorize`).
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

mod accounts;
mod attachments;
mod condition_keys;
mod create_account;
mod delegation;
mod limits;
mod members;
mod organization;
mod page;
mod policies;
mod refusal;
mod show;
mod tagging;
mod tree;
mod units;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::AccountId;
use attache_ledger::Tag;
use attache_ledger::state::{Organization, Place};
use attache_policy::Context;
use serde::Deserialize;
use serde_json::Value;

use crate::access::Caller;
use crate::json_protocol;
use crate::service::{self, Body, Call, Permission, Refusal, Response, Routed};
use crate::validation::{self, Member};

/// AllowedCaller may call an operation, if its policies allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AllowedCaller {
    /// Any account, in an organization or not.
    Any,
    /// Any member.
    Member,
    /// The management account and delegated administrators.
    Delegate,
    /// The management account.
    Management,
}

/// The member that names what a permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ResourceMember {
    Account,
    Child,
    DestinationParent,
    Parent,
    Policy,
    Resource,
    Root,
    SourceParent,
    Target,
    Unit,
}

/// What permissions and condition keys need of any operation's input.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Subject<'a> {
    account_id: Option<&'a str>,
    child_id: Option<&'a str>,
    destination_parent_id: Option<&'a str>,
    parent_id: Option<&'a str>,
    policy_id: Option<&'a str>,
    resource_id: Option<&'a str>,
    root_id: Option<&'a str>,
    source_parent_id: Option<&'a str>,
    target_id: Option<&'a str>,
    organizational_unit_id: Option<&'a str>,
    r#type: Option<&'a str>,
    policy_type: Option<&'a str>,
    filter: Option<&'a str>,
    service_principal: Option<&'a str>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

impl<'a> Subject<'a> {
    fn id(&self, member: ResourceMember) -> Option<&'a str> {
        match member {
            ResourceMember::Account => self.account_id,
            ResourceMember::Child => self.child_id,
            ResourceMember::DestinationParent => self.destination_parent_id,
            ResourceMember::Parent => self.parent_id,
            ResourceMember::Policy => self.policy_id,
            ResourceMember::Resource => self.resource_id,
            ResourceMember::Root => self.root_id,
            ResourceMember::SourceParent => self.source_parent_id,
            ResourceMember::Target => self.target_id,
            ResourceMember::Unit => self.organizational_unit_id,
        }
    }
}

/// One operation.
struct Operation {
    name: &'static str,
    members: &'static [Member],
    /// What the permission is about; nothing in particular where it is empty.
    resources: &'static [ResourceMember],
    callers: AllowedCaller,
    /// Whether it may change the state, and so needs it alone.
    changes: bool,
    run: fn(&Call<'_>) -> Result<Response, Refusal>,
}

/// The operation of that name.
fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        organization::OPERATIONS,
        units::OPERATIONS,
        accounts::OPERATIONS,
        create_account::OPERATIONS,
        tree::OPERATIONS,
        policies::OPERATIONS,
        attachments::OPERATIONS,
        delegation::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

impl Operation {
    /// Refuses an input that the model does not allow.
    fn check(&self, input: &Value) -> Result<(), Refusal> {
        validation::check(self.members, input)
            .map_err(|invalid| invalid.json(|violation| refusal::broken(&violation)))
    }

    /// What a caller must be allowed, about `*` where it is about nothing in particular.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html>
    fn required_permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, ServiceError> {
        let subject: Subject<'_> = call.input.read_declared(self.members)?;
        let permission =
            |name: &str, resource| Permission { action: format!("organizations:{name}"), resource };
        let named = self.resources.iter().filter_map(|member| subject.id(*member));
        let arns = named.filter_map(|id| call.arn(id));
        let mut all: Vec<Permission> = arns.map(|arn| permission(self.name, arn)).collect();
        if all.is_empty() {
            all.push(permission(self.name, "*".to_owned()));
        }
        // AllowedCaller may make something and not tag may make it without tags alone. It has no ARN yet.
        if self.name != "TagResource" && !subject.tags.is_empty() {
            all.push(permission("TagResource", "*".to_owned()));
        }
        Ok(all)
    }

    /// Answers a call that was authorised.
    fn answer(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        if self.callers != AllowedCaller::Any {
            let organization = call.organization()?;
            let manages = organization.management == call.caller.account;
            let delegated = organization.delegates.contains_key(&call.caller.account);
            let may = match self.callers {
                AllowedCaller::Any | AllowedCaller::Member => true,
                AllowedCaller::Delegate => manages || delegated,
                AllowedCaller::Management => manages,
            };
            if !may {
                return Err(refusal::not_for_members());
            }
        }
        (self.run)(call)
    }
}

impl<'s> Call<'s> {
    /// The caller's organization.
    fn organization(&self) -> Result<&'s Organization, Refusal> {
        self.state.organization_of(self.caller.account).ok_or_else(refusal::not_in_use)
    }

    /// The ARN of what an id names in the caller's organization.
    fn arn(&self, id: &str) -> Option<String> {
        let organization = self.state.organization_of(self.caller.account)?;
        if let Some(policy) = organization.policies.get(id) {
            return Some(organization.policy_arn(policy));
        }
        match organization.place(id) {
            Some(Place::Root) => Some(organization.root_arn()),
            Some(Place::Unit(unit)) => Some(organization.unit_arn(&unit.id)),
            Some(Place::Account(account, _)) => Some(organization.account_arn(account)),
            // What does not exist has an ARN all the same: whether it does is not for all to know.
            None => AccountId::parse(id).ok().map(|id| organization.account_arn(id)),
        }
    }
}

/// Organizations.
pub struct Organizations;

impl service::Service for Organizations {
    fn name(&self) -> &'static str {
        "organizations"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Json11
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        json_protocol::route(inbound)
    }

    fn operation(&self, name: &str) -> Option<&dyn service::Operation> {
        operation(name).map(|operation| operation as _)
    }

    fn unknown_operation(&self, name: &str) -> ServiceError {
        ServiceError::new(400, "UnknownOperationException", format!("No operation {name}."))
    }

    fn answer(&self, _name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        json_protocol::answer(self.protocol(), body, id)
    }

    fn is_within_account(&self) -> bool {
        true
    }

    fn refusal_body(&self) -> Option<fn(&Refusal) -> Vec<u8>> {
        Some(refusal::body)
    }
}

impl service::Operation for Operation {
    fn changes(&self) -> bool {
        self.changes
    }

    fn validate(&self, _caller: &Caller, input: &Value) -> Result<(), Refusal> {
        self.check(input)
    }

    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        Ok(self.required_permissions(call)?)
    }

    fn add_keys(
        &self,
        context: &mut Context,
        _permission: &Permission,
        call: &Call<'_>,
    ) -> Result<(), Refusal> {
        condition_keys::add_keys(context, call, &call.input.read_declared(self.members)?);
        Ok(())
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        self.answer(call)
    }
}
