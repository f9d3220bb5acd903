//! What comes with the program, and how a user's file is read.

use attache_catalog::{Catalog, CatalogError};
use attache_manifests::Invalid;

use crate::QUEUES;

fn with(text: &str) -> Result<Catalog, CatalogError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.toml"), text).unwrap();
    std::fs::write(folder.path().join("README.md"), "not a type").unwrap();
    Catalog::embedded().unwrap().with_folder(folder.path())
}

fn invalid(text: &str) -> Invalid {
    match with(text) {
        Err(CatalogError::Invalid(invalid)) => invalid,
        other => panic!("a complaint with a place was wanted, not {other:?}"),
    }
}

#[test]
fn ten_types_come_with_the_program() {
    let catalog = Catalog::embedded().unwrap();
    let kinds: Vec<&str> = catalog.entries().iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "ec2:vpc",
            "ec2:subnet",
            "ec2:instance",
            "rds:db",
            "elasticloadbalancing:loadbalancer",
            "elasticloadbalancing:targetgroup",
            "sqs:queue",
            "lambda:function",
            "dynamodb:table",
            "s3:bucket",
        ]
    );
    // Without a page's size EC2 has half the rate and SQS no next token.
    assert!(catalog.entries().iter().all(|e| e.page.as_ref().is_some_and(|p| p.size.is_some())));
}

#[test]
fn the_policy_is_what_the_catalog_needs_and_no_more() {
    let policy = Catalog::embedded().unwrap().policy();
    assert_eq!(
        policy,
        serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "AttacheDiscovery",
                "Effect": "Allow",
                "Action": [
                    "dynamodb:ListTables",
                    "ec2:DescribeInstances",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                    "elasticloadbalancing:DescribeLoadBalancers",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "lambda:ListFunctions",
                    "rds:DescribeDBInstances",
                    "s3:ListAllMyBuckets",
                    "sqs:ListQueues",
                ],
                "Resource": "*",
            }],
        })
    );
}

#[test]
fn a_users_type_is_added_or_replaces_ours_and_the_policy_follows() {
    let topics = QUEUES
        .replace("sqs:queue", "sns:topic")
        .replace("sqs:ListQueues", "sns:ListTopics")
        .replace("title = \"SQS queues\"", "title = \"Topics\"");
    let catalog = with(&topics).unwrap();
    assert_eq!(catalog.entries().len(), 11);
    assert!(catalog.policy().to_string().contains("sns:ListTopics"));
    let catalog = with(&QUEUES.replace("SQS queues", "Queues of ours")).unwrap();
    assert_eq!(catalog.entries().len(), 10);
    assert!(catalog.entries().iter().any(|entry| entry.title == "Queues of ours"));
}

#[test]
fn each_mistake_is_told_with_its_place_and_what_is_meant() {
    for (from, to, line, message, help) in [
        ("token-in", "token-inn", 14, "unknown key `token-inn`", "`token-in`"),
        ("[item]", "[items]", 21, "unknown key `items`", "`item`"),
        ("json1.0", "json10", 7, "protocol `json10`", "`json1.0`"),
        ("target = \"AmazonSQS\"", "", 7, "needs `target`", "add `target"),
        ("\"regional\"", "\"region\"", 10, "unknown variant", "`regional`"),
        ("{account}", "{acount}", 25, "nothing fills `{acount}`", "`account`"),
        ("sqs:ListQueues", "sqs:DeleteQueue", 29, "not an action that only reads", "List"),
        ("sqs:ListQueues", "sqs:List*", 29, "not an action that only reads", "List"),
        ("sqs:ListQueues", "sqs:ListQueue?", 29, "not an action that only reads", "List"),
        ("sqs:ListQueues", "s*:ListQueues", 29, "not an action that only reads", "List"),
        ("sqs:ListQueues", "*", 29, "not an action that only reads", "List"),
        ("type = \"sqs:queue\"", "type = \"queue\"", 2, "not a resource type", "ec2:instance"),
        ("burst = 10", "burst = 0", 34, "never let a call through", "at least 1"),
    ] {
        let text = QUEUES.replacen(from, to, 1);
        assert_ne!(text, QUEUES, "{from} is in the file");
        let complaint = invalid(&text);
        assert!(complaint.file.ends_with("own.toml"));
        assert_eq!(complaint.line, line, "{complaint}");
        assert!(complaint.message.contains(message), "{complaint}");
        let said = complaint.help.clone().unwrap_or_default();
        assert!(said.contains(help), "{complaint}: {said}");
    }
}

#[test]
fn text_that_is_no_entry_is_refused_and_never_panics() {
    for text in ["", "x", "[", "type = 3", "a = \"{", "\u{0}", "type = \"a:b\"\n[call]\n"] {
        assert!(with(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let missing = Catalog::embedded().unwrap().with_folder(std::path::Path::new("/nowhere/at/all"));
    assert!(matches!(missing, Err(CatalogError::Read { .. })));
}

#[test]
fn the_documentations_example_is_an_entry() {
    let page = include_str!("../../../../docs/mediator.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let catalog = with(example).unwrap();
    assert!(catalog.policy().to_string().contains("sns:ListTopics"));
}
