//! The mediator's Helm values.

use attache_federation::{Federation, Mode, mediator_accounts};
use attache_manifests::{AccountValues, values_yaml};

use crate::RenderedFile;

/// The values; without an annotation in the mode `podIdentity`.
pub(crate) fn file(federation: &Federation) -> RenderedFile {
    let accounts = mediator_accounts(federation).into_iter();
    let accounts: Vec<AccountValues> = accounts
        .map(|account| AccountValues { arn: account.arn, secret_name: account.secret })
        .collect();
    let annotated = federation.mode() == Mode::Direct;
    let text = values_yaml(annotated.then_some(federation.source()), &accounts);
    RenderedFile { name: file_name(federation), text }
}

/// The mediator's Helm values alone, a file for `helm template --values`.
#[must_use]
pub fn render_helm_values(federation: &Federation) -> Vec<RenderedFile> {
    vec![file(federation)]
}

/// A federation's name may have a slash; a file's may not.
pub(crate) fn file_name(federation: &Federation) -> String {
    format!("{}-values.yaml", federation.name().replace(['/', ':'], "-"))
}
