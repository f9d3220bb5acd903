//! What AWS would refuse when the plan is applied, or what would not work afterwards: found before anything is
//! changed.
//!
//! What is certain blocks the resource. What may be so, as a quota that can have been raised, is a warning.

mod boundary;
mod issuer;
mod managed;
mod quotas;

use crate::clients::Clients;
use crate::desired::Account;
use crate::observe::ObservedAccount;

use super::change::{Action, Change, Finding};

/// Looks for all of it, and reads from IAM what that needs.
pub(super) async fn find(
    changes: &mut [Change],
    desired: &Account,
    observed: &ObservedAccount,
    clients: &Clients,
) {
    issuer::find(changes, desired, observed, clients.has_other_endpoint);
    managed::find(changes, clients).await;
    quotas::find(changes, desired, observed, clients).await;
    boundary::find(changes, desired, observed, clients).await;
}

impl Change {
    /// It may not be carried out: nothing of the plan is.
    fn block(&mut self, why: impl Into<String>) {
        let why = why.into();
        let blocked = self.action == Action::Blocked;
        let note = self.note.take().filter(|_| blocked);
        self.note = Some(note.map_or_else(|| why.clone(), |note| format!("{note}; {why}")));
        self.action = Action::Blocked;
        self.operations.clear();
        self.steps.clear();
    }

    fn warn(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
