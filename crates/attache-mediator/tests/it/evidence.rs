//! A listing counts only with evidence that this operation of this service answered, and nothing
//! vanishes by one empty answer: every type of the catalog, every way in which an answer is none.

use std::sync::{Arc, Mutex};

use attache_catalog::Catalog;
use attache_mediator::Outcome;

use crate::aws::{Aws, Call, OPERATIONS, Say, content_type, listing};
use crate::{Setup, set_up};

const ID: Option<&str> = Some("7a62c49f-347e-4fc4-9331-6e8e7a96aa73");
const IDS: [&str; 3] = ["a1", "b2", "c3"];

type Answers = Arc<Mutex<Box<dyn Fn(&Call) -> Option<Say> + Send>>>;

/// A server of which all list calls answer as `now` says, else with three resources of each type,
/// and a mediator that knows those.
async fn three_of_each() -> (Setup, Aws, Answers) {
    let now: Answers = Arc::new(Mutex::new(Box::new(|_| None)));
    let answers = Arc::clone(&now);
    let aws = Aws::start(move |call| {
        let listed = OPERATIONS.iter().any(|(_, operation)| *operation == call.operation);
        let whole = || Some(Say::Answer(200, listing(&call.operation, &IDS)));
        let now = answers.lock().unwrap();
        listed.then(|| now(call).or_else(whole)).flatten()
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    assert_eq!(setup.complete().await, OPERATIONS.len());
    (setup, aws, now)
}

fn set(answers: &Answers, now: impl Fn(&Call) -> Option<Say> + Send + 'static) {
    *answers.lock().unwrap() = Box::new(now);
}

/// Own headers, this body.
fn own(operation: &str, body: impl Into<String>) -> Option<Say> {
    Some(Say::Bare(200, content_type(operation), ID, body.into()))
}

fn is_json(operation: &str) -> bool {
    content_type(operation).contains("json")
}

/// An answer that is none, by its name; no answer where it does not apply to the operation.
type Bad = (&'static str, fn(&str) -> Option<Say>);

const BAD: &[Bad] = &[
    ("foreign JSON of a proxy", |_| {
        Some(Say::Bare(200, "application/json", None, r#"{"message":"maintenance"}"#.into()))
    }),
    ("foreign JSON with a request id", |_| {
        Some(Say::Bare(200, "application/json", ID, r#"{"message":"maintenance"}"#.into()))
    }),
    ("foreign JSON with the service's own headers", |operation| {
        own(operation, r#"{"message":"maintenance"}"#)
    }),
    ("an empty object of a proxy", |_| Some(Say::Bare(200, "application/json", None, "{}".into()))),
    ("an empty object of a gateway that gives request ids", |_| {
        Some(Say::Bare(200, "application/json", ID, "{}".into()))
    }),
    ("an empty object without a request id", |operation| {
        Some(Say::Bare(200, content_type(operation), None, "{}".into()))
    }),
    ("an empty object", |operation| {
        (operation != "ListQueues").then(|| own(operation, "{}")).flatten()
    }),
    ("an empty array", |operation| own(operation, "[]")),
    ("null", |operation| own(operation, "null")),
    ("a page of HTML", |_| {
        Some(Say::Bare(200, "text/html", None, "<html><body>sign in</body></html>".into()))
    }),
    ("a page of HTML with the service's own headers", |operation| {
        own(operation, "<!DOCTYPE html><html><body>sign in</body></html>")
    }),
    ("nothing at all", |operation| own(operation, "")),
    ("white space", |operation| own(operation, " \r\n")),
    ("204", |operation| Some(Say::Bare(204, content_type(operation), ID, String::new()))),
    ("202 with an empty listing", |operation| Some(Say::Answer(202, listing(operation, &[])))),
    ("203 of a proxy that changed the answer", |operation| {
        Some(Say::Answer(203, listing(operation, &[])))
    }),
    ("206", |operation| Some(Say::Answer(206, listing(operation, &IDS[..1])))),
    ("a redirect", |operation| Some(Say::Answer(302, listing(operation, &[])))),
    ("304", |operation| Some(Say::Bare(304, content_type(operation), ID, String::new()))),
    ("404 of a proxy", |_| Some(Say::Bare(404, "text/html", None, "<html/>".into()))),
    ("a listing that was cut", |operation| {
        let whole = listing(operation, &IDS);
        own(operation, &whole[..whole.len() / 2])
    }),
    ("a listing without its last character", |operation| {
        let whole = listing(operation, &IDS);
        own(operation, &whole[..whole.len() - 1])
    }),
    ("two listings", |operation| {
        let whole = listing(operation, &IDS[..1]);
        own(operation, format!("{whole}{whole}"))
    }),
    ("an empty listing without a request id", |operation| {
        let body = listing(operation, &[])
            .replace("<requestId>1</requestId>", "")
            .replace("<RequestId>1</RequestId>", "");
        Some(Say::Bare(200, content_type(operation), None, body))
    }),
    ("an empty listing in HTML's content type", |operation| {
        let says = Say::Bare(200, "text/html", ID, listing(operation, &[]));
        is_json(operation).then_some(says)
    }),
    ("a listing in no namespace", |operation| {
        let body = listing(operation, &[]).replacen("xmlns", "class", 1);
        (!is_json(operation)).then(|| own(operation, body)).flatten()
    }),
    ("a listing in another service's namespace", |operation| {
        let body = listing(operation, &[]).replacen(".amazonaws.com/doc", "x.amazonaws.com/doc", 1);
        (!is_json(operation)).then(|| own(operation, body)).flatten()
    }),
    ("a listing of another version of the interface", |operation| {
        let body = listing(operation, &[]).replacen("/doc/20", "/doc/19", 1);
        (!is_json(operation) && operation != "ListBuckets").then(|| own(operation, body)).flatten()
    }),
    ("an error as awsQuery has it", |operation| {
        own(operation, "<ErrorResponse><Error><Code>ServiceDown</Code></Error></ErrorResponse>")
    }),
    ("an error as EC2 has it", |operation| {
        own(
            operation,
            "<Response><Errors><Error><Code>ServiceDown</Code></Error></Errors></Response>",
        )
    }),
    ("an error as S3 has it", |operation| {
        own(operation, "<Error><Code>ServiceDown</Code><Message>m</Message></Error>")
    }),
    ("an error as JSON has it", |operation| {
        own(operation, r#"{"__type":"com.amazonaws#ServiceDown","message":"m"}"#)
    }),
    ("an error inside the listing", |operation| {
        let empty = listing(operation, &[]);
        let body = match is_json(operation) {
            true => empty.replacen('{', r#"{"__type":"ServiceDown","#, 1).replace(",}", "}"),
            false => {
                let (start, end) = empty.split_at(empty.find('>').unwrap() + 1);
                format!("{start}<Error><Code>ServiceDown</Code></Error>{end}")
            }
        };
        own(operation, body)
    }),
    ("text in place of the list", |operation| own(operation, in_place_of_the_list(operation, 0))),
    ("another structure in place of the list", |operation| {
        own(operation, in_place_of_the_list(operation, 1))
    }),
    ("items without an id", |operation| own(operation, in_place_of_the_list(operation, 2))),
];

fn in_place_of_the_list(operation: &str, what: usize) -> String {
    let json = |name: &str| {
        let value = [r#""maintenance""#, r#"{"a":[]}"#, r#"[{"Other":"x"}]"#][what];
        format!("{{\"{name}\":{value}}}")
    };
    let xml = |list: &str, item: &str| {
        let value = ["maintenance", "<other/>", &format!("<{item}><other>1</other></{item}>")]
            [what]
            .to_owned();
        let empty = listing(operation, &[]);
        let both = format!("<{list}></{list}>");
        assert!(empty.contains(&both), "{empty}");
        empty.replace(&both, &format!("<{list}>{value}</{list}>"))
    };
    match operation {
        "ListQueues" => json("QueueUrls"),
        "ListTables" => json("TableNames"),
        "ListFunctions" => json("Functions"),
        "ListBuckets" => xml("Buckets", "Bucket"),
        "DescribeVpcs" => xml("vpcSet", "item"),
        "DescribeSubnets" => xml("subnetSet", "item"),
        "DescribeInstances" => xml("reservationSet", "item"),
        "DescribeDBInstances" => xml("DBInstances", "DBInstance"),
        "DescribeLoadBalancers" => xml("LoadBalancers", "member"),
        _ => xml("TargetGroups", "member"),
    }
}

/// No type is complete, and nothing was deleted. Types that `applies` leaves out are complete.
async fn nothing_is_believed(setup: &Setup, what: &str, applies: impl Fn(&str) -> bool) {
    setup.scrape().await;
    for line in setup.mediator.coverage().await.unwrap() {
        let (_, operation) = OPERATIONS.iter().find(|(kind, _)| *kind == line.kind).unwrap();
        let told = format!("{what}: {line:?}");
        assert_eq!(line.status == Outcome::Ok, !applies(operation), "{told}");
        assert_eq!(line.count, IDS.len(), "{told}");
        assert!(line.status == Outcome::Ok || !line.message.is_empty(), "{told}");
        assert_eq!(setup.ids(&line.kind).await, IDS, "{told}");
    }
}

#[test]
fn every_type_of_the_catalog_is_among_those_that_are_tried() {
    let catalog = Catalog::embedded().unwrap();
    let kinds: Vec<(&str, &str)> = catalog
        .entries()
        .iter()
        .map(|entry| (entry.kind.as_str(), entry.call.operation.as_str()))
        .collect();
    assert!(kinds.iter().all(|kind| OPERATIONS.contains(kind)), "{kinds:?}");
    assert_eq!(kinds.len(), OPERATIONS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_counts_only_with_evidence_that_this_operation_answered() {
    let (setup, _aws, answers) = three_of_each().await;
    for (what, bad) in BAD {
        set(&answers, move |call| bad(&call.operation));
        nothing_is_believed(&setup, what, |operation| bad(operation).is_some()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_operations_listing_is_not_this_ones() {
    let (setup, _aws, answers) = three_of_each().await;
    for (_, other) in OPERATIONS {
        // An empty list of queues is `{}`, which all others refuse; it is among the cases above.
        for ids in [&IDS[..1], &[]] {
            let applies = move |operation: &str| operation != other;
            set(&answers, move |call| {
                let operation = call.operation.as_str();
                applies(operation).then(|| own(operation, listing(other, ids))).flatten()
            });
            nothing_is_believed(&setup, other, applies).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fall_to_none_that_a_second_listing_does_not_confirm_deletes_nothing() {
    let (setup, aws, answers) = three_of_each().await;
    let before: Vec<usize> = OPERATIONS.iter().map(|(_, op)| aws.calls(op).len()).collect();
    set(&answers, move |call| {
        let nth = OPERATIONS.iter().position(|(_, op)| *op == call.operation).unwrap();
        let first = call.before == before[nth];
        first.then(|| Say::Answer(200, listing(&call.operation, &[])))
    });
    setup.scrape().await;
    assert_eq!(setup.complete().await, OPERATIONS.len());
    for (kind, operation) in OPERATIONS {
        assert_eq!(setup.ids(kind).await, IDS, "{kind}");
        assert_eq!(aws.calls(operation).len(), 3, "{kind}");
        assert_eq!(setup.coverage(kind).await.calls, 2, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fall_to_none_whose_second_listing_fails_deletes_nothing() {
    let (setup, aws, answers) = three_of_each().await;
    let before: Vec<usize> = OPERATIONS.iter().map(|(_, op)| aws.calls(op).len()).collect();
    set(&answers, move |call| {
        let nth = OPERATIONS.iter().position(|(_, op)| *op == call.operation).unwrap();
        match call.before == before[nth] {
            true => Some(Say::Answer(200, listing(&call.operation, &[]))),
            false => own(&call.operation, "{\"message\":\"maintenance\"}"),
        }
    });
    nothing_is_believed(&setup, "a second listing that fails", |_| true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fall_of_more_than_half_removes_only_what_two_listings_miss() {
    let (setup, aws, answers) = three_of_each().await;
    let before: Vec<usize> = OPERATIONS.iter().map(|(_, op)| aws.calls(op).len()).collect();
    set(&answers, move |call| {
        let nth = OPERATIONS.iter().position(|(_, op)| *op == call.operation).unwrap();
        let has = if call.before == before[nth] { "a1" } else { "b2" };
        Some(Say::Answer(200, listing(&call.operation, &[has])))
    });
    setup.scrape().await;
    for (kind, _) in OPERATIONS {
        assert_eq!(setup.ids(kind).await, ["a1", "b2"], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_empty_account_is_believed_after_two_listings() {
    let (setup, aws, answers) = three_of_each().await;
    set(&answers, |call| Some(Say::Answer(200, listing(&call.operation, &[]))));
    setup.scrape().await;
    assert_eq!(setup.complete().await, OPERATIONS.len());
    for (kind, operation) in OPERATIONS {
        assert!(setup.ids(kind).await.is_empty(), "{kind}");
        assert_eq!(aws.calls(operation).len(), 3, "one, and one that was confirmed: {kind}");
    }
    setup.scrape().await;
    for (kind, operation) in OPERATIONS {
        assert_eq!(aws.calls(operation).len(), 4, "nothing falls from none: {kind}");
    }
}
