//! Planning as a specification: what stands in the account, what the file wants, what is done.

use std::collections::BTreeMap;

use names::RoleName;
use serde_json::Value;

use super::*;
use crate::observe::{ObservedProvider, ObservedRole};

const FILE: &str = include_str!("../../../../examples/federation.yaml");

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// The example's target account.
fn target() -> Account {
    desired::accounts(&Federation::from_yaml(FILE, "federation.yaml").unwrap()).remove(1)
}

/// The account as `apply` leaves it.
fn applied(desired: &Account) -> Observed {
    let provider = ObservedProvider {
        client_ids: [desired.provider.client_id.clone()].into(),
        thumbprints: vec![],
        tags: desired.provider.tags.clone(),
    };
    let roles = desired.roles.iter().map(|role| {
        let inline = role.inline.iter().map(|(name, policy)| (name.clone(), policy.to_string()));
        let found = ObservedRole {
            arn: role.arn.to_string(),
            path: role.arn.path().to_owned(),
            trust: role.trust.to_string(),
            policies: role.policies.clone(),
            inline: inline.collect(),
            boundary: role.boundary.clone(),
            max_session: role.max_session.unwrap_or(3600),
            tags: role.tags.clone(),
        };
        (role.arn.name().clone(), found)
    });
    Observed { provider: Some(provider), roles: roles.collect() }
}

fn role(observed: &mut Observed) -> &mut ObservedRole {
    observed.roles.get_mut(&RoleName::parse("CauselyAccess").unwrap()).unwrap()
}

fn provider(observed: &mut Observed) -> &mut ObservedProvider {
    observed.provider.as_mut().unwrap()
}

/// The changes in words, those that do nothing left out.
fn words(changes: &[Change]) -> Vec<String> {
    let does = changes.iter().filter(|c| !matches!(c.action, Action::Unchanged));
    does.map(|change| {
        let steps: Vec<String> = change.operations.iter().map(ToString::to_string).collect();
        format!("{}: {}", change.action, steps.join(", "))
    })
    .collect()
}

