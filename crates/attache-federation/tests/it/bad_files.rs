//! What a person reads when a federation file is wrong: place, line, reason, and what would be
//! right.

use attache_federation::Federation;

const GOOD: &str = r#"apiVersion: attache/v1
kind: Federation
metadata: { name: causely }
spec:
  issuer: https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE
  workload: { namespace: causely, serviceAccount: causely-mediator }
  source: { account: "111111111111", role: CauselyMediation }
  targets:
    - account: "222222222222"
      role: CauselyAccess
      region: us-east-1
      policies: [ReadOnlyAccess]
"#;

/// The whole complaint, as the command line prints it but without colours.
fn complaint(text: &str) -> String {
    let invalid = attache_federation::FederationFile::from_yaml(text, "federation.yaml")
        .expect_err("it is wrong");
    let theme = miette::GraphicalTheme::unicode_nocolor();
    let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
    let mut shown = String::new();
    handler.render_report(&mut shown, &invalid).expect("it prints");
    shown
}

#[test]
fn the_example_is_read() {
    Federation::from_yaml(GOOD, "federation.yaml").expect("it is good");
}

#[test]
fn every_mistake_is_told_with_its_place_and_its_remedy() {
    let cases = [
        ("misspelt key", "policies:", "policy:"),
        ("key of another place", "      policies:", "      issuer:"),
        ("missing key", "      role: CauselyAccess\n", ""),
        ("wrong version", "attache/v1", "attache/v2"),
        ("wrong kind", "kind: Federation", "kind: Secret"),
        ("unknown mode", "  workload:", "  mode: chainned\n  workload:"),
        ("mode in other letters", "  workload:", "  mode: podidentity\n  workload:"),
        (
            "no issuer",
            "  issuer: https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE\n",
            "",
        ),
        (
            "cluster of the mode direct",
            "  workload:",
            "  cluster: { name: prod, region: us-east-1 }\n  workload:",
        ),
        (
            "mode podIdentity with an issuer",
            "  workload:",
            "  mode: podIdentity\n  cluster: { name: prod, region: us-east-1 }\n  workload:",
        ),
        ("no audience in the list", "  workload:", "  audience: []\n  workload:"),
        (
            "audience twice",
            "  workload:",
            "  audience: [sts.amazonaws.com, sts.amazonaws.com]\n  workload:",
        ),
        (
            "an empty audience in the list",
            "  workload:",
            "  audience: [sts.amazonaws.com, '']\n  workload:",
        ),
        ("a map of audiences", "  workload:", "  audience: { a: b }\n  workload:"),
        ("placeholder in the issuer", "oidc.eks.us-east-1.", "oidc.eks.region-code."),
        ("placeholder as the region", "region: us-east-1", "region: region-code"),
        ("issuer without https", "issuer: https://", "issuer: http://"),
        ("account of 11 digits", "\"222222222222\"", "\"22222222222\""),
        ("role name with a space", "role: CauselyAccess", "role: Causely Access"),
        ("policy of another account", "ReadOnlyAccess", "arn:aws:iam::333333333333:policy/X"),
        ("policy twice in other letters", "[ReadOnlyAccess]", "[ReadOnlyAccess, readonlyaccess]"),
        (
            "inline policy twice in other letters",
            "[ReadOnlyAccess]",
            "[]\n      inlinePolicies: { a: '{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}]}', A: '{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}]}' }",
        ),
        (
            "trust statement with a Resource",
            "[ReadOnlyAccess]",
            "[]\n      trustStatements: [{ Effect: Deny, Principal: '*', Action: 'sts:*', Resource: '*' }]",
        ),
        (
            "kept condition that is no key",
            "[ReadOnlyAccess]",
            "[]\n      keep: { trustConditions: [SourceIp] }",
        ),
        ("misspelt key of keep", "[ReadOnlyAccess]", "[]\n      keep: { trustDeny: true }"),
        ("policy twice", "[ReadOnlyAccess]", "[ReadOnlyAccess, ReadOnlyAccess]"),
        ("text where a list belongs", "[ReadOnlyAccess]", "ReadOnlyAccess"),
        ("session of a minute", "[ReadOnlyAccess]", "[]\n      maxSessionDuration: 60"),
        ("path without slashes", "[ReadOnlyAccess]", "[]\n      path: team"),
        ("reserved tag", "[ReadOnlyAccess]", "[]\n      tags: { \"aws:x\": y }"),
        (
            "inline policy that is no JSON",
            "[ReadOnlyAccess]",
            "[]\n      inlinePolicies: { x: '{' }",
        ),
        (
            "inline policy that is no policy",
            "[ReadOnlyAccess]",
            "[]\n      inlinePolicies: { x: { Statement: { Effect: Allowed, Action: '*', Resource: '*' } } }",
        ),
        ("namespace in capitals", "namespace: causely", "namespace: Causely"),
        (
            "same account twice",
            "[ReadOnlyAccess]\n",
            "[]\n    - { account: \"222222222222\", role: B, region: us-east-1 }\n",
        ),
        ("source's role as a target", "role: CauselyAccess", "role: CauselyMediation"),
        (
            "two partitions",
            "[ReadOnlyAccess]\n",
            "[]\n    - { account: \"333333333333\", role: B, region: cn-north-1 }\n",
        ),
        (
            "organization's id",
            "  workload:",
            "  organization: { id: r-abcd, management: \"111111111111\" }\n  workload:",
        ),
        ("short thumbprint", "  workload:", "  thumbprints: [AABB]\n  workload:"),
        ("key twice", "kind: Federation", "kind: Federation\nkind: Federation"),
        ("broken YAML", "metadata: {", "metadata: [{"),
    ];
    let mut shown = String::new();
    for (what, from, to) in cases {
        assert!(GOOD.contains(from), "{what}: the case is about nothing");
        let mut text = GOOD.replacen(from, to, 1);
        if what == "source's role as a target" {
            text = text.replacen("222222222222", "111111111111", 1);
        }
        shown.push_str(&format!("=== {what}\n{}\n", complaint(&text)));
    }
    shown.push_str(&format!("=== empty file\n{}", complaint("")));
    insta::assert_snapshot!(shown);
}

