//! The Kubernetes Secrets by which the mediator learns the targets' roles.

use attache_federation::{Federation, MediatorAccount, mediator_accounts};
use attache_manifests::secret_yaml;

use crate::RenderedFile;

/// The Kubernetes Secrets of the federation alone: one for each target.
#[must_use]
pub fn render_secrets(federation: &Federation) -> Vec<RenderedFile> {
    let namespace = &federation.workload().namespace;
    let file = |account: MediatorAccount| RenderedFile {
        text: secret_yaml(&account.secret, namespace, &account.region, &account.role),
        name: file_name(&account),
    };
    mediator_accounts(federation).into_iter().map(file).collect()
}

/// The name of the Secret's file.
pub(crate) fn file_name(account: &MediatorAccount) -> String {
    format!("{}.yaml", account.secret)
}
