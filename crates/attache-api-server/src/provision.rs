//! A service account for a while: made where it is absent, and removed again if it was made here.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::objects::path;
use crate::{Access, ApiError, ApiServer, Call, found};
use attache_kubernetes::ServiceAccount;

/// The field manager of what is made here.
const FIELD_MANAGER: &str = "attache-quickstart";

/// What was made, in its order.
#[derive(Debug, Default)]
pub struct Provisioned {
    made: Vec<Made>,
}

/// An object that did not exist before.
#[derive(Debug)]
struct Made {
    resource: &'static str,
    name: String,
    namespace: Option<String>,
    path: String,
    uid: String,
}

impl Provisioned {
    /// The objects that were made: `namespace attache-quickstart`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.made.iter().map(Made::shown).collect()
    }
}

impl Made {
    fn shown(&self) -> String {
        let kind = self.resource.trim_end_matches('s');
        match &self.namespace {
            Some(namespace) => format!("{kind} {namespace}/{}", self.name),
            None => format!("{kind} {}", self.name),
        }
    }

    fn access(&self, verb: &'static str) -> Access {
        let access = Access::to(verb, self.resource).named(&self.name);
        match &self.namespace {
            Some(namespace) => access.within(namespace),
            None => access,
        }
    }
}

impl ApiServer {
    /// Makes a service account with these annotations, and its namespace, by server-side apply. What exists is
    /// left as it is. What was made is in `provisioned`, also where this fails halfway.
    ///
    /// # Errors
    /// When the API server refuses or does not answer.
    pub async fn provision(
        &self,
        account: &ServiceAccount,
        annotations: &BTreeMap<String, String>,
        provisioned: &mut Provisioned,
    ) -> Result<(), ApiError> {
        let namespace = Made {
            resource: "namespaces",
            name: account.namespace().to_owned(),
            namespace: None,
            path: format!("/api/v1/namespaces/{}", account.namespace()),
            uid: String::new(),
        };
        self.apply("Namespace", namespace, &BTreeMap::new(), provisioned).await?;
        let account = Made {
            resource: "serviceaccounts",
            name: account.name().to_owned(),
            namespace: Some(account.namespace().to_owned()),
            path: path(account),
            uid: String::new(),
        };
        self.apply("ServiceAccount", account, annotations, provisioned).await
    }

    async fn apply(
        &self,
        kind: &'static str,
        mut object: Made,
        annotations: &BTreeMap<String, String>,
        provisioned: &mut Provisioned,
    ) -> Result<(), ApiError> {
        let present = self.json(object.access("get"), Call::get(&object.path)).await;
        if found(present)?.is_some() {
            return Ok(());
        }
        let mut metadata = json!({
            "name": object.name,
            "labels": {"app.kubernetes.io/managed-by": FIELD_MANAGER},
        });
        if !annotations.is_empty()
            && let Some(metadata) = metadata.as_object_mut()
        {
            metadata.insert("annotations".to_owned(), json!(annotations));
        }
        let path = format!("{}?fieldManager={FIELD_MANAGER}", object.path);
        let call = Call {
            method: Method::PATCH,
            path: &path,
            // JSON is YAML, and every server since 1.16 reads this type.
            content_type: Some("application/apply-patch+yaml"),
            body: Some(json!({"apiVersion": "v1", "kind": kind, "metadata": metadata})),
        };
        let access = object.access("patch");
        let applied = self.json(access.clone(), call).await?;
        let uid = applied.pointer("/metadata/uid").and_then(Value::as_str);
        object.uid = uid.ok_or_else(|| self.lacks(access, "metadata.uid"))?.to_owned();
        provisioned.made.push(object);
        Ok(())
    }

    /// Removes what was made, the last first. An object of the same name that is another one by now stays.
    ///
    /// # Errors
    /// When the API server refuses or does not answer; what is left then is in `provisioned`.
    pub async fn remove(&self, provisioned: &mut Provisioned) -> Result<(), ApiError> {
        while let Some(object) = provisioned.made.last() {
            let options = json!({
                "apiVersion": "v1",
                "kind": "DeleteOptions",
                "preconditions": {"uid": object.uid},
            });
            let call = Call::with_json(Method::DELETE, &object.path, options);
            match self.text(object.access("delete"), call).await {
                // 409: another object has the name by now, which is not ours to remove.
                Ok(_) | Err(ApiError::NotFound { .. } | ApiError::Refused { code: 409, .. }) => {}
                Err(error) => return Err(error),
            }
            provisioned.made.pop();
        }
        Ok(())
    }
}
