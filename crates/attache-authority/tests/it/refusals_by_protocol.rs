//! How each protocol says that a caller may not, is not known, has ended, or has not signed.

use std::time::{Duration, SystemTime};

use attache_authority::LaboratorySettings;
use attache_identifiers::Secret;
use attache_sample_resources::SampleResources;

use crate::support::{Keys, Request, TARGET, World, account, written};

/// A call in one of the protocols: its name, the signing name, and what is sent.
struct Protocol {
    name: &'static str,
    service: &'static str,
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    /// The refusal of each cause, in the order of [`CAUSES`].
    refusals: [(u16, &'static str, &'static str); 6],
}

const CAUSES: [&str; 6] = [
    "no permission",
    "a key of nobody",
    "a guessed secret",
    "a made-up session token",
    "a session that has expired",
    "no signature",
];

const INVALID_TOKEN: &str = "The security token included in the request is invalid.";
const EXPIRED: &str = "The security token included in the request is expired";
const MISSING: &str = "Request is missing Authentication Token";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const EC2: &str = "AWS was not able to validate the provided access credentials";
const MAY_NOT: &str =
    "User: arn:aws:sts::222222222222:assumed-role/Nothing/test is not authorized to perform: ";

/// The SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The refusals of the services with JSON, with the status that these have.
const fn json(status: u16, may_not: &'static str) -> [(u16, &'static str, &'static str); 6] {
    [
        (status, "AccessDeniedException", may_not),
        (status, "UnrecognizedClientException", INVALID_TOKEN),
        (status, "InvalidSignatureException", MISMATCH),
        (status, "UnrecognizedClientException", INVALID_TOKEN),
        (status, "ExpiredTokenException", EXPIRED),
        (status, "MissingAuthenticationTokenException", MISSING),
    ]
}

