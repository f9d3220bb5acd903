//! The principals to compare two policies with: those that the policies name, by principal or by a
//! condition on one, and some of an account that neither names.

use std::collections::BTreeSet;

use attache_identifiers::{AccountId, Arn};

use super::owner::{EXAMPLE, Owner};
use crate::condition_keys::{KeySink, PrincipalKeys};
use crate::pattern::Pattern;
use crate::pattern_search;
use crate::principal::issuer_of;
use crate::syntax::{PrincipalKind, Principals, Statement};
use crate::{Context, Policy, Principal};

/// An account that neither policy is likely to name.
const STRANGE: &str = "999999999999";
const STRANGE_USER: &str = "arn:aws:iam::999999999999:user/example";
const STRANGE_ROLE: &str = "arn:aws:iam::999999999999:role/example";
const STRANGE_SESSION: &str = "arn:aws:sts::999999999999:assumed-role/example/example";
const STRANGE_PROVIDER: &str = "arn:aws:iam::999999999999:oidc-provider/issuer.example";

/// The role that policies are attached to where it makes no difference which one it is.
const OWN_ROLE: &str = "arn:aws:iam::111122223333:role/example";
const OWN_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/example/example";

/// The most patterns of `aws:PrincipalArn` of which pairs are looked at. Ours.
const MOST_PAIRED: usize = 12;

/// A principal, and the keys that AWS sets for its requests: nothing for one that such a request never
/// has. Keys that neither policy uses are left out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TestPrincipal {
    pub(super) principal: Principal,
    pub(super) keys: Vec<(String, Option<String>)>,
}

impl TestPrincipal {
    /// The principal that the policies are attached to: which one it is makes no difference, and each
    /// condition on it may hold.
    pub(super) fn own() -> Self {
        let (role_arn, session_arn) = (OWN_ROLE.to_owned(), OWN_SESSION.to_owned());
        Self { principal: Principal::RoleSession { role_arn, session_arn }, keys: Vec::new() }
    }

    fn new(principal: Principal, asked: &BTreeSet<String>) -> Self {
        let mut recorded = Recorded::default();
        PrincipalKeys::of(&principal).add_to(&mut recorded);
        let mut keys = recorded.0;
        if let Principal::WebIdentity { provider_arn } = &principal {
            keys.extend(foreign(provider_arn, asked).map(|key| (key, None)));
        }
        keys.retain(|(key, _)| asked.contains(key));
        Self { principal, keys }
    }
}

/// The keys that AWS sets for a principal's request and those that it never sets, in lower case.
#[derive(Default)]
struct Recorded(Vec<(String, Option<String>)>);

impl KeySink for Recorded {
    fn set(&mut self, key: &[&str], value: &str) {
        self.0.push((key.concat().to_lowercase(), Some(value.to_owned())));
    }

    /// Multivalued keys are compared by sets of values, which are looked for elsewhere.
    fn set_many(&mut self, _key: &[&str], _values: &[&str]) {}

    fn absent(&mut self, key: &[&str]) {
        self.0.push((key.concat().to_lowercase(), None));
    }
}

/// The keys of other providers' tokens.
fn foreign(provider_arn: &str, asked: &BTreeSet<String>) -> impl Iterator<Item = String> {
    let issuer = issuer_of(provider_arn).map(str::to_lowercase);
    let other = move |key: &&String| match (&issuer, key.rsplit_once(':')) {
        (Some(issuer), Some((prefix, _))) => prefix.contains('.') && prefix != issuer,
        _ => false,
    };
    asked.iter().filter(other).cloned().collect::<Vec<_>>().into_iter()
}

/// All principals that can make a difference; none where the policies name no principals.
pub(super) fn test_principals(policies: [&Policy; 2]) -> Vec<TestPrincipal> {
    let statements = || policies.into_iter().flat_map(|policy| &policy.inner.statements);
    let mut named = statements().filter_map(|own| own.principal.as_ref()).peekable();
    if named.peek().is_none() {
        return Vec::new();
    }
    let named: Vec<&Principals> = named.collect();
    let keys = policies.into_iter().flat_map(Policy::condition_keys);
    let asked: BTreeSet<String> = keys.map(|key| key.to_lowercase()).collect();
    let mut all = Vec::new();
    let mut add = |test_principal: TestPrincipal| {
        if !all.contains(&test_principal) {
            all.push(test_principal);
        }
    };
    for (kind, text) in named.iter().flat_map(|principals| &principals.list) {
        let principal = match kind {
            PrincipalKind::Anyone => continue,
            PrincipalKind::Aws => {
                of_aws(&text.text, &asked).into_iter().for_each(&mut add);
                continue;
            }
            PrincipalKind::Federated => Principal::WebIdentity { provider_arn: text.text.clone() },
            PrincipalKind::Service => Principal::Service { name: text.text.clone() },
            PrincipalKind::CanonicalUser => Principal::CanonicalUser { id: text.text.clone() },
        };
        add(TestPrincipal::new(principal, &asked));
    }
    let mut owners: BTreeSet<Owner> = named
        .iter()
        .flat_map(|principals| &principals.list)
        .filter(|(kind, _)| *kind == PrincipalKind::Aws)
        .filter_map(|(_, text)| Owner::of(&text.text))
        .collect();
    owners.extend(Owner::of(STRANGE));
    for principal in by_conditions(statements(), &owners) {
        add(TestPrincipal::new(principal, &asked));
    }
    add(TestPrincipal::new(Principal::User { arn: STRANGE_USER.to_owned() }, &asked));
    add(TestPrincipal::new(Principal::Anonymous, &asked));
    add(TestPrincipal::new(
        Principal::Service { name: "example.amazonaws.com".to_owned() },
        &asked,
    ));
    let provider_arn = STRANGE_PROVIDER.to_owned();
    add(TestPrincipal::new(Principal::WebIdentity { provider_arn }, &asked));
    all
}

