//! Whom conditions name outside the snapshot, for a role whose principals are everyone.
//!
//! `Principal: "*"` with a condition on `aws:PrincipalAccount` means the principals of that account, and
//! not everyone. Which of them may call, the evaluator decides.

use std::collections::BTreeSet;

use attache_identifiers::AccountId;
use attache_policy::Pattern;
use attache_policy::syntax::{Condition, Statement};

use crate::principal::GraphPrincipal;
use crate::snapshot::{Member, Snapshot};
use crate::stranger::owner;

/// The accounts, organizations and principals that are not in the snapshot and that conditions of the role's
/// trust policy name, or conditions of the resource control policies over it.
pub(crate) fn named_outside(snapshot: &Snapshot, role: &Member) -> BTreeSet<GraphPrincipal> {
    let controls = snapshot.organization.resource_control.get(&role.account);
    let documents = role.trust.iter().chain(controls.into_iter().flatten().flatten());
    let statements = documents
        .filter_map(|id| snapshot.document(*id))
        .flat_map(|document| document.policy.statements());
    let conditions = statements.flat_map(|statement: &Statement| &statement.conditions);
    conditions.flat_map(|condition| of_condition(snapshot, condition)).collect()
}

/// What its values name, of those that spell an account, an organization or a unique id out.
fn of_condition(snapshot: &Snapshot, condition: &Condition) -> Vec<GraphPrincipal> {
    let key = condition.key.text.to_lowercase();
    let named = condition.values.iter().filter_map(|value| {
        let owner = owner(&key, &value.text).filter(|own| !Pattern::has_wildcards(own))?;
        let account = || {
            let id = AccountId::parse(owner).ok()?;
            (!snapshot.accounts.contains_key(&id)).then_some(GraphPrincipal::Account { id })
        };
        match key.as_str() {
            "aws:principalaccount" => account(),
            "aws:principalarn" if Pattern::has_wildcards(&value.text) => account(),
            "aws:principalarn" => {
                account().map(|_| GraphPrincipal::Outsider { arn: value.text.clone() })
            }
            "aws:principalorgid" | "aws:principalorgpaths" if owner.starts_with("o-") => {
                Some(GraphPrincipal::Organization { id: owner.to_owned() })
            }
            "aws:userid" if owner.starts_with("AROA") || owner.starts_with("AIDA") => {
                let known = snapshot.by_unique_id.contains_key(owner);
                (!known).then(|| GraphPrincipal::Outsider { arn: owner.to_owned() })
            }
            _ => None,
        }
    });
    named.collect()
}
