//! AWS's words for a permission that was refused.

use attache_aws_protocol::Protocol;
use attache_identifiers::Arn;
use attache_policy::{Denial, Explanation, Outcome};

use crate::service::Permission;

/// AWS's sentence for a refused permission. An explicit deny names the policy where it has an ARN.
///
/// <https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns>
pub fn refused(
    protocol: Protocol,
    why: &Explanation,
    caller_arn: &str,
    permission: &Permission,
) -> String {
    let Permission { action, resource } = permission;
    // SQS alone writes its actions in lower case.
    let action = if action.starts_with("sqs:") { &action.to_ascii_lowercase() } else { action };
    // EC2, S3, STS and CloudTrail leave out what is no resource, and S3 quotes what is one.
    let quiet = ["ec2:", "s3:", "sts:", "cloudtrail:"];
    let on = match protocol {
        _ if resource == "*" && quiet.iter().any(|found| action.starts_with(found)) => {
            String::new()
        }
        Protocol::RestXml => format!(" on resource: \"{resource}\""),
        _ => format!(" on resource: {resource}"),
    };
    let head = format!("User: {caller_arn} is not authorized to perform: {action}{on}");
    match why.outcome {
        Outcome::Denied(Denial::Explicit(kind)) => {
            let said = format!("{head} with an explicit deny in {}", kind.with_article());
            match why.decided_by.first().filter(|place| has_arn(&place.policy)) {
                Some(place) => format!("{said}: {}", place.policy),
                None => said,
            }
        }
        Outcome::Denied(Denial::Implicit(kind)) => {
            format!("{head} because no {} allows the {action} action", kind.name())
        }
        Outcome::Allowed { .. } => head,
    }
}

/// Whether a policy's name is its own ARN: a managed policy's or an organization's. A trust policy
/// goes by its role's.
fn has_arn(name: &str) -> bool {
    Arn::parse(name).is_ok_and(|arn| arn.resource().starts_with("policy/"))
}
