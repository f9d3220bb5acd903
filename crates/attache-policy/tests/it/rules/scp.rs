//! An organization's policies: whom they bind, and at which levels.

use attache_policy::{Denial, Kind, Principal};

use super::given::*;

const NO_RCP: &str = r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}"#;
const NAMED: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>
#[test]
fn every_level_of_the_organization_must_allow() {
    let missing = Err(Denial::Implicit(Kind::ServiceControl));
    for (levels, wanted) in [
        (vec![ALL, ALL, ALL], Ok(())),
        (vec![READ, ALL, ALL], missing),
        (vec![ALL, READ, ALL], missing),
        (vec![ALL, ALL, READ], missing),
    ] {
        let mut policies = vec![(Kind::Identity, ALL)];
        policies.extend(levels.iter().map(|level| (Kind::ServiceControl, *level)));
        assert_eq!(outcome(&applicable(&policies), &reads(user())), wanted, "{levels:?}");
    }
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
#[test]
fn service_control_policies_do_not_bind_the_management_account() {
    let policies = [(Kind::Identity, ALL), (Kind::ServiceControl, DENY)];
    assert_eq!(outcome(&managed_by(ACCOUNT, &policies), &reads(user())), Ok(()));
    let denied = Err(Denial::Explicit(Kind::ServiceControl));
    assert_eq!(outcome(&managed_by(OTHER_ACCOUNT, &policies), &reads(user())), denied);
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
#[test]
fn service_control_policies_do_not_bind_service_linked_roles() {
    let policies = applicable(&[(Kind::Identity, ALL), (Kind::ServiceControl, DENY)]);
    assert_eq!(outcome(&policies, &reads(service_linked_session())), Ok(()));
    let denied = Err(Denial::Explicit(Kind::ServiceControl));
    assert_eq!(outcome(&policies, &reads(session())), denied);
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
#[test]
fn service_control_policies_bind_users_roles_and_the_root_user_alone() {
    let policies = applicable(&[(Kind::Resource, NAMED), (Kind::ServiceControl, DENY)]);
    let denied = Err(Denial::Explicit(Kind::ServiceControl));
    for bound in [user(), session(), root()] {
        assert_eq!(outcome(&policies, &reads(bound.clone())), denied, "{bound:?}");
    }
    for free in [service(), Principal::Anonymous] {
        assert_eq!(outcome(&policies, &reads(free.clone())), Ok(()), "{free:?}");
    }
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
#[test]
fn resource_control_policies_do_not_bind_the_management_accounts_resources() {
    let policies =
        [(Kind::Identity, ALL), (Kind::Resource, NAMED), (Kind::ResourceControl, NO_RCP)];
    let elsewhere = reads_elsewhere(user());
    assert_eq!(outcome(&managed_by(OTHER_ACCOUNT, &policies), &elsewhere), Ok(()));
    let denied = Err(Denial::Explicit(Kind::ResourceControl));
    assert_eq!(outcome(&managed_by(ACCOUNT, &policies), &elsewhere), denied);
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
#[test]
fn resource_control_policies_do_not_bind_calls_of_service_linked_roles() {
    let policies = applicable(&[(Kind::Identity, ALL), (Kind::ResourceControl, NO_RCP)]);
    assert_eq!(outcome(&policies, &reads(service_linked_session())), Ok(()));
    let denied = Err(Denial::Explicit(Kind::ResourceControl));
    assert_eq!(outcome(&policies, &reads(session())), denied);
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
#[test]
fn resource_control_policies_bind_principals_from_outside() {
    let policies = applicable(&[(Kind::Resource, NAMED), (Kind::ResourceControl, NO_RCP)]);
    let denied = Err(Denial::Explicit(Kind::ResourceControl));
    for bound in [service(), Principal::Anonymous] {
        assert_eq!(outcome(&policies, &reads(bound.clone())), denied, "{bound:?}");
    }
}
