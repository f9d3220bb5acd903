//! The steps, found one role and one caller at a time; each is decided by the evaluator.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attache_identifiers::AccountId;
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use attache_policy::syntax::{Effect, PrincipalKind, Statement};

use super::means::{AssociationId, Means, association, first_role};
use super::{Edge, NodeId};
use crate::caller::{Caller, Mentioned};
use crate::candidates::{Candidates, Found};
use crate::judge::{ASSUME, Judge, Terms, WITH_SAML, WITH_WEB_IDENTITY};
use crate::snapshot::{Member, MemberId, Snapshot};
use crate::subject::Subjects;
use crate::who::Who;

pub(super) struct Steps<'s> {
    snapshot: &'s Snapshot,
    mentioned: &'s Mentioned,
    judge: Judge<'s>,
    subjects: Subjects<'s>,
    pub(super) nodes: Vec<Who>,
    ids: HashMap<Who, NodeId>,
    pub(super) edges: Vec<Edge>,
    pub(super) warnings: BTreeSet<String>,
    /// What is not in the snapshot and would lead somewhere.
    pub(super) unknown: BTreeSet<String>,
}

impl<'s> Steps<'s> {
    pub(super) fn new(snapshot: &'s Snapshot, mentioned: &'s Mentioned) -> Self {
        let who = |member: &Member| match member.trust {
            Some(_) => Who::Role { arn: member.arn.clone() },
            None => Who::User { arn: member.arn.clone() },
        };
        Self {
            snapshot,
            mentioned,
            judge: Judge::new(snapshot, mentioned),
            subjects: Subjects::new(snapshot),
            nodes: snapshot.members.iter().map(who).collect(),
            ids: HashMap::new(),
            edges: Vec::new(),
            warnings: BTreeSet::new(),
            unknown: BTreeSet::new(),
        }
    }

