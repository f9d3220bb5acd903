//! IAM's sentences and the members of its answers, as AWS was seen to give them.

use crate::support::iam::{ALLOW, done, refused};
use crate::support::{SOURCE, Told, World, trust};

/// Whether an answer has an element, empty or not.
fn has(told: &Told, element: &str) -> bool {
    [">", "/>", " "].iter().any(|end| told.body.contains(&format!("<{element}{end}")))
}

#[tokio::test]
async fn each_sentence_of_iams_is_awss() {
    let world = World::new().await;
    world.create_role("Reader").await;
    let missing = "arn:aws:iam::222222222222:policy/Nothing";
    let provider = "arn:aws:iam::222222222222:oidc-provider/nothing.example";
    let full: Vec<(String, String)> = (1..=50)
        .flat_map(|n| {
            let key = (format!("Tags.member.{n}.Key"), format!("k{n}"));
            [key, (format!("Tags.member.{n}.Value"), String::new())]
        })
        .collect();
    let full: Vec<(&str, &str)> = full.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    done(&world, "TagRole", &[&[("RoleName", "Reader")], &full[..]].concat()).await;
    let version = "Policy arn:aws:iam::222222222222:policy/Nothing version v1 does not exist or is \
                   not attachable.";
    for (action, members, wanted) in [
        (
            "DeleteOpenIDConnectProvider",
            vec![("OpenIDConnectProviderArn", provider)],
            (
                404,
                "NoSuchEntity",
                "OpenId connect Provider \
                 arn:aws:iam::222222222222:oidc-provider/nothing.example cannot be found.",
            ),
        ),
        (
            "GetOpenIDConnectProvider",
            vec![("OpenIDConnectProviderArn", provider)],
            (
                404,
                "NoSuchEntity",
                "OpenIDConnect Provider not found for arn \
                 arn:aws:iam::222222222222:oidc-provider/nothing.example",
            ),
        ),
        (
            "TagRole",
            vec![
                ("RoleName", "Reader"),
                ("Tags.member.1.Key", "aws:x"),
                ("Tags.member.1.Value", "v"),
            ],
            (400, "InvalidInput", "Tag keys beginning with aws: are reserved for system use."),
        ),
        (
            "TagRole",
            vec![
                ("RoleName", "Reader"),
                ("Tags.member.1.Key", "one-more"),
                ("Tags.member.1.Value", "v"),
            ],
            (409, "LimitExceeded", "The number of tags has reached the maximum limit."),
        ),
        (
            "TagRole",
            vec![("RoleName", "Reader"), ("Tags", "")],
            (400, "InvalidInput", "Tags must have at least one tag."),
        ),
        (
            "GetAccessKeyLastUsed",
            vec![("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")],
            (
                403,
                "AccessDenied",
                "User: arn:aws:iam::222222222222:user/administrator is not authorized to perform \
                 iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE",
            ),
        ),
        (
            "GetPolicyVersion",
            vec![("PolicyArn", missing), ("VersionId", "v1")],
            (404, "NoSuchEntity", version),
        ),
        (
            "SetDefaultPolicyVersion",
            vec![("PolicyArn", missing), ("VersionId", "v1")],
            (404, "NoSuchEntity", version),
        ),
        (
            "RemoveUserFromGroup",
            vec![("GroupName", "nothing"), ("UserName", "nobody")],
            (404, "NoSuchEntity", "The user with name nobody cannot be found."),
        ),
        (
            "RemoveUserFromGroup",
            vec![("GroupName", "nothing"), ("UserName", "administrator")],
            (404, "NoSuchEntity", "The group with name nothing cannot be found."),
        ),
        (
            "GetContextKeysForPrincipalPolicy",
            vec![("PolicySourceArn", "arn:aws:iam::222222222222:root")],
            (
                400,
                "InvalidInput",
                "Invalid Entity Arn: arn:aws:iam::222222222222:root does not clearly define entity \
                 type and name.",
            ),
        ),
        (
            "SimulatePrincipalPolicy",
            vec![
                ("PolicySourceArn", "arn:aws:sts::222222222222:assumed-role/Reader/session"),
                ("ActionNames.member.1", "s3:GetObject"),
            ],
            (
                400,
                "InvalidInput",
                "Invalid Entity Arn: arn:aws:sts::222222222222:assumed-role/Reader/session does not \
                 clearly define entity type and name.",
            ),
        ),
    ] {
        refused(&world, action, &members, wanted).await;
    }
    world.end().await;
}

#[tokio::test]
async fn who_is_not_in_a_group_is_removed_from_it_without_an_error() {
    let world = World::new().await;
    done(&world, "CreateGroup", &[("GroupName", "g")]).await;
    done(&world, "RemoveUserFromGroup", &[("GroupName", "g"), ("UserName", "administrator")]).await;
    world.end().await;
}

