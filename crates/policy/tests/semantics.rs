//! The rules of the policy language, each by its name.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use policy::{
    Applicable, Context, Denial, Kind, Outcome, Policy, PolicySet, Principal, Request, evaluate,
    evaluate_trust,
};

const ISSUER: &str = "oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
const SUBJECT: &str = "system:serviceaccount:causely:causely-mediator";

fn seed() -> PolicySet {
    let text = include_str!("../../../examples/seed/target-trust.json");
    Policy::parse(text, Kind::Trust).unwrap().named("CauselyAccess").into()
}

fn web_identity(account: &str, sub: &str, aud: &str) -> Request {
    let mut context = Context::new();
    context.set(&format!("{ISSUER}:sub"), sub);
    context.set(&format!("{ISSUER}:aud"), aud);
    Request {
        principal: Principal::WebIdentity {
            provider_arn: format!("arn:aws:iam::{account}:oidc-provider/{ISSUER}"),
        },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: "arn:aws:iam::222222222222:role/CauselyAccess".into(),
        resource_account: None,
        context,
    }
}

#[test]
fn the_seeds_trust_policy_lets_in_its_own_service_account_alone() {
    let cases = [
        ("the workload", "222222222222", SUBJECT, "sts.amazonaws.com", true),
        (
            "another service account",
            "222222222222",
            "system:serviceaccount:x:y",
            "sts.amazonaws.com",
            false,
        ),
        ("another audience", "222222222222", SUBJECT, "vault", false),
        ("another account's provider", "111111111111", SUBJECT, "sts.amazonaws.com", false),
    ];
    for (name, account, sub, aud, allowed) in cases {
        let (trust, request) = (seed(), web_identity(account, sub, aud));
        let decision = evaluate_trust(&trust, &request);
        assert_eq!(decision.is_allowed(), allowed, "{name}: {}", decision.explain());
    }
}

#[test]
fn a_refusal_names_the_first_failed_element_with_what_was_wanted_and_got() {
    let request =
        web_identity("222222222222", "system:serviceaccount:causely:mediator", "sts.amazonaws.com");
    let trust = seed();
    let explanation = evaluate_trust(&trust, &request).explain();
    let miss = &explanation.misses[0];
    assert_eq!(miss.wanted, [SUBJECT]);
    assert_eq!(miss.got, ["system:serviceaccount:causely:mediator"]);
    assert_eq!((miss.line, miss.failed), (12, 1));
    assert!(miss.hint.as_ref().unwrap().contains("the request's sub is"));
}

fn identity(statements: &str) -> PolicySet {
    of(Kind::Identity, statements)
}

fn of(kind: Kind, statements: &str) -> PolicySet {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&text, kind).unwrap_or_else(|e| panic!("{e}")).into()
}

const ROLE: &str = "arn:aws:iam::222222222222:role/Reader";
const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/Reader/s";

fn asks(action: &str, resource: &str) -> Request {
    Request {
        principal: Principal::RoleSession { role_arn: ROLE.into(), session_arn: SESSION.into() },
        action: action.into(),
        resource: resource.into(),
        resource_account: None,
        context: Context::new(),
    }
}

const ALL: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
const READ: &str = r#"{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}"#;

