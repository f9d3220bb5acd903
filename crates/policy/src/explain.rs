//! Why: the statements that decided, or came close and what they lacked.

use serde::Serialize;

use crate::invalid::place;
use crate::statement::{Effect, Statement, Text};
use crate::wildcard::Pattern;
use crate::{Kind, Policy, Principal, Request, condition, principal, variable};

/// Why a decision is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The decision in a sentence.
    pub decision: String,
    /// Who asked.
    pub principal: String,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: String,
    /// The statements that decided, as `name, statement 1 (Sid), line 4`.
    pub decided_by: Vec<String>,
    /// Statements that would have allowed but for what they lack; the nearest first.
    pub misses: Vec<Miss>,
}

/// A statement that did not apply, by its first failed element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Miss {
    /// The policy's name and the statement's place in it.
    pub statement: String,
    /// The line of the failed element, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// The failed element: `Principal`, `Action`, `Resource`, or operator and key.
    pub element: String,
    /// What the statement wants.
    pub wanted: Vec<String>,
    /// What the request has; nothing where the key is missing.
    pub got: Vec<String>,
    /// How many elements failed.
    pub failed: usize,
    /// What would mend it, where that can be told.
    pub hint: Option<String>,
}

impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.decision)?;
        for by in &self.decided_by {
            writeln!(f, "  decided by {by}")?;
        }
        for miss in &self.misses {
            writeln!(f, "  {} at {}:{} did not apply:", miss.statement, miss.line, miss.column)?;
            writeln!(f, "    {} wants {}", miss.element, miss.wanted.join(" or "))?;
            let got = if miss.got.is_empty() { "nothing".into() } else { miss.got.join(", ") };
            writeln!(f, "    the request has {got}")?;
            if let Some(hint) = &miss.hint {
                writeln!(f, "    help: {hint}")?;
            }
        }
        Ok(())
    }
}

/// Where a statement stands, for people.
pub(crate) fn locate(policy: &Policy, statement: &Statement) -> String {
    let (line, _) = place(policy.text(), statement.at.start);
    let name = policy.name().unwrap_or_else(|| policy.kind().name());
    match &statement.sid {
        Some(sid) => format!("{name}, statement {sid}, line {line}"),
        None => format!("{name}, line {line}"),
    }
}

/// What a statement lacks to apply to the request; nothing where it applies.
pub(crate) fn miss(policy: &Policy, statement: &Statement, request: &Request) -> Option<Miss> {
    let mut failed = failures(policy, statement, request).into_iter();
    let (at, element, wanted, got) = failed.next()?;
    let (line, column) = place(policy.text(), at);
    let hint = hint(&element, &wanted, &got, request);
    Some(Miss {
        statement: locate(policy, statement),
        line,
        column,
        element,
        wanted,
        got,
        failed: 1 + failed.count(),
        hint,
    })
}

type Failure = (usize, String, Vec<String>, Vec<String>);

fn failures(policy: &Policy, statement: &Statement, request: &Request) -> Vec<Failure> {
    let mut failed = Vec::new();
    let texts = |list: &[Text]| list.iter().map(|t| t.text.clone()).collect::<Vec<_>>();
    if principal::grip(statement, &request.principal).is_none()
        && let Some(principals) = &statement.principal
    {
        let wanted = principals.list.iter().map(|(_, t)| t.text.clone()).collect();
        let at = principals.list.first().map_or(statement.at.start, |(_, t)| t.at.start);
        failed.push((at, "Principal".into(), wanted, vec![request.principal.name()]));
    }
    if !takes_action(statement, &request.action) {
        let at = statement.actions.list.first().map_or(statement.at.start, |t| t.at.start);
        let wanted = texts(&statement.actions.list);
        failed.push((at, "Action".into(), wanted, vec![request.action.clone()]));
    }
    if !takes_resource(policy, statement, request)
        && let Some(resources) = &statement.resources
    {
        let at = resources.list.first().map_or(statement.at.start, |t| t.at.start);
        failed.push((
            at,
            "Resource".into(),
            texts(&resources.list),
            vec![request.resource.clone()],
        ));
    }
    for condition in &statement.conditions {
        if !condition::holds(condition, &request.context, policy.inner.variables) {
            let got = request.context.get(&condition.key.text).unwrap_or_default().to_vec();
            let element = format!("{} {}", condition.operator.name, condition.key.text);
            failed.push((condition.key.at.start, element, texts(&condition.values), got));
        }
    }
    failed
}

