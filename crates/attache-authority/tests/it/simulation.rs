//! IAM's simulator in the shape that AWS gives its results, and what is asked of users besides.

use crate::support::{SOURCE, TARGET, Told, World};

const READ: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"},
    {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::a/${aws:username}"}]}"#;
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;

async fn simulate(world: &World, more: &[(&str, &str)]) -> Told {
    let asked = [
        ("Action", "SimulateCustomPolicy"),
        ("PolicyInputList.member.1", READ),
        ("ActionNames.member.1", "s3:GetObject"),
    ];
    let members = [&asked[..], more].concat();
    let told = world.call("iam", &world.administrator(TARGET), &members).await;
    assert_eq!(told.status, 200, "{told:?}");
    told
}

#[tokio::test]
async fn an_action_has_one_result_with_one_of_each_resource_in_it() {
    let world = World::new().await;
    let (good, bad) = ("arn:aws:s3:::a/x", "arn:aws:s3:::b/x");
    let both = [("ResourceArns.member.1", good), ("ResourceArns.member.2", bad)];
    let told = simulate(&world, &both).await;
    assert_eq!(told.body.matches("<EvalActionName>").count(), 1, "{told:?}");
    assert_eq!(told.element("EvalDecision"), "implicitDeny", "the strictest of all");
    assert_eq!(told.body.matches("<EvalResourceDecision>allowed<").count(), 1, "{told:?}");
    assert_eq!(told.body.matches("<EvalResourceDecision>implicitDeny<").count(), 1, "{told:?}");
    // Within the account it is there, and empty.
    assert!(told.body.contains("<EvalDecisionDetails"), "{told:?}");
    assert!(!told.body.contains("<key>"), "{told:?}");
    // Keys are told whatever the action.
    assert!(told.element("MissingContextValues").contains("aws:username"), "{told:?}");
    let told = simulate(&world, &[]).await;
    assert!(!told.body.contains("<ResourceSpecificResults"), "of everything: {told:?}");
    world.end().await;
}

#[tokio::test]
async fn a_result_names_its_resource_and_a_statement_begins_after_its_brace() {
    let world = World::new().await;
    let policy = concat!(
        r#"{"Version": "2012-10-17", "Statement": "#,
        r#"{"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#
    );
    let asked = [
        ("Action", "SimulateCustomPolicy"),
        ("PolicyInputList.member.1", policy),
        ("ActionNames.member.1", "s3:PutObject"),
    ];
    let one = [&asked[..], &[("ResourceArns.member.1", "arn:aws:s3:::bucket")]].concat();
    for (members, wanted) in [(&one[..], "arn:aws:s3:::bucket"), (&asked[..], "*")] {
        let told = world.call("iam", &world.administrator(TARGET), members).await;
        assert_eq!(told.element("EvalResourceName"), wanted, "{told:?}");
        // As IAM's simulator was seen to answer this very policy.
        let start = "<StartPosition><Line>1</Line><Column>41</Column></StartPosition>";
        let end = "<EndPosition><Line>1</Line><Column>113</Column></EndPosition>";
        assert!(told.body.contains(start) && told.body.contains(end), "{told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn across_accounts_each_kind_of_policy_is_told() {
    let world = World::new().await;
    let caller = format!("arn:aws:iam::{TARGET}:user/ann");
    let owner = format!("arn:aws:iam::{SOURCE}:root");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
        "Principal":{{"AWS":"arn:aws:iam::{TARGET}:user/bob"}},"Action":"s3:GetObject","Resource":"*"}}]}}"#
    );
    let asked = [
        ("ResourceArns.member.1", "arn:aws:s3:::a/x"),
        ("ResourcePolicy", policy.as_str()),
        ("ResourceOwner", owner.as_str()),
        ("CallerArn", caller.as_str()),
    ];
    let told = simulate(&world, &asked).await;
    assert_eq!(told.element("EvalDecision"), "implicitDeny");
    for entry in [
        "<key>IAM Policy</key><value>allowed</value>",
        "<key>Resource Policy</key><value>implicitDeny</value>",
    ] {
        assert_eq!(told.body.matches(entry).count(), 2, "{entry}: {told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn the_levels_of_an_organization_are_simulated() {
    let world = World::new().await;
    let level = |at: u8, policy: u8| {
        format!(
            "OrderedOrganizationPolicyInputList.member.{at}.ServiceControlPolicyInputList.member.{policy}"
        )
    };
    let (root, own, second) = (level(1, 1), level(2, 1), level(2, 2));
    let resource = ("ResourceArns.member.1", "arn:aws:s3:::a/x");
    let told = simulate(&world, &[(&root, EVERYTHING), (&own, EVERYTHING), resource]).await;
    assert_eq!(told.element("EvalDecision"), "allowed");
    assert_eq!(told.element("AllowedByOrganizations"), "true");
    assert_eq!(told.body.matches("<SourcePolicyId>").count(), 2, "none of the organization's");
    let asked = [(root.as_str(), EVERYTHING), (&own, EVERYTHING), (&second, NOTHING), resource];
    let told = simulate(&world, &asked).await;
    assert_eq!(told.element("EvalDecision"), "explicitDeny");
    assert_eq!(told.element("AllowedByOrganizations"), "false");
    assert!(!told.body.contains("EvalDecisionDetails"), "the simulation ended: {told:?}");
    world.end().await;
}

#[tokio::test]
async fn what_nobody_has_is_an_empty_list_of_a_user_who_exists() {
    let world = World::new().await;
    let owner = world.administrator(TARGET);
    for (name, list) in [
        ("ListMFADevices", "MFADevices"),
        ("ListVirtualMFADevices", "VirtualMFADevices"),
        ("ListSSHPublicKeys", "SSHPublicKeys"),
        ("ListSigningCertificates", "Certificates"),
        ("ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
        ("ListServerCertificates", "ServerCertificateMetadataList"),
        ("ListSAMLProviders", "SAMLProviderList"),
    ] {
        let told = world.call("iam", &owner, &[("Action", name)]).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert!(told.body.contains(&format!("<{list}")), "{told:?}");
    }
    for (name, user, message) in [
        (
            "GetLoginProfile",
            "administrator",
            "Login Profile for User administrator cannot be found.",
        ),
        ("DeleteLoginProfile", "nobody", "The user with name nobody cannot be found."),
        ("ListSSHPublicKeys", "nobody", "The user with name nobody cannot be found."),
    ] {
        let told = world.call("iam", &owner, &[("Action", name), ("UserName", user)]).await;
        let wanted = (404, "NoSuchEntity".to_owned(), message.to_owned());
        assert_eq!(told.refusal(), wanted, "{name}");
    }
    let reserved = [
        ("Action", "TagUser"),
        ("UserName", "administrator"),
        ("Tags.member.1.Key", "AWS:x"),
        ("Tags.member.1.Value", ""),
    ];
    assert_eq!(world.call("iam", &owner, &reserved).await.element("Code"), "InvalidInput");
    world.end().await;
}
