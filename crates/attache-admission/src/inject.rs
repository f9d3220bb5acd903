//! A pod and its credentials in, a JSON Patch out. What is there already is not changed, so a second pass
//! adds nothing.

use attache_kubernetes::{CredentialSource, Injection};
use serde_json::{Value, json};

use super::answer::{Operation, pointer};
use super::identity::{Identity, Kind, jittered};
use super::object::{Container, Metadata, Object, PodSpec};
use super::warnings::{Warnings, shown};
use super::{Settings, csv, expiration};

/// Where the token of a role is, and how its volume is called.
const VOLUME: &str = "aws-iam-token";
const TOKEN: &str = "token";
/// The configuration file beside it, and the annotation of the pod that has its text.
const CONFIG: &str = "config";
const CONFIG_ANNOTATION: &str = "aws-config";

struct Plan<'a> {
    settings: &'a Settings,
    identity: &'a Identity,
    mount_path: &'a str,
    volume: &'a str,
    windows: bool,
    injection: Injection,
}

/// The steps that give a pod its credentials. `seed` chooses the life of an agent's token.
pub(super) fn inject(
    pod: &Object,
    identity: &Identity,
    settings: &Settings,
    seed: u64,
    warnings: &mut Warnings,
) -> Vec<Operation> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    let plan = Plan::new(spec, identity, settings);
    let mut steps = Vec::new();
    plan.marks(&pod.metadata, &mut steps);
    plan.volume(pod, spec, seed, &mut steps, warnings);
    let skipped = skipped(&pod.metadata, spec, settings, warnings);
    for (list, containers) in spec.lists() {
        for (index, container) in containers.iter().enumerate() {
            if !skipped.contains(&container.name) {
                plan.container(&format!("/spec/{list}/{index}"), container, &mut steps);
            }
        }
    }
    steps
}

impl<'a> Plan<'a> {
    fn new(spec: &PodSpec, identity: &'a Identity, settings: &'a Settings) -> Self {
        let windows = spec.is_for_windows();
        let (mount_path, volume, token) = match identity.kind {
            Kind::Container => {
                let container = &settings.container;
                (&container.mount_path, container.volume.as_str(), container.token_path.as_str())
            }
            Kind::WebIdentity { .. } | Kind::Chain(_) => (&settings.mount_path, VOLUME, TOKEN),
        };
        let token_file = file(mount_path, token, windows);
        let source = match &identity.kind {
            Kind::WebIdentity { role } => {
                CredentialSource::WebIdentity { role: role.clone(), token_file }
            }
            Kind::Container => {
                CredentialSource::Container { uri: settings.container.full_uri.clone(), token_file }
            }
            Kind::Chain(_) => {
                CredentialSource::ConfigFile { path: file(mount_path, CONFIG, windows) }
            }
        };
        let (region, regional_sts) = (settings.region.clone(), identity.regional_sts);
        let injection = Injection { source, region, regional_sts };
        Self { settings, identity, mount_path, volume, windows, injection }
    }

    /// The label by which EKS finds such pods, and the text of the configuration file.
    fn marks(&self, metadata: &Metadata, steps: &mut Vec<Operation>) {
        let (part, present, key, value) = match &self.identity.kind {
            Kind::WebIdentity { .. } => return,
            Kind::Container => {
                let key = self.settings.domain.key("pod-identity");
                ("labels", &metadata.labels, key, "enabled".to_owned())
            }
            Kind::Chain(chain) => {
                let key = self.settings.own_domain.key(CONFIG_ANNOTATION);
                let token_file = file(self.mount_path, TOKEN, self.windows);
                let text = chain.config(&token_file, self.settings.region.as_ref());
                ("annotations", &metadata.annotations, key, text)
            }
        };
        match present {
            None => steps.push(Operation::add(format!("/metadata/{part}"), json!({ key: value }))),
            Some(all) if all.get(&key) == Some(&value) => {}
            Some(_) => steps.push(Operation::add(
                format!("/metadata/{part}/{}", pointer(&key)),
                Value::String(value),
            )),
        }
    }

