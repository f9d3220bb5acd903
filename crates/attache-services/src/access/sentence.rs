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

#[cfg(test)]
mod tests {
    use attache_identifiers::{AccountId, PrincipalArn};
    use attache_policy::{Context, EffectivePolicies, Kind, Policy, PolicySet, Request};

    use super::*;
    use crate::access::{Caller, Identity};

    const ARN: &str = "arn:aws:iam::222222222222:user/ann";

    fn set(kind: Kind, effect: &str) -> PolicySet {
        let principal = match kind {
            Kind::Resource | Kind::ResourceControl => r#""Principal":"*","#,
            _ => "",
        };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{{principal}"Effect":"{effect}","Action":"*","Resource":"*"}}]}}"#
        );
        PolicySet::compile([Policy::parse(&text, kind).unwrap().named("p")])
    }

    /// All policies that allow, but those of a kind, which are these.
    fn policies(kind: Kind, own: PolicySet) -> EffectivePolicies {
        let mut all = EffectivePolicies {
            identity: set(Kind::Identity, "Allow"),
            ..EffectivePolicies::default()
        };
        match kind {
            Kind::Identity => all.identity = own,
            Kind::Resource | Kind::Trust => all.resource = Some(own),
            Kind::Boundary => all.boundary = Some(own),
            Kind::Session => all.session = Some(own),
            Kind::ServiceControl => all.service_control = vec![own],
            Kind::ResourceControl => all.resource_control = vec![own],
        }
        all
    }

    fn sentence(all: &EffectivePolicies) -> String {
        let account = AccountId::parse("222222222222").unwrap();
        let identity =
            Identity::User { name: "ann".to_owned(), arn: ARN.to_owned(), session: None };
        let caller = Caller {
            account,
            arn: ARN.to_owned(),
            user_id: "AIDA".to_owned(),
            identity,
            access_key: "AKIA".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let (action, resource) =
            ("iam:GetRole".to_owned(), "arn:aws:iam::222222222222:role/r".to_owned());
        let request = Request {
            principal: caller.principal(),
            action: action.clone(),
            resource: resource.clone(),
            resource_account: PrincipalArn::parse(ARN).ok().map(|arn| arn.account()),
            context: Context::new(),
        };
        let why = attache_policy::evaluate(all, &request).explain();
        refused(Protocol::Query, &why, ARN, &Permission { action, resource })
    }

    #[test]
    fn each_kind_of_policy_has_its_sentence() {
        let head = format!(
            "User: {ARN} is not authorized to perform: iam:GetRole on resource: \
             arn:aws:iam::222222222222:role/r"
        );
        for (kind, explicit, implicit) in [
            (Kind::Identity, "an identity-based policy", Some("identity-based policy")),
            (Kind::Resource, "a resource-based policy", None),
            (Kind::Boundary, "a permissions boundary", Some("permissions boundary")),
            (Kind::Session, "a session policy", Some("session policy")),
            (Kind::ServiceControl, "a service control policy", Some("service control policy")),
            (Kind::ResourceControl, "a resource control policy", Some("resource control policy")),
        ] {
            let told = sentence(&policies(kind, set(kind, "Deny")));
            assert_eq!(told, format!("{head} with an explicit deny in {explicit}"), "{kind:?}");
            let Some(name) = implicit else { continue };
            let told = sentence(&policies(kind, PolicySet::default()));
            let wanted = format!("{head} because no {name} allows the iam:GetRole action");
            assert_eq!(told, wanted, "{kind:?}");
        }
    }
}
