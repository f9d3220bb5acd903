//! The principals to compare two policies with: those that the policies name, by principal or by a
//! condition on one, and some of an account that neither names.

use std::collections::BTreeSet;

use attache_identifiers::AccountId;

use crate::condition_keys::{KeySink, PrincipalKeys};
use crate::pattern::Pattern;
use crate::pattern_search;
use crate::principal::issuer_of;
use crate::syntax::{PrincipalKind, Principals, Statement};
use crate::{Context, Policy, Principal};

/// An account that neither policy is likely to name.
const STRANGE: &str = "999999999999";

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
        Self { principal: session("111122223333", "example"), keys: Vec::new() }
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
    let mut accounts: BTreeSet<String> = named
        .iter()
        .flat_map(|principals| &principals.list)
        .filter(|(kind, _)| *kind == PrincipalKind::Aws)
        .filter_map(|(_, text)| account_of(&text.text))
        .collect();
    accounts.insert(STRANGE.to_owned());
    for principal in by_conditions(statements(), &accounts) {
        add(TestPrincipal::new(principal, &asked));
    }
    add(TestPrincipal::new(user(STRANGE, "example"), &asked));
    add(TestPrincipal::new(Principal::Anonymous, &asked));
    add(TestPrincipal::new(
        Principal::Service { name: "example.amazonaws.com".to_owned() },
        &asked,
    ));
    let provider_arn = format!("arn:aws:iam::{STRANGE}:oidc-provider/issuer.example");
    add(TestPrincipal::new(Principal::WebIdentity { provider_arn }, &asked));
    all
}

/// The principals that conditions name: by ARN, account, name, kind or service.
fn by_conditions<'s>(
    statements: impl Iterator<Item = &'s Statement>,
    accounts: &BTreeSet<String>,
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
                texts.filter(|text| AccountId::parse(text).is_ok()).map(|own| user(own, "example")),
            ),
            "aws:username" => {
                let names: Vec<String> =
                    texts.map(|text| text.replace('*', "example").replace('?', "x")).collect();
                let of =
                    |account: &String| names.iter().map(|n| user(account, n)).collect::<Vec<_>>();
                all.extend(accounts.iter().flat_map(of));
            }
            "aws:principaltype" => all.extend(
                accounts
                    .iter()
                    .flat_map(|account| [user(account, "example"), session(account, "example")]),
            ),
            "aws:principalservicename" => {
                let names = texts.map(|text| text.replace('*', "example").replace('?', "x"));
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
    let wanted: Vec<Vec<Pattern>> = arns.iter().map(|one| vec![one.clone()]).chain(pairs).collect();
    for account in accounts {
        for view in ARN_FORMS {
            let view = view.replace("ACCOUNT", account);
            let view = Pattern::new(&view);
            let found = wanted.iter().filter_map(|wanted| {
                let all: Vec<Pattern> = wanted.iter().cloned().chain([view.clone()]).collect();
                pattern_search::find(&all, &[]).ok().flatten()
            });
            all.extend(found.filter_map(|arn| by_arn(&arn)));
        }
    }
    // Of other accounts than those: where a pattern names its own.
    let own = arns.iter().filter_map(|one| by_arn(&one.example("example")));
    all.extend(own.collect::<Vec<_>>());
    all
}

/// What the ARNs of principals look like.
const ARN_FORMS: [&str; 3] =
    ["arn:aws:iam::ACCOUNT:role/?*", "arn:aws:iam::ACCOUNT:user/?*", "arn:aws:iam::ACCOUNT:root"];

/// The principal of a value of `aws:PrincipalArn`.
fn by_arn(arn: &str) -> Option<Principal> {
    let account = AccountId::parse(arn.split(':').nth(4)?).ok()?;
    let (kind, path) = match arn.splitn(6, ':').nth(5)?.split_once('/') {
        Some((kind, path)) if !path.is_empty() => (kind, path),
        Some(_) => return None,
        None => return arn.ends_with(":root").then_some(Principal::Root { account }),
    };
    match kind {
        "user" => Some(Principal::User { arn: arn.to_owned() }),
        "role" => {
            let last = path.rsplit('/').next().unwrap_or(path);
            let session_arn = format!("arn:aws:sts::{account}:assumed-role/{last}/example");
            Some(Principal::RoleSession { role_arn: arn.to_owned(), session_arn })
        }
        _ => None,
    }
}

/// The account of a principal under `AWS`.
fn account_of(text: &str) -> Option<String> {
    let id = if AccountId::parse(text).is_ok() { text } else { text.split(':').nth(4)? };
    AccountId::parse(id).ok().map(|id| id.to_string())
}

/// The principals that an `AWS` principal matches, and another of its account.
fn of_aws(text: &str, asked: &BTreeSet<String>) -> Vec<TestPrincipal> {
    if text == "*" {
        return Vec::new();
    }
    let Some(account) = account_of(text) else { return unique(text, asked) };
    let account = account.as_str();
    let Ok(id) = AccountId::parse(account) else { return Vec::new() };
    let others = [user(account, "example"), Principal::Root { account: id }];
    let mut all = Vec::new();
    let name = text.splitn(6, ':').nth(5).unwrap_or_default();
    match name.split_once('/') {
        Some(("role", path)) => {
            let last = path.rsplit('/').next().unwrap_or(path);
            let session_arn = format!("arn:aws:sts::{account}:assumed-role/{last}/example");
            all.push(Principal::RoleSession { role_arn: text.to_owned(), session_arn });
        }
        Some(("assumed-role", path)) => {
            let role = path.split('/').next().unwrap_or(path);
            all.push(Principal::RoleSession {
                role_arn: format!("arn:aws:iam::{account}:role/{role}"),
                session_arn: text.to_owned(),
            });
            all.push(session(account, role));
        }
        Some(("federated-user", own)) => {
            let user_arn = format!("arn:aws:iam::{account}:user/{own}");
            all.push(Principal::Federated { arn: text.to_owned(), user_arn });
        }
        Some(("user", own)) => {
            all.push(Principal::User { arn: text.to_owned() });
            let arn = format!("arn:aws:sts::{account}:federated-user/{own}");
            all.push(Principal::Federated { arn, user_arn: text.to_owned() });
        }
        _ => all.push(session(account, "example")),
    }
    all.into_iter().chain(others).map(|own| TestPrincipal::new(own, asked)).collect()
}

/// The principal with a unique id.
fn unique(id: &str, asked: &BTreeSet<String>) -> Vec<TestPrincipal> {
    let (principal, user_id) = if id.starts_with("AROA") {
        (session(STRANGE, "example"), format!("{id}:example"))
    } else {
        (user(STRANGE, "example"), id.to_owned())
    };
    let mut test_principal = TestPrincipal::new(principal, asked);
    test_principal.keys.push(("aws:userid".to_owned(), Some(user_id)));
    vec![test_principal]
}

fn user(account: &str, name: &str) -> Principal {
    Principal::User { arn: format!("arn:aws:iam::{account}:user/{name}") }
}

fn session(account: &str, role: &str) -> Principal {
    Principal::RoleSession {
        role_arn: format!("arn:aws:iam::{account}:role/{role}"),
        session_arn: format!("arn:aws:sts::{account}:assumed-role/{role}/example"),
    }
}
