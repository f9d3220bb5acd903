//! The ledger's state: whatever changes a journal has, in whatever order.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::collections::BTreeMap;

use attache_identifiers::AccountId;
use attache_ledger::change::{
    AdminChange, AssociationSettings, Change, ClusterChange, EksChange, IdentityChange,
    NewAssociation, NewNamed, NewPolicy, NewRole, OrganizationChange, OwnPolicyChange, PolicyType,
    Renamed, Tagged,
};
use attache_ledger::state::State;
use attache_ledger::{AwsManaged, Tag, TagKeys};
use proptest::prelude::*;
use time::OffsetDateTime;

const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
    "Principal":{"AWS":"arn:aws:iam::111111111111:user/ann"}}]}"#;
const POLICY: &str = "arn:aws:iam::111111111111:policy/P";

fn text(text: &str) -> String {
    text.to_owned()
}

fn named(name: &str) -> NewNamed {
    NewNamed { name: text(name), path: text("/"), id: text("AIDA1"), boundary: None, tags: vec![] }
}

fn role(document: &str) -> Change {
    Change::RoleCreated(NewRole {
        name: text("R"),
        path: text("/"),
        id: text("AROA1"),
        document: text(document),
        description: None,
        max_session: 3600,
        boundary: None,
        tags: vec![],
        attached: vec![],
    })
}

fn iam() -> Vec<Change> {
    let tags = vec![Tag { key: text("k"), value: text("v") }];
    let inline = |document: &str| Change::InlinePolicySet {
        role: text("R"),
        name: text("p"),
        document: text(document),
    };
    vec![
        Change::AccountOpened { user_id: text("AIDA0"), access_key: text("AKIA0") },
        role(TRUST),
        role("no policy"),
        Change::RoleDeleted { role: text("R"), task: None },
        Change::TrustSet { role: text("R"), document: text(TRUST) },
        Change::TrustSet { role: text("R"), document: text("{}") },
        inline(ALLOW),
        inline("["),
        Change::InlinePolicyDeleted { role: text("R"), name: text("p") },
        Change::PolicyAttached { role: text("R"), arn: text(POLICY) },
        Change::PolicyCreated(NewPolicy {
            name: text("P"),
            path: text("/"),
            id: text("ANPA1"),
            document: text(ALLOW),
            description: None,
            tags: vec![],
        }),
        Change::PolicyVersionCreated { arn: text(POLICY), document: text(ALLOW), default: true },
        Change::PolicyVersionDeleted { arn: text(POLICY), version: 1 },
        Change::PolicyDefaultSet { arn: text(POLICY), version: 7 },
        Change::PolicyDeleted { arn: text(POLICY) },
        Change::Tagged {
            on: Tagged::Role(text("R")),
            tags: tags.clone(),
            compared: TagKeys::AnyCase,
        },
        Change::Tagged { on: Tagged::Policy(text(POLICY)), tags, compared: TagKeys::Exact },
        Change::Untagged {
            on: Tagged::User(text("ann")),
            keys: vec![text("k")],
            compared: TagKeys::AnyCase,
        },
        IdentityChange::UserCreated(named("ann")).into(),
        IdentityChange::UserRenamed(Renamed {
            from: text("ann"),
            name: text("bob"),
            path: text("/t/"),
        })
        .into(),
        IdentityChange::UserDeleted { user: text("ann") }.into(),
        IdentityChange::GroupCreated(named("g")).into(),
        IdentityChange::MemberAdded { group: text("g"), user: text("ann") }.into(),
        IdentityChange::GroupPolicies {
            group: text("g"),
            what: OwnPolicyChange::InlineDeleted { name: text("p") },
        }
        .into(),
        IdentityChange::ProfileCreated(named("w")).into(),
        IdentityChange::ProfileRoleSet { profile: text("w"), role: Some(text("R")) }.into(),
        IdentityChange::KeyDeleted { access_key: text("AKIA0") }.into(),
    ]
}

