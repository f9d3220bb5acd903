//! `attache explain` as a person runs it: files in, a reason and an exit code out.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/seed/target-trust.json");
const ISSUER: &str =
    "https://oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

fn attache(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    command.args(arguments).current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// An issuer's key set, and a token of a service account.
fn token(folder: &Path, subject: &str) -> PathBuf {
    assert!(attache(folder, &["token", "keygen", "--out", "key.pem"]).status.success());
    let jwks = attache(folder, &["token", "jwks", "--key", "key.pem"]);
    std::fs::write(folder.join("jwks.json"), jwks.stdout).unwrap();
    let mint = ["token", "mint", "--issuer", ISSUER, "--key", "key.pem", "--subject", subject];
    let file = folder.join("token");
    std::fs::write(&file, attache(folder, &mint).stdout).unwrap();
    file
}

#[test]
fn the_seeds_workload_is_let_in_and_another_is_told_why_not() {
    let folder = tempfile::tempdir().unwrap();
    token(folder.path(), "system:serviceaccount:causely:causely-mediator");
    let explain = ["explain", "--trust", SEED, "--token", "token", "--jwks", "jwks.json"];
    let let_in = attache(folder.path(), &explain);
    assert_eq!(let_in.status.code(), Some(0), "{}", said(&let_in));

    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    token(folder.path(), "system:serviceaccount:causely:mediator");
    let refused = attache(folder.path(), &explain);
    assert_eq!(refused.status.code(), Some(1));
    let text = said(&refused);
    for part in [
        "target-trust.json:12:89",
        "the request has system:serviceaccount:causely:mediator",
        "help: the request's sub is system:serviceaccount:causely:mediator; this statement wants",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_token_signed_by_another_key_is_refused_whatever_the_policy_says() {
    let folder = tempfile::tempdir().unwrap();
    token(folder.path(), "system:serviceaccount:causely:causely-mediator");
    let other = tempfile::tempdir().unwrap();
    token(other.path(), "somebody else");
    let jwks = other.path().join("jwks.json");
    let jwks = jwks.to_str().unwrap();
    let explain = ["explain", "--trust", SEED, "--token", "token", "--jwks", jwks];
    let done = attache(folder.path(), &explain);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).starts_with("the token is refused: "), "{}", said(&done));
}

#[test]
fn every_kind_of_policy_has_its_say() {
    let folder = tempfile::tempdir().unwrap();
    let statement = |action: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
        )
    };
    std::fs::write(folder.path().join("all.json"), statement("*")).unwrap();
    std::fs::write(folder.path().join("s3.json"), statement("s3:*")).unwrap();
    let cases: [(&[&str], Option<&str>); 6] = [
        (&["--policy", "all.json"], None),
        (&["--policy", "s3.json"], Some("identity")),
        (&["--policy", "all.json", "--boundary", "s3.json"], Some("boundary")),
        (&["--policy", "all.json", "--session-policy", "s3.json"], Some("session")),
        (
            &["--policy", "all.json", "--scp", "all.json", "--scp", "s3.json"],
            Some("serviceControl"),
        ),
        (&["--policy", "all.json", "--scp", "s3.json,all.json"], None),
    ];
    for (policies, refused_by) in cases {
        let request = [
            "explain",
            "--output",
            "json",
            "--principal",
            "arn:aws:iam::222222222222:role/Reader",
            "--action",
            "ec2:DescribeInstances",
        ];
        let done = attache(folder.path(), &[&request, policies].concat());
        let report: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(report["allowed"], refused_by.is_none(), "{policies:?}");
        assert_eq!(report["outcome"]["denied"]["kind"].as_str(), refused_by, "{policies:?}");
        assert_eq!(done.status.code(), Some(i32::from(refused_by.is_some())));
    }
}

