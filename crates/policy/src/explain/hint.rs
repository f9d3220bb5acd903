//! The nearest fix for a failed element, where one can be told.

use crate::operator::Test;
use crate::statement::Condition;
use crate::{Principal, Request};

/// An element that failed, with what it wants and what the request has.
pub(super) struct Failed<'f> {
    pub(super) element: &'f str,
    /// Where it is a condition.
    pub(super) condition: Option<&'f Condition>,
    pub(super) wanted: &'f [String],
    pub(super) got: &'f [String],
    pub(super) request: &'f Request,
}

/// Actions that are mistaken for one another.
const ASSUME: [&str; 3] =
    ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/// The first hint that fits.
pub(super) fn hint(failed: &Failed<'_>) -> Option<String> {
    match failed.element {
        "Action" => other_assume(failed),
        "Principal" => principal(failed),
        "Resource" => failed.wanted.iter().find_map(|wanted| arns(wanted, failed.got.first()?)),
        _ => condition(failed.condition?, failed),
    }
}

fn other_assume(failed: &Failed<'_>) -> Option<String> {
    let asked = failed.request.action.as_str();
    let known = |action: &str| ASSUME.iter().any(|known| known.eq_ignore_ascii_case(action));
    let wanted = failed.wanted.iter().find(|wanted| known(wanted))?;
    let needs = match failed.request.principal {
        Principal::WebIdentity { .. } => {
            "the holder of a token needs sts:AssumeRoleWithWebIdentity"
        }
        _ => "a role, a user or a service needs sts:AssumeRole",
    };
    known(asked).then(|| format!("the statement allows {wanted}, the request is {asked}: {needs}"))
}

fn principal(failed: &Failed<'_>) -> Option<String> {
    let name = failed.request.principal.name();
    if let Some(near) = failed.wanted.iter().find_map(|wanted| arns(wanted, &name)) {
        return Some(near);
    }
    match &failed.request.principal {
        Principal::WebIdentity { provider_arn } if failed.wanted.iter().any(|w| w == "*") => {
            Some(format!(
                "* does not let in web identities: name the provider, \"Federated\": \"{provider_arn}\""
            ))
        }
        Principal::WebIdentity { provider_arn } => {
            Some(format!("the token's provider in this account is {provider_arn}"))
        }
        Principal::RoleSession { role_arn, .. } => {
            Some(format!("the session's role is {role_arn}"))
        }
        _ => None,
    }
}

/// How two ARNs differ that ought to be one.
fn arns(wanted: &str, got: &str) -> Option<String> {
    if let Some(said) = spelling(wanted, got) {
        return Some(said);
    }
    let (w, g): (Vec<&str>, Vec<&str>) =
        (wanted.splitn(6, ':').collect(), got.splitn(6, ':').collect());
    let ["arn", w_partition, .., w_account, w_rest] = w.as_slice() else { return None };
    let ["arn", g_partition, .., g_account, g_rest] = g.as_slice() else { return None };
    let same = |a: &&str, b: &&str| a == b || *a == "*";
    if !same(w_rest, g_rest) {
        return None;
    }
    match (same(w_partition, g_partition), same(w_account, g_account)) {
        (true, false) => Some(format!(
            "it is the same in another account: {w_account} is wanted, {g_account} came"
        )),
        (false, true) => Some(format!(
            "it is the same in another partition: {w_partition} is wanted, {g_partition} came"
        )),
        _ => None,
    }
}

/// Differences that are easily overlooked.
fn spelling(wanted: &str, got: &str) -> Option<String> {
    if wanted == got {
        return None;
    }
    if wanted.trim_end_matches('/') == got.trim_end_matches('/') {
        let longer = if wanted.len() > got.len() { "the policy" } else { "the request" };
        return Some(format!("they differ in a trailing / alone, which {longer} has"));
    }
    let bare = |text: &str| {
        let scheme = ["https://", "http://"].into_iter().find_map(|s| text.strip_prefix(s));
        scheme.unwrap_or(text).trim_end_matches('/').to_owned()
    };
    if bare(wanted) == bare(got) {
        return Some("they differ in http:// or https:// alone".to_owned());
    }
    if wanted.trim() == got.trim() {
        return Some("they differ in white space alone".to_owned());
    }
    wanted
        .eq_ignore_ascii_case(got)
        .then(|| "they differ in case alone, and values compare with case".to_owned())
}

fn condition(condition: &Condition, failed: &Failed<'_>) -> Option<String> {
    let key = &condition.key.text;
    if failed.got.is_empty() {
        return missing_key(key, failed);
    }
    let claim = claim(key);
    if claim == "aud" && failed.got.len() > 1 {
        return Some(format!(
            "the token's aud is a list of {}; AWS takes a list only with an azp among them: ask for a token with one audience",
            failed.got.len()
        ));
    }
    let got = failed.got.first()?;
    let test = condition.operator.test;
    let wild = |text: &String| text.contains(['*', '?']);
    if test == Test::StringEquals && failed.wanted.iter().any(wild) {
        let like = condition.operator.name.replace("Equals", "Like");
        return Some(format!(
            "StringEquals takes * and ? as they are; {like} makes them wildcards"
        ));
    }
    if let Some(said) = failed.wanted.iter().find_map(|wanted| spelling(wanted, got)) {
        return Some(said);
    }
    if let Some(said) = failed.wanted.iter().find_map(|wanted| arns(wanted, got)) {
        return Some(said);
    }
    let differ = format!(
        "the request's {claim} is {got}; this statement wants {}",
        failed.wanted.join(" or ")
    );
    if test == Test::StringLike && !condition.operator.negated && !failed.wanted.iter().any(wild) {
        return Some(format!("{differ}, and StringLike without a * or ? is StringEquals"));
    }
    (!condition.operator.negated).then_some(differ)
}

/// The request has no such key, but perhaps one that was meant.
fn missing_key(key: &str, failed: &Failed<'_>) -> Option<String> {
    let request = failed.request;
    let bare =
        |key: &str| key.trim_start_matches("https://").trim_start_matches("http://").to_lowercase();
    let claim_of = claim(key);
    let near =
        request.context.keys().find(|known| known.contains(['/', ':']) && claim(known) == claim_of);
    let Some(near) = near else {
        return never_present(key, request)
            .or_else(|| Some(format!("the request has no key {key}")));
    };
    let (wanted, got) = (provider(key), provider(near));
    if bare(key) == *near {
        return Some(format!("condition keys have no scheme: write {near}"));
    }
    if wanted.trim_end_matches('/').eq_ignore_ascii_case(got.trim_end_matches('/')) {
        return Some(format!("the key's issuer differs in a trailing / alone: write {near}"));
    }
    Some(format!(
        "the request has no {key}, but it has {near}: the key's prefix is another provider's"
    ))
}

/// Global keys that the holder of a token cannot have.
fn never_present(key: &str, request: &Request) -> Option<String> {
    let web = matches!(request.principal, Principal::WebIdentity { .. });
    let organization = ["aws:principalorgid", "aws:principalorgpaths", "aws:principalarn"];
    (web && organization.contains(&key.to_lowercase().as_str()))
        .then(|| format!("{key} is never present while a web identity token is judged"))
}

/// `sub` of `oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:sub`.
fn claim(key: &str) -> &str {
    key.rsplit(':').next().unwrap_or(key)
}

fn provider(key: &str) -> &str {
    key.rsplit_once(':').map_or("", |(provider, _)| provider)
}
