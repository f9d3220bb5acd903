//! The eight manual steps as a script of `aws`, `kubectl` and `helm` commands.

use std::fmt::Write;

use attache_federation::aws_options::{new_association, new_provider, new_role, tags};
use attache_federation::desired::{self, Account, DesiredAssociation, DesiredRole, Provider};
use attache_federation::shell::{comment, list_option, option, quoted};
use attache_federation::{Federation, Mode, Setting, policy_text};
use attache_identifiers::{AccountId, Region};

use crate::{RenderedFile, secrets, trust, values};

const NAME: &str = "setup.sh";

/// The pager is turned off by the environment, which both versions of the command read; version 1 refuses the option
/// `--no-cli-pager`.
const HEAD: &str = "#!/usr/bin/env bash
# Sets up by hand what `attache apply` sets up: run it in the folder of these files. Run it again after a
# failure; a second run changes nothing.
# Each account is reached through the AWS profile named by its twelve digits. An aws command older
";

const OLD: &str =
    "# than mid-2024 wants --thumbprint-list: give spec.thumbprints in the federation's file.
";

const OLD_FOR_PODS: &str = "# than June 2025 does not know --target-role-arn.
";

const FUNCTIONS: &str = r#"set -euo pipefail
cd "$(dirname "$0")"
export AWS_PAGER=''

# Whether a role stands: PROFILE REGION NAME. Another's ends the script, since nothing is taken over silently.
role_stands() {
  local owner
  owner=$(aws --profile "$1" --region "$2" iam list-role-tags --role-name="$3" \
    --query "Tags[?Key=='attache:federation'].Value | [0]" --output text 2>&1) || {
    case $owner in *NoSuchEntity*) return 1 ;; esac
    printf '%s\n' "$owner" >&2
    exit 1
  }
  [ "$owner" = "$federation" ] || {
    printf '%s\n' "the role $3 in account $1 is not this federation's: its tag attache:federation is $owner" \
      "to take it over: aws --profile $1 --region $2 iam tag-role --role-name=$3" \
      "  --tags Key=attache:federation,Value=$federation" >&2
    exit 1
  }
}
"#;

/// Which of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Steps {
    /// What stands in AWS.
    Aws,
    /// And what the mediator reads.
    All,
}

/// The script of the whole set-up, which applies the Secrets too.
pub(crate) fn file(federation: &Federation) -> RenderedFile {
    steps(federation, Steps::All)
}

/// The trust policies and a script of `aws` commands, which reads them. A second run changes nothing.
#[must_use]
pub fn render_aws_cli(federation: &Federation) -> Vec<RenderedFile> {
    let mut files: Vec<RenderedFile> = trust::files(federation).collect();
    files.push(steps(federation, Steps::Aws));
    files
}

fn steps(federation: &Federation, steps: Steps) -> RenderedFile {
    let old = match federation.mode() {
        Mode::Direct => OLD,
        Mode::PodIdentity => OLD_FOR_PODS,
    };
    let name = quoted(federation.name());
    let text = format!("{HEAD}{old}{FUNCTIONS}federation={name}\n");
    let region = Region::of_iam(federation.source().partition());
    let mut script = Script { text, region, files: trust::file_names(federation) };
    let accounts = desired::accounts(federation);
    match federation.mode() {
        Mode::Direct => script.direct(federation, &accounts),
        Mode::PodIdentity => script.pod_identity(federation, &accounts),
    }
    if steps == Steps::All {
        script.mediator(federation);
    }
    RenderedFile { name: NAME.to_owned(), text: script.text }
}

