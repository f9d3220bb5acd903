//! The roles' trust policies, each in a file of its own.

use attache_federation::desired::{self, DesiredRole};
use attache_federation::{Federation, policy_text};

use crate::RenderedFile;

/// The roles with the names of their trust policies' files: `source-trust.json`, and `target-trust.json` or one
/// `target-trust-ACCOUNT.json` a target, with the role's name where the account has several.
pub(crate) fn file_names(federation: &Federation) -> Vec<(DesiredRole, String)> {
    let roles = desired::accounts(federation).into_iter().flat_map(|account| account.roles);
    let one_target = federation.targets().count() == 1;
    let name = |role: &DesiredRole| {
        if role.arn == *federation.source() {
            "source-trust.json".to_owned()
        } else if one_target {
            "target-trust.json".to_owned()
        } else {
            let account = role.arn.account();
            let of_account = federation.targets().filter(|(own, _)| own.account() == account);
            match of_account.count() {
                1 => format!("target-trust-{account}.json"),
                _ => format!("target-trust-{account}-{}.json", role.arn.name()),
            }
        }
    };
    roles.map(|role| (role.clone(), name(&role))).collect()
}

/// The files.
pub(crate) fn files(federation: &Federation) -> impl Iterator<Item = RenderedFile> {
    let file = |(role, name): (DesiredRole, String)| RenderedFile {
        name,
        text: policy_text::lines(&role.trust) + "\n",
    };
    file_names(federation).into_iter().map(file)
}
