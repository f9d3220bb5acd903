//! The policy documents of types, judged by the policy engine.

use std::collections::BTreeSet;

use attache_catalog::{Catalog, Limit, PolicyError, Types, documents};
use attache_policy::{
    Context, EffectivePolicies, Kind, Policy, PolicySet, Principal, Request, evaluate,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::with_types;

/// Actions that no type of the catalog needs, some of them near to those that one does.
const OTHERS: &[&str] = &[
    "ec2:DescribeVpc",
    "ec2:DescribeVpcsX",
    "ec2:DescribeVpcEndpoints",
    "ec2:RunInstances",
    "s3:ListBucket",
    "s3:GetObject",
    "sqs:ReceiveMessage",
    "lambda:InvokeFunction",
    "lambda:GetFunction",
    "iam:ListRoles",
    "sts:AssumeRole",
];

fn policies(documents: &[Value]) -> EffectivePolicies {
    let parsed = documents
        .iter()
        .map(|document| Policy::parse(&document.to_string(), Kind::Identity).unwrap());
    EffectivePolicies { identity: PolicySet::compile(parsed), ..Default::default() }
}

fn allows(policies: &EffectivePolicies, action: &str) -> bool {
    let request = Request {
        principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
        action: action.into(),
        resource: "*".into(),
        resource_account: None,
        context: Context::new(),
    };
    evaluate(policies, &request).is_allowed()
}

/// The embedded types, and so many of a service with a long name.
fn large(count: usize) -> Catalog {
    with_types((0..count).map(|index| {
        (
            format!("sagemaker:kind-{index:03}"),
            format!("sagemaker:ListThingsOfKindNumber{index:03}"),
        )
    }))
}

fn names(catalog: &Catalog) -> Vec<String> {
    catalog.entries().iter().map(|entry| entry.kind.clone()).collect()
}

#[test]
fn each_type_is_allowed_its_calls_and_nothing_else() {
    let catalog = Catalog::embedded().unwrap();
    for entry in catalog.entries() {
        let types = [entry.kind.clone()];
        let written = documents(&catalog, Types::Listed(&types), Limit::INLINE).unwrap();
        let policies = policies(&written);
        for action in catalog.actions() {
            let wanted = entry.actions.contains(&action);
            assert_eq!(allows(&policies, &action), wanted, "{}: {action}", entry.kind);
        }
        for other in OTHERS {
            assert!(!allows(&policies, other), "{}: {other}", entry.kind);
        }
    }
}

#[test]
fn all_is_the_printed_policy() {
    let catalog = Catalog::embedded().unwrap();
    let all = documents(&catalog, Types::All, Limit::INLINE).unwrap();
    assert_eq!(all, [catalog.policy()]);
    assert_eq!(documents(&catalog, Types::Listed(&names(&catalog)), Limit::INLINE).unwrap(), all);
    assert_eq!(documents(&catalog, Types::Listed(&[]), Limit::INLINE).unwrap(), [] as [Value; 0]);
}

#[test]
fn the_engine_finds_nothing_to_say_of_them() {
    let written = documents(&Catalog::embedded().unwrap(), Types::All, Limit::INLINE).unwrap();
    let findings = attache_policy::check(&written[0].to_string(), Kind::Identity);
    assert!(findings.iter().all(|f| f.level == attache_policy::Level::Note), "{findings:?}");
}

#[test]
fn an_unknown_type_is_told_with_the_near_name() {
    let catalog = Catalog::embedded().unwrap();
    for (given, help) in [
        ("ec2:instances", "did you mean `ec2:instance`?"),
        ("EC2:Instance", "did you mean `ec2:instance`?"),
        ("all", "expected one of: ec2:vpc, ec2:subnet, ec2:instance"),
    ] {
        let types = ["s3:bucket".to_owned(), given.to_owned()];
        match documents(&catalog, Types::Listed(&types), Limit::INLINE) {
            Err(PolicyError::Unknown(unknown)) => {
                assert_eq!(
                    unknown.to_string(),
                    format!("the catalog has no resource type `{given}`")
                );
                assert!(unknown.help.starts_with(help), "{}", unknown.help);
            }
            other => panic!("{given}: {other:?}"),
        }
    }
}

#[test]
fn what_does_not_fit_inline_is_named_and_fits_in_managed_policies() {
    let catalog = large(300);
    let error = documents(&catalog, Types::All, Limit::INLINE).unwrap_err();
    let PolicyError::TooLong { limit: Limit::INLINE, left } = &error else { panic!("{error:?}") };
    // As many as there is room for: 97 characters around the actions, 38 for each of these.
    assert_eq!(left.first().map(String::as_str), Some("sqs:queue"));
    assert_eq!(left.last().map(String::as_str), Some("sagemaker:kind-299"));
    let text = error.to_string();
    assert!(
        text.starts_with(
            "the actions that the types need do not fit in 1 document of 10240 characters: "
        ) && text.len() < 500,
        "{text}"
    );
    let others: Vec<String> = names(&catalog).into_iter().filter(|n| !left.contains(n)).collect();
    let rest = documents(&catalog, Types::Listed(&others), Limit::INLINE).unwrap();
    assert!(rest[0].to_string().len() > 10_240 - 40);
    let managed = documents(&catalog, Types::All, Limit::MANAGED).unwrap();
    assert_eq!(managed.len(), 2);
    let policies = policies(&managed);
    assert!(catalog.actions().iter().all(|action| allows(&policies, action)));
}

#[test]
fn a_limit_that_takes_nothing_is_an_error_that_names_every_type() {
    let catalog = Catalog::embedded().unwrap();
    for limit in [Limit { characters: 40, documents: 5 }, Limit { characters: 6_144, documents: 0 }]
    {
        match documents(&catalog, Types::All, limit) {
            Err(PolicyError::TooLong { left, .. }) => assert_eq!(left, names(&catalog)),
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the types, their order and the limit: exactly the union, each action once, within the
    /// limit, and the same again.
    #[test]
    fn any_types_are_allowed_exactly_their_union(
        picked in proptest::collection::vec(any::<proptest::sample::Index>(), 0..60),
        characters in 200_usize..2_000,
    ) {
        let catalog = large(40);
        let limit = Limit { characters, documents: 60 };
        let entries: Vec<_> = picked.iter().map(|at| at.get(catalog.entries())).collect();
        let types: Vec<String> = entries.iter().map(|entry| entry.kind.clone()).collect();
        let written = documents(&catalog, Types::Listed(&types), limit).unwrap();
        let reversed: Vec<String> = types.iter().rev().cloned().collect();
        prop_assert_eq!(&documents(&catalog, Types::Listed(&reversed), limit).unwrap(), &written);

        let union: BTreeSet<&str> =
            entries.iter().flat_map(|e| e.actions.iter().map(String::as_str)).collect();
        let policies = policies(&written);
        for action in catalog.actions() {
            prop_assert_eq!(allows(&policies, &action), union.contains(action.as_str()), "{}", action);
        }
        prop_assert!(OTHERS.iter().all(|action| !allows(&policies, action)));
        let mut listed = 0;
        for document in &written {
            prop_assert!(document.to_string().len() <= characters);
            listed += document.pointer("/Statement/0/Action").and_then(Value::as_array).unwrap().len();
        }
        prop_assert_eq!(listed, union.len());
    }
}
