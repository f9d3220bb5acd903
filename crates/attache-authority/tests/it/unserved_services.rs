//! What nobody here serves: each call is authenticated, decided where its operation is known, and refused in
//! the protocol that the service's clients read.

use attache_identifiers::Secret;
use attache_sample_resources::SampleResources;

use crate::support::{Keys, Request, TARGET, Told, World, account, written};

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
const SEE: &str = "docs/authority.md lists the operations that it serves.";

/// How a refusal is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wire {
    Query,
    Json,
    Cbor,
}

/// A call of a service that is not served.
#[derive(Clone, Copy)]
struct Unserved<'a> {
    name: &'a str,
    service: &'a str,
    method: &'a str,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    wire: Wire,
    /// The action that it is decided for, with its resource.
    action: Option<(&'a str, &'a str)>,
    /// Code and sentence to whom it is allowed.
    refused: (&'a str, &'a str),
}

impl Unserved<'_> {
    fn request(&self) -> Request<'_> {
        let Self { service, headers, body, .. } = *self;
        Request { service, headers, body, ..Request::new(self.method, self.path) }
    }
}

const INVALID_ACTION: &str = "InvalidAction";
const UNKNOWN: &str = "UnknownOperationException";

/// One of each protocol, and what differs within one.
const CALLS: &[Unserved<'_>] = &[
    Unserved {
        name: "query",
        service: "sns",
        method: "POST",
        path: "/",
        headers: FORM,
        body: "Action=ListTopics&Version=2010-03-31",
        wire: Wire::Query,
        action: Some(("sns:ListTopics", "*")),
        refused: (INVALID_ACTION, "The embedded AWS does not serve sns:ListTopics."),
    },
    Unserved {
        name: "query, about an ARN, with an action of another name",
        service: "sns",
        method: "POST",
        path: "/",
        headers: FORM,
        body: "Action=PublishBatch&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A222222222222%3At&Version=2010-03-31",
        wire: Wire::Query,
        action: Some(("sns:Publish", "arn:aws:sns:us-east-1:222222222222:t")),
        refused: (INVALID_ACTION, "The embedded AWS does not serve sns:PublishBatch."),
    },
    Unserved {
        name: "query, of another version than the one that is served",
        service: "elasticloadbalancing",
        method: "POST",
        path: "/",
        headers: FORM,
        body: "Action=DescribeLoadBalancers&Version=2012-06-01",
        wire: Wire::Query,
        action: Some(("elasticloadbalancing:DescribeLoadBalancers", "*")),
        refused: (
            INVALID_ACTION,
            "The embedded AWS does not serve elasticloadbalancing:DescribeLoadBalancers.",
        ),
    },
    Unserved {
        name: "json 1.0",
        service: "states",
        method: "POST",
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "AWSStepFunctions.ListStateMachines"),
        ],
        body: "{}",
        wire: Wire::Json,
        action: Some(("states:ListStateMachines", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve states:ListStateMachines."),
    },
    Unserved {
        name: "json 1.1, about an ARN",
        service: "kms",
        method: "POST",
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "TrentService.DescribeKey"),
        ],
        body: r#"{"KeyId":"arn:aws:kms:us-east-1:222222222222:key/k"}"#,
        wire: Wire::Json,
        action: Some(("kms:DescribeKey", "arn:aws:kms:us-east-1:222222222222:key/k")),
        refused: (UNKNOWN, "The embedded AWS does not serve kms:DescribeKey."),
    },
    Unserved {
        name: "json that is none: it is authenticated and decided first",
        service: "glue",
        method: "POST",
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AWSGlue.GetTables"),
        ],
        body: "{",
        wire: Wire::Json,
        action: Some(("glue:GetTables", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve glue:GetTables."),
    },
    Unserved {
        name: "json without a target",
        service: "glue",
        method: "POST",
        path: "/",
        headers: &[("content-type", "application/x-amz-json-1.1")],
        body: "{}",
        wire: Wire::Json,
        action: None,
        refused: (
            UNKNOWN,
            "The embedded AWS does not serve glue, and the call names none of its operations.",
        ),
    },
    Unserved {
        name: "rest-json",
        service: "batch",
        method: "POST",
        path: "/v1/describejobqueues",
        headers: &[("content-type", "application/json")],
        body: "{}",
        wire: Wire::Json,
        action: Some(("batch:DescribeJobQueues", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve batch:DescribeJobQueues."),
    },
    Unserved {
        name: "rest-json with an ARN in its path",
        service: "backup",
        method: "GET",
        path: "/tags/arn%3Aaws%3Abackup%3Aus-east-1%3A222222222222%3Abackup-vault%3AV",
        headers: &[],
        body: "",
        wire: Wire::Json,
        action: Some(("backup:ListTags", "arn:aws:backup:us-east-1:222222222222:backup-vault:V")),
        refused: (UNKNOWN, "The embedded AWS does not serve backup:ListTags."),
    },
    Unserved {
        name: "rest-json with an action of another name",
        service: "bedrock",
        method: "POST",
        path: "/model/m/converse",
        headers: &[("content-type", "application/json")],
        body: "{}",
        wire: Wire::Json,
        action: Some(("bedrock:InvokeModel", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve bedrock:Converse."),
    },
    Unserved {
        name: "rest-json with a path that is no operation's",
        service: "batch",
        method: "POST",
        path: "/v1/nothing",
        headers: &[("content-type", "application/json")],
        body: "{}",
        wire: Wire::Json,
        action: None,
        refused: (
            UNKNOWN,
            "The embedded AWS does not serve batch, and knows no operation of it that is POST /v1/nothing: \
             whether that is allowed was not decided.",
        ),
    },
    Unserved {
        name: "rest-json whose actions are methods",
        service: "apigateway",
        method: "GET",
        path: "/v2/apis",
        headers: &[],
        body: "",
        wire: Wire::Json,
        action: Some(("apigateway:GET", "arn:aws:apigateway:us-east-1::/apis")),
        refused: (UNKNOWN, "The embedded AWS does not serve apigateway:GET /v2/apis."),
    },
    Unserved {
        name: "rest-json beside query",
        service: "ses",
        method: "GET",
        path: "/v2/email/identities",
        headers: &[],
        body: "",
        wire: Wire::Json,
        action: Some(("ses:ListEmailIdentities", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve ses:ListEmailIdentities."),
    },
    Unserved {
        name: "query beside rest-json",
        service: "ses",
        method: "POST",
        path: "/",
        headers: FORM,
        body: "Action=ListIdentities&Version=2010-12-01",
        wire: Wire::Query,
        action: Some(("ses:ListIdentities", "*")),
        refused: (INVALID_ACTION, "The embedded AWS does not serve ses:ListIdentities."),
    },
    Unserved {
        name: "rest-xml",
        service: "route53",
        method: "GET",
        path: "/2013-04-01/hostedzone",
        headers: &[],
        body: "",
        wire: Wire::Query,
        action: Some(("route53:ListHostedZones", "*")),
        refused: (INVALID_ACTION, "The embedded AWS does not serve route53:ListHostedZones."),
    },
    Unserved {
        name: "rest-xml, signed for S3",
        service: "s3",
        method: "GET",
        path: "/v20180820/accesspoint",
        headers: &[("x-amz-content-sha256", EMPTY)],
        body: "",
        wire: Wire::Query,
        action: Some(("s3:ListAccessPoints", "*")),
        refused: (INVALID_ACTION, "The embedded AWS does not serve s3:ListAccessPoints."),
    },
    Unserved {
        name: "rpc-v2-cbor, with actions of another prefix",
        service: "monitoring",
        method: "POST",
        path: "/service/GraniteServiceVersion20100801/operation/ListMetrics",
        headers: &[("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")],
        body: "",
        wire: Wire::Cbor,
        action: Some(("cloudwatch:ListMetrics", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve monitoring:ListMetrics."),
    },
    Unserved {
        name: "query beside rpc-v2-cbor",
        service: "monitoring",
        method: "POST",
        path: "/",
        headers: FORM,
        body: "Action=ListMetrics&Version=2010-08-01",
        wire: Wire::Query,
        action: Some(("cloudwatch:ListMetrics", "*")),
        refused: (INVALID_ACTION, "The embedded AWS does not serve monitoring:ListMetrics."),
    },
    Unserved {
        name: "a service that is newer than the list",
        service: "brandnew",
        method: "POST",
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "BrandNew.MakeThing"),
        ],
        body: "{}",
        wire: Wire::Json,
        action: Some(("brandnew:MakeThing", "*")),
        refused: (UNKNOWN, "The embedded AWS does not serve brandnew:MakeThing."),
    },
];

/// The SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The codes of a key that does not exist, and of a signature that is wrong, by how they are written.
fn signature_codes(wire: Wire) -> (u16, [&'static str; 2]) {
    match wire {
        Wire::Query => (403, ["InvalidClientTokenId", "SignatureDoesNotMatch"]),
        Wire::Json | Wire::Cbor => {
            (400, ["UnrecognizedClientException", "InvalidSignatureException"])
        }
    }
}

fn wire_of(answer: &Told) -> Wire {
    if answer.head.contains("application/cbor") {
        assert!(answer.head.contains("smithy-protocol: rpc-v2-cbor"), "{answer:?}");
        return Wire::Cbor;
    }
    if answer.body.starts_with("<ErrorResponse>") { Wire::Query } else { Wire::Json }
}

async fn world() -> World {
    let world = World::new().await;
    world.authority.add_services(SampleResources::new(1, &[account(TARGET)]).services());
    world
}

#[tokio::test]
async fn a_key_and_a_signature_are_checked_before_anything_else() {
    let world = world().await;
    let good = world.administrator(TARGET);
    let unknown = Keys { access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..good.clone() };
    let guessed = Keys { secret: Secret::new("x".repeat(40)), ..good };
    for call in CALLS {
        let (status, codes) = signature_codes(call.wire);
        for (keys, code) in [&unknown, &guessed].into_iter().zip(codes) {
            let answer = world.send_signed(keys, call.request()).await;
            assert_eq!(wire_of(&answer), call.wire, "{}: {answer:?}", call.name);
            let (got, said, _) = answer.any_refusal();
            // Of the services with paths, those with JSON answer 403.
            let is_rest = call.wire == Wire::Json
                && !call.headers.iter().any(|(_, v)| v.contains("x-amz-json"));
            let status = if is_rest { 403 } else { status };
            assert_eq!((got, said.as_str()), (status, code), "{}", call.name);
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_call_whose_operation_is_known_is_decided_before_it_is_refused() {
    let world = world().await;
    let reader = world.user("reader", r#"["iam:List*"]"#).await;
    let arn = format!("arn:aws:iam::{TARGET}:user/reader");
    for call in CALLS {
        let answer = world.send_signed(&reader, call.request()).await;
        assert_eq!(wire_of(&answer), call.wire, "{}: {answer:?}", call.name);
        let (_, code, message) = answer.any_refusal();
        let Some((action, resource)) = call.action else {
            assert_eq!(code, call.refused.0, "{}", call.name);
            continue;
        };
        let denied =
            if call.wire == Wire::Query { "AccessDenied" } else { "AccessDeniedException" };
        // S3 says nothing of "*".
        let on =
            if call.service == "s3" { String::new() } else { format!(" on resource: {resource}") };
        let sentence = format!(
            "User: {arn} is not authorized to perform: {action}{on} because no identity-based policy \
             allows the {action} action"
        );
        assert_eq!((code.as_str(), message), (denied, sentence), "{}", call.name);
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_allowed_is_refused_as_not_served_with_its_name() {
    let world = world().await;
    let keys = world.administrator(TARGET);
    for call in CALLS {
        let answer = world.send_signed(&keys, call.request()).await;
        assert_eq!(wire_of(&answer), call.wire, "{}: {answer:?}", call.name);
        let (status, code, message) = answer.any_refusal();
        assert_eq!((status, code.as_str()), (400, call.refused.0), "{}: {answer:?}", call.name);
        assert!(message.starts_with(call.refused.1), "{}: {message}", call.name);
        assert!(message.ends_with(SEE), "{}: {message}", call.name);
    }
    world.end().await;
}

/// A call that nobody signed says by its version, its target or its path for which service it is.
#[tokio::test]
async fn what_is_not_signed_is_refused_by_the_service_that_it_is_for() {
    let world = world().await;
    let xml = "MissingAuthenticationToken";
    let json = "MissingAuthenticationTokenException";
    let target = |name| vec![("x-amz-target", name)];
    for (name, method, path, headers, body, status, code) in [
        ("sts", "POST", "/", vec![], "Action=GetCallerIdentity&Version=2011-06-15", 403, xml),
        ("no version", "POST", "/", vec![], "Action=GetCallerIdentity", 403, xml),
        ("ec2", "POST", "/", vec![], "Action=DescribeVpcs&Version=2016-11-15", 403, xml),
        ("sns", "POST", "/", vec![], "Action=ListTopics&Version=2010-03-31", 403, xml),
        ("dynamodb", "POST", "/", target("DynamoDB_20120810.ListTables"), "{}", 400, json),
        ("kms", "POST", "/", target("TrentService.ListKeys"), "{}", 400, json),
        ("a target of none", "POST", "/", target("Nothing.List"), "{}", 400, json),
        ("s3", "GET", "/bucket/key", vec![], "", 403, "AccessDenied"),
        (
            "cbor",
            "POST",
            "/service/GraniteServiceVersion20100801/operation/ListMetrics",
            vec![("smithy-protocol", "rpc-v2-cbor")],
            "",
            400,
            json,
        ),
    ] {
        let sent = written(method, path, &world.address, &headers, body);
        let answer = world.send(sent.as_bytes()).await;
        let (got, said, _) = answer.any_refusal();
        assert_eq!((got, said.as_str()), (status, code), "{name}: {answer:?}");
        if name == "ec2" {
            assert!(answer.body.contains("<Response><Errors>"), "{answer:?}");
        }
    }
    world.end().await;
}

/// The journal has what was refused, and nothing of the input but ARNs: which of its members are secret is not
/// known.
#[tokio::test]
async fn the_journal_has_the_call_and_none_of_its_input() {
    let world = world().await;
    let keys = world.administrator(TARGET);
    let headers =
        [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "TrentService.Encrypt")];
    let body = r#"{"KeyId":"arn:aws:kms:us-east-1:222222222222:key/k","Plaintext":"aGlkZGVu"}"#;
    let request = Request { service: "kms", headers: &headers, body, ..Request::new("POST", "/") };
    assert_eq!(world.send_signed(&keys, request).await.status, 400);
    let (_, event) = world.authority.events(0, 1_000).await.unwrap().pop().unwrap();
    assert_eq!(event.action, "kms:Encrypt");
    assert_eq!(event.resource, "arn:aws:kms:us-east-1:222222222222:key/k");
    assert!(!format!("{event:?}").contains("aGlkZGVu"), "{event:?}");
    world.end().await;
}
