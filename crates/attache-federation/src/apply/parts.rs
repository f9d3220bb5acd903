//! What a plan does in each account, and which accounts can be changed at the same time.

use std::collections::BTreeSet;

use attache_identifiers::AccountId;

use super::{Operation, Step, retry};
use crate::clients::{ACCOUNTS_AT_ONCE, Clients};
use crate::error::{FederationError, Stop};
use crate::plan::{Plan, PlannedStep};

/// The steps in one account, each with its number in the plan.
pub(super) struct Part<'p> {
    pub(super) account: AccountId,
    work: Vec<(usize, &'p Operation)>,
    of: usize,
}

/// The parts of a plan, in its order.
pub(super) fn of(plan: &Plan) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut number = 0;
    for (account, change) in plan.changes() {
        for operation in &change.operations {
            number += 1;
            match parts.last_mut().filter(|part| part.account == account) {
                Some(part) => part.work.push((number, operation)),
                None => parts.push(Part { account, work: vec![(number, operation)], of: 0 }),
            }
        }
    }
    parts.iter_mut().for_each(|part| part.of = number);
    parts
}

/// The parts that can be carried out at the same time, one group after the other: the source account's alone.
pub(super) fn groups<'g, 'p>(
    parts: &'g [Part<'p>],
    source: AccountId,
) -> impl Iterator<Item = &'g [Part<'p>]> {
    parts.chunk_by(move |one, next| at_once(source, one.account, next.account))
}

/// Whether two accounts, one after the other in a plan, can be changed at the same time.
fn at_once(source: AccountId, one: AccountId, next: AccountId) -> bool {
    one != source && next != source
}

impl Part<'_> {
    /// The number of its first step.
    pub(super) fn first(&self) -> Option<usize> {
        self.work.first().map(|(number, _)| *number)
    }

    /// That it stopped at a step.
    pub(super) fn stop(&self, number: usize, source: FederationError) -> Stop {
        Stop { account: self.account, number, of: self.of, source }
    }

    /// Does one step after the other, until one fails.
    pub(super) async fn carry_out(
        &self,
        clients: &Clients,
        owner: &str,
        report: &impl Fn(&Step),
    ) -> (Vec<Step>, Option<Stop>) {
        let mut steps = Vec::with_capacity(self.work.len());
        for (number, operation) in &self.work {
            if let Err(source) = retry::with_retry(operation, clients, owner).await {
                return (steps, Some(self.stop(*number, source)));
            }
            let (of, account) = (self.of, self.account);
            let step = Step { number: *number, of, account, what: operation.to_string() };
            report(&step);
            steps.push(step);
        }
        (steps, None)
    }
}

/// The steps that may have been made although nothing said so, of a plan of which `done` were: the next of each
/// account that was being changed. Each with its number, from 1.
#[must_use]
pub fn in_progress<'p>(
    plan: &'p Plan,
    source: AccountId,
    done: &[Step],
) -> Vec<(usize, AccountId, &'p PlannedStep)> {
    let done: BTreeSet<usize> = done.iter().map(|step| step.number).collect();
    let steps = plan.changes().flat_map(|(id, change)| change.steps.iter().map(move |s| (id, s)));
    let left = steps.enumerate().map(|(index, (account, step))| (index + 1, account, step));
    let left = left.filter(|(number, ..)| !done.contains(number));
    let mut accounts = BTreeSet::new();
    let next: Vec<_> = left.filter(|(_, account, _)| accounts.insert(*account)).collect();
    let mut groups = next.chunk_by(|(_, one, _), (_, next, _)| at_once(source, *one, *next));
    groups.next().unwrap_or_default().iter().take(ACCOUNTS_AT_ONCE).copied().collect()
}
