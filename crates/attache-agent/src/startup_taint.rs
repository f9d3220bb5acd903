//! The taint that keeps pods away from a node until this agent serves there.
//!
//! Knows: the taints of its own node, and how one is taken away while others change them. Does not know:
//! who taints the node (the kubelet's `--register-with-taints`, a node group), and when pods are served
//! ([`Readiness`]).
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>

use std::time::Duration;

use k8s_openapi::api::core::v1::Node;
use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::Readiness;

/// How often it is looked whether pods are served.
const LOOK: Duration = Duration::from_secs(1);

/// Ours: the wait after a failed attempt, which doubles up to the second.
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// Ours: an API server answers for one object in milliseconds.
const CALL_TIME: Duration = Duration::from_secs(10);

/// Ours: how often the taints are read again at once because others changed them meanwhile.
const ATTEMPTS: usize = 5;

/// The server's answer to a patch whose `test` does not hold.
const UNPROCESSABLE: u16 = 422;

/// The server's answer to a change of what was changed meanwhile.
const CONFLICT: u16 = 409;

/// Why the taint is still there.
#[derive(Debug, thiserror::Error)]
pub enum TaintError {
    /// The API server's refusal, or none to be reached.
    #[error("could not {attempt} the node {node}: {source}{}", remedy(.source))]
    Api {
        /// `read` or `patch`.
        attempt: &'static str,
        /// The node's name.
        node: String,
        /// The answer.
        source: Box<kube::Error>,
    },
    /// No answer in time.
    #[error("the API server did not answer within {CALL_TIME:?}")]
    NoAnswer,
    /// Others changed the taints each time.
    #[error("the taints of the node {0} changed during each of {ATTEMPTS} attempts")]
    Changed(String),
}

/// What to do about the two commonest refusals.
fn remedy(error: &kube::Error) -> &'static str {
    match error {
        kube::Error::Api(status) if status.code == 403 => {
            "; the agent's service account needs get and patch on nodes, which the chart's \
             agent.startupTaint grants"
        }
        kube::Error::Api(status) if status.code == 404 => {
            "; --node-name or NODE_NAME has to be the name that kubectl get nodes prints"
        }
        _ => "",
    }
}

/// A taint of this agent's own node, whatever its value and effect.
#[derive(Debug, Clone)]
pub struct StartupTaint {
    // Untyped, so that a taint is compared as the server wrote it, with members that are not known here.
    nodes: Api<DynamicObject>,
    node: String,
    key: String,
}

impl StartupTaint {
    /// The taint of that key on the node.
    #[must_use]
    pub fn new(client: Client, node: &str, key: &str) -> Self {
        let nodes = Api::all_with(client, &ApiResource::erase::<Node>(&()));
        Self { nodes, node: node.to_owned(), key: key.to_owned() }
    }

    /// Takes the taint away once pods are served, and tries again until it is gone or `stop`. Pods are
    /// served meanwhile: a failure is logged and nothing else.
    pub async fn remove_when_ready(self, readiness: Readiness, stop: CancellationToken) {
        let (node, taint) = (&self.node, &self.key);
        let removal = async {
            let mut retry = FIRST_RETRY;
            loop {
                while readiness.check().await.is_err() {
                    tokio::time::sleep(LOOK).await;
                }
                match tokio::time::timeout(CALL_TIME, self.remove()).await {
                    Ok(Ok(true)) => {
                        return tracing::info!(node, taint, "removed the startup taint");
                    }
                    Ok(Ok(false)) => {
                        return tracing::info!(node, taint, "the node has no startup taint");
                    }
                    Ok(Err(why)) => {
                        tracing::warn!(node, taint, %why, "did not remove the startup taint");
                    }
                    Err(_) => {
                        let why = TaintError::NoAnswer;
                        tracing::warn!(node, taint, %why, "did not remove the startup taint");
                    }
                }
                tokio::time::sleep(retry).await;
                retry = (retry * 2).min(LAST_RETRY);
            }
        };
        stop.run_until_cancelled(removal).await;
    }