/// Whether the statement's actions take in this one. Actions compare without case.
pub(crate) fn takes_action(statement: &Statement, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let fits = |t: &Text| Pattern::read(&t.text.to_ascii_lowercase()).fits(&action);
    statement.actions.list.iter().any(fits) != statement.actions.negated
}

/// Whether the statement's resources take in the request's.
pub(crate) fn takes_resource(policy: &Policy, statement: &Statement, request: &Request) -> bool {
    let Some(resources) = &statement.resources else { return true };
    let fits = |t: &Text| {
        let pattern = variable::read(&t.text, policy.inner.variables, &request.context);
        pattern.is_some_and(|pattern| pattern.fits(&request.resource))
    };
    resources.list.iter().any(fits) != resources.negated
}

/// The nearest fix for a failed element, where one can be told.
fn hint(element: &str, wanted: &[String], got: &[String], request: &Request) -> Option<String> {
    let wanted_one = wanted.first()?;
    if element == "Action" {
        let assume = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"];
        let asked = request.action.as_str();
        if assume.contains(&asked) && assume.contains(&wanted_one.as_str()) {
            return Some(format!("the statement allows {wanted_one}, the request is {asked}"));
        }
        return None;
    }
    if element == "Principal" {
        let Principal::WebIdentity { provider_arn } = &request.principal else { return None };
        let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
        let provider = |arn: &str| arn.split_once("oidc-provider/").map(|(_, t)| t.to_owned());
        if provider(wanted_one) == provider(provider_arn)
            && account(wanted_one) != account(provider_arn)
        {
            return Some("the provider is the right one, in another account".to_owned());
        }
        return Some(format!("the token's provider in this account is {provider_arn}"));
    }
    let (operator, key) = element.split_once(' ')?;
    let Some(got_one) = got.first() else {
        let claim = key.rsplit(':').next().unwrap_or(key);
        let near = request.context.keys().find(|k| k.rsplit(':').next() == Some(claim));
        return near.map(|near| format!("the request has no {key}, but it has {near}"));
    };
    if operator.starts_with("StringEquals") && wanted_one.contains(['*', '?']) {
        return Some(
            "StringEquals takes * and ? as they are; StringLike makes them wildcards".into(),
        );
    }
    if wanted_one.trim_end_matches('/') == got_one.trim_end_matches('/') {
        return Some("they differ in a trailing / alone".to_owned());
    }
    if wanted_one.eq_ignore_ascii_case(got_one) {
        return Some("they differ in case alone, and values compare with case".to_owned());
    }
    let claim = key.rsplit(':').next().unwrap_or(key);
    Some(format!(
        "the request's {claim} is {got_one}; this statement wants {}",
        wanted.join(" or ")
    ))
}

/// The near misses of all Allow statements of these policies, nearest first.
pub(crate) fn near_misses<'p>(
    policies: impl Iterator<Item = &'p Policy>,
    request: &Request,
) -> Vec<Miss> {
    /// Ours: nobody reads more than a few.
    const MOST: usize = 5;
    let mut misses: Vec<Miss> = policies
        .flat_map(|p| p.inner.statements.iter().map(move |s| (p, s)))
        .filter(|(_, s)| s.effect == Effect::Allow)
        .filter_map(|(p, s)| miss(p, s, request))
        .collect();
    misses.sort_by_key(|m| m.failed);
    misses.truncate(MOST);
    misses
}

/// The decision in a sentence.
pub(crate) fn sentence(request: &Request, said: &str) -> String {
    format!("{} {said} {} on {}", request.principal.name(), request.action, request.resource)
}

/// `an identity-based policy`, `a permissions boundary`.
pub(crate) fn with_article(kind: Kind) -> String {
    let article = if kind == Kind::Identity { "an" } else { "a" };
    format!("{article} {}", kind.name())
}
