//! How keys, operators and values of a Condition combine.

use super::given::*;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>
#[test]
fn keys_compare_without_case_and_values_with_it() {
    let department: &[(&str, &[&str])] = &[("aws:PrincipalTag/department", &["Security"])];
    assert!(holds(r#""StringEquals": {"AWS:principaltag/Department": "Security"}"#, department));
    assert!(!holds(r#""StringEquals": {"aws:PrincipalTag/department": "security"}"#, department));
    assert!(!holds(r#""StringLike": {"aws:PrincipalTag/department": "sec*"}"#, department));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>
#[test]
fn several_values_under_one_key_are_or() {
    let any = r#""StringEquals": {"k": ["a", "b"]}"#;
    assert!(holds(any, &[("k", &["a"])]));
    assert!(holds(any, &[("k", &["b"])]));
    assert!(!holds(any, &[("k", &["c"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>
#[test]
fn several_values_under_a_negated_operator_are_nor() {
    for (operator, one, other, neither) in [
        ("StringNotEquals", "a", "b", "c"),
        ("StringNotLike", "a*", "b*", "cc"),
        ("NumericNotEquals", "1", "2", "3"),
        ("NotIpAddress", "10.0.0.1", "10.0.0.2", "10.0.0.3"),
        ("ArnNotLike", "arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:s3:::c"),
    ] {
        let none = format!(r#""{operator}": {{"k": ["{one}", "{other}"]}}"#);
        assert!(!holds(&none, &[("k", &[one])]), "{none}");
        assert!(!holds(&none, &[("k", &[other])]), "{none}");
        assert!(holds(&none, &[("k", &[neither])]), "{none}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>
#[test]
fn several_keys_and_several_operators_are_and() {
    let keys = r#""StringEquals": {"k": "a", "l": "b"}"#;
    let operators = r#""StringEquals": {"k": "a"}, "StringLike": {"l": "b*"}"#;
    for both in [keys, operators] {
        assert!(holds(both, &[("k", &["a"]), ("l", &["b"])]));
        assert!(!holds(both, &[("k", &["a"]), ("l", &["x"])]));
        assert!(!holds(both, &[("k", &["x"]), ("l", &["b"])]));
        assert!(!holds(both, &[("k", &["a"])]));
    }
}

const POSITIVE: &[(&str, &str)] = &[
    ("StringEquals", "a"),
    ("StringEqualsIgnoreCase", "a"),
    ("StringLike", "*"),
    ("NumericEquals", "1"),
    ("NumericLessThan", "1"),
    ("NumericGreaterThanEquals", "1"),
    ("DateEquals", "2026-01-01"),
    ("DateLessThan", "2026-01-01"),
    ("Bool", "true"),
    ("BinaryEquals", "QUJD"),
    ("IpAddress", "0.0.0.0/0"),
    ("ArnLike", "arn:aws:*:*:*:*"),
    ("ArnEquals", "arn:aws:*:*:*:*"),
];

const NEGATED: &[(&str, &str)] = &[
    ("StringNotEquals", "a"),
    ("StringNotEqualsIgnoreCase", "a"),
    ("StringNotLike", "*"),
    ("NumericNotEquals", "1"),
    ("DateNotEquals", "2026-01-01"),
    ("NotIpAddress", "0.0.0.0/0"),
    ("ArnNotLike", "arn:aws:*:*:*:*"),
    ("ArnNotEquals", "arn:aws:*:*:*:*"),
];

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
#[test]
fn a_missing_key_makes_an_operator_false_and_a_negated_one_true() {
    for (operator, value) in POSITIVE {
        assert!(!holds(&format!(r#""{operator}": {{"k": "{value}"}}"#), &[]), "{operator}");
    }
    for (operator, value) in NEGATED {
        assert!(holds(&format!(r#""{operator}": {{"k": "{value}"}}"#), &[]), "{operator}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists>
#[test]
fn if_exists_makes_any_operator_true_where_the_key_is_missing() {
    for (operator, value) in POSITIVE.iter().chain(NEGATED) {
        for set in ["", "ForAllValues:", "ForAnyValue:"] {
            let condition = format!(r#""{set}{operator}IfExists": {{"k": "{value}"}}"#);
            assert!(holds(&condition, &[]), "{condition}");
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists>
#[test]
fn if_exists_changes_nothing_where_the_key_is_there() {
    assert!(holds(r#""StringEqualsIfExists": {"k": "a"}"#, &[("k", &["a"])]));
    assert!(!holds(r#""StringEqualsIfExists": {"k": "a"}"#, &[("k", &["b"])]));
    assert!(!holds(r#""StringNotEqualsIfExists": {"k": "a"}"#, &[("k", &["a"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null>
#[test]
fn null_true_is_the_absence_of_a_key() {
    for (wanted, absent, present) in [(r#""true""#, true, false), (r#""false""#, false, true)] {
        let condition = format!(r#""Null": {{"aws:TokenIssueTime": {wanted}}}"#);
        assert_eq!(holds(&condition, &[]), absent, "{wanted}");
        let given: &[(&str, &[&str])] = &[("aws:TokenIssueTime", &["2026-01-01T00:00:00Z"])];
        assert_eq!(holds(&condition, given), present, "{wanted}");
    }
    assert!(holds(r#""Null": {"k": false}"#, &[("k", &["a"])]), "the JSON value is the text");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-suggestion-null-with-qualifier>
#[test]
fn null_of_all_values_is_always_true_and_of_any_value_always_false() {
    for wanted in ["true", "false"] {
        for keys in [&[][..], &[("aws:TagKeys", &["a"][..])]] {
            let null = |set| format!(r#""{set}:Null": {{"aws:TagKeys": "{wanted}"}}"#);
            assert!(holds(&null("ForAllValues"), keys), "{wanted} {keys:?}");
            assert!(!holds(&null("ForAnyValue"), keys), "{wanted} {keys:?}");
        }
    }
}

/// The token's holder carries its provider's keys and no key of a principal of AWS.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid>
#[test]
fn a_key_that_a_request_never_carries_makes_the_condition_false() {
    let organization = r#""StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#;
    assert!(!holds(organization, &[("issuer.example:sub", &["system:serviceaccount:a:b"])]));
    assert!(holds(organization, &[("aws:PrincipalOrgID", &["o-a1b2c3d4e5"])]));
}
