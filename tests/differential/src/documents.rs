//! Documents at random, of what the four instruments can all be asked.

use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::site::{HOME, ORGANIZATION_KEY, OTHER};

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Of a user or a role.
    Identity,
    /// A permissions boundary, or a session policy: it is wide, and takes something away.
    Limit,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// A trust policy that users and roles use.
    Trust,
    /// A trust policy for pods.
    PodTrust,
}

/// A document with one to three statements.
pub(crate) fn document(random: &mut ChaCha8Rng, purpose: Purpose, organization: &str) -> Value {
    let mut statements = Vec::new();
    let wide = match purpose {
        Purpose::Identity => 0.75,
        Purpose::Limit => 0.7,
        Purpose::ServiceControl => 0.9,
        Purpose::ResourceControl => 0.0,
        Purpose::Trust | Purpose::PodTrust => 0.6,
    };
    if random.random_bool(wide) {
        statements.push(everything(purpose));
    }
    for _ in 0..random.random_range(0..=1) + usize::from(statements.is_empty()) {
        statements.push(statement(random, purpose, organization));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// AWS's own `FullAWSAccess`.
pub(crate) fn full_access() -> Value {
    json!({"Version": "2012-10-17", "Statement": [everything(Purpose::Identity)]})
}

/// AWS's own `RCPFullAWSAccess`.
pub(crate) fn full_resource_access() -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
}

fn everything(purpose: Purpose) -> Value {
    match purpose {
        Purpose::Trust => json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal":
            {"AWS": format!("arn:aws:iam::{HOME}:root")}}),
        Purpose::PodTrust => {
            json!({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Principal": {"Service": "pods.eks.amazonaws.com"}})
        }
        _ => json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
    }
}

fn statement(random: &mut ChaCha8Rng, purpose: Purpose, organization: &str) -> Value {
    let denies = match purpose {
        Purpose::ResourceControl => true,
        Purpose::Limit | Purpose::ServiceControl => random.random_bool(0.75),
        _ => random.random_bool(0.4),
    };
    let mut statement = json!({"Effect": if denies { "Deny" } else { "Allow" }});
    let actions: &[&str] = match purpose {
        // Most of them deny what nobody here calls: they bind every caller, and would decide alone.
        Purpose::ResourceControl if random.random_bool(0.7) => &["sts:GetFederationToken"],
        Purpose::ResourceControl => &["sts:AssumeRole", "sts:*"],
        Purpose::Trust => &["sts:AssumeRole", "sts:Assume*", "sts:assumerole"],
        Purpose::PodTrust => &["sts:AssumeRole", "sts:TagSession", "sts:AssumeRole*"],
        _ => &["*", "sts:*", "sts:AssumeRole", "iam:*", "iam:Get*", "IAM:getrole", "iam:ListRoles"],
    };
    statement["Action"] = json!(pick(random, actions));
    match purpose {
        Purpose::Trust => {
            let names = [
                format!("arn:aws:iam::{HOME}:user/ann"),
                format!("arn:aws:iam::{HOME}:role/Caller"),
                format!("arn:aws:iam::{HOME}:root"),
                HOME.to_owned(),
                "*".to_owned(),
                format!("arn:aws:sts::{HOME}:assumed-role/Caller/session"),
                OTHER.to_owned(),
            ];
            statement["Principal"] = json!({"AWS": pick(random, &names)});
        }
        Purpose::PodTrust => {
            let name = pick(random, &["pods.eks.amazonaws.com", "ec2.amazonaws.com"]);
            statement["Principal"] = json!({"Service": name});
        }
        Purpose::ResourceControl => {
            statement["Principal"] = json!("*");
            statement["Resource"] = json!("*");
        }
        _ => {
            let resources = [
                "*".to_owned(),
                "*".to_owned(),
                format!("arn:aws:iam::{HOME}:role/T"),
                format!("arn:aws:iam::{OTHER}:role/*"),
                "arn:aws:iam::*:role/?".to_owned(),
                "arn:aws:iam::*:role/${aws:username}".to_owned(),
            ];
            statement["Resource"] = json!(pick(random, &resources));
        }
    }
    let often = if purpose == Purpose::ResourceControl { 0.9 } else { 0.6 };
    if random.random_bool(often) {
        let (operator, key, value) = condition(random, purpose, organization);
        statement["Condition"] = json!({operator: {key: value}});
    }
    statement
}

/// Conditions on keys that every instrument knows for the callers here.
fn condition(
    random: &mut ChaCha8Rng,
    purpose: Purpose,
    organization: &str,
) -> (&'static str, &'static str, String) {
    let own = |text: &str| text.to_owned();
    let mut all = vec![
        ("Bool", "aws:PrincipalIsAWSService", own("false")),
        ("BoolIfExists", "aws:PrincipalIsAWSService", own("true")),
        ("Bool", "aws:ViaAWSService", own("false")),
        ("Bool", "aws:SecureTransport", own("true")),
        ("Null", "aws:CalledVia", own("true")),
        ("StringEquals", ORGANIZATION_KEY, organization.to_owned()),
        ("StringNotEquals", ORGANIZATION_KEY, own("o-another000")),
        ("StringEquals", "aws:ResourceAccount", own(HOME)),
        ("StringEquals", "aws:PrincipalServiceName", own("pods.eks.amazonaws.com")),
        ("Null", "aws:PrincipalServiceName", own("true")),
    ];
    if purpose == Purpose::PodTrust {
        all.extend([
            ("StringEquals", "aws:SourceAccount", own(OTHER)),
            ("StringNotEquals", "aws:SourceAccount", own(OTHER)),
            ("StringEquals", "aws:RequestTag/kubernetes-namespace", own("causely")),
        ]);
    } else {
        all.extend([
            ("StringLike", "aws:userid", own("*")),
            ("StringLike", "aws:userid", own("*:session")),
            ("StringEquals", "aws:PrincipalAccount", own(HOME)),
            ("StringNotEquals", "aws:PrincipalAccount", own(HOME)),
            ("ArnLike", "aws:PrincipalArn", format!("arn:aws:iam::{HOME}:role/*")),
            ("ArnNotLike", "aws:PrincipalArn", format!("arn:aws:iam::{HOME}:user/a*")),
            ("StringEquals", "aws:PrincipalType", own("AssumedRole")),
            ("StringEquals", "aws:PrincipalTag/team", own("a")),
            ("StringEqualsIfExists", "aws:PrincipalTag/team", own("b")),
            ("StringEquals", "aws:username", own("ann")),
            ("Null", "aws:username", own("true")),
            ("Null", "aws:TokenIssueTime", own("true")),
            ("StringEquals", "sts:ExternalId", own("42")),
            ("StringNotEqualsIfExists", "sts:ExternalId", own("42")),
            ("ForAnyValue:StringLike", "aws:TagKeys", own("*")),
            ("StringEquals", "aws:TagKeys", own("team")),
        ]);
    }
    pick(random, &all)
}

fn pick<T: Clone>(random: &mut ChaCha8Rng, list: &[T]) -> T {
    // The lists are not empty.
    list.choose(random).cloned().unwrap_or_else(|| list[0].clone())
}
