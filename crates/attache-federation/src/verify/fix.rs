//! How a check is mended: a sentence, and commands that work when they are pasted as they stand.

use std::collections::BTreeMap;

use attache_aws_accounts::AssociationChange;
use attache_identifiers::{AccountId, ProviderArn, Region, RoleArn, RoleName, printable_json};
use serde_json::Value;

use crate::apply::{AssociationName, Operation};
use crate::aws_options::{eks_tags, new_association, new_provider, new_role, tags};
use crate::document::Cluster;
use crate::observe::AGENT;
use crate::shell::{list_option, option, quoted};

/// How the person who reads the result reaches the accounts: what every printed command needs.
#[derive(Debug, Clone, Default)]
pub struct CommandLine {
    /// The federation's file, as it was given; none where the mediator's files were.
    pub file: Option<String>,
    /// The options of `attache verify` that name the chain and the token, word by word.
    pub verify: Vec<String>,
    /// The options that choose credentials and the endpoint, word by word.
    pub connect: Vec<String>,
    /// The profile of each account for the `aws` command; none where the default credentials are the
    /// account's. An account that is not here gets the profile of its twelve digits.
    pub profiles: BTreeMap<AccountId, Option<String>>,
    /// Another endpoint than AWS's.
    pub endpoint_url: Option<String>,
}

/// A sentence, commands, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fix {
    pub(super) sentence: String,
    pub(super) commands: Vec<String>,
    /// Whether `attache apply` does the same: it is printed instead where it takes nothing away that
    /// narrows access.
    pub(super) by_apply: bool,
}

impl From<&str> for Fix {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

impl From<String> for Fix {
    fn from(sentence: String) -> Self {
        Self { sentence, ..Self::default() }
    }
}

impl Fix {
    /// Commands without words.
    pub(super) fn commands(commands: impl IntoIterator<Item = String>) -> Self {
        Self { commands: commands.into_iter().collect(), ..Self::default() }
    }

    /// What `attache apply` mends, with the commands that mend it alone.
    pub(super) fn by_apply(commands: impl IntoIterator<Item = String>) -> Self {
        Self { by_apply: true, ..Self::commands(commands) }
    }

    pub(super) fn saying(mut self, sentence: impl Into<String>) -> Self {
        self.sentence = sentence.into();
        self
    }

