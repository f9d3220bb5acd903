//! The nearest fix for a failed element, where one is known.

use attache_excerpt::{MAX_MESSAGE_BYTES, clip};

use crate::condition_keys::{claim_key, claims_of, is_multivalued, is_no_claim_key};
use crate::glob::Glob;
use crate::operator::{Test, distance};
use crate::principal::{account, issuer_of};
use crate::segment::{self, Wildcards};
use crate::syntax::Condition;
use crate::{Context, Principal, Request};

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
    let hint = match failed.element {
        "Action" => other_assume(failed),
        "Principal" => principal(failed),
        "Resource" => failed.wanted.iter().find_map(|wanted| arns(wanted, failed.got.first()?)),
        _ => condition(failed.condition?, failed),
    };
    hint.map(|hint| clip(&hint, MAX_MESSAGE_BYTES))
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
    let own = &failed.request.principal;
    let name = match own {
        // A policy names the role, and hardly ever a session.
        Principal::RoleSession { role_arn, .. } => role_arn.clone(),
        _ => own.name(),
    };
    if let Some(near) = failed.wanted.iter().find_map(|wanted| arns(wanted, &name)) {
        return Some(near);
    }
    if let Some(near) = other_account(failed) {
        return Some(near);
    }
    match own {
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

/// Accounts are named, and the principal is of none of them.
fn other_account(failed: &Failed<'_>) -> Option<String> {
    let own = failed.request.principal.account()?;
    let named: Option<Vec<_>> = failed.wanted.iter().map(|wanted| account(wanted)).collect();
    let named = named.filter(|named| !named.is_empty() && !named.contains(&own))?;
    let named: Vec<String> = named.iter().map(ToString::to_string).collect();
    Some(format!(
        "the principal is of another account: expected {}, found {own}",
        named.join(" or ")
    ))
}

/// How two ARNs differ that ought to be one.
fn arns(wanted: &str, got: &str) -> Option<String> {
    if let Some(said) = spelling(wanted, got) {
        return Some(said);
    }
    if let (Some((w_head, w_issuer)), Some((g_head, g_issuer))) =
        (wanted.split_once(":oidc-provider/"), got.split_once(":oidc-provider/"))
        && w_head == g_head
    {
        return spelling(w_issuer, g_issuer);
    }
    let (w, g): (Vec<&str>, Vec<&str>) =
        (wanted.splitn(6, ':').collect(), got.splitn(6, ':').collect());
    let ["arn", w_partition, .., w_account, w_rest] = w.as_slice() else { return None };
    let ["arn", g_partition, .., g_account, g_rest] = g.as_slice() else { return None };
    let same = |a: &&str, b: &&str| a == b || *a == "*";
    if !same(w_rest, g_rest) {
        let elsewhere = !same(w_partition, g_partition) || !same(w_account, g_account);
        return path(w_rest, g_rest).filter(|_| !elsewhere);
    }
    match (same(w_partition, g_partition), same(w_account, g_account)) {
        (true, false) => {
            Some(format!("only the account differs: expected {w_account}, found {g_account}"))
        }
        (false, true) => {
            Some(format!("only the partition differs: expected {w_partition}, found {g_partition}"))
        }
        _ => None,
    }
}

/// Roles and users of the same name under another path. A session's ARN has no path.
fn path(wanted: &str, got: &str) -> Option<String> {
    let (w_kind, w_path) = wanted.split_once('/')?;
    let (g_kind, g_path) = got.split_once('/')?;
    let last = |path: &'_ str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let same =
        w_kind == g_kind && matches!(w_kind, "role" | "user") && last(w_path) == last(g_path);
    same.then(|| {
        format!("only the path differs: expected {wanted}, found {got}; a role's ARN has its whole path, a session's ARN has none")
    })
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
        return Some(match got.starts_with("http://") {
            true => "the issuer is http://; AWS takes https:// alone".to_owned(),
            false => "they differ in http:// or https:// alone".to_owned(),
        });
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
    if condition.operator.set.is_none() && (is_multivalued(key) || failed.got.len() > 1) {
        let name = &condition.operator.name;
        return Some(format!(
            "{key} may have several values, which {name} does not compare: write ForAnyValue:{name} or ForAllValues:{name}"
        ));
    }
    let wild = |text: &String| text.contains(['*', '?']);
    // Only a star that would help is one that was meant.
    let would_fit = |text: &&String| {
        wild(text)
            && Glob::new(&segment::read(text, Wildcards::Yes, false)).fits(got, &Context::none())
    };
    let negated = condition.operator.negated;
    if test == Test::StringEquals && !negated && failed.wanted.iter().any(|own| would_fit(&own)) {
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
    if negated {
        return None;
    }
    let differ = match failed.wanted {
        [one] => format!("the request's {claim} is {got}; this statement expects {one}"),
        several => format!(
            "the request's {claim} is {got}; of the {} values that this statement expects the nearest is {}",
            several.len(),
            nearest(got, several)
        ),
    };
    if test == Test::StringLike && !failed.wanted.iter().any(wild) {
        return Some(format!("{differ}, and StringLike without a * or ? is StringEquals"));
    }
    if test == Test::StringEquals && failed.wanted.iter().any(wild) {
        return Some(format!("{differ}, and StringEquals takes * and ? as they are"));
    }
    Some(differ)
}

/// The one with the fewest changes; the first, where they are too long to compare.
fn nearest<'w>(got: &str, wanted: &'w [String]) -> &'w str {
    // Ours: subjects, ARNs and names are shorter.
    const LONGEST: usize = 512;
    let changes = |own: &&String| match got.len().max(own.len()) <= LONGEST {
        true => distance(got, own),
        false => usize::MAX,
    };
    // Ours: as many as a policy of AWS's size holds.
    const MOST: usize = 256;
    wanted.iter().take(MOST).min_by_key(changes).map_or("", String::as_str)
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
        return no_claim_key(key)
            .or_else(|| never_present(key, request))
            .or_else(|| Some(format!("the request has no key {key}")));
    };
    let (wanted, got) = (provider(key), provider(near));
    let is_same = bare(key) == *near;
    let near = as_issued(near, request);
    if is_same {
        return Some(format!("condition keys have no scheme: write {near}"));
    }
    if wanted.trim_end_matches('/').eq_ignore_ascii_case(got.trim_end_matches('/')) {
        return Some(format!("the key's issuer differs in a trailing / alone: write {near}"));
    }
    Some(format!(
        "the request has no {key}, but it has {near}: the key's prefix is another provider's"
    ))
}

/// A claim that AWS makes no key of.
fn no_claim_key(key: &str) -> Option<String> {
    let (issuer, claim) = claim_key(key).filter(|_| is_no_claim_key(key))?;
    Some(format!(
        "AWS makes no condition key of the claim {claim}: of {issuer} there are {} alone",
        claims_of(issuer).join(", ")
    ))
}

/// A key of a token in its issuer's own case: the context keeps keys in lower case.
fn as_issued(key: &str, request: &Request) -> String {
    let Principal::WebIdentity { provider_arn } = &request.principal else { return key.to_owned() };
    let issuer = issuer_of(provider_arn).unwrap_or_default();
    match key.rsplit_once(':') {
        Some((prefix, claim)) if prefix == issuer.to_lowercase() => format!("{issuer}:{claim}"),
        _ => key.to_owned(),
    }
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
