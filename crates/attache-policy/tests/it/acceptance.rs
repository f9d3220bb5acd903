//! What IAM's writing calls refuse, with IAM's sentence and the place; and what they take.
//!
//! The shared issuers' cases are what IAM was seen to answer.

use attache_policy::{IamDocument, Kind, Policy};

const GITHUB: &str = "token.actions.githubusercontent.com";
const ACTIONS: &str = "AssumeRole policy may only specify STS AssumeRole actions.";
const FEDERATED: &str = "Federated principals must be valid domain names or SAML metadata ARNs";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";

fn refusal(text: &str, document: IamDocument) -> Option<String> {
    let refused = Policy::accept(text, document).err()?;
    let errors = refused.diagnostics.iter().filter(|d| d.aws.is_some());
    assert!(errors.clone().all(|d| d.line > 0 && d.column > 0), "{refused}");
    Some(refused.aws_message())
}

fn trust(statements: &str) -> Option<String> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    // What is there already goes on being read.
    assert!(Policy::parse(&text, Kind::Trust).is_ok(), "{text}");
    refusal(&text, IamDocument::TrustPolicy)
}

fn allows(action: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "111111111111"}}, "Action": "{action}"}}"#
    )
}

fn by_token(principal: &str, conditions: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Principal": {{"Federated": "{principal}"}}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{{conditions}}}}}"#
    )
}

fn provider(issuer: &str) -> String {
    format!("arn:aws:iam::111111111111:oidc-provider/{issuer}")
}

fn unscoped(principal: &str, keys: &str) -> String {
    format!(
        "Trust policy with trusted principal {principal} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, {keys} which is not scoped to all."
    )
}

#[test]
fn assume_role_policy_may_only_specify_sts_assume_role_actions() {
    for action in [
        "sts:GetCallerIdentity",
        "sts:GetFederationToken",
        "sts:*",
        "sts:Get*",
        "sts:Nothing*",
        "sts:AssumeRoleWithWebIdendity",
    ] {
        assert_eq!(trust(&allows(action)).as_deref(), Some(ACTIONS), "{action}");
    }
    for action in ["*", "s3:GetObject", "iam:PassRole", ""] {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {}}}"#, allows(action));
        assert_eq!(refusal(&text, IamDocument::TrustPolicy).as_deref(), Some(ACTIONS), "{action}");
    }
    for action in [
        "sts:AssumeRole",
        "STS:assumerole",
        "sts:AssumeRole*",
        "sts:TagSession",
        "sts:SetSourceIdentity",
        "sts:SetContext",
    ] {
        assert_eq!(trust(&allows(action)), None, "{action}");
    }
}

#[test]
fn federated_principals_must_be_valid_domain_names_or_saml_metadata_arns() {
    for name in [
        "",
        " ",
        "*",
        "keycloak",
        "https://accounts.google.com",
        "issuer.example/path",
        "${ISSUER}",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::111111111111:role/r",
        "arn:aws:iam::${ACCOUNT_ID}:oidc-provider/issuer.example",
        "arn:aws:iam::11111111111:oidc-provider/issuer.example",
        "arn:aws:iam::111111111111:oidc-provider/",
        "arn:aws:iam::111111111111:oidc-provider/https://issuer.example",
        "arn:aws:iam::111111111111:oidc-provider/${OIDC_PROVIDER}",
        "arn:aws:iam:eu-west-1:111111111111:oidc-provider/issuer.example",
        "arn:aws:iam::111111111111:saml-provider/",
        "arn:aws:iam//111111111111:oidc-provider/issuer.example",
    ] {
        assert_eq!(trust(&by_token(name, "")).as_deref(), Some(FEDERATED), "{name}");
    }
    for name in [
        "oidc.example.com",
        &provider("issuer.example"),
        &provider("oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"),
        "arn:aws-cn:iam::111111111111:oidc-provider/issuer.example/a/b",
        "arn:aws:iam::111111111111:saml-provider/My.Directory-1",
    ] {
        assert_eq!(trust(&by_token(name, "")), None, "{name}");
    }
}

#[test]
fn a_wrong_federated_principal_has_its_place() {
    let text = "{\"Version\": \"2012-10-17\",\n \"Statement\": {\"Effect\": \"Allow\",\n  \"Principal\": {\"Federated\": [\"issuer.example\", \"https://host\"]},\n  \"Action\": \"sts:AssumeRoleWithWebIdentity\"}}";
    let refused = Policy::accept(text, IamDocument::TrustPolicy).unwrap_err();
    let place = refused.diagnostics.iter().find(|d| d.aws.is_some()).unwrap();
    assert_eq!((place.line, place.column), (3, 49), "{refused}");
}

