//! The workload's token: readable, a token, this workload's, and in its time.

use std::sync::Arc;

use attache_aws_accounts::Link;
use attache_files::FileError;
use attache_identifiers::{Secret, namespace_and_name};
use attache_oidc::{LEEWAY, UnverifiedToken};
use time::OffsetDateTime;

use super::chain::Chain;
use super::check::{Check, Checks};
use super::near_names::is_for_the_api_server;

/// A token's file, with its text if the caller could read it.
#[derive(Debug, Clone)]
pub struct TokenFile {
    /// Where it is, as it is shown.
    pub path: String,
    /// Its text, or why it could not be read.
    pub text: Result<Secret, UnreadToken>,
}

/// Why there is no token.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadToken {
    /// No file was named.
    #[error("nothing to read")]
    NoFile,
    /// The cluster did not issue one. The caller's own checks say why.
    #[error("the cluster issued no token")]
    NotIssued,
    /// The file could not be read.
    #[error("{0}")]
    File(#[source] Arc<FileError>),
}

impl From<FileError> for UnreadToken {
    fn from(error: FileError) -> Self {
        Self::File(Arc::new(error))
    }
}

/// A well-formed token, to be sent to AWS.
#[derive(Debug)]
pub(super) struct PresentedToken {
    pub(super) text: Secret,
    pub(super) read: UnverifiedToken,
}

/// Checks the token against the chain. AWS, which has the issuer's keys, checks its signature.
pub(super) fn check(
    file: &TokenFile,
    chain: &Chain,
    now: OffsetDateTime,
) -> (Vec<Check>, Option<PresentedToken>) {
    let mut checks = Checks::new(Link::Token, None);
    let text = match &file.text {
        Ok(text) => Secret::new(text.expose().trim()),
        Err(UnreadToken::NotIssued) => return (Vec::new(), None),
        Err(why) => {
            checks.fail(
                "readable",
                format!("{}: {why}", file.path),
                "give the projected token's file with --token; in a pod it is \
                 $AWS_WEB_IDENTITY_TOKEN_FILE",
            );
            return (checks.into_list(), None);
        }
    };
    checks.ok("readable", file.path.clone());
    let read = match UnverifiedToken::parse(text.expose()) {
        Ok(read) => read,
        Err(refused) => {
            checks.fail(
                "well-formed",
                refused.to_string(),
                "project a token of this audience into the pod, and give its file",
            );
            return (checks.into_list(), None);
        }
    };
    checks.ok("well-formed", format!("a JWT signed with {}", read.algorithm()));
    issuer(&mut checks, &read, chain);
    subject(&mut checks, &read, chain);
    audience(&mut checks, &read, chain);
    times(&mut checks, &read, now);
    (checks.into_list(), Some(PresentedToken { text, read }))
}

fn issuer(checks: &mut Checks, read: &UnverifiedToken, chain: &Chain) {
    let got = read.issuer();
    let Some(expected) = chain.issuer.as_ref().map(attache_identifiers::Issuer::as_str) else {
        return checks.ok("issuer", got);
    };
    if expected == got {
        checks.ok("issuer", got);
    } else if expected.trim_end_matches('/') == got.trim_end_matches('/') {
        checks.fail(
            "issuer",
            format!("expected the issuer {expected}, found {got}: the slash at the end counts"),
            format!("write {got} in the federation, then plan and apply"),
        );
    } else {
        checks.fail(
            "issuer",
            format!("expected the issuer {expected}, found {got}"),
            "the token is another cluster's: correct spec.issuer, or run this in that cluster",
        );
    }
}

fn subject(checks: &mut Checks, read: &UnverifiedToken, chain: &Chain) {
    let got = read.subject();
    match (&chain.subject, &chain.namespace) {
        (Some(expected), _) if expected == got => checks.ok("subject", got),
        (Some(expected), _) => checks.fail(
            "subject",
            format!("expected the subject {expected}, found {got}"),
            "the pod runs under another service account: correct spec.workload, or the pod's \
             serviceAccountName and namespace",
        ),
        (None, Some(namespace)) if !in_namespace(got, namespace) => checks.warn(
            "subject",
            format!("the token's subject is {got}, the Secret is in the namespace {namespace}"),
            "a pod reads Secrets of its own namespace only: put the Secret beside the mediator",
        ),
        _ => checks.ok("subject", got),
    }
}

fn in_namespace(subject: &str, namespace: &str) -> bool {
    namespace_and_name(subject).is_some_and(|(its, _)| its == namespace)
}

fn audience(checks: &mut Checks, read: &UnverifiedToken, chain: &Chain) {
    let expected = chain.audience();
    match read.require_audience(&chain.audiences) {
        Ok(got) => checks.ok("audience", got),
        Err(refused) => {
            let own = read.audience().unwrap_or_default();
            let fix = if is_for_the_api_server(own, read.issuer()) {
                format!(
                    "this is the pod's token for the API server itself: use the projected token for the \
                     audience {expected}, on EKS /var/run/secrets/eks.amazonaws.com/serviceaccount/token"
                )
            } else {
                format!("project the token with `audience: {expected}`")
            };
            checks.fail("audience", refused.to_string(), fix);
        }
    }
}

fn times(checks: &mut Checks, read: &UnverifiedToken, now: OffsetDateTime) {
    let end = read.expires_at();
    let left = (end - now).whole_seconds();
    let claimed = |claim: &str| read.claims().get(claim).and_then(serde_json::Value::as_i64);
    let from = claimed("nbf").max(claimed("iat")).unwrap_or(i64::MIN);
    if from > (now + LEEWAY).unix_timestamp() {
        let early = from - now.unix_timestamp();
        let remedy = "correct this machine's clock or the issuer's";
        checks.fail("in its time", format!("not valid for another {early} s"), remedy);
    } else if left <= -LEEWAY.whole_seconds() {
        let remedy = "the kubelet renews the file at 80% of its life: read the file anew for each \
                      call, and see whether the pod still runs";
        checks.fail("in its time", format!("expired {} s ago", -left), remedy);
    } else if left <= 0 {
        let remedy = "AWS allows 5 minutes: renew it now";
        checks.warn("in its time", format!("expired {} s ago", -left), remedy);
    } else {
        checks.ok("in its time", format!("for another {left} s"));
    }
}
