//! An AdmissionReview: what an API server asks, and the form of the answer.
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Object, Settings};

/// Kubernetes takes objects of about 3 MB, and a review can have two of them, with what is around.
pub const MAX_REVIEW_BYTES: usize = 7 * 1024 * 1024;
/// A UID is 36 characters; a review that has a much longer one is no API server's.
const LONGEST_UID: usize = 256;

/// A review that can be answered.
#[derive(Debug)]
pub struct Review {
    api_version: &'static str,
    /// What is asked.
    pub request: Request,
    /// The pod or the service account; none of another kind.
    pub object: Option<Object>,
}

/// What is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// By which the API server knows the answer.
    #[serde(default)]
    pub uid: String,
    /// The object's namespace; a new pod's own can be empty.
    #[serde(default)]
    pub namespace: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    resource: Resource,
    #[serde(default)]
    sub_resource: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Resource {
    #[serde(default)]
    group: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    resource: String,
}

/// What a review is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A new pod.
    Pod,
    /// A service account that is written.
    ServiceAccount,
    /// Anything else: it is admitted.
    Other,
}

/// Why a review cannot be answered: the API server then does what its `failurePolicy` says.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// Not JSON, or of another shape.
    #[error("not an AdmissionReview: {0}")]
    Malformed(#[source] serde_json::Error),
    /// Another kind or version.
    #[error("expected an AdmissionReview of admission.k8s.io/v1 or v1beta1")]
    Version,
    /// Nothing is asked, or without a UID.
    #[error("expected a request with a uid")]
    NoRequest,
    /// The pod or service account is not one.
    #[error("the review's object is not what its resource says: {source}")]
    Object {
        /// The request, to which an answer is possible.
        request: Box<Request>,
        /// The version in which it is answered.
        api_version: &'static str,
        /// The reader's error.
        source: serde_json::Error,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<R> {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    request: Option<R>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    object: Option<Object>,
}

impl Review {
    /// Reads a review.
    ///
    /// # Errors
    /// When it is not one that can be answered.
    pub fn read(body: &[u8]) -> Result<Self, ReviewError> {
        // First without its object, whose shape is another for another kind.
        let head: Envelope<Request> =
            serde_json::from_slice(body).map_err(ReviewError::Malformed)?;
        let api_version = match (head.kind.as_str(), head.api_version.as_str()) {
            ("AdmissionReview", "admission.k8s.io/v1") => "admission.k8s.io/v1",
            ("AdmissionReview", "admission.k8s.io/v1beta1") => "admission.k8s.io/v1beta1",
            _ => return Err(ReviewError::Version),
        };
        let request = head.request.ok_or(ReviewError::NoRequest)?;
        if request.uid.is_empty() || request.uid.len() > LONGEST_UID {
            return Err(ReviewError::NoRequest);
        }
        // The object is read only where it is of a kind that has this shape.
        let object = match request.target() {
            Target::Other => None,
            Target::Pod | Target::ServiceAccount => match read_object(body) {
                Ok(object) => object,
                Err(source) => {
                    let request = Box::new(request);
                    return Err(ReviewError::Object { request, api_version, source });
                }
            },
        };
        Ok(Self { api_version, request, object })
    }

    /// The answer as JSON, in the version that was asked.
    #[must_use]
    pub fn answer(&self, answer: &Answer) -> Value {
        write(self.api_version, &self.request.uid, answer)
    }
}

impl ReviewError {
    /// The answer to a review whose object cannot be read, where it has somebody to go to.
    #[must_use]
    pub fn answer(&self, answer: &Answer) -> Option<Value> {
        match self {
            Self::Object { request, api_version, .. } => {
                Some(write(api_version, &request.uid, answer))
            }
            Self::Malformed(_) | Self::Version | Self::NoRequest => None,
        }
    }
}

fn read_object(body: &[u8]) -> Result<Option<Object>, serde_json::Error> {
    let envelope: Envelope<Body> = serde_json::from_slice(body)?;
    Ok(envelope.request.and_then(|request| request.object))
}

impl Request {
    /// What it is about.
    #[must_use]
    pub fn target(&self) -> Target {
        let Resource { group, version, resource } = &self.resource;
        if !self.sub_resource.is_empty() || !group.is_empty() || version != "v1" {
            return Target::Other;
        }
        match (resource.as_str(), self.operation.as_str()) {
            ("pods", "CREATE") => Target::Pod,
            ("serviceaccounts", "CREATE" | "UPDATE") => Target::ServiceAccount,
            _ => Target::Other,
        }
    }

    /// The service account of a pod that the webhook may touch: none where it is left alone, by its
    /// namespace or by its own label.
    #[must_use]
    pub fn pod_account<'a>(&self, pod: &'a Object, settings: &Settings) -> Option<&'a str> {
        let opted_out = pod.metadata.has_label(&settings.domain.key("skip-pod-identity-webhook"));
        if self.target() != Target::Pod || settings.leaves_alone(&self.namespace) || opted_out {
            return None;
        }
        let name = pod.spec.as_ref()?.service_account_name.as_deref()?;
        (!name.is_empty()).then_some(name)
    }
}

fn write(api_version: &str, uid: &str, answer: &Answer) -> Value {
    let mut response = json!({ "uid": uid, "allowed": answer.refusal.is_none() });
    if let Some((code, message)) = &answer.refusal {
        let reason = if *code == 403 { "Forbidden" } else { "InternalError" };
        response["status"] =
            json!({ "code": code, "reason": reason, "status": "Failure", "message": message });
    }
    if !answer.patch.is_empty() {
        // A patch of plain values is always JSON.
        let patch = serde_json::to_vec(&answer.patch).unwrap_or_default();
        response["patchType"] = json!("JSONPatch");
        response["patch"] = json!(BASE64.encode(patch));
    }
    if !answer.warnings.is_empty() {
        response["warnings"] = json!(answer.warnings);
    }
    if !answer.audit.is_empty() {
        response["auditAnnotations"] = json!(answer.audit);
    }
    json!({ "apiVersion": api_version, "kind": "AdmissionReview", "response": response })
}
