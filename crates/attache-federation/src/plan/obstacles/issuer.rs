//! Issuers that STS cannot reach, and providers that would be there twice.

use std::net::Ipv4Addr;

use attache_identifiers::{Issuer, Region};

use crate::desired::Account;
use crate::observe::ObservedAccount;
use crate::plan::change::{Action, Change, Finding, Kind};

/// Names that are no public DNS names: a cluster's own, and those that are reserved.
/// <https://www.rfc-editor.org/rfc/rfc6761>, <https://www.rfc-editor.org/rfc/rfc6762#appendix-G>,
/// <https://www.rfc-editor.org/rfc/rfc8375>
const PRIVATE_ENDINGS: [&str; 13] = [
    "svc",
    "local",
    "localhost",
    "internal",
    "localdomain",
    "lan",
    "home",
    "corp",
    "private",
    "intranet",
    "invalid",
    "test",
    "home.arpa",
];

/// The findings of each issuer, at its provider's change.
pub(super) fn find(
    changes: &mut [Change],
    desired: &Account,
    observed: &ObservedAccount,
    is_laboratory: bool,
) {
    for provider in &desired.providers {
        find_one(changes, &provider.issuer, observed, is_laboratory);
    }
}

fn find_one(
    changes: &mut [Change],
    issuer: &Issuer,
    observed: &ObservedAccount,
    is_laboratory: bool,
) {
    let is_its = |change: &&mut Change| {
        change.resource.kind == Kind::Provider
            && change.resource.name == issuer.host_and_path()
            && matches!(change.action, Action::Create | Action::Update | Action::Unchanged)
    };
    let Some(change) = changes.iter_mut().find(is_its) else { return };
    if let Some(why) = unreachable(issuer) {
        let message = format!(
            "AWS cannot reach the issuer {issuer}: {why}; STS refuses its tokens, for it fetches the keys \
             from there"
        );
        let finding =
            if is_laboratory { Finding::warning(message) } else { Finding::error(message) };
        change.warn(finding.help(
            "the API server's --service-account-issuer must be a public https URL that serves \
             /.well-known/openid-configuration; EKS has one: aws eks describe-cluster --name NAME --query \
             cluster.identity.oidc.issuer --output text",
        ));
    }
    if let Some(why) = eks_mistake(issuer) {
        change.warn(Finding::warning(why));
    }
    if change.action != Action::Create {
        return;
    }
    for other in observed.provider_arns.iter().flatten().map(|arn| arn.host_and_path()) {
        let own = issuer.host_and_path();
        let differs = match () {
            () if other == own => continue,
            () if other.trim_end_matches('/') == own.trim_end_matches('/') => {
                "differs in the slash at the end"
            }
            () if other.eq_ignore_ascii_case(own) => "differs in the case of its letters",
            () => continue,
        };
        change.warn(
            Finding::warning(format!(
                "the account has a provider for https://{other}, which {differs}: this makes a second one, \
                 and a token fits one of them alone"
            ))
            .help("the issuer must be written as the claim `iss` of the tokens has it: attache token inspect"),
        );
    }
}

/// Why no host outside can be meant.
fn unreachable(issuer: &Issuer) -> Option<String> {
    let host = issuer.host_and_path().split('/').next().unwrap_or_default();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return is_private(address).then(|| format!("{address} is a private address"));
    }
    if !host.contains('.') {
        return Some(format!("{host} is a name without a domain"));
    }
    let ends = |ending: &&str| host.ends_with(&format!(".{ending}"));
    if host.ends_with(".svc.cluster.local") || ends(&"svc") {
        return Some(format!("{host} is known inside the cluster alone"));
    }
    let ending = PRIVATE_ENDINGS.iter().find(|ending| ends(ending))?;
    Some(format!("names that end in .{ending} are private"))
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>
fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || (first == 100 && (64..128).contains(&second))
}

/// What no cluster of EKS has for an issuer: `https://oidc.eks.REGION.amazonaws.com/id/` and 32 capitals or digits.
fn eks_mistake(issuer: &Issuer) -> Option<String> {
    let (host, path) = issuer.host_and_path().split_once('/')?;
    let region = host.strip_prefix("oidc.eks.")?.split('.').next()?;
    if path.ends_with('/') {
        return Some(format!(
            "{issuer} ends with a slash, which the issuers of EKS do not: no token of the cluster fits it"
        ));
    }
    if path.trim_start_matches("id/").bytes().any(|b| b.is_ascii_lowercase()) {
        return Some(format!(
            "{issuer} has small letters in its id, where EKS writes capitals: no token of the cluster fits it"
        ));
    }
    let region = Region::parse(region).ok()?;
    let near = region.nearest().map(|near| format!(": did you mean {near}?")).unwrap_or_default();
    (!region.is_known()).then(|| format!("the region {region} in the issuer is not known{near}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_aws_cannot_reach_are_told() {
        for (url, expected) in [
            ("https://kubernetes.default.svc", Some("inside the cluster")),
            ("https://kubernetes.default.svc.cluster.local", Some("inside the cluster")),
            ("https://kubernetes", Some("without a domain")),
            ("https://localhost/oidc", Some("without a domain")),
            ("https://10.96.0.1", Some("private address")),
            ("https://172.16.0.1", Some("private address")),
            ("https://192.168.49.2", Some("private address")),
            ("https://127.0.0.1", Some("private address")),
            ("https://169.254.169.254", Some("private address")),
            ("https://100.64.0.1", Some("private address")),
            ("https://0.0.0.0", Some("private address")),
            ("https://cluster.corp.internal/oidc", Some(".internal")),
            ("https://minikube.local", Some(".local")),
            ("https://oidc.home.arpa", Some(".home.arpa")),
            ("https://KUBERNETES.default.SVC.", Some("inside the cluster")),
            ("https://172.32.0.1", None),
            ("https://8.8.8.8", None),
            ("https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE", None),
            ("https://local.example.com", None),
        ] {
            let found = unreachable(&Issuer::parse(url).unwrap());
            assert_eq!(found.is_some(), expected.is_some(), "{url}: {found:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{url}");
        }
    }

    #[test]
    fn mistakes_in_an_issuer_of_eks_are_told() {
        let id = "D539D4633E53DE1B716D3041ED539D46";
        let issuer = |region: &str, id: &str| {
            Issuer::parse(&format!("https://oidc.eks.{region}.amazonaws.com/id/{id}")).unwrap()
        };
        for (issuer, expected) in [
            (issuer("us-east-1", id), None),
            (issuer("us-east-1", &format!("{id}/")), Some("slash")),
            (issuer("us-east-1", &id.to_lowercase()), Some("capitals")),
            (issuer("us-esat-1", id), Some("us-east-1?")),
        ] {
            let found = eks_mistake(&issuer);
            assert_eq!(found.is_some(), expected.is_some(), "{issuer}: {found:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{issuer}");
        }
    }
}