    /// Takes the taint away. Says whether it was there.
    ///
    /// # Errors
    /// [`TaintError`].
    pub async fn remove(&self) -> Result<bool, TaintError> {
        for _ in 0..ATTEMPTS {
            let found = self.nodes.get(&self.node).await.map_err(self.failed("read"))?;
            let taints = found.data.pointer("/spec/taints").and_then(Value::as_array);
            let Some(patch) = removal(taints.map_or(&[], Vec::as_slice), &self.key) else {
                return Ok(false);
            };
            let patched = self
                .nodes
                .patch(&self.node, &PatchParams::default(), &Patch::Json::<Value>(patch))
                .await;
            match patched {
                Ok(_) => return Ok(true),
                // Another one's change of the taints, between reading and writing.
                Err(kube::Error::Api(status))
                    if [UNPROCESSABLE, CONFLICT].contains(&status.code) =>
                {
                    tracing::debug!(node = self.node, %status, "the node's taints changed meanwhile");
                }
                Err(error) => return Err(self.failed("patch")(error)),
            }
        }
        Err(TaintError::Changed(self.node.clone()))
    }

    fn failed(&self, attempt: &'static str) -> impl FnOnce(kube::Error) -> TaintError {
        let node = self.node.clone();
        move |source| TaintError::Api { attempt, node, source: Box::new(source) }
    }
}

/// The patch that removes the taints of that key and nothing else; none where there is none. Each removal
/// stands behind a test that the taint at its place is the one that was read. From the last one to the
/// first, so that the places before stay what they are.
fn removal(taints: &[Value], key: &str) -> Option<json_patch::Patch> {
    let own = taints.iter().enumerate().rev().filter(|(_, taint)| taint["key"] == key);
    let steps: Vec<Value> = own
        .flat_map(|(place, taint)| {
            let path = format!("/spec/taints/{place}");
            [
                json!({"op": "test", "path": path, "value": taint}),
                json!({"op": "remove", "path": path}),
            ]
        })
        .collect();
    if steps.is_empty() {
        return None;
    }
    serde_json::from_value(Value::Array(steps)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "attache.dev/agent-not-ready";

    fn node(taints: &Value) -> Value {
        json!({"metadata": {"name": "one"}, "spec": {"taints": taints, "podCIDR": "10.0.0.0/24"}})
    }

    fn removed(read: &Value, found: &Value) -> Result<Value, json_patch::PatchError> {
        let mut node = node(found);
        let patch = removal(read.as_array().unwrap(), KEY).expect("a patch");
        json_patch::patch(&mut node, &patch).map(|()| node["spec"]["taints"].clone())
    }

    #[test]
    fn the_taints_of_the_key_go_and_all_others_stay() {
        let other = json!({"key": "dedicated", "value": "gpu", "effect": "NoSchedule"});
        let similar = json!({"key": format!("{KEY}-yet"), "effect": "NoSchedule"});
        let own = json!({"key": KEY, "effect": "NoSchedule"});
        let second = json!({"key": KEY, "value": "true", "effect": "NoExecute", "timeAdded": "2026-01-01T00:00:00Z"});
        let taints = json!([own, other, second, similar]);
        assert_eq!(removed(&taints, &taints).unwrap(), json!([other, similar]));
        assert_eq!(removed(&json!([own]), &json!([own])).unwrap(), json!([]));
        assert!(removal(&[other, similar], KEY).is_none());
        assert!(removal(&[], KEY).is_none());
    }

    #[test]
    fn a_taint_that_another_put_at_the_place_is_never_removed() {
        let own = json!({"key": KEY, "effect": "NoSchedule"});
        let other = json!({"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"});
        assert!(removed(&json!([own]), &json!([other, own])).is_err());
        assert!(removed(&json!([own]), &json!([])).is_err());
        assert!(removed(&json!([other, own]), &json!([other])).is_err());
    }
}
