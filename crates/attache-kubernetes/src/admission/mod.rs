//! Admission policies: rules in CEL that the API server itself applies to pods, with nothing running.
//!
//! The manifests stand in the files beside this one, with `@names@` for what is chosen. Everything that is
//! put in there is of a type that cannot hold a quote.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/>,
//! <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

mod names;

use attache_identifiers::Region;

pub use names::{AnnotationDomain, Label};

/// The ARN of a role, as `RoleArn` reads it.
const ROLE_ARN: &str =
    "^arn:[a-z0-9-]+:iam::[0-9]{12}:role/([!-~]{1,510}/)?[A-Za-z0-9_+=,.@-]{1,64}$";
/// The same without a comma, which ends the role of a chain.
const CHAIN_ROLE_ARN: &str =
    "^arn:[a-z0-9-]+:iam::[0-9]{12}:role/([!-+.-~-]{1,510}/)?[A-Za-z0-9_+=.@-]{1,64}$";

/// What the policies have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionSettings {
    /// The domain of the annotations: `eks.amazonaws.com`.
    pub domain: AnnotationDomain,
    /// The domain of the annotation `chain`: `attache.dev`.
    pub own_domain: AnnotationDomain,
    /// A label that the service accounts with a role have. All service accounts of a namespace are
    /// looked at for each of its pods; the label makes them fewer.
    pub account_label: Option<Label>,
}

/// The policy that injects, for Kubernetes 1.36 or newer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InjectorPolicy {
    /// What it has in common with the gate.
    pub settings: AdmissionSettings,
    /// The region that a container gets which has none.
    pub region: Option<Region>,
}

/// The policy that finds what was not injected, for Kubernetes 1.30 or newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatePolicy {
    /// What it has in common with the injector.
    pub settings: AdmissionSettings,
    /// What becomes of such a pod.
    pub action: GateAction,
}

/// What becomes of a pod that was not injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateAction {
    /// It is refused.
    Deny,
    /// It is admitted, and its client is warned.
    Warn,
    /// It is admitted, and the API server's audit log has it.
    Audit,
}

impl InjectorPolicy {
    /// The policy and its binding, in YAML.
    #[must_use]
    pub fn manifest(&self) -> String {
        let list = |name: &str| {
            include_str!("containers.cel").trim_end_matches('\n').replace("@list@", name)
        };
        let region = self.region.as_ref().map(ToString::to_string).unwrap_or_default();
        let text = include_str!("injector.yaml")
            .replace("@containers@", &list("containers"))
            .replace("@initContainers@", &list("initContainers"))
            .replace("@region@", &region);
        self.settings.fill(&text)
    }
}

impl GatePolicy {
    /// The policies and their bindings, in YAML.
    #[must_use]
    pub fn manifest(&self) -> String {
        let (actions, arn_actions, failure) = match self.action {
            GateAction::Deny => ("[Deny, Audit]", "[Warn, Audit]", "Fail"),
            GateAction::Warn => ("[Warn, Audit]", "[Warn, Audit]", "Ignore"),
            GateAction::Audit => ("[Audit]", "[Audit]", "Ignore"),
        };
        let text = include_str!("gate.yaml")
            .replace("@containers@", include_str!("bare.cel").trim_end_matches('\n'))
            .replace("@actions@", actions)
            .replace("@arn_actions@", arn_actions)
            .replace("@failure@", failure);
        self.settings.fill(&text)
    }
}

impl Default for AdmissionSettings {
    fn default() -> Self {
        let (domain, own_domain) = (AnnotationDomain::default(), AnnotationDomain::attache());
        Self { domain, own_domain, account_label: None }
    }
}

impl AdmissionSettings {
    fn fill(&self, text: &str) -> String {
        let selector = match &self.account_label {
            None => "{}".to_owned(),
            // A label's value may be a word that YAML reads as another type.
            Some(label) => format!("{{matchLabels: {{{}: \"{}\"}}}}", label.key(), label.value()),
        };
        text.replace("@is_chain@", include_str!("chain.cel").trim_end_matches('\n'))
            .replace("@role_arn@", ROLE_ARN)
            .replace("@chain_role_arn@", CHAIN_ROLE_ARN)
            .replace("@selector@", &selector)
            .replace("@domain@", self.domain.as_str())
            .replace("@own@", self.own_domain.as_str())
    }
}
