//! Each rule of `policy check` finds what it is about, at its place, and nothing beside it.

use std::collections::BTreeSet;

use attache_policy::{Kind, Level, check, lint_rules};

const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/issuer.example";

/// A document of one statement, given without its braces, on the second line.
fn document(statement: &str) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n{{{statement}}}\n]}}")
}

fn trusts_tokens(conditions: &str) -> String {
    let conditions = if conditions.is_empty() {
        String::new()
    } else {
        format!(r#", "Condition": {{{conditions}}}"#)
    };
    format!(
        r#""Effect": "Allow", "Principal": {{"Federated": "{PROVIDER}"}}, "Action": "sts:AssumeRoleWithWebIdentity"{conditions}"#
    )
}

fn trusts(principal: &str, actions: &str) -> String {
    format!(r#""Effect": "Allow", "Principal": {principal}, "Action": {actions}"#)
}

/// Whoever has it reads every object where the condition holds.
fn reads_if(condition: &str) -> String {
    format!(
        r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {{{condition}}}"#
    )
}

fn reads_on(resource: &str) -> String {
    format!(r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "{resource}""#)
}

/// Rule, kind, statement, and the text at which it is found.
fn cases() -> Vec<(&'static str, Kind, String, &'static str)> {
    let aud = r#""StringEquals": {"issuer.example:aud": "sts.amazonaws.com""#;
    let own = |text: &str| text.to_owned();
    vec![
        (
            "invalid",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "s3GetObject", "Resource": "*""#),
            r#""s3GetObject""#,
        ),
        (
            "unknown-action",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*""#),
            r#""s3:GetObjct""#,
        ),
        (
            "unknown-action",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "sqs:Describe*", "Resource": "*""#),
            r#""sqs:Describe*""#,
        ),
        (
            "action-needs-star",
            Kind::Identity,
            own(
                r#""Effect": "Allow", "Action": ["s3:ListBucket", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::logs""#,
            ),
            r#""s3:ListAllMyBuckets""#,
        ),
        (
            "resource-never-matches",
            Kind::Identity,
            reads_on("arn:aws:s3:::logs"),
            r#""arn:aws:s3:::logs""#,
        ),
        (
            "key-never-present",
            Kind::Identity,
            reads_if(r#""StringEquals": {"s3:prefix": "a"}"#),
            r#""s3:prefix""#,
        ),
        (
            "claim-is-no-key",
            Kind::Trust,
            trusts_tokens(&format!(
                r#"{aud}, "issuer.example:sub": "a", "Issuer.Example:team": "ops"}}"#
            )),
            r#""Issuer.Example:team""#,
        ),
        (
            "claim-is-no-key",
            Kind::Trust,
            trusts_tokens(&format!(
                r#"{aud}, "issuer.example:sub": "a"}}, "StringNotEquals": {{"issuer.example:iss": "b"}}"#
            )),
            r#""issuer.example:iss""#,
        ),
        (
            "claim-is-no-key",
            Kind::Identity,
            own(
                r#""Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringNotEquals": {"issuer.example/id/A:kubernetes.io": "a"}}"#,
            ),
            r#""issuer.example/id/A:kubernetes.io""#,
        ),
        (
            "missing-qualifier",
            Kind::Identity,
            own(
                r#""Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"aws:tagKeys": "team"}}"#,
            ),
            r#""aws:tagKeys""#,
        ),
        (
            "missing-qualifier",
            Kind::ServiceControl,
            own(
                r#""Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringNotLikeIfExists": {"aws:PrincipalOrgPaths": "o-1/*"}}"#,
            ),
            r#""aws:PrincipalOrgPaths""#,
        ),
        (
            "multivalued-variable",
            Kind::Identity,
            reads_on("arn:aws:s3:::logs/${aws:TagKeys}/*"),
            r#""arn:aws:s3:::logs/${aws:TagKeys}/*""#,
        ),
        (
            "allows-everything",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "*", "Resource": "*""#),
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        ),
        (
            "passes-any-role",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "iam:PassRole", "Resource": "*""#),
            r#""iam:PassRole""#,
        ),
        (
            "allows-all-but",
            Kind::Identity,
            own(r#""Effect": "Allow", "NotAction": "iam:*", "Resource": "*""#),
            r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#,
        ),
        (
            "anyone",
            Kind::Resource,
            own(
                r#""Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*""#,
            ),
            r#""*""#,
        ),
        (
            "star-in-equals",
            Kind::Identity,
            reads_if(r#""StringEquals": {"aws:PrincipalTag/team": "a*"}"#),
            r#""a*""#,
        ),
        (
            "like-without-wildcard",
            Kind::Identity,
            reads_if(r#""StringLike": {"aws:PrincipalTag/team": "a"}"#),
            r#""a""#,
        ),
        (
            "covered-already",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*""#),
            r#""s3:GetObject""#,
        ),
        (
            "no-subject",
            Kind::Trust,
            trusts_tokens(&format!("{aud}}}")),
            r#""arn:aws:iam::222222222222:oidc-provider/issuer.example""#,
        ),
        (
            "no-audience",
            Kind::Trust,
            trusts_tokens(r#""StringEquals": {"issuer.example:sub": "a"}"#),
            r#""arn:aws:iam::222222222222:oidc-provider/issuer.example""#,
        ),
        (
            "open-subject",
            Kind::Trust,
            trusts_tokens(&format!(
                r#"{aud}}}, "StringLike": {{"issuer.example:sub": "system:serviceaccount:*:*"}}"#
            )),
            r#""system:serviceaccount:*:*""#,
        ),
        (
            "other-provider",
            Kind::Trust,
            trusts_tokens(&format!(
                r#"{aud}, "issuer.example:sub": "a", "other.example:sub": "a"}}"#
            )),
            r#""other.example:sub""#,
        ),
        (
            "wrong-call",
            Kind::Trust,
            trusts(&format!(r#"{{"Federated": "{PROVIDER}"}}"#), r#""sts:AssumeRole""#),
            r#""arn:aws:iam::222222222222:oidc-provider/issuer.example""#,
        ),
        (
            "wrong-call",
            Kind::Trust,
            trusts(
                r#"{"AWS": "arn:aws:iam::222222222222:role/a"}"#,
                r#""sts:AssumeRoleWithWebIdentity""#,
            ),
            r#""arn:aws:iam::222222222222:role/a""#,
        ),
        (
            "wrong-call",
            Kind::Trust,
            trusts(
                r#"{"Federated": "arn:aws:iam::222222222222:saml-provider/p"}"#,
                r#""sts:AssumeRole""#,
            ),
            r#""arn:aws:iam::222222222222:saml-provider/p""#,
        ),
        (
            "no-tag-session",
            Kind::Trust,
            trusts(r#"{"Service": "pods.eks.amazonaws.com"}"#, r#""sts:AssumeRole""#),
            r#""pods.eks.amazonaws.com""#,
        ),
        (
            "no-deputy-guard",
            Kind::Trust,
            trusts(r#"{"AWS": "222222222222"}"#, r#""sts:AssumeRole""#),
            r#""222222222222""#,
        ),
        (
            "no-deputy-guard",
            Kind::Trust,
            trusts(r#"{"Service": "lambda.amazonaws.com"}"#, r#""sts:AssumeRole""#),
            r#""lambda.amazonaws.com""#,
        ),
        (
            "unknown-service",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "kmss:Decrypt", "Resource": "*""#),
            r#""kmss:Decrypt""#,
        ),
        (
            "unknown-global-key",
            Kind::Identity,
            reads_if(r#""StringEquals": {"aws:PrincipalOrgIdentifier": "o-1"}"#),
            r#""aws:PrincipalOrgIdentifier""#,
        ),
        (
            "unknown-global-key",
            Kind::Identity,
            reads_on("arn:aws:s3:::home/${aws:usernme}/*"),
            r#""arn:aws:s3:::home/${aws:usernme}/*""#,
        ),
        (
            "unknown-key-service",
            Kind::Identity,
            reads_if(r#""StringEquals": {"s33:prefix": "a"}"#),
            r#""s33:prefix""#,
        ),
        (
            "wildcard-in-service",
            Kind::ServiceControl,
            own(r#""Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:*:::logs/a""#),
            r#""arn:aws:*:::logs/a""#,
        ),
        (
            "wildcard-in-type",
            Kind::Identity,
            own(
                r#""Effect": "Allow", "Action": "ec2:StartInstances", "Resource": "arn:aws:ec2:*:*:inst*/i-1""#,
            ),
            r#""arn:aws:ec2:*:*:inst*/i-1""#,
        ),
        (
            "set-operator-on-single-value",
            Kind::Identity,
            reads_if(r#""ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}"#),
            r#""aws:PrincipalOrgID""#,
        ),
        (
            "set-operator-on-single-value",
            Kind::Identity,
            own(
                r#""Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"ForAllValues:StringLike": {"s3:prefix": "a*"}}"#,
            ),
            r#""s3:prefix""#,
        ),
        (
            "null-decides-nothing",
            Kind::Identity,
            reads_if(r#""Null": {"aws:CurrentTime": "true"}"#),
            r#""aws:CurrentTime""#,
        ),
        (
            "null-decides-nothing",
            Kind::Identity,
            own(
                r#""Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Null": {"aws:PrincipalTag/team": ["true", "false"]}}"#,
            ),
            r#""aws:PrincipalTag/team""#,
        ),
        (
            "null-decides-nothing",
            Kind::Identity,
            reads_if(
                r#""Null": {"aws:SourceVpce": "true"}, "StringEquals": {"aws:sourcevpce": "vpce-1"}"#,
            ),
            r#""aws:SourceVpce""#,
        ),
        (
            "private-source-ip",
            Kind::Identity,
            reads_if(r#""IpAddress": {"aws:sourceIp": "10.1.0.0/16"}"#),
            r#""10.1.0.0/16""#,
        ),
        (
            "private-source-ip",
            Kind::Resource,
            own(
                r#""Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "fd00::/8"]}}"#,
            ),
            r#""fd00::/8""#,
        ),
        (
            "passes-any-role",
            Kind::Identity,
            own(
                r#""Effect": "Allow", "Action": "iam:Pass*", "Resource": "arn:aws:iam::222222222222:role/*""#,
            ),
            r#""iam:Pass*""#,
        ),
        (
            "passes-all-roles-but",
            Kind::Identity,
            own(
                r#""Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::222222222222:role/admin""#,
            ),
            r#""iam:PassRole""#,
        ),
        (
            "all-of-iam",
            Kind::Identity,
            own(r#""Effect": "Allow", "Action": "iam:*", "Resource": "*""#),
            r#""iam:*""#,
        ),
        (
            "service-without-source",
            Kind::Resource,
            own(
                r#""Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:222222222222:q""#,
            ),
            r#""sns.amazonaws.com""#,
        ),
        (
            "invisible-character",
            Kind::Identity,
            reads_on("arn:aws:s3:::logs/a\u{200b}/*"),
            "\u{200b}",
        ),
        ("no-effect", Kind::Identity, reads_on("arn:aws:s3"), r#""arn:aws:s3""#),
    ]
}

#[test]
fn each_rule_finds_what_it_is_about_and_nothing_beside() {
    let mut seen = BTreeSet::new();
    for (rule, kind, statement, at) in cases() {
        let text = document(&statement);
        let found = check(&text, kind);
        let [one] = &found[..] else { panic!("{rule}: {text}\n{found:#?}") };
        assert_eq!(
            (one.rule, text.get(one.span.clone()).unwrap(), one.line),
            (rule, at, 2),
            "{text}"
        );
        let known = lint_rules().find(|known| known.id == rule).unwrap();
        assert_eq!(one.level, known.level, "{rule}");
        seen.insert(rule);
    }
    let long = reads_on(&format!("arn:aws:s3:::{}/*", "b".repeat(7_000)));
    let found = check(&document(&long), Kind::Identity);
    assert_eq!((found[0].rule, found[0].level), ("too-long", Level::Note));
    seen.insert("too-long");
    let all: BTreeSet<&str> = lint_rules().map(|rule| rule.id).collect();
    assert_eq!(seen, all, "every rule has a case");
}

#[test]
fn a_variables_key_is_shown_as_it_is_written() {
    for key in ["aws:UserNmae", "S33:Prefix", "AWS:TagKeys"] {
        let statement = reads_on(&format!("arn:aws:s3:::logs/${{ {key} , 'none'}}/*"));
        let found = check(&document(&statement), Kind::Identity);
        let [one] = &found[..] else { panic!("{key}: {found:#?}") };
        assert!(one.message.contains(key), "{}", one.message);
    }
}

#[test]
fn what_is_right_has_no_findings() {
    for (kind, statement) in [
        (Kind::Identity, r#""Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]"#.to_owned()),
        (Kind::Identity, r#""Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::home", "Condition": {"StringLike": {"s3:prefix": "${aws:username}/*"}}"#.to_owned()),
        (Kind::Identity, r#""Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}"#.to_owned()),
        (Kind::Identity, r#""Effect": "Allow", "Action": "amplify:GetApp", "Resource": "arn:aws:amplify:us-east-1:222222222222:apps/a""#.to_owned()),
        (Kind::ServiceControl, r#""Effect": "Allow", "Action": "*", "Resource": "*""#.to_owned()),
        (Kind::Trust, trusts_tokens(r#""StringEquals": {"issuer.example:aud": "sts.amazonaws.com", "issuer.example:sub": "system:serviceaccount:a:b"}"#)),
        (Kind::Trust, trusts(r#"{"Service": "pods.eks.amazonaws.com"}"#, r#"["sts:AssumeRole", "sts:TagSession"]"#)),
        (Kind::Trust, trusts(r#"{"AWS": "arn:aws:iam::222222222222:role/a"}"#, r#""sts:AssumeRole""#)),
        (Kind::Identity, r#""Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*""#.to_owned()),
        (Kind::Identity, r#""Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "arn:aws:sqs:us-east-1:222222222222:*""#.to_owned()),
        (Kind::Identity, r#""Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"StringEquals": {"secretsmanager:ResourceTag/Team": "a"}}"#.to_owned()),
        (Kind::Identity, r#""Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}"#.to_owned()),
        (Kind::Identity, reads_if(r#""ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:us-east-1:222222222222:function:f"}"#)),
        (Kind::Identity, reads_if(r#""IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}"#)),
        (Kind::Identity, reads_if(r#""Null": {"aws:SourceVpce": "true"}"#)),
        (Kind::Identity, r#""Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::222222222222:role/team-*""#.to_owned()),
        (Kind::Resource, r#""Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:222222222222:q", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:222222222222:t"}}"#.to_owned()),
        (Kind::Trust, trusts(r#"{"Federated": "arn:aws:iam::222222222222:saml-provider/p"}"#, r#""sts:AssumeRoleWithSAML""#)),
    ] {
        let text = document(&statement);
        assert_eq!(check(&text, kind), [], "{text}");
    }
}

#[test]
fn a_claim_that_is_no_key_is_told_with_those_that_are() {
    let statement = |condition: &str| {
        let aud = r#""StringEquals": {"issuer.example:aud": "sts.amazonaws.com""#;
        let own = format!(r#"{aud}, "issuer.example:sub": "a"}}, {condition}"#);
        check(&document(&trusts_tokens(&own)), Kind::Trust)
    };
    for (condition, outcome) in [
        (r#""StringLike": {"issuer.example:groups": "*"}"#, "the statement allows nothing"),
        (r#""Null": {"issuer.example:groups": "false"}"#, "the statement allows nothing"),
        (r#""StringNotLike": {"issuer.example:groups": "x"}"#, "allows every token"),
        (r#""StringLikeIfExists": {"issuer.example:groups": "x"}"#, "allows every token"),
        (r#""ForAllValues:StringLike": {"issuer.example:groups": "x"}"#, "allows every token"),
    ] {
        let found = statement(condition);
        let found = found.iter().find(|own| own.rule == "claim-is-no-key").unwrap();
        assert!(found.message.contains(outcome), "{condition}: {}", found.message);
        let help = found.help.as_deref().unwrap();
        assert_eq!(help, "the keys of issuer.example are aud, sub, amr, email, oaud");
    }
    let github = r#""Effect": "Allow",
        "Principal": {"Federated": "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:octo/cat:ref:refs/heads/main",
        "token.actions.githubusercontent.com:repository_id": "1"}}"#;
    assert_eq!(check(&document(github), Kind::Trust), []);
}

/// AWS's guide to EKS Pod Identity: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>.
#[test]
fn the_keys_that_a_service_brings_are_never_called_missing() {
    for condition in [
        r#""StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}"#,
        r#""StringEquals": {"aws:SourceOrgID": "${aws:ResourceOrgID}"}"#,
        r#""ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-a1b2c3d4e5/*"}"#,
        r#""StringEquals": {"aws:SourceAccount": "222222222222"}"#,
        r#""StringEquals": {"aws:SourceAccount": "${aws:ResourceAccount}"}"#,
        r#""ArnEquals": {"aws:SourceArn": "arn:aws:eks:eu-west-1:222222222222:cluster/c"}"#,
    ] {
        let pods = trusts(
            r#"{"Service": "pods.eks.amazonaws.com"}"#,
            r#"["sts:AssumeRole", "sts:TagSession"]"#,
        );
        let text = document(&format!("{pods}, \"Condition\": {{{condition}}}"));
        assert_eq!(check(&text, Kind::Trust), [], "{text}");
    }
}

#[test]
fn what_iam_and_access_analyzer_call_it_stands_beside() {
    let trust = r#""Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:GetCallerIdentity""#;
    let found = check(&document(trust), Kind::Trust);
    let said = "AssumeRole policy may only specify STS AssumeRole actions.";
    assert_eq!((found[0].rule, found[0].aws_message.as_deref()), ("invalid", Some(said)));
    let pass = r#""Effect": "Allow", "Action": "iam:PassRole", "Resource": "*""#;
    let found = check(&document(pass), Kind::Identity);
    let same = "SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_RESOURCE";
    assert_eq!(found[0].access_analyzer, Some(same));
}

#[test]
fn an_invisible_character_outside_of_a_text_is_named() {
    let found = check("{\u{200b}\"Version\": \"2012-10-17\"}", Kind::Identity);
    let [one] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((one.rule, one.line, one.column), ("invalid", 1, 2));
    assert!(one.message.contains("zero width space (U+200B)"), "{}", one.message);
}
