//! Access beyond what the chain declares: other principals that can assume a role, and permissions that
//! its file does not have.
//!
//! A witness is a request that is allowed and should not be. What the engine does not decide in time is
//! unknown, and never ok.

use crate::clients::Clients;
use crate::comparison::Gain;
use crate::document::{Role, Setting};
use crate::observe::{self, ObservedProvider, ObservedRole};
use crate::permissions::{self, RolePolicy};
use crate::plan::{differences, same_name, trust_gain};

use super::chain::{Chain, RoleHop};
use super::check::{Checks, REMEDY};
use super::token::PresentedToken;

pub(super) const WHO_ELSE: &str = "who else";
pub(super) const WHAT_ELSE: &str = "what else";

/// AWS's: seconds that a role's sessions last at most by default.
const DEFAULT_SESSION: i32 = 3600;

/// Compares the trust policy with one that allows the workload alone.
pub(super) async fn excess_trust(
    checks: &mut Checks,
    hop: &RoleHop,
    chain: &Chain,
    token: Option<&PresentedToken>,
    found: &ObservedRole,
) {
    let issuer = chain.issuer.clone();
    let issuer = issuer.or_else(|| attache_identifiers::Issuer::parse(token?.read.issuer()).ok());
    let subject = chain.subject.as_deref().or_else(|| token.map(|token| token.read.subject()));
    let (Some(issuer), Some(subject)) = (issuer, subject) else {
        return checks.not_checked(WHO_ELSE, "neither a token nor a federation names the workload");
    };
    let provider = super::account::provider_arn(hop, &issuer);
    let expected = crate::trust_policy(&provider, &issuer, subject, &chain.audience);
    match trust_gain(&expected.to_string(), &found.trust).await {
        Gain::Nothing => checks.ok(WHO_ELSE, format!("only {subject}")),
        Gain::Unknown(why) => checks.warn(WHO_ELSE, format!("not known: {why}"), REMEDY),
        Gain::Something(witness) => {
            let detail = format!("the trust policy allows more than {subject}: {witness}");
            // Without a federation's file only the token names the workload.
            match hop.expected {
                Some(_) => checks.fail(WHO_ELSE, detail, REMEDY),
                None => checks.warn(WHO_ELSE, detail, "narrow the role's trust policy"),
            }
        }
    }
}

/// Client ids that the chain does not need: a token for one of them is one condition away from the
/// role.
pub(super) fn other_audiences(checks: &mut Checks, chain: &Chain, found: &ObservedProvider) {
    let others = found.client_ids.iter().filter(|id| **id != chain.audience);
    let others: Vec<&str> = others.map(String::as_str).collect();
    if others.is_empty() {
        return checks.ok("other audiences", "none");
    }
    checks.warn(
        "other audiences",
        format!("the provider also accepts tokens for: {}", others.join(", ")),
        "where nothing else needs them: `aws iam remove-client-id-from-open-id-connect-provider`",
    );
}

/// Compares the role's policies with the file's.
pub(super) async fn excess_permissions(
    checks: &mut Checks,
    hop: &RoleHop,
    found: &ObservedRole,
    clients: &Clients,
) {
    let Some(expected) = &hop.expected else { return without_a_file(checks, found) };
    limits(checks, expected, found);
    let compared = PolicyComparison::new(expected, found);
    if compared.is_same() {
        return checks.ok(WHAT_ELSE, "nothing beyond the file's policies");
    }
    let words = compared.words();
    let gain = compared.gain(clients).await;
    match gain {
        Gain::Something(witness) => {
            checks.fail(
                WHAT_ELSE,
                format!("{words}: the role may, for example, {witness}"),
                REMEDY,
            );
        }
        Gain::Unknown(why) if compared.has_extra() => {
            checks.fail(
                WHAT_ELSE,
                format!("{words}; what that allows is not known: {why}"),
                REMEDY,
            );
        }
        Gain::Unknown(why) => {
            checks.warn(WHAT_ELSE, format!("{words}; not known whether it is more: {why}"), REMEDY);
        }
        Gain::Nothing => {
            checks.warn(WHAT_ELSE, format!("{words}; that allows nothing more"), REMEDY);
        }
    }
}

/// The mediator's files do not declare the role's policies.
fn without_a_file(checks: &mut Checks, found: &ObservedRole) {
    let names = found.policies.iter().chain(found.inline.keys());
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() {
        return checks.ok(WHAT_ELSE, "the role has no policies");
    }
    checks.warn(
        WHAT_ELSE,
        format!(
            "not checked, because there is no federation's file; the role has {}",
            names.join(", ")
        ),
        "verify it with a federation's file: attache verify -f FILE",
    );
}

