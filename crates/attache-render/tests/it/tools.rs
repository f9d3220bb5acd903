//! What each tool's renderer writes, whole. That the tools take it: `tests/peers/render_terraform.py` and
//! `tests/peers/render_tools.py`.

use attache_federation::Federation;
use attache_render::{
    RenderedFile, TemplateError, render_aws_cli, render_cloudformation, render_helm_values,
    render_terraform,
};

const DIRECT: &str = r#"
apiVersion: attache/v1
kind: Federation
metadata: { name: team/prod }
spec:
  issuer: https://oidc.eks.eu-west-1.amazonaws.com/id/A
  thumbprints: [aabbccddeeffaabbccddeeffaabbccddeeffaabb]
  workload: { namespace: causely, serviceAccount: causely-mediator }
  source: { account: "111111111111", role: CauselyMediation, description: null }
  targets:
    - account: "222222222222"
      role: Causely.Access
      region: eu-west-1
      path: /team/
      description: it's "${mine}"
      maxSessionDuration: 7200
      permissionsBoundary: null
      policies: [ReadOnlyAccess]
      inlinePolicies:
        own:
          Version: "2012-10-17"
          Statement: { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::home/${aws:username}/%{x}" }
"#;
const PODS: &str = include_str!("../../../../examples/federation-pod-identity.yaml");

fn read(text: &str) -> Federation {
    Federation::from_yaml(text, "federation.yaml").expect("it is good")
}

fn shown(files: &[RenderedFile]) -> String {
    files.iter().map(|file| format!("=== {}\n{}", file.name, file.text)).collect()
}

#[test]
fn terraform() {
    insta::assert_snapshot!("terraform_direct", shown(&render_terraform(&read(DIRECT))));
    insta::assert_snapshot!("terraform_pod_identity", shown(&render_terraform(&read(PODS))));
}

#[test]
fn cloudformation() {
    let files = |text: &str| render_cloudformation(&read(text)).expect("no policy has a function");
    insta::assert_snapshot!("cloudformation_direct", shown(&files(DIRECT)));
    insta::assert_snapshot!("cloudformation_pod_identity", shown(&files(PODS)));
}

#[test]
fn a_policy_that_would_call_a_function_is_refused() {
    let text = DIRECT.replace(
        r#"Resource: "arn:aws:s3:::home/${aws:username}/%{x}""#,
        r#"Resource: "*", Condition: { StringEquals: { Ref: "AWS::AccountId" } }"#,
    );
    let Err(TemplateError::Function { policy, key, .. }) = render_cloudformation(&read(&text))
    else {
        panic!("it was rendered");
    };
    assert_eq!((policy.as_str(), key.as_str()), ("inline policy `own`", "Ref"));
}

#[test]
fn a_script_and_values() {
    insta::assert_snapshot!("aws_cli_direct", shown(&render_aws_cli(&read(DIRECT))));
    insta::assert_snapshot!("helm_values", shown(&render_helm_values(&read(PODS))));
    let commands = shown(&render_aws_cli(&read(PODS)));
    assert!(!commands.contains("kubectl") && !commands.contains("helm"), "{commands}");
    let china = DIRECT
        .replace("eu-west-1", "cn-north-1")
        .replace("amazonaws.com/id", "amazonaws.com.cn/id");
    let commands = shown(&render_aws_cli(&read(&china)));
    assert!(
        commands.contains("--region cn-north-1") && !commands.contains("us-east-1"),
        "{commands}"
    );
}
