//! awsQuery and ec2Query forms: what they spell, what they must not, and the way back.

use attache_aws_protocol::query::{
    ListStyle, MAX_DEPTH, MAX_FORM_BYTES, MAX_PARAMETERS, Positions, decode, decode_with, encode,
    input, read,
};
use attache_aws_protocol::{Protocol, WireError};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The parser of ec2Query and that of awsQuery.
const BOTH: [Positions; 2] = [Positions::Loose, Positions::Strict];

#[test]
fn a_form_spells_a_structure() {
    let cases = [
        ("", json!({})),
        (
            "Action=ListRoles&Version=2010-05-08",
            json!({"Action": "ListRoles", "Version": "2010-05-08"}),
        ),
        ("A=a%20b+c%2B", json!({"A": "a b c+"})),
        ("A", json!({"A": ""})),
        ("A=%C3%A9%F0%9F%A6%80", json!({"A": "é🦀"})),
        ("A=b%3Dc=d", json!({"A": "b=c=d"})),
        ("A.B.C=x", json!({"A": {"B": {"C": "x"}}})),
        ("A.member.1=x&A.member.2=y", json!({"A": ["x", "y"]})),
        ("A.member.1.B=x&A.member.1.C=y", json!({"A": [{"B": "x", "C": "y"}]})),
        (
            "Filter.1.Name=n&Filter.1.Value.1=a&Filter.1.Value.2=b",
            json!({"Filter": [{"Name": "n", "Value": ["a", "b"]}]}),
        ),
        ("A.10=j&A.9=i&A.2=b", json!({"A": ["b", "i", "j"]})),
        ("A.member.999999999=z&A.member.7=a", json!({"A": ["a", "z"]})),
        ("M.entry.1.key=k&M.entry.1.value=v", json!({"M": [{"key": "k", "value": "v"}]})),
        ("A.member.1.member.1=x", json!({"A": [["x"]]})),
        ("member.A=x", json!({"member": {"A": "x"}})),
        ("1=x", json!({"1": "x"})),
    ];
    for (form, value) in cases {
        assert_eq!(decode(form).unwrap(), value, "{form}");
    }
    let rds = "Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=mysql";
    let value = json!({"Filters": [{"Name": "engine", "Values": ["mysql"]}]});
    for positions in BOTH {
        assert_eq!(decode_with(rds, &["Filter", "Value"], positions).unwrap(), value);
    }
}

#[test]
fn awsquery_leaves_gaps_open_and_refuses_large_ones() {
    let strict = |form: &str| decode_with(form, &[], Positions::Strict);
    for (form, value) in [
        ("A.member.1=x&A.member.3=z", json!({"A": ["x", null, "z"]})),
        ("A.member.2.B=y", json!({"A": [null, {"B": "y"}]})),
        (
            "A.10=j&A.9=i&A.2=b",
            json!({
                "A": [null, "b", null, null, null, null, null, null, "i", "j"],
            }),
        ),
        ("A.1.1=x&A.1.2=y", json!({"A": [["x", "y"]]})),
    ] {
        assert_eq!(strict(form).unwrap(), value, "{form}");
    }
    for (form, sentence) in [
        ("A.member.0=x", "0 is not a valid index"),
        ("A.member.01=x", "Value found where not expected"),
        ("A.member.x=x", "Start of list found where not expected"),
        ("A.member.1=x&A.member.999999999=y", "Index 999999999 is illegal"),
        ("A.member.1=x&A.member.13=y", "Excessively sparse input would skip 12 list elements"),
    ] {
        let error = strict(form).unwrap_err();
        assert!(matches!(error, WireError::Position(_)), "{form}: {error:?}");
        assert!(error.to_string().contains(sentence), "{form}: {error}");
    }
}

#[test]
fn a_form_that_is_none_is_refused_with_its_reason() {
    type Is = fn(&WireError) -> bool;
    let cases: &[(&str, Is)] = &[
        ("A=1&A=2", |e| matches!(e, WireError::Duplicate { name } if name == "A")),
        ("A.1=x&A.01=y", |e| matches!(e, WireError::Duplicate { .. })),
        ("A=1&A.B=2", |e| matches!(e, WireError::Contradiction { name } if name == "A.B")),
        ("A.B=2&A=1", |e| matches!(e, WireError::Contradiction { name } if name == "A")),
        ("A.1=x&A.B=y", |e| matches!(e, WireError::Contradiction { .. })),
        ("A..B=1", |e| matches!(e, WireError::EmptyName { .. })),
        ("=1", |e| matches!(e, WireError::EmptyName { .. })),
        (".=1", |e| matches!(e, WireError::EmptyName { .. })),
        ("A=%FF", |e| matches!(e, WireError::NotUtf8 { what } if what == "the parameter A")),
        ("%C3%28=1", |e| matches!(e, WireError::NotUtf8 { .. })),
    ];
    for (form, is) in cases {
        let error = decode(form).unwrap_err();
        assert!(is(&error), "{form}: {error:?}");
        assert_eq!(error.service_error(Protocol::Query).status, 400);
    }
}

