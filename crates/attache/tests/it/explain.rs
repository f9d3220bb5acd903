//! `attache explain` as a person runs it: files in, a reason and an exit code out.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{attache, command, printed as said};

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/seed/target-trust.json");
const SEED_ROLE: &str = "arn:aws:iam::222222222222:role/CauselyReadOnlyAccess";
const ISSUER: &str =
    "https://oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

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
    let explain = [&explain[..], &["--resource", SEED_ROLE]].concat();
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
        "help: the request's sub is system:serviceaccount:causely:mediator; this statement expects",
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
    assert!(
        said(&done).contains("wrong.json is not a valid identity-based policy"),
        "{}",
        said(&done)
    );
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

/// What `explain` says as data, by its exit code as well.
fn decision(folder: &Path, arguments: &[&str]) -> (String, Value) {
    let done = attache(folder, &[&["explain", "--output", "json"], arguments].concat());
    let report: Value =
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", said(&done)));
    let decision = report["decision"].as_str().unwrap().to_owned();
    assert_eq!(done.status.code(), Some(i32::from(decision != "allowed")), "{report:#}");
    assert_eq!(report["allowed"], decision == "allowed");
    (decision, report)
}

fn write(folder: &Path, name: &str, statements: &str) {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    std::fs::write(folder.join(name), text).unwrap();
}

const DEPLOYER: &str = "arn:aws:iam::111111111111:role/team/x/Deployer";
const DEPLOYERS_SESSION: &str = "arn:aws:sts::111111111111:assumed-role/Deployer/me";
const TARGET: &str = "arn:aws:iam::111111111111:role/Target";
const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;

