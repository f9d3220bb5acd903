//! IAM's own permissions: what they are about, which keys they bring, and roles that nobody may change.

use crate::support::{self, Keys, TARGET, Told, World, trust};

/// A user of the target account whom an inline policy allows these statements.
struct Limited<'w> {
    world: &'w World,
    keys: Keys,
}

const TAG: [(&str, &str); 2] = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];

impl<'w> Limited<'w> {
    async fn new(world: &'w World) -> Self {
        let owner = world.administrator(TARGET);
        let named = [("Action", "CreateUser"), ("UserName", "ann")];
        let made = world.call("iam", &owner, &[&named[..], &TAG].concat()).await;
        assert_eq!(made.status, 200, "{made:?}");
        let key = [("Action", "CreateAccessKey"), ("UserName", "ann")];
        let keys = world.call("iam", &owner, &key).await.keys();
        Self { world, keys: Keys { session_token: None, ..keys } }
    }

    async fn may(&self, statements: &str) {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let put = [
            ("Action", "PutUserPolicy"),
            ("UserName", "ann"),
            ("PolicyName", "p"),
            ("PolicyDocument", &document),
        ];
        let put = self.world.call("iam", &self.world.administrator(TARGET), &put).await;
        assert_eq!(put.status, 200, "{put:?}");
    }

    async fn call(&self, action: &str, members: &[(&str, &str)]) -> Told {
        let members = [&[("Action", action)], members].concat();
        self.world.call("iam", &self.keys, &members).await
    }

    /// What the refusal says that was missing.
    async fn lacks(&self, action: &str, members: &[(&str, &str)]) -> String {
        let (status, code, message) = self.call(action, members).await.refusal();
        assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{message}");
        let (_, rest) = message.split_once("to perform: ").unwrap();
        rest.split(' ').next().unwrap().to_owned()
    }
}

fn allow(actions: &str, conditions: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":{actions},"Resource":"*","Condition":{{{conditions}}}}}"#
    )
}

#[tokio::test]
async fn a_services_own_role_is_nobodys_to_make_or_change() {
    let world = World::new().await;
    let owner = world.administrator(TARGET);
    let trust = trust();
    let under = [
        ("Action", "CreateRole"),
        ("RoleName", "Mine"),
        ("Path", "/aws-service-role/eks.amazonaws.com/"),
        ("AssumeRolePolicyDocument", &trust),
    ];
    let (status, code, message) = world.call("iam", &owner, &under).await.refusal();
    let sentence = "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles";
    assert_eq!((status, code.as_str(), message.as_str()), (400, "InvalidInput", sentence));
    let made = [("Action", "CreateServiceLinkedRole"), ("AWSServiceName", "eks.amazonaws.com")];
    assert_eq!(world.call("iam", &owner, &made).await.status, 200);
    let role = ("RoleName", "AWSServiceRoleForAmazonEKS");
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
    let document =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let profile = [("Action", "CreateInstanceProfile"), ("InstanceProfileName", "p")];
    world.call("iam", &owner, &profile).await;
    for (action, more) in [
        ("AttachRolePolicy", vec![policy]),
        ("DetachRolePolicy", vec![policy]),
        ("PutRolePolicy", vec![("PolicyName", "p"), ("PolicyDocument", document)]),
        ("DeleteRolePolicy", vec![("PolicyName", "p")]),
        ("UpdateAssumeRolePolicy", vec![("PolicyDocument", trust.as_str())]),
        ("UpdateRole", vec![("MaxSessionDuration", "7200")]),
        ("PutRolePermissionsBoundary", vec![("PermissionsBoundary", policy.1)]),
        ("DeleteRolePermissionsBoundary", vec![]),
        ("AddRoleToInstanceProfile", vec![("InstanceProfileName", "p")]),
        ("DeleteRole", vec![]),
    ] {
        let members = [vec![("Action", action), role], more].concat();
        let told = world.call("iam", &owner, &members).await;
        assert_eq!(told.element("Code"), "UnmodifiableEntity", "{action}: {told:?}");
    }
    let told = [("Action", "UpdateRole"), role, ("Description", "ours")];
    assert_eq!(world.call("iam", &owner, &told).await.status, 200, "its description is not AWS's");
    world.end().await;
}

