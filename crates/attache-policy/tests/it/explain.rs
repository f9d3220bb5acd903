//! What a refusal says to whoever has to mend it.

use attache_policy::{
    Context, EffectivePolicies, Explanation, Kind, Policy, PolicySet, Principal, Request,
    WebIdentity, evaluate,
};
use serde_json::json;

const ISSUER: &str = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE";
const ROLE: &str = "arn:aws:iam::222222222222:role/CauselyAccess";

fn trust(statement: &str) -> PolicySet {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
    Policy::parse(&text, Kind::Trust).unwrap_or_else(|e| panic!("{e}")).named("trust.json").into()
}

/// A statement that lets the workload in, but for what a case replaces in it.
fn seed(replace: &str, with: &str) -> PolicySet {
    let statement = format!(
        r#"{{"Effect": "Allow",
  "Principal": {{"Federated": "arn:aws:iam::222222222222:oidc-provider/{ISSUER}"}},
  "Action": "sts:AssumeRoleWithWebIdentity",
  "Condition": {{"StringEquals": {{
    "{ISSUER}:sub": "system:serviceaccount:causely:causely-mediator",
    "{ISSUER}:aud": "sts.amazonaws.com"}}}}}}"#
    );
    assert!(statement.contains(replace), "{replace}");
    trust(&statement.replace(replace, with))
}

fn token() -> Request {
    let mut context = Context::new();
    let provider_arn = format!("arn:aws:iam::222222222222:oidc-provider/{ISSUER}");
    let claims = [("sub".into(), json!("ignored for the subject below"))];
    context.add_web_identity(&WebIdentity {
        provider_arn: &provider_arn,
        issuer: ISSUER,
        audience: "sts.amazonaws.com",
        subject: "system:serviceaccount:causely:causely-mediator",
        claims: &claims,
        account: attache_identifiers::AccountId::parse("222222222222").unwrap(),
    });
    Request {
        principal: Principal::WebIdentity { provider_arn },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: ROLE.into(),
        resource_account: Some(attache_identifiers::AccountId::parse("222222222222").unwrap()),
        context,
    }
}

fn explain(trust: PolicySet, request: &Request) -> Explanation {
    let policies = EffectivePolicies { resource: Some(trust), ..EffectivePolicies::default() };
    let decision = evaluate(&policies, request);
    let explanation = decision.explain();
    assert_eq!(decision.reason(), explanation.to_string());
    explanation
}

#[test]
fn every_common_mistake_has_its_own_hint() {
    let cases = [
        ("another service account", ":causely-mediator", ":mediator", "the request's sub is"),
        (
            "a slash behind the issuer",
            "/id/EXAMPLE:sub",
            "/id/EXAMPLE/:sub",
            "a trailing / alone: write oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:sub",
        ),
        (
            "a scheme in the key",
            &format!("\"{ISSUER}:sub"),
            &format!("\"https://{ISSUER}:sub"),
            "no scheme",
        ),
        (
            "a claim that is no key",
            "/id/EXAMPLE:sub",
            "/id/EXAMPLE:team",
            "there are aud, sub, amr, email, oaud alone",
        ),
        ("another provider's prefix", "/id/EXAMPLE:sub", "/id/OTHER:sub", "another provider's"),
        (
            "a star in StringEquals",
            "causely:causely-mediator",
            "causely:*",
            "StringLike makes them wildcards",
        ),
        (
            "StringLike without a star",
            &format!("StringEquals\": {{\n    \"{ISSUER}:sub\": \"system:serviceaccount:"),
            &format!("StringLike\": {{\n    \"{ISSUER}:sub\": \"system:serviceaccounts:"),
            "StringLike without a * or ? is StringEquals",
        ),
        (
            "sts:AssumeRole",
            "sts:AssumeRoleWithWebIdentity",
            "sts:AssumeRole",
            "needs sts:AssumeRoleWithWebIdentity",
        ),
        (
            "another account",
            "iam::222222222222",
            "iam::111111111111",
            "only the account differs: expected 111111111111, found",
        ),
        (
            "another partition",
            "arn:aws:iam",
            "arn:aws-cn:iam",
            "only the partition differs: expected aws-cn, found",
        ),
        ("a slash behind the provider", "/id/EXAMPLE\"}", "/id/EXAMPLE/\"}", "a trailing / alone"),
        (
            "http",
            "oidc-provider/oidc",
            "oidc-provider/http://oidc",
            "they differ in http:// or https:// alone",
        ),
        (
            "a star that would not help",
            "causely:causely-mediator",
            "other:*",
            "expects system:serviceaccount:other:*, and StringEquals takes * and ? as they are",
        ),
        (
            "the nearest of several",
            "\"system:serviceaccount:causely:causely-mediator\"",
            "[\"system:serviceaccount:a:b\", \"system:serviceaccount:causely:mediator\"]",
            "of the 2 values that this statement expects the nearest is system:serviceaccount:causely:mediator",
        ),
        (
            "any AWS principal",
            &format!("{{\"Federated\": \"arn:aws:iam::222222222222:oidc-provider/{ISSUER}\"}}"),
            "{\"AWS\": \"*\"}",
            "* does not let in web identities",
        ),
        ("case", "sts.amazonaws.com", "STS.amazonaws.com", "in case alone"),
        ("white space", "sts.amazonaws.com", "sts.amazonaws.com ", "in white space alone"),
        (
            "a key that is never there",
            &format!("{ISSUER}:aud"),
            "aws:PrincipalOrgID",
            "never present",
        ),
    ];
    for (name, replace, with, hint) in cases {
        let said = explain(seed(replace, with), &token());
        let miss = said.misses.first().unwrap_or_else(|| panic!("{name}: {said}"));
        let found = miss.hint.as_deref().unwrap_or_default();
        assert!(found.contains(hint), "{name}: {found:?}\n{said}");
        assert_eq!(miss.failed, 1, "{name}");
    }
}

