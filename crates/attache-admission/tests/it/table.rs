//! A row of the tables in `tests/cluster/pods`: a pod as the API server has it, and as it is to be after.

use std::path::Path;

use attache_admission::{
    AccountAnnotations, Knowledge, MappedRoles, Object, PodIdentities, Review, Settings,
};
use serde_json::{Value, json};

pub(crate) const VOLUME: &str = "aws-iam-token";
pub(crate) const MOUNT: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount";

pub(crate) fn rows(name: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cluster/pods");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// What a row leaves out.
pub(crate) fn complete(row: &Value) -> Value {
    let mut pod = row.get("pod").cloned().unwrap_or_else(|| json!({}));
    let metadata = pod.as_object_mut().unwrap().entry("metadata").or_insert_with(|| json!({}));
    metadata.as_object_mut().unwrap().entry("name").or_insert_with(|| json!("pod"));
    let spec = pod.as_object_mut().unwrap().entry("spec").or_insert_with(|| json!({}));
    let spec = spec.as_object_mut().unwrap();
    spec.entry("serviceAccountName").or_insert_with(|| json!("mediator"));
    spec.entry("containers").or_insert_with(|| json!([{"name": "app"}]));
    pod
}

/// The row's review of its pod.
pub(crate) fn review(pod: &Value) -> Review {
    review_of("pods", "CREATE", pod)
}

pub(crate) fn review_of(resource: &str, operation: &str, object: &Value) -> Review {
    let review = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "169f1006-e9fc-42bc-979b-2d90e77ea250", "namespace": "causely", "operation": operation,
            "resource": {"group": "", "version": "v1", "resource": resource}, "object": object}});
    Review::read(review.to_string().as_bytes()).unwrap()
}

/// What is known of the row's service account.
pub(crate) struct Known {
    pub(crate) settings: Settings,
    account: AccountAnnotations,
    mapped: MappedRoles,
    identities: PodIdentities,
}

impl Known {
    pub(crate) fn of(row: &Value, pod: &Value) -> Self {
        let mut settings = Settings {
            region: row["region"].as_str().map(|region| region.parse().unwrap()),
            regional_sts: row["regional"].as_bool().unwrap_or_default(),
            ..Settings::default()
        };
        if let Some(seconds) = row["expiration"].as_i64() {
            settings.token_expiration = seconds;
        }
        // The row's annotations are those of `mediator`.
        let own = pod["spec"]["serviceAccountName"] == "mediator";
        let annotations = serde_json::from_value(row["account"]["annotations"].clone()).ok();
        let account = AccountAnnotations::of(annotations.as_ref().filter(|_| own), &settings);
        let mapped = row.get("mapped").map(ToString::to_string);
        let identities = row.get("identities").map(|all| json!({"identities": all}).to_string());
        Self {
            settings,
            account,
            mapped: MappedRoles::read(mapped.as_deref()).unwrap(),
            identities: PodIdentities::read(&identities.unwrap_or_default()).unwrap(),
        }
    }

    pub(crate) fn knowledge(&self) -> Knowledge<'_> {
        let Self { account, mapped, identities, .. } = self;
        Knowledge { account, mapped, identities }
    }
}

pub(crate) fn object(review: &Review) -> &Object {
    review.object.as_ref().unwrap()
}

/// The pod after the patch, by a library that is not ours.
pub(crate) fn patched(pod: &Value, answer: &Value) -> Value {
    let Some(patch) = answer["response"]["patch"].as_str() else { return pod.clone() };
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, patch).unwrap();
    let patch: json_patch::Patch = serde_json::from_slice(&bytes).unwrap();
    let mut pod = pod.clone();
    json_patch::patch(&mut pod, &patch).unwrap();
    pod
}

/// Sets a member of a map that may be absent or null.
pub(crate) fn member<'v>(of: &'v mut Value, name: &str, empty: Value) -> &'v mut Value {
    let value = of.as_object_mut().unwrap().entry(name).or_insert_with(|| empty.clone());
    if value.is_null() {
        *value = empty;
    }
    value
}
