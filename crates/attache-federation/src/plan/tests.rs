//! Planning as a specification: what stands in the account, what the file wants, what is done.

use std::collections::BTreeMap;

use attache_identifiers::RoleName;
use serde_json::Value;

use super::*;
use crate::adoption::ADOPTED_TAG;
use crate::apply::Operation;
use crate::document::Setting;
use crate::observe::{ObservedProvider, ObservedRole};
use crate::provider_use::ProviderUse;

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
            description: Some(role.default_description.clone()),
            boundary: role.boundary.value().cloned(),
            max_session: role.max_session.value().copied().unwrap_or(3600),
            tags: role.tags.clone(),
        };
        (role.arn.name().clone(), found)
    });
    let roles: BTreeMap<_, _> = roles.collect();
    let users = roles.keys().map(|name| (name.to_string(), ProviderUse::Possible)).collect();
    Observed { provider: Some(provider), roles, users }
}

/// Another role of the account, which says that of the provider.
fn another(observed: &mut Observed, name: &str, says: ProviderUse) {
    observed.users.insert(name.to_owned(), says);
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
            want.roles[0].max_session = Setting::To(3600);
            role(now).max_session = 7200;
        },
        &["update: set the longest session of CauselyAccess to 3600 s"],
    ),
    (
        "a boundary is wanted",
        |want, _| want.roles[0].boundary = Setting::To(READ_ONLY.into()),
        &[
            "update: set the permissions boundary of CauselyAccess to arn:aws:iam::aws:policy/ReadOnlyAccess",
        ],
    ),
    (
        "a boundary was set, of which the file says nothing",
        |_, now| role(now).boundary = Some(READ_ONLY.into()),
        &[],
    ),
    (
        "a boundary was set, and the file wants none",
        |want, now| {
            want.roles[0].boundary = Setting::Removed;
            role(now).boundary = Some(READ_ONLY.into());
        },
        &["update: remove the permissions boundary of CauselyAccess"],
    ),
    (
        "there is no boundary, and the file wants none",
        |want, _| want.roles[0].boundary = Setting::Removed,
        &[],
    ),
    (
        "the description was edited, of which the file says nothing",
        |_, now| role(now).description = Some("x".into()),
        &[],
    ),
    (
        "another description is wanted",
        |want, _| want.roles[0].description = Setting::To("x".into()),
        &["update: set the description of CauselyAccess"],
    ),
    (
        "no description is wanted",
        |want, _| want.roles[0].description = Setting::Removed,
        &["update: remove the description of CauselyAccess"],
    ),
    (
        "the file wants AWS's own session length",
        |want, now| {
            want.roles[0].max_session = Setting::Removed;
            role(now).max_session = 7200;
        },
        &["update: set the longest session of CauselyAccess to 3600 s"],
    ),
    (
        "an inline policy stands there in other letters",
        |want, now| {
            want.roles[0].inline.insert("Queues".into(), serde_json::json!({"Statement": []}));
            role(now).inline.insert("queues".into(), r#"{"Statement": []}"#.into());
        },
        &[],
    ),
    (
        "the role stands there in other letters",
        |_, now| role(now).arn = role(now).arn.to_lowercase(),
        &["blocked: "],
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

/// Marks the role as taken over, with these policies put on it.
fn mark(observed: &mut Observed, policies: &[&str]) {
    let mut mark = crate::adoption::Adoption::default();
    policies.iter().for_each(|arn| mark.add(&crate::adoption::managed(arn)));
    let value = mark.value().unwrap();
    role(observed).tags.insert(ADOPTED_TAG.to_owned(), value);
}

/// The tags that planning puts on the provider, where the account deviates so.
fn plan_of(
    desired: &Account,
    observed: &Observed,
    deviate: impl Fn(&mut Observed),
) -> BTreeMap<String, String> {
    let mut observed = observed.clone();
    deviate(&mut observed);
    let changes = steps_for("causely", desired, &observed, PlanOptions::default());
    let tags = changes[0].operations.iter().find_map(|operation| match operation {
        Operation::TagProvider { tags, .. } => Some(tags.clone()),
        _ => None,
    });
    tags.unwrap()
}

#[test]
fn adopting_takes_over_and_marks_before_anything_else() {
    let desired = target();
    let mut observed = applied(&desired);
    role(&mut observed).tags.clear();
    let changes = steps_for("causely", &desired, &observed, PlanOptions { adopt: true });
    assert_eq!(words(&changes), ["update: tag the role CauselyAccess"]);

    role(&mut observed).policies = [ADMIN.to_owned()].into();
    role(&mut observed).trust = "{}".into();
    let changes = steps_for("causely", &desired, &observed, PlanOptions { adopt: true });
    let first = &changes[1].operations[0];
    let Operation::TagRole { tags, .. } = first else { panic!("{first}") };
    let mark = crate::adoption::Adoption::read(tags).unwrap();
    assert!(mark.has(&crate::adoption::managed(READ_ONLY)), "the federation attaches it");
    assert!(!mark.has(&crate::adoption::managed(ADMIN)), "it was there");
    assert_eq!(tags.get(OWNER_TAG).map(String::as_str), Some("causely"), "in the same call");
}

/// A name, how the account deviates from what `apply` leaves, and each step with its class.
type ClassCase = (&'static str, fn(&mut Account, &mut Observed), &'static [&'static str]);

const CLASS_CASES: &[ClassCase] = &[
    (
        "everything is new",
        |_, now| *now = Observed::default(),
        &["Creates create the OIDC provider", "Creates create the role", "Creates attach"],
    ),
    (
        "the trust policy was narrower",
        |_, now| {
            role(now).trust = role(now).trust.replace(
                r#""StringEquals":{"#,
                r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"},"StringEquals":{"#,
            );
        },
        &["Widens set the trust policy"],
    ),
    (
        "the trust policy was wider",
        |_, now| {
            role(now).trust = role(now)
                .trust
                .replace("StringEquals", "StringLike")
                .replace("causely-mediator", "*");
        },
        &["NoWider set the trust policy"],
    ),
    (
        "the trust policy cannot be read",
        |_, now| role(now).trust = "{".into(),
        &["Unknown set the trust policy"],
    ),
    ("a policy is wanted", |_, now| role(now).policies.clear(), &["Widens attach"]),
    (
        "a policy that cannot be read is wanted",
        |want, _| {
            let _new = want.roles[0].policies.insert(UNREAD.into());
        },
        &["Unknown attach"],
    ),
    (
        "a policy goes that only allows",
        |_, now| {
            let _new = role(now).policies.insert(ADMIN.into());
        },
        &["NoWider detach"],
    ),
    (
        "a policy goes that denies",
        |_, now| {
            let _new = role(now).policies.insert(DENIES.into());
        },
        &["Widens detach"],
    ),
    (
        "a policy goes that cannot be read",
        |_, now| {
            let _new = role(now).policies.insert(UNREAD.into());
        },
        &["Unknown detach"],
    ),
    (
        "an inline policy goes that denies",
        |_, now| drop(role(now).inline.insert("x".into(), DENY.into())),
        &["Widens delete the inline policy"],
    ),
    (
        "an inline policy goes that allows",
        |_, now| drop(role(now).inline.insert("x".into(), ALLOW.into())),
        &["NoWider delete the inline policy"],
    ),
    (
        "an inline policy is replaced by a wider one",
        |want, now| {
            drop(
                role(now)
                    .inline
                    .insert("x".into(), ALLOW.replace("s3:PutObject", "s3:PutObjectAcl")),
            );
            drop(want.roles[0].inline.insert("x".into(), serde_json::from_str(ALLOW).unwrap()));
        },
        &["Widens put the inline policy"],
    ),
    (
        "an inline policy is replaced by a narrower one",
        |want, now| {
            drop(role(now).inline.insert("x".into(), ALLOW.replace("s3:PutObject", "s3:*")));
            drop(want.roles[0].inline.insert("x".into(), serde_json::from_str(ALLOW).unwrap()));
        },
        &["NoWider put the inline policy"],
    ),
    (
        "a boundary goes",
        |want, now| {
            want.roles[0].boundary = Setting::Removed;
            role(now).boundary = Some(ADMIN.into());
        },
        &["Widens remove the permissions boundary"],
    ),
    (
        "a boundary comes",
        |want, _| want.roles[0].boundary = Setting::To(READ_ONLY.into()),
        &["NoWider set the permissions boundary"],
    ),
    (
        "a boundary is widened",
        |want, now| {
            want.roles[0].boundary = Setting::To(ADMIN.into());
            role(now).boundary = Some(READ_ONLY.into());
        },
        &["Widens set the permissions boundary"],
    ),
    (
        "a boundary is narrowed",
        |want, now| {
            want.roles[0].boundary = Setting::To(READ_ONLY.into());
            role(now).boundary = Some(ADMIN.into());
        },
        &["NoWider set the permissions boundary"],
    ),
    (
        "a boundary is changed to one that cannot be read",
        |want, now| {
            want.roles[0].boundary = Setting::To(UNREAD.into());
            role(now).boundary = Some(ADMIN.into());
        },
        &["Unknown set the permissions boundary"],
    ),
    (
        "a policy takes the place of one that allows more",
        |_, now| role(now).policies = [ADMIN.to_owned()].into(),
        &["NoWider detach", "NoWider attach"],
    ),
    (
        "a Deny goes beside a policy that comes",
        |_, now| role(now).policies = [DENIES.to_owned()].into(),
        &["NoWider detach", "Widens attach"],
    ),
    (
        "a longer session",
        |want, _| want.roles[0].max_session = Setting::To(7200),
        &["Widens set the longest session"],
    ),
    (
        "a shorter session",
        |want, now| {
            want.roles[0].max_session = Setting::To(3600);
            role(now).max_session = 7200;
        },
        &["NoWider set the longest session"],
    ),
    (
        "another client id",
        |_, now| provider(now).client_ids = ["sigstore".to_owned()].into(),
        &["Widens add the client id"],
    ),
    (
        "another thumbprint",
        |want, _| want.provider.thumbprints = vec!["ab".repeat(20)],
        &["Widens set the thumbprints"],
    ),
    (
        "a tag",
        |want, _| drop(want.roles[0].tags.insert("team".into(), "a".into())),
        &["NoWider tag the role"],
    ),
    (
        "a tag that a condition asks for",
        |want, now| {
            let asks = ALLOW.replace(
                r#""Resource""#,
                r#""Condition": {"StringEquals": {"aws:PrincipalTag/Team": "a"}}, "Resource""#,
            );
            drop(want.roles[0].tags.insert("team".into(), "a".into()));
            drop(role(now).inline.insert("x".into(), asks.clone()));
            drop(want.roles[0].inline.insert("x".into(), serde_json::from_str(&asks).unwrap()));
        },
        &["Unknown tag the role"],
    ),
];

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const DENIES: &str = "arn:aws:iam::222222222222:policy/Denies";
const UNREAD: &str = "arn:aws:iam::222222222222:policy/Unread";
const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}"#;
const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:Describe*", "Resource": "*"}]}"#;

#[tokio::test]
async fn every_step_is_classed_by_what_it_widens() {
    let read = |action: &str| Ok(ALLOW.replace("s3:PutObject", action));
    let documents = classify::Documents::from([
        (READ_ONLY.to_owned(), read("ec2:Describe*")),
        (ADMIN.to_owned(), read("*")),
        (DENIES.to_owned(), Ok(DENY.to_owned())),
        (UNREAD.to_owned(), Err("AccessDenied".to_owned())),
    ]);
    for (name, deviate, wanted) in CLASS_CASES {
        let mut desired = target();
        let mut observed = applied(&desired);
        deviate(&mut desired, &mut observed);
        let mut changes = steps_for("causely", &desired, &observed, PlanOptions::default());
        classify::classify(&mut changes, &observed, &documents).await;
        let steps: Vec<String> = changes
            .iter()
            .flat_map(|change| &change.steps)
            .map(|step| format!("{:?} {}", step.class, step.what))
            .collect();
        let fits = |(got, wanted): (&String, &&str)| got.starts_with(wanted);
        let same = steps.len() == wanted.len() && steps.iter().zip(*wanted).all(fits);
        assert!(same, "{name}: {steps:#?}");
        let told = changes.iter().flat_map(|change| &change.steps).filter(|step| step.asks());
        assert!(told.into_iter().all(|step| step.reason.is_some()), "{name}: no reason");
    }
}

const DESTROY_CASES: &[Case] = &[
    (
        "a policy of another role cannot be read",
        |_, now| another(now, "Other", ProviderUse::Unknown),
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "keep: ",
        ],
    ),
    (
        "the role was there before, with another policy",
        |_, now| {
            mark(now, &[READ_ONLY]);
            role(now).policies.insert(ADMIN.into());
        },
        &[
            "release: set the trust policy of CauselyAccess, detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, remove the tags attache:federation and attache:adopted from CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the role was there before, with the same policy and a trust policy of its own",
        |_, now| {
            mark(now, &[]);
            role(now).trust = role(now).trust.replace("causely-mediator", "default");
        },
        &[
            "release: remove the tags attache:federation and attache:adopted from CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the role has the description of somebody",
        |_, now| role(now).description = Some("Deploys".into()),
        &[
            "release: set the trust policy of CauselyAccess, remove the tag attache:federation from CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the client id was added to a provider that was there before",
        |want, now| {
            let mark = plan_of(want, now, |now| {
                provider(now).client_ids = ["sigstore".to_owned()].into();
                provider(now).tags.clear();
            });
            provider(now).tags = mark;
            now.users.clear();
            now.roles.clear();
        },
        &[
            "release: remove the client id sts.amazonaws.com from oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE, remove the tag attache:adopted from oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
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
        |_, now| another(now, "Other", ProviderUse::Possible),
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
            now.users.clear();
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
#[tokio::test]
async fn a_plan_reads_like_this() {
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
    accounts[1].roles[0].max_session = Setting::To(3600);
    let mut foreign = accounts[1].clone();
    foreign.id = attache_identifiers::AccountId::parse("333333333333").unwrap();
    let mut others = applied(&foreign);
    role(&mut others).tags.clear();

    let documents = classify::Documents::from([
        (READ_ONLY.to_owned(), Ok(ALLOW.replace("s3:PutObject", "ec2:Describe*"))),
        (ADMIN.to_owned(), Ok(ALLOW.replace("s3:PutObject", "*"))),
    ]);
    let mut plan = Plan { federation: federation.name, accounts: Vec::new() };
    for (desired, observed) in
        [(&accounts[0], &empty), (&accounts[1], &drifted), (&foreign, &others)]
    {
        let mut changes = steps_for("causely", desired, observed, PlanOptions::default());
        classify::classify(&mut changes, observed, &documents).await;
        plan.accounts.push(AccountPlan { account: desired.id, changes });
    }
    insta::assert_snapshot!(plan.to_string());
}
