//! The search for steps, one role and one caller at a time; the policy engine decides each.

use attache_identifiers::service_account_subject;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use attache_policy::syntax::{Effect, PrincipalKind, Statement};

use super::assume_method::{AssociationId, AssumeMethod, association, first_role};
use super::{Edge, NodeId};
use crate::assume_check::{ASSUME, AssumeChecker, Terms, WITH_SAML, WITH_WEB_IDENTITY};
use crate::caller::{Caller, ReferencedKeys};
use crate::candidates::{CandidateCallers, Candidates};
use crate::principal::{GraphPrincipal, account_of};
use crate::snapshot::{Member, MemberId, Snapshot};
use crate::subject::Subjects;

pub(super) struct StepSearch<'s> {
    snapshot: &'s Snapshot,
    referenced: &'s ReferencedKeys,
    checker: AssumeChecker<'s>,
    subjects: Subjects<'s>,
    pub(super) nodes: Vec<GraphPrincipal>,
    ids: HashMap<GraphPrincipal, NodeId>,
    pub(super) edges: Vec<Edge>,
    pub(super) warnings: BTreeSet<String>,
    /// What is missing from the snapshot and could allow more steps.
    pub(super) unknown: BTreeSet<String>,
}

impl<'s> StepSearch<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, referenced: &'s ReferencedKeys) -> Self {
        let principal = |member: &Member| match member.trust {
            Some(_) => GraphPrincipal::Role { arn: member.arn.clone() },
            None => GraphPrincipal::User { arn: member.arn.clone() },
        };
        Self {
            snapshot,
            referenced,
            checker: AssumeChecker::new(snapshot, referenced),
            subjects: Subjects::new(snapshot),
            nodes: snapshot.members.iter().map(principal).collect(),
            ids: HashMap::new(),
            edges: Vec::new(),
            warnings: BTreeSet::new(),
            unknown: BTreeSet::new(),
        }
    }

    /// The steps of all but the snapshot's own users and roles, which are added to the candidates.
    pub(super) fn steps_into(
        &mut self,
        role: MemberId,
        index: &Candidates<'_>,
        candidates: &mut BTreeMap<MemberId, BTreeSet<MemberId>>,
    ) {
        let snapshot = self.snapshot;
        let Some(member) = snapshot.member(role) else { return };
        let trust = member.trust.and_then(|id| snapshot.document(id));
        let mut found = CandidateCallers::default();
        if let Some(trust) = trust {
            let allows = |statement: &&Statement| statement.effect == Effect::Allow;
            for statement in trust.policy.statements_about(&[ASSUME]).filter(allows) {
                index.of(statement, member, &mut found);
            }
            for statement in trust.policy.statements_about(&[WITH_SAML]).filter(allows) {
                self.assertions(statement, role);
            }
            for statement in trust.policy.statements_about(&[WITH_WEB_IDENTITY]).filter(allows) {
                for provider in providers(statement).filter(|name| !is_saml(name)) {
                    self.tokens(statement, provider, role, member);
                }
            }
        }
        for caller in found.members.into_iter().filter(|caller| *caller != role) {
            candidates.entry(caller).or_default().insert(role);
        }
        // Whom conditions name adds nothing where they let anyone in.
        let open = found.others.contains(&GraphPrincipal::Anyone)
            && self
                .terms(&GraphPrincipal::Anyone, member, &AssumeMethod::Assume)
                .is_some_and(|terms| terms.conditional.is_empty());
        if !open {
            found.others.append(&mut found.by_condition);
        }
        for principal in found.others {
            // Pods are known one by one where their associations are.
            let account = snapshot.accounts.get(&member.account);
            let known = account.is_some_and(|account| account.associations.is_some());
            let pods = matches!(&principal, GraphPrincipal::Service { name } if name == POD_IDENTITY_SERVICE);
            if pods && !known {
                self.unknown.insert(format!(
                    "role {} trusts {POD_IDENTITY_SERVICE}, and the snapshot does not say for which service \
                     accounts: add the account's pod_identity_associations",
                    member.arn
                ));
            }
            if !(known && pods) {
                self.step(principal, role, AssumeMethod::Assume);
            }
        }
    }

    fn assertions(&mut self, statement: &Statement, role: MemberId) {
        for arn in providers(statement).filter(|name| is_saml(name)) {
            self.step(GraphPrincipal::Saml { arn: arn.to_owned() }, role, AssumeMethod::Saml);
        }
    }

    fn tokens(&mut self, statement: &Statement, provider: &str, role: MemberId, member: &Member) {
        let account = self.snapshot.accounts.get(&member.account);
        // Google, Amazon, Facebook and Cognito need no provider.
        let issuer = provider.split_once(":oidc-provider/").map(|(_, issuer)| issuer);
        // STS looks for the issuer's provider in the role's account, and nowhere else.
        if issuer.is_some() && account_of(provider) != Some(member.account) {
            let warning = format!(
                "role {} trusts {provider}, which is in another account: no token can use it",
                member.arn
            );
            self.warnings.insert(warning);
            return;
        }
        let audiences = match (issuer, account.and_then(|account| account.providers.as_ref())) {
            (Some(_), Some(known)) => match known.get(provider) {
                Some(ids) => ids.iter().cloned().map(Some).collect(),
                None => {
                    let warning = format!(
                        "role {} trusts {provider}, which does not exist: no token can use it",
                        member.arn
                    );
                    self.warnings.insert(warning);
                    return;
                }
            },
            _ => vec![None],
        };
        for principal in self.subjects.of(statement, issuer.unwrap_or(provider)) {
            self.token(principal, provider, &audiences, role, member);
        }
    }

    /// The best of the audiences that a token may be for. A pattern that is not allowed as it is
    /// written may match a subject that is.
    fn token(
        &mut self,
        principal: GraphPrincipal,
        provider: &str,
        audiences: &[Option<String>],
        role: MemberId,
        member: &Member,
    ) {
        let open = matches!(principal, GraphPrincipal::Subject { pattern: true, .. });
        let mut best: Option<(AssumeMethod, Terms)> = None;
        for subject in [true, false].into_iter().filter(|subject| *subject || open) {
            for audience in audiences {
                let (provider, audience) = (provider.to_owned(), audience.clone());
                let method = AssumeMethod::Token { provider, audience, subject };
                let Some(terms) = self.terms(&principal, member, &method) else { continue };
                let rank = |terms: &Terms| (terms.conditional.len(), terms.needs.len());
                if best.as_ref().is_none_or(|(_, known)| rank(&terms) < rank(known)) {
                    best = Some((method, terms));
                }
            }
            if best.is_some() {
                break;
            }
        }
        if let Some((method, terms)) = best {
            self.add_edge(principal, role, method, terms);
        }
    }

    /// The steps that a user or role can take to those roles.
    pub(super) fn steps_of(&mut self, caller: MemberId, roles: BTreeSet<MemberId>) {
        let snapshot = self.snapshot;
        let Some(member) = snapshot.member(caller) else { return };
        let principal = Caller::member(snapshot, self.referenced, member);
        let call = AssumeMethod::Assume.call(snapshot);
        for to in roles {
            let Some(role) = snapshot.member(to) else { continue };
            if let Some(terms) = self.checker.terms(&principal, role, call) {
                self.edges.push(Edge { from: caller, to, method: AssumeMethod::Assume, terms });
            }
        }
    }

    /// The steps of every Pod Identity association.
    pub(super) fn pod_identities(&mut self) {
        let snapshot = self.snapshot;
        for (account, held) in &snapshot.accounts {
            for at in 0..held.associations.as_ref().map_or(0, Vec::len) {
                self.pod_identity((*account, at));
            }
        }
    }

    fn pod_identity(&mut self, id: AssociationId) {
        let snapshot = self.snapshot;
        let Some(given) = association(snapshot, id) else { return };
        let subject = service_account_subject(&given.namespace, &given.service_account);
        let principal = self.subjects.named(&given.issuer, &subject);
        let (Some(first), Some(role)) = (snapshot.role(&given.role), first_role(snapshot, id))
        else {
            return self.report_missing_role(&principal, "role", &given.role);
        };
        let Some(terms) = self.terms(&principal, role, &AssumeMethod::Pod(id)) else { return };
        let Some(target) = given.target.as_deref() else {
            return self.add_edge(principal, first, AssumeMethod::Pod(id), terms);
        };
        // The pod is given the target's credentials, and never the first role's.
        let Some(target_id) = snapshot.role(target) else {
            return self.report_missing_role(&principal, "target role", target);
        };
        if let Some(member) = snapshot.member(target_id)
            && let Some(mut more) = self.terms(&principal, member, &AssumeMethod::PodTarget(id))
        {
            more.conditional.extend(terms.conditional);
            more.needs.extend(terms.needs);
            self.add_edge(principal, target_id, AssumeMethod::PodTarget(id), more);
        }
    }

    /// A role that an association names and the snapshot does not have: in an account of the snapshot it
    /// does not exist.
    fn report_missing_role(&mut self, principal: &GraphPrincipal, what: &str, arn: &str) {
        let covered = account_of(arn).is_some_and(|id| self.snapshot.accounts.contains_key(&id));
        let named = format!("the Pod Identity association of {principal} names the {what} {arn}");
        if covered {
            self.warnings.insert(format!("{named}, which does not exist"));
        } else {
            self.unknown.insert(format!("{named}, whose account is not in the snapshot"));
        }
    }

    fn step(&mut self, principal: GraphPrincipal, role: MemberId, method: AssumeMethod) {
        let member = self.snapshot.member(role);
        if let Some(terms) = member.and_then(|member| self.terms(&principal, member, &method)) {
            self.add_edge(principal, role, method, terms);
        }
    }

    fn terms(
        &self,
        principal: &GraphPrincipal,
        role: &Member,
        method: &AssumeMethod,
    ) -> Option<Terms> {
        let caller = method.caller(self.snapshot, self.referenced, principal)?;
        self.checker.terms(&caller, role, method.call(self.snapshot))
    }

    fn add_edge(
        &mut self,
        principal: GraphPrincipal,
        to: MemberId,
        method: AssumeMethod,
        terms: Terms,
    ) {
        let next = self.nodes.len();
        let from = *self.ids.entry(principal).or_insert_with_key(|principal| {
            self.nodes.push(principal.clone());
            next
        });
        self.edges.push(Edge { from, to, method, terms });
    }
}

/// The identity providers that a statement names.
fn providers(statement: &Statement) -> impl Iterator<Item = &str> {
    let principals = statement.principal.iter().flat_map(|principals| &principals.list);
    let federated = principals.filter(|(kind, _)| *kind == PrincipalKind::Federated);
    federated.map(|(_, name)| name.text.as_str())
}

fn is_saml(provider_arn: &str) -> bool {
    provider_arn.contains(":saml-provider/")
}