    fn volume(
        &self,
        pod: &Object,
        spec: &PodSpec,
        seed: u64,
        steps: &mut Vec<Operation>,
        warnings: &mut Warnings,
    ) {
        let seconds = self.expiration(&pod.metadata, seed, warnings);
        if spec.volumes.iter().flatten().any(|one| one.name == self.volume) {
            return;
        }
        let path = match self.identity.kind {
            Kind::Container => self.settings.container.token_path.as_str(),
            Kind::WebIdentity { .. } | Kind::Chain(_) => TOKEN,
        };
        let mut sources = vec![json!({"serviceAccountToken": {
            "audience": self.identity.audience, "expirationSeconds": seconds, "path": path}})];
        if matches!(self.identity.kind, Kind::Chain(_)) {
            let field = format!(
                "metadata.annotations['{}']",
                self.settings.own_domain.key(CONFIG_ANNOTATION)
            );
            sources.push(json!({"downwardAPI": {"items": [
                {"path": CONFIG, "fieldRef": {"fieldPath": field}}]}}));
        }
        let volume = json!({"name": self.volume, "projected": {"sources": sources}});
        append("/spec/volumes", spec.volumes.is_some(), vec![volume], steps);
    }

    /// The pod's annotation wins.
    fn expiration(&self, pod: &Metadata, seed: u64, warnings: &mut Warnings) -> i64 {
        let key = self.settings.domain.key("token-expiration");
        let text = pod.annotation(&key);
        let given = text.and_then(|text| expiration::read(text, "pod", &key, warnings));
        let seconds = given.unwrap_or(self.identity.expiration);
        if self.identity.kind == Kind::Container { jittered(seconds, seed) } else { seconds }
    }

    fn container(&self, at: &str, container: &Container, steps: &mut Vec<Operation>) {
        let added = self.injection.environment(&container.variables());
        let added =
            added.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        append(&format!("{at}/env"), container.env.is_some(), added, steps);
        // A volume can be mounted elsewhere by the pod itself, and the place be another volume's: the
        // API server takes no two mounts at one place.
        let mounts = container.volume_mounts.as_deref().unwrap_or_default();
        if mounts.iter().any(|one| one.name == self.volume || one.mount_path == self.mount_path) {
            return;
        }
        let mount = json!({"name": self.volume, "readOnly": true, "mountPath": self.mount_path});
        append(
            &format!("{at}/volumeMounts"),
            container.volume_mounts.is_some(),
            vec![mount],
            steps,
        );
    }
}

/// Adds to a list, which is made where there is none.
fn append(path: &str, exists: bool, values: Vec<Value>, steps: &mut Vec<Operation>) {
    if exists {
        steps.extend(values.into_iter().map(|value| Operation::add(format!("{path}/-"), value)));
    } else if !values.is_empty() {
        steps.push(Operation::add(path, Value::Array(values)));
    }
}

/// A file below a mount, as a container names it.
fn file(mount_path: &str, name: &str, windows: bool) -> String {
    let path = format!("{}/{name}", mount_path.trim_end_matches('/'));
    if windows { format!("C:{}", path.replace('/', "\\")) } else { path }
}

/// The containers that the annotation `skip-containers` names.
pub(super) fn skipped(
    pod: &Metadata,
    spec: &PodSpec,
    settings: &Settings,
    warnings: &mut Warnings,
) -> Vec<String> {
    let key = settings.domain.key("skip-containers");
    let Some(text) = pod.annotation(&key) else { return Vec::new() };
    let Some(names) = csv::fields(text) else {
        warnings.add(format!(
            "pod: {key} is {}, not comma-separated names: no container is skipped",
            shown(text)
        ));
        return Vec::new();
    };
    // Only the blank is surely a mistake: a name that is no container's yet can be a later webhook's sidecar.
    for name in names.iter().filter(|name| name.trim() != name.as_str()) {
        if spec.lists().any(|(_, all)| all.iter().any(|one| one.name == name.trim())) {
            let name = shown(name);
            warnings.add(format!("pod: {key} has a blank in {name}: the container is not skipped"));
        }
    }
    names
}