const PROTOCOLS: &[Protocol] = &[
    Protocol {
        name: "query",
        service: "iam",
        method: "POST",
        path: "/",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: "Action=ListRoles&Version=2010-05-08",
        refusals: [
            (
                403,
                "AccessDenied",
                "iam:ListRoles on resource: arn:aws:iam::222222222222:role/ because no identity-based \
                 policy allows the iam:ListRoles action",
            ),
            (403, "InvalidClientTokenId", INVALID_TOKEN),
            (403, "SignatureDoesNotMatch", MISMATCH),
            (403, "InvalidClientTokenId", INVALID_TOKEN),
            (403, "ExpiredToken", EXPIRED),
            (403, "MissingAuthenticationToken", MISSING),
        ],
    },
    Protocol {
        name: "ec2",
        service: "ec2",
        method: "POST",
        path: "/",
        headers: &[("content-type", "application/x-www-form-urlencoded")],
        body: "Action=DescribeVpcs&Version=2016-11-15",
        refusals: [
            (
                403,
                "UnauthorizedOperation",
                "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action",
            ),
            (401, "AuthFailure", EC2),
            (401, "AuthFailure", EC2),
            (401, "AuthFailure", EC2),
            (400, "RequestExpired", "Request has expired."),
            (403, "MissingAuthenticationToken", MISSING),
        ],
    },
    Protocol {
        name: "json 1.0",
        service: "dynamodb",
        method: "POST",
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "DynamoDB_20120810.ListTables"),
        ],
        body: "{}",
        refusals: json(
            400,
            "dynamodb:ListTables on resource: arn:aws:dynamodb:us-east-1:222222222222:table/* because no \
             identity-based policy allows the dynamodb:ListTables action",
        ),
    },
    Protocol {
        name: "json 1.1",
        service: "organizations",
        method: "POST",
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AWSOrganizationsV20161128.DescribeOrganization"),
        ],
        body: "{}",
        refusals: json(
            400,
            "organizations:DescribeOrganization on resource: * because no identity-based policy allows the \
             organizations:DescribeOrganization action",
        ),
    },
    Protocol {
        name: "rest-json",
        service: "lambda",
        method: "GET",
        path: "/2015-03-31/functions",
        headers: &[],
        body: "",
        refusals: json(
            403,
            "lambda:ListFunctions on resource: * because no identity-based policy allows the \
             lambda:ListFunctions action",
        ),
    },
    Protocol {
        name: "rest-xml",
        service: "s3",
        method: "GET",
        path: "/bucket",
        headers: &[("x-amz-content-sha256", EMPTY)],
        body: "",
        refusals: [
            (
                403,
                "AccessDenied",
                "s3:ListBucket on resource: \"arn:aws:s3:::bucket\" because no identity-based policy allows \
                 the s3:ListBucket action",
            ),
            (
                403,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
            (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your \
                 key and signing method.",
            ),
            (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
            (400, "ExpiredToken", "The provided token has expired."),
            (403, "AccessDenied", "Access Denied"),
        ],
    },
    Protocol {
        name: "rpc-v2-cbor",
        service: "monitoring",
        method: "POST",
        path: "/service/GraniteServiceVersion20100801/operation/ListMetrics",
        headers: &[("content-type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")],
        body: "",
        refusals: json(
            400,
            "cloudwatch:ListMetrics on resource: * because no identity-based policy allows the \
             cloudwatch:ListMetrics action",
        ),
    },
];

/// Later than any session of the test lasts, and what the clock of the authority shows then.
const LATER: Duration = Duration::from_secs(20 * 60);

async fn set_clock(world: &World, faults: &str) {
    let settings: LaboratorySettings = serde_json::from_str(faults).unwrap();
    world.authority.set_laboratory(settings).unwrap();
}

#[tokio::test]
async fn each_cause_has_its_code_and_its_sentence_in_each_protocol() {
    let world = World::new().await;
    world.authority.add_services(SampleResources::new(1, &[account(TARGET)]).services());
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{TARGET}"}},
        "Action":"sts:AssumeRole"}}}}"#
    );
    world.trusting("Nothing", &trust, r#"["sqs:SendMessage"]"#).await;
    let administrator = world.administrator(TARGET);
    let short = [("DurationSeconds", "900")];
    let session = world.become_role(&administrator, "Nothing", &short).await.keys();
    let unknown = Keys { access_key: "AKIAIOSFODNN7EXAMPLE".into(), ..administrator.clone() };
    let guessed = Keys { secret: Secret::new("x".repeat(40)), ..administrator.clone() };
    let made_up = Keys { session_token: Some("AQoDYXdzEPT".into()), ..administrator };
    for protocol in PROTOCOLS {
        let Protocol { name, service, method, path, headers, body, refusals } = protocol;
        let request = Request { service, headers, body, ..Request::new(method, path) };
        let at = SystemTime::now() + LATER;
        for (cause, (status, code, message)) in CAUSES.into_iter().zip(*refusals) {
            let answer = match cause {
                "no permission" => world.send_signed(&session, request).await,
                "a key of nobody" => world.send_signed(&unknown, request).await,
                "a guessed secret" => world.send_signed(&guessed, request).await,
                "a made-up session token" => world.send_signed(&made_up, request).await,
                "a session that has expired" => {
                    set_clock(&world, r#"{"faults": [{"kind": "clock-skew", "duration": "20m"}]}"#)
                        .await;
                    let answer = world.send_signed(&session, Request { at, ..request }).await;
                    set_clock(&world, "{}").await;
                    answer
                }
                _ => {
                    let sent = written(method, path, &world.address, headers, body);
                    world.send(sent.as_bytes()).await
                }
            };
            let denied = if cause == "no permission" { MAY_NOT } else { "" };
            let prefix = match (*name, cause) {
                ("ec2", "no permission") => "You are not authorized to perform this operation. ",
                _ => "",
            };
            let wanted = (status, code.to_owned(), format!("{prefix}{denied}{message}"));
            let mut got = answer.any_refusal();
            got.2 = got.2.replace("&quot;", "\"");
            assert_eq!(got, wanted, "{name}, {cause}: {answer:?}");
        }
    }
    world.end().await;
}
