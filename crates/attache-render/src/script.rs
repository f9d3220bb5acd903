//! The eight manual steps as a script of `aws`, `kubectl` and `helm` commands.

use std::fmt::Write;

use attache_federation::aws_options::{new_association, new_provider, new_role};
use attache_federation::desired::{self, Account, DesiredRole};
use attache_federation::shell::{comment, option, quoted};
use attache_federation::{Federation, Mode, mediator_accounts};
use attache_identifiers::{AccountId, printable_json};

use crate::{RenderedFile, secrets, trust, values};

const NAME: &str = "setup.sh";

const HEAD: &str = "#!/usr/bin/env bash
# Sets up by hand what `attache apply` sets up: run it in the folder of these files, once.
# Each account is reached through the AWS profile named by its twelve digits. An aws command older
# than mid-2024 wants --thumbprint-list: give spec.thumbprints in the federation's file.
set -euo pipefail
cd \"$(dirname \"$0\")\"
";

const HEAD_OF_PODS: &str = "#!/usr/bin/env bash
# Sets up by hand what `attache apply` sets up: run it in the folder of these files, once.
# Each account is reached through the AWS profile named by its twelve digits. An aws command older
# than June 2025 does not know --target-role-arn.
set -euo pipefail
cd \"$(dirname \"$0\")\"
";

/// The script.
pub(crate) fn file(federation: &Federation) -> RenderedFile {
    let head = match federation.mode() {
        Mode::Direct => HEAD,
        Mode::PodIdentity => HEAD_OF_PODS,
    };
    let mut script = Script { text: head.to_owned(), files: trust::file_names(federation) };
    let accounts = desired::accounts(federation);
    match federation.mode() {
        Mode::Direct => script.direct(federation, &accounts),
        Mode::PodIdentity => script.pod_identity(federation, &accounts),
    }
    script.mediator(federation);
    RenderedFile { name: NAME.to_owned(), text: script.text }
}

struct Script {
    text: String,
    files: Vec<(DesiredRole, String)>,
}

impl Script {
    fn title(&mut self, title: &str) {
        self.text.push('\n');
        self.text.push_str(&comment(title));
    }

    /// The providers and the roles.
    fn direct(&mut self, federation: &Federation, accounts: &[Account]) {
        let source = federation.source().account();
        for account in accounts.iter().filter(|account| account.id == source) {
            self.title("The OIDC provider in the source account, unless EKS's setup made it");
            self.provider(account, true);
            self.title("1 and 2. The role in the source account");
            let sources = account.roles.iter().filter(|role| role.arn == *federation.source());
            sources.for_each(|role| self.role(account.id, role));
        }
        for account in accounts {
            let targets = account.roles.iter().filter(|role| role.arn != *federation.source());
            for role in targets {
                if account.id != source {
                    self.title("3. The OIDC provider in the target account");
                    self.provider(account, false);
                }
                self.title("4, 5 and 6. The role in the target account, and its policies");
                self.role(account.id, role);
            }
        }
    }

    /// What the mediator reads.
    fn mediator(&mut self, federation: &Federation) {
        self.title("7. The Secrets, in the namespace of the mediator");
        for account in mediator_accounts(federation) {
            let file = secrets::file_name(&account);
            let _ = writeln!(self.text, "kubectl apply -f {}", quoted(&file));
        }
        let mut values = values::file_name(federation);
        if values.starts_with('-') {
            values.insert_str(0, "./");
        }
        self.title("8. The mediator's Helm values");
        self.text.push_str(&comment(&format!(
            "helm upgrade RELEASE CHART --namespace {} --values {}",
            quoted(&federation.workload().namespace),
            quoted(&values)
        )));
    }

    /// The roles, and the association of the workload.
    fn pod_identity(&mut self, federation: &Federation, accounts: &[Account]) {
        for role in accounts.iter().flat_map(|account| &account.roles) {
            let is_source = role.arn == *federation.source();
            self.title(match is_source {
                true => "The role in the source account, which EKS Pod Identity gives to the pods",
                false => "The role in the target account, and its policies",
            });
            self.role(role.arn.account(), role);
        }
        for association in accounts.iter().filter_map(|account| account.association.as_ref()) {
            self.title(
                "The association of the service account; the cluster needs the Pod Identity agent",
            );
            let options = new_association(association);
            self.call(association.role.account(), "eks create-pod-identity-association", &options);
        }
    }

    fn iam(&mut self, account: AccountId, verb: &str, options: &[String]) {
        self.call(account, &format!("iam {verb}"), options);
    }

    /// `aws SERVICE VERB`, one option a line.
    fn call(&mut self, account: AccountId, verb: &str, options: &[String]) {
        // Writing to a String does not fail.
        let _ = write!(self.text, "aws --profile {account} {verb}");
        for option in options {
            let _ = write!(self.text, " \\\n  {option}");
        }
        self.text.push('\n');
    }

    fn provider(&mut self, account: &Account, may_exist: bool) {
        let Some(provider) = &account.provider else { return };
        let options = new_provider(provider);
        if may_exist {
            let arn = option("open-id-connect-provider-arn", &provider.arn.to_string());
            let _ = writeln!(
                self.text,
                "aws --profile {} iam get-open-id-connect-provider \\\n  \
                 {arn} >/dev/null 2>&1 ||",
                account.id
            );
        }
        self.iam(account.id, "create-open-id-connect-provider", &options);
    }

    fn role(&mut self, account: AccountId, role: &DesiredRole) {
        let name = option("role-name", role.arn.name().as_str());
        let file = self.files.iter().find(|(other, _)| other.arn == role.arn);
        let trust = file.map(|(_, file)| format!("file://{file}")).unwrap_or_default();
        let options = new_role(role, &trust);
        self.iam(account, "create-role", &options);
        for policy in &role.policies {
            let options = [name.clone(), option("policy-arn", policy)];
            self.iam(account, "attach-role-policy", &options);
        }
        for (policy, document) in &role.inline {
            let options = [
                name.clone(),
                option("policy-name", policy),
                option("policy-document", &printable_json(&document.to_string())),
            ];
            self.iam(account, "put-role-policy", &options);
        }
    }
}
