//! The condition keys that a request has and a question seldom gives: on whose behalf a service calls, the
//! tags that it passes, the session's name, where a call comes from.
//!
//! A key that is not given never decides as one that is absent would: the request is evaluated with the
//! values that the policies name as well. A service calls for many sources and pods: it is allowed where it is
//! for those that the policies name, and the answer names them.

use std::collections::BTreeSet;

use attache_policy::condition_keys::{CallerKey, CallerKeyKind, POD_IDENTITY_TAGS, caller_keys};
use attache_policy::{Pattern, Policy, Principal, Request, Values};

use crate::alternatives::{Alternative, OpenDetail};
use crate::calls;

/// The values of one key that are tried. Ours: a policy may list thousands of addresses.
const MOST_VALUES: usize = 8;

/// The requests that are tried. Ours, for the same reason.
const MOST_REQUESTS: usize = 256;

/// The account of AWS's documentation.
const EXAMPLE_ACCOUNT: &str = "111122223333";
const EXAMPLE_REGION: &str = "us-east-1";

/// Keys that have one value.
struct OpenKey {
    keys: Vec<String>,
    /// A value where the policies name none.
    example: &'static str,
    /// `on whose behalf the service calls`.
    what: &'static str,
}

impl OpenKey {
    fn new(keys: &[&str], example: &'static str, what: &'static str) -> Self {
        Self { keys: keys.iter().map(|key| (*key).to_owned()).collect(), example, what }
    }
}

/// An open key with the values that are tried.
struct Tried {
    key: OpenKey,
    /// Those of its keys that the request lacks.
    missing: Vec<String>,
    values: Vec<String>,
}

/// What the policies ask and the question does not say, first by one key alone, then by two, then by
/// all of them.
pub(crate) fn open<'p>(
    policies: impl Iterator<Item = &'p Policy>,
    request: &Request,
) -> Option<OpenDetail> {
    let policies: Vec<&Policy> = policies.collect();
    let asked: BTreeSet<String> = policies
        .iter()
        .flat_map(|policy| policy.condition_keys())
        .map(|key| key.to_lowercase())
        .collect();
    let tried: Vec<Tried> = keys_of(request)
        .into_iter()
        .filter_map(|key| Tried::new(key, &policies, &asked, request))
        .collect();
    let mut alternatives = Vec::new();
    for (at, one) in tried.iter().enumerate() {
        alternatives.extend(one.values.iter().map(|value| with(request, &[(one, value)], &asked)));
        for two in tried.iter().skip(at + 1) {
            for value in &one.values {
                let pairs = two.values.iter().map(|other| [(one, value), (two, other)]);
                alternatives.extend(pairs.map(|pair| with(request, &pair, &asked)));
            }
        }
    }
    // Fewer keys first: they say which it is.
    alternatives.sort_by_key(|(count, _)| *count);
    alternatives.truncate(MOST_REQUESTS);
    let all: Vec<(&Tried, &String)> =
        tried.iter().filter_map(|key| Some((key, key.values.first()?))).collect();
    if all.len() > 2 {
        alternatives.push(with(request, &all, &asked));
    }
    let detail =
        OpenDetail::of(false, alternatives.into_iter().map(|(_, alternative)| alternative));
    let of_many_calls = matches!(request.principal, Principal::Service { .. });
    detail.map(|detail| OpenDetail { of_many_calls, ..detail })
}

/// The request with these values, and how many keys it has more.
fn with(
    request: &Request,
    values: &[(&Tried, &String)],
    asked: &BTreeSet<String>,
) -> (usize, Alternative) {
    let mut other = request.clone();
    let mut shown = Vec::new();
    for (tried, value) in values {
        for key in &tried.missing {
            other.context.set(key, value);
            if asked.contains(&key.to_lowercase()) {
                shown.push(format!("{key}={value}"));
            }
        }
    }
    let what = match values {
        [(one, _)] => one.key.what,
        _ => "what the request has for these condition keys",
    };
    let option: Vec<String> = shown.iter().map(|key| format!("--context {key}")).collect();
    let alternative = Alternative {
        what,
        option: option.join(" "),
        description: shown.join(" "),
        certain: false,
        request: other,
    };
    (values.len(), alternative)
}

