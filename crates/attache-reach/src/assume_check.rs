//! Whether one caller may take on one role, and on what terms. `attache_policy::evaluate` decides; this
//! puts the request together and tries what is open.

use std::collections::{BTreeMap, BTreeSet};

use attache_identifiers::AccountId;
use attache_policy::condition_keys::{
    AssumeRoleKeys, OrganizationKeys, ResourceKeys, add_resource_tags, add_tag_keys,
};
use attache_policy::{Applicable, EXAMPLE_SESSION, Kind, Policy, PolicySet, Request, evaluate};
use serde::Serialize;

use crate::caller::{Caller, Mentioned, Sort, Standing};
use crate::choose::{Choice, Options};
use crate::document::{Document, DocumentId};
use crate::snapshot::{Member, Snapshot};
use crate::variant::{Assumed, Variants};

/// On what terms a step can be taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// What the caller has to choose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Choice>,
    /// The condition keys, not known here, on which it depends.
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

/// A statement that a step rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
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
pub(crate) struct Judge<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) mentioned: &'s Mentioned,
    variants: Variants,
    /// What an outsider's own account is taken to allow.
    everything: PolicySet,
}

/// One caller, one role.
struct Case<'c> {
    judge: &'c Judge<'c>,
    caller: &'c Caller,
    role: &'c Member,
    call: Call,
}

impl<'s> Judge<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot, mentioned: &'s Mentioned) -> Self {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let everything = Policy::parse(text, Kind::Identity).map(PolicySet::from);
        let everything = everything.unwrap_or_default();
        Self { snapshot, mentioned, variants: Variants::default(), everything }
    }

    /// On what terms the caller may take on the role; nothing where it may not.
    pub(crate) fn terms(&self, caller: &Caller, role: &Member, call: Call) -> Option<Terms> {
        Case { judge: self, caller, role, call }.terms()
    }

    /// The statements that a step on these terms rests on.
    pub(crate) fn used(
        &self,
        caller: &Caller,
        role: &Member,
        call: Call,
        terms: &Terms,
    ) -> Vec<Used> {
        let case = Case { judge: self, caller, role, call };
        let favourable = terms.conditional.iter().map(|key| key.to_lowercase()).collect();
        case.used(&terms.needs, &favourable)
    }
}