#[tokio::test]
async fn each_answer_has_the_members_of_awss() {
    let world = World::new().await;
    let trust = trust();
    let role = [
        ("RoleName", "Reader"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("Description", "reads"),
        ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    done(&world, "CreateRole", &role).await;
    let role = ("RoleName", "Reader");
    let profile = ("InstanceProfileName", "Node");
    done(&world, "CreateInstanceProfile", &[profile]).await;
    done(&world, "AddRoleToInstanceProfile", &[profile, role]).await;
    let policy = [("PolicyName", "Own"), ("PolicyDocument", ALLOW)];
    let arn = done(&world, "CreatePolicy", &policy).await.element("Arn");
    done(&world, "CreateOpenIDConnectProvider", &[("Url", "https://issuer.example")]).await;
    let provider = "arn:aws:iam::222222222222:oidc-provider/issuer.example";
    for (action, members, there, absent) in [
        (
            "UpdateRoleDescription",
            vec![role, ("Description", "reads more")],
            vec!["Description", "AssumeRolePolicyDocument"],
            vec!["MaxSessionDuration", "PermissionsBoundary", "Tags", "RoleLastUsed"],
        ),
        (
            "GetRole",
            vec![role],
            vec!["MaxSessionDuration", "PermissionsBoundary", "Tags", "RoleLastUsed"],
            vec![],
        ),
        (
            "GetInstanceProfile",
            vec![profile],
            vec!["Roles", "Tags", "AssumeRolePolicyDocument"],
            vec!["MaxSessionDuration", "Description", "RoleLastUsed"],
        ),
        ("ListInstanceProfiles", vec![], vec!["Roles"], vec!["MaxSessionDuration", "Tags"]),
        (
            "ListInstanceProfilesForRole",
            vec![role],
            vec!["Roles"],
            vec!["MaxSessionDuration", "Tags"],
        ),
        ("GetPolicy", vec![("PolicyArn", arn.as_str())], vec!["Tags", "IsAttachable"], vec![]),
        ("ListPolicies", vec![("Scope", "Local")], vec!["PolicyName"], vec!["Tags"]),
        (
            "GetOpenIDConnectProvider",
            vec![("OpenIDConnectProviderArn", provider)],
            vec!["Tags", "Url"],
            vec!["ContextProvider", "IdentityCenterInstanceArn", "IdentityStoreArn"],
        ),
        (
            "GetAccountAuthorizationDetails",
            vec![("Filter.member.1", "User")],
            vec!["Tags", "GroupList", "AttachedManagedPolicies"],
            vec!["UserPolicyList"],
        ),
    ] {
        let told = done(&world, action, &members).await;
        for member in there {
            assert!(has(&told, member), "{action} has {member}: {told:?}");
        }
        for member in absent {
            assert!(!has(&told, member), "{action} has no {member}: {told:?}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_usage_filter_filters_what_is_attached_alone() {
    let world = World::new().await;
    let boundary = ("PolicyUsageFilter", "PermissionsBoundary");
    let count = |told: &Told| told.body.matches("<PolicyName>").count();
    let most = ("MaxItems", "1000");
    let all = done(&world, "ListPolicies", &[most]).await;
    let without = done(&world, "ListPolicies", &[most, boundary]).await;
    assert_eq!(count(&without), count(&all), "without OnlyAttached it filters nothing");
    let off = done(&world, "ListPolicies", &[most, boundary, ("OnlyAttached", "false")]).await;
    assert_eq!(count(&off), count(&all));
    let only = [most, ("OnlyAttached", "true")];
    // The administrator has one policy, and nobody a boundary.
    assert_eq!(count(&done(&world, "ListPolicies", &only).await), 1);
    let permissions = ("PolicyUsageFilter", "PermissionsPolicy");
    let told = done(&world, "ListPolicies", &[&only[..], &[permissions]].concat()).await;
    assert_eq!(count(&told), 1);
    let told = done(&world, "ListPolicies", &[&only[..], &[boundary]].concat()).await;
    assert_eq!(count(&told), 0);
    world.end().await;
}

#[tokio::test]
async fn the_last_use_of_a_key_is_decided_on_its_owner() {
    let world = World::new().await;
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Action":"iam:GetAccessKeyLastUsed","Resource":"arn:aws:iam::222222222222:user/ann"}]}"#;
    let ann = world.user("ann", r#"["s3:*"]"#).await;
    let bob = world.user("bob", r#"["s3:*"]"#).await;
    let put = [("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", document)];
    done(&world, "PutUserPolicy", &put).await;
    let ask = |id: String| {
        let (world, ann) = (&world, &ann);
        async move {
            let members = [("Action", "GetAccessKeyLastUsed"), ("AccessKeyId", id.as_str())];
            world.call("iam", ann, &members).await
        }
    };
    assert_eq!(ask(ann.access_key.clone()).await.status, 200);
    let told = ask(bob.access_key.clone()).await;
    assert!(told.element("Message").contains("user/bob"), "{told:?}");
    // Another account's is one that there is not.
    let foreign = world.administrator(SOURCE).access_key;
    let told = ask(foreign.clone()).await;
    assert_eq!(told.element("Code"), "AccessDenied");
    assert!(told.element("Message").contains(&format!("access key {foreign}")), "{told:?}");
    world.end().await;
}

#[tokio::test]
async fn context_keys_are_told_as_they_are_written() {
    let world = World::new().await;
    let document = |key: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{{"StringEquals":{{"{key}":"x"}}}}}}}}"#
        )
    };
    let keys = |told: &Told| {
        let list = told.element("ContextKeyNames");
        let mut keys: Vec<String> = list
            .split("<member>")
            .skip(1)
            .map(|own| own.split("</member>").next().unwrap_or_default().to_owned())
            .collect();
        keys.sort();
        keys
    };
    let custom = [
        ("PolicyInputList.member.1", document("AWS:PrincipalTag/Team")),
        ("PolicyInputList.member.2", document("AWS:PrincipalTag/Team")),
        (
            "PolicyInputList.member.3",
            r#"{"Version":"2012-10-17","Statement":{"Resource":"${*}${?}${$}${aws:username}"}}"#
                .to_owned(),
        ),
    ];
    let custom: Vec<(&str, &str)> = custom.iter().map(|(a, b)| (*a, b.as_str())).collect();
    let told = done(&world, "GetContextKeysForCustomPolicy", &custom).await;
    let twice = "AWS:PrincipalTag/Team";
    assert_eq!(keys(&told), ["$", "*", "?", twice, twice, "aws:username"]);
    // Those of a user: its own, its group's, its boundary's; what both have attached once.
    let user = [("UserName", "ann"), ("Path", "/team/")];
    done(&world, "CreateUser", &user).await;
    done(&world, "CreateGroup", &[("GroupName", "g")]).await;
    done(&world, "AddUserToGroup", &[("GroupName", "g"), ("UserName", "ann")]).await;
    let (ann, group) = (("UserName", "ann"), ("GroupName", "g"));
    for (name, key) in [("Shared", "aws:PrincipalTag/Shared"), ("Bound", "aws:PrincipalTag/Bound")]
    {
        let own = document(key);
        done(&world, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &own)]).await;
    }
    let shared = ("PolicyArn", "arn:aws:iam::222222222222:policy/Shared");
    done(&world, "AttachUserPolicy", &[ann, shared]).await;
    done(&world, "AttachGroupPolicy", &[group, shared]).await;
    let bound = ("PermissionsBoundary", "arn:aws:iam::222222222222:policy/Bound");
    done(&world, "PutUserPermissionsBoundary", &[ann, bound]).await;
    let inline = document("aws:PrincipalTag/Inline");
    let put = [group, ("PolicyName", "p"), ("PolicyDocument", inline.as_str())];
    done(&world, "PutGroupPolicy", &put).await;
    let wanted = ["aws:PrincipalTag/Bound", "aws:PrincipalTag/Inline", "aws:PrincipalTag/Shared"];
    for arn in ["user/team/ann", "user/another/path/ann", "user/ANN"] {
        let arn = format!("arn:aws:iam::222222222222:{arn}");
        let source = [("PolicySourceArn", arn.as_str())];
        let told = done(&world, "GetContextKeysForPrincipalPolicy", &source).await;
        assert_eq!(keys(&told), wanted, "{arn}");
    }
    world.end().await;
}

