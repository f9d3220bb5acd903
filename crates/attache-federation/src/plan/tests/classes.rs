//! The class of each step.

use super::*;

/// A name, how the account deviates from what `apply` leaves, and each step with its class.
type ClassCase = (&'static str, fn(&mut Account, &mut ObservedAccount), &'static [&'static str]);

const CLASS_CASES: &[ClassCase] = &[
    (
        "everything is new",
        |_, now| *now = ObservedAccount::default(),
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
        |want, _| want.providers[0].thumbprints = vec!["ab".repeat(20)],
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

#[tokio::test]
async fn every_step_is_classed_by_what_it_widens() {
    let read = |action: &str| Ok(ALLOW.replace("s3:PutObject", action));
    let documents = step_class::PolicyTexts::from([
        (READ_ONLY.to_owned(), read("ec2:Describe*")),
        (ADMIN.to_owned(), read("*")),
        (DENIES.to_owned(), Ok(DENY.to_owned())),
        (UNREAD.to_owned(), Err(UnknownPolicy::NotAskedFor { arn: UNREAD.to_owned() })),
    ]);
    for (name, deviate, expected) in CLASS_CASES {
        let mut desired = target();
        let mut observed = as_applied(&desired);
        deviate(&mut desired, &mut observed);
        let mut changes = steps_for("causely", &desired, &observed, PlanOptions::default());
        step_class::classify(&mut changes, &observed, &documents).await;
        let steps: Vec<String> = changes
            .iter()
            .flat_map(|change| &change.steps)
            .map(|step| format!("{:?} {}", step.class, step.what))
            .collect();
        let fits = |(got, expected): (&String, &&str)| got.starts_with(expected);
        let same = steps.len() == expected.len() && steps.iter().zip(*expected).all(fits);
        assert!(same, "{name}: {steps:#?}");
        let widening =
            changes.iter().flat_map(|change| &change.steps).filter(|step| step.needs_consent());
        assert!(widening.into_iter().all(|step| step.reason.is_some()), "{name}: no reason");
    }
}
