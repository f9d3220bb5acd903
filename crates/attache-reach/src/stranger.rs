//! Callers outside the snapshot of which no more than an account or an organization is known, or nothing.
//!
//! Knows: which values the keys of such a caller can have. It chooses the name of its user or role, and
//! never the account or the organization that the name is in. Where these are not known, they stand for
//! any: a pattern that leaves them open takes the caller in, and one that names some does not.

use attache_identifiers::{AccountId, Arn, Partition};
use attache_policy::condition_keys::{OrganizationKeys, PrincipalKeys};
use attache_policy::{Pattern, Principal};

use crate::caller::{Caller, CallerKind, ReferencedKeys};
use crate::snapshot::Snapshot;

/// The values that a key can have: the caller chooses one of them.
#[derive(Debug, Clone)]
pub(crate) struct PossibleValues {
    /// In lower case.
    key: &'static str,
    /// Patterns; a value matches at least one.
    pub(crate) patterns: Vec<String>,
    /// Whether these are of an owner that stands for any: a policy that names none may mean it.
    any_owner: bool,
}

/// Unlike any that AWS gives.
const STRANGE_ORGANIZATION: &str = "o-anyone0000";
/// Unique ids that AWS gives to nobody.
const STRANGE_IDS: [&str; 2] = ["AIDA0000000000000ANYONE", "AROA0000000000000ANYONE:*"];

impl Caller {
    /// Any principal of an account that the snapshot does not cover.
    pub(crate) fn of_account(
        snapshot: &Snapshot,
        referenced: &ReferencedKeys,
        account: AccountId,
    ) -> Self {
        let organization = snapshot.organization_of(account);
        Self::stranger(snapshot, referenced, Some(account), organization)
    }

    /// Any principal of an organization's accounts that the snapshot does not cover.
    pub(crate) fn of_organization(
        snapshot: &Snapshot,
        referenced: &ReferencedKeys,
        id: &str,
    ) -> Self {
        Self::stranger(snapshot, referenced, None, Some(id))
    }

    /// The user or role with this unique id, in an account that the snapshot does not cover.
    pub(crate) fn with_unique_id(
        snapshot: &Snapshot,
        referenced: &ReferencedKeys,
        id: &str,
    ) -> Self {
        let caller = Self::stranger(snapshot, referenced, None, None);
        caller.choosing("aws:userid", false, [id.to_owned(), format!("{id}:*")])
    }

    /// Anyone with an AWS account of their own, in an organization of their own or in none.
    pub(crate) fn anyone(snapshot: &Snapshot, referenced: &ReferencedKeys) -> Self {
        Self::stranger(snapshot, referenced, None, None)
            .choosing("aws:principalorgid", true, [STRANGE_ORGANIZATION.to_owned()])
            .choosing("aws:principalorgpaths", true, [format!("{STRANGE_ORGANIZATION}/*")])
            .choosing("aws:userid", true, STRANGE_IDS.map(str::to_owned))
    }

    /// A principal of this account, or of one that nothing names.
    fn stranger(
        snapshot: &Snapshot,
        referenced: &ReferencedKeys,
        account: Option<AccountId>,
        organization: Option<&str>,
    ) -> Self {
        let (partition, number) = (snapshot.partition(), account.unwrap_or(AccountId::UNASSIGNED));
        let arn = |of: fn(Partition, AccountId, &str, &str) -> Arn, name: &str| {
            of(partition.clone(), number, "/", name).to_string()
        };
        let principal = Principal::User { arn: arn(Arn::user, "anyone") };
        let path = organization.map(|id| format!("{id}/r-anyone/"));
        let paths: Vec<&str> = path.iter().map(String::as_str).collect();
        let organization = organization.map(|id| OrganizationKeys { id, paths: &paths });
        let keys = PrincipalKeys { organization, ..PrincipalKeys::of(&principal) };
        // Which user or role it is, and so its type and name, it chooses.
        let unknown = &["aws:principaltype", "aws:username"];
        let mut caller = Self::of(CallerKind::Outsider, referenced, &keys, unknown);
        caller.account = account;
        let forms = [arn(Arn::user, "*"), arn(Arn::role, "*")];
        caller = caller.choosing("aws:principalarn", account.is_none(), forms);
        if account.is_none() {
            caller = caller.choosing("aws:principalaccount", true, [number.to_string()]);
        }
        match organization {
            Some(OrganizationKeys { id, .. }) => {
                caller.choosing("aws:principalorgpaths", false, [format!("{id}/*")])
            }
            None => caller,
        }
    }

    /// With these patterns for the values of a key.
    fn choosing(
        mut self,
        key: &'static str,
        any_owner: bool,
        patterns: impl IntoIterator<Item = String>,
    ) -> Self {
        let patterns = patterns.into_iter().collect();
        self.possible.push(PossibleValues { key, patterns, any_owner });
        self
    }

    /// The values that a key, in lower case, can have, where the caller chooses among some.
    pub(crate) fn possible_values(&self, key: &str) -> Option<&PossibleValues> {
        self.possible.iter().find(|possible| possible.key == key)
    }
}

impl PossibleValues {
    /// Values that are possible and that the pattern takes, one for each of the forms that a value has. A
    /// pattern that leaves the owner open may mean any.
    pub(crate) fn matching(&self, pattern: &str) -> impl Iterator<Item = String> {
        let open = self.any_owner && owner(self.key, pattern).is_none_or(Pattern::has_wildcards);
        let pattern = Pattern::new(pattern);
        self.patterns.iter().filter_map(move |form| {
            let any = owner(self.key, form).filter(|_| open).map(|own| form.replacen(own, "*", 1));
            pattern.common_example(&Pattern::new(any.as_deref().unwrap_or(form)))
        })
    }

    /// Whether this text is possible: letters apart where the comparison passes over them.
    pub(crate) fn takes(&self, text: &str, ignore_case: bool) -> bool {
        self.patterns.iter().any(|form| match ignore_case {
            true => Pattern::new(&form.to_lowercase()).matches(&text.to_lowercase()),
            false => Pattern::new(form).matches(text),
        })
    }
}

/// The part of a key's value that nobody chooses: account, organization or unique id. The key is in lower
/// case; nothing where a pattern does not go as far.
pub(crate) fn owner<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    match key {
        "aws:principalarn" => value.split(':').nth(4),
        "aws:principalorgpaths" => value.split('/').next(),
        "aws:userid" => value.split(':').next(),
        _ => Some(value),
    }
}