impl Tried {
    /// None where no policy asks, or the question says.
    fn new(
        key: OpenKey,
        policies: &[&Policy],
        asked: &BTreeSet<String>,
        request: &Request,
    ) -> Option<Self> {
        let is_missing = |key: &&String| request.context.get(key).is_none();
        let missing: Vec<String> = key.keys.iter().filter(is_missing).cloned().collect();
        if !missing.iter().any(|key| asked.contains(&key.to_lowercase())) {
            return None;
        }
        // A source and a role of one account are of one organization.
        let known = key.keys.iter().find_map(|key| request.context.get(key)?.only());
        let values = match known {
            Some(known) => vec![known.to_owned()],
            None => named(policies, &key, request.context.get("aws:SourceAccount")),
        };
        Some(Self { key, missing, values })
    }
}

/// Values that the policies compare one of the keys with, and at last its example, which is another. The ARN
/// of a source is of the source's account.
fn named(policies: &[&Policy], key: &OpenKey, account: Option<Values<'_>>) -> Vec<String> {
    let account = account.and_then(|values| values.only());
    let compared = policies
        .iter()
        .flat_map(|policy| key.keys.iter().flat_map(|key| policy.values_compared_with(key)));
    let mut values = Vec::new();
    for value in compared.filter(|value| !value.contains("${")) {
        // An address out of a range of them; an ARN's slashes stay.
        let is_range = value.split_once('/').is_some_and(|(address, length)| {
            !address.is_empty() && !address.contains("arn:") && length.parse::<u8>().is_ok()
        });
        let value = if is_range { value.split('/').next().unwrap_or(value) } else { value };
        let mut parts: Vec<&str> = value.splitn(6, ':').collect();
        if let (Some(owner), Some(account)) = (parts.get_mut(4), account)
            && value.starts_with("arn:")
        {
            if !Pattern::new(owner).matches(account) {
                continue;
            }
            *owner = account;
            if let Some(region) = parts.get_mut(3).filter(|region| **region == "*") {
                *region = EXAMPLE_REGION;
            }
        }
        let value = parts.join(":").replace('*', "example").replace('?', "x");
        if !values.contains(&value) && values.len() < MOST_VALUES {
            values.push(value);
        }
    }
    let example = key.example.replace(EXAMPLE_ACCOUNT, account.unwrap_or(EXAMPLE_ACCOUNT));
    if !values.contains(&example) {
        values.push(example);
    }
    values
}

/// The keys that such a request has, whatever the question gives.
fn keys_of(request: &Request) -> Vec<OpenKey> {
    let is_service = matches!(request.principal, Principal::Service { .. });
    let begins_session = calls::assumes_role(&request.action);
    let mut keys: Vec<OpenKey> = caller_keys()
        .filter(|key| match key.kind {
            // A service calls from AWS's own network.
            CallerKeyKind::Call => !is_service,
            CallerKeyKind::Session => key.always && begins_session,
            // An account may be in none: without the key there is no organization.
            CallerKeyKind::Account => false,
        })
        .map(|CallerKey { name, example, what, .. }| OpenKey::new(&[name], example, what))
        .collect();
    if is_service {
        keys.extend(service_keys(request));
    }
    if let Principal::User { .. } | Principal::Root { .. } = request.principal {
        let what = "whether the credentials were obtained with MFA";
        keys.push(OpenKey::new(&["aws:MultiFactorAuthPresent"], "true", what));
    }
    keys
}