/// A name, how the account deviates from what `apply` leaves, and the steps.
type Case = (&'static str, fn(&mut Account, &mut Observed), &'static [&'static str]);

const CASES: &[Case] = &[
    ("nothing deviates", |_, _| {}, &[]),
    (
        "an empty account",
        |_, now| *now = Observed::default(),
        &[
            "create: create the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "create: create the role CauselyAccess",
            "attach: attach arn:aws:iam::aws:policy/ReadOnlyAccess to CauselyAccess",
        ],
    ),
    (
        "the provider has other client ids only",
        |_, now| provider(now).client_ids = ["sigstore".to_owned()].into(),
        &[
            "update: add the client id sts.amazonaws.com to oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the provider has other client ids too",
        |_, now| {
            provider(now).client_ids.insert("sigstore".to_owned());
        },
        &[],
    ),
    ("the provider is somebody else's", |_, now| provider(now).tags.clear(), &[]),
    (
        "somebody else's provider has other thumbprints",
        |want, now| {
            want.provider.thumbprints = vec!["ab".repeat(20)];
            provider(now).tags.clear();
        },
        &[],
    ),
    (
        "our provider has other thumbprints",
        |want, _| want.provider.thumbprints = vec!["ab".repeat(20)],
        &[
            "update: set the thumbprints of oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the same thumbprint in capitals",
        |want, now| {
            want.provider.thumbprints = vec!["ab".repeat(20)];
            provider(now).thumbprints = vec!["AB".repeat(20)];
        },
        &[],
    ),
    (
        "the trust policy was edited",
        |_, now| role(now).trust = role(now).trust.replace("causely-mediator", "default"),
        &["update: set the trust policy of CauselyAccess"],
    ),
    (
        "the trust policy was only reformatted",
        |_, now| {
            let value: Value = serde_json::from_str(&role(now).trust).unwrap();
            role(now).trust = format!("{value:#}");
        },
        &[],
    ),
    (
        "the trust policy is no JSON",
        |_, now| role(now).trust = "{".into(),
        &["update: set the trust policy of CauselyAccess"],
    ),
    (
        "a policy was detached",
        |_, now| role(now).policies.clear(),
        &["attach: attach arn:aws:iam::aws:policy/ReadOnlyAccess to CauselyAccess"],
    ),
    (
        "a policy was attached",
        |_, now| {
            role(now).policies.insert("arn:aws:iam::aws:policy/AdministratorAccess".into());
        },
        &["detach: detach arn:aws:iam::aws:policy/AdministratorAccess from CauselyAccess"],
    ),
    (
        "an inline policy was added",
        |_, now| drop(role(now).inline.insert("x".into(), "{}".into())),
        &["delete: delete the inline policy x of CauselyAccess"],
    ),
    (
        "an inline policy is wanted",
        |want, _| {
            drop(want.roles[0].inline.insert("x".into(), serde_json::json!({"Statement": []})));
        },
        &["create: put the inline policy x on CauselyAccess"],
    ),
    (
        "an inline policy was edited",
        |want, now| {
            want.roles[0].inline.insert("x".into(), serde_json::json!({"Statement": []}));
            role(now).inline.insert("x".into(), "{}".into());
        },
        &["update: put the inline policy x on CauselyAccess"],
    ),
    ("the session's length is not said", |_, now| role(now).max_session = 7200, &[]),
    (
        "the session is longer than said",
        |want, now| {
            want.roles[0].max_session = Some(3600);
            role(now).max_session = 7200;
        },
        &["update: set the longest session of CauselyAccess to 3600 s"],
    ),
    (
        "a boundary is wanted",
        |want, _| want.roles[0].boundary = Some(READ_ONLY.into()),
        &[
            "update: set the permissions boundary of CauselyAccess to arn:aws:iam::aws:policy/ReadOnlyAccess",
        ],
    ),
    (
        "a boundary was set",
        |_, now| role(now).boundary = Some(READ_ONLY.into()),
        &["update: remove the permissions boundary of CauselyAccess"],
    ),
    (
        "a tag of ours was lost",
        |want, _| drop(want.roles[0].tags.insert("team".into(), "sre".into())),
        &["update: tag the role CauselyAccess"],
    ),
    (
        "somebody tagged the role",
        |_, now| drop(role(now).tags.insert("cost".into(), "42".into())),
        &[],
    ),
    ("the role is somebody else's", |_, now| role(now).tags.clear(), &["blocked: "]),
    (
        "the role is another federation's",
        |_, now| drop(role(now).tags.insert(OWNER_TAG.into(), "other".into())),
        &["blocked: "],
    ),
    ("the role is at another path", |_, now| role(now).path = "/team/".into(), &["blocked: "]),
    (
        "an earlier file had another role",
        |_, now| {
            let old = role(now).clone();
            now.roles.insert(RoleName::parse("Old").unwrap(), old);
        },
        &["delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from Old, delete the role Old"],
    ),
    (
        "somebody else's role trusts the provider",
        |_, now| {
            let mut other = role(now).clone();
            other.tags.clear();
            now.roles.insert(RoleName::parse("Other").unwrap(), other);
        },
        &[],
    ),
];

#[test]
fn planning_does_what_is_needed_and_nothing_else() {
    for (name, deviate, wanted) in CASES {
        let mut desired = target();
        let mut observed = applied(&desired);
        deviate(&mut desired, &mut observed);
        let changes = steps_for("causely", &desired, &observed, PlanOptions::default());
        assert_eq!(words(&changes), *wanted, "{name}");
    }
}

#[test]
fn adopting_takes_over_and_tags() {
    let desired = target();
    let mut observed = applied(&desired);
    role(&mut observed).tags.clear();
    let changes = steps_for("causely", &desired, &observed, PlanOptions { adopt: true });
    assert_eq!(words(&changes), ["update: tag the role CauselyAccess"]);
}

const DESTROY_CASES: &[Case] = &[
    (
        "everything is ours",
        |_, _| {},
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    ("nothing is there", |_, now| *now = Observed::default(), &[]),
    (
        "the provider was here before",
        |_, now| provider(now).tags.clear(),
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "keep: ",
        ],
    ),
    (
        "another role needs the provider",
        |_, now| {
            let mut other = role(now).clone();
            other.tags.clear();
            now.roles.insert(RoleName::parse("Other").unwrap(), other);
        },
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "keep: ",
        ],
    ),
    (
        "the role is somebody else's, and trusts the provider",
        |_, now| role(now).tags.clear(),
        &["keep: ", "keep: "],
    ),
    (
        "the role is somebody else's, and trusts another provider",
        |_, now| {
            role(now).tags.clear();
            role(now).trust = "{}".into();
        },
        &[
            "keep: ",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
];

#[test]
fn destroying_removes_what_is_ours_and_nothing_else() {
    for (name, deviate, wanted) in DESTROY_CASES {
        let mut desired = target();
        let mut observed = applied(&desired);
        deviate(&mut desired, &mut observed);
        let changes = destroy::steps("causely", &desired, &observed);
        assert_eq!(words(&changes), *wanted, "{name}");
    }
}

/// The whole text of a plan in which something of every kind happens.
#[test]
fn a_plan_reads_like_this() {
    let federation = Federation::from_yaml(FILE, "federation.yaml").unwrap();
    let mut accounts = desired::accounts(&federation);
    let empty = Observed::default();
    let mut drifted = applied(&accounts[1]);
    provider(&mut drifted).tags = BTreeMap::new();
    provider(&mut drifted).client_ids = ["sigstore".to_owned()].into();
    let edited = role(&mut drifted);
    edited.trust = edited.trust.replace("causely-mediator", "default");
    edited.policies = ["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()].into();
    edited.inline.insert("by-hand".into(), "{}".into());
    edited.max_session = 7200;
    accounts[1].roles[0].max_session = Some(3600);
    let mut foreign = accounts[1].clone();
    foreign.id = names::AccountId::parse("333333333333").unwrap();
    let mut others = applied(&foreign);
    role(&mut others).tags.clear();

    let sides = [(&accounts[0], &empty), (&accounts[1], &drifted), (&foreign, &others)];
    let plan = Plan {
        federation: federation.name,
        accounts: sides
            .map(|(desired, observed)| AccountPlan {
                account: desired.id,
                changes: steps_for("causely", desired, observed, PlanOptions::default()),
            })
            .into(),
    };
    insta::assert_snapshot!(plan.to_string());
}