#[test]
fn a_session_is_denied_by_its_roles_arn_whatever_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "all.json", ALL);
    let everyone =
        r#"{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}"#;
    let deny = |who: &str| {
        format!(r#"{everyone}, {{"Effect": "Deny", {who}, "Action": "sts:AssumeRole"}}"#)
    };
    let if_arn = |operator: &str, value: &str| {
        deny(&format!(
            r#""Principal": {{"AWS": "*"}}, "Condition": {{"{operator}": {{"aws:PrincipalArn": "{value}"}}}}"#
        ))
    };
    let named = |arn: &str| deny(&format!(r#""Principal": {{"AWS": "{arn}"}}"#));
    let explain = |statements: &str, caller: &[&str]| {
        write(folder, "trust.json", statements);
        let request = ["--trust", "trust.json", "--policy", "all.json", "--resource", TARGET];
        decision(folder, &[&request[..], caller].concat()).0
    };
    let session = ["--principal", DEPLOYERS_SESSION];
    for (name, statements, wanted) in [
        ("its role", named(DEPLOYER), "denied"),
        ("its role without a path", named("arn:aws:iam::111111111111:role/Deployer"), "denied"),
        ("itself", named(DEPLOYERS_SESSION), "denied"),
        ("another role", named("arn:aws:iam::111111111111:role/team/x/Other"), "allowed"),
        (
            "a role of another account",
            named("arn:aws:iam::222222222222:role/team/x/Deployer"),
            "allowed",
        ),
        ("a condition on its role", if_arn("ArnEquals", DEPLOYER), "denied"),
        ("the same as text", if_arn("StringEquals", DEPLOYER), "denied"),
        ("a pattern of paths", if_arn("ArnLike", "arn:aws:iam::*:role/team/*"), "incomplete"),
        (
            "a pattern of other paths",
            if_arn("ArnNotLike", "arn:aws:iam::*:role/team/*"),
            "incomplete",
        ),
        ("a pattern of names", if_arn("ArnLike", "arn:aws:iam::*:role/*Deployer"), "denied"),
        (
            "a pattern of other names",
            if_arn("ArnLike", "arn:aws:iam::*:role/team/*/Other"),
            "allowed",
        ),
    ] {
        assert_eq!(explain(&statements, &session), wanted, "{name}");
    }
    // With its path the answer is complete.
    let pattern = if_arn("ArnLike", "arn:aws:iam::*:role/team/*");
    for (caller, wanted) in [
        (vec!["--principal", DEPLOYERS_SESSION, "--role-arn", DEPLOYER], "denied"),
        (vec!["--principal", DEPLOYER], "denied"),
        (vec!["--principal", "arn:aws:iam::111111111111:role/Deployer"], "allowed"),
        (
            vec![
                "--principal",
                DEPLOYERS_SESSION,
                "--context",
                "aws:PrincipalArn=arn:aws:iam::111111111111:role/Deployer",
            ],
            "allowed",
        ),
    ] {
        assert_eq!(explain(&pattern, &caller), wanted, "{caller:?}");
    }
    // Under another path it would be another role of the same name, which no account has.
    let pathless = ["--principal", "arn:aws:iam::111111111111:role/Deployer"];
    assert_eq!(explain(&named(DEPLOYER), &pathless), "denied");
    for (wrong, role) in [
        (DEPLOYERS_SESSION, TARGET),
        ("arn:aws:sts::111111111111:assumed-role/team/x/Deployer/me", DEPLOYER),
    ] {
        let request =
            ["explain", "--trust", "trust.json", "--principal", wrong, "--role-arn", role];
        assert_eq!(attache(folder, &request).status.code(), Some(2), "{wrong} {role}");
    }
}

#[test]
fn a_session_is_let_in_by_its_roles_arn_and_what_is_made_up_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let explain = |principal: &str, condition: &str, caller: &str| {
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "sts:AssumeRole",
                "Condition": {{{condition}}}}}"#
        );
        write(folder, "trust.json", &statement);
        write(folder, "all.json", ALL);
        let request = ["--trust", "trust.json", "--policy", "all.json", "--resource", TARGET];
        decision(folder, &[&request[..], &["--principal", caller]].concat())
    };
    let (let_in, report) = explain(DEPLOYER, "", DEPLOYERS_SESSION);
    assert_eq!(let_in, "allowed");
    assert!(
        report["notes"]
            .to_string()
            .contains("assumed to be arn:aws:iam::111111111111:role/team/x/Deployer"),
        "{report}"
    );
    assert_eq!(explain(DEPLOYER, "", "arn:aws:iam::111111111111:role/Deployer").0, "denied");
    // A condition may have a path that no role has.
    let condition = format!(r#""ArnEquals": {{"aws:PrincipalArn": "{DEPLOYER}"}}"#);
    let (open, report) = explain("111111111111", &condition, DEPLOYERS_SESSION);
    assert_eq!(open, "incomplete");
    assert!(report["unknown"].to_string().contains("--role-arn"), "{report}");
    // Which session of the role it is.
    assert_eq!(explain(DEPLOYERS_SESSION, "", DEPLOYERS_SESSION).0, "allowed");
    for name in ["session", "any-session", "x"] {
        let named = format!("arn:aws:sts::111111111111:assumed-role/Deployer/{name}");
        assert_eq!(
            explain(&named, "", "arn:aws:iam::111111111111:role/Deployer").0,
            "incomplete",
            "{name}"
        );
    }
}

