//! The claims of a token that are condition keys.

use attache_identifiers::AccountId;
use attache_policy::{Kind, Principal, Request, WebIdentity};
use serde_json::{Value, json};

use super::given::*;

const ISSUER: &str = "issuer.example/id/A";

/// A token's holder asks for a role; the audience is the token's `azp`, else its `aud`.
fn holder(issuer: &str, claims: &Value) -> Request {
    let account = AccountId::parse(ACCOUNT).unwrap();
    let claims: Vec<_> = claims.as_object().unwrap().clone().into_iter().collect();
    let text =
        |name: &str| claims.iter().find(|(own, _)| own == name).and_then(|(_, v)| v.as_str());
    let provider_arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}");
    let mut request = Request {
        principal: Principal::WebIdentity { provider_arn: provider_arn.clone() },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        ..reads(user())
    };
    request.context.add_web_identity(&WebIdentity {
        provider_arn: &provider_arn,
        issuer,
        audience: text("azp").or(text("aud")).unwrap_or("sts.amazonaws.com"),
        subject: text("sub").unwrap_or("s"),
        claims: &claims,
        account,
    });
    request
}

fn statement(effect: &str, issuer: &str, conditions: &str) -> String {
    let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}");
    format!(
        r#"{{"Effect": "{effect}", "Principal": {{"Federated": "{provider}"}},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{{conditions}}}}}"#
    )
}

/// Whether the trust policy lets the token in under that condition.
fn lets_in(issuer: &str, conditions: &str, claims: &Value) -> bool {
    let trust = of(Kind::Trust, &statement("Allow", issuer, conditions));
    trusted(trust, &holder(issuer, claims)).is_ok()
}

