//! What one policy allows and another does not: every difference is shown by a request, and none is
//! missed that a random request finds. `ATTACHE_SETS=1500 cargo test -p attache-policy --test it diff` tries more.

use attache_policy::{Diff, Kind, Policy, PolicySet, Request, diff, evaluate_trust};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::reference::{engine, random};

fn policy(json: &Value, kind: Kind) -> Policy {
    let text = json.to_string();
    Policy::parse(&text, kind).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn identity(statements: &Value) -> Policy {
    policy(&json!({"Version": "2012-10-17", "Statement": statements}), Kind::Identity)
}

fn allows(policy: &Policy, request: &Request) -> bool {
    evaluate_trust(&PolicySet::from(policy.clone()), request).is_allowed()
}

/// Every difference holds.
fn confirm(a: &Policy, b: &Policy, found: &Diff) {
    for (from, to, list) in [(a, b, &found.gained), (b, a, &found.lost)] {
        for difference in list {
            let request = &difference.witness.request;
            assert!(!allows(from, request) && allows(to, request), "{difference:?}\n{from}\n{to}");
        }
    }
}

fn compared(a: &Value, b: &Value) -> (Vec<String>, Vec<String>) {
    let (a, b) = (identity(a), identity(b));
    let found = diff(&a, &b);
    confirm(&a, &b, &found);
    assert!(found.complete);
    let told = |list: &[attache_policy::Difference]| list.iter().map(ToString::to_string).collect();
    (told(&found.gained), told(&found.lost))
}

fn nothing() -> (Vec<String>, Vec<String>) {
    (Vec::new(), Vec::new())
}

fn allow(actions: &[&str], resources: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn deny(actions: &[&str], resources: &[&str]) -> Value {
    json!({"Effect": "Deny", "Action": actions, "Resource": resources})
}

#[test]
fn policies_that_allow_the_same_do_not_differ() {
    let wide = json!([allow(&["s3:*", "ec2:Describe*"], &["*"])]);
    for (name, same) in [
        ("itself", json!([allow(&["s3:*", "ec2:Describe*"], &["*"])])),
        ("in another order", json!([allow(&["ec2:Describe*", "s3:*"], &["*"])])),
        ("split", json!([allow(&["s3:*"], &["*"]), allow(&["ec2:Describe*"], &["*"])])),
        ("in another case", json!([allow(&["S3:*", "ec2:describe*"], &["*"])])),
        (
            "with what is in it already",
            json!([allow(&["s3:*", "s3:Get*", "ec2:Describe*"], &["*", "arn:aws:s3:::b"])]),
        ),
        (
            "with a Deny of what nobody allows",
            json!([allow(&["s3:*", "ec2:Describe*"], &["*"]), deny(&["iam:*"], &["*"])]),
        ),
        (
            "through another pattern",
            json!([allow(&["s3:*", "ec2:Describe*", "ec2:DescribeV*"], &["*"])]),
        ),
    ] {
        assert_eq!(compared(&wide, &same), nothing(), "{name}");
        assert_eq!(compared(&same, &wide), nothing(), "{name}, the other way");
    }
    let all_but = json!([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]);
    let denied = json!([allow(&["*"], &["*"]), deny(&["s3:*"], &["*"])]);
    assert_eq!(compared(&all_but, &denied), nothing());
}

#[test]
fn a_difference_is_told_by_action_resource_and_what_denies() {
    let reads = json!([allow(&["s3:Get*"], &["arn:aws:s3:::logs/*"])]);
    let wider = json!([allow(&["s3:Get*", "s3:PutObject"], &["arn:aws:s3:::logs/*"])]);
    assert_eq!(
        compared(&reads, &wider),
        (vec!["s3:PutObject on arn:aws:s3:::logs/*".to_owned()], vec![])
    );
    let elsewhere = json!([allow(&["s3:Get*"], &["arn:aws:s3:::*/*"])]);
    assert_eq!(compared(&reads, &elsewhere).0, ["s3:Get* on arn:aws:s3:::*/*"]);
    let guarded =
        json!([allow(&["s3:Get*"], &["arn:aws:s3:::logs/*"]), deny(&["s3:GetObject"], &["*"])]);
    let (a, b) = (identity(&reads), identity(&guarded));
    let found = diff(&a, &b);
    confirm(&a, &b, &found);
    let [lost] = &found.lost[..] else { panic!("{found:?}") };
    assert_eq!(lost.witness.action, "s3:GetObject");
    assert_eq!(lost.denied_by.as_ref().map(|place| place.statement), Some(2));
}

#[test]
fn conditions_on_a_multivalued_key_without_a_set_operator_allow_the_same() {
    let when = |value: &str| {
        let mut one = allow(&["s3:GetObject"], &["*"]);
        one["Condition"] = json!({"StringEquals": {"aws:TagKeys": value}});
        identity(&json!([one]))
    };
    let found = diff(&when("a"), &when("b"));
    assert!(found.complete && found.gained.is_empty() && found.lost.is_empty(), "{found:?}");
}

#[test]
fn a_difference_is_told_by_the_values_of_a_condition() {
    let when = |conditions: Value| {
        let mut one = allow(&["s3:GetObject"], &["*"]);
        one["Condition"] = conditions;
        json!([one])
    };
    let office = |network: &str| when(json!({"IpAddress": {"aws:SourceIp": network}}));
    let (narrow, wide) = (identity(&office("10.0.0.0/16")), identity(&office("10.0.0.0/8")));
    let found = diff(&narrow, &wide);
    confirm(&narrow, &wide, &found);
    assert!(found.lost.is_empty());
    assert_eq!(found.gained.len(), 1);
    for (name, narrow, wide) in [
        (
            "a number",
            json!({"NumericLessThan": {"n": "5"}}),
            json!({"NumericLessThanEquals": {"n": "5"}}),
        ),
        (
            "a day",
            json!({"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}),
            json!({"DateLessThan": {"aws:CurrentTime": "2026-01-02"}}),
        ),
        ("a pattern", json!({"StringLike": {"k": "a*b"}}), json!({"StringLike": {"k": "a*"}})),
        (
            "two patterns",
            json!({"StringLike": {"k": ["a*b*", "a*c*"]}}),
            json!({"StringLike": {"k": ["a*b*", "a*c*", "a*d*"]}}),
        ),
        (
            "its absence",
            json!({"StringEquals": {"k": "a"}}),
            json!({"StringEqualsIfExists": {"k": "a"}}),
        ),
        (
            "several",
            json!({"ForAllValues:StringEquals": {"k": ["a"]}}),
            json!({"ForAllValues:StringEquals": {"k": ["a", "b"]}}),
        ),
        (
            "any of several",
            json!({"ForAllValues:StringEquals": {"k": ["a"]}, "Null": {"k": "false"}}),
            json!({"ForAnyValue:StringEquals": {"k": ["a"]}}),
        ),
        (
            "several, which one operator does not compare",
            json!({"StringEquals": {"k": "a"}, "ForAnyValue:StringEquals": {"k": "a"}}),
            json!({"ForAnyValue:StringEquals": {"k": "a"}}),
        ),
        (
            "a multivalued key, which no operator compares without a set",
            json!({"StringLike": {"aws:TagKeys": "*"}}),
            json!({"ForAnyValue:StringLike": {"aws:TagKeys": "*"}}),
        ),
        (
            "a multivalued key that is absent",
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}}),
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
        ),
        (
            "an ARN",
            json!({"ArnLike": {"k": "arn:aws:iam::111111111111:role/a*"}}),
            json!({"ArnLike": {"k": "arn:aws:iam::*:role/a*"}}),
        ),
        (
            "case",
            json!({"StringEquals": {"k": "a"}}),
            json!({"StringEqualsIgnoreCase": {"k": "a"}}),
        ),
        (
            "capitals",
            json!({"StringEquals": {"k": "ABC"}}),
            json!({"StringEqualsIgnoreCase": {"k": "ABC"}}),
        ),
        (
            "a number between two that are near",
            json!({"NumericGreaterThan": {"n": "5.2005"}}),
            json!({"NumericGreaterThan": {"n": "5.2"}}),
        ),
        (
            "an ARN with a variable in it",
            json!({"ArnLike": {"k": "arn:aws:iam::111111111111:role/a"}}),
            json!({"ArnLike": {"k": ["arn:aws:iam::111111111111:role/a",
                "arn:aws:iam::111111111111:role/${aws:username}"]}}),
        ),
        (
            "a pattern but for three, of a key that is there",
            json!({"Null": {"k": "true"}, "StringLike": {"k": "a*"}}),
            json!({"Null": {"k": "false"}, "StringLike": {"k": "a*"},
                "StringNotLike": {"k": ["*e", "*x", "a"]}}),
        ),
        (
            "three values at once",
            json!({"ForAnyValue:StringEquals": {"k": "a"}, "ForAnyValue:StringLike": {"k": "b"},
                "ForAllValues:StringLike": {"k": ["a", "b"]},
                "ForAnyValue:StringEqualsIgnoreCase": {"k": "c"}}),
            json!({"ForAnyValue:StringEquals": {"k": "a"}, "ForAnyValue:StringLike": {"k": "b"},
                "ForAllValues:StringLike": {"k": ["a", "b", "c"]},
                "ForAnyValue:StringEqualsIgnoreCase": {"k": "c"}}),
        ),
    ] {
        let (narrow, wide) = (identity(&when(narrow)), identity(&when(wide)));
        let found = diff(&narrow, &wide);
        confirm(&narrow, &wide, &found);
        assert_eq!((found.gained.len(), found.lost.len()), (1, 0), "{name}: {found:?}");
    }
}

#[test]
fn a_trust_policy_that_trusts_more_is_told_by_whom() {
    let trust = |operator: &str, subject: &str| {
        policy(
            &json!({"Version": "2012-10-17", "Statement": {
                "Effect": "Allow",
                "Principal": {"Federated": "arn:aws:iam::222222222222:oidc-provider/issuer.example"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {operator: {"issuer.example:sub": subject}}}}),
            Kind::Trust,
        )
    };
    let one = trust("StringEquals", "system:serviceaccount:causely:mediator");
    let all = trust("StringLike", "system:serviceaccount:*:*");
    let found = diff(&one, &all);
    confirm(&one, &all, &found);
    let [gained] = &found.gained[..] else { panic!("{found:?}") };
    assert_eq!(gained.principals, ["arn:aws:iam::222222222222:oidc-provider/issuer.example"]);
    assert_eq!(
        gained.witness.context["issuer.example:sub"],
        ["system:serviceaccount:example:example"]
    );
    assert!(found.lost.is_empty());
}

#[test]
fn variables_are_told_apart_from_what_they_may_hold() {
    let home = json!([allow(&["s3:*"], &["arn:aws:s3:::home/${aws:username}/*"])]);
    assert_eq!(compared(&home, &home), nothing());
    let all = json!([allow(&["s3:*"], &["arn:aws:s3:::home/*"])]);
    assert_eq!(compared(&home, &all).0.len(), 1);
    assert_eq!(compared(&home, &all).1, Vec::<String>::new());
}

#[test]
fn a_variable_takes_what_another_text_has_in_its_place() {
    let home = allow(&["s3:*"], &["arn:aws:s3:::home/${aws:username}/*"]);
    let but_bobs = json!([home, deny(&["s3:*"], &["arn:aws:s3:::home/bob/*"])]);
    assert_eq!(compared(&json!([home]), &but_bobs).1.len(), 1);
}

#[test]
fn many_variables_end_and_say_that_there_may_be_more() {
    let keys: Vec<String> = (0..30).map(|n| format!("${{aws:PrincipalTag/{n}}}")).collect();
    let long = json!([allow(&["s3:*"], &[&format!("arn:aws:s3:::{}", keys.join("/"))])]);
    let (a, b) = (identity(&json!([allow(&["s3:*"], &["arn:aws:s3:::x"])])), identity(&long));
    let found = diff(&a, &b);
    confirm(&a, &b, &found);
    assert!(!found.complete && found.gained.len() == 1, "{found:?}");
}

/// Pairs of trust policies, with how many differences there are either way.
#[test]
fn whoever_asks_has_the_keys_that_go_with_that() {
    const ROLE: &str = "arn:aws:iam::111111111111:role/x";
    const SAML: &str = "arn:aws:iam::222222222222:saml-provider/x";
    const OIDC: &str = "arn:aws:iam::222222222222:oidc-provider/one.example";
    let trust = |principal: Value, action: &str, conditions: Value| {
        let mut one = json!({"Effect": "Allow", "Principal": principal, "Action": action});
        if conditions != json!({}) {
            one["Condition"] = conditions;
        }
        policy(&json!({"Version": "2012-10-17", "Statement": one}), Kind::Trust)
    };
    let aws = |principal: &str, conditions: Value| {
        trust(json!({"AWS": principal}), "sts:AssumeRole", conditions)
    };
    let saml = |c: Value| trust(json!({"Federated": SAML}), "sts:AssumeRoleWithSAML", c);
    let oidc = |c: Value| trust(json!({"Federated": OIDC}), "sts:AssumeRoleWithWebIdentity", c);
    for (name, a, b, wanted) in [
        (
            "a role by its ARN or by a condition",
            aws("111111111111", json!({"ArnEquals": {"aws:PrincipalArn": ROLE}})),
            aws(ROLE, json!({})),
            (0, 0),
        ),
        (
            "an account by its number or by a condition",
            aws("*", json!({"StringEquals": {"aws:PrincipalAccount": "111111111111"}})),
            aws("111111111111", json!({})),
            (0, 0),
        ),
        (
            "roles by a pattern",
            aws("*", json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a*"}})),
            aws("*", json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a*b"}})),
            (0, 1),
        ),
        (
            "a condition on SAML",
            saml(json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})),
            saml(json!({})),
            (1, 0),
        ),
        ("SAML for another", aws(ROLE, json!({})), saml(json!({})), (1, 1)),
        (
            "a key of another provider",
            oidc(json!({"StringEquals": {"two.example:sub": "a"}})),
            oidc(json!({"StringEquals": {"one.example:sub": "a"}})),
            (1, 0),
        ),
    ] {
        let found = diff(&a, &b);
        confirm(&a, &b, &found);
        assert!(found.complete, "{name}");
        assert_eq!((found.gained.len(), found.lost.len()), wanted, "{name}: {found:?}");
    }
}

/// Some of a random policy's statements are those of another.
fn mutated(dice: &mut ChaCha8Rng, json: &Value, other: &Value) -> Value {
    let list = |json: &Value| match &json["Statement"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let (mut own, others) = (list(json), list(other));
    let at = dice.random_range(0..own.len());
    let new = others[dice.random_range(0..others.len())].clone();
    match dice.random_range(0..4) {
        0 if own.len() > 1 => drop(own.remove(at)),
        1 => own[at] = new,
        2 => own[at]["Condition"] = new.get("Condition").cloned().unwrap_or(json!({})),
        _ => own.push(new),
    }
    let mut mutated = json.clone();
    mutated["Statement"] = json!(own);
    mutated
}

#[test]
fn no_difference_is_missed_that_a_random_request_finds() {
    let (mut differ, mut same, mut given_up) = (0, 0, 0);
    let sets = std::env::var("ATTACHE_SETS").map_or(250, |n| n.parse().expect("a number"));
    for set in 0..sets {
        let mut dice = ChaCha8Rng::seed_from_u64(5);
        dice.set_stream(set);
        let documents = random::documents(&mut dice);
        let others = random::documents(&mut dice);
        let resource = |own: &crate::reference::Documents| {
            own.resource.as_ref().filter(|_| !own.is_trust).map(|list| list[0].clone())
        };
        let (a, b, kind) = match (documents.identity.first(), others.identity.first()) {
            (Some(a), Some(b)) => (a.clone(), b.clone(), Kind::Identity),
            _ => match (resource(&documents), resource(&others)) {
                (Some(a), Some(b)) => (a, b, Kind::Resource),
                _ => continue,
            },
        };
        let b = mutated(&mut dice, &a, &b);
        let (a, b) = (policy(&a, kind), policy(&b, kind));
        assert_eq!(diff(&a, &a).gained.len(), 0, "{a}");
        let found = diff(&a, &b);
        confirm(&a, &b, &found);
        given_up += usize::from(!found.complete);
        *if found.gained.is_empty() && found.lost.is_empty() { &mut same } else { &mut differ } +=
            1;
        for _ in 0..300 {
            let mut ask = random::ask(&mut dice, &documents);
            // Users alone have a user name.
            let named = matches!(ask.who, crate::reference::Who::User(_));
            ask.keys.retain(|(key, _)| named || !key.eq_ignore_ascii_case("aws:username"));
            // A key that no qualifier counts has one value.
            for (key, values) in &mut ask.keys {
                let plural =
                    ["ns", "bs", "arns", "aws:tagkeys"].contains(&key.to_lowercase().as_str());
                values.truncate(if plural { 2 } else { 1 });
            }
            let request = engine::request(&ask);
            let lists = match (allows(&a, &request), allows(&b, &request)) {
                (false, true) => &found.gained,
                (true, false) => &found.lost,
                _ => continue,
            };
            assert!(!lists.is_empty() || !found.complete, "set {set}: {request:?}\n{a}\n{b}");
        }
    }
    assert!(differ > 40 && same > 5 && given_up < 10, "{differ} {same} {given_up}");
}

#[test]
fn what_both_policies_say_needs_no_search() {
    // Each statement can be avoided in two ways: a search tries 2^20 combinations for the last of them.
    let mut statements: Vec<Value> = (0..20)
        .map(|n| {
            let mut one = allow(&["s3:GetObject"], &["*"]);
            one["Condition"]["StringNotEquals"] =
                json!({format!("aws:PrincipalTag/a{n}"): "x", format!("aws:PrincipalTag/b{n}"): "x"});
            one
        })
        .collect();
    let before = json!(statements);
    assert_eq!(compared(&before, &before), nothing());
    statements.reverse();
    assert_eq!(compared(&before, &json!(statements)), nothing());
    // What is new, and what is denied now, is found beside them.
    statements.push(allow(&["ec2:DescribeInstances"], &["*"]));
    statements.push(deny(&["s3:GetObject"], &["arn:aws:s3:::secret/*"]));
    let (gained, lost) = compared(&before, &json!(statements));
    assert_eq!(gained, ["ec2:DescribeInstances on *"]);
    assert_eq!(lost.len(), 20, "{lost:?}");
}
