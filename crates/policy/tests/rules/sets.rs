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
