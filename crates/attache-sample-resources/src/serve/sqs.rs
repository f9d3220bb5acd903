//! SQS, in JSON and in the older form.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/>.

use attache_aws_protocol::xml::Lists;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::AccountId;
use serde_json::{Map, Value, json};

use super::input::{number, text, texts};
use super::{Operation, Scene};
use crate::model::Queue;
use crate::page::page;

pub(super) const VERSION: &str = "2012-11-05";
pub(super) const XMLNS: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
/// The older form's lists are flat.
pub(super) const LISTS: Lists =
    Lists { default: "member", named: &[("QueueUrl", ""), ("Attribute", "")] };

/// AWS's: all queues in one answer end at a thousand.
const MOST: usize = 1000;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "ListQueues",
        action: "sqs:ListQueues",
        resource: Some(|account, region, _| arn(account, region, "")),
        run: list,
    },
    Operation {
        name: "GetQueueUrl",
        action: "sqs:GetQueueUrl",
        resource: Some(|account, region, input| {
            arn(account, region, text(input, "QueueName").unwrap_or_default())
        }),
        run: url_of,
    },
    Operation {
        name: "GetQueueAttributes",
        action: "sqs:GetQueueAttributes",
        resource: Some(|account, region, input| arn(account, region, name_in_url(input))),
        run: attributes,
    },
];

fn arn(account: AccountId, region: &str, name: &str) -> String {
    format!("arn:aws:sqs:{region}:{account}:{name}")
}

fn name_in_url(input: &Value) -> &str {
    let url = text(input, "QueueUrl").unwrap_or_default();
    url.rsplit('/').next().unwrap_or_default()
}

fn url(scene: &Scene<'_>, queue: &Queue) -> String {
    format!("https://sqs.{}.amazonaws.com/{}/{}", scene.region, scene.account.id, queue.name)
}

/// The name of the missing queue's error, which each protocol spells in its own way.
const MISSING: &str = "com.amazonaws.sqs#QueueDoesNotExist";

fn find<'a>(scene: &'a Scene<'_>, name: &str) -> Result<&'a Queue, ServiceError> {
    scene
        .place
        .queues
        .iter()
        .find(|q| q.name == name)
        .ok_or_else(|| ServiceError::new(400, MISSING, "The specified queue does not exist."))
}

/// An error as the protocol that was asked in spells it.
pub(super) fn spelled(service: &str, protocol: Protocol, mut error: ServiceError) -> ServiceError {
    if service == "sqs" && protocol == Protocol::Query && error.code == MISSING {
        error.code = "AWS.SimpleQueueService.NonExistentQueue".to_owned();
    }
    error
}

fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let prefix = text(input, "QueueNamePrefix").unwrap_or_default();
    let found: Vec<&Queue> =
        scene.place.queues.iter().filter(|q| q.name.starts_with(prefix)).collect();
    let asked = input.get("MaxResults").is_some();
    let size = number(input, "MaxResults", 1..=MOST, MOST).map_err(|given| {
        let message = format!(
            "Value {} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.",
            given.0
        );
        ServiceError::new(400, "InvalidParameterValue", message)
    })?;
    let page = page("ListQueues", &found, text(input, "NextToken"), size).map_err(|_| {
        let message = "Invalid or expired next token.";
        ServiceError::new(400, "InvalidParameterValue", message)
    })?;
    let urls: Vec<String> = page.items.iter().map(|q| url(scene, q)).collect();
    let mut result = Map::new();
    if !urls.is_empty() {
        result.insert("QueueUrls".to_owned(), json!(urls));
    }
    // Without MaxResults there is one answer and no mark.
    if let Some(next) = page.next.filter(|_| asked) {
        result.insert("NextToken".to_owned(), json!(next));
    }
    Ok(Value::Object(result))
}

fn url_of(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let queue = find(scene, text(input, "QueueName").unwrap_or_default())?;
    Ok(json!({"QueueUrl": url(scene, queue)}))
}

fn attributes(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let queue = find(scene, name_in_url(input))?;
    let mut wanted = texts(input, "AttributeNames");
    wanted.extend(texts(input, "AttributeName"));
    let all = [
        ("QueueArn", arn(scene.account.id, scene.region, &queue.name)),
        ("ApproximateNumberOfMessages", queue.messages.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", "0".to_owned()),
        ("CreatedTimestamp", queue.created.to_string()),
        ("LastModifiedTimestamp", queue.created.to_string()),
        ("VisibilityTimeout", "30".to_owned()),
        ("MessageRetentionPeriod", "345600".to_owned()),
        ("MaximumMessageSize", "262144".to_owned()),
        ("DelaySeconds", "0".to_owned()),
        ("ReceiveMessageWaitTimeSeconds", "0".to_owned()),
    ];
    let chosen =
        all.into_iter().filter(|(name, _)| wanted.contains(&"All") || wanted.contains(name));
    let chosen: Map<String, Value> =
        chosen.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    if chosen.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({ "Attributes": chosen }))
}

/// A JSON result in the older form's shape: flat lists, maps as name and value.
pub(super) fn for_query(result: Value) -> Value {
    let Value::Object(members) = result else { return result };
    let renamed = members.into_iter().map(|(name, value)| match (name.as_str(), value) {
        ("QueueUrls", urls) => ("QueueUrl".to_owned(), urls),
        ("Attributes", Value::Object(map)) => {
            let pairs = map.into_iter().map(|(k, v)| json!({"Name": k, "Value": v}));
            ("Attribute".to_owned(), pairs.collect())
        }
        (_, value) => (name, value),
    });
    Value::Object(renamed.collect())
}