#[test]
fn the_kinds_decide_in_their_order() {
    let base = || Applicable { identity: identity(ALL), ..Applicable::default() };
    let read = |kind| of(kind, READ);
    let cases = [
        ("identity alone", base(), None),
        ("nothing at all", Applicable::default(), Some(Denial::Implicit(Kind::Identity))),
        (
            "a deny anywhere wins",
            Applicable {
                identity: identity(&format!(
                    r#"{ALL}, {{"Effect": "Deny", "Action": "rds:*", "Resource": "*"}}"#
                )),
                ..base()
            },
            Some(Denial::Explicit(Kind::Identity)),
        ),
        (
            "a boundary must allow",
            Applicable { boundary: Some(read(Kind::Boundary)), ..base() },
            Some(Denial::Implicit(Kind::Boundary)),
        ),
        (
            "a session policy must allow",
            Applicable { session: Some(read(Kind::Session)), ..base() },
            Some(Denial::Implicit(Kind::Session)),
        ),
        (
            "every level of the organization must allow",
            Applicable {
                service_control: vec![of(Kind::ServiceControl, ALL), read(Kind::ServiceControl)],
                ..base()
            },
            Some(Denial::Implicit(Kind::ServiceControl)),
        ),
    ];
    for (name, policies, denial) in cases {
        let request = asks("rds:DescribeDBInstances", "*");
        let got = match evaluate(&policies, &request).outcome() {
            Outcome::Denied(denial) => Some(denial),
            Outcome::Allowed { .. } => None,
        };
        assert_eq!(got, denial, "{name}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_resource_policy_that_names_the_session_passes_the_boundary_and_one_that_names_the_role_does_not()
 {
    let bucket = |principal: &str| {
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "s3:GetObject", "Resource": "*"}}"#
        );
        Applicable {
            resource: Some(of(Kind::Resource, &statement)),
            boundary: Some(of(Kind::Boundary, READ)),
            ..Applicable::default()
        }
    };
    let request = asks("s3:GetObject", "arn:aws:s3:::b/k");
    assert!(evaluate(&bucket(SESSION), &request).is_allowed());
    assert_eq!(
        evaluate(&bucket(ROLE), &request).outcome(),
        Outcome::Denied(Denial::Implicit(Kind::Boundary))
    );
    let by_account = Applicable { boundary: None, ..bucket("222222222222") };
    assert_eq!(
        evaluate(&by_account, &request).outcome(),
        Outcome::Denied(Denial::Implicit(Kind::Identity))
    );
}

#[test]
fn another_accounts_resource_needs_both_sides() {
    let resource = of(
        Kind::Resource,
        &format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{ROLE}"}}, "Action": "s3:*", "Resource": "*"}}"#
        ),
    );
    let request = Request {
        resource_account: Some(names::AccountId::parse("333333333333").unwrap()),
        ..asks("s3:GetObject", "arn:aws:s3:::b/k")
    };
    let own_side = Applicable { identity: identity(ALL), ..Applicable::default() };
    assert_eq!(
        evaluate(&own_side, &request).outcome(),
        Outcome::Denied(Denial::Implicit(Kind::Resource))
    );
    let one_side = Applicable { resource: Some(resource), ..Applicable::default() };
    assert_eq!(
        evaluate(&one_side, &request).outcome(),
        Outcome::Denied(Denial::Implicit(Kind::Identity))
    );
    let both = Applicable { identity: identity(ALL), ..one_side };
    assert!(evaluate(&both, &request).is_allowed());
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn a_deny_with_not_principal_excepts_a_session_only_by_its_role_and_itself() {
    let cases = [
        ("the role alone", format!(r#""{ROLE}""#), false),
        ("the account alone", r#""222222222222""#.to_owned(), false),
        ("the session alone", format!(r#""{SESSION}""#), false),
        ("the role and the session", format!(r#""{ROLE}", "{SESSION}""#), true),
        ("somebody else", r#""arn:aws:iam::222222222222:role/Other""#.to_owned(), false),
    ];
    for (name, excepted, allowed) in cases {
        let deny = format!(
            r#"{{"Effect": "Deny", "NotPrincipal": {{"AWS": [{excepted}]}}, "Action": "*", "Resource": "*"}}"#
        );
        let policies = Applicable {
            identity: identity(ALL),
            resource: Some(of(Kind::Resource, &deny)),
            ..Applicable::default()
        };
        let request = asks("s3:GetObject", "arn:aws:s3:::b/k");
        assert_eq!(evaluate(&policies, &request).is_allowed(), allowed, "{name}");
    }
}

#[test]
fn a_service_is_named_in_full() {
    let trust = |service: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"Service": "{service}"}}, "Action": "sts:AssumeRole"}}}}"#
        );
        PolicySet::from(Policy::parse(&text, Kind::Trust).unwrap())
    };
    let principal = Principal::Service { name: "pods.eks.amazonaws.com".into() };
    let request = Request { principal, ..asks("sts:AssumeRole", ROLE) };
    assert!(evaluate_trust(&trust("pods.eks.amazonaws.com"), &request).is_allowed());
    assert!(!evaluate_trust(&trust("*.amazonaws.com"), &request).is_allowed());
}