#[test]
fn a_form_has_limits() {
    let many: String = (0..1_000_000).map(|n| format!("P{n}=&")).collect();
    assert!(matches!(decode(&many), Err(WireError::TooLarge { limit: MAX_FORM_BYTES, .. })));
    let many: String = (0..=MAX_PARAMETERS).map(|n| format!("P{n}=&")).collect();
    assert!(matches!(decode(&many), Err(WireError::TooMany { limit: MAX_PARAMETERS, .. })));
    let deep = format!("{}=x", vec!["A"; MAX_DEPTH].join("."));
    assert!(decode(&deep).is_ok());
    assert!(matches!(
        decode(&format!("A.{deep}")),
        Err(WireError::TooDeep { limit: MAX_DEPTH, .. })
    ));
    let index = "A.member.99999999999999999999=x";
    assert_eq!(decode(index).unwrap(), json!({"A": {"member": {"99999999999999999999": "x"}}}));
}

#[test]
fn a_request_has_its_input_in_the_query_string_and_the_body() {
    let inbound = attache_aws_protocol::call::Inbound {
        method: http::Method::POST,
        path: "/".to_owned(),
        query: "Action=ListUsers&X-Amz-Expires=60&X-Amz-Signature=00".to_owned(),
        headers: http::HeaderMap::new(),
        body: "Version=2010-05-08&PathPrefix=%2F".into(),
    };
    let value = json!({"Action": "ListUsers", "Version": "2010-05-08", "PathPrefix": "/"});
    assert_eq!(input(&inbound).unwrap(), value);
    let twice =
        attache_aws_protocol::call::Inbound { body: "Action=DeleteUser".into(), ..inbound.clone() };
    assert!(matches!(input(&twice), Err(WireError::Duplicate { .. })));
    let bytes =
        attache_aws_protocol::call::Inbound { body: vec![b'A', b'=', 0xff].into(), ..inbound };
    assert!(matches!(input(&bytes), Err(WireError::NotUtf8 { .. })));
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct CreateRole {
    role_name: String,
    max_session_duration: Option<u32>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[test]
fn a_form_is_read_as_a_typed_input() {
    let typed = |form: &str| read::<CreateRole>(&decode(form).unwrap());
    let input = typed(
        "RoleName=123&MaxSessionDuration=3600&DryRun=true\
         &Tags.member.1.Key=a&Tags.member.1.Value=1&Action=CreateRole",
    )
    .unwrap();
    let tag = Tag { key: "a".to_owned(), value: "1".to_owned() };
    assert_eq!(
        input,
        CreateRole {
            role_name: "123".to_owned(),
            max_session_duration: Some(3600),
            dry_run: true,
            tags: vec![tag],
        }
    );
    assert_eq!(typed("RoleName=r&Tags=").unwrap().tags, []);

    let refused = [
        (
            "RoleName=r&MaxSessionDuration=soon",
            "MaxSessionDuration: must be a whole number, not negative, not \"soon\"",
        ),
        ("RoleName=r&DryRun=yes", "DryRun: must be true or false, not \"yes\""),
        ("RoleName=r&Tags=x", "Tags: must be a list"),
        ("RoleName=r&Tags.member.1.Key=a", "Tags.0: missing field `Value`"),
        ("RoleName=r&Tags.member.1=a", "Tags.0: must be a structure"),
        ("DryRun=true", "missing field `RoleName`"),
    ];
    for (form, message) in refused {
        assert_eq!(typed(form).unwrap_err().to_string(), message, "{form}");
    }
}

#[derive(Deserialize)]
struct Written {
    call: String,
    form: String,
}

#[test]
fn what_botocore_writes_is_read() {
    let written: Vec<Written> =
        serde_json::from_str(include_str!("../vectors/forms.json")).unwrap();
    let wanted = [
        (
            "sts AssumeRole",
            json!({
                "RoleArn": "arn:aws:iam::111111111111:role/R", "RoleSessionName": "session",
                "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
                "DurationSeconds": "900",
                "Tags": [{"Key": "team", "Value": "a & b"}, {"Key": "é", "Value": ""}],
                "TransitiveTagKeys": ["team"],
            }),
        ),
        (
            "iam CreateOpenIDConnectProvider",
            json!({
                "Url": "https://oidc.example.com/id/X", "ClientIDList": ["sts.amazonaws.com"],
                "ThumbprintList": "",
            }),
        ),
        (
            "ec2 DescribeInstances",
            json!({
                "InstanceId": ["i-1"], "DryRun": "false",
                "Filter": [{"Name": "vpc-id", "Value": ["vpc-1", "vpc-2"]}], "MaxResults": "100",
            }),
        ),
        (
            "rds DescribeDBInstances",
            json!({
                "Filters": [{"Name": "engine", "Values": ["mysql", "postgres"]}], "MaxRecords": "100",
            }),
        ),
        ("elbv2 DescribeTags", json!({"ResourceArns": ["arn:1", "arn:2"]})),
        (
            "sns CreateTopic",
            json!({
                "Name": "t", "Attributes": [{"key": "DisplayName", "value": "d"}],
            }),
        ),
    ];
    assert_eq!(written.len(), wanted.len());
    for (Written { call, form }, (name, input)) in written.into_iter().zip(wanted) {
        assert_eq!(call, name);
        for positions in BOTH {
            let mut read = decode_with(&form, &["Filter", "Value"], positions).unwrap();
            read.as_object_mut().unwrap().retain(|name, _| name != "Action" && name != "Version");
            assert_eq!(read, input, "{call} {positions:?}: {form}");
        }
    }
}

#[test]
fn a_call_is_written_in_each_list_style() {
    let input = json!({
        "Filters": [{"Name": "a&b", "Values": ["x", "y"]}], "Max": 5, "All": false, "None": null,
        "Empty": [],
    });
    let form = |style| encode("Act", "1", &input, style);
    assert_eq!(
        form(ListStyle::Flat),
        "Action=Act&Version=1&Filters.1.Name=a%26b&Filters.1.Values.1=x&Filters.1.Values.2=y\
         &Max=5&All=false&Empty=",
    );
    assert_eq!(
        form(ListStyle::Member),
        "Action=Act&Version=1&Filters.member.1.Name=a%26b&Filters.member.1.Values.member.1=x\
         &Filters.member.1.Values.member.2=y&Max=5&All=false&Empty=",
    );
    assert_eq!(
        form(ListStyle::Named(&[("Filters", "Filter"), ("Values", "Value")])),
        "Action=Act&Version=1&Filters.Filter.1.Name=a%26b&Filters.Filter.1.Values.Value.1=x\
         &Filters.Filter.1.Values.Value.2=y&Max=5&All=false&Empty=",
    );
}

/// Inputs as AWS's shapes are: named members, lists that are not empty, text of any kind.
fn structure() -> impl Strategy<Value = Value> {
    let leaf = "\\PC{0,12}".prop_map(Value::String);
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![vec(inner.clone(), 1..12).prop_map(Value::Array), members(inner)]
    })
}

