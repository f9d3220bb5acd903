//! What an operation's permissions are about.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use attache_identifiers::AccountId;
use attache_ledger::Tags;
use attache_ledger::state::Account;

use super::{Operation, service_linked};
use crate::access::Caller;
use crate::service::Permission;
use crate::validation::Input;

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// Nothing in particular.
    Any,
    /// What is of that kind under the path of the member `PathPrefix`.
    Listed(&'static str),
    /// The managed policies under that path: AWS tells the path in words, and no ARN takes it in.
    Policies,
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
    Arn,
    /// The provider that the member `Url` would have.
    NewProvider,
    /// The ARN in the member `OpenIDConnectProviderArn`.
    Provider,
    /// The policy that the members `PolicyName` and `Path` would make.
    NewPolicy,
    /// The ARN in the member `PolicyArn`.
    Policy,
}

impl Operation {
    /// What a caller must be allowed.
    pub(super) fn needed(
        &self,
        account: &Account,
        caller: &Caller,
        input: Input<'_>,
    ) -> Vec<Permission> {
        let permission = |action: &str, resource: Resource| Permission {
            action: format!("iam:{action}"),
            resource: resource.arn(account, caller, input),
        };
        let mut all = vec![permission(self.name, self.resource)];
        // Who may create and not tag may create without tags alone.
        if let Some(made) = self.name.strip_prefix("Create")
            && !input.tags("Tags").is_empty()
        {
            all.push(permission(&format!("Tag{made}"), self.resource));
        }
        // Instances of the profile will be the role.
        if self.name == "AddRoleToInstanceProfile" {
            all.push(permission("PassRole", Resource::Role));
        }
        all
    }
}

impl Resource {
    /// The ARN that a call's permission is about.
    pub(super) fn arn(self, account: &Account, caller: &Caller, input: Input<'_>) -> String {
        let id: AccountId = account.id;
        // What is not there yet would be under the path that is asked for.
        let missing = |what: &str, name: &str| {
            account.arn_of(what, input.optional("Path").unwrap_or("/"), name)
        };
        let prefix = input.optional("PathPrefix").unwrap_or("/");
        match self {
            Self::Any => "*".to_owned(),
            Self::Listed(what) => account.arn_of(what, prefix, ""),
            Self::Policies => format!("policy path {prefix}"),
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
            Self::Arn => input.text("Arn").to_owned(),
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

    /// The tags of what a call's permission is about, if it exists.
    pub(super) fn tags<'s>(
        self,
        account: &'s Account,
        caller: &Caller,
        input: Input<'_>,
    ) -> Option<&'s Tags> {
        let arn = || self.arn(account, caller, input);
        let of_user = |name: &str| account.users.get(name).map(|own| &own.tags);
        let of_role = |name: &str| account.roles.get(name).map(|own| &own.tags);
        match self {
            Self::Role => of_role(input.text("RoleName")),
            Self::User => of_user(input.optional("UserName").or(caller.user_name())?),
            Self::Profile => {
                account.profiles.get(input.text("InstanceProfileName")).map(|own| &own.tags)
            }
            Self::Provider => {
                let arn = arn();
                account.providers.values().find(|own| own.arn == arn).map(|own| &own.tags)
            }
            Self::Policy => account.policies.get(&arn()).map(|own| &own.tags),
            Self::Source | Self::Arn => {
                let arn = arn();
                let name = arn.rsplit('/').next().unwrap_or_default();
                let resource = arn.rsplit(':').next().unwrap_or_default();
                match resource.split_once('/')?.0 {
                    "user" => of_user(name),
                    "role" => of_role(name),
                    "policy" => account.policies.get(&arn).map(|own| &own.tags),
                    _ => None,
                }
            }
            Self::Any
            | Self::Listed(_)
            | Self::Policies
            | Self::Group
            | Self::ServiceRole
            | Self::NewProvider
            | Self::NewPolicy => None,
        }
    }
}
