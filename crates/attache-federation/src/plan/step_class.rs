//! The class of each planned step: whether it widens access. The policy engine decides.
//!
//! Each step is compared with the account as the steps before it leave it, and with the account as it
//! is now: what a role may do already is no widening when another policy allows it later. New resources
//! widen nothing; every other step that is not found to be no wider needs consent.

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_aws_accounts::AssociationChange;
use attache_identifiers::{ProviderArn, RoleName};
use attache_policy::{Kind as PolicyKind, Policy};

use crate::apply::{AssociationName, Operation};
use crate::comparison::{Gain, Undecided, gain};
use crate::observe::{FoundProvider, ObservedAccount, ObservedRole};
use crate::permissions::{self, RolePolicy, UnknownPolicy};

use super::change::{Action, Change, Kind, PlannedStep, StepClass, StepWitness};
use super::role::same_name;

/// The managed policies that were read, by ARN; an error is why one could not be.
pub(super) type PolicyTexts = BTreeMap<String, Result<String, UnknownPolicy>>;

/// The managed policies whose text these changes need: all of a role of which one is attached or
/// detached, and the boundaries that change.
pub(super) fn policies_needed(changes: &[Change], observed: &ObservedAccount) -> Vec<String> {
    let mut arns = Vec::new();
    for change in changes.iter().filter(|change| !deletes_role(change)) {
        for operation in &change.operations {
            let (role, policy) = match operation {
                Operation::Attach { role, policy } | Operation::Detach { role, policy } => {
                    (role, Some(policy))
                }
                Operation::SetBoundary { role, policy } => (role, Some(policy)),
                Operation::PutInline { role, .. }
                | Operation::DeleteInline { role, .. }
                | Operation::RemoveBoundary { role } => (role, None),
                _ => continue,
            };
            let Some(found) = observed.roles.get(role) else { continue };
            let boundary = found.boundary.iter();
            arns.extend(found.policies.iter().chain(policy).chain(boundary).cloned());
        }
    }
    arns.sort();
    arns.dedup();
    arns
}

/// Sets the class of every step.
pub(super) async fn classify(
    changes: &mut [Change],
    observed: &ObservedAccount,
    documents: &PolicyTexts,
) {
    let mut account = Account {
        roles: observed.roles.iter().map(|(name, role)| (name.to_string(), role.clone())).collect(),
        now: &observed.roles,
        providers: &observed.providers,
        documents,
    };
    for change in changes {
        let goes = deletes_role(change);
        let mut steps = Vec::new();
        for operation in &change.operations {
            // Nobody can assume a role that is deleted, so taking its policies off widens nothing.
            let verdict =
                if goes { Verdict::no_wider() } else { account.classify_step(operation).await };
            account.apply_operation(operation);
            let Verdict { class, reason, witness } = verdict;
            steps.push(PlannedStep { what: operation.to_string(), class, reason, witness });
        }
        change.steps = steps;
    }
}

fn deletes_role(change: &Change) -> bool {
    change.resource.kind == Kind::Role && change.action == Action::Delete
}

/// A step's class, with its reason.
struct Verdict {
    class: StepClass,
    reason: Option<String>,
    witness: Option<StepWitness>,
}

impl Verdict {
    fn no_wider() -> Self {
        Self { class: StepClass::NoWider, reason: None, witness: None }
    }

    fn creates() -> Self {
        Self { class: StepClass::Creates, reason: None, witness: None }
    }

    fn widens(reason: &str, witness: impl Into<String>) -> Self {
        let witness = Some(StepWitness::Words(witness.into()));
        Self { class: StepClass::Widens, reason: Some(reason.to_owned()), witness }
    }

    fn of(gain: Gain, reason: &str) -> Self {
        match gain {
            Gain::Nothing => Self::no_wider(),
            Gain::Something(request) => Self {
                class: StepClass::Widens,
                reason: Some(reason.to_owned()),
                witness: Some(StepWitness::Request(request)),
            },
            Gain::Unknown(why) => {
                Self { class: StepClass::Unknown, reason: Some(why.to_string()), witness: None }
            }
        }
    }
}

