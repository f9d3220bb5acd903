//! Providers that go: the federation's own, one that the last federation leaves, and the client id on one that was
//! there before.

use std::collections::BTreeMap;

use attache_identifiers::{ProviderArn, RoleName};

use crate::adoption::{self, ADOPTED_TAG, Adoption};
use crate::apply::Operation;
use crate::desired::{Account, OWNER_TAG, Provider};
use crate::observe::{FoundProvider, ObservedAccount, ObservedProvider};
use crate::plan::change::{Action, Change, Kind};
use crate::plan::is_owned;
use crate::provider_use::ProviderUse;

use super::is_held;

/// A provider with the roles that could use it.
struct Candidate<'o> {
    owner: &'o str,
    arn: &'o ProviderArn,
    found: &'o ObservedProvider,
    uses: &'o BTreeMap<String, ProviderUse>,
    observed: &'o ObservedAccount,
}

/// The providers of the file's issuers.
pub(super) fn of_the_file(
    owner: &str,
    desired: &Account,
    observed: &ObservedAccount,
) -> Vec<Change> {
    let found = |own: &Provider| observed.providers.get_key_value(&own.arn);
    let found = desired.providers.iter().filter_map(found);
    found.map(|(arn, own)| Candidate::new(owner, arn, own, observed).of_the_file()).collect()
}

/// The providers of issuers that the file does not have: nothing is said of those that are not ours.
pub(super) fn of_other_issuers(owner: &str, observed: &ObservedAccount) -> Vec<Change> {
    let mut changes = Vec::new();
    for (arn, tagged) in &observed.tagged_providers {
        let candidate = Candidate::new(owner, arn, tagged, observed);
        if candidate.is_ours(false) {
            changes.push(candidate.remove());
        } else if let Some((client_ids, mark)) = candidate.marked() {
            changes.push(candidate.release(&client_ids, mark));
        }
    }
    changes
}

impl<'o> Candidate<'o> {
    fn new(
        owner: &'o str,
        arn: &'o ProviderArn,
        found: &'o FoundProvider,
        observed: &'o ObservedAccount,
    ) -> Self {
        let FoundProvider { provider, uses } = found;
        Self { owner, arn, found: provider, uses, observed }
    }

    fn of_the_file(&self) -> Change {
        if self.is_ours(true) {
            return self.remove();
        }
        match self.marked() {
            Some((client_ids, mark)) => self.release(&client_ids, mark),
            None => self.change(Action::Kept).note(self.shared()),
        }
    }

    /// Whether it goes with the federation: it made it, or another federation did, of which no role is left in
    /// the account. Of another issuer's provider one of our roles must be the user.
    fn is_ours(&self, is_the_files: bool) -> bool {
        if is_owned(&self.found.tags, self.owner) {
            return true;
        }
        let Some(other) = self.found.tags.get(OWNER_TAG) else { return false };
        let is_last = !self.observed.federations.contains(other)
            // A role whose tags are not known may be the other federation's.
            && self.observed.unsearched.is_empty();
        is_last && (is_the_files || self.uses.keys().any(|name| self.goes(name)))
    }

    fn remove(&self) -> Change {
        let (others, unknown) = self.others();
        if !others.is_empty() || !unknown.is_empty() {
            let mut notes = Vec::new();
            if !others.is_empty() {
                notes.push(format!("also trusted by {}", others.join(", ")));
            }
            if !unknown.is_empty() {
                let unknown = unknown.join(", ");
                notes.push(format!(
                    "not known whether {unknown} trusts it: the policy cannot be read"
                ));
            }
            return self.change(Action::Kept).note(notes.join("; "));
        }
        let delete = Operation::DeleteProvider { provider: self.arn.clone() };
        let change = self.change(Action::Delete).does(vec![delete]);
        match self.found.tags.get(OWNER_TAG).filter(|other| *other != self.owner) {
            None => change,
            Some(other) => change.note(format!(
                "the federation {other} made it and has no role here any more; no other role trusts it"
            )),
        }
    }

    /// The client ids that the federation added to a provider that was there before.
    fn marked(&self) -> Option<(Vec<&str>, Adoption)> {
        let mark = Adoption::read(&self.found.tags)?;
        let added = |id: &&String| mark.has(&adoption::client_id(self.owner, id));
        let client_ids: Vec<&str> =
            self.found.client_ids.iter().filter(added).map(String::as_str).collect();
        (!client_ids.is_empty()).then(|| (client_ids, mark.clone()))
    }

    /// A provider that existed before: the client ids that the federation added are removed, unless another
    /// role may need them.
    fn release(&self, client_ids: &[&str], mut mark: Adoption) -> Change {
        let shared = self.shared();
        let (others, unknown) = self.others();
        let needed = !others.is_empty() || !unknown.is_empty();
        let provider = self.arn.clone();
        let mut operations = Vec::new();
        for client_id in client_ids {
            if !needed {
                let (provider, client_id) = (provider.clone(), (*client_id).to_owned());
                operations.push(Operation::RemoveClientId { provider, client_id });
            }
            mark.remove(&adoption::client_id(self.owner, client_id));
        }
        operations.push(match mark.value().filter(|_| !mark.is_empty()) {
            Some(value) => {
                let tags = BTreeMap::from([(ADOPTED_TAG.to_owned(), value)]);
                Operation::TagProvider { provider, tags }
            }
            None => Operation::UntagProvider { provider, keys: vec![ADOPTED_TAG.to_owned()] },
        });
        let note = match needed {
            false => shared,
            true => format!(
                "{shared}; {}, because {} may need it",
                stays(client_ids),
                [others, unknown].concat().join(", ")
            ),
        };
        self.change(Action::Release).note(note).does(operations)
    }

    /// Whose it is, where it is not ours.
    fn shared(&self) -> String {
        match self.found.tags.get(OWNER_TAG) {
            Some(other) => format!("shared: the federation {other} made it, and has a role here"),
            None => "shared: it existed before this federation".to_owned(),
        }
    }

    /// The roles that could use the provider and do not go with the federation, and those of which it is not
    /// known.
    fn others(&self) -> (Vec<&str>, Vec<&str>) {
        let of = |expected: ProviderUse| {
            let uses = self.uses.iter().filter(move |(_, found)| **found == expected);
            uses.map(|(name, _)| name.as_str()).filter(|name| !self.goes(name)).collect()
        };
        (of(ProviderUse::Possible), of(ProviderUse::Unknown))
    }

    /// Whether a role is the federation's, and is removed or gets the file's trust policy.
    fn goes(&self, name: &str) -> bool {
        let is_it = |own: &&RoleName| own.as_str().eq_ignore_ascii_case(name);
        let found = self.observed.roles.iter().find(|(own, _)| is_it(own));
        found.is_some_and(|(own, role)| {
            is_owned(&role.tags, self.owner) && !is_held(self.observed, own, role)
        })
    }

    fn change(&self, action: Action) -> Change {
        Change::new(Kind::Provider, self.arn.host_and_path(), action)
    }
}

/// `the client id X stays`.
fn stays(client_ids: &[&str]) -> String {
    match client_ids {
        [only] => format!("the client id {only} stays"),
        several => format!("the client ids {} stay", several.join(", ")),
    }
}
