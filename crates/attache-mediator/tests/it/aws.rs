//! A server that answers as AWS does where a test says nothing else, and as the test says where it
//! does. It knows no signature: what is tested here is the side that calls.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use time::{Duration, OffsetDateTime};

pub(crate) const ACCOUNT: &str = "222222222222";

/// One call as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `DescribeInstances`, `ListQueues`.
    pub(crate) operation: String,
    /// The region that it was signed for; empty where it was not signed.
    pub(crate) region: String,
    /// The members, from wherever the protocol has them.
    pub(crate) input: HashMap<String, String>,
    /// How often this operation was called before.
    pub(crate) before: usize,
}

/// What a test has the server say.
#[derive(Debug, Clone)]
pub(crate) enum Say {
    /// This status and body, with the operation's own headers.
    Answer(u16, String),
    /// This status, content type and body, without a request id unless one is given.
    Bare(u16, &'static str, Option<&'static str>, String),
    /// The beginning of an answer, then nothing.
    BreakOff(String),
}

pub(crate) fn ok(body: impl Into<String>) -> Option<Say> {
    Some(Say::Answer(200, body.into()))
}

type Script = dyn Fn(&Call) -> Option<Say> + Send + Sync;

/// The running server.
pub(crate) struct Aws {
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Aws {
    /// Starts it; `script` is asked first, and none leaves it to the default: an empty account.
    pub(crate) async fn start(
        script: impl Fn(&Call) -> Option<Say> + Send + Sync + 'static,
    ) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let seen = Arc::clone(&calls);
        let app = axum::Router::new().fallback(move |request: Request| {
            let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
            async move { answer(request, &seen, &*script).await }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url: format!("http://{address}"), calls }
    }

    /// The calls of an operation so far.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Call> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| call.operation == operation).cloned().collect()
    }
}

async fn answer(request: Request, seen: &Mutex<Vec<Call>>, script: &Script) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| {
        head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    let query = head.uri.query().unwrap_or_default();
    let target = header("x-amz-target");
    let (operation, input) = if let Some((_, operation)) = target.split_once('.') {
        (operation.to_owned(), json_members(&body))
    } else if head.method == "GET" && head.uri.path().starts_with("/2015-03-31/functions") {
        ("ListFunctions".to_owned(), form(query))
    } else if head.method == "GET" {
        ("ListBuckets".to_owned(), form(query))
    } else {
        let input = form(std::str::from_utf8(&body).unwrap());
        (input.get("Action").cloned().unwrap_or_default(), input)
    };
    let scope = header("authorization");
    let region = scope.split('/').nth(2).unwrap_or_default().to_owned();
    let call = {
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|call| call.operation == operation).count();
        let call = Call { operation, region, input, before };
        seen.push(call.clone());
        call
    };
    match script(&call).unwrap_or_else(|| empty_account(&call)) {
        Say::Answer(status, body) => Response::builder()
            .status(status)
            .header("content-type", content_type(&call.operation))
            .header("x-amzn-requestid", "7a62c49f-347e-4fc4-9331-6e8e7a96aa73")
            .body(Body::from(body))
            .unwrap(),
        Say::Bare(status, content_type, id, body) => {
            let mut answer =
                Response::builder().status(status).header("content-type", content_type);
            if let Some(id) = id {
                answer = answer.header("x-amzn-requestid", id);
            }
            answer.body(Body::from(body)).unwrap()
        }
        Say::BreakOff(start) => {
            let parts = [Ok(Bytes::from(start)), Err(std::io::Error::other("the line is cut"))];
            Response::new(Body::from_stream(futures_util::stream::iter(parts)))
        }
    }
}

/// As the services give it.
pub(crate) fn content_type(operation: &str) -> &'static str {
    match operation {
        "ListTables" | "ListQueues" => "application/x-amz-json-1.0",
        "ListFunctions" => "application/json",
        "ListBuckets" => "application/xml",
        operation if operation.ends_with("DBInstances") => "text/xml",
        _ => "text/xml;charset=UTF-8",
    }
}

