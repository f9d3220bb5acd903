//! Whether one caller may assume one role, and on what terms.
//!
//! Knows: which documents apply, which inputs a caller chooses and which condition keys are unknown.
//! `attache_policy::evaluate` decides; this builds its requests and tries the open inputs.
//!
//! Does not know: how callers and roles are found.

use std::collections::{BTreeMap, BTreeSet};

use attache_identifiers::AccountId;
use attache_policy::condition_keys::{
    AssumeRoleKeys, OrganizationKeys, ResourceKeys, add_resource_tags, add_tag_keys,
};
use attache_policy::{
    EXAMPLE_SESSION, EffectivePolicies, Kind, Policy, PolicySet, Request, evaluate,
};
use serde::Serialize;

use crate::assumption::{KeyAssumptions, PoliciesUnderAssumptions};
use crate::caller::{Caller, CallerKind, KeyKnowledge, ReferencedKeys};
use crate::caller_inputs::{CallerInput, InputCandidates};
use crate::document::{Document, DocumentId};
use crate::snapshot::{Member, Snapshot};

/// On what terms a step can be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// What the caller has to choose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<CallerInput>,
    /// The unknown condition keys on which it depends.
    #[serde(rename = "if", skip_serializing_if = "Vec::is_empty")]
    pub conditional: Vec<String>,
}

/// What is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) action: &'static str,
    /// Whether session tags are passed whatever the caller chooses.
    pub(crate) tagged: bool,
}

pub(crate) const ASSUME: &str = "sts:AssumeRole";
pub(crate) const WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
pub(crate) const WITH_SAML: &str = "sts:AssumeRoleWithSAML";
const TAG: &str = "sts:TagSession";
const SET_SOURCE_IDENTITY: &str = "sts:SetSourceIdentity";

/// A statement that allows a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupportingStatement {
    /// Whose policy: `role arn:aws:iam::222222222222:role/Reader, trust policy`.
    pub policy: String,
    /// The statement's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Its number in the policy, from 1.
    pub statement: usize,
    /// Its line in the snapshot's file, from 1.
    pub line: usize,
}

/// Decides steps over a snapshot.
#[derive(Debug)]
pub(crate) struct AssumeChecker<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) referenced: &'s ReferencedKeys,
    policies: PoliciesUnderAssumptions,
    /// What an account outside the snapshot is assumed to allow.
    everything: PolicySet,
}

/// One caller, one role.
struct AssumeCheck<'c> {
    checker: &'c AssumeChecker<'c>,
    caller: &'c Caller,
    role: &'c Member,
    call: Call,
}

impl<'s> AssumeChecker<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot, referenced: &'s ReferencedKeys) -> Self {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let everything = Policy::parse(text, Kind::Identity).map(PolicySet::from);
        let everything = everything.unwrap_or_default();
        Self { snapshot, referenced, policies: PoliciesUnderAssumptions::default(), everything }
    }

    /// On what terms the caller may assume the role; none where it may not.
    pub(crate) fn terms(&self, caller: &Caller, role: &Member, call: Call) -> Option<Terms> {
        AssumeCheck { checker: self, caller, role, call }.terms()
    }

    /// The statements that allow a step on these terms.
    pub(crate) fn supporting_statements(
        &self,
        caller: &Caller,
        role: &Member,
        call: Call,
        terms: &Terms,
    ) -> Vec<SupportingStatement> {
        let case = AssumeCheck { checker: self, caller, role, call };
        let favourable = terms.conditional.iter().map(|key| key.to_lowercase()).collect();
        case.supporting_statements(&terms.needs, &favourable)
    }
}

