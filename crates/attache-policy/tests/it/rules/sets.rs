//! Keys of several values.

use super::given::*;

const TAGS: &str = "aws:TagKeys";

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn for_all_values_wants_each_of_the_requests_values_among_the_policys() {
    let all = r#""ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}"#;
    assert!(holds(all, &[(TAGS, &["a", "b"])]));
    assert!(holds(all, &[(TAGS, &["b"])]));
    assert!(!holds(all, &[(TAGS, &["a", "c"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn for_any_value_wants_one_of_them() {
    let any = r#""ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}"#;
    assert!(holds(any, &[(TAGS, &["a", "c"])]));
    assert!(!holds(any, &[(TAGS, &["c", "d"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn for_all_values_is_true_and_for_any_value_false_on_a_missing_or_empty_key() {
    let missing: &[(&str, &[&str])] = &[];
    let empty: &[(&str, &[&str])] = &[(TAGS, &[])];
    for keys in [missing, empty] {
        for operator in ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"] {
            let all = format!(r#""ForAllValues:{operator}": {{"aws:TagKeys": "a"}}"#);
            assert!(holds(&all, keys), "{all} {keys:?}");
            let any = format!(r#""ForAnyValue:{operator}": {{"aws:TagKeys": "a"}}"#);
            assert!(!holds(&any, keys), "{any} {keys:?}");
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn null_false_beside_for_all_values_asks_that_the_key_be_there() {
    let both =
        r#""ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}"#;
    assert!(holds(both, &[(TAGS, &["a"])]));
    assert!(!holds(both, &[]));
    assert!(!holds(both, &[(TAGS, &[])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>
#[test]
fn a_negated_operator_is_asked_of_each_value_by_itself() {
    let any = r#""ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}"#;
    assert!(holds(any, &[(TAGS, &["a", "c"])]), "c is neither");
    assert!(!holds(any, &[(TAGS, &["a", "b"])]));
    let all = r#""ForAllValues:StringNotEquals": {"aws:TagKeys": ["a", "b"]}"#;
    assert!(holds(all, &[(TAGS, &["c", "d"])]));
    assert!(!holds(all, &[(TAGS, &["a", "c"])]));
}

/// Each operator without a set operator, with a value that an ordinary key of that value meets.
const PLAIN: &[(&str, &str)] = &[
    ("StringEquals", "a"),
    ("StringNotEquals", "b"),
    ("StringEqualsIgnoreCase", "A"),
    ("StringNotEqualsIgnoreCase", "b"),
    ("StringLike", "*"),
    ("StringNotLike", "b*"),
    ("ArnLike", "*"),
    ("ArnNotLike", "arn:aws:s3:::b"),
    ("NumericNotEquals", "1"),
    ("DateNotEquals", "2026-01-01"),
    ("NotIpAddress", "10.0.0.0/8"),
];

const MULTIVALUED: &[&str] = &[
    "aws:TagKeys",
    "AWS:tagkeys",
    "aws:PrincipalOrgPaths",
    "aws:CalledVia",
    "aws:SourceOrgPaths",
    "aws:ResourceOrgPaths",
    "aws:PrincipalServiceNamesList",
    "aws:VpceOrgPaths",
    "cognito-identity.amazonaws.com:amr",
    "issuer.example/id/A:amr",
    "dynamodb:LeadingKeys",
    "kms:EncryptionContextKeys",
    "route53:ChangeResourceRecordSetsActions",
];

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn a_multivalued_key_that_is_present_meets_no_operator_without_a_set() {
    for key in MULTIVALUED {
        for (operator, wanted) in PLAIN {
            for suffix in ["", "IfExists"] {
                let condition = format!(r#""{operator}{suffix}": {{"{key}": "{wanted}"}}"#);
                for values in [&["a"][..], &["a", "c"]] {
                    assert!(!holds(&condition, &[(key, values)]), "{condition} {values:?}");
                }
                let missing = suffix == "IfExists" || operator.contains("Not");
                assert_eq!(holds(&condition, &[]), missing, "{condition}");
                let ordinary = condition.replace(key, "aws:SourceIdentity");
                assert!(holds(&ordinary, &[("aws:SourceIdentity", &["a"])]), "{ordinary}");
            }
        }
        let null = format!(r#""Null": {{"{key}": "false"}}"#);
        assert!(holds(&null, &[(key, &["a"])]) && !holds(&null, &[]), "{null}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn a_key_that_has_several_values_meets_no_operator_without_a_set() {
    for (operator, wanted) in PLAIN {
        let condition = format!(r#""{operator}": {{"k": "{wanted}"}}"#);
        assert!(!holds(&condition, &[("k", &["a", "c"])]), "{condition}");
        assert!(holds(&condition, &[("k", &["a"])]), "{condition}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn in_every_kind_of_policy_a_multivalued_key_needs_a_set_operator() {
    use attache_policy::Kind;
    let statement = |effect: &str, kind: Kind, condition: &str| {
        let (principal, resource) = match kind {
            Kind::Trust => (r#""Principal": {"AWS": "*"}, "#, ""),
            Kind::Resource | Kind::ResourceControl => {
                (r#""Principal": "*", "#, r#""Resource": "*", "#)
            }
            _ => ("", r#""Resource": "*", "#),
        };
        let action = if kind == Kind::Trust { "sts:AssumeRole" } else { "*" };
        format!(
            r#"{{"Effect": "{effect}", {principal}{resource}"Action": "{action}", "Condition": {{{condition}}}}}"#
        )
    };
    let plain = r#""StringLike": {"aws:TagKeys": "*"}"#;
    let any = r#""ForAnyValue:StringLike": {"aws:TagKeys": "*"}"#;
    for kind in Kind::ALL {
        let mut request = reads(session());
        if kind == Kind::Trust {
            request.action = "sts:AssumeRole".into();
        }
        request.context.set_many(TAGS, ["team"]);
        let decided = |statements: &str| {
            let mut policies = vec![(kind, statements)];
            if kind != Kind::Identity {
                policies.push((Kind::Identity, ALL));
            }
            match kind {
                Kind::Trust => trusted(of(kind, statements), &request).is_ok(),
                _ => outcome(&applicable(&policies), &request).is_ok(),
            }
        };
        // A resource control policy only denies.
        let controls = kind == Kind::ResourceControl;
        let always = match controls {
            true => about("Allow", r#""Principal": "*""#),
            false => statement("Allow", kind, r#""Null": {"aws:none": "true"}"#),
        };
        let allow = |condition: &str| decided(&statement("Allow", kind, condition));
        assert!(controls || allow(any), "{kind:?}: an Allow with a set operator");
        // What a resource's policy does not allow, the principal's own may.
        assert!(controls || allow(plain) == (kind == Kind::Resource), "{kind:?}");
        let with = |deny: &str| [always.as_str(), &statement("Deny", kind, deny)].join(", ");
        assert!(!decided(&with(any)), "{kind:?}: a Deny with a set operator");
        assert!(decided(&with(plain)), "{kind:?}: a Deny without one does not bite");
        let negated = r#""StringNotEquals": {"aws:TagKeys": "other"}"#;
        assert!(decided(&with(negated)), "{kind:?}: nor does its opposite");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
#[test]
fn a_multivalued_key_in_a_variable_is_nothing_not_even_its_default() {
    for variable in ["${aws:TagKeys}", "${AWS:tagkeys}", "${aws:TagKeys, 'a'}"] {
        for operator in ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"] {
            let condition = format!(r#""{operator}": {{"k": "{variable}"}}"#);
            for tags in [&["a"][..], &["b"], &["a", "b"]] {
                let keys: &[(&str, &[&str])] = &[("k", &["a"]), (TAGS, tags)];
                assert!(!holds(&condition, keys), "{condition} {keys:?}");
            }
        }
        let resource = format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::bucket/{variable}"}}"#
        );
        assert!(!allows(&resource, &[(TAGS, &["key"])]), "{resource}");
        // Beside it another value counts, and under a negated operator all have to.
        let beside = format!(r#""StringEquals": {{"k": ["{variable}", "a"]}}"#);
        assert!(holds(&beside, &[("k", &["a"]), (TAGS, &["b"])]));
        let beside = format!(r#""StringNotEquals": {{"k": ["{variable}", "z"]}}"#);
        assert!(!holds(&beside, &[("k", &["a"]), (TAGS, &["b"])]));
    }
}
