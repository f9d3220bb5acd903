//! What stands beside what is looked for: a name that differs in a letter, another namespace, another cluster's
//! issuer. A list shows it; an answer of "not found" does not.

use attache_aws_accounts::ListedAssociation;
use attache_identifiers::{
    Issuer, ProviderArn, RoleName, namespace_and_name, service_account_subject,
};
use attache_policy::syntax::{Effect, PrincipalKind};
use attache_policy::{Kind, Policy};

use crate::clients::Clients;
use crate::document::Workload;
use crate::error::FederationError;
use crate::observe;
use crate::provider_use::ProviderUse;

/// Ours: letters that may differ in a name that was meant.
const MOST_EDITS: usize = 2;

/// Ours: how many are named.
const MOST_NAMED: usize = 3;

/// Roles whose name is nearly this one, or which trust the issuer.
pub(super) async fn roles(
    clients: &Clients,
    name: &RoleName,
    provider: Option<&ProviderArn>,
) -> Result<Option<String>, FederationError> {
    let roles = observe::all_roles(clients, "list the roles").await?;
    let near = |other: &str| is_near(other, name.as_str());
    let mut found: Vec<String> = roles
        .iter()
        .filter(|role| near(role.role_name()))
        .map(|role| role.arn().to_owned())
        .collect();
    if let Some(provider) = provider {
        let trusts = roles.iter().filter(|role| {
            observe::use_by(role, provider) == ProviderUse::Possible && !near(role.role_name())
        });
        found.extend(trusts.map(|role| format!("{}, which trusts the issuer", role.arn())));
    }
    Ok(named("there is", found))
}

/// Providers whose URL is nearly this one.
pub(super) async fn providers(
    clients: &Clients,
    issuer: &Issuer,
) -> Result<Option<String>, FederationError> {
    let attempt = "list the OIDC providers";
    let call = clients.iam.list_open_id_connect_providers();
    let list = clients.send(|| call.clone().send()).await;
    let list = list.map_err(|e| FederationError::of(attempt, clients.account, &e))?;
    let arns = list.open_id_connect_provider_list().iter().filter_map(|own| own.arn());
    let providers = arns.filter_map(|arn| ProviderArn::parse(arn).ok());
    let found = providers.filter_map(|provider| {
        let why = other_issuer(provider.host_and_path(), issuer.host_and_path())?;
        Some(format!("https://{}, {why}", provider.host_and_path()))
    });
    Ok(named("there is", found.collect()))
}

/// Service accounts with an association whose name is nearly the workload's, or the same in another namespace.
pub(super) fn associated(listed: &[ListedAssociation], workload: &Workload) -> Option<String> {
    let own = workload.subject();
    let subject =
        |one: &ListedAssociation| service_account_subject(&one.namespace, &one.service_account);
    let near = |one: &&ListedAssociation| {
        one.service_account == workload.service_account || is_near(&subject(one), &own)
    };
    let found = listed.iter().filter(near).filter_map(|one| other_subject(&subject(one), &own));
    named("there is one of", found.collect())
}

/// How a trust policy names nearly this workload.
pub(super) fn trusted(
    trust: &str,
    provider: &ProviderArn,
    subject: &str,
    audiences: &[String],
) -> Option<String> {
    let policy = Policy::parse(trust, Kind::Trust).ok()?;
    let own = provider.host_and_path();
    let mut found = Vec::new();
    let allows = policy.statements().iter().filter(|own| own.effect == Effect::Allow);
    for statement in allows {
        let principals = statement.principal.iter().flat_map(|own| &own.list);
        for (_, name) in principals.filter(|(kind, _)| *kind == PrincipalKind::Federated) {
            let Ok(other) = ProviderArn::parse(&name.text) else { continue };
            if other.host_and_path() == own && other != *provider {
                found.push(format!("the provider of the account {}", other.account()));
            }
            let why = other_issuer(other.host_and_path(), own);
            found.extend(why.map(|why| format!("https://{}, {why}", other.host_and_path())));
        }
        for condition in &statement.conditions {
            let Some((host, claim)) = condition.key.text.rsplit_once(':') else { continue };
            if let Some(why) = other_issuer(host, own) {
                found.push(format!("claims of https://{host}, {why}"));
            }
            for value in &condition.values {
                match claim {
                    "sub" => found.extend(other_subject(&value.text, subject)),
                    "aud" if !audiences.contains(&value.text) => {
                        found.push(format!("the audience {}", value.text));
                    }
                    _ => {}
                }
            }
        }
    }
    found.dedup();
    named("it trusts", found)
}