#[test]
fn condition_operators() {
    // name, condition, key's values (none: the key is missing), whether it holds
    let cases: &[(&str, &str, Option<&[&str]>, bool)] = &[
        ("StringEquals", r#""StringEquals": {"k": "a"}"#, Some(&["a"]), true),
        ("values compare with case", r#""StringEquals": {"k": "A"}"#, Some(&["a"]), false),
        ("keys compare without case", r#""StringEquals": {"K": "a"}"#, Some(&["a"]), true),
        ("several values are OR", r#""StringEquals": {"k": ["a", "b"]}"#, Some(&["b"]), true),
        (
            "a star is a star in StringEquals",
            r#""StringEquals": {"k": "a*"}"#,
            Some(&["ab"]),
            false,
        ),
        ("StringLike crosses slashes", r#""StringLike": {"k": "a*c"}"#, Some(&["a/b:c"]), true),
        ("StringNotEquals is NOR", r#""StringNotEquals": {"k": ["a", "b"]}"#, Some(&["b"]), false),
        ("negated on a missing key", r#""StringNotEquals": {"k": "a"}"#, None, true),
        ("missing key", r#""StringEquals": {"k": "a"}"#, None, false),
        ("IfExists on a missing key", r#""StringEqualsIfExists": {"k": "a"}"#, None, true),
        ("IfExists on another value", r#""StringEqualsIfExists": {"k": "a"}"#, Some(&["b"]), false),
        ("IgnoreCase", r#""StringEqualsIgnoreCase": {"k": "AB"}"#, Some(&["ab"]), true),
        (
            "ForAllValues",
            r#""ForAllValues:StringEquals": {"k": ["a", "b"]}"#,
            Some(&["a", "b"]),
            true,
        ),
        (
            "ForAllValues on one more",
            r#""ForAllValues:StringEquals": {"k": ["a"]}"#,
            Some(&["a", "b"]),
            false,
        ),
        ("ForAllValues on a missing key", r#""ForAllValues:StringEquals": {"k": "a"}"#, None, true),
        ("ForAnyValue", r#""ForAnyValue:StringEquals": {"k": "b"}"#, Some(&["a", "b"]), true),
        ("ForAnyValue on a missing key", r#""ForAnyValue:StringEquals": {"k": "a"}"#, None, false),
        (
            "ForAnyValue on an empty key",
            r#""ForAnyValue:StringEquals": {"k": "a"}"#,
            Some(&[]),
            false,
        ),
        ("Null true", r#""Null": {"k": "true"}"#, None, true),
        ("Null false", r#""Null": {"k": false}"#, Some(&["x"]), true),
        ("NumericLessThan", r#""NumericLessThan": {"k": "10"}"#, Some(&["9"]), true),
        ("a number that is none", r#""NumericEquals": {"k": "1"}"#, Some(&["x"]), false),
        (
            "DateGreaterThan",
            r#""DateGreaterThan": {"k": "2026-01-01T00:00:00Z"}"#,
            Some(&["2026-01-02T00:00:00Z"]),
            true,
        ),
        (
            "dates as epoch seconds",
            r#""DateLessThan": {"k": "1767225600"}"#,
            Some(&["1767225599"]),
            true,
        ),
        ("Bool", r#""Bool": {"k": true}"#, Some(&["true"]), true),
        ("IpAddress v4", r#""IpAddress": {"k": "10.0.0.0/8"}"#, Some(&["10.9.8.7"]), true),
        ("NotIpAddress", r#""NotIpAddress": {"k": "10.0.0.0/8"}"#, Some(&["10.9.8.7"]), false),
        ("IpAddress v6", r#""IpAddress": {"k": "2001:db8::/32"}"#, Some(&["2001:db8::1"]), true),
        (
            "a prefix longer than the address",
            r#""IpAddress": {"k": "10.0.0.1/99"}"#,
            Some(&["10.0.0.1"]),
            false,
        ),
        ("every address", r#""IpAddress": {"k": "0.0.0.0/0"}"#, Some(&["10.0.0.1"]), true),
        ("every v6 address", r#""IpAddress": {"k": "::/0"}"#, Some(&["2001:db8::1"]), true),
        ("infinity is no number", r#""NumericEquals": {"k": "inf"}"#, Some(&["inf"]), false),
        (
            "no character stands for a literal star",
            r#""StringLike": {"k": "a${*}"}"#,
            Some(&["a\u{F8F0}"]),
            false,
        ),
        ("nor is one a star", r#""StringEquals": {"k": "\uF8F0"}"#, Some(&["*"]), false),
        (
            "a star in a variable's value is text",
            r#""StringLike": {"k": "${starred}"}"#,
            Some(&["ab"]),
            false,
        ),
        ("a bare address", r#""IpAddress": {"k": "10.0.0.1"}"#, Some(&["10.0.0.2"]), false),
        (
            "ArnLike by its parts",
            r#""ArnLike": {"k": "arn:aws:s3:*:*:b"}"#,
            Some(&["arn:aws:s3:::b"]),
            true,
        ),
        (
            "a part's star does not cross",
            r#""ArnEquals": {"k": "arn:aws:*"}"#,
            Some(&["arn:aws:s3:::b"]),
            false,
        ),
        ("a variable", r#""StringEquals": {"k": "${aws:username}"}"#, Some(&["ann"]), true),
        (
            "a variable with a default",
            r#""StringEquals": {"k": "${nobody, 'x'}"}"#,
            Some(&["x"]),
            true,
        ),
        ("a variable without a value", r#""StringLike": {"k": "${nobody}*"}"#, Some(&["x"]), false),
        ("a literal star", r#""StringLike": {"k": "a${*}"}"#, Some(&["ab"]), false),
        ("a literal star meets a star", r#""StringLike": {"k": "a${*}"}"#, Some(&["a*"]), true),
    ];
    for (name, condition, values, holds) in cases {
        let statement = format!(
            r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{{condition}}}}}"#
        );
        let policies = Applicable { identity: identity(&statement), ..Applicable::default() };
        let mut request = asks("ec2:DescribeVpcs", "*");
        request.context.set("aws:username", "ann");
        request.context.set("starred", "a*");
        if let Some(values) = values {
            request.context.set_many("k", values.iter().map(|v| (*v).to_owned()).collect());
        }
        assert_eq!(evaluate(&policies, &request).is_allowed(), *holds, "{name}");
    }
}

#[test]
fn bad_documents_are_refused_with_a_place_and_a_reason() {
    let cases = [
        ("not JSON", r#"{"Version": "2012-10-17","#, "1:"),
        ("a missing quote", "{\"Statement", "closing quote"),
        ("no statement", r#"{"Version": "2012-10-17"}"#, "needs a Statement"),
        ("an unknown version", r#"{"Version": "2012-10-18", "Statement": []}"#, "Version must be"),
        (
            "an effect of another case",
            r#"{"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}"#,
            "Allow or Deny",
        ),
        (
            "an unknown element",
            r#"{"Statement": {"Effect": "Allow", "Actions": "*", "Resource": "*"}}"#,
            "\"Actions\"",
        ),
        (
            "both Action and NotAction",
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}}"#,
            "not both",
        ),
        (
            "an action without a service",
            r#"{"Statement": {"Effect": "Allow", "Action": "Describe", "Resource": "*"}}"#,
            "service:Action",
        ),
        (
            "a principal in an identity policy",
            r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#,
            "takes no Principal",
        ),
        (
            "an unknown operator",
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}}}"#,
            "\"StringEqual\"",
        ),
        (
            "a key given twice",
            r#"{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}"#,
            "given twice",
        ),
    ];
    for (name, text, said) in cases {
        let invalid = Policy::parse(text, Kind::Identity).unwrap_err();
        assert!(invalid.to_string().contains(said), "{name}: {invalid}");
        assert!(invalid.diagnostics[0].line >= 1);
    }
    let deep = "[".repeat(100_000);
    assert!(Policy::parse(&deep, Kind::Identity).unwrap_err().to_string().contains("deeply"));
}

#[test]
fn many_stars_cost_no_more_than_their_product() {
    let pattern = "a*".repeat(2_000) + "b";
    let statement =
        format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::{pattern}"}}"#);
    let policies = Applicable { identity: identity(&statement), ..Applicable::default() };
    let request = asks("s3:GetObject", &format!("arn:aws:s3:::{}", "a".repeat(20_000)));
    assert!(!evaluate(&policies, &request).is_allowed());
}
