//! A second evaluator, written from AWS's documentation alone: slow, obvious, and the judge of the
//! engine's. It reads JSON documents as they are, remembers nothing and stops early nowhere that
//! matters.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>.

mod alphabet;
mod compare;
mod condition;
pub mod engine;
mod glob;
pub mod less;
mod principal;
pub mod random;

use std::borrow::Cow;

use attache_policy::{Denial, Kind};
use glob::Reading;
use principal::Named;
use serde_json::Value;

/// A request's condition keys.
pub type Keys = Vec<(String, Vec<String>)>;

/// Who asks.
#[derive(Debug, Clone)]
pub enum Who {
    Anonymous,
    Root(String),
    User(String),
    Session { role: String, session: String },
    Web(String),
    Service(String),
    Federated { arn: String, user: String },
    Canonical(String),
}

impl Who {
    /// The account in the ARN's fifth part.
    pub fn account(&self) -> Option<&str> {
        let arn = match self {
            Self::Anonymous | Self::Service(_) | Self::Canonical(_) => return None,
            Self::Root(account) => return Some(account),
            Self::User(arn) | Self::Web(arn) | Self::Federated { arn, .. } => arn,
            Self::Session { role, .. } => role,
        };
        arn.split(':').nth(4)
    }

    fn is_iam(&self) -> bool {
        matches!(
            self,
            Self::Root(_) | Self::User(_) | Self::Session { .. } | Self::Federated { .. }
        )
    }

    /// An account's root user, also in a session that it began by `GetFederationToken`.
    fn is_root(&self) -> bool {
        match self {
            Self::Root(_) => true,
            Self::Federated { user, .. } => user.ends_with(":root"),
            _ => false,
        }
    }

    fn is_service_linked(&self) -> bool {
        matches!(self, Self::Session { role, .. } if role.contains(":role/aws-service-role/"))
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    pub who: Who,
    pub action: String,
    pub resource: String,
    pub resource_account: Option<String>,
    pub keys: Keys,
}

/// The documents that apply, as JSON.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    pub identity: Vec<Value>,
    pub boundary: Option<Vec<Value>>,
    pub session: Option<Vec<Value>>,
    pub resource: Option<Vec<Value>>,
    /// The resource's policy is a role's trust policy.
    pub is_trust: bool,
    pub service_control: Vec<Vec<Value>>,
    pub resource_control: Vec<Vec<Value>>,
    pub management_account: Option<String>,
}

/// Allowed, or why not.
pub fn decide(documents: &Documents, ask: &Ask) -> Result<(), Denial> {
    let who = &ask.who;
    let principal_account = who.account();
    let resource_account = ask.resource_account.as_deref().or(principal_account);
    let managed = documents.management_account.as_deref();

    // Whom the organization's policies do not bind has none.
    let rcps = if who.is_service_linked() || managed.is_some() && resource_account == managed {
        &[][..]
    } else {
        &documents.resource_control[..]
    };
    let scps = if !who.is_iam()
        || who.is_service_linked()
        || managed.is_some() && principal_account == managed
    {
        &[][..]
    } else {
        &documents.service_control[..]
    };
    let resource_kind = if documents.is_trust { Kind::Trust } else { Kind::Resource };
    let none = Vec::new();
    let resource = documents.resource.as_ref().unwrap_or(&none);
    let identity = &documents.identity;
    let boundary = documents.boundary.as_ref();
    let session = documents.session.as_ref();

    // Those that are attached to the asker, or as the resource control policies mean everybody.
    let denies = |policies: &[Value]| strongest("Deny", policies, ask, Meant::Everybody).is_some();
    let allows = |policies: &[Value]| strongest("Allow", policies, ask, Meant::Everybody).is_some();

    let stated = Meant::AsStated { bounded: boundary.is_some() };

    // An explicit deny anywhere.
    for (kind, denied) in [
        (Kind::ResourceControl, rcps.iter().any(|level| denies(level))),
        (Kind::ServiceControl, scps.iter().any(|level| denies(level))),
        (resource_kind, strongest("Deny", resource, ask, stated).is_some()),
        (Kind::Boundary, boundary.is_some_and(|policies| denies(policies))),
        (Kind::Session, session.is_some_and(|policies| denies(policies))),
        (Kind::Identity, denies(identity)),
    ] {
        if denied {
            return Err(Denial::Explicit(kind));
        }
    }

    // Every level of the organization.
    if !rcps.iter().all(|level| allows(level)) {
        return Err(Denial::Implicit(Kind::ResourceControl));
    }
    if !scps.iter().all(|level| allows(level)) {
        return Err(Denial::Implicit(Kind::ServiceControl));
    }

    // The resource's own side: all there is for those who are no IAM principals, one of two for
    // another account, and never left out for a role that is to be assumed and for a key of KMS.
    let granted = strongest("Allow", resource, ask, stated);
    let other_account = principal_account != resource_account;
    let is_key = ask.resource.starts_with("arn:aws:kms:") && ask.resource.contains(":key/");
    let own_word = documents.is_trust || is_key && documents.resource.is_some();
    if granted.is_none() && (!who.is_iam() || other_account || own_word) {
        return Err(Denial::Implicit(resource_kind));
    }
    if !who.is_iam() {
        return Ok(());
    }
    // In the same account, whom the resource's policy means needs nothing else.
    if !other_account && granted == Some(Named::Itself) {
        return Ok(());
    }

    // The principal's side. A root user has all its account may do.
    if matches!(who, Who::Root(_)) {
        return Ok(());
    }
    if boundary.is_some_and(|policies| !allows(policies)) {
        return Err(Denial::Implicit(Kind::Boundary));
    }
    // A federated user's session without a policy can do nothing.
    let bare = session.is_none() && matches!(who, Who::Federated { .. });
    if bare || session.is_some_and(|policies| !allows(policies)) {
        return Err(Denial::Implicit(Kind::Session));
    }
    if !other_account && granted == Some(Named::ByParent) || who.is_root() {
        return Ok(());
    }
    if allows(identity) { Ok(()) } else { Err(Denial::Implicit(Kind::Identity)) }
}

