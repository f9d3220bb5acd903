//! CloudTrail's event history, page by page.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use attache_identifiers::Region;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::failure::CallFailure;
use crate::signed_call::{Attempts, ServiceRequest, SignedService, unreadable};

/// AWS's: what stands before the operation in `X-Amz-Target`.
const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";

/// AWS's: the most events of a page.
const PAGE: u32 = 50;

/// Ours: AWS takes two calls a second of an account and a region, whoever makes them.
const ATTEMPTS: Attempts = Attempts { most: 12, ..Attempts::USUAL };

/// CloudTrail in one account.
#[derive(Clone)]
pub struct CloudTrail {
    connector: Option<SharedHttpConnector>,
    config: SdkConfig,
}

/// Nothing of the credentials.
impl std::fmt::Debug for CloudTrail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudTrail").finish_non_exhaustive()
    }
}

/// What events are looked up by. AWS takes one a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupAttribute {
    /// The operation, such as `AssumeRole`.
    EventName,
    /// The name or the ARN of a resource.
    ResourceName,
    /// The user's name, or that of a role's session.
    Username,
}

impl LookupAttribute {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventName => "EventName",
            Self::ResourceName => "ResourceName",
            Self::Username => "Username",
        }
    }
}

/// Which events are looked up.
#[derive(Debug, Clone, Copy)]
pub struct EventLookup<'l> {
    /// The attribute, and its value.
    pub by: (LookupAttribute, &'l str),
    /// Not before; whole seconds count.
    pub from: OffsetDateTime,
    /// Not after; whole seconds count, and the last one is within.
    pub to: OffsetDateTime,
}

/// Some of the events, newest first.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventPage {
    /// A list that is not there is an error, not an empty one.
    pub events: Vec<LookedUpEvent>,
    /// What the next page is asked for with; none after the last one.
    pub next_token: Option<String>,
}

/// One event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LookedUpEvent {
    /// The whole record, as JSON text.
    pub cloud_trail_event: Option<String>,
}

impl CloudTrail {
    pub(crate) fn new(connector: Option<SharedHttpConnector>, config: SdkConfig) -> Self {
        Self { connector, config }
    }

    /// A page of the event history of a region.
    ///
    /// # Errors
    /// [`CallFailure`].
    pub async fn lookup_events(
        &self,
        region: &Region,
        lookup: EventLookup<'_>,
        next_token: Option<&str>,
    ) -> Result<EventPage, CallFailure> {
        let Some(connector) = &self.connector else {
            return Err(CallFailure::NoAnswer { why: "nothing brings HTTP for CloudTrail".into() });
        };
        let service = SignedService {
            connector,
            config: &self.config,
            name: "cloudtrail",
            id: "CloudTrail",
            region: region.clone(),
            attempts: ATTEMPTS,
        };
        let input = input(lookup, next_token);
        let request = ServiceRequest::Json11(TARGET, "LookupEvents", &input);
        let answer = service.call(&request).await?;
        serde_json::from_value(answer).map_err(|error| unreadable(&service.endpoint(), &error))
    }
}

fn input(lookup: EventLookup<'_>, next_token: Option<&str>) -> Value {
    let EventLookup { by: (attribute, value), from, to } = lookup;
    let to = to.saturating_add(time::Duration::SECOND);
    let mut input = json!({
        "LookupAttributes": [{ "AttributeKey": attribute.as_str(), "AttributeValue": value }],
        "StartTime": from.unix_timestamp(),
        "EndTime": to.unix_timestamp(),
        "MaxResults": PAGE,
    });
    if let Some(token) = next_token {
        input["NextToken"] = Value::String(token.to_owned());
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_as_the_api_reference_has_it() {
        let at = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let lookup = EventLookup {
            by: (LookupAttribute::Username, "mediator"),
            from: at(1_700_000_000),
            to: at(1_700_000_060) + time::Duration::milliseconds(500),
        };
        let wanted = json!({
            "LookupAttributes": [{ "AttributeKey": "Username", "AttributeValue": "mediator" }],
            "StartTime": 1_700_000_000, "EndTime": 1_700_000_061, "MaxResults": 50,
        });
        assert_eq!(input(lookup, None), wanted);
        assert_eq!(input(lookup, Some("next"))["NextToken"], "next");
    }

    #[test]
    fn a_list_that_is_not_there_is_not_empty() {
        let read = |answer| serde_json::from_value::<EventPage>(answer).ok();
        assert!(read(json!({})).is_none());
        assert!(read(json!({ "Events": null })).is_none());
        assert_eq!(read(json!({ "Events": [{ "EventId": "1" }] })).unwrap().events.len(), 1);
    }
}
