//! SQS, in JSON and in the older form.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/>.

use std::borrow::Cow;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError, json as json_protocol};
use attache_services::validation::TypedMember;
use serde_json::{Map, Value, json};

use super::input::{number, text, texts};
use super::{
    Location, OperationSpec, Scene, ServiceSpec, as_it_is, route_form, route_target, unknown_form,
    unknown_target,
};
use crate::model::Queue;
use crate::page::PageRequest;

const VERSION: &str = "2012-11-05";
const XMLNS: &str = "http://queue.amazonaws.com/doc/2012-11-05/";
/// The older form's lists are flat.
const LISTS: Lists = Lists { default: "member", named: &[("QueueUrl", ""), ("Attribute", "")] };

/// AWS's: all queues in one answer end at a thousand.
const MOST: usize = 1000;

pub(super) const JSON: ServiceSpec = ServiceSpec {
    name: "sqs",
    protocol: Protocol::Json10,
    speaks: has_target,
    operations: OPERATIONS,
    route: route_target,
    types: &[
        TypedMember::text("QueueNamePrefix"),
        TypedMember::whole("MaxResults"),
        TypedMember::text("NextToken"),
        TypedMember::text("QueueName"),
        TypedMember::text("QueueUrl"),
    ],
    answer: |_, result, id| json_protocol::response(Protocol::Json10, result, id),
    action: |operation| match operation {
        "ChangeMessageVisibilityBatch" => "ChangeMessageVisibility",
        "DeleteMessageBatch" => "DeleteMessage",
        "SendMessageBatch" => "SendMessage",
        _ => operation,
    },
    unserved_resource: named_queue,
    unknown: unknown_target,
    spelled: as_it_is,
};

pub(super) const QUERY: ServiceSpec = ServiceSpec {
    protocol: Protocol::Query,
    speaks: |inbound| !has_target(inbound),
    route: |inbound| route_form(Protocol::Query, &[], inbound),
    answer: |name, result, id| {
        xml::query_response(name, XMLNS, &for_query(result.clone()), &LISTS, id)
    },
    unknown: |name| unknown_form(name, VERSION),
    spelled: in_query,
    ..JSON
};

fn has_target(inbound: &Inbound) -> bool {
    inbound.header("x-amz-target").is_some()
}

const OPERATIONS: &[OperationSpec] = &[
    OperationSpec {
        name: "ListQueues",
        action: "ListQueues",
        resource: Some(|at, _| at.arn("sqs", "")),
        run: list,
    },
    OperationSpec {
        name: "GetQueueUrl",
        action: "GetQueueUrl",
        resource: Some(|at, input| at.arn("sqs", text(input, "QueueName").unwrap_or_default())),
        run: url_of,
    },
    OperationSpec {
        name: "GetQueueAttributes",
        action: "GetQueueAttributes",
        resource: Some(|at, input| at.arn("sqs", name_in_url(input))),
        run: attributes,
    },
];

/// The queue that a call names by its URL.
fn named_queue(at: Location<'_>, input: &Value) -> Option<String> {
    Some(name_in_url(input)).filter(|name| !name.is_empty()).map(|name| at.arn("sqs", name))
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

fn find<'a>(scene: &'a Scene<'_>, name: &str) -> Result<Cow<'a, Queue>, ServiceError> {
    let queues = &scene.place.queues;
    queues
        .find(name, |q| q.name == name)
        .ok_or_else(|| ServiceError::new(400, MISSING, "The specified queue does not exist."))
}

/// The missing queue's error as the older protocol spells it.
fn in_query(mut error: ServiceError) -> ServiceError {
    if error.code == MISSING {
        error.code = "AWS.SimpleQueueService.NonExistentQueue".to_owned();
    }
    error
}

fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let prefix = text(input, "QueueNamePrefix").unwrap_or_default();
    let is_paged = input.get("MaxResults").is_some();
    let size = number(input, "MaxResults", 1..=MOST, MOST).map_err(|given| {
        let message = format!(
            "Value {} for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.",
            given.0
        );
        ServiceError::new(400, "InvalidParameterValue", message)
    })?;
    let invalid =
        || ServiceError::new(400, "InvalidParameterValue", "Invalid or expired next token.");
    let request = PageRequest { operation: "ListQueues", token: text(input, "NextToken"), size };
    let keep = |q: &Queue| Ok(q.name.starts_with(prefix));
    let page = request.cut(&scene.place.queues, invalid, keep)?;
    let urls: Vec<String> = page.items.iter().map(|q| url(scene, q)).collect();
    let mut result = Map::new();
    if !urls.is_empty() {
        result.insert("QueueUrls".to_owned(), json!(urls));
    }
    // Without MaxResults there is one answer and no token.
    if let Some(next) = page.next.filter(|_| is_paged) {
        result.insert("NextToken".to_owned(), json!(next));
    }
    Ok(Value::Object(result))
}

fn url_of(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let queue = find(scene, text(input, "QueueName").unwrap_or_default())?;
    Ok(json!({"QueueUrl": url(scene, &queue)}))
}

fn attributes(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let queue = find(scene, name_in_url(input))?;
    let mut names = texts(input, "AttributeNames");
    names.extend(texts(input, "AttributeName"));
    let all = [
        ("QueueArn", scene.location().arn("sqs", queue.name.as_str())),
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
    let chosen = all.into_iter().filter(|(name, _)| names.contains(&"All") || names.contains(name));
    let chosen: Map<String, Value> =
        chosen.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    if chosen.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({ "Attributes": chosen }))
}

/// A JSON result in the older form's shape: flat lists, maps as name and value.
fn for_query(result: Value) -> Value {
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
