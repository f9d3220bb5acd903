//! The mediator's Helm values.

use attache_federation::{Federation, Mode, Workload, mediator_accounts};
use attache_manifests::{AccountValues, values_yaml};

use crate::RenderedFile;

/// The values of each workload; without an annotation in the mode `podIdentity`.
pub(crate) fn files(federation: &Federation) -> impl Iterator<Item = RenderedFile> {
    federation.workloads().map(|workload| {
        let accounts = mediator_accounts(federation, workload).into_iter();
        let accounts: Vec<AccountValues> = accounts
            .map(|account| AccountValues { arn: account.arn, secret_name: account.secret })
            .collect();
        let annotated = federation.mode() == Mode::Direct;
        let text = values_yaml(annotated.then_some(federation.source()), &accounts);
        RenderedFile { name: file_name(federation, workload), text }
    })
}

/// The mediator's Helm values alone, a file for `helm template --values` a workload.
#[must_use]
pub fn render_helm_values(federation: &Federation) -> Vec<RenderedFile> {
    files(federation).collect()
}

/// With the workload's name where the file has several. A federation's name may have a slash; a file's may not.
pub(crate) fn file_name(federation: &Federation, workload: &Workload) -> String {
    let federation_name = federation.name().replace(['/', ':'], "-");
    let Workload { namespace, service_account } = workload;
    match federation.workloads().count() {
        1 => format!("{federation_name}-values.yaml"),
        _ => format!("{federation_name}-{namespace}-{service_account}-values.yaml"),
    }
}
