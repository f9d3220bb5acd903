//! What awsQuery's parser refuses before any operation sees it: numbers, positions, types.

use attache_sample_resources::SampleResources;

use crate::support::{AUDIENCE, Keys, Request, SUBJECT, TARGET, World, account};

const LIST: &str = "Start of list found where not expected";

#[tokio::test]
async fn positions_of_lists_are_read_as_aws_reads_them() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    world.create_role("Reader").await;
    let malformed = "MalformedInput";
    for (name, positions, code, message) in [
        ("zero", &["0"][..], malformed, "0 is not a valid index"),
        ("below zero", &["-1"], malformed, "Key -1 may not have a leading '-'"),
        ("a word", &["one"], malformed, LIST),
        ("a word beside a number", &["1", "one"], malformed, LIST),
        ("a zero in front", &["01"], malformed, "Value found where not expected"),
        ("a blank", &["%201"], malformed, LIST),
        ("a fraction", &["1", "x2"], malformed, LIST),
        (
            "a gap of eleven",
            &["1", "12"],
            malformed,
            "Excessively sparse input would skip 11 list elements",
        ),
        (
            "a large gap",
            &["1", "1500"],
            malformed,
            "Excessively sparse input would skip 1,499 list elements",
        ),
        ("beyond any list", &["999999999"], malformed, "Index 999999999 is illegal"),
        ("beyond any number", &["4294967297"], malformed, "Index 4294967297 is illegal"),
        (
            "a gap of one",
            &["1", "3"],
            "ValidationError",
            "1 validation error detected: Value null at 'tags.2.member' failed to satisfy constraint: \
             Member must not be null",
        ),
        ("a gap of ten", &["1", "11"], "ValidationError", ""),
        ("no first", &["2"], "ValidationError", ""),
        ("in order", &["1", "2"], "", ""),
        ("out of order", &["2", "1"], "", ""),
    ] {
        let mut members = vec![
            ("Action".to_owned(), "TagRole".to_owned()),
            ("RoleName".to_owned(), "Reader".to_owned()),
        ];
        for (number, position) in positions.iter().enumerate() {
            let position = position.replace("%20", " ");
            members.push((format!("Tags.member.{position}.Key"), format!("k{number}")));
            members.push((format!("Tags.member.{position}.Value"), "v".to_owned()));
        }
        let members: Vec<(&str, &str)> =
            members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let told = world.call("iam", &keys, &members).await;
        assert_eq!(told.element("Code"), code, "{name}: {told:?}");
        if !message.is_empty() {
            assert_eq!((told.status, told.element("Message").as_str()), (400, message), "{name}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_value_of_another_type_is_malformed() {
    let world = World::new().await;
    let keys = world.administrator(TARGET);
    let structure = "Start of structure or map found where not expected.";
    for (name, member, message) in [
        ("a list for text", ("RoleName.member.1", "x"), LIST),
        ("a structure for text", ("RoleName.Name", "x"), structure),
        ("a structure for a list", ("Tags.Key", "x"), structure),
    ] {
        let told = world.call("iam", &keys, &[("Action", "TagRole"), member]).await;
        let refused = (400, "MalformedInput".to_owned(), message.to_owned());
        assert_eq!(told.refusal(), refused, "{name}");
    }
    let only = [("Action", "ListPolicies"), ("OnlyAttached", "yes")];
    assert_eq!(world.call("iam", &keys, &only).await.element("Code"), "MalformedInput");
    world.end().await;
}

/// Numbers with blanks, fractions, exponents or more than 32 bits, in each call of STS that has one.
#[tokio::test]
async fn a_number_has_digits_and_32_bits() {
    let world = World::new().await;
    world.set_up("Reader", r#"["*"]"#).await;
    let token = world.token(SUBJECT, AUDIENCE);
    let administrator = world.administrator(TARGET);
    let arn = ["arn:aws:iam::", TARGET, ":role/Reader"].concat();
    let names = [("RoleArn", arn.as_str()), ("RoleSessionName", "test")];
    let calls: [(&str, Vec<(&str, &str)>); 4] = [
        (
            "AssumeRoleWithWebIdentity",
            [&names[..], &[("WebIdentityToken", token.expose())]].concat(),
        ),
        ("AssumeRole", names.to_vec()),
        ("GetSessionToken", Vec::new()),
        ("GetFederationToken", vec![("Name", "bob")]),
    ];
    for (action, members) in &calls {
        for bad in
            [" 900", "900 ", "900.0", "9e2", "+900", "0x384", "2147483648", "-2147483649", "", "x"]
        {
            let with =
                |name| [&[("Action", *action), (name, bad)][..], members.as_slice()].concat();
            for name in ["DurationSeconds", "MinimumSessionTokenSize"] {
                let told = called(&world, &administrator, action, &with(name)).await;
                assert_eq!(told.0, "MalformedInput", "{action} {name} {bad:?}: {}", told.1);
            }
        }
        let with =
            [&[("Action", *action), ("DurationSeconds", "2147483647")][..], members.as_slice()];
        let told = called(&world, &administrator, action, &with.concat()).await;
        assert_eq!(told.0, "ValidationError", "{action}: {}", told.1);
    }
    world.end().await;
}

/// The same of the sample resources, in each protocol: a form's refusal, JSON's, and the sentences that EC2
/// and S3 have of their own.
#[tokio::test]
async fn the_numbers_of_sample_resources_have_digits_and_32_bits_too() {
    let world = World::new().await;
    world.authority.add_services(SampleResources::new(1, &[account(TARGET)]).services());
    let keys = world.administrator(TARGET);
    for (service, action, member, code) in [
        ("rds", "DescribeDBInstances", "MaxRecords", "MalformedInput"),
        ("elasticloadbalancing", "DescribeLoadBalancers", "PageSize", "MalformedInput"),
        ("elasticloadbalancing", "DescribeTargetGroups", "PageSize", "MalformedInput"),
        ("sqs", "ListQueues", "MaxResults", "MalformedInput"),
        ("ec2", "DescribeInstances", "MaxResults", "InvalidParameterValue"),
        ("ec2", "DescribeVpcs", "MaxResults", "InvalidParameterValue"),
    ] {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        for bad in
            [" 25", "25 ", "25.0", "1e2", "%2B25", "0x19", "2147483648", "-2147483649", "", "x"]
        {
            let bad = bad.replace(' ', "+");
            let body = format!("Action={action}&{member}={bad}");
            let request =
                Request { service, headers: &form, body: &body, ..Request::new("POST", "/") };
            let (status, got, message) = world.send_signed(&keys, request).await.any_refusal();
            assert_eq!((status, got.as_str()), (400, code), "{service} {bad:?}: {message}");
        }
        let body = format!("Action={action}&{member}=25");
        let request = Request { service, headers: &form, body: &body, ..Request::new("POST", "/") };
        assert_eq!(world.send_signed(&keys, request).await.status, 200, "{service}");
    }
    for (service, target, member, below) in [
        ("dynamodb", "DynamoDB_20120810.ListTables", "Limit", "ValidationException"),
        ("sqs", "AmazonSQS.ListQueues", "MaxResults", "InvalidParameterValue"),
    ] {
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target)];
        for (given, code) in [
            ("\"5\"", "SerializationException"),
            ("5.5", "SerializationException"),
            ("true", "SerializationException"),
            ("[5]", "SerializationException"),
            ("0", below),
            ("-1", below),
            ("2000", below),
            ("5", ""),
        ] {
            let body = format!(r#"{{"{member}":{given}}}"#);
            let request =
                Request { service, headers: &headers, body: &body, ..Request::new("POST", "/") };
            let (_, got, message) = world.send_signed(&keys, request).await.any_refusal();
            assert_eq!(got, code, "{service} {given}: {message}");
        }
    }
    for (path, service, code) in [
        ("/2015-03-31/functions?MaxItems=1e2", "lambda", "SerializationException"),
        ("/2015-03-31/functions?MaxItems=2147483648", "lambda", "SerializationException"),
        ("/2015-03-31/functions?MaxItems=0", "lambda", "InvalidParameterValueException"),
        ("/?max-buckets=1e2", "s3", "InvalidArgument"),
    ] {
        let hash = [("x-amz-content-sha256", EMPTY)];
        let request = Request { service, headers: &hash, ..Request::new("GET", path) };
        let (_, got, message) = world.send_signed(&keys, request).await.any_refusal();
        assert_eq!(got, code, "{path}: {message}");
    }
    world.end().await;
}

/// A list where there should be text, and the reverse, in the forms of the sample resources.
#[tokio::test]
async fn a_value_of_another_type_is_malformed_in_a_sample_resources_form() {
    let world = World::new().await;
    world.authority.add_services(SampleResources::new(1, &[account(TARGET)]).services());
    let keys = world.administrator(TARGET);
    for (service, action, member, message) in [
        ("rds", "DescribeDBInstances", "DBInstanceIdentifier.member.1", LIST),
        ("rds", "DescribeDBInstances", "Filters.Filter.0.Name", "0 is not a valid index"),
        (
            "rds",
            "DescribeDBInstances",
            "Filters.Filter.-1.Name",
            "Key -1 may not have a leading '-'",
        ),
        ("rds", "DescribeDBInstances", "Filters.Filter.one.Name", LIST),
        ("elasticloadbalancing", "DescribeLoadBalancers", "Names.member.one", LIST),
        ("elasticloadbalancing", "DescribeLoadBalancers", "PageSize.member.1", LIST),
        ("elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn.member.1", LIST),
        ("sqs", "ListQueues", "QueueNamePrefix.1", LIST),
    ] {
        let members = [("Action", action), (member, "x")];
        let (status, code, got) = world.call(service, &keys, &members).await.refusal();
        let wanted = (400, "MalformedInput", message);
        assert_eq!((status, code.as_str(), got.as_str()), wanted, "{service} {member}");
    }
    world.end().await;
}

/// The SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async fn called(
    world: &World,
    keys: &Keys,
    action: &str,
    members: &[(&str, &str)],
) -> (String, String) {
    let told = match action {
        "AssumeRoleWithWebIdentity" => world.unsigned("sts", members).await,
        _ => world.call("sts", keys, members).await,
    };
    (told.element("Code"), told.body)
}
