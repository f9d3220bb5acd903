//! One call to IAM or EKS: as data, in words, and done.

use std::collections::BTreeMap;

use attache_aws_accounts::AssociationChange;
use attache_identifiers::{ProviderArn, RoleName};
use aws_sdk_iam::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_iam::types::Tag;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde::Serialize;
use serde_json::Value;

use crate::clients::Clients;
use crate::desired::{DesiredAssociation, DesiredRole, Provider};
use crate::error::FederationError;
use crate::policy_text;

use super::association::{self, AssociationName};

/// Every change that this crate can make, one call each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum Operation {
    CreateProvider(Provider),
    AddClientId { provider: ProviderArn, client_id: String },
    RemoveClientId { provider: ProviderArn, client_id: String },
    TagProvider { provider: ProviderArn, tags: BTreeMap<String, String> },
    UntagProvider { provider: ProviderArn, keys: Vec<String> },
    SetThumbprints { provider: ProviderArn, thumbprints: Vec<String> },
    DeleteProvider { provider: ProviderArn },
    CreateRole(Box<DesiredRole>),
    SetTrust { role: RoleName, document: Value },
    SetDescription { role: RoleName, text: String },
    SetMaxSession { role: RoleName, seconds: i32 },
    SetBoundary { role: RoleName, policy: String },
    RemoveBoundary { role: RoleName },
    TagRole { role: RoleName, tags: BTreeMap<String, String> },
    UntagRole { role: RoleName, keys: Vec<String> },
    DeleteRole { role: RoleName },
    Attach { role: RoleName, policy: String },
    Detach { role: RoleName, policy: String },
    PutInline { role: RoleName, name: String, document: Value },
    DeleteInline { role: RoleName, name: String },
    CreateAssociation(Box<DesiredAssociation>),
    UpdateAssociation { name: AssociationName, change: AssociationChange },
    TagAssociation { name: AssociationName, tags: BTreeMap<String, String> },
    UntagAssociation { name: AssociationName, keys: Vec<String> },
    DeleteAssociation { name: AssociationName },
}

/// As a verb phrase, which fits after "could not".
impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateProvider(provider) => {
                write!(f, "create the OIDC provider {}", provider.issuer.host_and_path())
            }
            Self::AddClientId { provider, client_id } => {
                write!(f, "add the client id {client_id} to {}", provider.host_and_path())
            }
            Self::RemoveClientId { provider, client_id } => {
                write!(f, "remove the client id {client_id} from {}", provider.host_and_path())
            }
            Self::TagProvider { provider, .. } => {
                write!(f, "tag the OIDC provider {}", provider.host_and_path())
            }
            Self::UntagProvider { provider, keys } => {
                write!(f, "remove {} from {}", tag_names(keys), provider.host_and_path())
            }
            Self::SetThumbprints { provider, .. } => {
                write!(f, "set the thumbprints of {}", provider.host_and_path())
            }
            Self::DeleteProvider { provider } => {
                write!(f, "delete the OIDC provider {}", provider.host_and_path())
            }
            Self::CreateRole(role) => write!(f, "create the role {}", role.arn.name()),
            Self::SetTrust { role, .. } => write!(f, "set the trust policy of {role}"),
            Self::SetDescription { role, text } if text.is_empty() => {
                write!(f, "remove the description of {role}")
            }
            Self::SetDescription { role, .. } => write!(f, "set the description of {role}"),
            Self::SetMaxSession { role, seconds } => {
                write!(f, "set the longest session of {role} to {seconds} s")
            }
            Self::SetBoundary { role, policy } => {
                write!(f, "set the permissions boundary of {role} to {policy}")
            }
            Self::RemoveBoundary { role } => {
                write!(f, "remove the permissions boundary of {role}")
            }
            Self::TagRole { role, .. } => write!(f, "tag the role {role}"),
            Self::UntagRole { role, keys } => write!(f, "remove {} from {role}", tag_names(keys)),
            Self::DeleteRole { role } => write!(f, "delete the role {role}"),
            Self::Attach { role, policy } => write!(f, "attach {policy} to {role}"),
            Self::Detach { role, policy } => write!(f, "detach {policy} from {role}"),
            Self::PutInline { role, name, .. } => {
                write!(f, "put the inline policy {name} on {role}")
            }
            Self::DeleteInline { role, name } => {
                write!(f, "delete the inline policy {name} of {role}")
            }
            Self::CreateAssociation(association) => {
                write!(f, "create the Pod Identity association {}", association.name())
            }
            Self::UpdateAssociation { name, .. } => {
                write!(f, "change the Pod Identity association {name}")
            }
            Self::TagAssociation { name, .. } => {
                write!(f, "tag the Pod Identity association {name}")
            }
            Self::UntagAssociation { name, keys } => {
                write!(f, "remove {} from the Pod Identity association {name}", tag_names(keys))
            }
            Self::DeleteAssociation { name } => {
                write!(f, "delete the Pod Identity association {name}")
            }
        }
    }
}