#[test]
fn without_a_document_that_must_allow_the_answer_is_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "all.json", ALL);
    write(folder, "none.json", r#"{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}"#);
    write(
        folder,
        "deny.json",
        &format!(
            r#"{ALL}, {{"Effect": "Deny", "Action": ["sts:*", "kms:*", "s3:*"], "Resource": "*"}}"#
        ),
    );
    write(
        folder,
        "account.json",
        r#"{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "*", "Resource": "*"}"#,
    );
    write(
        folder,
        "trust.json",
        r#"{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": ["sts:AssumeRole"]}"#,
    );
    let ann = "arn:aws:iam::111111111111:user/ann";
    let key = "arn:aws:kms:us-east-1:111111111111:key/k";
    let bucket = "arn:aws:s3:::b/k";
    let theirs = "222222222222";
    for (arguments, wanted, option) in [
        // A role's trust policy, within the account too.
        (
            vec!["--policy", "all.json", "--action", "sts:AssumeRole", "--resource", TARGET],
            "incomplete",
            "--trust",
        ),
        (
            vec!["--policy", "none.json", "--action", "sts:AssumeRole", "--resource", TARGET],
            "incomplete",
            "--trust",
        ),
        (
            vec!["--policy", "all.json", "--action", "sts:TagSession", "--resource", TARGET],
            "incomplete",
            "--trust",
        ),
        (
            vec!["--policy", "all.json", "--action", "STS:setsourceidentity", "--resource", TARGET],
            "incomplete",
            "--trust",
        ),
        (
            vec!["--policy", "deny.json", "--action", "sts:AssumeRole", "--resource", TARGET],
            "denied",
            "",
        ),
        (
            vec!["--policy", "all.json", "--trust", "trust.json", "--resource", TARGET],
            "allowed",
            "",
        ),
        (vec!["--trust", "trust.json", "--resource", TARGET], "incomplete", "--policy"),
        // A key's policy.
        (
            vec!["--policy", "all.json", "--action", "kms:Decrypt", "--resource", key],
            "incomplete",
            "--resource-policy",
        ),
        (
            vec!["--policy", "all.json", "--action", "kms:Decrypt"],
            "incomplete",
            "--resource-policy",
        ),
        (
            vec!["--policy", "all.json", "--action", "kms:ScheduleKeyDeletion", "--resource", key],
            "incomplete",
            "--resource-policy",
        ),
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "kms:Decrypt",
                "--resource-policy",
                "account.json",
            ],
            "incomplete",
            "key/KEY_ID",
        ),
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "kms:Decrypt",
                "--resource-policy",
                "account.json",
                "--resource",
                key,
            ],
            "allowed",
            "",
        ),
        (vec!["--policy", "deny.json", "--action", "kms:Decrypt", "--resource", key], "denied", ""),
        (vec!["--policy", "all.json", "--action", "kms:ListKeys"], "allowed", ""),
        // Another's policy is not the one that is needed.
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "sts:AssumeRole",
                "--resource-policy",
                "account.json",
                "--resource",
                TARGET,
            ],
            "incomplete",
            "--trust",
        ),
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "kms:Decrypt",
                "--trust",
                "trust.json",
                "--resource",
                key,
            ],
            "incomplete",
            "--resource-policy",
        ),
        // A token is called with instead of credentials.
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "sts:AssumeRoleWithWebIdentity",
                "--resource",
                TARGET,
            ],
            "incomplete",
            "--token",
        ),
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "sts:AssumeRoleWithSAML",
                "--resource",
                TARGET,
            ],
            "incomplete",
            "saml-provider",
        ),
        // Across accounts both sides.
        (
            vec![
                "--policy",
                "all.json",
                "--action",
                "s3:GetObject",
                "--resource",
                bucket,
                "--resource-account",
                theirs,
            ],
            "incomplete",
            "--resource-policy",
        ),
        (
            vec![
                "--policy",
                "deny.json",
                "--action",
                "s3:GetObject",
                "--resource",
                bucket,
                "--resource-account",
                theirs,
            ],
            "denied",
            "",
        ),
        (
            vec![
                "--resource-policy",
                "account.json",
                "--action",
                "s3:GetObject",
                "--resource",
                bucket,
                "--resource-account",
                theirs,
            ],
            "incomplete",
            "--policy",
        ),
        (vec!["--action", "s3:GetObject", "--resource", bucket], "incomplete", "--policy"),
        (
            vec!["--policy", "none.json", "--action", "s3:GetObject", "--resource", bucket],
            "allowed",
            "",
        ),
        (
            vec!["--policy", "none.json", "--action", "s3:PutObject", "--resource", bucket],
            "denied",
            "",
        ),
    ] {
        let (got, report) = decision(folder, &[&["--principal", ann], &arguments[..]].concat());
        assert_eq!(got, wanted, "{arguments:?}\n{report:#}");
        assert!(
            report["missing"].to_string().contains(option) || option.is_empty(),
            "{arguments:?}\n{report:#}"
        );
        assert_eq!(report.get("outcome").is_none(), wanted == "incomplete");
    }
    for (principal, arguments, wanted) in [
        (
            "lambda.amazonaws.com",
            vec!["--action", "sts:AssumeRole", "--resource", TARGET],
            "incomplete",
        ),
        ("sns.amazonaws.com", vec!["--action", "sqs:SendMessage"], "incomplete"),
        ("anonymous", vec!["--action", "s3:GetObject", "--resource", bucket], "incomplete"),
        // These cannot make the call.
        ("111111111111", vec!["--trust", "trust.json", "--resource", TARGET], "denied"),
        (
            "arn:aws:sts::111111111111:federated-user/app",
            vec![
                "--trust",
                "trust.json",
                "--policy",
                "all.json",
                "--session-policy",
                "all.json",
                "--resource",
                TARGET,
            ],
            "denied",
        ),
        // Nothing of its user's permissions is a federated user's without a session policy.
        (
            "arn:aws:sts::111111111111:federated-user/app",
            vec!["--policy", "all.json", "--action", "ec2:RunInstances"],
            "incomplete",
        ),
        ("111111111111", vec!["--action", "s3:GetObject", "--resource", bucket], "allowed"),
    ] {
        let (got, report) =
            decision(folder, &[&["--principal", principal], &arguments[..]].concat());
        assert_eq!(got, wanted, "{principal} {arguments:?}\n{report:#}");
    }
    let told = attache(
        folder,
        &[
            "explain",
            "--principal",
            ann,
            "--policy",
            "all.json",
            "--action",
            "kms:Decrypt",
            "--resource",
            key,
        ],
    );
    for part in
        ["incomplete", "the key's policy must allow and was not given: give --resource-policy FILE"]
    {
        assert!(said(&told).contains(part), "{part}\n{}", said(&told));
    }
}

