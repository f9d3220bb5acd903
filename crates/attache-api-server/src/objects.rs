//! Service accounts and Secrets that are there.

use std::collections::BTreeMap;

use attache_identifiers::Secret;
use serde_json::Value;

use crate::{Access, ApiError, ApiServer, Call, found};
use attache_kubernetes::ServiceAccount;

/// Ours: how many names are listed to find one that is nearly right.
const MOST_NAMES: usize = 500;

/// Where the API server has a service account.
pub(crate) fn path(account: &ServiceAccount) -> String {
    format!("{}/{}", accounts(account.namespace()), account.name())
}

fn accounts(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/serviceaccounts")
}

impl ApiServer {
    /// The annotations of a service account; none where it does not exist.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub async fn annotations(
        &self,
        account: &ServiceAccount,
    ) -> Result<Option<BTreeMap<String, String>>, ApiError> {
        let access =
            Access::to("get", "serviceaccounts").named(account.name()).within(account.namespace());
        let object = found(self.json(access, Call::get(&path(account))).await)?;
        Ok(object.map(|object| {
            let annotations = object.pointer("/metadata/annotations").and_then(Value::as_object);
            let pairs = annotations.into_iter().flatten();
            let text =
                |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            pairs.filter_map(text).collect()
        }))
    }

    /// The names of a namespace's service accounts, the first some hundred of them; none where there is no such
    /// namespace.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub async fn account_names(&self, namespace: &str) -> Result<Vec<String>, ApiError> {
        let path = format!("{}?limit={MOST_NAMES}", accounts(namespace));
        let access = Access::to("list", "serviceaccounts").within(namespace);
        let list = self.json(access, Call::get(&path)).await?;
        Ok(of_items(&list, "name"))
    }

    /// The namespaces in which there is a service account of this name.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub async fn namespaces_with(&self, account_name: &str) -> Result<Vec<String>, ApiError> {
        let path = format!(
            "/api/v1/serviceaccounts?limit={MOST_NAMES}&fieldSelector=metadata.name%3D{account_name}"
        );
        let list = self.json(Access::to("list", "serviceaccounts"), Call::get(&path)).await?;
        Ok(of_items(&list, "namespace"))
    }

    /// Whether a namespace exists.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub async fn has_namespace(&self, name: &str) -> Result<bool, ApiError> {
        let access = Access::to("get", "namespaces").named(name);
        let path = format!("/api/v1/namespaces/{name}");
        Ok(found(self.json(access, Call::get(&path)).await)?.is_some())
    }

    /// The manifest of a Secret, as JSON; none where it does not exist.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub async fn secret(&self, namespace: &str, name: &str) -> Result<Option<Secret>, ApiError> {
        let access = Access::to("get", "secrets").named(name).within(namespace);
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
        Ok(found(self.text(access, Call::get(&path)).await)?.map(Secret::new))
    }
}

/// A member of each item's metadata.
fn of_items(list: &Value, member: &str) -> Vec<String> {
    let items = list.get("items").and_then(Value::as_array).into_iter().flatten();
    let name = |item: &Value| Some(item.get("metadata")?.get(member)?.as_str()?.to_owned());
    items.filter_map(name).collect()
}
