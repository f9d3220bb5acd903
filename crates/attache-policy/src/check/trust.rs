//! Which principals may assume a role, and which others.

use super::{Found, Level, LintRule, rule};
use crate::condition_keys::{POD_IDENTITY_SERVICE, SERVICE_SOURCE_KEYS, claim_key};
use crate::principal::account;
use crate::syntax::{Condition, Effect, PrincipalKind, Statement, Text};
use crate::{Kind, Policy};

const NO_SUBJECT: LintRule =
    rule("no-subject", Level::Warning, "Every holder of a token of the issuer may become the role");
const OPEN_SUBJECT: LintRule = rule(
    "open-subject",
    Level::Warning,
    "A wildcard allows service accounts, branches or users that were not reviewed",
);
const NO_AUDIENCE: LintRule =
    rule("no-audience", Level::Warning, "Tokens that were issued for another audience count too");
const OTHER_PROVIDER: LintRule = rule(
    "other-provider",
    Level::Warning,
    "The key has the prefix of another provider than the statement trusts",
);
const WRONG_CALL: LintRule = rule(
    "wrong-call",
    Level::Warning,
    "The principal cannot make the call that the statement allows",
);
const NO_TAG_SESSION: LintRule = rule(
    "no-tag-session",
    Level::Warning,
    "EKS Pod Identity passes session tags, which need sts:TagSession",
);
const NO_GUARD: LintRule = rule(
    "no-deputy-guard",
    Level::Note,
    "Another account or a service acts for others too: nothing ties it to one of them",
);

pub(super) const RULES: &[LintRule] =
    &[NO_SUBJECT, OPEN_SUBJECT, NO_AUDIENCE, OTHER_PROVIDER, WRONG_CALL, NO_TAG_SESSION, NO_GUARD];

const WITH_WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const WITH_SAML: &str = "sts:AssumeRoleWithSAML";
const ASSUME: &str = "sts:AssumeRole";

pub(super) fn check(policy: &Policy, found: &mut Found<'_>) {
    if policy.kind() != Kind::Trust {
        return;
    }
    for (statement, rule) in policy.inner.statements.iter().zip(&policy.inner.rules) {
        let takes =
            |action: &str| rule.actions.take(&action.to_ascii_lowercase(), &crate::Context::none());
        let principals = statement.principal.iter().flat_map(|own| &own.list);
        for (kind, name) in principals.filter(|_| statement.effect == Effect::Allow) {
            match kind {
                PrincipalKind::Federated => federated(statement, name, &takes, found),
                PrincipalKind::Service if name.text == POD_IDENTITY_SERVICE => {
                    pods(name, &takes, found);
                }
                PrincipalKind::Service => {
                    guard(statement, name, &SERVICE_SOURCE_KEYS, found);
                }
                PrincipalKind::Aws | PrincipalKind::Anyone => {
                    by_keys(statement, name, &takes, found);
                }
                PrincipalKind::CanonicalUser => {}
            }
        }
    }
}

fn federated(
    statement: &Statement,
    name: &Text,
    takes: &impl Fn(&str) -> bool,
    found: &mut Found<'_>,
) {
    if name.text.contains(":saml-provider/") && !takes(WITH_SAML) {
        let message =
            "a SAML provider's users call sts:AssumeRoleWithSAML, which this does not allow";
        found.add(WRONG_CALL, &name.at, message, "allow sts:AssumeRoleWithSAML");
    }
    let Some((_, issuer)) = name.text.split_once(":oidc-provider/") else { return };
    if !takes(WITH_WEB_IDENTITY) {
        let message =
            "a token's holder calls sts:AssumeRoleWithWebIdentity, which this does not allow";
        found.add(WRONG_CALL, &name.at, message, "allow sts:AssumeRoleWithWebIdentity");
        return;
    }
    for condition in &statement.conditions {
        other_provider(condition, issuer, found);
    }
    match narrowing(statement, &format!("{issuer}:sub")).collect::<Vec<_>>().as_slice() {
        [] => {
            let help = format!("add a condition on {issuer}:sub");
            found.add(NO_SUBJECT, &name.at, "no condition says whose tokens are meant", &help);
        }
        conditions => conditions.iter().for_each(|condition| open_subject(condition, found)),
    }
    if narrowing(statement, &format!("{issuer}:aud")).next().is_none() {
        let help = format!("add \"{issuer}:aud\": \"sts.amazonaws.com\"");
        found.add(
            NO_AUDIENCE,
            &name.at,
            "no condition says for which audience the token must be",
            &help,
        );
    }
}