/// On whose behalf a service calls, and the tags that EKS Pod Identity passes.
///
/// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>.
fn service_keys(request: &Request) -> Vec<OpenKey> {
    const SOURCE: &str = "on whose behalf the service calls";
    const POD: &str = "for which pod the service calls";
    let paths = "o-exampleorgid/r-ab12/ou-ab12-11111111/";
    let mut keys = vec![
        OpenKey::new(
            &["aws:SourceArn"],
            "arn:aws:eks:us-east-1:111122223333:cluster/example",
            SOURCE,
        ),
        OpenKey::new(&["aws:SourceAccount"], EXAMPLE_ACCOUNT, SOURCE),
        OpenKey::new(&["aws:SourceOrgID", "aws:ResourceOrgID"], "o-exampleorgid", SOURCE),
        OpenKey::new(&["aws:SourceOrgPaths", "aws:ResourceOrgPaths"], paths, SOURCE),
    ];
    let passed = request.context.get("aws:TagKeys");
    let is_passed = |tag: &&str| passed.is_some_and(|keys| keys.iter().any(|key| key == *tag));
    let tags = POD_IDENTITY_TAGS.into_iter().filter(is_passed);
    keys.extend(tags.map(|tag| OpenKey::new(&[&format!("aws:RequestTag/{tag}")], "example", POD)));
    keys
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
    use attache_policy::{Context, EffectivePolicies, Kind};
    use time::OffsetDateTime;

    use super::*;
    use crate::{Caller, Decision, Question, Verdict, explain};

    /// The trust policy of AWS's guide, with one of its conditions.
    fn pods(condition: &str, given: &[(&str, &str)]) -> Verdict {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
            "Principal": {{"Service": "pods.eks.amazonaws.com"}},
            "Action": ["sts:AssumeRole", "sts:TagSession"], "Condition": {{{condition}}}}}]}}"#
        );
        ask(&text, given)
    }

    /// What a trust policy says to EKS Pod Identity.
    fn ask(text: &str, given: &[(&str, &str)]) -> Verdict {
        let trust = Policy::parse(text, Kind::Trust).expect("it is a trust policy").into();
        let policies = EffectivePolicies { resource: Some(trust), ..Default::default() };
        let mut context = Context::new();
        given.iter().for_each(|(key, value)| context.set(key, value));
        let question = Question {
            policies: &policies,
            caller: Caller::principal(POD_IDENTITY_SERVICE),
            action: None,
            resource: "arn:aws:iam::111122223333:role/Pods",
            resource_account: None,
            given: &context,
            now: OffsetDateTime::UNIX_EPOCH,
        };
        explain(&question).expect("it means a request")
    }

    #[test]
    fn the_account_of_a_pods_cluster_is_that_of_its_role() {
        for value in ["111122223333", "${aws:ResourceAccount}"] {
            let verdict =
                pods(&format!(r#""StringEquals": {{"aws:SourceAccount": "{value}"}}"#), &[]);
            assert_eq!(verdict.decision, Decision::Allowed, "{value}: {:?}", verdict.unknown);
        }
        let other = pods(r#""StringEquals": {"aws:SourceAccount": "444455556666"}"#, &[]);
        assert_eq!(other.decision, Decision::Denied);
    }

    #[test]
    fn a_service_is_allowed_for_the_sources_that_the_policy_names() {
        let cluster = "arn:aws:eks:eu-west-1:111122223333:cluster/c";
        for (condition, keys) in [
            (
                r#""StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}"#,
                &[("aws:SourceOrgID", "o-a1b2c3d4e5")][..],
            ),
            (
                r#""StringEquals": {"aws:SourceOrgID": "${aws:ResourceOrgID}"}"#,
                &[("aws:SourceOrgID", "o-a1b2c3d4e5"), ("aws:ResourceOrgID", "o-a1b2c3d4e5")],
            ),
            (
                r#""ForAnyValue:StringLike": {"aws:SourceOrgPaths": "o-a1b2c3d4e5/*"}"#,
                &[("aws:SourceOrgPaths", "o-a1b2c3d4e5/r-1/")],
            ),
            (
                r#""ArnLike": {"aws:SourceArn": "arn:aws:eks:*:111122223333:cluster/*"}"#,
                &[("aws:SourceArn", cluster)],
            ),
            (
                r#""StringEquals": {"aws:RequestTag/kubernetes-namespace": "shop"}"#,
                &[("aws:RequestTag/kubernetes-namespace", "shop")],
            ),
            (
                r#""StringLike": {"sts:RoleSessionName": "eks-*"}"#,
                &[("sts:RoleSessionName", "eks-prod-cart-1")],
            ),
            (
                r#""StringEquals": {"aws:RequestTag/kubernetes-namespace": "shop",
                  "aws:RequestTag/kubernetes-service-account": "cart", "aws:SourceOrgID": "o-a1b2c3d4e5"}"#,
                &[
                    ("aws:RequestTag/kubernetes-namespace", "shop"),
                    ("aws:RequestTag/kubernetes-service-account", "cart"),
                    ("aws:SourceOrgID", "o-a1b2c3d4e5"),
                ],
            ),
        ] {
            let open = pods(condition, &[]);
            assert_eq!(open.decision, Decision::Allowed, "{condition}");
            let (key, value) = keys.first().copied().unwrap_or_default();
            let sentence = &open.explanation.decision;
            assert!(sentence.contains(&format!("{key}=")), "{sentence}");
            assert_eq!(pods(condition, keys).decision, Decision::Allowed, "{condition}");
            // A pod's cluster and its role are of one organization, whichever it is.
            let other = pods(condition, &[(key, &format!("x{value}"))]);
            let any = condition.contains("${aws:ResourceOrgID}");
            let expected = if any { Decision::Allowed } else { Decision::Denied };
            assert_eq!(other.decision, expected, "{condition}");
        }
    }

    #[test]
    fn a_source_of_another_account_is_none_of_pods() {
        for arn in ["arn:aws:eks:*:444455556666:cluster/*", "arn:aws:eks:us-east-1:4*:cluster/c"] {
            let other = pods(&format!(r#""ArnLike": {{"aws:SourceArn": "{arn}"}}"#), &[]);
            assert_eq!(other.decision, Decision::Denied, "{arn}");
        }
    }

    #[test]
    fn a_deny_of_some_sources_leaves_the_answer_open() {
        let text = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
             "Action": ["sts:AssumeRole", "sts:TagSession"]},
            {"Effect": "Deny", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole",
             "Condition": {"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}}]}"#;
        let verdict = ask(text, &[]);
        assert_eq!(verdict.decision, Decision::Incomplete, "{:?}", verdict.unknown);
    }

    #[test]
    fn a_tag_that_the_service_does_not_pass_is_absent() {
        let other = pods(r#""StringEquals": {"aws:RequestTag/team": "shop"}"#, &[]);
        assert_eq!(other.decision, Decision::Denied);
    }

    /// What a user may do with everything allowed, and this denied.
    fn user(deny: &str, given: &[(&str, &str)]) -> Verdict {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": "*", "Resource": "*"}},
            {{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {{{deny}}}}}]}}"#
        );
        let identity = Policy::parse(&text, Kind::Identity).expect("it is a policy").into();
        let policies = EffectivePolicies { identity, ..Default::default() };
        let mut context = Context::new();
        given.iter().for_each(|(key, value)| context.set(key, value));
        let question = Question {
            policies: &policies,
            caller: Caller::principal("arn:aws:iam::111122223333:user/ann"),
            action: Some("ec2:StartInstances"),
            resource: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
            resource_account: None,
            given: &context,
            now: OffsetDateTime::UNIX_EPOCH,
        };
        explain(&question).expect("it means a request")
    }

    #[test]
    fn where_a_call_comes_from_is_asked_for() {
        let private = r#""NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}"#;
        for (deny, key, allowed, denied) in [
            (private, "aws:SourceIp", "192.168.1.1", "203.0.113.9"),
            (
                r#""IpAddress": {"aws:SourceIp": "2001:db8::/32"}"#,
                "aws:SourceIp",
                "203.0.113.9",
                "2001:db8::1",
            ),
            (
                r#""StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}"#,
                "aws:SourceVpce",
                "vpce-0a1b2c3d",
                "vpce-0d4c3b2a",
            ),
            (
                r#""StringNotLike": {"aws:UserAgent": "Boto3/*"}"#,
                "aws:UserAgent",
                "Boto3/1.40",
                "curl/8",
            ),
            (
                r#""BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}"#,
                "aws:MultiFactorAuthPresent",
                "true",
                "false",
            ),
        ] {
            let open = user(deny, &[]);
            assert_eq!(open.decision, Decision::Incomplete, "{deny}");
            assert!(
                open.unknown.iter().all(|why| why.contains(&format!("--context {key}="))),
                "{:?}",
                open.unknown
            );
            assert_eq!(user(deny, &[(key, allowed)]).decision, Decision::Allowed, "{deny}");
            assert_eq!(user(deny, &[(key, denied)]).decision, Decision::Denied, "{deny}");
        }
    }

    #[test]
    fn a_resources_region_is_the_one_that_is_called() {
        let only = |region| format!(r#""StringNotEquals": {{"aws:RequestedRegion": "{region}"}}"#);
        assert_eq!(user(&only("eu-west-1"), &[]).decision, Decision::Allowed);
        assert_eq!(user(&only("us-east-1"), &[]).decision, Decision::Denied);
    }
}