#[test]
fn assume_role_policy_contained_an_invalid_principal_star() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}"#;
    let said = r#"AssumeRolepolicy contained an invalid principal: "STAR":"*"."#;
    assert_eq!(refusal(text, IamDocument::TrustPolicy).as_deref(), Some(said));
    let other = text.replace(r#""*""#, r#""me""#);
    let said = "Principal must be a JSON object.";
    assert_eq!(refusal(&other, IamDocument::TrustPolicy).as_deref(), Some(said));
}

#[test]
fn a_trust_policy_has_no_resource() {
    let statement = r#"{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole", "Resource": "*"}"#;
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
    assert_eq!(Kind::infer(&text), Kind::Trust);
    let said = "Has prohibited field Resource";
    assert_eq!(refusal(&text, IamDocument::TrustPolicy).as_deref(), Some(said));
}

#[test]
fn a_policy_of_an_endpoint_is_no_trust_policy() {
    for statement in [
        r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}"#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Resource": "*"}"#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:*", "Resource": "*"}"#,
    ] {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        assert_eq!(Kind::infer(&text), Kind::Resource, "{statement}");
    }
}

/// GitHub's and the other shared issuers' cases: what a condition has to be to count.
#[test]
fn a_shared_issuer_needs_its_condition() {
    let sub = format!("{GITHUB}:sub");
    let job = format!("{GITHUB}:job_workflow_ref");
    let principal = provider(GITHUB);
    let said = unscoped(&principal, &format!("{sub} or {job}"));
    let one =
        |operator: &str, key: &str, value: &str| format!(r#""{operator}": {{"{key}": {value}}}"#);
    for conditions in [
        String::new(),
        one("StringEquals", &format!("{GITHUB}:aud"), r#""sts.amazonaws.com""#),
        one("StringEquals", &format!("{GITHUB}:repository"), r#""o/r""#),
        one("StringLike", &sub, r#""*""#),
        one("StringEquals", &sub, r#""*""#),
        one("StringLike", &sub, r#""**""#),
        one("StringLike", &sub, r#""*owned""#),
        one("StringEquals", &sub, r#""""#),
        one("StringLike", &sub, r#"" ""#),
        one("StringLike", &sub, r#"["repo:o/r:*", "*"]"#),
        one("StringNotEquals", &sub, r#""repo:o/r:*""#),
        one("StringEqualsIfExists", &sub, r#""repo:o/r:*""#),
        one("StringLikeIfExists", &sub, r#""repo:o/r:*""#),
        one("Null", &sub, r#""false""#),
        one("Bool", &sub, r#""true""#),
        one("NumericEquals", &sub, r#""1""#),
        one("StringEquals", &job, r#""*""#),
        format!(r#""StringEquals": {{"{sub}": "*", "{job}": "o/r"}}"#),
        format!(r#""StringEquals": {{"{sub}": "o/r", "{job}": "*"}}"#),
    ] {
        assert_eq!(
            trust(&by_token(&principal, &conditions)).as_deref(),
            Some(&*said),
            "{conditions}"
        );
    }
    for conditions in [
        one("StringLike", &sub, r#""repo:o/r:*""#),
        one("StringLike", &sub, r#""repo:*""#),
        one("StringEquals", &sub, r#""repo:o/r:ref:refs/heads/main""#),
        one("StringEqualsIgnoreCase", &sub, r#""repo:o/r:environment:p""#),
        one("ForAnyValue:StringEquals", &sub, r#""repo:o/r:environment:p""#),
        one("ForAllValues:StringLike", &sub, r#""repo:o/r:*""#),
        one("StringLike", &sub, r#""?""#),
        one("StringLike", &sub, r#""${aws:username}""#),
        one("StringEquals", &sub, "[]"),
        one("StringEquals", &sub.to_uppercase(), r#""repo:o/r:*""#),
        one("StringLike", &job, r#""o/r/.github/workflows/*""#),
        format!(r#""StringEquals": {{"{sub}": "o/r"}}, "StringLike": {{"{sub}": "*"}}"#),
    ] {
        assert_eq!(trust(&by_token(&principal, &conditions)), None, "{conditions}");
    }
}

#[test]
fn a_good_statement_does_not_excuse_a_bare_one() {
    let principal = provider(GITHUB);
    let good = by_token(&principal, &format!(r#""StringLike": {{"{GITHUB}:sub": "repo:o/r:*"}}"#));
    let bare = by_token(&principal, "");
    assert!(trust(&format!("{good}, {bare}")).is_some());
    let denied = bare.replace("Allow", "Deny");
    assert_eq!(trust(&format!("{good}, {denied}")), None);
    let tagged = bare.replace("sts:AssumeRoleWithWebIdentity", "sts:TagSession");
    assert_eq!(trust(&format!("{good}, {tagged}")), None);
    let all = bare.replace("sts:AssumeRoleWithWebIdentity", "sts:*");
    assert_eq!(trust(&all).as_deref(), Some(ACTIONS));
}

#[test]
fn an_issuer_that_begins_as_githubs_needs_its_own_keys() {
    for suffix in ["/octo", ".example.test", "other"] {
        let issuer = format!("{GITHUB}{suffix}");
        let principal = provider(&issuer);
        let conditions = format!(r#""StringEquals": {{"{GITHUB}:sub": "repo:o/r:*"}}"#);
        let said = unscoped(&principal, &format!("{issuer}:sub or {issuer}:job_workflow_ref"));
        assert_eq!(trust(&by_token(&principal, &conditions)), Some(said));
    }
}

#[test]
fn every_other_shared_issuer_needs_its_condition() {
    for (issuer, key) in [
        ("gitlab.com", "gitlab.com:sub"),
        ("vstoken.actions.githubusercontent.com", "vstoken.actions.githubusercontent.com:sub"),
        ("app.terraform.io", "app.terraform.io:sub"),
        ("api.pulumi.com/oidc", "api.pulumi.com/oidc:aud"),
        ("oidc.vercel.com", "oidc.vercel.com:aud"),
        ("sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", "sts:RoleSessionName"),
    ] {
        let principal = provider(issuer);
        let with =
            |value: &str| by_token(&principal, &format!(r#""StringLike": {{"{key}": "{value}"}}"#));
        let said = unscoped(issuer, key);
        assert_eq!(trust(&by_token(&principal, "")).as_deref(), Some(&*said));
        assert_eq!(trust(&with("*")).as_deref(), Some(&*said));
        assert_eq!(trust(&with("own:*")), None);
        // Less is asked of their values than of GitHub's.
        assert_eq!(trust(&with("**")), None);
    }
    let private = provider("gitlab.com/private");
    assert_eq!(trust(&by_token(&private, "")), None);
}

#[test]
fn a_condition_block_must_be_present_for_the_cognito_provider() {
    let cognito = "cognito-identity.amazonaws.com";
    let said = "A condition block must be present for the Cognito provider";
    assert_eq!(trust(&by_token(cognito, "")).as_deref(), Some(said));
    let amr = format!(r#""ForAnyValue:StringLike": {{"{cognito}:amr": "authenticated"}}"#);
    let said = unscoped(cognito, &format!("{cognito}:aud"));
    assert_eq!(trust(&by_token(cognito, &amr)), Some(said));
    let pool = format!(r#"{amr}, "StringEquals": {{"{cognito}:aud": "eu-west-1:1"}}"#);
    assert_eq!(trust(&by_token(cognito, &pool)), None);
}

#[test]
fn policy_trusting_google_requires_a_string_equals_condition_on_an_application_id() {
    for (issuer, keys, others) in [
        ("accounts.google.com", &["aud", "oaud", "sub"][..], &["email", "app_id", "AUD"][..]),
        ("www.amazon.com", &["app_id", "sub"], &["user_id", "aud"]),
        ("graph.facebook.com", &["app_id", "sub"], &["id", "aud"]),
    ] {
        let said = format!(
            "Policy trusting {issuer} requires a StringEquals condition on an application id"
        );
        let with = |operator: &str, key: &str| {
            let conditions = format!(r#""{operator}": {{"{issuer}:{key}": "1"}}"#);
            trust(&by_token(issuer, &conditions))
        };
        assert_eq!(trust(&by_token(issuer, "")).as_deref(), Some(&*said));
        for operator in ["StringLike", "StringEqualsIfExists", "StringNotEquals", "Null"] {
            assert_eq!(with(operator, keys[0]).as_deref(), Some(&*said), "{operator}");
        }
        for operator in ["StringEquals", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals"] {
            keys.iter().for_each(|key| assert_eq!(with(operator, key), None, "{operator} {key}"));
        }
        for key in others {
            assert_eq!(with("StringEquals", key).as_deref(), Some(&*said), "{key}");
        }
    }
}

#[test]
fn policy_document_must_be_version_2012_10_17_or_greater() {
    let statement =
        r#""Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}"#;
    let broken = r#""Statement": {"Effect": "Allow", "Action": "invalid", "Resource": "sdf"}"#;
    for document in [IamDocument::ManagedPolicy, IamDocument::PermissionsBoundary] {
        for rest in [statement, broken] {
            for version in ["", r#""Version": "2008-10-17", "#] {
                let text = format!("{{{version}{rest}}}");
                assert_eq!(refusal(&text, document).as_deref(), Some(VERSION), "{text}");
            }
        }
        let good = format!(r#"{{"Version": "2012-10-17", {statement}}}"#);
        assert_eq!(refusal(&good, document), None);
    }
    assert_eq!(refusal(&format!("{{{statement}}}"), IamDocument::InlinePolicy), None);
}

/// The files that users begin with.
#[test]
fn the_seeds_trust_policies_are_taken() {
    for text in [
        include_str!("../../../../examples/seed/source-trust.json"),
        include_str!("../../../../examples/seed/target-trust.json"),
    ] {
        assert_eq!(refusal(text, IamDocument::TrustPolicy), None);
    }
}
