//! Ways from somebody to a role: one step, or a chain of them.

use std::collections::VecDeque;

use attache_policy::Pattern;
use serde::Serialize;

use crate::graph::{EdgeId, Graph, Means, NodeId};
use crate::judge::{Judge, Terms, Used};
use crate::who::Who;

/// A shortest way from somebody to a role.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Path {
    /// Who begins.
    pub from: Who,
    /// The role's ARN.
    pub to: String,
    /// The steps in their order; there is at least one.
    pub steps: Vec<Step>,
}

/// One step of a way.
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
    /// The statements that it rests on.
    pub statements: Vec<Used>,
}

/// Which ways to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'q> {
    /// Whose ways: a pattern of [`Who::id`], or `account:ID` for all of an account. Nothing for
    /// everybody but the snapshot's own roles.
    pub from: Option<&'q str>,
    /// To which roles: a pattern of ARNs. Nothing for all.
    pub to: Option<&'q str>,
    /// At most so many steps.
    pub longest: Option<usize>,
}

impl Graph<'_> {
    /// The shortest way from each who is asked for to each role that it can reach, by who they are
    /// and then by the role.
    #[must_use]
    pub fn paths(&self, query: Query<'_>) -> Vec<Path> {
        let judge = Judge::new(self.snapshot, &self.mentioned);
        let mut paths = Vec::new();
        for (from, ways) in self.ways(query) {
            let Some(who) = self.nodes.get(from) else { continue };
            paths.extend(ways.iter().filter_map(|way| self.path(&judge, who, way)));
        }
        paths.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        paths
    }

    /// How many ways there are.
    #[must_use]
    pub fn count(&self, query: Query<'_>) -> usize {
        self.ways(query).map(|(_, ways)| ways.len()).sum()
    }

    fn ways(&self, query: Query<'_>) -> impl Iterator<Item = (NodeId, Vec<Vec<EdgeId>>)> {
        let asked = self.nodes.iter().enumerate().filter(move |(_, who)| match query.from {
            Some(pattern) => who.is_meant(pattern),
            None => !matches!(who, Who::Role { .. }),
        });
        asked.map(move |(from, _)| (from, self.from(from, query)))
    }

    /// All that somebody reaches, each by a shortest way.
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
        let mut way = Vec::new();
        while role != from
            && let Some(id) = before.get(&role)
            && let Some(edge) = self.edges.get(*id)
        {
            way.push(*id);
            role = edge.from;
        }
        way.reverse();
        way
    }

    fn path(&self, judge: &Judge<'_>, from: &Who, way: &[EdgeId]) -> Option<Path> {
        let steps: Vec<Step> = way.iter().filter_map(|id| self.step(judge, *id)).collect();
        let to = steps.last()?.to.clone();
        Some(Path { from: from.clone(), to, steps })
    }

    fn step(&self, judge: &Judge<'_>, id: EdgeId) -> Option<Step> {
        let edge = self.edges.get(id)?;
        let role = self.snapshot.member(edge.to)?;
        let who = self.nodes.get(edge.from)?;
        let call = edge.means.call(self.snapshot);
        let mut statements = Vec::new();
        // The first of an association's two roles is a step of its own.
        if let Some((first, caller)) = edge.means.first(self.snapshot, &self.mentioned, who) {
            statements.extend(judge.used(&caller, first, call, &edge.terms));
        }
        let caller = edge.means.caller(self.snapshot, &self.mentioned, who)?;
        for used in judge.used(&caller, role, call, &edge.terms) {
            if !statements.contains(&used) {
                statements.push(used);
            }
        }
        let by = match edge.means {
            Means::Pod(_) | Means::PodTarget(_) => "eks-auth:AssumeRoleForPodIdentity",
            _ => call.action,
        };
        Some(Step { by, to: role.arn.clone(), terms: edge.terms.clone(), statements })
    }
}
