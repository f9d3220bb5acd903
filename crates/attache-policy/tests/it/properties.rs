//! What holds for every policy and every request.

use attache_policy::{Denial, Kind, Policy, Request, Severity};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestCaseResult};

use crate::rules::given::*;

/// Statements of a document without principals, as JSON.
type Statements = Vec<String>;

const CONDITIONS: &[&str] = &[
    r#""StringEquals": {"k": "a"}"#,
    r#""StringNotEquals": {"k": ["a", "b"]}"#,
    r#""StringLike": {"k": "${l}*"}"#,
    r#""StringEqualsIfExists": {"l": "a"}"#,
    r#""ForAnyValue:StringLike": {"k": ["a*", "?"]}"#,
    r#""ForAllValues:StringEquals": {"k": ["a", "b"]}"#,
    r#""Null": {"l": "true"}"#,
    r#""NumericLessThan": {"n": "3"}, "Bool": {"l": "true"}"#,
];

fn statement(effect: &'static str) -> impl Strategy<Value = String> {
    let action = select(vec!["*", "s3:*", "s3:Get*", "S3:getobject", "ec2:*", "s3:PutObject"]);
    let resource =
        select(vec!["*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::${k}/key", "arn:aws:s3:::b"]);
    let condition = prop::option::weighted(0.4, select(CONDITIONS.to_vec()));
    let negations = (prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (action, resource, condition, negations).prop_map(
        move |(action, resource, condition, (not_action, not_resource))| {
            let not = |is: bool| if is { "Not" } else { "" };
            let condition =
                condition.map(|c| format!(r#", "Condition": {{{c}}}"#)).unwrap_or_default();
            format!(
                r#"{{"Effect": "{effect}", "{}Action": "{action}", "{}Resource": "{resource}"{condition}}}"#,
                not(not_action),
                not(not_resource)
            )
        },
    )
}

fn statements() -> impl Strategy<Value = Statements> {
    let any = prop_oneof![3 => statement("Allow"), 1 => statement("Deny")];
    prop::collection::vec(any, 1..4)
}

/// Kinds without principals, each at most once, and the identity's always.
fn policies() -> impl Strategy<Value = Vec<(Kind, Statements)>> {
    let often = |kind| prop::option::weighted(0.3, statements().prop_map(move |s| (kind, s)));
    let identity = statements().prop_map(|s| Some((Kind::Identity, s)));
    (identity, often(Kind::Boundary), often(Kind::Session), often(Kind::ServiceControl))
        .prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect())
}

fn values() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(select(vec!["a", "b", "ab", "A", "true", "1", "*"]), 0..3)
        .prop_map(|values| values.into_iter().map(str::to_owned).collect())
}

fn request() -> impl Strategy<Value = Request> {
    let who = select(vec![user(), session(), root()]);
    let action = select(vec!["s3:GetObject", "s3:PutObject", "ec2:DescribeVpcs"]);
    let resource = select(vec!["arn:aws:s3:::bucket/key", "arn:aws:s3:::a/key", "*"]);
    let keys = prop::collection::vec((select(vec!["k", "l", "n"]), values()), 0..4);
    (who, action, resource, keys).prop_map(|(who, action, resource, keys)| {
        let mut request = reads(who);
        request.action = action.into();
        request.resource = resource.into();
        for (key, values) in keys {
            request.context.set_many(key, values);
        }
        request
    })
}

fn decide(policies: &[(Kind, Statements)], request: &Request) -> Result<(), Denial> {
    let joined: Vec<_> = policies.iter().map(|(kind, s)| (*kind, s.join(", "))).collect();
    let texts: Vec<_> = joined.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    outcome(&applicable(&texts), request)
}

/// The policies with that statement more in the one at `at`.
fn with(policies: &[(Kind, Statements)], at: usize, statement: &str) -> Vec<(Kind, Statements)> {
    let mut more = policies.to_vec();
    let at = at % more.len();
    more[at].1.push(statement.to_owned());
    more
}

fn same<T: PartialEq + std::fmt::Debug>(one: &T, other: &T) -> TestCaseResult {
    prop_assert_eq!(one, other);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_deny_of_everything_denies_whatever_else_is_said(
        policies in policies(), at in 0usize..4, request in request(),
    ) {
        let kind = policies[at % policies.len()].0;
        // A root user's own policies are none.
        prop_assume!(request.principal != root() || kind == Kind::ServiceControl);
        let denied = decide(&with(&policies, at, DENY), &request);
        prop_assert!(matches!(denied, Err(Denial::Explicit(_))), "{denied:?}");
    }

    #[test]
    fn a_reason_is_what_the_explanation_says(policies in policies(), request in request()) {
        let joined: Vec<_> = policies.iter().map(|(kind, s)| (*kind, s.join(", "))).collect();
        let texts: Vec<_> = joined.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let policies = applicable(&texts);
        let decision = attache_policy::evaluate(&policies, &request);
        same(&decision.reason(), &decision.explain().to_string())?;
    }

    #[test]
    fn another_allow_never_takes_a_permission_away(
        policies in policies(), at in 0usize..4, more in statement("Allow"), request in request(),
    ) {
        let before = decide(&policies, &request);
        let after = decide(&with(&policies, at, &more), &request);
        prop_assert!(before.is_err() || after.is_ok(), "{after:?}");
    }

    #[test]
    fn another_deny_never_gives_one(
        policies in policies(), at in 0usize..4, more in statement("Deny"), request in request(),
    ) {
        let before = decide(&policies, &request);
        let after = decide(&with(&policies, at, &more), &request);
        prop_assert!(before.is_ok() || after.is_err(), "{before:?}");
    }

    #[test]
    fn another_boundary_session_policy_or_level_never_gives_one(
        policies in policies(), limit in statements(), request in request(),
    ) {
        for kind in [Kind::Boundary, Kind::Session, Kind::ServiceControl] {
            if policies.iter().any(|(other, _)| *other == kind) && kind != Kind::ServiceControl {
                continue;
            }
            let mut limited = policies.clone();
            limited.push((kind, limit.clone()));
            let before = decide(&policies, &request);
            prop_assert!(before.is_ok() || decide(&limited, &request).is_err(), "{kind:?}");
        }
    }

    #[test]
    fn neither_the_order_of_statements_nor_saying_one_twice_matters(
        policies in policies(), request in request(),
    ) {
        let mut backwards = policies.clone();
        backwards.iter_mut().for_each(|(_, statements)| statements.reverse());
        let mut twice = policies.clone();
        twice.iter_mut().for_each(|(_, statements)| statements.extend(statements.clone()));
        let before = decide(&policies, &request);
        same(&before, &decide(&backwards, &request))?;
        same(&before, &decide(&twice, &request))?;
    }

    #[test]
    fn keys_and_actions_compare_without_case(policies in policies(), request in request()) {
        let mut shouted = Vec::new();
        for (kind, statements) in &policies {
            let mut louder = Vec::new();
            for statement in statements {
                let mut text = statement.clone();
                for (quiet, loud) in [(r#"{"k":"#, r#"{"K":"#), ("${k}", "${K}"), ("${l}", "${L}"),
                    (r#"{"l":"#, r#"{"L":"#), (r#"{"n":"#, r#"{"N":"#), ("s3:*", "S3:*"),
                    ("s3:Get*", "s3:gET*"), ("ec2:*", "EC2:*")] {
                    text = text.replace(quiet, loud);
                }
                louder.push(text);
            }
            shouted.push((*kind, louder));
        }
        let mut loud = request.clone();
        loud.action = loud.action.to_uppercase();
        let before = decide(&policies, &request);
        same(&before, &decide(&shouted, &request))?;
        same(&before, &decide(&policies, &loud))?;
    }

    #[test]
    fn how_a_document_is_laid_out_does_not_matter(policies in policies(), request in request()) {
        let mut pretty = Vec::new();
        for (kind, statements) in &policies {
            let laid_out = statements.iter().map(|statement| {
                let json: serde_json::Value = serde_json::from_str(statement).unwrap();
                let reversed: serde_json::Map<_, _> =
                    json.as_object().unwrap().clone().into_iter().rev().collect();
                serde_json::to_string_pretty(&reversed).unwrap()
            });
            pretty.push((*kind, laid_out.collect()));
        }
        same(&decide(&policies, &request), &decide(&pretty, &request))?;
    }

    #[test]
    fn a_policy_shows_the_text_it_was_read_from(
        statements in statements(), before in "[ \n\t]{0,3}", after in "[ \n\t]{0,3}",
    ) {
        let text = format!(
            r#"{before}{{"Version": "2012-10-17", "Statement": [{}]}}{after}"#,
            statements.join(",\n")
        );
        let policy = Policy::parse(&text, Kind::Identity).unwrap();
        same(&policy.text(), &text.as_str())?;
    }

    #[test]
    fn a_negated_operator_is_the_opposite_of_its_positive(
        operator in select(vec!["StringEquals", "StringEqualsIgnoreCase", "StringLike"]),
        wanted in values().prop_filter("a condition needs a value", |v| !v.is_empty()),
        got in prop::option::of(values()),
    ) {
        let got: Option<Vec<&str>> =
            got.as_ref().map(|values| values.iter().map(String::as_str).collect());
        let keys: Vec<(&str, &[&str])> = got.iter().map(|values| ("k", values.as_slice())).collect();
        let not = operator.replace("String", "StringNot");
        let ask = |operator: &str| holds(&format!(r#""{operator}": {{"k": {wanted:?}}}"#), &keys);
        // Several values are for set operators alone: without one neither holds.
        let several = got.as_ref().is_some_and(|values| values.len() > 1);
        same(&ask(operator), &(!several && !ask(&not)))?;
        prop_assert!(!several || !ask(&not));
        same(&ask(&format!("ForAllValues:{operator}")), &!ask(&format!("ForAnyValue:{not}")))?;
        same(&ask(&format!("ForAnyValue:{operator}")), &!ask(&format!("ForAllValues:{not}")))?;
    }

    #[test]
    fn a_text_with_its_wildcards_in_braces_is_that_text_alone(
        text in "[ab*?$]{0,8}", other in "[ab*?$]{0,8}",
    ) {
        let literal: String = text
            .chars()
            .map(|c| if "*?$".contains(c) { format!("${{{c}}}") } else { c.to_string() })
            .collect();
        let is = |operator: &str, got: &str| {
            holds(&format!(r#""{operator}": {{"k": "{literal}"}}"#), &[("k", &[got])])
        };
        for operator in ["StringLike", "StringEquals"] {
            prop_assert!(is(operator, &text), "{literal}");
            same(&is(operator, &other), &(text == other))?;
        }
    }

    #[test]
    fn whatever_is_read_each_finding_has_its_position_and_an_error_refuses_it(
        text in ".{0,200}", statements in statements(), cut in 0usize..400,
    ) {
        let whole = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(",\n"));
        let part: String = whole.chars().take(cut).collect();
        for kind in [Kind::Identity, Kind::Resource, Kind::Trust, Kind::ServiceControl] {
            for text in [&text, &whole, &part, &format!("{part}{text}")] {
                let parsed = Policy::parse(text, kind);
                let (findings, refused) = match &parsed {
                    Ok(policy) => (policy.warnings(), false),
                    Err(invalid) => (invalid.diagnostics.as_slice(), true),
                };
                let error = findings.iter().any(|own| own.severity == Severity::Error);
                prop_assert_eq!(error, refused, "{:?}", findings);
                for finding in findings {
                    let before = text.get(..finding.span.start);
                    let before = before.ok_or_else(|| TestCaseError::fail(format!("{finding:?}")))?;
                    prop_assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
                    let line = before.matches('\n').count() + 1;
                    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                    prop_assert_eq!((finding.line, finding.column), (line, column), "{:?}", finding);
                }
            }
        }
    }
}