#[tokio::test]
async fn who_creates_with_tags_must_be_allowed_to_tag() {
    let world = World::new().await;
    let ann = Limited::new(&world).await;
    ann.may(&allow(r#"["iam:CreateRole","iam:CreateOpenIDConnectProvider"]"#, "")).await;
    let trust = trust();
    let role = [("RoleName", "Made"), ("AssumeRolePolicyDocument", trust.as_str())];
    let provider = [("Url", "https://issuer.example")];
    assert_eq!(ann.lacks("CreateRole", &[&role[..], &TAG].concat()).await, "iam:TagRole");
    let tagged = [&provider[..], &TAG].concat();
    let lacking = ann.lacks("CreateOpenIDConnectProvider", &tagged).await;
    assert_eq!(lacking, "iam:TagOpenIDConnectProvider");
    assert_eq!(ann.call("CreateRole", &role).await.status, 200, "without tags");
    ann.may(&allow(r#""iam:*""#, r#""StringEquals":{"aws:RequestTag/k":"v"}"#)).await;
    assert_eq!(ann.call("CreateOpenIDConnectProvider", &tagged).await.status, 200, "with the key");
    world.end().await;
}

#[tokio::test]
async fn who_puts_a_role_into_an_instance_profile_passes_it() {
    let world = World::new().await;
    world.create_role("Node").await;
    let ann = Limited::new(&world).await;
    let both = r#"["iam:CreateInstanceProfile","iam:AddRoleToInstanceProfile"]"#;
    ann.may(&allow(both, "")).await;
    let profile = ("InstanceProfileName", "p");
    assert_eq!(ann.call("CreateInstanceProfile", &[profile]).await.status, 200);
    let add = [profile, ("RoleName", "Node")];
    assert_eq!(ann.lacks("AddRoleToInstanceProfile", &add).await, "iam:PassRole");
    let passes =
        allow(r#""iam:PassRole""#, r#""StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}"#);
    ann.may(&format!("{},{passes}", allow(both, ""))).await;
    assert_eq!(ann.call("AddRoleToInstanceProfile", &add).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn iams_operations_bring_their_keys() {
    let world = World::new().await;
    world.create_role("Made").await;
    let ann = Limited::new(&world).await;
    let user = [("UserName", "ann")];
    let role = ("RoleName", "Made");
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    for (name, statements, action, members, wanted) in [
        (
            "a user's tags",
            allow(r#""iam:GetUser""#, r#""StringEquals":{"aws:ResourceTag/k":"v"}"#),
            "GetUser",
            user.to_vec(),
            200,
        ),
        (
            "the keys of tags that go",
            allow(r#""iam:UntagRole""#, r#""ForAnyValue:StringEquals":{"aws:TagKeys":"k"}"#),
            "UntagRole",
            vec![role, ("TagKeys.member.1", "k")],
            200,
        ),
        (
            "a service",
            allow(r#""iam:*""#, r#""StringLike":{"iam:AWSServiceName":"eks*.amazonaws.com"}"#),
            "CreateServiceLinkedRole",
            vec![("AWSServiceName", "eks.amazonaws.com")],
            200,
        ),
        (
            "another service",
            allow(r#""iam:*""#, r#""StringLike":{"iam:AWSServiceName":"eks*.amazonaws.com"}"#),
            "CreateServiceLinkedRole",
            vec![("AWSServiceName", "ecs.amazonaws.com")],
            403,
        ),
        (
            "a boundary that is asked for",
            allow(
                r#""iam:*""#,
                &format!(r#""StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}"#),
            ),
            "PutUserPermissionsBoundary",
            vec![user[0], ("PermissionsBoundary", boundary)],
            200,
        ),
        (
            "a policy that is not attached but read",
            allow(r#""iam:*""#, &format!(r#""ArnEquals":{{"iam:PolicyARN":"{boundary}"}}"#)),
            "GetPolicy",
            vec![("PolicyArn", boundary)],
            403,
        ),
    ] {
        ann.may(&statements).await;
        let told = ann.call(action, &members).await;
        assert_eq!(told.status, wanted, "{name}: {told:?}");
    }
    // What is done to those who have a boundary, and what is not told by it.
    let bounded =
        [("Action", "CreateUser"), ("UserName", "bob"), ("PermissionsBoundary", boundary)];
    world.call("iam", &world.administrator(TARGET), &bounded).await;
    let gone = [("Action", "DeleteUserPermissionsBoundary"), user[0]];
    world.call("iam", &world.administrator(TARGET), &gone).await;
    let within = format!(r#""StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}"#);
    ann.may(&allow(r#""iam:*""#, &within)).await;
    let (bob, policy) = (("UserName", "bob"), ("PolicyArn", boundary));
    assert_eq!(ann.call("AttachUserPolicy", &[bob, policy]).await.status, 200);
    assert_eq!(ann.call("DetachUserPolicy", &[bob, policy]).await.status, 200);
    assert_eq!(ann.lacks("DeleteUser", &[bob]).await, "iam:DeleteUser");
    world.end().await;
}

#[tokio::test]
async fn a_page_ends_before_it_is_too_large_and_all_of_it_comes_once() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    // White space does not count against a quota, and is told all the same, as %20.
    let wide = support::trust() + &" ".repeat(100_000);
    for number in 10..30 {
        let name = format!("R{number}");
        let create = [
            ("Action", "CreateRole"),
            ("RoleName", name.as_str()),
            ("AssumeRolePolicyDocument", &wide),
        ];
        assert_eq!(world.call("iam", &keys, &create).await.status, 200);
    }
    for action in ["ListRoles", "GetAccountAuthorizationDetails"] {
        let (mut marker, mut seen, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let mut asked = vec![("Action", action), ("MaxItems", "1000")];
            if !marker.is_empty() {
                asked.push(("Marker", &marker));
            }
            let told = world.call("iam", &keys, &asked).await;
            assert!(told.status == 200 && told.body.len() < 3_000_000, "{}", told.body.len());
            seen.extend(told.body.split("<RoleName>").skip(1).map(|own| own[..3].to_owned()));
            pages += 1;
            marker = told.element("Marker");
            if told.element("IsTruncated") == "false" {
                break;
            }
        }
        let wanted: Vec<String> = (10..30).map(|number| format!("R{number}")).collect();
        assert_eq!(seen, wanted, "{action}");
        assert!(pages > 2, "{action}: {pages}");
    }
    world.end().await;
}