/// An update keeps nothing of the policy before: what is not given has its default.
#[tokio::test]
async fn a_password_policy_is_as_it_was_set_last() {
    let world = World::new().await;
    let given = [
        ("MinimumPasswordLength", "12"),
        ("RequireSymbols", "true"),
        ("MaxPasswordAge", "90"),
        ("PasswordReusePrevention", "5"),
    ];
    done(&world, "UpdateAccountPasswordPolicy", &given).await;
    let told = done(&world, "GetAccountPasswordPolicy", &[]).await;
    for (member, value) in [
        ("MinimumPasswordLength", "12"),
        ("RequireSymbols", "true"),
        ("RequireNumbers", "false"),
        ("ExpirePasswords", "true"),
        ("MaxPasswordAge", "90"),
        ("PasswordReusePrevention", "5"),
        ("HardExpiry", "false"),
    ] {
        assert_eq!(told.element(member), value, "{member}");
    }
    done(&world, "UpdateAccountPasswordPolicy", &[("RequireNumbers", "true")]).await;
    let told = done(&world, "GetAccountPasswordPolicy", &[]).await;
    for (member, value) in [
        ("MinimumPasswordLength", "6"),
        ("RequireSymbols", "false"),
        ("RequireNumbers", "true"),
        ("ExpirePasswords", "false"),
        ("MaxPasswordAge", ""),
        ("PasswordReusePrevention", ""),
    ] {
        assert_eq!(told.element(member), value, "{member}");
    }
    let short = [("MinimumPasswordLength", "5")];
    let wanted = (
        400,
        "ValidationError",
        "1 validation error detected: Value '5' at 'minimumPasswordLength' failed to satisfy constraint: \
         Member must have value greater than or equal to 6",
    );
    refused(&world, "UpdateAccountPasswordPolicy", &short, wanted).await;
    done(&world, "DeleteAccountPasswordPolicy", &[]).await;
    assert_eq!(crate::support::iam::iam(&world, "GetAccountPasswordPolicy", &[]).await.status, 404);
    world.end().await;
}
