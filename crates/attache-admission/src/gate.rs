//! The gate: a pod that was to get a role by its service account and did not would take its node's, and
//! say nothing. The same rule as the admission policy of `attache render kubernetes --gate`.

use attache_identifiers::RoleArn;

use super::chain::ChainTarget;
use super::identity::{Identity, Kind, Knowledge};
use super::inject::skipped;
use super::object::{Container, PodSpec};
use super::warnings::{Warnings, shown};
use super::{Answer, Object, Request, Settings, Target};

pub use attache_kubernetes::admission::GateAction;

/// Credentials that stand before a node's in the order of AWS's SDKs.
const SOURCES: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
];
/// What the audit log calls the gate's sentences.
const AUDIT_KEY: &str = "attache-gate";

/// Looks at a pod after all injectors, or at a service account as it is written.
#[must_use]
pub fn validate(
    request: &Request,
    object: &Object,
    knowledge: Knowledge<'_>,
    settings: &Settings,
    action: GateAction,
) -> Answer {
    match request.target() {
        Target::Pod => pod(request, object, knowledge, settings, action),
        Target::ServiceAccount => service_account(object, settings, action),
        Target::Other => Answer::default(),
    }
}

fn pod(
    request: &Request,
    object: &Object,
    knowledge: Knowledge<'_>,
    settings: &Settings,
    action: GateAction,
) -> Answer {
    let account = request.pod_account(object, settings);
    let (Some(account), Some(spec)) = (account, &object.spec) else { return Answer::default() };
    // Their warnings were told when the pod was injected.
    let mut warnings = Warnings::default();
    let identity = Identity::of(&request.namespace, account, knowledge, settings, &mut warnings);
    let Some(identity) = identity else { return Answer::default() };
    let skipped = skipped(&object.metadata, spec, settings, &mut warnings);
    let sentences = bare(spec, &skipped).map(|(kind, names)| {
        format!(
            "{}, but it was not injected into the {kind} {}, which would use the role of its node; see \
             that the injector runs, or label the pod {}",
            wanted(account, &identity, knowledge),
            names.join(", "),
            settings.domain.key("skip-pod-identity-webhook")
        )
    });
    objection(&sentences.collect::<Vec<_>>(), action)
}

/// What the pod was to get.
fn wanted(account: &str, identity: &Identity, knowledge: Knowledge<'_>) -> String {
    let role = match &identity.kind {
        Kind::Container => {
            return format!("the service account {account} has an EKS Pod Identity");
        }
        Kind::WebIdentity { role } => role.as_str(),
        Kind::Chain(_) => knowledge.account.role().unwrap_or_default(),
    };
    format!("the service account {account} names the AWS role {role}")
}

/// The names of the containers that have no credentials of their own, of each kind.
fn bare<'a>(
    spec: &'a PodSpec,
    skipped: &'a [String],
) -> impl Iterator<Item = (&'static str, Vec<&'a str>)> {
    spec.lists().filter_map(|(list, containers)| {
        let without = |one: &&Container| !skipped.contains(&one.name) && !has_credentials(one);
        let names: Vec<&str> =
            containers.iter().filter(without).map(|one| one.name.as_str()).collect();
        let kind = if list == "containers" { "container" } else { "init container" };
        (!names.is_empty()).then_some((kind, names))
    })
}

fn has_credentials(container: &Container) -> bool {
    let present = container.variables();
    let has = |name: &&str| present.contains(name);
    SOURCES.iter().any(has) || ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"].iter().all(has)
}

fn objection(sentences: &[String], action: GateAction) -> Answer {
    if sentences.is_empty() {
        return Answer::default();
    }
    let message = sentences.join("; ");
    let mut answer = match action {
        GateAction::Deny => Answer::refuse(403, &message),
        GateAction::Warn => {
            let mut warnings = Warnings::default();
            for sentence in sentences {
                warnings.add(sentence);
            }
            Answer::warn(warnings.finish())
        }
        GateAction::Audit => Answer::default(),
    };
    answer.audit.insert(AUDIT_KEY.to_owned(), message);
    answer
}

/// A malformed role or chain is told as it is written: later only AWS would say so, or nothing. It is never
/// refused.
fn service_account(object: &Object, settings: &Settings, action: GateAction) -> Answer {
    let key = settings.domain.key("role-arn");
    let role = object.metadata.annotation(&key);
    let mut sentences = Vec::new();
    if let Some(role) = role.filter(|role| RoleArn::parse(role).is_err()) {
        sentences.push(format!(
            "the annotation {key} is {}, not the ARN of a role: expected arn:aws:iam::ACCOUNT:role/NAME",
            shown(role)
        ));
    }
    let chain_key = settings.own_domain.key("chain");
    if let Some(chain) = object.metadata.annotation(&chain_key) {
        if role.is_none_or(str::is_empty) {
            sentences.push(format!(
                "the annotation {chain_key} has no effect without {key}, the role that it starts from"
            ));
        }
        if let Err(error) = ChainTarget::read(chain) {
            sentences.push(format!(
                "the annotation {chain_key} is not ROLE[,externalId], and pods get the role of {key} alone: {error}"
            ));
        }
    }
    let action = if action == GateAction::Audit { GateAction::Audit } else { GateAction::Warn };
    objection(&sentences, action)
}