fn form(text: &str) -> HashMap<String, String> {
    attache_aws_protocol::rest::parameters(text).unwrap().into_iter().collect()
}

fn json_members(body: &[u8]) -> HashMap<String, String> {
    let members: HashMap<String, serde_json::Value> = serde_json::from_slice(body).unwrap();
    let text = |v: serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    members.into_iter().map(|(name, value)| (name, text(value))).collect()
}

fn empty_account(call: &Call) -> Say {
    let body = match call.operation.as_str() {
        "AssumeRoleWithWebIdentity" => session(OffsetDateTime::now_utc() + Duration::hours(1)),
        "GetCallerIdentity" => identity(ACCOUNT),
        "DescribeVpcs" => ec2("DescribeVpcs", "<vpcSet/>"),
        "DescribeSubnets" => ec2("DescribeSubnets", "<subnetSet/>"),
        "DescribeInstances" => ec2("DescribeInstances", "<reservationSet/>"),
        "DescribeDBInstances" => query("DescribeDBInstances", "<DBInstances/>"),
        "DescribeLoadBalancers" => query("DescribeLoadBalancers", "<LoadBalancers/>"),
        "DescribeTargetGroups" => query("DescribeTargetGroups", "<TargetGroups/>"),
        "ListQueues" => "{}".to_owned(),
        "ListTables" => r#"{"TableNames":[]}"#.to_owned(),
        "ListFunctions" => r#"{"Functions":[],"NextMarker":null}"#.to_owned(),
        "ListBuckets" => buckets(""),
        other => return Say::Answer(404, format!("<Error><Code>NoSuch{other}</Code></Error>")),
    };
    Say::Answer(200, body)
}

/// An EC2 answer.
pub(crate) fn ec2(operation: &str, content: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>1</requestId>{content}</{operation}Response>"
    )
}

/// S3's list of buckets.
pub(crate) fn buckets(content: &str) -> String {
    format!(
        "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Owner><ID>o</ID></Owner><Buckets>{content}</Buckets></ListAllMyBucketsResult>"
    )
}

/// The namespace of an awsQuery operation's service.
fn namespace(operation: &str) -> &'static str {
    match operation {
        "DescribeDBInstances" => "http://rds.amazonaws.com/doc/2014-10-31/",
        "AssumeRoleWithWebIdentity" | "GetCallerIdentity" => {
            "https://sts.amazonaws.com/doc/2011-06-15/"
        }
        _ => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    }
}

