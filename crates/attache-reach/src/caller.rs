//! Who asks for a role: what AWS knows of the caller, what the caller chooses, what nobody knows.

use std::collections::{BTreeSet, HashMap, HashSet};

use attache_identifiers::AccountId;
use attache_policy::condition_keys::is_no_claim_key;
use attache_policy::{Context, Principal};

use crate::document::DocumentId;
use crate::snapshot::{Member, Snapshot};

/// The session's name where the caller does not need another.
pub(crate) const SESSION: &str = "session";

/// What the keys of a caller's request follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A user of the snapshot.
    User,
    /// A session of a role of the snapshot.
    Session,
    /// Somebody of an account that the snapshot does not cover.
    Outsider,
    /// The holder of a token, or of a SAML assertion.
    Token,
    /// An AWS service.
    Service,
}

/// How far a condition key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has this value, or is certainly missing.
    Known,
    /// The caller gives it any value.
    Chosen,
    /// It has a value, but a session may have been begun with another.
    Likely,
    /// Nothing is known.
    Unknown,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) sort: Sort,
    pub(crate) principal: Principal,
    pub(crate) account: Option<AccountId>,
    /// The keys that are known of it.
    pub(crate) context: Context,
    /// Its own policies; nothing for an outsider, who is taken to have any.
    pub(crate) identity: Option<Vec<DocumentId>>,
    pub(crate) boundary: Option<DocumentId>,
    /// `AROA…`, where it is a role's session.
    pub(crate) unique_id: Option<String>,
}

/// What policies mention: the keys that some policy asks for, others need not be set; and the roles
/// that a principal names with their paths.
#[derive(Debug, Default)]
pub(crate) struct Mentioned {
    keys: HashSet<String>,
    /// By what their sessions' ARNs have of them: all but the path.
    roles: HashMap<String, String>,
}

impl Mentioned {
    pub(crate) fn new(snapshot: &Snapshot) -> Self {
        let mut keys: HashSet<String> = HashSet::new();
        let mut roles = HashMap::new();
        for document in &snapshot.documents {
            keys.extend(document.keys.iter().cloned());
            let variables = document.text.split("${").skip(1);
            let variables = variables.filter_map(|rest| rest.split(['}', ',']).next());
            keys.extend(variables.map(|key| key.trim().to_lowercase()));
            let named = document.statements.iter().flat_map(|own| &own.principals.list);
            for (_, arn) in named {
                roles.extend(without_path(arn).map(|short| (short, arn.clone())));
            }
        }
        Self { keys, roles }
    }

    /// The role's own ARN, where a policy names it with its path: no account has two roles of a name.
    pub(crate) fn with_path(&self, role_arn: String) -> String {
        self.roles.get(&role_arn).cloned().unwrap_or(role_arn)
    }

    pub(crate) fn set(&self, context: &mut Context, key: &str, value: &str) {
        if self.keys.contains(&key.to_lowercase()) {
            context.set(key, value);
        }
    }
}

impl Caller {
    /// A user or role of the snapshot.
    pub(crate) fn member(snapshot: &Snapshot, mentioned: &Mentioned, member: &Member) -> Self {
        let is_role = member.trust.is_some();
        let mut context = Context::new();
        let mut set = |key: &str, value: &str| mentioned.set(&mut context, key, value);
        set("aws:PrincipalArn", &member.arn);
        set("aws:PrincipalAccount", &member.account.to_string());
        set("aws:PrincipalType", if is_role { "AssumedRole" } else { "User" });
        set("aws:PrincipalIsAWSService", "false");
        if let (false, Some((_, name))) = (is_role, member.arn.rsplit_once('/')) {
            set("aws:username", name);
        }
        if let Some(id) = snapshot.organization_of(member.account) {
            set("aws:PrincipalOrgID", id);
        }
        for (key, value) in &member.tags {
            set(&format!("aws:PrincipalTag/{key}"), value);
        }
        if let (false, Some(id)) = (is_role, &member.unique_id) {
            context.set("aws:userid", id);
        }
        let mut caller = Self {
            sort: if is_role { Sort::Session } else { Sort::User },
            principal: Principal::User { arn: member.arn.clone() },
            account: Some(member.account),
            context,
            identity: Some(member.identity.clone()),
            boundary: member.boundary,
            unique_id: member.unique_id.clone().filter(|_| is_role),
        };
        if is_role {
            caller.principal = session(&member.arn, SESSION);
            caller.name_session(SESSION);
        }
        caller
    }

    /// Somebody of an account that the snapshot does not cover; by its ARN where that is known.
    pub(crate) fn outsider(principal: Principal, arn: Option<&str>) -> Self {
        let mut caller = Self::anyone();
        caller.account = principal.account();
        if let Some(account) = caller.account {
            caller.context.set("aws:PrincipalAccount", account.to_string());
        }
        if let Some(arn) = arn {
            caller.context.set("aws:PrincipalArn", arn);
        }
        caller.principal = principal;
        caller
    }

