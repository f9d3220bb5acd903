//! The steps for an account, case by case.

use super::*;

const CASES: &[Case] = &[
    ("nothing deviates", |_, _| {}, &[]),
    (
        "an empty account",
        |_, now| *now = ObservedAccount::default(),
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
    (
        "the file has another audience too",
        |want, _| {
            want.providers[0].client_ids.push("pods.eks.amazonaws.com".to_owned());
        },
        &[
            "update: add the client id pods.eks.amazonaws.com to oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the provider is somebody else's, and lacks two audiences",
        |want, now| {
            want.providers[0].client_ids.push("pods.eks.amazonaws.com".to_owned());
            provider(now).client_ids = ["sigstore".to_owned()].into();
            provider(now).tags.clear();
        },
        &[
            "update: tag the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE, \
             add the client id sts.amazonaws.com to oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE, \
             add the client id pods.eks.amazonaws.com to oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    ("the provider is somebody else's", |_, now| provider(now).tags.clear(), &[]),
    (
        "somebody else's provider has other thumbprints",
        |want, now| {
            want.providers[0].thumbprints = vec!["ab".repeat(20)];
            provider(now).tags.clear();
        },
        &[],
    ),
    (
        "our provider has other thumbprints",
        |want, _| want.providers[0].thumbprints = vec!["ab".repeat(20)],
        &[
            "update: set the thumbprints of oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the same thumbprint in capitals",
        |want, now| {
            want.providers[0].thumbprints = vec!["ab".repeat(20)];
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
    plan_does(CASES);
}

#[test]
fn adopting_takes_over_and_marks_before_anything_else() {
    let desired = target();
    let mut observed = as_applied(&desired);
    role(&mut observed).tags.clear();
    let changes = steps_for(
        "causely",
        &desired,
        &observed,
        PlanOptions { adopt: true, ..PlanOptions::default() },
    );
    assert_eq!(words(&changes), ["update: tag the role CauselyAccess"]);

    role(&mut observed).policies = [ADMIN.to_owned()].into();
    role(&mut observed).trust = "{}".into();
    let changes = steps_for(
        "causely",
        &desired,
        &observed,
        PlanOptions { adopt: true, ..PlanOptions::default() },
    );
    let first = &changes[1].operations[0];
    let Operation::TagRole { tags, .. } = first else { panic!("{first}") };
    let mark = crate::adoption::Adoption::read(tags).unwrap();
    assert!(mark.has(&crate::adoption::managed(READ_ONLY)), "the federation attaches it");
    assert!(!mark.has(&crate::adoption::managed(ADMIN)), "it was there");
    assert_eq!(tags.get(OWNER_TAG).map(String::as_str), Some("causely"), "in the same call");
}
