//! Calls that can take long: which they are, and how many of them are answered at one time.
//!
//! They wait for a permit, holding only their bytes, and then have a thread of their own: short calls
//! never wait for them.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::{ServiceError, query};
use http::Method;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many may wait. Ours: each holds its body, a megabyte at most.
const MOST_WAITING: usize = 64;

/// The bytes of a body beyond which reading it takes long. Ours: a form of this size takes a
/// millisecond; of AWS's own clients only policies full of white space come near it.
const LONG_BODY: usize = 64 * 1024;

/// IAM's operations that look through a whole account, or decide as often as their caller likes.
const LONG_FORMS: &[&str] = &[
    "GetAccountAuthorizationDetails",
    "GetContextKeysForCustomPolicy",
    "GetContextKeysForPrincipalPolicy",
    "GetServiceLastAccessedDetails",
    "GetServiceLastAccessedDetailsWithEntities",
    "ListPolicies",
    "SimulateCustomPolicy",
    "SimulatePrincipalPolicy",
];

/// The operation that looks through a journal.
const LONG_TARGET: &str = ".LookupEvents";

/// How long a call can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// Microseconds, as nearly all to STS and IAM: it is answered where it came in.
    Short,
    /// It may wait or call a service that does: it is answered where it holds up no other connection.
    Usual,
    /// Its work can exceed its answer.
    Long,
}

impl Length {
    /// Reads only as much as it has to. A call that is taken for short or usual by mistake is answered
    /// all the same; no long call is taken so.
    pub(super) fn of(inbound: &Inbound) -> Self {
        if inbound.body.len() > LONG_BODY {
            return Self::Long;
        }
        if let Some(target) = inbound.header("x-amz-target") {
            return if target.ends_with(LONG_TARGET) { Self::Long } else { Self::Usual };
        }
        let signature = inbound.header("authorization");
        if !inbound.query.is_empty() {
            let forms = [inbound.query.as_bytes(), &inbound.body];
            let long = forms.into_iter().filter_map(action).any(|own| is_long(&own));
            return if long { Self::Long } else { Self::Usual };
        }
        match signature {
            Some(signature) if signature.contains("/iam/aws4_request") => {
                match action(&inbound.body) {
                    Some(action) if is_long(&action) => Self::Long,
                    Some(_) => Self::Short,
                    None => Self::Usual,
                }
            }
            Some(signature) if signature.contains("/sts/aws4_request") => Self::Short,
            Some(_) => Self::Usual,
            None if inbound.method == Method::POST && inbound.path == "/" => Self::Short,
            None => Self::Usual,
        }
    }
}

fn is_long(action: &str) -> bool {
    LONG_FORMS.contains(&action)
}

/// The action that a form names. A form that names two is refused.
fn action(form: &[u8]) -> Option<Cow<'_, str>> {
    query::parameter(form, "Action")
}

/// The permits for long calls.
#[derive(Debug)]
pub(super) struct LongCalls {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl LongCalls {
    /// Half of the cores at most, and one at least: the others' calls have the rest.
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { permits: Arc::new(Semaphore::new((cores / 2).max(1))), waiting: AtomicUsize::new(0) }
    }

    /// Waits for a permit; a caller that stops waiting gives up its turn.
    ///
    /// # Errors
    /// AWS's throttling where too many wait already: clients come again, later and later.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit, ServiceError> {
        let throttled = || ServiceError::new(400, "Throttling", "Rate exceeded");
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(throttled());
        }
        let _waiting = Waiting(&self.waiting);
        Arc::clone(&self.permits).acquire_owned().await.map_err(|_| throttled())
    }
}

/// A waiting call, until it is dropped.
struct Waiting<'w>(&'w AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &str)], query: &str, body: &str) -> Length {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, http::HeaderValue::from_str(value).unwrap());
        }
        let (path, query, body) = ("/".to_owned(), query.to_owned(), body.to_owned().into());
        Length::of(&Inbound { method: Method::POST, path, query, headers: map, body })
    }

    #[test]
    fn no_long_call_is_taken_for_a_short_one() {
        let iam = ("authorization", "AWS4-HMAC-SHA256 Credential=A/2/us-east-1/iam/aws4_request");
        let sts = ("authorization", "AWS4-HMAC-SHA256 Credential=A/2/us-east-1/sts/aws4_request");
        let trail = ("x-amz-target", "CloudTrail_20131101.LookupEvents");
        let large = format!("Action=GetUser&X={}", "a".repeat(LONG_BODY));
        for (name, headers, query, body, wanted) in [
            ("a simulation", &[iam][..], "", "Action=SimulateCustomPolicy&A=1", Length::Long),
            ("behind others", &[iam], "", "A=1&Action=SimulatePrincipalPolicy", Length::Long),
            ("an escaped value", &[iam], "", "Action=Simulate%43ustomPolicy", Length::Long),
            ("an escaped name", &[iam], "", "%41ction=SimulateCustomPolicy", Length::Long),
            ("in the query", &[iam], "Action=SimulateCustomPolicy", "", Length::Long),
            ("presigned", &[], "X-Amz-Date=1", "Action=SimulateCustomPolicy", Length::Long),
            ("without an action", &[iam], "", "A=1", Length::Usual),
            ("a user", &[iam], "", "Action=GetUser", Length::Short),
            ("who am I", &[sts], "", "Action=GetCallerIdentity", Length::Short),
            ("a token", &[], "", "Action=AssumeRoleWithWebIdentity", Length::Short),
            ("a large body", &[sts], "", &large, Length::Long),
            ("the journal", &[trail], "", "{}", Length::Long),
            ("an organization", &[("x-amz-target", "A.ListRoots")], "", "{}", Length::Usual),
        ] {
            assert_eq!(of(headers, query, body), wanted, "{name}");
        }
    }

    #[tokio::test]
    async fn too_many_that_wait_are_throttled_and_who_leaves_gives_up_its_turn() {
        let calls =
            LongCalls { permits: Arc::new(Semaphore::new(1)), waiting: AtomicUsize::new(0) };
        let first = calls.permit().await.unwrap();
        let soon = std::time::Duration::from_millis(1);
        for _ in 0..MOST_WAITING + 1 {
            assert!(tokio::time::timeout(soon, calls.permit()).await.is_err(), "each gave up");
        }
        calls.waiting.store(MOST_WAITING, Ordering::Relaxed);
        assert_eq!(calls.permit().await.unwrap_err().code, "Throttling");
        calls.waiting.store(0, Ordering::Relaxed);
        drop(first);
        drop(calls.permit().await.unwrap());
    }
}
