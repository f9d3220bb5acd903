//! `Resource` and `NotResource`.
//!
//! IAM checks an ARN's partition, its service, and for its own ARNs and S3's the region and the
//! path; missing parts at the end it takes for `*`.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.

use super::reader::{Reader, quoted};
use super::{Kind, aws_messages, named, variable};
use crate::invalid::Diagnostic;
use crate::json::{Member, Node, Value};
use crate::syntax::{Patterns, Text};

/// Of commercial, China, GovCloud, the isolated ones and the European Sovereign Cloud.
pub(super) const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// What the paths of IAM's ARNs begin with; `root` came with `sts:AssumeRoot`, `role-template` with
/// `iam:GetRoleTemplateVersion` in 2026.
const IAM_PATHS: &[&str] = &[
    "user",
    "federated-user",
    "role",
    "group",
    "instance-profile",
    "mfa",
    "server-certificate",
    "policy",
    "sms-mfa",
    "saml-provider",
    "oidc-provider",
    "report",
    "access-report",
    "root",
    "role-template",
];

pub(super) fn read(
    reader: &mut Reader,
    node: &Node,
    members: &[Member],
    variables: bool,
) -> Option<Patterns> {
    let found = named::find(reader, members, "Resource");
    if reader.kind == Kind::Trust {
        if let Some(found) = found {
            let aws = match found.negated {
                true => aws_messages::TRUST_NOT_RESOURCE,
                false => aws_messages::TRUST_RESOURCE,
            };
            let message =
                "a trust policy does not support Resource: the resource is the role itself";
            reader.add(Diagnostic::error(&found.member.key_at, message).aws(aws));
        }
        return None;
    }
    let Some(found) = found else {
        none(reader, node);
        return None;
    };
    let node = &found.member.node;
    let list = reader.texts(node, &found.member.key, false);
    if matches!(&node.value, Value::Array(items) if items.is_empty()) {
        let message = "the list of resources is empty";
        reader.add(Diagnostic::error(&node.at, message).aws(aws_messages::NO_RESOURCES));
    }
    for resource in &list {
        check(reader, resource);
        match variables {
            true => variable::in_resource(reader, resource),
            false => variable::as_it_stands(reader, resource),
        }
    }
    Some(Patterns { negated: found.negated, list })
}

fn none(reader: &mut Reader, node: &Node) {
    // ECR's repository policies have none: there it is the repository itself.
    if reader.kind == Kind::Resource {
        let message =
            "without a Resource it is what the policy is attached to; most services want one";
        reader.add(Diagnostic::warning(&node.at, message).aws(aws_messages::NO_RESOURCES));
        return;
    }
    let message = "a statement needs Resource or NotResource";
    reader.add(Diagnostic::error(&node.at, message).aws(aws_messages::NO_RESOURCES));
}

fn check(reader: &mut Reader, resource: &Text) {
    let (at, text) = (&resource.at, resource.text.as_str());
    // API Gateway takes its own without their beginning.
    let gateway = reader.kind == Kind::Resource && text.starts_with("execute-api:/");
    if text == "*" || gateway {
        return;
    }
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next();
    let (Some(scheme), Some(partition)) = (next(), next()) else {
        let message = format!("{} is neither an ARN nor *", quoted(text));
        let aws = format!("Resource {text} must be in ARN format or \"*\".");
        reader.add(Diagnostic::error(at, message).aws(aws));
        return;
    };
    let (service, region, account, path) = (next(), next(), next(), next());
    if !is_partition(partition) {
        // IAM fills in the missing parts before it complains.
        let rest = [service, region, account, path].map(|part| part.unwrap_or("*")).join(":");
        let message = format!("{} is not an AWS partition", quoted(partition));
        let shown = ["arn", partition, &rest].join(":");
        let aws = format!("Partition \"{partition}\" is not valid for resource \"{shown}\".");
        reader.add(reader.unknown_name(at, message, aws));
        return;
    }
    if scheme != "arn" {
        let message = format!("{} is neither an ARN nor *", quoted(text));
        reader.add(Diagnostic::error(at, message).help(Some("an ARN begins with arn:".to_owned())));
        return;
    }
    let finding = match (service, region, account, path) {
        (None, ..) => {
            Diagnostic::error(at, "this ARN names no service").aws(aws_messages::RESOURCE_VENDOR)
        }
        (Some(""), ..) => {
            Diagnostic::error(at, "this ARN names no service").aws_known(legacy(reader))
        }
        (Some(s), ..) if s.contains(['*', '?']) && s != "*" => {
            let message = "an ARN's service cannot have a wildcard";
            Diagnostic::error(at, message).aws(aws_messages::RESOURCE_VENDOR)
        }
        (Some(s), Some(r), Some(a), Some(p)) => match regional(text, s, r, a) {
            Some((message, aws)) => Diagnostic::error(at, message).aws(aws),
            None if s == "iam" && !is_iam_path(p) => {
                let message = "this is not a resource of IAM";
                reader.unknown_name(at, message, aws_messages::IAM_PATH)
            }
            None => return,
        },
        _ if text.contains("::") => Diagnostic::error(at, SHORT).aws_known(legacy(reader)),
        _ => Diagnostic::warning(at, SHORT),
    };
    reader.add(finding.help(Some("arn:partition:service:region:account:resource".to_owned())));
}

const SHORT: &str = "expected an ARN with six parts: AWS reads * for each missing one";

fn is_partition(partition: &str) -> bool {
    let pattern = partition.contains(['*', '?']) && !partition.contains('$');
    pattern || PARTITIONS.contains(&partition)
}

fn legacy(reader: &Reader) -> Option<&'static str> {
    reader.kind.is_iam().then_some(aws_messages::LEGACY)
}

/// What IAM knows of ARNs without a region: its own, and S3's buckets.
fn regional(
    arn: &str,
    service: &str,
    region: &str,
    account: &str,
) -> Option<(&'static str, String)> {
    let named = !region.is_empty() && !region.contains(['*', '?', '$']);
    if service == "iam" && named {
        let aws = format!("IAM resource {arn} cannot contain region information.");
        return Some(("ARNs of IAM have no region", aws));
    }
    if service == "s3" && named && account.is_empty() {
        let aws = format!("Resource {arn} can not contain region information.");
        return Some(("ARNs of buckets have no region", aws));
    }
    None
}

/// Whether what IAM has can be called so.
fn is_iam_path(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    let open = path.contains(['*', '?', '$']);
    open || IAM_PATHS.contains(&first) && (path.contains('/') || first == "root")
}