/// An account as the steps so far leave it, without the roles that they create: what is put on those is
/// new as well.
struct Account<'d> {
    roles: BTreeMap<String, ObservedRole>,
    /// As they are before any step.
    now: &'d BTreeMap<RoleName, ObservedRole>,
    providers: &'d BTreeMap<ProviderArn, FoundProvider>,
    documents: &'d PolicyTexts,
}

impl Account<'_> {
    async fn classify_step(&self, operation: &Operation) -> Verdict {
        match operation {
            Operation::CreateProvider(_)
            | Operation::CreateRole(_)
            | Operation::CreateAssociation(_) => Verdict::creates(),
            Operation::UpdateAssociation { name, change } => association(name, change),
            Operation::AddClientId { provider, client_id } => Verdict::widens(
                "the provider accepts tokens of another audience",
                format!("a token of https://{} for {client_id}", provider.host_and_path()),
            ),
            Operation::SetThumbprints { provider, thumbprints } => {
                self.thumbprints(provider, thumbprints)
            }
            Operation::RemoveClientId { .. }
            | Operation::TagProvider { .. }
            | Operation::UntagProvider { .. }
            | Operation::DeleteProvider { .. }
            | Operation::TagAssociation { .. }
            | Operation::UntagAssociation { .. }
            | Operation::DeleteAssociation { .. }
            | Operation::SetDescription { .. }
            | Operation::DeleteRole { .. } => Verdict::no_wider(),
            Operation::SetTrust { role, .. }
            | Operation::SetMaxSession { role, .. }
            | Operation::SetBoundary { role, .. }
            | Operation::RemoveBoundary { role }
            | Operation::TagRole { role, .. }
            | Operation::UntagRole { role, .. }
            | Operation::Attach { role, .. }
            | Operation::Detach { role, .. }
            | Operation::PutInline { role, .. }
            | Operation::DeleteInline { role, .. } => match self.roles.get(role.as_str()) {
                None => Verdict::creates(),
                Some(found) => self.classify_role_step(operation, found).await,
            },
        }
    }

    async fn classify_role_step(&self, operation: &Operation, found: &ObservedRole) -> Verdict {
        match operation {
            Operation::SetTrust { document, .. } => {
                let gain = trust_gain(&found.trust, &document.to_string()).await;
                Verdict::of(gain, "the trust policy allows more principals")
            }
            Operation::SetMaxSession { seconds, .. } if *seconds > found.max_session => {
                Verdict::widens(
                    "sessions may last longer",
                    format!("a session of {seconds} s, which was at most {} s", found.max_session),
                )
            }
            Operation::SetBoundary { policy, .. } => self.new_boundary(found, policy).await,
            Operation::RemoveBoundary { .. } => self.no_boundary(found).await,
            Operation::TagRole { tags, .. } => self.tags(found, tags),
            _ => self.classify_policy_step(operation, found).await,
        }
    }

    /// A step that changes which policies the role has.
    async fn classify_policy_step(&self, operation: &Operation, found: &ObservedRole) -> Verdict {
        let verdict = match operation {
            Operation::Attach { policy, .. } => {
                let kept = self.identity(found, |_| true, |_| true);
                let gain = permissions::permission_gain(&kept, &[], &[self.managed(policy)]).await;
                Verdict::of(gain, "the role may do more")
            }
            Operation::Detach { policy, .. } => {
                let kept = self.identity(found, |arn| arn != policy, |_| true);
                let gain = permissions::permission_gain(&kept, &[self.managed(policy)], &[]).await;
                Verdict::of(gain, "a Deny is removed")
            }
            Operation::PutInline { name, document, .. } => {
                let (kept, now) = self.split_inline(found, name);
                let added = [inline(name, &document.to_string())];
                Verdict::of(
                    permissions::permission_gain(&kept, &now, &added).await,
                    "the role may do more",
                )
            }
            Operation::DeleteInline { name, .. } => {
                let (kept, now) = self.split_inline(found, name);
                Verdict::of(
                    permissions::permission_gain(&kept, &now, &[]).await,
                    "a Deny is removed",
                )
            }
            _ => Verdict::no_wider(),
        };
        if verdict.class == StepClass::NoWider {
            return verdict;
        }
        let now = role_of(operation).and_then(|role| self.now.get(role));
        let Some(now) = now.filter(|now| *now != found) else { return verdict };
        let mut then = found.clone();
        apply_operation(operation, &mut then);
        let (now, then) =
            (self.identity(now, |_| true, |_| true), self.identity(&then, |_| true, |_| true));
        let (kept, removed): (Vec<_>, Vec<_>) =
            now.into_iter().partition(|policy| then.contains(policy));
        let added: Vec<_> = then.into_iter().filter(|policy| !kept.contains(policy)).collect();
        match permissions::permission_gain(&kept, &removed, &added).await {
            Gain::Nothing => Verdict::no_wider(),
            _ => verdict,
        }
    }

    fn thumbprints(&self, provider: &ProviderArn, expected: &[String]) -> Verdict {
        let known = self.providers.get(provider).into_iter();
        let known = known.flat_map(|found| &found.provider.thumbprints);
        let known: Vec<String> = known.map(|thumbprint| thumbprint.to_lowercase()).collect();
        match expected.iter().find(|thumbprint| !known.contains(&thumbprint.to_lowercase())) {
            None => Verdict::no_wider(),
            Some(new) => Verdict::widens(
                "another certificate authority can certify the issuer",
                format!("an issuer whose certificate has the SHA-1 {new}"),
            ),
        }
    }

    async fn new_boundary(&self, found: &ObservedRole, policy: &str) -> Verdict {
        let Some(now) = &found.boundary else { return Verdict::no_wider() };
        let (now, next) = (self.managed(now), self.managed(policy));
        let gain = permissions::permission_gain(&[], &[now], &[next]).await;
        Verdict::of(gain, "the permissions boundary allows more")
    }

    /// Always needs consent, whatever the role may do now.
    async fn no_boundary(&self, found: &ObservedRole) -> Verdict {
        let Some(now) = &found.boundary else { return Verdict::no_wider() };
        let all = self.identity(found, |_| true, |_| true);
        let reason = "the permissions boundary is removed";
        match permissions::gain_beyond_boundary(&self.managed(now), &all).await {
            gain @ Gain::Something(_) => Verdict::of(gain, reason),
            Gain::Nothing | Gain::Unknown(_) => {
                Verdict::widens(reason, format!("a policy that allows what {now} does not"))
            }
        }
    }

    /// A tag grants nothing by itself, but a condition may test it: of the policies that are read here,
    /// the role's own.
    fn tags(&self, found: &ObservedRole, tags: &BTreeMap<String, String>) -> Verdict {
        let mut texts: Vec<&str> = found.inline.values().map(String::as_str).collect();
        texts.push(&found.trust);
        let managed = found.policies.iter().chain(&found.boundary);
        let read = managed.filter_map(|arn| self.documents.get(arn)?.as_deref().ok());
        texts.extend(read);
        let kinds = [PolicyKind::Identity, PolicyKind::Trust];
        let policies = texts
            .iter()
            .filter_map(|text| kinds.iter().find_map(|kind| Policy::parse(text, *kind).ok()));
        let keys: Vec<String> = policies.flat_map(|policy| policy.condition_keys()).collect();
        let tested = |tag: &&String| {
            keys.iter().any(|key| {
                key.split_once('/').is_some_and(|(_, name)| name.eq_ignore_ascii_case(tag.as_str()))
            })
        };
        match tags.keys().find(tested) {
            None => Verdict::no_wider(),
            Some(tag) => Verdict {
                class: StepClass::Unknown,
                reason: Some(format!("a condition of the role's policies tests the tag {tag}")),
                witness: None,
            },
        }
    }

    /// The role's policies, those that the filters select.
    fn identity(
        &self,
        found: &ObservedRole,
        arns: impl Fn(&str) -> bool,
        names: impl Fn(&str) -> bool,
    ) -> Vec<RolePolicy> {
        let managed = found.policies.iter().filter(|arn| arns(arn)).map(|arn| self.managed(arn));
        let inlines = found.inline.iter().filter(|(name, _)| names(name));
        managed.chain(inlines.map(|(name, text)| inline(name, text))).collect()
    }

    /// The role's policies without an inline one, and that.
    fn split_inline(&self, found: &ObservedRole, name: &str) -> (Vec<RolePolicy>, Vec<RolePolicy>) {
        let kept = self.identity(found, |_| true, |other| !same_name(other, name));
        (kept, self.identity(found, |_| false, |other| same_name(other, name)))
    }

    fn managed(&self, arn: &str) -> RolePolicy {
        let unread = || Err(UnknownPolicy::NotAskedFor { arn: arn.to_owned() });
        let text = self.documents.get(arn).cloned().unwrap_or_else(unread);
        RolePolicy { name: arn.to_owned(), text }
    }

    /// The account after the step.
    fn apply_operation(&mut self, operation: &Operation) {
        for (name, role) in &mut self.roles {
            if role_of(operation).is_some_and(|changed| changed.as_str() == name) {
                apply_operation(operation, role);
            }
        }
    }
}

