//! How each service says that it was called too often, that it failed, and that it is not available.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use attache_aws_protocol::{Protocol, ServiceError};
use serde::Deserialize;

/// Code, status and message.
type Spelling = (String, u16, String);

/// What a service refuses calls with that it could have answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It was called too often.
    Throttled,
    /// It failed.
    Failed,
    /// It is not available.
    Unavailable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spellings {
    throttled: Option<Spelling>,
    failed: Option<Spelling>,
    unavailable: Option<Spelling>,
}

impl Spellings {
    fn of(&self, trouble: Trouble) -> Option<&Spelling> {
        match trouble {
            Trouble::Throttled => self.throttled.as_ref(),
            Trouble::Failed => self.failed.as_ref(),
            Trouble::Unavailable => self.unavailable.as_ref(),
        }
    }
}

/// By signing name. A test reads the file: it is part of the program.
static ERRORS: LazyLock<BTreeMap<String, Spellings>> =
    LazyLock::new(|| toml::from_str(include_str!("errors.toml")).unwrap_or_default());

/// The service's refusal, in its own words.
pub(super) fn error(trouble: Trouble, service: &str, protocol: Protocol) -> ServiceError {
    let of = |name| ERRORS.get(name).and_then(|spellings| spellings.of(trouble));
    let special = of(service);
    match special.or_else(|| of("default")) {
        Some((code, status, message)) => {
            // What has no spelling of its own ends in `Exception` where errors are named by shapes.
            let suffix = match special {
                None if protocol.names_errors_by_shape() && trouble == Trouble::Throttled => {
                    "Exception"
                }
                _ => "",
            };
            ServiceError::new(*status, format!("{code}{suffix}"), message.clone())
        }
        None => attache_services::refusal::failure(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_error_for_too_many_calls() {
        let errors: BTreeMap<String, Spellings> =
            toml::from_str(include_str!("errors.toml")).unwrap();
        let default = &errors["default"];
        assert!(default.failed.is_some() && default.unavailable.is_some());
        for (service, protocol, code, status) in [
            ("ec2", Protocol::Ec2Query, "RequestLimitExceeded", 503),
            ("iam", Protocol::Query, "Throttling", 400),
            ("sts", Protocol::Query, "Throttling", 400),
            ("rds", Protocol::Query, "Throttling", 400),
            ("elasticloadbalancing", Protocol::Query, "Throttling", 400),
            ("sqs", Protocol::Json10, "RequestThrottled", 403),
            ("s3", Protocol::RestXml, "SlowDown", 503),
            ("dynamodb", Protocol::Json10, "ThrottlingException", 400),
            ("lambda", Protocol::RestJson, "TooManyRequestsException", 429),
            ("organizations", Protocol::Json11, "TooManyRequestsException", 400),
            ("account", Protocol::RestJson, "TooManyRequestsException", 429),
            ("eks", Protocol::RestJson, "ThrottlingException", 429),
            ("eks-auth", Protocol::RestJson, "ThrottlingException", 429),
            ("cloudtrail", Protocol::Json11, "ThrottlingException", 400),
            ("another", Protocol::Json11, "ThrottlingException", 400),
            ("another", Protocol::Query, "Throttling", 400),
        ] {
            let error = error(Trouble::Throttled, service, protocol);
            assert_eq!((error.code.as_str(), error.status), (code, status), "{service}");
        }
    }
}
