//! Hostile sizes cost what their size is, and overflow nothing.

use attache_policy::{EffectivePolicies, Kind, Policy};

use super::given::*;

fn identity(statements: &str) -> EffectivePolicies {
    applicable(&[(Kind::Identity, statements)])
}

/// On the smallest stack that a thread may have here: depth costs none of it.
#[test]
fn a_hundred_thousand_brackets_are_refused_without_a_stack() {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    let reader = small.spawn(|| {
        for deep in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000)] {
            for kind in [Kind::Identity, Kind::Trust, Kind::Resource] {
                let refused = Policy::parse(&deep, kind).unwrap_err();
                assert!(refused.to_string().contains("deeply"), "{refused}");
            }
        }
    });
    reader.unwrap().join().unwrap();
}

/// Quadratic reading would take hours.
#[test]
fn ten_megabytes_are_read_or_refused() {
    let statement = format!(r#"{ALL}, "#);
    let many = statement.repeat(10_000_000 / statement.len()) + ALL;
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{many}]}}"#);
    if let Err(refused) = Policy::parse(&text, Kind::Identity) {
        // A limit of size may be what refuses it, and nothing else.
        assert!(refused.diagnostics.len() <= 100, "{}", refused.diagnostics.len());
    }
    let wrong = statement.replace("Allow", "allow").repeat(10_000_000 / statement.len());
    let refused = Policy::parse(&format!(r#"{{"Statement": [{wrong}{ALL}]}}"#), Kind::Identity);
    assert!(refused.unwrap_err().diagnostics.len() <= 100);
}

#[test]
fn texts_of_a_hundred_thousand_characters_compare() {
    let long = "a".repeat(100_000);
    let like = format!(r#""StringLike": {{"k": "{long}*"}}"#);
    assert!(holds(&like, &[("k", &[&format!("{long}b")])]));
    assert!(!holds(&like, &[("k", &["b"])]));
    let variable = format!(r#""StringEquals": {{"k": "${{{long}}}"}}"#);
    assert!(!holds(&variable, &[("k", &[&long])]));
    let all_variables = format!(r#""StringEquals": {{"k": "{}"}}"#, "${k}".repeat(1_000));
    assert!(!holds(&all_variables, &[("k", &[&"a".repeat(1_000)])]));
    let default = format!(r#""StringEquals": {{"k": "${{x, '{long}'}}"}}"#);
    assert!(holds(&default, &[("k", &[&long])]));
    let key = format!(r#""StringEquals": {{"{long}": "v"}}"#);
    assert!(holds(&key, &[(&long, &["v"])]));
}

/// Backtracking into every star would never end: 2,000 stars against 20,000 characters.
#[test]
fn many_stars_cost_no_more_than_their_product() {
    let stars = "a*".repeat(2_000) + "b";
    let text = "a".repeat(20_000);
    let statement =
        format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::{stars}"}}"#);
    let mut request = reads(user());
    request.resource = format!("arn:aws:s3:::{text}");
    assert!(outcome(&identity(&statement), &request).is_err());

    assert!(!holds(&format!(r#""StringLike": {{"k": "{stars}"}}"#), &[("k", &[&text])]));
    let arn = format!(r#""ArnLike": {{"k": "arn:aws:s3:::{stars}"}}"#);
    assert!(!holds(&arn, &[("k", &[&format!("arn:aws:s3:::{text}")])]));

    let action = format!(r#"{{"Effect": "Allow", "Action": "s3:{stars}", "Resource": "*"}}"#);
    let mut request = reads(user());
    request.action = format!("s3:{text}");
    assert!(outcome(&identity(&action), &request).is_err());
}
