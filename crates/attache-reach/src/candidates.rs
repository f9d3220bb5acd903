//! The callers that could assume a role at all, found by the principals of its trust policy and the
//! resources of the callers' policies: of the square of all roles, the few pairs that are worth a
//! decision.

use std::collections::{BTreeSet, HashMap};

use attache_identifiers::AccountId;
use attache_policy::syntax::{Effect, PrincipalKind, Statement};
use attache_policy::{Pattern, Principal, widen_variables};

use crate::assume_check::ASSUME;
use crate::document::Document;
use crate::named_outside::named_outside;
use crate::principal::{GraphPrincipal, account_of};
use crate::snapshot::{Member, MemberId, Snapshot};

/// Callers by what their policies allow, to be found by role.
#[derive(Debug)]
pub(crate) struct Candidates<'s> {
    snapshot: &'s Snapshot,
    /// Whose policies name a role, by its ARN.
    by_resource: HashMap<&'s str, Vec<MemberId>>,
    /// Whose policies name roles by patterns, by account.
    by_pattern: HashMap<AccountId, Vec<(MemberId, Vec<Pattern>)>>,
    by_account: HashMap<AccountId, Vec<MemberId>>,
    /// Roles by the beginning of their sessions' ARNs.
    by_session: HashMap<String, MemberId>,
}

/// Callers of `sts:AssumeRole`.
#[derive(Debug, Default)]
pub(crate) struct CandidateCallers {
    pub(crate) members: BTreeSet<MemberId>,
    pub(crate) others: BTreeSet<GraphPrincipal>,
    /// Outsiders that conditions name, where the principals are everyone.
    pub(crate) by_condition: BTreeSet<GraphPrincipal>,
}

impl<'s> Candidates<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot) -> Self {
        let mut new = Self {
            snapshot,
            by_resource: HashMap::new(),
            by_pattern: HashMap::new(),
            by_account: HashMap::new(),
            by_session: HashMap::new(),
        };
        let granted: Vec<AssumableRoles<'_>> =
            snapshot.documents.iter().map(AssumableRoles::of).collect();
        for (id, member) in snapshot.members.iter().enumerate() {
            new.by_account.entry(member.account).or_default().push(id);
            if member.trust.is_some() {
                new.by_session.insert(crate::caller_inputs::session_head(&member.arn), id);
            }
            let granting = member.identity.iter().filter_map(|document| granted.get(*document));
            let mut patterns = Vec::new();
            for granted in granting {
                for arn in &granted.arns {
                    new.by_resource.entry(arn).or_default().push(id);
                }
                patterns.extend(granted.patterns.iter().cloned());
            }
            if !patterns.is_empty() {
                new.by_pattern.entry(member.account).or_default().push((id, patterns));
            }
        }
        new
    }

    /// Adds the callers that this statement of the role's trust policy could mean.
    pub(crate) fn of(&self, statement: &Statement, role: &Member, found: &mut CandidateCallers) {
        let Some(principals) = &statement.principal else { return };
        if principals.negated {
            return self.everyone(role, found);
        }
        for (kind, name) in &principals.list {
            match (kind, name.text.as_str()) {
                (PrincipalKind::Anyone, _) | (PrincipalKind::Aws, "*") => {
                    self.everyone(role, found);
                }
                (PrincipalKind::Aws, name) => self.named(name, role, found),
                (PrincipalKind::Service, name) => {
                    found.others.insert(GraphPrincipal::Service { name: name.to_owned() });
                }
                _ => {}
            }
        }
    }

    fn everyone(&self, role: &Member, found: &mut CandidateCallers) {
        found.others.insert(GraphPrincipal::Anyone);
        found.by_condition.extend(named_outside(self.snapshot, role));
        found.members.extend(self.by_account.get(&role.account).into_iter().flatten());
        for account in self.snapshot.accounts.keys() {
            self.permitted(*account, role, found);
        }
    }

    fn named(&self, name: &str, role: &Member, found: &mut CandidateCallers) {
        if let Ok(Principal::Root { account }) = Principal::parse(name) {
            if self.snapshot.accounts.contains_key(&account) {
                return self.permitted(account, role, found);
            }
            found.others.insert(GraphPrincipal::Account { id: account });
            return;
        }
        let (head, _) = name.rsplit_once('/').unwrap_or((name, ""));
        let member =
            self.snapshot.by_arn.get(name).or_else(|| self.snapshot.by_unique_id.get(name));
        if let Some(id) = member.or_else(|| self.by_session.get(&format!("{head}/"))) {
            found.members.insert(*id);
            return;
        }
        // In an account of the snapshot such a principal does not exist; a unique id is what is left of
        // a principal that was deleted. Federated users may not call STS.
        let covered = account_of(name).is_none_or(|id| self.snapshot.accounts.contains_key(&id));
        if !covered && !name.contains(":federated-user/") {
            found.others.insert(GraphPrincipal::Outsider { arn: name.to_owned() });
        }
    }

    /// Members of the account whose own policies allow assuming the role.
    fn permitted(&self, account: AccountId, role: &Member, found: &mut CandidateCallers) {
        let of_account = |id: &&MemberId| {
            self.snapshot.member(**id).is_some_and(|member| member.account == account)
        };
        let by_resource = self.by_resource.get(role.arn.as_str()).into_iter().flatten();
        found.members.extend(by_resource.filter(of_account));
        let by_pattern = self.by_pattern.get(&account).into_iter().flatten();
        let fits = |(_, patterns): &&(MemberId, Vec<Pattern>)| {
            patterns.iter().any(|pattern| pattern.matches(&role.arn))
        };
        found.members.extend(by_pattern.filter(fits).map(|(id, _)| *id));
    }
}

/// The roles that a document allows to assume, conditions aside.
struct AssumableRoles<'d> {
    arns: Vec<&'d str>,
    patterns: Vec<Pattern>,
}

impl<'d> AssumableRoles<'d> {
    fn of(document: &'d Document) -> Self {
        let mut granted = Self { arns: Vec::new(), patterns: Vec::new() };
        let statements = document.policy.statements_about(&[ASSUME]);
        for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
            let Some(resources) = &statement.resources else { continue };
            if resources.negated {
                granted.patterns.push(Pattern::new("*"));
                continue;
            }
            for resource in resources.list.iter().map(|resource| resource.text.as_str()) {
                if resource.contains("${") {
                    granted.patterns.push(Pattern::new(&widen_variables(resource)));
                } else if resource.starts_with("arn:") && resource.matches(':').count() < 5 {
                    // An ARN that lacks parts has `*` for each; the assume check looks closer.
                    granted.patterns.push(Pattern::new(&format!("{resource}*")));
                } else if Pattern::has_wildcards(resource) {
                    granted.patterns.push(Pattern::new(resource));
                } else {
                    granted.arns.push(resource);
                }
            }
        }
        granted
    }
}
