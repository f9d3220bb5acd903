//! Tokens by the TokenRequest API, as the kubelet asks for them.
//! <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>

use attache_identifiers::Secret;
use http::Method;
use serde_json::json;
use time::OffsetDateTime;

use crate::objects::path;
use crate::{Access, ApiError, ApiServer, Call};
use attache_kubernetes::{ClusterError, Issuing, TokenIssuer, TokenRequest};

impl ApiServer {
    /// Has a token issued for a service account, bound to nothing else: no pod has to be there.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] where there is no such service account, and whatever else the API server refuses.
    pub async fn token(&self, request: &TokenRequest) -> Result<Secret, ApiError> {
        let account = request.account();
        let access = Access::to("create", "serviceaccounts")
            .subresource("token")
            .named(account.name())
            .within(account.namespace());
        let body = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": request.spec(),
        });
        let path = format!("{}/token", path(account));
        let call = Call::with_json(Method::POST, &path, body);
        let answer = self.json(access.clone(), call).await?;
        let token = answer.pointer("/status/token").and_then(serde_json::Value::as_str);
        let token = token.filter(|text| !text.is_empty());
        token.map(Secret::new).ok_or_else(|| self.lacks(access, "status.token"))
    }
}

impl TokenIssuer for ApiServer {
    fn issue<'i>(&'i self, request: &'i TokenRequest, _now: OffsetDateTime) -> Issuing<'i> {
        Box::pin(async move {
            self.token(request).await.map_err(|error| ClusterError::TokenRequest {
                subject: request.account().subject(),
                source: Box::new(error),
            })
        })
    }
}
