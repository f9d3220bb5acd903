//! The documents and requests that are measured: here, and beside other engines in bench/policy.

use attache_policy::{
    Context, EffectivePolicies, Kind, Policy, PolicySet, Principal, Request, WebIdentity,
};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "222222222222";
pub(crate) const ROLE: &str = "arn:aws:iam::222222222222:role/Reader";
pub(crate) const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/Reader/session";
pub(crate) const ISSUER: &str =
    "oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

/// The seed's trust policy.
pub(crate) fn seed() -> String {
    include_str!("../../../../examples/seed/target-trust.json").to_owned()
}

/// One statement.
pub(crate) fn small() -> String {
    document(&[json!({"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"})])
}

/// Twenty statements, each with conditions of several operators.
pub(crate) fn conditions() -> String {
    let statement = |n: usize| {
        json!({
            "Sid": format!("S{n}"), "Effect": if n == 3 { "Deny" } else { "Allow" },
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [format!("arn:aws:s3:::bucket-{n}"), format!("arn:aws:s3:::bucket-{n}/*")],
            "Condition": {
                "StringEquals": {"aws:PrincipalAccount": ["111111111111", ACCOUNT]},
                "StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Rea*"},
                "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]},
                "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
                "Bool": {"aws:SecureTransport": "true"},
            },
        })
    };
    document(&(0..20).map(statement).collect::<Vec<_>>())
}

/// AWS's `ReadOnlyAccess` from a folder of documents as AWS publishes them, named by
/// `ATTACHE_MANAGED_POLICIES`; without one, patterns of the same shape and number.
pub(crate) fn read_only() -> String {
    let folder = std::env::var_os("ATTACHE_MANAGED_POLICIES").map(std::path::PathBuf::from);
    let file = folder.map(|folder| folder.join("ReadOnlyAccess.json"));
    let text = file.and_then(|file| std::fs::read_to_string(file).ok());
    let published: Option<Value> = text.and_then(|text| serde_json::from_str(&text).ok());
    match published.and_then(|mut policy| policy.get_mut("Document").map(Value::take)) {
        Some(document) => document.to_string(),
        None => generated(),
    }
}

fn generated() -> String {
    const VERBS: [&str; 5] = ["BatchGet*", "Describe*", "Get*", "List*", "Search*"];
    let services = (0..300).map(|n| format!("service{n}")).chain(["ec2".to_owned()]);
    let actions = services.flat_map(|s| VERBS.map(|verb| format!("{s}:{verb}")));
    let actions: Vec<String> = actions.collect();
    document(&[json!({"Effect": "Allow", "Action": actions, "Resource": "*"})])
}

/// One of a thousand policies, each for a bucket and a service of its own.
pub(crate) fn one_of_many(n: usize) -> String {
    document(&[
        json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"],
               "Resource": format!("arn:aws:s3:::bucket-{n}/*")}),
        json!({"Effect": "Allow", "Action": format!("service{n}:Do*"), "Resource": "*"}),
    ])
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A case: what is asked of which documents.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) identity: Vec<String>,
    pub(crate) trust: Option<String>,
    pub(crate) request: Request,
    pub(crate) allowed: bool,
}

impl Case {
    pub(crate) fn policies(&self) -> EffectivePolicies {
        let read =
            |text: &String, kind| Policy::parse(text, kind).unwrap_or_else(|e| panic!("{e}"));
        EffectivePolicies {
            identity: PolicySet::compile(self.identity.iter().map(|t| read(t, Kind::Identity))),
            resource: self.trust.as_ref().map(|text| read(text, Kind::Trust).into()),
            ..EffectivePolicies::default()
        }
    }
}

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    let object = "arn:aws:s3:::bucket-17/key";
    let case = |name, identity, action, resource, allowed| Case {
        name,
        identity,
        trust: None,
        request: asks(action, resource),
        allowed,
    };
    let many: Vec<String> = (0..1000).map(one_of_many).collect();
    vec![
        Case {
            name: "the seed's trust policy, a token",
            identity: Vec::new(),
            trust: Some(seed()),
            request: token(),
            allowed: true,
        },
        case("1 statement, allowed", vec![small()], "ec2:DescribeInstances", "*", true),
        case("1 statement, refused", vec![small()], "ec2:RunInstances", "*", false),
        case(
            "20 statements with conditions, allowed",
            vec![conditions()],
            "s3:GetObject",
            object,
            true,
        ),
        case(
            "20 statements with conditions, denied",
            vec![conditions()],
            "s3:GetObject",
            "arn:aws:s3:::bucket-3/key",
            false,
        ),
        case("ReadOnlyAccess, allowed", vec![read_only()], "ec2:DescribeInstances", "*", true),
        case("ReadOnlyAccess, refused", vec![read_only()], "ec2:RunInstances", "*", false),
        case("1,000 policies, 1 about the action", many.clone(), "service700:DoIt", "*", true),
        case("1,000 policies, all about the action", many, "s3:GetObject", object, true),
    ]
}

fn asks(action: &str, resource: &str) -> Request {
    let mut context = Context::new();
    for (key, value) in [
        ("aws:PrincipalAccount", ACCOUNT),
        ("aws:PrincipalArn", ROLE),
        ("aws:SourceIp", "10.1.2.3"),
        ("aws:CurrentTime", "2026-01-01T00:00:00Z"),
        ("aws:SecureTransport", "true"),
    ] {
        context.set(key, value);
    }
    Request {
        principal: Principal::RoleSession { role_arn: ROLE.into(), session_arn: SESSION.into() },
        action: action.into(),
        resource: resource.into(),
        resource_account: None,
        context,
    }
}

fn token() -> Request {
    let mut context = Context::new();
    let provider_arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}");
    let account = attache_identifiers::AccountId::parse(ACCOUNT).unwrap_or_else(|e| panic!("{e}"));
    context.add_web_identity(&WebIdentity {
        provider_arn: &provider_arn,
        issuer: ISSUER,
        audience: "sts.amazonaws.com",
        subject: "system:serviceaccount:causely:causely-mediator",
        claims: &[],
        account,
    });
    Request {
        principal: Principal::WebIdentity { provider_arn },
        action: "sts:AssumeRoleWithWebIdentity".into(),
        resource: "arn:aws:iam::222222222222:role/CauselyAccess".into(),
        resource_account: Some(account),
        context,
    }
}
