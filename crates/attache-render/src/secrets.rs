//! The Kubernetes Secrets by which the mediator learns the targets' roles.

use std::collections::BTreeSet;

use attache_federation::{Federation, mediator_accounts};
use attache_manifests::secret_yaml;

use crate::RenderedFile;

/// The Kubernetes Secrets of the federation alone: one for each target, in the namespace of each of its workloads.
#[must_use]
pub fn render_secrets(federation: &Federation) -> Vec<RenderedFile> {
    let namespaces: BTreeSet<&str> =
        federation.workloads().map(|workload| workload.namespace.as_str()).collect();
    let mut files: Vec<RenderedFile> = Vec::new();
    for workload in federation.workloads() {
        let namespace = &workload.namespace;
        for account in mediator_accounts(federation, workload) {
            let name = match namespaces.len() {
                1 => format!("{}.yaml", account.secret),
                _ => format!("{}-{namespace}.yaml", account.secret),
            };
            // Workloads of one namespace share it.
            if files.iter().all(|file| file.name != name) {
                let text = secret_yaml(&account.secret, namespace, &account.region, &account.role);
                files.push(RenderedFile { name, text });
            }
        }
    }
    files
}