/// An awsQuery answer.
pub(crate) fn query(operation: &str, content: &str) -> String {
    let namespace = namespace(operation);
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{content}</{operation}Result>\
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// The list call of each type of the catalog.
pub(crate) const OPERATIONS: [(&str, &str); 10] = [
    ("ec2:vpc", "DescribeVpcs"),
    ("ec2:subnet", "DescribeSubnets"),
    ("ec2:instance", "DescribeInstances"),
    ("rds:db", "DescribeDBInstances"),
    ("elasticloadbalancing:loadbalancer", "DescribeLoadBalancers"),
    ("elasticloadbalancing:targetgroup", "DescribeTargetGroups"),
    ("sqs:queue", "ListQueues"),
    ("lambda:function", "ListFunctions"),
    ("dynamodb:table", "ListTables"),
    ("s3:bucket", "ListBuckets"),
];

/// The body of a whole listing of any operation of the catalog.
pub(crate) fn listing(operation: &str, ids: &[&str]) -> String {
    let each = |item: &dyn Fn(&str) -> String| ids.iter().map(|id| item(id)).collect::<String>();
    let json =
        |item: &dyn Fn(&str) -> String| ids.iter().map(|id| item(id)).collect::<Vec<_>>().join(",");
    match operation {
        "DescribeVpcs" => {
            let items = each(&|id| format!("<item><vpcId>{id}</vpcId></item>"));
            ec2(operation, &format!("<vpcSet>{items}</vpcSet>"))
        }
        "DescribeSubnets" => {
            let items = each(&|id| {
                format!("<item><subnetId>{id}</subnetId><subnetArn>arn:{id}</subnetArn></item>")
            });
            ec2(operation, &format!("<subnetSet>{items}</subnetSet>"))
        }
        "DescribeInstances" => instances(ids, None),
        "DescribeDBInstances" => {
            let items = each(&|id| {
                format!(
                    "<DBInstance><DBInstanceIdentifier>{id}</DBInstanceIdentifier>\
                     <DBInstanceArn>arn:{id}</DBInstanceArn></DBInstance>"
                )
            });
            query(operation, &format!("<DBInstances>{items}</DBInstances>"))
        }
        "DescribeLoadBalancers" | "DescribeTargetGroups" => {
            let what = operation.trim_start_matches("Describe").trim_end_matches('s');
            let items = each(&|id| {
                format!(
                    "<member><{what}Name>{id}</{what}Name><{what}Arn>arn:{id}</{what}Arn></member>"
                )
            });
            query(operation, &format!("<{what}s>{items}</{what}s>"))
        }
        "ListQueues" if ids.is_empty() => "{}".to_owned(),
        "ListQueues" => {
            format!("{{\"QueueUrls\":[{}]}}", json(&|id| format!("\"https://q/1/{id}\"")))
        }
        "ListTables" => format!("{{\"TableNames\":[{}]}}", json(&|id| format!("{id:?}"))),
        "ListFunctions" => {
            let items =
                json(&|id| format!("{{\"FunctionName\":\"{id}\",\"FunctionArn\":\"arn:{id}\"}}"));
            format!("{{\"Functions\":[{items}]}}")
        }
        "ListBuckets" => buckets(&each(&|id| format!("<Bucket><Name>{id}</Name></Bucket>"))),
        other => panic!("{other} is no list call of the catalog"),
    }
}

/// A page of EC2 instances.
pub(crate) fn instances(ids: &[&str], next: Option<&str>) -> String {
    let items: String = ids
        .iter()
        .map(|id| {
            format!(
                "<item><instancesSet><item><instanceId>{id}</instanceId>\
                 <subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><tagSet><item><key>Name</key>\
                 <value>web {id}</value></item></tagSet></item></instancesSet></item>"
            )
        })
        .collect();
    let next = next.map(|token| format!("<nextToken>{token}</nextToken>")).unwrap_or_default();
    ec2("DescribeInstances", &format!("<reservationSet>{items}</reservationSet>{next}"))
}

/// An `AssumeRoleWithWebIdentity` answer.
pub(crate) fn session(expires: OffsetDateTime) -> String {
    let format = &time::format_description::well_known::Rfc3339;
    let expires = expires.format(format).unwrap();
    query(
        "AssumeRoleWithWebIdentity",
        &format!(
            "<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
             <SecretAccessKey>the-secret-key</SecretAccessKey>\
             <SessionToken>the-session-token</SessionToken><Expiration>{expires}</Expiration>\
             </Credentials><Provider>arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example</Provider>"
        ),
    )
}

/// A `GetCallerIdentity` answer.
pub(crate) fn identity(account: &str) -> String {
    let arn = format!("arn:aws:sts::{account}:assumed-role/CauselyAccess/attache-1");
    query("GetCallerIdentity", &format!("<Arn>{arn}</Arn><Account>{account}</Account>"))
}

/// An error in the query protocols' shape.
pub(crate) fn query_error(status: u16, code: &str, message: &str) -> Option<Say> {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Some(Say::Answer(status, body))
}

/// An error in EC2's shape.
pub(crate) fn ec2_error(status: u16, code: &str) -> Option<Say> {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>as the test says</Message></Error>\
         </Errors><RequestID>1</RequestID></Response>"
    );
    Some(Say::Answer(status, body))
}