struct Script {
    text: String,
    /// Of IAM's endpoint: the profile's own region may be in another partition.
    region: Region,
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
            self.providers(account);
            self.title("1 and 2. The role in the source account");
            let sources = account.roles.iter().filter(|role| role.arn == *federation.source());
            sources.for_each(|role| self.role(account.id, role));
        }
        for account in accounts {
            let targets = account.roles.iter().filter(|role| role.arn != *federation.source());
            for (index, role) in targets.enumerate() {
                if account.id != source && index == 0 {
                    self.title("3. The OIDC provider in the target account");
                    self.providers(account);
                }
                self.title("4, 5 and 6. The role in the target account, and its policies");
                self.role(account.id, role);
            }
        }
    }

    /// What the mediator reads.
    fn mediator(&mut self, federation: &Federation) {
        self.title("7. The Secrets, in the namespace of the mediator");
        for file in secrets::render_secrets(federation) {
            let _ = writeln!(self.text, "kubectl apply -f {}", quoted(&file.name));
        }
        self.title("8. The mediator's Helm values");
        for workload in federation.workloads() {
            let mut values = values::file_name(federation, workload);
            if values.starts_with('-') {
                values.insert_str(0, "./");
            }
            self.text.push_str(&comment(&format!(
                "helm upgrade RELEASE CHART --namespace {} --values {}",
                quoted(&workload.namespace),
                quoted(&values)
            )));
        }
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
            self.association(association);
        }
    }

    fn association(&mut self, new: &DesiredAssociation) {
        let account = new.role.account();
        let cluster = option("cluster-name", &new.cluster.name);
        let region = option("region", new.cluster.region.as_str());
        let which = [
            cluster.clone(),
            option("namespace", &new.workload.namespace),
            option("service-account", &new.workload.service_account),
            region.clone(),
            "--query 'associations[0].associationId'".to_owned(),
            "--output text)".to_owned(),
        ];
        self.text.push_str("association=$(");
        self.call("", account, "eks list-pod-identity-associations", &which);
        self.text.push_str("if [ \"$association\" = None ]; then\n");
        self.call("  ", account, "eks create-pod-identity-association", &new_association(new));
        self.text.push_str("else\n  owner=$(");
        let id = "--association-id \"$association\"".to_owned();
        let owner = r#"--query 'association.tags."attache:federation"'"#.to_owned();
        let text = "--output text)".to_owned();
        let tags = [cluster.clone(), id.clone(), region.clone(), owner, text];
        self.call("  ", account, "eks describe-pod-identity-association", &tags);
        self.text.push_str(OWNED);
        let mut change = vec![cluster, id, option("role-arn", &new.role.to_string())];
        change.extend(new.target.iter().map(|arn| option("target-role-arn", &arn.to_string())));
        change.push(region);
        self.call("  ", account, "eks update-pod-identity-association", &change);
        self.text.push_str("fi\n");
    }

    fn iam(&mut self, indent: &str, account: AccountId, verb: &str, options: &[String]) {
        let mut options = options.to_vec();
        options.push(option("region", self.region.as_str()));
        self.call(indent, account, &format!("iam {verb}"), &options);
    }

    /// `aws SERVICE VERB`, one option a line.
    fn call(&mut self, indent: &str, account: AccountId, verb: &str, options: &[String]) {
        let begins = if self.text.ends_with('(') { "" } else { indent };
        // Writing to a String does not fail.
        let _ = write!(self.text, "{begins}aws --profile {account} {verb}");
        for option in options {
            let _ = write!(self.text, " \\\n{indent}  {option}");
        }
        self.text.push('\n');
    }

    fn providers(&mut self, account: &Account) {
        account.providers.iter().for_each(|provider| self.provider(account.id, provider));
    }

    /// An existing provider may be of others: it gets the audiences, and keeps what it has.
    fn provider(&mut self, account: AccountId, provider: &Provider) {
        let arn = option("open-id-connect-provider-arn", &provider.arn.to_string());
        self.text.push_str("if ");
        let quiet = [arn.clone(), option("region", self.region.as_str())];
        let quiet = [quiet.join(" \\\n  "), ">/dev/null 2>&1; then".to_owned()].join(" ");
        self.call("", account, "iam get-open-id-connect-provider", &[quiet]);
        for audience in &provider.client_ids {
            let options = [arn.clone(), option("client-id", audience)];
            self.iam("  ", account, "add-client-id-to-open-id-connect-provider", &options);
        }
        if !provider.thumbprints.is_empty() {
            let options = [arn, list_option("thumbprint-list", &provider.thumbprints)];
            self.iam("  ", account, "update-open-id-connect-provider-thumbprint", &options);
        }
        self.text.push_str("else\n");
        let new = new_provider(provider);
        self.iam("  ", account, "create-open-id-connect-provider", &new);
        self.text.push_str("fi\n");
    }

    fn role(&mut self, account: AccountId, role: &DesiredRole) {
        let name = option("role-name", role.arn.name().as_str());
        let file = self.files.iter().find(|(other, _)| other.arn == role.arn);
        let trust = file.map(|(_, file)| format!("file://{file}")).unwrap_or_default();
        // Writing to a String does not fail.
        let _ = writeln!(
            self.text,
            "if role_stands {account} {} {}; then",
            self.region,
            quoted(role.arn.name().as_str())
        );
        self.stands(role, &name, &trust);
        self.text.push_str("else\n");
        self.iam("  ", account, "create-role", &new_role(role, &trust));
        self.text.push_str("fi\n");
        for policy in &role.policies {
            let options = [name.clone(), option("policy-arn", policy)];
            self.iam("", account, "attach-role-policy", &options);
        }
        for (policy, own) in &role.inline {
            let options = [
                name.clone(),
                option("policy-name", policy),
                option("policy-document", &policy_text::line(own)),
            ];
            self.iam("", account, "put-role-policy", &options);
        }
    }

    /// What is set of a role that stands: what the file says, and no more.
    fn stands(&mut self, role: &DesiredRole, name: &str, trust: &str) {
        let account = role.arn.account();
        let mut set = |verb: &str, value: String| {
            self.iam("  ", account, verb, &[name.to_owned(), value]);
        };
        set("update-assume-role-policy", option("policy-document", trust));
        set("tag-role", tags(&role.tags));
        match &role.description {
            Setting::Unmentioned => {}
            Setting::Removed => set("update-role-description", option("description", "")),
            Setting::To(text) => set("update-role-description", option("description", text)),
        }
        match &role.max_session {
            Setting::Unmentioned => {}
            Setting::Removed => set("update-role", format!("--max-session-duration {AWS_SESSION}")),
            Setting::To(seconds) => set("update-role", format!("--max-session-duration {seconds}")),
        }
        match &role.boundary {
            Setting::Unmentioned => {}
            Setting::To(arn) => {
                set("put-role-permissions-boundary", option("permissions-boundary", arn));
            }
            Setting::Removed => {
                self.text.push_str("  boundary=$(");
                let arn = "--query Role.PermissionsBoundary --output text".to_owned();
                let region = option("region", self.region.as_str());
                let options = [name.to_owned(), arn, format!("{region})")];
                self.call("  ", account, "iam get-role", &options);
                self.text.push_str("  [ \"$boundary\" = None ] ||\n");
                let name = [name.to_owned()];
                self.iam("    ", account, "delete-role-permissions-boundary", &name);
            }
        }
    }
}

/// Ends the script at an association that is not this federation's.
const OWNED: &str = r#"  [ "$owner" = "$federation" ] || {
    printf '%s\n' "the association $association is not this federation's: its tag attache:federation is $owner" >&2
    exit 1
  }
"#;

/// AWS's default session duration, seconds.
const AWS_SESSION: i32 = 3600;