/// A token with every claim that somebody may take for a key.
fn token() -> Value {
    json!({
        "iss": "https://issuer.example/id/A", "sub": "s", "aud": "sts.amazonaws.com", "exp": 1, "iat": 1,
        "nbf": 1, "jti": "j", "team": "ops", "groups": ["ops"], "Email": "E", "email": "e",
        "name": "n", "kubernetes.io": {"namespace": "ns"}, "repository_id": "1", "AMR": "x",
    })
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
#[test]
fn a_claim_that_aws_makes_no_key_of_lets_nobody_in() {
    for (claim, value) in [
        ("team", "ops"),
        ("groups", "ops"),
        ("iss", "https://issuer.example/id/A"),
        ("exp", "1"),
        ("iat", "1"),
        ("nbf", "1"),
        ("jti", "j"),
        ("name", "n"),
        ("azp", "sts.amazonaws.com"),
        ("kubernetes.io", "ns"),
        ("kubernetes.io/namespace", "ns"),
        ("repository_id", "1"),
    ] {
        for key in
            [format!("{ISSUER}:{claim}"), format!("Issuer.Example/ID/a:{}", claim.to_uppercase())]
        {
            let condition =
                |operator: &str, value: &str| format!(r#""{operator}": {{"{key}": "{value}"}}"#);
            for operator in ["StringEquals", "StringLike", "ForAnyValue:StringEquals"] {
                assert!(
                    !lets_in(ISSUER, &condition(operator, value), &token()),
                    "{operator} {key}"
                );
                assert!(!lets_in(ISSUER, &condition(operator, "*"), &token()), "{operator} {key}");
            }
            assert!(!lets_in(ISSUER, &condition("Null", "false"), &token()), "{key}");
            // It is missing, so that what holds for missing keys holds.
            for operator in ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals"]
            {
                assert!(
                    lets_in(ISSUER, &condition(operator, "other"), &token()),
                    "{operator} {key}"
                );
            }
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
#[test]
fn a_deny_of_every_other_value_of_such_a_claim_denies_everybody() {
    let deny =
        statement("Deny", ISSUER, &format!(r#""StringNotEquals": {{"{ISSUER}:team": "ops"}}"#));
    let allow = statement("Allow", ISSUER, &format!(r#""StringEquals": {{"{ISSUER}:sub": "s"}}"#));
    let trust = of(Kind::Trust, &[allow, deny].join(", "));
    assert!(trusted(trust, &holder(ISSUER, &token())).is_err());
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
#[test]
fn an_issuer_of_ones_own_has_five_claims_as_keys() {
    let token = json!({"sub": "s", "aud": "a", "azp": "z", "amr": ["pwd", "mfa"], "email": "e"});
    for (condition, holds) in [
        (r#""StringEquals": {"K:sub": "s"}"#, true),
        (r#""StringEquals": {"K:SUB": "s"}"#, true),
        (r#""StringEquals": {"K:aud": "z"}"#, true),
        (r#""StringEquals": {"K:aud": "a"}"#, false),
        (r#""StringEquals": {"K:oaud": "a"}"#, true),
        (r#""StringEquals": {"K:email": "e"}"#, true),
        (r#""ForAnyValue:StringEquals": {"K:amr": "mfa"}"#, true),
        (r#""StringEquals": {"K:amr": "mfa"}"#, false),
        (r#""StringEquals": {"K/:sub": "s"}"#, false),
        (r#""StringEquals": {"https://K:sub": "s"}"#, false),
    ] {
        let condition = condition.replace('K', ISSUER);
        assert_eq!(lets_in(ISSUER, &condition, &token), holds, "{condition}");
    }
    // Without an azp the token's own audience is both.
    for key in ["aud", "oaud"] {
        let condition = format!(r#""StringEquals": {{"{ISSUER}:{key}": "a"}}"#);
        assert!(lets_in(ISSUER, &condition, &json!({"sub": "s", "aud": "a"})), "{key}");
        assert!(
            lets_in(ISSUER, &condition, &json!({"sub": "s", "aud": ["a"], "azp": "a"})),
            "{key}"
        );
    }
    // A claim in other letters is another claim, and a token cannot bring an oaud of its own.
    let other = json!({"sub": "s", "aud": "a", "Email": "e", "oaud": "o", "AMR": ["mfa"]});
    for condition in [r#""K:email": "e""#, r#""K:oaud": "o""#] {
        let condition = format!(r#""StringEquals": {{{}}}"#, condition.replace('K', ISSUER));
        assert!(!lets_in(ISSUER, &condition, &other), "{condition}");
    }
    let slash = "issuer.example/";
    let condition = r#""StringEquals": {"issuer.example/:sub": "s"}"#;
    assert!(lets_in(slash, condition, &json!({"sub": "s"})), "an issuer may end with a slash");
}

/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html>
#[test]
fn a_shared_issuer_has_the_claims_that_aws_knows_of_it() {
    for (issuer, key, claims, holds) in [
        (
            "token.actions.githubusercontent.com",
            "repository_id",
            json!({"repository_id": "1"}),
            true,
        ),
        ("token.actions.githubusercontent.com", "repository_id", json!({"repository_id": 1}), true),
        (
            "token.actions.githubusercontent.com/octo",
            "enterprise_id",
            json!({"enterprise_id": "1"}),
            true,
        ),
        ("token.actions.githubusercontent.com", "event_name", json!({"event_name": "1"}), false),
        ("gitlab.com", "project_id", json!({"project_id": "1"}), true),
        ("gitlab.com", "project_path", json!({"project_path": "1"}), false),
        ("gitlab.example", "project_id", json!({"project_id": "1"}), false),
        (
            "accounts.google.com",
            "google/organization_number",
            json!({"google": {"organization_number": 1}}),
            true,
        ),
        (
            "oidc.circleci.com/org/7",
            "oidc.circleci.com/project-id",
            json!({"oidc.circleci.com/project-id": "1"}),
            true,
        ),
        ("agent.buildkite.com", "pipeline_slug", json!({"pipeline_slug": "1"}), true),
        ("idcs-7.identity.oraclecloud.com", "rpst_id", json!({"rpst_id": "1"}), true),
    ] {
        let condition = format!(r#""StringEquals": {{"{issuer}:{key}": "1"}}"#);
        assert_eq!(lets_in(issuer, &condition, &claims), holds, "{issuer}:{key}");
    }
}
