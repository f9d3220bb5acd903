//! The `caBundle` of a webhook configuration.

use std::fmt::Debug;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookClientConfig,
};
use kube::api::{Patch, PatchParams};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::CertificateError;

pub(super) type Mutating = MutatingWebhookConfiguration;
pub(super) type Validating = ValidatingWebhookConfiguration;

/// The two kinds of webhook configuration.
pub(super) trait Configuration:
    Resource<DynamicType = (), Scope = k8s_openapi::ClusterResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
{
    /// What the API server calls its kind.
    const KIND: &'static str;
    /// Each webhook of it, by name.
    fn clients(&self) -> Vec<(&str, &WebhookClientConfig)>;
}

impl Configuration for Mutating {
    const KIND: &'static str = "MutatingWebhookConfiguration";
    fn clients(&self) -> Vec<(&str, &WebhookClientConfig)> {
        self.webhooks.iter().flatten().map(|one| (one.name.as_str(), &one.client_config)).collect()
    }
}

impl Configuration for Validating {
    const KIND: &'static str = "ValidatingWebhookConfiguration";
    fn clients(&self) -> Vec<(&str, &WebhookClientConfig)> {
        self.webhooks.iter().flatten().map(|one| (one.name.as_str(), &one.client_config)).collect()
    }
}

/// Has every webhook of a configuration trust these authorities. Says whether that was a change. One that is
/// not there yet is none: it will be there at the next look.
pub(super) async fn trust<C: Configuration>(
    client: &Client,
    name: &str,
    authorities: &str,
) -> Result<bool, CertificateError> {
    let api: Api<C> = Api::all(client.clone());
    let kind = C::KIND;
    let read = CertificateError::api(format!("read the {kind} {name}"));
    let Some(found) = api.get_opt(name).await.map_err(read)? else {
        tracing::warn!("there is no {kind} {name} to be trusted by");
        return Ok(false);
    };
    let bundle = ByteString(authorities.as_bytes().to_vec());
    let others =
        found.clients().into_iter().filter(|(_, one)| one.ca_bundle.as_ref() != Some(&bundle));
    let changes: Vec<_> = others
        .map(|(webhook, _)| json!({"name": webhook, "clientConfig": {"caBundle": bundle}}))
        .collect();
    if changes.is_empty() {
        return Ok(false);
    }
    // By the webhooks' names: nothing else of the configuration is touched.
    let patch = Patch::Strategic(json!({ "webhooks": changes }));
    let write = CertificateError::api(format!("write the caBundle of the {kind} {name}"));
    api.patch(name, &PatchParams::default(), &patch).await.map_err(write)?;
    tracing::info!("the {kind} {name} trusts the webhook's authority");
    Ok(true)
}