#[test]
fn an_account_guessed_from_the_trust_policy_does_not_decide() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let subject = "system:serviceaccount:causely:causely-mediator";
    token(folder, subject);
    let by_token = ["--trust", SEED, "--token", "token", "--jwks", "jwks.json"];
    let explain = |more: &[&str]| decision(folder, &[&by_token[..], more].concat());
    let (guessed, report) = explain(&[]);
    assert_eq!(guessed, "incomplete", "{report:#}");
    assert!(report["unknown"].to_string().contains("guessed from the provider"), "{report:#}");
    assert_eq!(explain(&["--resource", SEED_ROLE]).0, "allowed");
    assert_eq!(explain(&["--resource-account", "222222222222"]).0, "allowed");
    // The provider that it names is another account's.
    assert_eq!(explain(&["--resource", "arn:aws:iam::333333333333:role/Target"]).0, "denied");
    assert_eq!(explain(&["--resource-account", "333333333333"]).0, "denied");
    let both = ["--resource", SEED_ROLE, "--resource-account", "333333333333"];
    assert_eq!(
        attache(folder, &[&["explain"], &by_token[..], &both[..]].concat()).status.code(),
        Some(2)
    );
    let issuer = ISSUER.strip_prefix("https://").unwrap();
    let provider = format!("arn:aws:iam::222222222222:oidc-provider/{issuer}");
    let keys = [format!("{issuer}:aud=sts.amazonaws.com"), format!("{issuer}:sub={subject}")];
    let by_provider = |role: &str| {
        let known = [
            "--trust",
            SEED,
            "--principal",
            &provider,
            "--context",
            &keys[0],
            "--context",
            &keys[1],
        ];
        decision(folder, &[&known[..], &["--resource", role]].concat()).0
    };
    assert_eq!(by_provider(SEED_ROLE), "allowed");
    assert_eq!(by_provider("arn:aws:iam::333333333333:role/Target"), "denied");
}

