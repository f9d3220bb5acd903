//! `attache policy diff` as a person runs it.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::attache;

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/seed/target-trust.json");

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    attache(folder, &[&["policy", "diff"], arguments].concat())
}

#[test]
fn the_seeds_trust_policy_opened_to_every_service_account_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::fs::read_to_string(SEED).unwrap();
    let wide =
        seed.replace("StringEquals", "StringLike").replace("causely:causely-mediator", "*:*");
    assert_ne!(seed, wide);
    std::fs::write(folder.path().join("wide.json"), wide).unwrap();

    let same = diff(folder.path(), &[SEED, SEED]);
    assert_eq!(same.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&same.stdout), "both allow the same\n");

    let told = diff(folder.path(), &[SEED, "wide.json"]);
    assert_eq!(told.status.code(), Some(1));
    let text = String::from_utf8_lossy(&told.stdout);
    for part in
        ["+ gained", "sts:AssumeRoleWithWebIdentity", "system:serviceaccount:example:example"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("- lost"), "{text}");

    let json = diff(folder.path(), &[SEED, "wide.json", "--output", "json"]);
    let read: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(read["complete"], true);
    assert_eq!(read["gained"][0]["witness"]["action"], "sts:AssumeRoleWithWebIdentity");
}

#[test]
fn what_is_no_policy_is_refused_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.json"), "{\"Statement\": 1}").unwrap();
    let told = diff(folder.path(), &["bad.json", SEED]);
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("bad.json"));
    let twice = diff(folder.path(), &["-", "-"]);
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn a_witness_shows_what_was_not_let_in_before_in_the_keys_own_letters() {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::fs::read_to_string(SEED).unwrap();
    let mut wide: Value = serde_json::from_str(&seed).unwrap();
    let conditions = wide["Statement"][0]["Condition"]["StringEquals"].as_object_mut().unwrap();
    let subject = conditions.keys().find(|key| key.ends_with(":sub")).unwrap().clone();
    let before = conditions.remove(&subject).unwrap();
    std::fs::write(folder.path().join("wide.json"), wide.to_string()).unwrap();
    let json = diff(folder.path(), &[SEED, "wide.json", "--output", "json"]);
    let read: Value = serde_json::from_slice(&json.stdout).unwrap();
    let context = &read["gained"][0]["witness"]["context"];
    let shown = context[&subject][0].as_str();
    assert!(shown.is_some_and(|shown| shown != before), "{read:#}");

    let policy = |condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:GetObject",
                "Resource": "*"{condition}}}]}}"#
        )
    };
    for (condition, shown) in [
        (r#""IpAddress": {"aws:SourceIp": "10.0.0.0/8"}"#, "with aws:SourceIp = "),
        (r#""StringEquals": {"aws:ResourceTag/Team": "a"}"#, "with aws:ResourceTag/Team = "),
        (r#""Null": {"aws:TokenIssueTime": "false"}"#, "without aws:TokenIssueTime"),
        (
            r#""ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/*"}"#,
            "aws:PrincipalOrgPaths",
        ),
    ] {
        let narrow = policy(&format!(r#", "Condition": {{{condition}}}"#));
        std::fs::write(folder.path().join("narrow.json"), narrow).unwrap();
        std::fs::write(folder.path().join("open.json"), policy("")).unwrap();
        let found = diff(folder.path(), &["narrow.json", "open.json"]);
        let text = String::from_utf8_lossy(&found.stdout).into_owned();
        assert!(text.contains(shown), "{shown}: {text}");
        assert!(!text.contains("- lost"), "{text}");
    }
}
