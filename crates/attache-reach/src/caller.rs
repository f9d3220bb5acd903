//! The caller of an assume-role call: which condition keys are known, which it chooses, and which are
//! unknown.

use std::collections::{BTreeSet, HashMap, HashSet};

use attache_identifiers::{AccountId, RoleArn};
use attache_policy::condition_keys::{
    CallKeys, KeySink, OrganizationKeys, PrincipalKeys, add_principal_tags, is_no_claim_key,
    set_user_id,
};
use attache_policy::{Context, EXAMPLE_SESSION, Principal};

use crate::document::DocumentId;
use crate::snapshot::{Member, Snapshot};
use crate::stranger::PossibleValues;

/// What the keys of a caller's request follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallerKind {
    /// A user of the snapshot.
    User,
    /// A session of a role of the snapshot.
    Session,
    /// A principal of an account that the snapshot does not cover.
    Outsider,
    /// The holder of a token, or of a SAML assertion.
    Token,
    /// An AWS service.
    Service,
}

/// How far a condition key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKnowledge {
    /// It has this value, or is certainly missing.
    Known,
    /// The caller chooses its value.
    Chosen,
    /// It has a value, but a session may have started with another.
    Likely,
    /// Nothing is known.
    Unknown,
}

/// The caller of an assume-role call.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) kind: CallerKind,
    pub(crate) principal: Principal,
    pub(crate) account: Option<AccountId>,
    /// The keys that are known of it.
    pub(crate) context: Context,
    /// The keys that its requests certainly do not have, in lower case.
    absent: BTreeSet<String>,
    /// The keys whose values it chooses among some.
    pub(crate) possible: Vec<PossibleValues>,
    /// Its identity policies; none for a caller outside the snapshot, which is assumed to have any.
    pub(crate) identity: Option<Vec<DocumentId>>,
    pub(crate) boundary: Option<DocumentId>,
    /// `AROA…`, where it is a role's session.
    pub(crate) unique_id: Option<String>,
}

/// What the policies of a snapshot refer to: the condition keys, for others need not be set, and the
/// roles that a `Principal` names with their paths.
#[derive(Debug, Default)]
pub(crate) struct ReferencedKeys {
    keys: HashSet<String>,
    /// By what their sessions' ARNs have of them: all but the path.
    roles: HashMap<String, String>,
}

impl ReferencedKeys {
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let mut keys: HashSet<String> = HashSet::new();
        let mut roles = HashMap::new();
        for document in &snapshot.documents {
            keys.extend(document.policy.condition_keys().iter().map(|key| key.to_lowercase()));
            for arn in document.policy.aws_principals() {
                roles.extend(without_path(arn).map(|short| (short, arn.to_owned())));
            }
        }
        Self { keys, roles }
    }

    /// The role's own ARN, where a policy names it with its path: no account has two roles of a name.
    pub(crate) fn with_path(&self, role_arn: String) -> String {
        self.roles.get(&role_arn).cloned().unwrap_or(role_arn)
    }

    /// A sink that keeps the keys that some policy refers to.
    pub(crate) fn keep<'m>(&'m self, context: &'m mut Context) -> ReferencedKeySink<'m> {
        ReferencedKeySink { keys: &self.keys, context, absent: BTreeSet::new() }
    }
}

/// Keeps the keys that some policy refers to.
pub(crate) struct ReferencedKeySink<'m> {
    keys: &'m HashSet<String>,
    context: &'m mut Context,
    absent: BTreeSet<String>,
}

impl KeySink for ReferencedKeySink<'_> {
    fn set(&mut self, key: &[&str], value: &str) {
        if self.keys.contains(&key.concat().to_lowercase()) {
            self.context.set_at(key, value);
        }
    }

    fn set_many(&mut self, key: &[&str], values: &[&str]) {
        if self.keys.contains(&key.concat().to_lowercase()) {
            self.context.set_many_at(key, values);
        }
    }

    fn absent(&mut self, key: &[&str]) {
        self.absent.extend(self.keys.get(&key.concat().to_lowercase()).cloned());
    }
}