    /// As text: the sentence, then each command on its own line.
    pub(super) fn text(&self) -> Option<String> {
        let sentence = Some(self.sentence.as_str()).filter(|text| !text.is_empty());
        let lines: Vec<&str> =
            sentence.into_iter().chain(self.commands.iter().map(String::as_str)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

impl CommandLine {
    /// `attache apply`; none where there is no federation's file.
    pub(super) fn apply(&self, adopt: bool) -> Option<String> {
        let mut words = vec!["attache", "apply", "-f", self.file.as_deref()?];
        words.extend(self.connect.iter().map(String::as_str));
        words.extend(adopt.then_some("--adopt"));
        words.push("--yes");
        Some(line(&words))
    }

    /// `attache verify` again, for so many seconds.
    pub(super) fn verify_again(&self, seconds: u64) -> String {
        let mut words = vec!["attache", "verify"];
        words.extend(self.verify.iter().chain(&self.connect).map(String::as_str));
        let seconds = seconds.to_string();
        words.extend(["--wait", &seconds]);
        line(&words)
    }

    /// `aws SERVICE VERB OPTIONS` in an account.
    fn aws(&self, account: AccountId, call: &str, options: &[String]) -> String {
        let profile = match self.profiles.get(&account) {
            Some(known) => known.clone(),
            None => Some(account.to_string()),
        };
        self.aws_by(profile, call, options)
    }

    /// The same for somebody else, who has a profile of the account's twelve digits where none was named.
    fn aws_elsewhere(&self, account: AccountId, call: &str, options: &[String]) -> String {
        let named = self.profiles.get(&account).cloned().flatten();
        self.aws_by(Some(named.unwrap_or_else(|| account.to_string())), call, options)
    }

    fn aws_by(&self, profile: Option<String>, call: &str, options: &[String]) -> String {
        let mut line = format!("aws {call}");
        let endpoint = self.endpoint_url.as_deref().map(|url| option("endpoint-url", url));
        let more = profile.map(|name| option("profile", &name)).into_iter().chain(endpoint);
        for option in options.iter().cloned().chain(more) {
            line.push(' ');
            line.push_str(&option);
        }
        line
    }

    /// A change to IAM or EKS as a command.
    pub(super) fn operation(&self, account: AccountId, operation: &Operation) -> String {
        let (call, options) = aws_call(operation);
        self.aws(account, call, &options)
    }

    /// The agent of Pod Identity as an add-on of a cluster.
    pub(super) fn add_agent(&self, account: AccountId, cluster: &Cluster) -> String {
        let Cluster { name, region } = cluster;
        let options = [
            option("cluster-name", name),
            option("addon-name", AGENT),
            option("region", region.as_str()),
        ];
        self.aws(account, "eks create-addon", &options)
    }

    /// The clusters of a region.
    pub(super) fn list_clusters(&self, account: AccountId, region: &Region) -> String {
        self.aws(account, "eks list-clusters", &[option("region", region.as_str())])
    }

    /// Who changed a role, by CloudTrail: IAM's events are in the partition's first region.
    pub(super) fn who_changed(&self, role: &RoleArn) -> String {
        let attribute = format!("AttributeKey=ResourceName,AttributeValue={}", role.name());
        let region = Region::of_iam(role.partition());
        let options = [option("lookup-attributes", &attribute), option("region", region.as_str())];
        self.aws(role.account(), "cloudtrail lookup-events", &options)
    }

    /// What shows an administrator why a role refuses a token: the role with its trust policy, and
    /// the provider with its audiences.
    pub(super) fn for_an_administrator(
        &self,
        role: &RoleArn,
        provider: Option<&ProviderArn>,
    ) -> Vec<String> {
        let name = [option("role-name", role.name().as_str())];
        let mut commands = vec![self.aws_elsewhere(role.account(), "iam get-role", &name)];
        if let Some(provider) = provider {
            let arn = [option("open-id-connect-provider-arn", &provider.to_string())];
            let call = "iam get-open-id-connect-provider";
            commands.push(self.aws_elsewhere(provider.account(), call, &arn));
        }
        commands
    }
}

fn changed_association(name: &AssociationName, change: &AssociationChange) -> Vec<String> {
    let mut options = name.options();
    options.extend(change.role_arn.iter().map(|arn| option("role-arn", arn)));
    options.extend(change.target_role_arn.iter().map(|arn| option("target-role-arn", arn)));
    options.extend(change.disable_session_tags.map(|disabled| match disabled {
        true => "--disable-session-tags".to_owned(),
        false => "--no-disable-session-tags".to_owned(),
    }));
    options
}

/// The options of the calls about tags: they name an association by its ARN.
fn of_arn(name: &AssociationName, more: String) -> Vec<String> {
    let region = option("region", name.cluster.region.as_str());
    vec![option("resource-arn", &name.arn), more, region]
}

/// The `aws` command of a change, with its options.
fn aws_call(operation: &Operation) -> (&'static str, Vec<String>) {
    let arn = |arn: &ProviderArn| option("open-id-connect-provider-arn", &arn.to_string());
    let name = |role: &RoleName| option("role-name", role.as_str());
    match operation {
        Operation::CreateProvider(provider) => {
            ("iam create-open-id-connect-provider", new_provider(provider))
        }
        Operation::AddClientId { provider, client_id } => (
            "iam add-client-id-to-open-id-connect-provider",
            vec![arn(provider), option("client-id", client_id)],
        ),
        Operation::RemoveClientId { provider, client_id } => (
            "iam remove-client-id-from-open-id-connect-provider",
            vec![arn(provider), option("client-id", client_id)],
        ),
        Operation::TagProvider { provider, tags: list } => {
            ("iam tag-open-id-connect-provider", vec![arn(provider), tags(list)])
        }
        Operation::UntagProvider { provider, keys } => (
            "iam untag-open-id-connect-provider",
            vec![arn(provider), list_option("tag-keys", keys)],
        ),
        Operation::SetThumbprints { provider, thumbprints } => (
            "iam update-open-id-connect-provider-thumbprint",
            vec![arn(provider), list_option("thumbprint-list", thumbprints)],
        ),
        Operation::DeleteProvider { provider } => {
            ("iam delete-open-id-connect-provider", vec![arn(provider)])
        }
        Operation::CreateRole(role) => ("iam create-role", new_role(role, &json(&role.trust))),
        Operation::SetTrust { role, document } => {
            let document = option("policy-document", &json(document));
            ("iam update-assume-role-policy", vec![name(role), document])
        }
        // `update-role` without a session duration may set AWS's default one.
        Operation::SetDescription { role, text } => {
            ("iam update-role-description", vec![name(role), option("description", text)])
        }
        Operation::SetMaxSession { role, seconds } => {
            let seconds = option("max-session-duration", &seconds.to_string());
            ("iam update-role", vec![name(role), seconds])
        }
        Operation::TagRole { role, tags: list } => ("iam tag-role", vec![name(role), tags(list)]),
        Operation::UntagRole { role, keys } => {
            ("iam untag-role", vec![name(role), list_option("tag-keys", keys)])
        }
        Operation::DeleteRole { role } => ("iam delete-role", vec![name(role)]),
        Operation::SetBoundary { role, policy } => (
            "iam put-role-permissions-boundary",
            vec![name(role), option("permissions-boundary", policy)],
        ),
        Operation::RemoveBoundary { role } => {
            ("iam delete-role-permissions-boundary", vec![name(role)])
        }
        Operation::Attach { role, policy } => {
            ("iam attach-role-policy", vec![name(role), option("policy-arn", policy)])
        }
        Operation::Detach { role, policy } => {
            ("iam detach-role-policy", vec![name(role), option("policy-arn", policy)])
        }
        Operation::PutInline { role, name: policy, document } => (
            "iam put-role-policy",
            vec![
                name(role),
                option("policy-name", policy),
                option("policy-document", &json(document)),
            ],
        ),
        Operation::DeleteInline { role, name: policy } => {
            ("iam delete-role-policy", vec![name(role), option("policy-name", policy)])
        }
        Operation::CreateAssociation(new) => {
            ("eks create-pod-identity-association", new_association(new))
        }
        Operation::UpdateAssociation { name, change } => {
            ("eks update-pod-identity-association", changed_association(name, change))
        }
        Operation::TagAssociation { name, tags: list } => {
            ("eks tag-resource", of_arn(name, eks_tags(list)))
        }
        Operation::UntagAssociation { name, keys } => {
            ("eks untag-resource", of_arn(name, list_option("tag-keys", keys)))
        }
        Operation::DeleteAssociation { name } => {
            ("eks delete-pod-identity-association", name.options())
        }
    }
}

fn json(document: &Value) -> String {
    printable_json(&document.to_string()).into_owned()
}

fn line(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}