impl Case<'_> {
    fn terms(&self) -> Option<Terms> {
        let nothing = BTreeSet::new();
        if self.allows(&[], &nothing) {
            return Some(Terms::default());
        }
        let keys = || self.documents().flat_map(|(_, d)| &d.keys);
        let soft = self.caller.assumable(keys());
        let options = self.options();
        if soft.is_empty() && options.is_empty() {
            return None;
        }
        // With everything turning out well: what is refused then is refused. A session's name is no
        // key that could turn out.
        let chosen = keys().filter(|key| self.caller.standing(key) == Standing::Chosen);
        let open: BTreeSet<String> = soft.iter().chain(chosen).cloned().collect();
        let named = options.keys().any(|key| key == Choice::SESSION_NAME);
        if !named && !self.allows(&[], &open) {
            return None;
        }
        if let Some(choices) = options.combinations().find(|c| self.allows(c, &nothing)) {
            let needs = self.fewest_choices(choices, &nothing);
            return Some(Terms { needs, conditional: Vec::new() });
        }
        if let Some(choices) = options.combinations().find(|c| self.allows(c, &soft)) {
            let conditional = self.fewest_keys(&choices, soft);
            let needs = self.fewest_choices(choices, &conditional);
            return Some(Terms { needs, conditional: self.as_written(&conditional) });
        }
        // Not every combination was tried: say on what it hangs, rather than nothing.
        if options.is_too_much() && self.allows(&[], &open) {
            let conditional = self.as_written(&self.fewest_keys(&[], open));
            return Some(Terms { needs: Vec::new(), conditional });
        }
        None
    }

    fn fewest_choices(&self, mut choices: Vec<Choice>, assumed: &BTreeSet<String>) -> Vec<Choice> {
        for at in (0..choices.len()).rev() {
            let mut fewer = choices.clone();
            fewer.remove(at);
            if self.allows(&fewer, assumed) {
                choices = fewer;
            }
        }
        choices
    }

    fn fewest_keys(&self, choices: &[Choice], mut keys: BTreeSet<String>) -> BTreeSet<String> {
        for key in keys.clone() {
            keys.remove(&key);
            if !self.allows(choices, &keys) {
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

    /// Every document that has a say.
    fn documents(&self) -> impl Iterator<Item = (DocumentId, &Document)> {
        let snapshot = self.judge.snapshot;
        let organization = &snapshot.organization;
        let ids = self.caller.identity.iter().flatten().chain(&self.caller.boundary);
        let ids = ids.chain(&self.role.trust);
        let scp = levels(&organization.service_control, self.caller.account);
        let rcp = levels(&organization.resource_control, Some(self.role.account));
        let ids = ids.chain(scp.iter().flatten()).chain(rcp.iter().flatten());
        ids.filter_map(|id| Some((*id, snapshot.document(*id)?)))
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        let actions = [self.call.action, TAG, SET_SOURCE_IDENTITY];
        for (_, document) in self.documents() {
            for statement in document.policy.statements_about(&actions) {
                options.add(statement, self.caller);
            }
        }
        options
    }

    /// The document's set, or what it is under what is assumed.
    fn set(&self, id: &DocumentId, favourable: &BTreeSet<String>) -> PolicySet {
        let Some(document) = self.judge.snapshot.document(*id) else {
            return PolicySet::default();
        };
        if document.keys.is_empty() {
            return document.set.clone();
        }
        let mut assumed = Assumed::default();
        for key in &document.keys {
            if favourable.contains(key) {
                assumed.favourable.insert(key.clone());
            } else if self.caller.standing(key) == Standing::Unknown {
                assumed.adverse.insert(key.clone());
            }
        }
        self.judge.variants.get(*id, document, assumed)
    }

    fn applicable(&self, favourable: &BTreeSet<String>) -> Applicable {
        let organization = &self.judge.snapshot.organization;
        let all = |ids: &[DocumentId]| ids.iter().map(|id| self.set(id, favourable)).collect();
        let tree = |levels: &[Vec<DocumentId>]| levels.iter().map(|ids| all(ids)).collect();
        let one = |id: Option<DocumentId>| id.map(|id| self.set(&id, favourable));
        let scp = levels(&organization.service_control, self.caller.account);
        let rcp = levels(&organization.resource_control, Some(self.role.account));
        Applicable {
            identity: match &self.caller.identity {
                Some(own) => all(own),
                None => self.judge.everything.clone(),
            },
            boundary: one(self.caller.boundary),
            session: None,
            resource: one(self.role.trust),
            service_control: tree(scp),
            resource_control: tree(rcp),
            management_account: organization.management,
        }
    }

    fn allows(&self, choices: &[Choice], favourable: &BTreeSet<String>) -> bool {
        let policies = self.applicable(favourable);
        let mut request = self.request(choices);
        let mut actions = self.actions(choices).into_iter().flatten();
        actions.all(|action| {
            action.clone_into(&mut request.action);
            evaluate(&policies, &request).is_allowed()
        })
    }

    /// What has to be allowed together.
    fn actions(&self, choices: &[Choice]) -> [Option<&'static str>; 3] {
        let tags = self.call.tagged || choices.iter().any(|c| c.tag().is_some());
        let source =
            choices.iter().any(|choice| choice.key.eq_ignore_ascii_case("sts:SourceIdentity"));
        [Some(self.call.action), tags.then_some(TAG), source.then_some(SET_SOURCE_IDENTITY)]
    }

    fn request(&self, choices: &[Choice]) -> Request {
        let Self { judge, caller, role, call } = self;
        let mut caller = (*caller).clone();
        let mentioned = judge.mentioned;
        if caller.sort != Sort::Service {
            let session_name = Some(EXAMPLE_SESSION);
            AssumeRoleKeys { session_name, ..AssumeRoleKeys::default() }
                .add_to(&mut mentioned.keep(&mut caller.context));
        }
        for choice in choices {
            if choice.key == Choice::SESSION_NAME {
                caller.name_session(&choice.tried);
            } else {
                caller.context.set(&choice.key, &choice.tried);
            }
        }
        let mut context = caller.context;
        let mut keys = mentioned.keep(&mut context);
        let organization = judge.snapshot.organization_of(role.account);
        let organization = organization.map(|id| OrganizationKeys { id, paths: &[] });
        ResourceKeys { account: role.account, organization }.add_to(&mut keys);
        let tags = role.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        add_resource_tags(&mut keys, "iam", tags);
        add_tag_keys(&mut context, choices.iter().filter_map(Choice::tag));
        Request {
            principal: caller.principal,
            action: call.action.to_owned(),
            resource: role.arn.clone(),
            resource_account: Some(role.account),
            context,
        }
    }

    fn used(&self, choices: &[Choice], favourable: &BTreeSet<String>) -> Vec<Used> {
        let policies = self.applicable(favourable);
        let mut request = self.request(choices);
        let mut used = Vec::new();
        for action in self.actions(choices).into_iter().flatten() {
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

    /// A policy is named by its document's number; one that is not, is not the snapshot's.
    fn statement(&self, policy: &str, number: usize) -> Option<Used> {
        let document = self.judge.snapshot.document(policy.parse().ok()?)?;
        let at = number.checked_sub(1)?;
        Some(Used {
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
