//! Service accounts, as the API server answers them.

use fake_api_server::Answer;
use serde_json::{Value, json};

pub(super) fn account(name: &str, role: Option<&str>) -> Value {
    let annotations = role.map(|role| json!({"eks.amazonaws.com/role-arn": role, "other": "x"}));
    json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {
        "name": name, "namespace": "causely", "resourceVersion": "5", "annotations": annotations}})
}

pub(super) fn list(items: &[Value]) -> Answer {
    Answer::json(
        200,
        &json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList",
        "metadata": {"resourceVersion": "10"}, "items": items}),
    )
}
