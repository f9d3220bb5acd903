//! The eight steps of the seed document as a script of `aws`, `kubectl` and `helm` commands.

use std::fmt::Write;

use names::AccountId;

use crate::desired::{self, Account, DesiredRole};
use crate::document::Federation;

use super::{secret_name, trust_files, values_name};

pub(super) const NAME: &str = "setup.sh";

const HEAD: &str = "#!/usr/bin/env bash
# Sets up by hand what `attache apply` sets up: run it in the folder of these files, once.
# Each account is reached through the AWS profile named by its twelve digits. An aws command older
# than mid-2024 wants --thumbprint-list: give spec.thumbprints in the federation's file.
set -euo pipefail
cd \"$(dirname \"$0\")\"
";

pub(super) fn text(federation: &Federation) -> String {
    let mut script = Script { text: HEAD.to_owned(), files: trust_files(federation) };
    let accounts = desired::accounts(federation);
    let source = federation.source.arn.account();
    for account in accounts.iter().filter(|account| account.id == source) {
        script.title("The OIDC provider in the source account, unless EKS's setup made it");
        script.provider(account, true);
        script.title("1 and 2. The role in the source account");
        let own = account.roles.iter().filter(|role| role.arn == federation.source.arn);
        own.for_each(|role| script.role(account.id, role));
    }
    for account in &accounts {
        let targets = account.roles.iter().filter(|role| role.arn != federation.source.arn);
        for role in targets {
            if account.id != source {
                script.title("3. The OIDC provider in the target account");
                script.provider(account, false);
            }
            script.title("4, 5 and 6. The role in the target account, and its policies");
            script.role(account.id, role);
        }
    }
    script.title("7. The Secrets, in the namespace of the mediator");
    for target in &federation.targets {
        script.line(&[
            "kubectl",
            "apply",
            "-f",
            &format!("{}.yaml", secret_name(federation, target)),
        ]);
    }
    let values = values_name(federation);
    script.title("8. The mediator's Helm values");
    script.comment(&format!(
        "helm upgrade RELEASE CHART --namespace {} --values {values}",
        federation.workload.namespace
    ));
    script.text
}

struct Script {
    text: String,
    files: Vec<(DesiredRole, String)>,
}

impl Script {
    fn title(&mut self, title: &str) {
        self.text.push('\n');
        self.comment(title);
    }

    fn comment(&mut self, text: &str) {
        // Writing to a String does not fail.
        let _ = writeln!(self.text, "# {text}");
    }

    /// A command on one line, each word quoted where it needs it.
    fn line(&mut self, words: &[&str]) {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let _ = writeln!(self.text, "{}", words.join(" "));
    }

    /// `aws iam VERB`, one option a line.
    fn iam(&mut self, account: AccountId, verb: &str, options: &[(&str, Vec<String>)]) {
        let _ = write!(self.text, "aws --profile {account} iam {verb}");
        for (option, values) in options {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            let _ = write!(self.text, " \\\n  --{option} {}", values.join(" "));
        }
        self.text.push('\n');
    }

    fn provider(&mut self, account: &Account, may_exist: bool) {
        let provider = &account.provider;
        let mut options = vec![
            ("url", vec![provider.issuer.to_string()]),
            ("client-id-list", vec![provider.client_id.clone()]),
        ];
        if !provider.thumbprints.is_empty() {
            options.push(("thumbprint-list", provider.thumbprints.clone()));
        }
        options.push(("tags", tags(&provider.tags)));
        if may_exist {
            let arn = quoted(&provider.arn.to_string());
            let _ = writeln!(
                self.text,
                "aws --profile {} iam get-open-id-connect-provider \\\n  \
                 --open-id-connect-provider-arn {arn} >/dev/null 2>&1 ||",
                account.id
            );
        }
        self.iam(account.id, "create-open-id-connect-provider", &options);
    }

    fn role(&mut self, account: AccountId, role: &DesiredRole) {
        let name = role.arn.name().to_string();
        let file = self.files.iter().find(|(other, _)| other.arn == role.arn);
        let trust = file.map(|(_, file)| format!("file://{file}")).unwrap_or_default();
        let mut options = vec![("role-name", vec![name.clone()])];
        if role.arn.path() != "/" {
            options.push(("path", vec![role.arn.path().to_owned()]));
        }
        options.push(("assume-role-policy-document", vec![trust]));
        options.extend(
            role.max_session.map(|seconds| ("max-session-duration", vec![seconds.to_string()])),
        );
        options.extend(role.boundary.clone().map(|arn| ("permissions-boundary", vec![arn])));
        options.push(("tags", tags(&role.tags)));
        self.iam(account, "create-role", &options);
        for policy in &role.policies {
            let options = [("role-name", vec![name.clone()]), ("policy-arn", vec![policy.clone()])];
            self.iam(account, "attach-role-policy", &options);
        }
        for (policy, document) in &role.inline {
            let options = [
                ("role-name", vec![name.clone()]),
                ("policy-name", vec![policy.clone()]),
                ("policy-document", vec![document.to_string()]),
            ];
            self.iam(account, "put-role-policy", &options);
        }
    }
}

/// As JSON, for the shorthand `Key=…,Value=…` has no way to write a comma.
fn tags(tags: &std::collections::BTreeMap<String, String>) -> Vec<String> {
    let list: Vec<_> =
        tags.iter().map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect();
    vec![serde_json::Value::Array(list).to_string()]
}

/// For a POSIX shell: bare where every character is harmless, else in single quotes.
fn quoted(word: &str) -> String {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"_-./:=@+,".contains(&b);
    if !word.is_empty() && word.bytes().all(harmless) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
