//! What an operation's permissions are about.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use attache_identifiers::Arn;
use attache_ledger::state::Account;
use attache_ledger::{PARTITION, Tags};

use super::inputs::Subject;
use super::{Operation, service_linked};
use crate::access::Caller;
use crate::service::Permission;

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// Nothing in particular.
    Any,
    /// What is of that kind under the path of the member `PathPrefix`.
    Listed(&'static str),
    /// The managed policies under that path: AWS names the path in words, which no ARN pattern matches.
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
    pub(super) fn required_permissions(
        &self,
        account: &Account,
        caller: &Caller,
        subject: &Subject<'_>,
    ) -> Vec<Permission> {
        let permission = |action: &str, resource: Resource| Permission {
            action: format!("iam:{action}"),
            resource: resource.arn(account, caller, subject),
        };
        let mut all = vec![permission(self.name, self.resource)];
        // Who may create and not tag may create without tags alone.
        if let Some(made) = self.name.strip_prefix("Create")
            && !subject.tags.is_empty()
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
    pub(super) fn arn(self, account: &Account, caller: &Caller, subject: &Subject<'_>) -> String {
        // What does not exist yet would have the path in the input.
        let path = subject.path.unwrap_or("/");
        let missing = |what: &str, name: &str| account.arn_of(what, path, name);
        let prefix = subject.path_prefix.unwrap_or("/");
        let text = |member: Option<&str>| member.unwrap_or_default().to_owned();
        match self {
            Self::Any => "*".to_owned(),
            Self::Listed(what) => account.arn_of(what, prefix, ""),
            Self::Policies => format!("policy path {prefix}"),
            Self::Role => {
                let name = subject.role_name.unwrap_or_default();
                let role = account.roles.get(name);
                role.map_or_else(|| missing("role", name), |role| role.arn.clone())
            }
            Self::User => match subject.user_name.or(caller.user_name()) {
                Some(name) => {
                    let user = account.users.get(name);
                    user.map_or_else(|| missing("user", name), |user| user.arn.clone())
                }
                None => caller.arn.clone(),
            },
            Self::Group => {
                let name = subject.group_name.unwrap_or_default();
                let group = account.groups.get(name);
                group.map_or_else(|| missing("group", name), |group| group.arn.clone())
            }
            Self::Profile => {
                let name = subject.instance_profile_name.unwrap_or_default();
                let found = account.profiles.get(name);
                found.map_or_else(|| missing("instance-profile", name), |found| found.arn.clone())
            }
            Self::ServiceRole => {
                let service = subject.aws_service_name.unwrap_or_default();
                account.arn_of("role", &format!("{}{service}/", service_linked::PATH), "*")
            }
            Self::Source => text(subject.policy_source_arn),
            Self::Arn => text(subject.arn),
            Self::NewProvider => {
                let url = subject.url.unwrap_or_default();
                let tail = url.strip_prefix("https://").unwrap_or(url);
                Arn::oidc_provider(PARTITION, account.id, tail).to_string()
            }
            Self::Provider => text(subject.provider_arn),
            Self::NewPolicy => {
                let name = subject.policy_name.unwrap_or_default();
                Arn::policy(PARTITION, account.id, path, name).to_string()
            }
            Self::Policy => text(subject.policy_arn),
        }
    }

    /// The tags of what a call's permission is about, if it exists.
    pub(super) fn tags<'s>(
        self,
        account: &'s Account,
        caller: &Caller,
        subject: &Subject<'_>,
    ) -> Option<&'s Tags> {
        let arn = || self.arn(account, caller, subject);
        let of_user = |name: &str| account.users.get(name).map(|found| &found.tags);
        let of_role = |name: &str| account.roles.get(name).map(|found| &found.tags);
        match self {
            Self::Role => of_role(subject.role_name?),
            Self::User => of_user(subject.user_name.or(caller.user_name())?),
            Self::Profile => {
                account.profiles.get(subject.instance_profile_name?).map(|found| &found.tags)
            }
            Self::Provider => {
                let arn = arn();
                account.providers.values().find(|found| found.arn == arn).map(|found| &found.tags)
            }
            Self::Policy => account.policies.get(&arn()).map(|found| &found.tags),
            Self::Source | Self::Arn => {
                let arn = arn();
                let name = arn.rsplit('/').next().unwrap_or_default();
                let resource = arn.rsplit(':').next().unwrap_or_default();
                match resource.split_once('/')?.0 {
                    "user" => of_user(name),
                    "role" => of_role(name),
                    "policy" => account.policies.get(&arn).map(|found| &found.tags),
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
