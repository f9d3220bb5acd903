//! In which order the kinds of policy decide.

use attache_policy::{Denial, Kind, Request};

use super::given::*;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn nothing_is_allowed_without_an_allow() {
    let denied = Err(Denial::Implicit(Kind::Identity));
    assert_eq!(outcome(&applicable(&[]), &reads(user())), denied);
    assert_eq!(outcome(&applicable(&[(Kind::Identity, READ)]), &reads(user())), denied);
    assert_eq!(outcome(&applicable(&[(Kind::Identity, ALL)]), &reads(user())), Ok(()));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html>
#[test]
fn an_explicit_deny_of_any_kind_overrides_every_allow() {
    let everyone = r#""Principal": "*""#;
    let named = about("Allow", &principal(&[USER]));
    let denied = format!("{named}, {}", about("Deny", everyone));
    let controlled = format!("{}, {}", about("Allow", everyone), about("Deny", everyone));
    let plain = format!("{ALL}, {DENY}");
    let cases = [
        (Kind::Identity, &plain),
        (Kind::Boundary, &plain),
        (Kind::Session, &plain),
        (Kind::ServiceControl, &plain),
        (Kind::Resource, &denied),
        (Kind::ResourceControl, &controlled),
    ];
    for (kind, statements) in cases {
        let mut policies = vec![(Kind::Identity, ALL), (Kind::Resource, named.as_str())];
        policies.retain(|(other, _)| *other != kind);
        assert_eq!(outcome(&applicable(&policies), &reads(user())), Ok(()), "without {kind:?}");
        policies.push((kind, statements));
        let got = outcome(&applicable(&policies), &reads(user()));
        assert_eq!(got, Err(Denial::Explicit(kind)), "{kind:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_boundary_a_session_policy_and_an_organizations_policy_must_allow_too() {
    // Where RCPFullAWSAccess is not, nothing is allowed.
    let denies = r#"{"Effect": "Deny", "Principal": "*", "Action": "ec2:*", "Resource": "*"}"#;
    let cases = [
        (Kind::Boundary, READ),
        (Kind::Session, READ),
        (Kind::ServiceControl, READ),
        (Kind::ResourceControl, denies),
    ];
    for (kind, statements) in cases {
        let policies = applicable(&[(Kind::Identity, ALL), (kind, statements)]);
        let got = outcome(&policies, &reads(session()));
        assert_eq!(got, Err(Denial::Implicit(kind)), "{kind:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getscopedcredentials.html>
#[test]
fn each_policy_that_narrowed_a_session_must_allow() {
    let silent = Err(Denial::Implicit(Kind::Session));
    let denied = Err(Denial::Explicit(Kind::Session));
    let but = format!("{ALL}, {DENY}");
    let named = about("Allow", &principal(&[SESSION]));
    for (name, more, wanted) in [
        ("two that allow", vec![ALL, ALL, ALL], Ok(())),
        ("the first is silent", vec![ALL, READ, ALL], silent),
        ("the last is silent", vec![ALL, ALL, READ], silent),
        ("one denies", vec![ALL, &but, ALL], denied),
    ] {
        let mut policies = vec![(Kind::Identity, ALL)];
        policies.extend(more.into_iter().map(|statements| (Kind::Session, statements)));
        assert_eq!(outcome(&applicable(&policies), &reads(session())), wanted, "{name}");
        // Also where the resource's policy names the session itself.
        policies.push((Kind::Resource, named.as_str()));
        let got = outcome(&applicable(&policies), &reads(session()));
        assert_eq!(got, wanted, "{name}, named by the resource");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
#[test]
fn a_boundary_grants_nothing_by_itself() {
    for kind in [Kind::Boundary, Kind::Session, Kind::ServiceControl] {
        let got = outcome(&applicable(&[(kind, ALL)]), &reads(session()));
        assert_eq!(got, Err(Denial::Implicit(Kind::Identity)), "{kind:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn of_several_that_do_not_allow_the_first_in_the_order_is_told() {
    let elsewhere = r#"{"Effect": "Allow", "Principal": "*", "Action": "ec2:*", "Resource": "*"}"#;
    let denies = elsewhere.replace("Allow", "Deny");
    let order = [
        (Kind::ResourceControl, denies.as_str()),
        (Kind::ServiceControl, READ),
        (Kind::Resource, elsewhere),
        (Kind::Boundary, READ),
        (Kind::Session, READ),
        (Kind::Identity, READ),
    ];
    for first in 0..order.len() {
        // Across accounts the resource's policy has to allow; after it, here, it does.
        let mut rest = order[first..].to_vec();
        let named = about("Allow", &principal(&[ROLE]));
        if first > 2 {
            rest.push((Kind::Resource, &named));
        }
        let got = outcome(&applicable(&rest), &reads_elsewhere(session()));
        assert_eq!(got, Err(Denial::Implicit(order[first].0)), "{rest:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>
#[test]
fn in_one_account_the_identitys_or_the_resources_allow_is_enough() {
    let named = about("Allow", &principal(&[USER]));
    assert_eq!(outcome(&applicable(&[(Kind::Resource, &named)]), &reads(user())), Ok(()));
    let silent = about("Allow", &principal(&["arn:aws:iam::222222222222:user/bob"]));
    let policies = applicable(&[(Kind::Identity, ALL), (Kind::Resource, &silent)]);
    assert_eq!(outcome(&policies, &reads(user())), Ok(()));
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>
#[test]
fn a_keys_own_policy_must_allow_within_its_account_too() {
    let delegates = about("Allow", &principal(&[ACCOUNT]));
    let silent = about("Allow", &principal(&["arn:aws:iam::222222222222:user/bob"]));
    let refused = Err(Denial::Implicit(Kind::Resource));
    for (who, resource, wanted) in [
        (user(), &silent, refused),
        (session(), &silent, refused),
        (root(), &silent, refused),
        (user(), &delegates, Ok(())),
        (root(), &delegates, Ok(())),
    ] {
        let policies = applicable(&[(Kind::Identity, ALL), (Kind::Resource, resource)]);
        let key = "arn:aws:kms:eu-west-1:222222222222:key/1".to_owned();
        let request = Request { action: "kms:Decrypt".into(), resource: key, ..reads(who) };
        assert_eq!(outcome(&policies, &request), wanted, "{request:?}");
        let notes = attache_policy::evaluate(&policies, &request).explain().notes;
        assert_eq!(notes.iter().any(|note| note.contains("key's own policy")), wanted.is_err());
        // An alias has no policy.
        let alias = Request { resource: request.resource.replace("key", "alias"), ..request };
        assert_eq!(outcome(&policies, &alias), Ok(()));
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>
#[test]
fn another_accounts_resource_needs_both_sides() {
    let request = reads_elsewhere(user());
    let named = about("Allow", &principal(&[USER]));
    let cases = [
        (vec![(Kind::Identity, ALL)], Err(Denial::Implicit(Kind::Resource))),
        (vec![(Kind::Resource, named.as_str())], Err(Denial::Implicit(Kind::Identity))),
        (vec![(Kind::Identity, ALL), (Kind::Resource, &named)], Ok(())),
    ];
    for (policies, wanted) in cases {
        assert_eq!(outcome(&applicable(&policies), &request), wanted, "{policies:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>
#[test]
fn across_accounts_naming_the_user_or_the_session_does_not_pass_the_boundary() {
    for (who, arn) in [(user(), USER), (session(), SESSION)] {
        let named = about("Allow", &principal(&[arn]));
        let policies = [(Kind::Identity, ALL), (Kind::Boundary, READ), (Kind::Resource, &named)];
        let got = outcome(&applicable(&policies), &reads_elsewhere(who));
        assert_eq!(got, Err(Denial::Implicit(Kind::Boundary)), "{arn}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_root_user_needs_no_policy_of_its_own() {
    assert_eq!(outcome(&applicable(&[]), &reads(root())), Ok(()));
    let denied = outcome(&applicable(&[(Kind::ServiceControl, DENY)]), &reads(root()));
    assert_eq!(denied, Err(Denial::Explicit(Kind::ServiceControl)));
}
