//! What is printed reads as the same policy.

use attache_policy::{Kind, Policy};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// One text alone, or a list of some.
fn some(from: Vec<String>) -> impl Strategy<Value = Value> {
    let most = from.len();
    (subsequence(from, 1..=most), any::<bool>()).prop_map(|(list, alone)| match &list[..] {
        [one] if alone => json!(one),
        list => json!(list),
    })
}

fn some_of(from: &[&str]) -> impl Strategy<Value = Value> + use<> {
    some(from.iter().map(|s| (*s).to_owned()).collect())
}

/// Values of conditions are any text at all.
fn conditions() -> impl Strategy<Value = Value> {
    let operators = vec![
        "StringEquals",
        "stringlike",
        "ForAllValues:StringNotEqualsIgnoreCase",
        "ForAnyValue:ArnLikeIfExists",
        "IpAddress",
        "NumericLessThan",
        "Bool",
    ];
    let keys = vec!["aws:username", "aws:PrincipalTag/ä \"b\"", "issuer.example/id:sub"];
    let value = prop_oneof![
        vec(any::<String>(), 0..3).prop_map(|list| json!(list)),
        ".*".prop_map(|text| json!(text)),
        any::<bool>().prop_map(|bool| json!(bool)),
        any::<i64>().prop_map(|number| json!(number)),
    ];
    let keys = subsequence(keys, 0..=3).prop_flat_map(move |keys| {
        let values = vec(value.clone(), keys.len());
        values.prop_map(move |values| object(keys.iter().copied().zip(values)))
    });
    subsequence(operators, 0..=3).prop_flat_map(move |operators| {
        let blocks = vec(keys.clone(), operators.len());
        blocks.prop_map(move |blocks| object(operators.iter().copied().zip(blocks)))
    })
}

fn object<'k>(members: impl Iterator<Item = (&'k str, Value)>) -> Value {
    Value::Object(members.map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>())
}

fn principals(kind: Kind) -> BoxedStrategy<Value> {
    let aws = some_of(&["*", "111111111111", "arn:aws:iam::111111111111:role/a/b"]);
    let service = some_of(&["ec2.amazonaws.com", "pods.eks.amazonaws.com"]);
    let federated = some_of(&["arn:aws:iam::111111111111:oidc-provider/issuer.example/id"]);
    let canonical = some_of(&["79a59df900b949e55d96a1e698fbaced"]);
    let object = (aws, option::of(service), option::of(federated), option::of(canonical));
    let object = object.prop_map(|(aws, service, federated, canonical)| {
        let all = [("Service", service), ("Federated", federated), ("CanonicalUser", canonical)];
        let named = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        object_of(named, aws)
    });
    match kind {
        Kind::ResourceControl => Just(json!("*")).boxed(),
        Kind::Trust => object.boxed(),
        _ => prop_oneof![Just(json!("*")), object].boxed(),
    }
}

fn object_of(named: impl Iterator<Item = (&'static str, Value)>, aws: Value) -> Value {
    object(named.chain([("AWS", aws)]))
}

fn statement(kind: Kind) -> impl Strategy<Value = Value> {
    let actions: &[&str] = match kind {
        Kind::Trust => &["sts:AssumeRole", "sts:*", "STS:TagSession"],
        _ => &["*", "s3:Get*", "ec2:DescribeVpcs", "*:*"],
    };
    let resources = ["*", "arn:aws:s3:::b/${aws:username}*", "arn:aws:sqs:*:111111111111:ü\n"];
    let negated = (any::<bool>(), any::<bool>(), any::<bool>());
    let parts = (some_of(actions), some_of(&resources), principals(kind), option::of(conditions()));
    (any::<bool>(), negated, parts).prop_map(move |(deny, not, parts)| {
        let (action, resource, principal, condition) = parts;
        let control = kind == Kind::ResourceControl;
        let mut statement = Map::new();
        let deny = deny || control;
        statement.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
        let mut add = |not: bool, name: &str, value: Value| {
            statement.insert(format!("{}{name}", if not { "Not" } else { "" }), value);
        };
        add(not.0 && !control, "Action", action);
        if kind != Kind::Trust {
            add(not.1, "Resource", resource);
        }
        if matches!(kind, Kind::Trust | Kind::Resource | Kind::ResourceControl) {
            add(not.2 && kind == Kind::Resource, "Principal", principal);
        }
        if let Some(condition) = condition {
            add(false, "Condition", condition);
        }
        Value::Object(statement)
    })
}

fn document() -> impl Strategy<Value = (Kind, Value)> {
    let kinds = select(Kind::ALL.to_vec());
    kinds.prop_flat_map(|kind| {
        let version = select(vec![None, Some("2008-10-17"), Some("2012-10-17")]);
        let head = (version, option::of(any::<String>()), any::<bool>());
        (head, vec(statement(kind), 1..4)).prop_map(move |((version, id, alone), mut list)| {
            let controls = matches!(kind, Kind::ServiceControl | Kind::ResourceControl);
            let mut document = Map::new();
            if let Some(version) = if controls { Some("2012-10-17") } else { version } {
                document.insert("Version".into(), json!(version));
            }
            if let Some(id) = id {
                document.insert("Id".into(), json!(id));
            }
            for (number, statement) in list.iter_mut().enumerate().skip(1) {
                statement["Sid"] = json!(format!("S{number}"));
            }
            let only = list.len() == 1 && alone;
            document.insert("Statement".into(), if only { list.remove(0) } else { json!(list) });
            (kind, Value::Object(document))
        })
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_an_equal_policy((kind, json) in document()) {
        let read = Policy::parse(&json.to_string(), kind).unwrap();
        let printed = read.to_string();
        let again = Policy::parse(&printed, kind).unwrap();
        prop_assert_eq!(&again, &read, "{}", printed);
        prop_assert_eq!(again.to_string(), printed);
    }

    /// Two documents that are printed alike are equal, and no others are.
    #[test]
    fn equal_policies_are_printed_alike(a in document(), b in document()) {
        let read = |(kind, json): &(Kind, Value)| Policy::parse(&json.to_string(), *kind).unwrap();
        let (one, other) = (read(&a), read(&b));
        let alike = one.kind() == other.kind() && one.to_string() == other.to_string();
        prop_assert_eq!(one == other, alike);
    }

    /// Whatever the text is: it is read or refused, and what is refused has its place.
    #[test]
    fn no_text_is_too_strange(text in "[\\[\\]{}\",:*$a-c\\\\u0-9\\n ü\u{1F600}]{0,60}") {
        for kind in Kind::ALL {
            if let Err(invalid) = Policy::parse(&text, kind) {
                for found in &invalid.diagnostics {
                    prop_assert!(text.get(found.span.clone()).is_some(), "{found:?}");
                    prop_assert!(found.line >= 1 && found.column >= 1);
                }
            }
        }
    }
}

#[test]
fn a_policy_is_printed_in_awss_order() {
    let text = r#"{"Statement":{"Condition":{"Bool":{"aws:SecureTransport":true}},"Resource":["*"],
        "Action":["s3:GetObject","s3:PutObject"],"Effect":"Allow","Sid":"A"},"Version":"2012-10-17"}"#;
    let policy = Policy::parse(text, Kind::Identity).unwrap();
    insta::assert_snapshot!(policy.to_string());
}
