//! Who may ask: everyone that a policy names, and a stranger.

use names::AccountId;

use crate::statement::{PrincipalKind, Principals};
use crate::{Context, Principal};

/// Someone who asks, and the keys that go with that.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asker {
    pub(super) principal: Principal,
    pub(super) keys: Context,
}

impl Asker {
    fn new(principal: Principal) -> Self {
        Self { principal, keys: Context::new() }
    }

    /// Whose own policies these are: which one it is makes no difference there.
    pub(super) fn own() -> Self {
        Self::new(session("111122223333", "example"))
    }
}

/// All who can make a difference.
pub(super) fn askers<'p>(named: impl Iterator<Item = &'p Principals>) -> Vec<Asker> {
    let mut all = Vec::new();
    let mut add = |asker: Asker| {
        if !all.contains(&asker) {
            all.push(asker);
        }
    };
    for (kind, text) in named.flat_map(|principals| &principals.list) {
        match kind {
            PrincipalKind::Anyone => {}
            PrincipalKind::Aws => of_aws(&text.text).into_iter().for_each(&mut add),
            PrincipalKind::Federated => {
                let provider_arn = text.text.clone();
                add(Asker::new(Principal::WebIdentity { provider_arn }));
            }
            PrincipalKind::Service => {
                add(Asker::new(Principal::Service { name: text.text.clone() }));
            }
            PrincipalKind::CanonicalUser => {
                add(Asker::new(Principal::CanonicalUser { id: text.text.clone() }));
            }
        }
    }
    add(Asker::new(user("999999999999", "example")));
    add(Asker::new(Principal::Anonymous));
    add(Asker::new(Principal::Service { name: "example.amazonaws.com".to_owned() }));
    let provider_arn = "arn:aws:iam::999999999999:oidc-provider/issuer.example".to_owned();
    add(Asker::new(Principal::WebIdentity { provider_arn }));
    all
}

/// Whom an `AWS` principal takes in, and another of its account.
fn of_aws(text: &str) -> Vec<Asker> {
    if text == "*" {
        return Vec::new();
    }
    let account = match AccountId::parse(text) {
        Ok(_) => text,
        Err(_) => text.split(':').nth(4).unwrap_or_default(),
    };
    let Ok(id) = AccountId::parse(account) else { return unique(text) };
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
    all.into_iter().chain(others).map(Asker::new).collect()
}

/// The one whom a unique id names.
fn unique(id: &str) -> Vec<Asker> {
    let mut keys = Context::new();
    let principal = if id.starts_with("AROA") {
        keys.set("aws:userid", format!("{id}:example"));
        session("999999999999", "example")
    } else {
        keys.set("aws:userid", id);
        user("999999999999", "example")
    };
    vec![Asker { principal, keys }]
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
