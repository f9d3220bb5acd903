//! Wildcards in texts, resources, ARNs and actions.

use attache_policy::{Kind, Policy};

use super::given::*;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String>
#[test]
fn wildcards_cross_slashes_and_colons_in_string_like() {
    let arn = "arn:aws:service:us-east-2:999999999999:store/abc:111122223333:finance/doc";
    let like = r#""StringLike": {"k": "arn:aws:service:*:111122223333:finance/*"}"#;
    assert!(holds(like, &[("k", &[arn])]));
    assert!(holds(r#""StringLike": {"k": "a?b?c"}"#, &[("k", &["a/b:c"])]));
    assert!(!holds(r#""StringLike": {"k": "a?b"}"#, &[("k", &["ab"])]), "? is one character");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String>
#[test]
fn a_star_is_a_star_in_string_equals() {
    assert!(!holds(r#""StringEquals": {"k": "a*"}"#, &[("k", &["ab"])]));
    assert!(holds(r#""StringEquals": {"k": "a*"}"#, &[("k", &["a*"])]));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>
#[test]
fn each_of_the_six_parts_of_an_arn_matches_by_itself() {
    let arn = "arn:aws:service:us-east-2:999999999999:store/abc:111122223333:finance/doc";
    for operator in ["ArnLike", "ArnEquals"] {
        let wanted = |pattern: &str| format!(r#""{operator}": {{"k": "{pattern}"}}"#);
        assert!(!holds(&wanted("arn:aws:service:*:111122223333:finance/*"), &[("k", &[arn])]));
        assert!(holds(&wanted("arn:aws:service:*:999999999999:*"), &[("k", &[arn])]));
        assert!(holds(&wanted("arn:aws:s3:*:*:bucket/?"), &[("k", &["arn:aws:s3:::bucket/k"])]));
        assert!(!holds(
            &wanted("arn:aws:service:*:*:doc"),
            &[("k", &["arn:aws:service:a:b:c:doc"])]
        ));
        assert!(!holds(&wanted("arn:aws:*"), &[("k", &["arn:aws:s3:::bucket"])]), "two parts");
        assert!(!holds(&wanted("arn:aws:s3:*:*:*"), &[("k", &["bucket"])]), "no ARN");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>
#[test]
fn arn_equals_and_arn_like_are_the_same() {
    for (pattern, value) in [
        ("arn:aws:sns:*:222222222222:t", "arn:aws:sns:eu-west-1:222222222222:t"),
        ("arn:aws:sns:*:222222222222:t", "arn:aws:sns:a:b:222222222222:t"),
        ("arn:aws:sns:*:222222222222:t", "arn:aws:sns:eu-west-1:222222222222:T"),
    ] {
        for (equals, like) in [("ArnEquals", "ArnLike"), ("ArnNotEquals", "ArnNotLike")] {
            let ask = |operator| {
                holds(&format!(r#""{operator}": {{"k": "{pattern}"}}"#), &[("k", &[value])])
            };
            assert_eq!(ask(equals), ask(like), "{equals} {value}");
        }
    }
}

fn on(element: &str) -> bool {
    allows(&format!(r#"{{"Effect": "Allow", "Action": "*", {element}}}"#), &[])
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
#[test]
fn a_resource_matches_as_a_whole_and_its_star_crosses_anything() {
    for (pattern, matches) in [
        ("arn:aws:s3:::bucket/key", true),
        ("arn:aws:s3:::bucket/*", true),
        ("arn:aws:s3:::*", true),
        ("arn:aws:s3:*/key", true),
        ("arn:aws:*", true),
        ("arn:aws:s3:::bucket/?ey", true),
        ("arn:aws:s3:::bucket", false),
        ("arn:aws:s3:::bucket/", false),
        ("arn:aws:s3:::Bucket/*", false),
    ] {
        assert_eq!(on(&format!(r#""Resource": "{pattern}""#)), matches, "{pattern}");
        assert_eq!(on(&format!(r#""NotResource": "{pattern}""#)), !matches, "not {pattern}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
#[test]
fn an_arn_that_lacks_parts_has_a_star_for_each() {
    for (pattern, matches) in [
        ("arn:aws:s3", true),
        ("arn:aws:s3:*", true),
        ("arn:*:s3", true),
        ("arn:aws:sqs", false),
        ("arn:aws:s3:us-east-1", false),
    ] {
        assert_eq!(on(&format!(r#""Resource": "{pattern}""#)), matches, "{pattern}");
        assert_eq!(on(&format!(r#""NotResource": "{pattern}""#)), !matches, "not {pattern}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
#[test]
fn a_resource_has_to_look_like_an_arn() {
    for bad in ["bucket/key", "s3:::bucket", ""] {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "{bad}"}}}}"#
        );
        assert!(Policy::parse(&text, Kind::Identity).is_err(), "{bad}");
    }
}

fn doing(element: &str) -> bool {
    allows(&format!(r#"{{"Effect": "Allow", {element}, "Resource": "*"}}"#), &[])
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
#[test]
fn actions_compare_without_case_and_take_wildcards() {
    for (pattern, matches) in [
        ("s3:GetObject", true),
        ("S3:getobject", true),
        ("s3:get*", true),
        ("s3:?etObject", true),
        ("s3:*Object", true),
        ("*", true),
        ("s3:GetObjectAcl", false),
        ("s3:Get", false),
        ("ec2:*", false),
    ] {
        assert_eq!(doing(&format!(r#""Action": "{pattern}""#)), matches, "{pattern}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html>
#[test]
fn an_allow_with_not_action_is_everything_else() {
    assert!(doing(r#""NotAction": ["iam:*", "ec2:*"]"#));
    assert!(!doing(r#""NotAction": ["iam:*", "S3:*"]"#));
}
