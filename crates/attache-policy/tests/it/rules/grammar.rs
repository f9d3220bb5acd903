//! Documents that are refused, and with which words.

use attache_policy::{Kind, Policy};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
#[test]
fn bad_documents_are_refused_with_a_place_and_a_reason() {
    let one = |members: &str| format!(r#"{{"Statement": {{{members}}}}}"#);
    let cases = [
        ("not JSON", r#"{"Version": "2012-10-17","#.to_owned(), "1:"),
        ("a missing quote", "{\"Statement".to_owned(), "closing quote"),
        ("no statement", r#"{"Version": "2012-10-17"}"#.to_owned(), "needs a Statement"),
        (
            "an unknown version",
            r#"{"Version": "2012-10-18", "Statement": []}"#.to_owned(),
            "Version must be",
        ),
        (
            "an effect of another case",
            one(r#""Effect": "allow", "Action": "*", "Resource": "*""#),
            "Allow or Deny",
        ),
        (
            "an unknown element",
            one(r#""Effect": "Allow", "Actions": "*", "Resource": "*""#),
            "\"Actions\"",
        ),
        (
            "both Action and NotAction",
            one(r#""Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*""#),
            "not both",
        ),
        (
            "an action without a service",
            one(r#""Effect": "Allow", "Action": "Describe", "Resource": "*""#),
            "service:Action",
        ),
        (
            "a principal in an identity policy",
            one(r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#),
            "does not support Principal",
        ),
        (
            "an unknown operator",
            one(
                r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}"#,
            ),
            "\"StringEqual\"",
        ),
        (
            "a key given twice",
            one(r#""Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*""#),
            "given twice",
        ),
    ];
    for (name, text, said) in cases {
        let invalid = Policy::parse(&text, Kind::Identity).unwrap_err();
        assert!(invalid.to_string().contains(said), "{name}: {invalid}");
        assert!(invalid.diagnostics[0].line >= 1, "{name}");
    }
}
