//! Names in any letters: IAM's own calls find what differs in case alone, and decide and answer by the
//! name that it was created with.

use crate::support::iam::{ALLOW, done, iam, refused};
use crate::support::{World, trust};

const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
const OWN: &str = "arn:aws:iam::222222222222:policy/team/Own";

/// Two tags whose keys differ in case alone.
const BOTH: &[(&str, &str)] = &[
    ("Tags.member.1.Key", "team"),
    ("Tags.member.1.Value", "a"),
    ("Tags.member.2.Key", "TEAM"),
    ("Tags.member.2.Value", "b"),
];

/// One of each kind, its name in mixed letters.
async fn furnished() -> World {
    let world = World::new().await;
    let trust = trust();
    let role = [("RoleName", "CauselyAccess"), ("AssumeRolePolicyDocument", trust.as_str())];
    done(&world, "CreateRole", &role).await;
    done(&world, "CreateUser", &[("UserName", "Ann")]).await;
    done(&world, "CreateGroup", &[("GroupName", "Readers")]).await;
    done(&world, "CreateInstanceProfile", &[("InstanceProfileName", "Node")]).await;
    let policy = [("PolicyName", "Own"), ("Path", "/team/"), ("PolicyDocument", ALLOW)];
    done(&world, "CreatePolicy", &policy).await;
    world
}

#[tokio::test]
async fn every_kind_is_found_in_any_letters_and_answered_in_its_own() {
    let world = furnished().await;
    let (role, user, group) =
        (("RoleName", "CAUSELYACCESS"), ("UserName", "ANN"), ("GroupName", "readers"));
    let (profile, policy) = (
        ("InstanceProfileName", "node"),
        ("PolicyArn", "arn:aws:iam::222222222222:policy/team/OWN"),
    );
    for (action, members, element, wanted) in [
        ("GetRole", vec![role], "RoleName", "CauselyAccess"),
        ("GetUser", vec![user], "UserName", "Ann"),
        ("GetGroup", vec![group], "GroupName", "Readers"),
        ("GetInstanceProfile", vec![profile], "InstanceProfileName", "Node"),
        ("GetPolicy", vec![policy], "PolicyName", "Own"),
        (
            "GetPolicy",
            vec![("PolicyArn", "arn:aws:iam::aws:policy/readonlyaccess")],
            "PolicyName",
            "ReadOnlyAccess",
        ),
        ("ListPolicyVersions", vec![policy], "VersionId", "v1"),
        ("CreateAccessKey", vec![user], "UserName", "Ann"),
        ("ListAccessKeys", vec![user], "UserName", "Ann"),
        ("AddUserToGroup", vec![user, group], "RequestId", ""),
        ("ListGroupsForUser", vec![user], "GroupName", "Readers"),
        ("AddRoleToInstanceProfile", vec![profile, role], "RequestId", ""),
        ("ListInstanceProfilesForRole", vec![role], "InstanceProfileName", "Node"),
        ("AttachRolePolicy", vec![role, policy], "RequestId", ""),
        ("ListAttachedRolePolicies", vec![role], "PolicyArn", OWN),
        ("ListEntitiesForPolicy", vec![policy], "RoleName", "CauselyAccess"),
        ("DetachRolePolicy", vec![role, policy], "RequestId", ""),
        ("RemoveRoleFromInstanceProfile", vec![profile, role], "RequestId", ""),
        ("RemoveUserFromGroup", vec![user, group], "RequestId", ""),
        (
            "PutRolePermissionsBoundary",
            vec![role, ("PermissionsBoundary", "arn:aws:iam::aws:policy/READONLYACCESS")],
            "RequestId",
            "",
        ),
        ("GetRole", vec![role], "PermissionsBoundaryArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("DeleteInstanceProfile", vec![profile], "RequestId", ""),
        ("DeleteGroup", vec![group], "RequestId", ""),
        ("DeleteRole", vec![role], "RequestId", ""),
        ("DeletePolicy", vec![policy], "RequestId", ""),
    ] {
        let told = done(&world, action, &members).await;
        if !wanted.is_empty() {
            assert_eq!(told.element(element), wanted, "{action}: {told:?}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn an_inline_policy_keeps_its_first_spelling_and_is_got_in_any() {
    let world = furnished().await;
    for (kind, name, spelled) in [
        ("Role", "CauselyAccess", "causelyACCESS"),
        ("User", "Ann", "aNN"),
        ("Group", "Readers", "READERS"),
    ] {
        let member = format!("{kind}Name");
        let put = format!("Put{kind}Policy");
        for (policy, document) in [("Inline", DENY), ("INLINE", ALLOW)] {
            let members =
                [(member.as_str(), spelled), ("PolicyName", policy), ("PolicyDocument", document)];
            done(&world, &put, &members).await;
        }
        let owner = (member.as_str(), spelled);
        let list = done(&world, &format!("List{kind}Policies"), &[owner]).await;
        assert!(
            list.body.contains("<PolicyNames><member>Inline</member></PolicyNames>"),
            "{list:?}"
        );
        let get = format!("Get{kind}Policy");
        let told = done(&world, &get, &[owner, ("PolicyName", "inLINE")]).await;
        assert_eq!(told.element("PolicyName"), "inLINE", "{get}");
        assert_eq!(told.element(&member), name, "{get}");
        assert!(told.element("PolicyDocument").contains("Allow"), "the second took its place");
        let delete = format!("Delete{kind}Policy");
        done(&world, &delete, &[owner, ("PolicyName", "INLINE")]).await;
        let told = iam(&world, &get, &[owner, ("PolicyName", "Inline")]).await;
        assert_eq!(told.element("Code"), "NoSuchEntity", "{get}");
    }
    world.end().await;
}

/// A deny of one spelling is one of all: what is decided on is what is found.
#[tokio::test]
async fn no_other_spelling_passes_by_a_deny() {
    let world = furnished().await;
    let statement = |resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"iam:*","Resource":"*"}},
            {{"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::222222222222:{resource}"}}]}}"#
        )
    };
    let keys = world.user("Limited", r#"["iam:*"]"#).await;
    done(&world, "CreateOpenIDConnectProvider", &[("Url", "https://other.example")]).await;
    for (resource, action, members) in [
        (
            "oidc-provider/other.example",
            "GetOpenIDConnectProvider",
            [(
                "OpenIDConnectProviderArn",
                "arn:aws-cn:iam::222222222222:oidc-provider/other.example",
            )],
        ),
        (
            "oidc-provider/other.example",
            "DeleteOpenIDConnectProvider",
            [(
                "OpenIDConnectProviderArn",
                "arn:aws:iam:us-east-1:222222222222:oidc-provider/other.example",
            )],
        ),
        ("role/CauselyAccess", "DeleteRole", [("RoleName", "causelyaccess")]),
        ("user/Ann", "GetUser", [("UserName", "ANN")]),
        ("group/Readers", "GetGroup", [("GroupName", "READERS")]),
        ("instance-profile/Node", "GetInstanceProfile", [("InstanceProfileName", "NODE")]),
        (
            "policy/team/Own",
            "GetPolicy",
            [("PolicyArn", "arn:aws:iam::222222222222:policy/TEAM/own")],
        ),
        (
            "user/Ann",
            "GetContextKeysForPrincipalPolicy",
            [("PolicySourceArn", "arn:aws:iam::222222222222:user/other/ann")],
        ),
        (
            "user/Ann",
            "GenerateServiceLastAccessedDetails",
            [("Arn", "arn:aws:iam::222222222222:user/other/ann")],
        ),
    ] {
        let document = statement(resource);
        let put = [("UserName", "Limited"), ("PolicyName", "p"), ("PolicyDocument", &document)];
        done(&world, "PutUserPolicy", &put).await;
        let told = world.call("iam", &keys, &[&[("Action", action)], &members[..]].concat()).await;
        assert_eq!(told.element("Code"), "AccessDenied", "{action}: {told:?}");
        assert!(told.element("Message").contains(resource), "{action}: {told:?}");
    }
    world.end().await;
}

