//! One event as CloudTrail has it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use attache_aws_protocol::timestamp::seconds;
use attache_identifiers::{AccountId, Arn, PrincipalArn};
use attache_ledger::{Event, Outcome, PARTITION};
use serde_json::{Value, json};

/// What begins the names of operations that only look.
const READ_ONLY_VERBS: &[&str] =
    &["Get", "List", "Describe", "Lookup", "Simulate", "Assume", "Decode", "Generate", "Head"];

/// Services without a region: their events are in this one.
const GLOBAL: &[&str] = &["iam", "organizations", "account", "s3:ListBuckets"];
const GLOBAL_REGION: &str = "us-east-1";

/// The service and the operation.
fn service_and_operation(event: &Event) -> (&str, &str) {
    let called = if event.operation.is_empty() { &event.action } else { &event.operation };
    called.split_once(':').unwrap_or((called, ""))
}

/// The region whose trail an event is in.
pub(super) fn region(event: &Event) -> &str {
    let (service, _) = service_and_operation(event);
    if GLOBAL.contains(&service) || event.region.is_empty() { GLOBAL_REGION } else { &event.region }
}

/// Whether an operation of that name only looks.
fn is_read_only(operation: &str) -> bool {
    READ_ONLY_VERBS.iter().any(|verb| operation.starts_with(verb))
}

/// The caller's name as a lookup finds it: the user's, or the session's.
fn username(event: &Event) -> &str {
    match web_identity(&event.principal) {
        Some((_, subject)) => subject,
        None => event.principal.rsplit('/').next().unwrap_or_default(),
    }
}

/// The provider and the subject of `<provider ARN>:<audience>:<subject>`. The subject of a service
/// account has colons of its own, its audience has none.
fn web_identity(principal: &str) -> Option<(&str, &str)> {
    let at = principal.find(":oidc-provider/")?;
    let end = at + ":oidc-provider/".len();
    let (path, rest) = principal.get(end..)?.split_once(':')?;
    let provider = principal.get(..end + path.len())?;
    rest.split_once(':').map(|(_, subject)| (provider, subject))
}

/// Whether a lookup's attribute finds the event for an account.
pub(super) fn has(event: &Event, to: AccountId, key: &str, value: &str) -> bool {
    let (service, name) = service_and_operation(event);
    match key {
        "Username" | "AccessKeyId" if event.account != Some(to) => false,
        "EventId" => event.request_id == value,
        "EventName" => name == value,
        "ReadOnly" => value == (if is_read_only_event(event) { "true" } else { "false" }),
        "Username" => username(event) == value,
        "EventSource" => value.strip_suffix(".amazonaws.com") == Some(service),
        "AccessKeyId" => event.access_key.as_deref() == Some(value),
        "ResourceName" => {
            event.resource == value || event.resource.rsplit('/').next() == Some(value)
        }
        "ResourceType" => kind(&event.resource) == Some(value),
        _ => false,
    }
}

fn is_read_only_event(event: &Event) -> bool {
    !event.is_change() && is_read_only(service_and_operation(event).1)
}

/// CloudFormation's name for the type of a resource, of the types that calls change.
fn kind(arn: &str) -> Option<&'static str> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let first = resource.split(['/', ':']).next()?;
    Some(match (service, first) {
        ("iam", "role") => "AWS::IAM::Role",
        ("iam", "user") => "AWS::IAM::User",
        ("iam", "group") => "AWS::IAM::Group",
        ("iam", "policy") => "AWS::IAM::Policy",
        ("iam", "instance-profile") => "AWS::IAM::InstanceProfile",
        ("iam", "oidc-provider") => "AWS::IAM::OIDCProvider",
        ("eks", "cluster") => "AWS::EKS::Cluster",
        ("organizations", "account") => "AWS::Organizations::Account",
        ("organizations", "ou") => "AWS::Organizations::OrganizationalUnit",
        ("organizations", "policy") => "AWS::Organizations::Policy",
        _ => return None,
    })
}

/// Whether an event is in an account's trail: those of its own calls, and of calls by which a principal of
/// another account assumed one of its roles.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-sharedeventid.html>
pub(super) fn is_visible_to(event: &Event, account: AccountId) -> bool {
    event.account == Some(account) || cross_account_role_owner(event) == Some(account)
}

/// The account of a role that another account's caller assumed.
fn cross_account_role_owner(event: &Event) -> Option<AccountId> {
    if event.outcome != Outcome::Allowed || service_and_operation(event) != ("sts", "AssumeRole") {
        return None;
    }
    let account = Arn::parse(&event.resource).ok()?.account()?;
    Some(account).filter(|account| event.account != Some(*account))
}

/// An event of the list, as that account sees it.
pub(super) fn shown(event: &Event, to: AccountId) -> Value {
    let (service, name) = service_and_operation(event);
    let resources = match kind(&event.resource) {
        Some(kind) => json!([{"ResourceType": kind, "ResourceName": event.resource}]),
        None => json!([]),
    };
    // Who it is in another account is that account's to know.
    let is_caller = event.account == Some(to);
    json!({
        "EventId": event.request_id,
        "EventName": name,
        "ReadOnly": if is_read_only_event(event) { "true" } else { "false" },
        "AccessKeyId": event.access_key.as_ref().filter(|_| is_caller),
        "EventTime": event.at.unix_timestamp(),
        "EventSource": format!("{service}.amazonaws.com"),
        "Username": is_caller.then(|| username(event)),
        "Resources": resources,
        "CloudTrailEvent": record(event, to).to_string(),
    })
}