#[test]
fn a_role_whose_account_is_not_known_is_not_taken_to_be_the_callers() {
    let folder = tempfile::tempdir().unwrap();
    let caller = "arn:aws:iam::111111111111:role/Source";
    let statement = format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "{caller}"}}, "Action": "sts:AssumeRole"}}"#
    );
    write(folder.path(), "trust.json", &statement);
    write(folder.path(), "all.json", ALL);
    let explain = ["--trust", "trust.json", "--principal", caller];
    let of = |more: &[&str]| decision(folder.path(), &[&explain[..], more].concat());
    let (open, report) = of(&[]);
    assert_eq!(open, "incomplete");
    assert!(report["unknown"].to_string().contains("the role's account is not known"), "{report}");
    // Across accounts the caller's own policies have to allow as well; within, they need not.
    assert_eq!(of(&["--resource", "arn:aws:iam::111111111111:role/Target"]).0, "allowed");
    assert_eq!(of(&["--resource", "arn:aws:iam::222222222222:role/Target"]).0, "incomplete");
    assert_eq!(of(&["--policy", "all.json"]).0, "allowed", "it is allowed either way");
}

#[test]
fn tags_and_a_source_identity_have_to_be_allowed_with_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let pods = r#""Principal": {"Service": "pods.eks.amazonaws.com"}"#;
    let ann = r#""Principal": {"AWS": "arn:aws:iam::111111111111:user/ann"}"#;
    let explain = |who: &str, actions: &str, arguments: &[&str]| {
        write(
            folder,
            "trust.json",
            &format!(r#"{{"Effect": "Allow", {who}, "Action": [{actions}]}}"#),
        );
        let request = ["--trust", "trust.json", "--resource", TARGET];
        decision(folder, &[&request[..], arguments].concat()).0
    };
    let (assume, tag, identity) = (
        r#""sts:AssumeRole""#,
        r#""sts:AssumeRole", "sts:TagSession""#,
        r#""sts:AssumeRole", "sts:SetSourceIdentity""#,
    );
    let by_pods = ["--principal", "pods.eks.amazonaws.com"];
    let by_ann = ["--principal", "arn:aws:iam::111111111111:user/ann"];
    for (name, who, actions, caller, more, wanted) in [
        ("EKS tags what it begins", pods, assume, &by_pods[..], &[][..], "denied"),
        (
            "whatever action is named",
            pods,
            assume,
            &by_pods[..],
            &["--action", "sts:AssumeRole"][..],
            "denied",
        ),
        ("both are allowed", pods, tag, &by_pods[..], &[][..], "allowed"),
        (
            "tags are disabled",
            pods,
            assume,
            &by_pods[..],
            &["--disable-session-tags"][..],
            "allowed",
        ),
        ("no tags", ann, assume, &by_ann[..], &[][..], "allowed"),
        ("a tag", ann, assume, &by_ann[..], &["--context", "aws:RequestTag/team=a"][..], "denied"),
        ("a tag's key", ann, assume, &by_ann[..], &["--context", "AWS:tagkeys=team"][..], "denied"),
        (
            "a transitive tag",
            ann,
            assume,
            &by_ann[..],
            &["--context", "sts:TransitiveTagKeys=team"][..],
            "denied",
        ),
        (
            "a tag that may be",
            ann,
            tag,
            &by_ann[..],
            &["--context", "aws:RequestTag/team=a"][..],
            "allowed",
        ),
        (
            "a source identity",
            ann,
            assume,
            &by_ann[..],
            &["--context", "sts:SourceIdentity=ann"][..],
            "denied",
        ),
        (
            "one that is handed down",
            ann,
            assume,
            &by_ann[..],
            &["--context", "aws:SourceIdentity=ann"][..],
            "denied",
        ),
        (
            "one that may be",
            ann,
            identity,
            &by_ann[..],
            &["--context", "sts:SourceIdentity=ann"][..],
            "allowed",
        ),
    ] {
        assert_eq!(explain(who, actions, &[caller, more].concat()), wanted, "{name}");
    }
    let anywhere = r#""Principal": {"Service": "rolesanywhere.amazonaws.com"}"#;
    let by_certificate = ["--principal", "rolesanywhere.amazonaws.com"];
    let all = r#""sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity""#;
    for (actions, wanted) in
        [(assume, "denied"), (tag, "denied"), (identity, "denied"), (all, "allowed")]
    {
        assert_eq!(explain(anywhere, actions, &by_certificate), wanted, "{actions}");
    }
    // What the condition keys of EKS's own tags are is known without being given.
    let transitive = r#"{"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": "kubernetes-namespace"}}}"#;
    write(folder, "trust.json", transitive);
    let request =
        ["--trust", "trust.json", "--resource", TARGET, "--principal", "pods.eks.amazonaws.com"];
    assert_eq!(decision(folder, &request).0, "allowed");
}