/// A role's trust policy alone, as `AssumeRoleWithWebIdentity` and the services read it.
pub fn decide_trust(trust: &[Value], ask: &Ask) -> Result<(), Denial> {
    let stated = Meant::AsStated { bounded: false };
    if strongest("Deny", trust, ask, stated).is_some() {
        return Err(Denial::Explicit(Kind::Trust));
    }
    match strongest("Allow", trust, ask, stated) {
        Some(_) => Ok(()),
        None => Err(Denial::Implicit(Kind::Trust)),
    }
}

/// Whom a policy's statements mean.
#[derive(Clone, Copy)]
enum Meant {
    /// By their `Principal` or `NotPrincipal`; whether the asker has a permissions boundary.
    AsStated { bounded: bool },
    /// Everybody whom the policy is about: it has no `Principal`, or can have none but `*`.
    Everybody,
}

/// The statements of that effect that apply, and the strongest way in which one means the asker.
fn strongest(effect: &str, policies: &[Value], ask: &Ask, meant: Meant) -> Option<Named> {
    let statements = policies.iter().flat_map(|policy| {
        let variables = policy.get("Version").is_some_and(|v| v == "2012-10-17");
        list(&policy["Statement"]).into_iter().map(move |statement| (statement, variables))
    });
    statements
        .filter(|(statement, _)| statement["Effect"] == effect)
        .filter_map(|(statement, variables)| applies(statement, variables, ask, meant))
        .max()
}

fn applies(statement: &Value, variables: bool, ask: &Ask, meant: Meant) -> Option<Named> {
    let keys = variables.then_some(&ask.keys);
    let action = ask.action.to_lowercase();
    let action_pattern = |text: &str| glob::read(&text.to_lowercase(), WILD);
    let resource_pattern = |text: &str| {
        // An ARN that lacks parts has a star for each.
        let colons = text.matches(':').count();
        let lacks = text.starts_with("arn:") && !text.contains("${") && colons < 5;
        let lacking = if lacks { ":*".repeat(5 - colons) } else { String::new() };
        glob::read(&format!("{text}{lacking}"), Reading { variables: keys, ..WILD })
    };
    let applies = covers(statement, "Action", &action, action_pattern)
        && covers(statement, "Resource", &ask.resource, resource_pattern)
        && statement
            .get("Condition")
            .is_none_or(|block| condition::hold(block, &ask.keys, variables));
    match meant {
        _ if !applies => None,
        Meant::AsStated { bounded } => principal::named(statement, ask, bounded),
        Meant::Everybody => Some(Named::Itself),
    }
}

const WILD: Reading<'static> = Reading { wild: true, variables: None };

/// Whether the element of that name, or its negation, covers the text.
fn covers(
    statement: &Value,
    name: &str,
    text: &str,
    read: impl Fn(&str) -> Option<Vec<glob::Glyph>>,
) -> bool {
    let text: Vec<char> = text.chars().collect();
    let any = |patterns: &Value| {
        let mut patterns = texts(patterns).into_iter().filter_map(|pattern| read(&pattern));
        patterns.any(|pattern| glob::matches(&pattern, &text))
    };
    match (statement.get(name), statement.get(format!("Not{name}"))) {
        (Some(patterns), _) => any(patterns),
        (None, Some(patterns)) => !any(patterns),
        // A trust policy has no Resource.
        (None, None) => true,
    }
}

/// A list, be it written as its one element.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

/// The same with texts. `true` and `5` are texts too.
fn texts(value: &Value) -> Vec<Cow<'_, str>> {
    list(value)
        .into_iter()
        .map(|value| match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(other.to_string()),
        })
        .collect()
}

/// A key's values, whatever its case; none where the request does not carry it.
fn values_of<'k>(keys: &'k Keys, key: &str) -> &'k [String] {
    find(keys, key).map_or(&[], Vec::as_slice)
}

fn find<'k>(keys: &'k Keys, key: &str) -> Option<&'k Vec<String>> {
    keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values)
}
