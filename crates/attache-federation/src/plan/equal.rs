//! Documents that are written differently and mean the same, as `policy diff` decides it: no difference.

use attache_identifiers::RoleName;
use attache_policy::{Kind as PolicyKind, Policy};
use serde_json::Value;

use crate::apply::Operation;
use crate::comparison::{Gain, gain};
use crate::observe::ObservedAccount;

use super::change::{Action, Change};
use super::role::same_name;

/// What is said of a document that stays as it is.
const SAME: &str = "written differently, and means the same";

/// Takes the steps out of a plan that write a document which means what stands there already.
pub(super) async fn drop_equal(changes: &mut [Change], observed: &ObservedAccount) {
    for change in changes.iter_mut().filter(|change| change.action == Action::Update) {
        let mut kept = Vec::new();
        let mut dropped = false;
        for operation in std::mem::take(&mut change.operations) {
            if means_the_same(&operation, observed).await {
                let field = field(&operation);
                change.differences.retain(|one| !is_of(&one.field, field));
                dropped = true;
            } else {
                kept.push(operation);
            }
        }
        if !dropped {
            change.operations = kept;
            continue;
        }
        let all_gone = kept.is_empty();
        *change = change.clone().does(kept);
        if all_gone {
            change.action = Action::Unchanged;
            change.note = change.note.take().or_else(|| Some(SAME.to_owned()));
        }
    }
}

async fn means_the_same(operation: &Operation, observed: &ObservedAccount) -> bool {
    match operation {
        Operation::SetTrust { role, document } => match observed.roles.get(role) {
            Some(found) => allows_the_same(&found.trust, document, PolicyKind::Trust).await,
            None => false,
        },
        Operation::PutInline { role, name, document } => match stands(observed, role, name) {
            Some(text) => allows_the_same(text, document, PolicyKind::Identity).await,
            None => false,
        },
        _ => false,
    }
}

fn stands<'o>(observed: &'o ObservedAccount, role: &RoleName, name: &str) -> Option<&'o str> {
    let inline = &observed.roles.get(role)?.inline;
    inline.iter().find(|(other, _)| same_name(other, name)).map(|(_, text)| text.as_str())
}

/// Whether neither allows what the other does not. What is not decided in time is not the same.
async fn allows_the_same(before: &str, after: &Value, kind: PolicyKind) -> bool {
    let parse = |text: &str| Policy::parse(text, kind).ok();
    let (Some(before), Some(after)) = (parse(before), parse(&after.to_string())) else {
        return false;
    };
    matches!(gain(before.clone(), after.clone()).await, Gain::Nothing)
        && matches!(gain(after, before).await, Gain::Nothing)
}

/// The differences of a document: of the whole, or of a place in it.
fn field(operation: &Operation) -> &'static str {
    match operation {
        Operation::SetTrust { .. } => "trust policy",
        _ => "document",
    }
}

fn is_of(path: &str, field: &str) -> bool {
    path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
