//! Who may become which role in one step.

mod means;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::means::Means;
use self::steps::Steps;
use crate::caller::Mentioned;
use crate::candidates::Candidates;
use crate::judge::Terms;
use crate::snapshot::{MemberId, Snapshot};
use crate::who::Who;

/// The number of somebody in the graph; the snapshot's users and roles come first.
pub(crate) type NodeId = usize;
/// The number of a step in the graph.
pub(crate) type EdgeId = usize;

/// Who may become which role in one step, and on what terms.
#[derive(Debug)]
pub struct Graph<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) mentioned: Mentioned,
    pub(crate) nodes: Vec<Who>,
    pub(crate) edges: Vec<Edge>,
    /// The steps that begin at each node.
    pub(crate) out: Vec<Vec<EdgeId>>,
    warnings: Vec<String>,
    unknown: Vec<String>,
}

impl Graph<'_> {
    /// What the snapshot does not have and may let in more than is seen.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// What the answer may lack, and what in the policies leads nowhere.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether nobody can become anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}

/// A step that may be taken.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) from: NodeId,
    pub(crate) to: MemberId,
    pub(crate) means: Means,
    pub(crate) terms: Terms,
}

impl<'s> Graph<'s> {
    /// Finds every step.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        let mentioned = Mentioned::new(snapshot);
        let mut found = Steps::new(snapshot, &mentioned);
        let mut candidates: BTreeMap<MemberId, BTreeSet<MemberId>> = BTreeMap::new();
        let index = Candidates::new(snapshot);
        for role in roles(snapshot) {
            found.steps_into(role, &index, &mut candidates);
        }
        found.pod_identities();
        for (caller, roles) in candidates {
            found.steps_of(caller, roles);
        }
        let Steps { nodes, edges, warnings, unknown, .. } = found;
        let unknown = snapshot.unknown.iter().cloned().chain(unknown).collect();
        let beyond = beyond(snapshot, &nodes);
        let warnings = snapshot.warnings.iter().cloned().chain(warnings).chain(beyond).collect();
        let mut out = vec![Vec::new(); nodes.len()];
        for (id, edge) in edges.iter().enumerate() {
            if let Some(of_node) = out.get_mut(edge.from) {
                of_node.push(id);
            }
        }
        Self { snapshot, mentioned, nodes, edges, out, warnings, unknown }
    }
}

/// The accounts that are let in and not covered: who in them may call is theirs to say.
fn beyond(snapshot: &Snapshot, nodes: &[Who]) -> Option<String> {
    let accounts = nodes.iter().filter_map(Who::account);
    let beyond: BTreeSet<_> = accounts
        .filter(|id| !snapshot.accounts.contains_key(id))
        .map(|id| id.to_string())
        .collect();
    let list = beyond.into_iter().collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then(|| {
        format!("roles trust accounts that are not in the snapshot, and ways through these are not seen: {list}")
    })
}

fn roles(snapshot: &Snapshot) -> impl Iterator<Item = MemberId> {
    let members = snapshot.members.iter().enumerate();
    members.filter(|(_, member)| member.trust.is_some()).map(|(id, _)| id)
}
