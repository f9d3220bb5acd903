//! Which principal may assume which role in one step.

mod assume_method;
mod step_search;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::assume_method::AssumeMethod;
use self::step_search::StepSearch;
use crate::assume_check::Terms;
use crate::caller::ReferencedKeys;
use crate::candidates::Candidates;
use crate::principal::GraphPrincipal;
use crate::snapshot::{MemberId, Snapshot};

/// The number of a principal in the graph; the snapshot's users and roles come first.
pub(crate) type NodeId = usize;
/// The number of a step in the graph.
pub(crate) type EdgeId = usize;

/// Which principal may assume which role in one step, and on what terms.
#[derive(Debug)]
pub struct Graph<'s> {
    pub(crate) snapshot: &'s Snapshot,
    pub(crate) referenced: ReferencedKeys,
    pub(crate) nodes: Vec<GraphPrincipal>,
    pub(crate) edges: Vec<Edge>,
    /// The steps that begin at each node.
    pub(crate) out: Vec<Vec<EdgeId>>,
    warnings: Vec<String>,
    unknown: Vec<String>,
}

impl Graph<'_> {
    /// What is missing from the snapshot and could allow more paths.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// What the answer may lack, and what in the policies cannot be used.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many steps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether there is no step at all.
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
    pub(crate) method: AssumeMethod,
    pub(crate) terms: Terms,
}

impl<'s> Graph<'s> {
    /// Finds every step.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        let referenced = ReferencedKeys::new(snapshot);
        let mut found = StepSearch::new(snapshot, &referenced);
        let mut candidates: BTreeMap<MemberId, BTreeSet<MemberId>> = BTreeMap::new();
        let index = Candidates::new(snapshot);
        for role in roles(snapshot) {
            found.steps_into(role, &index, &mut candidates);
        }
        found.pod_identities();
        for (caller, roles) in candidates {
            found.steps_of(caller, roles);
        }
        let StepSearch { nodes, edges, warnings, unknown, .. } = found;
        let unknown = snapshot.unknown.iter().cloned().chain(unknown).collect();
        let uncovered = uncovered(snapshot, &nodes);
        let warnings = snapshot.warnings.iter().cloned().chain(warnings).chain(uncovered).collect();
        let mut out = vec![Vec::new(); nodes.len()];
        for (id, edge) in edges.iter().enumerate() {
            if let Some(of_node) = out.get_mut(edge.from) {
                of_node.push(id);
            }
        }
        Self { snapshot, referenced, nodes, edges, out, warnings, unknown }
    }
}

/// The accounts that are trusted and not in the snapshot: their own policies decide which of their
/// principals may call.
fn uncovered(snapshot: &Snapshot, nodes: &[GraphPrincipal]) -> Option<String> {
    let accounts = nodes.iter().filter_map(GraphPrincipal::account);
    let uncovered: BTreeSet<_> = accounts
        .filter(|id| !snapshot.accounts.contains_key(id))
        .map(|id| id.to_string())
        .collect();
    let list = uncovered.into_iter().collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then(|| {
        format!("roles trust accounts that are not in the snapshot; paths through them are not found: {list}")
    })
}

fn roles(snapshot: &Snapshot) -> impl Iterator<Item = MemberId> {
    let members = snapshot.members.iter().enumerate();
    members.filter(|(_, member)| member.trust.is_some()).map(|(id, _)| id)
}
