//! How a check is mended: a sentence, and commands that work when they are pasted as they stand.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, ProviderArn, Region, RoleArn, RoleName, printable_json};
use serde_json::Value;

use crate::apply::Operation;
use crate::render::script::{new_provider, new_role, tags};
use crate::render::shell::{list_option, option, quoted};

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

    /// A change to IAM as a command.
    pub(super) fn operation(&self, account: AccountId, operation: &Operation) -> String {
        let (call, options) = iam_call(operation);
        self.aws(account, &format!("iam {call}"), &options)
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

/// The `aws iam` command of a change, with its options.
fn iam_call(operation: &Operation) -> (&'static str, Vec<String>) {
    let arn = |arn: &ProviderArn| option("open-id-connect-provider-arn", &arn.to_string());
    let name = |role: &RoleName| option("role-name", role.as_str());
    match operation {
        Operation::CreateProvider(provider) => {
            ("create-open-id-connect-provider", new_provider(provider))
        }
        Operation::AddClientId { provider, client_id } => (
            "add-client-id-to-open-id-connect-provider",
            vec![arn(provider), option("client-id", client_id)],
        ),
        Operation::RemoveClientId { provider, client_id } => (
            "remove-client-id-from-open-id-connect-provider",
            vec![arn(provider), option("client-id", client_id)],
        ),
        Operation::TagProvider { provider, tags: list } => {
            ("tag-open-id-connect-provider", vec![arn(provider), tags(list)])
        }
        Operation::UntagProvider { provider, keys } => {
            ("untag-open-id-connect-provider", vec![arn(provider), list_option("tag-keys", keys)])
        }
        Operation::SetThumbprints { provider, thumbprints } => (
            "update-open-id-connect-provider-thumbprint",
            vec![arn(provider), list_option("thumbprint-list", thumbprints)],
        ),
        Operation::DeleteProvider { provider } => {
            ("delete-open-id-connect-provider", vec![arn(provider)])
        }
        Operation::CreateRole(role) => ("create-role", new_role(role, &json(&role.trust))),
        Operation::SetTrust { role, document } => {
            let document = option("policy-document", &json(document));
            ("update-assume-role-policy", vec![name(role), document])
        }
        // `update-role` without a session duration may set AWS's default one.
        Operation::SetDescription { role, text } => {
            ("update-role-description", vec![name(role), option("description", text)])
        }
        Operation::SetMaxSession { role, seconds } => {
            let seconds = option("max-session-duration", &seconds.to_string());
            ("update-role", vec![name(role), seconds])
        }
        Operation::TagRole { role, tags: list } => ("tag-role", vec![name(role), tags(list)]),
        Operation::UntagRole { role, keys } => {
            ("untag-role", vec![name(role), list_option("tag-keys", keys)])
        }
        Operation::DeleteRole { role } => ("delete-role", vec![name(role)]),
        Operation::SetBoundary { role, policy } => (
            "put-role-permissions-boundary",
            vec![name(role), option("permissions-boundary", policy)],
        ),
        Operation::RemoveBoundary { role } => {
            ("delete-role-permissions-boundary", vec![name(role)])
        }
        Operation::Attach { role, policy } => {
            ("attach-role-policy", vec![name(role), option("policy-arn", policy)])
        }
        Operation::Detach { role, policy } => {
            ("detach-role-policy", vec![name(role), option("policy-arn", policy)])
        }
        Operation::PutInline { role, name: policy, document } => (
            "put-role-policy",
            vec![
                name(role),
                option("policy-name", policy),
                option("policy-document", &json(document)),
            ],
        ),
        Operation::DeleteInline { role, name: policy } => {
            ("delete-role-policy", vec![name(role), option("policy-name", policy)])
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