/// The boundary and the length of sessions, where the file declares them.
fn limits(checks: &mut Checks, expected: &Role, found: &ObservedRole) {
    match (&expected.boundary, &found.boundary) {
        (Setting::To(expected), found) if found.as_ref() != Some(expected) => {
            let found = found.as_deref().unwrap_or("none");
            let detail = format!("expected {expected}, found {found}");
            checks.fail("permissions boundary", detail, REMEDY);
        }
        (Setting::Removed, Some(found)) => {
            let detail = format!("expected none, found {found}");
            checks.warn("permissions boundary", detail, REMEDY);
        }
        (Setting::To(expected), _) => checks.ok("permissions boundary", expected),
        _ => {}
    }
    let most = match expected.max_session {
        Setting::Unmentioned => return,
        Setting::Removed => DEFAULT_SESSION,
        Setting::To(seconds) => seconds,
    };
    let length = found.max_session;
    if length > most {
        let detail = format!("expected at most {most} s, found {length} s");
        checks.fail("session length", detail, REMEDY);
    } else {
        checks.ok("session length", format!("at most {length} s"));
    }
}

/// The role's policies beside the file's.
struct PolicyComparison<'r> {
    /// Managed policies that the role and the file have.
    common: Vec<&'r String>,
    /// Managed policies that the file does not have.
    extra: Vec<&'r String>,
    /// Inline policies that are as in the file.
    same: Vec<RolePolicy>,
    /// Inline policies that differ, as they are and as in the file.
    drifted: Vec<(RolePolicy, RolePolicy)>,
    /// Inline policies that the file does not have.
    added: Vec<RolePolicy>,
    /// Inline policies that the role does not have.
    missing: Vec<RolePolicy>,
}

impl<'r> PolicyComparison<'r> {
    fn new(expected: &Role, found: &'r ObservedRole) -> Self {
        let (common, extra) =
            found.policies.iter().partition(|arn| expected.policies.contains(arn));
        let mut compared = Self {
            common,
            extra,
            same: Vec::new(),
            drifted: Vec::new(),
            added: Vec::new(),
            missing: Vec::new(),
        };
        for (name, text) in &found.inline {
            let now = RolePolicy { name: name.clone(), text: Ok(text.clone()) };
            match expected.inline.iter().find(|(other, _)| same_name(other, name)) {
                None => compared.added.push(now),
                Some((_, expected)) if differences("", text, expected).is_empty() => {
                    compared.same.push(now);
                }
                Some((name, expected)) => compared.drifted.push((now, of_file(name, expected))),
            }
        }
        let gone = expected
            .inline
            .iter()
            .filter(|(name, _)| !found.inline.keys().any(|other| same_name(other, name)));
        compared.missing = gone.map(|(name, expected)| of_file(name, expected)).collect();
        compared
    }

    fn is_same(&self) -> bool {
        !self.has_extra() && self.drifted.is_empty() && self.missing.is_empty()
    }

    fn has_extra(&self) -> bool {
        !self.extra.is_empty() || !self.added.is_empty()
    }

    fn words(&self) -> String {
        let mut words = Vec::new();
        let mut say = |what: &str, names: Vec<&str>| {
            if !names.is_empty() {
                words.push(format!("{what}: {}", names.join(", ")));
            }
        };
        say("attached and not in the file", self.extra.iter().map(|arn| arn.as_str()).collect());
        say(
            "inline and not in the file",
            self.added.iter().map(|policy| policy.name.as_str()).collect(),
        );
        let drifted = self.drifted.iter().map(|(now, _)| now.name.as_str());
        say("not as in the file", drifted.collect());
        say("not on the role", self.missing.iter().map(|policy| policy.name.as_str()).collect());
        words.join("; ")
    }

    async fn gain(&self, clients: &Clients) -> Gain {
        let mut kept = self.same.clone();
        for arn in &self.common {
            kept.push(managed(clients, arn).await);
        }
        let mut added = self.added.clone();
        for arn in &self.extra {
            added.push(managed(clients, arn).await);
        }
        added.extend(self.drifted.iter().map(|(now, _)| now.clone()));
        let expected = self.drifted.iter().map(|(_, expected)| expected.clone());
        let removed: Vec<RolePolicy> = expected.chain(self.missing.iter().cloned()).collect();
        permissions::permission_gain(&kept, &removed, &added).await
    }
}

fn of_file(name: &str, document: &serde_json::Value) -> RolePolicy {
    RolePolicy { name: name.to_owned(), text: Ok(document.to_string()) }
}

async fn managed(clients: &Clients, arn: &str) -> RolePolicy {
    RolePolicy { name: arn.to_owned(), text: observe::managed_document(clients, arn).await }
}
