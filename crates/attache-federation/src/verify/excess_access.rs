//! Access beyond what the chain declares: other principals that can assume a role, and permissions that
//! its file does not have.
//!
//! A witness is a request that is allowed and should not be. What the engine does not decide in time is
//! unknown, and never ok.

use attache_identifiers::ProviderArn;

use crate::apply::Operation;
use crate::clients::Clients;
use crate::comparison::Gain;
use crate::desired::DesiredRole;
use crate::kept::SetAside;
use crate::observe::{self, ObservedProvider, ObservedRole};
use crate::permissions::{self, RolePolicy};
use crate::plan::{differences, same_name, trust_gain};

use super::HopContext;
use super::check::Checks;
use super::fix::Fix;
use super::observed::Observed;

pub(super) const WHO_ELSE: &str = "who else";
pub(super) const WHAT_ELSE: &str = "what else";

/// Compares the trust policy with one that allows the workload alone.
pub(super) async fn excess_trust(
    checks: &mut Checks,
    context: &HopContext<'_>,
    observed: &Observed,
    found: &ObservedRole,
) {
    let HopContext { hop, chain, token, .. } = *context;
    let issuer = chain.issuer.clone();
    let issuer = issuer.or_else(|| attache_identifiers::Issuer::parse(token?.read.issuer()).ok());
    let subject = chain.subject.as_deref().or_else(|| token.map(|token| token.read.subject()));
    let (Some(issuer), Some(subject)) = (issuer, subject) else {
        return checks.not_checked(WHO_ELSE, "neither a token nor a federation names the workload");
    };
    let provider = super::observed::provider_arn(hop, &issuer);
    let subjects = [subject.to_owned()];
    let of_workload = crate::trust_policy(&[crate::Trusted {
        provider: &provider,
        issuer: &issuer,
        subjects: &subjects,
        audiences: &chain.audiences,
    }]);
    let of_file = hop.desired.as_ref().and_then(|account| account.roles.first());
    let expected = of_file.map_or(&of_workload, |role| &role.trust);
    let subject = match hop.others.len() {
        0 => subject.to_owned(),
        count => format!("{subject} and {count} more of the file"),
    };
    let statements = expected.pointer("/Statement").and_then(serde_json::Value::as_array);
    let own = of_file.map_or(1, |role| role.own_statements);
    let beside = match statements.map_or(0, |all| all.len().saturating_sub(own)) {
        0 => "",
        _ => ", and whom the file's trustStatements let in",
    };
    let fix = || observed.fix(context, |one| matches!(one, Operation::SetTrust { .. }));
    match trust_gain(&expected.to_string(), &found.trust).await {
        Gain::Nothing => checks.ok(WHO_ELSE, format!("only {subject}{beside}")),
        Gain::Unknown(why) => checks.unknown(WHO_ELSE, format!("not known: {why}"), fix()),
        Gain::Something(witness) => {
            let detail = format!("the trust policy allows more than {subject}: {witness}");
            // Without a federation's file only the token names the workload.
            match hop.desired {
                Some(_) => checks.fail(WHO_ELSE, detail, fix()),
                None => checks.warn(WHO_ELSE, detail, "narrow the role's trust policy"),
            }
        }
    }
}

/// Client ids that the chain does not need: a token for one of them is one condition away from the
/// role.
pub(super) fn other_audiences(
    checks: &mut Checks,
    context: &HopContext<'_>,
    (arn, audiences): (&ProviderArn, &[String]),
    found: &ObservedProvider,
) {
    let others = found.client_ids.iter().filter(|id| !audiences.contains(id));
    let others: Vec<&String> = others.collect();
    if others.is_empty() {
        return checks.ok("other audiences", "none");
    }
    let remove = |client_id: &&String| {
        let client_id = (*client_id).clone();
        let operation = Operation::RemoveClientId { provider: arn.clone(), client_id };
        context.options.commands.operation(arn.account(), &operation)
    };
    let fix = Fix::commands(others.iter().map(remove)).saying("where nothing else needs them:");
    let others: Vec<&str> = others.into_iter().map(String::as_str).collect();
    let detail = format!("the provider also accepts tokens for: {}", others.join(", "));
    checks.warn("other audiences", detail, fix);
}

/// Compares the role's policies with the file's: what it may do beyond them.
pub(super) async fn excess_permissions(
    checks: &mut Checks,
    context: &HopContext<'_>,
    observed: &Observed,
    found: &ObservedRole,
    clients: &Clients,
) {
    let desired = context.hop.desired.as_ref().and_then(|account| account.roles.first());
    let Some(expected) = desired else { return without_a_file(checks, found) };
    let aside = SetAside::new(expected, found);
    let compared = PolicyComparison::new(&aside, found);
    if compared.is_same() {
        let detail = "nothing beyond the file's policies".to_owned();
        let kept = [aside.managed.clone(), aside.inline.clone()].concat();
        return match kept.as_slice() {
            [] => checks.ok(WHAT_ELSE, detail),
            names => {
                let detail = format!("{detail}; kept, as the file says: {}", names.join(", "));
                checks.ok_with(WHAT_ELSE, detail, kept);
            }
        };
    }
    let fix = || {
        observed.fix(context, |operation| {
            matches!(
                operation,
                Operation::Detach { .. }
                    | Operation::DeleteInline { .. }
                    | Operation::PutInline { .. }
            )
        })
    };
    let words = compared.words();
    let gain = compared.gain(clients).await;
    match gain {
        Gain::Something(witness) => {
            let detail = format!("{words}: the role may, for example, {witness}");
            checks.fail(WHAT_ELSE, detail, fix());
        }
        Gain::Unknown(why) if compared.has_extra() => {
            let detail = format!("{words}; what that allows is not known: {why}");
            checks.fail(WHAT_ELSE, detail, fix());
        }
        Gain::Unknown(why) => {
            let detail = format!("{words}; not known whether it is more: {why}");
            checks.unknown(WHAT_ELSE, detail, fix());
        }
        Gain::Nothing if compared.has_extra() => {
            checks.warn(WHAT_ELSE, format!("{words}; that allows nothing more"), fix());
        }
        // What the role lacks is another check's.
        Gain::Nothing => checks.ok(WHAT_ELSE, format!("{words}; that allows nothing more")),
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
        "verify it with a federation's file, by -f",
    );
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
    fn new(aside: &SetAside, found: &'r ObservedRole) -> Self {
        let expected: &DesiredRole = &aside.desired;
        let is_known = |arn: &&String| {
            expected.policies.iter().chain(&aside.managed).any(|own| same_name(own, arn))
        };
        let (common, extra) = found.policies.iter().partition(is_known);
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
                None if aside.inline.contains(name) => compared.same.push(now),
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
