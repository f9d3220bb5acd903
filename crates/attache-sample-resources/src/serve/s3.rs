//! S3's buckets, path-style.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>.

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::xml::Lists;
use serde_json::{Map, Value, json};

use super::input::{number, text};
use super::{Operation, Scene};
use crate::model::Bucket;
use crate::page::page;

pub(super) const XMLNS: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
pub(super) const LISTS: Lists = Lists { default: "member", named: &[("Buckets", "Bucket")] };

/// AWS's: the most buckets in one answer.
const MOST: usize = 10_000;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::list("ListBuckets", "s3:ListAllMyBuckets", list),
    Operation {
        name: "GetBucketLocation",
        action: "s3:GetBucketLocation",
        resource: Some(|_, _, input| arn(input)),
        run: location,
    },
    Operation {
        name: "ListObjectsV2",
        action: "s3:ListBucket",
        resource: Some(|_, _, input| arn(input)),
        run: objects,
    },
];

fn arn(input: &Value) -> String {
    format!("arn:aws:s3:::{}", text(input, "Bucket").unwrap_or_default())
}

/// The operation that a method, a path and the parameters mean.
pub(super) fn operation(
    method: &str,
    segments: &[&str],
    mut input: Map<String, Value>,
) -> (String, Value) {
    let name = match (method, segments) {
        ("GET", []) => "ListBuckets".to_owned(),
        ("GET", [bucket]) => {
            input.insert("Bucket".to_owned(), json!(bucket));
            let name = if input.contains_key("location") {
                "GetBucketLocation"
            } else if input.get("list-type").is_some_and(|v| v == "2") {
                "ListObjectsV2"
            } else {
                "GET a bucket"
            };
            name.to_owned()
        }
        _ => format!("{method} /{}", segments.join("/")),
    };
    (name, Value::Object(input))
}

/// The answer's root element.
pub(super) fn root(operation: &str) -> &'static str {
    match operation {
        "GetBucketLocation" => "LocationConstraint",
        "ListObjectsV2" => "ListBucketResult",
        _ => "ListAllMyBucketsResult",
    }
}

fn list(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let invalid = |message: &str| ServiceError::new(400, "InvalidArgument", message);
    let prefix = text(input, "prefix").unwrap_or_default();
    let region = text(input, "bucket-region");
    let wanted = |b: &&Bucket| b.name.starts_with(prefix) && region.is_none_or(|r| r == b.region);
    let found: Vec<&Bucket> = scene.account.buckets.iter().filter(wanted).collect();
    let size = number(input, "max-buckets", 1..=MOST, MOST)
        .map_err(|_| invalid("Argument max-buckets must be an integer between 1 and 10000"))?;
    let page = page("ListBuckets", &found, text(input, "continuation-token"), size)
        .map_err(|_| invalid("The continuation token provided is incorrect"))?;
    let buckets: Vec<Value> = page
        .items
        .iter()
        .map(|b| json!({"Name": b.name, "CreationDate": b.created, "BucketRegion": b.region}))
        .collect();
    let id = format!("{:0>64}", scene.account.id);
    let owner = json!({"DisplayName": scene.account.id.to_string(), "ID": id});
    Ok(match page.next {
        Some(next) => json!({"Owner": owner, "Buckets": buckets, "ContinuationToken": next}),
        None => json!({"Owner": owner, "Buckets": buckets}),
    })
}

fn find<'a>(scene: &'a Scene<'_>, input: &Value) -> Result<&'a Bucket, ServiceError> {
    let name = text(input, "Bucket").unwrap_or_default();
    scene.account.buckets.iter().find(|b| b.name == name).ok_or_else(|| {
        ServiceError::new(404, "NoSuchBucket", "The specified bucket does not exist")
    })
}

/// Buckets in us-east-1 have an empty location, by S3's history.
fn location(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let bucket = find(scene, input)?;
    Ok(json!(if bucket.region == "us-east-1" { "" } else { bucket.region }))
}

fn objects(scene: &Scene<'_>, input: &Value) -> Result<Value, ServiceError> {
    let bucket = find(scene, input)?;
    Ok(json!({"Name": bucket.name, "Prefix": "", "KeyCount": 0, "MaxKeys": 1000,
              "IsTruncated": false}))
}
