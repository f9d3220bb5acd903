//! Files for setting a federation up by hand: Kubernetes Secrets and Helm values as the mediator reads
//! them, trust policies, and a script of `aws` commands.
//!
//! Pure: text in files that the caller writes or prints.

mod profiles;
pub(crate) mod script;
pub(crate) mod shell;

use attache_identifiers::{Arn, OrganizationArns, printable_json};
use attache_manifests::{AccountValues, secret_yaml, values_yaml};
use serde::Serialize;

use crate::desired;
use crate::document::{Federation, Mode, Organization, Target};

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenderedFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// Every file of the federation: Secrets, Helm values, trust policies, the script. In the mode `podIdentity` the values
/// have no annotation, and with several targets there is a configuration of the SDKs with a profile for each.
#[must_use]
pub fn render(federation: &Federation) -> Vec<RenderedFile> {
    let mut files = render_secrets(federation);
    files.push(RenderedFile { name: values_name(federation), text: values(federation) });
    if federation.mode() == Mode::PodIdentity {
        files.extend(profiles::file(federation));
    }
    files.extend(trust_policies(federation));
    files.push(RenderedFile { name: script::NAME.into(), text: script::text(federation) });
    files
}

/// The Kubernetes Secrets of the federation alone: one for each target.
#[must_use]
pub fn render_secrets(federation: &Federation) -> Vec<RenderedFile> {
    federation.targets.iter().map(|target| secret(federation, target)).collect()
}

/// `aws-secret` where there is one target, as in the documented manual steps; `aws-secret-ACCOUNT` where
/// there are several.
pub(crate) fn secret_name(federation: &Federation, target: &Target) -> String {
    if federation.targets.len() == 1 {
        "aws-secret".to_owned()
    } else {
        format!("aws-secret-{}", target.role.arn.account())
    }
}

/// The ARN that the values name an account by: the member's, where the file says which
/// organization it is in; else the account's root, which needs no organization.
pub(crate) fn account_arn(federation: &Federation, target: &Target) -> String {
    let (partition, account) = (&federation.partition, target.role.arn.account());
    let arn = match &federation.organization {
        Some(Organization { id, management }) => {
            OrganizationArns::new(partition.clone(), *management, id).account(account)
        }
        None => Arn::account_root(partition.clone(), account),
    };
    arn.to_string()
}

fn secret(federation: &Federation, target: &Target) -> RenderedFile {
    let name = secret_name(federation, target);
    let namespace = &federation.workload.namespace;
    let text = secret_yaml(&name, namespace, &target.region, &target.role.arn);
    RenderedFile { text, name: format!("{name}.yaml") }
}

/// A federation's name may have a slash; a file's may not.
fn values_name(federation: &Federation) -> String {
    format!("{}-values.yaml", federation.name.replace(['/', ':'], "-"))
}

fn values(federation: &Federation) -> String {
    let account = |target: &Target| AccountValues {
        arn: account_arn(federation, target),
        secret_name: secret_name(federation, target),
    };
    let accounts: Vec<AccountValues> = federation.targets.iter().map(account).collect();
    let annotated = federation.mode() == Mode::Direct;
    values_yaml(annotated.then_some(&federation.source.arn), &accounts)
}

/// The roles with their trust policy's file: `source-trust.json`, and `target-trust.json` or one
/// `target-trust-ACCOUNT.json` a target.
fn trust_files(federation: &Federation) -> Vec<(desired::DesiredRole, String)> {
    let roles = desired::accounts(federation).into_iter().flat_map(|account| account.roles);
    let name = |role: &desired::DesiredRole| {
        if role.arn == federation.source.arn {
            "source-trust.json".to_owned()
        } else if federation.targets.len() == 1 {
            "target-trust.json".to_owned()
        } else {
            format!("target-trust-{}.json", role.arn.account())
        }
    };
    roles.map(|role| (role.clone(), name(&role))).collect()
}

fn trust_policies(federation: &Federation) -> impl Iterator<Item = RenderedFile> {
    let file = |(role, name): (desired::DesiredRole, String)| RenderedFile {
        name,
        // Indented with two spaces, as AWS's console shows it.
        text: printable_json(&format!("{:#}\n", role.trust)).into_owned(),
    };
    trust_files(federation).into_iter().map(file)
}