#[test]
fn a_role_of_another_account_partition_or_path_is_told() {
    for (wanted, hint) in [
        ("333333333333", "of another account: expected 333333333333, found 111111111111"),
        ("arn:aws:iam::333333333333:root", "of another account: expected 333333333333, found"),
        (
            "arn:aws:iam::333333333333:role/Source",
            "only the account differs: expected 333333333333, found",
        ),
        (
            "arn:aws-cn:iam::111111111111:role/Source",
            "only the partition differs: expected aws-cn, found",
        ),
        ("arn:aws:iam::111111111111:role/team/Source", "only the path differs"),
        ("arn:aws:iam::111111111111:role/Other", "the session's role is"),
    ] {
        let statement = format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{wanted}"}}, "Action": "sts:AssumeRole"}}"#
        );
        let request = Request {
            principal: Principal::RoleSession {
                role_arn: "arn:aws:iam::111111111111:role/Source".into(),
                session_arn: "arn:aws:sts::111111111111:assumed-role/Source/pod".into(),
            },
            action: "sts:AssumeRole".into(),
            ..token()
        };
        let said = explain(trust(&statement), &request);
        let found = said.misses[0].hint.as_deref().unwrap_or_default();
        assert!(found.contains(hint), "{wanted}: {found}");
    }
}

#[test]
fn an_issuer_over_http_is_told() {
    let mut request = token();
    let provider_arn = format!("arn:aws:iam::222222222222:oidc-provider/http://{ISSUER}");
    request.principal = Principal::WebIdentity { provider_arn };
    let said = explain(seed("EXAMPLE", "EXAMPLE"), &request);
    assert!(said.misses[0].hint.as_deref().unwrap().contains("AWS takes https:// alone"), "{said}");
}

#[test]
fn what_a_resources_policy_lacks_is_told_where_the_principals_own_do_not_allow() {
    let bucket = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::222222222222:user/anne"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::logs/*"}}"#;
    let policies = EffectivePolicies {
        resource: Some(Policy::parse(bucket, Kind::Resource).unwrap().into()),
        ..EffectivePolicies::default()
    };
    let request = Request {
        principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
        action: "s3:GetObject".into(),
        resource: "arn:aws:s3:::logs/today".into(),
        resource_account: None,
        context: Context::new(),
    };
    let said = evaluate(&policies, &request).explain();
    assert_eq!(said.misses.len(), 1, "{said}");
    assert_eq!(said.misses[0].element, "Principal");
}

#[test]
fn an_audience_that_is_a_list_is_told() {
    let mut request = token();
    let aud = format!("{ISSUER}:aud");
    request.context.set_many(&aud, ["a", "b"]);
    let said = explain(seed("EXAMPLE", "EXAMPLE"), &request);
    assert!(said.misses[0].hint.as_deref().unwrap().contains("a list of 2"), "{said}");
}

#[test]
fn the_nearest_miss_comes_first_and_other_actions_last() {
    let statements = format!(
        r#"[{{"Sid": "Far", "Effect": "Allow", "Principal": {{"AWS": "111111111111"}},
             "Action": "sts:AssumeRole"}},
            {{"Sid": "Near", "Effect": "Allow",
             "Principal": {{"Federated": "arn:aws:iam::222222222222:oidc-provider/{ISSUER}"}},
             "Action": "sts:AssumeRoleWithWebIdentity",
             "Condition": {{"StringLike": {{"{ISSUER}:sub": "system:serviceaccount:dev:*"}}}}}}]"#
    );
    let said = explain(trust(&statements), &token());
    let sids: Vec<_> = said.misses.iter().map(|m| m.statement.sid.as_deref().unwrap()).collect();
    assert_eq!(sids, ["Near", "Far"]);
    assert_eq!((said.misses[0].failed, said.misses[1].failed), (1, 2));
}

#[test]
fn what_was_decided_names_its_statements() {
    let said = explain(seed("EXAMPLE", "EXAMPLE"), &token());
    assert_eq!(
        said.to_string(),
        format!(
            "system:serviceaccount:causely:causely-mediator \
             (by arn:aws:iam::222222222222:oidc-provider/{ISSUER}) may call \
             sts:AssumeRoleWithWebIdentity on {ROLE}\n  \
             decided by trust.json, statement 1, line 1\n"
        )
    );
}

#[test]
fn a_trust_in_the_account_says_that_the_callers_own_policies_decide() {
    let account =
        r#"{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}"#;
    let request = Request {
        principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
        action: "sts:AssumeRole".into(),
        ..token()
    };
    let said = explain(trust(account), &request);
    assert_eq!(said.notes.len(), 2, "{said}");
    assert!(said.notes[0].contains("no identity-based policy at all"));
    assert!(said.notes[1].contains("trusts the account as a whole"));
}
