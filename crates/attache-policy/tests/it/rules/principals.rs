//! Whom `Principal` and `NotPrincipal` mean.

use attache_policy::{Denial, Kind, Principal};

use super::given::*;

/// A resource's policy that names that principal, and a boundary or a session policy that does not
/// allow what is asked.
fn named_within(limit: Kind, named: &str, who: Principal) -> Result<(), Denial> {
    let named = about("Allow", &principal(&[named]));
    outcome(&applicable(&[(Kind::Resource, &named), (limit, READ)]), &reads(who))
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_resource_policy_that_names_the_session_is_not_limited_by_the_boundary_or_the_session_policy() {
    for limit in [Kind::Boundary, Kind::Session] {
        assert_eq!(named_within(limit, SESSION, session()), Ok(()), "{limit:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_resource_policy_that_names_the_user_is_not_limited_by_the_boundary() {
    assert_eq!(named_within(Kind::Boundary, USER, user()), Ok(()));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_resource_policy_that_names_the_role_is_limited_by_the_boundary_and_the_session_policy() {
    for limit in [Kind::Boundary, Kind::Session] {
        let limited = Err(Denial::Implicit(limit));
        assert_eq!(named_within(limit, ROLE, session()), limited, "{limit:?}");
    }
    let named = about("Allow", &principal(&[ROLE]));
    let policies = [(Kind::Resource, &*named), (Kind::Boundary, ALL), (Kind::Session, ALL)];
    assert_eq!(outcome(&applicable(&policies), &reads(session())), Ok(()));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn a_federated_users_session_is_named_by_itself_and_limited_where_its_user_is_named() {
    let federated = "arn:aws:sts::222222222222:federated-user/app";
    for limit in [Kind::Boundary, Kind::Session] {
        assert_eq!(named_within(limit, federated, federated_user(federated)), Ok(()), "{limit:?}");
    }
    let limited = Err(Denial::Implicit(Kind::Session));
    assert_eq!(named_within(Kind::Session, USER, federated_user(federated)), limited);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html>
#[test]
fn a_federated_user_without_a_session_policy_can_do_what_a_resource_policy_gives_it_alone() {
    let federated = "arn:aws:sts::222222222222:federated-user/app";
    let request = reads(federated_user(federated));
    let bare = outcome(&applicable(&[(Kind::Identity, ALL)]), &request);
    assert_eq!(bare, Err(Denial::Implicit(Kind::Session)));
    let named = about("Allow", &principal(&[federated]));
    assert_eq!(outcome(&applicable(&[(Kind::Resource, &named)]), &request), Ok(()));
    let with_policy = applicable(&[(Kind::Identity, ALL), (Kind::Session, ALL)]);
    assert_eq!(outcome(&with_policy, &request), Ok(()));
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
#[test]
fn a_root_users_federated_session_may_what_its_session_policy_says() {
    let arn = "arn:aws:sts::222222222222:federated-user/app".to_owned();
    let user_arn = "arn:aws:iam::222222222222:root".to_owned();
    let request = reads(Principal::Federated { arn, user_arn });
    let bare = outcome(&applicable(&[]), &request);
    assert_eq!(bare, Err(Denial::Implicit(Kind::Session)));
    let other = outcome(&applicable(&[(Kind::Session, READ)]), &request);
    assert_eq!(other, Err(Denial::Implicit(Kind::Session)));
    assert_eq!(outcome(&applicable(&[(Kind::Session, ALL)]), &request), Ok(()));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts>
#[test]
fn an_account_delegates_and_the_callers_own_policy_must_allow_too() {
    for account in [ACCOUNT, "arn:aws:iam::222222222222:root"] {
        let named = about("Allow", &principal(&[account]));
        for who in [user(), session()] {
            let alone = outcome(&applicable(&[(Kind::Resource, &named)]), &reads(who.clone()));
            assert_eq!(alone, Err(Denial::Implicit(Kind::Identity)), "{account}");
            let both = applicable(&[(Kind::Resource, &named), (Kind::Identity, ALL)]);
            assert_eq!(outcome(&both, &reads_elsewhere(who)), Ok(()), "{account}");
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous>
#[test]
fn everybody_is_everybody_and_nothing_else_is_needed_in_the_same_account() {
    for everybody in [r#""Principal": "*""#, r#""Principal": {"AWS": "*"}"#] {
        let policies = applicable(&[(Kind::Resource, &about("Allow", everybody))]);
        for who in [user(), session(), Principal::Anonymous] {
            assert_eq!(outcome(&policies, &reads(who.clone())), Ok(()), "{everybody} {who:?}");
        }
        let elsewhere = outcome(&policies, &reads_elsewhere(user()));
        assert_eq!(elsewhere, Err(Denial::Implicit(Kind::Identity)));
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-users>
#[test]
fn a_star_in_an_arn_is_no_wildcard_and_case_counts() {
    for refused in [
        "arn:aws:iam::222222222222:user/*",
        "arn:aws:iam::222222222222:*",
        "arn:aws:sts::222222222222:assumed-role/Reader/*",
    ] {
        let text = format!(r#"{{"Statement": {}}}"#, about("Allow", &principal(&[refused])));
        let invalid = attache_policy::Policy::parse(&text, Kind::Resource).unwrap_err();
        assert!(invalid.to_string().contains("wildcard"), "{refused}: {invalid}");
    }
    let nobody = about("Allow", &principal(&["arn:aws:iam::222222222222:user/Ann"]));
    let got = outcome(&applicable(&[(Kind::Resource, &nobody)]), &reads(user()));
    assert_eq!(got, Err(Denial::Implicit(Kind::Identity)));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
#[test]
fn the_unique_id_of_a_deleted_role_names_nobody() {
    let named = about("Allow", &principal(&["AROAEXAMPLEID0123456789"]));
    let policies = applicable(&[(Kind::Resource, &named)]);
    let mut request = reads(session());
    assert_eq!(outcome(&policies, &request), Err(Denial::Implicit(Kind::Identity)));
    request.context.set("aws:userid", "AROAOFTHENEWROLE12345:s");
    assert_eq!(outcome(&policies, &request), Err(Denial::Implicit(Kind::Identity)));
    request.context.set("aws:userid", "AROAEXAMPLEID0123456789:s");
    assert_eq!(outcome(&policies, &request), Ok(()), "unless it is the very role");
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn a_deny_with_not_principal_spares_a_session_only_by_its_role_and_itself() {
    let cases: [(&str, &[&str], bool); 6] = [
        ("the role alone", &[ROLE], false),
        ("the account alone", &[ACCOUNT], false),
        ("the session alone", &[SESSION], false),
        ("the role and the session", &[ROLE, SESSION], true),
        ("with the account, as AWS advises", &[ROLE, SESSION, ACCOUNT], true),
        ("somebody else", &["arn:aws:iam::222222222222:role/Other"], false),
    ];
    for (name, spared, allowed) in cases {
        let deny = about("Deny", &principal(spared).replace("Principal", "NotPrincipal"));
        let policies = applicable(&[(Kind::Identity, ALL), (Kind::Resource, &deny)]);
        let wanted = if allowed { Ok(()) } else { Err(Denial::Explicit(Kind::Resource)) };
        assert_eq!(outcome(&policies, &reads(session())), wanted, "{name}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn a_deny_with_not_principal_spares_the_user_it_names_and_nobody_by_the_account() {
    for (spared, allowed) in [(USER, true), (ACCOUNT, false)] {
        let deny = about("Deny", &principal(&[spared]).replace("Principal", "NotPrincipal"));
        let policies = applicable(&[(Kind::Identity, ALL), (Kind::Resource, &deny)]);
        assert_eq!(outcome(&policies, &reads(user())).is_ok(), allowed, "{spared}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
#[test]
fn a_deny_with_not_principal_spares_nobody_who_has_a_permissions_boundary() {
    for (who, spared) in [(user(), vec![USER]), (session(), vec![ROLE, SESSION])] {
        let spared = principal(&[spared, vec![ACCOUNT]].concat());
        let deny = about("Deny", &spared.replace("Principal", "NotPrincipal"));
        let own = [(Kind::Identity, ALL), (Kind::Resource, &*deny)];
        let bounded = [own[0], own[1], (Kind::Boundary, ALL)];
        let denied = Err(Denial::Explicit(Kind::Resource));
        for request in [reads(who.clone()), reads_elsewhere(who)] {
            let allow = about("Allow", &principal(&[USER, ROLE]));
            let both = format!("{allow}, {deny}");
            let free = applicable(&[own[0], (Kind::Resource, &both)]);
            assert_eq!(outcome(&free, &request), Ok(()));
            assert_eq!(outcome(&applicable(&bounded), &request), denied);
            let explanation = attache_policy::evaluate(&applicable(&bounded), &request).explain();
            assert_eq!(explanation.decided_by.len(), 1, "the statement is told");
            assert!(explanation.notes[0].contains("permissions boundary"), "{explanation:?}");
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
#[test]
fn an_allow_with_not_principal_is_for_everybody_else() {
    let others = about("Allow", &principal(&[USER]).replace("Principal", "NotPrincipal"));
    let policies = applicable(&[(Kind::Resource, &others)]);
    assert!(outcome(&policies, &reads(user())).is_err());
    for who in [session(), Principal::Anonymous, service()] {
        assert_eq!(outcome(&policies, &reads(who.clone())), Ok(()), "{who:?}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services>
#[test]
fn a_service_is_named_in_full() {
    for (named, allowed) in
        [("pods.eks.amazonaws.com", true), ("eks.amazonaws.com", false), ("*", false)]
    {
        let named = about("Allow", &format!(r#""Principal": {{"Service": "{named}"}}"#));
        let got = outcome(&applicable(&[(Kind::Resource, &named)]), &reads(service()));
        assert_eq!(got.is_ok(), allowed, "{named}");
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[test]
fn those_without_an_identity_of_ours_lack_the_resources_allow_and_nothing_else() {
    for who in [service(), Principal::Anonymous] {
        let got = outcome(&applicable(&[]), &reads(who.clone()));
        assert_eq!(got, Err(Denial::Implicit(Kind::Resource)), "{who:?}");
    }
}
