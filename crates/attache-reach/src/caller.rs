//! Who asks for a role: what AWS knows of the caller, what the caller chooses, what nobody knows.

use std::collections::{BTreeSet, HashMap, HashSet};

use attache_identifiers::{AccountId, Partition, RoleArn, UserArn};
use attache_policy::condition_keys::{
    CallKeys, KeySink, OrganizationKeys, PrincipalKeys, add_principal_tags, is_no_claim_key,
    set_user_id,
};
use attache_policy::{Context, EXAMPLE_SESSION, Principal};

use crate::document::DocumentId;
use crate::snapshot::{Member, Snapshot};

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
    /// The keys that its requests certainly do not have, in lower case.
    absent: BTreeSet<String>,
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

    /// Keeps of the keys that are set those that some policy asks for.
    pub(crate) fn keep<'m>(&'m self, context: &'m mut Context) -> Mentions<'m> {
        Mentions { keys: &self.keys, context, absent: BTreeSet::new() }
    }
}

/// Takes the keys that some policy asks for.
pub(crate) struct Mentions<'m> {
    keys: &'m HashSet<String>,
    context: &'m mut Context,
    absent: BTreeSet<String>,
}

impl KeySink for Mentions<'_> {
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
    pub(crate) fn member(snapshot: &Snapshot, mentioned: &Mentioned, member: &Member) -> Self {
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
        let mut keys = mentioned.keep(&mut context);
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
            sort: if is_role { Sort::Session } else { Sort::User },
            principal,
            account: Some(member.account),
            context,
            absent,
            identity: Some(member.identity.clone()),
            boundary: member.boundary,
            unique_id: member.unique_id.clone().filter(|_| is_role),
        }
    }

    /// Somebody of an account that the snapshot does not cover, by its own ARN.
    pub(crate) fn outsider(mentioned: &Mentioned, principal: Principal) -> Self {
        Self::of(Sort::Outsider, mentioned, principal, &[])
    }

    /// A session of a role whose path is not known.
    pub(crate) fn outside_session(mentioned: &Mentioned, principal: Principal) -> Self {
        Self::of(Sort::Outsider, mentioned, principal, &["aws:principalarn"])
    }

    /// Someone of an account that the snapshot does not cover.
    pub(crate) fn of_account(mentioned: &Mentioned, account: AccountId) -> Self {
        let arn = UserArn::new(Partition::aws(), account, "anyone").to_string();
        let principal = Principal::User { arn };
        Self::of(Sort::Outsider, mentioned, principal, OF_ONE_PRINCIPAL)
    }

    /// Anyone with an AWS account of their own.
    pub(crate) fn anyone(mentioned: &Mentioned) -> Self {
        let principal = Principal::User { arn: "arn:aws:iam::000000000000:user/anyone".to_owned() };
        let unknown = [OF_ONE_PRINCIPAL, &["aws:principalaccount"]].concat();
        let mut caller = Self::of(Sort::Outsider, mentioned, principal, &unknown);
        caller.account = None;
        caller
    }

    /// The holder of a token or of a SAML assertion.
    pub(crate) fn token(mentioned: &Mentioned, provider_arn: &str) -> Self {
        let principal = Principal::WebIdentity { provider_arn: provider_arn.to_owned() };
        let mut caller = Self::of(Sort::Token, mentioned, principal, &[]);
        caller.account = None;
        caller
    }

    /// An AWS service.
    pub(crate) fn service(mentioned: &Mentioned, name: &str) -> Self {
        Self::of(Sort::Service, mentioned, Principal::Service { name: name.to_owned() }, &[])
    }

    /// One of whom nothing is known but what follows from its name; of that, `unknown` is only an
    /// example's.
    fn of(sort: Sort, mentioned: &Mentioned, principal: Principal, unknown: &[&str]) -> Self {
        let mut context = Context::new();
        let mut keys = mentioned.keep(&mut context);
        PrincipalKeys::of(&principal).add_to(&mut keys);
        CallKeys::default().add_to(&mut keys);
        let mut absent = keys.absent;
        for key in unknown {
            context.remove(key);
            absent.remove(*key);
        }
        let (identity, boundary) = ((sort != Sort::Outsider).then(Vec::new), None);
        let account = principal.account();
        Self { sort, principal, account, context, absent, identity, boundary, unique_id: None }
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
    pub(crate) fn standing(&self, key: &str) -> Standing {
        let tag = key.starts_with("aws:principaltag/");
        if self.sort == Sort::Session && tag {
            return Standing::Likely;
        }
        if self.context.get(key).is_some() {
            return Standing::Known;
        }
        // A claim that AWS makes no key of is no key of any request.
        if self.absent.contains(key) || is_no_claim_key(key) {
            return Standing::Known;
        }
        let held = matches!(self.sort, Sort::User | Sort::Session | Sort::Outsider);
        let tagged = key.starts_with("aws:requesttag/");
        if key == "aws:resourceaccount" || key.contains(":resourcetag/") {
            return Standing::Known;
        }
        if held && (CHOSEN.contains(&key) || tagged) || IN_ANY_CALL.contains(&key) {
            let chosen = self.sort != Sort::Service;
            return if chosen { Standing::Chosen } else { Standing::Unknown };
        }
        match self.sort {
            Sort::User if tag => Standing::Known,
            Sort::User | Sort::Session if key == "aws:userid" => Standing::Known,
            // A token's holder is nobody in any account.
            Sort::Token if key.starts_with("aws:principal") || key == "sts:externalid" => {
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

/// What follows from which user or role of an account it is.
const OF_ONE_PRINCIPAL: &[&str] = &["aws:principalarn", "aws:principaltype", "aws:username"];

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
