//! The OIDC provider. One that exists is shared by whatever runs in the cluster: what is missing is
//! added, and nothing removed.

use crate::adoption::{self, ADOPTED_TAG, Adoption};
use crate::apply::Operation;
use crate::desired::{OWNER_TAG, Provider};
use crate::observe::ObservedProvider;

use super::change::{Action, Change, Difference, Kind};
use super::is_owned;

pub(super) fn change(owner: &str, desired: &Provider, found: Option<&ObservedProvider>) -> Change {
    let name = desired.issuer.host_and_path();
    let Some(found) = found else {
        return Change::new(Kind::Provider, name, Action::Create)
            .differs(first_values(desired))
            .does(vec![Operation::CreateProvider(desired.clone())]);
    };
    let (mut differences, mut operations) = (Vec::new(), Vec::new());
    let ours = is_owned(&found.tags, owner);
    let missing = desired.client_ids.iter().filter(|id| !found.client_ids.contains(*id));
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    if !missing.is_empty() {
        // Before the client ids themselves: whatever comes between, it is known whose they are.
        if !ours && let Some(mark) = mark(owner, &missing, found) {
            let tags = std::collections::BTreeMap::from([(ADOPTED_TAG.to_owned(), mark)]);
            operations.push(Operation::TagProvider { provider: desired.arn.clone(), tags });
        }
        let now: Vec<&str> = found.client_ids.iter().map(String::as_str).collect();
        let after = [now.as_slice(), missing.as_slice()].concat().join(", ");
        differences.push(Difference::new("client ids", Some(now.join(", ")), Some(after)));
        operations.extend(missing.into_iter().map(|client_id| Operation::AddClientId {
            provider: desired.arn.clone(),
            client_id: client_id.to_owned(),
        }));
    }
    if ours && !desired.thumbprints.is_empty() && !same(&desired.thumbprints, &found.thumbprints) {
        let (now, after) = (found.thumbprints.join(", "), desired.thumbprints.join(", "));
        differences.push(Difference::new("thumbprints", Some(now), Some(after)));
        operations.push(Operation::SetThumbprints {
            provider: desired.arn.clone(),
            thumbprints: desired.thumbprints.clone(),
        });
    }
    let action = if operations.is_empty() { Action::Unchanged } else { Action::Update };
    let change = Change::new(Kind::Provider, name, action).differs(differences).does(operations);
    match found.tags.get(OWNER_TAG) {
        _ if ours => change,
        Some(other) => change.note(format!("shared: the federation {other} made it")),
        None => change.note("shared: it existed before, and destroy keeps it"),
    }
}

/// The provider's mark with our client ids; none where it has no room left, and then `destroy` leaves
/// them.
fn mark(owner: &str, missing: &[&str], found: &ObservedProvider) -> Option<String> {
    let mut mark = Adoption::read(&found.tags).unwrap_or_default();
    missing.iter().for_each(|id| mark.add(&adoption::client_id(owner, id)));
    mark.value()
}

fn first_values(desired: &Provider) -> Vec<Difference> {
    let mut values = vec![Difference::new("client ids", None, Some(desired.client_ids.join(", ")))];
    if !desired.thumbprints.is_empty() {
        let after = desired.thumbprints.join(", ");
        values.push(Difference::new("thumbprints", None, Some(after)));
    }
    values
}

/// Thumbprints are a set, and hexadecimal has no case.
fn same(a: &[String], b: &[String]) -> bool {
    let set = |list: &[String]| {
        let mut list: Vec<String> = list.iter().map(|t| t.to_lowercase()).collect();
        list.sort();
        list
    };
    set(a) == set(b)
}
