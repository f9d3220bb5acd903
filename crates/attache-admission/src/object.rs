//! The little of a pod or a service account that is read. What is not named here is not looked at.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A pod or a service account.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Object {
    /// Its name, labels and annotations.
    #[serde(default)]
    pub metadata: Metadata,
    /// A pod's containers.
    #[serde(default)]
    pub spec: Option<PodSpec>,
}

/// Who an object is.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Metadata {
    /// Empty for a pod of a ReplicaSet, which gets its name later.
    #[serde(default)]
    pub name: Option<String>,
    /// Its labels; `null` where there are none.
    #[serde(default)]
    pub labels: Option<BTreeMap<String, String>>,
    /// Its annotations; `null` where there are none.
    #[serde(default)]
    pub annotations: Option<BTreeMap<String, String>>,
}

/// What is in a pod.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    /// Whose token it has.
    #[serde(default)]
    pub service_account_name: Option<String>,
    /// Its containers.
    #[serde(default)]
    pub containers: Vec<Container>,
    /// Its init containers and native sidecars.
    #[serde(default)]
    pub init_containers: Option<Vec<Container>>,
    /// Its volumes.
    #[serde(default)]
    pub volumes: Option<Vec<Named>>,
    /// Which nodes it may run on.
    #[serde(default)]
    pub node_selector: Option<BTreeMap<String, String>>,
}

/// A container.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its variables; their values are not read.
    #[serde(default)]
    pub env: Option<Vec<Named>>,
    /// Its mounts.
    #[serde(default)]
    pub volume_mounts: Option<Vec<Mount>>,
}

/// Something with a name.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Named {
    /// The name.
    #[serde(default)]
    pub name: String,
}

/// A mount of a volume.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    /// The volume's name.
    #[serde(default)]
    pub name: String,
    /// Where.
    #[serde(default)]
    pub mount_path: String,
}

impl Metadata {
    /// An annotation's value.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// Whether it has a label of this key.
    #[must_use]
    pub fn has_label(&self, key: &str) -> bool {
        self.labels.as_ref().is_some_and(|all| all.contains_key(key))
    }
}

impl PodSpec {
    /// Both lists of containers, each with its name in the pod's JSON.
    pub fn lists(&self) -> impl Iterator<Item = (&'static str, &[Container])> {
        let inits = self.init_containers.as_deref().unwrap_or_default();
        [("containers", self.containers.as_slice()), ("initContainers", inits)].into_iter()
    }

    /// Whether it is for Windows, by the label that a node of Windows has or once had.
    #[must_use]
    pub fn is_for_windows(&self) -> bool {
        let has = |key| {
            let selector = self.node_selector.as_ref();
            selector.and_then(|all| all.get(key)).is_some_and(|value| value == "windows")
        };
        has("kubernetes.io/os") || has("beta.kubernetes.io/os")
    }
}

impl Container {
    /// The names of its variables.
    #[must_use]
    pub fn variables(&self) -> Vec<&str> {
        self.env.iter().flatten().map(|one| one.name.as_str()).collect()
    }
}
