//! IAM: the operations on providers, roles and policies.
//!
//! Knows: what each operation takes, answers and refuses. An operation is a pure function: the
//! state and an input in, an answer and perhaps a change out.
//!
//! Does not know: who calls and whether they may (that was decided before), and how a change is
//! kept (that comes after).

mod access_keys;
mod account;
mod attachments;
mod boundaries;
mod details;
mod documents;
mod groups;
mod inline_policies;
mod instance_profiles;
mod last_accessed;
mod limits;
mod members;
mod named;
mod owner;
mod page;
mod policies;
mod providers;
mod roles;
mod service_linked;
mod show;
mod simulate;
mod source;
mod tagging;
mod update_role;
mod users;
mod versions;

use names::AccountId;
use serde_json::Value;
use time::OffsetDateTime;
use wire::ServiceError;

use crate::Quotas;
use crate::access::Caller;
use crate::change::Change;
use crate::keys::MasterKey;
use crate::refusal::limit_exceeded;
use crate::shape::{Input, Member};
use crate::state::{Account, State};
use crate::usage::Usage;

/// The namespace of IAM's answers.
pub(crate) const XMLNS: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) state: &'s State,
    pub(crate) account: &'s Account,
    pub(crate) caller: &'s Caller,
    pub(crate) input: Input<'s>,
    pub(crate) now: OffsetDateTime,
    /// Derives the secrets of new keys.
    pub(crate) key: &'s MasterKey,
    pub(crate) quotas: &'s Quotas,
    pub(crate) usage: &'s Usage,
}

impl Call<'_> {
    /// Refuses one more of what there are so many of already.
    fn has_room(&self, quota: &str, taken: usize) -> Result<(), ServiceError> {
        let most = self.quotas.get(quota);
        if taken < most { Ok(()) } else { Err(limit_exceeded(quota, most)) }
    }
}

/// What an operation answers, and what it changes.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: Value,
    pub(crate) change: Option<Change>,
}

impl Done {
    fn told(result: Value) -> Self {
        Self { result, change: None }
    }

    fn changed(change: Change) -> Self {
        Self { result: Value::Null, change: Some(change) }
    }
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
    pub(crate) resource: Resource,
    /// Whether it may change the state, and so needs it alone.
    pub(crate) changes: bool,
    pub(crate) run: fn(&Call<'_>) -> Result<Done, ServiceError>,
}

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    /// Nothing in particular.
    Any,
    /// The role of the member `RoleName`.
    Role,
    /// The user of the member `UserName`, or the caller itself.
    User,
    /// The group of the member `GroupName`.
    Group,
    /// The instance profile of the member `InstanceProfileName`.
    Profile,
    /// The role that a service of the member `AWSServiceName` would have.
    ServiceRole,
    /// The ARN in the member `PolicySourceArn`.
    Source,
    /// The ARN in the member `Arn`.
    Reported,
    /// The provider that the member `Url` would have.
    NewProvider,
    /// The ARN in the member `OpenIDConnectProviderArn`.
    Provider,
    /// The policy that the members `PolicyName` and `Path` would make.
    NewPolicy,
    /// The ARN in the member `PolicyArn`.
    Policy,
}

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        providers::OPERATIONS,
        roles::OPERATIONS,
        update_role::OPERATIONS,
        service_linked::OPERATIONS,
        inline_policies::OPERATIONS,
        users::OPERATIONS,
        groups::OPERATIONS,
        access_keys::OPERATIONS,
        instance_profiles::OPERATIONS,
        account::OPERATIONS,
        details::OPERATIONS,
        simulate::OPERATIONS,
        last_accessed::OPERATIONS,
        policies::OPERATIONS,
        versions::OPERATIONS,
        attachments::OPERATIONS,
        boundaries::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

impl Resource {
    /// The ARN that a call's permission is about.
    pub(crate) fn arn(self, account: &Account, caller: &Caller, input: Input<'_>) -> String {
        let id: AccountId = account.id;
        // What is not there yet would be under the path that is asked for.
        let missing = |what: &str, name: &str| {
            account.arn_of(what, input.optional("Path").unwrap_or("/"), name)
        };
        match self {
            Self::Any => "*".to_owned(),
            Self::Role => {
                let name = input.text("RoleName");
                let role = account.roles.get(name);
                role.map_or_else(|| missing("role", name), |role| role.arn.clone())
            }
            Self::User => match input.optional("UserName").or(caller.user_name()) {
                Some(name) => {
                    let user = account.users.get(name);
                    user.map_or_else(|| missing("user", name), |user| user.arn.clone())
                }
                None => caller.arn.clone(),
            },
            Self::Group => {
                let name = input.text("GroupName");
                let group = account.groups.get(name);
                group.map_or_else(|| missing("group", name), |group| group.arn.clone())
            }
            Self::Profile => {
                let name = input.text("InstanceProfileName");
                let own = account.profiles.get(name);
                own.map_or_else(|| missing("instance-profile", name), |own| own.arn.clone())
            }
            Self::ServiceRole => {
                let service = input.text("AWSServiceName");
                account.arn_of("role", &format!("{}{service}/", service_linked::PATH), "*")
            }
            Self::Source => input.text("PolicySourceArn").to_owned(),
            Self::Reported => input.text("Arn").to_owned(),
            Self::NewProvider => {
                let url = input.text("Url");
                let tail = url.strip_prefix("https://").unwrap_or(url);
                format!("arn:aws:iam::{id}:oidc-provider/{tail}")
            }
            Self::Provider => input.text("OpenIDConnectProviderArn").to_owned(),
            Self::NewPolicy => {
                let path = input.optional("Path").unwrap_or("/");
                format!("arn:aws:iam::{id}:policy{path}{}", input.text("PolicyName"))
            }
            Self::Policy => input.text("PolicyArn").to_owned(),
        }
    }
}