#[tokio::test]
async fn tags_that_differ_in_case_are_two_but_on_users_and_roles() {
    let world = furnished().await;
    let provider = [("Url", "https://issuer.example")];
    let arn = done(&world, "CreateOpenIDConnectProvider", &provider).await;
    let arn = arn.element("OpenIDConnectProviderArn");
    for (kind, on, tags) in [
        ("Policy", ("PolicyArn", OWN), "<member><Key>TEAM</Key><Value>b</Value></member>"),
        ("InstanceProfile", ("InstanceProfileName", "Node"), "<Key>TEAM</Key><Value>b</Value>"),
        (
            "OpenIDConnectProvider",
            ("OpenIDConnectProviderArn", arn.as_str()),
            "<Key>TEAM</Key><Value>b</Value>",
        ),
    ] {
        done(&world, &format!("Tag{kind}"), &[&[on], BOTH].concat()).await;
        let list = format!("List{kind}Tags");
        let told = done(&world, &list, &[on]).await;
        assert!(told.body.contains(tags) && told.body.contains("<Key>team</Key>"), "{told:?}");
        done(&world, &format!("Untag{kind}"), &[on, ("TagKeys.member.1", "Team")]).await;
        let told = done(&world, &list, &[on]).await;
        assert_eq!(told.body.matches("<Key>").count(), 2, "neither is called so: {told:?}");
        done(&world, &format!("Untag{kind}"), &[on, ("TagKeys.member.1", "team")]).await;
        let told = done(&world, &list, &[on]).await;
        assert!(told.body.contains(tags) && !told.body.contains("<Key>team</Key>"), "{told:?}");
    }
    for (kind, on) in [("User", ("UserName", "Ann")), ("Role", ("RoleName", "CauselyAccess"))] {
        let tag = format!("Tag{kind}");
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        let expected = (400, "InvalidInput", message);
        refused(&world, &tag, &[&[on], BOTH].concat(), expected).await;
        for key in ["team", "TEAM"] {
            let one = [on, ("Tags.member.1.Key", key), ("Tags.member.1.Value", key)];
            done(&world, &tag, &one).await;
        }
        let told = done(&world, &format!("List{kind}Tags"), &[on]).await;
        assert!(told.body.contains("<Key>TEAM</Key>") && !told.body.contains("<Key>team</Key>"));
    }
    world.end().await;
}
