//! What an organization lays on those who come with a token, whom no session of its own stands for.

use std::time::SystemTime;

use crate::support::{
    AUDIENCE, ISSUER, Keys, SOURCE, SUBJECT, TARGET, Told, World, member, organize,
};

/// A call to Organizations.
async fn ask(world: &World, keys: &Keys, operation: &str, input: &serde_json::Value) -> Told {
    let target = format!("AWSOrganizationsV20161128.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
    let body = input.to_string();
    world.signed("organizations", keys, &headers, &body, SystemTime::now()).await
}

/// A resource control policy that denies web identities but those of one subject, on an account.
async fn guard(world: &World, subject: &str) -> String {
    let root = member(&organize(world, "ListRoots", serde_json::json!({})).await, "Id");
    let kind = "RESOURCE_CONTROL_POLICY";
    let enable = serde_json::json!({"RootId": root, "PolicyType": kind});
    organize(world, "EnablePolicyType", enable).await;
    let content = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Resource": "*",
        "Condition": {"StringNotEquals": {
            format!("{}:sub", ISSUER.strip_prefix("https://").unwrap()): subject,
        }},
    }]});
    let policy = serde_json::json!({
        "Name": "guard", "Description": "", "Type": kind, "Content": content.to_string(),
    });
    let id = member(&organize(world, "CreatePolicy", policy).await, "Id");
    let attach = serde_json::json!({"PolicyId": id, "TargetId": TARGET});
    organize(world, "AttachPolicy", attach).await;
    id
}

