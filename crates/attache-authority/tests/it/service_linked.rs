//! Service-linked roles: what a service's own role is like, and how it goes.

use crate::support::iam::{done, iam, refused};
use crate::support::{Told, World};

/// A document as IAM answers it, without its encoding.
fn document(told: &Told) -> String {
    let text = told.element("AssumeRolePolicyDocument");
    percent_encoding::percent_decode_str(&text).decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn a_service_linked_role_has_its_services_policy() {
    let world = World::new().await;
    for (service, role, policy) in [
        ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS", "AmazonEKSServiceRolePolicy"),
        (
            "autoscaling.amazonaws.com",
            "AWSServiceRoleForAutoScaling",
            "AutoScalingServiceRolePolicy",
        ),
        (
            "access-analyzer.amazonaws.com",
            "AWSServiceRoleForAccessAnalyzer",
            "AccessAnalyzerServiceRolePolicy",
        ),
        ("rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"),
    ] {
        let made = done(&world, "CreateServiceLinkedRole", &[("AWSServiceName", service)]).await;
        assert_eq!(made.element("RoleName"), role);
        assert!(document(&made).contains(r#""Action":["sts:AssumeRole"]"#), "{}", document(&made));
        let named = [("RoleName", role)];
        let got = done(&world, "GetRole", &named).await;
        let own = format!(r#""Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole""#);
        assert!(document(&got).contains(&own), "a list of one is text: {}", document(&got));
        let attached = done(&world, "ListAttachedRolePolicies", &named).await;
        let arn = format!("arn:aws:iam::aws:policy/aws-service-role/{policy}");
        assert_eq!(attached.element("PolicyArn"), arn);
        assert!(done(&world, "GetPolicy", &[("PolicyArn", &arn)]).await.body.contains("stand-in"));
    }
    let got = done(&world, "GetRole", &[("RoleName", "AWSServiceRoleForRDS")]).await;
    assert_eq!(
        got.element("Description"),
        "Allows Amazon RDS to manage AWS resources on your behalf"
    );
    let suffixed = [("AWSServiceName", "autoscaling.amazonaws.com"), ("CustomSuffix", "blue")];
    let made = done(&world, "CreateServiceLinkedRole", &suffixed).await;
    assert_eq!(made.element("RoleName"), "AWSServiceRoleForAutoScaling_blue");
    world.end().await;
}

#[tokio::test]
async fn each_sentence_about_service_linked_roles_is_awss() {
    let world = World::new().await;
    world.create_role("Reader").await;
    let service = ("AWSServiceName", "batch.amazonaws.com");
    let role = ("RoleName", "AWSServiceRoleForBatch");
    done(&world, "CreateServiceLinkedRole", &[service]).await;
    let task = "task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch";
    let unknown = format!("{task}/7c3dd1f0-6d45-4b0f-9c2a-5b7d1b1e6f70");
    let own = ("PolicyArn", "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy");
    for (action, members, wanted) in [
        (
            "CreateServiceLinkedRole",
            vec![service],
            (
                400,
                "InvalidInput",
                "Service role name AWSServiceRoleForBatch has been taken in this account, please \
                 try a different suffix.",
            ),
        ),
        (
            "CreateServiceLinkedRole",
            vec![("AWSServiceName", "acm.amazonaws.com"), ("CustomSuffix", "x")],
            (400, "InvalidInput", "Custom suffix is not allowed for acm.amazonaws.com"),
        ),
        (
            "UpdateRole",
            vec![role, ("MaxSessionDuration", "7200")],
            (
                400,
                "UnmodifiableEntity",
                "AWSServiceRoleForBatch is an AWS service linked role, max session duration cannot \
                 be changed.",
            ),
        ),
        (
            "DeleteServiceLinkedRole",
            vec![("RoleName", "READER")],
            (404, "NoSuchEntity", "Reader exists but is not a service role."),
        ),
        (
            "DeleteServiceLinkedRole",
            vec![("RoleName", "Nothing")],
            (404, "NoSuchEntity", "The role with name Nothing cannot be found."),
        ),
        (
            "GetServiceLinkedRoleDeletionStatus",
            vec![("DeletionTaskId", "anything")],
            (400, "InvalidInput", "Invalid task id"),
        ),
        (
            "GetServiceLinkedRoleDeletionStatus",
            vec![("DeletionTaskId", task)],
            (400, "InvalidInput", "Invalid task id"),
        ),
        (
            "AttachRolePolicy",
            vec![("RoleName", "Reader"), own],
            (400, "PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role."),
        ),
    ] {
        refused(&world, action, &members, wanted).await;
    }
    let status = "GetServiceLinkedRoleDeletionStatus";
    let told = iam(&world, status, &[("DeletionTaskId", &unknown)]).await;
    assert_eq!(told.element("Code"), "NoSuchEntity", "{told:?}");
    let id = done(&world, "DeleteServiceLinkedRole", &[role]).await.element("DeletionTaskId");
    let (before, uuid) = id.rsplit_once('/').unwrap();
    assert_eq!(before, task);
    assert!(uuid.len() == 36 && uuid.split('-').count() == 5, "{id}");
    let told = done(&world, status, &[("DeletionTaskId", &id)]).await;
    assert_eq!(told.element("Status"), "SUCCEEDED");
    world.end().await;
}