/// The principals that conditions name: by ARN, account, name, kind or service.
fn by_conditions<'s>(
    statements: impl Iterator<Item = &'s Statement>,
    owners: &BTreeSet<Owner>,
) -> Vec<Principal> {
    let mut all = Vec::new();
    let mut arns: Vec<Pattern> = Vec::new();
    for condition in statements.flat_map(|own| &own.conditions) {
        let texts = condition.values.iter().map(|value| value.text.as_str());
        match condition.key.text.to_lowercase().as_str() {
            "aws:principalarn" => arns.extend(texts.filter_map(|text| {
                Pattern::read(text, condition.operator.test.wildcards(), false, &Context::none())
            })),
            "aws:principalaccount" => all.extend(
                texts
                    .filter(|text| AccountId::parse(text).is_ok())
                    .filter_map(Owner::of)
                    .map(|owner| owner.user(EXAMPLE)),
            ),
            "aws:username" => {
                let names: Vec<String> =
                    texts.map(|text| text.replace('*', EXAMPLE).replace('?', "x")).collect();
                let users = |owner: &Owner| names.iter().map(|n| owner.user(n)).collect::<Vec<_>>();
                all.extend(owners.iter().flat_map(users));
            }
            "aws:principaltype" => all.extend(
                owners.iter().flat_map(|owner| [owner.user(EXAMPLE), owner.session(EXAMPLE)]),
            ),
            "aws:principalservicename" => {
                let names = texts.map(|text| text.replace('*', EXAMPLE).replace('?', "x"));
                all.extend(names.map(|name| Principal::Service { name }));
            }
            _ => {}
        }
    }
    let pairs = arns.iter().take(MOST_PAIRED).enumerate().flat_map(|(at, one)| {
        arns.iter()
            .take(MOST_PAIRED)
            .skip(at + 1)
            .map(move |other| vec![one.clone(), other.clone()])
    });
    let combinations: Vec<Vec<Pattern>> =
        arns.iter().map(|one| vec![one.clone()]).chain(pairs).collect();
    for owner in owners {
        for form in owner.arn_patterns() {
            let form = Pattern::new(&form);
            let found = combinations.iter().filter_map(|patterns| {
                let all: Vec<Pattern> = patterns.iter().cloned().chain([form.clone()]).collect();
                pattern_search::find(&all, &[]).ok().flatten()
            });
            all.extend(found.filter_map(|arn| by_arn(&arn)));
        }
    }
    // Of other accounts than those: where a pattern names its own.
    all.extend(arns.iter().filter_map(|one| by_arn(&one.example(EXAMPLE))));
    all
}

/// The principal of a value of `aws:PrincipalArn`. Its path and name are taken as they are: a pattern
/// may end in a slash, and its shortest text as well.
fn by_arn(text: &str) -> Option<Principal> {
    let arn = Arn::parse(text).ok()?;
    let owner = Owner::of_arn(&arn)?;
    match arn.resource().split_once('/') {
        Some((_, "")) => None,
        Some(("user", _)) => Some(Principal::User { arn: text.to_owned() }),
        Some(("role", path)) => Some(owner.session_of(text.to_owned(), path)),
        Some(_) => None,
        None => (arn.resource() == "root").then_some(Principal::Root { account: owner.account }),
    }
}

/// The principals that an `AWS` principal matches, and another of its account.
fn of_aws(text: &str, asked: &BTreeSet<String>) -> Vec<TestPrincipal> {
    if text == "*" {
        return Vec::new();
    }
    let Some(owner) = Owner::of(text) else { return unique(text, asked) };
    let others = [owner.user(EXAMPLE), Principal::Root { account: owner.account }];
    let mut all = Vec::new();
    let name = text.splitn(6, ':').nth(5).unwrap_or_default();
    match name.split_once('/') {
        Some(("role", path)) => all.push(owner.session_of(text.to_owned(), path)),
        Some(("assumed-role", path)) => {
            let role = path.split('/').next().unwrap_or(path);
            let (role_arn, session_arn) = (owner.role_arn(role), text.to_owned());
            all.push(Principal::RoleSession { role_arn, session_arn });
            all.push(owner.session(role));
        }
        Some(("federated-user", name)) => {
            let (arn, user_arn) = (text.to_owned(), owner.user_arn(name));
            all.push(Principal::Federated { arn, user_arn });
        }
        Some(("user", name)) => {
            all.push(Principal::User { arn: text.to_owned() });
            let (arn, user_arn) = (owner.federated_user_arn(name), text.to_owned());
            all.push(Principal::Federated { arn, user_arn });
        }
        _ => all.push(owner.session(EXAMPLE)),
    }
    all.into_iter().chain(others).map(|own| TestPrincipal::new(own, asked)).collect()
}

/// The principal with a unique id.
fn unique(id: &str, asked: &BTreeSet<String>) -> Vec<TestPrincipal> {
    let (principal, user_id) = if id.starts_with("AROA") {
        let (role_arn, session_arn) = (STRANGE_ROLE.to_owned(), STRANGE_SESSION.to_owned());
        (Principal::RoleSession { role_arn, session_arn }, [id, ":", EXAMPLE].concat())
    } else {
        (Principal::User { arn: STRANGE_USER.to_owned() }, id.to_owned())
    };
    let mut test_principal = TestPrincipal::new(principal, asked);
    test_principal.keys.push(("aws:userid".to_owned(), Some(user_id)));
    vec![test_principal]
}
