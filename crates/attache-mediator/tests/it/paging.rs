//! Every page is read, and what each item says is kept.

use serde_json::json;

use crate::aws::{Aws, buckets, instances, ok, query};
use crate::set_up;

#[tokio::test]
async fn every_page_is_asked_for_with_the_token_of_the_one_before_and_the_largest_size() {
    let aws = Aws::start(|call| match call.operation.as_str() {
        "DescribeInstances" => match call.input.get("NextToken").map(String::as_str) {
            None => ok(instances(&["i-1", "i-2"], Some("p/2="))),
            Some("p/2=") => ok(instances(&["i-3"], Some("p3"))),
            // A page without items has a token all the same.
            Some("p3") => ok(instances(&[], Some("p4"))),
            Some(_) => ok(instances(&["i-4"], None)),
        },
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    assert_eq!(setup.ids("ec2:instance").await, ["i-1", "i-2", "i-3", "i-4"]);
    let calls = aws.calls("DescribeInstances");
    assert!(calls.iter().all(|call| call.input["MaxResults"] == "1000"), "{calls:?}");
    assert_eq!(setup.coverage("ec2:instance").await.calls, 4);
    assert_eq!(setup.complete().await, 10);
}

#[tokio::test]
async fn an_instance_has_its_arn_name_tags_and_relations() {
    let aws = Aws::start(|call| {
        (call.operation == "DescribeInstances").then(|| ok(instances(&["i-1"], None)))?
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    let found = setup.resources("ec2:instance").await.remove(0);
    assert_eq!(found.arn, "arn:aws:ec2:us-east-1:222222222222:instance/i-1");
    assert_eq!(found.name, "web i-1");
    assert_eq!(found.tags, json!({"Name": "web i-1"}));
    assert_eq!(
        found.relations,
        json!([
            {"kind": "in", "type": "ec2:subnet", "target": "subnet-1"},
            {"kind": "in", "type": "ec2:vpc", "target": "vpc-1"},
        ])
    );
}

#[tokio::test]
async fn each_protocol_pages_in_its_own_way() {
    let aws = Aws::start(|call| {
        let first = call.before == 0;
        match call.operation.as_str() {
            "ListTables" if first => ok(r#"{"TableNames":["a","b"],"LastEvaluatedTableName":"b"}"#),
            "ListTables" => ok(r#"{"TableNames":["c"]}"#),
            "ListQueues" if first => ok(r#"{"QueueUrls":["https://q/1/in"],"NextToken":"t"}"#),
            "ListQueues" => ok(r#"{"QueueUrls":["https://q/1/out"],"NextToken":null}"#),
            "ListFunctions" if first => {
                ok(r#"{"Functions":[{"FunctionName":"f","FunctionArn":"arn:f",
                   "Environment":{"Variables":{"PASSWORD":"hunter2"}}}],"NextMarker":"m"}"#)
            }
            "ListFunctions" => ok(r#"{"Functions":[{"FunctionName":"g","FunctionArn":"arn:g"}]}"#),
            "DescribeDBInstances" => {
                let id = if first { "one" } else { "two" };
                let marker = if first { "<Marker>m</Marker>" } else { "" };
                ok(query(
                    "DescribeDBInstances",
                    &format!(
                        "<DBInstances><DBInstance><DBInstanceIdentifier>{id}</DBInstanceIdentifier>\
                         <DBInstanceArn>arn:{id}</DBInstanceArn></DBInstance></DBInstances>{marker}"
                    ),
                ))
            }
            "ListBuckets" => {
                let (name, more) = if first {
                    ("one", "<ContinuationToken>t</ContinuationToken>")
                } else {
                    ("two", "")
                };
                let bucket = format!(
                    "<Bucket><Name>{name}</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>"
                );
                ok(buckets(&bucket).replace("<Owner>", &format!("{more}<Owner>")))
            }
            _ => None,
        }
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    for (kind, ids) in [
        ("dynamodb:table", &["a", "b", "c"][..]),
        ("sqs:queue", &["in", "out"]),
        ("lambda:function", &["f", "g"]),
        ("rds:db", &["one", "two"]),
        ("s3:bucket", &["one", "two"]),
    ] {
        assert_eq!(setup.ids(kind).await, ids, "{kind}");
    }
    let sent = |operation: &str, name: &str| aws.calls(operation)[1].input[name].clone();
    assert_eq!(sent("ListTables", "ExclusiveStartTableName"), "b");
    assert_eq!(sent("ListFunctions", "Marker"), "m");
    assert_eq!(sent("ListBuckets", "continuation-token"), "t");
    assert_eq!(sent("DescribeDBInstances", "Marker"), "m");
    // A bucket is where AWS says, though it was asked for elsewhere.
    assert!(setup.resources("s3:bucket").await.iter().all(|b| b.region == "eu-west-1"));
    assert_eq!(setup.coverage("s3:bucket").await.region, "global");
}

#[tokio::test]
async fn what_people_keep_in_a_functions_environment_is_not_stored() {
    let aws = Aws::start(|call| match call.operation.as_str() {
        "ListFunctions" => {
            ok(r#"{"Functions":[{"FunctionName":"f","FunctionArn":"arn:f","MemorySize":128,
               "Environment":{"Variables":{"PASSWORD":"hunter2"}}}]}"#)
        }
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    let filter = attache_mediator::Filter { limit: 10, raw: true, ..Default::default() };
    let listing = setup.mediator.resources(&filter).await.unwrap();
    let text = serde_json::to_string(&listing).unwrap();
    assert!(text.contains("MemorySize") && !text.contains("hunter2"), "{text}");
}
