//! One record of CloudTrail's: who called what, and what came of it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use attache_identifiers::displayable;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::caller::{Caller, Identity, session_tags};

/// Ours, in characters: AWS's longest ARN, and more than its sentences have.
const LONGEST: usize = 2_048;

/// A record, as far as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) at: OffsetDateTime,
    /// `sts`.
    pub(crate) service: String,
    /// `AssumeRoleWithWebIdentity`.
    pub(crate) operation: String,
    pub(crate) region: String,
    pub(crate) from: Option<String>,
    pub(crate) caller: Caller,
    /// The role that the caller is a session of.
    pub(crate) session_of: Option<String>,
    /// The code and the message, where it was refused.
    pub(crate) refusal: Option<(String, String)>,
    /// The role that is to be assumed.
    pub(crate) role: Option<String>,
    /// The name of the session that is to begin.
    pub(crate) session_name: Option<String>,
    /// Whether it changes nothing.
    pub(crate) read_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(rename = "eventID")]
    id: String,
    event_time: String,
    event_source: String,
    event_name: String,
    #[serde(default)]
    aws_region: String,
    #[serde(rename = "sourceIPAddress")]
    from: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    #[serde(default)]
    user_identity: Identity,
    #[serde(default)]
    request_parameters: Value,
    #[serde(default)]
    read_only: bool,
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it is no record of CloudTrail's: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("its time is none: {0}")]
    Time(#[from] time::error::Parse),
}

impl Record {
    /// Reads the JSON text that `LookupEvents` gives as `CloudTrailEvent`.
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        let wire: Wire = serde_json::from_str(text)?;
        let at = OffsetDateTime::parse(&wire.event_time, &Rfc3339)?;
        let parameter = |name: &str| text_of(wire.request_parameters.get(name)?);
        let identity = wire.user_identity;
        let session_of = identity.role();
        let refusal = wire.error_code.map(|code| {
            (shown(&code), wire.error_message.as_deref().map(shown).unwrap_or_default())
        });
        Ok(Self {
            id: wire.id,
            at,
            service: service(&wire.event_source),
            operation: shown(&wire.event_name),
            region: shown(&wire.aws_region),
            from: wire.from.as_deref().map(shown),
            role: parameter("roleArn"),
            session_name: parameter("roleSessionName"),
            caller: identity.caller(&session_tags(&wire.request_parameters)),
            read_only: wire.read_only,
            session_of,
            refusal,
        })
    }

    /// Whether it is a call for a session of the role, whatever came of it.
    pub(crate) fn asks_for(&self, role: &str) -> bool {
        self.service == "sts"
            && self.operation.starts_with("AssumeRole")
            && self.role.as_deref() == Some(role)
    }

    /// Whether a session of the role began with it.
    pub(crate) fn begins(&self, role: &str) -> bool {
        self.asks_for(role) && self.refusal.is_none()
    }

    /// `sts:AssumeRole`.
    pub(crate) fn call(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// `sts` of `sts.amazonaws.com`.
fn service(source: &str) -> String {
    shown(source.split('.').next().unwrap_or_default())
}

/// Text of a record: anybody can have put anything into a session's name.
pub(crate) fn shown(text: &str) -> String {
    displayable(text, &[], LONGEST)
}

pub(crate) fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(shown)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(identity: &Value, parameters: &Value) -> Record {
        let record = json!({
            "eventID": "1", "eventTime": "2026-11-27T18:11:18Z", "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRole", "awsRegion": "us-east-1", "userIdentity": identity,
            "requestParameters": parameters,
        });
        Record::read(&record.to_string()).unwrap()
    }

    #[test]
    fn every_kind_of_caller_is_told_apart() {
        let provider = "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/A";
        let subject = "system:serviceaccount:causely:mediator";
        for (identity, parameters, shown) in [
            (
                json!({"type": "WebIdentityUser", "userName": subject, "identityProvider": provider,
                       "principalId": format!("{provider}:sts.amazonaws.com:{subject}")}),
                Value::Null,
                "service account causely/mediator of oidc.example/id/A",
            ),
            (
                json!({"type": "AWSService", "invokedBy": "pods.eks.amazonaws.com"}),
                json!({"tags": [{"key": "eks-cluster-name", "value": "prod"},
                    {"key": "kubernetes-namespace", "value": "causely"},
                    {"key": "kubernetes-service-account", "value": "mediator"},
                    {"key": "kubernetes-pod-name", "value": "mediator-0"}]}),
                "service account causely/mediator of prod",
            ),
            (
                json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
                Value::Null,
                "ec2.amazonaws.com",
            ),
            (
                json!({"type": "AssumedRole", "arn": "arn:aws:sts::111111111111:assumed-role/Ops/ann"}),
                Value::Null,
                "arn:aws:iam::111111111111:role/Ops",
            ),
            (
                json!({"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ann"}),
                Value::Null,
                "arn:aws:iam::111111111111:user/ann",
            ),
            (
                json!({"type": "AWSAccount", "accountId": "333333333333"}),
                Value::Null,
                "a principal of the account 333333333333",
            ),
            (json!({"type": "Unknown"}), Value::Null, "not told"),
            (json!({}), json!({"roleArn": 1}), "not told"),
        ] {
            let record = read(&identity, &parameters);
            assert_eq!(record.caller.grouped().to_string(), shown);
        }
    }

    #[test]
    fn the_audience_stands_between_the_provider_and_the_subject() {
        let provider = "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/A";
        let subject = "system:serviceaccount:causely:mediator";
        let identity = json!({
            "type": "WebIdentityUser", "userName": subject, "identityProvider": provider,
            "principalId": format!("{provider}:sts.amazonaws.com:{subject}"),
        });
        let Caller::WebIdentity { audience, .. } = read(&identity, &Value::Null).caller else {
            panic!("no web identity")
        };
        assert_eq!(audience.as_deref(), Some("sts.amazonaws.com"));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in ["", "[]", "{}", "{\"eventID\": \"1\"}"] {
            assert!(Record::read(text).is_err(), "{text}");
        }
        let no_time =
            json!({"eventID": "1", "eventTime": "yesterday", "eventSource": "s", "eventName": "n"});
        assert!(Record::read(&no_time.to_string()).is_err());
    }
}