    /// The steps of all but the snapshot's own users and roles; these are put down as candidates.
    pub(super) fn steps_into(
        &mut self,
        role: MemberId,
        index: &Candidates<'_>,
        candidates: &mut BTreeMap<MemberId, BTreeSet<MemberId>>,
    ) {
        let snapshot = self.snapshot;
        let Some(member) = snapshot.member(role) else { return };
        let trust = member.trust.and_then(|id| snapshot.document(id));
        let mut found = Found::default();
        if let Some(trust) = trust {
            let allows = |own: &&Statement| own.effect == Effect::Allow;
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
        for who in found.others {
            // Pods are known one by one where their associations are.
            let account = snapshot.accounts.get(&member.account);
            let known = account.is_some_and(|account| account.associations.is_some());
            let pods = matches!(&who, Who::Service { name } if name == POD_IDENTITY_SERVICE);
            if pods && !known {
                self.unknown.insert(format!(
                    "role {} trusts {POD_IDENTITY_SERVICE}, and which service accounts get it is not in the snapshot: \
                     give the account's pod_identity_associations",
                    member.arn
                ));
            }
            if !(known && pods) {
                self.step(who, role, Means::Assume);
            }
        }
    }

    fn assertions(&mut self, statement: &Statement, role: MemberId) {
        for arn in providers(statement).filter(|name| is_saml(name)) {
            self.step(Who::Saml { arn: arn.to_owned() }, role, Means::Saml);
        }
    }

    fn tokens(&mut self, statement: &Statement, provider: &str, role: MemberId, member: &Member) {
        let account = self.snapshot.accounts.get(&member.account);
        // Google, Amazon, Facebook and Cognito need no provider.
        let issuer = provider.split_once(":oidc-provider/").map(|(_, issuer)| issuer);
        // STS looks for the issuer's provider in the role's account, and nowhere else.
        if issuer.is_some() && provider.split(':').nth(4) != Some(&*member.account.to_string()) {
            let warning = format!(
                "role {} trusts {provider}, which is of another account: nobody comes in by it",
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
                        "role {} trusts {provider}, which is not there: nobody comes in by it",
                        member.arn
                    );
                    self.warnings.insert(warning);
                    return;
                }
            },
            _ => vec![None],
        };
        for who in self.subjects.of(statement, issuer.unwrap_or(provider)) {
            self.token(who, provider, &audiences, role, member);
        }
    }

    /// The best of the audiences that a token may be for. A pattern that is not let in as it stands
    /// may stand for somebody who is.
    fn token(
        &mut self,
        who: Who,
        provider: &str,
        audiences: &[Option<String>],
        role: MemberId,
        member: &Member,
    ) {
        let open = matches!(who, Who::Subject { pattern: true, .. });
        let mut best: Option<(Means, Terms)> = None;
        for subject in [true, false].into_iter().filter(|subject| *subject || open) {
            for audience in audiences {
                let (provider, audience) = (provider.to_owned(), audience.clone());
                let means = Means::Token { provider, audience, subject };
                let Some(terms) = self.terms(&who, member, &means) else { continue };
                let rank = |terms: &Terms| (terms.conditional.len(), terms.needs.len());
                if best.as_ref().is_none_or(|(_, known)| rank(&terms) < rank(known)) {
                    best = Some((means, terms));
                }
            }
            if best.is_some() {
                break;
            }
        }
        if let Some((means, terms)) = best {
            self.put(who, role, means, terms);
        }
    }

    /// The steps that a user or role can take to those roles.
    pub(super) fn steps_of(&mut self, caller: MemberId, roles: BTreeSet<MemberId>) {
        let snapshot = self.snapshot;
        let Some(member) = snapshot.member(caller) else { return };
        let who = Caller::member(snapshot, self.mentioned, member);
        let call = Means::Assume.call(snapshot);
        for to in roles {
            let Some(role) = snapshot.member(to) else { continue };
            if let Some(terms) = self.judge.terms(&who, role, call) {
                self.edges.push(Edge { from: caller, to, means: Means::Assume, terms });
            }
        }
    }

    /// The steps of every Pod Identity association.
    pub(super) fn pod_identities(&mut self) {
        let snapshot = self.snapshot;
        for (account, own) in &snapshot.accounts {
            for at in 0..own.associations.as_ref().map_or(0, Vec::len) {
                self.pod_identity((*account, at));
            }
        }
    }

    fn pod_identity(&mut self, id: AssociationId) {
        let snapshot = self.snapshot;
        let Some(given) = association(snapshot, id) else { return };
        let subject =
            format!("system:serviceaccount:{}:{}", given.namespace, given.service_account);
        let who = self.subjects.one(&given.issuer, &subject);
        let (Some(first), Some(role)) = (snapshot.role(&given.role), first_role(snapshot, id))
        else {
            return self.not_there(&who, "role", &given.role);
        };
        let Some(terms) = self.terms(&who, role, &Means::Pod(id)) else { return };
        let Some(target) = given.target.as_deref() else {
            return self.put(who, first, Means::Pod(id), terms);
        };
        // The pod is given the target's credentials, and never the first role's.
        let Some(target_id) = snapshot.role(target) else {
            return self.not_there(&who, "target role", target);
        };
        if let Some(member) = snapshot.member(target_id)
            && let Some(mut more) = self.terms(&who, member, &Means::PodTarget(id))
        {
            more.conditional.extend(terms.conditional);
            more.needs.extend(terms.needs);
            self.put(who, target_id, Means::PodTarget(id), more);
        }
    }

    /// A role that an association names: of an account that is covered it is known to be missing.
    fn not_there(&mut self, who: &Who, what: &str, arn: &str) {
        let account = arn.split(':').nth(4).and_then(|id| AccountId::parse(id).ok());
        let covered = account.is_some_and(|id| self.snapshot.accounts.contains_key(&id));
        let named = format!("the Pod Identity association of {who} names the {what} {arn}");
        if covered {
            self.warnings.insert(format!("{named}, which is not there"));
        } else {
            self.unknown.insert(format!("{named}, whose account is not in the snapshot"));
        }
    }

    fn step(&mut self, who: Who, role: MemberId, means: Means) {
        let member = self.snapshot.member(role);
        if let Some(terms) = member.and_then(|member| self.terms(&who, member, &means)) {
            self.put(who, role, means, terms);
        }
    }

    fn terms(&self, who: &Who, role: &Member, means: &Means) -> Option<Terms> {
        let caller = means.caller(self.snapshot, self.mentioned, who)?;
        self.judge.terms(&caller, role, means.call(self.snapshot))
    }

    fn put(&mut self, who: Who, to: MemberId, means: Means, terms: Terms) {
        let next = self.nodes.len();
        let from = *self.ids.entry(who).or_insert_with_key(|who| {
            self.nodes.push(who.clone());
            next
        });
        self.edges.push(Edge { from, to, means, terms });
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
