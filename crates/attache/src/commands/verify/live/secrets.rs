//! The Secrets by which the mediator learns the targets' roles, as the cluster has them.

use attache_federation::{Chain, Check, Link, LinkStatus, TargetSecret, shell_word};
use attache_identifiers::Secret;
use attache_manifests::{
    Account, AccountValues, Configuration, Input, Inputs, ManifestError, TextFile, values_yaml,
};

use super::Probe;

const NAME: (Link, &str) = (Link::Values, "Secret");

/// One check a target.
pub(super) async fn check(probe: Probe<'_>, chain: &Chain) -> miette::Result<Vec<Check>> {
    let namespace = probe.account.namespace();
    let mut checks = Vec::new();
    for wanted in chain.secrets() {
        let found = match probe.server.secret(namespace, wanted.name).await {
            Ok(Some(secret)) => compared(probe, wanted, &secret),
            Ok(None) => {
                let detail = format!("there is no Secret {namespace}/{}", wanted.name);
                vec![failed(probe, LinkStatus::Fail, detail)]
            }
            Err(error) => vec![probe.unanswered(NAME, &error)?],
        };
        let account = wanted.role.account();
        checks.extend(found.into_iter().map(|check| check.of_account(account)));
    }
    Ok(checks)
}

/// A Secret that is there against the file.
fn compared(probe: Probe<'_>, wanted: TargetSecret<'_>, manifest: &Secret) -> Vec<Check> {
    let name = format!("{}/{}", probe.account.namespace(), wanted.name);
    let found = match read(probe, wanted, manifest) {
        Ok(Some(found)) => found,
        Ok(None) => return vec![failed(probe, LinkStatus::Fail, format!("{name} names no role"))],
        Err(error) => {
            // Its place is one in the API server's answer, which nobody sees.
            let message =
                error.invalid().map_or_else(|| error.to_string(), |own| own.message.clone());
            return vec![failed(probe, LinkStatus::Fail, format!("{name}: {message}"))];
        }
    };
    let mut checks = Vec::new();
    if found.role != *wanted.role {
        let detail = format!("{name} has the role {}, the file {}", found.role, wanted.role);
        checks.push(failed(probe, LinkStatus::Fail, detail));
    } else if let Some(region) = wanted.region.filter(|region| **region != found.home) {
        let detail = format!("{name} has the region {}, the file {region}", found.home);
        checks.push(failed(probe, LinkStatus::Warn, detail));
    } else {
        let detail = format!("{name}: {} in {}", found.role, found.home);
        checks.push(Check::new(NAME.0, NAME.1, LinkStatus::Ok, detail));
    }
    for warning in found.warnings {
        let check = Check::new(NAME.0, "no long-lived keys", LinkStatus::Warn, warning.message);
        checks.push(check.with_fix(warning.remedy, Vec::new()));
    }
    checks
}

/// Reads it as the mediator does, by values that name it alone.
fn read(
    probe: Probe<'_>,
    wanted: TargetSecret<'_>,
    manifest: &Secret,
) -> Result<Option<Account>, ManifestError> {
    let account =
        AccountValues { arn: wanted.declared.to_owned(), secret_name: wanted.name.to_owned() };
    let values = values_yaml(Some(probe.federation.source()), &[account]);
    let inputs = Inputs {
        values: vec![TextFile::new("values", values)],
        secrets: vec![Input::File(TextFile::new(wanted.name, manifest.expose()))],
        regions: Vec::new(),
    };
    Ok(Configuration::read(&inputs)?.accounts.into_iter().next())
}

fn failed(probe: Probe<'_>, status: LinkStatus, detail: String) -> Check {
    let apply = probe.context.kubectl(&["apply", "--server-side", "-f", "-"]);
    let render = format!("attache render kubernetes -f {} | {apply}", shell_word(probe.file));
    Check::new(NAME.0, NAME.1, status, detail).with_fix("", vec![render])
}
