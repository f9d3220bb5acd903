//! S3's buckets, path-style.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>.

use std::borrow::Cow;
use std::sync::LazyLock;

use attache_aws_protocol::xml::{self, Lists};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::Arn;
use attache_ledger::PARTITION;
use attache_services::rest_routes::RestRoutes;
use serde_json::{Value, json};

use super::input::{number, text};
use super::{OperationSpec, Scene, ServiceSpec, as_it_is, route_path};
use crate::model::Bucket;
use crate::page::PageRequest;

const XMLNS: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
const LISTS: Lists = Lists { default: "member", named: &[("Buckets", "Bucket")] };

/// What the paths of S3 Control begin with.
const CONTROL: &str = "/v20180820/";

/// AWS's: the most buckets in one answer.
const MOST: usize = 10_000;

pub(super) const SERVICE: ServiceSpec = ServiceSpec {
    name: "s3",
    protocol: Protocol::RestXml,
    // S3 Control's calls are signed for S3 too.
    speaks: |inbound| !inbound.path.starts_with(CONTROL),
    operations: &[
        OperationSpec {
            name: "ListBuckets",
            action: "ListAllMyBuckets",
            resource: None,
            run: list,
        },
        OperationSpec {
            name: "GetBucketLocation",
            action: "GetBucketLocation",
            resource: Some(|_, input| arn(text(input, "Bucket").unwrap_or_default())),
            run: location,
        },
        OperationSpec {
            name: "ListObjectsV2",
            action: "ListBucket",
            resource: Some(|_, input| arn(text(input, "Bucket").unwrap_or_default())),
            run: objects,
        },
    ],
    route: |inbound| route_path(&ROUTES, Protocol::RestXml, inbound),
    // S3 has sentences of its own.
    types: &[],
    answer: |name, result, id| xml::rest_response(root(name), XMLNS, result, &LISTS, id),
    action: |operation| ROUTES.action(operation).unwrap_or(operation),
    unserved_resource: |_, input| {
        let bucket = text(input, "Bucket")?;
        let key = text(input, "Key");
        Some(key.map_or_else(|| arn(bucket), |key| arn(&format!("{bucket}/{key}"))))
    },
    unknown: |_| None,
    spelled: as_it_is,
};

/// All operations of S3.
static ROUTES: LazyLock<RestRoutes> =
    LazyLock::new(|| RestRoutes::read(include_str!("operations/s3.txt")));

/// The ARN of a bucket or an object. It names neither region nor account.
fn arn(resource: &str) -> String {
    Arn::new(PARTITION, "s3", "", None, resource).to_string()
}

/// The answer's root element.
fn root(operation: &str) -> &'static str {
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
    let keep = |b: &Bucket| Ok(b.name.starts_with(prefix) && region.is_none_or(|r| r == b.region));
    let size = number(input, "max-buckets", 1..=MOST, MOST)
        .map_err(|_| invalid("Argument max-buckets must be an integer between 1 and 10000"))?;
    let (operation, token) = ("ListBuckets", text(input, "continuation-token"));
    let refused = || invalid("The continuation token provided is incorrect");
    let request = PageRequest { operation, token, size };
    let page = request.cut(&scene.account.buckets, refused, keep)?;
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

fn find<'a>(scene: &'a Scene<'_>, input: &Value) -> Result<Cow<'a, Bucket>, ServiceError> {
    let name = text(input, "Bucket").unwrap_or_default();
    scene.account.buckets.find(name, |b| b.name == name).ok_or_else(|| {
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