fn others() -> Vec<Change> {
    let eks = |what| EksChange { region: text("eu-west-1"), cluster: text("c"), what }.into();
    let settings = AssociationSettings {
        role: text("arn:aws:iam::111111111111:role/R"),
        target_role: None,
        disable_session_tags: false,
        policy: None,
        workload_identity: None,
    };
    let association = NewAssociation {
        id: text("a-1"),
        namespace: text("n"),
        service_account: text("s"),
        settings,
        tags: BTreeMap::new(),
        request_token: None,
    };
    let policy = OrganizationChange::PolicyCreated {
        id: text("p-1"),
        kind: PolicyType::ServiceControl,
        name: text("n"),
        description: text("d"),
        content: text(ALLOW),
        tags: vec![],
    };
    let attached = |target: &str| OrganizationChange::PolicyAttached {
        policy: text("p-1"),
        target: text(target),
    };
    let account = AccountId::parse("222222222222").unwrap();
    vec![
        eks(ClusterChange::Known { issuer: text("https://issuer.example") }),
        eks(ClusterChange::AssociationCreated(association)),
        eks(ClusterChange::AssociationDeleted { id: text("a-1") }),
        OrganizationChange::Created { id: text("o-1"), root_id: text("r-1") }.into(),
        OrganizationChange::Deleted.into(),
        OrganizationChange::PolicyTypeEnabled { kind: PolicyType::ServiceControl }.into(),
        OrganizationChange::UnitCreated {
            id: text("ou-1"),
            parent: text("ou-1"),
            name: text("u"),
            tags: vec![],
        }
        .into(),
        OrganizationChange::UnitDeleted { id: text("ou-1") }.into(),
        policy.into(),
        attached("ou-1").into(),
        attached("222222222222").into(),
        OrganizationChange::PolicyDeleted { id: text("p-1") }.into(),
        OrganizationChange::AccountMoved { account, to: text("ou-9") }.into(),
        OrganizationChange::AccountRemoved { account }.into(),
        OrganizationChange::AccountClosed { account }.into(),
        Change::Whole(AdminChange::Saved { name: text("s") }),
        Change::Whole(AdminChange::Restored { name: text("s") }),
        Change::Whole(AdminChange::SnapshotDeleted { name: text("s") }),
        Change::Whole(AdminChange::Reset),
    ]
}

/// Applies a change; the error with its causes, where it cannot be applied.
fn apply(state: &mut State, account: usize, change: &Change) -> Result<(), String> {
    let account = ["111111111111", "222222222222", "333333333333"][account];
    let account = AccountId::parse(account).unwrap();
    state.apply(account, OffsetDateTime::UNIX_EPOCH, change).map_err(|error| {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(next) = cause {
            text = format!("{text}: {next}");
            cause = next.source();
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A journal can have been forged: no order of changes panics, each that cannot be applied says
    /// why, and a copy of the state at any point, which is what a snapshot holds, goes on alike.
    #[test]
    fn changes_in_any_order_are_applied_or_refused_and_a_copy_goes_on_alike(
        steps in prop::collection::vec((0..3_usize, any::<prop::sample::Index>()), 1..60),
        at in any::<prop::sample::Index>(),
    ) {
        let changes: Vec<Change> = iam().into_iter().chain(others()).collect();
        let opened = &changes[0];
        let mut state = State::new(AwsManaged::with(None).unwrap());
        for account in 0..2 {
            prop_assert_eq!(apply(&mut state, account, opened), Ok(()));
        }
        let (before, after) = steps.split_at(at.index(steps.len()));
        for (account, index) in before {
            if let Err(why) = apply(&mut state, *account, index.get(&changes)) {
                prop_assert!(!why.is_empty());
            }
        }
        let mut copy = state.copy().unwrap();
        for (account, index) in after {
            let change = index.get(&changes);
            let outcomes =
                (apply(&mut state, *account, change), apply(&mut copy, *account, change));
            prop_assert_eq!(&outcomes.0, &outcomes.1, "{:?}", change);
        }
        prop_assert_eq!(state.accounts().count(), copy.accounts().count());
        // Every path through the tree ends.
        for account in state.accounts() {
            let organization = state.organization_of(account.id);
            prop_assert_eq!(organization.is_some(), organization.is_some_and(|o| o.path_of(account.id).is_some()));
        }
    }
}

#[test]
fn a_change_that_cannot_be_applied_says_to_what_and_why() {
    let mut state = State::new(AwsManaged::with(None).unwrap());
    assert_eq!(apply(&mut state, 0, &role(TRUST)), Err(text("there is no account 111111111111")));
    let open = Change::AccountOpened { user_id: text("AIDA0"), access_key: text("AKIA0") };
    assert_eq!(apply(&mut state, 0, &open), Ok(()));
    assert_eq!(apply(&mut state, 0, &open), Err(text("the account 111111111111 exists already")));
    assert_eq!(
        apply(&mut state, 0, &Change::RoleDeleted { role: text("R"), task: None }),
        Err(text("there is no role R"))
    );
    assert_eq!(apply(&mut state, 0, &role(TRUST)), Ok(()));
    assert_eq!(apply(&mut state, 0, &role(TRUST)), Err(text("the role R exists already")));
    let invalid = apply(&mut state, 0, &Change::TrustSet { role: text("R"), document: text("[") });
    let invalid = invalid.unwrap_err();
    let of = "the policy document of arn:aws:iam::111111111111:role/R is not valid: ";
    assert!(invalid.starts_with(of) && invalid.len() > of.len(), "{invalid}");
    let restore = Change::Whole(AdminChange::Restored { name: text("two") });
    assert_eq!(apply(&mut state, 0, &restore), Err(text("there is no snapshot two")));
}
