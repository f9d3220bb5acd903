//! The configuration of the SDKs with which the pods of a federation of several targets assume the targets' roles: a
//! profile for each account, which begins at the session that Pod Identity gives the pod.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>.

use std::fmt::Write;

use attache_federation::Federation;

use crate::RenderedFile;

/// Its name, and the file's.
const NAME: &str = "aws-config";

/// None where EKS itself assumes the role of the only target.
pub(crate) fn file(federation: &Federation) -> Option<RenderedFile> {
    if federation.targets().count() < 2 {
        return None;
    }
    let mut text =
        "# For AWS_CONFIG_FILE in the workload's pods; AWS_PROFILE chooses the account.\n"
            .to_owned();
    for (role, region) in federation.targets() {
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "\n[profile {}]\nrole_arn = {role}\ncredential_source = EcsContainer\nregion = {region}\n",
            role.account()
        );
    }
    Some(RenderedFile { name: NAME.to_owned(), text })
}