/// The conditions that a key must meet.
fn narrowing<'s>(statement: &'s Statement, key: &'s str) -> impl Iterator<Item = &'s Condition> {
    let conditions = statement.conditions.iter();
    conditions.filter(move |own| own.is_on(key) && !own.operator.negated)
}

fn other_provider(condition: &Condition, issuer: &str, found: &mut Found<'_>) {
    let key = &condition.key;
    let Some((prefix, claim)) = claim_key(&key.text) else { return };
    if !prefix.eq_ignore_ascii_case(issuer) {
        let message = format!("{prefix} is not the trusted provider");
        found.add(OTHER_PROVIDER, &key.at, message, &format!("write {issuer}:{claim}"));
    }
}

fn open_subject(condition: &Condition, found: &mut Found<'_>) {
    for value in &condition.values {
        // Under another operator a * is not a wildcard.
        if condition.operator.test != crate::operator::Test::StringLike || !value.text.contains('*')
        {
            continue;
        }
        let message = match value
            .text
            .strip_prefix("system:serviceaccount:")
            .and_then(|own| own.split_once(':'))
        {
            Some((namespace, name)) if !namespace.contains('*') => {
                format!("every service account of {namespace} that matches {name} is allowed")
            }
            Some(_) => "service accounts of unnamed namespaces are allowed".to_owned(),
            None => format!("every subject that matches {} is allowed", value.text),
        };
        found.add(OPEN_SUBJECT, &value.at, message, "name each subject under StringEquals");
    }
}

fn pods(name: &Text, takes: &impl Fn(&str) -> bool, found: &mut Found<'_>) {
    if !takes(ASSUME) {
        found.add(
            WRONG_CALL,
            &name.at,
            "EKS Pod Identity calls sts:AssumeRole",
            "allow sts:AssumeRole",
        );
    } else if !takes("sts:TagSession") {
        let message = "EKS Pod Identity passes session tags, and sts:TagSession is not allowed";
        let help = "allow sts:TagSession, or disable the association's session tags";
        found.add(NO_TAG_SESSION, &name.at, message, help);
    }
}

fn by_keys(
    statement: &Statement,
    name: &Text,
    takes: &impl Fn(&str) -> bool,
    found: &mut Found<'_>,
) {
    if !takes(ASSUME) && takes(WITH_WEB_IDENTITY) {
        let message = "a token's holder is named under Federated, by its provider's ARN";
        found.add(WRONG_CALL, &name.at, message, "allow sts:AssumeRole, or name the provider");
        return;
    }
    // A whole account delegates to its principals. A role or user is one principal.
    if account(&name.text).is_some() {
        let keys =
            ["sts:ExternalId", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalTag/"];
        guard(statement, name, &keys, found);
    }
}

/// Tells a principal that acts for others, where no condition is on one of the keys.
fn guard(statement: &Statement, name: &Text, keys: &[&str], found: &mut Found<'_>) {
    let guarded = |condition: &Condition| {
        let key = condition.key.text.to_lowercase();
        keys.iter().any(|own| key.starts_with(&own.to_lowercase()))
    };
    if !statement.conditions.iter().any(guarded) {
        let message = format!("{} may become the role for whomever it acts", name.text);
        let help = format!("add a condition on {}", keys.join(" or ").trim_end_matches('/'));
        found.add(NO_GUARD, &name.at, message, &help);
    }
}