impl Caller {
    /// A user or role of the snapshot.
    pub(crate) fn member(
        snapshot: &Snapshot,
        referenced: &ReferencedKeys,
        member: &Member,
    ) -> Self {
        let is_role = member.trust.is_some();
        let principal = match is_role {
            true => session(&member.arn, EXAMPLE_SESSION),
            false => Principal::User { arn: member.arn.clone() },
        };
        let of_session = |id: &String| format!("{id}:{EXAMPLE_SESSION}");
        let id = member.unique_id.as_ref();
        let user_id = id.map(|id| if is_role { of_session(id) } else { id.clone() });
        let organization = snapshot.organization_of(member.account);
        let mut context = Context::new();
        let mut keys = referenced.keep(&mut context);
        PrincipalKeys {
            user_id: user_id.as_deref(),
            organization: organization.map(|id| OrganizationKeys { id, paths: &[] }),
            ..PrincipalKeys::of(&principal)
        }
        .add_to(&mut keys);
        add_principal_tags(&mut keys, member.tags.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        CallKeys::default().add_to(&mut keys);
        let absent = keys.absent;
        Self {
            kind: if is_role { CallerKind::Session } else { CallerKind::User },
            principal,
            account: Some(member.account),
            context,
            absent,
            possible: Vec::new(),
            identity: Some(member.identity.clone()),
            boundary: member.boundary,
            unique_id: member.unique_id.clone().filter(|_| is_role),
        }
    }

    /// A principal of an account that the snapshot does not cover, by its own ARN.
    pub(crate) fn outsider(referenced: &ReferencedKeys, principal: &Principal) -> Self {
        Self::of(CallerKind::Outsider, referenced, &PrincipalKeys::of(principal), &[])
    }

    /// A session of a role whose path is not known.
    pub(crate) fn outside_session(referenced: &ReferencedKeys, principal: &Principal) -> Self {
        let keys = PrincipalKeys::of(principal);
        Self::of(CallerKind::Outsider, referenced, &keys, &["aws:principalarn"])
    }

    /// The holder of a token or of a SAML assertion.
    pub(crate) fn token(referenced: &ReferencedKeys, provider_arn: &str) -> Self {
        let principal = Principal::WebIdentity { provider_arn: provider_arn.to_owned() };
        let keys = PrincipalKeys::of(&principal);
        let mut caller = Self::of(CallerKind::Token, referenced, &keys, &[]);
        caller.account = None;
        caller
    }

    /// An AWS service.
    pub(crate) fn service(referenced: &ReferencedKeys, name: &str) -> Self {
        let principal = Principal::Service { name: name.to_owned() };
        Self::of(CallerKind::Service, referenced, &PrincipalKeys::of(&principal), &[])
    }

    /// A caller of which only the name is known. `unknown` are the keys that follow from an example
    /// name, and are removed.
    pub(crate) fn of(
        kind: CallerKind,
        referenced: &ReferencedKeys,
        principal_keys: &PrincipalKeys<'_>,
        unknown: &[&str],
    ) -> Self {
        let mut context = Context::new();
        let mut keys = referenced.keep(&mut context);
        principal_keys.add_to(&mut keys);
        CallKeys::default().add_to(&mut keys);
        let mut absent = keys.absent;
        for key in unknown {
            context.remove(key);
            absent.remove(*key);
        }
        let (identity, boundary) = ((kind != CallerKind::Outsider).then(Vec::new), None);
        let principal = principal_keys.principal.clone();
        let account = principal.account();
        let (possible, unique_id) = (Vec::new(), None);
        Self { kind, principal, account, context, absent, possible, identity, boundary, unique_id }
    }

    /// Gives its own session this name.
    pub(crate) fn name_session(&mut self, name: &str) {
        if let Principal::RoleSession { role_arn, .. } = &self.principal {
            self.principal = session(&role_arn.clone(), name);
        }
        if let Some(id) = &self.unique_id {
            set_user_id(&mut self.context, &format!("{id}:{name}"));
        }
    }

    /// How far a key, in lower case, is known in its request.
    pub(crate) fn knowledge(&self, key: &str) -> KeyKnowledge {
        let tag = key.starts_with("aws:principaltag/");
        if self.kind == CallerKind::Session && tag {
            return KeyKnowledge::Likely;
        }
        if self.possible_values(key).is_some() {
            return KeyKnowledge::Chosen;
        }
        if self.context.get(key).is_some() {
            return KeyKnowledge::Known;
        }
        // A claim that AWS does not make a condition key is absent from every request.
        if self.absent.contains(key) || is_no_claim_key(key) {
            return KeyKnowledge::Known;
        }
        let held =
            matches!(self.kind, CallerKind::User | CallerKind::Session | CallerKind::Outsider);
        let tagged = key.starts_with("aws:requesttag/");
        if key == "aws:resourceaccount" || key.contains(":resourcetag/") {
            return KeyKnowledge::Known;
        }
        if held && (CHOSEN.contains(&key) || tagged) || IN_ANY_CALL.contains(&key) {
            let chosen = self.kind != CallerKind::Service;
            return if chosen { KeyKnowledge::Chosen } else { KeyKnowledge::Unknown };
        }
        match self.kind {
            CallerKind::User if tag => KeyKnowledge::Known,
            CallerKind::User | CallerKind::Session if key == "aws:userid" => KeyKnowledge::Known,
            // A token's holder is not a principal of any account.
            CallerKind::Token if key.starts_with("aws:principal") || key == "sts:externalid" => {
                KeyKnowledge::Known
            }
            _ => KeyKnowledge::Unknown,
        }
    }

    /// The keys of these whose conditions have to be assumed.
    pub(crate) fn assumable<'k>(&self, keys: impl Iterator<Item = &'k String>) -> BTreeSet<String> {
        let soft = |key: &&String| {
            matches!(self.knowledge(key), KeyKnowledge::Unknown | KeyKnowledge::Likely)
        };
        keys.filter(soft).cloned().collect()
    }
}

/// What the caller of `AssumeRole` gives.
const CHOSEN: &[&str] =
    &["sts:externalid", "sts:sourceidentity", "sts:transitivetagkeys", "aws:tagkeys"];

/// What whoever calls gives.
const IN_ANY_CALL: &[&str] = &[
    "sts:rolesessionname",
    "sts:durationseconds",
    "aws:requestedregion",
    "aws:useragent",
    "aws:referer",
];

/// A role's ARN without its path, as its sessions' ARNs have it; nothing where it has none.
fn without_path(arn: &str) -> Option<String> {
    let (head, path) = arn.split_once(":role/")?;
    let (_, name) = path.rsplit_once('/')?;
    Some(format!("{head}:role/{name}"))
}

/// A session of a role.
pub(crate) fn session(role_arn: &str, name: &str) -> Principal {
    let session_arn =
        RoleArn::parse(role_arn).map(|role| role.session(name).to_string()).unwrap_or_default();
    Principal::RoleSession { role_arn: role_arn.to_owned(), session_arn }
}