fn tag_names(keys: &[String]) -> String {
    let word = if keys.len() == 1 { "the tag" } else { "the tags" };
    format!("{word} {}", keys.join(" and "))
}

impl Operation {
    /// Makes the call. Each is safe to repeat, or is planned again before it is.
    pub(super) async fn run(&self, clients: &Clients) -> Result<(), FederationError> {
        let iam = &clients.iam;
        match self {
            Self::CreateProvider(provider) => self.create_provider(clients, provider).await,
            Self::RemoveClientId { .. } | Self::TagProvider { .. } | Self::UntagProvider { .. } => {
                self.release_provider(clients).await
            }
            Self::AddClientId { provider, client_id } => {
                let call = iam.add_client_id_to_open_id_connect_provider();
                let call = call.open_id_connect_provider_arn(provider.to_string());
                self.done(clients, call.client_id(client_id).send().await)
            }
            Self::SetThumbprints { provider, thumbprints } => {
                let call = iam.update_open_id_connect_provider_thumbprint();
                let call = call.open_id_connect_provider_arn(provider.to_string());
                let call = call.set_thumbprint_list(Some(thumbprints.clone()));
                self.done(clients, call.send().await)
            }
            Self::DeleteProvider { provider } => {
                let call = iam.delete_open_id_connect_provider();
                let call = call.open_id_connect_provider_arn(provider.to_string());
                self.done(clients, call.send().await)
            }
            Self::CreateRole(role) => self.create_role(clients, role).await,
            Self::SetTrust { role, document } => {
                let call = iam.update_assume_role_policy().role_name(role.as_str());
                self.done(clients, call.policy_document(policy_text::line(document)).send().await)
            }
            Self::SetDescription { role, text } => {
                let call = iam.update_role().role_name(role.as_str());
                self.done(clients, call.description(text).send().await)
            }
            Self::SetMaxSession { role, seconds } => {
                let call = iam.update_role().role_name(role.as_str());
                self.done(clients, call.max_session_duration(*seconds).send().await)
            }
            Self::TagRole { role, tags } => {
                let call = iam.tag_role().role_name(role.as_str());
                let call = call.set_tags(Some(self.tags(clients, tags)?));
                self.done(clients, call.send().await)
            }
            Self::UntagRole { role, keys } => {
                let call = iam.untag_role().role_name(role.as_str());
                self.done(clients, call.set_tag_keys(Some(keys.clone())).send().await)
            }
            Self::DeleteRole { role } => {
                self.done(clients, iam.delete_role().role_name(role.as_str()).send().await)
            }
            Self::CreateAssociation(_)
            | Self::UpdateAssociation { .. }
            | Self::TagAssociation { .. }
            | Self::UntagAssociation { .. }
            | Self::DeleteAssociation { .. } => association::run(self, clients).await,
            _ => self.change_policy(clients).await,
        }
    }