/// How another issuer is nearly this one; nothing where it is the same or quite another.
fn other_issuer(other: &str, own: &str) -> Option<&'static str> {
    if other == own {
        return None;
    }
    if other.trim_end_matches('/') == own.trim_end_matches('/') {
        return Some("which differs in the slash at the end");
    }
    if other.eq_ignore_ascii_case(own) {
        return Some("which differs in the case of its letters");
    }
    let host = |text: &str| text.split('/').next().unwrap_or_default().to_owned();
    let id = |text: &str| text.split_once('/').map(|(_, path)| path.to_owned());
    let (other_host, own_host) = (host(other), host(own));
    if other_host == own_host {
        return Some("which is another cluster's");
    }
    let is_eks = |host: &str| host.starts_with("oidc.eks.") || host.starts_with("oidc-eks.");
    if is_eks(&other_host) && is_eks(&own_host) {
        return Some(match id(other) == id(own) {
            true => "which is of another region",
            false => "which is another cluster's, in another region",
        });
    }
    is_near(other, own).then_some("which differs in a letter or two")
}

/// How another subject is nearly this one.
fn other_subject(other: &str, own: &str) -> Option<String> {
    if other == own {
        return None;
    }
    if other.eq_ignore_ascii_case(own) {
        return Some(format!("{other}, which differs in the case of its letters"));
    }
    let (namespace, name) = namespace_and_name(other)?;
    let (own_namespace, own_name) = namespace_and_name(own)?;
    Some(match (namespace == own_namespace, name == own_name) {
        (false, true) => format!("the service account {name} of another namespace, {namespace}"),
        (true, false) => format!("another service account of the namespace {namespace}, {name}"),
        _ => format!("another service account, {name} of the namespace {namespace}"),
    })
}

fn is_near(other: &str, own: &str) -> bool {
    other.eq_ignore_ascii_case(own)
        || strsim::damerau_levenshtein(&other.to_lowercase(), &own.to_lowercase()) <= MOST_EDITS
}

fn named(head: &str, mut found: Vec<String>) -> Option<String> {
    let more = found.len().saturating_sub(MOST_NAMED);
    found.truncate(MOST_NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (!found.is_empty()).then(|| format!("{head} {}{more}", found.join("; ")))
}

/// A sentence, with what is near on the next line.
pub(super) fn beside(sentence: &str, near: Option<&String>) -> String {
    near.map_or_else(|| sentence.to_owned(), |near| format!("{sentence}\n{near}"))
}

/// Whether a token for this audience is meant for the API server itself.
pub(super) fn is_for_the_api_server(audience: &str, issuer: &str) -> bool {
    let host = audience.strip_prefix("https://").unwrap_or(audience);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let in_cluster = host == "kubernetes"
        || host == "kubernetes.default"
        || host.starts_with("kubernetes.default.");
    // The audience of distributions, beside that of the service.
    let distribution = matches!(audience, "k3s" | "rke2" | "api");
    in_cluster || distribution || audience.trim_end_matches('/') == issuer.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_says_how_it_differs() {
        let own = "oidc.eks.us-east-1.amazonaws.com/id/AAAA";
        for (other, expected) in [
            ("oidc.eks.us-east-1.amazonaws.com/id/AAAA", None),
            ("oidc.eks.us-east-1.amazonaws.com/id/AAAA/", Some("slash")),
            ("oidc.eks.us-east-1.amazonaws.com/id/aaaa", Some("case")),
            ("oidc.eks.us-east-1.amazonaws.com/id/BBBB", Some("another cluster")),
            ("oidc.eks.eu-west-1.amazonaws.com/id/AAAA", Some("another region")),
            ("oidc.eks.eu-west-1.amazonaws.com/id/BBBB", Some("in another region")),
            ("token.actions.githubusercontent.com", None),
        ] {
            let found = other_issuer(other, own);
            assert_eq!(found.is_some(), expected.is_some(), "{other}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{other}");
        }
    }

    #[test]
    fn the_api_servers_own_audiences_are_known() {
        let issuer = "https://oidc.example/id/A";
        for audience in [
            "https://kubernetes.default.svc",
            "https://kubernetes.default.svc.cluster.local",
            "https://kubernetes.default.svc:443",
            "kubernetes.default.svc",
            issuer,
            "k3s",
        ] {
            assert!(is_for_the_api_server(audience, issuer), "{audience}");
        }
        for audience in ["sts.amazonaws.com", "vault", "https://kubernetes.example"] {
            assert!(!is_for_the_api_server(audience, issuer), "{audience}");
        }
    }
}