#[test]
fn a_session_keeps_the_subject_audience_and_tags_of_the_token_that_began_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    token(folder, "system:serviceaccount:shop:cart");
    let mint = ["token", "mint", "--issuer", ISSUER, "--key", "key.pem", "--subject", "cart"];
    let tags = [
        "--audience",
        "sts.amazonaws.com",
        "--claim",
        r#"https://aws.amazon.com/tags={"principal_tags": {"team": ["shop"]}}"#,
        "--claim",
        "https://aws.amazon.com/source_identity=\"ann\"",
        "--claim",
        "email=\"ann@example.com\"",
    ];
    let minted = attache(folder, &[&mint[..], &tags].concat());
    std::fs::write(folder.join("token"), minted.stdout).unwrap();
    let issuer = ISSUER.strip_prefix("https://").unwrap();
    let provider = format!("arn:aws:iam::222222222222:oidc-provider/{issuer}");
    let session = "arn:aws:sts::222222222222:assumed-role/CauselyReadOnlyAccess/pod";
    for (key, value, expected) in [
        (format!("{issuer}:sub"), "cart", "allowed"),
        (format!("{issuer}:sub"), "other", "denied"),
        (format!("{issuer}:aud"), "sts.amazonaws.com", "allowed"),
        // Only the first request, for the session itself, has it.
        (format!("{issuer}:email"), "ann@example.com", "denied"),
        ("aws:PrincipalTag/team".to_owned(), "shop", "allowed"),
        ("aws:SourceIdentity".to_owned(), "ann", "allowed"),
        ("aws:FederatedProvider".to_owned(), provider.as_str(), "allowed"),
    ] {
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
                "Condition": {{"StringEquals": {{"{key}": "{value}"}}}}}}"#
        );
        write(folder, "role.json", &statement);
        let request = ["--policy", "role.json", "--token", "token", "--principal", session];
        let call =
            ["--action", "s3:GetObject", "--resource", "arn:aws:s3:::b/k", "--resource-account"];
        let request = [&request[..], &call, &["222222222222"]].concat();
        assert_eq!(decision(folder, &request).0, expected, "{key} {value}");
    }
    let user = ["explain", "--policy", "role.json", "--token", "token", "--principal"];
    let of_user = ["arn:aws:iam::222222222222:user/ann", "--action", "s3:GetObject"];
    let refused = attache(folder, &[&user[..], &of_user].concat());
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains("a token begins the session of a role"), "{}", said(&refused));
    let alone = attache(folder, &["explain", "--token", "token", "--action", "s3:GetObject"]);
    assert_eq!(alone.status.code(), Some(2), "{}", said(&alone));
    assert!(said(&alone).contains("--token alone is no request"), "{}", said(&alone));
}

