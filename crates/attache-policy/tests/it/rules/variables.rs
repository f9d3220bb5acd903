//! `${…}` in resources and values.

use super::given::*;

const NAMED: &[(&str, &[&str])] = &[("aws:username", &["ann"]), ("k", &["ann"])];

fn on(resource: &str, keys: &[(&str, &[&str])]) -> bool {
    allows(&format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "{resource}"}}"#), keys)
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
#[test]
fn a_variable_is_the_value_of_its_key() {
    assert!(on("arn:aws:s3:::${bucket}/key", &[("bucket", &["bucket"])]));
    assert!(on("arn:aws:s3:::${BUCKET}/*", &[("bucket", &["bucket"])]), "whatever the key's case");
    assert!(!on("arn:aws:s3:::${bucket}/key", &[("bucket", &["other"])]));
    assert!(holds(r#""StringEquals": {"k": "${aws:username}"}"#, NAMED));
    assert!(holds(r#""StringLike": {"k": "${aws:username}*"}"#, NAMED));
    assert!(holds(r#""StringEqualsIgnoreCase": {"k": "${aws:username}"}"#, NAMED));
    let arn = r#""ArnLike": {"a": "arn:aws:iam::*:user/${aws:username}"}"#;
    assert!(holds(arn, &[("a", &[USER]), ("aws:username", &["ann"])]));
    assert!(!holds(arn, &[("a", &[USER]), ("aws:username", &["bob"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
#[test]
fn variables_are_text_before_version_2012_10_17_and_no_version_is_2008_10_17() {
    let statement = with_condition(r#""StringEquals": {"k": "${aws:username}"}"#);
    for (version, is_variable) in [
        (r#""Version": "2012-10-17", "#, true),
        (r#""Version": "2008-10-17", "#, false),
        ("", false),
    ] {
        assert_eq!(allows_in(version, &statement, NAMED), is_variable, "{version}");
        let literal: &[(&str, &[&str])] = &[("k", &["${aws:username}"])];
        assert_eq!(allows_in(version, &statement, literal), !is_variable, "{version}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
#[test]
fn a_variable_without_a_value_matches_nothing() {
    assert!(!on("arn:aws:s3:::bucket/${nobody}*", &[]));
    assert!(!holds(r#""StringLike": {"k": "${nobody}*"}"#, NAMED));
    assert!(!holds(r#""StringEquals": {"k": "${nobody}"}"#, &[("k", &["${nobody}"])]));
    assert!(!holds(r#""StringEquals": {"k": "${nobody}"}"#, &[("k", &[""])]));
    assert!(holds(r#""StringEquals": {"k": ["${nobody}", "ann"]}"#, NAMED), "the other value may");
    assert!(holds(r#""StringNotEquals": {"k": "${nobody}"}"#, NAMED));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-default-values>
#[test]
fn a_default_stands_for_a_missing_key_alone() {
    let default = r#""StringEquals": {"k": "${team, 'nobody'}"}"#;
    assert!(holds(default, &[("k", &["nobody"])]));
    assert!(!holds(default, &[("k", &["nobody"]), ("team", &["red"])]));
    assert!(holds(default, &[("k", &["red"]), ("team", &["red"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[test]
fn a_key_of_several_values_is_no_variable() {
    let tags = r#""StringLike": {"k": "${aws:TagKeys}"}"#;
    assert!(!holds(tags, &[("k", &["a"]), ("aws:TagKeys", &["a", "b"])]));
    assert!(!holds(tags, &[("k", &["b"]), ("aws:TagKeys", &["a", "b"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
#[test]
fn star_question_mark_and_dollar_in_braces_are_themselves() {
    for (pattern, is, is_not) in [
        ("a${*}", "a*", "ab"),
        ("a${?}", "a?", "ab"),
        ("a${$}", "a$", "ab"),
        ("${$}{x}", "${x}", ""),
    ] {
        for operator in ["StringLike", "StringEquals"] {
            let condition = format!(r#""{operator}": {{"k": "{pattern}"}}"#);
            assert!(holds(&condition, &[("k", &[is])]), "{condition}");
            assert!(!holds(&condition, &[("k", &[is_not])]), "{condition}");
        }
    }
    assert!(!holds(r#""StringLike": {"k": "a${*}"}"#, &[("k", &["a\u{F8F0}"])]), "no stand-in");
    assert!(!holds(r#""StringEquals": {"k": "\uF8F0"}"#, &[("k", &["*"])]), "no stand-in");
}

/// A request's value is text, whoever chose it: it opens nothing.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars>
#[test]
fn a_star_in_a_variables_value_is_text() {
    assert!(!on("arn:aws:s3:::${bucket}/key", &[("bucket", &["*"])]));
    assert!(!holds(r#""StringLike": {"k": "${w}"}"#, &[("k", &["ab"]), ("w", &["a*"])]));
    assert!(holds(r#""StringLike": {"k": "${w}"}"#, &[("k", &["a*"]), ("w", &["a*"])]));
    assert!(!holds(
        r#""StringEquals": {"k": "${w}"}"#,
        &[("k", &["ann"]), ("w", &["${aws:username}"])]
    ));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-conditionelement>
#[test]
fn numbers_dates_addresses_and_binary_values_take_no_variables() {
    for (operator, value) in [
        ("NumericEquals", "1"),
        ("DateEquals", "2026-01-01"),
        ("IpAddress", "10.0.0.1"),
        ("BinaryEquals", "QUJD"),
    ] {
        let condition = format!(r#""{operator}": {{"k": "${{l}}"}}"#);
        assert!(!holds(&condition, &[("k", &[value]), ("l", &[value])]), "{operator}");
    }
    let text = r#""StringEqualsIgnoreCase": {"k": "${l}"}"#;
    assert!(holds(text, &[("k", &["A"]), ("l", &["a"])]));
}