    /// Anyone with an AWS account of their own.
    pub(crate) fn anyone() -> Self {
        let mut context = Context::new();
        context.set("aws:PrincipalIsAWSService", "false");
        let principal = Principal::User { arn: "arn:aws:iam::000000000000:user/anyone".to_owned() };
        Self::without(Sort::Outsider, principal, context)
    }

    /// The holder of a token, by the keys that the token brings.
    pub(crate) fn token(provider_arn: &str, context: Context) -> Self {
        let principal = Principal::WebIdentity { provider_arn: provider_arn.to_owned() };
        Self::without(Sort::Token, principal, context)
    }

    /// An AWS service.
    pub(crate) fn service(name: &str) -> Self {
        let mut context = Context::new();
        context.set("aws:PrincipalIsAWSService", "true");
        context.set("aws:PrincipalServiceName", name);
        Self::without(Sort::Service, Principal::Service { name: name.to_owned() }, context)
    }

    fn without(sort: Sort, principal: Principal, context: Context) -> Self {
        let (identity, boundary) = ((sort != Sort::Outsider).then(Vec::new), None);
        Self { sort, principal, account: None, context, identity, boundary, unique_id: None }
    }

    /// Gives its own session this name.
    pub(crate) fn name_session(&mut self, name: &str) {
        if let Principal::RoleSession { role_arn, .. } = &self.principal {
            self.principal = session(&role_arn.clone(), name);
        }
        if let Some(id) = &self.unique_id {
            self.context.set("aws:userid", format!("{id}:{name}"));
        }
    }

    /// How far a key, in lower case, is known in its request.
    pub(crate) fn standing(&self, key: &str) -> Standing {
        let tag = key.starts_with("aws:principaltag/");
        if self.sort == Sort::Session && tag {
            return Standing::Likely;
        }
        if self.context.get(key).is_some() {
            return Standing::Known;
        }
        // A claim that AWS makes no key of is no key of any request.
        if is_no_claim_key(key) {
            return Standing::Known;
        }
        let held = matches!(self.sort, Sort::User | Sort::Session | Sort::Outsider);
        let tagged = key.starts_with("aws:requesttag/");
        if ALWAYS.contains(&key) || key.contains(":resourcetag/") {
            return Standing::Known;
        }
        if held && (CHOSEN.contains(&key) || tagged) || IN_ANY_CALL.contains(&key) {
            let chosen = self.sort != Sort::Service;
            return if chosen { Standing::Chosen } else { Standing::Unknown };
        }
        match self.sort {
            Sort::User if tag => Standing::Known,
            Sort::User | Sort::Session if OF_MEMBERS.contains(&key) => Standing::Known,
            // A token's holder is nobody in any account.
            Sort::Token if key.starts_with("aws:principal") || OF_HOLDERS.contains(&key) => {
                Standing::Known
            }
            _ => Standing::Unknown,
        }
    }

    /// The keys of these whose conditions have to be assumed.
    pub(crate) fn assumable<'k>(&self, keys: impl Iterator<Item = &'k String>) -> BTreeSet<String> {
        let soft =
            |key: &&String| matches!(self.standing(key), Standing::Unknown | Standing::Likely);
        keys.filter(soft).cloned().collect()
    }
}

/// Set for every call from what is asked for, or certainly missing from every one that asks for a
/// role.
const ALWAYS: &[&str] = &[
    "aws:securetransport",
    "aws:resourceaccount",
    "aws:viaawsservice",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
];

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

/// Known of users and roles even where they are missing.
const OF_MEMBERS: &[&str] = &["aws:username", "aws:userid", "aws:principalservicename"];

/// Never there for the holder of a token.
const OF_HOLDERS: &[&str] = &["sts:externalid", "aws:username"];

/// A role's ARN without its path, as its sessions' ARNs have it; nothing where it has none.
fn without_path(arn: &str) -> Option<String> {
    let (head, path) = arn.split_once(":role/")?;
    let (_, name) = path.rsplit_once('/')?;
    Some(format!("{head}:role/{name}"))
}

/// A session of a role.
pub(crate) fn session(role_arn: &str, name: &str) -> Principal {
    let parts: Vec<&str> = role_arn.split(':').collect();
    let at = |n: usize| parts.get(n).copied().unwrap_or_default();
    let role = role_arn.rsplit('/').next().unwrap_or_default();
    let session_arn = format!("arn:{}:sts::{}:assumed-role/{role}/{name}", at(1), at(4));
    Principal::RoleSession { role_arn: role_arn.to_owned(), session_arn }
}
