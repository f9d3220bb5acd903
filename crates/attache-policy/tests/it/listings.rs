//! Actions that the reference lists without a resource type, asked for on an ARN all the same.

use attache_policy::{Context, EffectivePolicies, Kind, Policy, Principal, Request, evaluate};

fn allowed(statement: &str, action: &str, resource: &str) -> bool {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
    let identity = Policy::parse(&text, Kind::Identity).unwrap().into();
    let policies = EffectivePolicies { identity, ..EffectivePolicies::default() };
    let mut context = Context::new();
    context.set("aws:RequestedRegion", "eu-west-1");
    let request = Request {
        principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
        action: action.into(),
        resource: resource.into(),
        resource_account: None,
        context,
    };
    evaluate(&policies, &request).is_allowed()
}

fn on(action: &str, resource: &str) -> bool {
    let statement = |name: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "{action}", "{name}": "{resource}"}}"#)
    };
    let plain = allowed(&statement("Resource"), action, "*");
    assert_ne!(plain, allowed(&statement("NotResource"), action, "*"), "{action} {resource}");
    plain
}

#[test]
fn list_all_my_buckets_is_allowed_on_every_bucket() {
    for resource in ["arn:aws:s3:::*", "arn:aws:s3:*:*:*", "arn:*:s3:::*", "arn:aws:*:*:*:*", "*"] {
        assert!(on("s3:ListAllMyBuckets", resource), "{resource}");
        assert!(on("S3:listallmybuckets", resource), "{resource}");
    }
    for resource in
        ["arn:aws:s3:::logs", "arn:aws:s3:::logs*", "arn:aws-cn:s3:::*", "arn:aws:sqs:*:*:*"]
    {
        assert!(!on("s3:ListAllMyBuckets", resource), "{resource}");
    }
}

#[test]
fn a_deny_on_the_arn_bites_too() {
    let deny = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}"#;
    assert!(!allowed(deny, "s3:ListAllMyBuckets", "*"));
    let other = deny.replace(":::*", ":::logs");
    assert!(allowed(&other, "s3:ListAllMyBuckets", "*"));
}

#[test]
fn others_are_asked_for_on_the_arn_of_account_and_region() {
    for (action, resource) in [
        ("dynamodb:ListTables", "arn:aws:dynamodb:eu-west-1:222222222222:table/*"),
        ("eks:ListClusters", "arn:aws:eks:*:222222222222:cluster/*"),
        ("iam:ListRoles", "arn:aws:iam::222222222222:role/*"),
        ("iam:ListUsers", "arn:aws:iam::222222222222:user/*"),
        ("logs:DescribeLogGroups", "arn:aws:logs:eu-west-1:222222222222:log-group:*"),
        ("sns:ListTopics", "arn:aws:sns:eu-west-1:222222222222:*"),
        ("sqs:ListQueues", "arn:aws:sqs:eu-west-1:222222222222:*"),
        ("ssm:DescribeParameters", "arn:aws:ssm:eu-west-1:222222222222:*"),
    ] {
        assert!(on(action, resource), "{action} {resource}");
        assert!(!on(action, &resource.replace("222222222222", "111111111111")), "{action}");
    }
}

/// These are asked for on `*` alone.
#[test]
fn an_action_without_a_type_is_else_allowed_on_a_star_only() {
    for (action, resource) in [
        ("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*"),
        ("kms:ListKeys", "arn:aws:kms:*:*:key/*"),
        ("lambda:ListFunctions", "arn:aws:lambda:*:*:function:*"),
        ("ecs:ListClusters", "arn:aws:ecs:*:*:cluster/*"),
    ] {
        assert!(!on(action, resource), "{action} {resource}");
        assert!(on(action, "*"));
    }
}