#[tokio::test]
async fn a_token_must_pass_the_resource_control_policies_of_the_roles_account() {
    for (name, subject, status) in [("another's", "somebody-else", 403), ("its own", SUBJECT, 200)]
    {
        let world = World::new().await;
        world.set_up("Reader", r#""*""#).await;
        let token = world.token(SUBJECT, AUDIENCE);
        assert_eq!(world.assume("Reader", token.expose()).await.status, 200, "before the guard");
        guard(&world, subject).await;
        let told = world.assume("Reader", token.expose()).await;
        assert_eq!(told.status, status, "{name}: {told:?}");
        if status == 403 {
            let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned();
            assert_eq!(told.refusal(), (403, "AccessDenied".to_owned(), message));
            let events = world.authority.events(0, 100).await.unwrap();
            let (_, last) = events.last().unwrap();
            assert!(last.reason.contains("resource control policy"), "{}", last.reason);
        }
        world.end().await;
    }
}

#[tokio::test]
async fn a_closed_account_takes_no_token_and_its_sessions_are_over() {
    let world = World::new().await;
    world.set_up("Reader", r#""*""#).await;
    let token = world.token(SUBJECT, AUDIENCE);
    let session = world.assume("Reader", token.expose()).await.keys();
    organize(&world, "CloseAccount", serde_json::json!({"AccountId": TARGET})).await;
    let who = [("Action", "GetCallerIdentity")];
    let administrator = world.administrator(TARGET);
    for (name, told, code) in [
        ("a token", world.assume("Reader", token.expose()).await, "AccessDenied"),
        ("a session", world.call("sts", &session, &who).await, "InvalidClientTokenId"),
        (
            "its administrator",
            world.call("sts", &administrator, &who).await,
            "InvalidClientTokenId",
        ),
    ] {
        let (status, said, _) = told.refusal();
        assert_eq!((status, said.as_str()), (403, code), "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn who_makes_something_with_tags_must_be_allowed_to_tag() {
    let world = World::new().await;
    let root = member(&organize(&world, "ListRoots", serde_json::json!({})).await, "Id");
    let make = "organizations:CreateOrganizationalUnit";
    let maker = world.user_of(SOURCE, "maker", &format!("[{make:?}]")).await;
    let actions = format!(r#"[{make:?}, "organizations:TagResource"]"#);
    let tagger = world.user_of(SOURCE, "tagger", &actions).await;
    let tags = serde_json::json!([{"Key": "team", "Value": "a"}]);
    for (name, keys, tags, status) in [
        ("plain", &maker, serde_json::json!([]), 200),
        ("refused", &maker, tags.clone(), 400),
        ("tagged", &tagger, tags, 200),
    ] {
        let input = serde_json::json!({"ParentId": root, "Name": name, "Tags": tags});
        let told = ask(&world, keys, "CreateOrganizationalUnit", &input).await;
        assert_eq!(told.status, status, "{name}: {told:?}");
        let refused = told.body.contains("organizations:TagResource");
        assert_eq!(refused, status == 400, "{name}: {told:?}");
    }
    world.end().await;
}

/// What a refusal says: its code and its reason.
fn code_and_reason(told: &Told) -> (String, String) {
    (member(told, "__type"), member(told, "Reason"))
}

#[tokio::test]
async fn a_reason_carries_its_parameter() {
    let world = World::new().await;
    let keys = world.administrator(SOURCE);
    let root = member(&organize(&world, "ListRoots", serde_json::json!({})).await, "Id");
    for (operation, input, reason) in [
        (
            "CreateOrganizationalUnit",
            serde_json::json!({"ParentId": root, "Name": ""}),
            "MIN_LENGTH_EXCEEDED:NAME",
        ),
        (
            "CreateOrganizationalUnit",
            serde_json::json!({"ParentId": root, "Name": "x".repeat(129)}),
            "MAX_LENGTH_EXCEEDED:NAME",
        ),
        (
            "UntagResource",
            serde_json::json!({"ResourceId": root, "TagKeys": []}),
            "INPUT_REQUIRED:TAG_KEYS",
        ),
        ("UntagResource", serde_json::json!({"ResourceId": root}), "INPUT_REQUIRED:TAG_KEYS"),
        ("TagResource", serde_json::json!({"ResourceId": root, "Tags": []}), "INPUT_REQUIRED:TAGS"),
        ("ListAccounts", serde_json::json!({"MaxResults": 21}), "MAX_VALUE_EXCEEDED:MAX_RESULTS"),
        ("ListAccounts", serde_json::json!({"MaxResults": 0}), "MIN_VALUE_EXCEEDED:MAX_RESULTS"),
        ("ListAccounts", serde_json::json!({"NextToken": ""}), "INVALID_NEXT_TOKEN"),
        ("ListRoots", serde_json::json!({"NextToken": ""}), "INVALID_NEXT_TOKEN"),
        ("DescribeAccount", serde_json::json!({}), "INPUT_REQUIRED:ACCOUNT_ID"),
        ("DescribeAccount", serde_json::json!({"AccountId": "1"}), "INVALID_PATTERN:ACCOUNT_ID"),
        ("ListPolicies", serde_json::json!({"Filter": "MINE"}), "INVALID_ENUM:FILTER"),
        (
            "EnableAWSServiceAccess",
            serde_json::json!({"ServicePrincipal": "made-up.amazonaws.com"}),
            "UNRECOGNIZED_SERVICE_PRINCIPAL",
        ),
        (
            "DisableAWSServiceAccess",
            serde_json::json!({"ServicePrincipal": "made-up.amazonaws.com"}),
            "UNRECOGNIZED_SERVICE_PRINCIPAL",
        ),
        (
            "RegisterDelegatedAdministrator",
            serde_json::json!({"AccountId": TARGET, "ServicePrincipal": "made-up.amazonaws.com"}),
            "UNRECOGNIZED_SERVICE_PRINCIPAL",
        ),
    ] {
        let told = ask(&world, &keys, operation, &input).await;
        let wanted = ("InvalidInputException".to_owned(), reason.to_owned());
        assert_eq!(code_and_reason(&told), wanted, "{operation} {input}: {told:?}");
    }
    let service = serde_json::json!({"ServicePrincipal": "sso.amazonaws.com"});
    organize(&world, "EnableAWSServiceAccess", service).await;
    world.end().await;
}

#[tokio::test]
async fn blank_names_and_descriptions_change_nothing() {
    let world = World::new().await;
    let root = member(&organize(&world, "ListRoots", serde_json::json!({})).await, "Id");
    let unit = serde_json::json!({"ParentId": root, "Name": "Team"});
    let unit = member(&organize(&world, "CreateOrganizationalUnit", unit).await, "Id");
    let blank = serde_json::json!({"OrganizationalUnitId": unit, "Name": "   "});
    let told = organize(&world, "UpdateOrganizationalUnit", blank).await;
    assert_eq!(member(&told, "Name"), "Team");
    let content =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"ec2:*","Resource":"*"}}"#;
    let policy = serde_json::json!({
        "Name": "p", "Description": "why", "Type": "SERVICE_CONTROL_POLICY", "Content": content,
    });
    let id = member(&organize(&world, "CreatePolicy", policy).await, "Id");
    let update = serde_json::json!({"PolicyId": id, "Description": "", "Name": " "});
    let told = organize(&world, "UpdatePolicy", update).await;
    for name in ["Arn", "Id", "Type", "Content"] {
        assert!(!member(&told, name).is_empty(), "{name}: {told:?}");
    }
    assert!(told.body.contains("\"AwsManaged\":false"), "{told:?}");
    assert!(!told.body.contains("\"Name\"") && !told.body.contains("\"Description\""), "{told:?}");
    let told = organize(&world, "DescribePolicy", serde_json::json!({"PolicyId": id})).await;
    assert_eq!((member(&told, "Name"), member(&told, "Description")), ("p".into(), "why".into()));
    world.end().await;
}

#[tokio::test]
async fn an_account_has_a_state_and_paths_and_no_status() {
    let world = World::new().await;
    let told = organize(&world, "ListAccounts", serde_json::json!({})).await;
    assert!(
        told.body.contains("\"State\":\"ACTIVE\"") && told.body.contains("\"Paths\":["),
        "{told:?}"
    );
    assert!(!told.body.contains("\"Status\""), "{told:?}");
    let id = serde_json::json!({"AccountId": TARGET});
    organize(&world, "CloseAccount", id.clone()).await;
    let told = organize(&world, "DescribeAccount", id).await;
    assert_eq!(member(&told, "State"), "CLOSED");
    world.end().await;
}