#[test]
fn a_tokens_tags_identity_and_roles_have_their_say() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    token(folder, "ann");
    let issuer = ISSUER.strip_prefix("https://").unwrap();
    let statement = |actions: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"Federated": "arn:aws:iam::222222222222:oidc-provider/{issuer}"}},
                "Action": [{actions}], "Condition": {{"StringEquals": {{"{issuer}:sub": "ann"}}}}}}"#
        )
    };
    let explain = |claim: &str, actions: &str, role: &[&str]| {
        let mint = [
            "token",
            "mint",
            "--issuer",
            ISSUER,
            "--key",
            "key.pem",
            "--subject",
            "ann",
            "--claim",
            claim,
        ];
        let minted = attache(folder, &mint);
        assert!(minted.status.success(), "{}", said(&minted));
        std::fs::write(folder.join("claims"), minted.stdout).unwrap();
        write(folder, "trust.json", &statement(actions));
        let request = ["--trust", "trust.json", "--token", "claims", "--jwks", "jwks.json"];
        decision(folder, &[&request[..], role].concat()).0
    };
    let known = ["--resource", SEED_ROLE];
    let account = ["--resource-account", "222222222222"];
    let assume = r#""sts:AssumeRoleWithWebIdentity""#;
    let tag = r#""sts:AssumeRoleWithWebIdentity", "sts:TagSession""#;
    let identity = r#""sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity""#;
    let tags = r#"https://aws.amazon.com/tags={"principal_tags": {"team": ["a"]}}"#;
    let roles = format!("https://aws.amazon.com/roles=[\"{SEED_ROLE}\"]");
    for (name, claim, actions, role, wanted) in [
        ("tags", tags, assume, &known, "denied"),
        ("tags that may be", tags, tag, &known, "allowed"),
        (
            "no tags",
            r#"https://aws.amazon.com/tags={"principal_tags": {"team": "a"}}"#,
            tag,
            &known,
            "denied",
        ),
        ("an identity", "https://aws.amazon.com/source_identity=\"ann\"", assume, &known, "denied"),
        (
            "an identity that may be",
            "https://aws.amazon.com/source_identity=\"ann\"",
            identity,
            &known,
            "allowed",
        ),
        ("its own role", &roles, assume, &known, "allowed"),
        ("some role", &roles, assume, &account, "incomplete"),
        (
            "another role",
            "https://aws.amazon.com/roles=[\"arn:aws:iam::222222222222:role/Other\"]",
            assume,
            &known,
            "denied",
        ),
    ] {
        assert_eq!(explain(claim, actions, role), wanted, "{name}");
    }
}

#[test]
fn a_claim_that_is_no_key_lets_no_token_in_and_the_keys_that_there_are_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    token(folder, "ann");
    let claims = ["--claim", r#"team="payments""#];
    let mint = ["token", "mint", "--issuer", ISSUER, "--key", "key.pem", "--subject", "ann"];
    std::fs::write(folder.join("claims"), attache(folder, &[&mint[..], &claims].concat()).stdout)
        .unwrap();
    let issuer = ISSUER.strip_prefix("https://").unwrap();
    let statement = |effect: &str, operator: &str, claim: &str, value: &str| {
        let provider = format!("arn:aws:iam::222222222222:oidc-provider/{issuer}");
        format!(
            r#"{{"Effect": "{effect}", "Principal": {{"Federated": "{provider}"}},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {{"{operator}": {{"{issuer}:{claim}": "{value}"}}}}}}"#
        )
    };
    let request = ["--trust", "trust.json", "--token", "claims", "--jwks", "jwks.json"];
    let request = [&request[..], &["--resource", SEED_ROLE]].concat();
    let own = statement("Allow", "StringEquals", "sub", "ann");
    let denied = statement("Deny", "StringNotEquals", "team", "payments");
    for (name, statements, wanted) in [
        ("by the claim", statement("Allow", "StringEquals", "team", "payments"), "denied"),
        ("by its issuer", statement("Allow", "StringEquals", "iss", ISSUER), "denied"),
        ("but for another team", format!("{own}, {denied}"), "denied"),
        ("by its subject", own, "allowed"),
    ] {
        write(folder, "trust.json", &statements);
        assert_eq!(decision(folder, &request).0, wanted, "{name}");
    }
    write(folder, "trust.json", &statement("Allow", "StringEquals", "team", "payments"));
    let told = said(&attache(folder, &[&["explain"], &request[..]].concat()));
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("AWS makes no condition key of the claim team"), "{told}");
    assert!(["aud", "sub", "amr", "email", "oaud"].iter().all(|key| told.contains(key)), "{told}");
}