const SEVERAL: &str = include_str!("../../../../examples/federation-organization.yaml");

#[test]
fn mistakes_about_several_clusters_workloads_and_accounts_are_told() {
    attache_federation::FederationFile::from_yaml(SEVERAL, "federation.yaml").expect("it is good");
    let cases = [
        ("a cluster's name twice", "name: prod-us", "name: prod-eu"),
        (
            "an issuer twice",
            "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLEB39D4633E53DE1B71EXAMPLEB",
            "https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLEA39D4633E53DE1B71EXAMPLEA/",
        ),
        ("an issuer beside clusters", "  clusters:", "  issuer: https://oidc.example\n  clusters:"),
        ("a misspelt cluster", "clusters: [prod-eu]", "clusters: [prod-usa]"),
        ("no cluster of a workload", "clusters: [prod-eu]", "clusters: []"),
        (
            "workload and workloads",
            "  workloads:",
            "  workload: { namespace: a, serviceAccount: b }\n  workloads:",
        ),
        (
            "a workload twice",
            "namespace: ops, serviceAccount: bucket-report",
            "namespace: causely, serviceAccount: causely-mediator",
        ),
        ("a misspelt workload", "[ops/bucket-report]", "[ops/bucket-reports]"),
        (
            "account and organization",
            "    - organization:",
            "    - account: \"333333333333\"\n      organization:",
        ),
        ("neither of them", "    - account: \"222222222222\"\n      role", "    - role"),
        ("a unit by its name", "ou-abcd-11111111", "Workloads"),
        ("a key that no selection has", "include: { units", "include: { unit"),
        ("a misspelt type", "[s3:bucket]", "[s3:buckets]"),
        ("no type", "[s3:bucket]", "[]"),
        ("a word for the types", "catalog: all", "catalog: everything"),
        (
            "the policy of the types by hand",
            "access: { catalog: [s3:bucket] }",
            "access: { catalog: [s3:bucket] }\n      inlinePolicies: { attachecatalog: { Version: \"2012-10-17\", Statement: [{ Effect: Deny, Action: '*', Resource: '*' }] } }",
        ),
        (
            "the mode podIdentity with clusters",
            "  clusters:",
            "  mode: podIdentity\n  cluster: { name: p, region: us-east-1 }\n  clusters:",
        ),
    ];
    let mut shown = String::new();
    for (what, from, to) in cases {
        assert!(SEVERAL.contains(from), "{what}: the case is about nothing");
        let text = SEVERAL.replacen(from, to, 1);
        shown.push_str(&format!("=== {what}\n{}\n", complaint(&text)));
    }
    insta::assert_snapshot!(shown);
}

const PODS: &str = include_str!("../../../../examples/federation-pod-identity.yaml");

#[test]
fn the_example_of_pod_identity_is_read() {
    let federation = Federation::from_yaml(PODS, "federation.yaml").expect("it is good");
    assert_eq!(federation.mode(), attache_federation::Mode::PodIdentity);
    assert!(federation.identities().all(|identity| identity.issuer.is_none()));
}

#[test]
fn every_mistake_of_pod_identity_is_told_with_its_place_and_its_remedy() {
    const CLUSTER: &str = "  cluster: { name: prod, region: us-east-1 }\n";
    let cases = [
        ("no cluster", CLUSTER, ""),
        ("a cluster without a name", "{ name: prod, region: us-east-1 }", "{ region: us-east-1 }"),
        ("a cluster without a region", "name: prod, region: us-east-1", "name: prod"),
        (
            "an ARN for the name",
            "name: prod",
            "name: 'arn:aws:eks:us-east-1:111111111111:cluster/prod'",
        ),
        ("a name that begins with a hyphen", "name: prod", "name: -prod"),
        (
            "a region of another partition",
            "name: prod, region: us-east-1",
            "name: prod, region: cn-north-1",
        ),
        ("an unknown key of the cluster", "name: prod,", "name: prod, account: '1',"),
        (
            "an audience",
            CLUSTER,
            "  cluster: { name: prod, region: us-east-1 }\n  audience: sts.amazonaws.com\n",
        ),
        (
            "no thumbprints",
            CLUSTER,
            "  cluster: { name: prod, region: us-east-1 }\n  thumbprints: []\n",
        ),
        (
            "the mode's own policy",
            "role: CauselyMediation }",
            "role: CauselyMediation, inlinePolicies: { attacheassumetargets: '{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\"}]}' } }",
        ),
    ];
    let mut shown = String::new();
    for (name, from, to) in cases {
        let text = PODS.replacen(from, to, 1);
        assert_ne!(text, PODS, "{name} changes nothing");
        shown.push_str(&format!("=== {name}\n{}\n", complaint(&text)));
    }
    insta::assert_snapshot!(shown);
}
