//! What counts against a limit, and documents far beyond every limit.

use attache_policy::limits::{counted_size, *};
use attache_policy::{Kind, Policy};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
#[test]
fn iam_counts_no_white_space_and_organizations_and_sts_do() {
    let text = "{ \"Sid\":\t\"ü\" }\r\n";
    for kind in [Kind::Identity, Kind::Boundary, Kind::Trust] {
        assert_eq!(counted_size(text, kind), 11, "{kind:?}");
    }
    for kind in [Kind::Session, Kind::ServiceControl, Kind::ResourceControl] {
        assert_eq!(counted_size(text, kind), 16, "{kind:?}");
    }
}

#[test]
fn each_kind_has_its_limit() {
    let limits = [
        (Kind::Identity, Some(MANAGED_POLICY)),
        (Kind::Boundary, Some(6_144)),
        (Kind::Trust, Some(TRUST_POLICY)),
        (Kind::Session, Some(2_048)),
        (Kind::ServiceControl, Some(5_120)),
        (Kind::ResourceControl, Some(5_120)),
        (Kind::Resource, None),
    ];
    for (kind, limit) in limits {
        assert_eq!(kind.default_size_limit(), limit, "{kind:?}");
    }
}

/// Ten megabytes in one line, with more mistakes than anybody reads: quadratic work would not end.
#[test]
fn ten_megabytes_in_one_line_have_a_hundred_places() {
    let statement = r#"{"Effect": "Allow", "Action": "é", "Resource": "*"}, "#;
    let many = statement.repeat(10_000_000 / statement.len());
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{many}{{}}]}}"#);
    let refused = Policy::parse(&text, Kind::Identity).unwrap_err();
    let last = refused.diagnostics.last().unwrap();
    assert_eq!((refused.diagnostics.len(), last.line), (100, 1));
    let before = text.get(..last.span.start).unwrap();
    assert_eq!(last.column, before.chars().count() + 1);
}

#[test]
fn a_long_text_is_not_repeated_in_its_message() {
    let long = "x".repeat(100_000);
    let text = format!(r#"{{"{long}": 1, "Statement": []}}"#);
    let refused = Policy::parse(&text, Kind::Trust).unwrap_err();
    assert!(refused.to_string().len() < 500);
}

#[test]
fn escapes_of_a_hundred_thousand_characters_are_read() {
    let escaped = "\\u00e9\\ud83d\\ude00\\n".repeat(30_000);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Id": "{escaped}",
        "Statement": {{"Effect": "Deny", "Action": "*", "Resource": "*"}}}}"#
    );
    let policy = Policy::parse(&text, Kind::Identity).unwrap();
    assert!(policy.to_string().contains(&"é😀\\n".repeat(30_000)));
}