    /// The calls about one policy of one role.
    async fn change_policy(&self, clients: &Clients) -> Result<(), FederationError> {
        let iam = &clients.iam;
        match self {
            Self::SetBoundary { role, policy } => {
                let call = iam.put_role_permissions_boundary().role_name(role.as_str());
                self.done(clients, call.permissions_boundary(policy).send().await)
            }
            Self::RemoveBoundary { role } => {
                let call = iam.delete_role_permissions_boundary().role_name(role.as_str());
                self.done(clients, call.send().await)
            }
            Self::Attach { role, policy } => {
                let call = iam.attach_role_policy().role_name(role.as_str());
                self.done(clients, call.policy_arn(policy).send().await)
            }
            Self::Detach { role, policy } => {
                let call = iam.detach_role_policy().role_name(role.as_str());
                self.done(clients, call.policy_arn(policy).send().await)
            }
            Self::PutInline { role, name, document } => {
                let call = iam.put_role_policy().role_name(role.as_str()).policy_name(name);
                self.done(clients, call.policy_document(policy_text::line(document)).send().await)
            }
            Self::DeleteInline { role, name } => {
                let call = iam.delete_role_policy().role_name(role.as_str()).policy_name(name);
                self.done(clients, call.send().await)
            }
            _ => Ok(()),
        }
    }

    /// The calls about what a federation leaves on a provider that it did not make.
    async fn release_provider(&self, clients: &Clients) -> Result<(), FederationError> {
        let iam = &clients.iam;
        match self {
            Self::RemoveClientId { provider, client_id } => {
                let call = iam.remove_client_id_from_open_id_connect_provider();
                let call = call.open_id_connect_provider_arn(provider.to_string());
                self.done(clients, call.client_id(client_id).send().await)
            }
            Self::TagProvider { provider, tags } => {
                let call = iam.tag_open_id_connect_provider();
                let call = call.open_id_connect_provider_arn(provider.to_string());
                let call = call.set_tags(Some(self.tags(clients, tags)?));
                self.done(clients, call.send().await)
            }
            Self::UntagProvider { provider, keys } => {
                let call = iam.untag_open_id_connect_provider();
                let call = call.open_id_connect_provider_arn(provider.to_string());
                self.done(clients, call.set_tag_keys(Some(keys.clone())).send().await)
            }
            _ => Ok(()),
        }
    }

    async fn create_provider(
        &self,
        clients: &Clients,
        provider: &Provider,
    ) -> Result<(), FederationError> {
        let call = clients.iam.create_open_id_connect_provider().url(provider.issuer.as_str());
        let call = call.set_client_id_list(Some(provider.client_ids.clone()));
        // AWS finds the thumbprint by itself when there is none.
        let thumbprints = Some(provider.thumbprints.clone()).filter(|list| !list.is_empty());
        let call = call.set_thumbprint_list(thumbprints);
        let call = call.set_tags(Some(self.tags(clients, &provider.tags)?));
        self.done(clients, call.send().await)
    }

    async fn create_role(
        &self,
        clients: &Clients,
        role: &DesiredRole,
    ) -> Result<(), FederationError> {
        let call = clients.iam.create_role().role_name(role.arn.name().as_str());
        let call = call.path(role.arn.path());
        let call = call.set_description(role.new_description().map(str::to_owned));
        let call = call.assume_role_policy_document(policy_text::line(&role.trust));
        let call = call.set_max_session_duration(role.max_session.value().copied());
        let call = call.set_permissions_boundary(role.boundary.value().cloned());
        let call = call.set_tags(Some(self.tags(clients, &role.tags)?));
        self.done(clients, call.send().await)
    }

    fn tags(
        &self,
        clients: &Clients,
        tags: &BTreeMap<String, String>,
    ) -> Result<Vec<Tag>, FederationError> {
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let tags: Result<Vec<Tag>, BuildError> = tags.iter().map(tag).collect();
        tags.map_err(|error| FederationError::BadCall {
            attempt: self.to_string(),
            account: clients.account,
            source: Box::new(error),
        })
    }

    fn done<O, E>(
        &self,
        clients: &Clients,
        answer: Result<O, SdkError<E, HttpResponse>>,
    ) -> Result<(), FederationError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failed = |e| FederationError::of(&self.to_string(), clients.account, &e);
        answer.map(drop).map_err(failed)
    }
}
