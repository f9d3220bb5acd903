//! What an error means: try again, renew the session, or give up.

use attache_aws_protocol::ServiceError;
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};

use super::Fault;

/// What to do after a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// Wait, then try again.
    Retry(Fault),
    /// Trying again would not help.
    GiveUp(Fault),
}

/// The statuses that the SDK's standard retries take for passing.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
const TRANSIENT_STATUSES: [u16; 4] = [500, 502, 503, 504];

const DENIED: &[&str] =
    &["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"];

/// A session that has ended, or that the region does not know: opt-in regions that are not enabled
/// answer with the latter.
const SESSION: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "AuthFailure",
    "OptInRequired",
];

/// Classifies an error by the SDK's own lists: throttling first, since some services throttle with
/// status 400 and others with 503.
pub(super) fn classify(error: ServiceError) -> RetryDecision {
    let ServiceError { code, message, status } = error;
    let is = |list: &[&str]| list.contains(&code.as_str());
    if is(THROTTLING_ERRORS) || status == 429 {
        RetryDecision::Retry(Fault::Throttled { code, message })
    } else if is(DENIED) {
        RetryDecision::GiveUp(Fault::Denied { code, message })
    } else if is(SESSION) {
        RetryDecision::GiveUp(Fault::Session { code, message })
    } else if is(TRANSIENT_ERRORS) || TRANSIENT_STATUSES.contains(&status) {
        RetryDecision::Retry(Fault::Service { code, message, status })
    } else {
        RetryDecision::GiveUp(Fault::Service { code, message, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_classified_as_the_sdk_does() {
        for (status, code, retried, means) in [
            (403, "AccessDenied", false, "denied"),
            (400, "AccessDeniedException", false, "denied"),
            (403, "UnauthorizedOperation", false, "denied"),
            (400, "Throttling", true, "throttled"),
            (400, "ThrottlingException", true, "throttled"),
            (503, "RequestLimitExceeded", true, "throttled"),
            (503, "SlowDown", true, "throttled"),
            (429, "HTTP429", true, "throttled"),
            (500, "InternalFailure", true, "service"),
            (503, "HTTP503", true, "service"),
            (400, "RequestTimeout", true, "service"),
            (400, "ValidationError", false, "service"),
            (501, "NotImplemented", false, "service"),
            (400, "RequestExpired", false, "session"),
            (403, "ExpiredToken", false, "session"),
            (401, "AuthFailure", false, "session"),
        ] {
            let (again, fault) = match classify(ServiceError::new(status, code, "m")) {
                RetryDecision::Retry(fault) => (true, fault),
                RetryDecision::GiveUp(fault) => (false, fault),
            };
            let meant = match fault {
                Fault::Denied { .. } => "denied",
                Fault::Throttled { .. } => "throttled",
                Fault::Session { .. } => "session",
                _ => "service",
            };
            assert_eq!((again, meant), (retried, means), "{status} {code}");
        }
    }
}
