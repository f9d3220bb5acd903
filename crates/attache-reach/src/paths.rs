//! Paths from a principal to a role: one step, or a chain of steps.

use std::collections::VecDeque;

use attache_policy::Pattern;
use serde::Serialize;

use crate::assume_check::{AssumeChecker, SupportingStatement, Terms};
use crate::graph::{AssumeMethod, EdgeId, Graph, NodeId};
use crate::principal::GraphPrincipal;

/// A shortest path from a principal to a role.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Path {
    /// Where it begins.
    pub from: GraphPrincipal,
    /// The role's ARN.
    pub to: String,
    /// The steps in their order; there is at least one.
    pub steps: Vec<Step>,
}

/// One step of a path.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The call: `sts:AssumeRole`, `sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML`, or
    /// `eks-auth:AssumeRoleForPodIdentity`.
    pub by: &'static str,
    /// The role that it leads to.
    pub to: String,
    /// On what terms it can be taken.
    #[serde(flatten)]
    pub terms: Terms,
    /// The statements that allow it.
    pub statements: Vec<SupportingStatement>,
}

/// Which paths to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'q> {
    /// Where they begin: a pattern of [`GraphPrincipal::id`], or `account:ID` for all of an account. None
    /// for every principal but the snapshot's own roles.
    pub from: Option<&'q str>,
    /// Where they end: a pattern of role ARNs. None for all.
    pub to: Option<&'q str>,
    /// At most so many steps.
    pub longest: Option<usize>,
}

impl Graph<'_> {
    /// The shortest path from each matching principal to each matching role that it can reach, sorted by
    /// principal and then by role.
    #[must_use]
    pub fn paths(&self, query: Query<'_>) -> Vec<Path> {
        let checker = AssumeChecker::new(self.snapshot, &self.referenced);
        let mut paths = Vec::new();
        for (from, routes) in self.routes(query) {
            let Some(principal) = self.nodes.get(from) else { continue };
            paths.extend(routes.iter().filter_map(|route| self.path(&checker, principal, route)));
        }
        paths.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        paths
    }

    /// How many paths there are.
    #[must_use]
    pub fn count(&self, query: Query<'_>) -> usize {
        self.routes(query).map(|(_, routes)| routes.len()).sum()
    }

    fn routes(&self, query: Query<'_>) -> impl Iterator<Item = (NodeId, Vec<Vec<EdgeId>>)> {
        let asked = self.nodes.iter().enumerate().filter(move |(_, principal)| match query.from {
            Some(pattern) => principal.is_meant(pattern),
            None => !matches!(principal, GraphPrincipal::Role { .. }),
        });
        asked.map(move |(from, _)| (from, self.from(from, query)))
    }

    /// All roles that a principal reaches, each by a shortest path.
    fn from(&self, from: NodeId, query: Query<'_>) -> Vec<Vec<EdgeId>> {
        let mut before: std::collections::HashMap<NodeId, EdgeId> =
            std::collections::HashMap::new();
        let mut queue = VecDeque::from([(from, 0)]);
        let mut reached = Vec::new();
        while let Some((at, length)) = queue.pop_front() {
            if query.longest.is_some_and(|longest| length >= longest) {
                continue;
            }
            for id in self.out.get(at).into_iter().flatten() {
                let Some(edge) = self.edges.get(*id) else { continue };
                // The snapshot's roles are the first of the nodes, by the same numbers.
                if edge.to == from || before.contains_key(&edge.to) {
                    continue;
                }
                before.insert(edge.to, *id);
                reached.push(edge.to);
                queue.push_back((edge.to, length + 1));
            }
        }
        let to = query.to.map(Pattern::new);
        let wanted = |role: &NodeId| {
            let arn = self.snapshot.member(*role).map(|member| member.arn.as_str());
            to.as_ref().is_none_or(|to| arn.is_some_and(|arn| to.matches(arn)))
        };
        reached.into_iter().filter(wanted).map(|role| self.back(from, role, &before)).collect()
    }

    fn back(
        &self,
        from: NodeId,
        mut role: NodeId,
        before: &std::collections::HashMap<NodeId, EdgeId>,
    ) -> Vec<EdgeId> {
        let mut route = Vec::new();
        while role != from
            && let Some(id) = before.get(&role)
            && let Some(edge) = self.edges.get(*id)
        {
            route.push(*id);
            role = edge.from;
        }
        route.reverse();
        route
    }

    fn path(
        &self,
        checker: &AssumeChecker<'_>,
        from: &GraphPrincipal,
        route: &[EdgeId],
    ) -> Option<Path> {
        let steps: Vec<Step> = route.iter().filter_map(|id| self.step(checker, *id)).collect();
        let to = steps.last()?.to.clone();
        Some(Path { from: from.clone(), to, steps })
    }

    fn step(&self, checker: &AssumeChecker<'_>, id: EdgeId) -> Option<Step> {
        let edge = self.edges.get(id)?;
        let role = self.snapshot.member(edge.to)?;
        let principal = self.nodes.get(edge.from)?;
        let call = edge.method.call(self.snapshot);
        let mut statements = Vec::new();
        // The first of an association's two roles is a step of its own.
        if let Some((first, caller)) = edge.method.first(self.snapshot, &self.referenced, principal)
        {
            statements.extend(checker.supporting_statements(&caller, first, call, &edge.terms));
        }
        let caller = edge.method.caller(self.snapshot, &self.referenced, principal)?;
        for used in checker.supporting_statements(&caller, role, call, &edge.terms) {
            if !statements.contains(&used) {
                statements.push(used);
            }
        }
        let by = match edge.method {
            AssumeMethod::Pod(_) | AssumeMethod::PodTarget(_) => {
                "eks-auth:AssumeRoleForPodIdentity"
            }
            _ => call.action,
        };
        Some(Step { by, to: role.arn.clone(), terms: edge.terms.clone(), statements })
    }
}