/// The record itself.
fn record(event: &Event, to: AccountId) -> Value {
    let (service, name) = service_and_operation(event);
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": if event.account == Some(to) { identity(event) } else { foreign_identity(event) },
        "eventTime": seconds::format(event.at),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name,
        "awsRegion": region(event),
        "sourceIPAddress": event.source,
        "userAgent": event.user_agent,
        "requestParameters": event.parameters,
        "responseElements": null,
        "requestID": event.request_id,
        "eventID": event.request_id,
        "readOnly": is_read_only_event(event),
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": to,
        "eventCategory": "Management",
    });
    if cross_account_role_owner(event).is_some()
        && let Some(record) = record.as_object_mut()
    {
        record.insert("sharedEventID".to_owned(), json!(event.request_id));
    }
    if let (Outcome::Refused { code, message }, Some(record)) =
        (&event.outcome, record.as_object_mut())
    {
        record.insert("errorCode".to_owned(), json!(code));
        record.insert("errorMessage".to_owned(), json!(message));
    }
    record
}

/// A caller of another account.
fn foreign_identity(event: &Event) -> Value {
    json!({
        "type": "AWSAccount", "principalId": event.principal_id, "accountId": event.account,
    })
}

fn identity(event: &Event) -> Value {
    let arn = event.principal.as_str();
    if let Some((provider, subject)) = web_identity(arn) {
        return json!({
            "type": "WebIdentityUser", "principalId": arn, "userName": subject,
            "identityProvider": provider,
        });
    }
    let principal = PrincipalArn::parse(arn).ok();
    let kind = match &principal {
        Some(PrincipalArn::User(_)) => "IAMUser",
        Some(PrincipalArn::Session(_)) => "AssumedRole",
        Some(PrincipalArn::FederatedUser(_)) => "FederatedUser",
        _ => "Unknown",
    };
    let mut identity = json!({
        "type": kind,
        "principalId": event.principal_id,
        "arn": arn,
        "accountId": event.account,
        "accessKeyId": event.access_key,
    });
    let Some(members) = identity.as_object_mut() else { return identity };
    if kind == "IAMUser" {
        members.insert("userName".to_owned(), json!(username(event)));
    }
    if let Some(PrincipalArn::Session(session)) = &principal {
        let (role, account) = (session.role_name(), event.account);
        // The session does not say which path its role has.
        let arn = account.map(|id| Arn::role(PARTITION, id, "/", role).to_string());
        let issuer = json!({
            "type": "Role",
            "principalId": event.principal_id.split(':').next(),
            "arn": arn,
            "accountId": account,
            "userName": role,
        });
        members.insert("sessionContext".to_owned(), json!({"sessionIssuer": issuer}));
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_identity_is_taken_apart() {
        let provider = "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/A";
        let whole = format!("{provider}:sts.amazonaws.com:system:serviceaccount:a:b");
        assert_eq!(web_identity(&whole), Some((provider, "system:serviceaccount:a:b")));
        assert_eq!(web_identity("arn:aws:iam::222222222222:user/ann"), None);
    }

    #[test]
    fn a_role_that_another_account_assumes_is_in_both_trails() {
        let [caller, owner, third] = ["111111111111", "222222222222", "333333333333"]
            .map(|id| AccountId::parse(id).unwrap());
        let event: Event = serde_json::from_value(json!({
            "at": "2026-09-21T14:26:40Z", "account": caller, "action": "sts:AssumeRole",
            "principal": format!("arn:aws:iam::{caller}:user/ann"), "principal_id": "AIDAEXAMPLE",
            "resource": format!("arn:aws:iam::{owner}:role/Reader"), "outcome": "allowed",
            "request_id": "1", "access_key": "AKIAEXAMPLE",
        }))
        .unwrap();
        let visible = [caller, owner, third].map(|to| is_visible_to(&event, to));
        assert_eq!(visible, [true, true, false]);
        let text =
            |to| shown(&event, to)["CloudTrailEvent"].as_str().unwrap_or_default().to_owned();
        let record: Value = serde_json::from_str(&text(owner)).unwrap();
        let foreign_identity =
            json!({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": caller});
        assert_eq!(record["userIdentity"], foreign_identity);
        assert_eq!(record["recipientAccountId"], json!(owner));
        assert!(text(caller).contains("user/ann") && text(caller).contains("sharedEventID"));
        assert!(shown(&event, owner)["AccessKeyId"].is_null());
    }

    #[test]
    fn reading_differs_from_changing() {
        for (name, expected) in [("GetRole", true), ("AssumeRole", true), ("CreateRole", false)] {
            assert_eq!(is_read_only(name), expected, "{name}");
        }
    }
}
