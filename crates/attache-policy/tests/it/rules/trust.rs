//! A role's trust policy.

use attache_policy::{Context, Denial, Kind, Policy, Principal, Request};

use super::given::*;

const ISSUER: &str = "oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
const SUBJECT: &str = "system:serviceaccount:causely:causely-mediator";

fn seed() -> Policy {
    let text = include_str!("../../../../../examples/seed/target-trust.json");
    Policy::parse(text, Kind::Trust).unwrap().named("CauselyAccess")
}

fn web_identity(account: &str, sub: &str, aud: &str) -> Request {
    let mut context = Context::new();
    context.set(&format!("{ISSUER}:sub"), sub);
    context.set(&format!("{ISSUER}:aud"), aud);
    let provider_arn = format!("arn:aws:iam::{account}:oidc-provider/{ISSUER}");
    Request {
        principal: Principal::WebIdentity { provider_arn },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: "arn:aws:iam::222222222222:role/CauselyAccess".into(),
        resource_account: None,
        context,
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html>
#[test]
fn the_seeds_trust_policy_lets_in_its_own_service_account_alone() {
    let (own, sts) = ("222222222222", "sts.amazonaws.com");
    let cases = [
        ("the workload", own, SUBJECT, sts, true),
        ("another service account", own, "system:serviceaccount:x:y", sts, false),
        ("another audience", own, SUBJECT, "vault", false),
        ("another account's provider", "111111111111", SUBJECT, sts, false),
    ];
    for (name, account, sub, aud, allowed) in cases {
        let got = trusted(seed(), &web_identity(account, sub, aud));
        assert_eq!(got.is_ok(), allowed, "{name}");
    }
}

#[test]
fn a_refusal_names_the_first_failed_element_with_what_was_wanted_and_got() {
    let subject = "system:serviceaccount:causely:mediator";
    let explanation =
        explained(seed(), &web_identity("222222222222", subject, "sts.amazonaws.com"));
    let miss = &explanation.misses[0];
    assert_eq!(miss.wanted, [SUBJECT]);
    assert_eq!(miss.got, [subject]);
    assert_eq!((miss.line, miss.failed), (12, 1));
    assert!(miss.hint.as_ref().unwrap().contains("the request's sub is"));
}

fn assumes(who: Principal) -> Request {
    let action = "sts:AssumeRole".into();
    Request { action, resource: "arn:aws:iam::222222222222:role/Target".into(), ..reads(who) }
}

fn trust(principal: &str) -> String {
    format!(r#"{{"Effect": "Allow", {principal}, "Action": "sts:AssumeRole"}}"#)
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_trust_policy_must_allow_even_in_the_same_account() {
    let somebody_else = trust(&principal(&["arn:aws:iam::222222222222:user/bob"]));
    let policies = applicable(&[(Kind::Identity, ALL), (Kind::Trust, &somebody_else)]);
    let got = outcome(&policies, &assumes(user()));
    assert_eq!(got, Err(Denial::Implicit(Kind::Trust)));
    let named = trust(&principal(&[USER]));
    assert_eq!(outcome(&applicable(&[(Kind::Trust, &named)]), &assumes(user())), Ok(()));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts>
#[test]
fn a_trust_policy_that_names_the_account_leaves_it_to_the_callers_policy() {
    let delegates = trust(&principal(&[ACCOUNT]));
    let alone = outcome(&applicable(&[(Kind::Trust, &delegates)]), &assumes(user()));
    assert_eq!(alone, Err(Denial::Implicit(Kind::Identity)));
    let both = applicable(&[(Kind::Identity, ALL), (Kind::Trust, &delegates)]);
    assert_eq!(outcome(&both, &assumes(user())), Ok(()));
}

/// AWS stores the role as its unique id and shows that once the role is gone.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
#[test]
fn a_trust_policy_that_shows_a_unique_id_trusts_nobody_of_the_old_name() {
    let stale = trust(&principal(&["AROAEXAMPLEID0123456789"]));
    let policies = applicable(&[(Kind::Identity, ALL), (Kind::Trust, &stale)]);
    assert_eq!(outcome(&policies, &assumes(session())), Err(Denial::Implicit(Kind::Trust)));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html>
#[test]
fn a_trust_policy_takes_no_resource() {
    let cases = [
        ("Resource", "Has prohibited field Resource"),
        ("NotResource", "AssumeRole policy must not contain resources."),
    ];
    for (element, said) in cases {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "sts:AssumeRole", "{element}": "*"}}}}"#
        );
        let refused = Policy::parse(&text, Kind::Trust).unwrap_err();
        assert_eq!(refused.aws_message(), said);
    }
}

/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
#[test]
fn a_service_is_trusted_by_its_full_name() {
    for (named, trusted_) in [("pods.eks.amazonaws.com", true), ("*", false)] {
        let text = trust(&format!(r#""Principal": {{"Service": "{named}"}}"#));
        assert_eq!(
            trusted(of(Kind::Trust, &text), &assumes(service())).is_ok(),
            trusted_,
            "{named}"
        );
    }
}

/// IAM shows a trust policy's `*` as `{"AWS": "*"}`, and a token's holder is no principal of AWS.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity>
#[test]
fn everybody_does_not_trust_a_web_identity_and_a_denial_to_everybody_counts() {
    let everybody = r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:*"}"#;
    let request = web_identity("222222222222", SUBJECT, "sts.amazonaws.com");
    let got = trusted(of(Kind::Trust, everybody), &request);
    assert_eq!(got, Err(Denial::Implicit(Kind::Trust)));
    let allow = include_str!("../../../../../examples/seed/target-trust.json");
    let deny = everybody.replace("Allow", "Deny");
    let text = allow.replacen("\"Statement\": [", &format!("\"Statement\": [{deny},"), 1);
    assert_ne!(text, allow);
    let policy = Policy::parse(&text, Kind::Trust).unwrap();
    assert_eq!(trusted(policy, &request), Err(Denial::Explicit(Kind::Trust)));
}

/// IAM takes neither `*` alone nor exceptions, whose reach nobody sees.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn a_trust_policy_names_whom_it_trusts() {
    for element in [r#""Principal": "*""#, r#""NotPrincipal": {"AWS": "*"}"#] {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", {element}, "Action": "sts:AssumeRole"}}}}"#
        );
        assert!(Policy::parse(&text, Kind::Trust).is_err(), "{element}");
    }
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
#[test]
fn a_resource_control_policys_everybody_is_the_holders_of_tokens_too() {
    let everything = about("Allow", r#""Principal": "*""#);
    let unless_ours = format!(
        r#"{everything}, {{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
        "Resource": "*", "Condition": {{"StringNotEquals": {{"{ISSUER}:aud": "ours"}}}}}}"#
    );
    let request = web_identity("222222222222", SUBJECT, "sts.amazonaws.com");
    let decide = |control: &str| {
        let mut policies = applicable(&[(Kind::ResourceControl, control)]);
        policies.resource = Some(seed().into());
        outcome(&policies, &request)
    };
    assert_eq!(decide(&everything), Ok(()));
    assert_eq!(decide(&unless_ours), Err(Denial::Explicit(Kind::ResourceControl)));
}