impl AssumeCheck<'_> {
    fn terms(&self) -> Option<Terms> {
        let nothing = BTreeSet::new();
        if self.allows(&[], &nothing) {
            return Some(Terms::default());
        }
        let keys = || self.documents().flat_map(|(_, d)| &d.keys);
        let soft = self.caller.assumable(keys());
        let candidates = self.candidates();
        if soft.is_empty() && candidates.is_empty() {
            return None;
        }
        // With every condition in the caller's favour: what is denied then is denied. A session's name
        // is not a condition key.
        let chosen = keys().filter(|key| self.caller.knowledge(key) == KeyKnowledge::Chosen);
        let open: BTreeSet<String> = soft.iter().chain(chosen).cloned().collect();
        let named = candidates.keys().any(|key| key == CallerInput::SESSION_NAME);
        if !named && !self.allows(&[], &open) {
            return None;
        }
        if let Some(inputs) = candidates.combinations().find(|c| self.allows(c, &nothing)) {
            let needs = self.fewest_inputs(inputs, &nothing);
            return Some(Terms { needs, conditional: Vec::new() });
        }
        if let Some(inputs) = candidates.combinations().find(|c| self.allows(c, &soft)) {
            let conditional = self.fewest_keys(&inputs, soft);
            let needs = self.fewest_inputs(inputs, &conditional);
            return Some(Terms { needs, conditional: self.as_written(&conditional) });
        }
        // Not every combination was tried: report what it depends on, rather than nothing.
        if candidates.is_too_much() && self.allows(&[], &open) {
            let conditional = self.as_written(&self.fewest_keys(&[], open));
            return Some(Terms { needs: Vec::new(), conditional });
        }
        None
    }

    fn fewest_inputs(
        &self,
        mut inputs: Vec<CallerInput>,
        assumed: &BTreeSet<String>,
    ) -> Vec<CallerInput> {
        for at in (0..inputs.len()).rev() {
            let mut fewer = inputs.clone();
            fewer.remove(at);
            if self.allows(&fewer, assumed) {
                inputs = fewer;
            }
        }
        inputs
    }

    fn fewest_keys(&self, inputs: &[CallerInput], mut keys: BTreeSet<String>) -> BTreeSet<String> {
        for key in keys.clone() {
            keys.remove(&key);
            if !self.allows(inputs, &keys) {
                keys.insert(key);
            }
        }
        keys
    }

    /// Keys as the policies write them.
    fn as_written(&self, keys: &BTreeSet<String>) -> Vec<String> {
        let conditions = || {
            let statements = self.documents().flat_map(|(_, d)| d.policy.statements());
            statements.flat_map(|statement| &statement.conditions)
        };
        let written = |key: &String| {
            let found = conditions().find(|condition| condition.is_on(key));
            found.map_or_else(|| key.clone(), |condition| condition.key.text.clone())
        };
        keys.iter().map(written).collect()
    }

    /// Every document that applies.
    fn documents(&self) -> impl Iterator<Item = (DocumentId, &Document)> {
        let snapshot = self.checker.snapshot;
        let organization = &snapshot.organization;
        let ids = self.caller.identity.iter().flatten().chain(&self.caller.boundary);
        let ids = ids.chain(&self.role.trust);
        let scp = levels(&organization.service_control, self.caller.account);
        let rcp = levels(&organization.resource_control, Some(self.role.account));
        let ids = ids.chain(scp.iter().flatten()).chain(rcp.iter().flatten());
        ids.filter_map(|id| Some((*id, snapshot.document(*id)?)))
    }

    fn candidates(&self) -> InputCandidates {
        let mut candidates = InputCandidates::default();
        let actions = [self.call.action, TAG, SET_SOURCE_IDENTITY];
        for (_, document) in self.documents() {
            for statement in document.policy.statements_about(&actions) {
                candidates.add_statement(statement, self.caller);
            }
        }
        candidates
    }

    /// The document's policies, under the assumptions about its keys.
    fn set(&self, id: &DocumentId, favourable: &BTreeSet<String>) -> PolicySet {
        let Some(document) = self.checker.snapshot.document(*id) else {
            return PolicySet::default();
        };
        if document.keys.is_empty() {
            return document.set.clone();
        }
        let mut assumed = KeyAssumptions::default();
        for key in &document.keys {
            if favourable.contains(key) {
                assumed.favourable.insert(key.clone());
            } else if self.caller.knowledge(key) == KeyKnowledge::Unknown {
                assumed.adverse.insert(key.clone());
            }
        }
        self.checker.policies.get(*id, document, assumed)
    }

    fn applicable(&self, favourable: &BTreeSet<String>) -> EffectivePolicies {
        let organization = &self.checker.snapshot.organization;
        let all = |ids: &[DocumentId]| ids.iter().map(|id| self.set(id, favourable)).collect();
        let tree = |levels: &[Vec<DocumentId>]| levels.iter().map(|ids| all(ids)).collect();
        let one = |id: Option<DocumentId>| id.map(|id| self.set(&id, favourable));
        let scp = levels(&organization.service_control, self.caller.account);
        let rcp = levels(&organization.resource_control, Some(self.role.account));
        EffectivePolicies {
            identity: match &self.caller.identity {
                Some(ids) => all(ids),
                None => self.checker.everything.clone(),
            },
            boundary: one(self.caller.boundary),
            session: None,
            scope_down: Vec::new(),
            resource: one(self.role.trust),
            service_control: tree(scp),
            resource_control: tree(rcp),
            management_account: organization.management,
        }
    }

    fn allows(&self, inputs: &[CallerInput], favourable: &BTreeSet<String>) -> bool {
        let policies = self.applicable(favourable);
        let mut request = self.request(inputs);
        let mut actions = self.actions(inputs).into_iter().flatten();
        actions.all(|action| {
            action.clone_into(&mut request.action);
            evaluate(&policies, &request).is_allowed()
        })
    }

    /// The actions that must all be allowed.
    fn actions(&self, inputs: &[CallerInput]) -> [Option<&'static str>; 3] {
        let tags = self.call.tagged || inputs.iter().any(|c| c.tag().is_some());
        let source =
            inputs.iter().any(|input| input.key.eq_ignore_ascii_case("sts:SourceIdentity"));
        [Some(self.call.action), tags.then_some(TAG), source.then_some(SET_SOURCE_IDENTITY)]
    }

    fn request(&self, inputs: &[CallerInput]) -> Request {
        let Self { checker, caller, role, call } = self;
        let mut caller = (*caller).clone();
        let referenced = checker.referenced;
        if caller.kind != CallerKind::Service {
            let session_name = Some(EXAMPLE_SESSION);
            AssumeRoleKeys { session_name, ..AssumeRoleKeys::default() }
                .add_to(&mut referenced.keep(&mut caller.context));
        }
        for input in inputs {
            if input.key == CallerInput::SESSION_NAME {
                caller.name_session(&input.example);
            } else {
                caller.context.set(&input.key, &input.example);
            }
        }
        let mut context = caller.context;
        let mut keys = referenced.keep(&mut context);
        let organization = checker.snapshot.organization_of(role.account);
        let organization = organization.map(|id| OrganizationKeys { id, paths: &[] });
        ResourceKeys { account: role.account, organization }.add_to(&mut keys);
        let tags = role.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        add_resource_tags(&mut keys, Some("iam"), tags);
        add_tag_keys(&mut context, inputs.iter().filter_map(CallerInput::tag));
        Request {
            principal: caller.principal,
            action: call.action.to_owned(),
            resource: role.arn.clone(),
            resource_account: Some(role.account),
            context,
        }
    }

    fn supporting_statements(
        &self,
        inputs: &[CallerInput],
        favourable: &BTreeSet<String>,
    ) -> Vec<SupportingStatement> {
        let policies = self.applicable(favourable);
        let mut request = self.request(inputs);
        let mut used = Vec::new();
        for action in self.actions(inputs).into_iter().flatten() {
            action.clone_into(&mut request.action);
            for place in evaluate(&policies, &request).explain().decided_by {
                let statement = self.statement(&place.policy, place.statement);
                if let Some(statement) = statement.filter(|statement| !used.contains(statement)) {
                    used.push(statement);
                }
            }
        }
        used
    }

    /// A policy is named by its document's number; one with another name is not the snapshot's.
    fn statement(&self, policy: &str, number: usize) -> Option<SupportingStatement> {
        let document = self.checker.snapshot.document(policy.parse().ok()?)?;
        let at = number.checked_sub(1)?;
        Some(SupportingStatement {
            policy: document.name.clone(),
            sid: document.policy.statements().get(at)?.sid.clone(),
            statement: number,
            line: *document.lines.get(at)?,
        })
    }
}

fn levels(
    of: &BTreeMap<AccountId, Vec<Vec<DocumentId>>>,
    account: Option<AccountId>,
) -> &[Vec<DocumentId>] {
    account.and_then(|account| of.get(&account)).map_or(&[], Vec::as_slice)
}