/// Another role has other permissions, and a tag of the session may fit a condition of any policy: neither is looked
/// at.
fn association(name: &AssociationName, change: &AssociationChange) -> Verdict {
    let mut roles = change.role_arn.iter().chain(&change.target_role_arn);
    match roles.rfind(|arn| !arn.is_empty()) {
        Some(role) => Verdict::widens(
            "the pods get a session of another role",
            format!("a session of {role} for the pods of {name}"),
        ),
        None => Verdict {
            class: StepClass::Unknown,
            reason: Some("the pods get another session than before".to_owned()),
            witness: None,
        },
    }
}

/// The role whose permissions or trust policy a step changes.
fn role_of(operation: &Operation) -> Option<&RoleName> {
    match operation {
        Operation::SetTrust { role, .. }
        | Operation::SetMaxSession { role, .. }
        | Operation::SetBoundary { role, .. }
        | Operation::RemoveBoundary { role }
        | Operation::Attach { role, .. }
        | Operation::Detach { role, .. }
        | Operation::PutInline { role, .. }
        | Operation::DeleteInline { role, .. } => Some(role),
        _ => None,
    }
}

/// A role after a step on it, as far as later steps are compared with it.
fn apply_operation(operation: &Operation, role: &mut ObservedRole) {
    match operation {
        Operation::SetTrust { document, .. } => role.trust = document.to_string(),
        Operation::SetMaxSession { seconds, .. } => role.max_session = *seconds,
        Operation::SetBoundary { policy, .. } => role.boundary = Some(policy.clone()),
        Operation::RemoveBoundary { .. } => role.boundary = None,
        Operation::Attach { policy, .. } => {
            role.policies.insert(policy.clone());
        }
        Operation::Detach { policy, .. } => {
            role.policies.remove(policy);
        }
        Operation::PutInline { name, document, .. } => {
            role.inline.retain(|other, _| !same_name(other, name));
            role.inline.insert(name.clone(), document.to_string());
        }
        Operation::DeleteInline { name, .. } => {
            role.inline.retain(|other, _| !same_name(other, name));
        }
        _ => {}
    }
}

fn inline(name: &str, text: &str) -> RolePolicy {
    RolePolicy { name: format!("the inline policy {name}"), text: Ok(text.to_owned()) }
}

/// The principals that a trust policy allows and another does not.
pub(crate) async fn trust_gain(before: &str, after: &str) -> Gain {
    let read = |text: &str| Policy::parse(text, PolicyKind::Trust);
    let unreadable =
        |which, source| Gain::Unknown(Undecided::TrustPolicy { which, source: Arc::new(source) });
    match (read(before), read(after)) {
        (Ok(before), Ok(after)) => gain(before, after).await,
        (Err(source), _) => unreadable("is there", source),
        (_, Err(source)) => unreadable("is to be", source),
    }
}
