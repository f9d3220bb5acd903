//! What `render` writes, whole: the seed document's shape for one target, numbered for several.

use attache_federation::Federation;
use attache_render::render;

const ONE: &str = include_str!("../../../../examples/federation.yaml");

fn shown(text: &str) -> String {
    let federation = Federation::from_yaml(text, "federation.yaml").expect("it is good");
    let files = render(&federation);
    files.iter().map(|file| format!("=== {}\n{}", file.name, file.text)).collect()
}

fn file(text: &str, name: &str) -> String {
    let federation = Federation::from_yaml(text, "federation.yaml").expect("it is good");
    let found = render(&federation).into_iter().find(|file| file.name == name);
    found.unwrap_or_else(|| panic!("there is no {name}")).text
}

#[test]
fn one_target_has_the_seed_documents_files() {
    let seed = |text: &str| text.replace("region-code", "us-east-1");
    let secret = seed(include_str!("../../../../examples/seed/aws-secret.yaml"));
    assert_eq!(file(ONE, "aws-secret.yaml").trim_end(), secret.trim_end());
    for (name, text) in [
        ("source-trust.json", include_str!("../../../../examples/seed/source-trust.json")),
        ("target-trust.json", include_str!("../../../../examples/seed/target-trust.json")),
    ] {
        assert_eq!(file(ONE, name).trim_end(), seed(text).trim_end(), "{name}");
    }
    let values = include_str!("../../../../examples/seed/causely-values.yaml").replace(
        "222222222222:account/o-pyxgi8opc5/123456789012",
        "111111111111:account/o-pyxgi8opc5/222222222222",
    );
    let organized = ONE.replace(
        "  workload:",
        "  organization: { id: o-pyxgi8opc5, management: \"111111111111\" }\n  workload:",
    );
    assert_eq!(file(&organized, "causely-values.yaml").trim_end(), values.trim_end());
}

#[test]
fn pod_identity_has_an_association_and_no_provider() {
    const PODS: &str = include_str!("../../../../examples/federation-pod-identity.yaml");
    let shown_one = shown(PODS);
    assert!(!shown_one.contains("open-id-connect"), "{shown_one}");
    let second = "    - { account: \"333333333333\", role: CauselyAccess, region: eu-west-1 }\n";
    insta::assert_snapshot!(format!(
        "{shown_one}\n##### two targets\n{}",
        shown(&format!("{PODS}{second}"))
    ));
}

#[test]
fn several_targets_are_numbered_by_their_accounts() {
    let several = r#"
apiVersion: attache/v1
kind: Federation
metadata: { name: team/prod }
spec:
  issuer: https://oidc.eks.eu-west-1.amazonaws.com/id/A
  thumbprints: [aabbccddeeffaabbccddeeffaabbccddeeffaabb]
  workload: { namespace: causely, serviceAccount: causely-mediator }
  source: { account: "111111111111", role: CauselyMediation, tags: { team: site reliability } }
  targets:
    - account: "111111111111"
      role: CauselyAccess
      region: eu-west-1
      path: /team/
      maxSessionDuration: 7200
      permissionsBoundary: arn:aws:iam::111111111111:policy/Boundary
      inlinePolicies:
        read-queues:
          Version: "2012-10-17"
          Statement: { Effect: Allow, Action: "sqs:ListQueues", Resource: "*",
                       Condition: { StringEquals: { "aws:RequestTag/x": "it's ours" } } }
    - { account: "222222222222", role: CauselyAccess, region: us-east-1, policies: [ViewOnlyAccess] }
"#;
    insta::assert_snapshot!(shown(several));
}