#[test]
fn condition_keys_come_as_pairs_or_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
        "Resource": "arn:aws:s3:::${aws:PrincipalAccount}/*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
                      "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}"#;
    std::fs::write(folder.path().join("policy.json"), policy).unwrap();
    let cases: [(&[&str], i32); 4] = [
        (&["--context", "aws:SourceIp=10.1.2.3"], 0),
        (&["--context", "aws:SourceIp=11.1.2.3"], 1),
        (&["--context", r#"{"aws:SourceIp": "10.1.2.3", "aws:TagKeys": ["a", "c"]}"#], 1),
        (&["--context", "aws:SourceIp"], 2),
    ];
    for (context, code) in cases {
        let ann = "arn:aws:iam::222222222222:user/ann";
        let object = "arn:aws:s3:::222222222222/key";
        let request = ["explain", "--policy", "policy.json", "--principal", ann];
        let request = [&request[..], &["--action", "s3:GetObject", "--resource", object]].concat();
        let done = attache(folder.path(), &[&request[..], context].concat());
        assert_eq!(done.status.code(), Some(code), "{context:?}: {}", said(&done));
    }
}

#[test]
fn a_document_that_is_no_policy_is_shown_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let wrong =
        "{\n  \"Statement\": {\"Effect\": \"allow\", \"Action\": \"*\", \"Resource\": \"*\"}\n}";
    std::fs::write(folder.path().join("wrong.json"), wrong).unwrap();
    let request =
        ["explain", "--policy", "wrong.json", "--principal", "anonymous", "--action", "a:b"];
    let done = attache(folder.path(), &request);
    assert_eq!(done.status.code(), Some(2));
    assert!(said(&done).contains("wrong.json is no identity-based policy"), "{}", said(&done));
    assert!(said(&done).contains("Effect must be Allow or Deny"));
}

#[test]
fn what_is_left_of_a_token_is_not_told_on() {
    let folder = tempfile::tempdir().unwrap();
    token(folder.path(), "system:serviceaccount:causely:causely-mediator");
    let whole = std::fs::read_to_string(folder.path().join("token")).unwrap();
    let whole = whole.trim();
    let (head, _) = whole.rsplit_once('.').unwrap();
    for given in [head.to_owned(), format!("{whole}.{head}"), format!("{head}/x.y")] {
        let done = attache(folder.path(), &["explain", "--trust", SEED, "--token", &given]);
        assert_eq!(done.status.code(), Some(2));
        let text = said(&done).replace(|c: char| !c.is_ascii_alphanumeric(), "");
        let secret = head.split('.').next_back().unwrap().get(..40).unwrap();
        let secret = secret.replace(|c: char| !c.is_ascii_alphanumeric(), "");
        assert!(!text.contains(&secret), "{text}");
    }
}

#[test]
fn several_audiences_are_told_with_the_statement_that_wants_one() {
    let folder = tempfile::tempdir().unwrap();
    let subject = "system:serviceaccount:causely:causely-mediator";
    token(folder.path(), subject);
    let mint = ["token", "mint", "--issuer", ISSUER, "--key", "key.pem", "--subject", subject];
    let minted =
        attache(folder.path(), &[&mint[..], &["--audience", "a", "--audience", "b"]].concat());
    std::fs::write(folder.path().join("two"), minted.stdout).unwrap();
    let done = attache(folder.path(), &["explain", "--trust", SEED, "--token", "two"]);
    assert_eq!(done.status.code(), Some(1));
    for part in
        ["the token is refused: the token has 2 audiences", "the token's aud is a list of 2"]
    {
        assert!(said(&done).contains(part), "{part}\n{}", said(&done));
    }
}

#[test]
fn a_request_that_is_none_is_told_and_not_decided() {
    let folder = tempfile::tempdir().unwrap();
    let ann = "arn:aws:iam::222222222222:user/ann";
    for (action, resource) in [
        ("GetObject", "*"),
        ("s3:", "*"),
        ("s3:Get*", "*"),
        ("s3:GetObject", "logs/today"),
        ("s3:GetObject", "arn:aws:s3:::"),
        ("sts:AssumeRole", "arn:aws:iam::22:role/x"),
    ] {
        let request = ["explain", "--trust", SEED, "--principal", ann];
        let asked = ["--action", action, "--resource", resource];
        let done = attache(folder.path(), &[&request[..], &asked[..]].concat());
        assert_eq!(done.status.code(), Some(2), "{action} {resource}: {}", said(&done));
    }
}

#[test]
fn a_role_whose_account_is_not_known_is_taken_to_be_the_callers_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let caller = "arn:aws:iam::111111111111:role/Source";
    let trust = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{caller}"}},
            "Action": "sts:AssumeRole"}}}}"#
    );
    std::fs::write(folder.path().join("trust.json"), trust).unwrap();
    let explain = ["explain", "--trust", "trust.json", "--principal", caller];
    let done = attache(folder.path(), &explain);
    assert_eq!(done.status.code(), Some(0));
    assert!(said(&done).contains("the role's account is not known"), "{}", said(&done));
    // Across accounts the caller's own policies have to allow as well.
    let role = "arn:aws:iam::222222222222:role/Target";
    let done = attache(folder.path(), &[&explain[..], &["--resource", role]].concat());
    assert_eq!(done.status.code(), Some(1));
    assert!(!said(&done).contains("is not known"), "{}", said(&done));
}