fn members(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let pairs = vec(("[A-Z][A-Za-z]{0,8}", inner), 1..5);
    pairs.prop_map(|pairs| Value::Object(pairs.into_iter().collect()))
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_itself(input in members(structure()), style in 0..3) {
        let style = match style {
            0 => ListStyle::Flat,
            1 => ListStyle::Member,
            _ => ListStyle::Named(&[("Never", "Mind")]),
        };
        let Value::Object(mut wanted) = input else { unreachable!() };
        wanted.retain(|name, _| name != "Action" && name != "Version");
        let form = encode("A", "1", &Value::Object(wanted.clone()), style);
        for positions in BOTH {
            let decoded = decode_with(&form, &[], positions).unwrap();
            let Value::Object(mut got) = decoded else { unreachable!() };
            prop_assert_eq!(got.shift_remove("Action"), Some(json!("A")));
            prop_assert_eq!(got.shift_remove("Version"), Some(json!("1")));
            prop_assert_eq!(&got, &wanted);
        }
    }

    #[test]
    fn no_form_makes_the_decoder_panic(form in "([A-C%.=&+0-9]|\\PC|member|entry){0,60}") {
        for positions in BOTH {
            if let Ok(decoded) = decode_with(&form, &[], positions) {
                // A form spells a structure, and one that any structure can be read from.
                prop_assert!(decoded.is_object(), "{form}: {decoded}");
                prop_assert!(read::<Map<String, Value>>(&decoded).is_ok(), "{form}: {decoded}");
            }
        }
    }
}