#[test]
fn every_request_has_the_keys_that_aws_always_sets() {
    let folder = tempfile::tempdir().unwrap();
    let allow = |condition: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"{condition}}}"#
        )
    };
    let when = |test: &str| format!(r#", "Condition": {{{test}}}"#);
    let deny = r#", {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}}}"#;
    for (statements, decision) in [
        (allow(&when(r#""Bool": {"aws:PrincipalIsAWSService": "false"}"#)), "allowed"),
        (allow(&when(r#""Bool": {"aws:ViaAWSService": "false"}"#)), "allowed"),
        (allow(&when(r#""StringLike": {"aws:userid": "*"}"#)), "allowed"),
        (allow("") + deny, "allowed"),
        (allow(&when(r#""Null": {"aws:userid": "false"}"#)), "allowed"),
        (allow(&when(r#""StringEquals": {"aws:userid": "AIDAI3EXAMPLE"}"#)), "incomplete"),
        (allow(&when(r#""StringNotEquals": {"aws:userid": "AIDAI3EXAMPLE"}"#)), "incomplete"),
        (allow(&when(r#""StringLike": {"aws:userid": "AROA*:*"}"#)), "denied"),
    ] {
        let file = folder.path().join("policy.json");
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        std::fs::write(&file, text).unwrap();
        let said = command(Path::new("."))
            .args(["explain", "--output", "json", "--action", "s3:ListAllMyBuckets"])
            .args(["--principal", "arn:aws:iam::222222222222:user/ann", "--policy"])
            .arg(&file)
            .output()
            .unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        assert_eq!(said["decision"], decision, "{statements}: {said:#}");
    }
}

#[test]
fn calls_that_need_no_permission_are_allowed_under_a_deny() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "deny.json", r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#);
    let (user, federated) =
        ("arn:aws:iam::111111111111:user/ann", "arn:aws:sts::111111111111:federated-user/ann");
    for (principal, action, expected) in [
        (user, "sts:GetCallerIdentity", "allowed"),
        (user, "STS:getcalleridentity", "allowed"),
        (DEPLOYERS_SESSION, "sts:GetCallerIdentity", "allowed"),
        (federated, "sts:GetCallerIdentity", "allowed"),
        ("111111111111", "sts:GetCallerIdentity", "allowed"),
        (user, "sts:GetSessionToken", "allowed"),
        ("111111111111", "sts:GetSessionToken", "allowed"),
        (DEPLOYERS_SESSION, "sts:GetSessionToken", "denied"),
        (federated, "sts:GetSessionToken", "denied"),
        (DEPLOYERS_SESSION, "sts:GetFederationToken", "denied"),
        (user, "sts:GetFederationToken", "denied"),
        (user, "sts:GetAccessKeyInfo", "denied"),
        (user, "sts:DecodeAuthorizationMessage", "denied"),
        ("anonymous", "sts:GetCallerIdentity", "denied"),
    ] {
        for document in ["--policy", "--scp", "--boundary", "--session-policy"] {
            // A user has no session policy.
            if document == "--session-policy" && principal != DEPLOYERS_SESSION {
                continue;
            }
            let arguments = [document, "deny.json", "--principal", principal, "--action", action];
            let (decision, report) =
                decision(folder, &[&arguments[..], &["--resource", "*"]].concat());
            assert_eq!(decision, expected, "{principal} {action} {document}: {report:#}");
        }
    }
}
