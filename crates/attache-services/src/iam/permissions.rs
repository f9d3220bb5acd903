//! What an operation's permissions are about.
//!
//! It is what the operation finds: a name or an ARN in other letters, or an ARN with another path, is
//! decided by the ARN of what is meant. Else who may not touch `role/Admin` would touch `role/ADMIN`.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use attache_identifiers::Arn;
use attache_ledger::state::{Account, ArnKind};
use attache_ledger::{PARTITION, Tags};

use super::inputs::Subject;
use super::policy_source::Source;
use super::providers::provider_of;
use super::{Call, Operation, provider_normal_form, service_linked};
use crate::service::Permission;

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Resource {
    /// Nothing in particular.
    Any,
    /// What is of that kind under the path of the member `PathPrefix`.
    Listed(ArnKind),
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
    /// The user whose access key the member `AccessKeyId` names.
    KeyOwner,
    /// The role that the task of the member `DeletionTaskId` deleted.
    DeletionTask,
    /// The user, group or role of the ARN in the member `PolicySourceArn`.
    Source,
    /// What has the ARN in the member `Arn`.
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
        call: &Call<'_>,
        subject: &Subject<'_>,
    ) -> Vec<Permission> {
        let permission = |action: &str, resource: Resource| Permission {
            action: format!("iam:{action}"),
            resource: resource.arn(call, subject),
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
    pub(super) fn arn(self, call: &Call<'_>, subject: &Subject<'_>) -> String {
        let account = call.account;
        // What does not exist yet would have the path in the input.
        let path = subject.path.unwrap_or("/");
        let missing = |kind: ArnKind, name: &str| account.arn_of(kind, path, name);
        let prefix = subject.path_prefix.unwrap_or("/");
        match self {
            Self::Any => "*".to_owned(),
            Self::Listed(kind) => account.arn_of(kind, prefix, ""),
            Self::Policies => format!("policy path {prefix}"),
            Self::Role => {
                let name = subject.role_name.unwrap_or_default();
                let role = account.role_named(name);
                role.map_or_else(|| missing(Arn::role, name), |role| role.arn.clone())
            }
            Self::User => match subject.user_name.or(call.caller.user_name()) {
                Some(name) => {
                    let user = account.user_named(name);
                    user.map_or_else(|| missing(Arn::user, name), |user| user.arn.clone())
                }
                None => call.caller.arn.clone(),
            },
            Self::Group => {
                let name = subject.group_name.unwrap_or_default();
                let group = account.group_named(name);
                group.map_or_else(|| missing(Arn::group, name), |group| group.arn.clone())
            }
            Self::Profile => {
                let name = subject.instance_profile_name.unwrap_or_default();
                let found = account.profile_named(name);
                found
                    .map_or_else(|| missing(Arn::instance_profile, name), |found| found.arn.clone())
            }
            Self::ServiceRole => {
                let service = subject.aws_service_name.unwrap_or_default();
                account.arn_of(Arn::role, &format!("{}{service}/", service_linked::PATH), "*")
            }
            Self::KeyOwner => key_owner(account, subject.access_key_id.unwrap_or_default()),
            Self::DeletionTask => {
                service_linked::role_of_task(account, subject.deletion_task_id.unwrap_or_default())
                    .unwrap_or_else(|| "*".to_owned())
            }
            Self::Source => source(account, subject.policy_source_arn.unwrap_or_default()),
            Self::Arn => {
                let arn = subject.arn.unwrap_or_default();
                match call.state.managed_policy_named(account, arn) {
                    Some(policy) => policy.arn.clone(),
                    None => source(account, arn),
                }
            }
            Self::NewProvider => {
                let url = subject.url.unwrap_or_default();
                let issuer = provider_normal_form::issuer(url).ok();
                let tail = url.strip_prefix("https://").unwrap_or(url);
                let tail = issuer.as_ref().map_or(tail, attache_identifiers::Issuer::host_and_path);
                Arn::oidc_provider(PARTITION, account.id, tail).to_string()
            }
            Self::Provider => {
                let arn = subject.provider_arn.unwrap_or_default();
                provider_of(account, arn).map_or_else(|| arn.to_owned(), |found| found.arn.clone())
            }
            Self::NewPolicy => {
                let name = subject.policy_name.unwrap_or_default();
                Arn::policy(PARTITION, account.id, path, name).to_string()
            }
            Self::Policy => {
                let arn = subject.policy_arn.unwrap_or_default();
                let found = call.state.managed_policy_named(account, arn);
                found.map_or_else(|| arn.to_owned(), |policy| policy.arn.clone())
            }
        }
    }

    /// The tags of what a call's permission is about, if it exists.
    pub(super) fn tags<'s>(self, call: &Call<'s>, subject: &Subject<'_>) -> Option<&'s Tags> {
        let account = call.account;
        let arn = || self.arn(call, subject);
        match self {
            Self::Role => account.role_named(subject.role_name?).map(|found| &found.tags),
            Self::User => {
                let name = subject.user_name.or(call.caller.user_name())?;
                account.user_named(name).map(|found| &found.tags)
            }
            Self::Profile => {
                account.profile_named(subject.instance_profile_name?).map(|found| &found.tags)
            }
            Self::Provider => provider_of(account, subject.provider_arn?).map(|found| &found.tags),
            Self::Policy => account.policies.get(&arn()).map(|found| &found.tags),
            Self::KeyOwner | Self::Source | Self::Arn => {
                let arn = arn();
                let policy = account.policies.get(&arn).map(|found| &found.tags);
                policy.or_else(|| Source::named(account, &arn)?.tags())
            }
            Self::Any
            | Self::Listed(_)
            | Self::Policies
            | Self::Group
            | Self::ServiceRole
            | Self::DeletionTask
            | Self::NewProvider
            | Self::NewPolicy => None,
        }
    }
}

/// The ARN of a key's owner. Of a key that is not the account's IAM says only which it is.
fn key_owner(account: &Account, key: &str) -> String {
    let owner = account.access_keys.get(key).and_then(|found| account.users.get(&found.user));
    owner.map_or_else(|| format!("access key {key}"), |user| user.arn.clone())
}

/// The ARN of the user, group or role that an ARN means; the same text where it means none.
fn source(account: &Account, arn: &str) -> String {
    Source::named(account, arn).map_or_else(|| arn.to_owned(), |found| found.arn().to_owned())
}
