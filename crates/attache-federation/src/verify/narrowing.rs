//! What stands in an account, is not in the file, and takes access away: a condition, a Deny.
//!
//! Somebody put it there on purpose. It is named, and no command that is printed takes it away.

use attache_identifiers::Issuer;
use attache_policy::syntax::{Condition, Effect, Statement, Test};
use attache_policy::{Kind, Policy};
use serde_json::Value;

use super::open_conditions::describe;
use super::trust::ACTION;

/// In a trust policy: what is more than the subjects and audiences of these issuers.
pub(super) fn of_trust(text: &str, issuers: &[&Issuer]) -> Vec<String> {
    let Ok(policy) = Policy::parse(text, Kind::Trust) else { return Vec::new() };
    let claims = issuers.iter().flat_map(|issuer| {
        ["sub", "aud"].map(|claim| format!("{}:{claim}", issuer.host_and_path()))
    });
    let claims: Vec<String> = claims.collect();
    let is_own = |condition: &Condition| {
        let operator = &condition.operator;
        let compares = matches!(
            operator.test,
            Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike
        );
        compares && !operator.negated && claims.iter().any(|key| condition.is_on(key))
    };
    let mut found = denials(&policy);
    let about: Vec<*const Statement> =
        policy.statements_about(&[ACTION]).map(std::ptr::from_ref).collect();
    for (index, statement) in policy.statements().iter().enumerate() {
        if statement.effect == Effect::Allow && about.contains(&std::ptr::from_ref(statement)) {
            let more = statement.conditions.iter().filter(|condition| !is_own(condition));
            found.extend(more.map(|condition| describe(index, statement, condition).text));
        }
    }
    found
}

/// In a policy that is not as the file has it: its Denies, and conditions on keys of which the file's document says
/// nothing.
pub(super) fn beside(text: &str, expected: &Value, kind: Kind) -> Vec<String> {
    let parse = |text: &str| Policy::parse(text, kind);
    let Ok(policy) = parse(text) else { return Vec::new() };
    let expected = parse(&expected.to_string()).ok();
    let file = || expected.iter().flat_map(|policy| policy.statements());
    let mut found =
        if file().any(|own| own.effect == Effect::Deny) { Vec::new() } else { denials(&policy) };
    for (index, statement) in policy.statements().iter().enumerate() {
        let known = |condition: &Condition| {
            file().flat_map(|own| &own.conditions).any(|own| own.is_on(&condition.key.text))
        };
        if statement.effect == Effect::Allow {
            let more = statement.conditions.iter().filter(|condition| !known(condition));
            found.extend(more.map(|condition| describe(index, statement, condition).text));
        }
    }
    found
}

fn denials(policy: &Policy) -> Vec<String> {
    let denies = |(_, statement): &(usize, &Statement)| statement.effect == Effect::Deny;
    let denied = policy.statements().iter().enumerate().filter(denies).map(|(index, statement)| {
        let number = (index + 1).to_string();
        let name = statement.sid.as_deref().unwrap_or(&number);
        let actions: Vec<&str> =
            statement.actions.list.iter().map(|action| action.text.as_str()).collect();
        let not = if statement.actions.negated { "everything but " } else { "" };
        format!("statement {name}: Deny of {not}{}", actions.join(", "))
    });
    denied.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(more: &str) -> String {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
              "Principal": {{"Federated": "arn:aws:iam::222222222222:oidc-provider/oidc.example/id/A"}},
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": {{"StringEquals": {{"oidc.example/id/A:sub": "s", "OIDC.example/id/A:aud": "a"}}{more}}}}}]}}"#
        )
    }

    #[test]
    fn a_condition_beside_subject_and_audience_narrows() {
        let issuer = Issuer::parse("https://oidc.example/id/A").unwrap();
        for (more, expected) in [
            ("", &[][..]),
            (
                r#", "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}"#,
                &["statement 1: IpAddress aws:SourceIp 192.0.2.0/24"],
            ),
            (
                r#", "StringNotEquals": {"oidc.example/id/A:sub": ["x", "y"]}"#,
                &["statement 1: StringNotEquals oidc.example/id/A:sub x or y"],
            ),
        ] {
            assert_eq!(of_trust(&trust(more), &[&issuer]), expected, "{more}");
        }
        let denies = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Not", "Effect": "Deny",
            "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
        assert_eq!(of_trust(denies, &[&issuer]), ["statement Not: Deny of sts:AssumeRole"]);
    }
}
