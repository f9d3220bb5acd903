//! What a role's trust policy says to EKS Pod Identity, and to the sessions of the source role that it gives.

use attache_identifiers::Region;
use attache_policy::condition_keys::{
    AssumeRoleKeys, POD_IDENTITY_SERVICE, POD_IDENTITY_TAGS, PrincipalKeys, ResourceKeys,
    ServiceSource, add_principal_tags, add_resource_tags,
};
use attache_policy::{Kind, Policy, Principal};
use time::OffsetDateTime;

use crate::desired::DesiredAssociation;
use crate::observe::ObservedRole;

use super::chain::RoleHop;
use super::open_conditions::{KnownKeys, add_time};
use super::session::SESSION_NAME;
use super::trust::{TrustAnswer, decide};

/// Both are needed: the sessions have tags.
const ACTIONS: [&str; 2] = ["sts:AssumeRole", "sts:TagSession"];

/// The tags that name the pod, which nobody knows beforehand.
const OF_THE_POD: [&str; 2] = ["kubernetes-pod-name", "kubernetes-pod-uid"];

/// What the trust policy says to one of the two actions that are needed.
pub(super) enum PodTrustAnswer {
    /// It decides by the pod's own name: by this condition key.
    OfThePod(String),
    /// It allows both, or says this to the first that it does not allow.
    Decided { action: &'static str, answer: TrustAnswer },
}

/// Decides both calls. `cluster` is the cluster's ARN.
pub(super) fn answer(
    hop: &RoleHop,
    found: &ObservedRole,
    (association, cluster): (&DesiredAssociation, &str),
    now: OffsetDateTime,
) -> PodTrustAnswer {
    let name = format!("trust policy of {}", hop.role.name());
    let trust = match Policy::parse(&found.trust, Kind::Trust) {
        Ok(trust) => trust.named(name),
        Err(invalid) => {
            let answer = TrustAnswer::Invalid(invalid);
            return PodTrustAnswer::Decided { action: ACTIONS[0], answer };
        }
    };
    let of_the_pod = |key: &String| {
        let tag = key.rsplit_once('/').map(|(_, tag)| tag.to_lowercase());
        tag.is_some_and(|tag| OF_THE_POD.contains(&tag.as_str()))
    };
    if let Some(key) = trust.condition_keys().into_iter().find(of_the_pod) {
        return PodTrustAnswer::OfThePod(key);
    }
    let mut worst = TrustAnswer::Allows;
    for action in ACTIONS {
        let principal = caller(hop, association);
        let known = known_keys(hop, found, (&principal, association, cluster), now);
        let answer = decide(&trust, hop, known, (principal, action));
        match answer {
            TrustAnswer::Allows => {}
            TrustAnswer::Open(_) => worst = answer,
            refused => return PodTrustAnswer::Decided { action, answer: refused },
        }
    }
    PodTrustAnswer::Decided { action: ACTIONS[0], answer: worst }
}

/// EKS's service for the source role, and a session of that for a target's.
fn caller(hop: &RoleHop, association: &DesiredAssociation) -> Principal {
    let source = &association.role;
    if hop.role == *source {
        return Principal::Service { name: POD_IDENTITY_SERVICE.to_owned() };
    }
    Principal::RoleSession {
        role_arn: source.to_string(),
        session_arn: source.session(SESSION_NAME).to_string(),
    }
}

fn known_keys(
    hop: &RoleHop,
    found: &ObservedRole,
    (principal, association, cluster): (&Principal, &DesiredAssociation, &str),
    now: OffsetDateTime,
) -> KnownKeys {
    let mut known = KnownKeys::default();
    let DesiredAssociation { workload, role: source, .. } = association;
    // What names the pod is not asked for: see `OfThePod`.
    let values = [
        cluster,
        &association.cluster.name,
        &workload.namespace,
        &workload.service_account,
        "pod",
        "uid",
    ];
    let tags: Vec<(&str, &str)> = POD_IDENTITY_TAGS.into_iter().zip(values).collect();
    PrincipalKeys::of(principal).add_to(&mut known);
    if matches!(principal, Principal::Service { .. }) {
        let source =
            ServiceSource { arn: Some(cluster), account: source.account(), organization: None };
        source.add_to(&mut known);
    } else {
        add_principal_tags(&mut known, tags.iter().copied());
    }
    let region = hop.region.as_ref().map(Region::as_str);
    add_time(&mut known, now, region);
    ResourceKeys { account: hop.role.account(), organization: None }.add_to(&mut known);
    let own = found.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    add_resource_tags(&mut known, Some("iam"), own);
    AssumeRoleKeys {
        session_name: Some(SESSION_NAME),
        tags: &tags,
        transitive_tag_keys: &POD_IDENTITY_TAGS,
        ..AssumeRoleKeys::default()
    }
    .add_to(&mut known);
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tests::chain;

    const FILE: &str = include_str!("../../../../examples/federation-pod-identity.yaml");

    /// What the file's own trust policy of a role says, changed so.
    fn says(hop: usize, from: &str, to: &str) -> String {
        let chain = chain(FILE);
        let association = chain.association.as_ref().unwrap();
        let hop = &chain.hops[hop];
        let trust = hop.desired.as_ref().unwrap().roles[0].trust.to_string();
        let changed = trust.replacen(from, to, 1);
        assert_eq!(changed == trust, from == to, "{from} is not in {trust}");
        let found = ObservedRole { trust: changed, ..ObservedRole::default() };
        let cluster = association.cluster_arn();
        match answer(hop, &found, (association, &cluster), OffsetDateTime::UNIX_EPOCH) {
            PodTrustAnswer::OfThePod(key) => format!("pod: {key}"),
            PodTrustAnswer::Decided { action, answer } => match answer {
                TrustAnswer::Allows => "allows".to_owned(),
                TrustAnswer::Open(open) => format!("open: {}", open[0].key),
                TrustAnswer::Refuses(_) => format!("refuses {action}"),
                TrustAnswer::Invalid(_) => "invalid".to_owned(),
                TrustAnswer::OlderVersion => "older".to_owned(),
            },
        }
    }

    #[test]
    fn both_actions_are_decided_for_the_workload_of_the_cluster() {
        let service = r#""Service":"pods.eks.amazonaws.com""#;
        let actions = r#"["sts:AssumeRole","sts:TagSession"]"#;
        for (hop, from, to, expected) in [
            (0, "", "", "allows"),
            (1, "", "", "allows"),
            (0, actions, r#""sts:AssumeRole""#, "refuses sts:TagSession"),
            (1, actions, r#""sts:TagSession""#, "refuses sts:AssumeRole"),
            (0, service, r#""Service":"ec2.amazonaws.com""#, "refuses sts:AssumeRole"),
            (0, "cluster/prod", "cluster/other", "refuses sts:AssumeRole"),
            (1, "cluster/prod", "cluster/other", "refuses sts:AssumeRole"),
            (0, r#":"reader""#, r#":"writer""#, "refuses sts:AssumeRole"),
            (1, "role/CauselyMediation", "role/Other", "refuses sts:AssumeRole"),
            (
                0,
                r#""StringEquals":{"#,
                r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"StringEquals":{"#,
                "open: aws:SourceIp",
            ),
            (
                0,
                "aws:RequestTag/kubernetes-namespace",
                "aws:RequestTag/kubernetes-pod-name",
                "pod: aws:RequestTag/kubernetes-pod-name",
            ),
            (0, r#""Allow""#, r#""Perhaps""#, "invalid"),
        ] {
            assert_eq!(says(hop, from, to), expected, "{hop}: {from} -> {to}");
        }
    }
}
